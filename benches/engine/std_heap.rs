//! The workloads on `std::collections::BinaryHeap`, as anyone would write them without an engine.

use crate::timing::{Plan, Turn};
use crate::workload::{Cancel, Hold, Kind, Queue};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Tuples of time, number in order of scheduling, and event.
struct List<E> {
    heap: BinaryHeap<Reverse<(u64, u64, E)>>,
    scheduled: u64,
}

impl<E: Ord> List<E> {
    fn new() -> Self {
        Self { heap: BinaryHeap::new(), scheduled: 0 }
    }

    #[inline]
    fn schedule(&mut self, time: u64, event: E) {
        self.heap.push(Reverse((time, self.scheduled, event)));
        self.scheduled += 1;
    }

    #[inline]
    fn pop(&mut self) -> (u64, E) {
        let Reverse((time, _, event)) = self.heap.pop().expect("every workload goes on for ever");
        (time, event)
    }
}

pub fn hold(n: u64, plan: Plan) -> Turn {
    let mut world = Hold::new(n);
    let mut list = List::new();
    for entity in 0..n {
        list.schedule(world.first(), entity);
    }
    let ns = plan.time(&mut world, |world, total| {
        while world.events < total {
            let (now, entity) = list.pop();
            let (delay, destination) = world.handle(now, entity);
            list.schedule(now + delay, destination);
        }
    });
    Turn { ns, order: Some(world.order.0) }
}

pub fn mm1(plan: Plan) -> Turn {
    let mut world = Queue::new();
    let mut list = List::new();
    list.schedule(1, false);
    let ns = plan.time(&mut world, |world, total| {
        while world.served < total {
            let (now, departure) = list.pop();
            let service = if departure {
                world.departure(now)
            } else {
                let (next, service) = world.arrival(now);
                list.schedule(now + next, false);
                service
            };
            if let Some(service) = service {
                list.schedule(now + service, true);
            }
        }
    });
    Turn { ns, order: Some(world.order.0) }
}

/// Without a cancel, every event carries the cycle it belongs to and is ignored once that is over.
pub fn cancel(n: u64, plan: Plan) -> Turn {
    let mut world = Cancel::new(n);
    let mut list = List::new();
    let mut cycles = vec![0_u64; n as usize];
    for entity in 0..n {
        let [work, timeout] = world.first();
        list.schedule(work, (entity, false, 0));
        list.schedule(timeout, (entity, true, 0));
    }
    let ns = plan.time(&mut world, |world, total| {
        while world.cycles < total {
            let (now, (entity, timeout, cycle)) = list.pop();
            if cycles[entity as usize] != cycle {
                continue;
            }
            cycles[entity as usize] += 1;
            let kind = if timeout { Kind::Timeout } else { Kind::Work };
            let [work, timeout] = world.cycle(now, entity, kind);
            list.schedule(now + work, (entity, false, cycle + 1));
            list.schedule(now + timeout, (entity, true, cycle + 1));
        }
    });
    Turn { ns, order: Some(world.order.0) }
}
