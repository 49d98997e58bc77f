//! The runs of a sweep as the replications of one study.

use super::Sweep;
use crate::experiment::replication::ScenarioStudy;
use crate::experiment::study::{Failure, Outcome, Study};
use crate::model::record::{Recorded, SeriesKey, Statements};
use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Some runs of a sweep, in ascending order. Replication `k` of the study is the `k`th of them, and what is recorded of
/// it are the outcomes of the sweep, one value each.
pub struct SweepRuns<'a> {
    sweep: &'a Sweep,
    runs: Vec<u32>,
    scenarios: Mutex<BTreeMap<(usize, usize), Arc<OnceLock<Result<ScenarioStudy, Failure>>>>>,
}

/// Scenarios that are held: more than there are threads, each of which is at one or at the next.
const HELD: usize = 64;

impl<'a> SweepRuns<'a> {
    /// These runs of `sweep`.
    pub fn new(sweep: &'a Sweep, runs: Vec<u32>) -> Self {
        Self { sweep, runs, scenarios: Mutex::default() }
    }

    /// The runs.
    pub fn runs(&self) -> &[u32] {
        &self.runs
    }

    /// Number of runs of a part of the sweep, whether they are among these or not.
    pub fn runs_of(&self, part: u32) -> usize {
        self.sweep.plan.runs_of(part).len()
    }

    /// The scenario of a point and a policy, which its replications share. As runs are taken in order, the first of too
    /// many is the one that is done with.
    fn scenario(&self, of: (usize, usize)) -> Arc<OnceLock<Result<ScenarioStudy, Failure>>> {
        let mut scenarios = self.scenarios.lock().unwrap_or_else(PoisonError::into_inner);
        let scenario = Arc::clone(scenarios.entry(of).or_default());
        if scenarios.len() > HELD {
            scenarios.pop_first();
        }
        scenario
    }

    fn resolve(&self, (point, policy): (usize, usize)) -> Result<ScenarioStudy, Failure> {
        let scenario = self.sweep.scenario(point, policy).map_err(|problems| {
            let told: Vec<String> = problems.iter().map(|p| format!("{}: {}", p.path, p.message)).collect();
            Failure::Broken(told.join("; "))
        })?;
        Ok(ScenarioStudy::new(String::new(), scenario, self.sweep.options))
    }
}

impl Study for SweepRuns<'_> {
    fn stem(&self) -> &str {
        "sweep"
    }

    fn name(&self) -> &str {
        &self.sweep.name
    }

    fn about(&self) -> &str {
        &self.sweep.about
    }

    fn scenario_digest(&self) -> String {
        self.sweep.digest.clone()
    }

    fn seed(&self) -> u64 {
        self.sweep.base().spec().seed
    }

    fn replications(&self) -> u32 {
        u32::try_from(self.runs.len()).expect("runs are counted by u32")
    }

    fn run(&self, replication: u32, interrupt: &AtomicBool) -> Result<Outcome, Failure> {
        let run = self.sweep.plan.run(self.runs[replication as usize]);
        let of = (run.point, run.policy);
        let scenario = self.scenario(of);
        let scenario = scenario.get_or_init(|| self.resolve(of)).as_ref().map_err(Clone::clone)?;
        let Outcome { recorded, events, digest, .. } = scenario.run(run.replication, interrupt)?;
        let outcomes = &self.sweep.outcomes;
        let values: Result<Vec<f64>, String> = outcomes.iter().map(|outcome| outcome.of(&recorded)).collect();
        let key = |id: &String| SeriesKey { metric: id.clone(), entity: String::new(), counterparty: String::new() };
        let recorded = Recorded {
            dates: vec![String::new()],
            keys: outcomes.iter().map(|outcome| key(&outcome.id)).collect(),
            values: values.map_err(Failure::Broken)?,
        };
        // Warnings are the scenario's business: `run` tells them.
        let (statements, warnings, tables) = (Statements::default(), Vec::new(), Vec::new());
        Ok(Outcome { recorded, statements, events, digest, warnings, tables })
    }
}
