//! A browser's dealings with the floor: coming, saying what is to be done, going.
//! It carries; what may be done is decided by the machines.

use super::floor::{AgentSays, Floor, Held, Reply, VisitorFacts, VisitorSays, kept_details, places};
use super::ids::{Numbered, Party};
use super::kind::Kind;
pub use super::screens::Tab;
use super::screens::{Frame, SocketId, Viewer};
use super::supervising::no_queue;
use super::unread::not_read;
use super::{agent, chat as chat_actor, queue, task};
use crate::protocol::agent::{
    AgentCommand, AgentFrame, AgentReply, BreakReasonView, ChatMessages, ColleagueView, DestinationView, ItemRef,
    QueueView, Recipient, Topic,
};
use crate::protocol::details::VisitorIdentity;
use crate::protocol::error::{Code, Problem};
use crate::protocol::visitor::{Choice, Message, VisitorCommand, VisitorFrame, VisitorReply};
use crate::store::{BreakReasonRow, Cause, ContentKind, QueueRow, StoreError, TextPage};
use domain::Refusal;
use domain::agent::{Agent, Command as ToAgent, Entry};
use domain::call::{Call, Command as ToCall};
use domain::chat::{self, Author, Chat, Command as ToChat, State};
use domain::id::{AgentId, BreakReasonId, ChatId, ItemId, QueueId};
use domain::task::{Command as ToTask, Task};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::ops::Range;
use std::rc::Rc;

/// How many messages are shown at once.
#[derive(Clone, Copy, Debug)]
struct Page {
    count_max: u32,
    /// Of their texts as they are stored; one message is always shown.
    bytes_max: usize,
}

/// An agent gets the last messages, and the others as they ask for them.
const PAGE: Page = Page { count_max: 50, bytes_max: 256 * 1024 };
/// A visitor gets all of a usual chat.
const VISITORS_PAGE: Page = Page { count_max: 500, bytes_max: 512 * 1024 };

// Agents.
impl Floor {
    /// Does what an agent's tab says, unless a newer connection goes by its name by now.
    pub(super) fn agent_says(self: &Rc<Self>, id: AgentId, tab: Tab, says: AgentSays) {
        let is_held = self.screens().borrow().holds(Viewer::Agent(id), tab.socket);
        match says {
            AgentSays::Joined => self.agent_joined(id, tab),
            AgentSays::Left => self.agent_left(id, tab.socket),
            AgentSays::Command { number, command } if is_held => self.agent_command(id, tab, number, command),
            AgentSays::Typing { chat, on } if is_held => self.agent_typing(id, chat, on),
            AgentSays::Looks { at } if is_held => self.agent_looks(id, tab.socket, &at),
            AgentSays::Earlier { chat, before } if is_held => self.agent_reads_earlier(id, tab, chat, before),
            AgentSays::Command { .. }
            | AgentSays::Typing { .. }
            | AgentSays::Looks { .. }
            | AgentSays::Earlier { .. } => {}
        }
    }

    /// An agent's tab is there: it gets the snapshot, and all frames after it.
    pub fn agent_joined(self: &Rc<Self>, id: AgentId, tab: Tab) {
        if !self.screens().borrow_mut().joining(Viewer::Agent(id), &tab) {
            return;
        }
        self.envelope::<Agent>(id, ToAgent::BrowserBack, |envelope| {
            envelope.reply = Some(Box::new(move |floor, _| floor.show_agent(id, tab)));
        });
    }

