//! Lines with bands, in one panel or in small multiples.

use super::{EndLabel, draw_ends, draw_panel_title, end_text, room_for_ends};
use crate::report::charts::draw::fonts::Face;
use crate::report::charts::draw::frame::{Slot, panel_ems, slots};
use crate::report::charts::draw::palette::Colour;
use crate::report::charts::draw::placing::{Bounds, columns, overlap};
use crate::report::charts::draw::plot::{Mark, Plot, span_of};
use crate::report::charts::draw::scale::{Axis, Unit};
use crate::report::charts::draw::scene::{Anchor, Dash, Label, Point, Scene};

/// Opacity of the band that holds 90 % of the replications.
pub const OUTER_ALPHA: f64 = 0.16;
/// Opacity of the band that holds half of them, over the outer one.
pub const INNER_ALPHA: f64 = 0.26;

/// A figure at each instant, and its spread over the replications. NaN where there is no observation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Band {
    /// 5 % quantile.
    pub p05: Vec<f64>,
    /// Lower quartile.
    pub p25: Vec<f64>,
    /// Median.
    pub p50: Vec<f64>,
    /// Upper quartile.
    pub p75: Vec<f64>,
    /// 95 % quantile.
    pub p95: Vec<f64>,
}

/// One series.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its name.
    pub label: String,
    /// Its colour.
    pub colour: Colour,
    /// How its median is broken.
    pub dash: Dash,
    /// Whether the bands are drawn.
    pub bands: bool,
    /// Whether its last value is printed at its end.
    pub ends: bool,
    /// Its figures.
    pub band: Band,
}

/// A horizontal line of reference.
#[derive(Clone, Debug, PartialEq)]
pub struct Level {
    /// Where.
    pub value: f64,
    /// What it is.
    pub text: String,
}

/// A remark on a point.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// When, in years.
    pub year: f64,
    /// At which figure.
    pub value: f64,
    /// What it says.
    pub text: String,
}

/// One pair of axes.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// Empty if there is only one.
    pub title: String,
    /// Colour of the title.
    pub colour: Colour,
    /// The series.
    pub lines: Vec<Line>,
    /// Lines of reference.
    pub levels: Vec<Level>,
    /// Remarks.
    pub notes: Vec<Note>,
}

/// How the panels' vertical axes relate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scaling {
    /// All alike, with the other panels' medians in the background.
    SharedWithContext,
    /// All alike.
    Shared,
    /// Each to its own figures.
    Own,
}

/// One panel or several.
#[derive(Clone, Debug, PartialEq)]
pub struct LinePanels {
    /// Instants in years.
    pub years: Vec<f64>,
    /// What the figures are.
    pub unit: Unit,
    /// Whether an axis may be logarithmic, where the figures differ by more than 10 times.
    pub may_be_log: bool,
    /// How the axes relate.
    pub scaling: Scaling,
    /// The panels.
    pub panels: Vec<Panel>,
}

impl Panel {
    /// Least positive and greatest figure that is drawn; not below zero unless a figure is.
    fn range(&self) -> (f64, f64) {
        let quantiles = self.lines.iter().flat_map(|line| {
            let Band { p05, p25: _, p50, p75: _, p95 } = &line.band;
            if line.bands { vec![p05, p50, p95] } else { vec![p50] }
        });
        let figures = quantiles.flatten().copied().filter(|v| v.is_finite());
        let figures = figures.chain(self.levels.iter().map(|level| level.value));
        figures.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
    }
}

impl LinePanels {
    /// The axis for a range of figures. A panel with notes has room for them above its lines.
    fn axis(&self, (low, high): (f64, f64), notes: bool, steps: usize) -> Axis {
        let high = if notes { high * 1.12 } else { high };
        if self.may_be_log { Axis::for_prices(low, high, steps) } else { Axis::linear(low, high, steps) }
    }

    /// Pixels per em of the panels' texts.
    pub fn em(&self) -> f64 {
        panel_ems(self.panels.len()).0
    }

