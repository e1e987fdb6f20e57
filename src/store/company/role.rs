//! The rows of the roles of a company's own.
//! Never decides what they let people do: that is `domain::company`.

use super::reading::{Damage, Reading, json, retired};
use crate::store::Store;
use crate::store::connection::DatabaseConnection;
use crate::store::ids::Stored;
use crate::store::pending::Pending;
use diesel::prelude::*;
use domain::company::{OWN_ROLES_FROM, Role};
use domain::id::{CompanyId, RoleId};

diesel::table! {
    role (id) {
        id -> BigInt,
        company -> BigInt,
        name -> Text,
        answers -> BigInt,
        levels -> Text,
        removed_at -> Nullable<BigInt>,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = role)]
struct Row {
    id: i64,
    company: i64,
    name: String,
    answers: i64,
    levels: String,
}

impl Row {
    fn of(company: CompanyId, known: &Role) -> QueryResult<Row> {
        Ok(Row {
            id: known.id.stored(),
            company: company.stored(),
            name: known.name.clone(),
            answers: known.answers.into(),
            levels: json(&known.levels)?,
        })
    }

    fn read(self, damages: &mut Vec<Damage>) -> Role {
        let mut row = Reading::new("role", &self.id, damages);
        Role {
            id: RoleId::from_stored(self.id),
            name: self.name,
            answers: row.flag("answers", self.answers),
            // What cannot be read lets nobody do anything.
            levels: row.json("levels", Some(&self.levels)).unwrap_or_default(),
        }
    }
}

impl Store {
    /// A company's own roles, by id.
    pub fn roles(&self, company: CompanyId) -> Pending<Vec<Role>> {
        // What is damaged was said when the company was loaded.
        self.ask("read a company's roles", move |connection| load(connection, company, &mut vec![]))
    }
}

/// A company's own roles, by id.
pub(super) fn load(
    connection: &mut DatabaseConnection,
    company: CompanyId,
    damages: &mut Vec<Damage>,
) -> QueryResult<Vec<Role>> {
    let of_company = role::table.filter(role::company.eq(company.stored()));
    let there = of_company.filter(role::removed_at.is_null()).order(role::id);
    Ok(there.select(Row::as_select()).load(connection)?.into_iter().map(|row| row.read(damages)).collect())
}

/// The id that comes next.
pub(super) fn next(connection: &mut DatabaseConnection) -> QueryResult<u64> {
    let last = role::table.select(diesel::dsl::max(role::id)).first::<Option<i64>>(connection)?;
    Ok(OWN_ROLES_FROM.max(u64::from_stored(last.unwrap_or_default()) + 1))
}

/// Makes the rows agree.
pub(super) fn save(
    connection: &mut DatabaseConnection,
    company: CompanyId,
    before: &[Role],
    after: &[Role],
    at: i64,
) -> QueryResult<()> {
    // Whoever changes gives up the name first: another one may get it.
    for known in before.iter().filter(|known| !after.contains(known)) {
        let id = known.id.stored();
        let row = || diesel::update(role::table.find(id));
        row().set(role::name.eq(retired(&known.name, id))).execute(connection)?;
        if after.iter().all(|kept| kept.id != known.id) {
            row().set(role::removed_at.eq(at)).execute(connection)?;
        }
    }
    for known in after.iter().filter(|known| !before.contains(known)) {
        let row = Row::of(company, known)?;
        if before.iter().any(|other| other.id == known.id) {
            diesel::update(role::table.find(row.id)).set(&row).execute(connection)?;
        } else {
            diesel::insert_into(role::table).values(&row).execute(connection)?;
        }
    }
    Ok(())
}
