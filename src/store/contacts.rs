//! The rows of customers whom companies know, and how they are found while somebody types.
//! Never decides what a contact may be like: that is `domain::contact`. The rows of whoever was erased say only that there
//! was somebody.

mod import;

pub(super) use import::take;
pub use import::{AllTaken, PersonPage, Taken};

use super::Store;
use super::company::{self, Author, forget_audit, write_audit};
use super::connection::{self, DatabaseConnection};
use super::error::JobError;
use super::ids::Stored;
use super::pending::Pending;
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::result::Error;
use domain::company::{Difference, Kind, What};
use domain::contact::{Changed, Contact, ContactChange, Known, Point, Refusal, sorting, terms};
use domain::id::{CompanyId, ContactId};
use domain::time::Timestamp;
use serde_json::Map;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use tracing::error;

diesel::table! {
    contact (id) {
        id -> BigInt,
        company -> BigInt,
        name -> Text,
        organisation -> Text,
        language -> Text,
        notes -> Text,
        fields -> Text,
        merged_into -> Nullable<BigInt>,
        sorting -> Text,
        erased_at -> Nullable<BigInt>,
    }
}
diesel::table! {
    contact_point (company, kind, value) { company -> BigInt, kind -> Text, value -> Text, contact -> BigInt, }
}
diesel::table! { contact_word (company, word, contact) { company -> BigInt, word -> Text, contact -> BigInt, } }
diesel::allow_tables_to_appear_in_same_query!(contact, contact_point, contact_word);

/// A contact has some words with the same beginning; so many rows are read for each that is wanted.
const WORDS_EACH: usize = 4;
/// Words are counted up to here to see which beginning is the rarest.
const COUNTED_MAX: i64 = 4000;
/// The most contacts that are found at once.
const FOUND_MAX: usize = 100;
/// In so many other systems an id is looked for.
const SYSTEMS_MAX: usize = 100;
/// Behind every word that begins like another one.
const LAST: char = char::MAX;

/// What came of a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContactsChanged {
    /// The contacts that are different now, each as it is; `None` if it is gone.
    pub changed: Changed,
    /// The same, as the audit tells it.
    pub differences: Vec<Difference>,
}

/// Where one page of contacts ends: the next one begins after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactCursor {
    /// Where the last contact of the page stands in the alphabet.
    pub sorting: String,
    /// That contact.
    pub contact: ContactId,
}

/// A contact that is found, and those that were merged into it.
pub type Person = Vec<Contact>;

/// One page of contacts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContactPage {
    /// By the alphabet.
    pub contacts: Vec<Contact>,
    /// Where the page ends; `None` if it is the last one.
    pub next: Option<ContactCursor>,
}

/// What a person is like, the contact that is found first: another text once anything of it is another one.
pub fn contact_tag(person: &[Contact]) -> String {
    let mut digest = Sha256::new();
    for contact in person {
        digest.update(format!("{} {}\n", contact.id, serde_json::Value::Object(contact.keys())));
    }
    digest.finalize()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = contact, treat_none_as_null = true)]
struct Row {
    id: i64,
    company: i64,
    name: String,
    organisation: String,
    language: String,
    notes: String,
    fields: String,
    merged_into: Option<i64>,
    sorting: String,
}

impl Row {
    fn of(company: CompanyId, contact: &Contact) -> QueryResult<Row> {
        let (contact, sorting) = (contact.clone(), sorting(contact));
        let fields = serde_json::to_string(&contact.fields).map_err(|why| Error::SerializationError(why.into()))?;
        Ok(Row {
            id: contact.id.stored(),
            company: company.stored(),
            name: contact.name,
            organisation: contact.organisation,
            language: contact.language,
            notes: contact.notes,
            fields,
            merged_into: contact.merged_into.map(Stored::stored),
            sorting,
        })
    }

    fn read(self, points: BTreeSet<Point>) -> Contact {
        let fields = serde_json::from_str(&self.fields).unwrap_or_else(|why| {
            error!("table contact, row {}, column fields: not to be read: {why} (it is taken as empty)", self.id);
            BTreeMap::new()
        });
        Contact {
            id: ContactId::from_stored(self.id),
            name: self.name,
            organisation: self.organisation,
            language: self.language,
            notes: self.notes,
            fields,
            points,
            merged_into: self.merged_into.map(ContactId::from_stored),
        }
    }
}

