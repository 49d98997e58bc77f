//! What is to be compared, and the simulated side of it while runs end.

use super::mapping::{Mapping, Over, SeriesSpec};
use super::naive::{carried_forward, trend};
use super::observed::Observed;
use crate::model::record::Recorded;
use crate::units::{Calendar, CivilDate};
use std::collections::BTreeSet;

/// A point to be scored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlannedPoint {
    /// Last day of the period.
    pub period_end: CivilDate,
    /// What was observed.
    pub observed: f64,
    /// Whether it lies after the cutoff.
    pub out_of_sample: bool,
    /// The last value seen, carried forward.
    pub carried_forward: Option<f64>,
    /// The trend of the last year seen, continued.
    pub trend: Option<f64>,
    month: usize,
}

/// A series with the points that lie within the run.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedSeries {
    /// Its name in the mapping.
    pub name: String,
    /// What it is compared with.
    pub spec: SeriesSpec,
    /// Its points, by date.
    pub points: Vec<PlannedPoint>,
}

/// Everything to be compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// By name.
    pub series: Vec<PlannedSeries>,
    /// Observed series that nothing is compared with.
    pub unmapped: Vec<String>,
}

impl Plan {
    /// The points of `mapping` within a run over `calendar`, with forecasts that saw nothing after `cutoff`.
    pub fn new(observed: &Observed, mapping: &Mapping, calendar: &Calendar, cutoff: CivilDate) -> Self {
        let plan = |(name, spec): (&String, &SeriesSpec)| {
            let points = points(&sums(observed, &spec.observed), calendar, cutoff);
            PlannedSeries { name: name.clone(), spec: spec.clone(), points }
        };
        let used: BTreeSet<&String> = mapping.series.values().flat_map(|spec| &spec.observed).collect();
        let unmapped = observed.series.keys().filter(|name| !used.contains(name)).cloned().collect();
        Self { series: mapping.series.iter().map(plan).collect(), unmapped }
    }

    /// The last day that is compared; none if nothing is.
    pub fn last_day(&self) -> Option<CivilDate> {
        self.series.iter().flat_map(|series| &series.points).map(|point| point.period_end).max()
    }

    /// The simulated values of all points, in order; NaN where a run has none.
    ///
    /// # Errors
    /// Every metric that the run does not have.
    pub fn simulated(&self, recorded: &Recorded) -> Result<Vec<f64>, Vec<String>> {
        let (mut values, mut missing) = (Vec::new(), Vec::new());
        for series in &self.series {
            let mut parts = Vec::new();
            for part in &series.spec.simulated {
                let is = |key: &crate::model::record::SeriesKey| {
                    (&key.metric, &key.entity, &key.counterparty) == (&part.metric, &part.entity, &part.counterparty)
                };
                match recorded.keys.iter().position(is) {
                    Some(place) => parts.push((recorded.series(place), if part.less { -1.0 } else { 1.0 })),
                    None => {
                        let of = format!("`{}` of `{}`", part.metric, part.entity);
                        missing.push(format!("series `{}`: the run has no metric {of}", series.name));
                    }
                }
            }
            let sum = |month: usize| parts.iter().map(|(part, sign)| sign * part[month]).sum::<f64>();
            let value = |point: &PlannedPoint| series.spec.factor * over(series.spec.over, point.month, sum);
            values.extend(series.points.iter().map(value));
        }
        if missing.is_empty() { Ok(values) } else { Err(missing) }
    }
}

/// The value of the period that ends with a month; NaN if it begins before the run.
fn over(over: Over, month: usize, value: impl Fn(usize) -> f64) -> f64 {
    let sum = |months: usize| match (month + 1).checked_sub(months) {
        Some(first) => (first..=month).map(&value).sum(),
        None => f64::NAN,
    };
    match over {
        Over::Month => value(month),
        Over::Quarter => sum(3),
        Over::Year => sum(12),
        Over::QuarterRise => month.checked_sub(3).map_or(f64::NAN, |before| value(month) - value(before)),
    }
}

/// Sums of series, on the days that all of them have.
fn sums(observed: &Observed, names: &[String]) -> Vec<(CivilDate, f64)> {
    let rows = |name: &String| observed.series.get(name).map_or(&[][..], Vec::as_slice);
    let Some((first, others)) = names.split_first() else { return Vec::new() };
    let on = |name: &String, day: CivilDate| rows(name).iter().find(|row| row.period_end == day).map(|row| row.value);
    let sum = |row: &super::observed::Observation| {
        let others: Option<f64> = others.iter().map(|name| on(name, row.period_end)).sum();
        Some((row.period_end, row.value + others?))
    };
    rows(first).iter().filter_map(sum).collect()
}

fn points(seen: &[(CivilDate, f64)], calendar: &Calendar, cutoff: CivilDate) -> Vec<PlannedPoint> {
    let months: Vec<CivilDate> = (0..calendar.months()).map(|month| calendar.month_last_day(month)).collect();
    let point = |(i, (period_end, observed)): (usize, &(CivilDate, f64))| {
        let month = months.iter().position(|day| day == period_end)?;
        let out_of_sample = *period_end > cutoff;
        let known = if out_of_sample { seen.partition_point(|(day, _)| *day <= cutoff) } else { i };
        let known = &seen[..known];
        Some(PlannedPoint {
            period_end: *period_end,
            observed: *observed,
            out_of_sample,
            carried_forward: carried_forward(known),
            trend: trend(known, *period_end),
            month,
        })
    };
    seen.iter().enumerate().filter_map(point).collect()
}

/// The simulated values of a plan's points, replication by replication.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ensemble {
    replications: Vec<Vec<f64>>,
}

impl Ensemble {
    /// Adds a run.
    ///
    /// # Errors
    /// See [`Plan::simulated`].
    pub fn take(&mut self, plan: &Plan, recorded: &Recorded) -> Result<(), Vec<String>> {
        self.replications.push(plan.simulated(recorded)?);
        Ok(())
    }

    /// Number of runs.
    pub fn len(&self) -> usize {
        self.replications.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.replications.is_empty()
    }

    /// The values of point number `point`, ascending; those that are missing are left out.
    pub(super) fn sorted(&self, point: usize) -> Vec<f64> {
        let mut values: Vec<f64> = self.replications.iter().map(|run| run[point]).filter(|x| x.is_finite()).collect();
        values.sort_by(f64::total_cmp);
        values
    }
}
