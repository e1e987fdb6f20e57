//! Names of things: who is meant by a command, an event or a message.
//! Nothing here is ever born by chance: ids come in with a command or are derived from one.

use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $letter:literal $shown:ident),* $(,)?) => {$(
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
                f.write_str($letter)?;
                $shown(self.0, f)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                $shown(self.0, f)
            }
        }
    )*};
}

/// A plain number.
fn plain(number: u64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "{number}")
}

/// The number of an item as people say it: which start of the daemon gave it, and the how-manieth it was, as `1-6`. A number
/// without a start is plain.
fn said(number: u64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match (number >> COUNT_BITS, number & COUNT_MAX) {
        (0, count) => write!(f, "{count}"),
        (start, count) => write!(f, "{start}-{count}"),
    }
}

/// Reads the number of an item as it is said, `1-6`, or as it stands in JSON, `4294967302`.
fn heard(text: &str) -> Option<u64> {
    let number = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<u64>().ok()).flatten()
    };
    let heard = match text.split_once('-') {
        None => number(text)?,
        Some((start, count)) => {
            let (start, count) = (number(start)?, number(count)?);
            let both = start.checked_mul(1 << COUNT_BITS)?.checked_add(count)?;
            (start > 0 && count <= COUNT_MAX).then_some(both)?
        }
    };
    (heard <= NUMBER_MAX).then_some(heard)
}

/// Below so many bits the number of an item counts; above them it says of which start of the daemon it is.
const COUNT_BITS: u32 = 32;
const COUNT_MAX: u64 = u32::MAX as u64;
/// The highest number that JSON's readers hold exactly.
const NUMBER_MAX: u64 = (1 << 53) - 1;

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
    CompanyId "co" plain,
    /// A person who answers calls and chats.
    AgentId "a" plain,
    /// A queue, in which items wait for an agent.
    QueueId "q" plain,
    /// A phone call with its legs, from its arrival to its record.
    CallId "call" said,
    /// A web chat, from the visitor's request to the end of its wrap-up.
    ChatId "chat" said,
    /// A task: an e-mail, a work item or a callback.
    TaskId "task" said,
    /// A reason for a break, of the company's own list.
    BreakReasonId "break" plain,
    /// A customer whom a company knows.
    ContactId "contact" plain,
    /// A file that somebody sent in a chat.
    FileId "file" plain,
    /// What items may be about, of the company's own tree.
    ClassificationId "classification" plain,
    /// A text that agents write again and again.
    TemplateId "template" plain,
    /// What people may do, in a company.
    RoleId "role" plain,
    /// Opening hours.
    HoursId "hours" plain,
    /// A key by which a program asks.
    ApiKeyId "api key" plain,
}

/// One of the things that wait in queues, compete for an agent's attention and lie in inboxes (R19). People say its kind and
/// number, `chat 1-6`: on screens, in logs, to the API and on the command line. In journals it is `chat:4294967302`.
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
        write!(f, "{} ", self.kind())?;
        said(self.number(), f)
    }
}

/// What is written does not name an item.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("found `{0}`, expected an item such as `call 1-6`, `chat 1-6` or `task 1-6`")]
pub struct NoItem(pub String);

impl std::str::FromStr for ItemId {
    type Err = NoItem;

    /// Reads `chat 1-6`, and all that it is also written as: `Chat 1-6`, `chat:1-6`, `chat:4294967302`; a task also by its
    /// channel.
    fn from_str(text: &str) -> Result<ItemId, NoItem> {
        let wrong = || NoItem(text.to_owned());
        let (kind, number) = text.trim().rsplit_once([' ', ':']).ok_or_else(wrong)?;
        let number = heard(number).ok_or_else(wrong)?;
        match kind.trim_end().to_ascii_lowercase().as_str() {
            "call" => Ok(ItemId::Call(CallId(number))),
            "chat" => Ok(ItemId::Chat(ChatId(number))),
            "task" | "callback" | "email" | "e-mail" | "work item" | "work_item" => Ok(ItemId::Task(TaskId(number))),
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
        format!("{}:{}", item.kind(), item.number())
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

#[cfg(test)]
mod tests {
    use super::*;

    const CHAT: ItemId = ItemId::Chat(ChatId((1 << 32) + 6));

    #[test]
    fn an_item_has_one_name_that_people_can_say() {
        assert_eq!(CHAT.to_string(), "chat 1-6");
        assert_eq!(ItemId::Call(CallId(17)).to_string(), "call 17");
        assert_eq!(format!("{} {:?}", ChatId((3 << 32) + 40), TaskId(1 << 32)), "3-40 task1-0");
        assert_eq!(AgentId(1 << 32).to_string(), "4294967296", "of agents and queues the number itself is known");
    }

    #[test]
    fn an_item_is_understood_however_it_is_written() {
        for text in ["chat 1-6", "chat:1-6", "Chat 1-6", " chat  1-6 ", "chat:4294967302", "chat 4294967302"] {
            assert_eq!(text.parse(), Ok(CHAT), "{text}");
        }
        let task = Ok(ItemId::Task(TaskId((1 << 32) + 7)));
        for text in ["task 1-7", "Callback 1-7", "E-mail 1-7", "work item 1-7", "work_item:1-7"] {
            assert_eq!(text.parse(), task, "{text}");
        }
        let highest = ItemId::Task(TaskId(NUMBER_MAX));
        assert_eq!(highest.to_string().parse(), Ok(highest));
        for text in [
            "",
            "chat",
            "chat ",
            "1-6",
            "fax 1-6",
            "chat 1-",
            "chat -6",
            "chat 0-6",
            "chat 1-6-2",
            "chat +6",
            "chat 1-+6",
            "chat 1-4294967296",
            "chat 2097152-0",
            "chat 9007199254740992",
            "chat 99999999999999999999-1",
            "chat 1_6",
        ] {
            assert_eq!(text.parse::<ItemId>(), Err(NoItem(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn journals_keep_the_bare_number() {
        assert_eq!(String::from(CHAT), "chat:4294967302");
        assert_eq!(String::from(CHAT).parse(), Ok(CHAT));
    }
}
