//! How a floor starts: from the journal, from the administrator's rows, and with what was on its way when the daemon
//! stopped.
//! Nothing is decided here; whoever was loaded hears of the restart and decides for themselves.

use super::{Floor, HeldBack, House, Licensing, Member, Members, Opening, Places, Post, Texts, shown};
use crate::actors::chat as chat_actor;
use crate::actors::ids::{Numbered, Party};
use crate::actors::kind::Kind;
use crate::actors::replay::{Loaded, Replayed};
use crate::actors::shell::Shell;
use crate::actors::wishes::Telephony;
use crate::protocol::visitor::{Author, Message as WrittenMessage};
use crate::store::{ActorNumber, ContentKind, FloorRows, Since, StoreError};
use actix::Actor;
use domain::agent::{Agent, Presence};
use domain::call::Call;
use domain::chat::Chat;
use domain::company::{Defaults, differences};
use domain::id::{AgentId, CallId, ChatId, QueueId, TaskId};
use domain::message::Message;
use domain::queue::{self, Destination, Queue};
use domain::task::Task;
use domain::time::{Span, Timestamp};
use domain::{agent, chat};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use super::VisitorFacts;
use super::texts::WrappedUp;

/// Among how many messages of a chat its visitor's first line is looked for: an agent may have written first.
const FIRST_MESSAGES: i64 = 20;

impl Floor {
    /// Loads a company as the journal has it, brings its agents and queues up to the administrator's word, and sends
    /// on what was on its way when the daemon stopped.
    ///
    /// # Errors
    /// When the database cannot be read, or holds what this version cannot.
    pub fn open(house: House, rows: FloorRows, telephony: Option<Telephony>) -> Result<Rc<Floor>, StoreError> {
        let company = rows.id;
        let floor = Rc::new(Floor {
            house,
            company,
            rows: RefCell::new(rows),
            agents: Members::default(),
            queues: Members::default(),
            chats: Members::default(),
            calls: Members::default(),
            tasks: Members::default(),
            whys: RefCell::default(),
            board: RefCell::default(),
            screens: RefCell::default(),
            gathering: RefCell::default(),
            places: Places::default(),
            texts: Texts::default(),
            held: HeldBack::default(),
            licensing: Licensing::default(),
            opening: Opening::default(),
            post: Post::default(),
            reloads: Cell::new(0),
            rests: Cell::new(0),
            telephony: RefCell::new(telephony),
        });
        let down_since = floor.house.store.last_timestamp();
        floor.load_all()?;
        floor.configure();
        floor.send_on()?;
        floor.restarted(down_since);
        Ok(floor)
    }

    fn load_all(self: &Rc<Self>) -> Result<(), StoreError> {
        for replayed in self.replay()?.into_values() {
            match replayed {
                Replayed::Agent(id, loaded) => self.enter::<Agent>(id, loaded),
                Replayed::Queue(id, loaded) => self.enter::<Queue>(id, loaded),
                Replayed::Chat(id, loaded) => self.enter::<Chat>(id, loaded),
                Replayed::Call(id, loaded) => self.enter::<Call>(id, loaded),
                Replayed::Task(id, loaded) => self.enter::<Task>(id, loaded),
            }
        }
        self.load_texts()?;
        *self.board.borrow_mut() = self.board_of_machines();
        Ok(())
    }

