//! The call detail record: what became of one call, told once it is over.
//! No decision reads it; the call keeps along what it takes to write it.

use crate::call::Ending;
use crate::id::{AgentId, QueueId};
use crate::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What became of one call that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// When it arrived.
    pub arrived_at: Timestamp,
    /// When it was over; after a kill when the daemon was last known to run.
    pub ended_at: Timestamp,
    /// How it ended.
    pub outcome: Outcome,
    /// Where it waited, each queue once, in the order of its first wait. The first is the one that was dialled.
    pub queues: Vec<QueueId>,
    /// Where it waited last, or for which queue it was refused.
    pub last_queue: QueueId,
    /// How often a queue, or a supervisor, sent it to another queue; transfers by agents are counted by `talks`.
    pub moves: u32,
    /// How often a phone rang for it.
    pub offers: u32,
    /// The conversations, in their order: more than one if an agent gave the call away.
    pub talks: Vec<Talk>,
}

/// One conversation of a caller with an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Talk {
    /// With whom.
    pub agent: AgentId,
    /// Out of which queue.
    pub queue: QueueId,
    /// From when on.
    pub connected_at: Timestamp,
    /// Until when.
    pub ended_at: Timestamp,
    /// How much of it one had put the other on hold.
    pub held: Span,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was answered, and the caller hung up.
    CallerHungUp,
    /// It was answered, and the agent hung up.
    AgentHungUp,
    /// The caller hung up while they waited: at first, or again after a transfer.
    Abandoned,
    /// It was refused as it came: the queue was full, or nobody was there.
    TurnedAway,
    /// It waited, and its queue sent it away.
    SentAway,
    /// A phone vanished without hanging up: no ACK, no sound, no answer to a question whether it is there.
    Failed,
    /// The daemon was stopped in an orderly way.
    DaemonStopped,
    /// The daemon died, and found the call when it was started again.
    DaemonRestarted,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Outcome; 8] = [
        Outcome::CallerHungUp,
        Outcome::AgentHungUp,
        Outcome::Abandoned,
        Outcome::TurnedAway,
        Outcome::SentAway,
        Outcome::Failed,
        Outcome::DaemonStopped,
        Outcome::DaemonRestarted,
    ];

    /// Its name, as it is stored and written.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::CallerHungUp => "caller_hung_up",
            Outcome::AgentHungUp => "agent_hung_up",
            Outcome::Abandoned => "abandoned",
            Outcome::TurnedAway => "turned_away",
            Outcome::SentAway => "sent_away",
            Outcome::Failed => "failed",
            Outcome::DaemonStopped => "daemon_stopped",
            Outcome::DaemonRestarted => "daemon_restarted",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What was read is no outcome.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no outcome, expected one of: {}", Outcome::ALL.map(Outcome::as_str).join(", "))]
pub struct NoOutcome {
    /// What was read.
    pub text: String,
}

impl FromStr for Outcome {
    type Err = NoOutcome;
    fn from_str(text: &str) -> Result<Outcome, NoOutcome> {
        Outcome::ALL.into_iter().find(|one| one.as_str() == text).ok_or_else(|| NoOutcome { text: text.to_owned() })
    }
}

impl Record {
    /// When an agent first answered it.
    pub fn answered_at(&self) -> Option<Timestamp> {
        self.talks.first().map(|talk| talk.connected_at)
    }

    /// How long the caller had waited in all: what of the call was no conversation.
    pub fn waited(&self) -> Span {
        Span((self.ended_at - self.arrived_at).0.saturating_sub(self.talked().0))
    }

    /// How long the caller talked in all, with what was on hold.
    pub fn talked(&self) -> Span {
        self.talks.iter().fold(Span::ZERO, |sum, talk| sum + (talk.ended_at - talk.connected_at))
    }

    /// How long one had put the other on hold in all.
    pub fn held(&self) -> Span {
        self.talks.iter().fold(Span::ZERO, |sum, talk| sum + talk.held)
    }
}

/// What a call keeps along for its record.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct History {
    queues: Vec<QueueId>,
    moves: u32,
    offers: u32,
    talks: Vec<Talk>,
    /// Since when one of those who talk holds.
    held_since: Option<Timestamp>,
    ended: Option<(Timestamp, Outcome)>,
}

impl History {
    pub(crate) fn arrived(queue: QueueId) -> History {
        History { queues: vec![queue], ..History::default() }
    }

