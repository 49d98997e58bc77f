//! A 4-ary heap of keys.
//!
//! **Why four children?** The four are one cache line, so a level costs one line and two rounds of comparisons; a binary
//! heap has twice the levels. Groups of children are padded with [`Key::MAX`], which removes every length check but one.
//!
//! **Why a hole at the root?** Most handlers schedule about one event. The key taken out leaves a hole that the next
//! one fills, one way down the tree instead of a way down and a way up. A hole that nobody filled is closed with the
//! last key before the next look at the root.
//!
//! **Why keys only?** A heap of whole records was tried: with events of eight bytes it took about 8 % longer in the hold
//! workload at 1,000 pending; larger events make every sift dearer.

use super::key::Key;

/// The four children of a node, one cache line.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Siblings([Key; 4]);

impl Siblings {
    const VACANT: Siblings = Siblings([Key::MAX; 4]);

    /// Position and value of the smallest, without an unpredictable branch.
    #[inline]
    fn smallest(&self) -> (usize, Key) {
        let keys = &self.0;
        let left = usize::from(keys[1] < keys[0]);
        let right = 2 + usize::from(keys[3] < keys[2]);
        if keys[right] < keys[left] { (right, keys[right]) } else { (left, keys[left]) }
    }
}

/// Nodes are numbered from the root, 0; the children of node `i` are nodes `4i + 1` to `4i + 4`, all in group `i`.
#[derive(Clone, Debug)]
pub(super) struct KeyHeap {
    root: Key,
    groups: Vec<Siblings>,
    /// Nodes in use, the hole included.
    nodes: usize,
    /// The root was taken out and not yet replaced.
    hole: bool,
    /// Levels climbed or descended so far.
    #[cfg(test)]
    pub(super) steps: u64,
}

impl KeyHeap {
    pub(super) fn new() -> Self {
        Self {
            root: Key::MAX,
            groups: Vec::new(),
            nodes: 0,
            hole: false,
            #[cfg(test)]
            steps: 0,
        }
    }

    /// Keys held.
    pub(super) fn len(&self) -> usize {
        self.nodes - usize::from(self.hole)
    }

    /// Adds a key.
    #[inline]
    pub(super) fn push(&mut self, key: Key) {
        if self.hole {
            self.hole = false;
            self.sink(key);
        } else {
            self.append(key);
        }
    }

    /// The smallest key. Exclusive access, because a hole at the root has to be closed first.
    #[inline]
    pub(super) fn min(&mut self) -> Option<Key> {
        self.close_hole();
        (self.nodes > 0).then_some(self.root)
    }

    /// Takes out the smallest key if it is below `limit`.
    #[inline]
    pub(super) fn pop_below(&mut self, limit: Key) -> Option<Key> {
        let min = self.min().filter(|min| *min < limit)?;
        self.hole = true;
        Some(min)
    }

    /// After a key was taken out: the key that comes next, unless a smaller one is pushed.
    #[inline]
    pub(super) fn successor(&self) -> Option<Key> {
        self.groups.first().map(|group| group.smallest().1)
    }

