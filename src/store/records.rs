//! The records of calls, chats and tasks that are over: a row for each, written with the row of the journal that ends it.
//! Never says what became of an item: that is told by its events. Who called whom stands in `content`, with the texts.

use super::archive::Archive;
use super::connection::DatabaseConnection;
use super::error::StoreError;
use super::ids::Stored;
use super::journal::{ActorNumber, Append, ContentKind};
use super::pending::Pending;
use super::schema::{actor, call_party, call_record, content};
use super::statements::Value::{Number, NumberOrNull, Text};
use super::statements::{DeleteContactParty, InsertRecord, ReplaceParty, ReplaceRecord, execute};
use super::write_ups::{self, WriteUpRow};
use super::{Store, contacts};
use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::result::Error;
use diesel::sql_types::{self, Bool};
use domain::id::{AgentId, ClassificationId, CompanyId, ContactId, QueueId};
use domain::queue::Channel;
use domain::record::{Outcome, Record};
use domain::time::{Span, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// The texts in which a customer is named.
const CUSTOMER: [ContentKind; 3] = [ContentKind::Caller, ContentKind::Name, ContentKind::Contact];

/// The role of what an item was about, among those of [`Party`].
const CLASSIFICATION: i64 = 3;

/// The role of customers, among those of [`Party`].
const CONTACT: i64 = 4;

/// A role, and the id of whoever had it.
type PartyKey = (i64, i64);

/// Whose items are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Party {
    /// Those that waited in a queue.
    Queue(QueueId),
    /// Those in which an agent talked, or on which they worked.
    Agent(AgentId),
    /// Those that were about something.
    Classification(ClassificationId),
    /// Those of a customer.
    Contact(ContactId),
}

impl Party {
    fn key(self) -> PartyKey {
        match self {
            Party::Queue(id) => (1, id.stored()),
            Party::Agent(id) => (2, id.stored()),
            Party::Classification(id) => (CLASSIFICATION, id.stored()),
            Party::Contact(id) => (CONTACT, id.stored()),
        }
    }

    /// All who had to do with an item: of what it was about the record says nothing.
    pub fn of(record: &Record) -> BTreeSet<Party> {
        let queues = record.queues.iter().map(|queue| Party::Queue(*queue));
        let agents = record.talks.iter().map(|talk| Party::Agent(talk.agent));
        queues.chain(agents).chain(record.contact.map(Party::Contact)).collect()
    }
}

/// Where one page of records ends: the next one begins after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    /// When the last call of the page arrived.
    pub arrived_at: Timestamp,
    /// That call.
    pub actor: ActorNumber,
}

/// Which records are looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordFilter {
    /// Only of this kind; of calls, if nothing else is said.
    pub kind: Channel,
    /// Of whatever kind: of an agent, a queue or a classification, whose order leads then.
    pub every_kind: bool,
    /// Only of items that arrived then or later.
    pub from: Option<Timestamp>,
    /// Only of items that arrived before.
    pub to: Option<Timestamp>,
    /// Only of items that waited there.
    pub queue: Option<QueueId>,
    /// Only of items that this agent had.
    pub agent: Option<AgentId>,
    /// Only of items that ended like this.
    pub outcome: Option<Outcome>,
    /// Only of items that were about this.
    pub classification: Option<ClassificationId>,
    /// Only of items in which all of these are found.
    pub words: Vec<Word>,
    /// Only those that come after this place, in the order of the pages.
    pub after: Option<Cursor>,
}

impl RecordFilter {
    /// Under whom the records are found, and whoever else had to do with them: an agent has fewer items than a queue.
    fn parties(&self) -> (Option<PartyKey>, Vec<PartyKey>) {
        let (agent, queue) = (self.agent.map(Party::Agent), self.queue.map(Party::Queue));
        let parties = [agent, self.classification.map(Party::Classification), queue];
        let mut parties = parties.into_iter().flatten().map(Party::key);
        (parties.next(), parties.collect())
    }
}

