//! All that can happen to an agent.

use super::{Calls, Entry, Presence, Reservation, Settings};
use crate::id::{AgentId, BreakReasonId, CallId, ItemId, OfferId, QueueId};
use crate::queue::Outcome;
use crate::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};

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
