//! A user agent under fire, with an application that answers its calls, and what has to hold after each message.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use sip::auth::Secret;
use sip::throttle::{PerSource, Rate};
use sip::wire::{self, HEAD_BYTES_MAX, MESSAGE_BYTES_MAX, Raw, Start, WireError};
use sip::{
    Account, AddressRange, Command, Event, Flow, Input, LegId, Output, Server, Settings, Target, Transport, Trunk,
    TrunkAccount, UserAgent,
};

/// Who may call.
pub const TRUNK: SocketAddr = address(2);
/// Who may not.
pub const STRANGER: SocketAddr = address(20);

const LEGS_MAX: usize = 40;
const TRANSACTIONS_MAX: usize = 200;
/// Every leg can have its INVITE, its CANCEL or BYE, and one that lingers; strays and registrations have theirs.
const CLIENTS_MAX: usize = 4 * LEGS_MAX + 100;
/// From this length on a message is long, in bytes: shorter ones are within what any input may cause.
const LONG_BYTES: usize = 2048;
/// How many of its own messages are remembered, for others to be made from them.
const REMEMBERED_MAX: usize = 32;

const fn address(last: u8) -> SocketAddr {
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, last)), 5060)
}

/// The user agent and its application.
pub struct Subject {
    agent: UserAgent,
    now: Duration,
    turn: u64,
    sent: VecDeque<Vec<u8>>,
    /// The long ones among its messages, as many as there can be transactions to repeat them.
    long: VecDeque<Vec<u8>>,
    /// The calls, the oldest first.
    legs: VecDeque<LegId>,
}

impl Default for Subject {
    fn default() -> Self {
        Subject::new()
    }
}

impl Subject {
    /// With a trunk, a provider with which it registers, a phone's account, a registration elsewhere and a call of its own.
    pub fn new() -> Subject {
        let mut settings = Settings::new(address(1));
        (settings.legs_max, settings.transactions_max) = (LEGS_MAX, TRANSACTIONS_MAX);
        // What is dropped before it is looked at can break nothing.
        let any = Rate { per_minute: 60_000_000, burst: 1_000_000 };
        settings.per_source = PerSource { requests: any, strangers: any, failures: any };
        let agent = UserAgent::new(settings, [3; 32]);
        let (sent, long, legs) = (VecDeque::new(), VecDeque::new(), VecDeque::new());
        let mut subject = Subject { agent, now: Duration::ZERO, turn: 0, sent, long, legs };
        let addresses = vec![AddressRange::parse("10.0.0.2").expect("a range")];
        let by_address = Trunk { name: "t".to_owned(), addresses, ..Trunk::default() };
        let secret = Secret::Plain("pw".to_owned());
        let (host, servers) = ("provider.example".to_owned(), vec![address(4), address(5)]);
        let registered = Trunk {
            name: "r".to_owned(),
            server: Some(Server { host, port: None, transport: Transport::Udp, addresses: servers }),
            account: Some(TrunkAccount::Ours {
                user: "us".to_owned(),
                login: "us".to_owned(),
                secret: secret.clone(),
                expires: Duration::from_secs(60),
            }),
            probe: Some(Duration::from_secs(60)),
            ..Trunk::default()
        };
        subject.input(Input::Trunks(vec![by_address, registered]));
        subject.input(Input::Accounts(vec![Account { user: "ann".to_owned(), secret }]));
        subject.input(Input::Command(Command::Register {
            registrar: address(3),
            user: "us".to_owned(),
            password: "pw".to_owned(),
            contact: None,
            expires: Duration::from_secs(60),
            transport: Transport::Udp,
        }));
        subject.call();
        subject
    }

    /// Begins a call of its own.
    pub fn call(&mut self) {
        self.turn += 1;
        let target = Target::Uri { uri: "sip:4711@10.0.0.2".to_owned(), destination: None };
        let (from_user, from_display) = ("0815".to_owned(), Some("A".to_owned()));
        let sdp = sip::sdp::offer(&local(), &sip::sdp::usual_formats());
        let leg = LegId(self.turn);
        self.legs.push_back(leg);
        self.input(Input::Command(Command::Invite { leg, target, from_user, from_display, sdp }));
    }

