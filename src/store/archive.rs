//! The database looked at from outside, without a daemon or beside a running one: its journal row by row, and what in
//! it belongs together. And the one thing that may be taken out of it: what it knows of a person.
//! Never changes the journal, and never reads an event.

use super::company::audit;
use super::company::{self, AuditEntry, CompanyRow, Loaded};
use super::connection::{self, DatabaseConnection};
use super::error::{JobError, StoreError};
use super::ids::Stored;
use super::journal::{ActorNumber, ContentKind, JournalRow, OutboxRow, RawMessage, RawRow, Snapshot, find_snapshot};
use super::offline::Offline;
use super::rows::{self, PhoneBinding};
use super::schema::{actor, content, file, journal, last_agent, outbox, snapshot};
use super::write_ups;
use diesel::connection::DefaultLoadingMode;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::company::Company;
use domain::id::CompanyId;
use domain::time::Timestamp;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

/// How many actors are asked for at once.
const PAGE: i64 = 1000;

/// Who has a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActorRow {
    /// Its number.
    pub number: ActorNumber,
    /// The company that it belongs to.
    pub company: CompanyId,
    /// When it was over; `None` while it is not.
    pub ended_at: Option<Timestamp>,
}

/// The whole database as it was when it was first looked at, whatever a daemon writes meanwhile. Until it is dropped,
/// what is written meanwhile stays in the file beside the database.
pub struct Archive {
    pub(super) connection: DatabaseConnection,
}

