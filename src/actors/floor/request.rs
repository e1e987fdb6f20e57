//! What other threads ask of a floor, as plain data: a request may come from another process just as well.
//! Nothing is done here. Who waits for an answer, and where a browser's pushes go, stands beside the request.

use super::{NamedContact, Reply, VisitorFacts};
use crate::actors::floor::Floor;
use crate::actors::screens::{Outlet, SocketId, Tab};
use crate::protocol::agent::{AgentCommand, Topic};
use crate::protocol::desk::Transcript;
use crate::protocol::details::Rating;
use crate::protocol::error::Problem;
use crate::protocol::rest::{AgentEntry, Decisions, OutlookView, QueueEntry, ServiceEntry};
use crate::protocol::visitor::{FileView, VisitorCommand};
use crate::store::Content;
use actix::Message;
use domain::agent::Presence;
use domain::file::FilesTaken;
use domain::id::{AgentId, CallId, ChatId, ContactId, ItemId, QueueId, TaskId};
use domain::queue::Channel;
use domain::{Identifier, Refusal, agent, call};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::rc::Rc;
use tokio::sync::oneshot;

/// What can be asked of a floor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FloorRequest {
    /// Nothing, but to come to it.
    Ping,
    /// Read the company's rows again.
    Reload,
    /// A call came in.
    CallArrived {
        /// Its new id.
        call: CallId,
        /// For which queue.
        queue: QueueId,
        /// The caller's number; `anonymous` if it is withheld.
        caller: String,
        /// The agent whose phone it is, if it is one of ours.
        phone_of: Option<AgentId>,
        /// The number that was dialled.
        called: String,
        /// Texts to be stored with it.
        content: Vec<Content>,
    },
    /// Something happened at a call's legs.
    TellCall {
        /// A call of this company; one that is over is loaded again.
        call: CallId,
        /// What it hears.
        command: call::Command,
        /// Texts to be stored with whatever it makes of that.
        content: Vec<Content>,
    },
    /// Something happened at an agent's phone.
    TellAgent {
        /// The agent whose phone it is.
        agent: AgentId,
        /// What they hear.
        command: agent::Command,
    },
    /// Store texts with a call, without anything happening to it.
    Keep {
        /// The call with which they are stored.
        call: CallId,
        /// The texts.
        content: Vec<Content>,
    },
    /// Tell the telephony which place a caller has by now.
    Announce {
        /// The call.
        call: CallId,
    },
    /// An agent's tab speaks.
    Agent {
        /// The agent who is logged in there.
        agent: AgentId,
        /// The connection: what a replaced one asks for is not done.
        socket: SocketId,
        /// What it calls itself.
        client: String,
        /// What it says.
        says: AgentSays,
    },
    /// The tab of a chat's visitor speaks.
    Visitor {
        /// Of which chat.
        chat: ChatId,
        /// The connection: what a replaced one asks for is not done.
        socket: SocketId,
        /// What it calls itself.
        client: String,
        /// What it says.
        says: VisitorSays,
    },
    /// Change whether an agent works, without their browser.
    SetPresence {
        /// The agent whose presence changes.
        agent: AgentId,
        /// `LogIn`, `LogOut`, `TakeBreak` or `TakeOut`.
        command: agent::Command,
    },
    /// Say whether these agents work, in their order.
    Presences {
        /// The answer is in this order.
        agents: Vec<AgentId>,
    },
    /// Say how it was decided to whom an item went, and why each agent is not asked if it waits.
    Why {
        /// An item that waits, or of which something was decided.
        item: ItemId,
    },
    /// Say whom an item would meet that came now.
    Outlook {
        /// For which queue.
        queue: QueueId,
        /// What it is to its customer.
        channel: Channel,
    },
    /// Say whether an agent has an item, and in which queue it is.
    Hold {
        /// Who may have it; `None`: whoever asks is nobody who has items.
        agent: Option<AgentId>,
        /// What they may have.
        item: ItemId,
    },
    /// Send an item that waits to another queue.
    Move {
        /// An item that waits; refused if it does not.
        item: ItemId,
        /// The other queue.
        to: QueueId,
    },
    /// Send everything that waits in a queue to another one.
    Overflow {
        /// The queue that is to be emptied.
        queue: QueueId,
        /// The other queue.
        to: QueueId,
    },
    /// Somebody asks for something to be done.
    CreateTask {
        /// The task: a new id.
        task: TaskId,
        /// What it is to its customer.
        channel: Channel,
        /// In which queue it waits.
        queue: QueueId,
        /// Whom to call or to write to, or what is to be done.
        text: String,
    },
    /// Say whether an agent has a chat.
    HasChat {
        /// The agent.
        agent: AgentId,
        /// The chat.
        chat: ChatId,
    },
    /// Say what was written in a chat of this company.
    Transcript {
        /// The chat.
        chat: ChatId,
        /// Before the message with this number.
        before: u32,
    },
    /// Say which files are taken in a chat.
    TakesFiles {
        /// The chat.
        chat: ChatId,
    },
    /// Somebody has sent a file, which is stored: it becomes a message of the chat.
    Attach {
        /// The chat.
        chat: ChatId,
        /// The agent who sends it; `None`: the visitor.
        agent: Option<AgentId>,
        /// What the sender's tab calls itself.
        client: String,
        /// Which of that tab's commands it is.
        number: u64,
        /// The file.
        upload: Upload,
    },
    /// A visitor leaves a message because nobody is there. It comes once, however often it is asked for.
    LeaveMessage {
        /// The task that it becomes: the visitor's session stands for it.
        task: TaskId,
        /// In which queue it waits.
        queue: QueueId,
        /// Who they are, and what they want.
        text: String,
    },
    /// Say who the customer of an item is.
    Identify {
        /// One that is there, or that is over.
        item: ItemId,
        /// A contact of this company; `None`: nobody who is known.
        contact: Option<NamedContact>,
        /// Who says so.
        by: Identifier,
    },
    /// Contacts were changed, merged, parted or erased.
    ContactsChanged {
        /// Which.
        contacts: Vec<ContactId>,
    },
    /// A visitor says how they liked their chat, which is over. What they said first counts.
    Rate {
        /// The chat.
        chat: ChatId,
        /// How.
        rating: Rating,
    },
    /// List the company's queues.
    Queues,
    /// List the company's people.
    Agents,
    /// List the company's chat services.
    Services,
}

