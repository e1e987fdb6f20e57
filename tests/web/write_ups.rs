//! What agents write of an item: kept while they write, in its record afterwards, found again, and nobody else's.

use super::client::{Answer, ask, base64};
use super::document::Document;
use super::{PASSWORD, company};
use crate::process::Daemon;
use crate::websocket::WebSocket;
use serde_json::{Value, json};

const MORE: &str = r#"
[[chat_service]]
token = "shop"
queue = "Service"
[[classification]]
code = "order"
label = "Bestellung"
[[classification]]
code = "late"
label = "Verspätung"
parent = "order"
[[classification]]
code = "lost"
parent = "order"
"#;

/// A chat that agent-0 has, and what its visitor wrote.
struct Chat {
    item: String,
    agent: WebSocket,
    id: u64,
}

fn as_(name: &str) -> String {
    format!("authorization: Basic {}\ncontent-type: application/json", base64(&format!("{name}:{PASSWORD}")))
}

fn get(daemon: &Daemon, name: &str, path: &str) -> Answer {
    ask(daemon.http, &format!("GET /api/v1/{path}"), &as_(name), "")
}

fn put(daemon: &Daemon, name: &str, item: &str, (version, note, about): (u64, &str, &[u64])) -> Answer {
    let body = json!({"version": version, "note": note, "classifications": about});
    ask(daemon.http, &format!("PUT /api/v1/items/{item}/write-up"), &as_(name), &body.to_string())
}

fn chatting(daemon: &Daemon) -> Chat {
    let (mut visitor, _) = WebSocket::visitor(daemon.http, "shop", &format!("{:032}", 7), "visitors-tab");
    assert_eq!(visitor.command(1, json!({"do": "say", "text": "Wo bleibt mein Rad?"})), None);
    let (mut agent, snapshot) = WebSocket::agent(daemon.http, &base64(&format!("agent-0:{PASSWORD}")), "agents-desk");
    let id = snapshot["queues"][0]["waiting"][0]["item"]["id"].as_u64().unwrap_or_else(|| panic!("{snapshot}"));
    assert_eq!(agent.command(1, json!({"do": "log_in"})), None);
    assert_eq!(agent.command(2, json!({"do": "pick", "item": {"kind": "chat", "id": id}})), None);
    Chat { item: format!("chat:{id}"), agent, id }
}

fn over(chat: &mut Chat) {
    let item = json!({"kind": "chat", "id": chat.id});
    assert_eq!(chat.agent.command(3, json!({"do": "end", "chat": chat.id})), None);
    assert_eq!(chat.agent.command(4, json!({"do": "finish", "item": item})), None);
}

