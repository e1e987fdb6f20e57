//! The rows of numbers.
//! Never kept once they are removed: records hold the number itself.

use crate::store::connection::DatabaseConnection;
use crate::store::ids::Stored;
use diesel::prelude::*;
use domain::company::Number;
use domain::id::{CompanyId, QueueId};
use std::collections::BTreeSet;

diesel::table! { number (dialled) { dialled -> Text, company -> BigInt, queue -> BigInt, } }

/// A company's numbers, in their order.
pub(super) fn load(connection: &mut DatabaseConnection, company: CompanyId) -> QueryResult<Vec<Number>> {
    let of_company = number::table.filter(number::company.eq(company.stored())).order(number::dialled);
    let rows = of_company.select((number::dialled, number::queue)).load::<(String, i64)>(connection)?.into_iter();
    let read = |(number, queue): (String, i64)| Number { number, company, queue: QueueId::from_stored(queue) };
    let mut numbers: Vec<Number> = rows.map(read).collect();
    // Databases differ in how they order texts.
    numbers.sort_by(|one, other| one.number.cmp(&other.number));
    Ok(numbers)
}

/// The numbers of all other companies.
pub(super) fn of_others(connection: &mut DatabaseConnection, company: CompanyId) -> QueryResult<BTreeSet<String>> {
    let others = number::table.filter(number::company.ne(company.stored()));
    Ok(others.select(number::dialled).load::<String>(connection)?.into_iter().collect())
}

/// Makes the rows agree.
pub(super) fn save(connection: &mut DatabaseConnection, before: &[Number], after: &[Number]) -> QueryResult<()> {
    for gone in before.iter().filter(|number| after.iter().all(|kept| kept.number != number.number)) {
        diesel::delete(number::table.find(&gone.number)).execute(connection)?;
    }
    for entry in after.iter().filter(|number| !before.contains(number)) {
        let queue = number::queue.eq(entry.queue.stored());
        let known = diesel::update(number::table.find(&entry.number)).set(queue).execute(connection)?;
        if known == 0 {
            let company = number::company.eq(entry.company.stored());
            diesel::insert_into(number::table)
                .values((number::dialled.eq(&entry.number), company, queue))
                .execute(connection)?;
        }
    }
    Ok(())
}
