//! Companies: their rows are read as one value, and written by what a change makes of it.
//! Never decides what a company may be like: that is `domain::company`.

mod agent;
mod api_key;
pub(super) mod audit;
mod break_reason;
mod classification;
mod edit;
mod file;
mod hours;
mod named;
mod number;
mod people;
mod queue;
mod reading;
mod role;
mod service;
mod template;
mod trunk;

pub(super) use agent::by_id as agent_by_id;
pub(super) use api_key::used as api_key_used;
pub use api_key::{ApiKeyEntry, ApiKeyRow};
pub use audit::{AuditCursor, AuditEntry, AuditFilter, AuditPage, Author};
pub(super) use audit::{forget as forget_audit, write as write_audit};
pub(super) use edit::change_at;
pub use edit::{Described, Edit, EditError, Settings, Version, changes, things};
pub(super) use file::LookedAt;
pub use file::{AgentEntry, ChangedPasswords, CompanyFile, TrunkEntry};
pub use people::{Given, PeopleSecrets, differences_tag, planned_changes};
pub use reading::Damage;

use super::Store;
use super::connection::DatabaseConnection;
use super::error::{JobError, StoreError};
use super::ids::Stored;
use super::offline::Offline;
use super::pending::Pending;
use diesel::prelude::*;
use domain::company::{
    Agent, Change, Company, Difference, Kind, NextIds, OWN_ROLES_FROM, Outside, Refusal, Refusals, Removed, Why,
    differences,
};
use domain::contact::{Country, Field};
use domain::hours::Zone;
use domain::id::CompanyId;
use std::time::{SystemTime, UNIX_EPOCH};

diesel::table! {
    company (id) {
        id -> BigInt,
        name -> Text,
        keep_withheld_numbers -> BigInt,
        country -> Text,
        time_zone -> Nullable<Text>,
        contact_fields -> Text,
        licence -> Nullable<Text>,
    }
}

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompanyRow {
    /// Its id.
    pub id: CompanyId,
    /// Its name, unique in this database.
    pub name: String,
}

/// A company as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// The company.
    pub company: Company,
    /// What of it could not be read.
    pub damages: Vec<Damage>,
}

/// How a company's file is applied.
#[derive(Clone, Debug)]
pub struct Application {
    /// Who applies it.
    pub author: Author,
    /// The SIP realm in which phones' passwords are hashed.
    pub realm: String,
    /// What becomes of passwords that people changed themselves.
    pub passwords: ChangedPasswords,
    /// Also removes what the file leaves out.
    pub prune: bool,
}

impl Application {
    /// By an operator, who leaves alone what the file leaves out, and people's own passwords.
    pub fn by(operator: &str, realm: &str) -> Application {
        let (author, realm) = (Author::Operator(operator.to_owned()), realm.to_owned());
        Application { author, realm, passwords: ChangedPasswords::Kept, prune: false }
    }
}

impl From<Refusals> for JobError {
    fn from(refusals: Refusals) -> JobError {
        JobError::Refused(refusals)
    }
}

impl From<Refusal> for JobError {
    fn from(refusal: Refusal) -> JobError {
        JobError::Refused(refusal.into())
    }
}

impl Store {
    /// All companies, by id.
    pub fn companies(&self) -> Result<Vec<CompanyRow>, StoreError> {
        self.read("read the companies", companies)
    }

    /// The same, for whoever must not wait.
    pub fn ask_companies(&self) -> Pending<Vec<CompanyRow>> {
        self.ask("read the companies", companies)
    }

    /// A company with all that belongs to it; `None` if there is no such company. What cannot be read has its default:
    /// [`Store::company`] says what that is.
    pub fn floor(&self, company: CompanyId) -> Result<Option<Company>, StoreError> {
        Ok(self.company(company)?.map(|loaded| loaded.company))
    }

    /// The same, for whoever must not wait.
    pub fn ask_floor(&self, company: CompanyId) -> Pending<Option<Company>> {
        let damages = self.inner.damages.clone();
        self.ask("read a company", move |connection| {
            let loaded = load(connection, company)?;
            damages.note(company, loaded.as_ref());
            Ok(loaded.map(|loaded| loaded.company))
        })
    }

    /// The same, with what of it cannot be read.
    pub fn company(&self, company: CompanyId) -> Result<Option<Loaded>, StoreError> {
        let loaded = self.read("read a company", |connection| load(connection, company))?;
        self.inner.damages.note(company, loaded.as_ref());
        Ok(loaded)
    }
}

