//! Regret: what a policy gives away where another would have been better.
//!
//! At a point `x`, policy `p` has the mean outcome `m(p, x)` over the replications. Where higher is better its regret is
//! `max_q m(q, x) − m(p, x)`, where lower is better `m(p, x) − min_q m(q, x)`: never negative, and 0 for the best. The
//! mean over points says what it costs on average, the maximum what it costs at worst (L. J. Savage, Journal of the
//! American Statistical Association 46 (1951) 55–67).

use super::summary::{PointsSummary, figure};
use crate::experiment::sweep::Sweep;
use crate::experiment::sweep::file::Better;
use crate::report::files::write_atomically;
use std::path::Path;

/// The regret of a policy in an outcome.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Regret {
    /// Position of the outcome.
    pub outcome: usize,
    /// Position of the policy.
    pub policy: usize,
    /// Points at which every policy has a mean.
    pub points: usize,
    /// Mean over them, in the outcome's unit.
    pub mean: f64,
    /// Maximum over them.
    pub max: f64,
    /// The first point with that maximum.
    pub worst_point: usize,
    /// Share of the points at which no policy is better.
    pub best_share: f64,
}

/// Regrets of all policies in all outcomes that say which way is better; none if there is only one policy.
pub fn regrets(sweep: &Sweep, summary: &PointsSummary) -> Vec<Regret> {
    let policies = sweep.policies.len();
    if policies < 2 {
        return Vec::new();
    }
    let mut regrets = Vec::new();
    for (o, better) in sweep.outcomes.iter().enumerate().filter_map(|(o, outcome)| Some((o, outcome.better?))) {
        let mean = |point, policy| summary.spread(point, policy, o).mean;
        let means = |point| (0..policies).map(move |policy| mean(point, policy)).collect::<Vec<f64>>();
        let points: Vec<(usize, Vec<f64>)> = (0..sweep.design.points())
            .map(|point| (point, means(point)))
            .filter(|(_, means)| means.iter().all(|mean| !mean.is_nan()))
            .collect();
        if !points.is_empty() {
            regrets.extend((0..policies).map(|policy| regret_of(&points, o, policy, better)));
        }
    }
    regrets
}

fn regret_of(points: &[(usize, Vec<f64>)], outcome: usize, policy: usize, better: Better) -> Regret {
    let (mut sum, mut best) = (0.0, 0_usize);
    let (mut max, mut worst_point) = (f64::NEG_INFINITY, 0);
    for (point, means) in points {
        let regret = match better {
            Better::Higher => means.iter().copied().fold(f64::NEG_INFINITY, f64::max) - means[policy],
            Better::Lower => means[policy] - means.iter().copied().fold(f64::INFINITY, f64::min),
        };
        sum += regret;
        best += usize::from(regret == 0.0);
        if regret > max {
            (max, worst_point) = (regret, *point);
        }
    }
    let count = points.len() as f64;
    Regret {
        outcome,
        policy,
        points: points.len(),
        mean: sum / count,
        max,
        worst_point,
        best_share: best as f64 / count,
    }
}

pub(super) fn write_regrets(path: &Path, sweep: &Sweep, regrets: &[Regret]) -> anyhow::Result<()> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["outcome", "policy", "points", "mean_regret", "max_regret", "worst_point", "best_share"])?;
    for regret in regrets {
        csv.write_record([
            &sweep.outcomes[regret.outcome].id,
            &sweep.policies[regret.policy].id,
            &regret.points.to_string(),
            &figure(regret.mean),
            &figure(regret.max),
            &regret.worst_point.to_string(),
            &figure(regret.best_share),
        ])?;
    }
    let bytes = csv.into_inner().map_err(|error| error.into_error())?;
    Ok(write_atomically(path, |out| out.write_all(&bytes))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three points; policy 0 has 5, 1, 4 and policy 1 has 3, 2, 4. Where higher is better, policy 0 gives away 0, 1, 0
    /// and policy 1 gives away 2, 0, 0; where lower is better it is the other way round.
    #[test]
    fn regret_by_hand() {
        let points = [(4, vec![5.0, 3.0]), (6, vec![1.0, 2.0]), (7, vec![4.0, 4.0])];
        let told = |policy, better| {
            let regret = regret_of(&points, 0, policy, better);
            (regret.mean, regret.max, regret.worst_point, regret.best_share)
        };
        assert_eq!(told(0, Better::Higher), (1.0 / 3.0, 1.0, 6, 2.0 / 3.0));
        assert_eq!(told(1, Better::Higher), (2.0 / 3.0, 2.0, 4, 2.0 / 3.0));
        assert_eq!(told(0, Better::Lower), (2.0 / 3.0, 2.0, 4, 2.0 / 3.0));
    }
}
