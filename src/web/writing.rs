//! How much visitors may write: so much in one chat, from one source, and in one company, in messages and in bytes.
//! Whoever writes more is told so; nobody else notices, and the disk grows no faster than this.

use super::limits;
use crate::config::Limits;
use domain::id::{ChatId, CompanyId};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;

/// How many seconds' worth may come at once.
const AT_ONCE: u32 = 10;
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
    pub fn message(&self, chat: ChatId, source: IpAddr, company: CompanyId, bytes: usize) -> bool {
        let bytes = u32::try_from(bytes).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN);
        self.chats.takes(chat, bytes)
            && self.sources.takes(limits::network(source), bytes)
            && self.companies.takes(company, bytes)
    }

    /// Forgets who has been quiet.
    pub fn forget_quiet(&self) {
        self.chats.forget_quiet();
        self.sources.forget_quiet();
        self.companies.forget_quiet();
    }
}

struct Measure<K: Hash + Eq + Clone> {
    messages: DefaultKeyedRateLimiter<K>,
    bytes: DefaultKeyedRateLimiter<K>,
}

impl<K: Hash + Eq + Clone> Measure<K> {
    fn new(per_second: u32) -> Self {
        let quota = |per_second: u32, at_once: u32| {
            let [per_second, at_once] =
                [per_second, at_once].map(|count| NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN));
            RateLimiter::keyed(Quota::per_second(per_second).allow_burst(at_once))
        };
        let at_once = per_second.saturating_mul(AT_ONCE);
        Measure {
            messages: quota(per_second, at_once),
            bytes: quota(
                per_second.saturating_mul(BYTES_PER_MESSAGE),
                at_once.saturating_mul(BYTES_PER_MESSAGE_AT_ONCE),
            ),
        }
    }

    fn takes(&self, key: K, bytes: NonZeroU32) -> bool {
        self.messages.check_key(&key).is_ok() && matches!(self.bytes.check_key_n(&key, bytes), Ok(Ok(())))
    }

    fn forget_quiet(&self) {
        self.messages.retain_recent();
        self.bytes.retain_recent();
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

    fn taken(budget: &Writing, chats: std::ops::Range<u64>, source: u8, bytes: usize) -> usize {
        let source = IpAddr::from([192, 0, 2, source]);
        let each = |chat: u64| (0..100).filter(|_| budget.message(ChatId(chat), source, CompanyId(1), bytes)).count();
        chats.map(each).sum()
    }

    #[test]
    fn a_chat_a_source_and_a_company_have_their_bounds_and_leave_others_alone() {
        let budget = budget();
        assert!((20..25).contains(&taken(&budget, 1..2, 1, 10)), "one chat");
        assert!((20..30).contains(&taken(&budget, 2..50, 1, 10)), "the rest of one source");
        assert!((20..35).contains(&taken(&budget, 50..99, 2, 10)), "the rest of the company");
        assert!(budget.message(ChatId(1_000), IpAddr::from([192, 0, 2, 3]), CompanyId(2), 10), "another company");
    }

    #[test]
    fn as_many_of_the_longest_messages_may_come_at_once_as_of_short_ones() {
        assert!((20..25).contains(&taken(&budget(), 1..2, 1, 16_000)));
    }

    #[test]
    fn what_is_longer_than_all_that_may_come_at_once_is_not_taken() {
        assert_eq!(taken(&budget(), 1..2, 1, 1 << 20), 0);
    }
}