    pub(crate) fn turned_away(queue: QueueId, at: Timestamp) -> History {
        History { ended: Some((at, Outcome::TurnedAway)), ..History::arrived(queue) }
    }

    pub(crate) fn rang(&mut self) {
        self.offers = self.offers.saturating_add(1);
    }

    pub(crate) fn connected(&mut self, agent: AgentId, queue: QueueId, at: Timestamp) {
        self.talks.push(Talk { agent, queue, connected_at: at, ended_at: at, held: Span::ZERO });
    }

    pub(crate) fn held(&mut self, holds: bool, at: Timestamp) {
        match (self.held_since, holds) {
            (None, true) => self.held_since = Some(at),
            (Some(_), false) => self.hold_ended(at),
            (None, false) | (Some(_), true) => {}
        }
    }

    pub(crate) fn transferred(&mut self, to: QueueId, at: Timestamp) {
        self.parted(at);
        self.waits_in(to);
    }

    pub(crate) fn moved(&mut self, to: QueueId) {
        self.moves = self.moves.saturating_add(1);
        self.waits_in(to);
    }

    /// It is over; `talked` until now, or still waited.
    pub(crate) fn ended(&mut self, by: Ending, talked: bool, at: Timestamp) {
        if talked {
            self.parted(at);
        }
        let outcome = match (by, talked) {
            (Ending::Caller, true) => Outcome::CallerHungUp,
            (Ending::Caller, false) => Outcome::Abandoned,
            (Ending::Agent, _) => Outcome::AgentHungUp,
            (Ending::Unserved, _) => Outcome::SentAway,
            (Ending::Lost, _) => Outcome::Failed,
            (Ending::DaemonStopped, _) => Outcome::DaemonStopped,
            (Ending::DaemonRestarted, _) => Outcome::DaemonRestarted,
        };
        self.ended = Some((at, outcome));
    }

    /// The record, once the call is over.
    pub(crate) fn record(&self, arrived_at: Timestamp, last_queue: QueueId) -> Option<Record> {
        let (ended_at, outcome) = self.ended?;
        let History { queues, moves, offers, talks, .. } = self.clone();
        Some(Record { arrived_at, ended_at, outcome, queues, last_queue, moves, offers, talks })
    }

    fn parted(&mut self, at: Timestamp) {
        self.hold_ended(at);
        if let Some(talk) = self.talks.last_mut() {
            talk.ended_at = at;
        }
    }

    fn hold_ended(&mut self, at: Timestamp) {
        if let (Some(since), Some(talk)) = (self.held_since.take(), self.talks.last_mut()) {
            talk.held = talk.held + (at - since);
        }
    }

