//! The floor of one company: starts its actors, knows where each of them is, and stands between them and the world.
//! It never decides what an actor does; it carries commands in and whatever is durable out.

use super::screens::{Frame, Screens};
use super::shell::{Envelope, Keep, Kind, Reply, Seen, Shell};
use super::user_agent::{Telephony, Wish};
use crate::clock::{Clock, Timers};
use crate::config::Config;
use crate::protocol::agent::AgentFrame;
use crate::store::{
    ActorNumber, AgentRow, Cause, Content, ContentKind, FloorRows, JournalRow, Outgoing, Phone, QueueRow, Store,
    StoreError, Ticket,
};
use actix::fut::WrapFuture;
use actix::{Actor, Addr, AsyncContext, Context, Handler, Message as ActixMessage};
use domain::agent::Agent;
use domain::call::Call;
use domain::chat::Chat;
use domain::id::{AgentId, CallId, ChatId, CompanyId, QueueId};
use domain::message::{Message, Signal};
use domain::queue::Queue;
use domain::routing::Board;
use domain::time::{Span, Timestamp};
use domain::{Machine, Refusal, agent, call, chat, queue};
use std::cell::{Cell, Ref, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

/// How exactly it is known since when a killed daemon was down.
const ALIVE_EVERY: Duration = Duration::from_secs(1);

/// Which actor is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActorId {
    /// An agent.
    Agent(AgentId),
    /// A queue.
    Queue(QueueId),
    /// A chat.
    Chat(ChatId),
    /// A call.
    Call(CallId),
}

impl ActorId {
    /// Its number in the journal: the id, and in the last two bits the kind.
    pub fn number(self) -> ActorNumber {
        let (id, kind) = match self {
            ActorId::Agent(id) => (id.0, 0),
            ActorId::Queue(id) => (id.0, 1),
            ActorId::Chat(id) => (id.0, 2),
            ActorId::Call(id) => (id.0, 3),
        };
        ActorNumber((id << 2 | kind).cast_signed())
    }

    /// Which actor a number stands for.
    pub fn from_number(number: ActorNumber) -> ActorId {
        let id = number.0.cast_unsigned() >> 2;
        match number.0 & 3 {
            0 => ActorId::Agent(AgentId(id)),
            1 => ActorId::Queue(QueueId(id)),
            2 => ActorId::Chat(ChatId(id)),
            _ => ActorId::Call(CallId(id)),
        }
    }
}

/// Numbers that are never given twice, over all starts of the daemon: the epoch above, a count below.
#[derive(Clone, Debug)]
pub struct Ids(Arc<AtomicI64>);

impl Ids {
    /// Counts from this start's base.
    pub fn new(base: i64) -> Ids {
        Ids(Arc::new(AtomicI64::new(base)))
    }

    /// The next one.
    pub fn next(&self) -> i64 {
        self.0.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// The next one, for a call or chat.
    pub fn next_id(&self) -> u64 {
        self.next().cast_unsigned()
    }
}

/// Something to be done with the floor.
type Task = Box<dyn FnOnce(&Rc<Floor>)>;

/// The same, on its way from another thread.
type Errand = Box<dyn FnOnce(&Rc<Floor>) + Send>;

/// What waits until its cause is durable.
pub enum Held {
    /// A wish to the telephony.
    Signal(CallId, Signal),
    /// A frame.
    Frame(Frame),
    /// An answer to whoever gave the command.
    Reply(Reply, Result<(), Refusal>),
    /// Anything else.
    Then(Task),
}

/// The loaded actors of one kind: where each mailbox is, and each machine to be looked at.
pub struct Members<M: Kind>(RefCell<BTreeMap<M::Id, Member<M>>>);

struct Member<M: Kind> {
    address: Addr<Shell<M>>,
    machine: Rc<RefCell<M>>,
}

impl<M: Kind> Default for Members<M> {
    fn default() -> Self {
        Members(RefCell::default())
    }
}

impl<M: Kind> Members<M> {
    /// Looks at a loaded machine.
    pub fn look<T>(&self, id: M::Id, look: impl FnOnce(&M) -> T) -> Option<T> {
        let machine = self.0.borrow().get(&id)?.machine.clone();
        Some(look(&machine.borrow()))
    }

