//! Do the scenarios hold on the real actors, with the real journal behind them? The same files as on pure machines, and after
//! each of them every machine is what its journal says. What the screens are sent meanwhile is recorded for the front ends.

#[path = "scenarios/frames.rs"]
mod frames;
#[path = "../domain/tests/scenario/mod.rs"]
mod scenario;
#[path = "scenarios/words.rs"]
mod words;

use crate::licensed;
use actix::{Actor, Context, Handler};
use domain::agent::{self, Agent};
use domain::call::{self, Call};
use domain::chat::{self, Chat};
use domain::company::{Rights, Role};
use domain::id::RoleId;
use domain::id::{AgentId, CallId, ChatId, CompanyId, ItemId, OfferId, QueueId, TaskId};
use domain::message::{Message, Signal};
use domain::queue::{self, Outcome, Queue};
use domain::routing::{Admission, Skill};
use domain::task::{self, Task};
use domain::time::{Span, Timestamp};
use domain::{Machine, Refusal};
use frames::{Recording, Screens, Watcher};
use scenario::{Arrival, Setup, Stage};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::Path;
use std::rc::Rc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use vorrang::actors::floor::{Committed, Door, Floor, House, Reply};
use vorrang::actors::ids::{Ids, Numbered, Party};
use vorrang::actors::kind::Kind;
use vorrang::actors::screens::Viewer;
use vorrang::actors::wishes::{CallWish, Telephony, Wish};
use vorrang::clock::Clock;
use vorrang::config::Config;
use vorrang::protocol::rest::{AreaRights, CurrentSession};
use vorrang::store::{AgentEntry, CompanyEntry, CompanyFile, Content, ContentKind, QueueEntry, Store};

/// When a scenario begins: on a Monday morning.
const BEGINNING: Timestamp = Timestamp(1_781_506_800_000);
const COMPANY: &str = "Alpenrad";
/// She looks on in each scenario, and has no part in it.
const SUPERVISOR: &str = "Sina";
/// More deadlines than pass in any scenario: what is due for so long is due for ever.
const DEADLINES_MAX: usize = 10_000;
/// Nobody logs in with it.
const PASSWORD_HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG";

macro_rules! a_test_of_each {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            play(&scenario::file(stringify!($name)));
        }
    )*};
}
scenario::for_each_file!(a_test_of_each);

/// Plays a file, and leaves what its screens were sent.
fn play(file: &str) {
    let text = std::fs::read_to_string(scenario::folder().join(file)).unwrap();
    let scenarios = scenario::read(file, &text).unwrap().into_iter();
    let recordings: Vec<_> = scenarios.map(|scenario| (scenario.title, Recording::default())).collect();
    let next = RefCell::new(recordings.iter());
    let open = |setup: &Setup| Real::open(setup, next.borrow_mut().next().unwrap().1.clone());
    scenario::play(file, &text, open).unwrap_or_else(|problem| panic!("{problem}"));
    frames::write(file, &text, &recordings);
}

type Errand = Box<dyn FnOnce(&Rc<Floor>) + Send>;

/// Something to be done on the floor's thread.
enum Job {
    Do(Errand),
    /// Answered when nothing is on its way and all is durable.
    Idle(Sender<()>),
    /// As `Idle`, and each screen is shown what it would be shown if it came now, after this was done.
    Check(String, Sender<()>),
    /// A visitor comes to a queue that lets nobody in.
    TurnAway(ChatId, QueueId, Sender<()>),
    /// Each screen begins anew.
    Renew(Sender<()>),
}

/// A floor on a database of its own, on a thread of its own.
struct Real {
    setup: Setup,
    folder: TempDir,
    jobs: Option<UnboundedSender<Job>>,
    thread: Option<JoinHandle<()>>,
    /// What was told since the last time: handed over together, so that what one of them causes comes after all of them.
    told: Vec<(Message, Reply)>,
    answers: Vec<Receiver<Result<(), Refusal>>>,
    heard: Heard,
    /// What is being done, as the scenario has it.
    doing: Vec<String>,
    recording: Recording,
    rows_seen: RefCell<BTreeMap<AgentId, u64>>,
}

