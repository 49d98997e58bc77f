//! A scenario that was read from its files and found right.

use super::decode;
use super::problems::Problems;
use super::resolve::{Finding, resolve};
use super::schema::ScenarioSpec;
use super::tree::{LoadOptions, Tree};
use crate::model::Params;
use crate::model::fork::{Conflict, conflicts};
use crate::units::CivilDate;
use std::fmt::Write;
use std::path::Path;

/// A scenario after bases, includes, changes and settings.
#[derive(Clone, Debug)]
pub struct Scenario {
    tree: Tree,
    spec: ScenarioSpec,
}

impl Scenario {
    /// Reads and checks the scenario in `file`, with settings of the form `PATH=VALUE` applied last.
    ///
    /// # Errors
    /// Every problem, with its place.
    pub fn read(file: &Path, settings: &[String]) -> Result<Self, Problems> {
        let options = LoadOptions { settings: settings.to_vec(), ..LoadOptions::default() };
        let (tree, spec) = decode::read::<ScenarioSpec>(file, &options)?;
        Self::checked(tree, spec)
    }

    /// A scenario of an edited tree.
    ///
    /// # Errors
    /// Every problem, with its place.
    pub fn of_tree(tree: Tree) -> Result<Self, Problems> {
        let spec = decode::decode::<ScenarioSpec>(&tree)?;
        Self::checked(tree, spec)
    }

    /// Reads the continuation of this scenario in `file`: a scenario of its own (with a `base`, or with a horizon and
    /// parties), to which `settings` are applied as well; else its fields and changes are made to this scenario.
    ///
    /// # Errors
    /// Every problem, with its place.
    pub fn read_fork(&self, file: &Path, settings: &[String]) -> Result<Self, Problems> {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let own = Tree::parse(&file.display().to_string(), &text);
        let has = |own: &Tree, field: &str| own.get(field).is_some();
        if own.is_ok_and(|own| has(&own, "base") || has(&own, "horizon") && has(&own, "parties")) {
            return Self::read(file, settings);
        }
        Self::of_tree(self.tree.fork(file)?)
    }

    /// Checks that a run of this scenario can go on under `fork` from the first instant of `day` on.
    ///
    /// # Errors
    /// Everything that would change what has happened by then, or cannot be taken up in the middle of a run.
    pub fn check_fork(&self, fork: &Self, day: CivilDate) -> Result<(), Problems> {
        let mut problems = Problems::new(&fork.tree);
        if self.spec.replications != fork.spec.replications {
            problems
                .push("replications", "a fork has the replications of its base")
                .help("set both with --replications");
        }
        if self.spec.seed != fork.spec.seed {
            problems.push("seed", "a fork has the luck of its base").help("set both with --seed");
        }
        // Under the base's seed, lest every drawn value be another.
        if let (Ok(base), Ok(params)) = (self.params(0), resolve(&fork.spec, self.spec.seed, 0)) {
            for Conflict { path, message, help } in conflicts(&base, &params, base.calendar.time(day)) {
                let problem = problems.push(&path, message);
                if let Some(help) = help {
                    problem.help(help);
                }
            }
        }
        problems.sorted().into_result(())
    }

    fn checked(tree: Tree, spec: ScenarioSpec) -> Result<Self, Problems> {
        let found = match resolve(&spec, spec.seed, 0) {
            Ok(_) => Vec::new(),
            Err(found) => found,
        };
        let mut problems = Problems::new(&tree);
        for Finding { path, message, help } in found {
            let problem = problems.push(&path, message);
            if let Some(help) = help {
                problem.help(help);
            }
        }
        if spec.replications == 0 {
            problems.push("replications", "expected at least 1");
        }
        problems.sorted().into_result(Self { tree, spec })
    }

    /// The tree, with names and places.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The decoded scenario.
    pub fn spec(&self) -> &ScenarioSpec {
        &self.spec
    }

    /// Digest of the resolved tree, in hex.
    pub fn digest(&self) -> String {
        self.tree.digest().iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").expect("writing to a string does not fail");
            hex
        })
    }

    /// Parameters of one replication.
    ///
    /// # Errors
    /// Where a draw of an uncertain field does not fit, which no check of the files can foresee.
    pub fn params(&self, replication: u32) -> Result<Params, Vec<Finding>> {
        resolve(&self.spec, self.spec.seed, u64::from(replication))
    }
}
