//! Many people made and changed by one table over the API: what it comes to, all that is wrong with it, what is told once, and
//! that nothing is half done.

use super::client::{Answer, ask, base64, log_in, send_as};
use super::document::Document;
use super::{PASSWORD, company};
use crate::process::Daemon;
use serde_json::{Value, json};
use std::net::SocketAddr;

const IMPORT: &str = "POST /api/v1/company/people/import";

/// A company of `agent-0` and `boss`, with an administrator `chief`.
fn text() -> String {
    let chief = company(0, "").split_once("[[agent]]").unwrap().1.replace("boss", "chief");
    let chief = format!("[[agent]]{}", chief.replace("supervisor", "administrator"));
    company(1, &format!("[[queue]]\nname = \"Sales\"\n{chief}"))
}

fn sent(http: SocketAddr, who: &str, line: &str, headers: &str, table: &str) -> Answer {
    let credentials = base64(&format!("{who}:{PASSWORD}"));
    ask(http, line, &format!("authorization: Basic {credentials}\ncontent-type: text/csv\n{headers}"), table)
}

fn import(daemon: &Daemon, query: &str, table: &str) -> Answer {
    let answer = sent(daemon.http, "chief", &format!("{IMPORT}{query}"), "", table);
    Document::of(daemon.http).check(IMPORT, &answer);
    answer
}

fn read(daemon: &Daemon, path: &str) -> Answer {
    let answer = sent(daemon.http, "chief", &format!("GET /api/v1/company/{path}"), "", "");
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer
}

fn counts(answer: &Answer) -> [u64; 3] {
    assert_eq!(answer.status, 200, "{}", answer.text());
    ["created", "changed", "unchanged"].map(|key| answer.json()[key].as_u64().unwrap())
}

/// Somebody's settings.
fn person(daemon: &Daemon, name: &str) -> Value {
    let all = read(daemon, "agents").json();
    let one = all.as_array().unwrap().iter().find(|one| one["name"] == name);
    one.map_or(Value::Null, |one| one["settings"].clone())
}

const TABLE: &str = "Anmeldename;Angezeigter Name;Rollen;Warteschleifen;Tischtelefon;Darf arbeiten\r\n\
                     kim;Kim Ö;agent;Sales:7, Service;kim-phone;ja\r\n\
                     lee;;Teamleitung;;sip:lee@192.0.2.1;nein\r\n\
                     agent-0;Anna Moll;;Sales;;\r\n\
                     boss;;;;;\r\n";

#[test]
fn a_table_is_looked_at_then_done_at_once_and_its_secrets_are_told_in_that_answer_alone() {
    let daemon = Daemon::of(&text(), &[], None);
    let before = (read(&daemon, "agents").text(), read(&daemon, "audit").text());
    let planned = import(&daemon, "?dry_run=true", TABLE);
    assert_eq!(counts(&planned), [2, 1, 1]);
    assert_eq!(planned.json()["given"], json!([]));
    assert_eq!((read(&daemon, "agents").text(), read(&daemon, "audit").text()), before, "a dry run leaves everything");

    let done = import(&daemon, "", TABLE);
    assert_eq!(counts(&done), [2, 1, 1]);
    let done = done.json();
    let given: Vec<&Value> = done["given"].as_array().unwrap().iter().collect();
    let [kim] = ["kim"].map(|name| *given.iter().find(|one| one["login_name"] == name).unwrap());
    let [password, secret] = ["password", "phone_password"].map(|key| kim[key].as_str().unwrap().to_owned());
    assert_eq!((given.len(), &kim["display_name"], &kim["phone"]), (2, &json!("Kim Ö"), &json!("kim-phone")));
    assert_eq!((password.len(), secret.len()), (16, 24));
    assert_eq!(
        (&given[1]["login_name"], &given[1]["phone"]),
        (&json!("lee"), &Value::Null),
        "a fixed phone proves nothing"
    );

    let settings = person(&daemon, "kim");
    assert_eq!(
        (&settings["queues"], &settings["skills"], &settings["phone"]),
        (&json!(["Service", "Sales"]), &json!({"Sales": 7}), &json!("kim-phone")),
        "{settings}"
    );
    assert_eq!(
        (&person(&daemon, "lee")["role"], &person(&daemon, "lee")["active"]),
        (&json!(["supervisor"]), &json!(false))
    );
    assert_eq!(person(&daemon, "agent-0")["display_name"], "Anna Moll");
    assert_eq!(log_in(daemon.http, "192.0.2.7", "kim", &password).status, 200, "the password holds at once");
    assert_eq!(log_in(daemon.http, "192.0.2.7", "agent-0", PASSWORD).status, 200, "and others keep theirs");

    // A second time nothing is to be done, and nothing is told.
    let again = import(&daemon, "", TABLE);
    assert_eq!((counts(&again), &again.json()["given"]), ([0, 0, 4], &json!([])));
    let audit = read(&daemon, "audit").json();
    let entries: Vec<(&str, &str, &str)> = audit["entries"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["author"] == "chief")
        .map(|entry| {
            let [kind, name, what] = ["kind", "name", "what"].map(|key| entry["change"][key].as_str().unwrap());
            (kind, name, what)
        })
        .collect();
    let mut sorted = entries.clone();
    sorted.sort_unstable();
    let expected = [("agent", "agent-0", "changed"), ("agent", "kim", "new"), ("agent", "lee", "new")];
    assert_eq!(sorted, expected, "one entry for each who is another one now");
    let kept = [read(&daemon, "audit"), read(&daemon, "agents"), read(&daemon, "people/export")];
    for text in kept.iter().map(Answer::text).chain([crate::company::exported(&daemon), daemon.log()]) {
        assert!(!text.contains(&password) && !text.contains(&secret), "{text}");
    }
}

