//! Where somebody can be reached: what counts as a telephone number, and what as an e-mail address.
//! It never says whether anybody answers there.

/// Whether this can be dialled: 6 to 20 digits, perhaps after a `+`, with what people write in between.
pub fn is_telephone(text: &str) -> bool {
    let dialled: String = text.chars().filter(|c| !is_between(*c)).collect();
    let digits = dialled.strip_prefix('+').unwrap_or(&dialled);
    (6..=20).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// What stands between digits, and what copying a number from an address book brings along unseen.
fn is_between(c: char) -> bool {
    let is_dash = matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}');
    let is_unseen = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}');
    c.is_whitespace() || "()/.".contains(c) || is_dash || is_unseen
}

/// Whether this can be written to: something, one `@`, and a domain of at least two parts.
pub fn is_email(text: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || "@<>,;".contains(c));
    text.trim()
        .split_once('@')
        .is_some_and(|(name, domain)| is_part(name) && domain.contains('.') && domain.split('.').all(is_part))
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
