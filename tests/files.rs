//! Files in chats, as both sides send and get them over HTTP: each is a message once, whatever is cut; nobody else gets it;
//! and nothing is kept of what is refused.

mod archive;
mod cuts;

use crate::process::Daemon;
use crate::web::client::{Answer, answer, base64};
use crate::websocket::WebSocket;
use serde_json::{Value, json};
use std::io::Write;
use std::net::{Shutdown, SocketAddr, TcpStream};
use vorrang::cli;
use vorrang::store::Archive;

const COMPANY: &str = r#"
[company]
name = "Alpenrad"
[[queue]]
name = "Service"
[[chat_service]]
name = "Shop"
token = "alpenrad"
queue = "Service"
[[chat_service]]
name = "Bank"
token = "no-files"
queue = "Service"
widget = { attachments = false, agent_name = "team" }
[[chat_service]]
name = "Form"
token = "with-a-form"
queue = "Service"
[[chat_service.widget.form]]
key = "name"
needed = true
label = { de = "Name", en = "Name" }
[[agent]]
login_name = "chief"
password = "chief-password"
role = "administrator"
[[agent]]
login_name = "anna"
password = "anna-password"
queues = ["Service"]
[[agent]]
login_name = "ben"
password = "ben-password"
queues = ["Service"]
[[agent]]
login_name = "boss"
password = "boss-password"
role = "supervisor"
"#;

const OTHERS: &str = r#"
[company]
name = "Bergbahn"
[[queue]]
name = "Lift"
[[agent]]
login_name = "olga"
password = "olga-password"
role = "supervisor"
"#;

/// As much as a test sends at once.
const SETTINGS: [(&str, &str); 3] = [
    ("LIMITS__FILES_PER_CHAT_PER_MINUTE", "1000"),
    ("LIMITS__FILES_PER_SOURCE_PER_MINUTE", "1000"),
    ("FILES__MAX_MB", "1"),
];

fn daemon() -> Daemon {
    Daemon::start_in(tempfile::tempdir().unwrap(), &[COMPANY, OTHERS], &SETTINGS)
}

fn session(number: u32) -> String {
    format!("{number:032}")
}

fn visitor(daemon: &Daemon, number: u32) -> (WebSocket, Value) {
    WebSocket::visitor(daemon.http, "alpenrad", &session(number), "visitors-tab")
}

/// Anna, with the visitor's chat as what she attends to; its number.
fn anna_picks(daemon: &Daemon) -> (WebSocket, u64) {
    let (mut anna, snapshot) = WebSocket::agent(daemon.http, &basic("anna"), "desk-of-anna");
    assert_eq!(anna.command(1, json!({"do": "log_in"})), None);
    let chat = snapshot["queues"][0]["waiting"][0]["item"]["id"].as_u64().unwrap();
    assert_eq!(anna.command(2, json!({"do": "pick", "item": {"kind": "chat", "id": chat}})), None);
    (anna, chat)
}

fn basic(name: &str) -> String {
    base64(&format!("{name}:{name}-password"))
}

/// A picture of so many bytes, by its first ones.
fn picture(bytes: usize) -> Vec<u8> {
    let noise = (0_u32..).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8);
    b"\x89PNG\r\n\x1a\n".iter().copied().chain(noise).take(bytes).collect()
}

/// The beginning of a request that brings a body.
fn head(http: SocketAddr, line: &str, headers: &str, length: usize) -> String {
    format!("{line} HTTP/1.1\r\nhost: {http}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n\r\n")
}

fn ask(http: SocketAddr, line: &str, headers: &str, body: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(http).unwrap();
    stream.set_read_timeout(Some(crate::process::PATIENCE)).unwrap();
    stream.write_all(head(http, line, headers, body.len()).as_bytes()).unwrap();
    // What is refused need not be taken to its end.
    _ = stream.write_all(body);
    answer(&mut stream)
}

fn bearer(number: u32) -> String {
    format!("authorization: Bearer {}", session(number))
}

fn visitors(command: u64, name: &str) -> String {
    format!("POST /visitor/files?client=visitors-tab&command={command}&name={name}")
}

fn agents(chat: u64, client: &str, command: u64, name: &str) -> String {
    format!("POST /api/v1/chats/{chat}/files?client={client}&command={command}&name={name}")
}

fn as_agent(name: &str) -> String {
    format!("authorization: Basic {}", basic(name))
}

/// How many files the database has, finished or not.
fn files(daemon: &Daemon) -> u64 {
    crate::journal::story::number(&daemon.database(), "SELECT count(*) FROM file")
}

fn messages(daemon: &Daemon, number: u32) -> Vec<Value> {
    let (_, snapshot) = WebSocket::visitor(daemon.http, "alpenrad", &session(number), "another-tab");
    snapshot["messages"].as_array().unwrap().clone()
}

