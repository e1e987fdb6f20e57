//! The laws of the protocol, each a small function over a floor or over one event.
//! They read facts off the machines and never ask a machine whether it did right.

use super::{Fact, Floor, Leg, Party, waiting};
use domain::Machine;
use domain::agent::{self, Active, Agent, Browser, Calls, Entry, Presence};
use domain::call;
use domain::chat::{self, ParkedBy, Visitor};
use domain::id::{AgentId, CallId, ChatId, ItemId, OfferId};
use domain::message::Message;
use domain::queue::{self, Outcome};
use domain::routing::{Proposal, Tier};
use std::collections::{BTreeMap, BTreeSet};

/// Whether a law holds; if not, what is wrong.
pub type Verdict = Result<(), String>;

/// A law.
pub struct Law {
    pub name: &'static str,
    pub says: &'static str,
    pub check: Check,
}

/// When a law is looked at.
pub enum Check {
    /// After every event.
    Event(fn(&Floor, &Fact) -> Verdict),
    /// After every step.
    Always(fn(&Floor) -> Verdict),
    /// When nothing is undelivered.
    AtRest(fn(&Floor) -> Verdict),
}

/// What has to be remembered to look at a law.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ledger {
    /// In which tier the agent of an offer was when chosen.
    offered: BTreeMap<OfferId, Tier>,
    /// How many outcomes each offer had at its agent.
    outcomes: BTreeMap<OfferId, u8>,
    /// How often each call became connected.
    connected: BTreeMap<CallId, u8>,
    /// How often an agent's word said that a call pushes a chat aside, how often the chat was, and how often it came
    /// out of that.
    preempted: BTreeMap<(ChatId, CallId), [u8; 3]>,
}

impl Ledger {
    pub fn note(&mut self, fact: &Fact) {
        match fact {
            Fact::Agent { event, .. } => {
                if let Some(offer) = outcome(event) {
                    *self.outcomes.entry(offer).or_default() += 1;
                }
                if let agent::Event::CallConnected { reservation, preempted: Some(chat), .. } = event {
                    self.preempted.entry((*chat, reservation.offer.call)).or_default()[0] += 1;
                }
            }
            Fact::Queue { event: queue::Event::Offered { offer, tier } } => _ = self.offered.insert(*offer, *tier),
            Fact::Chat { id, before, after, .. } => {
                let (from, to) = (preempting(before.state()), preempting(after.state()));
                if from != to {
                    if let Some(call) = from {
                        self.preempted.entry((*id, call)).or_default()[2] += 1;
                    }
                    if let Some(call) = to {
                        self.preempted.entry((*id, call)).or_default()[1] += 1;
                    }
                }
            }
            Fact::Call { event: call::Event::Connected { offer, .. }, .. } => {
                *self.connected.entry(offer.call).or_default() += 1;
            }
            Fact::Queue { .. } | Fact::Call { .. } | Fact::Proposed(_) | Fact::Replay(_) => {}
        }
    }
}

