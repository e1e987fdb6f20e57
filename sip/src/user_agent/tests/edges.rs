//! What goes wrong, comes late, or comes from strangers.

use super::*;

/// The last facts, as they come back from where they were stored.
pub(super) fn facts(world: &World, peer: usize) -> Facts {
    let events = &world.peers[peer].events;
    let found = events.iter().rev().find_map(|event| {
        let Event::Facts(facts) = event else { return None };
        Some(facts.clone())
    });
    let facts = found.expect("facts");
    let stored = serde_json::to_string(&facts).expect("can be stored");
    let read = serde_json::from_str(&stored).expect("can be read");
    assert_eq!(facts, read, "{stored}");
    read
}

/// The daemon starts anew and remembers nothing.
pub(super) fn restart(world: &mut World) {
    let mut agent = UserAgent::new(settings(address(1)), [99; 32]);
    let addresses = vec![AddressRange::parse("10.0.0.1/30").expect("a range")];
    agent.handle(world.now, Input::Trunks(vec![Trunk { name: "trunk".to_owned(), addresses, ..Trunk::default() }]));
    world.peers[DAEMON].agent = agent;
    world.events(DAEMON);
}

#[test]
fn a_ringing_call_of_an_earlier_boot_is_cancelled_from_its_facts() {
    let mut world = World::new();
    world.ring(DAEMON, TRUNK);
    let facts = facts(&world, DAEMON);
    restart(&mut world);
    world.command(DAEMON, Command::End { facts });
    world.run(100);
    assert_eq!(world.labels()[2..], ["CANCEL", "200 CANCEL", "487 INVITE", "ACK"]);
    assert_eq!(world.words(DAEMON), ["failed 487"]);
    assert_eq!(world.words(TRUNK), ["incoming 4711 offer", "cancelled"]);
    world.assert_clean();
}

#[test]
fn an_answered_call_of_an_earlier_boot_is_acknowledged_and_ended_from_its_facts() {
    let mut world = World::new();
    let leg = world.ring(DAEMON, TRUNK);
    world.command(TRUNK, Command::Answer { leg, sdp: b"answer".to_vec() });
    world.run(6);
    let facts = facts(&world, DAEMON);
    restart(&mut world);
    world.command(DAEMON, Command::End { facts });
    world.run(100);
    assert_eq!(world.words(DAEMON), ["ended Local"]);
    assert_eq!(world.words(TRUNK), ["incoming 4711 offer", "confirmed", "ended Remote"]);
    world.assert_clean();
}

#[test]
fn a_call_we_answered_in_an_earlier_boot_is_ended_from_its_facts() {
    let mut world = World::new();
    world.connect(TRUNK, DAEMON);
    let facts = facts(&world, DAEMON);
    restart(&mut world);
    world.command(DAEMON, Command::End { facts });
    world.run(100);
    assert_eq!(world.words(DAEMON), ["ended Local"]);
    assert_eq!(world.words(TRUNK), ["answered answer", "ended Remote"]);
    world.assert_clean();
}

#[test]
fn a_200_to_an_invite_of_an_earlier_boot_gets_ack_and_one_bye() {
    let mut world = World::new();
    let leg = world.ring(DAEMON, TRUNK);
    restart(&mut world);
    world.swallow = vec!["ACK"];
    world.command(TRUNK, Command::Answer { leg, sdp: b"answer".to_vec() });
    world.run(2_000);
    assert_eq!(world.words(DAEMON), Vec::<String>::new());
    assert_eq!(world.words(TRUNK), ["incoming 4711 offer", "ended Remote"]);
    assert_eq!(world.count("BYE"), 1);
    world.assert_clean();
}

#[test]
fn strays_are_bounded_and_never_answered_for_others() {
    let mut world = World::new();
    let before = world.log.len();
    for number in 0..500 {
        let text = format!(
            "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK{number}\r\nFrom: <sip:a@x>;tag=a\r\n\
             To: <sip:b@y>;tag=b\r\nCall-ID: {number}\r\nCSeq: 1 INVITE\r\nContact: <sip:b@10.0.0.9>\r\n\r\n"
        );
        world.shout(address(9), &text);
        world.shout(address(9), &text.replace("10.0.0.1:5060", "10.0.0.8:5060"));
    }
    assert_eq!(world.log.len() - before, 2 * STRAYS_MAX);
    world.assert_clean();
}