    fn axes(&self) -> Vec<Axis> {
        let steps = match self.panels.len() {
            1 => 6,
            2..=6 => 4,
            _ => 3,
        };
        let ranges = self.panels.iter().map(Panel::range);
        if self.scaling == Scaling::Own {
            return ranges.zip(&self.panels).map(|(range, p)| self.axis(range, !p.notes.is_empty(), steps)).collect();
        }
        let all = ranges.fold((f64::INFINITY, f64::NEG_INFINITY), |all, one| (all.0.min(one.0), all.1.max(one.1)));
        let notes = self.panels.iter().any(|panel| !panel.notes.is_empty());
        vec![self.axis(all, notes, steps); self.panels.len()]
    }

    /// What stands at the end of a line: its name and value, or its value alone where a title or legend names it.
    fn label_of(&self, line: &Line, value: f64) -> String {
        let value = self.unit.text(value);
        if self.panels.len() == 1 { end_text(&line.label, &value, panel_ems(1).0) } else { value }
    }

    /// The last observation of a line.
    fn end(&self, line: &Line) -> Option<(f64, f64)> {
        let last = line.band.p50.iter().rposition(|value| value.is_finite())?;
        Some((self.years[last], line.band.p50[last]))
    }

    /// Whether a line ends where the chart does.
    fn lasts(&self, year: f64) -> bool {
        year >= self.years[self.years.len() - 1] - 1e-9
    }

    fn end_texts(&self) -> Vec<String> {
        let lines = self.panels.iter().flat_map(|panel| &panel.lines).filter(|line| line.ends);
        lines.filter_map(|line| self.end(line).map(|(_, value)| self.label_of(line, value))).collect()
    }

    /// Draws the form.
    pub fn draw(&self, scene: &mut Scene, region: Bounds, marks: &[Mark]) {
        self.draw_above(scene, region, marks, 0.0);
    }

    /// Draws the form with so many pixels left free below the years of each panel; returns the panels' plots.
    pub fn draw_above(&self, scene: &mut Scene, region: Bounds, marks: &[Mark], below: f64) -> Vec<Plot> {
        let n = self.panels.len();
        let (em, title_em) = panel_ems(n);
        let axes = self.axes();
        let room = axes.iter().map(|axis| Plot::room_for_texts(axis, self.unit, em)).fold(0.0, f64::max);
        let texts = self.end_texts();
        let ends = room_for_ends(texts.iter().map(String::as_str), em);
        let own = self.scaling == Scaling::Own || n == 1;
        let across = ends + if own { room + 34.0 } else { 40.0 };
        let region = (region.0 + room, region.1, region.2 - ends, region.3 - 20.0 - 1.3 * em);
        let down = if n > columns(n) { 44.0 } else { 0.0 };
        let mut plots = Vec::with_capacity(n);
        for ((panel, axis), slot) in self.panels.iter().zip(axes).zip(slots(n, region, (across, down))) {
            let (mut bounds, radius) = (slot.bounds, 0.42 * em);
            bounds.3 -= below;
            if !panel.title.is_empty() {
                let title = (if own { bounds.0 - room } else { bounds.0 }, bounds.1, bounds.2 + ends, bounds.3);
                draw_panel_title(scene, &panel.title, panel.colour, title, title_em);
                bounds.1 += 1.35 * title_em;
            }
            bounds.1 += Plot::room_for_marks(marks, radius, bounds.2 - bounds.0);
            let plot = Plot { bounds, years: span_of(&self.years), axis, em };
            self.draw_axes(scene, &plot, slot, own);
            plot.draw_marks(scene, marks);
            plot.draw_mark_numbers(scene, marks, radius);
            self.draw_panel(scene, &plot, panel);
            plots.push(plot);
        }
        plots
    }

    fn draw_axes(&self, scene: &mut Scene, plot: &Plot, slot: Slot, own: bool) {
        plot.draw_grid(scene, (own || slot.leftmost).then_some(self.unit));
        plot.draw_years(scene, slot.lowest);
    }

