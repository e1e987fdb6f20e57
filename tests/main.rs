//! The daemon's tests, in one program so that it is linked once. `README.md` says which file answers which question.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod backup;
mod company;
mod demo;
mod disk;
mod files;
mod flood;
mod floor;
mod hours;
mod journal;
mod licence;
mod licensed;
mod process;
mod protocol;
mod records;
mod scenarios;
mod sockets;
mod takeover;
#[path = "../sip/fuzz/src/lib.rs"]
#[allow(dead_code)]
mod targets;
mod tidy;
mod torture;
mod web;
mod websocket;
