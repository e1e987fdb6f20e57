//! What an agent may do with an item of theirs: the answers by which the machines decide, so that a screen can ask first.
//! It changes nothing. What would change nothing (parking what is parked) is [`Refusal::WrongState`] here, though a
//! machine that is asked for it just does nothing.

use crate::Refusal;
use crate::call::{self, Call};
use crate::chat::{self, Author, Chat, ParkedBy};
use crate::id::{AgentId, OfferId};
use crate::task::{self, Task};

impl Chat {
    /// Whether somebody may write.
    ///
    /// # Errors
    /// What stands in the way.
    pub fn may_say(&self, author: Author) -> Result<(), Refusal> {
        match (author, self.state()) {
            (
                _,
                chat::State::New
                | chat::State::WrapUp { .. }
                | chat::State::WrapUpQueued { .. }
                | chat::State::Closed { .. },
            ) => Err(Refusal::ChatOver),
            (Author::Visitor, _) => Ok(()),
            (Author::Agent(author), _) if self.agent() != Some(author) => Err(Refusal::NotYours),
            (Author::Agent(_), chat::State::Active { .. }) => Ok(()),
            (Author::Agent(_), chat::State::Queued | chat::State::Allocated { .. } | chat::State::Parked { .. }) => {
                Err(Refusal::WrongState)
            }
        }
    }

    /// Whether this agent may give it to a queue.
    ///
    /// # Errors
    /// What stands in the way.
    pub fn may_transfer(&self, agent: AgentId) -> Result<(), Refusal> {
        self.by_owner(agent)?;
        if let chat::State::Active { .. } = self.state() { Ok(()) } else { Err(Refusal::WrongState) }
    }

    /// Whether this agent may give it to another one: not while one is asked already.
    ///
    /// # Errors
    /// What stands in the way.
    pub fn may_transfer_to_agent(&self, agent: AgentId) -> Result<(), Refusal> {
        self.may_transfer(agent)?;
        if self.transfer().is_none() { Ok(()) } else { Err(Refusal::WrongState) }
    }

    /// Whether this agent may end the conversation.
    ///
    /// # Errors
    /// What stands in the way.
    pub fn may_end(&self, agent: AgentId) -> Result<(), Refusal> {
        self.by_owner(agent)?;
        match self.state() {
            chat::State::Active { .. } | chat::State::Parked { by: ParkedBy::Agent, .. } => Ok(()),
            chat::State::New
            | chat::State::Queued
            | chat::State::Allocated { .. }
            | chat::State::Parked { by: ParkedBy::Call(_), .. }
            | chat::State::WrapUp { .. }
            | chat::State::WrapUpQueued { .. }
            | chat::State::Closed { .. } => Err(Refusal::WrongState),
        }
    }

    /// Whether this agent may be done with the wrap-up.
    ///
    /// # Errors
    /// What stands in the way.
    pub fn may_finish(&self, agent: AgentId) -> Result<(), Refusal> {
        self.by_owner(agent)?;
        if let chat::State::WrapUp { .. } = self.state() { Ok(()) } else { Err(Refusal::WrongState) }
    }
}

impl Task {
    /// Whether this agent may be done with it.
    ///
    /// # Errors
    /// What stands in the way.
    pub fn may_finish(&self, agent: AgentId) -> Result<(), Refusal> {
        if self.agent() != Some(agent) {
            return Err(Refusal::NotYours);
        }
        if let task::State::Active { .. } = self.state() { Ok(()) } else { Err(Refusal::WrongState) }
    }
}

impl Call {
    /// By which offer this agent talks with the caller: they may hang up, and give the call away.
    ///
    /// # Errors
    /// They don't, or not by an offer: a call that they dialled themselves is in their phone's hands only.
    pub fn connected_to(&self, agent: AgentId) -> Result<OfferId, Refusal> {
        match self.state() {
            call::State::Connected { offer, .. } if offer.agent == agent => Ok(offer),
            call::State::New
            | call::State::Queued
            | call::State::Ringing { .. }
            | call::State::Answered { .. }
            | call::State::Connected { .. }
            | call::State::Ended { .. } => Err(Refusal::NotYours),
        }
    }
}
