//! What comes of changes of contacts, which are refused in which words, and what counts as a number or an address.
//! Nothing here is stored: these are values.

use super::*;
use crate::company::What;
use serde_json::json;

const ANNA: ContactId = ContactId(1);
const BERT: ContactId = ContactId(2);
const CARL: ContactId = ContactId(3);

fn phone(written: &str) -> Point {
    Point::telephone(written, Country::DE).unwrap()
}

fn email(written: &str) -> Point {
    Point::email(written).unwrap()
}

fn named(name: &str) -> ContactEntry {
    ContactEntry { name: Some(name.to_owned()), ..ContactEntry::default() }
}

fn with(point: Point) -> ContactEntry {
    ContactEntry { points: Some(BTreeSet::from([point])), ..ContactEntry::default() }
}

/// All contacts of a company, as a database would know them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Book(Known);

impl Book {
    /// Three people with a number each.
    fn new() -> Book {
        let mut book = Book(Known { next: ContactId(1), ..Known::default() });
        for (name, number) in [("Anna", "030 1111111"), ("Bert", "030 2222222"), ("Carl", "030 3333333")] {
            book.make(ContactChange::Create(ContactEntry { points: with(phone(number)).points, ..named(name) }));
        }
        book
    }

    fn make(&mut self, change: ContactChange) -> Vec<crate::company::Difference> {
        let changed = self.0.change(&change).unwrap_or_else(|why| panic!("{change:?}: {why}"));
        let differences = self.0.differences(&changed);
        for (id, contact) in changed {
            self.0.next = self.0.next.max(ContactId(id.0 + 1));
            self.0.owners.retain(|_, owner| *owner != id);
            self.0.contacts.remove(&id);
            if let Some(contact) = contact {
                self.0.owners.extend(contact.points.iter().map(|point| (point.clone(), id)));
                self.0.contacts.insert(id, contact);
            }
        }
        differences
    }

    fn refused(&self, change: ContactChange) -> String {
        self.0.change(&change).expect_err("to be refused").to_string()
    }

    fn contact(&self, id: ContactId) -> &Contact {
        &self.0.contacts[&id]
    }
}

#[test]
fn what_nobody_may_have_is_refused_in_these_words() {
    let fields = |name: &str, value: &str| ContactEntry {
        fields: BTreeMap::from([(name.to_owned(), value.to_owned())]),
        ..named("Dora")
    };
    let many = |count: usize| (0..count).map(|number| (format!("field {number}"), "x".to_owned())).collect();
    let numbers = (0..=POINTS_MAX).map(|number| phone(&format!("030 {}", 1_000_000 + number))).collect();
    let text = |text: &str| Some(text.to_owned());
    for (entry, message) in [
        (ContactEntry::default(), "contact: expected a name, an organisation or a way to reach them"),
        (named("  "), "contact: expected a name, an organisation or a way to reach them"),
        (
            ContactEntry { notes: text("calls often"), ..ContactEntry::default() },
            "contact: expected a name, an organisation or a way to reach them",
        ),
        (named(&"x".repeat(201)), "contact: name: found 201 characters, expected 200 or fewer"),
        (named("a\nb"), "contact: name: holds a line end or another control character, expected a text without"),
        (
            ContactEntry { organisation: text(&"x".repeat(201)), ..named("Dora") },
            "contact: organisation: found 201 characters, expected 200 or fewer",
        ),
        (
            ContactEntry { notes: text(&"x".repeat(10_001)), ..named("Dora") },
            "contact: notes: found 10001 characters, expected 10000 or fewer",
        ),
        (
            ContactEntry { language: text("German"), ..named("Dora") },
            "contact: language: found `German`, expected a language as \"de\" or \"de-AT\"",
        ),
        (fields(" ", "x"), "contact: fields: the name of a field is empty"),
        (fields(&"x".repeat(61), "x"), "contact: fields: found 61 characters, expected 60 or fewer"),
        (fields("x", &"x".repeat(1001)), "contact: fields: found 1001 characters, expected 1000 or fewer"),
        (
            fields("x", "a\u{0}b"),
            "contact: fields: holds a line end or another control character, expected a text without",
        ),
        (ContactEntry { fields: many(51), ..named("Dora") }, "contact: fields: found 51, expected 50 or fewer"),
        (ContactEntry { points: Some(numbers), ..named("Dora") }, "contact: points: found 51, expected 50 or fewer"),
        (
            with(phone("+49 30 1111111")),
            "contact: points: telephone +49301111111 belongs to contact 1 (merge the two if they are one)",
        ),
    ] {
        assert_eq!(Book::new().refused(ContactChange::Create(entry)), message);
    }
    assert!(Book::new().0.change(&ContactChange::Create(ContactEntry { fields: many(50), ..named("Dora") })).is_ok());
}

