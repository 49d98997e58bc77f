//! The list of pending events.

use super::instant::InstantQueues;
use super::key::Key;
use super::ladder::Ladder;
use super::phase::Phase;
use super::slots::Slots;
use crate::units::Time;
use serde::{Deserialize, Serialize};

/// Fewer dead keys than this are not worth a sweep.
const SWEEP_FROM: usize = 64;

/// An event's number, in the order of scheduling from 0; unique within a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EventId(pub u64);

/// Names a scheduled event for as long as the run lasts: once the event has fired or was cancelled, its handle is
/// stale and can do nothing, because neither its number nor, with it, its slot comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Handle {
    sequence: u64,
    slot: u32,
}

impl Handle {
    /// The number of the event that it names.
    pub fn id(self) -> EventId {
        EventId(self.sequence)
    }

    pub(super) fn slot(self) -> usize {
        self.slot as usize
    }
}

/// An event with its place in the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pending<E> {
    /// When it is due.
    pub time: Time,
    /// Its rank within that instant.
    pub phase: Phase,
    /// What names it.
    pub handle: Handle,
    /// What happens.
    pub event: E,
}

impl<E> Pending<E> {
    fn at(key: Key, event: E) -> Self {
        let handle = Handle { sequence: key.sequence(), slot: key.slot() };
        Self { time: key.time(), phase: key.phase(), handle, event }
    }

    fn key(&self) -> Key {
        Key::new(self.time, self.phase, self.handle.sequence, self.handle.slot)
    }
}

/// Pending events, given out by (time, phase, order of scheduling).
///
/// Its instant is the time of the last event given out. Events scheduled for it go to first-in-first-out queues, one
/// per phase, and cost the same however many there are; all others go to a ladder of buckets with a heap at its foot.
#[derive(Clone, Debug)]
pub struct EventList<E> {
    ahead: Ladder,
    instant: InstantQueues,
    slots: Slots<E>,
    now: Time,
    next_sequence: u64,
}

impl<E> Default for EventList<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E> EventList<E> {
    /// An empty list at time 0.
    pub fn new() -> Self {
        Self {
            ahead: Ladder::new(),
            instant: InstantQueues::default(),
            slots: Slots::new(),
            now: Time(0),
            next_sequence: 0,
        }
    }

    /// The instant reached: the time of the last event given out, or what [`EventList::advance`] set.
    #[inline]
    pub fn now(&self) -> Time {
        self.now
    }

    /// Number of pending events; those cancelled do not count.
    #[inline]
    pub fn len(&self) -> usize {
        self.slots.live()
    }

    /// Whether nothing is pending.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds an event.
    ///
    /// # Panics
    /// If `time` is before [`EventList::now`] or needs more than 48 bits; after 2⁴⁴ events; with 2³² − 1 pending.
    #[inline]
    pub fn schedule(&mut self, time: Time, phase: Phase, event: E) -> Handle {
        assert!(time >= self.now, "an event cannot be scheduled in the past");
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        let slot = self.slots.insert(sequence, event);
        let key = Key::new(time, phase, sequence, slot);
        if time == self.now {
            self.instant.push(key);
        } else {
            self.ahead.push(key);
        }
        Handle { sequence, slot }
    }

    /// Takes a pending event back; `None` if it has fired or was cancelled before.
    ///
    /// Its key stays behind, dead, until it comes up or the dead outnumber the living and are swept out. So a cancel
    /// costs a constant on average and leaves at most as many dead keys as there are pending events, or 64.
    #[inline]
    pub fn cancel(&mut self, handle: Handle) -> Option<E> {
        let event = self.slots.take(handle.slot, handle.sequence)?;
        if self.dead() > self.len().max(SWEEP_FROM) {
            self.sweep();
        }
        Some(event)
    }

    /// The event behind a handle, while it is pending.
    pub fn get(&self, handle: Handle) -> Option<&E> {
        self.slots.get(handle.slot, handle.sequence)
    }

    /// Gives out the next event.
    #[inline]
    pub fn pop(&mut self) -> Option<Pending<E>> {
        self.pop_below(Key::MAX)
    }

    /// Gives out the next event if it is due before `limit`.
    #[inline]
    pub fn pop_before(&mut self, limit: Time) -> Option<Pending<E>> {
        self.pop_below(Key::before(limit))
    }

    /// When the next event is due. Exclusive access, because dead keys in its way are dropped.
    pub fn peek_time(&mut self) -> Option<Time> {
        loop {
            let key = self.instant.first().into_iter().chain(self.ahead.min()).min()?;
            if self.slots.get(key.slot(), key.sequence()).is_some() {
                return Some(key.time());
            }
            self.pop_either(Key::MAX);
        }
    }

