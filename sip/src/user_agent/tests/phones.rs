//! One user with several phones: all ring, one has the call, and nothing is left of the others (RFC 3261 §16.7).

use super::*;
use crate::auth::Secret;

/// The first of the phones; the others follow.
const FIRST: usize = 2;

/// A daemon with so many phones of ann's, at .20 and up.
fn world(phones: u8) -> World {
    let mut world = World::new();
    let account = Account { user: "ann".to_owned(), secret: Secret::Plain("pw".to_owned()) };
    world.input(DAEMON, Input::Accounts(vec![account]));
    for phone in 0..phones {
        let peer = world.add(20 + phone);
        world.command(peer, register(address(1)));
    }
    world.run(100);
    world.events(DAEMON);
    world.log.clear();
    world
}

fn register(registrar: SocketAddr) -> Command {
    Command::Register {
        registrar,
        transport: Transport::Udp,
        user: "ann".to_owned(),
        password: "pw".to_owned(),
        contact: None,
        expires: Duration::from_secs(600),
    }
}

fn call_ann() -> Command {
    let target = Target::Registered("ann".to_owned());
    Command::Invite { leg: LEG, target, from_user: "0815".to_owned(), from_display: None, sdp: b"offer".to_vec() }
}

impl World {
    fn answer(&mut self, phone: usize) {
        let leg = self.incoming(phone).expect("it rings");
        self.command(phone, Command::Answer { leg, sdp: format!("answer {phone}").into_bytes() });
    }

    fn reject(&mut self, phone: usize, status: u16) {
        let leg = self.incoming(phone).expect("it rings");
        self.command(phone, Command::Reject { leg, status, reason: String::new() });
    }

    /// How each phone's last call ended, if it did.
    fn ends(&mut self, phones: u8) -> Vec<String> {
        (0..phones.into()).map(|phone| self.words(FIRST + phone).last().cloned().unwrap_or_default()).collect()
    }

    /// Only the registrations go on.
    fn unregister(&mut self, phones: u8) {
        for phone in 0..phones.into() {
            self.command(FIRST + phone, Command::Unregister { user: "ann".to_owned() });
        }
        self.run(50);
    }
}

#[test]
fn all_phones_ring_and_the_first_that_answers_has_the_call() {
    let mut world = world(3);
    world.command(DAEMON, call_ann());
    world.run(50);
    assert_eq!(world.count("INVITE"), 3);
    let ids: std::collections::BTreeSet<String> = world
        .log
        .iter()
        .filter(|packet| packet.label() == "INVITE")
        .map(|packet| packet.raw().first("Call-ID").expect("a Call-ID").to_owned())
        .collect();
    assert_eq!(ids.len(), 3, "each is an INVITE of its own");
    for phone in FIRST..FIRST + 3 {
        let leg = world.incoming(phone).expect("it rings");
        world.command(phone, Command::Provisional { leg, status: 180, sdp: None });
    }
    world.run(50);
    world.answer(FIRST + 1);
    world.run(50);
    world.command(DAEMON, Command::Accept { leg: LEG });
    world.run(50);
    assert_eq!(world.words(DAEMON), ["ringing 180", "ringing 180", "ringing 180", "answered answer 3"]);
    assert_eq!(world.ends(3), ["cancelled", "confirmed", "cancelled"]);
    assert_eq!(world.count("CANCEL"), 2);
    assert_eq!(world.peers[DAEMON].agent.load().legs, 1);
    assert!(world.peers[DAEMON].agent.forks.is_empty());
    world.command(DAEMON, Command::Bye { leg: LEG });
    world.run(50);
    assert_eq!(world.words(DAEMON), ["ended Local"]);
    assert_eq!(world.ends(3), ["", "ended Remote", ""]);
    world.unregister(3);
    world.assert_clean();
}

#[test]
fn what_the_caller_hears_of_phones_that_do_not_answer() {
    #[rustfmt::skip]
    let rows: [(&[u16], &str); 8] = [
        // In which order and with what they refuse, and what comes of it.
        (&[486, 480], "failed 486"),
        (&[480, 486], "failed 486"),
        (&[503, 404], "failed 404"),
        (&[480, 302], "failed 302"),
        (&[500, 408], "failed 408"),
        (&[486, 603], "failed 603"),
        // One speaks for all.
        (&[603],      "failed 603"),
        (&[600],      "failed 600"),
    ];
    for (statuses, expected) in rows {
        let mut world = world(2);
        world.command(DAEMON, call_ann());
        world.run(50);
        for (phone, status) in (FIRST..).zip(statuses) {
            world.reject(phone, *status);
            world.run(50);
        }
        assert_eq!(world.words(DAEMON), [expected], "{statuses:?}");
        if statuses.len() == 1 {
            assert_eq!(world.ends(2)[1], "cancelled");
        }
        world.unregister(2);
        world.assert_clean();
    }
}

