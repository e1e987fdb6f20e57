//! The records of calls, chats and tasks as people read them: with names, and as CSV.
//! Nothing is decided here; what became of an item is told by `domain::record`.

use super::ids::{Numbered, Party};
use crate::protocol::details::Rating;
use crate::protocol::rest::{CallRecord, ClassificationView, LegView, NamedAgent, NamedQueue, PacketsView, TalkView};
use crate::store::{ActorNumber, ContentKind, FloorRows, RecordRow};
use crate::telephony::legs::LegRecord;
use domain::company::Classification;
use domain::id::{AgentId, QueueId};
use domain::record::Talk;
use domain::time::Timestamp;
use domain::write_up::WriteUp;

/// The first line of a CSV.
const COLUMNS: [&str; 28] = [
    "call",
    "outcome",
    "arrived_at_utc",
    "answered_at_utc",
    "ended_at_utc",
    "waited_ms",
    "talked_ms",
    "held_ms",
    "caller",
    "called",
    "trunk",
    "first_queue",
    "last_queue",
    "moves",
    "offers",
    "agents",
    "call_ids",
    "packets_received",
    "packets_sent",
    "kind",
    "preemptions",
    "preempted_ms",
    "wrap_up_ms",
    "classification",
    "note",
    "contact",
    "rating",
    "rating_comment",
];

/// A record with the names of whoever had to do with it.
pub fn view(rows: &FloorRows, row: &RecordRow) -> CallRecord {
    let record = &row.record;
    let text = |kind| row.texts(kind).map(|(_, text)| text.to_owned()).find(|text| !text.is_empty());
    let item = Party::from_number(row.actor).to_string();
    let legs = row.texts(ContentKind::Leg).filter_map(|(leg, text)| {
        let read = serde_json::from_str(text);
        // The record is whole without it.
        read.inspect_err(|why| {
            tracing::error!("the record of {item}: what is known of leg {leg} cannot be read: {why}")
        })
        .ok()
    });
    let legs: Vec<LegRecord> = legs.collect();
    CallRecord {
        item,
        kind: record.kind,
        outcome: record.outcome,
        arrived_at: record.arrived_at,
        answered_at: record.answered_at(),
        ended_at: record.ended_at,
        waited_ms: record.waited().0,
        talked_ms: record.talked().0,
        held_ms: record.held().0,
        caller: text(ContentKind::Withheld).or_else(|| text(ContentKind::Caller)),
        called: text(ContentKind::Called),
        trunk: legs.iter().find_map(|leg| leg.trunk.clone()),
        erased: row.texts(ContentKind::Erased).next().is_some(),
        queues: record.queues.iter().map(|queue| named_queue(rows, *queue)).collect(),
        last_queue: named_queue(rows, record.last_queue),
        moves: record.moves,
        offers: record.offers,
        talks: record.talks.iter().map(|talk| talk_view(rows, talk)).collect(),
        preemptions: record.preemptions,
        preempted_ms: record.preempted.0,
        wrap_up_ms: record.wrap_up.0,
        note: row.write_up.as_ref().map(|row| row.written.note.clone()).unwrap_or_default(),
        classifications: row.write_up.iter().flat_map(|row| classifications(rows, &row.written)).collect(),
        contact: record.contact,
        legs: legs.into_iter().map(|leg| leg_view(rows, leg)).collect(),
        rating: text(ContentKind::Rating).and_then(|text| rating(row.actor, &text)),
    }
}

fn rating(actor: ActorNumber, text: &str) -> Option<Rating> {
    let read = serde_json::from_str(text);
    let item = Party::from_number(actor);
    read.inspect_err(|why| tracing::error!("the record of {item}: the rating cannot be read: {why}")).ok()
}

fn named_queue(rows: &FloorRows, id: QueueId) -> NamedQueue {
    NamedQueue { queue: id, name: rows.queue_name(id).to_owned() }
}

/// An agent as others see them.
pub fn named_agent(rows: &FloorRows, id: AgentId) -> NamedAgent {
    NamedAgent { agent: id, name: rows.agent_name(id).to_owned() }
}

/// What an item was about, by id; of what there never was nothing is shown.
pub fn classifications(rows: &FloorRows, written: &WriteUp) -> Vec<ClassificationView> {
    let known = written.classifications.iter().filter_map(|id| rows.classification(*id));
    known.map(|known| classification_view(rows, known)).collect()
}

