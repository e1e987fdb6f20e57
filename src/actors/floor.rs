//! The floor of one company: knows where each of its actors is, and stands between them and the world.
//! It never decides what an actor does; it carries commands in and whatever is durable out.

mod asking;
mod board;
mod boot;
mod contacts;
mod door;
mod held;
mod licensing;
mod mailbox;
mod members;
mod opening;
pub(in crate::actors) mod places;
mod post;
mod request;
mod texts;

pub use door::{Committed, Door};
use held::HeldBack;
pub use held::{Held, Reply};
use licensing::Licensing;
pub use mailbox::Envelope;
pub(in crate::actors) use mailbox::Mail;
use members::Member;
pub use members::Members;
use opening::Opening;
use places::Places;
use post::Post;
pub use request::{AgentSays, Answer, Ask, FloorAnswer, FloorRequest, ReplyTo, Upload, VisitorSays};
use texts::Texts;
pub use texts::{NamedContact, VisitorFacts};
pub(in crate::actors) use texts::{kept_details, shown};

use super::gathering::Gathering;
use super::ids::Ids;
use super::screens::{Frame, Screen, Screens};
use super::why::Decision;
use super::wishes::{Place, Telephony, Wish};
use crate::clock::Clock;
use crate::config::Config;
use crate::protocol::agent::{AgentFrame, Topic};
use crate::store::{AgentRow, Content, ContentKind, FloorRows, Store, StoreError};
use domain::agent::Agent;
use domain::call::Call;
use domain::chat::Chat;
use domain::id::{AgentId, CallId, ChatId, CompanyId, ItemId, QueueId, TaskId};
use domain::message::Signal;
use domain::queue::{Channel, Queue};
use domain::routing::{Admission, Board};
use domain::task::Task;
use domain::time::Timestamp;
use domain::{Refusal, chat, task};
use std::cell::{Cell, Ref, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// Something to be done with the floor.
type Errand = Box<dyn FnOnce(&Rc<Floor>)>;
/// What is done once an actor has come out of the journal, or hears why it has not.
type Arriving = Box<dyn FnOnce(&Rc<Floor>, Option<&StoreError>)>;

/// Who calls, as the floor is told.
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
    /// The database, with the one writer of the daemon.
    pub store: Store,
    /// The time, which tests move by hand.
    pub clock: Clock,
    /// The giver of ids.
    pub ids: Ids,
    /// The settings that hold for all companies.
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
    texts: Texts,
    held: HeldBack,
    licensing: Licensing,
    opening: Opening,
    post: Post,
    /// How the board came to the last decision about each item that is loaded.
    pub(super) whys: RefCell<BTreeMap<ItemId, Decision>>,
    board: RefCell<Board>,
    screens: RefCell<Screens>,
    /// What changed in queues and is not on the screens yet.
    pub(super) gathering: RefCell<Gathering>,
    /// Which visitors look at their place.
    pub(super) places: Places,
    /// How often the rows were asked for again.
    reloads: Cell<u64>,
    /// How often nothing was on its way any more.
    rests: Cell<u64>,
    telephony: RefCell<Option<Telephony>>,
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
        let of_calls = self.texts.callers.borrow().len() + self.texts.wrap_ups.borrow().len();
        let texts = of_calls + self.texts.visitors.borrow().len() + self.texts.task_texts.borrow().len();
        Kept {
            calls: self.calls.0.borrow().len(),
            chats: self.chats.0.borrow().len(),
            tasks: self.tasks.0.borrow().len(),
            texts,
            decisions: self.whys.borrow().len(),
            held: self.held.queue.borrow().len(),
            retired: self.held.retired.borrow().len(),
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

    /// Whether something may be sent to a queue: it is there, and was not removed.
    pub(super) fn takes(&self, id: QueueId) -> bool {
        self.rows.borrow().queues.iter().any(|queue| queue.id == id)
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

    /// The queues that an agent serves when they work.
    pub fn queues_served(&self, id: AgentId) -> Vec<QueueId> {
        let rows = self.rows.borrow();
        let agent = rows.agents.iter().find(|agent| agent.id == id);
        agent.map(|agent| rows.answered_by(agent).into_keys().collect()).unwrap_or_default()
    }

    /// The name of a queue that is or was here; empty if there never was one.
    pub fn queue_name(&self, id: QueueId) -> String {
        self.rows.borrow().queue_name(id).to_owned()
    }

    /// The browsers that show those who oversee a queue what they are told.
    pub(super) fn supervisors<'a>(&self, screens: &'a Screens, queue: QueueId) -> impl Iterator<Item = &'a Rc<Screen>> {
        let ids: Vec<_> = self.rows.borrow().overseers(queue).collect();
        ids.into_iter().flat_map(|agent| screens.of_agent_at(agent, Topic::Supervision))
    }

    /// Whoever answered a call is the one whom its caller had last. Kept only where some queue wants to know.
    pub(super) fn remember_agent(&self, call: CallId, agent: AgentId) {
        let caller = self.caller(call);
        if !caller.is_empty() && self.queues.ids().into_iter().any(|queue| self.is_sticky(queue)) {
            // Nobody waits for it: if it is lost, the longest idle gets the next call.
            drop(self.house.store.agent_remembered(self.company, &caller, agent));
        }
    }
}

