//! Machines out of the journal: from their first row on, or from a snapshot and the rows after it.
//! Nothing is decided here and nothing is caused: what an event led to happened when it was new.

use super::ids::{Numbered, Party};
use super::kind::Kind;
use super::seen::Seen;
use crate::store::{EVENTS_VERSION, JournalRow, SNAPSHOT_VERSION, Snapshot, StoreError};
use domain::agent::Agent;
use domain::call::Call;
use domain::chat::Chat;
use domain::id::{AgentId, CallId, ChatId, QueueId, TaskId};
use domain::queue::Queue;
use domain::record::Record;
use domain::task::Task;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;

/// After how many rows of an actor its snapshot is replaced: so many rows are read at most, for each, at a start.
pub const SNAPSHOT_EVERY: u64 = 256;

/// A row that this version cannot read.
#[derive(Debug, thiserror::Error)]
#[error("row {seq} of {actor}: {why}")]
pub struct UnreadableRow {
    /// The actor whose journal it is in.
    pub actor: Party,
    /// Which of its rows.
    pub seq: u64,
    /// What is wrong with it.
    pub why: String,
}

impl From<UnreadableRow> for StoreError {
    fn from(row: UnreadableRow) -> StoreError {
        StoreError::Damaged { doing: "replay the journal", why: row.to_string() }
    }
}

/// Events of another version than this daemon writes and knows how to bring along.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("its events are of version {0}, this vorrang reads version {EVENTS_VERSION} (install the one that wrote them)")]
pub struct UnknownVersion(pub u32);

/// Brings events of an older version to the shape of [`EVENTS_VERSION`], as JSON: the one place that knows what they
/// once looked like.
///
/// # Errors
/// If the version is none that was ever written, or a newer one.
pub fn upgrade(version: u32, events: &str) -> Result<Cow<'_, str>, UnknownVersion> {
    match version {
        EVENTS_VERSION => Ok(Cow::Borrowed(events)),
        other => Err(UnknownVersion(other)),
    }
}

/// A machine as the journal has it.
pub struct Loaded<M> {
    /// The machine after its last row.
    pub machine: M,
    /// The number of its last row.
    pub(super) rows: u64,
    /// The number of the row that its snapshot stands for; 0 if there is none.
    pub(super) snapshot: u64,
    pub(super) seen: Seen,
}

impl<M: Kind> Default for Loaded<M> {
    /// A machine to which nothing has happened.
    fn default() -> Self {
        Loaded { machine: M::default(), rows: 0, snapshot: 0, seen: Seen::default() }
    }
}

impl<M: Kind> Loaded<M> {
    /// The machine that a snapshot holds; `None` if it is of another version or cannot be read.
    pub fn from_snapshot(snapshot: &Snapshot) -> Option<Self> {
        #[derive(Deserialize)]
        struct Kept<M> {
            machine: M,
            seen: Seen,
        }
        if snapshot.version != SNAPSHOT_VERSION {
            return None;
        }
        let Kept { machine, seen } = serde_json::from_str(&snapshot.text).ok()?;
        Some(Loaded { machine, rows: snapshot.seq, snapshot: snapshot.seq, seen })
    }

    /// Takes over one row; one that it has already changes nothing.
    ///
    /// # Errors
    /// If it cannot be read; then nothing has changed.
    pub fn apply(&mut self, row: &JournalRow) -> Result<(), UnreadableRow> {
        if row.seq <= self.rows {
            return Ok(());
        }
        let unreadable = |why: String| UnreadableRow { actor: Party::from_number(row.actor), seq: row.seq, why };
        let events = upgrade(row.version, &row.events).map_err(|why| unreadable(why.to_string()))?;
        let events: Vec<M::Event> = serde_json::from_str(&events).map_err(|why| unreadable(why.to_string()))?;
        for event in &events {
            self.machine.apply(event);
        }
        if let Some(cause) = &row.cause {
            self.seen.note(cause);
        }
        self.rows = row.seq;
        Ok(())
    }
}

/// An actor as a snapshot keeps it, as JSON.
///
/// # Errors
/// If the machine cannot be written as JSON: it has a map whose keys are no texts and no numbers.
pub(super) fn snapshot_of<M: Kind>(machine: &M, seen: &Seen) -> Result<String, serde_json::Error> {
    #[derive(Serialize)]
    struct Kept<'a, M> {
        machine: &'a M,
        seen: &'a Seen,
    }
    serde_json::to_string(&Kept { machine, seen })
}

/// A machine of any kind as the journal has it.
#[allow(clippy::large_enum_variant, reason = "an agent is the largest, and they are few")]
pub enum Replayed {
    /// An agent.
    Agent(AgentId, Loaded<Agent>),
    /// A queue.
    Queue(QueueId, Loaded<Queue>),
    /// A chat.
    Chat(ChatId, Loaded<Chat>),
    /// A call.
    Call(CallId, Loaded<Call>),
    /// A task.
    Task(TaskId, Loaded<Task>),
}

