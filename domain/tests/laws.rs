//! Random stories against the laws: people do what they like, messages cross, the daemon dies at any time.
//! A story that breaks a law is cut down to the steps it needs and printed so that it can be kept below.
#![allow(clippy::unwrap_used, reason = "a test that finds nothing to unwrap has failed")]

mod floor;

use domain::agent::Active;
use domain::chat::{self, Choice};
use domain::id::{AgentId, CallId, ChatId, ItemId, OfferId, QueueId, TaskId};
use domain::{agent, call, task};
use floor::Party::{Agent, Call, Chat, Floor, Queue, Task};
use floor::Rule::*;
use floor::Step::*;
use floor::fault::Fault;
use floor::{Leg, OWN_CALLS_FROM, Rule, Size, Step, TASKS_FROM};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// How long a story is at most.
const STEPS_MAX: usize = 150;
/// How many stories are told if nobody says otherwise.
const STORIES: u64 = 5_000;
/// How many stories a broken floor gets before it counts as not found out.
const STORIES_BROKEN: u64 = 20_000;

/// The dice of a story: how big the floor is, what its administrator decided, and what happens next.
#[derive(Clone, Debug)]
struct Dice {
    agents: u64,
    queues: u64,
    rules: Vec<u8>,
    steps: Vec<u32>,
}

fn dice() -> impl Strategy<Value = Dice> {
    use proptest::{collection::vec, num::u8, num::u32};
    (1..=3_u64, 1..=2_u64, vec(u8::ANY, 53), vec(u32::ANY, 10..STEPS_MAX))
        .prop_map(|(agents, queues, rules, steps)| Dice { agents, queues, rules, steps })
}

fn size(agents: u64, queues: u64) -> Size {
    Size { agents, queues, calls: 3, chats: 4, tasks: 2 }
}

/// Each rule holds on one floor out of five.
fn rules(size: Size, dice: &[u8]) -> Vec<Rule> {
    floor::rules::all(size).into_iter().zip(dice).filter(|(_, die)| **die < 51).map(|(rule, _)| rule).collect()
}

/// A story that can be told again: where it happens, and what happens.
#[derive(Clone)]
struct Story {
    size: Size,
    rules: Vec<Rule>,
    fault: Option<Fault>,
    only: Option<&'static str>,
    steps: Vec<Step>,
}

#[test]
fn no_story_breaks_a_law() {
    let stories = std::env::var("LAWS_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(STORIES);
    holds(stories, None);
}

/// Tells stories in which every law has to hold, whatever the post does.
fn holds(stories: u64, fault: Option<Fault>) {
    let began = Instant::now();
    let mut told = Told::default();
    let broken = tell_many(stories, fault, None, &mut told);
    println!("{stories} stories, {} steps, {:?}", told.steps, began.elapsed());
    if let Some((story, why)) = broken {
        let Story { size, rules, steps, .. } = story;
        panic!("{why}\n\nkeep({}, {}, &{rules:?}, &{steps:?});\n", size.agents, size.queues);
    }
    if fault.is_none() {
        let never: Vec<_> = all_events().filter(|event| !told.happened.contains(event)).collect();
        assert!(never.is_empty() || stories < STORIES, "never happened: {never:?}");
    }
}

/// Every event of every machine, as the sources name them.
fn all_events() -> impl Iterator<Item = (&'static str, String)> {
    let sources = [
        ("agent", include_str!("../src/agent/event.rs")),
        ("queue", include_str!("../src/queue.rs")),
        ("chat", include_str!("../src/chat.rs")),
        ("task", include_str!("../src/task.rs")),
        ("call", include_str!("../src/call.rs")),
    ];
    let all = sources.into_iter().flat_map(|(machine, source)| {
        let (_, events) = source.split_once("pub enum Event {\n").unwrap();
        let (events, _) = events.split_once("\n}\n").unwrap();
        let variants = events.lines().filter_map(|line| line.strip_prefix("    "));
        let variants = variants.filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase()));
        variants.map(move |line| (machine, line.trim_end_matches([' ', '{', ',']).to_owned()))
    });
    // Who is turned away at the door never comes onto the floor.
    all.filter(|event| *event != ("call", "TurnedAway".to_owned()))
}

