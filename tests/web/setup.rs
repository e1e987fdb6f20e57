//! An installation that has nothing: its first administrator begins by the link that the daemon printed, once.

use super::client::{Answer, ask};
use super::document::Document;
use super::{PASSWORD, company};
use crate::process::Daemon;
use serde_json::{Value, json};
use std::net::SocketAddr;

const JSON: &str = "content-type: application/json";

fn empty() -> Daemon {
    Daemon::start_in(tempfile::tempdir().unwrap(), &[], &[])
}

/// The token of the link on the console.
fn token(daemon: &Daemon) -> String {
    let log = daemon.log();
    let (_, rest) = log.split_once(&format!("http://{}/desktop/setup#", daemon.http)).expect("a link was printed");
    rest.split_whitespace().next().unwrap().to_owned()
}

fn wanted(token: &str) -> Value {
    json!({ "token": token, "company": "Alpenrad", "country": "AT", "time_zone": "Europe/Vienna",
            "login_name": "carla", "display_name": "Carla Chef", "password": PASSWORD })
}

fn set_up(http: SocketAddr, wanted: &Value) -> Answer {
    let answer = ask(http, "POST /api/v1/setup", JSON, &wanted.to_string());
    Document::of(http).check("POST /api/v1/setup", &answer);
    answer
}

fn is_open(http: SocketAddr) -> Value {
    ask(http, "GET /api/v1/setup", "", "").json()["is_open"].clone()
}

#[test]
fn the_first_administrator_begins_by_the_link_and_nobody_else_does() {
    let daemon = empty();
    let http = daemon.http;
    let token = token(&daemon);
    assert_eq!(is_open(http), true);
    for wrong in ["", "0", &token[1..], &format!("{token}0")] {
        let answer = set_up(http, &wanted(wrong));
        assert_eq!((answer.status, answer.json()["code"].as_str()), (403, Some("forbidden")), "{wrong}");
    }
    let made = set_up(http, &wanted(&token));
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!((&made.json()["company"], &made.json()["name"]), (&"Alpenrad".into(), &"carla".into()));
    let cookie = made.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let asked = |line: &str, body: &str| ask(http, line, &format!("cookie: {cookie}\n{JSON}"), body);
    // They administer at once, and the floor is there.
    let queue = asked("POST /api/v1/company/queues", "{\"name\":\"Service\"}");
    assert_eq!(queue.status, 201, "{}", queue.text());
    assert_eq!(asked("GET /api/v1/queues", "").json()[0]["name"], "Service");
    let company = asked("GET /api/v1/company", "").json();
    assert_eq!(
        (&company["settings"]["country"], &company["settings"]["time_zone"]),
        (&"AT".into(), &"Europe/Vienna".into())
    );
    let audit = asked("GET /api/v1/company/audit?kind=agent", "");
    assert_eq!(audit.json()["entries"][0]["author"], "carla", "{}", audit.text());
    assert!(!audit.text().contains(PASSWORD));
    // Once.
    assert_eq!(is_open(http), false);
    assert_eq!(set_up(http, &wanted(&token)).status, 403);
    let daemon = daemon.killed_and_started_again(&[]);
    assert!(!daemon.log().contains("/desktop/setup#"), "{}", daemon.log());
    assert_eq!(set_up(daemon.http, &wanted(&token)).status, 403);
}

#[test]
fn what_is_wrong_is_said_all_at_once_and_the_link_still_holds() {
    let daemon = empty();
    let token = token(&daemon);
    let mut wrong = wanted(&token);
    for (key, value) in [("country", "XX"), ("time_zone", "Berlin"), ("login_name", ""), ("password", "short")] {
        wrong[key] = value.into();
    }
    let answer = set_up(daemon.http, &wrong);
    assert_eq!(answer.status, 422, "{}", answer.text());
    let refusals = answer.json()["refusals"].clone();
    let keys: Vec<_> = refusals.as_array().unwrap().iter().map(|why| why["key"].as_str().unwrap_or("-")).collect();
    for key in ["country", "time_zone", "login_name", "password"] {
        assert!(keys.contains(&key), "{key}: {refusals}");
    }
    wrong = wanted(&token);
    wrong["company"] = "".into();
    let answer = set_up(daemon.http, &wrong);
    assert_eq!((answer.status, &answer.json()["refusals"][0]["key"]), (422, &"name".into()), "{}", answer.text());
    assert_eq!(set_up(daemon.http, &wanted(&token)).status, 201);
}

#[test]
fn a_link_of_before_the_restart_no_longer_holds_and_where_there_is_a_company_there_is_none() {
    let daemon = empty();
    let first = token(&daemon);
    let daemon = daemon.killed_and_started_again(&[]);
    let second = token(&daemon);
    assert_ne!(first, second);
    assert_eq!(set_up(daemon.http, &wanted(&first)).status, 403);
    let other = Daemon::of(&company(1, ""), &[], None);
    assert!(is_open(other.http) == false && !other.log().contains("/desktop/setup#"));
}
