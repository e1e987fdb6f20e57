//! The log: one row per command with its events, the messages that go out with it, the texts that people wrote, and
//! snapshots that make loading short.
//! Never reads an event or a snapshot: to the store they are text of a version.

use super::Store;
use super::connection::DatabaseConnection;
use super::error::StoreError;
use super::ids::Stored;
use super::pending::Pending;
use super::schema::{actor, content, journal, outbox, snapshot};
use diesel::connection::DefaultLoadingMode;
use diesel::prelude::*;
use domain::id::CompanyId;
use domain::message::Message;
use domain::record::Record;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// The version of the shape of events and messages that this daemon writes.
pub const EVENTS_VERSION: u32 = 1;

/// The version of the shape of snapshots that this daemon writes and reads. It is raised with every change of what a
/// machine keeps or of what an event does to it; snapshots of other versions are ignored.
pub const SNAPSHOT_VERSION: u32 = 4;

/// How many actors one statement may name.
const PARAMETERS_MAX: usize = 500;

/// An actor's number in the journal; what it stands for is the caller's business.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActorNumber(pub i64);

/// The place of an append in the order of all appends since the daemon started, from 1, without gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// One command's outcome: durable as a whole or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Append {
    /// Whose events these are.
    pub actor: ActorNumber,
    /// The company that the actor belongs to.
    pub company: CompanyId,
    /// The number of this row within its actor, from 1, without gaps; if there is no row, that of its last one.
    pub seq: u64,
    /// When it happened.
    pub at: Timestamp,
    /// What caused it, if it can come twice.
    pub cause: Option<Cause>,
    /// The events, as JSON; empty if texts are kept and nothing else: then the journal gets no row.
    pub events: String,
    /// The messages that go out.
    pub outbox: Vec<Outgoing>,
    /// The texts that belong to the events.
    pub content: Vec<Content>,
    /// The actor is over with this row, and is not loaded again.
    pub is_last: bool,
    /// The actor after this row, as JSON; takes the place of an older one.
    pub snapshot: Option<String>,
    /// What became of the call that is over with this row.
    pub record: Option<Record>,
    /// About which items this row of a queue decides to whom they go.
    pub decides: Vec<ActorNumber>,
}

/// What caused a row, if it can come twice: whoever decides looks here first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Another actor's message; committing the row takes it out of the outbox.
    Message {
        /// Who sent it.
        sender: ActorNumber,
        /// Its id in the outbox.
        outbox: i64,
    },
    /// A person's command.
    Client {
        /// Which browser or device, as it named itself.
        client: String,
        /// The number that the client gave the command.
        command: u64,
        /// Of what the command says: with the same number it is the same command only if this is the same.
        digest: u64,
    },
}

/// A message to another actor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Unique, and higher than that of every message before it: counted up from [`Store::outbox_base`].
    pub id: i64,
    /// For whom it is.
    pub receiver: ActorNumber,
    /// The message; it becomes JSON only if it is not received in the transaction in which it is sent.
    pub message: Message,
}

/// A text that belongs to an actor, outside of its events; written again with the same key it is replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// What kind of text.
    pub kind: ContentKind,
    /// Which one of its kind, from whatever the caller counts.
    pub number: i64,
    /// The text.
    pub text: String,
}

/// The kinds of texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ContentKind {
    /// Instead of all others: they were erased. The text is when, in milliseconds since 1970.
    Erased = 0,
    /// What a visitor or an agent wrote.
    MessageText = 1,
    /// The address of the page on which the visitor opened the chat.
    Page = 2,
    /// Who calls: the number or URI; `anonymous` if it is withheld.
    Caller = 3,
    /// Whom they called.
    Called = 4,
    /// What is needed to end a call's leg after a restart.
    LegFacts = 5,
    /// The visitor's language.
    Language = 6,
    /// The name that a visitor or caller gave.
    Name = 7,
    /// Whom to call back or to write to, or what is to be done.
    Contact = 8,
    /// What an agent wrote for the one who got the chat next.
    Note = 9,
    /// What is known of a call's leg beside the events: whose it is, its SIP Call-ID, its packets.
    Leg = 10,
    /// The number of a caller who does not want it to be shown, where the company may keep it: for the call's record alone.
    Withheld = 11,
    /// What an agent noted for whoever has the chat, as it is shown.
    InternalNote = 13,
    /// That a file belongs to the message whose number is the text; the number is the file's.
    File = 12,
    /// What a chat's visitor said of themselves, as JSON.
    Details = 20,
    /// The id of the chat service by which a chat's visitor came.
    Service = 21,
    /// How a chat's visitor liked it, as JSON.
    Rating = 22,
}