/// A file that somebody has sent, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// What it is called by whoever sent it.
    pub name: String,
    /// The SHA-256 of its bytes, in hexadecimal: whoever sends the same again under the same number is not heard twice.
    pub digest: String,
    /// The file.
    pub file: FileView,
}

/// What an agent's tab says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentSays {
    /// It is there, and wants to be shown everything.
    Joined,
    /// It is gone.
    Left,
    /// Do this; the answer comes when it is durable.
    Command {
        /// The command's number.
        number: u64,
        /// The command.
        command: AgentCommand,
    },
    /// The agent writes, or stopped.
    Typing {
        /// In which chat.
        chat: ChatId,
        /// Whether they write.
        on: bool,
    },
    /// Show these from now on, beside the agent's own work.
    Looks {
        /// What.
        at: BTreeSet<Topic>,
    },
    /// Show what was written before.
    Earlier {
        /// In which chat.
        chat: ChatId,
        /// Before the message with this number.
        before: u32,
    },
}

/// What a visitor's tab says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitorSays {
    /// It is there, for a chat that it begins or comes back to.
    Joined {
        /// Where a chat that begins waits.
        queue: QueueId,
        /// What is known about the visitor.
        facts: Box<VisitorFacts>,
        /// Up to which number it has the chat's messages.
        have: u32,
    },
    /// It is gone.
    Left,
    /// Do this; the answer comes when it is durable.
    Command {
        /// The command's number.
        number: u64,
        /// The command.
        command: VisitorCommand,
    },
    /// The visitor writes, or stopped.
    Typing {
        /// Whether they write.
        on: bool,
    },
    /// The visitor has seen the messages up to this one.
    Read {
        /// The last message seen.
        number: u32,
    },
    /// The visitor sees where they wait, or no longer.
    Looks {
        /// Whether they see it.
        on: bool,
    },
}

/// What a floor answers. As JSON it is what it holds.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum FloorAnswer {
    /// It is done, and durable.
    Done,
    /// To [`FloorRequest::Why`].
    Decisions(Decisions),
    /// To [`FloorRequest::Outlook`].
    Outlook(OutlookView),
    /// To [`FloorRequest::Queues`].
    Queues(Vec<QueueEntry>),
    /// To [`FloorRequest::Agents`].
    Agents(Vec<AgentEntry>),
    /// To [`FloorRequest::Services`].
    Services(Vec<ServiceEntry>),
    /// To [`FloorRequest::Hold`]: whether the agent has it, and the queue of an item that goes on.
    Hold(bool, Option<QueueId>),
    /// To [`FloorRequest::Transcript`].
    Transcript(Transcript),
    /// To [`FloorRequest::Presences`].
    Presences(Vec<Presence>),
    /// To [`FloorRequest::TakesFiles`].
    FilesTaken(FilesTaken),
}

/// An answer, or why there is none.
pub type Answer = Result<FloorAnswer, Problem>;

