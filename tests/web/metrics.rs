//! What Prometheus reads: who may, what stands there, and that nothing makes it grow without a bound.

use super::client::{Answer, ask, ask_as, send_as};
use super::company;
use crate::process::Daemon;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

fn read(http: SocketAddr) -> Answer {
    ask(http, "GET /metrics", "", "")
}

/// Each sample by its name and labels.
fn samples(http: SocketAddr) -> BTreeMap<String, f64> {
    let text = read(http).text();
    assert!(text.ends_with("# EOF\n"), "{text}");
    let sample = |line: &str| {
        let (name, value) = line.rsplit_once(' ').unwrap();
        (name.to_owned(), value.parse().unwrap_or_else(|_| panic!("{line}")))
    };
    text.lines().filter(|line| !line.starts_with('#')).map(sample).collect()
}

#[test]
fn what_goes_on_is_told_as_it_is_and_as_it_changes() {
    let more = "[[agent]]\nlogin_name = \"cara\"\npassword = \"long enough\"\nqueues = [\"Service\"]\n\
                [[chat_service]]\ntoken = \"shop\"\nqueue = \"Service\"\n";
    let daemon = Daemon::of(&company(1, more), &[], None);
    let http = daemon.http;
    let before = samples(http);
    let is = |samples: &BTreeMap<String, f64>, name: &str| {
        *samples.get(name).unwrap_or_else(|| panic!("{name}: {samples:#?}"))
    };
    for (name, value) in [
        ("vorrang_ready", 1.0),
        ("vorrang_storing", 1.0),
        ("vorrang_clock_agrees", 1.0),
        ("vorrang_damaged_values", 0.0),
        ("vorrang_queue_waiting{company=\"Alpenrad\",queue=\"Service\"}", 0.0),
        ("vorrang_agents{company=\"Alpenrad\",presence=\"logged_out\"}", 3.0),
        ("vorrang_licence_lets_chats_begin{company=\"Alpenrad\"}", 1.0),
        ("vorrang_chat_agents{company=\"Alpenrad\"}", 1.0),
        (concat!("vorrang_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"}"), 1.0),
    ] {
        assert_eq!(is(&before, name), value, "{name}");
    }
    for name in [
        "vorrang_database_size_bytes",
        "vorrang_open_files",
        "vorrang_memory_bytes",
        "vorrang_licence_ends_seconds{company=\"Alpenrad\"}",
    ] {
        assert!(is(&before, name) > 1.0, "{name}");
    }
    let task = json!({ "channel": "callback", "text": "x" });
    assert_eq!(send_as(http, "boss", "POST /api/v1/queues/1/tasks", "", &task).status, 201);
    assert_eq!(
        send_as(http, "agent-0", "PUT /api/v1/agents/agent-0/presence", "", &json!({ "presence": "available" })).status,
        204
    );
    assert_eq!(ask_as(http, "agent-0", "GET /api/v1/queues").status, 403);
    let after = samples(http);
    for (name, value) in [
        ("vorrang_queue_waiting{company=\"Alpenrad\",queue=\"Service\"}", 1.0),
        ("vorrang_agents{company=\"Alpenrad\",presence=\"available\"}", 1.0),
        ("vorrang_http_requests_total{route=\"/api/v1/queues/{queue}/tasks\",method=\"POST\",status=\"2xx\"}", 1.0),
        ("vorrang_http_requests_total{route=\"/api/v1/queues\",method=\"GET\",status=\"4xx\"}", 1.0),
        ("vorrang_http_request_duration_seconds_count{route=\"/api/v1/queues\"}", 1.0),
    ] {
        assert_eq!(is(&after, name), value, "{name}");
    }
    let text = read(http).text();
    assert!(!text.contains("agent-0") && !text.contains("boss"), "nobody is named: {text}");
}

#[test]
fn the_rules_for_alerts_ask_for_what_is_there() {
    let daemon = Daemon::of(&company(0, ""), &[], None);
    let rules = include_str!("../../docs/observability/alerts.yml");
    let words = rules.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let asked: BTreeSet<&str> = words.filter(|word| word.starts_with("vorrang_")).collect();
    assert!(asked.len() > 5, "{asked:?}");
    // What is counted is there once it was.
    ask(daemon.http, "GET /healthz", "", "");
    let there: BTreeSet<String> =
        samples(daemon.http).into_keys().map(|name| name.split('{').next().unwrap().to_owned()).collect();
    let missing: Vec<_> = asked.iter().filter(|name| !there.contains(**name)).collect();
    assert!(missing.is_empty(), "{missing:?} of {there:?}");
}

#[test]
fn only_those_networks_read_it_that_may() {
    let daemon = Daemon::of(&company(0, ""), &[("HTTP__METRICS_FROM", "[\"192.0.2.0/24\", \"2001:db8::7\"]")], None);
    for (from, status) in [("192.0.2.7", 200), ("2001:db8::7", 200), ("192.0.3.7", 404), ("2001:db8::8", 404)] {
        let answer = ask(daemon.http, "GET /metrics", &format!("x-forwarded-for: {from}"), "");
        assert_eq!(answer.status, status, "{from}");
        assert!(status == 200 || !answer.text().contains("vorrang_"), "{from}");
    }
    assert_eq!(read(daemon.http).status, 404);
}

#[test]
fn whatever_is_asked_for_makes_no_more_of_it() {
    let daemon = Daemon::of(&company(0, ""), &[], None);
    for number in 0..200 {
        ask(daemon.http, &format!("GET /nothing/{number}"), "", "");
        ask(daemon.http, &format!("M{number} /api/v1/calls/{number}"), "", "");
    }
    let samples = samples(daemon.http);
    let of =
        |route: &str| samples.keys().filter(|name| name.contains("requests_total") && name.contains(route)).count();
    assert_eq!((of("nothing"), of("/api/v1/calls/")), (0, 1), "{samples:#?}");
    assert_eq!(samples["vorrang_http_requests_total{route=\"none\",method=\"GET\",status=\"4xx\"}"], 200.0);
}
