//! What a scenario is played on: the machines of one company, and a clock that is moved by hand.
//! It knows no words: whoever implements it needs nothing of the language.

use domain::Refusal;
use domain::agent::{self, Agent};
use domain::call::Call;
use domain::chat::{self, Chat};
use domain::id::{AgentId, CallId, ChatId, ItemId, OfferId, QueueId, TaskId};
use domain::message::{Message, Signal};
use domain::queue::{self, Channel, Outcome, Queue};
use domain::routing::Skill;
use domain::task::Task;
use domain::time::{Span, Timestamp};
use std::collections::BTreeMap;

/// What there is before anybody does anything. The ids are 1, 2, 3, … in the order of the lists; all agents are logged out.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    pub queues: Vec<QueueSetup>,
    pub agents: Vec<AgentSetup>,
}

/// A queue, and what holds for chats that arrive for it.
#[derive(Clone, Debug)]
pub struct QueueSetup {
    pub id: QueueId,
    pub name: String,
    pub settings: queue::Settings,
    pub chats: chat::Settings,
}

/// An agent.
#[derive(Clone, Debug)]
pub struct AgentSetup {
    pub id: AgentId,
    pub name: String,
    pub settings: agent::Settings,
    pub serves: BTreeMap<QueueId, Skill>,
    /// Whether the scenario begins without them.
    pub stays_away: bool,
}

/// Something arrives for a queue.
#[derive(Clone, Copy, Debug)]
pub enum Arrival {
    /// A caller, and whom they had last.
    Call { queue: QueueId, preferred: Option<AgentId> },
    /// A visitor's request.
    Chat { queue: QueueId },
    /// An e-mail, a work item or a callback.
    Task { queue: QueueId, channel: Channel },
}

/// The machines, what reaches them from outside and what they cause there.
///
/// What happens is handed over by `arrive` and `tell`, and dealt with by the machine that it is for; what that causes at other
/// machines is delivered by `settle`, as far as the stage can hold it back for so long. Several things handed over before a
/// `settle` cross each other.
pub trait Stage {
    /// What is done next, as it is written. Stages need not know.
    fn hear(&mut self, _line: &str) {}

    /// What time it is.
    fn now(&self) -> Timestamp;

    /// Something arrives; `None` if it is turned away because the queue is full or nobody serves it.
    fn arrive(&mut self, arrival: Arrival) -> Option<ItemId>;

    /// A person, a phone or a browser says something. What is said in chats has a text beside it, as everywhere.
    fn tell(&mut self, message: Message);

    /// Delivers all messages and all that they cause. Returns the answers to what was told since the last time, in its order.
    fn settle(&mut self) -> Vec<Result<(), Refusal>>;

    /// Time passes; whatever is due happens at its time, and all that it causes.
    fn pass(&mut self, span: Span);

    /// The daemon is killed, undelivered messages and all, and is there again after this time: the machines are as they were,
    /// undelivered messages are sent again, and `Restarted` goes to every agent and to every item that is not over.
    fn restart(&mut self, down: Span);

    /// The administrator says which queues an agent serves.
    fn serve(&mut self, agent: AgentId, queues: BTreeMap<QueueId, Skill>);

    /// An agent's machine.
    fn agent(&self, id: AgentId) -> Agent;

    /// A queue's machine.
    fn queue(&self, id: QueueId) -> Queue;

    /// A chat's machine, also when it is over.
    fn chat(&self, id: ChatId) -> Chat;

    /// A call's machine, also when it is over.
    fn call(&self, id: CallId) -> Call;

    /// A task's machine, also when it is over.
    fn task(&self, id: TaskId) -> Task;

    /// Where the board sees an item wait: the queue, and the number of its place.
    fn place(&self, item: ItemId) -> Option<(QueueId, u32)>;

    /// What the telephony was asked for since the last time.
    fn signals(&mut self) -> Vec<(CallId, Signal)>;

    /// What agents' screens were asked to say since the last time.
    fn notices(&mut self) -> Vec<(AgentId, ItemId, Refusal)>;

    /// How offers ended that no agent answered, since the last time: by the agents' events `Released` and `OfferRefused`.
    fn outcomes(&mut self) -> Vec<(OfferId, Outcome)>;
}
