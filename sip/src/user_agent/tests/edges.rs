//! What goes wrong, comes late, or comes from strangers.

use super::*;

fn facts(world: &World, peer: usize) -> Facts {
    let events = &world.peers[peer].events;
    let found = events.iter().rev().find_map(|event| {
        let Event::Facts(facts) = event else { return None };
        Some(facts.clone())
    });
    found.expect("facts")
}

/// The daemon starts anew and remembers nothing.
fn restart(world: &mut World) {
    let mut agent = UserAgent::new(Settings::new(address(1)), [99; 32]);
    let addresses = vec![AddressRange::parse("10.0.0.1/30").expect("a range")];
    agent.handle(world.now, Input::Trunks(vec![Trunk { name: "trunk".to_owned(), addresses }]));
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
    assert_eq!(world.words(DAEMON), Vec::<String>::new());
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
    assert_eq!(failed, Some(Event::Failed { leg: LegId(2), status: 503, retry_after: Some(Duration::from_secs(10)) }));
    world.command(DAEMON, invite("sip:1@10.0.0.2"));
    assert_eq!(world.words(DAEMON), ["incoming 4711 offer", "failed 503"]);
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

// Changes within a call. The peer's side of them is written by hand.

/// A request of the trunk within the call it began.
fn within(world: &World, method: &str, cseq: u32, sdp: Option<&str>) -> String {
    let invite = world.log[0].raw();
    let ok = world.log.iter().find(|packet| packet.label() == "200 INVITE").expect("a 200").raw();
    let body = sdp.map_or(String::new(), |sdp| {
        format!("Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{sdp}", sdp.len())
    });
    format!(
        "{method} sip:4711@10.0.0.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.2:5060;rport;branch=z9hG4bK{method}{cseq}\r\n\
         From: {}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {cseq} {method}\r\nContact: <sip:0815@10.0.0.2>\r\n{}",
        invite.first("From").expect("From"),
        ok.first("To").expect("To"),
        ok.first("Call-ID").expect("Call-ID"),
        if body.is_empty() { "Content-Length: 0\r\n\r\n".to_owned() } else { body }
    )
}

/// The trunk hears nothing any more: the test speaks for it.
fn deafen(world: &mut World) {
    world.peers[TRUNK].address = address(77);
}

fn labels(sent: &[Packet]) -> Vec<String> {
    sent.iter().map(Packet::label).collect()
}

#[test]
fn a_new_offer_is_answered_and_repeated_until_the_ack() {
    let mut world = World::new();
    let leg = world.connect(TRUNK, DAEMON);
    deafen(&mut world);
    world.events(DAEMON);
    let offer = within(&world, "INVITE", 10, Some("hold"));
    assert_eq!(labels(&world.shout(address(2), &offer)), ["100 INVITE"]);
    assert_eq!(world.words(DAEMON), ["reoffer hold"]);
    let second = within(&world, "INVITE", 11, Some("hold"));
    assert_eq!(labels(&world.shout(address(2), &second)), ["500 INVITE"], "one at a time");
    world.command(DAEMON, Command::AnswerReoffer { leg, sdp: b"held".to_vec() });
    let before = world.count("200 INVITE");
    world.run(1_600);
    assert_eq!(world.count("200 INVITE"), before + 2);
    world.shout(address(2), &within(&world, "ACK", 10, None));
    world.run(60_000);
    assert_eq!(world.count("200 INVITE"), before + 2);
    assert_eq!(world.words(DAEMON), Vec::<String>::new());
    world.command(DAEMON, Command::Bye { leg });
    world.run(100_000);
    assert_eq!(world.words(DAEMON), ["ended Local"]);
    assert_eq!(world.peers[DAEMON].agent.load(), Load::default());
}

#[test]
fn a_new_offers_answer_never_acknowledged_ends_the_call() {
    let mut world = World::new();
    let leg = world.connect(TRUNK, DAEMON);
    deafen(&mut world);
    world.shout(address(2), &within(&world, "INVITE", 10, Some("hold")));
    world.command(DAEMON, Command::AnswerReoffer { leg, sdp: b"held".to_vec() });
    world.run(100_000);
    assert_eq!(world.words(DAEMON).last().map(String::as_str), Some("ended Local"));
    assert_eq!(world.peers[DAEMON].agent.load(), Load::default());
}

#[test]
fn a_peer_that_wants_our_offer_answers_in_the_ack() {
    let mut world = World::new();
    let leg = world.connect(TRUNK, DAEMON);
    world.shout(address(2), &within(&world, "INVITE", 10, None));
    world.command(DAEMON, Command::AnswerReoffer { leg, sdp: b"ours".to_vec() });
    world.shout(address(2), &within(&world, "ACK", 10, Some("theirs")));
    assert_eq!(world.words(DAEMON)[2..], ["reoffer", "reanswered theirs"]);
}

#[test]
fn an_update_is_answered_and_an_empty_one_at_once() {
    let mut world = World::new();
    let leg = world.connect(TRUNK, DAEMON);
    world.events(DAEMON);
    assert_eq!(labels(&world.shout(address(2), &within(&world, "UPDATE", 10, None))), ["200 UPDATE"]);
    assert!(world.shout(address(2), &within(&world, "UPDATE", 11, Some("new"))).is_empty());
    assert_eq!(world.words(DAEMON), ["reoffer new"]);
    world.command(DAEMON, Command::RefuseReoffer { leg, status: 488 });
    assert_eq!(world.labels().last().map(String::as_str), Some("488 UPDATE"));
}

#[test]
fn an_offer_nobody_answers_is_refused_in_time() {
    let mut world = World::new();
    world.connect(TRUNK, DAEMON);
    deafen(&mut world);
    world.shout(address(2), &within(&world, "INVITE", 10, Some("hold")));
    world.run(11_000);
    assert!(world.count("500 INVITE") > 0);
    assert_eq!(world.peers[DAEMON].agent.load().legs, 1, "the call goes on as it was");
}

#[test]
fn an_offer_before_our_200_is_acknowledged_gets_491() {
    let mut world = World::new();
    let leg = world.ring(TRUNK, DAEMON);
    world.command(DAEMON, Command::Answer { leg, sdp: b"answer".to_vec() });
    assert_eq!(labels(&world.shout(address(2), &within(&world, "INVITE", 10, Some("hold")))), ["491 INVITE"]);
}

#[test]
fn a_waiting_offer_is_cancelled_or_ends_with_the_call() {
    let mut world = World::new();
    world.connect(TRUNK, DAEMON);
    let offer = within(&world, "INVITE", 10, Some("hold"));
    world.shout(address(2), &offer);
    let cancel = within(&world, "CANCEL", 10, None).replace("branch=z9hG4bKCANCEL", "branch=z9hG4bKINVITE");
    assert_eq!(labels(&world.shout(address(2), &cancel)), ["200 CANCEL", "487 INVITE"]);
    world.shout(address(2), &within(&world, "INVITE", 11, Some("hold")));
    let sent = labels(&world.shout(address(2), &within(&world, "BYE", 12, None)));
    assert_eq!(sent, ["200 BYE", "487 INVITE"]);
    assert_eq!(world.words(DAEMON).last().map(String::as_str), Some("ended Remote"));
}

#[test]
fn requests_within_a_call_are_all_answered() {
    let mut world = World::new();
    world.connect(TRUNK, DAEMON);
    for (cseq, method, label) in [
        (20, "OPTIONS", "200 OPTIONS"),
        (21, "INFO", "405 INFO"),
        (22, "REFER", "405 REFER"),
        (21, "OPTIONS", "500 OPTIONS"),
        (23, "NOTIFY", "405 NOTIFY"),
    ] {
        assert_eq!(labels(&world.shout(address(2), &within(&world, method, cseq, None))), [label]);
    }
    let forged = within(&world, "BYE", 30, None).replace("From: ", "From: \"x\" <sip:x@y>;tag=forged\r\nX: ");
    assert_eq!(labels(&world.shout(address(2), &forged)), ["481 BYE"], "another's tag");
}

#[test]
fn a_call_without_an_offer_gets_ours_and_answers_in_the_ack() {
    let mut world = World::new();
    let leg = world.ring(TRUNK, DAEMON);
    world.command(DAEMON, Command::Reject { leg, status: 480, reason: String::new() });
    world.run(50);
    let text = "INVITE sip:4711@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.2;rport;branch=z9hG4bKlate\r\n\
        From: <sip:a@10.0.0.2>;tag=l\r\nTo: <sip:4711@10.0.0.1>\r\nCall-ID: late\r\nCSeq: 1 INVITE\r\n\
        Contact: <sip:a@10.0.0.2>\r\n\r\n";
    world.events(DAEMON);
    world.shout(address(2), text);
    let leg = world.incoming(DAEMON).expect("a call");
    world.command(DAEMON, Command::Answer { leg, sdp: b"ours".to_vec() });
    let ok = world.log.last().expect("a 200").raw();
    let to = ok.first("To").expect("To").to_owned();
    let ack = text.replace("INVITE", "ACK").replace("late", "late2").replace("Call-ID: late2", "Call-ID: late");
    let ack = ack.replace("To: <sip:4711@10.0.0.1>", &format!("To: {to}"));
    let ack = ack.replace("\r\n\r\n", "\r\nContent-Type: application/sdp\r\n\r\ntheirs");
    assert!(world.shout(address(2), &ack).is_empty());
    assert_eq!(world.words(DAEMON), ["incoming 4711", "confirmed theirs"]);
}
