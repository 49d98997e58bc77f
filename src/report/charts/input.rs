//! What charts are made from, and the series that they pick from it.

use super::draw::frame::{Entry, Swatch};
use super::draw::palette::{Colour, Palette};
use super::draw::plot::{Mark, span_of};
use super::draw::scale::{month_text, year_at_end_of, year_at_start_of};
use super::draw::scene::Dash;
use super::forms::{Band, Line};
use crate::model::record::Milestone;
use crate::report::summary::{SeriesSummary, Spread, Summary};
use std::collections::BTreeMap;

/// Events that a page has room for.
const MAX_MARKS: usize = 24;

/// A term of a contract while one version of it is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineRow {
    /// Id of the contract.
    pub contract: String,
    /// Id of the term in its contract.
    pub term: String,
    /// First day, `YYYY-MM-DD`.
    pub from: String,
    /// Last day, `None` if it has no end.
    pub until: Option<String>,
    /// A few words, such as `Revenue share 20%`.
    pub label: String,
}

/// A change to a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amendment {
    /// Id of the contract.
    pub contract: String,
    /// `YYYY-MM-DD`.
    pub date: String,
    /// A few words.
    pub label: String,
}

/// What every chart of a scenario is made from.
#[derive(Clone, Copy)]
pub struct ChartInput<'a> {
    /// Name of the scenario.
    pub scenario_name: &'a str,
    /// Its replications, summarised.
    pub summary: &'a Summary,
    /// Number of replications.
    pub replications: usize,
    /// Dated events to mark.
    pub milestones: &'a [Milestone],
    /// Display names of entities, contracts and terms by id.
    pub names: &'a BTreeMap<String, String>,
    /// Colours and order of entities.
    pub palette: &'a Palette,
    /// Terms of contracts, in the order of the timeline.
    pub timeline: &'a [TimelineRow],
    /// Amendments of contracts.
    pub amendments: &'a [Amendment],
}

/// A series of the summary, with how its entity is shown.
pub(super) struct Series<'a> {
    pub id: &'a str,
    pub name: String,
    pub colour: Colour,
    pub dash: Dash,
    pub spreads: &'a [Spread],
}

impl Series<'_> {
    /// Mean over the replications at each date.
    pub fn means(&self) -> Vec<f64> {
        self.spreads.iter().map(|spread| spread.mean).collect()
    }

    /// Quantiles at each date.
    pub fn band(&self) -> Band {
        let quantile = |of: fn(&Spread) -> f64| self.spreads.iter().map(of).collect();
        Band {
            p05: quantile(|s| s.p05),
            p25: quantile(|s| s.p25),
            p50: quantile(|s| s.p50),
            p75: quantile(|s| s.p75),
            p95: quantile(|s| s.p95),
        }
    }

    /// Greatest mean.
    pub fn peak(&self) -> f64 {
        self.spreads.iter().map(|spread| spread.mean).filter(|mean| mean.is_finite()).fold(0.0, f64::max)
    }

    /// As a line that its own label names.
    pub fn line(&self, bands: bool) -> Line {
        let (label, colour, dash) = (self.name.clone(), self.colour, self.dash);
        Line { label, colour, dash, bands, ends: true, band: self.band() }
    }
}

impl<'a> ChartInput<'a> {
    /// Display name of an id; one without is made readable.
    pub(super) fn name(&self, id: &str) -> String {
        let readable = || id.replace('.', ": ").replace('-', " ");
        self.names.get(id).cloned().unwrap_or_else(readable)
    }

    /// The series of a metric that were observed at all, in the scenario's order of entities.
    ///
    /// # Errors
    /// If there are none: the reason to skip the chart.
    pub(super) fn series(&self, metric: &str) -> Result<Vec<Series<'a>>, String> {
        let observed = |s: &&SeriesSummary| s.spreads.iter().any(|spread| spread.n > 0);
        let summary: &'a Summary = self.summary;
        let mut found: Vec<&'a SeriesSummary> = summary.of_metric(metric).filter(observed).collect();
        if found.is_empty() {
            return Err(format!("the run recorded no {metric}"));
        }
        let place = |s: &&SeriesSummary| self.palette.place(&s.key.entity).unwrap_or(usize::MAX);
        found.sort_by_key(place);
        Ok(found.into_iter().map(|summary| self.show(summary)).collect())
    }

    /// The one series of a metric for the market.
    pub(super) fn market(&self, metric: &str) -> Result<Series<'a>, String> {
        let series = self.series(metric)?.into_iter().find(|series| series.id == "market");
        series.ok_or_else(|| format!("the run recorded no {metric} of the market"))
    }

    fn show(&self, summary: &'a SeriesSummary) -> Series<'a> {
        let id = summary.key.entity.as_str();
        Series {
            id,
            name: self.name(id),
            colour: self.palette.colour(id),
            dash: self.palette.dash(id),
            spreads: &summary.spreads,
        }
    }

    /// Ends of the observed months, in years.
    pub(super) fn years(&self) -> Vec<f64> {
        let year = |date: &String| year_at_end_of(date).expect("recorded dates are civil dates");
        self.summary.dates.iter().map(year).collect()
    }

    /// Whether there is a spread to show.
    pub(super) fn has_bands(&self) -> bool {
        self.replications > 1
    }

    /// The milestones within the observed time, numbered by date.
    pub(super) fn marks(&self) -> Vec<Mark> {
        marks_within(self.milestones, span_of(&self.years()))
    }

    /// The source line. `reading` says how the spread is to be read; it is left out where there is none.
    pub(super) fn source(&self, reading: &str) -> String {
        let version = env!("CARGO_PKG_VERSION");
        let replications = match self.replications {
            1 => "1 replication".to_owned(),
            n => format!("{n} replications"),
        };
        let source = format!("Source: cloudmarket {version}, scenario “{}”, {replications}.", self.scenario_name);
        if self.has_bands() && !reading.is_empty() { format!("{source} {reading}") } else { source }
    }

    /// The source line of charts with bands.
    pub(super) fn source_of_bands(&self) -> String {
        self.source("Lines are medians; half of the replications lie in the dark band, 90% in the light one.")
    }

    /// Explains the bands in grey, whatever the colours of the series.
    pub(super) fn legend_of_bands(&self) -> Vec<Entry> {
        if !self.has_bands() {
            return Vec::new();
        }
        vec![
            Entry::new(Swatch::Line(Colour::SOFT, Dash::Solid), "Median"),
            Entry::new(Swatch::Area(Colour::SOFT, 0.42), "50% of replications"),
            Entry::new(Swatch::Area(Colour::SOFT, 0.18), "90% of replications"),
        ]
    }
}

/// The milestones between two years, numbered by date.
pub(super) fn marks_within(milestones: &[Milestone], (first, last): (f64, f64)) -> Vec<Mark> {
    let mut milestones: Vec<&Milestone> = milestones.iter().collect();
    milestones.sort();
    milestones.dedup();
    let dated = milestones.into_iter().filter_map(|m| Some((year_at_start_of(&m.date, 0)?, m)));
    let within = dated.filter(|(year, _)| (first..=last).contains(year)).take(MAX_MARKS);
    let marks = within.enumerate().map(|(i, (year, m))| Mark {
        number: i + 1,
        year,
        text: format!("{}: {}", month_text(&m.date), m.label),
    });
    marks.collect()
}
