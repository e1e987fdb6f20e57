//! What two states of a company differ in: the audit's entries, and the words for them.
//! Never shows a secret: of those it only says that they are others now.

use super::{Company, Kind};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The keys whose values are never shown.
const SECRETS: [&str; 8] = [
    "token_hash",
    "password_hash",
    "phone_ha1_md5",
    "phone_ha1_sha256",
    "password",
    "ha1_md5",
    "ha1_sha256",
    "identify_key",
];

/// What stands in the place of a secret.
const MASKED: &str = "(secret)";

/// What happened to a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// It is there now.
    New,
    /// It is another one.
    Changed,
    /// It is not there any more.
    Removed,
    /// All that is kept of it was given out; it is as it was.
    GivenOut,
}

impl What {
    /// What is written like this.
    pub fn parse(text: &str) -> Option<What> {
        [What::New, What::Changed, What::Removed, What::GivenOut].into_iter().find(|what| what.as_str() == text)
    }

    /// As it is kept and said.
    pub fn as_str(self) -> &'static str {
        match self {
            What::New => "new",
            What::Changed => "changed",
            What::Removed => "removed",
            What::GivenOut => "given out",
        }
    }
}

/// One thing that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What kind of thing.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// What happened to it.
    pub what: What,
    /// The keys that differ, as they stand in the company's file, with what they were; secrets are masked.
    pub from: Map<String, Value>,
    /// And with what they are.
    pub to: Map<String, Value>,
}

impl Difference {
    /// In words, with each key that differs.
    pub fn words(&self) -> String {
        let keys = self.from.keys().chain(self.to.keys()).collect::<BTreeSet<_>>();
        let key = |key: &String| match (self.from.get(key), self.to.get(key)) {
            (None, Some(to)) => format!("{key} = {to}"),
            (Some(from), None) => format!("{key} no longer {from}"),
            (Some(from), Some(to)) if from == to => format!("{key} is another"),
            (Some(from), Some(to)) => format!("{key} {from} -> {to}"),
            (None, None) => String::new(),
        };
        match self.what {
            What::Removed | What::GivenOut => self.to_string(),
            What::New | What::Changed => {
                let keys: Vec<String> = keys.into_iter().map(key).collect();
                if keys.is_empty() { self.to_string() } else { format!("{self}: {}", keys.join(", ")) }
            }
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Difference { kind, name, what, .. } = self;
        write!(f, "{kind} {name}: {}", what.as_str())
    }
}

/// By what a thing is the same one before and after: its id where it has one, else its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Identity {
    Id(u64),
    Name(String),
}

/// A thing of a company as its file describes it.
type Described = (Identity, String, Map<String, Value>);

/// What `after` has that is new, changed or removed, by kind; nothing of a company that is as it was. `None`: there was no
/// such company.
pub fn differences(before: Option<&Company>, after: &Company) -> Vec<Difference> {
    let mut found = vec![];
    let nothing = Company::default();
    let own = |company: &Company| {
        let mut keys = keys_of(&company.entry(), "name");
        keys.retain(|key, _| key != "break_reasons");
        vec![(Identity::Id(after.id.0), company.name.clone(), keys)]
    };
    compare(Kind::Company, before.map(own).unwrap_or_default(), own(after), &mut found);
    let before = before.unwrap_or(&nothing);
    for (kind, of) in [
        (Kind::Queue, queues as fn(&Company) -> Vec<Described>),
        (Kind::BreakReason, break_reasons),
        (Kind::Agent, agents),
        (Kind::Number, numbers),
        (Kind::Trunk, trunks),
        (Kind::Service, services),
        (Kind::Classification, classifications),
        (Kind::Template, templates),
        (Kind::Hours, hours),
        (Kind::Role, roles),
        (Kind::ApiKey, api_keys),
    ] {
        compare(kind, of(before), of(after), &mut found);
    }
    found
}

fn queues(company: &Company) -> Vec<Described> {
    let described =
        |queue: &super::Queue| (Identity::Id(queue.id.0), queue.name.clone(), keys_of(&queue.entry(company), "name"));
    company.queues.iter().map(described).collect()
}

fn break_reasons(company: &Company) -> Vec<Described> {
    let reasons = company.break_reasons.iter();
    reasons.map(|reason| (Identity::Id(reason.id.0), reason.name.clone(), Map::new())).collect()
}

fn agents(company: &Company) -> Vec<Described> {
    let described = |agent: &super::Agent| {
        (Identity::Id(agent.id.0), agent.login_name.clone(), keys_of(&agent.entry(company), "login_name"))
    };
    company.agents.iter().map(described).collect()
}

