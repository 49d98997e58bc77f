//! Several continuations of one run: the past is run once for each replication, set aside, and continued by every fork.
//!
//! A [`Trunk`] is the past. Its [`Fork`]s are studies, to be run in blocks
//! ([`run_in_blocks`](super::parallel::run_in_blocks)): the first fork that asks for a replication runs the past of
//! it, the others wait for it or find it, and the last one lets it go.
//!
//! **What does a fork cost?** What is left of the run, its parameters, and a copy of the state; how much that is over what
//! is left of the run, `cargo bench --bench experiment` tells.

use super::replication::{failure, outcome, params};
use super::study::{Failure, Outcome, Study, TrunkOf};
use crate::model::fork::{aligned, conflicts};
use crate::model::{Options, Params, Paused, Simulation};
use crate::scenario::Scenario;
use crate::units::CivilDate;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// A scenario that is run up to a day, for others to continue.
pub struct Trunk {
    scenario: Scenario,
    /// What a manifest says of it.
    of: TrunkOf,
    day: CivilDate,
    options: Options,
    /// How many forks ask for each replication.
    forks: u32,
    pasts: Mutex<BTreeMap<u32, Held>>,
}

/// A past, for as long as forks will ask for it.
struct Held {
    past: Arc<OnceLock<Result<Past, Failure>>>,
    asked: u32,
}

/// A replication up to the day of the forks.
struct Past {
    params: Params,
    run: Paused,
}

impl Trunk {
    /// `scenario` up to the first instant of `day`, to be continued by so many forks.
    pub fn new(scenario: Scenario, day: CivilDate, options: Options, forks: u32) -> Self {
        let of =
            TrunkOf { scenario: scenario.spec().name.clone(), scenario_digest: scenario.digest(), at: day.to_string() };
        Self { scenario, of, day, options, forks, pasts: Mutex::default() }
    }

    /// The scenario.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    fn pasts(&self) -> MutexGuard<'_, BTreeMap<u32, Held>> {
        self.pasts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The past of a replication, for one of the forks.
    fn past(&self, replication: u32) -> Arc<OnceLock<Result<Past, Failure>>> {
        let mut pasts = self.pasts();
        let held = pasts.entry(replication).or_insert_with(|| Held { past: Arc::default(), asked: 0 });
        held.asked += 1;
        let past = Arc::clone(&held.past);
        if held.asked == self.forks {
            pasts.remove(&replication);
        }
        past
    }

    fn run(&self, replication: u32, interrupt: &AtomicBool) -> Result<Past, Failure> {
        let params = params(&self.scenario, replication)?;
        let mut simulation = Simulation::new(&params, self.options);
        let end = params.calendar.time(self.day);
        simulation.run_until(end, interrupt).map_err(|why| failure(&self.scenario, &params, why))?;
        let run = simulation.pause();
        Ok(Past { params, run })
    }
}

/// A continuation of a [`Trunk`].
pub struct Fork<'t> {
    trunk: &'t Trunk,
    stem: String,
    scenario: Scenario,
}

impl<'t> Fork<'t> {
    /// `trunk` continued as `scenario`, whose output goes by `stem`. What the trunk cannot become
    /// ([`Scenario::check_fork`]) breaks every replication.
    pub fn new(trunk: &'t Trunk, stem: String, scenario: Scenario) -> Self {
        Self { trunk, stem, scenario }
    }

    /// The scenario that it continues as.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }
}

impl Study for Fork<'_> {
    fn stem(&self) -> &str {
        &self.stem
    }

    fn name(&self) -> &str {
        &self.scenario.spec().name
    }

    fn about(&self) -> &str {
        &self.scenario.spec().about
    }

    fn scenario_digest(&self) -> String {
        self.scenario.digest()
    }

    fn trunk(&self) -> Option<TrunkOf> {
        Some(self.trunk.of.clone())
    }

    fn seed(&self) -> u64 {
        self.trunk.scenario.spec().seed
    }

    fn replications(&self) -> u32 {
        self.trunk.scenario.spec().replications
    }

    fn run(&self, replication: u32, interrupt: &AtomicBool) -> Result<Outcome, Failure> {
        let trunk = self.trunk;
        let past = trunk.past(replication);
        let past = past.get_or_init(|| trunk.run(replication, interrupt)).as_ref().map_err(Clone::clone)?;
        if interrupt.load(Ordering::Relaxed) {
            return Err(Failure::Interrupted);
        }
        let params = aligned(&past.params, params(&self.scenario, replication)?);
        let conflicts = conflicts(&past.params, &params, past.params.calendar.time(trunk.day));
        if let Some(conflict) = conflicts.first() {
            return Err(Failure::Broken(format!("{}: {}", conflict.path, conflict.message)));
        }
        let mut simulation = Simulation::resume(&past.params, trunk.options, past.run.clone());
        simulation.continue_under(&params);
        simulation.run(interrupt).map_err(|why| failure(&self.scenario, &params, why))?;
        Ok(outcome(&params, simulation.finish()))
    }
}
