//! The demo as a process: its telephones call and answer over real sockets, and it leaves nothing behind.
//! Never waits by the clock: a test waits for what can be seen at the demo's own interface.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Longer than anything here takes; only a test that hangs sees it.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long the demo may take to stop.
const STOP_MAX: Duration = Duration::from_secs(10);

#[test]
fn a_caller_waits_with_music_until_ben_answers_and_both_hear_each_other() {
    let demo = Demo::start(&["--http", "0", "--sip", "0"]);
    demo.until("both phones registered", |now| phone(now, "anna") == "idle" && phone(now, "ben") == "idle");

    let id = demo.call();
    demo.until("the caller waits and hears music", |now| {
        now["callers"][0]["state"] == "waiting" && heard(&now["callers"][0]) > 0
    });
    assert_eq!(demo.ask("POST", "/phones/ben/answer", None).0, 409);

    assert_eq!(demo.ask("PUT", "/agents/ben/presence", Some(json!({"presence": "available"}))).0, 204);
    let now = demo.until("Ben's phone rings", |now| phone(now, "ben") == "ringing");
    assert_eq!(now["phones"][1]["peer"], now["callers"][0]["number"]);
    assert_eq!(now["callers"][0]["state"], "waiting");
    assert_eq!(phone(&now, "anna"), "idle");

    assert_eq!(demo.ask("POST", "/phones/ben/answer", None).0, 204);
    let talk = demo.until("they talk", |now| now["callers"][0]["state"] == "talking" && phone(now, "ben") == "talking");
    demo.until("both hear a second more", |now| {
        heard(&now["callers"][0]) > heard(&talk["callers"][0]) + 1_000
            && heard(&now["phones"][1]) > heard(&talk["phones"][1]) + 1_000
    });

    assert_eq!(demo.ask("POST", "/phones/ben/hang_up", None).0, 204);
    demo.until("it is over", |now| now["callers"][0]["state"] == "ended" && phone(now, "ben") == "idle");
    assert_eq!(demo.ask("POST", &format!("/callers/{id}/hang_up"), None).0, 409);
    demo.stop();
}

#[test]
fn a_declined_call_waits_on_until_the_caller_hangs_up() {
    let demo = Demo::start(&["--http", "0", "--sip", "0"]);
    demo.until("Ben's phone registered", |now| phone(now, "ben") == "idle");
    assert_eq!(demo.ask("PUT", "/agents/ben/presence", Some(json!({"presence": "available"}))).0, 204);
    let id = demo.call();
    demo.until("Ben's phone rings", |now| phone(now, "ben") == "ringing");
    assert_eq!(demo.ask("PUT", "/agents/ben/presence", Some(json!({"presence": "logged_out"}))).0, 204);
    demo.until("it rings no more", |now| phone(now, "ben") == "idle" && now["callers"][0]["state"] == "waiting");

    assert_eq!(demo.ask("PUT", "/agents/ben/presence", Some(json!({"presence": "available"}))).0, 204);
    demo.until("it rings again", |now| phone(now, "ben") == "ringing");
    assert_eq!(demo.ask("POST", "/phones/ben/decline", None).0, 204);
    demo.until("the caller waits on", |now| now["callers"][0]["state"] == "waiting");
    assert_eq!(demo.ask("POST", &format!("/callers/{id}/hang_up"), None).0, 204);
    demo.until("all is quiet", |now| now["callers"][0]["state"] == "ended" && phone(now, "ben") == "idle");
    demo.stop();
}

#[test]
fn it_stops_at_once_in_the_middle_of_a_call() {
    let demo = Demo::start(&["--http", "0", "--sip", "0"]);
    demo.until("Ben's phone registered", |now| phone(now, "ben") == "idle");
    demo.ask("PUT", "/agents/ben/presence", Some(json!({"presence": "available"})));
    demo.call();
    demo.until("Ben's phone rings", |now| phone(now, "ben") == "ringing");
    demo.ask("POST", "/phones/ben/answer", None);
    demo.until("they talk", |now| now["callers"][0]["state"] == "talking");
    demo.stop();
}