impl Archive {
    /// Gives `each` the entries of a company's audit since then, the oldest first. An entry that cannot be read is given as
    /// the words for what is wrong with it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn audit(
        &mut self,
        company: CompanyId,
        since: Timestamp,
        each: impl FnMut(Result<AuditEntry, String>),
    ) -> Result<(), StoreError> {
        audit::each(&mut self.connection, company, since, each).map_err(StoreError::database("read the audit"))
    }

    /// Opens a database that is there, to read it.
    ///
    /// # Errors
    /// If there is none, or if its tables are not those of this version.
    pub fn open(path: &Path) -> Result<Archive, StoreError> {
        let mut connection = connection::reader(path)?;
        if connection::is_older(&mut connection, path)? {
            return Err(StoreError::Older(path.to_owned()));
        }
        connection::look(&mut connection).map_err(StoreError::database("begin to read"))?;
        Ok(Archive { connection })
    }

    /// The last time in the journal, as far as it is on the disk.
    pub fn last_timestamp(&mut self) -> Result<Timestamp, StoreError> {
        let last = super::last_at(&mut self.connection);
        last.map(Timestamp::from_stored).map_err(StoreError::database("read the journal's time"))
    }

    /// All companies, by id.
    pub fn companies(&mut self) -> Result<Vec<CompanyRow>, StoreError> {
        company::companies(&mut self.connection).map_err(StoreError::database("read the companies"))
    }

    /// A company with all that belongs to it; `None` if there is no such company.
    pub fn floor(&mut self, company: CompanyId) -> Result<Option<Company>, StoreError> {
        Ok(self.company(company)?.map(|loaded| loaded.company))
    }

    /// The same, with what of it cannot be read.
    pub fn company(&mut self, company: CompanyId) -> Result<Option<Loaded>, StoreError> {
        company::load(&mut self.connection, company).map_err(StoreError::database("read a company"))
    }

    /// The phones that are registered beyond `now`, by user.
    pub fn phones_registered(&mut self, now: Timestamp) -> Result<BTreeMap<String, Vec<PhoneBinding>>, StoreError> {
        rows::phones_registered(&mut self.connection, now)
            .map_err(StoreError::database("read the phones' registrations"))
    }

    /// Some of the actors whose number is above `above`, by number: none if there are no more. Only those of one
    /// company, and only those that were not over at a time, if these are given.
    pub fn actors(
        &mut self,
        above: Option<ActorNumber>,
        company: Option<CompanyId>,
        going_at: Option<Timestamp>,
    ) -> Result<Vec<ActorRow>, StoreError> {
        let mut query = actor::table.order(actor::number).limit(PAGE).into_boxed();
        if let Some(above) = above {
            query = query.filter(actor::number.gt(above.0));
        }
        if let Some(company) = company {
            query = query.filter(actor::company.eq(company.stored()));
        }
        if let Some(at) = going_at {
            query = query.filter(actor::ended_at.is_null().or(actor::ended_at.gt(at.stored())));
        }
        let rows = query
            .load::<(i64, i64, Option<i64>)>(&mut self.connection)
            .map_err(StoreError::database("read the actors"))?;
        let row = |(number, company, ended_at): (i64, i64, Option<i64>)| ActorRow {
            number: ActorNumber(number),
            company: CompanyId::from_stored(company),
            ended_at: ended_at.map(Timestamp::from_stored),
        };
        Ok(rows.into_iter().map(row).collect())
    }

    /// Gives `each` the rows of an actor, by their number, until it has enough.
    pub fn rows(
        &mut self,
        number: ActorNumber,
        mut each: impl FnMut(JournalRow) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let mut read = || {
            let rows = journal::table
                .filter(journal::actor.eq(number.0))
                .order(journal::seq)
                .select(RawRow::as_select())
                .load_iter::<RawRow, DefaultLoadingMode>(&mut self.connection)?;
            for row in rows {
                if each(row?.into()).is_break() {
                    break;
                }
            }
            Ok(())
        };
        read().map_err(StoreError::database("read an actor's journal"))
    }

    /// An actor's snapshot, of whatever version.
    pub fn snapshot(&mut self, number: ActorNumber) -> Result<Option<Snapshot>, StoreError> {
        find_snapshot(&mut self.connection, number).map_err(StoreError::database("read a snapshot"))
    }

    /// The kinds and numbers of an actor's texts, in this order.
    pub fn texts(&mut self, number: ActorNumber) -> Result<Vec<(i64, i64)>, StoreError> {
        content::table
            .filter(content::actor.eq(number.0))
            .order((content::kind, content::number))
            .select((content::kind, content::number))
            .load(&mut self.connection)
            .map_err(StoreError::database("read texts"))
    }

    /// The messages that their receivers have not committed, by id.
    pub fn outbox(&mut self) -> Result<Vec<OutboxRow>, StoreError> {
        let rows = outbox::table
            .order(outbox::id)
            .select(RawMessage::as_select())
            .load(&mut self.connection)
            .map_err(StoreError::database("read the outbox"))?;
        Ok(rows.into_iter().map(OutboxRow::from).collect())
    }

    /// Whether an actor has this row.
    pub fn has_row(&mut self, number: ActorNumber, seq: u64) -> Result<bool, StoreError> {
        let row = journal::table.filter(journal::actor.eq(number.0)).filter(journal::seq.eq(seq.stored()));
        diesel::select(exists(row)).get_result(&mut self.connection).map_err(StoreError::database("find a row"))
    }

    /// Whether there is such an actor.
    pub fn has_actor(&mut self, number: ActorNumber) -> Result<bool, StoreError> {
        diesel::select(exists(actor::table.find(number.0)))
            .get_result(&mut self.connection)
            .map_err(StoreError::database("find an actor"))
    }

    /// The numbers that stand in the journal, but not among the actors.
    pub fn rows_of_nobody(&mut self) -> Result<Vec<ActorNumber>, StoreError> {
        let known = exists(actor::table.filter(actor::number.eq(journal::actor)));
        journal::table
            .filter(not(known))
            .group_by(journal::actor)
            .select(journal::actor)
            .load(&mut self.connection)
            .map(actor_numbers)
            .map_err(StoreError::database("look for rows of nobody"))
    }

    /// The numbers that have texts, but do not stand among the actors.
    pub fn texts_of_nobody(&mut self) -> Result<Vec<ActorNumber>, StoreError> {
        let known = exists(actor::table.filter(actor::number.eq(content::actor)));
        content::table
            .filter(not(known))
            .group_by(content::actor)
            .select(content::actor)
            .load(&mut self.connection)
            .map(actor_numbers)
            .map_err(StoreError::database("look for texts of nobody"))
    }

    /// The numbers that have a snapshot, but do not stand among the actors.
    pub fn snapshots_of_nobody(&mut self) -> Result<Vec<ActorNumber>, StoreError> {
        let known = exists(actor::table.filter(actor::number.eq(snapshot::actor)));
        snapshot::table
            .filter(not(known))
            .select(snapshot::actor)
            .load(&mut self.connection)
            .map(actor_numbers)
            .map_err(StoreError::database("look for snapshots of nobody"))
    }
}

