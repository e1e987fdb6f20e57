//! Does `vorrang journal verify` find nothing wrong with what a daemon wrote, and everything that is?

use super::story::{BEGIN, Told, connect, database, sql, tell};
use crate::floor::{ANNA, QUEUE, run};
use domain::agent;
use domain::id::{CallId, ChatId, CompanyId};
use domain::message::Message;
use domain::time::Timestamp;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex};
use vorrang::actors::ids::{Numbered, Party};
use vorrang::actors::why::items_decided_in;
use vorrang::cli::verify::{Counts, verify};
use vorrang::store::{ActorNumber, Archive, JournalRow};

/// What was looked at in a database, and what of it is wrong.
pub fn look(path: &Path) -> (Counts, Vec<String>) {
    let mut problems = vec![];
    let counts = verify(&mut Archive::open(path).unwrap(), None, |problem| problems.push(problem), |_| {}).unwrap();
    assert_eq!(counts.problems, problems.len() as u64);
    (counts, problems)
}

#[test]
fn what_a_daemon_wrote_is_sound_while_it_runs_and_after_restarts() {
    let folder = tempfile::tempdir().unwrap();
    tell(folder.path());
    run(folder.path(), Timestamp(BEGIN.0 + 1_000_000), async |floor, _| {
        let (counts, problems) = look(&database(folder.path()));
        assert_eq!(problems, [] as [String; 0]);
        assert!(counts.actors > 130 && counts.snapshots >= 4 && counts.texts > 560, "{counts}");
        assert_eq!((counts.ignored, counts.erased, counts.messages), (0, 0, 0));
        floor.idle().await;
    });
    run(folder.path(), Timestamp(BEGIN.0 + 2_000_000), async |_, _| {});
    let (after, problems) = look(&database(folder.path()));
    assert_eq!(problems, [] as [String; 0]);
    assert!(after.to_string().ends_with(": sound"), "{after}");
}

#[test]
fn what_is_written_meanwhile_is_not_seen() {
    let folder = tempfile::tempdir().unwrap();
    let told = tell(folder.path());
    let number = Party::Chat(told.over).number();
    let mut archive = Archive::open(&database(folder.path())).unwrap();
    assert_eq!(archive.texts(number).unwrap().len(), 4);
    sql(&database(folder.path()), &format!("DELETE FROM content WHERE actor = {}", number.0));
    assert_eq!(archive.texts(number).unwrap().len(), 4);
    assert_eq!(Archive::open(&database(folder.path())).unwrap().texts(number).unwrap().len(), 0, "the control");
}

#[test]
fn a_database_that_is_not_there_is_not_made_and_one_of_another_version_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = database(folder.path());
    let why = Archive::open(&path).err().unwrap().to_string();
    assert!(why.contains("No such file") && !path.exists(), "{why}");
    std::fs::write(&path, "").unwrap();
    assert!(Archive::open(&path).is_err());
    assert_eq!(std::fs::metadata(&path).unwrap().len(), 0);

    std::fs::remove_file(&path).unwrap();
    tell(folder.path());
    sql(&path, "DELETE FROM __diesel_schema_migrations");
    let why = Archive::open(&path).err().unwrap().to_string();
    assert!(why.contains("those of an older version"), "{why}");
}

#[test]
fn what_was_decided_is_found_as_the_rows_give_it_byte_for_byte() {
    let folder = tempfile::tempdir().unwrap();
    let path = database(folder.path());
    let call = Arc::new(Mutex::new(CallId(0)));
    run(folder.path(), BEGIN, async |floor, _| {
        floor.tell(Message::Agent { id: ANNA, command: agent::Command::LogIn });
        floor.idle().await;
        *call.lock().unwrap() = connect(&floor, ANNA).await;
    });
    let (call, queue) = (*call.lock().unwrap(), Party::Queue(QUEUE));
    let mut archive = Archive::open(&path).unwrap();
    let line = |(seq, item): (u64, ActorNumber)| format!("{queue} {seq} {}\n", Party::from_number(item));
    let kept: String = archive.decided(queue.number()).unwrap().into_iter().map(line).collect();
    let mut rebuilt = String::new();
    let rebuild = |row: JournalRow| {
        let items = items_decided_in(&row).unwrap();
        rebuilt.extend(items.into_iter().map(|item| line((row.seq, Party::from(item).number()))));
        ControlFlow::Continue(())
    };
    archive.rows(queue.number(), rebuild).unwrap();
    assert_eq!(kept.as_bytes(), rebuilt.as_bytes());
    assert!(kept.ends_with(&format!(" call {call}\n")), "{kept}");
    assert_eq!(look(&path).1, [] as [String; 0]);
    let [row] = &archive.decisions(CompanyId(1), Party::Call(call).number()).unwrap()[..] else { panic!("{kept}") };
    let seq = row.seq;
    drop(archive);
    sql(&path, "DELETE FROM decision");
    let missing = format!("queue 1: row {seq} decides about call {call}, but is not found under it");
    assert_eq!(look(&path).1, [missing]);
}

