//! Draws the charts of a sweep.

use super::folder::SweepFolder;
use crate::cli::Shell;
use crate::cli::reader::chart_facts;
use crate::cli::stop::Stop;
use crate::report::charts::{Format, sweep_pictures, write_picture};
use crate::report::sweep::PointsSummary;
use rayon::prelude::*;
use std::sync::atomic::Ordering;

/// Draws every chart, and takes away those of an earlier design.
pub(super) fn draw(folder: &SweepFolder<'_>, summary: &PointsSummary, shell: &Shell<'_>) -> Result<(), Stop> {
    if shell.interrupt.load(Ordering::Relaxed) {
        return Ok(());
    }
    let charts = folder.path.join("charts");
    let names = chart_facts(folder.sweep.base().spec()).names;
    let pictures = sweep_pictures(folder.sweep, summary, &names);
    let written: Vec<Vec<std::path::PathBuf>> = pictures
        .par_iter()
        .map(|(stem, picture)| write_picture(picture, stem, &charts, &[Format::Png]))
        .collect::<Result<_, _>>()
        .map_err(anyhow::Error::new)?;
    let written: Vec<&std::path::PathBuf> = written.iter().flatten().collect();
    for entry in charts.read_dir().into_iter().flatten().filter_map(Result::ok) {
        let path = entry.path();
        if path.extension().is_some_and(|ending| ending == "png") && !written.contains(&&path) {
            std::fs::remove_file(&path).map_err(anyhow::Error::new)?;
        }
    }
    Ok(())
}