/// All laws.
pub const LAWS: &[Law] = &[
    Law {
        name: "L1",
        says: "at most one reservation and one active item, and what is preempted is neither",
        check: Check::Always(one_thing_at_a_time),
    },
    Law {
        name: "L2",
        says: "a chat's place is single; at rest queues, inboxes and attention agree with it",
        check: Check::AtRest(every_chat_is_in_one_place),
    },
    Law {
        name: "L3",
        says: "a commit needs a live reservation with the same offer",
        check: Check::Event(a_commit_needs_its_reservation),
    },
    Law {
        name: "L4",
        says: "an offer that fails causes no chat event",
        check: Check::Event(a_failed_offer_tells_no_chat),
    },
    Law {
        name: "L5",
        says: "a preempted chat is resumed at most once, and only if it is preempted",
        check: Check::Event(a_resume_needs_its_preemption),
    },
    Law {
        name: "L5",
        says: "a chat is preempted only by an agent's word, and at rest after the call it has come out of it",
        check: Check::AtRest(a_preemption_ends_with_its_call),
    },
    Law { name: "L6", says: "a shielded agent grants nothing", check: Check::Event(a_shielded_agent_grants_nothing) },
    Law {
        name: "L7",
        says: "the tier at the grant is no worse than the tier decided",
        check: Check::Event(a_grant_is_no_worse_than_decided),
    },
    Law {
        name: "L7",
        says: "a busy agent is asked only if no free one can be",
        check: Check::Event(a_busy_agent_only_if_no_free_one),
    },
    Law {
        name: "L8",
        says: "clocks run only while attended to, and never go back",
        check: Check::Event(clocks_are_true),
    },
    Law {
        name: "L9",
        says: "every deadline is waited for, every call and chat has somebody who ends it",
        check: Check::AtRest(nothing_is_forgotten),
    },
    Law {
        name: "L10",
        says: "at rest after a logout nothing is owned but a running call",
        check: Check::AtRest(who_logged_out_owns_nothing),
    },
    Law {
        name: "L11",
        says: "replaying the events gives the live state",
        check: Check::Event(a_replay_is_the_machine),
    },
    Law {
        name: "L12",
        says: "at rest, preempted means: its agent is on a call, or their browser is away",
        check: Check::AtRest(preempted_means_a_call_goes_on),
    },
    Law {
        name: "L13",
        says: "messages are numbered without a gap, and nothing else takes a number",
        check: Check::Event(messages_are_numbered),
    },
    Law {
        name: "L14",
        says: "one reservation per call, and a call is connected once",
        check: Check::Always(one_open_offer_per_call),
    },
    Law {
        name: "L14",
        says: "at rest one agent is on a call, by the offer that connected it",
        check: Check::AtRest(one_committed_agent_per_call),
    },
    Law { name: "L15", says: "an offer has at most one outcome", check: Check::Always(one_outcome_per_offer) },
    Law {
        name: "L15",
        says: "at rest every offer has its outcome, or rings",
        check: Check::AtRest(every_offer_has_its_outcome),
    },
    Law {
        name: "L15",
        says: "the outcome is what happened: a caller is gone only when the call is over",
        check: Check::Event(a_caller_is_gone_when_the_call_is_over),
    },
    Law {
        name: "L16",
        says: "at rest no call waits beside an agent who may take it",
        check: Check::AtRest(no_call_waits_beside_an_agent),
    },
    Law { name: "L18", says: "the oldest call is served first", check: Check::Event(the_oldest_call_is_served_first) },
];

/// The first law that an event breaks.
pub fn of_event(floor: &Floor, fact: &Fact, only: Option<&str>) -> Option<(&'static str, String)> {
    first(only, |check| match check {
        Check::Event(law) => law(floor, fact).map_err(|why| format!("{why}\nby {fact:?}")),
        Check::Always(_) | Check::AtRest(_) => Ok(()),
    })
}

/// The first law that never may be broken and is.
pub fn always(floor: &Floor, only: Option<&str>) -> Option<(&'static str, String)> {
    first(only, |check| match check {
        Check::Always(law) => law(floor),
        Check::Event(_) | Check::AtRest(_) => Ok(()),
    })
}

/// The first law that is broken although nothing is on its way.
pub fn at_rest(floor: &Floor, only: Option<&str>) -> Option<(&'static str, String)> {
    first(only, |check| match check {
        Check::AtRest(law) => law(floor),
        Check::Event(_) | Check::Always(_) => Ok(()),
    })
}

/// A law is broken in a way that only the floor itself sees.
pub fn report(floor: &mut Floor, name: &'static str, why: String) {
    if floor.broken.is_none() && floor.only.is_none_or(|only| only == name) {
        floor.broken = Some((name, why));
    }
}

fn first(only: Option<&str>, holds: impl Fn(&Check) -> Verdict) -> Option<(&'static str, String)> {
    let laws = LAWS.iter().filter(|law| only.is_none_or(|only| only == law.name));
    laws.filter_map(|law| holds(&law.check).err().map(|why| (law.name, format!("{}: {}: {why}", law.name, law.says))))
        .next()
}

fn ensure(holds: bool, why: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(why()) }
}

fn one_thing_at_a_time(floor: &Floor) -> Verdict {
    floor.agents.iter().try_for_each(|(id, agent)| {
        let on_the_phone = matches!(agent.active(), Some(Active::Call { .. } | Active::CallWrapUp { .. }));
        ensure(!(agent.reservation().is_some() && on_the_phone), || {
            format!("{id:?} is on {:?} and a call rings", agent.active())
        })?;
        let Some(preempted) = agent.preempted() else { return Ok(()) };
        ensure(agent.active() != Some(Active::Chat(preempted)), || format!("{preempted:?} is preempted and active"))?;
        ensure(entry(agent, preempted).is_some(), || format!("{preempted:?} is preempted and not {id:?}'s"))
    })
}

