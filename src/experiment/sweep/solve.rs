//! Break-even: where on one axis of a sweep the mean of an outcome reaches a target.
//!
//! The other axes are left out, so that what they edit stays as the scenario has it, and every policy has a break-even of
//! its own. [`crossing`](crate::experiment::crossing) says which values are run and what is made of them; all of them
//! have the seed of the sweep, and so the same luck.

use super::axis::Axis;
use super::design::{Design, Plan};
use super::file::{AxisSpec, SweepSpec, ValuesSpec};
use super::outcome::Outcome;
use super::read::{Draft, ReadError};
use super::{Policy, Sweep};
use crate::experiment::crossing::{Found, Search};
use crate::model::Options;
use crate::scenario::problems::{Problems, nearest};
use std::ops::Range;
use std::path::Path;

/// What is looked for.
#[derive(Clone, Debug)]
pub struct Solve {
    /// The sweep, of this one axis and outcome, at both ends of the range.
    ends: Sweep,
    /// What the outcome's mean is to reach.
    pub target: f64,
    /// Least and greatest value of the axis.
    pub range: (f64, f64),
    /// Distance on the axis that is not resolved any further.
    pub tolerance: f64,
}

/// Confidence of intervals.
const LEVEL: f64 = 0.95;
/// Part of the range that is not resolved any further, unless the file says otherwise.
const RESOLUTION: f64 = 1e-3;
/// One of so many replications is run to narrow the crossing down, within bounds: with fewer than the least a spread is hardly
/// known, and more than the most save nothing.
const FEW: (u32, u32, u32) = (8, 8, 16);

impl Solve {
    /// Reads and checks the sweep in `file` and what is to be found in it; `settings` of its scenario go before its own.
    ///
    /// # Errors
    /// Every problem, with its place: of the file, of its scenario, and of the scenarios at both ends of the axis.
    pub fn read(file: &Path, settings: &[String], options: Options) -> Result<Self, ReadError> {
        let mut draft = Draft::read(file, settings, options)?;
        let Some(solve) = draft.spec.solve.clone() else {
            let help = format!("add {}", example(&draft));
            return Err(draft.problem("", "says nothing to solve for", Some(&help)).into());
        };
        if draft.replications < 2 {
            return Err(draft.problem("replications", "an interval takes at least 2 replications", None).into());
        }
        let range = range(&draft.spec.axes[&solve.axis]).expect("checked when it was read");
        draft.axes.retain(|axis| axis.id == solve.axis);
        draft.outcomes.retain(|outcome| outcome.id == solve.outcome);
        let ends = draft.with(Design::values(&[range.0, range.1]))?;
        let tolerance = solve.tolerance.unwrap_or(RESOLUTION * (range.1 - range.0));
        Ok(Self { ends, target: solve.target, range, tolerance })
    }

    /// The sweep that asks, at both ends of the axis.
    pub fn sweep(&self) -> &Sweep {
        &self.ends
    }

    /// The axis.
    pub fn axis(&self) -> &Axis {
        &self.ends.axes[0]
    }

    /// The outcome.
    pub fn outcome(&self) -> &Outcome {
        &self.ends.outcomes[0]
    }

    /// The policies, each of which has a crossing of its own.
    pub fn policies(&self) -> &[Policy] {
        &self.ends.policies
    }

    /// The sweep of one value of the axis.
    pub fn at(&self, x: f64) -> Sweep {
        let plan =
            Plan::new(1, self.ends.policies.len(), self.ends.replications).expect("fewer runs than at both ends");
        Sweep { design: Design::values(&[x]), plan, ..self.ends.clone() }.digested()
    }

    /// The numbers of some replications of a policy in [`Self::at`].
    pub fn runs(&self, policy: usize, replications: Range<u32>) -> Vec<u32> {
        let first = policy as u32 * self.ends.replications;
        replications.map(|replication| first + replication).collect()
    }

