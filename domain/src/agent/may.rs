//! What an agent may be asked and may do, and why not.

use super::{Active, Agent, Browser, Calls, Chats, EXTENSIONS_MAX, Entry, Presence};
use crate::Refusal;
use crate::id::{CallId, ItemId, QueueId};
use crate::routing::{Interruption, Obstacle, Tier};

impl Agent {
    /// What a call would push aside (R9).
    ///
    /// # Errors
    /// Why none may ring (R9, R10).
    pub fn interruption(&self) -> Result<Interruption, Obstacle> {
        self.routable()?;
        match self.calls() {
            Calls::Open => {}
            Calls::Blocked { .. } => return Err(Obstacle::CallsBlocked),
            Calls::PhoneLost => return Err(Obstacle::PhoneLost),
        }
        match self.active() {
            None => Ok(Interruption::Nothing),
            Some(Active::Call { .. }) => Err(Obstacle::OnACall),
            Some(Active::Item(item)) if self.protected_until().is_none() => match self.inbox.get(item) {
                Some(Entry::Conversation { exclusive: false }) => Ok(Interruption::Item(item)),
                Some(Entry::Conversation { exclusive: true }) => Err(Obstacle::Exclusive),
                Some(Entry::WrapUp | Entry::CallWrapUp(_)) => Err(Obstacle::InWrapUp),
                Some(Entry::Requested { .. } | Entry::Alerting { .. }) | None => Err(Obstacle::Busy),
            },
            Some(Active::Item(_)) => Err(Obstacle::Protected),
        }
    }

    /// Whether a chat of this queue may be pushed to them.
    ///
    /// # Errors
    /// Why not.
    pub fn takes_chat(&self, queue: QueueId) -> Result<(), Obstacle> {
        self.takes_task()?;
        if self.has_room(queue) { Ok(()) } else { Err(Obstacle::MaximumReached) }
    }

    /// Whether a task may be pushed to them: of tasks there is no maximum.
    ///
    /// # Errors
    /// Why not.
    pub fn takes_task(&self) -> Result<(), Obstacle> {
        self.routable()?;
        match self.active() {
            None => {}
            Some(Active::Call { .. }) => return Err(Obstacle::OnACall),
            Some(Active::Item(_)) => return Err(Obstacle::Busy),
        }
        if self.settings.voice_only {
            Err(Obstacle::NoBrowser)
        } else if self.chats() == Chats::Blocked {
            Err(Obstacle::ChatsBlocked)
        } else if self.inbox.is_alerted() {
            Err(Obstacle::Alerted)
        } else {
            Ok(())
        }
    }

    /// Whether they may take a chat out of this queue; `None`: out of one without a maximum of its own.
    ///
    /// # Errors
    /// What a pick is refused with.
    pub fn may_pick_chat(&self, queue: impl Into<Option<QueueId>>) -> Result<(), Refusal> {
        self.may_pick_task()?;
        if self.has_room(queue) { Ok(()) } else { Err(Refusal::MaximumReached) }
    }

    /// Whether they may take a task out of its queue.
    ///
    /// # Errors
    /// What a pick is refused with.
    pub fn may_pick_task(&self) -> Result<(), Refusal> {
        self.duty.may_begin()?;
        if self.on_a_call() { Err(Refusal::OnACall) } else { Ok(()) }
    }

    /// Whether a colleague may give them a chat of this queue, whatever they attend to; `None`: of one without a maximum of
    /// its own.
    ///
    /// # Errors
    /// Why they cannot take it.
    pub fn may_take_chat(&self, queue: impl Into<Option<QueueId>>) -> Result<(), Refusal> {
        self.duty.may_begin()?;
        if self.presence() != Presence::Available || self.settings.voice_only || !self.is_shown() {
            Err(Refusal::NotAvailable)
        } else if self.has_room(queue) {
            Ok(())
        } else {
            Err(Refusal::MaximumReached)
        }
    }