fn numbers(company: &Company) -> Vec<Described> {
    let described = |number: &super::Number| {
        (Identity::Name(number.number.clone()), number.number.clone(), keys_of(&number.entry(company), "number"))
    };
    company.numbers.iter().map(described).collect()
}

fn trunks(company: &Company) -> Vec<Described> {
    let described = |trunk: &super::Trunk| {
        (Identity::Name(trunk.name.clone()), trunk.name.clone(), keys_of(&trunk.entry(), "name"))
    };
    company.trunks.iter().map(described).collect()
}

fn services(company: &Company) -> Vec<Described> {
    let described = |service: &super::ChatService| {
        (Identity::Id(service.id.cast_unsigned()), service.token.clone(), keys_of(&service.entry(company), ""))
    };
    company.services.iter().map(described).collect()
}

fn classifications(company: &Company) -> Vec<Described> {
    let described = |known: &super::Classification| {
        (Identity::Id(known.id.0), known.code.clone(), keys_of(&known.entry(company), "code"))
    };
    company.classifications.iter().map(described).collect()
}

fn templates(company: &Company) -> Vec<Described> {
    let described = |known: &super::Template| {
        (Identity::Id(known.id.0), known.name.clone(), keys_of(&known.entry(company), "name"))
    };
    company.templates.iter().map(described).collect()
}

fn hours(company: &Company) -> Vec<Described> {
    let described =
        |known: &super::OpeningHours| (Identity::Id(known.id.0), known.name.clone(), keys_of(&known.entry(), "name"));
    company.hours.iter().map(described).collect()
}

fn roles(company: &Company) -> Vec<Described> {
    let described =
        |known: &super::Role| (Identity::Id(known.id.0), known.name.clone(), keys_of(&known.entry(), "name"));
    company.roles.iter().map(described).collect()
}

fn api_keys(company: &Company) -> Vec<Described> {
    let described =
        |known: &super::ApiKey| (Identity::Id(known.id.0), known.name.clone(), keys_of(&known.entry(company), "name"));
    company.api_keys.iter().map(described).collect()
}

/// What one thing that is known by its id differs in, from its keys before and after; `None` where it was or is not there.
pub(crate) fn of_one(
    kind: Kind,
    id: u64,
    before: Option<Map<String, Value>>,
    after: Option<Map<String, Value>>,
) -> Vec<Difference> {
    let mut found = vec![];
    let described = |keys: Option<_>| keys.map(|keys| (Identity::Id(id), id.to_string(), keys)).into_iter().collect();
    compare(kind, described(before), described(after), &mut found);
    found
}

/// What a thing is like, as its file describes it, without what proves somebody's identity: for whoever may see it.
pub fn settings_of(entry: &impl Serialize) -> Map<String, Value> {
    let mut keys = keys_of(entry, "");
    keys.retain(|key, _| !SECRETS.contains(&key.as_str()));
    keys
}

fn compare(kind: Kind, before: Vec<Described>, after: Vec<Described>, found: &mut Vec<Difference>) {
    let mut before: BTreeMap<Identity, (String, Map<String, Value>)> =
        before.into_iter().map(|(identity, name, keys)| (identity, (name, keys))).collect();
    for (identity, name, mut to) in after {
        let (what, mut from) = match before.remove(&identity) {
            None => (What::New, Map::new()),
            Some((was, mut from)) => {
                if let Some(key) = kind.name_key().filter(|_| was != name) {
                    from.insert(key.to_owned(), was.into());
                    to.insert(key.to_owned(), name.clone().into());
                }
                (What::Changed, from)
            }
        };
        if what == What::Changed {
            let same: Vec<String> =
                from.iter().filter(|(key, was)| to.get(*key) == Some(was)).map(|(key, _)| key.clone()).collect();
            for key in same {
                from.remove(&key);
                to.remove(&key);
            }
            if from.is_empty() && to.is_empty() {
                continue;
            }
        }
        found.push(Difference { kind, name, what, from: masked(from), to: masked(to) });
    }
    for (_, (name, from)) in before {
        found.push(Difference { kind, name, what: What::Removed, from: masked(from), to: Map::new() });
    }
}

/// The keys of an entry that say something, but for the one that is its `name`.
fn keys_of(entry: &impl Serialize, name: &str) -> Map<String, Value> {
    // An entry is a table with texts for keys: that can be written.
    let keys = serde_json::to_value(entry).ok().and_then(|entry| match entry {
        Value::Object(keys) => Some(keys),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => None,
    });
    let mut keys = keys.unwrap_or_default();
    keys.remove(name);
    keys
}

fn masked(mut keys: Map<String, Value>) -> Map<String, Value> {
    for key in SECRETS {
        if let Some(value) = keys.get_mut(key) {
            *value = Value::from(MASKED);
        }
    }
    keys
}
