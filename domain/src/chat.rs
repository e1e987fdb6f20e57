//! The chat: where it is, whether it is attended to, its clocks, and the order of its messages.
//! It never holds a text, and never chooses who attends to it.

use crate::id::{AgentId, CallId, ChatId, ContactId, ItemId, QueueId, TaskId};
use crate::message::{Effect, tell_agent, tell_queue, tell_task};
use crate::place::{Identifier, Place, Stance, Whereabouts};
use crate::queue::{Arrival, Channel, Destination, Exit};
use crate::record::{History, Outcome, Record};
use crate::routing::Tier;
use crate::task::{PUSH_HOLDS, PUSH_LASTS};
use crate::time::{Span, Stopwatch, Timestamp};
use crate::{Machine, Refusal, agent, first_flaw, queue, task};
use serde::{Deserialize, Serialize};

/// After how long the agent is reminded of a wrap-up that is parked.
pub const PARKED_WRAP_UP_REMINDS: Span = Span::seconds(600);
/// After how long the agent is reminded of a chat that they picked and did not turn to.
pub const PICK_REMINDS: Span = Span::seconds(60);
/// After how long the agent is reminded of a visitor who wrote in a chat that is parked.
pub const PARKED_REMINDS: Span = Span::seconds(180);
/// After how long the supervisor hears of that.
pub const PARKED_ALERTS: Span = Span::seconds(600);

/// How much longer a wrap-up lasts by one extension.
pub const EXTENSION: Span = Span::seconds(60);
/// How often a wrap-up can be extended.
pub const EXTENSIONS_MAX: u8 = 3;

/// A web chat.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Chat {
    id: ChatId,
    settings: Settings,
    place: Place,
    /// Where it is; once it is over, who ended the conversation.
    whereabouts: Whereabouts<Ending>,
    phase: Phase,
    handling: Stopwatch,
    visitor: Visitor,
    messages: u32,
    /// How many notes its agents have written for each other.
    notes: u32,
    read_up_to: u32,
    /// The agent wrote last.
    answered: bool,
    /// Since when the visitor waits for an answer.
    unanswered_since: Option<Timestamp>,
    /// How long the visitor has let the agent's last message stand, and whether they were asked for a word.
    idle: Stopwatch,
    idle_warned: bool,
    preemptions: u32,
    /// Whether the visitor was asked how to go on without the agent who is on the phone.
    question: Question,
    alarm: Option<Alarm>,
    /// To whom the agent wants to give it.
    transfer: Option<AgentId>,
    /// Time spent on the wrap-up, once that is over.
    wrap_up: Span,
    history: History,
}

/// What goes on in a chat, wherever it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Phase {
    /// The conversation goes on, or has not begun.
    #[default]
    Conversation,
    /// It is over; what is left is to write it up.
    WrapUp {
        /// Who ended it.
        ended_by: Ending,
        /// Time spent on the wrap-up.
        clock: Stopwatch,
        /// How often it was extended.
        extensions: u8,
    },
}

/// What holds for the chats of a queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Settings {
    /// No call may interrupt it.
    pub exclusive: bool,
    /// How long the wrap-up lasts; zero: there is none.
    pub wrap_up: Span,
    /// What becomes of a wrap-up whose agent logs out.
    pub wrap_up_at_logout: WrapUpAtLogout,
    /// After how long a wrap-up that nobody attends to is closed by itself; `None`: never.
    pub parked_wrap_up_closes: Option<Span>,
    /// How long the visitor's browser may be gone.
    pub visitor_grace: Span,
    /// How long it may be gone while the chat is pushed aside by a call.
    pub visitor_grace_preempted: Span,
    /// After how long without an answer the visitor is asked whether they are there; `None`: never.
    pub idle_warns: Option<Span>,
    /// After how long without an answer the chat is over; `None`: never.
    pub idle_closes: Option<Span>,
    /// How long a call may push the chat aside before the visitor is asked how to go on; `None`: for ever.
    pub choice_after: Option<Span>,
    /// How long it may before the supervisor hears of it; `None`: for ever.
    pub alert_after: Option<Span>,
}

/// What becomes of a wrap-up whose agent logs out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WrapUpAtLogout {
    /// It is closed: nobody waits there.
    #[default]
    Close,
    /// Somebody else does it.
    Requeue,
}

/// Where a chat is and whether it is attended to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Not requested yet.
    #[default]
    New,
    /// In its queue.
    Queued,
    /// In an inbox, not attended to yet.
    Allocated {
        /// The agent in whose inbox it is.
        agent: AgentId,
        /// It was given to them without their asking.
        pushed: bool,
        /// When it came into the inbox.
        since: Timestamp,
    },
    /// In an inbox, and the agent attends to it.
    Active {
        /// The agent in whose inbox it is.
        agent: AgentId,
    },
    /// In an inbox, put aside.
    Parked {
        /// The agent in whose inbox it is.
        agent: AgentId,
        /// Who put it aside.
        by: ParkedBy,
        /// When it was put aside.
        since: Timestamp,
    },
    /// The conversation is over; the agent writes it up.
    WrapUp {
        /// The agent in whose inbox it is.
        agent: AgentId,
        /// Who ended the conversation.
        ended_by: Ending,
        /// Time spent on the wrap-up.
        clock: Stopwatch,
        /// Since when it is parked; `None` while it is attended to.
        parked_since: Option<Timestamp>,
        /// How often the agent has extended it.
        extensions: u8,
    },
    /// The conversation is over, and the wrap-up waits in the queue for another agent.
    WrapUpQueued {
        /// Who ended the conversation.
        ended_by: Ending,
        /// Time spent on the wrap-up.
        clock: Stopwatch,
        /// When its agent left it.
        since: Timestamp,
        /// How often it was extended.
        extensions: u8,
    },
    /// Nothing happens any more.
    Closed {
        /// Who ended the conversation.
        ended_by: Ending,
    },
}

/// Who put a chat aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParkedBy {
    /// The agent (R11).
    Agent,
    /// A call that took precedence (R14).
    Call(CallId),
}

/// Who or what ended a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The visitor left.
    Visitor,
    /// The agent ended it.
    Agent,
    /// The visitor's browser did not come back.
    VisitorTimeout,
    /// The visitor did not answer any more.
    VisitorIdle,
    /// The visitor wants to be called back.
    Callback,
    /// The visitor wants to be written to.
    Email,
    /// Nobody had time: the queue sent it away.
    Unserved,
}

