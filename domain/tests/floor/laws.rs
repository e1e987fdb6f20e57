//! The laws of the protocol, each a small function over a floor or over one event.
//! They read facts off the machines and never ask a machine whether it did right.

use super::{Fact, Floor, Leg, Party, waiting};
use domain::Machine;
use domain::agent::{self, Active, Agent, Browser, Calls, Chats, Entry, ParkOn, Presence, ResumeOn};
use domain::call;
use domain::chat::{self, ParkedBy, Visitor};
use domain::id::{AgentId, CallId, ChatId, ItemId, OfferId, QueueId};
use domain::message::Message;
use domain::queue::{self, Asked, Channel, Outcome, Waiting};
use domain::routing::Tier;
use domain::task;
use domain::time::{Stopwatch, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

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

/// What has to be remembered to look at a law. It holds nothing that is over, so that it does not grow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ledger {
    /// Offers that have no outcome yet, with the tier in which the agent was when chosen.
    pub open: BTreeMap<OfferId, Tier>,
    /// How often a chat was told that a call pushes it aside, and did not say yet that it is.
    pub parked: BTreeMap<(ChatId, CallId), u8>,
}

impl Ledger {
    pub fn note(&mut self, fact: &Fact) {
        match fact {
            Fact::Agent { event, told, .. } => {
                if let Some(offer) = outcome(event) {
                    self.open.remove(&offer);
                }
                for (chat, by) in told.iter().filter_map(parks_chat) {
                    if let ParkedBy::Call(call) = by {
                        *self.parked.entry((chat, call)).or_default() += 1;
                    }
                }
            }
            Fact::Queue { event: queue::Event::Offered { offer, tier, .. }, .. } => {
                self.open.insert(*offer, *tier);
            }
            Fact::Chat { id, event: chat::Event::Parked { by: ParkedBy::Call(call), .. }, .. } => {
                if let Some(told) = self.parked.get_mut(&(*id, *call)) {
                    *told = told.saturating_sub(1);
                }
            }
            Fact::Queue { .. }
            | Fact::Chat { .. }
            | Fact::Task { .. }
            | Fact::Call { .. }
            | Fact::Proposed(_)
            | Fact::Replay(_)
            | Fact::Snapshot(_) => {}
        }
    }

    /// Nothing is on its way: what was told was heard.
    pub fn rest(&mut self) {
        self.parked.clear();
    }
}

/// All laws.
pub const LAWS: &[Law] = &[
    Law {
        name: "L1",
        says: "at most one reservation and one active item, and what waits to come back is neither",
        check: Check::Always(one_thing_at_a_time),
    },
    Law {
        name: "L2",
        says: "an item's place is single; at rest queues, inboxes and attention agree with it",
        check: Check::AtRest(every_item_is_in_one_place),
    },
    Law {
        name: "L3",
        says: "a commit needs a live reservation with the same offer",
        check: Check::Event(a_commit_needs_its_reservation),
    },
    Law {
        name: "L4",
        says: "an offer that fails touches no item; if it parks as it rings, it parks the active one once",
        check: Check::Event(a_failed_offer_touches_nothing),
    },
    Law {
        name: "L5",
        says: "what is preempted is resumed at most once, and only if it is preempted",
        check: Check::Event(a_resume_needs_its_preemption),
    },
    Law {
        name: "L5",
        says: "a chat is preempted only by an agent's word",
        check: Check::Event(a_preemption_needs_its_word),
    },
    Law {
        name: "L5",
        says: "at rest after the call a chat has come out of its preemption",
        check: Check::AtRest(a_preemption_ends_with_its_call),
    },
    Law {
        name: "L6",
        says: "a shielded agent grants nothing, neither a call nor what is pushed",
        check: Check::Event(a_shielded_agent_grants_nothing),
    },
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
        name: "L7",
        says: "at rest the board is the one that the machines make",
        check: Check::AtRest(the_board_is_true),
    },
    Law {
        name: "L8",
        says: "clocks run only while attended to, stand from the agent's word on, and never go back",
        check: Check::Event(clocks_are_true),
    },
    Law {
        name: "L9",
        says: "every deadline is waited for, every state has somebody who ends it",
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
        name: "L11",
        says: "a machine that is written and read again is the same",
        check: Check::Event(a_snapshot_is_the_machine),
    },
    Law {
        name: "L12",
        says: "at rest, preempted means: its agent is on a call, in its wrap-up or rung for, or their browser is away",
        check: Check::AtRest(preempted_means_a_call_goes_on),
    },
    Law {
        name: "L13",
        says: "messages are numbered without a gap, and nothing else takes a number",
        check: Check::Event(messages_are_numbered),
    },
    Law { name: "L14", says: "one reservation per call", check: Check::Always(one_open_offer_per_call) },
    Law {
        name: "L14",
        says: "each part of a call is connected once, by the phone that answered",
        check: Check::Event(a_part_is_connected_once),
    },
    Law { name: "L14", says: "at rest one agent is on a call", check: Check::AtRest(one_committed_agent_per_call) },
    Law {
        name: "L15",
        says: "an offer has at most one outcome, and none that was not made",
        check: Check::Event(one_outcome_per_offer),
    },
    Law {
        name: "L15",
        says: "at rest every offer has its outcome, or rings",
        check: Check::AtRest(every_offer_has_its_outcome),
    },
    Law {
        name: "L15",
        says: "the outcome is what happened: a caller is gone only when the call is over or elsewhere",
        check: Check::Event(a_caller_is_gone_when_the_call_is_over),
    },
    Law {
        name: "L16",
        says: "at rest nothing that is offered or pushed waits beside an agent who may take it",
        check: Check::AtRest(nothing_waits_beside_an_agent),
    },
    Law {
        name: "L17",
        says: "messages and proposals name only those who are on this floor",
        check: Check::Event(nobody_names_a_stranger),
    },
    Law {
        name: "L18",
        says: "the most urgent item is served first: by arrival less head start",
        check: Check::Event(the_most_urgent_is_served_first),
    },
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
        floor.broken = Some((name, format!("{name}: {why}")));
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
        let on_the_phone = matches!(agent.active(), Some(Active::Call { .. }));
        ensure(!(agent.reservation().is_some() && on_the_phone), || {
            format!("{id:?} is on {:?} and a call rings", agent.active())
        })?;
        ensure(agent.consultation().is_none() || on_the_phone, || format!("{id:?} asks about no call"))?;
        if let Some(Active::Item(item)) = agent.active() {
            let entry = agent.entry(item);
            let attended = !matches!(entry, None | Some(Entry::Requested { .. } | Entry::Alerting { .. }));
            ensure(attended, || format!("{id:?} attends to {item:?}, which is {entry:?}"))?;
        }
        for item in agent.preempted().into_iter().chain(agent.next()) {
            ensure(agent.active() != Some(Active::Item(item)), || format!("{item:?} is to come back and active"))?;
            ensure(agent.entry(item).is_some(), || format!("{item:?} is to come back and not {id:?}'s"))?;
        }
        ensure(agent.preempted().is_none() || agent.preempted() != agent.next(), || {
            format!("{:?} comes back twice", agent.next())
        })
    })
}

