//! A copy of a database that is written to, put in another one's place: is everything there that was, and nothing lost of
//! what it replaces?

use crate::company::{exported, run_vorrang, vorrang};
use crate::process::Daemon;
use crate::web::client::base64;
use crate::web::{PASSWORD, company};
use crate::websocket::WebSocket;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

const SETTINGS: [(&str, &str); 2] =
    [("LIMITS__MESSAGES_PER_CHAT_PER_SECOND", "1000"), ("LIMITS__MESSAGES_PER_SOURCE_PER_SECOND", "1000")];

fn daemon() -> Daemon {
    let service = "[[chat_service]]\nname = \"Shop\"\ntoken = \"shop\"\nqueue = \"Service\"\n";
    Daemon::of(&company(1, service), &SETTINGS, None)
}

fn visitor(daemon: &Daemon) -> (WebSocket, Value) {
    WebSocket::visitor(daemon.http, "shop", &"1".repeat(32), "tab-of-visitor")
}

fn texts(snapshot: &Value) -> Vec<String> {
    let messages = snapshot["messages"].as_array().unwrap();
    messages.iter().map(|message| message["text"].as_str().unwrap().to_owned()).collect()
}

/// What a command says that is refused.
fn refused(daemon: &Daemon, words: &[&str]) -> String {
    let output = run_vorrang(daemon, words);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn copies(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.contains("copy") || name.contains("before")).collect()
}

#[test]
fn what_is_copied_while_it_is_written_is_sound_and_put_back_it_goes_on() {
    let mut daemon = daemon();
    let (mut writing, _) = visitor(&daemon);
    assert_eq!(writing.command(1, json!({"do": "say", "text": "before"})), None);
    let (copy, is_over) = (daemon.path("copy.db"), AtomicBool::new(false));
    let copy_name = copy.to_str().unwrap();
    let said = thread::scope(|scope| {
        let writes = scope.spawn(|| {
            let mut id = 1;
            loop {
                // The last one comes when the copy is there.
                let is_last = is_over.load(Ordering::Acquire);
                id += 1;
                assert_eq!(writing.command(id, json!({"do": "say", "text": format!("meanwhile {id}")})), None);
                if is_last {
                    return id;
                }
            }
        });
        let printed = vorrang(&daemon, &["backup", copy_name]);
        is_over.store(true, Ordering::Release);
        assert!(printed.contains("records, ") && printed.ends_with(": sound\n"), "{printed}");
        writes.join().unwrap()
    });
    assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600, "nobody else may read it");
    let exported_before = exported(&daemon);
    let desk = WebSocket::agent(daemon.http, &base64(&format!("agent-0:{PASSWORD}")), "desk-of-agent-0").0;
    drop(desk);

    assert!(refused(&daemon, &["backup", copy_name]).contains("there is such a file already"));
    assert!(refused(&daemon, &["restore", copy_name, "--yes"]).contains("another vorrang daemon is using it"));
    daemon.stop();
    assert!(refused(&daemon, &["restore", copy_name]).contains("say --yes"));
    let printed = vorrang(&daemon, &["restore", copy_name, "--yes"]);
    assert!(printed.contains("is restored") && printed.contains("vorrang.db.before-"), "{printed}");
    daemon = daemon.killed_and_started_again(&SETTINGS);

    assert_eq!(exported(&daemon), exported_before);
    let (mut again, snapshot) = visitor(&daemon);
    let kept = texts(&snapshot);
    assert_eq!(kept[0], "before");
    assert!(kept.len() < usize::try_from(said).unwrap(), "what was written after the copy is not in it");
    let expected: Vec<String> = (2..=kept.len()).map(|id| format!("meanwhile {id}")).collect();
    assert_eq!(kept[1..], expected, "up to a moment, all of it");
    assert_eq!(again.command(said + 1, json!({"do": "say", "text": "after"})), None);
    assert!(vorrang(&daemon, &["journal", "verify"]).ends_with(": sound\n"));
}

#[test]
fn what_is_no_sound_copy_takes_no_place() {
    let mut daemon = daemon();
    let (mut tab, _) = visitor(&daemon);
    assert_eq!(tab.command(1, json!({"do": "say", "text": "kept"})), None);
    let folder = daemon.path("");
    let copy = daemon.path("copy.db");
    vorrang(&daemon, &["backup", copy.to_str().unwrap()]);
    let whole = fs::read(&copy).unwrap();
    daemon.stop();
    let mut unreadable = whole.clone();
    let event = whole.windows(7).position(|window| window == b"\"event\"").unwrap();
    unreadable[event] = b';';
    for (bytes, why) in [
        (b"no database at all, but long enough to be looked at".to_vec(), "not a database"),
        (whole[..whole.len() / 2].to_vec(), "malformed"),
        (unreadable, "the journal is not sound"),
    ] {
        fs::write(&copy, &bytes).unwrap();
        let said = refused(&daemon, &["restore", copy.to_str().unwrap(), "--yes"]);
        assert!(said.contains(why), "{why}: {said}");
    }
    assert_eq!(copies(&folder), ["copy.db"], "nothing was put aside");
    let daemon = daemon.killed_and_started_again(&SETTINGS);
    assert_eq!(texts(&visitor(&daemon).1), ["kept"]);
}

#[test]
fn a_directory_gets_a_copy_with_the_moment_in_its_name() {
    let daemon = daemon();
    let folder = daemon.path("copies");
    fs::create_dir(&folder).unwrap();
    let printed = vorrang(&daemon, &["backup", folder.to_str().unwrap()]);
    let name = printed.split(": ").next().unwrap();
    assert!(Path::new(name).is_file() && name.contains("/copies/vorrang-20") && name.ends_with("Z.db"), "{printed}");
}