/// What the telephony and the screens were told.
#[derive(Clone, Default)]
struct Heard {
    signals: Arc<Mutex<Vec<(CallId, Signal)>>>,
    notices: Notices,
}

type Notices = Arc<Mutex<Vec<(AgentId, ItemId, Refusal)>>>;

impl Real {
    fn open(setup: &Setup, recording: Recording) -> Box<dyn Stage> {
        let mut real = Real {
            setup: setup.clone(),
            folder: tempfile::tempdir().unwrap(),
            jobs: None,
            thread: None,
            told: vec![],
            answers: vec![],
            heard: Heard::default(),
            doing: vec![],
            recording,
            rows_seen: RefCell::default(),
        };
        real.start(BEGINNING);
        Box::new(real)
    }

    /// Starts the daemon's floor on whatever the database holds.
    fn start(&mut self, now: Timestamp) {
        let (jobs, received) = unbounded_channel();
        let (path, setup, heard) = (self.folder.path().join("vorrang.db"), self.setup.clone(), self.heard.clone());
        let recording = self.recording.clone();
        self.thread = Some(std::thread::spawn(move || run(&path, &setup, now, heard, recording, received)));
        self.jobs = Some(jobs);
        for queue in &self.setup.queues {
            let (id, settings) = (queue.id, Box::new(queue.settings.clone()));
            self.post(Message::Queue { id, command: queue::Command::Configure { id, settings } });
        }
        for agent in &self.setup.agents {
            let (id, settings) = (agent.id, agent.settings.clone());
            self.post(Message::Agent { id, command: agent::Command::Configure { id, settings } });
        }
        self.wait_for(Job::Renew);
    }

    fn on<T: Send + 'static>(&self, what: impl FnOnce(&Rc<Floor>) -> T + Send + 'static) -> T {
        let (answer, answered) = channel();
        let job = Job::Do(Box::new(move |floor| _ = answer.send(what(floor))));
        self.jobs.as_ref().unwrap().send(job).unwrap();
        answered.recv_timeout(Duration::from_secs(30)).unwrap()
    }

    fn post(&self, message: Message) {
        self.on(move |floor| floor.tell(message));
    }

    fn idle(&self) {
        self.wait_for(Job::Idle);
    }

    fn check(&mut self) {
        let done = std::mem::take(&mut self.doing).join("; ");
        self.wait_for(|answer| Job::Check(done, answer));
    }

    fn wait_for(&self, job: impl FnOnce(Sender<()>) -> Job) {
        let (answer, answered) = channel();
        self.jobs.as_ref().unwrap().send(job(answer)).unwrap();
        answered.recv_timeout(Duration::from_secs(30)).unwrap();
    }

    /// The machine, as it lives and as its journal says: they have to be the same.
    fn machine<M>(&self, id: M::Id) -> M
    where
        M: Kind + Clone + PartialEq + Debug + Send,
        M::Id: Send,
    {
        self.idle();
        self.on(move |floor| {
            let rows = floor.store().journal(M::party(id).number()).unwrap();
            let mut replayed = M::default();
            for row in rows {
                let events: Vec<M::Event> = serde_json::from_str(&row.events).unwrap();
                events.iter().for_each(|event| replayed.apply(event));
            }
            if let Some(live) = M::members(floor).look(id, M::clone) {
                assert_eq!(live, replayed, "left: the machine, right: its journal");
            }
            replayed
        })
    }

    fn hand_over(&mut self) {
        let told = std::mem::take(&mut self.told);
        self.on(move |floor| told.into_iter().for_each(|(message, reply)| hand_over(floor, message, reply)));
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        self.on(|floor| {
            let agents = floor.agents().ids().into_iter().filter_map(|id| floor.agents().look(id, Agent::deadline)?);
            let queues = floor.queues().ids().into_iter().filter_map(|id| floor.queues().look(id, Queue::deadline)?);
            let chats = floor.chats().ids().into_iter().filter_map(|id| floor.chats().look(id, Chat::deadline)?);
            let tasks = floor.tasks().ids().into_iter().filter_map(|id| floor.tasks().look(id, Task::deadline)?);
            agents.chain(queues).chain(chats).chain(tasks).min()
        })
    }
}

