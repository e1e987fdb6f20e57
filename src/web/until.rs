//! What holds until a time, for a bounded number of keys: the one that ends first gives way to another.
//! Never reads a clock: times are lengths since a beginning that is the caller's.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Keys, each with the time until which it holds.
#[derive(Debug)]
pub struct Until<K> {
    ends: BTreeMap<K, Duration>,
    by_end: BTreeSet<(Duration, K)>,
    keys_max: usize,
}

impl<K: Copy + Ord> Until<K> {
    /// Of so many keys at most.
    pub fn new(keys_max: usize) -> Until<K> {
        Until { ends: BTreeMap::new(), by_end: BTreeSet::new(), keys_max }
    }

    /// Whether this key holds at this time.
    pub fn holds(&self, key: &K, now: Duration) -> bool {
        self.ends.get(key).is_some_and(|end| *end > now)
    }

    /// Until when this key holds; a time that is past, or zero, if it does not. While there is no room, a key that is
    /// not there counts as the one that would give way to it: nobody is forgotten by making room for others.
    pub fn end(&self, key: &K) -> Duration {
        let others = || if self.ends.len() < self.keys_max { None } else { self.by_end.first().map(|(end, _)| *end) };
        self.ends.get(key).copied().or_else(others).unwrap_or_default()
    }

    /// From now on the key holds until then.
    pub fn set(&mut self, key: K, until: Duration, now: Duration) {
        self.clear(&key);
        self.sweep(now);
        if self.ends.len() >= self.keys_max
            && let Some((_, first)) = self.by_end.pop_first()
        {
            self.ends.remove(&first);
        }
        self.ends.insert(key, until);
        self.by_end.insert((until, key));
    }

    /// The key holds no more.
    pub fn clear(&mut self, key: &K) {
        if let Some(end) = self.ends.remove(key) {
            self.by_end.remove(&(end, *key));
        }
    }

    /// Forgets what is over.
    pub fn sweep(&mut self, now: Duration) {
        while let Some((end, key)) = self.by_end.first().copied().filter(|(end, _)| *end <= now) {
            self.by_end.remove(&(end, key));
            self.ends.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_key_holds_until_its_time_and_is_then_forgotten() {
        let mut until = Until::new(3);
        until.set('a', SECOND * 2, SECOND);
        assert!(until.holds(&'a', SECOND) && !until.holds(&'a', SECOND * 2) && !until.holds(&'b', SECOND));
        until.set('b', SECOND * 3, SECOND * 2);
        assert_eq!((until.ends.len(), until.by_end.len()), (1, 1), "a was over");
        until.clear(&'b');
        assert!(!until.holds(&'b', SECOND * 2) && until.by_end.is_empty());
    }

    #[test]
    fn the_one_that_ends_first_gives_way_and_counts_for_whoever_is_not_there() {
        let mut until = Until::new(2);
        until.set('a', SECOND * 5, SECOND);
        assert_eq!(until.end(&'c'), Duration::ZERO, "there is room");
        until.set('b', SECOND * 9, SECOND);
        assert_eq!(until.end(&'c'), SECOND * 5);
        until.set('c', SECOND * 7, SECOND);
        assert!(!until.holds(&'a', SECOND) && until.holds(&'b', SECOND) && until.holds(&'c', SECOND));
        assert_eq!((until.end(&'a'), until.end(&'b')), (SECOND * 7, SECOND * 9));
    }
}
