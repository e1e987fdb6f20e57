//! Does twice as much of anything cost about twice as much, and not four times?

use std::hint::black_box;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use sip::wire::{self, Framer, HEAD_BYTES_MAX, MESSAGE_BYTES_MAX};
use sip::{AddressRange, Flow, Input, Settings, Trunk, UserAgent};

use crate::targets::subject::TRUNK;

/// Twice the bytes may cost this many times as much. What grows with the square costs four times.
const RATIO_MAX: f64 = 3.2;
/// How often both are measured before they are found wanting.
const ATTEMPTS: usize = 6;
/// How long one measurement shall take at least.
const MEASURED: Duration = Duration::from_millis(20);

struct Setup {
    name: &'static str,
    /// The most bytes of it that are looked at.
    cap: usize,
    message: fn(usize) -> Vec<u8>,
}

const LINE: usize = wire::LINE_BYTES_MAX - 64;
/// So much that the answer to it is within the cap as well.
const HEAD: usize = HEAD_BYTES_MAX - 2048;
const BODY: usize = MESSAGE_BYTES_MAX - 2048;

#[rustfmt::skip]
const SETUPS: &[Setup] = &[
    Setup { name: "Via, one line each", cap: 20 * 190, message: |n| lines("Via: SIP/2.0/UDP a\r\n", n) },
    Setup { name: "Via, a list", cap: LINE / 3, message: |n| list("Via", "SIP/2.0/UDP a", n) },
    Setup { name: "Via, parameters", cap: LINE, message: |n| one("Via: SIP/2.0/UDP a", ";b=c", n) },
    Setup { name: "Via, semicolons", cap: LINE, message: |n| one("Via: SIP/2.0/UDP a", ";", n) },
    Setup { name: "Contact, a list", cap: LINE / 3, message: |n| list("Contact", "<sip:a@b:5060>", n) },
    Setup { name: "Contact, brackets", cap: LINE, message: |n| one("Contact: ", "<", n) },
    Setup { name: "Contact, quotes", cap: LINE, message: |n| one("Contact: ", "\"", n) },
    Setup { name: "Contact, commas", cap: LINE, message: |n| one("Contact: ", ",", n) },
    Setup { name: "Record-Route, a list", cap: LINE / 3, message: |n| list("Record-Route", "<sip:10.0.0.9;lr>", n) },
    Setup { name: "Route, parameters", cap: LINE, message: |n| one("Route: <sip:a", ";b=c", n) },
    Setup { name: "Call-ID", cap: LINE, message: |n| one("Call-ID: ", "x", n) },
    Setup { name: "Subject, folded", cap: LINE, message: |n| one("Subject: ", "x\r\n ", n) },
    Setup { name: "Subject, blanks", cap: LINE, message: |n| one("Subject: ", " ", n) },
    Setup { name: "Subject, not UTF-8", cap: LINE, message: |n| one_bytes(b"Subject: ", b"\xff", n) },
    Setup { name: "Authorization, parameters", cap: 2000, message: |n| one("Authorization: Digest ", "a=b,", n) },
    Setup { name: "Authorization, too long", cap: LINE, message: |n| one("Authorization: Digest ", "a=b,", n) },
    Setup { name: "Authorization, many", cap: 5900, message: |n| lines("Authorization: Digest realm=\"a\"\r\n", n) },
    Setup { name: "Require, a list", cap: LINE, message: |n| one("Require: ", "a,", n) },
    Setup { name: "Accept, a list", cap: LINE, message: |n| one("Accept: ", "a/b;c=d,", n) },
    Setup { name: "Supported, many", cap: 2600, message: |n| lines("Supported: a\r\n", n) },
    Setup { name: "Max-Forwards", cap: LINE, message: |n| one("Max-Forwards: ", "0", n) },
    Setup { name: "Content-Length", cap: LINE, message: |n| one("Content-Length: ", "0", n) },
    Setup { name: "Content-Type, parameters", cap: LINE, message: |n| one("Content-Type: multipart/mixed", ";a=b", n) },
    Setup { name: "unknown headers, long", cap: HEAD, message: |n| lines(&format!("X-Own: {}\r\n", "x,;<>\" ".repeat(140)), n) },
    Setup { name: "a header name", cap: LINE, message: |n| one("X", "x", n) },
    Setup { name: "a method", cap: LINE, message: |n| start(&format!("{} sip:a SIP/2.0", "x".repeat(n))) },
    Setup { name: "a URI's user", cap: LINE, message: |n| start(&format!("OPTIONS sip:{}@b SIP/2.0", "%41".repeat(n / 3))) },
    Setup { name: "a URI's parameters", cap: LINE, message: |n| start(&format!("OPTIONS sip:a{} SIP/2.0", ";b=c".repeat(n / 4))) },
    Setup { name: "a URI of @", cap: LINE, message: |n| start(&format!("OPTIONS sip:{} SIP/2.0", "@".repeat(n))) },
    Setup { name: "a URI of colons", cap: LINE, message: |n| start(&format!("OPTIONS sip:a@[{}] SIP/2.0", ":::".repeat(n / 3))) },
    Setup { name: "a body of parts", cap: BODY, message: |n| body("multipart/mixed;boundary=b", &"--b\r\n\r\n\r\n".repeat(n / 9)) },
    Setup { name: "a body of boundaries", cap: BODY, message: |n| body("multipart/mixed;boundary=b", &"--b\r\n".repeat(n / 5)) },
    Setup { name: "a body of line ends", cap: BODY, message: |n| body("multipart/mixed;boundary=b", &"\r\n".repeat(n / 2)) },
    Setup { name: "a body of dashes", cap: BODY, message: |n| body("multipart/mixed;boundary=b", &"-".repeat(n)) },
    Setup { name: "a part of headers", cap: BODY, message: |n| body("multipart/mixed;boundary=b", &format!("--b\r\n{}", "a: b\r\n".repeat(n / 6))) },
    Setup { name: "a description", cap: 15_000, message: |n| body("application/sdp", &format!("v=0\r\nc=IN IP4 10.0.0.2\r\nm=audio 2 RTP/AVP 0\r\n{}", "a=rtpmap:1 a/1\r\n".repeat(n / 16))) },
    Setup { name: "line ends before it", cap: MESSAGE_BYTES_MAX - 200, message: |n| [&b"\r\n".repeat(n / 2)[..], &lines("", 0)].concat() },
    Setup { name: "no end of the head", cap: HEAD, message: |n| vec![b'x'; n] },
];

