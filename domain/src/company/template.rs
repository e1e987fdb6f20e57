//! What agents write again and again: a text with variables, found by a short name.
//! Never fills a variable in: whoever writes knows who the visitor and the agent are.

use super::refusal::named;
use super::{Company, Kind, NextIds, Refusal, Refusals, Why, take};
use crate::id::{QueueId, TemplateId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The longest text, in characters: as long as a message may be.
pub const TEMPLATE_CHARACTERS_MAX: usize = 4000;
const LANGUAGE_CHARACTERS_MAX: usize = 35;

/// A text that is written again and again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    /// Its id.
    pub id: TemplateId,
    /// Its short name, unique in the company.
    pub name: String,
    /// The text, with variables such as `{visitor}`.
    pub text: String,
    /// The language that it is written in, as `de`; `None`: any.
    pub language: Option<String>,
    /// The queues for which it is meant; none: for all.
    pub queues: BTreeSet<QueueId>,
}

/// A template, known by its name. What is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateEntry {
    /// Its short name.
    pub name: String,
    /// The text, with variables such as `{visitor}`; needed in a new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The language that it is written in, as `de` or `pt-BR`; any by default, or if it is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The names of exactly the queues for which it is meant; all by default, or if there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queues: Option<Vec<String>>,
    /// A form that says everything: what is left out has its default.
    #[serde(skip)]
    pub whole: bool,
}

impl Template {
    /// As a file describes it.
    pub fn entry(&self, company: &Company) -> TemplateEntry {
        let queues: Vec<String> = self.queues.iter().map(|queue| company.queue_name(*queue).to_owned()).collect();
        TemplateEntry {
            name: self.name.clone(),
            text: Some(self.text.clone()),
            language: self.language.clone(),
            queues: Some(queues).filter(|queues| !queues.is_empty()),
            whole: false,
        }
    }
}

impl Company {
    pub(super) fn put_template(&mut self, entry: &TemplateEntry, next: &mut NextIds, refused: &mut Refusals) {
        if refused.note(named(Kind::Template, &entry.name)).is_none() {
            return;
        }
        let known = self.templates.iter().position(|known| known.name == entry.name);
        let new = |id| Template { id, name: entry.name.clone(), ..Template::default() };
        let mut template = match known {
            Some(at) if entry.whole => new(self.templates[at].id),
            Some(at) => self.templates[at].clone(),
            None => new(TemplateId(take(&mut next.template))),
        };
        if let Some(text) = &entry.text {
            template.text.clone_from(text);
        }
        match entry.language.as_deref() {
            None => {}
            Some("") => template.language = None,
            Some(language) => template.language = Some(language.to_owned()),
        }
        if let Some(queues) = &entry.queues {
            let queue = |name: &String| refused.note(self.queue_of(Kind::Template, &entry.name, "queues", name));
            template.queues = queues.iter().filter_map(queue).collect();
        }
        let mut refuse = |key, why| refused.add(Kind::Template, &entry.name, (Some(key), why));
        if template.text.trim().is_empty() {
            refuse("text", Why::TextEmpty);
        }
        if template.text.chars().count() > TEMPLATE_CHARACTERS_MAX {
            refuse("text", Why::TextTooLong);
        }
        if template.language.as_deref().is_some_and(|language| !is_language(language)) {
            refuse("language", Why::Language);
        }
        match known {
            Some(at) => self.templates[at] = template,
            None => self.templates.push(template),
        }
    }

    pub(super) fn remove_template(&mut self, name: &str) -> Result<(), Refusal> {
        let known = self.templates.iter().position(|known| known.name == name);
        let at = known.ok_or_else(|| Refusal::new(Kind::Template, name, None, Why::Unknown))?;
        self.templates.remove(at);
        Ok(())
    }
}

/// Whether it has the shape of a language tag (RFC 5646 §2.1).
fn is_language(text: &str) -> bool {
    let is_part = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let first = text.split('-').next().unwrap_or_default();
    text.len() <= LANGUAGE_CHARACTERS_MAX
        && (2..=8).contains(&first.len())
        && first.bytes().all(|byte| byte.is_ascii_alphabetic())
        && text.split('-').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::company::{Change, Outside, QueueEntry, Thing};
    use crate::id::CompanyId;

    #[test]
    fn a_template_is_refused_at_its_key_and_its_queue_is_not_removed_under_it() {
        let template = |name: &str, text: Option<&str>, language: &str, queue: &str| {
            Change::PutTemplate(TemplateEntry {
                name: name.to_owned(),
                text: text.map(str::to_owned),
                language: Some(language.to_owned()),
                queues: Some(vec![queue.to_owned()]),
                whole: false,
            })
        };
        let changes = [
            Change::PutQueue(QueueEntry { name: "Sales".to_owned(), ..QueueEntry::default() }),
            template("hello", Some("Hello {visitor}"), "pt-BR", "Sales"),
        ];
        let company = Company::new(CompanyId(1), "One").unwrap().change(&changes, &Outside::default()).unwrap();
        assert_eq!(company.templates[0].queues, [QueueId(1)].into());
        let long = "x".repeat(TEMPLATE_CHARACTERS_MAX + 1);
        for (change, expected) in [
            (template("new", None, "de", "Sales"), "template new: text: the text is empty"),
            (template("hello", Some(" \n"), "de", "Sales"), "template hello: text: the text is empty"),
            (
                template("hello", Some(&long), "de", "Sales"),
                "template hello: text: the text is longer than 4000 characters",
            ),
            (template("hello", None, "German", "Sales"), ""),
            (
                template("hello", None, "d", "Sales"),
                "template hello: language: expected a language such as `de` or `pt-BR`",
            ),
            (template("hello", None, "de_DE", "Sales"), "template hello: language: expected a language"),
            (template("hello", None, "de", "Nowhere"), "template hello: queues: there is no queue `Nowhere`"),
            (template("", Some("x"), "", "Sales"), "template: the name is empty"),
            (Change::Remove(Thing::Template("none".to_owned())), "template none: there is none of this name"),
            (Change::Remove(Thing::Queue("Sales".to_owned())), "queue Sales: is still used by template hello"),
        ] {
            let refused = company.change(&[change], &Outside::default()).err().map(|why| why.to_string());
            assert!(refused.as_deref().unwrap_or_default().contains(expected), "{refused:?}, expected {expected}");
            assert_eq!(refused.is_none(), expected.is_empty(), "{refused:?}");
        }
    }
}