/// The beginning of a word that is looked for, in its simple form: in the note, in the number or name that is known of the
/// customer, or in what the item was about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// As [`domain::contact::searchable`] writes it, without the space.
    pub word: String,
    /// The classifications in which it is found.
    pub classifications: Vec<ClassificationId>,
}

/// The company of a record, and the record or why it cannot be read.
pub type KeptRecord = (CompanyId, Result<Record, String>);

/// A record with the texts that belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordRow {
    /// The item's number in the journal.
    pub actor: ActorNumber,
    /// What became of it.
    pub record: Record,
    /// Kind, number and text, in this order: who called whom, and what is known of the legs. After an erasure only that
    /// there was one.
    pub texts: Vec<(i64, i64, String)>,
    /// What agents wrote of it.
    pub write_up: Option<WriteUpRow>,
}

impl RecordRow {
    /// The texts of one kind, with their numbers.
    pub fn texts(&self, kind: ContentKind) -> impl Iterator<Item = (i64, &str)> {
        let of_kind = self.texts.iter().filter(move |(of, _, _)| *of == kind as i64);
        of_kind.map(|(_, number, text)| (*number, text.as_str()))
    }
}

/// One page of records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordPage {
    /// Those that can be read, the newest first.
    pub rows: Vec<RecordRow>,
    /// Those that cannot be read: which, and why.
    pub damages: Vec<String>,
    /// Where the page ends; `None` if it is the last one.
    pub next: Option<Cursor>,
}

/// Writes the record of an item that ends with this row. One that is there already is replaced: it told of the same item.
pub(super) fn insert(connection: &mut DatabaseConnection, append: &Append, record: &Record) -> Result<(), Error> {
    let Append { actor, company, .. } = append;
    let json = |value: serde_json::Result<String>| value.map_err(|why| Error::SerializationError(why.into()));
    let arrived_at = record.arrived_at.stored();
    let (queues, talks) = (json(serde_json::to_string(&record.queues))?, json(serde_json::to_string(&record.talks))?);
    let values = [
        Number(actor.0),
        Number(company.stored()),
        Number(arrived_at),
        Number(record.ended_at.stored()),
        Text(record.outcome.as_str()),
        Text(&queues),
        Number(record.last_queue.stored()),
        Number(record.moves.into()),
        Number(record.offers.into()),
        Text(&talks),
        Text(record.kind.as_str()),
        Number(record.preemptions.into()),
        Number(record.preempted.stored()),
        Number(record.wrap_up.stored()),
        NumberOrNull(record.contact.map(Stored::stored)),
    ];
    if execute(InsertRecord, &values, connection)? == 0 {
        // It may be known by now who the customer of one was that was over before.
        execute(DeleteContactParty, &[Number(actor.0)], connection)?;
        execute(ReplaceRecord, &values, connection)?;
    }
    for party in Party::of(record) {
        found_under(connection, party.key(), arrived_at, *actor)?;
    }
    match write_ups::of_one(connection, actor.0)? {
        Some(row) => classify(connection, *actor, &row.written.classifications),
        None => Ok(()),
    }
}

/// Has an item found under what it is about, if it has a record; before that, [`insert`] does it.
pub(super) fn classify(
    connection: &mut DatabaseConnection,
    actor: ActorNumber,
    about: &BTreeSet<ClassificationId>,
) -> QueryResult<()> {
    let arrived_at = call_record::table.find(actor.0).select(call_record::arrived_at).first::<i64>(connection);
    let Some(arrived_at) = arrived_at.optional()? else { return Ok(()) };
    let ids: Vec<i64> = about.iter().map(|id| id.stored()).collect();
    let others = call_party::table
        .filter(call_party::role.eq(CLASSIFICATION))
        .filter(call_party::actor.eq(actor.0))
        .filter(call_party::arrived_at.eq(arrived_at))
        .filter(diesel::dsl::not(call_party::id.eq_any(&ids)));
    diesel::delete(others).execute(connection)?;
    ids.into_iter().try_for_each(|id| found_under(connection, (CLASSIFICATION, id), arrived_at, actor))
}

