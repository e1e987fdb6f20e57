//! A number that callers dial.
//! It never says by which trunk its calls come.

use super::refusal::named;
use super::{Company, Kind, Outside, Refusal, Refusals, Why};
use crate::id::{CompanyId, QueueId};
use serde::{Deserialize, Serialize};

/// A number or SIP user that callers dial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// As it stands in the request URI's user part, unique in the database.
    pub number: String,
    /// Its company.
    pub company: CompanyId,
    /// Where its calls wait.
    pub queue: QueueId,
}

/// A number, known by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberEntry {
    /// As it stands in the request URI's user part.
    pub number: String,
    /// The name of the queue where its calls wait.
    pub queue: String,
}

impl Company {
    pub(super) fn put_number(&mut self, entry: &NumberEntry, outside: &Outside, refused: &mut Refusals) {
        let (name, company) = (&entry.number, self.id);
        let is_named = refused.note(named(Kind::Number, name)).is_some();
        let queue = refused.note(self.queue_of(Kind::Number, name, "queue", &entry.queue));
        if outside.numbers.contains(name) {
            refused.add(Kind::Number, name, (None, Why::OtherCompany));
        }
        let Some(queue) = queue.filter(|_| is_named) else { return };
        match self.numbers.iter_mut().find(|known| known.number == *name) {
            Some(known) => known.queue = queue,
            None => self.numbers.push(Number { number: name.clone(), company, queue }),
        }
    }

    pub(super) fn remove_number(&mut self, number: &str) -> Result<(), Refusal> {
        let known = self.numbers.iter().position(|known| known.number == number);
        let at = known.ok_or_else(|| Refusal::new(Kind::Number, number, None, Why::Unknown))?;
        self.numbers.remove(at);
        Ok(())
    }
}

impl Number {
    /// As a file describes it.
    pub fn entry(&self, company: &Company) -> NumberEntry {
        NumberEntry { number: self.number.clone(), queue: company.queue_name(self.queue).to_owned() }
    }
}
