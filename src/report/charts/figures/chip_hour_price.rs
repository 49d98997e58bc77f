//! What an hour of an H100-equivalent sells for.

use super::{MAX_PANELS, greatest, left_out_text, legend_of, panels_of};
use crate::report::charts::draw::scale::Unit;
use crate::report::charts::forms::Form;
use crate::report::charts::input::ChartInput;
use crate::report::charts::picture::Picture;

pub fn picture(input: &ChartInput<'_>) -> Result<Picture, String> {
    let all = input.series("price_usd_per_h100e_hour")?;
    let (series, left_out) = greatest(all, MAX_PANELS, |series| series.peak());
    Ok(Picture {
        title: "Price of compute, by cloud".into(),
        subtitle: "USD per H100-equivalent hour that the cloud’s policy sets, at month end".into(),
        legend: legend_of(input, &series),
        marks: input.marks(),
        source: input.source_of_bands() + &left_out_text(left_out, "cloud"),
        form: Form::LinePanels(panels_of(input, &series, Unit::Usd, true)),
    })
}
