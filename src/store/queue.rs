//! What waits for the writer: rows and jobs in their order, and whether somebody waits for them.
//! Never loses its order, and never keeps a row longer than it may linger.

use super::job::Job;
use super::journal::{Append, Ticket};
use std::collections::VecDeque;
use std::sync::mpsc::Sender;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The most that goes into one transaction: enough to make the wait for the disk cheap, little enough to be quick.
const BATCH_MAX: usize = 4096;
/// How long rows for which nobody waits may wait for others, so that one way to the disk does for all.
const LINGER: Duration = Duration::from_millis(10);

/// What the writer is asked to do.
pub(super) enum Work {
    Append(Ticket, Box<Append>),
    Job(Box<Job>),
    /// Answered once everything before it is durable.
    Flush(Sender<()>),
}

/// The queue of one writer.
pub(super) struct Queue {
    state: Mutex<State>,
    news: Condvar,
}

struct State {
    works: VecDeque<Work>,
    /// The last ticket that was given out.
    last: u64,
    /// Somebody waits for something in it.
    hurry: bool,
    open: bool,
}

impl Queue {
    pub(super) fn new() -> Queue {
        let state = State { works: VecDeque::new(), last: 0, hurry: false, open: true };
        Queue { state: Mutex::new(state), news: Condvar::new() }
    }

    /// Queues a row, for which nobody waits yet. Once it is closed the row is dropped: nothing is durable any more.
    pub(super) fn append(&self, append: Box<Append>) -> Ticket {
        let mut state = self.state();
        state.last += 1;
        let ticket = Ticket(state.last);
        if state.open {
            state.works.push_back(Work::Append(ticket, append));
        }
        // From the first one on the writer counts the time; the others need not wake it.
        let is_first = state.works.len() == 1;
        drop(state);
        if is_first {
            self.news.notify_one();
        }
        ticket
    }

    /// Somebody waits for what is queued.
    pub(super) fn hurry(&self) {
        let mut state = self.state();
        let is_news = !state.works.is_empty() && !state.hurry;
        state.hurry |= is_news;
        // Woken under the lock, the writer would only wait for it.
        drop(state);
        if is_news {
            self.news.notify_one();
        }
    }

    /// Queues something for which somebody waits; `false` if nobody will ever do it.
    pub(super) fn push(&self, work: Work) -> bool {
        let mut state = self.state();
        let is_open = state.open;
        if is_open {
            state.works.push_back(work);
            state.hurry = true;
        }
        drop(state);
        self.news.notify_one();
        is_open
    }

    /// Takes no more; what is queued will still be done.
    pub(super) fn close(&self) {
        let mut state = self.state();
        state.open = false;
        state.hurry = true;
        self.news.notify_one();
    }

    /// Nobody does what is queued: whoever waits learns it.
    pub(super) fn abandon(&self) {
        let mut state = self.state();
        state.open = false;
        state.works.clear();
    }

    /// Waits for work and takes up to a batch; `false` when nothing will come any more.
    pub(super) fn take(&self, batch: &mut Vec<Work>) -> bool {
        let idle = |state: &mut State| state.works.is_empty() && state.open;
        let state = self.news.wait_while(self.state(), idle).unwrap_or_else(PoisonError::into_inner);
        let calm = |state: &mut State| !state.hurry && state.works.len() < BATCH_MAX;
        let waited = self.news.wait_timeout_while(state, LINGER, calm);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let count = state.works.len().min(BATCH_MAX);
        batch.extend(state.works.drain(..count));
        state.hurry &= !state.works.is_empty() || !state.open;
        count > 0
    }

    /// A panic elsewhere leaves it whole: each change is one step.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::super::journal::ActorNumber;
    use super::*;
    use domain::id::CompanyId;
    use domain::time::Timestamp;
    use std::sync::mpsc;

    fn row(seq: u64) -> Box<Append> {
        Box::new(Append {
            actor: ActorNumber(7),
            company: CompanyId(1),
            seq,
            at: Timestamp(seq),
            cause: None,
            events: "[]".to_owned(),
            outbox: vec![],
            content: vec![],
            is_last: false,
            snapshot: None,
            record: None,
            decides: vec![],
        })
    }

    #[test]
    fn rows_for_which_nobody_waits_are_taken_together_and_in_order() {
        let queue = Queue::new();
        let tickets: Vec<Ticket> = (1..=3).map(|seq| queue.append(row(seq))).collect();
        let mut batch = vec![];
        assert!(queue.take(&mut batch));
        let taken = batch.iter().map(|work| match work {
            Work::Append(ticket, _) => *ticket,
            Work::Job(_) | Work::Flush(_) => panic!("nothing else was queued"),
        });
        assert_eq!(taken.collect::<Vec<_>>(), tickets);
    }

    #[test]
    fn a_batch_has_its_bound_and_what_is_left_keeps_its_hurry() {
        let queue = Queue::new();
        (1..=BATCH_MAX as u64 + 1).for_each(|seq| _ = queue.append(row(seq)));
        queue.hurry();
        let mut batch = vec![];
        assert!(queue.take(&mut batch));
        assert_eq!(batch.len(), BATCH_MAX);
        assert!(queue.state().hurry);
        assert!(queue.take(&mut batch));
        assert_eq!(batch.len(), BATCH_MAX + 1);
        assert!(!queue.state().hurry);
    }

    #[test]
    fn what_was_queued_before_the_end_is_taken_and_nothing_after_it() {
        let queue = Queue::new();
        queue.append(row(1));
        queue.close();
        queue.append(row(2));
        let (sender, _receiver) = mpsc::channel();
        assert!(!queue.push(Work::Flush(sender)));
        let mut batch = vec![];
        assert!(queue.take(&mut batch));
        assert_eq!(batch.len(), 1);
        assert!(!queue.take(&mut batch));
    }

    #[test]
    fn whoever_waits_learns_that_nobody_will_do_it() {
        let queue = Queue::new();
        let (sender, receiver) = mpsc::channel();
        assert!(queue.push(Work::Flush(sender)));
        queue.abandon();
        assert_eq!(receiver.recv(), Err(mpsc::RecvError));
        assert!(!queue.take(&mut vec![]));
    }
}
