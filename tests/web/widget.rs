//! What a running daemon tells the pages on which its chats stand, and what it makes of what their visitors fill in.

use super::client::{Answer, ask, base64};
use crate::process::Daemon;
use crate::websocket::{Heard, WebSocket};
use serde_json::{Value, json};

const COMPANY: &str = r##"
[company]
name = "Alpenrad"
[[queue]]
name = "Service"
[[agent]]
login_name = "anna"
password = "anna-password"
display_name = "Anna Ader"
role = "supervisor"
queues = ["Service"]
[[chat_service]]
token = "shop"
name = "Shop"
queue = "Service"
telephone = "+49 30 123456"
identify_key = "the key of the shop is this long"
[chat_service.widget]
origins = ["https://*.shop.example"]
languages = ["de", "en"]
accent = "#7a3300"
position = "left"
agent_name = "first"
unserved = "form"
texts.de = { greeting = "Moin!" }
[[chat_service.widget.form]]
key = "name"
needed = true
label = { de = "Ihr Name", en = "Your name" }
[[chat_service.widget.form]]
key = "topic"
kind = "choice"
label = { de = "Thema", en = "Topic" }
choices = [{ value = "bikes", label = { de = "Räder", en = "Bikes" } }]
[[chat_service]]
token = "plain"
queue = "Service"
"##;

fn daemon() -> Daemon {
    Daemon::of(COMPANY, &[], None)
}

fn desk(daemon: &Daemon, client: &str) -> (WebSocket, Value) {
    WebSocket::agent(daemon.http, &base64("anna:anna-password"), client)
}

/// A visitor's first words on a page of this origin, and what they hear.
fn hello(daemon: &Daemon, origin: &str, session: &str, form: &Value) -> Value {
    let mut socket = WebSocket::open(daemon.http, "/ws/visitor", &format!("Origin: {origin}\r\n"));
    socket.send(&json!({"type": "hello", "token": "shop", "session": session, "client": "visitors-tab", "have": 0,
        "language": "de", "page": "https://www.shop.example/", "form": form}));
    match socket.hear() {
        Heard::Reply(reply) => reply,
        other => panic!("{other:?}"),
    }
}

fn leave(daemon: &Daemon, session: &str, values: &Value) -> Answer {
    let body = json!({"session": session, "language": "de", "page": "https://www.shop.example/", "values": values});
    ask(daemon.http, "POST /widget/services/shop/messages", "origin: https://www.shop.example", &body.to_string())
}

const SESSION: &str = "0123456789abcdef0123456789abcdef";
const OTHER: &str = "fedcba9876543210fedcba9876543210";

#[test]
fn a_page_is_told_how_its_chat_is_to_be_and_one_of_another_origin_why_it_gets_none() {
    let daemon = daemon();
    let told = |token: &str, origin: &str, languages: &str| {
        let line = format!("GET /widget/services/{token}?language={languages}");
        ask(daemon.http, &line, &format!("origin: {origin}"), "")
    };
    let page = told("shop", "https://www.shop.example", "fr,en-GB,de");
    assert_eq!((page.status, page.header("access-control-allow-origin")), (200, Some("*")));
    let view = page.json();
    assert_eq!(
        (&view["company"], &view["language"], &view["greeting"]),
        (&json!("Alpenrad"), &json!("en"), &json!(""))
    );
    let style = "--own:#7a3300;--text-on-own:#fff;--place:auto auto var(--edge) var(--edge);";
    assert_eq!((&view["style"], &view["unserved_form"]), (&json!(style), &json!(true)));
    assert_eq!(view["form"][1]["choices"], json!([["bikes", "Bikes"]]));
    assert!(page.body.len() < 1_000, "{} bytes", page.body.len());
    assert_eq!(told("shop", "https://www.shop.example", "undefined,de").json()["greeting"], "Moin!");
    assert_eq!(
        told("plain", "https://anywhere.example", "de").status,
        200,
        "no origins are named: it may stand anywhere"
    );
    assert_eq!(told("nothing", "https://www.shop.example", "de").status, 404);

    let refused = told("shop", "https://evil.example", "de");
    assert_eq!((refused.status, refused.header("access-control-allow-origin")), (403, Some("*")));
    let why = "the origin https://evil.example is not among the `origins` of the chat service `Shop`";
    assert_eq!(refused.json()["detail"], why);
    let refused = hello(&daemon, "https://evil.example", SESSION, &json!({"name": "Kim"}));
    assert_eq!((&refused["type"], &refused["problem"]["message"]), (&json!("refused"), &json!(why)));
    let ours = format!("http://{}", daemon.http);
    assert_eq!(told("shop", &ours, "de").status, 200, "a page of the daemon's own");
    let said = daemon.log();
    assert_eq!(said.matches("is not for its origin").count(), 1, "once a minute: {said}");
    assert!(said.contains("https://evil.example"), "{said}");
}