fn every_chat_is_in_one_place(floor: &Floor) -> Verdict {
    for (id, chat) in &floor.chats {
        let place = waiting(floor, chat.queue(), ItemId::Chat(*id));
        let waits = place.is_some();
        ensure(place.is_none_or(|place| place.arrived_at == chat.arrived_at()), || format!("{id:?} lost its age"))?;
        ensure(waits == (chat.state() == chat::State::Queued), || {
            format!("{id:?} is {:?}, and waiting: {waits}", chat.state())
        })?;
        let (expected, attended) = match chat.state() {
            chat::State::New | chat::State::Queued | chat::State::Closed { .. } => (None, false),
            chat::State::Allocated { .. } | chat::State::Parked { .. } => {
                (Some(Entry::Conversation { exclusive: chat.settings().exclusive }), false)
            }
            chat::State::Active { .. } => (Some(Entry::Conversation { exclusive: chat.settings().exclusive }), true),
            chat::State::WrapUp { parked_since, .. } => (Some(Entry::WrapUp), parked_since.is_none()),
        };
        for (agent_id, agent) in &floor.agents {
            let owns = chat.agent() == Some(*agent_id);
            let found = entry(agent, *id);
            ensure(found == expected.filter(|_| owns), || {
                format!("{id:?} is {:?}, and with {agent_id:?} it is {found:?}", chat.state())
            })?;
            ensure((agent.active() == Some(Active::Chat(*id))) == (owns && attended), || {
                format!("{id:?} is {:?}, and {agent_id:?} attends to {:?}", chat.state(), agent.active())
            })?;
        }
    }
    Ok(())
}

fn a_commit_needs_its_reservation(_: &Floor, fact: &Fact) -> Verdict {
    let Fact::Agent { before, event: agent::Event::CallConnected { reservation, .. }, .. } = fact else {
        return Ok(());
    };
    ensure(before.reservation() == Some(*reservation), || format!("the reservation was {:?}", before.reservation()))
}

fn a_failed_offer_tells_no_chat(_: &Floor, fact: &Fact) -> Verdict {
    let Fact::Agent { event, told, .. } = fact else { return Ok(()) };
    let of_an_offer = matches!(
        event,
        agent::Event::Reserved { .. }
            | agent::Event::Released { .. }
            | agent::Event::OfferRefused { .. }
            | agent::Event::CommitRefused { .. }
    );
    ensure(!of_an_offer || !told.iter().any(|message| matches!(message, Message::Chat { .. })), || {
        "a chat is told of it".into()
    })
}

fn a_resume_needs_its_preemption(_: &Floor, fact: &Fact) -> Verdict {
    let Fact::Agent { before, told, .. } = fact else { return Ok(()) };
    let resumed: Vec<ChatId> = told
        .iter()
        .filter_map(|message| match message {
            Message::Chat { id, command: chat::Command::Resume { .. } } => Some(*id),
            Message::Chat { .. } | Message::Agent { .. } | Message::Queue { .. } | Message::Call { .. } => None,
        })
        .collect();
    ensure(resumed.is_empty() || resumed == Vec::from_iter(before.preempted()), || {
        format!("{resumed:?} resumed, {:?} was preempted", before.preempted())
    })
}

fn a_preemption_ends_with_its_call(floor: &Floor) -> Verdict {
    floor.ledger.preempted.iter().try_for_each(|((chat, call), [said, into, out])| {
        ensure(into <= said, || format!("{call:?} preempted {chat:?} {into} times, the agents said {said}"))?;
        let goes_on = floor
            .agents
            .values()
            .any(|agent| on_call(agent) == Some(*call) || (agent.preempted() == Some(*chat) && is_away(agent)));
        ensure(into == out || goes_on, || format!("{chat:?} is still preempted by {call:?}, which is over"))
    })
}

fn a_shielded_agent_grants_nothing(floor: &Floor, fact: &Fact) -> Verdict {
    let Fact::Agent { before, event: agent::Event::Reserved { .. }, .. } = fact else { return Ok(()) };
    ensure(tier(floor, before).is_some(), || "the agent was shielded".into())
}

