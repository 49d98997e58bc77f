//! What an hour of an H100-equivalent costs renters by term, cloud by cloud.

use super::{MAX_PANELS, greatest, left_out_text};
use crate::report::charts::draw::frame::{Entry, Swatch};
use crate::report::charts::draw::palette::Palette;
use crate::report::charts::draw::scale::Unit;
use crate::report::charts::draw::scene::Dash;
use crate::report::charts::forms::{Form, LinePanels, Panel, Scaling};
use crate::report::charts::input::{ChartInput, Series};
use crate::report::charts::picture::Picture;

const METRIC: &str = "price_by_term_usd_per_h100e_hour";
/// Terms in the order of their flexibility, how they are called, and how they are told apart without colour.
const TERMS: [(&str, &str, Dash); 4] = [
    ("on-demand", "On demand", Dash::Solid),
    ("reserved-1y", "Reserved for a year, signed then", Dash::Long),
    ("reserved-3y", "Reserved for three years, signed then", Dash::Short),
    ("spot", "Spot", Dash::Dotted),
];

pub fn picture(input: &ChartInput<'_>) -> Result<Picture, String> {
    if input.summary.of_metric(METRIC).next().is_none() {
        return Err(format!("the run recorded no {METRIC}"));
    }
    let (clouds, left_out) = greatest(input.series("price_usd_per_h100e_hour")?, MAX_PANELS, Series::peak);
    let swatch =
        |(i, (_, name, dash)): (usize, &(&str, &str, Dash))| Entry::new(Swatch::Line(Palette::nth(i), *dash), *name);
    let medians = if input.has_bands() { "; medians" } else { "" };
    Ok(Picture {
        title: "Price of compute by term, at each cloud".into(),
        subtitle: format!("USD per H100-equivalent hour to renters, at month end{medians}"),
        legend: TERMS.iter().enumerate().map(swatch).collect(),
        marks: input.marks(),
        source: input.source("") + &left_out_text(left_out, "cloud"),
        form: Form::LinePanels(LinePanels {
            years: input.years(),
            unit: Unit::Usd,
            may_be_log: true,
            scaling: Scaling::Shared,
            panels: clouds.iter().map(|cloud| panel(input, cloud)).collect(),
        }),
    })
}

fn panel(input: &ChartInput<'_>, cloud: &Series<'_>) -> Panel {
    let of_term = |(i, (term, _, dash)): (usize, &(&str, &str, Dash))| {
        let mut all = input.summary.of_metric(METRIC);
        let found = all.find(|s| s.key.entity == cloud.id && s.key.counterparty == *term)?;
        let (colour, spreads) = (Palette::nth(i), &found.spreads);
        let mut line = Series { id: cloud.id, name: String::new(), colour, dash: *dash, spreads }.line(false);
        line.ends = false;
        Some(line)
    };
    let lines = TERMS.iter().enumerate().filter_map(of_term).collect();
    Panel { title: cloud.name.clone(), colour: cloud.colour, lines, levels: Vec::new(), notes: Vec::new() }
}
