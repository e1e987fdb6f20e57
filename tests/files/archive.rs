//! All that is kept of one person, in one archive: what stands in it, under which names, and who gets it.

use super::{agents, anna_picks, as_agent, ask, bearer, daemon, messages, picture, visitor, visitors};
use crate::process::Daemon;
use crate::web::client::Answer;
use serde_json::{Value, json};
use std::io::{Cursor, Read};
use zip::ZipArchive;

const JSON: &str = "content-type: application/json";

fn asked(daemon: &Daemon, who: &str, line: &str, body: &Value) -> Answer {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    ask(daemon.http, line, &format!("{}\r\n{JSON}", as_agent(who)), body.as_bytes())
}

fn read(archive: &mut ZipArchive<Cursor<Vec<u8>>>, name: &str) -> Vec<u8> {
    let mut bytes = vec![];
    archive.by_name(name).unwrap_or_else(|why| panic!("{name}: {why}")).read_to_end(&mut bytes).unwrap();
    bytes
}

#[test]
fn all_that_is_kept_of_a_person_is_in_one_archive_and_no_name_leads_out_of_it() {
    let daemon = daemon();
    let made = asked(
        &daemon,
        "anna",
        "POST /api/v1/contacts",
        &json!({"name": "Greta", "points": [{"kind": "telephone", "value": "030 1234567"}]}),
    );
    assert_eq!(made.status, 201, "{}", made.text());
    let (mut page, _) = visitor(&daemon, 1);
    page.send(&json!({"type": "command", "id": 1, "command": {"do": "say", "text": "one\ntwo"}}));
    let (mut anna, chat) = anna_picks(&daemon);
    let photo = picture(300_000);
    for (command, name) in [(2, "..%2F..%2Fetc%2Fpasswd"), (3, "a.png"), (4, "a.png")] {
        assert_eq!(ask(daemon.http, &visitors(command, name), &bearer(1), &photo).status, 204);
    }
    let sent = ask(daemon.http, &agents(chat, "desk-of-anna", 3, "CON.pdf"), &as_agent("anna"), b"%PDF-1.7");
    assert_eq!(sent.status, 204, "{}", sent.text());
    assert_eq!(anna.command(4, json!({"do": "note", "chat": chat, "text": "friendly"})), None);
    let item = format!("chat:{}-{}", chat >> 32, chat & 0xffff_ffff);
    let known = asked(&daemon, "anna", &format!("PUT /api/v1/items/{item}/contact"), &json!({"contact": 1}));
    assert_eq!(known.status, 204, "{}", known.text());
    assert_eq!(anna.command(5, json!({"do": "end", "chat": chat})), None);
    assert_eq!(anna.command(6, json!({"do": "finish", "item": {"kind": "chat", "id": chat}})), None);
    assert_eq!(messages(&daemon, 1).len(), 5);

    // What agents noted a supervisor reads as well, and an agent who had nothing to do with it as a part of what was before.
    for who in ["boss", "ben"] {
        let read = asked(&daemon, who, &format!("GET /api/v1/items/{item}/transcript"), &Value::Null).json();
        assert_eq!(
            (&read["notes"][0]["text"], &read["notes"][0]["author"]),
            (&json!("friendly"), &json!("anna")),
            "{read}"
        );
    }

    let line = "GET /api/v1/contacts/1/archive";
    assert_eq!(asked(&daemon, "anna", line, &Value::Null).status, 403);
    let answer = asked(&daemon, "boss", line, &Value::Null);
    assert_eq!(
        answer.header("content-disposition"),
        Some("attachment; filename=\"contact-1.zip\""),
        "{}",
        answer.text()
    );
    let mut archive = ZipArchive::new(Cursor::new(answer.told())).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    let folder = names.iter().find_map(|name| name.strip_suffix("/record.json")).unwrap().to_owned();
    assert!(folder.ends_with(&item.replace(':', " ")), "{names:?}");
    let of_chat = ["record.json", "transcript.txt", "messages.json", "notes.json"];
    let files = ["2 _.._etc_passwd.png", "3 a.png", "4 a.png", "5 _CON.pdf"].map(|name| format!("files/{name}"));
    let of_chat = of_chat.into_iter().map(str::to_owned).chain(files).map(|name| format!("{folder}/{name}"));
    let mut expected: Vec<String> = ["contact.json", "contact.vcf"].map(str::to_owned).into();
    expected.extend(of_chat);
    expected.extend(["interactions.csv", "audit.json"].map(str::to_owned));
    assert_eq!(names, expected);

    let json = |bytes: Vec<u8>| serde_json::from_slice::<Value>(&bytes).unwrap();
    assert_eq!(json(read(&mut archive, "contact.json"))["contact"]["name"], "Greta");
    assert!(
        read(&mut archive, "contact.vcf").starts_with(b"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Greta\r\nTEL:+49301234567")
    );
    assert_eq!(read(&mut archive, &format!("{folder}/files/4 a.png")), photo);
    let said = json(read(&mut archive, &format!("{folder}/messages.json")));
    assert_eq!((said.as_array().unwrap().len(), &said[0]["text"]), (5, &json!("one\ntwo")));
    assert_eq!(json(read(&mut archive, &format!("{folder}/notes.json")))[0]["text"], "friendly");
    let transcript = String::from_utf8(read(&mut archive, &format!("{folder}/transcript.txt"))).unwrap();
    for part in [
        "Z visitor: one\r\n    two\r\n",
        "Z agent: file 5: CON.pdf\r\n",
        "Z internal note, after message 5: friendly\r\n",
    ] {
        assert!(transcript.contains(part), "{part:?}: {transcript}");
    }
    assert_eq!(json(read(&mut archive, &format!("{folder}/record.json")))["contact"], 1);
    assert_eq!(read(&mut archive, "interactions.csv").iter().filter(|byte| **byte == b'\n').count(), 2);
    let audit = json(read(&mut archive, "audit.json"));
    let whats: Vec<_> =
        audit.as_array().unwrap().iter().map(|entry| (&entry["author"], &entry["change"]["what"])).collect();
    assert_eq!(whats, [(&json!("boss"), &json!("given out")), (&json!("anna"), &json!("new"))]);
    assert_eq!(asked(&daemon, "boss", "GET /api/v1/contacts/2/archive", &Value::Null).status, 404);
}
