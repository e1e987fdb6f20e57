//! What items are about, in the company's own words: a tree, whose leaves an agent chooses from.
//! Never what one item is about: that stands in its record.

use super::refusal::named;
use super::{Company, Kind, NextIds, Refusal, Refusals, Why, take};
use crate::id::{ClassificationId, QueueId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The deepest that the tree may be: a path has to fit on a screen.
pub const DEPTH_MAX: usize = 8;

/// One thing that items may be about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Classification {
    /// Its id.
    pub id: ClassificationId,
    /// By what it is known, unique in the company.
    pub code: String,
    /// As it is shown.
    pub label: String,
    /// Of which it is a part.
    pub parent: Option<ClassificationId>,
    /// The queues that have it in a list of their own; nothing of a part, which is where its parent is.
    pub queues: BTreeSet<QueueId>,
}

/// A classification, known by its code. What is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassificationEntry {
    /// Its code.
    pub code: String,
    /// As it is shown; the code by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The code of what it is a part of; of nothing by default, or if it is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// The names of exactly the queues that have it in a list of their own, with all its parts. A queue that no classification
    /// names has those that name no queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queues: Option<Vec<String>>,
    /// A form that says everything: what is left out has its default.
    #[serde(skip)]
    pub whole: bool,
}

impl Classification {
    /// As a file describes it.
    pub fn entry(&self, company: &Company) -> ClassificationEntry {
        let queues: Vec<String> = self.queues.iter().map(|queue| company.queue_name(*queue).to_owned()).collect();
        let parent = self.parent.and_then(|id| company.classification(id)).map(|parent| parent.code.clone());
        ClassificationEntry {
            code: self.code.clone(),
            label: Some(self.label.clone()),
            parent,
            queues: Some(queues).filter(|queues| !queues.is_empty()),
            whole: false,
        }
    }
}

impl Company {
    /// One that is there, or was.
    pub fn classification(&self, id: ClassificationId) -> Option<&Classification> {
        let here = self.classifications.iter().find(|known| known.id == id);
        here.or_else(|| self.removed.classifications.get(&id))
    }

    /// The labels from the root of the tree down to this one; empty if there never was one.
    pub fn classification_path(&self, id: ClassificationId) -> Vec<&str> {
        let first = self.classification(id);
        let up = std::iter::successors(first, |at| self.classification(at.parent?)).take(DEPTH_MAX);
        let mut labels: Vec<&str> = up.map(|at| at.label.as_str()).collect();
        labels.reverse();
        labels
    }

    /// Those that may be chosen for an item of a queue, by label from the root down: the leaves of the queue's own list, or
    /// of the company's if it has none.
    pub fn classifications_of(&self, queue: QueueId) -> Vec<&Classification> {
        let own = self.classifications.iter().any(|known| known.queues.contains(&queue));
        let is_listed = |root: &Classification| if own { root.queues.contains(&queue) } else { root.queues.is_empty() };
        let parents: BTreeSet<ClassificationId> =
            self.classifications.iter().filter_map(|known| known.parent).collect();
        let leaves = self.classifications.iter().filter(|known| !parents.contains(&known.id));
        let mut listed: Vec<&Classification> =
            leaves.filter(|leaf| self.root_of(leaf).is_some_and(is_listed)).collect();
        listed.sort_by_cached_key(|leaf| (self.classification_path(leaf.id).join("\n").to_lowercase(), leaf.id));
        listed
    }

    fn root_of<'a>(&'a self, leaf: &'a Classification) -> Option<&'a Classification> {
        std::iter::successors(Some(leaf), |at| self.classification(at.parent?)).take(DEPTH_MAX).last()
    }

    /// Makes or changes one; of what it is a part is looked at once all are there.
    pub(super) fn put_classification(
        &mut self,
        entry: &ClassificationEntry,
        next: &mut NextIds,
        refused: &mut Refusals,
    ) {
        if refused.note(named(Kind::Classification, &entry.code)).is_none() {
            return;
        }
        let known = self.classifications.iter().position(|known| known.code == entry.code);
        let new = |id| Classification {
            id,
            label: entry.code.clone(),
            code: entry.code.clone(),
            ..Classification::default()
        };
        let mut classification = match known {
            Some(at) if entry.whole => new(self.classifications[at].id),
            Some(at) => self.classifications[at].clone(),
            None => new(ClassificationId(take(&mut next.classification))),
        };
        if let Some(label) = &entry.label {
            match named(Kind::Classification, label) {
                Ok(()) => classification.label.clone_from(label),
                Err(Refusal { why, .. }) => refused.add(Kind::Classification, &entry.code, (Some("label"), why)),
            }
        }
        if let Some(queues) = &entry.queues {
            let queue = |name: &String| refused.note(self.queue_of(Kind::Classification, &entry.code, "queues", name));
            classification.queues = queues.iter().filter_map(queue).collect();
        }
        match known {
            Some(at) => self.classifications[at] = classification,
            None => self.classifications.push(classification),
        }
    }

    /// Makes one a part of another.
    pub(super) fn put_parent(&mut self, entry: &ClassificationEntry, refused: &mut Refusals) {
        let parent = match entry.parent.as_deref() {
            None => return,
            Some("") => None,
            Some(code) => match self.classifications.iter().find(|known| known.code == code) {
                Some(parent) => Some(parent.id),
                None => {
                    let why = Why::NoClassification(code.to_owned());
                    return refused.add(Kind::Classification, &entry.code, (Some("parent"), why));
                }
            },
        };
        self.classifications
            .iter_mut()
            .filter(|known| known.code == entry.code)
            .for_each(|known| known.parent = parent);
    }

