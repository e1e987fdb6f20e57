//! The production machines on small floors, in every order that messages, people, deadlines and crashes can take.
//! Time is left out: it stands still, and a deadline may pass whenever it is there. Two floors with the same picture
//! (`floor/picture.rs`) count as one.
//! `MODEL=full cargo test -p domain --release --test model -- --test-threads 1` lets more happen on each floor.
#![allow(clippy::unwrap_used, reason = "a test that finds nothing to unwrap has failed")]

mod floor;

use Deed::*;
use domain::agent::{Active, Entry};
use domain::chat::Choice;
use domain::id::{AgentId, CallId, ChatId, ItemId, OfferId, TaskId};
use floor::fault::Fault;
use floor::{Floor, Leg, OWN_CALLS_FROM, Party, Rule, Size, Step, TASKS_FROM, picture};
use stateright::{Checker, Model, Property, UniformChooser};
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::hash::{Hash, Hasher};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// What happens only so often on a floor. Whatever is not named here happens as often as it can.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Deed {
    Crashes,
    LogsOut,
    LogsIn,
    Declines,
    /// A phone is busy, cannot be reached, or hangs up before the agent's word came.
    PhoneFails,
    /// A visitor leaves, or a deadline of a chat or task passes.
    VisitorLeaves,
    /// A visitor's browser is gone.
    VisitorLost,
    BrowserLost,
    /// An agent puts an item aside, turns to one, or ends one.
    Chooses,
    Picks,
    Breaks,
    /// An agent gives a chat or a call to a queue or to another agent.
    Transfers,
    /// The supervisor moves what waits.
    Moves,
    /// An agent is in a call that no queue offered.
    Dials,
    /// A visitor says how to go on without the agent.
    VisitorChooses,
    /// Somebody writes.
    Writes,
}

const DEEDS: usize = 16;
/// As often as it can.
const ANY: u8 = u8::MAX;

/// How often each deed may still happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Allowance([u8; DEEDS]);

impl Allowance {
    fn of(deeds: &[(Deed, u8)]) -> Allowance {
        let mut allowed = [0; DEEDS];
        deeds.iter().for_each(|(deed, times)| allowed[*deed as usize] = *times);
        Allowance(allowed)
    }

    /// What is left after a step; `None` if it is not allowed any more.
    fn less(mut self, step: Step) -> Option<Allowance> {
        let Some(deed) = deed(step) else { return Some(self) };
        let left = &mut self.0[deed as usize];
        if *left != ANY {
            *left = left.checked_sub(1)?;
        }
        Some(self)
    }
}

/// What a step is, if it is counted.
fn deed(step: Step) -> Option<Deed> {
    Some(match step {
        Step::Crash => Crashes,
        Step::LogOut(_) => LogsOut,
        Step::LogIn(_) => LogsIn,
        Step::Decline(..) | Step::PhoneDeclines(..) => Declines,
        Step::PhoneBusy(..) | Step::PhoneUnreachable(..) | Step::PhoneHangsUp(..) => PhoneFails,
        Step::Leave(_) | Step::Due(Party::Chat(_) | Party::Task(_), _) => VisitorLeaves,
        Step::VisitorLost(_) => VisitorLost,
        Step::BrowserLost(_) => BrowserLost,
        Step::Activate(..) | Step::Park(..) | Step::End(..) => Chooses,
        Step::Pick(..) => Picks,
        Step::TakeBreak(_) | Step::TakeOut(_) => Breaks,
        Step::TransferToQueue(..) | Step::TransferToAgent(..) | Step::TransferCall(..) => Transfers,
        Step::Move(..) | Step::Overflow(..) => Moves,
        Step::Dialled(..) => Dials,
        Step::Choose(..) => VisitorChooses,
        Step::VisitorSays(_) | Step::AgentSays(..) | Step::AgentNotes(..) => Writes,
        _ => return None,
    })
}

/// A floor to be looked at in every order.
#[derive(Clone, Debug)]
struct Room {
    size: Size,
    rules: Vec<Rule>,
    allowed: Allowance,
    fault: Option<Fault>,
}

/// A floor, and what may still happen on it.
#[derive(Clone, Debug)]
struct Moment {
    floor: Floor,
    allowed: Allowance,
}

impl PartialEq for Moment {
    fn eq(&self, other: &Moment) -> bool {
        self.allowed == other.allowed && picture::of(&self.floor) == picture::of(&other.floor)
    }
}

impl Eq for Moment {}

