//! The loaded actors: where each mailbox is, and each machine to be looked at.
//! It keeps them; who comes and goes is said elsewhere.

use crate::actors::shell::{Kind, Shell};
use actix::Addr;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The loaded actors of one kind: where each mailbox is, and each machine to be looked at.
pub struct Members<M: Kind>(pub(super) RefCell<BTreeMap<M::Id, Member<M>>>);

pub(super) struct Member<M: Kind> {
    pub(super) address: Addr<Shell<M>>,
    pub(super) machine: Rc<RefCell<M>>,
}

impl<M: Kind> Default for Members<M> {
    fn default() -> Self {
        Members(RefCell::default())
    }
}

impl<M: Kind> Members<M> {
    /// Looks at a loaded machine.
    pub fn look<T>(&self, id: M::Id, look: impl FnOnce(&M) -> T) -> Option<T> {
        let machine = self.0.borrow().get(&id)?.machine.clone();
        Some(look(&machine.borrow()))
    }

    /// Which are loaded.
    pub fn ids(&self) -> Vec<M::Id> {
        self.0.borrow().keys().copied().collect()
    }

    pub(super) fn address(&self, id: M::Id) -> Option<Addr<Shell<M>>> {
        self.0.borrow().get(&id).map(|member| member.address.clone())
    }
}
