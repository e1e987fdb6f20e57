//! How long whoever waits will probably wait: their place times the pace at which chats of their queue were taken of late. A
//! pace is the time from one chat that was taken to the next, as far as the second one waited.
//! Never reads a clock and never promises: it says a range, and nothing where too little is known.

use crate::time::{Span, Timestamp};
use std::collections::VecDeque;

/// How many paces are looked at.
const PACES_MAX: usize = 20;
/// With fewer nothing is said.
const PACES_MIN: usize = 3;
/// What was so long ago says nothing of now.
const RECENT: Span = Span::seconds(2 * 3600);
/// More than that is not said more precisely, in minutes.
const MINUTES_MAX: u64 = 60;

/// How fast one queue was of late.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waits {
    /// When a chat was taken, and how long after the one before.
    paces: VecDeque<(Timestamp, Span)>,
}

/// A rough time, in whole minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rough {
    /// At least so many; 0: it may be any moment.
    pub from: u32,
    /// At most so many; `None`: more than an hour.
    pub to: Option<u32>,
}

impl Waits {
    /// A chat that had waited since then was taken.
    pub fn taken(&mut self, since: Timestamp, at: Timestamp) {
        let began = self.last().max(since);
        self.paces.push_back((at, at - began));
        if self.paces.len() > PACES_MAX {
            self.paces.pop_front();
        }
    }

    /// How long the one at this place, from 1, will probably wait now, if the first one has waited since then. No
    /// pace is thought shorter than the one that runs already: where nobody is taken any more, it is said to take longer.
    pub fn expected(&self, place: u32, first_since: Timestamp, now: Timestamp) -> Option<Rough> {
        let recent = self.paces.iter().filter(|(at, _)| now - *at <= RECENT);
        let mut paces: Vec<u64> = recent.map(|(_, pace)| pace.0).collect();
        if paces.len() < PACES_MIN {
            return None;
        }
        paces.sort_unstable();
        let running = (now - self.last().max(first_since)).0;
        let after = |pace: u64| pace.max(running).saturating_mul(place.into());
        let from = after(paces[paces.len() / 4]) / 60_000;
        let to = after(paces[paces.len() * 3 / 4]).div_ceil(60_000);
        // Nobody waits by the minute for long.
        let step = |minutes: u64| if minutes > 10 { 5 } else { 1 };
        let from = (from - from % step(from)).min(MINUTES_MAX);
        let to = to.next_multiple_of(step(to)).max(from + step(from)).max(2);
        let minutes = |minutes: u64| u32::try_from(minutes).unwrap_or(u32::MAX);
        Some(Rough { from: minutes(from), to: (to <= MINUTES_MAX).then(|| minutes(to)) })
    }

    fn last(&self) -> Timestamp {
        self.paces.back().map(|(at, _)| *at).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60_000;

    fn minute(minute: u64) -> Timestamp {
        Timestamp(minute * MINUTE)
    }

    /// A queue that was never empty, from which chats were taken at these minutes.
    fn taken_at(minutes: impl IntoIterator<Item = u64>) -> Waits {
        let mut waits = Waits::default();
        minutes.into_iter().for_each(|at| waits.taken(minute(0), minute(at)));
        waits
    }

    fn said(waits: &Waits, place: u32, now: u64) -> Option<(u32, Option<u32>)> {
        waits.expected(place, minute(now), minute(now)).map(|Rough { from, to }| (from, to))
    }

    #[test]
    fn whoever_waits_is_told_their_place_times_the_pace_of_the_queue_roughly() {
        assert_eq!(said(&taken_at([2, 4]), 1, 4), None, "too little is known");
        let steady = taken_at([2, 4, 6, 8]);
        let rows = [(1, (2, Some(3))), (3, (6, Some(7))), (6, (10, Some(15))), (8, (15, Some(20))), (99, (60, None))];
        for (place, expected) in rows {
            assert_eq!(said(&steady, place, 8), Some(expected), "{place}");
        }
        let uneven = taken_at([1, 3, 8, 9, 19, 20, 22, 27]);
        assert_eq!(said(&uneven, 1, 27), Some((1, Some(5))));
        assert_eq!(said(&taken_at([0, 0, 0, 0]), 1, 0), Some((0, Some(2))), "never nothing");
    }

    #[test]
    fn what_was_long_ago_says_nothing_of_now() {
        let waits = taken_at([1, 2, 3, 4]);
        assert!(said(&waits, 1, 120).is_some());
        assert_eq!(said(&waits, 1, 123), None);
    }

    #[test]
    fn a_time_in_which_nobody_waited_is_no_wait() {
        let mut waits = taken_at([2, 4, 6]);
        waits.taken(minute(60), minute(62));
        assert_eq!(said(&waits, 1, 62), Some((2, Some(3))));
    }

    #[test]
    fn where_nobody_is_taken_any_more_it_is_said_to_take_longer() {
        let waits = taken_at([1, 2, 3, 4]);
        let after = |now| waits.expected(1, minute(0), minute(now)).map(|Rough { from, to }| (from, to));
        assert_eq!([4, 9, 24, 90].map(after), [(1, Some(2)), (5, Some(6)), (20, Some(25)), (60, None)].map(Some));
    }
}
