//! Points in time and the stop-watches of a chat.
//! Nothing here asks what time it is: every instant is an argument.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::{Add, Sub};

/// Milliseconds since 1970-01-01T00:00:00Z, as the daemon's clock counts them: never backwards.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub u64);

/// A length of time in milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Span(pub u64);

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);

    /// So many seconds.
    pub const fn seconds(seconds: u64) -> Span {
        Span(seconds * 1000)
    }
}

impl Add<Span> for Timestamp {
    type Output = Timestamp;
    fn add(self, span: Span) -> Timestamp {
        Timestamp(self.0.saturating_add(span.0))
    }
}

impl Sub for Timestamp {
    type Output = Span;
    /// How long after `earlier` this is; zero if it is not after it.
    fn sub(self, earlier: Timestamp) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Add for Span {
    type Output = Span;
    fn add(self, other: Span) -> Span {
        Span(self.0.saturating_add(other.0))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "@{}.{:03}", self.0 / 1000, self.0 % 1000)
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}s", self.0 / 1000, self.0 % 1000)
    }
}

/// Time spent, and whether more is being spent right now. It never runs backwards, and a second `start` or `stop`
/// changes nothing (R12, R13).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Stopwatch {
    /// What was spent before `running_since`.
    pub spent: Span,
    /// Since when it runs; `None` while it stands still.
    pub running_since: Option<Timestamp>,
}

impl Stopwatch {
    /// Runs from `at` on.
    pub fn start(&mut self, at: Timestamp) {
        self.running_since.get_or_insert(at);
    }

    /// Stands still from `at` on.
    pub fn stop(&mut self, at: Timestamp) {
        if let Some(since) = self.running_since.take() {
            self.spent = self.spent + (at - since);
        }
    }

    /// Does not count the time from `from` to `to`, if it runs.
    pub fn leave_out(&mut self, from: Timestamp, to: Timestamp) {
        if self.running_since.is_some() {
            self.stop(from);
            self.start(to);
        }
    }

    /// When it will have counted `limit`; `None` while it stands still.
    pub fn reaches(&self, limit: Span) -> Option<Timestamp> {
        self.running_since.map(|since| since + Span(limit.0.saturating_sub(self.spent.0)))
    }

    /// All that was spent until `at`.
    pub fn spent_until(&self, at: Timestamp) -> Span {
        self.running_since.map_or(self.spent, |since| self.spent + (at - since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stopwatch_counts_only_while_it_runs() {
        let mut watch = Stopwatch::default();
        watch.start(Timestamp(1000));
        watch.start(Timestamp(2000));
        watch.stop(Timestamp(4000));
        watch.stop(Timestamp(9000));
        assert_eq!(watch.spent_until(Timestamp(20_000)), Span(3000));
        watch.start(Timestamp(30_000));
        assert_eq!(watch.spent_until(Timestamp(31_000)), Span(4000));
    }

    #[test]
    fn a_stop_before_the_start_takes_nothing_back() {
        let mut watch = Stopwatch { spent: Span(500), running_since: Some(Timestamp(1000)) };
        watch.stop(Timestamp(400));
        assert_eq!(watch.spent, Span(500));
    }
}
