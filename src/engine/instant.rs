//! The events of the current instant: one first-in-first-out queue per phase.

use super::key::Key;
use super::phase::Phase;
use std::collections::VecDeque;

/// Keys of one time. Sequence numbers only grow, so each queue is in order by construction.
#[derive(Clone, Debug, Default)]
pub(super) struct InstantQueues {
    queues: [VecDeque<Key>; Phase::COUNT],
    /// Bit `p` is set while queue `p` holds something.
    filled: u16,
    len: usize,
}

impl InstantQueues {
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.filled == 0
    }

    /// Keys held.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(super) fn push(&mut self, key: Key) {
        let phase = key.phase().number();
        self.queues[usize::from(phase)].push_back(key);
        self.filled |= 1 << phase;
        self.len += 1;
    }

    /// The smallest key.
    #[inline]
    pub(super) fn first(&self) -> Option<Key> {
        // With nothing filled this is 16, where there is no queue.
        self.queues.get(self.filled.trailing_zeros() as usize)?.front().copied()
    }

    /// Takes out the smallest key.
    pub(super) fn pop(&mut self) -> Option<Key> {
        let phase = self.filled.trailing_zeros();
        let queue = self.queues.get_mut(phase as usize)?;
        let key = queue.pop_front();
        self.len -= 1;
        if queue.is_empty() {
            self.filled &= !(1 << phase);
        }
        key
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Key> + '_ {
        self.queues.iter().flatten().copied()
    }

    /// Drops the keys that `keep` refuses.
    pub(super) fn retain(&mut self, keep: impl Fn(Key) -> bool) {
        self.len = 0;
        for (phase, queue) in self.queues.iter_mut().enumerate() {
            queue.retain(|key| keep(*key));
            self.len += queue.len();
            if queue.is_empty() {
                self.filled &= !(1 << phase);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Time;

    fn key(phase: u8, sequence: u64) -> Key {
        Key::new(Time(9), Phase::new(phase), sequence, 0)
    }

    #[test]
    fn phases_in_order_and_first_in_first_out_within() {
        let mut queues = InstantQueues::default();
        [key(15, 0), key(2, 1), key(2, 2), key(0, 3)].into_iter().for_each(|key| queues.push(key));
        assert_eq!(queues.first(), Some(key(0, 3)));
        let order: Vec<u64> = std::iter::from_fn(|| queues.pop()).map(|key| key.sequence()).collect();
        assert_eq!(order, [3, 1, 2, 0]);
        assert_eq!((queues.len(), queues.first(), queues.is_empty()), (0, None, true));
    }

    #[test]
    fn a_queue_swept_empty_is_passed_over() {
        let mut queues = InstantQueues::default();
        [key(1, 0), key(3, 1)].into_iter().for_each(|key| queues.push(key));
        queues.retain(|kept| kept.sequence() == 1);
        assert_eq!((queues.first(), queues.len()), (Some(key(3, 1)), 1));
    }
}