#[test]
fn a_second_phone_behind_a_forking_proxy_is_ended() {
    let mut world = World::new();
    let leg = world.ring(DAEMON, TRUNK);
    world.command(TRUNK, Command::Answer { leg, sdp: b"answer".to_vec() });
    world.run(6);
    let ok = world.log.iter().find(|packet| packet.label() == "200 INVITE").expect("a 200").clone();
    let raw = ok.raw();
    let to = raw.first("To").expect("To").to_owned();
    let second = String::from_utf8(ok.bytes).expect("text").replace(&to, "<sip:4711@10.0.0.2>;tag=second");
    let sent = world.shout(address(2), &second);
    assert_eq!(sent.iter().map(Packet::label).collect::<Vec<_>>(), ["ACK", "BYE"]);
    world.command(DAEMON, Command::Accept { leg: LEG });
    world.run(50);
    assert_eq!(world.words(TRUNK), ["incoming 4711 offer", "confirmed"], "the first phone's call stands");
    world.command(DAEMON, Command::Bye { leg: LEG });
    world.assert_clean();
}

/// A request from a stranger with a number, so that each is a new one.
fn stranger(method: &str, number: u32, more: &str) -> String {
    format!(
        "{method} sip:4711@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.9;rport;branch=z9hG4bKs{number}\r\n\
         From: <sip:eve@10.0.0.1>;tag=e\r\nCall-ID: s{number}\r\nCSeq: 5 {method}\r\nContact: <sip:eve@10.0.0.9>\r\n{more}\r\n"
    )
}

#[test]
fn strangers_get_the_answer_that_fits_and_leave_no_state() {
    let to = "To: <sip:x@10.0.0.1>\r\n";
    let within = "To: <sip:x@10.0.0.1>;tag=none\r\n";
    let mut world = World::new();
    for (number, (method, more, label)) in [
        ("OPTIONS", to, Some("200 OPTIONS")),
        ("INVITE", to, Some("401 INVITE")),
        ("REGISTER", to, Some("401 REGISTER")),
        ("MESSAGE", to, Some("405 MESSAGE")),
        ("SUBSCRIBE", to, Some("405 SUBSCRIBE")),
        ("REFER", to, Some("405 REFER")),
        ("INFO", to, Some("405 INFO")),
        ("PUBLISH", to, Some("405 PUBLISH")),
        ("invite", to, Some("501 invite")),
        ("NEWMETHOD", to, Some("501 NEWMETHOD")),
        ("BYE", to, Some("481 BYE")),
        ("BYE", within, Some("481 BYE")),
        ("INVITE", within, Some("481 INVITE")),
        ("UPDATE", within, Some("481 UPDATE")),
        ("OPTIONS", within, Some("481 OPTIONS")),
        ("CANCEL", to, Some("481 CANCEL")),
        ("ACK", to, None),
        ("ACK", within, None),
        ("OPTIONS", "", Some("400 OPTIONS")),
        ("ACK", "", None),
        ("OPTIONS", "To: <sip:x@y>\r\nRequire: nothing, more\r\n", Some("420 OPTIONS")),
    ]
    .into_iter()
    .enumerate()
    {
        let text = stranger(method, number as u32, more);
        let source: SocketAddr = "10.0.0.9:33333".parse().expect("an address");
        let labels = |sent: &[Packet]| sent.iter().map(Packet::label).collect::<Vec<_>>();
        let sent = world.shout(source, &text);
        assert_eq!(labels(&sent), Vec::from_iter(label.map(str::to_owned)), "{text}");
        assert!(sent.iter().all(|packet| packet.destination == source), "answered to where it came from");
        let again = world.shout(source, &text);
        let tags =
            |sent: &[Packet]| sent.iter().map(|packet| packet.raw().first("To").map(str::to_owned)).collect::<Vec<_>>();
        assert_eq!(tags(&sent), tags(&again), "the same answer again");
    }
    assert_eq!(world.peers[DAEMON].agent.load(), Load::default());
    world.run(10_000);
    assert_eq!(world.words(DAEMON), ["refused Call 10.0.0.9:33333"], "the INVITE, once");
}

#[test]
fn allow_names_what_we_answer() {
    let mut world = World::new();
    for (number, method) in ["OPTIONS", "REFER", "FOO"].into_iter().enumerate() {
        let sent = world.shout(address(9), &stranger(method, number as u32, "To: <sip:x@y>\r\n"));
        assert_eq!(sent[0].raw().first("Allow"), Some(ALLOW));
    }
}

