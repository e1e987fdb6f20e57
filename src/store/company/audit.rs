//! The audit: who changed what of a company, when, from what to what.
//! Never changed or deleted, and never with a secret. Of a person who is erased it forgets what was known about them.

use super::reading::json;
use crate::store::Store;
use crate::store::connection::DatabaseConnection;
use crate::store::ids::Stored;
use crate::store::pending::Pending;
use diesel::prelude::*;
use domain::company::{Difference, Editor, Kind, What};
use domain::id::CompanyId;
use domain::time::Timestamp;
use std::fmt;

diesel::table! {
    audit (id) {
        id -> BigInt,
        company -> BigInt,
        at -> BigInt,
        author_kind -> Text,
        author -> Text,
        kind -> Text,
        name -> Text,
        what -> Text,
        was -> Text,
        is_now -> Text,
    }
}

/// How many entries are read at once.
const PAGE: i64 = 500;

/// Who changed something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Author {
    /// Somebody at the command line, by the system's name for them.
    Operator(String),
    /// A person of the company by the API, by their login name.
    Agent(String),
    /// A program by the API, by its key's name.
    ApiKey(String),
}

impl Author {
    /// Who they are to the company's rules; whoever has the machine may do what they like.
    pub fn editor(&self) -> Option<Editor<'_>> {
        match self {
            Author::Operator(_) => None,
            Author::Agent(name) => Some(Editor::Agent(name)),
            Author::ApiKey(name) => Some(Editor::ApiKey(name)),
        }
    }

    /// What they are, and their name.
    pub fn named(&self) -> (&'static str, &str) {
        match self {
            Author::Operator(name) => ("operator", name),
            Author::Agent(name) => ("agent", name),
            Author::ApiKey(name) => ("api_key", name),
        }
    }
}

impl fmt::Display for Author {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, name) = self.named();
        write!(f, "{kind} {name}")
    }
}

/// One change of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// Of which company.
    pub company: CompanyId,
    /// By whom.
    pub author: Author,
    /// Of what, from what to what.
    pub difference: Difference,
}

/// Where one page of the audit ends: the next one begins after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditCursor {
    /// When the last change of the page was made.
    pub at: Timestamp,
    /// That entry.
    pub id: i64,
}

/// Which entries are looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only of such things.
    pub kind: Option<Kind>,
    /// Only of the thing of this name.
    pub name: Option<String>,
    /// Only by whoever has this name.
    pub author: Option<String>,
    /// Only then or later.
    pub from: Option<Timestamp>,
    /// Only before.
    pub to: Option<Timestamp>,
    /// Only what comes after this place, in the order of the pages.
    pub after: Option<AuditCursor>,
}

/// One page of the audit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditPage {
    /// Those that can be read, the newest first.
    pub entries: Vec<AuditEntry>,
    /// Those that cannot be read: which, and why.
    pub damages: Vec<String>,
    /// Where the page ends; `None` if it is the last one.
    pub next: Option<AuditCursor>,
}

/// The number of a company's latest entry, which each change makes greater; 0 if there is none.
pub(super) fn last(connection: &mut DatabaseConnection, company: CompanyId) -> QueryResult<i64> {
    let of_company = audit::table.filter(audit::company.eq(company.stored()));
    let last = of_company.select(diesel::dsl::max(audit::id)).first::<Option<i64>>(connection)?;
    Ok(last.unwrap_or_default())
}

impl Store {
    /// The entries of a company, the newest first, at most `limit`.
    pub fn ask_audit(&self, company: CompanyId, filter: AuditFilter, limit: u32) -> Pending<AuditPage> {
        self.ask("read the audit", move |connection| page(connection, company, &filter, limit))
    }
}

