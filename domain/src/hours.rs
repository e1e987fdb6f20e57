//! When something is open: a week in the time of the wall, days that are otherwise, and a word for the moment.
//! It never asks what time it is, and knows all zones by itself: no file of the machine is read.

pub mod calendar;
mod interval;
mod zone;

pub use interval::{Interval, NoInterval};
pub use zone::Zone;

use crate::time::Timestamp;
pub use jiff::civil::Date;
use jiff::civil::Weekday;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{ToSpan as _, civil};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// For how many days the next change is looked for. What does not change within them is said never to change.
const DAYS_MAX: i32 = 800;
/// All days of the week, in their order.
pub const WEEKDAYS: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

/// Opening hours. They hold from the first moment at which the clock on the wall reads no less than their beginning, to the
/// last at which it reads less than their end: hours that begin or end within an hour that is missing do so when the clock is
/// put forward, and of an hour that comes twice both belong to them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// Of each day of the week, Monday first.
    pub week: [Vec<Interval>; 7],
    /// Days that are otherwise. What begins on such a day counts in place of what would begin on it in any week; what began
    /// the evening before goes on.
    pub days: BTreeMap<Date, Day>,
    /// What holds for the moment, whatever the week says.
    pub word: Option<Word>,
}

/// A day that is otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// What it is called.
    pub name: String,
    /// When it is open; never, if there is nothing.
    pub open: Vec<Interval>,
}

/// What holds for the moment, and ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word {
    /// Open, or closed.
    pub open: bool,
    /// Until when.
    pub until: Timestamp,
}

/// What holds at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is open.
    Open {
        /// Until when; `None`: for as long as one can see.
        until: Option<Timestamp>,
    },
    /// It is closed.
    Closed {
        /// When it opens; `None`: not for as long as one can see.
        until: Option<Timestamp>,
    },
}

impl State {
    /// Whether it is open.
    pub fn is_open(self) -> bool {
        matches!(self, State::Open { .. })
    }

    /// When it is the other one by itself.
    pub fn until(self) -> Option<Timestamp> {
        match self {
            State::Open { until } | State::Closed { until } => until,
        }
    }

    fn of(open: bool, until: Option<Timestamp>) -> State {
        if open { State::Open { until } } else { State::Closed { until } }
    }
}

/// A day as it was or will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// Which.
    pub date: Date,
    /// What it is called, if it is otherwise; may be empty then too.
    pub name: Option<String>,
    /// When it begins and ends: 23 hours apart, or 25, when the clocks are changed.
    pub lasts: Stretch,
    /// When it is open, as far as that lies within it, in its order and without what touches.
    pub open: Vec<Stretch>,
}

/// From one moment to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The first moment of it.
    pub from: Timestamp,
    /// The first after it.
    pub to: Timestamp,
}

impl Stretch {
    fn within(self, other: Stretch) -> Option<Stretch> {
        let both = Stretch { from: self.from.max(other.from), to: self.to.min(other.to) };
        (both.from < both.to).then_some(both)
    }
}

impl Hours {
    /// What holds at a moment, in a zone.
    pub fn at(&self, zone: &Zone, now: Timestamp) -> State {
        match self.word.filter(|word| now < word.until) {
            None => self.by_calendar(zone, now),
            Some(Word { open, until }) => {
                let then = self.by_calendar(zone, until);
                // What the calendar says too goes on beyond the word.
                State::of(open, if then.is_open() == open { then.until() } else { Some(until) })
            }
        }
    }

    fn by_calendar(&self, zone: &Zone, now: Timestamp) -> State {
        let tz = zone.time_zone();
        let Some(today) = date_of(&tz, now) else { return State::Closed { until: None } };
        // Beyond the last day that is otherwise one week is like the other.
        let last_other = self.days.keys().next_back().map_or(0, |last| (*last - today).get_days());
        let days = last_other.clamp(0, DAYS_MAX) + 9;
        let mut open_until = None;
        for stretch in self.stretches(&tz, today, days) {
            match open_until {
                None if now < stretch.from => return State::Closed { until: Some(stretch.from) },
                None if now < stretch.to => open_until = Some(stretch.to),
                None => {}
                Some(until) if stretch.from > until => return State::Open { until: Some(until) },
                Some(until) => open_until = Some(until.max(stretch.to)),
            }
        }
        match open_until {
            None => State::Closed { until: None },
            Some(until) => {
                let last = today.checked_add(days.days()).ok().and_then(|last| midnight(&tz, last));
                State::Open { until: Some(until).filter(|until| last.is_none_or(|last| *until < last)) }
            }
        }
    }

