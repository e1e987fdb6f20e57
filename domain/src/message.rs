//! What machines cause outside of themselves: messages to each other, and wishes to the telephony.
//! Only the vocabulary; delivery, order and durability are the shell's.

use crate::id::{AgentId, CallId, ChatId, OfferId, QueueId};
use crate::{Refusal, agent, call, chat, queue};
use serde::{Deserialize, Serialize};

/// A command on its way to another machine.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "to", rename_all = "snake_case")]
pub enum Message {
    /// To an agent.
    Agent {
        /// Whom.
        id: AgentId,
        /// What.
        command: agent::Command,
    },
    /// To a queue.
    Queue {
        /// Which.
        id: QueueId,
        /// What.
        command: queue::Command,
    },
    /// To a chat.
    Chat {
        /// Which.
        id: ChatId,
        /// What.
        command: chat::Command,
    },
    /// To a call.
    Call {
        /// Which.
        id: CallId,
        /// What.
        command: call::Command,
    },
}

/// What is to happen because of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Another machine is to be told. Durable together with the event, delivered once and in order per pair.
    Tell(Message),
    /// The telephony is to do something. Never repeated after a restart.
    Signal(CallId, Signal),
    /// The agent's screen is to say that a pick did not work out.
    Notice(AgentId, ChatId, Refusal),
}

/// A wish to the SIP user agent and the media relay, about one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Answer the caller and play music. Waits until the event is durable.
    Welcome,
    /// Send an INVITE to the phone of the offer's agent.
    Ring(OfferId),
    /// Stop ringing: CANCEL, or ACK and BYE if the phone has answered meanwhile.
    StopRinging(OfferId),
    /// ACK the phone's 200 and bridge both legs. Waits until the event is durable.
    Connect(OfferId),
    /// Take down whatever legs there are: the call is over.
    Clear,
    /// Take down, from stored facts, the legs that an earlier run of the daemon had.
    ClearStored,
}

impl Signal {
    /// Whether it must not happen before its cause is durable: what says *yes* to a peer (200, ACK) waits, what asks
    /// or takes back (INVITE, CANCEL, BYE) does not.
    pub fn waits_for_commit(self) -> bool {
        match self {
            Signal::Welcome | Signal::Connect(_) => true,
            Signal::Ring(_) | Signal::StopRinging(_) | Signal::Clear | Signal::ClearStored => false,
        }
    }
}

/// Shorthand for the machines' `react`.
pub(crate) fn tell_agent(id: AgentId, command: agent::Command) -> Effect {
    Effect::Tell(Message::Agent { id, command })
}

/// Shorthand for the machines' `react`.
pub(crate) fn tell_queue(id: QueueId, command: queue::Command) -> Effect {
    Effect::Tell(Message::Queue { id, command })
}

/// Shorthand for the machines' `react`.
pub(crate) fn tell_chat(id: ChatId, command: chat::Command) -> Effect {
    Effect::Tell(Message::Chat { id, command })
}

/// Shorthand for the machines' `react`.
pub(crate) fn tell_call(id: CallId, command: call::Command) -> Effect {
    Effect::Tell(Message::Call { id, command })
}
