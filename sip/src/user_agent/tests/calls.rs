//! Whole calls, both roles.

use super::*;

#[test]
fn a_call_rings_is_answered_and_hung_up() {
    let mut world = World::new();
    let leg = world.ring(TRUNK, DAEMON);
    world.command(DAEMON, Command::Provisional { leg, status: 180, sdp: None });
    world.run(20);
    world.command(DAEMON, Command::Answer { leg, sdp: b"answer".to_vec() });
    world.run(20);
    world.command(TRUNK, Command::Accept { leg: LEG });
    world.run(20);
    world.command(TRUNK, Command::Bye { leg: LEG });
    world.run(20);
    assert_eq!(
        world.labels(),
        ["INVITE", "100 INVITE", "180 INVITE", "200 INVITE", "ACK", "BYE", "200 BYE"],
        "nothing more and nothing twice"
    );
    assert_eq!(world.words(DAEMON), ["incoming 4711 offer", "confirmed", "ended Remote"]);
    assert_eq!(world.words(TRUNK), ["ringing 180", "answered answer", "ended Local"]);
    world.assert_clean();
}

#[test]
fn the_caller_is_told_with_trunk_and_number() {
    let mut world = World::new();
    let leg = world.ring(TRUNK, DAEMON);
    assert!(leg.is_incoming());
    let events = world.events(DAEMON);
    let Event::Incoming { origin, caller, source, .. } = &events[0] else { panic!("{events:?}") };
    assert_eq!(*origin, Origin::Trunk { name: "trunk".to_owned() });
    assert_eq!((caller.user.as_str(), caller.display.as_deref()), ("0815", Some("A \"Caller\"")));
    assert_eq!(*source, address(2));
}

#[test]
fn the_ack_waits_for_the_application() {
    let mut world = World::new();
    let leg = world.ring(DAEMON, TRUNK);
    world.command(TRUNK, Command::Answer { leg, sdp: b"answer".to_vec() });
    world.run(3_000);
    assert_eq!(world.count("ACK"), 0);
    assert!(world.count("200 INVITE") > 2, "the peer repeats itself");
    assert_eq!(world.words(DAEMON), ["answered answer"], "told once");
    world.command(DAEMON, Command::Accept { leg: LEG });
    world.run(20);
    assert_eq!(world.words(TRUNK).last().map(String::as_str), Some("confirmed"));
    world.command(TRUNK, Command::Bye { leg });
    world.assert_clean();
}

#[test]
fn a_200_nobody_wants_gets_ack_and_bye() {
    let mut world = World::new();
    let leg = world.ring(DAEMON, TRUNK);
    world.command(TRUNK, Command::Answer { leg, sdp: b"answer".to_vec() });
    world.run(20);
    world.command(DAEMON, Command::Refuse { leg: LEG });
    world.run(20);
    assert_eq!(world.labels()[3..], ["ACK", "BYE", "200 BYE"]);
    assert_eq!(world.words(DAEMON), ["answered answer", "ended Local"]);
    assert_eq!(world.words(TRUNK).last().map(String::as_str), Some("ended Remote"));
    world.assert_clean();
}

#[test]
fn a_200_the_application_forgets_is_ended_in_time() {
    let mut world = World::new();
    let leg = world.ring(DAEMON, TRUNK);
    world.command(TRUNK, Command::Answer { leg, sdp: b"answer".to_vec() });
    world.run(20);
    world.faults.lost = 1000;
    world.run(33_000);
    assert_eq!((world.count("ACK"), world.count("BYE") > 0), (1, true));
    world.assert_clean();
    assert_eq!(world.words(DAEMON), ["answered answer", "ended Local"]);
}

#[test]
fn a_cancelled_call_gets_487_and_each_side_one_end() {
    let mut world = World::new();
    world.ring(DAEMON, TRUNK);
    world.command(DAEMON, Command::Cancel { leg: LEG });
    world.run(50);
    assert_eq!(world.labels(), ["INVITE", "100 INVITE", "CANCEL", "200 CANCEL", "487 INVITE", "ACK"]);
    assert_eq!(world.words(DAEMON), ["failed 487"]);
    assert_eq!(world.words(TRUNK), ["incoming 4711 offer", "cancelled"]);
    world.assert_clean();
}

#[test]
fn a_cancel_waits_for_a_provisional_response() {
    let mut world = World::new();
    world.command(DAEMON, invite("sip:4711@10.0.0.2"));
    world.command(DAEMON, Command::Cancel { leg: LEG });
    assert_eq!(world.labels(), ["INVITE"]);
    world.run(50);
    assert_eq!(world.labels()[..3], ["INVITE", "100 INVITE", "CANCEL"]);
    world.assert_clean();
    assert_eq!(world.words(DAEMON), ["failed 487"]);
}

#[test]
fn a_200_that_crosses_the_cancel_gets_ack_and_bye() {
    let mut world = World::new();
    let leg = world.ring(DAEMON, TRUNK);
    world.command(DAEMON, Command::Cancel { leg: LEG });
    world.command(TRUNK, Command::Answer { leg, sdp: b"answer".to_vec() });
    world.run(50);
    assert_eq!(world.words(DAEMON), ["ended Local"]);
    assert_eq!(world.words(TRUNK), ["incoming 4711 offer", "confirmed", "ended Remote"]);
    assert_eq!((world.count("ACK"), world.count("BYE"), world.count("487 INVITE")), (1, 1, 0));
    world.assert_clean();
}

#[test]
fn a_repeated_cancel_gets_200_again() {
    let mut world = World::new();
    world.ring(DAEMON, TRUNK);
    world.swallow = vec!["200 CANCEL", "200 CANCEL"];
    world.command(DAEMON, Command::Cancel { leg: LEG });
    world.run(5_000);
    assert_eq!((world.count("CANCEL"), world.count("200 CANCEL"), world.count("481 CANCEL")), (3, 3, 0));
    world.assert_clean();
}

