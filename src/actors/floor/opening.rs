//! When a company is open, as its rows and the moment have it, and who is told when that changes.
//! Never decides when that is: that is `domain::hours`.

use super::Floor;
use domain::hours::State;
use domain::id::{CallId, HoursId, QueueId};
use domain::routing::{Admission, Closed};
use domain::time::Timestamp;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

/// What was told last.
#[derive(Default)]
pub(super) struct Opening {
    /// Of which hours it is open.
    open: RefCell<BTreeMap<HoursId, bool>>,
    changes_at: Cell<Option<Timestamp>>,
    /// The calls that came for a queue that was closed, as long as they are to hear it.
    callers: RefCell<BTreeMap<CallId, QueueId>>,
}

impl Floor {
    /// Which queues are closed now, and what happens to new items there.
    pub(in crate::actors) fn closed(&self) -> Closed {
        self.rows.borrow().closed_at(self.now())
    }

    /// Where an item that arrives for a queue now waits, if it does.
    pub fn admission(&self, queue: QueueId) -> Admission {
        self.board.borrow().admission(queue, &self.closed())
    }

    /// Notes whether a call comes outside of its queue's hours, before it is told anything.
    pub(super) fn note_closed(&self, call: CallId, queue: QueueId) {
        if self.closed().contains_key(&queue) {
            self.opening.callers.borrow_mut().insert(call, queue);
        }
    }

    /// The queue for which a call came outside of its hours: it hears that once, so that it is asked once.
    pub(super) fn came_closed(&self, call: CallId) -> Option<QueueId> {
        self.opening.callers.borrow_mut().remove(&call)
    }

    /// What holds now for the visitors of a chat service.
    pub(in crate::actors) fn service_state(&self, service: i64) -> State {
        self.rows.borrow().service_at(service, self.now())
    }

    /// When a chat service opens that is closed now, if that can be seen.
    pub(in crate::actors) fn service_opens(&self, service: i64) -> Option<Timestamp> {
        match self.service_state(service) {
            State::Open { .. } => None,
            State::Closed { until } => until,
        }
    }

    /// When something opens or closes by itself next.
    pub(super) fn hours_change_at(&self) -> Option<Timestamp> {
        self.opening.changes_at.get()
    }

    /// Looks what is open by now, and tells whoever it matters to, if that is news.
    pub(super) fn look_at_hours(self: &Rc<Self>) {
        let now = self.now();
        let rows = self.rows.borrow();
        self.opening.changes_at.set(rows.hours_change_at(now));
        let is_open = |id| rows.hours_at(Some(id), now).is_open();
        let open: BTreeMap<HoursId, bool> = rows.hours.iter().map(|hours| (hours.id, is_open(hours.id))).collect();
        self.wake();
        let before = self.opening.open.replace(open.clone());
        let mut is_news = false;
        for hours in rows.hours.iter().filter(|hours| before.get(&hours.id) != open.get(&hours.id)) {
            let word = if open.get(&hours.id) == Some(&true) { "open" } else { "closed" };
            tracing::info!(company = rows.name, hours = hours.name, "hours: {word}");
            // Those that are new were told of with the change that made them.
            is_news |= before.contains_key(&hours.id);
        }
        drop(rows);
        if is_news {
            self.show_all_again();
        }
    }
}
