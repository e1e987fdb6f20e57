//! Several names in one cell, each perhaps with a level: `Sales:7, Support`.
//! A name may hold what separates others, as long as it is known.

use super::FaultWhy;
use crate::routing::Skill;
use std::collections::BTreeMap;

/// What stands between the names in a cell.
const BETWEEN: [char; 3] = [',', ';', '\n'];

/// What was found in a cell of names.
#[derive(Default)]
pub(super) struct Found {
    named: BTreeMap<String, Skill>,
    pub(super) wrong: Vec<FaultWhy>,
}

impl Found {
    pub(super) fn add(&mut self, name: String, skill: Skill) {
        if self.named.insert(name.clone(), skill).is_some() {
            self.wrong.push(FaultWhy::NamedTwice { name });
        }
    }

    pub(super) fn done(self) -> Result<BTreeMap<String, Skill>, Vec<FaultWhy>> {
        if self.wrong.is_empty() { Ok(self.named) } else { Err(self.wrong) }
    }
}

/// A name in a cell: which one of those that are known, or else as it stands there.
pub(super) struct Named<'a> {
    pub(super) name: Result<usize, &'a str>,
    /// What stands behind its colon.
    pub(super) level: Option<&'a str>,
}

/// The names in a cell. Those that are known are found whatever stands in them, before others are cut.
pub(super) fn names<'a>(cell: &'a str, known: &[String], with_levels: bool) -> Vec<Named<'a>> {
    let (mut found, mut rest) = (vec![], cell.trim());
    while !rest.is_empty() {
        let end = rest.find(BETWEEN).unwrap_or(rest.len());
        let (name, after) = match known_first(rest, known, with_levels) {
            Some((at, after)) => (Ok(at), after),
            None => {
                let colon = rest[..end].rfind(':').filter(|_| with_levels).unwrap_or(end);
                (Err(rest[..colon].trim()), &rest[colon..])
            }
        };
        let end = after.find(BETWEEN).unwrap_or(after.len());
        let level = after[..end].trim().strip_prefix(':').map(str::trim);
        if name != Err("") || level.is_some() {
            found.push(Named { name, level });
        }
        rest = after[end..].trim_start_matches(BETWEEN).trim_start();
    }
    found
}

/// With which of the known names a text begins, the longest if several would do, and what comes after it.
fn known_first<'a>(text: &'a str, known: &[String], with_levels: bool) -> Option<(usize, &'a str)> {
    let ends = |after: &str| {
        let after = after.trim_start_matches(' ');
        after.is_empty() || after.starts_with(BETWEEN) || with_levels && after.starts_with(':')
    };
    let begins = |name: &str, exactly: bool| {
        let (start, after) = text.split_at_checked(name.len())?;
        let is_it = start == name || !exactly && start.to_lowercase() == name.to_lowercase();
        (!name.is_empty() && is_it && ends(after)).then_some(after)
    };
    let longest = |exactly: bool| {
        let fitting = known.iter().enumerate().filter_map(|(at, name)| Some((at, begins(name, exactly)?)));
        fitting.min_by_key(|(_, after)| after.len())
    };
    longest(true).or_else(|| longest(false))
}
