//! How busy the fleets are, what they turn away, and how long requests wait.

use super::{MAX_PANELS, greatest, left_out_text};
use crate::report::charts::draw::frame::{Entry, Swatch};
use crate::report::charts::draw::palette::Colour;
use crate::report::charts::draw::scale::Unit;
use crate::report::charts::draw::scene::Dash;
use crate::report::charts::forms::{Form, Line, LinePanels, Load, Panel, Scaling};
use crate::report::charts::input::{ChartInput, Series};
use crate::report::charts::picture::Picture;

pub fn picture(input: &ChartInput<'_>) -> Result<Picture, String> {
    let (busy, left_out) = greatest(input.series("utilisation")?, MAX_PANELS, |series| series.peak());
    let throttled = input.series("throttled_share").unwrap_or_default();
    let panels = busy.iter().map(|series| panel(input, series, throttled.iter().find(|t| t.id == series.id)));
    let panels = panels.collect();
    let delays = input.series("queueing_delay_s").unwrap_or_default();
    let waits = busy.iter().map(|series| delays.iter().find(|d| d.id == series.id).map(Series::band)).collect();
    let years = input.years();
    let mut legend = vec![
        Entry::new(Swatch::Line(Colour::SOFT, Dash::Solid), "Utilisation (cloud’s colour)"),
        Entry::new(Swatch::Line(Colour::INK, Dash::Short), "Tokens not served"),
    ];
    legend.extend(input.legend_of_bands().into_iter().skip(1));
    Ok(Picture {
        title: "Utilisation, throttling and latency, by cloud".into(),
        subtitle:
            "% of installed compute in use; % of tokens asked for that were not served; mean wait of a request, s"
                .into(),
        legend,
        marks: input.marks(),
        source: input.source_of_bands()
            + " For the wait, a full fleet counts as 99.5% busy."
            + &left_out_text(left_out, "cloud"),
        form: Form::Load(Load {
            lines: LinePanels { years, unit: Unit::Share, may_be_log: false, scaling: Scaling::Shared, panels },
            waits,
            bands: input.has_bands(),
        }),
    })
}

fn panel(input: &ChartInput<'_>, busy: &Series<'_>, throttled: Option<&Series<'_>>) -> Panel {
    let bands = input.has_bands();
    let throttled = throttled.map(|series| Line {
        label: "Not served".into(),
        colour: Colour::INK,
        dash: Dash::Short,
        ..series.line(bands)
    });
    let busy_line = Line { label: "Utilisation".into(), dash: Dash::Solid, ..busy.line(bands) };
    let lines = std::iter::once(busy_line).chain(throttled).collect();
    Panel { title: busy.name.clone(), colour: busy.colour, lines, levels: Vec::new(), notes: Vec::new() }
}
