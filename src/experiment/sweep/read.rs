//! Reads a sweep file, and finds everything that is wrong before anything runs.

use super::axis::Axis;
use super::design::{Design, Plan};
use super::file::{DesignSpec, SweepSpec};
use super::outcome::{Known, Outcome};
use super::solve::check_solve;
use super::{NO_POLICY, Policy, Sweep};
use crate::engine::Stream;
use crate::experiment::sampling::latin_hypercube::latin_hypercube;
use crate::experiment::sampling::sobol::{MOST_DIMENSIONS, Sobol};
use crate::model::Options;
use crate::scenario::Scenario;
use crate::scenario::decode::decode;
use crate::scenario::problems::{Problems, nearest};
use crate::scenario::tree::{LoadOptions, Node, Tree};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::path::Path;

/// What a sweep may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most runs.
    pub max_runs: u64,
    /// What a run is asked for.
    pub options: Options,
}

/// What is wrong with a sweep.
#[derive(Debug)]
pub struct ReadError {
    /// The problems, and the point that they are of, if they are of one.
    pub problems: Vec<(Problems, Option<String>)>,
}

impl From<Problems> for ReadError {
    fn from(problems: Problems) -> Self {
        Self { problems: vec![(problems, None)] }
    }
}

/// Columns of the results that no axis may be called after.
const COLUMNS: [&str; 8] = ["run", "point", "policy", "replication", "outcome", "value", "status", "reason"];

/// A sweep whose points are not chosen yet.
pub(super) struct Draft {
    tree: Tree,
    pub(super) spec: SweepSpec,
    pub(super) axes: Vec<Axis>,
    policies: Vec<Policy>,
    pub(super) outcomes: Vec<Outcome>,
    /// Replications of each policy at each point.
    pub(super) replications: u32,
    base: Scenario,
    options: Options,
}

impl Draft {
    /// Reads the sweep in `file`; `settings` of its scenario go before its own.
    pub(super) fn read(file: &Path, settings: &[String], options: Options) -> Result<Self, ReadError> {
        let tree = Tree::read_plain(file)?;
        let spec: SweepSpec = decode(&tree)?;
        let mut problems = Problems::new(&tree);
        check_names(&tree, &mut problems);
        let axes = read_axes(&tree, &spec, &mut problems);
        let policies = read_policies(&tree, &mut problems);
        check_solve(&spec, &mut problems);
        // What is wrong with the scenario does not hide what is wrong with the sweep.
        let base = match read_base(file, &tree, &spec, settings) {
            Ok(base) => base,
            Err(of_base) if problems.is_empty() => return Err(of_base.into()),
            Err(of_base) => {
                return Err(ReadError { problems: vec![(problems.sorted(), None), (of_base, None)] });
            }
        };
        let outcomes = read_outcomes(&tree, &spec, &base, &mut problems);
        if problems.has_errors() {
            return Err(problems.sorted().into());
        }
        Ok(Self { replications: base.spec().replications, tree, spec, axes, policies, outcomes, base, options })
    }

    /// No problems of the file so far.
    pub(super) fn problems(&self) -> Problems {
        Problems::new(&self.tree)
    }

    /// A problem of the field at `path`.
    pub(super) fn problem(&self, path: &str, message: impl Into<String>, help: Option<&str>) -> Problems {
        let mut problems = self.problems();
        let problem = problems.push(path, message);
        if let Some(help) = help {
            problem.help(help);
        }
        problems
    }

    /// The seed of all runs.
    pub(super) fn seed(&self) -> u64 {
        self.base.spec().seed
    }

    /// Most points whose runs are allowed.
    pub(super) fn most_points(&self, max_runs: u64) -> u64 {
        max_runs / (self.policies.len() as u64).saturating_mul(u64::from(self.replications)).max(1)
    }

