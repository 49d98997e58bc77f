//! Figures along a quantity other than time: lines with bands, one panel or small multiples.

use super::lines::{Band, INNER_ALPHA, OUTER_ALPHA};
use super::{EndLabel, draw_ends, draw_panel_title, end_text, room_for_ends};
use crate::report::charts::draw::fonts::Face;
use crate::report::charts::draw::frame::{panel_ems, slots};
use crate::report::charts::draw::palette::Colour;
use crate::report::charts::draw::placing::{Bounds, columns};
use crate::report::charts::draw::plot::Plot;
use crate::report::charts::draw::scale::{Axis, Unit};
use crate::report::charts::draw::scene::{Anchor, Dash, Label, Scene};

/// A line over the quantity.
#[derive(Clone, Debug, PartialEq)]
pub struct ResponseLine {
    /// Its name.
    pub label: String,
    /// Its colour.
    pub colour: Colour,
    /// How it is broken.
    pub dash: Dash,
    /// Where its figures stand, ascending.
    pub at: Vec<f64>,
    /// Its figures.
    pub band: Band,
}

/// One pair of axes.
#[derive(Clone, Debug, PartialEq)]
pub struct ResponsePanel {
    /// The quantity, with its unit.
    pub title: String,
    /// Its ticks.
    pub ticks: Vec<(f64, String)>,
    /// Its ends.
    pub span: (f64, f64),
    /// The lines.
    pub lines: Vec<ResponseLine>,
}

/// Panels of the same figure, each along a quantity of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// What the figures are.
    pub unit: Unit,
    /// A level of reference, if there is one.
    pub level: Option<f64>,
    /// The panels.
    pub panels: Vec<ResponsePanel>,
}

impl Response {
    fn figures(&self) -> impl Iterator<Item = f64> + '_ {
        let lines = self.panels.iter().flat_map(|panel| &panel.lines);
        let bands = lines.flat_map(|line| line.band.p05.iter().chain(&line.band.p50).chain(&line.band.p95).copied());
        bands.chain(self.level).filter(|value| value.is_finite())
    }

    /// One vertical axis for all panels. It holds zero unless that would flatten what differs.
    pub fn axis(&self) -> Axis {
        let ends = self.figures().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        let steps = if self.panels.len() == 1 { 6 } else { 4 };
        if self.unit == Unit::Month { Axis::months(ends.0, ends.1, steps) } else { Axis::around(ends.0, ends.1, steps) }
    }

    /// Draws the form.
    pub fn draw(&self, scene: &mut Scene, region: Bounds) {
        let n = self.panels.len();
        let (em, title_em) = panel_ems(n);
        let axis = self.axis();
        let room = Plot::room_for_texts(&axis, self.unit, em);
        let texts: Vec<String> = self
            .panels
            .iter()
            .flat_map(|panel| &panel.lines)
            .filter_map(|line| self.end(line))
            .map(|end| end.0)
            .collect();
        let ends = room_for_ends(texts.iter().map(String::as_str), em);
        let across = ends + 30.0;
        let region = (region.0 + room, region.1, region.2 - ends, region.3 - 20.0 - 2.6 * em);
        let down = if n > columns(n) { 60.0 + 1.4 * em } else { 0.0 };
        for (panel, slot) in self.panels.iter().zip(slots(n, region, (across, down))) {
            let mut bounds = slot.bounds;
            if n > 1 {
                let left = if slot.leftmost { bounds.0 - room } else { bounds.0 };
                draw_panel_title(
                    scene,
                    &panel.title,
                    Colour::INK,
                    (left, bounds.1, bounds.2 + ends, bounds.3),
                    title_em,
                );
                bounds.1 += 1.75 * title_em;
            }
            let plot = Plot { bounds, years: panel.span, axis: axis.clone(), em };
            plot.draw_grid(scene, slot.leftmost.then_some(self.unit));
            draw_ticks(scene, &plot, &panel.ticks);
            if n == 1 {
                let at = ((bounds.0 + bounds.2) / 2.0, bounds.3 + 2.7 * em);
                scene.text(
                    Label::new(panel.title.as_str(), at, em).bold().coloured(Colour::INK).anchored(Anchor::Middle),
                );
            }
            self.draw_panel(scene, &plot, panel);
        }
    }

    fn draw_panel(&self, scene: &mut Scene, plot: &Plot, panel: &ResponsePanel) {
        if let Some(level) = self.level {
            let y = plot.y(level);
            scene.dashed(vec![(plot.bounds.0, y), (plot.bounds.2, y)], 4.0, Colour::INK, Dash::Short);
        }
        // More than two wide bands over each other tell nobody anything.
        let wide = panel.lines.len() <= 2;
        for line in &panel.lines {
            if wide {
                plot.draw_band(scene, &line.at, &line.band.p05, &line.band.p95, line.colour, OUTER_ALPHA);
            }
            plot.draw_band(scene, &line.at, &line.band.p25, &line.band.p75, line.colour, INNER_ALPHA);
        }
        for line in &panel.lines {
            plot.draw_line(scene, &line.at, &line.band.p50, line.colour, line.dash, 5.0);
            for (at, value) in line.at.iter().zip(&line.band.p50).filter(|(_, value)| value.is_finite()) {
                scene.disc((plot.x(*at), plot.y(*value)), 7.0, line.colour);
            }
        }
        let ends = panel.lines.iter().filter_map(|line| {
            let (text, value) = self.end(line)?;
            Some(EndLabel { text, y: plot.y(value), colour: line.colour })
        });
        let (_, top, right, bottom) = plot.bounds;
        let ends: Vec<EndLabel> = ends.collect();
        draw_ends(scene, &ends, right, plot.em, (top + 0.2 * plot.em, bottom - 0.2 * plot.em));
    }

    /// What stands at the end of a line, and the figure there.
    fn end(&self, line: &ResponseLine) -> Option<(String, f64)> {
        let value = line.band.p50.iter().rev().copied().find(|value| value.is_finite())?;
        let figure = self.unit.text(value);
        let named = self.panels.len() == 1 && !line.label.is_empty();
        Some((if named { end_text(&line.label, &figure, panel_ems(1).0) } else { figure }, value))
    }
}

