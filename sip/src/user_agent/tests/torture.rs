//! Bytes nobody would send on purpose, or that someone does.

use super::*;

/// Messages of every kind, to be mutilated: valid but unusual ones first (after RFC 4475 and RFC 5118).
const SEEDS: [&str; 9] = [
    "INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0\r\nTO :\r\n sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n\r\n\
     from   : \"J Rosenberg \\\\\\\"\"       <sip:jdrosen@example.com>\r\n  ;\r\n  tag = 98asjd8\r\nMaX-fOrWaRdS: 0068\r\n\
     Call-ID: wsinv.ndaksdj@192.0.2.1\r\nContent-Length   : 4\r\ncseq: 0009\r\n  INVITE\r\n\
     Via  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=390skdjuw\r\ns :\r\nNewFangledHeader:   newfangled value\r\n continued\r\n\
     UnknownHeaderWithUnusualValue: ;;,,;;,;\r\nContent-Type: application/sdp\r\n\
     Route:\r\n <sip:services.example.com;lr;unknownwith=value;unknown-no-value>\r\n\
     v:  SIP  / 2.0  / TCP     spindle.example.com   ;\r\n  branch  =   z9hG4bK9ikj8  ,\r\n SIP  /    2.0   / UDP  192.168.255.111   ; branch=\r\n z9hG4bK30239\r\n\
     m:\"Quoted string \\\"\\\"\" <sip:jdrosen@example.com> ; newparam =\r\n      newvalue ;\r\n  secondparam ; q = 0.33\r\n\r\nv=0\n",
    "OPTIONS sip:user@[2001:db8::10] SIP/2.0\r\nVia: SIP/2.0/UDP [2001:db8::9:1]:5061;received=[2001:db8::9:255];branch=z9hG4bKas3-111\r\n\
     To: sip:user@[2001:db8::10]\r\nFrom: sip:user@example.com;tag=81x2\r\nCall-ID: v6@x\r\nCSeq: 8612 OPTIONS\r\nl: 0\r\n\r\n",
    "REGISTER sip:10.0.0.1 SIP/2.0\r\nv: SIP/2.0/UDP 10.0.0.20;rport;branch=z9hG4bKr\r\nf: <sip:ann@10.0.0.1>;tag=r\r\nt: <sip:ann@10.0.0.1>\r\n\
     i: r\r\nCSeq: 1 REGISTER\r\nm: <sip:ann@10.0.0.20;transport=udp>;+sip.instance=\"<urn:uuid:0>\";expires=60, \"b, c\" <sip:x@y>\r\n\
     Authorization: Digest username=\"ann\", realm=\"vorrang\", nonce=\"0123456789abcdef0\", uri=\"sip:10.0.0.1\", \
     response=\"00\", algorithm=SHA-256, qop=auth, nc=0000000a, cnonce=\"x\"\r\nl: 0\r\n\r\n",
    "INVITE tel:+49-30-1234 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.2;rport;branch=z9hG4bKt\r\nFrom: <sip:a@b>;tag=t\r\nTo: <tel:+49>\r\nCall-ID: t\r\n\
     CSeq: 1 INVITE\r\nContact: <sip:a@10.0.0.2>\r\nRecord-Route: <sip:10.0.0.2;lr>\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n",
    "CANCEL tel:+49-30-1234 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.2;rport;branch=z9hG4bKt\r\nFrom: <sip:a@b>;tag=t\r\nTo: <tel:+49>\r\nCall-ID: t\r\n\
     CSeq: 1 CANCEL\r\n\r\n",
    "ACK sip:x@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bKa\r\nFrom: <sip:a@b>;tag=t\r\nTo: <sip:x@y>;tag=q\r\nCall-ID: t\r\nCSeq: 1 ACK\r\n\r\n",
    "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKx\r\nFrom: <sip:a@x>;tag=a\r\nTo: <sip:b@y>;tag=b\r\nCall-ID: z\r\n\
     CSeq: 1 INVITE\r\nContact: <sip:b@10.0.0.9>\r\nRecord-Route: <sip:p;lr>, <sip:q>\r\n\r\n",
    "SIP/2.0 100 \u{442}\u{435}\u{441}\u{442}\r\nVia: SIP/2.0/UDP 192.0.2.105;branch=z9hG4bK2398ndaoe\r\nCall-ID: noreason.asndj203insdf99223ndf\r\n\
     CSeq: 35 INVITE\r\nFrom: <sip:user@example.com>;tag=39ansfi3\r\nTo: <sip:user@example.edu>;tag=902jndnke3\r\nContent-Length: 0\r\n\r\n",
    "!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0\r\n\
     Via: SIP/2.0/TCP host1.example.com;branch=z9hG4bK-.!%66*_+`'~\r\nTo: \"BEL:\\\u{7} NUL:\\\u{0} DEL:\\\u{7f}\" <sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com>\r\n\
     From: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>;fromParam''~+*_!.-%=\"\u{440}\u{430}\";tag=_token~1'+`*%!-.\r\n\
     Call-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{\r\nCSeq: 139122385 !interesting-Method0123456789_*+`.%indeed'~\r\nMax-Forwards: 255\r\n\r\n",
];

