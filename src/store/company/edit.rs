//! A company's things one by one, as the API shows and changes them: settings by key, as in the company's file.
//! Never shows a secret, and never takes the name of a file of this machine from whoever only administers a company.

use super::api_key::ApiKeyEntry;
use super::file::{AgentEntry, ChangedPasswords, CompanyFile, TrunkEntry};
use super::{Author, audit, change, changed, load, outside};
use crate::store::Store;
use crate::store::connection::DatabaseConnection;
use crate::store::error::{JobError, StoreError};
use crate::store::pending::Pending;
use domain::announcement::{Announcements, Text};
use domain::company::{
    AnnouncementsEntry, Change, ClassificationEntry, Company, Difference, HoursEntry, Kind, NumberEntry, Outside,
    QueueEntry, Refusal, Refusals, Role, RoleEntry, ServiceEntry, TemplateEntry, Thing, Why, differences, settings_of,
};
use domain::contact::Country;
use domain::id::CompanyId;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// Settings by key, as they stand in the company's file.
pub type Settings = Map<String, Value>;

/// Which state of a company something was thought of for. Each change makes it greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(i64);

/// One thing of a company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// By what it is asked for: its id where it has one, else its name.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is like, without secrets; its name is among them. What is not there has its default.
    pub settings: Settings,
}

impl Described {
    fn of(id: impl ToString, name: &str, settings: Settings) -> Described {
        Described { id: id.to_string(), name: name.to_owned(), settings }
    }

