//! The call: its legs, and who hung up.
//! It never decides who gets it, and never calls itself connected: only the agent's word does that.

use crate::id::{AgentId, CallId, ItemId, OfferId, QueueId};
use crate::message::{Effect, Signal, tell_agent, tell_queue};
use crate::queue::Outcome;
use crate::time::Timestamp;
use crate::{Machine, Refusal, agent, queue};
use serde::{Deserialize, Serialize};

/// A phone call from its arrival to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Call {
    id: CallId,
    queue: QueueId,
    arrived_at: Timestamp,
    attempts: u32,
    state: State,
}

/// Where a call stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Not arrived yet.
    #[default]
    New,
    /// The caller waits.
    Queued,
    /// The caller waits and an agent's phone rings.
    Ringing {
        /// For which offer.
        offer: OfferId,
    },
    /// The phone has answered; the agent's word is awaited.
    Answered {
        /// For which offer.
        offer: OfferId,
    },
    /// Both talk.
    Connected {
        /// Since the agent answered this offer.
        offer: OfferId,
        /// Since when.
        since: Timestamp,
    },
    /// Over.
    Ended {
        /// Why.
        by: Ending,
    },
}

/// Who or what ended a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The caller hung up.
    Caller,
    /// The agent hung up.
    Agent,
    /// The daemon stopped in an orderly way.
    DaemonStopped,
    /// The daemon was restarted: its sockets and media are gone.
    DaemonRestarted,
}

/// All that can be asked of a call.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// The caller's INVITE came; the dialled number selected the queue.
    Arrive {
        /// This call's id.
        id: CallId,
        /// Where it waits.
        queue: QueueId,
    },
    /// The agent has reserved themselves: let the phone ring.
    Ring {
        /// For which offer.
        offer: OfferId,
    },
    /// The agent's reservation is over: stop ringing.
    StopRinging {
        /// For which offer.
        offer: OfferId,
    },
    /// The agent's word: connected.
    Connect {
        /// For which offer.
        offer: OfferId,
    },
    /// The agent's phone answered (200 OK).
    PhoneAnswered {
        /// For which offer.
        offer: OfferId,
    },
    /// The agent's phone did not take the call.
    PhoneFailed {
        /// For which offer.
        offer: OfferId,
        /// Declined, busy or unreachable.
        outcome: Outcome,
    },
    /// The agent's phone hung up.
    PhoneHungUp {
        /// For which offer.
        offer: OfferId,
    },
    /// The caller hung up, or their leg died.
    CallerHungUp,
    /// The agent hangs up on the screen.
    HangUp {
        /// Who.
        agent: AgentId,
    },
    /// The daemon stops in an orderly way: nobody is left to carry the call on.
    DaemonStops,
    /// The daemon was restarted.
    Restarted,
}

/// All that can happen to a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// It arrived.
    Arrived {
        /// Its id.
        id: CallId,
        /// Where it waits.
        queue: QueueId,
        /// When.
        at: Timestamp,
    },
    /// A phone rings.
    Rang {
        /// For which offer.
        offer: OfferId,
    },
    /// A phone rings no more; the call waits on.
    RingingStopped {
        /// For which offer.
        offer: OfferId,
    },
    /// The phone answered; the agent is asked to commit.
    PhoneAnswered {
        /// For which offer.
        offer: OfferId,
    },
    /// The phone did not take the call; the agent is told.
    PhoneFailed {
        /// For which offer.
        offer: OfferId,
        /// How.
        outcome: Outcome,
    },
    /// Both talk.
    Connected {
        /// By which offer.
        offer: OfferId,
        /// Since when.
        at: Timestamp,
    },
    /// The agent's word came for a leg that is dead: the agent is told that it is over.
    OfferVoid {
        /// Which offer.
        offer: OfferId,
        /// Whether the call has to go back into its queue.
        requeue: bool,
    },
    /// It is over.
    Ended {
        /// Who or what ended it.
        by: Ending,
        /// When.
        at: Timestamp,
        /// The offer that rang or was connected.
        offer: Option<OfferId>,
    },
}

impl Call {
    /// Where it stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// Where it waits or waited.
    pub fn queue(&self) -> QueueId {
        self.queue
    }

    /// When it came.
    pub fn arrived_at(&self) -> Timestamp {
        self.arrived_at
    }

    fn offer(&self) -> Option<OfferId> {
        match self.state {
            State::New | State::Queued | State::Ended { .. } => None,
            State::Ringing { offer } | State::Answered { offer } | State::Connected { offer, .. } => Some(offer),
        }
    }

    fn end(&self, at: Timestamp, by: Ending) -> Vec<Event> {
        match self.state {
            State::New | State::Ended { .. } => vec![],
            State::Queued | State::Ringing { .. } | State::Answered { .. } | State::Connected { .. } => {
                vec![Event::Ended { by, at, offer: self.offer() }]
            }
        }
    }
}

impl Machine for Call {
    type Command = Command;
    type Event = Event;