impl Hash for Moment {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.allowed.hash(state);
        picture::of(&self.floor).hash(state);
    }
}

impl Model for Room {
    type State = Moment;
    type Action = Step;

    /// The agents work, each chat is with one of them, and the first caller is there: the queue hears of it sometime.
    fn init_states(&self) -> Vec<Moment> {
        let mut floor = Floor::new(self.size, &self.rules, true);
        for chat in 1..=self.size.chats {
            floor.step(Step::Request(chat));
            floor.step(Step::Rest);
            if !self.rules.iter().any(|rule| matches!(rule, Rule::PushesChats(_))) {
                floor.step(Step::Pick((chat - 1) % self.size.agents + 1, Party::Chat(chat), 1));
                floor.step(Step::Rest);
            }
        }
        for task in 0..self.size.tasks {
            floor.step(Step::RequestTask(TASKS_FROM + task));
            floor.step(Step::Rest);
        }
        floor.step(Step::Arrive(1));
        floor.fault = self.fault;
        vec![Moment { floor, allowed: self.allowed }]
    }

    fn actions(&self, moment: &Moment, actions: &mut Vec<Step>) {
        let Moment { floor, allowed } = moment;
        if floor.broken.is_some() {
            return;
        }
        actions.extend(floor.post.keys().map(|(from, to)| Step::Deliver(*from, *to)));
        let mut people = vec![];
        for party in floor.parties() {
            people.extend(floor.deadlines(party).into_iter().map(|deadline| Step::Due(party, deadline)));
        }
        people.retain(|step| allowed.less(*step).is_some());
        actions.append(&mut people);
        self.callers(floor, &mut people);
        self.visitors(&mut people);
        for agent in 1..=self.size.agents {
            self.agent(floor, agent, &mut people);
            self.telephone(floor, agent, &mut people);
        }
        phones(floor, &mut people);
        people.retain(|step| allowed.less(*step).is_some() && floor.moves(*step));
        actions.extend(people);
        if allowed.less(Step::Crash).is_some() {
            actions.push(Step::Crash);
        }
    }

    fn next_state(&self, moment: &Moment, step: Step) -> Option<Moment> {
        let allowed = moment.allowed.less(step)?;
        let mut floor = moment.floor.clone();
        floor.step(step);
        Some(Moment { floor, allowed })
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("every law holds", |_, moment: &Moment| moment.floor.broken.is_none())]
    }

    fn within_boundary(&self, moment: &Moment) -> bool {
        let waiting = moment.floor.queues.values().flat_map(|queue| queue.waiting());
        let offers = waiting.map(|(_, waiting)| waiting.arrival.attempts).max().unwrap_or_default();
        let letters = moment.floor.post.values().map(VecDeque::len).max().unwrap_or_default();
        offers <= OFFERS_MAX && letters <= LETTERS_MAX
    }
}

impl Room {
    fn callers(&self, floor: &Floor, people: &mut Vec<Step>) {
        for call in 1..=self.size.calls {
            people.push(match floor.calls.contains_key(&CallId(call)) {
                true => Step::CallerHangsUp(call),
                false => Step::Arrive(call),
            });
        }
        for (queue, machine) in &floor.queues {
            let to = queue.0 % self.size.queues + 1;
            let moved = machine.waiting().map(|(item, _)| Step::Move(item.into(), queue.0, to));
            people.extend(moved.filter(|_| to != queue.0));
        }
    }

    fn visitors(&self, people: &mut Vec<Step>) {
        for chat in 1..=self.size.chats {
            people.extend([Step::Leave(chat), Step::VisitorLost(chat), Step::VisitorBack(chat)]);
            people.extend([Step::VisitorSays(chat)]);
            people.extend([Choice::AnotherAgent, Choice::Callback].map(|choice| Step::Choose(chat, choice)));
        }
    }

