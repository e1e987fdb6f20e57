//! The floor of one company: knows where each of its actors is, and stands between them and the world.
//! It never decides what an actor does; it carries commands in and whatever is durable out.

mod asking;
mod boot;
mod door;
mod request;

pub use door::{Committed, Door};
pub use request::{AgentSays, Answer, Ask, FloorAnswer, FloorRequest, ReplyTo, VisitorSays};

use super::ids::{Ids, Numbered, Party};
use super::screens::{Frame, Screen, Screens, Viewer};
use super::shell::{Envelope, Keep, Kind, Reply, Shell};
use super::why::Decision;
use super::wishes::{Place, Telephony, Wish};
use crate::clock::{Clock, Timers};
use crate::config::Config;
use crate::protocol::agent::AgentFrame;
use crate::store::{AgentRow, Cause, Content, ContentKind, FloorRows, Outgoing, Store, Ticket};
use actix::Addr;
use domain::agent::Agent;
use domain::call::Call;
use domain::chat::Chat;
use domain::id::{AgentId, CallId, ChatId, CompanyId, ItemId, QueueId, TaskId};
use domain::message::{Message, Signal};
use domain::queue::{Channel, Queue};
use domain::routing::{Admission, Board};
use domain::task::Task;
use domain::time::Timestamp;
use domain::{Refusal, chat, task};
use serde::{Deserialize, Serialize};
use std::cell::{Cell, Ref, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::sync::Arc;
use tokio::sync::{Mutex, Notify};

/// Something to be done with the floor.
type Errand = Box<dyn FnOnce(&Rc<Floor>)>;

/// What waits until its cause is durable.
pub enum Held {
    /// A wish to the telephony.
    Signal(CallId, Signal),
    /// A frame.
    Frame(Frame),
    /// An answer to whoever gave the command.
    Reply(Reply, Result<(), Refusal>),
    /// Anything else.
    Then(Errand),
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitorFacts {
    /// The page on which they clicked.
    pub page: String,
    /// Their language.
    pub language: String,
    /// The telephone number that their chat service gives to visitors.
    pub telephone: Option<String>,
    /// What the agent who gave the chat away wrote about it.
    pub note: String,
    /// The first line that they wrote, cut short; empty while they have not written.
    pub first_line: String,
}

/// How much of a chat's first line is kept at hand.
const FIRST_LINE_CHARACTERS_MAX: usize = 160;

/// Who calls.
#[derive(Clone, Copy, Debug, Default)]
pub struct Caller<'a> {
    /// Their number; empty if it is withheld.
    pub number: &'a str,
    /// The agent whose phone it is, if it is one of ours.
    pub agent: Option<AgentId>,
}

/// How much a floor keeps for items that come and go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Loaded calls.
    pub calls: usize,
    /// Loaded chats.
    pub chats: usize,
    /// Loaded tasks.
    pub tasks: usize,
    /// Items whose numbers, pages or texts are at hand.
    pub texts: usize,
    /// Items of which it is known why they went where they are.
    pub decisions: usize,
    /// Commands whose consequences wait for the disk.
    pub held: usize,
    /// Actors that are over, and wait for the disk.
    pub retired: usize,
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
    tasks: Members<Task>,
    callers: RefCell<BTreeMap<CallId, String>>,
    visitors: RefCell<BTreeMap<ChatId, VisitorFacts>>,
    task_texts: RefCell<BTreeMap<TaskId, String>>,
    /// Who called in the calls that agents wrap up.
    wrap_ups: RefCell<BTreeMap<(AgentId, CallId), String>>,
    /// What is needed to end the legs of the calls that went on when the daemon stopped.
    leg_facts: RefCell<BTreeMap<CallId, Vec<String>>>,
    /// How the board came to the last decision about each item that is loaded.
    pub(super) whys: RefCell<BTreeMap<ItemId, Decision>>,
    board: RefCell<Board>,
    screens: RefCell<Screens>,
    timers: RefCell<Timers<Party>>,
    held: RefCell<VecDeque<(Ticket, Vec<Held>)>>,
    last_ticket: Cell<Ticket>,
    /// Something is held for what was appended since the writer was last told to hurry.
    is_awaited: Cell<bool>,
    /// Actors that are over, each with its last row: until that is durable, the journal does not have them whole.
    retired: RefCell<BTreeMap<Party, Ticket>>,
    in_flight: Cell<usize>,
    /// So many answers of the database are on their way.
    asked: Cell<usize>,
    /// What is for actors that come out of the journal, in its order.
    arriving: RefCell<BTreeMap<Party, Vec<Errand>>>,
    /// In which order actors come out of the journal, and in which calls arrive of which something is asked before.
    loads: Rc<Mutex<()>>,
    arrivals: Rc<Mutex<()>>,
    /// How often the rows were asked for again.
    reloads: Cell<u64>,
    quiet: Notify,
    telephony: RefCell<Option<Telephony>>,
    wake: Notify,
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

    /// The loaded tasks.
    pub fn tasks(&self) -> &Members<Task> {
        &self.tasks
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

    /// How much is kept for items that come and go.
    pub fn kept(&self) -> Kept {
        let of_calls = self.callers.borrow().len() + self.wrap_ups.borrow().len();
        let texts = of_calls + self.visitors.borrow().len() + self.task_texts.borrow().len();
        Kept {
            calls: self.calls.0.borrow().len(),
            chats: self.chats.0.borrow().len(),
            tasks: self.tasks.0.borrow().len(),
            texts,
            decisions: self.whys.borrow().len(),
            held: self.held.borrow().len(),
            retired: self.retired.borrow().len(),
        }
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.house.clock.now()
    }

    /// Whether somebody may work: they were neither deactivated nor removed.
    pub(super) fn may_work(&self, id: AgentId) -> bool {
        self.rows.borrow().agents.iter().any(|agent| agent.id == id && agent.active)
    }

    /// An agent's row.
    pub fn agent_row(&self, id: AgentId) -> Option<AgentRow> {
        self.rows.borrow().agents.iter().find(|agent| agent.id == id).cloned()
    }

    /// The display name of somebody who is or was here; empty if there never was such an agent.
    pub fn agent_name(&self, id: AgentId) -> String {
        self.rows.borrow().agent_name(id).to_owned()
    }

    /// Whether an agent has a desk phone, reachable or not.
    pub fn has_phone(&self, id: AgentId) -> bool {
        self.rows.borrow().agents.iter().any(|agent| agent.id == id && agent.phone.is_some())
    }

    /// The name of a queue that is or was here; empty if there never was one.
    pub fn queue_name(&self, id: QueueId) -> String {
        self.rows.borrow().queue_name(id).to_owned()
    }

    /// Who calls: a number; empty if it is withheld, or if the call is over.
    pub fn caller(&self, call: CallId) -> String {
        self.callers.borrow().get(&call).cloned().unwrap_or_default()
    }

    /// Who called in a call that an agent wraps up, which outlives the call: a number; empty if it is withheld.
    pub(super) fn wrapped_up_caller(&self, agent: AgentId, call: CallId) -> String {
        self.wrap_ups.borrow().get(&(agent, call)).cloned().unwrap_or_default()
    }

    /// Keeps at hand who called in the calls that an agent wraps up, and no other.
    pub(super) fn note_wrap_ups(self: &Rc<Self>, agent: AgentId, machine: &Agent) {
        let wrapped_up: Vec<CallId> = machine.call_wrap_ups().map(|(call, _)| call).collect();
        let mut wrap_ups = self.wrap_ups.borrow_mut();
        wrap_ups.retain(|(of, call), _| *of != agent || wrapped_up.contains(call));
        for call in wrapped_up {
            wrap_ups.entry((agent, call)).or_insert_with(|| {
                let caller = self.callers.borrow().get(&call).cloned();
                if caller.is_none() {
                    self.ask_wrapped_up_caller(agent, call);
                }
                caller.unwrap_or_default()
            });
        }
    }

    /// What is known about a chat's visitor.
    pub fn visitor(&self, chat: ChatId) -> VisitorFacts {
        self.visitors.borrow().get(&chat).cloned().unwrap_or_default()
    }

    /// The telephone number that a chat's visitor is given.
    pub(super) fn visitor_telephone(&self, chat: ChatId) -> Option<String> {
        self.visitors.borrow().get(&chat).and_then(|facts| facts.telephone.clone())
    }

    /// Notes what is known about a chat's visitor.
    pub(super) fn note_visitor(&self, chat: ChatId, note: impl FnOnce(&mut VisitorFacts)) {
        note(self.visitors.borrow_mut().entry(chat).or_default());
    }

    /// The first line that a chat's visitor wrote; empty if they have not written.
    pub(super) fn first_line(&self, chat: ChatId) -> String {
        self.visitors.borrow().get(&chat).map(|facts| facts.first_line.clone()).unwrap_or_default()
    }

    /// Notes the first words of a visitor: how they begin is shown in the chat's queue.
    pub(super) fn note_first_line(&self, chat: ChatId, text: &str) {
        self.note_visitor(chat, |facts| facts.first_line = first_line_of(text));
    }

    /// Notes whom to call back or to write to: the queue's screens show it before it lies on the disk.
    pub(super) fn note_task(&self, task: TaskId, text: &str) {
        self.task_texts.borrow_mut().insert(task, text.to_owned());
    }

    /// Whom to call back or to write to, or what is to be done; empty if the task is over.
    pub fn task_text(&self, task: TaskId) -> String {
        self.task_texts.borrow().get(&task).cloned().unwrap_or_default()
    }

    /// The browsers of supervisors and administrators.
    pub(super) fn supervisors<'a>(&self, screens: &'a Screens) -> impl Iterator<Item = &'a Rc<Screen>> {
        let rows = self.rows.borrow();
        let ids: Vec<_> = rows.agents.iter().filter(|agent| agent.role.supervises()).map(|agent| agent.id).collect();
        ids.into_iter().flat_map(|agent| screens.of_agent(agent))
    }

    /// Whoever answered a call is the one whom its caller had last. Kept only where some queue wants to know.
    pub(super) fn remember_agent(&self, call: CallId, agent: AgentId) {
        let caller = self.caller(call);
        if !caller.is_empty() && self.queues.ids().into_iter().any(|queue| self.is_sticky(queue)) {
            // Nobody waits for it: if it is lost, the longest idle gets the next call.
            drop(self.house.store.agent_remembered(self.company, &caller, agent));
        }
    }

    /// Waits until nothing is on its way and all that happened is durable.
    pub async fn idle(&self) {
        self.until(|| self.is_settled() && self.held.borrow().is_empty()).await;
    }

    /// Waits until nothing is on its way. What happened may not be durable yet.
    pub async fn settled(&self) {
        self.until(|| self.is_settled()).await;
    }

    fn is_settled(&self) -> bool {
        self.in_flight.get() == 0 && self.asked.get() == 0
    }

    async fn until(&self, reached: impl Fn() -> bool) {
        loop {
            let quiet = self.quiet.notified();
            if reached() {
                return;
            }
            self.house.store.hurry();
            quiet.await;
        }
    }
}

