//! What the agent desktop and the daemon say to each other over `/ws/agent`.
//! Whoever opens the socket is logged in already: the session cookie says who they are.

use super::error::{Code, Problem};
use super::visitor::{EndedBy, Message};
use domain::id::{AgentId, CallId, ChatId, OfferId, QueueId};
use domain::time::{Span, Stopwatch, Timestamp};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// From the desktop. The first one on each connection is `Hello`.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[ts(export_to = "agent.ts")]
pub enum AgentRequest {
    /// Asks for the snapshot and for all frames after it.
    Hello {
        /// Which tab this is: 8 to 64 characters, kept over reconnects. Commands are numbered per client.
        client: String,
    },
    /// Something that is to be done exactly once. Sent again after a reconnect until its answer came.
    Command {
        /// Grows with each command of this client, from 1.
        #[ts(type = "number")]
        id: u64,
        /// What is to be done.
        command: AgentCommand,
    },
    /// The agent is writing in a chat, or stopped. Volatile: never repeated, never answered.
    Typing {
        /// The chat.
        #[ts(type = "number")]
        chat: ChatId,
        /// Whether they write.
        on: bool,
    },
    /// All frames up to this one are drawn. The daemon closes a connection that is 256 frames behind.
    Ack {
        /// The frame's number.
        #[ts(type = "number")]
        seq: u64,
    },
}

/// What an agent can do. The answer comes when it is durable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
#[ts(export_to = "agent.ts")]
pub enum AgentCommand {
    /// Starts work: calls may ring, chats may be picked.
    LogIn {},
    /// Stops work: chats go back to their queue (R16); a running call goes on first.
    LogOut {},
    /// Takes a waiting chat out of its queue (R5). It becomes active if nothing else is, else it waits in the inbox.
    Pick {
        /// The chat.
        #[ts(type = "number")]
        chat: ChatId,
    },
    /// Turns to a chat in the inbox; the active one is parked (R6, R11).
    Activate {
        /// The chat.
        #[ts(type = "number")]
        chat: ChatId,
    },
    /// Puts the active chat, or its wrap-up, aside (R11, R13).
    Park {
        /// The chat.
        #[ts(type = "number")]
        chat: ChatId,
    },
    /// Ends the conversation; its wrap-up begins.
    End {
        /// The chat.
        #[ts(type = "number")]
        chat: ChatId,
    },
    /// Ends a wrap-up before its time: of a chat, or of the last call if no chat is named.
    FinishWrapUp {
        /// The chat; `null` means the call's wrap-up.
        #[ts(type = "number | null")]
        chat: Option<ChatId>,
    },
    /// Needs a minute longer for the wrap-up of a chat; three times at most.
    ExtendWrapUp {
        /// The chat.
        #[ts(type = "number")]
        chat: ChatId,
    },
    /// Writes a message of 1 to 4,000 characters.
    Say {
        /// The chat.
        #[ts(type = "number")]
        chat: ChatId,
        /// The text.
        text: String,
    },
    /// Everything up to this message was seen.
    Read {
        /// The chat.
        #[ts(type = "number")]
        chat: ChatId,
        /// The message's number.
        number: u32,
    },
    /// Does not want the call that rings.
    Decline {
        /// The offer.
        #[ts(type = "{ call: number, agent: number, attempt: number }")]
        offer: OfferId,
    },
    /// Ends the running call.
    HangUp {
        /// The call.
        #[ts(type = "number")]
        call: CallId,
    },
}

/// From the daemon.
#[derive(Clone, Debug, Serialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export_to = "agent.ts")]
pub enum AgentReply {
    /// Everything as it is now; frames with higher numbers follow.
    Snapshot {
        /// The number of the last frame that this snapshot holds.
        #[ts(type = "number")]
        seq: u64,
        /// The daemon's clock, milliseconds since 1970: the desktop shows durations against it.
        #[ts(type = "number")]
        now: Timestamp,
        /// The agent.
        agent: AgentView,
        /// The queues that the agent serves.
        queues: Vec<QueueView>,
        /// The chats in the inbox.
        chats: Vec<ChatView>,
        /// Their messages.
        messages: Vec<ChatMessages>,
    },
    /// One change.
    Frame {
        /// One more than the last.
        #[ts(type = "number")]
        seq: u64,
        /// What changed.
        frame: AgentFrame,
    },
    /// The one answer to a command.
    Answer {
        /// The command's id.
        #[ts(type = "number")]
        id: u64,
        /// `null` when it was done.
        problem: Option<Problem>,
    },
    /// The connection is of no use; the daemon closes it now.
    Refused {
        /// Why.
        problem: Problem,
    },
}