impl Store {
    /// The contacts that have words with all the beginnings that were typed, by the alphabet; `most`, and 100, are
    /// the most. None if nothing was typed.
    pub fn find_contacts(&self, company: CompanyId, typed: &str, most: usize) -> Pending<Vec<Contact>> {
        let terms = terms(typed);
        self.ask("find contacts", move |connection| find(connection, company, &terms, most.min(FOUND_MAX)))
    }

    /// Who is reached there: the contact that is found, and those that were merged into it; none if it is nobody.
    pub fn contacts_at(&self, company: CompanyId, point: Point) -> Pending<Vec<Contact>> {
        self.ask("find whose a number is", move |connection| {
            let mut known = Known::default();
            if let Some(owner) = owner(connection, company, &point)? {
                load_person(connection, company, owner, &mut known)?;
            }
            Ok(known.whole_first())
        })
    }

    /// Whom another system, whichever, calls like this: the contact that is found, and those that were merged into it; none if it is
    /// nobody, or if it could be several.
    pub fn contacts_known_as(&self, company: CompanyId, id: String) -> Pending<Vec<Contact>> {
        self.ask("find whose an id is", move |connection| {
            let mut persons = BTreeMap::new();
            for owner in owners_of_id(connection, company, &id)? {
                let person = person(connection, company, owner)?;
                persons.extend(person.first().map(|first| first.id).map(|id| (id, person)));
            }
            Ok(persons.pop_first().filter(|_| persons.is_empty()).map(|(_, person)| person).unwrap_or_default())
        })
    }

    /// A contact, and those that were merged into it, or the one into which it was merged with all of those; the one that is
    /// found is the first. None if there is no such contact.
    pub fn contacts_with(&self, company: CompanyId, id: ContactId) -> Pending<Vec<Contact>> {
        self.ask("read a contact", move |connection| person(connection, company, id))
    }

    /// All contacts that are found by themselves, by the alphabet, `most` of them from a place on.
    pub fn list_contacts(&self, company: CompanyId, after: Option<ContactCursor>, most: usize) -> Pending<ContactPage> {
        self.ask("list contacts", move |connection| list(connection, company, after, most))
    }

    /// What [`Store::change_contact`] would change, or why it would not. Nothing is changed.
    pub fn plan_contact(&self, company: CompanyId, change: ContactChange) -> Pending<Result<Vec<Difference>, Refusal>> {
        self.ask("look what a change of a contact would change", move |connection| {
            let known = known(connection, company, &change)?;
            Ok(known.change(&change).map(|changed| known.differences(&changed)))
        })
    }
}

/// A contact and all that are the same person, as [`Store::contacts_with`] gives them.
pub(super) fn person(
    connection: &mut DatabaseConnection,
    company: CompanyId,
    id: ContactId,
) -> QueryResult<Vec<Contact>> {
    let mut known = Known::default();
    load_person(connection, company, id, &mut known)?;
    Ok(known.whole_first())
}

fn list(
    connection: &mut DatabaseConnection,
    company: CompanyId,
    after: Option<ContactCursor>,
    most: usize,
) -> QueryResult<ContactPage> {
    let mut query = contact::table
        .filter(contact::company.eq(company.stored()))
        .filter(contact::merged_into.is_null())
        .filter(contact::erased_at.is_null())
        .into_boxed();
    if let Some(ContactCursor { sorting, contact: id }) = after {
        // The first half alone is a range of the index.
        let behind = contact::sorting.gt(sorting.clone()).or(contact::id.gt(id.stored()));
        query = query.filter(contact::sorting.ge(sorting)).filter(behind);
    }
    let rows = query.order((contact::sorting, contact::id)).limit(most as i64 + 1);
    let mut rows = rows.select((contact::id, contact::sorting)).load::<(i64, String)>(connection)?;
    let more = rows.len() > most;
    rows.truncate(most);
    let ids: Vec<i64> = rows.iter().map(|(id, _)| *id).collect();
    let mut contacts = load(connection, company, &ids)?;
    contacts.sort_by_key(|contact| ids.iter().position(|id| *id == contact.id.stored()));
    let last = rows.pop().filter(|_| more);
    let next = last.map(|(id, sorting)| ContactCursor { sorting, contact: ContactId::from_stored(id) });
    Ok(ContactPage { contacts, next })
}