fn run(
    path: &Path,
    setup: &Setup,
    now: Timestamp,
    heard: Heard,
    recording: Recording,
    mut jobs: UnboundedReceiver<Job>,
) {
    let (file, config, setup) = (company(setup), Arc::new(config(setup)), setup.clone());
    actix::System::new().block_on(async move {
        let (committed, mut commits) = unbounded_channel();
        let store = Store::open(path, move |ticket| _ = committed.send(ticket)).unwrap();
        let applied = store.clone();
        tokio::task::spawn_blocking(move || applied.apply(&file, "vorrang").unwrap()).await.unwrap();
        let rows = store.floor(CompanyId(1)).unwrap().unwrap();
        let (clock, ids) = (Clock::manual(now), Ids::new(store.outbox_base()));
        let house = House { store, clock, ids, config };
        let telephony = Telephony(Telephone(heard.signals).start().recipient());
        let floor = Floor::open(house, rows, Some(telephony)).unwrap();
        let door = Door::open(floor.clone());
        let mut screens = Screens::new(recording, heard.notices, door.clone());
        actix::spawn(async move {
            while let Some(ticket) = commits.recv().await {
                door.do_send(Committed(ticket));
            }
        });
        while let Some(job) = jobs.recv().await {
            match job {
                Job::Do(what) => what(&floor),
                Job::Idle(answer) => {
                    floor.idle().await;
                    _ = answer.send(());
                }
                Job::Check(done, answer) => {
                    screens.check(&floor, &done).await;
                    _ = answer.send(());
                }
                Job::TurnAway(chat, queue, answer) => {
                    screens.turned_away(&floor, chat, queue, words::visitor(chat.0)).await;
                    _ = answer.send(());
                }
                Job::Renew(answer) => {
                    floor.idle().await;
                    screens.close(&floor);
                    screens.watch(&floor, watchers(&setup)).await;
                    _ = answer.send(());
                }
            }
        }
    });
}

fn company(setup: &Setup) -> CompanyFile {
    let name_of = |id: QueueId| setup.queues.iter().find(|queue| queue.id == id).unwrap().name.clone();
    let queues = setup.queues.iter().map(|queue| QueueEntry { name: queue.name.clone(), ..QueueEntry::default() });
    let person = |name: &str| AgentEntry {
        login_name: name.to_owned(),
        password_hash: Some(PASSWORD_HASH.to_owned()),
        ..AgentEntry::default()
    };
    let supervisor = AgentEntry { role: Some(vec!["supervisor".to_owned()]), ..person(SUPERVISOR) };
    let agents = setup.agents.iter().map(|agent| AgentEntry {
        phone: Some(format!("sip:{}@192.0.2.1", agent.id.0)),
        voice_only: Some(agent.settings.voice_only),
        queues: Some(agent.serves.keys().map(|queue| name_of(*queue)).collect()),
        skills: agent.serves.iter().map(|(queue, skill)| (name_of(*queue), *skill)).collect(),
        ..person(&agent.name)
    });
    let file = CompanyFile::named(COMPANY);
    CompanyFile {
        company: CompanyEntry {
            licence: Some(licensed::issued(&licensed::licence(COMPANY))),
            break_reasons: vec!["Mittag".to_owned(), "Schulung".to_owned()],
            ..file.company
        },
        queues: queues.collect(),
        agents: agents.chain([supervisor]).collect(),
        services: setup.queues.iter().take(1).map(|queue| words::service(&queue.name)).collect(),
        ..file
    }
}

