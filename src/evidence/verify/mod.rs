//! Reference cases: the simulator's own modules on numbers that are known from elsewhere.
//!
//! [`read`] takes case files, [`run`] computes every case and compares it with what it expects; [`REFERENCE`] are the
//! cases that ship with the simulator. Each kind goes through the module that the market uses (see [`kinds`]); a kind
//! that the market has no use for is skipped, with the reason.
//!
//! *Why are the shipped cases part of the program?* So that `verify` says the same in every folder, and that a program
//! which was built can be verified where its sources are not.
//!
//! *What if a simulated figure is off by chance?* Of some three hundred, one is beyond three standard errors more often
//! than not. A case that fails by a simulated figure is therefore simulated again, to half the standard error,
//! and that decides: what was chance comes closer, and a fault stands out twice as far.
//!
//! *What is computed of a case without `expected`?* The same, from `kind` and `inputs` alone.

mod case;
mod choice;
mod clauses;
mod demand;
mod fields;
mod finance;
pub mod kinds;
mod ledgers;
mod power;
mod pricing;
mod queues;
mod rationing;
mod redundancy;
mod sampling;
mod sensitivity;
mod statistics;
mod value;

pub use case::{Case, MOST_BYTES, read};
pub use value::{Quantities, Value};

use case::Work;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use std::sync::atomic::{AtomicBool, Ordering};

macro_rules! reference {
    ($($name:literal),+ $(,)?) => {
        [$(($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/", $name)))),+]
    };
}

/// The case files that ship with the simulator, by name and text.
pub const REFERENCE: [(&str, &str); 10] = reference![
    "01_queueing_analytic.json",
    "02_queueing_simulated.json",
    "03_gang_traces.json",
    "04_choice_pricing.json",
    "05_rationing_oligopoly.json",
    "06_diffusion_demand.json",
    "07_sensitivity.json",
    "08_statistics.json",
    "09_finance_ledgers.json",
    "10_power.json",
];

/// How much work goes into simulated quantities.
#[derive(Clone, Copy)]
pub struct Effort<'a> {
    /// Whether standard errors go down to half a per cent instead of two.
    pub precise: bool,
    /// Whether this is a second look, to half the standard errors.
    pub again: bool,
    /// Raised when the user wants it to end.
    pub interrupt: &'a AtomicBool,
}

impl<'a> Effort<'a> {
    /// A first look.
    pub fn new(precise: bool, interrupt: &'a AtomicBool) -> Self {
        Self { precise, again: false, interrupt }
    }

    /// The largest relative standard error that a simulated quantity may have.
    pub fn precision(&self) -> f64 {
        let first = if self.precise { 0.005 } else { 0.02 };
        if self.again { 0.5 * first } else { first }
    }
}

/// How a case ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Every expected quantity is met.
    Passed,
    /// These are not: quantity, value, expectation, tolerance.
    Failed(Vec<String>),
    /// Nothing was compared, for this reason.
    Skipped(String),
}

/// A case that was run.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The case's id.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// How it ended.
    pub outcome: Outcome,
    /// What was computed; empty for a kind that is not.
    pub quantities: Quantities,
}

/// Computes all cases and compares them, in parallel on the threads of the current pool; the verdicts stand in the order
/// of the cases and depend on nothing but them. None if it was interrupted.
pub fn run(cases: &[Case], effort: Effort<'_>) -> Option<Vec<Verdict>> {
    let verdicts = cases.par_iter().map(|case| verdict(case, effort)).collect();
    (!effort.interrupt.load(Ordering::Relaxed)).then_some(verdicts)
}

fn verdict(case: &Case, effort: Effort<'_>) -> Verdict {
    let (outcome, quantities) = match &case.work {
        Work::Skip(reason) => (Outcome::Skipped((*reason).to_owned()), Vec::new()),
        Work::Compute(task) => {
            let first = task(&effort);
            match compared(case, &first, effort.precision()) {
                (outcome, false) => (outcome, first),
                (_, true) => {
                    let second = task(&Effort { again: true, ..effort });
                    (compared(case, &second, effort.precision()).0, second)
                }
            }
        }
    };
    Verdict { id: case.id.clone(), kind: case.kind.clone(), outcome, quantities }
}

/// How a case compares with what it expects, and whether a simulated quantity failed, which may be by chance.
fn compared(case: &Case, quantities: &Quantities, precision: f64) -> (Outcome, bool) {
    let Some(expected) = &case.expected else {
        return (Outcome::Skipped("computed, but nothing is expected".to_owned()), false);
    };
    let (mut complaints, mut by_chance) = (Vec::new(), false);
    for (name, expected) in expected {
        match quantities.iter().find(|(computed, _)| computed == name) {
            Some((_, value)) => {
                let about = expected.complaints(name, value, precision);
                by_chance |= !about.is_empty() && value.is_simulated();
                complaints.extend(about);
            }
            None => complaints.push(format!("{name} is not computed")),
        }
    }
    if complaints.is_empty() { (Outcome::Passed, false) } else { (Outcome::Failed(complaints), by_chance) }
}
