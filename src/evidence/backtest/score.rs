//! Scores of points, and of series over their points.

use super::measures::{crps, quantile};
use super::plan::{Ensemble, Plan, PlannedPoint};
use crate::units::CivilDate;
use serde::Serialize;

/// Before the cutoff or after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sample {
    /// Up to the cutoff.
    In,
    /// After it.
    Out,
}

impl Sample {
    /// As tables print it.
    pub fn name(self) -> &'static str {
        match self {
            Sample::In => "in",
            Sample::Out => "out",
        }
    }
}

/// A point and what was simulated for it, in the unit of the observed series.
#[derive(Clone, Debug, PartialEq)]
pub struct PointScore {
    /// Name of the series.
    pub series: String,
    /// Unit of the values.
    pub unit: String,
    /// Before the cutoff or after it.
    pub sample: Sample,
    /// Last day of the period.
    pub period_end: CivilDate,
    /// What was observed.
    pub observed: f64,
    /// 5, 25, 50, 75 and 95 % quantiles of the ensemble.
    pub quantiles: [f64; 5],
    /// Continuous ranked probability score of the ensemble.
    pub crps: f64,
    /// Error of the last value carried forward, which is its CRPS.
    pub crps_last: Option<f64>,
    /// Error of the trend, which is its CRPS.
    pub crps_trend: Option<f64>,
}

impl PointScore {
    fn new(series: &super::PlannedSeries, point: &PlannedPoint, sorted: &[f64]) -> Self {
        let error = |forecast: Option<f64>| forecast.map(|value| (value - point.observed).abs());
        Self {
            series: series.name.clone(),
            unit: series.spec.unit.clone(),
            sample: if point.out_of_sample { Sample::Out } else { Sample::In },
            period_end: point.period_end,
            observed: point.observed,
            quantiles: [0.05, 0.25, 0.5, 0.75, 0.95].map(|p| quantile(sorted, p)),
            crps: crps(sorted, point.observed),
            crps_last: error(point.carried_forward),
            crps_trend: error(point.trend),
        }
    }

    /// Median less observation.
    pub fn error(&self) -> f64 {
        self.quantiles[2] - self.observed
    }

    fn within(&self, low: usize, high: usize) -> bool {
        (self.quantiles[low]..=self.quantiles[high]).contains(&self.observed)
    }
}

/// Scores of a series in one sample; all but shares are in the unit of the observed series.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SeriesScore {
    /// Name.
    pub series: String,
    /// Unit.
    pub unit: String,
    /// Before the cutoff or after it.
    pub sample: Sample,
    /// Number of points.
    pub n: usize,
    /// Mean of median less observation.
    pub bias: f64,
    /// Mean absolute error of the median.
    pub mae: f64,
    /// Mean of that error over the observation, where that is not 0 [1].
    pub mape: f64,
    /// Share of points within the 25 to 75 % band [1].
    pub coverage_50: f64,
    /// Share of points within the 5 to 95 % band [1].
    pub coverage_90: f64,
    /// Mean CRPS.
    pub crps: f64,
    /// Mean CRPS of the last value carried forward, over the points that have it.
    pub crps_last: Option<f64>,
    /// Mean CRPS of the trend of the last year, over the points that have it.
    pub crps_trend: Option<f64>,
    /// 1 less CRPS over that of the last value, on the same points: over 0 is better than it [1].
    pub skill_over_last: Option<f64>,
    /// 1 less CRPS over that of the trend, on the same points: over 0 is better than it [1].
    pub skill_over_trend: Option<f64>,
}

/// Scores of every point of a plan that an ensemble has values for.
pub fn score(plan: &Plan, ensemble: &Ensemble) -> Vec<PointScore> {
    let points = plan.series.iter().flat_map(|series| series.points.iter().map(move |point| (series, point)));
    let scored = points.enumerate().filter_map(|(number, (series, point))| {
        let sorted = ensemble.sorted(number);
        (!sorted.is_empty()).then(|| PointScore::new(series, point, &sorted))
    });
    scored.collect()
}

/// Scores by series and sample, in the order of the points.
pub fn summarise(points: &[PointScore]) -> Vec<SeriesScore> {
    points.chunk_by(|a, b| (&a.series, a.sample) == (&b.series, b.sample)).map(of_series).collect()
}

fn of_series(points: &[PointScore]) -> SeriesScore {
    let PointScore { series, unit, sample, .. } = points[0].clone();
    let share = |inside: fn(&PointScore) -> bool| {
        points.iter().filter(|point| inside(point)).count() as f64 / points.len() as f64
    };
    let relative = |point: &PointScore| (point.observed != 0.0).then(|| (point.error() / point.observed).abs());
    let (crps_last, skill_over_last) = against(points, |point| point.crps_last);
    let (crps_trend, skill_over_trend) = against(points, |point| point.crps_trend);
    SeriesScore {
        series,
        unit,
        sample,
        n: points.len(),
        bias: mean(points.iter().map(PointScore::error)).unwrap_or(f64::NAN),
        mae: mean(points.iter().map(|point| point.error().abs())).unwrap_or(f64::NAN),
        mape: mean(points.iter().filter_map(relative)).unwrap_or(f64::NAN),
        coverage_50: share(|point| point.within(1, 3)),
        coverage_90: share(|point| point.within(0, 4)),
        crps: mean(points.iter().map(|point| point.crps)).unwrap_or(f64::NAN),
        crps_last,
        crps_trend,
        skill_over_last,
        skill_over_trend,
    }
}

/// Mean score of a naive forecast, and the skill over it on the points that it has.
fn against(points: &[PointScore], naive: fn(&PointScore) -> Option<f64>) -> (Option<f64>, Option<f64>) {
    let theirs = mean(points.iter().filter_map(naive));
    let ours = mean(points.iter().filter(|point| naive(point).is_some()).map(|point| point.crps));
    let skill = theirs.zip(ours).filter(|(theirs, _)| *theirs > 0.0).map(|(theirs, ours)| 1.0 - ours / theirs);
    (theirs, skill)
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (count, sum) = values.fold((0_u32, 0.0), |(count, sum), value| (count + 1, sum + value));
    (count > 0).then(|| sum / f64::from(count))
}