fn message(start: &str, own: &[u8], body: &[u8]) -> Vec<u8> {
    let start = format!(
        "{start}\r\nVia: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=a\r\nTo: <sip:a@b>\r\nCSeq: 1 INVITE\r\n{}",
        if own.starts_with(b"Call-ID") { "" } else { "Call-ID: a\r\n" }
    );
    [start.as_bytes(), own, b"\r\n", body].concat()
}

fn start(line: &str) -> Vec<u8> {
    message(line, b"", b"")
}

fn one_bytes(header: &[u8], piece: &[u8], length: usize) -> Vec<u8> {
    message("INVITE sip:a@b SIP/2.0", &[header, &piece.repeat(length / piece.len()), b"y\r\n"].concat(), b"")
}

fn one(header: &str, piece: &str, length: usize) -> Vec<u8> {
    one_bytes(header.as_bytes(), piece.as_bytes(), length)
}

fn list(header: &str, element: &str, length: usize) -> Vec<u8> {
    one(&format!("{header}: {element}"), &format!(",{element}"), length)
}

fn lines(line: &str, length: usize) -> Vec<u8> {
    message("INVITE sip:a@b SIP/2.0", line.repeat(length / line.len().max(1)).as_bytes(), b"")
}

fn body(content_type: &str, body: &str) -> Vec<u8> {
    message("INVITE sip:a@b SIP/2.0", format!("Content-Type: {content_type}\r\n").as_bytes(), body.as_bytes())
}

