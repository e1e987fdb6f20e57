//! The chat's actor: what its visitor's and its agent's screens show, and the texts that are stored beside its events.
//! It decides nothing: that is `domain::chat`.

use super::floor::{Floor, Held, Members, places};
use super::kind::{Kind, Turn};
use super::queue;
use super::screens::Frame;
use crate::protocol::agent::{AgentFrame, ChatStateView, ChatView, MayWithChatView, NoteView, WrapUpView};
use crate::protocol::error::obstacle;
use crate::protocol::visitor::{Author, EndedBy, FileView, Message, VisitorChat, VisitorChatState, VisitorFrame};
use crate::store::{Content, ContentKind};
use domain::chat::{self, Alarm, Chat, Choice, Ending, Event, ParkedBy, State, Visitor};
use domain::id::{AgentId, ChatId, ContactId, ItemId, QueueId, TaskId};
use domain::queue::Queue;
use domain::record::Record;
use domain::task::PUSH_LASTS;
use std::rc::Rc;

impl Kind for Chat {
    fn members(floor: &Floor) -> &Members<Chat> {
        floor.chats()
    }

    fn record(chat: &Chat) -> Option<Record> {
        chat.record()
    }

    fn contact(chat: &Chat) -> Option<ContactId> {
        chat.contact()
    }

    fn content(
        events: &[Event],
        text: Option<&str>,
        file: Option<&FileView>,
    ) -> Result<Vec<Content>, serde_json::Error> {
        let belongs = |event: &Event| match (event, file) {
            (Event::Said { number, .. }, Some(FileView { file, .. })) => {
                Some(Content { kind: ContentKind::File, number: file.0.cast_signed(), text: number.to_string() })
            }
            _ => None,
        };
        let content = |event: &Event| {
            let beside = |kind| Some(Ok(Content { kind, number: 0, text: text?.to_owned() }));
            match event {
                Event::Chosen { .. } => beside(ContentKind::Contact),
                Event::Transferred { .. } | Event::TransferAsked { .. } => beside(ContentKind::Note),
                _ => stored(event, text, file),
            }
        };
        events.iter().filter_map(content).chain(events.iter().filter_map(belongs).map(Ok)).collect()
    }

    fn observe(floor: &Rc<Floor>, turn: &Turn<'_, Chat>) -> Vec<Held> {
        let screens = floor.screens().borrow();
        // News of a chat may cross its leaving the inbox, where nothing would take it away again.
        let owner = turn.machine.agent().filter(|agent| floor.shows_in_inbox(*agent, ItemId::Chat(turn.id)));
        let agents = || owner.into_iter().flat_map(|agent| screens.of_agent(agent));
        let visitors = || screens.of_visitor(turn.id);
        let mut held = vec![];
        let mut changed = false;
        for event in turn.events {
            if let Event::Transferred { .. } | Event::TransferAsked { .. } = event {
                floor.note_visitor(turn.id, |facts| facts.note = turn.text.unwrap_or_default().to_owned());
            }
            if let Event::Chosen { choice: Choice::Callback | Choice::Email } = event {
                floor.note_task(TaskId(turn.id.0), turn.text.unwrap_or_default());
            }
            if let Event::Allocated { from: None, at, .. } = event {
                places::taken(floor, turn.machine, *at);
            }
            if let Event::Alarmed { alarm: Alarm::Supervisor } = event {
                let alert = || alert(floor, turn.id, turn.machine);
                held.extend(Frame::new(floor.supervisors(&screens, turn.machine.queue()), alert).map(Held::Frame));
            }
            if let Some(note) = note(event, turn.text) {
                // For those who have it, and nobody else.
                let frame = AgentFrame::Note { chat: turn.id, note: signed(floor, note) };
                held.extend(Frame::new(agents(), || frame).map(Held::Frame));
                continue;
            }
            if let Event::Identified { .. } = event {
                let waits = floor.board().borrow().place(ItemId::Chat(turn.id)).map(|_| ItemId::Chat(turn.id));
                held.extend(queue::items_changed(floor, turn.machine.queue(), waits));
            }
            match message(event, turn.text, turn.file) {
                Some(message) => {
                    if message.author == Author::Visitor && floor.first_line(turn.id).is_empty() {
                        floor.note_first_line(turn.id, &message.text);
                        let waits = (turn.machine.state() == State::Queued).then_some(ItemId::Chat(turn.id));
                        held.extend(queue::items_changed(floor, turn.machine.queue(), waits));
                    }
                    let frame = AgentFrame::Message { chat: turn.id, message: message.clone() };
                    held.extend(Frame::new(agents(), || frame).map(Held::Frame));
                    held.extend(Frame::new(visitors(), || VisitorFrame::Message { message }).map(Held::Frame));
                }
                None => changed = true,
            }
        }
        if changed {
            let chat = || AgentFrame::Chat { chat: view(floor, turn.id, turn.machine) };
            held.extend(Frame::new(agents(), chat).map(Held::Frame));
            let chat = || VisitorFrame::Chat { chat: visitor_view(floor, turn.id, turn.machine) };
            held.extend(Frame::new(visitors(), chat).map(Held::Frame));
        }
        held
    }
}

