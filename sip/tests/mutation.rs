//! What do mutilated messages do? MUTATIONS=1000000 tries more of them than an ordinary run.

use std::time::Duration;

use crate::targets::mutate::{Dice, mutate};
use crate::targets::subject::{STRANGER, Subject, TRUNK};
use crate::targets::{g722, read_and_written_again, rtp, sdp, seeds, sip_stream};

/// Twenty seconds without optimisation.
const MUTATIONS_USUAL: usize = 80_000;

fn mutations() -> usize {
    std::env::var("MUTATIONS").map_or(MUTATIONS_USUAL, |text| text.parse().expect("MUTATIONS is a number"))
}

#[test]
fn mutilated_messages_change_nothing_but_answers() {
    let seeds = seeds::messages();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut subject = Subject::new();
    for round in 0..mutations() {
        // Half of them are answers to what was said last, so that there is always something going on.
        let (which, salt) = (dice.roll(32), dice.roll(1 << 20));
        let reply = if dice.roll(2) == 0 { subject.reply(which, salt) } else { None };
        let mut bytes = reply.unwrap_or_else(|| dice.of(&seeds).clone());
        mutate(&mut dice, &mut bytes, &seeds);
        if round % 8 == 0 {
            read_and_written_again(&bytes);
        }
        subject.datagram(&bytes, if dice.roll(2) == 0 { TRUNK } else { STRANGER });
        if dice.roll(8) == 0 {
            subject.wait(Duration::from_millis(dice.roll(4_000) as u64));
        }
        if round % 500 == 0 {
            subject.call();
        }
        if round % 1_000 == 999 {
            subject.assert_alive();
        }
    }
    subject.assert_ends();
}

#[test]
fn mutilated_streams_do_not_depend_on_how_they_are_cut() {
    let seeds = seeds::streams();
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    for _ in 0..mutations() / 20 {
        let mut bytes = dice.of(&seeds).clone();
        mutate(&mut dice, &mut bytes, &seeds);
        sip_stream(&bytes);
    }
}

#[test]
fn mutilated_descriptions_are_refused_or_answered() {
    let seeds = seeds::descriptions();
    let mut dice = Dice(0x1234_5678_9abc_def1);
    for _ in 0..mutations() / 4 {
        let mut bytes = dice.of(&seeds).clone();
        mutate(&mut dice, &mut bytes, &seeds);
        sdp(&bytes);
    }
}

#[test]
fn mutilated_packets_are_refused_or_read() {
    let seeds = seeds::packets();
    let mut dice = Dice(0xfeed_beef_cafe_f00d);
    for _ in 0..mutations() / 2 {
        let mut bytes = dice.of(&seeds).clone();
        mutate(&mut dice, &mut bytes, &seeds);
        rtp(&bytes);
        g722(&bytes);
    }
}
