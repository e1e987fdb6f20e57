//! How many appends a second the store makes durable, against a bare loop that inserts the same rows, and how long a
//! company takes to start behind a million events, with snapshots and without.
//! Never a promise: it prints what this machine did in one run.
#![allow(missing_docs)]

#[path = "shared/appends.rs"]
mod appends;

use appends::{ACTORS, BATCH, BEGIN, COMPANY, FOREVER, ROWS, Rate, open};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use domain::agent::{Agent, Command, Settings};
use domain::id::{AgentId, CallId, OfferId, QueueId};
use domain::routing::Tier;
use domain::time::{Span, Timestamp};
use domain::{Machine, queue::Outcome};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use vorrang::actors::floor::{Floor, House};
use vorrang::actors::ids::{Ids, Numbered, Party};
use vorrang::actors::replay::{Replayed, SNAPSHOT_EVERY};
use vorrang::clock::Clock;
use vorrang::config::Config;
use vorrang::store::{Append, Cause, EVENTS_VERSION, FloorRows, JournalRow, Ticket};

/// The journal behind which a company starts.
const EVENTS: u64 = 1_000_000;
const AGENTS: u64 = 100;

fn main() {
    let directory = tempfile::Builder::new().tempdir_in(".").expect("a directory");
    let snapshot = snapshot();
    println!("{ROWS} rows of {} bytes for {ACTORS} actors", appends::events().len());
    let bare = said("bare loop", appends::bare(&directory.path().join("bare.db")));
    let plain = said("store", appends::store(&directory.path().join("plain.db"), None));
    let kept = said("store with snapshots", appends::store(&directory.path().join("kept.db"), Some(&snapshot)));
    println!("  {:.2} of the bare loop without snapshots, {:.2} with them", plain / bare, kept / bare);
    starts(&directory.path().join("starts.db"));
}

/// Says how many rows a second it was; gives those of the many.
fn said(what: &str, rate: Rate) -> f64 {
    let Rate { many, single, commits } = rate;
    println!("{what}: {many:.0} rows/s queued at once, in {commits} commits; {single:.0} rows/s that wait one by one");
    many
}

/// The snapshot of an agent who has had many offers.
fn snapshot() -> String {
    let mut agent = Worker::new(AgentId(1));
    for _ in 0..SNAPSHOT_EVERY {
        agent.work();
    }
    let begin = Instant::now();
    for _ in 0..1000 {
        std::hint::black_box(agent.replayed.snapshot().expect("a snapshot"));
    }
    let (took, text) = (begin.elapsed() / 1000, agent.replayed.snapshot().expect("a snapshot"));
    println!("a snapshot of {} bytes is made in {took:?}, once in {SNAPSHOT_EVERY} rows", text.len());
    text
}

/// How long a company takes to start behind a million events.
fn starts(path: &Path) {
    let (store, commits) = open(path);
    let mut workers: Vec<Worker> = (1..=AGENTS).map(|id| Worker::new(AgentId(id))).collect();
    let mut last = Ticket(0);
    for n in 0..EVENTS {
        let worker = &mut workers[(n % AGENTS) as usize];
        let row = worker.work();
        let snapshot = row.seq.is_multiple_of(SNAPSHOT_EVERY).then(|| worker.replayed.snapshot().expect("a snapshot"));
        last = store.append(Append {
            actor: row.actor,
            company: COMPANY,
            seq: row.seq,
            at: row.at,
            cause: row.cause,
            events: row.events,
            outbox: vec![],
            content: vec![],
            is_last: false,
            snapshot,
            record: None,
            decides: vec![],
        });
        // Not the whole journal in memory.
        while n % BATCH == 0 && commits.recv().expect("a commit") < last {}
    }
    store.flush(FOREVER).expect("flush");
    assert_eq!(store.durable(), last);
    drop(store);

    let with = start(path);
    let mut connection = SqliteConnection::establish(&path.to_string_lossy()).expect("open");
    connection.batch_execute("DELETE FROM snapshot").expect("delete");
    drop(connection);
    let without = start(path);
    println!("start behind {EVENTS} events of {AGENTS} agents: {with:?} with snapshots, {without:?} without");
    println!("  {:.0} times as fast with snapshots", without.as_secs_f64() / with.as_secs_f64());
}

fn start(path: &Path) -> Duration {
    let (store, _commits) = open(path);
    actix::System::new().block_on(async {
        let (clock, ids) = (Clock::manual(store.last_timestamp()), Ids::new(store.outbox_base()));
        let house = House { store, clock, ids, config: Arc::new(Config::default()) };
        let rows = FloorRows { id: COMPANY, name: "Alpenrad".to_owned(), ..FloorRows::default() };
        let begin = Instant::now();
        let floor = Floor::open(house, rows, None).expect("a floor");
        let took = begin.elapsed();
        assert_eq!(floor.agents().ids().len() as u64, AGENTS);
        took
    })
}

/// An agent for whom a phone rings again and again, and always the caller hangs up.
struct Worker {
    id: AgentId,
    machine: Agent,
    replayed: Replayed,
}

impl Worker {
    fn new(id: AgentId) -> Worker {
        Worker { id, machine: Agent::default(), replayed: Replayed::new(Party::Agent(id)) }
    }

    /// The next row.
    fn work(&mut self) -> JournalRow {
        let seq = self.replayed.rows() + 1;
        let at = Timestamp(BEGIN + seq * 1000);
        let offer = OfferId { call: CallId((1 << 32) | (seq / 2)), agent: self.id, attempt: 1 };
        let settings = Settings { chats_max: 3, voice_only: true, ..Settings::default() };
        let command = match seq {
            1 => Command::Configure { id: self.id, settings },
            2 => Command::LogIn,
            _ if self.machine.reservation().is_none() => Command::Offer {
                offer,
                queue: QueueId(1),
                tier: Tier::ChatWaiting,
                ring: Span::seconds(20),
                wrap_up: Span::ZERO,
            },
            _ => {
                let offer = self.machine.reservation().map_or(offer, |reservation| reservation.offer);
                Command::PhoneFailed { offer, outcome: Outcome::CallerGone }
            }
        };
        let events = self.machine.decide(at, &command).expect("nothing is refused");
        assert_eq!(events.len(), 1, "{command:?}");
        events.iter().for_each(|event| self.machine.apply(event));
        let row = JournalRow {
            actor: Party::Agent(self.id).number(),
            seq,
            epoch: 1,
            at,
            cause: Some(Cause::Message { sender: Party::Queue(QueueId(1)).number(), outbox: seq.cast_signed() }),
            version: EVENTS_VERSION,
            events: serde_json::to_string(&events).expect("JSON"),
        };
        self.replayed.apply(&row).expect("readable");
        row
    }
}
