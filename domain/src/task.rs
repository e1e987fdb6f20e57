//! The task: an e-mail, a work item or a callback. It waits and is worked on without anybody at its other end.
//! It never holds a text, and never chooses who works on it.

use crate::id::{AgentId, ItemId, QueueId, TaskId};
use crate::message::{Effect, tell_agent, tell_queue};
use crate::queue::{Channel, Exit};
use crate::time::{Span, Stopwatch, Timestamp};
use crate::{Machine, Refusal, agent, queue};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// After how long a task that was pushed to an agent and not activated goes back to its queue.
pub const PUSH_LASTS: Span = Span::seconds(60);
/// How long it is then not pushed to the same agent.
pub const PUSH_HOLDS: Span = Span::seconds(300);

/// Something to be done (R19).
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Task {
    id: TaskId,
    channel: Channel,
    queue: QueueId,
    arrived_at: Timestamp,
    place: u32,
    state: State,
    handling: Stopwatch,
    /// The agent's sequence number of the last word: an older one is out of date.
    attention: u64,
    declined: BTreeMap<AgentId, Timestamp>,
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
        /// Whose.
        agent: AgentId,
        /// Until when it has to be activated, if it was pushed.
        until: Option<Timestamp>,
    },
    /// Worked on.
    Active {
        /// By whom.
        agent: AgentId,
    },
    /// In an inbox, put aside.
    Parked {
        /// Whose.
        agent: AgentId,
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
    },
    /// An agent wants it.
    Allocate {
        /// Who.
        agent: AgentId,
        /// The place where they saw it.
        place: u32,
        /// It was given to them without their asking.
        pushed: bool,
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
        /// When they did.
        at: Timestamp,
    },
    /// The agent is gone: back to the queue with it (R16).
    Release {
        /// Who.
        agent: AgentId,
        /// The agent's sequence number.
        sequence: u64,
    },
    /// The agent is done with it.
    Finish {
        /// Who.
        agent: AgentId,
    },
    /// The queue sends it away.
    Depart {
        /// Where to.
        exit: Exit,
        /// Its place there.
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
    /// It waits.
    Requested {
        /// Its id.
        id: TaskId,
        /// What it is.
        channel: Channel,
        /// Where.
        queue: QueueId,
        /// Its age.
        arrived_at: Timestamp,
    },
    /// It is in an inbox.
    Allocated {
        /// Whose.
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
        /// Since when.
        at: Timestamp,
    },
    /// It is put aside.
    Parked {
        /// The agent's sequence number.
        sequence: u64,
        /// Since when.
        at: Timestamp,
    },
    /// It waits again, with its age.
    Requeued {
        /// Who did not activate it in time, and until when it is not pushed to them; `None`: its agent is gone.
        missed: Option<(AgentId, Timestamp)>,
        /// When.
        at: Timestamp,
    },
    /// It waits elsewhere.
    Moved {
        /// Where it waited.
        from: QueueId,
        /// Where it waits now.
        to: QueueId,
    },
    /// Nothing happens any more.
    Closed {
        /// Whether it was done.
        done: bool,
        /// When.
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
        self.state
    }

    /// The queue that it belongs to.
    pub fn queue(&self) -> QueueId {
        self.queue
    }

    /// When the customer first came.
    pub fn arrived_at(&self) -> Timestamp {
        self.arrived_at
    }

    /// Time spent on it.
    pub fn handling(&self) -> Stopwatch {
        self.handling
    }

    /// Whether it is in a queue, and has not been elsewhere since it had this place.
    fn waits_at(&self, place: u32) -> bool {
        self.state == State::Queued && place == self.place
    }

    /// Whose inbox it is in.
    pub fn agent(&self) -> Option<AgentId> {
        match self.state {
            State::New | State::Queued | State::Closed { .. } => None,
            State::Allocated { agent, .. } | State::Active { agent } | State::Parked { agent } => Some(agent),
        }
    }
}

impl Machine for Task {
    type Command = Command;
    type Event = Event;

