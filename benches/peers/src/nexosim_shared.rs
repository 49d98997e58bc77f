//! What both ways to write the workloads on nexosim have in common.
//!
//! A tick is a nanosecond, since this is the unit of its clock. One thread, as everywhere. The world is behind a lock,
//! because models have to be `Send`; it is never contended, and costs nexosim a few nanoseconds an event.

use crate::timing::{Plan, Turn};
use crate::workload::{Cancel, Hold, OrderHash, Queue};
use nexosim::simulation::{SimInit, Simulation};
use nexosim::time::MonotonicTime;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

pub struct Shared<W>(Arc<Mutex<W>>);

impl<W> Clone for Shared<W> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<W: Progress> Shared<W> {
    pub fn new(world: W) -> Self {
        Self(Arc::new(Mutex::new(world)))
    }

    pub fn lock(&self) -> MutexGuard<'_, W> {
        self.0.lock().expect("no handler panics")
    }

    /// Runs the simulation to the end of the plan.
    pub fn run(&self, simulation: &mut Simulation, plan: Plan) -> Turn {
        let ns = plan.time(simulation, |simulation, total| {
            while self.lock().done() < total {
                simulation.step().expect("no event fails");
            }
        });
        Turn { ns, order: Some(self.lock().order().0) }
    }
}

/// How far a world has come.
pub trait Progress {
    fn done(&self) -> u64;
    fn order(&self) -> OrderHash;
}

impl Progress for Hold {
    fn done(&self) -> u64 {
        self.events
    }
    fn order(&self) -> OrderHash {
        self.order
    }
}

impl Progress for Queue {
    fn done(&self) -> u64 {
        self.served
    }
    fn order(&self) -> OrderHash {
        self.order
    }
}

impl Progress for Cancel {
    fn done(&self) -> u64 {
        self.cycles
    }
    fn order(&self) -> OrderHash {
        self.order
    }
}

pub fn bench() -> SimInit {
    SimInit::with_num_threads(1)
}

pub fn start(bench: SimInit) -> Simulation {
    bench.init(MonotonicTime::EPOCH).expect("models start")
}

pub fn delay(ticks: u64) -> Duration {
    Duration::from_nanos(ticks)
}

pub fn ticks(time: MonotonicTime) -> u64 {
    time.duration_since(MonotonicTime::EPOCH).as_nanos() as u64
}