fn codes(view: &Value, key: &str) -> Vec<String> {
    view[key].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_is_written_of_a_chat_is_kept_at_once_stands_in_its_record_and_is_found_by_its_words() {
    let company = company(2, MORE)
        .replace("[[queue]]\nname = \"Service\"\n", "[[queue]]\nname = \"Service\"\nchat_wrap_up_s = 60\n");
    let company = company.replace("login_name = \"agent-0\"\n", "login_name = \"agent-0\"\nqueues = [\"Service\"]\n");
    let daemon = Daemon::of(&company.replace("\"supervisor\"", "\"administrator\""), &[], None);
    let mut chat = chatting(&daemon);
    let begun = get(&daemon, "agent-0", &format!("items/{}/write-up", chat.item)).json();
    assert_eq!((begun["version"].as_u64(), codes(&begun, "choices")), (Some(0), vec!["lost".into(), "late".into()]));
    assert_eq!(begun["choices"][1]["path"], json!(["Bestellung", "Verspätung"]));
    let [lost, late] = [0, 1].map(|at| begun["choices"][at]["classification"].as_u64().unwrap());

    let kept = put(&daemon, "agent-0", &chat.item, (0, "Das Rad kommt Dienst", &[late]));
    assert_eq!((kept.status, kept.json()["version"].as_u64()), (200, Some(1)), "{}", kept.text());
    assert_eq!(put(&daemon, "agent-0", &chat.item, (0, "x", &[])).json()["code"], "stale", "another tab was faster");
    assert_eq!(put(&daemon, "agent-0", &chat.item, (1, "x", &[99])).json()["code"], "malformed", "no such choice");
    for (name, status) in [("agent-1", 409), ("boss", 200)] {
        assert_eq!(get(&daemon, name, &format!("items/{}/write-up", chat.item)).status, status, "{name}");
    }

    let daemon = daemon.killed_and_started_again(&[]);
    (chat.agent, _) = WebSocket::agent(daemon.http, &base64(&format!("agent-0:{PASSWORD}")), "agents-desk");
    let after = get(&daemon, "agent-0", &format!("items/{}/write-up", chat.item)).json();
    assert_eq!(
        (after["note"].as_str(), codes(&after, "classifications")),
        (Some("Das Rad kommt Dienst"), vec!["late".into()])
    );
    assert_eq!(put(&daemon, "agent-0", &chat.item, (1, "Das Rad kommt Dienstag.", &[late])).status, 200);
    over(&mut chat);

    let document = Document::of(daemon.http);
    let found = |query: &str| -> usize {
        let answer = get(&daemon, "agent-0", &format!("items?{query}"));
        document.check("GET /api/v1/items", &answer);
        answer.json()["items"].as_array().unwrap().len()
    };
    assert_eq!(get(&daemon, "agent-1", "items").json()["items"], json!([]), "each has their own");
    let [of_late, of_lost] = [late, lost].map(|id| format!("classification={id}"));
    for (query, count) in [
        ("", 1),
        ("text=dienstag", 1),
        ("text=rad+DIENST", 1),
        ("text=verspaet", 1),
        ("text=mittwoch", 0),
        ("text=dienstag+mittwoch", 0),
        ("queue=1", 1),
        (of_late.as_str(), 1),
        (of_lost.as_str(), 0),
        ("to=1", 0),
    ] {
        assert_eq!(found(query), count, "{query}");
    }
    let said = get(&daemon, "agent-0", &format!("items/{}/transcript", chat.item)).json();
    assert_eq!((said["messages"][0]["text"].as_str(), &said["earlier"]), (Some("Wo bleibt mein Rad?"), &Value::Null));
    assert_eq!(get(&daemon, "agent-1", &format!("items/{}/transcript", chat.item)).status, 409);

    // An edit of what was finished.
    let edited = put(&daemon, "agent-0", &chat.item, (2, "Das Rad kommt am Mittwoch.", &[lost]));
    assert_eq!(edited.status, 200, "{}", edited.text());
    assert_eq!((found("text=mittwoch"), found(&of_late)), (1, 0));
    let csv = ask(daemon.http, "GET /api/v1/calls?kind=chat&format=csv", &as_("boss"), "").text();
    assert!(csv.contains(",lost,Das Rad kommt am Mittwoch."), "{csv}");
    let calls = get(&daemon, "boss", &format!("calls?kind=chat&classification={lost}")).json();
    assert_eq!(calls["calls"][0]["note"], "Das Rad kommt am Mittwoch.");
    let audit = get(&daemon, "boss", "company/audit?kind=record");
    assert_eq!(audit.json()["entries"].as_array().map(Vec::len), Some(1), "while it was theirs nothing was edited");
    assert!(audit.text().contains("agent-0") && !audit.text().contains("Mittwoch"), "{}", audit.text());
}

#[test]
fn whoever_changes_their_password_says_the_old_one_and_is_logged_out_everywhere_else() {
    let daemon = Daemon::of(&company(1, ""), &[], None);
    let cookie = |password: &str| {
        let body = json!({"name": "agent-0", "password": password}).to_string();
        let headers = "content-type: application/json\nuser-agent: A browser";
        let answer = ask(daemon.http, "POST /api/v1/sessions", headers, &body);
        answer.header("set-cookie").map(|cookie| format!("cookie: {}", cookie.split(';').next().unwrap()))
    };
    let [mine, other, third] = [0, 1, 2].map(|_| cookie(PASSWORD).unwrap());
    let sessions = || ask(daemon.http, "GET /api/v1/sessions", &mine, "").json();
    assert_eq!(sessions().as_array().unwrap().len(), 3);
    assert_eq!(sessions()[0]["browser"], "A browser");
    let all = sessions();
    let ended = all.as_array().unwrap().iter().find(|one| one["current"] == false).unwrap()["id"].as_str().unwrap();
    assert_eq!(ask(daemon.http, &format!("DELETE /api/v1/sessions/{ended}"), &mine, "").status, 204);
    assert_eq!(sessions().as_array().unwrap().len(), 2);

    let change = |old: &str, new: &str| {
        let headers = format!("{mine}\ncontent-type: application/json");
        ask(daemon.http, "PUT /api/v1/password", &headers, &json!({"old": old, "new": new}).to_string())
    };
    for (old, new, key) in
        [("wrong", "another password", "old"), (PASSWORD, "short", "new"), (PASSWORD, "Sommer2026!", "new")]
    {
        let refused = change(old, new);
        assert_eq!(
            (refused.status, refused.json()["refusals"][0]["key"].as_str()),
            (422, Some(key)),
            "{}",
            refused.text()
        );
    }
    assert_eq!(change(PASSWORD, "another password").status, 204);
    let is_in = |cookie: &str| ask(daemon.http, "GET /api/v1/sessions/current", cookie, "").status == 200;
    assert_eq!([&mine, &other, &third].map(|cookie| is_in(cookie)), [true, false, false]);
    assert_eq!((cookie(PASSWORD).is_some(), cookie("another password").is_some()), (false, true));
}

#[test]
fn what_somebody_sets_for_their_screens_is_theirs_and_there_at_the_next_log_in() {
    let daemon = Daemon::of(&company(2, ""), &[], None);
    let set = |body: &str| ask(daemon.http, "PUT /api/v1/preferences", &as_("agent-0"), body);
    assert_eq!(get(&daemon, "agent-0", "preferences").json()["send_with"], "enter");
    assert_eq!(set("{\"send_with\":\"ctrl_enter\",\"density\":\"compact\"}").status, 200);
    assert_eq!(set("{\"send_with\":\"a_carrier_pigeon\"}").status, 400);
    let daemon = daemon.killed_and_started_again(&[]);
    let mine = get(&daemon, "agent-0", "preferences").json();
    assert_eq!((&mine["send_with"], &mine["sound_ringing"]), (&json!("ctrl_enter"), &json!(true)));
    assert_eq!(get(&daemon, "agent-1", "preferences").json()["density"], "comfortable");
}