/// What is kept of a message or a note, as it is shown.
fn stored(event: &Event, text: Option<&str>, file: Option<&FileView>) -> Option<Result<Content, serde_json::Error>> {
    let written =
        |kind, number: u32, text: Result<String, _>| text.map(|text| Content { kind, number: number.into(), text });
    if let Some(note) = note(event, text) {
        return Some(written(ContentKind::InternalNote, note.number, serde_json::to_string(&note)));
    }
    let message = message(event, text, file)?;
    Some(written(ContentKind::MessageText, message.number, serde_json::to_string(&message)))
}

/// A note without its author's name, which is not kept with it.
fn note(event: &Event, text: Option<&str>) -> Option<NoteView> {
    let Event::Noted { number, after, agent, client, command, at } = event else { return None };
    Some(NoteView {
        number: *number,
        after: *after,
        agent: *agent,
        author: String::new(),
        text: text.unwrap_or_default().to_owned(),
        at: *at,
        client: client.clone(),
        command: *command,
    })
}

/// A note with its author's name.
pub(super) fn signed(floor: &Floor, note: NoteView) -> NoteView {
    NoteView { author: floor.agent_name(note.agent), ..note }
}

fn message(event: &Event, text: Option<&str>, file: Option<&FileView>) -> Option<Message> {
    let Event::Said { number, author, client, command, at } = event else { return None };
    let author = match author {
        chat::Author::Visitor => Author::Visitor,
        chat::Author::Agent(_) => Author::Agent,
    };
    let (text, file) = (text.unwrap_or_default().to_owned(), file.cloned());
    Some(Message { number: *number, author, text, file, at: *at, client: client.clone(), command: *command })
}

fn alert(floor: &Floor, chat: ChatId, machine: &Chat) -> AgentFrame {
    AgentFrame::Alert {
        chat,
        agent: machine.agent().map(|agent| floor.agent_name(agent)).unwrap_or_default(),
        queue: floor.queue_name(machine.queue()),
        preempted: matches!(machine.state(), State::Parked { by: ParkedBy::Call(_), .. }),
    }
}

/// A chat as its agent's screen shows it.
pub(super) fn view(floor: &Floor, id: ChatId, chat: &Chat) -> ChatView {
    let (facts, files) = (floor.visitor(id), floor.files_taken(id));
    // Whoever has it is the one who looks at it.
    let agent = chat.agent().unwrap_or_default();
    let wrap_up = match chat.state() {
        State::WrapUp { clock, extensions, .. } => Some(WrapUpView {
            clock: clock.into(),
            limit_ms: chat.wrap_up_limit(),
            extensions_left: chat::EXTENSIONS_MAX.saturating_sub(extensions),
            extend: obstacle(chat.may_extend()),
            finish: obstacle(chat.may_finish(agent)),
        }),
        State::New
        | State::Queued
        | State::Allocated { .. }
        | State::Active { .. }
        | State::Parked { .. }
        | State::WrapUpQueued { .. }
        | State::Closed { .. } => None,
    };
    ChatView {
        chat: id,
        queue: chat.queue(),
        queue_name: floor.queue_name(chat.queue()),
        page: facts.page,
        language: facts.language,
        arrived_at: chat.arrived_at(),
        state: match chat.state() {
            State::Allocated { pushed: true, since, .. } => {
                ChatStateView::Allocated { until: Some(since + PUSH_LASTS) }
            }
            State::New | State::Queued | State::Allocated { pushed: false, .. } => {
                ChatStateView::Allocated { until: None }
            }
            State::Active { .. } => ChatStateView::Active {},
            State::Parked { by: ParkedBy::Agent, .. } => ChatStateView::Parked {},
            State::Parked { by: ParkedBy::Call(call), .. } => ChatStateView::Preempted { call },
            State::WrapUp { ended_by, parked_since, .. } => {
                ChatStateView::WrapUp { ended_by: ended(ended_by), active: parked_since.is_none() }
            }
            State::WrapUpQueued { ended_by, .. } | State::Closed { ended_by } => {
                ChatStateView::WrapUp { ended_by: ended(ended_by), active: false }
            }
        },
        handling: chat.handling().into(),
        wrap_up,
        // Once the conversation is over nobody looks whether the visitor is still there.
        visitor_online: wrap_up.is_none() && chat.visitor() == Visitor::Online,
        read_up_to: chat.read_up_to(),
        alarm: chat.alarm().is_some(),
        contact: floor.contact_view(chat.contact()),
        goes_back: chat.goes_back(),
        transfer_to: chat.transfer().map(|agent| floor.agent_name(agent)),
        note: facts.note,
        visitor_read_up_to: facts.read_up_to,
        unanswered_since: chat.unanswered_since(),
        file_bytes_max: files.bytes_max,
        file_kinds: files.kinds,
        details: facts.details,
        may: MayWithChatView {
            say: obstacle(chat.may_say(chat::Author::Agent(agent))),
            transfer: obstacle(chat.may_transfer(agent)),
            transfer_to_agent: obstacle(chat.may_transfer_to_agent(agent)),
            end: obstacle(chat.may_end(agent)),
        },
    }
}

