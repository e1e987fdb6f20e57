//! Why people take breaks, in the company's own words.
//! The reason "just so" is none of them: it needs no row.

use super::refusal::named;
use super::{Company, Kind, NextIds, Refusal, Why, take};
use crate::id::BreakReasonId;

/// Why people take breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakReason {
    /// Its id.
    pub id: BreakReasonId,
    /// In the company's words, unique in it.
    pub name: String,
}

impl Company {
    pub(super) fn put_break_reason(&mut self, name: &str, next: &mut NextIds) -> Result<(), Refusal> {
        named(Kind::BreakReason, name)?;
        if self.break_reasons.iter().all(|reason| reason.name != name) {
            let id = BreakReasonId(take(&mut next.break_reason));
            self.break_reasons.push(BreakReason { id, name: name.to_owned() });
        }
        Ok(())
    }

    pub(super) fn remove_break_reason(&mut self, name: &str) -> Result<(), Refusal> {
        let known = self.break_reasons.iter().position(|reason| reason.name == name);
        let at = known.ok_or_else(|| Refusal::new(Kind::BreakReason, name, None, Why::Unknown))?;
        self.break_reasons.remove(at);
        Ok(())
    }
}
