//! Ten administrators change a company while ten agents and their visitors work in it, all of them at once and by dice: the
//! laws hold, what the audit tells comes to what is stored, and nobody who works notices.
//! Never expects an order: what one finds that another was faster with is an answer like any other.

use super::client::{base64, send_as};
use super::{PASSWORD, company};
use crate::journal::verify::look;
use crate::process::Daemon;
use crate::websocket::{Heard, WebSocket};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::thread;
use vorrang::store::{Hashed as _, Secret};

const ADMINISTRATORS: usize = 10;
const AGENTS: usize = 10;
const VISITORS: usize = 6;
/// How much each of them does; `RUSH` of the environment times that.
const CHANGES: usize = 40;
const DEEDS: usize = 80;

/// What an agent is answered whose screen was a moment behind, or who may not do it just now.
const CROSSED: [&str; 11] = [
    "taken",
    "maximum_reached",
    "logged_out",
    "on_break",
    "not_available",
    "unserved",
    "not_yours",
    "chat_over",
    "wrong_state",
    "extended",
    "awaited",
];

fn times() -> usize {
    std::env::var("RUSH").map_or(1, |times| times.parse().expect("RUSH is a number"))
}

/// Dice of their own for everybody, the same in every run.
fn dice(role: u64, number: usize) -> StdRng {
    StdRng::seed_from_u64(role * 1_000 + number as u64)
}

fn one_of<'a, T>(dice: &mut StdRng, from: &'a [T]) -> &'a T {
    &from[dice.random_range(0..from.len())]
}

fn list(http: SocketAddr, kind: &str) -> Vec<Value> {
    let answer = send_as(http, "chief-0", &format!("GET /api/v1/company/{kind}"), "", &Value::Null);
    assert_eq!(answer.status, 200, "{kind}: {}", answer.text());
    answer.json().as_array().unwrap().clone()
}

/// One change by dice: what is asked for.
fn change(http: SocketAddr, who: &str, dice: &mut StdRng) -> (String, Value) {
    let number = dice.random_range(0..6_u32);
    let pick = |dice: &mut StdRng, kind: &str, ours: &str| {
        let all = list(http, kind);
        let all: Vec<&Value> = all.iter().filter(|one| one["name"].as_str().unwrap().starts_with(ours)).collect();
        (!all.is_empty()).then(|| one_of(dice, &all)["id"].as_str().unwrap().to_owned())
    };
    let place = |kind: &str, id: Option<String>| format!("{kind}/{}", id.unwrap_or_else(|| "4711".to_owned()));
    let (method, place, body) = match dice.random_range(0..13_u32) {
        0 => ("PATCH", "queues/1".to_owned(), json!({"ring_s": 10 + number, "waiting_max": null})),
        1 => ("PATCH", place("queues", pick(dice, "queues", "")), json!({"push": ["chat"], "chats_max": 1 + number})),
        2 => ("POST", "queues".to_owned(), json!({"name": format!("queue {who} {number}"), "overflow": "Service"})),
        3 => {
            let id = pick(dice, "queues", "queue ");
            ("PATCH", place("queues", id), json!({"name": format!("queue of {number}"), "overflow": "Service"}))
        }
        4 => ("DELETE", place("queues", pick(dice, "queues", "queue ")), Value::Null),
        5 => {
            let queues = list(http, "queues");
            let names: Vec<&Value> = queues.iter().map(|queue| &queue["name"]).filter(|_| dice.random()).collect();
            let mut names: Vec<Value> = names.into_iter().cloned().collect();
            if !names.contains(&json!("Service")) {
                names.push(json!("Service"));
            }
            ("PATCH", place("agents", pick(dice, "agents", "agent-")), json!({"queues": names}))
        }
        6 => {
            let person = json!({"login_name": format!("new {who} {number}"), "password": PASSWORD, "chats_max": 2});
            ("POST", "agents".to_owned(), person)
        }
        7 => ("PATCH", place("agents", pick(dice, "agents", "new ")), json!({"active": number > 2})),
        8 => ("DELETE", place("agents", pick(dice, "agents", "new ")), Value::Null),
        9 => ("POST", "templates".to_owned(), json!({"name": format!("text {number}"), "text": "Guten Tag"})),
        10 => ("DELETE", place("templates", pick(dice, "templates", "")), Value::Null),
        11 => (
            "PATCH",
            "services/1".to_owned(),
            json!({"widget": {"texts": {"de": {"greeting": format!("Moin {number}")}}}}),
        ),
        _ => ("POST", "break_reasons".to_owned(), json!({"name": format!("pause {who} {number}")})),
    };
    (format!("{method} /api/v1/company/{place}"), body)
}

