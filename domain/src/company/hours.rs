//! When a company is open: opening hours with a name, which queues and chat services go by.
//! It never decides what becomes of whom comes outside of them: each queue and chat service says that itself.

use super::refusal::named;
use super::{Company, Key, Kind, NextIds, Refusal, Refusals, Why, take};
use crate::hours::{Hours, Interval, NoInterval, State, WEEKDAYS, Word, Zone};
use crate::id::{HoursId, QueueId};
use crate::queue::Unserved;
use crate::routing::Closed;
use crate::time::Timestamp;
use crate::{hours, queue};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many days may be otherwise.
pub const DAYS_MAX: usize = 1000;
/// How many times a day may be opened.
const INTERVALS_MAX: usize = 12;
/// How often two hours may close in turn before it is said that they are never open together.
const CLOSINGS_MAX: usize = 100;
/// The longest name of a day, in characters.
const DAY_NAME_CHARACTERS_MAX: usize = 100;
/// The keys of the days of the week, Monday first.
const KEYS: [Key; 7] = ["week.mon", "week.tue", "week.wed", "week.thu", "week.fri", "week.sat", "week.sun"];

/// Opening hours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpeningHours {
    /// Their id.
    pub id: HoursId,
    /// Their name, unique in the company.
    pub name: String,
    /// When it is open.
    pub hours: Hours,
}

/// Opening hours, known by their name. What is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoursEntry {
    /// Their name.
    pub name: String,
    /// Of exactly these days of the week; those that are left out are closed. Closed on all by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub week: Option<WeekEntry>,
    /// Exactly the days that are otherwise; none by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<Vec<DayEntry>>,
    /// Open until then, whatever the week says: RFC 3339, as `2027-01-31T12:00:00+01:00`. Nothing by default, or if it is
    /// empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_until: Option<String>,
    /// Closed until then, the same way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_until: Option<String>,
    /// A form that says everything: what is left out has its default.
    #[serde(skip)]
    pub whole: bool,
}

/// The times of each day of a week, as `09:00-12:30`; `22:00-06:00+1` ends on the next day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WeekEntry {
    /// On Mondays.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mon: Vec<String>,
    /// On Tuesdays.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tue: Vec<String>,
    /// On Wednesdays.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub wed: Vec<String>,
    /// On Thursdays.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub thu: Vec<String>,
    /// On Fridays.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fri: Vec<String>,
    /// On Saturdays.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sat: Vec<String>,
    /// On Sundays.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sun: Vec<String>,
}

/// A day that is otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayEntry {
    /// Which, as `2026-12-24`.
    pub date: String,
    /// What it is called; nothing by default.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// When it is open; never by default.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<String>,
}

impl WeekEntry {
    fn days(&self) -> [&Vec<String>; 7] {
        let WeekEntry { mon, tue, wed, thu, fri, sat, sun } = self;
        [mon, tue, wed, thu, fri, sat, sun]
    }

    fn of(week: &[Vec<Interval>; 7]) -> WeekEntry {
        let [mon, tue, wed, thu, fri, sat, sun] =
            week.each_ref().map(|day| day.iter().map(ToString::to_string).collect());
        WeekEntry { mon, tue, wed, thu, fri, sat, sun }
    }
}

impl DayEntry {
    /// As an entry has it.
    pub fn of(date: Date, day: &hours::Day) -> DayEntry {
        let open = day.open.iter().map(ToString::to_string).collect();
        DayEntry { date: date.to_string(), name: day.name.clone(), open }
    }
}

impl HoursEntry {
    /// The hours that a form describes which says everything, whatever their name.
    ///
    /// # Errors
    /// With all that is wrong with them.
    pub fn hours(&self) -> Result<Hours, Refusals> {
        let mut refused = Refusals::default();
        let mut refuse = |key, why| refused.add(Kind::Hours, &self.name, (Some(key), why));
        let mut draft = Draft { hours: Hours::default(), refuse: &mut refuse };
        draft.put(self);
        let hours = draft.hours;
        refused.or(hours)
    }
}

impl OpeningHours {
    /// As a file describes them.
    pub fn entry(&self) -> HoursEntry {
        let days: Vec<DayEntry> = self.hours.days.iter().map(|(date, day)| DayEntry::of(*date, day)).collect();
        let week = WeekEntry::of(&self.hours.week);
        let until = |open| self.hours.word.filter(|word| word.open == open).and_then(|word| rfc3339(word.until));
        HoursEntry {
            name: self.name.clone(),
            week: Some(week).filter(|week| *week != WeekEntry::default()),
            days: Some(days).filter(|days| !days.is_empty()),
            open_until: until(true),
            closed_until: until(false),
            whole: false,
        }
    }
}

