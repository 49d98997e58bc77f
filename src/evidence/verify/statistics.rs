//! Statistics: what summaries and comparisons of replications are told with.

use super::fields::{ANY, BETWEEN, Fields, SHARE};
use super::kinds::Task;
use super::value::Value;
use crate::experiment::paired::paired_difference;
use crate::experiment::statistics::{mean, quantile, t_of_interval, two_sided_p, variance};

fn sample(fields: &mut Fields, name: &str) -> Vec<f64> {
    let sample = fields.numbers(name, ANY);
    if sample.len() == 1 {
        fields.refuse(name, "a list of at least two numbers");
    }
    sample
}

fn interval(mean: f64, half_width: f64) -> Value {
    Value::numbers([mean - half_width, mean + half_width])
}

/// Student's interval of a mean.
pub(super) fn t_interval(fields: &mut Fields, _id: &str) -> Task {
    let (data, levels) = (sample(fields, "data"), fields.numbers("levels", BETWEEN));
    Box::new(move |_| {
        let (mean, variance) = (mean(&data), variance(&data));
        let error = (variance / data.len() as f64).sqrt();
        let half_widths: Vec<f64> = levels.iter().map(|level| t_of_interval(data.len(), *level) * error).collect();
        vec![
            ("mean", Value::Number(mean)),
            ("sample_variance", Value::Number(variance)),
            ("standard_error", Value::Number(error)),
            ("intervals", Value::List(half_widths.iter().map(|half| interval(mean, *half)).collect())),
            ("half_widths", Value::numbers(half_widths)),
        ]
    })
}

/// A variance that a sum of squares loses.
pub(super) fn variance_cancellation(fields: &mut Fields, _id: &str) -> Task {
    let data = sample(fields, "data");
    Box::new(move |_| vec![("mean", Value::Number(mean(&data))), ("sample_variance", Value::Number(variance(&data)))])
}

/// Two systems on common random numbers; differences are of the first less the second.
pub(super) fn paired_t(fields: &mut Fields, _id: &str) -> Task {
    let (first, second) = (sample(fields, "system_1"), sample(fields, "system_2"));
    if first.len() != second.len() {
        fields.refuse("system_2", "as many numbers as in system_1");
    }
    let level = fields.number("level", BETWEEN);
    Box::new(move |_| {
        let numbered = |values: &[f64]| (0..).zip(values.iter().copied()).collect::<Vec<(u32, f64)>>();
        let pairs = first.len();
        let Some((difference, spread)) =
            paired_difference(&numbered(&second), &numbered(&first)).and_then(|d| Some((d, d.spread?)))
        else {
            return Vec::new();
        };
        let or_none = |value: Option<f64>| value.map_or(Value::None, Value::Number);
        let error = spread.sd / (pairs as f64).sqrt();
        vec![
            ("mean_difference", Value::Number(difference.mean)),
            ("variance_of_differences", Value::Number(spread.sd * spread.sd)),
            ("t_statistic", or_none(spread.t)),
            ("p_value_two_sided", or_none(spread.t.map(|t| two_sided_p(t, pairs)))),
            ("interval", interval(difference.mean, t_of_interval(pairs, level) * error)),
            ("variance_ratio_independent_over_paired", or_none(spread.variance_reduction)),
        ]
    })
}

/// Quantiles by linear interpolation between order statistics.
pub(super) fn quantile_type7(fields: &mut Fields, _id: &str) -> Task {
    let (mut data, probabilities) = (fields.numbers("data", ANY), fields.numbers("probabilities", SHARE));
    data.sort_unstable_by(f64::total_cmp);
    Box::new(move |_| {
        let deciles = (1..10).map(|tenths| quantile(&data, f64::from(tenths) / 10.0));
        vec![
            ("quantiles", Value::numbers(probabilities.iter().map(|p| quantile(&data, *p)))),
            ("deciles", Value::numbers(deciles)),
        ]
    })
}
