//! The inbox: what an agent owns or asked for, the wrap-ups of their calls among it, and whether more may be pushed.

use super::{Agent, EXTENSION, Event, PUSHES_MISSED_MAX, Presence, Settings};
use crate::chat::PARKED_WRAP_UP_REMINDS;
use crate::id::{CallId, ItemId, QueueId};
use crate::time::{Span, Stopwatch, Timestamp};
use crate::{Refusal, routing::Obstacle};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Whether chats may be pushed. It blocks pushed chats only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chats {
    /// They may.
    #[default]
    Open,
    /// Not before the agent says so: they let too many stand.
    Blocked,
}

/// An item in the inbox, as far as the agent's attention is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// It was asked to come and has not agreed yet.
    Requested {
        /// Not by the agent.
        pushed: bool,
    },
    /// It came without the agent's asking, and they have not turned to it yet.
    Alerting {
        /// No call may interrupt it.
        exclusive: bool,
    },
    /// The conversation goes on, or has not begun; or a task is to be done.
    Conversation {
        /// No call may interrupt it.
        exclusive: bool,
    },
    /// The conversation is over; the agent writes it up.
    WrapUp,
    /// A call is over; the agent writes it up.
    CallWrapUp(CallWrapUp),
}

/// The wrap-up of the part of a call that one agent had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CallWrapUp {
    /// Time spent on it.
    pub clock: Stopwatch,
    /// How long it lasts.
    pub limit: Span,
    /// How often it was extended.
    pub extensions: u8,
    /// Since when it is parked; `None` while it is attended to.
    pub parked_since: Option<Timestamp>,
}

impl CallWrapUp {
    /// From when on its agent is reminded of it; `None` while they attend to it.
    pub fn reminds_at(&self) -> Option<Timestamp> {
        self.parked_since.map(|since| since + PARKED_WRAP_UP_REMINDS)
    }

    pub(super) fn deadline(&self, settings: &Settings) -> Option<Timestamp> {
        match self.parked_since {
            Some(since) => settings.parked_wrap_up_closes.map(|after| since + after),
            None => self.clock.reaches(self.limit),
        }
    }
}

/// What an item says about itself when it comes into an inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// The conversation goes on, or has not begun; or a task is to be done.
    Conversation {
        /// No call may interrupt it.
        exclusive: bool,
        /// It was given to the agent without their asking.
        pushed: bool,
    },
    /// The conversation is over already.
    WrapUp,
}

impl Default for Kept {
    fn default() -> Kept {
        Kept::Conversation { exclusive: false, pushed: false }
    }
}

/// What an agent owns or asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) struct Inbox {
    entries: BTreeMap<ItemId, Entry>,
    pub(super) chats: Chats,
    pushes_missed: u32,
}