fn agent() -> UserAgent {
    let mut agent = UserAgent::new(Settings::new(address(1)), [3; 32]);
    let addresses = vec![AddressRange::parse("10.0.0.2").expect("a range")];
    agent.handle(Duration::ZERO, Input::Trunks(vec![Trunk { name: "t".to_owned(), addresses }]));
    let secret = crate::auth::Secret::Plain("pw".to_owned());
    agent.handle(Duration::ZERO, Input::Accounts(vec![Account { user: "ann".to_owned(), secret }]));
    agent
}

#[test]
fn unusual_messages_are_understood() {
    let mut agent = agent();
    let expected = [
        Some("481"), // it has a tag in To, but there is no such call
        Some("200"),
        Some("403"),
        Some("100"),
        Some("200"),
        None,
        None,
        None,
        Some("501"),
    ];
    for (seed, expected) in SEEDS.iter().zip(expected).filter(|(seed, _)| !seed.starts_with("SIP")) {
        agent.handle(
            Duration::from_secs(1),
            Input::Received { bytes: seed.as_bytes().to_vec(), flow: Flow::udp(address(2)) },
        );
        let mut first = None;
        while let Some(output) = agent.poll_output() {
            if let Output::Send { bytes, .. } = output {
                first = first.or(Some(String::from_utf8_lossy(&bytes[8..11]).into_owned()));
            }
        }
        assert_eq!(first.as_deref(), expected, "{seed}");
    }
}

#[test]
fn fifty_thousand_mutilated_messages_change_nothing_but_answers() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut dice = move |sides: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % sides.max(1) as u64) as usize
    };
    const SPICE: [&[u8]; 16] = [
        b"\r\n",
        b"\r\n ",
        b",",
        b";",
        b"\"",
        b"<",
        b">",
        b":",
        b"@",
        b"=",
        b"\xff\xfe",
        b"\0",
        b"%",
        b"[",
        b"99999999999999999999",
        b"\\",
    ];
    let mut agent = agent();
    for round in 0..50_000_u64 {
        let mut bytes = SEEDS[dice(SEEDS.len())].as_bytes().to_vec();
        for _ in 0..=dice(6) {
            let (from, to) = (dice(bytes.len()), dice(bytes.len()));
            match dice(6) {
                0 => bytes[from] = dice(256) as u8,
                1 => drop(bytes.drain(from.min(to)..(from.min(to) + dice(20)).min(bytes.len()))),
                2 => drop(bytes.splice(from..from, SPICE[dice(SPICE.len())].iter().copied())),
                3 => bytes.truncate(from.max(1)),
                4 => {
                    let piece = bytes[from.min(to)..from.max(to)].to_vec();
                    bytes.splice(from..from, piece);
                }
                _ => bytes.swap(from, to),
            }
            if bytes.is_empty() {
                bytes.push(b'x');
            }
        }
        let now = Duration::from_millis(round * 10);
        let source = address(if dice(2) == 0 { 2 } else { 20 });
        agent.handle(now, Input::Received { bytes, flow: Flow::udp(source) });
        while let Some(output) = agent.poll_output() {
            match output {
                Output::Send { bytes, .. } => drop(wire::parse(&bytes).expect("what we send can be read")),
                Output::Event(Event::Incoming { leg, sdp, .. }) => {
                    drop(crate::sdp::Description::parse(&sdp.unwrap_or_default()));
                    let command = match dice(3) {
                        0 => Command::Answer { leg, sdp: b"x".to_vec() },
                        1 => Command::Reject { leg, status: 486, reason: String::new() },
                        _ => Command::Provisional { leg, status: 180, sdp: None },
                    };
                    agent.handle(now, Input::Command(command));
                }
                Output::Event(_) => {}
            }
        }
        agent.handle(now, Input::Due);
    }
    let mut now = Duration::from_secs(600);
    while let Some(next) = agent.deadline().filter(|next| *next < Duration::from_secs(5_000)) {
        now = now.max(next);
        agent.handle(now, Input::Due);
        while agent.poll_output().is_some() {}
    }
    assert_eq!(agent.load().legs, 0, "everything that was let in has ended");
    assert_eq!(agent.load().server_transactions, 0);
}
