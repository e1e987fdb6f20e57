//! The agent: whether they work, the one thing they attend to, the call that rings for them, and their inbox.
//! It never looks into a queue and never writes in a chat; it alone says yes to a call, and says one thing at a time.

use crate::id::{AgentId, BreakReasonId, CallId, ItemId, OfferId, QueueId};
use crate::message::{self, Effect, tell_call, tell_chat, tell_queue};
use crate::phone::Says;
use crate::queue::Outcome;
use crate::routing::{Interruption, Obstacle, Tier};
use crate::time::{Span, Stopwatch, Timestamp};
use crate::{Machine, Refusal, call, chat, queue};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How long calls are blocked after the phone refused one, or did not answer at its fixed address.
pub const BUSY_BLOCKS: Span = Span::seconds(15);
/// The longest that a phone may have calls blocked by saying when to try again.
pub const RETRY_AFTER_MAX: Span = Span::seconds(300);
/// The shortest: one that says "at once" would have a waiting call ring without end.
pub const RETRY_AFTER_MIN: Span = Span::seconds(1);
/// After how long a voice-only agent who missed a call is asked again: they have no screen to come back on.
pub const VOICE_ONLY_RETURNS: Span = Span::seconds(60);
/// How many declines in a row block calls.
pub const DECLINES_MAX: u32 = 3;
/// How many pushed chats that are not turned to in a row block chats.
pub const PUSHES_MISSED_MAX: u32 = 2;
/// How much longer the wrap-up of a call lasts by one extension.
pub const EXTENSION: Span = Span::seconds(60);
/// How often the wrap-up of a call can be extended.
pub const EXTENSIONS_MAX: u8 = 3;
/// Of how many calls the closed offers are remembered.
const CLOSED_OFFERS_MAX: usize = 32;

/// An agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Agent {
    id: AgentId,
    settings: Settings,
    presence: Presence,
    /// The break that begins as soon as nothing goes on.
    break_pending: Option<BreakReasonId>,
    calls: Calls,
    /// No phone of theirs is registered. What the agent says does not bring it back.
    phone_gone: bool,
    chats: Chats,
    browser: Browser,
    active: Option<Active>,
    reservation: Option<Reservation>,
    /// What a call pushed aside: it comes back by itself.
    preempted: Option<ItemId>,
    /// What was to come back when the agent turned to something else: it comes after that.
    next: Option<ItemId>,
    /// The second call of somebody who asks another one about the first.
    consultation: Option<OfferId>,
    /// The call about which they still ask somebody although it is over: the wrap-up will be its own.
    asked_about: Option<CallId>,
    /// Until when what came back may not be pushed aside again.
    protected_until: Option<Timestamp>,
    inbox: BTreeMap<ItemId, Entry>,
    closed_offers: BTreeMap<CallId, u32>,
    declines: u32,
    pushes_missed: u32,
    idle_since: Timestamp,
    last_call_at: Timestamp,
    preempted_at: Timestamp,
    sequence: u64,
}

/// What the administrator decided about an agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Settings {
    /// How many chats they may have at once, wrap-ups left out: nobody waits there.
    pub chats_max: u32,
    /// How many they may have when the next one is from this queue, where that differs.
    pub chats_max_in: BTreeMap<QueueId, u32>,
    /// After how long the parked wrap-up of a call is closed by itself; `None`: never.
    pub parked_wrap_up_closes: Option<Span>,
    /// How long a browser may be gone before the agent is taken out of routing.
    pub browser_grace: Span,
    /// How long a browser may be gone before the agent is logged out.
    pub browser_gone: Span,
    /// Works with a desk phone and without a browser.
    pub voice_only: bool,
    /// The desk phone registers, or there is none; else it has a fixed address, and whether it is there is found out by
    /// calling.
    pub phone_registers: bool,
    /// How calls take precedence over what the agent attends to.
    pub preemption: Preemption,
}

/// How calls take precedence over what an agent attends to (R9, R14).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Preemption {
    /// When it is parked.
    pub park_on: ParkOn,
    /// When it comes back.
    pub resume_on: ResumeOn,
    /// How long it may not be pushed aside again after it came back.
    pub min_resume: Span,
}

/// When a call parks what the agent attends to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParkOn {
    /// When the agent answers.
    #[default]
    Answer,
    /// As soon as the phone rings.
    Ring,
}

/// When what a call pushed aside comes back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResumeOn {
    /// When the call is over; its own wrap-up waits parked.
    #[default]
    Hangup,
    /// When the call's wrap-up is done.
    WrapUpDone,
}

/// Whether an agent works.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Not at work.
    #[default]
    LoggedOut,
    /// At work.
    Available,
    /// At work, and on a break.
    Break {
        /// Which of the company's reasons.
        reason: BreakReasonId,
        /// Since when.
        since: Timestamp,
    },
    /// At work, but not to be routed to.
    Unavailable {
        /// Why.
        reason: Reason,
        /// When it ends by itself.
        until: Option<Timestamp>,
    },
    /// Logged out as soon as the running call is over.
    LoggingOut,
}

/// Why an agent is unavailable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A call was not answered.
    Missed,
    /// The browser is gone.
    ConnectionLost,
    /// A supervisor said so.
    Supervisor,
}

/// Whether calls may ring. It blocks calls only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Calls {
    /// They may.
    #[default]
    Open,
    /// Not before `until`; `None`: not before the agent says so.
    Blocked {
        /// Until when.
        until: Option<Timestamp>,
        /// What the phone said, if it was the phone.
        says: Option<Says>,
    },
    /// The phone cannot be reached: not before it registers or the agent says that it can.
    PhoneLost,
}

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

/// Whether the agent's browser is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Browser {
    /// It is, or the agent needs none.
    #[default]
    Online,
    /// Gone, and expected back: the agent is shielded.
    Grace {
        /// Until when.
        until: Timestamp,
        /// When it is given up.
        gone_at: Timestamp,
    },
    /// Gone for long: the agent is out of routing.
    Lost {
        /// When it is given up.
        gone_at: Timestamp,
    },
}

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

/// A call that rings for the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Reservation {
    /// The offer.
    pub offer: OfferId,
    /// From which queue.
    pub queue: QueueId,
    /// Until when it rings.
    pub until: Timestamp,
    /// How long the call's wrap-up will last.
    pub wrap_up: Span,
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
        self.parked_since.map(|since| since + chat::PARKED_WRAP_UP_REMINDS)
    }

    fn deadline(&self, settings: &Settings) -> Option<Timestamp> {
        match self.parked_since {
            Some(since) => settings.parked_wrap_up_closes.map(|after| since + after),
            None => self.clock.reaches(self.limit),
        }
    }
}

/// What an item says about itself when it comes into an inbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Kept {
    /// No call may interrupt it.
    pub exclusive: bool,
    /// The conversation is over already.
    pub wrap_up: bool,
    /// It was given to the agent without their asking.
    pub pushed: bool,
}

