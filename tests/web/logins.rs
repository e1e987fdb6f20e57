//! Logging in: who gets in, who is stopped, and what it costs.

use super::client::{ask, ask_as, log_in};
use super::{PASSWORD, daemon};
use std::collections::BTreeMap;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

const MEBIBYTE: u64 = 1 << 20;

#[test]
fn four_hundred_log_ins_at_once_from_forty_addresses_take_little_memory_and_give_it_back() {
    let mut daemon = daemon(40, &[]);
    let http = daemon.http;
    let session = log_in(http, "192.0.2.250", "boss", PASSWORD);
    let cookie = session.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let before = daemon.memory_bytes("VmRSS");
    let all_at_once = Barrier::new(401);
    let (statuses, slowest) = thread::scope(|scope| {
        let attempts: Vec<_> = (0..400)
            .map(|number| {
                let all_at_once = &all_at_once;
                scope.spawn(move || {
                    all_at_once.wait();
                    let from = format!("192.0.2.{}", number % 40);
                    let answer = log_in(http, &from, &format!("agent-{}", number % 40), PASSWORD);
                    if answer.status == 503 {
                        assert!(answer.header("retry-after").unwrap().parse::<u32>().unwrap() > 0);
                    }
                    answer.status
                })
            })
            .collect();
        all_at_once.wait();
        // Somebody who is logged in does not wait for them.
        let mut slowest = Duration::ZERO;
        while attempts.iter().any(|attempt| !attempt.is_finished()) {
            let asked = Instant::now();
            let current = ask(http, "GET /api/v1/sessions/current", &format!("cookie: {cookie}"), "");
            assert_eq!(current.status, 200, "{current:?}");
            slowest = slowest.max(asked.elapsed());
        }
        let mut statuses = BTreeMap::new();
        for attempt in attempts {
            *statuses.entry(attempt.join().unwrap()).or_insert(0) += 1;
        }
        (statuses, slowest)
    });
    let (most, after) = (daemon.memory_bytes("VmHWM"), daemon.memory_bytes("VmRSS"));
    println!(
        "{statuses:?}; memory {} MiB before, {} at most, {} after; a session's slowest answer {} ms",
        before / MEBIBYTE,
        most / MEBIBYTE,
        after / MEBIBYTE,
        slowest.as_millis()
    );
    assert!(statuses.keys().all(|status| [200, 503].contains(status)), "{statuses:?}");
    assert!(statuses.contains_key(&200), "{statuses:?}");
    assert!(most < before + 200 * MEBIBYTE && after < before + 100 * MEBIBYTE);
    daemon.assert_alive();
}

#[test]
fn an_office_of_three_hundred_logs_in_from_one_address_and_a_guesser_among_them_does_not_get_through() {
    let mut daemon = daemon(301, &[]);
    let http = daemon.http;
    let office = "198.51.100.7";
    let began = Instant::now();
    let guesses = thread::scope(|scope| {
        let guesser = scope.spawn(move || {
            let mut statuses = BTreeMap::new();
            for number in 0..1_000 {
                let answer = log_in(http, office, "agent-300", &format!("guess {number}"));
                if answer.status == 429 {
                    assert!(answer.header("retry-after").unwrap().parse::<u32>().unwrap() > 0);
                }
                *statuses.entry(answer.status).or_insert(0) += 1;
            }
            statuses
        });
        for number in 0..300 {
            let answer = log_in(http, office, &format!("agent-{number}"), PASSWORD);
            assert_eq!(answer.status, 200, "agent-{number}: {}", answer.text());
        }
        guesser.join().unwrap()
    });
    let took = began.elapsed();
    println!("300 logged in within {:.1} s; the guesser got {guesses:?}", took.as_secs_f64());
    assert!(took < Duration::from_secs(600), "nobody waits for the guesser");
    // Ten at once, and ten a minute.
    let looked_at: u64 = guesses[&401];
    assert!(looked_at >= 10 && looked_at <= 12 + took.as_secs() / 6, "{guesses:?}");
    assert_eq!(guesses[&429], 1_000 - looked_at);
    while log_in(http, office, "agent-300", "another guess").status != 429 {}
    assert_eq!(log_in(http, office, "agent-300", PASSWORD).status, 429, "the right one is not looked at either");
    assert_eq!(log_in(http, office, "agent-0", PASSWORD).status, 200);
    let log = daemon.log();
    assert!(log.contains("log-in from 198.51.100.7 by \"agent-0\""), "{log}");
    assert!(log.contains("log-in refused from 198.51.100.7: wrong password for \"agent-300\""), "{log}");
    assert!(log.matches("log-in refused").count() < 30, "and it does not fill the disk");
    assert_eq!(log.matches("log-in from").count(), 300, "everybody who came in stands there, once");
    daemon.assert_alive();
}

#[test]
fn a_name_that_nobody_has_gets_the_same_answers_and_stands_in_no_log() {
    let daemon = daemon(1, &[("LIMITS__LOGIN_FAILURES_PER_ACCOUNT_PER_MINUTE", "2")]);
    for name in ["agent-0", "my password by mistake"] {
        let answers: Vec<_> = (0..3).map(|_| log_in(daemon.http, "192.0.2.1", name, "wrong")).collect();
        assert_eq!(answers.iter().map(|answer| answer.status).collect::<Vec<_>>(), [401, 401, 429], "{name}");
        assert_eq!(answers[0].json()["detail"], "name or password is wrong");
        assert_eq!(answers[0].json()["code"], "wrong_credentials");
    }
    assert!(!daemon.log().contains("by mistake"), "{}", daemon.log());
    for what in ["wrong password for an unknown name", "too many wrong passwords for \"agent-0\""] {
        assert!(daemon.log().contains(&format!("log-in refused from 192.0.2.1: {what}")), "{what}: {}", daemon.log());
    }
}

#[test]
fn a_program_that_sends_its_password_with_each_request_is_not_limited_by_its_success() {
    let daemon = daemon(0, &[]);
    let began = Instant::now();
    for _ in 0..200 {
        assert_eq!(ask_as(daemon.http, "boss", "GET /api/v1/trunks").status, 200);
    }
    println!("200 requests in {} ms", began.elapsed().as_millis());
    assert_eq!(daemon.log().matches("log-in from 127.0.0.1 by \"boss\"").count(), 1, "compared once");
}