    /// The snapshot is taken now and sent when all in it is durable; frames from now on follow it.
    pub fn show_agent(self: &Rc<Self>, id: AgentId, tab: Tab) {
        let Some(screen) = self.screens().borrow().joined(Viewer::Agent(id), tab.socket) else { return };
        let Some(view) = self.agents().look(id, |machine| agent::view(self, id, machine)) else { return };
        let (queues, colleagues) = (self.queues_of(id), self.colleagues_of(id));
        let items = self.inbox(id);
        // Later ones come as frames.
        let so_far = |chat| (chat, 0..self.chats().look(chat, Chat::messages).map_or(0, |last| last + 1));
        let inbox: Vec<_> = items.iter().filter_map(|item| as_chat(*item)).map(so_far).collect();
        let chats = inbox
            .iter()
            .filter_map(|(id, _)| self.chats().look(*id, |machine| chat_actor::view(self, *id, machine)))
            .collect();
        let tasks = items.iter().filter_map(|item| match item {
            ItemId::Task(id) => self.tasks().look(*id, |machine| task::view(self, *id, machine)),
            ItemId::Chat(_) | ItemId::Call(_) => None,
        });
        let tasks = tasks.collect();
        let rows = self.rows();
        let destination = |row: &QueueRow| DestinationView { queue: row.id, name: row.name.clone() };
        let mut destinations: Vec<_> = rows.queues.iter().map(destination).collect();
        destinations.sort_by(|a, b| a.name.cmp(&b.name));
        let reason = |row: &BreakReasonRow| BreakReasonView { reason: row.id, name: row.name.clone() };
        let break_reasons = rows.break_reasons.iter().map(reason).collect();
        drop(rows);
        let now = self.now();
        self.when_durable(move |floor| {
            floor.ask_written(inbox, move |_, messages| {
                let shown = messages.and_then(|messages| {
                    let shown = screen.show(&AgentReply::Snapshot {
                        seq: 0,
                        now,
                        agent: view,
                        queues,
                        chats,
                        tasks,
                        colleagues,
                        destinations,
                        break_reasons,
                        messages,
                    });
                    // Too much happened while it was read.
                    if shown { Ok(()) } else { Err(not_read(&StoreError::Overloaded)) }
                });
                if let Err(problem) = shown {
                    tab.push(&AgentReply::Refused { problem });
                }
            });
        });
    }

    /// The queues that an agent serves, as their screens show them.
    fn queues_of(&self, id: AgentId) -> Vec<QueueView> {
        let served: Vec<QueueId> = self.board().borrow().serves(id).collect();
        let view = |id| self.queues().look(id, |machine| queue::view(self, id, machine));
        served.into_iter().filter_map(view).collect()
    }

    /// The others who may work, by name.
    fn colleagues_of(&self, id: AgentId) -> Vec<ColleagueView> {
        let others = self.agents().ids().into_iter().filter(|other| *other != id);
        let colleagues = others.filter_map(|other| self.agents().look(other, |a| agent::colleague(self, other, a)));
        let mut colleagues: Vec<_> = colleagues.filter(|colleague| self.may_work(colleague.agent)).collect();
        colleagues.sort_by(|a, b| a.name.cmp(&b.name));
        colleagues
    }

    /// From now on an agent's tab shows these: what comes into sight is sent whole.
    pub fn agent_looks(self: &Rc<Self>, id: AgentId, socket: SocketId, at: &BTreeSet<Topic>) {
        let Some((screen, came)) = self.screens().borrow().looks(Viewer::Agent(id), socket, at) else { return };
        let frame = |topic| match topic {
            Topic::Queues => Some(AgentFrame::Queues { queues: self.queues_of(id) }),
            Topic::Colleagues => Some(AgentFrame::Colleagues { colleagues: self.colleagues_of(id) }),
            // What was told meanwhile is over.
            Topic::Supervision => None,
        };
        let frames =
            came.into_iter().filter_map(frame).filter_map(|frame| Frame::new(std::iter::once(&screen), || frame));
        self.hold_last(frames.map(Held::Frame).collect());
    }

    /// An agent's own view of themselves for their screens, after something that their machine does not know of.
    pub(super) fn agent_frame(&self, id: AgentId) -> Option<Held> {
        self.agents().look(id, |machine| {
            let frame = || AgentFrame::Agent { agent: agent::view(self, id, machine) };
            Frame::new(self.screens().borrow().of_agent(id), frame).map(Held::Frame)
        })?
    }

    fn inbox(&self, id: AgentId) -> Vec<ItemId> {
        let shown = |agent: &Agent| agent.inbox().filter(|(_, entry)| is_shown(*entry)).map(|(item, _)| item).collect();
        self.agents().look(id, shown).unwrap_or_default()
    }

    /// Whether an agent's screens show this item in their inbox.
    pub(super) fn shows_in_inbox(&self, id: AgentId, item: ItemId) -> bool {
        self.agents().look(id, |agent| agent.entry(item).is_some_and(is_shown)) == Some(true)
    }

