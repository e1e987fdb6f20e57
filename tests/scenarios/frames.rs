//! What the screens of a scenario are sent: for each a snapshot, the frames after it, and a fresh snapshot whenever all is quiet.
//! By turns agents do not look at their lists meanwhile, and look again before that.
//! The front ends' tests apply the frames to the first and have to come to the others; their developers look at them.

use super::{Arc, Mutex};
use actix::{Actor, Addr, Context, Handler};
use domain::id::{AgentId, ChatId, QueueId};
use domain::time::Timestamp;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;
use vorrang::actors::browser::Tab;
use vorrang::actors::floor::{AgentSays, Ask, Door, Floor, VisitorFacts};
use vorrang::actors::screens::{Outlet, Push, SocketId, Viewer};
use vorrang::clock::Clock;
use vorrang::protocol::agent::Topic;
use vorrang::protocol::rest::CurrentSession;

/// Writes what was recorded of all scenarios of a file for the front ends, beside the text that was played.
pub fn write(file: &str, text: &str, scenarios: &[(String, Recording)]) {
    let scenarios: Vec<_> = scenarios.iter().map(|(title, recording)| recording.whole(title)).collect();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("recordings");
    std::fs::create_dir_all(&folder).unwrap();
    let whole = json!({ "text": text, "scenarios": scenarios });
    std::fs::write(folder.join(file.replace(".scenario", ".json")), whole.to_string()).unwrap();
}

/// What the screens of one scenario were sent. A screen that begins anew, as after a restart, is another one.
#[derive(Clone, Default)]
pub struct Recording(Arc<Mutex<Vec<Recorded>>>);

struct Recorded {
    /// `agent 1`
    viewer: String,
    /// What the daemon says of who is signed in there; visitors are not.
    session: Option<CurrentSession>,
    moments: Vec<Moment>,
    /// What was done since the last moment, as the scenario has it.
    done: Vec<String>,
    /// The frames since then.
    frames: Vec<Value>,
    /// The number of the last frame.
    seq: u64,
    /// Earlier messages, as a page asks for them: what it asks and what it gets.
    earlier: Vec<Value>,
}

/// All is quiet again.
struct Moment {
    done: String,
    frames: Vec<Value>,
    /// What a screen that comes now is shown.
    fresh: Value,
}

impl Recording {
    fn begin(&self, viewer: String, session: Option<CurrentSession>) -> usize {
        let (moments, done, frames, earlier) = (vec![], vec![], vec![], vec![]);
        let mut screens = self.0.lock().unwrap();
        screens.push(Recorded { viewer, session, moments, done, frames, seq: 0, earlier });
        screens.len() - 1
    }

    fn done(&self, screen: usize, what: &str) {
        if !what.is_empty() {
            self.0.lock().unwrap()[screen].done.push(what.to_owned());
        }
    }

    fn note(&self, screen: usize, push: &Push, at: Timestamp) {
        let screen = &mut self.0.lock().unwrap()[screen];
        match push {
            Push::Reply(text) | Push::Snapshot(text) => screen.reply(serde_json::from_str(text).unwrap()),
            Push::Frame(text) => {
                screen.seq += 1;
                let frame: Value = serde_json::from_str(text).unwrap();
                let reply = json!({ "type": "frame", "seq": screen.seq, "frame": frame });
                screen.frames.push(json!({ "at": at, "reply": reply }));
            }
            Push::TakenOver | Push::Over => panic!("two screens under one name"),
        }
    }

    /// Chats of which a screen shows the last messages only, and the lowest number that it knows; each is told once.
    fn begun(&self, screen: usize) -> Vec<(ChatId, u32)> {
        let screen = &self.0.lock().unwrap()[screen];
        let known: BTreeSet<_> = screen.earlier.iter().filter_map(|earlier| earlier["chat"].as_u64()).collect();
        let fresh = screen.moments.last().and_then(|moment| moment.fresh["messages"].as_array());
        let first = |of: &Value| Some((of["chat"].as_u64()?, of["messages"][0]["number"].as_u64()?));
        let shown = fresh.into_iter().flatten().filter_map(first);
        let cut = shown.filter(|(chat, first)| *first > 1 && !known.contains(chat));
        cut.map(|(chat, first)| (ChatId(chat), u32::try_from(first).unwrap())).collect()
    }

    /// The lowest number among the messages that the last question for earlier ones brought; `None` if it brought nothing.
    fn brought(&self, screen: usize, chat: ChatId, before: u32) -> Option<u32> {
        let screen = &mut self.0.lock().unwrap()[screen];
        let asked = screen.earlier.last_mut().unwrap();
        assert!(asked["chat"] == chat.0 && asked["before"].is_null(), "no earlier messages of {chat} came");
        asked["before"] = before.into();
        asked["messages"][0]["number"].as_u64().map(|number| u32::try_from(number).unwrap())
    }