/// The horizontal axis: as many of the ticks as have room, always the first.
pub(super) fn draw_ticks(scene: &mut Scene, plot: &Plot, ticks: &[(f64, String)]) {
    let (left, _, right, bottom) = plot.bounds;
    let widest = ticks.iter().map(|(_, text)| Face::Regular.width(text, plot.em)).fold(0.0, f64::max) + 0.8 * plot.em;
    let fits = (((right - left) / widest) as usize).max(1);
    let every = ticks.len().div_ceil(fits).max(1);
    for (i, (at, text)) in ticks.iter().enumerate() {
        let x = plot.x(*at);
        scene.line(vec![(x, bottom), (x, bottom + 10.0)], 2.0, Colour::SOFT);
        if i % every == 0 {
            let at = (x, bottom + 14.0 + 0.95 * plot.em);
            scene.text(Label::new(text.as_str(), at, plot.em).anchored(Anchor::Middle));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_holds_every_band_and_the_level_and_zero_only_where_it_is_near() {
        let band = |values: &[f64]| {
            let values = values.to_vec();
            Band { p05: values.clone(), p25: values.clone(), p75: values.clone(), p95: values.clone(), p50: values }
        };
        let response = |values: &[f64], level: Option<f64>| Response {
            unit: Unit::Points,
            level,
            panels: vec![ResponsePanel {
                title: String::new(),
                ticks: Vec::new(),
                span: (0.0, 1.0),
                lines: vec![ResponseLine {
                    label: "a".into(),
                    colour: Colour::INK,
                    dash: Dash::Solid,
                    at: vec![0.0, 1.0],
                    band: band(values),
                }],
            }],
        };
        let ends = |axis: Axis| (axis.low, axis.high);
        assert_eq!(ends(response(&[2_027.2, 2_029.4], None).axis()), (2_027.0, 2_029.5));
        assert_eq!(ends(response(&[1.0, 4.6], None).axis()), (0.0, 5.0));
        assert_eq!(ends(response(&[1.0, 4.6], Some(-1.0)).axis()), (-1.0, 5.0));
    }
}