/// Keeps how a visitor liked their chat: the first word counts, and of what was erased nothing is kept.
pub(super) fn rate(connection: &mut DatabaseConnection, actor: ActorNumber, rating: &str) -> QueryResult<()> {
    let said = [ContentKind::Erased as i64, ContentKind::Rating as i64];
    let said = content::table.filter(content::actor.eq(actor.0)).filter(content::kind.eq_any(said));
    if diesel::select(exists(said)).get_result(connection)? {
        return Ok(());
    }
    let row = (
        content::actor.eq(actor.0),
        content::kind.eq(ContentKind::Rating as i64),
        content::number.eq(0),
        content::text.eq(rating),
    );
    diesel::insert_into(content::table).values(row).execute(connection)?;
    Ok(())
}

fn found_under(
    connection: &mut DatabaseConnection,
    (role, id): (i64, i64),
    arrived_at: i64,
    actor: ActorNumber,
) -> QueryResult<()> {
    execute(ReplaceParty, &[Number(role), Number(id), Number(arrived_at), Number(actor.0)], connection)?;
    Ok(())
}

impl Store {
    /// The records of a company's items of one kind, the newest first, at most `limit`.
    pub fn call_records(
        &self,
        company: CompanyId,
        filter: &RecordFilter,
        limit: u32,
    ) -> Result<RecordPage, StoreError> {
        self.read("read call records", |connection| page(connection, company, filter, limit))
    }

    /// The record of one item; `None` if the company has no such item, or if it goes on.
    pub fn call_record(&self, company: CompanyId, number: ActorNumber) -> Result<Option<RecordRow>, StoreError> {
        self.read("read a call record", |connection| {
            let found = call_record::table
                .find(number.0)
                .filter(call_record::company.eq(company.stored()))
                .select(RawRecord::as_select())
                .first(connection)
                .optional()?;
            let Some(raw) = found else { return Ok(None) };
            let record = raw.record()?;
            Ok(with_texts(connection, vec![(ActorNumber(raw.actor), record)])?.pop())
        })
    }
}

// For whoever must not wait.
impl Store {
    /// Whether a company has an item with this number that is over.
    pub fn has_record(&self, company: CompanyId, number: ActorNumber) -> Pending<bool> {
        self.ask("look for a record", move |connection| {
            let record = call_record::table.find(number.0).filter(call_record::company.eq(company.stored()));
            diesel::select(diesel::dsl::exists(record)).get_result(connection)
        })
    }

    /// Who the customer of an item that is over was.
    pub fn contact_of(&self, number: ActorNumber) -> Pending<Option<ContactId>> {
        self.ask("read whose item it was", move |connection| {
            Ok(contacts_of(connection, &[number])?.into_values().next())
        })
    }
}

// What a contact had to do with the company.
impl Store {
    /// Who the customers of items that are over were; of those who are not known nothing.
    pub fn contacts_of(&self, numbers: &[ActorNumber]) -> Result<BTreeMap<ActorNumber, ContactId>, StoreError> {
        self.read("read whose items they were", |connection| contacts_of(connection, numbers))
    }