    /// Which are loaded.
    pub fn ids(&self) -> Vec<M::Id> {
        self.0.borrow().keys().copied().collect()
    }

    fn address(&self, id: M::Id) -> Option<Addr<Shell<M>>> {
        self.0.borrow().get(&id).map(|member| member.address.clone())
    }
}

/// What is known about a chat's visitor.
#[derive(Clone, Debug, Default)]
pub struct VisitorFacts {
    /// The page on which they clicked.
    pub page: String,
    /// Their language.
    pub language: String,
}

/// What all floors of the daemon share.
#[derive(Clone)]
pub struct House {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// The giver of ids.
    pub ids: Ids,
    /// The configuration.
    pub config: Arc<Config>,
}

/// The floor of one company.
pub struct Floor {
    house: House,
    company: CompanyId,
    rows: RefCell<FloorRows>,
    agents: Members<Agent>,
    queues: Members<Queue>,
    chats: Members<Chat>,
    calls: Members<Call>,
    callers: RefCell<BTreeMap<CallId, String>>,
    visitors: RefCell<BTreeMap<ChatId, VisitorFacts>>,
    board: RefCell<Board>,
    screens: RefCell<Screens>,
    timers: RefCell<Timers<ActorId>>,
    held: RefCell<VecDeque<(Ticket, Vec<Held>)>>,
    last_ticket: Cell<Ticket>,
    retired: RefCell<Vec<(Ticket, ActorId)>>,
    in_flight: Cell<usize>,
    quiet: Notify,
    telephony: RefCell<Option<Telephony>>,
    wake: Notify,
}

/// A machine as the journal has it.
struct Loaded<M> {
    machine: M,
    rows: u64,
    seen: Seen,
}

impl<M: Kind> Loaded<M> {
    fn new() -> Self {
        Loaded { machine: M::default(), rows: 0, seen: Seen::default() }
    }

    fn replay(rows: &[JournalRow]) -> Result<Self, StoreError> {
        let mut loaded = Loaded::<M>::new();
        for row in rows {
            let events: Vec<M::Event> = serde_json::from_str(&row.events).map_err(|error| StoreError::Database {
                doing: "replay a journal",
                why: format!("row {} of actor {}: {error}", row.seq, row.actor.0),
            })?;
            for event in &events {
                loaded.machine.apply(event);
            }
            if let Some(cause) = &row.cause {
                loaded.seen.note(cause);
            }
            loaded.rows = row.seq;
        }
        Ok(loaded)
    }
}

// Starting.
impl Floor {
    /// Loads a company as the journal has it, brings its agents and queues up to the administrator's word, and sends
    /// on what was on its way when the daemon stopped.
    ///
    /// # Errors
    /// When the database cannot be read, or holds what this version cannot.
    pub fn open(house: House, rows: FloorRows, telephony: Option<Telephony>) -> Result<Rc<Floor>, StoreError> {
        let company = rows.company.id;
        let floor = Rc::new(Floor {
            house,
            company,
            rows: RefCell::new(rows),
            agents: Members::default(),
            queues: Members::default(),
            chats: Members::default(),
            calls: Members::default(),
            callers: RefCell::default(),
            visitors: RefCell::default(),
            board: RefCell::default(),
            screens: RefCell::default(),
            timers: RefCell::default(),
            held: RefCell::default(),
            last_ticket: Cell::new(Ticket(0)),
            retired: RefCell::default(),
            in_flight: Cell::new(0),
            quiet: Notify::new(),
            telephony: RefCell::new(telephony),
            wake: Notify::new(),
        });
        let down_since = floor.house.store.last_timestamp();
        floor.load_all()?;
        floor.configure();
        floor.send_on()?;
        floor.restarted(down_since);
        Ok(floor)
    }

