//! Can this daemon read what earlier ones wrote? For each version of the events there is a journal that was written then,
//! and what its machines have to come to.

use super::story::{BEGIN, connect, database, request, write};
use crate::floor::{ANNA, BEN, QUEUE, chatting, pass, run};
use domain::id::{BreakReasonId, CallId, ChatId, ItemId, OfferId, TaskId};
use domain::message::Message;
use domain::queue::{Channel, Outcome};
use domain::time::{Span, Timestamp};
use domain::{agent, call, chat};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use vorrang::actors::floor::{Caller, Floor};
use vorrang::actors::ids::{Numbered, Party};
use vorrang::actors::replay::Replayed;
use vorrang::store::{ActorNumber, Archive, Cause, EVENTS_VERSION, JournalRow};

/// With this variable set to `rows`, the journal of the present version is written anew; with `states`, only what the
/// machines of all versions have to come to.
const UPDATE: &str = "UPDATE_JOURNAL";

#[test]
fn every_version_of_the_journal_is_understood() {
    for version in 1..=EVENTS_VERSION {
        let path = kept(version);
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let (mut machines, mut states) = (BTreeMap::<i64, Replayed>::new(), 0);
        for (line, at) in text.lines().zip(1..) {
            let line: Value = serde_json::from_str(line).unwrap();
            if line.get("events").is_some() {
                let row = row(&line);
                assert_eq!(row.version, version, "line {at}");
                let actor = Party::from_number(row.actor);
                let machine = machines.entry(row.actor.0).or_insert_with(|| Replayed::new(actor));
                machine.apply(&row).unwrap_or_else(|why| panic!("{} line {at}: {why}", path.display()));
                assert_eq!(machine.rows(), row.seq, "line {at}");
            } else {
                let machine = &machines[&line["actor"].as_i64().unwrap()];
                assert_eq!(machine.rows(), line["row"].as_u64().unwrap(), "line {at}");
                assert_eq!(
                    machine.machine().unwrap(),
                    line["machine"],
                    "{} line {at}: {} comes to another state (if that is meant: raise SNAPSHOT_VERSION, see tests/README.md)",
                    path.display(),
                    machine.actor()
                );
                states += 1;
            }
        }
        assert_eq!(states, machines.len(), "each machine's state is stated");
        assert!(states > 8, "{} tells a story", path.display());
    }
}

#[test]
#[ignore = "writes journals, when UPDATE_JOURNAL says which"]
fn the_journals_are_written() {
    let what = std::env::var(UPDATE).unwrap_or_default();
    match what.as_str() {
        "rows" => write_rows(),
        "states" => (1..=EVENTS_VERSION).for_each(write_states),
        _ => println!("set {UPDATE} to rows or to states"),
    }
}

/// Tells the story to the present version.
fn write_rows() {
    let folder = tempfile::tempdir().unwrap();
    tell(folder.path());
    let mut archive = Archive::open(&database(folder.path())).unwrap();
    let (mut text, mut events) = (String::new(), BTreeSet::new());
    for actor in archive.actors(None, None, None).unwrap() {
        let each = |row: JournalRow| {
            let line = line(&row);
            let names = line["events"].as_array().unwrap().iter().map(|event| event["event"].as_str().unwrap());
            events.extend(names.map(|name| format!("{} {name}", kind(Party::from_number(row.actor)))));
            writeln!(text, "{line}").unwrap();
            ControlFlow::Continue(())
        };
        archive.rows(actor.number, each).unwrap();
    }
    std::fs::write(kept(EVENTS_VERSION), text).unwrap();
    println!("{} kinds of events: {events:#?}", events.len());
    write_states(EVENTS_VERSION);
}

