//! Which browsers look at whom, and how a change reaches them.
//! Nothing waits for a browser: what it does not take in time, it gets with its next snapshot.

use super::browser::Tab;
use actix::{Message, Recipient};
use domain::id::{AgentId, ChatId, QueueId};
use serde::Serialize;
use std::collections::BTreeMap;
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
    to: Recipient<Push>,
    /// It is on its way in until it is shown something: frames come after its snapshot.
    shown: bool,
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
            older.to.do_send(Push::TakenOver);
        }
        let seat = Seat { client: tab.client.clone(), to: tab.to.clone(), shown: false };
        self.tabs.insert((viewer, tab.socket), seat);
        true
    }

    /// A tab gets its snapshot now, and frames from now on; false if it went away while joining.
    pub fn joined(&mut self, viewer: Viewer, socket: SocketId) -> bool {
        let seat = self.tabs.get_mut(&(viewer, socket));
        seat.map(|seat| seat.shown = true).is_some()
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
    pub fn of_agent(&self, agent: AgentId) -> impl Iterator<Item = &Recipient<Push>> {
        self.shown_to(Viewer::Agent(agent))
    }

    /// The tabs of one chat's visitor.
    pub fn of_visitor(&self, chat: ChatId) -> impl Iterator<Item = &Recipient<Push>> {
        self.shown_to(Viewer::Visitor(chat))
    }

    fn shown_to(&self, viewer: Viewer) -> impl Iterator<Item = &Recipient<Push>> {
        let tabs = self.tabs.range((viewer, 0)..=(viewer, SocketId::MAX));
        tabs.filter(|(_, seat)| seat.shown).map(|(_, seat)| &seat.to)
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
    to: Vec<Recipient<Push>>,
    text: Arc<str>,
}

impl Frame {
    /// Serialises `frame` once; `None` when nobody looks.
    pub fn new<'a, T: Serialize>(
        to: impl Iterator<Item = &'a Recipient<Push>>,
        frame: impl FnOnce() -> T,
    ) -> Option<Frame> {
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
            to.do_send(Push::Frame(self.text.clone()));
        }
    }
}
