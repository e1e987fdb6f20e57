//! Random stories against the laws: people do what they like, messages cross, the daemon dies at any time.
//! A story that breaks a law is cut down to the steps it needs and printed so that it can be kept below.
#![allow(clippy::unwrap_used, reason = "a test that finds nothing to unwrap has failed")]

mod floor;

use domain::agent::Active;
use domain::chat;
use domain::id::{AgentId, CallId, ChatId, ItemId, OfferId};
use floor::Party::{Agent, Call, Floor, Queue};
use floor::Step::*;
use floor::fault::Fault;
use floor::{Leg, Size, Step};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::time::{Duration, Instant};

/// How long a story is at most.
const STEPS_MAX: usize = 120;
/// How many stories are told if nobody says otherwise.
const STORIES: u64 = 10_000;
/// How many stories a broken floor gets before it counts as not found out.
const STORIES_BROKEN: u64 = 20_000;

/// The dice of a story: how big the floor is, and what happens next.
#[derive(Clone, Debug)]
struct Dice {
    agents: u64,
    queues: u64,
    steps: Vec<u32>,
}

fn dice() -> impl Strategy<Value = Dice> {
    use proptest::{collection::vec, num::u32::ANY};
    (1..=3_u64, 1..=2_u64, vec(ANY, 10..STEPS_MAX)).prop_map(|(agents, queues, steps)| Dice { agents, queues, steps })
}

