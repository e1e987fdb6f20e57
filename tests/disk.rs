//! A running daemon that can store nothing for a while: what callers and visitors find meanwhile, and afterwards.
//! Never fills a disk: the daemon's files may not grow, which is the same to it.

use crate::process::{Daemon, PATIENCE, company, own_address};
use crate::web::client::{ask, ask_as, base64, log_in};
use crate::websocket::WebSocket;
use serde_json::json;
use sip::wire::{self, Raw, Start};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

const CHAT: &str = "[[chat_service]]\nname = \"Shop\"\ntoken = \"alpenrad\"\nqueue = \"Service\"\n";
const SESSION: &str = "00000000000000000000000000000001";

#[test]
fn while_nothing_can_be_stored_calls_are_refused_for_now_and_everything_goes_on_afterwards() {
    let trunk = own_address();
    let mut daemon = Daemon::of(&(company(&[trunk], &["4711"]) + CHAT), &[], None);
    let mut visitor = WebSocket::visitor(daemon.http, "alpenrad", SESSION, "visitors-tab").0;
    assert_eq!(visitor.command(1, json!({"do": "say", "text": "before"})), None);
    let callers = Callers::at(trunk, daemon.sip_port);
    let before = callers.call("before", &mut daemon);
    assert_eq!((status(&before), before.first("Retry-After")), (200, None));

    daemon.limit_files(Some(1));
    visitor.send(&json!({"type": "command", "id": 2, "command": {"do": "say", "text": "meanwhile"}}));
    // The one whose call finds it out is told as well as those who come later.
    for name in ["the first", "the second"] {
        let refused = callers.call(name, &mut daemon);
        assert_eq!((status(&refused), refused.first("Retry-After")), (503, Some("10")), "{name}");
        assert!(!daemon.is_ready());
    }
    // Also whoever wants to log in; but what can be read is read.
    let refused = log_in(daemon.http, "192.0.2.1", "anna", "anna-password");
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("10")), "{}", refused.text());
    assert_eq!(ask(daemon.http, "GET /api/v1/sessions/current", "", "").status, 401);
    assert_eq!(callers.hang_up(&before, &mut daemon), 200, "a call that goes on is ended as ever");

    daemon.limit_files(None);
    let mut answer = visitor.reply("answer");
    assert_eq!(
        (answer["id"].take(), answer["problem"].take()),
        (json!(2), json!(null)),
        "what was written is not lost"
    );
    daemon.until("it takes calls again", Daemon::is_ready);
    assert_eq!(status(&callers.call("after", &mut daemon)), 200);
    assert_eq!(log_in(daemon.http, "192.0.2.1", "anna", "anna-password").status, 401, "nobody has that name here");
    let again = WebSocket::visitor(daemon.http, "alpenrad", SESSION, "visitors-other-tab").1;
    assert_eq!(again["messages"].as_array().unwrap().len(), 2);
    assert!(!daemon.log().contains("panicked"), "{}", daemon.last_words());
}

#[test]
fn whoever_finds_out_that_nothing_can_be_stored_is_told_at_once_and_when_to_come_again() {
    let mut daemon = Daemon::of(&crate::web::company(0, ""), &[], None);
    let http = daemon.http;
    let waiting = || ask_as(http, "boss", "GET /api/v1/queues").json()[0]["waiting"].clone();
    assert_eq!(waiting(), 0);
    let create = || {
        let headers = format!("content-type: application/json\nauthorization: Basic {}", base64("boss:open sesame"));
        let queue = &ask_as(http, "boss", "GET /api/v1/queues").json()[0]["queue"];
        let line = format!("POST /api/v1/queues/{queue}/tasks");
        ask(http, &line, &headers, "{\"channel\":\"callback\",\"text\":\"x\"}")
    };
    daemon.limit_files(Some(1));
    for which in ["the one that is under way", "a later one"] {
        let refused = create();
        assert_eq!((refused.status, refused.header("retry-after")), (503, Some("10")), "{which}");
        let why = refused.json()["detail"].to_string();
        assert!(why.contains("the daemon cannot store anything right now"), "{which}: {why}");
    }
    let ready = ask(http, "GET /readyz", "", "");
    assert_eq!((ready.status, ready.header("retry-after")), (503, Some("10")));
    daemon.limit_files(None);
    daemon.until("it takes work again", Daemon::is_ready);
    assert_eq!(create().status, 201);
}

