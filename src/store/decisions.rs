//! The rows in which queues decided to whom an item went.
//! Never reads an event: it finds rows by what is written in them.

use super::Store;
use super::archive::Archive;
use super::connection::DatabaseConnection;
use super::error::StoreError;
use super::journal::{ActorNumber, JournalRow, RawRow};
use super::schema::{actor, journal};
use super::writer::Pending;
use diesel::prelude::*;
use domain::id::{CompanyId, ItemId};

impl Store {
    /// The rows of a company's queues that offer or push `item`, whose own journal is `number`'s; oldest first.
    pub fn decisions(&self, company: CompanyId, item: ItemId, number: ActorNumber) -> Pending<Vec<JournalRow>> {
        self.ask("find decisions", move |connection| decisions(connection, company, item, number))
    }
}

impl Archive {
    /// The same, without a daemon.
    pub fn decisions(
        &mut self,
        company: CompanyId,
        item: ItemId,
        number: ActorNumber,
    ) -> Result<Vec<JournalRow>, StoreError> {
        decisions(&mut self.connection, company, item, number).map_err(StoreError::database("find decisions"))
    }

    /// The company of the actor with this number; `None` if there never was one.
    pub fn company_of(&mut self, number: ActorNumber) -> Result<Option<CompanyId>, StoreError> {
        let company = actor::table.find(number.0).select(actor::company).first::<i64>(&mut self.connection).optional();
        let company = company.map_err(StoreError::database("find an actor"))?;
        Ok(company.map(|company| CompanyId(company.cast_unsigned())))
    }
}

/// Only rows between the item's first and last are looked at: what was decided about it was decided while it was there.
fn decisions(
    connection: &mut DatabaseConnection,
    company: CompanyId,
    item: ItemId,
    number: ActorNumber,
) -> QueryResult<Vec<JournalRow>> {
    let own = || journal::table.filter(journal::actor.eq(number.0)).select(journal::id);
    let Some(first) = own().order(journal::seq).first::<i64>(connection).optional()? else { return Ok(vec![]) };
    let ended = actor::table.find(number.0).select(actor::ended_at).first::<Option<i64>>(connection).optional()?;
    let last = match ended.flatten() {
        Some(_) => own().order(journal::seq.desc()).first::<i64>(connection)?,
        None => i64::MAX,
    };
    let pattern = match item {
        ItemId::Call(call) => format!(r#"%"event":"offered","offer":{{"call":{},%"#, call.0),
        ItemId::Chat(_) | ItemId::Task(_) => format!(r#"%"event":"pushed","item":"{}",%"#, String::from(item)),
    };
    let rows = journal::table
        .inner_join(actor::table.on(actor::number.eq(journal::actor)))
        .filter(journal::id.between(first, last))
        .filter(actor::company.eq(company.0.cast_signed()))
        .filter(journal::events.like(pattern))
        .order(journal::id)
        .select(RawRow::as_select())
        .load(connection)?;
    Ok(rows.into_iter().map(JournalRow::from).collect())
}
