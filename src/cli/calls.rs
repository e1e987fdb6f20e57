//! `vorrang calls`: the records of calls, chats and tasks that are over, beside a running daemon or without one.
//! Never writes, and never holds more than one page in memory.

use crate::actors::records::{csv, time, view};
use crate::protocol::rest::CallRecord;
use crate::store::{AgentRow, Archive, CompanyRow, FloorRows, RecordFilter, StoreError};
use clap::ValueEnum;
use domain::queue::Channel;
use std::borrow::Borrow;
use std::io::{self, Write};

/// How many records are read at once.
const PAGE: u32 = 1000;

/// How records are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A line for each, for people.
    #[default]
    Text,
    /// As from the API, with a first line of names.
    Csv,
    /// An object on a line for each, as from the API.
    Json,
}

/// Why it stopped.
#[derive(Debug, thiserror::Error)]
pub enum CallsError {
    /// The database could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The output could not be written.
    #[error("write the records: {0}")]
    Write(#[from] io::Error),
    /// A record could not be written as CSV.
    #[error("write the records as CSV: {0}")]
    Csv(#[from] csv::Error),
    /// A record could not be written as JSON.
    #[error("write the records as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// Writes the records of a company that `filter` lets through, the newest first; at most `limit`, if it is given. How many
/// there were.
///
/// # Errors
/// When the database cannot be read or the output not be written.
pub fn calls(
    archive: &mut Archive,
    company: &CompanyRow,
    mut filter: RecordFilter,
    limit: Option<u32>,
    (format, headed): (Format, bool),
    out: &mut dyn Write,
) -> Result<u32, CallsError> {
    let Some(rows) = archive.floor(company.id)? else { return Ok(0) };
    let mut headed = headed;
    let mut count = 0;
    loop {
        let page = limit.map_or(PAGE, |limit| (limit - count).min(PAGE));
        let found = archive.call_records(company.id, &filter, page)?;
        // The output is for programs, too.
        found.damages.iter().for_each(|damage| eprintln!("vorrang: a call record is left out: {damage}"));
        let calls: Vec<CallRecord> = found.rows.iter().map(|row| view(&rows, row)).collect();
        match format {
            Format::Text => calls.iter().try_for_each(|call| writeln!(out, "{}", line(call)))?,
            Format::Csv => out.write_all(csv(&calls, std::mem::take(&mut headed))?.as_bytes())?,
            Format::Json => {
                for call in &calls {
                    writeln!(out, "{}", serde_json::to_string(call)?)?;
                }
            }
        }
        count += calls.len() as u32;
        filter.after = found.next;
        if found.next.is_none() || limit == Some(count) {
            out.flush()?;
            return Ok(count);
        }
    }
}

/// Names to ids: what people write on the command line.
pub fn queue(rows: &FloorRows, name: &str) -> Result<domain::id::QueueId, String> {
    let names = || rows.queues.iter().map(|queue| queue.name.as_str()).collect::<Vec<_>>().join(", ");
    let found = rows.queues.iter().find(|queue| queue.name == name);
    found.map(|queue| queue.id).ok_or_else(|| format!("there is no queue `{name}`, expected one of: {}", names()))
}

/// The same of agents: by their login name, or by the name that is shown of them if only one has it.
pub fn agent(rows: &FloorRows, name: &str) -> Result<domain::id::AgentId, String> {
    let by_login = rows.agents.iter().find(|agent| agent.login_name == name);
    let shown: Vec<&AgentRow> = rows.agents.iter().filter(|agent| agent.display_name == name).collect();
    match (by_login, shown.as_slice()) {
        (Some(agent), _) => Ok(agent.id),
        (None, [agent]) => Ok(agent.id),
        (None, []) => Err(format!("there is no agent `{name}`, expected one of: {}", logins(&rows.agents))),
        (None, several) => Err(format!("several agents are called `{name}`, expected one of: {}", logins(several))),
    }
}

fn logins<A: Borrow<AgentRow>>(agents: &[A]) -> String {
    let name = |agent: &A| {
        let AgentRow { login_name, display_name, .. } = agent.borrow();
        let shown = if login_name == display_name { String::new() } else { format!(" ({display_name})") };
        format!("{login_name}{shown}")
    };
    agents.iter().map(name).collect::<Vec<_>>().join(", ")
}

fn line(call: &CallRecord) -> String {
    let unknown = if call.erased { "erased" } else { "withheld" };
    let queues = call.queues.iter().map(|queue| queue.name.as_str()).collect::<Vec<_>>().join(" > ");
    let agents = call.talks.iter().map(|talk| talk.agent.name.as_str()).collect::<Vec<_>>().join(" > ");
    let talked =
        if agents.is_empty() { String::new() } else { format!(", talked {} with {agents}", span(call.talked_ms)) };
    let said = |number: &Option<String>| number.clone().unwrap_or_else(|| unknown.to_owned());
    let who = match call.kind {
        Channel::Call => format!("{} -> {} ", said(&call.caller), said(&call.called)),
        Channel::Callback | Channel::Chat | Channel::Email | Channel::WorkItem => String::new(),
    };
    format!(
        "{} {} {who}{queues}: {}, waited {}{talked}",
        time(call.arrived_at),
        call.item,
        call.outcome.as_str().replace('_', " "),
        span(call.waited_ms),
    )
}

/// Minutes and seconds.
fn span(millis: u64) -> String {
    format!("{}:{:02}", millis / 60_000, millis / 1000 % 60)
}
