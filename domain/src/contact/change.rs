//! What can be changed about contacts, and what comes of it.
//! A change knows no other contacts than those that it names, and no database: what else it has to know is handed in as
//! [`Known`].

use super::field::Field;
use super::refusal::{Refusal, Why};
use super::{
    Contact, FIELD_NAME_MAX, FIELD_VALUE_MAX, FIELDS_MAX, NAME_MAX, NOTES_MAX, POINTS_MAX, Point, TOGETHER_MAX,
};
use super::{is_language, short_enough, single_line, words};
use crate::company::{Difference, Kind, difference};
use crate::id::ContactId;
use std::collections::{BTreeMap, BTreeSet};

/// A change of contacts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContactChange {
    /// Somebody new.
    Create(ContactEntry),
    /// Something about somebody is different.
    Edit {
        /// Who.
        contact: ContactId,
        /// What is to hold; what is left out stays.
        entry: ContactEntry,
    },
    /// They are also reached there. Nothing if they were before.
    AddPoint {
        /// Who.
        contact: ContactId,
        /// Where.
        point: Point,
    },
    /// They are not reached there any more.
    RemovePoint {
        /// Who, or who was merged into them.
        contact: ContactId,
        /// Where.
        point: Point,
    },
    /// One is the same person as another. It stays as it is, and is not found by itself any more.
    Merge {
        /// The one that becomes a part, with all that are parts of it.
        contact: ContactId,
        /// The one that is found from now on.
        into: ContactId,
    },
    /// They are two persons after all: takes a merge back.
    Part {
        /// The one that becomes a contact of its own again, with all that were parts of it before.
        contact: ContactId,
    },
    /// What is known about a person goes, also of those who were merged into them.
    Erase {
        /// Who.
        contact: ContactId,
    },
}

/// What a contact is to be like. What is left out (`None`) stays; of somebody new it is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContactEntry {
    /// Their name.
    pub name: Option<String>,
    /// Where they work.
    pub organisation: Option<String>,
    /// Their language, as `de` or `de-AT`; empty if it is not known.
    pub language: Option<String>,
    /// What is known about them.
    pub notes: Option<String>,
    /// What the company wants to know besides; a field whose value is empty goes, those that are not named stay.
    pub fields: BTreeMap<String, String>,
    /// All ways to reach them; those of contacts that were merged into this one stay theirs, named here or not.
    pub points: Option<BTreeSet<Point>>,
}

impl ContactChange {
    /// The contacts that it names.
    pub fn contacts(&self) -> Vec<ContactId> {
        match self {
            ContactChange::Create(_) => vec![],
            ContactChange::Edit { contact, .. }
            | ContactChange::AddPoint { contact, .. }
            | ContactChange::RemovePoint { contact, .. }
            | ContactChange::Part { contact }
            | ContactChange::Erase { contact } => vec![*contact],
            ContactChange::Merge { contact, into } => vec![*contact, *into],
        }
    }

    /// The points that it names.
    pub fn points(&self) -> Vec<Point> {
        match self {
            ContactChange::Create(entry) | ContactChange::Edit { entry, .. } => {
                entry.points.iter().flatten().cloned().collect()
            }
            ContactChange::AddPoint { point, .. } | ContactChange::RemovePoint { point, .. } => vec![point.clone()],
            ContactChange::Merge { .. } | ContactChange::Part { .. } | ContactChange::Erase { .. } => vec![],
        }
    }
}

/// What a change has to know of a company's contacts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The contacts that it names and those that have the points that it names, each with all that are the same person.
    pub contacts: BTreeMap<ContactId, Contact>,
    /// Which of them have the points that it names.
    pub owners: BTreeMap<Point, ContactId>,
    /// The id that comes next: higher than all that were ever given.
    pub next: ContactId,
    /// The fields that the company defines.
    pub fields: Vec<Field>,
}

/// What comes of a change: the contacts that are different now, each as it is; `None` if it is gone.
pub type Changed = BTreeMap<ContactId, Option<Contact>>;

