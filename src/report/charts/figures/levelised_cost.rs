//! What an hour of compute costs on a new unit of each accelerator.

use super::{accelerators, left_out_text};
use crate::report::charts::draw::palette::Colour;
use crate::report::charts::draw::scale::Unit;
use crate::report::charts::forms::{Form, Line, LinePanels, Panel, Scaling};
use crate::report::charts::input::{ChartInput, Series};
use crate::report::charts::picture::Picture;

pub fn picture(input: &ChartInput<'_>) -> Result<Picture, String> {
    let all = input.series("levelised_cost_usd_per_h100e_hour")?;
    // Bands of many lines would hide each other: the medians tell the accelerators apart.
    let bands = input.has_bands() && all.len() <= super::MAX_BANDS_IN_A_PANEL;
    let kinds = accelerators::most_used(input);
    let line = |series: &Series<'_>| {
        let colour = kinds.iter().find(|(id, _)| *id == series.id)?.1;
        Some(Line { colour, ..series.line(bands) })
    };
    let lines: Vec<Line> = all.iter().filter_map(line).collect();
    let left_out = all.len() - lines.len();
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
