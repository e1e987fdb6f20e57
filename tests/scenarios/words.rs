//! What people of scenarios are called and say, so that recordings of them can be looked at. Nothing is decided by it.

use domain::chat::{Author, Choice};
use domain::queue::Channel;
use vorrang::actors::floor::VisitorFacts;
use vorrang::store::ServiceEntry;

const VISITORS: &[&str] = &[
    "Guten Tag! Ist das Gletscher auch in Dunkelgrün lieferbar?",
    "Und wie lange dauert die Lieferung nach Freiburg ungefähr?",
    "Super, danke! Kann ich vorher eine Probefahrt machen?",
    "Kein Problem, ich warte so lange.",
    "Ich möchte den Gepäckträger zurückschicken. Eine Schraube fehlt, und am Rahmen sind Kratzer, obwohl der Karton heil war.",
    "https://www.alpenrad.example/konto/bestellungen/40817-ersatzteile-und-zubehoer",
    "Hallo? Ist da jemand?",
];
const AGENTS: &[&str] = &[
    "Guten Tag! Ja, in Dunkelgrün und in Schwarz.",
    "Nach Freiburg liefern wir in drei bis vier Wochen.\nDie Spedition ruft vorher an.",
    "Gern. Welcher Tag passt Ihnen?",
];
/// What agents note for each other.
pub const NOTE: &str = "Nur unter uns: Der Kunde hat schon zweimal reklamiert.";
const PAGES: &[&str] = &[
    "https://www.alpenrad.example/raeder/gletscher",
    "https://www.alpenrad.example/lieferung",
    "https://www.alpenrad.example/konto/bestellungen/40817-ersatzteile-und-zubehoer",
    "",
];
/// The fourth wants to be nobody.
const CALLERS: &[&str] = &["+498999998100", "+4976155501903", "+493055501172", ""];

/// The one of these that belongs to a number.
fn one(of: &[&str], number: u64) -> String {
    let at = usize::try_from(number % of.len() as u64).unwrap_or_default();
    of[at].to_owned()
}

/// The message with this number, of all that are written.
pub fn said(author: Author, number: u64) -> String {
    match author {
        Author::Visitor => one(VISITORS, number),
        Author::Agent(_) => one(AGENTS, number),
    }
}

/// Who calls.
pub fn caller(number: u64) -> String {
    one(CALLERS, number)
}

/// Whom to call back or to write to, or what is to be done.
pub fn task(channel: Channel) -> String {
    let text = match channel {
        Channel::Call | Channel::Chat | Channel::WorkItem => "Rad 7 prüfen",
        Channel::Callback => "+498999998377",
        Channel::Email => "gipfel@alpenrad.example",
    };
    text.to_owned()
}

/// Where a visitor who does not want to wait is reached; nowhere, if they wait on.
pub fn contact(choice: Choice) -> String {
    match choice {
        Choice::Callback => task(Channel::Callback),
        Choice::Email => task(Channel::Email),
        Choice::Stay | Choice::AnotherAgent => String::new(),
    }
}

/// Where a visitor comes from.
pub fn visitor(number: u64) -> VisitorFacts {
    let language = if number.is_multiple_of(4) { "en" } else { "de" };
    VisitorFacts { page: one(PAGES, number), language: language.to_owned(), service: 1, ..VisitorFacts::default() }
}

/// By which they come, the first of its company.
pub fn service(queue: &str) -> ServiceEntry {
    let telephone = Some("+49 89 99998 0".to_owned());
    ServiceEntry { token: "website".to_owned(), queue: queue.to_owned(), telephone, ..ServiceEntry::default() }
}
