//! Every call ends: in whatever state a peer dies, time alone takes the leg away, and with it all that was kept for it.

use super::*;

/// What the application does while the peer says nothing any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Application {
    /// Nothing: it answers no event.
    Sleeps,
    /// It hangs up at whoever does not answer twice.
    HangsUp,
}

/// A way into a state, the state, and what ends it.
struct Row {
    state: &'static str,
    reach: fn(&mut World),
    application: Application,
    /// The end that is told, and after how many seconds the leg is gone.
    end: &'static str,
    seconds: u64,
}

fn uri(transport: Transport) -> String {
    match transport {
        Transport::Udp => "sip:4711@10.0.0.2".to_owned(),
        Transport::Tcp => "sip:4711@10.0.0.2;transport=tcp".to_owned(),
    }
}

/// The daemon calls, and the call rings there.
fn calls(world: &mut World) -> LegId {
    let uri = uri(world.by);
    world.command(DAEMON, invite(&uri));
    world.run(30);
    let leg = world.incoming(TRUNK).expect("a call");
    world.command(TRUNK, Command::Provisional { leg, status: 180, sdp: None });
    world.run(30);
    leg
}

/// The daemon calls, and the other side has answered.
fn is_answered(world: &mut World) -> LegId {
    let leg = calls(world);
    world.command(TRUNK, Command::Answer { leg, sdp: b"answer".to_vec() });
    world.run(30);
    leg
}

/// The daemon called, and both talk.
fn talks(world: &mut World) -> LegId {
    let leg = is_answered(world);
    world.command(DAEMON, Command::Accept { leg: LEG });
    world.run(30);
    leg
}

/// The daemon is called.
fn is_called(world: &mut World) -> LegId {
    let uri = uri(world.by).replace("10.0.0.2", "10.0.0.1");
    world.command(TRUNK, invite(&uri));
    world.run(30);
    world.incoming(DAEMON).expect("a call")
}

/// The daemon was called and has answered; the caller has heard it, and died.
fn has_answered(world: &mut World) -> LegId {
    let leg = is_called(world);
    world.command(DAEMON, Command::Answer { leg, sdp: b"answer".to_vec() });
    world.dead.push(TRUNK);
    leg
}

/// The daemon was called, and both talk.
fn listens(world: &mut World) -> LegId {
    let leg = is_called(world);
    world.command(DAEMON, Command::Answer { leg, sdp: b"answer".to_vec() });
    world.run(30);
    world.command(TRUNK, Command::Accept { leg: LEG });
    world.run(30);
    leg
}

/// A daemon that was killed is started again, and ends a leg by its last facts.
fn restarts(world: &mut World) {
    let last = world.events(DAEMON).into_iter().rev().find_map(|event| match event {
        Event::Facts(facts) => Some(facts),
        _ => None,
    });
    let facts = last.expect("facts were told");
    let address = world.peers[DAEMON].address;
    world.peers[DAEMON].agent = UserAgent::new(settings(address), [77; 32]);
    world.cut();
    world.dead.push(TRUNK);
    world.command(DAEMON, Command::End { facts });
}

const SIP: Application = Application::Sleeps;
const APPLICATION: Application = Application::HangsUp;

