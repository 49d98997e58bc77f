//! An outcome along each axis.
//!
//! With one axis the figures of a point are its replications'. With more, the points are put in groups by their value on
//! an axis (each value where there are few, else groups of equal size), and the bands are those of the points' means: how
//! far the other axes move the outcome there.

use super::super::draw::frame::{Entry, Swatch};
use super::super::draw::palette::{Colour, Palette};
use super::super::draw::scale::nice_step;
use super::super::draw::scene::Dash;
use super::super::forms::{Band, Form, Response, ResponseLine, ResponsePanel};
use super::super::picture::Picture;
use super::map::{short, shortened};
use super::{capital, policy_name, source, subtitle, title_of, unit};
use crate::experiment::statistics::{mean, quantile};
use crate::experiment::sweep::Sweep;
use crate::experiment::sweep::axis::Coordinate;
use crate::report::sweep::PointsSummary;
use std::collections::BTreeMap;

/// Groups of points that have too many values for one each.
const GROUPS: usize = 10;
/// Most values that have a group each.
const MOST_VALUES: usize = 16;
/// Ticks of a numeric axis.
const TICKS: usize = 5;

pub(super) fn picture(
    sweep: &Sweep,
    summary: &PointsSummary,
    outcome: usize,
    names: &BTreeMap<String, String>,
) -> Picture {
    let about = &sweep.outcomes[outcome];
    let unit = unit(about);
    let alone = sweep.axes.len() == 1;
    let panels: Vec<ResponsePanel> = (0..sweep.axes.len()).map(|axis| panel(sweep, summary, (axis, outcome))).collect();
    let told = match alone {
        true => "Lines are medians, bands hold 50% and 90% of replications.",
        false => {
            "Along each axis the others vary: lines are medians of the points' means, bands hold 50% and 90% of them."
        }
    };
    let level = about.level.map(|level| Entry::new(Swatch::Line(Colour::INK, Dash::Short), unit.text(level)));
    let mut legend: Vec<Entry> = level.into_iter().collect();
    if !alone && sweep.policies.len() > 1 {
        let line = |policy| Entry::new(Swatch::Line(colour(sweep, policy), dash(policy)), policy_name(sweep, policy));
        legend.extend((0..sweep.policies.len()).map(line));
    }
    Picture {
        title: capital(&about.name),
        subtitle: subtitle(about, names),
        legend,
        marks: Vec::new(),
        source: source(sweep, summary, told),
        form: Form::Response(Response { unit, level: about.level, panels }),
    }
}

fn colour(sweep: &Sweep, policy: usize) -> Colour {
    if sweep.policies.len() == 1 { Palette::nth(0) } else { Palette::nth_or_paler(policy) }
}

fn dash(policy: usize) -> Dash {
    [Dash::Solid, Dash::Long, Dash::Short][policy / 5 % 3]
}

fn panel(sweep: &Sweep, summary: &PointsSummary, (axis, outcome): (usize, usize)) -> ResponsePanel {
    let groups = groups(sweep, axis);
    let (ticks, span) = ticks(sweep, axis, &groups);
    let line = |policy: usize| ResponseLine {
        label: policy_name(sweep, policy),
        colour: colour(sweep, policy),
        dash: dash(policy),
        at: groups.iter().map(|group| group.at).collect(),
        band: band(sweep, summary, &groups, (policy, outcome)),
    };
    let lines = (0..sweep.policies.len()).map(line).collect();
    ResponsePanel { title: title_of(&sweep.axes[axis]), ticks, span, lines }
}

/// Points that share a place on an axis.
pub(super) struct PointsAt {
    pub(super) at: f64,
    pub(super) points: Vec<usize>,
}

