//! Why a change of a contact is refused, and the words for it.
//! Nowhere else are these words: whoever refuses says what is wrong, and where.

use super::field::Holds;
use super::point::Point;
use crate::id::ContactId;
use std::fmt;

/// The key of what a contact has, as changes and columns name it.
pub type Key = &'static str;

/// Why a change is refused: of which contact, at which key, and what is accepted there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Refusal {
    /// Which contact; `None` if it is not there yet.
    pub contact: Option<ContactId>,
    /// At which of its keys; `None` if it is not about one.
    pub key: Option<Key>,
    /// What is wrong.
    pub why: Why,
}

impl Refusal {
    /// Of a key, while it is not said of which contact.
    pub(super) fn of(key: Key, why: Why) -> Refusal {
        Refusal { contact: None, key: Some(key), why }
    }

    /// Of a contact that is there.
    pub(super) fn at(contact: ContactId, why: Why) -> Refusal {
        Refusal { contact: Some(contact), key: None, why }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("contact")?;
        if let Some(contact) = self.contact {
            write!(f, " {contact}")?;
        }
        f.write_str(": ")?;
        if let Some(key) = self.key {
            write!(f, "{key}: ")?;
        }
        self.why.fmt(f)
    }
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// There is no such contact.
    #[error("there is none of this number")]
    Unknown,
    /// Nobody could find it again.
    #[error("expected a name, an organisation or a way to reach them")]
    Nothing,
    /// It is no number, or only one within a town.
    #[error("found `{0}`, expected a number with its area code, as in \"030 1234567\" or \"+49 30 1234567\"")]
    Telephone(String),
    /// Nobody could write to it.
    #[error("found `{0}`, expected an address as anna@example.com")]
    Email(String),
    /// It is no name of a system.
    #[error("found `{0}`, expected a short name of letters, digits, `-`, `_` and `.`")]
    System(String),
    /// It is empty, or breaks what is printed.
    #[error("expected an id without line ends")]
    Id,
    /// It is no language.
    #[error("found `{0}`, expected a language as \"de\" or \"de-AT\"")]
    Language(String),
    /// It breaks what is printed.
    #[error("holds a line end or another control character, expected a text without")]
    Control,
    /// It has no name.
    #[error("the name of a field is empty")]
    FieldEmpty,
    /// A field of the company's own cannot hold it.
    #[error("{field}: found `{found}`, expected {}", expected(*holds))]
    Field {
        /// Which field.
        field: String,
        /// What it can hold.
        holds: Holds,
        /// What was written.
        found: String,
    },
    /// Nobody would read all of it.
    #[error("found {found} characters, expected {most} or fewer")]
    TooLong {
        /// How many there are.
        found: usize,
        /// How many may be there.
        most: usize,
    },
    /// Nobody needs so many.
    #[error("found {found}, expected {most} or fewer")]
    TooMany {
        /// How many there are.
        found: usize,
        /// How many may be there.
        most: usize,
    },
    /// Somebody else is reached there.
    #[error("{point} belongs to contact {by} (merge the two if they are one)")]
    Taken {
        /// Where.
        point: Point,
        /// Whose it is.
        by: ContactId,
    },
    /// Nobody can know who is meant.
    #[error("could be contact {one} or contact {other} (merge the two if they are one)")]
    Several {
        /// One of them.
        one: ContactId,
        /// Another.
        other: ContactId,
    },
    /// They are not reached there.
    #[error("has no {0}")]
    NoPoint(Point),
    /// They are one already.
    #[error("cannot be merged with itself")]
    Itself,
    /// It is a part of another contact.
    #[error("was merged into contact {into} (change that one, or part them first)")]
    Merged {
        /// Which one.
        into: ContactId,
    },
    /// It stands by itself.
    #[error("was not merged into another one")]
    NotMerged,
}

fn expected(holds: Holds) -> &'static str {
    match holds {
        Holds::Text => "a text",
        Holds::Number => "a number as 12 or 12.5",
        Holds::Choice => "one of its choices",
        Holds::Date => "a day as 2026-11-30",
        Holds::Link => "an address as https://crm.example.com/4711",
    }
}