    /// After a key was taken out: up to eight keys, the next two among them unless smaller ones are pushed.
    #[inline]
    pub(super) fn soon(&self) -> impl Iterator<Item = Key> + '_ {
        let first = self.groups.first();
        let second = first.and_then(|group| self.groups.get(1 + group.smallest().0));
        first.into_iter().chain(second).flat_map(|group| group.0)
    }

    /// Every key, in no useful order.
    pub(super) fn iter(&self) -> impl Iterator<Item = Key> + '_ {
        let root = (self.nodes > 0 && !self.hole).then_some(self.root);
        let below = self.groups.iter().flat_map(|group| group.0).filter(|key| *key != Key::MAX);
        root.into_iter().chain(below)
    }

    /// Drops the keys that `keep` refuses and rebuilds the heap, in time linear in the keys.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(Key) -> bool) {
        let kept: Vec<Key> = self.iter().filter(|key| keep(*key)).collect();
        self.clear();
        self.fill(&kept);
    }

    /// Fills the empty heap, in time linear in the keys.
    pub(super) fn fill(&mut self, keys: &[Key]) {
        self.close_hole();
        for key in keys {
            self.append_unordered(*key);
        }
        self.restore_order();
    }

    pub(super) fn clear(&mut self) {
        self.groups.clear();
        self.nodes = 0;
        self.hole = false;
    }

    #[inline]
    fn append(&mut self, key: Key) {
        let last = self.nodes;
        self.append_unordered(key);
        self.rise(last, key);
    }

    #[inline]
    fn append_unordered(&mut self, key: Key) {
        if self.nodes % 4 == 1 {
            self.groups.push(Siblings::VACANT);
        }
        let last = self.nodes;
        self.nodes += 1;
        self.set(last, key);
    }

    /// Floyd's construction: order every subtree, the deepest first.
    fn restore_order(&mut self) {
        for node in (1..self.groups.len()).rev() {
            let key = self.get(node);
            self.sink_from(node, key);
        }
        if self.nodes > 0 {
            self.sink(self.root);
        }
    }

    #[inline]
    fn close_hole(&mut self) {
        if !self.hole {
            return;
        }
        self.hole = false;
        self.nodes -= 1;
        if self.nodes == 0 {
            return;
        }
        let last = self.get(self.nodes);
        self.set(self.nodes, Key::MAX);
        if self.nodes % 4 == 1 {
            self.groups.pop();
        }
        self.sink(last);
    }

    /// Puts `key` at `node` or, past larger ancestors, higher.
    #[inline]
    fn rise(&mut self, mut node: usize, key: Key) {
        while node > 0 {
            let parent = (node - 1) / 4;
            let above = self.get(parent);
            if above <= key {
                break;
            }
            self.count_step();
            self.set(node, above);
            node = parent;
        }
        self.set(node, key);
    }

    /// Puts `key` at the root or, past smaller descendants, lower.
    #[inline]
    fn sink(&mut self, key: Key) {
        let Some(children) = self.groups.first() else {
            self.root = key;
            return;
        };
        let (position, smallest) = children.smallest();
        if smallest >= key {
            self.root = key;
            return;
        }
        self.count_step();
        self.root = smallest;
        self.sink_from(position + 1, key);
    }

    /// Puts `key` at `node`, not the root, or past smaller descendants lower.
    #[inline]
    fn sink_from(&mut self, node: usize, key: Key) {
        let (mut group, mut position) = ((node - 1) / 4, (node - 1) % 4);
        loop {
            let children = 4 * group + position + 1;
            let Some(siblings) = self.groups.get(children) else { break };
            let (below, smallest) = siblings.smallest();
            if smallest >= key {
                break;
            }
            self.count_step();
            self.groups[group].0[position] = smallest;
            (group, position) = (children, below);
        }
        self.groups[group].0[position] = key;
    }

    #[inline]
    fn get(&self, node: usize) -> Key {
        if node == 0 { self.root } else { self.groups[(node - 1) / 4].0[(node - 1) % 4] }
    }

    #[inline]
    fn set(&mut self, node: usize, key: Key) {
        if node == 0 {
            self.root = key;
        } else {
            self.groups[(node - 1) / 4].0[(node - 1) % 4] = key;
        }
    }

    /// Counts the work of the sifts, so that tests can bound it; nothing outside tests.
    #[inline]
    fn count_step(&mut self) {
        #[cfg(test)]
        {
            self.steps += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Phase;
    use crate::units::Time;

    fn key(time: u64) -> Key {
        Key::new(Time(time), Phase::FIRST, 0, 0)
    }

    fn drained(mut heap: KeyHeap) -> Vec<u64> {
        std::iter::from_fn(|| heap.pop_below(Key::MAX)).map(|key| key.time().0).collect()
    }

    #[test]
    fn keys_leave_in_order_at_every_size() {
        for size in 0..200_u64 {
            let mut heap = KeyHeap::new();
            (0..size).for_each(|i| heap.push(key(i * 7919 % 211)));
            let mut expected: Vec<u64> = (0..size).map(|i| i * 7919 % 211).collect();
            expected.sort_unstable();
            assert_eq!(heap.len(), size as usize);
            assert_eq!(drained(heap), expected);
        }
    }

    #[test]
    fn a_hole_counts_for_nothing() {
        let mut heap = KeyHeap::new();
        [3, 1, 2].into_iter().for_each(|time| heap.push(key(time)));
        assert_eq!(heap.pop_below(Key::MAX), Some(key(1)));
        assert_eq!((heap.len(), heap.iter().count()), (2, 2));
        heap.push(key(0));
        assert_eq!(heap.min(), Some(key(0)));
        assert_eq!(drained(heap), [0, 2, 3]);
    }

    #[test]
    fn what_is_retained_is_still_a_heap() {
        for size in [0, 1, 4, 5, 6, 21, 22, 1_000] {
            let mut heap = KeyHeap::new();
            (0..size).for_each(|i| heap.push(key(i * 7919 % 1009)));
            heap.pop_below(Key::MAX);
            heap.retain(|key| key.time().0 % 3 != 0);
            let mut expected: Vec<u64> = (0..size).map(|i| i * 7919 % 1009).collect();
            expected.sort_unstable();
            let expected: Vec<u64> = expected.into_iter().skip(1).filter(|time| time % 3 != 0).collect();
            assert_eq!(drained(heap), expected, "{size}");
        }
    }
}