    /// What is shown of whoever is there now, and what ends their legs: once the floor works it does not look for it.
    fn load_texts(self: &Rc<Self>) -> Result<(), StoreError> {
        let store = &self.house.store;
        for (actor, _, caller) in store.live_contents(self.company, ContentKind::Caller)? {
            if let Party::Call(call) = Party::from_number(actor) {
                self.note_caller(call, shown(caller));
            }
        }
        for (actor, _, facts) in store.live_contents(self.company, ContentKind::LegFacts)? {
            // A leg that ended by itself left an empty text.
            if let (Party::Call(call), false) = (Party::from_number(actor), facts.is_empty()) {
                self.texts.leg_facts.borrow_mut().entry(call).or_default().push(facts);
            }
        }
        for (kind, set) in [
            (ContentKind::Page, (|facts, text| facts.page = text) as fn(&mut VisitorFacts, String)),
            (ContentKind::Language, |facts, text| facts.language = text),
            (ContentKind::Note, |facts, text| facts.note = text),
            (ContentKind::Service, |facts, text| facts.service = text.parse().unwrap_or_default()),
            (ContentKind::Details, |facts, text| facts.details = serde_json::from_str(&text).unwrap_or_default()),
        ] {
            for (actor, _, text) in store.live_contents(self.company, kind)? {
                if let Party::Chat(chat) = Party::from_number(actor) {
                    set(self.texts.visitors.borrow_mut().entry(chat).or_default(), text);
                }
            }
        }
        for (actor, text) in store.first_live_contents(self.company, ContentKind::MessageText, FIRST_MESSAGES)? {
            let (Party::Chat(chat), Ok(message)) =
                (Party::from_number(actor), serde_json::from_str::<WrittenMessage>(&text))
            else {
                continue;
            };
            if message.author == Author::Visitor && self.first_line(chat).is_empty() {
                self.note_first_line(chat, &message.text);
            }
        }
        self.load_wrap_ups()?;
        self.load_tasks()
    }

    /// The calls that agents wrap up are over.
    fn load_wrap_ups(self: &Rc<Self>) -> Result<(), StoreError> {
        let wrap_ups = self.agents.ids().into_iter().flat_map(|agent| {
            let calls = |agent: &Agent| agent.call_wrap_ups().map(|(call, _)| call).collect();
            let calls: Vec<CallId> = self.agents.look(agent, calls).unwrap_or_default();
            calls.into_iter().map(move |call| (agent, call))
        });
        let wrap_ups: Vec<(AgentId, CallId)> = wrap_ups.collect();
        let numbers: Vec<_> = wrap_ups.iter().map(|(_, call)| Party::Call(*call).number()).collect();
        let callers = self.house.store.contents_of(&numbers, ContentKind::Caller)?;
        let callers: BTreeMap<ActorNumber, String> = callers.into_iter().collect();
        let contacts = self.house.store.contacts_of(&numbers)?;
        for (agent, call) in wrap_ups {
            let number = Party::Call(call).number();
            let caller = callers.get(&number).cloned().unwrap_or_default();
            let wrapped_up = WrappedUp { caller: shown(caller), contact: contacts.get(&number).copied() };
            self.texts.wrap_ups.borrow_mut().insert((agent, call), wrapped_up);
            self.know_contact(contacts.get(&number).copied());
        }
        Ok(())
    }

    /// What comes from a chat has that chat's number, and its text lies with the chat, which is over.
    fn load_tasks(&self) -> Result<(), StoreError> {
        let tasks = self.tasks.ids();
        let numbers = tasks.iter().flat_map(|task| [Party::Task(*task), Party::Chat(ChatId(task.0))]);
        let numbers: Vec<_> = numbers.map(Numbered::number).collect();
        for (actor, text) in self.house.store.contents_of(&numbers, ContentKind::Contact)? {
            let task = match Party::from_number(actor) {
                Party::Task(task) => task,
                Party::Chat(ChatId(id)) => TaskId(id),
                Party::Agent(_) | Party::Queue(_) | Party::Call(_) => continue,
            };
            self.texts.task_texts.borrow_mut().insert(task, text);
        }
        Ok(())
    }

