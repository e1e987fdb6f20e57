//! A browser's dealings with the floor: coming, saying what is to be done, going.
//! It carries; what may be done is decided by the machines.

use super::floor::{Floor, VisitorFacts};
use super::ids::ActorId;
use super::screens::{Frame, Push, SocketId};
use super::shell::{Kind, Reply};
use super::{agent, chat, queue};
use crate::protocol::agent::{AgentCommand, AgentFrame, AgentReply, ChatMessages};
use crate::protocol::error::{Code, Problem};
use crate::protocol::visitor::{Message, VisitorCommand, VisitorFrame, VisitorReply};
use crate::store::{Cause, ContentKind};
use actix::Recipient;
use domain::agent::{Agent, Command as ToAgent, Entry};
use domain::call::{Call, Command as ToCall};
use domain::chat::{Author, Chat, Command as ToChat, State};
use domain::id::{AgentId, ChatId, ItemId, QueueId};
use serde::Serialize;
use std::rc::Rc;

/// A browser tab that speaks to the floor.
#[derive(Clone, Debug)]
pub struct Tab {
    /// Its connection.
    pub socket: SocketId,
    /// Where its pushes go.
    pub to: Recipient<Push>,
    /// What it calls itself over all its connections.
    pub client: String,
}

impl Tab {
    fn push(&self, reply: &impl Serialize) {
        match serde_json::to_string(reply) {
            Ok(text) => self.to.do_send(Push::Reply(text)),
            Err(error) => tracing::error!(%error, "a reply could not be serialised"),
        }
    }
}

// Agents.
impl Floor {
    /// An agent's tab is there: it gets the snapshot, and all frames after it.
    pub fn agent_joined(self: &Rc<Self>, id: AgentId, tab: Tab) {
        self.screens().borrow_mut().joining(tab.socket);
        self.envelope::<Agent>(id, ToAgent::BrowserBack, |envelope| {
            envelope.reply = Some(Box::new(move |floor, _| floor.show_agent(id, tab)));
        });
    }

    /// The snapshot is taken now and sent when all in it is durable; frames from now on follow it.
    fn show_agent(self: &Rc<Self>, id: AgentId, tab: Tab) {
        if !self.screens().borrow_mut().agent_joined(id, tab.socket, tab.to.clone()) {
            return;
        }
        let Some(view) = self.agents().look(id, |machine| agent::view(self, id, machine)) else { return };
        let served: Vec<QueueId> = self.board().borrow().serves(id).collect();
        let queues = served
            .into_iter()
            .filter_map(|id| self.queues().look(id, |machine| queue::view(self, id, machine)))
            .collect();
        let inbox = self.inbox(id);
        let chats =
            inbox.iter().filter_map(|id| self.chats().look(*id, |machine| chat::view(self, *id, machine))).collect();
        let now = self.now();
        self.when_durable(move |floor| {
            let messages = inbox.into_iter().map(|chat| ChatMessages { chat, messages: floor.messages(chat, 0) });
            let messages = messages.collect();
            tab.push(&AgentReply::Snapshot { seq: 0, now, agent: view, queues, chats, messages });
        });
    }

    fn inbox(&self, id: AgentId) -> Vec<ChatId> {
        let owned = |agent: &Agent| {
            agent.inbox().filter(|(_, entry)| *entry != Entry::Requested).map(|(chat, _)| chat).collect()
        };
        self.agents().look(id, owned).unwrap_or_default()
    }

    /// An agent's tab is gone.
    pub fn agent_left(self: &Rc<Self>, id: AgentId, socket: SocketId) {
        if self.screens().borrow_mut().agent_left(id, socket) {
            self.envelope::<Agent>(id, ToAgent::BrowserLost, |_| {});
        }
    }

    /// Shows a chat that came into an agent's inbox, with what was written so far.
    pub(super) fn show_chat(self: &Rc<Self>, agent: AgentId, id: ChatId) {
        let Some(view) = self.chats().look(id, |machine| chat::view(self, id, machine)) else { return };
        let screens = self.screens().borrow();
        let send = |frame: AgentFrame| {
            if let Some(frame) = Frame::new(screens.of_agent(agent), || frame) {
                frame.send();
            }
        };
        send(AgentFrame::Chat { chat: view });
        for message in self.messages(id, 0) {
            send(AgentFrame::Message { chat: id, message });
        }
    }

