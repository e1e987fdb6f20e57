//! What stands in the places of a form: names, numbers, times.
//! Nothing here knows the machine behind a name.

use domain::id::{AgentId, QueueId};
use domain::queue::Channel;
use domain::time::Span;
use std::fmt;

/// What kind of item a name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Call,
    Chat,
    Callback,
    Email,
    WorkItem,
}

impl Kind {
    pub const ALL: [Kind; 5] = [Kind::Call, Kind::Chat, Kind::Callback, Kind::Email, Kind::WorkItem];

    /// As it is written.
    pub fn words(self) -> &'static str {
        match self {
            Kind::Call => "call",
            Kind::Chat => "chat",
            Kind::Callback => "callback",
            Kind::Email => "e-mail",
            Kind::WorkItem => "work item",
        }
    }

    pub fn channel(self) -> Channel {
        match self {
            Kind::Call => Channel::Call,
            Kind::Chat => Channel::Chat,
            Kind::Callback => Channel::Callback,
            Kind::Email => Channel::Email,
            Kind::WorkItem => Channel::WorkItem,
        }
    }
}

/// What an item is called in a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    pub kind: Kind,
    pub number: u64,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.words(), self.number)
    }
}

/// What stands in one place.
#[derive(Clone, Debug)]
pub enum Value {
    Agent(AgentId),
    Queue(QueueId),
    Item(Name),
    Number(u64),
    Span(Span),
    Words(String),
}

/// What stands in the places of a line, to be taken from left to right.
#[derive(Clone, Debug)]
pub struct Args(std::vec::IntoIter<Value>);

impl Args {
    pub fn new(values: Vec<Value>) -> Args {
        Args(values.into_iter())
    }

    pub fn agent(&mut self) -> AgentId {
        match self.0.next() {
            Some(Value::Agent(agent)) => agent,
            other => unreachable!("{other:?} where the form has no agent"),
        }
    }

    pub fn queue(&mut self) -> QueueId {
        match self.0.next() {
            Some(Value::Queue(queue)) => queue,
            other => unreachable!("{other:?} where the form has no queue"),
        }
    }

    pub fn item(&mut self) -> Name {
        match self.0.next() {
            Some(Value::Item(name)) => name,
            other => unreachable!("{other:?} where the form has no item"),
        }
    }

    pub fn number(&mut self) -> u64 {
        match self.0.next() {
            Some(Value::Number(number)) => number,
            other => unreachable!("{other:?} where the form has no number"),
        }
    }

    /// The chat that a visitor's number means.
    pub fn visitor(&mut self) -> Name {
        Name { kind: Kind::Chat, number: self.number() }
    }

    /// The call that a caller's number means.
    pub fn caller(&mut self) -> Name {
        Name { kind: Kind::Call, number: self.number() }
    }

    pub fn span(&mut self) -> Span {
        match self.0.next() {
            Some(Value::Span(span)) => span,
            other => unreachable!("{other:?} where the form has no time"),
        }
    }

    pub fn words(&mut self) -> String {
        match self.0.next() {
            Some(Value::Words(words)) => words,
            other => unreachable!("{other:?} where the form has no words"),
        }
    }
}
