//! What is known in words about what goes on: who calls, who visits, what is to be done.
//! It holds what screens show; the texts themselves lie in the database, and go with what they belong to.

use super::Floor;
use crate::protocol::details::VisitorDetails;
use crate::store::{ChatServiceRow, Content, ContentKind};
use domain::agent::Agent;
use domain::call::Call;
use domain::company::widget::Unserved;
use domain::contact::Contact;
use domain::file::FilesTaken;
use domain::id::{AgentId, CallId, ChatId, ContactId, TaskId};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The texts at hand.
#[derive(Default)]
pub(super) struct Texts {
    pub(super) callers: RefCell<BTreeMap<CallId, String>>,
    pub(super) visitors: RefCell<BTreeMap<ChatId, VisitorFacts>>,
    pub(super) task_texts: RefCell<BTreeMap<TaskId, String>>,
    /// Who called in the calls that agents wrap up.
    pub(super) wrap_ups: RefCell<BTreeMap<(AgentId, CallId), WrappedUp>>,
    /// What the customers are called whose items are loaded: `None` while it is asked, or if they were erased.
    pub(super) contacts: RefCell<BTreeMap<ContactId, Option<NamedContact>>>,
    /// What is needed to end the legs of the calls that went on when the daemon stopped.
    pub(super) leg_facts: RefCell<BTreeMap<CallId, Vec<String>>>,
}

/// A contact with the name by which it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedContact {
    /// Which; of one that was merged into another the other one.
    pub contact: ContactId,
    /// What it is called.
    pub name: String,
}

impl From<&Contact> for NamedContact {
    fn from(contact: &Contact) -> NamedContact {
        NamedContact { contact: contact.id, name: contact.called().to_owned() }
    }
}

/// Who called in a call that an agent wraps up, which outlives the call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WrappedUp {
    /// A number; empty if it is withheld.
    pub caller: String,
    /// Who that is, if it is known.
    pub contact: Option<ContactId>,
}

/// What is known about a chat's visitor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitorFacts {
    /// The page on which they clicked.
    pub page: String,
    /// Their language.
    pub language: String,
    /// The id of the chat service by which they came; 0 if it is not known.
    pub service: i64,
    /// What they said of themselves.
    pub details: VisitorDetails,
    /// What the agent who gave the chat away wrote about it.
    pub note: String,
    /// Up to which message they have seen the chat, as they said it themselves since the daemon's start.
    pub read_up_to: u32,
    /// The first line that they wrote, cut short; empty while they have not written.
    pub first_line: String,
}

/// How much of a chat's first line is kept at hand.
const FIRST_LINE_CHARACTERS_MAX: usize = 160;

/// What a visitor said of themselves, as it is stored with their chat; nothing if they said nothing.
pub(in crate::actors) fn kept_details(details: &VisitorDetails) -> Option<Content> {
    let text = serde_json::to_string(details);
    let text = text.inspect_err(|error| tracing::error!(%error, "what a visitor said cannot be written as JSON"));
    text.ok().filter(|_| !details.is_empty()).map(|text| Content { kind: ContentKind::Details, number: 0, text })
}

/// A caller as agents see them: nobody, if the number is withheld.
pub(in crate::actors) fn shown(caller: String) -> String {
    if caller == sip::ANONYMOUS { String::new() } else { caller }
}

impl Floor {
    /// Who calls: a number; empty if it is withheld, or if the call is over.
    pub fn caller(&self, call: CallId) -> String {
        self.texts.callers.borrow().get(&call).cloned().unwrap_or_default()
    }

    /// Notes who calls, as agents see them.
    pub fn note_caller(&self, call: CallId, caller: String) {
        self.texts.callers.borrow_mut().insert(call, caller);
    }

    /// Who called in a call that an agent wraps up.
    pub(in crate::actors) fn wrapped_up(&self, agent: AgentId, call: CallId) -> WrappedUp {
        self.texts.wrap_ups.borrow().get(&(agent, call)).cloned().unwrap_or_default()
    }

    /// Keeps at hand who called in the calls that an agent wraps up, and no other.
    pub(in crate::actors) fn note_wrap_ups(self: &Rc<Self>, agent: AgentId, machine: &Agent) {
        let wrapped_up: Vec<CallId> = machine.call_wrap_ups().map(|(call, _)| call).collect();
        let mut wrap_ups = self.texts.wrap_ups.borrow_mut();
        wrap_ups.retain(|(of, call), _| *of != agent || wrapped_up.contains(call));
        for call in wrapped_up {
            wrap_ups.entry((agent, call)).or_insert_with(|| {
                let caller = self.texts.callers.borrow().get(&call).cloned();
                if caller.is_none() {
                    self.ask_wrapped_up_caller(agent, call);
                }
                let contact = self.calls().look(call, Call::contact).flatten();
                WrappedUp { caller: caller.unwrap_or_default(), contact }
            });
        }
    }

