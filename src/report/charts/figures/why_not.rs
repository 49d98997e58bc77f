//! What keeps customers from their first choice.

use super::{MAX_PANELS, greatest, left_out_text, legend_of, panels_of};
use crate::report::charts::draw::scale::Unit;
use crate::report::charts::forms::Form;
use crate::report::charts::input::{ChartInput, Series};
use crate::report::charts::picture::Picture;

/// Below this peak a reason is not worth a panel [1].
const LEAST: f64 = 0.001;

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
        legend: legend_of(input, &series),
        marks: input.marks(),
        source: input.source_of_bands() + &left_out_text(left_out, "reason"),
        form: Form::LinePanels(panels_of(input, &series, Unit::Share, false)),
    })
}

/// Reasons that are no clause in words.
fn named(series: Series<'_>) -> Series<'_> {
    let name = match series.id {
        "not_distributed" => "Not listed there",
        "not_ported" => "Does not run there yet",
        "not_certified" => "Channel not certified",
        "not_in_region" => "Not in the region",
        _ => return series,
    };
    Series { name: name.to_owned(), ..series }
}
