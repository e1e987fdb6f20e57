//! Customers whom a company knows: who they are, by what they are reached, what may be changed about them, and why not. And
//! what counts as a telephone number or an e-mail address wherever somebody leaves one.
//! It never says whether anybody answers there, and never asks a database who else is known: that is handed in.

mod cards;
mod change;
mod country;
mod export;
mod field;
mod german;
mod import;
mod point;
mod refusal;
mod search;
mod taking;

pub use cards::{are_cards, import_cards};
pub use change::{Changed, ContactChange, ContactEntry, Known};
pub use country::Country;
pub use export::{Columns, card};
pub use field::{Field, Holds, NoFields, wrong_fields};
pub use import::{BYTES_MAX as IMPORT_BYTES_MAX, Column, Import, Line, LineWhy, NoImport, import};
pub use point::Point;
pub use refusal::{Key, Refusal, Why};
pub use search::{searchable, sorting, terms, words};

use crate::id::ContactId;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The longest name of somebody, or of where they work, in characters.
const NAME_MAX: usize = 200;
/// The longest notes, in characters.
const NOTES_MAX: usize = 10_000;
/// How many fields of the company's own a contact may have.
const FIELDS_MAX: usize = 50;
/// The longest name of a field, in characters.
const FIELD_NAME_MAX: usize = 60;
/// The longest value of a field, in characters.
const FIELD_VALUE_MAX: usize = 1000;
/// In how many ways somebody may be reached.
const POINTS_MAX: usize = 50;
/// The longest name of another system, in characters.
const SYSTEM_MAX: usize = 40;
/// How many contacts may be one person.
const TOGETHER_MAX: usize = 50;

/// A customer whom a company knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    /// Its id, unique in the database.
    pub id: ContactId,
    /// Their name; empty if it is not known.
    pub name: String,
    /// Where they work; empty if it is not known.
    pub organisation: String,
    /// Their language, as `de` or `de-AT`; empty if it is not known.
    pub language: String,
    /// What is known about them.
    pub notes: String,
    /// What the company wants to know besides, by the names of its fields.
    pub fields: BTreeMap<String, String>,
    /// By what they are reached or known. Nobody else of the company has one of them.
    pub points: BTreeSet<Point>,
    /// The contact that is found in the place of this one: both are the same person.
    pub merged_into: Option<ContactId>,
}

impl Contact {
    /// By what it is called on screens: the name, else where they work, else by what they are reached.
    pub fn called(&self) -> &str {
        let point = self.points.first().map_or("", Point::value);
        let texts = [self.name.as_str(), self.organisation.as_str(), point];
        texts.into_iter().find(|text| !text.is_empty()).unwrap_or_default()
    }

    /// What it has, by the names that changes and columns have for it; nothing of what is empty.
    pub fn keys(&self) -> Map<String, Value> {
        let texts = [
            ("name", &self.name),
            ("organisation", &self.organisation),
            ("language", &self.language),
            ("notes", &self.notes),
        ];
        let texts = texts.into_iter().filter(|(_, text)| !text.is_empty());
        let mut keys: Map<String, Value> = texts.map(|(key, text)| (key.to_owned(), text.as_str().into())).collect();
        keys.extend(self.fields.iter().map(|(field, value)| (format!("fields.{field}"), value.as_str().into())));
        if !self.points.is_empty() {
            keys.insert("points".to_owned(), self.points.iter().map(Point::to_string).collect());
        }
        if let Some(into) = self.merged_into {
            keys.insert("merged_into".to_owned(), into.0.into());
        }
        keys
    }
}

/// Refuses more characters than somebody would read.
fn short_enough(key: Key, text: &str, most: usize) -> Result<(), Refusal> {
    let found = text.chars().count();
    if found > most { Err(Refusal::of(key, Why::TooLong { found, most })) } else { Ok(()) }
}

/// Refuses what breaks what is printed.
fn single_line(key: Key, text: &str) -> Result<(), Refusal> {
    if text.contains(char::is_control) { Err(Refusal::of(key, Why::Control)) } else { Ok(()) }
}

/// Whether this names a language, perhaps as it is spoken somewhere (BCP 47: `de`, `de-AT`).
fn is_language(text: &str) -> bool {
    let (language, region) = text.split_once('-').map_or((text, None), |(language, region)| (language, Some(region)));
    let is = |part: &str, lengths: std::ops::RangeInclusive<usize>, case: fn(&u8) -> bool| {
        lengths.contains(&part.len()) && part.as_bytes().iter().all(case)
    };
    is(language, 2..=3, u8::is_ascii_lowercase) && region.is_none_or(|region| is(region, 2..=2, u8::is_ascii_uppercase))
}

/// Whether this can be dialled: 6 to 20 digits, perhaps after a `+`, with what people write in between.
pub fn is_telephone(text: &str) -> bool {
    let dialled: String = text.chars().filter(|c| !is_between(*c)).collect();
    let digits = dialled.strip_prefix('+').unwrap_or(&dialled);
    (6..=20).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// What stands between digits, and what copying a number from an address book brings along unseen.
fn is_between(c: char) -> bool {
    let is_dash = matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}');
    let is_unseen = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}');
    c.is_whitespace() || "()/.".contains(c) || is_dash || is_unseen
}

/// Whether this can be written to: something, one `@`, and a domain of at least two parts.
pub fn is_email(text: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || "@<>,;".contains(c));
    text.trim()
        .split_once('@')
        .is_some_and(|(name, domain)| is_part(name) && domain.contains('.') && domain.split('.').all(is_part))
}

#[cfg(test)]
mod tests;