/// Whose screens are there all the time: everybody's.
fn watchers(setup: &Setup) -> Vec<Watcher> {
    let watcher = |AgentId(id), role: RoleId, title: &str, name: &str| Watcher {
        viewer: Viewer::Agent(AgentId(id)),
        title: format!("{title} {id}"),
        session: Some(CurrentSession {
            name: name.to_owned(),
            display_name: name.to_owned(),
            company: COMPANY.to_owned(),
            answers: true,
            rights: AreaRights::of(&Rights::of(&[role].into(), &[])),
        }),
    };
    let agents = setup.agents.iter().map(|agent| watcher(agent.id, Role::AGENT, "agent", &agent.name));
    let supervisor = setup.agents.last().map_or(1, |last| last.id.0 + 1);
    agents.chain([watcher(AgentId(supervisor), Role::SUPERVISOR, "supervisor", SUPERVISOR)]).collect()
}

/// What a restart finds before the scenario's own settings are told again.
fn config(setup: &Setup) -> Config {
    let mut config = Config::default();
    config.licence.public_key = licensed::public_key().parse().ok();
    if let Some(agent) = setup.agents.first() {
        let of = |span: Span| Duration::from_millis(span.0);
        config.agent.browser_grace = of(agent.settings.browser_grace);
        config.agent.browser_gone = of(agent.settings.browser_gone);
        config.agent.parked_wrap_up_close = agent.settings.parked_wrap_up_closes.map(of).unwrap_or_default();
        config.preemption.park_on = agent.settings.preemption.park_on;
        config.preemption.resume_on = agent.settings.preemption.resume_on;
        config.preemption.min_resume = of(agent.settings.preemption.min_resume);
    }
    config
}

/// What arrives, with what is known of it.
fn enter(floor: &Rc<Floor>, arrival: Arrival, to: queue::Destination, number: u64) -> ItemId {
    let content = |kind, text: &str| Content { kind, number: 0, text: text.to_owned() };
    let queue = to.queue;
    match arrival {
        Arrival::Call { preferred, .. } => {
            let (id, caller) = (CallId(number), words::caller(number));
            let command = call::Command::Arrive { id, queue, preferred, dialled_by: None, answer: to.answer };
            let content = vec![content(ContentKind::Caller, &caller)];
            floor.note_caller(id, caller);
            floor.envelope::<Call>(id, command, |envelope| envelope.content = content);
            ItemId::Call(id)
        }
        Arrival::Chat { .. } => {
            let (id, facts) = (ChatId(number), words::visitor(number));
            let command = chat::Command::Request { id, queue, settings: to.chat };
            let content =
                vec![content(ContentKind::Page, &facts.page), content(ContentKind::Language, &facts.language)];
            floor.note_visitor(id, |noted| *noted = facts);
            floor.envelope::<Chat>(id, command, |envelope| envelope.content = content);
            ItemId::Chat(id)
        }
        Arrival::Task { channel, .. } => {
            let (id, text) = (TaskId(number), words::task(channel));
            let command = task::Command::Request { id, channel, queue, arrived_at: floor.now(), contact: None };
            let content = vec![content(ContentKind::Contact, &text)];
            floor.note_task(id, &text);
            floor.envelope::<Task>(id, command, |envelope| envelope.content = content);
            ItemId::Task(id)
        }
    }
}

fn hand_over(floor: &Rc<Floor>, message: Message, reply: Reply) {
    match message {
        Message::Agent { id, command } => envelope::<Agent>(floor, id, command, None, reply),
        Message::Queue { id, command } => envelope::<Queue>(floor, id, command, None, reply),
        Message::Chat { id, command } => {
            let text = match &command {
                chat::Command::Say { author, command, .. } => Some(words::said(*author, *command)),
                chat::Command::Note { .. } => Some(words::NOTE.to_owned()),
                chat::Command::Choose { choice } => Some(words::contact(*choice)),
                _ => None,
            };
            envelope::<Chat>(floor, id, command, text, reply);
        }
        Message::Call { id, command } => envelope::<Call>(floor, id, command, None, reply),
        Message::Task { id, command } => envelope::<Task>(floor, id, command, None, reply),
    }
}

