//! Routing as one would write it down first: every item that waits against every agent, each time anew.
//! It holds nothing and is slow: what the board is held against.

use crate::floor::Floor;
use domain::agent::Agent;
use domain::chat::Chat;
use domain::id::{AgentId, ItemId, QueueId};
use domain::queue::{Channel, Queue, Settings, Strategy, Waiting};
use domain::routing::{Interruption, NEXT_KEPT, Obstacle, Proposal, Rank, Skill, Tier, Why};
use domain::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// What comes first: what is strictly first, then the earliest by arrival less head start, then by channel and id.
type Urgency = (bool, Timestamp, Channel, ItemId);

/// The next match, while those in `open` are made and nobody has heard of them.
pub fn propose(floor: &Floor, open: &[Proposal]) -> Option<Proposal> {
    let asked = asked(floor, open);
    let all =
        floor.queues.iter().flat_map(|(id, queue)| queue.waiting().map(move |(item, what)| (*id, queue, item, what)));
    let waiting = all.filter(|(id, _, item, _)| !open.iter().any(|open| (open.queue, open.item) == (*id, *item)));
    let matched = waiting.filter(|(_, queue, _, what)| is_matched(queue.settings(), what));
    let matches = matched.filter_map(|(id, queue, item, what)| {
        let best = best(floor, &asked, id, what)?;
        Some(((urgency(queue.settings(), item, what), id), item, best))
    });
    let ((_, queue), item, best) = matches.min_by_key(|(urgency, _, _)| *urgency)?;
    let what = floor.queues.get(&queue)?.get(item)?;
    let why = why(floor, &asked, queue, what, best);
    Some(Proposal { queue, item, agent: best.0.agent, tier: best.0.tier, why })
}

/// Why an agent may not be asked about an item that waits in a queue, or how many come before them.
pub fn why_not(floor: &Floor, queue: QueueId, item: ItemId, agent: AgentId) -> Result<Obstacle, usize> {
    let asked = asked(floor, &[]);
    let Some(what) = floor.queues.get(&queue).and_then(|queue| queue.get(item)) else {
        return Ok(Obstacle::NotServing);
    };
    if what.arrival.declined.contains_key(&agent) {
        return Ok(Obstacle::Declined);
    }
    let all = ranks(floor, &asked, queue, what.arrival.channel);
    match all.iter().find(|(who, _)| *who == agent) {
        None => Ok(Obstacle::NotServing),
        Some((_, Err(obstacle))) => Ok(*obstacle),
        Some((_, Ok(rank))) => Err(all.iter().filter(|(_, other)| other.is_ok_and(|other| other < *rank)).count()),
    }
}

fn asked(floor: &Floor, open: &[Proposal]) -> BTreeSet<AgentId> {
    let offered = floor.queues.values().flat_map(Queue::waiting).filter_map(|(_, what)| what.asked());
    offered.chain(open.iter().map(|proposal| proposal.agent)).collect()
}

fn is_matched(settings: &Settings, what: &Waiting) -> bool {
    let given = what.arrival.channel == Channel::Call || settings.pushed.contains(&what.arrival.channel);
    given && what.asked().is_none() && what.exit.is_none() && !what.arrival.away
}

fn urgency(settings: &Settings, item: ItemId, what: &Waiting) -> Urgency {
    let head_start = settings.head_starts.of(what.arrival.channel);
    let counts_from = Timestamp(what.arrival.arrived_at.0.saturating_sub(head_start.unwrap_or_default().0));
    (head_start.is_some(), counts_from, what.arrival.channel, item)
}

/// Whoever the customer had last, if the queue cares and it interrupts no more than another; else the lowest rank.
fn best(floor: &Floor, asked: &BTreeSet<AgentId>, queue: QueueId, what: &Waiting) -> Option<(Rank, bool)> {
    let all = ranks(floor, asked, queue, what.arrival.channel);
    let may =
        || all.iter().filter_map(|(_, rank)| rank.ok()).filter(|rank| !what.arrival.declined.contains_key(&rank.agent));
    let first = may().min()?;
    let sticky = floor.queues.get(&queue)?.settings().strategy == Strategy::Sticky;
    let known = may().find(|rank| sticky && what.arrival.preferred == Some(rank.agent) && rank.tier == first.tier);
    Some((known.unwrap_or(first), known.is_some()))
}