fn a_grant_is_no_worse_than_decided(floor: &Floor, fact: &Fact) -> Verdict {
    let Fact::Agent { before, event: agent::Event::Reserved { reservation }, .. } = fact else { return Ok(()) };
    let decided = floor.ledger.offered.get(&reservation.offer).copied();
    // Whose turn it is in a chat is the chat's affair: the agent knows whether there is one.
    let busy = |tier: Option<Tier>| tier.is_some_and(|tier| tier > Tier::Free);
    let granted = tier(floor, before);
    ensure(busy(decided) || !busy(granted), || format!("decided {decided:?}, granted {granted:?}"))
}

fn a_busy_agent_only_if_no_free_one(floor: &Floor, fact: &Fact) -> Verdict {
    let Fact::Proposed(proposal) = fact else { return Ok(()) };
    let Some(waiting) = waiting(floor, proposal.queue, ItemId::Call(proposal.call)) else { return Ok(()) };
    let now = floor.agents.get(&proposal.agent).and_then(|agent| tier(floor, agent));
    ensure(now == Some(proposal.tier), || format!("{:?} is {now:?}", proposal.agent))?;
    let better = floor
        .agents
        .iter()
        .find(|(id, agent)| tier(floor, agent) < now && may_be_asked(floor, **id, agent, proposal, waiting));
    ensure(better.is_none(), || format!("{:?} is better", better.map(|(id, _)| id)))
}

fn the_oldest_call_is_served_first(floor: &Floor, fact: &Fact) -> Verdict {
    let Fact::Proposed(proposal) = fact else { return Ok(()) };
    let Some(this) = waiting(floor, proposal.queue, ItemId::Call(proposal.call)) else { return Ok(()) };
    for queue in floor.serves(proposal.agent.0) {
        for (item, other) in floor.queues[&queue].waiting() {
            let ItemId::Call(call) = item else { continue };
            let older = (other.arrived_at, call) < (this.arrived_at, proposal.call);
            let asks =
                other.offered.is_some() || is_proposed(floor, call) || other.declined.contains_key(&proposal.agent);
            ensure(!older || asks, || format!("{call:?} has waited longer for {:?}", proposal.agent))?;
        }
    }
    Ok(())
}

fn clocks_are_true(_: &Floor, fact: &Fact) -> Verdict {
    let Fact::Chat { before, event, after, .. } = fact else { return Ok(()) };
    let (runs, wraps_up) = match after.state() {
        chat::State::Active { .. } => (true, false),
        chat::State::WrapUp { parked_since, .. } => (false, parked_since.is_none()),
        chat::State::New
        | chat::State::Queued
        | chat::State::Allocated { .. }
        | chat::State::Parked { .. }
        | chat::State::Closed { .. } => (false, false),
    };
    let handling = after.handling();
    ensure(handling.running_since.is_some() == runs, || format!("handling {handling:?} in {:?}", after.state()))?;
    if let chat::State::WrapUp { clock, .. } = after.state() {
        ensure(clock.running_since.is_some() == wraps_up, || format!("wrap-up {:?}", after.state()))?;
        if let chat::State::WrapUp { clock: earlier, .. } = before.state() {
            ensure(clock.spent >= earlier.spent, || "the wrap-up's clock went back".into())?;
        }
    }
    ensure(handling.spent >= before.handling().spent, || "the handling's clock went back".into())?;
    if let chat::Event::Parked { at, .. } = event {
        let until = before.handling().spent_until(*at);
        ensure(handling.spent == until, || format!("handling stood at {until:?}, and is {:?}", handling.spent))?;
    }
    Ok(())
}

