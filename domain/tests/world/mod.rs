//! A stage without a daemon: pure machines, messages between them in the order in which they were sent, a clock moved by hand.
//! It decides nothing: it delivers, and tells the board what it has to know.

use crate::scenario::{Arrival, Setup, Stage};
use domain::agent::{self, Agent};
use domain::call::{self, Call};
use domain::chat::{self, Chat};
use domain::id::{AgentId, CallId, ChatId, ItemId, OfferId, QueueId, TaskId};
use domain::message::{Effect, Message, Signal};
use domain::queue::{self, Outcome, Queue};
use domain::routing::{Admission, Board, Skill};
use domain::task::{self, Task};
use domain::time::{Span, Timestamp};
use domain::{Machine, Refusal};
use std::collections::{BTreeMap, VecDeque};

/// When a scenario begins.
const BEGINNING: Timestamp = Timestamp(1_000_000_000);
/// More deadlines than pass in any scenario: what is due for so long is due for ever.
const DEADLINES_MAX: usize = 10_000;

/// The machines, and what is on its way.
#[derive(Default)]
pub struct World {
    now: Timestamp,
    setup: Setup,
    agents: BTreeMap<AgentId, Agent>,
    queues: BTreeMap<QueueId, Queue>,
    chats: BTreeMap<ChatId, Chat>,
    calls: BTreeMap<CallId, Call>,
    tasks: BTreeMap<TaskId, Task>,
    serves: BTreeMap<AgentId, BTreeMap<QueueId, Skill>>,
    board: Board,
    post: VecDeque<Letter>,
    items: u64,
    answers: Vec<Result<(), Refusal>>,
    signals: Vec<(CallId, Signal)>,
    notices: Vec<(AgentId, ItemId, Refusal)>,
    outcomes: Vec<(OfferId, Outcome)>,
}

/// A message on its way.
struct Letter {
    /// When what caused it happened.
    at: Timestamp,
    message: Message,
    /// From the board, and so forgotten when the daemon dies.
    is_proposal: bool,
}

impl World {
    /// The machines that a setup names, before anybody does anything.
    pub fn open(setup: &Setup) -> Box<dyn Stage> {
        let mut world = World { now: BEGINNING, setup: setup.clone(), ..World::default() };
        for queue in &setup.queues {
            world.queues.insert(queue.id, Queue::default());
            let (id, settings) = (queue.id, Box::new(queue.settings.clone()));
            world.run(world.now, Message::Queue { id, command: queue::Command::Configure { id, settings } }).unwrap();
        }
        for agent in &setup.agents {
            world.agents.insert(agent.id, Agent::default());
            world.serve(agent.id, agent.serves.clone());
            let (id, settings) = (agent.id, agent.settings.clone());
            world.run(world.now, Message::Agent { id, command: agent::Command::Configure { id, settings } }).unwrap();
        }
        Box::new(world)
    }

    /// One command through its machine; what it causes is put on its way.
    fn run(&mut self, at: Timestamp, message: Message) -> Result<(), Refusal> {
        let effects = match message {
            Message::Agent { id, command } => self.run_agent(at, id, &command)?,
            Message::Queue { id, command } => self.run_queue(at, id, &command)?,
            Message::Chat { id, command } => {
                let effects = decided(self.chats.get_mut(&id).unwrap(), at, &command, |_, _| {})?;
                self.board.see_chat(id, &self.chats[&id]);
                effects
            }
            Message::Call { id, command } => decided(self.calls.get_mut(&id).unwrap(), at, &command, |_, _| {})?,
            Message::Task { id, command } => decided(self.tasks.entry(id).or_default(), at, &command, |_, _| {})?,
        };
        for effect in effects {
            match effect {
                Effect::Tell(message) => self.post.push_back(Letter { at, message, is_proposal: false }),
                Effect::Signal(call, signal) => self.signals.push((call, signal)),
                Effect::Notice(agent, item, refusal) => self.notices.push((agent, item, refusal)),
            }
        }
        self.match_up();
        Ok(())
    }

