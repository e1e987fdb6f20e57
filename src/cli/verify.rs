//! Is the journal sound? Each actor is replayed from its first row and compared with all else that the database says.
//! Never writes, and keeps no more than one actor and what lies in the outbox in memory.

use crate::actors::ids::Numbered;
use crate::actors::replay::Replayed;
use crate::actors::why::items_decided_in;
use crate::store::{
    ActorNumber, ActorRow, Archive, Cause, ContentKind, Cursor, OutboxRow, Party, Snapshot, StoreError,
};
use domain::id::{CompanyId, FileId};
use domain::message::Message;
use domain::post;
use domain::record::Record;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt;
use std::ops::ControlFlow;

/// After how many rows somebody who waits hears how far it is.
const PROGRESS_EVERY: u64 = 10_000;

/// What was looked at, and how much of it is wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Actors.
    pub actors: u64,
    /// Their rows.
    pub rows: u64,
    /// Snapshots that were compared.
    pub snapshots: u64,
    /// Snapshots that no start would use: of another version, or not readable.
    pub ignored: u64,
    /// Texts.
    pub texts: u64,
    /// Actors whose texts were erased.
    pub erased: u64,
    /// Records of calls.
    pub records: u64,
    /// Messages in the outbox.
    pub messages: u64,
    /// What is wrong.
    pub problems: u64,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counts { actors, rows, snapshots, ignored, texts, erased, records, messages, problems } = self;
        write!(f, "{actors} actors, {rows} rows, {snapshots} snapshots ({ignored} more ignored), {texts} texts ")?;
        write!(f, "({erased} actors erased), {records} records, {messages} messages in the outbox: ")?;
        if *problems == 0 { f.write_str("sound") } else { write!(f, "{problems} problems") }
    }
}

/// Looks at all actors, or those of one company, and at the outbox. `say` gets a line for each thing that is wrong,
/// `progress` the number of rows so far.
///
/// # Errors
/// When the database cannot be read. That something in it is wrong is no error.
pub fn verify(
    archive: &mut Archive,
    company: Option<CompanyId>,
    mut say: impl FnMut(String),
    mut progress: impl FnMut(u64),
) -> Result<Counts, StoreError> {
    let outbox = archive.outbox()?;
    let lying = outbox.iter().map(|message| message.id).collect();
    let mut check = Check { counts: Counts::default(), lying, parties: 0, say: &mut say, progress: &mut progress };
    let mut above = None;
    loop {
        let page = archive.actors(above, company, None)?;
        let Some(last) = page.last() else { break };
        above = Some(last.number);
        for actor in &page {
            check.actor(archive, actor)?;
        }
    }
    for message in &outbox {
        check.message(archive, message)?;
    }
    let nobodies = [
        ("rows", archive.rows_of_nobody()?),
        ("texts", archive.texts_of_nobody()?),
        ("a snapshot", archive.snapshots_of_nobody()?),
        ("a record", archive.records_of_nobody()?),
        ("decisions", archive.decisions_of_nobody()?),
    ];
    for (what, numbers) in nobodies {
        for number in numbers {
            check.wrong(format!("{}: has {what}, but is not among the actors", post::Party::from_number(number)));
        }
    }
    let parties = archive.parties(company)?;
    if check.counts.problems == 0 && parties != check.parties {
        let expected = check.parties;
        check.wrong(format!(
            "calls are found under {parties} queues, agents and contacts, but their rows give {expected}"
        ));
    }
    Ok(check.counts)
}

struct Check<'a> {
    counts: Counts,
    /// The ids of the messages in the outbox.
    lying: BTreeSet<i64>,
    /// Under how many queues and agents the calls have to be found.
    parties: u64,
    say: &'a mut dyn FnMut(String),
    progress: &'a mut dyn FnMut(u64),
}

