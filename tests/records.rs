//! Does every call leave exactly one record, whatever happens? On the real actors, with the real store behind them.

use crate::floor::{ANNA, BEN, QUEUE, chatting, pass, run};
use crate::journal::story::{database, sql};
use crate::journal::verify::look;
use crate::web::document::Document;
use actix::{Actor, Context, Handler};
use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App, body::MessageBody};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use domain::id::{CallId, CompanyId, ItemId, OfferId, QueueId, TaskId};
use domain::message::Message;
use domain::queue::Channel;
use domain::record::{Outcome, Record};
use domain::time::{Span, Timestamp};
use domain::{agent, call, chat, queue, task};
use serde_json::{from_str, json};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::rc::Rc;
use std::sync::mpsc;
use vorrang::actors::floor::{Caller, Floor, Kept};
use vorrang::actors::ids::{Numbered, Party};
use vorrang::actors::user_agent::TrunksOf;
use vorrang::cli;
use vorrang::protocol::rest::{CallRecord, Calls, TrunkView};
use vorrang::store::{Archive, CompanyFile, Content, ContentKind, Offline, RecordFilter};
use vorrang::web::{self, Web};

/// Who is asked for trunks where there are none.
pub struct NoTrunks;

impl Actor for NoTrunks {
    type Context = Context<Self>;
}

impl Handler<TrunksOf> for NoTrunks {
    type Result = Vec<TrunkView>;
    fn handle(&mut self, _: TrunksOf, _: &mut Self::Context) -> Vec<TrunkView> {
        vec![]
    }
}

const BEGIN: Timestamp = Timestamp(1_795_342_500_000);
const CALLER: &str = "+4930987654";
const OTHER_QUEUE: QueueId = QueueId(2);

const MORE: &str = r#"
[company]
name = "Alpenrad"
[[queue]]
name = "Service"
overflow = "Overflow"
[[queue]]
name = "Overflow"
[[agent]]
login_name = "sonja"
password = "sonja-password"
role = "supervisor"
"#;

/// A second queue, and somebody who may read records.
async fn more(floor: &Rc<Floor>) {
    let file: CompanyFile = toml_of(MORE);
    let store = floor.store().clone();
    tokio::task::spawn_blocking(move || store.apply(&file, "vorrang").unwrap()).await.unwrap();
    floor.reload().await.unwrap();
    floor.idle().await;
}

fn toml_of(text: &str) -> CompanyFile {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("company.toml");
    std::fs::write(&path, text).unwrap();
    vorrang::config::read_toml(&path).unwrap()
}

async fn arrive(floor: &Rc<Floor>) -> CallId {
    let call = CallId(floor.house().ids.next_item());
    floor.call_arrived(call, QUEUE, Caller { number: CALLER, agent: None }, "4930100");
    floor.idle().await;
    call
}

async fn tell(floor: &Rc<Floor>, id: CallId, command: call::Command) {
    floor.tell(Message::Call { id, command });
    floor.idle().await;
}

fn offer_of(floor: &Floor, call: CallId) -> OfferId {
    match floor.calls().look(call, call::Call::state).unwrap() {
        call::State::Ringing { offer } | call::State::Answered { offer } | call::State::Connected { offer, .. } => {
            offer
        }
        other => panic!("no offer: {other:?}"),
    }
}

/// A call that waits while nobody is there, rings, is answered by the phone, or talks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stand {
    Queued,
    Ringing,
    Answered,
    Connected,
    Held,
    Transferred,
}

const STANDS: [Stand; 6] =
    [Stand::Queued, Stand::Ringing, Stand::Answered, Stand::Connected, Stand::Held, Stand::Transferred];

/// Anna is at work, and nothing from before keeps her.
async fn work(floor: &Rc<Floor>) {
    floor.tell(Message::Agent { id: ANNA, command: agent::Command::LogIn });
    floor.idle().await;
}

