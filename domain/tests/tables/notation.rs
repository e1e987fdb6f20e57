//! The short notation of the tables: any command, event or value in plain words, times relative to now.
//! It knows no machine: it reads the names and fields that the derived `Debug` writes.

use domain::time::Timestamp;
use std::fmt::Debug;
use std::iter::Peekable;
use std::str::Chars;

/// What is not said: sequence numbers and client numbers (the notes of the rows say what matters of them), settings, the
/// board's reasons.
const UNSAID: [&str; 5] = ["sequence", "why", "settings", "client", "command"];
/// Fields whose value speaks for itself.
const NAMELESS: [&str; 19] = [
    "item",
    "agent",
    "queue",
    "call",
    "id",
    "offer",
    "entry",
    "reason",
    "outcome",
    "presence",
    "channel",
    "author",
    "choice",
    "tier",
    "kept",
    "reservation",
    "alarm",
    "held",
    "exit",
];

/// A command, an event or a value at the time `now`.
pub fn short(value: &impl Debug, now: Timestamp) -> String {
    match unwrapped(parse(&mut format!("{value:?}").chars().peekable())) {
        Tree::Struct(name, fields) if name != "OfferId" => {
            let fields: Vec<_> = fields.iter().filter_map(|(name, value)| said_field(name, value, now)).collect();
            format!("{} {}", words(&name), fields.join(", ")).trim_end().to_owned()
        }
        tree => say(&tree, now),
    }
}

/// What arrives is told by its own fields.
fn unwrapped(tree: Tree) -> Tree {
    let is_arrival = |tree: &Tree| matches!(tree, Tree::Struct(name, _) if name == "Arrival");
    match tree {
        Tree::Tuple(name, mut values) if values.first().is_some_and(is_arrival) => match values.remove(0) {
            Tree::Struct(_, fields) => Tree::Struct(name, fields),
            tree => tree,
        },
        Tree::Struct(name, fields) => {
            let own = |(name, value)| match value {
                Tree::Struct(inner, fields) if inner == "Arrival" => fields,
                value => vec![(name, value)],
            };
            Tree::Struct(name, fields.into_iter().flat_map(own).collect())
        }
        tree => tree,
    }
}

/// A length of time from now.
pub fn relative(at: Timestamp, now: Timestamp) -> String {
    match (at > now, at < now) {
        (true, _) => format!("now+{}", seconds(at.0 - now.0)),
        (_, true) => format!("now-{}", seconds(now.0 - at.0)),
        (false, false) => "now".to_owned(),
    }
}

fn seconds(milliseconds: u64) -> String {
    const HOUR: u64 = 3_600_000;
    match milliseconds {
        HOUR.. if milliseconds.is_multiple_of(HOUR) => format!("{}h", milliseconds / HOUR),
        _ => format!("{}s", milliseconds as f64 / 1000.0),
    }
}

/// What `Debug` wrote.
#[derive(Debug, PartialEq)]
enum Tree {
    Word(String),
    Struct(String, Vec<(String, Tree)>),
    Tuple(String, Vec<Tree>),
    List(Vec<Tree>),
    Map(Vec<(Tree, Tree)>),
}

fn parse(text: &mut Peekable<Chars<'_>>) -> Tree {
    skip(text, " ");
    match text.peek() {
        Some('[') => Tree::List(inside(text, ']', parse)),
        Some('{') => Tree::Map(inside(text, '}', |text| {
            let key = parse(text);
            skip(text, ": ");
            (key, parse(text))
        })),
        Some('"') => {
            text.next();
            let word = until(text, |c| c == '"');
            text.next();
            Tree::Word(word)
        }
        Some(_) | None => {
            let name = until(text, |c| " ,:(){}[]".contains(c));
            let mut ahead = text.clone();
            skip(&mut ahead, " ");
            match ahead.peek() {
                Some('(') => Tree::Tuple(name, inside(text, ')', parse)),
                Some('{') => {
                    skip(text, " ");
                    Tree::Struct(name, inside(text, '}', field))
                }
                Some(_) | None => Tree::Word(name),
            }
        }
    }
}

fn field(text: &mut Peekable<Chars<'_>>) -> (String, Tree) {
    let name = until(text, |c| c == ':');
    skip(text, ": ");
    (name, parse(text))
}

