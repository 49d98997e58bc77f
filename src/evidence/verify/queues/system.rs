//! A queue as a client of the engine: renewal arrivals, parallel servers, first come first served.
//!
//! ```text
//! Arrival ──▶ [line] ──▶ servers ──▶ Departure        full: turned away
//! ```
//!
//! Within an instant servers are freed before new customers look for one. The clock counts ticks, far shorter than any
//! time between events, so that rounding to them changes nothing that could be seen.

use super::law::Law;
use crate::engine::{Engine, Phase, Stream};
use crate::units::{Span, Time};
use hdrhistogram::Histogram;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};

const DEPARTURES: Phase = Phase::new(0);
const ARRIVALS: Phase = Phase::new(1);
/// Seed of all streams; what differs is the case's id and the number of the replication.
const SEED: u64 = 0x005E_EDED;
/// Longest time that a histogram of times tells apart, in ticks.
const LONGEST_TICKS: u64 = 1 << 47;
/// Significant figures of a histogram of times.
const FIGURES: u8 = 3;
/// Events between two looks at the interrupt.
const PATIENCE: u32 = 1 << 16;

/// A queue.
#[derive(Clone, Debug)]
pub(super) struct System {
    pub arrivals: Law,
    pub service: Law,
    pub servers: usize,
    /// Customers that there is room for, those in service included; none for no limit.
    pub room: Option<usize>,
    pub ticks_per_hour: f64,
}

/// What is looked at beyond means.
#[derive(Clone, Debug, Default)]
pub(super) struct Watch {
    /// Numbers of customers told apart, from 0.
    pub states: usize,
    /// Times for which the share of longer waits, and of longer stays, is counted \[ticks\].
    pub times: Vec<u64>,
    /// Whether whole distributions are kept.
    pub distributions: bool,
}

enum Event {
    Arrival,
    Departure,
}

/// One run of a queue, which may go on and on.
pub(super) struct Replication {
    engine: Engine<Event>,
    arrivals: Stream,
    services: Stream,
    line: VecDeque<Time>,
    present: usize,
    since: Time,
    pub tally: Tally,
}

impl Replication {
    /// Replication number `number` of the case `id`, empty at time 0.
    pub fn new(id: &str, number: u64, watch: &Watch) -> Self {
        let mut engine = Engine::new();
        engine.schedule_at(Time(0), ARRIVALS, Event::Arrival);
        Self {
            engine,
            arrivals: Stream::named(SEED, number, id, "arrivals"),
            services: Stream::named(SEED, number, id, "services"),
            line: VecDeque::new(),
            present: 0,
            since: Time(0),
            tally: Tally::new(watch),
        }
    }

    /// Runs for `span` more.
    pub fn run(&mut self, system: &System, watch: &Watch, span: Span, interrupt: &AtomicBool) {
        let end = self.engine.now() + span;
        let mut patience = PATIENCE;
        while let Some(fired) = self.engine.step_before(end) {
            self.elapse(system, fired.time);
            match fired.event {
                Event::Arrival => self.arrive(system, watch, fired.time),
                Event::Departure => self.depart(system, watch, fired.time),
            }
            patience -= 1;
            if patience == 0 {
                if interrupt.load(Ordering::Relaxed) {
                    return;
                }
                patience = PATIENCE;
            }
        }
        self.elapse(system, end);
        self.engine.advance(end);
    }

    /// Forgets what was counted so far.
    pub fn forget(&mut self, watch: &Watch) {
        self.tally = Tally::new(watch);
    }

    #[inline]
    fn elapse(&mut self, system: &System, now: Time) {
        let ticks = (now - self.since).0 as f64;
        let tally = &mut self.tally;
        tally.time += ticks;
        tally.present_time += ticks * self.present as f64;
        tally.line_time += ticks * self.line.len() as f64;
        tally.busy_time += ticks * self.present.min(system.servers) as f64;
        if let Some(time) = tally.state_time.get_mut(self.present) {
            *time += ticks;
        }
        self.since = now;
    }

