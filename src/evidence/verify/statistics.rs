//! Statistics: what summaries and comparisons of replications are told with.

use super::fields::{ANY, BETWEEN, Fields, POSITIVE, SHARE};
use super::kinds::Task;
use super::value::Value;
use crate::experiment::paired::paired_difference;
use crate::experiment::statistics::bootstrap::{Bca, Bootstrap};
use crate::experiment::statistics::multiple::{benjamini_hochberg, bonferroni, holm};
use crate::experiment::statistics::stopping::{Target, replications_for, stop};
use crate::experiment::statistics::welch::Welch;
use crate::experiment::statistics::{mean, quantile, t_of_interval, two_sided_p, variance};

/// Resamples of all values that are gone through one by one.
const MOST_RESAMPLES: u64 = 10_000_000;
/// Replications beyond which a sample size is not looked for.
const MOST_REPLICATIONS: usize = 1_000_000;

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

fn pair((low, high): (f64, f64)) -> Value {
    Value::numbers([low, high])
}

/// Two independent samples; differences are of the first less the second.
pub(super) fn welch_t(fields: &mut Fields, _id: &str) -> Task {
    let (first, second) = (sample(fields, "sample_1"), sample(fields, "sample_2"));
    let level = fields.number("level", BETWEEN);
    Box::new(move |_| {
        let Some(welch) = Welch::new(&first, &second) else { return Vec::new() };
        vec![
            ("difference", Value::Number(welch.difference)),
            ("t_statistic", Value::Number(welch.t())),
            ("degrees_of_freedom", Value::Number(welch.degrees)),
            ("p_value_two_sided", Value::Number(welch.two_sided_p())),
            ("interval", interval(welch.difference, welch.half_width(level))),
        ]
    })
}

/// Adjusted p-values, and what is rejected.
pub(super) fn multiple_testing(fields: &mut Fields, _id: &str) -> Task {
    let (p_values, alpha) = (fields.numbers("p_values", SHARE), fields.number("alpha", BETWEEN));
    Box::new(move |_| {
        let rejected = |adjusted: &[f64]| Value::List(adjusted.iter().map(|p| Value::Flag(*p <= alpha)).collect());
        let (holm, hochberg) = (holm(&p_values), benjamini_hochberg(&p_values));
        vec![
            ("holm_reject", rejected(&holm)),
            ("bh_reject", rejected(&hochberg)),
            ("holm_adjusted", Value::numbers(holm)),
            ("bh_adjusted", Value::numbers(hochberg)),
            ("bonferroni_adjusted", Value::numbers(p_values.iter().map(|p| bonferroni(*p, p_values.len())))),
        ]
    })
}

/// Values added until the interval is narrow, by the part of the mean found and by that of the true one.
pub(super) fn sequential_stopping(fields: &mut Fields, _id: &str) -> Task {
    let series = sample(fields, "series");
    let first = fields.count("n0", 2, series.len().max(2) as u64) as usize;
    let (share, level) = (fields.number("relative_precision", BETWEEN), fields.number("level", BETWEEN));
    Box::new(move |_| {
        let by = |target| match stop(&series, first, target, level) {
            None => [Value::None, Value::None, Value::None],
            Some((n, mean, half)) => [Value::Count(n as i128), Value::Number(mean), Value::Number(half)],
        };
        let ([n, mean, half], [n_true, mean_true, half_true]) =
            (by(Target::Relative(share)), by(Target::relative_error(share)));
        vec![
            ("n_stop_plain_rule", n),
            ("mean_at_stop_plain", mean),
            ("half_width_at_stop_plain", half),
            ("n_stop_adjusted_rule", n_true),
            ("mean_at_stop_adjusted", mean_true),
            ("half_width_at_stop_adjusted", half_true),
        ]
    })
}

