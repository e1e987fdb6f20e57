//! Holidays out of a calendar as programs write it (iCalendar, RFC 5545): which days come, and which events bring none.
//! Nothing is taken over here, and nothing half: a file of which a part cannot be read brings no days at all.

use super::Date;
use calcard::common::timezone::Tz;
use calcard::icalendar::{
    ICalendar, ICalendarComponentType, ICalendarProperty, ICalendarValue, dates::CalendarEvent, dates::TimeOrDelta,
};
use jiff::ToSpan as _;
use std::collections::BTreeMap;

/// The biggest file that is read, in bytes.
pub const CALENDAR_BYTES_MAX: usize = 2 * 1024 * 1024;
/// How many events it may have.
const EVENTS_MAX: usize = 5_000;
/// How often an event may come again: once a year for longer than calendars are kept.
const TIMES_MAX: usize = 600;
/// How many days one event may last.
const LASTS_MAX: i32 = 60;
/// For how many years days that come again are taken over.
pub const YEARS: i32 = 3;
/// The longest name, in characters.
const NAME_MAX: usize = 100;

/// What a calendar brings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    /// Days from today on, within the next years, each with its name.
    pub days: BTreeMap<Date, String>,
    /// Events that bring none, with the line at which they begin.
    pub left_out: Vec<(u64, LeftOut)>,
}

/// Why an event brings no day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LeftOut {
    /// It has a time of day.
    #[error("it does not last all day")]
    Timed,
    /// It is over, or too far ahead.
    #[error("none of its days lies within the next {YEARS} years")]
    Elsewhen,
}

/// Why a file brings nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct NoCalendar {
    /// At which line, counted from 1.
    pub line: u64,
    /// What is wrong there.
    pub why: NoCalendarWhy,
}

/// What is wrong with a calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoCalendarWhy {
    /// It is none.
    #[error("expected a calendar (iCalendar), which begins with BEGIN:VCALENDAR")]
    NoCalendar,
    /// It is no text.
    #[error("the file is not in UTF-8")]
    Encoding,
    /// It is too big.
    #[error("the file is longer than {CALENDAR_BYTES_MAX} bytes, or has more than {EVENTS_MAX} events")]
    TooBig,
    /// An event does not end.
    #[error("the event that begins here does not end: a part of the file is missing")]
    Cut,
    /// It does not say when it is.
    #[error("the event that begins here has no date that can be read (DTSTART)")]
    NoStart,
    /// It does not say when it comes again.
    #[error("how the event that begins here comes again cannot be read (RRULE)")]
    Again,
    /// There is no event.
    #[error("there is no event in the calendar")]
    Empty,
}

impl LeftOut {
    /// In German.
    pub fn german(self) -> String {
        match self {
            LeftOut::Timed => "Der Termin ist nicht ganztägig.".to_owned(),
            LeftOut::Elsewhen => format!("Keiner seiner Tage liegt in den nächsten {YEARS} Jahren."),
        }
    }
}

impl NoCalendar {
    /// In German.
    pub fn german(&self) -> String {
        let why = match self.why {
            NoCalendarWhy::NoCalendar => {
                "Das ist kein Kalender (iCalendar): Er beginnt mit BEGIN:VCALENDAR.".to_owned()
            }
            NoCalendarWhy::Encoding => "Die Datei ist nicht in UTF-8.".to_owned(),
            NoCalendarWhy::TooBig => {
                format!("Die Datei ist länger als {CALENDAR_BYTES_MAX} Bytes oder hat mehr als {EVENTS_MAX} Termine.")
            }
            NoCalendarWhy::Cut => "Der Termin, der hier beginnt, hört nicht auf: Ein Teil der Datei fehlt.".to_owned(),
            NoCalendarWhy::NoStart => "Der Termin, der hier beginnt, hat kein lesbares Datum (DTSTART).".to_owned(),
            NoCalendarWhy::Again => {
                "Wie sich der Termin wiederholt, der hier beginnt, ist nicht lesbar (RRULE).".to_owned()
            }
            NoCalendarWhy::Empty => "Im Kalender steht kein Termin.".to_owned(),
        };
        format!("Zeile {}: {why}", self.line)
    }
}

