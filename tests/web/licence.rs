//! A company's licence on a running daemon: what a visitor, the administrator and whoever runs it are told, what is refused,
//! and that one which is installed counts at once.

use super::client::{Answer, ask, base64};
use super::document::Document;
use super::{PASSWORD, company};
use crate::licensed::{issued, licence};
use crate::process::Daemon;
use crate::websocket::{Heard, WebSocket};
use domain::licence::Licence;
use domain::time::Timestamp;
use serde_json::{Value, json};
use std::process::{Command, Output};
use std::time::{SystemTime, UNIX_EPOCH};
use vorrang::licence::SecretKey;
use vorrang::store::{Hashed as _, Secret};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// A company with an administrator `chief`, an agent who serves its queue and a chat service, by this licence.
fn daemon(licence: &str) -> Daemon {
    let hash = Secret::hash(PASSWORD).unwrap().0;
    let more = format!(
        "[[agent]]\nlogin_name = \"chief\"\nrole = \"administrator\"\npassword_hash = \"{hash}\"\n\
         [[agent]]\nlogin_name = \"cleo\"\nqueues = [\"Service\"]\npassword_hash = \"{hash}\"\n\
         [[chat_service]]\ntoken = \"shop\"\nqueue = \"Service\"\ntelephone = \"+49 30 123456\"\n"
    );
    let file = company(1, &more).replacen("[company]\n", &format!("[company]\nlicence = \"{licence}\"\n"), 1);
    Daemon::of(&file, &[], None)
}

fn now() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

fn asked(daemon: &Daemon, line: &str, body: &Value) -> Answer {
    let credentials = base64(&format!("chief:{PASSWORD}"));
    let headers = format!("authorization: Basic {credentials}\ncontent-type: application/json");
    let body = if body.is_null() { String::new() } else { body.to_string() };
    ask(daemon.http, line, &headers, &body)
}

fn install(daemon: &Daemon, text: &str) -> Answer {
    asked(daemon, "PATCH /api/v1/company", &json!({ "licence": text }))
}

fn shown(daemon: &Daemon) -> Value {
    let answer = asked(daemon, "GET /api/v1/company/licence", &Value::Null);
    assert_eq!(answer.status, 200, "{}", answer.text());
    Document::of(daemon.http).check("GET /api/v1/company/licence", &answer);
    answer.json()
}

/// What a visitor hears who asks for a chat.
fn visitor(daemon: &Daemon, number: u64) -> Value {
    let mut socket = WebSocket::open(daemon.http, "/ws/visitor", "");
    socket.send(
        &json!({"type": "hello", "token": "shop", "session": format!("{number:032}"), "client": "a-visitors-tab",
        "have": 0, "language": "de", "page": "https://shop.example/"}),
    );
    match socket.hear() {
        Heard::Reply(reply) => reply,
        end => panic!("{end:?}"),
    }
}