fn rfc3339(at: Timestamp) -> Option<String> {
    jiff::Timestamp::from_millisecond(at.0.cast_signed()).ok().map(|at| at.to_string())
}

/// What an entry makes of hours, as far as it can be made: the rest is refused.
struct Draft<'a> {
    hours: Hours,
    refuse: &'a mut dyn FnMut(Key, Why),
}

impl Draft<'_> {
    fn put(&mut self, entry: &HoursEntry) {
        if let Some(week) = &entry.week {
            for ((at, key), texts) in KEYS.into_iter().enumerate().zip(week.days()) {
                self.hours.week[at] = self.intervals(key, &KEYS[at][5..], texts);
            }
            self.week_has_no_overlaps();
        }
        if let Some(days) = &entry.days {
            self.put_days(days);
        }
        self.put_word(entry);
    }

    /// The intervals of one day, in their order.
    fn intervals(&mut self, key: Key, day: &str, texts: &[String]) -> Vec<Interval> {
        if texts.len() > INTERVALS_MAX {
            (self.refuse)(key, Why::TooMany { most: INTERVALS_MAX });
        }
        let mut read = vec![];
        for text in texts.iter().take(INTERVALS_MAX) {
            match text.parse::<Interval>() {
                Ok(interval) => read.push(interval),
                Err(why) => {
                    let found = text.chars().take(40).collect();
                    (self.refuse)(key, Why::Interval { day: day.to_owned(), found, why });
                }
            }
        }
        read.sort_unstable();
        for (one, other) in read.iter().zip(read.iter().skip(1)).filter(|(one, other)| one.overlaps(**other, 0)) {
            self.overlap(key, (day, *one), (day, *other));
        }
        read
    }

    fn overlap(&mut self, key: Key, (day, one): (&str, Interval), (other_day, other): (&str, Interval)) {
        let named = |day: &str, interval: Interval| format!("{day} {interval}");
        (self.refuse)(key, Why::IntervalsOverlap { one: named(day, one), other: named(other_day, other) });
    }

    /// Nothing that began on a day goes on where the next day's hours have begun, from Sunday to Monday too.
    fn week_has_no_overlaps(&mut self) {
        for (at, key) in KEYS.into_iter().enumerate() {
            let next = (at + 1) % KEYS.len();
            let last = self.hours.week[at].iter().max_by_key(|one| one.end()).copied();
            let first = self.hours.week[next].first().copied();
            if let (Some(last), Some(first)) = (last, first)
                && last.overlaps(first, Interval::DAY)
            {
                self.overlap(key, (&key[5..], last), (&KEYS[next][5..], first));
            }
        }
    }

    fn put_days(&mut self, days: &[DayEntry]) {
        if days.len() > DAYS_MAX {
            (self.refuse)("days", Why::TooMany { most: DAYS_MAX });
        }
        self.hours.days.clear();
        for DayEntry { date, name, open } in days.iter().take(DAYS_MAX) {
            let Ok(day) = date.parse::<Date>() else {
                (self.refuse)("days", Why::Date { found: date.chars().take(40).collect() });
                continue;
            };
            if name.chars().count() > DAY_NAME_CHARACTERS_MAX || name.contains(char::is_control) {
                (self.refuse)("days", Why::DayName { date: date.clone(), most: DAY_NAME_CHARACTERS_MAX });
            }
            let open = self.intervals("days", date, open);
            if self.hours.days.insert(day, hours::Day { name: name.trim().to_owned(), open }).is_some() {
                (self.refuse)("days", Why::DateTwice { date: date.clone() });
            }
        }
    }

    fn put_word(&mut self, entry: &HoursEntry) {
        let said = [("open_until", true, &entry.open_until), ("closed_until", false, &entry.closed_until)];
        let mut given = said.iter().filter(|(_, _, text)| text.as_ref().is_some_and(|text| !text.is_empty()));
        match (given.next(), given.next()) {
            (Some(_), Some((key, ..))) => (self.refuse)(key, Why::OpenAndClosed),
            (Some((key, open, Some(text))), None) => {
                let until = text.parse::<jiff::Timestamp>().ok();
                match until.and_then(|until| u64::try_from(until.as_millisecond()).ok()) {
                    Some(until) => self.hours.word = Some(Word { open: *open, until: Timestamp(until) }),
                    None => (self.refuse)(key, Why::Time),
                }
            }
            (Some((_, _, None)), None) | (None, _) => {
                // What is said to be empty is taken back.
                let taken_back = |open| said.iter().any(|(_, of, text)| *of == open && text.is_some());
                self.hours.word = self.hours.word.filter(|word| !taken_back(word.open));
            }
        }
    }
}

