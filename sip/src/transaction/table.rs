//! All transactions of one side, and which of them has to be woken next.
//! Never looks into one beyond its deadline and its end.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::timing::Moment;

/// What has a deadline, and an end.
pub(crate) trait Timed {
    fn deadline(&self) -> Moment;
    /// Whether it is to be forgotten.
    fn is_over(&self) -> bool;
}

/// What is remembered, by its keys and by its deadlines.
pub(crate) struct Table<K, T> {
    by_key: BTreeMap<K, T>,
    by_time: BTreeSet<(Moment, K)>,
}

impl<K: Ord + Copy, T: Timed> Table<K, T> {
    pub(crate) fn new() -> Self {
        Table { by_key: BTreeMap::new(), by_time: BTreeSet::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.by_key.len()
    }

    pub(crate) fn get(&self, key: K) -> Option<&T> {
        self.by_key.get(&key)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (K, &T)> {
        self.by_key.iter().map(|(key, one)| (*key, one))
    }

    /// Puts one in, in place of what had its key.
    pub(crate) fn insert(&mut self, key: K, one: T) {
        let after = one.deadline();
        let before = self.by_key.insert(key, one).map_or(Moment::NEVER, |one| one.deadline());
        self.wake(key, before, after);
    }

    pub(crate) fn remove(&mut self, key: K) {
        let before = self.by_key.remove(&key).map_or(Moment::NEVER, |one| one.deadline());
        self.wake(key, before, Moment::NEVER);
    }

    /// Changes one, and forgets it if that was its end.
    pub(crate) fn change<R>(&mut self, key: K, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        let one = self.by_key.get_mut(&key)?;
        let before = one.deadline();
        let result = change(one);
        let (after, is_over) = (one.deadline(), one.is_over());
        if is_over {
            self.by_key.remove(&key);
        }
        self.wake(key, before, if is_over { Moment::NEVER } else { after });
        Some(result)
    }

    /// The earliest deadline, and whose it is.
    pub(crate) fn next(&self) -> Option<(Duration, K)> {
        self.by_time.first().and_then(|(at, key)| Some((at.time()?, *key)))
    }

    fn wake(&mut self, key: K, before: Moment, after: Moment) {
        if before == after {
            return;
        }
        if before != Moment::NEVER {
            self.by_time.remove(&(before, key));
        }
        if after != Moment::NEVER {
            self.by_time.insert((after, key));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Egg {
        boiled_at: Moment,
        is_eaten: bool,
    }

    impl Timed for Egg {
        fn deadline(&self) -> Moment {
            self.boiled_at
        }

        fn is_over(&self) -> bool {
            self.is_eaten
        }
    }

    fn at(seconds: u64) -> Moment {
        Duration::from_secs(seconds).into()
    }

    #[test]
    fn the_earliest_deadline_comes_first_and_each_has_only_one() {
        let mut table = Table::new();
        let next = |table: &Table<char, Egg>| table.next().map(|(at, key)| (at.as_secs(), key));
        table.insert('b', Egg { boiled_at: at(2), is_eaten: false });
        table.insert('a', Egg { boiled_at: at(3), is_eaten: false });
        assert_eq!(next(&table), Some((2, 'b')));
        table.change('a', |egg| egg.boiled_at = at(1));
        assert_eq!(next(&table), Some((1, 'a')));
        table.insert('a', Egg { boiled_at: at(4), is_eaten: false });
        table.change('b', |egg| egg.boiled_at = Moment::NEVER);
        assert_eq!((next(&table), table.len()), (Some((4, 'a')), 2));
        table.change('a', |egg| egg.is_eaten = true);
        table.remove('b');
        assert_eq!((next(&table), table.len()), (None, 0));
        assert_eq!(table.change('a', |egg| egg.is_eaten), None);
    }
}
