//! What a sensitivity study found: the measures of every factor, under each policy and for each outcome.

use crate::experiment::sensitivity::Estimate;
use crate::experiment::sweep::file::SensitivitySpec;
use crate::experiment::sweep::sensitivity::{Factor, Sensitivity, Shares};
use crate::report::files::write_atomically;
use serde_json::{Value, json};
use std::path::Path;

/// What moves an outcome under a policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Position of the policy.
    pub policy: usize,
    /// Position of the outcome.
    pub outcome: usize,
    /// The factors, the one that moves it most first.
    pub factors: Vec<Factor>,
    /// Shares of the variance, if they were measured.
    pub shares: Option<Shares>,
}

impl Finding {
    /// What the outcomes by point say.
    pub fn of(study: &Sensitivity, (policy, outcome): (usize, usize), outcomes: &[f64]) -> Self {
        let mut factors = study.factors(outcomes);
        let shares = study.shares(&factors);
        factors.sort_by(|one, other| other.main.value.total_cmp(&one.main.value));
        Self { policy, outcome, factors, shares }
    }

    /// Whether the outcome varies at all: there are no shares of nothing.
    pub fn varies(&self) -> bool {
        self.factors.iter().all(|factor| factor.main.value.is_finite())
    }

    /// All of it.
    pub fn to_json(&self, study: &Sensitivity) -> Value {
        let [main, other] = measures(study.method);
        let estimate = |of: Estimate| json!({ "value": of.value, "standard_error": of.standard_error, "interval_95": of.interval });
        let factor = |factor: &Factor| {
            json!({
                "factor": study.sweep.axes[factor.axis].id, main: estimate(factor.main), other: estimate(factor.other),
                "deviation": factor.deviation,
            })
        };
        let factors: Vec<Value> = self.factors.iter().map(factor).collect();
        let shares = self
            .shares
            .map(|shares| json!({ "assumptions": shares.assumptions, "chance": shares.chance, "both": shares.both }));
        let (policy, outcome) = (&study.sweep.policies[self.policy].id, &study.sweep.outcomes[self.outcome].id);
        json!({ "policy": policy, "outcome": outcome, "factors": factors, "shares_of_variance": shares })
    }

    /// Rows of the table: a measure each.
    fn rows(&self, study: &Sensitivity) -> Vec<[String; 8]> {
        let [main, other] = measures(study.method);
        let row = |factor: &str, measure: &str, figures: [f64; 4]| {
            let (policy, outcome) = (&study.sweep.policies[self.policy].id, &study.sweep.outcomes[self.outcome].id);
            let [value, error, low, high] = figures.map(|x| if x.is_nan() { String::new() } else { x.to_string() });
            [policy.clone(), outcome.clone(), factor.to_owned(), measure.to_owned(), value, error, low, high]
        };
        let estimated = |of: Estimate| [of.value, of.standard_error, of.interval.0, of.interval.1];
        let alone = |value: f64| [value, f64::NAN, f64::NAN, f64::NAN];
        let mut rows = Vec::new();
        for factor in &self.factors {
            let id = &study.sweep.axes[factor.axis].id;
            rows.push(row(id, main, estimated(factor.main)));
            rows.push(row(id, other, estimated(factor.other)));
            rows.extend(factor.deviation.map(|deviation| row(id, "deviation", alone(deviation))));
        }
        if let Some(Shares { assumptions, chance, both }) = self.shares {
            let shares = [("assumptions", assumptions), ("chance", chance), ("both", both)];
            rows.extend(shares.map(|(what, share)| row("", &format!("share_of_{what}"), alone(share))));
        }
        rows
    }
}

/// Names of the measure that ranks factors, and of the other.
pub fn measures(method: SensitivitySpec) -> [&'static str; 2] {
    match method {
        SensitivitySpec::Morris { .. } => ["mean_size", "mean"],
        SensitivitySpec::Sobol { .. } => ["total", "first"],
    }
}

/// Writes what was found.
///
/// # Errors
/// If the disk refuses it.
pub fn write_findings(path: &Path, study: &Sensitivity, findings: &[Finding]) -> anyhow::Result<()> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["policy", "outcome", "factor", "measure", "value", "standard_error", "low_95", "high_95"])?;
    for row in findings.iter().flat_map(|finding| finding.rows(study)) {
        csv.write_record(row)?;
    }
    let bytes = csv.into_inner().map_err(|error| error.into_error())?;
    Ok(write_atomically(path, |out| out.write_all(&bytes))?)
}
