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
    /// The administrator's settings, at the first start and after every change.
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
        /// One of the company's reasons; 0 is the one without a name.
        reason: BreakReasonId,
    },
    /// The supervisor takes the agent out of routing.
    TakeOut,
    /// Takes an item out of its queue (R5, R6).
    Pick {
        /// A chat or a task that waits; a call cannot be picked.
        item: ItemId,
        /// The queue where the agent saw it.
        queue: QueueId,
        /// The place where the agent saw it.
        place: u32,
    },
    /// The queue gives an item to the agent.
    Push {
        /// A chat or a task; a call is offered instead.
        item: ItemId,
        /// The queue in which it waits.
        queue: QueueId,
        /// Its place there.
        place: u32,
    },
    /// Another agent gives a chat to this one.
    Take {
        /// The chat, which stays in the other inbox until it has moved.
        item: ItemId,
        /// The queue that it belongs to.
        queue: QueueId,
        /// Its place now.
        place: u32,
    },
    /// The item agreed to come.
    Allocated {
        /// The item that was asked to come.
        item: ItemId,
        /// What it is like.
        kept: Kept,
    },
    /// Somebody else was faster.
    NotAllocated {
        /// The item that was asked to come.
        item: ItemId,
    },
    /// Turns to an item (R6, R11).
    Activate {
        /// An item in the inbox; one that is active already stays so.
        item: ItemId,
    },
    /// Puts the active item aside (R11, R13).
    Park {
        /// The item that is to be put aside.
        item: ItemId,
    },
    /// Ends the wrap-up of a call.
    FinishCallWrapUp {
        /// The call that is written up.
        call: CallId,
    },
    /// Needs longer for the wrap-up of a call: by [`EXTENSION`], [`EXTENSIONS_MAX`] times.
    ExtendCallWrapUp {
        /// The call that is written up.
        call: CallId,
    },
    /// The conversation is over, the chat is in its wrap-up.
    Ended {
        /// The chat, which stays in the inbox for its wrap-up.
        item: ItemId,
    },
    /// The item is not this agent's any more.
    Left {
        /// An item in the inbox.
        item: ItemId,
        /// Because it was pushed and the agent did not turn to it.
        missed: bool,
    },
    /// The queue offers a call.
    Offer {
        /// The call, this agent, and which attempt it is.
        offer: OfferId,
        /// The queue in which the call waits: it hears the outcome.
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
        /// Call, agent and attempt: an offer with an older attempt is over.
        offer: OfferId,
    },
    /// Declined on the screen.
    Decline {
        /// Call, agent and attempt: an offer with an older attempt is over.
        offer: OfferId,
    },
    /// The phone did not take the call.
    PhoneFailed {
        /// Call, agent and attempt: an offer with an older attempt is over.
        offer: OfferId,
        /// Declined, busy or unreachable.
        outcome: Outcome,
    },
    /// The phone answered: is it still wanted?
    Commit {
        /// Call, agent and attempt: an offer with an older attempt is over.
        offer: OfferId,
    },
    /// The call of this offer is over, or never was.
    Over {
        /// The offer that connected it, or was to.
        offer: OfferId,
    },
    /// The agent's phone is in a call that no queue offered: they dialled, or were dialled.
    Dialled {
        /// The call, which the daemon knows from its own dialogs.
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