    /// All machines that are not over, from their snapshots and the rows after these. A snapshot of another version, or
    /// one that cannot be read, is none: the journal is the truth.
    fn replay(&self) -> Result<BTreeMap<ActorNumber, Replayed>, StoreError> {
        let store = &self.house.store;
        let snapshots = store.live_snapshots(self.company)?;
        let mut machines: BTreeMap<ActorNumber, Replayed> = snapshots
            .iter()
            .filter_map(|snapshot| Some((snapshot.actor, Replayed::from_snapshot(snapshot)?)))
            .collect();
        let unreadable = snapshots.len() - machines.len();
        if unreadable > 0 {
            tracing::warn!(company = %self.company, unreadable, "snapshots are ignored; this start takes longer");
        }
        let since = if unreadable > 0 { Since::Start } else { Since::Snapshot };
        store.live_rows(self.company, since, |row| {
            let machine = machines.entry(row.actor).or_insert_with(|| Replayed::new(Party::from_number(row.actor)));
            Ok(machine.apply(&row)?)
        })?;
        Ok(machines)
    }

    /// Takes the rows as the administrator's word: agents and queues that are new begin, those that are there hear of
    /// what changed.
    fn configure(self: &Rc<Self>) {
        let (rows, defaults) = (self.rows.borrow().clone(), self.defaults());
        self.read_licence();
        self.look_at_hours();
        for id in rows.queues.iter().map(|queue| queue.id).chain(rows.removed.queues.keys().copied()) {
            self.begin::<Queue>(id);
            let settings = Box::new(rows.queue_settings(id, &defaults));
            self.tell(Message::Queue { id, command: queue::Command::Configure { id, settings } });
        }
        for agent in &rows.agents {
            self.begin::<Agent>(agent.id);
            self.board.borrow_mut().assign(agent.id, rows.answered_by(agent));
            let settings = rows.agent_settings(agent, &defaults);
            let settings = if self.is_beyond_licence(agent.id) { settings.without_chats() } else { settings };
            self.tell(Message::Agent { id: agent.id, command: agent::Command::Configure { id: agent.id, settings } });
        }
        self.let_go(&rows);
        // Somebody may serve other queues now.
        let staffing = chat_actor::staffing(self, self.queues.ids());
        if !staffing.is_empty() {
            self.hold_last(staffing);
        }
    }

    /// Lets go of those who were deactivated or removed: they are logged out, which gives back what they have, and their
    /// browsers are cut.
    fn let_go(self: &Rc<Self>, rows: &FloorRows) {
        for id in rows.removed.agents.keys() {
            self.board.borrow_mut().assign(*id, BTreeMap::new());
        }
        let inactive = rows.agents.iter().filter(|agent| !agent.active).map(|agent| agent.id);
        for id in inactive.chain(rows.removed.agents.keys().copied()) {
            if self.agents.look(id, |agent| agent.presence() != Presence::LoggedOut).unwrap_or(false) {
                self.tell(Message::Agent { id, command: agent::Command::LogOut });
            }
            self.screens.borrow().of_agent(id).for_each(|screen| screen.session_is_over());
        }
    }

    /// Reads the rows again and tells the actors what changed. Of several readings at once the last one counts.
    ///
    /// # Errors
    /// When the database cannot be read; then everything stays as it was.
    pub async fn reload(self: &Rc<Self>) -> Result<(), StoreError> {
        let reload = self.reloads.get() + 1;
        self.reloads.set(reload);
        let rows = self.house.store.ask_floor(self.company).await?;
        if let Some(rows) = rows.filter(|_| self.reloads.get() == reload) {
            let before = self.rows.replace(rows);
            let (after, changes) = (self.rows.borrow(), differences(Some(&before), &self.rows.borrow()));
            let is_changed = !changes.is_empty();
            if !is_changed {
                tracing::info!(company = after.name, "read again: nothing changed");
            }
            for change in changes {
                tracing::info!(company = after.name, "read again: {change}");
            }
            drop(after);
            self.configure();
            if is_changed {
                self.show_all_again();
            }
        }
        Ok(())
    }

    /// Names, queues and colleagues may be others now on everybody's screen: each agent's gets a snapshot in the place of what it
    /// shows, each visitor's their chat. What the machines make of their new settings follows as frames.
    pub(super) fn show_all_again(self: &Rc<Self>) {
        let tabs = self.screens.borrow().of_agents();
        tabs.into_iter()
            .filter(|(agent, _)| self.may_work(*agent))
            .for_each(|(agent, tab)| self.show_agent(agent, tab));
        chat_actor::show_visitors_again(self);
    }

