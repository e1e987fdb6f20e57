//! Vorrang: a contact-centre daemon in which a call takes precedence over a chat, and the chat survives it.
//!
//! - `domain` and `sip`, crates of their own, decide; they know no clock, no socket and no database.
//! - [`actors`] put the domain's machines into mailboxes, [`store`] keeps their journal.
//! - [`telephony`] has the sockets of SIP and RTP, [`web`] those of browsers; [`protocol`] is what browsers say.
//! - [`daemon`] puts it all together, [`demo`] adds a company, phones and callers to play with.

pub mod actors;
pub mod cli;
pub mod clock;
pub mod config;
pub mod daemon;
pub mod demo;
pub mod licence;
pub mod protocol;
pub mod store;
pub mod telemetry;
pub mod telephony;
pub mod web;