/// Where an item is by its own record: what its agent has it as, and whether they attend to it.
struct Whereabouts {
    queue: QueueId,
    queued: bool,
    arrived_at: Timestamp,
    agent: Option<AgentId>,
    entry: Option<Entry>,
    attended: bool,
}

fn of_chat(chat: &chat::Chat) -> Whereabouts {
    let exclusive = chat.settings().exclusive;
    let (entry, attended) = match chat.state() {
        chat::State::New | chat::State::Queued | chat::State::WrapUpQueued { .. } | chat::State::Closed { .. } => {
            (None, false)
        }
        chat::State::Allocated { pushed: true, .. } => (Some(Entry::Alerting { exclusive }), false),
        chat::State::Allocated { pushed: false, .. } | chat::State::Parked { .. } => {
            (Some(Entry::Conversation { exclusive }), false)
        }
        chat::State::Active { .. } => (Some(Entry::Conversation { exclusive }), true),
        chat::State::WrapUp { parked_since, .. } => (Some(Entry::WrapUp), parked_since.is_none()),
    };
    Whereabouts {
        queue: chat.queue(),
        queued: matches!(chat.state(), chat::State::Queued | chat::State::WrapUpQueued { .. }),
        arrived_at: chat.arrived_at(),
        agent: chat.agent(),
        entry,
        attended,
    }
}

fn of_task(task: &task::Task) -> Whereabouts {
    let (entry, attended) = match task.state() {
        task::State::New | task::State::Queued | task::State::Closed { .. } => (None, false),
        task::State::Allocated { until: Some(_), .. } => (Some(Entry::Alerting { exclusive: false }), false),
        task::State::Allocated { until: None, .. } | task::State::Parked { .. } => {
            (Some(Entry::Conversation { exclusive: false }), false)
        }
        task::State::Active { .. } => (Some(Entry::Conversation { exclusive: false }), true),
    };
    Whereabouts {
        queue: task.queue(),
        queued: task.state() == task::State::Queued,
        arrived_at: task.arrived_at(),
        agent: task.agent(),
        entry,
        attended,
    }
}

fn every_item_is_in_one_place(floor: &Floor) -> Verdict {
    let chats = floor.chats.iter().map(|(id, chat)| (ItemId::Chat(*id), of_chat(chat)));
    let tasks = floor.tasks.iter().map(|(id, task)| (ItemId::Task(*id), of_task(task)));
    chats.chain(tasks).try_for_each(|(item, place)| is_in_one_place(floor, item, &place))
}

fn is_in_one_place(floor: &Floor, item: ItemId, place: &Whereabouts) -> Verdict {
    for (id, queue) in &floor.queues {
        let found = queue.get(item);
        let waits = place.queued && place.queue == *id;
        ensure(found.is_some() == waits, || format!("{item:?} waits in {:?}, and in {id:?}: {found:?}", place.queue))?;
        ensure(found.is_none_or(|found| found.arrival.arrived_at == place.arrived_at), || {
            format!("{item:?} lost its age")
        })?;
    }
    for (id, agent) in &floor.agents {
        let owns = place.agent == Some(*id);
        let found = agent.entry(item);
        let expected = place.entry.filter(|_| owns);
        ensure(found == expected, || format!("{item:?} is {expected:?} with {id:?}, who has it as {found:?}"))?;
        ensure((agent.active() == Some(Active::Item(item))) == (owns && place.attended), || {
            format!("{item:?} is attended to: {}, and {id:?} attends to {:?}", place.attended, agent.active())
        })?;
    }
    Ok(())
}

