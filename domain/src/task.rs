//! The task: an e-mail, a work item or a callback. It waits and is worked on without anybody at its other end.
//! It never holds a text, and never chooses who works on it.

use crate::chat::ParkedBy;
use crate::id::{AgentId, ContactId, ItemId, QueueId, TaskId};
use crate::message::{Effect, tell_agent};
use crate::place::{Identifier, Place, Stance, Whereabouts};
use crate::queue::{Channel, Exit};
use crate::record::{History, Outcome, Record};
use crate::time::{Span, Stopwatch, Timestamp};
use crate::{Machine, Refusal, agent, first_flaw};
use serde::{Deserialize, Serialize};

/// After how long a task that was pushed to an agent and not activated goes back to its queue.
pub const PUSH_LASTS: Span = Span::seconds(60);
/// How long it is then not pushed to the same agent.
pub const PUSH_HOLDS: Span = Span::seconds(300);

/// Something to be done (R19).
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Task {
    id: TaskId,
    channel: Channel,
    place: Place,
    /// Where it is; once it is over, whether it was done.
    whereabouts: Whereabouts<bool>,
    handling: Stopwatch,
    history: History,
}

/// Where a task is and whether it is worked on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Not there yet.
    #[default]
    New,
    /// In its queue.
    Queued,
    /// In an inbox, not looked at yet.
    Allocated {
        /// The agent in whose inbox it is.
        agent: AgentId,
        /// Until when it has to be activated, if it was pushed.
        until: Option<Timestamp>,
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
        /// The agent themselves, or a call that interrupted it.
        by: ParkedBy,
    },
    /// Nothing happens any more.
    Closed {
        /// Whether it was done; else nobody had time for it.
        done: bool,
    },
}

/// All that can be asked of a task.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Somebody asks for it.
    Request {
        /// This task's id.
        id: TaskId,
        /// What it is.
        channel: Channel,
        /// Where it waits.
        queue: QueueId,
        /// When the customer first came: the age of the chat that it comes from.
        arrived_at: Timestamp,
        /// Who the customer is, if that is known.
        #[serde(default)]
        contact: Option<ContactId>,
    },
    /// An agent wants it.
    Allocate {
        /// The agent into whose inbox it is to come.
        agent: AgentId,
        /// The place where they saw it.
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
        /// When they did.
        at: Timestamp,
        /// The agent themselves, or a call that interrupted it.
        by: ParkedBy,
    },
    /// The agent is gone: back to the queue with it (R16).
    Release {
        /// The agent in whose inbox it is; ignored if it is elsewhere by now.
        agent: AgentId,
        /// The agent's sequence number.
        sequence: u64,
    },
    /// The agent is done with it.
    Finish {
        /// The agent who has it; anybody else is refused.
        agent: AgentId,
    },
    /// Somebody says who the customer is, also once it is over.
    Identify {
        /// A contact; `None`: nobody who is known.
        contact: Option<ContactId>,
        /// Who says so; an agent who neither has nor had it is refused.
        by: Identifier,
    },
    /// The queue sends it away.
    Depart {
        /// To another queue, or away because nobody has time.
        exit: Exit,
        /// The number of its place there: ignored if it has moved since.
        place: u32,
    },
    /// The daemon was restarted: no clock ran from `down_since` on.
    Restarted {
        /// When the daemon was last known to run.
        down_since: Timestamp,
    },
    /// A deadline passed.
    Due(Timestamp),
}

/// All that can happen to a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The task waits in its queue.
    Requested {
        /// The task's id; one that comes from a chat has that chat's number.
        id: TaskId,
        /// What it is.
        channel: Channel,
        /// The queue in which it waits.
        queue: QueueId,
        /// When the customer first came: its age counts from here.
        arrived_at: Timestamp,
        /// Who the customer is, if that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        contact: Option<ContactId>,
    },
    /// It is in an inbox.
    Allocated {
        /// The agent in whose inbox it is from now on.
        agent: AgentId,
        /// Until when it has to be activated, if it was pushed.
        until: Option<Timestamp>,
    },
    /// Too late: it is not in the queue any more.
    AllocationRefused {
        /// Who came too late.
        agent: AgentId,
    },
    /// It is worked on.
    Activated {
        /// The agent's sequence number.
        sequence: u64,
        /// When its agent turned to it.
        at: Timestamp,
    },
    /// It is put aside.
    Parked {
        /// The agent's sequence number.
        sequence: u64,
        /// When it was put aside.
        at: Timestamp,
        /// The agent themselves, or a call that interrupted it.
        by: ParkedBy,
    },
    /// It waits again, with its age.
    Requeued {
        /// Who did not activate it in time, and until when it is not pushed to them; `None`: its agent is gone.
        missed: Option<(AgentId, Timestamp)>,
        /// When it left the inbox.
        at: Timestamp,
    },
    /// It waits elsewhere.
    Moved {
        /// Where it waited.
        from: QueueId,
        /// Where it waits now.
        to: QueueId,
    },
    /// It is known who the customer is, or not any more.
    Identified {
        /// A contact; `None`: nobody who is known.
        contact: Option<ContactId>,
        /// Who says so.
        by: Identifier,
    },
    /// Nothing happens any more.
    Closed {
        /// Whether it was done.
        done: bool,
        /// When it was done, or given up.
        at: Timestamp,
        /// From whose inbox it goes; `None`: from its queue.
        agent: Option<AgentId>,
    },
    /// Clocks that ran have left out the time from `down_since` to `at`.
    Restarted {
        /// When the daemon was last known to run.
        down_since: Timestamp,
        /// When it was there again.
        at: Timestamp,
    },
}

