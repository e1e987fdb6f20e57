//! PostgreSQL: a server, a session that holds the lock, and limits of time on every session.
//! Never offered by the daemon yet: it shows that nothing else in the store knows which database it writes to.

use crate::store::error::StoreError;
use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource as _};
use diesel::pg::Pg;
use diesel::sql_types::BigInt;
use diesel::{Connection, PgConnection, QueryDsl as _, QueryResult, RunQueryDsl as _};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use std::error::Error;
use std::path::Path;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// A commit waits for the disk; nothing waits for ever.
const WRITER: &str = "SET synchronous_commit = on; SET lock_timeout = '5s'; SET statement_timeout = '30s'; \
                      SET idle_in_transaction_session_timeout = '60s'; SET client_min_messages = warning;";
const READER: &str = "SET default_transaction_read_only = on; SET statement_timeout = '30s';";

/// The number of the lock that says "a daemon uses this database".
const LOCK: i64 = 0x0076_6f72_7261_6e67;

/// The address of the server, if this is none of a file.
pub(in crate::store) fn url(path: &Path) -> Option<&str> {
    path.to_str().filter(|text| text.starts_with("postgres://"))
}

diesel::table! { __diesel_schema_migrations (version) { version -> Text, } }
diesel::define_sql_function! { fn pg_try_advisory_lock(key: BigInt) -> Bool; }
diesel::define_sql_function! { fn pg_advisory_unlock(key: BigInt) -> Bool; }

/// A session that holds the lock; should the process die, the server takes it back.
pub(in crate::store) struct SessionLock(PgConnection);

impl Drop for SessionLock {
    fn drop(&mut self) {
        // The server may see the end of a session only some time after it: whoever comes next need not wait for that.
        _ = diesel::select(pg_advisory_unlock(LOCK)).get_result::<bool>(&mut self.0);
    }
}

/// Takes the lock.
pub(in crate::store) fn lock(path: &Path, url: &str) -> Result<SessionLock, StoreError> {
    let mut session = PgConnection::establish(url).map_err(StoreError::open(path))?;
    let is_free: bool =
        diesel::select(pg_try_advisory_lock(LOCK)).get_result(&mut session).map_err(StoreError::open(path))?;
    if is_free { Ok(SessionLock(session)) } else { Err(StoreError::InUse(path.to_owned())) }
}

/// A connection that may write.
pub(in crate::store) fn writer(path: &Path, url: &str) -> Result<PgConnection, StoreError> {
    open(path, url, WRITER)
}

/// A connection that can only read.
pub(in crate::store) fn reader(path: &Path, url: &str) -> Result<PgConnection, StoreError> {
    open(path, url, READER)
}

fn open(path: &Path, url: &str, settings: &str) -> Result<PgConnection, StoreError> {
    let mut connection = PgConnection::establish(url).map_err(StoreError::open(path))?;
    connection.batch_execute(settings).map_err(StoreError::open(path))?;
    Ok(connection)
}

/// Makes a connection one that can only read.
pub(in crate::store) fn only_reads(connection: &mut PgConnection) -> QueryResult<()> {
    connection.batch_execute(READER)
}

/// Brings the tables to this version's shape.
pub(in crate::store) fn migrate(connection: &mut PgConnection) -> Result<(), Box<dyn Error + Send + Sync>> {
    connection.run_pending_migrations(MIGRATIONS).map(|_| ())
}

/// The version of a migration that this version does not know; `None` if it knows all that were run.
pub(in crate::store) fn unknown_migration(
    connection: &mut PgConnection,
) -> Result<Option<String>, Box<dyn Error + Send + Sync>> {
    super::unknown(connection, &MIGRATIONS)
}

/// Whether this version would change the tables. Diesel's own answer would begin by making one.
pub(in crate::store) fn is_older(connection: &mut PgConnection) -> Result<bool, Box<dyn Error + Send + Sync>> {
    let applied = __diesel_schema_migrations::table.select(__diesel_schema_migrations::version);
    let applied: Vec<String> = applied.load(connection)?;
    let known: Vec<Box<dyn Migration<Pg>>> = MIGRATIONS.migrations()?;
    Ok(known.iter().any(|migration| !applied.contains(&migration.name().version().to_string())))
}

/// One snapshot for all that is read.
pub(in crate::store) fn look(connection: &mut PgConnection) -> QueryResult<()> {
    connection.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
}

/// The server decides when the place of what is deleted is used again.
#[allow(clippy::unnecessary_wraps, reason = "another database may fail here")]
pub(in crate::store) fn delete_for_good(_: &mut PgConnection) -> QueryResult<()> {
    Ok(())
}

/// As ever.
#[allow(clippy::unnecessary_wraps, reason = "another database may fail here")]
pub(in crate::store) fn delete_as_usual(_: &mut PgConnection) -> QueryResult<()> {
    Ok(())
}

/// The place of what was deleted is given back now.
pub(in crate::store) fn deleted_for_good(connection: &mut PgConnection) -> QueryResult<()> {
    connection.batch_execute("VACUUM content")
}

/// A server's disk is not limited.
#[cfg(test)]
#[allow(clippy::unnecessary_wraps, reason = "another database may fail here")]
pub(in crate::store) fn limit_pages(_: &mut PgConnection, _: u64) -> QueryResult<()> {
    Ok(())
}
