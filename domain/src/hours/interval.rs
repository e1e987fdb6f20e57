//! From one time of the day to another, on the same day or the next.
//! It never belongs to a day by itself: whoever has it says of which.

use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// From one time to another, in minutes since the midnight before the first; at most a day, and never nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interval {
    begin: u16,
    end: u16,
}

/// Why a text is no interval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoInterval {
    /// It is not written like one.
    Unreadable,
    /// It has no length.
    Empty,
    /// It ends before it begins.
    Reversed,
    /// It is longer than a day.
    TooLong,
}

impl Interval {
    /// The minutes of a day.
    pub const DAY: u16 = 24 * 60;

    /// From so many minutes after midnight to so many after the same midnight.
    ///
    /// # Errors
    /// When that is none.
    pub fn new(begin: u16, end: u16) -> Result<Interval, NoInterval> {
        match (begin, end) {
            _ if begin >= Interval::DAY || end > 2 * Interval::DAY => Err(NoInterval::Unreadable),
            _ if end == begin => Err(NoInterval::Empty),
            _ if end < begin => Err(NoInterval::Reversed),
            _ if end - begin > Interval::DAY => Err(NoInterval::TooLong),
            _ => Ok(Interval { begin, end }),
        }
    }

    /// When it begins, in minutes since midnight.
    pub fn begin(self) -> u16 {
        self.begin
    }

    /// When it ends, in minutes since the same midnight: more than those of a day if it is on the next one.
    pub fn end(self) -> u16 {
        self.end
    }

    /// Whether there is a moment at which both hold, on days so many minutes apart.
    pub(crate) fn overlaps(self, other: Interval, later: u16) -> bool {
        self.begin < other.end + later && other.begin + later < self.end
    }
}

impl FromStr for Interval {
    type Err = NoInterval;

    /// Two times as `09:00-17:30`, with `24:00` for midnight at the end, and `+1` behind what ends on the next day:
    /// `22:00-06:00+1`.
    fn from_str(text: &str) -> Result<Interval, NoInterval> {
        let (begin, end) = text.split_once(['-', '–']).ok_or(NoInterval::Unreadable)?;
        let (end, days) = end.trim().strip_suffix("+1").map_or((end, 0), |end| (end, 1));
        let (begin, end) = (minutes(begin)?, minutes(end)?);
        Interval::new(begin, end + days * Interval::DAY)
    }
}

/// The minutes of a time as `9:00` or `17:30`.
fn minutes(text: &str) -> Result<u16, NoInterval> {
    let number = |text: &str, most: u16| {
        let is_number = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<u16>().ok()).flatten().filter(|number| *number <= most)
    };
    let (hours, minutes) = text.trim().split_once(':').ok_or(NoInterval::Unreadable)?;
    let minutes = number(minutes, 59).filter(|_| minutes.len() == 2);
    let all = number(hours, 24).zip(minutes).map(|(hours, minutes)| hours * 60 + minutes);
    all.filter(|all| *all <= Interval::DAY).ok_or(NoInterval::Unreadable)
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Interval { begin, end } = *self;
        // Midnight at the end is that of the same day.
        let (end, later) = if end > Interval::DAY { (end - Interval::DAY, "+1") } else { (end, "") };
        write!(f, "{:02}:{:02}-{:02}:{:02}{later}", begin / 60, begin % 60, end / 60, end % 60)
    }
}

impl Serialize for Interval {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Interval {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Interval, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|why| D::Error::custom(format_args!("`{text}` is no interval ({why:?})")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_read_as_people_write_it_and_written_in_one_way() {
        for (text, expected) in [
            ("09:00-17:30", Ok("09:00-17:30")),
            (" 9:00 – 17:30 ", Ok("09:00-17:30")),
            ("00:00-24:00", Ok("00:00-24:00")),
            ("22:00-06:00+1", Ok("22:00-06:00+1")),
            ("22:00-00:00+1", Ok("22:00-24:00")),
            ("09:00-09:00+1", Ok("09:00-09:00+1")),
            ("23:59-23:59+1", Ok("23:59-23:59+1")),
            ("09:00-09:01+1", Err(NoInterval::TooLong)),
            ("09:00-24:00+1", Err(NoInterval::TooLong)),
            ("22:00-06:00", Err(NoInterval::Reversed)),
            ("22:00-00:00", Err(NoInterval::Reversed)),
            ("09:00-09:00", Err(NoInterval::Empty)),
            ("24:00-24:00", Err(NoInterval::Unreadable)),
            ("9-17", Err(NoInterval::Unreadable)),
            ("9:5-17:00", Err(NoInterval::Unreadable)),
            ("09:60-17:00", Err(NoInterval::Unreadable)),
            ("09:00-24:01", Err(NoInterval::Unreadable)),
            ("09:00-25:00", Err(NoInterval::Unreadable)),
            ("+9:00-17:00", Err(NoInterval::Unreadable)),
            ("09:00-17:00+2", Err(NoInterval::Unreadable)),
            ("", Err(NoInterval::Unreadable)),
        ] {
            let read = text.parse::<Interval>();
            assert_eq!(read.clone().map(|read| read.to_string()), expected.map(str::to_owned), "{text}");
            if let Ok(read) = read {
                assert_eq!(read.to_string().parse(), Ok(read), "{text}");
            }
        }
    }
}
