//! Which browsers look at whom, and how a change reaches them.
//! Nothing waits for a browser: what it does not take in time, it gets with its next snapshot.

use actix::{Message, Recipient};
use domain::id::{AgentId, ChatId, QueueId};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Something for one browser. The socket gives frames their numbers.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub enum Push {
    /// A whole reply, serialised: snapshot, answer or refusal.
    Reply(String),
    /// A frame, serialised once for all who get it.
    Frame(Arc<str>),
}

/// One connected browser tab, by a number of its own.
pub type SocketId = u64;

/// The browsers that are connected.
#[derive(Debug, Default)]
pub struct Screens {
    joining: BTreeSet<SocketId>,
    agents: BTreeMap<(AgentId, SocketId), Recipient<Push>>,
    visitors: BTreeMap<(ChatId, SocketId), Recipient<Push>>,
    /// Whether colleagues can ever, and can now, give an agent a chat, as they were last told.
    available: BTreeMap<AgentId, (bool, bool)>,
    /// Whether somebody is there for a queue's chats, as those who wait were last told.
    staffed: BTreeMap<QueueId, bool>,
}

impl Screens {
    /// A tab is on its way in: it may be gone before it is shown anything.
    pub fn joining(&mut self, socket: SocketId) {
        self.joining.insert(socket);
    }

    /// A tab of an agent is there; false if it went away while joining.
    pub fn agent_joined(&mut self, agent: AgentId, socket: SocketId, to: Recipient<Push>) -> bool {
        let here = self.joining.remove(&socket);
        if here {
            self.agents.insert((agent, socket), to);
        }
        here
    }

    /// A tab of an agent is gone; true if none is left.
    pub fn agent_left(&mut self, agent: AgentId, socket: SocketId) -> bool {
        let was_here = self.joining.remove(&socket) | self.agents.remove(&(agent, socket)).is_some();
        was_here && !self.has_agent(agent)
    }

    /// Whether colleagues can ever, and can now, give an agent a chat; true if that is news.
    pub fn note_availability(&mut self, agent: AgentId, available: (bool, bool)) -> bool {
        self.available.insert(agent, available) != Some(available)
    }

    /// Whether somebody is there for a queue's chats now; true if that is news.
    pub fn note_staffing(&mut self, queue: QueueId, staffed: bool) -> bool {
        self.staffed.insert(queue, staffed).unwrap_or(false) != staffed
    }

    /// A tab of a visitor is there; false if it went away while joining.
    pub fn visitor_joined(&mut self, chat: ChatId, socket: SocketId, to: Recipient<Push>) -> bool {
        let here = self.joining.remove(&socket);
        if here {
            self.visitors.insert((chat, socket), to);
        }
        here
    }

    /// A tab of a visitor is gone; true if none is left.
    pub fn visitor_left(&mut self, chat: ChatId, socket: SocketId) -> bool {
        let was_here = self.joining.remove(&socket) | self.visitors.remove(&(chat, socket)).is_some();
        was_here && !self.has_visitor(chat)
    }

    /// Whether an agent has a browser open.
    pub fn has_agent(&self, agent: AgentId) -> bool {
        self.of_agent(agent).next().is_some()
    }

    /// Whether a visitor has a browser open.
    pub fn has_visitor(&self, chat: ChatId) -> bool {
        self.of_visitor(chat).next().is_some()
    }

    /// The tabs of one agent.
    pub fn of_agent(&self, agent: AgentId) -> impl Iterator<Item = &Recipient<Push>> {
        self.agents.range((agent, 0)..=(agent, SocketId::MAX)).map(|(_, to)| to)
    }

    /// The tabs of one chat's visitor.
    pub fn of_visitor(&self, chat: ChatId) -> impl Iterator<Item = &Recipient<Push>> {
        self.visitors.range((chat, 0)..=(chat, SocketId::MAX)).map(|(_, to)| to)
    }

    /// The agents who have a browser open.
    pub fn agents(&self) -> impl Iterator<Item = AgentId> {
        let mut last = None;
        self.agents.keys().map(|(agent, _)| *agent).filter(move |agent| last.replace(*agent) != Some(*agent))
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
