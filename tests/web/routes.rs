//! What is at which address, and what answers carry.

use super::client::{ask, ask_as, base64};
use super::document::Document;
use super::roles::ROLES;
use super::{PASSWORD, company};
use crate::journal::story::sql;
use crate::process::Daemon;
use actix_web::http::Method;
use domain::company::{Area, Change, Company, Outside, Rights};
use domain::id::CompanyId;
use std::collections::BTreeSet;
use vorrang::store::{Hashed as _, Secret};

#[test]
fn what_can_be_read_can_be_asked_for_without_its_body_and_other_methods_are_told_what_is_understood() {
    let daemon = Daemon::of(&company(1, ""), &[], None);
    let http = daemon.http;
    for path in
        ["/healthz", "/readyz", "/", "/desktop", "/desktop/", "/api/v1/trunks", "/api/v1/queues", "/api/v1/calls"]
    {
        let (whole, head) =
            (ask_as(http, "boss", &format!("GET {path}")), ask_as(http, "boss", &format!("HEAD {path}")));
        assert_eq!(head.status, whole.status, "{path}");
        assert!(head.body.is_empty(), "{path}");
        for name in ["content-length", "content-type", "etag", "location", "cache-control"] {
            assert_eq!(head.header(name), whole.header(name), "{path}: {name}");
        }
    }
    for (request, allow) in [
        ("POST /healthz", "GET, HEAD"),
        ("DELETE /desktop/", "GET, HEAD"),
        ("PUT /widget.js", "GET, HEAD"),
        ("DELETE /api/v1/sessions", "GET, HEAD, POST"),
        ("PATCH /api/v1/sessions/current", "GET, HEAD, DELETE"),
        ("POST /api/v1/trunks", "GET, HEAD"),
        ("GET /api/v1/queues/1/tasks", "POST"),
        ("POST /ws/visitor", "GET"),
    ] {
        let answer = ask_as(http, "boss", request);
        assert_eq!((answer.status, answer.header("allow")), (405, Some(allow)), "{request}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{request}");
    }
    let home = ask(http, "GET /", "", "");
    assert_eq!((home.status, home.header("location")), (302, Some("/desktop/")));
    for path in ["/nothing", "/api/v1/nothing", "/api/v2"] {
        let answer = ask(http, &format!("GET {path}"), "", "");
        assert_eq!((answer.status, answer.json()["code"].as_str()), (404, Some("not_found")), "{path}");
    }
}

#[test]
fn a_value_that_cannot_be_read_is_said_where_the_daemon_is_watched_and_stops_nothing() {
    let daemon = Daemon::of(&company(1, ""), &[], None);
    assert!(!ask(daemon.http, "GET /readyz", "", "").text().contains("degraded"));
    sql(&daemon.database(), "PRAGMA busy_timeout = 10000; UPDATE queue SET strategy = 'x'");
    let daemon = daemon.killed_and_started_again(&[]);
    let ready = ask(daemon.http, "GET /readyz", "", "");
    assert_eq!(ready.status, 200, "{}", ready.text());
    assert!(ready.text().lines().any(|line| line.starts_with("degraded: 1 ")), "{}", ready.text());
    assert!(daemon.log().contains("table queue, row 1, column strategy"), "{}", daemon.last_words());
}