    fn decide(&self, at: Timestamp, command: &Command) -> Result<Vec<Event>, Refusal> {
        Ok(match (self.state, command) {
            (State::New, Command::Arrive { id, queue }) => vec![Event::Arrived { id: *id, queue: *queue, at }],
            (_, Command::Arrive { .. }) => vec![],

            (State::Queued, Command::Ring { offer }) if offer.attempt > self.attempts => {
                vec![Event::Rang { offer: *offer }]
            }
            // There is a newer offer only because the older one's agent has let go: that word is still on its way.
            (State::Ringing { offer: o } | State::Answered { offer: o }, Command::Ring { offer })
                if offer.attempt > o.attempt =>
            {
                vec![Event::RingingStopped { offer: o }, Event::Rang { offer: *offer }]
            }
            // A leg that is dead, or another one that lives: whoever reserved themselves is let go.
            (_, Command::Ring { offer }) if self.offer() != Some(*offer) => {
                vec![Event::OfferVoid { offer: *offer, requeue: false }]
            }
            (_, Command::Ring { .. }) => vec![],

            (State::Ringing { offer: o } | State::Answered { offer: o }, Command::StopRinging { offer })
                if o == *offer =>
            {
                vec![Event::RingingStopped { offer: *offer }]
            }
            (_, Command::StopRinging { .. }) => vec![],

            (State::Ringing { offer: o }, Command::PhoneAnswered { offer }) if o == *offer => {
                vec![Event::PhoneAnswered { offer: *offer }]
            }
            (_, Command::PhoneAnswered { .. }) => vec![],

            (State::Ringing { offer: o }, Command::PhoneFailed { offer, outcome }) if o == *offer => {
                vec![Event::PhoneFailed { offer: *offer, outcome: *outcome }]
            }
            (_, Command::PhoneFailed { .. }) => vec![],

            (State::Answered { offer: o }, Command::Connect { offer }) if o == *offer => {
                vec![Event::Connected { offer: *offer, at }]
            }
            // The agent took it out of the queue, and the phone hung up before the word came: the caller waits on.
            (State::Queued, Command::Connect { offer }) => vec![Event::OfferVoid { offer: *offer, requeue: true }],
            (
                State::New | State::Ringing { .. } | State::Answered { .. } | State::Ended { .. },
                Command::Connect { offer },
            ) => vec![Event::OfferVoid { offer: *offer, requeue: false }],
            (State::Connected { .. }, Command::Connect { .. }) => vec![],

            (State::Answered { offer: o } | State::Ringing { offer: o }, Command::PhoneHungUp { offer })
                if o == *offer =>
            {
                vec![Event::PhoneFailed { offer: *offer, outcome: Outcome::Declined }]
            }
            (State::Connected { offer: o, .. }, Command::PhoneHungUp { offer }) if o == *offer => {
                self.end(at, Ending::Agent)
            }
            (_, Command::PhoneHungUp { .. }) => vec![],

            (_, Command::CallerHungUp) => self.end(at, Ending::Caller),

            (State::Connected { offer, .. }, Command::HangUp { agent }) if offer.agent == *agent => {
                self.end(at, Ending::Agent)
            }
            (_, Command::HangUp { .. }) => return Err(Refusal::NotYours),

            (_, Command::DaemonStops) => self.end(at, Ending::DaemonStopped),
            (_, Command::Restarted) => self.end(at, Ending::DaemonRestarted),
        })
    }

    fn apply(&mut self, event: &Event) {
        match *event {
            Event::Arrived { id, queue, at } => {
                *self = Call { id, queue, arrived_at: at, attempts: 0, state: State::Queued };
            }
            Event::Rang { offer } => {
                self.attempts = offer.attempt;
                self.state = State::Ringing { offer };
            }
            Event::PhoneAnswered { offer } => self.state = State::Answered { offer },
            Event::RingingStopped { .. } | Event::PhoneFailed { .. } => self.state = State::Queued,
            Event::OfferVoid { offer, requeue } => {
                if requeue {
                    self.attempts = self.attempts.max(offer.attempt);
                }
            }
            Event::Connected { offer, at } => self.state = State::Connected { offer, since: at },
            Event::Ended { by, .. } => self.state = State::Ended { by },
        }
    }

    fn react(&self, event: &Event) -> Vec<Effect> {
        let signal = |signal| Effect::Signal(self.id, signal);
        let enqueue = || {
            let item = ItemId::Call(self.id);
            let (arrived_at, attempts) = (self.arrived_at, self.attempts);
            tell_queue(self.queue, queue::Command::Enqueue { item, arrived_at, place: 0, attempts })
        };
        let over = |offer: OfferId| tell_agent(offer.agent, agent::Command::Over { offer });
        match *event {
            Event::Arrived { .. } => vec![signal(Signal::Welcome), enqueue()],
            Event::Rang { offer } => vec![signal(Signal::Ring(offer))],
            Event::RingingStopped { offer } => vec![signal(Signal::StopRinging(offer))],
            Event::PhoneAnswered { offer } => vec![tell_agent(offer.agent, agent::Command::Commit { offer })],
            Event::PhoneFailed { offer, outcome } => {
                vec![tell_agent(offer.agent, agent::Command::PhoneFailed { offer, outcome })]
            }
            Event::Connected { offer, .. } => vec![signal(Signal::Connect(offer))],
            Event::OfferVoid { offer, requeue: false } => vec![over(offer)],
            Event::OfferVoid { offer, requeue: true } => vec![over(offer), enqueue()],
            Event::Ended { by, offer, .. } => {
                let clear = match by {
                    Ending::Caller | Ending::Agent | Ending::DaemonStopped => Signal::Clear,
                    Ending::DaemonRestarted => Signal::ClearStored,
                };
                let leave = queue::Command::Leave { item: ItemId::Call(self.id), place: 0 };
                let mut effects = vec![signal(clear), tell_queue(self.queue, leave)];
                effects.extend(offer.map(over));
                effects
            }
        }
    }

    /// None: whoever rings is the agent's concern, whoever talks hangs up at some time, and the user agent notices
    /// a dead leg.
    fn deadline(&self) -> Option<Timestamp> {
        None
    }

    fn due(_: Timestamp) -> Command {
        unreachable!("a call has no deadline")
    }

    fn is_over(&self) -> bool {
        matches!(self.state, State::Ended { .. })
    }
}
