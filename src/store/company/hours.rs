//! The rows of opening hours.
//! Never asks what time it is.

use super::reading::{Damage, Reading, json, retired};
use crate::store::connection::DatabaseConnection;
use crate::store::ids::Stored;
use diesel::prelude::*;
use domain::company::OpeningHours;
use domain::hours::Hours;
use domain::id::{CompanyId, HoursId};

diesel::table! {
    hours (id) {
        id -> BigInt,
        company -> BigInt,
        name -> Text,
        week -> Text,
        days -> Text,
        word -> Nullable<Text>,
        removed_at -> Nullable<BigInt>,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = hours, treat_none_as_null = true)]
struct Row {
    id: i64,
    company: i64,
    name: String,
    week: String,
    days: String,
    word: Option<String>,
}

impl Row {
    fn of(company: CompanyId, known: &OpeningHours) -> QueryResult<Row> {
        let Hours { week, days, word } = &known.hours;
        Ok(Row {
            id: known.id.stored(),
            company: company.stored(),
            name: known.name.clone(),
            week: json(week)?,
            days: json(days)?,
            word: word.as_ref().map(json).transpose()?,
        })
    }

    fn read(self, damages: &mut Vec<Damage>) -> OpeningHours {
        let mut row = Reading::new("hours", &self.id, damages);
        let hours = Hours {
            week: row.json("week", Some(&self.week)).unwrap_or_default(),
            days: row.json("days", Some(&self.days)).unwrap_or_default(),
            word: row.json("word", self.word.as_deref()),
        };
        OpeningHours { id: HoursId::from_stored(self.id), name: self.name, hours }
    }
}

/// A company's opening hours, by id.
pub(super) fn load(
    connection: &mut DatabaseConnection,
    company: CompanyId,
    damages: &mut Vec<Damage>,
) -> QueryResult<Vec<OpeningHours>> {
    let of_company = hours::table.filter(hours::company.eq(company.stored()));
    let there = of_company.filter(hours::removed_at.is_null()).order(hours::id);
    Ok(there.select(Row::as_select()).load(connection)?.into_iter().map(|row| row.read(damages)).collect())
}

/// The id that comes next.
pub(super) fn next(connection: &mut DatabaseConnection) -> QueryResult<u64> {
    let last = hours::table.select(diesel::dsl::max(hours::id)).first::<Option<i64>>(connection)?;
    Ok(u64::from_stored(last.unwrap_or_default()) + 1)
}

/// Makes the rows agree.
pub(super) fn save(
    connection: &mut DatabaseConnection,
    company: CompanyId,
    before: &[OpeningHours],
    after: &[OpeningHours],
    at: i64,
) -> QueryResult<()> {
    // Whoever changes gives up the name first: another one may get it.
    for known in before.iter().filter(|known| !after.contains(known)) {
        let id = known.id.stored();
        let row = || diesel::update(hours::table.find(id));
        row().set(hours::name.eq(retired(&known.name, id))).execute(connection)?;
        if after.iter().all(|kept| kept.id != known.id) {
            row().set(hours::removed_at.eq(at)).execute(connection)?;
        }
    }
    for known in after.iter().filter(|known| !before.contains(known)) {
        let row = Row::of(company, known)?;
        if before.iter().any(|other| other.id == known.id) {
            diesel::update(hours::table.find(row.id)).set(&row).execute(connection)?;
        } else {
            diesel::insert_into(hours::table).values(&row).execute(connection)?;
        }
    }
    Ok(())
}