#[test]
fn what_ids_are_for_is_listed() {
    let more =
        "[[number]]\nnumber = \"4711\"\nqueue = \"Service\"\n[[chat_service]]\ntoken = \"shop\"\nqueue = \"Service\"\n";
    let daemon = Daemon::of(&company(1, more), &[], None);
    let list = |what: &str| ask_as(daemon.http, "boss", &format!("GET /api/v1/{what}")).json();
    let queues = list("queues");
    assert_eq!(
        (&queues[0]["name"], &queues[0]["waiting"], &queues[0]["numbers"][0]),
        (&"Service".into(), &0.into(), &"4711".into()),
        "{queues}"
    );
    let agents = list("agents");
    let names: Vec<_> = agents.as_array().unwrap().iter().map(|agent| agent["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["agent-0", "boss"], "{agents}");
    assert_eq!(
        (&agents[1]["roles"][0], &agents[1]["presence"]["presence"]),
        (&"supervisor".into(), &"logged_out".into())
    );
    let services = list("services");
    assert_eq!((&services[0]["token"], &services[0]["queue"]["queue"]), (&"shop".into(), &queues[0]["queue"]));
    for what in ["queues", "agents", "services", "trunks"] {
        assert_eq!(ask_as(daemon.http, "agent-0", &format!("GET /api/v1/{what}")).status, 403, "{what}");
    }
    let task = "{\"channel\":\"callback\",\"text\":\"x\"}";
    for (path, status) in [("Service", 400), ("-1", 400), ("99999999999999999999", 400), ("99", 404)] {
        let line = format!("POST /api/v1/queues/{path}/tasks");
        let credentials = "content-type: application/json\nauthorization: Basic Ym9zczpvcGVuIHNlc2FtZQ==";
        let answer = ask(daemon.http, &line, credentials, task);
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        assert!(!answer.text().contains("u64") && !answer.text().contains("u32"), "{}", answer.text());
    }
}

#[test]
fn every_answer_keeps_browsers_from_more_than_its_page_needs_and_sessions_are_this_hosts_alone() {
    const SAID: [(&str, &str); 5] = [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ];
    let log_in = |http, headers: &str| {
        let body = serde_json::json!({ "name": "agent-0", "password": PASSWORD }).to_string();
        let answer = ask(http, "POST /api/v1/sessions", &format!("{JSON}\n{headers}"), &body);
        answer.header("set-cookie").map(str::to_owned)
    };
    for (settings, is_secure) in [(&[][..], false), (&[("HTTP__PUBLIC_URL", "https://chat.example.com")][..], true)] {
        let daemon = Daemon::of(&company(1, ""), settings, None);
        for request in [
            "GET /",
            "GET /desktop/",
            "GET /desktop/nothing.js",
            "GET /chat/none",
            "GET /widget/services/none",
            "GET /nothing",
            "DELETE /healthz",
            "GET /api/v1/queues",
            "GET /api/v1/openapi.json",
            "GET /ws/visitor",
        ] {
            let answer = ask(daemon.http, request, "", "");
            for (name, value) in SAID {
                // Any site's page may load the widget.
                let value =
                    if name.ends_with("resource-policy") && request.contains("/widget") { None } else { Some(value) };
                assert!(value.is_none() || answer.header(name) == value, "{request}: {name}: {answer:?}");
            }
            let tls = answer.header("strict-transport-security");
            assert_eq!(tls, is_secure.then_some("max-age=31536000"), "{request}");
        }
        // Another site's page is refused before anybody is asked.
        let refused = ask(daemon.http, "POST /api/v1/sessions", &format!("{JSON}\norigin: https://evil.example"), "{}");
        assert_eq!((refused.status, refused.header("referrer-policy")), (403, Some("no-referrer")));
        let cookie = log_in(daemon.http, "").unwrap();
        let name = if is_secure { "__Host-vorrang_session=" } else { "vorrang_session=" };
        assert!(cookie.starts_with(name) && cookie.contains("; Secure") == is_secure, "{cookie}");
        assert!(cookie.contains("; HttpOnly; SameSite=Strict") && cookie.contains("; Path=/;"), "{cookie}");
        let value = cookie.split(['=', ';']).nth(1).unwrap();
        for (name, status) in [
            ("vorrang_session", if is_secure { 401 } else { 200 }),
            ("__Host-vorrang_session", if is_secure { 200 } else { 401 }),
        ] {
            let answer = ask(daemon.http, "GET /api/v1/sessions/current", &format!("cookie: {name}={value}"), "");
            assert_eq!(answer.status, status, "{name}");
        }
    }
}

#[test]
fn answers_are_not_stored_nor_guessed_at_and_other_sites_pages_change_nothing() {
    let daemon = Daemon::of(&company(1, ""), &[], None);
    let http = daemon.http;
    for path in ["/healthz", "/readyz", "/api/v1/sessions/current", "/api/v1/trunks", "/api/v1/nothing", "/nothing"] {
        let answer = ask(http, &format!("GET {path}"), "", "");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
    }
    assert_eq!(ask(http, "GET /healthz", "", "").header("content-type"), Some("text/plain; charset=utf-8"));
    let body = serde_json::json!({ "name": "agent-0", "password": PASSWORD }).to_string();
    for (origin, status) in [
        (String::new(), 200),
        (format!("origin: http://{http}\n"), 200),
        ("origin: https://evil.example\n".to_owned(), 403),
        ("origin: null\n".to_owned(), 403),
    ] {
        let json = "content-type: application/json";
        let answer = ask(http, "POST /api/v1/sessions", &format!("{origin}{json}"), &body);
        assert_eq!(answer.status, status, "{origin}");
        let Some(cookie) = answer.header("set-cookie") else { continue };
        let cookie = cookie.split(';').next().unwrap();
        let headers = format!("cookie: {cookie}\norigin: https://evil.example\n{json}");
        let put = ask(http, "PUT /api/v1/agents/agent-0/presence", &headers, "{\"presence\":\"available\"}");
        assert_eq!(put.status, 403);
        assert_eq!(ask(http, "DELETE /api/v1/sessions/current", &headers, "").status, 403);
        assert_eq!(ask(http, "GET /api/v1/sessions/current", &headers, "").status, 200, "reading changes nothing");
    }
    for (headers, body, status) in [
        ("content-type: text/plain", "{}".to_owned(), 415),
        ("content-type: application/json", "{".to_owned(), 400),
        ("content-type: application/json", format!("\"{}\"", "x".repeat(70_000)), 413),
    ] {
        let answer = ask(http, "POST /api/v1/sessions", headers, &body);
        assert_eq!((answer.status, answer.json()["code"].as_str()), (status, Some("malformed")), "{}", answer.text());
    }
}

/// Whom an address serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Serves {
    /// Also those who say nothing of themselves.
    Anybody,
    /// Everybody of a company, but no programs.
    Agents,
    /// Everybody of a company for what is their own, and programs whom a role lets see, or change, that of others.
    OwnOr(Needs),
    /// Those whom a role lets see, or change, something.
    Those(Needs),
}

/// What a role has to let people do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    Read(Area),
    Change(Area),
}

