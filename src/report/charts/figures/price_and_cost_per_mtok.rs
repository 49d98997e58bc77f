//! What a million tokens sell for, and what their compute costs.

use crate::report::charts::draw::palette::{Colour, Palette};
use crate::report::charts::draw::scale::Unit;
use crate::report::charts::draw::scene::Dash;
use crate::report::charts::forms::{Form, Line, LinePanels, Panel, Scaling};
use crate::report::charts::input::{ChartInput, Series};
use crate::report::charts::picture::Picture;

pub fn picture(input: &ChartInput<'_>) -> Result<Picture, String> {
    let (price, cost) = (input.market("price_usd_per_mtok")?, input.market("cost_usd_per_mtok")?);
    let panel = Panel {
        title: String::new(),
        colour: Colour::INK,
        lines: vec![
            line(input, &price, "Price paid", Palette::nth(0), Dash::Solid),
            line(input, &cost, "Full cost", Palette::nth(2), Dash::Long),
        ],
        levels: Vec::new(),
        notes: Vec::new(),
    };
    let (years, panels) = (input.years(), vec![panel]);
    Ok(Picture {
        title: "Price and full cost of a million tokens".into(),
        subtitle: "USD per million tokens, all models: mean price paid, products apart, and cost of compute, idle \
                   rights included"
            .into(),
        legend: input.legend_of_bands(),
        marks: input.marks(),
        source: input.source_of_bands(),
        form: Form::LinePanels(LinePanels {
            years,
            unit: Unit::Usd,
            may_be_log: true,
            scaling: Scaling::Shared,
            panels,
        }),
    })
}

fn line(input: &ChartInput<'_>, series: &Series<'_>, label: &str, colour: Colour, dash: Dash) -> Line {
    Line { label: label.into(), colour, dash, bands: input.has_bands(), ends: true, band: series.band() }
}
