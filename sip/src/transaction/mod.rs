//! Transactions: a request, its responses, and the timers that repeat them (RFC 3261 §17).
//! Never knows of dialogs or calls; the tables in `client` and `server` are the specification, row by row.

pub(crate) mod client;
pub(crate) mod key;
pub(crate) mod server;
pub(crate) mod table;

use std::time::Duration;

use crate::timing::{Moment, Timing};

/// Which of the two sorts a transaction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Invite,
    Other,
}

/// What a transaction waits for. The letters are the RFC's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Timer {
    /// A, E, G: send again.
    Resend,
    /// B, F, H: give up.
    GiveUp,
    /// D, I, J, K, L, M: stay to absorb what comes late.
    Linger,
}

/// A wait before something is sent again, and when it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Resend {
    at: Duration,
    interval: Duration,
}

impl Resend {
    fn after(now: Duration, interval: Duration) -> Resend {
        Resend { at: now + interval, interval }
    }

    /// The first wait, or twice the one before, up to `max`.
    fn next(before: Option<Resend>, now: Duration, timing: &Timing, max: Duration) -> Resend {
        Resend::after(now, before.map_or(timing.t1, |before| before.interval * 2).min(max))
    }
}

/// What is due at the earlier of two times: at the same instant the end wins over sending once more.
fn earlier(resend: Option<Resend>, end: (Moment, Timer)) -> (Moment, Timer) {
    let resend = resend.map(|resend| (resend.at.into(), Timer::Resend));
    resend.filter(|(at, _)| *at < end.0).unwrap_or(end)
}