fn why(
    floor: &Floor,
    asked: &BTreeSet<AgentId>,
    queue: QueueId,
    what: &Waiting,
    (winner, preferred): (Rank, bool),
) -> Why {
    let mut next = vec![];
    let mut passed_over = BTreeMap::new();
    for (agent, rank) in ranks(floor, asked, queue, what.arrival.channel) {
        match rank {
            Err(obstacle) => *passed_over.entry(obstacle).or_default() += 1,
            Ok(_) if what.arrival.declined.contains_key(&agent) => {
                *passed_over.entry(Obstacle::Declined).or_default() += 1
            }
            Ok(rank) if rank == winner => {}
            Ok(rank) => next.push(rank),
        }
    }
    next.sort();
    next.truncate(NEXT_KEPT);
    let strategy = floor.queues[&queue].settings().strategy;
    Why { strategy, winner: Some(winner), preferred, next, passed_over }
}

/// All who serve a queue, for an item of this channel.
fn ranks(
    floor: &Floor,
    asked: &BTreeSet<AgentId>,
    queue: QueueId,
    channel: Channel,
) -> Vec<(AgentId, Result<Rank, Obstacle>)> {
    let serving = floor.serves.iter().filter_map(|(agent, queues)| queues.get(&queue).map(|skill| (*agent, *skill)));
    let known = serving.filter_map(|(agent, skill)| floor.agents.get(&agent).map(|machine| (agent, machine, skill)));
    known
        .map(|(agent, machine, skill)| {
            let free = || free(floor, queue, agent, machine, skill);
            let rank = match channel {
                Channel::Call => machine
                    .interruption()
                    .map(|interruption| for_call(floor, queue, agent, machine, skill, interruption)),
                Channel::Chat => machine.takes_chat(queue).map(|()| free()),
                Channel::Callback | Channel::Email | Channel::WorkItem => machine.takes_task().map(|()| free()),
            };
            (agent, rank.and_then(|rank| if asked.contains(&agent) { Err(Obstacle::Asked) } else { Ok(rank) }))
        })
        .collect()
}

fn free(floor: &Floor, queue: QueueId, agent: AgentId, machine: &Agent, skill: Skill) -> Rank {
    let queue = &floor.queues[&queue];
    let order = match queue.settings().strategy {
        Strategy::LongestIdle | Strategy::Sticky => 0,
        Strategy::RoundRobin => queue.turn_of(agent),
        Strategy::Skill => u64::from(Skill::MAX - skill),
    };
    let since = machine.idle_since();
    Rank { tier: Tier::Free, preemptions: 0, preempted_at: Timestamp::default(), order, since, agent }
}

fn for_call(
    floor: &Floor,
    queue: QueueId,
    agent: AgentId,
    machine: &Agent,
    skill: Skill,
    interruption: Interruption,
) -> Rank {
    let free = free(floor, queue, agent, machine, skill);
    let (tier, preemptions) = match interruption {
        Interruption::Nothing => return free,
        Interruption::Item(ItemId::Task(_)) => (Tier::Task, 0),
        Interruption::Item(ItemId::Chat(chat)) => {
            let attended = floor.chats.get(&chat).filter(|chat| chat.agent().is_some());
            attended.map_or((Tier::ChatWaiting, 0), |chat: &Chat| (chat.tier(), chat.preemptions()))
        }
        Interruption::Item(ItemId::Call(_)) => (Tier::ChatWaiting, 0),
    };
    Rank { tier, preemptions, preempted_at: machine.preempted_at(), since: machine.last_call_at(), ..free }
}