    /// Lets time pass; calls beyond half of those allowed are ended.
    pub fn wait(&mut self, time: Duration) {
        self.now += time;
        self.input(Input::Due);
        self.hang_up(LEGS_MAX / 2);
    }

    fn hang_up(&mut self, left: usize) {
        while self.legs.len() > left
            && let Some(leg) = self.legs.pop_front()
        {
            self.input(Input::Command(Command::Bye { leg }));
        }
    }

    /// Takes a datagram: whatever it is, what goes out is bounded and readable, and so is what is kept.
    pub fn datagram(&mut self, bytes: &[u8], source: SocketAddr) {
        self.input(Input::Due);
        self.agent.handle(self.now, Input::Received { bytes: bytes.to_vec(), flow: Flow::udp(source) });
        let events = self.drain(bytes.len());
        self.act(events);
        let load = self.agent.load();
        assert!(load.legs <= LEGS_MAX && load.server_transactions <= TRANSACTIONS_MAX, "{load:?}");
        assert!(load.client_transactions <= CLIENTS_MAX && load.users_registered <= 1, "{load:?}");
    }

    /// An OPTIONS is still answered.
    pub fn assert_alive(&mut self) {
        self.input(Input::Due);
        self.turn += 1;
        let text = format!(
            "OPTIONS sip:10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bKalive{0}\r\nFrom: <sip:a@b>;tag=a\r\n\
             To: <sip:10.0.0.1>\r\nCall-ID: alive{0}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
            self.turn
        );
        self.agent.handle(self.now, Input::Received { bytes: text.into_bytes(), flow: Flow::udp(TRUNK) });
        let Some(Output::Send { bytes, flow }) = self.agent.poll_output() else { panic!("no answer to OPTIONS") };
        assert!(bytes.starts_with(b"SIP/2.0 200 ") && flow.peer == TRUNK);
        assert!(self.agent.poll_output().is_none());
    }

    /// After all calls have been hung up and all time has passed nothing is left but two registrations and a probe.
    pub fn assert_ends(mut self) {
        self.hang_up(0);
        let end = self.now + Duration::from_secs(3600);
        while let Some(next) = self.agent.deadline().filter(|next| *next < end) {
            self.now = self.now.max(next);
            self.input(Input::Due);
        }
        let load = self.agent.load();
        assert_eq!((load.legs, load.server_transactions), (0, 0));
        assert!(load.client_transactions <= 3 && load.registrations == 2, "{load:?}");
    }

    /// What a peer might say to one of the messages that went out last: answers to requests, ACK and BYE to answers.
    pub fn reply(&self, which: usize, salt: usize) -> Option<Vec<u8>> {
        let sent = self.sent.get(which % self.sent.len().max(1))?;
        reply(wire::parse(sent).ok()?, salt)
    }

    fn input(&mut self, input: Input) {
        self.agent.handle(self.now, input);
        let events = self.drain(usize::MAX);
        self.act(events);
    }

    /// Takes the outputs to an input of this many bytes.
    fn drain(&mut self, input_bytes: usize) -> Vec<Event> {
        let (mut events, mut sent_bytes) = (Vec::new(), 0);
        while let Some(output) = self.agent.poll_output() {
            match output {
                Output::Event(event) => events.push(event),
                Output::Send { bytes, .. } => {
                    assert!(bytes.len() <= MESSAGE_BYTES_MAX, "a message of {} bytes", bytes.len());
                    match wire::parse(&bytes) {
                        Ok(raw) => assert_eq!(raw.flaw, None, "{}", String::from_utf8_lossy(&bytes)),
                        // The answer to a head that just fits may just not.
                        Err(WireError::TooLong(_)) if bytes.len() > HEAD_BYTES_MAX / 2 => {}
                        Err(error) => panic!("{error}: {}", String::from_utf8_lossy(&bytes)),
                    }
                    // A short request may be taken for the repetition of a long one, and gets its long answer again.
                    if !self.long.contains(&bytes) {
                        sent_bytes += bytes.len();
                    }
                    if bytes.len() > LONG_BYTES {
                        self.long.push_back(bytes.clone());
                        self.long.drain(..self.long.len().saturating_sub(TRANSACTIONS_MAX));
                    }
                    self.sent.push_back(bytes);
                    if self.sent.len() > REMEMBERED_MAX {
                        self.sent.pop_front();
                    }
                }
            }
        }
        // ACK and BYE to a stray 200 repeat all of it twice, and quoting may double a name.
        let bound = input_bytes.saturating_mul(4).saturating_add(4096);
        assert!(sent_bytes <= bound, "{sent_bytes} bytes for {input_bytes}");
        events
    }

