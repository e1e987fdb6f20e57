//! The rows of queues.
//! Never decides what a queue may be like: that is `domain::company`.

use super::reading::{Damage, Reading, json, name_of, retired};
use crate::store::connection::DatabaseConnection;
use crate::store::ids::Stored;
use diesel::prelude::*;
use domain::company::{Queue, RemovedQueue};
use domain::id::{CompanyId, HoursId, QueueId};
use domain::time::Span;
use std::collections::BTreeMap;

diesel::table! {
    queue (id) {
        id -> BigInt,
        company -> BigInt,
        name -> Text,
        exclusive -> BigInt,
        ring_ms -> Nullable<BigInt>,
        call_wrap_up_ms -> Nullable<BigInt>,
        chat_wrap_up_ms -> Nullable<BigInt>,
        strategy -> Nullable<Text>,
        pushed -> Nullable<Text>,
        head_starts -> Nullable<Text>,
        waiting_max -> Nullable<BigInt>,
        wait_max_ms -> Nullable<BigInt>,
        overflow -> Nullable<BigInt>,
        unserved -> Nullable<Text>,
        hours -> Nullable<BigInt>,
        closed -> Nullable<Text>,
        chats_max -> Nullable<BigInt>,
        voice -> Nullable<Text>,
        removed_at -> Nullable<BigInt>,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = queue, treat_none_as_null = true)]
struct Row {
    id: i64,
    company: i64,
    name: String,
    exclusive: i64,
    ring_ms: Option<i64>,
    call_wrap_up_ms: Option<i64>,
    chat_wrap_up_ms: Option<i64>,
    strategy: Option<String>,
    pushed: Option<String>,
    head_starts: Option<String>,
    waiting_max: Option<i64>,
    wait_max_ms: Option<i64>,
    overflow: Option<i64>,
    unserved: Option<String>,
    hours: Option<i64>,
    closed: Option<String>,
    chats_max: Option<i64>,
    voice: Option<String>,
}

impl Row {
    fn of(queue: &Queue) -> QueryResult<Row> {
        let ms = |span: Span| span.stored();
        Ok(Row {
            id: queue.id.stored(),
            company: queue.company.stored(),
            name: queue.name.clone(),
            exclusive: queue.exclusive.into(),
            ring_ms: queue.ring.map(ms),
            call_wrap_up_ms: queue.call_wrap_up.map(ms),
            chat_wrap_up_ms: queue.chat_wrap_up.map(ms),
            strategy: queue.strategy.as_ref().map(json).transpose()?,
            pushed: queue.pushed.as_ref().map(json).transpose()?,
            head_starts: queue.head_starts.as_ref().map(json).transpose()?,
            waiting_max: queue.waiting_max.map(i64::from),
            wait_max_ms: queue.wait_max.map(ms),
            overflow: queue.overflow.map(Stored::stored),
            unserved: queue.unserved.as_ref().map(json).transpose()?,
            hours: queue.hours.map(Stored::stored),
            closed: queue.closed.as_ref().map(json).transpose()?,
            chats_max: queue.chats_max.map(i64::from),
            voice: Some(&queue.voice).filter(|voice| **voice != Default::default()).map(json).transpose()?,
        })
    }

    fn read(&self, damages: &mut Vec<Damage>) -> Queue {
        let mut row = Reading::new("queue", &self.id, damages);
        Queue {
            id: QueueId::from_stored(self.id),
            company: CompanyId::from_stored(self.company),
            name: self.name.clone(),
            exclusive: row.flag("exclusive", self.exclusive),
            ring: row.number("ring_ms", self.ring_ms).map(Span),
            call_wrap_up: row.number("call_wrap_up_ms", self.call_wrap_up_ms).map(Span),
            chat_wrap_up: row.number("chat_wrap_up_ms", self.chat_wrap_up_ms).map(Span),
            strategy: row.json("strategy", self.strategy.as_deref()),
            pushed: row.json("pushed", self.pushed.as_deref()),
            head_starts: row.json("head_starts", self.head_starts.as_deref()),
            waiting_max: row.number("waiting_max", self.waiting_max),
            wait_max: row.number("wait_max_ms", self.wait_max_ms).map(Span),
            overflow: self.overflow.map(QueueId::from_stored),
            unserved: row.json("unserved", self.unserved.as_deref()),
            hours: self.hours.map(HoursId::from_stored),
            closed: row.json("closed", self.closed.as_deref()),
            chats_max: row.number("chats_max", self.chats_max),
            voice: row.json("voice", self.voice.as_deref()).unwrap_or_default(),
        }
    }
}

/// A company's queues, by id.
pub(super) fn load(
    connection: &mut DatabaseConnection,
    company: CompanyId,
    damages: &mut Vec<Damage>,
) -> QueryResult<Vec<Queue>> {
    let of_company = queue::table.filter(queue::company.eq(company.stored()));
    let there = of_company.filter(queue::removed_at.is_null()).order(queue::id);
    Ok(there.select(Row::as_select()).load(connection)?.iter().map(|row| row.read(damages)).collect())
}

/// The queues that were removed from a company.
pub(super) fn removed(
    connection: &mut DatabaseConnection,
    company: CompanyId,
) -> QueryResult<BTreeMap<QueueId, RemovedQueue>> {
    let of_company = queue::table.filter(queue::company.eq(company.stored()));
    let gone = of_company.filter(queue::removed_at.is_not_null()).select((queue::id, queue::name, queue::overflow));
    let read = |(id, name, overflow): (i64, String, Option<i64>)| {
        let overflow = overflow.map(QueueId::from_stored);
        (QueueId::from_stored(id), RemovedQueue { name: name_of(&name).to_owned(), overflow })
    };
    Ok(gone.load(connection)?.into_iter().map(read).collect())
}

/// The id that comes next.
pub(super) fn next(connection: &mut DatabaseConnection) -> QueryResult<u64> {
    let last = queue::table.select(diesel::dsl::max(queue::id)).first::<Option<i64>>(connection)?;
    Ok(u64::from_stored(last.unwrap_or_default()) + 1)
}

/// Makes the rows agree.
pub(super) fn save(connection: &mut DatabaseConnection, before: &[Queue], after: &[Queue], at: i64) -> QueryResult<()> {
    for gone in before.iter().filter(|queue| after.iter().all(|kept| kept.id != queue.id)) {
        let id = gone.id.stored();
        diesel::update(queue::table.find(id))
            .set((queue::name.eq(retired(&gone.name, id)), queue::removed_at.eq(at)))
            .execute(connection)?;
    }
    for queue in after {
        // Where it overflows may not be there yet.
        match before.iter().find(|known| known.id == queue.id) {
            None => {
                let row = Row { overflow: None, ..Row::of(queue)? };
                diesel::insert_into(queue::table).values(&row).execute(connection)?;
            }
            Some(known) if known == queue => {}
            Some(_) => {
                let row = Row { overflow: None, ..Row::of(queue)? };
                diesel::update(queue::table.find(row.id)).set(&row).execute(connection)?;
            }
        }
    }
    for queue in after.iter().filter(|queue| queue.overflow.is_some() && !before.contains(queue)) {
        let to = queue.overflow.map(Stored::stored);
        let from = queue::table.find(queue.id.stored());
        diesel::update(from).set(queue::overflow.eq(to)).execute(connection)?;
    }
    Ok(())
}
