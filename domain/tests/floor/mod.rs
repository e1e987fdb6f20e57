//! A floor on which every message, every deadline and every crash is a step of its own: the production machines, one
//! queue of messages per pair, and the people around them.
//! It decides nothing: what a step does is the machines' business, whether it was right is the laws'.
#![allow(dead_code, reason = "the random stories and the model each use their part")]
#![allow(clippy::unwrap_used, reason = "a floor that does not hold what a step names is a mistake in the test")]

pub mod fault;
pub mod laws;
pub mod picture;
pub mod rules;

use domain::agent::{self, Agent};
use domain::call::{self, Call};
use domain::chat::{self, Chat};
use domain::id::{AgentId, BreakReasonId, CallId, ChatId, ContactId, ItemId, OfferId, QueueId, TaskId};
use domain::message::{Effect, Message, Signal};
use domain::post::{self, Member};
use domain::queue::{self, Channel, Outcome, Queue};
use domain::routing::{Admission, Board, Closed, Proposal, Skill};
use domain::task::{self, Task};
use domain::time::{Span, Timestamp};
use domain::{Identifier, Machine, Refusal};
use fault::Fault;
pub use rules::Rule;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Debug;

/// More rounds of the post than any story needs: what goes on for so long never comes to rest.
const ROUNDS_MAX: usize = 500;
/// How long the daemon is down after a crash.
const DOWNTIME: Span = Span::seconds(500);
/// From which number on tasks are asked for by people: lower numbers belong to the chats that they replace.
pub const TASKS_FROM: u64 = 11;
/// From which number on calls are agents' own: an agent's first own call has this and the agent's number, the second
/// one, for a consultation, ten more.
pub const OWN_CALLS_FROM: u64 = 100;

/// Who sends or gets messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// The floor itself: deadlines, proposals, the news of a restart.
    Floor,
    Agent(u64),
    Queue(u64),
    Chat(u64),
    Call(u64),
    Task(u64),
}

impl Party {
    /// The machine that it is.
    fn machine(self) -> Option<post::Party> {
        match self {
            Party::Floor => None,
            Party::Agent(id) => Some(post::Party::Agent(AgentId(id))),
            Party::Queue(id) => Some(post::Party::Queue(QueueId(id))),
            Party::Chat(id) => Some(post::Party::Chat(ChatId(id))),
            Party::Call(id) => Some(post::Party::Call(CallId(id))),
            Party::Task(id) => Some(post::Party::Task(TaskId(id))),
        }
    }

    /// The item that it is.
    fn item(self) -> Option<ItemId> {
        self.machine()?.item()
    }
}

impl From<post::Party> for Party {
    fn from(machine: post::Party) -> Party {
        match machine {
            post::Party::Agent(id) => Party::Agent(id.0),
            post::Party::Queue(id) => Party::Queue(id.0),
            post::Party::Chat(id) => Party::Chat(id.0),
            post::Party::Call(id) => Party::Call(id.0),
            post::Party::Task(id) => Party::Task(id.0),
        }
    }
}

impl From<ItemId> for Party {
    fn from(item: ItemId) -> Party {
        post::Party::from(item).into()
    }
}

/// One step of a story, as it can be kept in a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// The next message of a pair arrives.
    Deliver(Party, Party),
    /// Everything that is on its way arrives.
    Rest,
    /// Time passes to the next deadline.
    Tick,
    /// So many seconds pass.
    Pass(u64),
    /// A deadline passes, whatever the time: only where time is left out.
    Due(Party, Timestamp),
    /// The daemon dies and is there again.
    Crash,
    /// The administrator lets a queue push what it did not, and the other way round.
    Reconfigure(u64),
    /// The administrator lets an agent serve the last queue, or not any more.
    Reassign(u64),
    LogIn(u64),
    LogOut(u64),
    TakeBreak(u64),
    TakeOut(u64),
    /// Agent, item, place.
    Pick(u64, Party, u32),
    Activate(u64, Party),
    Park(u64, Party),
    /// Agent, item: they say that it is of the contact with their own number.
    Identify(u64, Party),
    /// Agent, call.
    FinishCallWrapUp(u64, u64),
    ExtendCallWrapUp(u64, u64),
    /// Agent, call, attempt.
    Decline(u64, u64, u32),
    BrowserLost(u64),
    BrowserBack(u64),
    PhoneRegistered(u64),
    PhoneUnregistered(u64),
    /// Agent, call: one that no queue offered.
    Dialled(u64, u64),
    OwnCallOver(u64, u64),
    Request(u64),
    Leave(u64),
    VisitorLost(u64),
    VisitorBack(u64),
    VisitorSays(u64),
    Choose(u64, chat::Choice),
    AgentSays(u64, u64),
    AgentNotes(u64, u64),
    Reads(u64, u64),
    End(u64, u64),
    ExtendWrapUp(u64, u64),
    FinishWrapUp(u64, u64),
    /// Agent, chat, queue.
    TransferToQueue(u64, u64, u64),
    /// Agent, chat, agent.
    TransferToAgent(u64, u64, u64),
    RequestTask(u64),
    /// Agent, task.
    FinishTask(u64, u64),
    /// The supervisor: item, from queue, to queue.
    Move(Party, u64, u64),
    /// The supervisor: everything, from queue, to queue.
    Overflow(u64, u64),
    Arrive(u64),
    CallerHangsUp(u64),
    /// Agent, call.
    HangUp(u64, u64),
    /// The agent puts the caller on hold, or takes them back.
    Hold(u64),
    /// Agent, call, queue.
    TransferCall(u64, u64, u64),
    /// Agent, call, attempt; as all that phones do.
    PhoneAnswers(u64, u64, u32),
    PhoneBusy(u64, u64, u32),
    PhoneUnreachable(u64, u64, u32),
    PhoneDeclines(u64, u64, u32),
    PhoneHangsUp(u64, u64, u32),
}