    /// The records of all items of a contact and of all that are the same person, the newest first; `None` if there is no
    /// such contact.
    pub fn interactions(
        &self,
        company: CompanyId,
        contact: ContactId,
        after: Option<Cursor>,
        limit: u32,
    ) -> Result<Option<RecordPage>, StoreError> {
        self.read("read what somebody had to do with the company", |connection| {
            let person = contacts::person(connection, company, contact)?;
            if person.is_empty() {
                return Ok(None);
            }
            let ids: Vec<i64> = person.iter().map(|contact| contact.id.stored()).collect();
            let (at, actor) = after.map_or((i64::MAX, i64::MAX), |after| (after.arrived_at.stored(), after.actor.0));
            let places = call_party::table
                .filter(call_party::role.eq(CONTACT))
                .filter(call_party::id.eq_any(ids))
                .filter(call_party::arrived_at.le(at))
                .filter(call_party::arrived_at.lt(at).or(call_party::actor.lt(actor)))
                .order((call_party::arrived_at.desc(), call_party::actor.desc()))
                .limit(i64::from(limit) + 1)
                .select(call_party::actor)
                .load::<i64>(connection)?;
            let rows = call_record::table
                .filter(call_record::actor.eq_any(places))
                .filter(call_record::company.eq(company.stored()))
                .order((call_record::arrived_at.desc(), call_record::actor.desc()))
                .select(RawRecord::as_select())
                .load(connection)?;
            paged(connection, rows, limit as usize).map(Some)
        })
    }
}

fn contacts_of(
    connection: &mut DatabaseConnection,
    numbers: &[ActorNumber],
) -> QueryResult<BTreeMap<ActorNumber, ContactId>> {
    let numbers: Vec<i64> = numbers.iter().map(|number| number.0).collect();
    let known = call_record::table.filter(call_record::actor.eq_any(numbers));
    let known = known.select((call_record::actor, call_record::contact)).load::<(i64, Option<i64>)>(connection)?;
    let known = known.into_iter().filter_map(|(actor, contact)| Some((ActorNumber(actor), contact?)));
    Ok(known.map(|(actor, contact)| (actor, ContactId::from_stored(contact))).collect())
}

impl Archive {
    /// The same as [`Store::call_records`], without a daemon or beside it.
    pub fn call_records(
        &mut self,
        company: CompanyId,
        filter: &RecordFilter,
        limit: u32,
    ) -> Result<RecordPage, StoreError> {
        page(&mut self.connection, company, filter, limit).map_err(StoreError::database("read call records"))
    }

    /// The record of an item; `None` if there is none.
    pub fn call_record(&mut self, number: ActorNumber) -> Result<Option<KeptRecord>, StoreError> {
        let found = call_record::table.find(number.0).select(RawRecord::as_select());
        let found = found.first(&mut self.connection).optional().map_err(StoreError::database("read a call record"))?;
        Ok(found.map(|raw| (CompanyId::from_stored(raw.company), raw.record().map_err(|why| why.to_string()))))
    }

    /// Whether a call is found under somebody.
    pub fn has_party(&mut self, place: Cursor, party: Party) -> Result<bool, StoreError> {
        let (role, id) = party.key();
        let key = (role, id, place.arrived_at.stored(), place.actor.0);
        diesel::select(exists(call_party::table.find(key)))
            .get_result(&mut self.connection)
            .map_err(StoreError::database("find a call under somebody"))
    }

    /// Under how many queues and agents the calls of a company, or of all, are found.
    pub fn parties(&mut self, company: Option<CompanyId>) -> Result<u64, StoreError> {
        // What an item was about stands beside its record.
        let of_record = call_party::role.ne(CLASSIFICATION);
        let count = match company {
            None => call_party::table.filter(of_record).count().get_result::<i64>(&mut self.connection),
            Some(company) => call_party::table
                .inner_join(actor::table.on(actor::number.eq(call_party::actor)))
                .filter(actor::company.eq(company.stored()))
                .filter(of_record)
                .count()
                .get_result(&mut self.connection),
        };
        Ok(count.map_err(StoreError::database("count under whom calls are found"))?.cast_unsigned())
    }