/// Makes a change, with its entry in the audit; if a tag is `expected`, only if the person that it names first has that.
pub(super) fn change(
    connection: &mut DatabaseConnection,
    company: CompanyId,
    change: &ContactChange,
    expected: Option<&str>,
    author: &Author,
    at: Timestamp,
) -> Result<ContactsChanged, JobError> {
    let known = known(connection, company, change)?;
    if let (Some(expected), Some(id)) = (expected, change.contacts().first())
        && expected != contact_tag(&known.person(*id))
    {
        return Err(JobError::Stale);
    }
    let changed = known.change(change)?;
    Ok(make(connection, company, &known, changed, author, at)?)
}

/// Writes what is different now, with its entry in the audit.
fn make(
    connection: &mut DatabaseConnection,
    company: CompanyId,
    known: &Known,
    changed: Changed,
    author: &Author,
    at: Timestamp,
) -> QueryResult<ContactsChanged> {
    let erases = changed.values().any(Option::is_none);
    if erases {
        connection::delete_for_good(connection)?;
    }
    for (id, after) in &changed {
        let before = known.contacts.get(id);
        match after {
            None => erase(connection, company, *id, at)?,
            Some(after) => save(connection, company, before, after)?,
        }
    }
    for (id, words) in known.words(&changed) {
        save_words(connection, company, id, &words)?;
    }
    let differences = known.differences(&changed);
    write_audit(connection, company, at.stored(), author, &differences)?;
    for id in changed.iter().filter(|(_, after)| after.is_none()).map(|(id, _)| *id) {
        forget_audit(connection, company, Kind::Contact, &id.to_string())?;
    }
    if erases {
        connection::delete_as_usual(connection)?;
    }
    Ok(ContactsChanged { changed, differences })
}

/// Notes in the audit that all that is kept of these is given out.
pub(super) fn note_given_out(
    connection: &mut DatabaseConnection,
    company: CompanyId,
    contacts: &[ContactId],
    author: &Author,
    at: Timestamp,
) -> QueryResult<()> {
    let given = |id: &ContactId| Difference {
        kind: Kind::Contact,
        name: id.to_string(),
        what: What::GivenOut,
        from: Map::new(),
        to: Map::new(),
    };
    write_audit(connection, company, at.stored(), author, &contacts.iter().map(given).collect::<Vec<_>>())
}

/// What a change has to know.
fn known(connection: &mut DatabaseConnection, company: CompanyId, change: &ContactChange) -> QueryResult<Known> {
    let last = contact::table.select(diesel::dsl::max(contact::id)).first::<Option<i64>>(connection)?;
    let next = ContactId(last.map_or(0, u64::from_stored) + 1);
    let fields = company::contact_fields(connection, company)?;
    let mut known = Known { next, fields, ..Known::default() };
    for point in change.points() {
        if let Some(owner) = owner(connection, company, &point)? {
            load_person(connection, company, owner, &mut known)?;
            known.owners.insert(point, owner);
        }
    }
    for id in change.contacts() {
        load_person(connection, company, id, &mut known)?;
    }
    Ok(known)
}

fn owner(connection: &mut DatabaseConnection, company: CompanyId, point: &Point) -> QueryResult<Option<ContactId>> {
    let key = (company.stored(), point.kind(), point.value());
    let owner = contact_point::table.find(key).select(contact_point::contact).first::<i64>(connection).optional()?;
    Ok(owner.map(ContactId::from_stored))
}

