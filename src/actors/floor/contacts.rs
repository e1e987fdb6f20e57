//! Who the customers are of what goes on: what they are called is kept at hand for screens, and asked of the database aside.
//! Machines know ids only, and nothing is decided by a name.

use super::{Floor, Held, NamedContact, ReplyTo};
use crate::actors::ids::{Numbered, Party};
use crate::actors::kind::Kind;
use crate::actors::screens::Frame;
use crate::actors::unread::not_read;
use crate::actors::{chat, queue, task};
use crate::protocol::agent::{AgentFrame, ContactRef};
use crate::protocol::error::{Code, Problem};
use domain::Identifier;
use domain::call::{self, Call};
use domain::chat::{Chat, Command as ToChat};
use domain::contact::Point;
use domain::id::{AgentId, CallId, ChatId, ContactId, ItemId};
use domain::task::{Command as ToTask, Task};
use std::collections::BTreeSet;
use std::rc::Rc;

/// Beyond so many those that nothing loaded is of are forgotten.
const KEPT_MAX: usize = 1000;

// What is shown.
impl Floor {
    /// A contact as screens show it; `None` if there is none, or if it is not known yet what it is called.
    pub(in crate::actors) fn contact_view(&self, contact: Option<ContactId>) -> Option<ContactRef> {
        let NamedContact { contact, name } = self.texts.contacts.borrow().get(&contact?).cloned().flatten()?;
        Some(ContactRef { contact, name })
    }

    /// The contact of an item that is loaded.
    fn contact_of(&self, item: ItemId) -> Option<ContactId> {
        match item {
            ItemId::Call(id) => self.calls.look(id, Call::contact).flatten(),
            ItemId::Chat(id) => self.chats.look(id, Chat::contact).flatten(),
            ItemId::Task(id) => self.tasks.look(id, Task::contact).flatten(),
        }
    }

    /// The contact of an item that is loaded, as screens show it.
    pub(in crate::actors) fn contact_view_of(&self, item: ItemId) -> Option<ContactRef> {
        self.contact_view(self.contact_of(item))
    }

    /// Makes sure that it is known what a contact is called; where it was not, its items are shown anew.
    pub(in crate::actors) fn know_contact(self: &Rc<Self>, contact: Option<ContactId>) {
        let Some(contact) = contact else { return };
        if !self.texts.contacts.borrow().contains_key(&contact) {
            self.ask_contact(contact);
        }
    }

    fn ask_contact(self: &Rc<Self>, contact: ContactId) {
        self.texts.contacts.borrow_mut().entry(contact).or_default();
        self.ask(self.house.store.contacts_with(self.company, contact), move |floor, person| match person {
            Ok(person) => {
                let named = person.first().map(NamedContact::from);
                let before = floor.texts.contacts.borrow_mut().insert(contact, named.clone());
                if before != Some(named) {
                    floor.show_contacts(&BTreeSet::from([contact]));
                }
            }
            Err(error) => tracing::error!(%contact, %error, "what a contact is called could not be read"),
        });
    }

    fn note_contact(&self, named: &NamedContact) {
        let mut contacts = self.texts.contacts.borrow_mut();
        if contacts.len() >= KEPT_MAX {
            let used = self.contacts_in_use();
            contacts.retain(|contact, _| used.contains(contact));
        }
        contacts.insert(named.contact, Some(named.clone()));
    }

    fn contacts_in_use(&self) -> BTreeSet<ContactId> {
        let wrap_ups = self.texts.wrap_ups.borrow();
        let of_wrap_ups = wrap_ups.values().filter_map(|wrapped_up| wrapped_up.contact);
        self.items().into_iter().filter_map(|item| self.contact_of(item)).chain(of_wrap_ups).collect()
    }

    /// The items that are loaded.
    fn items(&self) -> Vec<ItemId> {
        let calls = self.calls.ids().into_iter().map(ItemId::Call);
        let chats = self.chats.ids().into_iter().map(ItemId::Chat);
        calls.chain(chats).chain(self.tasks.ids().into_iter().map(ItemId::Task)).collect()
    }

    /// Shows anew what is of these contacts, as it is by now.
    fn show_contacts(self: &Rc<Self>, contacts: &BTreeSet<ContactId>) {
        let is_of = |contact: Option<ContactId>| contact.is_some_and(|contact| contacts.contains(&contact));
        let items = self.items().into_iter().filter(|item| is_of(self.contact_of(*item)));
        let mut held: Vec<Held> = items.flat_map(|item| self.shown_anew(item)).collect();
        let agents: BTreeSet<AgentId> = {
            let wrap_ups = self.texts.wrap_ups.borrow();
            wrap_ups.iter().filter(|(_, wrapped_up)| is_of(wrapped_up.contact)).map(|((agent, _), _)| *agent).collect()
        };
        held.extend(agents.into_iter().filter_map(|agent| self.agent_frame(agent)));
        self.hold_last(held);
    }

