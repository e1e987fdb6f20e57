//! How contacts are found while somebody types: by the beginnings of words, however they are written.
//! Nothing is compared here: both sides, what a contact has and what is typed, get the same simple form.

use super::Contact;
use super::country::{dialled, national, without_trunk};
use std::collections::BTreeSet;

/// So much of a word counts, in characters.
const WORD_MAX: usize = 40;
/// So many words of what is typed count.
const TERMS_MAX: usize = 5;

/// The words by which a contact is found.
pub fn words(contact: &Contact) -> BTreeSet<String> {
    let mut found: BTreeSet<String> = parts(&contact.name).chain(parts(&contact.organisation)).collect();
    for point in &contact.points {
        match (point.digits(), point.address()) {
            (Some(digits), _) => found.extend([Some(digits.to_owned()), national(digits)].into_iter().flatten()),
            (None, Some(address)) => {
                found.insert(simple(address));
                found.extend(parts(address));
            }
            (None, None) => found.extend(parts(point.value())),
        }
    }
    found
}

/// Where a contact stands in the alphabet: by its name, else by where they work, else by what reaches them.
pub fn sorting(contact: &Contact) -> String {
    simple(contact.called())
}

/// The beginnings of words that a contact has to have all of, the longest first; none if nothing was typed.
pub fn terms(typed: &str) -> Vec<String> {
    let mut terms = BTreeSet::new();
    let mut number = String::new();
    let end = |number: &mut String, terms: &mut BTreeSet<String>| {
        terms.extend(term_of_number(number));
        number.clear();
    };
    for token in typed.split_whitespace() {
        // A number may be typed with spaces within.
        if token.chars().any(|c| c.is_ascii_digit()) && dialled(token).is_some() || matches!(token, "/" | "-" | "(0)") {
            number.push_str(token);
            continue;
        }
        end(&mut number, &mut terms);
        if token.contains('@') { terms.extend(Some(simple(token))) } else { terms.extend(parts(token)) }
    }
    end(&mut number, &mut terms);
    let mut terms: Vec<String> = terms.into_iter().collect();
    terms.sort_by_key(|term| std::cmp::Reverse(term.len()));
    terms.truncate(TERMS_MAX);
    terms
}

/// The digits of the beginning of a number, as they begin in [`words`].
fn term_of_number(written: &str) -> Option<String> {
    let dialled = dialled(written)?;
    let abroad = dialled.strip_prefix('+').or_else(|| dialled.strip_prefix("00"));
    Some(abroad.map_or_else(|| dialled.clone(), without_trunk)).filter(|digits| !digits.is_empty())
}

/// A text in which words are looked for, in their simple form: each stands behind a space.
pub fn searchable(text: &str) -> String {
    parts(text).fold(String::new(), |words, word| words + " " + &word)
}

fn parts(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric() && !is_mark(c)).filter(|part| !part.is_empty()).map(simple)
}

/// A text in its simple form: case and accents aside, `ä` as `ae` as `a`. The simple form of a beginning is the beginning of
/// the simple form.
fn simple(text: &str) -> String {
    let mut simple = String::new();
    for c in text.chars().flat_map(char::to_lowercase).filter(|c| !is_mark(*c)) {
        let plain = plain(c);
        match plain {
            // The second letter of what could also be written as one.
            "e" if simple.ends_with(['a', 'o', 'u']) => {}
            "" => simple.push(c),
            plain => simple.push_str(plain),
        }
    }
    simple.chars().take(WORD_MAX).collect()
}

/// Accents that stand behind their letters (Unicode's combining diacritical marks).
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// The Latin letters without accents; empty if it is another one.
fn plain(c: char) -> &'static str {
    match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' | 'æ' => "a",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'e' | 'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ĥ' | 'ħ' => "h",
        'ì' | 'í' | 'î' | 'ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => "i",
        'ĵ' => "j",
        'ķ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ŀ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ŏ' | 'ő' | 'œ' => "o",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'ß' => "ss",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ţ' | 'ť' | 'ŧ' | 'ț' => "t",
        'þ' => "th",
        'ù' | 'ú' | 'û' | 'ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => "u",
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Country, Point};
    use super::*;
    use proptest::prelude::*;

    fn anna() -> Contact {
        Contact {
            name: "Anna Müller-Lüdenscheidt".to_owned(),
            organisation: "Größe & Söhne GmbH".to_owned(),
            points: BTreeSet::from([
                Point::telephone("030 1234567", Country::DE).unwrap(),
                Point::email("Anna.Mueller@Example.com").unwrap(),
                Point::other("crm", "K-4711").unwrap(),
            ]),
            ..Contact::default()
        }
    }

    fn is_found(typed: &str) -> bool {
        let (words, terms) = (words(&anna()), terms(typed));
        !terms.is_empty() && terms.iter().all(|term| words.iter().any(|word| word.starts_with(term)))
    }

    #[test]
    fn a_contact_is_found_however_it_is_typed_and_by_nothing_else() {
        for typed in [
            "anna",
            "ANN",
            "müller",
            "mueller",
            "muller",
            "mue",
            "mü",
            "Mu\u{308}ller",
            "lüdensch anna",
            "größe",
            "groesse",
            "Grosse",
            "soehne gmbh",
            "anna müller-lüd",
            "030 123",
            "0301234567",
            "(030) 12-34",
            "030 / 12 34",
            "+49 30",
            "+49 (0)30 123",
            "0049 30",
            "0049 (0) 30 12",
            "4930123",
            "anna 030 123",
            "anna.mueller@exa",
            "anna.müller@example.com",
            "example",
            "4711",
            "crm",
            "k-4711",
            "crm:k-4711",
        ] {
            assert!(is_found(typed), "{typed:?}: {:?}", terms(typed));
        }
        for typed in ["", " ", "-", "+", "berta", "nna", "anna berta", "030 9", "+43", "1234567", "anna@example.com"] {
            assert!(!is_found(typed), "{typed:?}: {:?}", terms(typed));
        }
    }

    #[test]
    fn what_is_typed_has_its_bounds() {
        let long = "x".repeat(10_000);
        assert_eq!(terms(&long), ["x".repeat(WORD_MAX)]);
        assert_eq!(terms("a bb c ddd e ff g").len(), TERMS_MAX);
        assert_eq!(terms("a bb c ddd e ff g")[0], "ddd");
    }

    proptest! {
        #[test]
        fn the_simple_form_of_a_beginning_is_a_beginning(text in "[a-zäöüßéøÅ\u{308}@. ]{0,60}", cut in 0usize..60) {
            let begin: String = text.chars().take(cut).collect();
            prop_assert!(simple(&text).starts_with(&simple(&begin)), "{text:?} {begin:?}");
        }
    }
}