#[test]
fn all_that_is_wrong_is_told_at_once_and_then_nothing_is_done() {
    let theirs = company(0, "").replace("Alpenrad", "Bergbahn").replace("boss", "olga");
    let daemon = Daemon::start_in(tempfile::tempdir().unwrap(), &[&text(), &theirs], &[]);
    let before = read(&daemon, "agents").text();
    let table = "login_name,role,queues,phone,active,Salary\n\
                 kim,agent,Service,4711,yes,\n\
                 lee,chef,\"Slaes:3, Sales:300\",4711,perhaps,\n\
                 kim,,,,,\n\
                 olga,,,,,\n\
                 chief,agent,,,no,\n\
                 short\n";
    for query in ["?dry_run=true", "?dry_run=false"] {
        let answer = import(&daemon, query, table);
        let problem = answer.json();
        assert_eq!((answer.status, &problem["code"]), (422, &json!("refused")), "{problem}");
        let refusals = problem["refusals"].as_array().unwrap();
        let text = |key: &str| refusals.iter().map(|one| one[key].as_str().unwrap_or_default()).collect::<Vec<_>>();
        assert_eq!(
            text("key"),
            [
                "lines/1",
                "lines/2/phone",
                "lines/3/role",
                "lines/3/queues",
                "lines/3/queues",
                "lines/3/active",
                "lines/3/phone",
                "lines/4/login_name",
                "lines/5/login_name",
                "lines/7",
                ""
            ],
            "{problem}"
        );
        assert_eq!(text("name")[1..6], ["kim", "lee", "lee", "lee", "lee"]);
        let (messages, german) = (text("message"), text("message_de"));
        assert_eq!(messages[3], "line 3, column `queues`: there is no queue `Slaes`, expected one of: Service, Sales");
        assert_eq!(german[7], "Zeile 4, Spalte „login_name“: Diese Person steht schon in Zeile 2.");
        assert_eq!(messages[8], "line 5, column `login_name`: belongs to another company");
        assert!(messages[10].contains("nobody who works here could change the company"), "{messages:?}");
        assert_eq!(read(&daemon, "agents").text(), before);
    }
    for (table, status, key) in [("", 422, "lines/1"), ("\u{e4}", 422, "lines/1")] {
        let answer = import(&daemon, "", table);
        assert_eq!((answer.status, &answer.json()["refusals"][0]["key"]), (status, &json!(key)), "{}", answer.text());
    }
    let answer = import(&daemon, "", &"x".repeat(1024 * 1024 + 1));
    assert_eq!((answer.status, &answer.json()["code"]), (413, &json!("file_too_large")));
}

#[test]
fn roles_let_people_and_nobody_gives_more_than_they_have() {
    let hash = text().split("password_hash = \"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let staff = format!(
        "[[role]]\nname = \"staff\"\ncompany = \"change\"\n[[agent]]\nlogin_name = \"sam\"\nrole = \"staff\"\npassword_hash = \"{hash}\"\n"
    );
    let daemon = Daemon::of(&format!("{}{staff}", text()), &[], None);
    for who in ["agent-0", "boss"] {
        for line in [IMPORT, "GET /api/v1/company/people/export", "GET /api/v1/company/people/template"] {
            assert_eq!(sent(daemon.http, who, line, "", "login\nkim\n").status, 403, "{who}: {line}");
        }
    }
    let more = "login,role\nkim,staff\nlee,administrator\nagent-0,supervisor\n";
    let answer = sent(daemon.http, "sam", &format!("{IMPORT}?dry_run=true"), "", more);
    let problem = answer.json();
    let refusals = problem["refusals"].as_array().unwrap();
    let places: Vec<&str> = refusals.iter().map(|one| one["key"].as_str().unwrap()).collect();
    assert_eq!((answer.status, places), (422, vec!["lines/3/role", "lines/4/role"]), "{problem}");
    assert_eq!(sent(daemon.http, "sam", IMPORT, "", "login,role\nkim,staff\n").status, 200);
    assert_eq!(person(&daemon, "kim")["role"], json!(["staff"]));
}

