//! Changes within a call, by either side: hold, refresh, glare. Where the peer misbehaves, its side is written by hand.

use super::*;

/// A description with this address and direction.
fn sdp(address: &str, direction: &str) -> String {
    format!(
        "v=0\r\no=- 1 1 IN IP4 {address}\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\na={direction}\r\n"
    )
}

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
    let busy = world.log.last().expect("a 500").raw();
    let seconds: u32 = busy.first("Retry-After").and_then(|text| text.parse().ok()).expect("a time to wait");
    assert!(seconds <= 10);
    world.shout(address(2), &within(&world, "ACK", 11, None).replace("z9hG4bKACK", "z9hG4bKINVITE"));
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

// Hold and its end.

/// Each way to hold (RFC 3264 §8.4), and what is told of it.
const HOLDS: [(&str, &str, &str); 3] = [
    ("203.0.113.9", "sendonly", "media 203.0.113.9:4000 ReceiveOnly"),
    ("203.0.113.9", "inactive", "media 203.0.113.9:4000 Inactive"),
    ("0.0.0.0", "sendrecv", "media 0.0.0.0:4000 SendReceive"),
];

#[test]
fn hold_and_its_end_are_told_once_by_re_invite_and_by_update() {
    for (cseq, method) in [(10, "INVITE"), (10, "UPDATE")] {
        for (held_address, direction, media) in HOLDS {
            let mut world = World::new();
            let leg = world.connect_with(TRUNK, DAEMON, &sdp("203.0.113.9", "sendrecv"), &sdp("10.0.0.1", "sendrecv"));
            world.events(DAEMON);
            deafen(&mut world);
            let mut told = Vec::new();
            let offers = [(held_address, direction), (held_address, direction), ("203.0.113.9", "sendrecv")];
            for (step, (address_of, direction)) in (0..).zip(offers) {
                let offer = within(&world, method, cseq + step, Some(&sdp(address_of, direction)));
                world.shout(address(2), &offer);
                world.command(DAEMON, Command::AnswerReoffer { leg, sdp: b"answer".to_vec() });
                world.shout(address(2), &within(&world, "ACK", cseq + step, None));
                told.extend(world.words(DAEMON).into_iter().filter(|word| !word.starts_with("reoffer")));
            }
            let back = "media 203.0.113.9:4000 SendReceive";
            assert_eq!(told, ["held true", media, "held false", back], "{method} {held_address} {direction}");
        }
    }
}

#[test]
fn a_refused_offer_holds_nobody() {
    let mut world = World::new();
    let leg = world.connect_with(TRUNK, DAEMON, &sdp("203.0.113.9", "sendrecv"), &sdp("10.0.0.1", "sendrecv"));
    world.events(DAEMON);
    let offer = within(&world, "UPDATE", 10, Some(&sdp("203.0.113.9", "inactive")));
    world.shout(address(2), &offer);
    world.command(DAEMON, Command::RefuseReoffer { leg, status: 488 });
    let words = world.words(DAEMON);
    assert!(words.iter().all(|word| word.starts_with("reoffer")), "{words:?}");
}

#[test]
fn a_call_may_begin_on_hold() {
    let mut world = World::new();
    world.connect_with(TRUNK, DAEMON, &sdp("0.0.0.0", "sendrecv"), &sdp("10.0.0.1", "sendrecv"));
    let words = world.words(DAEMON);
    assert_eq!(words[1..], ["held true", "confirmed"]);
}

// Offers of ours.

#[test]
fn an_offer_of_either_side_is_answered_and_acknowledged() {
    for from_caller in [true, false] {
        let mut world = World::new();
        let callee = world.connect(TRUNK, DAEMON);
        let (one, leg, other, peer) =
            if from_caller { (TRUNK, LEG, DAEMON, callee) } else { (DAEMON, callee, TRUNK, LEG) };
        world.events(one);
        world.events(other);
        let before = world.log.len();
        world.command(one, Command::Reoffer { leg, sdp: b"change".to_vec() });
        world.run(20);
        world.command(other, Command::AnswerReoffer { leg: peer, sdp: b"changed".to_vec() });
        world.run(20);
        assert_eq!(world.labels()[before..], ["INVITE", "100 INVITE", "200 INVITE", "ACK"]);
        assert_eq!(world.words(one), ["reanswered changed"]);
        assert_eq!(world.words(other), ["reoffer change"]);
        world.command(one, Command::Bye { leg });
        world.assert_clean();
    }
}