    fn load_all(self: &Rc<Self>) -> Result<(), StoreError> {
        let store = &self.house.store;
        let journal = store.live_journal(self.company)?;
        for rows in journal.chunk_by(|a, b| a.actor == b.actor) {
            match ActorId::from_number(rows[0].actor) {
                ActorId::Agent(id) => _ = self.enter::<Agent>(id, Loaded::replay(rows)?),
                ActorId::Queue(id) => _ = self.enter::<Queue>(id, Loaded::replay(rows)?),
                ActorId::Chat(id) => _ = self.enter::<Chat>(id, Loaded::replay(rows)?),
                ActorId::Call(id) => _ = self.enter::<Call>(id, Loaded::replay(rows)?),
            }
        }
        for (actor, _, caller) in store.live_contents(self.company, ContentKind::Caller)? {
            if let ActorId::Call(call) = ActorId::from_number(actor) {
                self.callers.borrow_mut().insert(call, caller);
            }
        }
        for (kind, set) in [
            (ContentKind::Page, (|facts, text| facts.page = text) as fn(&mut VisitorFacts, String)),
            (ContentKind::Language, |facts, text| facts.language = text),
        ] {
            for (actor, _, text) in store.live_contents(self.company, kind)? {
                if let ActorId::Chat(chat) = ActorId::from_number(actor) {
                    set(self.visitors.borrow_mut().entry(chat).or_default(), text);
                }
            }
        }
        for id in self.agents.ids() {
            self.agents.look(id, |agent| self.board.borrow_mut().see_agent(id, agent));
        }
        for id in self.queues.ids() {
            self.queues.look(id, |queue| self.board.borrow_mut().see_queue(id, queue));
        }
        Ok(())
    }

    /// Takes the rows as the administrator's word: agents and queues that are new begin, those that are there hear of
    /// what changed.
    fn configure(self: &Rc<Self>) {
        let rows = self.rows.borrow().clone();
        for queue in &rows.queues {
            self.tell(Message::Queue { id: queue.id, command: queue::Command::Configure(queue.id) });
        }
        for agent in &rows.agents {
            self.board.borrow_mut().assign(agent.id, agent.queues.iter().copied().collect());
            let settings = self.agent_settings(agent, &rows.queues);
            self.tell(Message::Agent { id: agent.id, command: agent::Command::Configure { id: agent.id, settings } });
        }
    }

    /// Reads the rows again and tells the actors what changed.
    ///
    /// # Errors
    /// When the database cannot be read; then everything stays as it was.
    pub fn reload(self: &Rc<Self>) -> Result<(), StoreError> {
        if let Some(rows) = self.house.store.floor(self.company)? {
            *self.rows.borrow_mut() = rows;
            self.configure();
        }
        Ok(())
    }

    fn agent_settings(&self, row: &AgentRow, queues: &[QueueRow]) -> agent::Settings {
        let config = &self.house.config.agent;
        let served = || queues.iter().filter(|queue| row.queues.contains(&queue.id));
        agent::Settings {
            ring: served().filter_map(|queue| queue.ring).max().unwrap_or(span(config.ring)),
            call_wrap_up: served().filter_map(|queue| queue.call_wrap_up).max().unwrap_or(span(config.call_wrap_up)),
            chats_max: row.chats_max.unwrap_or(config.chats_max),
            browser_grace: span(config.browser_grace),
            browser_gone: span(config.browser_gone),
            voice_only: row.voice_only,
            phone_registers: matches!(row.phone, Some(Phone::Registers { .. })),
        }
    }

    /// Messages whose receivers had not committed them: in the order in which they were sent.
    fn send_on(self: &Rc<Self>) -> Result<(), StoreError> {
        for row in self.house.store.outbox(self.company)? {
            let message = serde_json::from_str(&row.message).map_err(|error| StoreError::Database {
                doing: "send on what was on its way",
                why: format!("message {}: {error}", row.id),
            })?;
            self.deliver(row.at, Some((ActorId::from_number(row.sender), row.id)), message);
        }
        Ok(())
    }

