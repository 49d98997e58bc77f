//! Where an outcome reaches a target: the points that were run, the curve taken near the crossing, and the crossing.

use super::super::draw::frame::{Entry, Swatch};
use super::super::draw::palette::Colour;
use super::super::draw::scene::Dash;
use super::super::forms::{Band, BreakEven, CROSSING, CrossingAt, Form, RUN, RunPoint};
use super::super::picture::Picture;
use super::map::rounded;
use super::response::even_ticks;
use super::{capital, policy_name, subtitle, title_of, unit};
use crate::experiment::crossing::{Crossing, Found};
use crate::experiment::sweep::solve::Solve;
use crate::report::solve::Solved;
use std::collections::BTreeMap;

/// The pictures of what was found, one for each policy, with the stems of their files; `names` are display names by id.
pub fn break_evens(sought: &Solve, solved: &[Solved], names: &BTreeMap<String, String>) -> Vec<(String, Picture)> {
    let drawn = solved.iter().enumerate().map(|(policy, one)| {
        let stem = if solved.len() == 1 { "solve".to_owned() } else { format!("solve-{}", one.policy) };
        (stem, picture(sought, one, policy_name(sought.sweep(), policy), names))
    });
    drawn.collect()
}

fn picture(sought: &Solve, solved: &Solved, policy: String, names: &BTreeMap<String, String>) -> Picture {
    let (outcome, axis) = (sought.outcome(), sought.axis());
    let unit = unit(outcome);
    let found = match &solved.crossing {
        Crossing::Found(found) => Some(found),
        Crossing::NotInRange { .. } => None,
    };
    let under = if policy.is_empty() { policy } else { format!(" ({policy})") };
    let said = if found.is_some() { "" } else { ". No crossing in range" };
    let target = unit.text(sought.target);
    let mut legend = vec![
        Entry::new(Swatch::Line(Colour::INK, Dash::Short), format!("target {target}")),
        Entry::new(Swatch::Tick(RUN), "point run, with the 95% interval of its mean; larger with more replications"),
    ];
    if found.is_some() {
        legend.push(Entry::new(Swatch::Line(RUN, Dash::Solid), "curve near the crossing, with its 95% band"));
        legend.push(Entry::new(Swatch::Line(CROSSING, Dash::Solid), "crossing, 95% interval"));
    }
    Picture {
        title: format!("{}{under}", sought.sweep().name),
        subtitle: format!("{}: {}{said}", capital(&outcome.name), lower(&subtitle(outcome, names))),
        legend,
        marks: Vec::new(),
        source: source(sought, solved, found),
        form: Form::BreakEven(BreakEven {
            unit,
            title: title_of(axis),
            ticks: even_ticks(sought.range),
            span: sought.range,
            target: sought.target,
            points: points(solved),
            curve: curve(found),
            crossing: found.map(|found| crossing(found, sought.range)),
        }),
    }
}

fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

fn points(solved: &Solved) -> Vec<RunPoint> {
    let most = solved.evaluated.iter().map(|point| point.outcomes.len()).max().unwrap_or(1);
    let point = |point: &crate::report::solve::Evaluated| RunPoint {
        at: point.value,
        mean: point.mean(),
        half_width: point.half_width(),
        weight: point.outcomes.len() as f64 / most as f64,
    };
    solved.evaluated.iter().map(point).collect()
}

fn curve(found: Option<&Found>) -> (Vec<f64>, Band) {
    let fitted = found.map_or(&[][..], |found| &found.curve);
    let band = |side: f64| fitted.iter().map(|at| at.mean + side * at.half_width).collect::<Vec<f64>>();
    let (low, middle, high) = (band(-1.0), band(0.0), band(1.0));
    let band = Band { p05: low.clone(), p25: low, p50: middle, p75: high.clone(), p95: high };
    (fitted.iter().map(|at| at.x).collect(), band)
}

/// The crossing in words; an end of its interval that is the range's is one beyond which nothing was run.
fn crossing(found: &Found, (low, high): (f64, f64)) -> CrossingAt {
    let text = |value: f64| rounded(value, 3);
    let from = if found.interval.0 <= low { format!("{} or less", text(low)) } else { text(found.interval.0) };
    let to = if found.interval.1 >= high { format!("{} or more", text(high)) } else { text(found.interval.1) };
    CrossingAt { value: found.value, interval: found.interval, text: format!("{} ({from} to {to})", text(found.value)) }
}

fn source(sought: &Solve, solved: &Solved, found: Option<&Found>) -> String {
    let runs: usize = solved.evaluated.iter().map(|point| point.outcomes.len()).sum();
    let grid = found
        .map_or_else(String::new, |found| format!("; a grid as precise would take {}", sought.runs_of_grid(found)));
    format!(
        "Source: cloudmarket {}, sweep \"{}\": {runs} runs on common random numbers{grid}.",
        env!("CARGO_PKG_VERSION"),
        sought.sweep().name
    )
}
