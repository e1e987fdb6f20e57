//! What can go wrong in the store.
//! Never shows a driver's type outside of the store: callers see what was being done, why it failed and what helps.

use diesel::result::{DatabaseErrorKind, Error};
use domain::company::Refusals;
use std::path::{Path, PathBuf};

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another daemon has the database.
    #[error("open {0}: another vorrang daemon is using it (stop that one, or set store.path)")]
    InUse(PathBuf),
    /// The directory, the file or its lock could not be opened.
    #[error("open {path}: {why} (does the directory exist, and may this user write there? see store.path)")]
    Open {
        /// The file.
        path: PathBuf,
        /// The system's or the database's words.
        why: String,
    },
    /// The tables could not be brought to this version's shape.
    #[error("migrate {path}: {why} (is it vorrang's? restore a backup, or set store.path)")]
    Migrate {
        /// The file.
        path: PathBuf,
        /// The database's words.
        why: String,
    },
    /// A newer version has changed the tables.
    #[error(
        "open {path}: its tables are those of a newer version, which added {version} (install that version, or restore a backup)"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// What this version does not know.
        version: String,
    },
    /// The tables are another version's and a daemon is using them.
    #[error(
        "open {0}: its tables are those of another version, whose daemon is running (restart it with this version)"
    )]
    OtherVersion(PathBuf),
    /// The tables are an older version's, and are not to be touched.
    #[error(
        "open {0}: its tables are those of an older version (start this version's daemon once: it brings them along)"
    )]
    Older(PathBuf),
    /// There is a file where one was to be made.
    #[error("write {0}: there is such a file already (choose another name; nothing was changed)")]
    IsThere(PathBuf),
    /// Reading or writing failed.
    #[error("{doing}: {why}")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// The database's words.
        why: String,
    },
    /// A row that the journal already has was appended: another daemon wrote to this database, or this one is wrong
    /// about what it wrote.
    #[error("append to the journal: {why} (another daemon writes to this database; only one may)")]
    Fenced {
        /// The database's words.
        why: String,
    },
    /// What was asked contradicts what is stored, or itself.
    #[error("{0}")]
    Refused(Refusals),
    /// A change of a contact contradicts what is stored, or itself.
    #[error("{0}")]
    RefusedContact(domain::contact::Refusal),
    /// What was changed is not as it was when the change was thought of.
    #[error("somebody else has changed it meanwhile")]
    Stale,
    /// A stored value cannot be read: another one than was written, by whoever wrote into the database.
    #[error("{doing}: {why} (vorrang journal verify names all damage; restore a backup)")]
    Damaged {
        /// What was being done.
        doing: &'static str,
        /// Which value, and what is wrong with it.
        why: String,
    },
    /// So many questions wait for an answer that no more are taken.
    #[error("read the database: too much is asked of it at once (a slow disk?)")]
    Overloaded,
    /// The store is closed, or gave up because it was fenced.
    #[error("the store is closed")]
    Closed,
    /// Not everything was durable in the time given.
    #[error("wait for the disk: not everything is written yet (disk full, or slow?)")]
    NotYet,
}

impl StoreError {
    pub(super) fn open<E: std::fmt::Display>(path: &Path) -> impl Fn(E) -> StoreError {
        move |why| StoreError::Open { path: path.to_owned(), why: why.to_string() }
    }

    pub(super) fn migrate<E: std::fmt::Display>(path: &Path) -> impl Fn(E) -> StoreError {
        move |why| StoreError::Migrate { path: path.to_owned(), why: why.to_string() }
    }

    pub(super) fn database(doing: &'static str) -> impl FnOnce(Error) -> StoreError {
        move |error| match error {
            Error::DeserializationError(why) => StoreError::Damaged { doing, why: why.to_string() },
            other => StoreError::Database { doing, why: other.to_string() },
        }
    }
}

/// What a job may fail with: the database's error, a reason of its own, or a bug.
#[derive(Debug)]
pub(super) enum JobError {
    Database(Error),
    Refused(Refusals),
    RefusedContact(domain::contact::Refusal),
    /// It was thought of for another state.
    Stale,
    Panicked,
}

impl From<Error> for JobError {
    fn from(error: Error) -> JobError {
        JobError::Database(error)
    }
}

impl From<domain::contact::Refusal> for JobError {
    fn from(refusal: domain::contact::Refusal) -> JobError {
        JobError::RefusedContact(refusal)
    }
}

impl JobError {
    /// Whether the database may have undone the transaction around the job, too: a full disk makes SQLite do that, a
    /// broken constraint doesn't. And whoever panics leaves a connection of which nobody knows what it was doing.
    pub(super) fn is_fatal(&self) -> bool {
        match self {
            JobError::Refused(_)
            | JobError::RefusedContact(_)
            | JobError::Stale
            | JobError::Database(
                Error::NotFound
                | Error::DatabaseError(
                    DatabaseErrorKind::UniqueViolation
                    | DatabaseErrorKind::ForeignKeyViolation
                    | DatabaseErrorKind::NotNullViolation
                    | DatabaseErrorKind::CheckViolation,
                    _,
                ),
            ) => false,
            JobError::Database(_) | JobError::Panicked => true,
        }
    }

    pub(super) fn into_store_error(self, doing: &'static str) -> StoreError {
        match self {
            JobError::Database(why) => StoreError::database(doing)(why),
            JobError::Refused(why) => StoreError::Refused(why),
            JobError::RefusedContact(why) => StoreError::RefusedContact(why),
            JobError::Stale => StoreError::Stale,
            JobError::Panicked => StoreError::Database { doing, why: "a bug in this version (see the log)".to_owned() },
        }
    }
}
