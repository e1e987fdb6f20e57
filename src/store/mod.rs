//! The store: the journal that everything is decided into, and the plain rows that describe a company.
//! Never knows an actor, an event or a screen; which database it is only `dialect/` knows.

mod append;
mod archive;
pub mod backup;
mod company;
mod connection;
mod contacts;
mod decisions;
mod dialect;
mod error;
mod files;
mod ids;
mod job;
mod journal;
mod look;
mod offline;
mod once;
mod own;
mod password;
mod pending;
mod queue;
mod reader;
mod records;
mod rows;
mod schema;
mod seen;
mod statements;
#[cfg(test)]
mod stories;
mod write_ups;
mod writer;
mod writing;

pub use archive::{ActorRow, Archive, Erasure};
pub use company::{
    AgentEntry, ApiKeyEntry, ApiKeyRow, Application, AuditCursor, AuditEntry, AuditFilter, AuditPage, Author,
    ChangedPasswords, CompanyFile, CompanyRow, Damage, Described, Edit, EditError, Given, Loaded, PeopleSecrets,
    Settings, TrunkEntry, Version, changes, differences_tag, planned_changes, things,
};
pub use contacts::{AllTaken, ContactCursor, ContactPage, ContactsChanged, Person, PersonPage, Taken, contact_tag};
pub use domain::company::{
    Agent as AgentRow, AnnouncementsEntry, BreakReason as BreakReasonRow, ChatService as ChatServiceRow,
    Company as FloorRows, CompanyEntry, Dialled, Number as NumberRow, NumberEntry, Phone, Queue as QueueRow,
    QueueEntry, Secret, ServiceEntry, Trunk as TrunkRow, TrunkAccount, TrunkServer, TrunkTransport, Voice,
};
pub use error::StoreError;
pub use files::{FileRow, NewFile, PART_BYTES};
pub use journal::{
    ActorNumber, Append, Cause, Content, ContentKind, EVENTS_VERSION, JournalRow, OutboxRow, Outgoing,
    SNAPSHOT_VERSION, Since, Snapshot, TextPage, Ticket,
};
pub use offline::Offline;
pub use once::{Answered, Once, OnceKey};
pub use own::WebSession;
pub use password::{Hashed, Scratch};
pub use pending::Pending;
pub use reader::HeldReads;
pub use records::{Cursor, Party, RecordFilter, RecordPage, RecordRow, Word};
pub use rows::{PhoneBinding, VisitorSession};
pub use seen::{SeenPage, Sighting};
pub use write_ups::{WriteUpRow, WritesUp};

use connection::{DatabaseConnection, Readers};
use diesel::prelude::*;
use domain::id::CompanyId;
use domain::time::Timestamp;
use ids::Stored;
use job::{Job, Reply};
use queue::{Queue, Work};
use reader::Reader;
use schema::boot;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use writer::{Shared, Writer};

/// The exit code of a daemon that found another one writing to its database (`EX_SOFTWARE`).
const EXIT_FENCED: i32 = 70;

/// The daemon's database. Cheap to clone; when the last clone goes, what is queued is written and the file unlocked.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    epoch: u32,
    readers: Readers,
    reader: Reader,
    shared: Arc<Shared>,
    queue: Arc<Queue>,
    thread: Option<JoinHandle<()>>,
    damages: Arc<Damages>,
}

/// How many values of each company could not be read when it was last read.
#[derive(Default)]
struct Damages(Mutex<BTreeMap<CompanyId, usize>>);

impl Damages {
    fn note(&self, company: CompanyId, loaded: Option<&Loaded>) {
        let damages = loaded.map_or(0, |loaded| loaded.damages.len());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(company, damages);
    }

    fn sum(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().sum()
    }
}

impl Store {
    /// Opens the database, making and migrating it as needed, locks it against other daemons and starts the writer.
    /// After each commit that holds appends, `on_commit` is called on the writer's thread with the highest durable
    /// ticket; it must not block, nor keep a `Store`. A daemon that is fenced logs it and exits with code 70.
    pub fn open(path: &Path, on_commit: impl Fn(Ticket) + Send + 'static) -> Result<Store, StoreError> {
        Store::open_fenced_by(path, on_commit, |_| std::process::exit(EXIT_FENCED))
    }

