//! Why an item went to one agent and not to another: the last decision about each item, as screens and the API show it.
//! The decisions themselves are the board's, and stand in the queues' journals.

use super::ids::{Numbered, Party};
use crate::protocol::agent::{CandidateView, PassedOverView, WhyView};
use crate::store::{JournalRow, StoreError};
use domain::id::{AgentId, ItemId, QueueId};
use domain::queue::Event;
use domain::routing::{Rank, Why};
use domain::time::Timestamp;
use std::collections::BTreeSet;

/// One decision of the board.
#[derive(Clone, Debug)]
pub struct Decision {
    /// When the board proposed it.
    pub at: Timestamp,
    /// In which queue the item waited.
    pub queue: QueueId,
    /// How the board came to it.
    pub why: Why,
}

impl Decision {
    /// The decisions about one item that a row of a queue's journal holds.
    ///
    /// # Errors
    /// When the row cannot be read.
    pub fn of_row(row: &JournalRow, item: ItemId) -> Result<Vec<Decision>, StoreError> {
        let Party::Queue(queue) = Party::from_number(row.actor) else { return Ok(vec![]) };
        let events: Vec<Event> = serde_json::from_str(&row.events).map_err(|error| StoreError::Damaged {
            doing: "read a decision",
            why: format!("row {} of actor {}: {error}", row.seq, row.actor.0),
        })?;
        let decisions = events.iter().filter_map(|event| Decision::of(row.at, queue, event));
        Ok(decisions.filter(|(about, _)| *about == item).map(|(_, decision)| decision).collect())
    }

    /// The decision that an event of a queue holds, and the item that it is about.
    pub fn of(at: Timestamp, queue: QueueId, event: &Event) -> Option<(ItemId, Decision)> {
        let (item, why) = decided(event)?;
        Some((item, Decision { at, queue, why: why.clone() }))
    }

    /// As people see it; `None` if nobody was chosen.
    pub fn view(&self, agent: impl Fn(AgentId) -> String, queue: String) -> Option<WhyView> {
        let passed_over = self.why.passed_over.iter();
        let passed_over = passed_over.map(|(why, agents)| PassedOverView { obstacle: *why, agents: *agents });
        let mut passed_over: Vec<_> = passed_over.collect();
        passed_over.sort_by_key(|reason| std::cmp::Reverse(reason.agents));
        Some(WhyView {
            at: self.at,
            queue,
            strategy: self.why.strategy,
            preferred: self.why.preferred,
            winner: candidate(self.why.winner.as_ref()?, &agent),
            next: self.why.next.iter().map(|rank| candidate(rank, &agent)).collect(),
            passed_over,
        })
    }
}

/// One who could have got an item, with their name.
pub(super) fn candidate(rank: &Rank, name: impl Fn(AgentId) -> String) -> CandidateView {
    let Rank { tier, preemptions, since, agent, .. } = *rank;
    CandidateView { agent: name(agent), tier, preemptions, since }
}

/// The item about which an event of a queue decides, and how the board came to it.
fn decided(event: &Event) -> Option<(ItemId, &Why)> {
    match event {
        Event::Offered { offer, why, .. } => Some((ItemId::Call(offer.call), &**why)),
        Event::Pushed { item, why, .. } => Some((*item, &**why)),
        Event::Configured { .. }
        | Event::Enqueued { .. }
        | Event::Left { .. }
        | Event::PushReturned { .. }
        | Event::WentAway { .. }
        | Event::Returned { .. }
        | Event::WithdrawAsked { .. }
        | Event::Departing { .. }
        | Event::DeclineExpired { .. } => None,
    }
}

/// About which items a queue's events decide to whom they go, each once.
pub fn items_decided(events: &[Event]) -> BTreeSet<ItemId> {
    events.iter().filter_map(decided).map(|(item, _)| item).collect()
}

/// The same, of a row of any actor's journal.
///
/// # Errors
/// When the row cannot be read.
pub fn items_decided_in(row: &JournalRow) -> Result<BTreeSet<ItemId>, serde_json::Error> {
    match Party::from_number(row.actor) {
        Party::Queue(_) => Ok(items_decided(&serde_json::from_str::<Vec<Event>>(&row.events)?)),
        Party::Agent(_) | Party::Chat(_) | Party::Call(_) | Party::Task(_) => Ok(BTreeSet::new()),
    }
}
