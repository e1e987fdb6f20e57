//! What roles let people do over sockets, what another company's people can do there, and that a role that is changed holds at
//! once.

use super::client::{Answer, base64, send_as};
use super::{PASSWORD, company};
use crate::process::Daemon;
use crate::websocket::WebSocket;
use serde::Deserialize as _;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use vorrang::protocol::agent::AgentCommand;
use vorrang::store::{Hashed as _, Secret};

/// A company's own roles: one that sees everything, one that may nothing, one that may what is of its queues.
pub const ROLES: &str = r#"
[[role]]
name = "sees all"
answers = false
contacts = "read"
contact_data = "read"
records = "read"
work = "read"
people = "read"
lines = "read"
company = "read"
audit = "read"
[[role]]
name = "may nothing"
answers = false
[[role]]
name = "leads"
records = "change_queues"
work = "change_queues"
people = "change_queues"
"#;
const EACH: [&str; 5] = ["agent", "supervisor", "administrator", "sees all", "may nothing"];

/// A person of each role, named after it.
fn people() -> String {
    let hash = Secret::hash(PASSWORD).unwrap().0;
    let person = |role: &str| {
        let name = role.replace(' ', "-");
        format!(
            "[[agent]]\nlogin_name = \"{name}\"\nrole = \"{role}\"\npassword_hash = \"{hash}\"\nqueues = [\"Lift\"]\n"
        )
    };
    EACH.map(person).concat()
}

fn credentials(role: &str) -> String {
    base64(&format!("{}:{PASSWORD}", role.replace(' ', "-")))
}

/// All commands, about a chat, a queue, an agent and a call.
fn commands(chat: u64, queue: u64, agent: u64) -> Vec<Value> {
    let item = json!({"kind": "chat", "id": chat});
    vec![
        json!({"do": "pick", "item": item}),
        json!({"do": "activate", "item": item}),
        json!({"do": "park", "item": item}),
        json!({"do": "transfer", "chat": chat, "to": {"kind": "queue", "id": queue}, "note": ""}),
        json!({"do": "transfer", "chat": chat, "to": {"kind": "agent", "id": agent}, "note": ""}),
        json!({"do": "transfer_call", "call": chat, "queue": queue}),
        json!({"do": "end", "chat": chat}),
        json!({"do": "finish", "item": item}),
        json!({"do": "extend_wrap_up", "item": item}),
        json!({"do": "say", "chat": chat, "text": "not yours"}),
        json!({"do": "note", "chat": chat, "text": "not yours"}),
        json!({"do": "read", "chat": chat, "number": 1}),
        json!({"do": "decline", "offer": {"call": chat, "agent": agent, "attempt": 1}}),
        json!({"do": "hang_up", "call": chat}),
    ]
}

/// What concerns nobody but whoever says it.
const OWN: [&str; 3] = ["log_in", "log_out", "take_break"];

#[test]
fn every_command_is_walked() {
    let why = AgentCommand::deserialize(json!({"do": "?"})).unwrap_err().to_string();
    let known: BTreeSet<String> = why.split('`').skip(3).step_by(2).map(str::to_owned).collect();
    let walked = commands(1, 1, 1).into_iter().map(|command| command["do"].as_str().unwrap().to_owned());
    assert_eq!(walked.chain(OWN.map(str::to_owned)).collect::<BTreeSet<_>>(), known, "{why}");
}

/// An agent's screen, but for what differs each time.
fn screen(http: SocketAddr, name: &str, client: &str) -> (WebSocket, Value) {
    let (socket, mut snapshot) = WebSocket::agent(http, &base64(&format!("{name}:{PASSWORD}")), client);
    for key in ["seq", "now"] {
        snapshot.as_object_mut().unwrap().remove(key);
    }
    (socket, snapshot)
}

