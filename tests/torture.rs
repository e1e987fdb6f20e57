//! The torture messages of RFC 4475 and RFC 5118 against the sockets of a running daemon: UDP and TCP, IPv4 and IPv6.
//! Never has expectations of its own: the crate's table says what each message gets, and `STREAMS` what TCP cannot carry.

use crate::process::{Daemon, PATIENCE, own_address};
use crate::targets::seeds::{TORTURE, bytes_of};
use sip::wire::{self, Frame, Framer, Raw, Start};
use socket2::{Domain, Socket, Type};
use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

#[path = "../sip/tests/torture/table.rs"]
mod table;

use table::Expected::{self, *};
use table::TABLE;

/// Numbers that the messages dial and that a company can have.
const NUMBERS: &[&str] = &["user", "UserB"];

/// What becomes of a call in the end.
fn settled(name: &str) -> u16 {
    match name {
        // Nobody has this number.
        "esc01" => 404,
        // What a stream waits for is no description.
        "clerr" => 488,
        _ => 200,
    }
}

/// What a stream makes of a message that a datagram would carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum InStream {
    /// As it is.
    Whole,
    /// The rest of what Content-Length promises is waited for: so many bytes. Then the answer is this.
    Unfinished { bytes: usize, then: Expected },
    /// Nobody knows where it, or what is behind it, ends: the connection is cut (RFC 3261 §18.3, RFC 4475 §3.1.2.3).
    Cut { after: Expected },
}

/// Messages that a stream cannot carry.
#[rustfmt::skip]
const STREAMS: &[(&str, InStream, &str)] = &[
    ("clerr",   InStream::Unfinished { bytes: 9_845, then: Call("user") }, "its Content-Length is larger than its body"),
    ("multi01", InStream::Unfinished { bytes: 2, then: Answer(400) }, "its Content-Length is larger than its body"),
    ("dblreq",  InStream::Cut { after: Answer(401) }, "behind its two requests there is something that is none"),
    ("ncl",     InStream::Cut { after: Silence }, "its Content-Length is negative"),
    ("mcl01",   InStream::Cut { after: Silence }, "it has two different Content-Lengths"),
    ("inv2543", InStream::Cut { after: Silence }, "it has no Content-Length"),
];

fn in_stream(name: &str) -> InStream {
    STREAMS.iter().find(|(own, _, _)| *own == name).map_or(InStream::Whole, |(_, what, _)| *what)
}

#[test]
fn every_torture_message_gets_its_answer_by_udp() {
    by_udp(own_address());
}

#[test]
fn every_torture_message_gets_its_answer_by_udp_over_ipv6() {
    by_udp(Ipv6Addr::LOCALHOST.into());
}

#[test]
fn every_torture_message_gets_its_answer_by_tcp() {
    by_tcp(own_address());
}

#[test]
fn every_torture_message_gets_its_answer_by_tcp_over_ipv6() {
    by_tcp(Ipv6Addr::LOCALHOST.into());
}

