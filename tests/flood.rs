//! Mutilated messages and lying streams against the sockets of a running daemon: it lives, answers, and forgets them.
//! MUTATIONS=1000000 sends more than an ordinary run. Never judges answers: `torture.rs` does.

use crate::process::{Daemon, PATIENCE, own_address};
use crate::targets::mutate::{Dice, mutate};
use crate::targets::{seeds, subject};
use sip::wire::{self, WireError};
use socket2::{Domain, Socket, Type};
use std::collections::{BTreeMap, VecDeque};
use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

const MUTATIONS_USUAL: usize = 50_000;
/// The longest payload of a datagram over IPv4.
const DATAGRAM_BYTES_MAX: usize = 65_507;
/// After how much OPTIONS is asked, so that the daemon's receive buffer never runs over: it reads what it is sent.
const ROUND_BYTES: usize = 48 * 1024;
const ROUND_MESSAGES: usize = 40;
/// How much more memory may be in use afterwards than before.
const MEMORY_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// How many of the daemon's messages are remembered, for others to be made from them.
const REMEMBERED_MAX: usize = 32;
/// What is repeated is soon given up, and so is a call that sends no sound.
/// A stranger may say as much as a trunk here: what is dropped unread would find nothing.
const SETTINGS: &[(&str, &str)] = &[
    ("SIP__T1_MS", "20"),
    ("MEDIA__SILENCE_S", "2"),
    ("LOG__FILTER", "error"),
    ("LIMITS__SIP_REQUESTS_PER_SOURCE_PER_SECOND", "1000000"),
    ("LIMITS__SIP_STRANGERS_PER_SOURCE_PER_MINUTE", "1000000"),
    ("LIMITS__SIP_FAILURES_PER_SOURCE_PER_MINUTE", "1000000"),
];

fn mutations() -> usize {
    std::env::var("MUTATIONS").map_or(MUTATIONS_USUAL, |text| text.parse().expect("MUTATIONS is a number"))
}

#[test]
fn mutilated_datagrams_are_survived_answered_and_forgotten() {
    let trunk = own_address();
    let mut daemon = Daemon::start(&[trunk], &["4711", "user", "UserB"], SETTINGS);
    let seeds = seeds::messages();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    // One may call, the other is a stranger.
    let mut peers = [trunk, own_address()].map(|own| Peer::at(own, daemon.sip_port));
    // What every daemon needs once is not counted: its first calls and connections to the database.
    let mut before = 0;
    let (mut sent, mut sent_bytes, began) = (0, 0, Instant::now());
    let count = mutations();
    while sent < count {
        let (mut round_bytes, mut round) = (0, 0);
        while round < ROUND_MESSAGES && round_bytes < ROUND_BYTES && sent < count {
            let peer = &mut peers[dice.roll(2)];
            // Half of them are answers to what was said last, so that there is always something going on.
            let reply = if dice.roll(2) == 0 { peer.reply(&mut dice) } else { None };
            let mut bytes = reply.unwrap_or_else(|| dice.of(&seeds).clone());
            mutate(&mut dice, &mut bytes, &seeds);
            bytes.truncate(DATAGRAM_BYTES_MAX);
            peer.socket.send_to(&bytes, peer.daemon).unwrap();
            (sent, round, round_bytes) = (sent + 1, round + 1, round_bytes + bytes.len());
        }
        sent_bytes += round_bytes;
        peers.iter_mut().for_each(|peer| peer.assert_answers(&mut daemon));
        if before == 0 && sent >= count / 10 {
            before = daemon.memory_bytes("VmRSS");
        }
    }
    let took = began.elapsed();
    assert_eq!(daemon.datagrams_lost(), 0, "every one of them was read");
    let most = daemon.memory_bytes("VmHWM");
    // A call that one of them really made goes on, as it may on hold, until somebody hangs up.
    let calls: usize = peers.iter_mut().map(|peer| peer.hang_up(&mut daemon)).sum();
    daemon.until("all calls are over", |daemon| daemon.media_ports_open() == 0);
    daemon.until("the memory is free again", |daemon| daemon.memory_bytes("VmRSS") <= before + MEMORY_BYTES_MAX);
    let after = daemon.memory_bytes("VmRSS");
    peers.iter_mut().for_each(|peer| peer.assert_answers(&mut daemon));
    let heard: usize = peers.iter().map(|peer| peer.heard).sum();
    println!(
        "{sent} datagrams, {} MB, {heard} answers and requests, {calls} calls, in {:.1} s; memory {} MiB before, {} at most, {} after",
        sent_bytes / 1_000_000,
        took.as_secs_f64(),
        before >> 20,
        most >> 20,
        after >> 20
    );
    assert!(heard > sent / 4, "only {heard} of {sent} had any effect: they are too broken to prove anything");
    assert!(!daemon.log().contains("panicked"), "{}", daemon.last_words());
}

