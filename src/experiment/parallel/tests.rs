//! Order, bounds, interruption and failure of parallel runs, on a study that computes nothing.

use super::*;
use crate::model::record::{Recorded, Statements};
use std::sync::atomic::AtomicU32;
use std::time::Duration;

/// What a replication of a [`Toy`] does.
#[derive(Clone, Copy, PartialEq)]
enum Does {
    Finishes,
    Breaks,
    Panics,
    RaisesInterrupt,
}

struct Toy {
    name: String,
    replications: u32,
    does: fn(u32) -> Does,
    started: AtomicU32,
}

fn toy(name: &str, replications: u32, does: fn(u32) -> Does) -> Toy {
    Toy { name: name.to_owned(), replications, does, started: AtomicU32::new(0) }
}

impl Study for Toy {
    fn stem(&self) -> &str {
        &self.name
    }
    fn name(&self) -> &str {
        &self.name
    }
    fn about(&self) -> &str {
        "does nothing"
    }
    fn scenario_digest(&self) -> String {
        "00".to_owned()
    }
    fn seed(&self) -> u64 {
        1
    }
    fn replications(&self) -> u32 {
        self.replications
    }
    fn run(&self, replication: u32, interrupt: &AtomicBool) -> Result<Outcome, Failure> {
        self.started.fetch_add(1, Ordering::SeqCst);
        // Every third is slow, so that with several threads the ends come in another order than the starts.
        std::thread::sleep(Duration::from_millis(if replication.is_multiple_of(3) { 6 } else { 1 }));
        match (self.does)(replication) {
            Does::Breaks => return Err(Failure::Broken(format!("no cash in {replication}"))),
            Does::Panics => panic!("balance is not zero"),
            Does::RaisesInterrupt => interrupt.store(true, Ordering::SeqCst),
            Does::Finishes => {}
        }
        if interrupt.load(Ordering::SeqCst) && (self.does)(replication) != Does::RaisesInterrupt {
            return Err(Failure::Interrupted);
        }
        Ok(Outcome {
            recorded: Recorded { dates: Vec::new(), keys: Vec::new(), values: Vec::new() },
            statements: Statements::default(),
            events: u64::from(replication) + 1,
            digest: format!("{}-{replication}", self.name),
            warnings: Vec::new(),
            tables: Vec::new(),
        })
    }
}

/// Writes down how it was called. Optionally refuses a replication, or panics at the end.
struct Log<'a> {
    calls: &'a Mutex<Vec<String>>,
    refuses: Option<u32>,
    panics_at_close: bool,
    study: &'a Toy,
    /// The most replications that may have been started beyond those accepted.
    bound: Option<u32>,
    accepted: u32,
}

impl<'a> Log<'a> {
    fn new(study: &'a Toy, calls: &'a Mutex<Vec<String>>) -> Self {
        Self { calls, refuses: None, panics_at_close: false, study, bound: None, accepted: 0 }
    }
}

impl Sink for Log<'_> {
    fn open(&mut self) -> anyhow::Result<()> {
        self.calls.lock().unwrap().push("open".to_owned());
        Ok(())
    }
    fn accept(&mut self, replication: u32, outcome: &Outcome) -> anyhow::Result<()> {
        if let Some(bound) = self.bound {
            assert!(self.study.started.load(Ordering::SeqCst) - self.accepted <= bound, "ran too far ahead");
        }
        self.accepted += 1;
        anyhow::ensure!(self.refuses != Some(replication), "the disk is full");
        self.calls.lock().unwrap().push(outcome.digest.clone());
        Ok(())
    }
    fn missed(&mut self, replication: u32, reason: &str) -> anyhow::Result<()> {
        self.calls.lock().unwrap().push(format!("missed {replication}: {reason}"));
        Ok(())
    }
    fn close(&mut self, manifest: &Manifest) -> anyhow::Result<()> {
        assert!(!self.panics_at_close, "an axis without length");
        self.calls.lock().unwrap().push(format!("close {:?}", manifest.finished));
        Ok(())
    }
}

struct Nobody;

impl Watcher for Nobody {
    fn replication_ended(&self, _: usize, _: Option<u64>) {}
}

