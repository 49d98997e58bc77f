//! One replication of the baseline: where its time and its memory go.
//!
//! `cargo bench --bench market`, with `-- --quick` for one round. Nanoseconds are indicative; the ratios count: to the
//! same number of events that do nothing, in the same phases at the same instants, on the same engine in the same run.

use cloudmarket::engine::{Engine, Phase};
use cloudmarket::market::choice::{Choice, OptionIndex};
use cloudmarket::model::events::{Event, Stage};
use cloudmarket::model::{Options, Params, Simulation, State};
use cloudmarket::scenario::Scenario;
use cloudmarket::units::Time;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

const STAGES: [(Stage, &str); 8] = [
    (Stage::Physical, "physical"),
    (Stage::Contracts, "contracts"),
    (Stage::Releases, "releases"),
    (Stage::Prices, "prices"),
    (Stage::Demand, "demand"),
    (Stage::Dispatch, "dispatch"),
    (Stage::Accounting, "accounting"),
    (Stage::Observation, "observation"),
];

/// How many events of a kind, and what they took.
#[derive(Clone, Copy, Default)]
struct Spent {
    events: u64,
    ns: u64,
}

/// A run under the watch.
struct Profile {
    /// By stage and name of the event.
    spent: BTreeMap<(u8, &'static str), Spent>,
    /// Choices that workloads made.
    choices: u64,
    workloads: usize,
}

impl Profile {
    fn total(&self) -> Spent {
        self.spent
            .values()
            .fold(Spent::default(), |sum, one| Spent { events: sum.events + one.events, ns: sum.ns + one.ns })
    }

    fn of_stage(&self, stage: Stage) -> Spent {
        let own = self.spent.iter().filter(|((of, _), _)| *of == stage as u8);
        own.fold(Spent::default(), |sum, (_, one)| Spent { events: sum.events + one.events, ns: sum.ns + one.ns })
    }
}

fn main() {
    // The test runner calls benches too, to see that they run.
    let quick = std::env::args().any(|argument| ["--quick", "--test"].contains(&argument.as_str()));
    let rounds = if quick { 1 } else { 5 };
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/baseline.ron");
    let scenario = Scenario::read(&file, &[]).unwrap_or_else(|problems| panic!("{problems}"));
    let (params, resolving) = watched(|| scenario.params(0).unwrap_or_else(|findings| panic!("{findings:?}")));
    let before = peak_kib();
    let (_, plain) = best(rounds, || run(&params));
    let peak = peak_kib();
    let instants = instants(&params);
    let (_, floor) = best(rounds, || no_ops(&instants));
    let (profile, _) = best(rounds, || profiled(&params));
    report(&profile, plain, floor, resolving);
    if let (Some(before), Some(peak)) = (before, peak) {
        println!("\npeak memory {:.1} MiB, of which {:.1} MiB before the run", peak / 1_024.0, before / 1_024.0);
    }
}

/// What `work` gives, and the nanoseconds it took.
fn watched<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let start = Instant::now();
    let done = work();
    (done, nanoseconds(start))
}

