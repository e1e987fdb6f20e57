//! The headers of a message: names and values in their order, kept as the lines that are written.
//! Never lets a value begin a line, and never looks into one.

use std::fmt::{self, Write};
use std::ops::Range;

use memchr::memchr2;

use super::names::is_same;

/// What stands between a name and its value.
const COLON: &str = ": ";
/// What ends a line.
pub(super) const LINE_END: &str = "\r\n";
/// So many have most messages.
const USUAL_COUNT: usize = 12;

/// Names and values in their order. Names don't mind their case.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers {
    /// `Name: value` and a line end, one behind the other.
    text: String,
    lines: Vec<Line>,
}

/// How long the parts of a line are, in bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Line {
    name: usize,
    value: usize,
}

/// Where a line and its parts are.
struct Place {
    at: usize,
    name: Range<usize>,
    value: Range<usize>,
}

impl Headers {
    /// With room for so many bytes.
    pub(crate) fn with_capacity(bytes: usize) -> Headers {
        Headers { text: String::with_capacity(bytes), lines: Vec::with_capacity(USUAL_COUNT) }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.lines.len()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.places().map(|place| (&self.text[place.name], &self.text[place.value]))
    }

    /// All values of a header, one for each time it stands there (or for each element, for lists of addresses).
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.named(name).map(|place| &self.text[place.value])
    }

    /// The first value of a header.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Adds one at the end.
    pub(crate) fn push(&mut self, name: &str, value: impl fmt::Display) {
        let start = self.text.len();
        self.text.push_str(name);
        self.text.push_str(COLON);
        let _ = write!(self.text, "{value}");
        keep_on_one_line(&mut self.text, start);
        self.lines.push(Line { name: name.len(), value: self.text.len() - start - name.len() - COLON.len() });
        self.text.push_str(LINE_END);
    }

    /// Adds one at the end whose value was cut from a line, and so holds no line end.
    pub(crate) fn push_line(&mut self, name: &str, value: &str) {
        for part in [name, COLON, value, LINE_END] {
            self.text.push_str(part);
        }
        self.lines.push(Line { name: name.len(), value: value.len() });
    }

    /// Replaces the first value of a header, if it is there.
    pub(crate) fn replace(&mut self, name: &str, mut value: String) {
        let Some(place) = self.named(name).next() else { return };
        keep_on_one_line(&mut value, 0);
        self.text.replace_range(place.value, &value);
        self.lines[place.at].value = value.len();
    }

    /// How long they are as they are written, in bytes.
    pub(super) fn length(&self) -> usize {
        self.text.len()
    }

    /// Writes them, without those of one name.
    pub(super) fn write_without(&self, name: &str, text: &mut String) {
        let mut start = 0;
        for place in self.named(name) {
            text.push_str(&self.text[start..place.name.start]);
            start = place.value.end + LINE_END.len();
        }
        text.push_str(&self.text[start..]);
    }

    fn named(&self, name: &str) -> impl Iterator<Item = Place> {
        let mut places = self.places();
        std::iter::from_fn(move || places.find(|place| place.name.len() == name.len() && self.is(place, name)))
    }

    fn is(&self, place: &Place, name: &str) -> bool {
        is_same(&self.text[place.name.clone()], name)
    }

    fn places(&self) -> Places<'_> {
        Places { lines: &self.lines, at: 0, start: 0 }
    }
}

/// The lines from one on.
struct Places<'a> {
    lines: &'a [Line],
    at: usize,
    start: usize,
}

impl Iterator for Places<'_> {
    type Item = Place;

    #[inline]
    fn next(&mut self) -> Option<Place> {
        let line = self.lines.get(self.at)?;
        let name = self.start..self.start + line.name;
        let value = name.end + COLON.len()..name.end + COLON.len() + line.value;
        let place = Place { at: self.at, name, value };
        self.at += 1;
        self.start = place.value.end + LINE_END.len();
        Some(place)
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// Makes blanks of the line ends that stand behind a place in a text.
pub(super) fn keep_on_one_line(text: &mut String, start: usize) {
    if memchr2(b'\r', b'\n', &text.as_bytes()[start..]).is_some() {
        let line = text.split_off(start).replace(['\r', '\n'], " ");
        text.push_str(&line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_found_in_any_case_and_one_is_replaced_in_its_place() {
        let mut headers = Headers::default();
        for (name, value) in [("Via", "one"), ("To", ""), ("via", "two\r\nX: y"), ("L\u{fc}", "\u{f780}")] {
            headers.push(name, value);
        }
        assert_eq!(headers.all("VIA").collect::<Vec<_>>(), ["one", "two  X: y"]);
        assert_eq!((headers.first("to"), headers.first("X"), headers.count()), (Some(""), None, 4));
        for value in ["a longer\none", "o"] {
            headers.replace("VIA", value.to_owned());
            headers.replace("Nobody", value.to_owned());
            let value = value.replace('\n', " ");
            let pairs = [("Via", value.as_str()), ("To", ""), ("via", "two  X: y"), ("L\u{fc}", "\u{f780}")];
            assert_eq!(headers.iter().collect::<Vec<_>>(), pairs);
        }
        let mut text = String::new();
        headers.write_without("Via", &mut text);
        assert_eq!(text, "To: \r\nL\u{fc}: \u{f780}\r\n");
    }
}
