//! A connection to the database, whichever it is: what differs between databases stands in `dialect/`, a file for each.
//! Never hands out a connection that may write, but to the writer and to the offline tool.

#[cfg(feature = "postgres")]
use super::dialect::postgres;
use super::dialect::sqlite;
use super::error::StoreError;
#[cfg(feature = "postgres")]
use diesel::Connection;
use diesel::QueryResult;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Pool};
use std::path::Path;

/// How many readers there are; they don't wait for the writer, nor it for them.
const READERS: u32 = 4;

/// A connection to the database.
#[cfg(not(feature = "postgres"))]
pub(super) type DatabaseConnection = diesel::SqliteConnection;

/// A connection to the database.
#[cfg(feature = "postgres")]
#[derive(diesel::MultiConnection)]
pub enum DatabaseConnection {
    /// A file.
    Sqlite(diesel::SqliteConnection),
    /// A server.
    Postgres(diesel::PgConnection),
}

pub(super) type Readers = Pool<ConnectionManager<DatabaseConnection>>;

/// Does the same on a connection to whichever database it is.
#[cfg(not(feature = "postgres"))]
macro_rules! whichever {
    ($connection:expr, $function:ident($($argument:expr),*)) => {
        sqlite::$function($connection, $($argument),*)
    };
}

/// Does the same on a connection to whichever database it is.
#[cfg(feature = "postgres")]
macro_rules! whichever {
    ($connection:expr, $function:ident($($argument:expr),*)) => {
        match $connection {
            DatabaseConnection::Sqlite(connection) => sqlite::$function(connection, $($argument),*),
            DatabaseConnection::Postgres(connection) => postgres::$function(connection, $($argument),*),
        }
    };
}

#[cfg(feature = "postgres")]
impl DatabaseConnection {
    /// A transaction that writes. Nobody else does: whoever writes holds the lock.
    pub fn immediate_transaction<T, E: From<diesel::result::Error>>(
        &mut self,
        write: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        self.transaction(write)
    }
}

/// The lock that says "a daemon uses this database"; it goes with the process.
pub(super) enum DaemonLock {
    File(sqlite::FileLock),
    #[cfg(feature = "postgres")]
    Session(#[allow(dead_code, reason = "it is held, not used")] postgres::SessionLock),
}

impl DaemonLock {
    /// Writes into the lock which process holds it, so that others can tell it to read its companies again.
    pub(super) fn sign(&self, path: &Path) -> Result<(), StoreError> {
        match self {
            DaemonLock::File(lock) => lock.sign(path),
            #[cfg(feature = "postgres")]
            DaemonLock::Session(_) => Ok(()),
        }
    }
}

/// The process that [`DaemonLock::sign`]ed the lock; `None` if there is none that could be told anything.
pub(super) fn daemon(path: &Path) -> Option<u32> {
    sqlite::daemon(path)
}

/// Takes the lock, making the directory of the file if there is none.
pub(super) fn lock(path: &Path) -> Result<DaemonLock, StoreError> {
    #[cfg(feature = "postgres")]
    if let Some(url) = postgres::url(path) {
        return postgres::lock(path, url).map(DaemonLock::Session);
    }
    sqlite::lock(path).map(DaemonLock::File)
}

/// A connection that may write.
pub(super) fn writer(path: &Path) -> Result<DatabaseConnection, StoreError> {
    #[cfg(feature = "postgres")]
    if let Some(url) = postgres::url(path) {
        return postgres::writer(path, url).map(DatabaseConnection::Postgres);
    }
    sqlite::writer(path).map(of_sqlite)
}

/// A connection to a database that is there, which can only read.
pub(super) fn reader(path: &Path) -> Result<DatabaseConnection, StoreError> {
    #[cfg(feature = "postgres")]
    if let Some(url) = postgres::url(path) {
        return postgres::reader(path, url).map(DatabaseConnection::Postgres);
    }
    sqlite::reader(path).map(of_sqlite)
}

#[cfg(not(feature = "postgres"))]
fn of_sqlite(connection: diesel::SqliteConnection) -> DatabaseConnection {
    connection
}

#[cfg(feature = "postgres")]
fn of_sqlite(connection: diesel::SqliteConnection) -> DatabaseConnection {
    DatabaseConnection::Sqlite(connection)
}

/// Brings the tables to this version's shape. Only the holder of the lock may.
pub(super) fn migrate(connection: &mut DatabaseConnection, path: &Path, _lock: &DaemonLock) -> Result<(), StoreError> {
    refuse_newer(connection, path)?;
    let done = whichever!(connection, migrate());
    done.map_err(StoreError::migrate(path))
}

/// Whether this version would change the tables.
pub(super) fn is_older(connection: &mut DatabaseConnection, path: &Path) -> Result<bool, StoreError> {
    let is_older = whichever!(connection, is_older());
    is_older.map_err(StoreError::migrate(path))
}

/// Begins a look at the database as it is now, whatever is written meanwhile: it ends with the connection.
pub(super) fn look(connection: &mut DatabaseConnection) -> QueryResult<()> {
    whichever!(connection, look())
}

/// What is deleted from now on is to be gone from the disk, too.
pub(super) fn delete_for_good(connection: &mut DatabaseConnection) -> QueryResult<()> {
    whichever!(connection, delete_for_good())
}

/// What is deleted from now on may lie there until its place is used again.
pub(super) fn delete_as_usual(connection: &mut DatabaseConnection) -> QueryResult<()> {
    whichever!(connection, delete_as_usual())
}

/// What was deleted goes from the disk, unless somebody reads there just now; then it is at the next occasion.
pub(super) fn deleted_for_good(connection: &mut DatabaseConnection) -> QueryResult<()> {
    whichever!(connection, deleted_for_good())
}

/// Refuses tables that a newer version has changed: what it does to them would be lost, or wrong.
pub(super) fn refuse_newer(connection: &mut DatabaseConnection, path: &Path) -> Result<(), StoreError> {
    let unknown = whichever!(connection, unknown_migration());
    match unknown.map_err(StoreError::migrate(path))? {
        Some(version) => Err(StoreError::Newer { path: path.to_owned(), version }),
        None => Ok(()),
    }
}

/// Connections that can only read.
pub(super) fn readers(path: &Path) -> Result<Readers, StoreError> {
    #[derive(Debug)]
    struct QueryOnly;
    impl CustomizeConnection<DatabaseConnection, diesel::r2d2::Error> for QueryOnly {
        fn on_acquire(&self, connection: &mut DatabaseConnection) -> Result<(), diesel::r2d2::Error> {
            whichever!(connection, only_reads()).map_err(diesel::r2d2::Error::QueryError)
        }
    }
    Pool::builder()
        .max_size(READERS)
        .min_idle(Some(1))
        .connection_customizer(Box::new(QueryOnly))
        .build(ConnectionManager::new(path.to_string_lossy()))
        .map_err(StoreError::open(path))
}

/// Lets the disk be full after so many pages; 0 is unlimited.
#[cfg(test)]
pub(super) fn limit_pages(connection: &mut DatabaseConnection, pages_max: u64) -> QueryResult<()> {
    whichever!(connection, limit_pages(pages_max))
}

/// Undoes the migration of this name, as if it had never been there.
#[cfg(test)]
pub(super) fn revert(path: &Path, name: &str) {
    sqlite::revert(path, name);
}