#[test]
fn streams_that_lie_are_cut_and_hinder_nobody() {
    let own = own_address();
    let mut daemon = Daemon::start(&[own], &["4711"], SETTINGS);
    let head = "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/TCP a;branch=z9hG4bKx\r\n";
    let message = |lengths: &str| format!("{head}{lengths}\r\nabc").into_bytes();
    #[rustfmt::skip]
    let rows: Vec<(&str, Vec<u8>, bool)> = vec![
        // What it does, its bytes, whether it is cut at once.
        ("too short a body",         message("Content-Length: 4\r\n"),                    false),
        ("a promise",                message("Content-Length: 60000\r\n"),                false),
        ("too long a body",          message("Content-Length: 2\r\n"),                    false),
        ("garbage behind",           [message("l: 3\r\n"), b"GET / HTTP/1.1\r\n\r\n".to_vec()].concat(), true),
        ("one byte over the cap",    message("Content-Length: 65536\r\n"),                true),
        ("beyond 32 bits",           message("Content-Length: 4294967299\r\n"),           true),
        ("beyond 64 bits",           message("Content-Length: 18446744073709551619\r\n"), true),
        ("a negative length",        message("Content-Length: -1\r\n"),                   true),
        ("two lengths",              message("Content-Length: 3\r\nl: 4\r\n"),            true),
        ("two lengths in one",       message("Content-Length: 3 3\r\n"),                  true),
        ("an empty length",          message("Content-Length:\r\n"),                      true),
        ("no length",                message(""),                                         true),
        ("another protocol",         b"GET / HTTP/1.1\r\nContent-Length: 0\r\n\r\n".to_vec(), true),
        ("TLS",                      [&[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3][..], &[7; 500], b"\r\n\r\n"].concat(), true),
        ("a head without an end",    [head.as_bytes(), &b"X-Own: y\r\n".repeat(4_000)].concat(), true),
        ("a line without an end",    vec![b'x'; 40_000],                                  true),
        ("nothing but line ends",    b"\r\n".repeat(5_000),                               false),
        ("half a line end",          b"\r".to_vec(),                                      false),
        ("zeros",                    vec![0; 40_000],                                     true),
    ];
    let mut alive = Connection::open(own, daemon.sip_port);
    let mut kept = Vec::new();
    for (what, bytes, is_cut) in rows {
        let mut liar = Connection::open(own, daemon.sip_port);
        liar.send(&bytes);
        alive.assert_answers(what);
        if is_cut {
            assert!(liar.is_cut(), "{what}");
        } else {
            // It waits, until the time for a message is over.
            kept.push((what, liar));
        }
    }
    let count = mutations() / 50;
    let seeds = seeds::streams();
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    let before = daemon.memory_bytes("VmRSS");
    for turn in 0..count {
        let mut bytes = dice.of(&seeds)[2..].to_vec();
        mutate(&mut dice, &mut bytes, &seeds);
        let mut liar = Connection::open(own, daemon.sip_port);
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let (piece, more) = rest.split_at((1 + dice.roll(2_000)).min(rest.len()));
            liar.send(piece);
            rest = more;
        }
        if turn % 10 == 9 {
            alive.assert_answers("a mutilated stream");
        }
    }
    // Whatever still waits for its promise is cut in the end.
    for (what, liar) in &mut kept {
        assert!(liar.is_cut(), "{what}");
    }
    daemon.until("all calls are over", |daemon| daemon.media_ports_open() == 0);
    daemon.until("the memory is free again", |daemon| daemon.memory_bytes("VmRSS") <= before + MEMORY_BYTES_MAX);
    alive.assert_answers("all of them");
    println!(
        "{count} mutilated streams; memory {} MiB before, {} after",
        before >> 20,
        daemon.memory_bytes("VmRSS") >> 20
    );
    assert!(!daemon.log().contains("panicked"), "{}", daemon.last_words());
}

fn options(number: usize, transport: &str, own: SocketAddr) -> (String, String) {
    let call_id = format!("alive-{number}-{}", own.port());
    let text = format!(
        "OPTIONS sip:localhost SIP/2.0\r\nVia: SIP/2.0/{transport} {own};rport;branch=z9hG4bK-{call_id}\r\n\
         From: <sip:a@b>;tag=a\r\nTo: <sip:localhost>\r\nCall-ID: {call_id}\r\nCSeq: 1 OPTIONS\r\n\
         Content-Length: 0\r\n\r\n"
    );
    (call_id, text)
}

/// Somebody who sends datagrams.
struct Peer {
    socket: UdpSocket,
    daemon: SocketAddr,
    asked: usize,
    /// What the daemon said last.
    said: VecDeque<Vec<u8>>,
    heard: usize,
    /// The calls that were taken, by Call-ID and the daemon's tag: what a BYE needs.
    taken: BTreeMap<(String, String), String>,
}

impl Peer {
    /// From port 5060, to which answers go that no Via sends elsewhere.
    fn at(own: IpAddr, port: u16) -> Peer {
        let socket = UdpSocket::bind((own, 5060)).expect("port 5060 of an address of one's own");
        socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        Peer {
            socket,
            daemon: (Ipv4Addr::LOCALHOST, port).into(),
            asked: 0,
            said: VecDeque::new(),
            heard: 0,
            taken: BTreeMap::new(),
        }
    }