    fn decide(&self, at: Timestamp, command: &Command) -> Result<Vec<Event>, Refusal> {
        Ok(match *command {
            Command::Request { .. } if self.state != State::New => vec![],
            Command::Request { id, channel, queue, arrived_at } => {
                vec![Event::Requested { id, channel, queue, arrived_at }]
            }
            Command::Allocate { agent, place, pushed } if self.waits_at(place) => {
                vec![Event::Allocated { agent, until: pushed.then(|| at + PUSH_LASTS) }]
            }
            Command::Allocate { agent, .. } => vec![Event::AllocationRefused { agent }],
            // Out of date, or from somebody who does not have it any more.
            Command::Activate { agent, sequence, .. }
            | Command::Park { agent, sequence, .. }
            | Command::Release { agent, sequence }
                if self.agent() != Some(agent) || sequence <= self.attention =>
            {
                vec![]
            }
            Command::Activate { sequence, at, .. } => vec![Event::Activated { sequence, at }],
            Command::Park { sequence, at, .. } => vec![Event::Parked { sequence, at }],
            Command::Release { .. } => vec![Event::Requeued { missed: None, at }],
            Command::Finish { agent } => {
                self.may_finish(agent)?;
                vec![Event::Closed { done: true, at, agent: Some(agent) }]
            }
            // It went elsewhere meanwhile.
            Command::Depart { place, .. } if !self.waits_at(place) => vec![],
            Command::Depart { exit: Exit::Move(to), .. } => vec![Event::Moved { from: self.queue, to: to.queue }],
            Command::Depart { exit: Exit::Refuse, .. } => vec![Event::Closed { done: false, at, agent: None }],
            Command::Restarted { down_since } => match self.state {
                State::New | State::Queued | State::Parked { .. } | State::Closed { .. } => vec![],
                State::Allocated { .. } | State::Active { .. } => vec![Event::Restarted { down_since, at }],
            },
            Command::Due(deadline) => match self.state {
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
            Event::Requested { id, channel, queue, arrived_at } => {
                *self = Task { id, channel, queue, arrived_at, place: 1, state: State::Queued, ..Task::default() };
            }
            Event::Allocated { agent, until } => {
                self.place += 1;
                self.attention = 0;
                self.state = State::Allocated { agent, until };
            }
            Event::AllocationRefused { .. } => {}
            Event::Activated { sequence, at } => {
                self.attention = sequence;
                if let Some(agent) = self.agent() {
                    self.state = State::Active { agent };
                    self.handling.start(at);
                }
            }
            Event::Parked { sequence, at } => {
                self.attention = sequence;
                if let Some(agent) = self.agent() {
                    self.state = State::Parked { agent };
                    self.handling.stop(at);
                }
            }
            Event::Requeued { missed, at } => {
                self.place += 1;
                self.handling.stop(at);
                self.declined.retain(|_, until| *until > at);
                self.declined.extend(missed);
                self.state = State::Queued;
            }
            Event::Moved { to, .. } => {
                self.place += 1;
                self.queue = to;
            }
            Event::Closed { done, at, .. } => {
                self.place += 1;
                self.handling.stop(at);
                self.state = State::Closed { done };
            }
            Event::Restarted { down_since, at } => {
                self.handling.leave_out(down_since, at);
                if let State::Allocated { until: Some(until), .. } = &mut self.state {
                    *until = at + PUSH_LASTS;
                }
            }
        }
    }

    fn react(&self, event: &Event) -> Vec<Effect> {
        let item = ItemId::Task(self.id);
        let enqueue = || {
            let (channel, arrived_at, place) = (self.channel, self.arrived_at, self.place);
            let (declined, away) = (self.declined.clone(), false);
            let command = queue::Command::Enqueue {
                item,
                channel,
                arrived_at,
                place,
                attempts: 0,
                preferred: None,
                declined,
                away,
            };
            tell_queue(self.queue, command)
        };
        let leave = |queue| tell_queue(queue, queue::Command::Leave { item, place: self.place });
        match *event {
            Event::Requested { .. } => vec![enqueue()],
            Event::Requeued { missed, .. } => {
                let left = |(agent, _)| tell_agent(agent, agent::Command::Left { item, missed: true });
                missed.map(left).into_iter().chain([enqueue()]).collect()
            }
            Event::Allocated { agent, until } => {
                let kept = agent::Kept { exclusive: false, wrap_up: false, pushed: until.is_some() };
                vec![leave(self.queue), tell_agent(agent, agent::Command::Allocated { item, kept })]
            }
            Event::AllocationRefused { agent } => vec![tell_agent(agent, agent::Command::NotAllocated { item })],
            Event::Closed { agent: Some(agent), .. } => {
                vec![tell_agent(agent, agent::Command::Left { item, missed: false })]
            }
            Event::Closed { agent: None, .. } => vec![leave(self.queue)],
            Event::Moved { from, .. } => vec![leave(from), enqueue()],
            Event::Activated { .. } | Event::Parked { .. } | Event::Restarted { .. } => vec![],
        }
    }

    fn deadline(&self) -> Option<Timestamp> {
        match self.state {
            State::Allocated { until, .. } => until,
            State::New | State::Queued | State::Active { .. } | State::Parked { .. } | State::Closed { .. } => None,
        }
    }

    fn due(deadline: Timestamp) -> Command {
        Command::Due(deadline)
    }

    fn is_over(&self) -> bool {
        matches!(self.state, State::Closed { .. })
    }
}
