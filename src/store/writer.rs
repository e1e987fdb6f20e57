//! The one thread that writes: it takes what is queued, in order, and commits many in one transaction.
//! Never gives up an append: while it cannot commit it keeps trying the same transaction, and says so in `healthy`.

use super::append;
use super::connection::{self, DaemonLock, DatabaseConnection};
use super::error::StoreError;
use super::journal::{Append, Ticket};
use super::queue::{Queue, Work};
use super::statements;
use diesel::result::{DatabaseErrorKind, Error};
use domain::time::Timestamp;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;
use tokio::sync::watch;
use tracing::{error, info};

const BACK_OFF_MIN: Duration = Duration::from_millis(20);
const BACK_OFF_MAX: Duration = Duration::from_secs(2);

/// What others may see of the thread.
#[derive(Default)]
pub(super) struct Shared {
    /// Whether it can commit; whoever has to know at once waits for its change.
    pub(super) healthy: watch::Sender<bool>,
    pub(super) closing: AtomicBool,
    pub(super) durable: AtomicU64,
    pub(super) last_at: AtomicU64,
    /// How many rows may still be written; beyond them the thread is as dead as after a kill. `u64::MAX` is no bound.
    pub(super) rows_left: AtomicU64,
    /// A disk of so many pages; 0 is unlimited.
    #[cfg(test)]
    pub(super) pages_max: AtomicU64,
}

pub(super) struct Writer {
    pub(super) path: PathBuf,
    pub(super) connection: Option<DatabaseConnection>,
    pub(super) epoch: i64,
    pub(super) shared: Arc<Shared>,
    pub(super) on_commit: Box<dyn Fn(Ticket) + Send>,
    pub(super) on_fenced: Box<dyn Fn(&StoreError) + Send>,
    /// Held as long as anything may still be written.
    pub(super) _lock: DaemonLock,
}

/// Why a transaction was not committed.
enum Halt {
    Database(Error),
    Fenced(Error),
    Job(usize),
}

impl From<Error> for Halt {
    fn from(error: Error) -> Halt {
        Halt::Database(error)
    }
}

impl Writer {
    /// Works until the queue is closed and empty, or until it is fenced.
    pub(super) fn run(mut self, queue: &Queue) {
        /// Also if it panics.
        struct AtLast<'a>(&'a Queue);
        impl Drop for AtLast<'_> {
            fn drop(&mut self) {
                self.0.abandon();
            }
        }
        let _at_last = AtLast(queue);
        let mut batch = Vec::new();
        while queue.take(&mut batch) {
            let dies = self.cut(&mut batch);
            if !self.commit(&mut batch) {
                break;
            }
            self.tell(&mut batch);
            if dies {
                break;
            }
        }
        self.shared.healthy.send_replace(false);
    }

    /// Leaves of a batch what may still be written; whether that is the end.
    fn cut(&self, batch: &mut Vec<Work>) -> bool {
        let mut left = self.shared.rows_left.load(Ordering::Acquire);
        if left == u64::MAX {
            return false;
        }
        let end = batch.iter().position(|work| {
            let is_row = matches!(work, Work::Append(..));
            let beyond = is_row && left == 0;
            left -= u64::from(is_row && left > 0);
            beyond
        });
        self.shared.rows_left.store(left, Ordering::Release);
        end.inspect(|end| batch.truncate(*end)).is_some()
    }

    /// Tries until the batch is durable; `false` if it never will be.
    fn commit(&mut self, batch: &mut Vec<Work>) -> bool {
        let mut back_off = BACK_OFF_MIN;
        loop {
            match self.attempt(batch) {
                Ok(()) => {
                    if !self.shared.healthy.send_replace(true) {
                        info!("the store can write again; nothing was lost");
                    }
                    return true;
                }
                Err(Halt::Job(at)) => {
                    self.connection = None;
                    if let Work::Job(job) = batch.remove(at) {
                        job.answer();
                    }
                }
                Err(Halt::Fenced(why)) => {
                    let why = StoreError::Fenced { why: why.to_string() };
                    error!(path = %self.path.display(), "{why}");
                    self.shared.healthy.send_replace(false);
                    (self.on_fenced)(&why);
                    return false;
                }
                Err(Halt::Database(why)) => {
                    if self.shared.healthy.send_replace(false) {
                        error!(path = %self.path.display(), "write to the store: {why} (disk full? it keeps trying)");
                    }
                    // A failed transaction may be half undone; only a new connection is sure to know its state.
                    self.connection = None;
                    if self.shared.closing.load(Ordering::Acquire) {
                        error!(lost = batch.len(), "closed while the store cannot write; nobody was told otherwise");
                        return false;
                    }
                    thread::park_timeout(back_off);
                    back_off = (back_off * 2).min(BACK_OFF_MAX);
                }
            }
        }
    }

    fn attempt(&mut self, batch: &mut [Work]) -> Result<(), Halt> {
        if !batch.iter().any(|work| matches!(work, Work::Append(..) | Work::Job(_))) {
            return Ok(());
        }
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => {
                let opened = connection::writer(&self.path)
                    .map_err(|why| Halt::Database(Error::QueryBuilderError(why.to_string().into())))?;
                none.insert(opened)
            }
        };
        #[cfg(test)]
        connection::limit_pages(connection, self.shared.pages_max.load(Ordering::Acquire))?;
        let (epoch, before) = (self.epoch, self.shared.last_at.load(Ordering::Acquire));
        // SQLite may have undone the transaction by itself (a full disk does that); then undoing it fails, and that
        // error would hide which job was at fault.
        let mut failed = None;
        let passing = append::passing(appends(batch));
        append::assert_in_order(appends(batch));
        let has_jobs = batch.iter().any(|work| matches!(work, Work::Job(_)));
        let write = |connection: &mut DatabaseConnection| {
            let mut last_at = before;
            for (at, work) in batch.iter_mut().enumerate() {
                match work {
                    Work::Append(_, append) => {
                        append::write(connection, epoch, append, &passing).map_err(|why| match why {
                            Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => Halt::Fenced(why),
                            why => Halt::Database(why),
                        })?;
                        last_at = last_at.max(append.at.0);
                    }
                    Work::Job(job) => job.run(connection).map_err(|()| {
                        failed = Some(at);
                        Halt::Job(at)
                    })?,
                    Work::Flush(_) => {}
                }
            }
            Ok::<u64, Halt>(last_at)
        };
        // A job is a transaction within this one.
        let result = if has_jobs {
            connection.immediate_transaction(write)
        } else {
            let written = statements::transaction(connection, write);
            if written.is_err() {
                self.connection = None;
            }
            written
        };
        let last_at = match (result, failed) {
            (Err(_), Some(at)) => return Err(Halt::Job(at)),
            (result, _) => result?,
        };
        self.shared.last_at.store(last_at, Ordering::Release);
        Ok(())
    }

    /// Tells everybody who waits for what is durable now.
    fn tell(&self, batch: &mut Vec<Work>) {
        let highest = batch.iter().rev().find_map(|work| match work {
            Work::Append(ticket, _) => Some(*ticket),
            Work::Job(_) | Work::Flush(_) => None,
        });
        if let Some(ticket) = highest {
            debug_assert!(ticket > Ticket(self.shared.durable.load(Ordering::Acquire)), "tickets only grow");
            self.shared.durable.store(ticket.0, Ordering::Release);
            (self.on_commit)(ticket);
        }
        for work in batch.drain(..) {
            match work {
                Work::Append(..) => {}
                Work::Job(job) => job.answer(),
                // Whoever stopped waiting needs no answer.
                Work::Flush(waiting) => _ = waiting.send(()),
            }
        }
    }
}