async fn lead_to(floor: &Rc<Floor>, stand: Stand) -> CallId {
    if stand != Stand::Queued {
        work(floor).await;
    }
    let call = arrive(floor).await;
    if matches!(stand, Stand::Queued | Stand::Ringing) {
        return call;
    }
    let offer = offer_of(floor, call);
    if stand == Stand::Answered {
        // The agent's word comes at once; only a call whose agent is silent stays here. So it is killed with the answer.
        floor.tell(Message::Call { id: call, command: call::Command::PhoneAnswered { offer } });
        return call;
    }
    tell(floor, call, call::Command::PhoneAnswered { offer }).await;
    pass(floor, 10).await;
    if stand == Stand::Held {
        tell(floor, call, call::Command::Hold { held: Some(call::Side::Caller) }).await;
        pass(floor, 5).await;
    }
    if stand == Stand::Transferred {
        tell(floor, call, call::Command::Transfer { agent: ANNA, to: QUEUE }).await;
    }
    call
}

fn record(floor: &Floor, call: CallId) -> Option<Record> {
    let number = Party::Call(call).number();
    floor.store().call_record(CompanyId(1), number).unwrap().map(|row| row.record)
}

#[track_caller]
fn assert_sound(path: &Path, records: u64) {
    let (counts, problems) = look(path);
    assert_eq!(problems, [] as [String; 0]);
    assert_eq!(counts.records, records);
    assert_eq!(count(path, "call_record"), records);
}

fn count(path: &Path, table: &str) -> u64 {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let mut connection = diesel::SqliteConnection::establish(&path.to_string_lossy()).unwrap();
    let query = diesel::sql_query(format!("SELECT count(*) AS count FROM {table}"));
    query.get_result::<Row>(&mut connection).unwrap().count.cast_unsigned()
}

#[test]
fn every_end_of_a_call_leaves_one_record_that_says_how() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), BEGIN, async |floor, _| {
        more(&floor).await;
        let mut told = vec![];
        // Nobody is there yet.
        let turned_away = CallId(floor.house().ids.next_item());
        let refused = call::Command::TurnAway { id: turned_away, queue: QUEUE };
        floor.tell(Message::Call { id: turned_away, command: refused });
        floor.idle().await;
        told.push((turned_away, Outcome::TurnedAway, 0, 0));
        let waits = lead_to(&floor, Stand::Queued).await;
        pass(&floor, 7).await;
        tell(&floor, waits, call::Command::CallerHungUp).await;
        told.push((waits, Outcome::Abandoned, 0, 0));

        let rings = lead_to(&floor, Stand::Ringing).await;
        tell(&floor, rings, call::Command::CallerHungUp).await;
        told.push((rings, Outcome::Abandoned, 1, 0));
        let talks = lead_to(&floor, Stand::Connected).await;
        tell(&floor, talks, call::Command::CallerHungUp).await;
        told.push((talks, Outcome::CallerHungUp, 1, 10));
        pass(&floor, 70).await;
        let held = lead_to(&floor, Stand::Held).await;
        let offer = offer_of(&floor, held);
        tell(&floor, held, call::Command::PhoneHungUp { offer }).await;
        told.push((held, Outcome::AgentHungUp, 1, 15));
        pass(&floor, 70).await;
        let lost = lead_to(&floor, Stand::Connected).await;
        tell(&floor, lost, call::Command::Lost { offer: None }).await;
        told.push((lost, Outcome::Failed, 1, 10));
        pass(&floor, 70).await;
        let stopped = lead_to(&floor, Stand::Connected).await;
        tell(&floor, stopped, call::Command::DaemonStops).await;
        told.push((stopped, Outcome::DaemonStopped, 1, 10));
        pass(&floor, 70).await;
        floor.tell(Message::Agent { id: ANNA, command: agent::Command::LogOut });
        floor.idle().await;
        let sent_away = lead_to(&floor, Stand::Queued).await;
        let exit = queue::Exit::Refuse;
        let depart = call::Command::Depart { queue: QUEUE, exit, attempts: 0, declined: Default::default() };
        tell(&floor, sent_away, depart).await;
        told.push((sent_away, Outcome::SentAway, 0, 0));

        for (call, outcome, offers, talked) in &told {
            let record = record(&floor, *call).unwrap();
            assert_eq!((record.outcome, record.offers), (*outcome, *offers), "{outcome}: {record:?}");
            assert_eq!(record.talked(), Span::seconds(*talked), "{outcome}");
            assert_eq!(record.queues, [QUEUE]);
        }
        assert_eq!(record(&floor, waits).unwrap().waited(), Span::seconds(7));
        assert_eq!(record(&floor, held).unwrap().held(), Span::seconds(5));
        assert_sound(&database(folder.path()), told.len() as u64);
        let Kept { calls, texts, decisions, held, retired, .. } = floor.kept();
        assert_eq!((calls, texts, decisions, held, retired), (0, 0, 0, 0, 0), "nothing is kept of them");
    });
}

