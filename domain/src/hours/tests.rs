//! When hours are open, in tables: weeks, nights, holidays, words for the moment, and both nights in which clocks are changed.

use super::*;

fn berlin() -> Zone {
    Zone::of("Europe/Berlin").unwrap()
}

/// A moment as people write it, with its distance from UTC.
fn at(text: &str) -> Timestamp {
    let at: jiff::Timestamp = text.parse().unwrap();
    Timestamp(u64::try_from(at.as_millisecond()).unwrap())
}

fn intervals(texts: &[&str]) -> Vec<Interval> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// The same on each of these days of the week, Monday being 0.
fn weekly(days: &[usize], open: &[&str]) -> Hours {
    let mut hours = Hours::default();
    for day in days {
        hours.week[*day] = intervals(open);
    }
    hours
}

fn open(until: &str) -> State {
    State::Open { until: Some(at(until)) }
}

fn closed(until: &str) -> State {
    State::Closed { until: Some(at(until)) }
}

fn check(hours: &Hours, rows: &[(&str, State)]) {
    for (moment, expected) in rows {
        let found = hours.at(&berlin(), at(moment));
        assert_eq!(
            found,
            *expected,
            "{moment}: {:?}",
            found.until().map(|at| jiff::Timestamp::from_millisecond(at.0.cast_signed()))
        );
    }
}

#[test]
fn a_week_of_a_shop_in_the_time_of_its_wall() {
    let mut shop = weekly(&[0, 1, 2, 3, 4], &["09:00-12:30", "13:00-18:00"]);
    shop.week[5] = intervals(&["10:00-14:00"]);
    check(
        &shop,
        &[
            // Tuesday, 1 December 2026: the server's clock may say UTC, the wall is an hour ahead.
            ("2026-12-01T08:59:59.999+01:00", closed("2026-12-01T09:00+01:00")),
            ("2026-12-01T08:00Z", open("2026-12-01T12:30+01:00")),
            ("2026-12-01T12:30+01:00", closed("2026-12-01T13:00+01:00")),
            ("2026-12-01T17:59:59.999+01:00", open("2026-12-01T18:00+01:00")),
            ("2026-12-01T18:00+01:00", closed("2026-12-02T09:00+01:00")),
            ("2026-12-05T14:00+01:00", closed("2026-12-07T09:00+01:00")),
            // In summer the same hours are others in UTC.
            ("2026-07-01T07:00Z", open("2026-07-01T12:30+02:00")),
        ],
    );
}

#[test]
fn nights_go_on_to_the_next_day_also_from_saturday_to_sunday_and_from_sunday_to_monday() {
    let nights = weekly(&[4, 5, 6], &["22:00-06:00+1"]);
    check(
        &nights,
        &[
            ("2026-12-05T23:59+01:00", open("2026-12-06T06:00+01:00")),
            ("2026-12-06T05:59+01:00", open("2026-12-06T06:00+01:00")),
            ("2026-12-06T06:00+01:00", closed("2026-12-06T22:00+01:00")),
            ("2026-12-07T03:00+01:00", open("2026-12-07T06:00+01:00")),
            ("2026-12-07T06:00+01:00", closed("2026-12-11T22:00+01:00")),
        ],
    );
    // What touches is one: the door is not closed at midnight.
    let touching = weekly(&[5, 6], &["00:00-24:00"]);
    check(&touching, &[("2026-12-05T12:00+01:00", open("2026-12-07T00:00+01:00"))]);
    let always = weekly(&[0, 1, 2, 3, 4, 5, 6], &["00:00-24:00"]);
    check(&always, &[("2026-12-05T12:00+01:00", State::Open { until: None })]);
    check(&Hours::default(), &[("2026-12-05T12:00+01:00", State::Closed { until: None })]);
}

