//! How machines and the board hang together: who receives a message, what a turn of a machine tells the board, what wakes
//! a machine and what it hears after a restart. The daemon's floor and every floor of the tests use this same wiring.
//! Delivery itself, its order and durability are theirs.

use crate::agent::{self, Agent};
use crate::call::{self, Call};
use crate::chat::{self, Chat};
use crate::id::{AgentId, CallId, ChatId, ItemId, QueueId, TaskId};
use crate::message::{Effect, Message};
use crate::queue::{self, Queue};
use crate::routing::Board;
use crate::task::{self, Task};
use crate::time::Timestamp;
use crate::{Machine, Refusal};
use std::fmt;

/// Which machine of a floor is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// An agent.
    Agent(AgentId),
    /// A queue.
    Queue(QueueId),
    /// A chat.
    Chat(ChatId),
    /// A call.
    Call(CallId),
    /// A task.
    Task(TaskId),
}

impl Party {
    /// What it hears when its deadline has passed.
    pub fn due(self, deadline: Timestamp) -> Message {
        match self {
            Party::Agent(id) => Agent::message(id, Agent::due(deadline)),
            Party::Queue(id) => Queue::message(id, Queue::due(deadline)),
            Party::Chat(id) => Chat::message(id, Chat::due(deadline)),
            Party::Call(id) => Call::message(id, Call::due(deadline)),
            Party::Task(id) => Task::message(id, Task::due(deadline)),
        }
    }

    /// What it hears when the daemon is there again; `None` for a queue, to which the time without a daemon is nothing.
    pub fn restarted(self, down_since: Timestamp) -> Option<Message> {
        match self {
            Party::Agent(id) => Some(Agent::message(id, agent::Command::Restarted { down_since })),
            Party::Queue(_) => None,
            Party::Chat(id) => Some(Chat::message(id, chat::Command::Restarted { down_since })),
            Party::Call(id) => Some(Call::message(id, call::Command::Restarted { down_since })),
            Party::Task(id) => Some(Task::message(id, task::Command::Restarted { down_since })),
        }
    }

    /// The item that it is, if it is one.
    pub fn item(self) -> Option<ItemId> {
        match self {
            Party::Agent(_) | Party::Queue(_) => None,
            Party::Chat(id) => Some(ItemId::Chat(id)),
            Party::Call(id) => Some(ItemId::Call(id)),
            Party::Task(id) => Some(ItemId::Task(id)),
        }
    }
}

impl From<ItemId> for Party {
    fn from(item: ItemId) -> Party {
        match item {
            ItemId::Chat(id) => Party::Chat(id),
            ItemId::Call(id) => Party::Call(id),
            ItemId::Task(id) => Party::Task(id),
        }
    }
}

/// As people say it: `agent 1`, `chat 1-6`.
impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Party::Agent(id) => write!(f, "agent {id}"),
            Party::Queue(id) => write!(f, "queue {id}"),
            Party::Chat(id) => write!(f, "chat {id}"),
            Party::Call(id) => write!(f, "call {id}"),
            Party::Task(id) => write!(f, "task {id}"),
        }
    }
}

impl Message {
    /// Whom it is for.
    pub fn receiver(&self) -> Party {
        match *self {
            Message::Agent { id, .. } => Party::Agent(id),
            Message::Queue { id, .. } => Party::Queue(id),
            Message::Chat { id, .. } => Party::Chat(id),
            Message::Call { id, .. } => Party::Call(id),
            Message::Task { id, .. } => Party::Task(id),
        }
    }
}

/// A machine that stands on a floor, and what the board learns of it.
pub trait Member: Machine {
    /// What it is known by.
    type Id: Copy + Ord;

    /// Which machine this is.
    fn party(id: Self::Id) -> Party;

    /// A command in its envelope.
    fn message(id: Self::Id, command: Self::Command) -> Message;

    /// Shows the board the whole machine: at the start, when no event tells what is new.
    fn see(&self, _id: Self::Id, _board: &mut Board) {}

    /// Shows the board what the last turn changed. To be called in that turn, after all of its events were applied.
    fn saw(&self, id: Self::Id, events: &[Self::Event], board: &mut Board) {
        if !events.is_empty() {
            self.see(id, board);
        }
    }

    /// Tells the board that a command was dealt with, whether anything happened or not.
    fn dealt_with(&self, _id: Self::Id, _command: &Self::Command, _board: &mut Board) {}
}

impl Member for Agent {
    type Id = AgentId;

    fn party(id: AgentId) -> Party {
        Party::Agent(id)
    }

    fn message(id: AgentId, command: agent::Command) -> Message {
        Message::Agent { id, command }
    }