impl Needs {
    /// As the description says it.
    fn word(self) -> String {
        match self {
            Needs::Read(area) => format!("{}: read", area.as_str()),
            Needs::Change(area) => format!("{}: change", area.as_str()),
        }
    }

    fn are_met_by(self, rights: &Rights) -> bool {
        match self {
            Needs::Read(area) => rights.reads(area).is_some(),
            Needs::Change(area) => rights.changes(area).is_some(),
        }
    }
}

const fn own_or_read(area: Area) -> Serves {
    Serves::OwnOr(Needs::Read(area))
}

const fn read(area: Area) -> Serves {
    Serves::Those(Needs::Read(area))
}

const fn change(area: Area) -> Serves {
    Serves::Those(Needs::Change(area))
}

const TASK: &str = "{\"channel\":\"callback\",\"text\":\"x\"}";
const WRITE_UP: &str = "{\"version\":0,\"note\":\"x\",\"classifications\":[]}";
const PASSWORDS: &str = "{\"old\":\"open sesame\",\"new\":\"open sesame\"}";
const TO_ITS_QUEUE: &str = "{\"queue\":1}";

/// Whom each address serves, and with which body it is asked.
#[rustfmt::skip]
const ADDRESSES: &[(&str, &str, Serves)] = &[
    ("POST /api/v1/sessions",                 "{\"name\":\"agent-0\",\"password\":\"open sesame\"}", Serves::Anybody),
    ("GET /api/v1/sessions",                  "",                               Serves::Agents),
    ("DELETE /api/v1/sessions/{session}",     "",                               Serves::Agents),
    ("PUT /api/v1/password",                  PASSWORDS,                        Serves::Agents),
    ("GET /api/v1/preferences",               "",                               Serves::Agents),
    ("PUT /api/v1/preferences",               "{\"density\":\"compact\"}",      Serves::Agents),
    ("GET /api/v1/sessions/current",          "",                               Serves::Agents),
    ("DELETE /api/v1/sessions/current",       "",                               Serves::Anybody),
    ("GET /api/v1/agents",                    "",                               read(Area::People)),
    ("PUT /api/v1/agents/{name}/presence",    "{\"presence\":\"logged_out\"}",  Serves::OwnOr(Needs::Change(Area::People))),
    ("GET /api/v1/calls",                     "",                               read(Area::Records)),
    ("GET /api/v1/calls/{call}",              "",                               read(Area::Records)),
    ("POST /api/v1/chats/{chat}/files",       "",                               Serves::Agents),
    ("GET /api/v1/chats/{chat}/files/{file}", "",                               own_or_read(Area::Records)),
    ("GET /api/v1/company",                   "",                               read(Area::Company)),
    ("PATCH /api/v1/company",                 "{\"keep_withheld_numbers\":true}", change(Area::Company)),
    ("GET /api/v1/company/api_keys/used",     "",                               read(Area::Company)),
    ("GET /api/v1/company/audit",             "",                               read(Area::Audit)),
    ("GET /api/v1/company/installation",      "",                               read(Area::Company)),
    ("GET /api/v1/company/licence",           "",                               read(Area::Company)),
    ("POST /api/v1/company/hours/import",     "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20301225\nEND:VEVENT\nEND:VCALENDAR\n", read(Area::Company)),
    ("POST /api/v1/company/hours/outlook",    "{\"name\":\"New\"}",             read(Area::Company)),
    ("GET /api/v1/company/people/export",     "",                               read(Area::Company)),
    ("POST /api/v1/company/people/import",    "login_name\nnew-one\n",           change(Area::Company)),
    ("GET /api/v1/company/people/template",   "",                               read(Area::Company)),
    ("GET /api/v1/company/services/{id}/seen", "",                              read(Area::Company)),
    ("GET /api/v1/company/{kind}",            "",                               read(Area::Company)),
    ("POST /api/v1/company/{kind}",           "{\"name\":\"New\"}",             change(Area::Company)),
    ("GET /api/v1/company/{kind}/{id}",       "",                               read(Area::Company)),
    ("PATCH /api/v1/company/{kind}/{id}",     "{\"ring_s\":15}",                change(Area::Company)),
    ("DELETE /api/v1/company/{kind}/{id}",    "",                               change(Area::Company)),
    ("GET /api/v1/contact-fields",            "",                               read(Area::Contacts)),
    ("GET /api/v1/contacts",                  "",                               read(Area::Contacts)),
    ("POST /api/v1/contacts",                 "{\"name\":\"New\"}",             change(Area::Contacts)),
    ("GET /api/v1/contacts/export",           "",                               read(Area::ContactData)),
    ("POST /api/v1/contacts/import",          "name\nNew\n",                     change(Area::ContactData)),
    ("GET /api/v1/contacts/{contact}",        "",                               read(Area::Contacts)),
    ("PATCH /api/v1/contacts/{contact}",      "{\"name\":\"New\"}",             change(Area::Contacts)),
    ("POST /api/v1/contacts/{contact}/merge", "{\"into\":1}",                   change(Area::Contacts)),
    ("POST /api/v1/contacts/{contact}/part",  "",                               change(Area::Contacts)),
    ("GET /api/v1/contacts/{contact}/archive", "",                              read(Area::ContactData)),
    ("GET /api/v1/contacts/{contact}/interactions", "",                         read(Area::Contacts)),
    ("DELETE /api/v1/contacts/{contact}",     "",                               change(Area::ContactData)),
    ("GET /api/v1/items",                     "",                               Serves::Agents),
    ("PUT /api/v1/items/{item}/contact",      "{\"contact\":null}",             Serves::Agents),
    ("GET /api/v1/items/{item}/transcript",   "",                               own_or_read(Area::Records)),
    ("GET /api/v1/items/{item}/why",          "",                               read(Area::Work)),
    ("POST /api/v1/items/{item}/move",        TO_ITS_QUEUE,                     change(Area::Work)),
    ("GET /api/v1/items/{item}/write-up",     "",                               own_or_read(Area::Records)),
    ("PUT /api/v1/items/{item}/write-up",     WRITE_UP,                         Serves::Agents),
    ("GET /api/v1/openapi.json",              "",                               Serves::Anybody),
    ("GET /api/v1/phones",                    "",                               read(Area::Lines)),
    ("GET /api/v1/queues",                    "",                               read(Area::Work)),
    ("GET /api/v1/queues/{queue}/outlook",    "",                               read(Area::Work)),
    ("POST /api/v1/queues/{queue}/tasks",     TASK,                             change(Area::Work)),
    ("POST /api/v1/queues/{queue}/overflow",  TO_ITS_QUEUE,                     change(Area::Work)),
    ("GET /api/v1/services",                  "",                               read(Area::Lines)),
    ("GET /api/v1/setup",                     "",                               Serves::Anybody),
    ("POST /api/v1/setup",                    "{}",                             Serves::Anybody),
    ("GET /api/v1/templates",                 "",                               Serves::Agents),
    ("GET /api/v1/trunks",                    "",                               read(Area::Lines)),
    ("GET /ws/agent",                         "",                               Serves::Agents),
    ("GET /ws/visitor",                       "",                               Serves::Anybody),
    ("POST /visitor/files",                   "",                               Serves::Anybody),
    ("OPTIONS /visitor/files",                "",                               Serves::Anybody),
    ("GET /visitor/files/{file}",             "",                               Serves::Anybody),
    ("OPTIONS /visitor/files/{file}",         "",                               Serves::Anybody),
    ("POST /visitor/rating",                  "",                               Serves::Anybody),
    ("GET /healthz",                          "",                               Serves::Anybody),
    ("GET /readyz",                           "",                               Serves::Anybody),
    ("GET /metrics",                          "",                               Serves::Anybody),
    ("GET /chat/{token}",                     "",                               Serves::Anybody),
    ("GET /widget.js",                        "",                               Serves::Anybody),
    ("GET /widget/services/{token}",          "",                               Serves::Anybody),
    ("POST /widget/services/{token}/messages", "",                              Serves::Anybody),
    ("GET /widget/{path:.*}",                 "",                               Serves::Anybody),
    ("GET /",                                 "",                               Serves::Anybody),
    ("GET /desktop",                          "",                               Serves::Anybody),
    ("GET /desktop/{path:.*}",                "",                               Serves::Anybody),
];