impl Known {
    /// What comes of a change.
    ///
    /// # Errors
    /// With the refusal; then nothing is changed.
    pub fn change(&self, change: &ContactChange) -> Result<Changed, Refusal> {
        match change {
            ContactChange::Create(entry) => {
                let new = Contact { id: self.next, ..Contact::default() };
                entry.check()?;
                self.put(new, entry).map_err(|why| Refusal { contact: None, ..why })
            }
            ContactChange::Edit { contact, entry } => {
                entry.check().map_err(|why| Refusal { contact: Some(*contact), ..why })?;
                self.put(self.whole(*contact)?.clone(), entry)
            }
            ContactChange::AddPoint { contact, point } => self.add(self.whole(*contact)?, point),
            ContactChange::RemovePoint { contact, point } => self.remove(self.whole(*contact)?, point),
            ContactChange::Merge { contact, into } => self.merge(*contact, *into),
            ContactChange::Part { contact } => {
                let gone = self.get(*contact)?;
                if gone.merged_into.is_none() {
                    return Err(Refusal::at(*contact, Why::NotMerged));
                }
                Ok(one(Contact { merged_into: None, ..gone.clone() }))
            }
            ContactChange::Erase { contact } => {
                let root = self.whole(*contact)?.id;
                Ok(self.together(root).into_iter().map(|id| (id, None)).collect())
            }
        }
    }

    fn get(&self, id: ContactId) -> Result<&Contact, Refusal> {
        self.contacts.get(&id).ok_or_else(|| Refusal::at(id, Why::Unknown))
    }

    /// A contact that is no part of another one.
    fn whole(&self, id: ContactId) -> Result<&Contact, Refusal> {
        let contact = self.get(id)?;
        match contact.merged_into {
            None => Ok(contact),
            Some(_) => Err(Refusal::at(id, Why::Merged { into: self.root(id) })),
        }
    }

    /// The contact that is found in the place of this one.
    pub(super) fn root(&self, id: ContactId) -> ContactId {
        let above = |id: &ContactId| self.contacts.get(id)?.merged_into;
        // A merge leads to a contact that is whole, so there is no circle; whoever wrote one into the rows is not followed.
        std::iter::successors(Some(id), above).take(1 + self.contacts.len()).last().unwrap_or(id)
    }

    /// All that are the same person as this contact, which is whole.
    fn together(&self, root: ContactId) -> BTreeSet<ContactId> {
        self.contacts.keys().copied().filter(|id| self.root(*id) == root).collect()
    }

    fn put(&self, mut contact: Contact, entry: &ContactEntry) -> Result<Changed, Refusal> {
        let take = |value: &mut String, new: &Option<String>| {
            if let Some(new) = new {
                new.trim().clone_into(value);
            }
        };
        take(&mut contact.name, &entry.name);
        take(&mut contact.organisation, &entry.organisation);
        take(&mut contact.language, &entry.language);
        take(&mut contact.notes, &entry.notes);
        for (field, value) in &entry.fields {
            match value.trim() {
                "" => _ = contact.fields.remove(field.trim()),
                value => {
                    let kept = self.read(field.trim(), value).map_err(|why| Refusal {
                        contact: Some(contact.id),
                        key: Some("fields"),
                        why,
                    })?;
                    contact.fields.insert(field.trim().to_owned(), kept);
                }
            }
        }
        if let Some(points) = &entry.points {
            let mut own = BTreeSet::new();
            for point in points {
                let owner = self.owners.get(point).filter(|owner| self.root(**owner) == contact.id);
                match owner {
                    Some(owner) if *owner != contact.id => {}
                    Some(_) | None => {
                        self.is_free(contact.id, point)?;
                        own.insert(point.clone());
                    }
                }
            }
            contact.points = own;
        }
        self.accept(contact)
    }

    /// How a value is kept: as its definition says, if the company has one.
    fn read(&self, field: &str, value: &str) -> Result<String, Why> {
        let defined = self.fields.iter().find(|defined| defined.name == field);
        defined.map_or_else(|| Ok(value.to_owned()), |defined| defined.read(value))
    }

    fn add(&self, contact: &Contact, point: &Point) -> Result<Changed, Refusal> {
        let owner = self.owners.get(point);
        if owner.is_some_and(|owner| self.root(*owner) == contact.id) {
            return Ok(Changed::new());
        }
        self.is_free(contact.id, point)?;
        let mut contact = contact.clone();
        contact.points.insert(point.clone());
        self.accept(contact)
    }

    fn remove(&self, contact: &Contact, point: &Point) -> Result<Changed, Refusal> {
        let owner = self.owners.get(point).filter(|owner| self.root(**owner) == contact.id);
        let owner = owner.ok_or_else(|| Refusal::at(contact.id, Why::NoPoint(point.clone())))?;
        let mut owner = self.get(*owner)?.clone();
        owner.points.remove(point);
        self.accept(owner)
    }

    fn merge(&self, contact: ContactId, into: ContactId) -> Result<Changed, Refusal> {
        let (gone, stays) = (self.whole(contact)?, self.whole(into)?);
        if gone.id == stays.id {
            return Err(Refusal::at(contact, Why::Itself));
        }
        let found = self.together(gone.id).len() + self.together(stays.id).len();
        if found > TOGETHER_MAX {
            return Err(Refusal::at(into, Why::TooMany { found, most: TOGETHER_MAX }));
        }
        Ok(one(Contact { merged_into: Some(stays.id), ..gone.clone() }))
    }