fn a_commit_needs_its_reservation(_: &Floor, fact: &Fact) -> Verdict {
    let Fact::Agent { before, event: agent::Event::CallConnected { reservation, .. }, .. } = fact else {
        return Ok(());
    };
    ensure(before.reservation() == Some(*reservation), || format!("the reservation was {:?}", before.reservation()))
}

fn a_failed_offer_touches_nothing(_: &Floor, fact: &Fact) -> Verdict {
    let Fact::Agent { before, event, told, .. } = fact else { return Ok(()) };
    let allowed = match event {
        agent::Event::Reserved { preempted, .. } => {
            let expected = match (before.settings().preemption.park_on, before.active()) {
                (ParkOn::Ring, Some(Active::Item(item))) => Some(item),
                (ParkOn::Answer, _) | (ParkOn::Ring, None | Some(Active::Call { .. })) => None,
            };
            ensure(*preempted == expected, || format!("{preempted:?} parked, {expected:?} expected"))?;
            // The wrap-up of a call is nobody's but the agent's: nobody is told.
            expected.filter(|item| !matches!(item, ItemId::Call(_)))
        }
        agent::Event::Released { .. } | agent::Event::OfferRefused { .. } | agent::Event::CommitRefused { .. } => None,
        _ => return Ok(()),
    };
    let touched: Vec<ItemId> = told.iter().filter_map(touches).collect();
    ensure(touched == Vec::from_iter(allowed), || format!("{touched:?} told, {allowed:?} may be"))
}

fn a_resume_needs_its_preemption(_: &Floor, fact: &Fact) -> Verdict {
    let Fact::Agent { before, event, told, .. } = fact else { return Ok(()) };
    let resumes = |message: &Message| match message {
        Message::Chat { id, command: chat::Command::Resume { .. } } => Some(ItemId::Chat(*id)),
        Message::Task { id, command: task::Command::Activate { .. } }
            if matches!(event, agent::Event::Resumed { .. }) =>
        {
            Some(ItemId::Task(*id))
        }
        _ => None,
    };
    let resumed: Vec<ItemId> = told.iter().filter_map(resumes).collect();
    ensure(resumed.is_empty() || resumed == Vec::from_iter(before.preempted()), || {
        format!("{resumed:?} resumed, {:?} was preempted", before.preempted())
    })
}

fn a_preemption_needs_its_word(floor: &Floor, fact: &Fact) -> Verdict {
    let Fact::Chat { id, event: chat::Event::Parked { by: ParkedBy::Call(call), .. }, .. } = fact else {
        return Ok(());
    };
    let told = floor.ledger.parked.get(&(*id, *call)).copied().unwrap_or_default();
    ensure(told > 0, || format!("{id:?} is preempted by {call:?}, and no agent said so"))
}

fn a_preemption_ends_with_its_call(floor: &Floor) -> Verdict {
    floor.chats.iter().try_for_each(|(id, chat)| {
        let chat::State::Parked { agent, by: ParkedBy::Call(call), .. } = chat.state() else { return Ok(()) };
        let agent = &floor.agents[&agent];
        ensure(agent.preempted() == Some(ItemId::Chat(*id)) && keeps_preempted(agent), || {
            format!("{id:?} is still preempted by {call:?}, and its agent is on {:?}", agent.active())
        })
    })
}

fn a_shielded_agent_grants_nothing(floor: &Floor, fact: &Fact) -> Verdict {
    let Fact::Agent { before, command, event, .. } = fact else { return Ok(()) };
    match event {
        agent::Event::Reserved { reservation, .. } => {
            ensure(tier(floor, reservation.offer.agent, before).is_some(), || "the agent was shielded".into())
        }
        agent::Event::Requested { item, pushed: true, .. } => {
            let may = match command {
                agent::Command::Push { item: ItemId::Chat(_), queue, .. } => takes_chat(before, *queue),
                agent::Command::Push { .. } => takes_task(before),
                agent::Command::Take { queue, .. } => has_room(before, *queue) && !before.settings().voice_only,
                _ => false,
            };
            ensure(may && is_reachable(before), || format!("{item:?} was pushed to an agent who was shielded"))
        }
        _ => Ok(()),
    }
}

fn a_grant_is_no_worse_than_decided(floor: &Floor, fact: &Fact) -> Verdict {
    let Fact::Agent { before, event: agent::Event::Reserved { reservation, .. }, .. } = fact else { return Ok(()) };
    let decided = floor.ledger.open.get(&reservation.offer).copied();
    // Whose turn it is in a chat is the chat's affair: the agent knows whether there is one.
    let class = |tier: Tier| match tier {
        Tier::Free => 0,
        Tier::Task => 1,
        Tier::ChatAnswered | Tier::ChatWaiting => 2,
    };
    let granted = tier(floor, reservation.offer.agent, before);
    ensure(granted.map(class) <= decided.map(class), || format!("decided {decided:?}, granted {granted:?}"))
}