/// A caller as agents see them: nobody, if the number is withheld.
pub(super) fn shown(caller: String) -> String {
    if caller == sip::ANONYMOUS { String::new() } else { caller }
}

// Bringing things in.
impl Floor {
    /// A visitor asked for a chat.
    pub fn chat_requested(self: &Rc<Self>, id: ChatId, queue: QueueId, facts: VisitorFacts, reply: Reply) {
        let Admission::Waits(queue) = self.board.borrow().admission(queue) else {
            // It has not begun: whoever tries again begins it then.
            self.chats.0.borrow_mut().remove(&id);
            return self.when_durable(move |floor| reply(floor, Err(Refusal::Unserved)));
        };
        let settings = self.chat_settings(queue);
        let content = [(ContentKind::Page, &facts.page), (ContentKind::Language, &facts.language)];
        let content = content.map(|(kind, text)| Content { kind, number: 0, text: text.clone() }).into();
        self.visitors.borrow_mut().insert(id, facts);
        self.envelope::<Chat>(id, chat::Command::Request { id, queue, settings }, |envelope| {
            envelope.content = content;
            envelope.reply = Some(reply);
        });
    }

    /// Somebody asks for something to be done: an e-mail to be answered, a call to be made, anything else.
    pub fn task_requested(self: &Rc<Self>, id: TaskId, channel: Channel, queue: QueueId, text: String, reply: Reply) {
        let command = task::Command::Request { id, channel, queue, arrived_at: self.now() };
        self.begin::<Task>(id);
        self.envelope::<Task>(id, command, |envelope| {
            envelope.content = vec![Content { kind: ContentKind::Contact, number: 0, text: text.clone() }];
            envelope.reply = Some(reply);
        });
        self.task_texts.borrow_mut().insert(id, text);
    }