#[test]
fn what_is_filled_in_before_a_chat_comes_with_it_and_stays_with_it_through_a_kill() {
    let daemon = daemon();
    let origin = "https://www.shop.example";
    let wrong = hello(&daemon, origin, SESSION, &json!({"topic": "cars"}));
    assert_eq!((&wrong["problem"]["code"], &wrong["fields"]), (&json!("refused"), &json!(["name", "topic"])));
    let begun = hello(&daemon, origin, SESSION, &json!({"name": " Kim Kern ", "topic": "bikes"}));
    assert_eq!(begun["chat"]["state"]["state"], "waiting", "{begun}");
    // Of a chat that has begun nothing is changed by saying it again.
    let again = hello(&daemon, origin, SESSION, &json!({"name": "Somebody"}));
    assert_eq!(again["chat"]["state"]["state"], "waiting", "{again}");

    let daemon = daemon.killed_and_started_again(&[]);
    let (mut desk, seen) = desk(&daemon, "desk-of-anna");
    let waiting = &seen["queues"][0]["waiting"][0];
    assert_eq!((&waiting["name"], &waiting["channel"]), (&json!("Kim Kern"), &json!("chat")), "{seen}");
    assert_eq!(desk.command(1, json!({"do": "log_in"})), None);
    assert_eq!(desk.command(2, json!({"do": "pick", "item": waiting["item"]})), None);
    let (_, seen) = self::desk(&daemon, "desk-of-anna-2");
    let details = &seen["chats"][0]["details"];
    let form = json!([
        {"key": "name", "kind": "text", "label": "Ihr Name", "value": "Kim Kern"},
        {"key": "topic", "kind": "choice", "label": "Thema", "value": "Räder"},
    ]);
    assert_eq!((&details["form"], &details["identity"]), (&form, &Value::Null));
    let visitor = hello(&daemon, origin, SESSION, &Value::Null);
    assert_eq!(visitor["chat"]["state"]["agent"], "Anna", "as the service shows its agents");
}

