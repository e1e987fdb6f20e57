//! The record of an item: what became of one call, chat or task, told once it is over.
//! No decision reads it; the item keeps along what it takes to write it.

use crate::id::{AgentId, ContactId, QueueId};
use crate::place::Place;
use crate::queue::Channel;
use crate::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What became of one item that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// What it was.
    pub kind: Channel,
    /// When it arrived; of what a visitor chose instead of a chat: when that arrived.
    pub arrived_at: Timestamp,
    /// When it was over, wrap-ups left out; of a call after a kill when the daemon was last known to run.
    pub ended_at: Timestamp,
    /// How it ended.
    pub outcome: Outcome,
    /// Where it waited, each queue once, in the order of its first wait. The first is the one for which it came.
    pub queues: Vec<QueueId>,
    /// Where it waited last, or for which queue it was refused.
    pub last_queue: QueueId,
    /// How often a queue, or a supervisor, sent it to another queue; transfers by agents are counted by `talks`.
    pub moves: u32,
    /// How often a phone rang for it, or it was given to an agent without their asking.
    pub offers: u32,
    /// The conversations, in their order: more than one if an agent gave it away, or left.
    pub talks: Vec<Talk>,
    /// How often a call pushed it aside.
    pub preemptions: u32,
    /// How long calls kept it aside in all.
    pub preempted: Span,
    /// Time spent on its wrap-up. Zero of calls: theirs begin after they are over, and are their agents'.
    pub wrap_up: Span,
    /// Who the customer was, if that is known.
    pub contact: Option<ContactId>,
}

/// One conversation of a customer with an agent, or the work of one agent on a task: from when they first turned to it
/// until it left them or was over.
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
    /// How much of it one had put the other on hold, or the agent attended to something else.
    pub held: Span,
}

/// How an item ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema), ts(export_to = "rest.ts"))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was answered, and the caller hung up.
    CallerHungUp,
    /// It was answered, and the agent hung up.
    AgentHungUp,
    /// The caller hung up, or the visitor was gone, while they waited: at first, or again after a transfer.
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
    /// An agent had turned to the chat, and the visitor left.
    VisitorLeft,
    /// The agent ended the chat.
    AgentEnded,
    /// An agent had turned to the chat, and the visitor's browser did not come back.
    VisitorGone,
    /// The visitor did not answer any more.
    VisitorIdle,
    /// The visitor wanted to be called back instead.
    Callback,
    /// The visitor wanted to be written to instead.
    Email,
    /// The task was done.
    Done,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Outcome; 15] = [
        Outcome::CallerHungUp,
        Outcome::AgentHungUp,
        Outcome::Abandoned,
        Outcome::TurnedAway,
        Outcome::SentAway,
        Outcome::Failed,
        Outcome::DaemonStopped,
        Outcome::DaemonRestarted,
        Outcome::VisitorLeft,
        Outcome::AgentEnded,
        Outcome::VisitorGone,
        Outcome::VisitorIdle,
        Outcome::Callback,
        Outcome::Email,
        Outcome::Done,
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
            Outcome::VisitorLeft => "visitor_left",
            Outcome::AgentEnded => "agent_ended",
            Outcome::VisitorGone => "visitor_gone",
            Outcome::VisitorIdle => "visitor_idle",
            Outcome::Callback => "callback",
            Outcome::Email => "email",
            Outcome::Done => "done",
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
    /// When an agent first answered it, or turned to it.
    pub fn answered_at(&self) -> Option<Timestamp> {
        self.talks.first().map(|talk| talk.connected_at)
    }

    /// How long it had waited in all: what of its time was no conversation.
    pub fn waited(&self) -> Span {
        Span((self.ended_at - self.arrived_at).0.saturating_sub(self.talked().0))
    }

    /// How long it was with agents in all, with what was on hold or aside.
    pub fn talked(&self) -> Span {
        self.talks.iter().fold(Span::ZERO, |sum, talk| sum + (talk.ended_at - talk.connected_at))
    }

    /// How long it was on hold or aside in all.
    pub fn held(&self) -> Span {
        self.talks.iter().fold(Span::ZERO, |sum, talk| sum + talk.held)
    }
}

