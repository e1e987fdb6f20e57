//! A small floor for routing: all machines of one company, the messages between them, and the board kept up to date.
//! Nobody decides here who gets what: the board proposes, and the machines do as they do.

use domain::Refusal;
use domain::agent::{self, Agent};
use domain::call::{self, Call};
use domain::chat::{self, Chat};
use domain::id::{AgentId, CallId, ChatId, OfferId, QueueId, TaskId};
use domain::message::{Effect, Message, Signal};
use domain::post::{self, Member, Party};
use domain::queue::{self, Answer, Channel, Queue};
use domain::routing::{Board, Proposal, Skill};
use domain::task::{self, Task};
use domain::time::{Span, Timestamp};
use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

pub struct Floor {
    pub now: Timestamp,
    pub agents: BTreeMap<AgentId, Agent>,
    pub queues: BTreeMap<QueueId, Queue>,
    pub chats: BTreeMap<ChatId, Chat>,
    pub calls: BTreeMap<CallId, Call>,
    pub tasks: BTreeMap<TaskId, Task>,
    pub serves: BTreeMap<AgentId, BTreeMap<QueueId, Skill>>,
    pub board: Board,
    /// The phones that ring.
    pub ringing: BTreeMap<AgentId, OfferId>,
    /// How long the board took so far.
    pub in_board: Duration,
    /// Messages between machines wait to be delivered; else that happens at once.
    pub slow: bool,
    messages: VecDeque<Message>,
}

impl Default for Floor {
    fn default() -> Floor {
        Floor {
            now: Timestamp(1_000_000_000),
            agents: BTreeMap::new(),
            queues: BTreeMap::new(),
            chats: BTreeMap::new(),
            calls: BTreeMap::new(),
            tasks: BTreeMap::new(),
            serves: BTreeMap::new(),
            board: Board::default(),
            ringing: BTreeMap::new(),
            in_board: Duration::ZERO,
            slow: false,
            messages: VecDeque::new(),
        }
    }
}

impl Floor {
    /// A command from outside, and what follows from it.
    pub fn send(&mut self, message: Message) -> Result<(), Refusal> {
        let result = self.deliver(message);
        while !self.slow && self.deliver_next() {}
        result
    }

    /// Delivers the message that waits longest.
    pub fn deliver_next(&mut self) -> bool {
        let Some(message) = self.messages.pop_front() else { return false };
        // Between machines a refusal is an answer that nobody waits for.
        _ = self.deliver(message);
        true
    }

    pub fn agent(&mut self, id: AgentId, command: agent::Command) -> Result<(), Refusal> {
        self.send(Message::Agent { id, command })
    }

    pub fn queue(&mut self, id: QueueId, command: queue::Command) -> Result<(), Refusal> {
        self.send(Message::Queue { id, command })
    }

    pub fn chat(&mut self, id: ChatId, command: chat::Command) -> Result<(), Refusal> {
        self.send(Message::Chat { id, command })
    }

    pub fn call(&mut self, id: CallId, command: call::Command) -> Result<(), Refusal> {
        self.send(Message::Call { id, command })
    }

    pub fn task(&mut self, id: TaskId, command: task::Command) -> Result<(), Refusal> {
        self.send(Message::Task { id, command })
    }

    pub fn assign(&mut self, agent: AgentId, queues: BTreeMap<QueueId, Skill>) {
        self.board.assign(agent, queues.clone());
        self.serves.insert(agent, queues);
    }

    /// An item arrives.
    pub fn arrive(&mut self, number: u64, channel: Channel, queue: QueueId, preferred: Option<AgentId>) {
        let arrived_at = self.now;
        let result = match channel {
            Channel::Call => {
                let (id, dialled_by, answer) = (CallId(number), None, Answer::AtOnce);
                self.call(id, call::Command::Arrive { id, queue, preferred, dialled_by, answer })
            }
            Channel::Chat => {
                let settings = chat::Settings { visitor_grace: Span::seconds(120), ..chat::Settings::default() };
                self.chat(ChatId(number), chat::Command::Request { id: ChatId(number), queue, settings })
            }
            Channel::Callback | Channel::Email | Channel::WorkItem => {
                let id = TaskId(number);
                self.task(id, task::Command::Request { id, channel, queue, arrived_at, contact: None })
            }
        };
        result.expect("an arrival is not refused");
    }

