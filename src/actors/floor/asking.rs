//! What a floor asks the database while it works. It never waits for an answer: it goes on, and puts what arrives where
//! that belongs by then.

use super::texts::WrappedUp;
use super::{Arriving, Caller, Floor, Mail, shown};
use crate::actors::ids::{Numbered, Party};
use crate::actors::kind::Kind;
use crate::actors::replay::Loaded;
use crate::actors::unread::not_read;
use crate::protocol::error::Problem;
use crate::store::{
    ActorNumber, Content, ContentKind, JournalRow, Pending, Since, Snapshot, Store, StoreError, TextPage, Ticket,
};
use actix::Recipient;
use domain::call::{self, Call};
use domain::id::{AgentId, CallId, QueueId};
use domain::queue::Strategy;
use domain::routing::Admission;
use domain::time::Timestamp;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::Mutex;

/// For how long a call waits to hear whom its caller had last; without that it comes in like any other.
const LAST_AGENT_MAX: Duration = Duration::from_millis(250);

/// After what time an actor is asked for again, when too much is asked of the database.
const AGAIN_AFTER: Duration = Duration::from_millis(100);

/// A call that comes in, with what is known of it.
struct Arrival {
    at: Timestamp,
    id: CallId,
    queue: QueueId,
    dialled_by: Option<AgentId>,
    caller: String,
    content: Vec<Content>,
}

