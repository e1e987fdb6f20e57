//! The rows of reasons for breaks.
//! Never more than their names: "just so" has no row.

use super::reading::retired;
use crate::store::connection::DatabaseConnection;
use crate::store::ids::Stored;
use diesel::prelude::*;
use domain::company::BreakReason;
use domain::id::{BreakReasonId, CompanyId};

diesel::table! {
    break_reason (id) { id -> BigInt, company -> BigInt, name -> Text, removed_at -> Nullable<BigInt>, }
}

/// A company's reasons, by id.
pub(super) fn load(connection: &mut DatabaseConnection, company: CompanyId) -> QueryResult<Vec<BreakReason>> {
    let of_company = break_reason::table.filter(break_reason::company.eq(company.stored()));
    let there = of_company.filter(break_reason::removed_at.is_null()).order(break_reason::id);
    let there = there.select((break_reason::id, break_reason::name)).load::<(i64, String)>(connection)?.into_iter();
    Ok(there.map(|(id, name)| BreakReason { id: BreakReasonId::from_stored(id), name }).collect())
}

/// The id that comes next.
pub(super) fn next(connection: &mut DatabaseConnection) -> QueryResult<u64> {
    let last = break_reason::table.select(diesel::dsl::max(break_reason::id)).first::<Option<i64>>(connection)?;
    Ok(u64::from_stored(last.unwrap_or_default()) + 1)
}

/// Makes the rows agree.
pub(super) fn save(
    connection: &mut DatabaseConnection,
    company: CompanyId,
    before: &[BreakReason],
    after: &[BreakReason],
    at: i64,
) -> QueryResult<()> {
    for gone in before.iter().filter(|reason| after.iter().all(|other| other.id != reason.id)) {
        let id = gone.id.stored();
        diesel::update(break_reason::table.find(id))
            .set((break_reason::name.eq(retired(&gone.name, id)), break_reason::removed_at.eq(at)))
            .execute(connection)?;
    }
    for reason in after.iter().filter(|reason| !before.contains(reason)) {
        let (id, name) = (break_reason::id.eq(reason.id.stored()), break_reason::name.eq(&reason.name));
        if before.iter().any(|other| other.id == reason.id) {
            diesel::update(break_reason::table.find(reason.id.stored())).set(name).execute(connection)?;
        } else {
            let values = (id, break_reason::company.eq(company.stored()), name);
            diesel::insert_into(break_reason::table).values(values).execute(connection)?;
        }
    }
    Ok(())
}
