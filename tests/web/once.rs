//! Requests with a key: done once however often they come, also after the daemon was started anew.

use super::client::{Answer, send_as};
use super::{PASSWORD, company};
use crate::journal::story::sql;
use crate::process::Daemon;
use serde_json::{Value, json};
use std::thread;
use vorrang::store::{Hashed as _, Secret};

fn post(daemon: &Daemon, who: &str, path: &str, key: &str, body: &Value) -> Answer {
    send_as(daemon.http, who, &format!("POST /api/v1/{path}"), &format!("idempotency-key: {key}"), body)
}

fn waiting(daemon: &Daemon) -> Value {
    super::client::ask_as(daemon.http, "boss", "GET /api/v1/queues").json()[0]["waiting"].clone()
}

const TASKS: &str = "queues/1/tasks";

fn task(text: &str) -> Value {
    json!({"channel": "callback", "text": text})
}

#[test]
fn what_comes_again_with_its_key_is_answered_as_the_first_time_and_done_once() {
    let daemon = super::daemon(1, &[]);
    let first = post(&daemon, "boss", TASKS, "\"one\"", &task("a"));
    assert_eq!(first.status, 201, "{}", first.text());
    let same = |answer: &Answer| {
        let parts = |answer: &Answer| {
            let header = |name| answer.header(name).map(str::to_owned);
            (answer.status, answer.text(), header("location"), header("content-type"), header("cache-control"))
        };
        assert_eq!(parts(answer), parts(&first));
    };
    same(&post(&daemon, "boss", TASKS, "one", &task("a")));
    assert_eq!(waiting(&daemon), 1);

    let other = post(&daemon, "boss", TASKS, "one", &task("b"));
    assert_eq!((other.status, other.json()["code"].as_str()), (422, Some("refused")), "{}", other.text());
    let elsewhere = post(&daemon, "boss", "queues/1/overflow", "one", &json!({}));
    assert_eq!(elsewhere.status, 422, "{}", elsewhere.text());
    assert_eq!(post(&daemon, "boss", TASKS, "two words", &task("a")).status, 400);
    assert_eq!(post(&daemon, "nobody", TASKS, "one", &task("a")).status, 401);
    assert_eq!(post(&daemon, "agent-0", TASKS, "one", &task("a")).status, 403, "a key is its owner's alone");
    assert_eq!(post(&daemon, "boss", TASKS, "two", &task("a")).status, 201, "another key is another request");
    assert_eq!(waiting(&daemon), 2);

    let daemon = daemon.killed_and_started_again(&[]);
    same(&post(&daemon, "boss", TASKS, "one", &task("a")));
    assert_eq!(waiting(&daemon), 2);
}

#[test]
fn what_was_refused_for_good_stays_refused_and_what_could_not_be_done_may_come_again() {
    let daemon = super::daemon(1, &[]);
    let refused = post(&daemon, "boss", TASKS, "one", &json!({"channel": "fax", "text": ""}));
    assert_eq!(refused.status, 400);
    let again = post(&daemon, "boss", TASKS, "one", &json!({"channel": "fax", "text": ""}));
    assert_eq!((again.status, again.text()), (400, refused.text()));

    // As after a daemon that ended in the middle.
    let daemon = super::daemon(1, &[]);
    assert_eq!(post(&daemon, "boss", TASKS, "one", &task("a")).status, 201);
    sql(&daemon.database(), "PRAGMA busy_timeout = 10000; UPDATE once SET status = NULL");
    let goes_on = post(&daemon, "boss", TASKS, "one", &task("a"));
    assert_eq!((goes_on.status, goes_on.header("retry-after")), (409, Some("1")), "{}", goes_on.text());
    let daemon = daemon.killed_and_started_again(&[]);
    let unknown = post(&daemon, "boss", TASKS, "one", &task("a"));
    assert!(unknown.status == 409 && unknown.text().contains("look whether it was"), "{}", unknown.text());
    sql(&daemon.database(), "PRAGMA busy_timeout = 10000; UPDATE once SET at = at - 86400000");
    assert_eq!(post(&daemon, "boss", TASKS, "one", &task("b")).status, 201, "a day later the key is free");
}

#[test]
fn ten_who_send_the_same_at_once_have_it_done_once() {
    let daemon = super::daemon(1, &[]);
    let sends = || loop {
        let answer = post(&daemon, "boss", TASKS, "one", &task("a"));
        match answer.status {
            409 => thread::yield_now(),
            _ => return (answer.status, answer.text()),
        }
    };
    let answers: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..10).map(|_| scope.spawn(sends)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(answers.iter().all(|answer| answer == &answers[0] && answer.0 == 201), "{answers:?}");
    assert_eq!(waiting(&daemon), 1);
}

/// Whoever gives the same company the same thing twice is refused without a key: the control.
#[test]
fn without_a_key_each_request_is_one_of_its_own() {
    let daemon = Daemon::of(&company(1, ""), &[], None);
    let plain = || send_as(daemon.http, "boss", &format!("POST /api/v1/{TASKS}"), "", &task("a")).status;
    assert_eq!((plain(), plain(), waiting(&daemon)), (201, 201, json!(2)));
}

#[test]
fn whoever_has_lost_a_role_gets_no_answer_that_it_gave_them() {
    let hash = Secret::hash(PASSWORD).unwrap().0;
    let chief = format!("[[agent]]\nlogin_name = \"chief\"\nrole = \"administrator\"\npassword_hash = \"{hash}\"\n");
    let daemon = Daemon::of(&company(1, &chief), &[], None);
    assert_eq!(post(&daemon, "boss", TASKS, "one", &task("a")).status, 201);
    let agent = json!({"role": ["agent"]});
    let taken = send_as(daemon.http, "chief", "PATCH /api/v1/company/agents/3", "", &agent);
    assert_eq!(taken.status, 200, "{}", taken.text());
    assert_eq!(post(&daemon, "boss", TASKS, "one", &task("a")).status, 422);
    assert_eq!(post(&daemon, "boss", TASKS, "two", &task("a")).status, 403, "the control");
}
