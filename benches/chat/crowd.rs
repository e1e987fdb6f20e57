//! Many browsers on one thread: WebSockets that are read as they come, with the acknowledgements that a browser sends.
//! Never drops a reply: whoever asks hears all of them, in the order of each connection.

use crate::shared::{Result, doing};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use serde_json::{Value, json};
use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// A browser acknowledges after so many frames.
const ACK_FRAMES: u64 = 32;
/// How long a daemon may take for anything.
const PATIENCE: Duration = Duration::from_secs(120);
/// The longest header of a server's frame.
const HEADER_BYTES_MAX: usize = 10;
const TEXT: u8 = 0x81;
const PONG: u8 = 0x8a;

/// A browser, by the order in which they came.
pub type Who = usize;

/// What a browser was sent, and when that was read.
pub struct Heard {
    pub who: Who,
    pub at: Instant,
    pub reply: Value,
}

/// The browsers.
pub struct Crowd {
    poll: Poll,
    events: Events,
    sockets: Vec<Socket>,
}

struct Socket {
    stream: TcpStream,
    /// What came of a frame that is not whole.
    rest: Vec<u8>,
    acknowledged: u64,
}

impl Crowd {
    /// Nobody yet.
    pub fn new() -> Result<Crowd> {
        let poll = Poll::new().map_err(doing("make a poll"))?;
        Ok(Crowd { poll, events: Events::with_capacity(1024), sockets: vec![] })
    }

    /// Opens a WebSocket; `head` are more header lines. It blocks until the daemon has agreed.
    pub fn open(&mut self, to: SocketAddr, path: &str, head: &str) -> Result<Who> {
        let open = || -> std::io::Result<(std::net::TcpStream, Vec<u8>)> {
            let mut stream = std::net::TcpStream::connect(to)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            let request = format!(
                "GET {path} HTTP/1.1\r\nHost: {to}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                 Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{head}\r\n"
            );
            stream.write_all(request.as_bytes())?;
            let (mut answer, mut bytes) = (vec![], [0; 1024]);
            // Nobody says anything before the first request: all of it is the answer's head.
            while !answer.ends_with(b"\r\n\r\n") {
                match stream.read(&mut bytes)? {
                    0 => break,
                    read => answer.extend_from_slice(&bytes[..read]),
                }
            }
            stream.set_nonblocking(true)?;
            Ok((stream, answer))
        };
        let (stream, answer) = open().map_err(doing("open a WebSocket"))?;
        if !answer.starts_with(b"HTTP/1.1 101 ") {
            return Err(format!("no WebSocket: {}", String::from_utf8_lossy(&answer)));
        }
        let (who, mut stream) = (self.sockets.len(), TcpStream::from_std(stream));
        let registered = self.poll.registry().register(&mut stream, Token(who), Interest::READABLE);
        registered.map_err(doing("watch a WebSocket"))?;
        self.sockets.push(Socket { stream, rest: vec![], acknowledged: 0 });
        Ok(who)
    }

    /// Sends a request.
    pub fn send(&mut self, who: Who, request: &Value) -> Result<()> {
        self.sockets[who].frame(TEXT, request.to_string().as_bytes())
    }

    /// Hears what comes until `until`; `done` looks at each reply and says whether that is all that was waited for.
    pub fn hear(&mut self, until: Instant, mut done: impl FnMut(Heard) -> Result<bool>) -> Result<bool> {
        let mut is_done = false;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.poll.poll(&mut self.events, Some(left)) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                polled => polled.map_err(doing("wait for news"))?,
            }
            for event in &self.events {
                let who = event.token().0;
                let at = Instant::now();
                self.sockets[who].read(|reply| {
                    is_done |= done(Heard { who, at, reply })?;
                    Ok(())
                })?;
            }
            // All of an event's news has to be read: it is told once.
            if is_done || Instant::now() >= until {
                return Ok(is_done);
            }
        }
    }

    /// The same, for as long as a daemon may take; an error that says `what` was waited for.
    pub fn await_all(&mut self, what: &str, done: impl FnMut(Heard) -> Result<bool>) -> Result<()> {
        match self.hear(Instant::now() + PATIENCE, done)? {
            true => Ok(()),
            false => Err(format!("waited in vain for {what}")),
        }
    }
}

impl Socket {
    fn read(&mut self, mut then: impl FnMut(Value) -> Result<()>) -> Result<()> {
        let mut bytes = [0; 64 * 1024];
        loop {
            match self.stream.read(&mut bytes) {
                Ok(0) => return Err("the daemon closed a connection".to_owned()),
                Ok(read) => self.rest.extend_from_slice(&bytes[..read]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(format!("hear the daemon: {error}")),
            }
        }
        let (whole, mut taken) = (std::mem::take(&mut self.rest), 0);
        while let Some((opcode, payload)) = frame(&whole[taken..]) {
            let payload = taken + payload.start..taken + payload.end;
            taken = payload.end;
            self.take(opcode, &whole[payload], &mut then)?;
        }
        self.rest = whole[taken..].to_vec();
        Ok(())
    }

    fn take(&mut self, opcode: u8, payload: &[u8], then: &mut impl FnMut(Value) -> Result<()>) -> Result<()> {
        match opcode {
            1 => {
                let reply: Value = serde_json::from_slice(payload).map_err(doing("read a reply"))?;
                match reply["type"].as_str() {
                    Some("refused") => return Err(format!("refused: {reply}")),
                    Some("frame") => self.acknowledge(reply["seq"].as_u64().unwrap_or(0))?,
                    _ => {}
                }
                then(reply)
            }
            9 => self.frame(PONG, payload),
            8 => Err(format!("the daemon closes a connection: {}", String::from_utf8_lossy(payload))),
            _ => Ok(()),
        }
    }

    fn acknowledge(&mut self, seq: u64) -> Result<()> {
        if seq - self.acknowledged < ACK_FRAMES {
            return Ok(());
        }
        self.acknowledged = seq;
        self.frame(TEXT, json!({"type": "ack", "seq": seq}).to_string().as_bytes())
    }

    /// Sends a client's frame (RFC 6455 §5.2), with a mask of zeros.
    fn frame(&mut self, first: u8, payload: &[u8]) -> Result<()> {
        let mut frame = vec![first];
        match u8::try_from(payload.len()) {
            Ok(short) if short < 126 => frame.push(0x80 | short),
            _ => {
                let long = u16::try_from(payload.len()).map_err(doing("send a request that is too long"))?;
                frame.push(0x80 | 126);
                frame.extend(long.to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend_from_slice(payload);
        // So little always fits into what the system holds for a daemon that reads.
        self.stream.write_all(&frame).map_err(doing("send a request"))
    }
}

/// The opcode of the first frame, and where its payload is; `None` if it is not whole.
fn frame(bytes: &[u8]) -> Option<(u8, std::ops::Range<usize>)> {
    let [first, second, ..] = *bytes else { return None };
    let begin = match second {
        126 => 4,
        127 => HEADER_BYTES_MAX,
        _ => 2,
    };
    let length = match bytes.get(2..begin)? {
        [] => usize::from(second),
        long => long.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)),
    };
    (bytes.len() >= begin + length).then_some((first & 0x0f, begin..begin + length))
}