#[test]
fn a_point_that_is_none_is_refused_in_these_words() {
    let long = format!("{}@example.com", "x".repeat(250));
    for (point, message) in [
        (
            Point::telephone("1234567", Country::DE),
            "contact: telephone: found `1234567`, expected a number with its area code, as in \"030 1234567\" or \
             \"+49 30 1234567\"",
        ),
        (
            Point::telephone(&"9".repeat(50), Country::DE),
            "contact: telephone: found `9999999999999999999999999999999999999999…`, expected a number with its area \
             code, as in \"030 1234567\" or \"+49 30 1234567\"",
        ),
        (Point::email("anna"), "contact: email: found `anna`, expected an address as anna@example.com"),
        (Point::email(&long), "contact: email: found 262 characters, expected 254 or fewer"),
        (
            Point::other("our crm", "7"),
            "contact: system: found `our crm`, expected a short name of letters, digits, `-`, `_` and `.`",
        ),
        (
            Point::other("", "7"),
            "contact: system: found ``, expected a short name of letters, digits, `-`, `_` and `.`",
        ),
        (Point::other("crm", " "), "contact: id: expected an id without line ends"),
        (Point::other("crm", "a\nb"), "contact: id: expected an id without line ends"),
    ] {
        assert_eq!(point.expect_err("to be refused").to_string(), message);
    }
    assert_eq!(email(" Anna@Example.COM ").value(), "anna@example.com");
    assert_eq!(Point::other("CRM", " K-1 ").unwrap().value(), "crm:K-1");
    for point in [phone("030 1111111"), email("a@b.de"), Point::other("crm", "a:b").unwrap()] {
        assert_eq!(Point::kept(point.kind(), point.value()), Some(point));
    }
    assert_eq!(Point::kept("fax", "+4930"), None);
}

#[test]
fn a_change_of_somebody_who_is_there_is_refused_in_these_words() {
    let mut book = Book::new();
    book.make(ContactChange::Merge { contact: BERT, into: ANNA });
    let nobody = ContactId(9);
    let edit = |contact, entry| ContactChange::Edit { contact, entry };
    for (change, message) in [
        (edit(nobody, named("x")), "contact 9: there is none of this number"),
        (
            edit(CARL, named("a\tb")),
            "contact 3: name: holds a line end or another control character, expected a text without",
        ),
        (
            edit(CARL, ContactEntry { points: Some(BTreeSet::new()), ..named("") }),
            "contact 3: expected a name, an organisation or a way to reach them",
        ),
        (
            edit(CARL, with(phone("030 2222222"))),
            "contact 3: points: telephone +49302222222 belongs to contact 1 (merge the two if they are one)",
        ),
        (
            ContactChange::AddPoint { contact: CARL, point: phone("030 1111111") },
            "contact 3: points: telephone +49301111111 belongs to contact 1 (merge the two if they are one)",
        ),
        (
            ContactChange::RemovePoint { contact: CARL, point: phone("030 1111111") },
            "contact 3: has no telephone +49301111111",
        ),
        (edit(BERT, named("x")), "contact 2: was merged into contact 1 (change that one, or part them first)"),
        (
            ContactChange::Erase { contact: BERT },
            "contact 2: was merged into contact 1 (change that one, or part them first)",
        ),
        (ContactChange::Merge { contact: CARL, into: CARL }, "contact 3: cannot be merged with itself"),
        (
            ContactChange::Merge { contact: BERT, into: CARL },
            "contact 2: was merged into contact 1 (change that one, or part them first)",
        ),
        (
            ContactChange::Merge { contact: CARL, into: BERT },
            "contact 2: was merged into contact 1 (change that one, or part them first)",
        ),
        (
            ContactChange::Merge { contact: ANNA, into: BERT },
            "contact 2: was merged into contact 1 (change that one, or part them first)",
        ),
        (ContactChange::Merge { contact: CARL, into: nobody }, "contact 9: there is none of this number"),
        (ContactChange::Part { contact: CARL }, "contact 3: was not merged into another one"),
        (ContactChange::Erase { contact: nobody }, "contact 9: there is none of this number"),
    ] {
        assert_eq!(book.refused(change.clone()), message, "{change:?}");
    }
}