/// The messages of one chat, oldest first.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export_to = "agent.ts")]
pub struct ChatMessages {
    /// The chat.
    #[ts(type = "number")]
    pub chat: ChatId,
    /// Its messages.
    pub messages: Vec<Message>,
}

/// One change on the agent's screen.
#[derive(Clone, Debug, Serialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export_to = "agent.ts")]
pub enum AgentFrame {
    /// The agent is now as given.
    Agent {
        /// All of it.
        agent: AgentView,
    },
    /// An item waits in a queue, or the one that waits there is now as given.
    Waiting {
        /// The queue.
        #[ts(type = "number")]
        queue: QueueId,
        /// The item.
        item: WaitingItem,
    },
    /// An item does not wait in this queue any more.
    Left {
        /// The queue.
        #[ts(type = "number")]
        queue: QueueId,
        /// The item.
        item: ItemRef,
    },
    /// A chat in the inbox is now as given (also: came into the inbox; its messages follow as frames of their own).
    Chat {
        /// All of it, without the messages.
        chat: ChatView,
    },
    /// A chat is not in the inbox any more.
    ChatGone {
        /// The chat.
        #[ts(type = "number")]
        chat: ChatId,
    },
    /// A message was stored.
    Message {
        /// The chat.
        #[ts(type = "number")]
        chat: ChatId,
        /// The message.
        message: Message,
    },
    /// The visitor is writing, or stopped.
    Typing {
        /// The chat.
        #[ts(type = "number")]
        chat: ChatId,
        /// Whether they write.
        on: bool,
    },
    /// Something that the agent asked for turned out not to be possible after all: the picked chat was taken, say.
    Notice {
        /// What.
        code: Code,
        /// The chat that it is about.
        #[ts(type = "number | null")]
        chat: Option<ChatId>,
    },
}

/// A thing that waits in queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export_to = "agent.ts")]
pub enum ItemRef {
    /// A phone call.
    Call {
        /// Which.
        #[ts(type = "number")]
        id: CallId,
    },
    /// A web chat.
    Chat {
        /// Which.
        #[ts(type = "number")]
        id: ChatId,
    },
}

/// A queue and what waits in it, calls and chats side by side (R3).
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export_to = "agent.ts")]
pub struct QueueView {
    /// Which.
    #[ts(type = "number")]
    pub queue: QueueId,
    /// Its name.
    pub name: String,
    /// Oldest first.
    pub waiting: Vec<WaitingItem>,
}

/// An item in a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export_to = "agent.ts")]
pub struct WaitingItem {
    /// Which.
    pub item: ItemRef,
    /// Since when it waits: milliseconds since 1970. Kept when it comes back to a queue.
    #[ts(type = "number")]
    pub arrived_at: Timestamp,
    /// Who it is: a caller's number; for a chat the page it came from. May be empty.
    pub who: String,
    /// The phone that rings for it: the agent's name, if it is offered right now.
    pub offered_to: Option<String>,
}

/// An agent's own view of themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export_to = "agent.ts")]
pub struct AgentView {
    /// Which.
    #[ts(type = "number")]
    pub agent: AgentId,
    /// The display name.
    pub name: String,
    /// Whether they work.
    pub presence: PresenceView,
    /// Whether calls may ring.
    pub calls: CallsView,
    /// What they attend to.
    pub active: Option<ActiveView>,
    /// The call that rings on their phone.
    pub ringing: Option<RingingView>,
    /// The chat that a call pushed aside and that comes back by itself (R14).
    #[ts(type = "number | null")]
    pub preempted: Option<ChatId>,
    /// The wrap-up of the last call, while it waits parked.
    pub call_wrap_up: Option<WrapUpView>,
    /// How many chats they may have at once.
    pub chats_max: u32,
}

/// Whether an agent works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "presence", rename_all = "snake_case")]
#[ts(export_to = "agent.ts")]
pub enum PresenceView {
    /// Not at work.
    LoggedOut {},
    /// At work.
    Available {},
    /// At work, but taken out of routing until they come back by themselves.
    Unavailable {
        /// Why.
        reason: UnavailableReason,
    },
    /// Logs out as soon as the running call is over.
    LoggingOut {},
}

