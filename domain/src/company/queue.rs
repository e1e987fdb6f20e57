//! What an administrator decides about a queue: the value, and what a file or a form says of it.
//! It never says what waits: that is the machine's.

use super::refusal::named;
use super::{Company, Key, Kind, NextIds, Refusal, Refusals, RemovedQueue, Why, Wrong, take};
use crate::announcement::Announcements;
use crate::id::{CompanyId, HoursId, QueueId};
use crate::queue::{Answer, Channel, HeadStarts, Strategy, Unserved};
use crate::time::Span;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

/// How many seconds of music there may be between two announcements.
const EVERY_S: RangeInclusive<u32> = 5..=3600;
/// How many seconds a call may ring at one agent, as in the daemon's settings.
const RING_S: RangeInclusive<u32> = 1..=600;
/// How many seconds a wrap-up may take.
const WRAP_UP_S: RangeInclusive<u32> = 0..=86_400;

/// A queue. `None` is the daemon's setting, or the default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    /// Its id.
    pub id: QueueId,
    /// Its company.
    pub company: CompanyId,
    /// Its name, unique in the company.
    pub name: String,
    /// Its chats are not interrupted by calls.
    pub exclusive: bool,
    /// How long a call rings at one agent.
    pub ring: Option<Span>,
    /// The wrap-up of its calls.
    pub call_wrap_up: Option<Span>,
    /// The wrap-up of its chats.
    pub chat_wrap_up: Option<Span>,
    /// Who comes first among equals.
    pub strategy: Option<Strategy>,
    /// Which channels besides calls are given to agents without their asking.
    pub pushed: Option<BTreeSet<Channel>>,
    /// Which channels come before others.
    pub head_starts: Option<HeadStarts>,
    /// How many items may wait.
    pub waiting_max: Option<u32>,
    /// How long they may.
    pub wait_max: Option<Span>,
    /// Where they go that cannot stay.
    pub overflow: Option<QueueId>,
    /// What happens to new items while nobody is there.
    pub unserved: Option<Unserved>,
    /// When it is open; `None`: always.
    pub hours: Option<HoursId>,
    /// What happens to new items outside of these hours.
    pub closed: Option<Unserved>,
    /// How many chats an agent may have when the next one is from here.
    pub chats_max: Option<u32>,
    /// What its callers hear.
    pub voice: Voice,
}

/// What callers hear who wait in a queue. `None` is the default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voice {
    /// When they are answered.
    pub answer: Option<Answer>,
    /// The WAV file of their music; `None` is the daemon's.
    pub music: Option<String>,
    /// What is said to them in between; `None`: nothing.
    pub announcements: Option<Announcements>,
}

/// A queue, known by its name. What is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueueEntry {
    /// Its name.
    pub name: String,
    /// Its chats are not interrupted by calls; `false` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exclusive: Option<bool>,
    /// How long a call rings at one agent, in seconds; the daemon's `agent.ring_s` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ring_s: Option<u32>,
    /// The wrap-up of its calls in seconds; the daemon's `agent.call_wrap_up_s` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_wrap_up_s: Option<u32>,
    /// The wrap-up of its chats in seconds; the daemon's `agent.chat_wrap_up_s` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat_wrap_up_s: Option<u32>,
    /// Who comes first among agents of the same tier; `longest_idle` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strategy: Option<Strategy>,
    /// Which channels are given to free agents without their asking; none but calls by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub push: Option<BTreeSet<Channel>>,
    /// How many items may wait; any number by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting_max: Option<u32>,
    /// How long an item may wait, in seconds; for ever by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_max_s: Option<u32>,
    /// The name of the queue where items go that cannot stay; by default, or if it is empty, they are refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overflow: Option<String>,
    /// What happens to new items while nobody who serves the queue is logged in; `wait` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unserved: Option<Unserved>,
    /// The name of the opening hours by which it goes; always open by default, or if it is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<String>,
    /// What happens to new calls and chats outside of these hours; `refuse` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed: Option<Unserved>,
    /// How many chats an agent may have when the next one is from here; the agent's own number by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chats_max: Option<u32>,
    /// When its callers are answered; `at_once` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// The WAV file that callers hear who wait; an empty one is the daemon's `media.music`, as by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub music: Option<String>,
    /// By how many seconds of waiting each channel comes before the others; strictly first is `"strict"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head_start_s: Option<HeadStartEntry>,
    /// What is said to them in between; nothing by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub announcements: Option<AnnouncementsEntry>,
    /// A form that says everything: what is left out has its default.
    #[serde(skip)]
    pub whole: bool,
}

