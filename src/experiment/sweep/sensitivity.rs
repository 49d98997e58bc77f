//! Sensitivity: how much each axis of a sweep, and chance itself, moves its outcomes.
//!
//! **Chance as a factor.** The last factor is chance: its values are as many seeds as the sweep has replications, equally
//! likely, and every point is run once, on one of them. So chance is measured as the axes are, and among them.
//!
//! **Shares.** Of the variance of a single run, the first-order index of chance, `S_c`, is what luck does whatever is
//! assumed; `1 − T_c`, with its total index, what assumptions do whatever the luck; and `T_c − S_c` what the two do together.
//!
//! **Levels.** Morris' level k of p stands for the kth of p equally likely parts of an axis, by the quantile `(k + ½)/p` of
//! its middle, so that distributions without ends have levels too. For chance these would be the same p seeds in every
//! trajectory; each trajectory begins to count them a seed further.

use super::Sweep;
use super::axis::Axis;
use super::design::Design;
use super::file::{AxisSpec, SensitivitySpec};
use super::read::{Draft, Limits, ReadError};
use crate::engine::Stream;
use crate::experiment::sampling::sobol::{MOST_DIMENSIONS, Sobol};
use crate::experiment::sensitivity::morris::{Screened, effects, screen, trajectory};
use crate::experiment::sensitivity::variance::Design as Pairs;
use crate::experiment::sensitivity::{Estimate, Resampling};
use crate::scenario::decode::decode;
use crate::scenario::problems::Problems;
use crate::scenario::tree::Tree;
use std::path::Path;

/// Id of the factor that is no axis of the file.
pub const CHANCE: &str = "chance";
/// Confidence of intervals.
const LEVEL: f64 = 0.95;
/// Resamples of an interval.
const RESAMPLES: usize = 1_000;
/// Most trajectories or pairs of points, and levels.
const MOST: u32 = 1_000_000;

/// A study of what moves a sweep's outcomes.
#[derive(Clone, Debug)]
pub struct Sensitivity {
    /// The runs: the axes, and chance as the last of them.
    pub sweep: Sweep,
    /// How the factors are tried.
    pub method: SensitivitySpec,
    /// Coordinates of the points in the unit cube.
    cube: Vec<Vec<f64>>,
}

/// What was found of a factor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Factor {
    /// Position of its axis.
    pub axis: usize,
    /// The measure that ranks factors: Morris' µ*, or the total index.
    pub main: Estimate,
    /// The other: Morris' µ, or the first-order index.
    pub other: Estimate,
    /// Standard deviation of Morris' effects.
    pub deviation: Option<f64>,
}

/// Shares of the variance of a single run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shares {
    /// Due to assumptions alone.
    pub assumptions: f64,
    /// Due to chance alone.
    pub chance: f64,
    /// Due to both together.
    pub both: f64,
}

impl Sensitivity {
    /// Reads and checks the sweep in `file` and the study that it asks for.
    ///
    /// # Errors
    /// Every problem, with its place: of the file, of its scenario, and of the scenarios that the design leads to.
    pub fn read(file: &Path, limits: Limits) -> Result<Self, ReadError> {
        let mut draft = Draft::read(file, &[], limits.options)?;
        let Some(method) = draft.spec.sensitivity else {
            let help =
                "add `sensitivity: Morris(trajectories: 20, levels: 4)` or `sensitivity: Sobol(base_points: 128)`";
            return Err(draft.problem("", "asks for no study of its axes", Some(help)).into());
        };
        check(&draft, method)?;
        draft.axes.push(chance(draft.seed(), draft.replications)?);
        let lucks = std::mem::replace(&mut draft.replications, 1);
        let factors = draft.axes.len();
        let (points, most) = (points(method, factors), draft.most_points(limits.max_runs));
        if points > most {
            let why =
                format!("{points} points are more runs than --max-runs allows: at most {most} with these policies");
            return Err(draft.problem("sensitivity", why, None).into());
        }
        let cube = cube(method, &draft);
        let design = Design::sample(&draft.axes, &quantiles(method, lucks, &cube));
        Ok(Self { sweep: draft.with(design)?, method, cube })
    }

    /// What moves an outcome, given by point.
    pub fn factors(&self, outcomes: &[f64]) -> Vec<Factor> {
        let resampling = Resampling { resamples: RESAMPLES, seed: self.sweep.base().spec().seed };
        let factors = self.sweep.axes.len();
        match self.method {
            SensitivitySpec::Morris { .. } => {
                let trajectories = self.cube.chunks(factors + 1).zip(outcomes.chunks(factors + 1));
                let effects: Vec<Vec<f64>> = trajectories
                    .map(|(points, outcomes)| effects(points, outcomes).expect("a trajectory moves each factor once"))
                    .collect();
                let screened = screen(&effects, resampling, LEVEL).into_iter().enumerate();
                let factor = |(axis, of): (usize, Screened)| Factor {
                    axis,
                    main: of.mean_size,
                    other: of.mean,
                    deviation: Some(of.deviation),
                };
                screened.map(factor).collect()
            }
            SensitivitySpec::Sobol { .. } => {
                let indices = Pairs::new(factors).outcomes(outcomes).standardised().indices(resampling, LEVEL);
                let indices = indices.into_iter().enumerate();
                indices.map(|(axis, of)| Factor { axis, main: of.total, other: of.first, deviation: None }).collect()
            }
        }
    }