/// An administrator's part: how many differences were made.
fn administrates(http: SocketAddr, number: usize) -> usize {
    let who = format!("chief-{number}");
    let mut dice = dice(1, number);
    let mut made = 0;
    for _ in 0..CHANGES * times() {
        let (line, body) = change(http, &who, &mut dice);
        let answer = send_as(http, &who, &line, "", &body);
        match answer.status {
            200 | 201 => made += answer.json()["differences"].as_array().unwrap().len(),
            // Somebody else has removed it, or changed what it rests on, or it is used.
            404 | 412 | 422 => assert!(!answer.json()["detail"].as_str().unwrap().is_empty()),
            other => panic!("{line} {body}: {other} {}", answer.text()),
        }
    }
    made
}

/// What an agent sees of what there is to do.
#[derive(Default)]
struct Seen {
    waiting: BTreeMap<u64, Vec<Value>>,
    chats: BTreeMap<u64, Value>,
}

impl Seen {
    fn hears(&mut self, reply: &Value) {
        let waiting = |queue: &Value| (queue["queue"].as_u64().unwrap(), queue["waiting"].as_array().unwrap().clone());
        let chat = |chat: &Value| (chat["chat"].as_u64().unwrap(), chat.clone());
        if reply["type"] == "snapshot" {
            self.waiting = reply["queues"].as_array().unwrap().iter().map(waiting).collect();
            self.chats = reply["chats"].as_array().unwrap().iter().map(chat).collect();
        }
        let frame = &reply["frame"];
        match frame["kind"].as_str() {
            Some("chat") => self.chats.extend([chat(&frame["chat"])]),
            Some("chat_gone") => _ = self.chats.remove(&frame["chat"].as_u64().unwrap()),
            Some("queue") => {
                let queue = self.waiting.entry(frame["queue"].as_u64().unwrap()).or_default();
                let (new, left) = (frame["waiting"].as_array().unwrap(), frame["left"].as_array().unwrap());
                queue.retain(|old| !left.contains(&old["item"]) && !new.iter().any(|one| one["item"] == old["item"]));
                queue.extend(new.iter().cloned());
            }
            Some("queues") => self.waiting = frame["queues"].as_array().unwrap().iter().map(waiting).collect(),
            _ => {}
        }
    }

    /// What to do next.
    fn deed(&self, dice: &mut StdRng) -> Value {
        let waiting: Vec<&Value> = self.waiting.values().flatten().collect();
        let chats: Vec<u64> = self.chats.keys().copied().collect();
        match dice.random_range(0..20_u32) {
            0 => return json!({"do": "take_break", "reason": 0}),
            1 => return json!({"do": "log_out"}),
            2..6 => return json!({"do": "log_in"}),
            6..9 if !waiting.is_empty() => return json!({"do": "pick", "item": one_of(dice, &waiting)["item"]}),
            _ => {}
        }
        if chats.is_empty() {
            return json!({"do": "log_in"});
        }
        let chat = *one_of(dice, &chats);
        let item = json!({"kind": "chat", "id": chat});
        match dice.random_range(0..9_u32) {
            0 => json!({"do": "park", "item": item}),
            1 | 2 => json!({"do": "activate", "item": item}),
            3 | 4 => json!({"do": "say", "chat": chat, "text": "Einen Augenblick"}),
            5 => json!({"do": "note", "chat": chat, "text": "ruft morgen an"}),
            6 => json!({"do": "end", "chat": chat}),
            7 => json!({"do": "transfer", "chat": chat, "to": {"kind": "queue", "id": 1}, "note": ""}),
            _ => json!({"do": "finish", "item": item}),
        }
    }
}