const JSON: &str = "content-type: application/json";

#[test]
fn every_address_says_whom_it_serves() {
    let understood = |(path, methods): (String, Vec<Method>)| {
        let said = methods.into_iter().filter(|method| method != Method::HEAD);
        said.map(move |method| format!("{method} {path}")).collect::<Vec<_>>()
    };
    let routed: BTreeSet<String> = vorrang::web::addresses().into_iter().flat_map(understood).collect();
    let here: BTreeSet<String> = ADDRESSES.iter().map(|(line, ..)| (*line).to_owned()).collect();
    assert_eq!(here, routed);
}

#[test]
fn the_description_says_whom_each_address_serves_and_what_it_refuses() {
    let daemon = Daemon::of(&company(0, ""), &[], None);
    let document = Document::of(daemon.http);
    let described = |(line, _, serves): &(&str, &str, Serves)| {
        let operation = document.operation(line)?;
        let answers = operation["responses"].as_object().unwrap();
        let refused: Vec<_> = answers.keys().map(String::as_str).filter(|status| *status >= "400").collect();
        let roles = match serves {
            Serves::Anybody => serde_json::Value::Null,
            Serves::Agents => serde_json::json!([{ "session": [] }, { "basic": [] }]),
            Serves::OwnOr(_) => serde_json::json!([{ "session": [] }, { "basic": [] }, { "key": [] }]),
            Serves::Those(needs) => {
                let word = needs.word();
                serde_json::json!([{ "session": [word] }, { "basic": [word] }, { "key": [word] }])
            }
        };
        assert_eq!(operation["security"], roles, "{line}");
        let refuses = |status: &str| refused.contains(&status);
        assert!(refuses("405") && refuses("503"), "{line}: {refused:?}");
        assert!(*serves == Serves::Anybody || (refuses("401") && refuses("429")), "{line}: {refused:?}");
        assert!(*serves == Serves::Anybody || refuses("403"), "{line}: {refused:?}");
        assert_eq!(refuses("404"), line.contains('{'), "{line}: {refused:?}");
        Some(())
    };
    assert_eq!(ADDRESSES.iter().filter_map(described).count(), 61);
    for (line, status) in [("PATCH /api/v1/queues", 405), ("GET /api/v1/calls?queue=x", 400)] {
        let answer = ask_as(daemon.http, "boss", line);
        assert_eq!(answer.status, status);
        document.check(&line.replace("PATCH", "GET").replace("?queue=x", ""), &answer);
    }
}