impl Ending {
    fn outcome(self, attended: bool) -> Outcome {
        match (self, attended) {
            (Ending::Visitor, true) => Outcome::VisitorLeft,
            (Ending::VisitorTimeout, true) => Outcome::VisitorGone,
            (Ending::Visitor | Ending::VisitorTimeout, false) => Outcome::Abandoned,
            (Ending::Agent, _) => Outcome::AgentEnded,
            (Ending::VisitorIdle, _) => Outcome::VisitorIdle,
            (Ending::Callback, _) => Outcome::Callback,
            (Ending::Email, _) => Outcome::Email,
            (Ending::Unserved, _) => Outcome::SentAway,
        }
    }
}

/// Who hears that a chat needs attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alarm {
    /// The agent who has it.
    Agent,
    /// The supervisors too.
    Supervisor,
}

/// How a visitor wants to go on whose agent is on the phone for long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// With the same agent, however long the call lasts.
    Stay,
    /// With whoever is there.
    AnotherAgent,
    /// By telephone, later.
    Callback,
    /// By e-mail, later.
    Email,
}

/// Whether a visitor was asked something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Question {
    #[default]
    NotAsked,
    Asked,
    /// They said that they stay, and may still decide otherwise.
    Answered,
}

/// To whom an agent gives a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// To whoever serves a queue.
    Queue(Destination),
    /// To another agent.
    Agent(AgentId),
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// The visitor, in the company's website.
    Visitor,
    /// The agent who has the chat.
    Agent(AgentId),
}

/// The visitor's connection: an attribute, not a state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visitor {
    /// A browser is there.
    #[default]
    Online,
    /// No browser of theirs is there.
    Offline {
        /// Until when it is waited for.
        until: Timestamp,
    },
}

/// All that can be asked of a chat.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// A visitor clicked the chat button (R3, R4).
    Request {
        /// This chat's id.
        id: ChatId,
        /// The queue that the token selected.
        queue: QueueId,
        /// What holds for it.
        settings: Settings,
    },
    /// An agent wants it.
    Allocate {
        /// The agent into whose inbox it is to come.
        agent: AgentId,
        /// The place where they saw it: a pick that crossed a move is refused.
        place: u32,
        /// It was given to them without their asking.
        pushed: bool,
    },
    /// The agent turns to it.
    Activate {
        /// The agent in whose inbox it is; ignored if it is elsewhere by now.
        agent: AgentId,
        /// The agent's sequence number.
        sequence: u64,
        /// When they did.
        at: Timestamp,
    },
    /// The agent turned away from it.
    Park {
        /// The agent in whose inbox it is; ignored if it is elsewhere by now.
        agent: AgentId,
        /// The agent's sequence number.
        sequence: u64,
        /// When they did: the clocks stop there.
        at: Timestamp,
        /// The agent themselves, or a call that interrupted it.
        by: ParkedBy,
    },
    /// The call that pushed it aside is over (R14).
    Resume {
        /// Who comes back.
        agent: AgentId,
        /// The agent's sequence number.
        sequence: u64,
        /// When the call was over.
        at: Timestamp,
    },
    /// The agent is gone: back to the queue with it (R16).
    Release {
        /// The agent in whose inbox it is; ignored if it is elsewhere by now.
        agent: AgentId,
        /// The agent's sequence number.
        sequence: u64,
    },
    /// Somebody writes. The text travels beside the command.
    Say {
        /// The visitor, or the agent; an agent who does not have it is refused.
        author: Author,
        /// The name of the tab in which it was written.
        client: String,
        /// Which of that tab's commands this is.
        command: u64,
    },
    /// The agent writes something that its visitor never sees. The text travels beside the command.
    Note {
        /// The agent who has it; anybody else is refused.
        agent: AgentId,
        /// The name of the tab in which it was written.
        client: String,
        /// Which of that tab's commands this is.
        command: u64,
    },
    /// The agent has seen the messages up to this one.
    Read {
        /// The agent who has it; anybody else is refused.
        agent: AgentId,
        /// The last message seen.
        number: u32,
    },
    /// The agent gives it to somebody else. What they say about it travels beside the command.
    Transfer {
        /// The agent who has it; anybody else is refused.
        agent: AgentId,
        /// A queue, or another agent, who is asked first.
        to: Recipient,
    },
    /// The agent to whom it was to go cannot take it.
    TransferRefused {
        /// The agent who was asked.
        agent: AgentId,
    },
    /// The visitor decides how to go on.
    Choose {
        /// To wait on, or how to go on without this agent.
        choice: Choice,
    },
    /// The queue sends it away.
    Depart {
        /// To another queue, or away because nobody has time.
        exit: Exit,
        /// The number of its place there: ignored if it has moved since.
        place: u32,
    },
    /// The visitor leaves.
    Leave,
    /// The agent ends the conversation.
    End {
        /// The agent who has it; anybody else is refused.
        agent: AgentId,
    },
    /// The agent needs longer for the wrap-up: by [`EXTENSION`], [`EXTENSIONS_MAX`] times.
    ExtendWrapUp {
        /// The agent who has it; anybody else is refused.
        agent: AgentId,
    },
    /// The agent is done with the wrap-up.
    FinishWrapUp {
        /// The agent who has it; anybody else is refused.
        agent: AgentId,
    },
    /// Somebody says who the visitor is, also once it is over.
    Identify {
        /// A contact; `None`: nobody who is known.
        contact: Option<ContactId>,
        /// Who says so; an agent who neither has nor had it is refused.
        by: Identifier,
    },
    /// The visitor's last tab is gone.
    VisitorLost,
    /// A tab of the visitor is there.
    VisitorBack,
    /// The daemon was restarted: no clock ran from `down_since` on, and no visitor is connected yet.
    Restarted {
        /// When the daemon was last known to run.
        down_since: Timestamp,
    },
    /// A deadline passed.
    Due(Timestamp),
}

