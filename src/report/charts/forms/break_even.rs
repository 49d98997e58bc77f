//! A figure along a quantity, and where it crosses a target: points with their intervals, a curve with its band, the crossing.

use super::lines::{Band, OUTER_ALPHA};
use super::response::draw_ticks;
use crate::report::charts::draw::fonts::Face;
use crate::report::charts::draw::frame::panel_ems;
use crate::report::charts::draw::palette::Colour;
use crate::report::charts::draw::placing::Bounds;
use crate::report::charts::draw::plot::Plot;
use crate::report::charts::draw::scale::{Axis, Unit};
use crate::report::charts::draw::scene::{Anchor, Dash, Label, Scene};

/// A point that was run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RunPoint {
    /// Where.
    pub at: f64,
    /// Mean.
    pub mean: f64,
    /// Half-width of its interval.
    pub half_width: f64,
    /// Replications as a part of those of the point that has most.
    pub weight: f64,
}

/// A crossing with its interval.
#[derive(Clone, Debug, PartialEq)]
pub struct CrossingAt {
    /// Where.
    pub value: f64,
    /// Its interval.
    pub interval: (f64, f64),
    /// Both in words.
    pub text: String,
}

/// The form.
#[derive(Clone, Debug, PartialEq)]
pub struct BreakEven {
    /// What the figures are.
    pub unit: Unit,
    /// The quantity, with its unit.
    pub title: String,
    /// Its ticks.
    pub ticks: Vec<(f64, String)>,
    /// Its ends.
    pub span: (f64, f64),
    /// What the figure is to reach.
    pub target: f64,
    /// The points.
    pub points: Vec<RunPoint>,
    /// Where the curve stands, ascending, with its figures; without any where there is no crossing.
    pub curve: (Vec<f64>, Band),
    /// The crossing, if there is one.
    pub crossing: Option<CrossingAt>,
}

/// Colour of what was run.
pub const RUN: Colour = Colour(0x1f, 0x6f, 0xb4);
/// Colour of the crossing.
pub const CROSSING: Colour = Colour(0xc8, 0x1e, 0x2b);

impl BreakEven {
    /// The vertical axis: it holds every point and the target; a few wide intervals may leave it.
    pub fn axis(&self) -> Axis {
        let points =
            self.points.iter().flat_map(|point| [point.mean - point.half_width, point.mean + point.half_width]);
        let figures = points.chain(self.curve.1.p05.iter().chain(&self.curve.1.p95).copied()).chain([self.target]);
        let ends = figures
            .filter(|value| value.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        if self.unit == Unit::Month { Axis::months(ends.0, ends.1, 6) } else { Axis::around(ends.0, ends.1, 6) }
    }

    /// Draws the form.
    pub fn draw(&self, scene: &mut Scene, region: Bounds) {
        let (em, _) = panel_ems(1);
        let axis = self.axis();
        let room = Plot::room_for_texts(&axis, self.unit, em);
        let bounds = (region.0 + room, region.1 + 0.4 * em, region.2 - 30.0, region.3 - 20.0 - 2.6 * em);
        let plot = Plot { bounds, years: self.span, axis, em };
        plot.draw_grid(scene, Some(self.unit));
        draw_ticks(scene, &plot, &self.ticks);
        let at = ((bounds.0 + bounds.2) / 2.0, bounds.3 + 2.7 * em);
        scene.text(Label::new(self.title.as_str(), at, em).bold().coloured(Colour::INK).anchored(Anchor::Middle));
        let y = plot.y(self.target);
        scene.dashed(vec![(bounds.0, y), (bounds.2, y)], 4.0, Colour::INK, Dash::Short);
        let (at, band) = &self.curve;
        plot.draw_band(scene, at, &band.p05, &band.p95, RUN, OUTER_ALPHA);
        plot.draw_line(scene, at, &band.p50, RUN, Dash::Solid, 5.0);
        for point in &self.points {
            let x = plot.x(point.at);
            let ends = [point.mean - point.half_width, point.mean + point.half_width].map(|value| plot.y(value));
            scene.line(vec![(x, ends[0]), (x, ends[1])], 3.0, RUN);
            scene.disc((x, plot.y(point.mean)), 6.0 + 8.0 * point.weight.sqrt(), RUN);
        }
        if let Some(crossing) = &self.crossing {
            self.draw_crossing(scene, &plot, crossing);
        }
    }

    /// A bar along the target, a disc on it, and the words above where the curve leaves room.
    fn draw_crossing(&self, scene: &mut Scene, plot: &Plot, crossing: &CrossingAt) {
        let (x, y) = (plot.x(crossing.value), plot.y(self.target));
        let (low, high) = crossing.interval;
        let half = 5.0;
        scene.bar((plot.x(low), y - half), (plot.x(high), y + half), CROSSING, 0.75);
        scene.dashed(vec![(x, y), (x, plot.bounds.3)], 3.0, CROSSING, Dash::Dotted);
        scene.disc((x, y), 13.0, CROSSING);
        // Beside the dotted line, above the axis, where a curve that crosses further up does not run.
        let em = plot.em;
        let width = Face::SemiBold.width(&crossing.text, em);
        let right = x + 0.5 * em + width <= plot.bounds.2;
        let at = (if right { x + 0.5 * em } else { x - 0.5 * em }, plot.bounds.3 - 0.6 * em);
        let label = Label::new(crossing.text.as_str(), at, em).bold().coloured(CROSSING);
        let label = if right { label } else { label.anchored(Anchor::Right) };
        let (left, top, right, bottom) = label.bounds();
        scene.bar((left - 8.0, top - 4.0), (right + 8.0, bottom + 4.0), Colour::PAPER, 0.85);
        scene.text(label);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_holds_intervals_curve_and_target() {
        let curve = vec![1.0, 2.0];
        let band = Band {
            p05: vec![-3.0, 0.0],
            p25: curve.clone(),
            p50: curve.clone(),
            p75: curve.clone(),
            p95: curve.clone(),
        };
        let form = BreakEven {
            unit: Unit::Points,
            title: String::new(),
            ticks: Vec::new(),
            span: (0.0, 1.0),
            target: 4.5,
            points: vec![RunPoint { at: 0.0, mean: 1.0, half_width: 7.0, weight: 1.0 }],
            curve: (vec![0.0, 1.0], band),
            crossing: None,
        };
        assert_eq!((form.axis().low, form.axis().high), (-6.0, 8.0));
    }
}
