//! Fleet against power: what is energized, what accelerators may draw, and what is stranded on either side.

use super::draw_frames;
use crate::report::charts::draw::fonts::Face;
use crate::report::charts::draw::palette::Colour;
use crate::report::charts::draw::placing::Bounds;
use crate::report::charts::draw::plot::{Mark, Plot, span_of};
use crate::report::charts::draw::scale::{Axis, Unit};
use crate::report::charts::draw::scene::{Anchor, Dash, Label, Scene};

/// Opacity of the area of used power.
pub const USED_ALPHA: f64 = 0.45;

/// One operator. Figures are NaN where there is no observation.
#[derive(Clone, Debug, PartialEq)]
pub struct PowerPanel {
    /// Its name.
    pub title: String,
    /// Its colour.
    pub colour: Colour,
    /// Energized facility power, MW.
    pub energized_mw: Vec<f64>,
    /// Facility power that installed accelerators may draw, MW.
    pub used_mw: Vec<f64>,
    /// Energized power, less the reserve, without an accelerator, MW.
    pub stranded_mw: Vec<f64>,
    /// Delivered accelerators that wait for power, H100e.
    pub waiting_h100e: Vec<f64>,
}

/// A panel for each operator, each to its own scale.
#[derive(Clone, Debug, PartialEq)]
pub struct FleetAgainstPower {
    /// Instants in years.
    pub years: Vec<f64>,
    /// The operators.
    pub panels: Vec<PowerPanel>,
}

fn greatest(values: &[f64]) -> f64 {
    values.iter().copied().filter(|v| v.is_finite()).fold(0.0, f64::max)
}

impl PowerPanel {
    /// Upper edge of the stranded power.
    fn used_and_stranded(&self) -> Vec<f64> {
        self.used_mw.iter().zip(&self.stranded_mw).map(|(used, stranded)| used + stranded).collect()
    }

    fn power_axis(&self) -> Axis {
        Axis::linear(0.0, greatest(&self.energized_mw).max(greatest(&self.used_and_stranded())), 3)
    }

    fn waiting_axis(&self) -> Axis {
        let top = Axis::linear(0.0, greatest(&self.waiting_h100e).max(1.0), 1);
        Axis { ticks: vec![top.low, top.high], ..top }
    }
}

impl FleetAgainstPower {
    /// Draws the form.
    pub fn draw(&self, scene: &mut Scene, region: Bounds, marks: &[Mark]) {
        let room_of = |panel: &PowerPanel, em| {
            let power = Plot::room_for_texts(&panel.power_axis(), Unit::Megawatts, em);
            power.max(Plot::room_for_texts(&panel.waiting_axis(), Unit::Count, em))
        };
        let room = |em| self.panels.iter().map(|panel| room_of(panel, em)).fold(0.0, f64::max);
        let titles = self.panels.iter().map(|panel| (panel.title.as_str(), panel.colour));
        let frames = draw_frames(scene, region, marks, titles, room);
        for (panel, frame) in self.panels.iter().zip(frames) {
            let ((left, top, right, bottom), em) = (frame.bounds, frame.em);
            let strip = bottom - 0.2 * (bottom - top);
            let years = span_of(&self.years);
            let power = Plot { bounds: (left, top, right, strip - 2.4 * em), years, axis: panel.power_axis(), em };
            let waiting = Plot { bounds: (left, strip, right, bottom), years, axis: panel.waiting_axis(), em };
            self.draw_power(scene, &power, panel, marks);
            power.draw_mark_numbers(scene, marks, frame.radius);
            self.draw_waiting(scene, &waiting, panel, marks);
            waiting.draw_years(scene, frame.lowest);
        }
    }

    fn draw_power(&self, scene: &mut Scene, plot: &Plot, panel: &PowerPanel, marks: &[Mark]) {
        plot.draw_grid(scene, Some(Unit::Megawatts));
        plot.draw_marks(scene, marks);
        let (years, zero, upper) = (&self.years, vec![0.0; self.years.len()], panel.used_and_stranded());
        plot.draw_band(scene, years, &zero, &panel.used_mw, panel.colour, USED_ALPHA);
        plot.draw_band(scene, years, &panel.used_mw, &upper, panel.colour, 0.1);
        plot.draw_hatch(scene, years, &panel.used_mw, &upper, panel.colour.for_text());
        plot.draw_line(scene, years, &panel.used_mw, panel.colour, Dash::Solid, 3.0);
        plot.draw_line(scene, years, &panel.energized_mw, Colour::INK, Dash::Solid, 5.0);
    }

    fn draw_waiting(&self, scene: &mut Scene, plot: &Plot, panel: &PowerPanel, marks: &[Mark]) {
        plot.draw_grid(scene, Some(Unit::Count));
        plot.draw_marks(scene, marks);
        plot.draw_line(scene, &self.years, &panel.waiting_h100e, Colour::ACCENT, Dash::Solid, 3.0);
        for point in plot.runs(&self.years, &panel.waiting_h100e).into_iter().flatten().step_by(6) {
            scene.disc(point, 6.0, Colour::ACCENT);
        }
        let em = 0.88 * plot.em;
        let text = Face::Regular.elided("Chips waiting for power, H100e", em, plot.bounds.2 - plot.bounds.0);
        let at = (plot.bounds.2, plot.bounds.1 - 0.45 * em);
        scene.text(Label::new(text, at, em).coloured(Colour::ACCENT).anchored(Anchor::Right));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panel() -> PowerPanel {
        PowerPanel {
            title: "Azure".into(),
            colour: Colour(0, 100, 160),
            energized_mw: vec![100.0, 220.0],
            used_mw: vec![80.0, 150.0],
            stranded_mw: vec![10.0, f64::NAN],
            waiting_h100e: vec![0.0, 45_000.0],
        }
    }

    #[test]
    fn axes_hold_power_and_waiting_chips() {
        assert_eq!(panel().power_axis().ticks.last(), Some(&300.0));
        assert_eq!(panel().waiting_axis().ticks, [0.0, 50_000.0]);
        assert_eq!(panel().used_and_stranded()[0], 90.0);
    }

    #[test]
    fn a_fleet_without_waiting_chips_still_has_an_axis() {
        let idle = PowerPanel { waiting_h100e: vec![0.0, 0.0], ..panel() };
        assert_eq!(idle.waiting_axis().ticks, [0.0, 1.0]);
    }
}
