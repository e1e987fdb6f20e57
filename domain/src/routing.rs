//! The board: one per company, it matches the calls that wait with the agents who may be asked.
//! It only proposes. It holds nothing that is not derived from the machines, so it is rebuilt from them at start.

use crate::Machine as _;
use crate::agent::Agent;
use crate::chat::Chat;
use crate::id::{AgentId, CallId, ChatId, ItemId, OfferId, QueueId};
use crate::queue::{self, Queue};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How much a call interrupts. Lower comes first: a busy agent is asked only if no free one can be (R9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Nothing is active.
    Free,
    /// A chat is active in which the agent wrote last: it is the visitor's turn.
    ChatAnswered,
    /// A chat is active in which the visitor waits for an answer, or nothing was written yet.
    ChatWaiting,
}

/// What a call would push aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Interruption {
    /// Nothing.
    Nothing,
    /// This chat.
    Chat(ChatId),
}

/// A match: this call is to be offered to this agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The queue in which the call waits.
    pub queue: QueueId,
    /// The call.
    pub call: CallId,
    /// The agent.
    pub agent: AgentId,
    /// The agent's tier now.
    pub tier: Tier,
}

impl Proposal {
    /// The proposal as the queue gets it.
    pub fn command(&self) -> queue::Command {
        queue::Command::Propose { call: self.call, agent: self.agent, tier: self.tier }
    }
}

/// In which order agents are asked: by tier, then whose chat was interrupted least often, then who was idle (in the
/// tiers of chats: without a call) for longest, then by id.
type Rank = (Tier, u32, Timestamp, AgentId);

/// What matters of a chat that may be interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Attended {
    agent: AgentId,
    tier: Tier,
    preemptions: u32,
}

/// In which order calls are served: oldest first, then by id.
type Age = (Timestamp, CallId);

/// The board of one company.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Board {
    serves: BTreeMap<AgentId, BTreeSet<QueueId>>,
    ranks: BTreeMap<AgentId, Rank>,
    interruptible: BTreeMap<AgentId, (Interruption, Timestamp)>,
    attended: BTreeMap<ChatId, Attended>,
    candidates: BTreeMap<QueueId, BTreeSet<Rank>>,
    ages: BTreeMap<(QueueId, CallId), Age>,
    waiting: BTreeMap<QueueId, BTreeSet<Age>>,
    declined: BTreeMap<(QueueId, CallId), BTreeSet<AgentId>>,
    places: BTreeMap<ItemId, (QueueId, u32)>,
    asked: BTreeMap<AgentId, Asked>,
    proposed: BTreeSet<CallId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Asked {
    /// Proposed; the queue has not said yet that it offers.
    Proposed(CallId),
    /// An offer is on its way, or rings.
    Offered(OfferId),
}

impl Board {
    /// Which queues an agent serves, by the administrator's word.
    pub fn assign(&mut self, agent: AgentId, queues: BTreeSet<QueueId>) {
        let rank = self.ranks.get(&agent).copied();
        self.withdraw(agent);
        self.serves.insert(agent, queues);
        if let Some(rank) = rank {
            self.enter(agent, rank);
        }
    }

    /// Which queues an agent serves.
    pub fn serves(&self, agent: AgentId) -> impl Iterator<Item = QueueId> {
        self.serves.get(&agent).into_iter().flatten().copied()
    }

    /// Takes note of an agent's state. To be called in the turn that changed it.
    pub fn see_agent(&mut self, id: AgentId, agent: &Agent) {
        self.withdraw(id);
        self.interruptible.remove(&id);
        if let Some(interruption) = agent.interruption() {
            let since = match interruption {
                Interruption::Nothing => agent.idle_since(),
                Interruption::Chat(_) => agent.last_call_at(),
            };
            self.interruptible.insert(id, (interruption, since));
            self.enter(id, self.rank(id, interruption, since));
        }
    }

    /// Takes note of a chat's state. To be called in the turn that changed it.
    pub fn see_chat(&mut self, id: ChatId, chat: &Chat) {
        let now = chat.agent().map(|agent| Attended { agent, tier: chat.tier(), preemptions: chat.preemptions() });
        let before = match now {
            Some(now) => self.attended.insert(id, now),
            None => self.attended.remove(&id),
        };
        if now == before {
            return;
        }
        for agent in [before, now].into_iter().flatten().map(|attended| attended.agent) {
            if let Some((interruption @ Interruption::Chat(chat), since)) = self.interruptible.get(&agent).copied()
                && chat == id
            {
                self.withdraw(agent);
                self.enter(agent, self.rank(agent, interruption, since));
            }
        }
    }