#[test]
fn the_pages_open_and_the_desktop_knows_anna() {
    let demo = Demo::start(&["--http", "0", "--sip", "0"]);
    let (status, head, body) = demo.http("GET", "/", &[], "");
    assert_eq!(status, 200);
    assert!(head.contains("frame-ancestors 'self'"), "{head}");
    assert!(body.contains("/demo/index.js"));
    assert_eq!(demo.http("GET", "/demo/index.js", &[], "").0, 200);
    assert_eq!(demo.http("GET", "/demo/no-such-file.js", &[], "").0, 404);

    let (status, head, _) = demo.http("GET", "/demo/desktop?lang=de", &[], "");
    assert_eq!(status, 303);
    let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).unwrap().to_owned();
    assert_eq!(field("location: "), "/desktop/?lang=de");
    let cookie = field("set-cookie: ");
    let cookie = cookie.split(';').next().unwrap();
    let (status, _, body) = demo.http("GET", "/api/v1/sessions/current", &[("cookie", cookie)], "");
    assert_eq!((status, serde_json::from_str::<Value>(&body).unwrap()["name"].clone()), (200, json!("anna")));
    demo.until("Anna is at work", |now| now["phones"][0]["presence"] == "available");
    demo.stop();
}

#[test]
fn another_sites_page_moves_nothing() {
    let demo = Demo::start(&["--http", "0", "--sip", "0"]);
    for (method, path) in [
        ("POST", "/calls"),
        ("POST", "/phones/anna/answer"),
        ("POST", "/callers/1/hang_up"),
        ("PUT", "/agents/ben/presence"),
    ] {
        let headers = [("origin", "http://elsewhere.example"), ("content-type", "application/json")];
        let path = format!("/api/v1/demo{path}");
        let (status, _, body) = demo.http(method, &path, &headers, r#"{"presence":"available"}"#);
        let problem: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((status, problem["code"].as_str()), (403, Some("forbidden")), "{path}");
    }
    assert_eq!(demo.look()["callers"], json!([]));
    demo.stop();
}

#[test]
fn a_port_that_was_asked_for_and_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let output = Command::new(env!("CARGO_BIN_EXE_vorrang"))
        .args(["demo", "--sip", "0", "--http", &port.to_string()])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.starts_with(&format!("vorrang: bind 127.0.0.1:{port}: ")), "{error}");
    assert!(error.contains("--http"), "{error}");
}

// Helpers.

struct Demo {
    process: Child,
    address: String,
    directory: TempDir,
}

impl Demo {
    fn start(options: &[&str]) -> Demo {
        let directory = tempfile::tempdir().unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_vorrang"))
            .arg("demo")
            .args(options)
            .env("TMPDIR", directory.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.strip_prefix("Open http://").and_then(|rest| rest.split_once("/ in a browser."));
        let address = address.unwrap_or_else(|| panic!("not the line to read: {line:?}")).0.to_owned();
        Demo { process, address, directory }
    }

    /// Tells it to stop, and sees that it does, in time and without leaving anything.
    fn stop(mut self) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let stopped = Instant::now();
        let status = self.process.wait().unwrap();
        assert!(status.success(), "{status}");
        assert!(stopped.elapsed() < STOP_MAX, "it took {:?}", stopped.elapsed());
        assert_eq!(self.directory.path().read_dir().unwrap().count(), 0);
    }

    fn http(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, String, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let (address, length) = (&self.address, body.len());
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n\
             {headers}\r\n{body}"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, head.to_owned(), body.to_owned())
    }

    fn ask(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let body = body.unwrap_or_else(|| json!({})).to_string();
        let path = format!("/api/v1/demo{path}");
        let (status, _, body) = self.http(method, &path, &[("content-type", "application/json")], &body);
        (status, serde_json::from_str(&body).unwrap_or_default())
    }

    fn call(&self) -> u64 {
        let (status, call) = self.ask("POST", "/calls", None);
        assert_eq!(status, 201);
        call["id"].as_u64().unwrap()
    }

    fn look(&self) -> Value {
        let (status, now) = self.ask("GET", "", None);
        assert_eq!(status, 200);
        now
    }

    #[track_caller]
    fn until(&self, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let now = self.look();
            if holds(&now) {
                return now;
            }
            assert!(Instant::now() < deadline, "waited in vain: {what}; last seen: {now:#}");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // After a test that failed; otherwise it has stopped by itself.
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

fn phone<'a>(now: &'a Value, agent: &str) -> &'a str {
    let phone = now["phones"].as_array().unwrap().iter().find(|phone| phone["agent"] == agent).unwrap();
    phone["state"].as_str().unwrap()
}

fn heard(end: &Value) -> u64 {
    end["heard_ms"].as_u64().unwrap()
}
