//! The rows of classifications.
//! Never says what an item is about: that stands with its record.

use super::reading::{Damage, Reading, json, name_of, retired};
use crate::store::connection::DatabaseConnection;
use crate::store::ids::Stored;
use diesel::prelude::*;
use domain::company::Classification;
use domain::id::{ClassificationId, CompanyId, QueueId};
use std::collections::BTreeMap;

diesel::table! {
    classification (id) {
        id -> BigInt,
        company -> BigInt,
        code -> Text,
        label -> Text,
        parent -> Nullable<BigInt>,
        queues -> Text,
        removed_at -> Nullable<BigInt>,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = classification, treat_none_as_null = true)]
struct Row {
    id: i64,
    company: i64,
    code: String,
    label: String,
    parent: Option<i64>,
    queues: String,
}

impl Row {
    fn of(company: CompanyId, known: &Classification) -> QueryResult<Row> {
        let queues: Vec<i64> = known.queues.iter().map(|queue| queue.stored()).collect();
        Ok(Row {
            id: known.id.stored(),
            company: company.stored(),
            code: known.code.clone(),
            label: known.label.clone(),
            parent: known.parent.map(Stored::stored),
            queues: json(&queues)?,
        })
    }

    fn read(self, damages: &mut Vec<Damage>) -> Classification {
        let mut row = Reading::new("classification", &self.id, damages);
        let queues: Vec<i64> = row.json("queues", Some(&self.queues)).unwrap_or_default();
        Classification {
            id: ClassificationId::from_stored(self.id),
            code: self.code,
            label: self.label,
            parent: self.parent.map(ClassificationId::from_stored),
            queues: queues.into_iter().map(QueueId::from_stored).collect(),
        }
    }
}

/// A company's classifications, by id.
pub(super) fn load(
    connection: &mut DatabaseConnection,
    company: CompanyId,
    damages: &mut Vec<Damage>,
) -> QueryResult<Vec<Classification>> {
    let of_company = classification::table.filter(classification::company.eq(company.stored()));
    let there = of_company.filter(classification::removed_at.is_null()).order(classification::id);
    Ok(there.select(Row::as_select()).load(connection)?.into_iter().map(|row| row.read(damages)).collect())
}

/// Those that were removed: records still tell of them.
pub(super) fn removed(
    connection: &mut DatabaseConnection,
    company: CompanyId,
    damages: &mut Vec<Damage>,
) -> QueryResult<BTreeMap<ClassificationId, Classification>> {
    let of_company = classification::table.filter(classification::company.eq(company.stored()));
    let gone = of_company.filter(classification::removed_at.is_not_null()).select(Row::as_select()).load(connection)?;
    let read = |row: Row| {
        let mut known = row.read(damages);
        known.code = name_of(&known.code).to_owned();
        (known.id, known)
    };
    Ok(gone.into_iter().map(read).collect())
}

/// The id that comes next.
pub(super) fn next(connection: &mut DatabaseConnection) -> QueryResult<u64> {
    let last = classification::table.select(diesel::dsl::max(classification::id)).first::<Option<i64>>(connection)?;
    Ok(u64::from_stored(last.unwrap_or_default()) + 1)
}

/// Makes the rows agree.
pub(super) fn save(
    connection: &mut DatabaseConnection,
    company: CompanyId,
    before: &[Classification],
    after: &[Classification],
    at: i64,
) -> QueryResult<()> {
    // Whoever changes gives up the code first: another one may get it.
    for known in before.iter().filter(|known| !after.contains(known)) {
        let id = known.id.stored();
        let row = || diesel::update(classification::table.find(id));
        row().set(classification::code.eq(retired(&known.code, id))).execute(connection)?;
        if after.iter().all(|kept| kept.id != known.id) {
            row().set(classification::removed_at.eq(at)).execute(connection)?;
        }
    }
    let changed = || after.iter().filter(|known| !before.contains(known));
    for known in changed() {
        // What it is part of may not be there yet.
        let row = Row { parent: None, ..Row::of(company, known)? };
        if before.iter().any(|other| other.id == known.id) {
            diesel::update(classification::table.find(row.id)).set(&row).execute(connection)?;
        } else {
            diesel::insert_into(classification::table).values(&row).execute(connection)?;
        }
    }
    for known in changed().filter(|known| known.parent.is_some()) {
        let row = diesel::update(classification::table.find(known.id.stored()));
        row.set(classification::parent.eq(known.parent.map(Stored::stored))).execute(connection)?;
    }
    Ok(())
}
