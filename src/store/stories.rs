//! What the store promises, told on every database that it knows: what was appended is durable, in its order, and comes
//! back; who is too late is refused; what is to be forgotten is gone.

use super::job::Job;
use super::{
    ActorNumber, Answered, Append, Archive, AuditEntry, Author, Cause, CompanyFile, Content, ContentKind, Erasure,
    Hashed as _, JournalRow, Offline, Once, OnceKey, Outgoing, RecordFilter, Secret, Since, Snapshot, Store,
    StoreError, TextPage, Ticket, Word, WritesUp,
};
use domain::call;
use domain::company::{Change, HoursEntry, Kind, OWN_ROLES_FROM, QueueEntry, Role, Thing};
use domain::contact::{ContactChange, ContactEntry, Country, Point, searchable};
use domain::id::{AgentId, CallId, ChatId, ClassificationId, CompanyId, ContactId, QueueId};
use domain::message::Message;
use domain::queue::Channel;
use domain::record::{Outcome, Record, Talk};
use domain::time::{Span, Timestamp};
use domain::write_up::WriteUp;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

/// Longer than any story takes; only one that hangs sees it.
const PATIENCE: Duration = Duration::from_secs(60);
const COMPANY: CompanyId = CompanyId(1);

/// Each is a test on a file, and one after another they are a test on a server.
macro_rules! stories {
    ($($name:ident,)+) => {
        mod on_a_file {
            $(
                #[test]
                fn $name() {
                    let folder = tempfile::tempdir().unwrap();
                    super::$name(&folder.path().join("vorrang.db"));
                }
            )+
        }

        #[cfg(feature = "postgres")]
        const STORIES: &[(&str, fn(&Path))] = &[$((stringify!($name), $name)),+];
    };
}

stories! {
    what_is_announced_as_durable_can_be_read_by_another_connection,
    a_clock_that_was_ahead_is_left_behind_once_somebody_says_so_and_order_is_kept,
    a_replay_gives_back_what_was_appended,
    an_actor_is_read_from_its_snapshot_and_the_rows_after_it,
    a_message_stays_in_the_outbox_until_its_receiver_commits_it,
    a_message_that_is_received_in_the_transaction_in_which_it_is_sent_leaves_nothing_and_others_stay,
    a_text_with_the_same_key_replaces_the_one_before,
    a_row_that_another_daemon_wrote_fences_this_one,
    the_order_of_the_tickets_is_the_order_of_the_rows_under_eight_threads,
    a_second_daemon_is_refused_until_the_first_is_gone,
    a_closed_store_has_written_everything_and_takes_no_more,
    a_job_that_is_refused_fails_alone,
    a_job_that_panics_is_lost_alone,
    decisions_are_found_under_their_items,
    records_are_found_under_whoever_had_to_do_with_them_newest_first,
    what_is_erased_is_gone_and_the_journal_stays_whole,
    what_is_written_of_an_item_is_kept_by_version_found_and_forgotten_with_its_person,
    contacts_are_found_by_the_beginnings_of_words_in_their_own_company,
    a_change_of_a_contact_that_is_refused_changes_nothing,
    contacts_that_are_one_person_are_found_as_one_and_can_be_parted,
    somebody_is_known_by_an_id_of_any_system_if_it_is_one_person,
    what_a_person_had_to_do_with_a_company_is_found_with_all_that_are_the_same_newest_first,
    a_contact_that_is_erased_leaves_nothing_but_that_there_was_one,
    hours_come_back_as_they_were_put_and_their_name_is_free_once_they_are_gone,
    roles_come_back_with_whoever_has_them_and_no_id_is_given_twice,
    a_request_with_a_key_is_done_once_within_a_day_and_across_a_restart,
}

fn open(path: &Path) -> Store {
    Store::open(path, |_| {}).unwrap()
}

