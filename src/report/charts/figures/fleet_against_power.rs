//! Whether chips wait for power or power waits for chips.

use super::{MAX_PANELS, greatest, left_out_text};
use crate::report::charts::draw::frame::{Entry, Swatch};
use crate::report::charts::draw::palette::Colour;
use crate::report::charts::draw::scene::Dash;
use crate::report::charts::forms::{FleetAgainstPower, Form, PowerPanel};
use crate::report::charts::input::{ChartInput, Series};
use crate::report::charts::picture::Picture;

pub fn picture(input: &ChartInput<'_>) -> Result<Picture, String> {
    let (energized, left_out) = greatest(input.series("energized_mw")?, MAX_PANELS, |series| series.peak());
    let used = input.series("used_mw")?;
    let stranded = input.series("stranded_power_mw").unwrap_or_default();
    let waiting = input.series("stranded_chips_h100e").unwrap_or_default();
    let panel = |energized: &Series<'_>| PowerPanel {
        title: energized.name.clone(),
        colour: energized.colour,
        energized_mw: energized.means(),
        used_mw: means_of(&used, energized),
        stranded_mw: means_of(&stranded, energized),
        waiting_h100e: means_of(&waiting, energized),
    };
    let panels = energized.iter().map(panel).collect();
    let of_what = if input.has_bands() { "; means of the replications" } else { "" };
    Ok(Picture {
        title: "Fleet against power, by cloud".into(),
        subtitle: format!("Facility power at month end, and H100-equivalents that wait for it; scales differ{of_what}"),
        legend: vec![
            Entry::new(Swatch::Line(Colour::INK, Dash::Solid), "Energized"),
            Entry::new(Swatch::Area(Colour::SOFT, 0.45), "Used by installed accelerators"),
            Entry::new(Swatch::Hatch(Colour::SOFT), "Stranded: no accelerator to use it"),
        ],
        marks: input.marks(),
        source: input.source("")
            + " Between the hatched area and the line lies the reserve."
            + &left_out_text(left_out, "cloud"),
        form: Form::FleetAgainstPower(FleetAgainstPower { years: input.years(), panels }),
    })
}

/// Means of the series of the same entity; without one, nothing is observed.
fn means_of(all: &[Series<'_>], like: &Series<'_>) -> Vec<f64> {
    let found = all.iter().find(|series| series.id == like.id);
    found.map_or_else(|| vec![f64::NAN; like.spreads.len()], Series::means)
}