/// A trunk's callers.
struct Callers {
    socket: UdpSocket,
    daemon: SocketAddr,
}

impl Callers {
    fn at(own: IpAddr, port: u16) -> Callers {
        let socket = UdpSocket::bind((own, 0)).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Callers { socket, daemon: (Ipv4Addr::LOCALHOST, port).into() }
    }

    /// Somebody calls; the final response, which is acknowledged.
    fn call(&self, name: &str, daemon: &mut Daemon) -> Raw {
        let own = self.socket.local_addr().unwrap();
        let call_id = name.replace(' ', "-");
        let from = format!("From: <sip:caller@{own}>;tag=caller");
        let via = format!("Via: SIP/2.0/UDP {own};rport;branch=z9hG4bK-{call_id}");
        let ip = own.ip();
        let sdp = format!("v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n");
        let invite = format!(
            "INVITE sip:4711@localhost SIP/2.0\r\n{via}\r\nMax-Forwards: 70\r\n{from}\r\nTo: <sip:4711@localhost>\r\n\
             Call-ID: {call_id}\r\nCSeq: 1 INVITE\r\nContact: <sip:{own}>\r\nContent-Type: application/sdp\r\n\
             Content-Length: {}\r\n\r\n{sdp}",
            sdp.len()
        );
        let response = self.ask(&invite, &call_id, daemon);
        let to = response.first("To").unwrap();
        let ack = format!(
            "ACK sip:4711@localhost SIP/2.0\r\n{via}\r\n{from}\r\nTo: {to}\r\nCall-ID: {call_id}\r\nCSeq: 1 ACK\r\n\
             Content-Length: 0\r\n\r\n"
        );
        self.socket.send_to(ack.as_bytes(), self.daemon).unwrap();
        response
    }

    /// Ends the call that was answered so; the status that this gets.
    fn hang_up(&self, answer: &Raw, daemon: &mut Daemon) -> u16 {
        let own = self.socket.local_addr().unwrap();
        let header = |name: &str| answer.first(name).unwrap();
        let (from, to, call_id) = (header("From"), header("To"), header("Call-ID"));
        let bye = format!(
            "BYE sip:localhost SIP/2.0\r\nVia: SIP/2.0/UDP {own};rport;branch=z9hG4bK-bye-{call_id}\r\nFrom: {from}\r\n\
             To: {to}\r\nCall-ID: {call_id}\r\nCSeq: 2 BYE\r\nContent-Length: 0\r\n\r\n"
        );
        status(&self.ask(&bye, "2 BYE", daemon))
    }

    /// Sends a request and gives the final response that has these words.
    fn ask(&self, request: &str, words: &str, daemon: &mut Daemon) -> Raw {
        self.socket.send_to(request.as_bytes(), self.daemon).unwrap();
        let mut buffer = [0; 65_535];
        loop {
            let length = self.socket.recv(&mut buffer).unwrap_or_else(|error| {
                daemon.assert_alive();
                panic!("no final response: {error}\n{}", daemon.last_words())
            });
            let text = String::from_utf8_lossy(&buffer[..length]);
            if text.contains(words) && text.starts_with("SIP/2.0 ") && !text.starts_with("SIP/2.0 1") {
                return wire::parse(&buffer[..length]).unwrap();
            }
        }
    }
}

fn status(response: &Raw) -> u16 {
    match response.start {
        Start::Response { status, .. } => status,
        Start::Request { .. } => panic!("not a response"),
    }
}
