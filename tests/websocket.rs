//! A client of the daemon's sockets that can also say what no browser would: its frames are made by hand.
//! Never judges what it hears.

use crate::process::PATIENCE;
use serde_json::{Value, json};
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};

/// The first byte of a frame that is a whole text.
pub const TEXT: u8 = 0x81;

/// What a client hears.
#[derive(Debug, PartialEq)]
pub enum Heard {
    /// A reply.
    Reply(Value),
    /// The daemon closes the connection, with this code.
    Closed(u16),
    /// The connection is gone.
    Gone,
}

/// A connection.
pub struct WebSocket {
    /// For what is no frame at all.
    pub stream: TcpStream,
    buffer: Vec<u8>,
}

/// So many frames are acknowledged at once, as browsers do.
const ACKNOWLEDGED_EACH: u64 = 64;

impl WebSocket {
    /// Connects to `/ws/visitor` or `/ws/agent`; `head` are more header lines.
    pub fn open(daemon: SocketAddr, path: &str, head: &str) -> WebSocket {
        let mut stream = TcpStream::connect(daemon).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{head}\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = vec![];
        while !answer.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            assert_eq!(stream.read(&mut byte).unwrap(), 1, "{}", String::from_utf8_lossy(&answer));
            answer.push(byte[0]);
        }
        assert!(answer.starts_with(b"HTTP/1.1 101 "), "{}", String::from_utf8_lossy(&answer));
        WebSocket::over(stream)
    }

    /// Over a connection that is open already.
    pub fn over(stream: TcpStream) -> WebSocket {
        WebSocket { stream, buffer: vec![] }
    }

    /// A visitor's connection, with the snapshot that it got.
    pub fn visitor(daemon: SocketAddr, token: &str, session: &str, client: &str) -> (WebSocket, Value) {
        let mut socket = WebSocket::open(daemon, "/ws/visitor", "");
        let hello =
            json!({"type": "hello", "token": token, "session": session, "client": client, "have": 0, "language": "de"});
        socket.send(&hello);
        let snapshot = socket.reply("snapshot");
        (socket, snapshot)
    }

    /// An agent's connection, by name, password and client, with the snapshot that it got.
    pub fn agent(daemon: SocketAddr, authorization: &str, client: &str) -> (WebSocket, Value) {
        let mut socket = WebSocket::open(daemon, "/ws/agent", &format!("Authorization: Basic {authorization}\r\n"));
        socket.send(&json!({"type": "hello", "client": client}));
        let snapshot = socket.reply("snapshot");
        (socket, snapshot)
    }

    pub fn send(&mut self, request: &Value) {
        self.frame(TEXT, request.to_string().as_bytes());
    }

    /// A masked frame, with a mask of zeros. What a connection that was cut does not take is lost.
    pub fn frame(&mut self, first: u8, payload: &[u8]) {
        let frame = [header(first, payload.len() as u64).as_slice(), payload].concat();
        _ = self.stream.write_all(&frame);
    }

    /// Has something done, and waits for the answer: the code of the problem, if there is one.
    pub fn command(&mut self, id: u64, command: Value) -> Option<String> {
        self.send(&json!({"type": "command", "id": id, "command": command}));
        loop {
            let answer = self.reply("answer");
            if answer["id"] == id {
                return answer["problem"]["code"].as_str().map(str::to_owned);
            }
        }
    }

    /// The next reply of this type; others are passed over.
    #[track_caller]
    pub fn reply(&mut self, kind: &str) -> Value {
        loop {
            match self.hear() {
                Heard::Reply(reply) if reply["type"] == kind => return reply,
                Heard::Reply(reply) if reply["type"] == "refused" => panic!("waited for {kind}: {reply}"),
                Heard::Reply(_) => {}
                end => panic!("waited for {kind}: {end:?}"),
            }
        }
    }

    /// How the connection ends; replies are passed over.
    pub fn end(&mut self) -> Heard {
        loop {
            match self.hear() {
                Heard::Reply(_) => {}
                end => return end,
            }
        }
    }

    /// The next frame of this kind that an agent's desktop gets and that fits.
    pub fn shown(&mut self, kind: &str, fits: impl Fn(&Value) -> bool) -> Value {
        loop {
            let Heard::Reply(reply) = self.hear() else { panic!("the desktop goes on") };
            if reply["frame"]["kind"] == kind && fits(&reply["frame"]) {
                return reply["frame"].clone();
            }
        }
    }

    /// The next thing; pings are answered, and frames acknowledged.
    pub fn hear(&mut self) -> Heard {
        loop {
            let Some([first, second]) = self.take(2).map(|bytes| [bytes[0], bytes[1]]) else { return Heard::Gone };
            let more = match second {
                126 => 2,
                127 => 8,
                _ => 0,
            };
            let Some(long) = self.take(more) else { return Heard::Gone };
            let long = long.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
            let Some(payload) = self.take(if more == 0 { second.into() } else { long }) else { return Heard::Gone };
            match first & 0x0f {
                1 => {
                    let reply: Value = serde_json::from_slice(&payload).unwrap();
                    if let Some(seq) = reply["seq"].as_u64()
                        && reply["type"] == "frame"
                        && seq.is_multiple_of(ACKNOWLEDGED_EACH)
                    {
                        self.send(&json!({"type": "ack", "seq": seq}));
                    }
                    return Heard::Reply(reply);
                }
                8 => return Heard::Closed(payload.first_chunk().map_or(1005, |code| u16::from_be_bytes(*code))),
                9 => self.frame(0x8a, &payload),
                _ => {}
            }
        }
    }

    fn take(&mut self, count: usize) -> Option<Vec<u8>> {
        let mut bytes = [0; 4_096];
        while self.buffer.len() < count {
            match self.stream.read(&mut bytes) {
                Ok(0) => return None,
                Ok(read) => self.buffer.extend_from_slice(&bytes[..read]),
                Err(error) if matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe) => {
                    return None;
                }
                Err(error) => panic!("nothing was heard: {error}"),
            }
        }
        Some(self.buffer.drain(..count).collect())
    }
}

/// A client's frame header, with a mask of zeros.
pub fn header(first: u8, length: u64) -> Vec<u8> {
    let mut header = vec![first];
    match length {
        0..126 => header.push(0x80 | length as u8),
        126..65_536 => header.extend([&[0x80 | 126][..], &(length as u16).to_be_bytes()].concat()),
        _ => header.extend([&[0x80 | 127][..], &length.to_be_bytes()].concat()),
    }
    header.extend([0; 4]);
    header
}
