//! Addresses and branches in facts that are stored: one text each, spelled as in messages.
//! Never another form beside that one.

use std::fmt::{self, Display};
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};
use serde::ser::Serializer;

use crate::tokens::Branch;
use crate::uri::{NameAddr, Uri};

/// What can be read from the text that it displays as.
pub(crate) trait Spelled: Display + Sized {
    fn read(text: &str) -> Option<Self>;
}

impl Spelled for NameAddr {
    fn read(text: &str) -> Option<Self> {
        NameAddr::parse(text).ok()
    }
}

impl Spelled for Uri {
    fn read(text: &str) -> Option<Self> {
        Uri::parse(text).ok()
    }
}

impl Spelled for Branch {
    fn read(text: &str) -> Option<Self> {
        Branch::parse(text)
    }
}

pub(crate) fn serialize<T: Spelled, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

pub(crate) fn deserialize<'de, T: Spelled, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_str(Reader(PhantomData))
}

struct Reader<T>(PhantomData<T>);

impl<T: Spelled> Visitor<'_> for Reader<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text as it stands in messages")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        T::read(text).ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
    }
}

/// The same for several of them.
pub(crate) mod list {
    use super::*;

    pub(crate) fn serialize<T: Spelled, S: Serializer>(values: &[T], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(values.iter().map(T::to_string))
    }

    pub(crate) fn deserialize<'de, T: Spelled, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        texts
            .iter()
            .map(|text| T::read(text).ok_or_else(|| de::Error::custom(format_args!("no address: {text}"))))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_from_a_message_is_read_again_from_its_spelling() {
        for text in [
            "<sip:a@b>",
            "\"A \\\"quoted\\\" \\\\ name\" <sips:a:secret@[2001:db8::1]:5061;transport=tcp;lr?Subject=x>;tag=1;x=\"a;b\";y=;z",
            "\"\" <tel:+49-30;phone-context=example.com>;tag=a",
            "Nobody <urn:service:sos>",
            "sip:a%20b@example.com;tag=c",
            "J\u{fc}rgen <sip:j@b>",
        ] {
            let address = NameAddr::parse(text).expect(text);
            assert_eq!(NameAddr::read(&address.to_string()).as_ref(), Some(&address), "{text}");
            assert_eq!(Uri::read(&address.uri.to_string()), Some(address.uri), "{text}");
        }
    }
}
