//! API keys: what a program may do by one, when it no longer works, and what is kept of it.

use super::client::{Answer, ask, ask_as, base64, send_as};
use super::{PASSWORD, company};
use crate::process::Daemon;
use serde_json::{Value, json};
use std::net::SocketAddr;

const TOKEN: &str = "4fJ8rT2xQ9vB6nM3kL7pS5wZ1yC8dG4hA0eU6iO2";
const OTHER: &str = "another-token-0123456789-0123456789-0123";
const JSON: &str = "content-type: application/json";

fn by(http: SocketAddr, token: &str, line: &str, body: &str) -> Answer {
    ask(http, line, &format!("{JSON}\nauthorization: Bearer {token}"), body)
}

fn key(name: &str, token: &str, roles: &[&str]) -> Value {
    json!({ "name": name, "token": token, "roles": roles, "until": "2099-12-31" })
}

fn administered(settings: &[(&str, &str)]) -> Daemon {
    Daemon::of(&company(1, "").replace("\"supervisor\"", "\"administrator\""), settings, None)
}

/// Makes a key and says where it is.
fn made(daemon: &Daemon, name: &str, token: &str, roles: &[&str]) -> String {
    let answer = send_as(daemon.http, "boss", "POST /api/v1/company/api_keys", "", &key(name, token, roles));
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert!(!answer.text().contains(token), "{}", answer.text());
    answer.header("location").unwrap().to_owned()
}

#[test]
fn a_program_does_by_a_key_what_its_roles_let_it_and_the_audit_calls_it_by_its_name() {
    let daemon = administered(&[]);
    let http = daemon.http;
    let place = made(&daemon, "import", TOKEN, &["administrator"]);
    let used = || ask_as(http, "boss", "GET /api/v1/company/api_keys/used").json();
    assert_eq!(used(), json!([]));
    let body = json!({ "name": "Repairs" }).to_string();
    let queue = by(http, TOKEN, "POST /api/v1/company/queues", &body);
    assert_eq!(queue.status, 201, "{}", queue.text());
    assert_eq!(used()[0]["id"], place.rsplit('/').next().unwrap(), "{}", used());
    let audit = ask_as(http, "boss", "GET /api/v1/company/audit?kind=queue&name=Repairs").json();
    let entry = &audit["entries"][0];
    assert_eq!((&entry["author_kind"], &entry["author"]), (&"api_key".into(), &"import".into()), "{audit}");
    // It is nobody, and makes no others.
    for (line, body) in [
        ("GET /api/v1/sessions/current", ""),
        ("GET /api/v1/items", ""),
        ("PUT /api/v1/password", "{\"old\":\"open sesame\",\"new\":\"open sesame!\"}"),
        ("GET /ws/agent", ""),
    ] {
        let answer = by(http, TOKEN, line, body);
        assert_eq!((answer.status, answer.json()["code"].as_str()), (403, Some("forbidden")), "{line}");
    }
    let another = by(http, TOKEN, "POST /api/v1/company/api_keys", &key("heir", OTHER, &["agent"]).to_string());
    assert_eq!(another.status, 422, "{}", another.text());
    let own = by(http, TOKEN, &format!("PATCH {place}"), "{\"until\":\"2199-12-31\"}");
    assert_eq!(own.status, 422, "{}", own.text());
    let text = ask_as(http, "boss", &format!("GET {place}")).text();
    let audit = ask_as(http, "boss", "GET /api/v1/company/audit").text();
    assert!(!text.contains("hash") && !audit.contains(TOKEN), "{text} {audit}");
    // Within a minute of the same work it is no news.
    let log = daemon.log();
    assert_eq!(log.matches("by API key").count(), 1, "{log}");
    assert!(!log.contains(TOKEN));
}

