//! Which accelerators the charts tell apart, and in which colours: the same on every chart.

use super::greatest;
use crate::report::charts::draw::palette::{Colour, Palette};
use crate::report::charts::input::ChartInput;
use std::collections::BTreeMap;

/// Types that a page can tell apart: each has a colour of the palette, or a paler one.
const MOST_TYPES: usize = 24;

/// The types that were the largest part of some cloud's fleet in some month, the earliest first, with their colours.
/// Ranked within each cloud, because a chip of one maker may do a tenth of the work of another's.
pub(super) fn most_used<'a>(input: &ChartInput<'a>) -> Vec<(&'a str, Colour)> {
    let months = input.summary.dates.len();
    let mut clouds: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for fleet in input.summary.of_metric("fleet_chips") {
        let total = clouds.entry(fleet.key.entity.as_str()).or_insert_with(|| vec![0.0; months]);
        total.iter_mut().zip(&fleet.spreads).for_each(|(sum, spread)| *sum += present(spread.mean));
    }
    let mut kinds: BTreeMap<&str, (f64, Vec<f64>)> = BTreeMap::new();
    for fleet in input.summary.of_metric("fleet_chips") {
        let cloud = &clouds[fleet.key.entity.as_str()];
        let shares = fleet.spreads.iter().zip(cloud).map(|(kind, all)| present(kind.mean) / all.max(1.0));
        let (weight, total) = kinds.entry(&fleet.key.counterparty).or_insert_with(|| (0.0, vec![0.0; months]));
        *weight = shares.fold(*weight, f64::max);
        total.iter_mut().zip(&fleet.spreads).for_each(|(sum, spread)| *sum += present(spread.mean));
    }
    let kinds: Vec<_> = kinds.into_iter().filter(|(_, (weight, _))| *weight > 0.0).collect();
    let (mut most, _) = greatest(kinds, MOST_TYPES, |(_, (weight, _))| *weight);
    // By the month in which half of the peak is reached, so that generations follow one another upwards.
    most.sort_by_key(|(_, (_, total))| {
        let peak = total.iter().copied().fold(0.0, f64::max);
        total.iter().position(|chips| *chips >= 0.5 * peak)
    });
    most.into_iter().enumerate().map(|(place, (id, _))| (id, Palette::nth_or_paler(place))).collect()
}

/// A number of chips; none where it was not observed.
pub(super) fn present(chips: f64) -> f64 {
    if chips.is_finite() { chips } else { 0.0 }
}
