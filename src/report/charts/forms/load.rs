//! How busy, in panels of lines, and below each panel a strip of how long requests wait.

use super::lines::{Band, INNER_ALPHA, LinePanels, OUTER_ALPHA};
use crate::report::charts::draw::palette::Colour;
use crate::report::charts::draw::placing::Bounds;
use crate::report::charts::draw::plot::{Mark, Plot};
use crate::report::charts::draw::scale::{Axis, Unit};
use crate::report::charts::draw::scene::{Dash, Label, Scene};

/// Height of a strip with its title and the years above it, in em.
const BELOW_EM: f64 = 8.2;
/// Height of a strip without them, in em.
const STRIP_EM: f64 = 3.4;
/// Least time that an axis goes up to [s].
const LEAST_S: f64 = 0.1;

/// Panels of lines with strips.
#[derive(Clone, Debug, PartialEq)]
pub struct Load {
    /// The lines.
    pub lines: LinePanels,
    /// The wait below each panel [s], if it was observed.
    pub waits: Vec<Option<Band>>,
    /// Whether the bands of the waits are drawn.
    pub bands: bool,
}

impl Load {
    /// Whether there is a strip to draw.
    pub fn has_strips(&self) -> bool {
        self.waits.iter().any(Option::is_some)
    }

    /// One axis for all strips: nothing, and what the longest wait needs.
    fn axis(&self) -> Axis {
        let of = |band: &Band| if self.bands { band.p95.clone() } else { band.p50.clone() };
        let figures = self.waits.iter().flatten().flat_map(of).filter(|wait| wait.is_finite());
        let top = Axis::linear(0.0, figures.fold(LEAST_S, f64::max), 3);
        Axis { ticks: vec![top.low, top.high], ..top }
    }

    /// Draws the form.
    pub fn draw(&self, scene: &mut Scene, region: Bounds, marks: &[Mark]) {
        let below = if self.has_strips() { BELOW_EM * self.lines.em() } else { 0.0 };
        let plots = self.lines.draw_above(scene, region, marks, below);
        let (axis, first) = (self.axis(), plots.first().map_or(0.0, |plot| plot.bounds.0));
        for ((plot, wait), panel) in plots.iter().zip(&self.waits).zip(&self.lines.panels) {
            let Some(wait) = wait else { continue };
            let top = plot.bounds.3 + 20.0 + 3.6 * plot.em;
            let bounds = (plot.bounds.0, top, plot.bounds.2, top + STRIP_EM * plot.em);
            let strip = Plot { bounds, axis: axis.clone(), ..plot.clone() };
            let title = (bounds.0, top - 0.5 * plot.em);
            scene.text(Label::new("Queueing delay", title, 0.88 * plot.em));
            self.draw_strip(scene, &strip, wait, panel.colour, bounds.0 <= first);
        }
    }

    fn draw_strip(&self, scene: &mut Scene, strip: &Plot, wait: &Band, colour: Colour, leftmost: bool) {
        let years = &self.lines.years;
        strip.draw_grid(scene, leftmost.then_some(Unit::Seconds));
        if self.bands {
            strip.draw_band(scene, years, &wait.p05, &wait.p95, colour, OUTER_ALPHA);
            strip.draw_band(scene, years, &wait.p25, &wait.p75, colour, INNER_ALPHA);
        }
        strip.draw_line(scene, years, &wait.p50, colour.for_text(), Dash::Solid, 4.0);
    }
}

#[cfg(test)]
mod tests {
    use super::super::lines::{Panel, Scaling};
    use super::*;

    fn load(p50: &[f64], p95: &[f64], bands: bool) -> Load {
        let quantile = || p50.to_vec();
        let wait = Band { p05: quantile(), p25: quantile(), p50: quantile(), p75: quantile(), p95: p95.to_vec() };
        let panel = Panel { title: "Azure".into(), colour: Colour::INK, lines: vec![], levels: vec![], notes: vec![] };
        let lines = LinePanels {
            years: vec![2024.0, 2025.0],
            unit: Unit::Share,
            may_be_log: false,
            scaling: Scaling::Shared,
            panels: vec![panel],
        };
        Load { lines, waits: vec![Some(wait)], bands }
    }

    #[test]
    fn the_axis_holds_the_longest_wait_that_is_drawn() {
        assert_eq!(load(&[0.3, f64::NAN], &[1.7, f64::NAN], true).axis().ticks, [0.0, 2.0]);
        assert_eq!(load(&[0.4, f64::NAN], &[1.7, f64::NAN], false).axis().ticks, [0.0, 0.4]);
        assert_eq!(load(&[0.0, 0.0], &[0.0, 0.0], true).axis().ticks, [0.0, 0.1]);
    }
}
