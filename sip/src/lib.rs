//! A SIP user agent as a pure machine: bytes, commands and the time go in; bytes and events come out.
//! Never opens a socket, reads a clock, rolls dice or spawns anything: the same inputs give the same outputs.
//!
//! The contract is four calls on [`UserAgent`]:
//!
//! 1. [`UserAgent::handle`] takes an [`Input`]: a datagram, a [`Command`], new accounts or trunks, or [`Input::Due`].
//! 2. [`UserAgent::poll_output`] is called until it returns none: send every [`Output::Send`], act on every
//!    [`Output::Event`].
//! 3. [`UserAgent::deadline`] says when to give [`Input::Due`] if nothing else comes first.
//!
//! The modules follow the RFC's layers: `wire`, `message`, `body`, `via`, `uri` (RFC 3261 §7, §18 to §20, §25), `transaction` (§17), `dialog`
//! (§12), `session` (§13 to §15), `registrar` and `registration` (§10), `probe` (§11), `auth` (§22), `throttle`, and above
//! them `user_agent`.

pub mod auth;
mod body;
mod challenged;
mod contract;
mod dialog;
pub mod media;
mod message;
mod privacy;
mod probe;
mod registrar;
mod registration;
mod renegotiation;
pub mod sdp;
mod session;
mod spelled;
#[cfg(test)]
mod testing;
pub mod throttle;
mod timing;
mod tokens;
mod transaction;
mod transport;
pub mod uri;
mod user_agent;
mod via;
pub mod wire;

pub use contract::{
    ANONYMOUS, Account, AddressRange, Binding, Command, Dialled, EndedBy, Event, Facts, FailedBy, Identity, Input,
    LegId, Load, Origin, Output, Refused, RegistrationState, Server, Settings, Target, Trunk, TrunkAccount,
};
pub use timing::Timing;
pub use transport::{Flow, Listener, Transport};
pub use user_agent::UserAgent;