fn a_busy_agent_only_if_no_free_one(floor: &Floor, fact: &Fact) -> Verdict {
    let Fact::Proposed(proposal) = fact else { return Ok(()) };
    let Some(waiting) = waiting(floor, proposal.queue, proposal.item) else { return Ok(()) };
    let asked = |id: AgentId| tier_for(floor, id, proposal.queue, waiting);
    let now = asked(proposal.agent);
    ensure(now == Some(proposal.tier), || format!("{:?} is {now:?}", proposal.agent))?;
    let better = floor.agents.keys().find(|id| {
        asked(**id).is_some_and(|tier| tier < proposal.tier)
            && !waiting.arrival.declined.contains_key(id)
            && !is_asked(floor, **id)
    });
    ensure(better.is_none(), || format!("{better:?} is better"))
}

fn the_board_is_true(floor: &Floor) -> Verdict {
    let mut board = floor.rebuilt_board();
    let proposal = board.propose();
    ensure(proposal.is_none(), || format!("the machines alone make {proposal:?}"))?;
    ensure(board == floor.board, || {
        format!("the machines alone make another one:\n{}", difference(&floor.board, &board))
    })
}

/// The lines in which two things differ.
pub fn difference<T: Debug>(one: &T, other: &T) -> String {
    let (one, other) = (format!("{one:#?}"), format!("{other:#?}"));
    let only = |a: &str, b: &str, sign| {
        let lines: BTreeSet<&str> = b.lines().collect();
        let lines = a.lines().filter(|line| !lines.contains(line)).map(|line| format!("{sign}{line}\n"));
        lines.collect::<String>()
    };
    only(&one, &other, "-") + &only(&other, &one, "+")
}

/// In which order items are served: what has no head start first, then by arrival less head start.
fn urgency(floor: &Floor, queue: QueueId, item: ItemId, waiting: &Waiting) -> (bool, u64, Channel, ItemId) {
    let head_start = floor.queues[&queue].settings().head_starts.of(waiting.arrival.channel);
    let counts_from = waiting.arrival.arrived_at.0.saturating_sub(head_start.unwrap_or_default().0);
    (head_start.is_some(), counts_from, waiting.arrival.channel, item)
}

fn the_most_urgent_is_served_first(floor: &Floor, fact: &Fact) -> Verdict {
    let Fact::Proposed(proposal) = fact else { return Ok(()) };
    let Some(this) = waiting(floor, proposal.queue, proposal.item) else { return Ok(()) };
    let urgency_of_this = urgency(floor, proposal.queue, proposal.item, this);
    for queue in floor.serves(proposal.agent.0) {
        for (item, other) in floor.queues[&queue].waiting() {
            let older = urgency(floor, queue, item, other) < urgency_of_this;
            let open = other.asked().is_none()
                && other.exit.is_none()
                && !other.arrival.away
                && !is_proposed(floor, queue, item);
            let fits = tier_for(floor, proposal.agent, queue, other).is_some();
            let declined = other.arrival.declined.contains_key(&proposal.agent);
            ensure(!older || !open || !fits || declined, || {
                format!("{item:?} in {queue:?} is more urgent for {:?}", proposal.agent)
            })?;
        }
    }
    Ok(())
}

fn clocks_are_true(_: &Floor, fact: &Fact) -> Verdict {
    match fact {
        Fact::Chat { before, command, event, after, .. } => clocks_of_a_chat(before, command, event, after),
        Fact::Task { before, after, .. } => {
            let attended = matches!(after.state(), task::State::Active { .. });
            clock("handling", before.handling(), after.handling(), attended)
        }
        Fact::Agent { before, after, .. } => after.call_wrap_ups().try_for_each(|(call, wrap_up)| {
            let earlier = before.call_wrap_ups().find(|(id, _)| *id == call).map(|(_, wrap_up)| wrap_up.clock);
            let attended = after.active() == Some(Active::Item(ItemId::Call(call)));
            ensure(wrap_up.parked_since.is_none() == attended, || format!("{wrap_up:?}, attended to: {attended}"))?;
            clock("call's wrap-up", earlier.unwrap_or_default(), wrap_up.clock, attended)
        }),
        Fact::Queue { .. } | Fact::Call { .. } | Fact::Proposed(_) | Fact::Replay(_) | Fact::Snapshot(_) => Ok(()),
    }
}

fn clock(name: &str, before: Stopwatch, after: Stopwatch, attended: bool) -> Verdict {
    ensure(after.running_since.is_some() == attended, || format!("the {name}'s clock is {after:?}"))?;
    ensure(after.spent >= before.spent, || format!("the {name}'s clock went back"))
}