#[test]
fn overflow_and_transfer_stand_in_the_record() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), BEGIN, async |floor, _| {
        more(&floor).await;
        let overflowed = lead_to(&floor, Stand::Queued).await;
        let to = floor.destination(OTHER_QUEUE);
        floor.tell(Message::Queue { id: QUEUE, command: queue::Command::Overflow { to } });
        floor.idle().await;
        pass(&floor, 3).await;
        tell(&floor, overflowed, call::Command::CallerHungUp).await;
        let moved = record(&floor, overflowed).unwrap();
        assert_eq!((moved.queues, moved.last_queue, moved.moves), (vec![QUEUE, OTHER_QUEUE], OTHER_QUEUE, 1));

        let call = lead_to(&floor, Stand::Connected).await;
        tell(&floor, call, call::Command::Transfer { agent: ANNA, to: OTHER_QUEUE }).await;
        pass(&floor, 4).await;
        tell(&floor, call, call::Command::CallerHungUp).await;
        let transferred = record(&floor, call).unwrap();
        assert_eq!(transferred.outcome, Outcome::Abandoned, "it ended in the other queue");
        assert_eq!((transferred.queues, transferred.moves), (vec![QUEUE, OTHER_QUEUE], 0));
        assert_eq!(transferred.talks.iter().map(|talk| talk.agent).collect::<Vec<_>>(), [ANNA]);
        let found = |filter: RecordFilter| {
            let page = floor.store().call_records(CompanyId(1), &filter, 10).unwrap();
            page.rows.into_iter().map(|row| Party::from_number(row.actor)).collect::<Vec<_>>()
        };
        let both = [Party::Call(call), Party::Call(overflowed)];
        assert_eq!(found(RecordFilter { queue: Some(OTHER_QUEUE), ..RecordFilter::default() }), both);
        assert_eq!(found(RecordFilter { agent: Some(ANNA), ..RecordFilter::default() }), both[..1]);
        let (agent, queue) = (Some(ANNA), Some(OTHER_QUEUE));
        assert_eq!(found(RecordFilter { agent, queue, ..RecordFilter::default() }), both[..1]);
        assert_eq!(found(RecordFilter { agent: Some(BEN), queue, ..RecordFilter::default() }), []);
        assert_sound(&database(folder.path()), 2);
    });
}

#[test]
fn a_daemon_killed_in_any_state_leaves_one_record_of_each_call_and_no_more() {
    for stand in STANDS {
        let folder = tempfile::tempdir().unwrap();
        let (sender, received) = mpsc::channel();
        run(folder.path(), BEGIN, async |floor, _| {
            let call = lead_to(&floor, stand).await;
            floor.idle().await;
            assert_eq!(record(&floor, call), None, "{stand:?}: it goes on");
            sender.send((call, floor.now())).unwrap();
            // The daemon is gone without a word.
        });
        let (call, died) = received.recv().unwrap();
        assert_eq!(count(&database(folder.path()), "call_record"), 0, "the control: none before");
        for start in 1..=2 {
            run(folder.path(), Timestamp(BEGIN.0 + start * 3_600_000), async |floor, _| {
                floor.idle().await;
                let record = record(&floor, call).unwrap();
                assert_eq!(record.outcome, Outcome::DaemonRestarted, "{stand:?}");
                assert!(record.ended_at <= died, "{stand:?}: no talk lasts while the daemon is down");
                let talked = matches!(stand, Stand::Answered | Stand::Connected | Stand::Held | Stand::Transferred);
                assert_eq!(record.answered_at().is_some(), talked, "{stand:?}");
            });
            assert_sound(&database(folder.path()), 1);
        }
    }
}