    /// The same, with another end for the daemon that finds a row of its own already written: once `on_fenced` has
    /// returned, nothing more is written.
    pub fn open_fenced_by(
        path: &Path,
        on_commit: impl Fn(Ticket) + Send + 'static,
        on_fenced: impl Fn(&StoreError) + Send + 'static,
    ) -> Result<Store, StoreError> {
        let lock = connection::lock(path)?;
        lock.sign(path)?;
        let mut connection = connection::writer(path)?;
        connection::migrate(&mut connection, path, &lock)?;
        let (epoch, last_at) = begin(&mut connection).map_err(StoreError::database("begin a boot"))?;
        let (readers, reader) = (connection::readers(path)?, Reader::start(path)?);

        let shared = Arc::new(Shared::default());
        shared.healthy.send_replace(true);
        shared.rows_left.store(u64::MAX, Ordering::Release);
        shared.last_at.store(last_at, Ordering::Release);
        let writer = Writer {
            path: path.to_owned(),
            connection: Some(connection),
            epoch,
            shared: shared.clone(),
            on_commit: Box::new(on_commit),
            on_fenced: Box::new(on_fenced),
            _lock: lock,
        };
        let queue = Arc::new(Queue::new());
        let works = queue.clone();
        let thread = thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || writer.run(&works))
            .map_err(StoreError::open(path))?;
        Ok(Store {
            inner: Arc::new(Inner {
                path: path.to_owned(),
                epoch: epoch as u32,
                readers,
                reader,
                shared,
                queue,
                thread: Some(thread),
                damages: Arc::default(),
            }),
        })
    }

    /// Which start of the daemon on this database this is, from 1.
    pub fn epoch(&self) -> u32 {
        self.inner.epoch
    }

    /// Until when a daemon is known to have run: no row of the journal is later; 1970 if it is empty.
    pub fn last_timestamp(&self) -> Timestamp {
        writer::last_at(&self.inner.shared)
    }

    /// Notes that the daemon runs at `now`: should it die, its downtime counts from here and not from the last event.
    pub fn alive(&self, now: Timestamp) {
        let epoch = self.inner.epoch;
        // Nobody waits for it: the next one comes soon.
        drop(self.write(|reply| Job::NoteAlive { epoch, now, reply }));
    }

    /// Queues a row and says its place; it is durable once `on_commit` was called with this ticket or a higher one.
    /// Never blocks. After `close` the ticket is never durable.
    pub fn append(&self, append: Append) -> Ticket {
        let ticket = self.append_unhurried(append);
        self.hurry();
        ticket
    }

    /// The same for a row for which nobody waits: it may lie some milliseconds, to share the way to the disk with others.
    pub fn append_unhurried(&self, append: Append) -> Ticket {
        self.inner.queue.append(Box::new(append))
    }

    /// Somebody waits from now on for what was appended so far.
    pub fn hurry(&self) {
        self.inner.queue.hurry();
    }

    /// The highest ticket that is durable; 0 before the first.
    pub fn durable(&self) -> Ticket {
        Ticket(self.inner.shared.durable.load(Ordering::Acquire))
    }

    /// `false` while the writer cannot commit (disk full, for one). It keeps trying and loses nothing.
    pub fn healthy(&self) -> bool {
        *self.inner.shared.healthy.borrow()
    }

    /// Waits until the writer cannot commit; at once if it cannot now.
    pub async fn unhealthy(&self) {
        // Fails only without the sender, which is this store's.
        _ = self.inner.shared.healthy.subscribe().wait_for(|healthy| !healthy).await;
    }

    /// How many values of all companies could not be read when they were last read.
    pub fn damages(&self) -> usize {
        self.inner.damages.sum()
    }

    /// How much of the database's file system is free for this daemon; `None` if it cannot be asked.
    pub fn free_bytes(&self) -> Option<u64> {
        let free = rustix::fs::statvfs(&self.inner.path).ok()?;
        Some(free.f_bavail.saturating_mul(free.f_frsize))
    }

    /// Blocks until all that was queued before is durable, or until `patience` is over.
    pub fn flush(&self, patience: Duration) -> Result<(), StoreError> {
        let (sender, receiver) = mpsc::channel();
        if !self.inner.queue.push(Work::Flush(sender)) {
            return Err(StoreError::Closed);
        }
        receiver.recv_timeout(patience).map_err(|why| match why {
            mpsc::RecvTimeoutError::Timeout => StoreError::NotYet,
            mpsc::RecvTimeoutError::Disconnected => StoreError::Closed,
        })
    }

    /// After so many more rows nothing is written any more, as if the daemon had been killed there: for tests of what is
    /// left then.
    pub fn die_after(&self, rows: u64) {
        self.inner.shared.rows_left.store(rows, Ordering::Release);
    }

    /// Until what is returned goes, nothing that is asked is answered, as with a disk that hangs: for tests of what goes on
    /// meanwhile.
    pub fn hold_reads(&self) -> HeldReads {
        self.inner.reader.hold()
    }

    /// Takes no more, and blocks until all that was queued is durable, or until `patience` is over. For the end of
    /// the daemon.
    pub fn close(&self, patience: Duration) -> Result<(), StoreError> {
        let flushed = self.flush(patience);
        self.inner.queue.close();
        flushed
    }

    /// Reads on a thread of the reader's, for whoever must not wait.
    fn ask<T: Send + 'static>(
        &self,
        doing: &'static str,
        query: impl FnOnce(&mut DatabaseConnection) -> QueryResult<T> + Send + 'static,
    ) -> Pending<T> {
        self.inner.reader.ask(doing, query)
    }

    /// Reads on one of the pool's connections; blocks until it is done.
    fn read<T>(
        &self,
        doing: &'static str,
        query: impl FnOnce(&mut DatabaseConnection) -> QueryResult<T>,
    ) -> Result<T, StoreError> {
        let mut connection =
            self.inner.readers.get().map_err(|why| StoreError::Database { doing, why: why.to_string() })?;
        query(&mut connection).map_err(StoreError::database(doing))
    }

    /// Writes on the writer's connection, between appends.
    fn write<T>(&self, job: impl FnOnce(Reply<T>) -> Job) -> Pending<T> {
        let (reply, pending) = Reply::new();
        // If the writer is gone, so is the job, and whoever waits learns that the store is closed.
        self.inner.queue.push(Work::Job(Box::new(job(reply))));
        pending
    }

    #[cfg(test)]
    fn shared(&self) -> &Shared {
        &self.inner.shared
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.shared.closing.store(true, Ordering::Release);
        self.queue.close();
        if let Some(thread) = self.thread.take().filter(|thread| thread.thread().id() != thread::current().id()) {
            thread.thread().unpark();
            // A writer that panicked has said so itself.
            _ = thread.join();
        }
    }
}

