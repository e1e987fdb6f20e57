//! SQLite: one file, its lock and its pragmas.
//! Never lets others read what people said: the files are the daemon's alone.

use crate::store::error::StoreError;
use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{Connection, QueryResult, QueryableByName, RunQueryDsl as _, SqliteConnection, sql_query};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use std::error::Error;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// `FULL` makes a commit in WAL mode wait for the disk. The time-out only matters beside an offline tool. The log may hold
/// 4,000 pages (16 MB) before they go into the database: most of them are written again before that.
const WRITER: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                      PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864;";
const READER: &str = "PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON; PRAGMA query_only = ON;";

/// The ends of the names of a database's files: it, and what stands beside it while it is in use.
pub(in crate::store) const FILES: [&str; 3] = ["", "-wal", "-shm"];

/// The locked file beside the database.
pub(in crate::store) struct FileLock {
    file: File,
}

impl FileLock {
    /// Writes into the lock which process holds it.
    pub(in crate::store) fn sign(&self, path: &Path) -> Result<(), StoreError> {
        writeln!(&self.file, "{}", std::process::id()).map_err(StoreError::open(&lock_of(path)))
    }
}

/// The process that [`FileLock::sign`]ed the lock; `None` if there is none that could be told anything.
pub(in crate::store) fn daemon(path: &Path) -> Option<u32> {
    fs::read_to_string(lock_of(path)).ok()?.trim().parse().ok()
}

fn lock_of(path: &Path) -> PathBuf {
    beside(path, ".lock")
}

/// The file beside another one whose name has this end too.
pub(in crate::store) fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// Takes the lock on `<path>.lock`, making the directory if there is none.
pub(in crate::store) fn lock(path: &Path) -> Result<FileLock, StoreError> {
    let open = StoreError::open(path);
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(&open)?;
    }
    let file = private().open(lock_of(path)).map_err(&open)?;
    match file.try_lock() {
        Ok(()) => {
            // Whoever held it before is not there any more, and its number may be another process's by now.
            file.set_len(0).map_err(&open)?;
            Ok(FileLock { file })
        }
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse(path.to_owned())),
        Err(TryLockError::Error(why)) => Err(open(why)),
    }
}

/// Whether a daemon uses the database; nothing is made.
pub(in crate::store) fn is_locked(path: &Path) -> Result<bool, StoreError> {
    let open = StoreError::open(path);
    let file = match OpenOptions::new().read(true).write(true).open(lock_of(path)) {
        Ok(file) => file,
        Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(why) => return Err(open(why)),
    };
    match file.try_lock() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(why)) => Err(open(why)),
    }
}

/// How files are opened that hold what people said and how they prove who they are: nobody else may read them.
pub(in crate::store) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    options
}

/// Makes the database's file if there is none, and takes it from others if they may read it; SQLite gives the files beside
/// it the same mode when it makes them. A file of another user's is left to them.
fn keep_private(path: &Path) -> io::Result<()> {
    private().open(path)?;
    for end in FILES {
        let name = beside(path, end);
        match fs::metadata(&name) {
            Ok(file) if file.permissions().mode() & 0o077 != 0 => {
                match fs::set_permissions(&name, Permissions::from_mode(0o600)) {
                    Err(why) if why.kind() != io::ErrorKind::PermissionDenied => return Err(why),
                    Ok(()) | Err(_) => {}
                }
            }
            Ok(_) | Err(_) => {}
        }
    }
    Ok(())
}

/// A connection that may write.
pub(in crate::store) fn writer(path: &Path) -> Result<SqliteConnection, StoreError> {
    keep_private(path).map_err(StoreError::open(path))?;
    open(path, WRITER)
}

/// A connection to a database that is there, which can only read.
pub(in crate::store) fn reader(path: &Path) -> Result<SqliteConnection, StoreError> {
    fs::metadata(path).map_err(StoreError::open(path))?;
    open(path, READER)
}

fn open(path: &Path, pragmas: &str) -> Result<SqliteConnection, StoreError> {
    let mut connection = SqliteConnection::establish(&path.to_string_lossy()).map_err(StoreError::open(path))?;
    connection.batch_execute(pragmas).map_err(StoreError::open(path))?;
    Ok(connection)
}