    /// All that begins from the day before `first` on, for so many days from `first`, each from no earlier a moment than the one
    /// before it; empty ones are left out.
    fn stretches(&self, tz: &TimeZone, first: Date, days: i32) -> impl Iterator<Item = Stretch> {
        let dates = (-1..=days).filter_map(move |after| first.checked_add(after.days()).ok());
        dates.flat_map(move |date| {
            let on = |interval: &Interval| {
                let from = moment(tz, date, interval.begin(), Edge::Begin)?;
                let to = moment(tz, date, interval.end(), Edge::End)?;
                (from < to).then_some(Stretch { from, to })
            };
            self.on(date).iter().filter_map(on).collect::<Vec<_>>()
        })
    }

    /// What begins on a day.
    fn on(&self, date: Date) -> &[Interval] {
        match self.days.get(&date) {
            Some(day) => &day.open,
            None => &self.week[usize::from(date.weekday().to_monday_zero_offset().unsigned_abs())],
        }
    }

    /// The date on the wall of a zone at a moment.
    pub fn today(zone: &Zone, now: Timestamp) -> Option<Date> {
        date_of(&zone.time_zone(), now)
    }

    /// The days from the one of a moment on, as the calendar and the word for the moment have them.
    pub fn outlook(&self, zone: &Zone, now: Timestamp, days: i32) -> Vec<Outlook> {
        let tz = zone.time_zone();
        let Some(today) = date_of(&tz, now) else { return vec![] };
        let mut all: Vec<Stretch> = vec![];
        let word = self
            .word
            .filter(|word| now < word.until)
            .map(|Word { open, until }| (open, Stretch { from: now, to: until }));
        let calendar = self.stretches(&tz, today, days).flat_map(|stretch| match word {
            None => vec![stretch],
            Some((_, by_word)) => {
                let before = Stretch { from: stretch.from, to: stretch.to.min(by_word.from) };
                let after = Stretch { from: stretch.from.max(by_word.to), to: stretch.to };
                [before, after].into_iter().filter(|part| part.from < part.to).collect()
            }
        });
        let mut parts: Vec<Stretch> = calendar.chain(word.filter(|(open, _)| *open).map(|(_, part)| part)).collect();
        parts.sort_unstable_by_key(|part| part.from);
        for part in parts {
            match all.last_mut() {
                Some(last) if part.from <= last.to => last.to = last.to.max(part.to),
                Some(_) | None => all.push(part),
            }
        }
        let day = |after: i32| {
            let date = today.checked_add(after.days()).ok()?;
            let lasts = Stretch { from: midnight(&tz, date)?, to: midnight(&tz, date.tomorrow().ok()?)? };
            let open = all.iter().filter_map(|part| part.within(lasts)).collect();
            Some(Outlook { date, name: self.days.get(&date).map(|day| day.name.clone()), lasts, open })
        };
        (0..days).filter_map(day).collect()
    }
}

/// Which end of an interval a time is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edge {
    Begin,
    End,
}

/// The moment of so many minutes after a date's midnight, as the clock on the wall counts them.
fn moment(tz: &TimeZone, date: Date, minutes: u16, edge: Edge) -> Option<Timestamp> {
    let time = |minutes: u16| {
        let date = date.checked_add(i32::from(minutes / Interval::DAY).days()).ok()?;
        let (hour, minute) = ((minutes % Interval::DAY) / 60, minutes % 60);
        Some(date.at(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0))
    };
    let is_twice =
        |time: civil::DateTime| matches!(tz.to_ambiguous_timestamp(time).offset(), AmbiguousOffset::Fold { .. });
    let at = tz.to_ambiguous_timestamp(time(minutes)?);
    let at = match (at.offset(), edge) {
        (AmbiguousOffset::Unambiguous { .. }, _) => at.unambiguous().ok()?,
        // The earlier reading of a time that is missing lies before the moment at which the clock was put forward.
        (AmbiguousOffset::Gap { .. }, _) => tz.following(at.earlier().ok()?).next()?.timestamp(),
        (AmbiguousOffset::Fold { .. }, Edge::Begin) => at.earlier().ok()?,
        // What ends where the second hour begins is over before it.
        (AmbiguousOffset::Fold { .. }, Edge::End) if minutes > 0 && !is_twice(time(minutes - 1)?) => {
            at.earlier().ok()?
        }
        (AmbiguousOffset::Fold { .. }, Edge::End) => at.later().ok()?,
    };
    u64::try_from(at.as_millisecond()).ok().map(Timestamp)
}

/// When a day begins.
fn midnight(tz: &TimeZone, date: Date) -> Option<Timestamp> {
    moment(tz, date, 0, Edge::Begin)
}

/// The date on the wall at a moment.
fn date_of(tz: &TimeZone, now: Timestamp) -> Option<Date> {
    let now = jiff::Timestamp::from_millisecond(i64::try_from(now.0).ok()?).ok()?;
    Some(tz.to_datetime(now).date())
}

#[cfg(test)]
mod tests;