#[test]
fn a_chat_and_a_task_leave_a_record_of_their_own_kind() {
    let folder = tempfile::tempdir().unwrap();
    let (sender, received) = mpsc::channel();
    run(folder.path(), BEGIN, async |floor, _| {
        let chat = chatting(&floor, ANNA).await;
        pass(&floor, 10).await;
        let call = lead_to(&floor, Stand::Connected).await;
        tell(&floor, call, call::Command::CallerHungUp).await;
        pass(&floor, 5).await;
        floor.tell(Message::Chat { id: chat, command: chat::Command::End { agent: ANNA } });
        pass(&floor, 7).await;
        let none = floor.store().call_record(CompanyId(1), Party::Chat(chat).number()).unwrap();
        assert_eq!(none, None, "it is not written up yet");
        floor.tell(Message::Chat { id: chat, command: chat::Command::FinishWrapUp { agent: ANNA } });
        floor.idle().await;
        let task = TaskId(floor.house().ids.next_item());
        let done = Box::new(|_: &Rc<Floor>, result: Result<(), domain::Refusal>| result.unwrap());
        floor.task_requested(task, Channel::Email, QUEUE, "write to Mrs Berger".to_owned(), done);
        floor.idle().await;
        let (item, place) = (ItemId::Task(task), 1);
        floor.tell(Message::Agent { id: ANNA, command: agent::Command::Pick { item, queue: QUEUE, place } });
        floor.idle().await;
        pass(&floor, 4).await;
        floor.tell(Message::Task { id: task, command: task::Command::Finish { agent: ANNA } });
        floor.idle().await;
        sender.send((chat, call, task)).unwrap();
    });
    let (chat, call, task) = received.recv().unwrap();
    let path = database(folder.path());
    assert_sound(&path, 3);
    let mut archive = Archive::open(&path).unwrap();
    let mut found = |kind| {
        let page = archive.call_records(CompanyId(1), &RecordFilter { kind, ..RecordFilter::default() }, 10).unwrap();
        page.rows.into_iter().map(|row| (Party::from_number(row.actor), row.record)).collect::<Vec<_>>()
    };
    let [chats, calls, emails, work] =
        [Channel::Chat, Channel::Call, Channel::Email, Channel::WorkItem].map(&mut found);
    let actors = [&chats, &calls, &emails].map(|found| found.iter().map(|(actor, _)| *actor).collect::<Vec<_>>());
    assert_eq!(actors, [vec![Party::Chat(chat)], vec![Party::Call(call)], vec![Party::Task(task)]]);
    assert_eq!(work, []);
    let Record { outcome, preemptions, preempted, wrap_up, .. } = &chats[0].1;
    assert_eq!((*outcome, *preemptions), (Outcome::AgentEnded, 1));
    assert_eq!((*preempted, *wrap_up), (Span::seconds(10), Span::seconds(7)));
    assert_eq!((chats[0].1.talked(), chats[0].1.held()), (Span::seconds(25), Span::seconds(10)));
    assert_eq!((emails[0].1.outcome, emails[0].1.talked()), (Outcome::Done, Span::seconds(4)));
    let of_anna = RecordFilter { kind: Channel::Chat, agent: Some(ANNA), ..RecordFilter::default() };
    assert_eq!(archive.call_records(CompanyId(1), &of_anna, 10).unwrap().rows.len(), 1);
}

