//! Charts of a sweep: each outcome over the axes, and what policies give away.
//!
//! | axes | chart of an outcome |
//! |---|---|
//! | one | lines with the bands of the replications, one for each policy |
//! | two, on a grid | a map for each policy, with the line at which the outcome crosses its level |
//! | more, or a sample | small multiples: the outcome along each axis, with the bands of the points |
//!
//! A sensitivity study has its tornadoes, a break-even its curve with the crossing.

mod break_even;
mod map;
mod regret;
mod response;
mod tornado;

pub use break_even::break_evens;
pub use tornado::tornadoes;

use super::comparison::unit_of;
use super::draw::scale::Unit;
use super::picture::Picture;
use crate::experiment::sweep::Sweep;
use crate::experiment::sweep::axis::Axis;
use crate::experiment::sweep::outcome::Outcome;
use crate::report::sweep::PointsSummary;
use std::collections::BTreeMap;

/// The pictures of a sweep, with the stems of their files; `names` are display names by id.
pub fn sweep_pictures(
    sweep: &Sweep,
    summary: &PointsSummary,
    names: &BTreeMap<String, String>,
) -> Vec<(String, Picture)> {
    let mut pictures = Vec::new();
    for outcome in 0..sweep.outcomes.len() {
        if !is_observed(sweep, summary, outcome) {
            continue;
        }
        let picture = if sweep.is_grid && sweep.axes.len() == 2 {
            map::picture(sweep, summary, outcome, names)
        } else {
            response::picture(sweep, summary, outcome, names)
        };
        pictures.push((sweep.outcomes[outcome].id.clone(), picture));
    }
    pictures.extend(regret::picture(sweep, summary).map(|picture| ("regret".to_owned(), picture)));
    pictures
}

/// Whether any point has a mean.
fn is_observed(sweep: &Sweep, summary: &PointsSummary, outcome: usize) -> bool {
    let mut points = 0..sweep.design.points();
    points.any(|point| (0..sweep.policies.len()).any(|policy| summary.spread(point, policy, outcome).count > 0))
}

fn unit(outcome: &Outcome) -> Unit {
    if outcome.is_instant() { Unit::Month } else { unit_of(outcome.metric) }
}

/// What an outcome is, below its name.
fn subtitle(outcome: &Outcome, names: &BTreeMap<String, String>) -> String {
    let name = |id: &str| names.get(id).cloned().unwrap_or_else(|| id.to_owned());
    // A level has the unit of the metric, also where the outcome is an instant.
    outcome.said(name, |level| unit_of(outcome.metric).text(level))
}

/// The name of an axis with its unit.
fn title_of(axis: &Axis) -> String {
    let name = capital(&axis.name);
    if axis.unit.is_empty() { name } else { format!("{name}, {}", axis.unit) }
}

/// A policy in words; nothing where there is no choice.
fn policy_name(sweep: &Sweep, policy: usize) -> String {
    if sweep.policies.len() == 1 { String::new() } else { capital(&sweep.policies[policy].id.replace('-', " ")) }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The source line.
fn source(sweep: &Sweep, summary: &PointsSummary, told: &str) -> String {
    let (points, replications) = (sweep.design.points(), sweep.replications);
    let noun = if replications == 1 { "replication" } else { "replications" };
    let failed = match summary.failed() {
        0 => String::new(),
        failed => format!(" {failed} runs failed and are left out."),
    };
    format!(
        "Source: cloudmarket {}, sweep \"{}\": {points} points of {replications} {noun} each on common random numbers. {told}{failed}",
        env!("CARGO_PKG_VERSION"),
        sweep.name
    )
}

#[cfg(test)]
mod tests;
