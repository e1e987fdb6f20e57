//! What is said to whoever asks for what cannot be read or kept: whether it is worth another try.
//! The log has why, from wherever it failed.

use crate::protocol::error::{Code, Problem};
use crate::store::StoreError;

/// As the database's failure is told: damage stays, anything else may be over soon.
pub fn not_read(error: &StoreError) -> Problem {
    match error {
        StoreError::Damaged { .. } => {
            let helps = "`vorrang journal verify` names all damage, a backup brings it back";
            Problem::new(Code::Damaged, format!("what is stored of it is damaged and cannot be read: {helps}"))
        }
        _ => Problem::new(Code::Unavailable, "the daemon cannot read or store anything right now"),
    }
}