    /// Refuses a point that another person has.
    fn is_free(&self, contact: ContactId, point: &Point) -> Result<(), Refusal> {
        match self.owners.get(point) {
            Some(owner) if *owner != contact => {
                let taken = Why::Taken { point: point.clone(), by: self.root(*owner) };
                Err(Refusal { contact: Some(contact), key: Some("points"), why: taken })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// What is different now, if such a contact may be.
    fn accept(&self, contact: Contact) -> Result<Changed, Refusal> {
        let refuse = |key, why| Err(Refusal { contact: Some(contact.id), key, why });
        if contact.name.is_empty() && contact.organisation.is_empty() && contact.points.is_empty() {
            return refuse(None, Why::Nothing);
        }
        for (key, found, most) in
            [("points", contact.points.len(), POINTS_MAX), ("fields", contact.fields.len(), FIELDS_MAX)]
        {
            if found > most {
                return refuse(Some(key), Why::TooMany { found, most });
            }
        }
        let is_same = self.contacts.get(&contact.id) == Some(&contact);
        Ok(if is_same { Changed::new() } else { one(contact) })
    }

    /// The words by which whoever is touched by a change is found afterwards; none for a contact that is gone, or found under
    /// another one.
    pub fn words(&self, changed: &Changed) -> BTreeMap<ContactId, BTreeSet<String>> {
        let mut after = self.clone();
        for (id, contact) in changed {
            match contact {
                Some(contact) => _ = after.contacts.insert(*id, contact.clone()),
                None => _ = after.contacts.remove(id),
            }
        }
        let touched: BTreeSet<_> = changed.keys().flat_map(|id| [*id, self.root(*id), after.root(*id)]).collect();
        let words = |id: ContactId| match after.whole(id) {
            Ok(_) => after.together(id).iter().flat_map(|id| words(&after.contacts[id])).collect(),
            Err(_) => BTreeSet::new(),
        };
        touched.into_iter().map(|id| (id, words(id))).collect()
    }

    /// A contact with all that are the same person, the one that is found first; none if it is not known.
    pub fn person(&self, id: ContactId) -> Vec<Contact> {
        if !self.contacts.contains_key(&id) {
            return vec![];
        }
        let together = self.together(self.root(id)).into_iter();
        let contacts = together.map(|id| (id, self.contacts[&id].clone())).collect();
        Known { contacts, ..Known::default() }.whole_first()
    }

    /// All contacts, those that are found by themselves first.
    pub fn whole_first(self) -> Vec<Contact> {
        let (mut found, merged): (Vec<_>, Vec<_>) =
            self.contacts.into_values().partition(|contact| contact.merged_into.is_none());
        found.extend(merged);
        found
    }

    /// What a change comes to, as the audit tells it.
    pub fn differences(&self, changed: &Changed) -> Vec<Difference> {
        let of = |(id, after): (&ContactId, &Option<Contact>)| {
            let before = self.contacts.get(id).map(Contact::keys);
            difference::of_one(Kind::Contact, id.0, before, after.as_ref().map(Contact::keys))
        };
        changed.iter().flat_map(of).collect()
    }
}

fn one(contact: Contact) -> Changed {
    Changed::from([(contact.id, Some(contact))])
}

impl ContactEntry {
    /// Refuses what no contact may have, whoever it is.
    ///
    /// # Errors
    /// The first that is wrong, and at which key.
    pub fn check(&self) -> Result<(), Refusal> {
        for (key, text) in [("name", &self.name), ("organisation", &self.organisation)] {
            let text = text.as_deref().unwrap_or_default();
            single_line(key, text)?;
            short_enough(key, text, NAME_MAX)?;
        }
        short_enough("notes", self.notes.as_deref().unwrap_or_default(), NOTES_MAX)?;
        let language = self.language.as_deref().unwrap_or_default().trim();
        if !language.is_empty() && !is_language(language) {
            return Err(Refusal::of("language", Why::Language(language.chars().take(40).collect())));
        }
        for (field, value) in &self.fields {
            if field.trim().is_empty() {
                return Err(Refusal::of("fields", Why::FieldEmpty));
            }
            single_line("fields", field)?;
            single_line("fields", value)?;
            short_enough("fields", field, FIELD_NAME_MAX)?;
            short_enough("fields", value, FIELD_VALUE_MAX)?;
        }
        Ok(())
    }
}