    /// An agent's tab is gone.
    pub fn agent_left(self: &Rc<Self>, id: AgentId, socket: SocketId) {
        if self.screens().borrow_mut().left(Viewer::Agent(id), socket) {
            self.envelope::<Agent>(id, ToAgent::BrowserLost, |_| {});
        }
    }

    /// Shows an item that came into an agent's inbox, a chat with what was written so far.
    pub(super) fn show_item(self: &Rc<Self>, agent: AgentId, item: ItemId) {
        match item {
            ItemId::Chat(chat) => self.show_chat(agent, chat),
            ItemId::Task(id) => {
                let view = self.tasks().look(id, |machine| task::view(self, id, machine));
                let screens = self.screens().borrow();
                let frame = view.and_then(|task| Frame::new(screens.of_agent(agent), || AgentFrame::Task { task }));
                if let Some(frame) = frame {
                    frame.send();
                }
            }
            ItemId::Call(_) => {}
        }
    }

    fn show_chat(self: &Rc<Self>, agent: AgentId, id: ChatId) {
        let Some(view) = self.chats().look(id, |machine| chat_actor::view(self, id, machine)) else { return };
        let screens = self.screens().borrow();
        let send = |frame: AgentFrame| {
            if let Some(frame) = Frame::new(screens.of_agent(agent), || frame) {
                frame.send();
            }
        };
        send(AgentFrame::Chat { chat: view });
        // What is written meanwhile comes by itself: browsers put messages together by their numbers.
        self.ask_written(vec![(id, 0..u32::MAX)], move |floor, written| {
            let Some(ChatMessages { chat, messages, notes }) = written.into_iter().flatten().next() else { return };
            if (messages.is_empty() && notes.is_empty()) || !floor.has_chat(agent, id) {
                return;
            }
            let screens = floor.screens().borrow();
            let frame = AgentFrame::Messages { chat, messages, notes };
            if let Some(frame) = Frame::new(screens.of_agent(agent), || frame) {
                frame.send();
            }
        });
    }

    pub(super) fn has_chat(&self, agent: AgentId, chat: ChatId) -> bool {
        self.chats().look(chat, |machine| machine.agent() == Some(agent)) == Some(true)
    }

    /// Carries out what an agent wants; the answer goes to the tab when it is durable.
    pub fn agent_command(self: &Rc<Self>, id: AgentId, tab: Tab, number: u64, command: AgentCommand) {
        let cause = cause(format!("agent {id} {}", tab.client), number, &command);
        let to_chat = self.to_chat(id, &tab.client, number, &command);
        let answer = move |problem: Option<Problem>| tab.push(&AgentReply::Answer { id: Some(number), problem });
        let cause = match cause {
            Ok(cause) => cause,
            Err(problem) => return answer(Some(problem)),
        };
        if !self.may_work(id) {
            return answer(Some(Refusal::LoggedOut.into()));
        }
        if let Some(problem) = self.unknown_recipient(&command) {
            return self.when_durable(move |_| answer(Some(problem)));
        }
        if let Some((chat, order, text)) = to_chat {
            return self.order::<Chat>(chat, order, cause, text, answer);
        }
        match command {
            AgentCommand::LogIn {} => self.log_in(id, cause, answer),
            AgentCommand::LogOut {} => self.order::<Agent>(id, ToAgent::LogOut, cause, None, answer),
            AgentCommand::TakeBreak { reason } if self.knows_break_reason(reason) => {
                self.order::<Agent>(id, ToAgent::TakeBreak { reason }, cause, None, answer);
            }
            AgentCommand::Pick { item } => self.pick(id, item.into(), cause, answer),
            AgentCommand::Activate { item } => {
                self.order::<Agent>(id, ToAgent::Activate { item: item.into() }, cause, None, answer);
            }
            AgentCommand::Park { item } => {
                self.order::<Agent>(id, ToAgent::Park { item: item.into() }, cause, None, answer);
            }
            AgentCommand::TransferCall { call, queue } if self.calls().look(call, |_| ()).is_some() => {
                self.order::<Call>(call, ToCall::Transfer { agent: id, to: queue }, cause, None, answer);
            }
            AgentCommand::Decline { offer } => {
                self.order::<Agent>(id, ToAgent::Decline { offer }, cause, None, answer);
            }
            AgentCommand::HangUp { call } if self.calls().look(call, |_| ()).is_some() => {
                self.order::<Call>(call, ToCall::HangUp { agent: id }, cause, None, answer);
            }
            AgentCommand::ExtendWrapUp { item: ItemRef::Call { id: call } } => {
                self.order::<Agent>(id, ToAgent::ExtendCallWrapUp { call }, cause, None, answer);
            }
            AgentCommand::Finish { item: ItemRef::Call { id: call } } => {
                self.order::<Agent>(id, ToAgent::FinishCallWrapUp { call }, cause, None, answer);
            }
            AgentCommand::Finish { item: ItemRef::Task { id: task } }
                if self.tasks().look(task, |machine| machine.agent() == Some(id)) == Some(true) =>
            {
                self.order::<Task>(task, ToTask::Finish { agent: id }, cause, None, answer);
            }
            AgentCommand::TakeBreak { .. } => {
                let problem = Problem::new(Code::NotFound, "there is no such reason for a break");
                self.when_durable(move |_| answer(Some(problem)));
            }
            AgentCommand::HangUp { .. }
            | AgentCommand::Transfer { .. }
            | AgentCommand::TransferCall { .. }
            | AgentCommand::Say { .. }
            | AgentCommand::Note { .. }
            | AgentCommand::Read { .. }
            | AgentCommand::End { .. }
            | AgentCommand::ExtendWrapUp { .. }
            | AgentCommand::Finish { .. } => {
                let problem = Refusal::NotYours.into();
                self.when_durable(move |_| answer(Some(problem)));
            }
        }
    }