/// Who hears what becomes of a request.
#[derive(Debug)]
pub enum ReplyTo {
    /// Nobody.
    Nobody,
    /// A browser's tab.
    Browser(Outlet),
    /// Whoever waits for the answer.
    Asker(oneshot::Sender<Answer>),
}

impl ReplyTo {
    /// Answers. Whoever asked may have gone meanwhile.
    pub(in crate::actors) fn answer(self, answer: Answer) {
        match self {
            ReplyTo::Asker(asker) => _ = asker.send(answer),
            ReplyTo::Nobody | ReplyTo::Browser(_) => {}
        }
    }

    /// Answers once it is known what became of a command.
    pub(in crate::actors) fn once_done(self) -> Reply {
        Box::new(|_: &Rc<Floor>, result: Result<(), Refusal>| {
            self.answer(result.map(|()| FloorAnswer::Done).map_err(Problem::from));
        })
    }

    /// The tab that asks; `None` if there is no way back to it.
    pub(super) fn tab(self, socket: SocketId, client: String) -> Option<Tab> {
        match self {
            ReplyTo::Browser(to) => Some(Tab { socket, to, client }),
            ReplyTo::Nobody | ReplyTo::Asker(_) => None,
        }
    }
}

/// A request on its way to a floor's door.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Ask {
    /// What is asked.
    pub request: FloorRequest,
    /// Who hears of it.
    pub reply: ReplyTo,
}

impl Ask {
    /// Nobody waits for what becomes of it.
    pub fn plain(request: FloorRequest) -> Ask {
        Ask { request, reply: ReplyTo::Nobody }
    }

    /// With the way back to whoever waits for the answer.
    pub fn answered(request: FloorRequest) -> (Ask, oneshot::Receiver<Answer>) {
        let (asker, answer) = oneshot::channel();
        (Ask { request, reply: ReplyTo::Asker(asker) }, answer)
    }

    /// What an agent's tab says.
    pub fn of_agent(agent: AgentId, tab: Tab, says: AgentSays) -> Ask {
        let Tab { socket, to, client } = tab;
        Ask { request: FloorRequest::Agent { agent, socket, client, says }, reply: ReplyTo::Browser(to) }
    }

