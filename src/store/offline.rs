//! The database without the daemon: what the command line reads and changes.
//! Never brings the tables of a database along while a daemon uses it.

use super::connection::{self, DatabaseConnection};
use super::error::StoreError;
use std::path::Path;

/// The database without the daemon, for the command line: one connection that reads and writes, beside a running
/// daemon or without one.
pub struct Offline {
    pub(super) connection: DatabaseConnection,
    daemon: Option<u32>,
}

impl Offline {
    /// Opens the database, and makes or migrates it if no daemon is using it.
    pub fn open(path: &Path) -> Result<Offline, StoreError> {
        let lock = match connection::lock(path) {
            Ok(lock) => Some(lock),
            Err(StoreError::InUse(_)) => None,
            Err(why) => return Err(why),
        };
        let daemon = if lock.is_none() { connection::daemon(path) } else { None };
        let mut connection = connection::writer(path)?;
        match lock {
            Some(lock) => connection::migrate(&mut connection, path, &lock)?,
            None if connection::is_older(&mut connection, path)? => {
                return Err(StoreError::OtherVersion(path.to_owned()));
            }
            None => {}
        }
        Ok(Offline { connection, daemon })
    }

    /// The process of the daemon that uses this database, if one did when it was opened.
    pub fn daemon(&self) -> Option<u32> {
        self.daemon
    }
}
