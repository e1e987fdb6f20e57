//! A message's parts to bytes (RFC 3261 §7).
//! Never lets a value begin a line, and never trusts a Content-Length but its own.

use std::fmt::{self, Write};

use super::headers::{Headers, LINE_END, keep_on_one_line};
use super::text;

/// More bytes than most start lines have, with the Content-Length.
const USUAL_START: usize = 96;

/// Writes a message. The Content-Length is counted here; one among the headers is left out.
pub fn serialize<'a>(start: &str, headers: impl Iterator<Item = (&'a str, &'a str)>, body: &[u8]) -> Vec<u8> {
    let mut lines = Headers::default();
    for (name, value) in headers {
        lines.push(name, value);
    }
    message(start, &lines, body)
}

/// [`serialize`] for what is kept as it is written.
pub(crate) fn message(start: impl fmt::Display, headers: &Headers, body: &[u8]) -> Vec<u8> {
    let mut head = String::with_capacity(USUAL_START + headers.length() + body.len());
    let _ = write!(head, "{start}");
    keep_on_one_line(&mut head, 0);
    head.push_str(LINE_END);
    headers.write_without("Content-Length", &mut head);
    let _ = write!(head, "Content-Length: {}\r\n\r\n", body.len());
    let mut bytes = text::write(head);
    bytes.extend_from_slice(body);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::parse;

    #[test]
    fn bodies_are_bytes_and_values_cannot_begin_a_line() {
        let headers = [("Subject", "a\r\nX: b"), ("Content-Length", "99")];
        let bytes = serialize("OPTIONS sip:a SIP/2.0", headers.into_iter(), &[0, 255, 13, 10]);
        let raw = parse(&bytes).expect("a message");
        assert_eq!(raw.first("Subject"), Some("a  X: b"));
        assert_eq!(raw.first("X"), None);
        assert_eq!(raw.body, [0, 255, 13, 10]);
    }

    #[test]
    fn what_was_read_is_written_again_byte_for_byte() {
        for bytes in [
            &b"SIP/2.0 200 = 2**3 * 5**2 \xd0\xbd\xd0\xbe\r\nVia: SIP/2.0/UDP [2001:db8::9:1]:5060;received=::1\r\n\
               Content-Length: 4\r\n\r\n\0\xff\r\n"[..],
            b"SIP/2.0 180 Es l\xe4utet\r\nFrom: \"M\xfcller\\\0\" <sip:a@[::1]>;tag=x\r\nContent-Length: 0\r\n\r\n",
            b"INVITE sip:a;b?c@[2001:db8::192.0.2.1]:5070;d SIP/2.0\r\nX-Own: ;;,,\r\nContent-Length: 0\r\n\r\n",
        ] {
            assert_eq!(parse(bytes).expect("a message").to_bytes(), bytes, "{}", String::from_utf8_lossy(bytes));
        }
    }
}