    fn draw_panel(&self, scene: &mut Scene, plot: &Plot, panel: &Panel) {
        if self.scaling == Scaling::SharedWithContext {
            let others = self.panels.iter().filter(|other| *other != panel).flat_map(|other| &other.lines);
            for line in others {
                plot.draw_line(scene, &self.years, &line.band.p50, Colour::FAINT, Dash::Solid, 3.0);
            }
        }
        for level in &panel.levels {
            let y = plot.y(level.value);
            scene.dashed(vec![(plot.bounds.0, y), (plot.bounds.2, y)], 3.0, Colour::SOFT, Dash::Long);
        }
        for line in panel.lines.iter().filter(|line| line.bands) {
            let Band { p05, p25, p50: _, p75, p95 } = &line.band;
            plot.draw_band(scene, &self.years, p05, p95, line.colour, OUTER_ALPHA);
            plot.draw_band(scene, &self.years, p25, p75, line.colour, INNER_ALPHA);
        }
        for line in &panel.lines {
            plot.draw_line(scene, &self.years, &line.band.p50, line.colour, line.dash, 5.0);
        }
        for level in &panel.levels {
            let at: Point = (plot.bounds.0 + 12.0, plot.y(level.value) + 0.95 * plot.em);
            draw_on_paper(scene, Label::new(level.text.as_str(), at, 0.85 * plot.em));
        }
        self.draw_line_ends(scene, plot, panel);
        for note in &panel.notes {
            draw_note(scene, plot, note);
        }
    }

    fn draw_line_ends(&self, scene: &mut Scene, plot: &Plot, panel: &Panel) {
        let (mut lasting, mut early) = (Vec::new(), Vec::new());
        for line in panel.lines.iter().filter(|line| line.ends) {
            let Some((year, value)) = self.end(line) else { continue };
            let text = self.label_of(line, value);
            if self.lasts(year) {
                lasting.push(EndLabel { text, y: plot.y(value), colour: line.colour });
            } else {
                early.push((EndLabel { text, y: plot.y(value), colour: line.colour }, plot.x(year)));
            }
        }
        let (_, top, right, bottom) = plot.bounds;
        draw_ends(scene, &lasting, right, plot.em, (top + 0.2 * plot.em, bottom - 0.2 * plot.em));
        let medians: Vec<Point> =
            panel.lines.iter().flat_map(|line| plot.runs(&self.years, &line.band.p50)).flatten().collect();
        draw_early_ends(scene, plot, &early, &medians);
    }
}

/// Labels of lines that end within the plot, each as near to its line's end as the other labels leave room, and off
/// the lines themselves if that is possible. `points` are the pixels of all lines.
fn draw_early_ends(scene: &mut Scene, plot: &Plot, ends: &[(EndLabel, f64)], points: &[Point]) {
    let em = 0.85 * plot.em;
    let mut taken: Vec<Bounds> = Vec::new();
    for (end, x) in ends {
        let fits_right = x + 12.0 + Face::SemiBold.width(&end.text, em) <= plot.bounds.2;
        let (anchor, x_text) = if fits_right { (Anchor::Left, x + 12.0) } else { (Anchor::Right, x - 12.0) };
        let place = |y: f64| {
            let label = Label::new(end.text.as_str(), (x_text, y + 0.36 * em), em);
            label.bold().coloured(end.colour.for_text()).anchored(anchor)
        };
        let shifts = (0..80).map(|i| f64::from((i + 1) / 2) * if i % 2 == 0 { 0.5 } else { -0.5 } * 1.15 * em);
        let within = |y: &f64| *y > plot.bounds.1 + 0.5 * em && *y < plot.bounds.3 - 0.5 * em;
        let apart = |y: &f64| taken.iter().all(|other| !overlap(*other, place(*y).bounds()));
        let candidates: Vec<f64> = shifts.map(|shift| end.y + shift).filter(within).filter(apart).collect();
        let off_lines = |y: &&f64| {
            let (left, top, right, bottom) = place(**y).bounds();
            let hit = |p: &Point| p.0 > left - 2.0 && p.0 < right + 8.0 && p.1 > top - 5.0 && p.1 < bottom + 3.0;
            !points.iter().any(hit)
        };
        let near = candidates.iter().take(12).find(off_lines);
        let y = near.or(candidates.first()).copied().unwrap_or(end.y);
        scene.disc((*x, end.y), 6.0, end.colour);
        if (y - end.y).abs() > 0.3 * em {
            scene.line(vec![(*x, end.y), (x_text, y)], 2.0, end.colour);
        }
        draw_on_paper(scene, place(y));
        taken.push(place(y).bounds());
    }
}