fn bearer(token: &str) -> String {
    format!("authorization: Bearer {token}")
}

/// The token of the key that has the role of somebody of the walk.
fn token(name: &str) -> String {
    format!("{name}.0123456789012345678901234567890123456789")
}

fn basic(name: &str, password: &str) -> String {
    format!("authorization: Basic {}", base64(&format!("{name}:{password}")))
}

/// An address with things that this company has.
fn filled(line: &str, item: &str) -> String {
    let line = line.replace("{name}", "agent-0").replace("{call}", "1-6").replace("{queue}", "1");
    let line = line.replace("{contact}", "1").replace("{session}", "1");
    let line = line.replace("{kind}", "queues").replace("{id}", "1");
    let line = line.replace("{chat}", "1").replace("{file}", "1");
    let line = if line.ends_with("/files") { format!("{line}?client=some-desk&command=1&name=a.txt") } else { line };
    line.replace("{item}", item).replace("{path:.*}", "")
}

/// Everybody of the walk, with what they may do.
fn people() -> Vec<(String, String, Rights)> {
    let own = ["sees all", "may nothing", "leads"];
    let built_in = ["agent", "supervisor", "administrator"];
    let file: vorrang::store::CompanyFile = toml::from_str(&format!("[company]\nname = \"X\"\n{ROLES}")).unwrap();
    let changes: Vec<Change> = file.roles.into_iter().map(Change::PutRole).collect();
    let empty = Company::new(CompanyId(1), "X").unwrap();
    let company = empty.change(&changes, &Outside::default()).unwrap();
    let rights = |name: &str| {
        let role = company.all_roles().find(|role| role.name == name).unwrap();
        company.rights(&[role.id].into())
    };
    let person = |name: &str| (name.to_owned(), name.replace(' ', "-"), rights(name));
    built_in.into_iter().chain(own).map(person).collect()
}

