//! A stage without a daemon: pure machines, messages between them in the order in which they were sent, a clock moved by hand.
//! It decides nothing: it delivers, and tells the board what it has to know.

use crate::scenario::{Arrival, Setup, Stage};
use domain::Refusal;
use domain::agent::{self, Agent};
use domain::call::{self, Call};
use domain::chat::{self, Chat};
use domain::id::{AgentId, CallId, ChatId, ItemId, OfferId, QueueId, TaskId};
use domain::message::{Effect, Message, Signal};
use domain::post::{self, Member, Party};
use domain::queue::{self, Outcome, Queue};
use domain::routing::{Admission, Board, Closed, Skill};
use domain::task::{self, Task};
use domain::time::{Span, Timestamp};
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
        let board = &mut self.board;
        let effects = match message {
            Message::Agent { id, command } => {
                let turn = post::turn(self.agents.get_mut(&id).unwrap(), id, at, &command, board)?;
                self.outcomes.extend(turn.events.iter().filter_map(outcome));
                turn.effects
            }
            Message::Queue { id, command } => {
                post::turn(self.queues.get_mut(&id).unwrap(), id, at, &command, board)?.effects
            }
            Message::Chat { id, command } => {
                post::turn(self.chats.get_mut(&id).unwrap(), id, at, &command, board)?.effects
            }
            Message::Call { id, command } => {
                post::turn(self.calls.get_mut(&id).unwrap(), id, at, &command, board)?.effects
            }
            Message::Task { id, command } => {
                post::turn(self.tasks.entry(id).or_default(), id, at, &command, board)?.effects
            }
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
        let dues = dues(&self.agents).chain(dues(&self.queues)).chain(dues(&self.chats)).chain(dues(&self.tasks));
        dues.min_by_key(|(at, _)| *at).map(|(at, party)| (at, party.due(at)))
    }

    /// The board as the machines alone make it.
    fn rebuild_board(&mut self) {
        let board = &mut self.board;
        *board = Board::default();
        for (id, agent) in &self.agents {
            board.assign(*id, self.serves[id].clone());
            agent.see(*id, board);
        }
        self.chats.iter().for_each(|(id, chat)| chat.see(*id, board));
        self.queues.iter().for_each(|(id, queue)| queue.see(*id, board));
    }

    /// The news of a restart, to everybody whom it concerns.
    fn restarted(&self, down_since: Timestamp) -> Vec<Message> {
        let parties = going_on(&self.agents).chain(going_on(&self.chats));
        let parties = parties.chain(going_on(&self.calls)).chain(going_on(&self.tasks));
        parties.filter_map(|party| party.restarted(down_since)).collect()
    }
}

impl Stage for World {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn arrive(&mut self, arrival: Arrival) -> Option<ItemId> {
        let (Arrival::Call { queue, .. } | Arrival::Chat { queue } | Arrival::Task { queue, .. }) = arrival;
        let Admission::Waits(queue) = self.board.admission(queue, &Closed::new()) else { return None };
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
                let command = task::Command::Request { id, channel, queue, arrived_at, contact: None };
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

/// How an offer ended, if an event of its agent says so.
fn outcome(event: &agent::Event) -> Option<(OfferId, Outcome)> {
    match event {
        agent::Event::Released { reservation, outcome, .. } => Some((reservation.offer, *outcome)),
        agent::Event::OfferRefused { offer, .. } => Some((*offer, Outcome::Refused)),
        _ => None,
    }
}

/// When something is due with machines of one kind, and with whom.
fn dues<M: Member>(machines: &BTreeMap<M::Id, M>) -> impl Iterator<Item = (Timestamp, Party)> {
    machines.iter().filter_map(|(id, machine)| Some((machine.deadline()?, M::party(*id))))
}

/// The machines of one kind that are not over.
fn going_on<M: Member>(machines: &BTreeMap<M::Id, M>) -> impl Iterator<Item = Party> {
    machines.iter().filter(|(_, machine)| !machine.is_over()).map(|(id, _)| M::party(*id))
}