/// A row of the journal as it is read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalRow {
    /// Whose row.
    pub actor: ActorNumber,
    /// Its number within the actor, from 1.
    pub seq: u64,
    /// Which start of the daemon wrote it.
    pub epoch: u32,
    /// When it happened.
    pub at: Timestamp,
    /// What caused it, if it can come twice.
    pub cause: Option<Cause>,
    /// The version of the shape of `events`.
    pub version: u32,
    /// The events, as JSON.
    pub events: String,
}

/// An actor as it was after one of its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Whose.
    pub actor: ActorNumber,
    /// After which of its rows.
    pub seq: u64,
    /// The version of the shape of `text`.
    pub version: u32,
    /// The actor, as JSON.
    pub text: String,
}

/// Which rows are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// All.
    Start,
    /// Those after their actor's snapshot, if that is of [`SNAPSHOT_VERSION`]; else all.
    Snapshot,
}

/// How many texts of an actor are read: the last of a kind that fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextPage {
    /// Their kind.
    pub kind: ContentKind,
    /// At most so many.
    pub count_max: u32,
    /// At most so many bytes of them; one text is always read.
    pub bytes_max: usize,
}

/// A message that its receiver has not committed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    /// Its id, growing over all starts of the daemon.
    pub id: i64,
    /// Who sent it.
    pub sender: ActorNumber,
    /// With which of the sender's rows.
    pub seq: u64,
    /// For whom it is.
    pub receiver: ActorNumber,
    /// When it was sent.
    pub at: Timestamp,
    /// The message, as JSON.
    pub message: String,
}

impl Store {
    /// The actors of a company that have not ended, by number.
    pub fn live_actors(&self, company: CompanyId) -> Result<Vec<ActorNumber>, StoreError> {
        self.read("read the live actors", |connection| {
            let numbers = actor::table
                .filter(actor::company.eq(company.stored()))
                .filter(actor::ended_at.is_null())
                .order(actor::number)
                .select(actor::number)
                .load::<i64>(connection)?;
            Ok(numbers.into_iter().map(ActorNumber).collect())
        })
    }

    /// The company of an actor; `None` if there is no such actor.
    pub fn company_of(&self, number: ActorNumber) -> Pending<Option<CompanyId>> {
        self.ask("find an actor", move |connection| {
            let found = actor::table.find(number.0).select(actor::company).first::<i64>(connection).optional()?;
            Ok(found.map(CompanyId::from_stored))
        })
    }

    /// All rows of an actor, by their number.
    pub fn journal(&self, number: ActorNumber) -> Result<Vec<JournalRow>, StoreError> {
        self.journal_after(number, 0)
    }

    /// The rows of an actor that come after its row `seq`, by their number.
    pub fn journal_after(&self, number: ActorNumber, seq: u64) -> Result<Vec<JournalRow>, StoreError> {
        self.read("read an actor's journal", |connection| rows_after(connection, number, seq))
    }

    /// An actor's snapshot, of whatever version.
    pub fn snapshot(&self, number: ActorNumber) -> Result<Option<Snapshot>, StoreError> {
        self.read("read a snapshot", |connection| find_snapshot(connection, number))
    }

    /// The snapshots, of [`SNAPSHOT_VERSION`], of all actors of a company that have not ended.
    pub fn live_snapshots(&self, company: CompanyId) -> Result<Vec<Snapshot>, StoreError> {
        self.read("read the live snapshots", |connection| {
            let rows = snapshot::table
                .inner_join(actor::table.on(actor::number.eq(snapshot::actor)))
                .filter(actor::company.eq(company.stored()))
                .filter(actor::ended_at.is_null())
                .filter(snapshot::version.eq(i64::from(SNAPSHOT_VERSION)))
                .select(snapshot::all_columns)
                .load::<RawSnapshot>(connection)?;
            Ok(rows.into_iter().map(Snapshot::from).collect())
        })
    }

    /// Gives `each` the rows of all actors of a company that have not ended, by actor and number: one query for a whole
    /// start, and never more than one row in memory. What `each` fails with ends it.
    pub fn live_rows(
        &self,
        company: CompanyId,
        since: Since,
        mut each: impl FnMut(JournalRow) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let version = match since {
            Since::Start => None,
            Since::Snapshot => Some(i64::from(SNAPSHOT_VERSION)),
        };
        self.read("read the live journal", |connection| {
            let kept = snapshot::actor.eq(actor::number).and(snapshot::version.nullable().eq(version));
            let rows = actor::table
                .left_join(snapshot::table.on(kept))
                .inner_join(journal::table.on(journal::actor.eq(actor::number)))
                .filter(actor::company.eq(company.stored()))
                .filter(actor::ended_at.is_null())
                .filter(journal::seq.gt(coalesce(snapshot::seq.nullable(), 0)))
                .order((actor::number, journal::seq))
                .select(RawRow::as_select())
                .load_iter::<RawRow, DefaultLoadingMode>(connection)?;
            for row in rows {
                if let Err(why) = each(row?.into()) {
                    return Ok(Err(why));
                }
            }
            Ok(Ok(()))
        })?
    }

