//! The engine: clock, list of events, counter and journal. The world stays with the caller.

use super::journal::{Entry, Journal};
use super::list::{EventId, EventList, Handle, Pending};
use super::phase::Phase;
use crate::units::{Span, Time};
use serde::{Deserialize, Serialize};

/// An event whose time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fired<E> {
    /// Its number.
    pub id: EventId,
    /// The present instant.
    pub time: Time,
    /// Its phase, below which nothing more may be scheduled for this instant.
    pub phase: Phase,
    /// What happens.
    pub event: E,
}

/// Runs events of type `E` in the order (time, phase, order of scheduling).
///
/// See the [module](super) for the loop around it. Cloning or saving an engine gives one that goes on identically.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Engine<E> {
    list: EventList<E>,
    phase: Phase,
    current: Option<EventId>,
    fired: u64,
    recording: Option<Recording>,
}

/// What is kept only while the journal is on.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Recording {
    journal: Journal,
    /// By slot: what scheduled the event that is pending there.
    causes: Vec<Option<EventId>>,
}

impl<E> Default for Engine<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E> Engine<E> {
    /// An engine at time 0 with nothing to do.
    pub fn new() -> Self {
        Self { list: EventList::new(), phase: Phase::FIRST, current: None, fired: 0, recording: None }
    }

    /// The present instant.
    #[inline]
    pub fn now(&self) -> Time {
        self.list.now()
    }

    /// The phase of the instant that has been reached.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// The event being handled: the one that fired last, until time moves on without one.
    pub fn current(&self) -> Option<EventId> {
        self.current
    }

    /// Events fired since the start of the run.
    pub fn fired(&self) -> u64 {
        self.fired
    }

    /// Number of pending events.
    pub fn pending(&self) -> usize {
        self.list.len()
    }

    /// Every pending event in the order in which they would fire.
    pub fn sorted(&self) -> Vec<Pending<&E>> {
        self.list.sorted()
    }

    /// Schedules an event; its cause is the event being handled.
    ///
    /// # Panics
    /// If `time` is in the past, or is now and `phase` is over already: the order of an instant would depend on who
    /// came first. If `time` needs more than 48 bits (nine million years); after 2⁴⁴ events; with 2³² − 1 pending.
    #[inline]
    pub fn schedule_at(&mut self, time: Time, phase: Phase, event: E) -> Handle {
        assert!(
            time != self.now() || phase >= self.phase,
            "an event for this instant must be in the present phase or a later one"
        );
        let handle = self.list.schedule(time, phase, event);
        if let Some(recording) = &mut self.recording {
            recording.note_cause(handle, self.current);
        }
        handle
    }

    /// Schedules an event `span` from now; otherwise as [`Engine::schedule_at`].
    ///
    /// # Panics
    /// As [`Engine::schedule_at`].
    #[inline]
    pub fn schedule_in(&mut self, span: Span, phase: Phase, event: E) -> Handle {
        self.schedule_at(self.now() + span, phase, event)
    }

    /// Takes a pending event back; `None` if it has fired or was cancelled before. Costs a constant on average.
    #[inline]
    pub fn cancel(&mut self, handle: Handle) -> Option<E> {
        self.list.cancel(handle)
    }

    /// The event behind a handle, while it is pending.
    pub fn get(&self, handle: Handle) -> Option<&E> {
        self.list.get(handle)
    }

    /// The event that comes next, unless an earlier one is scheduled, so that what it needs can be fetched into the cache with
    /// [`prefetch`](super::prefetch). `None` where so few are pending that all fit there, and now and then elsewhere.
    #[inline]
    pub fn upcoming(&self) -> Option<&E> {
        self.list.upcoming()
    }

    /// When the next event is due. Exclusive access, because cancelled events in its way are dropped.
    pub fn peek_time(&mut self) -> Option<Time> {
        self.list.peek_time()
    }

    /// Fires the next event: moves the clock to it and hands it over.
    #[inline]
    pub fn step(&mut self) -> Option<Fired<E>> {
        let next = self.list.pop()?;
        Some(self.fire(next))
    }

    /// Fires the next event if it is due before `horizon`.
    #[inline]
    pub fn step_before(&mut self, horizon: Time) -> Option<Fired<E>> {
        let next = self.list.pop_before(horizon)?;
        Some(self.fire(next))
    }

    /// Fires every event due before `horizon`, then moves the clock there. Gives the number of events fired.
    ///
    /// Running to one horizon and then to a later one is the same as running to the later one at once. A caller that
    /// may want to stop in between, or whose handler can fail, loops over [`Engine::step_before`] instead.
    ///
    /// # Panics
    /// As the handler does, and as [`Engine::schedule_at`] where the handler schedules.
    #[inline]
    pub fn run_until(&mut self, horizon: Time, mut handle: impl FnMut(&mut Self, Fired<E>)) -> u64 {
        let before = self.fired;
        while let Some(fired) = self.step_before(horizon) {
            handle(self, fired);
        }
        self.advance(horizon);
        self.fired - before
    }

    /// Moves the clock on to `time`, where a new instant begins; nothing if it is there or later already.
    ///
    /// # Panics
    /// If an event is due before `time`.
    pub fn advance(&mut self, time: Time) {
        if time > self.now() {
            self.list.advance(time);
            self.phase = Phase::FIRST;
            self.current = None;
        }
    }

    #[inline]
    fn fire(&mut self, next: Pending<E>) -> Fired<E> {
        let Pending { time, phase, handle, event } = next;
        let id = handle.id();
        self.phase = phase;
        self.current = Some(id);
        self.fired += 1;
        if let Some(recording) = &mut self.recording {
            recording.note_fired(handle, time, phase);
        }
        Fired { id, time, phase, event }
    }
}

/// The journal.
impl<E> Engine<E> {
    /// Records every event from here on, with its cause. Events that are pending already have no known cause.
    pub fn start_journal(&mut self) {
        self.recording.get_or_insert_default();
    }

    /// Stops recording and hands over what was recorded.
    pub fn stop_journal(&mut self) -> Option<Journal> {
        self.recording.take().map(|recording| recording.journal)
    }

    /// What has been recorded, while the journal is on.
    pub fn journal(&self) -> Option<&Journal> {
        self.recording.as_ref().map(|recording| &recording.journal)
    }

    /// Says in the journal what the last fired event was about. The closure runs only while the journal is on.
    #[inline]
    pub fn label(&mut self, label: impl FnOnce() -> String) {
        if let Some(recording) = &mut self.recording {
            recording.journal.label_last(label());
        }
    }
}

impl Recording {
    #[cold]
    fn note_cause(&mut self, handle: Handle, cause: Option<EventId>) {
        if handle.slot() >= self.causes.len() {
            self.causes.resize(handle.slot() + 1, None);
        }
        self.causes[handle.slot()] = cause;
    }

    #[cold]
    fn note_fired(&mut self, handle: Handle, time: Time, phase: Phase) {
        let cause = self.causes.get_mut(handle.slot()).and_then(Option::take);
        self.journal.push(Entry { id: handle.id(), time, phase, cause, label: String::new() });
    }
}

#[cfg(test)]
mod tests;
