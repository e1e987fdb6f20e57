//! Bytes to lines to a message's parts, and back (RFC 3261 §7, §25).
//! Never looks into a header's value further than to cut a list at its commas, and never allocates before a cap held.

use crate::uri::split_outside;

/// The longest message, in bytes.
pub const MESSAGE_BYTES_MAX: usize = 64 * 1024;
/// The longest start line and header block together, in bytes.
pub const HEAD_BYTES_MAX: usize = 32 * 1024;
/// The longest line after unfolding, in bytes.
pub const LINE_BYTES_MAX: usize = 8 * 1024;
/// The most headers, lists counted by their elements.
pub const HEADERS_MAX: usize = 200;

/// Why bytes are not a message. There is nobody to answer: what fails here cannot be trusted to name its sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// Nothing but line ends: a keep-alive (RFC 5626 §3.5.1).
    #[error("only line ends: a keep-alive")]
    KeepAlive,
    /// One of the caps was exceeded.
    #[error("{0} is longer than allowed")]
    TooLong(&'static str),
    /// The bytes break the grammar.
    #[error("{0}")]
    Malformed(&'static str),
}

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// A request.
    Request {
        /// Any token: unknown methods pass.
        method: String,
        /// The request URI, not looked into.
        uri: String,
    },
    /// A response.
    Response {
        /// 100 to 699.
        status: u16,
        /// The reason phrase.
        reason: String,
    },
}

/// A fault that is the sender's to hear about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flaw {
    /// The status to answer with.
    pub status: u16,
    /// The reason phrase to answer with.
    pub reason: &'static str,
}

/// A message in parts: names in their long form, lists of addresses cut into single values, the body cut to length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raw {
    /// The first line.
    pub start: Start,
    /// Names and values in their order.
    pub headers: Vec<(String, String)>,
    /// Exactly as long as Content-Length says.
    pub body: Vec<u8>,
    /// Set if a request with these parts must be answered with an error.
    pub flaw: Option<Flaw>,
}

impl Raw {
    /// The first value of a header.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// Where the first message of a stream ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame {
    /// More bytes are needed.
    Incomplete,
    /// The first `length` bytes are a message; give them to [`parse`].
    Complete {
        /// Length in bytes, with the line ends in front of it.
        length: usize,
    },
}

/// Finds the end of the first message in the bytes of a stream (RFC 3261 §18.3: Content-Length is required there).
pub fn frame(buffer: &[u8]) -> Result<Frame, WireError> {
    let skipped = leading_line_ends(buffer);
    if skipped > HEAD_BYTES_MAX {
        return Err(WireError::TooLong("the run of line ends"));
    }
    let rest = &buffer[skipped..];
    let Some(head) = head_length(rest) else {
        return if rest.len() > HEAD_BYTES_MAX {
            Err(WireError::TooLong("the header block"))
        } else {
            Ok(Frame::Incomplete)
        };
    };
    if head > HEAD_BYTES_MAX {
        return Err(WireError::TooLong("the header block"));
    }
    let headers = header_lines(&rest[..head])?.1;
    let body = content_length(&headers)
        .map_err(|flaw| WireError::Malformed(flaw.reason))?
        .ok_or(WireError::Malformed("a message in a stream needs a Content-Length"))?;
    let whole = head.checked_add(body).filter(|whole| *whole <= MESSAGE_BYTES_MAX);
    let whole = whole.ok_or(WireError::TooLong("the message"))?;
    if rest.len() < whole {
        return Ok(Frame::Incomplete);
    }
    Ok(Frame::Complete { length: skipped + whole })
}

