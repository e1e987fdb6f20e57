//! The queue: what waits in it, and which call is offered to whom.
//! It never chooses an agent (the board proposes) and never frees an offered call by itself (the agent does).

use crate::id::{AgentId, CallId, ItemId, OfferId};
use crate::message::{Effect, tell_agent};
use crate::routing::Tier;
use crate::time::{Span, Timestamp};
use crate::{Machine, Refusal, agent};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How long a call is not offered again to an agent who declined it.
pub const DECLINE_HOLDS: Span = Span::seconds(60);

/// A queue of calls and chats (R3, R19).
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Queue {
    id: crate::id::QueueId,
    waiting: BTreeMap<ItemId, Waiting>,
}

/// An item in the queue.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Waiting {
    /// When the caller or visitor first arrived: kept over moves and returns, it is the item's age.
    pub arrived_at: Timestamp,
    /// The number of the chat's place; 0 for calls.
    pub place: u32,
    /// How often the call was offered so far.
    pub attempts: u32,
    /// The offer in flight.
    pub offered: Option<OfferId>,
    /// Who declined it, and until when they are not asked again.
    pub declined: BTreeMap<AgentId, Timestamp>,
}

/// All that can be asked of a queue.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// The queue exists.
    Configure(crate::id::QueueId),
    /// An item arrives, or comes back with its age. Never refused.
    Enqueue {
        /// Which.
        item: ItemId,
        /// When it first arrived.
        arrived_at: Timestamp,
        /// The number of the chat's place; 0 for calls.
        place: u32,
        /// How often the call was offered so far.
        attempts: u32,
    },
    /// The item is no longer here: the caller hung up, or the chat left this place.
    Leave {
        /// Which.
        item: ItemId,
        /// The place that it left; 0 for calls.
        place: u32,
    },
    /// The board's match: offer this call to this agent.
    Propose {
        /// Which call.
        call: CallId,
        /// Whom.
        agent: AgentId,
        /// In which tier the agent was when chosen.
        tier: Tier,
    },
    /// The agent freed the call that was offered: this is its one outcome.
    Released {
        /// Which offer.
        offer: OfferId,
        /// How it ended.
        outcome: Outcome,
    },
    /// The agent has answered: the call is out of the queue.
    Answered {
        /// Which offer.
        offer: OfferId,
    },
    /// A deadline passed.
    Due(Timestamp),
}

/// How an offer ended without a connected call. Each offer has exactly one outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The phone rang until the time was up.
    NoAnswer,
    /// Declined on the phone or on the screen.
    Declined,
    /// The phone was busy.
    Busy,
    /// The phone could not be reached.
    Unreachable,
    /// The caller hung up while it rang.
    CallerGone,
    /// Taken back: the agent logged out.
    Withdrawn,
    /// The agent was not free any more when the offer came.
    Refused,
}

/// All that can happen to a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The queue exists.
    Configured {
        /// Its id.
        id: crate::id::QueueId,
    },
    /// An item waits.
    Enqueued {
        /// Which.
        item: ItemId,
        /// Its age.
        arrived_at: Timestamp,
        /// The chat's place.
        place: u32,
        /// Offers so far.
        attempts: u32,
    },
    /// An item is gone.
    Left {
        /// Which.
        item: ItemId,
    },
    /// A call is offered to an agent.
    Offered {
        /// The offer.
        offer: OfferId,
        /// The tier in which the agent was chosen.
        tier: Tier,
    },
    /// The call waits again.
    Returned {
        /// The offer that is over.
        offer: OfferId,
        /// How it ended.
        outcome: Outcome,
        /// Until when this agent is not asked again for this call.
        not_again_until: Option<Timestamp>,
    },
    /// An agent who declined may be asked again.
    DeclineExpired {
        /// The call.
        call: CallId,
        /// The agent.
        agent: AgentId,
    },
}

impl Queue {
    /// What waits, by id; the order of service is the board's.
    pub fn waiting(&self) -> impl Iterator<Item = (ItemId, &Waiting)> {
        self.waiting.iter().map(|(item, waiting)| (*item, waiting))
    }

    /// One item.
    pub fn get(&self, item: ItemId) -> Option<&Waiting> {
        self.waiting.get(&item)
    }