    /// An OPTIONS is answered; everything else that comes is remembered.
    fn assert_answers(&mut self, daemon: &mut Daemon) {
        self.asked += 1;
        let (call_id, options) = options(self.asked, "UDP", self.socket.local_addr().unwrap());
        let (mut buffer, began) = ([0; 65_535], Instant::now());
        self.socket.send_to(options.as_bytes(), self.daemon).unwrap();
        loop {
            match self.socket.recv(&mut buffer) {
                Ok(length) if buffer[..length].windows(call_id.len()).any(|window| window == call_id.as_bytes()) => {
                    assert!(buffer.starts_with(b"SIP/2.0 200 "), "{}", String::from_utf8_lossy(&buffer[..length]));
                    return;
                }
                Ok(length) => {
                    self.heard += 1;
                    self.note(&buffer[..length]);
                    self.said.push_back(buffer[..length].to_vec());
                    if self.said.len() > REMEMBERED_MAX {
                        self.said.pop_front();
                    }
                }
                Err(error) => {
                    assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted), "{error}");
                    daemon.assert_alive();
                    assert!(began.elapsed() < PATIENCE, "no answer to OPTIONS\n{}", daemon.last_words());
                    // Our own buffer may have run over.
                    self.socket.send_to(options.as_bytes(), self.daemon).unwrap();
                }
            }
        }
    }

    fn note(&mut self, bytes: &[u8]) {
        let raw = match wire::parse(bytes) {
            Ok(raw) => raw,
            // Quoting and UTF-8 may double a name that just fitted a line.
            Err(WireError::TooLong(_)) => return,
            Err(error) => panic!("{error}: {}", String::from_utf8_lossy(bytes)),
        };
        let header = |name: &str| raw.first(name).unwrap_or("").to_owned();
        if bytes.starts_with(b"SIP/2.0 200 ") && header("CSeq").ends_with("INVITE") {
            let (from, to, call_id) = (header("From"), header("To"), header("Call-ID"));
            let dialog = format!("From: {from}\r\nTo: {to}\r\nCall-ID: {call_id}\r\n");
            self.taken.insert((call_id, to), dialog);
        }
    }

    /// Ends all calls that were ever taken; how many there were.
    fn hang_up(&mut self, daemon: &mut Daemon) -> usize {
        let own = self.socket.local_addr().unwrap();
        let taken = std::mem::take(&mut self.taken);
        for (number, dialog) in taken.values().enumerate() {
            // The highest number that is allowed, since a mutilated request may have had any (RFC 3261 §8.1.1.5).
            let bye = format!(
                "BYE sip:localhost SIP/2.0\r\nVia: SIP/2.0/UDP {own};rport;branch=z9hG4bK-bye-{number}\r\n{dialog}\
                 CSeq: 2147483647 BYE\r\nContent-Length: 0\r\n\r\n"
            );
            self.socket.send_to(bye.as_bytes(), self.daemon).unwrap();
            if number % ROUND_MESSAGES == 0 {
                self.assert_answers(daemon);
            }
        }
        taken.len()
    }

    fn reply(&self, dice: &mut Dice) -> Option<Vec<u8>> {
        let said = self.said.get(dice.roll(self.said.len().max(1)))?;
        subject::reply(wire::parse(said).ok()?, dice.roll(1 << 20))
    }
}

/// Somebody who makes a connection.
struct Connection {
    stream: TcpStream,
    asked: usize,
}

impl Connection {
    fn open(own: IpAddr, port: u16) -> Connection {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.bind(&SocketAddr::new(own, 0).into()).unwrap();
        socket.connect(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)).into()).unwrap();
        let stream = TcpStream::from(socket);
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Connection { stream, asked: 0 }
    }

    /// What a connection that was cut does not take is lost.
    fn send(&mut self, bytes: &[u8]) {
        _ = self.stream.write_all(bytes);
    }

    fn assert_answers(&mut self, after: &str) {
        self.asked += 1;
        let (call_id, options) = options(self.asked, "TCP", self.stream.local_addr().unwrap());
        self.send(options.as_bytes());
        let mut heard = Vec::new();
        while !heard.ends_with(b"\r\n\r\n") {
            let mut buffer = [0; 4_096];
            let length = self.stream.read(&mut buffer).unwrap_or_else(|error| panic!("OPTIONS after {after}: {error}"));
            assert!(length > 0, "cut, after {after}");
            heard.extend_from_slice(&buffer[..length]);
        }
        let heard = String::from_utf8_lossy(&heard);
        assert!(heard.starts_with("SIP/2.0 200 ") && heard.contains(&call_id), "{heard}");
    }

    fn is_cut(&mut self) -> bool {
        let mut buffer = [0; 4_096];
        loop {
            match self.stream.read(&mut buffer) {
                Ok(0) => return true,
                Ok(_) => {}
                Err(error) => return error.kind() == ErrorKind::ConnectionReset,
            }
        }
    }
}