impl Offline {
    /// All companies, by id.
    pub fn companies(&mut self) -> Result<Vec<CompanyRow>, StoreError> {
        companies(&mut self.connection).map_err(StoreError::database("read the companies"))
    }

    /// A company with all that belongs to it; `None` if there is no such company.
    pub fn floor(&mut self, company: CompanyId) -> Result<Option<Company>, StoreError> {
        let loaded = load(&mut self.connection, company).map_err(StoreError::database("read a company"))?;
        Ok(loaded.map(|loaded| loaded.company))
    }

    /// Brings the database to agree with `file`, and says what changed.
    pub fn apply(&mut self, file: &CompanyFile, how: &Application) -> Result<Vec<Difference>, StoreError> {
        let looked_at = self.look(file, how)?;
        self.connection
            .immediate_transaction(|connection| apply(connection, file, &looked_at, how))
            .map_err(|why: JobError| why.into_store_error("apply a company file"))
    }

    /// What [`Offline::apply`] would change. Nothing is changed.
    pub fn plan(&mut self, file: &CompanyFile, how: &Application) -> Result<Vec<Difference>, StoreError> {
        let looked_at = self.look(file, how)?;
        let plan = |connection: &mut DatabaseConnection| -> Result<Vec<Difference>, JobError> {
            let before = by_name(connection, &file.company.name)?;
            let new = Company::new(CompanyId(0), &file.company.name)?;
            let after = follow(connection, before.as_ref().unwrap_or(&new), file, &looked_at, how)?;
            Ok(differences(before.as_ref(), &after))
        };
        let planned = self.connection.transaction(plan);
        planned.map_err(|why: JobError| why.into_store_error("look what a company file would change"))
    }

    fn look(&mut self, file: &CompanyFile, how: &Application) -> Result<LookedAt, StoreError> {
        let before = by_name(&mut self.connection, &file.company.name);
        file.look(before.map_err(StoreError::database("read a company"))?.as_ref(), how.passwords)
    }

    /// Changes a company that is there, and says what changed.
    pub fn change(
        &mut self,
        company: CompanyId,
        changes: &[Change],
        author: &Author,
    ) -> Result<Vec<Difference>, StoreError> {
        self.connection
            .immediate_transaction(|connection| change(connection, company, changes, author))
            .map_err(|why: JobError| why.into_store_error("change a company"))
    }

    /// The person with this login name.
    pub fn agent_by_login(&mut self, login_name: &str) -> Result<Option<Agent>, StoreError> {
        agent::by_login(&mut self.connection, login_name).map_err(StoreError::database("read a person"))
    }
}

/// All companies, by id.
pub(super) fn companies(connection: &mut DatabaseConnection) -> QueryResult<Vec<CompanyRow>> {
    let rows = company::table.order(company::id).select((company::id, company::name));
    let rows = rows.load::<(i64, String)>(connection)?.into_iter();
    Ok(rows.map(|(id, name)| CompanyRow { id: CompanyId::from_stored(id), name }).collect())
}

/// The fields of contacts that a company defines.
pub(super) fn contact_fields(connection: &mut DatabaseConnection, id: CompanyId) -> QueryResult<Vec<Field>> {
    let text =
        company::table.find(id.stored()).select(company::contact_fields).first::<String>(connection).optional()?;
    let mut damages = vec![];
    let fields = reading::Reading::new("company", &id, &mut damages).json("contact_fields", text.as_deref());
    // It is told with the company, when that is loaded.
    Ok(fields.unwrap_or_default())
}

