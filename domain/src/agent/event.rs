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
    /// The administrator's settings hold from now on.
    Configured {
        /// The agent's id.
        id: AgentId,
        /// All settings, those that did not change too.
        settings: Settings,
    },
    /// Work goes on.
    LoggedIn {
        /// When; the agent is idle from then on.
        at: Timestamp,
    },
    /// Chats go back, and work stops once the call is over.
    LogoutPending {
        /// The chats and tasks that go back to their queues.
        returned: Vec<ItemId>,
    },
    /// Work stopped.
    LoggedOut {
        /// The chats and tasks that go back to their queues.
        returned: Vec<ItemId>,
    },
    /// A break begins as soon as nothing goes on.
    BreakPending {
        /// One of the company's reasons; 0 is the one without a name.
        reason: BreakReasonId,
    },
    /// A break began.
    BreakBegan {
        /// One of the company's reasons; 0 is the one without a name.
        reason: BreakReasonId,
        /// When the break began.
        at: Timestamp,
    },
    /// The supervisor took the agent out of routing.
    TakenOut,
    /// An item was asked to come.
    Requested {
        /// The chat or task.
        item: ItemId,
        /// The number of the place where it was seen: it does not come if it has moved since.
        place: u32,
        /// Not by the agent.
        pushed: bool,
    },
    /// The agent cannot take what the queue pushed.
    PushRefused {
        /// The chat or task, which waits on.
        item: ItemId,
        /// The queue that pushed it, and is told.
        queue: QueueId,
    },
    /// The agent cannot take what another one wanted to give.
    TakeRefused {
        /// The chat, which stays with the other agent.
        item: ItemId,
    },
    /// An item that was asked to come has come.
    Granted {
        /// The item, in the inbox from now on.
        item: ItemId,
        /// How it stands in the inbox.
        entry: Entry,
    },
    /// An item that was asked to come did not.
    RequestFailed {
        /// The item, which went elsewhere.
        item: ItemId,
        /// Nobody has to be told: the agent did not ask for it.
        pushed: bool,
    },
    /// An item came after the agent had logged out: it goes back.
    Unwanted {
        /// The item, which returns to its queue.
        item: ItemId,
    },
    /// The agent turned to an item.
    Activated {
        /// The item that is active from now on.
        item: ItemId,
        /// The one put aside for it.
        parked: Option<ItemId>,
        /// When the item's clocks start.
        at: Timestamp,
    },
    /// The agent put the active item aside.
    Parked {
        /// The item that was active.
        item: ItemId,
        /// When the item's clocks stop.
        at: Timestamp,
    },
    /// What a call pushed aside came back by itself (R14, R15).
    Resumed {
        /// The item that the call had interrupted.
        item: ItemId,
        /// Until when it may not be pushed aside again.
        protected_until: Option<Timestamp>,
        /// When the item's clocks go on.
        at: Timestamp,
    },
    /// What came back after an interruption may be interrupted again.
    ProtectionOver,
    /// A conversation is over.
    Ended {
        /// The chat, which is in its wrap-up now.
        item: ItemId,
    },
    /// An item left the inbox.
    Left {
        /// The item, which is elsewhere or over.
        item: ItemId,
        /// Because it was pushed and the agent did not turn to it.
        missed: bool,
        /// When; if it was the active one, the agent is idle from then on.
        at: Timestamp,
    },
    /// The agent is reserved for a call, which rings.
    Reserved {
        /// The offer, its queue, and how long it rings.
        reservation: Reservation,
        /// What is parked for it already.
        preempted: Option<ItemId>,
        /// When it began to ring.
        at: Timestamp,
    },
    /// The agent was not free when the offer came, or it came out of order.
    OfferRefused {
        /// The offer, which its queue hears is over.
        offer: OfferId,
        /// The queue that made it, and is told.
        queue: QueueId,
    },
    /// The reservation is over without a call.
    Released {
        /// The reservation that it was.
        reservation: Reservation,
        /// Why: this is the one outcome of its offer.
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
        /// The offer, for which the call is told that it is void.
        offer: OfferId,
    },
    /// The call is connected, and what it interrupted is put aside, in one event (R9, R14).
    CallConnected {
        /// The reservation that it was.
        reservation: Reservation,
        /// The item that was active and is parked by it.
        preempted: Option<ItemId>,
        /// When the talk began.
        at: Timestamp,
    },
    /// The agent is in a call that no queue offered, and what it interrupts is put aside.
    OwnCallBegan {
        /// The call, as an offer with the attempt 0.
        offer: OfferId,
        /// The item that was active and is parked by it.
        preempted: Option<ItemId>,
        /// When it began.
        at: Timestamp,
    },
    /// The agent has begun a second call, beside the one that goes on.
    ConsultationBegan {
        /// The second call.
        offer: OfferId,
    },
    /// One of two calls is over.
    LegOver {
        /// The one of both that is over.
        offer: OfferId,
    },
    /// The last call is over.
    CallOver {
        /// The offer by which it was connected.
        offer: OfferId,
        /// How long its wrap-up lasts, if it has one.
        wrap_up: Option<Span>,
        /// Whether that begins now; else it waits parked.
        wrap_up_active: bool,
        /// When the call ended.
        at: Timestamp,
    },
    /// The wrap-up of a call lasts longer.
    CallWrapUpExtended {
        /// The call that is written up.
        call: CallId,
    },
    /// The wrap-up of a call is over.
    CallWrapUpOver {
        /// The call that was written up.
        call: CallId,
        /// When the agent was done with it, or its time was up.
        at: Timestamp,
    },
    /// The agent may be asked for calls again.
    CallsOpened,
    /// No phone of the agent is registered: calls cannot be offered.
    PhoneGone,
    /// A phone of the agent is registered again.
    PhoneBack,
    /// The last browser tab is gone, and is waited for.
    BrowserLost {
        /// Until when the agent is shielded.
        until: Timestamp,
        /// When the browser is given up.
        gone_at: Timestamp,
    },
    /// The browser did not come back in time.
    BrowserGraceOver,
    /// A browser tab is there again.
    BrowserBack,
    /// The wrap-up of a call that was going on has left out the time from `down_since` to `at`.
    Restarted {
        /// When the daemon was last known to run.
        down_since: Timestamp,
        /// When it was there again.
        at: Timestamp,
    },
}