    /// How it is looked for.
    pub fn search(&self) -> Search {
        let all = self.ends.replications;
        Search {
            target: self.target,
            range: self.range,
            resolution: self.tolerance / (self.range.1 - self.range.0),
            level: LEVEL,
            replications: ((all / FEW.0).clamp(FEW.1, FEW.2).min(all), all),
        }
    }

    /// Runs of a grid of the same precision. With R the length of the range, n the replications, I the length of the interval and
    /// τ the tolerance it takes
    ///
    /// ```text
    /// (⌈R / max(I/2, τ)⌉ + 1) · n
    /// ```
    ///
    /// A grid reads the crossing off the two points between which its means change sides. For its interval to be as narrow,
    /// its points need all n replications, for more points do not average away luck that they share; and what it does not see
    /// between two points must not be more than what chance leaves open, so that they lie half an interval apart. Where the
    /// curve was known to be straight, fewer points would do, of a grid and of a search.
    pub fn runs_of_grid(&self, found: &Found) -> f64 {
        let apart = (0.5 * (found.interval.1 - found.interval.0)).max(self.tolerance);
        (((self.range.1 - self.range.0) / apart).ceil() + 1.0) * f64::from(self.ends.replications)
    }
}

/// A block that would do, with names of the file.
fn example(draft: &Draft) -> String {
    let smooth = draft.spec.axes.iter().find(|(_, axis)| range(axis).is_some() && !axis.whole);
    let axis = smooth.or_else(|| draft.spec.axes.iter().next()).map_or("axis", |(id, _)| id);
    let outcome = draft.outcomes.first();
    let target = outcome.and_then(|outcome| outcome.level).unwrap_or(0.0);
    let outcome = outcome.map_or("outcome", |outcome| &outcome.id);
    format!("`solve: (axis: {axis:?}, outcome: {outcome:?}, target: {target:?})`")
}

/// Checks the block of a sweep that says what is looked for.
pub(super) fn check_solve(spec: &SweepSpec, problems: &mut Problems) {
    let Some(solve) = &spec.solve else { return };
    check_known(problems, "axis", &solve.axis, spec.axes.keys());
    check_known(problems, "outcome", &solve.outcome, spec.outcomes.keys());
    if !solve.target.is_finite() {
        problems.push("solve.target", "expected a finite number");
    }
    let Some(axis) = spec.axes.get(&solve.axis) else { return };
    if axis.whole {
        problems.push("solve.axis", "whole values go in steps, and a crossing may lie between two of them");
    }
    let Some((low, high)) = range(axis) else {
        problems
            .push("solve.axis", "a crossing is looked for between two ends, which this axis does not have")
            .help("such as `values: Range(from: 0.5, to: 1.5, points: 5)` or `Uniform(low: 0.5, high: 1.5)`");
        return;
    };
    if solve.tolerance.is_some_and(|tolerance| low < high && !(tolerance > 0.0 && tolerance < high - low)) {
        problems.push("solve.tolerance", format!("expected a value above 0 and below {}", high - low));
    }
}

fn check_known<'a>(problems: &mut Problems, what: &str, id: &str, known: impl Iterator<Item = &'a String>) {
    let known: Vec<&str> = known.map(String::as_str).collect();
    if known.contains(&id) {
        return;
    }
    let problem = problems.push(&format!("solve.{what}"), format!("the sweep has no {what} of this id"));
    if let Some(near) = nearest(id, known) {
        problem.help(format!("did you mean `{near}`?"));
    }
}

/// The ends of an axis that takes every value between them.
fn range(axis: &AxisSpec) -> Option<(f64, f64)> {
    let (low, high) = match *axis.values.as_ref()? {
        ValuesSpec::Range { from, to, .. } => (from.min(to), from.max(to)),
        ValuesSpec::Uniform { low, high }
        | ValuesSpec::LogUniform { low, high }
        | ValuesSpec::Triangular { low, high, .. } => (low, high),
        ValuesSpec::Values(_) | ValuesSpec::Normal { .. } | ValuesSpec::LogNormal { .. } => return None,
    };
    (high - low).is_finite().then_some((low, high))
}