    /// Whoever begins to work by another program than the desktop has no browser.
    fn log_in(self: &Rc<Self>, id: AgentId, cause: Cause, answer: impl FnOnce(Option<Problem>) + Send + 'static) {
        if !self.rows().rights_of(id).answers {
            let problem = Problem::new(Code::Forbidden, "no role of yours lets calls and chats come to you");
            return self.when_durable(move |_| answer(Some(problem)));
        }
        self.order::<Agent>(id, ToAgent::LogIn, cause, None, answer);
        if !self.screens().borrow().has(Viewer::Agent(id)) {
            self.envelope::<Agent>(id, ToAgent::BrowserLost, |_| {});
        }
    }

    /// An agent takes what waits.
    fn pick(
        self: &Rc<Self>,
        id: AgentId,
        item: ItemId,
        cause: Cause,
        answer: impl FnOnce(Option<Problem>) + Send + 'static,
    ) {
        match self.waiting_place(id, item) {
            Some((queue, place)) => {
                self.order::<Agent>(id, ToAgent::Pick { item, queue, place }, cause, None, answer);
            }
            None => {
                let problem = Problem::new(Code::Taken, "the item is no longer in one of the agent's queues");
                self.when_durable(move |_| answer(Some(problem)));
            }
        }
    }

    /// What a command asks of a chat that the agent has, with the text beside it; `None` if it asks no such thing.
    fn to_chat(
        &self,
        id: AgentId,
        client: &str,
        command: u64,
        asked: &AgentCommand,
    ) -> Option<(ChatId, ToChat, Option<String>)> {
        let (chat, order, text) = match asked {
            AgentCommand::Transfer { chat, to, note } => {
                let to = match *to {
                    Recipient::Queue { id } => chat::Recipient::Queue(self.destination(id)),
                    Recipient::Agent { id } => chat::Recipient::Agent(id),
                };
                (*chat, ToChat::Transfer { agent: id, to }, Some(note.clone()))
            }
            AgentCommand::Say { chat, text } => {
                let say = ToChat::Say { author: Author::Agent(id), client: client.to_owned(), command };
                (*chat, say, Some(text.clone()))
            }
            AgentCommand::Note { chat, text } => {
                (*chat, ToChat::Note { agent: id, client: client.to_owned(), command }, Some(text.clone()))
            }
            AgentCommand::Read { chat, number } => (*chat, ToChat::Read { agent: id, number: *number }, None),
            AgentCommand::End { chat } => (*chat, ToChat::End { agent: id }, None),
            AgentCommand::ExtendWrapUp { item: ItemRef::Chat { id: chat } } => {
                (*chat, ToChat::ExtendWrapUp { agent: id }, None)
            }
            AgentCommand::Finish { item: ItemRef::Chat { id: chat } } => {
                (*chat, ToChat::FinishWrapUp { agent: id }, None)
            }
            _ => return None,
        };
        self.has_chat(id, chat).then_some((chat, order, text))
    }

