//! Is the tree as ARCHITECTURE says? The arrows that the compiler does not check.

mod circles;
mod lengths;
mod modules;

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = vec![];
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path.strip_prefix(root()).unwrap().to_owned(), text));
            }
        }
    }
    assert!(!found.is_empty(), "{folder} has no sources");
    found
}

/// The part of a file before its own tests.
fn code(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Every line in `folder` that names one of `words`, except in `allowed`.
fn naming(folder: &str, words: &[&str], allowed: &[&str]) -> Vec<String> {
    let mut found = vec![];
    for (path, text) in sources(folder) {
        if allowed.iter().any(|allowed| path.starts_with(allowed)) {
            continue;
        }
        for line in code(&text).lines() {
            if words.iter().any(|word| line.contains(word)) {
                found.push(format!("{}: {}", path.display(), line.trim()));
            }
        }
    }
    found
}

#[track_caller]
fn nobody(folder: &str, words: &[&str], allowed: &[&str]) {
    let found = naming(folder, words, allowed);
    assert!(found.is_empty(), "{words:?} must not be named in {folder}:\n{}", found.join("\n"));
}

#[test]
fn the_pure_crates_know_no_clock_no_chance_and_no_order_of_hashes() {
    for folder in ["domain/src", "sip/src"] {
        nobody(
            folder,
            &["SystemTime", "Instant::now", "rand::", "HashMap", "HashSet", "std::net::Udp", "std::fs"],
            &[],
        );
        nobody(folder, &["tokio", "actix", "diesel", "std::thread"], &[]);
    }
}

#[test]
fn each_awkward_library_has_its_one_place() {
    nobody("sip/src", &["rsip"], &["sip/src/message.rs"]);
    nobody("src", &["rsip"], &[]);
    nobody("src", &["actix_web_actors"], &["src/web/socket.rs"]);
    nobody("src", &["diesel"], &["src/store"]);
    nobody("src", &["pasetors"], &["src/licence.rs"]);
}

#[test]
fn the_arrows_between_the_rooms_hold() {
    nobody("src/store", &["crate::actors", "crate::web", "crate::telephony", "crate::protocol"], &[]);
    nobody("src/actors", &["crate::web", "crate::demo"], &[]);
    nobody("src/protocol", &["crate::store", "crate::actors", "crate::web", "crate::telephony"], &[]);
    nobody("src/telephony", &["crate::actors", "crate::web", "crate::store", "crate::protocol"], &[]);
}

#[test]
fn no_actor_keeps_the_address_of_another() {
    // Ids only: the floor resolves them, also after a restart. The doors of floors are no peers.
    let found = naming("src/actors", &["Addr<Shell", "Recipient<Mail"], &["src/actors/floor.rs", "src/actors/floor"]);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn our_own_enums_are_matched_by_name() {
    // What cannot be seen from a line is a match over strings, numbers or bytes: there `_ =>` is needed. The machines
    // match nothing else.
    let machines = ["agent", "queue", "chat", "call", "task", "routing", "message"];
    let is_machines = |path: &Path| {
        let path = path.strip_prefix("domain/src").unwrap();
        machines.iter().any(|machine| path.starts_with(machine) || path == Path::new(&format!("{machine}.rs")))
    };
    let files: Vec<_> = sources("domain/src").into_iter().filter(|(path, _)| is_machines(path)).collect();
    assert!(files.len() > machines.len(), "the folders are looked at too");
    for (path, text) in files {
        let found: Vec<_> = text.lines().filter(|line| line.trim_start().starts_with("_ =>")).collect();
        assert!(found.is_empty(), "{}: {found:?}", path.display());
    }
}

#[test]
fn every_file_says_what_it_is() {
    for folder in ["domain/src", "sip/src", "src", "tests"] {
        for (path, text) in sources(folder) {
            assert!(text.starts_with("//! "), "{} has no first line that says what it is", path.display());
        }
    }
}

#[test]
fn all_versions_stand_in_one_table() {
    for manifest in ["Cargo.toml", "domain/Cargo.toml", "sip/Cargo.toml"] {
        let text = fs::read_to_string(root().join(manifest)).unwrap();
        let package = text.split("\n[dependencies]").nth(1).unwrap_or_default();
        let versions: Vec<_> = package
            .lines()
            .take_while(|line| !line.starts_with("[[") && !line.starts_with("[profile") && !line.starts_with("[lints"))
            .filter(|line| line.contains('=') && !line.contains("workspace = true"))
            .collect();
        assert!(versions.is_empty(), "{manifest}: {versions:?}");
    }
}

#[test]
fn the_check_finds_what_it_looks_for() {
    assert!(!naming("src", &["actix_web_actors"], &[]).is_empty(), "the control: this one exists");
}
