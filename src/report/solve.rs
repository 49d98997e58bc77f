//! What `solve` found: the table of the points that were run, and of the crossing.

use crate::experiment::crossing::Crossing;
use crate::experiment::statistics::{mean, t_of_interval, variance};
use crate::experiment::sweep::solve::Solve;
use crate::report::files::write_atomically;
use serde_json::json;
use std::path::Path;

/// A value of the axis that was run.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluated {
    /// The value.
    pub value: f64,
    /// Outcomes by replication, at least two.
    pub outcomes: Vec<f64>,
}

impl Evaluated {
    /// Mean outcome.
    pub fn mean(&self) -> f64 {
        mean(&self.outcomes)
    }

    /// Half-width of the 95 % interval of the mean.
    pub fn half_width(&self) -> f64 {
        let n = self.outcomes.len();
        t_of_interval(n, 0.95) * (variance(&self.outcomes) / n as f64).sqrt()
    }
}

/// What was found under a policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Solved {
    /// Its id.
    pub policy: String,
    /// The crossing, if there is one.
    pub crossing: Crossing,
    /// The points that were run, by their values.
    pub evaluated: Vec<Evaluated>,
}

impl Solved {
    /// All of it.
    pub fn to_json(&self, of: &Solve) -> serde_json::Value {
        let point = |point: &Evaluated| {
            let (mean, half_width) = (point.mean(), point.half_width());
            json!({ "value": point.value, "replications": point.outcomes.len(), "mean": mean, "half_width_95": half_width })
        };
        let end = |value: f64, (mean, half_width): (f64, f64)| json!({ "value": value, "mean": mean, "half_width_95": half_width });
        let points: Vec<_> = self.evaluated.iter().map(point).collect();
        match &self.crossing {
            Crossing::Found(found) => json!({
                "policy": self.policy, "crossing": true, "value": found.value, "interval_95": found.interval,
                "bracket": found.bracket, "runs": found.runs, "runs_of_grid": of.runs_of_grid(found), "points": points,
            }),
            Crossing::NotInRange { at_low, at_high, runs } => json!({
                "policy": self.policy, "crossing": false, "says": "no crossing in range",
                "at_low": end(of.range.0, *at_low), "at_high": end(of.range.1, *at_high), "runs": runs, "points": points,
            }),
        }
    }

    /// Rows of the table: each point, then what was found.
    fn rows(&self) -> Vec<[String; 6]> {
        let row = |what: &str, value: String, of_mean: [String; 3]| {
            let [replications, mean, half_width] = of_mean;
            [self.policy.clone(), what.to_owned(), value, replications, mean, half_width]
        };
        let point = |point: &Evaluated| {
            let of_mean = [point.outcomes.len().to_string(), point.mean().to_string(), point.half_width().to_string()];
            row("point", point.value.to_string(), of_mean)
        };
        let bare = |(what, value): (&str, String)| row(what, value, Default::default());
        let found = match &self.crossing {
            Crossing::Found(found) => vec![
                ("crossing", found.value.to_string()),
                ("interval_low", found.interval.0.to_string()),
                ("interval_high", found.interval.1.to_string()),
                ("bracket_low", found.bracket.0.to_string()),
                ("bracket_high", found.bracket.1.to_string()),
            ],
            Crossing::NotInRange { .. } => vec![("no crossing in range", String::new())],
        };
        self.evaluated.iter().map(point).chain(found.into_iter().map(bare)).collect()
    }
}

/// Writes what was found under each policy.
///
/// # Errors
/// If the disk refuses it.
pub fn write_solved(path: &Path, solved: &[Solved]) -> anyhow::Result<()> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["policy", "row", "value", "replications", "mean", "half_width_95"])?;
    for row in solved.iter().flat_map(Solved::rows) {
        csv.write_record(row)?;
    }
    let bytes = csv.into_inner().map_err(|error| error.into_error())?;
    Ok(write_atomically(path, |out| out.write_all(&bytes))?)
}