/// Replications for a half-width, from the variance of a pilot.
pub(super) fn absolute_precision(fields: &mut Fields, _id: &str) -> Task {
    let pilot = sample(fields, "pilot");
    let (half_width, level) = (fields.number("absolute_half_width", POSITIVE), fields.number("level", BETWEEN));
    Box::new(move |_| {
        let needed = replications_for(half_width, pilot.len(), variance(&pilot), level, MOST_REPLICATIONS);
        vec![("n_required", needed.map_or(Value::None, |n| Value::Count(n as i128)))]
    })
}

/// A mean resampled in every way that there is.
pub(super) fn exhaustive_bootstrap(fields: &mut Fields, _id: &str) -> Task {
    let (data, level) = (sample(fields, "data"), fields.number("level", BETWEEN));
    let ways = (data.len() as u64).checked_pow(data.len() as u32).filter(|ways| *ways <= MOST_RESAMPLES);
    if ways.is_none() {
        fields.refuse("data", "so few values that they have at most ten million resamples");
    }
    fields.one_of("statistic", &["mean"]);
    Box::new(move |_| {
        let n = data.len() as u64;
        let mean_of = |places: &[usize]| places.iter().map(|place| data[*place]).sum::<f64>() / places.len() as f64;
        // The digits of 0, 1, … to the base n are every resample once.
        let digits = |number: u64| {
            let of_place = |place: &u32| (number / n.pow(*place) % n) as usize;
            (0..n as u32).map(|place| of_place(&place)).collect::<Vec<usize>>()
        };
        let resampled: Vec<f64> = (0..ways.unwrap_or(0)).map(|number| mean_of(&digits(number))).collect();
        // Every resample is there: their spread is known and not estimated.
        let spread = (variance(&resampled) * (resampled.len() - 1) as f64 / resampled.len() as f64).sqrt();
        let bootstrap = Bootstrap::of(data.len(), resampled, mean_of);
        let mut quantities =
            vec![("theta_hat", Value::Number(bootstrap.estimate())), ("ideal_bootstrap_se", Value::Number(spread))];
        if let Some(Bca { bias, acceleration, probabilities, interval }) = bootstrap.bca(level) {
            quantities.extend([
                ("z0", Value::Number(bias)),
                ("acceleration", Value::Number(acceleration)),
                ("adjusted_probabilities", pair(probabilities)),
                ("interval", pair(interval)),
            ]);
        }
        quantities
    })
}

/// A median resampled by given places.
pub(super) fn given_bootstrap(fields: &mut Fields, _id: &str) -> Task {
    let (data, level) = (sample(fields, "data"), fields.number("level", BETWEEN));
    let n = data.len();
    let places = |item: &serde_json::Value| {
        let places = item.as_array()?.iter().map(|place| place.as_u64().map(|place| place as usize));
        places.collect::<Option<Vec<usize>>>().filter(|places| places.len() == n && places.iter().all(|k| *k < n))
    };
    let resamples = fields.list("resample_indices", "as many places of the data as it has values, from 0", places);
    fields.one_of("statistic", &["median"]);
    Box::new(move |_| {
        let median = |places: &[usize]| {
            let mut values: Vec<f64> = places.iter().map(|place| data[*place]).collect();
            values.sort_unstable_by(f64::total_cmp);
            quantile(&values, 0.5)
        };
        let resampled: Vec<f64> = resamples.iter().map(|places| median(places)).collect();
        let first_ten = Value::numbers(resampled.iter().take(10).copied());
        let bootstrap = Bootstrap::of(n, resampled, median);
        let mut quantities = vec![
            ("bootstrap_medians_first_10", first_ten),
            ("standard_error", Value::Number(bootstrap.standard_error())),
            ("percentile_interval", pair(bootstrap.percentile(level))),
            ("basic_interval", pair(bootstrap.basic(level))),
        ];
        if let Some(Bca { bias, acceleration, interval, .. }) = bootstrap.bca(level) {
            quantities.extend([
                ("z0", Value::Number(bias)),
                ("acceleration", Value::Number(acceleration)),
                ("bca_interval", pair(interval)),
            ]);
        }
        quantities
    })
}
