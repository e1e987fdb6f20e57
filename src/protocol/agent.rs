//! What the agent desktop and the daemon say to each other over `/ws/agent`.
//! Whoever opens the socket is logged in already: the session cookie says who they are.

use super::details::VisitorDetails;
use super::error::{Code, Problem};
use super::visitor::{EndedBy, Message};
use domain::call::Side;
use domain::file::FileKind;
use domain::id::{AgentId, BreakReasonId, CallId, ChatId, ContactId, ItemId, OfferId, QueueId, TaskId};
use domain::phone::Says;
use domain::queue::{Channel, Strategy};
use domain::routing::{Obstacle, Tier};
use domain::time::{Span, Stopwatch, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use ts_rs::TS;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

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
    /// Asks for the messages before those that are known; gets one `earlier`. Volatile: asked again after a reconnect.
    Earlier {
        /// The chat.
        #[ts(type = "number")]
        chat: ChatId,
        /// The lowest number that is known.
        before: u32,
    },
    /// From now on the screen shows these, beside the agent's own work, which it always does: nothing is sent of the others,
    /// and what comes into sight is sent whole. Until it is said, all are in sight. Volatile: said again after a reconnect.
    Looks {
        /// At what.
        at: BTreeSet<Topic>,
    },
    /// All frames up to this one are drawn. The daemon closes a connection that is 256 frames behind.
    Ack {
        /// The frame's number.
        #[ts(type = "number")]
        seq: u64,
    },
}