fn agent() -> UserAgent {
    let mut agent = UserAgent::new(Settings::new("10.0.0.1:5060".parse().expect("an address")), [3; 32]);
    let addresses = vec![AddressRange::parse("10.0.0.2").expect("a range")];
    agent
        .handle(Duration::ZERO, Input::Trunks(vec![Trunk { name: "trunk".to_owned(), addresses, ..Trunk::default() }]));
    agent
}

/// The time this thread has had a processor. Unlike a clock it does not mind what else the machine does.
fn processor_time() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().expect("a time that only grows")
}

/// What a datagram and its session description cost so many times.
fn cost(bytes: &[u8], times: usize) -> Duration {
    let datagram = || Input::Received { bytes: bytes.to_vec(), flow: Flow::udp(TRUNK) };
    let prepared: Vec<_> = (0..times).map(|_| (agent(), datagram())).collect();
    let began = processor_time();
    for (mut agent, datagram) in prepared {
        agent.handle(Duration::from_secs(1), datagram);
        while let Some(output) = agent.poll_output() {
            black_box(output);
        }
        if let Ok(raw) = wire::parse(bytes) {
            let _ = black_box(sip::sdp::Description::parse(&raw.body));
        }
    }
    processor_time() - began
}

/// How often something has to be done to be measured.
fn times(something: impl FnOnce()) -> usize {
    let began = processor_time();
    something();
    (MEASURED.as_nanos() / (processor_time() - began).as_nanos().max(1)).clamp(4, 500) as usize
}

/// Whether the large one costs no more than it may. Both are measured in turns and judged by their sums.
fn is_linear(small: impl Fn() -> Duration, large: impl Fn() -> Duration) -> Result<(), String> {
    let (mut small_sum, mut large_sum) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..ATTEMPTS {
        (small_sum, large_sum) = (small_sum + small(), large_sum + large());
        if large_sum.as_secs_f64() <= small_sum.as_secs_f64() * RATIO_MAX {
            return Ok(());
        }
    }
    Err(format!("{small_sum:?} and {large_sum:?}"))
}

#[test]
fn twice_as_much_of_any_header_or_body_costs_about_twice_as_much() {
    let mut wrong = Vec::new();
    for Setup { name, cap, message } in SETUPS {
        let (half, whole) = (message(cap / 2), message(*cap));
        let times = times(|| _ = cost(&half, 1));
        wrong
            .extend(is_linear(|| cost(&half, times), || cost(&whole, times)).err().map(|why| format!("{name}: {why}")));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn sixty_four_kilobytes_of_anything_cost_no_more_than_what_the_caps_let_through() {
    let mut dearest = Duration::ZERO;
    for Setup { cap, message, .. } in SETUPS {
        dearest = dearest.max(cost(&message(*cap), 8));
    }
    for Setup { name, message, .. } in SETUPS {
        let full = message(MESSAGE_BYTES_MAX - 300);
        is_linear(|| dearest, || cost(&full, 8)).unwrap_or_else(|why| panic!("{name}: {why}"));
    }
}

#[test]
fn a_stream_byte_by_byte_costs_what_its_length_costs() {
    let stream = |length: usize| {
        let line = "X-Own: 1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890\r\n";
        format!("OPTIONS sip:a SIP/2.0\r\n{}l: 0\r\n\r\n", line.repeat(length / line.len())).into_bytes()
    };
    let read = |bytes: &[u8]| {
        let began = processor_time();
        for _ in 0..8 {
            let mut framer = Framer::default();
            for end in 1..=bytes.len() {
                black_box(framer.frame(&bytes[..end]));
            }
        }
        processor_time() - began
    };
    let (half, whole) = (stream(HEAD / 2), stream(HEAD));
    is_linear(|| read(&half), || read(&whole)).expect("linear");
}

#[test]
fn the_measure_sees_a_square() {
    // The control: whoever looks at a growing stream from its start each time pays for it. Eight times the length
    // costs 64 times as much, twenty times what is let through.
    let read = |length: usize| {
        let bytes = vec![b'x'; length];
        let began = processor_time();
        for end in 1..=length {
            black_box(wire::frame(&bytes[..end]));
        }
        processor_time() - began
    };
    assert!(is_linear(|| read(2_000), || read(16_000)).is_err());
}
