//! What actors are known by: to each other, in the journal, and over all starts of the daemon.
//! Nothing is looked up here.

use crate::store::ActorNumber;
use domain::id::{AgentId, CallId, ChatId, ItemId, QueueId, TaskId};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// Which actor is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActorId {
    /// An agent.
    Agent(AgentId),
    /// A queue.
    Queue(QueueId),
    /// A chat.
    Chat(ChatId),
    /// A call.
    Call(CallId),
    /// A task.
    Task(TaskId),
}

impl ActorId {
    /// Its number in the journal: the id, and in the last three bits the kind.
    pub fn number(self) -> ActorNumber {
        let (id, kind) = match self {
            ActorId::Agent(id) => (id.0, 0),
            ActorId::Queue(id) => (id.0, 1),
            ActorId::Chat(id) => (id.0, 2),
            ActorId::Call(id) => (id.0, 3),
            ActorId::Task(id) => (id.0, 4),
        };
        ActorNumber((id << 3 | kind).cast_signed())
    }

    /// Which actor a number stands for.
    pub fn from_number(number: ActorNumber) -> ActorId {
        let id = number.0.cast_unsigned() >> 3;
        match number.0 & 7 {
            0 => ActorId::Agent(AgentId(id)),
            1 => ActorId::Queue(QueueId(id)),
            2 => ActorId::Chat(ChatId(id)),
            3 => ActorId::Call(CallId(id)),
            _ => ActorId::Task(TaskId(id)),
        }
    }
}

impl From<ItemId> for ActorId {
    fn from(item: ItemId) -> ActorId {
        match item {
            ItemId::Call(id) => ActorId::Call(id),
            ItemId::Chat(id) => ActorId::Chat(id),
            ItemId::Task(id) => ActorId::Task(id),
        }
    }
}

/// As people say it: `agent 1`, `chat 1-6`.
impl fmt::Display for ActorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ActorId::Agent(id) => write!(f, "agent {id}"),
            ActorId::Queue(id) => write!(f, "queue {id}"),
            ActorId::Chat(id) => write!(f, "chat {id}"),
            ActorId::Call(id) => write!(f, "call {id}"),
            ActorId::Task(id) => write!(f, "task {id}"),
        }
    }
}

/// Numbers that are never given twice, over all starts of the daemon: the start above, a count below.
#[derive(Clone, Debug)]
pub struct Ids(Arc<Counts>);

#[derive(Debug)]
struct Counts {
    messages: AtomicI64,
    items: AtomicU64,
}

impl Ids {
    /// Counts from this start's base.
    pub fn new(base: i64) -> Ids {
        Ids(Arc::new(Counts { messages: AtomicI64::new(base), items: AtomicU64::new(base.cast_unsigned()) }))
    }

    /// The next place in the outbox.
    pub fn next_message(&self) -> i64 {
        self.0.messages.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// The next call, chat or leg. They share one count, so that people may say the number.
    pub fn next_item(&self) -> u64 {
        self.0.items.fetch_add(1, Ordering::Relaxed) + 1
    }
}