    /// Whether the company has this reason for a break; the one without a name is everybody's.
    fn knows_break_reason(&self, reason: BreakReasonId) -> bool {
        reason == BreakReasonId(0) || self.rows().break_reasons.iter().any(|row| row.id == reason)
    }

    /// Why nothing can be given to whom a command names: nobody, or whoever was removed.
    fn unknown_recipient(&self, command: &AgentCommand) -> Option<Problem> {
        match *command {
            AgentCommand::Transfer { to: Recipient::Queue { id: queue }, .. }
            | AgentCommand::TransferCall { queue, .. }
                if !self.takes(queue) =>
            {
                Some(no_queue(queue))
            }
            AgentCommand::Transfer { to: Recipient::Agent { id }, .. } if self.agent_row(id).is_none() => {
                Some(Problem::new(Code::NotFound, format!("there is no agent {id}, or they were removed")))
            }
            _ => None,
        }
    }

    /// The place of an item that waits in one of the agent's queues.
    fn waiting_place(&self, agent: AgentId, item: ItemId) -> Option<(QueueId, u32)> {
        let board = self.board().borrow();
        let place = board.place(item)?;
        board.serves(agent).any(|served| served == place.0).then_some(place)
    }

    /// An agent reads further up.
    pub fn agent_reads_earlier(self: &Rc<Self>, id: AgentId, tab: Tab, chat: ChatId, before: u32) {
        if !self.has_chat(id, chat) {
            return tab.push(&AgentReply::Earlier { chat, messages: vec![] });
        }
        let viewer = Viewer::Agent(id);
        if !self.screens().borrow().begins_reading(viewer, tab.socket) {
            let problem = Problem::new(Code::TooMany, "other messages that were asked for are on their way");
            return tab.push(&AgentReply::Answer { id: None, problem: Some(problem) });
        }
        self.ask_pages(vec![(chat, 0..before)], PAGE, move |floor, pages| {
            floor.screens().borrow().has_read(viewer, tab.socket);
            match pages {
                Ok(pages) => {
                    // Nobody reads on in what was given away meanwhile.
                    let pages = pages.into_iter().filter(|_| floor.has_chat(id, chat));
                    tab.push(&AgentReply::Earlier { chat, messages: pages.flatten().collect() });
                }
                // Whoever still wants them asks again.
                Err(problem) => tab.push(&AgentReply::Answer { id: None, problem: Some(problem) }),
            }
        });
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

    /// Changes whether an agent works, without their browser; `answer` is called when it is durable.
    pub fn set_presence(self: &Rc<Self>, id: AgentId, command: ToAgent, answer: Reply) {
        let at_work = command == ToAgent::LogIn;
        if !self.may_work(id) {
            return answer(self, Err(Refusal::LoggedOut));
        }
        self.envelope::<Agent>(id, command, |envelope| envelope.reply = Some(answer));
        if at_work && !self.screens().borrow().has(Viewer::Agent(id)) {
            self.envelope::<Agent>(id, ToAgent::BrowserLost, |_| {});
        }
    }
}

// Visitors.
impl Floor {
    /// Does what a visitor's tab says, unless a newer connection goes by its name by now.
    pub(super) fn visitor_says(self: &Rc<Self>, id: ChatId, tab: Tab, says: VisitorSays) {
        let is_held = self.screens().borrow().holds(Viewer::Visitor(id), tab.socket);
        match says {
            VisitorSays::Joined { queue, facts, have } => self.visitor_joined(id, queue, *facts, tab, have),
            VisitorSays::Left => self.visitor_left(id, tab.socket),
            VisitorSays::Command { number, command } if is_held => self.visitor_command(id, tab, number, command),
            VisitorSays::Typing { on } if is_held => self.visitor_typing(id, on),
            VisitorSays::Read { number } if is_held => self.visitor_reads(id, number),
            VisitorSays::Looks { on } if is_held => places::looks(self, id, tab.socket, on),
            VisitorSays::Command { .. }
            | VisitorSays::Typing { .. }
            | VisitorSays::Read { .. }
            | VisitorSays::Looks { .. } => {}
        }
    }