    /// All rows of all actors of a company that have not ended, by actor and number.
    pub fn live_journal(&self, company: CompanyId) -> Result<Vec<JournalRow>, StoreError> {
        let mut rows = vec![];
        self.live_rows(company, Since::Start, |row| {
            rows.push(row);
            Ok(())
        })?;
        Ok(rows)
    }

    /// The newest rows of the whole journal, the newest first, at most `count`.
    pub fn newest(&self, count: u32) -> Result<Vec<JournalRow>, StoreError> {
        self.read("read the newest rows", |connection| {
            let rows = journal::table
                .order(journal::id.desc())
                .limit(count.into())
                .select(RawRow::as_select())
                .load(connection)?;
            Ok(rows.into_iter().map(JournalRow::from).collect())
        })
    }

    /// The messages of a company that their receivers have not committed, by id.
    pub fn outbox(&self, company: CompanyId) -> Result<Vec<OutboxRow>, StoreError> {
        self.read("read the outbox", |connection| {
            let rows = outbox::table
                .filter(outbox::company.eq(company.stored()))
                .order(outbox::id)
                .select(RawMessage::as_select())
                .load(connection)?;
            Ok(rows.into_iter().map(OutboxRow::from).collect())
        })
    }

    /// Below all outbox ids of this start of the daemon and above those of the starts before it: count on from here.
    pub fn outbox_base(&self) -> i64 {
        i64::from(self.epoch()) << 32
    }

    /// An actor's texts of one kind whose number is above `above`, by number.
    pub fn contents(
        &self,
        number: ActorNumber,
        kind: ContentKind,
        above: i64,
    ) -> Result<Vec<(i64, String)>, StoreError> {
        self.read("read texts", |connection| {
            content::table
                .filter(content::actor.eq(number.0))
                .filter(content::kind.eq(kind as i64))
                .filter(content::number.gt(above))
                .order(content::number)
                .select((content::number, content::text))
                .load(connection)
        })
    }

    /// The texts of one kind of each of these actors, by actor and number.
    pub fn contents_of(
        &self,
        actors: &[ActorNumber],
        kind: ContentKind,
    ) -> Result<Vec<(ActorNumber, String)>, StoreError> {
        self.read("read texts", |connection| {
            let mut found = vec![];
            for some in actors.chunks(PARAMETERS_MAX) {
                let texts = content::table
                    .filter(content::actor.eq_any(some.iter().map(|actor| actor.0)))
                    .filter(content::kind.eq(kind as i64))
                    .order((content::actor, content::number))
                    .select((content::actor, content::text))
                    .load::<(i64, String)>(connection)?;
                found.extend(texts.into_iter().map(|(actor, text)| (ActorNumber(actor), text)));
            }
            Ok(found)
        })
    }

    /// Asks for the last texts with such numbers of each of these actors, in the order of the actors, as many as a page of
    /// each allows.
    pub fn last_contents(&self, actors: Vec<(ActorNumber, Range<i64>)>, page: TextPage) -> Pending<Vec<Vec<String>>> {
        self.ask("read the last texts", move |connection| {
            actors.into_iter().map(|(actor, numbers)| last_contents(connection, actor, numbers, &page)).collect()
        })
    }

    /// The texts of one kind of all actors of a company that have not ended, by actor and number.
    pub fn live_contents(
        &self,
        company: CompanyId,
        kind: ContentKind,
    ) -> Result<Vec<(ActorNumber, i64, String)>, StoreError> {
        self.read("read the live texts", |connection| {
            let rows = content::table
                .inner_join(actor::table.on(actor::number.eq(content::actor)))
                .filter(actor::company.eq(company.stored()))
                .filter(actor::ended_at.is_null())
                .filter(content::kind.eq(kind as i64))
                .order((actor::number, content::number))
                .select((content::actor, content::number, content::text))
                .load::<(i64, i64, String)>(connection)?;
            Ok(rows.into_iter().map(|(actor, number, text)| (ActorNumber(actor), number, text)).collect())
        })
    }

    /// The texts of one kind whose number is at most `highest`, of all actors of a company that have not ended, by actor
    /// and number.
    pub fn first_live_contents(
        &self,
        company: CompanyId,
        kind: ContentKind,
        highest: i64,
    ) -> Result<Vec<(ActorNumber, String)>, StoreError> {
        self.read("read the first live texts", |connection| {
            let rows = content::table
                .inner_join(actor::table.on(actor::number.eq(content::actor)))
                .filter(actor::company.eq(company.stored()))
                .filter(actor::ended_at.is_null())
                .filter(content::kind.eq(kind as i64))
                .filter(content::number.le(highest))
                .order((actor::number, content::number))
                .select((content::actor, content::text))
                .load::<(i64, String)>(connection)?;
            Ok(rows.into_iter().map(|(actor, text)| (ActorNumber(actor), text)).collect())
        })
    }

