//! A scenario that was read from its files and found right.

use super::decode::{self, Partly};
use super::lint::lint;
use super::problems::{Problem, Problems};
use super::resolve::{Finding, path_of_term, resolve};
use super::rows::check_evidence;
use super::schema::ScenarioSpec;
use super::tree::{LoadOptions, Tree};
use crate::market::contracts::DatedTerm;
use crate::model::Params;
use crate::model::fork::{Conflict, conflicts};
use crate::units::{Calendar, CivilDate};
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
        Self::read_with(file, &LoadOptions { settings: settings.to_vec(), ..LoadOptions::default() })
    }

    /// As [`Scenario::read`], with all choices.
    ///
    /// # Errors
    /// Every problem, with its place.
    pub fn read_with(file: &Path, options: &LoadOptions) -> Result<Self, Problems> {
        let Partly { tree, value, mut problems, whole, doubtful, folder } =
            decode::read_partly::<ScenarioSpec>(file, options);
        if problems.is_empty()
            && let Some(spec) = value
        {
            let mut problems = findings(&tree, &spec, |_| true);
            check_evidence(&tree, folder.as_deref(), &mut problems);
            return problems.sorted().into_result(Self { tree, spec });
        }
        // What does not fit is told in one go with what cannot be read, as far as it does not hang on that.
        if let Some(spec) = value.filter(|_| whole && doubtful.iter().all(|path| is_detail(path))) {
            let related = |finding: &Finding| doubtful.iter().any(|path| is_related(path, &finding.path));
            problems.absorb(findings(&tree, &spec, |finding| !finding.misses_something() && !related(finding)));
            check_evidence(&tree, folder.as_deref(), &mut problems);
        }
        Err(problems.sorted())
    }

    /// A scenario of an edited tree.
    ///
    /// # Errors
    /// Every problem, with its place.
    pub fn of_tree(tree: Tree) -> Result<Self, Problems> {
        let spec = decode::decode::<ScenarioSpec>(&tree)?;
        findings(&tree, &spec, |_| true).sorted().into_result(Self { tree, spec })
    }

    /// Dotted path of a term, in its contract or in the amendment that brings it.
    ///
    /// # Panics
    /// If the scenario has no such contract.
    pub fn path_of_term(&self, calendar: &Calendar, contract: &str, term: &DatedTerm) -> String {
        path_of_term(&self.spec, calendar, contract, term)
    }

    /// Reads the continuation of this scenario in `file`: a scenario of its own (with a `base`, or with a horizon and
    /// parties), loaded as `loading` says; else its fields and changes are made to this scenario.
    ///
    /// # Errors
    /// Every problem, with its place.
    pub fn read_fork(&self, file: &Path, loading: &LoadOptions) -> Result<Self, Problems> {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let own = Tree::parse(&file.display().to_string(), &text);
        let has = |own: &Tree, field: &str| own.get(field).is_some();
        if own.is_ok_and(|own| has(&own, "base") || has(&own, "horizon") && has(&own, "parties")) {
            return Self::read_with(file, loading);
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

    /// What its author may not have meant, each a warning.
    pub fn warnings(&self) -> Problems {
        let mut problems = Problems::new(&self.tree);
        let found = self.params(0).map_or_else(|_| Vec::new(), |params| lint(&self.tree, &self.spec, &params));
        for finding in found {
            add(&mut problems, finding).warning();
        }
        problems.sorted()
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

/// What does not fit and `keep` picks.
fn findings(tree: &Tree, spec: &ScenarioSpec, keep: impl Fn(&Finding) -> bool) -> Problems {
    let mut found = resolve(spec, spec.seed, 0).err().unwrap_or_default();
    if spec.replications == 0 {
        let path = "replications".to_owned();
        found.push(Finding { path, message: "at least 1 replication is needed".to_owned(), help: None });
    }
    let mut problems = Problems::new(tree);
    for finding in found.into_iter().filter(keep) {
        add(&mut problems, finding);
    }
    problems
}

fn add(problems: &mut Problems, finding: Finding) -> &mut Problem {
    let problem = problems.push(&finding.path, finding.message);
    problem.help = finding.help;
    problem
}

/// Whether a path is no whole part of a scenario, so that a stand-in there leaves the others what they are.
fn is_detail(path: &str) -> bool {
    path.contains('.') || ["name", "about", "seed", "replications"].contains(&path)
}

/// Whether one path leads through the other.
fn is_related(one: &str, other: &str) -> bool {
    let leads_through =
        |long: &str, short: &str| long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    leads_through(one, other) || leads_through(other, one)
}
