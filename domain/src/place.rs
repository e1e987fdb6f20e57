//! Where an item is and whose it is: what of it is the same for calls, chats and tasks, and how it comes back to a queue with
//! its age. It says nothing about what goes on with the item there.

use crate::Refusal;
use crate::chat::ParkedBy;
use crate::id::{AgentId, ContactId, ItemId, QueueId};
use crate::message::{Effect, tell_queue};
use crate::queue::{self, Arrival, Channel};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An item's place among those that wait.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Place {
    /// The queue that it waits in or belongs to.
    pub(crate) queue: QueueId,
    /// When the customer first came: its age.
    pub(crate) arrived_at: Timestamp,
    /// Which of its places this is: it grows with every move, so that news of an earlier one is known. Calls have 0: of
    /// them the number of the offer says the same.
    pub(crate) nth: u32,
    /// Who is not to be asked again, and until when.
    declined: BTreeMap<AgentId, Timestamp>,
    /// Who the customer is, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) contact: Option<ContactId>,
}

/// Who says who the customer of an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Identifier {
    /// The number that calls: one contact has it. Nobody's own word is changed by that.
    Number,
    /// The id that the company's website proved of its visitor: one contact has it. Nobody's own word is changed by that.
    Proof,
    /// An agent who has the item, or had it.
    Agent(AgentId),
    /// Somebody who supervises.
    Supervisor(AgentId),
}

impl Place {
    pub(crate) fn of_a_call(queue: QueueId, arrived_at: Timestamp) -> Place {
        Place { queue, arrived_at, ..Place::default() }
    }

    pub(crate) fn new(queue: QueueId, arrived_at: Timestamp) -> Place {
        Place { nth: 1, ..Place::of_a_call(queue, arrived_at) }
    }

    /// Whether it is news that the customer is this contact, or nobody who is known.
    ///
    /// # Errors
    /// When an agent says so who has nothing to do with it.
    pub(crate) fn is_identified(
        &self,
        contact: Option<ContactId>,
        by: Identifier,
        is_theirs: impl Fn(AgentId) -> bool,
    ) -> Result<bool, Refusal> {
        match by {
            Identifier::Number | Identifier::Proof => Ok(self.contact.is_none() && contact.is_some()),
            Identifier::Agent(agent) if !is_theirs(agent) => Err(Refusal::NotYours),
            Identifier::Agent(_) | Identifier::Supervisor(_) => Ok(self.contact != contact),
        }
    }

    /// It goes to another place, be it an inbox, a queue, or its end.
    pub(crate) fn moves(&mut self) {
        self.nth += 1;
    }

    /// It goes to a queue that is another one.
    pub(crate) fn moves_to(&mut self, queue: QueueId) {
        self.moves();
        self.queue = queue;
    }

    /// Somebody is not to be asked again for a while; who may be by now is forgotten.
    pub(crate) fn not_again(&mut self, until: Option<(AgentId, Timestamp)>, at: Timestamp) {
        self.declined.retain(|_, until| *until > at);
        self.declined.extend(until);
    }

    /// The item as its queue gets it.
    pub(crate) fn arrival(&self, item: ItemId, channel: Channel) -> Arrival {
        let declined = self.declined.clone();
        Arrival { place: self.nth, declined, ..Arrival::new(item, channel, self.arrived_at) }
    }

    pub(crate) fn enqueue(&self, arrival: Arrival) -> Effect {
        tell_queue(self.queue, queue::Command::Enqueue(arrival))
    }

    pub(crate) fn leave(&self, queue: QueueId, item: ItemId) -> Effect {
        tell_queue(queue, queue::Command::Leave { item, place: self.nth })
    }
}

/// Where a chat or a task is, and what became of it once it is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Whereabouts<E> {
    /// Nowhere yet.
    #[default]
    Nowhere,
    /// In its queue.
    Queue {
        /// When it came there.
        since: Timestamp,
    },
    /// In an inbox.
    Inbox {
        /// The agent whose inbox it is.
        agent: AgentId,
        /// Whether it is attended to.
        stance: Stance,
        /// The agent's sequence number of their last word about it: an older one is out of date.
        attention: u64,
    },
    /// Nowhere any more.
    Over(E),
}

/// Whether an item in an inbox is attended to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stance {
    /// Its agent has not turned to it yet.
    Allocated {
        /// It was given to them without their asking.
        pushed: bool,
        /// When it came into the inbox.
        since: Timestamp,
    },
    /// Its agent attends to it.
    Active,
    /// It is put aside.
    Parked {
        /// The agent themselves, or a call that interrupted it.
        by: ParkedBy,
        /// When it was put aside.
        since: Timestamp,
    },
}

impl<E: Copy> Whereabouts<E> {
    /// Whose inbox it is in.
    pub(crate) fn agent(self) -> Option<AgentId> {
        match self {
            Whereabouts::Inbox { agent, .. } => Some(agent),
            Whereabouts::Nowhere | Whereabouts::Queue { .. } | Whereabouts::Over(_) => None,
        }
    }

    pub(crate) fn waits(self) -> bool {
        matches!(self, Whereabouts::Queue { .. })
    }

    pub(crate) fn is_over(self) -> bool {
        matches!(self, Whereabouts::Over(_))
    }

    /// Whether a word of an agent about their attention is out of date, or theirs no more.
    pub(crate) fn is_old_news(self, from: AgentId, sequence: u64) -> bool {
        match self {
            Whereabouts::Inbox { agent, attention, .. } => agent != from || sequence <= attention,
            Whereabouts::Nowhere | Whereabouts::Queue { .. } | Whereabouts::Over(_) => true,
        }
    }

    pub(crate) fn allocated(agent: AgentId, pushed: bool, since: Timestamp) -> Whereabouts<E> {
        Whereabouts::Inbox { agent, stance: Stance::Allocated { pushed, since }, attention: 0 }
    }

    pub(crate) fn stance_mut(&mut self) -> Option<&mut Stance> {
        match self {
            Whereabouts::Inbox { stance, .. } => Some(stance),
            Whereabouts::Nowhere | Whereabouts::Queue { .. } | Whereabouts::Over(_) => None,
        }
    }

    /// The agent's word is taken note of. How it stood before; `None` if it is in no inbox.
    pub(crate) fn turn(&mut self, sequence: u64, now: impl FnOnce(Stance) -> Stance) -> Option<Stance> {
        match self {
            Whereabouts::Inbox { stance, attention, .. } => {
                let before = *stance;
                (*stance, *attention) = (now(before), sequence);
                Some(before)
            }
            Whereabouts::Nowhere | Whereabouts::Queue { .. } | Whereabouts::Over(_) => None,
        }
    }
}
