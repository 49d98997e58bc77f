//! Two scenarios in one chart: each metric's means over time, and whether they differ beyond chance.
//!
//! Why is the band around the other scenario the interval of the difference and not of its mean? The two share their
//! random numbers, so their paths move together: intervals of each would overlap long after the difference is certain.
//! Where the base's line lies outside the band, the difference excludes zero.

use super::draw::frame::{Entry, Swatch};
use super::draw::palette::{Colour, Palette};
use super::draw::plot::span_of;
use super::draw::scale::{Unit, year_at_end_of};
use super::draw::scene::Dash;
use super::figures::{MAX_PANELS, greatest, left_out_text};
use super::forms::{Band, Form, Line, LinePanels, Panel, Scaling};
use super::input::marks_within;
use super::picture::Picture;
use crate::experiment::paired::PairedDifference;
use crate::model::record::{MetricInfo, Milestone};

/// A series that both scenarios have.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparedSeries {
    /// Id of its entity, for its colour.
    pub id: String,
    /// How it is called.
    pub name: String,
    /// The difference at each date, none where a scenario has no value.
    pub points: Vec<Option<PairedDifference>>,
}

/// One metric of two scenarios.
#[derive(Clone, Copy)]
pub struct Comparison<'a> {
    /// Name of the scenario compared with.
    pub base: &'a str,
    /// Name of the scenario compared.
    pub other: &'a str,
    /// What is compared.
    pub metric: &'a MetricInfo,
    /// Month ends, `YYYY-MM-DD`.
    pub dates: &'a [String],
    /// Its series, in the order of the panels.
    pub series: &'a [ComparedSeries],
    /// Dated events of the other scenario.
    pub milestones: &'a [Milestone],
    /// Colours of entities.
    pub palette: &'a Palette,
}

impl Comparison<'_> {
    /// The chart, a panel for each series; the greatest differences if there are too many.
    ///
    /// # Errors
    /// If there is nothing to show.
    pub fn picture(&self) -> Result<Picture, String> {
        let observed: Vec<&ComparedSeries> =
            self.series.iter().filter(|series| series.points.iter().flatten().count() > 1).collect();
        if observed.is_empty() {
            return Err(format!("no {} was observed in both scenarios", self.metric.name));
        }
        let (shown, left_out) = greatest(observed, MAX_PANELS, |series| largest_difference(series));
        let years: Vec<f64> =
            self.dates.iter().map(|date| year_at_end_of(date).expect("recorded dates are civil dates")).collect();
        let pairs =
            shown.iter().flat_map(|series| &series.points).flatten().map(|point| point.pairs).max().unwrap_or(0);
        let marks = marks_within(self.milestones, span_of(&years));
        let unit = unit_of(self.metric);
        let scaling = if unit == Unit::Share { Scaling::Shared } else { Scaling::Own };
        let panels = shown.iter().map(|series| self.panel(series, shown.len() == 1)).collect();
        Ok(Picture {
            title: format!("{} against {}", self.other, self.base),
            subtitle: self.subtitle(),
            legend: vec![
                Entry::new(Swatch::Line(BASE, Dash::Long), self.base),
                Entry::new(Swatch::Line(Colour::INK, Dash::Solid), self.other),
                Entry::new(Swatch::Area(Colour::SOFT, 0.42), "95% interval of the difference"),
            ],
            marks,
            source: format!(
                "Source: cloudmarket {}, {pairs} paired replications. Lines are means.{}",
                env!("CARGO_PKG_VERSION"),
                left_out_text(left_out, "series")
            ),
            form: Form::LinePanels(LinePanels { years, unit, may_be_log: false, scaling, panels }),
        })
    }

    fn subtitle(&self) -> String {
        let mut letters = self.metric.about.chars();
        let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
        let unit = if self.metric.unit == "1" { String::new() } else { format!(", {}", self.metric.unit) };
        format!("{first}{}{unit}", letters.as_str())
    }

    fn panel(&self, series: &ComparedSeries, alone: bool) -> Panel {
        let colour = self.palette.colour(&series.id);
        let of = |value: fn(&PairedDifference) -> f64| -> Vec<f64> {
            series.points.iter().map(|point| point.as_ref().map_or(f64::NAN, value)).collect()
        };
        let line = |label: &str, colour, dash, band| {
            let is_other = dash == Dash::Solid;
            Line { label: label.to_owned(), colour, dash, bands: is_other, ends: is_other || alone, band }
        };
        let base = of(|point| point.base_mean);
        let (low, high) =
            (of(|point| point.other_mean - half_width(point)), of(|point| point.other_mean + half_width(point)));
        let band = Band { p05: low.clone(), p25: low, p50: of(|point| point.other_mean), p75: high.clone(), p95: high };
        let nothing = vec![f64::NAN; base.len()];
        let bare = Band { p50: base, p05: nothing.clone(), p25: nothing.clone(), p75: nothing.clone(), p95: nothing };
        Panel {
            title: if alone { String::new() } else { series.name.clone() },
            colour,
            lines: vec![line(self.base, BASE, Dash::Long, bare), line(self.other, colour, Dash::Solid, band)],
            levels: Vec::new(),
            notes: Vec::new(),
        }
    }
}

