//! What hold costs when the order is known: draws, logarithm and visits, with events in a ring.

use crate::timing::{Plan, Turn};
use crate::workload::Hold;
use std::collections::VecDeque;

pub fn hold(n: u64, plan: Plan) -> Turn {
    let mut world = Hold::new(n);
    let mut ring: VecDeque<(u64, u64)> = (0..n).map(|entity| (world.first(), entity)).collect();
    let ns = plan.time(&mut world, |world, total| {
        while world.events < total {
            let (now, entity) = ring.pop_front().expect("every event schedules another");
            let (delay, destination) = world.handle(now, entity);
            ring.push_back((now + delay, destination));
        }
    });
    Turn { ns, order: None }
}
