//! What agents write of an item, a note and what it was about: who may, for how long, and what is accepted.
//! Never part of a machine: nothing is decided by it.

use crate::company::Company;
use crate::id::{ClassificationId, QueueId};
use crate::time::{Span, Timestamp};
use std::collections::BTreeSet;

/// The longest note, in characters.
pub const NOTE_CHARACTERS_MAX: usize = 10_000;
/// So many things an item may be about.
pub const CLASSIFICATIONS_MAX: usize = 20;
/// For so long after its end whoever had an item may still change what they wrote of it.
pub const EDITABLE: Span = Span::seconds(7 * 24 * 60 * 60);

/// What was written of an item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WriteUp {
    /// In the agents' own words.
    pub note: String,
    /// What it was about.
    pub classifications: BTreeSet<ClassificationId>,
}

/// What somebody has to do with an item of which they want to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    /// It is theirs: they attend to it, or it lies in their inbox.
    Holder,
    /// They had it, and it is over.
    Had {
        /// Since when it is over.
        ended_at: Timestamp,
    },
    /// They look after those who have it.
    Supervisor,
    /// Nothing.
    Stranger,
}

/// Why something is not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is, or was, somebody else's.
    #[error("only those who have or had it write of an item")]
    NotTheirs,
    /// It has been over for too long.
    #[error("what was written of it can no longer be changed: it is over for more than 7 days")]
    TooLate,
    /// The note is too long.
    #[error("the note is longer than {NOTE_CHARACTERS_MAX} characters")]
    NoteTooLong,
    /// It is about too much.
    #[error("an item has at most {CLASSIFICATIONS_MAX} classifications")]
    TooMany,
    /// This is not among those of its queue.
    #[error("classification {0} is not among those of the item's queue")]
    NoChoice(ClassificationId),
}

impl Writer {
    /// Whether they may read and change what is written, at this time.
    ///
    /// # Errors
    /// `NotTheirs` or `TooLate`.
    pub fn may_write(self, at: Timestamp) -> Result<(), Refusal> {
        match self {
            Writer::Holder | Writer::Supervisor => Ok(()),
            Writer::Had { ended_at } if at < ended_at + EDITABLE => Ok(()),
            Writer::Had { .. } => Err(Refusal::TooLate),
            Writer::Stranger => Err(Refusal::NotTheirs),
        }
    }

    /// Whether the change is an edit of what was finished: that stands in the audit.
    pub fn is_audited(self) -> bool {
        match self {
            Writer::Holder => false,
            Writer::Had { .. } | Writer::Supervisor | Writer::Stranger => true,
        }
    }
}

impl WriteUp {
    /// Whether this may be written in the place of `before`, of an item of this queue.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn follows(&self, before: &WriteUp, company: &Company, queue: QueueId) -> Result<(), Refusal> {
        if self.note.chars().count() > NOTE_CHARACTERS_MAX {
            return Err(Refusal::NoteTooLong);
        }
        if self.classifications.len() > CLASSIFICATIONS_MAX {
            return Err(Refusal::TooMany);
        }
        let choices: BTreeSet<ClassificationId> =
            company.classifications_of(queue).iter().map(|leaf| leaf.id).collect();
        // What was chosen stays, whatever has become of the list.
        let mut new = self.classifications.difference(&before.classifications);
        new.find(|id| !choices.contains(id)).map_or(Ok(()), |id| Err(Refusal::NoChoice(*id)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::company::{Classification, Queue};

    #[test]
    fn whoever_has_it_writes_and_whoever_had_it_still_does_for_a_week() {
        let end = Timestamp(1_000);
        let late = end + EDITABLE;
        for (writer, at, expected, audited) in [
            (Writer::Holder, late, Ok(()), false),
            (Writer::Had { ended_at: end }, end, Ok(()), true),
            (Writer::Had { ended_at: end }, Timestamp(late.0 - 1), Ok(()), true),
            (Writer::Had { ended_at: end }, late, Err(Refusal::TooLate), true),
            (Writer::Supervisor, late, Ok(()), true),
            (Writer::Stranger, end, Err(Refusal::NotTheirs), true),
        ] {
            assert_eq!((writer.may_write(at), writer.is_audited()), (expected, audited), "{writer:?} {at:?}");
        }
    }

    #[test]
    fn what_was_chosen_stays_and_nothing_is_added_that_is_no_choice() {
        let id = ClassificationId;
        let leaf = |number: u64| Classification {
            id: id(number),
            code: number.to_string(),
            label: number.to_string(),
            ..Classification::default()
        };
        let company = Company {
            queues: vec![Queue { id: QueueId(1), ..Queue::default() }],
            classifications: (1..=30).map(leaf).collect(),
            ..Company::default()
        };
        let written = |note: &str, about: &[u64]| WriteUp {
            note: note.to_owned(),
            classifications: about.iter().map(|number| id(*number)).collect(),
        };
        let many: Vec<u64> = (1..=21).collect();
        for (before, after, expected) in [
            (written("", &[]), written("called back", &[1, 2]), Ok(())),
            (written("", &[99]), written("", &[99, 1]), Ok(())),
            (written("", &[]), written("", &[99]), Err(Refusal::NoChoice(id(99)))),
            (written("", &[]), written("", &many), Err(Refusal::TooMany)),
            (written("", &[]), written(&"ä".repeat(NOTE_CHARACTERS_MAX), &[]), Ok(())),
            (written("", &[]), written(&"ä".repeat(NOTE_CHARACTERS_MAX + 1), &[]), Err(Refusal::NoteTooLong)),
        ] {
            assert_eq!(after.follows(&before, &company, QueueId(1)), expected);
        }
    }
}
