//! Which browsers look at whom, and how a change reaches them.
//! Nothing waits for a browser: what it does not take in time, it gets with its next snapshot.

use super::browser::Tab;
use actix::{Message, Recipient};
use domain::id::{AgentId, ChatId, QueueId};
use serde::Serialize;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// Something for one browser. The socket gives frames their numbers.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub enum Push {
    /// A whole reply, serialised: snapshot, answer or refusal.
    Reply(String),
    /// A frame, serialised once for all who get it.
    Frame(Arc<str>),
    /// A newer connection goes by this one's name: it is closed, and nothing that it asks for is done any more.
    TakenOver,
}

/// One connected browser tab, by a number of its own.
pub type SocketId = u64;

/// Whose tab it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Viewer {
    /// An agent's.
    Agent(AgentId),
    /// That of a chat's visitor.
    Visitor(ChatId),
}

/// How many frames wait for a tab's snapshot: less than a socket may be behind.
const BEFORE_SNAPSHOT_MAX: usize = 128;

/// One connected browser tab. While its snapshot is on its way frames wait, so that they follow it.
#[derive(Debug)]
pub struct Screen {
    to: Recipient<Push>,
    state: RefCell<Shown>,
}

#[derive(Debug)]
enum Shown {
    /// It is on its way in: what happens now will be in its snapshot.
    Joining,
    /// The frames that follow its snapshot, which is on its way.
    Nothing(Vec<Arc<str>>),
    Snapshot,
    /// More happened meanwhile than may wait: what comes now would have a gap.
    TooLate,
}

impl Screen {
    fn new(to: Recipient<Push>) -> Rc<Screen> {
        Rc::new(Screen { to, state: RefCell::new(Shown::Joining) })
    }

    /// From now on frames wait until the snapshot is shown.
    fn awaits_snapshot(&self) {
        self.state.replace(Shown::Nothing(vec![]));
    }

    fn is_joining(&self) -> bool {
        matches!(*self.state.borrow(), Shown::Joining)
    }

    /// Shows the snapshot, and the frames that came since it was taken. False if they were too many: then nothing is shown.
    pub fn show(&self, snapshot: &impl Serialize) -> bool {
        let frames = match self.state.replace(Shown::TooLate) {
            Shown::Joining | Shown::Snapshot => vec![],
            Shown::Nothing(frames) => frames,
            Shown::TooLate => return false,
        };
        match serde_json::to_string(snapshot) {
            Ok(text) => self.to.do_send(Push::Reply(text)),
            Err(error) => {
                tracing::error!(%error, "a snapshot could not be serialised");
                return false;
            }
        }
        frames.into_iter().for_each(|frame| self.to.do_send(Push::Frame(frame)));
        self.state.replace(Shown::Snapshot);
        true
    }

    fn push(&self, frame: &Arc<str>) {
        let mut state = self.state.borrow_mut();
        match &mut *state {
            Shown::Snapshot => self.to.do_send(Push::Frame(frame.clone())),
            Shown::Nothing(frames) if frames.len() < BEFORE_SNAPSHOT_MAX => frames.push(frame.clone()),
            Shown::Nothing(_) => *state = Shown::TooLate,
            Shown::Joining | Shown::TooLate => {}
        }
    }
}

/// The browsers that are connected.
#[derive(Debug, Default)]
pub struct Screens {
    tabs: BTreeMap<(Viewer, SocketId), Seat>,
    /// Whether colleagues can ever, and can now, give an agent a chat, as they were last told.
    available: BTreeMap<AgentId, (bool, bool)>,
    /// Whether somebody is there for a queue's chats, as those who wait were last told.
    staffed: BTreeMap<QueueId, bool>,
}

#[derive(Debug)]
struct Seat {
    client: String,
    screen: Rc<Screen>,
}