/// Reads one whole message: a datagram, or what [`frame`] cut from a stream.
pub fn parse(bytes: &[u8]) -> Result<Raw, WireError> {
    if bytes.len() > MESSAGE_BYTES_MAX {
        return Err(WireError::TooLong("the message"));
    }
    let bytes = &bytes[leading_line_ends(bytes)..];
    if bytes.iter().all(|byte| *byte == 0) {
        return Err(WireError::KeepAlive);
    }
    let head = head_length(bytes).ok_or(WireError::Malformed("no empty line behind the headers"))?;
    if head > HEAD_BYTES_MAX {
        return Err(WireError::TooLong("the header block"));
    }
    let (first, headers) = header_lines(&bytes[..head])?;
    let (start, mut flaw) = start_line(&first)?;
    let available = bytes.len() - head;
    let length = match content_length(&headers) {
        Ok(length) => length.unwrap_or(available),
        Err(bad) => {
            flaw = flaw.or(Some(bad));
            0
        }
    };
    if length > available {
        flaw = flaw.or(Some(Flaw { status: 400, reason: "Body Shorter Than Content-Length" }));
    }
    for name in ["From", "To", "Call-ID", "CSeq", "Max-Forwards"] {
        if headers.iter().filter(|(own, _)| own == name).count() > 1 {
            flaw = flaw.or(Some(Flaw { status: 400, reason: "Header Given Twice" }));
        }
    }
    // RFC 3261 §18.3: bytes beyond the Content-Length are dropped.
    let body = bytes[head..head + length.min(available)].to_vec();
    Ok(Raw { start, headers, body, flaw })
}

/// Writes a message; the Content-Length is counted here, and nothing in a value can begin a new line.
pub fn serialize<'a>(start: &str, headers: impl Iterator<Item = (&'a str, &'a str)>, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(512 + body.len());
    push_line(&mut bytes, start);
    for (name, value) in headers.filter(|(name, _)| !name.eq_ignore_ascii_case("Content-Length")) {
        push_clean(&mut bytes, name);
        bytes.extend_from_slice(b": ");
        push_line(&mut bytes, value);
    }
    bytes.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
    bytes.extend_from_slice(body);
    bytes
}

fn push_line(bytes: &mut Vec<u8>, text: &str) {
    push_clean(bytes, text);
    bytes.extend_from_slice(b"\r\n");
}

fn push_clean(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend(text.bytes().map(|byte| if matches!(byte, b'\r' | b'\n' | 0) { b' ' } else { byte }));
}

fn leading_line_ends(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count()
}

/// The length of the head with its empty line.
fn head_length(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).take(HEAD_BYTES_MAX + 1).position(|window| window == b"\r\n\r\n").map(|at| at + 4)
}

/// Unfolds the lines (RFC 3261 §7.3.1) and cuts them into names and values.
fn header_lines(head: &[u8]) -> Result<(String, Vec<(String, String)>), WireError> {
    let head = &head[..head.len() - 4];
    let mut lines: Vec<Vec<u8>> = Vec::new();
    for line in split_lines(head) {
        if line.iter().any(|byte| matches!(byte, b'\r' | b'\n')) {
            return Err(WireError::Malformed("a line end that is not CRLF"));
        }
        let folded = matches!(line.first(), Some(b' ' | b'\t'));
        match lines.last_mut().filter(|_| folded) {
            Some(last) => {
                last.push(b' ');
                last.extend_from_slice(line.trim_ascii());
                if last.len() > LINE_BYTES_MAX {
                    return Err(WireError::TooLong("a line"));
                }
            }
            None => lines.push(line.to_vec()),
        }
        if line.len() > LINE_BYTES_MAX {
            return Err(WireError::TooLong("a line"));
        }
        if lines.len() > HEADERS_MAX + 1 {
            return Err(WireError::TooLong("the list of headers"));
        }
    }
    let mut lines = lines.into_iter();
    let first = lines.next().ok_or(WireError::Malformed("no start line"))?;
    let first = String::from_utf8_lossy(&first).into_owned();
    let mut headers = Vec::new();
    for line in lines {
        let line = String::from_utf8_lossy(&line);
        let (name, value) = line.split_once(':').ok_or(WireError::Malformed("a header without a colon"))?;
        let (name, value) = (name.trim_end(), value.trim());
        if name.is_empty() || !name.bytes().all(is_token) {
            return Err(WireError::Malformed("a header name that is not a word"));
        }
        let name = long_name(name);
        if is_list(&name) {
            let values = split_outside(value, ',').into_iter().map(str::trim).filter(|value| !value.is_empty());
            headers.extend(values.map(|value| (name.clone(), value.to_owned())));
        } else {
            headers.push((name, value.to_owned()));
        }
        if headers.len() > HEADERS_MAX {
            return Err(WireError::TooLong("the list of headers"));
        }
    }
    Ok((first, headers))
}