    fn whole(&self, title: &str) -> Value {
        let screens: Vec<_> = self.0.lock().unwrap().iter().map(Recorded::whole).collect();
        json!({ "title": title, "screens": screens })
    }
}

impl Recorded {
    fn reply(&mut self, mut reply: Value) {
        match reply["type"].as_str() {
            Some("earlier") => self.earlier.push(reply),
            _ => {
                // As if it were asked for by the same connection.
                if reply["type"] == "snapshot" {
                    reply["seq"] = self.seq.into();
                }
                self.fresh(reply);
            }
        }
    }

    /// A moment at which nothing came and nothing is otherwise is none.
    fn fresh(&mut self, fresh: Value) {
        let timeless = |fresh: &Value| {
            Value::from_iter(fresh.as_object().unwrap().clone().into_iter().filter(|(key, _)| key != "now"))
        };
        let last = self.moments.last();
        if self.frames.is_empty() && last.is_some_and(|last| timeless(&last.fresh) == timeless(&fresh)) {
            return;
        }
        let (done, frames) = (self.done.join("; "), std::mem::take(&mut self.frames));
        self.done.clear();
        self.moments.push(Moment { done, frames, fresh });
    }

    fn whole(&self) -> Value {
        let moments: Vec<_> = self.moments.iter().map(Moment::whole).collect();
        json!({ "viewer": self.viewer, "session": self.session, "moments": moments, "earlier": self.earlier })
    }
}

impl Moment {
    fn whole(&self) -> Value {
        json!({ "done": self.done, "frames": self.frames, "fresh": self.fresh })
    }
}

/// Somebody with a screen.
#[derive(Clone)]
pub struct Watcher {
    pub viewer: Viewer,
    /// `agent 1`, `supervisor 3`, `visitor 7`
    pub title: String,
    pub session: Option<CurrentSession>,
}

impl Watcher {
    /// Called by the chat's number among all items; the daemon's start stands above it.
    fn visitor(id: ChatId) -> Watcher {
        Watcher { viewer: Viewer::Visitor(id), title: format!("visitor {}", id.0 & u64::from(u32::MAX)), session: None }
    }
}

/// The screens of one floor, as long as it runs.
pub struct Screens {
    recording: Recording,
    watched: BTreeMap<Viewer, Watched>,
    sockets: SocketId,
    heard: super::Notices,
    door: Addr<Door>,
    checks: u64,
}

#[derive(Clone)]
struct Watched {
    tab: Tab,
    /// Where in the recording.
    screen: usize,
    address: Addr<Screen>,
}

impl Screens {
    pub fn new(recording: Recording, heard: super::Notices, door: Addr<Door>) -> Screens {
        Screens { recording, watched: BTreeMap::new(), sockets: 0, heard, door, checks: 0 }
    }

    /// Everybody who is there looks on from now, with a snapshot.
    pub async fn watch(&mut self, floor: &Rc<Floor>, watchers: impl IntoIterator<Item = Watcher>) {
        for Watcher { viewer, title, session } in watchers {
            if !self.watched.contains_key(&viewer) {
                let screen = self.recording.begin(title, session);
                let (tab, address) = self.tab(floor, viewer, screen, true);
                show(floor, viewer, tab.clone());
                self.watched.insert(viewer, Watched { tab, screen, address });
            }
        }
        floor.idle().await;
        self.flush().await;
    }

    /// All screens go, and the next ones begin anew.
    pub fn close(&mut self, floor: &Floor) {
        for (viewer, watched) in std::mem::take(&mut self.watched) {
            floor.screens().borrow_mut().left(viewer, watched.tab.socket);
        }
    }

    /// Adds to each recording what a screen that comes now, after this was done, is shown; visitors who have come since
    /// begin with it.
    pub async fn check(&mut self, floor: &Rc<Floor>, done: &str) {
        self.look(floor, |_| true);
        floor.idle().await;
        self.flush().await;
        let mut fresh = vec![];
        for (viewer, Watched { screen, .. }) in self.watched.clone() {
            self.recording.done(screen, done);
            let (tab, address) = self.tab(floor, viewer, screen, false);
            fresh.push((viewer, tab.socket, address));
            show(floor, viewer, tab);
        }
        floor.idle().await;
        for (viewer, socket, address) in fresh {
            address.send(Flush).await.unwrap();
            floor.screens().borrow_mut().left(viewer, socket);
        }
        self.read_back(floor).await;
        let chats: Vec<ChatId> = floor.chats().ids();
        self.watch(floor, chats.into_iter().map(Watcher::visitor)).await;
        self.checks += 1;
        let checks = self.checks;
        self.look(floor, |agent| (agent.0 + checks).is_multiple_of(2));
    }

