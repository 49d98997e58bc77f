//! What a million tokens of each lab's models sell for.

use super::{MAX_PANELS, greatest, left_out_text, legend_of, panels_of};
use crate::report::charts::draw::scale::Unit;
use crate::report::charts::forms::Form;
use crate::report::charts::input::ChartInput;
use crate::report::charts::picture::Picture;

pub fn picture(input: &ChartInput<'_>) -> Result<Picture, String> {
    let all = input.series("price_usd_per_mtok")?.into_iter().filter(|series| series.id != "market");
    let (series, left_out) = greatest(all.collect(), MAX_PANELS, |series| series.peak());
    if series.is_empty() {
        return Err("the run recorded no price_usd_per_mtok of a lab".into());
    }
    Ok(Picture {
        title: "Price of a million tokens, by lab".into(),
        subtitle: "USD per million tokens, mean price paid for the lab’s models, products apart".into(),
        legend: legend_of(input, &series),
        marks: input.marks(),
        source: input.source_of_bands() + &left_out_text(left_out, "lab"),
        form: Form::LinePanels(panels_of(input, &series, Unit::Usd, true)),
    })
}