    /// What is said to whoever gets no chat from a service.
    fn no_chat(&self, service: i64, problem: Problem) -> VisitorReply {
        let (telephone, opens) = (self.service_telephone(service), self.service_opens(service));
        VisitorReply::Refused { problem, telephone, opens, fields: vec![] }
    }

    /// A visitor's tab is there: for a chat that is requested by it, or that it comes back to.
    pub fn visitor_joined(self: &Rc<Self>, id: ChatId, queue: QueueId, facts: VisitorFacts, tab: Tab, have: u32) {
        if !self.screens().borrow_mut().joining(Viewer::Visitor(id), &tab) {
            return;
        }
        let (socket, refused, service) = (tab.socket, tab.clone(), facts.service);
        let joined: Reply = Box::new(move |floor, result| match result {
            Ok(()) => {
                if floor.visitor(id).service == 0 {
                    floor.note_visitor(id, |facts| facts.service = service);
                }
                floor.show_visitor(id, tab, have);
            }
            Err(refusal) => {
                floor.screens().borrow_mut().left(Viewer::Visitor(id), tab.socket);
                tab.push(&floor.no_chat(service, refusal.into()));
            }
        });
        self.when_loaded::<Chat>(id, move |floor, loaded| {
            if !floor.screens().borrow().holds(Viewer::Visitor(id), socket) {
                return;
            }
            if let Err(problem) = loaded {
                return refused.push(&floor.no_chat(service, problem));
            }
            if floor.chats().look(id, |chat| chat.state() == State::New) == Some(true) {
                floor.chat_requested(id, queue, facts, joined);
            } else {
                floor.visitor_is_back(id, facts.details.identity, joined);
            }
        });
    }

    /// A visitor's tab is there again, and its page may know by now who they are.
    fn visitor_is_back(self: &Rc<Self>, id: ChatId, identity: Option<VisitorIdentity>, joined: Reply) {
        // Of one that is over nothing is at hand, and nobody wants to know.
        let goes_on = self.chats().look(id, |chat| !matches!(chat.state(), State::Closed { .. })) == Some(true);
        let details = self.visitor(id).details.identified(identity.filter(|_| goes_on));
        let kept = details.as_ref().and_then(kept_details);
        if let Some(details) = details {
            self.note_visitor(id, |facts| facts.details = details);
        }
        let is_news = kept.is_some();
        self.envelope::<Chat>(id, ToChat::VisitorBack, |envelope| {
            envelope.content = Vec::from_iter(kept);
            envelope.reply = Some(Box::new(move |floor, result| {
                if is_news {
                    floor.show_details(id);
                    floor.ask_who_is_proved(id);
                }
                joined(floor, result);
            }));
        });
    }

    /// Shows whoever sees a chat what its visitor said of themselves.
    fn show_details(self: &Rc<Self>, id: ChatId) {
        let Some((queue, owner)) = self.chats().look(id, |chat| (chat.queue(), chat.agent())) else { return };
        let waits = owner.is_none().then_some(ItemId::Chat(id));
        let mut held = Vec::from_iter(queue::items_changed(self, queue, waits));
        let owner = owner.filter(|agent| self.shows_in_inbox(*agent, ItemId::Chat(id)));
        let view = self.chats().look(id, |machine| chat_actor::view(self, id, machine));
        if let (Some(agent), Some(chat)) = (owner, view) {
            let screens = self.screens().borrow();
            held.extend(Frame::new(screens.of_agent(agent), || AgentFrame::Chat { chat }).map(Held::Frame));
        }
        self.hold_last(held);
    }

