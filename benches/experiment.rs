//! What an experiment costs over the runs that it is made of: forks over what is left of a run, and the layer that hands out
//! replications and points.
//!
//! `cargo bench --bench experiment`, with `-- --quick` for few runs. The ratios count: both sides are timed in turn in the
//! same process, by the time that the process was on a core where the system tells it, so that a busy machine moves
//! both alike.

use cloudmarket::experiment::branch::{Fork, Trunk};
use cloudmarket::experiment::manifest::Manifest;
use cloudmarket::experiment::parallel::{Assignment, run_all};
use cloudmarket::experiment::replication::ScenarioStudy;
use cloudmarket::experiment::sink::{Sink, Watcher};
use cloudmarket::experiment::study::{Outcome, Study};
use cloudmarket::experiment::sweep::study::SweepRuns;
use cloudmarket::experiment::sweep::{Limits, Sweep};
use cloudmarket::model::{Options, Paused, Simulation, simulate};
use cloudmarket::scenario::Scenario;
use cloudmarket::scenario::tree::LoadOptions;
use cloudmarket::units::CivilDate;
use std::hint::black_box;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

static NEVER: AtomicBool = AtomicBool::new(false);

/// The day of the forks.
const FORKED: &str = "2027-01-01";

fn main() {
    // The test runner calls benches too, to see that they run.
    let quick = std::env::args().any(|argument| ["--quick", "--test"].contains(&argument.as_str()));
    let base = baseline();
    forks(&base, if quick { 2 } else { 20 });
    replications(&base, if quick { 1 } else { 8 });
    points(if quick { 1 } else { 8 });
}

