//! The fields of contacts that a company defines itself: what each of them can hold, and how that is written.
//! A field that no company defines holds any text: what is known of somebody stays when a definition goes.

use super::refusal::Why;
use super::{FIELD_NAME_MAX, FIELDS_MAX};
use serde::{Deserialize, Serialize};

/// How many there may be to choose from.
const CHOICES_MAX: usize = 100;
/// The longest of them, in characters.
const CHOICE_MAX: usize = 100;

/// What a company wants to know of its contacts besides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name, as screens and tables show it; by it the contacts' values are kept.
    pub name: String,
    /// What it can hold; any text by default.
    #[serde(default)]
    pub holds: Holds,
    /// From what can be chosen, if it is a choice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
}

/// What a field can hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// Any text of one line.
    #[default]
    Text,
    /// A number, perhaps with decimals.
    Number,
    /// One of its choices.
    Choice,
    /// A day.
    Date,
    /// The address of a page.
    Link,
}

/// Why there can be no such fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoFields {
    /// There are too many.
    TooMany {
        /// The most that are accepted.
        most: usize,
    },
    /// This is no name, or another one has it.
    Name(String),
    /// Of this one: there is nothing to choose, or nothing that could be.
    Choices {
        /// Its name.
        field: String,
        /// The most that are accepted.
        most: usize,
    },
}

/// All that is wrong with the fields of a company.
pub fn wrong_fields(fields: &[Field]) -> Vec<NoFields> {
    let mut found = vec![];
    if fields.len() > FIELDS_MAX {
        found.push(NoFields::TooMany { most: FIELDS_MAX });
    }
    for (at, field) in fields.iter().enumerate() {
        let Field { name, holds, choices } = field;
        let is_twice = || fields[..at].iter().any(|other| other.name == *name);
        if !is_short(name, FIELD_NAME_MAX) || is_twice() {
            found.push(NoFields::Name(name.clone()));
        }
        let is_same = |one: &String, other: &String| one.to_lowercase() == other.to_lowercase();
        let is_bad = |(at, choice): (usize, &String)| {
            !is_short(choice, CHOICE_MAX) || choices[..at].iter().any(|other| is_same(other, choice))
        };
        let is_choice = *holds == Holds::Choice;
        if is_choice == choices.is_empty() || choices.len() > CHOICES_MAX || choices.iter().enumerate().any(is_bad) {
            found.push(NoFields::Choices { field: name.clone(), most: CHOICES_MAX });
        }
    }
    found
}

/// One line of 1 to `most` characters, with nothing around it.
fn is_short(text: &str, most: usize) -> bool {
    !text.is_empty() && text.trim() == text && text.chars().count() <= most && !text.contains(char::is_control)
}

impl Field {
    /// How a value that somebody has written is kept: numbers with a point, days as `2026-11-30`, choices as they stand in the
    /// definition.
    ///
    /// # Errors
    /// When it cannot hold that.
    pub(super) fn read(&self, written: &str) -> Result<String, Why> {
        let value = written.trim();
        let kept = match self.holds {
            Holds::Text => Some(value.to_owned()),
            Holds::Number => number(value),
            Holds::Choice => {
                let is_meant = |choice: &&String| choice.to_lowercase() == value.to_lowercase();
                self.choices.iter().find(is_meant).cloned()
            }
            Holds::Date => date(value),
            Holds::Link => is_link(value).then(|| value.to_owned()),
        };
        let found = || value.chars().take(40).collect();
        kept.ok_or_else(|| Why::Field { field: self.name.clone(), holds: self.holds, found: found() })
    }
}

