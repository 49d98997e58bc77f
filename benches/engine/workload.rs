//! What the engines under test have to do: three small worlds, each with all its arithmetic, so that contestants differ
//! in nothing but how they keep and deliver events.
//!
//! - **hold**: `n` entities, each with one pending event. A handler visits its entity, draws an exponential delay and a
//!   random destination, and schedules one event there.
//! - **M/M/1**: one server at 80 % load; two events a customer.
//! - **cancel**: `n` entities, each with work under way and a timeout pending. When work ends its timeout is cancelled, and
//!   new work and a new timeout are scheduled; should a timeout come first, it is the work that is cancelled. So half of
//!   all scheduled events never fire.

use cloudmarket::engine::Stream;

/// Low bits of every time of hold and cancel, where the number of the event stands.
const NUMBER_BITS: u32 = 23;
/// Average ticks between two events, however many entities there are.
const SPACING: f64 = (1_u64 << NUMBER_BITS) as f64;
/// A timeout is this many times the mean length of work.
const TIMEOUT_FACTOR: f64 = 10.0;

/// A hash over (time, id) of every event in order: equal hashes mean that the same was simulated.
#[derive(Clone, Copy, Default)]
pub struct OrderHash(pub u64);

impl OrderHash {
    #[inline(always)]
    fn note(&mut self, time: u64, id: u64) {
        self.0 = ((self.0 ^ time).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ id).rotate_left(29);
    }
}

/// Gives every event a time of its own. Some peers leave the order of ties open, so with a single tie an equal hash would
/// be luck and an unequal one no fault.
#[derive(Default)]
struct DistinctTimes {
    events: u64,
}

impl DistinctTimes {
    /// A delay of at least `ticks`, at most two units of [`SPACING`] longer, that ends at a time of no other event.
    #[inline(always)]
    fn delay(&mut self, now: u64, ticks: f64) -> u64 {
        assert!(self.events < 1 << NUMBER_BITS, "more events than numbers that tell them apart");
        let time = (((now + ticks as u64) >> NUMBER_BITS) + 1) << NUMBER_BITS | self.events;
        self.events += 1;
        time - now
    }
}

/// An entity as small as those of real models get: one cache line.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
struct Entity {
    visits: u64,
    last_visit: u64,
}

/// The world of the hold workload.
pub struct Hold {
    pub events: u64,
    pub order: OrderHash,
    chance: Stream,
    times: DistinctTimes,
    mean: f64,
    entities: Vec<Entity>,
}

impl Hold {
    pub fn new(n: u64) -> Self {
        let entities = vec![Entity::default(); n as usize];
        let chance = Stream::named(1, 0, "hold", "delays");
        let (order, times) = (OrderHash::default(), DistinctTimes::default());
        Self { events: 0, order, chance, times, mean: n as f64 * SPACING, entities }
    }

    /// Delay of the first event of an entity.
    pub fn first(&mut self) -> u64 {
        self.delay(0)
    }

    /// Handles the event of `entity` at `now`; gives the delay and the entity of the next.
    #[inline(always)]
    pub fn handle(&mut self, now: u64, entity: u64) -> (u64, u64) {
        self.events += 1;
        self.order.note(now, entity);
        let visited = &mut self.entities[entity as usize];
        visited.visits += 1;
        visited.last_visit = now;
        (self.delay(now), self.chance.below(self.entities.len() as u64))
    }

    #[inline(always)]
    fn delay(&mut self, now: u64) -> u64 {
        let ticks = self.chance.exponential(self.mean);
        self.times.delay(now, ticks)
    }
}

/// The world of the M/M/1 workload.
pub struct Queue {
    pub served: u64,
    pub order: OrderHash,
    arrivals: Stream,
    services: Stream,
    present: u64,
}

impl Queue {
    pub fn new() -> Self {
        let [arrivals, services] = ["arrivals", "services"].map(|purpose| Stream::named(1, 0, "queue", purpose));
        Self { served: 0, order: OrderHash::default(), arrivals, services, present: 0 }
    }

    /// Handles an arrival; gives the time to the next and, if the server was idle, the service time.
    #[inline(always)]
    pub fn arrival(&mut self, now: u64) -> (u64, Option<u64>) {
        self.order.note(now, 0);
        self.present += 1;
        let next = self.arrivals.exponential(SPACING) as u64 + 1;
        (next, (self.present == 1).then(|| self.service()))
    }

    /// Handles a departure; gives the service time of the next customer, if there is one.
    #[inline(always)]
    pub fn departure(&mut self, now: u64) -> Option<u64> {
        self.order.note(now, 1);
        self.served += 1;
        self.present -= 1;
        (self.present > 0).then(|| self.service())
    }

    #[inline(always)]
    fn service(&mut self) -> u64 {
        self.services.exponential(0.8 * SPACING) as u64 + 1
    }
}

/// What fires in the cancel workload.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Work,
    Timeout,
}

/// The world of the cancel workload. The pending events of each entity are the contestant's to remember.
pub struct Cancel {
    pub cycles: u64,
    pub order: OrderHash,
    chance: Stream,
    times: DistinctTimes,
    mean: f64,
}

impl Cancel {
    pub fn new(n: u64) -> Self {
        let chance = Stream::named(1, 0, "cancel", "work");
        let (order, times) = (OrderHash::default(), DistinctTimes::default());
        Self { cycles: 0, order, chance, times, mean: n as f64 * SPACING }
    }

    /// Delays of work and timeout of a first cycle.
    pub fn first(&mut self) -> [u64; 2] {
        self.begin(0)
    }

    /// Handles the end of a cycle; gives the delays of work and timeout of the next.
    #[inline(always)]
    pub fn cycle(&mut self, now: u64, entity: u64, kind: Kind) -> [u64; 2] {
        self.cycles += 1;
        self.order.note(now, entity << 1 | kind as u64);
        self.begin(now)
    }

    #[inline(always)]
    fn begin(&mut self, now: u64) -> [u64; 2] {
        let work = self.chance.exponential(self.mean);
        [self.times.delay(now, work), self.times.delay(now, TIMEOUT_FACTOR * self.mean)]
    }
}
