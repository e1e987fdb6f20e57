//! The head of a message: its lines unfolded (RFC 3261 §7.3.1), its start line, its names and values.
//! Never looks into a value further than to cut a list at its commas, and never allocates before a cap held.

use std::borrow::Cow;

use memchr::{Memchr, memchr_iter, memmem};

use super::headers::Headers;
use super::names::{is_list, long_name};
use super::{Flaw, HEAD_BYTES_MAX, HEADERS_MAX, LINE_BYTES_MAX, Start, WireError, is_token, text};
use crate::uri::split_outside;

const BLANKS: [char; 2] = [' ', '\t'];
const BARE_LINE_END: WireError = WireError::Malformed("a line end that is not CRLF");
/// What ends a head.
const END: &[u8] = b"\r\n\r\n";
/// More bytes than what is added to most messages: long names, and where they came from.
const ADDED: usize = 64;

/// The length of a head with its empty line, or none if that has not come. What lies before `searched` is known to
/// hold no end of a head.
pub(super) fn length(bytes: &[u8], searched: usize) -> Result<Option<usize>, WireError> {
    let within = &bytes[..bytes.len().min(HEAD_BYTES_MAX)];
    let from = searched.saturating_sub(END.len() - 1).min(within.len());
    match memmem::find(&within[from..], END) {
        Some(at) => Ok(Some(from + at + END.len())),
        None if bytes.len() >= HEAD_BYTES_MAX => Err(WireError::TooLong("the header block")),
        None => Ok(None),
    }
}

/// Cuts a head, with its empty line, into the start line, with what is wrong about it, and the headers.
pub(super) fn read(head: &[u8]) -> Result<(Start, Option<Flaw>, Headers), WireError> {
    let text = text::read(head.strip_suffix(END).unwrap_or(head));
    let mut lines = Lines::of(&text)?;
    let (start, flaw) = start_line(&lines.next().ok_or(WireError::Malformed("no start line"))??)?;
    Ok((start, flaw, named(lines)?))
}

/// Cuts a block of headers without a start line, as a part of a multipart body has it.
pub(super) fn fields(block: &[u8]) -> Result<Headers, WireError> {
    if block.len() > HEAD_BYTES_MAX {
        return Err(WireError::TooLong("the header block"));
    }
    named(Lines::of(&text::read(block))?)
}

/// The lines of a block, each with those that were folded behind it.
struct Lines<'a> {
    /// What is left, if anything is: an empty text is a line too.
    rest: Option<&'a str>,
    /// Where it is left in the block.
    at: usize,
    line_ends: Memchr<'a>,
}

impl<'a> Lines<'a> {
    fn of(block: &'a str) -> Result<Lines<'a>, WireError> {
        let count = |byte| memchr_iter(byte, block.as_bytes()).count();
        // Before every LF stands a CR, as will be seen: then no CR stands alone either.
        if count(b'\r') != count(b'\n') {
            return Err(BARE_LINE_END);
        }
        Ok(Lines { rest: Some(block), at: 0, line_ends: memchr_iter(b'\n', block.as_bytes()) })
    }

    /// The next with what was folded behind it.
    fn unfolded(&mut self) -> Result<Cow<'a, str>, WireError> {
        let first = self.unended()?;
        let mut line = Cow::Borrowed(first);
        let mut length = text::length(first);
        while length <= LINE_BYTES_MAX && self.rest.is_some_and(|rest| rest.starts_with(BLANKS)) {
            let folded = self.unended()?.trim_ascii();
            let line = line.to_mut();
            line.push(' ');
            line.push_str(folded);
            length += 1 + text::length(folded);
        }
        if length > LINE_BYTES_MAX { Err(WireError::TooLong("a line")) } else { Ok(line) }
    }

    /// The next as it stands there, without its line end.
    fn unended(&mut self) -> Result<&'a str, WireError> {
        let rest = self.rest.unwrap_or("");
        let Some(end) = self.line_ends.next() else {
            self.rest = None;
            return Ok(rest);
        };
        let (line, rest) = rest.split_at(end + 1 - self.at);
        (self.rest, self.at) = (Some(rest), end + 1);
        line.strip_suffix("\r\n").ok_or(BARE_LINE_END)
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Result<Cow<'a, str>, WireError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.rest.is_some().then(|| self.unfolded())
    }
}