    fn agent(&self, floor: &Floor, agent: u64, people: &mut Vec<Step>) {
        people.extend([Step::LogIn(agent), Step::LogOut(agent), Step::BrowserLost(agent), Step::BrowserBack(agent)]);
        people.extend([Step::PhoneRegistered(agent), Step::TakeBreak(agent)]);
        let chats = floor.chats.keys().map(|id| ItemId::Chat(*id));
        let items = chats.chain(floor.tasks.keys().map(|id| ItemId::Task(*id)));
        let places = items.filter_map(|item| Some((item, floor.board.place(item)?)));
        people.extend(places.map(|(item, (_, place))| Step::Pick(agent, item.into(), place)));
        for (item, entry) in floor.agents[&AgentId(agent)].inbox() {
            people.extend([Step::Activate(agent, item.into()), Step::Park(agent, item.into())]);
            match item {
                ItemId::Chat(ChatId(chat)) => {
                    people.extend([Step::End(agent, chat), Step::AgentSays(agent, chat)]);
                    if entry == Entry::WrapUp {
                        people.push(Step::FinishWrapUp(agent, chat));
                    }
                    people.extend((1..=self.size.queues).map(|to| Step::TransferToQueue(agent, chat, to)));
                    let others = (1..=self.size.agents).filter(|other| *other != agent);
                    people.extend(others.map(|other| Step::TransferToAgent(agent, chat, other)));
                }
                ItemId::Task(TaskId(task)) => people.push(Step::FinishTask(agent, task)),
                ItemId::Call(CallId(call)) => people.push(Step::FinishCallWrapUp(agent, call)),
            }
        }
    }

    fn telephone(&self, floor: &Floor, agent: u64, people: &mut Vec<Step>) {
        let machine = &floor.agents[&AgentId(agent)];
        if let Some(reservation) = machine.reservation() {
            people.push(Step::Decline(agent, reservation.offer.call.0, reservation.offer.attempt));
        }
        let busy = matches!(machine.active(), Some(Active::Call { .. }));
        people.push(Step::Dialled(agent, OWN_CALLS_FROM + agent + if busy { 10 } else { 0 }));
        if let Some(Active::Call { offer, .. }) = machine.active() {
            people.push(Step::HangUp(agent, offer.call.0));
            people.extend((1..=self.size.queues).map(|to| Step::TransferCall(agent, offer.call.0, to)));
        }
        let own = floor.own_calls.iter().filter(|(owner, _)| *owner == agent);
        people.extend(own.map(|(agent, call)| Step::OwnCallOver(*agent, *call)));
    }
}

fn phones(floor: &Floor, people: &mut Vec<Step>) {
    for (OfferId { call, agent, attempt }, leg) in &floor.legs {
        let (a, c, n) = (agent.0, call.0, *attempt);
        match leg {
            Leg::Ringing => people.extend([
                Step::PhoneAnswers(a, c, n),
                Step::PhoneBusy(a, c, n),
                Step::PhoneUnreachable(a, c, n),
                Step::PhoneDeclines(a, c, n),
            ]),
            Leg::Answered => people.push(Step::PhoneHangsUp(a, c, n)),
            Leg::Stopping => people.push(Step::PhoneAnswers(a, c, n)),
        }
    }
}

fn full() -> bool {
    static FULL: LazyLock<bool> = LazyLock::new(|| std::env::var("MODEL").is_ok_and(|model| model == "full"));
    *FULL
}

/// What goes on after more offers of one call than this, or with more messages of one pair on their way, is not looked at.
const OFFERS_MAX: u32 = 2;
const LETTERS_MAX: usize = 3;
/// How many states are made on a floor at most, and for how long.
type Bounds = (usize, Duration);
const QUICK: Bounds = (120_000, Duration::from_secs(60));
const FULL: Bounds = (8_000_000, Duration::from_secs(150));
/// Where so much happens that no end is expected.
const FAR: Bounds = (1_500_000, Duration::from_secs(45));

/// How far a floor was looked at.
struct Seen {
    states: usize,
    depth: usize,
    exhausted: bool,
    /// The first story that breaks a law, and how.
    broken: Option<(Vec<Step>, String)>,
}

/// Looks at every order, the shortest stories first.
fn explore(room: Room, (states_max, lasts): Bounds) -> Seen {
    let began = Instant::now();
    let checker = room.checker().threads(2).target_state_count(states_max).timeout(lasts).spawn_bfs().join();
    let exhausted = checker.state_count() < states_max && began.elapsed() < lasts;
    let path = checker.discoveries().remove("every law holds");
    let broken = path.map(|path| {
        let (_, why) = path.last_state().floor.broken.clone().unwrap();
        (path.into_actions(), why)
    });
    Seen { states: checker.unique_state_count(), depth: checker.max_depth(), exhausted, broken }
}

fn size(agents: u64, queues: u64, calls: u64, chats: u64) -> Size {
    Size { agents, queues, calls, chats, tasks: 0 }
}

type Deeds = &'static [(Deed, u8)];

/// Holds that no order breaks a law, with a little happening, and with more of it when there is time.
fn holds(size: Size, rules: &[Rule], little: Deeds, more: Deeds) {
    look(size, rules, little, if full() { FULL } else { QUICK });
    if full() {
        look(size, rules, more, FAR);
    }
}