/// All that can be asked of an agent.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// The administrator's word.
    Configure {
        /// The agent's id.
        id: AgentId,
        /// What holds from now on.
        settings: Settings,
    },
    /// Work starts, or goes on after a missed call or a break.
    LogIn,
    /// Work stops (R16).
    LogOut,
    /// A break, as soon as nothing goes on.
    TakeBreak {
        /// Which of the company's reasons.
        reason: BreakReasonId,
    },
    /// The supervisor takes the agent out of routing.
    TakeOut,
    /// Takes an item out of its queue (R5, R6).
    Pick {
        /// Which.
        item: ItemId,
        /// The queue where the agent saw it.
        queue: QueueId,
        /// The place where the agent saw it.
        place: u32,
    },
    /// The queue gives an item to the agent.
    Push {
        /// Which.
        item: ItemId,
        /// From which queue.
        queue: QueueId,
        /// Its place there.
        place: u32,
    },
    /// Another agent gives a chat to this one.
    Take {
        /// Which.
        item: ItemId,
        /// The queue that it belongs to.
        queue: QueueId,
        /// Its place now.
        place: u32,
    },
    /// The item agreed to come.
    Allocated {
        /// Which.
        item: ItemId,
        /// What it is like.
        kept: Kept,
    },
    /// Somebody else was faster.
    NotAllocated {
        /// Which.
        item: ItemId,
    },
    /// Turns to an item (R6, R11).
    Activate {
        /// Which.
        item: ItemId,
    },
    /// Puts the active item aside (R11, R13).
    Park {
        /// Which.
        item: ItemId,
    },
    /// Ends the wrap-up of a call.
    FinishCallWrapUp {
        /// Of which call.
        call: CallId,
    },
    /// Needs longer for the wrap-up of a call: by [`EXTENSION`], [`EXTENSIONS_MAX`] times.
    ExtendCallWrapUp {
        /// Of which call.
        call: CallId,
    },
    /// The conversation is over, the chat is in its wrap-up.
    Ended {
        /// Which.
        item: ItemId,
    },
    /// The item is not this agent's any more.
    Left {
        /// Which.
        item: ItemId,
        /// Because it was pushed and the agent did not turn to it.
        missed: bool,
    },
    /// The queue offers a call.
    Offer {
        /// The offer.
        offer: OfferId,
        /// From which queue.
        queue: QueueId,
        /// In which tier the agent was when chosen.
        tier: Tier,
        /// How long it rings.
        ring: Span,
        /// How long the call's wrap-up will last.
        wrap_up: Span,
    },
    /// The queue wants the call back.
    Withdraw {
        /// Which offer.
        offer: OfferId,
    },
    /// Declined on the screen.
    Decline {
        /// Which offer.
        offer: OfferId,
    },
    /// The phone did not take the call.
    PhoneFailed {
        /// For which offer.
        offer: OfferId,
        /// Declined, busy or unreachable.
        outcome: Outcome,
    },
    /// The phone answered: is it still wanted?
    Commit {
        /// For which offer.
        offer: OfferId,
    },
    /// The call of this offer is over, or never was.
    Over {
        /// Which offer.
        offer: OfferId,
    },
    /// The agent's phone is in a call that no queue offered: they dialled, or were dialled.
    Dialled {
        /// Which.
        call: CallId,
    },
    /// The desk phone registered.
    PhoneRegistered,
    /// No desk phone of theirs is registered, not yet or not any more.
    PhoneUnregistered,
    /// The last browser tab is gone.
    BrowserLost,
    /// A browser tab is there.
    BrowserBack,
    /// The daemon was restarted: no clock ran from `down_since` on, no browser is connected yet, and calls that no queue
    /// offered are over.
    Restarted {
        /// When the daemon was last known to run.
        down_since: Timestamp,
    },
    /// A deadline passed.
    Due(Timestamp),
}

/// All that can happen to an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The administrator's word holds.
    Configured {
        /// The agent's id.
        id: AgentId,
        /// What holds.
        settings: Settings,
    },
    /// Work goes on.
    LoggedIn {
        /// Since when.
        at: Timestamp,
    },
    /// Chats go back, and work stops once the call is over.
    LogoutPending {
        /// What goes back.
        returned: Vec<ItemId>,
    },
    /// Work stopped.
    LoggedOut {
        /// What goes back.
        returned: Vec<ItemId>,
    },
    /// A break begins as soon as nothing goes on.
    BreakPending {
        /// Which.
        reason: BreakReasonId,
    },
    /// A break began.
    BreakBegan {
        /// Which.
        reason: BreakReasonId,
        /// Since when.
        at: Timestamp,
    },
    /// The supervisor took the agent out of routing.
    TakenOut,
    /// An item was asked to come.
    Requested {
        /// Which.
        item: ItemId,
        /// From which place.
        place: u32,
        /// Not by the agent.
        pushed: bool,
    },
    /// The agent cannot take what the queue pushed.
    PushRefused {
        /// Which.
        item: ItemId,
        /// From which queue.
        queue: QueueId,
    },
    /// The agent cannot take what another one wanted to give.
    TakeRefused {
        /// Which.
        item: ItemId,
    },
    /// It came.
    Granted {
        /// Which.
        item: ItemId,
        /// What it is now.
        entry: Entry,
    },
    /// It did not come.
    RequestFailed {
        /// Which.
        item: ItemId,
        /// Nobody has to be told: the agent did not ask for it.
        pushed: bool,
    },
    /// It came after the agent had left: it goes back.
    Unwanted {
        /// Which.
        item: ItemId,
    },
    /// The agent turned to an item.
    Activated {
        /// To which.
        item: ItemId,
        /// The one put aside for it.
        parked: Option<ItemId>,
        /// When.
        at: Timestamp,
    },
    /// The agent put the active item aside.
    Parked {
        /// Which.
        item: ItemId,
        /// When.
        at: Timestamp,
    },
    /// What a call pushed aside came back by itself (R14, R15).
    Resumed {
        /// Which.
        item: ItemId,
        /// Until when it may not be pushed aside again.
        protected_until: Option<Timestamp>,
        /// When.
        at: Timestamp,
    },
    /// It may be pushed aside again.
    ProtectionOver,
    /// A conversation is over.
    Ended {
        /// Which.
        item: ItemId,
    },
    /// An item left the inbox.
    Left {
        /// Which.
        item: ItemId,
        /// Because it was pushed and the agent did not turn to it.
        missed: bool,
        /// When.
        at: Timestamp,
    },
    /// A call rings.
    Reserved {
        /// The reservation.
        reservation: Reservation,
        /// What is parked for it already.
        preempted: Option<ItemId>,
        /// When.
        at: Timestamp,
    },
    /// The offer came too late or too early.
    OfferRefused {
        /// Which.
        offer: OfferId,
        /// From which queue.
        queue: QueueId,
    },
    /// It rings no more.
    Released {
        /// The reservation.
        reservation: Reservation,
        /// Why.
        outcome: Outcome,
        /// What the agent is from now on.
        presence: Presence,
        /// What calls find from now on.
        calls: Calls,
        /// Whether the call has to be told to stop ringing.
        stop_ringing: bool,
    },
    /// A phone answered for an offer that is over.
    CommitRefused {
        /// Which.
        offer: OfferId,
    },
    /// The call is connected, and what it interrupted is put aside, in one event (R9, R14).
    CallConnected {
        /// The reservation that it was.
        reservation: Reservation,
        /// What was active.
        preempted: Option<ItemId>,
        /// When.
        at: Timestamp,
    },
    /// The agent is in a call that no queue offered, and what it interrupts is put aside.
    OwnCallBegan {
        /// The call, as an offer with the attempt 0.
        offer: OfferId,
        /// What was active.
        preempted: Option<ItemId>,
        /// When.
        at: Timestamp,
    },
    /// The agent asks somebody about the call that goes on.
    ConsultationBegan {
        /// The second call.
        offer: OfferId,
    },
    /// One of two calls is over.
    LegOver {
        /// Which.
        offer: OfferId,
    },
    /// The last call is over.
    CallOver {
        /// Which offer.
        offer: OfferId,
        /// How long its wrap-up lasts, if it has one.
        wrap_up: Option<Span>,
        /// Whether that begins now; else it waits parked.
        wrap_up_active: bool,
        /// When.
        at: Timestamp,
    },
    /// The wrap-up of a call lasts longer.
    CallWrapUpExtended {
        /// Of which.
        call: CallId,
    },
    /// The wrap-up of a call is over.
    CallWrapUpOver {
        /// Of which.
        call: CallId,
        /// When.
        at: Timestamp,
    },
    /// Calls may ring again.
    CallsOpened,
    /// No phone is registered: none may ring.
    PhoneGone,
    /// One is registered again.
    PhoneBack,
    /// The browser is gone; so long it is waited for.
    BrowserLost {
        /// Until when the agent is shielded.
        until: Timestamp,
        /// When it is given up.
        gone_at: Timestamp,
    },
    /// The browser did not come back in time.
    BrowserGraceOver,
    /// The browser is there.
    BrowserBack,
    /// The wrap-up of a call that was going on has left out the time from `down_since` to `at`.
    Restarted {
        /// When the daemon was last known to run.
        down_since: Timestamp,
        /// When it was there again.
        at: Timestamp,
    },
}