    /// Asks for earlier messages, page by page, until there are none.
    async fn read_back(&self, floor: &Rc<Floor>) {
        for (viewer, Watched { tab, screen, address }) in &self.watched {
            let Viewer::Agent(agent) = *viewer else { continue };
            for (chat, first) in self.recording.begun(*screen) {
                let mut next = Some(first);
                while let Some(before) = next {
                    let asks = AgentSays::Earlier { chat, before };
                    self.door.send(Ask::of_agent(agent, tab.clone(), asks)).await.unwrap();
                    floor.idle().await;
                    address.send(Flush).await.unwrap();
                    next = self.recording.brought(*screen, chat, before);
                }
            }
        }
    }

    /// A visitor who is not let in, and sees why.
    pub async fn turned_away(&mut self, floor: &Rc<Floor>, id: ChatId, queue: QueueId, facts: VisitorFacts) {
        let Watcher { viewer, title, session } = Watcher::visitor(id);
        let screen = self.recording.begin(title, session);
        self.recording.done(screen, "is turned away");
        let (tab, address) = self.tab(floor, viewer, screen, true);
        floor.visitor_joined(id, queue, facts, tab, 0);
        floor.idle().await;
        address.send(Flush).await.unwrap();
    }

    /// Who of the agents looks at their lists from now on.
    fn look(&self, floor: &Rc<Floor>, looks: impl Fn(AgentId) -> bool) {
        for (viewer, Watched { tab, .. }) in &self.watched {
            let Viewer::Agent(agent) = *viewer else { continue };
            let lists = if looks(agent) { &[Topic::Queues, Topic::Colleagues][..] } else { &[] };
            let at = lists.iter().copied().chain([Topic::Supervision]).collect();
            floor.agent_looks(agent, tab.socket, &at);
        }
    }

    /// A tab of its own for a moment, or for as long as `lasts`.
    fn tab(&mut self, floor: &Floor, viewer: Viewer, screen: usize, lasts: bool) -> (Tab, Addr<Screen>) {
        self.sockets += 1;
        let (recording, notices, clock) = (self.recording.clone(), self.heard.clone(), floor.house().clock.clone());
        let address = Screen { viewer, recording, screen, lasts, notices, clock }.start();
        let to = Outlet::new(address.clone().recipient(), Arc::default());
        (Tab { socket: self.sockets, to, client: format!("tab {}", self.sockets) }, address)
    }

    /// Waits until all that was sent to the screens is noted.
    async fn flush(&self) {
        for Watched { address, .. } in self.watched.values() {
            address.send(Flush).await.unwrap();
        }
    }
}

fn show(floor: &Rc<Floor>, viewer: Viewer, tab: Tab) {
    floor.screens().borrow_mut().joining(viewer, &tab);
    match viewer {
        Viewer::Agent(agent) => floor.show_agent(agent, tab),
        Viewer::Visitor(chat) => floor.show_visitor(chat, tab, 0),
    }
}

/// Hears what one tab is sent.
pub struct Screen {
    viewer: Viewer,
    recording: Recording,
    screen: usize,
    /// One that is there for its snapshot only gets no frames that are not also sent to the one that lasts.
    lasts: bool,
    notices: super::Notices,
    clock: Clock,
}

impl Actor for Screen {
    type Context = Context<Self>;
}

impl Handler<Push> for Screen {
    type Result = ();

    fn handle(&mut self, push: Push, _: &mut Self::Context) {
        let now = self.clock.now();
        if let (Viewer::Visitor(_), Push::Reply(text) | Push::Snapshot(text)) = (self.viewer, &push) {
            assert!(!text.contains(super::words::NOTE), "a visitor is shown a note: {text}");
        }
        if let (Viewer::Visitor(_), Push::Frame(text)) = (self.viewer, &push) {
            assert!(!text.contains(super::words::NOTE), "a visitor is sent a note: {text}");
        }
        let Push::Frame(text) = &push else { return self.recording.note(self.screen, &push, now) };
        if self.lasts {
            self.recording.note(self.screen, &push, now);
            if let Viewer::Agent(agent) = self.viewer {
                self.notices.lock().unwrap().extend(super::notice(agent, text));
            }
        }
    }
}

/// Answered when all that was sent before it is noted.
#[derive(actix::Message)]
#[rtype(result = "()")]
struct Flush;

impl Handler<Flush> for Screen {
    type Result = ();

    fn handle(&mut self, _: Flush, _: &mut Self::Context) {}
}
