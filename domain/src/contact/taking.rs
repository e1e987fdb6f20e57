//! What becomes of a contact that comes from elsewhere, out of a table or a card: whether it is somebody who is known.
//! Nobody is merged by this, and nothing is taken from anybody.

use super::change::{ContactChange, ContactEntry, Known};
use super::refusal::{Refusal, Why};
use crate::id::ContactId;
use std::collections::BTreeSet;

impl Known {
    /// The change by which somebody who is described elsewhere is taken over: whoever has one of their points is who is meant,
    /// or the only one of that name and organisation if they have none; else it is somebody new. What is said of them is
    /// theirs from now on, their other points stay.
    ///
    /// # Errors
    /// When several persons could be meant.
    pub fn taking(&self, entry: &ContactEntry) -> Result<ContactChange, Refusal> {
        let owners = entry.points.iter().flatten().filter_map(|point| self.owners.get(point));
        let owners: BTreeSet<ContactId> = owners.map(|owner| self.root(*owner)).collect();
        let meant = if entry.points.is_some() { owners } else { self.namesakes(entry) };
        let mut meant = meant.into_iter();
        match (meant.next(), meant.next()) {
            (None, _) => Ok(ContactChange::Create(entry.clone())),
            (Some(contact), None) => {
                let mut entry = entry.clone();
                let own = self.contacts.get(&contact).into_iter().flat_map(|known| known.points.iter().cloned());
                if let Some(points) = &mut entry.points {
                    points.extend(own);
                }
                Ok(ContactChange::Edit { contact, entry })
            }
            (Some(one), Some(other)) => {
                Err(Refusal { contact: None, key: Some("points"), why: Why::Several { one, other } })
            }
        }
    }

    /// Whoever is called like this, and found by themselves.
    fn namesakes(&self, entry: &ContactEntry) -> BTreeSet<ContactId> {
        let text = |text: &Option<String>| text.as_deref().unwrap_or_default().trim().to_owned();
        let (name, organisation) = (text(&entry.name), text(&entry.organisation));
        let is_called = |known: &&super::Contact| {
            known.merged_into.is_none() && known.name == name && known.organisation == organisation
        };
        self.contacts.values().filter(is_called).map(|known| known.id).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Contact, Country, Point};
    use super::*;

    fn point(number: &str) -> Point {
        Point::telephone(number, Country::DE).unwrap()
    }

    fn known() -> Known {
        let contact = |id: u64, name: &str, numbers: &[&str], into: Option<u64>| Contact {
            id: ContactId(id),
            name: name.to_owned(),
            points: numbers.iter().map(|number| point(number)).collect(),
            merged_into: into.map(ContactId),
            ..Contact::default()
        };
        let contacts = [
            contact(1, "Anna", &["030 1111111", "030 2222222"], None),
            contact(2, "Anna M.", &["030 3333333"], Some(1)),
            contact(3, "Bert", &["030 4444444"], None),
            contact(4, "Carla", &[], None),
            contact(5, "Carla", &[], None),
        ];
        let owners = contacts.iter().flat_map(|one| one.points.iter().map(|point| (point.clone(), one.id))).collect();
        let contacts = contacts.into_iter().map(|one| (one.id, one)).collect();
        Known { contacts, owners, next: ContactId(6), ..Known::default() }
    }

    #[test]
    fn whoever_comes_from_elsewhere_is_found_by_a_point_or_by_name_alone_and_never_guessed() {
        let entry = |name: &str, numbers: &[&str]| ContactEntry {
            name: Some(name.to_owned()),
            points: Some(numbers.iter().map(|number| point(number)).collect()).filter(|_| !numbers.is_empty()),
            ..ContactEntry::default()
        };
        for (what, entry, expected) in [
            ("somebody new", entry("Dora", &["030 5555555"]), "new"),
            ("somebody new with the name of another one", entry("Bert", &["030 5555555"]), "new"),
            ("by one of their numbers", entry("Anna Maria", &["030 2222222", "030 5555555"]), "1"),
            ("by the number of whoever was merged into them", entry("Anna", &["030 3333333"]), "1"),
            ("by name, if nothing else is said", entry("Bert", &[]), "3"),
            ("nobody of that name", entry("Dora", &[]), "new"),
            ("the numbers of two", entry("Anna", &["030 1111111", "030 4444444"]), "could be contact 1 or contact 3"),
            ("two of that name", entry("Carla", &[]), "could be contact 4 or contact 5"),
        ] {
            let found = match known().taking(&entry) {
                Ok(ContactChange::Create(_)) => "new".to_owned(),
                Ok(ContactChange::Edit { contact, .. }) => contact.to_string(),
                Ok(other) => format!("{other:?}"),
                Err(why) => why.why.to_string(),
            };
            assert!(found.starts_with(expected), "{what}: {found}");
        }
    }

    #[test]
    fn a_second_time_nothing_is_different_and_nobody_loses_a_number() {
        let entry = ContactEntry { points: Some([point("030 2222222")].into()), ..ContactEntry::default() };
        let known = known();
        let change = known.taking(&entry).unwrap();
        assert_eq!(known.change(&change).unwrap(), super::super::Changed::new());
    }
}