#[test]
fn no_story_breaks_a_law() {
    let stories = std::env::var("LAWS_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(STORIES);
    let began = Instant::now();
    let mut steps = 0;
    let broken = tell_many(stories, None, None, &mut steps);
    println!("{stories} stories, {steps} steps, {:?}", began.elapsed());
    if let Some((size, story, why)) = broken {
        panic!("{why}\n\nkeep({}, {}, &{story:?});\n", size.agents, size.queues);
    }
}

/// Tells random stories until one breaks a law; that one is cut down to what it needs.
fn tell_many(
    stories: u64,
    fault: Option<Fault>,
    only: Option<&'static str>,
    steps: &mut usize,
) -> Option<(Size, Vec<Step>, String)> {
    let seed = std::env::var("LAWS_SEED").ok().and_then(|seed| seed.parse::<u64>().ok()).unwrap_or(1);
    let mut bytes = [7; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let dice = dice();
    for _ in 0..stories {
        let dice = dice.new_tree(&mut runner).unwrap().current();
        let size = Size { agents: dice.agents, queues: dice.queues, calls: 3, chats: 4 };
        let (story, why) = improvise(size, fault, only, &dice.steps);
        *steps += story.len();
        if why.is_some() {
            let story = cut_down(size, fault, only, story);
            let why = retell(size, fault, only, &story).unwrap();
            return Some((size, story, why));
        }
    }
    None
}

fn start(size: Size, fault: Option<Fault>, only: Option<&'static str>) -> floor::Floor {
    let mut floor = floor::Floor::new(size, false);
    (floor.fault, floor.only) = (fault, only);
    floor
}

/// Turns dice into steps that can be done.
fn improvise(
    size: Size,
    fault: Option<Fault>,
    only: Option<&'static str>,
    dice: &[u32],
) -> (Vec<Step>, Option<String>) {
    let mut floor = start(size, fault, only);
    let mut story = vec![];
    for die in dice {
        let steps = possible(&floor);
        let all: u32 = steps.iter().map(|(weight, _)| weight).sum();
        let mut left = die % all;
        let chosen = steps.iter().find(|(weight, _)| {
            let hit = left < *weight;
            left = left.saturating_sub(*weight);
            hit
        });
        let step = chosen.map_or(Step::Rest, |(_, step)| *step);
        story.push(step);
        floor.step(step);
        if let Some((_, why)) = floor.broken {
            return (story, Some(why));
        }
    }
    let why = finish(floor);
    (story, why)
}

/// Tells a story from its steps, to its end.
fn retell(size: Size, fault: Option<Fault>, only: Option<&'static str>, story: &[Step]) -> Option<String> {
    let mut floor = start(size, fault, only);
    for step in story {
        floor.step(*step);
        if let Some((_, why)) = floor.broken {
            return Some(why);
        }
    }
    finish(floor)
}

/// What is on its way arrives, then everybody goes away, and everything has to come to its end.
fn finish(mut floor: floor::Floor) -> Option<String> {
    floor.step(Step::Rest);
    if floor.broken.is_none() {
        floor.everybody_leaves();
    }
    if floor.broken.is_none() {
        for (id, chat) in &floor.chats {
            if !matches!(chat.state(), chat::State::Closed { .. } | chat::State::New) {
                let why = format!("everybody is gone, and {id:?} is {:?}", chat.state());
                floor::laws::report(&mut floor, "L9", why);
                break;
            }
        }
    }
    floor.broken.map(|(_, why)| why)
}

/// Leaves out every step that the story breaks its law without.
fn cut_down(size: Size, fault: Option<Fault>, only: Option<&'static str>, mut story: Vec<Step>) -> Vec<Step> {
    let mut chunk = story.len().max(2) / 2;
    loop {
        let mut from = 0;
        let before = story.len();
        while from < story.len() {
            let mut shorter = story.clone();
            shorter.drain(from..(from + chunk).min(story.len()));
            if retell(size, fault, only, &shorter).is_some() {
                story = shorter;
            } else {
                from += chunk;
            }
        }
        if chunk == 1 && story.len() == before {
            return story;
        }
        chunk = (chunk / 2).max(1);
    }
}

/// All that could happen next, and how likely it is.
fn possible(floor: &floor::Floor) -> Vec<(u32, Step)> {
    let mut steps: Vec<(u32, Step)> =
        floor.post.keys().map(|(from, to)| (60 / floor.post.len() as u32 + 4, Step::Deliver(*from, *to))).collect();
    steps.extend([(4, Step::Rest), (3, Step::Tick), (1, Step::Pass(5)), (1, Step::Pass(20)), (1, Step::Crash)]);
    let Size { agents, calls, chats, .. } = floor.size;
    for call in 1..=calls {
        if floor.calls.contains_key(&CallId(call)) {
            steps.push((1, Step::CallerHangsUp(call)));
        } else {
            steps.push((5, Step::Arrive(call)));
        }
    }
    for chat in 1..=chats {
        let Some(machine) = floor.chats.get(&ChatId(chat)) else {
            steps.push((4, Step::Request(chat)));
            continue;
        };
        if !matches!(machine.state(), chat::State::Closed { .. }) {
            let visitor =
                [Step::Leave(chat), Step::VisitorLost(chat), Step::VisitorBack(chat), Step::VisitorSays(chat)];
            steps.extend(visitor.map(|step| (1, step)));
        }
    }
    for agent in 1..=agents {
        people(floor, agent, &mut steps);
    }
    for (offer, leg) in &floor.legs {
        let OfferId { call, agent, attempt } = *offer;
        let (a, c, n) = (agent.0, call.0, attempt);
        match leg {
            Leg::Ringing => steps.extend([
                (8, Step::PhoneAnswers(a, c, n)),
                (1, Step::PhoneBusy(a, c, n)),
                (1, Step::PhoneUnreachable(a, c, n)),
                (1, Step::PhoneDeclines(a, c, n)),
            ]),
            Leg::Stopping => steps.extend([(2, Step::PhoneAnswers(a, c, n)), (1, Step::PhoneBusy(a, c, n))]),
            Leg::Answered => steps.push((2, Step::PhoneHangsUp(a, c, n))),
            Leg::Gone => {}
        }
    }
    steps
}

/// What an agent could do next.
fn people(floor: &floor::Floor, agent: u64, steps: &mut Vec<(u32, Step)>) {
    let machine = &floor.agents[&AgentId(agent)];
    steps.extend([(2, Step::LogIn(agent)), (1, Step::LogOut(agent)), (1, Step::FinishCallWrapUp(agent))]);
    steps.extend([(1, Step::BrowserLost(agent)), (3, Step::BrowserBack(agent)), (1, Step::PhoneRegistered(agent))]);
    for (chat, machine) in &floor.chats {
        let place = floor.board.place(ItemId::Chat(*chat)).map_or(1, |(_, place)| place);
        if floor.serves(agent).any(|queue| queue == machine.queue()) {
            let likely = if machine.state() == chat::State::Queued { 5 } else { 1 };
            steps.push((likely, Step::Pick(agent, chat.0, place)));
        }
    }
    for (chat, _) in machine.inbox() {
        let chat = chat.0;
        let own = [
            Step::Activate(agent, chat),
            Step::Park(agent, chat),
            Step::End(agent, chat),
            Step::AgentSays(agent, chat),
        ];
        steps.extend(own.map(|step| (1, step)));
        steps.push((1, Step::ExtendWrapUp(agent, chat)));
        steps.push((1, Step::FinishWrapUp(agent, chat)));
    }
    if let Some(reservation) = machine.reservation() {
        let OfferId { call, attempt, .. } = reservation.offer;
        steps.push((1, Step::Decline(agent, call.0, attempt)));
    }
    if let Some(Active::Call { offer, .. }) = machine.active() {
        steps.push((3, Step::HangUp(agent, offer.call.0)));
    }
}

/// Holds that a broken floor is found out by the law that it breaks.
fn catches(law: &'static str, fault: Fault) {
    let began = Instant::now();
    let mut steps = 0;
    let Some((_, story, why)) = tell_many(STORIES_BROKEN, Some(fault), Some(law), &mut steps) else {
        panic!("{law} holds although {fault:?}: {steps} steps");
    };
    println!("{law} fails on {fault:?} after {steps} steps, {:?}: {why}\n{story:?}", began.elapsed());
    assert!(began.elapsed() < Duration::from_secs(60));
}

macro_rules! controls {
    ($($name:ident: $law:literal $fault:ident;)*) => {$(
        #[test]
        fn $name() {
            catches($law, Fault::$fault);
        }
    )*};
}

controls! {
    l1_sees_a_reservation_that_outlives_the_answer: "L1" ReservationKept;
    l2_sees_a_chat_that_stays_in_its_queue: "L2" LeaveLost;
    l3_sees_a_yes_for_an_offer_that_is_over: "L3" CommitAnyway;
    l4_sees_a_chat_parked_by_a_call_that_nobody_took: "L4" ParkOnRelease;
    l5_sees_a_second_resume: "L5" ResumeTwice;
    l5_sees_a_lost_resume: "L5" ResumeLost;
    l6_sees_a_shielded_agent_who_grants: "L6" GrantsAll;
    l7_sees_a_grant_in_a_worse_tier: "L7" GrantsAll;
    l7_sees_a_busy_agent_asked_before_a_free_one: "L7" BusyFirst;
    l8_sees_a_clock_that_runs_while_parked: "L8" ClockRunsOn;
    l9_sees_an_agent_who_never_hears_that_the_call_is_over: "L9" OverLost;
    l10_sees_chats_kept_over_a_logout: "L10" ReleaseLost;
    l11_sees_a_replay_that_forgets: "L11" ParkForgotten;
    l12_sees_a_chat_that_stays_preempted: "L12" ResumeLost;
    l13_sees_a_gap_between_messages: "L13" NumberSkipped;
    l14_sees_a_call_that_rings_at_two_agents: "L14" OfferedTwice;
    l14_sees_a_call_that_is_connected_twice: "L14" ConnectedTwice;
    l15_sees_a_second_outcome: "L15" ReleasedTwice;
    l16_sees_a_call_that_the_board_forgot: "L16" ProposalNeverDone;
    l18_sees_a_younger_call_served_first: "L18" YoungestFirst;
}

/// Tells a kept story, in which every law has to hold.
fn keep(agents: u64, queues: u64, story: &[Step]) {
    let size = Size { agents, queues, calls: 3, chats: 4 };
    assert_eq!(retell(size, None, None, story), None);
}

#[test]
fn a_chat_chosen_while_the_browser_is_gone_forgets_no_preempted_one() {
    let story = [
        Request(1),
        Pick(2, 1, 1),
        Rest,
        Request(4),
        Park(2, 1),
        Arrive(2),
        Pick(2, 4, 1),
        Rest,
        PhoneAnswers(2, 2, 1),
        BrowserLost(2),
        Deliver(Call(2), Agent(2)),
        PhoneHangsUp(2, 2, 1),
        Deliver(Call(2), Agent(2)),
        Activate(2, 1),
        BrowserBack(2),
    ];
    keep(2, 2, &story);
}

#[test]
fn a_wrap_up_and_a_grace_that_end_together_both_end() {
    let story = [
        Arrive(1),
        Deliver(Call(1), Queue(1)),
        Deliver(Floor, Queue(1)),
        Deliver(Queue(1), Agent(1)),
        BrowserLost(1),
        Deliver(Agent(1), Call(1)),
        PhoneAnswers(1, 1, 1),
        Deliver(Call(1), Agent(1)),
        Pass(30),
        CallerHangsUp(1),
        Rest,
        Tick,
        Rest,
    ];
    keep(1, 1, &story);
}
