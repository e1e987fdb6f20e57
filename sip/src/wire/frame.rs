//! Where messages begin and end in a stream of bytes (RFC 3261 §18.3, RFC 5626 §3.5.1). Every stream uses this.
//! Never copies the stream, and never looks at a byte of it twice for the end of a head, however small the pieces.

use super::{MESSAGE_BYTES_MAX, WireError, head};

/// A keep-alive's question: two line ends between messages. It wants [`PONG`] at once (RFC 5626 §3.5.1).
pub const PING: &[u8] = b"\r\n\r\n";
/// The answer to [`PING`].
pub const PONG: &[u8] = b"\r\n";

/// What the first bytes of a stream are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame {
    /// Not all of it has come. Read more, keep what there is, and ask again.
    ///
    /// A single line end with nothing behind it is incomplete too: it may be half of a [`PING`]. Whoever has sent a
    /// ping and finds exactly [`PONG`] waiting has its answer.
    Incomplete,
    /// The first `length` bytes are one whole message for [`super::parse`].
    Message {
        /// In bytes, at most [`MESSAGE_BYTES_MAX`].
        length: usize,
    },
    /// The first `length` bytes are line ends between messages.
    KeepAlive {
        /// In bytes.
        length: usize,
        /// What they mean.
        kind: KeepAlive,
    },
    /// Nobody can tell where the next message begins: close the connection.
    Broken(WireError),
}

/// Line ends between messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeepAlive {
    /// Send [`PONG`] back.
    Ping,
    /// Nothing to do: the answer to a ping, or a line end too many before a message (RFC 3261 §7.5).
    Pong,
}

/// Finds the end of the first message in all the bytes of a stream that have not been taken yet.
pub fn frame(buffer: &[u8]) -> Frame {
    Framer::default().frame(buffer)
}

/// [`frame`] for a stream that arrives in pieces: one for each connection. It remembers how far it has looked, so that
/// a peer who sends byte by byte costs no more than one who sends at once.
///
/// 1. Append what was read to a buffer, and call [`Framer::frame`] with the whole buffer.
/// 2. At [`Frame::Message`] and [`Frame::KeepAlive`], drop `length` bytes from the buffer's start and call again.
/// 3. At [`Frame::Incomplete`], read on. The buffer never needs more than [`MESSAGE_BYTES_MAX`] bytes.
/// 4. At [`Frame::Broken`], close.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Framer {
    progress: Progress,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// The head does not end within the first `searched` bytes.
    Head { searched: usize },
    /// The whole message will have this length.
    Body { length: usize },
}

impl Default for Progress {
    fn default() -> Progress {
        Progress::Head { searched: 0 }
    }
}

impl Framer {
    /// Looks at the bytes that have not been taken. Between two calls they may only grow, unless a frame was taken.
    pub fn frame(&mut self, buffer: &[u8]) -> Frame {
        if self.progress == Progress::default()
            && let Some(between) = line_ends(buffer)
        {
            return between;
        }
        let length = match self.message_length(buffer) {
            Ok(Some(length)) => length,
            Ok(None) => return Frame::Incomplete,
            Err(why) => return Frame::Broken(why),
        };
        if buffer.len() < length {
            self.progress = Progress::Body { length };
            return Frame::Incomplete;
        }
        self.progress = Progress::default();
        Frame::Message { length }
    }

    fn message_length(&mut self, buffer: &[u8]) -> Result<Option<usize>, WireError> {
        let searched = match self.progress {
            Progress::Head { searched } => searched,
            Progress::Body { length } => return Ok(Some(length)),
        };
        let Some(head) = head::length(buffer, searched)? else {
            self.progress = Progress::Head { searched: buffer.len() };
            return Ok(None);
        };
        let (_, _, headers) = head::read(&buffer[..head])?;
        let body = head::content_length(&headers)
            .map_err(|flaw| WireError::Malformed(flaw.reason))?
            .ok_or(WireError::Malformed("a message in a stream needs a Content-Length"))?;
        let whole = head.checked_add(body).filter(|whole| *whole <= MESSAGE_BYTES_MAX);
        whole.map(Some).ok_or(WireError::TooLong("the message"))
    }
}

/// What line ends at the start mean; none if there are none.
fn line_ends(buffer: &[u8]) -> Option<Frame> {
    if buffer.starts_with(PING) {
        return Some(Frame::KeepAlive { length: PING.len(), kind: KeepAlive::Ping });
    }
    if PING.starts_with(buffer) {
        return Some(Frame::Incomplete);
    }
    buffer.starts_with(PONG).then_some(Frame::KeepAlive { length: PONG.len(), kind: KeepAlive::Pong })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::HEAD_BYTES_MAX;

    #[test]
    fn line_ends_between_messages_are_keep_alives() {
        let ping = Frame::KeepAlive { length: 4, kind: KeepAlive::Ping };
        let pong = Frame::KeepAlive { length: 2, kind: KeepAlive::Pong };
        for (bytes, expected) in [
            (&b""[..], Frame::Incomplete),
            (b"\r", Frame::Incomplete),
            (b"\r\n", Frame::Incomplete),
            (b"\r\n\r", Frame::Incomplete),
            (b"\r\n\r\n", ping),
            (b"\r\n\r\n\r\n", ping),
            (b"\r\nOPTIONS", pong),
            (b"\r\n\rx", pong),
        ] {
            assert_eq!(frame(bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn what_hides_the_next_message_breaks_the_stream() {
        let endless = vec![b'x'; HEAD_BYTES_MAX];
        assert_eq!(frame(&endless[1..]), Frame::Incomplete);
        assert_eq!(frame(&endless), Frame::Broken(WireError::TooLong("the header block")));
        for lengths in [
            "",
            "l: -1\r\n",
            "l: +1\r\n",
            "l: 1 1\r\n",
            "l: 0x1\r\n",
            "l:\r\n",
            "l: 1, 1\r\n",
            "l: 1\r\nContent-Length: 2\r\n",
            "l: 65536\r\n",
            "l: 18446744073709551615\r\n",
            "l: 99999999999999999999999999\r\n",
        ] {
            let text = format!("OPTIONS sip:a SIP/2.0\r\n{lengths}\r\n");
            assert!(matches!(frame(text.as_bytes()), Frame::Broken(_)), "{lengths}");
        }
        assert!(matches!(frame(b"GET / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"), Frame::Broken(_)));
    }

    #[test]
    fn equal_content_lengths_are_one() {
        let text = b"OPTIONS sip:a SIP/2.0\r\nl: 2\r\nContent-Length: 02\r\n\r\nab";
        assert_eq!(frame(text), Frame::Message { length: text.len() });
    }
}
