//! A company as a value: its queues, people, numbers, trunks, chat services and reasons for breaks, and what may be changed
//! about them.
//! It never hashes a password, reads a file or asks a database: what others own is handed in as [`Outside`].

mod agent;
mod api_key;
mod break_reason;
mod change;
mod classification;
pub(crate) mod difference;
mod german;
mod hours;
mod licensed;
mod number;
mod password;
mod people;
mod queue;
mod refusal;
mod role;
mod secret;
mod service;
mod settings;
mod template;
mod trunk;
pub mod widget;

pub use agent::{Agent, AgentEntry, Phone};
pub use api_key::{ApiKey, ApiKeyEntry, TOKEN_CHARACTERS, is_token};
pub use break_reason::BreakReason;
pub use change::{Change, Thing};
pub use classification::{Classification, ClassificationEntry};
pub use difference::{Difference, What, differences, settings_of};
pub use hours::{DayEntry, HoursEntry, OpeningHours, WeekEntry, weekday_keys};
pub use number::{Number, NumberEntry};
pub use password::{PASSWORD_CHARACTERS_MIN, hard_to_guess};
pub use people::{
    Fault, FaultWhy, PEOPLE_BYTES_MAX, PEOPLE_LINES_MAX, PeopleColumn, PeopleTable, PersonLine, people_table,
    people_template,
};
pub use queue::{AnnouncementsEntry, HeadStart, HeadStartEntry, Queue, QueueEntry, Strict, Voice};
pub use refusal::{Key, Kind, Refusal, Refusals, Why, Wrong};
pub use role::{AREAS, Area, Editor, Level, OWN_ROLES_FROM, Rights, Role, RoleEntry, Scope};
pub use secret::Secret;
pub use service::{ChatService, ServiceEntry};
pub use settings::Defaults;
pub use template::{Template, TemplateEntry};
pub use trunk::{Dialled, Trunk, TrunkAccount, TrunkEntry, TrunkSecret, TrunkServer, TrunkTransport};
pub use widget::Widget;

use crate::contact::{self, Country, NoFields};
use crate::hours::Zone;
use crate::id::{AgentId, ClassificationId, CompanyId, QueueId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A tenant with all that belongs to it, each list by id, numbers by themselves, trunks by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Company {
    /// Its id.
    pub id: CompanyId,
    /// Its name, unique in the database.
    pub name: String,
    /// Whether its call records keep the numbers of callers who don't want theirs to be shown.
    pub keep_withheld_numbers: bool,
    /// In which country its numbers are written that name none.
    pub country: Country,
    /// In whose time it lives; `None`: in that of its country.
    pub zone: Option<Zone>,
    /// What it wants to know of its contacts besides, in the order in which that is shown.
    pub contact_fields: Vec<contact::Field>,
    /// By which its chats may begin, as it was issued; whether it holds is for [`crate::licence`] to say.
    pub licence: Option<String>,
    /// Its people.
    pub agents: Vec<Agent>,
    /// Its queues.
    pub queues: Vec<Queue>,
    /// Why its people take breaks.
    pub break_reasons: Vec<BreakReason>,
    /// Its chat services.
    pub services: Vec<ChatService>,
    /// Its numbers.
    pub numbers: Vec<Number>,
    /// Its trunks.
    pub trunks: Vec<Trunk>,
    /// What items may be about.
    pub classifications: Vec<Classification>,
    /// What its people write again and again.
    pub templates: Vec<Template>,
    /// When it is open.
    pub hours: Vec<OpeningHours>,
    /// Its own roles, beside those that are there.
    pub roles: Vec<Role>,
    /// By which programs ask and change.
    pub api_keys: Vec<ApiKey>,
    /// The names of what was removed: records and running items still tell of it.
    pub removed: Removed,
}

/// What was removed from a company and is still told of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// People, by the name that others saw.
    pub agents: BTreeMap<AgentId, String>,
    /// Queues.
    pub queues: BTreeMap<QueueId, RemovedQueue>,
    /// Classifications.
    pub classifications: BTreeMap<ClassificationId, Classification>,
}

/// A queue that takes nothing any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemovedQueue {
    /// The name that it had.
    pub name: String,
    /// Where it overflowed: what waits there, or comes back, goes on there.
    pub overflow: Option<QueueId>,
}