#[test]
fn a_request_that_comes_again_gets_the_same_answer_after_its_call_as_well() {
    let mut world = World::new();
    world.connect(TRUNK, DAEMON);
    world.command(TRUNK, Command::Bye { leg: LEG });
    world.run(20);
    let text = |label: &str| {
        let packet = world.log.iter().find(|packet| packet.label() == label).expect(label);
        String::from_utf8(packet.bytes.clone()).expect("text")
    };
    let (bye, ok) = (text("BYE"), text("200 BYE"));
    assert_eq!(world.words(DAEMON).last().map(String::as_str), Some("ended Remote"));
    for wait in [0, 20_000] {
        world.run(wait);
        let again = world.shout(address(2), &bye);
        assert_eq!(again.iter().map(|packet| packet.bytes.clone()).collect::<Vec<_>>(), [ok.as_bytes()]);
    }
    // Afterwards nobody knows that there was a call.
    world.run(13_000);
    assert_eq!(world.shout(address(2), &bye)[0].label(), "481 BYE");
    world.assert_clean();
}

#[test]
fn what_is_remembered_of_an_answered_request_is_small() {
    // There are hundreds of thousands of them in a busy half minute.
    assert!(size_of::<Client<Purpose>>() <= 40, "{}", size_of::<Client<Purpose>>());
    assert!(size_of::<Server>() <= 32, "{}", size_of::<Server>());
    assert!(size_of::<ClientKey>() + size_of::<ServerKey>() <= 32);
}

#[test]
fn an_invite_that_came_two_ways_is_one_call() {
    let mut world = World::new();
    world.ring(TRUNK, DAEMON);
    let invite = world.log[0].clone();
    let text = String::from_utf8(invite.bytes).expect("text");
    let again = world.shout(address(2), &text);
    assert_eq!(again[0].label(), "100 INVITE", "the same way: the answer again");
    let other = world.shout(address(2), &text.replacen("branch=z9hG4bK", "branch=z9hG4bKother", 1));
    assert_eq!(other[0].label(), "482 INVITE");
    assert_eq!(world.peers[DAEMON].agent.load().legs, 1);
}

#[test]
fn a_cancel_whose_via_was_rewritten_still_finds_its_call() {
    let mut world = World::new();
    world.ring(TRUNK, DAEMON);
    let text = String::from_utf8(world.log[0].bytes.clone()).expect("text");
    let head = text.split("Content-Type").next().expect("a head").replace("INVITE", "CANCEL");
    let cancel = format!("{}\r\n", head.replacen("branch=z9hG4bK", "branch=z9hG4bKrewritten", 1));
    let sent: Vec<String> =
        world.shout("10.0.0.2:9999".parse().expect("an address"), &cancel).iter().map(Packet::label).collect();
    assert_eq!(sent, ["200 CANCEL", "487 INVITE"]);
    assert_eq!(world.words(DAEMON), ["incoming 4711 offer", "cancelled"]);
}

#[test]
fn more_calls_than_allowed_get_503() {
    let mut world = World::new();
    world.peers[DAEMON].agent.settings.legs_max = 1;
    world.ring(TRUNK, DAEMON);
    world.command(
        TRUNK,
        Command::Invite {
            leg: LegId(2),
            target: Target::Uri { uri: "sip:5@10.0.0.1".to_owned(), destination: None },
            from_user: "6".to_owned(),
            from_display: None,
            sdp: Vec::new(),
        },
    );
    world.run(100);
    let failed = world.events(TRUNK).into_iter().find(|event| matches!(event, Event::Failed { .. }));
    assert_eq!(
        failed,
        Some(Event::Failed {
            leg: LegId(2),
            status: 503,
            retry_after: Some(Duration::from_secs(10)),
            by: FailedBy::Peer
        })
    );
    world.command(DAEMON, invite("sip:1@10.0.0.2"));
    let by_us = Event::Failed { leg: LEG, status: 503, retry_after: None, by: FailedBy::Us };
    assert_eq!(world.events(DAEMON).last(), Some(&by_us), "no peer said so");
}

#[test]
fn calls_that_cannot_begin_fail_at_once() {
    let mut world = World::new();
    for (uri, status) in [("sip:a@host.name", 503), ("tel:+49", 503), ("sips:a@10.0.0.2", 503), ("nonsense", 400)] {
        world.command(DAEMON, invite(uri));
        assert_eq!(world.words(DAEMON), [format!("failed {status}")]);
    }
    let target = Target::Registered("nobody".to_owned());
    let (from_user, sdp) = ("1".to_owned(), Vec::new());
    world.command(DAEMON, Command::Invite { leg: LEG, target, from_user, from_display: None, sdp });
    assert_eq!(world.words(DAEMON), ["failed 480"]);
    let target = Target::Uri { uri: "sip:a@host.name".to_owned(), destination: Some(address(2)) };
    let (from_user, sdp) = ("1".to_owned(), b"offer".to_vec());
    world.command(DAEMON, Command::Invite { leg: LEG, target, from_user, from_display: None, sdp });
    world.run(50);
    assert_eq!(world.words(TRUNK), ["incoming a offer"], "a resolved name is called");
}
