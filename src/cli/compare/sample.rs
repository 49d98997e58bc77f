//! The selected series of a scenario, replication by replication.

use crate::experiment::paired::{PairedDifference, paired_difference};
use crate::model::record::{Recorded, SeriesKey};
use std::collections::BTreeMap;
use std::ops::Range;

/// What a comparison keeps of a scenario.
#[derive(Debug, Default)]
pub(super) struct Sample {
    /// Month ends, `YYYY-MM-DD`, ascending.
    pub dates: Vec<String>,
    /// The months that the comparison looks at.
    pub window: Range<usize>,
    /// By series, the values at all dates for each replication.
    pub series: BTreeMap<SeriesKey, Vec<(u32, Vec<f64>)>>,
}

impl Sample {
    /// Keeps the series of a replication that `holds` wants.
    pub fn keep(
        &mut self,
        replication: u32,
        recorded: &Recorded,
        window: Range<usize>,
        holds: impl Fn(&SeriesKey) -> bool,
    ) {
        self.window = window;
        self.dates.clone_from(&recorded.dates);
        for (series, key) in recorded.keys.iter().enumerate().filter(|(_, key)| holds(key)) {
            self.series.entry(key.clone()).or_default().push((replication, recorded.series(series).to_vec()));
        }
    }

    /// Mean over the window for each replication.
    pub fn windowed(&self, key: &SeriesKey) -> Option<Vec<(u32, f64)>> {
        let replications = self.series.get(key)?.iter();
        Some(replications.map(|(number, values)| (*number, mean_of_observed(&values[self.window.clone()]))).collect())
    }

    /// The values of a month.
    fn month(&self, key: &SeriesKey, place: usize) -> Option<Vec<(u32, f64)>> {
        Some(self.series.get(key)?.iter().map(|(number, values)| (*number, values[place])).collect())
    }
}

/// The difference over the window, if both scenarios have the series.
pub(super) fn paired_window(base: &Sample, other: &Sample, key: &SeriesKey) -> Option<PairedDifference> {
    paired_difference(&base.windowed(key)?, &other.windowed(key)?)
}

/// The difference in each month of the base; none in a month that the other scenario lacks.
pub(super) fn paired_months(base: &Sample, other: &Sample, key: &SeriesKey) -> Option<Vec<Option<PairedDifference>>> {
    other.series.get(key)?;
    let month = |(place, date): (usize, &String)| {
        let in_other = other.dates.binary_search(date).ok()?;
        paired_difference(&base.month(key, place)?, &other.month(key, in_other)?)
    };
    Some(base.dates.iter().enumerate().map(month).collect())
}

/// NaN if nothing was observed.
fn mean_of_observed(values: &[f64]) -> f64 {
    let observed = || values.iter().filter(|value| !value.is_nan());
    observed().sum::<f64>() / observed().count() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_mean_leaves_out_what_was_not_observed() {
        assert_eq!(mean_of_observed(&[1.0, f64::NAN, 5.0]), 3.0);
        assert!(mean_of_observed(&[f64::NAN]).is_nan());
    }

    #[test]
    fn months_are_paired_by_their_dates() {
        let key = SeriesKey { metric: "m".into(), entity: "e".into(), counterparty: String::new() };
        let sample = |dates: &[&str], values: &[f64]| Sample {
            dates: dates.iter().map(|date| (*date).to_owned()).collect(),
            window: 0..dates.len(),
            series: BTreeMap::from([(key.clone(), vec![(0, values.to_vec())])]),
        };
        let base = sample(&["2026-01-31", "2026-02-28"], &[1.0, 2.0]);
        let other = sample(&["2026-02-28", "2026-03-31"], &[5.0, 9.0]);
        let months = paired_months(&base, &other, &key).unwrap();
        assert_eq!(months.iter().map(|month| month.map(|m| m.mean)).collect::<Vec<_>>(), [None, Some(3.0)]);
        assert_eq!(paired_window(&base, &other, &key).unwrap().mean, 5.5);
        assert_eq!(paired_months(&base, &Sample::default(), &key), None);
    }
}
