//! Does erasing take a person out of the database, and nothing else?

use super::story::{BEGIN, database, sql, tell};
use crate::floor::{QUEUE, run};
use actix::{Actor, Context, Handler};
use domain::id::{ChatId, ItemId};
use domain::time::Timestamp;
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use vorrang::actors::browser::Tab;
use vorrang::actors::floor::VisitorFacts;
use vorrang::actors::ids::{Numbered, Party};
use vorrang::actors::screens::{Outlet, Push};
use vorrang::cli::{self, Run};
use vorrang::store::{Archive, ContentKind, Erasure, Offline};

#[test]
fn the_texts_of_one_item_go_and_the_journal_stays_sound() {
    let folder = tempfile::tempdir().unwrap();
    let told = tell(folder.path());
    let path = database(folder.path());
    assert!(holds(folder.path(), "what tab said in 2"), "the control: it is there before");
    let mut offline = Offline::open(&path).unwrap();
    let [over, done] = [Party::Chat(told.over), Party::Call(told.done)].map(Numbered::number);
    assert_eq!(offline.erasable(over).unwrap(), Erasure::Texts(4));
    assert_eq!(offline.erase(over, Timestamp(7)).unwrap(), Erasure::Texts(4));
    assert_eq!(offline.erase(over, Timestamp(8)).unwrap(), Erasure::Texts(0));
    assert_eq!(offline.erase(done, Timestamp(8)).unwrap(), Erasure::Texts(2));
    assert!(!holds(folder.path(), "what tab said in 2"), "nor in what is left of the file");
    assert!(holds(folder.path(), "what late said in 2"), "the control: others' texts are there");

    let mut archive = Archive::open(&path).unwrap();
    assert_eq!(archive.texts(over).unwrap(), [(ContentKind::Erased as i64, 0)]);
    assert_eq!(archive.texts(Party::Chat(told.chat).number()).unwrap().len(), 303);
    let counts = cli::verify::verify(&mut archive, None, |problem| panic!("{problem}"), |_| {}).unwrap();
    assert_eq!((counts.problems, counts.erased), (0, 2));
}

#[test]
fn what_goes_on_and_what_never_was_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let told = tell(folder.path());
    let mut offline = Offline::open(&database(folder.path())).unwrap();
    for item in [Party::Chat(told.chat), Party::Call(told.waits)] {
        assert_eq!(offline.erase(item.number(), Timestamp(7)).unwrap(), Erasure::GoesOn);
    }
    assert_eq!(offline.erase(Party::Chat(ChatId(99)).number(), Timestamp(7)).unwrap(), Erasure::Unknown);
    assert!(holds(folder.path(), "what late said in 2"));
    drop(offline);

    let said = |item: &str| command(folder.path(), &["erase", item, "--yes"]);
    assert_eq!(said(&ItemId::Chat(told.chat).to_string()), code(1));
    assert_eq!(said("chat 99"), code(1));
    assert_eq!(said("fax:1"), code(2));
    assert_eq!(said(&ItemId::Chat(told.over).to_string()), code(0));
    assert_eq!(command(folder.path(), &["journal", "verify", "--company", "Alpenrad"]), code(0));
    assert_eq!(command(folder.path(), &["journal", "verify", "--company", "Talrad"]), code(1));
    sql(&database(folder.path()), "DELETE FROM content WHERE number = 17");
    assert_eq!(command(folder.path(), &["journal", "verify"]), code(1));
}

#[test]
fn a_visitor_who_comes_back_to_an_erased_chat_sees_no_messages() {
    let folder = tempfile::tempdir().unwrap();
    let told = tell(folder.path());
    let look = |expected: usize| {
        run(folder.path(), Timestamp(BEGIN.0 + 1_000_000), async |floor, _| {
            let pushed = Pushed::default();
            let to = Outlet::new(pushed.clone().start().recipient(), Arc::default());
            let tab = Tab { socket: 1, to, client: "tab".to_owned() };
            floor.visitor_joined(told.over, QUEUE, VisitorFacts::default(), tab, 0);
            floor.idle().await;
            tokio::task::yield_now().await;
            let replies = pushed.0.lock().unwrap();
            let snapshot: serde_json::Value = serde_json::from_str(&replies[0]).unwrap();
            assert_eq!(snapshot["type"], "snapshot");
            assert_eq!(snapshot["messages"].as_array().unwrap().len(), expected, "{snapshot}");
        });
    };
    look(2);
    let number = Party::Chat(told.over).number();
    Offline::open(&database(folder.path())).unwrap().erase(number, Timestamp(7)).unwrap();
    look(0);
}

#[derive(Clone, Default)]
struct Pushed(Arc<Mutex<Vec<String>>>);

impl Actor for Pushed {
    type Context = Context<Self>;
}

impl Handler<Push> for Pushed {
    type Result = ();
    fn handle(&mut self, push: Push, _: &mut Self::Context) {
        if let Push::Reply(text) | Push::Snapshot(text) = push {
            self.0.lock().unwrap().push(text);
        }
    }
}

/// Runs the command line on a folder's database.
fn command(folder: &Path, arguments: &[&str]) -> String {
    let config = folder.join("config.toml");
    std::fs::write(&config, format!("[store]\npath = \"{}\"\n", database(folder).display())).unwrap();
    let arguments = ["vorrang"].into_iter().chain(arguments.iter().copied()).map(str::to_owned);
    let config = ["--config".to_owned(), config.display().to_string()];
    match cli::run(arguments.chain(config)) {
        Run::Exit(code) => format!("{code:?}"),
        Run::Serve { .. } | Run::Check { .. } | Run::Demo(_) => panic!("no command of ours"),
    }
}

fn code(code: u8) -> String {
    format!("{:?}", ExitCode::from(code))
}

/// Whether a text stands anywhere in the database's files.
fn holds(folder: &Path, text: &str) -> bool {
    let files = ["vorrang.db", "vorrang.db-wal"].map(|name| std::fs::read(folder.join(name)).unwrap_or_default());
    files.iter().any(|file| file.windows(text.len()).any(|window| window == text.as_bytes()))
}
