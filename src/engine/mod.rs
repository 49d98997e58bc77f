//! A deterministic discrete-event engine: clock, list of events, random streams, journal, digests and snapshots.
//! It knows nothing of what is simulated.
//!
//! The caller defines an event type and a world. [`Engine`] gives out events in order, moving its clock from one to the
//! next; the caller handles each in one `match`, changes the world and schedules what follows. [`Stream`] supplies chance.
//!
//! # A queue in thirty lines
//!
//! Customers arrive at random, one is served at a time. With arrivals every 10 s and service of 8 s on average, a customer
//! waits `ρ / (1 − ρ)` times the service time in the long run, that is 32 s.
//!
//! ```
//! use cloudmarket::engine::{Engine, Phase, StreamKey};
//! use cloudmarket::units::{Span, Time};
//! use std::collections::VecDeque;
//!
//! enum Event {
//!     Arrival,
//!     Departure,
//! }
//! // Within an instant servers are freed before new customers look for one.
//! const DEPARTURES: Phase = Phase::new(0);
//! const ARRIVALS: Phase = Phase::new(1);
//! // The clock counts whole units; here one is a microsecond.
//! let micros = |seconds: f64| Span((seconds * 1e6).round() as u64);
//!
//! let key = StreamKey { seed: 7, draw: 0 };
//! let (mut arrivals, mut services) = (key.stream("queue", "arrivals"), key.stream("queue", "services"));
//! let mut line: VecDeque<Time> = VecDeque::new(); // when each one present arrived, the one in service first
//! let (mut waited, mut served) = (0.0, 0);
//!
//! let mut engine = Engine::new();
//! engine.schedule_at(Time(0), ARRIVALS, Event::Arrival);
//! engine.run_until(Time(2_000_000_000_000), |engine, fired| {
//!     let begins = match fired.event {
//!         Event::Arrival => {
//!             engine.schedule_in(micros(arrivals.exponential(10.0)), ARRIVALS, Event::Arrival);
//!             line.push_back(fired.time);
//!             line.len() == 1
//!         }
//!         Event::Departure => {
//!             line.pop_front();
//!             !line.is_empty()
//!         }
//!     };
//!     if begins {
//!         waited += (fired.time - line[0]).0 as f64 / 1e6;
//!         served += 1;
//!         engine.schedule_in(micros(services.exponential(8.0)), DEPARTURES, Event::Departure);
//!     }
//! });
//! let mean_wait = waited / f64::from(served);
//! assert!((mean_wait - 32.0).abs() < 2.0, "{mean_wait}");
//! ```
//!
//! # Questions and answers
//!
//! **In which order do events fire?** By time, then by [`Phase`], then in the order in which they were scheduled. This is
//! the whole rule; memory layout, hashing and threads have no part in it, and no version of this engine may change it.
//!
//! **Why phases?** When several things happen in one second, their order should follow from what they are, not from who
//! scheduled first. A handler may schedule for the present instant only in its own phase or a later one, so that phases
//! never run twice; anything else panics.
//!
//! **Why integers for time?** Sums of floats depend on their order, and two events meant for one instant miss each other.
//! The engine counts units; what a unit is, the caller decides. 48 bits hold nine million years of seconds.
//!
//! **Why does the caller keep the world?** No borrowed state, no boxed closures, no shared pointers: an event is plain data
//! that can be compared, printed and saved. The borrow checker sees the world and the engine as two things.
//!
//! **What does a cancellation cost?** A constant on average. The event goes at once, its key stays behind until it comes
//! up or the dead outnumber the living, when one pass removes them. [`Handle`]s never become valid again by accident.
//!
//! **What about many events at one instant?** Those scheduled for the present instant cost the same each, however many
//! there are. Those scheduled ahead pay the logarithm of their number on leaving.
//!
//! **And many pending?** What is due later waits unsorted in buckets of time until its bucket comes up, so that the heap
//! stays small however many are pending.
//!
//! **How is a run saved?** Everything here implements serde. [`snapshot`] wraps any state in a checked file format. The
//! restored run fires the same events with the same numbers, and handles held by the caller keep their meaning.
//!
//! **How are two runs compared?** By [`Digest`] first; where digests differ, [`Journal::first_difference`] says where
//! the runs part, and [`Journal::causes`] how it came to that. A run without a journal pays one predictable branch.
//!
//! **What does it cost?** `cargo bench --bench engine` measures; `benches/peers` compares with other engines.

mod digest;
mod heap;
mod instant;
mod journal;
mod kernel;
mod key;
mod ladder;
mod list;
mod phase;
mod prefetch;
mod slots;
pub mod snapshot;
mod streams;

pub use digest::Digest;
pub use journal::{Difference, Entry, Journal};
pub use kernel::{Engine, Fired};
pub use list::{EventId, EventList, Handle, Pending};
pub use phase::Phase;
pub use prefetch::prefetch;
pub use snapshot::SnapshotError;
pub use streams::{Dice, Stream, StreamKey, norm_inv};

#[cfg(test)]
mod tests;