/// A message on its way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Letter {
    /// When what caused it happened.
    pub at: Timestamp,
    pub message: Message,
}

/// An agent's phone, as far as one offer is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Leg {
    /// It was asked to ring.
    Ringing,
    /// It was asked to stop; what it did before may still come.
    Stopping,
    Answered,
}

/// A deadline as the shell keeps it: `known` is compared with the machine's, and `armed` until it fires.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Timer {
    pub known: Option<Timestamp>,
    pub armed: bool,
}

/// What an event was and did: enough for a law about one event.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "facts live for one turn")]
pub enum Fact {
    Agent {
        before: Agent,
        command: agent::Command,
        event: agent::Event,
        told: Vec<Message>,
        after: Agent,
    },
    Queue {
        event: queue::Event,
        told: Vec<Message>,
    },
    Chat {
        id: ChatId,
        before: Chat,
        command: chat::Command,
        event: chat::Event,
        told: Vec<Message>,
        after: Chat,
    },
    Task {
        before: Task,
        event: task::Event,
        told: Vec<Message>,
        after: Task,
    },
    Call {
        before: Call,
        event: call::Event,
        told: Vec<Message>,
    },
    /// The board proposed, and the queue has not heard of it yet.
    Proposed(Proposal),
    /// The replay of a machine's events, each written and read again, is not the machine.
    Replay(String),
    /// A machine that is written and read again is another one.
    Snapshot(String),
}

/// How big a floor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Size {
    pub agents: u64,
    pub queues: u64,
    pub calls: u64,
    pub chats: u64,
    pub tasks: u64,
}