/// An agent's part: how many chats they had in their hands.
fn works(http: SocketAddr, number: usize) -> usize {
    let (mut dice, mut seen, mut had) = (dice(2, number), Seen::default(), std::collections::BTreeSet::new());
    let credentials = base64(&format!("agent-{number}:{PASSWORD}"));
    let (mut desk, snapshot) = WebSocket::agent(http, &credentials, &format!("desk-of-{number}"));
    seen.hears(&snapshot);
    for id in 1..=(DEEDS * times()) as u64 {
        let command = if id == 1 { json!({"do": "log_in"}) } else { seen.deed(&mut dice) };
        desk.send(&json!({"type": "command", "id": id, "command": command}));
        loop {
            let Heard::Reply(reply) = desk.hear() else { panic!("agent {number} lost the connection") };
            seen.hears(&reply);
            had.extend(seen.chats.keys().copied());
            if reply["type"] == "answer" && reply["id"] == id {
                let code = reply["problem"]["code"].as_str();
                assert!(code.is_none_or(|code| CROSSED.contains(&code)), "agent {number}: {command}: {reply}");
                break;
            }
        }
    }
    had.len()
}

/// A visitor's part: one chat after another.
fn visits(http: SocketAddr, number: usize) {
    let mut dice = dice(3, number);
    for round in 0..8 * times() {
        let session = format!("{:032x}", 1 + number * 1_000 + round);
        let (mut tab, _) = WebSocket::visitor(http, "shop", &session, &format!("visitors-tab-{number}-{round}"));
        let says = dice.random_range(1..4_u64);
        for id in 1..=says {
            let problem = tab.command(id, json!({"do": "say", "text": "Ist da wer?"}));
            assert!(matches!(problem.as_deref(), None | Some("chat_over")), "visitor {number}: {problem:?}");
        }
        let problem = tab.command(says + 1, json!({"do": "leave"}));
        assert!(matches!(problem.as_deref(), None | Some("chat_over")), "visitor {number}: {problem:?}");
    }
}

/// Each kind in addresses, in the audit, and the key of its name.
const KINDS: [(&str, &str, &str); 7] = [
    ("queues", "queue", "name"),
    ("agents", "agent", "login_name"),
    ("services", "chat_service", "token"),
    ("break_reasons", "break reason", "name"),
    ("templates", "template", "name"),
    ("classifications", "classification", "code"),
    ("numbers", "number", "number"),
];

/// All things with their settings, by kind and name.
type Things = BTreeMap<(String, String), Map<String, Value>>;

fn things(http: SocketAddr) -> Things {
    let named = |(plural, kind, _): (&str, &str, &str)| {
        let of_kind = |one: Value| {
            let name = one["name"].as_str().unwrap().to_owned();
            ((kind.to_owned(), name), one["settings"].as_object().unwrap().clone())
        };
        list(http, plural).into_iter().map(of_kind).collect::<Vec<_>>()
    };
    KINDS.into_iter().flat_map(named).collect()
}

/// The audit, oldest first.
fn audit(http: SocketAddr) -> Vec<Value> {
    let (mut all, mut query) = (vec![], "?limit=1000".to_owned());
    loop {
        let page = send_as(http, "chief-0", &format!("GET /api/v1/company/audit{query}"), "", &Value::Null).json();
        all.extend(page["entries"].as_array().unwrap().iter().map(|entry| entry["change"].clone()));
        let Some(next) = page["next"].as_str() else { break };
        query = format!("?limit=1000&cursor={next}");
    }
    all.reverse();
    all
}