/// Points by their place on an axis: the number, or, where values are no numbers, their order.
pub(super) fn groups(sweep: &Sweep, axis: usize) -> Vec<PointsAt> {
    let place = places(sweep, axis);
    let mut points: Vec<usize> = (0..sweep.design.points()).collect();
    points.sort_by(|one, other| place[*one].total_cmp(&place[*other]));
    let mut by_value: Vec<PointsAt> = Vec::new();
    for point in &points {
        match by_value.last_mut() {
            Some(group) if group.at == place[*point] => group.points.push(*point),
            _ => by_value.push(PointsAt { at: place[*point], points: vec![*point] }),
        }
    }
    if by_value.len() <= MOST_VALUES || by_value.len() == points.len() && sweep.axes.len() == 1 && points.len() <= 200 {
        return by_value;
    }
    let length = points.len().div_ceil(GROUPS);
    let group = |points: &[usize]| {
        let places: Vec<f64> = points.iter().map(|point| place[*point]).collect();
        PointsAt { at: mean(&places), points: points.to_vec() }
    };
    points.chunks(length).map(group).collect()
}

/// The place of each point on an axis.
fn places(sweep: &Sweep, axis: usize) -> Vec<f64> {
    let of = &sweep.axes[axis];
    let at = (0..sweep.design.points()).map(|point| sweep.design.point(point)[axis]);
    if of.is_numeric() {
        return at.map(|at| of.number(at).unwrap_or(f64::NAN)).collect();
    }
    let texts: Vec<String> = at.map(|at| of.text(at)).collect();
    let mut order = BTreeMap::new();
    // Dates in their own order, other words in that of the file.
    if of.is_dated() {
        let mut sorted: Vec<&String> = texts.iter().collect();
        sorted.sort();
        sorted.dedup();
        order.extend(sorted.into_iter().zip(0_u32..));
    } else {
        for text in &texts {
            let next = order.len() as u32;
            order.entry(text).or_insert(next);
        }
    }
    texts.iter().map(|text| f64::from(order[text])).collect()
}

/// The ticks of an axis and its ends.
fn ticks(sweep: &Sweep, axis: usize, groups: &[PointsAt]) -> (Vec<(f64, String)>, (f64, f64)) {
    let of = &sweep.axes[axis];
    let ends =
        groups.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), group| (l.min(group.at), h.max(group.at)));
    let span = if ends.1 > ends.0 { ends } else { (ends.0 - 0.5, ends.0 + 0.5) };
    let text = |group: &PointsAt| {
        let at: Coordinate = sweep.design.point(group.points[0])[axis];
        (group.at, short(of, at))
    };
    if !of.is_numeric() || groups.len() <= TICKS + 2 && of.listed().is_some() {
        return (groups.iter().map(text).collect(), span);
    }
    (even_ticks(span), span)
}

/// Ticks of an axis of numbers at a round distance.
pub(super) fn even_ticks(span: (f64, f64)) -> Vec<(f64, String)> {
    let step = nice_step(span.1 - span.0, TICKS);
    let (first, last) = ((span.0 / step - 1e-9).ceil() as i64, (span.1 / step + 1e-9).floor() as i64);
    let tick = |i: i64| {
        let value = i as f64 * step;
        (value, shortened((value / step).round() * step))
    };
    (first..=last).map(tick).collect()
}

/// The figures of a policy, group by group.
fn band(sweep: &Sweep, summary: &PointsSummary, groups: &[PointsAt], (policy, outcome): (usize, usize)) -> Band {
    let figures: Vec<[f64; 5]> = groups
        .iter()
        .map(|group| match group.points[..] {
            [point] if sweep.axes.len() == 1 => summary.spread(point, policy, outcome).quantiles,
            _ => {
                let means = group.points.iter().map(|point| summary.spread(*point, policy, outcome).mean);
                let mut means: Vec<f64> = means.filter(|mean| !mean.is_nan()).collect();
                means.sort_by(f64::total_cmp);
                [0.05, 0.25, 0.5, 0.75, 0.95].map(|p| quantile(&means, p))
            }
        })
        .collect();
    let nth = |i: usize| figures.iter().map(|figure| figure[i]).collect();
    Band { p05: nth(0), p25: nth(1), p50: nth(2), p75: nth(3), p95: nth(4) }
}