fn command(daemon: &Daemon, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vorrang"));
    for (key, _) in std::env::vars().filter(|(key, _)| key.starts_with("VORRANG_")) {
        command.env_remove(key);
    }
    command.env("VORRANG_STORE__PATH", daemon.database());
    command.env("VORRANG_LICENCE__PUBLIC_KEY", crate::licensed::public_key());
    command.args(words).arg("--config").arg(daemon.path("config.toml")).output().unwrap()
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

#[test]
fn without_a_licence_no_chat_begins_and_one_that_is_installed_counts_at_once() {
    let daemon = daemon("");
    assert!(daemon.is_ready(), "it is no trouble of the daemon's");
    let refused = visitor(&daemon, 1);
    assert_eq!((&refused["type"], &refused["problem"]["code"]), (&json!("refused"), &json!("unserved")), "{refused}");
    assert_eq!(refused["telephone"], "+49 30 123456", "calls go on");
    let log = daemon.log();
    assert_eq!(log.matches("there is no licence: no chat begins").count(), 1, "whoever runs it is told once: {log}");
    let before = shown(&daemon);
    assert_eq!((&before["state"], &before["lets_chats_begin"]), (&json!("none"), &json!(false)));
    let (desk, first) = WebSocket::agent(daemon.http, &base64(&format!("cleo:{PASSWORD}")), "desk-of-cleo");
    assert_eq!(first["agent"]["chats_off"], "unlicensed");
    drop(desk);

    let text = issued(&licence("Alpenrad"));
    let answer = install(&daemon, &format!("\n{text}\n"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["differences"][0]["to"]["licence"], text, "it stands in the audit");
    assert_eq!(visitor(&daemon, 1)["type"], "snapshot");
    let after = shown(&daemon);
    assert_eq!((&after["state"], &after["licence"]["agents"]), (&json!("valid"), &json!(10_000)));
    assert_eq!(after["chat_agents"], 1, "of whom one serves a queue");
    let exported = crate::company::exported(&daemon);
    assert!(exported.contains(&format!("licence = \"{text}\"")), "{exported}");
}

#[test]
fn what_is_no_licence_for_now_is_refused_with_a_sentence_and_the_one_that_holds_stays() {
    let good = issued(&licence("Alpenrad"));
    let daemon = daemon(&good);
    // Behind a whole number of bytes.
    let cut = good[..good.len() - (good.len() - "v4.public.".len()) % 4 - 8].to_owned();
    let other = SecretKey::generate().unwrap().issue(&licence("Alpenrad")).unwrap();
    let tomorrow = Licence { from: Timestamp(now() + DAY_MS), ..licence("Alpenrad") };
    let yesterday = Licence { until: Timestamp(now() - DAY_MS), ..licence("Alpenrad") };
    for (text, english, german) in [
        (cut, "the signature is wrong", "Die Unterschrift stimmt nicht"),
        (good[..30].to_owned(), "this is no licence", "Das ist keine Lizenz"),
        (other, "the signature is wrong", "Die Unterschrift stimmt nicht"),
        (format!("{good}.a2lk"), "something stands behind", "Hinter der Lizenz"),
        (issued(&licence("Talrad")), "the licence is for another company, `Talrad`", "für eine andere Firma, „Talrad“"),
        (issued(&tomorrow), "the licence begins only on", "beginnt erst am"),
        (issued(&yesterday), "the licence ended", "Die Lizenz ist abgelaufen"),
        ("x".repeat(5000), "the text is longer", "Der Text ist länger"),
    ] {
        let answer = install(&daemon, &text);
        let refusal = answer.json()["refusals"][0].clone();
        assert_eq!((answer.status, &refusal["key"]), (422, &json!("licence")), "{text}: {refusal}");
        let said = |key: &str| refusal[key].as_str().unwrap().to_owned();
        assert!(said("message").contains(english) && said("message_de").contains(german), "{text}: {refusal}");
    }
    // With another setting that is wrong too, nothing of either is there.
    let answer = asked(&daemon, "PATCH /api/v1/company", &json!({"licence": issued(&tomorrow), "country": "CH"}));
    assert_eq!(answer.status, 422, "{}", answer.text());
    let settings = asked(&daemon, "GET /api/v1/company", &Value::Null).json()["settings"].clone();
    assert_eq!((&settings["licence"], &settings["country"]), (&json!(good), &Value::Null));
    assert_eq!(visitor(&daemon, 1)["type"], "snapshot");
}

#[test]
fn a_licence_that_ends_while_the_daemon_runs_is_told_at_that_moment() {
    let ends = |ms: u64| Licence { until: Timestamp(now() + ms), ..licence("Alpenrad") };
    let mut daemon = daemon(&issued(&ends(DAY_MS)));
    assert_eq!(shown(&daemon)["state"], "ends_soon");
    let (mut desk, first) = WebSocket::agent(daemon.http, &base64(&format!("cleo:{PASSWORD}")), "desk-of-cleo");
    assert_eq!(first["agent"]["chats_off"], Value::Null);
    let (mut chat, _) = WebSocket::visitor(daemon.http, "shop", &format!("{:032}", 1), "a-visitors-tab");
    assert_eq!(install(&daemon, &issued(&ends(1_000))).status, 200);
    daemon.until("the end is logged", |daemon| daemon.log().contains("no chat begins since"));
    let told = loop {
        let frame = desk.reply("frame")["frame"].clone();
        if frame["kind"] == "agent" && frame["agent"]["chats_off"] != Value::Null {
            break frame;
        }
    };
    assert_eq!(told["agent"]["chats_off"], "unlicensed");
    assert_eq!(chat.command(1, json!({"do": "say", "text": "still here"})), None, "the chat goes on");
    assert_eq!(visitor(&daemon, 2)["problem"]["code"], "unserved");
    assert_eq!(shown(&daemon)["state"], "ended");
    assert!(daemon.is_ready());
    assert_eq!(daemon.log().matches("no chat begins since").count(), 1);
}

#[test]
fn a_licence_is_made_issued_and_installed_by_the_command_line() {
    let daemon = daemon("");
    let (key, file) = (daemon.path("issuer.key"), daemon.path("licence.txt"));
    let (key, file) = (key.to_str().unwrap(), file.to_str().unwrap());
    let run = |words: &[&str]| Command::new(env!("CARGO_BIN_EXE_vorrang")).args(words).output().unwrap();
    let made = run(&["licence", "keygen", key]);
    assert!(made.status.success(), "{}", words(&made));
    let printed: toml::Table = toml::from_str(&words(&made)).unwrap();
    let public = printed["licence"]["public_key"].as_str().unwrap().to_owned();
    let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(key).unwrap());
    assert_eq!(mode & 0o777, 0o600, "only whoever issues licences can read it");
    assert!(!run(&["licence", "keygen", key]).status.success(), "a key that is there is not written over");

    let order = ["licence", "issue", "--key", key, "--company", "Alpenrad", "--agents", "3", "--until", "2999-12-31"];
    let issued = run(&order);
    assert!(issued.status.success(), "{}", words(&issued));
    std::fs::write(file, &issued.stdout).unwrap();
    let refused = command(&daemon, &["licence", "install", file]);
    assert!(words(&refused).contains("the signature is wrong") && !refused.status.success(), "{}", words(&refused));

    std::fs::write(daemon.path("config.toml"), format!("[licence]\npublic_key = \"{public}\"\n")).unwrap();
    let command = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vorrang"));
        command.env("VORRANG_STORE__PATH", daemon.database()).args(more);
        command.arg("--config").arg(daemon.path("config.toml")).output().unwrap()
    };
    let installed = command(&["licence", "install", file]);
    assert!(installed.status.success(), "{}", words(&installed));
    let told = words(&command(&["licence", "show"]));
    for part in ["Alpenrad\tvalid\tchats may begin until 3000-01-01, 00:00 UTC", "agents\t3 of 1 who could have chats"]
    {
        assert!(told.contains(part), "{part}: {told}");
    }
    let again = words(&command(&["licence", "install", file]));
    assert!(again.contains("nothing to change"), "{again}");
    let audited = words(&command(&["company", "audit"]));
    assert!(audited.contains("licence = \"v4.public."), "{audited}");
}
