//! What do we answer to the torture messages of RFC 4475 and RFC 5118, sent as datagrams by a trunk?

use std::time::Duration;

use sip::{AddressRange, Event, Flow, Input, Output, Settings, Trunk, UserAgent};

use crate::targets::seeds::{TORTURE, bytes_of};
use crate::targets::subject::TRUNK;

mod table;

use table::Expected::{self, *};
use table::TABLE;

fn agent() -> UserAgent {
    let mut agent = UserAgent::new(Settings::new("10.0.0.1:5060".parse().expect("an address")), [3; 32]);
    let addresses = vec![AddressRange::parse("10.0.0.2").expect("a range")];
    agent
        .handle(Duration::ZERO, Input::Trunks(vec![Trunk { name: "trunk".to_owned(), addresses, ..Trunk::default() }]));
    agent
}

/// Everything that a datagram causes.
fn outputs(agent: &mut UserAgent, bytes: &[u8]) -> Vec<Output> {
    agent.handle(Duration::from_secs(1), Input::Received { bytes: bytes.to_vec(), flow: Flow::udp(TRUNK) });
    std::iter::from_fn(|| agent.poll_output()).collect()
}

fn status(bytes: &[u8]) -> u16 {
    let raw = sip::wire::parse(bytes).expect("we send what can be read");
    let sip::wire::Start::Response { status, .. } = raw.start else { panic!("a response") };
    status
}

fn answered(outputs: &[Output]) -> String {
    let words = outputs.iter().map(|output| match output {
        Output::Send { bytes, flow } if flow.peer.ip() == TRUNK.ip() => status(bytes).to_string(),
        Output::Send { flow, .. } => format!("a packet to {}", flow.peer),
        Output::Event(Event::Incoming { number, .. }) => format!("call for {number}"),
        Output::Event(event) => format!("{event:?}"),
    });
    words.collect::<Vec<_>>().join(", ")
}

impl Expected {
    fn words(&self) -> String {
        match self {
            Answer(status) => status.to_string(),
            Call(number) => format!("100, call for {number}"),
            Silence => String::new(),
        }
    }
}

fn assert_options_is_answered(agent: &mut UserAgent, name: &str) {
    let options = format!(
        "OPTIONS sip:10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.2;rport;branch=z9hG4bKafter{name}\r\n\
         From: <sip:a@b>;tag=a\r\nTo: <sip:10.0.0.1>\r\nCall-ID: after-{name}\r\nCSeq: 1 OPTIONS\r\nl: 0\r\n\r\n"
    );
    assert_eq!(answered(&outputs(agent, options.as_bytes())), "200", "an OPTIONS after {name}");
}

#[test]
fn every_torture_message_gets_its_answer_and_the_next_options_too() {
    assert_eq!(TABLE.len(), 61, "49 of RFC 4475 and 12 of RFC 5118");
    let mut wrong = Vec::new();
    for ((name, section, expected, why), (file, text)) in TABLE.iter().zip(TORTURE) {
        assert_eq!(name, file, "the table has the order of the list");
        let mut agent = agent();
        let got = answered(&outputs(&mut agent, &bytes_of(text)));
        if got != expected.words() {
            wrong.push(format!("{name} (RFC {section}; {why}): {expected:?}, got {got}"));
        }
        assert_options_is_answered(&mut agent, name);
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn one_user_agent_survives_all_of_them() {
    let mut agent = agent();
    for (name, text) in TORTURE {
        outputs(&mut agent, &bytes_of(text));
        assert_options_is_answered(&mut agent, name);
    }
}

#[test]
fn an_answer_gives_back_what_its_client_knows_it_by() {
    for (name, text) in TORTURE {
        let bytes = bytes_of(text);
        let Some(Output::Send { bytes: answer, .. }) = outputs(&mut agent(), &bytes).into_iter().next() else {
            continue;
        };
        let (question, answer) =
            (sip::wire::parse(&bytes).expect("readable"), sip::wire::parse(&answer).expect("readable"));
        for header in ["From", "Call-ID", "CSeq"] {
            assert_eq!(answer.first(header), question.first(header), "{name}: {header}");
        }
        let vias = |raw: &sip::wire::Raw| raw.headers.all("Via").count();
        assert_eq!(vias(&answer), vias(&question), "{name}: Via");
        let to = question.first("To").unwrap_or("");
        assert!(answer.first("To").unwrap_or("").starts_with(to), "{name}: To");
    }
}

#[test]
fn unusual_methods_and_reasons_are_read_to_the_letter() {
    use sip::wire::Start;
    let start = |wanted: &str| {
        let (_, text) = TORTURE.iter().find(|(name, _)| *name == wanted).expect("a message");
        sip::wire::parse(&bytes_of(text)).expect("readable").start
    };
    let Start::Request { method, .. } = start("intmeth") else { panic!("a request") };
    assert_eq!(method, "!interesting-Method0123456789_*+`.%indeed'~");
    let reason = "= 2**3 * 5**2 \u{43d}\u{43e} \u{441}\u{442}\u{43e} \u{434}\u{435}\u{432}\u{44f}\u{43d}\u{43e}\u{441}\u{442}\u{43e} \
                  \u{434}\u{435}\u{432}\u{44f}\u{442}\u{44c} - \u{43f}\u{440}\u{43e}\u{441}\u{442}\u{43e}\u{435}";
    assert_eq!(start("unreason"), Start::Response { status: 200, reason: reason.to_owned() });
    assert_eq!(start("noreason"), Start::Response { status: 100, reason: String::new() });
}

#[test]
fn a_description_among_parts_is_the_offer() {
    let invite = "INVITE sip:4711@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bKm\r\nFrom: \"M\u{fc}ller\" <sip:a@b>;tag=m\r\n\
        To: <sip:4711@10.0.0.1>\r\nCall-ID: m\r\nCSeq: 1 INVITE\r\nContact: <sip:a@10.0.0.2>\r\n\
        Content-Type: multipart/mixed;boundary=\"b d\"\r\n\r\n--b d\r\nContent-Type: application/isup\r\n\r\n\u{1}\r\n\
        --b d\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b d--\r\n";
    let offers = |bytes: &[u8]| {
        let found = outputs(&mut agent(), bytes).into_iter().find_map(|output| match output {
            Output::Event(Event::Incoming { sdp, caller, .. }) => Some((sdp, caller.display)),
            Output::Event(_) | Output::Send { .. } => None,
        });
        found.expect("a call")
    };
    let (sdp, name) = offers(invite.as_bytes());
    assert_eq!((sdp.as_deref(), name.as_deref()), (Some(&b"v=0"[..]), Some("M\u{fc}ller")));
    let latin_1: Vec<u8> = invite.chars().map(|c| c as u8).collect();
    assert_eq!(offers(&latin_1).1.as_deref(), Some("M\u{fc}ller"), "the same name in Latin-1");
}
