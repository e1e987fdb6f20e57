//! Rows of a journal as the store appends them, and as a bare loop inserts them: what the store costs beyond the database.
//! Never an actor: the rows are as long as usual ones, and say nothing.

#![allow(dead_code, reason = "each bench uses a part of it")]

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use domain::id::CompanyId;
use domain::time::Timestamp;
use std::path::Path;
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};
use vorrang::actors::replay::SNAPSHOT_EVERY;
use vorrang::store::{ActorNumber, Append, Store, Ticket};

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

pub const ROWS: u64 = 100_000;
pub const ACTORS: u64 = 1000;
pub const BATCH: u64 = 4096;
pub const BEGIN: u64 = 1_700_000_000_000;
pub const COMPANY: CompanyId = CompanyId(1);
pub const FOREVER: Duration = Duration::from_secs(600);
/// Those that wait for the disk one by one.
const SINGLE: u64 = 300;

/// Rows a second.
pub struct Rate {
    /// All queued at once.
    pub many: f64,
    /// Each waits for its own way to the disk.
    pub single: f64,
    /// How often the disk was waited for by the many.
    pub commits: usize,
}

/// Of the store, with this snapshot every so many rows.
pub fn store(path: &Path, snapshot: Option<&str>) -> Rate {
    let events = events();
    let (store, commits) = open(path);
    let begin = Instant::now();
    for n in 0..ROWS {
        store.append(append(n, &events, snapshot));
    }
    store.flush(FOREVER).expect("flush");
    let (many, count) = (rate(ROWS, begin), commits.try_iter().count());
    let begin = Instant::now();
    for n in ROWS..ROWS + SINGLE {
        let ticket = store.append(append(n, &events, snapshot));
        while commits.recv().expect("a commit") < ticket {}
    }
    assert_eq!(store.durable(), Ticket(ROWS + SINGLE));
    Rate { many, single: rate(SINGLE, begin), commits: count }
}

/// Of a loop of the same inserts.
pub fn bare(path: &Path) -> Rate {
    let events = events();
    drop(Store::open(path, |_| {}).expect("open"));
    let mut bare = SqliteConnection::establish(&path.to_string_lossy()).expect("open");
    bare.batch_execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;").expect("pragma");
    let begin = Instant::now();
    for first in (0..ROWS).step_by(BATCH as usize) {
        bare.immediate_transaction(|bare| (first..ROWS.min(first + BATCH)).try_for_each(|n| insert(bare, n, &events)))
            .expect("insert");
    }
    let many = rate(ROWS, begin);
    let begin = Instant::now();
    for n in ROWS..ROWS + SINGLE {
        bare.immediate_transaction(|bare| insert(bare, n, &events)).expect("insert");
    }
    let rows = journal::table.count().get_result::<i64>(&mut bare).expect("count");
    assert_eq!(rows.cast_unsigned(), ROWS + SINGLE);
    Rate { many, single: rate(SINGLE, begin), commits: ROWS.div_ceil(BATCH) as usize }
}

fn rate(rows: u64, begin: Instant) -> f64 {
    rows as f64 / begin.elapsed().as_secs_f64()
}

/// A store, and what it says of its commits.
pub fn open(path: &Path) -> (Store, Receiver<Ticket>) {
    let (sender, commits) = mpsc::channel();
    let sender = Mutex::new(sender);
    let store = Store::open(path, move |ticket| {
        _ = sender.lock().map(|sender| sender.send(ticket));
    });
    (store.expect("open"), commits)
}

/// What each row says.
pub fn events() -> String {
    format!("[{}]", "{\"MessageWritten\":{\"number\":17,\"by\":\"visitor\"}},".repeat(3))
}

/// With snapshots, each actor has one in every so many rows, not all at once.
fn append(n: u64, events: &str, snapshot: Option<&str>) -> Append {
    let (seq, actor) = (n / ACTORS + 1, n % ACTORS + 1);
    Append {
        actor: ActorNumber(actor.cast_signed()),
        company: COMPANY,
        seq,
        at: Timestamp(BEGIN + n),
        cause: None,
        events: events.to_owned(),
        outbox: vec![],
        content: vec![],
        is_last: false,
        snapshot: snapshot.filter(|_| (seq + actor).is_multiple_of(SNAPSHOT_EVERY)).map(str::to_owned),
        record: None,
        decides: vec![],
    }
}

fn insert(bare: &mut SqliteConnection, n: u64, events: &str) -> QueryResult<()> {
    diesel::insert_into(journal::table)
        .values((
            journal::actor.eq((n % ACTORS) as i64 + 1),
            journal::seq.eq((n / ACTORS) as i64 + 1),
            journal::epoch.eq(1),
            journal::at.eq((BEGIN + n) as i64),
            journal::version.eq(1),
            journal::events.eq(events),
        ))
        .execute(bare)?;
    Ok(())
}