    /// The numbers that have a record, but do not stand among the actors.
    pub fn records_of_nobody(&mut self) -> Result<Vec<ActorNumber>, StoreError> {
        let known = diesel::dsl::exists(actor::table.filter(actor::number.eq(call_record::actor)));
        let numbers = call_record::table
            .filter(diesel::dsl::not(known))
            .select(call_record::actor)
            .load::<i64>(&mut self.connection)
            .map_err(StoreError::database("look for records of nobody"))?;
        Ok(numbers.into_iter().map(ActorNumber).collect())
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = call_record)]
struct RawRecord {
    actor: i64,
    company: i64,
    arrived_at: i64,
    ended_at: i64,
    outcome: String,
    queues: String,
    last_queue: i64,
    moves: i64,
    offers: i64,
    talks: String,
    kind: String,
    preemptions: i64,
    preempted: i64,
    wrap_up: i64,
    contact: Option<i64>,
}

impl RawRecord {
    /// Its place in the order of the pages.
    fn cursor(&self) -> Cursor {
        Cursor { arrived_at: Timestamp::from_stored(self.arrived_at), actor: ActorNumber(self.actor) }
    }

    fn record(&self) -> Result<Record, Error> {
        let wrong = |what: &str, why: &dyn std::fmt::Display| {
            Error::DeserializationError(format!("the record of actor {}: {what}: {why}", self.actor).into())
        };
        Ok(Record {
            kind: self.kind.parse().map_err(|why| wrong("kind", &why))?,
            arrived_at: Timestamp::from_stored(self.arrived_at),
            ended_at: Timestamp::from_stored(self.ended_at),
            outcome: self.outcome.parse().map_err(|why| wrong("outcome", &why))?,
            queues: serde_json::from_str(&self.queues).map_err(|why| wrong("queues", &why))?,
            last_queue: QueueId::from_stored(self.last_queue),
            moves: u32::try_from(self.moves).map_err(|why| wrong("moves", &why))?,
            offers: u32::try_from(self.offers).map_err(|why| wrong("offers", &why))?,
            talks: serde_json::from_str(&self.talks).map_err(|why| wrong("talks", &why))?,
            preemptions: u32::try_from(self.preemptions).map_err(|why| wrong("preemptions", &why))?,
            preempted: Span::from_stored(self.preempted),
            wrap_up: Span::from_stored(self.wrap_up),
            contact: self.contact.map(ContactId::from_stored),
        })
    }
}

/// Only those in which all words are found: in the note, in what names the customer, or in what the item was about. In SQL: as
/// expressions of Diesel's, within the others, they take the compiler minutes.
macro_rules! holding {
    ($query:expr, $words:expr) => {{
        let mut query = $query;
        for word in $words {
            let is_found = sql::<Bool>(&format!("({} OR {NOTED} LIKE ", about_one_of(&word.classifications)))
                .bind::<sql_types::Text, _>(format!("% {}%", word.word))
                .sql(&format!(") OR {} LIKE ", named()))
                .bind::<sql_types::Text, _>(format!("%{}%", word.word))
                .sql("))");
            query = query.filter(is_found);
        }
        query
    }};
}

/// Begins the question whether the note of a record's item is like a pattern.
const NOTED: &str = "EXISTS (SELECT 1 FROM write_up WHERE write_up.actor = call_record.actor AND write_up.words";

/// Begins the question whether a text that names the customer of a record is like a pattern.
fn named() -> String {
    let kinds = CUSTOMER.map(|kind| (kind as i64).to_string()).join(", ");
    format!(
        "EXISTS (SELECT 1 FROM content WHERE content.actor = call_record.actor AND content.kind IN ({kinds}) \
         AND lower(content.text)"
    )
}

/// Whether a record was about one of these.
fn about_one_of(classifications: &[ClassificationId]) -> String {
    let ids: Vec<String> = classifications.iter().map(|id| id.stored().to_string()).collect();
    if ids.is_empty() {
        return "1 = 0".to_owned();
    }
    format!(
        "EXISTS (SELECT 1 FROM call_party AS about WHERE about.role = {CLASSIFICATION} AND about.id IN ({}) \
         AND about.arrived_at = call_record.arrived_at AND about.actor = call_record.actor)",
        ids.join(", ")
    )
}