/// What an item keeps along for its record.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct History {
    queues: Vec<QueueId>,
    moves: u32,
    offers: u32,
    talks: Vec<Talk>,
    /// Whether the last conversation goes on.
    talking: bool,
    /// Since when it is on hold or aside.
    held_since: Option<Timestamp>,
    preemptions: u32,
    preempted: Span,
    /// Since when a call keeps it aside.
    preempted_since: Option<Timestamp>,
    ended: Option<(Timestamp, Outcome)>,
}

impl History {
    pub(crate) fn arrived(queue: QueueId) -> History {
        History { queues: vec![queue], ..History::default() }
    }

    pub(crate) fn turned_away(queue: QueueId, at: Timestamp) -> History {
        History { ended: Some((at, Outcome::TurnedAway)), ..History::arrived(queue) }
    }

    /// A phone rang, or an agent was given it.
    pub(crate) fn offered(&mut self) {
        self.offers = self.offers.saturating_add(1);
    }

    /// Whether this agent answered it, or turned to it.
    pub(crate) fn had(&self, agent: AgentId) -> bool {
        self.talks.iter().any(|talk| talk.agent == agent)
    }

    /// An agent answered it, or turned to it.
    pub(crate) fn attended(&mut self, agent: AgentId, queue: QueueId, at: Timestamp) {
        self.taken_up(at);
        if !self.talking {
            self.talking = true;
            self.talks.push(Talk { agent, queue, connected_at: at, ended_at: at, held: Span::ZERO });
        }
    }

    /// One has put the other on hold, or the agent has turned to something else.
    pub(crate) fn put_aside(&mut self, at: Timestamp) {
        if self.talking {
            self.held_since.get_or_insert(at);
        }
    }

    /// It is on hold or aside no more.
    pub(crate) fn taken_up(&mut self, at: Timestamp) {
        self.preemption_over(at);
        if let (Some(since), Some(talk)) = (self.held_since.take(), self.talks.last_mut()) {
            talk.held = talk.held + (at - since);
        }
    }

    /// A call pushed it aside.
    pub(crate) fn preempted(&mut self, at: Timestamp) {
        self.preemptions = self.preemptions.saturating_add(1);
        self.preempted_since.get_or_insert(at);
    }

    /// No call keeps it aside any more, though it may still be there.
    pub(crate) fn preemption_over(&mut self, at: Timestamp) {
        if let Some(since) = self.preempted_since.take() {
            self.preempted = self.preempted + (at - since);
        }
    }

    /// The agent who has it has it no more.
    pub(crate) fn parted(&mut self, at: Timestamp) {
        self.taken_up(at);
        if let Some(talk) = self.talks.last_mut().filter(|_| self.talking) {
            talk.ended_at = at;
        }
        self.talking = false;
    }

    /// Its agent gave it to a queue.
    pub(crate) fn transferred(&mut self, to: QueueId, at: Timestamp) {
        self.parted(at);
        self.waits_in(to);
    }

    /// A queue or a supervisor sent it to another queue.
    pub(crate) fn moved(&mut self, to: QueueId) {
        self.moves = self.moves.saturating_add(1);
        self.waits_in(to);
    }

    /// Whether somebody is with it.
    pub(crate) fn is_talking(&self) -> bool {
        self.talking
    }

    /// It is over; what comes after that, such as a wrap-up, changes nothing.
    pub(crate) fn ended(&mut self, outcome: Outcome, at: Timestamp) {
        if self.ended.is_none() {
            self.parted(at);
            self.ended = Some((at, outcome));
        }
    }