fn envelope<M: Kind>(floor: &Rc<Floor>, id: M::Id, command: M::Command, text: Option<String>, reply: Reply) {
    floor.envelope::<M>(id, command, |envelope| {
        envelope.text = text;
        envelope.reply = Some(reply);
    });
}

impl Stage for Real {
    fn now(&self) -> Timestamp {
        self.on(|floor| floor.now())
    }

    fn arrive(&mut self, arrival: Arrival) -> Option<ItemId> {
        let (Arrival::Call { queue, .. } | Arrival::Chat { queue } | Arrival::Task { queue, .. }) = arrival;
        let (admission, number) = self.on(move |floor| (floor.admission(queue), floor.house().ids.next_item()));
        match admission {
            Admission::Waits(queue) => {
                let to = self.setup.destination(queue);
                Some(self.on(move |floor| enter(floor, arrival, to, number)))
            }
            Admission::Refused => {
                if let Arrival::Chat { queue } = arrival {
                    self.wait_for(|answer| Job::TurnAway(ChatId(number), queue, answer));
                }
                None
            }
        }
    }

    fn hear(&mut self, line: &str) {
        self.doing.push(line.to_owned());
    }

    fn tell(&mut self, message: Message) {
        let (answer, answered) = channel();
        self.answers.push(answered);
        let reply: Reply = Box::new(move |_, result| _ = answer.send(result));
        self.told.push((message, reply));
    }

    fn settle(&mut self) -> Vec<Result<(), Refusal>> {
        self.hand_over();
        self.check();
        let answers = std::mem::take(&mut self.answers);
        answers.into_iter().map(|answer| answer.recv_timeout(Duration::from_secs(30)).unwrap()).collect()
    }

    fn pass(&mut self, span: Span) {
        self.hand_over();
        self.idle();
        let end = self.now() + span;
        for _ in 0..DEADLINES_MAX {
            let due = self.next_deadline().filter(|deadline| *deadline <= end);
            self.on(move |floor| {
                floor.house().clock.set(due.unwrap_or(end));
                floor.run_due();
            });
            self.idle();
            if due.is_none() {
                return self.check();
            }
        }
        panic!("it is always due: {:?}", self.next_deadline());
    }

    fn restart(&mut self, down: Span) {
        self.hand_over();
        // What was acknowledged has happened; how far what it causes has come is chance.
        self.answers.drain(..).for_each(|answer| _ = answer.recv_timeout(Duration::from_secs(30)).unwrap());
        let back = self.now() + down;
        // As it does every second.
        self.on(|floor| floor.store().alive(floor.now()));
        self.jobs = None;
        self.thread.take().unwrap().join().unwrap();
        self.start(back);
    }

    fn serve(&mut self, agent: AgentId, queues: BTreeMap<QueueId, Skill>) {
        self.on(move |floor| {
            floor.board().borrow_mut().assign(agent, queues);
            // Nothing changes by it, but whatever is dealt with makes the board look again.
            floor.tell(Message::Agent { id: agent, command: agent::Command::PhoneRegistered });
        });
        // As after every change of who serves what.
        self.wait_for(Job::Renew);
    }

    fn agent(&self, id: AgentId) -> Agent {
        self.machine(id)
    }

    fn queue(&self, id: QueueId) -> Queue {
        self.machine(id)
    }

    fn chat(&self, id: ChatId) -> Chat {
        self.machine(id)
    }

    fn call(&self, id: CallId) -> Call {
        self.machine(id)
    }

    fn task(&self, id: TaskId) -> Task {
        self.machine(id)
    }