    /// Gives an actor a command; `fill` adds what comes with it. An actor that is over is loaded from the journal.
    pub fn envelope<M: Kind>(self: &Rc<Self>, id: M::Id, command: M::Command, fill: impl FnOnce(&mut Envelope<M>)) {
        let mut envelope = Envelope { at: self.now(), command, cause: None, text: None, content: vec![], reply: None };
        fill(&mut envelope);
        self.when_loaded::<M>(id, move |floor, address| match (address, envelope.reply.take()) {
            (Some(address), reply) => {
                floor.in_flight.set(floor.in_flight.get() + 1);
                address.do_send(Envelope { reply, ..envelope });
            }
            // Not done, so nobody may hear that it was.
            (None, Some(reply)) => floor.hold_last(vec![Held::Reply(reply, Err(Refusal::WrongState))]),
            (None, None) => {}
        });
    }

    /// Stores rows with a call, without anything happening to it.
    pub fn keep(self: &Rc<Self>, id: CallId, content: Vec<Content>) {
        let at = self.now();
        self.when_loaded::<Call>(id, move |floor, address| {
            if let Some(address) = address {
                floor.in_flight.set(floor.in_flight.get() + 1);
                address.do_send(Keep(at, content));
            }
        });
    }

    /// Gives an actor a command that nobody waits for.
    pub fn tell(self: &Rc<Self>, message: Message) {
        self.deliver(self.now(), None, message);
    }