fn by_udp(own: IpAddr) {
    let mut daemon = Daemon::start(&[own], NUMBERS, &[]);
    let trunk = Trunk::at(own, daemon.sip_port);
    let mut wrong = Vec::new();
    for (turn, ((name, section, expected, why), (_, text))) in TABLE.iter().zip(TORTURE).enumerate() {
        let bytes = bytes_of(text);
        trunk.send(&bytes);
        let mut answers = trunk.until_options(turn, name);
        if let Call(_) = expected {
            while last_of(&answers, &bytes).is_none() {
                answers.push(trunk.receive());
            }
            last_of(&answers, &bytes).into_iter().for_each(|last| trunk.end(last, turn));
        }
        judge(&mut wrong, (name, section, why), *expected, &bytes, &answers);
        daemon.assert_alive();
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    daemon.until("all calls are over", |daemon| daemon.media_ports_open() == 0);
    assert!(!daemon.log().contains("panicked"), "{}", daemon.last_words());
}

fn by_tcp(own: IpAddr) {
    let mut daemon = Daemon::start(&[own], NUMBERS, &[]);
    let mut other = Line::open(own, daemon.sip_port);
    let mut wrong = Vec::new();
    for (turn, ((name, section, expected, why), (_, text))) in TABLE.iter().zip(TORTURE).enumerate() {
        let bytes = bytes_of(text);
        let mut line = Line::open(own, daemon.sip_port);
        line.send(&bytes);
        let (wanted, is_cut) = match in_stream(name) {
            InStream::Whole => (*expected, false),
            InStream::Unfinished { bytes: missing, then } => {
                // Meanwhile whoever else asks is answered.
                assert!(other.until_options(2 * turn, name).1);
                line.send(&b"x".repeat(missing));
                (then, false)
            }
            InStream::Cut { after } => (after, true),
        };
        let (mut answers, is_answered) = line.until_options(turn, name);
        assert_eq!(is_answered, !is_cut, "OPTIONS on the same connection, after {name}");
        if let Call(_) = wanted {
            while last_of(&answers, &bytes).is_none() {
                answers.push(line.receive().expect("an end to the call's beginning"));
            }
            last_of(&answers, &bytes).into_iter().for_each(|last| line.end(last, turn));
        }
        judge(&mut wrong, (name, section, why), wanted, &bytes, &answers);
        assert!(other.until_options(2 * turn + 1, name).1, "another connection, after {name}");
        daemon.assert_alive();
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    daemon.until("all calls are over", |daemon| daemon.media_ports_open() == 0);
    assert!(!daemon.log().contains("panicked"), "{}", daemon.last_words());
}

/// Compares what came with what the table says, for all that carry this message's Call-ID.
fn judge(
    wrong: &mut Vec<String>,
    (name, section, why): (&str, &str, &str),
    expected: Expected,
    bytes: &[u8],
    answers: &[Raw],
) {
    let call_id = call_id(bytes);
    let own = answers.iter().filter(|answer| answer.first("Call-ID").unwrap_or("") == call_id && !repeats(answer));
    let got: Vec<u16> = own.map(status).collect();
    let wanted = match expected {
        Answer(status) => vec![status],
        Call(_) => vec![100, settled(name)],
        Silence => vec![],
    };
    if got != wanted {
        wrong.push(format!("{name} (RFC {section}; {why}): {wanted:?}, got {got:?}"));
    }
}

/// The last answer to a message.
fn last_of<'a>(answers: &'a [Raw], bytes: &[u8]) -> Option<&'a Raw> {
    let call_id = call_id(bytes);
    answers.iter().find(|answer| answer.first("Call-ID") == Some(&call_id) && status(answer) >= 200)
}

/// What the message's Call-ID is, read by nobody who could be wrong with us.
fn call_id(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let line = text.lines().take_while(|line| !line.is_empty()).find_map(|line| {
        let (name, value) = line.split_once(':')?;
        ["call-id", "i"].contains(&name.trim().to_ascii_lowercase().as_str()).then(|| value.trim().to_owned())
    });
    line.unwrap_or_default()
}

fn status(answer: &Raw) -> u16 {
    match answer.start {
        Start::Response { status, .. } => status,
        Start::Request { .. } => 0,
    }
}

/// A request of the daemon's own, such as the BYE to a call that we let go.
fn repeats(message: &Raw) -> bool {
    status(message) == 0
}

fn options(turn: usize, transport: &str, own: SocketAddr, port: u16) -> (String, Vec<u8>) {
    let call_id = format!("after-{turn}-{}", own.port());
    let text = format!(
        "OPTIONS sip:localhost:{port} SIP/2.0\r\nVia: SIP/2.0/{transport} {own};rport;branch=z9hG4bK-{call_id}\r\n\
         From: <sip:a@b>;tag=a\r\nTo: <sip:localhost>\r\nCall-ID: {call_id}\r\nCSeq: 1 OPTIONS\r\n\
         Content-Length: 0\r\n\r\n"
    );
    (call_id, text.into_bytes())
}