#[test]
fn in_the_night_without_the_hour_from_two_to_three() {
    // 29 March 2026: 02:00+01:00 is 03:00+02:00.
    let change = "2026-03-29T01:00Z";
    for (interval, from, to) in [
        ("22:00-06:00+1", "2026-03-28T22:00+01:00", "2026-03-29T06:00+02:00"),
        ("22:00-02:00+1", "2026-03-28T22:00+01:00", change),
        ("22:00-02:30+1", "2026-03-28T22:00+01:00", change),
        ("22:00-03:00+1", "2026-03-28T22:00+01:00", change),
    ] {
        let night = weekly(&[5], &[interval]);
        check(&night, &[("2026-03-28T21:00+01:00", closed(from)), ("2026-03-28T22:00+01:00", open(to))]);
        assert!(!night.at(&berlin(), at(to)).is_open(), "{interval}");
    }
    for (interval, from, to) in [
        ("02:00-06:00", change, "2026-03-29T06:00+02:00"),
        ("02:30-06:00", change, "2026-03-29T06:00+02:00"),
        ("03:00-06:00", change, "2026-03-29T06:00+02:00"),
        ("03:15-06:00", "2026-03-29T03:15+02:00", "2026-03-29T06:00+02:00"),
    ] {
        let morning = weekly(&[6], &[interval]);
        check(&morning, &[("2026-03-29T00:00+01:00", closed(from)), (from, open(to))]);
    }
    // Hours that lie wholly within it are not there that night; a week later they are.
    let within = weekly(&[6], &["02:10-02:50"]);
    check(&within, &[("2026-03-29T00:00+01:00", closed("2026-04-05T02:10+02:00"))]);
}

#[test]
fn in_the_night_with_the_hour_from_two_to_three_twice() {
    // 25 October 2026: after 02:59+02:00 comes 02:00+01:00.
    for (interval, from, to) in [
        ("22:00-06:00+1", "2026-10-24T22:00+02:00", "2026-10-25T06:00+01:00"),
        ("22:00-02:00+1", "2026-10-24T22:00+02:00", "2026-10-25T02:00+02:00"),
        ("22:00-02:30+1", "2026-10-24T22:00+02:00", "2026-10-25T02:30+01:00"),
        ("22:00-03:00+1", "2026-10-24T22:00+02:00", "2026-10-25T03:00+01:00"),
    ] {
        let night = weekly(&[5], &[interval]);
        check(&night, &[("2026-10-24T21:00+02:00", closed(from)), ("2026-10-24T22:00+02:00", open(to))]);
        assert!(!night.at(&berlin(), at(to)).is_open(), "{interval}");
    }
    for (interval, from, to) in [
        ("02:00-06:00", "2026-10-25T02:00+02:00", "2026-10-25T06:00+01:00"),
        ("02:30-06:00", "2026-10-25T02:30+02:00", "2026-10-25T06:00+01:00"),
        ("03:00-06:00", "2026-10-25T03:00+01:00", "2026-10-25T06:00+01:00"),
        ("02:10-02:50", "2026-10-25T02:10+02:00", "2026-10-25T02:50+01:00"),
    ] {
        let morning = weekly(&[6], &[interval]);
        check(&morning, &[("2026-10-25T00:00+02:00", closed(from)), (from, open(to))]);
    }
}

#[test]
fn a_holiday_ends_no_night_shift_and_begins_none() {
    let mut hours = weekly(&[0, 1, 2, 3, 4, 5, 6], &["22:00-06:00+1"]);
    hours.days.insert("2026-12-25".parse().unwrap(), Day { name: "Christmas".to_owned(), open: vec![] });
    hours.days.insert("2026-12-31".parse().unwrap(), Day { name: String::new(), open: intervals(&["08:00-12:00"]) });
    check(
        &hours,
        &[
            ("2026-12-25T05:00+01:00", open("2026-12-25T06:00+01:00")),
            ("2026-12-25T06:00+01:00", closed("2026-12-26T22:00+01:00")),
            ("2026-12-31T07:00+01:00", closed("2026-12-31T08:00+01:00")),
            ("2026-12-31T11:00+01:00", open("2026-12-31T12:00+01:00")),
            ("2026-12-31T12:00+01:00", closed("2027-01-01T22:00+01:00")),
        ],
    );
    // Weeks of holidays are looked beyond.
    let mut long = weekly(&[0], &["09:00-17:00"]);
    for week in 0..60 {
        let monday: Date = "2026-12-07".parse().unwrap();
        long.days.insert(monday.checked_add((week * 7).days()).unwrap(), Day::default());
    }
    check(&long, &[("2026-12-07T12:00+01:00", closed("2028-01-31T09:00+01:00"))]);
}