/// Who has this id of another system. Each system is looked for behind the one before: there are few, and the ids of one are
/// many.
fn owners_of_id(connection: &mut DatabaseConnection, company: CompanyId, id: &str) -> QueryResult<Vec<ContactId>> {
    let (mut owners, mut behind) = (vec![], String::new());
    for _ in 0..SYSTEMS_MAX {
        let next = contact_point::table
            .filter(contact_point::company.eq(company.stored()))
            .filter(contact_point::kind.eq("other"))
            .filter(contact_point::value.ge(&behind))
            .order(contact_point::value)
            .select(contact_point::value)
            .first::<String>(connection)
            .optional()?;
        let Some((system, _)) = next.as_deref().and_then(|value| value.split_once(':')) else { break };
        if let Some(point) = Point::kept("other", &format!("{system}:{id}")) {
            owners.extend(owner(connection, company, &point)?);
        }
        behind = format!("{system}:{LAST}");
    }
    Ok(owners)
}

/// Loads a contact with all that are the same person, unless they are known already.
fn load_person(
    connection: &mut DatabaseConnection,
    company: CompanyId,
    id: ContactId,
    known: &mut Known,
) -> QueryResult<()> {
    let (mut at, mut root) = (Some(id), id);
    while let Some(id) = at.filter(|id| !known.contacts.contains_key(id)) {
        let Some(contact) = load(connection, company, &[id.stored()])?.pop() else { return Ok(()) };
        (root, at) = (id, contact.merged_into);
        known.contacts.insert(id, contact);
    }
    let (mut above, mut seen) = (vec![root.stored()], BTreeSet::from([root.stored()]));
    while !above.is_empty() {
        let merged = contact::table
            .filter(contact::merged_into.eq_any(&above))
            .filter(contact::company.eq(company.stored()))
            .select(contact::id)
            .load::<i64>(connection)?;
        // Whoever wrote a circle into the rows is not followed.
        above = merged.into_iter().filter(|id| seen.insert(*id)).collect();
        let is_new = |id: &i64| !known.contacts.contains_key(&ContactId::from_stored(*id));
        let new: Vec<i64> = above.iter().copied().filter(is_new).collect();
        known.contacts.extend(load(connection, company, &new)?.into_iter().map(|contact| (contact.id, contact)));
    }
    Ok(())
}

/// The contacts of a company that have these ids and were not erased, by id.
fn load(connection: &mut DatabaseConnection, company: CompanyId, ids: &[i64]) -> QueryResult<Vec<Contact>> {
    if ids.is_empty() {
        return Ok(vec![]);
    }
    let rows = contact::table
        .filter(contact::id.eq_any(ids))
        .filter(contact::company.eq(company.stored()))
        .filter(contact::erased_at.is_null())
        .order(contact::id)
        .select(Row::as_select())
        .load::<Row>(connection)?;
    let points = contact_point::table
        .filter(contact_point::contact.eq_any(ids))
        .select((contact_point::contact, contact_point::kind, contact_point::value))
        .load::<(i64, String, String)>(connection)?;
    let mut of: BTreeMap<i64, BTreeSet<Point>> = BTreeMap::new();
    for (id, kind, value) in points {
        of.entry(id).or_default().extend(Point::kept(&kind, &value));
    }
    Ok(rows
        .into_iter()
        .map(|row| (of.remove(&row.id).unwrap_or_default(), row))
        .map(|(points, row)| row.read(points))
        .collect())
}

fn find(
    connection: &mut DatabaseConnection,
    company: CompanyId,
    terms: &[String],
    most: usize,
) -> QueryResult<Vec<Contact>> {
    let terms = rarest_first(connection, company, terms)?;
    let Some((rarest, others)) = terms.split_first() else { return Ok(vec![]) };
    let other = diesel::alias!(contact_word as other);
    let mut query = contact_word::table
        .filter(contact_word::company.eq(company.stored()))
        .filter(contact_word::word.ge(*rarest))
        .filter(contact_word::word.lt(format!("{rarest}{LAST}")))
        .into_boxed();
    for term in others {
        // By the contact alone: its few words are looked through, and not all words that begin like this.
        let has = other
            .filter(other.field(contact_word::contact).eq(contact_word::contact))
            .filter(other.field(contact_word::word).ge(*term))
            .filter(other.field(contact_word::word).lt(format!("{term}{LAST}")));
        query = query.filter(exists(has));
    }
    let ids = query
        .order((contact_word::word, contact_word::contact))
        .limit((most * WORDS_EACH) as i64)
        .select(contact_word::contact)
        .load::<i64>(connection)?;
    let mut wanted: Vec<i64> = vec![];
    for id in ids {
        if wanted.len() < most && !wanted.contains(&id) {
            wanted.push(id);
        }
    }
    let mut found = load(connection, company, &wanted)?;
    found.sort_by_key(|contact| wanted.iter().position(|id| *id == contact.id.stored()));
    Ok(found)
}