    /// Asks the board for its next match.
    pub fn propose(&mut self) -> Option<Proposal> {
        let begin = Instant::now();
        let proposal = self.board.propose();
        self.in_board += begin.elapsed();
        proposal
    }

    /// The queue hears of the match.
    pub fn offer(&mut self, proposal: Proposal) {
        let queue = proposal.queue;
        self.queue(queue, proposal.command()).expect("a proposal is not refused");
    }

    /// Time passes, and whatever is due then is told so, in order.
    pub fn pass(&mut self, span: Span) {
        let end = self.now + span;
        while let Some((deadline, message)) = self.first_due().filter(|(deadline, _)| *deadline <= end) {
            self.now = self.now.max(deadline);
            _ = self.send(message);
        }
        self.now = end;
    }

    fn first_due(&self) -> Option<(Timestamp, Message)> {
        let dues = dues(&self.agents).chain(dues(&self.queues)).chain(dues(&self.chats)).chain(dues(&self.tasks));
        dues.min_by_key(|(at, _)| *at).map(|(at, party)| (at, party.due(at)))
    }

    fn deliver(&mut self, message: Message) -> Result<(), Refusal> {
        let (now, in_board, board) = (self.now, &mut self.in_board, &mut self.board);
        let effects = match message {
            Message::Agent { id, command } => turn(&mut self.agents, id, now, &command, board, in_board)?,
            Message::Queue { id, command } => turn(&mut self.queues, id, now, &command, board, in_board)?,
            Message::Chat { id, command } => turn(&mut self.chats, id, now, &command, board, in_board)?,
            Message::Call { id, command } => turn(&mut self.calls, id, now, &command, board, in_board)?,
            Message::Task { id, command } => turn(&mut self.tasks, id, now, &command, board, in_board)?,
        };
        effects.into_iter().for_each(|effect| self.carry_out(effect));
        Ok(())
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Tell(message) => self.messages.push_back(message),
            Effect::Signal(_, Signal::Ring(offer)) => {
                self.ringing.insert(offer.agent, offer);
            }
            Effect::Signal(_, Signal::StopRinging(offer) | Signal::Connect(offer)) => {
                self.ringing.remove(&offer.agent);
            }
            Effect::Signal(call, Signal::Clear | Signal::ClearStored) => {
                self.ringing.retain(|_, offer| offer.call != call);
            }
            Effect::Signal(
                _,
                Signal::TurnAway | Signal::Welcome | Signal::Alert | Signal::Answer(_) | Signal::Part(_),
            )
            | Effect::Notice(..) => {}
        }
    }
}

/// One command through one machine, and how long the board took to look at it. What is over is forgotten.
fn turn<M: Member>(
    machines: &mut BTreeMap<M::Id, M>,
    id: M::Id,
    at: Timestamp,
    command: &M::Command,
    board: &mut Board,
    in_board: &mut Duration,
) -> Result<Vec<Effect>, Refusal> {
    let machine = machines.entry(id).or_default();
    let events = machine.decide(at, command)?;
    let effects = post::apply(machine, &events);
    let begin = Instant::now();
    machine.saw(id, &events, board);
    machine.dealt_with(id, command, board);
    *in_board += begin.elapsed();
    if machine.is_over() {
        machines.remove(&id);
    }
    Ok(effects)
}

/// When something is due with machines of one kind, and with whom.
fn dues<M: Member>(machines: &BTreeMap<M::Id, M>) -> impl Iterator<Item = (Timestamp, Party)> {
    machines.iter().filter_map(|(id, machine)| Some((machine.deadline()?, M::party(*id))))
}