    /// The sweep of these points, each of which has its scenarios.
    pub(super) fn with(self, design: Design) -> Result<Sweep, ReadError> {
        let Some(plan) = Plan::new(design.points(), self.policies.len(), self.replications) else {
            return Err(self.problem("design", "more than 4 billion runs", None).into());
        };
        let sweep = Sweep {
            replications: self.replications,
            name: self.spec.name,
            about: self.spec.about,
            axes: self.axes,
            policies: self.policies,
            outcomes: self.outcomes,
            is_grid: false,
            digest: String::new(),
            design,
            plan,
            base: self.base,
            options: self.options,
        };
        let sweep = sweep.digested();
        sweep.check_points()?;
        Ok(sweep)
    }
}

impl Sweep {
    /// Reads and checks the sweep in `file`.
    ///
    /// # Errors
    /// Every problem, with its place: of the file, of its scenario, and of the scenarios that the design leads to
    /// (all of them for few points, else those at the ends of each axis).
    pub fn read(file: &Path, limits: Limits) -> Result<Self, ReadError> {
        let draft = Draft::read(file, &[], limits.options)?;
        let design = read_design(&draft.spec, &draft.axes, draft.most_points(limits.max_runs), draft.seed())
            .map_err(|why| draft.problem("design", why, None))?;
        let is_grid = draft.spec.design == DesignSpec::Grid;
        Ok(Self { is_grid, ..draft.with(design)? })
    }

    /// The same with the digest of what it says.
    pub(super) fn digested(mut self) -> Self {
        self.digest = digest(&self.base, &self.axes, &self.policies, &self.outcomes, &self.design);
        self
    }