    fn run_agent(&mut self, at: Timestamp, id: AgentId, command: &agent::Command) -> Result<Vec<Effect>, Refusal> {
        let outcomes = &mut self.outcomes;
        let note = |_: &Agent, event: &agent::Event| match event {
            agent::Event::Released { reservation, outcome, .. } => outcomes.push((reservation.offer, *outcome)),
            agent::Event::OfferRefused { offer, .. } => outcomes.push((*offer, Outcome::Refused)),
            _ => {}
        };
        let effects = decided(self.agents.get_mut(&id).unwrap(), at, command, note)?;
        self.board.see_agent(id, &self.agents[&id]);
        Ok(effects)
    }

    fn run_queue(&mut self, at: Timestamp, id: QueueId, command: &queue::Command) -> Result<Vec<Effect>, Refusal> {
        let board = &mut self.board;
        let note = |queue: &Queue, event: &queue::Event| board.see_queue_event(id, queue, event);
        let effects = decided(self.queues.get_mut(&id).unwrap(), at, command, note)?;
        if let queue::Command::Propose { item, .. } = command {
            self.board.proposal_done(id, *item, &self.queues[&id]);
        }
        Ok(effects)
    }

    fn match_up(&mut self) {
        while let Some(proposal) = self.board.propose() {
            let message = Message::Queue { id: proposal.queue, command: proposal.command() };
            self.post.push_back(Letter { at: self.now, message, is_proposal: true });
        }
    }

    fn deliver(&mut self) {
        while let Some(Letter { at, message, .. }) = self.post.pop_front() {
            let what = format!("{message:?}");
            self.run(at, message).unwrap_or_else(|refusal| panic!("{what} was refused: {refusal}"));
        }
    }

    fn next_due(&self) -> Option<(Timestamp, Message)> {
        let agents = dues(&self.agents, |id, command| Message::Agent { id, command });
        let queues = dues(&self.queues, |id, command| Message::Queue { id, command });
        let chats = dues(&self.chats, |id, command| Message::Chat { id, command });
        let tasks = dues(&self.tasks, |id, command| Message::Task { id, command });
        agents.chain(queues).chain(chats).chain(tasks).min_by_key(|(at, _)| *at)
    }

    /// The board as the machines alone make it.
    fn rebuild_board(&mut self) {
        self.board = Board::default();
        for (id, agent) in &self.agents {
            self.board.assign(*id, self.serves[id].clone());
            self.board.see_agent(*id, agent);
        }
        for (id, chat) in &self.chats {
            self.board.see_chat(*id, chat);
        }
        for (id, queue) in &self.queues {
            self.board.see_queue(*id, queue);
        }
    }

    /// The news of a restart, to everybody whom it concerns.
    fn restarted(&self, down_since: Timestamp) -> Vec<Message> {
        let agents =
            self.agents.keys().map(|id| Message::Agent { id: *id, command: agent::Command::Restarted { down_since } });
        let chats = self.chats.iter().filter(|(_, chat)| !chat.is_over());
        let chats = chats.map(|(id, _)| Message::Chat { id: *id, command: chat::Command::Restarted { down_since } });
        let calls = self.calls.iter().filter(|(_, call)| !call.is_over());
        let calls = calls.map(|(id, _)| Message::Call { id: *id, command: call::Command::Restarted { down_since } });
        let tasks = self.tasks.iter().filter(|(_, task)| !task.is_over());
        let tasks = tasks.map(|(id, _)| Message::Task { id: *id, command: task::Command::Restarted { down_since } });
        agents.chain(chats).chain(calls).chain(tasks).collect()
    }
}