fn look(size: Size, rules: &[Rule], deeds: Deeds, bounds: Bounds) {
    let began = Instant::now();
    let room = Room { size, rules: rules.to_vec(), allowed: Allowance::of(deeds), fault: None };
    let Seen { states, depth, exhausted, broken } = explore(room, bounds);
    let Size { agents, queues, calls, chats, tasks } = size;
    let how = if exhausted { "exhausted" } else { "NOT exhausted" };
    println!(
        "{agents} agents x {calls} calls x {chats} chats x {tasks} tasks, {queues} queues, {rules:?}, {deeds:?}: \
         {states} states, {depth} deep, {how}, {:?}",
        began.elapsed()
    );
    if let Some((story, why)) = broken {
        panic!("{why}\n{story:?}");
    }
}

/// Holds that no long walk breaks a law, where there are too many orders to look at each.
fn walks(size: Size, rules: &[Rule], deeds: Deeds) {
    let lasts = Duration::from_secs(if full() { 300 } else { 5 });
    let room = Room { size, rules: rules.to_vec(), allowed: Allowance::of(deeds), fault: None };
    let checker = room.checker().threads(2).target_max_depth(400).timeout(lasts);
    let checker = checker.spawn_simulation(1, UniformChooser).join();
    println!("{size:?}, {rules:?}, {deeds:?}: {} steps of walks, up to 400 deep", checker.state_count());
    if let Some(path) = checker.discoveries().remove("every law holds") {
        let (_, why) = path.last_state().floor.broken.clone().unwrap();
        panic!("{why}\n{:?}", path.into_actions());
    }
}

macro_rules! floors {
    ($($name:ident: $size:expr, $rules:expr, $little:expr, $more:expr;)*) => {$(
        #[test]
        fn $name() {
            holds($size, &$rules, &$little, &$more);
        }
    )*};
}

