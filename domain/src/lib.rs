//! The domain of Vorrang: state machines (agent, queue, chat, call, task) and the board that matches what waits with who
//! is free. A machine *decides* events from a command, *applies* events to itself and *reacts* to an event.
//! Nothing here asks for a clock, a socket, a database or chance: the same inputs always give the same outputs.

pub mod agent;
pub mod announcement;
pub mod call;
pub mod chat;
pub mod company;
pub mod contact;
pub mod file;
pub mod hours;
pub mod id;
pub mod licence;
pub mod may;
pub mod message;
pub mod phone;
mod place;
pub mod post;
pub mod queue;
pub mod record;
pub mod routing;
pub mod table;
pub mod task;
pub mod time;
pub mod wait;
pub mod write_up;

pub use place::Identifier;

use message::Effect;
use time::Timestamp;

/// A state machine whose every change is an event.
///
/// 1. [`decide`](Machine::decide) looks at a command and says what happens because of it, changing nothing.
/// 2. [`apply`](Machine::apply) changes the state by one event; replaying all events gives the live state.
/// 3. [`react`](Machine::react), asked after `apply`, says what an event is to cause outside of the machine.
/// 4. [`deadline`](Machine::deadline) is read off the state: when it passes, the machine gets [`due`](Machine::due)
///    with that very time. A state that is left takes its deadline with it.
pub trait Machine: Default {
    /// All that can be asked of the machine: its whole protocol.
    type Command;
    /// All that can happen to it.
    type Event;

    /// What happens because of `command` at the time `at`; nothing if it is out of date or done already.
    ///
    /// # Errors
    /// The refusal, when whoever asked must be told that it cannot be done.
    fn decide(&self, at: Timestamp, command: &Self::Command) -> Result<Vec<Self::Event>, Refusal>;

    /// Changes the state. The only way to change it.
    fn apply(&mut self, event: &Self::Event);

    /// What an event that was just applied causes elsewhere.
    fn react(&self, event: &Self::Event) -> Vec<Effect>;

    /// When the machine wants to be woken; `None` if only others can move it.
    fn deadline(&self) -> Option<Timestamp>;

    /// The command that tells the machine that its `deadline` passed.
    fn due(deadline: Timestamp) -> Self::Command;

    /// Whether nothing can happen to it any more.
    fn is_over(&self) -> bool;

    /// What cannot be about this state, if it is there all the same: then the machine has a bug, or its rows were changed.
    fn flaw(&self) -> Option<&'static str>;
}

/// The first of these that does not hold.
fn first_flaw(laws: &[(bool, &'static str)]) -> Option<&'static str> {
    laws.iter().find(|(holds, _)| !holds).map(|(_, flaw)| *flaw)
}

/// Why somebody's command is not carried out. Values, never panics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// Somebody else was faster, or the item left the queue.
    #[error("the item is no longer in the queue")]
    Taken,
    /// The agent has as many chats as they may have.
    #[error("the maximum number of chats is reached")]
    MaximumReached,
    /// A call goes on: chats cannot be picked or activated (R9).
    #[error("a call is going on")]
    OnACall,
    /// The agent does not work at the moment.
    #[error("the agent is not logged in")]
    LoggedOut,
    /// The agent is on a break, or about to take one.
    #[error("the agent is on a break")]
    OnBreak,
    /// The agent to whom a chat was to go does not work, or has as many as they may have.
    #[error("the other agent cannot take it")]
    NotAvailable,
    /// The queue is full, or nobody who serves it is there.
    #[error("nobody is there to take it")]
    Unserved,
    /// The agent does not have this item.
    #[error("the item is not in this agent's inbox")]
    NotYours,
    /// Nothing can be written any more.
    #[error("the chat is over")]
    ChatOver,
    /// The item's state does not allow it.
    #[error("this cannot be done in the item's present state")]
    WrongState,
    /// The wrap-up was extended as often as it can be.
    #[error("the wrap-up cannot be extended again")]
    Extended,
    /// What a call interrupted waits for the end of its wrap-up.
    #[error("what the call interrupted waits for the end of the wrap-up")]
    Awaited,
    /// The phone does not ring for this offer any more.
    #[error("the offer is over")]
    OfferOver,
    /// The number of the command belongs to another one, or to one so old that nobody remembers whether it was done.
    #[error("another command of this client has this number, or it is too old")]
    NumberTaken,
}
