//! What an agent attends to, and what comes back to them by itself.
//! One thing at a time: what a call pushed aside and what was put off for something else wait beside it.

use super::{Agent, Entry, Event};
use crate::Refusal;
use crate::id::{CallId, ItemId, OfferId};
use crate::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};

/// The one item that an agent attends to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Active {
    /// Something in the inbox: a chat or its wrap-up, a task, the wrap-up of a call.
    Item(ItemId),
    /// A running call.
    Call {
        /// By which offer. An agent's own call has the attempt 0.
        offer: OfferId,
        /// Since when.
        since: Timestamp,
        /// How long its wrap-up will last.
        wrap_up: Span,
    },
}

/// What an agent attends to in their inbox, and what waits to come back.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) struct Attention {
    focus: Focus,
    /// What was to come back when the agent turned to something else: it comes after that.
    next: Option<ItemId>,
    pub(super) idle_since: Timestamp,
    pub(super) preempted_at: Timestamp,
}

/// Where the attention is, as far as the inbox is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Focus {
    /// Nowhere: the agent is idle or on the phone, or their browser is away.
    Nothing {
        /// What a call pushed aside: it comes back by itself.
        preempted: Option<ItemId>,
    },
    /// At one item.
    Item {
        /// Which.
        item: ItemId,
        /// Until when it may not be pushed aside, if it has just come back.
        protected_until: Option<Timestamp>,
    },
    /// At the wrap-up of a call, while what that pushed aside waits for its end.
    WrapUp {
        /// Of which call.
        call: CallId,
        /// What waits.
        preempted: ItemId,
    },
}

impl Default for Focus {
    fn default() -> Focus {
        Focus::Nothing { preempted: None }
    }
}

impl Attention {
    /// The item that is attended to.
    pub(super) fn item(&self) -> Option<ItemId> {
        match self.focus {
            Focus::Nothing { .. } => None,
            Focus::Item { item, .. } => Some(item),
            Focus::WrapUp { call, .. } => Some(ItemId::Call(call)),
        }
    }

    /// What a call pushed aside.
    pub(super) fn preempted(&self) -> Option<ItemId> {
        match self.focus {
            Focus::Nothing { preempted } => preempted,
            Focus::Item { .. } => None,
            Focus::WrapUp { preempted, .. } => Some(preempted),
        }
    }

    /// What comes after the item that the agent chose to turn to first.
    pub(super) fn next(&self) -> Option<ItemId> {
        self.next
    }

    /// Until when what came back may not be pushed aside again.
    pub(super) fn protected_until(&self) -> Option<Timestamp> {
        match self.focus {
            Focus::Item { protected_until, .. } => protected_until,
            Focus::Nothing { .. } | Focus::WrapUp { .. } => None,
        }
    }

    /// What a call that begins pushes aside. What another call has pushed aside already still comes back first.
    pub(super) fn interrupted(&self) -> Option<ItemId> {
        self.preempted().or(self.item())
    }

    /// `about`: the call that goes on before the event, whose wrap-up may begin with it.
    pub(super) fn apply(&mut self, event: &Event, about: Option<CallId>) {
        match event {
            Event::LoggedIn { at } => self.idle_since = *at,
            Event::LogoutPending { .. } | Event::LoggedOut { .. } => {
                (self.focus, self.next) = (Focus::default(), None);
            }
            Event::Activated { item, parked, .. } => {
                if self.preempted().is_some() && self.preempted() == *parked {
                    self.next = self.preempted();
                }
                self.turn_to(*item, None);
            }
            Event::Resumed { item, protected_until, .. } => self.turn_to(*item, *protected_until),
            Event::ProtectionOver => {
                if let Focus::Item { protected_until, .. } = &mut self.focus {
                    *protected_until = None;
                }
            }
            Event::Parked { item, at } => {
                self.forget(*item);
                self.turn_away(*at);
            }
            Event::Left { item, at, .. } => self.lose(*item, *at),
            Event::CallWrapUpOver { call, at } => self.lose(ItemId::Call(*call), *at),
            Event::Reserved { preempted, at, .. }
            | Event::CallConnected { preempted, at, .. }
            | Event::OwnCallBegan { preempted, at, .. } => self.push_aside(*preempted, *at),
            Event::CallOver { wrap_up, wrap_up_active, at, .. } => {
                self.turn_away(*at);
                if let Some(call) = about.filter(|_| wrap_up.is_some() && *wrap_up_active) {
                    self.write_up(call);
                }
            }
            Event::Configured { .. }
            | Event::BreakPending { .. }
            | Event::BreakBegan { .. }
            | Event::TakenOut
            | Event::Requested { .. }
            | Event::PushRefused { .. }
            | Event::TakeRefused { .. }
            | Event::Granted { .. }
            | Event::RequestFailed { .. }
            | Event::Unwanted { .. }
            | Event::Ended { .. }
            | Event::OfferRefused { .. }
            | Event::Released { .. }
            | Event::CommitRefused { .. }
            | Event::ConsultationBegan { .. }
            | Event::LegOver { .. }
            | Event::CallWrapUpExtended { .. }
            | Event::CallsOpened
            | Event::PhoneGone
            | Event::PhoneBack
            | Event::BrowserLost { .. }
            | Event::BrowserGraceOver
            | Event::BrowserBack
            | Event::Restarted { .. } => {}
        }
    }

