//! What the benches of the running daemon share: a daemon of their own, and the table that they print.

#![allow(dead_code, reason = "each bench uses a part of it")]

pub mod daemon;
#[path = "../../tests/licensed.rs"]
pub mod licensed;
pub mod table;

use std::fmt::Display;

pub type Result<T> = std::result::Result<T, String>;

/// Says what was being done when something failed.
pub fn doing<E: Display>(what: &str) -> impl Fn(E) -> String {
    move |error| format!("{what}: {error}")
}

/// What so much of sorted values is not above.
pub fn share(sorted: &[f64], part: f64) -> Result<f64> {
    let at = (sorted.len() as f64 * part).ceil() as usize;
    sorted.get(at.saturating_sub(1)).copied().ok_or_else(|| "nothing was timed".to_owned())
}
