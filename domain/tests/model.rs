//! The production machines on small floors, in every order that messages, people, deadlines and crashes can take.
//! Time is left out: it stands still, and a deadline may pass whenever it is there.
//! `MODEL=full cargo test -p domain --release --test model` lets more happen on each floor.
#![allow(clippy::unwrap_used, reason = "a test that finds nothing to unwrap has failed")]

mod floor;

use domain::agent::Active;
use domain::id::{AgentId, CallId, ChatId, ItemId, OfferId};
use domain::queue::Queue;
use floor::fault::Fault;
use floor::{Floor, Leg, Party, Size, Step};
use stateright::{Checker, Model, Property};
use std::sync::LazyLock;
use std::time::Instant;

/// How often things may still happen. Whatever is not named here may happen as often as it can.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Allowance {
    crashes: u8,
    logouts: u8,
    logins: u8,
    declines: u8,
    /// A phone that is busy, cannot be reached, or hangs up before the agent's word came.
    phone_failures: u8,
    /// A visitor leaves, or a chat's deadline passes.
    visitors_leave: u8,
    browsers_lost: u8,
    /// An agent puts a chat aside, turns to one, or ends one.
    choices: u8,
    picks: u8,
}

/// A floor to be looked at in every order.
#[derive(Clone)]
struct Room {
    size: Size,
    allowed: Allowance,
    /// How often a call is offered at most: what comes after that is not looked at.
    attempts_max: u32,
    fault: Option<Fault>,
}

/// A floor, and what may still happen on it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Moment {
    floor: Floor,
    allowed: Allowance,
}

impl Model for Room {
    type State = Moment;
    type Action = Step;

    /// The agents work, each chat is with one of them, and the first caller is there: the queue hears of it sometime.
    fn init_states(&self) -> Vec<Moment> {
        let mut floor = Floor::new(self.size, true);
        for chat in 1..=self.size.chats {
            floor.step(Step::Request(chat));
            floor.step(Step::Rest);
            floor.step(Step::Pick((chat - 1) % self.size.agents + 1, chat, 1));
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
        for party in floor.parties() {
            let due = floor.deadlines(party).into_iter().map(|deadline| Step::Due(party, deadline));
            actions.extend(due.filter(|step| allowed.less(*step).is_some()));
        }
        let mut people = vec![];
        for call in 1..=self.size.calls {
            people.push(if floor.calls.contains_key(&CallId(call)) {
                Step::CallerHangsUp(call)
            } else {
                Step::Arrive(call)
            });
        }
        people.extend((1..=self.size.chats).map(Step::Leave));
        for agent in 1..=self.size.agents {
            self.agent(floor, agent, &mut people);
        }
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
                Leg::Gone => {}
            }
        }
        people.retain(|step| allowed.less(*step).is_some() && floor.moves(*step));
        actions.extend(people);
        if allowed.crashes > 0 {
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
        let attempts = |queue: &Queue| queue.waiting().map(|(_, waiting)| waiting.attempts).max();
        moment.floor.queues.values().filter_map(attempts).all(|attempts| attempts <= self.attempts_max)
    }
}

impl Room {
    fn agent(&self, floor: &Floor, agent: u64, people: &mut Vec<Step>) {
        people.extend([Step::LogIn(agent), Step::LogOut(agent), Step::BrowserLost(agent), Step::BrowserBack(agent)]);
        people.extend([Step::PhoneRegistered(agent), Step::FinishCallWrapUp(agent)]);
        for chat in 1..=self.size.chats {
            if let Some((_, place)) = floor.board.place(ItemId::Chat(ChatId(chat))) {
                people.push(Step::Pick(agent, chat, place));
            }
            people.extend([Step::Activate(agent, chat), Step::Park(agent, chat), Step::End(agent, chat)]);
            people.push(Step::FinishWrapUp(agent, chat));
        }
        let machine = &floor.agents[&AgentId(agent)];
        if let Some(reservation) = machine.reservation() {
            people.push(Step::Decline(agent, reservation.offer.call.0, reservation.offer.attempt));
        }
        if let Some(Active::Call { offer, .. }) = machine.active() {
            people.push(Step::HangUp(agent, offer.call.0));
        }
    }
}

impl Allowance {
    /// What is left after a step; `None` if it is not allowed any more.
    fn less(mut self, step: Step) -> Option<Allowance> {
        let left = match step {
            Step::Crash => &mut self.crashes,
            Step::LogOut(_) => &mut self.logouts,
            Step::LogIn(_) => &mut self.logins,
            Step::Decline(..) | Step::PhoneDeclines(..) => &mut self.declines,
            Step::PhoneBusy(..) | Step::PhoneUnreachable(..) | Step::PhoneHangsUp(..) => &mut self.phone_failures,
            Step::Leave(_) | Step::VisitorLost(_) | Step::Due(Party::Chat(_), _) => &mut self.visitors_leave,
            Step::BrowserLost(_) => &mut self.browsers_lost,
            Step::Activate(..) | Step::Park(..) | Step::End(..) => &mut self.choices,
            Step::Pick(..) => &mut self.picks,
            Step::Deliver(..)
            | Step::Rest
            | Step::Tick
            | Step::Pass(_)
            | Step::Due(Party::Floor | Party::Agent(_) | Party::Queue(_) | Party::Call(_), _)
            | Step::BrowserBack(_)
            | Step::PhoneRegistered(_)
            | Step::FinishCallWrapUp(_)
            | Step::ExtendWrapUp(..)
            | Step::FinishWrapUp(..)
            | Step::Request(_)
            | Step::VisitorBack(_)
            | Step::VisitorSays(_)
            | Step::AgentSays(..)
            | Step::Arrive(_)
            | Step::CallerHangsUp(_)
            | Step::HangUp(..)
            | Step::PhoneAnswers(..) => return Some(self),
        };
        *left = left.checked_sub(1)?;
        Some(self)
    }
}