/// The same for each kind.
macro_rules! whichever {
    ($replayed:expr, $loaded:ident => $what:expr) => {
        match $replayed {
            Replayed::Agent(_, $loaded) => $what,
            Replayed::Queue(_, $loaded) => $what,
            Replayed::Chat(_, $loaded) => $what,
            Replayed::Call(_, $loaded) => $what,
            Replayed::Task(_, $loaded) => $what,
        }
    };
}

impl Replayed {
    /// One to which nothing has happened.
    pub fn new(actor: Party) -> Replayed {
        match actor {
            Party::Agent(id) => Replayed::Agent(id, Loaded::default()),
            Party::Queue(id) => Replayed::Queue(id, Loaded::default()),
            Party::Chat(id) => Replayed::Chat(id, Loaded::default()),
            Party::Call(id) => Replayed::Call(id, Loaded::default()),
            Party::Task(id) => Replayed::Task(id, Loaded::default()),
        }
    }

    /// The one that a snapshot holds; `None` if it is of another version or cannot be read.
    pub fn from_snapshot(snapshot: &Snapshot) -> Option<Replayed> {
        Some(match Party::from_number(snapshot.actor) {
            Party::Agent(id) => Replayed::Agent(id, Loaded::from_snapshot(snapshot)?),
            Party::Queue(id) => Replayed::Queue(id, Loaded::from_snapshot(snapshot)?),
            Party::Chat(id) => Replayed::Chat(id, Loaded::from_snapshot(snapshot)?),
            Party::Call(id) => Replayed::Call(id, Loaded::from_snapshot(snapshot)?),
            Party::Task(id) => Replayed::Task(id, Loaded::from_snapshot(snapshot)?),
        })
    }

    /// Takes over one row; one that it has already changes nothing.
    ///
    /// # Errors
    /// If it cannot be read; then nothing has changed.
    pub fn apply(&mut self, row: &JournalRow) -> Result<(), UnreadableRow> {
        whichever!(self, loaded => loaded.apply(row))
    }

    /// Which actor it is.
    pub fn actor(&self) -> Party {
        match self {
            Replayed::Agent(id, _) => Party::Agent(*id),
            Replayed::Queue(id, _) => Party::Queue(*id),
            Replayed::Chat(id, _) => Party::Chat(*id),
            Replayed::Call(id, _) => Party::Call(*id),
            Replayed::Task(id, _) => Party::Task(*id),
        }
    }

    /// The number of its last row; 0 if it has none.
    pub fn rows(&self) -> u64 {
        whichever!(self, loaded => loaded.rows)
    }

    /// Whether nothing can happen to it any more.
    pub fn is_over(&self) -> bool {
        use domain::Machine;
        whichever!(self, loaded => loaded.machine.is_over())
    }

    /// What became of it, for those that leave a record, once they are over.
    pub fn record(&self) -> Option<Record> {
        match self {
            Replayed::Agent(..) | Replayed::Queue(..) => None,
            Replayed::Chat(_, chat) => chat.machine.record(),
            Replayed::Call(_, call) => call.machine.record(),
            Replayed::Task(_, task) => task.machine.record(),
        }
    }

    /// What cannot be about the machine, if it is there all the same.
    pub fn flaw(&self) -> Option<&'static str> {
        use domain::Machine;
        whichever!(self, loaded => loaded.machine.flaw())
    }

    /// The machine alone, as JSON.
    ///
    /// # Errors
    /// As [`Replayed::snapshot`].
    pub fn machine(&self) -> Result<Value, serde_json::Error> {
        whichever!(self, loaded => serde_json::to_value(&loaded.machine))
    }

    /// All that a snapshot keeps of it, as JSON.
    ///
    /// # Errors
    /// If the machine cannot be written as JSON: it has a map whose keys are no texts and no numbers.
    pub fn snapshot(&self) -> Result<String, serde_json::Error> {
        whichever!(self, loaded => snapshot_of(&loaded.machine, &loaded.seen))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::ActorNumber;
    use domain::time::Timestamp;

    #[test]
    fn a_row_of_another_version_is_refused_with_its_place() {
        assert_eq!(upgrade(EVENTS_VERSION, "[]").unwrap(), "[]");
        let actor: ActorNumber = Party::Chat(ChatId(17)).number();
        let row = JournalRow {
            actor,
            seq: 1,
            epoch: 1,
            at: Timestamp(1),
            cause: None,
            version: EVENTS_VERSION + 1,
            events: "[]".to_owned(),
        };
        let why = Replayed::new(Party::Chat(ChatId(17))).apply(&row).unwrap_err().to_string();
        assert_eq!(
            why,
            format!(
                "row 1 of chat 17: its events are of version {}, this vorrang reads version {EVENTS_VERSION} \
                 (install the one that wrote them)",
                EVENTS_VERSION + 1
            )
        );
    }
}