#[test]
fn a_file_is_a_message_of_both_sides_and_is_there_after_a_kill() {
    let daemon = daemon();
    let (mut visitor_, snapshot) = visitor(&daemon, 1);
    assert_eq!(snapshot["chat"]["file_bytes_max"], 1_000_000);
    let (_, snapshot) = WebSocket::agent(daemon.http, &basic("ben"), "desk-of-ben");
    assert!(snapshot["chats"].as_array().unwrap().is_empty());
    let (mut anna, chat) = anna_picks(&daemon);
    let (photo, bill) = (picture(500_000), b"%PDF-1.7 Rechnung".to_vec());

    let sent = ask(daemon.http, &visitors(1, "Foto%20%F0%9F%9A%B2.png"), &bearer(1), &photo);
    assert_eq!((sent.status, sent.header("access-control-allow-origin")), (204, Some("*")), "{}", sent.text());
    let sent = ask(daemon.http, &agents(chat, "desk-of-anna", 3, "Rechnung.pdf"), &as_agent("anna"), &bill);
    assert_eq!(sent.status, 204, "{}", sent.text());
    for socket in [&mut visitor_, &mut anna] {
        let message = |frame: Value| frame["frame"]["message"].clone();
        let mut heard = vec![];
        while heard.len() < 2 {
            heard.extend(Some(message(socket.reply("frame"))).filter(|message| message.is_object()));
        }
        assert_eq!((&heard[0]["text"], &heard[0]["author"]), (&"Foto 🚲.png".into(), &"visitor".into()));
        assert_eq!((&heard[0]["file"]["kind"], &heard[0]["file"]["size"]), (&"png".into(), &500_000.into()));
        assert_eq!((&heard[1]["text"], &heard[1]["file"]["kind"]), (&"Rechnung.pdf".into(), &"pdf".into()));
    }

    let daemon = daemon.killed_and_started_again(&SETTINGS);
    let found = messages(&daemon, 1);
    assert_eq!(found.len(), 2, "{found:?}");
    let id = |at: usize| found[at]["file"]["file"].as_u64().unwrap();
    for (who, line, headers) in [
        ("the visitor", format!("GET /visitor/files/{}", id(0)), bearer(1)),
        ("who has the chat", format!("GET /api/v1/chats/{chat}/files/{}", id(0)), as_agent("anna")),
        ("a supervisor", format!("GET /api/v1/chats/{chat}/files/{}", id(0)), as_agent("boss")),
    ] {
        let got = ask(daemon.http, &line, &headers, &[]);
        assert!(got.status == 200 && got.body == photo, "{who}: {}", got.status);
        let disposition = "attachment; filename=\"Foto _.png\"; filename*=UTF-8''Foto%20%F0%9F%9A%B2.png";
        assert_eq!(got.header("content-disposition"), Some(disposition), "{who}");
        assert_eq!(got.header("content-security-policy"), Some("sandbox; default-src 'none'"), "{who}");
        assert_eq!(got.header("x-content-type-options"), Some("nosniff"), "{who}");
        assert_eq!(got.header("content-type"), Some("image/png"), "{who}");
    }
    let mut archive = Archive::open(&daemon.database()).unwrap();
    let counts = cli::verify::verify(&mut archive, None, |problem| panic!("{problem}"), |_| {}).unwrap();
    assert_eq!(counts.problems, 0);
}

#[test]
fn nobody_gets_a_file_who_may_not_read_its_chat() {
    let daemon = daemon();
    let (_visitor, _) = visitor(&daemon, 1);
    let (_other, _) = visitor(&daemon, 2);
    let (_anna, chat) = anna_picks(&daemon);
    assert_eq!(ask(daemon.http, &visitors(1, "a.png"), &bearer(1), &picture(9)).status, 204);
    let file = messages(&daemon, 1)[0]["file"]["file"].as_u64().unwrap();
    let (theirs, next) = (format!("GET /visitor/files/{file}"), format!("GET /visitor/files/{}", file + 1));
    let (ours, elsewhere) =
        (format!("GET /api/v1/chats/{chat}/files/{file}"), format!("GET /api/v1/chats/{}/files/{file}", chat + 1));
    #[rustfmt::skip]
    let rows = [
        ("another visitor",           &theirs,    bearer(2),         404),
        ("nobody",                    &theirs,    String::new(),     404),
        ("an agent as visitor",       &theirs,    as_agent("anna"),  404),
        ("the visitor, another file", &next,      bearer(1),         404),
        ("the visitor as agent",      &ours,      bearer(1),         401),
        ("who has another chat",      &ours,      as_agent("ben"),   409),
        ("a supervisor, another chat", &elsewhere, as_agent("boss"), 404),
        ("another company's supervisor", &ours,   as_agent("olga"),  404),
        ("who has it",                &ours,      as_agent("anna"),  200),
    ];
    for (who, line, headers, status) in rows {
        let got = ask(daemon.http, line, &headers, &[]);
        assert_eq!(got.status, status, "{who}: {}", got.text());
        assert_eq!(got.body == picture(9), status == 200, "{who}");
    }
    for (who, status) in [("ben", 409), ("boss", 409), ("olga", 409), ("anna", 204)] {
        let sent = ask(daemon.http, &agents(chat, "some-desk", 1, "b.png"), &as_agent(who), &picture(9));
        assert_eq!(sent.status, status, "{who}: {}", sent.text());
    }
    assert_eq!((messages(&daemon, 1).len(), files(&daemon)), (2, 2));
}