impl Screens {
    /// A tab is on its way in, and takes over from an older one of its name: a browser that comes back may do so before
    /// its old connection is known to be dead. False if a newer one has the name already.
    pub fn joining(&mut self, viewer: Viewer, tab: &Tab) -> bool {
        let mut tabs = self.tabs.range((viewer, 0)..=(viewer, SocketId::MAX));
        let same = tabs.find(|(_, seat)| seat.client == tab.client).map(|(place, _)| *place);
        if let Some((_, socket)) = same
            && socket > tab.socket
        {
            tab.to.do_send(Push::TakenOver);
            return false;
        }
        if let Some(older) = same.and_then(|place| self.tabs.remove(&place)) {
            older.screen.to.do_send(Push::TakenOver);
        }
        let seat = Seat { client: tab.client.clone(), screen: Screen::new(tab.to.clone()) };
        self.tabs.insert((viewer, tab.socket), seat);
        true
    }

    /// A tab's snapshot is taken now: frames from now on follow it. `None` if it went away while joining.
    pub fn joined(&self, viewer: Viewer, socket: SocketId) -> Option<Rc<Screen>> {
        let screen = self.tabs.get(&(viewer, socket))?.screen.clone();
        screen.awaits_snapshot();
        Some(screen)
    }

    /// A tab is gone; true if it was the last.
    pub fn left(&mut self, viewer: Viewer, socket: SocketId) -> bool {
        self.tabs.remove(&(viewer, socket)).is_some() && !self.has(viewer)
    }

    /// Whether a tab is there, and nobody took over from it.
    pub fn holds(&self, viewer: Viewer, socket: SocketId) -> bool {
        self.tabs.contains_key(&(viewer, socket))
    }

    /// Whether somebody has a browser open.
    pub fn has(&self, viewer: Viewer) -> bool {
        self.tabs.range((viewer, 0)..=(viewer, SocketId::MAX)).next().is_some()
    }

    /// Whether colleagues can ever, and can now, give an agent a chat; true if that is news.
    pub fn note_availability(&mut self, agent: AgentId, available: (bool, bool)) -> bool {
        self.available.insert(agent, available) != Some(available)
    }

    /// Whether somebody is there for a queue's chats now; true if that is news.
    pub fn note_staffing(&mut self, queue: QueueId, staffed: bool) -> bool {
        self.staffed.insert(queue, staffed).unwrap_or(false) != staffed
    }

    /// The tabs of one agent.
    pub fn of_agent(&self, agent: AgentId) -> impl Iterator<Item = &Rc<Screen>> {
        self.of(Viewer::Agent(agent))
    }

    /// The tabs of one chat's visitor.
    pub fn of_visitor(&self, chat: ChatId) -> impl Iterator<Item = &Rc<Screen>> {
        self.of(Viewer::Visitor(chat))
    }

    fn of(&self, viewer: Viewer) -> impl Iterator<Item = &Rc<Screen>> {
        let tabs = self.tabs.range((viewer, 0)..=(viewer, SocketId::MAX));
        tabs.map(|(_, seat)| &seat.screen).filter(|screen| !screen.is_joining())
    }

    /// The agents who have a browser open.
    pub fn agents(&self) -> impl Iterator<Item = AgentId> {
        let mut last = None;
        let agents = self.tabs.keys().map_while(|(viewer, _)| match viewer {
            Viewer::Agent(agent) => Some(*agent),
            Viewer::Visitor(_) => None,
        });
        agents.filter(move |agent| last.replace(*agent) != Some(*agent))
    }
}

/// A frame on its way to the browsers that were connected when it happened.
#[derive(Debug)]
pub struct Frame {
    to: Vec<Rc<Screen>>,
    text: Arc<str>,
}

impl Frame {
    /// Serialises `frame` once; `None` when nobody looks.
    pub fn new<'a, T: Serialize>(to: impl Iterator<Item = &'a Rc<Screen>>, frame: impl FnOnce() -> T) -> Option<Frame> {
        let to: Vec<_> = to.cloned().collect();
        if to.is_empty() {
            return None;
        }
        match serde_json::to_string(&frame()) {
            Ok(text) => Some(Frame { to, text: text.into() }),
            Err(error) => {
                tracing::error!(%error, "a frame could not be serialised");
                None
            }
        }
    }

    /// Sends it.
    pub fn send(self) {
        for to in self.to {
            to.push(&self.text);
        }
    }
}