#[test]
fn what_is_left_out_stays_and_what_is_empty_goes() {
    let mut book = Book::new();
    let fields =
        BTreeMap::from([("Customer no.".to_owned(), "4711".to_owned()), ("Since".to_owned(), "2020".to_owned())]);
    let text = |text: &str| Some(text.to_owned());
    let entry = ContactEntry { language: text("de-AT"), notes: text("likes cats"), fields, ..named(" Anna Berger ") };
    let made = book.make(ContactChange::Edit { contact: ANNA, entry });
    assert_eq!(made.len(), 1);
    assert_eq!((made[0].kind.as_str(), made[0].name.as_str(), made[0].what), ("contact", "1", What::Changed));
    assert_eq!(made[0].from, *json!({ "name": "Anna" }).as_object().unwrap());
    let to = json!({ "name": "Anna Berger", "language": "de-AT", "notes": "likes cats", "fields.Customer no.": "4711",
                     "fields.Since": "2020" });
    assert_eq!(made[0].to, *to.as_object().unwrap());
    let fields = BTreeMap::from([("Since".to_owned(), " ".to_owned())]);
    let entry = ContactEntry { notes: text(""), fields, ..ContactEntry::default() };
    book.make(ContactChange::Edit { contact: ANNA, entry: entry.clone() });
    let anna = book.contact(ANNA);
    assert_eq!((anna.name.as_str(), anna.notes.as_str(), anna.fields.len()), ("Anna Berger", "", 1));
    assert_eq!(anna.points, BTreeSet::from([phone("030 1111111")]));
    assert_eq!(book.make(ContactChange::Edit { contact: ANNA, entry }), [], "twice is once");
}

#[test]
fn a_point_is_added_and_removed_once_and_free_for_another_afterwards() {
    let mut book = Book::new();
    let (mobile, home) = (phone("0171 1234567"), phone("030 1111111"));
    let add = |contact, point: &Point| ContactChange::AddPoint { contact, point: point.clone() };
    assert_eq!(book.make(add(ANNA, &mobile)).len(), 1);
    assert_eq!(book.make(add(ANNA, &mobile)), [], "twice is once");
    book.make(ContactChange::RemovePoint { contact: ANNA, point: home.clone() });
    book.make(add(BERT, &home));
    assert_eq!(book.contact(ANNA).points, BTreeSet::from([mobile]));
    assert!(book.contact(BERT).points.contains(&home));
    // Somebody of whom nothing but a number is known can be found by it.
    book.make(ContactChange::Create(with(phone("030 4444444"))));
}

#[test]
fn merging_is_taken_back_as_if_it_had_not_been() {
    let mut book = Book::new();
    book.make(ContactChange::Merge { contact: BERT, into: ANNA });
    let before = book.clone();
    let made = book.make(ContactChange::Merge { contact: ANNA, into: CARL });
    assert_eq!(made[0].to, *json!({ "merged_into": 3 }).as_object().unwrap());
    // All three are one, by the number of any of them.
    let bert = phone("030 2222222");
    let dora = ContactChange::Create(with(bert.clone()));
    assert!(book.refused(dora).contains("belongs to contact 3"));
    assert_eq!(book.make(ContactChange::AddPoint { contact: CARL, point: bert.clone() }), [], "it is theirs");
    let all = Some(BTreeSet::from([bert.clone(), phone("030 3333333")]));
    let edit = ContactChange::Edit { contact: CARL, entry: ContactEntry { points: all, ..ContactEntry::default() } };
    assert_eq!(book.make(edit), [], "it stays where it was");
    book.make(ContactChange::Part { contact: ANNA });
    assert_eq!(book, before);
    book.make(ContactChange::Part { contact: BERT });
    assert_eq!(book, Book::new());
    book.make(ContactChange::Merge { contact: BERT, into: ANNA });
    book.make(ContactChange::RemovePoint { contact: ANNA, point: bert.clone() });
    assert!(!book.contact(BERT).points.contains(&bert), "wherever the person has it");
}