    /// Carries a message to its receiver. `from` names the sender and the message's place in the outbox.
    pub(super) fn deliver(self: &Rc<Self>, at: Timestamp, from: Option<(Party, i64)>, message: Message) {
        let cause = from.map(|(sender, outbox)| Cause::Message { sender: sender.number(), outbox });
        match message {
            Message::Agent { id, command } => self.post::<Agent>(id, at, cause, command),
            Message::Queue { id, command } => self.post::<Queue>(id, at, cause, command),
            Message::Chat { id, command } => self.post::<Chat>(id, at, cause, command),
            Message::Call { id, command } => self.post::<Call>(id, at, cause, command),
            Message::Task { id, command } => self.post::<Task>(id, at, cause, command),
        }
    }

    fn post<M: Kind>(self: &Rc<Self>, id: M::Id, at: Timestamp, cause: Option<Cause>, command: M::Command) {
        self.envelope::<M>(id, command, |envelope| {
            envelope.at = at;
            envelope.cause = cause;
        });
    }

    /// Everything whose time has come.
    pub fn run_due(self: &Rc<Self>) {
        loop {
            let due = self.timers.borrow_mut().pop_due(self.now());
            let Some((deadline, actor)) = due else { return };
            self.deliver(deadline.max(self.now()), None, actor.due(deadline));
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
        let receiver = message.receiver().number();
        Outgoing { id: self.house.ids.next_message(), receiver, message: message.clone() }
    }

    /// What was appended so far must not linger: it goes to the disk with what else is on its way.
    pub(super) fn hurry(&self) {
        self.is_awaited.set(true);
    }

    /// Keeps back what must not happen before `ticket` is durable.
    pub(super) fn hold(self: &Rc<Self>, ticket: Ticket, held: Vec<Held>) {
        self.last_ticket.set(ticket);
        if !held.is_empty() {
            self.hurry();
        }
        self.held.borrow_mut().push_back((ticket, held));
    }

    /// Keeps back what must not happen before all that was decided so far is durable.
    pub(super) fn hold_last(self: &Rc<Self>, held: Vec<Held>) {
        self.held.borrow_mut().push_back((self.last_ticket.get(), held));
        let durable = self.house.store.durable();
        if durable < self.last_ticket.get() {
            self.house.store.hurry();
        }
        self.release(durable);
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

    pub(super) fn reschedule(&self, actor: Party, old: Option<Timestamp>, new: Option<Timestamp>) {
        self.timers.borrow_mut().change(actor, old, new);
        self.wake.notify_one();
    }

    /// An envelope is dealt with. Whatever became possible by it is proposed now.
    pub(super) fn handled(self: &Rc<Self>) {
        self.in_flight.set(self.in_flight.get().saturating_sub(1));
        self.match_up();
        // What one thing causes becomes durable as one.
        if self.in_flight.get() == 0 && self.is_awaited.take() {
            self.house.store.hurry();
        }
        self.drop_retired();
    }

    fn match_up(self: &Rc<Self>) {
        loop {
            let proposal = self.board.borrow_mut().propose();
            let Some(proposal) = proposal else { return };
            let id = proposal.queue;
            self.tell(Message::Queue { id, command: proposal.command() });
        }
    }

    /// Nothing happens to this actor any more: it leaves the memory when nothing is on its way to it.
    pub(super) fn retire(&self, actor: Party, ticket: Ticket) {
        let mut retired = self.retired.borrow_mut();
        let last = retired.entry(actor).or_insert(ticket);
        *last = (*last).max(ticket);
    }

    fn drop_retired(&self) {
        if self.in_flight.get() > 0 {
            return;
        }
        self.quiet.notify_waiters();
        if self.retired.borrow().is_empty() {
            return;
        }
        let durable = self.house.store.durable();
        self.retired.borrow_mut().retain(|actor, ticket| {
            let goes = *ticket <= durable;
            if goes {
                match *actor {
                    Party::Agent(id) => _ = self.agents.0.borrow_mut().remove(&id),
                    Party::Queue(id) => _ = self.queues.0.borrow_mut().remove(&id),
                    Party::Chat(id) if self.screens.borrow().has(Viewer::Visitor(id)) => return true,
                    Party::Chat(id) => {
                        self.chats.0.borrow_mut().remove(&id);
                        self.visitors.borrow_mut().remove(&id);
                        self.whys.borrow_mut().remove(&ItemId::Chat(id));
                    }
                    Party::Call(id) => {
                        self.calls.0.borrow_mut().remove(&id);
                        self.callers.borrow_mut().remove(&id);
                        self.whys.borrow_mut().remove(&ItemId::Call(id));
                    }
                    Party::Task(id) => {
                        self.tasks.0.borrow_mut().remove(&id);
                        self.task_texts.borrow_mut().remove(&id);
                        self.whys.borrow_mut().remove(&ItemId::Task(id));
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
        telephony.wish(
            self.company,
            call,
            match signal {
                Signal::Welcome => Wish::Welcome(self.place(call)),
                Signal::Alert => Wish::Alert(self.place(call).queue),
                Signal::Answer(offer) => Wish::Answer(offer),
                Signal::TurnAway => Wish::TurnAway,
                Signal::Part(offer) => Wish::Part(offer, self.place(call)),
                Signal::Ring(offer) => ring(offer),
                Signal::StopRinging(offer) => Wish::StopRinging(offer),
                Signal::Connect(offer) => Wish::Connect(offer),
                Signal::Clear => Wish::Clear,
                Signal::ClearStored => Wish::ClearStored(self.leg_facts.borrow_mut().remove(&call).unwrap_or_default()),
            },
        );
    }

    /// Tells the telephony which place a caller has by now.
    pub fn announce(&self, call: CallId) {
        if let Some(telephony) = self.telephony.borrow().as_ref() {
            telephony.wish(self.company, call, Wish::Announce(self.place(call)));
        }
    }

    /// Where a call waits, or waited last.
    fn place(&self, call: CallId) -> Place {
        let queue = self.calls.look(call, Call::queue).unwrap_or_default();
        let position = self.queues.look(queue, |queue| queue.position(ItemId::Call(call))).flatten();
        Place { queue, position }
    }

    /// Tells an agent's screens that something did not work out.
    pub(super) fn notice(&self, agent: AgentId, item: ItemId, refusal: Refusal) -> Option<Held> {
        let frame = || AgentFrame::Notice { code: refusal.into(), item: Some(item.into()) };
        Frame::new(self.screens.borrow().of_agent(agent), frame).map(Held::Frame)
    }
}

/// How a text begins.
fn first_line_of(text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or_default().trim_end();
    let mut characters = line.chars();
    let begin: String = characters.by_ref().take(FIRST_LINE_CHARACTERS_MAX - 1).collect();
    match characters.count() {
        0 => begin,
        1 => line.to_owned(),
        _ => format!("{begin}…"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_text_the_first_line_is_shown_and_no_more_than_fits() {
        assert_eq!(first_line_of("  Hello \r\nis somebody there?"), "Hello");
        assert_eq!(first_line_of("\n\n\tLate\n"), "Late");
        let fits = "ä".repeat(FIRST_LINE_CHARACTERS_MAX);
        assert_eq!(first_line_of(&fits), fits);
        let cut = first_line_of(&format!("{fits}!"));
        assert_eq!((cut.chars().count(), cut.ends_with("ä…")), (FIRST_LINE_CHARACTERS_MAX, true));
        assert_eq!(first_line_of(""), "");
    }
}
