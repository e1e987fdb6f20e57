//! How numbers are dialled in a country, and the one form of a number that is the same everywhere.
//! It never says whether anybody answers there, or what such a number costs.

use super::is_between;

/// How numbers are written that say no country.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country {
    /// Its two letters (ISO 3166-1).
    pub letters: &'static str,
    /// What its numbers begin with everywhere else (ITU-T E.164 §6.2.1).
    code: &'static str,
    /// What comes before the area code within the country, and is left out from abroad; empty where nothing is.
    trunk: &'static str,
    /// What comes before the code of another country.
    abroad: &'static str,
}

const fn country(letters: &'static str, code: &'static str, trunk: &'static str, abroad: &'static str) -> Country {
    Country { letters, code, trunk, abroad }
}

impl Default for Country {
    fn default() -> Country {
        Country::DE
    }
}

/// The digits of a number with its country (ITU-T E.164 §6.1): no more than 15. Fewer than 7 are a service, not somebody.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

impl Country {
    /// Germany.
    pub const DE: Country = country("DE", "49", "0", "00");

    const ALL: [Country; 29] = [
        Country::DE,
        country("AT", "43", "0", "00"),
        country("BE", "32", "0", "00"),
        country("BG", "359", "0", "00"),
        country("CA", "1", "1", "011"),
        country("CH", "41", "0", "00"),
        country("CZ", "420", "", "00"),
        country("DK", "45", "", "00"),
        country("ES", "34", "", "00"),
        country("FI", "358", "0", "00"),
        country("FR", "33", "0", "00"),
        country("GB", "44", "0", "00"),
        country("GR", "30", "", "00"),
        country("HR", "385", "0", "00"),
        country("HU", "36", "06", "00"),
        country("IE", "353", "0", "00"),
        // Its zero belongs to the number, also from abroad.
        country("IT", "39", "", "00"),
        country("LI", "423", "", "00"),
        country("LU", "352", "", "00"),
        country("NL", "31", "0", "00"),
        country("NO", "47", "", "00"),
        country("PL", "48", "", "00"),
        country("PT", "351", "", "00"),
        country("RO", "40", "0", "00"),
        country("SE", "46", "0", "00"),
        country("SI", "386", "0", "00"),
        country("SK", "421", "0", "00"),
        country("TR", "90", "0", "00"),
        country("US", "1", "1", "011"),
    ];

    /// The country of these two letters, if it is known how one dials there.
    pub fn of(letters: &str) -> Option<Country> {
        Country::ALL.into_iter().find(|country| country.letters.eq_ignore_ascii_case(letters))
    }

    /// The letters of all countries of which it is known how one dials there.
    pub fn letters() -> [&'static str; 29] {
        Country::ALL.map(|country| country.letters)
    }

    /// Whose code a number with a country begins with.
    fn by_code(digits: &str) -> Option<Country> {
        Country::ALL.into_iter().find(|country| digits.starts_with(country.code))
    }

    /// The digits of a number with those of its country before them, however somebody in this country writes it; `None` if
    /// nobody could dial it from abroad, for one because its area code is missing.
    pub(super) fn international(self, written: &str) -> Option<String> {
        let dialled = dialled(written)?;
        let digits = if let Some(digits) = dialled.strip_prefix('+') {
            without_trunk(digits)
        } else if let Some(digits) = dialled.strip_prefix(self.abroad) {
            without_trunk(digits)
        } else if let Some(rest) = dialled.strip_prefix(self.trunk).filter(|_| !self.trunk.is_empty()) {
            format!("{}{rest}", self.code)
        } else if self.trunk.is_empty() || (self.trunk == "1" && dialled.len() == 10) {
            format!("{}{dialled}", self.code)
        } else {
            // Some providers leave out the `+`.
            Some(without_trunk(&dialled)).filter(|digits| digits.starts_with(self.code) && digits.len() >= 10)?
        };
        let rest = Country::by_code(&digits)
            .filter(|country| country.trunk == "0")
            .map(|country| &digits[country.code.len()..]);
        let fits = DIGITS.contains(&digits.len())
            && !digits.starts_with('0')
            && rest.is_none_or(|rest| !rest.starts_with('0'));
        fits.then_some(digits)
    }
}

