//! How one command's outcome is written: its row, and in the same transaction all that belongs to it.
//! Never reads anything.

use super::connection::DatabaseConnection;
use super::ids::Stored;
use super::journal::{Append, Cause, EVENTS_VERSION, Outgoing, SNAPSHOT_VERSION};
use super::statements::Value::{Number, NumberOrNull, Text, TextOrNull};
use super::statements::{
    DeleteMessage, EndActor, InsertActor, InsertMessage, InsertRow, ReplaceSnapshot, ReplaceText, execute,
};
use super::{decisions, records};
use diesel::QueryResult;
use diesel::result::Error;
use std::collections::{BTreeMap, BTreeSet};

/// The messages that are sent and received within one transaction: nobody could ever find them in the outbox.
pub(super) fn passing<'a>(appends: impl Iterator<Item = &'a Append>) -> BTreeSet<i64> {
    let (mut sent, mut passing) = (BTreeSet::new(), BTreeSet::new());
    for append in appends {
        if let Some(Cause::Message { outbox, .. }) = append.cause
            && sent.remove(&outbox)
        {
            passing.insert(outbox);
        }
        sent.extend(append.outbox.iter().map(|outgoing| outgoing.id));
    }
    passing
}

/// Writes one row with all that belongs to it, but for the messages that are `passing`.
pub(super) fn write(
    connection: &mut DatabaseConnection,
    epoch: i64,
    append: &Append,
    passing: &BTreeSet<i64>,
) -> Result<(), Error> {
    let (sender, received, client, command, digest) = match &append.cause {
        None => (None, None, None, None, None),
        Some(Cause::Message { sender, outbox }) => (Some(sender.0), Some(*outbox), None, None, None),
        Some(Cause::Client { client, command, digest }) => {
            (None, None, Some(client.as_str()), Some(command.cast_signed()), Some(digest.cast_signed()))
        }
    };
    let (actor, company, at) = (append.actor.0, append.company.stored(), append.at.stored());
    let seq = append.seq.cast_signed();
    if !append.events.is_empty() {
        if append.seq == 1 {
            execute(InsertActor, &[Number(actor), Number(company)], connection)?;
        }
        let values = [
            Number(actor),
            Number(seq),
            Number(epoch),
            Number(at),
            NumberOrNull(sender),
            NumberOrNull(received),
            TextOrNull(client),
            NumberOrNull(command),
            NumberOrNull(digest),
            Number(EVENTS_VERSION.into()),
            Text(&append.events),
        ];
        execute(InsertRow, &values, connection)?;
    }
    decisions::insert(connection, append)?;
    if let Some(received) = received.filter(|id| !passing.contains(id)) {
        execute(DeleteMessage, &[Number(received)], connection)?;
    }
    send(connection, append, passing)?;
    for text in &append.content {
        let values = [Number(actor), Number(text.kind as i64), Number(text.number), Text(&text.text)];
        execute(ReplaceText, &values, connection)?;
    }
    if let Some(text) = &append.snapshot {
        let values = [Number(actor), Number(seq), Number(SNAPSHOT_VERSION.into()), Text(text)];
        execute(ReplaceSnapshot, &values, connection)?;
    }
    if let Some(record) = &append.record {
        records::insert(connection, append, record)?;
    }
    if append.is_last {
        execute(EndActor, &[Number(actor), Number(company), Number(at)], connection)?;
    }
    Ok(())
}

/// Puts the messages of a row into the outbox, but for those that are `passing`.
fn send(connection: &mut DatabaseConnection, append: &Append, passing: &BTreeSet<i64>) -> QueryResult<()> {
    for Outgoing { id, receiver, message } in append.outbox.iter().filter(|message| !passing.contains(&message.id)) {
        let message = serde_json::to_string(message).map_err(|why| Error::SerializationError(why.into()))?;
        let values = [
            Number(*id),
            Number(append.company.stored()),
            Number(append.actor.0),
            Number(append.seq.cast_signed()),
            Number(receiver.0),
            Number(append.at.stored()),
            Text(&message),
        ];
        execute(InsertMessage, &values, connection)?;
    }
    Ok(())
}

/// What must hold for all that is written at once, whoever asked for it: the rows of an actor follow each other.
pub(super) fn assert_in_order<'a>(appends: impl Iterator<Item = &'a Append>) {
    if !cfg!(debug_assertions) {
        return;
    }
    let mut last = BTreeMap::new();
    for Append { actor, seq, .. } in appends.filter(|append| !append.events.is_empty()) {
        let before = last.insert(*actor, *seq);
        assert!(before.is_none_or(|before| before + 1 == *seq), "row {seq} of {actor:?} follows row {before:?}");
    }
}