#[test]
fn whoever_is_not_let_in_is_told_the_way_in_and_no_browser_asks_for_it_by_itself() {
    let of_whom = ["ACCOUNT", "SOURCE"].map(|of| format!("LIMITS__LOGIN_FAILURES_PER_{of}_PER_MINUTE"));
    let settings = of_whom.each_ref().map(|key| (key.as_str(), "1000"));
    let hash = Secret::hash(PASSWORD).unwrap().0;
    let queues = |role: &str| if role == "leads" { "queues = [\"Service\"]\n" } else { "" };
    let person = |(role, name, _): &(String, String, Rights)| {
        let (queues, token) = (queues(role), token(name));
        format!(
            "[[agent]]\nlogin_name = \"{name}\"\nrole = \"{role}\"\npassword_hash = \"{hash}\"\n{queues}\
             [[api_key]]\nname = \"{name}\"\ntoken = \"{token}\"\nroles = [\"{role}\"]\nuntil = \"2099-12-31\"\n{queues}"
        )
    };
    let people = people();
    let more: String = people.iter().map(person).collect();
    let daemon = Daemon::of(&company(1, &format!("[[queue]]\nname = \"Spare\"\n{ROLES}{more}")), &settings, None);
    const SESSION: &str = "Session realm=\"Vorrang\"";
    const BASIC: &str = "Basic realm=\"Vorrang\", charset=\"UTF-8\"";
    const BEARER: &str = "Bearer realm=\"Vorrang\", error=\"invalid_token\"";
    let [nobody, stranger, guesser] =
        ["".to_owned(), "authorization: Bearer 4711".to_owned(), basic("agent-0", "a guess")];
    let document = Document::of(daemon.http);
    for (address, body, serves) in ADDRESSES {
        // What is removed is none of the queues that somebody serves.
        let line = filled(address, "call:1-6").replace("/company/queues/1", "/company/queues/2");
        let line = if line == "GET /api/v1/calls" { format!("{line}?queue=1") } else { line };
        let anybody = *serves == Serves::Anybody;
        let mut rows = vec![
            ("nobody", nobody.clone(), Some(SESSION), anybody),
            ("an old token", stranger.clone(), Some(BEARER), anybody),
            ("a guesser", guesser.clone(), Some(BASIC), anybody),
        ];
        for (role, name, rights) in &people {
            let (is_let_in, is_program_let_in) = match serves {
                Serves::Anybody => (true, true),
                Serves::Agents => (true, false),
                Serves::OwnOr(needs) => (true, needs.are_met_by(rights)),
                Serves::Those(needs) => (needs.are_met_by(rights), needs.are_met_by(rights)),
            };
            rows.push((role.as_str(), basic(name, PASSWORD), None, is_let_in));
            rows.push(("a key", bearer(&token(name)), None, is_program_let_in));
        }
        for (who, credentials, challenge, is_let_in) in rows {
            // Without a wish for an upgrade sockets answer, and nobody stays. Each takes their own presence.
            // Programs have none, and take that of somebody of a queue.
            let person = if who == "a key" { "leads".to_owned() } else { who.replace(' ', "-") };
            let line = line.replace("agent-0", &person);
            let answer = ask(daemon.http, &line, &format!("{JSON}\n{credentials}"), body);
            let challenge = challenge.filter(|_| !is_let_in);
            document.check(address, &answer);
            assert_eq!(answer.header("www-authenticate"), challenge, "{line} by {who}: {}", answer.text());
            let status = answer.status;
            match (is_let_in, challenge) {
                (true, _) => assert!(![401, 403].contains(&status), "{line} by {who}: {status} {}", answer.text()),
                (false, Some(_)) => assert_eq!(status, 401, "{line} by {who}"),
                // Whose it is that is not there nobody knows.
                (false, None) if matches!(serves, Serves::OwnOr(_)) => assert!([403, 404].contains(&status), "{line}"),
                (false, None) => assert_eq!(status, 403, "{line} by {who}"),
            }
            if line.starts_with("GET /api") {
                let head = ask(daemon.http, &line.replacen("GET", "HEAD", 1), &credentials, "");
                assert_eq!(head.status, status, "HEAD is no way around: {line} by {who}");
            }
        }
    }
    let wrong = "{\"name\":\"agent-0\",\"password\":\"a guess\"}";
    let answer = ask(daemon.http, "POST /api/v1/sessions", JSON, wrong);
    assert_eq!((answer.status, answer.header("www-authenticate")), (401, Some(SESSION)));
}

