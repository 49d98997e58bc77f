//! What a choice costs in the steady state of the baseline, and how far a market of a million workloads takes.
//!
//! `cargo bench --bench choice`, with `-- --quick` for fewer rounds and a tenth of the workloads. Nanoseconds are
//! indicative; the ratio counts: to the same choices by the plain formula, which evaluates every utility, in the same run.

use cloudmarket::market::choice::{Choice, ChoiceKey, Chooser, Offers, OptionIndex, Taste, plain_shares};
use cloudmarket::model::{Options, Params, Simulation, State};
use cloudmarket::scenario::Scenario;
use cloudmarket::units::CivilDate;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// Days on which the market is looked at: late enough that most accounts have adopted, and when some forty options are open.
const DAYS: [&str; 2] = ["2028-07-01", "2024-03-01"];
/// Share of a price that a change of the offers moves [1].
const STEP: f64 = 1e-3;
const MILLION: usize = 1_000_000;

fn main() {
    // The test runner calls benches too, to see that they run.
    let quick = std::env::args().any(|argument| ["--quick", "--test"].contains(&argument.as_str()));
    let params = params(&read(&[]));
    let (per_change, choices) = pace(&params);
    println!("baseline: {choices} choices, {per_change} between two changes of the offers");
    for day in DAYS {
        compare(&Steady::reach(&params, day), day, if quick { 20 } else { 400 }, per_change);
    }
    crowd(if quick { MILLION / 10 } else { MILLION });
}

fn compare(steady: &Steady, day: &str, rounds: usize, per_change: usize) {
    let fast = steady.choose(rounds, per_change);
    let kept = steady.choose(1, rounds * per_change);
    let plain = steady.evaluate(rounds.min(20), per_change.min(200));
    println!("\n{day}: {} workloads, {} open options", steady.keys.len(), steady.offers.open().len());
    println!("{:<40} {:>9} {:>9}", "", "ns/choice", "x ours");
    for (name, ns) in [
        ("ours, tables filled again on each change", fast),
        ("ours, nothing changes", kept),
        ("every utility evaluated", plain),
    ] {
        println!("{name:<40} {ns:>9.0} {:>9.1}", ns / fast);
    }
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/baseline.ron")
}

fn read(settings: &[String]) -> Scenario {
    Scenario::read(&file(), settings).unwrap_or_else(|problems| panic!("{problems}"))
}

fn params(scenario: &Scenario) -> Params {
    scenario.params(0).unwrap_or_else(|findings| panic!("{findings:?}"))
}

fn never() -> AtomicBool {
    AtomicBool::new(false)
}

/// Choices between two changes of the offers on average, and choices in all, of one replication.
fn pace(params: &Params) -> (usize, u64) {
    let mut simulation = Simulation::new(params, Options::default());
    let (mut changes, mut version) = (0, 0);
    let count = |_: &_, state: &State| {
        let now = state.offers.version(cloudmarket::supply::params::Class::Chat);
        changes += u64::from(now != version);
        version = now;
    };
    simulation.run_watched(&never(), count).unwrap_or_else(|failure| panic!("{failure:?}"));
    let choices = times_chosen(simulation.state());
    ((choices / changes.max(1)) as usize, choices)
}

fn times_chosen(state: &State) -> u64 {
    let options = (0..state.listings.len()).map(|i| OptionIndex(u16::try_from(i).expect("few options")));
    let choices = options.map(Choice::Option).chain([Choice::Outside]);
    choices.map(|choice| state.demand.times_chosen(choice)).sum()
}

/// The market of a day: what is on offer, and what all workloads would choose by.
struct Steady {
    offers: Offers,
    tastes: Vec<Taste>,
    clouds: usize,
    /// In an order that has nothing to do with who they are, as renewals come.
    keys: Vec<ChoiceKey>,
}