fn page(
    connection: &mut DatabaseConnection,
    company: CompanyId,
    filter: &AuditFilter,
    limit: u32,
) -> QueryResult<AuditPage> {
    let mut query = audit::table.filter(audit::company.eq(company.stored())).into_boxed();
    if let Some(kind) = filter.kind {
        query = query.filter(audit::kind.eq(kind.as_str()));
    }
    if let Some(name) = &filter.name {
        query = query.filter(audit::name.eq(name));
    }
    if let Some(author) = &filter.author {
        query = query.filter(audit::author.eq(author));
    }
    if let Some(from) = filter.from {
        query = query.filter(audit::at.ge(from.stored()));
    }
    if let Some(to) = filter.to {
        query = query.filter(audit::at.lt(to.stored()));
    }
    if let Some(AuditCursor { at, id }) = filter.after {
        let at = at.stored();
        // The first half alone is a range of the index.
        query = query.filter(audit::at.le(at)).filter(audit::at.lt(at).or(audit::id.lt(id)));
    }
    let newest = query.order((audit::at.desc(), audit::id.desc())).limit(i64::from(limit) + 1);
    let mut rows: Vec<Row> = newest.select(Row::as_select()).load(connection)?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let place = |row: &Row| AuditCursor { at: Timestamp::from_stored(row.at), id: row.id };
    let mut page = AuditPage { next: rows.last().filter(|_| more).map(place), ..AuditPage::default() };
    for row in rows {
        match row.read() {
            Ok(entry) => page.entries.push(entry),
            Err(why) => page.damages.push(why),
        }
    }
    Ok(page)
}

/// Writes an entry for each difference.
pub(in crate::store) fn write(
    connection: &mut DatabaseConnection,
    company: CompanyId,
    at: i64,
    author: &Author,
    differences: &[Difference],
) -> QueryResult<()> {
    let (author_kind, author) = author.named();
    for difference in differences {
        diesel::insert_into(audit::table)
            .values((
                audit::company.eq(company.stored()),
                audit::at.eq(at),
                audit::author_kind.eq(author_kind),
                audit::author.eq(author),
                audit::kind.eq(difference.kind.as_str()),
                audit::name.eq(&difference.name),
                audit::what.eq(difference.what.as_str()),
                audit::was.eq(json(&difference.from)?),
                audit::is_now.eq(json(&difference.to)?),
            ))
            .execute(connection)?;
    }
    Ok(())
}

/// Forgets what a thing of this name was and became; that it was changed, by whom and when, stays.
pub(in crate::store) fn forget(
    connection: &mut DatabaseConnection,
    company: CompanyId,
    kind: Kind,
    name: &str,
) -> QueryResult<()> {
    let entries = audit::table
        .filter(audit::company.eq(company.stored()))
        .filter(audit::kind.eq(kind.as_str()))
        .filter(audit::name.eq(name));
    diesel::update(entries).set((audit::was.eq("{}"), audit::is_now.eq("{}"))).execute(connection)?;
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit)]
struct Row {
    id: i64,
    company: i64,
    at: i64,
    author_kind: String,
    author: String,
    kind: String,
    name: String,
    what: String,
    was: String,
    is_now: String,
}

impl Row {
    /// The entry, or the column that cannot be read.
    fn read(self) -> Result<AuditEntry, String> {
        let damaged = |column: &str| format!("table audit, row {}, column {column}: not to be read", self.id);
        let author = match self.author_kind.as_str() {
            "operator" => Author::Operator(self.author),
            "agent" => Author::Agent(self.author),
            "api_key" => Author::ApiKey(self.author),
            _ => return Err(damaged("author_kind")),
        };
        let difference = Difference {
            kind: Kind::parse(&self.kind).ok_or_else(|| damaged("kind"))?,
            what: What::parse(&self.what).ok_or_else(|| damaged("what"))?,
            name: self.name,
            from: serde_json::from_str(&self.was).map_err(|_| damaged("was"))?,
            to: serde_json::from_str(&self.is_now).map_err(|_| damaged("is_now"))?,
        };
        let (at, company) = (Timestamp::from_stored(self.at), CompanyId::from_stored(self.company));
        Ok(AuditEntry { at, company, author, difference })
    }
}

/// Gives `each` the entries of a company since then, the oldest first. An entry that cannot be read is given as the words
/// for what is wrong with it.
pub(in crate::store) fn each(
    connection: &mut DatabaseConnection,
    company: CompanyId,
    since: Timestamp,
    mut each: impl FnMut(Result<AuditEntry, String>),
) -> QueryResult<()> {
    let mut last = (since.stored(), 0);
    loop {
        let (at, id) = last;
        let rows: Vec<Row> = audit::table
            .filter(audit::company.eq(company.stored()))
            .filter(audit::at.gt(at).or(audit::at.eq(at).and(audit::id.gt(id))))
            .order((audit::at, audit::id))
            .limit(PAGE)
            .select(Row::as_select())
            .load(connection)?;
        let Some(row) = rows.last() else { return Ok(()) };
        last = (row.at, row.id);
        rows.into_iter().map(Row::read).for_each(&mut each);
    }
}