impl Check<'_> {
    fn wrong(&mut self, what: String) {
        self.counts.problems += 1;
        (self.say)(what);
    }

    fn actor(&mut self, archive: &mut Archive, row: &ActorRow) -> Result<(), StoreError> {
        self.counts.actors += 1;
        let actor = post::Party::from_number(row.number);
        let snapshot = archive.snapshot(row.number)?;
        let mut replayed = Replayed::new(actor);
        let mut last = 0;
        let mut decided = vec![];
        // Whether the machine is what its rows made of it, all of them.
        let mut whole = true;
        archive.rows(row.number, |row| {
            self.counts.rows += 1;
            if self.counts.rows.is_multiple_of(PROGRESS_EVERY) {
                (self.progress)(self.counts.rows);
            }
            if row.seq != last + 1 {
                whole = false;
                self.wrong(format!("{actor}: row {} is missing, row {} is the next", last + 1, row.seq));
            }
            last = row.seq;
            if let Some(Cause::Message { outbox, .. }) = row.cause
                && self.lying.contains(&outbox)
            {
                self.wrong(format!("{actor}: row {last} has taken message {outbox}, which still lies in the outbox"));
            }
            let items = items_decided_in(&row).unwrap_or_default();
            decided.extend(items.into_iter().map(|item| (row.seq, post::Party::from(item).number())));
            if let Err(unreadable) = replayed.apply(&row) {
                whole = false;
                self.wrong(format!("{actor}: row {last} cannot be read: {}", unreadable.why));
            }
            if let Some(snapshot) = snapshot.as_ref().filter(|snapshot| whole && snapshot.seq == last) {
                self.snapshot(&replayed, snapshot);
            }
            ControlFlow::Continue(())
        })?;
        if last == 0 {
            whole = false;
            self.wrong(format!("{actor}: has no rows"));
        }
        if let Some(snapshot) = snapshot.filter(|snapshot| snapshot.seq > last) {
            self.wrong(format!("{actor}: its snapshot is of row {}, but its last row is {last}", snapshot.seq));
        }
        if whole {
            match (replayed.is_over(), row.ended_at) {
                (true, None) => self.wrong(format!("{actor}: is over by row {last}, but not among the actors")),
                (false, Some(_)) => self.wrong(format!("{actor}: is over among the actors, but not by row {last}")),
                (true, Some(_)) | (false, None) => {}
            }
        }
        if whole {
            if let Some(flaw) = replayed.flaw() {
                self.wrong(format!("{actor}: its rows come to what cannot be: {flaw}"));
            }
            self.record(archive, row, replayed.record())?;
        }
        if whole {
            self.decisions(archive, row, decided)?;
        }
        self.texts(archive, row, whole.then_some(&replayed))
    }

    /// What a queue decided is found under the items that it decided about.
    fn decisions(
        &mut self,
        archive: &mut Archive,
        row: &ActorRow,
        rows: Vec<(u64, ActorNumber)>,
    ) -> Result<(), StoreError> {
        let actor = post::Party::from_number(row.number);
        let (rows, kept) = (BTreeSet::from_iter(rows), BTreeSet::from_iter(archive.decided(row.number)?));
        for (seq, item) in rows.difference(&kept) {
            let item = post::Party::from_number(*item);
            self.wrong(format!("{actor}: row {seq} decides about {item}, but is not found under it"));
        }
        for (seq, item) in kept.difference(&rows) {
            let item = post::Party::from_number(*item);
            self.wrong(format!("{actor}: row {seq} is found under {item}, but does not decide about it"));
        }
        Ok(())
    }

    /// The record of an item has to be what its rows say, and found under whoever had to do with it.
    fn record(&mut self, archive: &mut Archive, row: &ActorRow, rows: Option<Record>) -> Result<(), StoreError> {
        let actor = post::Party::from_number(row.number);
        let rows = match (archive.call_record(row.number)?, rows) {
            (None, None) => return Ok(()),
            (None, Some(_)) => {
                self.wrong(format!("{actor}: is over, but has no record"));
                return Ok(());
            }
            (Some(_), None) => {
                self.wrong(format!("{actor}: has a record, but is not over"));
                return Ok(());
            }
            (Some((company, _)), Some(_)) if company != row.company => {
                self.wrong(format!("{actor}: its record is of company {company}, not {}", row.company));
                return Ok(());
            }
            (Some((_, Err(why))), Some(_)) => {
                self.wrong(format!("{actor}: its record cannot be read: {why}"));
                return Ok(());
            }
            (Some((_, Ok(kept))), Some(rows)) => {
                let value = |record: &Record| serde_json::to_value(record).unwrap_or_default();
                if let Some(Difference { place, left, right }) = difference("", &value(&kept), &value(&rows)) {
                    self.wrong(format!("{actor}: its record has {place} = {left}, its rows give {right}"));
                }
                rows
            }
        };
        self.counts.records += 1;
        let place = Cursor { arrived_at: rows.arrived_at, actor: row.number };
        for party in Party::of(&rows) {
            self.parties += 1;
            if !archive.has_party(place, party)? {
                let party = match party {
                    Party::Agent(id) => post::Party::Agent(id).to_string(),
                    Party::Queue(id) => post::Party::Queue(id).to_string(),
                    Party::Contact(id) => format!("contact {id}"),
                    // No record says what its item was about.
                    Party::Classification(_) => continue,
                };
                self.wrong(format!("{actor}: is not found under {party}"));
            }
        }
        Ok(())
    }

    fn snapshot(&mut self, replayed: &Replayed, snapshot: &Snapshot) {
        let Some(kept) = Replayed::from_snapshot(snapshot) else {
            self.counts.ignored += 1;
            return;
        };
        self.counts.snapshots += 1;
        let value = |replayed: &Replayed| replayed.snapshot().ok().and_then(|text| serde_json::from_str(&text).ok());
        let (kept, rows): (Option<Value>, Option<Value>) = (value(&kept), value(replayed));
        let (kept, rows) = (kept.unwrap_or_default(), rows.unwrap_or_default());
        if let Some(Difference { place, left, right }) = difference("", &kept, &rows) {
            let (actor, seq) = (replayed.actor(), snapshot.seq);
            self.wrong(format!("{actor}: the snapshot of row {seq} has {place} = {left}, its rows give {right}"));
        }
    }

    fn texts(&mut self, archive: &mut Archive, row: &ActorRow, replayed: Option<&Replayed>) -> Result<(), StoreError> {
        let actor = post::Party::from_number(row.number);
        let texts = archive.texts(row.number)?;
        let erased = texts.iter().any(|(kind, _)| *kind == ContentKind::Erased as i64);
        self.counts.texts += texts.len() as u64 - u64::from(erased);
        self.counts.erased += u64::from(erased);
        if erased && texts.len() > 1 {
            self.wrong(format!("{actor}: was erased, but has {} texts (erase it again)", texts.len() - 1));
        }
        for (_, number) in texts.iter().filter(|(kind, _)| *kind == ContentKind::File as i64) {
            let id = FileId(number.cast_unsigned());
            match archive.file_length(row.number, id)? {
                None => self.wrong(format!("{actor}: file {id} of a message is not there")),
                Some((said, there)) if said != there => {
                    self.wrong(format!("{actor}: file {id} has {there} of its {said} bytes"));
                }
                Some(_) => {}
            }
        }
        if let Some(Replayed::Chat(_, chat)) = replayed.filter(|_| !erased) {
            for number in 1..=chat.machine.messages() {
                if texts.binary_search(&(ContentKind::MessageText as i64, number.into())).is_err() {
                    self.wrong(format!("{actor}: message {number} has no text"));
                }
            }
            for number in 1..=chat.machine.notes() {
                if texts.binary_search(&(ContentKind::InternalNote as i64, number.into())).is_err() {
                    self.wrong(format!("{actor}: note {number} has no text"));
                }
            }
        }
        Ok(())
    }

    fn message(&mut self, archive: &mut Archive, message: &OutboxRow) -> Result<(), StoreError> {
        self.counts.messages += 1;
        let OutboxRow { id, sender, seq, .. } = *message;
        let from = post::Party::from_number(sender);
        if !archive.has_actor(sender)? {
            self.wrong(format!("message {id} in the outbox: {from}, its sender, is not among the actors"));
        } else if !archive.has_row(sender, seq)? {
            self.wrong(format!("message {id} in the outbox: {from}, its sender, has no row {seq}"));
        }
        if let Err(why) = serde_json::from_str::<Message>(&message.message) {
            self.wrong(format!("message {id} in the outbox cannot be read: {why}"));
        }
        Ok(())
    }
}