    fn restarted(self: &Rc<Self>, down_since: Timestamp) {
        for id in self.agents.ids() {
            self.tell(Message::Agent { id, command: agent::Command::Restarted });
        }
        for id in self.chats.ids() {
            self.tell(Message::Chat { id, command: chat::Command::Restarted { down_since } });
        }
        for id in self.calls.ids() {
            self.tell(Message::Call { id, command: call::Command::Restarted });
        }
    }

    fn enter<M: Kind>(self: &Rc<Self>, id: M::Id, loaded: Loaded<M>) -> Addr<Shell<M>> {
        let machine = Rc::new(RefCell::new(loaded.machine));
        let address = Shell::new(self.clone(), id, machine.clone(), loaded.rows, loaded.seen).start();
        M::members(self).0.borrow_mut().insert(id, Member { address: address.clone(), machine });
        address
    }
}

// Looking at it.
impl Floor {
    /// Which company's floor this is.
    pub fn company(&self) -> CompanyId {
        self.company
    }

    /// The database.
    pub fn store(&self) -> &Store {
        &self.house.store
    }

    /// What all floors share.
    pub fn house(&self) -> &House {
        &self.house
    }

    /// The loaded agents.
    pub fn agents(&self) -> &Members<Agent> {
        &self.agents
    }

    /// The loaded queues.
    pub fn queues(&self) -> &Members<Queue> {
        &self.queues
    }

    /// The loaded chats.
    pub fn chats(&self) -> &Members<Chat> {
        &self.chats
    }

    /// The loaded calls.
    pub fn calls(&self) -> &Members<Call> {
        &self.calls
    }

    /// The company's rows.
    pub fn rows(&self) -> Ref<'_, FloorRows> {
        self.rows.borrow()
    }

    /// The board.
    pub fn board(&self) -> &RefCell<Board> {
        &self.board
    }

    /// The browsers.
    pub fn screens(&self) -> &RefCell<Screens> {
        &self.screens
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.house.clock.now()
    }

    /// An agent's row.
    pub fn agent_row(&self, id: AgentId) -> Option<AgentRow> {
        self.rows.borrow().agents.iter().find(|agent| agent.id == id).cloned()
    }

    /// An agent's display name; empty if they were removed.
    pub fn agent_name(&self, id: AgentId) -> String {
        let rows = self.rows.borrow();
        rows.agents.iter().find(|agent| agent.id == id).map(|agent| agent.display_name.clone()).unwrap_or_default()
    }

    /// A queue's name; empty if it was removed.
    pub fn queue_name(&self, id: QueueId) -> String {
        let rows = self.rows.borrow();
        rows.queues.iter().find(|queue| queue.id == id).map(|queue| queue.name.clone()).unwrap_or_default()
    }

    /// Who calls: a number; empty if it is withheld.
    pub fn caller(&self, call: CallId) -> String {
        self.callers.borrow().get(&call).cloned().unwrap_or_default()
    }

    /// What is known about a chat's visitor.
    pub fn visitor(&self, chat: ChatId) -> VisitorFacts {
        self.visitors.borrow().get(&chat).cloned().unwrap_or_default()
    }

    /// Waits until nothing is on its way and all that happened is durable.
    pub async fn idle(&self) {
        loop {
            let quiet = self.quiet.notified();
            if self.in_flight.get() == 0 && self.held.borrow().is_empty() {
                return;
            }
            quiet.await;
        }
    }
}

// Bringing things in.
impl Floor {
    /// A call came in.
    pub fn call_arrived(self: &Rc<Self>, id: CallId, queue: QueueId, caller: &str, called: &str) {
        self.callers.borrow_mut().insert(id, caller.to_owned());
        let content = [(ContentKind::Caller, caller), (ContentKind::Called, called)];
        let content = content.map(|(kind, text)| Content { kind, number: 0, text: text.to_owned() }).into();
        self.envelope::<Call>(id, call::Command::Arrive { id, queue }, |envelope| envelope.content = content);
    }