#[test]
fn a_lost_ack_to_a_re_invite_is_sent_again() {
    let mut world = World::new();
    let leg = world.connect(TRUNK, DAEMON);
    world.command(DAEMON, Command::Reoffer { leg, sdp: b"change".to_vec() });
    world.run(20);
    world.swallow = vec!["ACK"];
    world.command(TRUNK, Command::AnswerReoffer { leg: LEG, sdp: b"changed".to_vec() });
    world.run(3_000);
    assert_eq!(world.words(DAEMON).last().map(String::as_str), Some("reanswered changed"), "told once");
    assert_eq!(world.count("ACK"), 3, "that of the call, and two of the change");
    let acks: Vec<_> = world.log.iter().filter(|packet| packet.label() == "ACK").map(|ack| ack.bytes.clone()).collect();
    assert_eq!(acks[1], acks[2]);
    world.command(DAEMON, Command::Bye { leg });
    world.assert_clean();
}

#[test]
fn of_two_offers_that_meet_one_is_made_again_and_comes_first() {
    for seed in 1..=20 {
        let mut world = World::new();
        let callee = world.connect(TRUNK, DAEMON);
        world.peers[DAEMON].agent.tokens = Tokens::new([seed; 32]);
        world.peers[TRUNK].agent.tokens = Tokens::new([seed + 100; 32]);
        world.command(DAEMON, Command::Reoffer { leg: callee, sdp: b"of the callee".to_vec() });
        world.command(TRUNK, Command::Reoffer { leg: LEG, sdp: b"of the caller".to_vec() });
        world.run(50);
        assert_eq!(world.count("491 INVITE"), 2, "seed {seed}");
        let began = world.now;
        let mut order = Vec::new();
        while world.now < began + Duration::from_secs(8) {
            world.run(10);
            for (peer, leg) in [(DAEMON, callee), (TRUNK, LEG)] {
                for word in world.words(peer) {
                    match word.as_str() {
                        "reoffer of the callee" | "reoffer of the caller" => {
                            order.push(word.replace("reoffer ", ""));
                            world.command(peer, Command::AnswerReoffer { leg, sdp: b"good".to_vec() });
                        }
                        "reoffer failed 491" => order.push("overtaken".to_owned()),
                        _ => {}
                    }
                }
            }
        }
        // Who did not make the Call-ID waits less (RFC 3261 §14.1). The other's offer was written before that one, and
        // is written anew.
        assert_eq!(order, ["of the callee", "overtaken"], "seed {seed}");
        world.command(DAEMON, Command::Bye { leg: callee });
        world.assert_clean();
    }
}

#[test]
fn an_offer_that_met_one_of_the_peer_is_made_again_if_the_peer_makes_none() {
    for (caller, wait_ms) in [(TRUNK, 0..=2_010), (DAEMON, 2_100..=4_010)] {
        let mut world = World::new();
        let callee = world.connect(caller, DAEMON + TRUNK - caller);
        let leg = if caller == DAEMON { LEG } else { callee };
        world.peers[TRUNK].address = address(77);
        world.events(DAEMON);
        world.command(DAEMON, Command::Reoffer { leg, sdp: b"change".to_vec() });
        let first = world.log.last().expect("an INVITE").raw();
        let pending = answer_to_last(&world, 491, "");
        world.shout(address(2), &pending);
        let (before, began) = (world.count("INVITE"), world.now);
        while world.count("INVITE") == before {
            world.run(10);
        }
        let waited = u64::try_from((world.now - began).as_millis()).expect("a short time");
        assert!(wait_ms.contains(&waited), "{waited} ms");
        let second = world.log.last().expect("an INVITE").raw();
        assert_eq!(second.body, first.body);
        assert_ne!(second.first("CSeq"), first.first("CSeq"));
        assert_eq!(world.words(DAEMON), Vec::<String>::new(), "nobody has to know");
    }
}

#[test]
fn an_offer_the_peer_refuses_changes_nothing_and_one_it_does_not_know_ends_the_call() {
    for (status, told, alive) in [
        (488, "reoffer failed 488", 1),
        (500, "reoffer failed 500", 1),
        (481, "ended Local", 0),
        (408, "ended Local", 0),
    ] {
        let mut world = World::new();
        let leg = world.connect(TRUNK, DAEMON);
        deafen(&mut world);
        world.events(DAEMON);
        world.command(DAEMON, Command::Reoffer { leg, sdp: b"change".to_vec() });
        let refusal = answer_to_last(&world, status, "");
        world.shout(address(2), &refusal);
        world.run(40_000);
        assert_eq!(world.words(DAEMON), [told]);
        assert_eq!(world.peers[DAEMON].agent.load().legs, alive);
    }
}

#[test]
fn an_offer_nobody_hears_ends_the_call() {
    let mut world = World::new();
    let leg = world.connect(TRUNK, DAEMON);
    deafen(&mut world);
    world.events(DAEMON);
    world.command(DAEMON, Command::Reoffer { leg, sdp: b"change".to_vec() });
    world.run(100_000);
    assert_eq!(world.words(DAEMON), ["ended Local"]);
    assert_eq!(world.peers[DAEMON].agent.load(), Load::default());
}