/// Among so many of its newest rows is the highest `at` of the journal: rows come in the order of their commits, which is
/// that of their times but for those of one moment.
const NEWEST: i64 = 4096;

/// Until when a daemon is known to have run. Times are in the order of boots: each begins where the one before ended, unless
/// somebody has accepted that the system's clock was wrong.
fn last_at(connection: &mut DatabaseConnection) -> QueryResult<i64> {
    let latest = boot::table.order(boot::epoch.desc()).select((boot::epoch, boot::last_at));
    let Some((epoch, noted)) = latest.first::<(i64, i64)>(connection).optional()? else { return Ok(0) };
    let newest = schema::journal::table
        .order(schema::journal::id.desc())
        .limit(NEWEST)
        .select((schema::journal::epoch, schema::journal::at))
        .load::<(i64, i64)>(connection)?;
    let of_latest = newest.into_iter().filter(|(of, _)| *of == epoch).map(|(_, at)| at);
    Ok(of_latest.fold(noted, i64::max))
}

/// Notes until when the daemon of a boot is known to have run.
fn note_alive(connection: &mut DatabaseConnection, epoch: u32, now: Timestamp) -> QueryResult<()> {
    let now = now.stored();
    let this = boot::table.find(i64::from(epoch)).filter(boot::last_at.lt(now));
    diesel::update(this).set(boot::last_at.eq(now)).execute(connection)?;
    Ok(())
}

impl Offline {
    /// The last time in the journal, as [`Store::last_timestamp`]; of a running daemon as far as it is on the disk.
    pub fn last_timestamp(&mut self) -> Result<Timestamp, StoreError> {
        last_at(&mut self.connection)
            .map(Timestamp::from_stored)
            .map_err(StoreError::database("read the journal's time"))
    }

    /// Lets time go on from `now`, though the journal tells of later times: a boot of its own that ended just now. What
    /// time is left behind by it; `None` if nothing is later, and then nothing is changed.
    ///
    /// # Errors
    /// While a daemon uses the database.
    pub fn accept_clock(path: &Path, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let lock = connection::lock(path)?;
        let mut connection = connection::writer(path)?;
        connection::migrate(&mut connection, path, &lock)?;
        let accepted = connection.immediate_transaction(|connection| {
            let (last_at, now) = (last_at(connection)?, now.stored());
            if last_at <= now {
                return Ok(None);
            }
            diesel::insert_into(boot::table)
                .values((boot::started_at.eq(now), boot::last_at.eq(now)))
                .execute(connection)?;
            Ok(Some(Timestamp::from_stored(last_at)))
        });
        accepted.map_err(StoreError::database("accept the system's clock"))
    }
}

/// Writes this boot's row; gives its epoch and until when those before it were alive at least.
fn begin(connection: &mut DatabaseConnection) -> QueryResult<(i64, u64)> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64);
    connection.immediate_transaction(|connection| {
        let last_at = last_at(connection)?;
        let epoch = diesel::insert_into(boot::table)
            .values((boot::started_at.eq(now), boot::last_at.eq(last_at)))
            .returning(boot::epoch)
            .get_result(connection)?;
        Ok((epoch, last_at.cast_unsigned()))
    })
}