    /// A visitor asked for a chat.
    pub fn chat_requested(self: &Rc<Self>, id: ChatId, queue: QueueId, facts: VisitorFacts, reply: Reply) {
        let row = self.rows.borrow().queues.iter().find(|row| row.id == queue).cloned();
        let config = &self.house.config;
        let settings = chat::Settings {
            wrap_up: row.and_then(|row| row.chat_wrap_up).unwrap_or(span(config.agent.chat_wrap_up)),
            visitor_grace: span(config.chat.visitor_grace),
            visitor_grace_preempted: span(config.chat.visitor_grace_preempted),
        };
        let content = [(ContentKind::Page, &facts.page), (ContentKind::Language, &facts.language)];
        let content = content.map(|(kind, text)| Content { kind, number: 0, text: text.clone() }).into();
        self.visitors.borrow_mut().insert(id, facts);
        self.envelope::<Chat>(id, chat::Command::Request { id, queue, settings }, |envelope| {
            envelope.content = content;
            envelope.reply = Some(reply);
        });
    }

    /// Gives an actor a command; `fill` adds what comes with it. An actor that is over is loaded from the journal.
    pub fn envelope<M: Kind>(self: &Rc<Self>, id: M::Id, command: M::Command, fill: impl FnOnce(&mut Envelope<M>)) {
        let mut envelope = Envelope { at: self.now(), command, cause: None, text: None, content: vec![], reply: None };
        fill(&mut envelope);
        if let Some(address) = self.address::<M>(id) {
            self.in_flight.set(self.in_flight.get() + 1);
            address.do_send(envelope);
        }
    }

    /// Stores rows with a call, without anything happening to it.
    pub fn keep(self: &Rc<Self>, id: CallId, content: Vec<Content>) {
        if let Some(address) = self.address::<Call>(id) {
            self.in_flight.set(self.in_flight.get() + 1);
            address.do_send(Keep(self.now(), content));
        }
    }

    /// Gives an actor a command that nobody waits for.
    pub fn tell(self: &Rc<Self>, message: Message) {
        self.deliver(self.now(), None, message);
    }

    /// Carries a message to its receiver. `from` names the sender and the message's place in the outbox.
    pub(super) fn deliver(self: &Rc<Self>, at: Timestamp, from: Option<(ActorId, i64)>, message: Message) {
        let cause = from.map(|(sender, outbox)| Cause::Message { sender: sender.number(), outbox });
        match message {
            Message::Agent { id, command } => self.post::<Agent>(id, at, cause, command),
            Message::Queue { id, command } => self.post::<Queue>(id, at, cause, command),
            Message::Chat { id, command } => self.post::<Chat>(id, at, cause, command),
            Message::Call { id, command } => self.post::<Call>(id, at, cause, command),
        }
    }

    fn post<M: Kind>(self: &Rc<Self>, id: M::Id, at: Timestamp, cause: Option<Cause>, command: M::Command) {
        self.envelope::<M>(id, command, |envelope| {
            envelope.at = at;
            envelope.cause = cause;
        });
    }

    /// Whether an actor is there; one that is over is loaded from the journal.
    pub(super) fn load<M: Kind>(self: &Rc<Self>, id: M::Id) -> bool {
        self.address::<M>(id).is_some()
    }

    fn address<M: Kind>(self: &Rc<Self>, id: M::Id) -> Option<Addr<Shell<M>>> {
        if let Some(address) = M::members(self).address(id) {
            return Some(address);
        }
        let actor = M::actor_id(id);
        let loaded = self.house.store.journal(actor.number()).and_then(|rows| Loaded::<M>::replay(&rows));
        match loaded {
            Ok(loaded) => {
                if loaded.machine.is_over() {
                    self.retire(actor, Ticket(0));
                }
                Some(self.enter::<M>(id, loaded))
            }
            Err(error) => {
                tracing::error!(?actor, %error, "an actor could not be loaded; what was for it is lost until a restart");
                None
            }
        }
    }