/// A chat as its visitor may see it.
pub(super) fn visitor_view(floor: &Floor, id: ChatId, chat: &Chat) -> VisitorChat {
    let name = |agent: AgentId| floor.agent_name_for(id, agent);
    let files = floor.files_taken(id);
    VisitorChat {
        company: floor.rows().name.clone(),
        telephone: floor.visitor_telephone(id),
        state: match chat.state() {
            State::New | State::Queued => {
                VisitorChatState::Waiting { staffed: floor.board().borrow().is_staffed(chat.queue()) }
            }
            State::Allocated { agent, since, .. } => VisitorChatState::Allocated { agent: name(agent), since },
            State::Active { agent } => {
                // The clock of a chat runs for as long as it is active.
                VisitorChatState::Active {
                    agent: name(agent),
                    since: chat.handling().running_since.unwrap_or_default(),
                }
            }
            State::Parked { agent, by: ParkedBy::Agent, since } => {
                VisitorChatState::Parked { agent: name(agent), since }
            }
            State::Parked { agent, by: ParkedBy::Call(_), since } => VisitorChatState::Preempted {
                agent: name(agent),
                since,
                choice: chat.may_choose(),
                stays: chat.may_choose() && !chat.choice_offered(),
            },
            State::WrapUp { ended_by, .. } | State::WrapUpQueued { ended_by, .. } | State::Closed { ended_by } => {
                VisitorChatState::Ended { by: ended(ended_by) }
            }
        },
        idle: chat.idle_warned(),
        read_up_to: chat.read_up_to(),
        file_bytes_max: files.bytes_max,
        file_kinds: files.kinds,
    }
}

/// What a chat service decides may be something else now: its visitors are told.
pub(super) fn show_visitors_again(floor: &Rc<Floor>) {
    let frame = |id| {
        let chat = floor.chats().look(id, |machine| visitor_view(floor, id, machine))?;
        Frame::new(floor.screens().borrow().of_visitor(id), || VisitorFrame::Chat { chat }).map(Held::Frame)
    };
    floor.hold_last(floor.chats().ids().into_iter().filter_map(frame).collect());
}

/// Who waits hears when the first one comes who can take a chat, and when the last one goes: one frame for each change,
/// however many come and go.
pub(super) fn staffing(floor: &Floor, queues: impl IntoIterator<Item = QueueId>) -> Vec<Held> {
    let mut held = vec![];
    for id in queues {
        let staffed = floor.board().borrow().is_staffed(id);
        if !floor.screens().borrow_mut().note_staffing(id, staffed) {
            continue;
        }
        let chats = |queue: &Queue| queue.waiting().map(|(item, _)| item).collect::<Vec<_>>();
        for item in floor.queues().look(id, chats).unwrap_or_default() {
            let ItemId::Chat(chat) = item else { continue };
            let view = floor.chats().look(chat, |machine| visitor_view(floor, chat, machine));
            let screens = floor.screens().borrow();
            let frame = view
                .and_then(|chat_now| Frame::new(screens.of_visitor(chat), || VisitorFrame::Chat { chat: chat_now }));
            held.extend(frame.map(Held::Frame));
        }
    }
    held
}

fn ended(by: Ending) -> EndedBy {
    match by {
        Ending::Visitor => EndedBy::Visitor,
        Ending::Agent => EndedBy::Agent,
        Ending::VisitorTimeout => EndedBy::VisitorTimeout,
        Ending::VisitorIdle => EndedBy::VisitorIdle,
        Ending::Callback => EndedBy::Callback,
        Ending::Email => EndedBy::Email,
        Ending::Unserved => EndedBy::Unserved,
    }
}
