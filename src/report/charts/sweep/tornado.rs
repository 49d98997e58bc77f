//! What moves an outcome: the factors of a sensitivity study, the greatest above.

use super::super::draw::frame::{Entry, Swatch};
use super::super::draw::palette::Colour;
use super::super::draw::scale::Unit;
use super::super::draw::scene::Dash;
use super::super::forms::{BAR_ALPHA, Bar, BarGroup, Bars, Form, PALE_ALPHA};
use super::super::picture::Picture;
use super::{capital, policy_name, unit};
use crate::experiment::sensitivity::Estimate;
use crate::experiment::sweep::file::SensitivitySpec;
use crate::experiment::sweep::outcome::Outcome;
use crate::experiment::sweep::sensitivity::{Factor, Sensitivity, Shares};
use crate::report::sensitivity::Finding;
use std::collections::BTreeMap;

/// Colours of the measure that ranks factors, and of the other.
const MAIN: Colour = Colour(0x1f, 0x6f, 0xb4);
const OTHER: Colour = Colour::SOFT;

/// The pictures of a study, with the stems of their files; `names` are display names by id.
pub fn tornadoes(
    study: &Sensitivity,
    findings: &[Finding],
    names: &BTreeMap<String, String>,
) -> Vec<(String, Picture)> {
    let drawn = findings.iter().filter(|finding| finding.varies());
    drawn.map(|finding| (stem(study, finding), picture(study, finding, names))).collect()
}

fn stem(study: &Sensitivity, finding: &Finding) -> String {
    let outcome = &study.sweep.outcomes[finding.outcome].id;
    match study.sweep.policies.len() {
        1 => outcome.clone(),
        _ => format!("{outcome}-{}", study.sweep.policies[finding.policy].id),
    }
}

fn picture(study: &Sensitivity, finding: &Finding, names: &BTreeMap<String, String>) -> Picture {
    let sweep = &study.sweep;
    let outcome = &sweep.outcomes[finding.outcome];
    let ([main, other], unit) = match study.method {
        SensitivitySpec::Morris { .. } => (["Mean size of the effect", "Mean effect"], unit_of_effects(outcome)),
        SensitivitySpec::Sobol { .. } => (["Total share", "By itself"], Unit::Share),
    };
    let policy = policy_name(sweep, finding.policy);
    let under = if policy.is_empty() { policy } else { format!(" ({policy})") };
    Picture {
        title: format!("What moves {}{under}", outcome.name),
        subtitle: subtitle(finding, outcome, names),
        legend: vec![
            Entry::new(Swatch::Area(MAIN, BAR_ALPHA), main),
            Entry::new(Swatch::Area(OTHER, BAR_ALPHA), other),
            Entry::new(Swatch::Line(Colour::INK, Dash::Solid), "95% interval"),
            Entry::new(Swatch::Area(OTHER, PALE_ALPHA), "Pale: the interval holds zero"),
        ],
        marks: Vec::new(),
        source: source(study),
        form: Form::Bars(Bars { unit, groups: finding.factors.iter().map(|factor| group(study, factor)).collect() }),
    }
}

/// Differences of instants are years and no months of the calendar.
fn unit_of_effects(outcome: &Outcome) -> Unit {
    if outcome.is_instant() { Unit::Points } else { unit(outcome) }
}

fn group(study: &Sensitivity, factor: &Factor) -> BarGroup {
    let bar = |colour: Colour, of: Estimate| Bar { colour, value: of.value, range: of.interval };
    let label = capital(&study.sweep.axes[factor.axis].name);
    BarGroup { label, bars: vec![bar(MAIN, factor.main), bar(OTHER, factor.other)] }
}

fn subtitle(finding: &Finding, outcome: &Outcome, names: &BTreeMap<String, String>) -> String {
    let what = super::subtitle(outcome, names);
    let percent = |share: f64| format!("{:.0}%", 100.0 * share);
    match finding.shares {
        Some(Shares { assumptions, chance, both }) => format!(
            "{what}. Shares of its variance: {} assumptions alone, {} chance alone, {} both together",
            percent(assumptions),
            percent(chance),
            percent(both)
        ),
        None if outcome.is_instant() => {
            format!("{what}. Effect from the lowest level of a factor to the highest, years")
        }
        None => format!("{what}. Effect from the lowest level of a factor to the highest"),
    }
}

fn source(study: &Sensitivity) -> String {
    let sweep = &study.sweep;
    let how = match study.method {
        SensitivitySpec::Morris { trajectories, levels } => {
            format!("Morris' elementary effects, {trajectories} trajectories on {levels} levels")
        }
        SensitivitySpec::Sobol { base_points } => format!("Sobol' indices, {base_points} pairs of points"),
    };
    format!(
        "Source: cloudmarket {}, sweep \"{}\": {} runs, chance a factor among the others. {how}; intervals by bootstrap.",
        env!("CARGO_PKG_VERSION"),
        sweep.name,
        sweep.plan.runs()
    )
}
