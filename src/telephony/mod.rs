//! The telephone's sockets: signalling, media, and what is played to those who wait.
//! It decides nothing about calls.

pub mod announcements;
pub mod legs;
pub mod prompts;
pub mod relay;
pub mod signalling;
