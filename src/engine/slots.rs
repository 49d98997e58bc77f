//! Where events wait: numbered slots, reused last in first out.

use super::prefetch::prefetch;

/// Ends the chain of vacant slots; never the number of a slot.
const NONE: u32 = u32::MAX;

#[derive(Clone, Debug)]
enum Slot<E> {
    Vacant { next: u32 },
    Live { sequence: u64, event: E },
}

/// Pending events by slot. A sequence number is given once per run, so slot and sequence together name an event for good.
#[derive(Clone, Debug)]
pub(super) struct Slots<E> {
    slots: Vec<Slot<E>>,
    /// The vacant slot to use next.
    vacant: u32,
    live: usize,
}

impl<E> Slots<E> {
    pub(super) fn new() -> Self {
        Self { slots: Vec::new(), vacant: NONE, live: 0 }
    }

    /// Events held.
    #[inline]
    pub(super) fn live(&self) -> usize {
        self.live
    }

    /// Stores an event and says where.
    ///
    /// # Panics
    /// If 2³² − 1 events are pending already.
    #[inline]
    pub(super) fn insert(&mut self, sequence: u64, event: E) -> u32 {
        self.live += 1;
        let slot = self.vacant;
        if let Some(entry) = self.slots.get_mut(slot as usize) {
            let Slot::Vacant { next } = *entry else {
                unreachable!("the chain of vacant slots holds vacant slots only")
            };
            self.vacant = next;
            *entry = Slot::Live { sequence, event };
            return slot;
        }
        assert!(self.slots.len() < NONE as usize, "at most 2^32 - 1 events may be pending");
        self.slots.push(Slot::Live { sequence, event });
        (self.slots.len() - 1) as u32
    }

    /// Takes the event out, if it is still there.
    #[inline]
    pub(super) fn take(&mut self, slot: u32, sequence: u64) -> Option<E> {
        let entry = self.slots.get_mut(slot as usize)?;
        match entry {
            Slot::Live { sequence: found, .. } if *found == sequence => {}
            _ => return None,
        }
        let taken = std::mem::replace(entry, Slot::Vacant { next: self.vacant });
        self.vacant = slot;
        self.live -= 1;
        match taken {
            Slot::Live { event, .. } => Some(event),
            Slot::Vacant { .. } => None,
        }
    }

    /// The event, if it is still there.
    #[inline]
    pub(super) fn get(&self, slot: u32, sequence: u64) -> Option<&E> {
        match self.slots.get(slot as usize) {
            Some(Slot::Live { sequence: found, event }) if *found == sequence => Some(event),
            _ => None,
        }
    }

    /// Fetches a slot into the cache.
    #[inline]
    pub(super) fn prefetch(&self, slot: u32) {
        prefetch(&self.slots, slot as usize);
    }

    /// The vacant slots in the order in which they will be used.
    pub(super) fn vacant(&self) -> Vec<u32> {
        let mut order = Vec::new();
        let mut slot = self.vacant;
        while let Some(Slot::Vacant { next }) = self.slots.get(slot as usize) {
            order.push(slot);
            slot = *next;
        }
        order
    }

    /// Rebuilds the slots from what [`Slots::vacant`] gave and the live ones as (slot, sequence, event).
    ///
    /// # Errors
    /// If these are not the numbers from 0, each once.
    pub(super) fn restore(vacant: &[u32], live: Vec<(u32, u64, E)>) -> Result<Self, String> {
        let count = vacant.len() + live.len();
        let mut slots: Vec<Option<Slot<E>>> = (0..count).map(|_| None).collect();
        let mut place = |number: u32, slot: Slot<E>| match slots.get_mut(number as usize) {
            Some(place @ None) => {
                *place = Some(slot);
                Ok(())
            }
            _ => Err(format!("slot {number} of {count} is out of range or used twice")),
        };
        let live_count = live.len();
        for (number, sequence, event) in live {
            place(number, Slot::Live { sequence, event })?;
        }
        for (i, number) in vacant.iter().enumerate() {
            place(*number, Slot::Vacant { next: vacant.get(i + 1).copied().unwrap_or(NONE) })?;
        }
        // As many numbers as places, none twice and none out of range: every place is filled.
        let slots = slots.into_iter().flatten().collect();
        Ok(Self { slots, vacant: vacant.first().copied().unwrap_or(NONE), live: live_count })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_reused_last_in_first_out() {
        let mut slots = Slots::new();
        let numbers: Vec<u32> = (0..3).map(|sequence| slots.insert(sequence, 'a')).collect();
        assert_eq!(numbers, [0, 1, 2]);
        slots.take(0, 0);
        slots.take(2, 2);
        assert_eq!(slots.vacant(), [2, 0]);
        assert_eq!((slots.insert(3, 'b'), slots.insert(4, 'c'), slots.insert(5, 'd')), (2, 0, 3));
        assert_eq!(slots.live(), 4);
    }

    #[test]
    fn a_slot_answers_only_to_its_present_sequence() {
        let mut slots = Slots::new();
        let slot = slots.insert(7, 'a');
        assert_eq!(slots.take(slot, 8), None);
        assert_eq!(slots.take(slot, 7), Some('a'));
        assert_eq!(slots.take(slot, 7), None);
        slots.insert(9, 'b');
        assert_eq!((slots.get(slot, 7), slots.get(slot, 9)), (None, Some(&'b')));
        assert_eq!(slots.get(44, 0), None);
    }

    #[test]
    fn slots_that_do_not_fit_together_are_refused() {
        assert!(Slots::restore(&[0, 2], vec![(1, 5, 'a')]).is_ok());
        for (vacant, live) in [(vec![0, 0], 1), (vec![0, 1], 1), (vec![0, 3], 1)] {
            assert!(Slots::restore(&vacant, vec![(live, 5, 'a')]).unwrap_err().contains("out of range or used twice"));
        }
    }
}
