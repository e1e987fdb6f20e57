//! What an event of an agent causes elsewhere.

use super::{Agent, Event, Reservation};
use crate::chat::ParkedBy;
use crate::id::{AgentId, ItemId, OfferId, QueueId};
use crate::message::{self, Effect, tell_call, tell_chat, tell_queue};
use crate::queue::Outcome;
use crate::time::Timestamp;
use crate::{Refusal, call, chat, queue};

/// Whose word it is, and how new.
#[derive(Clone, Copy)]
struct Word {
    agent: AgentId,
    sequence: u64,
}

impl Word {
    fn park(self, item: Option<ItemId>, at: Timestamp, by: ParkedBy) -> Vec<Effect> {
        item.and_then(|item| message::park(item, self.agent, self.sequence, at, by)).into_iter().collect()
    }

    fn release(self, items: &[ItemId]) -> Vec<Effect> {
        items.iter().filter_map(|item| message::release(*item, self.agent, self.sequence)).collect()
    }

    fn activate(self, item: ItemId, at: Timestamp) -> Option<Effect> {
        message::activate(item, self.agent, self.sequence, at)
    }

    fn resume(self, item: ItemId, at: Timestamp) -> Option<Effect> {
        message::resume(item, self.agent, self.sequence, at)
    }
}

fn connected(word: Word, reservation: &Reservation, preempted: Option<ItemId>, at: Timestamp) -> Vec<Effect> {
    let Reservation { offer, queue, .. } = *reservation;
    let mut effects = word.park(preempted, at, ParkedBy::Call(offer.call));
    effects.push(tell_queue(queue, queue::Command::Answered { offer }));
    effects.push(tell_call(offer.call, call::Command::Connect { offer }));
    effects
}

fn released(offer: OfferId, queue: QueueId, outcome: Outcome) -> Effect {
    tell_queue(queue, queue::Command::Released { offer, outcome })
}

fn stop_ringing(offer: OfferId) -> Effect {
    tell_call(offer.call, call::Command::StopRinging { offer })
}

impl Agent {
    pub(super) fn effects(&self, event: &Event) -> Vec<Effect> {
        let agent = self.id;
        let word = Word { agent, sequence: self.sequence };
        match event {
            Event::LogoutPending { returned } | Event::LoggedOut { returned } => word.release(returned),
            Event::Requested { item, place, pushed } => {
                message::allocate(*item, agent, *place, *pushed).into_iter().collect()
            }
            Event::PushRefused { item, queue } => {
                vec![tell_queue(*queue, queue::Command::PushRefused { item: *item, agent })]
            }
            Event::TakeRefused { item: ItemId::Chat(chat) } => {
                vec![tell_chat(*chat, chat::Command::TransferRefused { agent })]
            }
            Event::RequestFailed { item, pushed: false } => vec![Effect::Notice(agent, *item, Refusal::Taken)],
            Event::Unwanted { item } => word.release(&[*item]),
            Event::Activated { item, parked, at } => {
                let parked = word.park(*parked, *at, ParkedBy::Agent);
                parked.into_iter().chain(word.activate(*item, *at)).collect()
            }
            Event::Resumed { item, at, .. } => word.resume(*item, *at).into_iter().collect(),
            Event::Parked { item, at } => word.park(Some(*item), *at, ParkedBy::Agent),
            Event::OwnCallBegan { offer, preempted, at } => word.park(*preempted, *at, ParkedBy::Call(offer.call)),
            Event::Reserved { reservation, preempted, at } => {
                let offer = reservation.offer;
                let ring = tell_call(offer.call, call::Command::Ring { offer });
                word.park(*preempted, *at, ParkedBy::Call(offer.call)).into_iter().chain([ring]).collect()
            }
            Event::OfferRefused { offer, queue } => vec![released(*offer, *queue, Outcome::Refused)],
            Event::Released { reservation, outcome, stop_ringing: stops, .. } => {
                let stop = stops.then(|| stop_ringing(reservation.offer));
                stop.into_iter().chain([released(reservation.offer, reservation.queue, *outcome)]).collect()
            }
            Event::CommitRefused { offer } => vec![stop_ringing(*offer)],
            Event::CallConnected { reservation, preempted, at } => connected(word, reservation, *preempted, *at),
            Event::Configured { .. }
            | Event::LoggedIn { .. }
            | Event::BreakPending { .. }
            | Event::BreakBegan { .. }
            | Event::TakenOut
            | Event::TakeRefused { .. }
            | Event::Granted { .. }
            | Event::RequestFailed { .. }
            | Event::ProtectionOver
            | Event::Ended { .. }
            | Event::Left { .. }
            | Event::ConsultationBegan { .. }
            | Event::LegOver { .. }
            | Event::CallOver { .. }
            | Event::CallWrapUpExtended { .. }
            | Event::CallWrapUpOver { .. }
            | Event::CallsOpened
            | Event::PhoneGone
            | Event::PhoneBack
            | Event::BrowserLost { .. }
            | Event::BrowserGraceOver
            | Event::BrowserBack
            | Event::Restarted { .. } => vec![],
        }
    }
}