#[test]
fn every_damage_is_found_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let told = tell(folder.path());
    assert_eq!(look(&database(folder.path())).1, [] as [String; 0]);
    let Told { chat, over, waits, done } = told;
    let [agent, queue, chat_number, over_number, done_number] =
        [Party::Agent(ANNA), Party::Queue(QUEUE), Party::Chat(chat), Party::Chat(over), Party::Call(done)]
            .map(|actor| actor.number().0);
    let nobody = Party::Chat(ChatId(99)).number().0;
    let message = r#"{"to":"agent","id":1,"command":"browser_lost"}"#;
    let lies = |id: &str, sender: i64, seq: u64, message: &str| {
        format!(
            "INSERT INTO outbox (id, company, sender, seq, receiver, at, message) \
             VALUES ({id}, 1, {sender}, {seq}, {agent}, 1, '{message}')"
        )
    };
    let table: Vec<(String, Vec<String>)> = vec![
        (lies("1", queue, 7, message), vec![]),
        ("UPDATE snapshot SET version = 99, text = json_set(text, '$.seen.turn', 1)".to_owned(), vec![]),
        (
            format!("DELETE FROM journal WHERE actor = {agent} AND seq = 5"),
            vec!["agent 1: row 5 is missing, row 6 is the next".to_owned()],
        ),
        (
            format!("DELETE FROM journal WHERE actor = {done_number} AND seq = 1"),
            vec![format!("call {done}: row 1 is missing, row 2 is the next")],
        ),
        (format!("DELETE FROM journal WHERE actor = {done_number}"), vec![format!("call {done}: has no rows")]),
        (
            format!("UPDATE journal SET events = '[{{\"event\":\"danced\"}}]' WHERE actor = {chat_number} AND seq = 3"),
            vec![format!("chat {chat}: row 3 cannot be read: unknown variant `danced`")],
        ),
        (
            format!("UPDATE journal SET version = 7 WHERE actor = {chat_number} AND seq = 3"),
            vec![format!(
                "chat {chat}: row 3 cannot be read: its events are of version 7, this vorrang reads version 1"
            )],
        ),
        (
            format!(
                "UPDATE snapshot SET text = json_set(text, '$.machine.messages', 9999) WHERE actor = {chat_number}"
            ),
            vec![format!("chat {chat}: the snapshot of row 512 has machine.messages = 9999, its rows give 301")],
        ),
        (
            format!(
                "UPDATE snapshot SET text = json_set(text, '$.seen.clients', json('{{}}')) WHERE actor = {chat_number}"
            ),
            vec![format!(
                r#"chat {chat}: the snapshot of row 512 has seen.clients.early = null, its rows give {{"done":"#
            )],
        ),
        (
            format!("UPDATE snapshot SET seq = 100000 WHERE actor = {queue}"),
            vec!["queue 1: its snapshot is of row 100000, but its last row is".to_owned()],
        ),
        (
            format!("UPDATE actor SET ended_at = 1 WHERE number = {chat_number}"),
            vec![format!("chat {chat}: is over among the actors, but not by row")],
        ),
        (
            format!("UPDATE actor SET ended_at = NULL WHERE number = {over_number}"),
            vec![format!("chat {over}: is over by row")],
        ),
        (
            lies("1", nobody, 1, message),
            vec!["message 1 in the outbox: chat 99, its sender, is not among the actors".to_owned()],
        ),
        (
            lies("1", queue, 100_000, message),
            vec!["message 1 in the outbox: queue 1, its sender, has no row 100000".to_owned()],
        ),
        (lies("1", queue, 7, "{}"), vec!["message 1 in the outbox cannot be read: missing field `to`".to_owned()]),
        (
            lies(&format!("(SELECT min(outbox) FROM journal WHERE actor = {over_number})"), queue, 7, message),
            vec![format!("chat {over}: row 2 has taken message")],
        ),
        (
            format!("INSERT INTO decision (item, actor, seq) VALUES ({nobody}, {queue}, 1)"),
            vec!["queue 1: row 1 is found under chat 99, but does not decide about it".to_owned()],
        ),
        (
            format!("INSERT INTO decision (item, actor, seq) VALUES ({done_number}, {nobody}, 1)"),
            vec!["chat 99: has decisions, but is not among the actors".to_owned()],
        ),
        (
            format!("INSERT INTO content (actor, kind, number, text) VALUES ({nobody}, 1, 1, 'x')"),
            vec!["chat 99: has texts, but is not among the actors".to_owned()],
        ),
        (
            format!("INSERT INTO snapshot (actor, seq, version, text) VALUES ({nobody}, 1, 1, 'x')"),
            vec!["chat 99: has a snapshot, but is not among the actors".to_owned()],
        ),
        (
            format!("DELETE FROM actor WHERE number = {agent}; DELETE FROM snapshot WHERE actor = {agent}"),
            vec!["agent 1: has rows, but is not among the actors".to_owned()],
        ),
        (
            format!("DELETE FROM content WHERE actor = {over_number} AND kind = 1 AND number = 2"),
            vec![format!("chat {over}: message 2 has no text")],
        ),
        (
            format!("INSERT INTO content (actor, kind, number, text) VALUES ({over_number}, 0, 0, '1')"),
            vec![format!("chat {over}: was erased, but has 4 texts (erase it again)")],
        ),
    ];
    assert_ne!(waits, done);
    for (at, (damage, expected)) in table.iter().enumerate() {
        let copy = folder.path().join(format!("copy-{at}.db"));
        sql(&database(folder.path()), &format!("VACUUM INTO '{}'", copy.display()));
        sql(&copy, damage);
        let (_, problems) = look(&copy);
        assert_eq!(problems.len(), expected.len(), "{damage}: {problems:#?}");
        for (problem, expected) in problems.iter().zip(expected) {
            assert!(problem.starts_with(expected.as_str()), "{damage}: {problem}, expected {expected}");
        }
    }
}