/// States what the machines come to, and leaves the rows as they are.
fn write_states(version: u32) {
    let text = std::fs::read_to_string(kept(version)).unwrap();
    let (mut rows, mut machines) = (String::new(), BTreeMap::<i64, Replayed>::new());
    for line in text.lines() {
        let value: Value = serde_json::from_str(line).unwrap();
        if value.get("events").is_some() {
            let row = row(&value);
            let actor = Party::from_number(row.actor);
            machines.entry(row.actor.0).or_insert_with(|| Replayed::new(actor)).apply(&row).unwrap();
            writeln!(rows, "{line}").unwrap();
        }
    }
    for (actor, machine) in machines {
        let state = json!({"actor": actor, "row": machine.rows(), "machine": machine.machine().unwrap()});
        writeln!(rows, "{state}").unwrap();
    }
    std::fs::write(kept(version), rows).unwrap();
}

fn kept(version: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/journal/version-{version}.jsonl"))
}

fn kind(actor: Party) -> &'static str {
    match actor {
        Party::Agent(_) => "agent",
        Party::Queue(_) => "queue",
        Party::Chat(_) => "chat",
        Party::Call(_) => "call",
        Party::Task(_) => "task",
    }
}

fn line(row: &JournalRow) -> Value {
    let cause = match &row.cause {
        None => Value::Null,
        Some(Cause::Message { sender, outbox }) => json!({"sender": sender.0, "outbox": outbox}),
        Some(Cause::Client { client, command, digest }) => {
            json!({"client": client, "command": command, "digest": digest})
        }
    };
    let events: Value = serde_json::from_str(&row.events).unwrap();
    json!({
        "actor": row.actor.0, "seq": row.seq, "epoch": row.epoch, "at": row.at.0, "cause": cause,
        "version": row.version, "events": events,
    })
}

fn row(line: &Value) -> JournalRow {
    let cause = &line["cause"];
    JournalRow {
        actor: ActorNumber(line["actor"].as_i64().unwrap()),
        seq: line["seq"].as_u64().unwrap(),
        epoch: line["epoch"].as_u64().unwrap() as u32,
        at: Timestamp(line["at"].as_u64().unwrap()),
        cause: match (cause["sender"].as_i64(), cause["client"].as_str()) {
            (Some(sender), _) => {
                Some(Cause::Message { sender: ActorNumber(sender), outbox: cause["outbox"].as_i64().unwrap() })
            }
            (None, Some(client)) => {
                let number = |name: &str| cause[name].as_u64().unwrap();
                Some(Cause::Client { client: client.to_owned(), command: number("command"), digest: number("digest") })
            }
            (None, None) => None,
        },
        version: line["version"].as_u64().unwrap() as u32,
        events: line["events"].to_string(),
    }
}

/// As many kinds of events as the floor lets happen.
fn tell(folder: &Path) {
    run(folder, BEGIN, async |floor, _| {
        preempted(&floor).await;
        offers_that_fail(&floor).await;
        comings_and_goings(&floor).await;
        given_away(&floor).await;
        left_alone(&floor).await;
        // A call goes on and chats are open when the daemon is gone.
        chatting(&floor, ANNA).await;
        request(&floor);
        connect(&floor, ANNA).await;
    });
    run(folder, Timestamp(BEGIN.0 + 100_000_000), async |floor, _| {
        to_agent(&floor, ANNA, agent::Command::BrowserBack).await;
        pass(&floor, 10).await;
    });
}

/// A chat is pushed aside by a call, comes back, is put aside for another one, ends and is wrapped up.
async fn preempted(floor: &Rc<Floor>) {
    let chat = chatting(floor, ANNA).await;
    write(floor, chat, "tab", 1);
    to_chat(floor, chat, chat::Command::Read { agent: ANNA, number: 1 }).await;
    let call = connect(floor, ANNA).await;
    pass(floor, 10).await;
    to_call(floor, call, call::Command::CallerHungUp).await;
    to_agent(floor, ANNA, agent::Command::FinishCallWrapUp { call }).await;
    let other = request(floor);
    floor.idle().await;
    pick(floor, other).await;
    to_agent(floor, ANNA, agent::Command::Activate { item: ItemId::Chat(other) }).await;
    to_agent(floor, ANNA, agent::Command::Park { item: ItemId::Chat(other) }).await;
    to_agent(floor, ANNA, agent::Command::Activate { item: ItemId::Chat(chat) }).await;
    to_chat(floor, chat, chat::Command::End { agent: ANNA }).await;
    to_chat(floor, chat, chat::Command::ExtendWrapUp { agent: ANNA }).await;
    to_chat(floor, chat, chat::Command::FinishWrapUp { agent: ANNA }).await;
    to_chat(floor, other, chat::Command::VisitorLost).await;
    to_chat(floor, other, chat::Command::VisitorBack).await;
    to_chat(floor, other, chat::Command::VisitorLost).await;
    pass(floor, 400).await;
}