/// The floor.
#[derive(Clone, Debug)]
pub struct Floor {
    pub size: Size,
    pub rules: Vec<Rule>,
    pub now: Timestamp,
    /// Time stands still, and deadlines pass as steps of their own.
    pub timeless: bool,
    pub agents: BTreeMap<AgentId, Agent>,
    pub queues: BTreeMap<QueueId, Queue>,
    pub chats: BTreeMap<ChatId, Chat>,
    pub calls: BTreeMap<CallId, Call>,
    pub tasks: BTreeMap<TaskId, Task>,
    pub serving: BTreeMap<AgentId, BTreeMap<QueueId, Skill>>,
    pub board: Board,
    pub post: BTreeMap<(Party, Party), VecDeque<Letter>>,
    pub timers: BTreeMap<Party, Timer>,
    pub legs: BTreeMap<OfferId, Leg>,
    /// The calls of agents that no queue offered: somebody will say that they are over.
    pub own_calls: BTreeSet<(u64, u64)>,
    pub ledger: laws::Ledger,
    pub fault: Option<Fault>,
    /// The law that was broken, and how.
    pub broken: Option<(&'static str, String)>,
    /// The law that is looked at; `None`: all.
    pub only: Option<&'static str>,
    /// What happened on this floor, by machine and event; not where time is left out.
    pub happened: BTreeSet<(&'static str, String)>,
    replay: Replay,
}

/// What the events alone make of the machines. No part of a floor's identity: it must equal the machines.
#[derive(Clone, Debug, Default)]
struct Replay {
    agents: BTreeMap<AgentId, Agent>,
    queues: BTreeMap<QueueId, Queue>,
    chats: BTreeMap<ChatId, Chat>,
    calls: BTreeMap<CallId, Call>,
    tasks: BTreeMap<TaskId, Task>,
}

impl Floor {
    /// A floor with agents who work, and nothing else yet.
    pub fn new(size: Size, rules: &[Rule], timeless: bool) -> Floor {
        let mut floor = Floor {
            size,
            rules: rules.to_vec(),
            now: Timestamp(1_000_000_000),
            timeless,
            agents: BTreeMap::new(),
            queues: BTreeMap::new(),
            chats: BTreeMap::new(),
            calls: BTreeMap::new(),
            tasks: BTreeMap::new(),
            serving: BTreeMap::new(),
            board: Board::default(),
            post: BTreeMap::new(),
            timers: BTreeMap::new(),
            legs: BTreeMap::new(),
            own_calls: BTreeSet::new(),
            ledger: laws::Ledger::default(),
            fault: None,
            broken: None,
            only: None,
            happened: BTreeSet::new(),
            replay: Replay::default(),
        };
        for id in 1..=size.queues {
            floor.queues.insert(QueueId(id), Queue::default());
            let settings = Box::new(rules::of_queue(size, rules, id));
            let command = queue::Command::Configure { id: QueueId(id), settings };
            floor.turn(Message::Queue { id: QueueId(id), command });
        }
        for id in 1..=size.agents {
            floor.agents.insert(AgentId(id), Agent::default());
            let serves = rules::first_served(size, id);
            floor.board.assign(AgentId(id), serves.clone());
            floor.serving.insert(AgentId(id), serves);
            let command = agent::Command::Configure { id: AgentId(id), settings: rules::of_agent(rules, id) };
            floor.turn(Message::Agent { id: AgentId(id), command });
            floor.step(Step::LogIn(id));
        }
        floor
    }

    /// Which queues an agent serves.
    pub fn serves(&self, agent: u64) -> impl Iterator<Item = QueueId> {
        self.serving.get(&AgentId(agent)).into_iter().flat_map(BTreeMap::keys).copied()
    }

    /// For which queue a chat, call or task with this number comes.
    fn queue_of(&self, item: u64) -> QueueId {
        QueueId((item - 1) % self.size.queues + 1)
    }

    /// Where it waits, if it may.
    fn admitted(&self, item: u64) -> Option<QueueId> {
        match self.board.admission(self.queue_of(item), &Closed::new()) {
            Admission::Waits(queue) => Some(queue),
            Admission::Refused => None,
        }
    }

    /// Does a step and looks at the laws. What cannot be done is left out.
    pub fn step(&mut self, step: Step) {
        self.perform(step);
        if self.broken.is_none() {
            self.broken = laws::always(self, self.only);
        }
        if self.post.is_empty() {
            if self.broken.is_none() {
                self.broken = laws::at_rest(self, self.only);
            }
            self.ledger.rest();
        }
    }

    fn perform(&mut self, step: Step) {
        match step {
            Step::Deliver(from, to) => self.deliver(from, to),
            Step::Rest => self.rest(),
            Step::Tick => {
                if let Some(at) = self.next_deadline() {
                    self.now = self.now.max(at);
                    self.fire();
                }
            }
            Step::Pass(seconds) => {
                self.now = self.now + Span::seconds(seconds);
                self.fire();
            }
            Step::Due(party, deadline) => self.turn(due(party, deadline)),
            Step::Crash => self.crash(),
            Step::Reassign(agent) => self.reassign(AgentId(agent)),
            Step::Request(id) => {
                if let Some(message) = self.message(step)
                    && !self.chats.contains_key(&ChatId(id))
                {
                    self.chats.insert(ChatId(id), Chat::default());
                    self.turn(message);
                }
            }
            Step::RequestTask(id) => {
                if let Some(message) = self.message(step)
                    && !self.tasks.contains_key(&TaskId(id))
                {
                    self.turn(message);
                }
            }
            Step::Arrive(id) => {
                if let Some(message) = self.message(step)
                    && !self.calls.contains_key(&CallId(id))
                {
                    self.calls.insert(CallId(id), Call::default());
                    self.turn(message);
                }
            }
            Step::PhoneAnswers(..)
            | Step::PhoneBusy(..)
            | Step::PhoneUnreachable(..)
            | Step::PhoneDeclines(..)
            | Step::PhoneHangsUp(..) => self.phone(step),
            Step::Reconfigure(_)
            | Step::LogIn(_)
            | Step::LogOut(_)
            | Step::TakeBreak(_)
            | Step::TakeOut(_)
            | Step::Pick(..)
            | Step::Activate(..)
            | Step::Park(..)
            | Step::Identify(..)
            | Step::FinishCallWrapUp(..)
            | Step::ExtendCallWrapUp(..)
            | Step::Decline(..)
            | Step::BrowserLost(_)
            | Step::BrowserBack(_)
            | Step::PhoneRegistered(_)
            | Step::PhoneUnregistered(_)
            | Step::Dialled(..)
            | Step::OwnCallOver(..)
            | Step::Leave(_)
            | Step::VisitorLost(_)
            | Step::VisitorBack(_)
            | Step::VisitorSays(_)
            | Step::Choose(..)
            | Step::AgentSays(..)
            | Step::AgentNotes(..)
            | Step::Reads(..)
            | Step::End(..)
            | Step::ExtendWrapUp(..)
            | Step::FinishWrapUp(..)
            | Step::TransferToQueue(..)
            | Step::TransferToAgent(..)
            | Step::FinishTask(..)
            | Step::Move(..)
            | Step::Overflow(..)
            | Step::CallerHangsUp(_)
            | Step::HangUp(..)
            | Step::Hold(_)
            | Step::TransferCall(..) => {
                match step {
                    Step::Dialled(agent, call) => _ = self.own_calls.insert((agent, call)),
                    Step::OwnCallOver(agent, call) => _ = self.own_calls.remove(&(agent, call)),
                    _ => {}
                }
                if let Some(message) = self.message(step).filter(|message| self.is_there(message)) {
                    self.turn(message);
                }
            }
        }
    }

    /// A phone does what it can do in the state that its leg is in.
    fn phone(&mut self, step: Step) {
        let Some(Message::Call { command, id }) = self.message(step) else { return };
        let (offer, answers) = match command {
            call::Command::PhoneAnswered { offer } => (offer, true),
            call::Command::PhoneFailed { offer, .. } | call::Command::PhoneHungUp { offer } => (offer, false),
            call::Command::Arrive { .. }
            | call::Command::TurnAway { .. }
            | call::Command::Ring { .. }
            | call::Command::StopRinging { .. }
            | call::Command::Connect { .. }
            | call::Command::Hold { .. }
            | call::Command::Transfer { .. }
            | call::Command::Depart { .. }
            | call::Command::CallerHungUp
            | call::Command::Lost { .. }
            | call::Command::HangUp { .. }
            | call::Command::Identify { .. }
            | call::Command::DaemonStops
            | call::Command::Restarted { .. } => return,
        };
        let hangs_up = matches!(step, Step::PhoneHangsUp(..));
        match (self.legs.get(&offer), hangs_up) {
            (Some(Leg::Ringing), false) if answers => _ = self.legs.insert(offer, Leg::Answered),
            (Some(Leg::Ringing | Leg::Stopping), false) | (Some(Leg::Answered), true) => _ = self.legs.remove(&offer),
            (Some(Leg::Ringing | Leg::Stopping), true) | (Some(Leg::Answered), false) | (None, _) => return,
        }
        self.turn(Message::Call { id, command });
    }

    /// An agent serves the last queue, or not any more.
    fn reassign(&mut self, agent: AgentId) {
        let last = QueueId(self.size.queues);
        let Some(serves) = self.serving.get_mut(&agent) else { return };
        if serves.remove(&last).is_none() {
            serves.insert(last, 1);
        }
        self.board.assign(agent, serves.clone());
        self.match_up();
    }

    /// The command that a step outside of the machines is.
    pub fn message(&self, step: Step) -> Option<Message> {
        use agent::Command as A;
        use call::Command as L;
        use chat::Command as C;
        use queue::Command as Q;
        use task::Command as T;
        let agent = |id, command| Message::Agent { id: AgentId(id), command };
        let queue = |id, command| Message::Queue { id: QueueId(id), command };
        let chat = |id, command| Message::Chat { id: ChatId(id), command };
        let call = |id, command| Message::Call { id: CallId(id), command };
        let task = |id, command| Message::Task { id: TaskId(id), command };
        let offer = |agent, call, attempt| OfferId { call: CallId(call), agent: AgentId(agent), attempt };
        let failed = |a, c, n, outcome| call(c, L::PhoneFailed { offer: offer(a, c, n), outcome });
        let say = |id, author| {
            let command = self.chats.get(&ChatId(id)).map_or(0, |chat| u64::from(chat.messages()));
            chat(id, C::Say { author, client: "tab".into(), command })
        };
        let to = |id| rules::destination(&self.rules, id);
        let transfer = |a, c, to| chat(c, C::Transfer { agent: AgentId(a), to });
        Some(match step {
            Step::Deliver(..)
            | Step::Rest
            | Step::Tick
            | Step::Pass(_)
            | Step::Due(..)
            | Step::Crash
            | Step::Reassign(_) => return None,
            Step::Reconfigure(q) => {
                let settings = Box::new(rules::reconfigured(self.queues.get(&QueueId(q))?.settings()));
                queue(q, Q::Configure { id: QueueId(q), settings })
            }
            Step::LogIn(a) => agent(a, A::LogIn),
            Step::LogOut(a) => agent(a, A::LogOut),
            Step::TakeBreak(a) => agent(a, A::TakeBreak { reason: BreakReasonId(1) }),
            Step::TakeOut(a) => agent(a, A::TakeOut),
            Step::Pick(a, item, place) => {
                let item = item.item()?;
                let queue = match item {
                    ItemId::Chat(id) => self.chats.get(&id)?.queue(),
                    ItemId::Task(id) => self.tasks.get(&id)?.queue(),
                    ItemId::Call(id) => self.calls.get(&id)?.queue(),
                };
                agent(a, A::Pick { item, queue, place })
            }
            Step::Activate(a, item) => agent(a, A::Activate { item: item.item()? }),
            Step::Park(a, item) => agent(a, A::Park { item: item.item()? }),
            Step::Identify(a, item) => {
                let (contact, by) = (Some(ContactId(a)), Identifier::Agent(AgentId(a)));
                match item.item()? {
                    ItemId::Chat(id) => chat(id.0, C::Identify { contact, by }),
                    ItemId::Call(id) => call(id.0, L::Identify { contact, by }),
                    ItemId::Task(id) => task(id.0, T::Identify { contact, by }),
                }
            }
            Step::FinishCallWrapUp(a, c) => agent(a, A::FinishCallWrapUp { call: CallId(c) }),
            Step::ExtendCallWrapUp(a, c) => agent(a, A::ExtendCallWrapUp { call: CallId(c) }),
            Step::Decline(a, c, n) => agent(a, A::Decline { offer: offer(a, c, n) }),
            Step::BrowserLost(a) => agent(a, A::BrowserLost),
            Step::BrowserBack(a) => agent(a, A::BrowserBack),
            Step::PhoneRegistered(a) => agent(a, A::PhoneRegistered),
            Step::PhoneUnregistered(a) => agent(a, A::PhoneUnregistered),
            Step::Dialled(a, c) => agent(a, A::Dialled { call: CallId(c) }),
            Step::OwnCallOver(a, c) => agent(a, A::Over { offer: offer(a, c, 0) }),
            Step::Request(c) => {
                let queue = self.admitted(c)?;
                let settings = rules::of_chat(&self.rules, queue.0);
                chat(c, C::Request { id: ChatId(c), queue, settings })
            }
            Step::Leave(c) => chat(c, C::Leave),
            Step::VisitorLost(c) => chat(c, C::VisitorLost),
            Step::VisitorBack(c) => chat(c, C::VisitorBack),
            Step::VisitorSays(c) => say(c, chat::Author::Visitor),
            Step::Choose(c, choice) => chat(c, C::Choose { choice }),
            Step::AgentSays(a, c) => say(c, chat::Author::Agent(AgentId(a))),
            Step::AgentNotes(a, c) => chat(c, C::Note { agent: AgentId(a), client: "tab".into(), command: 0 }),
            Step::Reads(a, c) => chat(c, C::Read { agent: AgentId(a), number: u32::MAX }),
            Step::End(a, c) => chat(c, C::End { agent: AgentId(a) }),
            Step::ExtendWrapUp(a, c) => chat(c, C::ExtendWrapUp { agent: AgentId(a) }),
            Step::FinishWrapUp(a, c) => chat(c, C::FinishWrapUp { agent: AgentId(a) }),
            Step::TransferToQueue(a, c, q) => transfer(a, c, chat::Recipient::Queue(to(q))),
            Step::TransferToAgent(a, c, b) => transfer(a, c, chat::Recipient::Agent(AgentId(b))),
            Step::RequestTask(t) => {
                let channel = [Channel::WorkItem, Channel::Email, Channel::Callback][t as usize % 3];
                let (id, queue) = (TaskId(t), self.admitted(t)?);
                task(t, T::Request { id, channel, queue, arrived_at: self.now, contact: None })
            }
            Step::FinishTask(a, t) => task(t, T::Finish { agent: AgentId(a) }),
            Step::Move(item, from, q) => queue(from, Q::Move { item: item.item()?, to: to(q) }),
            Step::Overflow(from, q) => queue(from, Q::Overflow { to: to(q) }),
            Step::Arrive(c) => {
                let preferred = Some(AgentId(c % self.size.agents + 1));
                let queue = self.admitted(c)?;
                let answer = to(queue.0).answer;
                call(c, L::Arrive { id: CallId(c), queue, preferred, dialled_by: None, answer })
            }
            Step::CallerHangsUp(c) => call(c, L::CallerHungUp),
            Step::HangUp(a, c) => call(c, L::HangUp { agent: AgentId(a) }),
            Step::Hold(c) => {
                let held = match self.calls.get(&CallId(c))?.state() {
                    call::State::Connected { held: None, .. } => Some(call::Side::Agent),
                    call::State::Connected { held: Some(_), .. }
                    | call::State::New
                    | call::State::Queued
                    | call::State::Ringing { .. }
                    | call::State::Answered { .. }
                    | call::State::Ended { .. } => None,
                };
                call(c, L::Hold { held })
            }
            Step::TransferCall(a, c, q) => call(c, L::Transfer { agent: AgentId(a), to: QueueId(q) }),
            Step::PhoneAnswers(a, c, n) => call(c, L::PhoneAnswered { offer: offer(a, c, n) }),
            Step::PhoneBusy(a, c, n) => failed(a, c, n, Outcome::BUSY),
            Step::PhoneUnreachable(a, c, n) => failed(a, c, n, Outcome::Unreachable),
            Step::PhoneDeclines(a, c, n) => failed(a, c, n, Outcome::Declined),
            Step::PhoneHangsUp(a, c, n) => call(c, L::PhoneHungUp { offer: offer(a, c, n) }),
        })
    }

    fn is_there(&self, message: &Message) -> bool {
        match message {
            Message::Agent { id, .. } => self.agents.contains_key(id),
            Message::Queue { id, .. } => self.queues.contains_key(id),
            Message::Chat { id, .. } => self.chats.contains_key(id),
            Message::Call { id, .. } => self.calls.contains_key(id),
            Message::Task { id, .. } => self.tasks.contains_key(id),
        }
    }

    /// Whether anything would happen.
    pub fn moves(&self, step: Step) -> bool {
        fn moves<M: Machine>(machine: Option<&M>, at: Timestamp, command: &M::Command) -> bool {
            machine.is_some_and(|machine| machine.decide(at, command).is_ok_and(|events| !events.is_empty()))
        }
        match (step, self.message(step)) {
            (_, None) => false,
            (Step::Request(id), Some(_)) => !self.chats.contains_key(&ChatId(id)),
            (Step::Arrive(id), Some(_)) => !self.calls.contains_key(&CallId(id)),
            (Step::RequestTask(id), Some(_)) => !self.tasks.contains_key(&TaskId(id)),
            (_, Some(Message::Agent { id, command })) => moves(self.agents.get(&id), self.now, &command),
            (_, Some(Message::Queue { id, command })) => moves(self.queues.get(&id), self.now, &command),
            (_, Some(Message::Chat { id, command })) => moves(self.chats.get(&id), self.now, &command),
            (_, Some(Message::Call { id, command })) => moves(self.calls.get(&id), self.now, &command),
            (_, Some(Message::Task { id, command })) => moves(self.tasks.get(&id), self.now, &command),
        }
    }

    /// Delivers all that is on its way, and all that this causes, by turns.
    pub fn rest(&mut self) {
        for _ in 0..ROUNDS_MAX {
            if self.post.is_empty() {
                return;
            }
            for (from, to) in self.post.keys().copied().collect::<Vec<_>>() {
                self.deliver(from, to);
                if self.broken.is_none() {
                    self.broken = laws::always(self, self.only);
                }
            }
        }
        let why = format!("messages without end: {:?}", self.post.keys().collect::<Vec<_>>());
        laws::report(self, "L9", why);
    }

    /// Everybody goes away, and all deadlines pass.
    pub fn everybody_leaves(&mut self) {
        for call in self.calls.keys().copied().collect::<Vec<_>>() {
            self.step(Step::CallerHangsUp(call.0));
        }
        for chat in self.chats.keys().copied().collect::<Vec<_>>() {
            self.step(Step::VisitorLost(chat.0));
        }
        for (agent, call) in self.own_calls.clone() {
            self.step(Step::OwnCallOver(agent, call));
        }
        for (id, agent) in self.agents.clone() {
            self.step(if agent.settings().voice_only { Step::LogOut(id.0) } else { Step::BrowserLost(id.0) });
        }
        self.step(Step::Rest);
        // Queues that overflow into each other may do so for the day after which a wrap-up is closed.
        for _ in 0..5000 {
            if self.broken.is_some() || self.next_deadline().is_none() {
                break;
            }
            self.step(Step::Tick);
            self.step(Step::Rest);
        }
    }

    fn deliver(&mut self, from: Party, to: Party) {
        let Some(letters) = self.post.get_mut(&(from, to)) else { return };
        let Some(letter) = letters.remove(fault::next_letter(self.fault, letters)) else { return };
        if letters.is_empty() {
            self.post.remove(&(from, to));
        }
        self.turn_at(letter.at, letter.message);
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        self.timers.values().filter(|timer| timer.armed).filter_map(|timer| timer.known).min()
    }

    /// What is due goes to those who wait for it.
    fn fire(&mut self) {
        let now = self.now;
        let mut letters = vec![];
        for (party, timer) in &mut self.timers {
            if let Some(deadline) = timer.known.filter(|deadline| timer.armed && *deadline <= now) {
                timer.armed = false;
                letters.push((*party, deadline));
            }
        }
        letters.sort_by_key(|(party, deadline)| (*deadline, *party));
        for (party, deadline) in letters {
            self.put(Party::Floor, Letter { at: now, message: due(party, deadline) });
        }
    }

    /// Only machines and what they told each other are there afterwards.
    fn crash(&mut self) {
        let down_since = self.now;
        if !self.timeless {
            self.now = self.now + DOWNTIME;
        }
        self.post.retain(|(from, _), _| *from != Party::Floor);
        fault::crashed(self.fault, &mut self.post);
        self.legs.clear();
        self.own_calls.clear();
        self.timers.clear();
        self.board = self.rebuilt_board();
        let at = self.now;
        let parties = going_on(&self.agents).chain(going_on(&self.chats));
        let parties: Vec<_> = parties.chain(going_on(&self.calls)).chain(going_on(&self.tasks)).collect();
        for message in parties.into_iter().filter_map(|party| party.restarted(down_since)) {
            self.put(Party::Floor, Letter { at, message });
        }
        for party in self.parties() {
            self.schedule(party);
        }
        self.match_up();
    }

    /// The board as the machines alone make it.
    pub fn rebuilt_board(&self) -> Board {
        let mut board = Board::default();
        for (id, agent) in &self.agents {
            board.assign(*id, self.serving.get(id).cloned().unwrap_or_default());
            agent.see(*id, &mut board);
        }
        self.chats.iter().for_each(|(id, chat)| chat.see(*id, &mut board));
        self.queues.iter().for_each(|(id, queue)| queue.see(*id, &mut board));
        board
    }

    pub fn parties(&self) -> Vec<Party> {
        let agents = self.agents.keys().map(|id| Party::Agent(id.0));
        let queues = self.queues.keys().map(|id| Party::Queue(id.0));
        let chats = self.chats.keys().map(|id| Party::Chat(id.0));
        let calls = self.calls.keys().map(|id| Party::Call(id.0));
        let tasks = self.tasks.keys().map(|id| Party::Task(id.0));
        agents.chain(queues).chain(chats).chain(calls).chain(tasks).collect()
    }

    /// When a party wants to be woken.
    pub fn deadline(&self, party: Party) -> Option<Timestamp> {
        match party {
            Party::Floor => None,
            Party::Agent(id) => self.agents.get(&AgentId(id))?.deadline(),
            Party::Queue(id) => self.queues.get(&QueueId(id))?.deadline(),
            Party::Chat(id) => self.chats.get(&ChatId(id))?.deadline(),
            Party::Call(id) => self.calls.get(&CallId(id))?.deadline(),
            Party::Task(id) => self.tasks.get(&TaskId(id))?.deadline(),
        }
    }

    /// Every deadline that a party has, not only the next one.
    pub fn deadlines(&self, party: Party) -> Vec<Timestamp> {
        let mut all = match party {
            Party::Agent(id) => self.agents[&AgentId(id)].deadlines().collect(),
            Party::Queue(id) => self.queues[&QueueId(id)].deadlines().collect(),
            Party::Chat(id) => self.chats[&ChatId(id)].deadlines().collect(),
            Party::Floor | Party::Call(_) | Party::Task(_) => Vec::from_iter(self.deadline(party)),
        };
        all.sort_unstable();
        all.dedup();
        all
    }

    fn put(&mut self, from: Party, letter: Letter) {
        let to = letter.message.receiver().into();
        self.post.entry((from, to)).or_default().push_back(letter);
    }

    fn turn(&mut self, message: Message) {
        self.turn_at(self.now, message);
    }

    /// One command through one machine, as the shell does it.
    fn turn_at(&mut self, at: Timestamp, message: Message) {
        let mut facts = vec![];
        let fault = self.fault;
        let party = message.receiver().into();
        let shadowed = !self.timeless;
        let effects = match message {
            Message::Agent { id, command } => {
                let Some(machine) = self.agents.get_mut(&id) else { return };
                let late = fault::board_sees_late(fault).then(|| machine.clone());
                let shadow = shadowed.then(|| self.replay.agents.entry(id).or_default());
                let ran = run(machine, shadow, at, &command, fault, &mut facts, |before, event, told, after| {
                    Fact::Agent { before, command: command.clone(), event, told, after: after.clone() }
                });
                late.as_ref().unwrap_or(&self.agents[&id]).see(id, &mut self.board);
                ran
            }
            Message::Queue { id, command } => {
                let Some(machine) = self.queues.get_mut(&id) else { return };
                let shadow = shadowed.then(|| self.replay.queues.entry(id).or_default());
                let mut events = vec![];
                let ran = run(machine, shadow, at, &command, fault, &mut facts, |_, event, told, _| {
                    events.push(event.clone());
                    Fact::Queue { event, told }
                });
                let queue = &self.queues[&id];
                queue.saw(id, &events, &mut self.board);
                if fault != Some(Fault::ProposalNeverDone) {
                    queue.dealt_with(id, &command, &mut self.board);
                }
                ran
            }
            Message::Chat { id, command } => {
                let Some(machine) = self.chats.get_mut(&id) else { return };
                let shadow = shadowed.then(|| self.replay.chats.entry(id).or_default());
                let ran = run(machine, shadow, at, &command, fault, &mut facts, |before, event, told, after| {
                    Fact::Chat { id, before, command: command.clone(), event, told, after: after.clone() }
                });
                self.chats[&id].see(id, &mut self.board);
                ran
            }
            Message::Call { id, command } => {
                let Some(machine) = self.calls.get_mut(&id) else { return };
                let shadow = shadowed.then(|| self.replay.calls.entry(id).or_default());
                run(machine, shadow, at, &command, fault, &mut facts, |before, event, told, _| Fact::Call {
                    before,
                    event,
                    told,
                })
            }
            Message::Task { id, command } => {
                if let task::Command::Request { .. } = command {
                    self.tasks.entry(id).or_default();
                }
                let Some(machine) = self.tasks.get_mut(&id) else { return };
                let shadow = shadowed.then(|| self.replay.tasks.entry(id).or_default());
                run(machine, shadow, at, &command, fault, &mut facts, |before, event, told, after| Fact::Task {
                    before,
                    event,
                    told,
                    after: after.clone(),
                })
            }
        };
        for effect in effects {
            self.effect(party, at, effect);
        }
        if !facts.is_empty() {
            self.schedule(party);
        }
        for fact in &facts {
            if shadowed {
                self.happened.extend(happened(fact));
            }
            self.judge(fact);
        }
        self.match_up();
    }

    fn effect(&mut self, party: Party, at: Timestamp, effect: Effect) {
        match effect {
            Effect::Tell(message) => {
                for message in fault::letters(self.fault, self, message) {
                    self.put(party, Letter { at, message });
                }
            }
            Effect::Notice(..) => {}
            Effect::Signal(call, signal) => match signal {
                Signal::Ring(offer) => {
                    // Of what a phone was asked to stop only the last can still be heard of.
                    let same = |other: &OfferId| (other.call, other.agent) == (offer.call, offer.agent);
                    self.legs.retain(|other, leg| {
                        !same(other) || other.attempt + 1 == offer.attempt || *leg != Leg::Stopping
                    });
                    self.legs.insert(offer, Leg::Ringing);
                }
                Signal::StopRinging(offer) => match self.legs.get(&offer) {
                    Some(Leg::Ringing) => _ = self.legs.insert(offer, Leg::Stopping),
                    Some(Leg::Answered) => _ = self.legs.remove(&offer),
                    Some(Leg::Stopping) | None => {}
                },
                Signal::Part(offer) => _ = self.legs.remove(&offer),
                Signal::Clear | Signal::ClearStored => self.legs.retain(|offer, _| offer.call != call),
                Signal::TurnAway | Signal::Welcome | Signal::Alert | Signal::Answer(_) | Signal::Connect(_) => {}
            },
        }
    }

    /// The shell's bookkeeping: a timer is set anew when the deadline is another one.
    fn schedule(&mut self, party: Party) {
        if self.timeless {
            return;
        }
        let deadline = self.deadline(party);
        let timer = self.timers.entry(party).or_default();
        if timer.known != deadline {
            *timer = Timer { known: deadline, armed: deadline.is_some() };
        }
    }

    fn match_up(&mut self) {
        while let Some(proposal) = self.board.propose() {
            let proposal = fault::proposal(self.fault, self, proposal);
            self.judge(&Fact::Proposed(proposal.clone()));
            let message = Message::Queue { id: proposal.queue, command: proposal.command() };
            self.put(Party::Floor, Letter { at: self.now, message });
        }
    }

    fn judge(&mut self, fact: &Fact) {
        if self.broken.is_none() {
            self.broken = laws::of_event(self, fact, self.only);
        }
        self.ledger.note(fact);
    }
}

/// The machine and the event of a fact.
fn happened(fact: &Fact) -> Option<(&'static str, String)> {
    let name = |event: String| event.split([' ', '{']).next().unwrap_or_default().to_owned();
    match fact {
        Fact::Agent { event, .. } => Some(("agent", name(format!("{event:?}")))),
        Fact::Queue { event, .. } => Some(("queue", name(format!("{event:?}")))),
        Fact::Chat { event, .. } => Some(("chat", name(format!("{event:?}")))),
        Fact::Task { event, .. } => Some(("task", name(format!("{event:?}")))),
        Fact::Call { event, .. } => Some(("call", name(format!("{event:?}")))),
        Fact::Proposed(_) | Fact::Replay(_) | Fact::Snapshot(_) => None,
    }
}

/// The machines of one kind that are not over.
fn going_on<M: Member>(machines: &BTreeMap<M::Id, M>) -> impl Iterator<Item = post::Party> {
    machines.iter().filter(|(_, machine)| !machine.is_over()).map(|(id, _)| M::party(*id))
}

/// One command through one machine, and every event through its replay.
fn run<M>(
    machine: &mut M,
    mut shadow: Option<&mut M>,
    at: Timestamp,
    command: &M::Command,
    fault: Option<Fault>,
    facts: &mut Vec<Fact>,
    mut fact: impl FnMut(M, M::Event, Vec<Message>, &M) -> Fact,
) -> Vec<Effect>
where
    M: fault::Breakable + Clone + PartialEq + Debug + Serialize + DeserializeOwned,
    M::Event: Serialize + DeserializeOwned + Clone,
{
    let events: Result<Vec<M::Event>, Refusal> = machine.decide(at, command);
    let mut effects = vec![];
    for event in M::events(fault, machine, at, command, events.unwrap_or_default()) {
        let before = machine.clone();
        machine.apply(&event);
        if fault.is_none() {
            assert_eq!(machine.flaw(), None, "{machine:?} after {}", serde_json::to_string(&event).unwrap());
        }
        M::sabotage(fault, machine, &before, &event);
        let reacted = fault::crossed(fault, M::effects(fault, &before, machine, &event));
        if let Some(shadow) = &mut shadow {
            let event = serde_json::from_str(&serde_json::to_string(&event).unwrap()).unwrap();
            if !M::forgets(fault, &event) {
                shadow.apply(&event);
            }
        }
        facts.push(fact(before, event, told(&reacted), machine));
        effects.extend(reacted);
    }
    let Some(shadow) = shadow.filter(|_| !facts.is_empty()) else { return effects };
    if *shadow != *machine {
        facts.push(Fact::Replay(format!("live {machine:?}, replayed {shadow:?}")));
    }
    let written = serde_json::to_string(&fault::written(fault, machine)).unwrap();
    if serde_json::from_str::<M>(&written).ok().as_ref() != Some(machine) {
        facts.push(Fact::Snapshot(format!("live {machine:?}, written {written}")));
    }
    effects
}

fn told(effects: &[Effect]) -> Vec<Message> {
    let message = |effect: &Effect| match effect {
        Effect::Tell(message) => Some(message.clone()),
        Effect::Signal(..) | Effect::Notice(..) => None,
    };
    effects.iter().filter_map(message).collect()
}

fn due(party: Party, deadline: Timestamp) -> Message {
    party.machine().expect("the floor waits for nothing").due(deadline)
}

/// Whether an item waits in a queue.
pub fn waiting(floor: &Floor, queue: QueueId, item: ItemId) -> Option<&queue::Waiting> {
    floor.queues.get(&queue).and_then(|queue| queue.get(item))
}
