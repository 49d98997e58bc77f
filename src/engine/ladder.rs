//! A ladder of keys: a small heap of those that come next, and buckets of time for all others.
//!
//! **Why not a heap alone?** Beyond a few thousand keys a heap leaves the first cache, and every level of every sift waits
//! for memory. A key that is due later is put at the end of a bucket instead, unsorted, and looked at again when its bucket
//! comes up: it then enters a heap of some hundred keys. What is pending costs memory, hardly time.
//!
//! **Why rungs?** Buckets are equally wide, events are not equally dense. A bucket that holds too many is spread over a rung
//! of narrower ones, which replaces it until it is used up; so is a heap that grows too large. Events beyond the last bucket
//! wait together on top and are spread once all before them are gone.
//!
//! Order is the keys' own, so that nothing here can change it; where all keys are due at one instant, the heap keeps them.
//!
//! Source: W. T. Tang, R. S. M. Goh, I. L.-J. Thng, "Ladder queue: an O(1) priority queue structure for large-scale discrete
//! event simulation", ACM Transactions on Modeling and Computer Simulation 15 (2005); a heap stands in for its sorted list.

use super::heap::KeyHeap;
use super::key::Key;

/// A heap of more keys than these is spread over buckets: it would leave the first cache.
const SPREAD_FROM: usize = 1_024;
/// Keys that a bucket is meant for: few enough for the heap to be shallow, enough for a bucket to pay.
const PER_BUCKET: usize = 128;

/// Keys in the order of urgency.
#[derive(Clone, Debug)]
pub(super) struct Ladder {
    /// Every key before `reach`.
    heap: KeyHeap,
    /// The first time that is not the heap's.
    reach: u64,
    /// The heap is spread once it holds more keys than this.
    limit: usize,
    /// From the widest, each but the first in place of a bucket of the one before.
    rungs: Vec<Rung>,
    /// Keys later than the widest rung; none without one.
    top: Vec<Key>,
    /// Keys on rungs and on top.
    waiting: usize,
    /// Emptied buckets, to be used again.
    spare: Vec<Vec<Key>>,
}

/// Keys of `[start, end)` in buckets of `2^shift` units of time each.
#[derive(Clone, Debug)]
struct Rung {
    start: u64,
    end: u64,
    shift: u32,
    /// The first bucket that was not used up.
    next: usize,
    buckets: Vec<Vec<Key>>,
}

impl Rung {
    #[inline]
    fn bucket_of(&self, time: u64) -> usize {
        ((time - self.start) >> self.shift) as usize
    }

    /// When a bucket begins.
    fn begins(&self, bucket: usize) -> u64 {
        (self.start + ((bucket as u64) << self.shift)).min(self.end)
    }
}

impl Ladder {
    pub(super) fn new() -> Self {
        Self {
            heap: KeyHeap::new(),
            reach: u64::MAX,
            limit: SPREAD_FROM,
            rungs: Vec::new(),
            top: Vec::new(),
            waiting: 0,
            spare: Vec::new(),
        }
    }

    /// Keys held.
    pub(super) fn len(&self) -> usize {
        self.heap.len() + self.waiting
    }

    /// Adds a key.
    #[inline]
    pub(super) fn push(&mut self, key: Key) {
        if key.time().0 < self.reach {
            self.heap.push(key);
            if self.heap.len() > self.limit {
                self.spread_heap();
            }
        } else {
            self.wait(key);
        }
    }

    /// Whether the next key is still in a bucket, which [`Ladder::refill`] brings down.
    #[inline]
    pub(super) fn is_due_for_refill(&self) -> bool {
        self.waiting > 0 && self.heap.len() == 0
    }

    /// The smallest key. Exclusive access, because the heap may have to be filled first.
    #[inline]
    pub(super) fn min(&mut self) -> Option<Key> {
        if self.is_due_for_refill() {
            self.refill();
        }
        self.heap.min()
    }

    /// Takes out the smallest key if it is below `limit`.
    #[inline]
    pub(super) fn pop_below(&mut self, limit: Key) -> Option<Key> {
        if self.is_due_for_refill() {
            self.refill();
        }
        self.heap.pop_below(limit)
    }

    /// After a key was taken out: the key that comes next, unless a smaller one is pushed. `None` where so few wait that
    /// fetching ahead costs more than it saves, or where the next one waits.
    #[inline]
    pub(super) fn successor(&self) -> Option<Key> {
        if self.waiting > 0 { self.heap.successor() } else { None }
    }