/// Why an agent was taken out of routing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "agent.ts")]
pub enum UnavailableReason {
    /// A call rang and was not answered.
    Missed,
    /// The browser was gone for too long.
    ConnectionLost,
}

/// Whether calls may ring at an agent's phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "calls", rename_all = "snake_case")]
#[ts(export_to = "agent.ts")]
pub enum CallsView {
    /// They may.
    Open {},
    /// Not now: a call was missed, declined or found the phone busy while a chat went on.
    Blocked {
        /// Until when; `null`: until the agent says so (log in again).
        #[ts(type = "number | null")]
        until: Option<Timestamp>,
    },
    /// The phone cannot be reached.
    PhoneLost {},
}

/// The one thing that an agent attends to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export_to = "agent.ts")]
pub enum ActiveView {
    /// A chat, its conversation or its wrap-up.
    Chat {
        /// Which.
        #[ts(type = "number")]
        chat: ChatId,
    },
    /// A call.
    Call {
        /// Which.
        #[ts(type = "number")]
        call: CallId,
        /// The caller's number; empty if it is withheld.
        caller: String,
        /// The queue's name.
        queue: String,
        /// Since when it is connected.
        #[ts(type = "number")]
        since: Timestamp,
    },
    /// The wrap-up of a call.
    CallWrapUp {
        /// How long yet.
        wrap_up: WrapUpView,
    },
}

/// A call that rings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export_to = "agent.ts")]
pub struct RingingView {
    /// The offer: `Decline` names it.
    #[ts(type = "{ call: number, agent: number, attempt: number }")]
    pub offer: OfferId,
    /// The caller's number; empty if it is withheld.
    pub caller: String,
    /// The queue's name.
    pub queue: String,
    /// Until when it rings.
    #[ts(type = "number")]
    pub until: Timestamp,
}

/// A stop-watch against a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export_to = "agent.ts")]
pub struct WrapUpView {
    /// Time spent so far.
    pub clock: ClockView,
    /// When that much is spent, the wrap-up ends by itself. Milliseconds.
    #[ts(type = "number")]
    pub limit_ms: Span,
    /// How often it can still be extended by a minute.
    pub extensions_left: u8,
}

/// A stop-watch: `spent_ms + (now - running_since)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export_to = "agent.ts")]
pub struct ClockView {
    /// What was spent before `running_since`, milliseconds.
    #[ts(type = "number")]
    pub spent_ms: Span,
    /// Since when it runs; `null` while it stands still.
    #[ts(type = "number | null")]
    pub running_since: Option<Timestamp>,
}

impl From<Stopwatch> for ClockView {
    fn from(watch: Stopwatch) -> ClockView {
        ClockView { spent_ms: watch.spent, running_since: watch.running_since }
    }
}

/// A chat in the inbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export_to = "agent.ts")]
pub struct ChatView {
    /// Which.
    #[ts(type = "number")]
    pub chat: ChatId,
    /// The queue that it came from.
    #[ts(type = "number")]
    pub queue: QueueId,
    /// The queue's name.
    pub queue_name: String,
    /// The page it came from. May be empty.
    pub page: String,
    /// The visitor's language, `de` or `en`.
    pub language: String,
    /// When the visitor asked for it.
    #[ts(type = "number")]
    pub arrived_at: Timestamp,
    /// Where it stands.
    pub state: ChatStateView,
    /// Time spent on the conversation (R12).
    pub handling: ClockView,
    /// The wrap-up, once the conversation is over.
    pub wrap_up: Option<WrapUpView>,
    /// Whether the visitor's browser is connected.
    pub visitor_online: bool,
    /// Messages of the visitor with higher numbers are unread.
    pub read_up_to: u32,
}

/// Where a chat in the inbox stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
#[ts(export_to = "agent.ts")]
pub enum ChatStateView {
    /// In the inbox, never attended to yet.
    Allocated {},
    /// Attended to.
    Active {},
    /// Put aside by the agent.
    Parked {},
    /// Pushed aside by a call; comes back by itself.
    Preempted {
        /// The call.
        #[ts(type = "number")]
        call: CallId,
    },
    /// Over, the agent writes it up.
    WrapUp {
        /// Who ended the conversation.
        ended_by: EndedBy,
        /// False while the wrap-up is parked: then its clock stands still (R13).
        active: bool,
    },
}