#[test]
fn what_comes_after_the_end_changes_no_record() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), BEGIN, async |floor, _| {
        let call = lead_to(&floor, Stand::Connected).await;
        let offer = offer_of(&floor, call);
        let leg = |number, text: &str| Content { kind: ContentKind::Leg, number, text: text.to_owned() };
        floor.envelope::<call::Call>(call, call::Command::CallerHungUp, |envelope| {
            envelope.content = vec![leg(0, r#"{"agent":null,"call_id":"a@b","trunk":"T","packets":null}"#)];
        });
        floor.idle().await;
        let before = record(&floor, call).unwrap();
        pass(&floor, 5).await;
        for command in [
            call::Command::CallerHungUp,
            call::Command::PhoneHungUp { offer },
            call::Command::Lost { offer: None },
            call::Command::DaemonStops,
            call::Command::Restarted { down_since: Timestamp(1) },
        ] {
            tell(&floor, call, command).await;
        }
        let packets = r#"{"agent":1,"call_id":"c@d","trunk":null,"packets":{"received":5,"sent":6,"dropped":7}}"#;
        floor.keep(call, vec![leg(1, packets)]);
        floor.idle().await;
        // Nothing waits for such a row, so nobody is told when it is durable.
        floor.store().flush(std::time::Duration::from_secs(10)).unwrap();
        assert_eq!(record(&floor, call), Some(before));
        let row = floor.store().call_record(CompanyId(1), Party::Call(call).number()).unwrap().unwrap();
        let seen = vorrang::actors::records::view(&floor.rows(), &row);
        assert_eq!((seen.trunk.as_deref(), seen.legs.len()), (Some("T"), 2));
        assert_eq!(seen.legs[1].packets.unwrap().dropped, 7);
        assert_eq!(floor.store().call_record(CompanyId(2), Party::Call(call).number()).unwrap(), None);
        assert_sound(&database(folder.path()), 1);
    });
}

#[test]
fn a_record_that_somebody_changed_is_found_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let (sender, received) = mpsc::channel();
    run(folder.path(), BEGIN, async |floor, _| {
        let done = lead_to(&floor, Stand::Connected).await;
        tell(&floor, done, call::Command::CallerHungUp).await;
        floor.tell(Message::Agent { id: ANNA, command: agent::Command::LogOut });
        let waits = lead_to(&floor, Stand::Queued).await;
        sender.send((done, waits)).unwrap();
    });
    let (done, waits) = received.recv().unwrap();
    let path = database(folder.path());
    let [number, goes_on] = [done, waits].map(|call| Party::Call(call).number().0);
    let set = |what: &str| format!("UPDATE call_record SET {what} WHERE actor = {number}");
    let table = [
        ("SELECT 1".to_owned(), vec![]),
        (
            set("outcome = 'abandoned'"),
            vec![format!("call {done}: its record has outcome = \"abandoned\", its rows give \"caller_hung_up\"")],
        ),
        (set("outcome = 'nice'"), vec![format!("call {done}: its record cannot be read:")]),
        (set("offers = 9"), vec![format!("call {done}: its record has offers = 9, its rows give 1")]),
        (
            set("talks = json_set(talks, '$[0].agent', 2)"),
            vec![format!("call {done}: its record has talks.0.agent = 2, its rows give 1")],
        ),
        (set("talks = '['"), vec![format!("call {done}: its record cannot be read:")]),
        (set("company = 2"), vec![format!("call {done}: its record is of company 2, not 1")]),
        (
            format!("DELETE FROM call_record WHERE actor = {number}"),
            vec![format!("call {done}: is over, but has no record")],
        ),
        (
            format!("UPDATE call_record SET actor = {goes_on} WHERE actor = {number}"),
            vec![
                format!("call {done}: is over, but has no record"),
                format!("call {waits}: has a record, but is not over"),
            ],
        ),
        (
            "INSERT INTO call_record SELECT 8003, company, arrived_at, ended_at, outcome, queues, last_queue, moves, \
             offers, talks, kind, preemptions, preempted, wrap_up, contact FROM call_record"
                .to_owned(),
            vec!["call 1000: has a record, but is not among the actors".to_owned()],
        ),
        ("DELETE FROM call_party WHERE role = 2".to_owned(), vec![format!("call {done}: is not found under agent 1")]),
        (
            format!("INSERT INTO call_party VALUES (2, 2, {}, {number})", BEGIN.0),
            vec!["calls are found under 3 queues, agents and contacts, but their rows give 2".to_owned()],
        ),
    ];
    for (at, (damage, expected)) in table.iter().enumerate() {
        let copy = folder.path().join(format!("copy-{at}.db"));
        sql(&path, &format!("VACUUM INTO '{}'", copy.display()));
        sql(&copy, damage);
        let (_, problems) = look(&copy);
        assert_eq!(problems.len(), expected.len(), "{damage}: {problems:#?}");
        for (problem, expected) in problems.iter().zip(expected) {
            let comparable = problem.replace("AgentId(a1)", "AgentId(1)").replace("Agent(a1)", "Agent(AgentId(1))");
            assert!(comparable.starts_with(expected.as_str()), "{damage}: {problem}, expected {expected}");
        }
    }
}