    fn see(&self, id: AgentId, board: &mut Board) {
        board.see_agent(id, self);
    }
}

impl Member for Queue {
    type Id = QueueId;

    fn party(id: QueueId) -> Party {
        Party::Queue(id)
    }

    fn message(id: QueueId, command: queue::Command) -> Message {
        Message::Queue { id, command }
    }

    fn see(&self, id: QueueId, board: &mut Board) {
        board.see_queue(id, self);
    }

    fn saw(&self, id: QueueId, events: &[queue::Event], board: &mut Board) {
        for event in events {
            board.see_queue_event(id, self, event);
        }
    }

    fn dealt_with(&self, id: QueueId, command: &queue::Command, board: &mut Board) {
        if let queue::Command::Propose { item, .. } = command {
            board.proposal_done(id, *item, self);
        }
    }
}

impl Member for Chat {
    type Id = ChatId;

    fn party(id: ChatId) -> Party {
        Party::Chat(id)
    }

    fn message(id: ChatId, command: chat::Command) -> Message {
        Message::Chat { id, command }
    }

    fn see(&self, id: ChatId, board: &mut Board) {
        board.see_chat(id, self);
    }
}

impl Member for Call {
    type Id = CallId;

    fn party(id: CallId) -> Party {
        Party::Call(id)
    }

    fn message(id: CallId, command: call::Command) -> Message {
        Message::Call { id, command }
    }
}

impl Member for Task {
    type Id = TaskId;

    fn party(id: TaskId) -> Party {
        Party::Task(id)
    }

    fn message(id: TaskId, command: task::Command) -> Message {
        Message::Task { id, command }
    }
}

/// Changes a machine by what it decided, and gives what that is to cause, in order.
pub fn apply<M: Machine>(machine: &mut M, events: &[M::Event]) -> Vec<Effect> {
    let mut effects = vec![];
    for event in events {
        machine.apply(event);
        debug_assert_eq!(machine.flaw(), None, "after an event");
        effects.extend(machine.react(event));
    }
    effects
}

/// Whether the board knows a machine as it is. It does after every turn, if that showed it whatever it changed.
pub fn is_known<M: Member>(machine: &M, id: M::Id, board: &Board) -> bool {
    let mut shown = board.clone();
    machine.see(id, &mut shown);
    shown.knowledge() == board.clone().knowledge()
}

/// What one command did.
#[derive(Debug)]
pub struct Turn<E> {
    /// What happened, in order.
    pub events: Vec<E>,
    /// What that is to cause, in order.
    pub effects: Vec<Effect>,
}

/// One command through one machine, before the eyes of the board.
///
/// # Errors
/// The machine's refusal.
pub fn turn<M: Member>(
    machine: &mut M,
    id: M::Id,
    at: Timestamp,
    command: &M::Command,
    board: &mut Board,
) -> Result<Turn<M::Event>, Refusal> {
    let turn = machine.decide(at, command).map(|events| {
        let effects = apply(machine, &events);
        machine.saw(id, &events, board);
        debug_assert!(is_known(machine, id, board), "the board does not know {} as it is", M::party(id));
        Turn { events, effects }
    });
    machine.dealt_with(id, command, board);
    turn
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::{Arrival, Channel};

    #[test]
    fn the_board_knows_a_machine_only_if_it_was_shown_what_a_turn_changed() {
        let (id, mut board) = (QueueId(1), Board::default());
        let configure = queue::Command::Configure { id, settings: Box::default() };
        let mut queue = Queue::default();
        turn(&mut queue, id, Timestamp(1), &configure, &mut board).unwrap();
        assert!(is_known(&queue, id, &board));

        let arrival = Arrival::new(ItemId::Call(CallId(1)), Channel::Call, Timestamp(2));
        let events = queue.decide(Timestamp(2), &queue::Command::Enqueue(arrival)).unwrap();
        apply(&mut queue, &events);
        assert!(!is_known(&queue, id, &board), "an item waits of which the board was not told");
        queue.saw(id, &events, &mut board);
        assert!(is_known(&queue, id, &board));
    }

    #[test]
    fn the_board_knows_an_agent_only_as_they_were_shown_last() {
        let (id, mut board) = (AgentId(1), Board::default());
        board.assign(id, [(QueueId(1), 1)].into());
        let mut agent = Agent::default();
        turn(&mut agent, id, Timestamp(1), &agent::Command::LogIn, &mut board).unwrap();
        assert!(is_known(&agent, id, &board));
        let events = agent.decide(Timestamp(2), &agent::Command::LogOut).unwrap();
        apply(&mut agent, &events);
        assert!(!is_known(&agent, id, &board), "whoever has logged out cannot be asked");
    }
}