#[rustfmt::skip]
fn rows() -> Vec<Row> {
    let row = |state, application, end, seconds, reach| Row { state, reach, application, end, seconds };
    vec![
        // Timer B; over TCP the same.
        row("calling", SIP, "failed 408", 32, |world| {
            world.dead.push(TRUNK);
            let uri = uri(world.by);
            world.command(DAEMON, invite(&uri));
        }),
        // Nobody picks up: the longest time to ring, CANCEL, 64 × T1.
        row("early", SIP, "failed 408", 632, |world| _ = calls(world)),
        row("abandoned", SIP, "failed 408", 32, |world| {
            world.dead.push(TRUNK);
            let uri = uri(world.by);
            world.command(DAEMON, invite(&uri));
            world.command(DAEMON, Command::Cancel { leg: LEG });
        }),
        row("cancelling", SIP, "failed 408", 32, |world| {
            calls(world);
            world.dead.push(TRUNK);
            world.command(DAEMON, Command::Cancel { leg: LEG });
        }),
        // The application does not take the 200: ACK, BYE, timer F.
        row("answered", SIP, "ended Local", 64, |world| _ = is_answered(world)),
        row("answered, then refused", SIP, "ended Local", 32, |world| {
            is_answered(world);
            world.dead.push(TRUNK);
            world.command(DAEMON, Command::Refuse { leg: LEG });
        }),
        // Nothing to hear on hold, so it is asked: twice 90 s, timer F of the second question, timer F of the BYE.
        row("confirmed, we called", APPLICATION, "ended Local", 244, |world| _ = talks(world)),
        row("confirmed, we were called", APPLICATION, "ended Local", 244, |world| _ = listens(world)),
        row("ending, we called", SIP, "ended Local", 32, |world| {
            talks(world);
            world.dead.push(TRUNK);
            world.command(DAEMON, Command::Bye { leg: LEG });
        }),
        row("ending, we were called", SIP, "ended Local", 32, |world| {
            let leg = listens(world);
            world.dead.push(TRUNK);
            world.command(DAEMON, Command::Bye { leg });
        }),
        // A change of ours that nobody answers ends the call: timer B, timer F of the BYE (RFC 3261 §14.1).
        row("confirmed, our re-INVITE is out", APPLICATION, "ended Local", 64, |world| {
            talks(world);
            world.dead.push(TRUNK);
            world.command(DAEMON, Command::Reoffer { leg: LEG, sdp: b"hold".to_vec() });
        }),
        row("confirmed, a re-INVITE that the application does not answer", APPLICATION, "ended Local", 244, |world| {
            let leg = talks(world);
            world.command(TRUNK, Command::Reoffer { leg, sdp: b"hold".to_vec() });
            world.run(30);
        }),
        row("confirmed, our 200 to a re-INVITE is never acknowledged", APPLICATION, "ended Local", 64, |world| {
            let leg = talks(world);
            world.command(TRUNK, Command::Reoffer { leg, sdp: b"hold".to_vec() });
            world.run(30);
            world.dead.push(TRUNK);
            world.command(DAEMON, Command::AnswerReoffer { leg: LEG, sdp: b"good".to_vec() });
        }),
        row("ending, a re-INVITE was not answered", SIP, "ended Local", 32, |world| {
            let leg = talks(world);
            world.command(TRUNK, Command::Reoffer { leg, sdp: b"hold".to_vec() });
            world.run(30);
            world.dead.push(TRUNK);
            world.command(DAEMON, Command::Bye { leg: LEG });
        }),
        // The application does not answer the caller.
        row("offered", SIP, "ended Timeout", 600, |world| _ = is_called(world)),
        row("offered, and told that it rings", SIP, "ended Timeout", 600, |world| {
            let leg = is_called(world);
            world.command(DAEMON, Command::Provisional { leg, status: 180, sdp: None });
        }),
        row("refused, and never acknowledged", SIP, "ended Local", 0, |world| {
            let leg = is_called(world);
            world.dead.push(TRUNK);
            world.command(DAEMON, Command::Reject { leg, status: 480, reason: String::new() });
        }),
        row("accepted, and never acknowledged", SIP, "ended Timeout", 32, |world| _ = has_answered(world)),
        // The ACK is awaited, then timer F of the BYE.
        row("closing", SIP, "ended Local", 64, |world| {
            let leg = has_answered(world);
            world.command(DAEMON, Command::Bye { leg });
        }),
        // After a restart, by the facts of each stage.
        row("inviting, in an earlier run", SIP, "failed 408", 32, |world| { calls(world); restarts(world); }),
        row("answered, in an earlier run", SIP, "ended Local", 32, |world| { is_answered(world); restarts(world); }),
        row("accepted, in an earlier run", SIP, "ended Local", 32, |world| { listens(world); restarts(world); }),
    ]
}

#[test]
fn whatever_state_a_peer_dies_in_time_alone_ends_it() {
    for transport in [Transport::Udp, Transport::Tcp] {
        for Row { state, reach, application, end, seconds } in rows() {
            let told = format!("{state}, {transport:?}");
            let mut world = World::new();
            world.by = transport;
            reach(&mut world);
            if !world.dead.contains(&TRUNK) {
                world.dead.push(TRUNK);
            }
            let died = world.now;
            let mut ends = vec![];
            let mut gone = None;
            for _ in 0..1_000 {
                for event in world.events(DAEMON) {
                    if let (Event::Unresponsive { leg, missed: 2 }, Application::HangsUp) = (&event, application) {
                        world.command(DAEMON, Command::Bye { leg: *leg });
                    }
                    if let Event::Failed { .. } | Event::Ended { .. } | Event::Cancelled { .. } = &event {
                        ends.extend(word(&event));
                    }
                }
                if gone.is_none() && world.peers[DAEMON].agent.load().legs == 0 {
                    gone = Some((world.now - died).as_secs());
                }
                world.run(1_000);
            }
            assert_eq!(ends, [end], "{told}");
            let gone = gone.unwrap_or_else(|| panic!("{told}: it never ends"));
            assert!(gone.abs_diff(seconds) <= 2, "{told}: gone after {gone} s, expected {seconds}");
            assert_nothing_is_left(&world.peers[DAEMON].agent, &told);
        }
    }
}