    fn note(&mut self, event: &Event) {
        match event {
            Event::Incoming { leg, .. } => self.legs.push_back(*leg),
            Event::Ended { leg, .. } | Event::Failed { leg, .. } | Event::Cancelled { leg } => {
                self.legs.retain(|own| own != leg);
            }
            _ => {}
        }
    }

    fn act(&mut self, events: Vec<Event>) {
        for event in events {
            self.turn += 1;
            self.note(&event);
            let sdp = || sip::sdp::offer(&local(), &sip::sdp::usual_formats());
            let command = match event {
                Event::Incoming { leg, .. } => match self.turn % 4 {
                    0 => Command::Reject { leg, status: 486, reason: String::new() },
                    1 => Command::Provisional { leg, status: 180, sdp: None },
                    _ => Command::Answer { leg, sdp: sdp() },
                },
                Event::Answered { leg, .. } => match self.turn % 2 {
                    0 => Command::Accept { leg },
                    _ => Command::Refuse { leg },
                },
                Event::Reoffer { leg, .. } => match self.turn % 2 {
                    0 => Command::AnswerReoffer { leg, sdp: sdp() },
                    _ => Command::RefuseReoffer { leg, status: 488 },
                },
                Event::Confirmed { leg, .. } if self.turn.is_multiple_of(4) => Command::Bye { leg },
                _ => continue,
            };
            self.agent.handle(self.now, Input::Command(command));
            // What a command of ours causes wants no answer.
            for event in self.drain(usize::MAX) {
                self.note(&event);
            }
        }
    }
}

fn local() -> sip::sdp::Local {
    let direction = sip::sdp::Direction::SendReceive;
    sip::sdp::Local { address: address(1), session_id: 1, version: 1, direction }
}

/// What a peer might say to a message of ours.
pub fn reply(raw: Raw, salt: usize) -> Option<Vec<u8>> {
    let first = |name: &str| raw.first(name).map(str::to_owned);
    let (from, to, call_id, cseq) = (first("From")?, first("To")?, first("Call-ID")?, first("CSeq")?);
    let number = cseq.split(' ').next()?.to_owned();
    let contact = "<sip:peer@10.0.0.2>".to_owned();
    let (start, headers) = match &raw.start {
        Start::Request { method, .. } if method != "ACK" => {
            let status = ["200 OK", "180 Ringing", "486 Busy Here", "401 Unauthorized"][salt % 4];
            let to = if to.contains("tag=") { to } else { format!("{to};tag=peer") };
            let challenge = "Digest realm=\"r\", nonce=\"n\", qop=\"auth\"".to_owned();
            let via = first("Via")?;
            let headers =
                vec![("Via", via), ("From", from), ("To", to), ("WWW-Authenticate", challenge), ("CSeq", cseq)];
            (format!("SIP/2.0 {status}"), headers)
        }
        Start::Response { status: 200.., .. } if cseq.ends_with("INVITE") => {
            let method = ["ACK", "BYE", "INVITE", "UPDATE"][salt % 4];
            let number = if method == "ACK" { number } else { "999999999".to_owned() };
            let via = format!("SIP/2.0/UDP 10.0.0.2;branch=z9hG4bKreply{salt}{call_id}");
            let headers = vec![("Via", via), ("From", from), ("To", to), ("CSeq", format!("{number} {method}"))];
            (format!("{method} sip:us@10.0.0.1 SIP/2.0"), headers)
        }
        Start::Request { .. } | Start::Response { .. } => return None,
    };
    let more = [("Call-ID", call_id), ("Contact", contact), ("Content-Type", "application/sdp".to_owned())];
    let headers: Vec<_> = headers.into_iter().chain(more).collect();
    let body = sip::sdp::offer(&local(), &sip::sdp::usual_formats());
    Some(wire::serialize(&start, headers.iter().map(|(name, value)| (*name, value.as_str())), &body))
}
