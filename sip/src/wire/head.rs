//! The head of a message: its lines unfolded (RFC 3261 §7.3.1), its start line, its names and values.
//! Never looks into a value further than to cut a list at its commas, and never allocates before a cap held.

use std::borrow::Cow;

use super::names::{is_list, long_name};
use super::{Flaw, HEAD_BYTES_MAX, HEADERS_MAX, LINE_BYTES_MAX, Start, WireError, is_token, text};
use crate::uri::split_outside;

/// Names and values in their order.
pub(super) type Headers = Vec<(String, String)>;

const BLANKS: [char; 2] = [' ', '\t'];

/// The length of a head with its empty line, or none if that has not come. What lies before `searched` is known to
/// hold no end of a head.
pub(super) fn length(bytes: &[u8], searched: usize) -> Result<Option<usize>, WireError> {
    let from = searched.saturating_sub(3);
    let within = &bytes[..bytes.len().min(HEAD_BYTES_MAX)];
    let found = within.get(from..).unwrap_or(&[]).windows(4).position(|window| window == b"\r\n\r\n");
    match found {
        Some(at) => Ok(Some(from + at + 4)),
        None if bytes.len() >= HEAD_BYTES_MAX => Err(WireError::TooLong("the header block")),
        None => Ok(None),
    }
}

/// Cuts a head, with its empty line, into the start line and the headers.
pub(super) fn read(head: &[u8]) -> Result<(String, Headers), WireError> {
    let mut lines = unfold(head.strip_suffix(b"\r\n\r\n").unwrap_or(head))?.into_iter();
    let first = lines.next().ok_or(WireError::Malformed("no start line"))?;
    Ok((text::read(&first), named(lines)?))
}

/// Cuts a block of headers without a start line, as a part of a multipart body has it.
pub(super) fn fields(block: &[u8]) -> Result<Headers, WireError> {
    if block.len() > HEAD_BYTES_MAX {
        return Err(WireError::TooLong("the header block"));
    }
    named(unfold(block)?.into_iter())
}

fn unfold(block: &[u8]) -> Result<Vec<Cow<'_, [u8]>>, WireError> {
    let mut lines: Vec<Cow<[u8]>> = Vec::new();
    for line in split_lines(block) {
        if line.iter().any(|byte| matches!(byte, b'\r' | b'\n')) {
            return Err(WireError::Malformed("a line end that is not CRLF"));
        }
        if line.len() > LINE_BYTES_MAX {
            return Err(WireError::TooLong("a line"));
        }
        let folded = matches!(line.first(), Some(b' ' | b'\t'));
        match lines.last_mut().filter(|_| folded) {
            Some(last) => {
                let last = last.to_mut();
                last.push(b' ');
                last.extend_from_slice(line.trim_ascii());
                if last.len() > LINE_BYTES_MAX {
                    return Err(WireError::TooLong("a line"));
                }
            }
            None => lines.push(Cow::Borrowed(line)),
        }
        if lines.len() > HEADERS_MAX + 1 {
            return Err(WireError::TooLong("the list of headers"));
        }
    }
    Ok(lines)
}

fn split_lines(block: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(block);
    std::iter::from_fn(move || {
        let current = rest?;
        match current.windows(2).position(|window| window == b"\r\n") {
            Some(at) => {
                rest = Some(&current[at + 2..]);
                Some(&current[..at])
            }
            None => {
                rest = None;
                Some(current)
            }
        }
    })
}

fn named<'a>(lines: impl Iterator<Item = Cow<'a, [u8]>>) -> Result<Headers, WireError> {
    let mut headers = Vec::new();
    for line in lines {
        let line = text::read(&line);
        let (name, value) = line.split_once(':').ok_or(WireError::Malformed("a header without a colon"))?;
        let (name, value) = (name.trim_end_matches(BLANKS), value.trim_matches(BLANKS));
        if name.is_empty() || !name.bytes().all(is_token) {
            return Err(WireError::Malformed("a header name that is not a word"));
        }
        let name = long_name(name);
        if is_list(&name) {
            let values = split_outside(value, ',').into_iter().map(|value| value.trim_matches(BLANKS));
            headers.extend(values.filter(|value| !value.is_empty()).map(|value| (name.clone(), value.to_owned())));
        } else {
            headers.push((name, value.to_owned()));
        }
        if headers.len() > HEADERS_MAX {
            return Err(WireError::TooLong("the list of headers"));
        }
    }
    Ok(headers)
}

/// Reads the first line. One that is a request's beyond doubt, but not exactly formed, is its sender's to hear about.
pub(super) fn start_line(line: &str) -> Result<(Start, Option<Flaw>), WireError> {
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
    for (_, value) in headers.iter().filter(|(name, _)| name == "Content-Length") {
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
