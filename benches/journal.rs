//! How many appends a second the store makes durable, against a bare loop that inserts the same rows.
//! Never a promise: it prints what this machine did in one run.
#![allow(missing_docs)]

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use domain::id::CompanyId;
use domain::time::Timestamp;
use std::sync::Mutex;
use std::sync::mpsc;
use std::time::{Duration, Instant};
use vorrang::store::{ActorNumber, Append, Life, Store, Ticket};

diesel::table! {
    journal (id) {
        id -> BigInt,
        actor -> BigInt,
        seq -> BigInt,
        epoch -> BigInt,
        at -> BigInt,
        version -> BigInt,
        events -> Text,
    }
}

const ROWS: u64 = 100_000;
const ACTORS: u64 = 1000;
const BATCH: u64 = 4096;

fn main() {
    let directory = tempfile::Builder::new().tempdir_in(".").expect("a directory");
    let events = format!("[{}]", "{\"MessageWritten\":{\"number\":17,\"by\":\"visitor\"}},".repeat(3));
    println!("{ROWS} rows of {} bytes for {ACTORS} actors", events.len());

    let path = directory.path().join("store.db");
    let (sender, receiver) = mpsc::channel();
    let sender = Mutex::new(sender);
    let store = Store::open(&path, move |ticket| {
        _ = sender.lock().map(|sender| sender.send((ticket, Instant::now())));
    })
    .expect("open");
    let begin = Instant::now();
    for n in 0..ROWS {
        store.append(append(n, &events));
    }
    let queued = begin.elapsed();
    store.flush(Duration::from_secs(600)).expect("flush");
    let took = begin.elapsed();
    print("store, group commit", ROWS, took);
    println!("  queued in {queued:?}, {} commits", receiver.try_iter().count());
    let begin = Instant::now();
    for n in ROWS..ROWS + 300 {
        let ticket = store.append(append(n, &events));
        while receiver.recv().expect("a commit").0 < ticket {}
    }
    print("store, each waits for its commit", 300, begin.elapsed());
    assert_eq!(store.durable(), Ticket(ROWS + 300));
    let begin = Instant::now();
    let read = store.live_journal(CompanyId(1)).expect("read").len();
    println!("live_journal: {read} rows in {:?}", begin.elapsed());
    drop(store);

    let path = directory.path().join("bare.db");
    drop(Store::open(&path, |_| {}).expect("open"));
    let mut bare = SqliteConnection::establish(&path.to_string_lossy()).expect("open");
    bare.batch_execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;").expect("pragma");
    let begin = Instant::now();
    for first in (0..ROWS).step_by(BATCH as usize) {
        bare.immediate_transaction(|bare| (first..ROWS.min(first + BATCH)).try_for_each(|n| insert(bare, n, &events)))
            .expect("insert");
    }
    print("bare loop, 4,096 rows a transaction", ROWS, begin.elapsed());
    let begin = Instant::now();
    for n in ROWS..ROWS + 300 {
        bare.immediate_transaction(|bare| insert(bare, n, &events)).expect("insert");
    }
    print("bare loop, a transaction each", 300, begin.elapsed());
}

fn print(what: &str, rows: u64, took: Duration) {
    println!("{what}: {:.0} rows/s", rows as f64 / took.as_secs_f64());
}

fn append(n: u64, events: &str) -> Append {
    let seq = n / ACTORS + 1;
    Append {
        actor: ActorNumber((n % ACTORS) as i64 + 1),
        company: CompanyId(1),
        seq,
        at: Timestamp(1_700_000_000_000 + n),
        cause: None,
        events: events.to_owned(),
        outbox: vec![],
        content: vec![],
        life: if seq == 1 { Life::Born } else { Life::Going },
    }
}

fn insert(bare: &mut SqliteConnection, n: u64, events: &str) -> QueryResult<()> {
    diesel::insert_into(journal::table)
        .values((
            journal::actor.eq((n % ACTORS) as i64 + 1),
            journal::seq.eq((n / ACTORS) as i64 + 1),
            journal::epoch.eq(1),
            journal::at.eq(1_700_000_000_000 + n as i64),
            journal::version.eq(1),
            journal::events.eq(events),
        ))
        .execute(bare)?;
    Ok(())
}
