//! The chat: where it is, whether it is attended to, its clocks, and the order of its messages.
//! It never holds a text, and never chooses who attends to it.

use crate::id::{AgentId, CallId, ChatId, ItemId, QueueId};
use crate::message::{Effect, tell_agent, tell_queue};
use crate::routing::Tier;
use crate::time::{Span, Stopwatch, Timestamp};
use crate::{Machine, Refusal, agent, queue};
use serde::{Deserialize, Serialize};

/// After how long a parked wrap-up is closed by itself.
pub const PARKED_WRAP_UP_CLOSES: Span = Span::seconds(24 * 60 * 60);

/// How much longer a wrap-up lasts by one extension.
pub const EXTENSION: Span = Span::seconds(60);
/// How often a wrap-up can be extended.
pub const EXTENSIONS_MAX: u8 = 3;

/// A web chat.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Chat {
    id: ChatId,
    settings: Settings,
    queue: QueueId,
    arrived_at: Timestamp,
    place: u32,
    state: State,
    handling: Stopwatch,
    visitor: Visitor,
    messages: u32,
    read_up_to: u32,
    /// The agent wrote last.
    answered: bool,
    preemptions: u32,
    /// The agent's sequence number of the last park or resume: an older one is out of date.
    attention: u64,
}

/// What held when the chat was requested.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Settings {
    /// No call may interrupt it.
    pub exclusive: bool,
    /// How long the wrap-up lasts; zero: there is none.
    pub wrap_up: Span,
    /// How long the visitor's browser may be gone.
    pub visitor_grace: Span,
    /// How long it may be gone while the chat is pushed aside by a call.
    pub visitor_grace_preempted: Span,
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
        /// Whose.
        agent: AgentId,
    },
    /// Attended to.
    Active {
        /// By whom.
        agent: AgentId,
    },
    /// In an inbox, put aside.
    Parked {
        /// Whose.
        agent: AgentId,
        /// Who put it aside.
        by: ParkedBy,
        /// Since when.
        since: Timestamp,
    },
    /// The conversation is over; the agent writes it up.
    WrapUp {
        /// Who.
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
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// The visitor.
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
    /// None is.
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
        /// Who.
        agent: AgentId,
        /// The place where they saw it: a pick that crossed a move is refused.
        place: u32,
    },
    /// The agent turns to it.
    Activate {
        /// Who.
        agent: AgentId,
        /// The agent's sequence number.
        sequence: u64,
        /// When they did.
        at: Timestamp,
    },
    /// The agent turned away from it.
    Park {
        /// Who.
        agent: AgentId,
        /// The agent's sequence number.
        sequence: u64,
        /// When they did: the clocks stop there.
        at: Timestamp,
        /// Why.
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
        /// Who.
        agent: AgentId,
        /// The agent's sequence number.
        sequence: u64,
    },
    /// Somebody writes. The text travels beside the command.
    Say {
        /// Who.
        author: Author,
        /// In which tab.
        client: String,
        /// Which of that tab's commands this is.
        command: u64,
    },
    /// The agent has seen the messages up to this one.
    Read {
        /// Who.
        agent: AgentId,
        /// The last message seen.
        number: u32,
    },
    /// The visitor leaves.
    Leave,
    /// The agent ends the conversation.
    End {
        /// Who.
        agent: AgentId,
    },
    /// The agent needs longer for the wrap-up: by [`EXTENSION`], [`EXTENSIONS_MAX`] times.
    ExtendWrapUp {
        /// Who.
        agent: AgentId,
    },
    /// The agent is done with the wrap-up.
    FinishWrapUp {
        /// Who.
        agent: AgentId,
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
    /// It waits.
    Requested {
        /// Its id.
        id: ChatId,
        /// Where.
        queue: QueueId,
        /// What holds for it.
        settings: Settings,
        /// Since when.
        at: Timestamp,
    },
    /// It is in an inbox.
    Allocated {
        /// Whose.
        agent: AgentId,
    },
    /// Too late: it is not in the queue any more.
    AllocationRefused {
        /// Who came too late.
        agent: AgentId,
    },
    /// It is attended to.
    Activated {
        /// The agent's sequence number.
        sequence: u64,
        /// Since when.
        at: Timestamp,
        /// Whether it came back by itself.
        resumed: bool,
    },
    /// It is put aside.
    Parked {
        /// The agent's sequence number.
        sequence: u64,
        /// Since when.
        at: Timestamp,
        /// Why.
        by: ParkedBy,
    },
    /// A message is in its place.
    Said {
        /// 1, 2, 3, …
        number: u32,
        /// Who wrote it.
        author: Author,
        /// In which tab.
        client: String,
        /// Which of that tab's commands it was.
        command: u64,
        /// When.
        at: Timestamp,
    },
    /// The agent has seen the messages up to this one.
    ReadUpTo {
        /// The last one seen.
        number: u32,
    },
    /// The conversation is over; the wrap-up begins.
    Ended {
        /// By whom.
        by: Ending,
        /// When.
        at: Timestamp,
    },
    /// The wrap-up lasts longer.
    WrapUpExtended,
    /// It waits in its queue again, with its age.
    Requeued {
        /// When.
        at: Timestamp,
    },
    /// Nothing happens any more.
    Closed {
        /// Who ended the conversation.
        by: Ending,
        /// When.
        at: Timestamp,
        /// From whose inbox it goes; `None`: from its queue.
        agent: Option<AgentId>,
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
        self.state
    }

    /// The queue that it belongs to.
    pub fn queue(&self) -> QueueId {
        self.queue
    }

    /// When the visitor asked for it.
    pub fn arrived_at(&self) -> Timestamp {
        self.arrived_at
    }

    /// Time spent on the conversation.
    pub fn handling(&self) -> Stopwatch {
        self.handling
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

    /// How much would be interrupted if a call came now.
    pub fn tier(&self) -> Tier {
        if self.answered { Tier::ChatAnswered } else { Tier::ChatWaiting }
    }

    /// How often a call has pushed it aside.
    pub fn preemptions(&self) -> u32 {
        self.preemptions
    }

    /// The last message that the agent has seen.
    pub fn read_up_to(&self) -> u32 {
        self.read_up_to
    }

    /// Whose inbox it is in.
    pub fn agent(&self) -> Option<AgentId> {
        match self.state {
            State::New | State::Queued | State::Closed { .. } => None,
            State::Allocated { agent }
            | State::Active { agent }
            | State::Parked { agent, .. }
            | State::WrapUp { agent, .. } => Some(agent),
        }
    }

    /// The conversation ends: wrap-up if there was one and the queue has it, else all is over.
    fn end(&self, at: Timestamp, by: Ending) -> Vec<Event> {
        match self.state {
            State::New | State::WrapUp { .. } | State::Closed { .. } => vec![],
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

    fn grace(&self) -> Span {
        match self.state {
            State::Parked { by: ParkedBy::Call(_), .. } => self.settings.visitor_grace_preempted,
            State::New
            | State::Queued
            | State::Allocated { .. }
            | State::Active { .. }
            | State::Parked { by: ParkedBy::Agent, .. }
            | State::WrapUp { .. }
            | State::Closed { .. } => self.settings.visitor_grace,
        }
    }

    /// How long the wrap-up lasts, with its extensions.
    pub fn wrap_up_limit(&self) -> Span {
        match self.state {
            State::WrapUp { extensions, .. } => self.settings.wrap_up + Span(EXTENSION.0 * u64::from(extensions)),
            State::New
            | State::Queued
            | State::Allocated { .. }
            | State::Active { .. }
            | State::Parked { .. }
            | State::Closed { .. } => self.settings.wrap_up,
        }
    }

    fn wrap_up_deadline(&self) -> Option<Timestamp> {
        match self.state {
            State::WrapUp { clock, parked_since: None, .. } => clock.running_since.map(|since| {
                let left = Span(self.wrap_up_limit().0.saturating_sub(clock.spent.0));
                since + left
            }),
            State::WrapUp { parked_since: Some(since), .. } => Some(since + PARKED_WRAP_UP_CLOSES),
            State::New
            | State::Queued
            | State::Allocated { .. }
            | State::Active { .. }
            | State::Parked { .. }
            | State::Closed { .. } => None,
        }
    }

    fn say(&self, at: Timestamp, author: Author, client: &str, command: u64) -> Result<Vec<Event>, Refusal> {
        match (author, self.state) {
            (_, State::New | State::WrapUp { .. } | State::Closed { .. }) => return Err(Refusal::ChatOver),
            (
                Author::Visitor,
                State::Queued | State::Allocated { .. } | State::Active { .. } | State::Parked { .. },
            ) => {}
            (Author::Agent(author), State::Active { agent }) if author == agent => {}
            (Author::Agent(author), State::Allocated { agent } | State::Parked { agent, .. }) if author == agent => {
                return Err(Refusal::WrongState);
            }
            (
                Author::Agent(_),
                State::Queued | State::Allocated { .. } | State::Active { .. } | State::Parked { .. },
            ) => return Err(Refusal::NotYours),
        }
        Ok(vec![Event::Said { number: self.messages + 1, author, client: client.to_owned(), command, at }])
    }

    fn by_owner(&self, agent: AgentId) -> Result<(), Refusal> {
        if self.agent() == Some(agent) { Ok(()) } else { Err(Refusal::NotYours) }
    }
}

impl Machine for Chat {
    type Command = Command;
    type Event = Event;

    fn decide(&self, at: Timestamp, command: &Command) -> Result<Vec<Event>, Refusal> {
        Ok(match *command {
            Command::Request { id, queue, settings } => match self.state {
                State::New => vec![Event::Requested { id, queue, settings, at }],
                State::Queued
                | State::Allocated { .. }
                | State::Active { .. }
                | State::Parked { .. }
                | State::WrapUp { .. }
                | State::Closed { .. } => vec![],
            },
            Command::Allocate { agent, place } => match self.state {
                State::Queued if place == self.place => vec![Event::Allocated { agent }],
                State::New
                | State::Queued
                | State::Allocated { .. }
                | State::Active { .. }
                | State::Parked { .. }
                | State::WrapUp { .. }
                | State::Closed { .. } => vec![Event::AllocationRefused { agent }],
            },
            // Out of date, or from somebody who does not have it any more.
            Command::Activate { agent, sequence, .. }
            | Command::Resume { agent, sequence, .. }
            | Command::Park { agent, sequence, .. }
            | Command::Release { agent, sequence }
                if self.agent() != Some(agent) || sequence <= self.attention =>
            {
                vec![]
            }
            Command::Activate { sequence, at, .. } => vec![Event::Activated { sequence, at, resumed: false }],
            Command::Resume { sequence, at, .. } => vec![Event::Activated { sequence, at, resumed: true }],
            Command::Park { sequence, at, by, .. } => vec![Event::Parked { sequence, at, by }],
            Command::Release { .. } => match self.state {
                State::WrapUp { ended_by, .. } => vec![self.closed(at, ended_by)],
                State::Allocated { .. } | State::Active { .. } | State::Parked { .. } => {
                    vec![Event::Requeued { at }]
                }
                State::New | State::Queued | State::Closed { .. } => vec![],
            },
            Command::Say { author, ref client, command } => self.say(at, author, client, command)?,
            Command::Read { agent, number } => {
                self.by_owner(agent)?;
                let number = number.min(self.messages);
                if number > self.read_up_to { vec![Event::ReadUpTo { number }] } else { vec![] }
            }
            Command::Leave => self.end(at, Ending::Visitor),
            Command::End { agent } => {
                self.by_owner(agent)?;
                match self.state {
                    State::Active { .. } | State::Parked { by: ParkedBy::Agent, .. } => self.end(at, Ending::Agent),
                    // Over already: the visitor was faster.
                    State::WrapUp { .. } => vec![],
                    State::New
                    | State::Queued
                    | State::Allocated { .. }
                    | State::Parked { by: ParkedBy::Call(_), .. }
                    | State::Closed { .. } => return Err(Refusal::WrongState),
                }
            }
            Command::ExtendWrapUp { agent } => {
                self.by_owner(agent)?;
                match self.state {
                    State::WrapUp { extensions, .. } if extensions < EXTENSIONS_MAX => vec![Event::WrapUpExtended],
                    State::New
                    | State::Queued
                    | State::Allocated { .. }
                    | State::Active { .. }
                    | State::Parked { .. }
                    | State::WrapUp { .. }
                    | State::Closed { .. } => return Err(Refusal::WrongState),
                }
            }
            Command::FinishWrapUp { agent } => {
                self.by_owner(agent)?;
                match self.state {
                    State::WrapUp { ended_by, .. } => vec![self.closed(at, ended_by)],
                    State::New
                    | State::Queued
                    | State::Allocated { .. }
                    | State::Active { .. }
                    | State::Parked { .. }
                    | State::Closed { .. } => return Err(Refusal::WrongState),
                }
            }
            Command::VisitorLost => match (self.visitor, self.state) {
                (_, State::New | State::WrapUp { .. } | State::Closed { .. }) | (Visitor::Offline { .. }, _) => vec![],
                (
                    Visitor::Online,
                    State::Queued | State::Allocated { .. } | State::Active { .. } | State::Parked { .. },
                ) => vec![Event::VisitorLost { until: at + self.grace() }],
            },
            Command::VisitorBack => match self.visitor {
                Visitor::Online => vec![],
                Visitor::Offline { .. } => vec![Event::VisitorBack],
            },
            Command::Restarted { down_since } => match self.state {
                State::New | State::Closed { .. } => vec![],
                State::Queued
                | State::Allocated { .. }
                | State::Active { .. }
                | State::Parked { .. }
                | State::WrapUp { .. } => vec![Event::Restarted { down_since, at, until: at + self.grace() }],
            },
            Command::Due(deadline) => match (self.visitor, self.state) {
                (_, State::WrapUp { ended_by, .. }) if self.wrap_up_deadline() == Some(deadline) => {
                    vec![self.closed(at, ended_by)]
                }
                (Visitor::Offline { until }, _) if until == deadline => self.end(at, Ending::VisitorTimeout),
                (Visitor::Online | Visitor::Offline { .. }, _) => vec![],
            },
        })
    }

    fn apply(&mut self, event: &Event) {
        match *event {
            Event::Requested { id, queue, settings, at } => {
                *self = Chat { id, queue, settings, arrived_at: at, place: 1, state: State::Queued, ..Chat::default() };
            }
            Event::Allocated { agent } => {
                self.place += 1;
                self.attention = 0;
                self.state = State::Allocated { agent };
            }
            Event::Activated { sequence, at, .. } => {
                self.attention = sequence;
                match &mut self.state {
                    State::Allocated { agent } | State::Parked { agent, .. } | State::Active { agent } => {
                        self.state = State::Active { agent: *agent };
                        self.handling.start(at);
                    }
                    State::WrapUp { clock, parked_since, .. } => {
                        *parked_since = None;
                        clock.start(at);
                    }
                    State::New | State::Queued | State::Closed { .. } => {}
                }
            }
            Event::Parked { sequence, at, by } => {
                self.attention = sequence;
                match &mut self.state {
                    State::Active { agent } => {
                        self.preemptions += match by {
                            ParkedBy::Call(_) => 1,
                            ParkedBy::Agent => 0,
                        };
                        self.state = State::Parked { agent: *agent, by, since: at };
                        self.handling.stop(at);
                        let longer = at + self.grace();
                        if let Visitor::Offline { until } = &mut self.visitor {
                            *until = (*until).max(longer);
                        }
                    }
                    State::WrapUp { clock, parked_since, .. } => {
                        clock.stop(at);
                        parked_since.get_or_insert(at);
                    }
                    // Pushed aside by a call before: now the agent has put it aside.
                    State::Parked { by: before, .. } => *before = by,
                    State::New | State::Queued | State::Allocated { .. } | State::Closed { .. } => {}
                }
            }
            Event::Said { number, author, .. } => {
                self.messages = number;
                self.answered = match author {
                    Author::Visitor => false,
                    Author::Agent(_) => true,
                };
            }
            Event::ReadUpTo { number } => self.read_up_to = number,
            Event::AllocationRefused { .. } => {}
            Event::Ended { by, at } => {
                let (agent, parked_since) = match self.state {
                    State::Active { agent } => (agent, None),
                    State::Parked { agent, .. } => (agent, Some(at)),
                    State::New
                    | State::Queued
                    | State::Allocated { .. }
                    | State::WrapUp { .. }
                    | State::Closed { .. } => return,
                };
                self.handling.stop(at);
                let mut clock = Stopwatch::default();
                if parked_since.is_none() {
                    clock.start(at);
                }
                self.state = State::WrapUp { agent, ended_by: by, clock, parked_since, extensions: 0 };
            }
            Event::WrapUpExtended => {
                if let State::WrapUp { extensions, .. } = &mut self.state {
                    *extensions += 1;
                }
            }
            Event::Requeued { at } => {
                self.place += 1;
                self.handling.stop(at);
                self.state = State::Queued;
            }
            Event::Closed { by, at, .. } => {
                self.place += 1;
                self.handling.stop(at);
                self.state = State::Closed { ended_by: by };
            }
            Event::VisitorLost { until } => self.visitor = Visitor::Offline { until },
            Event::VisitorBack => self.visitor = Visitor::Online,
            Event::Restarted { down_since, at, until } => {
                self.visitor = Visitor::Offline { until };
                leave_out(&mut self.handling, down_since, at);
                if let State::WrapUp { clock, .. } = &mut self.state {
                    leave_out(clock, down_since, at);
                }
            }
        }
    }

    fn react(&self, event: &Event) -> Vec<Effect> {
        let item = ItemId::Chat(self.id);
        let enqueue = || {
            let (arrived_at, place) = (self.arrived_at, self.place);
            tell_queue(self.queue, queue::Command::Enqueue { item, arrived_at, place, attempts: 0 })
        };
        let leave = || tell_queue(self.queue, queue::Command::Leave { item, place: self.place });
        let chat = self.id;
        match *event {
            Event::Requested { .. } | Event::Requeued { .. } => vec![enqueue()],
            Event::Allocated { agent } => {
                let exclusive = self.settings.exclusive;
                vec![leave(), tell_agent(agent, agent::Command::Allocated { chat, exclusive })]
            }
            Event::AllocationRefused { agent } => {
                vec![tell_agent(agent, agent::Command::NotAllocated { chat })]
            }
            Event::Ended { .. } => {
                self.agent().map(|agent| tell_agent(agent, agent::Command::ChatEnded { chat })).into_iter().collect()
            }
            Event::Closed { agent: Some(agent), .. } => vec![tell_agent(agent, agent::Command::ChatLeft { chat })],
            Event::Closed { agent: None, .. } => vec![leave()],
            Event::Activated { .. }
            | Event::Parked { .. }
            | Event::Said { .. }
            | Event::ReadUpTo { .. }
            | Event::WrapUpExtended
            | Event::VisitorLost { .. }
            | Event::VisitorBack
            | Event::Restarted { .. } => vec![],
        }
    }

    fn deadline(&self) -> Option<Timestamp> {
        let visitor = match (self.visitor, self.state) {
            (
                Visitor::Offline { until },
                State::Queued | State::Allocated { .. } | State::Active { .. } | State::Parked { .. },
            ) => Some(until),
            (Visitor::Offline { .. }, State::New | State::WrapUp { .. } | State::Closed { .. })
            | (Visitor::Online, _) => None,
        };
        self.wrap_up_deadline().into_iter().chain(visitor).min()
    }

    fn due(deadline: Timestamp) -> Command {
        Command::Due(deadline)
    }

    fn is_over(&self) -> bool {
        matches!(self.state, State::Closed { .. })
    }
}

fn leave_out(clock: &mut Stopwatch, down_since: Timestamp, at: Timestamp) {
    if clock.running_since.is_some() {
        clock.stop(down_since);
        clock.start(at);
    }
}