fn nanoseconds(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// The fastest of several rounds.
fn best<T>(rounds: u32, mut work: impl FnMut() -> T) -> (T, u64) {
    let mut best = watched(&mut work);
    for _ in 1..rounds {
        let next = watched(&mut work);
        if next.1 < best.1 {
            best = next;
        }
    }
    best
}

fn never() -> AtomicBool {
    AtomicBool::new(false)
}

fn run(params: &Params) {
    let mut simulation = Simulation::new(params, Options::default());
    simulation.run(&never()).unwrap_or_else(|failure| panic!("{failure:?}"));
    black_box(simulation.state());
}

/// The watch is read once an event: what an event took is the time since the one before, with taking it off the list.
fn profiled(params: &Params) -> Profile {
    let mut simulation = Simulation::new(params, Options::default());
    let mut spent: BTreeMap<(u8, &'static str), Spent> = BTreeMap::new();
    let mut last = Instant::now();
    let tell = |event: &Event, _: &State| {
        let now = Instant::now();
        let entry = spent.entry((event.stage() as u8, event.name())).or_default();
        entry.events += 1;
        entry.ns += u64::try_from(now.duration_since(last).as_nanos()).unwrap_or(u64::MAX);
        last = now;
    };
    simulation.run_watched(&never(), tell).unwrap_or_else(|failure| panic!("{failure:?}"));
    let state = simulation.state();
    let options =
        (0..state.listings.len()).map(|i| Choice::Option(OptionIndex(u16::try_from(i).expect("few options"))));
    let choices = options.chain([Choice::Outside]).map(|choice| state.demand.times_chosen(choice)).sum();
    Profile { spent, choices, workloads: state.demand.workloads() }
}

/// Instants and phases of the run's events.
fn instants(params: &Params) -> Vec<(Time, Phase)> {
    let options = Options { events: true, ..Options::default() };
    let result =
        cloudmarket::model::simulate(params, options, &never()).unwrap_or_else(|failure| panic!("{failure:?}"));
    let journal = result.journal.expect("asked for");
    journal.entries().iter().map(|entry| (entry.time, entry.phase)).collect()
}

/// As many events at the same instants, a thousand pending at a time, that do nothing.
fn no_ops(instants: &[(Time, Phase)]) {
    const PENDING: usize = 1_000;
    let mut engine = Engine::new();
    let mut rest = instants.iter();
    for (time, phase) in rest.by_ref().take(PENDING) {
        engine.schedule_at(*time, *phase, 0_u64);
    }
    while let Some(fired) = engine.step() {
        black_box(fired.event);
        if let Some((time, phase)) = rest.next() {
            engine.schedule_at(*time, *phase, 0);
        }
    }
    assert_eq!(engine.fired(), instants.len() as u64);
}

fn report(profile: &Profile, plain: u64, floor: u64, resolving: u64) {
    let total = profile.total();
    let (ms, per_event) = (|ns: u64| ns as f64 / 1e6, |ns: u64| ns as f64 / total.events as f64);
    println!("baseline, one replication: {} workloads, {} events", profile.workloads, total.events);
    println!("{:<24} {:>9} {:>10} {:>14} {:>9}", "", "ms", "ns/event", "events/s", "x no-op");
    for (name, ns) in [("run", plain), ("no-op events", floor)] {
        let rate = total.events as f64 / ns as f64 * 1e9;
        println!("{name:<24} {:>9.1} {:>10.0} {rate:>14.0} {:>9.1}", ms(ns), per_event(ns), ns as f64 / floor as f64);
    }
    println!("{:<24} {:>9.1}", "parameters resolved", ms(resolving));
    println!("\n{:<24} {:>9} {:>10} {:>10} {:>9}", "by stage and event", "ms", "events", "ns/event", "% of run");
    let row = |name: &str, spent: Spent| {
        let each = spent.ns as f64 / spent.events.max(1) as f64;
        let part = 100.0 * spent.ns as f64 / total.ns as f64;
        println!("{name:<24} {:>9.1} {:>10} {each:>10.0} {part:>9.1}", ms(spent.ns), spent.events);
    };
    for (stage, name) in STAGES {
        row(name, profile.of_stage(stage));
        for ((_, event), spent) in profile.spent.iter().filter(|((of, _), _)| *of == stage as u8) {
            row(&format!("  {event}"), *spent);
        }
    }
    // Adoptions and renewals are choices and little else; a release also has workloads look at what it brought.
    let choosing: u64 = ["demand", "offers_reviewed", "model_released"]
        .iter()
        .flat_map(|name| profile.spent.iter().filter(move |((_, event), _)| event == name))
        .map(|(_, spent)| spent.ns)
        .sum();
    println!(
        "\n{} choices, {:.0} ns each with what makes them",
        profile.choices,
        choosing as f64 / profile.choices as f64
    );
}

/// The most memory that this process has held so far [KiB], where the system tells.
fn peak_kib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().strip_suffix("kB")?.trim().parse().ok()
}
