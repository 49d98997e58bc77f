//! What the replications of a scenario say together: mean, spread and quantiles by series and date.
//!
//! - mean `m = Σx / n`, summed in replication order; sd `s = √(Σ(x − m)² / (n − 1))`
//! - quantiles by linear interpolation between order statistics, `h = (n − 1)·p` (type 7 of Hyndman and Fan, 1996)
//! - half-width of the 95 % interval of the mean `t(0.975, n − 1) · s / √n`, replications being independent
//!
//! An observation that is NaN is left out, and `n` counts the others. With none left every figure is NaN; with one,
//! sd and half-width are.

use crate::experiment::statistics::{mean, quantile, t_of_interval, variance};
use crate::model::metrics::METRICS;
use crate::model::record::SeriesKey;

/// The replications of one scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Ensemble {
    /// Name of the scenario.
    pub scenario: String,
    /// Civil dates of the observations (`YYYY-MM-DD`), ascending.
    pub dates: Vec<String>,
    /// Keys of the series, the same in every replication.
    pub keys: Vec<SeriesKey>,
    /// Index and values of each replication, laid out as [`crate::model::record::Recorded::values`].
    pub replications: Vec<(u32, Vec<f64>)>,
}

/// The distribution of one observation over the replications, in the unit of its metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Replications that observed it.
    pub n: u32,
    /// Arithmetic mean.
    pub mean: f64,
    /// Sample standard deviation.
    pub sd: f64,
    /// 5 % quantile.
    pub p05: f64,
    /// Lower quartile.
    pub p25: f64,
    /// Median.
    pub p50: f64,
    /// Upper quartile.
    pub p75: f64,
    /// 95 % quantile.
    pub p95: f64,
    /// Half-width of the 95 % confidence interval of the mean.
    pub half_width_95: f64,
}

/// One series, summarised at each date.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesSummary {
    /// What it is of.
    pub key: SeriesKey,
    /// One for each date of the summary.
    pub spreads: Vec<Spread>,
}

/// All series of a scenario, sorted by metric (in the order of the dictionary), entity and counterparty.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Name of the scenario.
    pub scenario: String,
    /// Civil dates (`YYYY-MM-DD`), ascending.
    pub dates: Vec<String>,
    /// The series.
    pub series: Vec<SeriesSummary>,
}

impl Summary {
    /// Summarises an ensemble.
    ///
    /// # Panics
    /// If a replication does not hold one value for each key and date.
    pub fn of(ensemble: &Ensemble) -> Self {
        let expected = ensemble.keys.len() * ensemble.dates.len();
        for (index, values) in &ensemble.replications {
            assert_eq!(values.len(), expected, "values of replication {index}");
        }
        let mut statistics = Statistics::new(ensemble.replications.len());
        let series = ensemble
            .keys
            .iter()
            .enumerate()
            .map(|(i, key)| SeriesSummary { key: key.clone(), spreads: spreads_of(ensemble, i, &mut statistics) });
        Self::sorted(ensemble.scenario.clone(), ensemble.dates.clone(), series.collect())
    }

    /// A summary of series in any order.
    pub(super) fn sorted(scenario: String, dates: Vec<String>, mut series: Vec<SeriesSummary>) -> Self {
        series.sort_by_cached_key(|s| (rank(&s.key.metric), s.key.clone()));
        Self { scenario, dates, series }
    }

    /// The series of a metric, in their order.
    pub fn of_metric<'a>(&'a self, metric: &str) -> impl Iterator<Item = &'a SeriesSummary> {
        self.series.iter().filter(move |s| s.key.metric == metric)
    }

    /// The series of a metric and an entity that has no counterparty.
    pub fn of_entity(&self, metric: &str, entity: &str) -> Option<&SeriesSummary> {
        self.of_metric(metric).find(|s| s.key.entity == entity && s.key.counterparty.is_empty())
    }
}

/// Place of a metric in the dictionary; those that it does not know come last, by name.
fn rank(metric: &str) -> usize {
    METRICS.iter().position(|info| info.name == metric).unwrap_or(METRICS.len())
}

fn spreads_of(ensemble: &Ensemble, series: usize, statistics: &mut Statistics) -> Vec<Spread> {
    let dates = ensemble.dates.len();
    (0..dates)
        .map(|date| statistics.spread(ensemble.replications.iter().map(|(_, values)| values[series * dates + date])))
        .collect()
}

/// Room for one observation's values, and the t quantiles, which are slow to compute.
struct Statistics {
    observed: Vec<f64>,
    t_975: Vec<f64>,
}