#[test]
fn a_withheld_number_is_shown_to_nobody_and_stands_in_the_record_only_where_the_company_keeps_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = database(folder.path());
    run(folder.path(), BEGIN, async |floor, _| {
        for keep in [None, Some(true), Some(false)] {
            let mut file = toml_of(MORE);
            file.company.keep_withheld_numbers = keep;
            let store = floor.store().clone();
            tokio::task::spawn_blocking(move || store.apply(&file, "vorrang").unwrap()).await.unwrap();
            floor.reload().await.unwrap();
            let call = CallId(floor.house().ids.next_item());
            let content = Content { kind: ContentKind::Withheld, number: 0, text: CALLER.to_owned() };
            let caller = Caller { number: sip::ANONYMOUS, agent: None };
            floor.call_arrived_with(call, QUEUE, caller, "4930100", vec![content]);
            floor.idle().await;
            assert_eq!(floor.caller(call), "");
            tell(&floor, call, call::Command::CallerHungUp).await;
            assert_eq!(floor.caller(call), "", "nor when it is read again, for a wrap-up");
            let printed = printed(&database(folder.path()), cli::calls::Format::Json);
            let newest: CallRecord = serde_json::from_str(printed.lines().next().unwrap()).unwrap();
            assert_eq!(newest.caller.as_deref(), Some(if keep == Some(true) { CALLER } else { sip::ANONYMOUS }));
        }
    });
    assert_sound(&path, 3);
}

