//! What an hour of compute costs on a new unit of each accelerator.

use super::{greatest, left_out_text};
use crate::report::charts::draw::palette::Colour;
use crate::report::charts::draw::scale::Unit;
use crate::report::charts::forms::{Form, Line, LinePanels, Panel, Scaling};
use crate::report::charts::input::{ChartInput, Series};
use crate::report::charts::picture::Picture;
use crate::report::summary::Spread;

/// Lines that labels at their ends have room for.
const MAX_LINES: usize = 18;

pub fn picture(input: &ChartInput<'_>) -> Result<Picture, String> {
    let all = input.series("levelised_cost_usd_per_h100e_hour")?;
    // Bands of many lines would hide each other: the medians tell the accelerators apart.
    let bands = input.has_bands() && all.len() <= super::MAX_BANDS_IN_A_PANEL;
    let (series, left_out) = greatest(all, MAX_LINES, |series| weight(input, series));
    let lines: Vec<Line> = series.iter().map(|series| series.line(bands)).collect();
    let panel = Panel { title: String::new(), colour: Colour::INK, lines, levels: Vec::new(), notes: Vec::new() };
    let source = if bands { input.source_of_bands() } else { input.source("Lines are medians.") };
    let (years, panels) = (input.years(), vec![panel]);
    Ok(Picture {
        title: "Levelised cost of compute, by accelerator".into(),
        subtitle: "USD per H100-equivalent hour of a new unit, mean over the clouds that may buy it".into(),
        legend: if bands { input.legend_of_bands() } else { Vec::new() },
        marks: input.marks(),
        source: source + &left_out_text(left_out, "accelerator"),
        form: Form::LinePanels(LinePanels {
            years,
            unit: Unit::Usd,
            may_be_log: true,
            scaling: Scaling::Shared,
            panels,
        }),
    })
}

/// Chips at the clouds' peaks over the least cost of an hour: what is dear or rare moves little of the market.
fn weight(input: &ChartInput<'_>, series: &Series<'_>) -> f64 {
    let peak = |spreads: &[Spread]| spreads.iter().map(|spread| spread.mean).fold(0.0, f64::max);
    let fleets = input.summary.of_metric("fleet_chips").filter(|fleet| fleet.key.counterparty == series.id);
    let chips: f64 = fleets.map(|fleet| peak(&fleet.spreads)).sum();
    let least = series.spreads.iter().map(|spread| spread.mean).fold(f64::INFINITY, f64::min);
    chips / least
}
