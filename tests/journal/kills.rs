//! The daemon is killed after every single row of a day, and once more after every row of what follows; everybody who was
//! not answered asks again. Afterwards each message between machines was heard once and in order, and each command of a
//! browser was done once.

use super::story::{database, sql};
use crate::floor::{ANNA, QUEUE, run_until};
use domain::chat::Author;
use domain::id::{CallId, ChatId, CompanyId, ItemId, OfferId};
use domain::message::{Effect, Message};
use domain::time::Timestamp;
use domain::{Refusal, agent, call, chat};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use vorrang::actors::floor::{Caller, Floor, VisitorFacts};
use vorrang::actors::ids::{Numbered, Party};
use vorrang::actors::kind::Kind;
use vorrang::store::{ActorNumber, Archive, Cause, ContentKind, JournalRow};

const BEGIN: Timestamp = Timestamp(1_795_342_500_000);
/// More rows than a day has.
const NEVER: u64 = u64::MAX;

/// What people do on that day, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    LogIn,
    Request,
    Pick,
    VisitorSays,
    AgentSays,
    CallComes,
    PhoneAnswers,
    CallerHangsUp,
    GiveBack,
    End,
    Finish,
}

use Deed::*;

const DAY: [Deed; 17] = [
    LogIn,
    Request,
    VisitorSays,
    Pick,
    AgentSays,
    VisitorSays,
    CallComes,
    PhoneAnswers,
    VisitorSays,
    CallerHangsUp,
    AgentSays,
    GiveBack,
    VisitorSays,
    Pick,
    AgentSays,
    End,
    Finish,
];

/// What the people remember, whatever happens to the daemon.
#[derive(Clone, Default)]
struct People(Arc<Mutex<Memory>>);

#[derive(Default)]
struct Memory {
    /// How many deeds were answered.
    done: usize,
    chat: Option<ChatId>,
    call: Option<CallId>,
    /// Which of the deeds that write something were answered with yes.
    said: Vec<usize>,
}

impl People {
    fn with<T>(&self, what: impl FnOnce(&mut Memory) -> T) -> T {
        what(&mut self.0.lock().unwrap())
    }

    /// Goes on with the day until it is over, or until nobody answers any more. The last deed that was answered is done
    /// again first, as by a browser whose connection broke before it heard the answer.
    async fn go_on(&self, floor: &Rc<Floor>) {
        floor.tell(Message::Agent { id: ANNA, command: agent::Command::BrowserBack });
        if let Some(id) = self.with(|memory| memory.chat) {
            floor.tell(Message::Chat { id, command: chat::Command::VisitorBack });
        }
        for at in self.with(|memory| memory.done).saturating_sub(1)..DAY.len() {
            self.attempt(floor, at);
            tokio::select! {
                () = floor.idle() => {}
                () = death(floor) => return,
            }
        }
    }

    fn attempt(&self, floor: &Rc<Floor>, at: usize) {
        let people = self.clone();
        let answered = move |result: Result<(), Refusal>| {
            people.with(|memory| {
                memory.done = memory.done.max(at + 1);
                if result.is_ok() && matches!(DAY[at], VisitorSays | AgentSays) && !memory.said.contains(&at) {
                    memory.said.push(at);
                }
            });
        };
        let (chat, call) = self.with(|memory| (memory.chat, memory.call));
        match DAY[at] {
            Request => {
                let id = ChatId(floor.house().ids.next_item());
                if chat.is_none() {
                    let people = self.clone();
                    let reply = Box::new(move |_: &Rc<Floor>, result: Result<(), Refusal>| {
                        people.with(|memory| memory.chat = Some(id));
                        answered(result);
                    });
                    floor.chat_requested(id, QUEUE, VisitorFacts::default(), reply);
                }
            }
            CallComes => {
                let id = CallId(floor.house().ids.next_item());
                self.with(|memory| memory.call = Some(id));
                floor.call_arrived(id, QUEUE, Caller { number: "+49301234", agent: None }, "4930100");
                answered(Ok(()));
            }
            PhoneAnswers | CallerHangsUp => {
                if let Some(id) = call {
                    let offer = OfferId { call: id, agent: ANNA, attempt: 1 };
                    let command = match DAY[at] {
                        PhoneAnswers => call::Command::PhoneAnswered { offer },
                        _ => call::Command::CallerHungUp,
                    };
                    floor.tell(Message::Call { id, command });
                }
                answered(Ok(()));
            }
            LogIn => command::<agent::Agent>(floor, ANNA, agent::Command::LogIn, "anna", at, answered),
            Pick | VisitorSays | AgentSays | GiveBack | End | Finish => {
                let Some(id) = chat else { return };
                let item = ItemId::Chat(id);
                match DAY[at] {
                    Pick => {
                        let place = floor.board().borrow().place(item).map_or(0, |(_, place)| place);
                        command::<agent::Agent>(
                            floor,
                            ANNA,
                            agent::Command::Pick { item, queue: QUEUE, place },
                            "anna",
                            at,
                            answered,
                        );
                    }
                    VisitorSays => command::<chat::Chat>(floor, id, say(Author::Visitor, at), "visitor", at, answered),
                    AgentSays => command::<chat::Chat>(floor, id, say(Author::Agent(ANNA), at), "anna", at, answered),
                    GiveBack => {
                        let to = chat::Recipient::Queue(floor.destination(QUEUE));
                        command::<chat::Chat>(
                            floor,
                            id,
                            chat::Command::Transfer { agent: ANNA, to },
                            "anna",
                            at,
                            answered,
                        );
                    }
                    End => command::<chat::Chat>(floor, id, chat::Command::End { agent: ANNA }, "anna", at, answered),
                    _ => command::<chat::Chat>(
                        floor,
                        id,
                        chat::Command::FinishWrapUp { agent: ANNA },
                        "anna",
                        at,
                        answered,
                    ),
                }
            }
        }
    }
}