/// A text on a patch of paper, so that lines behind it do not cross it.
fn draw_on_paper(scene: &mut Scene, label: Label) {
    let (left, top, right, bottom) = label.bounds();
    scene.bar((left - 4.0, top - 2.0), (right + 4.0, bottom + 1.0), Colour::PAPER, 0.8);
    scene.text(label);
}

fn draw_note(scene: &mut Scene, plot: &Plot, note: &Note) {
    let (x, y) = (plot.x(note.year), plot.y(note.value));
    scene.disc((x, y), 10.0, Colour::INK);
    scene.disc((x, y), 5.0, Colour::PAPER);
    let label = Label::new(note.text.as_str(), (x, y - 0.8 * plot.em), 0.9 * plot.em);
    let half = (label.bounds().2 - label.bounds().0) / 2.0;
    let centre = x.clamp(plot.bounds.0 + half, (plot.bounds.2 - half).max(plot.bounds.0 + half));
    let at = (centre, label.at.1);
    draw_on_paper(scene, Label { at, ..label }.bold().coloured(Colour::INK).anchored(Anchor::Middle));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(label: &str, p50: &[f64]) -> Line {
        let p50 = p50.to_vec();
        let scaled = |f: f64| p50.iter().map(|v| v * f).collect::<Vec<f64>>();
        let band = Band { p05: scaled(0.5), p25: scaled(0.8), p75: scaled(1.2), p95: scaled(2.0), p50: p50.clone() };
        Line { label: label.into(), colour: Colour::INK, dash: Dash::Solid, bands: true, ends: true, band }
    }

    fn panel(title: &str, lines: Vec<Line>) -> Panel {
        Panel { title: title.into(), colour: Colour::INK, lines, levels: vec![], notes: vec![] }
    }

    fn panels(scaling: Scaling, panels: Vec<Panel>) -> LinePanels {
        LinePanels { years: vec![2024.0, 2025.0, 2026.0], unit: Unit::Usd, may_be_log: true, scaling, panels }
    }

    #[test]
    fn shared_axes_hold_every_band() {
        let form = panels(
            Scaling::Shared,
            vec![panel("a", vec![line("a", &[1.0, 2.0, 2.4])]), panel("b", vec![line("b", &[1.0, 1.0, 1.5])])],
        );
        let axes = form.axes();
        assert_eq!(axes[0], axes[1]);
        assert_eq!(axes[0].ticks.last(), Some(&5.0));
    }

    #[test]
    fn own_axes_fit_each_panel_and_wide_ranges_are_logarithmic() {
        let form = panels(
            Scaling::Own,
            vec![panel("a", vec![line("a", &[100.0, 10.0, 1.0])]), panel("b", vec![line("b", &[1.0, 1.0, 1.0])])],
        );
        let axes = form.axes();
        assert!(axes[0].log && !axes[1].log);
        assert_eq!(axes[1].ticks.last(), Some(&2.0));
    }

    #[test]
    fn a_line_that_stops_early_is_labelled_where_it_stops() {
        let form = panels(Scaling::Shared, vec![panel("", vec![line("H100", &[3.0, 2.0, f64::NAN])])]);
        let end = form.end(&form.panels[0].lines[0]).unwrap();
        assert_eq!(end, (2025.0, 2.0));
        assert!(!form.lasts(end.0));
        let mut scene = Scene::new(1000, 800);
        form.draw(&mut scene, (0.0, 0.0, 1000.0, 800.0), &[]);
        assert!(scene.labels().any(|label| label.text == "H100 $2.00" && label.at.0 < 700.0));
    }
}