/// All that can happen to a chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The chat waits in its queue.
    Requested {
        /// The chat's id, given to it when the visitor asked.
        id: ChatId,
        /// The queue in which it waits.
        queue: QueueId,
        /// What holds for it.
        settings: Settings,
        /// When the visitor asked: its age counts from here.
        at: Timestamp,
    },
    /// It is in an inbox.
    Allocated {
        /// The agent in whose inbox it is from now on.
        agent: AgentId,
        /// It was given to them without their asking.
        pushed: bool,
        /// From whose inbox it comes; `None`: from its queue.
        from: Option<AgentId>,
        /// When it came into the inbox.
        at: Timestamp,
    },
    /// Too late: it is not in the queue any more.
    AllocationRefused {
        /// Who came too late.
        agent: AgentId,
    },
    /// Its agent attends to it.
    Activated {
        /// The agent's sequence number.
        sequence: u64,
        /// When its clocks start.
        at: Timestamp,
        /// Whether it came back by itself.
        resumed: bool,
    },
    /// It is put aside.
    Parked {
        /// The agent's sequence number.
        sequence: u64,
        /// When its clocks stop.
        at: Timestamp,
        /// The agent themselves, or a call that interrupted it.
        by: ParkedBy,
    },
    /// A message is in its place.
    Said {
        /// Its place among the messages of the chat, from 1 without a gap.
        number: u32,
        /// Who wrote it.
        author: Author,
        /// The name of the tab in which it was written.
        client: String,
        /// Which of that tab's commands it was.
        command: u64,
        /// When the daemon took it.
        at: Timestamp,
    },
    /// An agent has written something that its visitor never sees: it is no message, and answers nothing.
    Noted {
        /// Its place among the notes of the chat, from 1 without a gap: messages are counted for themselves, so that no
        /// visitor can see from their numbers that there is a note.
        number: u32,
        /// The last message that stood before it; 0 if there was none.
        after: u32,
        /// Who wrote it.
        agent: AgentId,
        /// The name of the tab in which it was written.
        client: String,
        /// Which of that tab's commands it was.
        command: u64,
        /// When the daemon took it.
        at: Timestamp,
    },
    /// The agent has seen the messages up to this one.
    ReadUpTo {
        /// The last one seen.
        number: u32,
    },
    /// Another agent is asked to take it; it stays where it is until they do.
    TransferAsked {
        /// The agent who is asked.
        to: AgentId,
    },
    /// They cannot, or it is too late.
    TransferFailed {
        /// Who has it.
        agent: AgentId,
        /// Who was asked.
        to: AgentId,
    },
    /// It waits in a queue, by the agent's word.
    Transferred {
        /// Who had it.
        agent: AgentId,
        /// The queue, and what holds for chats there.
        to: Destination,
        /// When the agent let go.
        at: Timestamp,
    },
    /// It waits in another queue.
    Moved {
        /// Where it waited.
        from: QueueId,
        /// Where it waits now.
        to: Destination,
    },
    /// The visitor is asked whether they are still there.
    IdleWarned,
    /// The visitor is asked how to go on without the agent who is on the phone.
    ChoiceOffered,
    /// The visitor has decided.
    Chosen {
        /// To wait on, or how to go on without this agent.
        choice: Choice,
    },
    /// It needs attention.
    Alarmed {
        /// Who hears of it.
        alarm: Alarm,
    },
    /// The conversation is over; the wrap-up begins.
    Ended {
        /// Who or what ended the conversation.
        by: Ending,
        /// When; the clock of the wrap-up starts.
        at: Timestamp,
    },
    /// The wrap-up lasts longer.
    WrapUpExtended,
    /// It waits in its queue again, with its age.
    Requeued {
        /// From whose inbox, if they have to be told.
        from: Option<AgentId>,
        /// Until when it is not pushed to them: they did not turn to it.
        not_again_until: Option<Timestamp>,
        /// When it left the inbox.
        at: Timestamp,
    },
    /// Its wrap-up waits in the queue.
    WrapUpRequeued {
        /// When its agent left it: the clock of the wrap-up stops.
        at: Timestamp,
    },
    /// Nothing happens any more.
    Closed {
        /// Who ended the conversation.
        by: Ending,
        /// When, the wrap-up included.
        at: Timestamp,
        /// From whose inbox it goes; `None`: from its queue.
        agent: Option<AgentId>,
    },
    /// It is known who the visitor is, or not any more.
    Identified {
        /// A contact; `None`: nobody who is known.
        contact: Option<ContactId>,
        /// Who says so.
        by: Identifier,
    },
    /// The visitor's browser is gone.
    VisitorLost {
        /// Until when it is waited for.
        until: Timestamp,
    },
    /// It is back.
    VisitorBack,
    /// Clocks that ran have left out the time from `down_since` to `at`.
    Restarted {
        /// When the daemon was last known to run.
        down_since: Timestamp,
        /// When it was there again.
        at: Timestamp,
        /// Until when the visitor is waited for.
        until: Timestamp,
    },
}

impl Chat {
    /// Where it is.
    pub fn state(&self) -> State {
        match (self.whereabouts, self.phase) {
            (Whereabouts::Nowhere, _) => State::New,
            (Whereabouts::Queue { .. }, Phase::Conversation) => State::Queued,
            (Whereabouts::Queue { since }, Phase::WrapUp { ended_by, clock, extensions }) => {
                State::WrapUpQueued { ended_by, clock, since, extensions }
            }
            (Whereabouts::Inbox { agent, stance, .. }, Phase::Conversation) => match stance {
                Stance::Allocated { pushed, since } => State::Allocated { agent, pushed, since },
                Stance::Active => State::Active { agent },
                Stance::Parked { by, since } => State::Parked { agent, by, since },
            },
            (Whereabouts::Inbox { agent, stance, .. }, Phase::WrapUp { ended_by, clock, extensions }) => {
                let parked_since = match stance {
                    Stance::Active => None,
                    Stance::Allocated { since, .. } | Stance::Parked { since, .. } => Some(since),
                };
                State::WrapUp { agent, ended_by, clock, parked_since, extensions }
            }
            (Whereabouts::Over(ended_by), _) => State::Closed { ended_by },
        }
    }

    /// The queue that it belongs to.
    pub fn queue(&self) -> QueueId {
        self.place.queue
    }

    /// When the visitor asked for it.
    pub fn arrived_at(&self) -> Timestamp {
        self.place.arrived_at
    }

    /// Time spent on the conversation.
    pub fn handling(&self) -> Stopwatch {
        self.handling
    }

    /// How long the visitor has let the agent's last message stand.
    pub fn idle(&self) -> Stopwatch {
        self.idle
    }