impl Stage for World {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn arrive(&mut self, arrival: Arrival) -> Option<ItemId> {
        let (Arrival::Call { queue, .. } | Arrival::Chat { queue } | Arrival::Task { queue, .. }) = arrival;
        let Admission::Waits(queue) = self.board.admission(queue) else { return None };
        self.items += 1;
        let (item, message) = match arrival {
            Arrival::Call { preferred, .. } => {
                let id = CallId(self.items);
                self.calls.insert(id, Call::default());
                let answer = self.setup.destination(queue).answer;
                let command = call::Command::Arrive { id, queue, preferred, dialled_by: None, answer };
                (ItemId::Call(id), Message::Call { id, command })
            }
            Arrival::Chat { .. } => {
                let (id, settings) = (ChatId(self.items), self.setup.destination(queue).chat);
                self.chats.insert(id, Chat::default());
                (ItemId::Chat(id), Message::Chat { id, command: chat::Command::Request { id, queue, settings } })
            }
            Arrival::Task { channel, .. } => {
                let (id, arrived_at) = (TaskId(self.items), self.now);
                let command = task::Command::Request { id, channel, queue, arrived_at };
                (ItemId::Task(id), Message::Task { id, command })
            }
        };
        self.run(self.now, message).unwrap();
        Some(item)
    }

    fn tell(&mut self, message: Message) {
        let answer = self.run(self.now, message);
        self.answers.push(answer);
    }

    fn settle(&mut self) -> Vec<Result<(), Refusal>> {
        self.deliver();
        std::mem::take(&mut self.answers)
    }

    fn pass(&mut self, span: Span) {
        let end = self.now + span;
        self.deliver();
        for _ in 0..DEADLINES_MAX {
            let Some((deadline, message)) = self.next_due().filter(|(deadline, _)| *deadline <= end) else {
                self.now = end;
                return;
            };
            self.now = self.now.max(deadline);
            self.run(self.now, message).unwrap();
            self.deliver();
        }
        panic!("it is always due: {:?}", self.next_due());
    }

    fn restart(&mut self, down: Span) {
        let down_since = self.now;
        self.now = self.now + down;
        self.post.retain(|letter| !letter.is_proposal);
        self.answers.clear();
        self.rebuild_board();
        let at = self.now;
        let news = self.restarted(down_since).into_iter();
        self.post.extend(news.map(|message| Letter { at, message, is_proposal: false }));
        self.match_up();
    }

    fn serve(&mut self, agent: AgentId, queues: BTreeMap<QueueId, Skill>) {
        self.board.assign(agent, queues.clone());
        self.serves.insert(agent, queues);
        self.match_up();
    }

    fn agent(&self, id: AgentId) -> Agent {
        self.agents[&id].clone()
    }

    fn queue(&self, id: QueueId) -> Queue {
        self.queues[&id].clone()
    }

    fn chat(&self, id: ChatId) -> Chat {
        self.chats[&id].clone()
    }

    fn call(&self, id: CallId) -> Call {
        self.calls[&id].clone()
    }

    fn task(&self, id: TaskId) -> Task {
        self.tasks.get(&id).cloned().unwrap_or_default()
    }

    fn place(&self, item: ItemId) -> Option<(QueueId, u32)> {
        self.board.place(item)
    }

    fn signals(&mut self) -> Vec<(CallId, Signal)> {
        std::mem::take(&mut self.signals)
    }

    fn notices(&mut self) -> Vec<(AgentId, ItemId, Refusal)> {
        std::mem::take(&mut self.notices)
    }

    fn outcomes(&mut self) -> Vec<(OfferId, Outcome)> {
        std::mem::take(&mut self.outcomes)
    }
}

/// One command through one machine; each event is noted as soon as it is applied.
fn decided<M: Machine>(
    machine: &mut M,
    at: Timestamp,
    command: &M::Command,
    mut note: impl FnMut(&M, &M::Event),
) -> Result<Vec<Effect>, Refusal> {
    let mut effects = vec![];
    for event in machine.decide(at, command)? {
        machine.apply(&event);
        effects.extend(machine.react(&event));
        note(machine, &event);
    }
    Ok(effects)
}

/// What is due with machines of one kind, and when.
fn dues<M: Machine, Id: Copy>(
    machines: &BTreeMap<Id, M>,
    message: impl Fn(Id, M::Command) -> Message,
) -> impl Iterator<Item = (Timestamp, Message)> {
    machines.iter().filter_map(move |(id, machine)| {
        let deadline = machine.deadline()?;
        Some((deadline, message(*id, M::due(deadline))))
    })
}
