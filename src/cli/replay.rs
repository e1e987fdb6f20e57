//! The floor at a moment that has passed: the machines as their rows until then made them, as aligned text or JSON.
//! Never explains a machine: values are shown by their stored names, so that a new one needs no word here.

use crate::actors::ids::{Numbered, Party};
pub use crate::actors::records::time;
use crate::actors::replay::{Replayed, UnreadableRow};
use crate::store::{Archive, CompanyRow, FloorRows, StoreError};
use domain::agent::Agent;
use domain::id::{AgentId, CallId, ChatId, CompanyId, ItemId, QueueId, TaskId};
use domain::queue::{Queue, Waiting};
use domain::time::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::fmt::Write;
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
            let mut replayed = Replayed::new(Party::from_number(actor.number));
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

/// The machines themselves, with times as milliseconds since 1970, as in all JSON.
///
/// # Errors
/// When one cannot be written as JSON.
pub fn json(company: &CompanyRow, at: Timestamp, machines: &[Replayed]) -> Result<Value, serde_json::Error> {
    let actor = |replayed: &Replayed| {
        let (actor, row) = (replayed.actor().to_string(), replayed.rows());
        Ok(json!({"actor": actor, "row": row, "machine": replayed.machine()?}))
    };
    let actors = machines.iter().map(actor).collect::<Result<Vec<Value>, serde_json::Error>>()?;
    Ok(json!({"company": company.name, "at": at, "actors": actors}))
}

/// The floor as people read it.
pub fn text(rows: &FloorRows, at: Timestamp, machines: &[Replayed]) -> String {
    let (mut agents, mut waiting, mut chats) = (vec![], vec![], vec![]);
    let (mut calls, mut tasks) = (vec![], vec![]);
    for replayed in machines {
        match replayed {
            Replayed::Agent(id, loaded) => agents.push(of_agent(rows, *id, &loaded.machine)),
            Replayed::Queue(id, loaded) => waiting.extend(of_queue(rows, at, *id, &loaded.machine)),
            Replayed::Chat(_, loaded) => {
                let chat = &loaded.machine;
                chats.push(vec![
                    replayed.actor().to_string(),
                    queue_name(rows, chat.queue()),
                    time(chat.arrived_at()),
                    chat.messages().to_string(),
                    shown(&chat.state()),
                ]);
            }
            Replayed::Call(_, loaded) => {
                let call = &loaded.machine;
                calls.push(vec![
                    replayed.actor().to_string(),
                    queue_name(rows, call.queue()),
                    time(call.arrived_at()),
                    shown(&call.state()),
                ]);
            }
            Replayed::Task(_, loaded) => {
                let task = &loaded.machine;
                tasks.push(vec![
                    replayed.actor().to_string(),
                    shown(&task.channel()),
                    queue_name(rows, task.queue()),
                    time(task.arrived_at()),
                    shown(&task.state()),
                ]);
            }
        }
    }
    let mut out = format!("{} at {}\n", rows.name, time(at));
    table(&mut out, "agents", &["agent", "presence", "calls", "active", "ringing", "inbox"], agents);
    table(&mut out, "waiting items", &["queue", "waiting", "since", "for", "offered"], waiting);
    table(&mut out, "chats", &["chat", "queue", "since", "messages", "state"], chats);
    table(&mut out, "calls", &["call", "queue", "since", "state"], calls);
    table(&mut out, "tasks", &["task", "channel", "queue", "since", "state"], tasks);
    out
}

fn agent_name(rows: &FloorRows, id: AgentId) -> String {
    let row = rows.agents.iter().find(|row| row.id == id);
    format!("{} ({})", row.map_or("?", |row| row.login_name.as_str()), Party::Agent(id))
}

fn queue_name(rows: &FloorRows, id: QueueId) -> String {
    let row = rows.queues.iter().find(|row| row.id == id);
    format!("{} ({})", row.map_or("?", |row| row.name.as_str()), Party::Queue(id))
}

fn of_agent(rows: &FloorRows, id: AgentId, agent: &Agent) -> Vec<String> {
    let inbox: Vec<String> = agent.inbox().map(|(item, entry)| format!("{item} {}", shown(&entry))).collect();
    vec![
        agent_name(rows, id),
        shown(&agent.presence()),
        shown(&agent.calls()),
        shown(&agent.active()),
        shown(&agent.reservation()),
        if inbox.is_empty() { "-".to_owned() } else { inbox.join(", ") },
    ]
}

/// A line for each item that waits, the one that has waited longest first.
fn of_queue(rows: &FloorRows, at: Timestamp, id: QueueId, queue: &Queue) -> Vec<Vec<String>> {
    let mut items: Vec<_> = queue.waiting().collect();
    items.sort_by_key(|(_, item)| item.arrival.arrived_at);
    let line = |(item, waits): (ItemId, &Waiting)| {
        vec![
            queue_name(rows, id),
            item.to_string(),
            time(waits.arrival.arrived_at),
            format!("{} s", (at - waits.arrival.arrived_at).0 / 1000),
            waits.asked().map_or_else(|| "-".to_owned(), |agent| agent_name(rows, agent)),
        ]
    };
    items.into_iter().map(line).collect()
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

/// A value in words: what it is called where it is stored, with the names of items, and with times as people read them.
fn shown(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::Null) => "-".to_owned(),
        Ok(Value::Object(fields)) => of_fields(&fields),
        Ok(other) => scalar("", &other),
        Err(why) => format!("cannot be shown: {why}"),
    }
}