    /// The visitor's connection.
    pub fn visitor(&self) -> Visitor {
        self.visitor
    }

    /// What held when it was requested.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The number of the last message; 0 if there is none.
    pub fn messages(&self) -> u32 {
        self.messages
    }

    /// The number of the last note; 0 if there is none.
    pub fn notes(&self) -> u32 {
        self.notes
    }

    /// Since when the visitor waits for an answer.
    pub fn unanswered_since(&self) -> Option<Timestamp> {
        self.unanswered_since
    }

    /// How much would be interrupted if a call came now.
    pub fn tier(&self) -> Tier {
        if self.answered { Tier::ChatAnswered } else { Tier::ChatWaiting }
    }

    /// How often a call has pushed it aside.
    pub fn preemptions(&self) -> u32 {
        self.preemptions
    }

    /// Whether it needs attention.
    pub fn alarm(&self) -> Option<Alarm> {
        self.alarm
    }

    /// Whether the visitor was asked how to go on, and has not answered.
    pub fn choice_offered(&self) -> bool {
        self.question == Question::Asked
    }

    /// Whether the visitor may say how to go on: also who stays may think better of it.
    pub fn may_choose(&self) -> bool {
        self.question != Question::NotAsked
    }

    /// Whether the visitor was asked if they are there.
    pub fn idle_warned(&self) -> bool {
        self.idle_warned
    }

    /// To whom its agent wants to give it.
    pub fn transfer(&self) -> Option<AgentId> {
        self.transfer
    }

    /// Whether it goes back to its queue when the agent who has it logs out; else it is closed: nobody waits there.
    pub fn goes_back(&self) -> bool {
        match self.state() {
            State::Allocated { .. } | State::Active { .. } | State::Parked { .. } => true,
            State::WrapUp { .. } => self.settings.wrap_up_at_logout == WrapUpAtLogout::Requeue,
            State::New | State::Queued | State::WrapUpQueued { .. } | State::Closed { .. } => false,
        }
    }

    /// The last message that the agent has seen.
    pub fn read_up_to(&self) -> u32 {
        self.read_up_to
    }

    /// Who the visitor is, if that is known.
    pub fn contact(&self) -> Option<ContactId> {
        self.place.contact
    }

    /// Whose inbox it is in.
    pub fn agent(&self) -> Option<AgentId> {
        self.whereabouts.agent()
    }

    /// What became of it, once it is over and written up.
    pub fn record(&self) -> Option<Record> {
        let over = self.whereabouts.is_over();
        over.then(|| self.history.record(Channel::Chat, &self.place, self.wrap_up)).flatten()
    }

    /// All that ends by itself, whichever comes first.
    pub fn deadlines(&self) -> impl Iterator<Item = Timestamp> {
        let alarm = self.next_alarm().map(|(when, _)| when);
        [self.state_deadline(), self.visitor_deadline(), self.idle_deadline(), self.choice_deadline(), alarm]
            .into_iter()
            .flatten()
    }

    /// The conversation ends: wrap-up if there was one and the queue has it, else all is over.
    fn end(&self, at: Timestamp, by: Ending) -> Vec<Event> {
        match self.state() {
            State::New | State::WrapUp { .. } | State::WrapUpQueued { .. } | State::Closed { .. } => vec![],
            State::Queued | State::Allocated { .. } => vec![self.closed(at, by)],
            State::Active { .. } | State::Parked { .. } if self.settings.wrap_up == Span::ZERO => {
                vec![self.closed(at, by)]
            }
            State::Active { .. } | State::Parked { .. } => vec![Event::Ended { by, at }],
        }
    }

    fn closed(&self, at: Timestamp, by: Ending) -> Event {
        Event::Closed { by, at, agent: self.agent() }
    }

    /// Whether somebody should be at the other end and nobody is.
    fn is_away(&self) -> bool {
        self.goes_on() && self.visitor != Visitor::Online
    }

    /// Whether there still is a conversation that a visitor could take part in.
    fn goes_on(&self) -> bool {
        match self.state() {
            State::Queued | State::Allocated { .. } | State::Active { .. } | State::Parked { .. } => true,
            State::New | State::WrapUp { .. } | State::WrapUpQueued { .. } | State::Closed { .. } => false,
        }
    }

    fn grace(&self) -> Span {
        match self.state() {
            State::Parked { by: ParkedBy::Call(_), .. } => self.settings.visitor_grace_preempted,
            State::New
            | State::Queued
            | State::Allocated { .. }
            | State::Active { .. }
            | State::Parked { by: ParkedBy::Agent, .. }
            | State::WrapUp { .. }
            | State::WrapUpQueued { .. }
            | State::Closed { .. } => self.settings.visitor_grace,
        }
    }

    /// How long the wrap-up lasts, with its extensions.
    pub fn wrap_up_limit(&self) -> Span {
        match self.state() {
            State::WrapUp { extensions, .. } | State::WrapUpQueued { extensions, .. } => {
                self.settings.wrap_up + Span(EXTENSION.0 * u64::from(extensions))
            }
            State::New
            | State::Queued
            | State::Allocated { .. }
            | State::Active { .. }
            | State::Parked { .. }
            | State::Closed { .. } => self.settings.wrap_up,
        }
    }

    /// Whether the wrap-up may last longer.
    ///
    /// # Errors
    /// What it is refused with.
    pub fn may_extend(&self) -> Result<(), Refusal> {
        match self.state() {
            State::WrapUp { extensions: EXTENSIONS_MAX.., .. } => Err(Refusal::Extended),
            State::WrapUp { .. } => Ok(()),
            State::New
            | State::Queued
            | State::Allocated { .. }
            | State::Active { .. }
            | State::Parked { .. }
            | State::WrapUpQueued { .. }
            | State::Closed { .. } => Err(Refusal::WrongState),
        }
    }

    /// When the state that it is in ends by itself.
    fn state_deadline(&self) -> Option<Timestamp> {
        match self.state() {
            State::Allocated { pushed: true, since, .. } => Some(since + PUSH_LASTS),
            State::WrapUp { clock, parked_since: None, .. } => clock.reaches(self.wrap_up_limit()),
            State::WrapUp { parked_since: Some(since), .. } | State::WrapUpQueued { since, .. } => {
                self.settings.parked_wrap_up_closes.map(|after| since + after)
            }
            State::New
            | State::Queued
            | State::Allocated { pushed: false, .. }
            | State::Active { .. }
            | State::Parked { .. }
            | State::Closed { .. } => None,
        }
    }

