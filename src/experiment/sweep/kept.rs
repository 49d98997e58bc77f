//! Outcomes of runs that are no sweep.

use super::file::OutcomeSpec;
use super::outcome::{Known, Outcome};
use crate::scenario::Scenario;
use crate::scenario::decode::decode;
use crate::scenario::problems::Problems;
use crate::scenario::tree::Tree;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// What of a file says which outcomes are kept; the rest of a sweep file may stand beside it.
#[derive(Deserialize)]
struct OutcomesSpec {
    outcomes: BTreeMap<String, OutcomeSpec>,
}

/// The outcomes in `file`, a sweep file or one with `outcomes` alone, of runs of `scenario`, in the order of the file.
///
/// # Errors
/// Every problem, with its place.
pub fn read_outcomes(file: &Path, scenario: &Scenario) -> Result<Vec<Outcome>, Problems> {
    let tree = Tree::read_plain(file)?;
    let spec: OutcomesSpec = decode(&tree)?;
    let known = Known::of(scenario.spec(), scenario.tree());
    let ids = tree.keys("outcomes");
    let mut problems = Problems::new(&tree);
    if ids.is_empty() {
        problems.push("outcomes", "at least one outcome is needed");
    }
    let mut outcomes = Vec::with_capacity(ids.len());
    for id in ids {
        match Outcome::new(&tree, id, &spec.outcomes[id], &known) {
            Ok(outcome) => outcomes.push(outcome),
            Err(more) => problems.absorb(more),
        }
    }
    problems.into_result(outcomes)
}
