//! The workloads on this crate's engine.

use crate::timing::{Plan, Turn};
use crate::workload::{Cancel, Hold, Kind, Queue};
use cloudmarket::engine::{Engine, Handle, Phase};
use cloudmarket::units::Span;

const ONLY: Phase = Phase::new(0);

pub fn hold(n: u64, plan: Plan) -> Turn {
    let mut world = Hold::new(n);
    let mut engine = Engine::new();
    for entity in 0..n {
        engine.schedule_in(Span(world.first()), ONLY, entity);
    }
    let ns = plan.time(&mut world, |world, total| {
        while world.events < total {
            let fired = engine.step().expect("every event schedules another");
            let (delay, destination) = world.handle(fired.time.0, fired.event);
            engine.schedule_in(Span(delay), ONLY, destination);
        }
    });
    Turn { ns, order: Some(world.order.0) }
}

enum Visit {
    Arrival,
    Departure,
}

pub fn mm1(plan: Plan) -> Turn {
    let mut world = Queue::new();
    let mut engine = Engine::new();
    engine.schedule_in(Span(1), ONLY, Visit::Arrival);
    let ns = plan.time(&mut world, |world, total| {
        while world.served < total {
            let fired = engine.step().expect("an arrival is always pending");
            let service = match fired.event {
                Visit::Arrival => {
                    let (next, service) = world.arrival(fired.time.0);
                    engine.schedule_in(Span(next), ONLY, Visit::Arrival);
                    service
                }
                Visit::Departure => world.departure(fired.time.0),
            };
            if let Some(service) = service {
                engine.schedule_in(Span(service), ONLY, Visit::Departure);
            }
        }
    });
    Turn { ns, order: Some(world.order.0) }
}

/// Schedules work and a timeout; gives their handles.
#[inline]
fn begin(engine: &mut Engine<(u64, Kind)>, entity: u64, [work, timeout]: [u64; 2]) -> [Handle; 2] {
    let work = engine.schedule_in(Span(work), ONLY, (entity, Kind::Work));
    [work, engine.schedule_in(Span(timeout), ONLY, (entity, Kind::Timeout))]
}

pub fn cancel(n: u64, plan: Plan) -> Turn {
    let mut world = Cancel::new(n);
    let mut engine = Engine::new();
    let mut handles: Vec<_> = (0..n).map(|entity| begin(&mut engine, entity, world.first())).collect();
    let ns = plan.time(&mut world, |world, total| {
        while world.cycles < total {
            let fired = engine.step().expect("every entity has work under way");
            let (entity, kind) = fired.event;
            let [work, timeout] = handles[entity as usize];
            engine.cancel(if kind == Kind::Work { timeout } else { work });
            let delays = world.cycle(fired.time.0, entity, kind);
            handles[entity as usize] = begin(&mut engine, entity, delays);
        }
    });
    Turn { ns, order: Some(world.order.0) }
}
