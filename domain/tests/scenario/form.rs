//! The forms of a line: fixed words with places for names, numbers and times, such as `<agent> picks <item>`.
//! Nothing here knows what a line means.

use super::arguments::{Args, Kind, Name, Value};
use super::stage::Setup;
use domain::time::Span;

/// A line that can be written, and what it means.
pub struct Form<T> {
    pub words: &'static str,
    pub means: T,
}

/// A line in words, with what belongs to a word put apart: `Anna's` is `Anna` and `'s`.
pub fn words(line: &str) -> Vec<String> {
    line.split_whitespace().flat_map(parts).collect()
}

fn parts(word: &str) -> Vec<String> {
    for mark in ["'s", ",", ":"] {
        if let Some(stem) = word.strip_suffix(mark).filter(|stem| !stem.is_empty()) {
            return [parts(stem), vec![mark.to_owned()]].concat();
        }
    }
    vec![word.to_owned()]
}

/// The words as one text again.
pub fn text(words: &[String]) -> String {
    let mut text = String::new();
    for word in words {
        if !text.is_empty() && !["'s", ",", ":"].contains(&word.as_str()) {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}

/// What stands in the places of a form if the line has it. With `any_name`, also names that nobody has.
pub fn fill(form: &str, line: &[String], setup: &Setup, any_name: bool) -> Option<Args> {
    let mut rest = line;
    let mut values = vec![];
    for part in words(form) {
        let (value, taken) = match part.as_str() {
            "<agent>" => name(rest, any_name, |name| setup.agent(name)).map(|(id, n)| (Value::Agent(id), n))?,
            "<queue>" => name(rest, any_name, |name| setup.queue(name)).map(|(id, n)| (Value::Queue(id), n))?,
            "<item>" => item(rest, &Kind::ALL)?,
            "<call>" => item(rest, &[Kind::Call])?,
            "<chat>" => item(rest, &[Kind::Chat])?,
            "<task>" => item(rest, &[Kind::Callback, Kind::Email, Kind::WorkItem])?,
            "<n>" => (Value::Number(number(rest.first()?)?), 1),
            "<time>" => (Value::Span(span(rest)?), 2),
            "<words>" if !rest.is_empty() => (Value::Words(text(rest)), rest.len()),
            word if rest.first().is_some_and(|first| first == word) => {
                rest = &rest[1..];
                continue;
            }
            _ => return None,
        };
        values.push(value);
        rest = &rest[taken..];
    }
    rest.is_empty().then(|| Args::new(values))
}

fn name<T: Default>(rest: &[String], any_name: bool, known: impl Fn(&str) -> Option<T>) -> Option<(T, usize)> {
    let first = rest.first()?;
    let found = known(first).or_else(|| (any_name && is_a_name(first)).then(T::default))?;
    Some((found, 1))
}

/// Whether this may be the name of an agent or a queue.
pub fn is_a_name(word: &str) -> bool {
    word.starts_with(char::is_uppercase)
}

fn item(rest: &[String], kinds: &[Kind]) -> Option<(Value, usize)> {
    kinds.iter().find_map(|kind| {
        let before = words(kind.words());
        let number = number(rest.strip_prefix(before.as_slice())?.first()?)?;
        Some((Value::Item(Name { kind: *kind, number }), before.len() + 1))
    })
}

fn number(word: &str) -> Option<u64> {
    word.parse().ok()
}

fn span(rest: &[String]) -> Option<Span> {
    let [count, unit, ..] = rest else { return None };
    let seconds = match unit.as_str() {
        "s" => 1,
        "min" => 60,
        "h" => 3600,
        _ => return None,
    };
    Some(Span::seconds(number(count)? * seconds))
}
