//! How the domain's numbers stand in columns: there they have no sign, and here one.
//! Nowhere else is one made of the other.

use domain::id::{
    AgentId, ApiKeyId, BreakReasonId, ChatId, ClassificationId, CompanyId, ContactId, FileId, HoursId, QueueId, RoleId,
    TemplateId,
};
use domain::time::{Span, Timestamp};

/// A number of the domain that is a column of 64 bits.
pub(super) trait Stored: Copy {
    /// As it is stored.
    fn stored(self) -> i64;
    /// What is stored like this.
    fn from_stored(column: i64) -> Self;
}

/// Counted from 0: a sequence, a command's number, a digest.
impl Stored for u64 {
    fn stored(self) -> i64 {
        self.cast_signed()
    }

    fn from_stored(column: i64) -> u64 {
        column.cast_unsigned()
    }
}

macro_rules! stored {
    ($($name:ident),+ $(,)?) => {$(
        impl Stored for $name {
            fn stored(self) -> i64 {
                self.0.stored()
            }

            fn from_stored(column: i64) -> $name {
                $name(u64::from_stored(column))
            }
        }
    )+};
}

stored!(
    AgentId,
    BreakReasonId,
    ChatId,
    ClassificationId,
    CompanyId,
    ContactId,
    FileId,
    QueueId,
    Span,
    TemplateId,
    HoursId,
    RoleId,
    ApiKeyId,
    Timestamp
);