impl Floor {
    /// Goes on, and runs `then` on this thread when the answer is there.
    pub(in crate::actors) fn ask<T: 'static>(
        self: &Rc<Self>,
        answer: impl Future<Output = T> + 'static,
        then: impl FnOnce(&Rc<Floor>, T) + 'static,
    ) {
        self.post.asked.set(self.post.asked.get() + 1);
        let floor = self.clone();
        actix::spawn(async move {
            let answer = answer.await;
            then(&floor, answer);
            floor.post.asked.set(floor.post.asked.get() - 1);
            floor.drop_retired();
        });
    }

    /// The same; of all that is asked in one `row` the answers are heard in the order in which it was asked.
    fn ask_in_order<T: 'static>(
        self: &Rc<Self>,
        row: &Rc<Mutex<()>>,
        answer: impl Future<Output = T> + 'static,
        then: impl FnOnce(&Rc<Floor>, T) + 'static,
    ) {
        let row = row.clone();
        let in_order = async move {
            // Whoever waits for it gets it in the order in which they came.
            let _turn = row.lock().await;
            answer.await
        };
        self.ask(in_order, then);
    }

    /// Runs `then` with an actor's mailbox: at once if it is loaded, else when it has come out of the journal; in the order
    /// in which they were wanted. If it cannot be read, with what is said to whoever wanted it.
    pub(in crate::actors) fn when_loaded<M: Kind>(
        self: &Rc<Self>,
        id: M::Id,
        then: impl FnOnce(&Rc<Floor>, Result<Recipient<Mail<M>>, Problem>) + 'static,
    ) {
        if let Some(mailbox) = M::members(self).mailbox(id) {
            return then(self, Ok(mailbox));
        }
        let actor = M::party(id);
        let errand: Arriving = Box::new(move |floor, why| {
            let problem = || not_read(why.unwrap_or(&StoreError::Closed));
            then(floor, M::members(floor).mailbox(id).ok_or_else(problem));
        });
        if let Some(waiting) = self.post.arriving.borrow_mut().get_mut(&actor) {
            return waiting.push(errand);
        }
        self.post.arriving.borrow_mut().insert(actor, vec![errand]);
        let store = self.house.store.clone();
        let asked = store.actor(actor.number(), Since::Snapshot);
        let read = async move { read::<M>(&store, actor.number(), asked).await };
        self.ask_in_order(&self.post.loads, read, move |floor, loaded| {
            match loaded {
                Ok(loaded) => {
                    if loaded.machine.is_over() {
                        floor.retire(actor, Ticket(0));
                    }
                    floor.enter::<M>(id, loaded);
                    floor.arrived(actor, None);
                }
                Err(error) => {
                    tracing::error!(?actor, %error, "an actor could not be loaded; what was for it is lost until a restart");
                    floor.arrived(actor, Some(&error));
                }
            }
        });
    }

    /// What waited for an actor happens now, or hears why that has not come.
    fn arrived(self: &Rc<Self>, actor: Party, why: Option<&StoreError>) {
        let waiting = self.post.arriving.borrow_mut().remove(&actor);
        for errand in waiting.into_iter().flatten() {
            errand(self, why);
        }
    }

    /// An actor of which the journal has nothing, unless it is there.
    pub(super) fn begin<M: Kind>(self: &Rc<Self>, id: M::Id) {
        let is_there =
            M::members(self).mailbox(id).is_some() || self.post.arriving.borrow().contains_key(&M::party(id));
        if !is_there {
            self.enter::<M>(id, Loaded::default());
        }
    }

    /// A call came in. Its id is new, so there is no journal to look into.
    pub fn call_arrived(self: &Rc<Self>, id: CallId, queue: QueueId, caller: Caller<'_>, called: &str) {
        self.call_arrived_with(id, queue, caller, called, vec![]);
    }

    /// The same, with more to be stored beside its first row; a number that is withheld only where the company keeps it.
    pub fn call_arrived_with(
        self: &Rc<Self>,
        id: CallId,
        queue: QueueId,
        caller: Caller<'_>,
        called: &str,
        mut content: Vec<Content>,
    ) {
        let keeps = self.rows.borrow().keep_withheld_numbers;
        content.retain(|one| keeps || one.kind != ContentKind::Withheld);
        let numbers = [(ContentKind::Caller, caller.number), (ContentKind::Called, called)];
        content.extend(numbers.map(|(kind, text)| Content { kind, number: 0, text: text.to_owned() }));
        let (dialled_by, caller) = (caller.agent, shown(caller.number.to_owned()));
        let arrival = Arrival { at: self.now(), id, queue, dialled_by, caller, content };
        if arrival.caller.is_empty() || !self.wants_last_agent(queue) {
            return self.call_enters(arrival, None);
        }
        // Until it is known, what else happens to the call waits behind its arrival.
        let actor = Party::Call(id);
        self.post.arriving.borrow_mut().insert(actor, vec![]);
        let last = tokio::time::timeout(LAST_AGENT_MAX, self.house.store.last_agent(self.company, &arrival.caller));
        self.ask_in_order(&self.post.arrivals, last, move |floor, last| {
            let preferred = last.unwrap_or(Err(StoreError::NotYet)).unwrap_or_else(|error| {
                tracing::error!(%error, "whom a caller had last could not be read in time");
                None
            });
            floor.call_enters(arrival, preferred);
            floor.arrived(actor, None);
        });
    }

    fn call_enters(self: &Rc<Self>, arrival: Arrival, preferred: Option<AgentId>) {
        let Arrival { at, id, queue, dialled_by, caller, content } = arrival;
        self.note_closed(id, queue);
        let command = match self.admission(queue) {
            Admission::Waits(queue) => {
                let answer = self.queues.look(queue, |queue| queue.settings().answer).unwrap_or_default();
                call::Command::Arrive { id, queue, preferred, dialled_by, answer }
            }
            Admission::Refused => call::Command::TurnAway { id, queue },
        };
        self.enter::<Call>(id, Loaded::default());
        self.note_caller(id, caller.clone());
        self.envelope::<Call>(id, command, |envelope| {
            envelope.at = at;
            envelope.content = content;
        });
        if dialled_by.is_none() {
            self.ask_whose_number(id, &caller);
        }
    }

    /// A call that was over before the daemon started is wrapped up only now: who called is shown once it is known.
    pub(super) fn ask_wrapped_up_caller(self: &Rc<Self>, agent: AgentId, call: CallId) {
        let page = TextPage { kind: ContentKind::Caller, count_max: 1, bytes_max: usize::MAX };
        let number = Party::Call(call).number();
        let texts = self.house.store.last_contents(vec![(number, 0..i64::MAX)], page);
        let contact = self.house.store.contact_of(number);
        let found = async move { Ok::<_, StoreError>((texts.await?, contact.await?)) };
        self.ask(found, move |floor, found| match found {
            Ok((texts, contact)) => {
                let caller = shown(texts.into_iter().flatten().next().unwrap_or_default());
                if let Some(known) = floor.texts.wrap_ups.borrow_mut().get_mut(&(agent, call)) {
                    *known = WrappedUp { caller, contact };
                }
                floor.know_contact(contact);
                floor.hold_last(floor.agent_frame(agent).into_iter().collect());
            }
            Err(error) => tracing::error!(%call, %error, "who called could not be read"),
        });
    }

    /// Whether the queue in which a call would wait gives callers the agent whom they had last.
    fn wants_last_agent(&self, queue: QueueId) -> bool {
        match self.admission(queue) {
            Admission::Waits(queue) => self.is_sticky(queue),
            Admission::Refused => false,
        }
    }

    pub(super) fn is_sticky(&self, queue: QueueId) -> bool {
        self.queues.look(queue, |queue| queue.settings().strategy == Strategy::Sticky) == Some(true)
    }
}

/// A machine as the journal has it. A snapshot that cannot be read is none.
async fn read<M: Kind>(
    store: &Store,
    number: ActorNumber,
    mut asked: Pending<(Option<Snapshot>, Vec<JournalRow>)>,
) -> Result<Loaded<M>, StoreError> {
    loop {
        let (snapshot, rows) = match asked.await {
            Err(StoreError::Overloaded) => {
                tokio::time::sleep(AGAIN_AFTER).await;
                asked = store.actor(number, Since::Snapshot);
                continue;
            }
            read => read?,
        };
        let mut loaded = match snapshot.as_ref().map(Loaded::from_snapshot) {
            None => Loaded::default(),
            Some(Some(loaded)) => loaded,
            Some(None) => {
                asked = store.actor(number, Since::Start);
                continue;
            }
        };
        for row in &rows {
            loaded.apply(row)?;
        }
        return Ok(loaded);
    }
}