impl Agent {
    /// Whether they work.
    pub fn presence(&self) -> Presence {
        self.presence
    }

    /// The break that begins as soon as nothing goes on.
    pub fn break_pending(&self) -> Option<BreakReasonId> {
        self.break_pending
    }

    /// Whether calls may ring.
    pub fn calls(&self) -> Calls {
        if self.phone_gone && self.settings.phone_registers { Calls::PhoneLost } else { self.calls }
    }

    /// Whether no phone of theirs is registered, neither yet nor any more.
    pub fn is_phone_gone(&self) -> bool {
        self.phone_gone
    }

    /// Whether chats may be pushed.
    pub fn chats(&self) -> Chats {
        self.chats
    }

    /// Whether their browser is there.
    pub fn browser(&self) -> Browser {
        self.browser
    }

    /// What they attend to.
    pub fn active(&self) -> Option<Active> {
        self.active
    }

    /// The call that rings.
    pub fn reservation(&self) -> Option<Reservation> {
        self.reservation
    }

    /// What a call pushed aside.
    pub fn preempted(&self) -> Option<ItemId> {
        self.preempted
    }

    /// What comes after the item that they chose to turn to first.
    pub fn next(&self) -> Option<ItemId> {
        self.next
    }

    /// The second call of a consultation.
    pub fn consultation(&self) -> Option<OfferId> {
        self.consultation
    }

    /// Until when what came back may not be pushed aside again.
    pub fn protected_until(&self) -> Option<Timestamp> {
        self.protected_until
    }

    /// The items that they own or asked for.
    pub fn inbox(&self) -> impl Iterator<Item = (ItemId, Entry)> {
        self.inbox.iter().map(|(item, entry)| (*item, *entry))
    }

    /// One item of the inbox.
    pub fn entry(&self, item: ItemId) -> Option<Entry> {
        self.inbox.get(&item).copied()
    }

    /// What the administrator decided.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Since when nothing was active: the longest idle comes first.
    pub fn idle_since(&self) -> Timestamp {
        self.idle_since
    }

    /// When the last call ended: among the interruptible, the longest without one comes first.
    pub fn last_call_at(&self) -> Timestamp {
        self.last_call_at
    }

    /// When a call last pushed something aside: among the interruptible, the longest spared comes first.
    pub fn preempted_at(&self) -> Timestamp {
        self.preempted_at
    }