/// The ACK to the last answer to an INVITE, and a BYE if that was a 200.
fn goodbye(last: &Raw, transport: &str, own: SocketAddr, turn: usize) -> Vec<Vec<u8>> {
    let header = |name: &str| last.first(name).unwrap_or("").to_owned();
    let number: u64 = header("CSeq").split(' ').next().and_then(|number| number.parse().ok()).unwrap();
    let request = |method: &str, target: &str, via: String, number: u64| {
        let (from, to, call_id) = (header("From"), header("To"), header("Call-ID"));
        let text = format!(
            "{method} {target} SIP/2.0\r\nVia: {via}\r\nFrom: {from}\r\nTo: {to}\r\nCall-ID: {call_id}\r\n\
             CSeq: {number} {method}\r\nContent-Length: 0\r\n\r\n"
        );
        text.into_bytes()
    };
    if status(last) != 200 {
        // It belongs to the INVITE's transaction (RFC 3261 §17.1.1.3).
        return vec![request("ACK", "sip:localhost", header("Via"), number)];
    }
    let contact = header("Contact");
    let target = contact.split(['<', '>']).nth(1).expect("a 200 to an INVITE has a Contact");
    let via = |method: &str| format!("SIP/2.0/{transport} {own};rport;branch=z9hG4bK-{method}-{turn}");
    vec![request("ACK", target, via("ack"), number), request("BYE", target, via("bye"), number + 1)]
}

fn is_answer_to_bye(message: &Raw) -> bool {
    let is_one = matches!(message.start, Start::Response { .. })
        && message.first("CSeq").is_some_and(|cseq| cseq.ends_with("BYE"));
    assert!(!is_one || status(message) == 200, "BYE got {}", status(message));
    is_one
}

/// A trunk that speaks UDP. Answers go to the port that a message's Via names, so it has all of them.
struct Trunk {
    sockets: Vec<UdpSocket>,
    daemon: SocketAddr,
}

impl Trunk {
    fn at(own: IpAddr, port: u16) -> Trunk {
        let bind = |port: u16| {
            let began = Instant::now();
            loop {
                match UdpSocket::bind((own, port)) {
                    Ok(socket) => break socket,
                    // On ::1 everybody shares the port: wait for one's turn.
                    Err(error) => {
                        assert!(
                            began.elapsed() < PATIENCE,
                            "bind {own}:{port}: {error} (a SIP server on all addresses?)"
                        );
                        std::thread::sleep(Duration::from_millis(50));
                    }
                }
            }
        };
        // Those in the Vias of the table's messages; the last is where OPTIONS is answered, after all the others.
        let sockets: Vec<UdpSocket> = [5050, 5070, 6050, 19823, 5060].into_iter().map(bind).collect();
        sockets.iter().for_each(|socket| socket.set_nonblocking(true).unwrap());
        Trunk { sockets, daemon: SocketAddr::new(loopback(own), port) }
    }

    /// Where it sends from.
    fn main(&self) -> &UdpSocket {
        &self.sockets[self.sockets.len() - 1]
    }

    fn send(&self, bytes: &[u8]) {
        self.main().send_to(bytes, self.daemon).unwrap();
    }

