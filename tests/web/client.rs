//! A small HTTP client: one request a connection, sent as it is, and what came back.

use crate::process::PATIENCE;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    head: String,
    pub body: Vec<u8>,
}

impl Answer {
    /// A header's value, whatever the case of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// What was told as it went on, without the lengths of the chunks in which it came (RFC 9112 §7.1), to its end.
    pub fn told(&self) -> Vec<u8> {
        assert_eq!(self.header("transfer-encoding"), Some("chunked"), "{}", self.text());
        let (mut whole, mut rest) = (vec![], self.body.as_slice());
        loop {
            let line = rest.windows(2).position(|end| end == b"\r\n").expect("the last chunk is empty");
            let length = usize::from_str_radix(std::str::from_utf8(&rest[..line]).unwrap(), 16).unwrap();
            if length == 0 {
                return whole;
            }
            whole.extend_from_slice(&rest[line + 2..line + 2 + length]);
            rest = &rest[line + 4 + length..];
        }
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|why| panic!("{why}: {self:?}"))
    }
}

/// Sends a request with these headers, one a line, and reads its answer until the connection is closed.
pub fn ask(http: SocketAddr, line: &str, headers: &str, body: &str) -> Answer {
    let mut stream = TcpStream::connect(http).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let headers: String = headers.lines().map(|line| format!("{}\r\n", line.trim())).collect();
    let length = if body.is_empty() { String::new() } else { format!("content-length: {}\r\n", body.len()) };
    let request = format!("{line} HTTP/1.1\r\nhost: {http}\r\nconnection: close\r\n{headers}{length}\r\n{body}");
    stream.write_all(request.as_bytes()).unwrap();
    answer(&mut stream)
}

/// Reads an answer until the connection is closed.
pub fn answer(stream: &mut TcpStream) -> Answer {
    let mut bytes = vec![];
    stream.read_to_end(&mut bytes).unwrap();
    let head = bytes.windows(4).position(|window| window == b"\r\n\r\n");
    let head = head.unwrap_or_else(|| panic!("no answer: {}", String::from_utf8_lossy(&bytes)));
    let body = bytes.split_off(head + 4);
    let head = String::from_utf8(bytes).unwrap();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
    Answer { status, head, body }
}

/// Logs in from an address, as a reverse proxy on this machine tells it.
pub fn log_in(http: SocketAddr, from: &str, name: &str, password: &str) -> Answer {
    let headers = format!("content-type: application/json\nx-forwarded-for: {from}");
    ask(http, "POST /api/v1/sessions", &headers, &serde_json::json!({ "name": name, "password": password }).to_string())
}

/// Asks as somebody with a name and a password.
pub fn ask_as(http: SocketAddr, name: &str, line: &str) -> Answer {
    ask(http, line, &format!("authorization: Basic {}", base64(&format!("{name}:{}", super::PASSWORD))), "")
}

/// Sends JSON as somebody, with more headers; nothing if it is `null`.
pub fn send_as(http: SocketAddr, name: &str, line: &str, headers: &str, body: &serde_json::Value) -> Answer {
    let credentials = base64(&format!("{name}:{}", super::PASSWORD));
    let headers = format!("authorization: Basic {credentials}\ncontent-type: application/json\n{headers}");
    let body = if body.is_null() { String::new() } else { body.to_string() };
    ask(http, line, &headers, &body)
}

pub fn base64(text: &str) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = |group: &[u8]| {
        let bits = (0..3).fold(0, |bits, at| bits << 8 | u32::from(group.get(at).copied().unwrap_or(0)));
        let digit = move |at: usize| char::from(DIGITS[(bits >> (18 - 6 * at)) as usize & 63]);
        (0..4).map(move |at| if at <= group.len() { digit(at) } else { '=' }).collect::<String>()
    };
    text.as_bytes().chunks(3).map(digits).collect()
}
