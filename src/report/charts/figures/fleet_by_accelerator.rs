//! Which accelerators each cloud has installed.

use super::{MAX_PANELS, greatest, left_out_text};
use crate::report::charts::draw::frame::{Entry, Swatch};
use crate::report::charts::draw::palette::{Colour, Palette};
use crate::report::charts::draw::scale::Unit;
use crate::report::charts::forms::{AmountLayer, Form, StackPanel, StackPanels};
use crate::report::charts::input::{ChartInput, Series};
use crate::report::charts::picture::Picture;
use crate::report::summary::SeriesSummary;
use std::collections::BTreeMap;

/// Types that have a colour of their own, as many as the palette has; the others share one.
const MOST_TYPES: usize = 16;
/// What the types without a colour of their own are shown in.
const OTHERS: Colour = Colour::GRID;

pub fn picture(input: &ChartInput<'_>) -> Result<Picture, String> {
    let fleets: Vec<&SeriesSummary> = input.summary.of_metric("fleet_chips").collect();
    if fleets.is_empty() {
        return Err("the run recorded no fleet_chips".into());
    }
    let types = types(input, &fleets);
    let (shown, left_out) = greatest(input.series("fleet_h100e")?, MAX_PANELS, Series::peak);
    let panels = shown.iter().map(|cloud| panel(cloud, &fleets, &types)).collect();
    let mut legend: Vec<Entry> =
        types.iter().map(|(id, colour)| Entry::new(Swatch::Area(*colour, 1.0), input.name(id))).collect();
    if fleets.iter().any(|fleet| !types.iter().any(|(id, _)| *id == fleet.key.counterparty)) {
        legend.push(Entry::new(Swatch::Area(OTHERS, 1.0), "Other types"));
    }
    let of_what = if input.has_bands() { "; means of the replications" } else { "" };
    Ok(Picture {
        title: "Fleet by accelerator, at each cloud".into(),
        subtitle: format!("Accelerators installed at month end; scales differ{of_what}"),
        legend,
        marks: input.marks(),
        source: input.source("") + &left_out_text(left_out, "cloud"),
        form: Form::StackPanels(StackPanels { years: input.years(), unit: Unit::Count, panels }),
    })
}

/// The types that were the largest part of all fleets at some time, the earliest first, with their colours.
fn types<'a>(input: &ChartInput<'_>, fleets: &[&'a SeriesSummary]) -> Vec<(&'a str, Colour)> {
    let months = input.summary.dates.len();
    let mut totals: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for fleet in fleets {
        let total = totals.entry(fleet.key.counterparty.as_str()).or_insert_with(|| vec![0.0; months]);
        total.iter_mut().zip(&fleet.spreads).for_each(|(sum, spread)| *sum += present(spread.mean));
    }
    let all: Vec<f64> = (0..months).map(|month| totals.values().map(|total| total[month]).sum()).collect();
    let share = |total: Vec<f64>| total.iter().zip(&all).map(|(part, all)| part / all.max(1.0)).collect();
    let peak = |share: &[f64]| share.iter().copied().fold(0.0, f64::max);
    let totals: Vec<(&str, Vec<f64>)> = totals.into_iter().map(|(id, total)| (id, share(total))).collect();
    let (mut most, _) = greatest(totals, MOST_TYPES, |(_, share)| peak(share));
    most.retain(|(_, share)| peak(share) > 0.0);
    // By the month in which half of the peak is reached, so that generations follow one another upwards.
    most.sort_by_key(|(_, share)| share.iter().position(|part| *part >= 0.5 * peak(share)));
    most.into_iter().enumerate().map(|(place, (id, _))| (id, Palette::nth(place))).collect()
}

fn panel(cloud: &Series<'_>, fleets: &[&SeriesSummary], types: &[(&str, Colour)]) -> StackPanel {
    let own: Vec<&&SeriesSummary> = fleets.iter().filter(|fleet| fleet.key.entity == cloud.id).collect();
    let amounts = |of: &dyn Fn(&str) -> bool| {
        let mut sum = vec![0.0; cloud.spreads.len()];
        for fleet in own.iter().filter(|fleet| of(&fleet.key.counterparty)) {
            sum.iter_mut().zip(&fleet.spreads).for_each(|(sum, spread)| *sum += present(spread.mean));
        }
        sum
    };
    let others = amounts(&|id| !types.iter().any(|(kind, _)| *kind == id));
    let mut layers = vec![AmountLayer { colour: OTHERS, amounts: others }];
    layers.extend(
        types.iter().map(|(kind, colour)| AmountLayer { colour: *colour, amounts: amounts(&|id| id == *kind) }),
    );
    StackPanel { title: cloud.name.clone(), colour: cloud.colour, layers }
}

fn present(chips: f64) -> f64 {
    if chips.is_finite() { chips } else { 0.0 }
}
