//! Speed of the market: events a second, time by kind of event, memory, against a floor of empty events in the same run.
//!
//! `cargo bench --bench market`: one replication of the baseline on one core. The floor schedules and fires as many
//! events that do nothing, at the same instants apart, through the same engine.

use cloudmarket::engine::{Engine, Phase};
use cloudmarket::model::{Options, Simulation};
use cloudmarket::scenario::Scenario;
use cloudmarket::units::Span;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// Turns of the measured part; the best counts.
const TURNS: usize = 3;

fn main() {
    // `cargo test --benches` passes arguments of the test harness; a bench measures all the same.
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/baseline.ron");
    let read = Instant::now();
    let scenario = Scenario::read(&file, &[]).unwrap_or_else(|problems| panic!("{problems}"));
    let reading = read.elapsed();
    let params = scenario.params(0).unwrap_or_else(|findings| panic!("{findings:?}"));
    let (wall, kinds) = (0..TURNS).map(|_| turn(&params)).min_by_key(|(wall, _)| *wall).expect("several turns");
    let events: u64 = kinds.values().map(|(count, _)| count).sum();
    let floor = (0..TURNS).map(|_| empty_events(events)).min().expect("several turns");
    println!("baseline, one replication on one core, best of {TURNS}");
    println!("  read and check the scenario     {:10.1} ms", reading.as_secs_f64() * 1e3);
    println!("  replication                     {:10.1} ms", wall.as_secs_f64() * 1e3);
    println!("  events                          {events:10}");
    println!("  events a second                 {:10.0}", events as f64 / wall.as_secs_f64());
    println!("  over as many empty events       {:10.1} x", wall.as_secs_f64() / floor.as_secs_f64());
    if let Some(mib) = peak_mib() {
        println!("  peak memory of this process     {mib:10.1} MiB");
    }
    println!("\n  kind of event              count        ms   share   us each");
    let mut rows: Vec<_> = kinds.into_iter().collect();
    rows.sort_by_key(|(_, (_, time))| std::cmp::Reverse(*time));
    for (kind, (count, time)) in rows {
        let (ms, share) = (time.as_secs_f64() * 1e3, 100.0 * time.as_secs_f64() / wall.as_secs_f64());
        println!("  {kind:<22} {count:9} {ms:9.1}  {share:5.1}%  {:8.2}", 1e3 * ms / count as f64);
    }
}

/// One replication: its wall time, and count and time by kind of event.
fn turn(params: &cloudmarket::model::Params) -> (Duration, BTreeMap<&'static str, (u64, Duration)>) {
    let start = Instant::now();
    let mut simulation = Simulation::new(params, Options::default());
    let mut kinds: BTreeMap<&'static str, (u64, Duration)> = BTreeMap::new();
    let mut last = Instant::now();
    simulation
        .run_watched(&AtomicBool::new(false), |kind| {
            let now = Instant::now();
            let row = kinds.entry(kind).or_default();
            row.0 += 1;
            row.1 += now - last;
            last = now;
        })
        .unwrap_or_else(|failure| panic!("{failure:?}"));
    black_box(simulation.state());
    (start.elapsed(), kinds)
}

/// As many events that only schedule the next, a thousand pending.
fn empty_events(events: u64) -> Duration {
    const PENDING: u64 = 1_000;
    let start = Instant::now();
    let mut engine = Engine::<u64>::new();
    for i in 0..PENDING {
        engine.schedule_in(Span(i), Phase::FIRST, i);
    }
    for _ in 0..events {
        let fired = engine.step().expect("a thousand events are pending");
        engine.schedule_in(Span(PENDING + fired.event % 7), Phase::FIRST, black_box(fired.event));
    }
    start.elapsed()
}

/// Largest resident memory so far, where the system tells it.
fn peak_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1_024.0)
}
