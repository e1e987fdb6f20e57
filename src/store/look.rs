//! Whether a daemon could use the database, found out without one.
//! Never makes a file, and never changes the tables.

use super::Store;
use super::connection;
use super::dialect::sqlite;
use super::error::StoreError;
use rustix::fs::{Access, access};
use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

impl Store {
    /// Whether [`Store::open`] could open this database, or make it: nothing is changed.
    ///
    /// # Errors
    /// As those of [`Store::open`].
    pub fn look(path: &Path) -> Result<(), StoreError> {
        let open = StoreError::open::<io::Error>(path);
        let folder = folder_of(path);
        if !fs::metadata(&folder).map_err(&open)?.is_dir() {
            return Err(open(io::ErrorKind::NotADirectory.into()));
        }
        access(&folder, Access::WRITE_OK | Access::EXEC_OK).map_err(|why| open(why.into()))?;
        match OpenOptions::new().read(true).write(true).open(path) {
            // What is not there or empty is made.
            Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(why) => return Err(open(why)),
            Ok(file) if file.metadata().map_err(&open)?.len() == 0 => return Ok(()),
            Ok(_) => {}
        }
        if sqlite::is_locked(path)? {
            return Err(StoreError::InUse(path.to_owned()));
        }
        connection::refuse_newer(&mut connection::reader(path)?, path)
    }
}

/// The nearest directory on the way to a file that is there.
fn folder_of(path: &Path) -> PathBuf {
    let there = path.ancestors().skip(1).find(|folder| folder.exists());
    there.filter(|folder| !folder.as_os_str().is_empty()).map_or_else(|| PathBuf::from("."), Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::super::connection::DatabaseConnection;
    use super::*;
    use diesel::Connection;
    use diesel::connection::SimpleConnection;

    #[test]
    fn a_database_of_a_newer_version_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vorrang.db");
        drop(Store::open(&path, |_| {}).unwrap());
        Store::look(&path).unwrap();
        let mut connection = DatabaseConnection::establish(&path.to_string_lossy()).unwrap();
        connection.batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')").unwrap();
        drop(connection);
        let expected = format!(
            "open {}: its tables are those of a newer version, which added 9999 (install that version, or restore a backup)",
            path.display()
        );
        assert_eq!(Store::look(&path).unwrap_err().to_string(), expected);
        assert_eq!(Store::open(&path, |_| {}).err().unwrap().to_string(), expected);
    }

    #[test]
    fn what_is_no_database_is_refused_with_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vorrang.db");
        fs::write(&path, "a letter").unwrap();
        let why = Store::look(&path).unwrap_err().to_string();
        assert!(why.contains(&path.display().to_string()) && why.contains("not a database"), "{why}");
        assert!(Store::look(folder.path()).is_err(), "a directory");
    }
}
