//! A company changed by its administrators over the API while the daemon runs: what holds at once, what is refused, and what
//! is left behind.

use super::client::{Answer, base64, send_as};
use super::document::Document;
use super::{PASSWORD, company};
use crate::process::Daemon;
use crate::websocket::{Heard, WebSocket};
use serde_json::{Value, json};
use vorrang::store::{Hashed as _, Secret};

/// A company with an administrator `chief`.
fn daemon() -> Daemon {
    let hash = Secret::hash(PASSWORD).unwrap().0;
    let chief = format!("[[agent]]\nlogin_name = \"chief\"\nrole = \"administrator\"\npassword_hash = \"{hash}\"\n");
    Daemon::of(&company(1, &chief), &[], None)
}

/// Asks as the administrator, with more headers.
fn edit(daemon: &Daemon, line: &str, headers: &str, body: &Value) -> Answer {
    send_as(daemon.http, "chief", line, headers, body)
}

fn done(daemon: &Daemon, line: &str, body: &Value) -> Value {
    let answer = edit(daemon, line, "", body);
    assert!(matches!(answer.status, 200 | 201), "{line}: {}", answer.text());
    answer.json()
}

const NOTHING: &Value = &Value::Null;

#[test]
fn a_queue_is_made_served_and_removed_while_everybody_works() {
    let daemon = daemon();
    let (mut desk, first) = WebSocket::agent(daemon.http, &base64(&format!("agent-0:{PASSWORD}")), "desk-of-agent-0");
    assert_eq!(first["destinations"].as_array().unwrap().len(), 1);
    assert_eq!(desk.command(1, json!({"do": "log_in"})), None);

    let settings = json!({"name": "Sales", "push": ["chat"], "wait_max_s": null, "ring_s": 15});
    let planned = edit(&daemon, "POST /api/v1/company/queues?dry_run=true", "", &settings);
    assert_eq!((planned.status, &planned.json()["differences"][0]["what"]), (200, &json!("new")), "{planned:?}");
    let made = edit(&daemon, "POST /api/v1/company/queues", "", &settings);
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(made.header("location"), Some("/api/v1/company/queues/2"), "what was only planned took no id");
    let shown = desk.reply("snapshot");
    let names = |shown: &Value, what: &str| -> Vec<String> {
        shown[what].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&shown, "destinations"), ["Sales", "Service"], "an open desktop shows it at once");
    assert_eq!(names(&shown, "queues"), [] as [&str; 0]);

    done(&daemon, "PATCH /api/v1/company/agents/2", &json!({"queues": ["Sales"], "display_name": "Anna Ader"}));
    assert_eq!(names(&desk.reply("snapshot"), "queues"), ["Sales"]);
    done(&daemon, "POST /api/v1/company/services", &json!({"token": "shop", "queue": "Sales"}));
    let session = "0123456789abcdef0123456789abcdef";
    let (mut visitor, _) = WebSocket::visitor(daemon.http, "shop", session, "tab-of-visitor");
    let pushed = loop {
        let Heard::Reply(reply) = desk.hear() else { panic!("the desktop goes on") };
        if reply["frame"]["kind"] == "chat" {
            break reply["frame"]["chat"].clone();
        }
    };
    assert_eq!(pushed["queue_name"], "Sales", "{pushed}");
    let chat = pushed["chat"].as_u64().unwrap();
    assert_eq!(desk.command(2, json!({"do": "activate", "item": {"kind": "chat", "id": chat}})), None);

    let used = edit(&daemon, "DELETE /api/v1/company/queues/2", "", NOTHING);
    assert_eq!((used.status, used.json()["code"].as_str()), (422, Some("refused")));
    let problem = used.json();
    let refusal = &problem["refusals"][0];
    assert_eq!(refusal["message"], "is still used by chat_service shop (change or remove them first)");
    assert_eq!(
        refusal["message_de"],
        "Wird noch gebraucht von: Chat-Dienst shop. Bitte ändern oder entfernen Sie das zuerst."
    );
    done(&daemon, "DELETE /api/v1/company/services/1", NOTHING);
    done(&daemon, "PATCH /api/v1/company/queues/2", &json!({"overflow": "Service"}));
    done(&daemon, "DELETE /api/v1/company/queues/2", NOTHING);
    loop {
        let shown = desk.reply("snapshot");
        if names(&shown, "destinations") == ["Service"] {
            assert_eq!(shown["chats"][0]["chat"], chat, "what goes on is finished");
            break;
        }
    }
    visitor.send(&json!({"type": "command", "id": 1, "command": {"do": "say", "text": "still there?"}}));
    assert_eq!(visitor.reply("answer")["problem"], Value::Null);
    assert_eq!(desk.command(3, json!({"do": "say", "chat": chat, "text": "yes"})), None);
}