    /// Whether they may turn to something in their inbox.
    ///
    /// # Errors
    /// What it is refused with.
    pub fn may_activate(&self) -> Result<(), Refusal> {
        if self.on_a_call() {
            Err(Refusal::OnACall)
        } else if matches!(self.presence(), Presence::Break { .. }) {
            Err(Refusal::OnBreak)
        } else {
            Ok(())
        }
    }

    /// Whether the wrap-up of this call may last longer.
    ///
    /// # Errors
    /// What it is refused with.
    pub fn may_extend(&self, call: CallId) -> Result<(), Refusal> {
        let wrap_up = self.inbox.call_wrap_up(call)?;
        if self.preempted().is_some() && wrap_up.parked_since.is_none() {
            Err(Refusal::Awaited)
        } else if wrap_up.extensions >= EXTENSIONS_MAX {
            Err(Refusal::Extended)
        } else {
            Ok(())
        }
    }

    fn routable(&self) -> Result<(), Obstacle> {
        match self.presence() {
            Presence::Available => {}
            Presence::LoggedOut => return Err(Obstacle::LoggedOut),
            Presence::LoggingOut => return Err(Obstacle::LoggingOut),
            Presence::Break { .. } => return Err(Obstacle::OnBreak),
            Presence::Unavailable { .. } => return Err(Obstacle::Unavailable),
        }
        if self.break_pending().is_some() {
            Err(Obstacle::BreakPending)
        } else if !self.is_shown() {
            Err(Obstacle::BrowserAway)
        } else if self.reservation().is_some() {
            Err(Obstacle::Ringing)
        } else {
            Ok(())
        }
    }

    /// Whether what happens is seen: the browser is there, or none is needed.
    pub(super) fn is_shown(&self) -> bool {
        self.settings.voice_only || self.browser() == Browser::Online
    }

    /// Whether one more chat from this queue is within the maximum. Wrap-ups don't count.
    pub(super) fn has_room(&self, queue: impl Into<Option<QueueId>>) -> bool {
        let own = queue.into().and_then(|queue| self.settings.chats_max_in.get(&queue));
        let max = own.unwrap_or(&self.settings.chats_max);
        self.inbox.conversations() < *max as usize
    }

    pub(super) fn on_a_call(&self) -> bool {
        self.phone.talk().is_some()
    }

    /// A call may ring: now, and in no worse tier than was decided.
    pub(super) fn may_ring(&self, tier: Tier) -> bool {
        match (self.interruption(), tier) {
            (Ok(Interruption::Nothing), _) => true,
            (Ok(Interruption::Item(ItemId::Task(_))), Tier::Task | Tier::ChatAnswered | Tier::ChatWaiting) => true,
            (Ok(Interruption::Item(_)), Tier::ChatAnswered | Tier::ChatWaiting) => true,
            (Ok(Interruption::Item(_)), Tier::Free | Tier::Task) | (Err(_), _) => false,
        }
    }

    /// Whether they may put this item aside: what they attend to, or what a ring has pushed aside already.
    ///
    /// # Errors
    /// What stands in the way.
    pub fn may_park(&self, item: ItemId) -> Result<(), Refusal> {
        let is_pushed_aside = self.attention.preempted() == Some(item) && self.reservation().is_some();
        if self.attention.item() == Some(item) || is_pushed_aside {
            return Ok(());
        }
        match self.inbox.get(item) {
            Some(Entry::Alerting { .. } | Entry::Conversation { .. } | Entry::WrapUp | Entry::CallWrapUp(_)) => {
                Err(Refusal::WrongState)
            }
            Some(Entry::Requested { .. }) | None => Err(Refusal::NotYours),
        }
    }

    /// Whether they may be done with the wrap-up of this call.
    ///
    /// # Errors
    /// What stands in the way.
    pub fn may_finish(&self, call: CallId) -> Result<(), Refusal> {
        self.inbox.call_wrap_up(call).map(|_| ())
    }
}