/// What is said to callers who wait, or `false`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "expected { language = \"de\" or \"en\", welcome, please_wait, every_s, position } or false"
)]
pub enum AnnouncementsEntry {
    /// These.
    These(Announcements),
    /// Nothing any more, if it is `false`.
    Said(bool),
}

/// How each channel is preferred; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadStartEntry {
    /// Of calls; strictly first by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<HeadStart>,
    /// Of callbacks; strictly first by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback: Option<HeadStart>,
    /// Of chats; 25 hours by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat: Option<HeadStart>,
    /// Of e-mails; an hour by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<HeadStart>,
    /// Of work items; none by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub work_item: Option<HeadStart>,
}

/// How much a channel comes before the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a number of seconds, or \"strict\"")]
pub enum HeadStart {
    /// It counts as if it had arrived so many seconds earlier.
    Seconds(u32),
    /// It comes strictly first.
    Strict(Strict),
}

/// The word for what comes strictly first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strict {
    /// Strictly first.
    Strict,
}

impl HeadStartEntry {
    fn over(&self, before: HeadStarts) -> HeadStarts {
        let new = |start: Option<HeadStart>, before: Option<Span>| match start {
            None => before,
            Some(HeadStart::Seconds(seconds)) => Some(Span::seconds(seconds.into())),
            Some(HeadStart::Strict(Strict::Strict)) => None,
        };
        HeadStarts {
            call: new(self.call, before.call),
            callback: new(self.callback, before.callback),
            chat: new(self.chat, before.chat),
            email: new(self.email, before.email),
            work_item: new(self.work_item, before.work_item),
        }
    }

    fn of(starts: &HeadStarts) -> HeadStartEntry {
        let start = |channel| {
            let strict = HeadStart::Strict(Strict::Strict);
            Some(starts.of(channel).map_or(strict, |span| HeadStart::Seconds(whole_seconds(span))))
        };
        HeadStartEntry {
            call: start(Channel::Call),
            callback: start(Channel::Callback),
            chat: start(Channel::Chat),
            email: start(Channel::Email),
            work_item: start(Channel::WorkItem),
        }
    }
}

/// A time as files give it, in whole seconds.
pub(super) fn whole_seconds(span: Span) -> u32 {
    u32::try_from(span.0 / 1000).unwrap_or(u32::MAX)
}

fn seconds(seconds: u32) -> Span {
    Span::seconds(seconds.into())
}

impl Queue {
    /// Makes what an entry says hold here, but for the overflow: where that goes may come later.
    fn set(&mut self, entry: &QueueEntry) {
        if let Some(said) = &entry.announcements {
            self.voice.announcements = said.announcements();
        }
        if let Some(starts) = &entry.head_start_s {
            self.head_starts = Some(starts.over(self.head_starts.unwrap_or_default()));
        }
        if let Some(music) = &entry.music {
            self.voice.music = Some(music.clone()).filter(|path| !path.is_empty());
        }
        self.voice.answer = entry.answer.or(self.voice.answer);
        self.exclusive = entry.exclusive.unwrap_or(self.exclusive);
        self.ring = entry.ring_s.map(seconds).or(self.ring);
        self.call_wrap_up = entry.call_wrap_up_s.map(seconds).or(self.call_wrap_up);
        self.chat_wrap_up = entry.chat_wrap_up_s.map(seconds).or(self.chat_wrap_up);
        self.strategy = entry.strategy.or(self.strategy);
        self.pushed = entry.push.clone().or(self.pushed.take());
        self.waiting_max = entry.waiting_max.or(self.waiting_max);
        self.wait_max = entry.wait_max_s.map(seconds).or(self.wait_max);
        self.unserved = entry.unserved.or(self.unserved);
        self.closed = entry.closed.or(self.closed);
        self.chats_max = entry.chats_max.or(self.chats_max);
    }

