//! Two connections of one client: a browser that comes back before its old connection is known to be dead, a page that
//! was duplicated with its name. The newest has the name; nothing that was done is lost, and nothing is done twice.

use crate::process::Daemon;
use crate::websocket::{Heard, WebSocket};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

const COMPANY: &str = r#"
[company]
name = "Alpenrad"
[[queue]]
name = "Service"
[[chat_service]]
name = "Shop"
token = "alpenrad"
queue = "Service"
[[agent]]
login_name = "anna"
password = "anna-password"
queues = ["Service"]
[[agent]]
login_name = "ben"
password = "ben-password"
queues = ["Service"]
"#;

/// `anna:anna-password` and `ben:ben-password`.
const ANNA: &str = "YW5uYTphbm5hLXBhc3N3b3Jk";
const BEN: &str = "YmVuOmJlbi1wYXNzd29yZA==";

/// "Taken over".
const TAKEN_OVER: Heard = Heard::Closed(4001);

/// As much as a test writes at once.
const SETTINGS: [(&str, &str); 2] =
    [("LIMITS__MESSAGES_PER_CHAT_PER_SECOND", "1000"), ("LIMITS__MESSAGES_PER_SOURCE_PER_SECOND", "1000")];

fn daemon() -> Daemon {
    Daemon::start_in(tempfile::tempdir().unwrap(), &[COMPANY], &SETTINGS)
}

fn visitor(daemon: &Daemon, session: u32, client: &str) -> (WebSocket, Value) {
    WebSocket::visitor(daemon.http, "alpenrad", &format!("{session:032}"), client)
}

fn say(text: &str) -> Value {
    json!({"do": "say", "text": text})
}

fn texts(snapshot: &Value) -> Vec<&str> {
    snapshot["messages"].as_array().unwrap().iter().map(|message| message["text"].as_str().unwrap()).collect()
}

#[test]
fn of_three_connections_of_one_client_the_newest_stays_and_each_older_one_is_told() {
    let daemon = daemon();
    let visitors = [1, 2, 3].map(|_| visitor(&daemon, 1, "visitors-tab").0);
    let agents = [1, 2, 3].map(|_| WebSocket::agent(daemon.http, ANNA, "desk-of-anna").0);
    for (sockets, command) in [(visitors, say("Guten Tag")), (agents, json!({"do": "log_in"}))] {
        let [mut first, mut second, mut third] = sockets;
        for older in [&mut first, &mut second] {
            assert_eq!(older.end(), TAKEN_OVER);
            assert_eq!(older.end(), Heard::Gone);
        }
        third.send(&json!({"type": "command", "id": 1, "command": command}));
        third.reply("frame");
        assert_eq!(third.reply("answer"), json!({"type": "answer", "id": 1, "problem": null}));
    }
}

#[test]
fn what_is_asked_for_on_a_connection_that_was_taken_over_is_not_done() {
    let daemon = daemon();
    let (mut older, _) = visitor(&daemon, 1, "visitors-tab");
    let (mut agents_older, _) = WebSocket::agent(daemon.http, ANNA, "desk-of-anna");
    let (mut newer, _) = visitor(&daemon, 1, "visitors-tab");
    let (mut agents_newer, _) = WebSocket::agent(daemon.http, ANNA, "desk-of-anna");
    older.send(&json!({"type": "command", "id": 1, "command": say("too late")}));
    agents_older.send(&json!({"type": "command", "id": 1, "command": {"do": "log_in"}}));
    assert_eq!((older.end(), agents_older.end()), (TAKEN_OVER, TAKEN_OVER));
    assert_eq!(newer.command(1, say("in time")), None);
    // Had the number been used up for it, this would be another command under that number.
    assert_eq!(agents_newer.command(1, json!({"do": "take_break", "reason": 0})).as_deref(), Some("logged_out"));
    let (_, snapshot) = visitor(&daemon, 1, "another-tab");
    assert_eq!(texts(&snapshot), ["in time"]);
}

