//! How concentrated the two layers of the market are.

use crate::report::charts::draw::palette::{Colour, Palette};
use crate::report::charts::draw::scale::Unit;
use crate::report::charts::draw::scene::Dash;
use crate::report::charts::forms::{Form, Level, Line, LinePanels, Panel, Scaling};
use crate::report::charts::input::ChartInput;
use crate::report::charts::picture::Picture;

/// Above this a market is highly concentrated (US Merger Guidelines of December 2023, guideline 1).
const HIGHLY_CONCENTRATED: f64 = 1_800.0;

pub fn picture(input: &ChartInput<'_>) -> Result<Picture, String> {
    let layers = [
        ("hhi_infrastructure", "Clouds", Palette::nth(0), Dash::Solid),
        ("hhi_model", "Labs", Palette::nth(2), Dash::Long),
    ];
    let line = |(metric, label, colour, dash): (&str, &str, Colour, Dash)| -> Result<Line, String> {
        let band = input.market(metric)?.band();
        Ok(Line { label: label.into(), colour, dash, bands: input.has_bands(), ends: true, band })
    };
    let lines = layers.into_iter().map(line).collect::<Result<Vec<_>, _>>()?;
    let text = "1,800: highly concentrated (US Merger Guidelines, 2023)".into();
    let levels = vec![Level { value: HIGHLY_CONCENTRATED, text }];
    let panels = vec![Panel { title: String::new(), colour: Colour::INK, lines, levels, notes: Vec::new() }];
    let years = input.years();
    Ok(Picture {
        title: "Concentration of clouds and of labs".into(),
        subtitle: "Herfindahl-Hirschman index of revenue shares, points (10,000 is one seller)".into(),
        legend: input.legend_of_bands(),
        marks: input.marks(),
        source: input.source_of_bands(),
        form: Form::LinePanels(LinePanels {
            years,
            unit: Unit::Points,
            may_be_log: false,
            scaling: Scaling::Shared,
            panels,
        }),
    })
}