#[test]
fn a_word_for_the_moment_ends_by_itself_and_what_the_calendar_says_too_goes_on() {
    let shop = weekly(&[0, 1, 2, 3, 4], &["09:00-17:00"]);
    let word = |open: bool, until: &str| Hours { word: Some(Word { open, until: at(until) }), ..shop.clone() };
    check(
        &word(false, "2026-12-01T15:00+01:00"),
        &[
            ("2026-12-01T12:00+01:00", closed("2026-12-01T15:00+01:00")),
            ("2026-12-01T15:00+01:00", open("2026-12-01T17:00+01:00")),
        ],
    );
    check(&word(false, "2026-12-01T18:00+01:00"), &[("2026-12-01T12:00+01:00", closed("2026-12-02T09:00+01:00"))]);
    check(
        &word(true, "2026-12-01T20:00+01:00"),
        &[
            ("2026-12-01T18:00+01:00", open("2026-12-01T20:00+01:00")),
            ("2026-12-01T20:00+01:00", closed("2026-12-02T09:00+01:00")),
        ],
    );
    check(&word(true, "2026-12-02T10:00+01:00"), &[("2026-12-01T18:00+01:00", open("2026-12-02T17:00+01:00"))]);
}

#[test]
fn the_next_days_show_the_lost_hour_the_holiday_and_the_word() {
    let mut hours = weekly(&[4, 5, 6], &["22:00-06:00+1"]);
    hours
        .days
        .insert("2026-03-30".parse().unwrap(), Day { name: "Fair".to_owned(), open: intervals(&["00:00-12:00"]) });
    hours.word = Some(Word { open: false, until: at("2026-03-28T23:00+01:00") });
    let days = hours.outlook(&berlin(), at("2026-03-28T12:00+01:00"), 3);
    let stretch = |from: &str, to: &str| Stretch { from: at(from), to: at(to) };
    let lengths: Vec<u64> = days.iter().map(|day| (day.lasts.to - day.lasts.from).0 / 3_600_000).collect();
    assert_eq!(lengths, [24, 23, 24]);
    assert_eq!(
        days[0].open,
        [
            stretch("2026-03-28T00:00+01:00", "2026-03-28T06:00+01:00"),
            stretch("2026-03-28T23:00+01:00", "2026-03-29T00:00+01:00")
        ]
    );
    assert_eq!(
        days[1].open,
        [
            stretch("2026-03-29T00:00+01:00", "2026-03-29T06:00+02:00"),
            stretch("2026-03-29T22:00+02:00", "2026-03-30T00:00+02:00")
        ]
    );
    // The night's end and the morning of the fair are one.
    assert_eq!(days[2].open, [stretch("2026-03-30T00:00+02:00", "2026-03-30T12:00+02:00")]);
    assert_eq!((days[2].name.as_deref(), days[1].name.as_deref()), (Some("Fair"), None));
}

#[test]
fn a_zone_that_begins_its_day_at_one_has_its_days_all_the_same() {
    // In Beirut the clocks are put forward at midnight.
    let beirut = Zone::of("Asia/Beirut").unwrap();
    let always = weekly(&[0, 1, 2, 3, 4, 5, 6], &["00:00-24:00"]);
    let days = always.outlook(&beirut, at("2026-03-28T12:00+02:00"), 2);
    assert_eq!(days[1].lasts, Stretch { from: at("2026-03-29T01:00+03:00"), to: at("2026-03-30T00:00+03:00") });
    assert_eq!(days[1].open, [days[1].lasts]);
}