/// Waits until nothing is written any more, and what was on its way has come to nothing.
async fn death(floor: &Floor) {
    while floor.store().healthy() {
        tokio::task::yield_now().await;
    }
    floor.settled().await;
}

fn say(author: Author, at: usize) -> chat::Command {
    let client = if author == Author::Visitor { "visitor" } else { "anna" };
    chat::Command::Say { author, client: client.to_owned(), command: at as u64 + 1 }
}

/// A command of a browser: the deed's number is the command's.
fn command<M: Kind>(
    floor: &Rc<Floor>,
    id: M::Id,
    command: M::Command,
    client: &str,
    at: usize,
    answered: impl FnOnce(Result<(), Refusal>) + Send + 'static,
) {
    floor.envelope::<M>(id, command, |envelope| {
        envelope.cause = Some(Cause::Client { client: client.to_owned(), command: at as u64 + 1, digest: 0 });
        envelope.text = Some(format!("text {}", at + 1));
        envelope.reply = Some(Box::new(|_, result| answered(result)));
    });
}

/// One life of the daemon: it dies after so many rows.
fn live(folder: &Path, people: &People, rows: u64) {
    let people = people.clone();
    run_until(folder, BEGIN, rows, async |floor, _| {
        people.go_on(&floor).await;
    });
}

/// What is wrong with a journal after a day that was lived to its end.
fn faults(folder: &Path, people: &People) -> Vec<String> {
    let mut archive = Archive::open(&database(folder)).unwrap();
    let mut faults: Vec<String> =
        archive.outbox().unwrap().iter().map(|left| format!("nobody heard {}", left.message)).collect();
    let (mut told, mut heard): (Pairs, Pairs) = Default::default();
    let mut causes: BTreeMap<(ActorNumber, String, u64), usize> = BTreeMap::new();
    for actor in archive.actors(None, Some(CompanyId(1)), None).unwrap() {
        let mut rows = vec![];
        archive
            .rows(actor.number, |row| {
                rows.push(row);
                ControlFlow::Continue(())
            })
            .unwrap();
        let sent = match Party::from_number(actor.number) {
            Party::Agent(_) => tells::<agent::Agent>(&rows),
            Party::Queue(_) => tells::<domain::queue::Queue>(&rows),
            Party::Chat(_) => tells::<chat::Chat>(&rows),
            Party::Call(_) => tells::<call::Call>(&rows),
            Party::Task(_) => tells::<domain::task::Task>(&rows),
        };
        for receiver in sent {
            let pair = told.entry((actor.number, receiver)).or_default();
            pair.push(pair.len() as i64);
        }
        for row in rows {
            match row.cause {
                Some(Cause::Message { sender, outbox }) => {
                    heard.entry((sender, actor.number)).or_default().push(outbox)
                }
                Some(Cause::Client { client, command, .. }) => {
                    *causes.entry((actor.number, client, command)).or_default() += 1
                }
                None => {}
            }
        }
    }
    for pair in told.keys().chain(heard.keys()) {
        let (told, heard) = (told.get(pair).map_or(0, Vec::len), heard.get(pair).cloned().unwrap_or_default());
        if told != heard.len() {
            faults.push(format!("{pair:?}: {told} told, {} heard", heard.len()));
        }
        if !heard.is_sorted_by(|one, next| one < next) {
            faults.push(format!("{pair:?}: heard out of order: {heard:?}"));
        }
    }
    let twice = causes.iter().filter(|(_, times)| **times > 1);
    faults.extend(twice.map(|(cause, times)| format!("{cause:?} was done {times} times")));
    faults.extend(book_faults(&mut archive, people));
    faults
}

/// What was heard or told from whom by whom, in the order of its rows.
type Pairs = BTreeMap<(ActorNumber, ActorNumber), Vec<i64>>;

