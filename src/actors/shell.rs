//! The shell: the one driver of all machines. It gives a machine its commands one by one, journals what happens,
//! lets messages go at once and everything else when it is durable.
//! It never decides anything, and is the only place that changes a machine.

use super::floor::{Envelope, Floor, Held, Mail, Reply};
use super::ids::{Numbered, Party};
use super::kind::{Kind, Turn};
use super::replay::{Loaded, SNAPSHOT_EVERY, snapshot_of};
use super::seen::Seen;
use crate::protocol::visitor::FileView;
use crate::store::{Append, Cause, Content, Outgoing, Ticket};
use actix::{Actor, Context, Handler};
use domain::Refusal;
use domain::id::ItemId;
use domain::message::Effect;
use domain::post;
use domain::time::Timestamp;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

/// A machine in its mailbox.
pub struct Shell<M: Kind> {
    floor: Rc<Floor>,
    id: M::Id,
    machine: Rc<RefCell<M>>,
    rows: u64,
    /// The row of the last snapshot.
    snapshot: u64,
    seen: Seen,
    deadline: Option<Timestamp>,
}

/// No events, as JSON.
const NO_EVENTS: &str = "[]";

/// What happened, as it is stored: made before anything changes, so that what cannot be stored does not happen.
struct Written<M: Kind> {
    events: Vec<M::Event>,
    json: String,
    content: Vec<Content>,
}

impl<M: Kind> Written<M> {
    fn new(events: Vec<M::Event>, text: Option<&str>, file: Option<&FileView>) -> Result<Self, serde_json::Error> {
        let (json, content) = (serde_json::to_string(&events)?, M::content(&events, text, file)?);
        Ok(Written { events, json, content })
    }

    fn nothing() -> Self {
        Written { events: vec![], json: NO_EVENTS.to_owned(), content: vec![] }
    }
}

impl<M: Kind> Shell<M> {
    /// A shell around a machine as the journal has it.
    pub fn new(floor: Rc<Floor>, id: M::Id, loaded: Loaded<M>) -> Self {
        let Loaded { machine, rows, snapshot, seen } = loaded;
        Shell { floor, id, machine: Rc::new(RefCell::new(machine)), rows, snapshot, seen, deadline: None }
    }

    /// The machine, to be looked at.
    pub(super) fn machine(&self) -> Rc<RefCell<M>> {
        self.machine.clone()
    }