    fn receive(&self) -> Raw {
        let (mut buffer, began) = ([0; 65_535], Instant::now());
        loop {
            if let Some(length) = self.sockets.iter().find_map(|socket| socket.recv(&mut buffer).ok()) {
                return wire::parse(&buffer[..length]).expect("the daemon sends what can be read");
            }
            assert!(began.elapsed() < PATIENCE, "the daemon does not answer");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Asks OPTIONS, and takes everything that came before its answer.
    fn until_options(&self, turn: usize, after: &str) -> Vec<Raw> {
        let (call_id, options) = options(turn, "UDP", self.main().local_addr().unwrap(), self.daemon.port());
        self.send(&options);
        let mut before = Vec::new();
        loop {
            let message = self.receive();
            if message.first("Call-ID") == Some(&call_id) {
                assert_eq!(status(&message), 200, "OPTIONS after {after}");
                return before;
            }
            before.push(message);
        }
    }

    /// The next message about the same call.
    fn hear_of(&self, call: &Raw) -> Raw {
        let messages = std::iter::repeat_with(|| self.receive());
        messages.into_iter().find(|message| message.first("Call-ID") == call.first("Call-ID")).expect("without an end")
    }

    /// Acknowledges the end of a call's beginning; one that was taken is hung up.
    fn end(&self, last: &Raw, turn: usize) {
        for request in goodbye(last, "UDP", self.main().local_addr().unwrap(), turn) {
            self.send(&request);
        }
        if status(last) == 200 {
            while !is_answer_to_bye(&self.hear_of(last)) {}
        }
    }
}

/// One connection of a trunk.
struct Line {
    stream: TcpStream,
    own: SocketAddr,
    daemon: SocketAddr,
    framer: Framer,
    unread: Vec<u8>,
}

impl Line {
    fn open(own: IpAddr, port: u16) -> Line {
        let daemon = SocketAddr::new(loopback(own), port);
        let socket = Socket::new(Domain::for_address(daemon), Type::STREAM, None).unwrap();
        socket.bind(&SocketAddr::new(own, 0).into()).unwrap();
        socket.connect(&daemon.into()).unwrap();
        let stream = TcpStream::from(socket);
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let own = stream.local_addr().unwrap();
        Line { stream, own, daemon, framer: Framer::default(), unread: Vec::new() }
    }

    /// What a connection that was cut does not take is lost; the reader notices.
    fn send(&mut self, bytes: &[u8]) {
        _ = self.stream.write_all(bytes);
    }

    /// The next message; none once the daemon has cut the connection.
    fn receive(&mut self) -> Option<Raw> {
        loop {
            match self.framer.frame(&self.unread) {
                Frame::Message { length } => {
                    let message: Vec<u8> = self.unread.drain(..length).collect();
                    return Some(wire::parse(&message).expect("the daemon sends what can be read"));
                }
                Frame::KeepAlive { length, .. } => drop(self.unread.drain(..length)),
                Frame::Incomplete => {
                    let mut buffer = [0; 16_384];
                    match self.stream.read(&mut buffer) {
                        Ok(0) => return None,
                        Ok(length) => self.unread.extend_from_slice(&buffer[..length]),
                        Err(error) if error.kind() == ErrorKind::ConnectionReset => return None,
                        Err(error) => panic!("the daemon neither answers nor cuts: {error}"),
                    }
                }
                Frame::Broken(why) => panic!("the daemon sends what can be framed: {why}"),
            }
        }
    }

    /// Asks OPTIONS, and takes everything that came before its answer; whether that came, or the connection was cut.
    fn until_options(&mut self, turn: usize, after: &str) -> (Vec<Raw>, bool) {
        let (call_id, options) = options(turn, "TCP", self.own, self.daemon.port());
        self.send(&options);
        let mut before = Vec::new();
        while let Some(message) = self.receive() {
            if message.first("Call-ID") == Some(&call_id) {
                assert_eq!(status(&message), 200, "OPTIONS after {after}");
                return (before, true);
            }
            before.push(message);
        }
        (before, false)
    }

    /// Acknowledges the end of a call's beginning; one that was taken is hung up.
    fn end(&mut self, last: &Raw, turn: usize) {
        for request in goodbye(last, "TCP", self.own, turn) {
            self.send(&request);
        }
        if status(last) == 200 {
            while !is_answer_to_bye(&self.receive().expect("the answer to BYE")) {}
        }
    }
}

/// The daemon's address of the same family.
fn loopback(own: IpAddr) -> IpAddr {
    if own.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() }
}