/// Looks at every order; returns the first story that breaks a law.
fn explore(room: Room) -> Option<(Vec<Step>, String)> {
    let began = Instant::now();
    let described = format!("{:?} {:?} {:?}", room.size, room.allowed, room.fault);
    let checker = room.checker().threads(2).spawn_bfs().join();
    let (states, seconds) = (checker.unique_state_count(), began.elapsed());
    println!("{states} states, {} deep, {seconds:?}: {described}", checker.max_depth());
    let path = checker.discoveries().remove("every law holds")?;
    let (_, why) = path.last_state().floor.broken.clone().unwrap();
    Some((path.into_actions(), why))
}

fn full() -> bool {
    static FULL: LazyLock<bool> = LazyLock::new(|| std::env::var("MODEL").is_ok_and(|model| model == "full"));
    *FULL
}

/// Holds that no order breaks a law, with a little happening, or with more of it when there is time.
fn holds(agents: u64, calls: u64, chats: u64, little: Allowance, more: Allowance) {
    let size = Size { agents, queues: 1, calls, chats };
    let (allowed, attempts_max) = if full() { (more, 3) } else { (little, 2) };
    let found = explore(Room { size, allowed, attempts_max, fault: None });
    assert!(found.is_none(), "{found:?}");
}

const NOTHING: Allowance = Allowance {
    crashes: 0,
    logouts: 0,
    logins: 0,
    declines: 0,
    phone_failures: 0,
    visitors_leave: 0,
    browsers_lost: 0,
    choices: 0,
    picks: 0,
};

#[test]
fn one_agent_one_call_one_chat_and_a_crash_at_any_time() {
    let little = Allowance { crashes: 1, ..NOTHING };
    holds(1, 1, 1, little, Allowance { visitors_leave: 1, logouts: 1, ..little });
}

#[test]
fn one_agent_one_call_one_chat_and_a_visitor_who_leaves() {
    let little = Allowance { visitors_leave: 1, logouts: 1, ..NOTHING };
    holds(1, 1, 1, little, Allowance { logins: 1, picks: 1, choices: 1, ..little });
}

#[test]
fn one_agent_one_call_one_chat_and_a_browser_that_comes_and_goes() {
    let little = Allowance { browsers_lost: 1, choices: 1, ..NOTHING };
    holds(1, 1, 1, little, Allowance { logouts: 1, visitors_leave: 1, ..little });
}

#[test]
fn one_agent_one_call_one_chat_and_a_phone_that_fails() {
    let little = Allowance { phone_failures: 1, declines: 1, ..NOTHING };
    holds(1, 1, 1, little, Allowance { crashes: 1, logouts: 1, ..little });
}

#[test]
fn two_agents_one_call_one_chat() {
    let little = Allowance { logouts: 1, ..NOTHING };
    holds(2, 1, 1, little, Allowance { phone_failures: 1, declines: 1, ..little });
}

#[test]
fn one_agent_two_calls_one_chat() {
    holds(1, 2, 1, NOTHING, Allowance { phone_failures: 1, visitors_leave: 1, ..NOTHING });
}

/// Holds that a broken floor is found out by one of these laws.
fn catches(laws: &[&str], fault: Fault, agents: u64, allowed: Allowance) {
    let size = Size { agents, queues: 1, calls: 1, chats: 1 };
    let (story, why) = explore(Room { size, allowed, attempts_max: 2, fault: Some(fault) }).unwrap();
    println!("{fault:?}: {why}\n{story:?}");
    assert!(laws.iter().any(|law| why.starts_with(law)), "{why}");
}

#[test]
fn a_lost_resume_is_found() {
    catches(&["L2", "L5", "L12"], Fault::ResumeLost, 1, NOTHING);
}

#[test]
fn an_agent_who_does_not_hear_that_the_call_is_over_is_found() {
    catches(&["L9", "L15"], Fault::OverLost, 1, NOTHING);
}

#[test]
fn a_yes_for_an_offer_that_is_over_is_found() {
    catches(&["L3"], Fault::CommitAnyway, 1, NOTHING);
}

#[test]
fn chats_kept_over_a_logout_are_found() {
    catches(&["L2", "L10"], Fault::ReleaseLost, 1, Allowance { logouts: 1, ..NOTHING });
}

#[test]
fn a_call_offered_to_two_agents_is_found() {
    catches(&["L7", "L14"], Fault::OfferedTwice, 2, NOTHING);
}

#[test]
fn a_shielded_agent_who_grants_is_found() {
    catches(&["L6"], Fault::GrantsAll, 1, Allowance { logouts: 1, ..NOTHING });
}
