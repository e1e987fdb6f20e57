//! Bytes to lines to a message's parts, and back (RFC 3261 §7, §25).
//! Never looks into a header's value further than to cut a list at its commas, and never allocates before a cap held.

mod frame;
mod head;
mod headers;
mod names;
pub(crate) mod text;
mod write;

pub use frame::{Frame, Framer, KeepAlive, PING, PONG, frame};
pub use headers::Headers;
pub(crate) use text::shown;
pub(crate) use write::message;
pub use write::serialize;

/// The longest message, in bytes.
pub const MESSAGE_BYTES_MAX: usize = 64 * 1024;
/// The longest start line and header block together, with the empty line, in bytes.
pub const HEAD_BYTES_MAX: usize = 32 * 1024;
/// The longest line after unfolding, in bytes.
pub const LINE_BYTES_MAX: usize = 8 * 1024;
/// The most headers, lists counted by their elements.
pub const HEADERS_MAX: usize = 200;

/// Why bytes are not a message. There is nobody to answer: what fails here cannot be trusted to name its sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// Nothing but line ends or zeros: a keep-alive (RFC 5626 §3.5.1).
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
        /// 100 to 699; 0 if it was none of these.
        status: u16,
        /// The reason phrase.
        reason: String,
    },
}

/// A fault that is the sender's to hear about; a response that has one is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flaw {
    /// The status to answer with.
    pub status: u16,
    /// The reason phrase to answer with.
    pub reason: &'static str,
}

/// A message in parts: names in their long form, lists of addresses cut into single values, the body cut to length.
///
/// Bytes of the head that are not UTF-8 stand in these texts as characters from U+F780 to U+F7FF, and are written again
/// as the bytes they were.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raw {
    /// The first line.
    pub start: Start,
    /// All but the first line.
    pub headers: Headers,
    /// Exactly as long as Content-Length says.
    pub body: Vec<u8>,
    /// Set if a request with these parts must be answered with an error.
    pub flaw: Option<Flaw>,
}

impl Raw {
    /// The first value of a header.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.headers.first(name)
    }

    /// The message again, with long names, one line for each element of a list, and its Content-Length at the end.
    pub fn to_bytes(&self) -> Vec<u8> {
        match &self.start {
            Start::Request { method, uri } => {
                message(format_args!("{method} {uri} SIP/2.0"), &self.headers, &self.body)
            }
            Start::Response { status, reason } => {
                message(format_args!("SIP/2.0 {status} {reason}"), &self.headers, &self.body)
            }
        }
    }
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
    let head = head::length(bytes, 0)?.ok_or(WireError::Malformed("no empty line behind the headers"))?;
    let (start, mut flaw, headers) = head::read(&bytes[..head])?;
    let available = bytes.len() - head;
    let length = match head::content_length(&headers) {
        Ok(length) => length.unwrap_or(available),
        Err(bad) => {
            flaw = flaw.or(Some(bad));
            0
        }
    };
    if length > available {
        flaw = flaw.or(Some(Flaw { status: 400, reason: "Body Shorter Than Content-Length" }));
    }
    if is_given_twice(&headers) {
        flaw = flaw.or(Some(Flaw { status: 400, reason: "Header Given Twice" }));
    }
    // RFC 3261 §18.3: bytes beyond the Content-Length are dropped.
    let body = bytes[head..head + length.min(available)].to_vec();
    Ok(Raw { start, headers, body, flaw })
}

/// Whether one of those stands there twice that have one value.
fn is_given_twice(headers: &Headers) -> bool {
    let mut seen = 0_u8;
    headers.iter().any(|(name, _)| {
        let bit = match name {
            "From" => 1,
            "To" => 2,
            "Call-ID" => 4,
            "CSeq" => 8,
            "Max-Forwards" => 16,
            "Content-Type" => 32,
            _ => 0,
        };
        let is_again = seen & bit != 0;
        seen |= bit;
        is_again
    })
}

/// The headers in front of a part of a multipart body, without their empty line (RFC 2046 §5.1).
pub(crate) fn part_headers(block: &[u8]) -> Result<Headers, WireError> {
    head::fields(block)
}

/// The characters of a token (RFC 3261 §25.1).
pub(crate) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'!' | b'%' | b'*' | b'_' | b'+' | b'`' | b'\'' | b'~')
}

