//! Contacts that come from elsewhere, many at a time, and all that there are, page by page.
//! Never decides who is meant by a description: that is `domain::contact`.

use super::{Person, contact, known, load, make};
use crate::store::Store;
use crate::store::company::Author;
use crate::store::connection::DatabaseConnection;
use crate::store::error::JobError;
use crate::store::ids::Stored;
use crate::store::pending::Pending;
use diesel::prelude::*;
use domain::company::What;
use domain::contact::{Changed, Contact, ContactChange, ContactEntry, Known, Refusal, sorting};
use domain::id::{CompanyId, ContactId};
use domain::time::Timestamp;
use std::collections::BTreeMap;

/// A merge leads to a contact that is whole, by no more steps than there may be contacts in one person.
const MERGES_MAX: usize = 50;

/// What became of a contact that came from elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Which contact it is here.
    pub contact: ContactId,
    /// New or changed; `None`: it was like that already.
    pub what: Option<What>,
}

/// Of each contact that came from elsewhere, in their order: what became of it, or why it was not taken.
pub type AllTaken = Vec<Result<Taken, Refusal>>;

impl Store {
    /// What [`Store::take_contacts`] would make of these. Nothing is changed.
    pub fn plan_contacts(&self, company: CompanyId, entries: Vec<ContactEntry>) -> Pending<AllTaken> {
        self.ask("look what would become of contacts", move |connection| {
            let plan = |entry: &ContactEntry| Ok(planned(connection, company, entry)?.map(|plan| plan.taken));
            entries.iter().map(plan).collect()
        })
    }

    /// All persons who are found by themselves, by the alphabet, `most` of them from a place on: of each the contact that is
    /// found, and those that were merged into it.
    pub fn persons(&self, company: CompanyId, after: Option<super::ContactCursor>, most: usize) -> Pending<PersonPage> {
        self.ask("read contacts", move |connection| {
            let page = super::list(connection, company, after, most)?;
            let persons = with_merged(connection, company, page.contacts)?;
            Ok(PersonPage { persons, next: page.next })
        })
    }
}

/// One page of persons.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonPage {
    /// By the alphabet.
    pub persons: Vec<Person>,
    /// Where the page ends; `None` if it is the last one.
    pub next: Option<super::ContactCursor>,
}

/// A contact that came from elsewhere, with all that is needed to take it over.
struct Plan {
    known: Known,
    changed: Changed,
    taken: Taken,
}

fn planned(
    connection: &mut DatabaseConnection,
    company: CompanyId,
    entry: &ContactEntry,
) -> QueryResult<Result<Plan, Refusal>> {
    let mut known = known(connection, company, &ContactChange::Create(entry.clone()))?;
    if entry.points.is_none() {
        let namesakes = namesakes(connection, company, entry)?;
        known.contacts.extend(namesakes.into_iter().map(|contact| (contact.id, contact)));
    }
    Ok(known.taking(entry).and_then(|change| {
        let changed = known.change(&change)?;
        let (contact, what) = match change {
            ContactChange::Edit { contact, .. } => (contact, (!changed.is_empty()).then_some(What::Changed)),
            _ => (known.next, Some(What::New)),
        };
        Ok(Plan { known, changed, taken: Taken { contact, what } })
    }))
}

/// Whoever is called exactly like this, and found by themselves.
fn namesakes(
    connection: &mut DatabaseConnection,
    company: CompanyId,
    entry: &ContactEntry,
) -> QueryResult<Vec<Contact>> {
    let text = |text: &Option<String>| text.as_deref().unwrap_or_default().trim().to_owned();
    let (name, organisation) = (text(&entry.name), text(&entry.organisation));
    let called = Contact { name: name.clone(), organisation: organisation.clone(), ..Contact::default() };
    let ids = contact::table
        .filter(contact::company.eq(company.stored()))
        .filter(contact::sorting.eq(sorting(&called)))
        .filter(contact::merged_into.is_null())
        .filter(contact::erased_at.is_null())
        .filter(contact::name.eq(name))
        .filter(contact::organisation.eq(organisation))
        .select(contact::id)
        .load::<i64>(connection)?;
    load(connection, company, &ids)
}

/// Takes contacts over that come from elsewhere; one that is refused leaves the others alone.
pub(in crate::store) fn take(
    connection: &mut DatabaseConnection,
    company: CompanyId,
    entries: &[ContactEntry],
    author: &Author,
    at: Timestamp,
) -> Result<AllTaken, JobError> {
    let mut all = vec![];
    for entry in entries {
        all.push(match planned(connection, company, entry)? {
            Err(why) => Err(why),
            Ok(Plan { known, changed, taken }) => {
                make(connection, company, &known, changed, author, at)?;
                Ok(taken)
            }
        });
    }
    Ok(all)
}

/// Each contact that is whole with those that were merged into it.
fn with_merged(
    connection: &mut DatabaseConnection,
    company: CompanyId,
    whole: Vec<Contact>,
) -> QueryResult<Vec<Person>> {
    let mut of: BTreeMap<ContactId, usize> = whole.iter().enumerate().map(|(at, contact)| (contact.id, at)).collect();
    let mut persons: Vec<Person> = whole.into_iter().map(|contact| vec![contact]).collect();
    let mut above: Vec<i64> = of.keys().map(|id| id.stored()).collect();
    for _ in 0..MERGES_MAX {
        let merged = contact::table
            .filter(contact::merged_into.eq_any(&above))
            .filter(contact::company.eq(company.stored()))
            .select(contact::id)
            .load::<i64>(connection)?;
        // Whoever wrote a circle into the rows is not followed.
        let new: Vec<i64> = merged.into_iter().filter(|id| !of.contains_key(&ContactId::from_stored(*id))).collect();
        if new.is_empty() {
            break;
        }
        for contact in load(connection, company, &new)? {
            if let Some(at) = contact.merged_into.and_then(|into| of.get(&into).copied()) {
                of.insert(contact.id, at);
                persons[at].push(contact);
            }
        }
        above = new;
    }
    Ok(persons)
}
