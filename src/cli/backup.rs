//! Copies of the database: made beside a running daemon, looked at, and put back.
//! Never lets a copy keep its name that is not sound.

use super::{ConfigFile, Failure, confirm, look_through, settings};
use crate::actors::records::time;
use crate::clock::Clock;
use crate::store::{Archive, backup};
use domain::time::Timestamp;
use std::path::Path;

/// Copies the database into a file, or under the name of this moment into a directory that is there.
pub(super) fn back_up(to: &Path, config: &ConfigFile) -> Result<(), Failure> {
    let path = settings(config)?.store.path;
    let to = if to.is_dir() { to.join(format!("vorrang-{}.db", moment())) } else { to.to_owned() };
    let copy = backup::Copy::of(&path, &to)?;
    let found = look(copy.path())?;
    let bytes = copy.keep()?;
    println!("{}: {bytes} bytes, {found}", to.display());
    Ok(())
}

/// Puts a copy in the database's place.
pub(super) fn restore(from: &Path, yes: bool, config: &ConfigFile) -> Result<(), Failure> {
    let path = settings(config)?.store.path;
    println!("{}: {}", from.display(), look(from)?);
    if !yes && path.exists() {
        let unasked = "there is a database; nothing was restored (say --yes: it is put aside, not deleted)";
        let question = format!("Put {} aside, and this copy in its place?", path.display());
        confirm(&question, unasked.to_owned(), "nothing was restored")?;
    }
    let aside = backup::restore(&path, from, &moment())?;
    println!("{} is restored: start the daemon", path.display());
    if let Some(aside) = aside {
        println!("what was there before is {} (delete it when you are sure)", aside.display());
    }
    Ok(())
}

/// What a copy holds.
fn look(path: &Path) -> Result<String, Failure> {
    let unsound = |why: &str| Failure { code: 1, why: format!("{}: {why}", path.display()) };
    let broken = backup::broken(path)?;
    for line in &broken {
        println!("{line}");
    }
    if !broken.is_empty() {
        return Err(unsound("the database is damaged (it is no backup; is the disk?)"));
    }
    if backup::is_older(path)? {
        return Ok("whole, of an older version: the daemon brings it along when it starts".to_owned());
    }
    let counts = look_through(&mut Archive::open(path)?, None)?;
    match counts.problems {
        0 => Ok(counts.to_string()),
        _ => Err(unsound("the journal is not sound (see `vorrang journal verify`)")),
    }
}

/// Now, as a part of a file's name.
fn moment() -> String {
    let now = Clock::start(Timestamp(0)).now();
    let seconds = Timestamp(now.0 / 1000 * 1000);
    time(seconds).replace(':', "-")
}