fn row(actor: i64, seq: u64) -> Append {
    Append {
        actor: ActorNumber(actor),
        company: COMPANY,
        seq,
        at: Timestamp(1000 + seq),
        cause: None,
        events: format!(r#"[{{"row":"{actor}/{seq} äß"}}]"#),
        outbox: vec![],
        content: vec![],
        is_last: false,
        snapshot: None,
        record: None,
        decides: vec![],
    }
}

fn what_is_announced_as_durable_can_be_read_by_another_connection(path: &Path) {
    let reader: Arc<Mutex<Option<Store>>> = Arc::default();
    let (sender, announced) = mpsc::channel();
    let store = {
        let reader = reader.clone();
        Store::open(path, move |ticket| {
            let rows = reader.lock().unwrap().as_ref().unwrap().journal(ActorNumber(1)).unwrap().len();
            sender.send((ticket, rows)).unwrap();
        })
        .unwrap()
    };
    *reader.lock().unwrap() = Some(store.clone());
    for seq in 1..=500 {
        store.append(row(1, seq));
    }
    store.flush(PATIENCE).unwrap();
    let announced: Vec<(Ticket, usize)> = announced.try_iter().collect();
    assert_eq!(announced.last().unwrap().0, Ticket(500));
    for (ticket, rows) in announced {
        assert_eq!(rows as u64, ticket.0);
    }
    *reader.lock().unwrap() = None;
}

fn a_clock_that_was_ahead_is_left_behind_once_somebody_says_so_and_order_is_kept(path: &Path) {
    let (year_ahead, now) = (Timestamp(40_000_000_000), Timestamp(8_464_000_000));
    let store = open(path);
    store.append(Append { at: year_ahead, ..row(1, 1) });
    store.flush(PATIENCE).unwrap();
    assert!(matches!(Offline::accept_clock(path, now), Err(StoreError::InUse(_))));
    drop(store);
    // A restart alone does not change it, also one in which nothing happens.
    for _ in 0..2 {
        assert_eq!(open(path).last_timestamp(), year_ahead);
    }
    assert_eq!(Offline::accept_clock(path, now).unwrap(), Some(year_ahead));
    assert_eq!(Offline::accept_clock(path, now).unwrap(), None, "twice is once");
    for _ in 0..2 {
        assert_eq!(open(path).last_timestamp(), now, "also before anything has happened");
    }
    let store = open(path);
    store.append(Append { at: Timestamp(now.0 + 5), ..row(1, 2) });
    drop(store);
    let store = open(path);
    assert_eq!(store.last_timestamp(), Timestamp(now.0 + 5));
    let mut rows = vec![];
    let keep = |row: JournalRow| {
        rows.push((row.seq, row.at));
        Ok(())
    };
    store.live_rows(COMPANY, Since::Start, keep).unwrap();
    assert_eq!(rows, [(1, year_ahead), (2, Timestamp(now.0 + 5))]);
}

fn a_replay_gives_back_what_was_appended(path: &Path) {
    let store = open(path);
    assert_eq!((store.epoch(), store.last_timestamp()), (1, Timestamp(0)));
    let causes = [
        None,
        Some(Cause::Client { client: "tab ü".to_owned(), command: u64::MAX, digest: 0 }),
        Some(Cause::Message { sender: ActorNumber(9), outbox: store.outbox_base() + 77 }),
    ];
    for (cause, seq) in causes.iter().zip(1..) {
        store.append(Append { cause: cause.clone(), ..row(1, seq) });
    }
    store.append(row(2, 1));
    store.append(Append { is_last: true, ..row(2, 2) });
    drop(store);

    let store = open(path);
    assert_eq!((store.epoch(), store.last_timestamp()), (2, Timestamp(1003)));
    assert_eq!(store.live_actors(COMPANY).unwrap(), [ActorNumber(1)]);
    assert_eq!(store.live_actors(CompanyId(2)).unwrap(), []);
    let rows = store.journal(ActorNumber(1)).unwrap();
    assert_eq!(store.live_journal(COMPANY).unwrap(), rows);
    assert_eq!(store.journal(ActorNumber(2)).unwrap().len(), 2);
    assert_eq!(rows.len(), 3);
    for ((read, cause), seq) in rows.iter().zip(causes).zip(1..) {
        let wrote = row(1, seq);
        assert_eq!((read.seq, read.epoch, read.at, read.version), (seq, 1, wrote.at, 1));
        assert_eq!((&read.events, &read.cause), (&wrote.events, &cause));
    }
}

fn an_actor_is_read_from_its_snapshot_and_the_rows_after_it(path: &Path) {
    let store = open(path);
    for seq in 1..=6u64 {
        let snapshot = seq.is_multiple_of(2).then(|| format!("after {seq}"));
        store.append(Append { snapshot: snapshot.filter(|_| seq < 6), ..row(1, seq) });
    }
    store.append(row(2, 1));
    store.flush(PATIENCE).unwrap();
    let read = |number, since| {
        let (snapshot, rows) = store.actor(ActorNumber(number), since).wait().unwrap();
        (snapshot.map(|Snapshot { seq, text, .. }| (seq, text)), rows.iter().map(|row| row.seq).collect::<Vec<_>>())
    };
    assert_eq!(read(1, Since::Snapshot), (Some((4, "after 4".to_owned())), vec![5, 6]));
    assert_eq!(read(1, Since::Start), (None, vec![1, 2, 3, 4, 5, 6]));
    assert_eq!(read(2, Since::Snapshot), (None, vec![1]));
    assert_eq!(read(3, Since::Snapshot), (None, vec![]), "there is no such actor");
    let mut rows = vec![];
    let keep = |row: JournalRow| {
        rows.push((row.actor.0, row.seq));
        Ok(())
    };
    store.live_rows(COMPANY, Since::Snapshot, keep).unwrap();
    assert_eq!(rows, [(1, 5), (1, 6), (2, 1)]);
}

fn message(id: i64) -> Outgoing {
    let message = Message::Call { id: CallId(2), command: call::Command::DaemonStops };
    Outgoing { id, receiver: ActorNumber(2), message }
}

fn waiting(store: &Store) -> Vec<i64> {
    store.outbox(COMPANY).unwrap().iter().map(|row| row.id).collect()
}

fn a_message_stays_in_the_outbox_until_its_receiver_commits_it(path: &Path) {
    let store = open(path);
    let first = store.outbox_base() + 1;
    store.append(Append { outbox: vec![message(first), message(first + 1)], ..row(1, 1) });
    drop(store);

    let store = open(path);
    assert_eq!(waiting(&store), [first, first + 1]);
    let lies = &store.outbox(COMPANY).unwrap()[0];
    assert_eq!((lies.sender, lies.receiver, lies.at), (ActorNumber(1), ActorNumber(2), row(1, 1).at));
    assert!(store.outbox_base() > first + 1);
    store.append(Append { cause: Some(Cause::Message { sender: ActorNumber(1), outbox: first }), ..row(2, 1) });
    store.flush(PATIENCE).unwrap();
    assert_eq!(waiting(&store), [first + 1]);
}

fn a_message_that_is_received_in_the_transaction_in_which_it_is_sent_leaves_nothing_and_others_stay(path: &Path) {
    let (sender, commits) = mpsc::channel();
    let sender = Mutex::new(sender);
    let store = Store::open(path, move |ticket| _ = sender.lock().unwrap().send(ticket)).unwrap();
    let first = store.outbox_base() + 1;
    let from = |outbox| Some(Cause::Message { sender: ActorNumber(1), outbox });
    store.append_unhurried(Append { outbox: vec![message(first), message(first + 1)], ..row(1, 1) });
    let last = store.append_unhurried(Append { cause: from(first), outbox: vec![message(first + 2)], ..row(2, 1) });
    // Nobody waits for them, and still they become durable.
    while commits.recv_timeout(PATIENCE).unwrap() < last {}
    assert_eq!(waiting(&store), [first + 1, first + 2]);
    // A message that changes nothing is received without a row.
    store.append(Append { cause: from(first + 1), events: String::new(), ..row(2, 1) });
    store.flush(PATIENCE).unwrap();
    assert_eq!(waiting(&store), [first + 2]);
    assert_eq!(store.journal(ActorNumber(2)).unwrap().len(), 1);
}

fn a_text_with_the_same_key_replaces_the_one_before(path: &Path) {
    let store = open(path);
    let text = |number, text: &str| Content { kind: ContentKind::MessageText, number, text: text.to_owned() };
    store.append(Append { content: vec![text(1, "one"), text(2, "two")], ..row(1, 1) });
    store.append(Append { content: vec![text(2, "zwei"), text(3, "drei")], ..row(1, 2) });
    store.flush(PATIENCE).unwrap();
    let read = store.contents(ActorNumber(1), ContentKind::MessageText, 1).unwrap();
    assert_eq!(read, [(2, "zwei".to_owned()), (3, "drei".to_owned())]);
    assert_eq!(store.contents(ActorNumber(1), ContentKind::Page, 0).unwrap(), []);
    assert_eq!(store.live_contents(COMPANY, ContentKind::MessageText).unwrap().len(), 3);
    let first = store.first_live_contents(COMPANY, ContentKind::MessageText, 2).unwrap();
    assert_eq!(first.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>(), ["one", "zwei"]);
    let last = |numbers, count_max, bytes_max| {
        let page = TextPage { kind: ContentKind::MessageText, count_max, bytes_max };
        let asked = vec![(ActorNumber(1), numbers), (ActorNumber(2), 0..9)];
        let [one, other] = &store.last_contents(asked, page).wait().unwrap()[..] else { panic!("one for each") };
        assert!(other.is_empty());
        one.clone()
    };
    assert_eq!(last(0..9, 2, 100), ["zwei", "drei"]);
    assert_eq!(last(0..3, 9, 100), ["one", "zwei"]);
    assert_eq!(last(0..9, 9, 8), ["zwei", "drei"]);
    assert_eq!(last(0..9, 9, 1), ["drei"], "one is always read");
}

fn a_row_that_another_daemon_wrote_fences_this_one(path: &Path) {
    let (sender, fenced) = mpsc::channel();
    let store = Store::open_fenced_by(path, |_| {}, move |why| sender.send(why.to_string()).unwrap()).unwrap();
    store.append(row(1, 1));
    store.flush(PATIENCE).unwrap();
    let mut other = super::connection::writer(path).unwrap();
    super::append::write(&mut other, 1, &row(1, 2), &BTreeSet::new()).unwrap();
    let late = store.append(row(1, 2));
    let why = fenced.recv_timeout(PATIENCE).unwrap();
    assert!(why.contains("only one may"), "{why}");
    assert!(matches!(store.flush(PATIENCE), Err(StoreError::Closed)));
    assert!(!store.healthy());
    assert!(store.durable() < late);
}

fn the_order_of_the_tickets_is_the_order_of_the_rows_under_eight_threads(path: &Path) {
    let store = open(path);
    let tickets: Vec<Vec<Ticket>> = thread::scope(|scope| {
        let threads: Vec<_> = (1..=8)
            .map(|actor| {
                let store = store.clone();
                scope.spawn(move || (1..=500).map(|seq| store.append(row(actor, seq))).collect::<Vec<Ticket>>())
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    store.flush(PATIENCE).unwrap();
    assert_eq!(store.durable(), Ticket(4000));
    let mut all: Vec<(Ticket, i64, u64)> = Vec::new();
    for (of_one, actor) in tickets.iter().zip(1..) {
        assert!(of_one.is_sorted());
        all.extend(of_one.iter().zip(1..).map(|(ticket, seq)| (*ticket, actor, seq)));
    }
    all.sort_unstable();
    assert_eq!(all.iter().map(|(ticket, ..)| ticket.0).collect::<Vec<u64>>(), (1..=4000).collect::<Vec<u64>>());
    let stored: Vec<(i64, u64)> = store.newest(5000).unwrap().iter().rev().map(|row| (row.actor.0, row.seq)).collect();
    assert_eq!(stored, all.iter().map(|(_, actor, seq)| (*actor, *seq)).collect::<Vec<(i64, u64)>>());
}

fn a_second_daemon_is_refused_until_the_first_is_gone(path: &Path) {
    let first = open(path);
    let why = Store::open(path, |_| {}).err().unwrap();
    assert!(matches!(why, StoreError::InUse(_)), "{why}");
    assert!(why.to_string().contains("another vorrang daemon is using it"), "{why}");
    drop(first);
    assert_eq!(open(path).epoch(), 2);
}

fn a_closed_store_has_written_everything_and_takes_no_more(path: &Path) {
    let store = open(path);
    for seq in 1..=100 {
        store.append(row(1, seq));
    }
    store.close(PATIENCE).unwrap();
    assert_eq!(store.durable(), Ticket(100));
    store.append(row(1, 101));
    assert!(matches!(store.flush(PATIENCE), Err(StoreError::Closed)));
    assert!(matches!(store.web_session_deleted(b"x").wait(), Err(StoreError::Closed)));
    assert_eq!(store.journal(ActorNumber(1)).unwrap().len(), 100);
}

fn a_job_that_is_refused_fails_alone(path: &Path) {
    let store = open(path);
    let nobodys = CompanyId(99);
    store.append_unhurried(row(1, 1));
    let refused = store.visitor_session_created(b"session", ChatId(1), nobodys, Timestamp(1));
    let last = store.append(row(1, 2));
    assert!(matches!(refused.wait(), Err(StoreError::Database { .. })));
    store.flush(PATIENCE).unwrap();
    assert_eq!(store.durable(), last);
    assert_eq!(store.journal(ActorNumber(1)).unwrap().len(), 2);
    assert_eq!(store.visitor_session(b"session").wait().unwrap(), None);
}

fn a_job_that_panics_is_lost_alone(path: &Path) {
    let store = open(path);
    let company: CompanyFile = toml::from_str("[company]\nname = \"One\"").unwrap();
    store.apply(&company, "realm").unwrap();
    // All of it is one transaction, but for the one that panics.
    store.append_unhurried(row(1, 1));
    let before = store.visitor_session_created(b"before", ChatId(1), COMPANY, Timestamp(1));
    let panics = store.write(|reply| Job::Panic { reply });
    drop(store.write(|reply| Job::Panic { reply }));
    let after = store.visitor_session_created(b"after", ChatId(2), COMPANY, Timestamp(1));
    let last = store.append(row(1, 2));
    assert!(matches!(panics.wait(), Err(StoreError::Database { doing: "panic", .. })));
    before.wait().unwrap();
    after.wait().unwrap();
    store.flush(PATIENCE).unwrap();
    assert_eq!(store.durable(), last);
    assert!(store.healthy());
    assert_eq!(store.journal(ActorNumber(1)).unwrap().len(), 2);
    for (session, chat) in [(&b"before"[..], 1), (&b"after"[..], 2)] {
        assert_eq!(store.visitor_session(session).wait().unwrap().map(|found| found.chat), Some(ChatId(chat)));
    }
}

fn decisions_are_found_under_their_items(path: &Path) {
    let store = open(path);
    let (queue, other, item, another) = (9, 17, ActorNumber(11), ActorNumber(19));
    store.append(Append { decides: vec![item], ..row(queue, 1) });
    store.append(Append { decides: vec![another], ..row(queue, 2) });
    store.append(Append { decides: vec![another, item], ..row(other, 1) });
    store.append(Append { decides: vec![item], ..row(queue, 3) });
    let found = |company, item| {
        let rows = store.decisions(company, item).wait().unwrap();
        rows.iter().map(|row| (row.actor.0, row.seq)).collect::<Vec<_>>()
    };
    store.flush(PATIENCE).unwrap();
    assert_eq!(found(COMPANY, item), [(queue, 1), (other, 1), (queue, 3)]);
    assert_eq!(found(COMPANY, another), [(queue, 2), (other, 1)]);
    assert_eq!(found(CompanyId(2), item), [], "it is another company's");
}

fn record(arrived_at: u64, queue: u64, agents: &[u64]) -> Record {
    let talk = |agent: &u64| Talk {
        agent: AgentId(*agent),
        queue: QueueId(queue),
        connected_at: Timestamp(arrived_at + 5),
        ended_at: Timestamp(arrived_at + 9),
        held: Span(1),
    };
    Record {
        arrived_at: Timestamp(arrived_at),
        ended_at: Timestamp(arrived_at + 9),
        outcome: if agents.is_empty() { Outcome::Abandoned } else { Outcome::CallerHungUp },
        queues: vec![QueueId(queue)],
        last_queue: QueueId(queue),
        moves: 0,
        offers: 1,
        talks: agents.iter().map(talk).collect(),
        kind: Channel::Call,
        preemptions: 0,
        preempted: Span(0),
        wrap_up: Span(0),
        contact: None,
    }
}

fn records_are_found_under_whoever_had_to_do_with_them_newest_first(path: &Path) {
    let store = open(path);
    let calls = [record(100, 1, &[7]), record(200, 2, &[7, 8]), record(300, 1, &[]), record(300, 1, &[8])];
    for (record, actor) in calls.iter().zip(1..) {
        let content = vec![Content { kind: ContentKind::Caller, number: 0, text: format!("caller {actor}") }];
        store.append(Append { record: Some(record.clone()), is_last: true, content, ..row(actor, 1) });
    }
    // Told again, it is the same call.
    store.append(Append { record: Some(calls[0].clone()), ..row(1, 2) });
    store.flush(PATIENCE).unwrap();
    let found = |filter: RecordFilter| {
        let rows = store.call_records(COMPANY, &filter, 10).unwrap().rows;
        rows.iter().map(|row| row.actor.0).collect::<Vec<_>>()
    };
    let all = RecordFilter::default();
    assert_eq!(found(all.clone()), [4, 3, 2, 1]);
    let (queue, agent) = (Some(QueueId(1)), Some(AgentId(7)));
    assert_eq!(found(RecordFilter { queue, ..all.clone() }), [4, 3, 1]);
    assert_eq!(found(RecordFilter { agent, ..all.clone() }), [2, 1]);
    assert_eq!(found(RecordFilter { agent, queue, ..all.clone() }), [1]);
    assert_eq!(found(RecordFilter { outcome: Some(Outcome::Abandoned), ..all.clone() }), [3]);
    assert_eq!(found(RecordFilter { from: Some(Timestamp(200)), to: Some(Timestamp(300)), ..all.clone() }), [2]);
    let page = store.call_records(COMPANY, &all, 2).unwrap();
    assert_eq!(found(RecordFilter { after: page.next, ..all }), [2, 1]);
    let first = page.rows;
    assert_eq!(first[0].record, calls[3]);
    assert_eq!(first[0].texts(ContentKind::Caller).collect::<Vec<_>>(), [(0, "caller 4")]);
}

fn what_is_erased_is_gone_and_the_journal_stays_whole(path: &Path) {
    let store = open(path);
    let text = |text: &str| Content { kind: ContentKind::MessageText, number: 1, text: text.to_owned() };
    store.append(Append { content: vec![text("secret")], ..row(1, 1) });
    store.append(Append { content: vec![text("kept")], ..row(2, 1) });
    store.append(Append { is_last: true, ..row(1, 2) });
    drop(store);
    let mut offline = Offline::open(path).unwrap();
    assert_eq!(offline.erase(ActorNumber(2), Timestamp(7)).unwrap(), Erasure::GoesOn);
    assert_eq!(offline.erase(ActorNumber(3), Timestamp(7)).unwrap(), Erasure::Unknown);
    assert_eq!(offline.erase(ActorNumber(1), Timestamp(7)).unwrap(), Erasure::Texts(1));
    drop(offline);
    let mut archive = Archive::open(path).unwrap();
    assert_eq!(archive.texts(ActorNumber(1)).unwrap(), [(ContentKind::Erased as i64, 0)]);
    assert_eq!(archive.texts(ActorNumber(2)).unwrap(), [(ContentKind::MessageText as i64, 1)]);
    drop(archive);
    assert_eq!(open(path).journal(ActorNumber(1)).unwrap().len(), 2);
}

fn hours_come_back_as_they_were_put_and_their_name_is_free_once_they_are_gone(path: &Path) {
    let store = open(path);
    let apply = |text: &str| {
        let file = toml::from_str::<CompanyFile>(&format!("[company]\nname = \"One\"\n{text}")).unwrap();
        store.apply(&file, "realm").map(|_| ())
    };
    let shop = "time_zone = \"Europe/Zurich\"\n[[hours]]\nname = \"Shop\"\nweek.sat = [\"22:00-06:00+1\"]\n\
                days = [{ date = \"2026-12-24\", name = \"Eve\", open = [\"09:00-12:00\"] }]\n\
                closed_until = \"2026-12-01T11:00:00Z\"\n\
                [[queue]]\nname = \"Sales\"\nhours = \"Shop\"\nclosed = \"wait\"\n\
                [[chat_service]]\ntoken = \"web\"\nqueue = \"Sales\"\nhours = \"Shop\"\n";
    apply(shop).unwrap();
    let company = store.company(COMPANY).unwrap().unwrap();
    assert_eq!(company.damages, []);
    let (before, hours) = (company.company.clone(), company.company.hours[0].clone());
    assert_eq!((before.queues[0].hours, before.services[0].hours), (Some(hours.id), Some(hours.id)));
    let entry = hours.entry();
    assert_eq!(entry.week.unwrap().sat, ["22:00-06:00+1"]);
    assert_eq!(entry.days.unwrap()[0].name, "Eve");
    assert_eq!(
        (entry.closed_until.as_deref(), before.zone().as_str()),
        (Some("2026-12-01T11:00:00Z"), "Europe/Zurich")
    );
    apply(shop).unwrap();
    assert_eq!(store.company(COMPANY).unwrap().unwrap().company, before, "twice is once");

    let changed = |changes: &[Change]| {
        let mut offline = Offline::open(path).unwrap();
        offline.change(COMPANY, changes, &anna()).map(|_| offline.floor(COMPANY).unwrap().unwrap())
    };
    let gone = Change::Remove(Thing::Hours("Shop".to_owned()));
    let used = apply("[[hours]]\nname = \"Shop\"\nweek.mon = [\"18:00-09:00\"]\n").unwrap_err().to_string();
    assert!(used.contains("hours Shop: week.mon: mon: found `18:00-09:00`"), "{used}");
    assert_eq!(store.company(COMPANY).unwrap().unwrap().company, before, "what is refused changes nothing");
    drop(store);
    assert!(changed(std::slice::from_ref(&gone)).is_err(), "two go by them");
    let free = |name: &str| {
        Change::PutQueue(QueueEntry { name: name.to_owned(), hours: Some(String::new()), ..QueueEntry::default() })
    };
    let service = Change::Remove(Thing::Service("web".to_owned()));
    let after = changed(&[free("Sales"), service, gone]).unwrap();
    assert_eq!((after.hours.len(), after.queues[0].hours), (0, None));
    let entry = HoursEntry { name: "Shop".to_owned(), ..HoursEntry::default() };
    let again = changed(&[Change::PutHours(entry)]).unwrap();
    assert!(again.hours[0].id > hours.id, "other ones of the same name");
}

fn what_is_written_of_an_item_is_kept_by_version_found_and_forgotten_with_its_person(path: &Path) {
    let store = open(path);
    store.apply(&toml::from_str::<CompanyFile>("[company]\nname = \"One\"").unwrap(), "realm").unwrap();
    let write = |version: u64, note: &str, about: &[u64]| {
        let classifications = about.iter().copied().map(ClassificationId).collect();
        let change = WritesUp {
            company: COMPANY,
            actor: ActorNumber(1),
            item: "call 1".to_owned(),
            version,
            written: WriteUp { note: note.to_owned(), classifications },
            agent: AgentId(7),
            at: Timestamp(5),
            audited: (version > 0).then(anna),
        };
        store.write_up_changed(change).wait()
    };
    assert_eq!(write(0, "Räder fehlen", &[3, 4]).unwrap().version, 1);
    assert!(matches!(write(0, "lost", &[]), Err(StoreError::Stale)), "somebody else was faster");
    store.append(Append { record: Some(record(100, 1, &[7])), is_last: true, ..row(1, 1) });
    store.flush(PATIENCE).unwrap();
    let found = |word: &str, about: Option<u64>| {
        let simple = searchable(word);
        let words = simple.split_whitespace().map(|word| Word { word: word.to_owned(), ..Word::default() });
        let (agent, classification) = (Some(AgentId(7)), about.map(ClassificationId));
        let filter =
            RecordFilter { agent, classification, words: words.collect(), every_kind: true, ..RecordFilter::default() };
        store.call_records(COMPANY, &filter, 10).unwrap().rows.len()
    };
    for (word, about, count) in [
        ("raeder", None, 1),
        ("RAD", None, 1),
        ("raeder wheel", None, 0),
        ("", Some(3), 1),
        ("fehl", Some(4), 1),
        ("", Some(5), 0),
    ] {
        assert_eq!(found(word, about), count, "{word} {about:?}");
    }
    assert_eq!(write(1, "Räder sind da", &[4, 5]).unwrap().version, 2);
    assert_eq!((found("fehl", None), found("da", Some(5)), found("", Some(3))), (0, 1, 0));
    drop(store);
    assert_eq!(Offline::open(path).unwrap().erase(ActorNumber(1), Timestamp(7)).unwrap(), Erasure::Texts(1));
    let row = open(path).write_up(COMPANY, ActorNumber(1)).wait().unwrap().unwrap();
    assert_eq!((row.written.note.as_str(), row.written.classifications.len()), ("", 2));
}

fn phone(written: &str) -> Point {
    Point::telephone(written, Country::DE).unwrap()
}

fn contact(name: &str, number: &str) -> ContactChange {
    let points = Some(BTreeSet::from([phone(number)]));
    ContactChange::Create(ContactEntry { name: Some(name.to_owned()), points, ..ContactEntry::default() })
}

/// A store with two companies, in which changes of contacts are made.
struct Book(Store);

impl Book {
    fn open(path: &Path) -> Book {
        let store = open(path);
        for company in ["One", "Two"] {
            let file: CompanyFile = toml::from_str(&format!("[company]\nname = \"{company}\"")).unwrap();
            store.apply(&file, "realm").unwrap();
        }
        Book(store)
    }

    /// The ids of those that are different now.
    fn make(&self, company: CompanyId, change: ContactChange) -> Result<Vec<u64>, String> {
        let changed = self.0.change_contact(company, change, anna()).wait();
        changed.map(|done| done.changed.keys().map(|id| id.0).collect()).map_err(|why| why.to_string())
    }

    fn found(&self, company: CompanyId, typed: &str) -> Vec<u64> {
        let found = self.0.find_contacts(company, typed, 10).wait().unwrap();
        found.iter().map(|contact| contact.id.0).collect()
    }

    fn at(&self, company: CompanyId, number: &str) -> Vec<u64> {
        let found = self.0.contacts_at(company, phone(number)).wait().unwrap();
        found.iter().map(|contact| contact.id.0).collect()
    }
}

fn contacts_are_found_by_the_beginnings_of_words_in_their_own_company(path: &Path) {
    let (book, two) = (Book::open(path), CompanyId(2));
    for (company, name, number) in [
        (COMPANY, "Anna Müller", "030 1111111"),
        (COMPANY, "Bert Mueller", "030 1112222"),
        (COMPANY, "Änne Zulu", "040 3333333"),
        (two, "Anna Müller", "030 1111111"),
    ] {
        book.make(company, contact(name, number)).unwrap();
    }
    for (typed, found) in [
        ("müll", vec![1, 2]),
        ("MUELLER b", vec![2]),
        ("an", vec![1, 3]),
        ("030 111", vec![1, 2]),
        ("+49 (0)30 111 2", vec![2]),
        ("anna 040", vec![]),
        ("", vec![]),
        ("%", vec![]),
    ] {
        assert_eq!(book.found(COMPANY, typed), found, "{typed:?}");
    }
    assert_eq!(book.found(two, "anna"), [4]);
    assert!(book.found(CompanyId(3), "anna").is_empty());
    assert_eq!(book.0.find_contacts(COMPANY, "m", 1).wait().unwrap().len(), 1);
    // What is found is all that is known.
    let entry = ContactEntry {
        organisation: Some("Größe GmbH".to_owned()),
        language: Some("de-AT".to_owned()),
        notes: Some("one\ntwo".to_owned()),
        fields: BTreeMap::from([("Since".to_owned(), "2020".to_owned())]),
        points: Some(BTreeSet::from([Point::email("a@b.de").unwrap(), Point::other("crm", "K-1").unwrap()])),
        ..ContactEntry::default()
    };
    let changed = book.0.change_contact(COMPANY, ContactChange::Edit { contact: ContactId(1), entry }, anna()).wait();
    let changed = changed.unwrap().changed.into_values().flatten().collect::<Vec<_>>();
    assert_eq!(book.0.find_contacts(COMPANY, "grosse k-1", 10).wait().unwrap(), changed);
    assert!(book.found(COMPANY, "030 1111111").is_empty(), "they are not reached there any more");
}

fn anna() -> Author {
    Author::Agent("anna".to_owned())
}

fn a_change_of_a_contact_that_is_refused_changes_nothing(path: &Path) {
    let (book, two) = (Book::open(path), CompanyId(2));
    book.make(COMPANY, contact("Anna", "030 1111111")).unwrap();
    let taken = book.make(COMPANY, contact("Bert", "+49 30 1111111")).unwrap_err();
    assert_eq!(taken, "contact: points: telephone +49301111111 belongs to contact 1 (merge the two if they are one)");
    // Another company's are nobody's.
    let strange = ContactChange::Erase { contact: ContactId(1) };
    assert_eq!(book.make(two, strange).unwrap_err(), "contact 1: there is none of this number");
    assert!(book.make(CompanyId(9), contact("Eve", "030 9999999")).is_err(), "there is no such company");
    assert_eq!(book.make(two, contact("Anna", "030 1111111")), Ok(vec![2]));
    assert_eq!((book.found(COMPANY, "bert"), book.at(COMPANY, "030 1111111")), (vec![], vec![1]));
    let entries = audit(path, COMPANY);
    assert_eq!(entries, ["contact 1: new: name = \"Anna\", points = [\"telephone +49301111111\"]"]);
}

/// What the audit says of a company's contacts.
fn audit(path: &Path, company: CompanyId) -> Vec<String> {
    let mut entries = vec![];
    let each = |entry: Result<AuditEntry, String>| {
        let entry = entry.unwrap();
        assert!(entry.company == company && entry.at.0 > 0);
        if entry.difference.kind == Kind::Contact {
            assert_eq!(entry.author, anna());
            entries.push(entry.difference.words());
        }
    };
    Archive::open(path).unwrap().audit(company, Timestamp(0), each).unwrap();
    entries
}

fn contacts_that_are_one_person_are_found_as_one_and_can_be_parted(path: &Path) {
    let book = Book::open(path);
    for (name, number) in [("Anna", "030 1111111"), ("Bert", "030 2222222"), ("Carl", "030 3333333")] {
        book.make(COMPANY, contact(name, number)).unwrap();
    }
    let merge = |contact, into| ContactChange::Merge { contact: ContactId(contact), into: ContactId(into) };
    assert_eq!(book.make(COMPANY, merge(2, 1)), Ok(vec![2]));
    assert_eq!(book.make(COMPANY, merge(1, 3)), Ok(vec![1]));
    for typed in ["anna", "bert", "carl", "anna 030 222", "bert carl"] {
        assert_eq!(book.found(COMPANY, typed), [3], "{typed}");
    }
    assert_eq!(book.at(COMPANY, "030 2222222"), [3, 1, 2]);
    let person = book.0.contacts_with(COMPANY, ContactId(2)).wait().unwrap();
    assert_eq!(person.iter().map(|contact| contact.id.0).collect::<Vec<_>>(), [3, 1, 2]);
    assert_eq!(book.0.contacts_with(CompanyId(2), ContactId(2)).wait().unwrap(), []);
    book.make(COMPANY, ContactChange::Part { contact: ContactId(1) }).unwrap();
    assert_eq!((book.found(COMPANY, "bert"), book.found(COMPANY, "carl")), (vec![1], vec![3]));
    assert_eq!((book.at(COMPANY, "030 2222222"), book.at(COMPANY, "030 3333333")), (vec![1, 2], vec![3]));
    assert_eq!(
        audit(path, COMPANY)[3..],
        [
            "contact 2: changed: merged_into = 1",
            "contact 1: changed: merged_into = 3",
            "contact 1: changed: merged_into no longer 3",
        ]
    );
}

fn somebody_is_known_by_an_id_of_any_system_if_it_is_one_person(path: &Path) {
    let book = Book::open(path);
    let known = |points: &[(&str, &str)]| {
        let points = points.iter().map(|(system, id)| Point::other(system, id).unwrap()).collect();
        ContactChange::Create(ContactEntry { points: Some(points), ..ContactEntry::default() })
    };
    for points in [
        [("crm", "4711"), ("web", "4711")],
        [("crm", "4712"), ("crm-2", "4711:a")],
        [("ärzte", "4712"), ("a.b", "9")],
        [("crm", "1"), ("crm", "10")],
    ] {
        book.make(COMPANY, known(&points)).unwrap();
    }
    book.make(CompanyId(2), known(&[("crm", "8")])).unwrap();
    let found = |id: &str| {
        let found = book.0.contacts_known_as(COMPANY, id.to_owned()).wait().unwrap();
        found.iter().map(|contact| contact.id.0).collect::<Vec<_>>()
    };
    for (id, expected) in [
        ("4711", vec![1]),
        ("4712", vec![]),
        ("4711:a", vec![2]),
        ("9", vec![3]),
        ("1", vec![4]),
        ("8", vec![]),
        ("", vec![]),
        ("crm:4711", vec![]),
    ] {
        assert_eq!(found(id), expected, "{id}");
    }
    book.make(COMPANY, ContactChange::Merge { contact: ContactId(3), into: ContactId(2) }).unwrap();
    assert_eq!(found("4712"), [2, 3], "they are one person by now");
}

fn what_a_person_had_to_do_with_a_company_is_found_with_all_that_are_the_same_newest_first(path: &Path) {
    let book = Book::open(path);
    for (name, number) in [("Anna", "030 1111111"), ("Bert", "030 2222222"), ("Carl", "030 3333333")] {
        book.make(COMPANY, contact(name, number)).unwrap();
    }
    book.make(COMPANY, ContactChange::Merge { contact: ContactId(2), into: ContactId(1) }).unwrap();
    let append = |actor: i64, seq: u64, arrived_at: u64, contact: u64| {
        let record = Record { contact: Some(ContactId(contact)), ..record(arrived_at, 1, &[7]) };
        book.0.append(Append { record: Some(record), is_last: true, ..row(actor, seq) });
    };
    for (actor, arrived_at, contact) in [(1, 100, 1), (2, 300, 2), (3, 200, 3), (4, 300, 1), (5, 400, 3)] {
        append(actor, 1, arrived_at, contact);
    }
    // That was somebody else, as it turned out afterwards.
    append(5, 2, 400, 1);
    book.0.flush(PATIENCE).unwrap();
    let page = |contact: u64, after, limit| {
        let page = book.0.interactions(COMPANY, ContactId(contact), after, limit).unwrap();
        page.map(|page| (page.rows.iter().map(|row| row.actor.0).collect::<Vec<_>>(), page.next))
    };
    assert_eq!(page(1, None, 10), Some((vec![5, 4, 2, 1], None)));
    assert_eq!(page(2, None, 10), page(1, None, 10), "whoever was merged is the same person");
    assert_eq!(page(3, None, 10), Some((vec![3], None)));
    let (first, next) = page(1, None, 2).unwrap();
    assert_eq!((first, page(1, next, 2)), (vec![5, 4], Some((vec![2, 1], None))));
    assert_eq!(page(9, None, 10), None);
    assert_eq!(book.0.interactions(CompanyId(2), ContactId(1), None, 10).unwrap(), None, "they are another company's");
    book.make(COMPANY, ContactChange::Part { contact: ContactId(2) }).unwrap();
    assert_eq!((page(1, None, 10), page(2, None, 10)), (Some((vec![5, 4, 1], None)), Some((vec![2], None))));
}

fn a_contact_that_is_erased_leaves_nothing_but_that_there_was_one(path: &Path) {
    let book = Book::open(path);
    book.0.append(row(1, 1));
    for (name, number) in [("Anna", "030 1111111"), ("Bert", "030 2222222"), ("Carl", "030 3333333")] {
        book.make(COMPANY, contact(name, number)).unwrap();
    }
    book.make(COMPANY, ContactChange::Merge { contact: ContactId(3), into: ContactId(2) }).unwrap();
    assert_eq!(book.make(COMPANY, ContactChange::Erase { contact: ContactId(2) }), Ok(vec![2, 3]));
    for (typed, number) in [("bert", "030 2222222"), ("carl", "030 3333333")] {
        assert_eq!((book.found(COMPANY, typed), book.at(COMPANY, number)), (vec![], vec![]));
    }
    assert_eq!(book.0.contacts_with(COMPANY, ContactId(3)).wait().unwrap(), []);
    let again = book.make(COMPANY, ContactChange::Erase { contact: ContactId(2) }).unwrap_err();
    assert_eq!(again, "contact 2: there is none of this number");
    // Who was there is not told, but that somebody was, and who changed what when.
    let entries = audit(path, COMPANY);
    assert_eq!(
        entries,
        [
            "contact 1: new: name = \"Anna\", points = [\"telephone +49301111111\"]",
            "contact 2: new",
            "contact 3: new",
            "contact 3: changed",
            "contact 2: removed",
            "contact 3: removed",
        ]
    );
    // Their number is free, their id is not; the journal is whole.
    assert_eq!(book.make(COMPANY, contact("Dora", "030 3333333")), Ok(vec![4]));
    assert_eq!((book.found(COMPANY, "030"), book.0.journal(ActorNumber(1)).unwrap().len()), (vec![1, 4], 1));
}

/// A server of the test's own, in a folder of its own, that nobody else can reach.
#[cfg(feature = "postgres")]
mod on_a_server {
    use super::STORIES;
    use diesel::connection::SimpleConnection as _;
    use diesel::{Connection as _, PgConnection};
    use std::os::unix::fs::chown;
    use std::path::{Path, PathBuf};
    use std::process::{Child, Command, Stdio};
    use std::time::{Duration, Instant};

    const USER: &str = "postgres";
    const PATIENCE: Duration = Duration::from_secs(60);

    struct Server {
        process: Child,
        folder: tempfile::TempDir,
    }

    /// Where Debian puts the server's programs: of the newest version that is there.
    fn program(name: &str) -> PathBuf {
        let versions = std::fs::read_dir("/usr/lib/postgresql").expect("the package postgresql (see scripts/packages)");
        let programs = versions.map(|version| version.unwrap().path().join("bin").join(name));
        programs.filter(|program| program.exists()).max().unwrap_or_else(|| panic!("there is no {name}"))
    }

    /// A command that the server's own user runs: it refuses to be root.
    fn as_user(program: &Path) -> Command {
        if !rustix::process::geteuid().is_root() {
            return Command::new(program);
        }
        let mut command = Command::new("setpriv");
        command.args(["--reuid", USER, "--regid", USER, "--clear-groups", "--"]).arg(program);
        command
    }

    fn id(of: &str) -> u32 {
        let output = Command::new("id").args([of, USER]).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().parse().expect("the user postgres")
    }

    impl Server {
        fn start() -> Server {
            let folder = tempfile::tempdir().unwrap();
            if rustix::process::geteuid().is_root() {
                chown(folder.path(), Some(id("-u")), Some(id("-g"))).unwrap();
            }
            let data = folder.path().join("data");
            let made = as_user(&program("initdb"))
                .arg("-D")
                .arg(&data)
                .args(["-U", USER, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"])
                .current_dir("/")
                .output()
                .unwrap();
            assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
            let process = as_user(&program("postgres"))
                .arg("-D")
                .arg(&data)
                .arg("-k")
                .arg(folder.path())
                .args(["-c", "listen_addresses=", "-c", "fsync=off"])
                .current_dir("/")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            Server { process, folder }
        }

        fn url(&self, database: &str) -> String {
            format!("postgres:///{database}?host={}&user={USER}", self.folder.path().display())
        }

        /// A connection, once the server takes one.
        fn connect(&mut self) -> PgConnection {
            let since = Instant::now();
            loop {
                match PgConnection::establish(&self.url("postgres")) {
                    Ok(connection) => return connection,
                    Err(why) => {
                        assert!(self.process.try_wait().unwrap().is_none(), "the server ended: {why}");
                        assert!(since.elapsed() < PATIENCE, "{why}");
                        std::thread::sleep(Duration::from_millis(20));
                    }
                }
            }
        }
    }

    impl Drop for Server {
        fn drop(&mut self) {
            // It ends its sessions, and goes.
            let id = rustix::process::Pid::from_child(&self.process);
            _ = rustix::process::kill_process(id, rustix::process::Signal::INT);
            _ = self.process.wait();
        }
    }

    #[test]
    fn the_stories_are_the_same() {
        let mut server = Server::start();
        let mut connection = server.connect();
        for (number, (name, story)) in STORIES.iter().enumerate() {
            println!("{name}");
            connection.batch_execute(&format!("CREATE DATABASE story_{number}")).unwrap();
            story(Path::new(&server.url(&format!("story_{number}"))));
        }
    }
}

fn roles_come_back_with_whoever_has_them_and_no_id_is_given_twice(path: &Path) {
    let store = open(path);
    let apply = |text: &str| {
        let file = toml::from_str::<CompanyFile>(&format!("[company]\nname = \"One\"\n{text}")).unwrap();
        store.apply(&file, "realm").unwrap();
        store.floor(COMPANY).unwrap().unwrap()
    };
    let hash = Secret::hash("open sesame").unwrap().0;
    let person = format!("[[agent]]\nlogin_name = \"anna\"\npassword_hash = \"{hash}\"\n");
    let first =
        apply(&format!("[[role]]\nname = \"Leads\"\nwork = \"read_queues\"\n{person}role = [\"agent\", \"Leads\"]"));
    let leads = first.roles[0].clone();
    assert_eq!((leads.id.0, leads.answers), (OWN_ROLES_FROM, true));
    assert_eq!(first.agents[0].roles, [Role::AGENT, leads.id].into());
    assert_eq!(store.roles(COMPANY).wait().unwrap(), [leads]);
    apply(&format!("{person}role = \"supervisor\""));
    store.change(COMPANY, vec![Change::Remove(Thing::Role("Leads".to_owned()))], anna()).wait().unwrap();
    let again = apply("[[role]]\nname = \"Leads\"");
    assert_eq!((again.roles.len(), again.roles[0].id.0), (1, OWN_ROLES_FROM + 1));
    assert_eq!(again.agents[0].roles, [Role::SUPERVISOR].into());
}

fn a_request_with_a_key_is_done_once_within_a_day_and_across_a_restart(path: &Path) {
    let (now, day) = (Timestamp(1_000), Span::seconds(24 * 60 * 60));
    let key = |who: &str| OnceKey { who: who.to_owned(), key: vec![7; 32] };
    let begin = |store: &Store, print: u8, at| store.once_began(key("agent 1"), vec![print], at).wait().unwrap();
    let answered = Answered { status: 201, headers: "{}".to_owned(), body: b"done".to_vec() };
    let store = open(path);
    assert_eq!(begin(&store, 1, now), Once::First);
    assert_eq!(begin(&store, 1, now), Once::GoesOn);
    assert_eq!(begin(&store, 2, now), Once::Other);
    assert_eq!(store.once_began(key("agent 2"), vec![2], now).wait().unwrap(), Once::First, "theirs is another");
    store.once_answered(key("agent 1"), Some(answered.clone())).wait().unwrap();
    store.close(PATIENCE).unwrap();
    drop(store);

    let store = open(path);
    assert_eq!(begin(&store, 1, now), Once::Answered(answered));
    assert_eq!(store.once_began(key("agent 2"), vec![2], now).wait().unwrap(), Once::Unknown, "its daemon ended");
    store.once_answered(key("agent 2"), None).wait().unwrap();
    assert_eq!(store.once_began(key("agent 2"), vec![2], now).wait().unwrap(), Once::First, "nothing was done");
    assert_eq!(begin(&store, 2, now + day), Once::First, "a day later it is free");
    assert_eq!(store.once_expired(now + day + day).wait().unwrap(), 2);
}