/// The days that a calendar brings from `today` on. Of two events on one day both names are told.
///
/// # Errors
/// When a part of it cannot be read; then it brings nothing.
pub fn calendar(file: &[u8], today: Date) -> Result<Calendar, NoCalendar> {
    let refuse = |line, why| NoCalendar { line, why };
    if file.len() > CALENDAR_BYTES_MAX {
        return Err(refuse(1, NoCalendarWhy::TooBig));
    }
    let text = std::str::from_utf8(file).map_err(|why| {
        let before = file.get(..why.valid_up_to()).unwrap_or_default();
        refuse(1 + before.iter().filter(|byte| **byte == b'\n').count() as u64, NoCalendarWhy::Encoding)
    })?;
    let last = today.checked_add(YEARS.years()).unwrap_or(Date::MAX);
    let mut found = Calendar::default();
    for (line, event) in cut(text.trim_start_matches('\u{feff}'))? {
        let days = match days_of(&event).map_err(|why| refuse(line, why))? {
            None => {
                found.left_out.push((line, LeftOut::Timed));
                continue;
            }
            Some(days) => days.into_iter().filter(|(date, _)| (today..last).contains(date)).collect::<Vec<_>>(),
        };
        if days.is_empty() {
            found.left_out.push((line, LeftOut::Elsewhen));
        }
        for (date, name) in days {
            let known = found.days.entry(date).or_default();
            if known.is_empty() {
                *known = name;
            } else if *known != name && !name.is_empty() {
                *known = format!("{known}, {name}").chars().take(NAME_MAX).collect();
            }
        }
    }
    Ok(found)
}

/// The events of a calendar, each with the line at which it begins, as a calendar of its own.
fn cut(text: &str) -> Result<Vec<(u64, String)>, NoCalendar> {
    let refuse = |line, why| Err(NoCalendar { line, why });
    let is = |line: &str, other: &str| line.trim().eq_ignore_ascii_case(other);
    let mut lines = (1..).zip(text.lines());
    match lines.by_ref().find(|(_, line)| !line.trim().is_empty()) {
        Some((_, line)) if is(line, "BEGIN:VCALENDAR") => {}
        Some((line, _)) => return refuse(line, NoCalendarWhy::NoCalendar),
        None => return refuse(1, NoCalendarWhy::NoCalendar),
    }
    let mut events: Vec<(u64, String)> = vec![];
    let mut open: Option<(u64, String)> = None;
    let mut last = 1;
    for (number, line) in lines {
        last = number;
        match &mut open {
            None if is(line, "BEGIN:VEVENT") => open = Some((number, "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n".to_owned())),
            None => {}
            Some((begun, _)) if is(line, "BEGIN:VEVENT") || is(line, "END:VCALENDAR") => {
                return refuse(*begun, NoCalendarWhy::Cut);
            }
            Some((_, event)) => {
                event.push_str(line);
                event.push_str("\r\n");
                if is(line, "END:VEVENT") {
                    event.push_str("END:VCALENDAR\r\n");
                    events.extend(open.take());
                }
            }
        }
        if events.len() > EVENTS_MAX {
            return refuse(number, NoCalendarWhy::TooBig);
        }
    }
    match open {
        Some((begun, _)) => refuse(begun, NoCalendarWhy::Cut),
        None if events.is_empty() => refuse(last, NoCalendarWhy::Empty),
        None => Ok(events),
    }
}