fn threads(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

/// Runs `study` alone; gives what became of it and the calls that its sink saw.
fn run_one(study: &Toy, n: usize, adjust: impl FnOnce(&mut Log<'_>)) -> (Finished, Vec<String>) {
    let calls = Mutex::new(Vec::new());
    let mut log = Log::new(study, &calls);
    adjust(&mut log);
    let assignments = vec![Assignment { study, sink: Box::new(log) }];
    let finished = run_all(assignments, threads(n), &AtomicBool::new(false), &Nobody).unwrap().pop().unwrap();
    (finished, calls.into_inner().unwrap())
}

#[test]
fn sinks_see_the_same_calls_whatever_the_number_of_threads() {
    let outcomes: Vec<(Manifest, Vec<String>)> = [1, 2, 5]
        .map(|n| {
            let (finished, calls) = run_one(&toy("a", 7, |_| Does::Finishes), n, |_| {});
            (finished.manifest, calls)
        })
        .into();
    assert_eq!(outcomes[0].1, ["open", "a-0", "a-1", "a-2", "a-3", "a-4", "a-5", "a-6", "close [0, 1, 2, 3, 4, 5, 6]"]);
    assert_eq!(outcomes[0].0.events, 28);
    assert!(outcomes[0].0.complete);
    assert!(outcomes.iter().all(|outcome| *outcome == outcomes[0]));
}

#[test]
fn several_studies_keep_their_order_and_their_sinks() {
    let (a, b) = (toy("a", 4, |_| Does::Finishes), toy("b", 2, |_| Does::Finishes));
    let (calls_a, calls_b) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    let assignments = vec![
        Assignment { study: &a, sink: Box::new(Log::new(&a, &calls_a)) },
        Assignment { study: &b, sink: Box::new(Log::new(&b, &calls_b)) },
    ];
    let finished = run_all(assignments, threads(3), &AtomicBool::new(false), &Nobody).unwrap();
    let names: Vec<&str> = finished.iter().map(|f| f.manifest.scenario.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(calls_a.into_inner().unwrap(), ["open", "a-0", "a-1", "a-2", "a-3", "close [0, 1, 2, 3]"]);
    assert_eq!(calls_b.into_inner().unwrap(), ["open", "b-0", "b-1", "close [0, 1]"]);
}

/// The order in which one thread begins replications, by what the sinks have seen when each is accepted.
#[test]
fn in_blocks_studies_take_turns() {
    let (a, b) = (toy("a", 5, |_| Does::Finishes), toy("b", 3, |_| Does::Finishes));
    let calls = Mutex::new(Vec::new());
    let assignments = vec![
        Assignment { study: &a, sink: Box::new(Log::new(&a, &calls)) },
        Assignment { study: &b, sink: Box::new(Log::new(&b, &calls)) },
    ];
    let block = NonZeroU32::new(2).unwrap();
    let finished = run_in_blocks(assignments, block, threads(1), &AtomicBool::new(false), &Nobody).unwrap();
    assert!(finished.iter().all(|one| one.manifest.complete));
    let order = calls.into_inner().unwrap();
    let runs: Vec<&str> = order.iter().map(String::as_str).filter(|call| call.contains('-')).collect();
    assert_eq!(runs, ["a-0", "a-1", "b-0", "b-1", "a-2", "a-3", "b-2", "a-4"]);
}

#[test]
fn threads_wait_rather_than_run_far_ahead() {
    let study = toy("a", 40, |_| Does::Finishes);
    let (finished, _) = run_one(&study, 3, |log| log.bound = Some(6));
    assert!(finished.sink_error.is_none(), "{:?}", finished.sink_error);
    assert!(finished.manifest.complete);
}

#[test]
fn a_broken_replication_costs_nothing_but_itself() {
    let study = toy("a", 5, |replication| if replication == 1 { Does::Breaks } else { Does::Finishes });
    let (finished, calls) = run_one(&study, 2, |_| {});
    assert_eq!(calls, ["open", "a-0", "missed 1: no cash in 1", "a-2", "a-3", "a-4", "close [0, 2, 3, 4]"]);
    assert!(!finished.manifest.complete);
    assert_eq!(finished.manifest.broken[0].reason, "no cash in 1");
}

#[test]
fn a_panic_is_a_broken_replication() {
    let study = toy("a", 3, |replication| if replication == 2 { Does::Panics } else { Does::Finishes });
    let (finished, calls) = run_one(&study, 2, |_| {});
    assert!(calls[3].starts_with("missed 2: a mistake in the simulator"), "{calls:?}");
    assert_eq!((&calls[..3], calls[4].as_str()), (&["open", "a-0", "a-1"].map(str::to_owned)[..], "close [0, 1]"));
    assert!(finished.manifest.broken[0].reason.ends_with("please report it: balance is not zero"));
}

/// So many that the other thread cannot finish them all before the fourth is done.
const MANY: u32 = 20_000;

#[test]
fn an_interrupt_keeps_what_is_finished_and_begins_nothing() {
    let study = toy("a", MANY, |replication| if replication == 4 { Does::RaisesInterrupt } else { Does::Finishes });
    let later = toy("b", 5, |_| Does::Finishes);
    let (calls, calls_later) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    let assignments = vec![
        Assignment { study: &study, sink: Box::new(Log::new(&study, &calls)) },
        Assignment { study: &later, sink: Box::new(Log::new(&later, &calls_later)) },
    ];
    let finished = run_all(assignments, threads(2), &AtomicBool::new(false), &Nobody).unwrap();
    let manifest = &finished[0].manifest;
    assert!(manifest.finished.contains(&4) && manifest.finished.len() < MANY as usize, "{:?}", manifest.finished);
    assert!(!manifest.complete && manifest.broken.is_empty());
    assert_eq!(calls.into_inner().unwrap().last().unwrap(), &format!("close {:?}", manifest.finished));
    assert!(calls_later.into_inner().unwrap().is_empty(), "a study that was not begun was written");
    assert_eq!(later.started.load(Ordering::SeqCst), 0);
}

#[test]
fn a_sink_that_refuses_ends_its_study_only() {
    let study = toy("a", 30, |_| Does::Finishes);
    let (finished, calls) = run_one(&study, 2, |log| log.refuses = Some(2));
    assert_eq!(calls, ["open", "a-0", "a-1"]);
    assert_eq!(finished.sink_error.unwrap().to_string(), "the disk is full");
    assert_eq!(finished.manifest.finished, [0, 1]);
    assert!(study.started.load(Ordering::SeqCst) < 12, "went on although nothing could be kept");
}

#[test]
fn a_sink_that_panics_is_an_error_of_that_study() {
    let (finished, _) = run_one(&toy("a", 2, |_| Does::Finishes), 2, |log| log.panics_at_close = true);
    assert!(finished.sink_error.unwrap().to_string().contains("an axis without length"));
}
