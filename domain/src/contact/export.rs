//! Contacts as others read them, and as they can be read in again: a table for spreadsheets (CSV, RFC 4180), and cards for
//! address books (vCard 4.0, RFC 6350).
//! A person is one line, or one card: what was merged into a contact stands with it.

use super::cards::{FIELD, FIELD_NAME, ID, ID_SYSTEM, UID_SYSTEM};
use super::{Column, Contact, Point};
use crate::table::harmless;
use calcard::vcard::{VCard, VCardEntry, VCardParameter, VCardParameterName, VCardProperty, VCardVersion};
use std::collections::{BTreeMap, BTreeSet};

/// Between several values of one cell.
const BETWEEN: &str = "; ";

/// A person: the contact that is found, and those that were merged into it.
pub type Person = [Contact];

/// Which columns a table of contacts has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    systems: BTreeSet<String>,
    /// Those that the company defines, in its order; then all others.
    fields: Vec<String>,
}

impl Columns {
    /// Those that are always there, and one for each of these fields.
    pub fn of(fields: impl IntoIterator<Item = String>) -> Columns {
        Columns { systems: BTreeSet::new(), fields: fields.into_iter().collect() }
    }

    /// And those that this person needs.
    pub fn add(&mut self, person: &Person) {
        for contact in person {
            let systems = contact.points.iter().filter(|point| point.kind() == "other");
            self.systems.extend(systems.map(|point| system_of(point).0.to_owned()));
            for field in contact.fields.keys().filter(|field| !self.fields.contains(field)).cloned().collect::<Vec<_>>()
            {
                self.fields.push(field);
            }
        }
    }

    /// What stands above them: each says what its column holds, whoever reads it in again.
    pub fn headers(&self) -> Vec<String> {
        let own = ["name", "organisation", "language", "telephone", "email"].map(str::to_owned);
        let systems = self.systems.iter().map(|system| format!("other:{system}"));
        let field = |field: &String| match Column::guess(field) {
            Column::Field(same) if same == *field => field.clone(),
            _ => format!("field:{field}"),
        };
        own.into_iter().chain(systems).chain(self.fields.iter().map(field)).chain(["notes".to_owned()]).collect()
    }

    /// The cells of a person. What a spreadsheet would take for a formula begins with an apostrophe.
    pub fn cells(&self, person: &Person) -> Vec<String> {
        let first = |of| first(person, of);
        let points = |kind: &'static str| {
            let all = person.iter().flat_map(|contact| &contact.points).filter(move |point| point.kind() == kind);
            all.map(Point::value).collect::<Vec<_>>().join(BETWEEN)
        };
        let ids = |system: &String| {
            let all = person.iter().flat_map(|contact| &contact.points).filter(|point| point.kind() == "other");
            all.map(system_of).filter(|(of, _)| of == system).map(|(_, id)| id).collect::<Vec<_>>().join(BETWEEN)
        };
        let fields = fields(person);
        let mut cells = vec![
            first(|contact| &contact.name),
            first(|contact| &contact.organisation),
            first(|contact| &contact.language),
            points("telephone"),
            points("email"),
        ];
        cells.extend(self.systems.iter().map(ids));
        cells.extend(self.fields.iter().map(|field| fields.get(field).map_or(String::new(), |value| (*value).clone())));
        cells.push(notes(person));
        cells.into_iter().map(harmless).collect()
    }
}