    fn visitor_deadline(&self) -> Option<Timestamp> {
        match self.visitor {
            Visitor::Offline { until } if self.goes_on() => Some(until),
            Visitor::Offline { .. } | Visitor::Online => None,
        }
    }

    fn idle_deadline(&self) -> Option<Timestamp> {
        let limit = if self.idle_warned { self.settings.idle_closes } else { self.settings.idle_warns };
        self.idle.reaches(limit.or(self.settings.idle_closes)?)
    }

    fn choice_deadline(&self) -> Option<Timestamp> {
        match self.state() {
            State::Parked { by: ParkedBy::Call(_), since, .. } if self.question == Question::NotAsked => {
                self.settings.choice_after.map(|after| since + after)
            }
            State::New
            | State::Queued
            | State::Allocated { .. }
            | State::Active { .. }
            | State::Parked { .. }
            | State::WrapUp { .. }
            | State::WrapUpQueued { .. }
            | State::Closed { .. } => None,
        }
    }

    /// Who hears next that it needs attention, and when.
    fn next_alarm(&self) -> Option<(Timestamp, Alarm)> {
        match (self.state(), self.alarm) {
            (State::Allocated { pushed: false, since, .. }, None) => Some((since + PICK_REMINDS, Alarm::Agent)),
            (State::Parked { by: ParkedBy::Agent, since, .. }, alarm) => {
                let waits_since = since.max(self.unanswered_since?);
                match alarm {
                    None => Some((waits_since + PARKED_REMINDS, Alarm::Agent)),
                    Some(Alarm::Agent) => Some((waits_since + PARKED_ALERTS, Alarm::Supervisor)),
                    Some(Alarm::Supervisor) => None,
                }
            }
            (State::Parked { by: ParkedBy::Call(_), since, .. }, None) => {
                self.settings.alert_after.map(|after| (since + after, Alarm::Supervisor))
            }
            (State::WrapUp { parked_since: Some(since), .. }, None) => {
                Some((since + PARKED_WRAP_UP_REMINDS, Alarm::Agent))
            }
            (
                State::New
                | State::Queued
                | State::Allocated { .. }
                | State::Active { .. }
                | State::Parked { .. }
                | State::WrapUp { .. }
                | State::WrapUpQueued { .. }
                | State::Closed { .. },
                None | Some(Alarm::Agent | Alarm::Supervisor),
            ) => None,
        }
    }

    /// Several things may be due at the same time: each is decided from what the one before it left.
    fn all_due(&self, at: Timestamp, deadline: Timestamp) -> Vec<Event> {
        let mut chat = self.clone();
        let mut events = vec![];
        loop {
            let due = chat.first_due(at, deadline);
            if due.is_empty() {
                return events;
            }
            due.iter().for_each(|event| chat.apply(event));
            events.extend(due);
        }
    }

    fn first_due(&self, at: Timestamp, deadline: Timestamp) -> Vec<Event> {
        let due = Some(deadline);
        if self.state_deadline() == due {
            return match self.state() {
                State::Allocated { agent, .. } => {
                    let not_again_until = Some(at + PUSH_HOLDS);
                    vec![Event::Requeued { from: Some(agent), not_again_until, at }]
                }
                State::WrapUp { ended_by, .. } | State::WrapUpQueued { ended_by, .. } => {
                    vec![self.closed(at, ended_by)]
                }
                State::New | State::Queued | State::Active { .. } | State::Parked { .. } | State::Closed { .. } => {
                    vec![]
                }
            };
        }
        if self.visitor_deadline() == due {
            return self.end(at, Ending::VisitorTimeout);
        }
        if self.idle_deadline() == due {
            let warns = !self.idle_warned && self.settings.idle_warns.is_some();
            return if warns { vec![Event::IdleWarned] } else { self.end(at, Ending::VisitorIdle) };
        }
        if self.choice_deadline() == due {
            return vec![Event::ChoiceOffered];
        }
        match self.next_alarm() {
            Some((when, alarm)) if when == deadline => vec![Event::Alarmed { alarm }],
            Some(_) | None => vec![],
        }
    }

    fn say(&self, at: Timestamp, author: Author, client: &str, command: u64) -> Result<Vec<Event>, Refusal> {
        self.may_say(author)?;
        Ok(vec![Event::Said { number: self.messages + 1, author, client: client.to_owned(), command, at }])
    }

    /// Whoever has it may note something at any time, also while it is written up.
    fn note(&self, at: Timestamp, agent: AgentId, client: &str, command: u64) -> Result<Vec<Event>, Refusal> {
        self.by_owner(agent)?;
        let (number, after, client) = (self.notes + 1, self.messages, client.to_owned());
        Ok(vec![Event::Noted { number, after, agent, client, command, at }])
    }

    fn allocate(&self, at: Timestamp, agent: AgentId, place: u32, pushed: bool) -> Event {
        let waits = match self.state() {
            State::Queued | State::WrapUpQueued { .. } => true,
            // Only the one whom its agent named may take it out of an inbox.
            State::Active { .. } | State::Parked { .. } => self.transfer == Some(agent),
            State::New | State::Allocated { .. } | State::WrapUp { .. } | State::Closed { .. } => false,
        };
        if waits && place == self.place.nth {
            Event::Allocated { agent, pushed, from: self.agent(), at }
        } else {
            Event::AllocationRefused { agent }
        }
    }

    fn read(&self, agent: AgentId, number: u32) -> Result<Vec<Event>, Refusal> {
        self.by_owner(agent)?;
        let number = number.min(self.messages);
        Ok(if number > self.read_up_to { vec![Event::ReadUpTo { number }] } else { vec![] })
    }

    fn identify(&self, contact: Option<ContactId>, by: Identifier) -> Result<Vec<Event>, Refusal> {
        let is_theirs = |agent| self.agent() == Some(agent) || self.is_over() && self.history.had(agent);
        let is_news = self.place.is_identified(contact, by, is_theirs)? && self.state() != State::New;
        Ok(if is_news { vec![Event::Identified { contact, by }] } else { vec![] })
    }