fn baseline() -> Scenario {
    let file = folder().join("baseline.ron");
    Scenario::read(&file, &[]).unwrap_or_else(|problems| panic!("{problems}"))
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

/// Forks of one replication, each beside what is left of that replication without a fork.
fn forks(base: &Scenario, count: u32) {
    let day = CivilDate::parse(FORKED).expect("a date");
    let trunk = Trunk::new(base.clone(), day, Options::default(), count + 1);
    // The first of them runs the past.
    let first = Fork::new(&trunk, "first".into(), base.clone());
    let (_, with_past) = timed(|| first.run(0, &NEVER).unwrap_or_else(|failure| panic!("{failure}")));
    let params = base.params(0).unwrap_or_else(|findings| panic!("{findings:?}"));
    let mut past = Simulation::new(&params, Options::default());
    past.run_until(params.calendar.time(day), &NEVER).unwrap_or_else(|failure| panic!("{failure:?}"));
    let past = past.pause();
    let (mut rest, mut reading, mut forked) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
    for number in 0..count {
        let resumed = Simulation::resume(&params, Options::default(), Paused::clone(&past));
        rest += timed(|| black_box(to_the_end(resumed))).1;
        let (scenario, spent) = timed(|| fork_of(base, number, day));
        reading += spent;
        let fork = Fork::new(&trunk, format!("fork-{number}"), scenario);
        forked += timed(|| black_box(fork.run(0, &NEVER).unwrap_or_else(|failure| panic!("{failure}")))).1;
    }
    println!("{count} forks of the baseline on {FORKED}, a replication: {} with its past", ms(with_past));
    row("what is left of the run", rest / count, rest / count);
    row("a fork", forked / count, rest / count);
    row("reading and checking its file", reading / count, rest / count);
}

fn to_the_end(mut simulation: Simulation<'_>) -> u64 {
    simulation.run(&NEVER).unwrap_or_else(|failure| panic!("{failure:?}"));
    simulation.finish().events
}

/// The baseline with compute that is a few per cent dearer or cheaper at one cloud.
fn fork_of(base: &Scenario, number: u32, day: CivilDate) -> Scenario {
    let file = std::env::temp_dir().join(format!("cloudmarket-fork-{}-{number}.ron", std::process::id()));
    let factor = 0.9 + 0.01 * f64::from(number);
    std::fs::write(&file, format!("(changes: [Scale(\"clouds.aws.chip_price.target\", {factor})])")).expect("room");
    let read = base.read_fork(&file, &LoadOptions::default());
    std::fs::remove_file(&file).expect("it was just written");
    let fork = read.unwrap_or_else(|problems| panic!("{problems}"));
    base.check_fork(&fork, day).unwrap_or_else(|problems| panic!("{problems}"));
    fork
}

/// Replications of a scenario as `run` runs them, and plain.
fn replications(base: &Scenario, count: u32) {
    let base = Scenario::of_tree(with(base, "replications", count)).unwrap_or_else(|problems| panic!("{problems}"));
    let study = ScenarioStudy::new("baseline".into(), base.clone(), Options::default());
    let (layered, plain) = in_turn(|| run_on_one_thread(&study), || (0..count).for_each(|r| run_plain(&base, r)));
    println!("\n{count} replications of the baseline on one thread");
    row("plain", plain, plain);
    row("as an experiment", layered, plain);
}

/// Points of a sweep with a replication each, where the layer is dearest: every run has parameters of its own.
fn points(count: u32) {
    let file = folder().join("sweeps/trainium-price-by-power-delay.ron");
    let limits = Limits { max_runs: 1_000_000, options: Options::default() };
    let sweep = Sweep::read(&file, limits).unwrap_or_else(|error| panic!("{:?}", error.problems));
    let stride = sweep.replications;
    let runs: Vec<u32> = (0..count).map(|point| point * stride).collect();
    let scenarios: Vec<Scenario> = runs
        .iter()
        .map(|run| {
            let run = sweep.plan.run(*run);
            sweep.scenario(run.point, run.policy).unwrap_or_else(|problems| panic!("{problems}"))
        })
        .collect();
    let study = SweepRuns::new(&sweep, runs);
    let (layered, plain) =
        in_turn(|| run_on_one_thread(&study), || scenarios.iter().for_each(|scenario| run_plain(scenario, 0)));
    println!("\n{count} points of a sweep with a replication each, on one thread");
    row("plain, scenarios at hand", plain, plain);
    row("as an experiment", layered, plain);
}

fn with(base: &Scenario, path: &str, value: u32) -> cloudmarket::scenario::tree::Tree {
    let mut tree = base.tree().clone();
    tree.set_raw(path, &value.to_string()).unwrap_or_else(|problems| panic!("{problems}"));
    tree
}

fn run_plain(scenario: &Scenario, replication: u32) {
    let params = scenario.params(replication).unwrap_or_else(|findings| panic!("{findings:?}"));
    black_box(simulate(&params, Options::default(), &NEVER).unwrap_or_else(|failure| panic!("{failure:?}")));
}

fn run_on_one_thread(study: &dyn Study) {
    let assignment = Assignment { study, sink: Box::new(Nowhere) };
    let finished = run_all(vec![assignment], NonZeroUsize::MIN, &NEVER, &Nobody).expect("a thread");
    assert!(finished[0].manifest.complete, "{:?}", finished[0].manifest.broken);
}

/// A sink that keeps nothing.
struct Nowhere;

impl Sink for Nowhere {
    fn open(&mut self) -> anyhow::Result<()> {
        Ok(())
    }
    fn accept(&mut self, _: u32, outcome: &Outcome) -> anyhow::Result<()> {
        black_box(outcome);
        Ok(())
    }
    fn close(&mut self, _: &Manifest) -> anyhow::Result<()> {
        Ok(())
    }
}

struct Nobody;

impl Watcher for Nobody {
    fn replication_ended(&self, _: usize, _: Option<u64>) {}
}

/// The least time of each over three rounds in turn.
fn in_turn(mut one: impl FnMut(), mut other: impl FnMut()) -> (Duration, Duration) {
    let rounds = (0..3).map(|_| (timed(&mut one).1, timed(&mut other).1));
    rounds.reduce(|least, next| (least.0.min(next.0), least.1.min(next.1))).expect("three rounds")
}

/// What `work` gives, and the time that the process was on a core for it; by the clock where the system does not tell.
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let (clock, core) = (Instant::now(), on_core());
    let done = work();
    let spent = on_core().zip(core).map_or_else(|| clock.elapsed(), |(now, then)| now.saturating_sub(then));
    (done, spent)
}

/// Time that all threads of this process, ended ones too, were on a core, in hundredths of a second.
fn on_core() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    Some(Duration::from_millis(10 * (ticks()? + ticks()?)))
}

fn row(name: &str, time: Duration, unit: Duration) {
    println!("{name:<32} {:>12} {:>9.4}", ms(time), time.as_secs_f64() / unit.as_secs_f64());
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", 1e3 * time.as_secs_f64())
}