    /// Everything whose time has come.
    pub fn run_due(self: &Rc<Self>) {
        loop {
            let due = self.timers.borrow_mut().pop_due(self.now());
            let Some((deadline, actor)) = due else { return };
            self.deliver(
                deadline.max(self.now()),
                None,
                match actor {
                    ActorId::Agent(id) => Message::Agent { id, command: Agent::due(deadline) },
                    ActorId::Queue(id) => Message::Queue { id, command: Queue::due(deadline) },
                    ActorId::Chat(id) => Message::Chat { id, command: Chat::due(deadline) },
                    ActorId::Call(id) => Message::Call { id, command: Call::due(deadline) },
                },
            );
        }
    }

    /// Sleeps until the next deadline, for ever on a manual clock.
    pub async fn until_due(&self) {
        loop {
            let next = self.timers.borrow().next();
            let sleep = next.and_then(|deadline| self.house.clock.until(deadline));
            match sleep {
                Some(sleep) => tokio::select! {
                    () = tokio::time::sleep(sleep) => return,
                    () = self.wake.notified() => {}
                },
                None => self.wake.notified().await,
            }
        }
    }
}

// What the shells need.
impl Floor {
    /// A message with its place in the outbox.
    pub(super) fn outgoing(&self, message: &Message) -> Outgoing {
        let receiver = match *message {
            Message::Agent { id, .. } => ActorId::Agent(id),
            Message::Queue { id, .. } => ActorId::Queue(id),
            Message::Chat { id, .. } => ActorId::Chat(id),
            Message::Call { id, .. } => ActorId::Call(id),
        };
        // Our own enums: that they serialise is checked by every test.
        let message = serde_json::to_string(message).unwrap_or_default();
        Outgoing { id: self.house.ids.next(), receiver: receiver.number(), message }
    }

    /// Keeps back what must not happen before `ticket` is durable.
    pub(super) fn hold(self: &Rc<Self>, ticket: Ticket, held: Vec<Held>) {
        self.last_ticket.set(ticket);
        self.held.borrow_mut().push_back((ticket, held));
    }

    /// Keeps back what must not happen before all that was decided so far is durable.
    pub(super) fn hold_last(self: &Rc<Self>, held: Vec<Held>) {
        self.held.borrow_mut().push_back((self.last_ticket.get(), held));
        self.release(self.house.store.durable());
    }

    /// Runs `then` when all that was decided so far is durable.
    pub fn when_durable(self: &Rc<Self>, then: impl FnOnce(&Rc<Floor>) + 'static) {
        self.hold_last(vec![Held::Then(Box::new(then))]);
    }

