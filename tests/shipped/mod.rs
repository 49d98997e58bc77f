//! The scenarios that the crate ships, as the tests of a whole market read them.

#![allow(dead_code, reason = "each test uses a part of it")]

use cloudmarket::model::{Options, RunResult, simulate};
use cloudmarket::scenario::Scenario;
use cloudmarket::scenario::schema::SegmentSpec;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

/// Where a shipped scenario is.
pub(crate) fn file(stem: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(format!("{stem}.ron"))
}

/// A shipped scenario with settings of the form `PATH=VALUE`.
pub(crate) fn read(stem: &str, settings: &[String]) -> Scenario {
    Scenario::read(&file(stem), settings).unwrap_or_else(|problems| panic!("{stem}:\n{problems}"))
}

/// Settings that keep one in `factor` of a scenario's sampled accounts; each stands for so many more real ones.
pub(crate) fn thinned(stem: &str, factor: u32) -> Vec<String> {
    let fewer = |sampled: u32| (sampled / factor).max(1);
    let segments = &read(stem, &[]).spec().segments.clone();
    let setting = |(id, segment): (&String, &SegmentSpec)| {
        format!("segments.{id}.sampled_accounts={}", fewer(segment.sampled_accounts))
    };
    segments.iter().map(setting).collect()
}

/// One replication, run to its end.
pub(crate) fn run(scenario: &Scenario, replication: u32, options: Options) -> RunResult {
    let params = scenario.params(replication).unwrap_or_else(|findings| panic!("{findings:?}"));
    simulate(&params, options, &AtomicBool::new(false)).unwrap_or_else(|failure| panic!("{failure:?}"))
}

/// The stems of all shipped scenarios, sorted.
pub(crate) fn stems() -> Vec<String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut stems: Vec<String> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "ron"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    stems.sort();
    stems
}
