//! Which rows of queues' journals decided to whom an item went: an entry for each, written with the row.
//! Never reads an event: whoever writes a row says what it decides about.

use super::Store;
use super::archive::Archive;
use super::connection::DatabaseConnection;
use super::error::StoreError;
use super::ids::Stored;
use super::journal::{ActorNumber, Append, JournalRow, RawRow};
use super::pending::Pending;
use super::schema::{actor, decision, journal};
use super::statements::Value::Number;
use super::statements::{InsertDecision, execute};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::id::CompanyId;

/// Writes of which items this row says where they go.
pub(super) fn insert(connection: &mut DatabaseConnection, append: &Append) -> QueryResult<()> {
    for item in &append.decides {
        let values = [Number(item.0), Number(append.actor.0), Number(append.seq.stored())];
        execute(InsertDecision, &values, connection)?;
    }
    Ok(())
}

impl Store {
    /// Asks for the rows in which a company's queues decided about the item with this number; oldest first.
    pub fn decisions(&self, company: CompanyId, item: ActorNumber) -> Pending<Vec<JournalRow>> {
        self.ask("find decisions", move |connection| decisions(connection, company, item))
    }
}

impl Archive {
    /// The same, without a daemon.
    pub fn decisions(&mut self, company: CompanyId, item: ActorNumber) -> Result<Vec<JournalRow>, StoreError> {
        decisions(&mut self.connection, company, item).map_err(StoreError::database("find decisions"))
    }

    /// About which items the rows of an actor decided, each with the number of the row; by this number.
    pub fn decided(&mut self, number: ActorNumber) -> Result<Vec<(u64, ActorNumber)>, StoreError> {
        let found = decision::table
            .filter(decision::actor.eq(number.0))
            .order((decision::seq, decision::item))
            .select((decision::seq, decision::item))
            .load::<(i64, i64)>(&mut self.connection)
            .map_err(StoreError::database("find an actor's decisions"))?;
        Ok(found.into_iter().map(|(seq, item)| (u64::from_stored(seq), ActorNumber(item))).collect())
    }

    /// The numbers that decided something, but do not stand among the actors.
    pub fn decisions_of_nobody(&mut self) -> Result<Vec<ActorNumber>, StoreError> {
        let known = exists(actor::table.filter(actor::number.eq(decision::actor)));
        let numbers = decision::table
            .filter(not(known))
            .group_by(decision::actor)
            .select(decision::actor)
            .load::<i64>(&mut self.connection)
            .map_err(StoreError::database("look for decisions of nobody"))?;
        Ok(numbers.into_iter().map(ActorNumber).collect())
    }

    /// The company of the actor with this number; `None` if there never was one.
    pub fn company_of(&mut self, number: ActorNumber) -> Result<Option<CompanyId>, StoreError> {
        let company = actor::table.find(number.0).select(actor::company).first::<i64>(&mut self.connection).optional();
        let company = company.map_err(StoreError::database("find an actor"))?;
        Ok(company.map(CompanyId::from_stored))
    }
}

fn decisions(
    connection: &mut DatabaseConnection,
    company: CompanyId,
    item: ActorNumber,
) -> QueryResult<Vec<JournalRow>> {
    let row = journal::actor.eq(decision::actor).and(journal::seq.eq(decision::seq));
    let rows = decision::table
        .inner_join(journal::table.on(row))
        .inner_join(actor::table.on(actor::number.eq(decision::actor)))
        .filter(decision::item.eq(item.0))
        .filter(actor::company.eq(company.stored()))
        .order(journal::id)
        .select(RawRow::as_select())
        .load(connection)?;
    Ok(rows.into_iter().map(JournalRow::from).collect())
}

#[cfg(test)]
mod tests {
    use super::super::connection;
    use super::*;
    use domain::time::Timestamp;
    use std::time::Duration;

    #[test]
    fn a_journal_from_before_there_were_entries_gets_those_that_its_rows_would_have_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vorrang.db");
        let store = Store::open(&path, |_| {}).unwrap();
        let [chat, call, task] = [(4_294_967_302 << 3) | 2, (4_294_967_303 << 3) | 3, (7 << 3) | 4].map(ActorNumber);
        let rows = [
            (r#"[{"event":"enqueued","item":"chat:4294967302"}]"#, vec![]),
            (r#"[{"event":"offered","offer":{"call":4294967303,"agent":1,"attempt":1},"why":{}}]"#, vec![call]),
            (
                r#"[{"event":"pushed","item":"chat:4294967302"},{"event":"pushed","item":"task:7","to":1}]"#,
                vec![chat, task],
            ),
            (r#"[{"event":"offered","offer":{"call":4294967303,"agent":2,"attempt":2},"why":{}}]"#, vec![call]),
        ];
        for ((events, decides), seq) in rows.into_iter().zip(1..) {
            store.append(Append {
                actor: ActorNumber(9),
                company: CompanyId(1),
                seq,
                at: Timestamp(seq),
                cause: None,
                events: events.to_owned(),
                outbox: vec![],
                content: vec![],
                is_last: false,
                snapshot: None,
                record: None,
                decides,
            });
        }
        store.flush(Duration::from_secs(60)).unwrap();
        drop(store);

        let entries = || Archive::open(&path).unwrap().decided(ActorNumber(9)).unwrap();
        let wrote = entries();
        assert_eq!(wrote, [(2, call), (3, task), (3, chat), (4, call)], "by row and item");
        connection::revert(&path, "decision");
        assert!(matches!(Archive::open(&path), Err(StoreError::Older(_))));
        drop(Store::open(&path, |_| {}).unwrap());
        assert_eq!(entries(), wrote);
        let of = |company| Archive::open(&path).unwrap().decisions(company, call).unwrap();
        assert_eq!(of(CompanyId(1)).iter().map(|row| row.seq).collect::<Vec<_>>(), [2, 4]);
        assert_eq!(of(CompanyId(2)), []);
    }
}