    fn handle_envelope(&mut self, envelope: Envelope<M>) {
        let Envelope { at, command, cause, text, file, mut content, mut reply } = envelope;
        if let Some(answer) = cause.as_ref().and_then(|cause| self.seen.answer(cause)) {
            self.answer(reply, answer);
            return;
        }
        let decided = {
            let machine = self.machine.borrow();
            catch_unwind(AssertUnwindSafe(|| machine.decide(at, &command)))
        };
        let actor = M::party(self.id);
        let decided = match decided {
            Ok(Ok(events)) => match Written::<M>::new(events, text.as_deref(), file.as_ref()) {
                Ok(written) => Ok(written),
                Err(error) => {
                    tracing::error!(?actor, %error, "what happened cannot be written as JSON; the command is set aside");
                    Err(Refusal::WrongState)
                }
            },
            Ok(Err(refusal)) => {
                if let Some(cause @ Cause::Client { .. }) = &cause {
                    self.seen.refuse(cause.clone(), refusal);
                }
                Err(refusal)
            }
            Err(_) => {
                tracing::error!(?actor, "a message made the machine panic; it is set aside");
                // Not done, so nobody may hear that it was.
                Err(Refusal::WrongState)
            }
        };
        let written = decided.unwrap_or_else(|refusal| {
            self.answer(reply.take(), Err(refusal));
            Written::nothing()
        });
        content.extend(written.content);
        let from_an_actor = matches!(cause, Some(Cause::Message { .. }));
        if written.events.is_empty() && !from_an_actor && content.is_empty() {
            self.answer(reply, Ok(()));
        } else {
            // What was refused may still bring rows of its own; it was not done, so its number stays free.
            let cause = cause.filter(|_| from_an_actor || !written.events.is_empty());
            let beside = (text.as_deref(), file.as_ref());
            self.commit(at, &command, cause, &written.events, written.json, beside, content, reply);
        }
        self.machine.borrow().dealt_with(self.id, &command, &mut self.floor.board().borrow_mut());
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of one envelope")]
    fn commit(
        &mut self,
        at: Timestamp,
        command: &M::Command,
        cause: Option<Cause>,
        events: &[M::Event],
        json: String,
        (text, file): (Option<&str>, Option<&FileView>),
        content: Vec<Content>,
        reply: Option<Reply>,
    ) {
        let effects = post::apply(&mut *self.machine.borrow_mut(), events);
        let machine = self.machine.clone();
        let machine = machine.borrow();
        machine.saw(self.id, events, &mut self.floor.board().borrow_mut());
        let is_known = || post::is_known(&*machine, self.id, &self.floor.board().borrow());
        debug_assert!(is_known(), "the board does not know {} as it is", M::party(self.id));
        let turn = Turn { id: self.id, machine: &*machine, command, events, text, file };

        let (mut messages, mut outbox, mut held) = (vec![], vec![], vec![]);
        for effect in effects {
            match effect {
                Effect::Tell(message) => {
                    let outgoing = self.floor.outgoing(&message);
                    messages.push((outgoing.id, message));
                    outbox.push(outgoing);
                }
                Effect::Signal(call, signal) if signal.waits_for_commit() => held.push(Held::Signal(call, signal)),
                Effect::Signal(call, signal) => self.floor.signal(call, signal),
                Effect::Notice(agent, item, refusal) => held.extend(self.floor.notice(agent, item, refusal)),
            }
        }
        if !events.is_empty() {
            self.floor.know_contact(M::contact(&machine));
            held.extend(M::observe(&self.floor, &turn));
        }
        held.extend(reply.map(|reply| Held::Reply(reply, Ok(()))));

        let over = machine.is_over();
        let decides = M::decides(events);
        let events = (!events.is_empty() || cause.is_some()).then_some((json, decides));
        let ticket = self.append(at, cause, events, outbox, content, over);
        self.floor.hold(ticket, held);
        for (outbox, message) in messages {
            self.floor.deliver(at, Some((M::party(self.id), outbox)), message);
        }
        let deadline = machine.deadline();
        if deadline != self.deadline {
            self.floor.reschedule(M::party(self.id), self.deadline, deadline);
            self.deadline = deadline;
        }
    }

    /// `events` as JSON, and about which items they decide; without them texts are kept without a row.
    fn append(
        &mut self,
        at: Timestamp,
        cause: Option<Cause>,
        events: Option<(String, BTreeSet<ItemId>)>,
        outbox: Vec<Outgoing>,
        content: Vec<Content>,
        over: bool,
    ) -> Ticket {
        let is_row = events.is_some();
        let (events, decides) = events.unwrap_or_default();
        let decides = decides.into_iter().map(|item| Party::from(item).number()).collect();
        // With the row that ends it, and with none that is written later.
        let happened = is_row && events != NO_EVENTS;
        let record = (over && happened).then(|| M::record(&self.machine.borrow())).flatten();
        if is_row {
            if let Some(cause) = &cause {
                self.seen.note(cause);
            }
            self.rows += 1;
        }
        let is_last = is_row && over;
        let actor = M::party(self.id).number();
        let company = self.floor.company();
        let snapshot = self.snapshot();
        let seq = self.rows;
        let row =
            Append { actor, company, seq, at, cause, events, outbox, content, is_last, snapshot, record, decides };
        let ticket = self.floor.store().append_unhurried(row);
        if over {
            self.floor.retire(M::party(self.id), ticket);
        }
        ticket
    }

    /// The actor after its last row, if it is time to keep that.
    fn snapshot(&mut self) -> Option<String> {
        if self.rows - self.snapshot < SNAPSHOT_EVERY {
            return None;
        }
        self.snapshot = self.rows;
        match snapshot_of(&*self.machine.borrow(), &self.seen) {
            Ok(text) => Some(text),
            Err(error) => {
                tracing::error!(actor = %M::party(self.id), %error, "no snapshot was made; loading takes longer");
                None
            }
        }
    }

    /// Answers and refusals may rest on what is not durable yet, so they wait like everything else.
    fn answer(&self, reply: Option<Reply>, result: Result<(), Refusal>) {
        let Some(reply) = reply else {
            if let Err(refusal) = result {
                tracing::debug!(actor = ?M::party(self.id), %refusal, "refused");
            }
            return;
        };
        self.floor.hold_last(vec![Held::Reply(reply, result)]);
    }
}

impl<M: Kind> Actor for Shell<M> {
    type Context = Context<Self>;

    fn started(&mut self, _: &mut Self::Context) {
        self.deadline = self.machine.borrow().deadline();
        self.floor.reschedule(M::party(self.id), None, self.deadline);
    }
}

impl<M: Kind> Handler<Mail<M>> for Shell<M> {
    type Result = ();

    fn handle(&mut self, mail: Mail<M>, _: &mut Context<Self>) {
        match mail {
            Mail::Command(envelope) => self.handle_envelope(envelope),
            Mail::Keep(at, content) => {
                let over = self.machine.borrow().is_over();
                self.append(at, None, None, vec![], content, over);
                // What a later run of the daemon needs to end a leg whose phone may ring already.
                self.floor.hurry();
            }
        }
        self.floor.handled();
    }
}
