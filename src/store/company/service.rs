//! The rows of chat services.
//! Never asks whether a token may be used: it only finds whose it is.

use super::company;
use super::reading::{Damage, Reading, json, retired};
use crate::store::Store;
use crate::store::connection::DatabaseConnection;
use crate::store::ids::Stored;
use crate::store::pending::Pending;
use crate::store::seen;
use diesel::prelude::*;
use domain::company::{ChatService, Secret, Widget};
use domain::id::{CompanyId, HoursId, QueueId};
use domain::time::Timestamp;
use std::collections::BTreeSet;

diesel::table! {
    chat_service (id) {
        id -> BigInt,
        company -> BigInt,
        token -> Text,
        name -> Text,
        queue -> BigInt,
        active -> BigInt,
        hours -> Nullable<BigInt>,
        telephone -> Nullable<Text>,
        previous_token -> Nullable<Text>,
        previous_until -> Nullable<BigInt>,
        widget -> Nullable<Text>,
        identify_key -> Nullable<Text>,
        removed_at -> Nullable<BigInt>,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = chat_service, treat_none_as_null = true)]
struct Row {
    id: i64,
    company: i64,
    token: String,
    name: String,
    queue: i64,
    active: i64,
    hours: Option<i64>,
    telephone: Option<String>,
    previous_token: Option<String>,
    previous_until: Option<i64>,
    widget: Option<String>,
    identify_key: Option<String>,
}

impl Row {
    fn of(service: &ChatService) -> QueryResult<Row> {
        let previous = service.previous.clone();
        let is_set = service.widget != Widget::default();
        Ok(Row {
            id: service.id,
            company: service.company.stored(),
            token: service.token.clone(),
            name: service.name.clone(),
            queue: service.queue.stored(),
            active: service.active.into(),
            hours: service.hours.map(Stored::stored),
            telephone: service.telephone.clone(),
            previous_until: previous.as_ref().map(|(_, until)| until.stored()),
            previous_token: previous.map(|(token, _)| token),
            widget: is_set.then(|| json(&service.widget)).transpose()?,
            identify_key: service.identify_key.as_ref().map(|Secret(secret)| secret.clone()),
        })
    }

    fn read(&self, damages: &mut Vec<Damage>) -> ChatService {
        let mut row = Reading::new("chat_service", &self.id, damages);
        let until = row.number("previous_until", self.previous_until).map(Timestamp);
        ChatService {
            id: self.id,
            company: CompanyId::from_stored(self.company),
            token: self.token.clone(),
            name: self.name.clone(),
            queue: QueueId::from_stored(self.queue),
            active: row.flag("active", self.active),
            hours: self.hours.map(HoursId::from_stored),
            telephone: self.telephone.clone(),
            previous: self.previous_token.clone().zip(until),
            widget: row.json("widget", self.widget.as_deref()).unwrap_or_default(),
            identify_key: self.identify_key.clone().map(Secret),
        }
    }
}

impl Store {
    /// The chat service that has this token at `now`, or had it before and still may, switched off or not.
    pub fn service_by_token(&self, token: &str, now: Timestamp) -> Pending<Option<ChatService>> {
        let token = token.to_owned();
        self.ask("read a chat service", move |connection| {
            let lasts = chat_service::previous_until.gt(now.stored());
            let is_previous = chat_service::previous_token.eq(&token).and(lasts);
            let of_token = chat_service::table.filter(chat_service::token.eq(&token).nullable().or(is_previous));
            let there = of_token.filter(chat_service::removed_at.is_null());
            let row = there.select(Row::as_select()).first(connection).optional()?;
            // What is damaged was said when the company was loaded.
            Ok(row.map(|row| row.read(&mut vec![])))
        })
    }

    /// The name that a company has.
    pub fn company_name(&self, id: CompanyId) -> Pending<Option<String>> {
        self.ask("read the name of a company", move |connection| {
            company::table.find(id.stored()).select(company::name).first(connection).optional()
        })
    }
}

/// A company's chat services, by id.
pub(super) fn load(
    connection: &mut DatabaseConnection,
    company: CompanyId,
    damages: &mut Vec<Damage>,
) -> QueryResult<Vec<ChatService>> {
    let of_company = chat_service::table.filter(chat_service::company.eq(company.stored()));
    let there = of_company.filter(chat_service::removed_at.is_null()).order(chat_service::id);
    Ok(there.select(Row::as_select()).load(connection)?.iter().map(|row| row.read(damages)).collect())
}

/// The tokens of all other companies, and those that they had before.
pub(super) fn of_others(
    connection: &mut DatabaseConnection,
    company: CompanyId,
) -> QueryResult<(BTreeSet<String>, BTreeSet<String>)> {
    let others = chat_service::table.filter(chat_service::company.ne(company.stored()));
    let there = others.filter(chat_service::removed_at.is_null());
    let rows = there.select((chat_service::token, chat_service::previous_token));
    let (tokens, previous): (Vec<_>, Vec<_>) = rows.load::<(String, Option<String>)>(connection)?.into_iter().unzip();
    Ok((tokens.into_iter().collect(), previous.into_iter().flatten().collect()))
}

/// The id that comes next.
pub(super) fn next(connection: &mut DatabaseConnection) -> QueryResult<u64> {
    let last = chat_service::table.select(diesel::dsl::max(chat_service::id)).first::<Option<i64>>(connection)?;
    Ok(u64::from_stored(last.unwrap_or_default()) + 1)
}

/// Makes the rows agree.
pub(super) fn save(
    connection: &mut DatabaseConnection,
    before: &[ChatService],
    after: &[ChatService],
    at: i64,
) -> QueryResult<()> {
    // Whoever changes gives up the tokens first: another one may get them.
    for known in before.iter().filter(|service| !after.contains(service)) {
        diesel::update(chat_service::table.find(known.id))
            .set((
                chat_service::token.eq(retired(&known.token, known.id)),
                chat_service::previous_token.eq(None::<String>),
                chat_service::previous_until.eq(None::<i64>),
            ))
            .execute(connection)?;
        if after.iter().all(|kept| kept.id != known.id) {
            let gone = diesel::update(chat_service::table.find(known.id));
            gone.set(chat_service::removed_at.eq(at)).execute(connection)?;
            seen::forget(connection, known.id)?;
        }
    }
    for service in after.iter().filter(|service| !before.contains(service)) {
        let row = Row::of(service)?;
        if before.iter().any(|known| known.id == service.id) {
            diesel::update(chat_service::table.find(row.id)).set(&row).execute(connection)?;
        } else {
            diesel::insert_into(chat_service::table).values(&row).execute(connection)?;
        }
    }
    Ok(())
}