#[test]
fn two_phones_that_are_lifted_at_once_the_second_gets_ack_and_bye() {
    let mut world = world(2);
    world.command(DAEMON, call_ann());
    world.run(50);
    world.answer(FIRST + 1);
    world.answer(FIRST);
    world.run(50);
    assert_eq!(world.words(DAEMON), ["answered answer 3"]);
    assert_eq!(world.ends(2), ["ended Remote", "incoming ann offer"], "confirmed by its ACK, and then ended");
    assert_eq!((world.count("ACK"), world.count("BYE")), (1, 1), "the winner's ACK waits for the application");
    world.command(DAEMON, Command::Accept { leg: LEG });
    world.run(50);
    assert_eq!(world.ends(2), ["", "confirmed"]);
    world.command(FIRST + 1, Command::Bye { leg: world.incoming(FIRST + 1).unwrap_or(LEG) });
    world.run(50);
    world.peers[FIRST].events.clear();
    world.command(DAEMON, Command::Bye { leg: LEG });
    world.unregister(2);
    world.assert_clean();
}

#[test]
fn a_call_that_is_given_up_stops_ringing_everywhere() {
    for answers in [false, true] {
        let mut world = world(2);
        world.command(DAEMON, call_ann());
        world.run(50);
        world.words(DAEMON);
        if answers {
            // Its 200 crosses the CANCEL.
            world.answer(FIRST);
        }
        world.command(DAEMON, Command::Cancel { leg: LEG });
        world.command(DAEMON, Command::Cancel { leg: LEG });
        world.run(100);
        let (told, first) = if answers { ("ended Local", "ended Remote") } else { ("failed 487", "cancelled") };
        assert_eq!(world.words(DAEMON), [told]);
        assert_eq!(world.ends(2), [first, "cancelled"]);
        world.unregister(2);
        world.assert_clean();
    }
}

#[test]
fn a_phone_that_says_nothing_does_not_keep_the_call_from_the_other() {
    let mut world = world(2);
    world.peers[FIRST].address = address(77);
    world.command(DAEMON, call_ann());
    world.run(100);
    world.answer(FIRST + 1);
    world.run(100);
    world.command(DAEMON, Command::Accept { leg: LEG });
    world.run(40_000);
    assert_eq!(world.words(DAEMON), ["answered answer 3"]);
    assert_eq!(world.count("CANCEL"), 0, "nothing came back that could be cancelled (RFC 3261 §9.1)");
    assert_eq!(world.peers[DAEMON].agent.load().legs, 1, "the silent one is forgotten");
    world.command(DAEMON, Command::Bye { leg: LEG });
    world.unregister(2);
    world.assert_clean();
}

#[test]
fn a_call_that_rings_at_several_phones_is_ended_after_a_restart() {
    for is_answered in [false, true] {
        let mut world = world(3);
        world.command(DAEMON, call_ann());
        world.run(50);
        if is_answered {
            world.answer(FIRST);
            // The CANCELs of the others are lost with the daemon.
            world.swallow = vec!["CANCEL", "CANCEL"];
            world.run(6);
        }
        let facts = world.peers[DAEMON].events.iter().rev().find_map(|event| match event {
            Event::Facts(facts) => Some(facts.clone()),
            _ => None,
        });
        let facts = facts.expect("facts");
        world.peers[DAEMON].agent = UserAgent::new(settings(address(1)), [99; 32]);
        world.events(DAEMON);
        world.command(DAEMON, Command::End { facts });
        world.run(40_000);
        let end = if is_answered { "ended Local" } else { "failed 487" };
        assert_eq!(world.words(DAEMON), [end]);
        let ends = if is_answered { ["ended Remote", "cancelled", "cancelled"] } else { ["cancelled"; 3] };
        assert_eq!(world.ends(3), ends);
        for phone in FIRST..FIRST + 3 {
            world.peers[phone].agent = UserAgent::new(settings(address(90)), [98; 32]);
        }
        world.assert_clean();
    }
}

