//! What each kind of machine says of itself, so that one shell can run them all.
//! Nothing is decided or stored here.

use super::floor::{Floor, Held, Members};
use crate::protocol::visitor::FileView;
use crate::store::Content;
use domain::id::{ContactId, ItemId};
use domain::post::Member;
use domain::record::Record;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::rc::Rc;

/// A machine that runs in a shell.
pub trait Kind:
    Member<Command: Send + 'static, Event: Serialize + DeserializeOwned, Id: Unpin + 'static>
    + Serialize
    + DeserializeOwned
    + Unpin
    + 'static
{
    /// Where the floor keeps those of this kind.
    fn members(floor: &Floor) -> &Members<Self>;

    /// Tells the screens what happened; the board knows it already. What is returned waits until it is durable.
    fn observe(floor: &Rc<Floor>, turn: &Turn<'_, Self>) -> Vec<Held>;

    /// What became of it, for those of whom a record is kept; asked once it is over.
    fn record(_machine: &Self) -> Option<Record> {
        None
    }

    /// Who the customer is, of those that have one who is known.
    fn contact(_machine: &Self) -> Option<ContactId> {
        None
    }

    /// About which items the events decide to whom they go, each once.
    fn decides(_events: &[Self::Event]) -> BTreeSet<ItemId> {
        BTreeSet::new()
    }

    /// What has to be stored beside the events, given the text and the file that came with the command.
    ///
    /// # Errors
    /// If it cannot be written as JSON.
    fn content(
        _events: &[Self::Event],
        _text: Option<&str>,
        _file: Option<&FileView>,
    ) -> Result<Vec<Content>, serde_json::Error> {
        Ok(vec![])
    }
}

/// What one command did.
pub struct Turn<'a, M: Kind> {
    /// Who decided.
    pub id: M::Id,
    /// The machine after it.
    pub machine: &'a M,
    /// What was asked.
    pub command: &'a M::Command,
    /// What happened by it, in order; applied already.
    pub events: &'a [M::Event],
    /// The text that came beside the command.
    pub text: Option<&'a str>,
    /// The file that came beside the command.
    pub file: Option<&'a FileView>,
}
