//! What agents wrote of items: a row for each, beside the item's record and there before that.
//! Never decides who may write: that is `domain::write_up`.

use super::Store;
use super::company::{Author, write_audit};
use super::connection::DatabaseConnection;
use super::error::JobError;
use super::ids::Stored;
use super::journal::ActorNumber;
use super::pending::Pending;
use diesel::prelude::*;
use diesel::result::Error;
use domain::company::{Difference, Kind, What};
use domain::contact::searchable;
use domain::id::{AgentId, ClassificationId, CompanyId};
use domain::time::Timestamp;
use domain::write_up::WriteUp;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

diesel::table! {
    write_up (actor) {
        actor -> BigInt,
        company -> BigInt,
        version -> BigInt,
        note -> Text,
        words -> Text,
        classifications -> Text,
        agent -> BigInt,
        at -> BigInt,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = write_up)]
struct Row {
    actor: i64,
    company: i64,
    version: i64,
    note: String,
    words: String,
    classifications: String,
    agent: i64,
    at: i64,
}

/// What was written of an item, and by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteUpRow {
    /// Which state of it this is: it grows with every change. 0: nothing was ever written.
    pub version: u64,
    /// What.
    pub written: WriteUp,
    /// By whom, last.
    pub agent: AgentId,
    /// When, last.
    pub at: Timestamp,
}

/// A change of what is written of an item.
#[derive(Clone)]
pub struct WritesUp {
    /// Whose item it is.
    pub company: CompanyId,
    /// The item.
    pub actor: ActorNumber,
    /// Its name, as people say it.
    pub item: String,
    /// The state that was thought of.
    pub version: u64,
    /// What is to be there.
    pub written: WriteUp,
    /// By whom.
    pub agent: AgentId,
    /// When.
    pub at: Timestamp,
    /// It is an edit of what was finished, by this author.
    pub audited: Option<Author>,
}

impl Row {
    fn read(self) -> (i64, WriteUpRow) {
        let ids: Vec<i64> = serde_json::from_str(&self.classifications).unwrap_or_else(|why| {
            let actor = self.actor;
            tracing::error!(
                "table write_up, row {actor}, column classifications: not to be read: {why} (none is shown)"
            );
            vec![]
        });
        let classifications = ids.into_iter().map(ClassificationId::from_stored).collect();
        let row = WriteUpRow {
            version: u64::from_stored(self.version),
            written: WriteUp { note: self.note, classifications },
            agent: AgentId::from_stored(self.agent),
            at: Timestamp::from_stored(self.at),
        };
        (self.actor, row)
    }
}

impl Store {
    /// What is written of an item of this company; `None` if nothing ever was.
    pub fn write_up(&self, company: CompanyId, actor: ActorNumber) -> Pending<Option<WriteUpRow>> {
        self.ask("read what was written of an item", move |connection| {
            let row = write_up::table.find(actor.0).filter(write_up::company.eq(company.stored()));
            let row = row.select(Row::as_select()).first(connection).optional()?;
            Ok(row.map(|row: Row| row.read().1))
        })
    }
}

/// What is written of these items.
pub(super) fn of(connection: &mut DatabaseConnection, actors: &[i64]) -> QueryResult<BTreeMap<i64, WriteUpRow>> {
    let rows = write_up::table.filter(write_up::actor.eq_any(actors)).select(Row::as_select());
    Ok(rows.load::<Row>(connection)?.into_iter().map(Row::read).collect())
}

/// What is written of an item.
pub(super) fn of_one(connection: &mut DatabaseConnection, actor: i64) -> QueryResult<Option<WriteUpRow>> {
    let row = write_up::table.find(actor).select(Row::as_select()).first::<Row>(connection).optional()?;
    Ok(row.map(|row| row.read().1))
}

/// Writes it, if what is there is still what was thought of; else [`JobError::Stale`].
pub(super) fn write(connection: &mut DatabaseConnection, change: &WritesUp) -> Result<WriteUpRow, JobError> {
    let WritesUp { company, actor, item, version, written, agent, at, audited } = change;
    let before = of_one(connection, actor.0)?;
    if before.as_ref().map_or(0, |row| row.version) != *version {
        return Err(JobError::Stale);
    }
    let ids: Vec<i64> = written.classifications.iter().map(|id| id.stored()).collect();
    let row = Row {
        actor: actor.0,
        company: company.stored(),
        version: (version + 1).stored(),
        note: written.note.clone(),
        words: searchable(&written.note),
        classifications: serde_json::to_string(&ids).map_err(|why| Error::SerializationError(why.into()))?,
        agent: agent.stored(),
        at: at.stored(),
    };
    match before {
        None => diesel::insert_into(write_up::table).values(&row).execute(connection)?,
        Some(_) => diesel::update(write_up::table.find(actor.0)).set(&row).execute(connection)?,
    };
    if let Some(author) = audited {
        let before = before.map(|row| row.written).unwrap_or_default();
        write_audit(connection, *company, at.stored(), author, &difference(item, &before, written))?;
    }
    Ok(row.read().1)
}

/// Forgets what was written of an item in words; what it was about is nobody's secret.
pub(super) fn erase(connection: &mut DatabaseConnection, actor: ActorNumber) -> QueryResult<()> {
    let row = diesel::update(write_up::table.find(actor.0));
    row.set((write_up::note.eq(""), write_up::words.eq(""))).execute(connection)?;
    Ok(())
}

/// How many texts an erasure takes out.
pub(super) fn erasable(connection: &mut DatabaseConnection, actor: ActorNumber) -> QueryResult<usize> {
    let row = write_up::table.find(actor.0).filter(write_up::note.ne(""));
    Ok(row.count().get_result::<i64>(connection)?.cast_unsigned() as usize)
}

/// The words of a note are its item's; the audit says that they are others now.
fn difference(item: &str, before: &WriteUp, after: &WriteUp) -> Vec<Difference> {
    let ids = |written: &WriteUp| Value::from_iter(written.classifications.iter().map(|id| id.0));
    let (mut from, mut to) = (Map::new(), Map::new());
    if before.classifications != after.classifications {
        from.insert("classifications".to_owned(), ids(before));
        to.insert("classifications".to_owned(), ids(after));
    }
    if before.note != after.note {
        from.insert("note_characters".to_owned(), before.note.chars().count().into());
        to.insert("note_characters".to_owned(), after.note.chars().count().into());
    }
    if from.is_empty() {
        return vec![];
    }
    vec![Difference { kind: Kind::Record, name: item.to_owned(), what: What::Changed, from, to }]
}
