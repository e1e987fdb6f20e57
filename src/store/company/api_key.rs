//! API keys as the company's file has them, their rows, and whose a token is.
//! Never keeps a token.

use super::named::named_rows;
use super::reading::{Damage, Reading, json};
use crate::store::Store;
use crate::store::connection::DatabaseConnection;
use crate::store::ids::Stored;
use crate::store::pending::Pending;
use diesel::prelude::*;
use domain::company::{self, ApiKey, Kind, Refusals, Secret, Why, is_token};
use domain::hours::Date;
use domain::id::{ApiKeyId, CompanyId, QueueId, RoleId};
use domain::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;

diesel::table! {
    api_key (id) {
        id -> BigInt,
        company -> BigInt,
        name -> Text,
        token_hash -> Text,
        roles -> Text,
        queues -> Text,
        until -> Text,
        used_at -> Nullable<BigInt>,
        removed_at -> Nullable<BigInt>,
    }
}

/// A key as the company's file has it, known by its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiKeyEntry {
    /// Its name.
    name: String,
    /// The token by which a program asks; only its hash is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<Secret>,
    /// Or its SHA-256.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token_hash: Option<Secret>,
    /// The names of its roles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    roles: Option<Vec<String>>,
    /// The names of the queues that are its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    queues: Option<Vec<String>>,
    /// The last day on which it works.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<String>,
}

impl ApiKeyEntry {
    /// Its name.
    pub(super) fn name(&self) -> &String {
        &self.name
    }

    /// The file's form of a key.
    pub(super) fn of(
        company::ApiKeyEntry { name, token_hash, roles, queues, until, whole: _ }: company::ApiKeyEntry,
    ) -> Self {
        ApiKeyEntry { name, token: None, token_hash, roles, queues, until }
    }

    /// The same with what is kept of its token; what is wrong with that is noted.
    pub(super) fn entry(&self, refused: &mut Refusals) -> company::ApiKeyEntry {
        let mut refuse = |why| refused.add(Kind::ApiKey, &self.name, (Some("token"), why));
        if let (Some(_), Some(_)) = (&self.token, &self.token_hash) {
            refuse(Why::TwoTokens);
        }
        if self.token.as_ref().is_some_and(|token| !is_token(&token.0)) {
            refuse(Why::Token);
        }
        let of_token = self.token.as_ref().map(|token| token_hash(&token.0));
        company::ApiKeyEntry {
            name: self.name.clone(),
            token_hash: of_token.or_else(|| self.token_hash.clone()),
            roles: self.roles.clone(),
            queues: self.queues.clone(),
            until: self.until.clone(),
            whole: false,
        }
    }
}

/// What is kept of a token.
pub fn token_hash(token: &str) -> Secret {
    Secret(Sha256::digest(token).iter().map(|byte| format!("{byte:02x}")).collect())
}

/// That a key is used is written so often.
const NOTED: Span = Span::seconds(60);

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = api_key)]
struct Row {
    id: i64,
    company: i64,
    name: String,
    token_hash: String,
    roles: String,
    queues: String,
    until: String,
}

impl Row {
    fn of(company: CompanyId, key: &ApiKey) -> QueryResult<Row> {
        let roles: Vec<i64> = key.roles.iter().map(|role| role.stored()).collect();
        let queues: Vec<i64> = key.queues.iter().map(|queue| queue.stored()).collect();
        Ok(Row {
            id: key.id.stored(),
            company: company.stored(),
            name: key.name.clone(),
            token_hash: key.token_hash.0.clone(),
            roles: json(&roles)?,
            queues: json(&queues)?,
            until: key.until.to_string(),
        })
    }

    fn read(self, damages: &mut Vec<Damage>) -> ApiKey {
        let mut row = Reading::new("api_key", &self.id, damages);
        // What cannot be read lets nobody do anything: no roles, and a last day that is long past.
        let roles: Vec<i64> = row.json("roles", Some(&self.roles)).unwrap_or_default();
        let queues: Vec<i64> = row.json("queues", Some(&self.queues)).unwrap_or_default();
        let until = self.until.parse().unwrap_or_else(|why| {
            row.damaged("until", why);
            Date::ZERO
        });
        ApiKey {
            id: ApiKeyId::from_stored(self.id),
            name: self.name,
            token_hash: Secret(self.token_hash),
            roles: roles.into_iter().map(RoleId::from_stored).collect(),
            queues: queues.into_iter().map(QueueId::from_stored).collect(),
            until,
        }
    }
}

/// A key with its company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKeyRow {
    /// Whose it is.
    pub company: CompanyId,
    /// The key.
    pub key: ApiKey,
    /// Whether it is time to note that it was used.
    pub is_noted: bool,
}

impl Store {
    /// The key that has this token and works at this moment; `None` if there is none.
    pub fn api_key(&self, token: &str, now: Timestamp) -> Pending<Option<ApiKeyRow>> {
        let token_hash = token_hash(token).0;
        self.ask("find an API key", move |connection| {
            let there = api_key::table.filter(api_key::token_hash.eq(token_hash)).filter(api_key::removed_at.is_null());
            let row = there.select((Row::as_select(), api_key::used_at));
            let Some((row, used_at)) = row.first::<(Row, Option<i64>)>(connection).optional()? else { return Ok(None) };
            let company = CompanyId::from_stored(row.company);
            let zone = super::zone(connection, company)?;
            // What is damaged was said when the company was loaded.
            let key = row.read(&mut vec![]);
            let is_noted = used_at.is_none_or(|at| Timestamp::from_stored(at) + NOTED <= now);
            Ok(key.works(&zone, now).then_some(ApiKeyRow { company, key, is_noted }))
        })
    }

    /// When each key of a company was used last, within a minute; those that never were are not among them.
    pub fn api_keys_used(&self, company: CompanyId) -> Pending<Vec<(ApiKeyId, Timestamp)>> {
        self.ask("read when API keys were used", move |connection| {
            let of_company = api_key::table.filter(api_key::company.eq(company.stored()));
            let there = of_company.filter(api_key::removed_at.is_null()).filter(api_key::used_at.is_not_null());
            let rows = there.order(api_key::id).select((api_key::id, api_key::used_at.assume_not_null()));
            let used = |(id, at)| (ApiKeyId::from_stored(id), Timestamp::from_stored(at));
            Ok(rows.load::<(i64, i64)>(connection)?.into_iter().map(used).collect())
        })
    }
}

/// A key was used.
pub(in crate::store) fn used(connection: &mut DatabaseConnection, id: ApiKeyId, at: Timestamp) -> QueryResult<()> {
    diesel::update(api_key::table.find(id.stored())).set(api_key::used_at.eq(at.stored())).execute(connection)?;
    Ok(())
}

/// The hashes of other companies' tokens.
pub(super) fn of_others(connection: &mut DatabaseConnection, company: CompanyId) -> QueryResult<BTreeSet<String>> {
    let others = api_key::table.filter(api_key::company.ne(company.stored())).filter(api_key::removed_at.is_null());
    Ok(others.select(api_key::token_hash).load(connection)?.into_iter().collect())
}

named_rows!(api_key, ApiKey);