/// What the page of a visitor says of them, and what is answered: a warning, if there is one, and the snapshot.
fn identify(daemon: &Daemon, session: &str, who: &Value) -> (Value, Value) {
    let mut socket = WebSocket::open(daemon.http, "/ws/visitor", "Origin: https://www.shop.example\r\n");
    socket.send(&json!({"type": "hello", "token": "shop", "session": session, "client": "visitors-tab", "have": 0,
        "language": "de", "form": {"name": "Kim"}, "identity": who}));
    let mut warning = Value::Null;
    loop {
        match socket.hear() {
            Heard::Reply(reply) if reply["type"] == "warned" => warning = reply["message"].clone(),
            Heard::Reply(reply) => return (warning, reply),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn an_identity_is_proved_by_the_key_of_the_service_and_a_wrong_proof_is_said_and_keeps_nobody_out() {
    let daemon = daemon();
    // echo -n 4711 | openssl dgst -sha256 -hmac "the key of the shop is this long"
    let hmac = "0894ec40fffa435f866ff19bde67d5b387d1f37fee5a0c716f0af39034e5149a";
    let (warning, begun) = identify(&daemon, SESSION, &json!({"id": "4711", "email": "kim@example.com", "hmac": hmac}));
    assert_eq!((&warning, &begun["chat"]["state"]["state"]), (&Value::Null, &json!("waiting")), "{begun}");
    let (warning, begun) = identify(&daemon, OTHER, &json!({"id": "4712", "name": "Jo", "hmac": hmac}));
    assert!(warning.as_str().unwrap().contains("hmac is not the HMAC-SHA-256"), "{warning}");
    assert_eq!(begun["chat"]["state"]["state"], "waiting", "the chat goes on: {begun}");
    let (warning, begun) = identify(&daemon, "long0123456789abcdef0123456789ab", &json!({"id": "x".repeat(201)}));
    assert!(warning.as_str().unwrap().contains("200 characters"), "{warning}");
    assert_eq!(begun["chat"]["state"]["state"], "waiting", "the chat goes on: {begun}");

    let (mut desk, seen) = desk(&daemon, "desk-of-anna");
    assert_eq!(desk.command(1, json!({"do": "log_in"})), None);
    for (number, waiting) in (2..).zip(seen["queues"][0]["waiting"].as_array().unwrap()) {
        assert_eq!(desk.command(number, json!({"do": "pick", "item": waiting["item"]})), None);
    }
    // Who signs in on the website while they chat is known from then on; but what is proved gives way to a proof alone.
    identify(&daemon, SESSION, &json!({"id": "somebody else"}));
    identify(&daemon, OTHER, &json!({"id": "4711", "name": "Jo", "hmac": hmac.to_uppercase()}));
    let identities = |daemon: &Daemon| {
        let (_, seen) = self::desk(daemon, "desk-of-anna-2");
        let details = seen["chats"].as_array().unwrap().iter().map(|chat| chat["details"].clone());
        details.collect::<Vec<Value>>()
    };
    let expected = [
        json!({"id": "4711", "name": "", "email": "kim@example.com", "telephone": "", "proved": true}),
        json!({"id": "4711", "name": "Jo", "email": "", "telephone": "", "proved": true}),
        Value::Null,
    ];
    let found = identities(&daemon);
    assert_eq!(
        found.iter().map(|details| &details["identity"]).collect::<Vec<_>>(),
        expected.iter().collect::<Vec<_>>()
    );
    assert!(found.iter().all(|details| details["form"][0]["value"] == "Kim"), "the form stays: {found:?}");
    let daemon = daemon.killed_and_started_again(&[]);
    assert_eq!(identities(&daemon), found, "and all of it outlives a kill");
}

#[test]
fn who_is_proved_is_known_by_themselves_and_who_is_not_is_left_to_the_agent() {
    let daemon = daemon();
    let asked = |line: &str, body: &Value| {
        let headers = format!("authorization: Basic {}\ncontent-type: application/json", base64("anna:anna-password"));
        ask(daemon.http, line, &headers, &body.to_string())
    };
    let greta = json!({"name": "Greta", "points": [{"kind": "other", "value": "crm:4711"}]});
    assert_eq!(asked("POST /api/v1/contacts", &greta).status, 201);
    let (mut desk, _) = desk(&daemon, "desk-of-anna");
    assert_eq!(desk.command(1, json!({"do": "log_in"})), None);
    let hmac = "0894ec40fffa435f866ff19bde67d5b387d1f37fee5a0c716f0af39034e5149a";
    identify(&daemon, SESSION, &json!({"id": "4711", "hmac": hmac}));
    let waits = |name: Value| {
        move |frame: &Value| {
            frame["waiting"]
                .as_array()
                .unwrap()
                .iter()
                .any(|one| one["contact"]["name"] == name && one["name"] == "Kim")
        }
    };
    desk.shown("queue", waits(json!("Greta")));
    // Anybody may say so; then they sign in.
    identify(&daemon, OTHER, &json!({"id": "4711"}));
    let queue = desk.shown("queue", |frame| frame["waiting"][0]["item"].is_object());
    assert_eq!(queue["waiting"][0]["contact"], Value::Null, "{queue}");
    let item = &queue["waiting"][0]["item"];
    assert_eq!(desk.command(2, json!({"do": "pick", "item": item})), None);
    identify(&daemon, OTHER, &json!({"id": "4711", "hmac": hmac}));
    let chat = desk.shown("chat", |frame| frame["chat"]["contact"]["name"] == "Greta");
    assert_eq!(chat["chat"]["details"]["identity"]["proved"], true);
    // What an agent says of it holds, whatever is proved once more.
    let id = item["id"].as_u64().unwrap();
    let line = format!("PUT /api/v1/items/chat:{}-{}/contact", id >> 32, id & 0xffff_ffff);
    assert_eq!(asked(&line, &json!({"contact": null})).status, 204);
    desk.shown("chat", |frame| frame["chat"]["contact"].is_null());
    identify(&daemon, OTHER, &json!({"id": "4711", "hmac": hmac}));
    drop(desk);
    let (_, seen) = self::desk(&daemon, "desk-of-anna-2");
    assert_eq!(seen["chats"][0]["contact"], Value::Null);
}

#[test]
fn a_rating_stands_with_the_record_of_its_chat_and_what_was_said_first_counts() {
    let daemon = daemon();
    hello(&daemon, "https://www.shop.example", SESSION, &json!({"name": "Kim"}));
    let rate = |session: &str, stars: u16, comment: &str| {
        let body = json!({"session": session, "stars": stars, "comment": comment}).to_string();
        let answer = ask(daemon.http, "POST /visitor/rating", "origin: https://www.shop.example", &body);
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "a page can read it");
        answer.status
    };
    assert_eq!(rate(SESSION, 5, "early"), 409, "it is not over");
    let mut visitor = WebSocket::open(daemon.http, "/ws/visitor", "");
    visitor.send(&json!({"type": "hello", "token": "shop", "session": SESSION, "client": "visitors-tab-2", "have": 0,
        "language": "de"}));
    visitor.reply("snapshot");
    assert_eq!(visitor.command(1, json!({"do": "leave"})), None);
    drop(visitor);
    assert_eq!([rate(SESSION, 0, ""), rate(SESSION, 6, ""), rate(SESSION, 3, &"a".repeat(1_001))], [400, 400, 400]);
    assert_eq!(rate(OTHER, 3, ""), 404);
    assert_eq!([rate(SESSION, 4, " =Quick! \n"), rate(SESSION, 1, "changed my mind")], [204, 204]);
    let boss = format!("authorization: Basic {}", base64("anna:anna-password"));
    let records = ask(daemon.http, "GET /api/v1/calls?kind=chat", &boss, "").json();
    let record = &records["calls"][0];
    assert_eq!(record["rating"], json!({"stars": 4, "comment": "=Quick!"}), "{records}");
    let table = ask(daemon.http, "GET /api/v1/calls?kind=chat", &format!("{boss}\naccept: text/csv"), "").text();
    assert!(table.lines().next().unwrap().ends_with(",rating,rating_comment"), "{table}");
    assert!(table.lines().nth(1).unwrap().ends_with(",4,'=Quick!"), "{table}");
}

#[test]
fn a_page_that_is_nothing_but_a_chat_speaks_the_visitors_language_and_allows_nothing_inline() {
    let daemon = daemon();
    let page = |path: &str, accepts: &str| {
        let headers = if accepts.is_empty() { String::new() } else { format!("accept-language: {accepts}") };
        ask(daemon.http, &format!("GET {path}"), &headers, "")
    };
    for (path, accepts, language, title) in [
        ("/chat/shop", "en-GB,en;q=0.9,de;q=0.5", "en", "Chat with Alpenrad"),
        ("/chat/shop", "fr,de-AT;q=0.8", "de", "Chat mit Alpenrad"),
        ("/chat/shop?lang=en", "de", "en", "Chat with Alpenrad"),
        ("/chat/shop?lang=fr", "", "de", "Chat mit Alpenrad"),
    ] {
        let found = page(path, accepts);
        let text = found.text();
        assert_eq!(found.status, 200, "{text}");
        assert!(text.contains(&format!("<html lang=\"{language}\">")), "{path} {accepts}: {text}");
        assert!(text.contains("data-token=\"shop\"") && text.contains(title), "{text}");
        assert_eq!(text.matches("<script").count(), text.matches("<script type=\"module\" src=").count() + 1, "{text}");
        let policy = found.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    }
    let none = page("/chat/%22%3E%3Cscript%3E", "de");
    assert_eq!((none.status, none.text().contains("<script")), (404, false), "{}", none.text());
    assert!(none.text().contains("Diesen Chat gibt es nicht"), "{}", none.text());
}

#[test]
fn a_visitor_who_looks_is_told_their_place_and_how_long_it_probably_takes_and_no_other_is() {
    let daemon = daemon();
    let join = |number: u32| {
        let session = format!("{number:032}");
        let mut socket = WebSocket::open(daemon.http, "/ws/visitor", "");
        socket
            .send(&json!({"type": "hello", "token": "plain", "session": session, "client": "visitors-tab", "have": 0,
            "language": "de"}));
        socket.reply("snapshot");
        socket
    };
    let place = |socket: &mut WebSocket| loop {
        let frame = socket.reply("frame")["frame"].clone();
        if frame["kind"] == "place" {
            break frame["place"].clone();
        }
    };
    let (mut desk, _) = desk(&daemon, "desk-of-anna");
    assert_eq!(desk.command(1, json!({"do": "log_in"})), None);
    let mut visitors: Vec<WebSocket> = (1..=5).map(join).collect();
    let looks = json!({"type": "looks", "on": true});
    visitors[4].send(&looks);
    assert_eq!(place(&mut visitors[4]), json!({"number": 5, "wait": null}), "nothing is known yet");
    let (_, seen) = self::desk(&daemon, "desk-of-anna-2");
    for (number, waiting) in (2..).zip(&seen["queues"][0]["waiting"].as_array().unwrap()[..3]) {
        assert_eq!(desk.command(number, json!({"do": "pick", "item": waiting["item"]})), None);
    }
    // Once for all three, unless these were slow.
    while place(&mut visitors[4]) != json!({"number": 2, "wait": {"from": 0, "to": 2}}) {}
    visitors[3].send(&looks);
    assert_eq!(place(&mut visitors[3])["number"], 1);
    visitors[3].send(&json!({"type": "looks", "on": false}));
    assert_eq!(visitors[3].command(1, json!({"do": "leave"})), None);
    assert_eq!(place(&mut visitors[4])["number"], 1);
    visitors[0].send(&json!({"type": "command", "id": 1, "command": {"do": "leave"}}));
    loop {
        match visitors[0].hear() {
            Heard::Reply(reply) if reply["type"] == "answer" => break,
            Heard::Reply(reply) => assert_ne!(reply["frame"]["kind"], "place", "nobody looked: {reply}"),
            end => panic!("{end:?}"),
        }
    }
}

#[test]
fn a_message_that_is_left_is_one_work_item_however_often_it_is_sent() {
    let daemon = daemon();
    let values = json!({"name": "Kim", "reach": "kim@example.com", "message": "Is my bike ready?"});
    let wrong = leave(&daemon, SESSION, &json!({"name": "Kim", "message": " "}));
    assert_eq!((wrong.status, wrong.json()), (422, json!({"fields": ["reach", "message"]})));
    assert_eq!(leave(&daemon, SESSION, &values).status, 201);
    assert_eq!(leave(&daemon, SESSION, &values).status, 201);
    assert_eq!(leave(&daemon, "too short", &values).status, 400);
    let daemon = daemon.killed_and_started_again(&[]);
    assert_eq!(leave(&daemon, SESSION, &values).status, 201);
    assert_eq!(leave(&daemon, OTHER, &values).status, 201, "another one is another one");
    let (_, seen) = desk(&daemon, "desk-of-anna");
    let waiting: Vec<&Value> = seen["queues"][0]["waiting"].as_array().unwrap().iter().collect();
    let text = "Ihr Name: Kim\nE-Mail: kim@example.com\nNachricht: Is my bike ready?\nhttps://www.shop.example/";
    assert_eq!(waiting.len(), 2, "{seen}");
    assert!(waiting.iter().all(|item| item["channel"] == "work_item" && item["who"] == text), "{seen}");
    let plain = ask(
        daemon.http,
        "POST /widget/services/plain/messages",
        "",
        &json!({"session": SESSION, "language": "de",
        "page": "", "values": values})
        .to_string(),
    );
    assert_eq!(plain.status, 403, "a service that offers no form");
}

#[test]
fn of_a_chat_that_is_damaged_it_is_said_that_no_other_try_will_help() {
    let daemon = daemon();
    hello(&daemon, "https://www.shop.example", SESSION, &json!({"name": "Kim"}));
    let mut visitor = WebSocket::open(daemon.http, "/ws/visitor", "");
    visitor.send(&json!({"type": "hello", "token": "shop", "session": SESSION, "client": "visitors-tab-2", "have": 0,
        "language": "de"}));
    visitor.reply("snapshot");
    assert_eq!(visitor.command(1, json!({"do": "leave"})), None);
    drop(visitor);
    // It is over, so it comes out of the journal only when somebody wants it.
    let daemon = daemon.killed_and_started_again(&[]);
    let chats = "SELECT actor FROM content WHERE kind = 2";
    let damage = format!(
        "PRAGMA busy_timeout = 10000; DELETE FROM snapshot WHERE actor IN ({chats}); \
         UPDATE journal SET events = '[\"nonsense\"]' WHERE actor IN ({chats})"
    );
    crate::journal::story::sql(&daemon.database(), &damage);
    let refused = hello(&daemon, "https://www.shop.example", SESSION, &Value::Null);
    assert_eq!((&refused["type"], &refused["problem"]["code"]), (&json!("refused"), &json!("damaged")), "{refused}");
    let body = json!({"session": SESSION, "stars": 5, "comment": ""}).to_string();
    let rated = ask(daemon.http, "POST /visitor/rating", "origin: https://www.shop.example", &body);
    assert_eq!((rated.status, &rated.json()["code"]), (500, &json!("damaged")), "{}", rated.text());
}
