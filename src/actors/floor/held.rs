//! What waits for the disk: consequences whose causes are not durable yet, and actors that are over.
//! It decides nothing; what is durable goes on its way, in order.

use super::{Errand, Floor};
use crate::actors::ids::Party;
use crate::actors::screens::{Frame, Viewer};
use crate::store::Ticket;
use domain::Refusal;
use domain::id::{CallId, ItemId};
use domain::message::Signal;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

/// Whoever waits for a command's outcome.
pub type Reply = Box<dyn FnOnce(&Rc<Floor>, Result<(), Refusal>) + Send>;

/// What waits until its cause is durable.
pub enum Held {
    /// A wish to the telephony.
    Signal(CallId, Signal),
    /// A change for the screens that show it.
    Frame(Frame),
    /// An answer to whoever gave the command.
    Reply(Reply, Result<(), Refusal>),
    /// Something else that promises what was decided.
    Then(Errand),
}

/// All that waits for the disk.
pub(super) struct HeldBack {
    pub(super) queue: RefCell<VecDeque<(Ticket, Vec<Held>)>>,
    last_ticket: Cell<Ticket>,
    /// Something is held for what was appended since the writer was last told to hurry.
    pub(super) is_awaited: Cell<bool>,
    /// Actors that are over, each with its last row: until that is durable, the journal does not have them whole.
    pub(super) retired: RefCell<BTreeMap<Party, Ticket>>,
}

impl Default for HeldBack {
    fn default() -> Self {
        HeldBack {
            queue: RefCell::default(),
            last_ticket: Cell::new(Ticket(0)),
            is_awaited: Cell::default(),
            retired: RefCell::default(),
        }
    }
}

impl Floor {
    /// What was appended so far must not linger: it goes to the disk with what else is on its way.
    pub(in crate::actors) fn hurry(&self) {
        self.held.is_awaited.set(true);
    }

    /// Keeps back what must not happen before `ticket` is durable.
    pub(in crate::actors) fn hold(self: &Rc<Self>, ticket: Ticket, held: Vec<Held>) {
        self.held.last_ticket.set(ticket);
        if !held.is_empty() {
            self.hurry();
        }
        self.held.queue.borrow_mut().push_back((ticket, held));
    }

    /// Keeps back what must not happen before all that was decided so far is durable.
    pub(in crate::actors) fn hold_last(self: &Rc<Self>, held: Vec<Held>) {
        self.held.queue.borrow_mut().push_back((self.held.last_ticket.get(), held));
        let durable = self.house.store.durable();
        if durable < self.held.last_ticket.get() {
            self.house.store.hurry();
        }
        self.release(durable);
    }

    /// Runs `then` when all that was decided so far is durable.
    pub fn when_durable(self: &Rc<Self>, then: impl FnOnce(&Rc<Floor>) + 'static) {
        self.hold_last(vec![Held::Then(Box::new(then))]);
    }

    /// Everything up to `durable` is on the disk: what waited for it happens now.
    pub(in crate::actors) fn release(self: &Rc<Self>, durable: Ticket) {
        loop {
            let next = {
                let mut held = self.held.queue.borrow_mut();
                held.front().is_some_and(|(ticket, _)| *ticket <= durable).then(|| held.pop_front()).flatten()
            };
            let Some((_, held)) = next else { break };
            for held in held {
                match held {
                    Held::Signal(call, signal) => self.signal(call, signal),
                    Held::Frame(frame) => frame.send(),
                    Held::Reply(reply, result) => reply(self, result),
                    Held::Then(then) => then(self),
                }
            }
        }
        self.drop_retired();
    }

    /// Nothing happens to this actor any more: it leaves the memory when nothing is on its way to it.
    pub(in crate::actors) fn retire(&self, actor: Party, ticket: Ticket) {
        let mut retired = self.held.retired.borrow_mut();
        let last = retired.entry(actor).or_insert(ticket);
        *last = (*last).max(ticket);
    }

    pub(super) fn drop_retired(&self) {
        if self.post.in_flight.get() > 0 {
            return;
        }
        self.post.quiet.notify_waiters();
        if self.held.retired.borrow().is_empty() {
            return;
        }
        let durable = self.house.store.durable();
        self.held.retired.borrow_mut().retain(|actor, ticket| {
            let goes = *ticket <= durable;
            if goes {
                match *actor {
                    Party::Agent(id) => _ = self.agents.0.borrow_mut().remove(&id),
                    Party::Queue(id) => _ = self.queues.0.borrow_mut().remove(&id),
                    Party::Chat(id) if self.screens.borrow().has(Viewer::Visitor(id)) => return true,
                    Party::Chat(id) => {
                        self.chats.0.borrow_mut().remove(&id);
                        self.texts.visitors.borrow_mut().remove(&id);
                        self.whys.borrow_mut().remove(&ItemId::Chat(id));
                    }
                    Party::Call(id) => {
                        self.calls.0.borrow_mut().remove(&id);
                        self.texts.callers.borrow_mut().remove(&id);
                        self.whys.borrow_mut().remove(&ItemId::Call(id));
                    }
                    Party::Task(id) => {
                        self.tasks.0.borrow_mut().remove(&id);
                        self.texts.task_texts.borrow_mut().remove(&id);
                        self.whys.borrow_mut().remove(&ItemId::Task(id));
                    }
                }
            }
            !goes
        });
    }
}
