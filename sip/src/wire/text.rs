//! Text in which bytes that are not UTF-8 survive: read as characters of their own, written as the bytes they were.
//! Never fails, and never writes more bytes than it read.

use std::borrow::Cow;

/// A kept byte is this plus its value: the end of the Basic Multilingual Plane's private use area, where no text has
/// anything to say to us.
const KEPT_FIRST: u32 = 0xf700;

/// Reads bytes as UTF-8 and keeps what is not (RFC 3261 §7.3.1 wants UTF-8; many phones send Latin-1).
pub(crate) fn read(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = str::from_utf8(bytes)
        && (text.is_ascii() || !text.chars().any(|c| kept_byte(c).is_some()))
    {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match kept_byte(c) {
                // A character that looks like a kept byte is kept byte by byte, or it would be written as that byte.
                Some(_) => text.extend(c.encode_utf8(&mut [0; 4]).bytes().map(keep)),
                None => text.push(c),
            }
        }
        text.extend(chunk.invalid().iter().copied().map(keep));
    }
    Cow::Owned(text)
}

/// Writes a text with its kept bytes as they were read.
pub(super) fn write(text: String) -> Vec<u8> {
    if text.is_ascii() {
        return text.into_bytes();
    }
    let mut bytes = Vec::with_capacity(text.capacity());
    for c in text.chars() {
        match kept_byte(c) {
            Some(byte) => bytes.push(byte),
            None => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes
}

/// How many bytes a text stands for.
pub(super) fn length(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.chars().map(|c| kept_byte(c).map_or(c.len_utf8(), |_| 1)).sum()
}

/// The text before and behind the first of a character in ASCII: `split_once`, for texts of a few words.
pub(crate) fn cut(text: &str, separator: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|byte| byte == separator)?;
    Some((&text[..at], &text[at + 1..]))
}

/// The text for people: kept bytes as Latin-1, which is what they almost always are, and without control characters.
pub(crate) fn shown(text: &str) -> String {
    text.chars().map(|c| kept_byte(c).map_or(c, char::from)).filter(|c| !c.is_control()).collect()
}

fn keep(byte: u8) -> char {
    char::from_u32(KEPT_FIRST + u32::from(byte)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn kept_byte(c: char) -> Option<u8> {
    let value = u32::from(c).checked_sub(KEPT_FIRST)?;
    u8::try_from(value).ok().filter(|byte| !byte.is_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_comes_out_as_it_went_in() {
        let all: Vec<u8> = (0..=255).collect();
        let looks_kept = "\u{f780}\u{f7ff}\u{f77f}".as_bytes();
        for bytes in [&all[..], b"M\xfcller", "M\u{fc}ller \u{442}".as_bytes(), looks_kept, b"\xef\x9e", b""] {
            let text = read(bytes).into_owned();
            assert_eq!(length(&text), bytes.len());
            assert_eq!(write(text), bytes);
        }
    }

    #[test]
    fn people_see_latin_1() {
        assert_eq!(shown(&read(b"M\xfcl\0ler")), "M\u{fc}ller");
        assert_eq!(shown(&read("M\u{fc}ller".as_bytes())), "M\u{fc}ller");
    }
}