/// What is left of a number once what stands between its digits is gone; `None` if there is anything else.
pub(super) fn dialled(written: &str) -> Option<String> {
    let dialled: String = written.chars().filter(|c| !is_between(*c)).collect();
    let digits = dialled.strip_prefix('+').unwrap_or(&dialled);
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(dialled)
}

/// The digits of a number with its country, without what is dialled only within it: many write `+49 (0)30`.
pub(super) fn without_trunk(digits: &str) -> String {
    let within = Country::by_code(digits).filter(|country| country.trunk.starts_with('0'));
    within
        .and_then(|country| {
            let rest = digits[country.code.len()..].strip_prefix(country.trunk)?;
            Some(format!("{}{rest}", country.code))
        })
        .unwrap_or_else(|| digits.to_owned())
}

/// A number as it is dialled within its country; `None` if it is not known how.
pub(super) fn national(digits: &str) -> Option<String> {
    let country = Country::by_code(digits)?;
    Some(format!("{}{}", country.trunk, &digits[country.code.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_one_form_however_it_is_written_and_wherever() {
        for (letters, written, digits) in [
            ("DE", "030 1234567", Some("49301234567")),
            ("DE", "(030) 123 45-67", Some("49301234567")),
            ("DE", "+49 30 1234567", Some("49301234567")),
            ("DE", "+49 (0)30 / 123 45-67", Some("49301234567")),
            ("DE", "+49 030 1234567", Some("49301234567")),
            ("DE", "0049 30 1234567", Some("49301234567")),
            ("DE", "0049 (0) 30 1234567", Some("49301234567")),
            ("DE", "49301234567", Some("49301234567")),
            ("DE", "\u{202a}+49 30\u{a0}123\u{2011}4567\u{202c}", Some("49301234567")),
            ("DE", "+1 212 555 0100", Some("12125550100")),
            ("DE", "+39 06 698 12345", Some("390669812345")),
            ("AT", "01 51515", Some("43151515")),
            ("AT", "0049 30 1234567", Some("49301234567")),
            ("CH", "044 668 18 00", Some("41446681800")),
            ("IT", "06 698 12345", Some("390669812345")),
            ("ES", "912 345 678", Some("34912345678")),
            ("GB", "020 7946 0018", Some("442079460018")),
            ("HU", "06 1 234 5678", Some("3612345678")),
            ("US", "(212) 555-0100", Some("12125550100")),
            ("US", "1 212 555 0100", Some("12125550100")),
            ("US", "011 49 30 1234567", Some("49301234567")),
            // Without its area code it is somebody else's elsewhere.
            ("DE", "1234567", None),
            ("DE", "110", None),
            ("DE", "+49", None),
            ("DE", "0000000000", None),
            ("DE", "+0 30 1234567", None),
            ("DE", "+49 00 30 1234567", None),
            ("DE", "+49 30 123456789012345", None),
            ("DE", "030 1234567 ext 8", None),
            ("DE", "030 abc", None),
            ("DE", "030+1234567", None),
            ("DE", "", None),
            ("DE", "anonymous", None),
            ("DE", "٠٣٠١٢٣٤٥٦٧", None),
        ] {
            let country = Country::of(letters).unwrap();
            assert_eq!(country.international(written).as_deref(), digits, "{letters} {written:?}");
        }
    }

    #[test]
    fn the_one_form_is_its_own_form_in_every_country() {
        for country in Country::ALL {
            for digits in ["49301234567", "12125550100", "390669812345", "442079460018"] {
                assert_eq!(country.international(&format!("+{digits}")).as_deref(), Some(digits), "{country:?}");
                let within = Country::by_code(digits).unwrap();
                let national = national(digits).unwrap();
                assert_eq!(within.international(&national).as_deref(), Some(digits), "{national}");
            }
        }
        assert_eq!(Country::of("de"), Some(Country::DE));
        assert_eq!(Country::of("XX"), None);
    }
}
