//! The floor at a moment that has passed: the machines as their rows until then made them, as aligned text or JSON.
//! Never explains a machine: values are shown as they are, so that a new one needs no word here.

use crate::actors::ids::ActorId;
pub use crate::actors::records::time;
use crate::actors::replay::{Replayed, UnreadableRow};
use crate::store::{Archive, CompanyRow, FloorRows, StoreError};
use domain::id::{AgentId, CompanyId, QueueId};
use domain::time::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use std::fmt::{Debug, Write};
use std::ops::ControlFlow;

/// After how many rows somebody who waits hears how far it is.
const PROGRESS_EVERY: u64 = 10_000;

/// Reads a moment as RFC 3339 has it; without an offset it is in UTC.
///
/// # Errors
/// With what was expected.
pub fn moment(text: &str) -> Result<Timestamp, String> {
    let offset = text.get(10..).is_some_and(|time| time.contains(['+', '-', 'Z', 'z', '[']));
    let moment = if offset {
        text.parse::<jiff::Timestamp>().ok()
    } else {
        let civil = text.parse::<DateTime>().and_then(|civil| civil.to_zoned(TimeZone::UTC));
        civil.ok().map(|zoned| zoned.timestamp())
    };
    let moment = moment.and_then(|moment| u64::try_from(moment.as_millisecond()).ok());
    moment.map(Timestamp).ok_or_else(|| "expected a time such as 2026-11-22T10:15:00Z".to_owned())
}

/// The machines of a company that were not over at `at`, by kind and number. What an actor did at that very millisecond
/// has happened.
///
/// # Errors
/// When the database cannot be read, or a row of it.
pub fn machines(
    archive: &mut Archive,
    company: CompanyId,
    at: Timestamp,
    mut progress: impl FnMut(u64),
) -> Result<Vec<Replayed>, StoreError> {
    let (mut machines, mut above, mut count) = (vec![], None, 0);
    loop {
        let page = archive.actors(above, Some(company), Some(at))?;
        let Some(last) = page.last() else { break };
        above = Some(last.number);
        for actor in page {
            let mut replayed = Replayed::new(ActorId::from_number(actor.number));
            let mut applied: Result<(), UnreadableRow> = Ok(());
            archive.rows(actor.number, |row| {
                count += 1;
                if count % PROGRESS_EVERY == 0 {
                    progress(count);
                }
                if row.at > at {
                    return ControlFlow::Break(());
                }
                applied = replayed.apply(&row);
                if applied.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })?;
            applied?;
            if replayed.rows() > 0 && !replayed.is_over() {
                machines.push(replayed);
            }
        }
    }
    machines.sort_by_key(Replayed::actor);
    Ok(machines)
}

/// The machines themselves.
///
/// # Errors
/// When one cannot be written as JSON.
pub fn json(company: &CompanyRow, at: Timestamp, machines: &[Replayed]) -> Result<Value, serde_json::Error> {
    let actor = |replayed: &Replayed| {
        let (actor, row) = (replayed.actor().to_string(), replayed.rows());
        Ok(json!({"actor": actor, "row": row, "machine": replayed.machine()?}))
    };
    let actors = machines.iter().map(actor).collect::<Result<Vec<Value>, serde_json::Error>>()?;
    Ok(json!({"company": company.name, "at": time(at), "actors": actors}))
}

