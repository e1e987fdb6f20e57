//! A small floor for routing: all machines of one company, the messages between them, and the board kept up to date.
//! Nobody decides here who gets what: the board proposes, and the machines do as they do.

use domain::agent::{self, Agent};
use domain::call::{self, Call};
use domain::chat::{self, Chat};
use domain::id::{AgentId, CallId, ChatId, OfferId, QueueId, TaskId};
use domain::message::{Effect, Message, Signal};
use domain::queue::{self, Answer, Channel, Queue};
use domain::routing::{Board, Proposal, Skill};
use domain::task::{self, Task};
use domain::time::{Span, Timestamp};
use domain::{Machine, Refusal};
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
                self.task(id, task::Command::Request { id, channel, queue, arrived_at })
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
        let agents = self.agents.iter().filter_map(|(id, machine)| {
            machine.deadline().map(|at| (at, Message::Agent { id: *id, command: Agent::due(at) }))
        });
        let queues = self.queues.iter().filter_map(|(id, machine)| {
            machine.deadline().map(|at| (at, Message::Queue { id: *id, command: Queue::due(at) }))
        });
        let chats = self.chats.iter().filter_map(|(id, machine)| {
            machine.deadline().map(|at| (at, Message::Chat { id: *id, command: Chat::due(at) }))
        });
        let tasks = self.tasks.iter().filter_map(|(id, machine)| {
            machine.deadline().map(|at| (at, Message::Task { id: *id, command: Task::due(at) }))
        });
        agents.chain(queues).chain(chats).chain(tasks).min_by_key(|(at, _)| *at)
    }

    fn deliver(&mut self, message: Message) -> Result<(), Refusal> {
        let effects = match message {
            Message::Agent { id, command } => {
                let agent = self.agents.entry(id).or_default();
                let (events, effects) = turn(agent, self.now, &command)?;
                if !events.is_empty() {
                    let begin = Instant::now();
                    self.board.see_agent(id, agent);
                    self.in_board += begin.elapsed();
                }
                effects
            }
            Message::Queue { id, command } => self.deliver_to_queue(id, &command)?,
            Message::Chat { id, command } => {
                let chat = self.chats.entry(id).or_default();
                let (_, effects) = turn(chat, self.now, &command)?;
                let begin = Instant::now();
                self.board.see_chat(id, chat);
                self.in_board += begin.elapsed();
                forget(&mut self.chats, id);
                effects
            }
            Message::Call { id, command } => {
                let (_, effects) = turn(self.calls.entry(id).or_default(), self.now, &command)?;
                forget(&mut self.calls, id);
                effects
            }
            Message::Task { id, command } => {
                let (_, effects) = turn(self.tasks.entry(id).or_default(), self.now, &command)?;
                forget(&mut self.tasks, id);
                effects
            }
        };
        effects.into_iter().for_each(|effect| self.carry_out(effect));
        Ok(())
    }

    fn deliver_to_queue(&mut self, id: QueueId, command: &queue::Command) -> Result<Vec<Effect>, Refusal> {
        let queue = self.queues.entry(id).or_default();
        let events = queue.decide(self.now, command)?;
        let mut effects = vec![];
        for event in &events {
            queue.apply(event);
            effects.extend(queue.react(event));
            let begin = Instant::now();
            self.board.see_queue_event(id, queue, event);
            self.in_board += begin.elapsed();
        }
        if let queue::Command::Propose { item, .. } = command {
            let begin = Instant::now();
            self.board.proposal_done(id, *item, queue);
            self.in_board += begin.elapsed();
        }
        Ok(effects)
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

fn turn<M: Machine>(
    machine: &mut M,
    at: Timestamp,
    command: &M::Command,
) -> Result<(Vec<M::Event>, Vec<Effect>), Refusal> {
    let events = machine.decide(at, command)?;
    let mut effects = vec![];
    for event in &events {
        machine.apply(event);
        effects.extend(machine.react(event));
    }
    Ok((events, effects))
}

fn forget<K: Ord, M: Machine>(machines: &mut BTreeMap<K, M>, id: K) {
    if machines.get(&id).is_some_and(M::is_over) {
        machines.remove(&id);
    }
}
