//! By what somebody is reached or known: a telephone number, an e-mail address, or what another system calls them.
//! A point has one form however it is written, so that two that are the same are equal.

use super::country::Country;
use super::refusal::{Refusal, Why};
use super::{SYSTEM_MAX, is_email, short_enough};
use std::fmt;

/// The longest address that can be written to (RFC 5321 §4.5.3.1.3), and the longest id that is kept, in characters.
const ID_MAX: usize = 254;

/// A point in its one form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Point {
    kind: Kind,
    value: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Telephone,
    Email,
    Other,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Kind::Telephone => "telephone",
            Kind::Email => "email",
            Kind::Other => "other",
        }
    }
}

impl Point {
    /// A telephone number, as somebody in this country writes it.
    ///
    /// # Errors
    /// When nobody could dial it from abroad.
    pub fn telephone(written: &str, country: Country) -> Result<Point, Refusal> {
        let wrong = || Refusal::of("telephone", Why::Telephone(shown(written)));
        let digits = country.international(written).ok_or_else(wrong)?;
        Ok(Point { kind: Kind::Telephone, value: format!("+{digits}") })
    }

    /// An e-mail address.
    ///
    /// # Errors
    /// When nobody could write to it.
    pub fn email(written: &str) -> Result<Point, Refusal> {
        let value = written.trim().to_lowercase();
        if !is_email(&value) || value.contains(char::is_control) {
            return Err(Refusal::of("email", Why::Email(shown(written))));
        }
        short_enough("email", &value, ID_MAX)?;
        Ok(Point { kind: Kind::Email, value })
    }

    /// What another system calls somebody: the system's name, and the id that it gave.
    ///
    /// # Errors
    /// When one of them is empty or too long, or cannot be told from the other.
    pub fn other(system: &str, id: &str) -> Result<Point, Refusal> {
        let (system, id) = (system.trim().to_lowercase(), id.trim());
        let is_name = !system.is_empty() && system.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c));
        if !is_name || system.chars().count() > SYSTEM_MAX {
            return Err(Refusal::of("system", Why::System(shown(&system))));
        }
        if id.is_empty() || id.contains(char::is_control) {
            return Err(Refusal::of("id", Why::Id));
        }
        short_enough("id", id, ID_MAX)?;
        Ok(Point { kind: Kind::Other, value: format!("{system}:{id}") })
    }

    /// A point as it is kept; `None` if none is kept like this.
    pub fn kept(kind: &str, value: &str) -> Option<Point> {
        let kind = [Kind::Telephone, Kind::Email, Kind::Other].into_iter().find(|known| known.as_str() == kind)?;
        Some(Point { kind, value: value.to_owned() })
    }

    /// What it is: `telephone`, `email` or `other`.
    pub fn kind(&self) -> &'static str {
        self.kind.as_str()
    }

    /// Its one form: `+49301234567`, `anna@example.com`, `system:id`.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The digits of a telephone number, with those of its country.
    pub(super) fn digits(&self) -> Option<&str> {
        match self.kind {
            Kind::Telephone => self.value.strip_prefix('+'),
            Kind::Email | Kind::Other => None,
        }
    }

    /// The address, if it is one.
    pub(super) fn address(&self) -> Option<&str> {
        match self.kind {
            Kind::Email => Some(&self.value),
            Kind::Telephone | Kind::Other => None,
        }
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind(), self.value)
    }
}

/// So much of what was written as says which one it was.
fn shown(written: &str) -> String {
    let shown: String = written.chars().filter(|c| !c.is_control()).take(40).collect();
    if written.chars().count() > 40 { format!("{shown}…") } else { shown }
}