#[test]
fn whoever_was_erased_is_in_no_record() {
    let folder = tempfile::tempdir().unwrap();
    let (sender, received) = mpsc::channel();
    run(folder.path(), BEGIN, async |floor, _| {
        let call = lead_to(&floor, Stand::Connected).await;
        let text = format!(r#"{{"agent":null,"call_id":"{CALLER}@trunk","trunk":"T","packets":null}}"#);
        floor.keep(call, vec![Content { kind: ContentKind::Leg, number: 0, text }]);
        tell(&floor, call, call::Command::CallerHungUp).await;
        sender.send(call).unwrap();
    });
    let call = received.recv().unwrap();
    let path = database(folder.path());
    assert!(printed(&path, cli::calls::Format::Json).contains(CALLER), "the control: it is there before");
    Offline::open(&path).unwrap().erase(Party::Call(call).number(), Timestamp(7)).unwrap();
    for format in [cli::calls::Format::Json, cli::calls::Format::Csv, cli::calls::Format::Text] {
        let text = printed(&path, format);
        assert!(!text.contains("30987654") && text.contains("caller"), "{text}");
    }
    let shown: CallRecord = serde_json::from_str(&printed(&path, cli::calls::Format::Json)).unwrap();
    assert_eq!((shown.erased, shown.caller, shown.called, shown.trunk), (true, None, None, None));
    assert_eq!((shown.outcome, shown.talked_ms, shown.legs.len()), (Outcome::CallerHungUp, 10_000, 0));
    let files =
        ["vorrang.db", "vorrang.db-wal"].map(|name| std::fs::read(folder.path().join(name)).unwrap_or_default());
    assert!(!files.iter().any(|file| file.windows(CALLER.len()).any(|window| window == CALLER.as_bytes())));
    assert_sound(&path, 1);
}

fn printed(path: &Path, format: cli::calls::Format) -> String {
    let mut archive = Archive::open(path).unwrap();
    let company = archive.companies().unwrap().remove(0);
    let mut out = vec![];
    let filter = RecordFilter::default();
    cli::calls::calls(&mut archive, &company, filter, None, (format, true), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn hundreds_of_calls_leave_nothing_in_memory_and_every_page_of_them_is_read_once() {
    const CALLS: usize = 300;
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), BEGIN, async |floor, _| {
        more(&floor).await;
        let before = floor.kept();
        let evil = "=cmd|'/C calc'!A0, \"quoted\"";
        for number in 0..CALLS {
            let call = CallId(floor.house().ids.next_item());
            let caller = if number == 7 { evil } else { CALLER };
            floor.call_arrived(call, QUEUE, Caller { number: caller, agent: None }, "4930100");
            // Several in the same millisecond.
            if number % 3 == 0 {
                pass(&floor, 1).await;
            }
            floor.tell(Message::Call { id: call, command: call::Command::CallerHungUp });
        }
        floor.idle().await;
        assert_eq!(floor.kept(), before);

        let web =
            Web::new(floor.house().clone(), NoTrunks.start().recipient(), tokio::sync::mpsc::unbounded_channel().0)
                .unwrap();
        let app = init_service(App::new().configure(web::routes(web))).await;
        let asked = Cell::new(0);
        let ask = async |path: &str, name: &str, accept: &str| {
            // Each from an address of its own: who logs in too often from one has to wait.
            asked.set(asked.get() + 1);
            let peer = SocketAddr::from(([127, 0, 1, asked.get()], 9));
            let request = TestRequest::get().uri(path).peer_addr(peer);
            let basic = format!("Basic {}", base64(&format!("{name}:{name}-password")));
            let request = request.insert_header((header::AUTHORIZATION, basic));
            let request = request.insert_header((header::ACCEPT, accept));
            let response = call_service(&app, request.to_request()).await;
            let (status, headers) = (response.status(), response.headers().clone());
            let body = read_body(response).await.try_into_bytes().unwrap();
            (status, headers, String::from_utf8(body.to_vec()).unwrap())
        };
        let described = Document(from_str(&ask("/api/v1/openapi.json", "sonja", "*/*").await.2).unwrap());
        let page = async |query: &str| {
            let (status, _, body) = ask(&format!("/api/v1/calls{query}"), "sonja", "*/*").await;
            assert_eq!(status, StatusCode::OK, "{query}: {body}");
            described.fits(&json!({ "$ref": "#/components/schemas/Calls" }), &from_str(&body).unwrap()).unwrap();
            from_str::<Calls>(&body).unwrap()
        };

        let first = page("?limit=1").await;
        assert_eq!(first.calls[0].outcome, Outcome::Abandoned);
        let (mut seen, mut pages, mut query) = (vec![], 0, "?limit=70".to_owned());
        loop {
            let Calls { calls, next } = page(&query).await;
            seen.extend(calls.into_iter().map(|call| (call.arrived_at, call.item)));
            pages += 1;
            let Some(next) = next else { break };
            query = format!("?limit=70&cursor={next}");
        }
        assert_eq!((pages, seen.len()), (5, CALLS));
        assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), CALLS, "each once");
        assert!(seen.windows(2).all(|pair| pair[0].0 >= pair[1].0), "the newest first");
        assert_eq!(page("").await.calls.len(), 100);
        assert_eq!(page("?limit=300").await.next, None, "a page that is full and the last one");
        assert_eq!(page("?outcome=caller_hung_up").await.calls, []);
        assert_eq!(page("?outcome=abandoned&limit=1000").await.calls.len(), CALLS);
        assert_eq!(page("?queue=1&limit=1000").await.calls.len(), CALLS);
        assert_eq!(page("?queue=2").await.calls, []);
        assert_eq!(page("?kind=call&limit=1000").await.calls.len(), CALLS);
        assert_eq!(page("?kind=chat").await.calls, []);
        assert_eq!(page("?agent=1").await.calls, []);
        let (oldest, newest) = (seen.last().unwrap().0.0, seen[0].0.0);
        assert_eq!(page(&format!("?from={}&limit=1000", newest + 1)).await.calls, []);
        assert_eq!(page(&format!("?to={oldest}&limit=1000")).await.calls, []);
        assert_eq!(page(&format!("?from={oldest}&to={}&limit=1000", newest + 1)).await.calls.len(), CALLS);

        for (query, word) in [
            ("?limit=0", "limit"),
            ("?limit=1001", "1000"),
            ("?limit=many", "limit"),
            ("?cursor=x", "cursor"),
            ("?outcome=nice", "caller_hung_up"),
            ("?kind=fax", "work_item"),
            ("?form=csv", "unknown field"),
            ("?format=xml", "csv"),
            ("/fax:1", "call 1-6"),
        ] {
            let (status, _, body) = ask(&format!("/api/v1/calls{query}"), "sonja", "*/*").await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{query}: {body}");
            assert!(body.contains(word) && body.contains("malformed"), "{query}: {body}");
        }
        assert_eq!(ask("/api/v1/calls", "anna", "*/*").await.0, StatusCode::FORBIDDEN);
        assert_eq!(ask("/api/v1/calls", "nobody", "*/*").await.0, StatusCode::UNAUTHORIZED);

        let item = &seen[0].1;
        let address = |name: &str| format!("/api/v1/calls/{}", name.replace(' ', "%20"));
        let (status, _, one) = ask(&address(item), "sonja", "*/*").await;
        assert_eq!((status, &serde_json::from_str::<CallRecord>(&one).unwrap()), (StatusCode::OK, &first.calls[0]));
        let said = item.trim_start_matches("call ");
        let id = &item.parse::<ItemId>().unwrap().number();
        for name in [said.to_owned(), format!("call:{said}"), id.to_string(), format!("call:{id}")] {
            assert_eq!(ask(&address(&name), "sonja", "*/*").await.2, one, "{name}");
        }
        let waits = arrive(&floor).await;
        for none in [format!("call {waits}"), "99".to_owned()] {
            assert_eq!(ask(&address(&none), "sonja", "*/*").await.0, StatusCode::NOT_FOUND);
        }

        let (_, headers, csv) = ask("/api/v1/calls?limit=10", "sonja", "text/csv, */*;q=0.1").await;
        assert!(headers.get(header::CONTENT_TYPE).unwrap().to_str().unwrap().starts_with("text/csv"));
        let link = headers.get(header::LINK).unwrap().to_str().unwrap();
        assert!(link.starts_with("</api/v1/calls?limit=10&cursor=") && link.ends_with("; rel=\"next\""), "{link}");
        assert_eq!(csv.lines().count(), 11);
        let (_, headers, whole) = ask("/api/v1/calls?format=csv", "sonja", "*/*").await;
        assert!(headers.get(header::LINK).is_none());
        let mut reader = csv::Reader::from_reader(whole.as_bytes());
        let column = reader.headers().unwrap().iter().position(|name| name == "caller").unwrap();
        let callers: Vec<String> = reader.records().map(|row| row.unwrap()[column].to_owned()).collect();
        assert_eq!(callers.len(), CALLS);
        assert_eq!(callers[CALLS - 1 - 7], format!("'{evil}"));
        assert_eq!(callers.iter().filter(|caller| *caller == CALLER).count(), CALLS - 1);
        assert_eq!(printed(&database(folder.path()), cli::calls::Format::Csv), whole, "the command line says the same");
        assert_eq!(printed(&database(folder.path()), cli::calls::Format::Json).lines().count(), CALLS);
        let text = printed(&database(folder.path()), cli::calls::Format::Text);
        let line = text.lines().next().unwrap();
        assert!(line.contains(&format!("{item} {CALLER} -> 4930100 Service: abandoned, waited 0:0")), "{line}");
    });
}

fn base64(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letters = |chunk: &[u8]| {
        let bits = chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        let digits = (0..4).map(move |at| LETTERS[(bits >> (18 - 6 * at) & 63) as usize] as char);
        digits.take(chunk.len() + 1).chain(std::iter::repeat_n('=', 3 - chunk.len())).collect::<String>()
    };
    text.as_bytes().chunks(3).map(letters).collect()
}
