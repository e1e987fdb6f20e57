//! What machines cause outside of themselves: messages to each other, and wishes to the telephony.
//! Only the vocabulary; delivery, order and durability are the shell's.

use crate::id::{AgentId, CallId, ChatId, ItemId, OfferId, QueueId, TaskId};
use crate::time::Timestamp;
use crate::{Refusal, agent, call, chat, queue, task};
use serde::{Deserialize, Serialize};

/// A command on its way to another machine.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "to", rename_all = "snake_case")]
pub enum Message {
    /// To an agent.
    Agent {
        /// The agent who decides.
        id: AgentId,
        /// What the agent is asked to do or told of.
        command: agent::Command,
    },
    /// To a queue.
    Queue {
        /// The queue that decides.
        id: QueueId,
        /// What the queue is asked to do or told of.
        command: queue::Command,
    },
    /// To a chat.
    Chat {
        /// The chat that decides.
        id: ChatId,
        /// What the chat is asked to do or told of.
        command: chat::Command,
    },
    /// To a call.
    Call {
        /// The call that decides.
        id: CallId,
        /// What the call is asked to do or told of.
        command: call::Command,
    },
    /// To a task.
    Task {
        /// The task that decides.
        id: TaskId,
        /// What the task is asked to do or told of.
        command: task::Command,
    },
}

/// What is to happen because of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Another machine is to be told. Durable together with the event, delivered once and in order per pair.
    Tell(Message),
    /// The telephony is to do something. Never repeated after a restart.
    Signal(CallId, Signal),
    /// The agent's screen is to say that a pick or a transfer did not work out.
    Notice(AgentId, ItemId, Refusal),
}

/// A wish to the SIP user agent and the media relay, about one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Answer the caller if nobody did, and let them hear the announcements and the music of the queue where they wait.
    /// Waits until the event is durable.
    Welcome,
    /// Let the caller hear that it rings: they are answered together with an agent.
    Alert,
    /// Answer the caller who heard ringing: the offer's agent is there. Waits until the event is durable;
    /// [`Signal::Connect`] follows.
    Answer(OfferId),
    /// Refuse the caller's INVITE: nobody has time.
    TurnAway,
    /// Send an INVITE to the phone of the offer's agent.
    Ring(OfferId),
    /// Stop ringing: CANCEL, or ACK and BYE if the phone has answered meanwhile.
    StopRinging(OfferId),
    /// ACK the phone's 200 and bridge both legs. Waits until the event is durable.
    Connect(OfferId),
    /// Hang up at the agent's phone, and let the caller wait on with music: the call goes to a queue.
    Part(OfferId),
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
            Signal::Welcome | Signal::Answer(_) | Signal::Connect(_) => true,
            Signal::Alert
            | Signal::TurnAway
            | Signal::Ring(_)
            | Signal::StopRinging(_)
            | Signal::Part(_)
            | Signal::Clear
            | Signal::ClearStored => false,
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

/// Shorthand for the machines' `react`.
pub(crate) fn tell_task(id: TaskId, command: task::Command) -> Effect {
    Effect::Tell(Message::Task { id, command })
}

/// Tells whatever lies in an agent's inbox that the agent wants it. The wrap-up of a call is the agent's own affair, as
/// with the other words to items: nobody is told.
pub(crate) fn allocate(item: ItemId, agent: AgentId, place: u32, pushed: bool) -> Option<Effect> {
    match item {
        ItemId::Chat(chat) => Some(tell_chat(chat, chat::Command::Allocate { agent, place, pushed })),
        ItemId::Task(task) => Some(tell_task(task, task::Command::Allocate { agent, place, pushed })),
        ItemId::Call(_) => None,
    }
}

/// Tells an item that its agent turned to it.
pub(crate) fn activate(item: ItemId, agent: AgentId, sequence: u64, at: Timestamp) -> Option<Effect> {
    match item {
        ItemId::Chat(chat) => Some(tell_chat(chat, chat::Command::Activate { agent, sequence, at })),
        ItemId::Task(task) => Some(tell_task(task, task::Command::Activate { agent, sequence, at })),
        ItemId::Call(_) => None,
    }
}

/// Tells an item that its agent is back from the call that pushed it aside.
pub(crate) fn resume(item: ItemId, agent: AgentId, sequence: u64, at: Timestamp) -> Option<Effect> {
    match item {
        ItemId::Chat(chat) => Some(tell_chat(chat, chat::Command::Resume { agent, sequence, at })),
        ItemId::Task(task) => Some(tell_task(task, task::Command::Activate { agent, sequence, at })),
        ItemId::Call(_) => None,
    }
}

/// Tells an item that its agent turned away from it.
pub(crate) fn park(item: ItemId, agent: AgentId, sequence: u64, at: Timestamp, by: chat::ParkedBy) -> Option<Effect> {
    match item {
        ItemId::Chat(chat) => Some(tell_chat(chat, chat::Command::Park { agent, sequence, at, by })),
        ItemId::Task(task) => Some(tell_task(task, task::Command::Park { agent, sequence, at, by })),
        ItemId::Call(_) => None,
    }
}

/// Tells an item that its agent is gone.
pub(crate) fn release(item: ItemId, agent: AgentId, sequence: u64) -> Option<Effect> {
    match item {
        ItemId::Chat(chat) => Some(tell_chat(chat, chat::Command::Release { agent, sequence })),
        ItemId::Task(task) => Some(tell_task(task, task::Command::Release { agent, sequence })),
        ItemId::Call(_) => None,
    }
}