/// Calls to several phones over a link that loses, doubles and reorders; some are lifted at once.
#[test]
fn over_a_bad_link_one_phone_has_the_call_and_all_ends() {
    const CALLS: u64 = 150;
    let mut set_up = 0;
    for seed in 1..=CALLS {
        let mut world = world(3);
        world.random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        world.faults = Faults { lost: 150, doubled: 150, delayed: 400, seed };
        world.command(DAEMON, call_ann());
        world.run(4_000);
        for phone in FIRST..FIRST + 3 {
            let lifts = (seed >> (phone - FIRST)) & 1 == 1;
            if let Some(leg) = world.incoming(phone).filter(|_| lifts || phone == FIRST) {
                world.command(phone, Command::Answer { leg, sdp: b"answer".to_vec() });
            }
        }
        world.run(10_000);
        let answers = world.words(DAEMON).into_iter().filter(|word| word.starts_with("answered")).count();
        assert!(answers <= 1, "seed {seed}");
        world.command(DAEMON, Command::Accept { leg: LEG });
        world.run(35_000);
        let talking: usize = (FIRST..FIRST + 3)
            .filter(|phone| {
                let words: Vec<String> = world.peers[*phone].events.iter().filter_map(word).collect();
                words.iter().any(|word| word == "confirmed")
                    && !words.iter().any(|word| word.starts_with("ended") || word == "cancelled")
            })
            .count();
        assert!(talking <= 1, "seed {seed}: {talking} phones have the call");
        set_up += talking;
        world.command(DAEMON, Command::Bye { leg: LEG });
        world.run(70_000);
        world.faults = Faults::default();
        for phone in FIRST..FIRST + 3 {
            let leg = world.incoming(phone);
            world.command(phone, Command::Bye { leg: leg.unwrap_or(LEG) });
        }
        world.unregister(3);
        world.assert_clean();
    }
    assert!(set_up as u64 * 100 >= CALLS * 97, "{set_up} of {CALLS}");
}

/// A REGISTER over a connection of a phone that keeps several, with its password.
fn outbound(world: &mut World, connection: u16, reg_id: u32) -> String {
    let flow = Flow {
        transport: Transport::Tcp,
        local: Some(address(1)),
        peer: SocketAddr::from(([10, 0, 0, 40], connection)),
    };
    let text = |cseq: u32, more: &str| {
        format!(
            "REGISTER sip:10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 192.168.1.4;branch=z9hG4bKo{connection}{cseq}\r\n\
             From: <sip:ann@10.0.0.1>;tag=o\r\nTo: <sip:ann@10.0.0.1>\r\nCall-ID: o{connection}\r\nCSeq: {cseq} REGISTER\r\n\
             Contact: <sip:ann@192.168.1.4;transport=tcp>;reg-id={reg_id};+sip.instance=\"<urn:uuid:desk>\"\r\n\
             Supported: path, outbound\r\n{more}Content-Length: 0\r\n\r\n"
        )
    };
    let mut say = |text: String| {
        world.peers[DAEMON].agent.handle(world.now, Input::Received { bytes: text.into_bytes(), flow });
        let sent = std::iter::from_fn(|| world.peers[DAEMON].agent.poll_output()).find_map(|output| match output {
            Output::Send { bytes, .. } => wire::parse(&bytes).ok(),
            Output::Event(_) => None,
        });
        sent.expect("an answer")
    };
    let challenge = say(text(1, ""));
    let challenges = challenge.headers.all("WWW-Authenticate");
    let answer = crate::auth::answer(challenges, "ann", "pw", "REGISTER", "sip:10.0.0.1", "c").expect("an answer");
    let accepted = say(text(2, &format!("Authorization: {answer}\r\n")));
    assert!(matches!(accepted.start, Start::Response { status: 200, .. }));
    accepted.first("Require").unwrap_or("").to_owned()
}