fn nothing_is_forgotten(floor: &Floor) -> Verdict {
    for party in floor.parties() {
        let timer = floor.timers.get(&party).copied().unwrap_or_default();
        if let Some(deadline) = floor.deadline(party).filter(|_| !floor.timeless) {
            ensure(timer.armed && timer.known == Some(deadline), || {
                format!("{party:?} waits for {deadline:?}, and nobody wakes it")
            })?;
        }
    }
    for (id, call) in &floor.calls {
        let waiting = waiting(floor, call.queue(), ItemId::Call(*id));
        let waits = matches!(call.state(), call::State::Queued | call::State::Ringing { .. });
        ensure(waiting.is_some() == waits, || format!("{id:?} is {:?}, in its queue {waiting:?}", call.state()))?;
        let rings = match call.state() {
            call::State::Ringing { offer } => Some(offer),
            call::State::New | call::State::Queued | call::State::Ended { .. } => None,
            call::State::Answered { .. } => return Err(format!("{id:?} waits for its agent's word")),
            call::State::Connected { offer, .. } => {
                let on_it = floor.agents.get(&offer.agent).and_then(on_call) == Some(*id);
                ensure(on_it, || format!("{id:?} is connected, and {:?} is not on it", offer.agent))?;
                None
            }
        };
        let offered = waiting.and_then(|waiting| waiting.offered);
        ensure(offered == rings, || format!("{id:?} is offered by {offered:?}, and rings for {rings:?}"))?;
        if let Some(offer) = rings {
            let reservation = floor.agents.get(&offer.agent).and_then(Agent::reservation);
            ensure(reservation.is_some_and(|reservation| reservation.offer == offer), || {
                format!("{id:?} rings for {offer:?}, and the agent's reservation is {reservation:?}")
            })?;
            let leg = floor.legs.get(&offer);
            ensure(leg == Some(&Leg::Ringing), || format!("{id:?} rings for {offer:?}, and the phone is {leg:?}"))?;
        }
    }
    for (id, agent) in &floor.agents {
        if let Some(reservation) = agent.reservation() {
            let call = floor.calls.get(&reservation.offer.call).map(|call| call.state());
            let rings = call == Some(call::State::Ringing { offer: reservation.offer });
            ensure(rings, || format!("{id:?} is reserved by {:?}, and the call is {call:?}", reservation.offer))?;
        }
        if let Some(Active::Call { offer, .. }) = agent.active() {
            let call = floor.calls.get(&offer.call).map(|call| call.state());
            let talks = matches!(call, Some(call::State::Connected { offer: by, .. }) if by == offer);
            ensure(talks, || format!("{id:?} is on {offer:?}, and the call is {call:?}"))?;
        }
        let requested = agent.inbox().find(|(_, entry)| *entry == Entry::Requested);
        ensure(requested.is_none(), || format!("{id:?} waits for an answer to a pick: {requested:?}"))?;
    }
    for (id, chat) in &floor.chats {
        let deadline = floor.deadline(Party::Chat(id.0));
        let visitor = match (chat.visitor(), chat.state()) {
            (_, chat::State::New | chat::State::Closed { .. }) | (Visitor::Online, _) => true,
            (Visitor::Offline { .. }, _) => deadline.is_some(),
        };
        ensure(visitor, || format!("nobody ends {id:?}, whose visitor is gone"))?;
        let Some(agent_id) = chat.agent() else { continue };
        let agent = &floor.agents[&agent_id];
        let works = matches!(agent.presence(), Presence::Available | Presence::Unavailable { .. });
        ensure(works && (!is_away(agent) || agent.deadline().is_some()), || {
            format!("{id:?} is with {agent_id:?}, who is {:?}, {:?}", agent.presence(), agent.browser())
        })?;
    }
    Ok(())
}

fn who_logged_out_owns_nothing(floor: &Floor) -> Verdict {
    for (id, agent) in &floor.agents {
        let on_a_call = matches!(agent.active(), Some(Active::Call { .. }));
        match agent.presence() {
            Presence::Available | Presence::Unavailable { .. } => continue,
            Presence::LoggingOut => ensure(on_a_call, || format!("{id:?} logs out, and is on no call"))?,
            Presence::LoggedOut => ensure(agent.active().is_none(), || format!("{id:?} has {:?}", agent.active()))?,
        }
        ensure(
            agent.reservation().is_none() && agent.preempted().is_none() && agent.call_wrap_ups().is_empty(),
            || format!("{agent:?}"),
        )?;
        ensure(agent.inbox().next().is_none(), || format!("{id:?} has {:?}", agent.inbox().collect::<Vec<_>>()))?;
        let theirs = floor.chats.iter().find(|(_, chat)| chat.agent() == Some(*id));
        ensure(theirs.is_none(), || format!("{id:?} still has {theirs:?}"))?;
    }
    Ok(())
}

fn a_replay_is_the_machine(_: &Floor, fact: &Fact) -> Verdict {
    if let Fact::Replay(difference) = fact { Err(difference.clone()) } else { Ok(()) }
}