/// Calls that are not answered, declined, busy, unreachable, or given up.
async fn offers_that_fail(floor: &Rc<Floor>) {
    to_agent(floor, ANNA, agent::Command::LogIn).await;
    let call = ring(floor).await;
    let offer = |attempt| OfferId { call, agent: ANNA, attempt };
    to_agent(floor, ANNA, agent::Command::Decline { offer: offer(1) }).await;
    pass(floor, 61).await;
    for (attempt, outcome) in [(2, Outcome::BUSY), (3, Outcome::Unreachable)] {
        to_call(floor, call, call::Command::PhoneFailed { offer: offer(attempt), outcome }).await;
        to_agent(floor, ANNA, agent::Command::PhoneUnregistered).await;
        to_agent(floor, ANNA, agent::Command::PhoneRegistered).await;
        pass(floor, 16).await;
    }
    pass(floor, 21).await;
    to_agent(floor, ANNA, agent::Command::LogIn).await;
    to_call(floor, call, call::Command::CallerHungUp).await;
    // Words that come too late.
    to_agent(floor, ANNA, agent::Command::Commit { offer: offer(1) }).await;
    to_call(floor, call, call::Command::Ring { offer: offer(9) }).await;
    let (offer, tier) = (offer(10), domain::routing::Tier::Free);
    let agent = agent::Command::Offer { offer, queue: QUEUE, tier, ring: Span::seconds(20), wrap_up: Span::ZERO };
    to_agent(floor, BEN, agent).await;
    to_agent(floor, ANNA, agent::Command::Allocated { item: ItemId::Chat(ChatId(1)), kept: agent::Kept::default() })
        .await;
    let gone = ring(floor).await;
    to_call(floor, gone, call::Command::CallerHungUp).await;
    let hung_up = connect(floor, ANNA).await;
    let connected = OfferId { call: hung_up, agent: ANNA, attempt: 1 };
    to_call(floor, hung_up, call::Command::PhoneHungUp { offer: connected }).await;
    pass(floor, 100).await;
}

/// Browsers that go, agents who log out with chats in their inbox and in a call, picks that come too late.
async fn comings_and_goings(floor: &Rc<Floor>) {
    let chat = chatting(floor, ANNA).await;
    to_agent(floor, BEN, agent::Command::LogIn).await;
    to_agent(floor, BEN, agent::Command::Pick { item: ItemId::Chat(chat), queue: QUEUE, place: 0 }).await;
    to_agent(floor, BEN, agent::Command::BrowserLost).await;
    pass(floor, 30).await;
    to_agent(floor, BEN, agent::Command::BrowserBack).await;
    to_agent(floor, BEN, agent::Command::BrowserLost).await;
    to_agent(floor, ANNA, agent::Command::LogOut).await;
    pass(floor, 400).await;
    to_chat(floor, chat, chat::Command::Leave).await;
    to_agent(floor, ANNA, agent::Command::LogIn).await;
    let call = connect(floor, ANNA).await;
    to_agent(floor, ANNA, agent::Command::LogOut).await;
    to_call(floor, call, call::Command::HangUp { agent: ANNA }).await;
    pass(floor, 10).await;
}