    /// Its agent has logged out.
    fn release(&self, at: Timestamp) -> Vec<Event> {
        match self.state() {
            State::WrapUp { .. } if self.goes_back() => vec![Event::WrapUpRequeued { at }],
            State::WrapUp { ended_by, .. } => vec![self.closed(at, ended_by)],
            State::Allocated { .. } | State::Active { .. } | State::Parked { .. } => {
                vec![Event::Requeued { from: None, not_again_until: None, at }]
            }
            State::New | State::Queued | State::WrapUpQueued { .. } | State::Closed { .. } => vec![],
        }
    }

    /// Its queue sends it away.
    fn depart(&self, at: Timestamp, exit: Exit) -> Vec<Event> {
        match (self.state(), exit) {
            (State::Queued | State::WrapUpQueued { .. }, Exit::Move(to)) => {
                vec![Event::Moved { from: self.place.queue, to }]
            }
            (State::Queued, Exit::Refuse) => self.end(at, Ending::Unserved),
            (State::WrapUpQueued { ended_by, .. }, Exit::Refuse) => vec![self.closed(at, ended_by)],
            (
                State::New
                | State::Allocated { .. }
                | State::Active { .. }
                | State::Parked { .. }
                | State::WrapUp { .. }
                | State::Closed { .. },
                Exit::Move(_) | Exit::Refuse,
            ) => vec![],
        }
    }

    fn transfer_to(&self, at: Timestamp, agent: AgentId, to: Recipient) -> Result<Vec<Event>, Refusal> {
        match to {
            Recipient::Queue(to) => {
                self.may_transfer(agent)?;
                Ok(vec![Event::Transferred { agent, to, at }])
            }
            Recipient::Agent(to) => {
                self.may_transfer_to_agent(agent)?;
                if to == agent { Err(Refusal::WrongState) } else { Ok(vec![Event::TransferAsked { to }]) }
            }
        }
    }

    fn choose(&self, at: Timestamp, choice: Choice) -> Result<Vec<Event>, Refusal> {
        let State::Parked { agent, by: ParkedBy::Call(_), .. } = self.state() else {
            return Err(Refusal::WrongState);
        };
        if self.question == Question::NotAsked {
            return Err(Refusal::WrongState);
        }
        let mut events = vec![Event::Chosen { choice }];
        match choice {
            Choice::Stay => {}
            Choice::AnotherAgent => {
                events.push(Event::Requeued { from: Some(agent), not_again_until: None, at });
            }
            Choice::Callback => events.extend(self.end(at, Ending::Callback)),
            Choice::Email => events.extend(self.end(at, Ending::Email)),
        }
        Ok(events)
    }

    pub(crate) fn by_owner(&self, agent: AgentId) -> Result<(), Refusal> {
        if self.agent() == Some(agent) { Ok(()) } else { Err(Refusal::NotYours) }
    }
}

impl Machine for Chat {
    type Command = Command;
    type Event = Event;

    fn decide(&self, at: Timestamp, command: &Command) -> Result<Vec<Event>, Refusal> {
        Ok(match *command {
            Command::Request { .. } if self.state() != State::New => vec![],
            Command::Request { id, queue, settings } => vec![Event::Requested { id, queue, settings, at }],
            Command::Allocate { agent, place, pushed } => vec![self.allocate(at, agent, place, pushed)],
            // Out of date, or from somebody who does not have it any more.
            Command::Activate { agent, sequence, .. }
            | Command::Resume { agent, sequence, .. }
            | Command::Park { agent, sequence, .. }
            | Command::Release { agent, sequence }
                if self.whereabouts.is_old_news(agent, sequence) =>
            {
                vec![]
            }
            Command::Activate { sequence, at, .. } => vec![Event::Activated { sequence, at, resumed: false }],
            Command::Resume { sequence, at, .. } => vec![Event::Activated { sequence, at, resumed: true }],
            Command::Park { sequence, at, by, .. } => vec![Event::Parked { sequence, at, by }],
            Command::Release { .. } => self.release(at),
            Command::Say { author, ref client, command } => self.say(at, author, client, command)?,
            Command::Note { agent, ref client, command } => self.note(at, agent, client, command)?,
            Command::Read { agent, number } => self.read(agent, number)?,
            Command::Transfer { agent, to } => self.transfer_to(at, agent, to)?,
            Command::TransferRefused { agent: to } => match self.agent() {
                Some(agent) if self.transfer == Some(to) => vec![Event::TransferFailed { agent, to }],
                Some(_) | None => vec![],
            },
            Command::Choose { choice } => self.choose(at, choice)?,
            // It went elsewhere meanwhile.
            Command::Depart { place, .. } if place != self.place.nth => vec![],
            Command::Depart { exit, .. } => self.depart(at, exit),
            Command::Leave => self.end(at, Ending::Visitor),
            // Over already: the visitor was faster.
            Command::End { agent } if self.may_finish(agent).is_ok() => vec![],
            Command::End { agent } => {
                self.may_end(agent)?;
                self.end(at, Ending::Agent)
            }
            Command::ExtendWrapUp { agent } => {
                self.by_owner(agent)?;
                self.may_extend()?;
                vec![Event::WrapUpExtended]
            }
            Command::FinishWrapUp { agent } => {
                self.may_finish(agent)?;
                let State::WrapUp { ended_by, .. } = self.state() else { return Err(Refusal::WrongState) };
                vec![self.closed(at, ended_by)]
            }
            Command::Identify { contact, by } => self.identify(contact, by)?,
            Command::VisitorLost => match self.visitor {
                Visitor::Online if self.goes_on() => vec![Event::VisitorLost { until: at + self.grace() }],
                Visitor::Online | Visitor::Offline { .. } => vec![],
            },
            Command::VisitorBack => match self.visitor {
                Visitor::Online => vec![],
                Visitor::Offline { .. } => vec![Event::VisitorBack],
            },
            Command::Restarted { down_since } => match self.state() {
                State::New | State::Closed { .. } => vec![],
                State::Queued
                | State::Allocated { .. }
                | State::Active { .. }
                | State::Parked { .. }
                | State::WrapUp { .. }
                | State::WrapUpQueued { .. } => {
                    vec![Event::Restarted { down_since, at, until: at + self.grace() }]
                }
            },
            Command::Due(deadline) => self.all_due(at, deadline),
        })
    }