fn actor_numbers(numbers: Vec<i64>) -> Vec<ActorNumber> {
    numbers.into_iter().map(ActorNumber).collect()
}

/// What became of the wish to erase what is stored about an item's person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Erasure {
    /// There is no such item.
    Unknown,
    /// It is not over yet.
    GoesOn,
    /// So many texts were erased, or can be.
    Texts(usize),
}

impl Offline {
    /// What [`Offline::erase`] would do.
    pub fn erasable(&mut self, number: ActorNumber) -> Result<Erasure, StoreError> {
        erasable(&mut self.connection, number).map_err(StoreError::database("look for an item"))
    }

    /// Erases what is stored about the person of an item that is over, and notes that this was done: the texts go, the
    /// journal stays whole. Their place on the disk is written over, in the file beside the database too, unless
    /// somebody reads there just now; then it is at the next occasion.
    pub fn erase(&mut self, number: ActorNumber, at: Timestamp) -> Result<Erasure, StoreError> {
        const DOING: &str = "erase what is stored about a person";
        let connection = &mut self.connection;
        connection::delete_for_good(connection).map_err(StoreError::database(DOING))?;
        let done = connection.immediate_transaction(|connection| {
            let erasure = erasable(connection, number)?;
            if let Erasure::Texts(_) = erasure {
                let callers = content::table
                    .filter(content::actor.eq(number.0))
                    .filter(content::kind.eq(ContentKind::Caller as i64))
                    .select(content::text)
                    .load::<String>(connection)?;
                diesel::delete(last_agent::table.filter(last_agent::caller.eq_any(callers))).execute(connection)?;
                diesel::delete(content::table.filter(content::actor.eq(number.0))).execute(connection)?;
                diesel::delete(file::table.filter(file::chat.eq(number.0))).execute(connection)?;
                write_ups::erase(connection, number)?;
                diesel::insert_into(content::table)
                    .values((
                        content::actor.eq(number.0),
                        content::kind.eq(ContentKind::Erased as i64),
                        content::number.eq(0),
                        content::text.eq(at.0.to_string()),
                    ))
                    .execute(connection)?;
            }
            Ok(erasure)
        });
        let done = done.map_err(|why: JobError| why.into_store_error(DOING))?;
        connection::deleted_for_good(connection).map_err(StoreError::database(DOING))?;
        Ok(done)
    }
}

fn erasable(connection: &mut DatabaseConnection, number: ActorNumber) -> QueryResult<Erasure> {
    let ended = actor::table.find(number.0).select(actor::ended_at).first::<Option<i64>>(connection).optional()?;
    match ended {
        None => Ok(Erasure::Unknown),
        Some(None) => Ok(Erasure::GoesOn),
        Some(Some(_)) => {
            let texts =
                content::table.filter(content::actor.eq(number.0)).filter(content::kind.ne(ContentKind::Erased as i64));
            let texts = texts.count().get_result::<i64>(connection)?.cast_unsigned() as usize;
            Ok(Erasure::Texts(texts + write_ups::erasable(connection, number)?))
        }
    }
}