#[test]
fn what_is_set_is_what_is_exported_and_every_change_is_in_the_audit_without_secrets() {
    let daemon = daemon();
    let document = Document::of(daemon.http);
    let check = |line: &str, answer: &Answer| document.check(line, answer);
    done(&daemon, "PATCH /api/v1/company", &json!({"keep_withheld_numbers": true}));
    done(&daemon, "PATCH /api/v1/company/queues/1", &json!({"name": "Help", "ring_s": 15, "waiting_max": 9}));
    done(&daemon, "PATCH /api/v1/company/queues/1", &json!({"waiting_max": null, "head_start_s": {"chat": 60}}));
    let person = json!({
        "login_name": "new", "password": "open sesame", "phone": "new-phone", "phone_password": "the wire's secret",
        "queues": ["Help"], "skills": {"Help": 7}, "chats_max": 2
    });
    done(&daemon, "POST /api/v1/company/agents", &person);
    done(&daemon, "PATCH /api/v1/company/agents/4", &json!({"chats_max": null, "password": "another secret"}));
    done(&daemon, "POST /api/v1/company/numbers", &json!({"number": "+4930", "queue": "Help"}));
    done(
        &daemon,
        "POST /api/v1/company/trunks",
        &json!({"name": "the branch", "user": "branch", "password": "p of it"}),
    );
    done(&daemon, "POST /api/v1/company/services", &json!({"token": "shop", "queue": "Help"}));
    done(&daemon, "POST /api/v1/company/break_reasons", &json!({"name": "lunch"}));
    done(&daemon, "PATCH /api/v1/company/break_reasons/1", &json!({"name": "dinner"}));

    for (line, path) in [
        ("GET /api/v1/company", ""),
        ("GET /api/v1/company/{kind}", "/queues"),
        ("GET /api/v1/company/{kind}", "/agents"),
        ("GET /api/v1/company/{kind}/{id}", "/agents/4"),
        ("GET /api/v1/company/{kind}/{id}", "/numbers/+4930"),
        ("GET /api/v1/company/{kind}/{id}", "/trunks/the%20branch"),
        ("GET /api/v1/company/{kind}", "/services"),
        ("GET /api/v1/company/{kind}", "/break_reasons"),
        ("GET /api/v1/company/audit", "/audit"),
        ("GET /api/v1/company/installation", "/installation"),
    ] {
        let answer = edit(&daemon, &format!("GET /api/v1/company{path}"), "", NOTHING);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        check(line, &answer);
        let secrets = ["argon2", "ha1", "sesame", "secret\"", "p of it"];
        let shown = answer.text().replace("\"(secret)\"", "");
        let shown = shown.replace("phone_ha1_md5", "").replace("phone_ha1_sha256", "");
        let shown = shown.replace("\"ha1_md5\"", "").replace("\"ha1_sha256\"", "");
        assert!(!secrets.iter().any(|secret| shown.contains(secret)), "{path}: {}", answer.text());
    }

    let exported = crate::company::exported(&daemon);
    for line in [
        "keep_withheld_numbers = true",
        "break_reasons = [\"dinner\"]",
        "name = \"Help\"",
        "ring_s = 15",
        "chat = 60",
        "login_name = \"new\"",
        "phone = \"new-phone\"",
        "Help = 7",
        "number = \"+4930\"",
        "user = \"branch\"",
        "token = \"shop\"",
    ] {
        assert!(exported.contains(line), "{line}: {exported}");
    }
    assert!(!exported.contains("waiting_max") && !exported.contains("chats_max"), "{exported}");

    let audit = |query: &str| edit(&daemon, &format!("GET /api/v1/company/audit{query}"), "", NOTHING).json();
    let entries = |page: &Value| page["entries"].as_array().unwrap().clone();
    let of_queue = entries(&audit("?kind=queue&author=chief"));
    assert_eq!(of_queue.len(), 2);
    assert_eq!(of_queue[1]["change"]["from"]["name"], "Service");
    assert_eq!(of_queue[1]["change"]["to"]["name"], "Help");
    assert_eq!((&of_queue[0]["author_kind"], &of_queue[0]["author"]), (&json!("agent"), &json!("chief")));
    let all = entries(&audit(""));
    let (mut paged, mut query) = (vec![], "?limit=4".to_owned());
    loop {
        let page = audit(&query);
        paged.extend(entries(&page));
        let Some(next) = page["next"].as_str() else { break };
        query = format!("?limit=4&cursor={next}");
    }
    assert_eq!(paged, all, "page by page it is the same");
    let new_password = all.iter().find(|entry| entry["change"]["to"]["password_hash"].is_string()).unwrap();
    assert_eq!(new_password["change"]["to"]["password_hash"], "(secret)");
}