    /// The record, once it is over.
    pub(crate) fn record(&self, kind: Channel, place: &Place, wrap_up: Span) -> Option<Record> {
        let (ended_at, outcome) = self.ended?;
        let (arrived_at, last_queue) = (place.arrived_at, place.queue);
        let History { queues, moves, offers, talks, preemptions, preempted, .. } = self.clone();
        Some(Record {
            kind,
            arrived_at,
            ended_at,
            outcome,
            queues,
            last_queue,
            moves,
            offers,
            talks,
            preemptions,
            preempted,
            wrap_up,
            contact: place.contact,
        })
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
    use crate::chat::{self, Author, Chat, ParkedBy};
    use crate::id::{CallId, ChatId, OfferId, TaskId};
    use crate::queue::Answer;
    use crate::queue::{Destination, Exit};
    use crate::task::{self, Task};
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

    fn chat_record(settings: chat::Settings, story: Vec<(u64, chat::Command)>) -> Option<Record> {
        let request = chat::Command::Request { id: ChatId(7), queue: QueueId(1), settings };
        let mut chat = Chat::default();
        for (second, command) in [(0, request)].into_iter().chain(story) {
            assert_eq!(chat.record(), None, "it goes on before {command:?}");
            let events = chat.decide(Timestamp(second * 1000), &command).expect("allowed");
            assert!(!events.is_empty(), "{command:?} does nothing");
            events.iter().for_each(|event| chat.apply(event));
        }
        chat.record()
    }

    fn to_agent(place: u32, pushed: bool) -> chat::Command {
        chat::Command::Allocate { agent: AgentId(1), place, pushed }
    }

    fn attention(second: u64, sequence: u64, by: Option<ParkedBy>) -> (u64, chat::Command) {
        let (agent, at) = (AgentId(1), Timestamp(second * 1000));
        let command = match by {
            None => chat::Command::Activate { agent, sequence, at },
            Some(by) => chat::Command::Park { agent, sequence, at, by },
        };
        (second, command)
    }

    fn writes_up() -> chat::Settings {
        chat::Settings { wrap_up: Span::seconds(60), ..chat::Settings::default() }
    }

    #[test]
    fn a_chat_that_a_call_pushed_aside_and_that_was_parked_adds_up() {
        let call = ParkedBy::Call(CallId(3));
        let story = vec![
            (5, to_agent(1, true)),
            attention(8, 1, None),
            attention(20, 2, Some(call)),
            attention(50, 3, None),
            attention(60, 4, Some(ParkedBy::Agent)),
            attention(70, 5, None),
            (80, chat::Command::End { agent: AgentId(1) }),
            (95, chat::Command::FinishWrapUp { agent: AgentId(1) }),
        ];
        let record = chat_record(writes_up(), story).expect("it is over");
        assert_eq!((record.kind, record.outcome), (Channel::Chat, Outcome::AgentEnded));
        assert_eq!((record.offers, record.moves, record.preemptions), (1, 0, 1));
        assert_eq!((record.answered_at(), record.ended_at), (Some(Timestamp(8_000)), Timestamp(80_000)));
        assert_eq!((record.talked(), record.held()), (Span::seconds(72), Span::seconds(40)));
        assert_eq!((record.preempted, record.wrap_up), (Span::seconds(30), Span::seconds(15)));
        assert_eq!(record.waited(), Span::seconds(8));
    }

    #[test]
    fn what_the_agent_leaves_aside_after_a_call_is_preempted_no_more() {
        let story = vec![
            (0, to_agent(1, false)),
            attention(0, 1, None),
            attention(10, 2, Some(ParkedBy::Call(CallId(3)))),
            attention(25, 3, Some(ParkedBy::Agent)),
            (40, chat::Command::Leave),
        ];
        let record = chat_record(chat::Settings::default(), story).expect("it is over");
        assert_eq!((record.preempted, record.held()), (Span::seconds(15), Span::seconds(30)));
        assert_eq!((record.outcome, record.wrap_up), (Outcome::VisitorLeft, Span::ZERO));
    }

    #[test]
    fn a_chat_that_its_agents_gave_away_names_each_of_them_and_each_queue() {
        let to = |queue| Destination { queue: QueueId(queue), ..Destination::default() };
        let story = vec![
            (1, to_agent(1, false)),
            attention(2, 1, None),
            (10, chat::Command::Transfer { agent: AgentId(1), to: chat::Recipient::Queue(to(2)) }),
            (15, chat::Command::Depart { exit: Exit::Move(to(3)), place: 3 }),
            (20, to_agent(4, false)),
            attention(21, 1, None),
            (30, chat::Command::Leave),
        ];
        let record = chat_record(chat::Settings::default(), story).expect("it is over");
        assert_eq!((record.queues, record.last_queue), (vec![QueueId(1), QueueId(2), QueueId(3)], QueueId(3)));
        assert_eq!((record.moves, record.offers), (1, 0));
        let talks = record.talks.iter();
        let talks: Vec<_> = talks.map(|talk| (talk.queue.0, talk.connected_at.0, talk.ended_at.0)).collect();
        assert_eq!(talks, [(1, 2_000, 10_000), (3, 21_000, 30_000)]);
    }

    #[test]
    fn every_end_of_a_chat_has_its_outcome() {
        let settings = chat::Settings {
            visitor_grace: Span::seconds(120),
            visitor_grace_preempted: Span::seconds(300),
            idle_closes: Some(Span::seconds(600)),
            choice_after: Some(Span::seconds(180)),
            ..chat::Settings::default()
        };
        let due = |second: u64| (second, chat::Command::Due(Timestamp(second * 1000)));
        let with = |rest: Vec<(u64, chat::Command)>| {
            let begin = [(0, to_agent(1, false)), attention(0, 1, None)];
            begin.into_iter().chain(rest).collect::<Vec<_>>()
        };
        let promised = |choice| {
            let aside = attention(0, 2, Some(ParkedBy::Call(CallId(3))));
            with(vec![aside, due(180), (190, chat::Command::Choose { choice })])
        };
        let says = chat::Command::Say { author: Author::Agent(AgentId(1)), client: String::new(), command: 1 };
        let lost = || (1, chat::Command::VisitorLost);
        let refused = chat::Command::Depart { exit: Exit::Refuse, place: 1 };
        for (story, expected) in [
            (vec![(9, chat::Command::Leave)], Outcome::Abandoned),
            (vec![lost(), due(121)], Outcome::Abandoned),
            (vec![(0, to_agent(1, false)), (9, chat::Command::Leave)], Outcome::Abandoned),
            (vec![(9, refused)], Outcome::SentAway),
            (with(vec![(9, chat::Command::Leave)]), Outcome::VisitorLeft),
            (with(vec![(9, chat::Command::End { agent: AgentId(1) })]), Outcome::AgentEnded),
            (with(vec![lost(), due(121)]), Outcome::VisitorGone),
            (with(vec![(1, says), due(601)]), Outcome::VisitorIdle),
            (promised(chat::Choice::Callback), Outcome::Callback),
            (promised(chat::Choice::Email), Outcome::Email),
        ] {
            let told = format!("{story:?}");
            assert_eq!(chat_record(settings, story).expect("it is over").outcome, expected, "{told}");
        }
    }

    #[test]
    fn a_task_that_was_missed_moved_preempted_parked_and_done_says_so() {
        let to = Destination { queue: QueueId(2), ..Destination::default() };
        let (id, agent, at) = (TaskId(7), AgentId(1), Timestamp(210_000));
        let request = |queue| {
            let (channel, arrived_at) = (Channel::Email, Timestamp(100_000));
            (100, task::Command::Request { id, channel, queue: QueueId(queue), arrived_at, contact: None })
        };
        let park = |sequence, second: u64, by| {
            let (agent, at) = (AgentId(2), Timestamp(second * 1000));
            task::Command::Park { agent, sequence, at, by }
        };
        let refused = vec![request(1), (110, task::Command::Depart { exit: Exit::Refuse, place: 1 })];
        let done = vec![
            request(1),
            (110, task::Command::Allocate { agent, place: 1, pushed: true }),
            (170, task::Command::Due(Timestamp(170_000))),
            (180, task::Command::Depart { exit: Exit::Move(to), place: 3 }),
            (200, task::Command::Allocate { agent: AgentId(2), place: 4, pushed: false }),
            (210, task::Command::Activate { agent: AgentId(2), sequence: 1, at }),
            (215, park(2, 215, ParkedBy::Call(CallId(3)))),
            (220, park(3, 220, ParkedBy::Agent)),
            (235, task::Command::Activate { agent: AgentId(2), sequence: 4, at: Timestamp(235_000) }),
            (240, task::Command::Finish { agent: AgentId(2) }),
        ];
        let record_of = |story: Vec<(u64, task::Command)>| {
            let mut task = Task::default();
            for (second, command) in story {
                assert_eq!(task.record(), None, "it goes on before {command:?}");
                let events = task.decide(Timestamp(second * 1000), &command).expect("allowed");
                events.iter().for_each(|event| task.apply(event));
            }
            task.record().expect("it is over")
        };
        assert_eq!(record_of(refused).outcome, Outcome::SentAway);
        let record = record_of(done);
        assert_eq!((record.kind, record.outcome), (Channel::Email, Outcome::Done));
        assert_eq!((record.offers, record.moves, record.queues.len()), (1, 1, 2));
        assert_eq!(record.talks.iter().map(|talk| talk.agent.0).collect::<Vec<_>>(), [2]);
        assert_eq!((record.waited(), record.talked()), (Span::seconds(110), Span::seconds(30)));
        // A call kept it aside until the agent's word, and they until they turned to it again.
        assert_eq!((record.preemptions, record.preempted, record.held()), (1, Span::seconds(5), Span::seconds(20)));
    }
}
