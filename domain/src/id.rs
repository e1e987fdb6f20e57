//! Names of things: who is meant by a command, an event or a message.
//! Nothing here is ever born by chance: ids come in with a command or are derived from one.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $letter:literal),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);

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
}

/// One of the things that wait in queues, compete for an agent's attention and lie in inboxes (R19).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemId {
    /// A phone call.
    Call(CallId),
    /// A web chat.
    Chat(ChatId),
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