fn split_lines(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(head);
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

fn start_line(line: &str) -> Result<(Start, Option<Flaw>), WireError> {
    if line.len() >= 4 && line.is_char_boundary(4) && line[..4].eq_ignore_ascii_case("SIP/") {
        let (version, rest) = line.split_once(' ').ok_or(WireError::Malformed("a status line without a status"))?;
        if !version.eq_ignore_ascii_case("SIP/2.0") {
            return Err(WireError::Malformed("a response of another version"));
        }
        let (status, reason) = rest.split_once(' ').unwrap_or((rest, ""));
        if status.len() != 3 || !status.bytes().all(|b| b.is_ascii_digit()) {
            return Err(WireError::Malformed("a status that is not three digits"));
        }
        let status = status.parse().unwrap_or(0);
        if !(100..700).contains(&status) {
            return Err(WireError::Malformed("a status out of range"));
        }
        return Ok((Start::Response { status, reason: reason.trim().to_owned() }, None));
    }
    let (method, rest) = line.split_once(' ').ok_or(WireError::Malformed("a request line without a URI"))?;
    if method.is_empty() || !method.bytes().all(is_token) {
        return Err(WireError::Malformed("a method that is not a word"));
    }
    let (uri, version) = rest.rsplit_once(' ').ok_or(WireError::Malformed("a request line without a version"))?;
    if !version.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("SIP/")) {
        return Err(WireError::Malformed("a request line without a version"));
    }
    let flaw =
        (!version.eq_ignore_ascii_case("SIP/2.0")).then_some(Flaw { status: 505, reason: "Version Not Supported" });
    Ok((Start::Request { method: method.to_owned(), uri: uri.to_owned() }, flaw))
}

fn content_length(headers: &[(String, String)]) -> Result<Option<usize>, Flaw> {
    let mut lengths = headers.iter().filter(|(name, _)| name == "Content-Length");
    let Some((_, value)) = lengths.next() else { return Ok(None) };
    if lengths.any(|(_, other)| other != value) {
        return Err(Flaw { status: 400, reason: "Two Different Content-Lengths" });
    }
    if value.is_empty() || !value.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Flaw { status: 400, reason: "Bad Content-Length" });
    }
    value.parse().map(Some).map_err(|_| Flaw { status: 400, reason: "Bad Content-Length" })
}

/// The characters of a token (RFC 3261 §25.1).
pub(crate) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&byte)
}

/// Headers that hold a list of addresses of which each counts by itself (RFC 3261 §7.3.1).
fn is_list(name: &str) -> bool {
    matches!(name, "Via" | "Route" | "Record-Route" | "Contact" | "Path" | "P-Asserted-Identity")
}