impl Company {
    pub(super) fn put_hours(&mut self, entry: &HoursEntry, next: &mut NextIds, refused: &mut Refusals) {
        if refused.note(named(Kind::Hours, &entry.name)).is_none() {
            return;
        }
        let known = self.hours.iter().position(|known| known.name == entry.name);
        let before = known.map(|at| self.hours[at].hours.clone()).filter(|_| !entry.whole);
        let mut refuse = |key, why| refused.add(Kind::Hours, &entry.name, (Some(key), why));
        let mut draft = Draft { hours: before.unwrap_or_default(), refuse: &mut refuse };
        draft.put(entry);
        let hours = draft.hours;
        match known {
            Some(at) => self.hours[at].hours = hours,
            None => {
                let id = HoursId(take(&mut next.hours));
                self.hours.push(OpeningHours { id, name: entry.name.clone(), hours });
            }
        }
    }

    pub(super) fn remove_hours(&mut self, name: &str) -> Result<(), Refusal> {
        let refuse = |why| Err(Refusal::new(Kind::Hours, name, None, why));
        let Some(at) = self.hours.iter().position(|known| known.name == name) else { return refuse(Why::Unknown) };
        self.hours.remove(at);
        Ok(())
    }

    /// Whether nothing goes by hours that are not there any more.
    pub(super) fn removed_hours_are_unused(&self, before: &Company, refused: &mut Refusals) {
        for gone in before.hours.iter().filter(|hours| self.hours.iter().all(|kept| kept.id != hours.id)) {
            let queues = self.queues.iter().filter(|queue| queue.hours == Some(gone.id));
            let services = self.services.iter().filter(|service| service.hours == Some(gone.id));
            let by: Vec<(Kind, String)> = queues
                .map(|queue| (Kind::Queue, queue.name.clone()))
                .chain(services.map(|service| (Kind::Service, service.token.clone())))
                .collect();
            if !by.is_empty() {
                refused.add(Kind::Hours, &gone.name, (None, Why::Used { by }));
            }
        }
    }

    /// The hours of this name, which some other thing names; none if it is empty.
    pub(super) fn hours_of(&self, kind: Kind, of: &str, name: &str) -> Result<Option<HoursId>, Refusal> {
        if name.is_empty() {
            return Ok(None);
        }
        let found = self.hours.iter().find(|hours| hours.name == name).map(|hours| Some(hours.id));
        found.ok_or_else(|| {
            let known = self.hours.iter().map(|hours| hours.name.clone()).collect();
            Refusal::new(kind, of, Some("hours"), Why::NoHours { name: name.to_owned(), known })
        })
    }

    /// The name of hours that are here.
    pub(super) fn hours_name(&self, id: Option<HoursId>) -> Option<String> {
        self.hours.iter().find(|hours| Some(hours.id) == id).map(|hours| hours.name.clone())
    }

    /// In whose time it lives: its own word, or where most people of its country do.
    pub fn zone(&self) -> Zone {
        self.zone.clone().unwrap_or_else(|| Zone::usual_in(self.country))
    }

    /// What holds for hours at a moment; always open if there are none.
    pub fn hours_at(&self, id: Option<HoursId>, now: Timestamp) -> State {
        let found = self.hours.iter().find(|hours| Some(hours.id) == id);
        found.map_or(State::Open { until: None }, |found| found.hours.at(&self.zone(), now))
    }

    /// Which of its queues are closed at a moment, and what becomes of new items there.
    pub fn closed_at(&self, now: Timestamp) -> Closed {
        let states: BTreeMap<HoursId, State> =
            self.hours.iter().map(|hours| (hours.id, self.hours_at(Some(hours.id), now))).collect();
        let closed = |queue: &super::Queue| {
            let state = states.get(&queue.hours?)?;
            (!state.is_open()).then_some((queue.id, queue.closed.unwrap_or(queue::CLOSED)))
        };
        self.queues.iter().filter_map(closed).collect()
    }

