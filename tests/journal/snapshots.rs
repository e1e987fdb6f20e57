//! Does a snapshot with the rows after it give what all rows give, and does a daemon go on from it as if nothing had been?

use super::story::{BEGIN, Told, database, sql, tell, write};
use crate::floor::{ANNA, QUEUE, run};
use domain::chat::Chat;
use domain::id::CompanyId;
use domain::time::{Span, Timestamp};
use std::path::Path;
use std::rc::Rc;
use vorrang::actors::floor::Floor;
use vorrang::actors::ids::{Numbered, Party};
use vorrang::actors::replay::{Replayed, SNAPSHOT_EVERY};
use vorrang::store::{ActorNumber, Archive, JournalRow, SNAPSHOT_VERSION, Since, Store};

const LATER: Timestamp = Timestamp(BEGIN.0 + 86_400_000);

fn actors(told: Told) -> [ActorNumber; 4] {
    let actors = [Party::Agent(ANNA), Party::Queue(QUEUE), Party::Chat(told.chat), Party::Call(told.waits)];
    actors.map(Numbered::number)
}

fn replay(start: Replayed, rows: &[JournalRow]) -> Replayed {
    let mut replayed = start;
    rows.iter().for_each(|row| replayed.apply(row).unwrap());
    replayed
}

#[test]
fn a_snapshot_and_the_rows_after_it_give_what_all_rows_give() {
    let folder = tempfile::tempdir().unwrap();
    let told = tell(folder.path());
    let store = Store::open(&database(folder.path()), |_| {}).unwrap();
    for number in actors(told) {
        let actor = Party::from_number(number);
        let snapshot = store.snapshot(number).unwrap().unwrap_or_else(|| panic!("{actor} has a snapshot"));
        let rows = store.journal(number).unwrap();
        assert!(snapshot.seq >= SNAPSHOT_EVERY && snapshot.seq <= rows.len() as u64, "{actor} {}", snapshot.seq);
        let after = store.journal_after(number, snapshot.seq).unwrap();
        assert_eq!(after.len() as u64, rows.len() as u64 - snapshot.seq);
        let from_snapshot = replay(Replayed::from_snapshot(&snapshot).unwrap(), &after);
        let from_rows = replay(Replayed::new(actor), &rows);
        assert_eq!(from_snapshot.rows(), from_rows.rows());
        assert_eq!(from_snapshot.snapshot().unwrap(), from_rows.snapshot().unwrap(), "{actor}");
    }
    let count = |since| {
        let mut rows = 0_u64;
        let each = |_| {
            rows += 1;
            Ok(())
        };
        store.live_rows(CompanyId(1), since, each).unwrap();
        rows
    };
    let read = count(Since::Snapshot);
    assert!(read < 5 * SNAPSHOT_EVERY && read < count(Since::Start) / 2, "{read} of {}", count(Since::Start));
}

#[test]
fn a_restart_goes_on_from_the_snapshot_and_does_no_command_again() {
    let folder = tempfile::tempdir().unwrap();
    let told = tell(folder.path());
    let before = state_of_all(folder.path(), told);
    // Whatever is known of these rows now is known from the snapshots.
    for number in actors(told) {
        sql(
            &database(folder.path()),
            &format!(
                "DELETE FROM journal WHERE actor = {0} AND seq <= (SELECT seq FROM snapshot WHERE actor = {0})",
                number.0
            ),
        );
    }
    run(folder.path(), LATER, async |floor, _| {
        let messages = || floor.chats().look(told.chat, Chat::messages).unwrap();
        assert_eq!(messages(), 301);
        again(&floor, told).await;
        assert_eq!(messages(), 301, "the first and the last command of both tabs had been done");
        write(&floor, told.chat, "early", 2);
        floor.idle().await;
        assert_eq!(messages(), 302, "the control: a new one is done");
        let agent = floor.agents().look(ANNA, |agent| serde_json::to_value(agent).unwrap()).unwrap();
        assert_eq!(agent["inbox"], before["inbox"]);
        assert_ne!(agent["inbox"], serde_json::json!({}), "the control: something is in it");
    });
}

async fn again(floor: &Rc<Floor>, told: Told) {
    write(floor, told.chat, "early", 1);
    write(floor, told.chat, "late", 1);
    write(floor, told.chat, "late", 300);
    floor.idle().await;
}

/// Anna as the journal has her.
fn state_of_all(folder: &Path, told: Told) -> serde_json::Value {
    let mut archive = Archive::open(&database(folder)).unwrap();
    let [anna, ..] = actors(told);
    let mut replayed = Replayed::new(Party::Agent(ANNA));
    let mut rows = vec![];
    archive
        .rows(anna, |row| {
            rows.push(row);
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    rows.iter().for_each(|row| replayed.apply(row).unwrap());
    replayed.machine().unwrap()
}

#[test]
fn a_snapshot_that_cannot_be_used_is_ignored_and_replaced() {
    let [agent, queue, chat, call] = [0, 1, 2, 3];
    for (unusable, what) in [
        (vec![agent, queue], "text = '{\"machine\":'"),
        (vec![chat], "text = '{}'"),
        (
            vec![agent, queue, chat, call],
            "version = 99, text = json_set(text, '$.machine.messages', 9, '$.seen.turn', 1)",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let told = tell(folder.path());
        let before = state_of_all(folder.path(), told);
        for which in &unusable {
            let number = actors(told)[*which].0;
            sql(&database(folder.path()), &format!("UPDATE snapshot SET {what} WHERE actor = {number}"));
        }
        run(folder.path(), LATER, async |floor, _| {
            assert_eq!(floor.chats().look(told.chat, Chat::messages), Some(301), "{what}");
            again(&floor, told).await;
            assert_eq!(floor.chats().look(told.chat, Chat::messages), Some(301), "{what}");
            let agent = floor.agents().look(ANNA, |agent| serde_json::to_value(agent).unwrap()).unwrap();
            assert_eq!(agent["inbox"], before["inbox"], "{what}");
            // One row is enough for each.
            write(&floor, told.chat, "early", 2);
            floor.tell(domain::message::Message::Agent { id: ANNA, command: domain::agent::Command::BrowserBack });
            super::story::request(&floor);
            floor.idle().await;
            floor.house().clock.set(floor.now() + Span::seconds(1));
            for which in &unusable {
                let number = actors(told)[*which];
                let snapshot = floor.store().snapshot(number).unwrap().unwrap();
                assert_eq!(snapshot.version, SNAPSHOT_VERSION, "{what}");
                assert!(Replayed::from_snapshot(&snapshot).is_some(), "{what}");
            }
        });
    }
}
