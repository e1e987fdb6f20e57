//! How much of something each of many may have in the long run and at once, for a bounded number of them.
//! Never lets one lose its count because others come: where there is no room, the others share one.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The most of whom something is remembered.
const KNOWN_MAX: usize = 10_000;
/// For how many those count together for whom there is no room.
const OTHERS: u32 = 20;

/// A limit for each `K`: of a source, a chat, a company.
pub struct Budget<K> {
    /// So many in `period`.
    count: u32,
    period: Duration,
    /// For how long nothing is to be had once all was taken at once.
    at_once: Duration,
    counts: Mutex<Counts<K>>,
}

struct Counts<K> {
    /// When nothing counts any more of what somebody had.
    until: BTreeMap<K, Instant>,
    /// The same by time: the first gives way.
    by_time: BTreeSet<(Instant, K)>,
    others: Option<Instant>,
}

impl<K: Ord + Copy> Budget<K> {
    /// So many a minute, and as many at once.
    pub fn per_minute(count: NonZeroU32) -> Self {
        let minute = Duration::from_secs(60);
        Budget { count: count.get(), period: minute, at_once: minute, counts: Mutex::default() }
    }

    /// So many a second, and at once as many as come in the time of `at_once`.
    pub fn per_second(count: NonZeroU32, at_once: Duration) -> Self {
        Budget { count: count.get(), period: Duration::from_secs(1), at_once, counts: Mutex::default() }
    }

    /// Counts so many; `false` if that is too much, and then none of them counts.
    pub fn take(&self, now: Instant, who: K, units: u32) -> bool {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.forget_quiet(now);
        let known = counts.until.get(&who).copied();
        if known.is_none() && counts.until.len() >= KNOWN_MAX {
            let taken = self.taken(now, counts.others, units, self.count.saturating_mul(OTHERS));
            counts.others = taken.or(counts.others);
            return taken.is_some();
        }
        let Some(until) = self.taken(now, known, units, self.count) else { return false };
        if let Some(before) = counts.until.insert(who, until) {
            counts.by_time.remove(&(before, who));
        }
        counts.by_time.insert((until, who));
        true
    }

    /// Forgets those of whom nothing counts any more.
    pub fn forget_quiet(&self, now: Instant) {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).forget_quiet(now);
    }

    /// Until when it counts if so many more are taken; none if there is no room for them.
    fn taken(&self, now: Instant, until: Option<Instant>, units: u32, count: u32) -> Option<Instant> {
        let until = until.map_or(now, |until| until.max(now)) + self.period * units / count;
        (until - now <= self.at_once).then_some(until)
    }
}

impl<K: Ord + Copy> Counts<K> {
    fn forget_quiet(&mut self, now: Instant) {
        while let Some(first) = self.by_time.first().copied().filter(|(until, _)| *until <= now) {
            self.by_time.remove(&first);
            self.until.remove(&first.1);
        }
    }
}

impl<K> Default for Counts<K> {
    fn default() -> Self {
        Counts { until: BTreeMap::new(), by_time: BTreeSet::new(), others: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget() -> Budget<u32> {
        Budget::per_minute(NonZeroU32::new(3).unwrap())
    }

    #[test]
    fn a_source_has_its_minutes_worth_at_once_and_then_its_rate() {
        let (budget, start) = (budget(), Instant::now());
        #[rustfmt::skip]
        let rows = [(0, true), (0, true), (0, true), (0, false), (19, false), (20, true), (20, false), (41, true), (41, false), (200, true)];
        for (second, expected) in rows {
            assert_eq!(budget.take(start + Duration::from_secs(second), 1, 1), expected, "{second}");
        }
        assert!(budget.take(start + Duration::from_secs(41), 2, 1), "another has its own");
    }

    #[test]
    fn what_is_too_much_counts_for_nothing_and_what_never_fits_is_never_taken() {
        let budget = Budget::per_second(NonZeroU32::new(100).unwrap(), Duration::from_secs(10));
        let start = Instant::now();
        #[rustfmt::skip]
        let rows = [(0, 1_001, false), (0, 400, true), (0, 601, false), (0, 600, true), (0, 1, false), (1, 100, true), (1, 1, false), (60, 1_001, false), (60, 1_000, true)];
        for (second, units, expected) in rows {
            assert_eq!(budget.take(start + Duration::from_secs(second), 1, units), expected, "{units} at {second}");
        }
    }

    #[test]
    fn the_memory_is_bounded_and_no_count_is_pushed_out() {
        let (budget, start) = (budget(), Instant::now());
        while budget.take(start, 0, 1) {}
        let admitted = (1..30_000).filter(|number| budget.take(start, *number, 1)).count();
        assert_eq!(admitted, KNOWN_MAX - 1 + (3 * OTHERS) as usize);
        assert!(!budget.take(start, 0, 1) && budget.take(start, 1, 1));
        let later = start + Duration::from_secs(20);
        assert!(budget.take(later, 40_000, 1), "there is room again");
        budget.forget_quiet(start + Duration::from_secs(200));
        let counts = budget.counts.lock().unwrap();
        assert!(counts.until.is_empty() && counts.by_time.is_empty());
    }
}