    fn waits_in(&mut self, queue: QueueId) {
        if !self.queues.contains(&queue) {
            self.queues.push(queue);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Machine;
    use crate::call::{Call, Command, Side};
    use crate::id::{CallId, OfferId};
    use crate::queue::Answer;
    use crate::queue::{Destination, Exit};
    use std::collections::BTreeMap;

    const ID: CallId = CallId(7);

    fn offer(agent: u64, attempt: u32) -> OfferId {
        OfferId { call: ID, agent: AgentId(agent), attempt }
    }

    fn depart(queue: u64, exit: Exit) -> Command {
        Command::Depart { queue: QueueId(queue), exit, attempts: 0, declined: BTreeMap::new() }
    }

    /// The record of a call that lives through these commands, each at its second.
    fn record_of(story: Vec<(u64, Command)>) -> Option<Record> {
        let mut call = Call::default();
        for (second, command) in story {
            for event in call.decide(Timestamp(second * 1000), &command).expect("allowed") {
                call.apply(&event);
            }
        }
        call.record()
    }

    fn arrive() -> Command {
        Command::Arrive { id: ID, queue: QueueId(1), preferred: None, dialled_by: None, answer: Answer::AtOnce }
    }

    /// From ringing to talking.
    fn answered(second: u64, offer: OfferId) -> [(u64, Command); 3] {
        [
            (second, Command::Ring { offer }),
            (second + 1, Command::PhoneAnswered { offer }),
            (second + 2, Command::Connect { offer }),
        ]
    }

    #[test]
    fn a_long_story_adds_up() {
        let elsewhere = Exit::Move(Destination { queue: QueueId(3), ..Destination::default() });
        let mut story = vec![(0, arrive()), (5, depart(1, elsewhere))];
        story.extend(answered(10, offer(1, 1)));
        story.extend([
            (20, Command::Hold { held: Some(Side::Caller) }),
            (22, Command::Hold { held: Some(Side::Agent) }),
            (25, Command::Hold { held: None }),
            (30, Command::Transfer { agent: AgentId(1), to: QueueId(1) }),
        ]);
        story.extend(answered(40, offer(2, 2)));
        story.extend([(45, Command::Hold { held: Some(Side::Caller) }), (50, Command::CallerHungUp)]);
        let record = record_of(story).expect("it is over");
        assert_eq!(record.queues, [QueueId(1), QueueId(3)]);
        assert_eq!((record.last_queue, record.moves, record.offers), (QueueId(1), 1, 2));
        assert_eq!(record.outcome, Outcome::CallerHungUp);
        assert_eq!(record.answered_at(), Some(Timestamp(12_000)));
        let talks = record.talks.iter();
        let talks: Vec<_> = talks.map(|talk| (talk.agent.0, talk.queue.0, talk.ended_at.0, talk.held.0)).collect();
        assert_eq!(talks, [(1, 3, 30_000, 5_000), (2, 1, 50_000, 5_000)]);
        assert_eq!(record.talked(), Span::seconds(18 + 8));
        assert_eq!(record.held(), Span::seconds(10));
        assert_eq!(record.waited() + record.talked(), record.ended_at - record.arrived_at);
    }

    #[test]
    fn every_end_has_its_outcome() {
        let talking = |last: Command| {
            let mut story = vec![(0, arrive())];
            story.extend(answered(1, offer(1, 1)));
            story.push((9, last));
            story
        };
        let waiting = |last: Command| vec![(0, arrive()), (9, last)];
        let ringing = |last: Command| vec![(0, arrive()), (1, Command::Ring { offer: offer(1, 1) }), (9, last)];
        let restarted = || Command::Restarted { down_since: Timestamp(5_000) };
        let lost = |offer| Command::Lost { offer };
        let table = [
            (talking(Command::CallerHungUp), Outcome::CallerHungUp),
            (talking(Command::HangUp { agent: AgentId(1) }), Outcome::AgentHungUp),
            (talking(Command::PhoneHungUp { offer: offer(1, 1) }), Outcome::AgentHungUp),
            (talking(lost(None)), Outcome::Failed),
            (talking(lost(Some(offer(1, 1)))), Outcome::Failed),
            (talking(Command::DaemonStops), Outcome::DaemonStopped),
            (talking(restarted()), Outcome::DaemonRestarted),
            (waiting(Command::CallerHungUp), Outcome::Abandoned),
            (ringing(Command::CallerHungUp), Outcome::Abandoned),
            (waiting(depart(1, Exit::Refuse)), Outcome::SentAway),
            (waiting(lost(None)), Outcome::Failed),
            (ringing(lost(None)), Outcome::Failed),
            (waiting(Command::DaemonStops), Outcome::DaemonStopped),
            (ringing(restarted()), Outcome::DaemonRestarted),
            (vec![(9, Command::TurnAway { id: ID, queue: QueueId(1) })], Outcome::TurnedAway),
        ];
        for (story, expected) in table {
            let told = format!("{story:?}");
            let record = record_of(story).expect("it is over");
            assert_eq!(record.outcome, expected, "{told}");
            let died = if expected == Outcome::DaemonRestarted { 5_000 } else { 9_000 };
            assert_eq!(record.ended_at, Timestamp(died), "{told}");
        }
        for outcome in Outcome::ALL {
            assert_eq!(outcome.as_str().parse(), Ok(outcome));
            assert_eq!(serde_json::to_value(outcome).expect("a value"), outcome.as_str());
        }
        assert_eq!(record_of(waiting(lost(Some(offer(1, 1))))), None, "a phone that is none of its own ends nothing");
        assert_eq!(record_of(ringing(lost(Some(offer(1, 1))))), None, "a phone that rings is one of several");
    }

    #[test]
    fn a_call_that_gave_its_agent_away_and_gave_up_was_answered_and_abandoned() {
        let mut story = vec![(0, arrive())];
        story.extend(answered(1, offer(1, 1)));
        story.extend([(10, Command::Transfer { agent: AgentId(1), to: QueueId(2) }), (15, Command::CallerHungUp)]);
        let record = record_of(story).expect("it is over");
        assert_eq!((record.outcome, record.answered_at()), (Outcome::Abandoned, Some(Timestamp(3_000))));
        assert_eq!((record.talked(), record.waited()), (Span::seconds(7), Span::seconds(8)));
    }
}