/// Makes a connection one that can only read.
pub(in crate::store) fn only_reads(connection: &mut SqliteConnection) -> QueryResult<()> {
    connection.batch_execute(READER)
}

/// Brings the tables to this version's shape.
pub(in crate::store) fn migrate(connection: &mut SqliteConnection) -> Result<(), Box<dyn Error + Send + Sync>> {
    connection.run_pending_migrations(MIGRATIONS).map(|_| ())
}

/// Whether this version would change the tables.
pub(in crate::store) fn is_older(connection: &mut SqliteConnection) -> Result<bool, Box<dyn Error + Send + Sync>> {
    connection.has_pending_migration(MIGRATIONS)
}

/// The version of a migration that this version does not know; `None` if it knows all that were run.
pub(in crate::store) fn unknown_migration(
    connection: &mut SqliteConnection,
) -> Result<Option<String>, Box<dyn Error + Send + Sync>> {
    super::unknown(connection, &MIGRATIONS)
}

/// One transaction for all that is read: diesel's own would have to end with a function.
pub(in crate::store) fn look(connection: &mut SqliteConnection) -> QueryResult<()> {
    connection.batch_execute("BEGIN")
}

/// Writes the whole database as it is now into a file that is empty yet.
pub(in crate::store) fn copy(path: &Path, to: &Path) -> Result<(), StoreError> {
    fs::metadata(path).map_err(StoreError::open(path))?;
    let mut connection = open(path, "PRAGMA busy_timeout = 5000;")?;
    let copied = sql_query("VACUUM INTO ?").bind::<Text, _>(to.to_string_lossy()).execute(&mut connection);
    copied.map(|_| ()).map_err(StoreError::database("copy the database"))
}

/// Puts what stands beside the file into it.
pub(in crate::store) fn fold(path: &Path) -> Result<(), StoreError> {
    let mut connection = open(path, "PRAGMA busy_timeout = 5000;")?;
    deleted_for_good(&mut connection).map_err(StoreError::database("put the log into the database"))
}

/// What is broken in a file's own order, in SQLite's words.
pub(in crate::store) fn broken(path: &Path) -> Result<Vec<String>, StoreError> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text)]
        integrity_check: String,
    }
    let mut connection = reader(path)?;
    let lines: Vec<Line> = sql_query("PRAGMA integrity_check")
        .load(&mut connection)
        .map_err(StoreError::database("look whether the database is whole"))?;
    Ok(lines.into_iter().map(|line| line.integrity_check).filter(|line| line != "ok").collect())
}

/// The place of what is deleted is written over.
pub(in crate::store) fn delete_for_good(connection: &mut SqliteConnection) -> QueryResult<()> {
    connection.batch_execute("PRAGMA secure_delete = ON")
}

/// The place of what is deleted is used again at some time.
pub(in crate::store) fn delete_as_usual(connection: &mut SqliteConnection) -> QueryResult<()> {
    connection.batch_execute("PRAGMA secure_delete = OFF")
}

/// The same in the file beside the database.
pub(in crate::store) fn deleted_for_good(connection: &mut SqliteConnection) -> QueryResult<()> {
    connection.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")
}

/// Lets the disk be full after so many pages; 0 is unlimited.
#[cfg(test)]
pub(in crate::store) fn limit_pages(connection: &mut SqliteConnection, pages_max: u64) -> QueryResult<()> {
    let pages_max = if pages_max == 0 { 4_294_967_294 } else { pages_max };
    connection.batch_execute(&format!("PRAGMA max_page_count = {pages_max}"))
}

/// Undoes the migration of this name, as if it had never been there.
#[cfg(test)]
pub(in crate::store) fn revert(path: &Path, name: &str) {
    use diesel::migration::{Migration, MigrationSource};
    let migrations: Vec<Box<dyn Migration<diesel::sqlite::Sqlite>>> = MIGRATIONS.migrations().unwrap();
    let migration = migrations.iter().find(|one| one.name().to_string().ends_with(name)).unwrap();
    writer(path).unwrap().revert_migration(migration).unwrap();
}