/// The base is grey on every chart: the other scenario is what is asked about.
const BASE: Colour = Colour::SOFT;

fn half_width(point: &PairedDifference) -> f64 {
    point.spread.map_or(0.0, |spread| spread.half_width)
}

fn largest_difference(series: &ComparedSeries) -> f64 {
    series.points.iter().flatten().map(|point| point.mean.abs()).fold(0.0, f64::max)
}

pub(super) fn unit_of(metric: &MetricInfo) -> Unit {
    match metric.unit {
        "1" if metric.about.contains("share") => Unit::Share,
        "points" => Unit::Points,
        "MW" => Unit::Megawatts,
        "s" => Unit::Seconds,
        "h" => Unit::Hours,
        unit if unit.starts_with("USD") => Unit::Usd,
        _ => Unit::Count,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::paired::paired_difference;
    use crate::model::metrics::METRICS;

    fn series(id: &str, shift: f64) -> ComparedSeries {
        let point = |level: f64| {
            let base = [(0, level), (1, level + 2.0)];
            paired_difference(&base, &base.map(|(number, value)| (number, value + shift)))
        };
        ComparedSeries { id: id.into(), name: id.to_uppercase(), points: vec![point(10.0), None, point(20.0)] }
    }

    fn picture(series: &[ComparedSeries]) -> Result<Picture, String> {
        let dates = ["2026-01-31", "2026-02-28", "2026-03-31"].map(str::to_owned);
        let metric = METRICS.iter().find(|metric| metric.name == "price_usd_per_h100e_hour").unwrap();
        let palette = Palette::new(["a", "b"]);
        let (base, other) = ("Base", "Cut");
        Comparison { base, other, metric, dates: &dates, series, milestones: &[], palette: &palette }.picture()
    }

    #[test]
    fn means_of_both_stand_in_a_panel_for_each_entity() {
        let picture = picture(&[series("a", 1.0), series("b", -4.0)]).unwrap();
        assert_eq!(picture.title, "Cut against Base");
        let Form::LinePanels(form) = picture.form else { panic!("another form") };
        assert_eq!(form.panels.iter().map(|panel| panel.title.as_str()).collect::<Vec<_>>(), ["A", "B"]);
        let lines = &form.panels[1].lines;
        assert_eq!((lines[0].band.p50[0], lines[0].band.p50[2], lines[1].band.p50[0]), (11.0, 21.0, 7.0));
        assert!(lines[1].band.p50[1].is_nan());
        // All differences are equal: the interval has no width.
        assert_eq!((lines[1].band.p05[2], lines[1].band.p95[2]), (17.0, 17.0));
    }

    #[test]
    fn nothing_in_common_is_no_chart() {
        let empty = ComparedSeries { points: vec![None; 3], ..series("a", 1.0) };
        assert_eq!(picture(&[empty]).unwrap_err(), "no price_usd_per_h100e_hour was observed in both scenarios");
    }

    #[test]
    fn every_metric_has_a_unit() {
        let of = |name: &str| unit_of(METRICS.iter().find(|metric| metric.name == name).unwrap());
        assert_eq!(of("share_revenue"), Unit::Share);
        assert_eq!(of("utilisation"), Unit::Share);
        assert_eq!(of("quality"), Unit::Count);
        assert_eq!(of("revenue_ai_usd"), Unit::Usd);
        assert_eq!(of("energized_mw"), Unit::Megawatts);
        assert_eq!(of("hhi_model"), Unit::Points);
    }
}
