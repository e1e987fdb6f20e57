//! What is wrong with a table of people, and where: the English words. The German ones stand with all others of a company.

use super::{NO, NOTHING, PEOPLE_BYTES_MAX, PEOPLE_LINES_MAX, PeopleColumn, YES};
use crate::announcement::Language;
use crate::company::refusal::Why;
use crate::routing::Skill;
use crate::table::NoTable;
use std::fmt;

/// What is wrong with a table of people, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line, from 1, as an editor counts; of a header 1.
    pub line: u64,
    /// What the column holds; `None`: it is not about one, or that is not known.
    pub column: Option<PeopleColumn>,
    /// What stands above it; empty if it is about none.
    pub header: String,
    /// Whose line it is; empty if that is not known.
    pub login_name: String,
    /// What is wrong.
    pub why: FaultWhy,
}

impl Fault {
    pub(super) fn of_the_table(why: FaultWhy) -> Fault {
        Fault { line: 1, column: None, header: String::new(), login_name: String::new(), why }
    }

    /// Where it is, for programs: `lines/4/queues`.
    pub fn place(&self) -> String {
        match self.column {
            Some(column) => format!("lines/{}/{}", self.line, column.key()),
            None => format!("lines/{}", self.line),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.why, self.header.as_str()) {
            // They say where it is, or it is everywhere.
            (FaultWhy::Table(_) | FaultWhy::TooBig { .. } | FaultWhy::TooManyLines, _) => {}
            (_, "") => write!(f, "line {}: ", self.line)?,
            (_, header) => write!(f, "line {}, column `{header}`: ", self.line)?,
        }
        self.why.fmt(f)
    }
}

/// What is wrong there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultWhy {
    /// It is no table at all.
    #[error("{0}")]
    Table(NoTable),
    /// It is too big.
    #[error("the file has {found} bytes, expected {PEOPLE_BYTES_MAX} or fewer")]
    TooBig {
        /// How many bytes it has.
        found: usize,
    },
    /// It has too many lines.
    #[error("the table has more than {PEOPLE_LINES_MAX} lines (cut it into several)")]
    TooManyLines,
    /// Nothing is known by that name.
    #[error("there is no such column, expected some of: {}", headings(Language::En))]
    UnknownColumn,
    /// Only one of the two could hold.
    #[error("says the same as the column `{first}`, expected one of the two")]
    ColumnTwice {
        /// The one before.
        first: String,
    },
    /// Nobody is known without it.
    #[error("the column `{}` is missing", PeopleColumn::LoginName.heading(Language::En))]
    NoLoginColumn,
    /// It is not said what that is.
    #[error("`{found}` stands in a column without a name")]
    Unnamed {
        /// What stands there.
        found: String,
    },
    /// A quote may be open, or a separator may stand in a text.
    #[error("has {found} columns, expected {expected} (is a text with a separator in it without quotes?)")]
    Columns {
        /// How many it has.
        found: usize,
        /// How many stand above it.
        expected: usize,
    },
    /// Only one of the two lines could hold.
    #[error("stands in line {line} already")]
    LoginTwice {
        /// Where it stood first.
        line: u64,
    },
    /// A name is there twice in one cell.
    #[error("`{name}` is there twice, expected once")]
    NamedTwice {
        /// Which.
        name: String,
    },
    /// How well they know something is no number, or too big a one.
    #[error("`{queue}`: found `{found}`, expected a skill from 0 to {}, as in `{queue}:7`", Skill::MAX)]
    Skill {
        /// In which queue.
        queue: String,
        /// What stands there.
        found: String,
    },
    /// It is neither yes nor no.
    #[error("found `{found}`, expected one of: {}", yes_or_no())]
    YesOrNo {
        /// What stands there.
        found: String,
    },
    /// It is no number.
    #[error("found `{found}`, expected a whole number, or {NOTHING} for as many as is usual")]
    Number {
        /// What stands there.
        found: String,
    },
    /// Nobody of a company may be like this.
    #[error("{0}")]
    Company(Why),
}

/// What may stand above columns.
pub(in crate::company) fn headings(language: Language) -> String {
    PeopleColumn::ALL.map(|column| column.heading(language)).join(", ")
}

pub(in crate::company) fn yes_or_no() -> String {
    [&YES[..], &NO[..]].concat().join(", ")
}
