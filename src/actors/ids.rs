//! What actors are known by: to each other, in the journal, and over all starts of the daemon.
//! Nothing is looked up here.

use crate::store::ActorNumber;
use domain::id::{AgentId, CallId, ChatId, QueueId, TaskId};
pub use domain::post::Party;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// What has a number in the journal.
pub trait Numbered {
    /// The number: the id, and in the last three bits the kind.
    fn number(self) -> ActorNumber;

    /// Which one a number stands for.
    fn from_number(number: ActorNumber) -> Self;
}

impl Numbered for Party {
    fn number(self) -> ActorNumber {
        let (id, kind) = match self {
            Party::Agent(id) => (id.0, 0),
            Party::Queue(id) => (id.0, 1),
            Party::Chat(id) => (id.0, 2),
            Party::Call(id) => (id.0, 3),
            Party::Task(id) => (id.0, 4),
        };
        ActorNumber((id << 3 | kind).cast_signed())
    }

    fn from_number(number: ActorNumber) -> Party {
        let id = number.0.cast_unsigned() >> 3;
        match number.0 & 7 {
            0 => Party::Agent(AgentId(id)),
            1 => Party::Queue(QueueId(id)),
            2 => Party::Chat(ChatId(id)),
            3 => Party::Call(CallId(id)),
            _ => Party::Task(TaskId(id)),
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
