//! How a connection to the database file is opened, and how one daemon keeps others out.
//! Never hands out a connection that may write, but to the writer and to the offline tool.

use super::error::StoreError;
use diesel::Connection;
use diesel::connection::SimpleConnection;
use diesel::migration::MigrationSource;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Pool};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// How many readers there are; they don't wait for the writer, nor it for them.
const READERS: u32 = 4;

/// `FULL` makes a commit in WAL mode wait for the disk. The time-out only matters beside an offline tool. The log may hold
/// 4,000 pages (16 MB) before they go into the database: most of them are written again before that.
const WRITER: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                      PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864;";
const READER: &str = "PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON; PRAGMA query_only = ON;";

/// A connection to the database. Whatever only this database knows stands here and in `statements`.
pub(super) type DatabaseConnection = diesel::SqliteConnection;

pub(super) type Readers = Pool<ConnectionManager<DatabaseConnection>>;

/// The lock that says "a daemon uses this database"; it goes with the process.
pub(super) struct DaemonLock {
    file: File,
}

impl DaemonLock {
    /// Writes into the lock which process holds it, so that others can tell it to read its companies again.
    pub(super) fn sign(&self, path: &Path) -> Result<(), StoreError> {
        let signed = writeln!(&self.file, "{}", std::process::id());
        signed.map_err(|why| StoreError::Open { path: lock_of(path), why: why.to_string() })
    }
}

/// The process that [`DaemonLock::sign`]ed the lock; `None` if there is none that could be told anything.
pub(super) fn daemon(path: &Path) -> Option<u32> {
    fs::read_to_string(lock_of(path)).ok()?.trim().parse().ok()
}

fn lock_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

/// Takes the lock on `<path>.lock`, making the directory if there is none.
pub(super) fn lock(path: &Path) -> Result<DaemonLock, StoreError> {
    let open = |why: std::io::Error| StoreError::Open { path: path.to_owned(), why: why.to_string() };
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(open)?;
    }
    let file = private().open(lock_of(path)).map_err(open)?;
    match file.try_lock() {
        Ok(()) => {
            // Whoever held it before is not there any more, and its number may be another process's by now.
            file.set_len(0).map_err(open)?;
            Ok(DaemonLock { file })
        }
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse(path.to_owned())),
        Err(TryLockError::Error(why)) => Err(open(why)),
    }
}

/// How files are opened that hold what people said and how they prove who they are: nobody else may read them.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    options
}

/// Makes the database's file if there is none, and takes it from others if they may read it; SQLite gives the files beside
/// it the same mode when it makes them. A file of another user's is left to them.
fn keep_private(path: &Path) -> io::Result<()> {
    private().open(path)?;
    for end in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
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
pub(super) fn writer(path: &Path) -> Result<DatabaseConnection, StoreError> {
    let open = |why: String| StoreError::Open { path: path.to_owned(), why };
    keep_private(path).map_err(|why| open(why.to_string()))?;
    let mut connection = DatabaseConnection::establish(&path.to_string_lossy()).map_err(|why| open(why.to_string()))?;
    connection.batch_execute(WRITER).map_err(|why| open(why.to_string()))?;
    Ok(connection)
}

/// A connection to a database that is there, which can only read.
pub(super) fn reader(path: &Path) -> Result<DatabaseConnection, StoreError> {
    let open = |why: String| StoreError::Open { path: path.to_owned(), why };
    fs::metadata(path).map_err(|why| open(why.to_string()))?;
    let mut connection = DatabaseConnection::establish(&path.to_string_lossy()).map_err(|why| open(why.to_string()))?;
    connection.batch_execute(READER).map_err(|why| open(why.to_string()))?;
    Ok(connection)
}

/// Brings the tables to this version's shape. Only the holder of the lock may.
pub(super) fn migrate(connection: &mut DatabaseConnection, path: &Path, _lock: &DaemonLock) -> Result<(), StoreError> {
    let failed = |why: String| StoreError::Migrate { path: path.to_owned(), why };
    refuse_newer(connection, path)?;
    connection.run_pending_migrations(MIGRATIONS).map_err(|why| failed(why.to_string()))?;
    Ok(())
}

/// Whether this version would change the tables.
pub(super) fn is_older(connection: &mut DatabaseConnection, path: &Path) -> Result<bool, StoreError> {
    connection
        .has_pending_migration(MIGRATIONS)
        .map_err(|why| StoreError::Migrate { path: path.to_owned(), why: why.to_string() })
}

/// Refuses tables that a newer version has changed: what it does to them would be lost, or wrong.
pub(super) fn refuse_newer(connection: &mut DatabaseConnection, path: &Path) -> Result<(), StoreError> {
    let failed = |why: &dyn std::fmt::Display| StoreError::Migrate { path: path.to_owned(), why: why.to_string() };
    let known = MigrationSource::<<DatabaseConnection as Connection>::Backend>::migrations(&MIGRATIONS);
    let known: Vec<String> =
        known.map_err(|why| failed(&why))?.iter().map(|one| one.name().version().to_string()).collect();
    let applied = connection.applied_migrations().map_err(|why| failed(&why))?;
    match applied.iter().map(ToString::to_string).find(|version| !known.contains(version)) {
        Some(version) => Err(StoreError::Newer { path: path.to_owned(), version }),
        None => Ok(()),
    }
}

/// Whether a daemon uses the database; nothing is made.
pub(super) fn is_locked(path: &Path) -> Result<bool, StoreError> {
    let open = |why: std::io::Error| StoreError::Open { path: path.to_owned(), why: why.to_string() };
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

/// Connections that can only read.
pub(super) fn readers(path: &Path) -> Result<Readers, StoreError> {
    #[derive(Debug)]
    struct QueryOnly;
    impl CustomizeConnection<DatabaseConnection, diesel::r2d2::Error> for QueryOnly {
        fn on_acquire(&self, connection: &mut DatabaseConnection) -> Result<(), diesel::r2d2::Error> {
            connection.batch_execute(READER).map_err(diesel::r2d2::Error::QueryError)
        }
    }
    Pool::builder()
        .max_size(READERS)
        .min_idle(Some(1))
        .connection_customizer(Box::new(QueryOnly))
        .build(ConnectionManager::new(path.to_string_lossy()))
        .map_err(|why| StoreError::Open { path: path.to_owned(), why: why.to_string() })
}

/// Undoes the migration of this name, as if it had never been there.
#[cfg(test)]
pub(super) fn revert(path: &Path, name: &str) {
    use diesel::migration::{Migration, MigrationSource};
    type Migrations = Vec<Box<dyn Migration<diesel::sqlite::Sqlite>>>;
    let migrations: Migrations = MIGRATIONS.migrations().unwrap();
    let migration = migrations.iter().find(|one| one.name().to_string().ends_with(name)).unwrap();
    writer(path).unwrap().revert_migration(migration).unwrap();
}