fn clocks_of_a_chat(before: &chat::Chat, command: &chat::Command, event: &chat::Event, after: &chat::Chat) -> Verdict {
    let handled = matches!(after.state(), chat::State::Active { .. });
    clock("handling", before.handling(), after.handling(), handled)?;
    if let Some((wrap_up, attended)) = wrap_up_clock(after.state()) {
        let earlier = wrap_up_clock(before.state()).map(|(clock, _)| clock).unwrap_or_default();
        clock("wrap-up", earlier, wrap_up, attended)?;
    }
    if let chat::State::Parked { by: ParkedBy::Call(_), .. } = after.state() {
        ensure(after.idle().running_since.is_none(), || format!("preempted, and idle {:?}", after.idle()))?;
    }
    let (chat::Event::Parked { at, .. }, chat::Command::Park { at: said, .. }) = (event, command) else {
        return Ok(());
    };
    let until = before.handling().spent_until(*said);
    let spent = after.handling().spent;
    ensure(at == said && spent == until, || format!("handling stood at {until:?}, and is {spent:?}"))
}

fn wrap_up_clock(state: chat::State) -> Option<(Stopwatch, bool)> {
    match state {
        chat::State::WrapUp { clock, parked_since, .. } => Some((clock, parked_since.is_none())),
        chat::State::WrapUpQueued { clock, .. } => Some((clock, false)),
        chat::State::New
        | chat::State::Queued
        | chat::State::Allocated { .. }
        | chat::State::Active { .. }
        | chat::State::Parked { .. }
        | chat::State::Closed { .. } => None,
    }
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
    floor.calls.iter().try_for_each(|(id, call)| a_call_is_looked_after(floor, *id, call))?;
    floor.agents.iter().try_for_each(|(id, agent)| an_agent_is_not_stuck(floor, *id, agent))?;
    for (id, queue) in &floor.queues {
        for (item, waiting) in queue.waiting() {
            ensure(!matches!(waiting.asked, Asked::Pushed { .. }) && waiting.exit.is_none(), || {
                format!("{item:?} hangs in {id:?}: {waiting:?}")
            })?;
            ensure(matches!(item, ItemId::Call(_)) || waiting.asked.offer().is_none(), || {
                format!("{item:?} is offered")
            })?;
        }
    }
    for (id, chat) in &floor.chats {
        let deadline = floor.deadline(Party::Chat(id.0));
        let visitor = match (chat.visitor(), chat.state()) {
            (_, chat::State::New | chat::State::Closed { .. }) | (Visitor::Online, _) => true,
            (Visitor::Offline { .. }, _) => deadline.is_some(),
        };
        ensure(visitor, || format!("nobody ends {id:?}, whose visitor is gone"))?;
        ensure(chat.transfer().is_none(), || format!("{id:?} waits for an answer to its transfer"))?;
        is_with_somebody(floor, ItemId::Chat(*id), chat.agent())?;
    }
    floor.tasks.iter().try_for_each(|(id, task)| is_with_somebody(floor, ItemId::Task(*id), task.agent()))
}

/// Who has an item works, or is awaited.
fn is_with_somebody(floor: &Floor, item: ItemId, agent: Option<AgentId>) -> Verdict {
    let Some(id) = agent else { return Ok(()) };
    let agent = &floor.agents[&id];
    let works = match agent.presence() {
        Presence::Available | Presence::Break { .. } | Presence::Unavailable { .. } => true,
        Presence::LoggedOut | Presence::LoggingOut => false,
    };
    ensure(works && (!is_away(agent) || agent.deadline().is_some()), || {
        format!("{item:?} is with {id:?}, who is {:?}, {:?}", agent.presence(), agent.browser())
    })
}

fn a_call_is_looked_after(floor: &Floor, id: CallId, call: &call::Call) -> Verdict {
    let item = ItemId::Call(id);
    let waits = matches!(call.state(), call::State::Queued | call::State::Ringing { .. });
    for (queue_id, queue) in &floor.queues {
        let found = queue.get(item);
        ensure(found.is_some() == (waits && call.queue() == *queue_id), || {
            format!("{id:?} is {:?} in {:?}, and in {queue_id:?}: {found:?}", call.state(), call.queue())
        })?;
        ensure(found.is_none_or(|found| found.arrival.arrived_at == call.arrived_at()), || {
            format!("{id:?} lost its age")
        })?;
    }
    let rings = match call.state() {
        call::State::Ringing { offer } => Some(offer),
        call::State::New | call::State::Queued | call::State::Ended { .. } => None,
        call::State::Answered { .. } => return Err(format!("{id:?} waits for its agent's word")),
        call::State::Connected { offer, .. } => {
            let on_it = floor.agents.get(&offer.agent).is_some_and(|agent| on_calls(agent).any(|call| call == id));
            ensure(on_it, || format!("{id:?} is connected, and {:?} is not on it", offer.agent))?;
            None
        }
    };
    let offered = waiting(floor, call.queue(), item).and_then(|waiting| waiting.asked.offer());
    ensure(offered == rings, || format!("{id:?} is offered by {offered:?}, and rings for {rings:?}"))?;
    let Some(offer) = rings else { return Ok(()) };
    let reservation = floor.agents.get(&offer.agent).and_then(Agent::reservation);
    ensure(reservation.is_some_and(|reservation| reservation.offer == offer), || {
        format!("{id:?} rings for {offer:?}, and the agent's reservation is {reservation:?}")
    })?;
    let leg = floor.legs.get(&offer);
    ensure(leg == Some(&Leg::Ringing), || format!("{id:?} rings for {offer:?}, and the phone is {leg:?}"))
}