/// Chats and calls that are given to others, tasks, breaks.
async fn given_away(floor: &Rc<Floor>) {
    to_agent(floor, BEN, agent::Command::BrowserBack).await;
    to_agent(floor, BEN, agent::Command::LogOut).await;
    let chat = chatting(floor, ANNA).await;
    let to = chat::Recipient::Agent(BEN);
    to_chat(floor, chat, chat::Command::Transfer { agent: ANNA, to }).await;
    to_agent(floor, BEN, agent::Command::LogIn).await;
    to_chat(floor, chat, chat::Command::Transfer { agent: ANNA, to }).await;
    pass(floor, 61).await;
    pick(floor, chat).await;
    to_agent(floor, ANNA, agent::Command::TakeBreak { reason: BreakReasonId(0) }).await;
    let to = chat::Recipient::Queue(floor.destination(QUEUE));
    to_chat(floor, chat, chat::Command::Transfer { agent: ANNA, to }).await;
    to_agent(floor, ANNA, agent::Command::LogIn).await;
    to_chat(floor, chat, chat::Command::Leave).await;
    let task = TaskId(floor.house().ids.next_item());
    floor.task_requested(task, Channel::Email, QUEUE, "somebody@example.com".to_owned(), Box::new(|_, _| ()));
    floor.idle().await;
    let (_, place) = floor.board().borrow().place(ItemId::Task(task)).unwrap();
    to_agent(floor, ANNA, agent::Command::Pick { item: ItemId::Task(task), queue: QUEUE, place }).await;
    to_agent(floor, ANNA, agent::Command::Park { item: ItemId::Task(task) }).await;
    to_agent(floor, ANNA, agent::Command::Activate { item: ItemId::Task(task) }).await;
    floor.tell(Message::Task { id: task, command: domain::task::Command::Finish { agent: ANNA } });
    let call = connect(floor, ANNA).await;
    to_call(floor, call, call::Command::Hold { held: Some(call::Side::Agent) }).await;
    to_call(floor, call, call::Command::Transfer { agent: ANNA, to: QUEUE }).await;
    to_call(floor, call, call::Command::CallerHungUp).await;
    to_agent(floor, ANNA, agent::Command::ExtendCallWrapUp { call }).await;
    to_agent(floor, ANNA, agent::Command::FinishCallWrapUp { call }).await;
    to_agent(floor, BEN, agent::Command::TakeOut).await;
}

/// Visitors who wait for long, and who do not answer.
async fn left_alone(floor: &Rc<Floor>) {
    let chat = chatting(floor, ANNA).await;
    let call = connect(floor, ANNA).await;
    pass(floor, 301).await;
    to_chat(floor, chat, chat::Command::Choose { choice: chat::Choice::Callback }).await;
    to_call(floor, call, call::Command::CallerHungUp).await;
    pass(floor, 100).await;
    let idle = chatting(floor, ANNA).await;
    let say = chat::Command::Say { author: chat::Author::Agent(ANNA), client: "desk".to_owned(), command: 1 };
    to_chat(floor, idle, say).await;
    pass(floor, 700).await;
}

async fn ring(floor: &Rc<Floor>) -> CallId {
    let call = CallId(floor.house().ids.next_item());
    floor.call_arrived(call, QUEUE, Caller { number: "+49301234", agent: None }, "4930100");
    floor.idle().await;
    call
}

async fn pick(floor: &Rc<Floor>, chat: ChatId) {
    let (_, place) = floor.board().borrow().place(ItemId::Chat(chat)).unwrap();
    to_agent(floor, ANNA, agent::Command::Pick { item: ItemId::Chat(chat), queue: QUEUE, place }).await;
}

async fn to_agent(floor: &Rc<Floor>, id: domain::id::AgentId, command: agent::Command) {
    floor.tell(Message::Agent { id, command });
    floor.idle().await;
}

async fn to_chat(floor: &Rc<Floor>, id: ChatId, command: chat::Command) {
    floor.tell(Message::Chat { id, command });
    floor.idle().await;
}

async fn to_call(floor: &Rc<Floor>, id: CallId, command: call::Command) {
    floor.tell(Message::Call { id, command });
    floor.idle().await;
}