    /// Resolves the scenarios of few points, or those at the ends of each axis.
    fn check_points(&self) -> Result<(), ReadError> {
        let probes: Vec<(usize, usize)> = self.probes().into_iter().collect();
        let wrong: Vec<(Problems, String)> = probes
            .par_iter()
            .filter_map(|(point, policy)| Some((self.scenario(*point, *policy).err()?, self.said(*point, *policy))))
            .collect();
        // The same mistake is found at many points, and told once.
        let mut seen = BTreeSet::new();
        let mut problems = Vec::new();
        for (more, at) in wrong {
            if seen.insert(more.to_string()) {
                problems.push((more, Some(at)));
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(ReadError { problems }) }
    }

    /// Every point under every policy, if these are few; else, under every policy, the points with the least and the
    /// greatest value of each axis.
    fn probes(&self) -> BTreeSet<(usize, usize)> {
        const FEW: usize = 64;
        let points = self.design.points();
        let policies = 0..self.policies.len();
        let chosen: BTreeSet<usize> = if points * self.policies.len() <= FEW {
            (0..points).collect()
        } else {
            (0..self.axes.len()).flat_map(|axis| self.ends(axis)).collect()
        };
        chosen.into_iter().flat_map(|point| policies.clone().map(move |policy| (point, policy))).collect()
    }

    /// The points with the least and the greatest number on an axis, or, where its values are no numbers, the first with
    /// each value.
    fn ends(&self, axis: usize) -> Vec<usize> {
        let points = 0..self.design.points();
        if self.axes[axis].is_numeric() {
            let value = |point: &usize| self.axes[axis].number(self.design.point(*point)[axis]).unwrap_or(0.0);
            let by_value = |one: &usize, other: &usize| value(one).total_cmp(&value(other));
            return points.clone().min_by(by_value).into_iter().chain(points.max_by(by_value)).collect();
        }
        let mut seen = BTreeSet::new();
        points.filter(|point| seen.insert(self.axes[axis].text(self.design.point(*point)[axis]))).collect()
    }
}

/// The scenario, with what the sweep says of all runs.
fn read_base(file: &Path, tree: &Tree, spec: &SweepSpec, more: &[String]) -> Result<Scenario, Problems> {
    let path = file.parent().unwrap_or(Path::new("")).join(&spec.scenario);
    if !path.is_file() {
        let mut problems = Problems::new(tree);
        let told = format!("there is no scenario file `{}`", path.display());
        problems.push("scenario", told).help("the path is taken from the sweep's own folder");
        return Err(problems);
    }
    let mut settings = Vec::new();
    settings.extend(spec.replications.map(|n| format!("replications={n}")));
    settings.extend(spec.seed.map(|seed| format!("seed={seed}")));
    settings.extend(spec.until.map(|date| format!("horizon.end=\"{}\"", date.0)));
    settings.extend_from_slice(more);
    let options = LoadOptions { settings, beside: Some(tree.clone()), ..LoadOptions::default() };
    let base = Scenario::read_with(&path, &options)?;
    let changes = tree.edits("changes")?;
    if changes.is_empty() { Ok(base) } else { Scenario::of_tree(base.tree().edited(&changes)?) }
}

fn check_names(tree: &Tree, problems: &mut Problems) {
    let is_id =
        |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    for map in ["axes", "policies", "outcomes"] {
        for key in tree.keys(map).into_iter().filter(|key| !is_id(key)) {
            problems.push(map, format!("an id is made of a-z, 0-9 and `-`, found {key:?}"));
        }
    }
    for (map, what) in [("axes", "an axis"), ("outcomes", "an outcome")] {
        if tree.keys(map).is_empty() {
            problems.push(map, format!("a sweep has at least {what}"));
        }
    }
    for key in tree.keys("axes") {
        if COLUMNS.contains(&column(key).as_str()) {
            problems.push(&format!("axes.{key}"), "the results have a column of this name; choose another");
        }
    }
}

/// The column of an axis in the results.
pub(super) fn column(axis: &str) -> String {
    axis.replace('-', "_")
}

fn read_axes(tree: &Tree, spec: &SweepSpec, problems: &mut Problems) -> Vec<Axis> {
    let list = if let DesignSpec::List(points) = &spec.design { Some(points.len()) } else { None };
    if list == Some(0) {
        problems.push("design", "a list without a point");
    }
    let mut axes = Vec::new();
    for id in tree.keys("axes") {
        let values = list.map(|points| list_values(tree, id, points, problems));
        match Axis::new(tree, id, &spec.axes[id], values) {
            Ok(axis) => axes.push(axis),
            Err(more) => problems.absorb(more),
        }
    }
    if let DesignSpec::List(points) = &spec.design {
        for (i, point) in points.iter().enumerate() {
            for name in point.keys().filter(|name| !spec.axes.contains_key(*name)) {
                let problem = problems.push(&format!("design.0.{i}.{name}"), format!("there is no axis `{name}`"));
                if let Some(near) = nearest(name, spec.axes.keys().map(String::as_str)) {
                    problem.help(format!("did you mean `{near}`?"));
                }
            }
        }
    }
    axes
}

/// The values of an axis in a list of points.
fn list_values(tree: &Tree, id: &str, points: usize, problems: &mut Problems) -> Vec<Node> {
    let mut nodes = Vec::with_capacity(points);
    for i in 0..points {
        match tree.get(&format!("design.0.{i}.{id}")) {
            Some(node) => nodes.push(node.clone()),
            None => {
                problems.push(&format!("design.0.{i}"), format!("a point without a value for axis `{id}`"));
            }
        }
    }
    nodes
}

fn read_policies(tree: &Tree, problems: &mut Problems) -> Vec<Policy> {
    let mut policies = Vec::new();
    for id in tree.keys("policies") {
        match tree.edits(&format!("policies.{id}")) {
            Ok(edits) => policies.push(Policy { id: id.to_owned(), edits }),
            Err(more) => problems.absorb(more),
        }
    }
    if tree.keys("policies").is_empty() {
        policies.push(Policy { id: NO_POLICY.to_owned(), edits: Vec::new() });
    }
    policies
}

fn read_outcomes(tree: &Tree, spec: &SweepSpec, base: &Scenario, problems: &mut Problems) -> Vec<Outcome> {
    let known = Known::of(base.spec(), base.tree());
    let mut outcomes = Vec::new();
    for id in tree.keys("outcomes") {
        match Outcome::new(tree, id, &spec.outcomes[id], &known) {
            Ok(outcome) => outcomes.push(outcome),
            Err(more) => problems.absorb(more),
        }
    }
    outcomes
}

fn read_design(spec: &SweepSpec, axes: &[Axis], most: u64, seed: u64) -> Result<Design, String> {
    let too_many = |points: String| {
        format!(
            "{points} points are more runs than --max-runs allows: at most {most} points with these policies and \
                 replications"
        )
    };
    match &spec.design {
        DesignSpec::Grid => {
            if let Some(drawn) = axes.iter().find(|axis| axis.listed().is_none()) {
                return Err(format!(
                    "a grid needs `Values` or a `Range` on every axis, and `{}` has a distribution",
                    drawn.id
                ));
            }
            let product = axes.iter().map(|axis| axis.listed().unwrap_or(0).to_string()).collect::<Vec<_>>();
            Design::grid(axes, most).ok_or_else(|| too_many(product.join(" x ")))
        }
        DesignSpec::List(points) if points.len() as u64 > most => Err(too_many(points.len().to_string())),
        DesignSpec::List(points) => Ok(Design::list(axes, points.len())),
        DesignSpec::LatinHypercube { points: 0 } | DesignSpec::Sobol { points: 0 } => {
            Err("a sample without a point".to_owned())
        }
        DesignSpec::LatinHypercube { points } | DesignSpec::Sobol { points } if u64::from(*points) > most => {
            Err(too_many(points.to_string()))
        }
        DesignSpec::Sobol { .. } if axes.len() > MOST_DIMENSIONS => {
            Err(format!("a Sobol' sequence has at most {MOST_DIMENSIONS} axes, and there are {}", axes.len()))
        }
        // Streams are keyed by the axes' ids, so that an axis more leaves the coordinates of the others as they are.
        DesignSpec::LatinHypercube { points } => {
            let streams = axes.iter().map(|axis| Stream::named(seed, 0, &axis.id, "latin hypercube of a sweep"));
            Ok(Design::sample(axes, &latin_hypercube(*points as usize, streams)))
        }
        DesignSpec::Sobol { points } => {
            let stream = |axis: usize| Stream::named(seed, 0, &axes[axis].id, "sobol points of a sweep");
            let sobol = Sobol::new(axes.len()).shifted(stream);
            let cube: Vec<Vec<f64>> = (0..u64::from(*points)).map(|index| sobol.point(index)).collect();
            Ok(Design::sample(axes, &cube))
        }
    }
}

/// Hash of everything that a result depends on.
fn digest(base: &Scenario, axes: &[Axis], policies: &[Policy], outcomes: &[Outcome], design: &Design) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut add = |text: &str| {
        hasher.update(text.as_bytes());
        hasher.update(b"\n");
    };
    // The scenario's digest covers seed, replications and horizon.
    add(env!("CARGO_PKG_VERSION"));
    add(&base.digest());
    axes.iter().for_each(|axis| add(&axis.canonical()));
    policies.iter().for_each(|policy| add(&policy.canonical()));
    outcomes.iter().for_each(|outcome| add(&outcome.canonical()));
    for point in 0..design.points() {
        let texts: Vec<String> = axes.iter().zip(design.point(point)).map(|(axis, at)| axis.text(*at)).collect();
        add(&format!("{texts:?}"));
    }
    hasher.finalize().to_hex().to_string()
}

impl Policy {
    fn canonical(&self) -> String {
        format!("{} {}", self.id, self.edits.iter().map(|edit| format!("{edit}\n")).collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn columns_of_axes_are_snake_case() {
        assert_eq!(super::column("trainium-price"), "trainium_price");
    }
}
