//! Threads that read for whoever must not wait: each has a connection of its own, takes the questions in their order, and
//! answers by a message.
//! Never takes more questions than it may keep: beyond that it refuses at once.

use super::connection::{self, DatabaseConnection};
use super::error::StoreError;
use super::pending::Pending;
use diesel::QueryResult;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use tokio::sync::oneshot;
use tracing::error;

/// How many questions are answered at once.
const THREADS: usize = 4;
/// How many questions may wait. At a millisecond each the last one waits for a second.
const WAITING_MAX: usize = 4096;

type Question = Box<dyn FnOnce(&mut DatabaseConnection) + Send>;

/// The threads. When it goes, what was not answered yet is told to be closed.
pub(super) struct Reader {
    questions: Arc<Questions>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Questions {
    state: Mutex<State>,
    news: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Question>,
    closed: bool,
    /// So many [`HeldReads`] stand in the way.
    held: usize,
}

impl Reader {
    /// Opens the connections and starts the threads.
    pub(super) fn start(path: &Path) -> Result<Reader, StoreError> {
        let mut reader = Reader { questions: Arc::default(), threads: vec![] };
        for number in 1..=THREADS {
            let (mut connection, questions) = (connection::reader(path)?, reader.questions.clone());
            let thread = thread::Builder::new().name(format!("store-reader-{number}"));
            let thread = thread.spawn(move || questions.answer(&mut connection));
            reader.threads.push(thread.map_err(StoreError::open(path))?);
        }
        Ok(reader)
    }

    /// Queues a question; whoever does not wait for the answer any more is not answered.
    pub(super) fn ask<T: Send + 'static>(
        &self,
        doing: &'static str,
        query: impl FnOnce(&mut DatabaseConnection) -> QueryResult<T> + Send + 'static,
    ) -> Pending<T> {
        let (sender, pending) = Pending::new();
        let mut state = self.questions.state();
        if state.closed || state.waiting.len() >= WAITING_MAX {
            let why = if state.closed { StoreError::Closed } else { StoreError::Overloaded };
            _ = sender.send(Err(why));
            return pending;
        }
        state.waiting.push_back(question(doing, sender, query));
        drop(state);
        self.questions.news.notify_one();
        pending
    }

    /// No question is taken up until what is returned goes.
    pub(super) fn hold(&self) -> HeldReads {
        self.questions.state().held += 1;
        HeldReads(self.questions.clone())
    }
}

fn question<T: Send + 'static>(
    doing: &'static str,
    sender: oneshot::Sender<Result<T, StoreError>>,
    query: impl FnOnce(&mut DatabaseConnection) -> QueryResult<T> + Send + 'static,
) -> Question {
    Box::new(move |connection| {
        if !sender.is_closed() {
            // Whoever stopped waiting meanwhile needs no answer.
            _ = sender.send(query(connection).map_err(StoreError::database(doing)));
        }
    })
}

impl Questions {
    /// Works until it is closed.
    fn answer(&self, connection: &mut DatabaseConnection) {
        while let Some(question) = self.take() {
            // Whoever asked learns that there is no answer; the others go on.
            if catch_unwind(AssertUnwindSafe(|| question(connection))).is_err() {
                error!("a question made a reader panic; it is set aside");
            }
        }
    }

    fn take(&self) -> Option<Question> {
        let idle = |state: &mut State| !state.closed && (state.waiting.is_empty() || state.held > 0);
        let state = self.news.wait_while(self.state(), idle);
        state.unwrap_or_else(PoisonError::into_inner).waiting.pop_front()
    }

    /// A panic elsewhere leaves it whole: each change is one step.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let mut state = self.questions.state();
        state.closed = true;
        state.waiting.clear();
        drop(state);
        self.questions.news.notify_all();
        for thread in self.threads.drain(..).filter(|thread| thread.thread().id() != thread::current().id()) {
            // One that panicked has said so itself.
            _ = thread.join();
        }
    }
}

/// As long as it is kept no question is answered, as with a disk that hangs: for tests of what goes on meanwhile.
pub struct HeldReads(Arc<Questions>);

impl Drop for HeldReads {
    fn drop(&mut self) {
        self.0.state().held -= 1;
        self.0.news.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader() -> (tempfile::TempDir, Reader) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vorrang.db");
        drop(super::super::Store::open(&path, |_| {}).unwrap());
        let reader = Reader::start(&path).unwrap();
        (folder, reader)
    }

    #[test]
    fn too_many_questions_are_refused_at_once_and_the_others_are_answered() {
        let (_folder, reader) = reader();
        let held = reader.hold();
        let asked: Vec<_> = (0..WAITING_MAX).map(|number| reader.ask("count", move |_| Ok(number))).collect();
        assert!(matches!(reader.ask("count", |_| Ok(0)).wait(), Err(StoreError::Overloaded)));
        drop(held);
        for (number, asked) in asked.into_iter().enumerate() {
            assert_eq!(asked.wait().unwrap(), number);
        }
    }

    #[test]
    fn what_nobody_waits_for_is_not_read_and_a_panic_is_one_question_s_own() {
        let (_folder, reader) = reader();
        let held = reader.hold();
        drop(reader.ask("panic", |_| -> QueryResult<()> { panic!("nobody waits for this") }));
        let asked: Vec<_> = (0..2 * THREADS).map(|_| reader.ask::<()>("panic", |_| panic!("a broken query"))).collect();
        drop(held);
        for asked in asked {
            assert!(matches!(asked.wait(), Err(StoreError::Closed)));
        }
        assert_eq!(reader.ask("go on", |_| Ok(7)).wait().unwrap(), 7);
    }

    #[test]
    fn whoever_waits_when_it_goes_learns_that_it_is_closed() {
        let (_folder, reader) = reader();
        let held = reader.hold();
        let asked = reader.ask("wait", |_| Ok(()));
        drop(reader);
        assert!(matches!(asked.wait(), Err(StoreError::Closed)));
        drop(held);
    }
}