    pub(super) fn remove_classification(&mut self, code: &str) -> Result<(), Refusal> {
        let known = self.classifications.iter().position(|known| known.code == code);
        let at = known.ok_or_else(|| Refusal::new(Kind::Classification, code, None, Why::Unknown))?;
        let gone = self.classifications.remove(at);
        self.removed.classifications.insert(gone.id, gone);
        Ok(())
    }

    /// Whether the classifications are a tree, whose parts are all there and have no queues of their own.
    pub(super) fn classifications_are_a_tree(&self, refused: &mut Refusals) {
        let here: BTreeMap<ClassificationId, &Classification> =
            self.classifications.iter().map(|known| (known.id, known)).collect();
        let parts = |id: ClassificationId| here.values().filter(move |known| known.parent == Some(id));
        for (id, gone) in &self.removed.classifications {
            let by: Vec<_> = parts(*id).map(|part| (Kind::Classification, part.code.clone())).collect();
            if !by.is_empty() {
                refused.add(Kind::Classification, &gone.code, (None, Why::Used { by }));
            }
        }
        for known in &self.classifications {
            let mut refuse = |key, why| refused.add(Kind::Classification, &known.code, (Some(key), why));
            if known.parent.is_some() && !known.queues.is_empty() {
                refuse("queues", Why::OnlyRoot);
            }
            let up = std::iter::successors(Some(known), |at| here.get(&at.parent?).copied());
            if up.take(DEPTH_MAX + 1).count() > DEPTH_MAX {
                refuse("parent", Why::TooDeep);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::company::{Change, Outside, QueueEntry, Thing};
    use crate::id::CompanyId;

    fn entry(code: &str, parent: &str, queues: &[&str]) -> Change {
        let queues = queues.iter().map(|name| (*name).to_owned()).collect();
        let parent = Some(parent.to_owned());
        let queues = Some(queues);
        Change::PutClassification(ClassificationEntry {
            code: code.to_owned(),
            parent,
            queues,
            ..ClassificationEntry::default()
        })
    }

    fn queue(name: &str) -> Change {
        Change::PutQueue(QueueEntry { name: name.to_owned(), ..QueueEntry::default() })
    }

    /// Orders and returns for all, faults for the queue Repairs.
    fn company() -> Company {
        let changes = [
            queue("Sales"),
            queue("Repairs"),
            // Parts may stand before what they are parts of.
            entry("refund", "return", &[]),
            entry("exchange", "return", &[]),
            entry("order", "", &[]),
            entry("return", "", &[]),
            entry("fault", "", &["Repairs"]),
        ];
        Company::new(CompanyId(1), "One").unwrap().change(&changes, &Outside::default()).unwrap()
    }

    fn codes(company: &Company, queue: u64) -> Vec<&str> {
        company.classifications_of(QueueId(queue)).into_iter().map(|leaf| leaf.code.as_str()).collect()
    }

    #[test]
    fn a_queue_has_its_own_list_or_else_the_companys_and_only_leaves_are_chosen() {
        let company = company();
        assert_eq!(codes(&company, 1), ["order", "exchange", "refund"]);
        assert_eq!(codes(&company, 2), ["fault"]);
        let refund = company.classifications.iter().find(|known| known.code == "refund").unwrap();
        assert_eq!(company.classification_path(refund.id), ["return", "refund"]);
    }

    #[test]
    fn records_keep_the_label_of_what_was_removed() {
        let company = company();
        let refund = company.classifications.iter().find(|known| known.code == "refund").unwrap().id;
        let gone = Change::Remove(Thing::Classification("refund".to_owned()));
        let after = company.change(&[gone], &Outside::default()).unwrap();
        assert_eq!(codes(&after, 1), ["order", "exchange"]);
        assert_eq!(after.classification_path(refund), ["return", "refund"]);
    }

    #[test]
    fn what_is_no_tree_is_refused() {
        let company = company();
        let remove = |code: &str| Change::Remove(Thing::Classification(code.to_owned()));
        let long = || {
            let names: Vec<String> = (0..=DEPTH_MAX).map(|level| format!("level {level}")).collect();
            let mut above = String::new();
            let level = |name: &String| entry(name, &std::mem::replace(&mut above, name.clone()), &[]);
            names.iter().map(level).collect::<Vec<_>>()
        };
        for (changes, expected) in [
            (
                vec![remove("return")],
                "classification return: is still used by classification refund, classification exchange",
            ),
            (vec![entry("return", "refund", &[])], "parent: would be part of itself, or deeper than 8"),
            (
                vec![entry("refund", "nothing", &[])],
                "classification refund: parent: there is no classification `nothing`",
            ),
            (
                vec![entry("refund", "return", &["Sales"])],
                "classification refund: queues: only of what is part of nothing",
            ),
            (vec![remove("nothing")], "classification nothing: there is none of this name"),
            (vec![entry("", "", &[])], "classification: the name is empty"),
            (vec![entry("order", "", &["Nowhere"])], "classification order: queues: there is no queue `Nowhere`"),
            (
                vec![Change::Remove(Thing::Queue("Repairs".to_owned()))],
                "queue Repairs: is still used by classification fault",
            ),
            (long(), "classification level 8: parent: would be part of itself, or deeper than 8"),
        ] {
            let refused = company.change(&changes, &Outside::default()).unwrap_err().to_string();
            assert!(refused.contains(expected), "{refused}");
        }
        let all = [remove("return"), remove("refund"), remove("exchange")];
        assert!(company.change(&all, &Outside::default()).is_ok(), "what is removed together uses nothing any more");
    }
}