/// What was told so far.
#[derive(Default)]
struct Told {
    steps: usize,
    happened: BTreeSet<(&'static str, String)>,
}

/// Tells random stories until one breaks a law; that one is cut down to what it needs.
fn tell_many(
    stories: u64,
    fault: Option<Fault>,
    only: Option<&'static str>,
    told: &mut Told,
) -> Option<(Story, String)> {
    let seed = std::env::var("LAWS_SEED").ok().and_then(|seed| seed.parse::<u64>().ok()).unwrap_or(1);
    let mut bytes = [7; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let dice = dice();
    for _ in 0..stories {
        let dice = dice.new_tree(&mut runner).unwrap().current();
        let size = size(dice.agents, dice.queues);
        let mut story = Story { size, rules: rules(size, &dice.rules), fault, only, steps: vec![] };
        let why = improvise(&mut story, &dice.steps, &mut told.happened);
        told.steps += story.steps.len();
        if why.is_some() {
            let story = cut_down(story);
            let why = retell(&story).unwrap();
            return Some((story, why));
        }
    }
    None
}

fn start(story: &Story) -> floor::Floor {
    let mut floor = floor::Floor::new(story.size, &story.rules, false);
    (floor.fault, floor.only) = (story.fault, story.only);
    floor
}

/// Turns dice into steps that can be done.
fn improvise(story: &mut Story, dice: &[u32], happened: &mut BTreeSet<(&'static str, String)>) -> Option<String> {
    let mut floor = start(story);
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
        story.steps.push(step);
        floor.step(step);
        if let Some((_, why)) = floor.broken {
            return Some(why);
        }
    }
    happened.append(&mut floor.happened);
    finish(floor)
}

/// Tells a story from its steps, to its end.
fn retell(story: &Story) -> Option<String> {
    let mut floor = start(story);
    for step in &story.steps {
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
        let open = floor.chats.iter().find(|(_, chat)| !matches!(chat.state(), chat::State::Closed { .. }));
        let why = open.map(|(id, chat)| format!("everybody is gone, and {id:?} is {:?}", chat.state()));
        let held = floor.tasks.iter().find(|(_, task)| task.agent().is_some());
        let why = why.or(held.map(|(id, task)| format!("everybody is gone, and {id:?} is {:?}", task.state())));
        if let Some(why) = why {
            floor::laws::report(&mut floor, "L9", why);
        }
    }
    floor.broken.map(|(_, why)| why)
}

/// Leaves out every step and every rule that the story breaks its law without.
fn cut_down(mut story: Story) -> Story {
    let mut chunk = story.steps.len().max(2) / 2;
    loop {
        let mut from = 0;
        let before = story.steps.len();
        while from < story.steps.len() {
            let mut shorter = story.clone();
            shorter.steps.drain(from..(from + chunk).min(story.steps.len()));
            if retell(&shorter).is_some() {
                story = shorter;
            } else {
                from += chunk;
            }
        }
        if chunk == 1 && story.steps.len() == before {
            break;
        }
        chunk = (chunk / 2).max(1);
    }
    for rule in story.rules.clone() {
        let mut plainer = story.clone();
        plainer.rules.retain(|other| *other != rule);
        if retell(&plainer).is_some() {
            story = plainer;
        }
    }
    story
}

/// All that could happen next, and how likely it is.
fn possible(floor: &floor::Floor) -> Vec<(u32, Step)> {
    let mut steps: Vec<(u32, Step)> =
        floor.post.keys().map(|(from, to)| (60 / floor.post.len() as u32 + 4, Step::Deliver(*from, *to))).collect();
    steps.extend([(4, Rest), (3, Tick), (1, Pass(5)), (1, Pass(20)), (1, Crash)]);
    let Size { agents, queues, .. } = floor.size;
    callers(floor, &mut steps);
    visitors(floor, &mut steps);
    for task in TASKS_FROM..TASKS_FROM + floor.size.tasks {
        if !floor.tasks.contains_key(&TaskId(task)) {
            steps.push((4, RequestTask(task)));
        }
    }
    for queue in 1..=queues {
        supervisors(floor, queue, &mut steps);
    }
    for agent in 1..=agents {
        people(floor, agent, &mut steps);
        work(floor, agent, &mut steps);
        telephone(floor, agent, &mut steps);
    }
    phones(floor, &mut steps);
    steps.iter_mut().for_each(|(weight, _)| *weight *= 4);
    for queue in 1..=queues {
        steps.extend([(1, Reconfigure(queue)), (1, Overflow(queue, queue % queues + 1))]);
    }
    for agent in 1..=agents {
        steps.extend([(1, TakeOut(agent)), (1, Reassign(agent)), (2, Dialled(agent, OWN_CALLS_FROM + agent))]);
    }
    steps
}

fn callers(floor: &floor::Floor, steps: &mut Vec<(u32, Step)>) {
    for call in 1..=floor.size.calls {
        match floor.calls.get(&CallId(call)).map(|call| call.state()) {
            None => steps.push((5, Arrive(call))),
            Some(call::State::Ended { .. }) => {}
            Some(_) => steps.push((1, CallerHangsUp(call))),
        }
    }
}

fn visitors(floor: &floor::Floor, steps: &mut Vec<(u32, Step)>) {
    for id in 1..=floor.size.chats {
        let Some(chat) = floor.chats.get(&ChatId(id)) else {
            steps.push((4, Request(id)));
            continue;
        };
        if !matches!(chat.state(), chat::State::Closed { .. }) {
            steps.extend([Leave(id), VisitorLost(id), VisitorBack(id), VisitorSays(id)].map(|step| (1, step)));
        }
        if chat.choice_offered() {
            let choices = [Choice::Stay, Choice::AnotherAgent, Choice::Callback, Choice::Email];
            steps.extend(choices.map(|choice| (2, Choose(id, choice))));
        }
    }
}

fn supervisors(floor: &floor::Floor, queue: u64, steps: &mut Vec<(u32, Step)>) {
    let to = queue % floor.size.queues + 1;
    for (item, _) in floor.queues[&QueueId(queue)].waiting() {
        steps.push((2, Move(item.into(), queue, to)));
    }
}

/// What an agent could do next about themselves.
fn people(floor: &floor::Floor, agent: u64, steps: &mut Vec<(u32, Step)>) {
    steps.extend([(3, LogIn(agent)), (1, LogOut(agent)), (1, TakeBreak(agent))]);
    steps.extend([
        (1, BrowserLost(agent)),
        (4, BrowserBack(agent)),
        (2, PhoneRegistered(agent)),
        (1, PhoneUnregistered(agent)),
    ]);
    for (id, chat) in &floor.chats {
        if matches!(chat.state(), chat::State::Closed { .. }) {
            continue;
        }
        let place = floor.board.place(ItemId::Chat(*id)).map_or(1, |(_, place)| place);
        if floor.serves(agent).any(|queue| queue == chat.queue()) {
            let likely = if chat.state() == chat::State::Queued { 5 } else { 1 };
            steps.push((likely, Pick(agent, Chat(id.0), place)));
        }
    }
    for (id, task) in &floor.tasks {
        if task.state() == task::State::Queued {
            let place = floor.board.place(ItemId::Task(*id)).map_or(1, |(_, place)| place);
            steps.push((3, Pick(agent, Task(id.0), place)));
        }
    }
}

/// What an agent could do next with what they have.
fn work(floor: &floor::Floor, agent: u64, steps: &mut Vec<(u32, Step)>) {
    for (item, entry) in floor.agents[&AgentId(agent)].inbox() {
        steps.extend([
            (2, Activate(agent, item.into())),
            (1, Park(agent, item.into())),
            (1, Identify(agent, item.into())),
        ]);
        match item {
            ItemId::Chat(ChatId(chat)) => {
                let (says, notes) = (AgentSays(agent, chat), AgentNotes(agent, chat));
                steps.extend([End(agent, chat), says, notes, Reads(agent, chat)].map(|step| (1, step)));
                if entry == agent::Entry::WrapUp {
                    steps.extend([(1, ExtendWrapUp(agent, chat)), (1, FinishWrapUp(agent, chat))]);
                }
                let (to, other) = (agent % floor.size.queues + 1, agent % floor.size.agents + 1);
                steps.extend([(1, TransferToQueue(agent, chat, to)), (1, TransferToAgent(agent, chat, other))]);
            }
            ItemId::Task(TaskId(task)) => steps.push((2, FinishTask(agent, task))),
            ItemId::Call(CallId(call)) => {
                steps.extend([(1, FinishCallWrapUp(agent, call)), (1, ExtendCallWrapUp(agent, call))]);
            }
        }
    }
}

/// What an agent could do next on the telephone.
fn telephone(floor: &floor::Floor, agent: u64, steps: &mut Vec<(u32, Step)>) {
    let machine = &floor.agents[&AgentId(agent)];
    if let Some(reservation) = machine.reservation() {
        let OfferId { call, attempt, .. } = reservation.offer;
        steps.extend([(1, Decline(agent, call.0, attempt)), (1, Identify(agent, Call(call.0)))]);
    }
    if let Some(Active::Call { offer, .. }) = machine.active() {
        let call = offer.call.0;
        let own = Dialled(agent, OWN_CALLS_FROM + 10 + agent);
        steps.extend([(2, HangUp(agent, call)), (1, Hold(call)), (1, own), (1, Identify(agent, Call(call)))]);
        steps.extend((1..=floor.size.queues).map(|queue| (1, TransferCall(agent, call, queue))));
    }
    let own = floor.own_calls.iter().filter(|(owner, _)| *owner == agent);
    steps.extend(own.map(|(agent, call)| (3, OwnCallOver(*agent, *call))));
}

fn phones(floor: &floor::Floor, steps: &mut Vec<(u32, Step)>) {
    for (offer, leg) in &floor.legs {
        let OfferId { call, agent, attempt } = *offer;
        let (a, c, n) = (agent.0, call.0, attempt);
        match leg {
            Leg::Ringing => steps.extend([
                (8, PhoneAnswers(a, c, n)),
                (1, PhoneBusy(a, c, n)),
                (1, PhoneUnreachable(a, c, n)),
                (1, PhoneDeclines(a, c, n)),
            ]),
            Leg::Stopping => steps.extend([(2, PhoneAnswers(a, c, n)), (1, PhoneBusy(a, c, n))]),
            Leg::Answered => steps.push((2, PhoneHangsUp(a, c, n))),
        }
    }
}

/// Holds that a broken floor is found out by the law that it breaks.
fn catches(law: &'static str, fault: Fault) {
    let began = Instant::now();
    let mut told = Told::default();
    let Some((story, why)) = tell_many(STORIES_BROKEN, Some(fault), Some(law), &mut told) else {
        panic!("{law} holds although {fault:?}: {} steps", told.steps);
    };
    let steps = told.steps;
    println!("{law} fails on {fault:?} after {steps} steps, {:?}: {why}\n{:?}", began.elapsed(), story.steps);
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
    l1_sees_an_item_that_came_back_and_still_waits: "L1" ComesBackTwice;
    l2_sees_a_chat_that_stays_in_its_queue: "L2" LeaveLost;
    l3_sees_a_yes_for_an_offer_that_is_over: "L3" CommitAnyway;
    l4_sees_a_chat_parked_by_a_call_that_nobody_took: "L4" ParkOnRelease;
    l5_sees_a_second_resume: "L5" ResumeTwice;
    l5_sees_a_lost_resume: "L5" ResumeLost;
    l5_sees_a_chat_that_calls_itself_preempted: "L5" PreemptedByItself;
    l6_sees_a_shielded_agent_who_grants: "L6" GrantsAll;
    l6_sees_a_busy_agent_who_takes_what_is_pushed: "L6" TakesAll;
    l7_sees_a_grant_in_a_worse_tier: "L7" GrantsAll;
    l7_sees_a_busy_agent_asked_before_a_free_one: "L7" BusyFirst;
    l8_sees_a_clock_that_runs_while_parked: "L8" ClockRunsOn;
    l8_sees_a_clock_that_stops_late: "L8" ClockStopsLate;
    l9_sees_an_agent_who_never_hears_that_the_call_is_over: "L9" OverLost;
    l10_sees_chats_kept_over_a_logout: "L10" ReleaseLost;
    l11_sees_a_replay_that_forgets: "L11" ParkForgotten;
    l11_sees_a_snapshot_that_forgets: "L11" SnapshotForgets;
    l12_sees_a_chat_that_stays_preempted: "L12" ResumeLost;
    l13_sees_a_gap_between_messages: "L13" NumberSkipped;
    l14_sees_a_call_that_rings_at_two_agents: "L14" OfferedTwice;
    l14_sees_a_call_that_is_connected_twice: "L14" ConnectedTwice;
    l15_sees_a_second_outcome: "L15" ReleasedTwice;
    l16_sees_a_call_that_the_board_forgot: "L16" ProposalNeverDone;
    l17_sees_a_word_to_an_agent_of_another_company: "L17" Crosses;
    l18_sees_a_younger_call_served_first: "L18" YoungestFirst;

    rule_1_a_queue_that_frees_an_offered_call_itself_lets_it_ring_twice: "L14" QueueFreesItself;
    rule_2_a_leg_that_dies_in_silence_leaves_its_agent_reserved: "L9" VoidUnsaid;
    rule_3_an_agent_who_forgets_closed_offers_rings_again: "L15" OffersForgotten;
    rule_4_a_chat_that_believes_the_last_to_come_parks_what_is_active: "L2" SequenceIgnored;
    rule_5_a_board_with_old_news_leaves_a_call_beside_an_agent: "L16" BoardSeesLate;
    rule_5_a_board_with_old_news_asks_the_wrong_agent: "L7" BoardSeesLate;
    rule_6_an_agent_who_ignores_the_tier_is_interrupted_beside_a_free_one: "L7" TierIgnored;
    rule_7_messages_lost_in_a_crash_leave_somebody_waiting: "L9" PostLost;
    rule_7_a_message_that_comes_again_after_a_crash_is_noticed: "L9" PostRepeated;
}

/// What rules 3 and 4 are there for: with them, nobody notices such a post.
#[test]
fn offers_that_come_twice_break_no_law() {
    holds(STORIES / 4, Some(Fault::OffersRepeated));
}

#[test]
fn news_of_attention_that_comes_out_of_order_breaks_no_law() {
    holds(STORIES / 4, Some(Fault::AttentionReordered));
}

/// Tells a kept story, in which every law has to hold.
fn keep(agents: u64, queues: u64, rules: &[Rule], steps: &[Step]) {
    let (rules, steps) = (rules.to_vec(), steps.to_vec());
    let story = Story { size: size(agents, queues), rules, fault: None, only: None, steps };
    assert_eq!(retell(&story), None);
}

#[test]
fn a_chat_chosen_while_the_browser_is_gone_forgets_no_preempted_one() {
    let story = [
        Request(1),
        Pick(2, Chat(1), 1),
        Rest,
        Request(4),
        Park(2, Chat(1)),
        Arrive(2),
        Pick(2, Chat(4), 1),
        Rest,
        PhoneAnswers(2, 2, 1),
        BrowserLost(2),
        Deliver(Call(2), Agent(2)),
        PhoneHangsUp(2, 2, 1),
        Deliver(Call(2), Agent(2)),
        Activate(2, Chat(1)),
        BrowserBack(2),
    ];
    keep(2, 2, &[], &story);
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
    keep(1, 1, &[], &story);
}

#[test]
fn a_call_is_known_in_its_new_queue_when_the_old_one_hears_late() {
    let story = [
        Arrive(1),
        Deliver(Call(1), Queue(1)),
        Move(Call(1), 1, 2),
        TakeBreak(1),
        Deliver(Queue(1), Call(1)),
        Deliver(Call(1), Queue(2)),
    ];
    keep(1, 2, &[], &story);
}

#[test]
fn a_board_that_is_built_anew_knows_the_turns_of_those_who_do_not_serve() {
    keep(1, 1, &[RoundRobin(1)], &[Arrive(2), Rest, Reassign(1)]);
}

#[test]
fn a_wrap_up_that_an_own_call_pushed_aside_may_be_finished() {
    let story = [
        Arrive(2),
        Rest,
        PhoneAnswers(1, 2, 1),
        Rest,
        CallerHangsUp(2),
        Rest,
        Dialled(1, 101),
        FinishCallWrapUp(1, 2),
        OwnCallOver(1, 101),
    ];
    keep(1, 1, &[], &story);
}

#[test]
fn two_items_that_ask_one_agent_are_both_remembered() {
    let story = [
        Arrive(1),
        Deliver(Call(1), Queue(1)),
        Move(Call(1), 1, 2),
        Deliver(Queue(1), Call(1)),
        RequestTask(11),
        Deliver(Task(11), Queue(1)),
        Reconfigure(1),
    ];
    keep(1, 2, &[PushesTasks(1)], &story);
}

#[test]
fn a_wrap_up_that_its_own_call_interrupted_goes_on_and_waits_for_nothing() {
    let story = [
        Arrive(1),
        Rest,
        PhoneAnswers(1, 1, 1),
        Rest,
        TransferCall(1, 1, 1),
        Rest,
        Park(1, Call(1)),
        Pass(60),
        Rest,
        Activate(1, Call(1)),
        PhoneAnswers(1, 1, 2),
        Rest,
        CallerHangsUp(1),
        Rest,
    ];
    keep(1, 1, &[ResumesAfterWrapUp(1)], &story);
}

#[test]
fn a_chat_stays_preempted_while_an_own_call_interrupts_the_wrap_up() {
    let story = [
        Request(2),
        Pick(1, Chat(2), 1),
        Rest,
        Arrive(2),
        Rest,
        PhoneAnswers(1, 2, 1),
        Rest,
        PhoneHangsUp(1, 2, 1),
        Rest,
        Dialled(1, 101),
        Rest,
        OwnCallOver(1, 101),
    ];
    keep(1, 2, &[ResumesAfterWrapUp(1)], &story);
}

#[test]
fn a_visitor_is_not_idle_while_a_second_call_keeps_the_chat_aside() {
    let story = [
        Request(3),
        Pick(1, Chat(3), 1),
        Crash,
        Rest,
        AgentSays(1, 3),
        Dialled(1, 101),
        OwnCallOver(1, 101),
        Dialled(1, 101),
    ];
    keep(3, 2, &[], &story);
}

#[test]
fn a_pick_that_crosses_a_log_out_and_a_push_leaves_no_alert() {
    let story = [
        Reassign(1),
        Request(3),
        Deliver(Chat(3), Queue(1)),
        Reassign(2),
        Reconfigure(1),
        Pick(3, Chat(3), 1),
        LogOut(3),
        LogIn(3),
    ];
    keep(3, 1, &[], &story);
}

#[test]
fn an_own_call_does_not_outlive_the_daemon() {
    keep(1, 1, &[], &[Dialled(1, 101), Dialled(1, 111), Crash, Rest, Arrive(1)]);
}

#[test]
fn a_pushed_chat_whose_pick_is_still_unanswered_goes_back() {
    let story =
        [Request(1), Rest, Reconfigure(1), Pick(1, Chat(1), 9), Deliver(Floor, Queue(1)), Deliver(Queue(1), Agent(1))];
    keep(1, 1, &[], &story);
}

#[test]
fn the_end_of_an_earlier_stay_is_no_news_of_a_new_request() {
    let story = [Request(1), Pick(2, Chat(1), 1), Rest, LogOut(2), LogIn(2), Pick(2, Chat(1), 1), Leave(1)];
    keep(3, 1, &[WrapUpsGoBack(1)], &story);
}

#[test]
fn a_chat_that_went_to_another_agent_is_no_measure_of_the_first() {
    let story = [
        Arrive(3),
        Request(1),
        Deliver(Call(3), Queue(1)),
        Deliver(Floor, Queue(1)),
        Pick(2, Chat(1), 1),
        Deliver(Agent(2), Chat(1)),
        Deliver(Chat(1), Agent(2)),
        Tick,
        Deliver(Agent(2), Chat(1)),
        Deliver(Floor, Queue(1)),
        Deliver(Queue(1), Agent(1)),
        TransferToAgent(2, 1, 1),
        Deliver(Queue(1), Agent(1)),
        Deliver(Chat(1), Agent(1)),
        AgentSays(2, 1),
        BrowserLost(1),
        Deliver(Agent(1), Chat(1)),
        VisitorSays(1),
    ];
    keep(2, 1, &[], &story);
}