fn named(lines: Lines<'_>) -> Result<Headers, WireError> {
    let mut headers = Headers::with_capacity(lines.rest.map_or(0, str::len) + ADDED);
    for (at, line) in lines.enumerate() {
        let line = line?;
        let (name, value) = text::cut(&line, b':').ok_or(WireError::Malformed("a header without a colon"))?;
        let (name, value) = (name.trim_end_matches(BLANKS), value.trim_matches(BLANKS));
        let known = long_name(name);
        if known.is_none() && (name.is_empty() || !name.bytes().all(is_token)) {
            return Err(WireError::Malformed("a header name that is not a word"));
        }
        let name = known.unwrap_or(name);
        if is_list(name) {
            for value in split_outside(value, b',').map(|value| value.trim_matches(BLANKS)) {
                if !value.is_empty() {
                    headers.push_line(name, value);
                }
            }
        } else {
            headers.push_line(name, value);
        }
        if headers.count().max(at + 1) > HEADERS_MAX {
            return Err(WireError::TooLong("the list of headers"));
        }
    }
    Ok(headers)
}

/// Reads the first line. One that is a request's beyond doubt, but not exactly formed, is its sender's to hear about.
fn start_line(line: &str) -> Result<(Start, Option<Flaw>), WireError> {
    if line.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("SIP/")) {
        return status_line(line);
    }
    let (method, rest) = line.split_once(' ').ok_or(WireError::Malformed("a request line without a URI"))?;
    if method.is_empty() || !method.bytes().all(is_token) {
        return Err(WireError::Malformed("a method that is not a word"));
    }
    let trimmed = rest.trim_end_matches(BLANKS);
    let (uri, version) = trimmed.rsplit_once(' ').ok_or(WireError::Malformed("a request line without a version"))?;
    if !version.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("SIP/")) {
        return Err(WireError::Malformed("a request line without a version"));
    }
    let flaw = if !version.eq_ignore_ascii_case("SIP/2.0") {
        Some(Flaw { status: 505, reason: "Version Not Supported" })
    } else if trimmed != rest || uri.contains(BLANKS) || uri.is_empty() {
        // RFC 3261 §7.1: single blanks between the three, and none behind them.
        Some(Flaw { status: 400, reason: "Bad Request-Line" })
    } else {
        None
    };
    Ok((Start::Request { method: method.to_owned(), uri: uri.to_owned() }, flaw))
}

/// A status that cannot be one is a flaw and no reason to give up a whole stream: the response is dropped, and those
/// behind it are read (RFC 4475 §3.1.2.19).
fn status_line(line: &str) -> Result<(Start, Option<Flaw>), WireError> {
    let (version, rest) = line.split_once(' ').ok_or(WireError::Malformed("a status line without a status"))?;
    if !version.eq_ignore_ascii_case("SIP/2.0") {
        return Err(WireError::Malformed("a response of another version"));
    }
    let (status, reason) = rest.split_once(' ').unwrap_or((rest, ""));
    let read = status.parse().ok().filter(|read| status.len() == 3 && (100..700).contains(read));
    let flaw = read.is_none().then_some(Flaw { status: 400, reason: "Bad Status" });
    let start = Start::Response { status: read.unwrap_or(0), reason: reason.trim_matches(BLANKS).to_owned() };
    Ok((start, flaw))
}

/// What the Content-Lengths say; several have to say the same (RFC 4475 §3.3.9).
pub(super) fn content_length(headers: &Headers) -> Result<Option<usize>, Flaw> {
    let mut found = None;
    for value in headers.all("Content-Length") {
        if value.is_empty() || !value.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Flaw { status: 400, reason: "Bad Content-Length" });
        }
        let length: usize = value.parse().map_err(|_| Flaw { status: 400, reason: "Bad Content-Length" })?;
        if found.is_some_and(|other| other != length) {
            return Err(Flaw { status: 400, reason: "Two Different Content-Lengths" });
        }
        found = Some(length);
    }
    Ok(found)
}
