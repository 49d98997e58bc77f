//! Which simulated quantity an observed series is compared with: data, not code.

use super::observed::Observed;
use crate::model::metrics::METRICS;
use crate::scenario::decode;
use crate::scenario::problems::{Problems, nearest};
use crate::scenario::tree::LoadOptions;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// A metric of an entity.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Name in the dictionary of metrics.
    pub metric: String,
    /// Id of the entity.
    pub entity: String,
    /// Id of the other entity, where the metric has one.
    #[serde(default)]
    pub counterparty: String,
    /// Whether it is taken off, not added.
    #[serde(default)]
    pub less: bool,
}

/// How a period's value comes of monthly ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Over {
    /// The value of the month in which the period ends.
    Month,
    /// The sum of the three months up to the period's end.
    Quarter,
    /// The sum of the twelve months up to the period's end.
    Year,
    /// By how much a running total rose over the three months up to the period's end.
    QuarterRise,
}

/// A series to be compared.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesSpec {
    /// Observed series that are added up, on the days that all of them have.
    pub observed: Vec<String>,
    /// Their unit.
    pub unit: String,
    /// Metrics that are added up, or taken off.
    pub simulated: Vec<Part>,
    /// How months make up the period.
    pub over: Over,
    /// What one unit of the metric is in the unit of the observed series.
    pub factor: f64,
    /// What the two do not have in common.
    #[serde(default)]
    pub note: String,
}

/// The series of a backtest.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// By a name of their own.
    pub series: BTreeMap<String, SeriesSpec>,
}

impl Mapping {
    /// Reads a mapping and checks it against what was observed and what is simulated.
    ///
    /// # Errors
    /// Every problem, with its place.
    pub fn read(file: &Path, observed: &Observed) -> Result<Self, Problems> {
        let (tree, mapping) = decode::read::<Self>(file, &LoadOptions::default())?;
        let mut problems = Problems::new(&tree);
        for (name, spec) in &mapping.series {
            spec.check(&format!("series.{name}"), observed, &mut problems);
        }
        problems.into_result(mapping)
    }
}

impl SeriesSpec {
    fn check(&self, path: &str, observed: &Observed, problems: &mut Problems) {
        if self.observed.is_empty() {
            problems.push(&format!("{path}.observed"), "expected at least one series");
        }
        for (i, name) in self.observed.iter().enumerate() {
            let path = format!("{path}.observed.{i}");
            let Some(rows) = observed.series.get(name) else {
                let close = nearest(name, observed.series.keys().map(String::as_str));
                let problem = problems.push(&path, format!("no series `{name}` was observed"));
                if let Some(close) = close {
                    problem.help(format!("did you mean `{close}`?"));
                }
                continue;
            };
            if let Some(row) = rows.iter().find(|row| row.unit != self.unit) {
                let message = format!("line {} is in `{}`, not in `{}`", row.line, row.unit, self.unit);
                problems.push(&path, message);
            }
        }
        if self.simulated.is_empty() {
            problems.push(&format!("{path}.simulated"), "expected at least one metric");
        }
        for (i, part) in self.simulated.iter().enumerate() {
            if METRICS.iter().any(|metric| metric.name == part.metric) {
                continue;
            }
            let message = format!("there is no metric `{}`", part.metric);
            let problem = problems.push(&format!("{path}.simulated.{i}.metric"), message);
            if let Some(close) = nearest(&part.metric, METRICS.iter().map(|metric| metric.name)) {
                problem.help(format!("did you mean `{close}`?"));
            }
        }
        if !(self.factor.is_finite() && self.factor > 0.0) {
            problems.push(&format!("{path}.factor"), format!("{} is not over 0", self.factor));
        }
    }
}
