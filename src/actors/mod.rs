//! The actors: each agent, queue, chat, call and task is a machine in a mailbox, and the floor knows them all.
//! No decision is made here; whatever is decided stands in the crates `domain` and `sip`.

pub(crate) mod agent;
pub mod browser;
mod call;
mod chat;
mod files;
pub mod floor;
mod gathering;
mod hosts;
pub mod ids;
pub mod kind;
mod notes;
pub mod phones;
mod queue;
mod ratings;
pub mod records;
pub mod replay;
pub mod screens;
mod seen;
mod shell;
pub(crate) mod supervising;
mod task;
mod trunks;
pub(crate) mod unread;
pub mod user_agent;
pub mod why;
pub mod wishes;