#[test]
fn whoever_was_merged_is_found_under_the_other_one_alone() {
    let mut book = Book::new();
    let found = |book: &Book, change: ContactChange| {
        let changed = book.0.change(&change).unwrap();
        let words = book.0.words(&changed).into_iter();
        words.map(|(id, words)| (id.0, words.into_iter().collect::<Vec<_>>().join(" "))).collect::<Vec<_>>()
    };
    let (anna, bert) = ("0301111111 49301111111 anna", "0302222222 49302222222 bert");
    let both = "0301111111 0302222222 49301111111 49302222222 anna bert";
    let merge = ContactChange::Merge { contact: BERT, into: ANNA };
    assert_eq!(found(&book, merge.clone()), [(1, both.to_owned()), (2, String::new())]);
    book.make(merge);
    let part = ContactChange::Part { contact: BERT };
    assert_eq!(found(&book, part), [(1, anna.to_owned()), (2, bert.to_owned())]);
    let erase = ContactChange::Erase { contact: ANNA };
    assert_eq!(found(&book, erase), [(1, String::new()), (2, String::new())]);
    let edit = ContactChange::Edit { contact: ANNA, entry: named("Änne") };
    assert_eq!(found(&book, edit), [(1, both.replace("anna", "anne"))]);
}

#[test]
fn whoever_is_erased_goes_with_all_that_they_were() {
    let mut book = Book::new();
    book.make(ContactChange::Merge { contact: BERT, into: ANNA });
    let made = book.make(ContactChange::Erase { contact: ANNA });
    assert_eq!(
        made.iter().map(|gone| (gone.name.as_str(), gone.what)).collect::<Vec<_>>(),
        [("1", What::Removed), ("2", What::Removed)]
    );
    assert_eq!(book.0.contacts.keys().copied().collect::<Vec<_>>(), [CARL]);
    book.make(ContactChange::Create(with(phone("030 2222222"))));
    assert!(book.0.contacts.contains_key(&ContactId(4)), "no id comes twice");
}

#[test]
fn so_many_contacts_may_be_one_person() {
    let mut book = Book::new();
    for number in 4..=51 {
        book.make(ContactChange::Create(named("Anna")));
        book.make(ContactChange::Merge { contact: ContactId(number), into: ANNA });
    }
    book.make(ContactChange::Merge { contact: BERT, into: ANNA });
    let refused = book.refused(ContactChange::Merge { contact: ANNA, into: CARL });
    assert_eq!(refused, "contact 3: found 51, expected 50 or fewer");
}

#[test]
fn a_telephone_number_is_known_however_people_write_it() {
    for good in [
        "030 123456",
        "+49 30 123456",
        "+49 (0)30 / 123 45-67",
        "0049.30.123456",
        "(030) 123 456",
        "123456",
        "\u{202a}+49 30 123456\u{202c}",
        "030\u{a0}1234\u{2011}56",
        " 030123456 ",
    ] {
        assert!(is_telephone(good), "{good:?}");
    }
    for bad in
        ["", "abc", "12345", "call me", "030 abc 123456", "030+123456", "anna@example.com", "123456789012345678901"]
    {
        assert!(!is_telephone(bad), "{bad:?}");
    }
}

#[test]
fn an_email_address_has_one_at_and_a_domain_with_a_dot() {
    for good in ["anna@example.com", "anna.berger+chat@shop.example.co.uk", "jürgen@müller.de", " a@b.c "] {
        assert!(is_email(good), "{good:?}");
    }
    for bad in [
        "",
        "anna",
        "anna@",
        "@example.com",
        "anna@example",
        "anna@example.",
        "anna@.com",
        "a@b@c.de",
        "anna berger@example.com",
        "Anna <anna@example.com>",
        "a@b..de",
        "030 123456",
    ] {
        assert!(!is_email(bad), "{bad:?}");
    }
}
