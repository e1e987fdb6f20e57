//! What changed in queues and is not on the screens yet. Changes that come fast are gathered, so that many open desktops
//! cost as much at a hundred changes a second as at ten.
//! Never reads a clock, and never knows who looks.

use domain::id::{ItemId, QueueId};
use domain::time::{Span, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// The least time between two frames of one queue: no longer than what people take for at once.
const BETWEEN: Span = Span(100);

/// The changes of all queues.
#[derive(Debug, Default)]
pub struct Gathering(BTreeMap<QueueId, Gathered>);

#[derive(Debug, Default)]
struct Gathered {
    items: BTreeSet<ItemId>,
    /// Before that time nothing more is shown of it.
    quiet_until: Timestamp,
    /// Somebody has been told to come back for what is gathered.
    is_awaited: bool,
}

/// When changes are to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// At once.
    Now,
    /// At that time, with all that changes until then.
    At(Timestamp),
    /// With what was told to be shown later.
    Along,
}

impl Gathering {
    /// Items of a queue look different.
    pub fn note(&mut self, now: Timestamp, queue: QueueId, items: impl IntoIterator<Item = ItemId>) -> When {
        let gathered = self.0.entry(queue).or_default();
        gathered.items.extend(items);
        if gathered.is_awaited {
            When::Along
        } else if gathered.quiet_until <= now {
            When::Now
        } else {
            gathered.is_awaited = true;
            When::At(gathered.quiet_until)
        }
    }

    /// What is to be shown of a queue now, each item once.
    pub fn take(&mut self, now: Timestamp, queue: QueueId) -> BTreeSet<ItemId> {
        let gathered = self.0.entry(queue).or_default();
        gathered.is_awaited = false;
        gathered.quiet_until = now + BETWEEN;
        std::mem::take(&mut gathered.items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::ChatId;

    const QUEUE: QueueId = QueueId(1);

    fn chat(id: u64) -> ItemId {
        ItemId::Chat(ChatId(id))
    }

    /// Notes a change at each of these times, and comes back when that is wanted: when something was shown, and how much.
    fn shown(changes: impl IntoIterator<Item = (u64, u64)>) -> Vec<(u64, usize)> {
        let (mut gathering, mut shown, mut awaited) = (Gathering::default(), vec![], None);
        let mut come_back = |gathering: &mut Gathering, awaited: &mut Option<Timestamp>, until: u64| {
            if let Some(at) = awaited.take_if(|at| at.0 <= until) {
                shown.push((at.0, gathering.take(at, QUEUE).len()));
            }
        };
        for (at, id) in changes {
            come_back(&mut gathering, &mut awaited, at);
            match gathering.note(Timestamp(at), QUEUE, [chat(id)]) {
                When::Now => awaited = Some(Timestamp(at)),
                When::At(later) => assert_eq!(awaited.replace(later), None, "one is told to come back, and once"),
                When::Along => assert!(awaited.is_some()),
            }
            come_back(&mut gathering, &mut awaited, at);
        }
        come_back(&mut gathering, &mut awaited, u64::MAX);
        shown
    }

    #[test]
    fn a_change_after_a_quiet_time_is_shown_at_once() {
        assert_eq!(shown([(1_000, 1), (1_100, 2), (5_000, 3)]), [(1_000, 1), (1_100, 1), (5_000, 1)]);
    }

    #[test]
    fn changes_that_come_fast_are_shown_together_and_none_is_kept_for_longer_than_that() {
        let fast = (0..1_000).map(|n| (1_000 + n, n));
        let shown = shown(fast);
        assert_eq!(shown.iter().map(|(_, count)| count).sum::<usize>(), 1_000, "none is lost: {shown:?}");
        assert_eq!(shown.len(), 11, "ten times a second: {shown:?}");
        assert!(shown.windows(2).all(|pair| pair[1].0 - pair[0].0 == BETWEEN.0), "{shown:?}");
    }

    #[test]
    fn an_item_that_changes_again_and_again_is_shown_once_as_it_is_then() {
        assert_eq!(shown([(1_000, 1), (1_010, 7), (1_020, 7), (1_090, 7)]), [(1_000, 1), (1_100, 1)]);
    }

    #[test]
    fn one_queue_does_not_keep_another_from_its_screens() {
        let mut gathering = Gathering::default();
        assert_eq!(gathering.note(Timestamp(1_000), QUEUE, [chat(1)]), When::Now);
        gathering.take(Timestamp(1_000), QUEUE);
        assert_eq!(gathering.note(Timestamp(1_001), QueueId(2), [chat(2)]), When::Now);
        assert_eq!(gathering.note(Timestamp(1_001), QUEUE, [chat(3)]), When::At(Timestamp(1_100)));
        assert_eq!(gathering.take(Timestamp(1_100), QUEUE), [chat(3)].into());
    }
}