#[test]
fn of_two_administrators_at_once_the_second_is_told_and_overwrites_nothing() {
    let daemon = daemon();
    let place = "/api/v1/company/queues/1";
    let seen = edit(&daemon, &format!("GET {place}"), "", NOTHING);
    let tag = seen.header("etag").unwrap().to_owned();
    let matching = format!("if-match: {tag}");
    done(&daemon, "PATCH /api/v1/company/agents/1", &json!({"display_name": "Anna"}));
    let first = edit(&daemon, &format!("PATCH {place}"), &matching, &json!({"ring_s": 15}));
    assert_eq!(first.status, 200, "another thing was changed, which is no matter: {}", first.text());
    let second = edit(&daemon, &format!("PATCH {place}"), &matching, &json!({"ring_s": 20}));
    assert_eq!((second.status, second.json()["code"].as_str()), (412, Some("stale")), "{}", second.text());
    let removal = edit(&daemon, &format!("DELETE {place}"), &matching, NOTHING);
    assert_eq!(removal.status, 412);
    let now = edit(&daemon, &format!("GET {place}"), "", NOTHING);
    assert_eq!(now.json()["settings"]["ring_s"], 15);
    assert_eq!(now.header("etag"), first.header("etag"));
    let again = format!("if-match: {}", now.header("etag").unwrap());
    assert_eq!(edit(&daemon, &format!("PATCH {place}"), &again, &json!({"ring_s": 20})).status, 200);
}

#[test]
fn what_is_wrong_with_a_change_is_said_for_each_field_in_both_languages() {
    let daemon = daemon();
    for (line, body, status, keys) in [
        (
            "POST queues",
            json!({"name": "Q", "chats_max": 0, "push": ["call"], "overflow": "R"}),
            422,
            "push chats_max overflow",
        ),
        ("POST queues", json!({"name": "Service"}), 422, "name"),
        ("POST queues", json!({}), 422, "name"),
        ("POST queues", json!({"name": "Q", "music": "/etc/passwd"}), 422, "music"),
        (
            "POST queues",
            json!({"name": "Q", "announcements": {"language": "de", "welcome": "/etc/passwd"}}),
            422,
            "announcements",
        ),
        ("POST agents", json!({"login_name": "x", "queues": ["R"]}), 422, "password queues"),
        ("POST agents", json!({"login_name": "x", "password": "short"}), 422, "password"),
        ("POST agents", json!({"login_name": "xaver.huber", "password": "Xaver.Huber1"}), 422, "password"),
        ("PATCH trunks/none", json!({"name": "x"}), 404, ""),
        ("PATCH queues/99", json!({"ring_s": 1}), 404, ""),
        ("DELETE agents/99", Value::Null, 404, ""),
        ("POST queues", json!({"name": "Q", "colour": 1}), 400, ""),
        ("POST queues", json!({"name": 7}), 400, ""),
        ("POST queues", json!({"name": "Q", "ring_s": "soon"}), 400, ""),
        ("GET phones", Value::Null, 400, ""),
    ] {
        let (method, place) = line.split_once(' ').unwrap();
        let answer = edit(&daemon, &format!("{method} /api/v1/company/{place}"), "", &body);
        assert_eq!(answer.status, status, "{line} {body}: {}", answer.text());
        let problem = answer.json();
        let refusals = problem["refusals"].as_array().unwrap();
        let found: Vec<&str> = refusals.iter().map(|refusal| refusal["key"].as_str().unwrap()).collect();
        assert_eq!(found, keys.split_whitespace().collect::<Vec<_>>(), "{line} {body}");
        let said = |refusal: &Value, key: &str| !refusal[key].as_str().unwrap().is_empty();
        assert!(refusals.iter().all(|refusal| said(refusal, "message") && said(refusal, "message_de")), "{problem}");
    }
    let queues = edit(&daemon, "GET /api/v1/company/queues", "", NOTHING).json();
    assert_eq!(queues.as_array().unwrap().len(), 1, "nothing of it was made");
}