#[test]
fn a_key_that_is_over_changed_or_removed_lets_nobody_in_any_more() {
    let daemon = administered(&[]);
    let http = daemon.http;
    let place = made(&daemon, "reports", TOKEN, &["supervisor"]);
    let asked = |token: &str| by(http, token, "GET /api/v1/queues", "").status;
    let patch = |patch: Value| send_as(http, "boss", &format!("PATCH {place}"), "", &patch).status;
    assert_eq!(asked(TOKEN), 200);
    assert_eq!(patch(json!({ "until": "2020-01-31" })), 200);
    assert_eq!(asked(TOKEN), 401);
    assert_eq!(patch(json!({ "until": "2099-12-31", "roles": ["agent"] })), 200);
    assert_eq!(asked(TOKEN), 403, "its roles are what they are now");
    assert_eq!(patch(json!({ "roles": ["supervisor"], "token": OTHER })), 200);
    assert_eq!((asked(TOKEN), asked(OTHER)), (401, 200));
    assert_eq!(send_as(http, "boss", &format!("DELETE {place}"), "", &Value::Null).status, 200);
    assert_eq!(asked(OTHER), 401);
    // What it was called is free again.
    made(&daemon, "reports", TOKEN, &["supervisor"]);
    assert_eq!(asked(TOKEN), 200);
}

#[test]
fn a_key_is_refused_with_all_that_is_wrong_at_its_settings() {
    let daemon = administered(&[]);
    made(&daemon, "taken", TOKEN, &["agent"]);
    for (body, expected) in [
        (json!({ "name": "new" }), vec!["token", "until", "roles"]),
        (
            json!({ "name": "new", "token": "short", "until": "31.12.2099", "roles": ["cook"] }),
            vec!["token", "until", "roles"],
        ),
        (json!({ "name": "new", "token": TOKEN, "until": "2099-12-31", "roles": ["agent"] }), vec!["token"]),
        (
            json!({ "name": "new", "token": OTHER, "token_hash": "0a".repeat(32), "until": "2099-12-31", "roles": ["agent"] }),
            vec!["token"],
        ),
    ] {
        let answer = send_as(daemon.http, "boss", "POST /api/v1/company/api_keys", "", &body);
        assert_eq!(answer.status, 422, "{}", answer.text());
        let refusals = answer.json()["refusals"].clone();
        let keys: Vec<_> = refusals.as_array().unwrap().iter().map(|why| why["key"].as_str().unwrap()).collect();
        assert_eq!(keys, expected, "{refusals}");
    }
}

#[test]
fn tokens_are_not_guessed_and_a_guesser_keeps_no_key_from_its_work() {
    let daemon = administered(&[("LIMITS__LOGIN_FAILURES_PER_SOURCE_PER_MINUTE", "5")]);
    let http = daemon.http;
    made(&daemon, "reports", TOKEN, &["supervisor"]);
    let guess = |number: usize| {
        let token = format!("guess-{number:03}-0123456789-0123456789-0123456789");
        ask(http, "GET /api/v1/queues", &format!("x-forwarded-for: 192.0.2.1\nauthorization: Bearer {token}"), "")
            .status
    };
    let refused: Vec<u16> = (0..110).map(guess).collect();
    assert!(refused.iter().all(|status| [401, 429].contains(status)), "{refused:?}");
    assert_eq!(refused.last(), Some(&429), "one address may not go on for ever");
    let elsewhere = format!("x-forwarded-for: 192.0.2.7\nauthorization: Bearer {TOKEN}");
    let answer = ask(http, "GET /api/v1/queues", &elsewhere, "");
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[test]
fn what_a_key_does_once_is_its_own() {
    let daemon = administered(&[]);
    let http = daemon.http;
    for (name, token) in [("one", TOKEN), ("two", OTHER)] {
        made(&daemon, name, token, &["administrator"]);
    }
    let create = |token: &str, body: &str| {
        let headers = format!("{JSON}\nidempotency-key: 1\nauthorization: Bearer {token}");
        ask(http, "POST /api/v1/queues/1/tasks", &headers, body)
    };
    let task = "{\"channel\":\"callback\",\"text\":\"x\"}";
    let [first, again, others] = [TOKEN, TOKEN, OTHER].map(|token| create(token, task).json()["item"].clone());
    assert!(first.is_string() && first == again && first != others, "{first} {again} {others}");
    // Nor does a person of the same number have the same.
    let headers = format!("{JSON}\nidempotency-key: 1\nauthorization: Basic {}", base64(&format!("boss:{PASSWORD}")));
    assert_ne!(ask(http, "POST /api/v1/queues/1/tasks", &headers, task).json()["item"], first);
}
