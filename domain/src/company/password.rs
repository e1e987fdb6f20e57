//! Which passwords are guessed too soon: short ones, those that everybody tries first, and the names of whoever has them.
//! Asks for no capitals and no digits: people then put a 1 behind the same word (NIST SP 800-63B §5.1.1.2).

use super::refusal::Why;

/// The shortest password of a person or a phone, in characters.
pub const PASSWORD_CHARACTERS_MIN: usize = 8;

/// What is tried first, without what is put around it: in English and in German, as it is typed on keyboards, and as it is
/// called where it is set up.
const FIRST_TRIED: [&str; 72] = [
    "abcdefg",
    "access",
    "admin",
    "administrator",
    "agent",
    "asdf",
    "asdfgh",
    "asdfghjkl",
    "baseball",
    "callcenter",
    "changeit",
    "changeme",
    "chef",
    "company",
    "computer",
    "contactcenter",
    "default",
    "dragon",
    "einfach",
    "fairlife",
    "firma",
    "football",
    "fruehling",
    "fussball",
    "geheim",
    "geheimnis",
    "guest",
    "hallo",
    "hallowelt",
    "hello",
    "herbst",
    "hotline",
    "iloveyou",
    "internet",
    "kennwort",
    "kunde",
    "kundendienst",
    "letmein",
    "login",
    "master",
    "michael",
    "monkey",
    "mustermann",
    "neu",
    "office",
    "openvoice",
    "pass",
    "passwd",
    "passwort",
    "password",
    "princess",
    "qwert",
    "qwertz",
    "qwertzuiop",
    "qwerty",
    "qwertyuiop",
    "schatz",
    "secret",
    "service",
    "sommer",
    "spring",
    "start",
    "summer",
    "sunshine",
    "support",
    "telefon",
    "test",
    "vorrang",
    "welcome",
    "willkommen",
    "winter",
    "yxcvbnm",
];

/// Refuses a password that is guessed too soon. `names` are those of whoever has it.
///
/// # Errors
/// With what is expected.
pub fn hard_to_guess(password: &str, names: &[&str]) -> Result<(), Why> {
    if password.chars().count() < PASSWORD_CHARACTERS_MIN {
        return Err(Why::PasswordTooShort);
    }
    let word = word_of(password);
    let is_name = names.iter().any(|name| !name.is_empty() && word_of(name) == word);
    let is_easy = word.is_empty() && is_run(password) || FIRST_TRIED.contains(&word.as_str()) || is_name;
    if is_easy || is_repeated(password) { Err(Why::PasswordCommon) } else { Ok(()) }
}

/// Its letters, with those that digits and signs stand for between them, and without what stands around them.
fn word_of(text: &str) -> String {
    let lower = text.to_lowercase();
    let core = lower.trim_matches(|c: char| !c.is_alphabetic() && !"@$".contains(c));
    let letter = |c| match c {
        '0' => Some('o'),
        '1' | '!' => Some('i'),
        '3' => Some('e'),
        '4' | '@' => Some('a'),
        '5' | '$' => Some('s'),
        '7' => Some('t'),
        c if c.is_alphabetic() => Some(c),
        _ => None,
    };
    core.chars().filter_map(letter).collect()
}

/// Whether its characters follow each other, up or down, as `12345678` and `87654321` do.
fn is_run(text: &str) -> bool {
    let steps: Vec<i64> =
        text.bytes().zip(text.bytes().skip(1)).map(|(a, b)| (i64::from(b) - i64::from(a) + 10) % 10).collect();
    steps.iter().all(|step| *step == 1) || steps.iter().all(|step| *step == 9)
}

/// Whether it is a part of up to four characters, again and again.
fn is_repeated(text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    (1..=4).any(|part| letters.iter().zip(letters.iter().skip(part)).all(|(one, next)| one == next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_a_password_is_counted_in_characters() {
        assert_eq!(hard_to_guess("seven c", &[]), Err(Why::PasswordTooShort));
        assert_eq!(hard_to_guess("ü23456x", &[]), Err(Why::PasswordTooShort), "eight bytes are not eight characters");
        assert_eq!(hard_to_guess("ü234567x", &[]), Ok(()));
    }

    #[test]
    fn what_everybody_tries_first_is_refused_however_it_is_dressed() {
        for easy in [
            "password",
            "Passwort1",
            "P@ssw0rd!",
            "pa$$word",
            "12345678",
            "1234567890",
            "87654321",
            "aaaaaaaa",
            "abcabcabc",
            "abcdefg1",
            "Sommer2026",
            "!!Winter24",
            "qwertzuiop",
            "Qwerty123",
            "letmein!",
            "Geheim123",
            "Vorrang2026",
            "Willkommen1",
            "anna.moll",
            "Anna Moll 1",
            "Alpenrad2026",
            "19191919",
        ] {
            let names = ["anna.moll", "Anna Moll", "Alpenrad"];
            assert_eq!(hard_to_guess(easy, &names), Err(Why::PasswordCommon), "{easy}");
        }
        for good in [
            "open sesame",
            "long enough",
            "correct horse",
            "the door's secret",
            "anna-says-open-1",
            "kK7vhqX2",
            "83920174",
            "winter is coming",
            "my password is long",
            "пароль-сорок",
        ] {
            assert_eq!(hard_to_guess(good, &["anna", "Anna Moll", ""]), Ok(()), "{good}");
        }
    }
}