    /// As `show_agent`; the messages from `have` on.
    pub fn show_visitor(self: &Rc<Self>, id: ChatId, tab: Tab, have: u32) {
        let Some(screen) = self.screens().borrow().joined(Viewer::Visitor(id), tab.socket) else { return };
        // One that is over may have left the memory while the answer waited for the disk.
        self.when_loaded::<Chat>(id, move |floor, loaded| {
            let refuse = move |tab: &Tab, problem| {
                tab.push(&VisitorReply::Refused { problem, telephone: None, opens: None, fields: vec![] })
            };
            // Later ones come as frames.
            let view = |machine: &Chat| (chat_actor::visitor_view(floor, id, machine), machine.messages() + 1);
            let seen = match loaded {
                Ok(_) => floor.chats().look(id, view),
                Err(problem) => return refuse(&tab, problem),
            };
            let Some((view, so_far)) = seen else { return };
            let now = floor.now();
            floor.when_durable(move |floor| {
                floor.ask_pages(vec![(id, have.saturating_add(1)..so_far)], VISITORS_PAGE, move |_, pages| {
                    let shown = pages.and_then(|pages| {
                        let messages = pages.into_iter().flatten().collect();
                        let shown = screen.show(&VisitorReply::Snapshot { seq: 0, now, chat: view, messages });
                        if shown { Ok(()) } else { Err(not_read(&StoreError::Overloaded)) }
                    });
                    if let Err(problem) = shown {
                        refuse(&tab, problem);
                    }
                });
            });
        });
    }

    /// A visitor's tab is gone.
    pub fn visitor_left(self: &Rc<Self>, id: ChatId, socket: SocketId) {
        places::looks(self, id, socket, false);
        let was_last = self.screens().borrow_mut().left(Viewer::Visitor(id), socket);
        if was_last && self.chats().look(id, |_| ()).is_some() {
            self.envelope::<Chat>(id, ToChat::VisitorLost, |_| {});
        }
    }

    /// Carries out what a visitor wants; the answer goes to the tab when it is durable.
    pub fn visitor_command(self: &Rc<Self>, id: ChatId, tab: Tab, number: u64, command: VisitorCommand) {
        let cause = cause(format!("visitor {}", tab.client), number, &command);
        let client = tab.client.clone();
        let answer = move |problem: Option<Problem>| tab.push(&VisitorReply::Answer { id: Some(number), problem });
        let cause = match cause {
            Ok(cause) => cause,
            Err(problem) => return answer(Some(problem)),
        };
        match command {
            VisitorCommand::Say { text } => {
                let say = ToChat::Say { author: Author::Visitor, client, command: number };
                self.order::<Chat>(id, say, cause, Some(text), answer);
            }
            VisitorCommand::Choose { choice, contact } => {
                let choice = match choice {
                    Choice::Stay => chat::Choice::Stay,
                    Choice::AnotherAgent => chat::Choice::AnotherAgent,
                    Choice::Callback => chat::Choice::Callback,
                    Choice::Email => chat::Choice::Email,
                };
                self.order::<Chat>(id, ToChat::Choose { choice }, cause, Some(contact), answer);
            }
            VisitorCommand::Leave {} => self.order::<Chat>(id, ToChat::Leave, cause, None, answer),
        }
    }