    fn turn_to(&mut self, item: ItemId, protected_until: Option<Timestamp>) {
        self.focus = Focus::Item { item, protected_until };
        self.next = self.next.filter(|next| *next != item);
    }

    fn turn_away(&mut self, at: Timestamp) {
        self.focus = Focus::Nothing { preempted: self.preempted() };
        self.idle_since = at;
    }

    /// The wrap-up of a call comes before what the call pushed aside.
    fn write_up(&mut self, call: CallId) {
        let item = ItemId::Call(call);
        match self.preempted().filter(|preempted| *preempted != item) {
            Some(preempted) => {
                self.focus = Focus::WrapUp { call, preempted };
                self.next = self.next.filter(|next| *next != item);
            }
            None => self.turn_to(item, None),
        }
    }

    fn push_aside(&mut self, item: Option<ItemId>, at: Timestamp) {
        if item.is_none() {
            return;
        }
        if self.item().is_some() {
            self.preempted_at = at;
        }
        self.focus = Focus::Nothing { preempted: item };
    }

    /// An item does not come back any more.
    fn forget(&mut self, item: ItemId) {
        self.next = self.next.filter(|next| *next != item);
        match self.focus {
            Focus::Nothing { preempted: Some(preempted) } if preempted == item => self.focus = Focus::default(),
            Focus::WrapUp { call, preempted } if preempted == item => {
                self.focus = Focus::Item { item: ItemId::Call(call), protected_until: None };
            }
            Focus::Nothing { .. } | Focus::Item { .. } | Focus::WrapUp { .. } => {}
        }
    }

    fn lose(&mut self, item: ItemId, at: Timestamp) {
        self.forget(item);
        if self.item() == Some(item) {
            self.turn_away(at);
        }
    }
}

impl Agent {
    pub(super) fn activate(&self, at: Timestamp, item: ItemId) -> Result<Vec<Event>, Refusal> {
        let active = self.attention.item();
        match self.inbox.get(item) {
            None | Some(Entry::Requested { .. }) => return Err(Refusal::NotYours),
            Some(_) if active == Some(item) => return Ok(vec![]),
            Some(_) => self.may_activate()?,
        }
        let parked = match active {
            Some(active @ (ItemId::Chat(_) | ItemId::Task(_))) => Some(active),
            // Who turns to something else than what waits to come back has put that aside; a call's wrap-up that is
            // attended to is parked besides.
            None | Some(ItemId::Call(_)) => self.attention.preempted().filter(|preempted| *preempted != item),
        };
        Ok(vec![Event::Activated { item, parked, at }])
    }

    pub(super) fn park(&self, at: Timestamp, item: ItemId) -> Result<Vec<Event>, Refusal> {
        match self.may_park(item) {
            Ok(()) => Ok(vec![Event::Parked { item, at }]),
            // It is put aside already.
            Err(Refusal::WrongState) => Ok(vec![]),
            Err(refusal) => Err(refusal),
        }
    }

    /// What comes by itself as soon as nothing is attended to and nothing rings: first what a call pushed aside, then what
    /// the agent put off for something else, then the break that they asked for.
    pub(super) fn follows(&self, at: Timestamp) -> Option<Event> {
        if self.active().is_some() || self.reservation().is_some() || !self.duty.at_work() {
            return None;
        }
        match (self.attention.preempted(), self.attention.next(), self.duty.break_pending) {
            (Some(_), _, _) | (None, Some(_), _) if !self.is_shown() => None,
            (Some(item), _, _) => {
                let protection = self.settings.preemption.min_resume;
                let protected_until = (protection > Span::ZERO).then(|| at + protection);
                Some(Event::Resumed { item, protected_until, at })
            }
            (None, Some(item), _) => Some(Event::Activated { item, parked: None, at }),
            // What the agent has just picked comes before the break.
            (None, None, Some(_)) if self.inbox.awaits_a_pick() => None,
            (None, None, Some(reason)) => Some(Event::BreakBegan { reason, at }),
            (None, None, None) => None,
        }
    }
}
