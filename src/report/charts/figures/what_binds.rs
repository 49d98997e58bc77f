//! Which limit kept each cloud from serving more, month by month.

use super::{MAX_PANELS, greatest, left_out_text};
use crate::report::charts::draw::frame::{Entry, Swatch};
use crate::report::charts::draw::palette::Colour;
use crate::report::charts::forms::{Cell, Form, HeatMap, HeatRow};
use crate::report::charts::input::{ChartInput, Series};
use crate::report::charts::picture::Picture;
use crate::report::summary::SeriesSummary;
use crate::supply::binding::Limit;

/// Share of the replications that have to agree for the full colour.
const AGREED: f64 = 0.5;

pub fn picture(input: &ChartInput<'_>) -> Result<Picture, String> {
    let binds: Vec<&SeriesSummary> = input.summary.of_metric("binds").collect();
    if binds.is_empty() {
        return Err("the run recorded no binds".into());
    }
    let fleets = input.series("fleet_h100e")?;
    let (mut fleets, left_out) = greatest(fleets, MAX_PANELS, size);
    fleets.sort_by(|a, b| size(b).total_cmp(&size(a)));
    let rows = fleets.iter().map(|fleet| row(fleet, &binds)).collect();
    let mut legend: Vec<Entry> =
        Limit::ALL.iter().map(|limit| Entry::new(Swatch::Area(colour(*limit), 1.0), title(*limit))).collect();
    if input.has_bands() {
        legend.push(Entry::new(Swatch::Area(colour(Limit::Chips), 0.5), "Paler: under half of replications agree"));
    }
    let subtitle = match input.has_bands() {
        true => "What bound most often over the replications in each month; the largest fleets first",
        false => "What bound in each month; the largest fleets first",
    };
    Ok(Picture {
        title: "What keeps each cloud from serving more".into(),
        subtitle: subtitle.into(),
        legend,
        marks: input.marks(),
        source: input.source("") + &left_out_text(left_out, "cloud"),
        form: Form::HeatMap(HeatMap { years: input.years(), rows }),
    })
}

/// Mean fleet in the last month that has one [H100e].
fn size(fleet: &Series<'_>) -> f64 {
    fleet.spreads.iter().rev().map(|spread| spread.mean).find(|mean| mean.is_finite()).unwrap_or(0.0)
}

fn row(fleet: &Series<'_>, binds: &[&SeriesSummary]) -> HeatRow {
    let share = |limit: Limit, month: usize| {
        let series = binds.iter().find(|s| s.key.entity == fleet.id && s.key.counterparty == limit.name());
        series.map_or(f64::NAN, |s| s.spreads[month].mean)
    };
    let cell = |month: usize| {
        let shares = Limit::ALL.map(|limit| share(limit, month));
        let most = shares.iter().copied().filter(|share| share.is_finite()).fold(0.0, f64::max);
        let limit = Limit::ALL.into_iter().find(|limit| most > 0.0 && shares[limit.index()] == most)?;
        Some(Cell { label: title(limit), colour: colour(limit), pale: most < AGREED })
    };
    HeatRow { label: fleet.name.clone(), colour: fleet.colour, cells: (0..fleet.spreads.len()).map(cell).collect() }
}

fn title(limit: Limit) -> &'static str {
    match limit {
        Limit::Chips => "Chips",
        Limit::Packaging => "Packaging",
        Limit::Memory => "Memory",
        Limit::Power => "Power",
        Limit::Capital => "Capital",
        Limit::Demand => "Demand",
    }
}

/// Apart in lightness by steps, so that they stay apart in grey and to the colour-blind: 20, 32, 43, 63, 77, 90 % of
/// white's. Demand is the palest: nothing on the supply side bound.
fn colour(limit: Limit) -> Colour {
    match limit {
        Limit::Chips => Colour(0x00, 0x6b, 0xa2),
        Limit::Packaging => Colour(0x33, 0xa6, 0xbd),
        Limit::Memory => Colour(0x2a, 0x30, 0x52),
        Limit::Power => Colour(0xf0, 0xb6, 0x36),
        Limit::Capital => Colour(0x96, 0x26, 0x38),
        Limit::Demand => Colour(0xdd, 0xe1, 0xe6),
    }
}