#[test]
fn no_command_reaches_another_companys_chat_whatever_the_role() {
    let service = "[[chat_service]]\ntoken = \"shop\"\nqueue = \"Service\"\n";
    let ours =
        company(1, service).replace("login_name = \"agent-0\"", "login_name = \"agent-0\"\nqueues = [\"Service\"]");
    let theirs = format!("[company]\nname = \"Bergbahn\"\n[[queue]]\nname = \"Lift\"\n{ROLES}{}", people());
    let daemon = Daemon::start_in(tempfile::tempdir().unwrap(), &[&ours, &theirs], &[]);
    let http = daemon.http;
    let (mut desk, _) = screen(http, "agent-0", "desk-of-agent-0");
    assert_eq!(desk.command(1, json!({"do": "log_in"})), None);
    let (mut visitor, _) = WebSocket::visitor(http, "shop", &"1".repeat(32), "tab-of-visitor");
    assert_eq!(visitor.command(1, json!({"do": "say", "text": "Guten Tag"})), None);
    let waiting = desk.shown("queue", |frame| frame["waiting"].as_array().is_some_and(|waiting| !waiting.is_empty()));
    let item = waiting["waiting"][0]["item"].clone();
    assert_eq!(desk.command(2, json!({"do": "pick", "item": item})), None);
    let chat = item["id"].as_u64().unwrap();
    desk.shown("chat", |frame| frame["chat"]["chat"] == chat);
    let (control, before) = screen(http, "agent-0", "another-desk");
    drop(control);

    for role in EACH {
        let (mut stranger, snapshot) =
            WebSocket::agent(http, &credentials(role), &format!("desk-of-{}", role.replace(' ', "-")));
        assert!(!snapshot.to_string().contains("Service"), "{role}: {snapshot}");
        let answers = !["sees all", "may nothing"].contains(&role);
        let logs_in = stranger.command(1, json!({"do": "log_in"}));
        assert_eq!(logs_in.as_deref(), (!answers).then_some("forbidden"), "{role}");
        for (id, command) in (2..).zip(commands(chat, 1, 1)) {
            let refused = stranger.command(id, command.clone());
            assert!(refused.is_some(), "{role}: {command} was done");
        }
    }
    let (mut again, after) = screen(http, "agent-0", "a-third-desk");
    assert_eq!(after, before);
    assert_eq!(again.command(1, json!({"do": "say", "chat": chat, "text": "Guten Tag"})), None, "the control");
}

fn edit(http: SocketAddr, role: &str, line: &str, body: &Value) -> Answer {
    send_as(http, &role.replace(' ', "-"), line, "", body)
}

#[test]
fn a_role_that_is_given_or_changed_holds_at_once_and_nobody_gives_more_than_they_have() {
    let file = format!("[company]\nname = \"Bergbahn\"\n[[queue]]\nname = \"Lift\"\n{ROLES}{}", people());
    let daemon = Daemon::start_in(tempfile::tempdir().unwrap(), &[&file], &[]);
    let http = daemon.http;
    let chief = |line: &str, body: Value| {
        let answer = edit(http, "administrator", line, &body);
        assert!(matches!(answer.status, 200 | 201), "{line}: {}", answer.text());
        answer.json()
    };
    let status = |role: &str, line: &str| edit(http, role, line, &Value::Null).status;
    let (mut desk, _) = WebSocket::agent(http, &credentials("agent"), "desk-of-agent");
    assert_eq!(desk.command(1, json!({"do": "log_in"})), None);
    assert_eq!(status("agent", "GET /api/v1/queues"), 403);

    let made = chief("POST /api/v1/company/roles", json!({"name": "heads", "answers": false, "work": "read_queues"}));
    let place = format!("/api/v1/company/roles/{}", made["thing"]["id"].as_str().unwrap());
    chief("PATCH /api/v1/company/agents/1", json!({"role": ["agent", "heads"]}));
    assert_eq!(status("agent", "GET /api/v1/queues"), 200);
    assert_eq!(edit(http, "agent", "GET /api/v1/queues", &Value::Null).json()[0]["name"], "Lift");
    chief("PATCH /api/v1/company/agents/1", json!({"role": ["heads"]}));
    // No calls or chats come to them any more.
    while desk.reply("snapshot")["queues"] != json!([]) {}
    assert_eq!(desk.command(2, json!({"do": "log_out"})), None);
    assert_eq!(desk.command(3, json!({"do": "log_in"})).as_deref(), Some("forbidden"));
    chief(&format!("PATCH {place}"), json!({"work": null, "answers": true}));
    assert_eq!(status("agent", "GET /api/v1/queues"), 403);
    assert_eq!(desk.command(4, json!({"do": "log_in"})), None);

    let office = json!({"name": "office", "company": "change"});
    chief("POST /api/v1/company/roles", office);
    chief("PATCH /api/v1/company/agents/1", json!({"role": ["office"]}));
    let refused = |line: &str, body: Value| {
        let answer = edit(http, "agent", line, &body);
        assert_eq!(answer.status, 422, "{line}: {}", answer.text());
        answer.json()["refusals"][0]["message"].as_str().unwrap().to_owned()
    };
    let more = "lets them do more than you may yourself (ask somebody who may)";
    for dry in ["", "?dry_run=true"] {
        let own = format!("PATCH /api/v1/company/agents/1{dry}");
        assert_eq!(refused(&own, json!({"role": ["administrator"]})), more);
    }
    assert_eq!(refused("POST /api/v1/company/roles", json!({"name": "strong", "audit": "read"})), more);
    assert!(refused("PATCH /api/v1/company/roles/1", json!({"audit": "read"})).contains("every company has"));
    assert_eq!(edit(http, "agent", "POST /api/v1/company/queues", &json!({"name": "New"})).status, 201, "the control");
}