    /// How many events made this state: newer news of an agent carries a higher number.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// All that ends by itself, whichever comes first.
    pub fn deadlines(&self) -> impl Iterator<Item = Timestamp> {
        let wrap_ups = self.call_wrap_ups().filter_map(|(_, wrap_up)| wrap_up.deadline(&self.settings));
        let calls = match self.calls {
            Calls::Blocked { until, .. } => until,
            Calls::Open | Calls::PhoneLost => None,
        };
        let presence = match self.presence {
            Presence::Unavailable { until, .. } => until,
            Presence::LoggedOut | Presence::Available | Presence::Break { .. } | Presence::LoggingOut => None,
        };
        // A running call is not touched: the log-out waits for its end.
        let waits = self.presence == Presence::LoggingOut;
        let browser = match self.browser {
            Browser::Online => [None, None],
            Browser::Grace { until, gone_at } => [Some(until), Some(gone_at).filter(|_| !waits)],
            Browser::Lost { gone_at } => [None, Some(gone_at).filter(|_| !waits)],
        };
        let ring = self.reservation.map(|reservation| reservation.until);
        [ring, calls, presence, self.protected_until].into_iter().chain(browser).flatten().chain(wrap_ups)
    }

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
        match self.active {
            None => Ok(Interruption::Nothing),
            Some(Active::Call { .. }) => Err(Obstacle::OnACall),
            Some(Active::Item(item)) if self.protected_until.is_none() => match self.inbox.get(&item) {
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
        match self.active {
            None => {}
            Some(Active::Call { .. }) => return Err(Obstacle::OnACall),
            Some(Active::Item(_)) => return Err(Obstacle::Busy),
        }
        let alerted = |entry: &Entry| matches!(entry, Entry::Requested { .. } | Entry::Alerting { .. });
        if self.settings.voice_only {
            Err(Obstacle::NoBrowser)
        } else if self.chats == Chats::Blocked {
            Err(Obstacle::ChatsBlocked)
        } else if self.inbox.values().any(alerted) {
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
        self.may_begin()?;
        if self.on_a_call() { Err(Refusal::OnACall) } else { Ok(()) }
    }

    /// Whether they are at work, and neither on a break nor about to take one.
    fn may_begin(&self) -> Result<(), Refusal> {
        match self.presence {
            Presence::LoggedOut | Presence::LoggingOut => Err(Refusal::LoggedOut),
            Presence::Break { .. } => Err(Refusal::OnBreak),
            Presence::Available | Presence::Unavailable { .. } if self.break_pending.is_some() => Err(Refusal::OnBreak),
            Presence::Available | Presence::Unavailable { .. } => Ok(()),
        }
    }

    /// Whether they may turn to something in their inbox.
    ///
    /// # Errors
    /// What it is refused with.
    pub fn may_activate(&self) -> Result<(), Refusal> {
        if self.on_a_call() {
            Err(Refusal::OnACall)
        } else if matches!(self.presence, Presence::Break { .. }) {
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
        let wrap_up = self.call_wrap_up(call)?;
        if self.preempted.is_some() && wrap_up.parked_since.is_none() {
            Err(Refusal::Awaited)
        } else if wrap_up.extensions >= EXTENSIONS_MAX {
            Err(Refusal::Extended)
        } else {
            Ok(())
        }
    }

    fn routable(&self) -> Result<(), Obstacle> {
        match self.presence {
            Presence::Available => {}
            Presence::LoggedOut => return Err(Obstacle::LoggedOut),
            Presence::LoggingOut => return Err(Obstacle::LoggingOut),
            Presence::Break { .. } => return Err(Obstacle::OnBreak),
            Presence::Unavailable { .. } => return Err(Obstacle::Unavailable),
        }
        if self.break_pending.is_some() {
            Err(Obstacle::BreakPending)
        } else if !self.is_shown() {
            Err(Obstacle::BrowserAway)
        } else if self.reservation.is_some() {
            Err(Obstacle::Ringing)
        } else {
            Ok(())
        }
    }

    /// Whether what happens is seen: the browser is there, or none is needed.
    fn is_shown(&self) -> bool {
        self.settings.voice_only || self.browser == Browser::Online
    }

    /// Whether one more chat from this queue is within the maximum. Wrap-ups don't count.
    fn has_room(&self, queue: impl Into<Option<QueueId>>) -> bool {
        let counts = |(item, entry): &(&ItemId, &Entry)| match (item, entry) {
            (ItemId::Chat(_), Entry::Requested { .. } | Entry::Alerting { .. } | Entry::Conversation { .. }) => true,
            (ItemId::Chat(_), Entry::WrapUp | Entry::CallWrapUp(_)) | (ItemId::Task(_) | ItemId::Call(_), _) => false,
        };
        let chats = self.inbox.iter().filter(counts).count();
        let own = queue.into().and_then(|queue| self.settings.chats_max_in.get(&queue));
        let max = own.unwrap_or(&self.settings.chats_max);
        chats < *max as usize
    }

    fn at_work(&self) -> bool {
        match self.presence {
            Presence::Available | Presence::Break { .. } | Presence::Unavailable { .. } => true,
            Presence::LoggedOut | Presence::LoggingOut => false,
        }
    }

    fn on_a_call(&self) -> bool {
        matches!(self.active, Some(Active::Call { .. }))
    }

    fn active_item(&self) -> Option<ItemId> {
        match self.active {
            Some(Active::Item(item)) => Some(item),
            Some(Active::Call { .. }) | None => None,
        }
    }

    /// What has to go back when the agent goes: all but what has not agreed to come, and the wrap-ups of calls.
    fn owned(&self) -> Vec<ItemId> {
        let owned = |entry: &Entry| match entry {
            Entry::Alerting { .. } | Entry::Conversation { .. } | Entry::WrapUp => true,
            Entry::Requested { .. } | Entry::CallWrapUp(_) => false,
        };
        self.inbox.iter().filter(|(_, entry)| owned(entry)).map(|(item, _)| *item).collect()
    }

    pub(crate) fn call_wrap_up(&self, call: CallId) -> Result<CallWrapUp, Refusal> {
        match self.inbox.get(&ItemId::Call(call)) {
            Some(Entry::CallWrapUp(wrap_up)) => Ok(*wrap_up),
            Some(Entry::Requested { .. } | Entry::Alerting { .. } | Entry::Conversation { .. } | Entry::WrapUp)
            | None => Err(Refusal::NotYours),
        }
    }

    fn is_closed(&self, offer: OfferId) -> bool {
        self.closed_offers.get(&offer.call).is_some_and(|attempt| *attempt >= offer.attempt)
    }

    fn connected_by(&self, offer: OfferId) -> bool {
        let main = matches!(self.active, Some(Active::Call { offer: running, .. }) if running == offer);
        main || self.consultation == Some(offer)
    }

    fn reserved_by(&self, offer: OfferId) -> Option<Reservation> {
        self.reservation.filter(|reservation| reservation.offer == offer)
    }

    /// The reservation is over: what follows for presence and calls depends on the outcome.
    fn release(&self, at: Timestamp, reservation: Reservation, outcome: Outcome, stop_ringing: bool) -> Event {
        let mut presence = self.presence;
        let mut calls = self.calls;
        let chatting = self.active.is_some() || self.preempted.is_some();
        match outcome {
            Outcome::NoAnswer if chatting || presence != Presence::Available => {
                calls = Calls::Blocked { until: None, says: None };
            }
            Outcome::NoAnswer => {
                let until = self.settings.voice_only.then(|| at + VOICE_ONLY_RETURNS);
                presence = Presence::Unavailable { reason: Reason::Missed, until };
            }
            Outcome::Declined if self.declines + 1 >= DECLINES_MAX => {
                calls = Calls::Blocked { until: None, says: None };
            }
            Outcome::PhoneRefused { says, retry_after } => {
                let wish = retry_after.map(|wish| wish.clamp(RETRY_AFTER_MIN, RETRY_AFTER_MAX));
                calls = Calls::Blocked { until: Some(at + wish.unwrap_or(BUSY_BLOCKS)), says: Some(says) };
            }
            Outcome::Unreachable if self.settings.phone_registers => calls = Calls::PhoneLost,
            Outcome::Unreachable | Outcome::NotCalled => {
                calls = Calls::Blocked { until: Some(at + BUSY_BLOCKS), says: None };
            }
            Outcome::Declined | Outcome::CallerGone | Outcome::Withdrawn | Outcome::Refused => {}
        }
        Event::Released { reservation, outcome, presence, calls, stop_ringing }
    }

    /// A call may ring: now, and in no worse tier than was decided.
    fn may_ring(&self, tier: Tier) -> bool {
        match (self.interruption(), tier) {
            (Ok(Interruption::Nothing), _) => true,
            (Ok(Interruption::Item(ItemId::Task(_))), Tier::Task | Tier::ChatAnswered | Tier::ChatWaiting) => true,
            (Ok(Interruption::Item(_)), Tier::ChatAnswered | Tier::ChatWaiting) => true,
            (Ok(Interruption::Item(_)), Tier::Free | Tier::Task) | (Err(_), _) => false,
        }
    }

    fn reserve(&self, at: Timestamp, reservation: Reservation) -> Event {
        let preempted = match self.settings.preemption.park_on {
            ParkOn::Answer => None,
            ParkOn::Ring => self.active_item(),
        };
        Event::Reserved { reservation, preempted, at }
    }

    fn call_over(&self, at: Timestamp, offer: OfferId) -> Vec<Event> {
        let Some(Active::Call { wrap_up, .. }) = self.active else { return vec![] };
        if self.consultation.is_some() {
            return vec![Event::LegOver { offer }];
        }
        let leaves = self.presence == Presence::LoggingOut;
        let wraps_up = (wrap_up > Span::ZERO && !leaves).then_some(wrap_up);
        let first = self.preempted.is_none() || self.settings.preemption.resume_on == ResumeOn::WrapUpDone;
        let mut events =
            vec![Event::CallOver { offer, wrap_up: wraps_up, wrap_up_active: first && wraps_up.is_some(), at }];
        if leaves {
            events.push(Event::LoggedOut { returned: self.owned() });
        }
        events
    }

    fn dialled(&self, at: Timestamp, call: CallId) -> Vec<Event> {
        let offer = OfferId { call, agent: self.id, attempt: 0 };
        if self.on_a_call() {
            let news = self.consultation.is_none() && !self.connected_by(offer);
            return if news { vec![Event::ConsultationBegan { offer }] } else { vec![] };
        }
        let busy = self.reservation.map(|reservation| self.release(at, reservation, Outcome::BUSY, true));
        let preempted = self.interrupted();
        busy.into_iter().chain([Event::OwnCallBegan { offer, preempted, at }]).collect()
    }

    fn log_out(&self, at: Timestamp) -> Vec<Event> {
        let mut events = vec![];
        if let Some(reservation) = self.reservation {
            events.push(self.release(at, reservation, Outcome::Withdrawn, true));
        }
        let returned = self.owned();
        events.push(if self.on_a_call() { Event::LogoutPending { returned } } else { Event::LoggedOut { returned } });
        events
    }

    fn pick(&self, item: ItemId, queue: QueueId, place: u32) -> Result<Vec<Event>, Refusal> {
        if self.inbox.contains_key(&item) {
            return Ok(vec![]);
        }
        match item {
            ItemId::Call(_) => self.may_begin().and(Err(Refusal::WrongState))?,
            ItemId::Chat(_) => self.may_pick_chat(queue)?,
            ItemId::Task(_) => self.may_pick_task()?,
        }
        Ok(vec![Event::Requested { item, place, pushed: false }])
    }

    /// Another agent's chat may come, whatever this one attends to at the moment.
    fn may_take(&self, queue: QueueId) -> bool {
        let works = self.presence == Presence::Available && self.break_pending.is_none();
        works && !self.settings.voice_only && self.is_shown() && self.has_room(queue)
    }

    fn allocated(&self, at: Timestamp, item: ItemId, kept: Kept) -> Vec<Event> {
        let exclusive = kept.exclusive;
        let entry = match self.inbox.get(&item) {
            None => return vec![Event::Unwanted { item }],
            Some(Entry::Requested { .. }) if kept.wrap_up => Entry::WrapUp,
            // What counts is what the item was asked first: the agent may have been asked again since.
            Some(Entry::Requested { .. }) if kept.pushed => Entry::Alerting { exclusive },
            Some(Entry::Requested { .. }) => Entry::Conversation { exclusive },
            Some(Entry::Alerting { .. } | Entry::Conversation { .. } | Entry::WrapUp | Entry::CallWrapUp(_)) => {
                return vec![];
            }
        };
        let mut events = vec![Event::Granted { item, entry }];
        // What a call pushed aside and what waits for the browser comes before it.
        let at_once = match entry {
            Entry::Conversation { .. } | Entry::WrapUp => self.active.is_none() && self.preempted.is_none(),
            Entry::Alerting { .. } | Entry::Requested { .. } | Entry::CallWrapUp(_) => false,
        };
        if at_once && self.presence != Presence::LoggingOut {
            events.push(Event::Activated { item, parked: None, at });
        }
        events
    }

    fn activate(&self, at: Timestamp, item: ItemId) -> Result<Vec<Event>, Refusal> {
        match self.inbox.get(&item) {
            None | Some(Entry::Requested { .. }) => return Err(Refusal::NotYours),
            Some(_) if self.active_item() == Some(item) => return Ok(vec![]),
            Some(_) => self.may_activate()?,
        }
        let parked = match self.active_item() {
            Some(active @ (ItemId::Chat(_) | ItemId::Task(_))) => Some(active),
            // Who turns to something else than what waits to come back has put that aside; a call's wrap-up that is
            // attended to is parked besides.
            None | Some(ItemId::Call(_)) => self.preempted.filter(|preempted| *preempted != item),
        };
        Ok(vec![Event::Activated { item, parked, at }])
    }

    fn park(&self, at: Timestamp, item: ItemId) -> Result<Vec<Event>, Refusal> {
        match self.may_park(item) {
            Ok(()) => Ok(vec![Event::Parked { item, at }]),
            // It is put aside already.
            Err(Refusal::WrongState) => Ok(vec![]),
            Err(refusal) => Err(refusal),
        }
    }

    /// Several things may be due at the same time: each is decided from what the one before it left.
    fn all_due(&self, at: Timestamp, deadline: Timestamp) -> Vec<Event> {
        let mut agent = self.clone();
        let mut events = vec![];
        loop {
            let due = agent.first_due(at, deadline);
            if due.is_empty() {
                return events;
            }
            due.iter().for_each(|event| agent.apply(event));
            events.extend(due);
        }
    }

    fn first_due(&self, at: Timestamp, deadline: Timestamp) -> Vec<Event> {
        if let Some(reservation) = self.reservation.filter(|reservation| reservation.until == deadline) {
            return vec![self.release(at, reservation, Outcome::NoAnswer, true)];
        }
        let is_over = |(_, wrap_up): &(CallId, CallWrapUp)| wrap_up.deadline(&self.settings) == Some(deadline);
        if let Some((call, _)) = self.call_wrap_ups().find(is_over) {
            return vec![Event::CallWrapUpOver { call, at }];
        }
        if matches!(self.calls, Calls::Blocked { until, .. } if until == Some(deadline)) {
            return vec![Event::CallsOpened];
        }
        if self.protected_until == Some(deadline) {
            return vec![Event::ProtectionOver];
        }
        if matches!(self.presence, Presence::Unavailable { until, .. } if until == Some(deadline)) {
            return vec![Event::LoggedIn { at }];
        }
        match self.browser {
            Browser::Grace { until, .. } if until == deadline => vec![Event::BrowserGraceOver],
            Browser::Grace { .. } | Browser::Lost { .. } if self.presence == Presence::LoggingOut => vec![],
            Browser::Grace { gone_at, .. } | Browser::Lost { gone_at } if gone_at == deadline => self.log_out(at),
            Browser::Online | Browser::Grace { .. } | Browser::Lost { .. } => vec![],
        }
    }

    /// The wrap-ups of calls, by call.
    pub fn call_wrap_ups(&self) -> impl Iterator<Item = (CallId, CallWrapUp)> {
        self.inbox.iter().filter_map(|(item, entry)| match (item, entry) {
            (ItemId::Call(call), Entry::CallWrapUp(wrap_up)) => Some((*call, *wrap_up)),
            (ItemId::Call(_) | ItemId::Chat(_) | ItemId::Task(_), _) => None,
        })
    }

    fn lose_browser(&self, at: Timestamp) -> Vec<Event> {
        let (until, gone_at) = (at + self.settings.browser_grace, at + self.settings.browser_gone);
        if self.settings.voice_only || self.presence == Presence::LoggedOut || self.browser != Browser::Online {
            return vec![];
        }
        vec![Event::BrowserLost { until, gone_at }]
    }

    /// Of calls that no queue offered nobody is left to say that they are over; the browser is waited for afresh.
    fn restarted(&self, down_since: Timestamp, at: Timestamp) -> Vec<Event> {
        let running = match self.active {
            Some(Active::Call { offer, .. }) => Some(offer),
            Some(Active::Item(_)) | None => None,
        };
        let mut agent = self.clone();
        let writes_up = self.call_wrap_ups().any(|(_, wrap_up)| wrap_up.parked_since.is_none());
        let mut events: Vec<Event> = writes_up.then_some(Event::Restarted { down_since, at }).into_iter().collect();
        for offer in self.consultation.into_iter().chain(running).filter(|offer| offer.attempt == 0) {
            let over = agent.call_over(at, offer);
            over.iter().for_each(|event| agent.apply(event));
            events.extend(over);
        }
        let (until, gone_at) = (at + agent.settings.browser_grace, at + agent.settings.browser_gone);
        events.extend(match agent.browser {
            Browser::Online => agent.lose_browser(at),
            Browser::Grace { .. } | Browser::Lost { .. } => vec![Event::BrowserLost { until, gone_at }],
        });
        events
    }

    /// What comes by itself as soon as nothing is attended to and nothing rings: first what a call pushed aside, then what
    /// the agent put off for something else, then the break that they asked for.
    fn follows(&self, at: Timestamp) -> Option<Event> {
        if self.active.is_some() || self.reservation.is_some() || !self.at_work() {
            return None;
        }
        match (self.preempted, self.next, self.break_pending) {
            (Some(_), _, _) | (None, Some(_), _) if !self.is_shown() => None,
            (Some(item), _, _) => {
                let protection = self.settings.preemption.min_resume;
                let protected_until = (protection > Span::ZERO).then(|| at + protection);
                Some(Event::Resumed { item, protected_until, at })
            }
            (None, Some(item), _) => Some(Event::Activated { item, parked: None, at }),
            // What the agent has just picked comes before the break.
            (None, None, Some(_)) if self.inbox.values().any(|entry| *entry == Entry::Requested { pushed: false }) => {
                None
            }
            (None, None, Some(reason)) => Some(Event::BreakBegan { reason, at }),
            (None, None, None) => None,
        }
    }

    fn answer(&self, at: Timestamp, command: &Command) -> Result<Vec<Event>, Refusal> {
        Ok(match command {
            Command::Configure { id, settings } if *id == self.id && *settings == self.settings => vec![],
            Command::Configure { id, settings } => vec![Event::Configured { id: *id, settings: settings.clone() }],

            Command::LogIn => {
                let blocked = self.calls != Calls::Open || self.chats == Chats::Blocked;
                let works = self.presence == Presence::Available && self.break_pending.is_none();
                if works && !blocked { vec![] } else { vec![Event::LoggedIn { at }] }
            }
            Command::LogOut => match self.presence {
                Presence::LoggedOut | Presence::LoggingOut => vec![],
                Presence::Available | Presence::Break { .. } | Presence::Unavailable { .. } => self.log_out(at),
            },
            Command::TakeBreak { reason } => match self.presence {
                Presence::LoggedOut | Presence::LoggingOut => return Err(Refusal::LoggedOut),
                Presence::Break { reason: now, .. } if now == *reason => vec![],
                Presence::Break { .. } => vec![Event::BreakBegan { reason: *reason, at }],
                Presence::Available | Presence::Unavailable { .. } if self.break_pending == Some(*reason) => vec![],
                Presence::Available | Presence::Unavailable { .. } => {
                    vec![Event::BreakPending { reason: *reason }]
                }
            },
            Command::TakeOut => match self.presence {
                Presence::LoggedOut | Presence::LoggingOut => return Err(Refusal::LoggedOut),
                Presence::Unavailable { reason: Reason::Supervisor, .. } => vec![],
                Presence::Available | Presence::Break { .. } | Presence::Unavailable { .. } => vec![Event::TakenOut],
            },

            Command::Pick { item, queue, place } => self.pick(*item, *queue, *place)?,
            // Already asked to come from another place, or here: the queue will hear of it, or pushes it again.
            Command::Push { item, queue, .. } if self.inbox.contains_key(item) => {
                vec![Event::PushRefused { item: *item, queue: *queue }]
            }
            Command::Push { item, queue, place } => {
                let taken = match item {
                    ItemId::Chat(_) => self.takes_chat(*queue),
                    ItemId::Task(_) | ItemId::Call(_) => self.takes_task(),
                };
                match taken {
                    Ok(()) => vec![Event::Requested { item: *item, place: *place, pushed: true }],
                    Err(_) => vec![Event::PushRefused { item: *item, queue: *queue }],
                }
            }
            Command::Take { item, queue, place } => {
                if self.may_take(*queue) && !self.inbox.contains_key(item) {
                    vec![Event::Requested { item: *item, place: *place, pushed: true }]
                } else {
                    vec![Event::TakeRefused { item: *item }]
                }
            }
            Command::Allocated { item, kept } => self.allocated(at, *item, *kept),
            Command::NotAllocated { item } => match self.inbox.get(item) {
                Some(Entry::Requested { pushed }) => vec![Event::RequestFailed { item: *item, pushed: *pushed }],
                Some(Entry::Alerting { .. } | Entry::Conversation { .. } | Entry::WrapUp | Entry::CallWrapUp(_))
                | None => vec![],
            },

            Command::Activate { item } => self.activate(at, *item)?,
            Command::Park { item } => self.park(at, *item)?,
            Command::FinishCallWrapUp { call } => {
                self.call_wrap_up(*call)?;
                vec![Event::CallWrapUpOver { call: *call, at }]
            }
            Command::ExtendCallWrapUp { call } => {
                self.may_extend(*call)?;
                vec![Event::CallWrapUpExtended { call: *call }]
            }
            // To an item that was asked to come and has not agreed yet, both belong to an earlier time in this inbox.
            Command::Ended { item } => match self.inbox.get(item) {
                Some(Entry::Alerting { .. } | Entry::Conversation { .. }) => vec![Event::Ended { item: *item }],
                Some(Entry::Requested { .. } | Entry::WrapUp | Entry::CallWrapUp(_)) | None => vec![],
            },
            Command::Left { item, missed } => match self.inbox.get(item) {
                // Nobody can turn to a chat while they talk.
                Some(Entry::Alerting { .. } | Entry::Conversation { .. } | Entry::WrapUp) => {
                    vec![Event::Left { item: *item, missed: *missed && !self.on_a_call(), at }]
                }
                Some(Entry::Requested { .. } | Entry::CallWrapUp(_)) | None => vec![],
            },

            // A repeated offer rings no phone: that it is over was said before, or it rings already.
            Command::Offer { offer, .. } if self.is_closed(*offer) || self.reserved_by(*offer).is_some() => vec![],
            Command::Offer { offer, queue, tier, ring, wrap_up } if self.may_ring(*tier) => {
                let (offer, queue, until, wrap_up) = (*offer, *queue, at + *ring, *wrap_up);
                vec![self.reserve(at, Reservation { offer, queue, until, wrap_up })]
            }
            // In a worse tier than was decided, or shielded.
            Command::Offer { offer, queue, .. } => vec![Event::OfferRefused { offer: *offer, queue: *queue }],
            Command::Withdraw { offer } => match self.reserved_by(*offer) {
                Some(reservation) => vec![self.release(at, reservation, Outcome::Withdrawn, true)],
                // It is answered, or its end is on its way.
                None => vec![],
            },
            Command::Decline { offer } => match self.reserved_by(*offer) {
                Some(reservation) => vec![self.release(at, reservation, Outcome::Declined, true)],
                None => return Err(Refusal::OfferOver),
            },
            Command::PhoneFailed { offer, outcome } => match self.reserved_by(*offer) {
                Some(reservation) => vec![self.release(at, reservation, *outcome, false)],
                None if self.connected_by(*offer) => self.call_over(at, *offer),
                None => vec![],
            },
            Command::Commit { offer } => match self.reserved_by(*offer) {
                Some(reservation) => {
                    let preempted = self.interrupted();
                    vec![Event::CallConnected { reservation, preempted, at }]
                }
                None if self.connected_by(*offer) => vec![],
                None => vec![Event::CommitRefused { offer: *offer }],
            },
            Command::Over { offer } => match self.reserved_by(*offer) {
                Some(reservation) => vec![self.release(at, reservation, Outcome::CallerGone, false)],
                None if self.connected_by(*offer) => self.call_over(at, *offer),
                None => vec![],
            },
            Command::Dialled { call } => self.dialled(at, *call),
            Command::PhoneRegistered if self.phone_gone || self.calls == Calls::PhoneLost => vec![Event::PhoneBack],
            Command::PhoneRegistered => vec![],
            Command::PhoneUnregistered if self.phone_gone => vec![],
            Command::PhoneUnregistered => vec![Event::PhoneGone],

            Command::BrowserLost => self.lose_browser(at),
            Command::BrowserBack => match self.browser {
                Browser::Online => vec![],
                Browser::Grace { .. } | Browser::Lost { .. } => vec![Event::BrowserBack],
            },
            Command::Restarted { down_since } => self.restarted(*down_since, at),
            Command::Due(deadline) => self.all_due(at, *deadline),
        })
    }
}

impl Machine for Agent {
    type Command = Command;
    type Event = Event;

    fn decide(&self, at: Timestamp, command: &Command) -> Result<Vec<Event>, Refusal> {
        let mut events = self.answer(at, command)?;
        if events.is_empty() {
            return Ok(events);
        }
        let mut after = self.clone();
        events.iter().for_each(|event| after.apply(event));
        while let Some(event) = after.follows(at) {
            after.apply(&event);
            events.push(event);
        }
        Ok(events)
    }

    fn apply(&mut self, event: &Event) {
        self.sequence += 1;
        match event {
            Event::Configured { id, settings } => {
                self.id = *id;
                self.settings = settings.clone();
            }
            Event::LoggedIn { at } => {
                self.presence = Presence::Available;
                self.break_pending = None;
                self.chats = Chats::Open;
                self.declines = 0;
                self.pushes_missed = 0;
                self.idle_since = *at;
                self.calls = Calls::Open;
            }
            Event::LogoutPending { .. } => {
                self.presence = Presence::LoggingOut;
                self.forget_items();
            }
            Event::LoggedOut { .. } => {
                self.presence = Presence::LoggedOut;
                self.browser = Browser::Online;
                self.active = None;
                self.forget_items();
            }
            Event::BreakPending { reason } => self.break_pending = Some(*reason),
            Event::BreakBegan { reason, at } => {
                self.break_pending = None;
                self.presence = Presence::Break { reason: *reason, since: *at };
            }
            Event::TakenOut => {
                self.break_pending = None;
                self.presence = Presence::Unavailable { reason: Reason::Supervisor, until: None };
            }
            Event::Requested { item, pushed, .. } => {
                self.inbox.insert(*item, Entry::Requested { pushed: *pushed });
            }
            Event::Granted { item, entry } => {
                self.inbox.insert(*item, *entry);
            }
            Event::RequestFailed { item, .. } => {
                self.inbox.remove(item);
            }
            Event::Activated { item, parked, at } => {
                if self.preempted.is_some() && self.preempted == *parked {
                    self.next = self.preempted;
                }
                self.turn_to(*item, *at);
            }
            Event::Resumed { item, protected_until, at } => {
                self.turn_to(*item, *at);
                self.protected_until = *protected_until;
            }
            Event::ProtectionOver => self.protected_until = None,
            Event::Parked { item, at } => {
                self.park_call_wrap_up(*item, *at);
                self.preempted = self.preempted.filter(|preempted| preempted != item);
                self.turn_away(*at);
            }
            Event::Ended { item } => {
                self.inbox.insert(*item, Entry::WrapUp);
            }
            Event::Left { item, missed, at } => {
                self.inbox.remove(item);
                self.preempted = self.preempted.filter(|preempted| preempted != item);
                self.next = self.next.filter(|next| next != item);
                if self.active == Some(Active::Item(*item)) {
                    self.turn_away(*at);
                }
                if *missed {
                    self.pushes_missed += 1;
                    if self.pushes_missed >= PUSHES_MISSED_MAX {
                        self.chats = Chats::Blocked;
                    }
                }
            }
            Event::Reserved { reservation, preempted, at } => {
                self.reservation = Some(*reservation);
                self.push_aside(*preempted, *at);
            }
            Event::OfferRefused { offer, .. } => self.close(*offer),
            Event::Released { reservation, outcome, presence, calls, .. } => {
                self.reservation = None;
                self.presence = *presence;
                self.calls = *calls;
                self.close(reservation.offer);
                match outcome {
                    Outcome::Declined => self.declines += 1,
                    Outcome::NoAnswer
                    | Outcome::PhoneRefused { .. }
                    | Outcome::Unreachable
                    | Outcome::NotCalled
                    | Outcome::CallerGone
                    | Outcome::Withdrawn
                    | Outcome::Refused => {}
                }
            }
            Event::CallConnected { reservation, preempted, at } => {
                self.reservation = None;
                self.close(reservation.offer);
                self.declines = 0;
                self.push_aside(*preempted, *at);
                let (offer, wrap_up) = (reservation.offer, reservation.wrap_up);
                self.active = Some(Active::Call { offer, since: *at, wrap_up });
            }
            Event::OwnCallBegan { offer, preempted, at } => {
                self.push_aside(*preempted, *at);
                self.active = Some(Active::Call { offer: *offer, since: *at, wrap_up: Span::ZERO });
            }
            Event::ConsultationBegan { offer } => self.consultation = Some(*offer),
            Event::LegOver { offer: over } => {
                if let Some(Active::Call { offer, .. }) = &mut self.active
                    && offer == over
                    && let Some(other) = self.consultation
                {
                    self.asked_about.get_or_insert(offer.call);
                    *offer = other;
                }
                self.consultation = None;
            }
            Event::CallOver { offer, wrap_up, wrap_up_active, at } => {
                self.last_call_at = *at;
                self.turn_away(*at);
                if let Some(limit) = wrap_up {
                    let call = self.asked_about.unwrap_or(offer.call);
                    self.begin_call_wrap_up(call, *limit, *wrap_up_active, *at);
                }
                self.asked_about = None;
            }
            Event::CallWrapUpExtended { call } => {
                if let Some(Entry::CallWrapUp(wrap_up)) = self.inbox.get_mut(&ItemId::Call(*call)) {
                    wrap_up.extensions += 1;
                    wrap_up.limit = wrap_up.limit + EXTENSION;
                }
            }
            Event::CallWrapUpOver { call, at } => {
                let item = ItemId::Call(*call);
                self.inbox.remove(&item);
                self.preempted = self.preempted.filter(|preempted| *preempted != item);
                self.next = self.next.filter(|next| *next != item);
                if self.active == Some(Active::Item(item)) {
                    self.turn_away(*at);
                }
            }
            Event::Restarted { down_since, at } => {
                for entry in self.inbox.values_mut() {
                    if let Entry::CallWrapUp(wrap_up) = entry {
                        wrap_up.clock.leave_out(*down_since, *at);
                    }
                }
            }
            Event::CallsOpened => self.calls = Calls::Open,
            Event::PhoneGone => self.phone_gone = true,
            Event::PhoneBack => {
                self.phone_gone = false;
                if self.calls == Calls::PhoneLost {
                    self.calls = Calls::Open;
                }
            }
            Event::BrowserLost { until, gone_at } => {
                self.browser = Browser::Grace { until: *until, gone_at: *gone_at };
            }
            Event::BrowserGraceOver => {
                if let Browser::Grace { gone_at, .. } = self.browser {
                    self.browser = Browser::Lost { gone_at };
                }
                if self.presence == Presence::Available {
                    self.presence = Presence::Unavailable { reason: Reason::ConnectionLost, until: None };
                }
            }
            Event::BrowserBack => {
                self.browser = Browser::Online;
                if matches!(self.presence, Presence::Unavailable { reason: Reason::ConnectionLost, .. }) {
                    self.presence = Presence::Available;
                }
            }
            Event::Unwanted { .. }
            | Event::PushRefused { .. }
            | Event::TakeRefused { .. }
            | Event::CommitRefused { .. } => {}
        }
    }

    fn react(&self, event: &Event) -> Vec<Effect> {
        let (agent, sequence) = (self.id, self.sequence);
        let park = |item, at, by| message::park(item, agent, sequence, at, by);
        let release = |item| message::release(item, agent, sequence);
        let released = |offer: OfferId, queue, outcome| tell_queue(queue, queue::Command::Released { offer, outcome });
        match event {
            Event::LogoutPending { returned } | Event::LoggedOut { returned } => {
                returned.iter().copied().filter_map(release).collect()
            }
            Event::Requested { item, place, pushed } => {
                message::allocate(*item, agent, *place, *pushed).into_iter().collect()
            }
            Event::PushRefused { item, queue } => {
                vec![tell_queue(*queue, queue::Command::PushRefused { item: *item, agent })]
            }
            Event::TakeRefused { item: ItemId::Chat(chat) } => {
                vec![tell_chat(*chat, chat::Command::TransferRefused { agent })]
            }
            Event::RequestFailed { item, pushed: false } => vec![Effect::Notice(agent, *item, Refusal::Taken)],
            Event::Unwanted { item } => release(*item).into_iter().collect(),
            Event::Activated { item, parked, at } => {
                let parked = parked.and_then(|parked| park(parked, *at, chat::ParkedBy::Agent));
                parked.into_iter().chain(message::activate(*item, agent, sequence, *at)).collect()
            }
            Event::Resumed { item, at, .. } => message::resume(*item, agent, sequence, *at).into_iter().collect(),
            Event::Parked { item, at } => park(*item, *at, chat::ParkedBy::Agent).into_iter().collect(),
            Event::Reserved { reservation, preempted, at } => {
                let offer = reservation.offer;
                let by = chat::ParkedBy::Call(offer.call);
                let parked = preempted.and_then(|item| park(item, *at, by));
                parked.into_iter().chain([tell_call(offer.call, call::Command::Ring { offer })]).collect()
            }
            Event::OfferRefused { offer, queue } => vec![released(*offer, *queue, Outcome::Refused)],
            Event::Released { reservation, outcome, stop_ringing, .. } => {
                let offer = reservation.offer;
                let stop = stop_ringing.then(|| tell_call(offer.call, call::Command::StopRinging { offer }));
                stop.into_iter().chain([released(offer, reservation.queue, *outcome)]).collect()
            }
            Event::CommitRefused { offer } => {
                vec![tell_call(offer.call, call::Command::StopRinging { offer: *offer })]
            }
            Event::CallConnected { reservation, preempted, at } => {
                let offer = reservation.offer;
                let by = chat::ParkedBy::Call(offer.call);
                let mut effects: Vec<_> = preempted.and_then(|item| park(item, *at, by)).into_iter().collect();
                effects.push(tell_queue(reservation.queue, queue::Command::Answered { offer }));
                effects.push(tell_call(offer.call, call::Command::Connect { offer }));
                effects
            }
            Event::OwnCallBegan { offer, preempted, at } => {
                let by = chat::ParkedBy::Call(offer.call);
                preempted.and_then(|item| park(item, *at, by)).into_iter().collect()
            }
            Event::Configured { .. }
            | Event::LoggedIn { .. }
            | Event::BreakPending { .. }
            | Event::BreakBegan { .. }
            | Event::TakenOut
            | Event::TakeRefused { .. }
            | Event::Granted { .. }
            | Event::RequestFailed { .. }
            | Event::ProtectionOver
            | Event::Ended { .. }
            | Event::Left { .. }
            | Event::ConsultationBegan { .. }
            | Event::LegOver { .. }
            | Event::CallOver { .. }
            | Event::CallWrapUpExtended { .. }
            | Event::CallWrapUpOver { .. }
            | Event::CallsOpened
            | Event::PhoneGone
            | Event::PhoneBack
            | Event::BrowserLost { .. }
            | Event::BrowserGraceOver
            | Event::BrowserBack
            | Event::Restarted { .. } => vec![],
        }
    }

    fn deadline(&self) -> Option<Timestamp> {
        self.deadlines().min()
    }

    fn due(deadline: Timestamp) -> Command {
        Command::Due(deadline)
    }

    fn is_over(&self) -> bool {
        false
    }
}

impl Agent {
    fn close(&mut self, offer: OfferId) {
        let attempt = self.closed_offers.entry(offer.call).or_default();
        *attempt = (*attempt).max(offer.attempt);
        if self.closed_offers.len() > CLOSED_OFFERS_MAX {
            self.closed_offers.pop_first();
        }
    }

    /// Attends to an item; the wrap-up of a call that was attended to is parked.
    fn turn_to(&mut self, item: ItemId, at: Timestamp) {
        if let Some(Active::Item(before)) = self.active {
            self.park_call_wrap_up(before, at);
        }
        match self.inbox.get_mut(&item) {
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
        self.active = Some(Active::Item(item));
        self.preempted = None;
        self.next = self.next.filter(|next| *next != item);
        self.protected_until = None;
    }

    /// Attends to nothing.
    fn turn_away(&mut self, at: Timestamp) {
        self.active = None;
        self.protected_until = None;
        self.idle_since = at;
    }

    /// A call pushes an item aside; the wrap-up of another call that is attended to is just parked.
    fn push_aside(&mut self, item: Option<ItemId>, at: Timestamp) {
        let Some(item) = item else { return };
        if let Some(active) = self.active_item() {
            self.park_call_wrap_up(active, at);
            self.active = None;
            self.protected_until = None;
            self.preempted_at = at;
        }
        self.preempted = Some(item);
    }

    /// What a call that begins pushes aside. What another call has pushed aside already still comes back first.
    fn interrupted(&self) -> Option<ItemId> {
        self.preempted.or(self.active_item())
    }

    fn park_call_wrap_up(&mut self, item: ItemId, at: Timestamp) {
        if let Some(Entry::CallWrapUp(wrap_up)) = self.inbox.get_mut(&item) {
            wrap_up.clock.stop(at);
            wrap_up.parked_since.get_or_insert(at);
        }
    }

    /// An agent who had this call before goes on with the same wrap-up.
    fn begin_call_wrap_up(&mut self, call: CallId, limit: Span, active: bool, at: Timestamp) {
        let item = ItemId::Call(call);
        let mut clock = match self.inbox.get(&item) {
            Some(Entry::CallWrapUp(before)) => before.clock,
            Some(Entry::Requested { .. } | Entry::Alerting { .. } | Entry::Conversation { .. } | Entry::WrapUp)
            | None => Stopwatch::default(),
        };
        let limit = limit + clock.spent;
        if active {
            clock.start(at);
            self.active = Some(Active::Item(item));
        }
        let parked_since = (!active).then_some(at);
        self.inbox.insert(item, Entry::CallWrapUp(CallWrapUp { clock, limit, extensions: 0, parked_since }));
    }

    fn forget_items(&mut self) {
        self.inbox.clear();
        self.preempted = None;
        self.next = None;
        self.break_pending = None;
        self.protected_until = None;
    }
}