/// Where two values differ first, and how.
struct Difference {
    place: String,
    left: String,
    right: String,
}

fn difference(place: &str, left: &Value, right: &Value) -> Option<Difference> {
    if left == right {
        return None;
    }
    let inside = |key: &str| if place.is_empty() { key.to_owned() } else { format!("{place}.{key}") };
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => {
            let keys: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
            let value = |object: &serde_json::Map<String, Value>, key| object.get(key).cloned().unwrap_or_default();
            keys.into_iter().find_map(|key| difference(&inside(key), &value(left, key), &value(right, key)))
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            let mut pairs = left.iter().zip(right).enumerate();
            pairs.find_map(|(at, (left, right))| difference(&inside(&at.to_string()), left, right))
        }
        _ => Some(Difference { place: place.to_owned(), left: left.to_string(), right: right.to_string() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_difference_is_named_with_its_place() {
        let left = json!({"a": 1, "b": {"c": [1, 2, {"d": null}]}});
        let right = json!({"a": 1, "b": {"c": [1, 2, {"d": 7}]}});
        let Difference { place, left: was, right: is } = difference("", &left, &right).unwrap();
        assert_eq!((place.as_str(), was.as_str(), is.as_str()), ("b.c.2.d", "null", "7"));
        assert!(difference("", &left, &left).is_none());
    }
}
