//! What keeps customers from their first choice.

use super::{MAX_PANELS, greatest, left_out_text};
use crate::report::charts::draw::scale::Unit;
use crate::report::charts::draw::scene::Dash;
use crate::report::charts::forms::{Form, Line, LinePanels, Panel, Scaling};
use crate::report::charts::input::{ChartInput, Series};
use crate::report::charts::picture::Picture;

/// Below this peak a reason is not worth a panel [1].
const LEAST: f64 = 0.005;

pub fn picture(input: &ChartInput<'_>) -> Result<Picture, String> {
    let all = input.series("barred_first_choice_share")?.into_iter().filter(|series| series.peak() >= LEAST);
    let (mut series, left_out) = greatest(all.map(named).collect(), MAX_PANELS, |series| series.peak());
    if series.is_empty() {
        return Err("nothing kept customers from their first choice".into());
    }
    series.sort_by(|a, b| b.peak().total_cmp(&a.peak()));
    Ok(Picture {
        title: "What keeps customers from their first choice".into(),
        subtitle: "% of the demand for tokens that would choose, if nothing barred it, a model on a channel that this keeps from it"
            .into(),
        legend: input.legend_of_bands(),
        marks: input.marks(),
        source: input.source_of_bands() + &left_out_text(left_out, "reason"),
        form: Form::LinePanels(LinePanels {
            years: input.years(),
            unit: Unit::Share,
            may_be_log: false,
            scaling: Scaling::Shared,
            panels: series.iter().map(|series| panel(input, series)).collect(),
        }),
    })
}

/// A panel of its own: reasons have names too long for the end of a line.
fn panel(input: &ChartInput<'_>, series: &Series<'_>) -> Panel {
    let line = Line { label: String::new(), dash: Dash::Solid, ..series.line(input.has_bands()) };
    Panel {
        title: series.name.clone(),
        colour: series.colour,
        lines: vec![line],
        levels: Vec::new(),
        notes: Vec::new(),
    }
}

/// Reasons that are no clause in words.
fn named(series: Series<'_>) -> Series<'_> {
    let name = match series.id {
        "not_distributed" => "Not listed there",
        "not_ported" => "Does not run there yet",
        "not_certified" => "Channel not certified",
        "not_in_region" => "Not in the region",
        "out_of_stock" => "Sold out",
        _ => return series,
    };
    Series { name: name.to_owned(), ..series }
}
