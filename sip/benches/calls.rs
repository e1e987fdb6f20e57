//! What a bridged call costs the user agent alone: two legs, thirteen messages, and what is remembered of them.
//! `cargo bench -p sip --bench calls -- 5000` plays so many calls, a hundred in each second of a clock turned by hand.
//! Run it under `valgrind --tool=callgrind` to see where a call's instructions go.

use sip::{AddressRange, Command, Event, Flow, Input, LegId, Output, Settings, Target, Timing, Trunk, UserAgent};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

const SDP: &str = "v=0\r\no=caller 1 1 IN IP4 127.0.0.2\r\ns=-\r\nc=IN IP4 127.0.0.4\r\nt=0 0\r\n\
    m=audio 6000 RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\n";

fn main() {
    let count = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(5000_u64);
    let mut floor = Floor::new();
    // What the first calls allocate is there for all.
    (0..100).for_each(|call| floor.play(call));
    let (memory, begun) = (resident(), Instant::now());
    (100..100 + count).for_each(|call| floor.play(call));
    let each = begun.elapsed() / u32::try_from(count).unwrap_or(u32::MAX);
    let load = floor.agent.load();
    assert_eq!(load.legs, 0, "every call has ended");
    let remembered = load.server_transactions + load.client_transactions;
    let grown = resident().saturating_sub(memory);
    println!("{each:?} a call; {remembered} transactions are remembered, and memory has grown by {grown} KiB");
}

/// The resident set, in KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

struct Floor {
    agent: UserAgent,
    now: Duration,
    ours: SocketAddr,
    caller: Flow,
    phone: Flow,
}

impl Floor {
    fn new() -> Floor {
        let ours = SocketAddr::from(([127, 0, 0, 1], 5060));
        let from = |last, port| Flow { local: Some(ours), ..Flow::udp(SocketAddr::from(([127, 0, 0, last], port))) };
        let settings = Settings { timing: Timing::default(), ..Settings::new(ours) };
        let mut agent = UserAgent::new(settings, [7; 32]);
        let addresses = AddressRange::parse("127.0.0.2").into_iter().collect();
        let trunk = Trunk { name: "trunk".to_owned(), addresses, ..Trunk::default() };
        agent.handle(Duration::ZERO, Input::Trunks(vec![trunk]));
        Floor { agent, now: Duration::ZERO, ours, caller: from(2, 5060), phone: from(3, 5070) }
    }

    /// Gives an input; what is sent and what happens.
    fn give(&mut self, input: Input) -> (Vec<String>, Vec<Event>) {
        let (mut sent, mut events) = (vec![], vec![]);
        self.agent.handle(self.now, input);
        while let Some(output) = self.agent.poll_output() {
            match output {
                Output::Send { bytes, .. } => sent.push(String::from_utf8(bytes).expect("we write text")),
                Output::Event(event) => events.push(event),
            }
        }
        while let Some(due) = self.agent.deadline().filter(|due| *due <= self.now) {
            self.agent.handle(due.max(self.now), Input::Due);
        }
        (sent, events)
    }

    fn receive(&mut self, flow: Flow, text: &str) -> (Vec<String>, Vec<Event>) {
        self.give(Input::Received { bytes: text.as_bytes().to_vec(), flow })
    }

    fn command(&mut self, command: Command) -> (Vec<String>, Vec<Event>) {
        self.give(Input::Command(command))
    }

    /// One call from INVITE to the last 200.
    fn play(&mut self, call: u64) {
        self.now += Duration::from_millis(10);
        let (ours, caller, phone) = (self.ours, self.caller, self.phone);
        let to = format!("<sip:4930100@{ours}>");
        let dialog = |method: &str, uri: &str, to: &str, cseq: u32, body: &str| {
            let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
            format!(
                "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.2:5060;branch=z9hG4bK-{call}-{cseq}-{method}\r\n\
                 From: <sip:49{call}@127.0.0.2>;tag=caller-{call}\r\nTo: {to}\r\nCall-ID: {call}-4711@127.0.0.2\r\n\
                 CSeq: {cseq} {method}\r\nContact: <sip:caller@127.0.0.2:5060>\r\nMax-Forwards: 70\r\n{kind}\
                 Content-Length: {}\r\n\r\n{body}",
                body.len()
            )
        };
        let number = format!("sip:4930100@{ours}");
        let (_, events) = self.receive(caller, &dialog("INVITE", &number, &to, 1, SDP));
        let first = events.iter().find_map(|event| match event {
            Event::Incoming { leg, .. } => Some(*leg),
            _ => None,
        });
        let first = first.expect("a call");
        let (sent, _) = self.command(Command::Answer { leg: first, sdp: SDP.into() });
        let (contact, to) = (uri_in(&sent[0], "Contact"), header(&sent[0], "To").to_owned());
        self.receive(caller, &dialog("ACK", &contact, &to, 1, ""));

        let second = LegId(call + 1);
        let uri = format!("sip:phone@{}", phone.peer);
        let (sent, _) = self.command(Command::Invite {
            leg: second,
            target: Target::Uri { uri, destination: None },
            from_user: format!("49{call}"),
            from_display: None,
            sdp: SDP.into(),
        });
        let invite = sent.into_iter().find(|text| text.starts_with("INVITE")).expect("an INVITE");
        let answer = |request: &str, status: &str, body: &str| {
            let [via, from, to, call_id, cseq] =
                ["Via", "From", "To", "Call-ID", "CSeq"].map(|name| header(request, name));
            let tag = if to.contains(";tag=") { String::new() } else { format!(";tag=phone-{call}") };
            let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
            format!(
                "SIP/2.0 {status}\r\nVia: {via}\r\nFrom: {from}\r\nTo: {to}{tag}\r\nCall-ID: {call_id}\r\nCSeq: {cseq}\r\n\
                 Contact: <sip:phone@127.0.0.3:5070>\r\n{kind}Content-Length: {}\r\n\r\n{body}",
                body.len()
            )
        };
        self.receive(phone, &answer(&invite, "180 Ringing", ""));
        self.receive(phone, &answer(&invite, "200 OK", SDP));
        let (sent, _) = self.command(Command::Accept { leg: second });
        assert!(sent.iter().any(|text| text.starts_with("ACK")), "the phone's 200 is acknowledged");

        let (sent, _) = self.receive(caller, &dialog("BYE", &contact, &to, 2, ""));
        assert!(sent[0].starts_with("SIP/2.0 200"), "{}", sent[0]);
        let (sent, _) = self.command(Command::Bye { leg: second });
        let bye = sent.into_iter().find(|text| text.starts_with("BYE")).expect("a BYE");
        self.receive(phone, &answer(&bye, "200 OK", ""));
    }
}

fn header<'a>(text: &'a str, name: &str) -> &'a str {
    let line = text.split("\r\n").find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    line.unwrap_or_else(|| panic!("no {name} in {text}"))
}

fn uri_in(text: &str, name: &str) -> String {
    header(text, name).trim_start_matches('<').trim_end_matches('>').to_owned()
}