    /// [`Ladder::successor`] and a few more keys, the one after it among them.
    #[inline]
    pub(super) fn soon(&self) -> impl Iterator<Item = Key> + '_ {
        self.heap.soon()
    }

    /// The keys that come before all that wait, in no useful order.
    pub(super) fn next_keys(&self) -> impl Iterator<Item = Key> + '_ {
        self.heap.iter()
    }

    /// Every key, in no useful order.
    pub(super) fn iter(&self) -> impl Iterator<Item = Key> + '_ {
        let on_rungs = self.rungs.iter().flat_map(|rung| &rung.buckets).flatten();
        self.heap.iter().chain(on_rungs.chain(&self.top).copied())
    }

    /// Drops the keys that `keep` refuses, in time linear in the keys.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(Key) -> bool) {
        self.heap.retain(&mut keep);
        let buckets = self.rungs.iter_mut().flat_map(|rung| &mut rung.buckets);
        self.waiting = 0;
        for keys in buckets.chain([&mut self.top]) {
            keys.retain(|key| keep(*key));
            self.waiting += keys.len();
        }
    }

    /// Levels of the heap climbed or descended so far.
    #[cfg(test)]
    pub(super) fn steps(&self) -> u64 {
        self.heap.steps
    }

    /// Puts a key that the heap does not reach into its bucket.
    fn wait(&mut self, key: Key) {
        self.waiting += 1;
        let time = key.time().0;
        match self.rungs.iter_mut().rev().find(|rung| time < rung.end) {
            Some(rung) => {
                let bucket = rung.bucket_of(time);
                rung.buckets[bucket].push(key);
            }
            None => self.top.push(key),
        }
    }

    /// Fills the empty heap from the next bucket. Some key must wait.
    #[cold]
    pub(super) fn refill(&mut self) {
        self.limit = SPREAD_FROM;
        while self.heap.len() == 0 {
            match self.rungs.last_mut() {
                None => self.take_top(),
                Some(rung) => match (rung.next..rung.buckets.len()).find(|bucket| !rung.buckets[*bucket].is_empty()) {
                    None => {
                        let used_up = self.rungs.pop();
                        used_up.into_iter().flat_map(|rung| rung.buckets).for_each(|keys| self.reuse(keys));
                    }
                    Some(bucket) => self.take_bucket(bucket),
                },
            }
        }
    }

    /// Brings down what waits on top: there is no rung left.
    fn take_top(&mut self) {
        let mut keys = std::mem::take(&mut self.top);
        if keys.len() > SPREAD_FROM {
            self.spread(&keys, None);
        } else {
            self.reach = u64::MAX;
            self.fill(&keys);
        }
        keys.clear();
        self.top = keys;
    }

    /// Brings down a bucket of the narrowest rung.
    fn take_bucket(&mut self, bucket: usize) {
        let Some(rung) = self.rungs.last_mut() else { return };
        rung.next = bucket + 1;
        let (end, divisible) = (rung.begins(bucket + 1), rung.shift > 0);
        let mut keys = std::mem::take(&mut rung.buckets[bucket]);
        if keys.len() > SPREAD_FROM && divisible {
            self.spread(&keys, Some(end));
        } else {
            self.reach = end;
            self.fill(&keys);
        }
        keys.clear();
        self.reuse(keys);
    }

    /// Keeps an empty bucket for a later rung; not one with far more room than a bucket is meant to have.
    fn reuse(&mut self, keys: Vec<Key>) {
        if keys.capacity() <= 2 * PER_BUCKET {
            self.spare.push(keys);
        }
    }

    fn fill(&mut self, keys: &[Key]) {
        self.waiting -= keys.len();
        self.heap.fill(keys);
    }

    /// Keeps the next keys of a heap that has grown too large and puts the others into buckets.
    #[cold]
    fn spread_heap(&mut self) {
        let keys: Vec<Key> = self.heap.iter().collect();
        let time = |key: &Key| key.time();
        if keys.iter().map(time).min() == keys.iter().map(time).max() {
            // One instant, which no bucket can part.
            self.limit *= 2;
            return;
        }
        self.heap.clear();
        self.waiting += keys.len();
        let end = if self.rungs.is_empty() { None } else { Some(self.reach) };
        self.spread(&keys, end);
        self.refill();
    }

    /// Adds a rung of these keys, that reaches to `end` or, without one, to the last of them.
    fn spread(&mut self, keys: &[Key], end: Option<u64>) {
        let times = || keys.iter().map(|key| key.time().0);
        let start = times().min().expect("a rung has keys");
        let end = end.unwrap_or_else(|| times().max().expect("a rung has keys") + 1);
        let wanted = (keys.len() / PER_BUCKET).max(1) as u64;
        // No wider than what is wanted, so that a bucket is at most so full on average.
        let shift = ((end - start) / wanted).max(1).ilog2();
        let count = ((end - start - 1) >> shift) as usize + 1;
        let spare = &mut self.spare;
        let buckets = (0..count).map(|_| spare.pop().unwrap_or_default()).collect();
        let mut rung = Rung { start, end, shift, next: 0, buckets };
        for key in keys {
            let bucket = rung.bucket_of(key.time().0);
            rung.buckets[bucket].push(*key);
        }
        self.rungs.push(rung);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Phase;
    use crate::units::Time;
    use proptest::prelude::*;

    fn key(time: u64, sequence: u64) -> Key {
        Key::new(Time(time), Phase::FIRST, sequence, 0)
    }

    /// Keys at each of these times, and how far apart they are.
    fn filled(times: impl Iterator<Item = u64>) -> Ladder {
        let mut ladder = Ladder::new();
        times.enumerate().for_each(|(i, time)| ladder.push(key(time, i as u64)));
        ladder
    }

    fn drained(ladder: &mut Ladder) -> Vec<Key> {
        std::iter::from_fn(|| ladder.pop_below(Key::MAX)).collect()
    }

    #[test]
    fn few_keys_stay_in_the_heap() {
        let ladder = filled((0..SPREAD_FROM as u64).map(|i| i * 7_919 % 1_009));
        assert_eq!((ladder.waiting, ladder.rungs.len(), ladder.heap.len()), (0, 0, SPREAD_FROM));
    }

    /// 100,000 keys a unit apart: a heap that never holds more than 1,024.
    #[test]
    fn many_keys_wait_in_buckets() {
        let mut ladder = filled((0..100_000).map(|i| i * 7_919 % 100_003));
        assert_eq!(ladder.len(), 100_000);
        assert!(ladder.heap.len() <= SPREAD_FROM && ladder.waiting > 98_000, "{}", ladder.heap.len());
        let mut largest = 0;
        for last in 0..100_000_u64 {
            assert_eq!(ladder.len() as u64, 100_000 - last);
            largest = largest.max(ladder.heap.len());
            ladder.pop_below(Key::MAX).unwrap();
        }
        assert!(largest <= SPREAD_FROM, "{largest}");
        assert!(ladder.pop_below(Key::MAX).is_none());
    }

    #[test]
    fn one_instant_is_left_to_the_heap() {
        let mut ladder = filled((0..5_000).map(|_| 9));
        assert_eq!((ladder.heap.len(), ladder.waiting), (5_000, 0));
        assert!(drained(&mut ladder).is_sorted());
    }

    /// Half of all keys within a thousandth of the time: their bucket becomes a rung of its own.
    #[test]
    fn a_crowded_bucket_is_spread_again() {
        let crowd = (0..20_000).map(|i| 500_000 + i % 1_000);
        let mut ladder = filled((0..20_000).map(|i| 1 + i * 50).chain(crowd));
        let mut rungs = 0;
        let mut last = Key::before(Time(0));
        while let Some(next) = ladder.pop_below(Key::MAX) {
            assert!(last < next);
            (last, rungs) = (next, rungs.max(ladder.rungs.len()));
        }
        assert!(rungs >= 2, "{rungs}");
    }

    proptest! {
        /// Keys leave in order, whatever is pushed meanwhile and however unevenly; what is dropped does not come.
        #[test]
        fn agrees_with_a_sorted_list(
            spans in prop::collection::vec((0u32..40, 1usize..3_000), 1..8),
            seed in any::<u64>(),
            odd in any::<bool>(),
        ) {
            let (mut ladder, mut sorted) = (Ladder::new(), std::collections::BTreeSet::new());
            let (mut state, mut sequence, mut now) = (seed, 0, 0);
            for (bits, count) in spans {
                for _ in 0..count {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    let next = key(now + (state >> 24 & ((1 << bits) - 1)), sequence);
                    sequence += 1;
                    ladder.push(next);
                    sorted.insert(next);
                    if state >> 60 < 7 {
                        let first = sorted.pop_first();
                        now = first.map_or(now, |key| key.time().0);
                        prop_assert_eq!(ladder.min(), first);
                        prop_assert_eq!(ladder.pop_below(Key::MAX), first);
                    }
                }
                if odd {
                    ladder.retain(|key| key.sequence() % 2 == 1);
                    sorted.retain(|key| key.sequence() % 2 == 1);
                }
                prop_assert_eq!(ladder.len(), sorted.len());
                prop_assert!(ladder.iter().collect::<std::collections::BTreeSet<_>>() == sorted);
            }
            prop_assert_eq!(drained(&mut ladder), sorted.into_iter().collect::<Vec<_>>());
        }
    }
}