/// The company itself, known by its name. What is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompanyEntry {
    /// Its name.
    pub name: String,
    /// Why its people take breaks, in its own words; those that it has already stay.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub break_reasons: Vec<String>,
    /// Whether its call records keep the numbers of callers who don't want theirs to be shown; `false` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_withheld_numbers: Option<bool>,
    /// In which country its numbers are written that name none: two letters (ISO 3166-1); `DE` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The time zone of its opening hours, as `Europe/Berlin` (IANA); that of the country by default, or if it is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Exactly what it wants to know of its contacts besides, in the order in which that is shown; nothing by default. What
    /// contacts have of a field that goes stays with them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_fields: Option<Vec<contact::Field>>,
    /// The licence by which its chats may begin, as it was issued; none if it is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
}

/// What a company has to know of the rest of the database: names that others have, and the ids that come next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outside {
    /// The login names of other companies' people.
    pub login_names: BTreeSet<String>,
    /// The phones of other companies' people: users that register, and fixed URIs.
    pub phones: BTreeSet<String>,
    /// The users that other companies' trunks prove to be.
    pub trunk_users: BTreeSet<String>,
    /// Other companies' numbers.
    pub numbers: BTreeSet<String>,
    /// The tokens of other companies' chat services.
    pub tokens: BTreeSet<String>,
    /// Those that they had before, and that may still work.
    pub previous_tokens: BTreeSet<String>,
    /// The hashes of other companies' API tokens.
    pub token_hashes: BTreeSet<String>,
    /// The ids that come next: higher than all that were ever given.
    pub next: NextIds,
}

/// The ids that come next, of each kind that has any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextIds {
    /// Of agents.
    pub agent: u64,
    /// Of queues.
    pub queue: u64,
    /// Of reasons for breaks.
    pub break_reason: u64,
    /// Of chat services.
    pub service: u64,
    /// Of classifications.
    pub classification: u64,
    /// Of templates.
    pub template: u64,
    /// Of opening hours.
    pub hours: u64,
    /// Of roles.
    pub role: u64,
    /// Of API keys.
    pub api_key: u64,
}

impl Default for NextIds {
    fn default() -> NextIds {
        NextIds {
            agent: 1,
            queue: 1,
            break_reason: 1,
            service: 1,
            classification: 1,
            template: 1,
            hours: 1,
            role: OWN_ROLES_FROM,
            api_key: 1,
        }
    }
}

/// The next id, which is taken by asking.
fn take(next: &mut u64) -> u64 {
    let id = *next;
    *next += 1;
    id
}

impl Company {
    /// A company that has nothing yet.
    ///
    /// # Errors
    /// When that is no name.
    pub fn new(id: CompanyId, name: &str) -> Result<Company, Refusal> {
        refusal::named(Kind::Company, name)?;
        Ok(Company { id, name: name.to_owned(), ..Company::default() })
    }

    /// What the company is once all these changes are made: first what is put, in its order, then what is removed. The
    /// rules between things (who has which phone, where overflow ends, what a queue is used by) are those of the result: two
    /// people may exchange their phones, and what uses a queue may be removed together with it.
    ///
    /// # Errors
    /// All that is wrong with them; then nothing is changed.
    pub fn change(&self, changes: &[Change], outside: &Outside) -> Result<Company, Refusals> {
        let mut after = self.clone();
        let (mut next, mut refused) = (outside.next, Refusals::default());
        for change in changes {
            if let Change::Rename { thing, name } = change {
                refused.note(after.rename(thing, name, outside));
            }
        }
        let (removals, puts): (Vec<&Change>, Vec<&Change>) =
            changes.iter().partition(|change| matches!(change, Change::Remove(_)));
        for change in &puts {
            if let Change::PutHours(entry) = change {
                after.put_hours(entry, &mut next, &mut refused);
            }
            if let Change::PutRole(entry) = change {
                after.put_role(entry, &mut next, &mut refused);
            }
        }
        for change in &puts {
            if let Change::PutQueue(entry) = change {
                after.put_queue(entry, &mut next, &mut refused);
            }
        }
        for change in &puts {
            if let Change::PutClassification(entry) = change {
                after.put_classification(entry, &mut next, &mut refused);
            }
        }
        for change in puts.into_iter().chain(removals) {
            after.make(change, outside, &mut next, &mut refused);
        }
        after.overflows_end(&mut refused);
        after.removed_queues_are_unused(&mut refused);
        after.removed_hours_are_unused(self, &mut refused);
        after.removed_roles_are_unused(self, &mut refused);
        after.classifications_are_a_tree(&mut refused);
        after.phones_have_one_owner(self, outside, &mut refused);
        after.sort();
        refused.or(after)
    }