/// What may be out of sight on an agent's screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "agent.ts")]
pub enum Topic {
    /// What waits in the queues that the agent serves.
    Queues,
    /// The other agents.
    Colleagues,
    /// What supervisors are told.
    Supervision,
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
    /// Takes a break: at once, or as soon as nothing goes on. `LogIn` ends it, or takes the wish back.
    TakeBreak {
        /// One of the company's reasons; 0: just so.
        #[ts(type = "number")]
        reason: BreakReasonId,
    },
    /// Takes a waiting chat or task out of its queue (R5). It becomes active if nothing else is, else it waits in the
    /// inbox.
    Pick {
        /// Which.
        item: ItemRef,
    },
    /// Turns to an item in the inbox, the wrap-up of a call included; the active one is parked (R6, R11).
    Activate {
        /// Which.
        item: ItemRef,
    },
    /// Puts the active item, or its wrap-up, aside (R11, R13).
    Park {
        /// Which.
        item: ItemRef,
    },
    /// Gives the active chat to somebody else. It stays until an agent who is asked agrees; who cannot take it, is told
    /// by a notice.
    Transfer {
        /// The chat.
        #[ts(type = "number")]
        chat: ChatId,
        /// To whom.
        to: Recipient,
        /// What they should know, at most 4,000 characters; the visitor does not see it. May be empty.
        note: String,
    },
    /// Gives the running call to a queue: its caller waits there with their age, the agent's part is over.
    TransferCall {
        /// The call.
        #[ts(type = "number")]
        call: CallId,
        /// The queue.
        #[ts(type = "number")]
        queue: QueueId,
    },
    /// Ends the conversation; its wrap-up begins.
    End {
        /// The chat.
        #[ts(type = "number")]
        chat: ChatId,
    },
    /// Is done: with the wrap-up of a chat or of a call before its time is up, or with a task.
    Finish {
        /// Which.
        item: ItemRef,
    },
    /// Needs a minute longer for the wrap-up of a chat or a call; three times at most, and for a call not while a visitor
    /// waits for its end.
    ExtendWrapUp {
        /// Which.
        item: ItemRef,
    },
    /// Writes a message of 1 to 4,000 characters.
    Say {
        /// The chat.
        #[ts(type = "number")]
        chat: ChatId,
        /// The text.
        text: String,
    },
    /// Notes something of 1 to 4,000 characters for whoever has the chat; its visitor never sees it.
    Note {
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

/// To whom an agent gives a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[ts(export_to = "agent.ts")]
pub enum Recipient {
    /// To whoever serves a queue.
    Queue {
        /// Which.
        #[ts(type = "number")]
        id: QueueId,
    },
    /// To another agent.
    Agent {
        /// Whom.
        #[ts(type = "number")]
        id: AgentId,
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
        /// The tasks in the inbox.
        tasks: Vec<TaskView>,
        /// The other agents of the company, by name.
        colleagues: Vec<ColleagueView>,
        /// All queues of the company, by name: chats and calls can be given to each.
        destinations: Vec<DestinationView>,
        /// Why one may take a break, in the company's words.
        break_reasons: Vec<BreakReasonView>,
        /// Their last messages; the others are asked for by `earlier`.
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
        /// The command's id; `null`: of a request that could not be read, and has none.
        #[ts(type = "number | null")]
        id: Option<u64>,
        /// `null` when it was done.
        problem: Option<Problem>,
    },
    /// A page of earlier messages; none if there is nothing before, or if the chat is not the agent's.
    Earlier {
        /// The chat.
        #[ts(type = "number")]
        chat: ChatId,
        /// The messages, oldest first.
        messages: Vec<Message>,
    },
    /// The connection is of no use; the daemon closes it now.
    Refused {
        /// Why.
        problem: Problem,
    },
}

/// The last messages of one chat, oldest first.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export_to = "agent.ts")]
pub struct ChatMessages {
    /// The chat.
    #[ts(type = "number")]
    pub chat: ChatId,
    /// Its messages.
    pub messages: Vec<Message>,
    /// The last of the notes that its agents wrote for each other, oldest first; its visitor never sees one.
    pub notes: Vec<NoteView>,
}

/// Something that an agent noted in a chat for whoever has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(export_to = "agent.ts")]
pub struct NoteView {
    /// Its place among the notes of the chat: 1, 2, 3, … without gaps.
    pub number: u32,
    /// It stands behind the message with this number; 0: before all.
    pub after: u32,
    /// Who wrote it.
    #[ts(type = "number")]
    #[schema(value_type = u64)]
    pub agent: AgentId,
    /// Their display name.
    pub author: String,
    /// The text, as written: plain text, never markup.
    pub text: String,
    /// When it was stored, milliseconds since 1970.
    #[ts(type = "number")]
    #[schema(value_type = u64)]
    pub at: Timestamp,
    /// The tab that sent it.
    pub client: String,
    /// The command that it was.
    #[ts(type = "number")]
    pub command: u64,
}

/// One change on the agent's screen.
#[allow(clippy::large_enum_variant, reason = "frames live until they are serialised")]
#[derive(Clone, Debug, Serialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export_to = "agent.ts")]
pub enum AgentFrame {
    /// The agent is now as given.
    Agent {
        /// All of it.
        agent: AgentView,
    },
    /// What waits in a queue has changed.
    Queue {
        /// The queue.
        #[ts(type = "number")]
        queue: QueueId,
        /// What came or looks different, each item as it is now.
        waiting: Vec<WaitingItem>,
        /// What does not wait there any more.
        left: Vec<ItemRef>,
    },
    /// The queues that the agent serves are now as given: they came into sight.
    Queues {
        /// All of them.
        queues: Vec<QueueView>,
    },
    /// A chat in the inbox is now as given (also: came into the inbox; its last messages follow in a frame of their own).
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
    /// A task in the inbox is now as given (also: came into the inbox).
    Task {
        /// All of it.
        task: TaskView,
    },
    /// A task is not in the inbox any more.
    TaskGone {
        /// The task.
        #[ts(type = "number")]
        task: TaskId,
    },
    /// Another agent is now as given.
    Colleague {
        /// All that is shown of them.
        colleague: ColleagueView,
    },
    /// The other agents are now as given, by name: they came into sight.
    Colleagues {
        /// All of them.
        colleagues: Vec<ColleagueView>,
    },
    /// For supervisors: a visitor waits for too long.
    Alert {
        /// The chat.
        #[ts(type = "number")]
        chat: ChatId,
        /// The display name of the agent who has it.
        agent: String,
        /// The queue's name.
        queue: String,
        /// A call has interrupted the chat; else its agent has parked it.
        preempted: bool,
    },
    /// The last messages of a chat that came into the inbox; the others are asked for by `earlier`.
    Messages {
        /// The chat.
        #[ts(type = "number")]
        chat: ChatId,
        /// The messages, oldest first.
        messages: Vec<Message>,
        /// The last of its notes, oldest first.
        notes: Vec<NoteView>,
    },
    /// A message was stored.
    Message {
        /// The chat.
        #[ts(type = "number")]
        chat: ChatId,
        /// The message.
        message: Message,
    },
    /// Somebody noted something in a chat, for those who have it.
    Note {
        /// The chat.
        #[ts(type = "number")]
        chat: ChatId,
        /// The note.
        note: NoteView,
    },
    /// The visitor has seen the messages up to this one.
    VisitorRead {
        /// The chat.
        #[ts(type = "number")]
        chat: ChatId,
        /// The last message seen.
        number: u32,
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
        /// What it is about.
        item: Option<ItemRef>,
    },
}

/// A thing that waits in queues and lies in inboxes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
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
    /// A task: an e-mail, a work item or a callback.
    Task {
        /// Which.
        #[ts(type = "number")]
        id: TaskId,
    },
}

impl From<ItemId> for ItemRef {
    fn from(item: ItemId) -> ItemRef {
        match item {
            ItemId::Call(id) => ItemRef::Call { id },
            ItemId::Chat(id) => ItemRef::Chat { id },
            ItemId::Task(id) => ItemRef::Task { id },
        }
    }
}

impl From<ItemRef> for ItemId {
    fn from(item: ItemRef) -> ItemId {
        match item {
            ItemRef::Call { id } => ItemId::Call(id),
            ItemRef::Chat { id } => ItemId::Chat(id),
            ItemRef::Task { id } => ItemId::Task(id),
        }
    }
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

/// The customer of an item, as screens name them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export_to = "agent.ts")]
pub struct ContactRef {
    /// The contact; of one that was merged into another the other one.
    #[ts(type = "number")]
    pub contact: ContactId,
    /// Their name, else where they work, else by what they are reached.
    pub name: String,
}

/// An item in a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export_to = "agent.ts")]
pub struct WaitingItem {
    /// Which.
    pub item: ItemRef,
    /// What it is to its customer.
    pub channel: Channel,
    /// Since when it waits: milliseconds since 1970. Kept when it comes back to a queue.
    #[ts(type = "number")]
    pub arrived_at: Timestamp,
    /// Who it is: a caller's number; for a chat the page it came from. May be empty.
    pub who: String,
    /// The customer, if it is known who that is.
    pub contact: Option<ContactRef>,
    /// The language of a chat's visitor, `de` or `en`; empty for all else.
    pub language: String,
    /// The first line that a chat's visitor wrote, at most 160 characters; `null`: they have not written yet, or it is no
    /// chat.
    pub first_line: Option<String>,
    /// The name that a chat's visitor gave; empty if they gave none, or it is no chat.
    pub name: String,
    /// The agent's name, if it is offered to or pushed to somebody right now.
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
    /// The break that begins as soon as nothing goes on.
    #[ts(type = "number | null")]
    pub break_pending: Option<BreakReasonId>,
    /// Whether calls may ring.
    pub calls: CallsView,
    /// Chats are not pushed any more, because too many were not turned to. `LogIn` ends it.
    pub chats_blocked: bool,
    /// Why no new chats come to them; what they have stays with them. `null`: they do, or never did.
    pub chats_off: Option<ChatsOff>,
    /// What they attend to.
    pub active: Option<ActiveView>,
    /// The call that rings on their phone.
    pub ringing: Option<RingingView>,
    /// What a call pushed aside and what comes back by itself (R14).
    pub preempted: Option<ItemRef>,
    /// What comes by itself after the item that is active.
    pub next: Option<ItemRef>,
    /// Until when no call may interrupt what came back.
    #[ts(type = "number | null")]
    pub protected_until: Option<Timestamp>,
    /// The wrap-ups of calls that wait parked, by call.
    pub call_wrap_ups: Vec<CallWrapUpView>,
    /// What they may do.
    pub may: MayView,
}

/// Why no new chats come to somebody who can have chats (R1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "agent.ts")]
pub enum ChatsOff {
    /// By the company's licence none may begin.
    Unlicensed,
    /// They are beyond the number of agents that it names.
    BeyondLicence,
}

/// What an agent may do at the moment. A code says what stands in the way; `null`: nothing does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export_to = "agent.ts")]
pub struct MayView {
    /// Taking a chat out of a queue that is not among the next.
    pub pick_chat: Option<Code>,
    /// Taking one out of a queue with a maximum of its own, where that makes a difference.
    pub pick_chat_in: Vec<MayPickView>,
    /// Taking a task out of a queue.
    pub pick_task: Option<Code>,
    /// Turning to something in the inbox.
    pub activate: Option<Code>,
    /// What can be put aside: what they attend to, unless that is a call.
    pub park: Vec<ItemRef>,
}

/// Whether chats of one queue may be picked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export_to = "agent.ts")]
pub struct MayPickView {
    /// The queue.
    #[ts(type = "number")]
    pub queue: QueueId,
    /// What stands in the way.
    pub pick_chat: Option<Code>,
}

/// Whether an agent works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS, ToSchema)]
#[serde(tag = "presence", rename_all = "snake_case")]
#[ts(export_to = "agent.ts")]
pub enum PresenceView {
    /// Not at work.
    LoggedOut {},
    /// At work.
    Available {},
    /// On a break.
    Break {
        /// Which of the company's reasons.
        #[ts(type = "number")]
        #[schema(value_type = u64)]
        reason: BreakReasonId,
        /// Since when.
        #[ts(type = "number")]
        #[schema(value_type = u64)]
        since: Timestamp,
    },
    /// At work, but taken out of routing until they come back by themselves.
    Unavailable {
        /// Why.
        reason: UnavailableReason,
    },
    /// Logs out as soon as the running call is over.
    LoggingOut {},
}

/// Why an agent was taken out of routing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "agent.ts")]
pub enum UnavailableReason {
    /// A call rang and was not answered.
    Missed,
    /// The browser was gone for too long.
    ConnectionLost,
    /// A supervisor said so.
    Supervisor,
}

/// Whether calls may ring at an agent's phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "calls", rename_all = "snake_case")]
#[ts(export_to = "agent.ts")]
pub enum CallsView {
    /// They may.
    Open {},
    /// Not now: a call was missed, declined, or refused by the phone.
    Blocked {
        /// Until when; `null`: until the agent says so (log in again).
        #[ts(type = "number | null")]
        until: Option<Timestamp>,
        /// What the phone said to a call, if that is why.
        says: Option<PhoneSaysView>,
    },
    /// No phone is registered, or it cannot be reached.
    PhoneLost {},
    /// They have none: no call is meant for them.
    NoPhone {},
}

/// What a phone that is there said instead of taking a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "said", rename_all = "snake_case")]
#[ts(export_to = "agent.ts")]
pub enum PhoneSaysView {
    /// Somebody telephones there.
    Busy {},
    /// It is not to be disturbed.
    DoNotDisturb {},
    /// It sends calls elsewhere.
    Elsewhere {},
    /// It speaks nothing that we speak.
    NothingInCommon {},
    /// Anything else.
    Error {
        /// The SIP status.
        status: u16,
    },
}

impl From<Says> for PhoneSaysView {
    fn from(says: Says) -> PhoneSaysView {
        match says {
            Says::Busy => PhoneSaysView::Busy {},
            Says::DoNotDisturb => PhoneSaysView::DoNotDisturb {},
            Says::Elsewhere => PhoneSaysView::Elsewhere {},
            Says::NothingInCommon => PhoneSaysView::NothingInCommon {},
            Says::Error { status } => PhoneSaysView::Error { status },
        }
    }
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
    /// A task.
    Task {
        /// Which.
        #[ts(type = "number")]
        task: TaskId,
    },
    /// A call.
    Call {
        /// Which.
        #[ts(type = "number")]
        call: CallId,
        /// The caller's number; empty if it is withheld.
        caller: String,
        /// Who that is, if it is known.
        contact: Option<ContactRef>,
        /// The queue's name.
        queue: String,
        /// Since when it is connected.
        #[ts(type = "number")]
        since: Timestamp,
        /// Who has put the other on hold.
        #[ts(type = "\"caller\" | \"agent\" | null")]
        held: Option<Side>,
        /// Why it came here; nothing if no queue gave it.
        why: Option<WhyView>,
        /// What stands in the way of hanging up here and of giving it away; `null`: nothing does. A call that the agent
        /// dialled is in their phone's hands only.
        hang_up: Option<Code>,
    },
    /// The wrap-up of a call.
    CallWrapUp {
        /// Of which, and how long yet.
        wrap_up: CallWrapUpView,
    },
}

/// The wrap-up of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export_to = "agent.ts")]
pub struct CallWrapUpView {
    /// Of which call.
    #[ts(type = "number")]
    pub call: CallId,
    /// Its caller's number; empty if it is withheld.
    pub caller: String,
    /// Who that is, if it is known.
    pub contact: Option<ContactRef>,
    /// How long yet.
    pub wrap_up: WrapUpView,
    /// From when on its agent is reminded that it is not done; `null` while they attend to it.
    #[ts(type = "number | null")]
    pub reminds_at: Option<Timestamp>,
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
    /// Who that is, if it is known.
    pub contact: Option<ContactRef>,
    /// The queue's name.
    pub queue: String,
    /// Until when it rings.
    #[ts(type = "number")]
    pub until: Timestamp,
    /// Why it rings here.
    pub why: Option<WhyView>,
}

/// Why an item came to an agent and not to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS, ToSchema)]
#[ts(export_to = "agent.ts")]
pub struct WhyView {
    /// When it was decided.
    #[ts(type = "number")]
    #[schema(value_type = u64)]
    pub at: Timestamp,
    /// The queue's name.
    pub queue: String,
    /// Who comes first among agents of the same tier.
    #[schema(schema_with = strategies)]
    #[ts(type = "\"longest_idle\" | \"round_robin\" | \"skill\" | \"sticky\"")]
    pub strategy: Strategy,
    /// Whether they were chosen because the customer had them last.
    pub preferred: bool,
    /// The one who was chosen.
    pub winner: CandidateView,
    /// Those who would have come next.
    pub next: Vec<CandidateView>,
    /// How many were passed over, by reason, most first.
    pub passed_over: Vec<PassedOverView>,
}

/// One who could have got an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS, ToSchema)]
#[ts(export_to = "agent.ts")]
pub struct CandidateView {
    /// The display name.
    pub agent: String,
    /// What would have been interrupted.
    #[schema(schema_with = tiers)]
    #[ts(type = "\"free\" | \"task\" | \"chat_answered\" | \"chat_waiting\"")]
    pub tier: Tier,
    /// How often that was interrupted before.
    pub preemptions: u32,
    /// Since when they are idle; who would have been interrupted: when their last call ended. 0: never.
    #[ts(type = "number")]
    #[schema(value_type = u64)]
    pub since: Timestamp,
}

/// How many could not be asked for a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS, ToSchema)]
#[ts(export_to = "agent.ts")]
pub struct PassedOverView {
    /// The reason.
    pub obstacle: Obstacle,
    /// How many.
    pub agents: u32,
}

/// Another agent, as far as their colleagues are concerned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export_to = "agent.ts")]
pub struct ColleagueView {
    /// Which.
    #[ts(type = "number")]
    pub agent: AgentId,
    /// The display name.
    pub name: String,
    /// Whether they can ever take a chat: they are not voice-only, and may have one.
    pub takes_chats: bool,
    /// What stands in the way of giving them a chat of a queue that is not among the next: they do not work, are on a break,
    /// have no browser, or have as many as they may have. `null`: nothing does.
    pub take_chat: Option<Code>,
    /// The same of a queue with a maximum of its own, where that makes a difference.
    pub take_chat_from: Vec<MayTakeView>,
    /// What they are at.
    pub does: DoesView,
    /// The queues that they serve when they work.
    #[ts(type = "number[]")]
    pub queues: Vec<QueueId>,
}

/// What an agent is at, as far as their colleagues are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "agent.ts")]
pub enum DoesView {
    /// They don't work.
    Out,
    /// They are on a break, or taken out of routing.
    Away,
    /// They work, and nothing is active.
    Nothing,
    /// They talk, or it rings at their phone.
    Call,
    /// A chat is active, or its wrap-up.
    Chat,
    /// Something else is: a task, or the wrap-up of a call.
    Other,
}

/// Whether a colleague can take a chat of one queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export_to = "agent.ts")]
pub struct MayTakeView {
    /// The queue.
    #[ts(type = "number")]
    pub queue: QueueId,
    /// What stands in the way.
    pub take_chat: Option<Code>,
}

/// A queue to which chats and calls can be given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export_to = "agent.ts")]
pub struct DestinationView {
    /// Which.
    #[ts(type = "number")]
    pub queue: QueueId,
    /// Its name.
    pub name: String,
}

/// Why one may take a break.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export_to = "agent.ts")]
pub struct BreakReasonView {
    /// Which.
    #[ts(type = "number")]
    pub reason: BreakReasonId,
    /// In the company's words.
    pub name: String,
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
    /// What stands in the way of that; `null`: nothing does.
    pub extend: Option<Code>,
    /// What stands in the way of being done with it; `null`: nothing does.
    pub finish: Option<Code>,
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
    /// The visitor, if it is known who that is.
    pub contact: Option<ContactRef>,
    /// Whether the visitor's browser is connected.
    pub visitor_online: bool,
    /// Messages of the visitor with higher numbers are unread.
    pub read_up_to: u32,
    /// It needs attention: it waits to be turned to, or its visitor waits for an answer while it is parked.
    pub alarm: bool,
    /// Whether it goes back to its queue when its agent logs out; else it is closed.
    pub goes_back: bool,
    /// Another agent is asked to take it: their display name.
    pub transfer_to: Option<String>,
    /// What the agent who gave it away wrote about it. May be empty.
    pub note: String,
    /// The visitor has seen the messages up to this one; 0 as long as they have not said so since the daemon's start.
    pub visitor_read_up_to: u32,
    /// Since when the visitor waits for an answer, milliseconds since 1970, when this was said: what is written later is told by
    /// the messages.
    #[ts(type = "number | null")]
    pub unanswered_since: Option<Timestamp>,
    /// How long a file may be that somebody sends in it, in bytes; 0: none can be sent.
    #[ts(type = "number")]
    pub file_bytes_max: u64,
    /// Of which kinds it may be, by its content: names as in the setting `files.kinds`.
    #[ts(type = "string[]")]
    pub file_kinds: Vec<FileKind>,
    /// What the visitor said of themselves.
    pub details: VisitorDetails,
    /// What its agent may do with it.
    pub may: MayWithChatView,
}

/// What its agent may do with a chat at the moment. A code says what stands in the way; `null`: nothing does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export_to = "agent.ts")]
pub struct MayWithChatView {
    /// Writing.
    pub say: Option<Code>,
    /// Giving it to a queue.
    pub transfer: Option<Code>,
    /// Giving it to another agent.
    pub transfer_to_agent: Option<Code>,
    /// Ending the conversation.
    pub end: Option<Code>,
}

/// A task in the inbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export_to = "agent.ts")]
pub struct TaskView {
    /// Which.
    #[ts(type = "number")]
    pub task: TaskId,
    /// What it is.
    pub channel: Channel,
    /// The queue that it came from.
    #[ts(type = "number")]
    pub queue: QueueId,
    /// The queue's name.
    pub queue_name: String,
    /// Whom to call or to write to, or what is to be done.
    pub text: String,
    /// The customer, if it is known who that is.
    pub contact: Option<ContactRef>,
    /// When the customer first came.
    #[ts(type = "number")]
    pub arrived_at: Timestamp,
    /// Where it stands.
    pub state: TaskStateView,
    /// Time spent on it.
    pub handling: ClockView,
    /// What stands in the way of being done with it; `null`: nothing does.
    pub finish: Option<Code>,
}

/// Where a task in the inbox stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
#[ts(export_to = "agent.ts")]
pub enum TaskStateView {
    /// In the inbox, never worked on yet.
    Allocated {
        /// When it goes back to its queue, if it was pushed.
        #[ts(type = "number | null")]
        until: Option<Timestamp>,
    },
    /// Worked on.
    Active {},
    /// Put aside.
    Parked {},
}

/// Where a chat in the inbox stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
#[ts(export_to = "agent.ts")]
pub enum ChatStateView {
    /// In the inbox, never attended to yet.
    Allocated {
        /// When it goes back to its queue, if it came without the agent's asking.
        #[ts(type = "number | null")]
        until: Option<Timestamp>,
    },
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

pub(super) fn strategies() -> Object {
    one_of(["longest_idle", "round_robin", "skill", "sticky"])
}

fn tiers() -> Object {
    one_of(["free", "task", "chat_answered", "chat_waiting"])
}

fn one_of<const N: usize>(words: [&'static str; N]) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).build()
}