#[test]
fn a_second_wish_waits_for_the_first_and_one_before_the_call_fails() {
    let mut world = World::new();
    let leg = world.ring(TRUNK, DAEMON);
    world.command(DAEMON, Command::Reoffer { leg, sdp: b"early".to_vec() });
    assert_eq!(world.words(DAEMON).last().map(String::as_str), Some("reoffer failed 491"));
    world.command(DAEMON, Command::Answer { leg, sdp: b"answer".to_vec() });
    world.run(20);
    world.command(TRUNK, Command::Accept { leg: LEG });
    world.run(20);
    world.events(TRUNK);
    for wish in ["one", "two", "three"] {
        world.command(DAEMON, Command::Reoffer { leg, sdp: wish.into() });
    }
    for expected in ["reoffer one", "reoffer three"] {
        world.run(20);
        assert_eq!(world.words(TRUNK), [expected]);
        world.command(TRUNK, Command::AnswerReoffer { leg: LEG, sdp: b"good".to_vec() });
        world.run(20);
    }
    world.run(20);
    assert_eq!(world.words(TRUNK), Vec::<String>::new());
    world.command(DAEMON, Command::Bye { leg });
    world.assert_clean();
}

#[test]
fn a_call_that_was_changed_is_ended_after_a_restart() {
    let mut world = World::new();
    let leg = world.connect(TRUNK, DAEMON);
    world.command(DAEMON, Command::Reoffer { leg, sdp: b"change".to_vec() });
    world.run(20);
    world.command(TRUNK, Command::AnswerReoffer { leg: LEG, sdp: b"changed".to_vec() });
    world.run(20);
    let facts = edges::facts(&world, DAEMON);
    edges::restart(&mut world);
    world.command(DAEMON, Command::End { facts });
    world.run(100);
    assert_eq!(world.count("500 BYE"), 0, "the number is higher than that of the change");
    assert_eq!(world.words(TRUNK).last().map(String::as_str), Some("ended Remote"));
    world.assert_clean();
}

#[test]
fn route_and_number_stand_in_every_request_of_a_changed_call() {
    let mut world = World::new();
    let invite = "INVITE sip:4711@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.2;rport;branch=z9hG4bKr\r\n\
        From: <sip:a@10.0.0.2>;tag=r\r\nTo: <sip:4711@10.0.0.1>\r\nCall-ID: r\r\nCSeq: 7 INVITE\r\n\
        Contact: <sip:a@10.0.0.99:5070>\r\nRecord-Route: <sip:10.0.0.2;lr>, <sip:10.0.0.3;lr>\r\n\
        Content-Type: application/sdp\r\n\r\noffer";
    world.shout(address(2), invite);
    let leg = world.incoming(DAEMON).expect("a call");
    deafen(&mut world);
    world.command(DAEMON, Command::Answer { leg, sdp: b"answer".to_vec() });
    let to = world.log.last().expect("a 200").raw().first("To").expect("To").to_owned();
    let ack = invite.replace("INVITE", "ACK").replace("z9hG4bKr", "z9hG4bKa");
    let ack =
        ack.split("Content-Type").next().expect("a head").replace("To: <sip:4711@10.0.0.1>", &format!("To: {to}"));
    world.shout(address(2), &format!("{ack}\r\n"));
    world.command(DAEMON, Command::Reoffer { leg, sdp: b"change".to_vec() });
    let ok = answer_to_last(&world, 200, "Contact: <sip:a@10.0.0.98:5072>\r\nContent-Type: application/sdp\r\n");
    world.shout(address(2), &format!("{ok}answer"));
    world.command(DAEMON, Command::Bye { leg });
    let sent = world.log.iter().filter(|packet| packet.source == address(1));
    let requests: Vec<_> = sent.filter(|packet| matches!(packet.raw().start, Start::Request { .. })).collect();
    let seen: Vec<String> = requests
        .iter()
        .map(|packet| {
            let raw = packet.raw();
            let Start::Request { uri, .. } = &raw.start else { panic!("a request") };
            let routes = raw.headers.all("Route").count();
            format!("{} {uri}, {routes} routes, {}", raw.first("CSeq").expect("CSeq"), packet.destination)
        })
        .collect();
    assert_eq!(
        seen,
        [
            "1 INVITE sip:a@10.0.0.99:5070, 2 routes, 10.0.0.2:5060",
            "1 ACK sip:a@10.0.0.98:5072, 2 routes, 10.0.0.2:5060",
            "2 BYE sip:a@10.0.0.98:5072, 2 routes, 10.0.0.2:5060",
        ]
    );
}

/// A response to the request that was sent last.
fn answer_to_last(world: &World, status: u16, more: &str) -> String {
    let sent = world.log.last().expect("a request").raw();
    let copied =
        ["Via", "From", "To", "Call-ID", "CSeq"].map(|name| format!("{name}: {}\r\n", sent.first(name).expect(name)));
    format!("SIP/2.0 {status} X\r\n{}{more}\r\n", copied.concat())
}