    fn apply(&mut self, event: &Event) {
        match *event {
            Event::Requested { id, queue, settings, at } => {
                let (place, whereabouts) = (Place::new(queue, at), Whereabouts::Queue { since: at });
                let history = History::arrived(queue);
                *self = Chat { id, settings, place, whereabouts, history, ..Chat::default() };
            }
            Event::Allocated { agent, pushed, at, .. } => {
                self.leave_place(at);
                self.whereabouts = Whereabouts::allocated(agent, pushed, at);
                if pushed && self.phase == Phase::Conversation {
                    self.history.offered();
                }
            }
            Event::Activated { sequence, at, .. } => self.attended(sequence, at),
            Event::Parked { sequence, at, by } => self.put_aside(sequence, at, by),
            Event::Said { number, author, at, .. } => self.said(number, author, at),
            Event::Noted { number, .. } => self.notes = number,
            Event::ReadUpTo { number } => self.read_up_to = number,
            Event::AllocationRefused { .. } => {}
            Event::TransferAsked { to } => self.transfer = Some(to),
            Event::TransferFailed { .. } => self.transfer = None,
            Event::Transferred { to, at, .. } => {
                self.leave_place(at);
                (self.place.queue, self.settings) = (to.queue, to.chat);
                self.whereabouts = Whereabouts::Queue { since: at };
                self.history.transferred(to.queue, at);
            }
            Event::Moved { to, .. } => {
                self.place.moves_to(to.queue);
                self.settings = to.chat;
                if self.phase == Phase::Conversation {
                    self.history.moved(to.queue);
                }
            }
            Event::IdleWarned => self.idle_warned = true,
            Event::ChoiceOffered => self.question = Question::Asked,
            Event::Chosen { .. } => self.question = Question::Answered,
            Event::Alarmed { alarm } => self.alarm = Some(alarm),
            Event::Ended { by, at } => self.conversation_over(by, at),
            Event::WrapUpExtended => {
                if let Phase::WrapUp { extensions, .. } = &mut self.phase {
                    *extensions += 1;
                }
            }
            Event::Requeued { from, not_again_until, at } => {
                self.waits_again(at);
                self.place.not_again(from.zip(not_again_until), at);
            }
            Event::WrapUpRequeued { at } => {
                self.waits_again(at);
                if let Phase::WrapUp { clock, .. } = &mut self.phase {
                    clock.stop(at);
                }
            }
            Event::Closed { by, at, .. } => {
                self.history.ended(by.outcome(self.history.is_talking()), at);
                self.leave_place(at);
                if let Phase::WrapUp { clock, .. } = self.phase {
                    self.wrap_up = clock.spent_until(at);
                }
                (self.whereabouts, self.phase) = (Whereabouts::Over(by), Phase::Conversation);
            }
            Event::Identified { contact, .. } => self.place.contact = contact,
            Event::VisitorLost { until } => self.visitor = Visitor::Offline { until },
            Event::VisitorBack => self.visitor = Visitor::Online,
            Event::Restarted { down_since, at, until } => self.restarted(down_since, at, until),
        }
    }

    fn react(&self, event: &Event) -> Vec<Effect> {
        let item = ItemId::Chat(self.id);
        let (queue, nth) = (self.place.queue, self.place.nth);
        let enqueue = || {
            let away = self.is_away();
            self.place.enqueue(Arrival { away, ..self.place.arrival(item, Channel::Chat) })
        };
        let leave = |queue| self.place.leave(queue, item);
        let left = |agent, missed| tell_agent(agent, agent::Command::Left { item, missed });
        match *event {
            Event::Requested { .. } | Event::WrapUpRequeued { .. } => vec![enqueue()],
            Event::Requeued { from, not_again_until, .. } => {
                let left = from.map(|agent| left(agent, not_again_until.is_some()));
                left.into_iter().chain([enqueue()]).collect()
            }
            Event::Allocated { agent, from, .. } => {
                let before = from.map_or_else(|| leave(queue), |from| left(from, false));
                vec![before, tell_agent(agent, agent::Command::Allocated { item, kept: self.kept() })]
            }
            Event::AllocationRefused { agent } => {
                vec![tell_agent(agent, agent::Command::NotAllocated { item })]
            }
            Event::TransferAsked { to } => vec![tell_agent(to, agent::Command::Take { item, queue, place: nth })],
            Event::TransferFailed { agent, .. } => vec![Effect::Notice(agent, item, Refusal::NotAvailable)],
            Event::Transferred { agent, .. } => vec![left(agent, false), enqueue()],
            Event::Moved { from, .. } => vec![leave(from), enqueue()],
            Event::Chosen { choice } => self.promised(choice).into_iter().collect(),
            Event::Ended { .. } => {
                self.agent().map(|agent| tell_agent(agent, agent::Command::Ended { item })).into_iter().collect()
            }
            Event::Closed { agent: Some(agent), .. } => vec![left(agent, false)],
            Event::Closed { agent: None, .. } => vec![leave(queue)],
            Event::VisitorLost { .. } | Event::VisitorBack | Event::Restarted { .. } => {
                let away = || tell_queue(queue, queue::Command::Away { item, place: nth, away: self.is_away() });
                (self.state() == State::Queued).then(away).into_iter().collect()
            }
            Event::Activated { .. }
            | Event::Parked { .. }
            | Event::Said { .. }
            | Event::Noted { .. }
            | Event::ReadUpTo { .. }
            | Event::IdleWarned
            | Event::ChoiceOffered
            | Event::Alarmed { .. }
            | Event::Identified { .. }
            | Event::WrapUpExtended => vec![],
        }
    }

    fn deadline(&self) -> Option<Timestamp> {
        self.deadlines().min()
    }

    fn due(deadline: Timestamp) -> Command {
        Command::Due(deadline)
    }

    fn is_over(&self) -> bool {
        self.whereabouts.is_over()
    }

    fn flaw(&self) -> Option<&'static str> {
        let (is_active, in_wrap_up) = match self.state() {
            State::Active { .. } => (true, false),
            State::WrapUp { parked_since: None, .. } => (false, true),
            State::New
            | State::Queued
            | State::Allocated { .. }
            | State::Parked { .. }
            | State::WrapUp { parked_since: Some(_), .. }
            | State::WrapUpQueued { .. }
            | State::Closed { .. } => (false, false),
        };
        let writes_up = match self.phase {
            Phase::WrapUp { clock, .. } => clock.running_since.is_some(),
            Phase::Conversation => false,
        };
        first_flaw(&[
            (is_active == self.handling.running_since.is_some(), "its clock does not run as it is attended to"),
            (in_wrap_up == writes_up, "the clock of its wrap-up does not run as that is attended to"),
            (self.read_up_to <= self.messages, "more was read than was written"),
            (self.transfer.is_none() || self.agent().is_some(), "nobody has it who could give it away"),
            (self.is_over() == self.record().is_some(), "it has no record although it is over, or has one before"),
        ])
    }
}

