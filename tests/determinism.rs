//! The same scenario gives the same bits: again, on more threads, and whatever else is asked for.

#[path = "shipped/mod.rs"]
mod shipped;

use cloudmarket::experiment::manifest::Manifest;
use cloudmarket::experiment::parallel::{Assignment, run_all};
use cloudmarket::experiment::replication::ScenarioStudy;
use cloudmarket::experiment::sink::{Sink, Watcher};
use cloudmarket::experiment::study::Outcome;
use cloudmarket::model::Options;
use cloudmarket::scenario::Scenario;
use std::num::NonZeroUsize;
use std::sync::atomic::AtomicBool;

/// Thin, so that the test is quick; all that could differ between runs or threads is in it.
fn thin(stem: &str, replications: u32) -> Scenario {
    let mut settings = shipped::thinned(stem, 10);
    settings.push(format!("replications={replications}"));
    shipped::read(stem, &settings)
}

/// Forgets every outcome: the manifest keeps their digest.
struct Forget;

impl Sink for Forget {
    fn open(&mut self) -> anyhow::Result<()> {
        Ok(())
    }

    fn accept(&mut self, _: u32, _: &Outcome) -> anyhow::Result<()> {
        Ok(())
    }

    fn close(&mut self, _: &Manifest) -> anyhow::Result<()> {
        Ok(())
    }
}

impl Watcher for Forget {
    fn replication_ended(&self, _: usize, _: Option<u64>) {}
}

fn manifests(threads: usize) -> Vec<Manifest> {
    let studies = ["baseline", "trainium-leap"]
        .map(|stem| ScenarioStudy::new(stem.to_owned(), thin(stem, 3), Options::default()));
    let assignments = studies.iter().map(|study| Assignment { study, sink: Box::new(Forget) }).collect();
    let never = AtomicBool::new(false);
    let finished = run_all(assignments, NonZeroUsize::new(threads).unwrap(), &never, &Forget).unwrap();
    finished.into_iter().map(|one| one.manifest).collect()
}

#[test]
fn one_thread_and_two_give_the_same_manifests() {
    let one = manifests(1);
    assert!(one.iter().all(|manifest| manifest.complete && manifest.finished == [0, 1, 2]), "{one:?}");
    assert_ne!(one[0].digest, one[1].digest);
    assert_eq!(one, manifests(2));
}

#[test]
fn the_whole_baseline_gives_the_same_digest_again() {
    let of = || shipped::run(&shipped::read("baseline", &[]), 0, Options::default());
    let (first, second) = (of(), of());
    assert_eq!((first.digest, first.events), (second.digest, second.events));
}

#[test]
fn replications_and_seeds_differ() {
    let scenario = thin("baseline", 2);
    let digest = |replication| shipped::run(&scenario, replication, Options::default()).digest;
    assert_ne!(digest(0), digest(1));
    let mut settings = shipped::thinned("baseline", 10);
    settings.push("seed=1".into());
    assert_ne!(digest(0), shipped::run(&shipped::read("baseline", &settings), 0, Options::default()).digest);
}

#[test]
fn watching_a_run_does_not_move_it() {
    let scenario = thin("baseline", 1);
    let plain = shipped::run(&scenario, 0, Options::default());
    assert!(plain.journal.is_none() && plain.postings.is_empty());
    let watched = Options { audit: true, ledger: true, events: true, max_events: Some(10_000_000) };
    let result = shipped::run(&scenario, 0, watched);
    assert_eq!(result.digest, plain.digest);
    assert_eq!(result.journal.unwrap().entries().len() as u64, result.events);
    assert!(!result.postings.is_empty());
}

/// What `check --resolved` prints, saved by itself, is the same scenario and runs to the same digest.
#[test]
fn the_resolved_text_of_every_shipped_scenario_runs_to_the_same_digest() {
    let folder = tempfile::tempdir().unwrap();
    for stem in shipped::stems() {
        let scenario = thin(&stem, 1);
        let file = folder.path().join(format!("{stem}.ron"));
        std::fs::write(&file, scenario.tree().print()).unwrap();
        let again = Scenario::read(&file, &[]).unwrap_or_else(|problems| panic!("{stem}\n{problems}"));
        assert_eq!(again.digest(), scenario.digest(), "{stem}");
        let digest = |scenario| shipped::run(scenario, 0, Options::default()).digest;
        assert_eq!(digest(&again), digest(&scenario), "{stem}");
    }
}