    /// By which it is seen whether it is another one by now.
    pub fn tag(&self) -> String {
        let text = Value::Object(self.settings.clone()).to_string();
        Sha256::digest(text)[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What is to be done with a thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Make one.
    Make(Settings),
    /// Change one: what is left out stays, what is `null` has its default again (RFC 7396).
    Change {
        /// Which.
        id: String,
        /// How.
        patch: Settings,
    },
    /// Take one out of the company.
    Remove {
        /// Which.
        id: String,
    },
}

/// Why an edit makes no changes.
#[derive(Debug)]
pub enum EditError {
    /// There is no such thing.
    Unknown,
    /// A setting is not there, is none, or has another type.
    Unreadable(String),
    /// It contradicts itself, or the company.
    Refused(Refusals),
    /// A password could not be hashed.
    Store(StoreError),
}

impl From<Refusal> for EditError {
    fn from(refusal: Refusal) -> EditError {
        EditError::Refused(refusal.into())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BreakReasonEntry {
    name: String,
}

/// All things of a kind, in their order.
pub fn things(company: &Company, kind: Kind) -> Vec<Described> {
    let named = |name: &str| Map::from_iter([("name".to_owned(), name.into())]);
    match kind {
        Kind::Company => {
            let mut settings = settings_of(&company.entry());
            settings.remove("break_reasons");
            vec![Described::of(company.id, &company.name, settings)]
        }
        Kind::Queue => {
            let described = |queue: &domain::company::Queue| {
                Described::of(queue.id, &queue.name, settings_of(&queue.entry(company)))
            };
            company.queues.iter().map(described).collect()
        }
        Kind::Agent => {
            let described = |agent: &domain::company::Agent| {
                Described::of(agent.id, &agent.login_name, settings_of(&agent.entry(company)))
            };
            company.agents.iter().map(described).collect()
        }
        Kind::Number => {
            let described = |number: &domain::company::Number| {
                Described::of(&number.number, &number.number, settings_of(&number.entry(company)))
            };
            company.numbers.iter().map(described).collect()
        }
        Kind::Trunk => {
            let trunks = company.trunks.iter();
            trunks.map(|trunk| Described::of(&trunk.name, &trunk.name, settings_of(&trunk.entry()))).collect()
        }
        Kind::Service => {
            let described = |service: &domain::company::ChatService| {
                Described::of(service.id, &service.token, settings_of(&service.entry(company)))
            };
            company.services.iter().map(described).collect()
        }
        Kind::BreakReason => {
            let reasons = company.break_reasons.iter();
            reasons.map(|reason| Described::of(reason.id, &reason.name, named(&reason.name))).collect()
        }
        Kind::Classification => {
            let described = |known: &domain::company::Classification| {
                Described::of(known.id, &known.code, settings_of(&known.entry(company)))
            };
            company.classifications.iter().map(described).collect()
        }
        Kind::Template => {
            let described = |known: &domain::company::Template| {
                Described::of(known.id, &known.name, settings_of(&known.entry(company)))
            };
            company.templates.iter().map(described).collect()
        }
        Kind::Hours => {
            let hours = company.hours.iter();
            hours.map(|known| Described::of(known.id, &known.name, settings_of(&known.entry()))).collect()
        }
        Kind::Role => {
            let described = |known: &Role| Described::of(known.id, &known.name, settings_of(&known.entry()));
            company.all_roles().map(described).collect()
        }
        Kind::ApiKey => {
            let described = |known: &domain::company::ApiKey| {
                Described::of(known.id, &known.name, settings_of(&known.entry(company)))
            };
            company.api_keys.iter().map(described).collect()
        }
        // A phone is its agent's, and neither contacts nor records are settings.
        Kind::Phone | Kind::Contact | Kind::Record => vec![],
    }
}

/// The changes that an edit comes to. Hashes passwords, which takes long.
///
/// # Errors
/// When there is no such thing, or it cannot be like this.
pub fn changes(company: &Company, kind: Kind, edit: &Edit, realm: &str) -> Result<Vec<Change>, EditError> {
    let find = |id: &String| things(company, kind).into_iter().find(|one| one.id == *id).ok_or(EditError::Unknown);
    match edit {
        Edit::Remove { id } => Ok(vec![Change::Remove(thing(kind, &find(id)?.name).ok_or(EditError::Unknown)?)]),
        Edit::Make(settings) => {
            let mut all = Settings::new();
            merge(&mut all, settings);
            let settings = all;
            let name = name_in(kind, &settings)?;
            if kind == Kind::Company || things(company, kind).iter().any(|one| one.name == name) {
                return Err(Refusal::new(kind, &name, kind.name_key(), Why::NameTaken).into());
            }
            let file = file(company, kind, settings)?;
            sounds_are_known(company, &name, &file)?;
            let (changes, refused) = whole(company, &file, realm)?;
            unless_refused(company, changes, refused)
        }
        Edit::Change { id, patch } => {
            let before = find(id)?;
            let mut settings = before.settings.clone();
            merge(&mut settings, patch);
            let name = name_in(kind, &settings)?;
            let mut all = vec![];
            if name != before.name {
                let thing = thing(kind, &before.name);
                let refuse = || Refusal::new(kind, &before.name, kind.name_key(), Why::NotRenamed);
                all.push(Change::Rename { thing: thing.ok_or_else(refuse)?, name });
            }
            let file = file(company, kind, settings)?;
            sounds_are_known(company, &before.name, &file)?;
            let (changes, refused) = whole(company, &file, realm)?;
            all.extend(changes.into_iter().flat_map(|change| own_password(company, id, change)));
            unless_refused(company, all, refused)
        }
    }
}

/// Merges a patch into settings (RFC 7396 §2).
fn merge(settings: &mut Settings, patch: &Settings) {
    for (key, value) in patch {
        match value {
            Value::Null => _ = settings.remove(key),
            Value::Object(inner) => {
                let there = settings.entry(key.clone()).or_insert_with(|| Value::Object(Settings::new()));
                if !there.is_object() {
                    *there = Value::Object(Settings::new());
                }
                if let Value::Object(there) = there {
                    merge(there, inner);
                }
            }
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                settings.insert(key.clone(), value.clone());
            }
        }
    }
}

/// The changes that a file of one thing comes to, which says all of it, beside what is wrong with the file by itself.
fn whole(company: &Company, file: &CompanyFile, realm: &str) -> Result<(Vec<Change>, Refusals), EditError> {
    let looked_at = file.look(Some(company), ChangedPasswords::Overwritten).map_err(EditError::Store)?;
    let (changes, refused) = file.changes(company, &looked_at, realm, false);
    Ok((changes.into_iter().map(Change::wholly).collect(), refused))
}

/// The changes, if nothing was refused; else also all that is wrong with them in this company.
fn unless_refused(company: &Company, changes: Vec<Change>, refused: Refusals) -> Result<Vec<Change>, EditError> {
    if refused.0.is_empty() {
        return Ok(changes);
    }
    let more = company.change(&changes, &Outside::default()).err().unwrap_or_default();
    Err(Refusals(refused.0.into_iter().chain(more.0).collect()).into())
}

/// A password that an administrator gives to somebody who is there is their own: the company's file does not undo it.
fn own_password(company: &Company, id: &str, change: Change) -> Vec<Change> {
    match change {
        Change::PutAgent(mut entry) if company.agents.iter().any(|agent| agent.id.to_string() == id) => {
            let login_name = entry.login_name.clone();
            let own = entry.password_hash.take().map(|hash| Change::Password { login_name, hash });
            [Change::PutAgent(entry)].into_iter().chain(own).collect()
        }
        other => vec![other],
    }
}

fn thing(kind: Kind, name: &str) -> Option<Thing> {
    let name = name.to_owned();
    match kind {
        Kind::Queue => Some(Thing::Queue(name)),
        Kind::Agent => Some(Thing::Agent(name)),
        Kind::Number => Some(Thing::Number(name)),
        Kind::Trunk => Some(Thing::Trunk(name)),
        Kind::Service => Some(Thing::Service(name)),
        Kind::BreakReason => Some(Thing::BreakReason(name)),
        Kind::Classification => Some(Thing::Classification(name)),
        Kind::Template => Some(Thing::Template(name)),
        Kind::Hours => Some(Thing::Hours(name)),
        Kind::Role => Some(Thing::Role(name)),
        Kind::ApiKey => Some(Thing::ApiKey(name)),
        Kind::Company | Kind::Phone | Kind::Contact | Kind::Record => None,
    }
}

fn name_in(kind: Kind, settings: &Settings) -> Result<String, EditError> {
    let key = kind.name_key().unwrap_or_default();
    match settings.get(key) {
        Some(Value::String(name)) => Ok(name.clone()),
        Some(_) => Err(EditError::Unreadable(format!("{key}: expected a text"))),
        None => Err(Refusal::new(kind, "", kind.name_key(), Why::NameEmpty).into()),
    }
}

/// A file that describes one thing.
fn file(company: &Company, kind: Kind, settings: Settings) -> Result<CompanyFile, EditError> {
    fn read<T: DeserializeOwned>(settings: Settings) -> Result<T, EditError> {
        serde_json::from_value(Value::Object(settings)).map_err(|why| EditError::Unreadable(why.to_string()))
    }
    let mut file = CompanyFile::named(&company.name);
    match kind {
        Kind::Company => {
            file.company = read(settings)?;
            // What is left out is not kept, as by default.
            file.company.keep_withheld_numbers.get_or_insert(false);
            file.company.country.get_or_insert_with(|| Country::default().letters.to_owned());
            file.company.time_zone.get_or_insert_default();
            file.company.contact_fields.get_or_insert_default();
            file.company.licence.get_or_insert_default();
        }
        Kind::Queue => file.queues.push(read::<QueueEntry>(settings)?),
        Kind::Agent => file.agents.push(read::<AgentEntry>(settings)?),
        Kind::Number => file.numbers.push(read::<NumberEntry>(settings)?),
        Kind::Trunk => file.trunks.push(read::<TrunkEntry>(settings)?),
        Kind::Service => file.services.push(read::<ServiceEntry>(settings)?),
        Kind::BreakReason => file.company.break_reasons.push(read::<BreakReasonEntry>(settings)?.name),
        Kind::Classification => file.classifications.push(read::<ClassificationEntry>(settings)?),
        Kind::Template => file.templates.push(read::<TemplateEntry>(settings)?),
        Kind::Hours => file.hours.push(read::<HoursEntry>(settings)?),
        Kind::Role => file.roles.push(read::<RoleEntry>(settings)?),
        Kind::ApiKey => file.api_keys.push(read::<ApiKeyEntry>(settings)?),
        Kind::Phone | Kind::Contact | Kind::Record => return Err(EditError::Unknown),
    }
    Ok(file)
}

/// Whether a queue names no other sounds than it has: they are files of this machine, and whoever administers one company
/// on it need not know them.
fn sounds_are_known(company: &Company, name: &str, file: &CompanyFile) -> Result<(), Refusals> {
    let voice = company.queues.iter().find(|queue| queue.name == name).map(|queue| queue.voice.clone());
    let voice = voice.unwrap_or_default();
    let files = |announcements: &Announcements| -> Vec<String> {
        let texts = [announcements.welcome.clone(), announcements.please_wait.clone()].into_iter();
        let file = |text| match text {
            Text::File(path) => Some(path),
            Text::BuiltIn(_) => None,
        };
        texts.filter_map(file).chain(announcements.closed.clone()).collect()
    };
    let known: Vec<String> = voice.music.into_iter().chain(voice.announcements.iter().flat_map(files)).collect();
    let mut refused = Refusals::default();
    for queue in &file.queues {
        if queue.music.as_ref().is_some_and(|path| !path.is_empty() && !known.contains(path)) {
            refused.add(Kind::Queue, &queue.name, (Some("music"), Why::Sound));
        }
        if let Some(AnnouncementsEntry::These(these)) = &queue.announcements
            && files(these).iter().any(|path| !known.contains(path))
        {
            refused.add(Kind::Queue, &queue.name, (Some("announcements"), Why::Sound));
        }
    }
    refused.or(())
}

impl From<Refusals> for EditError {
    fn from(refusals: Refusals) -> EditError {
        EditError::Refused(refusals)
    }
}

impl Store {
    /// A company and which state of it this is; `None` if there is no such company.
    pub fn ask_company_at(&self, company: CompanyId) -> Pending<Option<(Version, Company)>> {
        self.ask("read a company", move |connection| {
            // In this order: what is changed in between is noticed by whoever changes this state.
            let version = audit::last(connection, company)?;
            Ok(load(connection, company)?.map(|loaded| (Version(version), loaded.company)))
        })
    }

    /// What changes would come to. Nothing is changed.
    pub fn ask_plan(
        &self,
        company: CompanyId,
        changes: Vec<Change>,
        author: Author,
    ) -> Pending<Result<Vec<Difference>, Refusals>> {
        self.ask("look what a change would come to", move |connection| {
            let Some(loaded) = load(connection, company)? else { return Ok(Ok(vec![])) };
            let after = changed(&loaded.company, &changes, &outside(connection, company)?, &author);
            Ok(after.map(|after| differences(Some(&loaded.company), &after)))
        })
    }
}

/// Changes a company if it is still in this state.
pub(in crate::store) fn change_at(
    connection: &mut DatabaseConnection,
    company: CompanyId,
    version: Version,
    changes: &[Change],
    author: &Author,
) -> Result<Vec<Difference>, JobError> {
    if Version(audit::last(connection, company)?) != version {
        return Err(JobError::Stale);
    }
    change(connection, company, changes, author)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_patch_is_merged_as_rfc_7396_has_it() {
        for (settings, patch, expected) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
            (json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]})),
            (json!({"a": "c"}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        ] {
            let object = |value: &Value| value.as_object().unwrap().clone();
            let mut merged = object(&settings);
            merge(&mut merged, &object(&patch));
            assert_eq!(Value::Object(merged), expected, "{settings} {patch}");
        }
    }
}