    /// As a file describes it.
    pub fn entry(&self, company: &Company) -> QueueEntry {
        QueueEntry {
            name: self.name.clone(),
            exclusive: Some(self.exclusive),
            ring_s: self.ring.map(whole_seconds),
            call_wrap_up_s: self.call_wrap_up.map(whole_seconds),
            chat_wrap_up_s: self.chat_wrap_up.map(whole_seconds),
            strategy: self.strategy,
            push: self.pushed.clone(),
            waiting_max: self.waiting_max,
            wait_max_s: self.wait_max.map(whole_seconds),
            overflow: self.overflow.map(|queue| company.queue_name(queue).to_owned()),
            unserved: self.unserved,
            hours: company.hours_name(self.hours),
            closed: self.closed,
            chats_max: self.chats_max,
            answer: self.voice.answer,
            music: self.voice.music.clone(),
            head_start_s: self.head_starts.as_ref().map(HeadStartEntry::of),
            announcements: self.voice.announcements.clone().map(AnnouncementsEntry::These),
            whole: false,
        }
    }
}

impl AnnouncementsEntry {
    fn announcements(&self) -> Option<Announcements> {
        match self {
            AnnouncementsEntry::Said(_) => None,
            AnnouncementsEntry::These(these) => Some(these.clone()),
        }
    }

    fn check(&self) -> Option<Why> {
        match self {
            AnnouncementsEntry::Said(true) => Some(Why::Announcements),
            AnnouncementsEntry::These(these) if !EVERY_S.contains(&these.every_s) => {
                let (first, last) = EVERY_S.into_inner();
                Some(Why::Every { found: these.every_s, first, last })
            }
            AnnouncementsEntry::Said(false) | AnnouncementsEntry::These(_) => None,
        }
    }
}

impl QueueEntry {
    /// What is wrong with it, whatever was there before.
    fn check(&self) -> Vec<Wrong> {
        let pushes_calls = self.push.as_ref().is_some_and(|push| push.contains(&Channel::Call));
        let push = pushes_calls.then_some((Some("push"), Why::CallsArePushed));
        let chats_max = (self.chats_max == Some(0)).then_some((Some("chats_max"), Why::Positive));
        let announcements = self.announcements.as_ref().and_then(AnnouncementsEntry::check);
        let announcements = announcements.map(|why| (Some("announcements"), why));
        let within = |key, found: Option<u32>, range: RangeInclusive<u32>| {
            let found = found.filter(|found| !range.contains(found))?;
            let (first, last) = range.into_inner();
            Some((Some(key), Why::Range { found, first, last }))
        };
        let ring = within("ring_s", self.ring_s, RING_S);
        let call_wrap_up = within("call_wrap_up_s", self.call_wrap_up_s, WRAP_UP_S);
        let chat_wrap_up = within("chat_wrap_up_s", self.chat_wrap_up_s, WRAP_UP_S);
        [push, chats_max, announcements, ring, call_wrap_up, chat_wrap_up].into_iter().flatten().collect()
    }
}

impl Company {
    pub(super) fn put_queue(&mut self, entry: &QueueEntry, next: &mut NextIds, refused: &mut Refusals) {
        let name = &entry.name;
        if refused.note(named(Kind::Queue, name)).is_none() {
            return;
        }
        for wrong in entry.check() {
            refused.add(Kind::Queue, name, wrong);
        }
        let at = self.queues.iter().position(|known| known.name == *name).unwrap_or_else(|| {
            let (id, company) = (QueueId(take(&mut next.queue)), self.id);
            self.queues.push(Queue { id, company, name: name.clone(), ..Queue::default() });
            self.queues.len() - 1
        });
        let hours = entry.hours.as_deref().map(|hours| self.hours_of(Kind::Queue, name, hours));
        let hours = hours.and_then(|hours| refused.note(hours));
        let queue = &mut self.queues[at];
        if entry.whole {
            *queue = Queue { id: queue.id, company: queue.company, name: name.clone(), ..Queue::default() };
        }
        queue.set(entry);
        queue.hours = hours.unwrap_or(queue.hours);
    }