impl Inbox {
    pub(super) fn get(&self, item: ItemId) -> Option<Entry> {
        self.entries.get(&item).copied()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (ItemId, Entry)> {
        self.entries.iter().map(|(item, entry)| (*item, *entry))
    }

    /// The wrap-ups of calls, by call.
    pub(super) fn call_wrap_ups(&self) -> impl Iterator<Item = (CallId, CallWrapUp)> {
        self.iter().filter_map(|(item, entry)| match (item, entry) {
            (ItemId::Call(call), Entry::CallWrapUp(wrap_up)) => Some((call, wrap_up)),
            (ItemId::Call(_) | ItemId::Chat(_) | ItemId::Task(_), _) => None,
        })
    }

    pub(super) fn call_wrap_up(&self, call: CallId) -> Result<CallWrapUp, Refusal> {
        match self.get(ItemId::Call(call)) {
            Some(Entry::CallWrapUp(wrap_up)) => Ok(wrap_up),
            Some(Entry::Requested { .. } | Entry::Alerting { .. } | Entry::Conversation { .. } | Entry::WrapUp)
            | None => Err(Refusal::NotYours),
        }
    }

    /// What has to go back when the agent goes: all but what has not agreed to come, and the wrap-ups of calls.
    pub(super) fn owned(&self) -> Vec<ItemId> {
        let owned = |entry: &Entry| match entry {
            Entry::Alerting { .. } | Entry::Conversation { .. } | Entry::WrapUp => true,
            Entry::Requested { .. } | Entry::CallWrapUp(_) => false,
        };
        self.entries.iter().filter(|(_, entry)| owned(entry)).map(|(item, _)| *item).collect()
    }

    /// How many chats there are in which somebody waits: wrap-ups don't count.
    pub(super) fn conversations(&self) -> usize {
        let counts = |(item, entry): &(ItemId, Entry)| match (item, entry) {
            (ItemId::Chat(_), Entry::Requested { .. } | Entry::Alerting { .. } | Entry::Conversation { .. }) => true,
            (ItemId::Chat(_), Entry::WrapUp | Entry::CallWrapUp(_)) | (ItemId::Task(_) | ItemId::Call(_), _) => false,
        };
        self.iter().filter(counts).count()
    }

    /// Whether something has just been given to them, or is on its way.
    pub(super) fn is_alerted(&self) -> bool {
        self.entries.values().any(|entry| matches!(entry, Entry::Requested { .. } | Entry::Alerting { .. }))
    }

    /// Whether something that the agent asked for has not agreed to come yet.
    pub(super) fn awaits_a_pick(&self) -> bool {
        self.entries.values().any(|entry| *entry == Entry::Requested { pushed: false })
    }

    /// `about`: the call that goes on before the event, whose wrap-up may begin with it.
    pub(super) fn apply(&mut self, event: &Event, about: Option<CallId>) {
        match event {
            Event::LoggedIn { .. } => (self.chats, self.pushes_missed) = (Chats::Open, 0),
            Event::LogoutPending { .. } | Event::LoggedOut { .. } => self.entries.clear(),
            Event::Requested { item, pushed, .. } => {
                self.entries.insert(*item, Entry::Requested { pushed: *pushed });
            }
            Event::Granted { item, entry } => _ = self.entries.insert(*item, *entry),
            Event::RequestFailed { item, .. } => _ = self.entries.remove(item),
            Event::Activated { item, at, .. } | Event::Resumed { item, at, .. } => self.turn_to(*item, *at),
            Event::Ended { item } => _ = self.entries.insert(*item, Entry::WrapUp),
            Event::Left { item, missed, .. } => self.lose(*item, *missed),
            Event::Reserved { preempted: Some(_), at, .. }
            | Event::CallConnected { preempted: Some(_), at, .. }
            | Event::OwnCallBegan { preempted: Some(_), at, .. }
            | Event::Parked { at, .. } => self.turn_away(*at),
            Event::CallOver { wrap_up, wrap_up_active, at, .. } => {
                if let (Some(call), Some(limit)) = (about, wrap_up) {
                    self.begin_call_wrap_up(call, *limit, *wrap_up_active, *at);
                }
            }
            Event::CallWrapUpExtended { call } => self.extend(*call),
            Event::CallWrapUpOver { call, .. } => _ = self.entries.remove(&ItemId::Call(*call)),
            Event::Restarted { down_since, at } => {
                self.wrap_ups_mut().for_each(|wrap_up| wrap_up.clock.leave_out(*down_since, *at));
            }
            Event::Configured { .. }
            | Event::BreakPending { .. }
            | Event::BreakBegan { .. }
            | Event::TakenOut
            | Event::PushRefused { .. }
            | Event::TakeRefused { .. }
            | Event::Unwanted { .. }
            | Event::ProtectionOver
            | Event::Reserved { preempted: None, .. }
            | Event::OfferRefused { .. }
            | Event::Released { .. }
            | Event::CommitRefused { .. }
            | Event::CallConnected { preempted: None, .. }
            | Event::OwnCallBegan { preempted: None, .. }
            | Event::ConsultationBegan { .. }
            | Event::LegOver { .. }
            | Event::CallsOpened
            | Event::PhoneGone
            | Event::PhoneBack
            | Event::BrowserLost { .. }
            | Event::BrowserGraceOver
            | Event::BrowserBack => {}
        }
    }

    fn wrap_ups_mut(&mut self) -> impl Iterator<Item = &mut CallWrapUp> {
        self.entries.values_mut().filter_map(|entry| match entry {
            Entry::CallWrapUp(wrap_up) => Some(wrap_up),
            Entry::Requested { .. } | Entry::Alerting { .. } | Entry::Conversation { .. } | Entry::WrapUp => None,
        })
    }

    /// The wrap-up of a call that was attended to is parked.
    fn turn_away(&mut self, at: Timestamp) {
        for wrap_up in self.wrap_ups_mut() {
            wrap_up.clock.stop(at);
            wrap_up.parked_since.get_or_insert(at);
        }
    }

    fn turn_to(&mut self, item: ItemId, at: Timestamp) {
        self.turn_away(at);
        match self.entries.get_mut(&item) {
            Some(Entry::CallWrapUp(wrap_up)) => {
                wrap_up.parked_since = None;
                wrap_up.clock.start(at);
            }
            Some(entry @ Entry::Alerting { .. }) => {
                if let Entry::Alerting { exclusive } = *entry {
                    *entry = Entry::Conversation { exclusive };
                }
                self.pushes_missed = 0;
            }
            Some(Entry::Requested { .. } | Entry::Conversation { .. } | Entry::WrapUp) | None => {}
        }
    }

    fn lose(&mut self, item: ItemId, missed: bool) {
        self.entries.remove(&item);
        if missed {
            self.pushes_missed += 1;
            if self.pushes_missed >= PUSHES_MISSED_MAX {
                self.chats = Chats::Blocked;
            }
        }
    }

    fn extend(&mut self, call: CallId) {
        if let Some(Entry::CallWrapUp(wrap_up)) = self.entries.get_mut(&ItemId::Call(call)) {
            wrap_up.extensions += 1;
            wrap_up.limit = wrap_up.limit + EXTENSION;
        }
    }

    /// An agent who had this call before goes on with the same wrap-up.
    fn begin_call_wrap_up(&mut self, call: CallId, limit: Span, active: bool, at: Timestamp) {
        let mut clock = self.call_wrap_up(call).map_or_else(|_| Stopwatch::default(), |before| before.clock);
        let limit = limit + clock.spent;
        if active {
            clock.start(at);
        }
        let parked_since = (!active).then_some(at);
        let wrap_up = CallWrapUp { clock, limit, extensions: 0, parked_since };
        self.entries.insert(ItemId::Call(call), Entry::CallWrapUp(wrap_up));
    }
}

impl Agent {
    pub(super) fn pick(&self, item: ItemId, queue: QueueId, place: u32) -> Result<Vec<Event>, Refusal> {
        if self.inbox.get(item).is_some() {
            return Ok(vec![]);
        }
        match item {
            ItemId::Call(_) => self.duty.may_begin().and(Err(Refusal::WrongState))?,
            ItemId::Chat(_) => self.may_pick_chat(queue)?,
            ItemId::Task(_) => self.may_pick_task()?,
        }
        Ok(vec![Event::Requested { item, place, pushed: false }])
    }

