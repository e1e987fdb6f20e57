//! An INVITE of ours that a proxy on the way sends to several phones (RFC 3261 §13.2.2.4, §16.7).

use super::*;

/// What a phone behind the proxy answers to our INVITE.
fn fork(world: &World, status: u16, tag: &str) -> String {
    let sent = world.log.iter().find(|packet| packet.label() == "INVITE").expect("an INVITE").raw();
    let of = |name: &str| sent.first(name).expect("a header").to_owned();
    let sdp = if status == 200 { "Content-Type: application/sdp\r\n" } else { "" };
    format!(
        "SIP/2.0 {status} X\r\nVia: {}\r\nFrom: {}\r\nTo: {};tag={tag}\r\nCall-ID: {}\r\nCSeq: {}\r\n\
         Contact: <sip:{tag}@10.0.0.2>\r\nRecord-Route: <sip:10.0.0.2;lr>\r\n{sdp}\r\n{}",
        of("Via"),
        of("From"),
        of("To"),
        of("Call-ID"),
        of("CSeq"),
        if status == 200 { tag } else { "" },
    )
}

/// The request line and To of everything the daemon sent since.
fn sent(packets: &[Packet]) -> Vec<String> {
    let line = |packet: &Packet| {
        let Start::Request { method, uri } = packet.raw().start else { panic!("a request") };
        let to = packet.raw().first("To").expect("To").to_owned();
        format!("{method} {uri} {}", to.split("tag=").nth(1).unwrap_or(""))
    };
    packets.iter().map(line).collect()
}

/// A call of the daemon's through a proxy at the trunk's address.
fn call() -> World {
    let mut world = World::new();
    world.peers[TRUNK].address = address(77);
    world.command(DAEMON, invite("sip:4711@10.0.0.2"));
    world
}

#[test]
fn several_phones_ring_and_the_first_that_answers_has_the_call() {
    let mut world = call();
    for (status, tag) in [(180, "one"), (180, "two"), (183, "one"), (180, "one"), (200, "two")] {
        let answer = fork(&world, status, tag);
        assert!(world.shout(address(2), &answer).is_empty());
    }
    assert_eq!(world.words(DAEMON), ["ringing 180", "ringing 180", "ringing 183", "ringing 180", "answered two"]);
    let before = world.log.len();
    world.command(DAEMON, Command::Accept { leg: LEG });
    assert_eq!(sent(&world.log[before..]), ["ACK sip:two@10.0.0.2 two"]);
}

#[test]
fn a_second_200_gets_its_own_ack_and_bye_before_and_after_the_first_is_taken() {
    for accepted in [false, true] {
        let mut world = call();
        world.shout(address(2), &fork(&world, 200, "one"));
        if accepted {
            world.command(DAEMON, Command::Accept { leg: LEG });
        }
        let second = fork(&world, 200, "two");
        let first = sent(&world.shout(address(2), &second));
        assert_eq!(first, ["ACK sip:two@10.0.0.2 two", "BYE sip:two@10.0.0.2 two"]);
        let again = sent(&world.shout(address(2), &second));
        assert_eq!(again, ["ACK sip:two@10.0.0.2 two"], "the BYE has a transaction of its own");
        let third = sent(&world.shout(address(2), &fork(&world, 200, "three")));
        assert_eq!(third, ["ACK sip:three@10.0.0.2 three", "BYE sip:three@10.0.0.2 three"]);
        assert_eq!(world.words(DAEMON), ["answered one"]);
        assert_eq!(world.peers[DAEMON].agent.load().legs, 1);
        world.command(DAEMON, Command::Bye { leg: LEG });
        world.assert_clean();
    }
}

#[test]
fn a_fork_that_answers_after_the_call_was_given_up_is_ended_too() {
    let mut world = call();
    world.shout(address(2), &fork(&world, 180, "one"));
    world.command(DAEMON, Command::Cancel { leg: LEG });
    assert_eq!(world.labels().last().map(String::as_str), Some("CANCEL"));
    let crossing = sent(&world.shout(address(2), &fork(&world, 200, "one")));
    assert_eq!(crossing, ["ACK sip:one@10.0.0.2 one", "BYE sip:one@10.0.0.2 one"]);
    let late = sent(&world.shout(address(2), &fork(&world, 200, "two")));
    assert_eq!(late, ["ACK sip:two@10.0.0.2 two", "BYE sip:two@10.0.0.2 two"]);
    world.assert_clean();
    assert_eq!(world.words(DAEMON), ["ringing 180", "ended Local"]);
}

#[test]
fn a_200_long_after_the_leg_is_over_is_still_ended() {
    let mut world = call();
    world.shout(address(2), &fork(&world, 486, "one"));
    world.run(60_000);
    let late = sent(&world.shout(address(2), &fork(&world, 200, "two")));
    assert_eq!(late, ["ACK sip:two@10.0.0.2 two", "BYE sip:two@10.0.0.2 two"]);
    assert_eq!(world.words(DAEMON), ["failed 486"]);
    world.assert_clean();
}
