//! The event engine beside `std::collections::BinaryHeap` of tuples, on the same workloads in the same order of events.
//!
//! `cargo bench --bench engine`, with `-- --quick` for a short run, or `-- "hold, 1000 "` for one workload. Nanoseconds are indicative; the ratios count.

#[path = "engine/floor.rs"]
mod floor;
#[path = "engine/memory.rs"]
mod memory;
#[path = "engine/ours.rs"]
mod ours;
#[path = "engine/std_heap.rs"]
mod std_heap;
#[path = "engine/timing.rs"]
mod timing;
#[path = "engine/workload.rs"]
mod workload;

use timing::{Contestant, Plan, compete, quick, wanted};

fn main() {
    for (n, timed) in [(1_000, 5_000_000), (100_000, 5_000_000), (1_000_000, 4_000_000)] {
        let contestants = [
            Contestant::new("floor", move |plan| floor::hold(n, plan)),
            Contestant::new("std BinaryHeap", move |plan| std_heap::hold(n, plan)),
            Contestant::new("Engine", move |plan| ours::hold(n, plan)),
        ];
        compete(&format!("hold, {n} pending; ns an event"), Plan::new(2 * n, timed, quick()), 2, &contestants);
    }
    let contestants = [Contestant::new("std BinaryHeap", std_heap::mm1), Contestant::new("Engine", ours::mm1)];
    compete("M/M/1; ns a customer (two events)", Plan::new(10_000, 5_000_000, quick()), 1, &contestants);
    for (n, timed) in [(1_000, 3_000_000), (100_000, 2_000_000)] {
        let contestants = [
            Contestant::new("std BinaryHeap", move |plan| std_heap::cancel(n, plan)),
            Contestant::new("Engine", move |plan| ours::cancel(n, plan)),
        ];
        compete(&format!("cancel, {n} entities; ns a cycle"), Plan::new(12 * n, timed, quick()), 1, &contestants);
    }
    if wanted("memory") {
        memory::report();
    }
}