    /// Makes one change as far as it can be made: what of it is refused is noted, and the others are looked at with the rest.
    fn make(&mut self, change: &Change, outside: &Outside, next: &mut NextIds, refused: &mut Refusals) {
        match change {
            Change::Company(entry) => self.put_company(entry, next, refused),
            // All queues are there by now, so that each may overflow into any other.
            Change::PutQueue(entry) => self.put_overflow(entry, refused),
            Change::PutAgent(entry) => self.put_agent(entry, outside, next, refused),
            Change::PutNumber(entry) => self.put_number(entry, outside, refused),
            Change::PutTrunk(entry) => self.put_trunk(entry, refused),
            Change::PutService(entry) => self.put_service(entry, outside, next, refused),
            // All of them are there by now, so that each may be part of any other.
            Change::PutClassification(entry) => self.put_parent(entry, refused),
            Change::PutTemplate(entry) => self.put_template(entry, next, refused),
            Change::PutApiKey(entry) => self.put_api_key(entry, outside, next, refused),
            // Before the queues that go by them, and the people who have them.
            Change::PutHours(_) | Change::PutRole(_) => {}
            Change::Activate { login_name, active } => _ = refused.note(self.activate(login_name, *active)),
            Change::Password { login_name, hash } => _ = refused.note(self.set_password(login_name, hash)),
            Change::Remove(thing) => _ = refused.note(self.remove(thing)),
            // Before all others, which know it by its new name.
            Change::Rename { .. } => {}
        }
    }

    /// Gives a thing that has an id another name.
    fn rename(&mut self, thing: &Thing, name: &str, outside: &Outside) -> Result<(), Refusal> {
        let (kind, known_as) = thing.named();
        let refuse = |why| Err(Refusal::new(kind, known_as, kind.name_key(), why));
        if let Err(Refusal { why, .. }) = refusal::named(kind, name) {
            return refuse(why);
        }
        let mut names: Vec<&mut String> = match thing {
            Thing::Queue(_) => self.queues.iter_mut().map(|queue| &mut queue.name).collect(),
            Thing::Agent(_) => self.agents.iter_mut().map(|agent| &mut agent.login_name).collect(),
            Thing::Service(_) => self.services.iter_mut().map(|service| &mut service.token).collect(),
            Thing::BreakReason(_) => self.break_reasons.iter_mut().map(|reason| &mut reason.name).collect(),
            Thing::Classification(_) => self.classifications.iter_mut().map(|known| &mut known.code).collect(),
            Thing::Template(_) => self.templates.iter_mut().map(|known| &mut known.name).collect(),
            Thing::Hours(_) => self.hours.iter_mut().map(|known| &mut known.name).collect(),
            Thing::Role(_) if Role::is_built_in(name) => return refuse(Why::BuiltIn),
            Thing::Role(_) => self.roles.iter_mut().map(|known| &mut known.name).collect(),
            Thing::ApiKey(_) => self.api_keys.iter_mut().map(|known| &mut known.name).collect(),
            Thing::Number(_) | Thing::Trunk(_) => return refuse(Why::NotRenamed),
        };
        if names.iter().any(|other| other.as_str() == name) {
            return refuse(Why::NameTaken);
        }
        let is_others = match thing {
            Thing::Agent(_) => outside.login_names.contains(name),
            Thing::Service(_) => outside.tokens.contains(name) || outside.previous_tokens.contains(name),
            Thing::Queue(_)
            | Thing::BreakReason(_)
            | Thing::Number(_)
            | Thing::Trunk(_)
            | Thing::Classification(_)
            | Thing::Template(_)
            | Thing::Hours(_)
            | Thing::Role(_)
            | Thing::ApiKey(_) => false,
        };
        if is_others {
            return refuse(Why::OtherCompany);
        }
        match names.iter_mut().find(|known| known.as_str() == known_as) {
            Some(known) => name.clone_into(known),
            None => return refuse(Why::Unknown),
        }
        Ok(())
    }

    fn remove(&mut self, thing: &Thing) -> Result<(), Refusal> {
        match thing {
            Thing::Queue(name) => self.remove_queue(name),
            Thing::Agent(login_name) => self.remove_agent(login_name),
            Thing::Number(number) => self.remove_number(number),
            Thing::Trunk(name) => self.remove_trunk(name),
            Thing::Service(token) => self.remove_service(token),
            Thing::BreakReason(name) => self.remove_break_reason(name),
            Thing::Classification(code) => self.remove_classification(code),
            Thing::Template(name) => self.remove_template(name),
            Thing::Hours(name) => self.remove_hours(name),
            Thing::Role(name) => self.remove_role(name),
            Thing::ApiKey(name) => self.remove_api_key(name),
        }
    }