    /// Where a queue overflows: all queues are known by now.
    pub(super) fn put_overflow(&mut self, entry: &QueueEntry, refused: &mut Refusals) {
        let Some(overflow) = &entry.overflow else { return };
        let to = match overflow.as_str() {
            "" => None,
            overflow => refused.note(self.queue_of(Kind::Queue, &entry.name, "overflow", overflow)),
        };
        self.queues.iter_mut().filter(|queue| queue.name == entry.name).for_each(|queue| queue.overflow = to);
    }

    pub(super) fn remove_queue(&mut self, name: &str) -> Result<(), Refusal> {
        let known = self.queues.iter().position(|queue| queue.name == name);
        let at = known.ok_or_else(|| Refusal::new(Kind::Queue, name, None, Why::Unknown))?;
        let queue = self.queues.remove(at);
        for agent in &mut self.agents {
            agent.queues.remove(&queue.id);
        }
        self.removed.queues.insert(queue.id, RemovedQueue { name: queue.name, overflow: queue.overflow });
        Ok(())
    }

    /// The queue of this name, which some other thing names.
    pub(super) fn queue_of(&self, kind: Kind, of: &str, key: Key, name: &str) -> Result<QueueId, Refusal> {
        let found = self.queues.iter().find(|queue| queue.name == name).map(|queue| queue.id);
        found.ok_or_else(|| {
            let known: BTreeSet<&String> = self.queues.iter().map(|queue| &queue.name).collect();
            let known = known.into_iter().cloned().collect();
            Refusal::new(kind, of, Some(key), Why::NoQueue { name: name.to_owned(), known })
        })
    }

    /// Whether everything that overflows ends somewhere: in a circle nobody would ever be refused.
    pub(super) fn overflows_end(&self, refused: &mut Refusals) {
        let overflows: BTreeMap<QueueId, QueueId> =
            self.queues.iter().filter_map(|queue| Some((queue.id, queue.overflow?))).collect();
        for queue in &self.queues {
            let first = overflows.get(&queue.id);
            let mut follows = std::iter::successors(first, |at| overflows.get(at)).take(overflows.len());
            if follows.any(|at| *at == queue.id) {
                refused.add(Kind::Queue, &queue.name, (Some("overflow"), Why::Circle));
            }
        }
    }

    /// Whether nothing refers to a queue that is not there any more.
    pub(super) fn removed_queues_are_unused(&self, refused: &mut Refusals) {
        for (id, RemovedQueue { name, .. }) in &self.removed.queues {
            let overflows = self.queues.iter().filter(|queue| queue.overflow == Some(*id));
            let numbers = self.numbers.iter().filter(|number| number.queue == *id);
            let services = self.services.iter().filter(|service| service.queue == *id);
            let classifications = self.classifications.iter().filter(|known| known.queues.contains(id));
            let templates = self.templates.iter().filter(|known| known.queues.contains(id));
            let api_keys = self.api_keys.iter().filter(|known| known.queues.contains(id));
            let by: Vec<(Kind, String)> = overflows
                .map(|queue| (Kind::Queue, queue.name.clone()))
                .chain(numbers.map(|number| (Kind::Number, number.number.clone())))
                .chain(services.map(|service| (Kind::Service, service.token.clone())))
                .chain(classifications.map(|known| (Kind::Classification, known.code.clone())))
                .chain(templates.map(|known| (Kind::Template, known.name.clone())))
                .chain(api_keys.map(|known| (Kind::ApiKey, known.name.clone())))
                .collect();
            if !by.is_empty() {
                refused.add(Kind::Queue, name, (None, Why::Used { by }));
            }
        }
    }
}
