//! The loaded actors: where each mailbox is, and each machine to be looked at.
//! It keeps them; who comes and goes is said elsewhere.

use super::mailbox::Mail;
use actix::Recipient;
use domain::post;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The loaded actors of one kind: where each mailbox is, and each machine to be looked at.
pub struct Members<M: post::Member<Command: Send>>(pub(super) RefCell<BTreeMap<M::Id, Member<M>>>);

pub(super) struct Member<M: post::Member<Command: Send>> {
    pub(super) mailbox: Recipient<Mail<M>>,
    pub(super) machine: Rc<RefCell<M>>,
}

impl<M: post::Member<Command: Send>> Default for Members<M> {
    fn default() -> Self {
        Members(RefCell::default())
    }
}

impl<M: post::Member<Command: Send>> Members<M> {
    /// Looks at a loaded machine.
    pub fn look<T>(&self, id: M::Id, look: impl FnOnce(&M) -> T) -> Option<T> {
        let machine = self.0.borrow().get(&id)?.machine.clone();
        Some(look(&machine.borrow()))
    }

    /// Which are loaded.
    pub fn ids(&self) -> Vec<M::Id> {
        self.0.borrow().keys().copied().collect()
    }

    pub(super) fn mailbox(&self, id: M::Id) -> Option<Recipient<Mail<M>>> {
        self.0.borrow().get(&id).map(|member| member.mailbox.clone())
    }
}
