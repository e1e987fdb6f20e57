//! Where in a company's file something stands.
//! Never says what is wrong there: that is a refusal's own affair.

use domain::company::{Kind, Refusal, Why};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ops::Range;
use toml::{Spanned, Value};

/// The tables of a company's file with their places.
#[derive(Deserialize)]
struct Tables {
    company: Table,
    #[serde(default)]
    queue: Vec<Table>,
    #[serde(default)]
    agent: Vec<Table>,
    #[serde(default)]
    number: Vec<Table>,
    #[serde(default)]
    trunk: Vec<Table>,
    #[serde(default)]
    chat_service: Vec<Table>,
    #[serde(default)]
    classification: Vec<Table>,
    #[serde(default)]
    template: Vec<Table>,
    #[serde(default)]
    hours: Vec<Table>,
    #[serde(default)]
    role: Vec<Table>,
    #[serde(default)]
    api_key: Vec<Table>,
}

type Table = BTreeMap<String, Spanned<Value>>;

/// A company's file that can be read.
pub(super) struct Places<'a> {
    text: &'a str,
    tables: Option<Tables>,
}

impl<'a> Places<'a> {
    /// Of a file's text.
    pub(super) fn of(text: &'a str) -> Places<'a> {
        Places { text, tables: toml::from_str(text).ok() }
    }

    /// The line of what a refusal is about, counted from 1: of its key if that is there, else of the thing's name; `None` if
    /// the file says nothing of it.
    pub(super) fn line(&self, refusal: &Refusal) -> Option<usize> {
        let tables = self.tables.as_ref()?;
        let (things, name) = match refusal.kind {
            // No file says anything of these.
            Kind::Contact | Kind::Record => return None,
            Kind::Company | Kind::BreakReason => (std::slice::from_ref(&tables.company), None),
            Kind::Queue => (tables.queue.as_slice(), refusal.kind.name_key()),
            Kind::Agent | Kind::Phone => (tables.agent.as_slice(), refusal.kind.name_key()),
            Kind::Number => (tables.number.as_slice(), refusal.kind.name_key()),
            Kind::Trunk => (tables.trunk.as_slice(), refusal.kind.name_key()),
            Kind::Service => (tables.chat_service.as_slice(), refusal.kind.name_key()),
            Kind::Classification => (tables.classification.as_slice(), refusal.kind.name_key()),
            Kind::Template => (tables.template.as_slice(), refusal.kind.name_key()),
            Kind::Hours => (tables.hours.as_slice(), refusal.kind.name_key()),
            Kind::Role => (tables.role.as_slice(), refusal.kind.name_key()),
            Kind::ApiKey => (tables.api_key.as_slice(), refusal.kind.name_key()),
        };
        let is_meant = |table: &&Table| {
            name.is_none_or(|key| match table.get(key).map(Spanned::get_ref) {
                Some(Value::String(found)) => {
                    *found == refusal.name || (refusal.name.is_empty() && found.trim().is_empty())
                }
                Some(_) | None => false,
            })
        };
        let mut meant = things.iter().filter(is_meant);
        let table = if refusal.why == Why::Twice { meant.next_back() } else { meant.next() }?;
        let key = match refusal.kind {
            Kind::BreakReason => Some("break_reasons"),
            _ => refusal.place(),
        };
        // What stands within a table is found where the table is.
        let place = |key: &str| table.get(key.split('.').next()?).map(Spanned::span);
        key.and_then(place).or_else(|| name.and_then(place)).map(|span| self.line_at(&span))
    }

    fn line_at(&self, span: &Range<usize>) -> usize {
        1 + self.text.bytes().take(span.start).filter(|byte| *byte == b'\n').count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_found_at_its_key_or_else_at_the_name() {
        let text = "[company]\nname = \"A\"\nbreak_reasons = [\"tea\"]\n[[queue]]\nname = \"Q\"\n\n[[queue]]\n# B\n\
                    chats_max = 0\nname = \"R\"\n[[agent]]\nlogin_name = \"bob\"\nphone = \"p\"\n[[agent]]\n\
                    login_name = \"bob\"\n";
        let places = Places::of(text);
        let line = |kind, name: &str, key, why| places.line(&Refusal::new(kind, name, key, why));
        assert_eq!(line(Kind::Queue, "R", Some("chats_max"), Why::Positive), Some(9));
        assert_eq!(line(Kind::Queue, "R", Some("push"), Why::CallsArePushed), Some(10), "the key is not there");
        assert_eq!(line(Kind::Agent, "bob", Some("password"), Why::NoPassword), Some(12));
        assert_eq!(line(Kind::Agent, "bob", None, Why::Twice), Some(15), "the second one is too many");
        assert_eq!(line(Kind::Phone, "p", None, Why::Twice), Some(13));
        assert_eq!(line(Kind::BreakReason, "tea", None, Why::NameControl), Some(3));
        assert_eq!(line(Kind::Queue, "S", None, Why::Unknown), None);
        assert_eq!(Places::of("[company").line(&Refusal::new(Kind::Company, "", None, Why::Unknown)), None);
    }
}