    /// Everything up to `durable` is on the disk: what waited for it happens now.
    pub(super) fn release(self: &Rc<Self>, durable: Ticket) {
        loop {
            let next = {
                let mut held = self.held.borrow_mut();
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

    pub(super) fn reschedule(&self, actor: ActorId, old: Option<Timestamp>, new: Option<Timestamp>) {
        self.timers.borrow_mut().change(actor, old, new);
        self.wake.notify_one();
    }

    /// An envelope is dealt with. Whatever became possible by it is proposed now.
    pub(super) fn handled(self: &Rc<Self>) {
        self.in_flight.set(self.in_flight.get().saturating_sub(1));
        self.match_up();
        self.drop_retired();
    }

    fn match_up(self: &Rc<Self>) {
        loop {
            let proposal = self.board.borrow_mut().propose();
            let Some(proposal) = proposal else { return };
            self.tell(Message::Queue { id: proposal.queue, command: proposal.command() });
        }
    }

    /// Nothing happens to this actor any more: it leaves the memory when nothing is on its way to it.
    pub(super) fn retire(&self, actor: ActorId, ticket: Ticket) {
        self.retired.borrow_mut().push((ticket, actor));
    }

    fn drop_retired(&self) {
        if self.in_flight.get() > 0 {
            return;
        }
        if self.held.borrow().is_empty() {
            self.quiet.notify_waiters();
        }
        if self.retired.borrow().is_empty() {
            return;
        }
        let durable = self.house.store.durable();
        self.retired.borrow_mut().retain(|(ticket, actor)| {
            let goes = *ticket <= durable;
            if goes {
                match *actor {
                    ActorId::Agent(id) => _ = self.agents.0.borrow_mut().remove(&id),
                    ActorId::Queue(id) => _ = self.queues.0.borrow_mut().remove(&id),
                    ActorId::Chat(id) if self.screens.borrow().has_visitor(id) => return true,
                    ActorId::Chat(id) => {
                        self.chats.0.borrow_mut().remove(&id);
                        self.visitors.borrow_mut().remove(&id);
                    }
                    ActorId::Call(id) => {
                        self.calls.0.borrow_mut().remove(&id);
                        self.callers.borrow_mut().remove(&id);
                    }
                }
            }
            !goes
        });
    }

    /// Passes a wish on to the telephony, with the names and numbers that it needs.
    pub(super) fn signal(&self, call: CallId, signal: Signal) {
        let telephony = self.telephony.borrow();
        let Some(telephony) = telephony.as_ref() else { return };
        let ring = |offer: domain::id::OfferId| {
            let phone = self.agent_row(offer.agent).and_then(|row| row.phone);
            Wish::Ring { offer, phone, caller: self.caller(call) }
        };
        telephony.wish(self.company, call, match signal {
            Signal::Welcome => Wish::Welcome,
            Signal::Ring(offer) => ring(offer),
            Signal::StopRinging(offer) => Wish::StopRinging(offer),
            Signal::Connect(offer) => Wish::Connect(offer),
            Signal::Clear => Wish::Clear,
            Signal::ClearStored => {
                let number = ActorId::Call(call).number();
                // A leg that ended by itself left an empty text.
                match self.house.store.contents(number, ContentKind::LegFacts, -1) {
                    Ok(facts) => {
                        Wish::ClearStored(facts.into_iter().map(|(_, text)| text).filter(|text| !text.is_empty()).collect())
                    },
                    Err(error) => {
                        tracing::error!(%call, %error, "the legs of a call from before the restart cannot be ended");
                        return;
                    }
                }
            }
        });
    }

    /// Tells an agent's screens that a pick did not work out.
    pub(super) fn notice(&self, agent: AgentId, chat: ChatId, refusal: Refusal) -> Option<Held> {
        let frame = || AgentFrame::Notice { code: refusal.into(), chat: Some(chat) };
        Frame::new(self.screens.borrow().of_agent(agent), frame).map(Held::Frame)
    }
}

fn span(duration: Duration) -> Span {
    Span(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}

/// All up to this ticket is durable.
#[derive(Clone, Copy, Debug, ActixMessage)]
#[rtype(result = "()")]
pub struct Committed(pub Ticket);

/// The door to a floor: what comes from other threads knocks here.
pub struct Door {
    floor: Rc<Floor>,
}

impl Door {
    /// Opens the door of a floor on this thread.
    pub fn open(floor: Rc<Floor>) -> Addr<Door> {
        Door { floor }.start()
    }
}

impl Actor for Door {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let floor = self.floor.clone();
        let clock = async move {
            loop {
                floor.until_due().await;
                floor.run_due();
            }
        };
        ctx.spawn(clock.into_actor(self));
        ctx.run_interval(ALIVE_EVERY, |door, _| {
            // Only where a clock may run: an idle night writes nothing.
            if !door.floor.chats.0.borrow().is_empty() {
                door.floor.house.store.alive(door.floor.now());
            }
        });
        self.floor.release(self.floor.house.store.durable());
        self.floor.match_up();
    }
}

impl Handler<Committed> for Door {
    type Result = ();

    fn handle(&mut self, Committed(ticket): Committed, _: &mut Self::Context) {
        self.floor.release(ticket);
    }
}

/// Something to be done on the floor's own thread.
#[derive(ActixMessage)]
#[rtype(result = "()")]
pub struct Knock(pub Errand);

impl Handler<Knock> for Door {
    type Result = ();

    fn handle(&mut self, Knock(what): Knock, _: &mut Self::Context) {
        what(&self.floor);
    }
}
