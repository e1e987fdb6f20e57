//! The rows of opening hours.
//! Never asks what time it is.

use super::named::named_rows;
use super::reading::{Damage, Reading, json};
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

named_rows!(hours, OpeningHours);