    fn is_offered(&self, offer: OfferId) -> bool {
        self.waiting.get(&ItemId::Call(offer.call)).is_some_and(|waiting| waiting.offered == Some(offer))
    }
}

impl Machine for Queue {
    type Command = Command;
    type Event = Event;

    fn decide(&self, at: Timestamp, command: &Command) -> Result<Vec<Event>, Refusal> {
        Ok(match *command {
            Command::Configure(id) if id == self.id => vec![],
            Command::Configure(id) => vec![Event::Configured { id }],
            Command::Enqueue { item, arrived_at, place, attempts } => match self.waiting.get(&item) {
                // An older place: this news was overtaken.
                Some(waiting) if waiting.place > place || waiting.attempts > attempts => vec![],
                Some(_) | None => vec![Event::Enqueued { item, arrived_at, place, attempts }],
            },
            Command::Leave { item, place } => match self.waiting.get(&item) {
                Some(waiting) if waiting.place <= place => vec![Event::Left { item }],
                Some(_) | None => vec![],
            },
            Command::Propose { call, agent, tier } => match self.waiting.get(&ItemId::Call(call)) {
                Some(waiting) if waiting.offered.is_none() && !waiting.declined.contains_key(&agent) => {
                    let offer = OfferId { call, agent, attempt: waiting.attempts + 1 };
                    vec![Event::Offered { offer, tier }]
                }
                Some(_) | None => vec![],
            },
            Command::Released { offer, outcome } if self.is_offered(offer) => {
                let not_again_until = (outcome == Outcome::Declined).then(|| at + DECLINE_HOLDS);
                vec![Event::Returned { offer, outcome, not_again_until }]
            }
            Command::Answered { offer } if self.is_offered(offer) => {
                vec![Event::Left { item: ItemId::Call(offer.call) }]
            }
            // The caller is gone already: the offer ended with them.
            Command::Released { .. } | Command::Answered { .. } => vec![],
            Command::Due(deadline) => self
                .waiting
                .iter()
                .filter_map(|(item, waiting)| match item {
                    ItemId::Call(call) => Some((*call, waiting)),
                    ItemId::Chat(_) => None,
                })
                .flat_map(|(call, waiting)| waiting.declined.iter().map(move |(agent, until)| (call, *agent, *until)))
                .filter(|(_, _, until)| *until == deadline)
                .map(|(call, agent, _)| Event::DeclineExpired { call, agent })
                .collect(),
        })
    }

    fn apply(&mut self, event: &Event) {
        match *event {
            Event::Configured { id } => self.id = id,
            Event::Enqueued { item, arrived_at, place, attempts } => {
                let declined = self.waiting.remove(&item).map(|before| before.declined).unwrap_or_default();
                self.waiting.insert(item, Waiting { arrived_at, place, attempts, offered: None, declined });
            }
            Event::Left { item } => {
                self.waiting.remove(&item);
            }
            Event::Offered { offer, .. } => {
                if let Some(waiting) = self.waiting.get_mut(&ItemId::Call(offer.call)) {
                    waiting.offered = Some(offer);
                    waiting.attempts = offer.attempt;
                }
            }
            Event::Returned { offer, not_again_until, .. } => {
                if let Some(waiting) = self.waiting.get_mut(&ItemId::Call(offer.call)) {
                    waiting.offered = None;
                    if let Some(until) = not_again_until {
                        waiting.declined.insert(offer.agent, until);
                    }
                }
            }
            Event::DeclineExpired { call, agent } => {
                if let Some(waiting) = self.waiting.get_mut(&ItemId::Call(call)) {
                    waiting.declined.remove(&agent);
                }
            }
        }
    }

    fn react(&self, event: &Event) -> Vec<Effect> {
        match *event {
            Event::Offered { offer, tier } => {
                vec![tell_agent(offer.agent, agent::Command::Offer { offer, queue: self.id, tier })]
            }
            Event::Configured { .. }
            | Event::Enqueued { .. }
            | Event::Left { .. }
            | Event::Returned { .. }
            | Event::DeclineExpired { .. } => vec![],
        }
    }

    fn deadline(&self) -> Option<Timestamp> {
        self.waiting.values().flat_map(|waiting| waiting.declined.values()).min().copied()
    }

    fn due(deadline: Timestamp) -> Command {
        Command::Due(deadline)
    }

    fn is_over(&self) -> bool {
        false
    }
}