/// The beginnings, with that of the fewest words first: it leads, and the others are looked for where it leads to. None if
/// nobody has a word with one of them.
fn rarest_first<'a>(
    connection: &mut DatabaseConnection,
    company: CompanyId,
    terms: &'a [String],
) -> QueryResult<Vec<&'a String>> {
    if terms.len() < 2 {
        return Ok(terms.iter().collect());
    }
    let mut counted = vec![];
    for term in terms {
        let words = contact_word::table
            .filter(contact_word::company.eq(company.stored()))
            .filter(contact_word::word.ge(term))
            .filter(contact_word::word.lt(format!("{term}{LAST}")));
        let words = words.select(contact_word::contact).limit(COUNTED_MAX).load::<i64>(connection)?.len();
        if words == 0 {
            return Ok(vec![]);
        }
        counted.push((words, term));
    }
    // Of several with as many the longest stays the first.
    counted.sort_by_key(|(words, _)| *words);
    Ok(counted.into_iter().map(|(_, term)| term).collect())
}

/// Makes the rows of a contact agree.
fn save(
    connection: &mut DatabaseConnection,
    company: CompanyId,
    before: Option<&Contact>,
    after: &Contact,
) -> QueryResult<()> {
    let row = Row::of(company, after)?;
    match before {
        Some(_) => _ = diesel::update(contact::table.find(row.id)).set(&row).execute(connection)?,
        None => _ = diesel::insert_into(contact::table).values(&row).execute(connection)?,
    }
    let nothing = BTreeSet::new();
    let had = before.map_or(&nothing, |before| &before.points);
    for gone in had.difference(&after.points) {
        let key = (company.stored(), gone.kind(), gone.value());
        diesel::delete(contact_point::table.find(key)).execute(connection)?;
    }
    for new in after.points.difference(had) {
        diesel::insert_into(contact_point::table)
            .values((
                contact_point::company.eq(company.stored()),
                contact_point::kind.eq(new.kind()),
                contact_point::value.eq(new.value()),
                contact_point::contact.eq(row.id),
            ))
            .execute(connection)?;
    }
    Ok(())
}

/// Of somebody who was erased nothing stays but that there was somebody: their id comes to nobody else.
fn erase(connection: &mut DatabaseConnection, company: CompanyId, id: ContactId, at: Timestamp) -> QueryResult<()> {
    let nobody = Row::of(company, &Contact { id, ..Contact::default() })?;
    let row = contact::table.find(id.stored());
    diesel::update(row).set((&nobody, contact::erased_at.eq(at.stored()))).execute(connection)?;
    diesel::delete(contact_point::table.filter(contact_point::contact.eq(id.stored()))).execute(connection)?;
    Ok(())
}

/// Makes the words by which a contact is found agree.
fn save_words(
    connection: &mut DatabaseConnection,
    company: CompanyId,
    id: ContactId,
    words: &BTreeSet<String>,
) -> QueryResult<()> {
    let of_contact = contact_word::table.filter(contact_word::contact.eq(id.stored()));
    let had: BTreeSet<String> = of_contact.select(contact_word::word).load(connection)?.into_iter().collect();
    for gone in had.difference(words) {
        diesel::delete(contact_word::table.find((company.stored(), gone, id.stored()))).execute(connection)?;
    }
    for new in words.difference(&had) {
        diesel::insert_into(contact_word::table)
            .values((
                contact_word::company.eq(company.stored()),
                contact_word::word.eq(new),
                contact_word::contact.eq(id.stored()),
            ))
            .execute(connection)?;
    }
    Ok(())
}
