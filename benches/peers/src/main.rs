//! The event engine beside desque and nexosim, on the workloads of `benches/engine`, in the same order of events.
//!
//! A package of its own, so that nobody who builds the simulator builds its peers:
//! `cargo run --release --manifest-path benches/peers/Cargo.toml`, with `-- --quick` for a short run, or
//! `-- "hold, 1000 "` for one workload.

#[path = "../../engine/ours.rs"]
mod ours;
#[path = "../../engine/timing.rs"]
mod timing;
#[path = "../../engine/workload.rs"]
mod workload;

mod desque_runs;
mod nexosim_many;
mod nexosim_one;
mod nexosim_shared;

use timing::{Contestant, Plan, compete, quick};

fn main() {
    for (n, timed) in [(1_000, 2_000_000), (100_000, 1_000_000), (1_000_000, 1_000_000)] {
        let contestants = [
            Contestant::new("Engine", move |plan| ours::hold(n, plan)),
            Contestant::new("desque", move |plan| desque_runs::hold(n, plan)),
            Contestant::new("nexosim, one model", move |plan| nexosim_one::hold(n, plan)),
            Contestant::new("nexosim, N models", move |plan| nexosim_many::hold(n, plan)),
        ];
        compete(&format!("hold, {n} pending; ns an event"), Plan::new(n, timed, quick()), 1, &contestants);
    }
    let contestants = [
        Contestant::new("Engine", ours::mm1),
        Contestant::new("desque", desque_runs::mm1),
        Contestant::new("nexosim", nexosim_one::mm1),
    ];
    compete("M/M/1; ns a customer (two events)", Plan::new(10_000, 2_000_000, quick()), 1, &contestants);
    for (n, timed) in [(1_000, 1_000_000), (100_000, 500_000)] {
        let contestants = [
            Contestant::new("Engine", move |plan| ours::cancel(n, plan)),
            Contestant::new("nexosim, one model", move |plan| nexosim_one::cancel(n, plan)),
            Contestant::new("nexosim, N models", move |plan| nexosim_many::cancel(n, plan)),
        ];
        compete(&format!("cancel, {n} entities; ns a cycle"), Plan::new(12 * n, timed, quick()), 1, &contestants);
    }
}
