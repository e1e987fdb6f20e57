//! Does `vorrang journal replay` show the floor as it was?

use super::story::{BEGIN, connect, database, request, write};
use crate::floor::{ANNA, chatting, pass, run};
use domain::call;
use domain::id::CompanyId;
use domain::message::Message;
use domain::time::{Span, Timestamp};
use std::path::Path;
use std::sync::mpsc;
use vorrang::cli::replay::{json, machines, text};
use vorrang::store::Archive;

fn shown(folder: &Path, at: Timestamp) -> String {
    let mut archive = Archive::open(&database(folder)).unwrap();
    let machines = machines(&mut archive, CompanyId(1), at, |_| {}).unwrap();
    text(&archive.floor(CompanyId(1)).unwrap().unwrap(), at, &machines)
}

#[test]
fn the_floor_is_shown_as_it_was_at_each_moment() {
    let folder = tempfile::tempdir().unwrap();
    let (sender, told) = mpsc::channel();
    run(folder.path(), BEGIN, async |floor, _| {
        let chat = chatting(&floor, ANNA).await;
        write(&floor, chat, "tab", 1);
        pass(&floor, 10).await;
        let waits = request(&floor);
        let call = connect(&floor, ANNA).await;
        pass(&floor, 10).await;
        floor.tell(Message::Call { id: call, command: call::Command::CallerHungUp });
        floor.idle().await;
        pass(&floor, 10).await;
        sender.send((chat, call, waits)).unwrap();
    });
    let (chat, call, waits) = told.recv().unwrap();
    let at = |seconds| shown(folder.path(), BEGIN + Span::seconds(seconds));

    let before = shown(folder.path(), Timestamp(BEGIN.0 - 1));
    assert_eq!(
        before,
        "Alpenrad at 2026-11-22T10:14:59.999Z\n\nno agents\n\nno waiting items\n\nno chats\n\nno calls\n\nno tasks\n"
    );

    let chats = at(5);
    assert!(chats.starts_with("Alpenrad at 2026-11-22T10:15:05Z\n\nagent "), "{chats}");
    assert_eq!(columns(&chats, "anna (agent 1)")[1..4], ["available", "open", &format!("chat {chat}")], "{chats}");
    assert_eq!(columns(&chats, "ben (agent 2)")[1], "logged out");
    assert_eq!(columns(&chats, &format!("chat {chat}"))[2..], ["2026-11-22T10:15:00Z", "1", "active (agent 1)"]);
    assert!(chats.contains("no waiting items") && chats.contains("no calls"), "{chats}");

    let calls = at(15);
    let parked = format!("parked (agent 1, by call {call}, since 2026-11-22T10:15:10Z)");
    assert_eq!(columns(&calls, &format!("chat {chat}"))[4], parked, "{calls}");
    assert!(columns(&calls, &format!("call {call}"))[3].starts_with("connected ("), "{calls}");
    let waiting = columns(&calls, "Service (queue 1)");
    assert_eq!(waiting[1..4], [format!("chat {waits}").as_str(), "2026-11-22T10:15:10Z", "5 s"], "{calls}");

    let after = at(25);
    assert_eq!(columns(&after, &format!("chat {chat}"))[4], "active (agent 1)", "{after}");
    assert!(after.contains("no calls"), "{after}");

    let mut archive = Archive::open(&database(folder.path())).unwrap();
    let company = archive.companies().unwrap().remove(0);
    let then = BEGIN + Span::seconds(15);
    let machines = machines(&mut archive, CompanyId(1), then, |_| {}).unwrap();
    let json = json(&company, then, &machines).unwrap();
    assert_eq!((&json["company"], &json["at"]), (&"Alpenrad".into(), &then.0.into()));
    let actors = json["actors"].as_array().unwrap();
    let call = actors.iter().find(|actor| actor["actor"] == format!("call {call}")).unwrap();
    assert!(call["machine"]["state"]["connected"].is_object(), "{call}");
}

/// The columns of the line that begins with `first`.
fn columns<'a>(text: &'a str, first: &str) -> Vec<&'a str> {
    let line = text.lines().find(|line| line.starts_with(first)).unwrap_or_else(|| panic!("no {first} in\n{text}"));
    line.split("  ").map(str::trim).filter(|column| !column.is_empty()).collect()
}