impl Chat {
    /// Its agent turned to it.
    fn attended(&mut self, sequence: u64, at: Timestamp) {
        if self.whereabouts.turn(sequence, |_| Stance::Active).is_none() {
            return;
        }
        self.alarm = None;
        self.question = Question::NotAsked;
        match &mut self.phase {
            Phase::Conversation => {
                self.handling.start(at);
                if self.answered {
                    self.idle.start(at);
                }
                if let Some(agent) = self.whereabouts.agent() {
                    self.history.attended(agent, self.place.queue, at);
                }
            }
            Phase::WrapUp { clock, .. } => clock.start(at),
        }
    }

    /// Its agent turned away from it, or goes on to leave it aside for another reason.
    fn put_aside(&mut self, sequence: u64, at: Timestamp, by: ParkedBy) {
        if let Phase::WrapUp { clock, .. } = &mut self.phase {
            clock.stop(at);
            self.whereabouts.turn(sequence, |before| match before {
                Stance::Active => Stance::Parked { by: ParkedBy::Agent, since: at },
                Stance::Allocated { .. } | Stance::Parked { .. } => before,
            });
            return;
        }
        let before = self.whereabouts.turn(sequence, |before| match before {
            // Of a chat that was turned to and away from, the last word may come first.
            Stance::Active | Stance::Allocated { .. } => Stance::Parked { by, since: at },
            Stance::Parked { since, .. } => Stance::Parked { by, since },
        });
        match before {
            Some(Stance::Active | Stance::Allocated { .. }) => {
                if let ParkedBy::Call(_) = by {
                    self.preemptions += 1;
                    self.idle.stop(at);
                    self.history.preempted(at);
                }
                self.handling.stop(at);
                self.history.put_aside(at);
                let longer = at + self.grace();
                if let Visitor::Offline { until } = &mut self.visitor {
                    *until = (*until).max(longer);
                }
            }
            // Pushed aside by a call before: now the agent has put it aside, or another call keeps it there.
            Some(Stance::Parked { .. }) if by == ParkedBy::Agent => {
                self.history.preemption_over(at);
                self.alarm = None;
                self.question = Question::NotAsked;
                if self.answered {
                    self.idle.start(at);
                }
            }
            Some(Stance::Parked { .. }) | None => {}
        }
    }

    fn said(&mut self, number: u32, author: Author, at: Timestamp) {
        self.messages = number;
        self.idle = Stopwatch::default();
        self.idle_warned = false;
        match author {
            Author::Visitor => {
                self.answered = false;
                self.unanswered_since.get_or_insert(at);
            }
            Author::Agent(_) => {
                self.answered = true;
                self.unanswered_since = None;
                self.idle.start(at);
            }
        }
    }

    fn conversation_over(&mut self, ended_by: Ending, at: Timestamp) {
        let mut clock = Stopwatch::default();
        match self.whereabouts.stance_mut() {
            Some(Stance::Active) => clock.start(at),
            Some(stance @ Stance::Parked { .. }) => *stance = Stance::Parked { by: ParkedBy::Agent, since: at },
            Some(Stance::Allocated { .. }) | None => return,
        }
        self.forget_conversation(at);
        self.history.ended(ended_by.outcome(self.history.is_talking()), at);
        self.phase = Phase::WrapUp { ended_by, clock, extensions: 0 };
    }

    fn restarted(&mut self, down_since: Timestamp, at: Timestamp, until: Timestamp) {
        self.visitor = Visitor::Offline { until };
        self.handling.leave_out(down_since, at);
        self.idle.leave_out(down_since, at);
        match &mut self.phase {
            Phase::WrapUp { clock, .. } => clock.leave_out(down_since, at),
            Phase::Conversation => match self.whereabouts.stance_mut() {
                Some(Stance::Allocated { since, .. } | Stance::Parked { by: ParkedBy::Call(_), since }) => *since = at,
                Some(Stance::Active | Stance::Parked { by: ParkedBy::Agent, .. }) | None => {}
            },
        }
    }

    /// What its agent gets.
    fn kept(&self) -> agent::Kept {
        let pushed = matches!(self.state(), State::Allocated { pushed: true, .. });
        match self.phase {
            Phase::Conversation => agent::Kept::Conversation { exclusive: self.settings.exclusive, pushed },
            Phase::WrapUp { .. } => agent::Kept::WrapUp,
        }
    }

    /// What was promised instead of the chat has the chat's number and its age.
    fn promised(&self, choice: Choice) -> Option<Effect> {
        let channel = match choice {
            Choice::Stay | Choice::AnotherAgent => return None,
            Choice::Callback => Channel::Callback,
            Choice::Email => Channel::Email,
        };
        let (id, queue, arrived_at) = (TaskId(self.id.0), self.place.queue, self.place.arrived_at);
        let contact = self.place.contact;
        Some(tell_task(id, task::Command::Request { id, channel, queue, arrived_at, contact }))
    }

    /// It goes back into its queue.
    fn waits_again(&mut self, at: Timestamp) {
        self.leave_place(at);
        self.whereabouts = Whereabouts::Queue { since: at };
    }

    /// It goes to another place: what belonged to the one where it was is over.
    fn leave_place(&mut self, at: Timestamp) {
        self.history.parted(at);
        self.place.moves();
        self.handling.stop(at);
        self.idle = Stopwatch::default();
        self.idle_warned = false;
        self.question = Question::NotAsked;
        self.alarm = None;
        self.transfer = None;
    }

    /// The conversation is over: nobody waits for a word any more.
    fn forget_conversation(&mut self, at: Timestamp) {
        self.handling.stop(at);
        self.idle = Stopwatch::default();
        self.idle_warned = false;
        self.question = Question::NotAsked;
        self.unanswered_since = None;
        self.alarm = None;
        self.transfer = None;
    }
}