fn preempted_means_a_call_goes_on(floor: &Floor) -> Verdict {
    for (id, agent) in &floor.agents {
        let Some(chat) = agent.preempted() else { continue };
        let engaged = matches!(agent.active(), Some(Active::Call { .. } | Active::CallWrapUp { .. }));
        ensure(engaged || is_away(agent), || format!("{chat:?} is preempted, and {id:?} is on {:?}", agent.active()))?;
    }
    for (id, chat) in &floor.chats {
        let chat::State::Parked { agent, by: ParkedBy::Call(_), .. } = chat.state() else { continue };
        let preempted = floor.agents[&agent].preempted();
        ensure(preempted == Some(*id), || format!("{id:?} is preempted, and with {agent:?} that is {preempted:?}"))?;
    }
    Ok(())
}

fn messages_are_numbered(_: &Floor, fact: &Fact) -> Verdict {
    let Fact::Chat { before, event, after, .. } = fact else { return Ok(()) };
    let expected = match event {
        chat::Event::Said { number, .. } => {
            ensure(*number == before.messages() + 1, || format!("number {number} after {}", before.messages()))?;
            *number
        }
        chat::Event::Requested { .. }
        | chat::Event::Allocated { .. }
        | chat::Event::AllocationRefused { .. }
        | chat::Event::Activated { .. }
        | chat::Event::Parked { .. }
        | chat::Event::ReadUpTo { .. }
        | chat::Event::Ended { .. }
        | chat::Event::WrapUpExtended
        | chat::Event::Requeued { .. }
        | chat::Event::Closed { .. }
        | chat::Event::VisitorLost { .. }
        | chat::Event::VisitorBack
        | chat::Event::Restarted { .. } => before.messages(),
    };
    ensure(after.messages() == expected, || format!("{} messages, {expected} expected", after.messages()))
}

fn one_open_offer_per_call(floor: &Floor) -> Verdict {
    let mut reserved = BTreeSet::new();
    for agent in floor.agents.values() {
        let Some(reservation) = agent.reservation() else { continue };
        let call = reservation.offer.call;
        ensure(reserved.insert(call), || format!("{call:?} rings at two agents"))?;
    }
    let twice = floor.ledger.connected.iter().find(|(_, times)| **times > 1);
    ensure(twice.is_none(), || format!("connected twice: {twice:?}"))
}

fn one_committed_agent_per_call(floor: &Floor) -> Verdict {
    let mut committed = BTreeSet::new();
    floor
        .agents
        .values()
        .filter_map(on_call)
        .try_for_each(|call| ensure(committed.insert(call), || format!("two agents are on {call:?}")))
}

fn one_outcome_per_offer(floor: &Floor) -> Verdict {
    let twice = floor.ledger.outcomes.iter().find(|(_, outcomes)| **outcomes > 1);
    ensure(twice.is_none(), || format!("{twice:?}"))
}

fn every_offer_has_its_outcome(floor: &Floor) -> Verdict {
    floor.ledger.offered.keys().try_for_each(|offer| {
        let reservation = floor.agents.get(&offer.agent).and_then(Agent::reservation);
        let rings = reservation.is_some_and(|reservation| reservation.offer == *offer);
        let outcomes = floor.ledger.outcomes.get(offer).copied().unwrap_or_default();
        ensure(outcomes == u8::from(!rings), || format!("{offer:?}: {outcomes} outcomes, ringing: {rings}"))
    })
}

fn a_caller_is_gone_when_the_call_is_over(floor: &Floor, fact: &Fact) -> Verdict {
    let Fact::Agent { event: agent::Event::Released { reservation, outcome: Outcome::CallerGone, .. }, .. } = fact
    else {
        return Ok(());
    };
    let call = floor.calls.get(&reservation.offer.call).map(|call| call.state());
    ensure(matches!(call, Some(call::State::Ended { .. })), || format!("{:?} is {call:?}", reservation.offer.call))
}

fn no_call_waits_beside_an_agent(floor: &Floor) -> Verdict {
    for (id, queue) in &floor.queues {
        for (item, waiting) in queue.waiting() {
            let ItemId::Call(call) = item else { continue };
            if waiting.offered.is_some() {
                continue;
            }
            let idle = floor.agents.iter().find(|(agent_id, agent)| {
                tier(floor, agent).is_some()
                    && floor.serves(agent_id.0).any(|served| served == *id)
                    && !waiting.declined.contains_key(agent_id)
            });
            ensure(idle.is_none(), || format!("{call:?} waits beside {:?}", idle.map(|(id, _)| id)))?;
        }
    }
    Ok(())
}

