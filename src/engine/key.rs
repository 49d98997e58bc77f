//! The order of events as one integer: time, phase, sequence number; the slot rides along below.

use super::phase::Phase;
use crate::units::Time;

const TIME_BITS: u32 = 48;
const PHASE_BITS: u32 = 4;
const SEQUENCE_BITS: u32 = 44;
const SLOT_BITS: u32 = 32;
const _: () = assert!(TIME_BITS + PHASE_BITS + SEQUENCE_BITS + SLOT_BITS == 128);

const SEQUENCE_SHIFT: u32 = SLOT_BITS;
const PHASE_SHIFT: u32 = SEQUENCE_SHIFT + SEQUENCE_BITS;
const TIME_SHIFT: u32 = PHASE_SHIFT + PHASE_BITS;

/// First sequence number that no longer fits.
pub(super) const SEQUENCE_LIMIT: u64 = 1 << SEQUENCE_BITS;
/// First time that no longer fits, in seconds.
pub(super) const TIME_LIMIT: u64 = 1 << TIME_BITS;

/// `time · 2⁸⁰ + phase · 2⁷⁶ + sequence · 2³² + slot`: comparing keys is comparing (time, phase, sequence).
///
/// Sequence numbers are unique, so the slot never decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(u128);

impl Key {
    /// Above every key of an event, because the last slot number is never given out.
    pub(super) const MAX: Key = Key(u128::MAX);

    /// # Panics
    /// If the time needs more than 48 bits or the sequence number more than 44.
    #[inline]
    pub(super) fn new(time: Time, phase: Phase, sequence: u64, slot: u32) -> Self {
        assert!(time.0 < TIME_LIMIT, "an event's time must fit into 48 bits");
        assert!(sequence < SEQUENCE_LIMIT, "a run may schedule at most 2^44 events");
        let upper = u128::from(time.0) << TIME_SHIFT | u128::from(phase.number()) << PHASE_SHIFT;
        Self(upper | u128::from(sequence) << SEQUENCE_SHIFT | u128::from(slot))
    }

    /// Below every key at or after `time`, above every key before it; for a time beyond 48 bits, above every key.
    #[inline]
    pub(super) fn before(time: Time) -> Self {
        if time.0 < TIME_LIMIT { Self(u128::from(time.0) << TIME_SHIFT) } else { Self::MAX }
    }

    #[inline]
    pub(super) fn time(self) -> Time {
        Time((self.0 >> TIME_SHIFT) as u64)
    }

    #[inline]
    pub(super) fn phase(self) -> Phase {
        Phase::new((self.0 >> PHASE_SHIFT) as u8 & 0xF)
    }

    #[inline]
    pub(super) fn sequence(self) -> u64 {
        (self.0 >> SEQUENCE_SHIFT) as u64 & (SEQUENCE_LIMIT - 1)
    }

    #[inline]
    pub(super) fn slot(self) -> u32 {
        self.0 as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_gives_back_its_parts() {
        let key = Key::new(Time(TIME_LIMIT - 1), Phase::new(15), SEQUENCE_LIMIT - 1, u32::MAX - 1);
        assert_eq!((key.time(), key.phase()), (Time(TIME_LIMIT - 1), Phase::new(15)));
        assert_eq!((key.sequence(), key.slot()), (SEQUENCE_LIMIT - 1, u32::MAX - 1));
        assert!(key < Key::MAX);
    }

    #[test]
    fn time_outranks_phase_outranks_sequence_outranks_slot() {
        let base = Key::new(Time(5), Phase::new(3), 7, 9);
        assert!(base < Key::new(Time(6), Phase::new(0), 0, 0));
        assert!(base < Key::new(Time(5), Phase::new(4), 0, 0));
        assert!(base < Key::new(Time(5), Phase::new(3), 8, 0));
        assert!(Key::before(Time(5)) < base && base < Key::before(Time(6)));
        assert!(base < Key::before(Time(u64::MAX)));
    }

    #[test]
    #[should_panic(expected = "must fit into 48 bits")]
    fn a_time_beyond_48_bits_is_refused() {
        Key::new(Time(TIME_LIMIT), Phase::FIRST, 0, 0);
    }

    #[test]
    #[should_panic(expected = "at most 2^44 events")]
    fn a_sequence_beyond_44_bits_is_refused() {
        Key::new(Time(0), Phase::FIRST, SEQUENCE_LIMIT, 0);
    }
}