fn an_agent_is_not_stuck(floor: &Floor, id: AgentId, agent: &Agent) -> Verdict {
    if let Some(reservation) = agent.reservation() {
        let call = floor.calls.get(&reservation.offer.call).map(|call| call.state());
        let rings = call == Some(call::State::Ringing { offer: reservation.offer });
        ensure(rings, || format!("{id:?} is reserved by {:?}, and the call is {call:?}", reservation.offer))?;
    }
    if let Some(Active::Call { offer, .. }) = agent.active() {
        let call = floor.calls.get(&offer.call).map(|call| call.state());
        let talks = matches!(call, Some(call::State::Connected { offer: by, .. }) if by == offer);
        let own = offer.attempt == 0 && floor.own_calls.contains(&(id.0, offer.call.0));
        ensure(talks || own, || format!("{id:?} is on {offer:?}, and the call is {call:?}"))?;
    }
    let asks = agent.consultation().is_none_or(|offer| floor.own_calls.contains(&(id.0, offer.call.0)));
    ensure(asks, || format!("{id:?} is on {:?}, which is over", agent.consultation()))?;
    let requested = agent.inbox().find(|(_, entry)| matches!(entry, Entry::Requested { .. }));
    ensure(requested.is_none(), || format!("{id:?} waits for an item that was asked to come: {requested:?}"))?;
    let idle = agent.active().is_none() && agent.reservation().is_none();
    ensure(!(agent.break_pending().is_some() && idle && agent.next().is_none() && agent.preempted().is_none()), || {
        format!("{id:?} waits for a break and does nothing")
    })
}

fn who_logged_out_owns_nothing(floor: &Floor) -> Verdict {
    for (id, agent) in &floor.agents {
        let on_a_call = matches!(agent.active(), Some(Active::Call { .. }));
        match agent.presence() {
            Presence::Available | Presence::Break { .. } | Presence::Unavailable { .. } => continue,
            Presence::LoggingOut => ensure(on_a_call, || format!("{id:?} logs out, and is on no call"))?,
            // Whoever telephones on their own account may do so without working.
            Presence::LoggedOut => {
                ensure(agent.active().is_none() || on_a_call, || format!("{id:?} has {:?}", agent.active()))?
            }
        }
        let waits = agent.preempted().is_some() || agent.next().is_some() || agent.break_pending().is_some();
        ensure(agent.reservation().is_none() && !waits, || format!("{agent:?}"))?;
        ensure(agent.inbox().next().is_none(), || format!("{id:?} has {:?}", agent.inbox().collect::<Vec<_>>()))?;
        let chats = floor.chats.values().filter_map(|chat| chat.agent());
        let mut owners = chats.chain(floor.tasks.values().filter_map(|task| task.agent()));
        ensure(!owners.any(|owner| owner == *id), || format!("{id:?} still has a chat or a task"))?;
    }
    Ok(())
}

fn a_replay_is_the_machine(_: &Floor, fact: &Fact) -> Verdict {
    if let Fact::Replay(difference) = fact { Err(difference.clone()) } else { Ok(()) }
}

fn a_snapshot_is_the_machine(_: &Floor, fact: &Fact) -> Verdict {
    if let Fact::Snapshot(difference) = fact { Err(difference.clone()) } else { Ok(()) }
}

fn preempted_means_a_call_goes_on(floor: &Floor) -> Verdict {
    for (id, agent) in &floor.agents {
        let Some(item) = agent.preempted() else { continue };
        ensure(keeps_preempted(agent), || format!("{item:?} is preempted, and {id:?} is on {:?}", agent.active()))?;
    }
    for (id, chat) in &floor.chats {
        let chat::State::Parked { agent, by: ParkedBy::Call(_), .. } = chat.state() else { continue };
        let preempted = floor.agents[&agent].preempted();
        ensure(preempted == Some(ItemId::Chat(*id)), || {
            format!("{id:?} is preempted, and with {agent:?} that is {preempted:?}")
        })?;
    }
    Ok(())
}

/// Whether there is still a reason why what a call pushed aside does not come back.
fn keeps_preempted(agent: &Agent) -> bool {
    let preemption = agent.settings().preemption;
    let engaged = match agent.active() {
        Some(Active::Call { .. }) => true,
        Some(Active::Item(ItemId::Call(_))) => preemption.resume_on == ResumeOn::WrapUpDone,
        Some(Active::Item(ItemId::Chat(_) | ItemId::Task(_))) => false,
        None => agent.reservation().is_some() && preemption.park_on == ParkOn::Ring,
    };
    engaged || is_away(agent)
}

fn messages_are_numbered(_: &Floor, fact: &Fact) -> Verdict {
    let Fact::Chat { before, event, after, .. } = fact else { return Ok(()) };
    let expected = match event {
        chat::Event::Said { number, .. } => {
            ensure(*number == before.messages() + 1, || format!("number {number} after {}", before.messages()))?;
            *number
        }
        _ => before.messages(),
    };
    ensure(after.messages() == expected, || format!("{} messages, {expected} expected", after.messages()))?;
    ensure((before.read_up_to()..=expected).contains(&after.read_up_to()), || {
        format!("read up to {} of {expected}", after.read_up_to())
    })
}