/// One page. Whoever asks for a queue or an agent is led by that table's order, which is the same.
fn page(
    connection: &mut DatabaseConnection,
    company: CompanyId,
    filter: &RecordFilter,
    limit: u32,
) -> QueryResult<RecordPage> {
    let (leads, also) = filter.parties();
    let RecordFilter { kind, every_kind, from, to, outcome, words, after, .. } = filter.clone();
    let every_kind = every_kind && leads.is_some();
    let after = after.map(|Cursor { arrived_at, actor }| (arrived_at.stored(), actor.0));
    /// What holds for both orders: the columns by which they go come as arguments.
    macro_rules! narrowed {
        ($query:expr, $arrived_at:expr, $actor:expr) => {{
            let mut query = $query.filter(call_record::company.eq(company.stored())).into_boxed();
            if !every_kind {
                query = query.filter(call_record::kind.eq(kind.as_str()));
            }
            if let Some(from) = from {
                query = query.filter($arrived_at.ge(from.stored()));
            }
            if let Some(to) = to {
                query = query.filter($arrived_at.lt(to.stored()));
            }
            if let Some((arrived_at, actor)) = after {
                // The first half alone is a range of the index.
                query =
                    query.filter($arrived_at.le(arrived_at)).filter($arrived_at.lt(arrived_at).or($actor.lt(actor)));
            }
            if let Some(outcome) = outcome {
                query = query.filter(call_record::outcome.eq(outcome.as_str()));
            }
            query = holding!(query, &words);
            query.order(($arrived_at.desc(), $actor.desc())).limit(i64::from(limit) + 1).select(RawRecord::as_select())
        }};
    }
    let rows: Vec<RawRecord> = match leads {
        None => narrowed!(call_record::table, call_record::arrived_at, call_record::actor).load(connection)?,
        Some((role, id)) => {
            let of_party = call_party::table
                .inner_join(call_record::table.on(call_record::actor.eq(call_party::actor)))
                .filter(call_party::role.eq(role).and(call_party::id.eq(id)));
            let mut query = narrowed!(of_party, call_party::arrived_at, call_party::actor);
            for (other_role, other_id) in also {
                let other = diesel::alias!(call_party as other);
                query = query.filter(exists(
                    other
                        .filter(other.field(call_party::role).eq(other_role))
                        .filter(other.field(call_party::id).eq(other_id))
                        .filter(other.field(call_party::arrived_at).eq(call_party::arrived_at))
                        .filter(other.field(call_party::actor).eq(call_party::actor)),
                ));
            }
            query.load(connection)?
        }
    };
    paged(connection, rows, limit as usize)
}

/// The page that these rows are, of which one more than `limit` may have been read.
fn paged(connection: &mut DatabaseConnection, mut rows: Vec<RawRecord>, limit: usize) -> QueryResult<RecordPage> {
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(RawRecord::cursor);
    let (mut records, mut damages) = (vec![], vec![]);
    for row in rows {
        match row.record() {
            Ok(record) => records.push((ActorNumber(row.actor), record)),
            Err(why) => damages.push(why.to_string()),
        }
    }
    Ok(RecordPage { rows: with_texts(connection, records)?, damages, next })
}