    /// The frames of whoever shows an item: in an inbox, on the telephone, or in its queue.
    pub(in crate::actors) fn shown_anew(self: &Rc<Self>, item: ItemId) -> Vec<Held> {
        let owned = |agent: AgentId| self.shows_in_inbox(agent, item);
        let (agent, frame) = match item {
            ItemId::Chat(id) => {
                let frame = |machine: &Chat| AgentFrame::Chat { chat: chat::view(self, id, machine) };
                (self.chats.look(id, Chat::agent).flatten().filter(|agent| owned(*agent)), self.chats.look(id, frame))
            }
            ItemId::Task(id) => {
                let frame = |machine: &Task| AgentFrame::Task { task: task::view(self, id, machine) };
                (self.tasks.look(id, Task::agent).flatten().filter(|agent| owned(*agent)), self.tasks.look(id, frame))
            }
            ItemId::Call(id) => (self.calls.look(id, Call::agent).flatten(), None),
        };
        let mine = agent.and_then(|agent| match frame {
            Some(frame) => Frame::new(self.screens.borrow().of_agent(agent), || frame).map(Held::Frame),
            None => self.agent_frame(agent),
        });
        let place = self.board.borrow().place(item);
        let waiting = place.and_then(|(id, _)| queue::items_changed(self, id, [item]));
        mine.into_iter().chain(waiting).collect()
    }
}

// Who it is.
impl Floor {
    /// Somebody says who the customer of an item is; one that is over is read again.
    pub(super) fn identify(
        self: &Rc<Self>,
        item: ItemId,
        contact: Option<NamedContact>,
        by: Identifier,
        reply: ReplyTo,
    ) {
        if let Some(named) = &contact {
            self.note_contact(named);
        }
        let contact = contact.map(|named| named.contact);
        if self.items().contains(&item) {
            return self.say_who(item, contact, by, reply);
        }
        let is_ours = self.house.store.has_record(self.company, Party::from(item).number());
        self.ask(is_ours, move |floor, is_ours| match is_ours {
            Ok(true) => floor.say_who(item, contact, by, reply),
            Ok(false) => reply.answer(Err(Problem::new(Code::NotFound, format!("there is no {item}")))),
            Err(error) => {
                tracing::error!(%item, %error, "whether there is an item could not be read");
                reply.answer(Err(not_read(&error)));
            }
        });
    }

    fn say_who(self: &Rc<Self>, item: ItemId, contact: Option<ContactId>, by: Identifier, reply: ReplyTo) {
        match item {
            ItemId::Call(id) => self.say_to::<Call>(id, call::Command::Identify { contact, by }, reply),
            ItemId::Chat(id) => self.say_to::<Chat>(id, ToChat::Identify { contact, by }, reply),
            ItemId::Task(id) => self.say_to::<Task>(id, ToTask::Identify { contact, by }, reply),
        }
    }

    fn say_to<M: Kind>(self: &Rc<Self>, id: M::Id, command: M::Command, reply: ReplyTo) {
        self.envelope::<M>(id, command, |envelope| envelope.reply = Some(reply.once_done()));
    }

    /// Whoever has the number that calls, is who calls. Nothing waits for that.
    pub(super) fn ask_whose_number(self: &Rc<Self>, call: CallId, caller: &str) {
        let Ok(point) = Point::telephone(caller, self.rows.borrow().country) else { return };
        self.ask(self.house.store.contacts_at(self.company, point), move |floor, found| match found {
            Ok(person) => {
                let Some(named) = person.first().map(NamedContact::from) else { return };
                floor.note_contact(&named);
                if floor.calls.look(call, |_| ()).is_some() {
                    let command = call::Command::Identify { contact: Some(named.contact), by: Identifier::Number };
                    floor.envelope::<Call>(call, command, |_| {});
                }
            }
            Err(error) => tracing::error!(%call, %error, "whose number calls could not be read"),
        });
    }

    /// Whoever has the id that the website has proved of a chat's visitor, is who writes. Nothing waits for that, and what nobody
    /// proved is shown and no more.
    pub(in crate::actors) fn ask_who_is_proved(self: &Rc<Self>, chat: ChatId) {
        let Some(identity) = self.visitor(chat).details.identity.filter(|identity| identity.proved) else { return };
        self.ask(self.house.store.contacts_known_as(self.company, identity.id), move |floor, found| match found {
            Ok(person) => {
                let Some(named) = person.first().map(NamedContact::from) else { return };
                floor.note_contact(&named);
                if floor.chats.look(chat, |_| ()).is_some() {
                    let command = ToChat::Identify { contact: Some(named.contact), by: Identifier::Proof };
                    floor.envelope::<Chat>(chat, command, |_| {});
                }
            }
            Err(error) => tracing::error!(%chat, %error, "who has an id that was proved could not be read"),
        });
    }

    /// A call that agents wrap up is another customer's.
    pub(in crate::actors) fn note_wrapped_up_contact(&self, call: CallId, contact: Option<ContactId>) -> Vec<Held> {
        let mut wrap_ups = self.texts.wrap_ups.borrow_mut();
        let of_call = wrap_ups.iter_mut().filter(|((_, of), _)| *of == call);
        let agents = of_call.map(|((agent, _), wrapped_up)| {
            wrapped_up.contact = contact;
            *agent
        });
        let agents: Vec<AgentId> = agents.collect();
        drop(wrap_ups);
        agents.into_iter().filter_map(|agent| self.agent_frame(agent)).collect()
    }

    /// Contacts were changed, merged, parted or erased: what is at hand of them is read again.
    pub(super) fn contacts_changed(self: &Rc<Self>, changed: &[ContactId]) {
        let changed: BTreeSet<ContactId> = changed.iter().copied().collect();
        let at_hand: Vec<ContactId> = {
            let contacts = self.texts.contacts.borrow();
            let is_touched = |(contact, named): &(&ContactId, &Option<NamedContact>)| {
                changed.contains(contact) || named.as_ref().is_some_and(|named| changed.contains(&named.contact))
            };
            contacts.iter().filter(is_touched).map(|(contact, _)| *contact).collect()
        };
        at_hand.into_iter().for_each(|contact| self.ask_contact(contact));
    }
}