#[test]
fn of_queues_that_somebody_does_not_serve_they_see_and_change_nothing() {
    let tickets = "[[queue]]\nname = \"Tickets\"\n";
    let people = people().replace("role = \"may nothing\"", "role = \"leads\"");
    let hash = Secret::hash(PASSWORD).unwrap().0;
    let far = format!("[[agent]]\nlogin_name = \"far\"\npassword_hash = \"{hash}\"\nqueues = [\"Tickets\"]\n");
    let file = format!("[company]\nname = \"Bergbahn\"\n[[queue]]\nname = \"Lift\"\n{tickets}{ROLES}{people}{far}");
    let daemon = Daemon::start_in(tempfile::tempdir().unwrap(), &[&file], &[]);
    let http = daemon.http;
    let task = json!({"channel": "callback", "text": "x"});
    let item = |queue: u32| {
        let made = edit(http, "administrator", &format!("POST /api/v1/queues/{queue}/tasks"), &task);
        made.json()["item"].as_str().unwrap().replace(' ', ":")
    };
    let [near, distant] = [1, 2].map(item);
    let names = |what: &str, key: &str| -> Vec<String> {
        let list = edit(http, "may nothing", &format!("GET /api/v1/{what}"), &Value::Null).json();
        list.as_array().unwrap().iter().map(|one| one[key].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("queues", "name"), ["Lift"]);
    assert!(!names("agents", "name").contains(&"far".to_owned()) && names("agents", "name").len() == EACH.len());
    let to = json!({"queue": 1});
    let out = json!({"presence": "logged_out"});
    for (line, body, status) in [
        ("GET /api/v1/queues/1/outlook".to_owned(), &Value::Null, 200),
        ("GET /api/v1/queues/2/outlook".to_owned(), &Value::Null, 403),
        ("POST /api/v1/queues/1/tasks".to_owned(), &task, 201),
        ("POST /api/v1/queues/2/tasks".to_owned(), &task, 403),
        ("GET /api/v1/calls?queue=1".to_owned(), &Value::Null, 200),
        ("GET /api/v1/calls?queue=2".to_owned(), &Value::Null, 403),
        ("GET /api/v1/calls".to_owned(), &Value::Null, 403),
        (format!("GET /api/v1/items/{near}/why"), &Value::Null, 200),
        (format!("GET /api/v1/items/{distant}/why"), &Value::Null, 403),
        (format!("GET /api/v1/items/{distant}/transcript"), &Value::Null, 409),
        // An administrator does it then.
        (format!("POST /api/v1/items/{distant}/move"), &to, 403),
        ("POST /api/v1/queues/2/overflow".to_owned(), &to, 403),
        ("PUT /api/v1/agents/agent/presence".to_owned(), &out, 204),
        ("PUT /api/v1/agents/far/presence".to_owned(), &out, 403),
    ] {
        let answer = edit(http, "may nothing", &line, body);
        assert_eq!(answer.status, status, "{line}: {}", answer.text());
        let control = edit(http, "administrator", &line, body).status;
        assert!(control < 300, "{line} by an administrator: {control}");
    }
}