/// A person as a card. What a card has no property for stands in our own, which others leave alone.
pub fn card(person: &Person) -> String {
    let entry = |name, value: &str| VCardEntry::new(name).with_value(value.replace("\r\n", "\n"));
    let own = |name: &str, parameter: &str, of: &str, value: &str| {
        let parameter = VCardParameterName::Other(parameter.to_owned());
        let name = VCardProperty::Other(name.to_owned());
        entry(name, value).with_param(VCardParameter::new(parameter, of.to_owned()))
    };
    let called = person.iter().map(Contact::called).find(|called| !called.is_empty()).unwrap_or_default();
    let (name, fields) = (first(person, |contact| &contact.name), fields(person));
    // Every card has to have a name (§6.2.1): whoever has none is called like on screens.
    let mut entries = vec![entry(VCardProperty::Fn, if name.is_empty() { called } else { &name })];
    let texts = [
        (VCardProperty::Org, first(person, |contact| &contact.organisation)),
        (VCardProperty::Lang, first(person, |contact| &contact.language)),
        (VCardProperty::Note, notes(person)),
        (VCardProperty::Url, fields.get(&"URL".to_owned()).map(|url| (*url).clone()).unwrap_or_default()),
    ];
    let texts = texts.into_iter().filter(|(_, text)| !text.is_empty());
    entries.extend(texts.map(|(name, text)| entry(name, &text)));
    let mut has_uid = false;
    for point in person.iter().flat_map(|contact| &contact.points) {
        entries.push(match (point.kind(), system_of(point)) {
            ("telephone", _) => entry(VCardProperty::Tel, point.value()),
            ("email", _) => entry(VCardProperty::Email, point.value()),
            // There is one at most (§6.7.6).
            (_, (UID_SYSTEM, id)) if !has_uid => {
                has_uid = true;
                entry(VCardProperty::Uid, id)
            }
            (_, (system, id)) => own(ID, ID_SYSTEM, system, id),
        });
    }
    let fields = fields.into_iter().filter(|(field, _)| *field != "URL");
    entries.extend(fields.map(|(field, value)| own(FIELD, FIELD_NAME, field, value)));
    let mut text = String::new();
    // Into memory: nothing can fail.
    _ = VCard { entries }.write_to(&mut text, VCardVersion::V4_0);
    text
}

/// What the first of them has who has anything.
fn first(person: &Person, of: fn(&Contact) -> &String) -> String {
    person.iter().map(of).find(|text| !text.is_empty()).cloned().unwrap_or_default()
}

fn fields(person: &Person) -> BTreeMap<&String, &String> {
    let mut fields = BTreeMap::new();
    for (field, value) in person.iter().flat_map(|contact| &contact.fields) {
        fields.entry(field).or_insert(value);
    }
    fields
}

fn notes(person: &Person) -> String {
    let notes = person.iter().map(|contact| contact.notes.as_str()).filter(|text| !text.is_empty());
    notes.collect::<Vec<_>>().join("\n")
}

/// The system and the id of a point that is of another system.
fn system_of(point: &Point) -> (&str, &str) {
    point.value().split_once(':').unwrap_or((point.value(), ""))
}

#[cfg(test)]
mod tests {
    use super::super::{Country, are_cards, import, import_cards};
    use super::*;
    use crate::id::ContactId;
    use crate::table::lines;

    fn point(text: &str) -> Point {
        match text.split_once(' ') {
            Some((system, id)) => Point::other(system, id).unwrap(),
            None if text.contains('@') => Point::email(text).unwrap(),
            None => Point::telephone(text, Country::DE).unwrap(),
        }
    }

