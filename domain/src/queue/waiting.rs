//! What waits in a queue, and when something of it ends by itself.

use super::{Arrival, Exit};
use crate::id::{AgentId, ItemId, OfferId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeMap;
use std::ops::Deref;

/// An item in the queue.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Waiting {
    /// As it arrived, with what was learnt since: how often it was offered, who declined, who is away.
    pub arrival: Arrival,
    /// Who is being asked at the moment.
    pub asked: Asked,
    /// How long it may wait here.
    pub until: Option<Timestamp>,
    /// It is on its way out: nobody is asked any more.
    pub exit: Option<Exit>,
}

impl Waiting {
    /// Who is being asked at the moment.
    pub fn asked(&self) -> Option<AgentId> {
        self.asked.agent()
    }
}

/// Who is being asked about an item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// Nobody: it waits for a match, or may not be offered.
    #[default]
    Nobody,
    /// A call was offered.
    Offered {
        /// The offer that rings, or is on its way to the agent.
        offer: OfferId,
        /// When it is taken back; `None`: that was asked for already.
        guard: Option<Timestamp>,
    },
    /// A chat or task is being given to somebody.
    Pushed {
        /// The agent whose answer is awaited.
        agent: AgentId,
    },
}

impl Asked {
    /// The call's offer in flight.
    pub fn offer(self) -> Option<OfferId> {
        match self {
            Asked::Offered { offer, .. } => Some(offer),
            Asked::Nobody | Asked::Pushed { .. } => None,
        }
    }

    /// Who is asked.
    pub fn agent(self) -> Option<AgentId> {
        match self {
            Asked::Nobody => None,
            Asked::Offered { offer, .. } => Some(offer.agent),
            Asked::Pushed { agent } => Some(agent),
        }
    }
}

/// What waits, by item. Beside it, how much of it ends at which time: the next deadline is found however many wait.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(from = "BTreeMap<ItemId, Waiting>")]
pub(super) struct Line {
    items: BTreeMap<ItemId, Waiting>,
    ends: BTreeMap<Timestamp, u32>,
}

impl Waiting {
    /// All that ends by itself: the time that it may wait, the offer, what was declined.
    fn deadlines(&self) -> impl Iterator<Item = Timestamp> {
        let guard = match self.asked {
            Asked::Offered { guard, .. } => guard,
            Asked::Nobody | Asked::Pushed { .. } => None,
        };
        self.arrival.declined.values().copied().chain(guard).chain(self.until)
    }
}

impl Line {
    /// All times at which something ends, the first one first.
    pub fn deadlines(&self) -> impl Iterator<Item = Timestamp> {
        self.ends.keys().copied()
    }

    /// In the place of one that waits under the same name.
    pub fn insert(&mut self, waiting: Waiting) {
        self.remove(waiting.arrival.item);
        for at in waiting.deadlines() {
            *self.ends.entry(at).or_default() += 1;
        }
        self.items.insert(waiting.arrival.item, waiting);
    }

    pub fn remove(&mut self, item: ItemId) -> Option<Waiting> {
        let waiting = self.items.remove(&item)?;
        for at in waiting.deadlines() {
            if let Some(count) = self.ends.get_mut(&at) {
                *count -= 1;
                if *count == 0 {
                    self.ends.remove(&at);
                }
            }
        }
        Some(waiting)
    }
}

impl Deref for Line {
    type Target = BTreeMap<ItemId, Waiting>;

    fn deref(&self) -> &BTreeMap<ItemId, Waiting> {
        &self.items
    }
}

impl From<BTreeMap<ItemId, Waiting>> for Line {
    fn from(items: BTreeMap<ItemId, Waiting>) -> Line {
        let mut line = Line::default();
        items.into_values().for_each(|waiting| line.insert(waiting));
        line
    }
}

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.items.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Channel;
    use super::*;
    use crate::id::CallId;

    #[test]
    fn deadlines_are_those_of_what_waits_and_survive_a_snapshot() {
        let waiting = |number, until| {
            let item = ItemId::Call(CallId(number));
            let arrival = Arrival::new(item, Channel::Call, Timestamp(1));
            Waiting { arrival, asked: Asked::Nobody, until: Some(Timestamp(until)), exit: None }
        };
        let mut line = Line::default();
        for (number, until) in [(1, 30), (2, 10), (3, 10)] {
            line.insert(waiting(number, until));
        }
        let deadlines = |line: &Line| line.deadlines().map(|at| at.0).collect::<Vec<_>>();
        assert_eq!(deadlines(&line), [10, 30]);
        line.remove(ItemId::Call(CallId(2)));
        assert_eq!(deadlines(&line), [10, 30], "the third ends at the same time");
        line.insert(waiting(3, 20));
        assert_eq!(deadlines(&line), [20, 30], "another one in its place");
        let restored: Line = serde_json::from_str(&serde_json::to_string(&line).unwrap()).unwrap();
        assert_eq!(restored, line);
    }
}