#[test]
fn another_companys_supervisor_finds_nothing_at_any_address() {
    let ours = "[[number]]\nnumber = \"+494711\"\nqueue = \"Service\"\n[[chat_service]]\ntoken = \"shop\"\nqueue = \"Service\"\n\
                [[trunk]]\nname = \"provider\"\naddress = \"127.0.0.9\"\n";
    let key = format!(
        "[[api_key]]\nname = \"olga\"\ntoken = \"{}\"\nroles = [\"administrator\"]\nuntil = \"2099-12-31\"\n",
        token("olga")
    );
    let theirs = company(0, &key).replace("Alpenrad", "Bergbahn").replace("Service", "Lift").replace("boss", "olga");
    let [ours, theirs] = [company(1, ours), theirs].map(|text| text.replace("\"supervisor\"", "\"administrator\""));
    let daemon = Daemon::start_in(tempfile::tempdir().unwrap(), &[&ours, &theirs], &[]);
    let [boss, olga] = ["boss", "olga"].map(|name| basic(name, PASSWORD));
    let json = |credentials: &str| format!("{JSON}\n{credentials}");
    let made = ask(daemon.http, "POST /api/v1/queues/1/tasks", &json(&boss), TASK);
    assert_eq!(made.status, 201, "{}", made.text());
    let item = made.json()["item"].as_str().unwrap().replace(' ', ":");
    let known = ask(daemon.http, "POST /api/v1/contacts", &json(&boss), "{\"name\":\"Greta Kunde\"}");
    assert_eq!(known.header("location"), Some("/api/v1/contacts/1"), "{}", known.text());
    let document = Document::of(daemon.http);
    for (address, body, serves) in ADDRESSES {
        if *serves == Serves::Anybody || address.starts_with("GET /ws") {
            continue;
        }
        let (line, names) = (filled(address, &item), address.replace("{kind}", "").contains('{'));
        let answer = ask(daemon.http, &line, &json(&olga), body);
        let found = ["agent-0", "boss", "Alpenrad", "Service", "+494711", "shop", "provider", "Greta"];
        assert!(
            !found.iter().any(|word| answer.text().contains(word)) || line.contains("agent-0"),
            "{line}: {answer:?}"
        );
        if names {
            // What waits elsewhere is `taken`, like what waits nowhere.
            assert!([404, 409].contains(&answer.status), "{line}: {answer:?}");
        } else {
            assert!([200, 201, 204].contains(&answer.status), "{line}: {answer:?}");
        }
        document.check(address, &answer);
        let by_key = ask(daemon.http, &line, &json(&bearer(&token("olga"))), body);
        let says = found.iter().any(|word| by_key.text().contains(word));
        assert!(!says || line.contains("agent-0"), "{line}: {by_key:?}");
        assert!(*serves != Serves::Agents || by_key.status == 403, "{line}: {by_key:?}");
        document.check(address, &by_key);
        let control = ask(daemon.http, &line, &json(&boss), body);
        document.check(address, &control);
        // No call has ended yet, and there is no chat.
        let is_unknown = ["/calls/", "/files/", "/sessions/1"].iter().any(|part| line.contains(part));
        assert_eq!(control.status == 404, is_unknown, "{line}: {control:?}");
    }
}