    /// How much is due to assumptions and to chance, which only Sobol' indices tell.
    pub fn shares(&self, factors: &[Factor]) -> Option<Shares> {
        let chance = factors.last().filter(|_| matches!(self.method, SensitivitySpec::Sobol { .. }))?;
        let (first, total) = (chance.other.value, chance.main.value);
        Some(Shares { assumptions: 1.0 - total, chance: first, both: total - first })
    }
}

/// Number of points, or so many that they are refused.
fn points(method: SensitivitySpec, factors: usize) -> u64 {
    let (times, more) = match method {
        SensitivitySpec::Morris { trajectories, .. } => (trajectories, 1),
        SensitivitySpec::Sobol { base_points } => (base_points, 2),
    };
    u64::from(times) * (factors as u64 + more)
}

/// The coordinates of the points, chance last. Streams are keyed by the axes' ids, as those of a sweep's samples are.
fn cube(method: SensitivitySpec, draft: &Draft) -> Vec<Vec<f64>> {
    let factors = draft.axes.len();
    match method {
        SensitivitySpec::Morris { trajectories, levels } => {
            (0..u64::from(trajectories)).flat_map(|one| trajectory(draft.seed(), one, factors, levels)).collect()
        }
        SensitivitySpec::Sobol { base_points } => {
            let stream = |coordinate: usize| {
                let purpose = if coordinate < factors { "first points of pairs" } else { "second points of pairs" };
                Stream::named(draft.seed(), 0, &draft.axes[coordinate % factors].id, purpose)
            };
            let sobol = Sobol::new(2 * factors).shifted(stream);
            let pairs = Pairs::new(factors);
            (0..u64::from(base_points)).flat_map(|pair| pairs.points(&sobol.point(pair))).collect()
        }
    }
}

/// The quantiles that coordinates stand for.
fn quantiles(method: SensitivitySpec, lucks: u32, cube: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let SensitivitySpec::Morris { levels, .. } = method else { return cube.to_vec() };
    let levels = f64::from(levels);
    let of_point = |(place, point): (usize, &Vec<f64>)| {
        let mut quantiles: Vec<f64> = point.iter().map(|x| ((levels - 1.0) * x + 0.5) / levels).collect();
        let trajectory = place / (point.len() + 1);
        if let Some(chance) = quantiles.last_mut() {
            *chance = (*chance + (trajectory % lucks as usize) as f64 / f64::from(lucks)).fract();
        }
        quantiles
    };
    cube.iter().enumerate().map(of_point).collect()
}

/// Chance as an axis: seeds from that of the sweep on.
fn chance(seed: u64, lucks: u32) -> Result<Axis, Problems> {
    let seeds: Vec<String> = (0..u64::from(lucks)).map(|luck| seed.wrapping_add(luck).to_string()).collect();
    let text = format!("(edits: [Set(\"seed\")], values: Values([{}]))", seeds.join(", "));
    let tree = Tree::parse("seeds", &format!("(axes: {{{CHANCE:?}: {text}}})"))?;
    #[derive(serde::Deserialize)]
    struct File {
        axes: std::collections::BTreeMap<String, AxisSpec>,
    }
    let file: File = decode(&tree)?;
    Axis::new(&tree, CHANCE, &file.axes[CHANCE], None)
}

fn check(draft: &Draft, method: SensitivitySpec) -> Result<(), Problems> {
    let mut wrong = Vec::new();
    let mut expect = |holds: bool, path: &str, expected: &str| {
        if !holds {
            wrong.push((path.to_owned(), format!("expected {expected}")));
        }
    };
    match method {
        SensitivitySpec::Morris { trajectories, levels } => {
            let even = levels.is_multiple_of(2) && (2..=MOST).contains(&levels);
            expect((2..=MOST).contains(&trajectories), "sensitivity.trajectories", "from 2 to 1,000,000 trajectories");
            expect(even, "sensitivity.levels", "an even number of levels from 2 to 1,000,000");
        }
        SensitivitySpec::Sobol { base_points } => {
            let most = MOST_DIMENSIONS / 2 - 1;
            expect((2..=MOST).contains(&base_points), "sensitivity.base_points", "from 2 to 1,000,000 pairs of points");
            expect(draft.axes.len() <= most, "axes", &format!("at most {most} axes; screen more with `Morris`"));
        }
    }
    expect(draft.replications >= 2, "replications", "at least 2: chance is a factor, and has so many values");
    expect(draft.axes.iter().all(|axis| axis.id != CHANCE), "axes.chance", "another id: this one is of chance itself");
    let mut problems = draft.problems();
    for (path, told) in wrong {
        problems.push(&path, told);
    }
    problems.into_result(())
}