/// A company with all that belongs to it, and what of it could not be read.
pub(super) fn load(connection: &mut DatabaseConnection, id: CompanyId) -> QueryResult<Option<Loaded>> {
    let columns = (
        company::name,
        company::keep_withheld_numbers,
        company::country,
        company::time_zone,
        company::contact_fields,
        company::licence,
    );
    let row = company::table.find(id.stored()).select(columns);
    let row = row.first::<(String, i64, String, Option<String>, String, Option<String>)>(connection).optional()?;
    let Some((name, keep, letters, zone, fields, licence)) = row else { return Ok(None) };
    let mut damages = vec![];
    let mut reading = reading::Reading::new("company", &id, &mut damages);
    let keep_withheld_numbers = reading.flag("keep_withheld_numbers", keep);
    let country = Country::of(&letters).unwrap_or_else(|| {
        reading.damaged("country", format_args!("found `{letters}`, expected the letters of a country"));
        Country::default()
    });
    let zone = zone.and_then(|name| {
        let known = Zone::of(&name);
        if known.is_none() {
            reading.damaged("time_zone", format_args!("found `{name}`, expected the name of a time zone"));
        }
        known
    });
    let contact_fields = reading.json("contact_fields", Some(&fields)).unwrap_or_default();
    let company = Company {
        id,
        name,
        keep_withheld_numbers,
        country,
        zone,
        contact_fields,
        licence,
        agents: agent::load(connection, id, &mut damages)?,
        queues: queue::load(connection, id, &mut damages)?,
        break_reasons: break_reason::load(connection, id)?,
        services: service::load(connection, id, &mut damages)?,
        numbers: number::load(connection, id)?,
        trunks: trunk::load(connection, id, &mut damages)?,
        classifications: classification::load(connection, id, &mut damages)?,
        templates: template::load(connection, id, &mut damages)?,
        hours: hours::load(connection, id, &mut damages)?,
        roles: role::load(connection, id, &mut damages)?,
        api_keys: api_key::load(connection, id, &mut damages)?,
        removed: Removed {
            agents: agent::removed(connection, id)?,
            queues: queue::removed(connection, id)?,
            classifications: classification::removed(connection, id, &mut damages)?,
        },
    };
    Ok(Some(Loaded { company, damages }))
}

/// In whose time a company lives.
fn zone(connection: &mut DatabaseConnection, id: CompanyId) -> QueryResult<Zone> {
    let row = company::table.find(id.stored()).select((company::country, company::time_zone));
    let (letters, zone) = row.first::<(String, Option<String>)>(connection)?;
    // What cannot be read is told with the company, when that is loaded.
    let (country, zone) = (Country::of(&letters).unwrap_or_default(), zone.as_deref().and_then(Zone::of));
    Ok(Company { country, zone, ..Company::default() }.zone())
}

pub(super) fn by_name(connection: &mut DatabaseConnection, name: &str) -> QueryResult<Option<Company>> {
    let id = company::table.filter(company::name.eq(name)).select(company::id).first::<i64>(connection).optional()?;
    let loaded = id.map(|id| load(connection, CompanyId::from_stored(id))).transpose()?.flatten();
    Ok(loaded.map(|loaded| loaded.company))
}

/// What a company has to know of the others.
fn outside(connection: &mut DatabaseConnection, company: CompanyId) -> QueryResult<Outside> {
    let (login_names, phones) = agent::of_others(connection, company)?;
    let (tokens, previous_tokens) = service::of_others(connection, company)?;
    Ok(Outside {
        login_names,
        phones,
        trunk_users: trunk::of_others(connection, company)?,
        numbers: number::of_others(connection, company)?,
        tokens,
        previous_tokens,
        token_hashes: api_key::of_others(connection, company)?,
        next: NextIds {
            agent: agent::next(connection)?,
            queue: queue::next(connection)?,
            break_reason: break_reason::next(connection)?,
            service: service::next(connection)?,
            classification: classification::next(connection)?,
            template: template::next(connection)?,
            hours: hours::next(connection)?,
            // Those below are of every company.
            role: role::next(connection)?.max(OWN_ROLES_FROM),
            api_key: api_key::next(connection)?,
        },
    })
}

/// What a company is like once it agrees with a file.
fn follow(
    connection: &mut DatabaseConnection,
    before: &Company,
    file: &CompanyFile,
    looked_at: &LookedAt,
    how: &Application,
) -> Result<Company, JobError> {
    let (changes, Refusals(mut refused)) = file.changes(before, looked_at, &how.realm, how.prune);
    let after = before.change(&changes, &outside(connection, before.id)?);
    let after = after.map_err(|Refusals(more)| refused.extend(more));
    let (Ok(after), true) = (after, refused.is_empty()) else { return Err(Refusals(refused).into()) };
    Ok(after)
}

/// Makes a company what its file says, and says what changed.
pub(super) fn apply(
    connection: &mut DatabaseConnection,
    file: &CompanyFile,
    looked_at: &LookedAt,
    how: &Application,
) -> Result<Vec<Difference>, JobError> {
    let known = by_name(connection, &file.company.name)?;
    let before = match &known {
        Some(known) => known.clone(),
        None => begin(connection, &file.company.name)?,
    };
    let after = follow(connection, &before, file, looked_at, how)?;
    save(connection, &before, &after)?;
    audited(connection, &how.author, known.as_ref(), &after)
}