    /// A visitor has seen the messages up to this one: worth a word to the agent, and no row in the journal.
    fn visitor_reads(&self, chat: ChatId, number: u32) {
        let Some((agent, last)) = self.chats().look(chat, |machine| (machine.agent(), machine.messages())) else {
            return;
        };
        let number = number.min(last);
        if number <= self.visitor(chat).read_up_to {
            return;
        }
        self.note_visitor(chat, |facts| facts.read_up_to = number);
        let screens = self.screens().borrow();
        let of_agent = agent.into_iter().flat_map(|agent| screens.of_agent(agent));
        if let Some(frame) = Frame::new(of_agent, || AgentFrame::VisitorRead { chat, number }) {
            frame.send();
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

/// What a client's command is known by, should it come again: its number, and a digest of what it says.
///
/// # Errors
/// If it cannot be written as JSON: two such commands could not be told apart, so none of them is done.
pub(super) fn cause(client: String, number: u64, command: &impl Serialize) -> Result<Cause, Problem> {
    let written = serde_json::to_vec(command).map_err(|error| {
        tracing::error!(%error, "a command cannot be written as JSON; it is refused");
        Problem::new(Code::Malformed, "the command cannot be told from others")
    })?;
    let [a, b, c, d, e, f, g, h, ..]: [u8; 32] = Sha256::digest(written).into();
    Ok(Cause::Client { client, command: number, digest: u64::from_be_bytes([a, b, c, d, e, f, g, h]) })
}

/// Those of a chat's texts that can be read. One that cannot is missed, and said.
pub(super) fn readable<T: DeserializeOwned>(chat: ChatId, texts: &[String]) -> impl Iterator<Item = T> {
    texts.iter().filter_map(move |text| {
        let read = serde_json::from_str(text);
        read.inspect_err(|error| {
            tracing::error!(%chat, %error, "a text of a chat cannot be read (vorrang journal verify; restore a backup)");
        })
        .ok()
    })
}

/// Whether screens show it in the inbox: a call's wrap-up stands elsewhere, and what was asked for is not there yet.
fn is_shown(entry: Entry) -> bool {
    match entry {
        Entry::Alerting { .. } | Entry::Conversation { .. } | Entry::WrapUp => true,
        Entry::Requested { .. } | Entry::CallWrapUp(_) => false,
    }
}

fn as_chat(item: ItemId) -> Option<ChatId> {
    match item {
        ItemId::Chat(chat) => Some(chat),
        ItemId::Call(_) | ItemId::Task(_) => None,
    }
}

// Both.
impl Floor {
    /// What an agent sees first of their chats: the last messages with such numbers, and the last notes; or what is said if they
    /// cannot be read.
    fn ask_written(
        self: &Rc<Self>,
        chats: Vec<(ChatId, Range<u32>)>,
        then: impl FnOnce(&Rc<Floor>, Result<Vec<ChatMessages>, Problem>) + 'static,
    ) {
        self.ask_pages(chats.clone(), PAGE, move |floor, pages| {
            let pages = match pages {
                Ok(pages) => pages,
                Err(problem) => return then(floor, Err(problem)),
            };
            floor.ask_notes(chats.iter().map(|(chat, _)| *chat).collect(), move |floor, notes| {
                let written = notes.map(|notes| {
                    let all = chats.into_iter().zip(pages).zip(notes);
                    all.map(|(((chat, _), messages), notes)| ChatMessages { chat, messages, notes }).collect()
                });
                then(floor, written);
            });
        });
    }

    /// Asks for the last stored messages of chats with such numbers, of each as many as `page` allows, and goes on with
    /// them, or with what is said if they cannot be read.
    fn ask_pages(
        self: &Rc<Self>,
        chats: Vec<(ChatId, Range<u32>)>,
        page: Page,
        then: impl FnOnce(&Rc<Floor>, Result<Vec<Vec<Message>>, Problem>) + 'static,
    ) {
        let numbers = |numbers: &Range<u32>| numbers.start.into()..numbers.end.into();
        let actors = chats.iter().map(|(chat, range)| (Party::Chat(*chat).number(), numbers(range))).collect();
        let Page { count_max, bytes_max } = page;
        let page = TextPage { kind: ContentKind::MessageText, count_max, bytes_max };
        self.ask(self.store().last_contents(actors, page), move |floor, found| {
            let found = found.inspect_err(|error| tracing::error!(?chats, %error, "messages could not be read"));
            let pages = found.map(|pages| {
                let of_chat =
                    |((chat, _), texts): (&(ChatId, Range<u32>), Vec<String>)| readable(*chat, &texts).collect();
                chats.iter().zip(pages).map(of_chat).collect()
            });
            then(floor, pages.map_err(|error| not_read(&error)));
        });
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serializer;

    struct Unwritable;

    impl Serialize for Unwritable {
        fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("it has no words"))
        }
    }

    fn digest(command: &impl Serialize) -> Option<u64> {
        match cause("tab-1".to_owned(), 7, command) {
            Ok(Cause::Client { digest, .. }) => Some(digest),
            Ok(Cause::Message { .. }) | Err(_) => None,
        }
    }

    #[test]
    fn commands_are_known_by_all_that_they_say_and_one_that_cannot_be_written_is_refused() {
        let say = |text: &str| VisitorCommand::Say { text: text.to_owned() };
        // As it stands in journals that were written before.
        assert_eq!(digest(&VisitorCommand::Leave {}), Some(0xed8f6515a4e6ad1f));
        assert_eq!(digest(&say("a")), digest(&say("a")));
        assert_ne!(digest(&say("a")), digest(&say("b")));
        assert_eq!(cause("tab-1".to_owned(), 7, &Unwritable).unwrap_err().code, Code::Malformed);
    }
}