    /// After an event was given out: the one ahead of its time that comes next, unless an earlier one is scheduled. `None` where
    /// so few are pending that all are in the cache, and now and then where it is not known yet.
    #[inline]
    pub fn upcoming(&self) -> Option<&E> {
        let key = self.ahead.successor()?;
        // So that the one after it, when its turn comes to be looked at, need not be waited for.
        self.ahead.soon().for_each(|key| self.slots.prefetch(key.slot()));
        self.slots.get(key.slot(), key.sequence())
    }

    /// Moves the instant on to `time`; nothing if it is there or later already.
    ///
    /// # Panics
    /// If an event is due before `time`.
    pub fn advance(&mut self, time: Time) {
        assert!(self.peek_time().is_none_or(|next| next >= time), "time cannot pass over a pending event");
        self.now = self.now.max(time);
    }

    /// Every pending event in the order in which they would be given out.
    pub fn sorted(&self) -> Vec<Pending<&E>> {
        let mut keys: Vec<Key> = self.instant.iter().chain(self.ahead.iter()).collect();
        keys.sort_unstable();
        let live = |key: Key| Some(Pending::at(key, self.slots.get(key.slot(), key.sequence())?));
        keys.into_iter().filter_map(live).collect()
    }

    #[inline]
    fn pop_below(&mut self, limit: Key) -> Option<Pending<E>> {
        loop {
            if self.ahead.is_due_for_refill() {
                self.bring_down();
            }
            let key = if self.instant.is_empty() { self.ahead.pop_below(limit)? } else { self.pop_either(limit)? };
            if let Some(event) = self.slots.take(key.slot(), key.sequence()) {
                self.now = key.time();
                return Some(Pending::at(key, event));
            }
        }
    }

    /// Brings the next keys down and fetches their events into the cache.
    #[cold]
    fn bring_down(&mut self) {
        self.ahead.refill();
        self.ahead.next_keys().for_each(|key| self.slots.prefetch(key.slot()));
    }

    /// Takes the smallest key out of the queues of the instant or the ladder, dead or alive.
    fn pop_either(&mut self, limit: Key) -> Option<Key> {
        match (self.instant.first(), self.ahead.min()) {
            (Some(instant), ahead) if instant < limit && ahead.is_none_or(|ahead| instant < ahead) => {
                self.instant.pop()
            }
            _ => self.ahead.pop_below(limit),
        }
    }

    fn stored(&self) -> usize {
        self.ahead.len() + self.instant.len()
    }

    /// Keys whose events were cancelled.
    fn dead(&self) -> usize {
        self.stored() - self.len()
    }

    #[cold]
    fn sweep(&mut self) {
        let slots = &self.slots;
        let is_live = |key: Key| slots.get(key.slot(), key.sequence()).is_some();
        self.ahead.retain(is_live);
        self.instant.retain(is_live);
    }
}

/// The list as it is saved: events in order, and which slots are vacant, so that handles keep their meaning and new
/// events get the slots that they would have got in the unbroken run.
#[derive(Serialize, Deserialize)]
struct SavedList<E> {
    now: Time,
    next_sequence: u64,
    vacant: Vec<u32>,
    pending: Vec<SavedEvent<E>>,
}

#[derive(Serialize, Deserialize)]
struct SavedEvent<E> {
    time: Time,
    phase: Phase,
    handle: Handle,
    event: E,
}

impl<E: Serialize> Serialize for EventList<E> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let save = |Pending { time, phase, handle, event }| SavedEvent { time, phase, handle, event };
        let pending = self.sorted().into_iter().map(save).collect();
        let (now, next_sequence, vacant) = (self.now, self.next_sequence, self.slots.vacant());
        SavedList { now, next_sequence, vacant, pending }.serialize(serializer)
    }
}

impl<'de, E: Deserialize<'de>> Deserialize<'de> for EventList<E> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        SavedList::deserialize(deserializer)?.restore().map_err(serde::de::Error::custom)
    }
}

impl<E> SavedList<E> {
    /// Checks everything that the list relies on, since a file may be damaged.
    fn restore(self) -> Result<EventList<E>, String> {
        let mut list = EventList { now: self.now, next_sequence: self.next_sequence, ..EventList::new() };
        let mut live = Vec::with_capacity(self.pending.len());
        let mut previous = None;
        for SavedEvent { time, phase, handle, event } in self.pending {
            let in_range = time.0 < super::key::TIME_LIMIT && handle.sequence < super::key::SEQUENCE_LIMIT;
            if !in_range || time < self.now || handle.sequence >= self.next_sequence {
                return Err(format!("event {} is out of range", handle.sequence));
            }
            let key = Pending { time, phase, handle, event: () }.key();
            if previous.replace(key).is_some_and(|previous| previous >= key) {
                return Err(format!("event {} is out of order", handle.sequence));
            }
            list.ahead.push(key);
            live.push((handle.slot, handle.sequence, event));
        }
        list.slots = Slots::restore(&self.vacant, live)?;
        Ok(list)
    }
}

#[cfg(test)]
mod tests;