/// What comes of things by what the audit tells.
fn told(mut things: Things, audit: &[Value]) -> Things {
    for change in audit {
        let kind = change["kind"].as_str().unwrap().to_owned();
        let Some((_, _, named)) = KINDS.into_iter().find(|(_, audited, _)| *audited == kind) else { continue };
        let (from, to) = (change["from"].as_object().unwrap(), change["to"].as_object().unwrap());
        let name =
            |settings: &Map<String, Value>| settings.get(named).unwrap_or(&change["name"]).as_str().unwrap().to_owned();
        let mut settings = things.remove(&(kind.clone(), name(from))).unwrap_or_default();
        settings.retain(|key, _| !from.contains_key(key));
        settings.extend(to.clone());
        if change["what"] != "removed" {
            settings.insert(named.to_owned(), json!(name(to)));
            // Nobody is shown one.
            settings.remove("password_hash");
            things.insert((kind, name(to)), settings);
        }
    }
    things
}

#[test]
fn ten_administrators_change_a_company_while_ten_agents_work_in_it() {
    let hash = Secret::hash(PASSWORD).unwrap().0;
    let chief = |number| {
        format!("[[agent]]\nlogin_name = \"chief-{number}\"\nrole = \"administrator\"\npassword_hash = \"{hash}\"\n")
    };
    let chiefs: String = (0..ADMINISTRATORS).map(chief).collect();
    let service = "[[chat_service]]\nname = \"Shop\"\ntoken = \"shop\"\nqueue = \"Service\"\n";
    let settings =
        [("LIMITS__NEW_CHATS_PER_SOURCE_PER_MINUTE", "10000"), ("LIMITS__MESSAGES_PER_SOURCE_PER_SECOND", "1000")];
    let daemon = Daemon::of(&company(AGENTS, &format!("{service}{chiefs}")), &settings, None);
    let http = daemon.http;
    let (before, told_before) = (things(http), audit(http).len());

    let (made, had) = thread::scope(|scope| {
        let chiefs: Vec<_> =
            (0..ADMINISTRATORS).map(|number| scope.spawn(move || administrates(http, number))).collect();
        let agents: Vec<_> = (0..AGENTS).map(|number| scope.spawn(move || works(http, number))).collect();
        let visitors: Vec<_> = (0..VISITORS).map(|number| scope.spawn(move || visits(http, number))).collect();
        visitors.into_iter().for_each(|visitor| visitor.join().unwrap());
        let sum = |parts: Vec<thread::ScopedJoinHandle<'_, usize>>| -> usize {
            parts.into_iter().map(|part| part.join().unwrap()).sum()
        };
        (sum(chiefs), sum(agents))
    });
    assert!(made > CHANGES && had > 0, "{made} changes, {had} chats");

    let (after, audit) = (things(http), audit(http));
    assert_eq!(audit.len() - told_before, made, "an entry for each change");
    let changes = &audit[told_before..];
    let comes_to = told(before.clone(), changes);
    assert_eq!(comes_to.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    for (name, settings) in &after {
        assert_eq!(&comes_to[name], settings, "{name:?}");
    }
    let last = changes.iter().rposition(|change| change["what"] != "changed").unwrap();
    let without = [&changes[..last], &changes[last + 1..]].concat();
    assert_ne!(told(before, &without), after, "an entry that is missing is noticed");

    let daemon = daemon.killed_and_started_again(&settings);
    assert_eq!(things(daemon.http), after, "the rows say what the daemon said");
    let file = crate::company::exported(&daemon);
    let elsewhere = Daemon::start_in(tempfile::tempdir().unwrap(), &[&file], &settings);
    assert_eq!(crate::company::exported(&elsewhere), file, "what the screens have set is all in the file");
    let (counts, problems) = look(&daemon.database());
    assert_eq!(problems, [] as [String; 0]);
    assert!(counts.records > 0);
}
