//! The rows of the roles of a company's own.
//! Never decides what they let people do: that is `domain::company`.

use super::named::named_rows;
use super::reading::{Damage, Reading, json};
use crate::store::Store;
use crate::store::connection::DatabaseConnection;
use crate::store::ids::Stored;
use crate::store::pending::Pending;
use diesel::prelude::*;
use domain::company::Role;
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

named_rows!(role, Role);
