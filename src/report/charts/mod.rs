//! Charts of a scenario, drawn from its summary.
//!
//! A chart is a file in `figures/`: it picks series from the summary and says what they are (its data stage, which
//! tests compare). A form in [`forms`] turns finished numbers into shapes, and [`draw`] holds what all forms share.
//! plotters renders the shapes: as PNG through a tiny-skia back end of our own, because its bitmap back end does not
//! smooth edges, and as SVG through its own.
//!
//! Why are ticks and labels not plotters'? It has no labels at the ends of lines, knows no years, and cannot tell
//! whether two texts overlap; the tests here can.

mod attribution;
mod clause_values;
mod comparison;
pub mod draw;
mod figures;
pub mod forms;
mod input;
mod picture;
mod sweep;

pub use attribution::{AttributionChart, AttributionStep};
pub use clause_values::{ClauseBar, ClauseValues};
pub use comparison::{ComparedSeries, Comparison};
pub use draw::palette::Palette;
pub use draw::scene::is_blank;
pub use input::{Amendment, ChartInput, TimelineRow};
pub use picture::Picture;
pub use sweep::{break_evens, sweep_pictures, tornadoes};

use super::files::{FileError, write_atomically};
use rayon::prelude::*;
use std::io;
use std::path::{Path, PathBuf};

/// A chart: how its file is called, without the ending, and how its picture is made.
pub struct Chart {
    /// Stem of the file's name.
    pub file: &'static str,
    /// The picture, or why there is none.
    pub picture: fn(&ChartInput<'_>) -> Result<Picture, String>,
}

/// Every chart, in the order of the report.
pub const CHARTS: &[Chart] = &[
    Chart { file: "share_revenue_by_cloud", picture: figures::share_revenue_by_cloud::stack },
    Chart { file: "share_revenue_by_cloud_bands", picture: figures::share_revenue_by_cloud::bands },
    Chart { file: "share_tokens_by_cloud", picture: figures::share_tokens_by_cloud::stack },
    Chart { file: "share_tokens_by_cloud_bands", picture: figures::share_tokens_by_cloud::bands },
    Chart { file: "share_compute_by_cloud", picture: figures::share_compute_by_cloud::stack },
    Chart { file: "share_compute_by_cloud_bands", picture: figures::share_compute_by_cloud::bands },
    Chart { file: "share_revenue_by_lab", picture: figures::share_revenue_by_lab::stack },
    Chart { file: "share_revenue_by_lab_bands", picture: figures::share_revenue_by_lab::bands },
    Chart { file: "share_tokens_by_lab", picture: figures::share_tokens_by_lab::stack },
    Chart { file: "share_tokens_by_lab_bands", picture: figures::share_tokens_by_lab::bands },
    Chart { file: "share_compute_by_lab", picture: figures::share_compute_by_lab::stack },
    Chart { file: "share_compute_by_lab_bands", picture: figures::share_compute_by_lab::bands },
    Chart { file: "share_revenue_by_channel", picture: figures::share_revenue_by_channel::stack },
    Chart { file: "share_revenue_by_channel_bands", picture: figures::share_revenue_by_channel::bands },
    Chart { file: "share_tokens_by_channel", picture: figures::share_tokens_by_channel::stack },
    Chart { file: "share_tokens_by_channel_bands", picture: figures::share_tokens_by_channel::bands },
    Chart { file: "brokered_products", picture: figures::brokered_products::picture },
    Chart { file: "price_and_cost_per_mtok", picture: figures::price_and_cost_per_mtok::picture },
    Chart { file: "price_by_lab", picture: figures::price_by_lab::picture },
    Chart { file: "price_by_kind", picture: figures::price_by_kind::picture },
    Chart { file: "levelised_cost", picture: figures::levelised_cost::picture },
    Chart { file: "chip_hour_price", picture: figures::chip_hour_price::picture },
    Chart { file: "chip_hours_by_term", picture: figures::chip_hours_by_term::picture },
    Chart { file: "fleet_by_accelerator", picture: figures::fleet_by_accelerator::picture },
    Chart { file: "fleet_against_power", picture: figures::fleet_against_power::picture },
    Chart { file: "what_binds", picture: figures::what_binds::picture },
    Chart { file: "utilisation_and_throttling", picture: figures::utilisation_and_throttling::picture },
    Chart { file: "why_not", picture: figures::why_not::picture },
    Chart { file: "revenue_share_against_cap", picture: figures::revenue_share_against_cap::picture },
    Chart { file: "commitments_against_use", picture: figures::commitments_against_use::picture },
    Chart { file: "money_between_parties", picture: figures::money_between_parties::picture },
    Chart { file: "focal_customers_by_strategy", picture: figures::focal_customers_by_strategy::picture },
    Chart { file: "hhi", picture: figures::hhi::picture },
    Chart { file: "contract_timeline", picture: figures::contract_timeline::picture },
];

/// A format of pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// 300 pixels to the inch at eight inches' width.
    Png,
    /// Text in the reader's own Inter, Helvetica or Arial.
    Svg,
}

impl Format {
    /// Ending of the file's name.
    pub fn ending(self) -> &'static str {
        match self {
            Format::Png => "png",
            Format::Svg => "svg",
        }
    }
}

/// What became of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChartOutcome {
    /// It was drawn.
    Drawn {
        /// Its [`Chart::file`].
        chart: &'static str,
        /// A file for each format.
        files: Vec<PathBuf>,
    },
    /// The run did not record what it shows.
    Skipped {
        /// Its [`Chart::file`].
        chart: &'static str,
        /// What is missing.
        reason: String,
    },
}

/// Draws every chart that the summary has series for into `dir`, in parallel; the outcomes in the order of [`CHARTS`].
///
/// # Errors
/// If a file cannot be written; charts that were written before stay.
pub fn draw_all(input: &ChartInput<'_>, dir: &Path, formats: &[Format]) -> Result<Vec<ChartOutcome>, FileError> {
    CHARTS.par_iter().map(|chart| draw_chart(chart, input, dir, formats)).collect()
}

fn draw_chart(
    chart: &Chart,
    input: &ChartInput<'_>,
    dir: &Path,
    formats: &[Format],
) -> Result<ChartOutcome, FileError> {
    let picture = match (chart.picture)(input) {
        Ok(picture) => picture,
        Err(reason) => return Ok(ChartOutcome::Skipped { chart: chart.file, reason }),
    };
    let files = write_picture(&picture, chart.file, dir, formats)?;
    Ok(ChartOutcome::Drawn { chart: chart.file, files })
}

/// Draws a picture into `dir`, as `stem` with the ending of each format.
///
/// # Errors
/// If a file cannot be written.
pub fn write_picture(picture: &Picture, stem: &str, dir: &Path, formats: &[Format]) -> Result<Vec<PathBuf>, FileError> {
    let scene = picture.scene();
    let mut files = Vec::with_capacity(formats.len());
    for format in formats {
        let path = dir.join(format!("{stem}.{}", format.ending()));
        let bytes = match format {
            Format::Png => scene.png(),
            Format::Svg => scene.svg().map(String::into_bytes),
        };
        let bytes = bytes.map_err(|what| FileError::new("draw", &path, io::Error::other(what)))?;
        write_atomically(&path, |out| out.write_all(&bytes))?;
        files.push(path);
    }
    Ok(files)
}

#[cfg(test)]
mod tests;