    /// Carries out what an agent wants; the answer goes to the tab when it is durable.
    pub fn agent_command(self: &Rc<Self>, id: AgentId, tab: Tab, number: u64, command: AgentCommand) {
        let cause = Cause::Client { client: format!("agent {id} {}", tab.client), command: number };
        let client = tab.client.clone();
        let answer = move |problem: Option<Problem>| tab.push(&AgentReply::Answer { id: number, problem });
        let chat_of = |chat: ChatId| self.chats().look(chat, |machine| machine.agent() == Some(id)).unwrap_or(false);
        match command {
            AgentCommand::LogIn {} => {
                self.order::<Agent>(id, ToAgent::LogIn, cause, None, answer);
                if !self.screens().borrow().has_agent(id) {
                    self.envelope::<Agent>(id, ToAgent::BrowserLost, |_| {});
                }
            }
            AgentCommand::LogOut {} => self.order::<Agent>(id, ToAgent::LogOut, cause, None, answer),
            AgentCommand::Pick { chat } => match self.waiting_place(id, chat) {
                Some(place) => self.order::<Agent>(id, ToAgent::Pick { chat, place }, cause, None, answer),
                None => {
                    let problem = Problem::new(Code::Taken, "the chat is no longer in one of the agent's queues");
                    self.when_durable(move |_| answer(Some(problem)));
                }
            },
            AgentCommand::Activate { chat } => {
                self.order::<Agent>(id, ToAgent::Activate { chat }, cause, None, answer);
            }
            AgentCommand::Park { chat } => self.order::<Agent>(id, ToAgent::Park { chat }, cause, None, answer),
            AgentCommand::FinishWrapUp { chat: None } => {
                self.order::<Agent>(id, ToAgent::FinishCallWrapUp, cause, None, answer);
            }
            AgentCommand::Decline { offer } => {
                self.order::<Agent>(id, ToAgent::Decline { offer }, cause, None, answer);
            }
            AgentCommand::HangUp { call } if self.calls().look(call, |_| ()).is_some() => {
                self.order::<Call>(call, ToCall::HangUp { agent: id }, cause, None, answer);
            }
            AgentCommand::Say { chat, text } if chat_of(chat) => {
                let say = ToChat::Say { author: Author::Agent(id), client, command: number };
                self.order::<Chat>(chat, say, cause, Some(text), answer);
            }
            AgentCommand::Read { chat, number } if chat_of(chat) => {
                self.order::<Chat>(chat, ToChat::Read { agent: id, number }, cause, None, answer);
            }
            AgentCommand::End { chat } if chat_of(chat) => {
                self.order::<Chat>(chat, ToChat::End { agent: id }, cause, None, answer);
            }
            AgentCommand::ExtendWrapUp { chat } if chat_of(chat) => {
                self.order::<Chat>(chat, ToChat::ExtendWrapUp { agent: id }, cause, None, answer);
            }
            AgentCommand::FinishWrapUp { chat: Some(chat) } if chat_of(chat) => {
                self.order::<Chat>(chat, ToChat::FinishWrapUp { agent: id }, cause, None, answer);
            }
            AgentCommand::HangUp { .. }
            | AgentCommand::Say { .. }
            | AgentCommand::Read { .. }
            | AgentCommand::End { .. }
            | AgentCommand::ExtendWrapUp { .. }
            | AgentCommand::FinishWrapUp { .. } => {
                let problem = domain::Refusal::NotYours.into();
                self.when_durable(move |_| answer(Some(problem)));
            }
        }
    }

    /// The place of a chat that waits in one of the agent's queues.
    fn waiting_place(&self, agent: AgentId, chat: ChatId) -> Option<u32> {
        let board = self.board().borrow();
        let (queue, place) = board.place(ItemId::Chat(chat))?;
        board.serves(agent).any(|served| served == queue).then_some(place)
    }

    /// An agent writes, or stopped.
    pub fn agent_typing(&self, id: AgentId, chat: ChatId, on: bool) {
        let active = |machine: &Chat| machine.state() == State::Active { agent: id };
        if self.chats().look(chat, active).unwrap_or(false) {
            let screens = self.screens().borrow();
            if let Some(frame) = Frame::new(screens.of_visitor(chat), || VisitorFrame::Typing { on }) {
                frame.send();
            }
        }
    }

