//! The workloads on desque, which has no cancellation.

use crate::timing::{Plan, Turn};
use crate::workload::{Hold, Queue};
use desque::SimState;
use desque::serial::{OkEvent, Simulation};

/// A world that stops the run after a number of operations.
struct Stopping<W> {
    world: W,
    stop_at: u64,
}

impl SimState<u64> for Stopping<Hold> {
    fn is_complete(&self, _: &u64) -> bool {
        self.world.events >= self.stop_at
    }
}

#[derive(Debug)]
struct Visit(u64);

impl OkEvent<Stopping<Hold>, u64> for Visit {
    fn execute(&mut self, simulation: &mut Simulation<Stopping<Hold>, u64>) {
        let now = *simulation.current_time();
        let (delay, destination) = simulation.state_mut().world.handle(now, self.0);
        simulation.schedule(Visit(destination), now + delay).expect("a delay is not negative");
    }
}

pub fn hold(n: u64, plan: Plan) -> Turn {
    let mut simulation = Simulation::new(Stopping { world: Hold::new(n), stop_at: 0 }, 0);
    for entity in 0..n {
        let first = simulation.state_mut().world.first();
        simulation.schedule(Visit(entity), first).expect("a delay is not negative");
    }
    let ns = plan.time(&mut simulation, |simulation, total| {
        simulation.state_mut().stop_at = total;
        simulation.run().expect("no event fails");
    });
    Turn { ns, order: Some(simulation.state().world.order.0) }
}

impl SimState<u64> for Stopping<Queue> {
    fn is_complete(&self, _: &u64) -> bool {
        self.world.served >= self.stop_at
    }
}

type QueueRun = Simulation<Stopping<Queue>, u64>;

fn serve(simulation: &mut QueueRun, service: Option<u64>) {
    if let Some(service) = service {
        let done = *simulation.current_time() + service;
        simulation.schedule(Departure, done).expect("a delay is not negative");
    }
}

#[derive(Debug)]
struct Arrival;

impl OkEvent<Stopping<Queue>, u64> for Arrival {
    fn execute(&mut self, simulation: &mut QueueRun) {
        let now = *simulation.current_time();
        let (next, service) = simulation.state_mut().world.arrival(now);
        simulation.schedule(Arrival, now + next).expect("a delay is not negative");
        serve(simulation, service);
    }
}

#[derive(Debug)]
struct Departure;

impl OkEvent<Stopping<Queue>, u64> for Departure {
    fn execute(&mut self, simulation: &mut QueueRun) {
        let now = *simulation.current_time();
        let service = simulation.state_mut().world.departure(now);
        serve(simulation, service);
    }
}

pub fn mm1(plan: Plan) -> Turn {
    let mut simulation = Simulation::new(Stopping { world: Queue::new(), stop_at: 0 }, 0);
    simulation.schedule(Arrival, 1).expect("a delay is not negative");
    let ns = plan.time(&mut simulation, |simulation, total| {
        simulation.state_mut().stop_at = total;
        simulation.run().expect("no event fails");
    });
    Turn { ns, order: Some(simulation.state().world.order.0) }
}
