//! Customers over the API: found as somebody types, made, changed by two at once, merged, parted and erased.

use super::client::{Answer, ask, base64};
use super::document::Document;
use super::{PASSWORD, company};
use crate::process::Daemon;
use crate::websocket::WebSocket;
use serde_json::{Value, json};
use vorrang::cli::verify::verify;
use vorrang::store::Archive;

const NOTHING: &Value = &Value::Null;

/// Asks as somebody, with more headers.
fn asked(daemon: &Daemon, who: &str, line: &str, headers: &str, body: &Value) -> Answer {
    let credentials = base64(&format!("{who}:{PASSWORD}"));
    let headers = format!("authorization: Basic {credentials}\ncontent-type: application/json\n{headers}");
    let body = if body.is_null() { String::new() } else { body.to_string() };
    ask(daemon.http, &line.replacen(' ', " /api/v1/", 1), &headers, &body)
}

fn done(daemon: &Daemon, line: &str, body: &Value) -> Value {
    let answer = asked(daemon, "agent-0", line, "", body);
    assert!(matches!(answer.status, 200 | 201), "{line}: {}", answer.text());
    answer.json()
}

/// The ids of what was found or listed.
fn ids(found: &Value) -> Vec<u64> {
    found["contacts"].as_array().unwrap().iter().map(|one| one["contact"].as_u64().unwrap()).collect()
}

fn telephone(number: &str) -> Value {
    json!({"kind": "telephone", "value": number})
}

#[test]
fn a_customer_is_made_found_changed_merged_parted_and_erased() {
    let daemon = Daemon::of(&company(1, ""), &[], None);
    let document = Document::of(daemon.http);
    let anna = json!({"name": "Anna Müller", "organisation": "Größe GmbH", "points": [telephone("030 1234567")]});
    let planned = done(&daemon, "POST contacts?dry_run=true", &anna);
    assert_eq!((&planned["differences"][0]["what"], &planned["person"]), (&json!("new"), NOTHING));
    let made = asked(&daemon, "agent-0", "POST contacts", "", &anna);
    document.check("POST /api/v1/contacts", &made);
    assert_eq!((made.status, made.header("location")), (201, Some("/api/v1/contacts/1")));
    assert_eq!(made.json()["person"]["contact"]["points"], json!([telephone("+49301234567")]));
    done(
        &daemon,
        "POST contacts",
        &json!({"name": "Bert Zulu", "points": [{"kind": "email", "value": "B@Example.com"}]}),
    );

    for (typed, found) in [("mueller", vec![1]), ("b@ex", vec![2]), ("%2B49%2030%20123", vec![1]), ("zz", vec![])] {
        assert_eq!(ids(&done(&daemon, &format!("GET contacts?q={typed}"), NOTHING)), found, "{typed}");
    }
    let first = done(&daemon, "GET contacts?limit=1", NOTHING);
    assert_eq!((ids(&first), &first["next"]), (vec![1], &json!("1-anna muller")));
    let last = done(&daemon, "GET contacts?limit=1&cursor=1-anna%20muller", NOTHING);
    assert_eq!((ids(&last), &last["next"]), (vec![2], NOTHING));

    done(&daemon, "PATCH contacts/1", &json!({"organisation": null, "fields": {"Kundennummer": "4711"}}));
    let read = asked(&daemon, "agent-0", "GET contacts/1", "", NOTHING);
    document.check("GET /api/v1/contacts/{contact}", &read);
    let contact = &read.json()["contact"];
    assert_eq!((&contact["organisation"], &contact["fields"]["Kundennummer"]), (&json!(""), &json!("4711")));

    done(&daemon, "POST contacts/2/merge", &json!({"into": 1}));
    let person = done(&daemon, "GET contacts/2", NOTHING);
    assert_eq!((&person["contact"]["contact"], &person["merged"][0]["contact"]), (&json!(1), &json!(2)));
    assert_eq!(ids(&done(&daemon, "GET contacts", NOTHING)), [1]);
    done(&daemon, "POST contacts/2/part", NOTHING);
    assert_eq!(ids(&done(&daemon, "GET contacts", NOTHING)), [1, 2]);

    assert_eq!(asked(&daemon, "agent-0", "DELETE contacts/1", "", NOTHING).status, 403);
    let listed = asked(&daemon, "boss", "DELETE contacts/1?dry_run=true", "", NOTHING).json();
    assert_eq!(listed["differences"][0]["from"]["name"], "Anna Müller", "what goes is listed before it goes");
    assert_eq!(asked(&daemon, "boss", "DELETE contacts/1", "", NOTHING).status, 200);
    assert_eq!(asked(&daemon, "agent-0", "GET contacts/1", "", NOTHING).status, 404);
    assert_eq!(ids(&done(&daemon, "GET contacts?q=anna", NOTHING)), [] as [u64; 0]);
}