/// The control: without an application that hangs up, nothing but the peer's silence is told, again and again.
#[test]
fn a_peer_that_is_dead_on_hold_is_told_and_one_that_answers_is_not() {
    let mut world = World::new();
    talks(&mut world);
    world.words(DAEMON);
    world.run(200_000);
    assert_eq!(world.words(DAEMON), [] as [&str; 0], "it is there");
    assert_eq!(world.count("OPTIONS"), 2 * 2, "each side asks the other, every 90 s");
    assert_eq!(world.count("200 OPTIONS"), 4);
    world.dead.push(TRUNK);
    world.run(300_000);
    assert_eq!(world.words(DAEMON), ["unresponsive 1", "unresponsive 2", "unresponsive 3"]);
    world.dead.clear();
    world.run(100_000);
    assert_eq!(world.words(DAEMON), [] as [&str; 0], "it is there again");
    world.dead.push(TRUNK);
    world.run(150_000);
    assert_eq!(world.words(DAEMON), ["unresponsive 1"], "and counted anew");
    world.command(DAEMON, Command::Bye { leg: LEG });
    world.run(100_000);
    assert_nothing_is_left(&world.peers[DAEMON].agent, "hung up");
}

#[test]
fn a_peer_that_forgot_the_call_is_told_and_one_that_cannot_be_asked_is_there() {
    let mut world = World::new();
    talks(&mut world);
    world.words(DAEMON);
    let address = world.peers[TRUNK].address;
    world.peers[TRUNK].agent = UserAgent::new(settings(address), [9; 32]);
    world.run(100_000);
    assert_eq!(world.count("481 OPTIONS"), 1);
    assert_eq!(world.words(DAEMON), ["unresponsive 1"]);
}

#[test]
fn after_thousands_of_calls_nothing_is_kept() {
    const CALLS: u64 = 4_000;
    let mut world = World::new();
    for number in 0..CALLS {
        // Both ways, and each way to the end.
        let (by, to) = if number % 2 == 0 { (TRUNK, DAEMON) } else { (DAEMON, TRUNK) };
        let leg = match number / 2 % 5 {
            0 => {
                let leg = world.connect(by, to);
                world.command(to, Command::Bye { leg });
                leg
            }
            1 => {
                let leg = world.connect(by, to);
                world.command(by, Command::Bye { leg: LEG });
                leg
            }
            2 => {
                let leg = world.ring(by, to);
                world.command(by, Command::Cancel { leg: LEG });
                leg
            }
            3 => {
                let leg = world.ring(by, to);
                world.command(to, Command::Reject { leg, status: 486, reason: String::new() });
                leg
            }
            _ => {
                let leg = world.ring(by, to);
                // The ACK never comes.
                world.command(to, Command::Answer { leg, sdp: b"answer".to_vec() });
                world.swallow = vec!["200 INVITE"; 12];
                leg
            }
        };
        world.run(200_000);
        assert!(leg.is_incoming() && world.peers[DAEMON].agent.load().legs == 0, "call {number}");
        world.log.clear();
        world.swallow.clear();
        world.peers.iter_mut().for_each(|peer| peer.events.clear());
    }
    for peer in &world.peers {
        assert_nothing_is_left(&peer.agent, "all calls");
    }
}

fn assert_nothing_is_left(agent: &UserAgent, told: &str) {
    let load = agent.load();
    assert_eq!((load.legs, load.client_transactions, load.server_transactions), (0, 0, 0), "{told}: {load:?}");
    let maps = (agent.dialogs.len(), agent.callers.len(), agent.strays.len(), agent.outputs.len());
    assert_eq!(maps, (0, 0, 0, 0), "{told}: dialogs, callers, strays, outputs");
    assert_eq!(agent.deadline(), None, "{told}: somebody waits to be woken");
}