impl Task {
    /// What it is.
    pub fn channel(&self) -> Channel {
        self.channel
    }

    /// Where it is.
    pub fn state(&self) -> State {
        match self.whereabouts {
            Whereabouts::Nowhere => State::New,
            Whereabouts::Queue { .. } => State::Queued,
            Whereabouts::Inbox { agent, stance, .. } => match stance {
                Stance::Allocated { pushed, since } => {
                    State::Allocated { agent, until: pushed.then(|| since + PUSH_LASTS) }
                }
                Stance::Active => State::Active { agent },
                Stance::Parked { by, .. } => State::Parked { agent, by },
            },
            Whereabouts::Over(done) => State::Closed { done },
        }
    }

    /// The queue that it belongs to.
    pub fn queue(&self) -> QueueId {
        self.place.queue
    }

    /// When the customer first came.
    pub fn arrived_at(&self) -> Timestamp {
        self.place.arrived_at
    }

    /// Time spent on it.
    pub fn handling(&self) -> Stopwatch {
        self.handling
    }

    /// What became of it, once it is over.
    pub fn record(&self) -> Option<Record> {
        self.history.record(self.channel, &self.place, Span::ZERO)
    }

    /// Whether it is in a queue, and has not been elsewhere since it had this place.
    fn waits_at(&self, place: u32) -> bool {
        self.whereabouts.waits() && place == self.place.nth
    }

    /// Who the customer is, if that is known.
    pub fn contact(&self) -> Option<ContactId> {
        self.place.contact
    }

    /// Whose inbox it is in.
    pub fn agent(&self) -> Option<AgentId> {
        self.whereabouts.agent()
    }

    fn parked(&mut self, sequence: u64, at: Timestamp, by: ParkedBy) {
        let before = self.whereabouts.turn(sequence, |before| match before {
            Stance::Active | Stance::Allocated { .. } => Stance::Parked { by, since: at },
            Stance::Parked { since, .. } => Stance::Parked { by, since },
        });
        match (before, by) {
            (None, _) | (Some(Stance::Parked { .. }), ParkedBy::Call(_)) => {}
            // Pushed aside by a call before: now the agent has put it aside.
            (Some(Stance::Parked { .. }), ParkedBy::Agent) => self.history.preemption_over(at),
            (Some(Stance::Active | Stance::Allocated { .. }), by) => {
                if let ParkedBy::Call(_) = by {
                    self.history.preempted(at);
                }
                self.handling.stop(at);
                self.history.put_aside(at);
            }
        }
    }
}

impl Machine for Task {
    type Command = Command;
    type Event = Event;

    fn decide(&self, at: Timestamp, command: &Command) -> Result<Vec<Event>, Refusal> {
        Ok(match *command {
            Command::Request { .. } if self.state() != State::New => vec![],
            Command::Request { id, channel, queue, arrived_at, contact } => {
                vec![Event::Requested { id, channel, queue, arrived_at, contact }]
            }
            Command::Allocate { agent, place, pushed } if self.waits_at(place) => {
                vec![Event::Allocated { agent, until: pushed.then(|| at + PUSH_LASTS) }]
            }
            Command::Allocate { agent, .. } => vec![Event::AllocationRefused { agent }],
            // Out of date, or from somebody who does not have it any more.
            Command::Activate { agent, sequence, .. }
            | Command::Park { agent, sequence, .. }
            | Command::Release { agent, sequence }
                if self.whereabouts.is_old_news(agent, sequence) =>
            {
                vec![]
            }
            Command::Activate { sequence, at, .. } => vec![Event::Activated { sequence, at }],
            Command::Park { sequence, at, by, .. } => vec![Event::Parked { sequence, at, by }],
            Command::Release { .. } => vec![Event::Requeued { missed: None, at }],
            Command::Finish { agent } => {
                self.may_finish(agent)?;
                vec![Event::Closed { done: true, at, agent: Some(agent) }]
            }
            Command::Identify { contact, by } => {
                let is_theirs = |agent| self.agent() == Some(agent) || self.is_over() && self.history.had(agent);
                let is_news = self.place.is_identified(contact, by, is_theirs)?;
                let is_there = self.state() != State::New;
                if is_news && is_there { vec![Event::Identified { contact, by }] } else { vec![] }
            }
            // It went elsewhere meanwhile.
            Command::Depart { place, .. } if !self.waits_at(place) => vec![],
            Command::Depart { exit: Exit::Move(to), .. } => vec![Event::Moved { from: self.place.queue, to: to.queue }],
            Command::Depart { exit: Exit::Refuse, .. } => vec![Event::Closed { done: false, at, agent: None }],
            Command::Restarted { down_since } => match self.state() {
                State::New | State::Queued | State::Parked { .. } | State::Closed { .. } => vec![],
                State::Allocated { .. } | State::Active { .. } => vec![Event::Restarted { down_since, at }],
            },
            Command::Due(deadline) => match self.state() {
                State::Allocated { agent, until: Some(until) } if until == deadline => {
                    vec![Event::Requeued { missed: Some((agent, at + PUSH_HOLDS)), at }]
                }
                State::New
                | State::Queued
                | State::Allocated { .. }
                | State::Active { .. }
                | State::Parked { .. }
                | State::Closed { .. } => vec![],
            },
        })
    }

