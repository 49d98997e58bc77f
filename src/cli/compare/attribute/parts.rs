//! The numbers: parts by replication, and what they sum to.

use crate::cli::compare::sample::Sample;
use crate::cli::stop::Stop;
use crate::experiment::shapley::{Coalition, Plan};
use crate::experiment::statistics::{mean, t_of_interval, variance};
use crate::model::record::SeriesKey;
use std::collections::{BTreeMap, BTreeSet};

/// Relative distance of the sum of the parts from the whole that rounding explains.
const ROUNDING: f64 = 1e-9;

/// How the difference of one series is made up.
pub(in crate::cli::compare) struct Attribution<'a> {
    pub key: &'a SeriesKey,
    /// Replications that have a value whatever changes are made.
    pub pairs: usize,
    /// Mean without any of the changes.
    pub base_mean: f64,
    /// By change.
    pub parts: Vec<PartOfChange>,
    /// All changes together.
    pub whole: PartOfChange,
}

/// What a change adds, in the unit of the metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::cli::compare) struct PartOfChange {
    pub mean: f64,
    /// Half-width of its 95 % interval over the replications; none of a single one.
    pub half_width: Option<f64>,
    /// Standard error of the draw of orders; 0 if all count.
    pub sampling_error: f64,
}

/// Splits the difference of every series of the metrics that is there in all samples, which stand in the order of the
/// plan's coalitions.
///
/// # Errors
/// If parts do not sum to the whole.
pub(super) fn attributions<'a>(
    plan: &Plan,
    samples: &'a [Sample],
    metrics: &[String],
) -> Result<Vec<Attribution<'a>>, Stop> {
    let keys = metrics.iter().flat_map(|metric| samples[0].series.keys().filter(move |key| key.metric == *metric));
    let split = keys.filter_map(|key| attribution(plan, samples, key));
    let found: Vec<Attribution<'a>> = split.collect();
    for one in &found {
        let sum: f64 = one.parts.iter().map(|part| part.mean).sum();
        let size = one.base_mean.abs().max(one.whole.mean.abs()).max(f64::MIN_POSITIVE);
        if (sum - one.whole.mean).abs() > ROUNDING * size {
            let (metric, entity, whole) = (&one.key.metric, &one.key.entity, one.whole.mean);
            return Err(Stop::Failed(anyhow::anyhow!(
                "the parts of {metric} of {entity} sum to {sum}, not to {whole}"
            )));
        }
    }
    Ok(found)
}

fn attribution<'a>(plan: &Plan, samples: &[Sample], key: &'a SeriesKey) -> Option<Attribution<'a>> {
    let coalitions = plan.coalitions();
    let by_coalition: Vec<BTreeMap<u32, f64>> =
        samples.iter().map(|sample| Some(sample.windowed(key)?.into_iter().collect())).collect::<Option<_>>()?;
    let finite = |replication: &u32| by_coalition.iter().all(|one| one.get(replication).is_some_and(|y| y.is_finite()));
    let common: BTreeSet<u32> = by_coalition[0].keys().copied().filter(finite).collect();
    if common.is_empty() {
        return None;
    }
    // By replication what every coalition is worth, then the same for their means.
    let worth = |of: &dyn Fn(&BTreeMap<u32, f64>) -> f64| -> BTreeMap<Coalition, f64> {
        coalitions.iter().copied().zip(by_coalition.iter().map(of)).collect()
    };
    let by_replication: Vec<BTreeMap<Coalition, f64>> =
        common.iter().map(|replication| worth(&|one| one[replication])).collect();
    let means = worth(&|one| mean(&common.iter().map(|replication| one[replication]).collect::<Vec<f64>>()));
    let (none, all) = (coalitions[0], *coalitions.last()?);
    let parts_of: Vec<Vec<f64>> =
        by_replication.iter().map(|worth| plan.parts(worth).iter().map(|part| part.value).collect()).collect();
    let parts = plan.parts(&means).into_iter().enumerate().map(|(change, part)| PartOfChange {
        mean: part.value,
        half_width: half_width(&parts_of.iter().map(|parts| parts[change]).collect::<Vec<f64>>()),
        sampling_error: part.sampling_error,
    });
    let whole: Vec<f64> = by_replication.iter().map(|worth| worth[&all] - worth[&none]).collect();
    Some(Attribution {
        key,
        pairs: common.len(),
        base_mean: means[&none],
        parts: parts.collect(),
        whole: PartOfChange { mean: means[&all] - means[&none], half_width: half_width(&whole), sampling_error: 0.0 },
    })
}

fn half_width(values: &[f64]) -> Option<f64> {
    (values.len() > 1).then(|| t_of_interval(values.len(), 0.95) * (variance(values) / values.len() as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two changes in two replications: alone 1 and 2 (then 3 and 2), together 5 (then 5), from 10 (then 20). Parts
    /// ½(1 + 5 − 2) = 2 and 3, then ½(3 + 5 − 2) = 3 and 2: means 2.5 and 2.5, whole 5.
    #[test]
    fn parts_are_means_over_the_replications() {
        let key = SeriesKey { metric: "m".into(), entity: "e".into(), counterparty: String::new() };
        let sample = |values: [f64; 2]| Sample {
            dates: vec!["2026-01-31".into()],
            window: 0..1,
            series: BTreeMap::from([(key.clone(), (0..).zip(values.map(|value| vec![value])).collect())]),
        };
        let samples = [sample([10.0, 20.0]), sample([11.0, 23.0]), sample([12.0, 22.0]), sample([15.0, 25.0])];
        let found = attributions(&Plan::new(2, 1, 0), &samples, &["m".to_owned()]).unwrap();
        let Attribution { pairs, base_mean, parts, whole, .. } = &found[0];
        assert_eq!((*pairs, *base_mean, whole.mean, whole.half_width), (2, 15.0, 5.0, Some(0.0)));
        assert_eq!((parts[0].mean, parts[1].mean, parts[0].sampling_error), (2.5, 2.5, 0.0));
        // 2 and 3 have a standard error of ½; t(1; 0.975) = 12.706.
        assert!((parts[0].half_width.unwrap() - 0.5 * 12.706_204_736_174_7).abs() < 1e-9);
    }

    #[test]
    fn a_series_that_a_coalition_lacks_is_not_split() {
        let key = SeriesKey { metric: "m".into(), entity: "e".into(), counterparty: String::new() };
        let there = Sample {
            dates: vec!["2026-01-31".into()],
            window: 0..1,
            series: BTreeMap::from([(key, vec![(0, vec![1.0])])]),
        };
        let samples = [there, Sample::default()];
        assert!(attributions(&Plan::new(1, 1, 0), &samples, &["m".to_owned()]).unwrap().is_empty());
    }
}