#[test]
fn a_refused_call_ends_on_both_sides() {
    let mut world = World::new();
    let leg = world.ring(TRUNK, DAEMON);
    world.command(DAEMON, Command::Reject { leg, status: 486, reason: "Kaffeepause".to_owned() });
    world.run(50);
    let refusal = world.log.iter().find(|packet| packet.label() == "486 INVITE").expect("a refusal");
    assert_eq!(refusal.raw().start, Start::Response { status: 486, reason: "Kaffeepause".to_owned() });
    assert_eq!(world.words(DAEMON), ["incoming 4711 offer", "ended Local"]);
    assert_eq!(world.words(TRUNK), ["failed 486"]);
    world.assert_clean();
}

#[test]
fn a_caller_who_is_refused_for_now_is_told_when_to_come_again() {
    for (status, retry_after) in [(503, Some("10")), (486, None), (480, None)] {
        let mut world = World::new();
        let leg = world.ring(TRUNK, DAEMON);
        world.command(DAEMON, Command::Reject { leg, status, reason: String::new() });
        world.run(50);
        let label = format!("{status} INVITE");
        let refusal = world.log.iter().find(|packet| packet.label() == label).expect("a refusal");
        assert_eq!(refusal.raw().first("Retry-After"), retry_after, "{status}");
        world.assert_clean();
    }
}

#[test]
fn nobody_there_is_408_after_half_a_minute() {
    let mut world = World::new();
    world.command(DAEMON, invite("sip:4711@10.9.9.9"));
    world.run(31_000);
    assert_eq!(world.words(DAEMON), Vec::<String>::new());
    world.run(2_000);
    assert_eq!(world.words(DAEMON), ["failed 408"]);
    assert_eq!(world.count("INVITE"), 7);
    world.assert_clean();
}

#[test]
fn an_answer_never_acknowledged_ends_with_a_bye() {
    let mut world = World::new();
    let leg = world.ring(TRUNK, DAEMON);
    world.command(DAEMON, Command::Answer { leg, sdp: b"answer".to_vec() });
    world.peers[TRUNK].address = address(77);
    world.run(33_000);
    assert_eq!(world.words(DAEMON), ["incoming 4711 offer", "ended Timeout"]);
    assert_eq!(world.count("200 INVITE"), 11);
    assert!(world.count("BYE") > 0);
    world.assert_clean();
}

#[test]
fn a_hang_up_before_the_ack_waits_for_it() {
    let mut world = World::new();
    let leg = world.ring(TRUNK, DAEMON);
    world.command(DAEMON, Command::Answer { leg, sdp: b"answer".to_vec() });
    world.command(DAEMON, Command::Bye { leg });
    world.run(100);
    assert_eq!(world.count("BYE"), 0);
    world.command(TRUNK, Command::Accept { leg: LEG });
    world.run(100);
    assert_eq!(world.words(DAEMON), ["incoming 4711 offer", "ended Local"]);
    assert_eq!(world.words(TRUNK), ["answered answer", "ended Remote"]);
    world.assert_clean();
}

#[test]
fn both_may_hang_up_at_once() {
    let mut world = World::new();
    let leg = world.connect(TRUNK, DAEMON);
    world.command(TRUNK, Command::Bye { leg: LEG });
    world.command(DAEMON, Command::Bye { leg });
    world.run(100);
    assert_eq!(world.words(DAEMON).last().map(String::as_str), Some("ended Local"));
    assert_eq!(world.words(TRUNK).last().map(String::as_str), Some("ended Local"));
    assert_eq!(world.count("200 BYE"), 2);
    world.assert_clean();
}

#[test]
fn a_waiting_caller_hears_a_provisional_response_every_minute() {
    let mut world = World::new();
    let leg = world.ring(TRUNK, DAEMON);
    world.command(DAEMON, Command::Provisional { leg, status: 183, sdp: Some(b"early".to_vec()) });
    world.run(185_000);
    assert_eq!(world.count("183 INVITE"), 4);
    assert_eq!(world.words(TRUNK)[0], "ringing 183 early");
    world.run(500_000);
    assert_eq!(world.words(DAEMON), ["incoming 4711 offer", "ended Timeout"], "no leg waits for ever");
    world.assert_clean();
}

#[test]
fn calls_survive_loss_doubling_and_delay() {
    for seed in 1..=150 {
        let mut world = World::new();
        world.random = seed * 7919;
        world.faults = Faults { lost: 150, doubled: 150, delayed: 400, seed };
        world.command(TRUNK, invite("sip:4711@10.0.0.1"));
        let (mut answered, mut hung_up) = (false, false);
        for _ in 0..240 {
            world.run(500);
            if let Some(leg) = world.incoming(DAEMON).filter(|_| !answered) {
                world.command(DAEMON, Command::Answer { leg, sdp: b"answer".to_vec() });
                answered = true;
            }
            if world.peers[TRUNK].events.iter().any(|event| matches!(event, Event::Answered { .. })) {
                world.command(TRUNK, Command::Accept { leg: LEG });
            }
            if let Some(leg) = world.incoming(DAEMON).filter(|_| !hung_up && world.now > Duration::from_secs(60)) {
                world.command(DAEMON, Command::Bye { leg });
                hung_up = true;
            }
        }
        for peer in [DAEMON, TRUNK] {
            let words = world.words(peer);
            let ends = words.iter().filter(|word| ["ended", "failed", "cance"].iter().any(|end| word.starts_with(end)));
            assert_eq!(ends.count(), 1, "seed {} peer {peer}: {words:?}", world.faults.seed);
        }
        world.assert_clean();
    }
}