/// How much a call would interrupt an agent, read off the facts; `None` while they are shielded.
pub fn tier(floor: &Floor, agent: &Agent) -> Option<Tier> {
    let shielded = agent.presence() != Presence::Available
        || agent.calls() != Calls::Open
        || agent.reservation().is_some()
        || is_away(agent);
    match agent.active() {
        _ if shielded => None,
        None => Some(Tier::Free),
        Some(Active::Chat(chat)) => {
            let open = agent.inbox().any(|entry| entry == (chat, Entry::Conversation { exclusive: false }));
            // Over already, and its agent has not heard of it: the worst is assumed.
            let chat = &floor.chats[&chat];
            open.then(|| if chat.agent().is_some() { chat.tier() } else { Tier::ChatWaiting })
        }
        Some(Active::Call { .. } | Active::CallWrapUp { .. }) => None,
    }
}

fn is_away(agent: &Agent) -> bool {
    !agent.settings().voice_only && agent.browser() != Browser::Online
}

fn may_be_asked(floor: &Floor, id: AgentId, agent: &Agent, proposal: &Proposal, waiting: &queue::Waiting) -> bool {
    let serves = floor.serves(id.0).any(|queue| queue == proposal.queue);
    tier(floor, agent).is_some() && serves && !waiting.declined.contains_key(&id) && !is_asked(floor, id)
}

/// Whether another call is already on its way to an agent.
fn is_asked(floor: &Floor, agent: AgentId) -> bool {
    let offered = floor.queues.values().flat_map(|queue| queue.waiting()).filter_map(|(_, waiting)| waiting.offered);
    let on_its_way = floor.post.values().flatten().any(|letter| match &letter.message {
        Message::Queue { command: queue::Command::Propose { agent: proposed, .. }, .. } => *proposed == agent,
        Message::Agent { id, command: agent::Command::Offer { .. } } => *id == agent,
        Message::Queue { .. } | Message::Agent { .. } | Message::Chat { .. } | Message::Call { .. } => false,
    });
    on_its_way || offered.into_iter().any(|offer| offer.agent == agent)
}

fn is_proposed(floor: &Floor, call: CallId) -> bool {
    floor.post.values().flatten().any(|letter| match &letter.message {
        Message::Queue { command: queue::Command::Propose { call: proposed, .. }, .. } => *proposed == call,
        Message::Queue { .. } | Message::Agent { .. } | Message::Chat { .. } | Message::Call { .. } => false,
    })
}

fn entry(agent: &Agent, chat: ChatId) -> Option<Entry> {
    agent.inbox().find(|(id, _)| *id == chat).map(|(_, entry)| entry)
}

fn on_call(agent: &Agent) -> Option<CallId> {
    match agent.active() {
        Some(Active::Call { offer, .. }) => Some(offer.call),
        Some(Active::Chat(_) | Active::CallWrapUp { .. }) | None => None,
    }
}

fn preempting(state: chat::State) -> Option<CallId> {
    match state {
        chat::State::Parked { by: ParkedBy::Call(call), .. } => Some(call),
        chat::State::Parked { by: ParkedBy::Agent, .. }
        | chat::State::New
        | chat::State::Queued
        | chat::State::Allocated { .. }
        | chat::State::Active { .. }
        | chat::State::WrapUp { .. }
        | chat::State::Closed { .. } => None,
    }
}

fn outcome(event: &agent::Event) -> Option<OfferId> {
    match event {
        agent::Event::Released { reservation, .. } | agent::Event::CallConnected { reservation, .. } => {
            Some(reservation.offer)
        }
        agent::Event::OfferRefused { offer, .. } => Some(*offer),
        agent::Event::Configured { .. }
        | agent::Event::LoggedIn { .. }
        | agent::Event::LogoutPending { .. }
        | agent::Event::LoggedOut { .. }
        | agent::Event::PickRequested { .. }
        | agent::Event::PickGranted { .. }
        | agent::Event::PickFailed { .. }
        | agent::Event::PickUnwanted { .. }
        | agent::Event::Activated { .. }
        | agent::Event::Parked { .. }
        | agent::Event::ChatEnded { .. }
        | agent::Event::ChatLeft { .. }
        | agent::Event::Reserved { .. }
        | agent::Event::CommitRefused { .. }
        | agent::Event::CallOver { .. }
        | agent::Event::CallWrapUpOver { .. }
        | agent::Event::CallsOpened
        | agent::Event::BrowserLost { .. }
        | agent::Event::BrowserGraceOver
        | agent::Event::BrowserBack { .. } => None,
    }
}