/// The appends among what is to be done, in their order.
fn appends(batch: &[Work]) -> impl Iterator<Item = &Append> {
    batch.iter().filter_map(|work| match work {
        Work::Append(_, append) => Some(&**append),
        Work::Job(_) | Work::Flush(_) => None,
    })
}

/// The highest `at` that is durable.
pub(super) fn last_at(shared: &Shared) -> Timestamp {
    Timestamp(shared.last_at.load(Ordering::Acquire))
}

#[cfg(test)]
mod tests {
    use super::super::journal::ActorNumber;
    use super::super::{CompanyFile, JournalRow, Store};
    use super::*;
    use domain::id::CompanyId;
    use std::sync::Mutex;
    use std::sync::mpsc;

    #[test]
    fn a_full_disk_loses_nothing_and_refuses_jobs_honestly() {
        let directory = tempfile::tempdir().unwrap();
        let (sender, commits) = mpsc::channel();
        let sender = Mutex::new(sender);
        let store = Store::open(&directory.path().join("vorrang.db"), move |ticket| {
            _ = sender.lock().unwrap().send(ticket);
        })
        .unwrap();
        let ticket = store.append(row(1, 1_000));
        assert_eq!(commits.recv().unwrap(), ticket);

        store.shared().pages_max.store(1, Ordering::Release);
        let mut last = ticket;
        for seq in 2..=40 {
            last = store.append(row(seq, 10_000));
        }
        while store.healthy() {
            thread::yield_now();
        }
        assert_eq!(store.flush(Duration::from_millis(1)).unwrap_err().to_string(), StoreError::NotYet.to_string());

        store.shared().pages_max.store(0, Ordering::Release);
        store.flush(Duration::from_secs(60)).unwrap();
        assert!(store.healthy());
        assert_eq!(store.durable(), last);
        assert_eq!(commits.try_iter().last(), Some(last));
        let seqs: Vec<u64> = store.journal(ActorNumber(7)).unwrap().iter().map(|row: &JournalRow| row.seq).collect();
        assert_eq!(seqs, (1..=40).collect::<Vec<u64>>());
    }

    #[test]
    fn a_job_that_fills_the_disk_fails_alone() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&directory.path().join("vorrang.db"), |_| {}).unwrap();
        let company: CompanyFile = toml::from_str("[company]\nname = \"One\"").unwrap();
        store.apply(&company, "realm").unwrap();
        store.append(row(1, 10));
        store.flush(Duration::from_secs(60)).unwrap();
        store.shared().pages_max.store(1, Ordering::Release);
        let pending = store.visitor_session_created(&[0; 100_000], domain::id::ChatId(1), CompanyId(1), Timestamp(1));
        let why = pending.wait().unwrap_err().to_string();
        assert!(why.contains("full"), "{why}");
        store.shared().pages_max.store(0, Ordering::Release);
        store.append(row(2, 10));
        store.flush(Duration::from_secs(60)).unwrap();
        assert_eq!(store.journal(ActorNumber(7)).unwrap().len(), 2);
    }

    fn row(seq: u64, length: usize) -> Append {
        Append {
            actor: ActorNumber(7),
            company: CompanyId(1),
            seq,
            at: Timestamp(1000 + seq),
            cause: None,
            events: "x".repeat(length),
            outbox: vec![],
            content: vec![],
            is_last: false,
            snapshot: None,
            record: None,
            decides: vec![],
        }
    }
}
