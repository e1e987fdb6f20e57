//! How stored values are read: what cannot be read is named by table, row and column.
//! Never silent: whoever loads a company hears of each damage, and the rest of the row holds.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;

/// A stored value that cannot be read. In its place stands the default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// In which table.
    pub table: &'static str,
    /// In which row: its key.
    pub row: String,
    /// In which column.
    pub column: &'static str,
    /// What is wrong with it.
    pub why: String,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Damage { table, row, column, why } = self;
        write!(
            f,
            "table {table}, row {row}, column {column}: {why} (its default holds until the setting is given anew)"
        )
    }
}

/// One row while it is read.
pub(super) struct Reading<'a> {
    table: &'static str,
    row: String,
    damages: &'a mut Vec<Damage>,
}

impl<'a> Reading<'a> {
    /// Of a row of a table, by its key.
    pub(super) fn new(table: &'static str, row: &dyn fmt::Display, damages: &'a mut Vec<Damage>) -> Reading<'a> {
        Reading { table, row: row.to_string(), damages }
    }

    /// Notes that a column cannot be read.
    pub(super) fn damaged(&mut self, column: &'static str, why: impl fmt::Display) {
        self.damages.push(Damage { table: self.table, row: self.row.clone(), column, why: why.to_string() });
    }

    /// A value that is kept as JSON.
    pub(super) fn json<T: DeserializeOwned>(&mut self, column: &'static str, text: Option<&str>) -> Option<T> {
        match text.map(serde_json::from_str).transpose() {
            Ok(value) => value,
            Err(why) => {
                self.damaged(column, format_args!("not to be read: {why}"));
                None
            }
        }
    }

    /// A number that has to fit.
    pub(super) fn number<T: TryFrom<i64>>(&mut self, column: &'static str, number: Option<i64>) -> Option<T> {
        let number = number?;
        let fits = T::try_from(number).ok();
        if fits.is_none() {
            self.damaged(column, format_args!("found {number}, which is out of range"));
        }
        fits
    }

    /// Yes or no.
    pub(super) fn flag(&mut self, column: &'static str, flag: i64) -> bool {
        if !matches!(flag, 0 | 1) {
            self.damaged(column, format_args!("found {flag}, expected 0 or 1"));
        }
        flag == 1
    }
}

/// A value as it is kept as JSON.
pub(super) fn json(value: &impl Serialize) -> diesel::QueryResult<String> {
    serde_json::to_string(value).map_err(|why| diesel::result::Error::SerializationError(Box::new(why)))
}

/// The name of a row that was removed: as long as it is there, somebody else may have the name.
pub(super) fn retired(name: &str, id: i64) -> String {
    format!("{name}{RETIRED}{id}")
}

/// The name that a row had before it was removed.
pub(super) fn name_of(retired: &str) -> &str {
    retired.rsplit_once(RETIRED).map_or(retired, |(name, _)| name)
}

/// No name that somebody gives has a control character.
const RETIRED: char = '\u{1f}';
