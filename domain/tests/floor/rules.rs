//! What the administrator of a floor decided: each rule departs from a plain floor in one point and can be printed.
//! It never changes while a story goes on, but for what the steps `Reconfigure` and `Reassign` say.

use super::Size;
use domain::agent::{self, ParkOn, Preemption, ResumeOn};
use domain::chat::{self, WrapUpAtLogout};
use domain::id::QueueId;
use domain::queue::{self, Answer, Channel, Destination, HeadStarts, Strategy, Unserved};
use domain::routing::Skill;
use domain::time::Span;
use std::collections::{BTreeMap, BTreeSet};

/// One of the administrator's decisions, about the agent or the queue of this number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// What the agent attends to is parked as soon as the phone rings.
    ParksOnRing(u64),
    /// It comes back when the call's wrap-up is done.
    ResumesAfterWrapUp(u64),
    /// It may not be pushed aside again at once.
    Protects(u64),
    /// The agent works without a browser.
    VoiceOnly(u64),
    /// The agent's phone has a fixed address.
    FixedPhone(u64),
    /// The agent may have one chat.
    OneChat(u64),
    /// The agent is logged out as soon as the browser's grace is over.
    GoneAtOnce(u64),
    /// The queue pushes chats.
    PushesChats(u64),
    /// It pushes tasks.
    PushesTasks(u64),
    RoundRobin(u64),
    BySkill(u64),
    Sticky(u64),
    /// Head starts of nothing: who came first is served first, whatever the channel.
    FirstComeFirstServed(u64),
    /// One item may wait; what comes then overflows or is refused.
    Short(u64),
    /// Nobody waits for long: they overflow or are refused.
    Impatient(u64),
    /// What cannot stay goes to the next queue.
    Overflows(u64),
    /// Without anybody at work, what comes overflows.
    OverflowsUnserved(u64),
    NoCallWrapUp(u64),
    NoChatWrapUp(u64),
    /// Its callers hear ringing until an agent is there.
    AnswersWithAgent(u64),
    /// Wrap-ups go back when their agent logs out.
    WrapUpsGoBack(u64),
    /// No call interrupts its chats.
    Exclusive(u64),
    /// Visitors who don't answer are warned and sent away.
    Idle(u64),
    /// Visitors are asked how to go on, and the supervisor hears of it.
    Asks(u64),
}

/// All rules that a floor of this size can have.
pub fn all(size: Size) -> Vec<Rule> {
    use Rule::*;
    let of_agents = [ParksOnRing, ResumesAfterWrapUp, Protects, VoiceOnly, FixedPhone, OneChat, GoneAtOnce];
    let of_queues = [
        PushesChats,
        PushesTasks,
        RoundRobin,
        BySkill,
        Sticky,
        FirstComeFirstServed,
        Short,
        Impatient,
        Overflows,
        OverflowsUnserved,
        NoCallWrapUp,
        NoChatWrapUp,
        AnswersWithAgent,
        WrapUpsGoBack,
        Exclusive,
        Idle,
        Asks,
    ];
    let agents = (1..=size.agents).flat_map(|id| of_agents.map(|rule| rule(id)));
    agents.chain((1..=size.queues).flat_map(|id| of_queues.map(|rule| rule(id)))).collect()
}

pub fn of_agent(rules: &[Rule], id: u64) -> agent::Settings {
    let has = |rule: Rule| rules.contains(&rule);
    agent::Settings {
        chats_max: if has(Rule::OneChat(id)) { 1 } else { 3 },
        chats_max_in: BTreeMap::from([(QueueId(2), 2)]),
        parked_wrap_up_closes: Some(Span::seconds(7200)),
        browser_grace: Span::seconds(60),
        browser_gone: Span::seconds(if has(Rule::GoneAtOnce(id)) { 60 } else { 300 }),
        voice_only: has(Rule::VoiceOnly(id)),
        phone_registers: !has(Rule::FixedPhone(id)),
        preemption: Preemption {
            park_on: if has(Rule::ParksOnRing(id)) { ParkOn::Ring } else { ParkOn::Answer },
            resume_on: if has(Rule::ResumesAfterWrapUp(id)) { ResumeOn::WrapUpDone } else { ResumeOn::Hangup },
            min_resume: if has(Rule::Protects(id)) { Span::seconds(25) } else { Span::ZERO },
        },
    }
}