    /// What holds for the visitors of a chat service: it is open while its own hours are and those of its queue, unless chats
    /// wait there, or overflow, outside of them. A service that is not here is always open.
    pub fn service_at(&self, id: i64, now: Timestamp) -> State {
        let Some(service) = self.services.iter().find(|service| service.id == id) else {
            return State::Open { until: None };
        };
        let both = |at| [self.hours_at(service.hours, at), self.queue_at(service.queue, at)];
        let states = both(now);
        if states.iter().all(|state| state.is_open()) {
            return State::Open { until: states.iter().filter_map(|state| state.until()).min() };
        }
        let mut at = now;
        for _ in 0..CLOSINGS_MAX {
            let closed = both(at).into_iter().filter(|state| !state.is_open());
            match closed.map(State::until).collect::<Option<Vec<_>>>().map(|opens| opens.into_iter().max()) {
                Some(Some(opens)) => at = opens,
                Some(None) => return State::Closed { until: Some(at) },
                None => return State::Closed { until: None },
            }
        }
        State::Closed { until: None }
    }

    /// What holds for chats that come for a queue.
    fn queue_at(&self, id: QueueId, now: Timestamp) -> State {
        let queue = self.queues.iter().find(|queue| queue.id == id);
        let refuses = |queue: &&super::Queue| match queue.closed.unwrap_or(queue::CLOSED) {
            Unserved::Refuse => true,
            Unserved::Overflow => queue.overflow.is_none(),
            Unserved::Wait => false,
        };
        self.hours_at(queue.filter(refuses).and_then(|queue| queue.hours), now)
    }

    /// When a queue opens that is closed at a moment, if that can be seen; `None`: it is open.
    pub fn queue_opens(&self, id: QueueId, now: Timestamp) -> Option<Option<Timestamp>> {
        let hours = self.queues.iter().find(|queue| queue.id == id).and_then(|queue| queue.hours);
        match self.hours_at(hours, now) {
            State::Open { .. } => None,
            State::Closed { until } => Some(until),
        }
    }

    /// When any of its hours open or close next by themselves.
    pub fn hours_change_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.hours.iter().filter_map(|hours| self.hours_at(Some(hours.id), now).until()).min()
    }
}

/// The days of the week as entries call them, Monday first.
pub fn weekday_keys() -> [&'static str; WEEKDAYS.len()] {
    KEYS.map(|key| &key[5..])
}

