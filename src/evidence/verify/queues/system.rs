//! A queue as a client of the engine: customers of one class or several, parallel servers, and a line for each class.
//!
//! ```text
//! Arrival ──▶ [lines] ──▶ servers ──▶ Departure        full: turned away        impatient: gives up
//!    ▲                                    │
//!    └────────────── time out ◀───────────┘            a population: machines that fail and are repaired
//! ```
//!
//! A free server takes the first of the first class that has anybody in line; nobody in service is interrupted. Customers
//! arrive by a renewal process, or come from a population, in which each comes again a drawn time after it left.
//!
//! Within an instant servers are freed before new customers look for one, and who is served does not give up. The clock
//! counts ticks, far shorter than any time between events, so that rounding to them changes nothing that could be seen.

use super::law::Law;
use crate::engine::{Engine, Phase, Stream};
use crate::units::{Span, Time};
use hdrhistogram::Histogram;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};

const DEPARTURES: Phase = Phase::new(0);
const ARRIVALS: Phase = Phase::new(1);
const SURRENDERS: Phase = Phase::new(2);
/// Seed of all streams; what differs is the case's id and the number of the replication.
const SEED: u64 = 0x005E_EDED;
/// Longest time that a histogram of times tells apart, in ticks.
const LONGEST_TICKS: u64 = 1 << 47;
/// Significant figures of a histogram of times.
const FIGURES: u8 = 3;
/// Events between two looks at the interrupt.
const PATIENCE: u32 = 1 << 16;
/// Servers of a queue in which nobody waits.
pub(super) const ENDLESS: usize = usize::MAX;

/// Customers alike.
#[derive(Clone, Copy, Debug)]
pub(super) struct Class {
    /// Times between arrivals; of a population, the time that each of it stays out.
    pub arrivals: Law,
    pub service: Law,
}

/// A queue.
#[derive(Clone, Debug)]
pub(super) struct System {
    /// In the order in which they are served.
    pub classes: Vec<Class>,
    /// How many customers there are, of one class; none for no limit.
    pub population: Option<usize>,
    pub servers: usize,
    /// Customers that there is room for, those in service included; none for no limit.
    pub room: Option<usize>,
    /// How long a customer waits before giving up; none for as long as it takes.
    pub patience: Option<Law>,
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
    /// Number of customers beyond which arrivals are counted as crossings.
    pub level: Option<usize>,
}

enum Event {
    /// Of a customer of this class.
    Arrival(u16),
    Departure,
    /// Of the customer with this number, if it is still in line.
    Surrender(u32),
}

/// A customer in line.
struct Waiting {
    number: u32,
    came: Time,
}

/// Chance of one class.
struct Draws {
    arrivals: Stream,
    services: Stream,
}

/// One run of a queue, which may go on and on.
pub(super) struct Replication {
    engine: Engine<Event>,
    draws: Vec<Draws>,
    patience: Stream,
    lines: Vec<VecDeque<Waiting>>,
    /// Number of the last customer who joined a line; it wraps around, and no line is that long.
    number: u32,
    in_line: usize,
    present: usize,
    since: Time,
    pub tally: Tally,
}

impl Replication {
    /// Replication number `number` of the case `id`, empty at time 0.
    pub fn new(id: &str, number: u64, system: &System, watch: &Watch) -> Self {
        let named = |purpose: &str, class: usize| match class {
            0 => Stream::named(SEED, number, id, purpose),
            _ => Stream::named(SEED, number, id, &format!("{purpose}-{}", class + 1)),
        };
        let classes = 0..system.classes.len();
        let draws = classes.map(|k| Draws { arrivals: named("arrivals", k), services: named("services", k) });
        let mut replication = Self {
            engine: Engine::new(),
            draws: draws.collect(),
            patience: named("patience", 0),
            lines: system.classes.iter().map(|_| VecDeque::new()).collect(),
            number: 0,
            in_line: 0,
            present: 0,
            since: Time(0),
            tally: Tally::new(system, watch),
        };
        replication.open(system);
        replication
    }