fn one_open_offer_per_call(floor: &Floor) -> Verdict {
    let mut reserved = BTreeSet::new();
    floor.agents.values().filter_map(Agent::reservation).try_for_each(|reservation| {
        let call = reservation.offer.call;
        ensure(reserved.insert(call), || format!("{call:?} rings at two agents"))
    })
}

fn a_part_is_connected_once(_: &Floor, fact: &Fact) -> Verdict {
    let Fact::Call { before, event: call::Event::Connected { offer, .. }, .. } = fact else { return Ok(()) };
    ensure(before.state() == call::State::Answered { offer: *offer }, || format!("it was {:?}", before.state()))
}

fn one_committed_agent_per_call(floor: &Floor) -> Verdict {
    let mut committed = BTreeSet::new();
    floor
        .agents
        .values()
        .flat_map(on_calls)
        .try_for_each(|call| ensure(committed.insert(call), || format!("two agents are on {call:?}")))
}

fn one_outcome_per_offer(floor: &Floor, fact: &Fact) -> Verdict {
    let Fact::Agent { event, .. } = fact else { return Ok(()) };
    let Some(offer) = outcome(event) else { return Ok(()) };
    ensure(floor.ledger.open.contains_key(&offer), || format!("{offer:?} had its outcome or was never made"))
}

