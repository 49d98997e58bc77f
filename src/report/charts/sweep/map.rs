//! An outcome over the two axes of a grid.

use super::super::draw::frame::{Entry, Swatch};
use super::super::draw::palette::Colour;
use super::super::draw::scene::Dash;
use super::super::forms::{ABOVE, BELOW, Form, LevelMap, MapAxis, MapPanel};
use super::super::picture::Picture;
use super::{capital, policy_name, source, subtitle, title_of, unit};
use crate::experiment::sweep::Sweep;
use crate::experiment::sweep::axis::{Axis, Coordinate};
use crate::report::sweep::{PointsSummary, Spread};
use std::collections::BTreeMap;

pub(super) fn picture(
    sweep: &Sweep,
    summary: &PointsSummary,
    outcome: usize,
    names: &BTreeMap<String, String>,
) -> Picture {
    let about = &sweep.outcomes[outcome];
    let unit = unit(about);
    let [first, second] = [0, 1].map(|axis| listed(&sweep.axes[axis]));
    let (across, up) = (first.len(), second.len());
    let cells = |policy: usize, of: fn(&Spread) -> f64| {
        // The last axis moves fastest.
        let cell = move |column: usize, row: usize| of(summary.spread(column * up + row, policy, outcome));
        (0..up).map(|row| (0..across).map(|column| cell(column, row)).collect()).collect()
    };
    let panel = |policy: usize| MapPanel {
        title: policy_name(sweep, policy),
        values: cells(policy, |spread| spread.mean),
        half_widths: cells(policy, Spread::half_width),
    };
    let told = match (about.is_instant(), about.level) {
        (true, None) => "Figures are means of the runs that have such a month.".to_owned(),
        (true, Some(_)) => {
            "Figures are means of the runs that have such a month, in brackets where the 95% interval holds the level."
                .to_owned()
        }
        (false, None) => "Figures are means.".to_owned(),
        (false, Some(level)) => {
            format!("Figures are means, in brackets where the 95% interval holds {}.", unit.text(level))
        }
    };
    let panels: Vec<MapPanel> = (0..sweep.policies.len()).map(panel).collect();
    let legend = about.level.map_or_else(Vec::new, |level| {
        let text = unit.text(level);
        vec![
            Entry::new(Swatch::Line(Colour::INK, Dash::Solid), format!("where it crosses {text}")),
            Entry::new(Swatch::Area(ABOVE, 0.6), format!("above {text}")),
            Entry::new(Swatch::Area(BELOW, 0.6), format!("below {text}")),
        ]
    });
    Picture {
        title: capital(&about.name),
        subtitle: subtitle(about, names),
        legend,
        marks: Vec::new(),
        source: source(sweep, summary, &told),
        form: Form::LevelMap(LevelMap {
            unit,
            across: MapAxis { title: title_of(&sweep.axes[0]), values: first },
            up: MapAxis { title: title_of(&sweep.axes[1]), values: second },
            level: about.level,
            panels,
        }),
    }
}

/// The texts of a grid's axis.
fn listed(axis: &Axis) -> Vec<String> {
    (0..axis.listed().unwrap_or(0)).map(|i| short(axis, Coordinate::Listed(i))).collect()
}

/// A value as an axis shows it: no more than four digits of a number.
pub(super) fn short(axis: &Axis, at: Coordinate) -> String {
    match axis.number(at) {
        Some(value) => shortened(value),
        None => axis.text(at),
    }
}

/// `value` to four digits, without trailing zeros; as it is where it is short.
pub(super) fn shortened(value: f64) -> String {
    let exact = format!("{value}");
    if exact.len() <= 6 { exact } else { rounded(value, 4) }
}

/// `value` to so many digits, without trailing zeros.
pub(super) fn rounded(value: f64, digits: i32) -> String {
    let first = if value == 0.0 { 0 } else { libm::log10(value.abs()).floor() as i32 };
    let decimals = usize::try_from(digits - 1 - first).unwrap_or(0);
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}
