//! What an actor finds in its mailbox.
//! It is carried and never looked into on the way.

use super::Reply;
use crate::protocol::visitor::FileView;
use crate::store::{Cause, Content};
use actix::Message;
use domain::post::Member;
use domain::time::Timestamp;

/// One thing for an actor.
#[derive(Message)]
#[rtype(result = "()")]
pub(in crate::actors) enum Mail<M: Member> {
    /// A command.
    Command(Envelope<M>),
    /// Rows to be stored with the actor, without anything happening to it, and when they were given.
    Keep(Timestamp, Vec<Content>),
}

/// A command on its way to a machine.
pub struct Envelope<M: Member> {
    /// When what caused it happened.
    pub at: Timestamp,
    /// The command.
    pub command: M::Command,
    /// What it is known by, if it can come twice.
    pub cause: Option<Cause>,
    /// Text that is stored beside the events, never in them.
    pub text: Option<String>,
    /// The file that is the message; the text is its name.
    pub file: Option<FileView>,
    /// Rows that are stored with whatever happens.
    pub content: Vec<Content>,
    /// Whoever waits for the outcome; called when it is durable.
    pub reply: Option<Reply>,
}