#[test]
fn what_is_exported_changes_nothing_and_the_other_company_is_not_touched() {
    let theirs = company(1, "").replace("Alpenrad", "Bergbahn").replace("Service", "Lift").replace("boss", "olga");
    let theirs = theirs.replace("agent-0", "otto").replace("\"supervisor\"", "\"administrator\"");
    let daemon = Daemon::start_in(tempfile::tempdir().unwrap(), &[&text(), &theirs], &[]);
    counts(&import(&daemon, "", TABLE));
    let others = |path: &str| sent(daemon.http, "olga", &format!("GET /api/v1/company/{path}"), "", "").text();
    let before = (others("agents"), others("audit"), others("people/export"));
    assert!(before.2.contains("otto") && !before.2.contains("kim"), "{}", before.2);
    for (language, head) in [("de", "\u{feff}Anmeldename;"), ("en", "\u{feff}Log-in name,")] {
        let exported = read(&daemon, &format!("people/export?language={language}"));
        assert_eq!(exported.header("content-disposition"), Some("attachment; filename=\"people.csv\""));
        assert!(exported.text().starts_with(head) && exported.text().contains("Sales:7"), "{}", exported.text());
        let all = exported.text().lines().count() as u64 - 1;
        let document = Document::of(daemon.http);
        document.check("GET /api/v1/company/people/export", &exported);
        let planned = import(&daemon, "?dry_run=true", &exported.text());
        assert_eq!((counts(&planned), &planned.json()["differences"]), ([0, 0, all], &json!([])));
        assert_eq!(counts(&import(&daemon, "", &exported.text())), [0, 0, all]);
        let template = read(&daemon, &format!("people/template?language={language}"));
        document.check("GET /api/v1/company/people/template", &template);
        assert!(template.text().starts_with(head), "{}", template.text());
        assert_eq!(counts(&import(&daemon, "?dry_run=true", &template.text())), [1, 0, 0]);
    }
    let asked = |languages: &str| {
        let line = "GET /api/v1/company/people/template";
        sent(daemon.http, "chief", line, &format!("accept-language: {languages}"), "").text()
    };
    assert!(asked("de-AT,de;q=0.9,en;q=0.8").contains("Anmeldename") && asked("fr, en").contains("Log-in name"));
    assert_eq!((others("agents"), others("audit"), others("people/export")), before);
}

#[test]
fn whoever_looked_at_something_else_does_nothing_and_whoever_did_not_look_is_done_with_what_is_there() {
    let daemon = Daemon::of(&text(), &[], None);
    let table = "login,name\nagent-0,Anna\nkim,Kim\n";
    let planned = import(&daemon, "?dry_run=true", table);
    let tag = planned.header("etag").unwrap().to_owned();
    let patched = |path: &str, settings: &Value| {
        let answer = send_as(daemon.http, "chief", &format!("PATCH /api/v1/company/{path}"), "", settings);
        assert_eq!(answer.status, 200, "{}", answer.text());
    };
    let with_tag = || sent(daemon.http, "chief", IMPORT, &format!("if-match: {tag}"), table);
    patched("agents/2", &json!({"display_name": "Another"}));
    let stale = with_tag();
    assert_eq!((stale.status, &stale.json()["code"]), (412, &json!("stale")), "{}", stale.text());
    assert_eq!(person(&daemon, "kim"), Value::Null, "not half of it");
    // What has nothing to do with it is in nobody's way.
    patched("agents/2", &json!({"display_name": "agent-0"}));
    patched("queues/1", &json!({"ring_s": 15}));
    assert_eq!(counts(&with_tag()), [1, 1, 0]);
    patched("agents/2", &json!({"display_name": "Another"}));
    assert_eq!(counts(&import(&daemon, "", table)), [0, 1, 1]);
    assert_eq!(person(&daemon, "agent-0")["display_name"], "Anna");
}