fn with_texts(connection: &mut DatabaseConnection, records: Vec<(ActorNumber, Record)>) -> QueryResult<Vec<RecordRow>> {
    let kinds = [
        ContentKind::Erased,
        ContentKind::Caller,
        ContentKind::Called,
        ContentKind::Leg,
        ContentKind::Withheld,
        ContentKind::Rating,
    ];
    let mut texts = content::table
        .filter(content::actor.eq_any(records.iter().map(|(actor, _)| actor.0)))
        .filter(content::kind.eq_any(kinds.map(|kind| kind as i64)))
        .order((content::actor, content::kind, content::number))
        .load::<(i64, i64, i64, String)>(connection)?;
    let actors: Vec<i64> = records.iter().map(|(actor, _)| actor.0).collect();
    let mut write_ups = write_ups::of(connection, &actors)?;
    let mut found = vec![];
    for (actor, record) in records {
        let own = texts.extract_if(.., |(of, ..)| *of == actor.0);
        let texts = own.map(|(_, kind, number, text)| (kind, number, text)).collect();
        found.push(RecordRow { actor, record, texts, write_up: write_ups.remove(&actor.0) });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use diesel::connection::{InstrumentationEvent, SimpleConnection};
    use std::sync::{Arc, Mutex};
    use std::time::Instant;

    /// Many records of one company: queue 1 has all, queue 2 a thousandth, agent 1 a tenth.
    fn with_records(path: &std::path::Path, count: u32) -> Archive {
        drop(Store::open(path, |_| {}).unwrap());
        let mut connection = DatabaseConnection::establish(&path.to_string_lossy()).unwrap();
        connection
            .batch_execute(&format!(
                "BEGIN; \
                 WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {count}) \
                 INSERT INTO call_record (actor, company, arrived_at, ended_at, outcome, queues, last_queue, moves, \
                   offers, talks) SELECT n * 8 + 3, 1, 1000 + n, 2000 + n, \
                   CASE n % 10000 WHEN 0 THEN 'failed' ELSE 'abandoned' END, '[1]', 1, 0, 0, '[]' FROM number; \
                 INSERT INTO call_party SELECT 1, 1, arrived_at, actor FROM call_record; \
                 INSERT INTO call_party SELECT 1, 2, arrived_at, actor FROM call_record WHERE arrived_at % 1000 = 0; \
                 INSERT INTO call_party SELECT 2, 1, arrived_at, actor FROM call_record WHERE arrived_at % 10 = 0; \
                 COMMIT;"
            ))
            .unwrap();
        Archive::open(path).unwrap()
    }

    #[test]
    fn a_damaged_record_is_named_and_takes_no_other_out_of_its_page() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("vorrang.db");
        let mut archive = with_records(&path, 3);
        let mut connection = DatabaseConnection::establish(&path.to_string_lossy()).unwrap();
        connection.batch_execute("UPDATE call_record SET outcome = 'nice' WHERE actor = 27").unwrap();
        let mut page = |after, limit| {
            let filter = RecordFilter { after, ..RecordFilter::default() };
            archive.call_records(CompanyId(1), &filter, limit).unwrap()
        };
        let actors = |page: &RecordPage| page.rows.iter().map(|row| row.actor.0).collect::<Vec<_>>();
        let all = page(None, 10);
        assert_eq!((actors(&all), all.next), (vec![19, 11], None));
        assert!(all.damages[0].contains("the record of actor 27: outcome: "), "{:?}", all.damages);
        let first = page(None, 1);
        assert_eq!((actors(&first), first.damages.len()), (vec![], 1));
        assert_eq!(actors(&page(first.next, 1)), [19], "the page is full, and the next one is found");

        let store = Store::open(&path, |_| {}).unwrap();
        let one = |actor| store.call_record(CompanyId(1), ActorNumber(actor));
        assert!(matches!(one(27), Err(StoreError::Damaged { .. })), "asked for by itself it is said to be damaged");
        assert_eq!(one(19).unwrap().unwrap().actor, ActorNumber(19));
    }

    /// What can be asked for, and the index that has to lead.
    fn table() -> Vec<(&'static str, RecordFilter, &'static str)> {
        let all = RecordFilter::default;
        let after = Some(Cursor { arrived_at: Timestamp(1500), actor: ActorNumber(4003) });
        let (queue, agent) = (Some(QueueId(2)), Some(AgentId(1)));
        let about = Some(ClassificationId(1));
        let words = vec![Word { word: "wheel".to_owned(), classifications: vec![ClassificationId(1)] }];
        vec![
            ("the newest", all(), "USING INDEX call_record_newest"),
            ("a later page", RecordFilter { after, ..all() }, "USING INDEX call_record_newest"),
            (
                "a time",
                RecordFilter { from: Some(Timestamp(1100)), to: Some(Timestamp(1400)), ..all() },
                "USING INDEX call_record_newest",
            ),
            ("an outcome", RecordFilter { outcome: Some(Outcome::Failed), ..all() }, "USING INDEX call_record_outcome"),
            (
                "an outcome's later page",
                RecordFilter { outcome: Some(Outcome::Failed), after, ..all() },
                "USING INDEX call_record_outcome",
            ),
            ("a queue", RecordFilter { queue, ..all() }, "call_party USING PRIMARY KEY (role=? AND id=?)"),
            (
                "a queue's later page",
                RecordFilter { queue, after, ..all() },
                "call_party USING PRIMARY KEY (role=? AND",
            ),
            ("an agent", RecordFilter { agent, ..all() }, "call_party USING PRIMARY KEY (role=? AND id=?)"),
            ("an agent in a queue", RecordFilter { agent, queue, ..all() }, "call_party USING PRIMARY KEY (role=? AND"),
            (
                "what items were about",
                RecordFilter { classification: about, after, ..all() },
                "call_party USING PRIMARY KEY (role=? AND id=?",
            ),
            (
                "an agent's own of every kind, by a word",
                RecordFilter { agent, queue, classification: about, every_kind: true, words, ..all() },
                "call_party USING PRIMARY KEY (role=? AND id=?)",
            ),
        ]
    }

    #[test]
    fn every_page_is_led_by_an_index_and_nothing_is_sorted() {
        #[derive(QueryableByName)]
        struct Step {
            #[diesel(sql_type = diesel::sql_types::Text)]
            detail: String,
        }
        let folder = tempfile::tempdir().unwrap();
        let mut archive = with_records(&folder.path().join("vorrang.db"), 500);
        for (what, filter, expected) in table() {
            let asked: Arc<Mutex<Vec<String>>> = Arc::default();
            let heard = asked.clone();
            archive.connection.set_instrumentation(move |event: InstrumentationEvent<'_>| {
                if let InstrumentationEvent::StartQuery { query, .. } = event {
                    heard.lock().unwrap().push(query.to_string());
                }
            });
            archive.call_records(CompanyId(1), &filter, 10).unwrap();
            archive.connection.set_instrumentation(|_: InstrumentationEvent<'_>| {});
            let text = asked.lock().unwrap().first().unwrap().split("-- binds").next().unwrap().to_owned();
            let steps: Vec<Step> =
                diesel::sql_query(format!("EXPLAIN QUERY PLAN {text}")).load(&mut archive.connection).unwrap();
            let plan: Vec<String> = steps.into_iter().map(|step| step.detail).collect();
            assert!(plan[0].contains(expected), "{what}: {plan:?}");
            assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{what}: {plan:?}");
            assert!(
                !plan.iter().any(|step| step.starts_with("SCAN") && !step.contains("CONSTANT")),
                "{what}: {plan:?}"
            );
        }
    }

    /// For a look at figures: `cargo test --lib pages_of_a_million -- --ignored --nocapture`.
    #[test]
    #[ignore = "it makes a million records, and only prints"]
    fn pages_of_a_million() {
        let folder = tempfile::tempdir().unwrap();
        let mut archive = with_records(&folder.path().join("vorrang.db"), 1_000_000);
        for (what, filter, _) in table() {
            let began = Instant::now();
            let found = archive.call_records(CompanyId(1), &filter, 100).unwrap();
            println!("{what}: {} records in {:?}", found.rows.len(), began.elapsed());
        }
    }
}