fn inside<T>(text: &mut Peekable<Chars<'_>>, end: char, one: impl Fn(&mut Peekable<Chars<'_>>) -> T) -> Vec<T> {
    text.next();
    let mut all = vec![];
    loop {
        skip(text, ", ");
        match text.peek() {
            Some(c) if *c != end => all.push(one(text)),
            Some(_) | None => {
                text.next();
                return all;
            }
        }
    }
}

fn until(text: &mut Peekable<Chars<'_>>, end: impl Fn(char) -> bool) -> String {
    std::iter::from_fn(|| text.next_if(|c| !end(*c))).collect()
}

fn skip(text: &mut Peekable<Chars<'_>>, what: &str) {
    while text.next_if(|c| what.contains(*c)).is_some() {}
}

/// In words: `CallConnected` is `call connected`.
fn words(name: &str) -> String {
    let mut words = String::new();
    for c in name.chars() {
        match c {
            '_' => words.push(' '),
            c if c.is_uppercase() && !words.is_empty() => words.extend([' ', c.to_ascii_lowercase()]),
            c => words.push(c.to_ascii_lowercase()),
        }
    }
    words
}

fn say(tree: &Tree, now: Timestamp) -> String {
    match tree {
        Tree::Word(word) => said_word(word, now),
        Tree::Tuple(name, values) => match (name.as_str(), values.as_slice()) {
            // The item says itself what it is.
            ("Some" | "Call" | "Chat" | "Task", [value]) => say(value, now),
            ("", [who, until]) => format!("{} until {}", say(who, now), say(until, now)),
            (name, values) => {
                let values: Vec<_> = values.iter().map(|value| say(value, now)).collect();
                format!("{} {}", words(name), values.join(", "))
            }
        },
        Tree::Struct(name, fields) => match (name.as_str(), fields.as_slice()) {
            ("OfferId", [(_, call), (_, agent), (_, attempt)]) => {
                format!("{}→{}#{}", say(call, now), say(agent, now), say(attempt, now))
            }
            ("Destination" | "Reservation", [(_, what), ..]) => say(what, now),
            (name, fields) => {
                // What an item says about itself when it comes; an entry of the inbox says its name.
                let plain = name == "Conversation" && fields.iter().any(|(name, _)| name == "pushed");
                let fields: Vec<_> = fields.iter().filter_map(|(name, value)| said_field(name, value, now)).collect();
                match (fields.is_empty(), plain) {
                    (true, true) => "a conversation".to_owned(),
                    (true, false) => words(name),
                    (false, true) => fields.join(", "),
                    (false, false) => format!("{} ({})", words(name), fields.join(", ")),
                }
            }
        },
        Tree::List(values) => values.iter().map(|value| say(value, now)).collect::<Vec<_>>().join(" and "),
        Tree::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{} until {}", say(key, now), say(value, now)));
            entries.collect::<Vec<_>>().join(" and ")
        }
    }
}

fn said_word(word: &str, now: Timestamp) -> String {
    match word.strip_prefix('@').and_then(|at| at.replace('.', "").parse().ok()) {
        Some(at) => relative(Timestamp(at), now),
        None => match word.strip_suffix('s').and_then(|span| span.replace('.', "").parse().ok()) {
            Some(milliseconds) if word.contains('.') => seconds(milliseconds),
            Some(_) | None => words(word),
        },
    }
}

fn said_field(name: &str, value: &Tree, now: Timestamp) -> Option<String> {
    match value {
        Tree::Word(word) if ["None", "false", "0"].contains(&word.as_str()) => return None,
        Tree::Word(word) if word == "true" => return Some(words(name)),
        Tree::List(values) if values.is_empty() => return None,
        Tree::Map(entries) if entries.is_empty() => return None,
        Tree::Word(_) | Tree::Struct(..) | Tree::Tuple(..) | Tree::List(_) | Tree::Map(_) => {}
    }
    let value = say(value, now);
    match name {
        _ if UNSAID.contains(&name) => None,
        // It happens now, unless something else is said.
        "at" | "since" if value == "now" => None,
        _ if NAMELESS.contains(&name) => Some(value),
        name => Some(format!("{} {value}", words(name))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::agent;
    use domain::id::{ItemId, TaskId};

    #[test]
    fn names_become_words_and_times_relative() {
        let now = Timestamp(1_000_000);
        let item = ItemId::Task(TaskId(4));
        let event = agent::Event::Resumed { item, protected_until: Some(Timestamp(1_060_000)), at: now };
        assert_eq!(short(&event, now), "resumed task4, protected until now+60s");
        assert_eq!(short(&agent::Event::CallsOpened, now), "calls opened");
    }
}
