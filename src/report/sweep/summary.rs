//! What the replications of each policy at each point say together.

use super::regret::{regrets, write_regrets};
use super::rows::RunRow;
use crate::experiment::statistics::{mean, quantile, t_of_interval, variance};
use crate::experiment::sweep::Sweep;
use crate::report::files::{FileError, write_atomically};
use std::path::Path;

/// An outcome over the replications of a policy at a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Replications with a value.
    pub count: u32,
    /// Their mean; NaN of none.
    pub mean: f64,
    /// Their standard deviation; NaN of fewer than two.
    pub sd: f64,
    /// Quantiles of 5, 25, 50, 75 and 95 %; NaN of none.
    pub quantiles: [f64; 5],
}

const QUANTILES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

impl Spread {
    fn of(mut values: Vec<f64>) -> Self {
        let (mean, sd) = (mean(&values), variance(&values).sqrt());
        values.sort_by(f64::total_cmp);
        let quantiles = QUANTILES.map(|p| quantile(&values, p));
        Self { count: values.len() as u32, mean, sd, quantiles }
    }

    /// Half the width of the 95 % interval of the mean; NaN of fewer than two values.
    pub fn half_width(&self) -> f64 {
        t_of_interval(self.count as usize, 0.95) * self.sd / f64::from(self.count).sqrt()
    }
}

/// All points of a sweep, summarised. Filled run by run, in order, so that no more than one policy at one point is held.
#[derive(Clone, Debug)]
pub struct PointsSummary {
    policies: usize,
    outcomes: usize,
    /// By point, policy and outcome.
    spreads: Vec<Spread>,
    /// Failed runs by point and policy.
    failed: Vec<u32>,
    held: Vec<Vec<f64>>,
}

impl PointsSummary {
    /// Of no run yet.
    pub fn new(sweep: &Sweep) -> Self {
        let (policies, outcomes) = (sweep.policies.len(), sweep.outcomes.len());
        Self { policies, outcomes, spreads: Vec::new(), failed: Vec::new(), held: vec![Vec::new(); outcomes] }
    }

    /// Takes the next run.
    pub fn push(&mut self, sweep: &Sweep, row: &RunRow) {
        let of = sweep.plan.run(row.run);
        if of.replication == 0 {
            self.failed.push(0);
        }
        if row.result.is_err() {
            *self.failed.last_mut().expect("a group was begun") += 1;
        }
        for outcome in 0..self.outcomes {
            self.held[outcome].extend(row.value(outcome));
        }
        if of.replication + 1 == sweep.replications {
            self.spreads.extend(self.held.iter_mut().map(|values| Spread::of(std::mem::take(values))));
        }
    }

    /// An outcome of a policy at a point.
    pub fn spread(&self, point: usize, policy: usize, outcome: usize) -> &Spread {
        &self.spreads[(point * self.policies + policy) * self.outcomes + outcome]
    }

    /// Number of failed runs.
    pub fn failed(&self) -> u32 {
        self.failed.iter().sum()
    }

    /// Writes `summary.csv` and, where policies can be judged, `regret.csv` into `folder`.
    ///
    /// # Errors
    /// If the disk refuses it.
    pub fn write(&self, sweep: &Sweep, folder: &Path) -> anyhow::Result<()> {
        let bytes = self.table(sweep)?;
        write_atomically(&folder.join("summary.csv"), |out| out.write_all(&bytes))?;
        let regrets = regrets(sweep, self);
        let path = folder.join("regret.csv");
        if regrets.is_empty() {
            return match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    Err(FileError::new("remove", &path, error).into())
                }
                _ => Ok(()),
            };
        }
        write_regrets(&path, sweep, &regrets)
    }

    fn table(&self, sweep: &Sweep) -> anyhow::Result<Vec<u8>> {
        let mut csv = csv::Writer::from_writer(Vec::new());
        let axes = sweep.axes.iter().map(|axis| axis.column());
        let figures = ["outcome", "runs", "failed", "mean", "sd", "p05", "p25", "p50", "p75", "p95", "half_width_95"];
        let fixed = ["point", "policy"].map(str::to_owned).into_iter();
        csv.write_record(fixed.chain(axes).chain(figures.map(str::to_owned)))?;
        for point in 0..sweep.design.points() {
            let coordinates = sweep.axes.iter().zip(sweep.design.point(point));
            let texts: Vec<String> = coordinates.map(|(axis, at)| axis.text(*at)).collect();
            for (i, policy) in sweep.policies.iter().enumerate() {
                for (o, outcome) in sweep.outcomes.iter().enumerate() {
                    let spread = self.spread(point, i, o);
                    let mut record = vec![point.to_string(), policy.id.clone()];
                    record.extend(texts.iter().cloned());
                    let failed = self.failed[point * self.policies + i];
                    record.extend([outcome.id.clone(), spread.count.to_string(), failed.to_string()]);
                    let figures = [spread.mean, spread.sd].into_iter().chain(spread.quantiles);
                    record.extend(figures.chain([spread.half_width()]).map(figure));
                    csv.write_record(record)?;
                }
            }
        }
        Ok(csv.into_inner().map_err(|error| error.into_error())?)
    }

    /// By outcome: over how much its means go, and where these ends are.
    pub fn to_json(&self, sweep: &Sweep) -> Vec<serde_json::Value> {
        let of = |(o, outcome): (usize, &crate::experiment::sweep::outcome::Outcome)| {
            let points = 0..sweep.design.points();
            let all = points.flat_map(|point| (0..self.policies).map(move |policy| (point, policy)));
            let means = all.map(|(point, policy)| (self.spread(point, policy, o).mean, point, policy));
            let observed: Vec<_> = means.filter(|(mean, ..)| !mean.is_nan()).collect();
            let by_mean = |one: &&(f64, usize, usize), other: &&(f64, usize, usize)| one.0.total_cmp(&other.0);
            let end = |end: Option<&(f64, usize, usize)>| {
                end.map(|(mean, point, policy)| {
                    let coordinates = sweep.axes.iter().zip(sweep.design.point(*point));
                    let axes: serde_json::Map<String, serde_json::Value> =
                        coordinates.map(|(axis, at)| (axis.id.clone(), axis.text(*at).into())).collect();
                    serde_json::json!({
                        "mean": mean, "point": point, "policy": sweep.policies[*policy].id, "axes": axes,
                    })
                })
            };
            serde_json::json!({
                "outcome": outcome.id,
                "metric": outcome.metric.name,
                "observed": observed.len(),
                "least": end(observed.iter().min_by(by_mean)),
                "greatest": end(observed.iter().max_by(by_mean)),
            })
        };
        sweep.outcomes.iter().enumerate().map(of).collect()
    }
}

/// A figure as it is written; nothing for NaN.
pub(super) fn figure(value: f64) -> String {
    if value.is_nan() { String::new() } else { value.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of 1, 2, 3, 6: mean 3, deviation √(14/3), and t(3 degrees, 97.5 %) = 3.182446.
    #[test]
    fn a_spread_by_hand() {
        let spread = Spread::of(vec![6.0, 1.0, 3.0, 2.0]);
        assert_eq!((spread.count, spread.mean, spread.quantiles[2]), (4, 3.0, 2.5));
        assert!((spread.half_width() - 3.182_446_305 * (14.0_f64 / 3.0).sqrt() / 2.0).abs() < 1e-8);
        let nothing = Spread::of(Vec::new());
        assert!(nothing.mean.is_nan() && nothing.half_width().is_nan() && nothing.quantiles[0].is_nan());
    }
}