floors! {
    nothing_but_a_call: size(1, 1, 1, 1), [], [], [];
    a_crash_at_any_time: size(1, 1, 1, 1), [],
        [(Crashes, 1)],
        [(Crashes, ANY), (VisitorLeaves, 1), (LogsOut, 1), (LogsIn, 1)];
    a_visitor_who_leaves_and_an_agent_who_logs_out: size(1, 1, 1, 1), [],
        [(VisitorLeaves, 1), (LogsOut, 1)],
        [(VisitorLeaves, ANY), (VisitorLost, 1), (LogsOut, ANY), (LogsIn, ANY), (Picks, ANY)];
    browsers_that_come_and_go: size(1, 1, 1, 1), [],
        [(BrowserLost, 1), (VisitorLost, 1)],
        [(BrowserLost, ANY), (VisitorLost, ANY), (VisitorLeaves, 1), (LogsOut, 1), (LogsIn, 1)];
    an_agent_who_parks_and_turns_to_things: size(1, 1, 1, 1), [],
        [(Chooses, 2)],
        [(Chooses, ANY), (LogsOut, 1), (LogsIn, ANY), (Breaks, 1), (BrowserLost, 1)];
    a_phone_that_fails: size(1, 1, 1, 1), [],
        [(PhoneFails, 1), (Declines, 1)],
        [(PhoneFails, ANY), (Declines, ANY), (LogsIn, ANY), (LogsOut, 1), (Crashes, 1)];
    a_phone_that_parks_as_it_rings: size(1, 1, 1, 1), [Rule::ParksOnRing(1)],
        [(PhoneFails, 1), (Chooses, 1)],
        [(PhoneFails, ANY), (Declines, ANY), (LogsIn, ANY), (Chooses, ANY), (VisitorLeaves, 1), (LogsOut, 1)];
    a_chat_that_comes_back_after_the_wrap_up: size(1, 1, 1, 1), [Rule::ResumesAfterWrapUp(1), Rule::Asks(1)],
        [(Dials, 1)],
        [(Chooses, ANY), (VisitorLeaves, ANY), (VisitorChooses, ANY), (Dials, 1), (BrowserLost, 1), (LogsOut, 1)];
    own_calls_and_consultations: size(1, 1, 1, 1), [],
        [(Dials, 2)],
        [(Dials, 3), (LogsOut, 1), (LogsIn, 1), (Chooses, 1), (Crashes, 1)];
    a_chat_that_is_pushed: size(1, 1, 1, 1), [Rule::PushesChats(1)],
        [(Chooses, 1), (VisitorLeaves, 1)],
        [(Chooses, ANY), (VisitorLeaves, ANY), (LogsOut, ANY), (LogsIn, ANY), (BrowserLost, 1), (PhoneFails, 1)];
    breaks_that_are_asked_for_and_a_supervisor: size(1, 1, 1, 1), [],
        [(Breaks, 2), (LogsIn, 1)],
        [(Breaks, ANY), (LogsIn, ANY), (Chooses, 1), (VisitorLeaves, 1), (LogsOut, 1)];
    two_agents_and_a_log_out: size(2, 1, 1, 1), [],
        [(LogsOut, 1)],
        [(LogsOut, 1), (LogsIn, 1), (PhoneFails, 1), (Declines, 1)];
    two_agents_and_a_crash: size(2, 1, 1, 1), [],
        [(Crashes, 1)],
        [(Crashes, 1), (LogsIn, 1), (VisitorLeaves, 1)];
    two_agents_and_phones_that_fail: size(2, 1, 1, 1), [],
        [(PhoneFails, 1), (Declines, 1)],
        [(PhoneFails, ANY), (Declines, ANY), (LogsIn, 1)];
    two_agents_and_browsers: size(2, 1, 1, 1), [],
        [(BrowserLost, 1)],
        [(BrowserLost, 1), (VisitorLost, 1), (Chooses, 1)];
    two_agents_who_give_each_other_chats: size(2, 1, 1, 1), [],
        [(Transfers, 1)],
        [(Transfers, 2), (Chooses, 1), (LogsOut, 1), (VisitorLeaves, 1)];
    two_calls: size(1, 1, 2, 1), [],
        [],
        [(PhoneFails, 1), (VisitorLeaves, 1), (LogsIn, 1), (Chooses, 1)];
    two_calls_and_a_crash: size(1, 1, 2, 1), [],
        [(Crashes, 1)],
        [(Crashes, 1), (LogsOut, 1), (LogsIn, 1)];
    two_queues_that_offer: size(1, 2, 2, 1), [],
        [],
        [(PhoneFails, 1), (Declines, 1), (LogsOut, 1), (LogsIn, 1)];
    a_call_that_is_moved_while_it_rings: size(1, 2, 1, 1), [],
        [(Moves, 1)],
        [(Moves, 2), (Declines, 1), (LogsOut, 1), (LogsIn, 1), (Crashes, 1)];
    a_call_that_is_given_to_another_queue: size(2, 2, 1, 1), [],
        [(Transfers, 1)],
        [(Transfers, 2), (Declines, 1), (Moves, 1)];
    a_task_that_is_pushed_and_a_chat: Size { tasks: 1, ..size(1, 1, 1, 1) }, [Rule::PushesTasks(1)],
        [(Chooses, 1)],
        [(Chooses, ANY), (LogsOut, 1), (LogsIn, 1), (VisitorLeaves, 1), (Declines, 1)];
    two_of_everything: size(2, 1, 2, 2), [], [], [];
}

#[test]
fn long_walks_with_two_of_everything_and_every_fault() {
    let deeds: Deeds = &[
        (Crashes, 1),
        (LogsOut, 2),
        (LogsIn, 4),
        (Declines, 2),
        (PhoneFails, 2),
        (VisitorLeaves, 2),
        (VisitorLost, 1),
        (BrowserLost, 2),
        (Chooses, 6),
        (Picks, 4),
        (Breaks, 1),
        (Transfers, 2),
        (Moves, 2),
        (Dials, 1),
        (VisitorChooses, 1),
        (Writes, 3),
    ];
    let size = Size { tasks: 1, ..size(2, 2, 2, 2) };
    walks(size, &[Rule::PushesChats(1), Rule::Asks(2), Rule::Idle(1), Rule::ParksOnRing(2)], deeds);
}

/// What all of the model rests on: where two floors have the same picture, what comes next has the same pictures.
fn are_alike(size: Size, rules: &[Rule], deeds: Deeds) {
    let room = Room { size, rules: rules.to_vec(), allowed: Allowance::of(deeds), fault: None };
    let mut known: HashMap<_, (Moment, BTreeSet<_>)> = HashMap::new();
    let mut next = VecDeque::from(room.init_states());
    let mut alike = 0;
    for _ in 0..if full() { 30_000 } else { 8_000 } {
        let moment = next.pop_front().unwrap();
        let picture = (moment.allowed, picture::of(&moment.floor));
        let after: Vec<Moment> = room.next_steps(&moment).into_iter().map(|(_, after)| after).collect();
        // A step that changes nothing that matters is none.
        let pictures =
            after.iter().map(|after| picture::of(&after.floor)).filter(|after| *after != picture.1).collect();
        match known.get(&picture) {
            Some((other, others)) => {
                alike += 1;
                assert!(*others == pictures, "{}", floor::laws::difference(&other.floor, &moment.floor));
            }
            None => {
                known.insert(picture, (moment, pictures));
                next.extend(after);
            }
        }
    }
    println!("{alike} floors had the picture of another one, {} had not", known.len());
    assert!(alike > 1000);
}