    fn rank(&self, agent: AgentId, interruption: Interruption, since: Timestamp) -> Rank {
        match interruption {
            Interruption::Nothing => (Tier::Free, 0, since, agent),
            // Over already, and its agent has not heard of it: the worst is assumed.
            Interruption::Chat(chat) => match self.attended.get(&chat) {
                Some(attended) => (attended.tier, attended.preemptions, since, agent),
                None => (Tier::ChatWaiting, 0, since, agent),
            },
        }
    }

    /// Takes note of one item of a queue, whether it waits there or not. To be called in the turn that changed it.
    pub fn see_item(&mut self, queue: QueueId, item: ItemId, waiting: Option<&queue::Waiting>) {
        match waiting {
            Some(waiting) => {
                self.places.insert(item, (queue, waiting.place));
            }
            None if self.places.get(&item).is_some_and(|(place, _)| *place == queue) => {
                self.places.remove(&item);
            }
            None => {}
        }
        let ItemId::Call(call) = item else { return };
        if let Some(age) = self.ages.remove(&(queue, call)) {
            self.waiting.entry(queue).or_default().remove(&age);
        }
        self.declined.remove(&(queue, call));
        let offered = waiting.and_then(|waiting| waiting.offered);
        self.asked.retain(|_, asked| match asked {
            Asked::Offered(offer) => offer.call != call || Some(*offer) == offered,
            Asked::Proposed(_) => true,
        });
        let Some(waiting) = waiting else { return };
        if let Some(offer) = offered {
            self.asked.insert(offer.agent, Asked::Offered(offer));
            return;
        }
        if !waiting.declined.is_empty() {
            self.declined.insert((queue, call), waiting.declined.keys().copied().collect());
        }
        let age = (waiting.arrived_at, call);
        self.ages.insert((queue, call), age);
        self.waiting.entry(queue).or_default().insert(age);
    }

    /// The queue has dealt with a proposal, offering or not.
    pub fn proposal_done(&mut self, call: CallId) {
        self.proposed.remove(&call);
        self.asked.retain(|_, asked| *asked != Asked::Proposed(call));
    }

    /// Where an item waits: the queue, and the number of its place.
    pub fn place(&self, item: ItemId) -> Option<(QueueId, u32)> {
        self.places.get(&item).copied()
    }

    /// The next match, noted as proposed until [`Board::proposal_done`]; `None` when no waiting call has anybody to
    /// be offered to. The oldest call for which there is somebody comes first.
    pub fn propose(&mut self) -> Option<Proposal> {
        let proposal = self
            .waiting
            .iter()
            .filter_map(|(queue, calls)| self.first_match(*queue, calls))
            .min_by_key(|(age, _)| *age)
            .map(|(_, proposal)| proposal)?;
        self.proposed.insert(proposal.call);
        self.asked.insert(proposal.agent, Asked::Proposed(proposal.call));
        Some(proposal)
    }

    fn first_match(&self, queue: QueueId, calls: &BTreeSet<Age>) -> Option<(Age, Proposal)> {
        let candidates = self.candidates.get(&queue).filter(|candidates| !candidates.is_empty())?;
        calls.iter().filter(|(_, call)| !self.proposed.contains(call)).find_map(|age| {
            let call = age.1;
            let declined = self.declined.get(&(queue, call));
            let may_be_asked = |agent: &AgentId| {
                !self.asked.contains_key(agent) && !declined.is_some_and(|declined| declined.contains(agent))
            };
            let (tier, _, _, agent) = *candidates.iter().find(|(_, _, _, agent)| may_be_asked(agent))?;
            Some((*age, Proposal { queue, call, agent, tier }))
        })
    }

    fn enter(&mut self, agent: AgentId, rank: Rank) {
        self.ranks.insert(agent, rank);
        for queue in self.serves.get(&agent).into_iter().flatten() {
            self.candidates.entry(*queue).or_default().insert(rank);
        }
    }

    fn withdraw(&mut self, agent: AgentId) {
        let Some(rank) = self.ranks.remove(&agent) else { return };
        for queue in self.serves.get(&agent).into_iter().flatten() {
            if let Some(candidates) = self.candidates.get_mut(queue) {
                candidates.remove(&rank);
            }
        }
    }
}

/// Which items of a queue an event touched.
pub fn touched(event: &queue::Event) -> Option<ItemId> {
    match *event {
        queue::Event::Configured { .. } => None,
        queue::Event::Enqueued { item, .. } | queue::Event::Left { item } => Some(item),
        queue::Event::Offered { offer, .. } | queue::Event::Returned { offer, .. } => Some(ItemId::Call(offer.call)),
        queue::Event::DeclineExpired { call, .. } => Some(ItemId::Call(call)),
    }
}

impl Board {
    /// Takes note of all items of a queue, at start.
    pub fn see_queue(&mut self, id: QueueId, queue: &Queue) {
        debug_assert!(!queue.is_over());
        for (item, waiting) in queue.waiting() {
            self.see_item(id, item, Some(waiting));
        }
    }
}