    fn place(&self, item: ItemId) -> Option<(QueueId, u32)> {
        self.on(move |floor| floor.board().borrow().place(item))
    }

    fn signals(&mut self) -> Vec<(CallId, Signal)> {
        self.idle();
        std::mem::take(&mut self.heard.signals.lock().unwrap())
    }

    fn notices(&mut self) -> Vec<(AgentId, ItemId, Refusal)> {
        self.idle();
        std::mem::take(&mut self.heard.notices.lock().unwrap())
    }

    fn outcomes(&mut self) -> Vec<(OfferId, Outcome)> {
        self.idle();
        let ids: Vec<AgentId> = self.setup.agents.iter().map(|agent| agent.id).collect();
        let rows = self.on(move |floor| {
            let journal = |id: AgentId| (id, floor.store().journal(Party::Agent(id).number()).unwrap());
            ids.into_iter().map(journal).collect::<Vec<_>>()
        });
        let mut outcomes = vec![];
        for (id, rows) in rows {
            let seen = self.rows_seen.borrow().get(&id).copied().unwrap_or_default();
            for row in rows.into_iter().filter(|row| row.seq > seen) {
                self.rows_seen.borrow_mut().insert(id, row.seq);
                let events: Vec<agent::Event> = serde_json::from_str(&row.events).unwrap();
                outcomes.extend(events.iter().filter_map(outcome).map(|(offer, outcome)| (row.at, offer, outcome)));
            }
        }
        outcomes.sort_by_key(|(at, _, _)| *at);
        outcomes.into_iter().map(|(_, offer, outcome)| (offer, outcome)).collect()
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            _ = thread.join();
        }
    }
}

fn outcome(event: &agent::Event) -> Option<(OfferId, Outcome)> {
    match event {
        agent::Event::Released { reservation, outcome, .. } => Some((reservation.offer, *outcome)),
        agent::Event::OfferRefused { offer, .. } => Some((*offer, Outcome::Refused)),
        _ => None,
    }
}

/// Hears what calls wish.
struct Telephone(Arc<Mutex<Vec<(CallId, Signal)>>>);

impl Actor for Telephone {
    type Context = Context<Self>;
}

impl Handler<CallWish> for Telephone {
    type Result = ();

    fn handle(&mut self, CallWish(_, call, wish): CallWish, _: &mut Self::Context) {
        let signal = match wish {
            Wish::TurnAway { .. } => Signal::TurnAway,
            Wish::Welcome(_) => Signal::Welcome,
            Wish::Alert(_) => Signal::Alert,
            Wish::Answer(offer) => Signal::Answer(offer),
            // No telephone asks for it.
            Wish::Announce(_) => return,
            Wish::Ring { offer, .. } => Signal::Ring(offer),
            Wish::StopRinging(offer) => Signal::StopRinging(offer),
            Wish::Connect(offer) => Signal::Connect(offer),
            Wish::Part(offer, _) => Signal::Part(offer),
            Wish::Clear => Signal::Clear,
            Wish::ClearStored(_) => Signal::ClearStored,
        };
        self.0.lock().unwrap().push((call, signal));
    }
}

/// What an agent's screen is to say, if the frame is about that.
fn notice(agent: AgentId, frame: &str) -> Option<(AgentId, ItemId, Refusal)> {
    let frame: serde_json::Value = serde_json::from_str(frame).unwrap();
    if frame["kind"] != "notice" {
        return None;
    }
    let number = frame["item"]["id"].as_u64().unwrap();
    let item = match frame["item"]["kind"].as_str() {
        Some("call") => ItemId::Call(CallId(number)),
        Some("task") => ItemId::Task(TaskId(number)),
        _ => ItemId::Chat(ChatId(number)),
    };
    let refusal = match frame["code"].as_str() {
        Some("not_available") => Refusal::NotAvailable,
        Some("taken") => Refusal::Taken,
        code => panic!("a notice with {code:?}"),
    };
    Some((agent, item, refusal))
}