#[test]
fn two_agents_with_the_same_picture_are_alike() {
    let deeds = &[(Crashes, 1), (LogsOut, 1), (LogsIn, 2), (Chooses, 2), (Declines, 2), (VisitorLeaves, 1), (Picks, 1)];
    are_alike(size(2, 1, 1, 1), &[Rule::ParksOnRing(1), Rule::RoundRobin(1)], deeds);
}

#[test]
fn two_queues_with_the_same_picture_are_alike() {
    let deeds = &[(Moves, 2), (Transfers, 1), (Declines, 1), (Dials, 1), (LogsOut, 1), (LogsIn, 1), (Picks, 1)];
    are_alike(size(1, 2, 2, 1), &[Rule::PushesChats(1)], deeds);
}

/// Holds that a broken floor is found out by one of these laws.
fn catches(laws: &[&str], fault: Fault, size: Size, deeds: Deeds) {
    let room = Room { size, rules: vec![], allowed: Allowance::of(deeds), fault: Some(fault) };
    let (story, why) = explore(room, FULL).broken.unwrap();
    println!("{fault:?}: {why}\n{story:?}");
    assert!(laws.iter().any(|law| why.starts_with(law)), "{why}");
}

macro_rules! controls {
    ($($name:ident: $laws:expr, $fault:ident, $size:expr, $deeds:expr;)*) => {$(
        #[test]
        fn $name() {
            catches(&$laws, Fault::$fault, $size, &$deeds);
        }
    )*};
}

controls! {
    a_lost_resume_is_found: ["L2", "L5", "L12"], ResumeLost, size(1, 1, 1, 1), [];
    an_agent_who_does_not_hear_that_the_call_is_over_is_found: ["L9", "L15"], OverLost, size(1, 1, 1, 1), [];
    a_yes_for_an_offer_that_is_over_is_found: ["L3"], CommitAnyway, size(1, 1, 1, 1), [];
    chats_kept_over_a_logout_are_found: ["L2", "L10"], ReleaseLost, size(1, 1, 1, 1), [(LogsOut, 1)];
    a_call_offered_to_two_agents_is_found: ["L7", "L14", "L15"], OfferedTwice, size(2, 1, 1, 1), [];
    a_shielded_agent_who_grants_is_found: ["L6"], GrantsAll, size(1, 1, 1, 1), [(LogsOut, 1)];
    a_chat_that_stays_in_its_queue_is_found: ["L2"], LeaveLost, size(1, 1, 1, 1), [(LogsOut, 1), (LogsIn, 1), (Picks, 1)];
    an_item_that_came_back_and_still_waits_is_found: ["L1"], ComesBackTwice, size(1, 1, 1, 1), [];
    a_call_that_the_board_forgot_is_found: ["L7", "L16"], ProposalNeverDone, size(1, 1, 1, 1), [];
    rule_1_a_queue_that_frees_an_offered_call_itself_is_found: ["L14", "L15"], QueueFreesItself, size(2, 1, 1, 1), [];
    rule_2_a_leg_that_dies_in_silence_is_found: ["L9"], VoidUnsaid, size(1, 1, 1, 1), [];
    rule_3_an_agent_who_forgets_closed_offers_is_found: ["L7", "L15"], OffersForgotten, size(1, 1, 1, 1), [];
    rule_4_a_chat_that_believes_the_last_to_come_is_found: ["L2", "L5", "L12"], SequenceIgnored, size(1, 1, 1, 1), [];
    rule_5_a_board_with_old_news_is_found: ["L7", "L16", "L18"], BoardSeesLate, size(1, 1, 1, 1), [];
    rule_6_an_agent_who_ignores_the_tier_is_found: ["L7"], TierIgnored, size(1, 1, 1, 1), [(Chooses, 2)];
    rule_7_messages_lost_in_a_crash_are_found: ["L2", "L9", "L15"], PostLost, size(1, 1, 1, 1), [(Crashes, 1)];
}