    /// Logs an agent in or out who has no browser; `answer` is called when it is durable.
    pub fn set_presence(self: &Rc<Self>, id: AgentId, at_work: bool, answer: Reply) {
        let command = if at_work { ToAgent::LogIn } else { ToAgent::LogOut };
        self.envelope::<Agent>(id, command, |envelope| envelope.reply = Some(answer));
        if at_work && !self.screens().borrow().has_agent(id) {
            self.envelope::<Agent>(id, ToAgent::BrowserLost, |_| {});
        }
    }
}

// Visitors.
impl Floor {
    /// A visitor's tab is there: for a chat that is requested by it, or that it comes back to.
    pub fn visitor_joined(self: &Rc<Self>, id: ChatId, queue: QueueId, facts: VisitorFacts, tab: Tab, have: u32) {
        self.screens().borrow_mut().joining(tab.socket);
        let joined: Reply = Box::new(move |floor, _| floor.show_visitor(id, tab, have));
        let is_new = self.load::<Chat>(id) && self.chats().look(id, |chat| chat.state() == State::New) == Some(true);
        if is_new {
            self.chat_requested(id, queue, facts, joined);
        } else {
            self.envelope::<Chat>(id, ToChat::VisitorBack, |envelope| envelope.reply = Some(joined));
        }
    }

    fn show_visitor(self: &Rc<Self>, id: ChatId, tab: Tab, have: u32) {
        if !self.screens().borrow_mut().visitor_joined(id, tab.socket, tab.to.clone()) {
            return;
        }
        // One that is over may have left the memory while the answer waited for the disk.
        self.load::<Chat>(id);
        let Some(view) = self.chats().look(id, |machine| chat::visitor_view(self, machine)) else { return };
        let now = self.now();
        self.when_durable(move |floor| {
            let messages = floor.messages(id, have);
            tab.push(&VisitorReply::Snapshot { seq: 0, now, chat: view, messages });
        });
    }

    /// A visitor's tab is gone.
    pub fn visitor_left(self: &Rc<Self>, id: ChatId, socket: SocketId) {
        let was_last = self.screens().borrow_mut().visitor_left(id, socket);
        if was_last && self.chats().look(id, |_| ()).is_some() {
            self.envelope::<Chat>(id, ToChat::VisitorLost, |_| {});
        }
    }

    /// Carries out what a visitor wants; the answer goes to the tab when it is durable.
    pub fn visitor_command(self: &Rc<Self>, id: ChatId, tab: Tab, number: u64, command: VisitorCommand) {
        let cause = Cause::Client { client: format!("visitor {}", tab.client), command: number };
        let client = tab.client.clone();
        let answer = move |problem: Option<Problem>| tab.push(&VisitorReply::Answer { id: number, problem });
        match command {
            VisitorCommand::Say { text } => {
                let say = ToChat::Say { author: Author::Visitor, client, command: number };
                self.order::<Chat>(id, say, cause, Some(text), answer);
            }
            VisitorCommand::Leave {} => self.order::<Chat>(id, ToChat::Leave, cause, None, answer),
        }
    }

    /// A visitor writes, or stopped.
    pub fn visitor_typing(&self, chat: ChatId, on: bool) {
        let Some(agent) = self.chats().look(chat, Chat::agent).flatten() else { return };
        let screens = self.screens().borrow();
        if let Some(frame) = Frame::new(screens.of_agent(agent), || AgentFrame::Typing { chat, on }) {
            frame.send();
        }
    }
}

// Both.
impl Floor {
    /// The stored messages of a chat with numbers above `have`.
    fn messages(&self, chat: ChatId, have: u32) -> Vec<Message> {
        let number = ActorId::Chat(chat).number();
        match self.store().contents(number, ContentKind::MessageText, have.into()) {
            Ok(rows) => rows.iter().filter_map(|(_, text)| serde_json::from_str(text).ok()).collect(),
            Err(error) => {
                tracing::error!(%chat, %error, "the messages of a chat could not be read");
                vec![]
            }
        }
    }

    fn order<M: Kind>(
        self: &Rc<Self>,
        id: M::Id,
        command: M::Command,
        cause: Cause,
        text: Option<String>,
        answer: impl FnOnce(Option<Problem>) + Send + 'static,
    ) {
        self.envelope::<M>(id, command, |envelope| {
            envelope.cause = Some(cause);
            envelope.text = text;
            envelope.reply = Some(Box::new(move |_, result| answer(result.err().map(Problem::from))));
        });
    }
}
