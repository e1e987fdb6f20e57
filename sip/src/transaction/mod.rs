//! Transactions: a request, its responses, and the timers that repeat them (RFC 3261 §17).
//! Never knows of dialogs or calls; the tables in `client` and `server` are the specification, row by row.

pub(crate) mod client;
pub(crate) mod key;
pub(crate) mod server;

use std::time::Duration;

use crate::timing::Timing;

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

/// The running timers of one transaction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Timers {
    resend: Option<(Duration, Duration)>,
    give_up: Option<Duration>,
    linger: Option<Duration>,
}

impl Timers {
    /// Starts or restarts the resend timer; each restart doubles the wait up to `max`.
    fn start_resend(&mut self, now: Duration, timing: &Timing, max: Duration) {
        let interval = self.resend.map_or(timing.t1, |(_, interval)| interval * 2).min(max);
        self.resend = Some((now + interval, interval));
    }

    fn stop(&mut self, timer: Timer) {
        match timer {
            Timer::Resend => self.resend = None,
            Timer::GiveUp => self.give_up = None,
            Timer::Linger => self.linger = None,
        }
    }

    /// The earliest running timer.
    fn next(&self) -> Option<(Duration, Timer)> {
        let resend = self.resend.map(|(at, _)| (at, Timer::Resend));
        let give_up = self.give_up.map(|at| (at, Timer::GiveUp));
        let linger = self.linger.map(|at| (at, Timer::Linger));
        // At the same instant giving up wins over sending once more.
        [give_up, linger, resend].into_iter().flatten().min_by_key(|(at, _)| *at)
    }
}
