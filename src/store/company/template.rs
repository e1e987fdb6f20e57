//! The rows of templates.
//! Never fills their variables in.

use super::reading::{Damage, Reading, json, retired};
use crate::store::connection::DatabaseConnection;
use crate::store::ids::Stored;
use diesel::prelude::*;
use domain::company::Template;
use domain::id::{CompanyId, QueueId, TemplateId};

diesel::table! {
    template (id) {
        id -> BigInt,
        company -> BigInt,
        name -> Text,
        text -> Text,
        language -> Nullable<Text>,
        queues -> Text,
        removed_at -> Nullable<BigInt>,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = template, treat_none_as_null = true)]
struct Row {
    id: i64,
    company: i64,
    name: String,
    text: String,
    language: Option<String>,
    queues: String,
}

impl Row {
    fn of(company: CompanyId, known: &Template) -> QueryResult<Row> {
        let queues: Vec<i64> = known.queues.iter().map(|queue| queue.stored()).collect();
        Ok(Row {
            id: known.id.stored(),
            company: company.stored(),
            name: known.name.clone(),
            text: known.text.clone(),
            language: known.language.clone(),
            queues: json(&queues)?,
        })
    }

    fn read(self, damages: &mut Vec<Damage>) -> Template {
        let mut row = Reading::new("template", &self.id, damages);
        let queues: Vec<i64> = row.json("queues", Some(&self.queues)).unwrap_or_default();
        Template {
            id: TemplateId::from_stored(self.id),
            name: self.name,
            text: self.text,
            language: self.language,
            queues: queues.into_iter().map(QueueId::from_stored).collect(),
        }
    }
}

/// A company's templates, by id.
pub(super) fn load(
    connection: &mut DatabaseConnection,
    company: CompanyId,
    damages: &mut Vec<Damage>,
) -> QueryResult<Vec<Template>> {
    let of_company = template::table.filter(template::company.eq(company.stored()));
    let there = of_company.filter(template::removed_at.is_null()).order(template::id);
    Ok(there.select(Row::as_select()).load(connection)?.into_iter().map(|row| row.read(damages)).collect())
}

/// The id that comes next.
pub(super) fn next(connection: &mut DatabaseConnection) -> QueryResult<u64> {
    let last = template::table.select(diesel::dsl::max(template::id)).first::<Option<i64>>(connection)?;
    Ok(u64::from_stored(last.unwrap_or_default()) + 1)
}

/// Makes the rows agree.
pub(super) fn save(
    connection: &mut DatabaseConnection,
    company: CompanyId,
    before: &[Template],
    after: &[Template],
    at: i64,
) -> QueryResult<()> {
    // Whoever changes gives up the name first: another one may get it.
    for known in before.iter().filter(|known| !after.contains(known)) {
        let id = known.id.stored();
        let row = || diesel::update(template::table.find(id));
        row().set(template::name.eq(retired(&known.name, id))).execute(connection)?;
        if after.iter().all(|kept| kept.id != known.id) {
            row().set(template::removed_at.eq(at)).execute(connection)?;
        }
    }
    for known in after.iter().filter(|known| !before.contains(known)) {
        let row = Row::of(company, known)?;
        if before.iter().any(|other| other.id == known.id) {
            diesel::update(template::table.find(row.id)).set(&row).execute(connection)?;
        } else {
            diesel::insert_into(template::table).values(&row).execute(connection)?;
        }
    }
    Ok(())
}