    fn apply(&mut self, event: &Event) {
        match *event {
            Event::Requested { id, channel, queue, arrived_at, contact } => {
                let mut place = Place::new(queue, arrived_at);
                place.contact = contact;
                let whereabouts = Whereabouts::Queue { since: arrived_at };
                let history = History::arrived(queue);
                *self = Task { id, channel, place, whereabouts, handling: Stopwatch::default(), history };
            }
            Event::Allocated { agent, until } => {
                self.place.moves();
                let since = until.map_or(Timestamp::default(), |until| Timestamp(until.0.saturating_sub(PUSH_LASTS.0)));
                self.whereabouts = Whereabouts::allocated(agent, until.is_some(), since);
                if until.is_some() {
                    self.history.offered();
                }
            }
            Event::AllocationRefused { .. } => {}
            Event::Activated { sequence, at } => {
                if self.whereabouts.turn(sequence, |_| Stance::Active).is_some() {
                    self.handling.start(at);
                    let agent = self.whereabouts.agent();
                    agent.into_iter().for_each(|agent| self.history.attended(agent, self.place.queue, at));
                }
            }
            Event::Parked { sequence, at, by } => self.parked(sequence, at, by),
            Event::Requeued { missed, at } => {
                self.place.moves();
                self.place.not_again(missed, at);
                self.handling.stop(at);
                self.history.parted(at);
                self.whereabouts = Whereabouts::Queue { since: at };
            }
            Event::Moved { to, .. } => {
                self.place.moves_to(to);
                self.history.moved(to);
            }
            Event::Identified { contact, .. } => self.place.contact = contact,
            Event::Closed { done, at, .. } => {
                self.place.moves();
                self.handling.stop(at);
                self.history.ended(if done { Outcome::Done } else { Outcome::SentAway }, at);
                self.whereabouts = Whereabouts::Over(done);
            }
            Event::Restarted { down_since, at } => {
                self.handling.leave_out(down_since, at);
                if let Some(Stance::Allocated { since, .. }) = self.whereabouts.stance_mut() {
                    *since = at;
                }
            }
        }
    }

    fn react(&self, event: &Event) -> Vec<Effect> {
        let item = ItemId::Task(self.id);
        let enqueue = || self.place.enqueue(self.place.arrival(item, self.channel));
        let leave = |queue| self.place.leave(queue, item);
        match *event {
            Event::Requested { .. } => vec![enqueue()],
            Event::Requeued { missed, .. } => {
                let left = |(agent, _)| tell_agent(agent, agent::Command::Left { item, missed: true });
                missed.map(left).into_iter().chain([enqueue()]).collect()
            }
            Event::Allocated { agent, until } => {
                let kept = agent::Kept::Conversation { exclusive: false, pushed: until.is_some() };
                vec![leave(self.place.queue), tell_agent(agent, agent::Command::Allocated { item, kept })]
            }
            Event::AllocationRefused { agent } => vec![tell_agent(agent, agent::Command::NotAllocated { item })],
            Event::Closed { agent: Some(agent), .. } => {
                vec![tell_agent(agent, agent::Command::Left { item, missed: false })]
            }
            Event::Closed { agent: None, .. } => vec![leave(self.place.queue)],
            Event::Moved { from, .. } => vec![leave(from), enqueue()],
            Event::Activated { .. } | Event::Parked { .. } | Event::Identified { .. } | Event::Restarted { .. } => {
                vec![]
            }
        }
    }

    fn deadline(&self) -> Option<Timestamp> {
        match self.state() {
            State::Allocated { until, .. } => until,
            State::New | State::Queued | State::Active { .. } | State::Parked { .. } | State::Closed { .. } => None,
        }
    }

    fn due(deadline: Timestamp) -> Command {
        Command::Due(deadline)
    }

    fn is_over(&self) -> bool {
        self.whereabouts.is_over()
    }

    fn flaw(&self) -> Option<&'static str> {
        let is_active = matches!(self.state(), State::Active { .. });
        first_flaw(&[
            (is_active == self.handling.running_since.is_some(), "its clock does not run as it is worked on"),
            (self.is_over() == self.record().is_some(), "it has no record although it is over, or has one before"),
        ])
    }
}
