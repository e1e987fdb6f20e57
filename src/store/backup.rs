//! A copy of the whole database as it is at one moment, made beside a running daemon, and put back without one.
//! Never overwrites: a copy takes a name that is free, and what a copy replaces is put aside.

use super::connection;
use super::dialect::sqlite;
use super::error::StoreError;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A copy that has not its name yet: it goes unless it is kept.
pub struct Copy {
    part: PathBuf,
    to: PathBuf,
}

impl Copy {
    /// Copies the database, whatever a daemon writes meanwhile, into a file beside `to`.
    ///
    /// # Errors
    /// When the database cannot be read, when there is something at `to`, or nothing can be written there.
    pub fn of(path: &Path, to: &Path) -> Result<Copy, StoreError> {
        refuse_what_is_there(to)?;
        Copy::for_place(path, to)
    }

    fn for_place(path: &Path, to: &Path) -> Result<Copy, StoreError> {
        let copy = Copy::begin(to)?;
        sqlite::copy(path, &copy.part)?;
        Ok(copy)
    }

    fn begin(to: &Path) -> Result<Copy, StoreError> {
        let part = sqlite::beside(to, ".part");
        // Of one that was interrupted.
        match fs::remove_file(&part) {
            Err(why) if why.kind() != ErrorKind::NotFound => return Err(StoreError::open(&part)(why)),
            Ok(()) | Err(_) => {}
        }
        sqlite::private().create_new(true).open(&part).map_err(StoreError::open(&part))?;
        Ok(Copy { part, to: to.to_owned() })
    }

    /// Where it is for now.
    pub fn path(&self) -> &Path {
        &self.part
    }

    /// Gives it its name, once it is on the disk; how many bytes it has.
    ///
    /// # Errors
    /// When it cannot be written, or when there is something of that name by now.
    pub fn keep(self) -> Result<u64, StoreError> {
        let failed = StoreError::open(&self.to);
        let file = File::open(&self.part).map_err(&failed)?;
        file.sync_all().map_err(&failed)?;
        // Unlike a rename it fails if there is something.
        fs::hard_link(&self.part, &self.to).map_err(&failed)?;
        let folder = self.to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(&failed)?;
        file.metadata().map(|file| file.len()).map_err(&failed)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        for end in sqlite::FILES {
            _ = fs::remove_file(sqlite::beside(&self.part, end));
        }
    }
}

/// What of a database's own order is broken, in SQLite's words; empty if nothing is.
///
/// # Errors
/// When it is no database, or one that a newer version has changed.
pub fn broken(path: &Path) -> Result<Vec<String>, StoreError> {
    let mut connection = connection::reader(path)?;
    connection::refuse_newer(&mut connection, path)?;
    sqlite::broken(path)
}

/// Whether a database's tables are an older version's, which this one's daemon brings along when it starts.
///
/// # Errors
/// When it cannot be read.
pub fn is_older(path: &Path) -> Result<bool, StoreError> {
    connection::is_older(&mut connection::reader(path)?, path)
}

/// Puts a copy in the place of the database that is there. That one is put aside, under the name that is given back; `None`
/// if there was none. `now` is a part of that name.
///
/// # Errors
/// When a daemon uses the database, or the files cannot be written; then all is as it was.
pub fn restore(path: &Path, from: &Path, now: &str) -> Result<Option<PathBuf>, StoreError> {
    let _lock = connection::lock(path)?;
    let aside = sqlite::beside(path, &format!(".before-{now}"));
    refuse_what_is_there(&aside)?;
    let copy = Copy::for_place(from, path)?;
    let was_there = path.exists();
    if was_there {
        // So that what is put aside is one file, whenever that is interrupted; a file that is damaged is taken as it is.
        _ = sqlite::fold(path);
    }
    for end in sqlite::FILES.into_iter().rev() {
        match fs::rename(sqlite::beside(path, end), sqlite::beside(&aside, end)) {
            Err(why) if why.kind() != ErrorKind::NotFound => return Err(StoreError::open(path)(why)),
            Ok(()) | Err(_) => {}
        }
    }
    copy.keep()?;
    Ok(was_there.then_some(aside))
}

fn refuse_what_is_there(path: &Path) -> Result<(), StoreError> {
    let is_there = path.try_exists().map_err(StoreError::open(path))?;
    if is_there { Err(StoreError::IsThere(path.to_owned())) } else { Ok(()) }
}