    /// What is known about a chat's visitor.
    pub fn visitor(&self, chat: ChatId) -> VisitorFacts {
        self.texts.visitors.borrow().get(&chat).cloned().unwrap_or_default()
    }

    /// Looks at a chat service; `None` if it is not known, or was removed.
    fn look_at_service<T>(&self, id: i64, look: impl FnOnce(&ChatServiceRow) -> T) -> Option<T> {
        self.rows().services.iter().find(|service| service.id == id).map(look)
    }

    /// The id of the chat service by which a chat's visitor came; 0 if it is not known.
    fn service_of(&self, chat: ChatId) -> i64 {
        self.texts.visitors.borrow().get(&chat).map(|facts| facts.service).unwrap_or_default()
    }

    /// The telephone number that a chat service gives to visitors when nobody is there.
    pub(in crate::actors) fn service_telephone(&self, service: i64) -> Option<String> {
        let tells = |service: &ChatServiceRow| service.widget.unserved != Unserved::Nothing;
        self.look_at_service(service, |service| service.telephone.clone().filter(|_| tells(service))).flatten()
    }

    /// The telephone number that a chat's visitor is given.
    pub(in crate::actors) fn visitor_telephone(&self, chat: ChatId) -> Option<String> {
        self.service_telephone(self.service_of(chat))
    }

    /// An agent's name as a chat's visitor sees it.
    pub(in crate::actors) fn agent_name_for(&self, chat: ChatId, agent: AgentId) -> String {
        let shown = self.look_at_service(self.service_of(chat), |service| service.widget.agent_name);
        let visitors = self.texts.visitors.borrow();
        let language = visitors.get(&chat).map(|facts| facts.language.as_str()).unwrap_or_default();
        shown.unwrap_or_default().of(&self.agent_name(agent), language)
    }

    /// Which files are taken in a chat.
    pub(in crate::actors) fn files_taken(&self, chat: ChatId) -> FilesTaken {
        let daemons = self.house.config.files.taken();
        let own = self.look_at_service(self.service_of(chat), |service| service.widget.files(&daemons));
        own.unwrap_or(daemons)
    }

    /// Notes what is known about a chat's visitor.
    pub fn note_visitor(&self, chat: ChatId, note: impl FnOnce(&mut VisitorFacts)) {
        note(self.texts.visitors.borrow_mut().entry(chat).or_default());
    }

    /// The first line that a chat's visitor wrote; empty if they have not written.
    pub(in crate::actors) fn first_line(&self, chat: ChatId) -> String {
        self.texts.visitors.borrow().get(&chat).map(|facts| facts.first_line.clone()).unwrap_or_default()
    }

    /// Notes the first words of a visitor: how they begin is shown in the chat's queue.
    pub(in crate::actors) fn note_first_line(&self, chat: ChatId, text: &str) {
        self.note_visitor(chat, |facts| facts.first_line = first_line_of(text));
    }

    /// Notes whom to call back or to write to: the queue's screens show it before it lies on the disk.
    pub fn note_task(&self, task: TaskId, text: &str) {
        self.texts.task_texts.borrow_mut().insert(task, text.to_owned());
    }

    /// Whom to call back or to write to, or what is to be done; empty if the task is over.
    pub fn task_text(&self, task: TaskId) -> String {
        self.texts.task_texts.borrow().get(&task).cloned().unwrap_or_default()
    }
}

/// How a text begins.
fn first_line_of(text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or_default().trim_end();
    let mut characters = line.chars();
    let begin: String = characters.by_ref().take(FIRST_LINE_CHARACTERS_MAX - 1).collect();
    match characters.count() {
        0 => begin,
        1 => line.to_owned(),
        _ => format!("{begin}…"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_text_the_first_line_is_shown_and_no_more_than_fits() {
        assert_eq!(first_line_of("  Hello \r\nis somebody there?"), "Hello");
        assert_eq!(first_line_of("\n\n\tLate\n"), "Late");
        let fits = "ä".repeat(FIRST_LINE_CHARACTERS_MAX);
        assert_eq!(first_line_of(&fits), fits);
        let cut = first_line_of(&format!("{fits}!"));
        assert_eq!((cut.chars().count(), cut.ends_with("ä…")), (FIRST_LINE_CHARACTERS_MAX, true));
        assert_eq!(first_line_of(""), "");
    }
}
