//! The same digest on a second run, and on one thread or two.

mod shipped;

use cloudmarket::experiment::manifest::Manifest;
use cloudmarket::experiment::parallel::{Assignment, run_all};
use cloudmarket::experiment::replication::ScenarioStudy;
use cloudmarket::experiment::sink::{Sink, Watcher};
use cloudmarket::experiment::study::Outcome;
use cloudmarket::model::Options;
use std::num::NonZeroUsize;
use std::sync::atomic::AtomicBool;

/// Takes outcomes and keeps nothing.
struct Nowhere;

impl Sink for Nowhere {
    fn open(&mut self) -> anyhow::Result<()> {
        Ok(())
    }

    fn accept(&mut self, _replication: u32, _outcome: &Outcome) -> anyhow::Result<()> {
        Ok(())
    }

    fn close(&mut self, _manifest: &Manifest) -> anyhow::Result<()> {
        Ok(())
    }
}

/// Watches without a word.
struct Quiet;

impl Watcher for Quiet {
    fn replication_ended(&self, _study: usize, _events: Option<u64>) {}
}

fn digest(threads: usize) -> String {
    let mut settings = shipped::thinned("baseline", 20);
    settings.extend(["horizon.end=2026-12-31".to_owned(), "replications=4".to_owned()]);
    let study = ScenarioStudy::new("baseline".into(), shipped::read("baseline", &settings), Options::default());
    let assignments = vec![Assignment { study: &study, sink: Box::new(Nowhere) }];
    let threads = NonZeroUsize::new(threads).unwrap();
    let finished = run_all(assignments, threads, &AtomicBool::new(false), &Quiet).unwrap();
    let manifest = &finished[0].manifest;
    assert!(manifest.complete);
    manifest.digest.clone()
}

#[test]
fn threads_and_repetition_leave_the_digest_alone() {
    let one = digest(1);
    assert_eq!(one, digest(2));
    assert_eq!(one, digest(1));
}
