//! The shapes of `/api/v1/contacts`: customers whom a company knows.

use super::error::Code;
use super::rest::{CallRecord, DifferenceView};
use domain::contact::{Contact, Field, Holds, Point};
use domain::id::ContactId;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;
use utoipa::ToSchema;

/// Contacts that were found or listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS, ToSchema)]
#[ts(export_to = "contacts.ts")]
pub struct Contacts {
    /// By the alphabet.
    pub contacts: Vec<ContactView>,
    /// Where the next page begins, for `cursor`; `null`: this was the last one, or it was searched.
    pub next: Option<String>,
}

/// A customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS, ToSchema)]
#[ts(export_to = "contacts.ts")]
pub struct ContactView {
    /// Its id.
    #[ts(type = "number")]
    #[schema(value_type = u64)]
    pub contact: ContactId,
    /// Their name; empty if it is not known.
    pub name: String,
    /// Where they work; empty if it is not known.
    pub organisation: String,
    /// Their language, as `de` or `de-AT`; empty if it is not known.
    pub language: String,
    /// What is known about them.
    pub notes: String,
    /// What the company wants to know besides, by the names of its fields.
    pub fields: ContactFields,
    /// By what they are reached or known.
    pub points: Vec<PointView>,
}

/// Fields of a company's own, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Object)]
#[ts(export_to = "contacts.ts")]
pub struct ContactFields(#[ts(type = "Record<string, string>")] pub BTreeMap<String, String>);

/// By what somebody is reached or known. Nobody else of the company has the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
#[ts(export_to = "contacts.ts")]
pub struct PointView {
    /// What it is.
    pub kind: PointKind,
    /// `+49301234567`, `anna@example.com`, or another system's name and id, `crm:4711`. A number is understood however it
    /// is written; one without a country is of the company's.
    pub value: String,
}

/// What a point is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "contacts.ts")]
pub enum PointKind {
    /// A telephone number.
    Telephone,
    /// An e-mail address.
    Email,
    /// The id that another system gave.
    Other,
}

/// A person: the contact that is found, and those that are the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS, ToSchema)]
#[ts(export_to = "contacts.ts")]
pub struct ContactPerson {
    /// The one that is found.
    pub contact: ContactView,
    /// Those that were merged into it, each as it was.
    pub merged: Vec<ContactView>,
}

/// What a contact is to be like: what is left out stays, what is `null` or empty goes.
#[derive(Clone, Debug, Default, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
#[ts(export_to = "contacts.ts")]
pub struct ContactSettings {
    /// Their name.
    #[serde(default, deserialize_with = "or_empty")]
    #[ts(optional)]
    pub name: Option<String>,
    /// Where they work.
    #[serde(default, deserialize_with = "or_empty")]
    #[ts(optional)]
    pub organisation: Option<String>,
    /// Their language, as `de` or `de-AT`.
    #[serde(default, deserialize_with = "or_empty")]
    #[ts(optional)]
    pub language: Option<String>,
    /// What is known about them.
    #[serde(default, deserialize_with = "or_empty")]
    #[ts(optional)]
    pub notes: Option<String>,
    /// The company's own fields: those that are not named stay, one that is `null` or empty goes.
    #[serde(default)]
    #[schema(value_type = Object)]
    #[ts(type = "Record<string, string | null>", optional)]
    pub fields: Option<BTreeMap<String, Option<String>>>,
    /// All by what they are reached or known; what belongs to those that were merged into them stays theirs.
    #[serde(default, deserialize_with = "or_empty")]
    #[ts(optional)]
    pub points: Option<Vec<PointView>>,
}

/// What is `null` is empty; what is left out is neither.
fn or_empty<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<Option<T>, D::Error> {
    Ok(Some(Option::<T>::deserialize(deserializer)?.unwrap_or_default()))
}

/// One of `GET /api/v1/contact-fields`: what the company wants to know of its contacts besides.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[ts(export_to = "contacts.ts")]
pub struct ContactField {
    /// Its name, as it is shown; `fields` of a contact have it as their key.
    pub name: String,
    /// What it can hold.
    pub holds: FieldHolds,
    /// From what can be chosen; empty but of a choice.
    pub choices: Vec<String>,
}

impl From<&Field> for ContactField {
    fn from(field: &Field) -> ContactField {
        let Field { name, holds, choices } = field.clone();
        let holds = match holds {
            Holds::Text => FieldHolds::Text,
            Holds::Number => FieldHolds::Number,
            Holds::Choice => FieldHolds::Choice,
            Holds::Date => FieldHolds::Date,
            Holds::Link => FieldHolds::Link,
        };
        ContactField { name, holds, choices }
    }
}

/// What a field of the company's own can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "contacts.ts")]
pub enum FieldHolds {
    /// Any text of one line.
    Text,
    /// A number; kept as `12.5`.
    Number,
    /// One of its choices.
    Choice,
    /// A day; kept as `2026-11-30`.
    Date,
    /// The address of a page.
    Link,
}

/// Who the customer of an item is.
#[derive(Clone, Copy, Debug, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
#[ts(export_to = "contacts.ts")]
pub struct Identified {
    /// A contact; `null`: nobody who is known.
    #[ts(type = "number | null")]
    #[schema(value_type = Option<u64>)]
    pub contact: Option<ContactId>,
}

/// What a contact had to do with the company before.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[ts(export_to = "contacts.ts")]
pub struct Interactions {
    /// The records of calls, chats and tasks that are over, the newest first, whatever queue they were in.
    pub interactions: Vec<CallRecord>,
    /// Where the next page begins, for `cursor`; `null`: this was the last one.
    pub next: Option<String>,
}

/// One line of what is told while `POST /api/v1/contacts/import` takes a table over.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
#[ts(export_to = "contacts.ts")]
pub enum ImportNews {
    /// First: what was read.
    Read {
        /// The columns, from left to right; of cards their properties.
        columns: Vec<ImportColumn>,
        /// How many lines there are below the headers, without empty ones; or how many cards.
        lines: u32,
    },
    /// A line, or a card, was left out.
    Refused {
        /// Which, from 1, as an editor counts; of a card where it begins.
        #[ts(type = "number")]
        line: u64,
        /// Which card, from 1; `null` in a table, and for what stands between cards.
        card: Option<u32>,
        /// Why, in English.
        message: String,
        /// Why, in German.
        message_de: String,
    },
    /// How far it is.
    Progress {
        /// So many lines are done.
        done: u32,
    },
    /// Last: what became of all lines.
    Done {
        /// How many contacts are new.
        made: u32,
        /// How many are different now.
        changed: u32,
        /// How many were like that already.
        same: u32,
        /// How many lines were left out.
        refused: u32,
    },
    /// Last, if it had to stop: what was told before holds.
    Failed {
        /// Why.
        code: Code,
        /// Why, in English.
        message: String,
    },
}

/// A column of a table of contacts.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[ts(export_to = "contacts.ts")]
pub struct ImportColumn {
    /// What stands above it.
    pub header: String,
    /// What it holds: `name`, `organisation`, `language`, `notes`, `telephone`, `email`, `other:SYSTEM`, `field:NAME` or `ignored`.
    pub holds: String,
    /// What stands first in it, at most 60 characters; empty if all its cells are.
    pub example: String,
}

/// Who stays when two contacts are one.
#[derive(Clone, Copy, Debug, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
#[ts(export_to = "contacts.ts")]
pub struct MergeInto {
    /// The contact that is found from then on.
    #[ts(type = "number")]
    #[schema(value_type = u64)]
    pub into: ContactId,
}

/// What came of a change, or would come of it.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[ts(export_to = "contacts.ts")]
pub struct ContactChanged {
    /// From what to what.
    pub differences: Vec<DifferenceView>,
    /// The person as they are now; `null` if they are gone, or if nothing was changed yet.
    pub person: Option<ContactPerson>,
}

impl From<&Point> for PointView {
    fn from(point: &Point) -> PointView {
        let kind = match point.kind() {
            "telephone" => PointKind::Telephone,
            "email" => PointKind::Email,
            _ => PointKind::Other,
        };
        PointView { kind, value: point.value().to_owned() }
    }
}

impl From<&Contact> for ContactView {
    fn from(contact: &Contact) -> ContactView {
        ContactView {
            contact: contact.id,
            name: contact.name.clone(),
            organisation: contact.organisation.clone(),
            language: contact.language.clone(),
            notes: contact.notes.clone(),
            fields: ContactFields(contact.fields.clone()),
            points: contact.points.iter().map(PointView::from).collect(),
        }
    }
}

impl ContactPerson {
    /// Contacts that are one person, the one that is found first; `None` if there are none.
    pub fn of(person: &[Contact]) -> Option<ContactPerson> {
        let (contact, merged) = person.split_first()?;
        Some(ContactPerson { contact: contact.into(), merged: merged.iter().map(ContactView::from).collect() })
    }
}