    /// A queue, with what holds for chats and for callers there.
    pub fn destination(&self, queue: QueueId) -> Destination {
        self.rows.borrow().destination(queue, &self.defaults())
    }

    /// What holds for the chats of a queue.
    pub(crate) fn chat_settings(&self, queue: QueueId) -> chat::Settings {
        self.rows.borrow().chat_settings(queue, &self.defaults())
    }

    /// What the daemon's settings say of all companies.
    fn defaults(&self) -> Defaults {
        let config = &self.house.config;
        let parked_wrap_up_closes = unless_zero(config.agent.parked_wrap_up_close);
        let agent = agent::Settings {
            chats_max: config.agent.chats_max,
            parked_wrap_up_closes,
            browser_grace: span(config.agent.browser_grace),
            browser_gone: span(config.agent.browser_gone),
            preemption: agent::Preemption {
                park_on: config.preemption.park_on,
                resume_on: config.preemption.resume_on,
                min_resume: span(config.preemption.min_resume),
            },
            ..agent::Settings::default()
        };
        let (ring, call_wrap_up) = (span(config.agent.ring), span(config.agent.call_wrap_up));
        let queue = queue::Settings { ring, call_wrap_up, ..queue::Settings::default() };
        let chat = chat::Settings {
            wrap_up: span(config.agent.chat_wrap_up),
            wrap_up_at_logout: config.chat.wrap_up_at_logout,
            parked_wrap_up_closes,
            visitor_grace: span(config.chat.visitor_grace),
            visitor_grace_preempted: span(config.chat.visitor_grace_preempted),
            idle_warns: unless_zero(config.chat.idle_warn),
            idle_closes: unless_zero(config.chat.idle_close),
            choice_after: unless_zero(config.chat.choice),
            alert_after: unless_zero(config.chat.alert),
            ..chat::Settings::default()
        };
        Defaults { agent, queue, chat }
    }

    /// Messages whose receivers had not committed them: in the order in which they were sent.
    fn send_on(self: &Rc<Self>) -> Result<(), StoreError> {
        for row in self.house.store.outbox(self.company)? {
            let message = serde_json::from_str(&row.message).map_err(|error| StoreError::Database {
                doing: "send on what was on its way",
                why: format!("message {}: {error}", row.id),
            })?;
            self.deliver(row.at, Some((Party::from_number(row.sender), row.id)), message);
        }
        Ok(())
    }

    /// All that are loaded.
    fn parties(&self) -> Vec<Party> {
        let agents = self.agents.ids().into_iter().map(Party::Agent);
        let queues = self.queues.ids().into_iter().map(Party::Queue);
        let chats = self.chats.ids().into_iter().map(Party::Chat);
        let calls = self.calls.ids().into_iter().map(Party::Call);
        let tasks = self.tasks.ids().into_iter().map(Party::Task);
        agents.chain(queues).chain(chats).chain(calls).chain(tasks).collect()
    }

    fn restarted(self: &Rc<Self>, down_since: Timestamp) {
        for message in self.parties().into_iter().filter_map(|party| party.restarted(down_since)) {
            self.tell(message);
        }
    }

    pub(super) fn enter<M: Kind>(self: &Rc<Self>, id: M::Id, loaded: Loaded<M>) {
        self.know_contact(M::contact(&loaded.machine));
        let shell = Shell::new(self.clone(), id, loaded);
        let machine = shell.machine();
        let mailbox = shell.start().recipient();
        M::members(self).0.borrow_mut().insert(id, Member { mailbox, machine });
    }
}

/// A configured time that may be none, as the domain counts it.
fn unless_zero(duration: Duration) -> Option<Span> {
    (!duration.is_zero()).then(|| span(duration))
}

/// A configured time, as the domain counts it.
pub(super) fn span(duration: Duration) -> Span {
    Span(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}