    /// Asks for an actor as the journal has it: its snapshot, and the rows that are read with it, by their number.
    pub fn actor(&self, number: ActorNumber, since: Since) -> Pending<(Option<Snapshot>, Vec<JournalRow>)> {
        self.ask("read an actor", move |connection| {
            let snapshot = match since {
                Since::Start => None,
                Since::Snapshot => find_snapshot(connection, number)?.filter(|kept| kept.version == SNAPSHOT_VERSION),
            };
            let rows = rows_after(connection, number, snapshot.as_ref().map_or(0, |snapshot| snapshot.seq))?;
            Ok((snapshot, rows))
        })
    }
}

fn rows_after(connection: &mut DatabaseConnection, number: ActorNumber, seq: u64) -> QueryResult<Vec<JournalRow>> {
    let rows = journal::table
        .filter(journal::actor.eq(number.0))
        .filter(journal::seq.gt(seq.stored()))
        .order(journal::seq)
        .select(RawRow::as_select())
        .load(connection)?;
    Ok(rows.into_iter().map(JournalRow::from).collect())
}

fn last_contents(
    connection: &mut DatabaseConnection,
    actor: ActorNumber,
    numbers: Range<i64>,
    page: &TextPage,
) -> QueryResult<Vec<String>> {
    let TextPage { kind, count_max, bytes_max } = page;
    let texts = content::table
        .filter(content::actor.eq(actor.0))
        .filter(content::kind.eq(*kind as i64))
        .filter(content::number.ge(numbers.start))
        .filter(content::number.lt(numbers.end))
        .order(content::number.desc())
        .limit(i64::from(*count_max))
        .select(content::text)
        .load_iter::<String, DefaultLoadingMode>(connection)?;
    let (mut fit, mut bytes) = (vec![], 0);
    for text in texts {
        let text = text?;
        bytes += text.len();
        if !fit.is_empty() && bytes > *bytes_max {
            break;
        }
        fit.push(text);
    }
    fit.reverse();
    Ok(fit)
}

diesel::define_sql_function! {
    fn coalesce(value: diesel::sql_types::Nullable<diesel::sql_types::BigInt>, other: diesel::sql_types::BigInt)
        -> diesel::sql_types::BigInt;
}

pub(super) fn find_snapshot(connection: &mut DatabaseConnection, number: ActorNumber) -> QueryResult<Option<Snapshot>> {
    Ok(snapshot::table.find(number.0).first::<RawSnapshot>(connection).optional()?.map(Snapshot::from))
}

#[derive(Queryable)]
pub(super) struct RawSnapshot {
    actor: i64,
    seq: i64,
    version: i64,
    text: String,
}

impl From<RawSnapshot> for Snapshot {
    fn from(raw: RawSnapshot) -> Snapshot {
        Snapshot {
            actor: ActorNumber(raw.actor),
            seq: u64::from_stored(raw.seq),
            version: raw.version as u32,
            text: raw.text,
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = outbox)]
pub(super) struct RawMessage {
    id: i64,
    sender: i64,
    seq: i64,
    receiver: i64,
    at: i64,
    message: String,
}

impl From<RawMessage> for OutboxRow {
    fn from(raw: RawMessage) -> OutboxRow {
        OutboxRow {
            id: raw.id,
            sender: ActorNumber(raw.sender),
            seq: u64::from_stored(raw.seq),
            receiver: ActorNumber(raw.receiver),
            at: Timestamp::from_stored(raw.at),
            message: raw.message,
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = journal)]
pub(super) struct RawRow {
    actor: i64,
    seq: i64,
    epoch: i64,
    at: i64,
    sender: Option<i64>,
    outbox: Option<i64>,
    client: Option<String>,
    command: Option<i64>,
    digest: Option<i64>,
    version: i64,
    events: String,
}

impl From<RawRow> for JournalRow {
    fn from(raw: RawRow) -> JournalRow {
        let cause = match (raw.sender, raw.outbox, raw.client, raw.command) {
            (Some(sender), Some(outbox), _, _) => Some(Cause::Message { sender: ActorNumber(sender), outbox }),
            (_, _, Some(client), Some(command)) => {
                let digest = u64::from_stored(raw.digest.unwrap_or_default());
                Some(Cause::Client { client, command: u64::from_stored(command), digest })
            }
            (_, _, _, _) => None,
        };
        JournalRow {
            actor: ActorNumber(raw.actor),
            seq: u64::from_stored(raw.seq),
            epoch: raw.epoch as u32,
            at: Timestamp::from_stored(raw.at),
            cause,
            version: raw.version as u32,
            events: raw.events,
        }
    }
}
