//! Where passwords are compared: a few threads with a block of memory each, and a short queue before them.
//! Never takes more than a fixed number at once, and never lets one address have all of it.

use crate::store::Scratch;
use std::collections::VecDeque;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::{io, thread};
use tokio::sync::oneshot;

/// How many may wait: a comparison takes some 30 ms, so the last one is served within seconds.
const WAITING_MAX: usize = 128;
/// How many of them those may be who never logged in from where they are.
const STRANGERS_MAX: usize = 96;
/// How many of them may come from one address.
const PER_SOURCE_MAX: usize = 64;

/// The threads, as long as this is kept.
pub struct Hashers(Arc<Shared>);

/// Too many are waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy;

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub struct Asker {
    /// The address.
    pub source: IpAddr,
    /// They logged in from there lately.
    pub is_known: bool,
}

struct Shared {
    waiting: Mutex<Waiting>,
    more: Condvar,
}

#[derive(Default)]
struct Waiting {
    jobs: VecDeque<Job>,
    over: bool,
}

struct Job {
    source: IpAddr,
    work: Box<dyn FnOnce(&mut Scratch) + Send>,
}

impl Hashers {
    /// One thread less than the machine has cores, so that calls and sessions keep one; one to four.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start() -> io::Result<Hashers> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        Hashers::with_threads(cores.saturating_sub(1).clamp(1, 4))
    }

    fn with_threads(threads: usize) -> io::Result<Hashers> {
        let shared = Arc::new(Shared { waiting: Mutex::default(), more: Condvar::new() });
        let hashers = Hashers(shared.clone());
        for _ in 0..threads {
            let shared = shared.clone();
            thread::Builder::new().name("password".to_owned()).spawn(move || shared.serve())?;
        }
        Ok(hashers)
    }

    /// Has something done on one of the threads. Whoever stops waiting is passed over.
    ///
    /// # Errors
    /// [`Busy`] at once if there is no place to wait.
    pub async fn run<T: Send + 'static>(
        &self,
        asker: Asker,
        work: impl FnOnce(&mut Scratch) -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let (answer, answered) = oneshot::channel();
        let work = Box::new(move |scratch: &mut Scratch| {
            if !answer.is_closed() {
                // Whoever asked may have gone meanwhile.
                _ = answer.send(work(scratch));
            }
        });
        self.0.enter(asker, Job { source: asker.source, work })?;
        // Unanswered only if the work panicked or the daemon stops.
        answered.await.map_err(|_| Busy)
    }
}

impl Drop for Hashers {
    fn drop(&mut self) {
        self.0.waiting().over = true;
        self.0.more.notify_all();
    }
}

impl Shared {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, asker: Asker, job: Job) -> Result<(), Busy> {
        let mut waiting = self.waiting();
        let of_source = waiting.jobs.iter().filter(|job| job.source == asker.source).count();
        let most = if asker.is_known { WAITING_MAX } else { STRANGERS_MAX };
        if waiting.jobs.len() >= most || of_source >= PER_SOURCE_MAX && !asker.is_known {
            return Err(Busy);
        }
        waiting.jobs.push_back(job);
        self.more.notify_one();
        Ok(())
    }

    fn serve(&self) {
        let mut scratch = Scratch::default();
        loop {
            let mut waiting = self.waiting();
            let job = loop {
                match waiting.jobs.pop_front() {
                    _ if waiting.over => return,
                    Some(job) => break job,
                    None => waiting = self.more.wait(waiting).unwrap_or_else(PoisonError::into_inner),
                }
            };
            drop(waiting);
            if catch_unwind(AssertUnwindSafe(|| (job.work)(&mut scratch))).is_err() {
                tracing::error!("a password was not compared: the comparison panicked");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(host: u8, is_known: bool) -> Asker {
        Asker { source: IpAddr::from([192, 0, 2, host]), is_known }
    }

    fn nothing(asker: Asker) -> Job {
        Job { source: asker.source, work: Box::new(|_| {}) }
    }

    #[test]
    fn nobody_fills_the_queue_for_others_and_those_who_are_known_find_a_place_longest() {
        let shared = Shared { waiting: Mutex::default(), more: Condvar::new() };
        let enter = |asker| shared.enter(asker, nothing(asker)).is_ok();
        assert_eq!((0..200).filter(|_| enter(from(1, false))).count(), PER_SOURCE_MAX);
        assert_eq!((0..200).filter(|_| enter(from(2, false))).count(), STRANGERS_MAX - PER_SOURCE_MAX);
        assert_eq!((0..200).filter(|_| enter(from(1, true))).count(), WAITING_MAX - STRANGERS_MAX);
        assert!(!enter(from(3, true)));
    }

    #[tokio::test]
    async fn what_is_asked_is_done_whatever_went_wrong_before_and_the_threads_end() {
        let hashers = Hashers::with_threads(1).unwrap();
        let panicked = hashers.run(from(1, false), |_| -> u8 { panic!("on purpose") }).await;
        assert_eq!(panicked, Err(Busy));
        assert_eq!(hashers.run(from(1, false), |_| 7).await, Ok(7));
        let shared = Arc::downgrade(&hashers.0);
        drop(hashers);
        while shared.strong_count() > 0 {
            thread::yield_now();
        }
    }
}