fn every_offer_has_its_outcome(floor: &Floor) -> Verdict {
    floor.ledger.open.keys().try_for_each(|offer| {
        let reservation = floor.agents.get(&offer.agent).and_then(Agent::reservation);
        ensure(reservation.is_some_and(|reservation| reservation.offer == *offer), || format!("{offer:?} has none"))
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

fn nothing_waits_beside_an_agent(floor: &Floor) -> Verdict {
    for (id, queue) in &floor.queues {
        for (item, waiting) in queue.waiting().filter(|(_, waiting)| waiting.asked().is_none()) {
            let idle = floor.agents.keys().find(|agent| {
                tier_for(floor, **agent, *id, waiting).is_some() && !waiting.arrival.declined.contains_key(agent)
            });
            ensure(idle.is_none(), || format!("{item:?} waits in {id:?} beside {idle:?}"))?;
        }
    }
    Ok(())
}

/// Not where time is left out: it reads every message, and there is nothing in it that an order could change.
fn nobody_names_a_stranger(floor: &Floor, fact: &Fact) -> Verdict {
    if floor.timeless {
        return Ok(());
    }
    let told = match fact {
        Fact::Agent { told, .. }
        | Fact::Queue { told, .. }
        | Fact::Chat { told, .. }
        | Fact::Task { told, .. }
        | Fact::Call { told, .. } => told,
        Fact::Proposed(proposal) => {
            let known = floor.queues.contains_key(&proposal.queue) && floor.agents.contains_key(&proposal.agent);
            return ensure(known && is_known(floor, proposal.item), || "it names a stranger".into());
        }
        Fact::Replay(_) | Fact::Snapshot(_) => return Ok(()),
    };
    told.iter().try_for_each(|message| ensure(names_known(floor, message), || format!("{message:?} names a stranger")))
}

fn is_known(floor: &Floor, item: ItemId) -> bool {
    match item {
        ItemId::Chat(id) => floor.chats.contains_key(&id),
        ItemId::Call(id) => floor.calls.contains_key(&id),
        // What a visitor chose instead of a chat has the chat's number.
        ItemId::Task(id) => floor.tasks.contains_key(&id) || floor.chats.contains_key(&ChatId(id.0)),
    }
}

/// Whether all whom a message names are there: every id is found by its name in what is written on the wire.
fn names_known(floor: &Floor, message: &Message) -> bool {
    let mut known = match message {
        Message::Agent { id, .. } => floor.agents.contains_key(id),
        Message::Queue { id, .. } => floor.queues.contains_key(id),
        Message::Chat { id, .. } => is_known(floor, ItemId::Chat(*id)),
        Message::Call { id, .. } => is_known(floor, ItemId::Call(*id)),
        Message::Task { id, .. } => is_known(floor, ItemId::Task(*id)),
    };
    let mut names = vec![serde_json::to_value(message).unwrap_or_default()];
    while let Some(value) = names.pop() {
        let serde_json::Value::Object(fields) = value else { continue };
        for (name, value) in fields {
            let number = value.as_u64();
            known &= match (name.as_str(), number, value.as_str()) {
                ("agent", Some(id), _) => floor.agents.contains_key(&AgentId(id)),
                ("queue", Some(id), _) => floor.queues.contains_key(&QueueId(id)),
                ("call", Some(id), _) => floor.calls.contains_key(&CallId(id)) || id >= super::OWN_CALLS_FROM,
                ("item", _, Some(item)) => item.parse().is_ok_and(|item| is_known(floor, item)),
                _ => true,
            };
            names.push(value);
        }
    }
    known
}

/// How much a call would interrupt an agent, read off the facts; `None` while they are shielded.
pub fn tier(floor: &Floor, id: AgentId, agent: &Agent) -> Option<Tier> {
    if !is_reachable(agent) || agent.calls() != Calls::Open || agent.reservation().is_some() {
        return None;
    }
    match agent.active() {
        None => Some(Tier::Free),
        Some(Active::Call { .. }) => None,
        Some(Active::Item(_)) if agent.protected_until().is_some() => None,
        Some(Active::Item(item)) => {
            let open = agent.entry(item) == Some(Entry::Conversation { exclusive: false });
            open.then(|| match item {
                ItemId::Task(_) | ItemId::Call(_) => Tier::Task,
                // Over already or with somebody else, and its agent has not heard of it: the worst is assumed.
                ItemId::Chat(chat) => match floor.chats.get(&chat) {
                    Some(chat) if chat.agent() == Some(id) => chat.tier(),
                    Some(_) | None => Tier::ChatWaiting,
                },
            })
        }
    }
}

/// In which tier an agent would be asked about an item of a queue; `None`: not at all.
fn tier_for(floor: &Floor, id: AgentId, queue: QueueId, waiting: &Waiting) -> Option<Tier> {
    let agent = &floor.agents[&id];
    if !floor.serves(id.0).any(|served| served == queue) || waiting.exit.is_some() || waiting.arrival.away {
        return None;
    }
    match waiting.arrival.channel {
        Channel::Call => tier(floor, id, agent),
        Channel::Callback | Channel::Chat | Channel::Email | Channel::WorkItem => {
            let pushed = floor.queues[&queue].settings().pushed.contains(&waiting.arrival.channel);
            let takes =
                if waiting.arrival.channel == Channel::Chat { takes_chat(agent, queue) } else { takes_task(agent) };
            (pushed && is_reachable(agent) && takes).then_some(Tier::Free)
        }
    }
}

fn is_reachable(agent: &Agent) -> bool {
    agent.presence() == Presence::Available && agent.break_pending().is_none() && !is_away(agent)
}

/// Whether an agent has nothing to do and room for a chat that a queue pushes.
fn takes_chat(agent: &Agent, queue: QueueId) -> bool {
    takes_task(agent) && has_room(agent, queue)
}

fn takes_task(agent: &Agent) -> bool {
    let mut entries = agent.inbox();
    let alerted = entries.any(|(_, entry)| matches!(entry, Entry::Requested { .. } | Entry::Alerting { .. }));
    let idle = agent.active().is_none() && agent.reservation().is_none() && !alerted;
    idle && !agent.settings().voice_only && agent.chats() == Chats::Open
}

fn has_room(agent: &Agent, queue: QueueId) -> bool {
    let counts = |(item, entry): &(ItemId, Entry)| matches!(item, ItemId::Chat(_)) && *entry != Entry::WrapUp;
    let chats = agent.inbox().filter(counts).count();
    let settings = agent.settings();
    chats < *settings.chats_max_in.get(&queue).unwrap_or(&settings.chats_max) as usize
}

fn is_away(agent: &Agent) -> bool {
    !agent.settings().voice_only && agent.browser() != Browser::Online
}

/// Whether another item is already on its way to an agent.
fn is_asked(floor: &Floor, agent: AgentId) -> bool {
    let waiting = floor.queues.values().flat_map(|queue| queue.waiting());
    let on_its_way = floor.post.values().flatten().any(|letter| match &letter.message {
        Message::Queue { command: queue::Command::Propose { agent: proposed, .. }, .. } => *proposed == agent,
        _ => false,
    });
    on_its_way || waiting.into_iter().any(|(_, waiting)| waiting.asked() == Some(agent))
}

fn is_proposed(floor: &Floor, queue: QueueId, item: ItemId) -> bool {
    floor.post.values().flatten().any(|letter| match &letter.message {
        Message::Queue { id, command: queue::Command::Propose { item: proposed, .. } } => {
            (*id, *proposed) == (queue, item)
        }
        _ => false,
    })
}

/// Which item hears of an agent's attention.
fn touches(message: &Message) -> Option<ItemId> {
    match message {
        Message::Chat { id, .. } => Some(ItemId::Chat(*id)),
        Message::Task { id, .. } => Some(ItemId::Task(*id)),
        Message::Agent { .. } | Message::Queue { .. } | Message::Call { .. } => None,
    }
}

fn parks_chat(message: &Message) -> Option<(ChatId, ParkedBy)> {
    match message {
        Message::Chat { id, command: chat::Command::Park { by, .. } } => Some((*id, *by)),
        _ => None,
    }
}

/// The calls that an agent is on.
fn on_calls(agent: &Agent) -> impl Iterator<Item = CallId> {
    let running = match agent.active() {
        Some(Active::Call { offer, .. }) => Some(offer.call),
        Some(Active::Item(_)) | None => None,
    };
    running.into_iter().chain(agent.consultation().map(|offer| offer.call))
}

fn outcome(event: &agent::Event) -> Option<OfferId> {
    match event {
        agent::Event::Released { reservation, .. } | agent::Event::CallConnected { reservation, .. } => {
            Some(reservation.offer)
        }
        agent::Event::OfferRefused { offer, .. } => Some(*offer),
        _ => None,
    }
}
