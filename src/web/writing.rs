//! How much visitors may write: so much in one chat, from one source, and in one company, in messages and in bytes.
//! Whoever writes more is told so; nobody else notices, and the disk grows no faster than this.

use super::budget::Budget;
use super::limits;
use crate::config::Limits;
use domain::id::{ChatId, CompanyId};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

/// How many seconds' worth may come at once.
const AT_ONCE: Duration = Duration::from_secs(10);
/// How long a message may be in the long run; one at a time may be as long as it likes.
const BYTES_PER_MESSAGE: u32 = 4 * 1024;
/// How long the messages may be that come at once.
const BYTES_PER_MESSAGE_AT_ONCE: u32 = 16 * 1024;

/// What visitors may write.
pub struct Writing {
    chats: Measure<ChatId>,
    sources: Measure<IpAddr>,
    companies: Measure<CompanyId>,
}

impl Writing {
    /// The configured one.
    pub fn new(limits: &Limits) -> Writing {
        Writing {
            chats: Measure::new(limits.messages_per_chat_per_second),
            sources: Measure::new(limits.messages_per_source_per_second),
            companies: Measure::new(limits.messages_per_company_per_second),
        }
    }

    /// Whether a message of so many bytes may come now. The narrowest is asked first: what a chat has too much of costs
    /// its source nothing, and what a source has too much of costs its company nothing.
    pub fn message(&self, now: Instant, chat: ChatId, source: IpAddr, company: CompanyId, bytes: usize) -> bool {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        self.chats.takes(now, chat, bytes)
            && self.sources.takes(now, limits::network(source), bytes)
            && self.companies.takes(now, company, bytes)
    }

    /// Forgets who has been quiet.
    pub fn forget_quiet(&self, now: Instant) {
        self.chats.forget_quiet(now);
        self.sources.forget_quiet(now);
        self.companies.forget_quiet(now);
    }
}

struct Measure<K> {
    messages: Budget<K>,
    bytes: Budget<K>,
}

impl<K: Ord + Copy> Measure<K> {
    fn new(per_second: u32) -> Self {
        let some = |count: u32| NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
        let bytes = per_second.saturating_mul(BYTES_PER_MESSAGE);
        Measure {
            messages: Budget::per_second(some(per_second), AT_ONCE),
            bytes: Budget::per_second(some(bytes), AT_ONCE * (BYTES_PER_MESSAGE_AT_ONCE / BYTES_PER_MESSAGE)),
        }
    }

    fn takes(&self, now: Instant, who: K, bytes: u32) -> bool {
        self.messages.take(now, who, 1) && self.bytes.take(now, who, bytes)
    }

    fn forget_quiet(&self, now: Instant) {
        self.messages.forget_quiet(now);
        self.bytes.forget_quiet(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget() -> Writing {
        let limits = Limits {
            messages_per_chat_per_second: 2,
            messages_per_source_per_second: 4,
            messages_per_company_per_second: 6,
            ..Limits::default()
        };
        Writing::new(&limits)
    }

    /// How many of a hundred messages for each chat are taken, all at one moment.
    fn taken(budget: &Writing, now: Instant, chats: std::ops::Range<u64>, source: u8, bytes: usize) -> usize {
        let source = IpAddr::from([192, 0, 2, source]);
        let takes = |chat: u64| budget.message(now, ChatId(chat), source, CompanyId(1), bytes);
        chats.map(|chat| (0..100).filter(|_| takes(chat)).count()).sum()
    }

    #[test]
    fn a_chat_a_source_and_a_company_have_their_bounds_and_leave_others_alone() {
        let (budget, now) = (budget(), Instant::now());
        assert_eq!(taken(&budget, now, 1..2, 1, 10), 20, "one chat");
        assert_eq!(taken(&budget, now, 2..50, 1, 10), 20, "the rest of one source");
        assert_eq!(taken(&budget, now, 50..99, 2, 10), 20, "the rest of the company");
        assert!(budget.message(now, ChatId(1_000), IpAddr::from([192, 0, 2, 3]), CompanyId(2), 10), "another company");
        let later = now + Duration::from_secs(1);
        assert_eq!(taken(&budget, later, 1..2, 1, 10), 2, "a second later");
    }

    #[test]
    fn as_many_of_the_longest_messages_may_come_at_once_as_of_short_ones() {
        assert_eq!(taken(&budget(), Instant::now(), 1..2, 1, 16_000), 20);
    }

    #[test]
    fn what_is_longer_than_all_that_may_come_at_once_is_not_taken() {
        assert_eq!(taken(&budget(), Instant::now(), 1..2, 1, 1 << 20), 0);
    }
}
