//! Calls that were asked for a password and have not said it yet: whoever says it is no stranger.
//! Never keeps more of them than a fixed number, nor for longer than their wait.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

/// The most calls that are waited for; the oldest gives way and counts as unanswered.
const WAITING_MAX: usize = 10_000;

/// A call that is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Asked {
    /// From where it came.
    pub(crate) source: SocketAddr,
    /// How often: its INVITE may have been repeated.
    pub(crate) times: u32,
}

/// All of them, by the name of the challenge ([`crate::auth::Guard::name_of`]).
#[derive(Debug, Clone)]
pub(crate) struct Challenged {
    wait: Duration,
    by_name: BTreeMap<String, Asked>,
    /// The same in the order in which they were asked, with the end of their wait; those that have answered among them.
    by_age: VecDeque<(Duration, String)>,
}

impl Challenged {
    /// `wait` is how long an answer may take.
    pub(crate) fn new(wait: Duration) -> Challenged {
        Challenged { wait, by_name: BTreeMap::new(), by_age: VecDeque::new() }
    }

    /// A call is asked for its password. Whoever had to give way for it.
    pub(crate) fn ask(&mut self, now: Duration, name: String, source: SocketAddr) -> Option<SocketAddr> {
        if let Some(asked) = self.by_name.get_mut(&name) {
            asked.times = asked.times.saturating_add(1);
            return None;
        }
        let oldest = if self.by_age.len() >= WAITING_MAX { self.by_age.pop_front() } else { None };
        self.by_age.push_back((now + self.wait, name.clone()));
        self.by_name.insert(name, Asked { source, times: 1 });
        oldest.and_then(|(_, name)| self.by_name.remove(&name)).map(|asked| asked.source)
    }

    /// A challenge is answered, rightly or not: the call that it was for, if that was still waited for.
    pub(crate) fn answered(&mut self, name: &str) -> Option<Asked> {
        self.by_name.remove(name)
    }

    /// Those whose wait is over without an answer.
    pub(crate) fn over(&mut self, now: Duration) -> Vec<SocketAddr> {
        let mut silent = Vec::new();
        while let Some((_, name)) = self.by_age.pop_front_if(|(end, _)| *end <= now) {
            silent.extend(self.by_name.remove(&name).map(|asked| asked.source));
        }
        silent
    }

    /// When the next wait is over.
    pub(crate) fn next(&self) -> Option<Duration> {
        self.by_age.front().map(|(end, _)| *end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::address;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn who_answers_in_time_is_not_among_the_silent() {
        let mut challenged = Challenged::new(SECOND * 10);
        for (second, name) in [(0, "a"), (1, "b"), (2, "c"), (3, "a")] {
            assert_eq!(challenged.ask(SECOND * second, name.to_owned(), address(second as u8 + 1)), None);
        }
        assert_eq!(challenged.answered("b"), Some(Asked { source: address(2), times: 1 }));
        assert_eq!(challenged.answered("b"), None, "once");
        assert_eq!((challenged.over(SECOND * 9), challenged.next()), (vec![], Some(SECOND * 10)));
        assert_eq!(challenged.over(SECOND * 11), [address(1)], "the repetition does not lengthen its wait");
        assert_eq!(challenged.answered("a"), None, "too late");
        assert_eq!((challenged.over(SECOND * 12), challenged.next()), (vec![address(3)], None));
    }

    #[test]
    fn there_is_a_most_and_the_oldest_gives_way() {
        let mut challenged = Challenged::new(SECOND);
        for number in 0..WAITING_MAX {
            assert_eq!(challenged.ask(SECOND, number.to_string(), address(1)), None);
        }
        challenged.answered("1");
        assert_eq!(challenged.ask(SECOND, "x".to_owned(), address(2)), Some(address(1)));
        assert_eq!(challenged.ask(SECOND, "y".to_owned(), address(2)), None, "the oldest had answered");
        assert_eq!((challenged.by_age.len(), challenged.by_name.len()), (WAITING_MAX, WAITING_MAX));
        assert_eq!(challenged.over(SECOND * 2).len(), WAITING_MAX);
    }
}