impl Steady {
    fn reach(params: &Params, day: &str) -> Self {
        let mut simulation = Simulation::new(params, Options::default());
        let day = params.calendar.time(CivilDate::parse(day).expect("a date"));
        simulation.run_until(day, &never()).unwrap_or_else(|failure| panic!("{failure:?}"));
        let state = simulation.state();
        let mut keys: Vec<ChoiceKey> = state.demand.choice_keys(day).collect();
        let stride = 7_919;
        assert!(!keys.len().is_multiple_of(stride), "the stride meets every workload");
        keys = (0..keys.len()).map(|i| keys[i * stride % keys.len()]).collect();
        Self { offers: state.offers.clone(), tastes: params.demand.tastes(), clouds: params.demand.clouds, keys }
    }

    /// Nanoseconds of a choice, with what it costs to fill the tables again after each change of the offers.
    fn choose(&self, rounds: usize, per_change: usize) -> f64 {
        let (mut offers, mut chooser) = (self.offers.clone(), Chooser::new(self.tastes.clone(), self.clouds));
        let mut keys = self.keys.iter().cycle();
        let mut spent = 0;
        for round in 0..rounds {
            move_prices(&mut offers, round);
            let start = Instant::now();
            for (i, key) in keys.by_ref().take(per_change).enumerate() {
                black_box(chooser.choose(&offers, key, uniform(i)));
            }
            spent += start.elapsed().as_nanos();
        }
        spent as f64 / (rounds * per_change) as f64
    }

    /// Nanoseconds of a choice by the plain formula, for which changes of the offers cost nothing.
    fn evaluate(&self, rounds: usize, per_change: usize) -> f64 {
        let start = Instant::now();
        for key in self.keys.iter().cycle().take(rounds * per_change) {
            let shares = plain_shares(&self.tastes[key.taste.index()], &self.offers, key);
            let mut rest = uniform(1);
            black_box(shares.inside.iter().position(|share| {
                rest -= share;
                rest < 0.0
            }));
        }
        start.elapsed().as_nanos() as f64 / (rounds * per_change) as f64
    }
}

/// All prices up or down by a trifle, as when a month brings new ones.
fn move_prices(offers: &mut Offers, round: usize) {
    let factor = if round.is_multiple_of(2) { 1.0 + STEP } else { 1.0 / (1.0 + STEP) };
    for option in offers.open().to_vec() {
        offers.revise(option, |offer| offer.price_usd_per_mtok.iter_mut().for_each(|price| *price *= factor));
    }
}

/// Numbers that fill (0, 1) evenly.
fn uniform(i: usize) -> f64 {
    (i as f64 * 0.618_033_988_749_894_9 + 0.5).fract().max(1e-9)
}

/// A replication of the baseline with about so many workloads, each standing for fewer real ones.
fn crowd(workloads: usize) {
    let scenario = read(&[]);
    let sampled: u32 = scenario.spec().segments.values().map(|segment| segment.sampled_accounts).sum();
    let usual = Simulation::new(&params(&scenario), Options::default()).state().demand.workloads();
    let factor = (workloads as f64 / usual as f64).ceil();
    let more = |(id, segment): (&String, &cloudmarket::scenario::schema::SegmentSpec)| {
        format!("segments.{id}.sampled_accounts={}", (factor * f64::from(segment.sampled_accounts)) as u32)
    };
    let settings: Vec<String> = scenario.spec().segments.iter().map(more).collect();
    let params = params(&read(&settings));
    let start = Instant::now();
    let mut simulation = Simulation::new(&params, Options::default());
    simulation.run(&never()).unwrap_or_else(|failure| panic!("{failure:?}"));
    let seconds = start.elapsed().as_secs_f64();
    let state = simulation.state();
    println!(
        "\n{} workloads of {:.0} accounts, {} choices: {seconds:.1} s{}",
        state.demand.workloads(),
        factor * f64::from(sampled),
        times_chosen(state),
        peak_mib().map(|mib| format!(", at most {mib:.0} MiB")).unwrap_or_default()
    );
}

/// The most memory that this process has held so far [MiB], where the system tells.
fn peak_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let kib: f64 =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1_024.0)
}
