//! The statements that every call needs several times: each a text that stays the same, and its parameters.
//! Never more than that: Diesel's own inserting statements look at each of their values a dozen times on the way.

use super::connection::DatabaseConnection;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::sqlite::Sqlite;
use std::marker::PhantomData;

/// A statement that is prepared once for each connection. It ends in its list of parameters.
pub(super) trait Fixed: 'static {
    /// What stands before the list.
    const TEXT: &'static str;
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

impl<F: Fixed> QueryFragment<Sqlite> for Statement<'_, F> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
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
        out.push_sql(")");
        Ok(())
    }
}

impl<F: Fixed> QueryId for Statement<'_, F> {
    type QueryId = Statement<'static, F>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<F> RunQueryDsl<DatabaseConnection> for Statement<'_, F> {}

/// Names a statement.
macro_rules! fixed {
    ($($name:ident: $text:literal,)+) => {
        $(
            pub(super) struct $name;
            impl Fixed for $name {
                const TEXT: &'static str = $text;
            }
        )+
    };
}

fixed! {
    InsertActor: "INSERT INTO actor (number, company) VALUES",
    EndActor: "REPLACE INTO actor (number, company, ended_at) VALUES",
    InsertRow: "INSERT INTO journal (actor, seq, epoch, at, sender, outbox, client, command, digest, version, events) VALUES",
    InsertMessage: "INSERT INTO outbox (id, company, sender, seq, receiver, at, message) VALUES",
    DeleteMessage: "DELETE FROM outbox WHERE id =",
    InsertDecision: "INSERT INTO decision (item, actor, seq) VALUES",
    ReplaceText: "REPLACE INTO content (actor, kind, number, text) VALUES",
    ReplaceRecord: "REPLACE INTO call_record (actor, company, arrived_at, ended_at, outcome, queues, last_queue, moves, \
                    offers, talks, kind, preemptions, preempted, wrap_up) VALUES",
    ReplaceParty: "REPLACE INTO call_party (role, id, arrived_at, actor) VALUES",
}