/// One that an item may be about.
pub fn classification_view(rows: &FloorRows, known: &Classification) -> ClassificationView {
    let path = rows.classification_path(known.id).into_iter().map(str::to_owned).collect();
    ClassificationView { classification: known.id, code: known.code.clone(), path }
}

fn talk_view(rows: &FloorRows, talk: &Talk) -> TalkView {
    let Talk { agent, queue, connected_at, ended_at, held } = *talk;
    let (agent, queue) = (named_agent(rows, agent), named_queue(rows, queue));
    TalkView { agent, queue, connected_at, ended_at, held_ms: held.0 }
}

fn leg_view(rows: &FloorRows, leg: LegRecord) -> LegView {
    let packets = leg.packets.map(|packets| PacketsView {
        received: packets.received,
        sent: packets.sent,
        dropped: packets.dropped,
    });
    LegView { agent: leg.agent.map(|agent| named_agent(rows, agent)), call_id: leg.call_id, packets }
}

/// Records as CSV (RFC 4180), with a first line of names if `headed`. Several agents or Call-IDs stand in one field, with
/// semicolons; the packets are those of the caller's leg.
///
/// # Errors
/// Never: everything is written into memory.
pub fn csv<'a>(records: impl IntoIterator<Item = &'a CallRecord>, headed: bool) -> Result<String, csv::Error> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(vec![]);
    if headed {
        writer.write_record(COLUMNS)?;
    }
    for record in records {
        writer.write_record(fields(record).map(harmless))?;
    }
    let bytes = writer.into_inner().map_err(|why| csv::Error::from(why.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn fields(record: &CallRecord) -> [String; 28] {
    let names = |names: Vec<&str>| names.join("; ");
    let agents = record.talks.iter().map(|talk| talk.agent.name.as_str()).collect();
    let call_ids = record.legs.iter().filter_map(|leg| leg.call_id.as_deref()).collect();
    let packets = record.legs.iter().find(|leg| leg.agent.is_none()).and_then(|leg| leg.packets);
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let count = |count: Option<u64>| count.map(|count| count.to_string()).unwrap_or_default();
    [
        record.item.clone(),
        record.outcome.to_string(),
        time(record.arrived_at),
        record.answered_at.map(time).unwrap_or_default(),
        time(record.ended_at),
        record.waited_ms.to_string(),
        record.talked_ms.to_string(),
        record.held_ms.to_string(),
        text(&record.caller),
        text(&record.called),
        text(&record.trunk),
        record.queues.first().map(|queue| queue.name.clone()).unwrap_or_default(),
        record.last_queue.name.clone(),
        record.moves.to_string(),
        record.offers.to_string(),
        names(agents),
        names(call_ids),
        count(packets.map(|packets| packets.received)),
        count(packets.map(|packets| packets.sent)),
        record.kind.as_str().to_owned(),
        record.preemptions.to_string(),
        record.preempted_ms.to_string(),
        record.wrap_up_ms.to_string(),
        names(record.classifications.iter().map(|about| about.code.as_str()).collect()),
        record.note.clone(),
        record.contact.map(|contact| contact.to_string()).unwrap_or_default(),
        record.rating.as_ref().map(|rating| rating.stars.to_string()).unwrap_or_default(),
        record.rating.as_ref().map(|rating| rating.comment.clone()).unwrap_or_default(),
    ]
}

/// A time as RFC 3339 has it, in UTC.
pub fn time(at: Timestamp) -> String {
    let time = i64::try_from(at.0).ok().and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok());
    time.map_or_else(|| at.0.to_string(), |time| time.to_string())
}

/// A field that no spreadsheet takes for a formula: callers choose what their number is. A plus and digits is a number.
fn harmless(field: String) -> String {
    let is_number = |rest: &str| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit());
    match field.chars().next() {
        Some('+' | '-') if is_number(&field[1..]) => field,
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n') => format!("'{field}"),
        _ => field,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_made_a_text() {
        for (field, expected) in [
            ("", ""),
            ("+49301234", "+49301234"),
            ("-7", "-7"),
            ("Service", "Service"),
            ("=HYPERLINK(\"http://x\")", "'=HYPERLINK(\"http://x\")"),
            ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
            ("+", "'+"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
        ] {
            assert_eq!(harmless(field.to_owned()), expected, "{field}");
        }
    }
}