/// The same where there is no company yet.
pub(super) fn apply_first(
    connection: &mut DatabaseConnection,
    file: &CompanyFile,
    looked_at: &LookedAt,
    how: &Application,
) -> Result<Vec<Difference>, JobError> {
    if companies(connection)?.is_empty() { apply(connection, file, looked_at, how) } else { Err(JobError::Stale) }
}

/// What was changed, once it stands in the audit.
fn audited(
    connection: &mut DatabaseConnection,
    author: &Author,
    before: Option<&Company>,
    after: &Company,
) -> Result<Vec<Difference>, JobError> {
    let differences = differences(before, after);
    audit::write(connection, after.id, now(), author, &differences)?;
    Ok(differences)
}

/// Makes a company that has nothing yet.
fn begin(connection: &mut DatabaseConnection, name: &str) -> Result<Company, JobError> {
    // Its name is looked at before it has a row.
    Company::new(CompanyId(0), name)?;
    let id = diesel::insert_into(company::table)
        .values((company::name.eq(name), company::keep_withheld_numbers.eq(0)))
        .returning(company::id)
        .get_result::<i64>(connection)?;
    Ok(Company::new(CompanyId::from_stored(id), name)?)
}

/// Makes the rows of a company agree with what it is now.
fn save(connection: &mut DatabaseConnection, before: &Company, after: &Company) -> QueryResult<()> {
    let at = now();
    if before.keep_withheld_numbers != after.keep_withheld_numbers {
        let keep = company::keep_withheld_numbers.eq(i64::from(after.keep_withheld_numbers));
        diesel::update(company::table.find(after.id.stored())).set(keep).execute(connection)?;
    }
    if before.country != after.country {
        let country = company::country.eq(after.country.letters);
        diesel::update(company::table.find(after.id.stored())).set(country).execute(connection)?;
    }
    if before.zone != after.zone {
        let zone = company::time_zone.eq(after.zone.as_ref().map(Zone::as_str));
        diesel::update(company::table.find(after.id.stored())).set(zone).execute(connection)?;
    }
    if before.contact_fields != after.contact_fields {
        let fields = company::contact_fields.eq(reading::json(&after.contact_fields)?);
        diesel::update(company::table.find(after.id.stored())).set(fields).execute(connection)?;
    }
    if before.licence != after.licence {
        let licence = company::licence.eq(&after.licence);
        diesel::update(company::table.find(after.id.stored())).set(licence).execute(connection)?;
    }
    // What queues and chat services go by is there before them.
    hours::save(connection, after.id, &before.hours, &after.hours, at)?;
    role::save(connection, after.id, &before.roles, &after.roles, at)?;
    api_key::save(connection, after.id, &before.api_keys, &after.api_keys, at)?;
    // A removed queue keeps its row, so that nothing refers to none.
    queue::save(connection, &before.queues, &after.queues, at)?;
    break_reason::save(connection, after.id, &before.break_reasons, &after.break_reasons, at)?;
    agent::save(connection, &before.agents, &after.agents, at)?;
    number::save(connection, &before.numbers, &after.numbers)?;
    trunk::save(connection, &before.trunks, &after.trunks)?;
    service::save(connection, &before.services, &after.services, at)?;
    classification::save(connection, after.id, &before.classifications, &after.classifications, at)?;
    template::save(connection, after.id, &before.templates, &after.templates, at)
}

/// Makes changes of one company that is there, and says what they came to.
pub(super) fn change(
    connection: &mut DatabaseConnection,
    id: CompanyId,
    changes: &[Change],
    author: &Author,
) -> Result<Vec<Difference>, JobError> {
    let Some(Loaded { company: before, .. }) = load(connection, id)? else {
        return Err(Refusal::new(Kind::Company, "", None, Why::Unknown).into());
    };
    let after = changed(&before, changes, &outside(connection, id)?, author)?;
    save(connection, &before, &after)?;
    audited(connection, author, Some(&before), &after)
}

/// What a company is once somebody has changed it, who may no more than their roles let them.
fn changed(before: &Company, changes: &[Change], outside: &Outside, author: &Author) -> Result<Company, Refusals> {
    let after = before.change(changes, outside)?;
    author.editor().map_or(Ok(()), |editor| before.lets(editor, &after))?;
    Ok(after)
}

/// The time, in milliseconds since 1970.
pub(super) fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}