#[test]
fn a_phone_with_two_ways_rings_once_and_by_the_other_if_the_first_is_dead() {
    let mut world = world(1);
    for (connection, reg_id) in [(40_001, 1), (40_002, 2)] {
        assert_eq!(outbound(&mut world, connection, reg_id), "outbound");
    }
    world.events(DAEMON);
    let sent = |world: &mut World, input: Input| {
        world.peers[DAEMON].agent.handle(world.now, input);
        let outputs = std::iter::from_fn(|| world.peers[DAEMON].agent.poll_output()).collect::<Vec<_>>();
        let calls = outputs.iter().filter_map(|output| match output {
            Output::Send { bytes, flow } if bytes.starts_with(b"INVITE") => Some(flow.peer.to_string()),
            Output::Send { .. } | Output::Event(_) => None,
        });
        calls.collect::<Vec<String>>()
    };
    assert_eq!(sent(&mut world, Input::Command(call_ann())), ["10.0.0.40:40002", "10.0.0.20:5060"]);
    let dead =
        Flow { transport: Transport::Tcp, local: Some(address(1)), peer: SocketAddr::from(([10, 0, 0, 40], 40_002)) };
    assert_eq!(sent(&mut world, Input::Closed { flow: dead }), ["10.0.0.40:40001"]);
    assert_eq!(world.peers[DAEMON].agent.registrar.bindings(world.now, "ann").len(), 2, "its binding went with it");
    world.command(DAEMON, Command::Cancel { leg: LEG });
    world.run(100);
    world.unregister(1);
    world.assert_clean();
}

#[test]
fn a_path_is_kept_and_walked() {
    let mut world = world(0);
    let source = address(40);
    let register = |cseq: u32, supported: &str, more: &str| {
        format!(
            "REGISTER sip:10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.40;branch=z9hG4bKe{cseq}\r\n\
             Via: SIP/2.0/UDP 192.168.1.4;branch=z9hG4bKp{cseq}\r\n\
             From: <sip:ann@10.0.0.1>;tag=o\r\nTo: <sip:ann@10.0.0.1>\r\nCall-ID: o\r\nCSeq: {cseq} REGISTER\r\n\
             Contact: <sip:ann@192.168.1.4>\r\nRequire: path\r\nSupported: {supported}\r\n\
             Path: <sip:edge@10.0.0.40;lr>, <sip:inner.example;lr>\r\n{more}\r\n"
        )
    };
    let mut cseq = 0;
    let mut say = |world: &mut World, supported: &str| {
        let challenge = world.shout(source, &register(cseq + 1, supported, ""))[0].raw();
        let challenge = challenge.first("WWW-Authenticate").expect("a challenge").to_owned();
        let answer =
            crate::auth::answer([challenge.as_str()].into_iter(), "ann", "pw", "REGISTER", "sip:10.0.0.1", "c")
                .unwrap();
        cseq += 2;
        world.shout(source, &register(cseq, supported, &format!("Authorization: {answer}\r\n")))[0].clone()
    };
    let refused = say(&mut world, "gruu");
    assert_eq!((refused.label().as_str(), refused.raw().first("Unsupported")), ("420 REGISTER", Some("path")));
    let accepted = say(&mut world, "gruu, path").raw();
    let path: Vec<_> = accepted.headers.all("Path").collect();
    assert_eq!(path, ["<sip:edge@10.0.0.40;lr>", "<sip:inner.example;lr>"]);
    let kept = world.events(DAEMON).into_iter().find_map(|event| match event {
        Event::Bindings { bindings, .. } => Some(bindings),
        _ => None,
    });
    assert_eq!(kept.expect("kept")[0].path, path);
    world.command(DAEMON, call_ann());
    let invite = world.log.last().expect("an INVITE").clone();
    assert_eq!(invite.destination, source, "the way of the REGISTER");
    let raw = invite.raw();
    let Start::Request { uri, .. } = &raw.start else { panic!("a request") };
    assert_eq!(uri, "sip:ann@192.168.1.4");
    let route: Vec<_> = raw.headers.all("Route").collect();
    assert_eq!(route, path);
    world.command(DAEMON, Command::Cancel { leg: LEG });
}

/// A phone at 10.0.0.40 that sends from port 40000 and listens on 5070, as its Via and Contact say.
fn asymmetric(method: &str, ids: &str, cseq: u32, more: &str) -> String {
    format!(
        "{method} sip:10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.40:5070;branch=z9hG4bKa{cseq}\r\n{ids}\
         CSeq: {cseq} {method}\r\nContact: <sip:ann@10.0.0.40:5070>\r\n{more}Content-Length: 0\r\n\r\n"
    )
}

