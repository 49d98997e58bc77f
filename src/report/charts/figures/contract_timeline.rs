//! Which terms are in force when, and which amendments changed them.

use super::contract_colour;
use crate::report::charts::draw::frame::{Entry, Swatch};
use crate::report::charts::draw::palette::Colour;
use crate::report::charts::draw::plot::{Mark, span_of};
use crate::report::charts::draw::scale::{month_text, year_at_end_of, year_at_start_of};
use crate::report::charts::draw::scene::Dash;
use crate::report::charts::forms::{Form, Group, Timeline, TimelineBar};
use crate::report::charts::input::{ChartInput, TimelineRow};
use crate::report::charts::picture::Picture;
use std::collections::BTreeMap;

/// Years shown after the last observation, for terms that outlast it.
const YEARS_BEYOND: f64 = 2.0;

pub fn picture(input: &ChartInput<'_>) -> Result<Picture, String> {
    let (ids, mut groups) = groups(input);
    let years = years_of(input, &groups).ok_or("the scenario has no contract")?;
    let marks = number_amendments(input, &ids, &mut groups, years);
    let simulated_from = input.summary.dates.first().map(|_| span_of(&input.years()).0);
    let mut legend = vec![Entry::new(Swatch::Area(Colour::SOFT, 0.75), "Term in force")];
    if simulated_from.is_some() {
        legend.push(Entry::new(Swatch::Line(Colour::MARK, Dash::Short), "Start of the simulation (upright line)"));
    }
    Ok(Picture {
        title: "Contracts and their amendments".into(),
        subtitle: "Terms in force, by contract; numbers are amendments; an offer is a model on sale times a platform"
            .into(),
        legend,
        marks,
        source: input.source("Offers barred are means at the month's end at which they are most."),
        form: Form::Timeline(Timeline { years, simulated_from, groups }),
    })
}

/// The contracts' ids and a group for each, in the order in which the rows name them.
fn groups<'a>(input: &ChartInput<'a>) -> (Vec<&'a str>, Vec<Group>) {
    let mut ids: Vec<&str> = Vec::new();
    let mut groups: Vec<Group> = Vec::new();
    let mut lines: BTreeMap<(usize, &str), (f64, usize)> = BTreeMap::new();
    for row in input.timeline {
        let Some(from) = year_at_start_of(&row.from, 0) else { continue };
        let until = row.until.as_deref().and_then(year_at_end_of);
        let place = ids.iter().position(|id| *id == row.contract).unwrap_or_else(|| {
            ids.push(&row.contract);
            let colour = contract_colour(input, &row.contract);
            groups.push(Group { title: input.name(&row.contract), colour, bars: vec![], amendments: vec![] });
            groups.len() - 1
        });
        // Versions of one line are told in one figure, beside the last: bars of a line leave no room for more.
        let most = barred(input, row, (from, until.unwrap_or(f64::INFINITY)));
        let line = lines.entry((place, row.label.as_str())).or_insert((0.0, 0));
        *line = (line.0.max(most), groups[place].bars.len());
        groups[place].bars.push(TimelineBar { label: row.label.clone(), from, until, effect: String::new() });
    }
    for ((place, _), (most, last)) in lines {
        groups[place].bars[last].effect = told(most);
    }
    (ids, groups)
}

/// How many offers a term barred at most while it was in force: the mean over the replications at the month's end at which
/// it is greatest.
fn barred(input: &ChartInput<'_>, row: &TimelineRow, (from, until): (f64, f64)) -> f64 {
    let id = format!("{}.{}", row.contract, row.term);
    let Some(series) = input.summary.of_entity("barred_offers", &id) else { return 0.0 };
    let months = input.years().into_iter().zip(&series.spreads);
    let within = months.filter(|(year, spread)| (from..=until).contains(year) && spread.mean.is_finite());
    within.map(|(_, spread)| spread.mean).fold(0.0, f64::max)
}

/// Nothing of a line that barred less than half an offer.
fn told(most: f64) -> String {
    match most.round() {
        0.0 => String::new(),
        1.0 => "barred 1 offer at most".to_owned(),
        most => format!("barred up to {most} offers"),
    }
}

/// From the first term to the last observation, or a little beyond if terms go on.
fn years_of(input: &ChartInput<'_>, groups: &[Group]) -> Option<(f64, f64)> {
    let bars = || groups.iter().flat_map(|group| &group.bars);
    let first = bars().map(|bar| bar.from).fold(f64::INFINITY, f64::min).floor();
    if !first.is_finite() {
        return None;
    }
    let last_end = bars().map(|bar| bar.until.unwrap_or(bar.from)).fold(first + 1.0, f64::max).ceil();
    let last = match input.years().last() {
        Some(observed) => last_end.min(observed.ceil() + YEARS_BEYOND).max(observed.ceil()),
        None => last_end,
    };
    Some((first.min(last - 1.0), last))
}

/// Numbers the amendments by date, gives them to their contracts, and returns the key.
fn number_amendments(input: &ChartInput<'_>, ids: &[&str], groups: &mut [Group], years: (f64, f64)) -> Vec<Mark> {
    let mut amendments: Vec<_> = input.amendments.iter().collect();
    amendments.sort_by(|a, b| (&a.date, &a.contract, &a.label).cmp(&(&b.date, &b.contract, &b.label)));
    let mut marks = Vec::new();
    for amendment in amendments {
        let Some(year) = year_at_start_of(&amendment.date, 0) else { continue };
        let Some(place) = ids.iter().position(|id| *id == amendment.contract) else { continue };
        if !(years.0..=years.1).contains(&year) {
            continue;
        }
        let text = format!("{}: {}", month_text(&amendment.date), amendment.label);
        let mark = Mark { number: marks.len() + 1, year, text };
        groups[place].amendments.push(mark.clone());
        marks.push(mark);
    }
    marks
}
