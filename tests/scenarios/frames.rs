//! What the screens of a scenario are sent: for each a snapshot, the frames after it, and a fresh snapshot whenever all is quiet.
//! The front ends' tests apply the frames to the first and have to come to the others.

use super::{Arc, Mutex};
use actix::{Actor, Addr, Context, Handler};
use domain::id::ChatId;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use vorrang::actors::browser::Tab;
use vorrang::actors::floor::Floor;
use vorrang::actors::screens::{Outlet, Push, SocketId, Viewer};

/// What the screens of one scenario were sent. A screen that begins anew, as after a restart, is another one.
#[derive(Clone, Default)]
pub struct Recording(Arc<Mutex<Vec<Recorded>>>);

struct Recorded {
    viewer: Viewer,
    replies: Vec<Value>,
}

impl Recording {
    fn begin(&self, viewer: Viewer) -> usize {
        let mut screens = self.0.lock().unwrap();
        screens.push(Recorded { viewer, replies: vec![] });
        screens.len() - 1
    }

    fn note(&self, screen: usize, push: &Push) {
        let replies = &mut self.0.lock().unwrap()[screen].replies;
        match push {
            Push::Reply(text) => replies.push(serde_json::from_str(text).unwrap()),
            Push::Frame(text) => {
                let seq = 1 + replies.iter().filter(|reply| reply["type"] == "frame").count();
                let frame: Value = serde_json::from_str(text).unwrap();
                replies.push(json!({ "type": "frame", "seq": seq, "frame": frame }));
            }
            Push::TakenOver | Push::Over => panic!("two screens under one name"),
        }
    }

    /// Writes all of it for the front ends' tests, as the scenario with this number in the file of this name.
    pub fn write(&self, file: &str, number: usize) {
        let screens: Vec<_> = self.0.lock().unwrap().iter().map(whole).collect();
        std::fs::create_dir_all(folder()).unwrap();
        std::fs::write(path(file, number), json!(screens).to_string()).unwrap();
    }
}

fn whole(screen: &Recorded) -> Value {
    json!({ "viewer": name(screen.viewer), "replies": screen.replies })
}

fn name(viewer: Viewer) -> String {
    match viewer {
        Viewer::Agent(agent) => format!("agent {}", agent.0),
        Viewer::Visitor(chat) => format!("visitor {}", chat.0),
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("frames")
}

fn path(file: &str, number: usize) -> PathBuf {
    folder().join(format!("{file}-{number}.json"))
}

/// The screens of one floor, as long as it runs.
pub struct Screens {
    recording: Recording,
    watched: BTreeMap<Viewer, (SocketId, usize, Addr<Screen>)>,
    sockets: SocketId,
    heard: super::Notices,
}

impl Screens {
    pub fn new(recording: Recording, heard: super::Notices) -> Screens {
        Screens { recording, watched: BTreeMap::new(), sockets: 0, heard }
    }

    /// Everybody who is there looks on from now, with a snapshot.
    pub async fn watch(&mut self, floor: &Rc<Floor>, viewers: impl IntoIterator<Item = Viewer>) {
        for viewer in viewers {
            if !self.watched.contains_key(&viewer) {
                let screen = self.recording.begin(viewer);
                let (socket, address) = self.show(floor, viewer, screen, true);
                self.watched.insert(viewer, (socket, screen, address));
            }
        }
        floor.idle().await;
        self.flush().await;
    }

    /// All screens go, and the next ones begin anew.
    pub fn close(&mut self, floor: &Floor) {
        for (viewer, (socket, ..)) in std::mem::take(&mut self.watched) {
            floor.screens().borrow_mut().left(viewer, socket);
        }
    }

    /// Adds to each recording what a screen that comes now is shown; visitors who have come since begin with it.
    pub async fn check(&mut self, floor: &Rc<Floor>) {
        floor.idle().await;
        self.flush().await;
        let mut fresh = vec![];
        for (viewer, (_, screen, _)) in self.watched.clone() {
            let (socket, address) = self.show(floor, viewer, screen, false);
            fresh.push((viewer, socket, address));
        }
        floor.idle().await;
        for (viewer, socket, address) in fresh {
            address.send(Flush).await.unwrap();
            floor.screens().borrow_mut().left(viewer, socket);
        }
        let chats: Vec<ChatId> = floor.chats().ids();
        self.watch(floor, chats.into_iter().map(Viewer::Visitor)).await;
    }

    /// A tab of its own for a moment, or for as long as `lasts`.
    fn show(&mut self, floor: &Rc<Floor>, viewer: Viewer, screen: usize, lasts: bool) -> (SocketId, Addr<Screen>) {
        self.sockets += 1;
        let (recording, notices) = (self.recording.clone(), self.heard.clone());
        let address = Screen { viewer, recording, screen, lasts, notices }.start();
        let to = Outlet::new(address.clone().recipient(), Arc::default());
        let tab = Tab { socket: self.sockets, to, client: format!("tab {}", self.sockets) };
        let socket = tab.socket;
        floor.screens().borrow_mut().joining(viewer, &tab);
        match viewer {
            Viewer::Agent(agent) => floor.show_agent(agent, tab),
            Viewer::Visitor(chat) => floor.show_visitor(chat, tab, 0),
        }
        (socket, address)
    }

    /// Waits until all that was sent to the screens is noted.
    async fn flush(&self) {
        for (_, _, address) in self.watched.values() {
            address.send(Flush).await.unwrap();
        }
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
}

impl Actor for Screen {
    type Context = Context<Self>;
}

impl Handler<Push> for Screen {
    type Result = ();

    fn handle(&mut self, push: Push, _: &mut Self::Context) {
        let Push::Frame(text) = &push else { return self.recording.note(self.screen, &push) };
        if self.lasts {
            self.recording.note(self.screen, &push);
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