pub fn of_queue(size: Size, rules: &[Rule], id: u64) -> queue::Settings {
    let has = |rule: Rule| rules.contains(&rule);
    let strategy = match () {
        () if has(Rule::RoundRobin(id)) => Strategy::RoundRobin,
        () if has(Rule::BySkill(id)) => Strategy::Skill,
        () if has(Rule::Sticky(id)) => Strategy::Sticky,
        () => Strategy::LongestIdle,
    };
    let mut pushed = BTreeSet::new();
    if has(Rule::PushesChats(id)) {
        pushed.insert(Channel::Chat);
    }
    if has(Rule::PushesTasks(id)) {
        pushed.extend([Channel::Callback, Channel::Email, Channel::WorkItem]);
    }
    let none = Some(Span::ZERO);
    let equal = HeadStarts { call: none, callback: none, chat: none, email: none, work_item: none };
    queue::Settings {
        strategy,
        pushed,
        head_starts: if has(Rule::FirstComeFirstServed(id)) { equal } else { HeadStarts::default() },
        waiting_max: has(Rule::Short(id)).then_some(1),
        wait_max: has(Rule::Impatient(id)).then_some(Span::seconds(65)),
        overflow: has(Rule::Overflows(id)).then(|| destination(rules, id % size.queues + 1)),
        unserved: if has(Rule::OverflowsUnserved(id)) { Unserved::Overflow } else { Unserved::Wait },
        ring: Span::seconds(20),
        call_wrap_up: if has(Rule::NoCallWrapUp(id)) { Span::ZERO } else { Span::seconds(30) },
        answer: answer(rules, id),
    }
}

/// The same queue, which pushes what it did not and the other way round.
pub fn reconfigured(settings: &queue::Settings) -> queue::Settings {
    let all = [Channel::Callback, Channel::Chat, Channel::Email, Channel::WorkItem];
    let pushed = all.into_iter().filter(|channel| !settings.pushed.contains(channel)).collect();
    queue::Settings { pushed, ..settings.clone() }
}

pub fn of_chat(rules: &[Rule], queue: u64) -> chat::Settings {
    let has = |rule: Rule| rules.contains(&rule);
    let idle = |seconds| has(Rule::Idle(queue)).then(|| Span::seconds(seconds));
    let asks = |seconds| has(Rule::Asks(queue)).then(|| Span::seconds(seconds));
    chat::Settings {
        exclusive: has(Rule::Exclusive(queue)),
        wrap_up: if has(Rule::NoChatWrapUp(queue)) { Span::ZERO } else { Span::seconds(61) },
        wrap_up_at_logout: if has(Rule::WrapUpsGoBack(queue)) {
            WrapUpAtLogout::Requeue
        } else {
            WrapUpAtLogout::Close
        },
        parked_wrap_up_closes: Some(Span::seconds(7200)),
        visitor_grace: Span::seconds(120),
        visitor_grace_preempted: Span::seconds(300),
        idle_warns: idle(15),
        idle_closes: idle(25),
        choice_after: asks(10),
        alert_after: asks(40),
    }
}

pub fn destination(rules: &[Rule], queue: u64) -> Destination {
    Destination { queue: QueueId(queue), chat: of_chat(rules, queue), answer: answer(rules, queue) }
}

pub fn answer(rules: &[Rule], queue: u64) -> Answer {
    if rules.contains(&Rule::AnswersWithAgent(queue)) { Answer::WithAgent } else { Answer::AtOnce }
}

/// Which queues an agent serves at first, and how well: the first of several agents the first queue, the third the
/// last, the others all.
pub fn first_served(size: Size, agent: u64) -> BTreeMap<QueueId, Skill> {
    let served = (1..=size.queues).filter(|queue| match agent {
        1 if size.agents > 1 => *queue == 1,
        3 => *queue == size.queues,
        _ => true,
    });
    served.map(|queue| (QueueId(queue), ((agent * 5 + queue) % 3) as Skill)).collect()
}
