//! What proves somebody's identity, as it is kept: never a password that could be used elsewhere.
//! Never computed or compared here: to the company it is a text without a meaning.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A text that is never shown in a log: a password's hash, a phone's HA1.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown() {
        assert_eq!(format!("{:?}", Secret("open sesame".to_owned())), "(secret)");
    }
}
