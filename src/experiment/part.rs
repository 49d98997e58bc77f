//! Some of a study's replications, as a study: what is there already is not run again.

use super::study::{Failure, Outcome, Study, TrunkOf};
use std::ops::Range;
use std::sync::atomic::AtomicBool;

/// The replications of a range, numbered from 0.
pub struct Part<'a> {
    study: &'a dyn Study,
    replications: Range<u32>,
}

impl<'a> Part<'a> {
    /// Those of `study` in `replications`, which may go beyond its own number of them.
    pub fn new(study: &'a dyn Study, replications: Range<u32>) -> Self {
        Self { study, replications }
    }
}

impl Study for Part<'_> {
    fn stem(&self) -> &str {
        self.study.stem()
    }

    fn name(&self) -> &str {
        self.study.name()
    }

    fn about(&self) -> &str {
        self.study.about()
    }

    fn scenario_digest(&self) -> String {
        self.study.scenario_digest()
    }

    fn trunk(&self) -> Option<TrunkOf> {
        self.study.trunk()
    }

    fn seed(&self) -> u64 {
        self.study.seed()
    }

    fn replications(&self) -> u32 {
        self.replications.end - self.replications.start
    }

    fn warnings(&self) -> Vec<String> {
        self.study.warnings()
    }

    fn run(&self, replication: u32, interrupt: &AtomicBool) -> Result<Outcome, Failure> {
        self.study.run(self.replications.start + replication, interrupt)
    }
}