    /// What the tab of a chat's visitor says.
    pub fn of_visitor(chat: ChatId, tab: Tab, says: VisitorSays) -> Ask {
        let Tab { socket, to, client } = tab;
        Ask { request: FloorRequest::Visitor { chat, socket, client, says }, reply: ReplyTo::Browser(to) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::ContentKind;
    use domain::file::FileKind;
    use domain::id::FileId;

    fn content() -> Vec<Content> {
        vec![Content { kind: ContentKind::Withheld, number: -1, text: "+49 \"30\"\n".to_owned() }]
    }

    fn agent(says: AgentSays) -> FloorRequest {
        FloorRequest::Agent { agent: AgentId(1), socket: u64::MAX, client: "tab-1".to_owned(), says }
    }

    fn visitor(says: VisitorSays) -> FloorRequest {
        FloorRequest::Visitor { chat: ChatId(17), socket: 2, client: "tab-2".to_owned(), says }
    }

    fn after_agent(says: &AgentSays) -> Option<AgentSays> {
        Some(match says {
            AgentSays::Joined => AgentSays::Left,
            AgentSays::Left => AgentSays::Command {
                number: u64::MAX,
                command: AgentCommand::Say { chat: ChatId(17), text: "ä \u{1F600}".to_owned() },
            },
            AgentSays::Command { .. } => AgentSays::Typing { chat: ChatId(17), on: true },
            AgentSays::Typing { .. } => AgentSays::Looks { at: [Topic::Queues, Topic::Supervision].into() },
            AgentSays::Looks { .. } => AgentSays::Earlier { chat: ChatId(17), before: 50 },
            AgentSays::Earlier { .. } => return None,
        })
    }

    fn after_visitor(says: &VisitorSays) -> Option<VisitorSays> {
        let facts = VisitorFacts { page: "https://a.example/?b".to_owned(), service: 3, ..VisitorFacts::default() };
        Some(match says {
            VisitorSays::Left => VisitorSays::Joined { queue: QueueId(3), facts: Box::new(facts), have: 7 },
            VisitorSays::Joined { .. } => VisitorSays::Command { number: 1, command: VisitorCommand::Leave {} },
            VisitorSays::Command { .. } => VisitorSays::Typing { on: false },
            VisitorSays::Typing { .. } => VisitorSays::Read { number: 3 },
            VisitorSays::Read { .. } => VisitorSays::Looks { on: true },
            VisitorSays::Looks { .. } => return None,
        })
    }

    /// Each variant leads to the next one, so that the compiler asks for the place of a new one.
    fn after(request: &FloorRequest) -> Option<FloorRequest> {
        let (call, queue, item) = (CallId(1 << 60), QueueId(3), ItemId::Chat(ChatId(17)));
        Some(match request {
            FloorRequest::Ping => FloorRequest::Reload,
            FloorRequest::Reload => FloorRequest::CallArrived {
                call,
                queue,
                caller: "anonymous".to_owned(),
                phone_of: Some(AgentId(1)),
                called: "+4930".to_owned(),
                content: content(),
            },
            FloorRequest::CallArrived { .. } => {
                let offer = domain::id::OfferId { call, agent: AgentId(1), attempt: 2 };
                FloorRequest::TellCall { call, command: call::Command::PhoneAnswered { offer }, content: content() }
            }
            FloorRequest::TellCall { .. } => {
                FloorRequest::TellAgent { agent: AgentId(1), command: agent::Command::BrowserBack }
            }
            FloorRequest::TellAgent { .. } => FloorRequest::Keep { call, content: content() },
            FloorRequest::Keep { .. } => FloorRequest::Announce { call },
            FloorRequest::Announce { .. } => agent(AgentSays::Joined),
            FloorRequest::Agent { says, .. } => after_agent(says).map_or_else(|| visitor(VisitorSays::Left), agent),
            FloorRequest::Visitor { says, .. } => after_visitor(says).map_or_else(
                || FloorRequest::SetPresence { agent: AgentId(1), command: agent::Command::LogOut },
                visitor,
            ),
            FloorRequest::SetPresence { .. } => FloorRequest::Presences { agents: vec![AgentId(1), AgentId(2)] },
            FloorRequest::Presences { .. } => FloorRequest::Why { item },
            FloorRequest::Why { .. } => FloorRequest::Outlook { queue, channel: Channel::Chat },
            FloorRequest::Outlook { .. } => FloorRequest::Hold { agent: Some(AgentId(1)), item },
            FloorRequest::Hold { .. } => FloorRequest::Move { item: ItemId::Task(TaskId(4)), to: queue },
            FloorRequest::Move { .. } => FloorRequest::Overflow { queue, to: QueueId(4) },
            FloorRequest::Overflow { .. } => FloorRequest::CreateTask {
                task: TaskId(4),
                channel: Channel::WorkItem,
                queue,
                text: "call back".to_owned(),
            },
            FloorRequest::CreateTask { .. } => FloorRequest::HasChat { agent: AgentId(1), chat: ChatId(17) },
            FloorRequest::HasChat { .. } => FloorRequest::Transcript { chat: ChatId(17), before: u32::MAX },
            FloorRequest::Transcript { .. } => FloorRequest::TakesFiles { chat: ChatId(17) },
            FloorRequest::TakesFiles { .. } => {
                let file = FileView { file: FileId(3), kind: FileKind::Pdf, size: 7 };
                let upload = Upload { name: "\u{202e}fdp.exe".to_owned(), digest: "00ff".to_owned(), file };
                let client = "tab-2".to_owned();
                FloorRequest::Attach { chat: ChatId(17), agent: None, client, number: u64::MAX, upload }
            }
            FloorRequest::Attach { .. } => {
                FloorRequest::LeaveMessage { task: TaskId(5), queue, text: "E-mail: a@b.example".to_owned() }
            }
            FloorRequest::LeaveMessage { .. } => FloorRequest::Identify {
                item,
                contact: Some(NamedContact { contact: ContactId(7), name: "Ännchen \"Tau\"".to_owned() }),
                by: Identifier::Supervisor(AgentId(1)),
            },
            FloorRequest::Identify { .. } => FloorRequest::ContactsChanged { contacts: vec![ContactId(7)] },
            FloorRequest::ContactsChanged { .. } => {
                FloorRequest::Rate { chat: ChatId(17), rating: Rating { stars: 5, comment: "\u{1F600}".to_owned() } }
            }
            FloorRequest::Rate { .. } => FloorRequest::Queues,
            FloorRequest::Queues => FloorRequest::Agents,
            FloorRequest::Agents => FloorRequest::Services,
            FloorRequest::Services => return None,
        })
    }

    #[test]
    fn every_request_is_the_same_after_it_was_written_and_read() {
        let requests: Vec<_> = std::iter::successors(Some(FloorRequest::Ping), after).collect();
        assert!(requests.len() > 20, "the chain has a gap: {requests:?}");
        for request in requests {
            let text = serde_json::to_string(&request).unwrap();
            assert_eq!(serde_json::from_str::<FloorRequest>(&text).unwrap(), request, "{text}");
        }
    }
}
