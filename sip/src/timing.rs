//! The SIP timers' base values, and a queue that says who wants to be woken next.
//! Never reads a clock: every time is handed in, as the duration since boot.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The base values from which all timers derive (RFC 3261 §17.1.1.1, table 4), and the limits of our own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// Estimate of the round trip; the first wait before a message is sent again.
    pub t1: Duration,
    /// The longest wait between two sendings of a non-INVITE request or an INVITE response.
    pub t2: Duration,
    /// The longest time a message stays in the network.
    pub t4: Duration,
    /// How long a leg may ring, in either direction, before it is given up.
    pub unanswered_max: Duration,
    /// How often a provisional response to a waiting caller is repeated (RFC 3261 §13.3.1.1 asks for every minute).
    pub provisional_repeat: Duration,
    /// How often the peer of a confirmed leg is asked whether it is still there (OPTIONS within the dialog, RFC 3261 §11).
    pub check: Duration,
    /// How long a nonce is good for.
    pub nonce_max: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Timing {
            t1: Duration::from_millis(500),
            t2: Duration::from_secs(4),
            t4: Duration::from_secs(5),
            unanswered_max: Duration::from_secs(600),
            provisional_repeat: Duration::from_secs(60),
            check: Duration::from_secs(90),
            nonce_max: Duration::from_secs(300),
        }
    }
}

impl Timing {
    /// 64 × T1: timers B, D, F, H, J, L and M, and the wait for an ACK (RFC 3261 §13.3.1.4, §17; RFC 6026 §7).
    pub fn transaction_max(&self) -> Duration {
        self.t1 * 64
    }

    /// RFC 5626 §4.5's base time, 30 s where T1 is 500 ms: from it the wait after a failed registration grows.
    pub fn retry_base(&self) -> Duration {
        self.t1 * 60
    }

    /// RFC 5626 §4.5's maximum, half an hour where T1 is 500 ms.
    pub fn retry_max(&self) -> Duration {
        self.t1 * 3600
    }

    /// After how long a doubtful peer is asked again whether it is there.
    pub fn probe_soon(&self) -> Duration {
        self.t1 * 8
    }

    /// How long a caller may take to say its password when it is asked; later it counts as a stranger.
    pub fn proof_max(&self) -> Duration {
        self.t1 * 20
    }

    /// How long the application may think about a new offer before it is refused: well within the peer's timer F,
    /// because a later answer would only meet a transaction that is gone (RFC 4320 §4.1).
    pub fn reoffer_max(&self) -> Duration {
        self.t1 * 20
    }
}

/// A time since boot, or never: in nanoseconds, because there are many to remember and a [`Duration`] takes twice the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(u64);

impl Moment {
    pub(crate) const NEVER: Moment = Moment(u64::MAX);

    pub(crate) fn time(self) -> Option<Duration> {
        (self != Moment::NEVER).then(|| Duration::from_nanos(self.0))
    }
}

impl From<Duration> for Moment {
    /// After 584 years nothing is due any more.
    fn from(time: Duration) -> Moment {
        u64::try_from(time.as_nanos()).map_or(Moment::NEVER, Moment)
    }
}

/// Who wants to be woken when: at most one time per key.
#[derive(Debug, Clone)]
pub(crate) struct Wakes<K: Ord + Clone> {
    by_key: BTreeMap<K, Moment>,
    by_time: BTreeSet<(Moment, K)>,
}

impl<K: Ord + Clone> Wakes<K> {
    pub(crate) fn new() -> Self {
        Wakes { by_key: BTreeMap::new(), by_time: BTreeSet::new() }
    }

    /// Replaces the time at which `key` is woken; `None` forgets it.
    pub(crate) fn set(&mut self, key: K, at: Option<Duration>) {
        let at = at.map(Moment::from);
        let before = match (self.by_key.entry(key.clone()), at) {
            (Entry::Occupied(known), _) if Some(*known.get()) == at => return,
            (Entry::Occupied(mut known), Some(at)) => Some(known.insert(at)),
            (Entry::Occupied(known), None) => Some(known.remove()),
            (Entry::Vacant(new), Some(at)) => {
                new.insert(at);
                None
            }
            (Entry::Vacant(_), None) => None,
        };
        if let Some(before) = before {
            self.by_time.remove(&(before, key.clone()));
        }
        if let Some(at) = at {
            self.by_time.insert((at, key));
        }
    }

    /// Wakes `key` at this time, unless it is woken at another one already.
    pub(crate) fn keep(&mut self, key: K, at: Duration) {
        if !self.by_key.contains_key(&key) {
            self.set(key, Some(at));
        }
    }

    /// The earliest time anyone waits for.
    pub(crate) fn next(&self) -> Option<Duration> {
        self.by_time.first().and_then(|(at, _)| at.time())
    }

    /// Takes one key whose time has come.
    pub(crate) fn take_due(&mut self, now: Duration) -> Option<K> {
        if self.next()? > now {
            return None;
        }
        let (_, key) = self.by_time.pop_first()?;
        self.by_key.remove(&key);
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_the_time_that_it_was_made_from() {
        for time in [Duration::ZERO, Duration::from_nanos(1), Duration::from_secs(10 * 365 * 86_400)] {
            assert_eq!(Moment::from(time).time(), Some(time));
        }
        assert_eq!(Moment::from(Duration::MAX), Moment::NEVER);
        assert_eq!(Moment::NEVER.time(), None);
    }

    #[test]
    fn the_earliest_wake_comes_first_and_each_key_only_once() {
        let mut wakes = Wakes::new();
        wakes.set("b", Some(Duration::from_secs(2)));
        wakes.set("a", Some(Duration::from_secs(3)));
        wakes.set("a", Some(Duration::from_secs(1)));
        assert_eq!(wakes.next(), Some(Duration::from_secs(1)));
        assert_eq!(wakes.take_due(Duration::from_millis(500)), None);
        assert_eq!(wakes.take_due(Duration::from_secs(5)), Some("a"));
        assert_eq!(wakes.take_due(Duration::from_secs(5)), Some("b"));
        assert_eq!(wakes.next(), None);
    }
}
