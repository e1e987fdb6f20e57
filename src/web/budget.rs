//! How often each source may do something, for a bounded number of sources.
//! Never lets a source lose its count because others come: where there is no room, the others share one.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The most sources of which something is remembered.
const SOURCES_MAX: usize = 10_000;
/// For how many sources those count together for which there is no room.
const OTHERS: u32 = 20;

/// A limit by source: so many a minute, and as many at once.
pub struct Budget {
    per_minute: u32,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    /// When nothing counts any more of what a source did.
    until: BTreeMap<IpAddr, Instant>,
    /// The same by time: the first gives way.
    by_time: BTreeSet<(Instant, IpAddr)>,
    others: Option<Instant>,
}

impl Budget {
    /// So many a minute for each source.
    pub fn per_minute(per_minute: NonZeroU32) -> Budget {
        Budget { per_minute: per_minute.get(), counts: Mutex::default() }
    }

    /// Counts one; `false` if it is one too many.
    pub fn take(&self, now: Instant, source: IpAddr) -> bool {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.forget_quiet(now);
        let known = counts.until.get(&source).copied();
        if known.is_none() && counts.until.len() >= SOURCES_MAX {
            let taken = taken(now, counts.others, self.per_minute.saturating_mul(OTHERS));
            counts.others = taken.or(counts.others);
            return taken.is_some();
        }
        let Some(until) = taken(now, known, self.per_minute) else { return false };
        if let Some(before) = counts.until.insert(source, until) {
            counts.by_time.remove(&(before, source));
        }
        counts.by_time.insert((until, source));
        true
    }

    /// Forgets the sources of which nothing counts any more.
    pub fn forget_quiet(&self, now: Instant) {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).forget_quiet(now);
    }
}

impl Counts {
    fn forget_quiet(&mut self, now: Instant) {
        while let Some(first) = self.by_time.first().copied().filter(|(until, _)| *until <= now) {
            self.by_time.remove(&first);
            self.until.remove(&first.1);
        }
    }
}

/// Until when it counts if one more is taken; none if there is no room for it.
fn taken(now: Instant, until: Option<Instant>, per_minute: u32) -> Option<Instant> {
    let each = Duration::from_secs(60) / per_minute;
    let until = until.map_or(now, |until| until.max(now)) + each;
    (until - now <= Duration::from_secs(60)).then_some(until)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget() -> Budget {
        Budget::per_minute(NonZeroU32::new(3).unwrap())
    }

    fn source(number: u32) -> IpAddr {
        IpAddr::from(number.to_be_bytes())
    }

    #[test]
    fn a_source_has_its_minutes_worth_at_once_and_then_its_rate() {
        let (budget, start) = (budget(), Instant::now());
        #[rustfmt::skip]
        let rows = [(0, true), (0, true), (0, true), (0, false), (19, false), (20, true), (20, false), (41, true), (41, false), (200, true)];
        for (second, expected) in rows {
            assert_eq!(budget.take(start + Duration::from_secs(second), source(1)), expected, "{second}");
        }
        assert!(budget.take(start + Duration::from_secs(41), source(2)), "another has its own");
    }

    #[test]
    fn the_memory_is_bounded_and_no_count_is_pushed_out() {
        let (budget, start) = (budget(), Instant::now());
        while budget.take(start, source(0)) {}
        let admitted = (1..30_000).filter(|number| budget.take(start, source(*number))).count();
        assert_eq!(admitted, SOURCES_MAX - 1 + (3 * OTHERS) as usize);
        assert!(!budget.take(start, source(0)) && budget.take(start, source(1)));
        let later = start + Duration::from_secs(20);
        assert!(budget.take(later, source(40_000)), "there is room again");
        budget.forget_quiet(start + Duration::from_secs(200));
        let counts = budget.counts.lock().unwrap();
        assert!(counts.until.is_empty() && counts.by_time.is_empty());
    }
}