/// The spelling we use: compact forms become long (RFC 3261 §7.3.3), known names get their usual case.
fn long_name(name: &str) -> String {
    const COMPACT: [(&str, &str); 19] = [
        ("a", "Accept-Contact"),
        ("b", "Referred-By"),
        ("c", "Content-Type"),
        ("d", "Request-Disposition"),
        ("e", "Content-Encoding"),
        ("f", "From"),
        ("i", "Call-ID"),
        ("j", "Reject-Contact"),
        ("k", "Supported"),
        ("l", "Content-Length"),
        ("m", "Contact"),
        ("o", "Event"),
        ("r", "Refer-To"),
        ("s", "Subject"),
        ("t", "To"),
        ("u", "Allow-Events"),
        ("v", "Via"),
        ("x", "Session-Expires"),
        ("y", "Identity"),
    ];
    const USUAL: [&str; 16] = [
        "Via",
        "From",
        "To",
        "Call-ID",
        "CSeq",
        "Contact",
        "Route",
        "Record-Route",
        "Content-Length",
        "Content-Type",
        "Max-Forwards",
        "Path",
        "P-Asserted-Identity",
        "Authorization",
        "Require",
        "Expires",
    ];
    if let Some((_, long)) = COMPACT.iter().find(|(short, _)| short.eq_ignore_ascii_case(name)) {
        return (*long).to_owned();
    }
    USUAL
        .iter()
        .find(|usual| usual.eq_ignore_ascii_case(name))
        .map_or_else(|| name.to_owned(), |usual| (*usual).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_lines_compact_names_and_lists_are_read() {
        let bytes = b"\r\nINVITE sip:a@b SIP/2.0\r\nv: SIP/2.0/UDP a;branch=1,\r\n SIP/2.0/UDP b\r\nSubject :  one\r\n\ttwo\r\n\
            m: \"x, y\" <sip:a,b@c>, <sip:d>\r\nl: 3\r\n\r\nabcdef";
        let raw = parse(bytes).expect("a message");
        let pairs: Vec<(&str, &str)> =
            raw.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(
            pairs,
            [
                ("Via", "SIP/2.0/UDP a;branch=1"),
                ("Via", "SIP/2.0/UDP b"),
                ("Subject", "one two"),
                ("Contact", "\"x, y\" <sip:a,b@c>"),
                ("Contact", "<sip:d>"),
                ("Content-Length", "3"),
            ]
        );
        assert_eq!(raw.body, b"abc");
        assert_eq!(raw.flaw, None);
    }

    #[test]
    fn what_breaks_the_grammar_or_a_cap_is_refused() {
        let long = format!("OPTIONS sip:a SIP/2.0\r\nX: {}\r\n\r\n", "x".repeat(LINE_BYTES_MAX));
        let many = format!("OPTIONS sip:a SIP/2.0\r\n{}\r\n", "X: y\r\n".repeat(HEADERS_MAX + 1));
        let list = format!("OPTIONS sip:a SIP/2.0\r\nVia: {}\r\n\r\n", "a,".repeat(HEADERS_MAX + 1));
        for text in [
            "",
            "\r\n\r\n",
            "OPTIONS sip:a SIP/2.0\r\n",
            "OPTIONS sip:a\r\n\r\n",
            "OPT{}IONS sip:a SIP/2.0\r\n\r\n",
            "OPTIONS sip:a SIP/2.0\r\nno colon\r\n\r\n",
            "OPTIONS sip:a SIP/2.0\r\nX: a\nY: b\r\n\r\n",
            "SIP/2.0 20 OK\r\n\r\n",
            "SIP/2.0 999 OK\r\n\r\n",
            &long,
            &many,
            &list,
        ] {
            assert!(parse(text.as_bytes()).is_err(), "{}", &text[..text.len().min(40)]);
        }
    }

    #[test]
    fn faults_of_a_readable_request_are_for_its_sender() {
        for (text, status) in [
            ("OPTIONS sip:a SIP/3.0\r\n\r\n", 505),
            ("OPTIONS sip:a SIP/2.0\r\nl: 5\r\n\r\nabc", 400),
            ("OPTIONS sip:a SIP/2.0\r\nl: 3\r\nl: 2\r\n\r\nabc", 400),
            ("OPTIONS sip:a SIP/2.0\r\nl: -3\r\n\r\nabc", 400),
            ("OPTIONS sip:a SIP/2.0\r\nl: 99999999999999999999999\r\n\r\nabc", 400),
            ("OPTIONS sip:a SIP/2.0\r\nTo: a\r\nt: b\r\n\r\n", 400),
        ] {
            assert_eq!(parse(text.as_bytes()).expect(text).flaw.map(|flaw| flaw.status), Some(status), "{text}");
        }
    }

    #[test]
    fn a_stream_is_cut_into_its_messages() {
        let one = b"\r\nOPTIONS sip:a SIP/2.0\r\nl: 3\r\n\r\nabc".to_vec();
        for end in 0..one.len() {
            assert_eq!(frame(&one[..end]), Ok(Frame::Incomplete));
        }
        let two = [one.clone(), one.clone()].concat();
        assert_eq!(frame(&two), Ok(Frame::Complete { length: one.len() }));
        assert!(frame(b"OPTIONS sip:a SIP/2.0\r\n\r\n").is_err());
        assert!(frame(b"OPTIONS sip:a SIP/2.0\r\nl: 18446744073709551615\r\n\r\n").is_err());
        assert!(frame(&vec![b'x'; HEAD_BYTES_MAX + 1]).is_err());
    }

    #[test]
    fn bodies_are_bytes_and_values_cannot_begin_a_line() {
        let headers = [("Subject", "a\r\nX: b"), ("Content-Length", "99")];
        let bytes = serialize("OPTIONS sip:a SIP/2.0", headers.into_iter(), &[0, 255, 13, 10]);
        let raw = parse(&bytes).expect("a message");
        assert_eq!(raw.first("Subject"), Some("a  X: b"));
        assert_eq!(raw.first("X"), None);
        assert_eq!(raw.body, [0, 255, 13, 10]);
    }
}
