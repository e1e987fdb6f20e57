//! What goes from one actor to another: commands in their envelopes, messages, deadlines.
//! It carries; whom a message is for and what a deadline says is `domain::post`.

use super::{Arriving, Envelope, Floor, Held, Mail};
use crate::actors::ids::{Numbered, Party};
use crate::actors::kind::Kind;
use crate::clock::Timers;
use crate::store::{Cause, Content, Outgoing};
use domain::Refusal;
use domain::agent::Agent;
use domain::call::Call;
use domain::chat::Chat;
use domain::id::CallId;
use domain::message::Message;
use domain::queue::Queue;
use domain::task::Task;
use domain::time::Timestamp;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use tokio::sync::{Mutex, Notify};

/// What is on its way.
#[derive(Default)]
pub(super) struct Post {
    pub(super) timers: RefCell<Timers<Party>>,
    pub(super) in_flight: Cell<usize>,
    /// So many answers of the database are on their way.
    pub(super) asked: Cell<usize>,
    /// What is for actors that come out of the journal, in its order.
    pub(super) arriving: RefCell<BTreeMap<Party, Vec<Arriving>>>,
    /// In which order actors come out of the journal, and in which calls arrive of which something is asked before.
    pub(super) loads: Rc<Mutex<()>>,
    pub(super) arrivals: Rc<Mutex<()>>,
    pub(super) quiet: Notify,
    wake: Notify,
}

// In.
impl Floor {
    /// Gives an actor a command; `fill` adds what comes with it. An actor that is over is loaded from the journal.
    pub fn envelope<M: Kind>(self: &Rc<Self>, id: M::Id, command: M::Command, fill: impl FnOnce(&mut Envelope<M>)) {
        let at = self.now();
        let mut envelope = Envelope { at, command, cause: None, text: None, file: None, content: vec![], reply: None };
        fill(&mut envelope);
        self.when_loaded::<M>(id, move |floor, mailbox| match (mailbox, envelope.reply.take()) {
            (Ok(mailbox), reply) => {
                floor.post.in_flight.set(floor.post.in_flight.get() + 1);
                mailbox.do_send(Mail::Command(Envelope { reply, ..envelope }));
            }
            // Not done, so nobody may hear that it was.
            (Err(_), Some(reply)) => floor.hold_last(vec![Held::Reply(reply, Err(Refusal::WrongState))]),
            (Err(_), None) => {}
        });
    }

    /// Stores rows with a call, without anything happening to it.
    pub fn keep(self: &Rc<Self>, id: CallId, content: Vec<Content>) {
        let at = self.now();
        self.when_loaded::<Call>(id, move |floor, mailbox| {
            if let Ok(mailbox) = mailbox {
                floor.post.in_flight.set(floor.post.in_flight.get() + 1);
                mailbox.do_send(Mail::Keep(at, content));
            }
        });
    }

    /// Gives an actor a command that nobody waits for.
    pub fn tell(self: &Rc<Self>, message: Message) {
        self.deliver(self.now(), None, message);
    }

    /// Carries a message to its receiver. `from` names the sender and the message's place in the outbox.
    pub(in crate::actors) fn deliver(self: &Rc<Self>, at: Timestamp, from: Option<(Party, i64)>, message: Message) {
        let cause = from.map(|(sender, outbox)| Cause::Message { sender: sender.number(), outbox });
        match message {
            Message::Agent { id, command } => self.post::<Agent>(id, at, cause, command),
            Message::Queue { id, command } => self.post::<Queue>(id, at, cause, command),
            Message::Chat { id, command } => self.post::<Chat>(id, at, cause, command),
            Message::Call { id, command } => self.post::<Call>(id, at, cause, command),
            Message::Task { id, command } => self.post::<Task>(id, at, cause, command),
        }
    }

    pub(super) fn post<M: Kind>(self: &Rc<Self>, id: M::Id, at: Timestamp, cause: Option<Cause>, command: M::Command) {
        self.envelope::<M>(id, command, |envelope| {
            envelope.at = at;
            envelope.cause = cause;
        });
    }

    /// Everything whose time has come.
    pub fn run_due(self: &Rc<Self>) {
        if self.licence_changes_at().is_some_and(|at| at <= self.now()) {
            self.look_at_licence();
        }
        if self.hours_change_at().is_some_and(|at| at <= self.now()) {
            self.look_at_hours();
        }
        loop {
            let due = self.post.timers.borrow_mut().pop_due(self.now());
            let Some((deadline, actor)) = due else { return };
            self.deliver(deadline.max(self.now()), None, actor.due(deadline));
        }
    }

    /// Whoever sleeps looks again how long.
    pub(super) fn wake(&self) {
        self.post.wake.notify_one();
    }

    /// Sleeps until the next deadline, for ever on a manual clock.
    pub async fn until_due(&self) {
        loop {
            let timers = self.post.timers.borrow().next();
            let next = [timers, self.licence_changes_at(), self.hours_change_at()].into_iter().flatten().min();
            let sleep = next.and_then(|deadline| self.house.clock.until(deadline));
            match sleep {
                Some(sleep) => tokio::select! {
                    () = tokio::time::sleep(sleep) => return,
                    () = self.post.wake.notified() => {}
                },
                None => self.post.wake.notified().await,
            }
        }
    }
}

// Out, and what became of it.
impl Floor {
    /// A message with its place in the outbox.
    pub(in crate::actors) fn outgoing(&self, message: &Message) -> Outgoing {
        let receiver = message.receiver().number();
        Outgoing { id: self.house.ids.next_message(), receiver, message: message.clone() }
    }

    pub(in crate::actors) fn reschedule(&self, actor: Party, old: Option<Timestamp>, new: Option<Timestamp>) {
        // Whoever wakes too early looks, and sleeps on.
        if self.post.timers.borrow_mut().change(actor, old, new) {
            self.post.wake.notify_one();
        }
    }

    /// An envelope is dealt with. Whatever became possible by it is proposed now.
    pub(in crate::actors) fn handled(self: &Rc<Self>) {
        self.post.in_flight.set(self.post.in_flight.get().saturating_sub(1));
        self.match_up();
        // What one thing causes becomes durable as one.
        if self.post.in_flight.get() == 0 && self.held.is_awaited.take() {
            self.house.store.hurry();
        }
        if self.is_settled() {
            self.at_rest();
        }
        self.drop_retired();
    }

    pub(super) fn match_up(self: &Rc<Self>) {
        loop {
            let proposal = self.board.borrow_mut().propose();
            let Some(proposal) = proposal else { return };
            let id = proposal.queue;
            self.tell(Message::Queue { id, command: proposal.command() });
        }
    }

    /// Waits until nothing is on its way and all that happened is durable.
    pub async fn idle(&self) {
        self.until(|| self.is_settled() && self.held.queue.borrow().is_empty()).await;
        self.assert_board();
    }

    /// Waits until nothing is on its way. What happened may not be durable yet.
    pub async fn settled(&self) {
        self.until(|| self.is_settled()).await;
        self.assert_board();
    }

    fn is_settled(&self) -> bool {
        self.post.in_flight.get() == 0 && self.post.asked.get() == 0
    }

    async fn until(&self, reached: impl Fn() -> bool) {
        loop {
            let quiet = self.post.quiet.notified();
            if reached() {
                return;
            }
            self.house.store.hurry();
            quiet.await;
        }
    }
}