fn leading_line_ends(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_lines_compact_names_and_lists_are_read() {
        let bytes = b"\r\nINVITE sip:a@b SIP/2.0\r\nv: SIP/2.0/UDP a;branch=1,\r\n SIP/2.0/UDP b\r\nSubject :  one\r\n\ttwo\r\n\
            m: \"x, y\" <sip:a,b@c>, <sip:d>\r\nl: 3\r\n\r\nabcdef";
        let raw = parse(bytes).expect("a message");
        let pairs: Vec<(&str, &str)> = raw.headers.iter().collect();
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
        let folded = format!("OPTIONS sip:a SIP/2.0\r\nX: x\r\n{}\r\n", " y\r\n".repeat(LINE_BYTES_MAX / 2));
        let many = format!("OPTIONS sip:a SIP/2.0\r\n{}\r\n", "X: y\r\n".repeat(HEADERS_MAX + 1));
        let list = format!("OPTIONS sip:a SIP/2.0\r\nVia: {}\r\n\r\n", "a,".repeat(HEADERS_MAX + 1));
        let line = format!("X: {}\r\n", "x".repeat(LINE_BYTES_MAX - 10));
        let head = format!("OPTIONS sip:a SIP/2.0\r\n{}\r\n", line.repeat(5));
        let whole = format!("OPTIONS sip:a SIP/2.0\r\n\r\n{}", "x".repeat(MESSAGE_BYTES_MAX));
        for text in [
            "",
            "\r\n\r\n",
            "\0\0\0\0",
            "OPTIONS sip:a SIP/2.0\r\n",
            "OPTIONS sip:a\r\n\r\n",
            "OPT{}IONS sip:a SIP/2.0\r\n\r\n",
            "OPTIONS sip:a SIP/2.0\r\nno colon\r\n\r\n",
            "OPTIONS sip:a SIP/2.0\r\nX: a\nY: b\r\n\r\n",
            "OPTIONS sip:a SIP/2.0\r\nX: a\rY: b\r\n\r\n",
            "SIP/3.0 200 OK\r\n\r\n",
            &long,
            &folded,
            &many,
            &list,
            &head,
            &whole,
        ] {
            assert!(parse(text.as_bytes()).is_err(), "{}", &text[..text.len().min(40)]);
        }
    }

    #[test]
    fn a_response_with_a_status_that_is_none_is_flawed_and_ends_where_it_says() {
        for status in ["20", "2000", "099", "700", "999", "4294967301", "-10", "abc", ""] {
            let text = format!("SIP/2.0 {status} better not\r\nl: 2\r\n\r\nabSIP/2.0 200 OK\r\n");
            let length = text.find("abSIP").expect("a body") + 2;
            assert_eq!(frame(text.as_bytes()), Frame::Message { length }, "{status}");
            assert!(parse(&text.as_bytes()[..length]).is_ok_and(|raw| raw.flaw.is_some()), "{status}");
        }
    }

    #[test]
    fn what_just_fits_the_caps_is_read() {
        let line = format!("OPTIONS sip:a SIP/2.0\r\nX: {}\r\n\r\n", "x".repeat(LINE_BYTES_MAX - 3));
        let many = format!("OPTIONS sip:a SIP/2.0\r\n{}\r\n", "X: y\r\n".repeat(HEADERS_MAX));
        let start = "OPTIONS sip:a SIP/2.0\r\n\r\n";
        let whole = format!("{start}{}", "x".repeat(MESSAGE_BYTES_MAX - start.len()));
        for text in [line, many, whole] {
            assert_eq!(parse(text.as_bytes()).map(|raw| raw.flaw), Ok(None), "{}", &text[..40]);
        }
    }

    #[test]
    fn faults_of_a_readable_request_are_for_its_sender() {
        for (text, status) in [
            ("OPTIONS sip:a SIP/3.0\r\n\r\n", Some(505)),
            ("OPTIONS sip:a SIP/2.0 \r\n\r\n", Some(400)),
            ("OPTIONS  sip:a SIP/2.0\r\n\r\n", Some(400)),
            ("OPTIONS sip:a  SIP/2.0\r\n\r\n", Some(400)),
            ("OPTIONS sip:a b SIP/2.0\r\n\r\n", Some(400)),
            ("OPTIONS sip:a SIP/2.0\r\nl: 5\r\n\r\nabc", Some(400)),
            ("OPTIONS sip:a SIP/2.0\r\nl: 3\r\nl: 2\r\n\r\nabc", Some(400)),
            ("OPTIONS sip:a SIP/2.0\r\nl: 3\r\nl: 003\r\n\r\nabc", None),
            ("OPTIONS sip:a SIP/2.0\r\nl: -3\r\n\r\nabc", Some(400)),
            ("OPTIONS sip:a SIP/2.0\r\nl: 99999999999999999999999\r\n\r\nabc", Some(400)),
            ("OPTIONS sip:a SIP/2.0\r\nTo: a\r\nt: b\r\n\r\n", Some(400)),
        ] {
            assert_eq!(parse(text.as_bytes()).expect(text).flaw.map(|flaw| flaw.status), status, "{text}");
        }
    }
}
