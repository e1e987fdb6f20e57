//! What proves somebody's identity, as it is kept: never a password that could be used elsewhere.
//! Never computed or compared here: to the company it is a text without a meaning.

use super::refusal::Why;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The shortest password of a person or a phone, in characters (NIST SP 800-63B §5.1.1.2).
pub const PASSWORD_CHARACTERS_MIN: usize = 8;

/// A text that is never shown in a log: a password's hash, a phone's HA1.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// Refuses a password that is guessed too soon.
///
/// # Errors
/// With the length that is expected.
pub fn long_enough(password: &str) -> Result<(), Why> {
    if password.chars().count() < PASSWORD_CHARACTERS_MIN { Err(Why::PasswordTooShort) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_a_password_is_counted_in_characters() {
        assert_eq!(long_enough("seven c"), Err(Why::PasswordTooShort));
        assert_eq!(long_enough("ü234567"), Err(Why::PasswordTooShort), "eight bytes are not eight characters");
        assert_eq!(long_enough("ü2345678"), Ok(()));
    }

    #[test]
    fn a_secret_is_not_shown() {
        assert_eq!(format!("{:?}", Secret("open sesame".to_owned())), "(secret)");
    }
}