/// A number such as `-12.5`, also with the comma of other languages; thousands are not grouped.
fn number(text: &str) -> Option<String> {
    let kept = text.replace(',', ".");
    let (whole, decimals) = kept.split_once('.').map_or((kept.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    let is_digits = |text: &str| !text.is_empty() && text.len() <= 30 && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_number = is_digits(whole.strip_prefix('-').unwrap_or(whole)) && decimals.is_none_or(is_digits);
    is_number.then(|| kept.clone())
}

/// A day that there is, as `2026-11-30` or `30.11.2026`.
fn date(text: &str) -> Option<String> {
    let is_iso = text.contains('-');
    let parts: Vec<&str> = text.split(if is_iso { '-' } else { '.' }).collect();
    let [first, month, last] = parts[..] else { return None };
    let (year, day) = if is_iso { (first, last) } else { (last, first) };
    let is_digits =
        |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if year.len() != 4 || !is_digits(year, 4) || !is_digits(month, 2) || !is_digits(day, 2) {
        return None;
    }
    let (year, month, day): (u32, u32, u32) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => 0,
    };
    (1..=days).contains(&day).then(|| format!("{year:04}-{month:02}-{day:02}"))
}

/// The address of a page: a browser opens it, and nothing else.
fn is_link(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.starts_with('/') && !rest.is_empty() && !rest.contains(char::is_whitespace))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, holds: Holds, choices: &[&str]) -> Field {
        Field { name: name.to_owned(), holds, choices: choices.iter().map(|choice| (*choice).to_owned()).collect() }
    }

    #[test]
    fn a_field_keeps_what_it_can_hold_in_one_form_and_refuses_the_rest() {
        let field = |holds| field("it", holds, &["Gold", "Silber"]);
        for (holds, written, kept) in [
            (Holds::Text, "  any text ", Some("any text")),
            (Holds::Number, "12", Some("12")),
            (Holds::Number, "-12,50", Some("-12.50")),
            (Holds::Number, "0.5", Some("0.5")),
            (Holds::Number, "1.234,50", None),
            (Holds::Number, "1e9", None),
            (Holds::Number, "12,", None),
            (Holds::Number, "-", None),
            (Holds::Number, "\u{0663}", None),
            (Holds::Choice, "gold", Some("Gold")),
            (Holds::Choice, "Bronze", None),
            (Holds::Date, "2026-11-30", Some("2026-11-30")),
            (Holds::Date, "3.2.2026", Some("2026-02-03")),
            (Holds::Date, "29.02.2024", Some("2024-02-29")),
            (Holds::Date, "29.02.2026", None),
            (Holds::Date, "29.02.1900", None),
            (Holds::Date, "2026-13-01", None),
            (Holds::Date, "2026-04-31", None),
            (Holds::Date, "26-04-30", None),
            (Holds::Date, "2026-4.30", None),
            (Holds::Link, "https://crm.example.com/7?x=1", Some("https://crm.example.com/7?x=1")),
            (Holds::Link, "javascript:alert(1)", None),
            (Holds::Link, "https:///x", None),
            (Holds::Link, "https://a b", None),
        ] {
            assert_eq!(field(holds).read(written).ok().as_deref(), kept, "{holds:?} {written:?}");
        }
    }

    #[test]
    fn fields_have_names_of_their_own_and_choices_have_something_to_choose() {
        let good = [field("Rating", Holds::Choice, &["Gold", "Silver"]), field("Since", Holds::Date, &[])];
        assert_eq!(wrong_fields(&good), []);
        let name = |name: &str| NoFields::Name(name.to_owned());
        let choices = |field: &str| NoFields::Choices { field: field.to_owned(), most: CHOICES_MAX };
        for (fields, expected) in [
            (vec![field("", Holds::Text, &[])], name("")),
            (vec![field(" a", Holds::Text, &[])], name(" a")),
            (vec![field("a\n", Holds::Text, &[])], name("a\n")),
            (vec![field("a", Holds::Text, &[]), field("a", Holds::Date, &[])], name("a")),
            (vec![field("a", Holds::Choice, &[])], choices("a")),
            (vec![field("a", Holds::Text, &["x"])], choices("a")),
            (vec![field("a", Holds::Choice, &["x", "X"])], choices("a")),
            (vec![field("a", Holds::Choice, &[""])], choices("a")),
        ] {
            assert_eq!(wrong_fields(&fields), [expected], "{fields:?}");
        }
        let many: Vec<Field> = (0..=FIELDS_MAX).map(|at| field(&at.to_string(), Holds::Text, &[])).collect();
        assert_eq!(wrong_fields(&many), [NoFields::TooMany { most: FIELDS_MAX }]);
    }
}