#[test]
fn a_phone_that_sends_from_another_port_than_it_listens_on_is_called_where_it_listens_also_after_a_restart() {
    const IDS: &str = "From: <sip:ann@10.0.0.1>;tag=o\r\nTo: <sip:ann@10.0.0.1>\r\nCall-ID: o\r\n";
    let (sends, listens) = (SocketAddr::from(([10, 0, 0, 40], 40_000)), "10.0.0.40:5070");
    let mut world = world(0);
    let challenge = world.shout(sends, &asymmetric("REGISTER", IDS, 1, ""))[0].clone();
    assert_eq!(challenge.destination.to_string(), listens, "RFC 3261 §18.2.2");
    let challenge = challenge.raw();
    let challenges = challenge.headers.all("WWW-Authenticate");
    let answer = crate::auth::answer(challenges, "ann", "pw", "REGISTER", "sip:10.0.0.1", "c").expect("an answer");
    world.shout(sends, &asymmetric("REGISTER", IDS, 2, &format!("Authorization: {answer}\r\n")));
    let kept = world.events(DAEMON).into_iter().find_map(|event| match event {
        Event::Bindings { bindings, .. } => Some(bindings),
        _ => None,
    });
    for is_restarted in [false, true] {
        if is_restarted {
            world.peers[DAEMON].agent = UserAgent::new(settings(address(1)), [99; 32]);
            let account = Account { user: "ann".to_owned(), secret: Secret::Plain("pw".to_owned()) };
            world.input(DAEMON, Input::Accounts(vec![account]));
            let bindings = kept.clone().expect("kept");
            world.command(DAEMON, Command::RestoreBindings { user: "ann".to_owned(), bindings });
        }
        world.log.clear();
        world.command(DAEMON, call_ann());
        let invite = world.log.last().expect("an INVITE").clone();
        assert_eq!((invite.label().as_str(), invite.destination.to_string().as_str()), ("INVITE", listens));
        let raw = invite.raw();
        let header = |name: &str| raw.first(name).expect(name).to_owned();
        let (from, to, call_id) = (header("From"), header("To"), header("Call-ID"));
        let ok = format!(
            "SIP/2.0 200 OK\r\nVia: {}\r\nFrom: {from}\r\nTo: {to};tag=p\r\nCall-ID: {call_id}\r\nCSeq: 1 INVITE\r\n\
             Contact: <sip:ann@10.0.0.40:5070>\r\nContent-Type: application/sdp\r\nContent-Length: 6\r\n\r\nanswer",
            header("Via")
        );
        world.shout(sends, &ok);
        world.command(DAEMON, Command::Accept { leg: LEG });
        // A request of the phone, from where it sends, moves nothing.
        let ids = format!("From: {to};tag=p\r\nTo: {from}\r\nCall-ID: {call_id}\r\n");
        world.shout(sends, &asymmetric("OPTIONS", &ids, 7, ""));
        world.command(DAEMON, Command::Bye { leg: LEG });
        let went = world.log.iter().map(|packet| format!("{} {}", packet.label(), packet.destination));
        let expected = ["INVITE", "ACK", "200 OPTIONS", "BYE"].map(|label| format!("{label} {listens}"));
        assert_eq!(went.collect::<Vec<_>>(), expected, "restarted: {is_restarted}");
        world.run(40_000);
    }
}

#[test]
fn a_phone_that_is_cancelled_hears_why_unless_the_caller_gave_up() {
    type Ending = fn(&mut World);
    #[rustfmt::skip]
    let rows: [(Ending, &[&str]); 3] = [
        (|world| world.answer(FIRST),                              &["SIP;cause=200;text=\"Call completed elsewhere\""]),
        (|world| world.reject(FIRST, 603),                         &["SIP;cause=603;text=\"Call declined elsewhere\""]),
        (|world| world.command(DAEMON, Command::Cancel { leg: LEG }), &["", ""]),
    ];
    for (what_ends_it, expected) in rows {
        let mut world = world(2);
        world.command(DAEMON, call_ann());
        world.run(50);
        for phone in FIRST..FIRST + 2 {
            let leg = world.incoming(phone).expect("it rings");
            world.command(phone, Command::Provisional { leg, status: 180, sdp: None });
        }
        world.run(50);
        what_ends_it(&mut world);
        world.run(50);
        let cancels = world.log.iter().filter(|packet| packet.label() == "CANCEL");
        let reasons: Vec<_> =
            cancels.map(|packet| packet.raw().first("Reason").unwrap_or_default().to_owned()).collect();
        assert_eq!(reasons, expected);
    }
}