    fn put_company(&mut self, entry: &CompanyEntry, next: &mut NextIds, refused: &mut Refusals) {
        self.keep_withheld_numbers = entry.keep_withheld_numbers.unwrap_or(self.keep_withheld_numbers);
        match entry.country.as_deref().map(|letters| Country::of(letters).ok_or(letters)) {
            None => {}
            Some(Ok(country)) => self.country = country,
            Some(Err(letters)) => {
                let why = Why::Country { found: letters.chars().take(40).collect() };
                refused.add(Kind::Company, &self.name, (Some("country"), why));
            }
        }
        match entry.time_zone.as_deref().map(|name| Zone::of(name).ok_or(name)) {
            None => {}
            Some(Err("")) => self.zone = None,
            Some(Ok(zone)) => self.zone = Some(zone),
            Some(Err(name)) => {
                let why = Why::TimeZone { found: name.chars().take(40).collect() };
                refused.add(Kind::Company, &self.name, (Some("time_zone"), why));
            }
        }
        if let Some(fields) = &entry.contact_fields {
            for why in contact::wrong_fields(fields) {
                let why = match why {
                    NoFields::TooMany { most } => Why::TooMany { most },
                    NoFields::Name(name) => Why::ContactField(name),
                    NoFields::Choices { field, most } => Why::Choices { field, most },
                };
                refused.add(Kind::Company, &self.name, (Some("contact_fields"), why));
            }
            self.contact_fields.clone_from(fields);
        }
        if let Some(licence) = &entry.licence {
            self.licence = Some(licence.trim().to_owned()).filter(|licence| !licence.is_empty());
        }
        for name in &entry.break_reasons {
            refused.note(self.put_break_reason(name, next));
        }
    }

    /// The company itself, as a file describes it.
    pub fn entry(&self) -> CompanyEntry {
        CompanyEntry {
            name: self.name.clone(),
            break_reasons: self.break_reasons.iter().map(|reason| reason.name.clone()).collect(),
            keep_withheld_numbers: Some(self.keep_withheld_numbers),
            country: (self.country != Country::default()).then(|| self.country.letters.to_owned()),
            time_zone: self.zone.as_ref().map(|zone| zone.as_str().to_owned()),
            contact_fields: Some(self.contact_fields.clone()).filter(|fields| !fields.is_empty()),
            licence: self.licence.clone(),
        }
    }

    /// The display name of somebody who is or was here; empty if there never was such an agent.
    pub fn agent_name(&self, id: AgentId) -> &str {
        let here = self.agents.iter().find(|agent| agent.id == id).map(|agent| &agent.display_name);
        here.or_else(|| self.removed.agents.get(&id)).map_or("", String::as_str)
    }

    /// The name of a queue that is or was here; empty if there never was one.
    pub fn queue_name(&self, id: QueueId) -> &str {
        let here = self.queues.iter().find(|queue| queue.id == id).map(|queue| &queue.name);
        here.or_else(|| self.removed.queues.get(&id).map(|gone| &gone.name)).map_or("", String::as_str)
    }

    /// Where what waits in a removed queue, or comes back to it, goes on: where it overflowed, or where that did. `None`:
    /// nowhere.
    pub fn successor(&self, removed: QueueId) -> Option<QueueId> {
        let first = self.removed.queues.get(&removed)?.overflow;
        let next = |at: &QueueId| self.removed.queues.get(at)?.overflow;
        let mut follows = std::iter::successors(first, next).take(1 + self.removed.queues.len());
        follows.find(|at| self.queues.iter().any(|queue| queue.id == *at))
    }

    fn sort(&mut self) {
        self.agents.sort_by_key(|agent| agent.id);
        self.queues.sort_by_key(|queue| queue.id);
        self.break_reasons.sort_by_key(|reason| reason.id);
        self.services.sort_by_key(|service| service.id);
        self.classifications.sort_by_key(|known| known.id);
        self.templates.sort_by_key(|known| known.id);
        self.hours.sort_by_key(|known| known.id);
        self.roles.sort_by_key(|known| known.id);
        self.api_keys.sort_by_key(|known| known.id);
        self.numbers.sort_by(|one, other| one.number.cmp(&other.number));
        self.trunks.sort_by(|one, other| one.name.cmp(&other.name));
    }
}

#[cfg(test)]
mod tests;