    /// Schedules the first arrivals.
    fn open(&mut self, system: &System) {
        match system.population {
            Some(customers) => (0..customers).for_each(|_| self.expect(system, 0)),
            None => (0..system.classes.len()).for_each(|class| self.expect(system, class)),
        }
    }

    /// Starts afresh, empty, at time 0, with the draws that come next.
    pub fn restart(&mut self, system: &System) {
        self.engine = Engine::new();
        self.lines.iter_mut().for_each(VecDeque::clear);
        (self.in_line, self.present, self.since) = (0, 0, Time(0));
        self.open(system);
    }

    /// Runs for `span` more.
    pub fn run(&mut self, system: &System, watch: &Watch, span: Span, interrupt: &AtomicBool) {
        let end = self.engine.now() + span;
        let mut patience = PATIENCE;
        while self.step(system, watch, end) {
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

    /// Handles the next event before `end`; false if there is none.
    #[inline]
    fn step(&mut self, system: &System, watch: &Watch, end: Time) -> bool {
        let Some(fired) = self.engine.step_before(end) else { return false };
        self.elapse(system, fired.time);
        match fired.event {
            Event::Arrival(class) => self.arrive(system, watch, usize::from(class), fired.time),
            Event::Departure => self.depart(system, watch, fired.time),
            Event::Surrender(number) => self.surrender(number, fired.time),
        }
        true
    }

    /// Customers in the system.
    pub fn present(&self) -> usize {
        self.present
    }

    /// Forgets what was counted so far.
    pub fn forget(&mut self, system: &System, watch: &Watch) {
        self.tally = Tally::new(system, watch);
    }

    #[inline]
    fn elapse(&mut self, system: &System, now: Time) {
        let ticks = (now - self.since).0 as f64;
        let tally = &mut self.tally;
        let present = self.present as f64;
        tally.time += ticks;
        tally.present_time += ticks * present;
        tally.present_squared_time += ticks * present * present;
        tally.line_time += ticks * self.in_line as f64;
        tally.busy_time += ticks * self.present.min(system.servers) as f64;
        if self.lines.len() > 1 {
            for (class, line) in tally.classes.iter_mut().zip(&self.lines) {
                class.line_time += ticks * line.len() as f64;
            }
        }
        if let Some(time) = tally.state_time.get_mut(self.present) {
            *time += ticks;
        }
        self.since = now;
    }

    /// Schedules the next arrival of a class: of a renewal process, or of one of a population.
    #[inline]
    fn expect(&mut self, system: &System, class: usize) {
        let next = system.ticks(system.classes[class].arrivals.draw(&mut self.draws[class].arrivals));
        self.engine.schedule_in(next, ARRIVALS, Event::Arrival(class as u16));
    }

    #[inline]
    fn arrive(&mut self, system: &System, watch: &Watch, class: usize, now: Time) {
        if system.population.is_none() {
            self.expect(system, class);
        }
        self.tally.arrivals += 1.0;
        if system.room == Some(self.present) {
            self.tally.turned_away += 1.0;
            return;
        }
        self.tally.crossings += f64::from(u8::from(watch.level == Some(self.present)));
        self.present += 1;
        if self.present <= system.servers {
            self.begin(system, watch, class, now, now);
        } else {
            self.queue(system, class, now);
        }
    }

    #[inline]
    fn queue(&mut self, system: &System, class: usize, now: Time) {
        self.number = self.number.wrapping_add(1);
        self.lines[class].push_back(Waiting { number: self.number, came: now });
        self.in_line += 1;
        if let Some(patience) = system.patience {
            let ticks = system.ticks(patience.draw(&mut self.patience));
            self.engine.schedule_in(ticks, SURRENDERS, Event::Surrender(self.number));
        }
    }

    #[inline]
    fn depart(&mut self, system: &System, watch: &Watch, now: Time) {
        self.present -= 1;
        if system.population.is_some() {
            self.expect(system, 0);
        }
        if self.in_line == 0 {
            return;
        }
        let next = self.lines.iter_mut().enumerate().find_map(|(class, line)| Some((class, line.pop_front()?)));
        if let Some((class, waiting)) = next {
            self.in_line -= 1;
            self.begin(system, watch, class, waiting.came, now);
        }
    }

    /// A customer gives up, unless its service has begun.
    fn surrender(&mut self, number: u32, now: Time) {
        for line in &mut self.lines {
            let Some(place) = line.iter().position(|waiting| waiting.number == number) else { continue };
            if let Some(waiting) = line.remove(place) {
                (self.in_line, self.present) = (self.in_line - 1, self.present - 1);
                self.tally.given_up += 1.0;
                self.tally.wait_in_vain += (now - waiting.came).0 as f64;
            }
            return;
        }
    }

    /// A server begins with a customer who came at `came`.
    #[inline]
    fn begin(&mut self, system: &System, watch: &Watch, class: usize, came: Time, now: Time) {
        let service = system.classes[class].service.draw(&mut self.draws[class].services);
        let ticks = system.ticks(service);
        self.engine.schedule_in(ticks, DEPARTURES, Event::Departure);
        self.tally.note(watch, class, (now - came).0, ticks.0, service);
    }

    /// The time until more than `level` customers are present \[ticks\]; none if it was interrupted, or beyond the clock.
    pub fn first_passage(&mut self, system: &System, level: usize, interrupt: &AtomicBool) -> Option<f64> {
        let (start, watch) = (self.engine.now(), Watch::default());
        let mut patience = PATIENCE;
        while self.present <= level && self.step(system, &watch, Time(LONGEST_TICKS)) {
            patience -= 1;
            if patience == 0 {
                if interrupt.load(Ordering::Relaxed) {
                    return None;
                }
                patience = PATIENCE;
            }
        }
        (self.present > level).then(|| (self.engine.now() - start).0 as f64)
    }
}

impl System {
    /// Hours in whole ticks, at least one: no service ends before the instant is over in which it began.
    #[inline]
    fn ticks(&self, hours: f64) -> Span {
        Span((hours * self.ticks_per_hour).round().max(1.0) as u64)
    }
}

/// Sums of one class of a replication; times in ticks.
#[derive(Clone, Debug, Default)]
pub(super) struct ClassTally {
    /// Customers whose service began.
    pub served: f64,
    pub wait: f64,
    pub line_time: f64,
}

/// Sums of one replication; times in ticks, service moments in hours.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    pub time: f64,
    pub present_time: f64,
    pub present_squared_time: f64,
    pub line_time: f64,
    pub busy_time: f64,
    pub state_time: Vec<f64>,
    pub classes: Vec<ClassTally>,
    pub arrivals: f64,
    pub turned_away: f64,
    /// Arrivals that found as many customers as the level that is watched.
    pub crossings: f64,
    /// Customers who left the line without service.
    pub given_up: f64,
    /// What they had waited.
    pub wait_in_vain: f64,
    /// Customers whose service began.
    pub served: f64,
    pub waited: f64,
    pub wait: f64,
    pub wait_squared: f64,
    /// Waits times services: what the work in line adds up to over time \[ticks · hours\].
    pub waiting_work: f64,
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
    fn new(system: &System, watch: &Watch) -> Self {
        Self {
            time: 0.0,
            present_time: 0.0,
            present_squared_time: 0.0,
            line_time: 0.0,
            busy_time: 0.0,
            state_time: vec![0.0; watch.states],
            classes: vec![ClassTally::default(); system.classes.len()],
            arrivals: 0.0,
            turned_away: 0.0,
            crossings: 0.0,
            given_up: 0.0,
            wait_in_vain: 0.0,
            served: 0.0,
            waited: 0.0,
            wait: 0.0,
            wait_squared: 0.0,
            waiting_work: 0.0,
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
    fn note(&mut self, watch: &Watch, class: usize, wait: u64, service: u64, hours: f64) {
        let (stay, long) = (wait + service, wait as f64);
        let own = &mut self.classes[class];
        own.served += 1.0;
        own.wait += long;
        self.served += 1.0;
        self.waited += f64::from(wait > 0);
        self.wait += long;
        self.wait_squared += long * long;
        self.waiting_work += long * hours;
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