#[test]
fn of_two_who_change_a_customer_at_once_the_second_is_told() {
    let daemon = Daemon::of(&company(1, ""), &[], None);
    done(&daemon, "POST contacts", &json!({"name": "Anna"}));
    let seen = asked(&daemon, "agent-0", "GET contacts/1", "", NOTHING);
    let matching = format!("if-match: {}", seen.header("etag").unwrap());
    let first = asked(&daemon, "agent-0", "PATCH contacts/1", &matching, &json!({"notes": "likes tea"}));
    assert_eq!(first.status, 200, "{}", first.text());
    let second = asked(&daemon, "boss", "PATCH contacts/1", &matching, &json!({"notes": "likes coffee"}));
    assert_eq!((second.status, second.json()["code"].as_str()), (412, Some("stale")));
    let now = asked(&daemon, "boss", "GET contacts/1", "", NOTHING);
    assert_eq!((now.header("etag"), &now.json()["contact"]["notes"]), (first.header("etag"), &json!("likes tea")));
}

#[test]
fn what_is_wrong_with_a_customer_is_said_beside_its_field_in_both_languages() {
    let chief = company(0, "").split_once("[[agent]]").unwrap().1.replace("boss", "chief");
    let chief = format!("[[agent]]{}", chief.replace("supervisor", "administrator"));
    let daemon = Daemon::of(&company(1, &chief), &[], None);
    done(&daemon, "POST contacts", &json!({"name": "Anna", "points": [telephone("030 1234567")]}));
    for (line, body, status, keys) in [
        (
            "POST contacts",
            json!({"points": [telephone("110"), telephone("040 1234567"), {"kind": "email", "value": "x"}]}),
            422,
            "points/0 points/2",
        ),
        ("POST contacts", json!({"points": [telephone("+49 30 1234567")]}), 422, "points"),
        ("POST contacts", json!({"name": "x", "language": "german"}), 422, "language"),
        ("POST contacts", json!({}), 422, "-"),
        ("POST contacts", json!({"name": "x", "colour": 1}), 400, ""),
        ("PATCH contacts/9", json!({"name": "x"}), 404, ""),
        ("POST contacts/1/merge", json!({"into": 1}), 422, "-"),
        ("POST contacts/1/part", Value::Null, 422, "-"),
        ("GET contacts?limit=0", Value::Null, 400, ""),
        ("GET contacts?cursor=x", Value::Null, 400, ""),
    ] {
        let answer = asked(&daemon, "agent-0", line, "", &body);
        assert_eq!(answer.status, status, "{line} {body}: {}", answer.text());
        let problem = answer.json();
        let refusals = problem["refusals"].as_array().unwrap();
        let found: Vec<&str> = refusals.iter().map(|refusal| refusal["key"].as_str().unwrap_or("-")).collect();
        assert_eq!(found, keys.split_whitespace().collect::<Vec<_>>(), "{line} {body}");
        let said = |refusal: &Value, key: &str| !refusal[key].as_str().unwrap().is_empty();
        assert!(refusals.iter().all(|refusal| said(refusal, "message") && said(refusal, "message_de")), "{problem}");
    }
    assert_eq!(asked(&daemon, "chief", "PATCH company", "", &json!({"country": "XX"})).status, 422);
    let abroad = asked(&daemon, "chief", "PATCH company", "", &json!({"country": "AT"}));
    assert_eq!(abroad.status, 200, "{}", abroad.text());
    let made = done(&daemon, "POST contacts", &json!({"points": [telephone("01 51515")]}));
    assert_eq!(made["person"]["contact"]["points"][0]["value"], "+43151515");
    assert!(crate::company::exported(&daemon).contains("country = \"AT\""));
    let back = asked(&daemon, "chief", "PATCH company", "", &json!({"country": null}));
    assert_eq!(back.json()["differences"][0]["from"]["country"], "AT", "{}", back.text());
}