    pub(super) fn push(&self, item: ItemId, queue: QueueId, place: u32) -> Event {
        let taken = match item {
            // Already asked to come from another place, or here: the queue will hear of it, or pushes it again.
            _ if self.inbox.get(item).is_some() => Err(Obstacle::Alerted),
            ItemId::Chat(_) => self.takes_chat(queue),
            ItemId::Task(_) | ItemId::Call(_) => self.takes_task(),
        };
        match taken {
            Ok(()) => Event::Requested { item, place, pushed: true },
            Err(_) => Event::PushRefused { item, queue },
        }
    }

    /// Another agent's chat may come, whatever this one attends to at the moment.
    pub(super) fn take(&self, item: ItemId, queue: QueueId, place: u32) -> Event {
        if self.may_take_chat(queue).is_ok() && self.inbox.get(item).is_none() {
            Event::Requested { item, place, pushed: true }
        } else {
            Event::TakeRefused { item }
        }
    }

    pub(super) fn allocated(&self, at: Timestamp, item: ItemId, kept: Kept) -> Vec<Event> {
        let entry = match self.inbox.get(item) {
            None => return vec![Event::Unwanted { item }],
            // What counts is what the item was asked first: the agent may have been asked again since.
            Some(Entry::Requested { .. }) => match kept {
                Kept::WrapUp => Entry::WrapUp,
                Kept::Conversation { exclusive, pushed: true } => Entry::Alerting { exclusive },
                Kept::Conversation { exclusive, pushed: false } => Entry::Conversation { exclusive },
            },
            Some(Entry::Alerting { .. } | Entry::Conversation { .. } | Entry::WrapUp | Entry::CallWrapUp(_)) => {
                return vec![];
            }
        };
        let mut events = vec![Event::Granted { item, entry }];
        // What a call pushed aside and what waits for the browser comes before it.
        let at_once = match entry {
            Entry::Conversation { .. } | Entry::WrapUp => self.active().is_none() && self.preempted().is_none(),
            Entry::Alerting { .. } | Entry::Requested { .. } | Entry::CallWrapUp(_) => false,
        };
        if at_once && self.presence() != Presence::LoggingOut {
            events.push(Event::Activated { item, parked: None, at });
        }
        events
    }

    pub(super) fn not_allocated(&self, item: ItemId) -> Option<Event> {
        match self.inbox.get(item) {
            Some(Entry::Requested { pushed }) => Some(Event::RequestFailed { item, pushed }),
            Some(Entry::Alerting { .. } | Entry::Conversation { .. } | Entry::WrapUp | Entry::CallWrapUp(_)) | None => {
                None
            }
        }
    }

    /// To an item that was asked to come and has not agreed yet, this belongs to an earlier time in this inbox.
    pub(super) fn ended(&self, item: ItemId) -> Option<Event> {
        match self.inbox.get(item) {
            Some(Entry::Alerting { .. } | Entry::Conversation { .. }) => Some(Event::Ended { item }),
            Some(Entry::Requested { .. } | Entry::WrapUp | Entry::CallWrapUp(_)) | None => None,
        }
    }

    /// As with [`Agent::ended`].
    pub(super) fn left(&self, at: Timestamp, item: ItemId, missed: bool) -> Option<Event> {
        match self.inbox.get(item) {
            // Nobody can turn to a chat while they talk.
            Some(Entry::Alerting { .. } | Entry::Conversation { .. } | Entry::WrapUp) => {
                Some(Event::Left { item, missed: missed && !self.on_a_call(), at })
            }
            Some(Entry::Requested { .. } | Entry::CallWrapUp(_)) | None => None,
        }
    }
}
