//! Contacts in great numbers over the API: a table is taken over line by line, told as it goes on, and written as it was read.

use super::client::{Answer, ask, base64};
use super::{PASSWORD, company};
use crate::process::Daemon;
use serde_json::{Value, json};

fn asked(daemon: &Daemon, who: &str, line: &str, body: &str) -> Answer {
    sent(daemon, who, line, "text/csv", body)
}

fn sent(daemon: &Daemon, who: &str, line: &str, kind: &str, body: &str) -> Answer {
    let credentials = base64(&format!("{who}:{PASSWORD}"));
    let headers = format!("authorization: Basic {credentials}\ncontent-type: {kind}");
    ask(daemon.http, &line.replacen(' ', " /api/v1/", 1), &headers, body)
}

fn body(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text());
    String::from_utf8(answer.told()).unwrap()
}

fn news(answer: &Answer) -> Vec<Value> {
    body(answer).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

const TABLE: &str = "\u{feff}Vorname;Nachname;Telefon;Kundennummer;Rang\r\n\
                     Anna;Müller;030 1234567;4711;gold\r\n\
                     Bert;Zulu;\"030 2222222; 030 3333333\";;\r\n\
                     Carl;Ohne;12;;\r\n\
                     Dora\r\n\
                     Emil;Falsch;030 5555555;;Blech\r\n";

#[test]
fn a_table_is_looked_at_taken_over_once_and_written_as_it_can_be_read_again() {
    let chief = company(0, "").split_once("[[agent]]").unwrap().1.replace("boss", "chief");
    let chief = format!("[[agent]]{}", chief.replace("supervisor", "administrator"));
    let daemon = Daemon::of(&company(1, &chief), &[], None);
    let fields = json!({"contact_fields": [{"name": "Rang", "holds": "choice", "choices": ["Gold", "Silber"]}]});
    let credentials = base64(&format!("chief:{PASSWORD}"));
    let headers = format!("authorization: Basic {credentials}\ncontent-type: application/json");
    let defined = ask(daemon.http, "PATCH /api/v1/company", &headers, &fields.to_string());
    assert_eq!(defined.status, 200, "{}", defined.text());
    assert!(crate::company::exported(&daemon).contains("choices = ["));

    assert_eq!(asked(&daemon, "agent-0", "POST contacts/import", TABLE).status, 403);
    let columns = "%5B%22name%22,%22name%22,%22telephone%22,%22other:crm%22,%22field:Rang%22%5D";
    let line = |dry: bool| format!("POST contacts/import?dry_run={dry}&columns={columns}");
    let guessed = news(&asked(&daemon, "boss", "POST contacts/import?dry_run=true", TABLE));
    let holds: Vec<_> = guessed[0]["columns"].as_array().unwrap().iter().map(|column| &column["holds"]).collect();
    assert_eq!(holds, ["name", "name", "telephone", "field:Kundennummer", "field:Rang"]);
    assert_eq!((&guessed[0]["lines"], &guessed[0]["columns"][3]["example"]), (&json!(5), &json!("4711")));

    let planned = news(&asked(&daemon, "boss", &line(true), TABLE));
    let refused: Vec<(u64, String)> = planned
        .iter()
        .filter(|news| news["kind"] == "refused")
        .map(|news| (news["line"].as_u64().unwrap(), news["message_de"].as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(refused.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [4, 5, 6]);
    assert!(refused[0].1.starts_with("Spalte „Telefon“: „12“ ist keine Rufnummer"), "{refused:?}");
    assert!(refused[2].1.contains("eine der Möglichkeiten"), "{refused:?}");
    let end = json!({"kind": "done", "made": 2, "changed": 0, "same": 0, "refused": 3});
    assert_eq!(planned.last(), Some(&end));
    let listed = || asked(&daemon, "boss", "GET contacts", "").json()["contacts"].as_array().unwrap().len();
    assert_eq!(listed(), 0, "nothing is changed before somebody says so");

    assert_eq!(news(&asked(&daemon, "boss", &line(false), TABLE)).last(), Some(&end));
    assert_eq!(listed(), 2);
    let again = news(&asked(&daemon, "boss", &line(false), TABLE));
    assert_eq!(again.last().unwrap()["same"], 2, "a second time nothing is different: {again:?}");

    let exported = body(&asked(&daemon, "boss", "GET contacts/export", ""));
    let expected = "\u{feff}name,organisation,language,telephone,email,other:crm,Rang,notes\r\n\
                    Anna Müller,,,+49301234567,,4711,Gold,\r\n\
                    Bert Zulu,,,+49302222222; +49303333333,,,,\r\n";
    assert_eq!(exported, expected);
    assert_eq!(asked(&daemon, "agent-0", "GET contacts/export", "").status, 403);
    let back = news(&asked(&daemon, "boss", "POST contacts/import", &exported));
    assert_eq!(back.last().unwrap()["same"], 2, "{back:?}");
}

const CARDS: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Müller;Anna;;;\r\nTEL;TYPE=CELL:0171 1234567\r\nTITLE:Chief\r\n\
                     END:VCARD\r\nBEGIN:VCARD\r\nVERSION:4.0\r\nFN:Bert\r\nTEL:12\r\nEND:VCARD\r\nBEGIN:VCARD\r\n\
                     FN:Carl\r\nBEGIN:VCARD\r\nVERSION:4.0\r\nUID:urn:uuid:7\r\nFN:Dora\r\nNOTE:one\\ntwo\r\nEND:VCARD\r\n";

#[test]
fn cards_are_looked_at_taken_over_once_and_written_as_they_can_be_read_again() {
    let daemon = Daemon::of(&company(1, ""), &[], None);
    let cards = |line: &str, body: &str| news(&sent(&daemon, "boss", line, "text/vcard; charset=utf-8", body));
    assert_eq!(sent(&daemon, "agent-0", "POST contacts/import", "text/vcard", CARDS).status, 403);
    let planned = cards("POST contacts/import?dry_run=true", CARDS);
    let columns: Vec<_> =
        planned[0]["columns"].as_array().unwrap().iter().map(|one| (&one["header"], &one["holds"])).collect();
    let expected =
        [("FN", "name"), ("TEL", "telephone"), ("TITLE", "ignored"), ("UID", "other:vcard"), ("NOTE", "notes")];
    assert_eq!(
        columns,
        expected.map(|(header, holds)| (json!(header), json!(holds))).iter().map(|(a, b)| (a, b)).collect::<Vec<_>>()
    );
    assert_eq!(planned[0]["lines"], 4);
    let refused: Vec<_> = planned.iter().filter(|news| news["kind"] == "refused").collect();
    assert_eq!((&refused[0]["card"], &refused[0]["line"]), (&json!(2), &json!(7)));
    assert!(refused[0]["message_de"].as_str().unwrap().starts_with("TEL: „12“ ist keine Rufnummer"), "{refused:?}");
    assert_eq!((&refused[1]["card"], &refused[1]["line"]), (&json!(3), &json!(12)));
    assert_eq!(refused[1]["message_de"], "Die Karte hat kein Ende. Fehlt END:VCARD?");
    let end = json!({"kind": "done", "made": 2, "changed": 0, "same": 0, "refused": 2});
    assert_eq!(planned.last(), Some(&end));
    let listed = || asked(&daemon, "boss", "GET contacts", "").json()["contacts"].as_array().unwrap().len();
    assert_eq!(listed(), 0, "nothing is changed before somebody says so");

    let columns = "%5B%22name%22,%22telephone%22,%22field:Rang%22,%22other:vcard%22,%22notes%22%5D";
    // Whatever they are said to be.
    let imported = news(&asked(&daemon, "boss", &format!("POST contacts/import?columns={columns}"), CARDS));
    assert_eq!(imported.last(), Some(&end));
    let exported = body(&asked(&daemon, "boss", "GET contacts/export?format=vcard", ""));
    let expected = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Anna Müller\r\nTEL:+491711234567\r\n\
                    X-VORRANG-FIELD;X-NAME=Rang:Chief\r\nEND:VCARD\r\n\
                    BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Dora\r\nNOTE:one\\ntwo\r\nUID:urn:uuid:7\r\nEND:VCARD\r\n";
    assert_eq!(exported, expected);
    assert_eq!(cards("POST contacts/import", &exported).last().unwrap()["same"], 2);
    assert_eq!(asked(&daemon, "agent-0", "GET contacts/export?format=vcard", "").status, 403);
    assert_eq!(asked(&daemon, "boss", "GET contacts/export?format=pdf", "").status, 400);
    let nothing = sent(&daemon, "boss", "POST contacts/import", "text/vcard", TABLE);
    assert_eq!(nothing.status, 422);
    assert!(nothing.text().contains("keine Kontaktkarte"), "{}", nothing.text());
}

#[test]
fn what_is_no_table_is_refused_with_the_place_and_nothing_is_changed() {
    let daemon = Daemon::of(&company(0, ""), &[], None);
    for (table, columns, status, expected) in [
        ("", "", 422, "leer"),
        ("name\nAnna\n", "?columns=%5B%22nobody%22%5D", 400, "no column holds `nobody`"),
        ("name\nAnna\n", "?columns=%5B%22name%22,%22name%22%5D", 422, "zugeordnet sind 2"),
        ("name\nAnna\n", "?colums=%5B%5D", 400, "colums"),
    ] {
        let answer = asked(&daemon, "boss", &format!("POST contacts/import{columns}"), table);
        assert_eq!(answer.status, status, "{table:?} {columns}: {}", answer.text());
        assert!(answer.text().contains(expected), "{table:?} {columns}: {}", answer.text());
    }
}
