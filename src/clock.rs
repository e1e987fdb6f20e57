//! What time it is, and who wants to be woken when.
//! The only place that asks the operating system for the time of events; machines get it as an argument.

use domain::time::{Span, Timestamp};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The daemon's clock: the time of day at its start, moved on by the monotonic clock, so that nobody who sets the
/// system's clock moves a deadline.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Source>);

#[derive(Debug)]
enum Source {
    Running { start: Timestamp, since: Instant },
    Manual(AtomicU64),
}

impl Clock {
    /// Runs from now on, and never shows less than `last`, the last time in the journal.
    pub fn start(last: Timestamp) -> Clock {
        let start = of_system().max(last);
        Clock(Arc::new(Source::Running { start, since: Instant::now() }))
    }

    /// Stands still until it is moved: for tests.
    pub fn manual(now: Timestamp) -> Clock {
        Clock(Arc::new(Source::Manual(AtomicU64::new(now.0))))
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        match &*self.0 {
            Source::Running { start, since } => {
                let passed = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
                Timestamp(start.0.saturating_add(passed))
            }
            Source::Manual(now) => Timestamp(now.load(Ordering::Acquire)),
        }
    }

    /// What the system's clock says of it: `None` as long as they agree, and on a manual clock.
    pub fn discord(&self) -> Option<Discord> {
        match &*self.0 {
            Source::Running { .. } => Discord::between(self.now(), of_system()),
            Source::Manual(_) => None,
        }
    }

    /// Moves a manual clock; a running one is not moved.
    pub fn set(&self, to: Timestamp) {
        if let Source::Manual(now) = &*self.0 {
            now.fetch_max(to.0, Ordering::AcqRel);
        }
    }

    /// How long until `deadline`; `None` on a manual clock, on which nothing comes by waiting.
    pub fn until(&self, deadline: Timestamp) -> Option<Duration> {
        match &*self.0 {
            Source::Running { .. } => Some(Duration::from_millis((deadline - self.now()).0)),
            Source::Manual(_) => None,
        }
    }
}

/// How far the daemon's time and the system's may be apart before somebody has to know.
const DISCORD_MIN: Span = Span(10_000);

/// The daemon's time is not the system's: the system's clock was wrong when the daemon ran or started, or was set since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Discord {
    /// What the daemon shows and stores.
    pub own: Timestamp,
    /// What the system's clock shows.
    pub system: Timestamp,
}

impl Discord {
    fn between(own: Timestamp, system: Timestamp) -> Option<Discord> {
        ((own - system).max(system - own) >= DISCORD_MIN).then_some(Discord { own, system })
    }
}

/// `the daemon's clock is 31536000 s ahead of the system's`.
impl std::fmt::Display for Discord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Discord { own, system } = *self;
        let (apart, side) = if own > system { (own - system, "ahead of") } else { (system - own, "behind") };
        write!(f, "the daemon's clock is {} s {side} the system's", apart.0 / 1000)
    }
}

fn of_system() -> Timestamp {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Timestamp(u64::try_from(now.as_millis()).unwrap_or(u64::MAX))
}

/// The one queue of all deadlines of a floor.
#[derive(Debug)]
pub struct Timers<K>(BTreeSet<(Timestamp, K)>);

impl<K: Ord + Copy> Default for Timers<K> {
    fn default() -> Self {
        Timers(BTreeSet::new())
    }
}

impl<K: Ord + Copy> Timers<K> {
    /// Replaces the one deadline of `key`; whether the next deadline of all came nearer by it.
    pub fn change(&mut self, key: K, old: Option<Timestamp>, new: Option<Timestamp>) -> bool {
        let before = self.next();
        if let Some(old) = old {
            self.0.remove(&(old, key));
        }
        if let Some(new) = new {
            self.0.insert((new, key));
        }
        self.next().is_some_and(|next| before.is_none_or(|before| next < before))
    }

    /// The next deadline.
    pub fn next(&self) -> Option<Timestamp> {
        self.0.first().map(|(at, _)| *at)
    }

    /// Takes one deadline that has passed.
    pub fn pop_due(&mut self, now: Timestamp) -> Option<(Timestamp, K)> {
        let first = *self.0.first()?;
        if first.0 > now {
            return None;
        }
        self.0.pop_first()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deadlines_come_in_their_order_and_a_changed_one_only_once() {
        let mut timers = Timers::default();
        timers.change('a', None, Some(Timestamp(30)));
        timers.change('b', None, Some(Timestamp(20)));
        timers.change('a', Some(Timestamp(30)), Some(Timestamp(10)));
        assert_eq!(timers.pop_due(Timestamp(5)), None);
        assert_eq!(timers.pop_due(Timestamp(25)), Some((Timestamp(10), 'a')));
        assert_eq!(timers.pop_due(Timestamp(25)), Some((Timestamp(20), 'b')));
        assert_eq!(timers.next(), None);
    }

    #[test]
    fn who_waits_for_the_next_deadline_is_woken_only_for_an_earlier_one() {
        let mut timers = Timers::default();
        assert!(timers.change('a', None, Some(Timestamp(30))), "the first");
        assert!(!timers.change('b', None, Some(Timestamp(40))), "a later one");
        assert!(timers.change('b', Some(Timestamp(40)), Some(Timestamp(20))), "one that is earlier now");
        assert!(!timers.change('b', Some(Timestamp(20)), Some(Timestamp(50))), "it went away");
        assert!(!timers.change('a', Some(Timestamp(30)), None), "the next one is later");
        assert!(!timers.change('b', Some(Timestamp(50)), None), "none is left");
    }

    #[test]
    fn a_clock_never_starts_before_the_last_event() {
        let far = Timestamp(u64::MAX / 2);
        assert!(Clock::start(far).now() >= far);
    }

    #[test]
    fn a_clock_that_is_not_the_systems_says_so() {
        assert_eq!(Clock::start(Timestamp(0)).discord(), None);
        assert!(Clock::start(Timestamp(u64::MAX / 2)).discord().is_some_and(|discord| discord.own > discord.system));
        for (own, system, expected) in [
            (100_000, 109_999, None),
            (109_999, 100_000, None),
            (110_000, 100_000, Some("the daemon's clock is 10 s ahead of the system's")),
            (100_000, 160_999, Some("the daemon's clock is 60 s behind the system's")),
        ] {
            let discord = Discord::between(Timestamp(own), Timestamp(system)).map(|discord| discord.to_string());
            assert_eq!(discord.as_deref(), expected);
        }
    }
}