#[test]
fn what_is_refused_is_said_in_a_sentence_and_leaves_nothing() {
    let daemon = daemon();
    let (mut socket, _) = visitor(&daemon, 1);
    let _anna = anna_picks(&daemon);
    let name = "a.png";
    let long = "%C3%A4".repeat(256);
    let mixed = [vec![b'a'; 200_000], vec![0]].concat();
    #[rustfmt::skip]
    let rows: &[(&str, Vec<u8>, &str, u16, &str)] = &[
        (name,        picture(1_000_001),            &bearer(1), 413, "file_too_large"),
        (name,        b"MZ\x90\0\x03\0".to_vec(),    &bearer(1), 415, "file_kind"),
        (name,        b"<svg onload='x()'/>".to_vec(), &bearer(1), 415, "file_kind"),
        (name,        mixed,                         &bearer(1), 415, "file_kind"),
        (name,        vec![],                        &bearer(1), 422, "file_empty"),
        ("",          picture(9),                    &bearer(1), 400, "malformed"),
        (&long,       picture(9),                    &bearer(1), 400, "malformed"),
        (name,        picture(9),                    &bearer(7), 404, "not_found"),
        (name,        picture(9),                    "x: y",     404, "not_found"),
    ];
    for (name, body, headers, status, code) in rows {
        let sent = ask(daemon.http, &visitors(1, name), headers, body);
        assert_eq!((sent.status, &sent.json()["code"]), (*status, &Value::from(*code)), "{}", sent.text());
        assert!(sent.json()["detail"].as_str().unwrap().contains(' '), "{}", sent.text());
        assert_eq!(sent.header("access-control-allow-origin"), Some("*"), "a page can read why");
    }
    assert_eq!(socket.command(2, json!({"do": "leave"})), None);
    let late = ask(daemon.http, &visitors(3, name), &bearer(1), &picture(200_000));
    assert_eq!((late.status, &late.json()["code"]), (409, &"chat_over".into()));
    assert_eq!((messages(&daemon, 1).len(), files(&daemon)), (0, 0));
    let asks = ask(daemon.http, "OPTIONS /visitor/files", "origin: https://shop.example", &[]);
    assert_eq!((asks.status, asks.header("access-control-allow-headers")), (204, Some("authorization")));
}