/// What is wrong with an interval, in English.
pub(super) fn interval_words(why: &NoInterval) -> &'static str {
    match why {
        NoInterval::Unreadable => "expected two times such as 09:00-17:30",
        NoInterval::Empty => "it begins and ends at the same time (a whole day is 00:00-24:00)",
        NoInterval::Reversed => "it ends before it begins (add +1 if it ends on the next day: 22:00-06:00+1)",
        NoInterval::TooLong => "it is longer than 24 hours",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::company::{Change, CompanyEntry, Outside, QueueEntry, ServiceEntry, Thing};
    use crate::id::CompanyId;

    fn hours(name: &str, change: impl FnOnce(&mut HoursEntry)) -> Change {
        let mut entry = HoursEntry { name: name.to_owned(), ..HoursEntry::default() };
        change(&mut entry);
        Change::PutHours(entry)
    }

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().copied().map(str::to_owned).collect()
    }

    fn day(date: &str, open: &[&str]) -> DayEntry {
        DayEntry { date: date.to_owned(), name: String::new(), open: texts(open) }
    }

    fn queue(name: &str, hours: &str, closed: Option<Unserved>) -> Change {
        let hours = Some(hours.to_owned());
        Change::PutQueue(QueueEntry { name: name.to_owned(), hours, closed, ..QueueEntry::default() })
    }

    fn service(token: &str, queue: &str, hours: &str) -> Change {
        let (token, queue, hours) = (token.to_owned(), queue.to_owned(), Some(hours.to_owned()));
        Change::PutService(ServiceEntry { token, queue, hours, ..ServiceEntry::default() })
    }

    fn at(text: &str) -> Timestamp {
        let at: jiff::Timestamp = text.parse().unwrap();
        Timestamp(u64::try_from(at.as_millisecond()).unwrap())
    }

    #[test]
    fn what_is_wrong_with_hours_is_said_at_its_day() {
        let week = |entry: &mut HoursEntry, change: fn(&mut WeekEntry)| change(entry.week.get_or_insert_default());
        let rows: [(Change, &str); 18] = [
            (
                hours("Shop", |entry| week(entry, |week| week.mon = texts(&["18:00-09:00"]))),
                "hours Shop: week.mon: mon: found `18:00-09:00`: it ends before it begins (add +1",
            ),
            (
                hours("Shop", |entry| week(entry, |week| week.tue = texts(&["09:00-09:00"]))),
                "week.tue: tue: found `09:00-09:00`: it begins and ends at the same time",
            ),
            (
                hours("Shop", |entry| week(entry, |week| week.wed = texts(&["9-17"]))),
                "week.wed: wed: found `9-17`: expected two times such as 09:00-17:30",
            ),
            (
                hours("Shop", |entry| week(entry, |week| week.thu = texts(&["13:00-18:00", "09:00-13:30"]))),
                "week.thu: `thu 09:00-13:30` and `thu 13:00-18:00` overlap",
            ),
            (hours("Shop", |entry| week(entry, |week| week.thu = texts(&["09:00-13:00", "13:00-18:00"]))), ""),
            (
                hours("Shop", |entry| {
                    week(entry, |week| (week.sun, week.mon) = (texts(&["22:00-06:00+1"]), texts(&["05:00-08:00"])))
                }),
                "week.sun: `sun 22:00-06:00+1` and `mon 05:00-08:00` overlap",
            ),
            (
                hours("Shop", |entry| {
                    week(entry, |week| (week.sun, week.mon) = (texts(&["22:00-06:00+1"]), texts(&["06:00-08:00"])))
                }),
                "",
            ),
            (
                hours("Shop", |entry| entry.days = Some(vec![day("2026-12-24", &["14:00-09:00"])])),
                "days: 2026-12-24: found `14:00-09:00`: it ends before",
            ),
            (
                hours("Shop", |entry| entry.days = Some(vec![day("2026-12-24", &[]), day("2026-12-24", &[])])),
                "days: 2026-12-24 is there twice",
            ),
            (
                hours("Shop", |entry| entry.days = Some(vec![day("2026-02-29", &[])])),
                "days: found `2026-02-29`, expected a date",
            ),
            (
                hours("Shop", |entry| entry.days = Some(vec![day("24.12.2026", &[])])),
                "days: found `24.12.2026`, expected a date",
            ),
            (
                hours("Shop", |entry| {
                    (entry.open_until, entry.closed_until) =
                        (Some("2026-12-24T00:00Z".to_owned()), Some("2026-12-24T00:00Z".to_owned()))
                }),
                "closed_until: give open_until or closed_until, not both",
            ),
            (hours("Shop", |entry| entry.closed_until = Some("tomorrow".to_owned())), "closed_until: expected a time"),
            (hours("", |_| {}), "hours: the name is empty"),
            (Change::Remove(Thing::Hours("none".to_owned())), "hours none: there is none of this name"),
            (queue("Sales", "none", None), "queue Sales: hours: there are no hours `none`, expected one of: Shop"),
            (
                Change::Remove(Thing::Hours("Shop".to_owned())),
                "hours Shop: is still used by queue Sales, chat_service web",
            ),
            (
                Change::Company(CompanyEntry {
                    name: "One".to_owned(),
                    time_zone: Some("Berlin".to_owned()),
                    ..CompanyEntry::default()
                }),
                "company One: time_zone: found `Berlin`, expected a time zone such as Europe/Berlin",
            ),
        ];
        let there = [hours("Shop", |_| {}), queue("Sales", "Shop", None), service("web", "Sales", "Shop")];
        let company = Company::new(CompanyId(1), "One").unwrap().change(&there, &Outside::default()).unwrap();
        for (change, expected) in rows {
            let refused = company.change(&[change], &Outside::default()).err();
            let words = refused.as_ref().map(ToString::to_string).unwrap_or_default();
            assert!(words.contains(expected), "{words:?}, expected {expected:?}");
            assert_eq!(words.is_empty(), expected.is_empty(), "{words:?}");
            let german = refused.iter().flat_map(|refused| &refused.0).map(|refusal| refusal.why.german());
            assert!(
                german.clone().all(|sentence| !sentence.contains("mon") && sentence.len() > 10),
                "{:?}",
                german.collect::<Vec<_>>()
            );
        }
    }

    #[test]
    fn hours_are_described_as_they_were_put_and_renamed_under_what_goes_by_them() {
        let whole = hours("Shop", |entry| {
            entry.week = Some(WeekEntry {
                mon: texts(&["13:00-18:00", "9:00-12:00"]),
                sat: texts(&["22:00-06:00+1"]),
                ..WeekEntry::default()
            });
            entry.days = Some(vec![day("2026-12-25", &[]), day("2026-12-24", &["09:00-12:00"])]);
            entry.open_until = Some("2026-12-01T12:00+01:00".to_owned());
        });
        let company = Company::new(CompanyId(1), "One").unwrap();
        let company =
            company.change(&[whole, queue("Sales", "Shop", Some(Unserved::Wait))], &Outside::default()).unwrap();
        let entry = company.hours[0].entry();
        assert_eq!(entry.week.as_ref().unwrap().mon, ["09:00-12:00", "13:00-18:00"]);
        assert_eq!(
            entry.days.as_ref().unwrap().iter().map(|day| day.date.as_str()).collect::<Vec<_>>(),
            ["2026-12-24", "2026-12-25"]
        );
        assert_eq!(entry.open_until.as_deref(), Some("2026-12-01T11:00:00Z"));
        let again = company.change(&[Change::PutHours(entry)], &Outside::default()).unwrap();
        assert_eq!(again, company, "what is exported is applied as the same");
        let renamed = Change::Rename { thing: Thing::Hours("Shop".to_owned()), name: "Office".to_owned() };
        let back = hours("Office", |entry| entry.open_until = Some(String::new()));
        let company = company.change(&[renamed, back], &Outside::default()).unwrap();
        assert_eq!(
            (company.hours[0].hours.word, company.queues[0].entry(&company).hours.as_deref()),
            (None, Some("Office"))
        );
        let whole = company.change(&[hours("Office", |_| {}).wholly()], &Outside::default()).unwrap();
        assert_eq!(whole.hours[0].hours, Hours::default(), "a form says everything");
    }

    #[test]
    fn a_service_is_open_while_its_own_hours_and_its_queues_are() {
        let weekdays = |open: &str| WeekEntry { tue: texts(&[open]), wed: texts(&[open]), ..WeekEntry::default() };
        let changes = [
            hours("Early", |entry| entry.week = Some(weekdays("08:00-12:00"))),
            hours("Late", |entry| entry.week = Some(weekdays("10:00-18:00"))),
            hours("Night", |entry| entry.week = Some(weekdays("20:00-22:00"))),
            queue("Sales", "Late", None),
            queue("Patient", "Late", Some(Unserved::Wait)),
            service("own", "Sales", ""),
            service("both", "Sales", "Early"),
            service("patient", "Patient", "Early"),
            service("never", "Sales", "Night"),
        ];
        let company = Company::new(CompanyId(1), "One").unwrap().change(&changes, &Outside::default()).unwrap();
        let tuesday = |time: &str| at(&format!("2026-12-01T{time}:00+01:00"));
        let wednesday = |time: &str| at(&format!("2026-12-02T{time}:00+01:00"));
        let open = |until| State::Open { until: Some(until) };
        let closed = |until| State::Closed { until: Some(until) };
        for (token, now, expected) in [
            ("own", tuesday("09:00"), closed(tuesday("10:00"))),
            ("own", tuesday("11:00"), open(tuesday("18:00"))),
            ("both", tuesday("09:00"), closed(tuesday("10:00"))),
            ("both", tuesday("11:00"), open(tuesday("12:00"))),
            ("both", tuesday("13:00"), closed(wednesday("10:00"))),
            ("patient", tuesday("09:00"), open(tuesday("12:00"))),
            ("never", tuesday("21:00"), State::Closed { until: None }),
        ] {
            let id = company.services.iter().find(|service| service.token == token).unwrap().id;
            assert_eq!(company.service_at(id, now), expected, "{token}");
        }
        let [sales, patient] = [0, 1].map(|at| company.queues[at].id);
        let closed = Closed::from([(sales, Unserved::Refuse), (patient, Unserved::Wait)]);
        assert_eq!(company.closed_at(tuesday("09:00")), closed);
        assert_eq!(company.closed_at(tuesday("11:00")), Closed::new());
        assert_eq!(company.hours_change_at(tuesday("11:00")), Some(tuesday("12:00")));
        let by_country = Change::Company(CompanyEntry {
            name: "One".to_owned(),
            country: Some("GB".to_owned()),
            ..CompanyEntry::default()
        });
        let abroad = company.change(&[by_country], &Outside::default()).unwrap();
        assert_eq!((abroad.zone().as_str(), abroad.closed_at(tuesday("10:30")).len()), ("Europe/London", 2));
    }
}