#[test]
fn only_one_and_the_same_persons_tabs_share_a_name() {
    let daemon = daemon();
    let same = "everybodys-tab";
    let (mut anna, _) = WebSocket::agent(daemon.http, ANNA, same);
    let (mut ben, _) = WebSocket::agent(daemon.http, BEN, same);
    let (mut first, _) = visitor(&daemon, 1, same);
    let (mut second, _) = visitor(&daemon, 2, same);
    let (mut other_tab, _) = visitor(&daemon, 1, "another-tab");
    for agent in [&mut anna, &mut ben] {
        assert_eq!(agent.command(1, json!({"do": "log_in"})), None);
    }
    for (visitor, text) in [(&mut first, "one"), (&mut second, "two"), (&mut other_tab, "three")] {
        assert_eq!(visitor.command(1, say(text)), None);
    }
    let (_, snapshot) = visitor(&daemon, 1, "a-third-tab");
    assert_eq!(texts(&snapshot), ["one", "three"]);
}

/// What a client hears of its commands on one connection until that ends: the numbers that were done, counted as they
/// come.
fn done(mut socket: WebSocket, count: &AtomicUsize) -> (BTreeSet<u64>, Heard) {
    let mut done = BTreeSet::new();
    loop {
        match socket.hear() {
            Heard::Reply(reply) if reply["type"] == "answer" => {
                assert_eq!(reply["problem"], Value::Null, "{reply}");
                done.insert(reply["id"].as_u64().unwrap());
                count.fetch_add(1, Ordering::Relaxed);
            }
            Heard::Reply(_) => {}
            end => return (done, end),
        }
    }
}

#[test]
fn a_client_that_comes_back_again_and_again_while_it_writes_has_everything_done_once() {
    const MESSAGES: u64 = 150;
    let daemon = daemon();
    let http = daemon.http;
    let connect = move || WebSocket::visitor(http, "alpenrad", &format!("{:032}", 1), "visitors-tab").0;
    let mut done_before = BTreeSet::new();
    let mut socket = connect();
    for end in [60, 110] {
        let reader = WebSocket::over(socket.stream.try_clone().unwrap());
        let count = Arc::new(AtomicUsize::new(0));
        let counted = count.clone();
        let reader = thread::spawn(move || done(reader, &counted));
        for id in 1..=end {
            socket.send(&json!({"type": "command", "id": id, "command": say(&format!("message {id}"))}));
        }
        while count.load(Ordering::Relaxed) < 20 && !reader.is_finished() {
            thread::yield_now();
        }
        // The old connection still brings commands, or they lie somewhere on their way.
        let _old = std::mem::replace(&mut socket, connect());
        let (done, end) = reader.join().unwrap();
        // Where requests lie unread as it closes, the reason may be lost.
        assert!(end == TAKEN_OVER || end == Heard::Gone, "{end:?}");
        done_before.extend(done);
    }
    for id in 1..=MESSAGES {
        assert_eq!(socket.command(id, say(&format!("message {id}"))), None, "{id}");
    }
    println!("{} of {MESSAGES} were answered on connections that were taken over", done_before.len());
    let (_, snapshot) = visitor(&daemon, 1, "another-tab");
    let texts = texts(&snapshot);
    let expected: Vec<String> = (1..=MESSAGES).map(|id| format!("message {id}")).collect();
    assert!(done_before.len() >= 20, "the control: some were answered before");
    assert!(done_before.iter().all(|id| texts.contains(&&*format!("message {id}"))), "a yes stays a yes");
    assert_eq!(texts, expected, "each is there once, in the order of their numbers");
}

#[test]
fn a_daemon_that_was_killed_knows_what_was_done_on_both_connections() {
    let daemon = daemon();
    let (mut older, _) = visitor(&daemon, 1, "visitors-tab");
    assert_eq!(older.command(1, say("one")), None);
    let (mut newer, snapshot) = visitor(&daemon, 1, "visitors-tab");
    assert_eq!(texts(&snapshot), ["one"]);
    assert_eq!(newer.command(2, say("two")), None);
    let daemon = daemon.killed_and_started_again(&SETTINGS);
    let (mut older, _) = visitor(&daemon, 1, "visitors-tab");
    let (mut newer, _) = visitor(&daemon, 1, "visitors-tab");
    assert_eq!(older.end(), TAKEN_OVER);
    for (id, text) in [(1, "one"), (2, "two"), (3, "three")] {
        assert_eq!(newer.command(id, say(text)), None);
    }
    let (_, snapshot) = visitor(&daemon, 1, "another-tab");
    assert_eq!(texts(&snapshot), ["one", "two", "three"]);
}