    #[inline]
    fn arrive(&mut self, system: &System, watch: &Watch, now: Time) {
        let next = system.ticks(system.arrivals.draw(&mut self.arrivals));
        self.engine.schedule_in(next, ARRIVALS, Event::Arrival);
        self.tally.arrivals += 1.0;
        if system.room == Some(self.present) {
            self.tally.turned_away += 1.0;
            return;
        }
        self.present += 1;
        if self.present <= system.servers {
            self.begin(system, watch, now, now);
        } else {
            self.line.push_back(now);
        }
    }

    #[inline]
    fn depart(&mut self, system: &System, watch: &Watch, now: Time) {
        self.present -= 1;
        if let Some(came) = self.line.pop_front() {
            self.begin(system, watch, came, now);
        }
    }

    /// A server begins with a customer who came at `came`.
    #[inline]
    fn begin(&mut self, system: &System, watch: &Watch, came: Time, now: Time) {
        let service = system.service.draw(&mut self.services);
        let ticks = system.ticks(service);
        self.engine.schedule_in(ticks, DEPARTURES, Event::Departure);
        self.tally.note(watch, (now - came).0, ticks.0, service);
    }
}

impl System {
    /// Hours in whole ticks, at least one: no service ends before the instant is over in which it began.
    #[inline]
    fn ticks(&self, hours: f64) -> Span {
        Span((hours * self.ticks_per_hour).round().max(1.0) as u64)
    }
}

/// Sums of one replication; times in ticks, service moments in hours.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    pub time: f64,
    pub present_time: f64,
    pub line_time: f64,
    pub busy_time: f64,
    pub state_time: Vec<f64>,
    pub arrivals: f64,
    pub turned_away: f64,
    /// Customers whose service began.
    pub served: f64,
    pub waited: f64,
    pub wait: f64,
    pub wait_squared: f64,
    pub stay: f64,
    pub longer_waits: Vec<f64>,
    pub longer_stays: Vec<f64>,
    pub service_squared: f64,
    pub service_cubed: f64,
    pub waits: Option<Histogram<u32>>,
    pub stays: Option<Histogram<u32>>,
}

/// An empty histogram of times.
pub(super) fn histogram() -> Histogram<u32> {
    Histogram::new_with_max(LONGEST_TICKS, FIGURES).expect("three figures of at least 2 ticks")
}

impl Tally {
    fn new(watch: &Watch) -> Self {
        Self {
            time: 0.0,
            present_time: 0.0,
            line_time: 0.0,
            busy_time: 0.0,
            state_time: vec![0.0; watch.states],
            arrivals: 0.0,
            turned_away: 0.0,
            served: 0.0,
            waited: 0.0,
            wait: 0.0,
            wait_squared: 0.0,
            stay: 0.0,
            longer_waits: vec![0.0; watch.times.len()],
            longer_stays: vec![0.0; watch.times.len()],
            service_squared: 0.0,
            service_cubed: 0.0,
            waits: watch.distributions.then(histogram),
            stays: watch.distributions.then(histogram),
        }
    }

    #[inline]
    fn note(&mut self, watch: &Watch, wait: u64, service: u64, hours: f64) {
        let (stay, long) = (wait + service, wait as f64);
        self.served += 1.0;
        self.waited += f64::from(wait > 0);
        self.wait += long;
        self.wait_squared += long * long;
        self.stay += stay as f64;
        self.service_squared += hours * hours;
        self.service_cubed += hours * hours * hours;
        for (place, time) in watch.times.iter().enumerate() {
            self.longer_waits[place] += f64::from(wait > *time);
            self.longer_stays[place] += f64::from(stay > *time);
        }
        if let Some(waits) = &mut self.waits {
            waits.saturating_record(wait);
        }
        if let Some(stays) = &mut self.stays {
            stays.saturating_record(stay);
        }
    }
}