#[test]
fn where_a_service_takes_no_files_neither_side_sends_any_also_after_a_kill_and_a_change_holds_at_once() {
    let daemon = daemon();
    let join = |daemon: &Daemon| WebSocket::visitor(daemon.http, "no-files", &session(1), "visitors-tab");
    let refused = |daemon: &Daemon, chat: u64, command: u64| {
        let sent = [
            ask(daemon.http, &visitors(command, "a.png"), &bearer(1), &picture(9)),
            ask(daemon.http, &agents(chat, "desk-of-anna", command, "a.png"), &as_agent("anna"), &picture(9)),
        ];
        for sent in sent {
            assert_eq!((sent.status, &sent.json()["code"]), (403, &"forbidden".into()), "{}", sent.text());
            assert_eq!(sent.json()["detail"], "no files are taken in this chat");
        }
    };
    let (_visitor, seen) = join(&daemon);
    assert_eq!(seen["chat"]["file_bytes_max"], 0);
    let (_anna, chat) = anna_picks(&daemon);
    refused(&daemon, chat, 3);

    let daemon = daemon.killed_and_started_again(&SETTINGS);
    let (_, seen) = WebSocket::agent(daemon.http, &basic("anna"), "desk-of-anna");
    assert_eq!(seen["chats"][0]["file_bytes_max"], 0, "it is known before the visitor is back");
    refused(&daemon, chat, 4);
    let (mut visitor, seen) = join(&daemon);
    assert_eq!((&seen["chat"]["file_bytes_max"], &seen["chat"]["state"]["agent"]), (&0.into(), &"unser Team".into()));
    assert_eq!(files(&daemon), 0);

    let (headers, body) =
        (format!("{}\r\ncontent-type: application/json", as_agent("chief")), br#"{"widget": {"attachments": true}}"#);
    let changed = ask(daemon.http, "PATCH /api/v1/company/services/2", &headers, body);
    assert_eq!(changed.status, 200, "{}", changed.text());
    while visitor.reply("frame")["frame"]["chat"]["file_bytes_max"] != 1_000_000 {}
    let sent = ask(daemon.http, &visitors(5, "a.png"), &bearer(1), &picture(9));
    assert_eq!(sent.status, 204, "{}", sent.text());
}

#[test]
fn a_service_that_takes_small_files_of_few_kinds_refuses_others_from_either_side_with_what_it_takes() {
    let less = "widget = { attachments_max_mb = 1, attachments_kinds = [\"pdf\", \"zip\"] }";
    let company = COMPANY.replacen("queue = \"Service\"\n", &format!("queue = \"Service\"\n{less}\n"), 1);
    let settings = [("FILES__MAX_MB", "2"), ("LIMITS__FILES_PER_CHAT_PER_MINUTE", "1000")];
    let daemon = Daemon::start_in(tempfile::tempdir().unwrap(), &[&company], &settings);
    let (_visitor, seen) = visitor(&daemon, 1);
    assert_eq!((&seen["chat"]["file_bytes_max"], &seen["chat"]["file_kinds"]), (&1_000_000.into(), &json!(["pdf"])));
    let (_anna, chat) = anna_picks(&daemon);
    let bill = |bytes: usize| [b"%PDF-1.7 ".as_slice(), &vec![b'x'; bytes - 9]].concat();
    let mut command = 10;
    for (name, body, status, detail) in [
        ("a.pdf", bill(1_000_001), 413, "a file may have 1 MB at most"),
        ("a.pdf", picture(9), 415, "files of this kind are not taken, but these are: pdf"),
        ("a.pdf", bill(1_000_000), 204, ""),
    ] {
        command += 1;
        for (line, headers) in
            [(visitors(command, name), bearer(1)), (agents(chat, "desk-of-anna", command, name), as_agent("anna"))]
        {
            let sent = ask(daemon.http, &line, &headers, &body);
            assert_eq!(sent.status, status, "{line}: {}", sent.text());
            assert!(detail.is_empty() || sent.json()["detail"] == detail, "{line}: {}", sent.text());
        }
    }
    assert_eq!((messages(&daemon, 1).len(), files(&daemon)), (2, 2));
}

#[test]
fn too_many_files_of_one_chat_are_refused() {
    let few = [("LIMITS__FILES_PER_CHAT_PER_MINUTE", "2")];
    let daemon = Daemon::start_in(tempfile::tempdir().unwrap(), &[COMPANY], &few);
    let (_visitor, _) = visitor(&daemon, 1);
    let statuses = [1, 2, 3].map(|n| ask(daemon.http, &visitors(n, "a.png"), &bearer(1), &picture(9)).status);
    assert_eq!(statuses, [204, 204, 429]);
}

#[test]
fn a_file_that_is_sent_again_is_one_message_and_one_that_is_cut_off_is_none() {
    let daemon = daemon();
    let (_visitor, _) = visitor(&daemon, 1);
    let photo = picture(400_000);
    let line = visitors(1, "a.png");
    for until in [0, 1, 100_000, 399_999] {
        let mut stream = TcpStream::connect(daemon.http).unwrap();
        stream.write_all(head(daemon.http, &line, &bearer(1), photo.len()).as_bytes()).unwrap();
        stream.write_all(&photo[..until]).unwrap();
        stream.shutdown(Shutdown::Both).unwrap();
    }
    let mut daemon = daemon;
    daemon.until("what was cut off is gone", |daemon| files(daemon) == 0);
    assert!(messages(&daemon, 1).is_empty());
    // The answer is not waited for, as by a browser whose network changes just then.
    let mut unheard = TcpStream::connect(daemon.http).unwrap();
    unheard.write_all(&[head(daemon.http, &line, &bearer(1), photo.len()).as_bytes(), &photo].concat()).unwrap();
    for _ in 0..3 {
        assert_eq!(ask(daemon.http, &line, &bearer(1), &photo).status, 204);
    }
    let other = ask(daemon.http, &line, &bearer(1), &picture(10));
    assert_eq!((other.status, &other.json()["code"]), (400, &"malformed".into()), "the number is another file's");
    let daemon = daemon.killed_and_started_again(&SETTINGS);
    assert_eq!(ask(daemon.http, &line, &bearer(1), &photo).status, 204);
    drop(unheard);
    let mut daemon = daemon;
    daemon.until("only what a message names is kept", |daemon| files(daemon) == 1);
    assert_eq!(messages(&daemon, 1).len(), 1);
}
