//! The table: its rows are measured one after another and printed in Markdown, each as soon as it is known.
//! Never a figure for what went wrong: such a row is an error.

use super::daemon::CORE;
use super::{Result, doing};
use std::process::{Command, ExitCode, Stdio};

/// The core of everything but the daemon.
const LOAD_CORE: &str = "0";

/// A row of the table: its name on the command line, what it says, the measured peers, the goal, and how it is measured.
pub struct Row {
    pub name: &'static str,
    pub what: &'static str,
    pub peer: &'static str,
    pub goal: &'static str,
    pub measure: fn() -> Result<Measured>,
}

/// What came out: of the daemon, and of the floor beside it.
pub struct Measured {
    pub vorrang: String,
    pub floor: String,
}

/// A program that is needed, an option with which it ends at once, and the Debian package that has it.
pub type Needed = (&'static str, &'static str, &'static str);

/// Prints the rows that are named, all if none is. `bench` and `peer` stand in messages and in the heading.
pub fn print(bench: &str, peer: &str, rows: &[Row], needed: &[Needed], wanted: &[String]) -> ExitCode {
    match table(peer, rows, needed, wanted) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{bench}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What was asked for on the command line.
pub fn arguments() -> Vec<String> {
    // Cargo adds --bench.
    std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect()
}

fn table(peer: &str, rows: &[Row], needed: &[Needed], wanted: &[String]) -> Result<()> {
    if let Some(unknown) = wanted.iter().find(|name| rows.iter().all(|row| row.name != **name)) {
        let names: Vec<_> = rows.iter().map(|row| row.name).collect();
        return Err(format!("there is no row {unknown} (accepted: {})", names.join(", ")));
    }
    for (program, option, package) in needed {
        let started = Command::new(program).arg(option).stdout(Stdio::null()).stderr(Stdio::null()).status();
        started.map_err(doing(&format!("run {program} (the Debian package {package} has it)")))?;
    }
    let me = std::process::id().to_string();
    let pinned = Command::new("taskset").args(["-cp", LOAD_CORE, &me]).stdout(Stdio::null()).status();
    if !pinned.is_ok_and(|status| status.success()) {
        return Err(format!("pin the load to core {LOAD_CORE}: two cores are needed, {LOAD_CORE} and {CORE}"));
    }
    println!("| work | Vorrang | goal | floor, same run | {peer} |");
    println!("|---|---|---|---|---|");
    let is_wanted = |row: &&Row| wanted.is_empty() || wanted.iter().any(|name| name == row.name);
    let mut failed = vec![];
    for row in rows.iter().filter(is_wanted) {
        match (row.measure)() {
            Ok(Measured { vorrang, floor }) => {
                println!("| {} | {vorrang} | {} | {floor} | {} |", row.what, row.goal, row.peer);
            }
            Err(error) => {
                println!("| {} | not measured | {} | | {} |", row.what, row.goal, row.peer);
                failed.push(format!("{}: {error}", row.name));
            }
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n")) }
}
