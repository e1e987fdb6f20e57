//! Names of things: who is meant by a command, an event or a message.
//! Nothing here is ever born by chance: ids come in with a command or are derived from one.

use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $letter:literal),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(Number).map($name)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($letter, "{}"), self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    )*};
}

/// Reads the number of an id. As the key of a map it is written as a string, and within an enum that is tagged by a field
/// nothing but the string says what it is.
struct Number;

impl Visitor<'_> for Number {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the number of an id")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<u64, E> {
        Ok(number)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<u64, E> {
        u64::try_from(number).map_err(E::custom)
    }

    fn visit_str<E: Error>(self, number: &str) -> Result<u64, E> {
        number.parse().map_err(E::custom)
    }
}

ids! {
    /// A company: the tenant that everything belongs to. Nothing crosses companies.
    CompanyId "co",
    /// A person who answers calls and chats.
    AgentId "a",
    /// A queue, in which items wait for an agent.
    QueueId "q",
    /// A phone call with its legs, from its arrival to its record.
    CallId "call",
    /// A web chat, from the visitor's request to the end of its wrap-up.
    ChatId "chat",
    /// A task: an e-mail, a work item or a callback.
    TaskId "task",
    /// A reason for a break, of the company's own list.
    BreakReasonId "break",
}

/// One of the things that wait in queues, compete for an agent's attention and lie in inboxes (R19). Written as its
/// channel and number, such as `call:17`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum ItemId {
    /// A phone call.
    Call(CallId),
    /// A web chat.
    Chat(ChatId),
    /// Anything that waits without anybody at its other end.
    Task(TaskId),
}

impl ItemId {
    /// What kind of item this is.
    pub fn kind(self) -> &'static str {
        match self {
            ItemId::Call(_) => "call",
            ItemId::Chat(_) => "chat",
            ItemId::Task(_) => "task",
        }
    }

    /// Its number among its kind.
    pub fn number(self) -> u64 {
        match self {
            ItemId::Call(CallId(number)) | ItemId::Chat(ChatId(number)) | ItemId::Task(TaskId(number)) => number,
        }
    }
}

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind(), self.number())
    }
}

/// What is written does not name an item.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("found `{0}`, expected an item such as call:17, chat:17 or task:17")]
pub struct NoItem(pub String);

impl std::str::FromStr for ItemId {
    type Err = NoItem;

    fn from_str(text: &str) -> Result<ItemId, NoItem> {
        let wrong = || NoItem(text.to_owned());
        let (kind, number) = text.split_once(':').ok_or_else(wrong)?;
        let number = number.parse().map_err(|_| wrong())?;
        match kind {
            "call" => Ok(ItemId::Call(CallId(number))),
            "chat" => Ok(ItemId::Chat(ChatId(number))),
            "task" => Ok(ItemId::Task(TaskId(number))),
            _ => Err(wrong()),
        }
    }
}

impl TryFrom<String> for ItemId {
    type Error = NoItem;

    fn try_from(text: String) -> Result<ItemId, NoItem> {
        text.parse()
    }
}

impl From<ItemId> for String {
    fn from(item: ItemId) -> String {
        item.to_string()
    }
}

/// One attempt to give one call to one agent. Each offer has exactly one outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OfferId {
    /// The call that is offered.
    pub call: CallId,
    /// The agent to whom it is offered.
    pub agent: AgentId,
    /// Counts the attempts of this call, over all agents, from 1.
    pub attempt: u32,
}