fn of_fields(fields: &Map<String, Value>) -> String {
    fields.iter().filter_map(|(name, value)| field(name, value)).collect::<Vec<_>>().join(", ")
}

/// A field with its name; nothing if it says nothing.
fn field(name: &str, value: &Value) -> Option<String> {
    let word = name.replace('_', " ");
    Some(match value {
        Value::Null | Value::Bool(false) => return None,
        Value::Bool(true) => word,
        Value::Object(fields) => match of_fields(fields) {
            inner if inner.is_empty() => word,
            inner if name == "by" => format!("by {inner}"),
            inner => format!("{word} ({inner})"),
        },
        Value::Array(_) | Value::Number(_) | Value::String(_) => match (actor(name, value), item(value)) {
            (Some(actor), _) => actor.to_string(),
            (None, Some(item)) => item.to_string(),
            (None, None) => format!("{word} {}", scalar(name, value)),
        },
    })
}

/// Who is meant by a field that is named like a kind of actor.
fn actor(name: &str, value: &Value) -> Option<Party> {
    let number = value.as_u64()?;
    match name {
        "agent" => Some(Party::Agent(AgentId(number))),
        "queue" => Some(Party::Queue(QueueId(number))),
        "chat" => Some(Party::Chat(ChatId(number))),
        "call" => Some(Party::Call(CallId(number))),
        "task" => Some(Party::Task(TaskId(number))),
        _ => None,
    }
}

fn item(value: &Value) -> Option<ItemId> {
    ItemId::try_from(value.as_str()?.to_owned()).ok()
}

fn scalar(name: &str, value: &Value) -> String {
    let is_time = ["at", "since", "until"].iter().any(|end| name == *end || name.ends_with(&format!("_{end}")));
    let is_span = ["wrap_up", "limit", "spent"].contains(&name);
    match (value.as_u64(), value) {
        (Some(millis), _) if is_time => time(Timestamp(millis)),
        (Some(millis), _) if is_span => format!("{} s", millis / 1000),
        (_, Value::String(text)) => text.replace('_', " "),
        (_, other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::agent::{Active, Calls, Entry, Presence, Reservation};
    use domain::chat::{self, ParkedBy};
    use domain::id::OfferId;
    use domain::phone::Says;
    use domain::time::Span;

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
    fn a_value_is_shown_in_words() {
        let call = CallId(4_294_967_302);
        let offer = OfferId { call, agent: AgentId(7), attempt: 2 };
        let (since, wrap_up) = (Timestamp(1_795_342_500_000), Span::seconds(30));
        let parked = chat::State::Parked { agent: AgentId(7), by: ParkedBy::Call(call), since };
        let reservation = Reservation { offer, queue: QueueId(3), until: since, wrap_up };
        let of_call = "call 1-6, agent 7, attempt 2";
        for (shown, expected) in [
            (shown(&chat::State::Queued), "queued".to_owned()),
            (shown(&chat::State::Active { agent: AgentId(7) }), "active (agent 7)".to_owned()),
            (shown(&parked), "parked (agent 7, by call 1-6, since 2026-11-22T10:15:00Z)".to_owned()),
            (shown(&Presence::LoggedOut), "logged out".to_owned()),
            (shown(&Calls::PhoneLost), "phone lost".to_owned()),
            (
                shown(&Calls::Blocked { until: Some(since), says: Some(Says::DoNotDisturb) }),
                "blocked (until 2026-11-22T10:15:00Z, says do not disturb)".to_owned(),
            ),
            (shown(&Calls::Blocked { until: None, says: None }), "blocked".to_owned()),
            (shown(&Entry::Conversation { exclusive: true }), "conversation (exclusive)".to_owned()),
            (shown(&Active::Item(ItemId::Chat(ChatId(4_294_967_303)))), "chat 1-7".to_owned()),
            (
                shown(&Active::Call { offer, since, wrap_up }),
                format!("call (offer ({of_call}), since 2026-11-22T10:15:00Z, wrap up 30 s)"),
            ),
            (
                shown(&Some(reservation)),
                format!("offer ({of_call}), queue 3, until 2026-11-22T10:15:00Z, wrap up 30 s"),
            ),
            (shown(&None::<Reservation>), "-".to_owned()),
        ] {
            let sorted = |text: &str| {
                let mut words: Vec<String> = text.split([' ', ',', '(', ')']).map(str::to_owned).collect();
                words.sort();
                words
            };
            assert_eq!(sorted(&shown), sorted(&expected), "{shown}");
            assert!(!shown.contains(['{', '"', '_']), "{shown}");
        }
    }
}