#[test]
fn who_a_chats_visitor_is_is_shown_at_once_recorded_and_found_again_whatever_the_queue() {
    let more = "[[chat_service]]\ntoken = \"shop\"\nqueue = \"Service\"\n";
    let ours = company(2, more).replacen("role = \"agent\"", "role = \"agent\"\nqueues = [\"Service\"]", 1);
    let settings = [("AGENT__CHAT_WRAP_UP_S", "0")];
    let daemon = Daemon::of(&ours, &settings, None);
    let document = Document::of(daemon.http);
    done(&daemon, "POST contacts", &json!({"name": "Anna Müller"}));
    let (mut desk, _) = WebSocket::agent(daemon.http, &base64(&format!("agent-0:{PASSWORD}")), "desk-of-agent-0");
    assert_eq!(desk.command(1, json!({"do": "log_in"})), None);
    let session = "0123456789abcdef0123456789abcdef";
    let (mut visitor, _) = WebSocket::visitor(daemon.http, "shop", session, "tab-of-visitor");
    visitor.send(&json!({"type": "command", "id": 1, "command": {"do": "say", "text": "a rack, please"}}));
    let waits = desk.shown("queue", |frame| !frame["waiting"].as_array().unwrap().is_empty());
    let item = &waits["waiting"][0]["item"];
    assert_eq!(desk.command(2, json!({"do": "pick", "item": item})), None);
    let id = item["id"].as_u64().unwrap();
    let chat = format!("chat:{}-{}", id >> 32, id & 0xffff_ffff);

    let line = format!("PUT items/{chat}/contact");
    let strange = asked(&daemon, "agent-1", &line, "", &json!({"contact": 1}));
    assert_eq!((strange.status, strange.json()["code"].as_str()), (409, Some("not_yours")));
    assert_eq!(asked(&daemon, "agent-0", &line, "", &json!({"contact": 9})).status, 404);
    assert_eq!(asked(&daemon, "agent-0", &line, "", &json!({"contact": 1})).status, 204);
    let known = |name: &'static str| move |frame: &Value| frame["chat"]["contact"]["name"] == name;
    desk.shown("chat", known("Anna Müller"));
    done(&daemon, "PATCH contacts/1", &json!({"name": "Anna Maier"}));
    desk.shown("chat", known("Anna Maier"));

    assert_eq!(desk.command(3, json!({"do": "end", "chat": id})), None);
    let history = asked(&daemon, "agent-1", "GET contacts/1/interactions", "", NOTHING);
    document.check("GET /api/v1/contacts/{contact}/interactions", &history);
    let record = &history.json()["interactions"][0];
    assert_eq!((&record["item"], &record["contact"]), (&json!(chat.replace(':', " ")), &json!(1)));
    let line = format!("GET items/{chat}/transcript");
    let transcript = asked(&daemon, "agent-1", &line, "", NOTHING);
    document.check("GET /api/v1/items/{item}/transcript", &transcript);
    assert_eq!(transcript.json()["messages"][0]["text"], "a rack, please");

    // Somebody else, it turns out; and the two are found to be one.
    done(&daemon, "POST contacts", &json!({"name": "Bert Zulu"}));
    assert_eq!(asked(&daemon, "agent-0", &format!("PUT items/{chat}/contact"), "", &json!({"contact": 2})).status, 204);
    let count = |contact: u64| {
        let found = done(&daemon, &format!("GET contacts/{contact}/interactions"), NOTHING);
        found["interactions"].as_array().unwrap().len()
    };
    assert_eq!((count(1), count(2)), (0, 1));
    done(&daemon, "POST contacts/2/merge", &json!({"into": 1}));
    assert_eq!((count(1), count(2)), (1, 1));
    assert_eq!(asked(&daemon, "boss", "DELETE contacts/1", "", NOTHING).status, 200);
    assert_eq!(asked(&daemon, "agent-1", "GET contacts/1/interactions", "", NOTHING).status, 404);
    let mut archive = Archive::open(&daemon.database()).unwrap();
    let counts = verify(&mut archive, None, |problem| panic!("{problem}"), |_| {}).unwrap();
    assert_eq!((counts.problems, counts.records), (0, 1), "whoever is erased leaves the journal sound");
}
