//! Whether a company's chats may begin, as its licence and the moment have it, and who is told when that changes (R1).
//! Never decides what holds: that is `domain::licence`.

use super::Floor;
use crate::licence::{self, Held};
use crate::protocol::agent::ChatsOff;
use domain::id::AgentId;
use domain::licence::State;
use domain::time::Timestamp;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

/// A company's licence as it was read, and who of its people it concerns.
#[derive(Default)]
pub(super) struct Licensing {
    held: RefCell<Held>,
    /// What was told last.
    told: RefCell<Option<State>>,
    chat_agents: RefCell<BTreeSet<AgentId>>,
    /// Those of them beyond the number of the licence.
    beyond: RefCell<BTreeSet<AgentId>>,
}

impl Floor {
    /// What holds for the company's chats now.
    pub fn licence(&self) -> State {
        State::of(self.licensing.held.borrow().as_ref(), &self.rows.borrow().name, self.now())
    }

    /// Reads the licence that the company has by now.
    pub(super) fn read_licence(self: &Rc<Self>) {
        let rows = self.rows.borrow().clone();
        let held = licence::held(self.house.config.licence.public_key.as_ref(), &rows);
        let chats_max = self.house.config.agent.chats_max;
        let own = held.as_ref().and_then(|held| held.as_ref().ok()).filter(|licence| licence.company == rows.name);
        let licensed = own.map(|licence| licence.agents);
        let chat_agents = rows.chat_agents(chats_max);
        let beyond = licensed.map(|licensed| rows.beyond_licence(licensed, chats_max)).unwrap_or_default();
        if !beyond.is_empty() && *self.licensing.beyond.borrow() != beyond {
            let (could, licensed) = (chat_agents.len(), licensed.unwrap_or_default());
            tracing::warn!(company = rows.name, could, licensed, "no chats come to agents beyond the licence's number");
        }
        self.licensing.held.replace(held);
        self.licensing.chat_agents.replace(chat_agents);
        self.licensing.beyond.replace(beyond);
        self.look_at_licence();
    }

    /// Whether no chat may come to an agent any more, though what they have stays with them.
    pub(super) fn is_beyond_licence(&self, id: AgentId) -> bool {
        self.licensing.beyond.borrow().contains(&id)
    }

    /// Why no new chats come to somebody who can have chats; `None`: they do, or never could.
    pub(in crate::actors) fn chats_off(&self, id: AgentId) -> Option<ChatsOff> {
        if !self.licensing.chat_agents.borrow().contains(&id) {
            None
        } else if !self.licence().lets_chats_begin() {
            Some(ChatsOff::Unlicensed)
        } else {
            self.is_beyond_licence(id).then_some(ChatsOff::BeyondLicence)
        }
    }

    /// When something else will hold by itself than what was told last.
    pub(super) fn licence_changes_at(&self) -> Option<Timestamp> {
        self.licensing.told.borrow().as_ref().and_then(State::changes_at)
    }

    /// Tells whoever runs the daemon and all who have chats what holds now, if that is news.
    pub(super) fn look_at_licence(self: &Rc<Self>) {
        let state = self.licence();
        let before = self.licensing.told.replace(Some(state.clone()));
        if before.as_ref() == Some(&state) {
            return;
        }
        let company = self.rows.borrow().name.clone();
        if state.is_worth_a_word() {
            tracing::warn!(company, "licence: {state} (vorrang licence show)");
        } else {
            tracing::info!(company, "licence: {state}");
        }
        if !state.lets_chats_begin() {
            // In a night without chats nothing else keeps the time, and a clock that is set back must not bring it back.
            self.house.store.alive(self.now());
        }
        if before.is_some_and(|before| before.lets_chats_begin() != state.lets_chats_begin()) {
            let agents = self.licensing.chat_agents.borrow().clone();
            self.hold_last(agents.into_iter().filter_map(|agent| self.agent_frame(agent)).collect());
        }
        self.wake();
    }
}
