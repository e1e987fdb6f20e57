//! What anyone could send, in one program: torture messages, mutilated ones, streams that lie, and what they cost.

#[path = "../fuzz/src/lib.rs"]
#[allow(dead_code)]
mod targets;

mod linear;
mod mutation;
mod streams;
mod torture;