/// The days of one event, however often it comes again; `None` if it does not last all day.
fn days_of(event: &str) -> Result<Option<Vec<(Date, String)>>, NoCalendarWhy> {
    let calendar = ICalendar::parse(event).map_err(|_| NoCalendarWhy::NoStart)?;
    let of_event = calendar.components.iter().find(|one| one.component_type == ICalendarComponentType::VEvent);
    let component = of_event.ok_or(NoCalendarWhy::NoStart)?;
    let start = component.property(&ICalendarProperty::Dtstart).and_then(|entry| entry.values.first());
    match start {
        Some(ICalendarValue::PartialDateTime(at)) if at.hour.is_none() => {}
        Some(ICalendarValue::PartialDateTime(_)) => return Ok(None),
        Some(_) | None => return Err(NoCalendarWhy::NoStart),
    }
    let rule = component.property(&ICalendarProperty::Rrule).and_then(|entry| entry.values.first());
    if rule.is_some_and(|rule| !matches!(rule, ICalendarValue::RecurrenceRule(_))) {
        return Err(NoCalendarWhy::Again);
    }
    let name = component.property(&ICalendarProperty::Summary).and_then(|entry| entry.values.first());
    let name = name.and_then(|name| name.as_text()).unwrap_or_default();
    let name: String = name.trim().chars().filter(|c| !c.is_control()).take(NAME_MAX).collect();
    let expanded = calendar.expand_dates(Tz::Floating, TIMES_MAX);
    if expanded.events.is_empty() {
        return Err(if rule.is_some() { NoCalendarWhy::Again } else { NoCalendarWhy::NoStart });
    }
    let mut days = vec![];
    for CalendarEvent { start, end, .. } in expanded.events {
        let length = match end {
            TimeOrDelta::Time(end) => end.signed_duration_since(start),
            TimeOrDelta::Delta(length) => length,
        };
        let Ok(first) = start.format("%Y-%m-%d").to_string().parse::<Date>() else { continue };
        let lasts = i32::try_from(length.num_days()).unwrap_or(LASTS_MAX).clamp(1, LASTS_MAX);
        let dates = (0..lasts).filter_map(|after| first.checked_add(after.days()).ok());
        days.extend(dates.map(|date| (date, name.clone())));
    }
    Ok(Some(days))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> Date {
        "2026-12-01".parse().unwrap()
    }

    fn file(events: &str) -> String {
        format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}END:VCALENDAR\r\n")
    }

    fn event(lines: &str) -> String {
        format!("BEGIN:VEVENT\r\nUID:1\r\n{lines}\r\nEND:VEVENT\r\n")
    }

    #[test]
    fn holidays_come_once_every_year_or_for_several_days_and_what_has_a_time_does_not() {
        for (lines, expected) in [
            ("DTSTART;VALUE=DATE:20261225\r\nSUMMARY:Weihnachten", vec!["2026-12-25 Weihnachten"]),
            ("DTSTART:20261225\r\nSUMMARY:no parameter", vec!["2026-12-25 no parameter"]),
            (
                "DTSTART;VALUE=DATE:20200101\r\nRRULE:FREQ=YEARLY\r\nSUMMARY:Neujahr",
                vec!["2027-01-01 Neujahr", "2028-01-01 Neujahr", "2029-01-01 Neujahr"],
            ),
            ("DTSTART;VALUE=DATE:20200224\r\nRRULE:FREQ=YEARLY;UNTIL=20280101\r\nEXDATE;VALUE=DATE:20270224", vec![]),
            (
                "DTSTART;VALUE=DATE:20261224\r\nDTEND;VALUE=DATE:20261227\r\nSUMMARY:Betriebsruhe",
                vec!["2026-12-24 Betriebsruhe", "2026-12-25 Betriebsruhe", "2026-12-26 Betriebsruhe"],
            ),
            ("DTSTART;VALUE=DATE:20261201\r\nSUMMARY:Folded \r\n over lines", vec!["2026-12-01 Folded over lines"]),
            ("DTSTART;VALUE=DATE:20261130\r\nSUMMARY:yesterday", vec![]),
            ("DTSTART;VALUE=DATE:20291201\r\nSUMMARY:too far", vec![]),
            ("DTSTART:20261225T090000Z\r\nSUMMARY:a meeting", vec![]),
        ] {
            let found = calendar(file(&event(lines)).as_bytes(), today()).unwrap();
            let days: Vec<String> = found.days.iter().map(|(date, name)| format!("{date} {name}")).collect();
            assert_eq!(days, expected, "{lines}");
            assert_eq!(found.left_out.len(), usize::from(expected.is_empty()), "{lines}");
        }
        let two = [
            event("DTSTART;VALUE=DATE:20261226\r\nSUMMARY:Sunday"),
            event("DTSTART;VALUE=DATE:20261226\r\nSUMMARY:Boxing Day"),
        ];
        let found = calendar(file(&two.concat()).as_bytes(), today()).unwrap();
        assert_eq!(found.days.values().collect::<Vec<_>>(), ["Sunday, Boxing Day"]);
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_its_line_and_brings_nothing() {
        let good = event("DTSTART;VALUE=DATE:20261225");
        let cut = format!("BEGIN:VCALENDAR\n{good}BEGIN:VEVENT\nDTSTART;VALUE=DATE:20261226\n");
        for (text, line, why) in [
            (String::new(), 1, NoCalendarWhy::NoCalendar),
            ("\n\n<html>".to_owned(), 3, NoCalendarWhy::NoCalendar),
            (file(""), 3, NoCalendarWhy::Empty),
            (cut, 6, NoCalendarWhy::Cut),
            (file(&format!("{good}{}", event("SUMMARY:never"))), 7, NoCalendarWhy::NoStart),
            (file(&event("DTSTART;VALUE=DATE:2026-12-25")), 3, NoCalendarWhy::NoStart),
            (file(&event("DTSTART;VALUE=DATE:20261225\r\nRRULE:sometimes")), 3, NoCalendarWhy::Again),
        ] {
            assert_eq!(calendar(text.as_bytes(), today()), Err(NoCalendar { line, why }), "{text}");
        }
        let latin = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:M\xe4rz\n";
        assert_eq!(calendar(latin, today()).unwrap_err(), NoCalendar { line: 3, why: NoCalendarWhy::Encoding });
        let never = event("DTSTART;VALUE=DATE:20260230\r\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30");
        assert!(calendar(file(&never).as_bytes(), today()).map_or(true, |found| found.days.is_empty()));
    }
}
