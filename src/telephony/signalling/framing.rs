//! The bytes of one stream, cut into messages.
//! Never looks at a byte more than a few times, however small the pieces are in which they come.

use sip::wire::{Frame, Framer};

/// What came and was not taken yet.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    bytes: Vec<u8>,
    /// Where what was not taken begins.
    start: usize,
    framer: Framer,
}

impl Inbox {
    /// More bytes came.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        if self.start > 0 {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// Whether a message has begun.
    pub(super) fn has_begun(&self) -> bool {
        self.rest().iter().any(|byte| !b"\r\n".contains(byte))
    }

    /// How much was not taken.
    pub(super) fn len(&self) -> usize {
        self.bytes.len() - self.start
    }

    /// What stands at the front.
    pub(super) fn front(&mut self) -> Frame {
        self.framer.frame(&self.bytes[self.start..])
    }

    /// Takes so many bytes from the front.
    pub(super) fn take(&mut self, length: usize) -> &[u8] {
        let start = self.start;
        self.start = (start + length).min(self.bytes.len());
        &self.bytes[start..self.start]
    }

    fn rest(&self) -> &[u8] {
        &self.bytes[self.start..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sip::wire::HEAD_BYTES_MAX;
    use std::time::{Duration, Instant};

    fn all(inbox: &mut Inbox) -> Vec<String> {
        let mut found = vec![];
        loop {
            match inbox.front() {
                Frame::Incomplete => return found,
                Frame::Message { length } => found.push(String::from_utf8_lossy(inbox.take(length)).into_owned()),
                Frame::KeepAlive { length, .. } => found.push(format!("keep-alive {}", inbox.take(length).len())),
                Frame::Broken(why) => {
                    found.push(format!("broken: {why}"));
                    return found;
                }
            }
        }
    }

    const ONE: &str = "OPTIONS sip:a SIP/2.0\r\nl: 3\r\n\r\nabc";
    const TWO: &str = "OPTIONS sip:b SIP/2.0\r\nContent-Length: 0\r\n\r\n";

    #[test]
    fn messages_and_keep_alives_are_found_however_they_are_cut() {
        let stream = format!("\r\n\r\n{ONE}{TWO}\r\n\r\n\r\n{ONE}");
        let expected = ["keep-alive 4", ONE, TWO, "keep-alive 4", "keep-alive 2", ONE];
        for piece in [1, 2, 3, 7, 50, 1000] {
            let mut inbox = Inbox::default();
            let mut found = vec![];
            for bytes in stream.as_bytes().chunks(piece) {
                inbox.push(bytes);
                found.extend(all(&mut inbox));
            }
            assert_eq!(found, expected, "pieces of {piece}");
            assert_eq!(inbox.len(), 0);
        }
    }

    #[test]
    fn what_is_no_sip_is_broken() {
        for text in ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS sip:a SIP/2.0\r\n\r\n", "\u{16}\u{3}\u{1}\r\n\r\n"] {
            let mut inbox = Inbox::default();
            inbox.push(text.as_bytes());
            assert!(all(&mut inbox)[0].starts_with("broken: "), "{text}");
        }
        let mut inbox = Inbox::default();
        inbox.push(&vec![b'x'; HEAD_BYTES_MAX + 1]);
        assert!(all(&mut inbox)[0].starts_with("broken: "));
    }

    #[test]
    fn a_dribbling_peer_costs_no_more_than_one_that_sends_at_once() {
        let head = format!("OPTIONS sip:a SIP/2.0\r\n{}l: 30000\r\n\r\n", "X: y\r\n".repeat(150));
        let message = format!("{head}{}", "b".repeat(30_000));
        let mut inbox = Inbox::default();
        let began = Instant::now();
        let mut found = vec![];
        for byte in message.bytes() {
            inbox.push(&[byte]);
            found.extend(all(&mut inbox));
        }
        assert_eq!(found, [message]);
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    }
}
