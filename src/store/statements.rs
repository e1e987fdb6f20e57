//! The statements that every call needs several times: each a text that stays the same, and its parameters.
//! Never more than that: Diesel's own inserting statements look at each of their values a dozen times on the way.

use super::connection::DatabaseConnection;
use diesel::backend::Backend;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, HasSqlType, Nullable, Text};
use std::marker::PhantomData;

/// A statement that is prepared once for each connection, with its list of parameters within.
pub(super) trait Fixed: 'static {
    /// What stands before the list.
    const TEXT: &'static str;
    /// What stands behind it.
    const END: &'static str;
}

/// A parameter.
pub(super) enum Value<'a> {
    Number(i64),
    Text(&'a str),
    NumberOrNull(Option<i64>),
    TextOrNull(Option<&'a str>),
}

/// Does a statement; how many rows it touched.
pub(super) fn execute<F: Fixed>(
    _statement: F,
    values: &[Value<'_>],
    connection: &mut DatabaseConnection,
) -> QueryResult<usize> {
    Statement::<F> { values, fixed: PhantomData }.execute(connection)
}

struct Statement<'a, F> {
    values: &'a [Value<'a>],
    fixed: PhantomData<F>,
}

impl<F: Fixed, DB> QueryFragment<DB> for Statement<'_, F>
where
    DB: Backend + HasSqlType<BigInt> + HasSqlType<Text>,
    i64: ToSql<BigInt, DB>,
    str: ToSql<Text, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(F::TEXT);
        let mut before = " (";
        for value in self.values {
            out.push_sql(before);
            match value {
                Value::Number(number) => out.push_bind_param::<BigInt, _>(number)?,
                Value::Text(text) => out.push_bind_param::<Text, _>(text)?,
                Value::NumberOrNull(number) => out.push_bind_param::<Nullable<BigInt>, _>(number)?,
                Value::TextOrNull(text) => out.push_bind_param::<Nullable<Text>, _>(text)?,
            }
            before = ", ";
        }
        if !self.values.is_empty() {
            out.push_sql(")");
        }
        out.push_sql(F::END);
        Ok(())
    }

    /// Its text stays the same, so nobody needs to look for what changes it.
    fn is_safe_to_cache_prepared(&self, _backend: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

impl<F: Fixed> QueryId for Statement<'_, F> {
    type QueryId = Statement<'static, F>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<F> RunQueryDsl<DatabaseConnection> for Statement<'_, F> {}

/// A transaction that writes rows. Diesel's own has its two statements read anew each time, and knows how deep it is: this
/// one does not, so nothing within it may begin another.
///
/// # Errors
/// That of `write`, or the database's own. The transaction is still open then: the connection must not be used again.
pub(super) fn transaction<T, E: From<diesel::result::Error>>(
    connection: &mut DatabaseConnection,
    write: impl FnOnce(&mut DatabaseConnection) -> Result<T, E>,
) -> Result<T, E> {
    begin(connection)?;
    let written = write(connection)?;
    execute(Commit, &[], connection)?;
    Ok(written)
}

fn begin(connection: &mut DatabaseConnection) -> QueryResult<()> {
    #[cfg(feature = "postgres")]
    if let DatabaseConnection::Postgres(connection) = connection {
        return diesel::connection::SimpleConnection::batch_execute(connection, "BEGIN");
    }
    execute(BeginImmediate, &[], connection).map(|_| ())
}

/// Names a statement.
macro_rules! fixed {
    ($($name:ident: $text:literal $(.. $end:literal)?,)+) => {
        $(
            pub(super) struct $name;
            impl Fixed for $name {
                const TEXT: &'static str = $text;
                const END: &'static str = concat!($($end)?);
            }
        )+
    };
}

fixed! {
    BeginImmediate: "BEGIN IMMEDIATE",
    Commit: "COMMIT",
    InsertActor: "INSERT INTO actor (number, company) VALUES",
    EndActor: "INSERT INTO actor (number, company, ended_at) VALUES"
        .. " ON CONFLICT (number) DO UPDATE SET company = excluded.company, ended_at = COALESCE(actor.ended_at, excluded.ended_at)",
    InsertRow: "INSERT INTO journal (actor, seq, epoch, at, sender, outbox, client, command, digest, version, events) VALUES",
    InsertMessage: "INSERT INTO outbox (id, company, sender, seq, receiver, at, message) VALUES",
    DeleteMessage: "DELETE FROM outbox WHERE id =",
    InsertDecision: "INSERT INTO decision (item, actor, seq) VALUES",
    ReplaceText: "INSERT INTO content (actor, kind, number, text) VALUES"
        .. " ON CONFLICT (actor, kind, number) DO UPDATE SET text = excluded.text",
    ReplaceSnapshot: "INSERT INTO snapshot (actor, seq, version, text) VALUES"
        .. " ON CONFLICT (actor) DO UPDATE SET seq = excluded.seq, version = excluded.version, text = excluded.text",
    InsertRecord: "INSERT INTO call_record (actor, company, arrived_at, ended_at, outcome, queues, last_queue, moves, \
                   offers, talks, kind, preemptions, preempted, wrap_up, contact) VALUES" .. " ON CONFLICT DO NOTHING",
    ReplaceRecord: "INSERT INTO call_record (actor, company, arrived_at, ended_at, outcome, queues, last_queue, moves, \
                    offers, talks, kind, preemptions, preempted, wrap_up, contact) VALUES"
        .. " ON CONFLICT (actor) DO UPDATE SET company = excluded.company, arrived_at = excluded.arrived_at, \
            ended_at = excluded.ended_at, outcome = excluded.outcome, queues = excluded.queues, \
            last_queue = excluded.last_queue, moves = excluded.moves, offers = excluded.offers, talks = excluded.talks, \
            kind = excluded.kind, preemptions = excluded.preemptions, preempted = excluded.preempted, \
            wrap_up = excluded.wrap_up, contact = excluded.contact",
    DeleteContactParty: "DELETE FROM call_party WHERE (role, id, arrived_at, actor) = \
                         (SELECT 4, contact, arrived_at, actor FROM call_record WHERE actor =" .. ")",
    ReplaceParty: "INSERT INTO call_party (role, id, arrived_at, actor) VALUES" .. " ON CONFLICT DO NOTHING",
    ReplaceLastAgent: "INSERT INTO last_agent (company, caller, agent) VALUES"
        .. " ON CONFLICT (company, caller) DO UPDATE SET agent = excluded.agent",
}
