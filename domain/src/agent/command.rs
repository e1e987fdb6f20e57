//! All that can be asked of an agent.

use super::{Kept, Settings};
use crate::id::{AgentId, BreakReasonId, CallId, ItemId, OfferId, QueueId};
use crate::queue::Outcome;
use crate::routing::Tier;
use crate::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};

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
