//! Many calls through a link that loses, doubles and reorders, with the time turned by hand.

use super::*;

/// What became of one call.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Story {
    /// How often the callee was called.
    calls: usize,
    /// Both sides took the answer.
    is_set_up: bool,
    /// How many ends each side heard of.
    ends: [usize; 2],
}

/// Who hangs up, and whether the call is held meanwhile.
#[derive(Debug, Clone, Copy)]
struct Plan {
    hangs_up: usize,
    holds: Option<usize>,
}

/// One call that is answered after a second, lasts for a minute and is hung up.
fn story(seed: u64, faults: Faults, plan: Plan) -> (World, Story) {
    let mut world = World::new();
    world.random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    world.faults = faults;
    world.command(TRUNK, invite("sip:4711@10.0.0.1"));
    let mut story = Story::default();
    let mut callee = None;
    let mut answered_at = None;
    let (mut confirmed, mut held, mut over) = (false, false, false);
    for _ in 0..400 {
        world.run(250);
        for peer in [DAEMON, TRUNK] {
            for event in world.events(peer) {
                match event {
                    Event::Incoming { leg, .. } => {
                        story.calls += 1;
                        callee = Some(leg);
                        world.command(DAEMON, Command::Provisional { leg, status: 180, sdp: None });
                        answered_at = Some(world.now + Duration::from_secs(1));
                    }
                    Event::Answered { leg, .. } => world.command(TRUNK, Command::Accept { leg }),
                    Event::Confirmed { .. } => confirmed = true,
                    Event::Reoffer { leg, .. } => {
                        world.command(peer, Command::AnswerReoffer { leg, sdp: b"good".to_vec() });
                    }
                    Event::Failed { .. } | Event::Cancelled { .. } | Event::Ended { .. } => story.ends[peer] += 1,
                    _ => {}
                }
            }
        }
        let legs = [callee, Some(LEG)];
        if let Some(leg) = callee.filter(|_| answered_at.is_some_and(|at| world.now >= at)) {
            answered_at = None;
            world.command(DAEMON, Command::Answer { leg, sdp: b"answer".to_vec() });
        }
        story.is_set_up |= confirmed;
        if let Some((by, leg)) = plan.holds.and_then(|by| Some((by, legs[by]?)))
            && confirmed
            && !std::mem::replace(&mut held, true)
        {
            world.command(by, Command::Reoffer { leg, sdp: b"hold".to_vec() });
        }
        if let Some(leg) = legs[plan.hangs_up].filter(|_| world.now > Duration::from_secs(60) && !over) {
            over = true;
            world.command(plan.hangs_up, Command::Bye { leg });
        }
    }
    (world, story)
}

#[test]
fn of_a_hundred_calls_ninety_nine_are_set_up_none_twice_and_all_end() {
    const CALLS: u64 = 400;
    let mut set_up = 0;
    for seed in 1..=CALLS {
        let faults = Faults { lost: 150, doubled: 150, delayed: 400, seed };
        let holds = [None, Some(DAEMON), Some(TRUNK)][(seed % 3) as usize];
        let plan = Plan { hangs_up: (seed % 2) as usize, holds };
        let (mut world, story) = story(seed, faults, plan);
        set_up += u64::from(story.is_set_up);
        assert!(story.calls <= 1, "seed {seed}: {story:?}");
        if story.calls == 1 {
            assert_eq!(story.ends, [1, 1], "seed {seed}");
        }
        world.assert_clean();
    }
    assert!(set_up * 100 >= CALLS * 99, "{set_up} of {CALLS}");
}

#[test]
fn a_link_without_faults_repeats_nothing() {
    let (mut world, story) = story(1, Faults::default(), Plan { hangs_up: TRUNK, holds: Some(DAEMON) });
    assert_eq!(story, Story { calls: 1, is_set_up: true, ends: [1, 1] });
    assert_eq!(
        world.labels(),
        [
            "INVITE",
            "100 INVITE",
            "180 INVITE",
            "200 INVITE",
            "ACK",
            "INVITE",
            "100 INVITE",
            "200 INVITE",
            "ACK",
            "BYE",
            "200 BYE"
        ]
    );
    world.assert_clean();
}

#[test]
fn a_dead_link_ends_every_call() {
    for (seed, dead_after) in (1..).zip([0, 3, 6, 20, 1_006, 1_020, 1_300, 61_000]) {
        let mut world = World::new();
        world.command(TRUNK, invite("sip:4711@10.0.0.1"));
        world.run(dead_after);
        world.faults = Faults { lost: 1000, seed, ..Faults::default() };
        for peer in [DAEMON, TRUNK] {
            let leg = if peer == TRUNK { Some(LEG) } else { world.incoming(DAEMON) };
            if let Some(leg) = leg {
                world.command(peer, Command::Answer { leg, sdp: b"answer".to_vec() });
                world.run(100);
                world.command(peer, Command::Bye { leg });
            }
        }
        world.assert_clean();
    }
}
