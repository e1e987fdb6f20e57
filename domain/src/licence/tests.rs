//! What holds by a licence when: a table.

use super::*;

const NOON: Timestamp = Timestamp(1_800_000_000_000);

fn days(days: u64) -> Span {
    Span(days * DAY.0)
}

/// From noon on, for 100 days, with 14 of grace.
fn licence() -> Licence {
    Licence {
        number: "1".to_owned(),
        company: "Alpenrad".to_owned(),
        channels: [CHAT.to_owned()].into(),
        agents: 5,
        from: NOON,
        until: NOON + days(100),
        grace_days: 14,
    }
}

fn before(at: Timestamp) -> Timestamp {
    Timestamp(at.0 - 1)
}

#[test]
fn what_holds_by_a_licence_and_a_moment() {
    let (until, ends) = (NOON + days(100), NOON + days(114));
    let reminded = NOON + days(70);
    let plain = licence();
    let short = Licence { until: NOON + days(10), ..licence() };
    let strict = Licence { grace_days: 0, ..licence() };
    for (licence, now, expected, lets_begin) in [
        (&plain, Timestamp(0), State::NotYet { from: NOON }, false),
        (&plain, before(NOON), State::NotYet { from: NOON }, false),
        (&plain, NOON, State::Valid { until }, true),
        (&plain, before(reminded), State::Valid { until }, true),
        (&plain, reminded, State::EndsSoon { until }, true),
        (&plain, before(until), State::EndsSoon { until }, true),
        (&plain, until, State::Grace { until, ends }, true),
        (&plain, before(ends), State::Grace { until, ends }, true),
        (&plain, ends, State::Ended { at: ends }, false),
        (&plain, Timestamp(u64::MAX), State::Ended { at: ends }, false),
        (&short, NOON, State::EndsSoon { until: NOON + days(10) }, true),
        (&strict, before(until), State::EndsSoon { until }, true),
        (&strict, until, State::Ended { at: until }, false),
    ] {
        let state = State::of(Some(&Ok(licence.clone())), "Alpenrad", now);
        assert_eq!(state, expected, "{licence:?} at {now:?}");
        assert_eq!(state.lets_chats_begin(), lets_begin, "{state:?}");
    }
    let broken = Err(Unreadable::Signature);
    let for_calls = Ok(Licence { channels: ["call".to_owned()].into(), ..licence() });
    for (licence, company, expected) in [
        (None, "Alpenrad", State::None),
        (Some(&broken), "Alpenrad", State::Broken(Unreadable::Signature)),
        (Some(&Ok(plain.clone())), "Talrad", State::OtherCompany { company: "Alpenrad".to_owned() }),
        (Some(&Ok(plain)), "alpenrad", State::OtherCompany { company: "Alpenrad".to_owned() }),
        (Some(&for_calls), "Alpenrad", State::NoChat),
    ] {
        let state = State::of(licence, company, NOON);
        assert_eq!(state, expected);
        assert!(!state.lets_chats_begin() && state.changes_at().is_none(), "{state:?}");
    }
}

#[test]
fn whoever_comes_back_when_a_state_changes_sees_each_of_them_once() {
    let (held, mut now, mut seen) = (Some(Ok(licence())), Timestamp(0), vec![]);
    loop {
        let state = State::of(held.as_ref(), "Alpenrad", now);
        seen.push(state.as_str());
        let Some(next) = state.changes_at() else { break };
        assert!(next > now, "{state:?}");
        assert_eq!(State::of(held.as_ref(), "Alpenrad", before(next)), state, "and not before");
        now = next;
    }
    assert_eq!(seen, ["not_yet", "valid", "ends_soon", "grace", "ended"]);
}

#[test]
fn every_state_has_its_sentence_in_both_languages() {
    let (until, ends) = (NOON, NOON + days(1));
    let states = [
        State::None,
        State::Broken(Unreadable::NoToken),
        State::OtherCompany { company: "Talrad".to_owned() },
        State::NoChat,
        State::NotYet { from: NOON },
        State::Valid { until },
        State::EndsSoon { until },
        State::Grace { until, ends },
        State::Ended { at: Timestamp(u64::MAX) },
    ];
    let sentences: BTreeSet<String> =
        states.iter().flat_map(|state| [state.to_string(), state.german(), state.as_str().to_owned()]).collect();
    assert_eq!(sentences.len(), 3 * states.len(), "{sentences:#?}");
    assert_eq!(State::EndsSoon { until }.to_string(), "the licence ends soon, on 2027-01-15, 08:00 UTC");
    assert_eq!(State::EndsSoon { until }.german(), "Die Lizenz endet bald, am 15.01.2027, 08:00 UTC.");
}