/// To whom a machine sent messages, as it says itself when its rows are applied again.
fn tells<M: Kind>(rows: &[JournalRow]) -> Vec<ActorNumber> {
    let (mut machine, mut receivers) = (M::default(), vec![]);
    for row in rows {
        let events: Vec<M::Event> = serde_json::from_str(&row.events).unwrap();
        for event in &events {
            machine.apply(event);
            receivers.extend(machine.react(event).into_iter().filter_map(|effect| match effect {
                Effect::Tell(message) => Some(message.receiver().number()),
                Effect::Signal(..) | Effect::Notice(..) => None,
            }));
        }
    }
    receivers
}

/// Whether what was written in the chat, and answered with yes, is there once and in order.
fn book_faults(archive: &mut Archive, people: &People) -> Vec<String> {
    let (chat, mut said) = people.with(|memory| (memory.chat.unwrap(), memory.said.clone()));
    said.sort_unstable();
    let (mut written, mut numbers) = (vec![], vec![]);
    archive
        .rows(Party::Chat(chat).number(), |row| {
            let events: Vec<chat::Event> = serde_json::from_str(&row.events).unwrap();
            for event in events {
                if let chat::Event::Said { number, command, .. } = event {
                    written.push(command as usize - 1);
                    numbers.push(i64::from(number));
                }
            }
            ControlFlow::Continue(())
        })
        .unwrap();
    let texts: Vec<i64> = archive
        .texts(Party::Chat(chat).number())
        .unwrap()
        .into_iter()
        .filter(|(kind, _)| *kind == ContentKind::MessageText as i64)
        .map(|(_, number)| number)
        .collect();
    let mut faults = vec![];
    if written != said {
        faults.push(format!("answered {said:?}, written {written:?}"));
    }
    if numbers != (1..=numbers.len() as i64).collect::<Vec<_>>() || texts != numbers {
        faults.push(format!("numbers {numbers:?}, texts {texts:?}"));
    }
    faults
}

/// How many rows the day takes when nobody dies, beyond those of the company itself.
fn rows_of(folder: &Path) -> u64 {
    let mut archive = Archive::open(&database(folder)).unwrap();
    let mut count = 0;
    for actor in archive.actors(None, None, None).unwrap() {
        archive
            .rows(actor.number, |_| {
                count += 1;
                ControlFlow::Continue(())
            })
            .unwrap();
    }
    count
}

/// A database with the company in it, to be copied: applying it takes longer than the day.
fn company() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    run_until(folder.path(), BEGIN, NEVER, async |floor, _| floor.idle().await);
    folder
}

fn copy(from: &Path) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        std::fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
    }
    folder
}

#[test]
fn killed_after_any_row_everything_was_done_once_and_in_order() {
    let company = company();
    let (people, folder) = (People::default(), copy(company.path()));
    live(folder.path(), &people, NEVER);
    assert_eq!(faults(folder.path(), &people), [""; 0]);
    assert_eq!(people.with(|memory| (memory.done, memory.said.len())), (DAY.len(), 7), "the whole day");
    let rows = rows_of(folder.path()) - rows_of(company.path());
    assert!(rows > 35, "{rows}");

    // Killed again while it gets up, or while people go on.
    let every = std::env::var("MODEL").is_ok_and(|model| model == "full");
    let again = |first: u64| if every { 0..rows } else { first % 13..first % 13 + 1 };
    for (first, second) in (0..rows).flat_map(|first| again(first).map(move |second| (first, second))) {
        let (people, folder) = (People::default(), copy(company.path()));
        live(folder.path(), &people, first);
        live(folder.path(), &people, second);
        live(folder.path(), &people, NEVER);
        assert_eq!(faults(folder.path(), &people), [""; 0], "killed after {first} rows, and then after {second}");
        assert_eq!(people.with(|memory| memory.done), DAY.len(), "killed after {first} rows, and then after {second}");
    }
}

#[test]
fn a_message_that_is_lost_or_comes_twice_is_noticed() {
    let company = company();
    let (mut twice, mut lost) = (0, 0);
    for rows in 0..40 {
        let (people, folder) = (People::default(), copy(company.path()));
        live(folder.path(), &people, rows);
        let path = database(folder.path());
        sql(&path, "CREATE TABLE kept AS SELECT * FROM outbox");
        let other = copy(folder.path());
        live(folder.path(), &people, NEVER);
        sql(&path, "INSERT OR IGNORE INTO outbox SELECT * FROM kept");
        live(folder.path(), &people, NEVER);
        twice += u32::from(!faults(folder.path(), &people).is_empty());

        sql(&database(other.path()), "DELETE FROM outbox");
        let people = People::default();
        live(other.path(), &people, NEVER);
        lost += u32::from(!faults(other.path(), &people).is_empty());
    }
    assert!(twice > 10 && lost > 10, "{twice} doubled and {lost} lost were noticed");
}
