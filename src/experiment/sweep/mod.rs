//! Sweeps: one scenario at many points of some axes, under each of some policies, in several replications.
//!
//! A sweep file says what is varied ([`file`]); [`axis`] has the values, [`design`] the points and the numbers of runs,
//! [`outcome`] what is kept of a run, [`solve`] what is looked for on one axis alone, and
//! [`sensitivity`] how much each axis moves it. [`study`] runs any of the runs as replications of one study, on the threads of
//! [`super::parallel`].
//!
//! **Common random numbers.** All points and policies have the seed of the sweep, and streams are keyed by seed,
//! replication and purpose: replication `r` has the same luck everywhere, so that differences between points are due to
//! the axes.

pub mod axis;
pub mod design;
pub mod file;
pub mod kept;
pub mod outcome;
mod read;
pub mod sensitivity;
pub mod solve;
pub mod study;

pub use read::{Limits, ReadError};

use crate::model::Options;
use crate::scenario::Scenario;
use crate::scenario::problems::Problems;
use crate::scenario::tree::{Edit, Tree};
use axis::Axis;
use design::{Design, Plan};
use outcome::Outcome;

/// What may be done about what is uncertain.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Its id.
    pub id: String,
    edits: Vec<Edit>,
}

/// The id of the only policy where a sweep names none.
pub const NO_POLICY: &str = "unchanged";

/// A sweep that was read and found right.
#[derive(Clone, Debug)]
pub struct Sweep {
    /// Name on charts.
    pub name: String,
    /// What the sweep asks.
    pub about: String,
    /// The axes, in the order of the file.
    pub axes: Vec<Axis>,
    /// The policies, in the order of the file; at least one.
    pub policies: Vec<Policy>,
    /// The outcomes, in the order of the file.
    pub outcomes: Vec<Outcome>,
    /// The points.
    pub design: Design,
    /// Whether the design is a grid.
    pub is_grid: bool,
    /// How the runs are counted.
    pub plan: Plan,
    /// Replications of each policy at each point.
    pub replications: u32,
    /// Hash of everything that a result depends on: the program's version, the scenario, axes, points, policies,
    /// outcomes, seed and replications. Names and what charts show are left out.
    pub digest: String,
    base: Scenario,
    options: Options,
}

impl Sweep {
    /// The scenario that is varied.
    pub fn base(&self) -> &Scenario {
        &self.base
    }

    /// The scenario of a policy at a point: first what the policy does, then the axes in their order.
    ///
    /// # Errors
    /// Every problem of it.
    pub fn scenario(&self, point: usize, policy: usize) -> Result<Scenario, Problems> {
        let tree = self.base.tree();
        let mut edits: Vec<Edit> = self.policies[policy].edits.clone();
        let mut problems = Problems::new(tree);
        for (axis, at) in self.axes.iter().zip(self.design.point(point)) {
            match axis.edits(*at) {
                Ok(more) => edits.extend(more),
                Err(why) => {
                    problems.push("", format!("axis `{}`: {why}", axis.id));
                }
            }
        }
        let edits = problems.into_result(edits)?;
        Scenario::of_tree(Tree::edited(tree, &edits)?)
    }

    /// A point and a policy in words.
    pub fn said(&self, point: usize, policy: usize) -> String {
        let coordinates = self.axes.iter().zip(self.design.point(point));
        let told: Vec<String> = coordinates.map(|(axis, at)| format!("{} {}", axis.id, axis.text(*at))).collect();
        let policy = &self.policies[policy].id;
        let under = if policy == NO_POLICY { String::new() } else { format!(", policy {policy}") };
        format!("point {point} ({}){under}", told.join(", "))
    }
}