/// The floor as people read it.
pub fn text(rows: &FloorRows, at: Timestamp, machines: &[Replayed]) -> String {
    let mut out = format!("{} at {}\n", rows.name, time(at));
    let agent_name = |id: AgentId| {
        let row = rows.agents.iter().find(|row| row.id == id);
        format!("{} ({})", row.map_or("?", |row| row.login_name.as_str()), ActorId::Agent(id))
    };
    let queue_name = |id: QueueId| {
        let row = rows.queues.iter().find(|row| row.id == id);
        format!("{} ({})", row.map_or("?", |row| row.name.as_str()), ActorId::Queue(id))
    };
    let (mut agents, mut waiting, mut chats) = (vec![], vec![], vec![]);
    let (mut calls, mut tasks) = (vec![], vec![]);
    for replayed in machines {
        match replayed {
            Replayed::Agent(id, loaded) => {
                let agent = &loaded.machine;
                let inbox: Vec<String> =
                    agent.inbox().map(|(item, entry)| format!("{item} {}", shown(&entry))).collect();
                agents.push(vec![
                    agent_name(*id),
                    shown(&agent.presence()),
                    shown(&agent.calls()),
                    maybe(agent.active()),
                    maybe(agent.reservation()),
                    if inbox.is_empty() { "-".to_owned() } else { inbox.join(", ") },
                ]);
            }
            Replayed::Queue(id, loaded) => {
                let mut items: Vec<_> = loaded.machine.waiting().collect();
                items.sort_by_key(|(_, item)| item.arrived_at);
                waiting.extend(items.into_iter().map(|(item, waits)| {
                    vec![
                        queue_name(*id),
                        item.to_string(),
                        time(waits.arrived_at),
                        format!("{} s", (at - waits.arrived_at).0 / 1000),
                        maybe(waits.asked()),
                    ]
                }));
            }
            Replayed::Chat(_, loaded) => {
                let chat = &loaded.machine;
                chats.push(vec![
                    replayed.actor().to_string(),
                    queue_name(chat.queue()),
                    time(chat.arrived_at()),
                    chat.messages().to_string(),
                    shown(&chat.state()),
                ]);
            }
            Replayed::Call(_, loaded) => {
                let call = &loaded.machine;
                calls.push(vec![
                    replayed.actor().to_string(),
                    queue_name(call.queue()),
                    time(call.arrived_at()),
                    shown(&call.state()),
                ]);
            }
            Replayed::Task(_, loaded) => {
                let task = &loaded.machine;
                tasks.push(vec![
                    replayed.actor().to_string(),
                    shown(&task.channel()),
                    queue_name(task.queue()),
                    time(task.arrived_at()),
                    shown(&task.state()),
                ]);
            }
        }
    }
    table(&mut out, "agents", &["agent", "presence", "calls", "active", "ringing", "inbox"], agents);
    table(&mut out, "waiting items", &["queue", "waiting", "since", "for", "offered"], waiting);
    table(&mut out, "chats", &["chat", "queue", "since", "messages", "state"], chats);
    table(&mut out, "calls", &["call", "queue", "since", "state"], calls);
    table(&mut out, "tasks", &["task", "channel", "queue", "since", "state"], tasks);
    out
}

/// Aligned columns under a heading.
fn table(out: &mut String, what: &str, heading: &[&str], rows: Vec<Vec<String>>) {
    if rows.is_empty() {
        _ = write!(out, "\nno {what}\n");
        return;
    }
    let mut lines: Vec<Vec<String>> = vec![heading.iter().map(|word| (*word).to_owned()).collect()];
    lines.extend(rows);
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..heading.len()).map(width).collect();
    out.push('\n');
    for line in &lines {
        let cells: Vec<String> = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        _ = writeln!(out, "{}", cells.join("  ").trim_end());
    }
}

fn maybe(value: Option<impl Debug>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| shown(&value))
}

/// A value as it is, with its times as people read them.
fn shown(value: &impl Debug) -> String {
    let text = format!("{value:?}");
    let mut parts = text.split('@');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(part.len());
        let (number, rest) = part.split_at(end);
        let millis = number.split_once('.').and_then(|(seconds, millis)| format!("{seconds}{millis}").parse().ok());
        match millis {
            Some(millis) => out.push_str(&time(Timestamp(millis))),
            None => _ = write!(out, "@{number}"),
        }
        out.push_str(rest);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_with_an_offset_or_in_utc() {
        let ten = Timestamp(1_795_342_500_000);
        for text in [
            "2026-11-22T10:15:00Z",
            "2026-11-22T10:15:00",
            "2026-11-22 10:15",
            "2026-11-22T11:15:00+01:00",
            "2026-11-22T10:15:00.000Z",
        ] {
            assert_eq!(moment(text), Ok(ten), "{text}");
        }
        assert_eq!(time(ten), "2026-11-22T10:15:00Z");
        for text in
            ["", "yesterday", "10:15", "2026-13-01T00:00:00Z", "2026-11-22T10:15:00+99:00", "1969-12-31T23:00:00Z"]
        {
            assert_eq!(moment(text), Err("expected a time such as 2026-11-22T10:15:00Z".to_owned()), "{text}");
        }
    }

    #[test]
    fn times_within_a_value_are_shown_as_times() {
        #[derive(Debug)]
        #[allow(dead_code, reason = "it is shown")]
        struct Shown {
            until: Option<Timestamp>,
            other: u32,
        }
        let value = Shown { until: Some(Timestamp(1_795_342_500_000)), other: 7 };
        assert_eq!(shown(&value), "Shown { until: Some(2026-11-22T10:15:00Z), other: 7 }");
        assert_eq!(maybe(None::<u32>), "-");
    }
}