    #[test]
    fn a_table_that_was_written_is_read_in_again_as_it_was() {
        let contact = |name: &str, points: &[&str], fields: &[(&str, &str)], notes: &str| Contact {
            id: ContactId(1),
            name: name.to_owned(),
            organisation: "Müller; Söhne \"GmbH\"".to_owned(),
            language: "de-AT".to_owned(),
            notes: notes.to_owned(),
            fields: fields.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect(),
            points: points.iter().map(|text| point(text)).collect(),
            merged_into: None,
        };
        let anna = vec![
            contact(
                "Anna",
                &["+4930123456", "anna@example.com", "crm 4711"],
                &[("Telefon", "no"), ("Rang", "-1")],
                "one\ntwo",
            ),
            contact("Anna B.", &["+4930654321"], &[("Rang", "2"), ("Alt", "=1+1")], "three"),
        ];
        let bert = vec![contact("@bert", &[], &[], "")];
        let mut columns = Columns::of(["Rang".to_owned()]);
        columns.add(&anna);
        columns.add(&bert);
        let headers = columns.headers();
        assert_eq!(
            headers,
            [
                "name",
                "organisation",
                "language",
                "telephone",
                "email",
                "other:crm",
                "Rang",
                "field:Telefon",
                "Alt",
                "notes"
            ]
        );
        let table = lines([headers, columns.cells(&anna), columns.cells(&bert)]);
        let read = import(table.as_bytes(), None, Country::DE).unwrap();
        let entry = read.lines[0].entry.as_ref().unwrap();
        assert_eq!(entry.name.as_deref(), Some("Anna"));
        assert_eq!(entry.organisation.as_deref(), Some("Müller; Söhne \"GmbH\""));
        assert_eq!(entry.notes.as_deref(), Some("one\ntwo\nthree"));
        let fields = [("Alt", "=1+1"), ("Rang", "-1"), ("Telefon", "no")];
        assert_eq!(entry.fields, fields.map(|(field, value)| (field.to_owned(), value.to_owned())).into());
        let points = ["+4930123456", "+4930654321", "anna@example.com", "crm 4711"].map(point);
        assert_eq!(entry.points, Some(points.into()));
        assert_eq!(read.lines[1].entry.as_ref().unwrap().name.as_deref(), Some("@bert"));
        assert!(table.contains("'@bert") && table.contains("'=1+1") && table.contains(",'-1,"), "{table}");
        assert!(table.contains(",+4930123456; +4930654321,"), "{table}");
    }

    #[test]
    fn a_card_that_was_written_is_read_in_again_as_it_was() {
        let contact = |name: &str, organisation: &str, points: &[&str], fields: &[(&str, &str)], notes: &str| Contact {
            id: ContactId(1),
            name: name.to_owned(),
            organisation: organisation.to_owned(),
            notes: notes.to_owned(),
            fields: fields.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect(),
            points: points.iter().map(|text| point(text)).collect(),
            ..Contact::default()
        };
        let anna = vec![
            contact(
                "Anna, \"Ännchen\"; Müller",
                "Müller; Söhne, \\ GmbH mit einem Namen, der länger ist als eine Zeile von 75 Bytes",
                &["+4930123456", "anna@example.com", "crm 4711", "vcard urn:uuid:1"],
                &[("Rang; \"oben\"", "a,b;c"), ("URL", "https://anna.example/?a=1,2;3")],
                "one\r\ntwo: ä, ö; ü\\n",
            ),
            contact("Anna B.", "", &["+4930654321", "vcard urn:uuid:2"], &[("Rang", "2")], "three"),
        ];
        let nameless = vec![contact("", "ACME", &["+4930111111"], &[], "")];
        let number = vec![contact("", "", &["+4930222222"], &[], "")];
        let text: String = [&anna, &nameless, &number].into_iter().map(|person| card(person)).collect();
        assert!(text.starts_with("BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Anna\\, "), "{text}");
        assert!(are_cards(text.as_bytes()));
        assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
        let read = import_cards(text.as_bytes(), None, Country::DE).unwrap();
        let entries: Vec<_> = read.lines.iter().map(|line| line.entry.clone().unwrap()).collect();
        assert_eq!(entries[0].name.as_deref(), Some(anna[0].name.as_str()));
        assert_eq!(entries[0].organisation.as_deref(), Some(anna[0].organisation.as_str()));
        assert_eq!(entries[0].notes.as_deref(), Some("one\ntwo: ä, ö; ü\\n\nthree"));
        let points = anna.iter().flat_map(|contact| contact.points.clone()).collect();
        assert_eq!(entries[0].points, Some(points));
        let mut fields = anna[0].fields.clone();
        fields.insert("Rang".to_owned(), "2".to_owned());
        assert_eq!(entries[0].fields, fields);
        for (entry, person) in entries[1..].iter().zip([nameless, number]) {
            assert_eq!(entry.name, None);
            assert_eq!(entry.organisation.clone().unwrap_or_default(), person[0].organisation);
            assert_eq!(entry.points.as_ref(), Some(&person[0].points));
        }
    }
}