// Bringing things in.
impl Floor {
    /// A visitor asked for a chat.
    pub fn chat_requested(self: &Rc<Self>, id: ChatId, queue: QueueId, facts: VisitorFacts, reply: Reply) {
        let admission = match self.licence().lets_chats_begin() && self.service_state(facts.service).is_open() {
            true => self.admission(queue),
            false => Admission::Refused,
        };
        let Admission::Waits(queue) = admission else {
            // It has not begun: whoever tries again begins it then.
            self.chats.0.borrow_mut().remove(&id);
            return self.when_durable(move |floor| reply(floor, Err(Refusal::Unserved)));
        };
        let settings = self.chat_settings(queue);
        let content = [(ContentKind::Page, &facts.page), (ContentKind::Language, &facts.language)];
        let mut content = Vec::from(content.map(|(kind, text)| Content { kind, number: 0, text: text.clone() }));
        if facts.service != 0 {
            content.push(Content { kind: ContentKind::Service, number: 0, text: facts.service.to_string() });
        }
        content.extend(kept_details(&facts.details));
        self.texts.visitors.borrow_mut().insert(id, facts);
        self.envelope::<Chat>(id, chat::Command::Request { id, queue, settings }, |envelope| {
            envelope.content = content;
            envelope.reply = Some(reply);
        });
        self.ask_who_is_proved(id);
    }

    /// Somebody asks for something to be done: an e-mail to be answered, a call to be made, anything else.
    pub fn task_requested(self: &Rc<Self>, id: TaskId, channel: Channel, queue: QueueId, text: String, reply: Reply) {
        let command = task::Command::Request { id, channel, queue, arrived_at: self.now(), contact: None };
        self.begin::<Task>(id);
        self.envelope::<Task>(id, command, |envelope| {
            envelope.content = vec![Content { kind: ContentKind::Contact, number: 0, text: text.clone() }];
            envelope.reply = Some(reply);
        });
        self.texts.task_texts.borrow_mut().insert(id, text);
    }
}

// What goes out.
impl Floor {
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
                // Whoever hears it ring hears nothing else.
                Signal::Alert => Wish::Alert(self.place(call).queue),
                Signal::Answer(offer) => Wish::Answer(offer),
                Signal::TurnAway => Wish::TurnAway { closed: self.came_closed(call) },
                Signal::Part(offer) => Wish::Part(offer, self.place(call)),
                Signal::Ring(offer) => ring(offer),
                Signal::StopRinging(offer) => Wish::StopRinging(offer),
                Signal::Connect(offer) => Wish::Connect(offer),
                Signal::Clear => Wish::Clear,
                Signal::ClearStored => {
                    Wish::ClearStored(self.texts.leg_facts.borrow_mut().remove(&call).unwrap_or_default())
                }
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
        Place { queue, position, closed: self.came_closed(call).is_some() }
    }

    /// Tells an agent's screens that something did not work out.
    pub(super) fn notice(&self, agent: AgentId, item: ItemId, refusal: Refusal) -> Option<Held> {
        let frame = || AgentFrame::Notice { code: refusal.into(), item: Some(item.into()) };
        Frame::new(self.screens.borrow().of_agent(agent), frame).map(Held::Frame)
    }
}
