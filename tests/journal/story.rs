//! A long story on a real floor, for the tests of its journal, and how they get at the database behind its back.

use crate::floor::{ANNA, BEN, QUEUE, chatting, pass, run};
use diesel::connection::SimpleConnection;
use diesel::{Connection, RunQueryDsl, SqliteConnection};
use domain::id::{AgentId, CallId, ChatId, ItemId, OfferId};
use domain::message::Message;
use domain::time::Timestamp;
use domain::{agent, call, chat};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::mpsc;
use vorrang::actors::floor::{Caller, Floor, VisitorFacts};
use vorrang::store::Cause;

/// When the story begins.
pub const BEGIN: Timestamp = Timestamp(1_795_342_500_000);

/// What is there when the story has been told.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    /// Anna's chat, with many messages; the first one came from the tab `early`.
    pub chat: ChatId,
    /// A chat that is over, with two messages.
    pub over: ChatId,
    /// A call that waits.
    pub waits: CallId,
    /// A call that is over.
    pub done: CallId,
}

/// Tells it, into the database in `folder`: every kind of actor has more rows than a snapshot stands for.
pub fn tell(folder: &Path) -> Told {
    let (sender, told) = mpsc::channel();
    run(folder, BEGIN, async |floor, _| {
        let over = chatting(&floor, BEN).await;
        write(&floor, over, "tab", 1);
        write(&floor, over, "tab", 2);
        floor.tell(Message::Chat { id: over, command: chat::Command::Leave });
        pass(&floor, 60).await;
        floor.tell(Message::Agent { id: BEN, command: agent::Command::LogOut });
        let done = calls(&floor, 130).await;

        let chat = chatting(&floor, ANNA).await;
        write(&floor, chat, "early", 1);
        for command in 1..=300 {
            write(&floor, chat, "late", command);
        }
        for _ in 0..140 {
            floor.tell(Message::Agent { id: ANNA, command: agent::Command::Park { item: ItemId::Chat(chat) } });
            floor.tell(Message::Agent { id: ANNA, command: agent::Command::Activate { item: ItemId::Chat(chat) } });
        }
        floor.idle().await;
        floor.tell(Message::Agent { id: ANNA, command: agent::Command::Park { item: ItemId::Chat(chat) } });
        floor.tell(Message::Agent { id: ANNA, command: agent::Command::BrowserLost });
        pass(&floor, 30).await;
        let waits = CallId(floor.house().ids.next_item());
        floor.call_arrived(waits, QUEUE, Caller { number: "+49301111", agent: None }, "4930100");
        for attempt in 1..=260 {
            let offer = OfferId { call: waits, agent: BEN, attempt };
            floor.tell(Message::Call { id: waits, command: call::Command::Ring { offer } });
        }
        let offer = OfferId { call: waits, agent: BEN, attempt: 260 };
        floor.tell(Message::Call { id: waits, command: call::Command::StopRinging { offer } });
        floor.idle().await;
        sender.send(Told { chat, over, waits, done }).unwrap();
    });
    told.recv().unwrap()
}

/// Calls that come and go; the last one.
async fn calls(floor: &Rc<Floor>, count: u32) -> CallId {
    let mut last = CallId(0);
    for _ in 0..count {
        last = CallId(floor.house().ids.next_item());
        floor.call_arrived(last, QUEUE, Caller { number: "+49302222", agent: None }, "4930100");
        floor.tell(Message::Call { id: last, command: call::Command::CallerHungUp });
    }
    floor.idle().await;
    last
}

/// A message of a visitor, on its way.
pub fn write(floor: &Rc<Floor>, chat: ChatId, client: &str, command: u64) {
    let say = chat::Command::Say { author: chat::Author::Visitor, client: client.to_owned(), command };
    floor.envelope(chat, say, |envelope: &mut vorrang::actors::floor::Envelope<chat::Chat>| {
        envelope.cause = Some(Cause::Client { client: client.to_owned(), command, digest: command });
        envelope.text = Some(format!("what {client} said in {command}"));
    });
}

/// A visitor who waits.
pub fn request(floor: &Rc<Floor>) -> ChatId {
    let chat = ChatId(floor.house().ids.next_item());
    let facts =
        VisitorFacts { page: "https://alpenrad.example/page".into(), language: "de".into(), ..VisitorFacts::default() };
    floor.chat_requested(chat, QUEUE, facts, Box::new(|_, result| result.unwrap()));
    chat
}

/// A call that an agent's phone answers.
pub async fn connect(floor: &Rc<Floor>, agent: AgentId) -> CallId {
    let call = CallId(floor.house().ids.next_item());
    floor.call_arrived(call, QUEUE, Caller { number: "+49301234", agent: None }, "4930100");
    floor.idle().await;
    let offer = OfferId { call, agent, attempt: 1 };
    floor.tell(Message::Call { id: call, command: call::Command::PhoneAnswered { offer } });
    floor.idle().await;
    call
}

/// The database in a folder.
pub fn database(folder: &Path) -> PathBuf {
    folder.join("vorrang.db")
}

/// Does something to a database without asking anybody.
pub fn sql(path: &Path, statements: &str) {
    SqliteConnection::establish(&path.to_string_lossy()).unwrap().batch_execute(statements).unwrap();
}

/// What a query that asks for a number says.
pub fn number(path: &Path, query: &str) -> u64 {
    let mut connection = SqliteConnection::establish(&path.to_string_lossy()).unwrap();
    connection.batch_execute("PRAGMA busy_timeout = 10000").unwrap();
    let found: i64 = diesel::dsl::sql::<diesel::sql_types::BigInt>(query).get_result(&mut connection).unwrap();
    found.cast_unsigned()
}
