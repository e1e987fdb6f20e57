//! Text in which bytes that are not UTF-8 survive: read as characters of their own, written as the bytes they were.
//! Never fails, and never writes more bytes than it read.

/// A kept byte is this plus its value: the end of the Basic Multilingual Plane's private use area, where no text has
/// anything to say to us.
const KEPT_FIRST: u32 = 0xf700;

/// Reads bytes as UTF-8 and keeps what is not (RFC 3261 §7.3.1 wants UTF-8; many phones send Latin-1).
pub(crate) fn read(bytes: &[u8]) -> String {
    if bytes.is_ascii() {
        return String::from_utf8_lossy(bytes).into_owned();
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
    text
}

/// Writes a text with its kept bytes as they were read.
pub(super) fn write(text: &str, bytes: &mut Vec<u8>) {
    if text.is_ascii() {
        return bytes.extend_from_slice(text.as_bytes());
    }
    for c in text.chars() {
        match kept_byte(c) {
            Some(byte) => bytes.push(byte),
            None => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
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
            let mut written = Vec::new();
            write(&read(bytes), &mut written);
            assert_eq!(written, bytes);
        }
    }

    #[test]
    fn people_see_latin_1() {
        assert_eq!(shown(&read(b"M\xfcl\0ler")), "M\u{fc}ller");
        assert_eq!(shown(&read("M\u{fc}ller".as_bytes())), "M\u{fc}ller");
    }
}
