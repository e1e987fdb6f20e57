//! The clock of prompts: every leg that plays one has its turn each 20 ms, spread over four slots.
//! Never reads the time itself, and after a stall goes on from now instead of sending all that was missed.

use std::time::{Duration, Instant};

use sip::media::FRAME_MS;

const SLOTS: usize = 4;
const SLOT: Duration = Duration::from_millis(FRAME_MS as u64 / SLOTS as u64);
/// How far behind it may be and still catch up frame by frame.
const BEHIND_MAX: Duration = Duration::from_millis(100);

/// The keys of the legs that play, by slot.
pub(super) struct Wheel {
    slots: [Vec<usize>; SLOTS],
    /// The slot whose turn is next, and when.
    next: usize,
    next_at: Instant,
}

impl Wheel {
    pub(super) fn new(now: Instant) -> Wheel {
        Wheel { slots: Default::default(), next: 0, next_at: now }
    }

    /// Gives a key its turns, in the emptiest slot; returns the slot, for [`Wheel::remove`].
    pub(super) fn insert(&mut self, key: usize) -> usize {
        let order = (0..SLOTS).map(|later| (self.next + later) % SLOTS);
        let slot = order.min_by_key(|slot| self.slots[*slot].len()).unwrap_or(self.next);
        self.slots[slot].push(key);
        slot
    }

    /// Takes a key out.
    pub(super) fn remove(&mut self, slot: usize, key: usize) {
        if let Some(at) = self.slots[slot].iter().position(|other| *other == key) {
            self.slots[slot].swap_remove(at);
        }
    }

    /// When the next turn of anyone is; `None` if nobody plays.
    pub(super) fn deadline(&self) -> Option<Instant> {
        (0..SLOTS as u32)
            .find(|later| !self.slots[(self.next + *later as usize) % SLOTS].is_empty())
            .map(|later| self.next_at + SLOT * later)
    }

    /// The slot that is due, and on to the next; `None` when all due slots have had their turn.
    pub(super) fn due(&mut self, now: Instant) -> Option<usize> {
        if now.saturating_duration_since(self.next_at) > BEHIND_MAX {
            self.next_at = now;
        }
        if now < self.next_at {
            return None;
        }
        let slot = self.next;
        self.next = (slot + 1) % SLOTS;
        self.next_at += SLOT;
        Some(slot)
    }

    /// How many keys a slot holds.
    pub(super) fn len(&self, slot: usize) -> usize {
        self.slots[slot].len()
    }

    /// The key at a place of a slot. Go through a slot from its end: then [`Wheel::remove`] of this key skips nobody.
    pub(super) fn key(&self, slot: usize, at: usize) -> usize {
        self.slots[slot][at]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_one_turn_in_20_ms_and_the_slots_fill_evenly() {
        let start = Instant::now();
        let mut wheel = Wheel::new(start);
        assert_eq!(wheel.deadline(), None);
        for key in 0..8 {
            wheel.insert(key);
        }
        let mut turns = [0; 8];
        for ms in 0..100 {
            while let Some(slot) = wheel.due(start + Duration::from_millis(ms)) {
                assert_eq!(wheel.len(slot), 2);
                for at in 0..wheel.len(slot) {
                    turns[wheel.key(slot, at)] += 1;
                }
            }
        }
        assert_eq!(turns, [5; 8]);
    }

    #[test]
    fn empty_slots_wake_nobody_and_a_stall_is_not_made_up_for() {
        let start = Instant::now();
        let mut wheel = Wheel::new(start);
        let slot = wheel.insert(7);
        assert_eq!(wheel.due(start), Some(slot));
        assert_eq!(wheel.deadline(), Some(start + Duration::from_millis(20)));
        let later = start + Duration::from_secs(10);
        let mut turns = 0;
        while wheel.due(later).is_some() {
            turns += 1;
        }
        assert_eq!(turns, 1);
        wheel.remove(slot, 7);
        assert_eq!(wheel.deadline(), None);
    }
}
