//! The rows of templates.
//! Never fills their variables in.

use super::named::named_rows;
use super::reading::{Damage, Reading, json};
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

named_rows!(template, Template);