impl Statistics {
    fn new(replications: usize) -> Self {
        Self {
            observed: Vec::with_capacity(replications),
            t_975: (0..=replications).map(|n| t_of_interval(n, 0.95)).collect(),
        }
    }

    fn spread(&mut self, values: impl Iterator<Item = f64>) -> Spread {
        self.observed.clear();
        self.observed.extend(values.filter(|value| !value.is_nan()));
        let n = self.observed.len();
        // Both sums run in replication order, before the values are sorted, so they are the same bits every time.
        let (mean, sd) = (mean(&self.observed), variance(&self.observed).sqrt());
        self.observed.sort_unstable_by(f64::total_cmp);
        let quantile = |p| quantile(&self.observed, p);
        Spread {
            n: u32::try_from(n).expect("replications are counted in 32 bits"),
            mean,
            sd,
            p05: quantile(0.05),
            p25: quantile(0.25),
            p50: quantile(0.5),
            p75: quantile(0.75),
            p95: quantile(0.95),
            half_width_95: self.t_975[n] * sd / (n as f64).sqrt(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(metric: &str, entity: &str) -> SeriesKey {
        SeriesKey { metric: metric.into(), entity: entity.into(), counterparty: String::new() }
    }

    fn ensemble(keys: Vec<SeriesKey>, dates: &[&str], replications: Vec<Vec<f64>>) -> Ensemble {
        Ensemble {
            scenario: "s".into(),
            dates: dates.iter().map(|d| (*d).to_owned()).collect(),
            keys,
            replications: (0..).zip(replications).collect(),
        }
    }

    #[test]
    fn five_values_by_hand() {
        // 1, 2, 3, 4, 10: mean 4, squares 9 + 4 + 1 + 0 + 36 = 50, sd √12.5; h = 4p, so p05 = 1 + 0.2·1 and
        // p95 = 4 + 0.8·6; t(0.975, 4) = 2.776445 (any table), times √12.5 / √5 = √2.5.
        let values = [3.0, 1.0, 10.0, 2.0, 4.0].map(|v| vec![v]).to_vec();
        let summary = Summary::of(&ensemble(vec![key("users_m", "chat")], &["2023-01-31"], values));
        let spread = summary.series[0].spreads[0];
        assert_eq!((spread.n, spread.mean, spread.p25, spread.p50, spread.p75), (5, 4.0, 2.0, 3.0, 4.0));
        for (found, by_hand) in [
            (spread.sd, 12.5_f64.sqrt()),
            (spread.p05, 1.2),
            (spread.p95, 8.8),
            (spread.half_width_95, 2.776_445_105 * 2.5_f64.sqrt()),
        ] {
            assert!((found - by_hand).abs() < 1e-8, "{found} is not {by_hand}");
        }
    }

    #[test]
    fn missing_observations_are_left_out() {
        let nan = f64::NAN;
        let replications = vec![vec![1.0, nan, nan], vec![nan, nan, 7.0], vec![3.0, nan, nan]];
        let dates = ["2023-01-31", "2023-02-28", "2023-03-31"];
        let spreads = &Summary::of(&ensemble(vec![key("users_m", "a")], &dates, replications)).series[0].spreads;
        assert_eq!((spreads[0].n, spreads[0].mean, spreads[0].p50), (2, 2.0, 2.0));
        assert_eq!(spreads[1].n, 0);
        assert!(spreads[1].mean.is_nan() && spreads[1].p50.is_nan() && spreads[1].half_width_95.is_nan());
        assert_eq!((spreads[2].n, spreads[2].mean, spreads[2].p95), (1, 7.0, 7.0));
        assert!(spreads[2].sd.is_nan() && spreads[2].half_width_95.is_nan());
    }

    #[test]
    fn series_stand_in_the_order_of_the_dictionary_then_by_entity() {
        let keys =
            vec![key("hhi_model", "market"), key("zzz", "a"), key("share_tokens", "b"), key("share_tokens", "a")];
        let summary = Summary::of(&ensemble(keys, &["2023-01-31"], vec![vec![1.0, 2.0, 3.0, 4.0]]));
        let order: Vec<_> = summary.series.iter().map(|s| s.spreads[0].mean).collect();
        assert_eq!(order, [4.0, 3.0, 1.0, 2.0]);
        assert_eq!(summary.of_entity("share_tokens", "b").unwrap().spreads[0].mean, 3.0);
    }

    #[test]
    #[should_panic(expected = "values of replication 0")]
    fn a_replication_of_another_shape_is_a_fault() {
        Summary::of(&ensemble(vec![key("users_m", "a")], &["2023-01-31"], vec![vec![1.0, 2.0]]));
    }
}
