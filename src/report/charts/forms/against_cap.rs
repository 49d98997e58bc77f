//! Lines towards a cap, and below each panel a strip that shows when it is reached.

use super::lines::LinePanels;
use crate::report::charts::draw::fonts::Face;
use crate::report::charts::draw::palette::Colour;
use crate::report::charts::draw::placing::Bounds;
use crate::report::charts::draw::plot::{Mark, Plot};
use crate::report::charts::draw::scale::Unit;
use crate::report::charts::draw::scene::{Anchor, Label, Scene};

/// Height of a strip with its title and the years above it, in em.
const BELOW_EM: f64 = 8.6;
/// Height of the tallest bar of a strip, in em.
const TALLEST_EM: f64 = 3.6;

/// When a cap is reached.
#[derive(Clone, Debug, PartialEq)]
pub struct Reached {
    /// Start and end in years of each period, and the share of the replications that reach the cap in it.
    pub periods: Vec<(f64, f64, f64)>,
    /// Share of the replications that do not reach it at all.
    pub never: f64,
}

/// Panels of lines with strips.
#[derive(Clone, Debug, PartialEq)]
pub struct AgainstCap {
    /// The lines.
    pub lines: LinePanels,
    /// A strip for each panel, none for one without a cap.
    pub reached: Vec<Option<Reached>>,
}

impl AgainstCap {
    /// Draws the form.
    pub fn draw(&self, scene: &mut Scene, region: Bounds, marks: &[Mark]) {
        let below = if self.reached.iter().any(Option::is_some) { BELOW_EM * self.lines.em() } else { 0.0 };
        let plots = self.lines.draw_above(scene, region, marks, below);
        for ((plot, reached), panel) in plots.iter().zip(&self.reached).zip(&self.lines.panels) {
            // Below the years.
            let top = plot.bounds.3 + 20.0 + 1.9 * plot.em;
            match reached {
                Some(reached) => draw_strip(scene, plot, reached, top, panel.colour),
                None if below > 0.0 => title(scene, plot, "No cap", top),
                None => {}
            }
        }
    }
}

fn title(scene: &mut Scene, plot: &Plot, text: &str, top: f64) {
    scene.text(Label::new(text, (plot.bounds.0, top + 0.8 * plot.em), 0.92 * plot.em));
}

fn draw_strip(scene: &mut Scene, plot: &Plot, reached: &Reached, top: f64, colour: Colour) {
    let (left, _, right, _) = plot.bounds;
    let em = 0.92 * plot.em;
    title(scene, plot, "Cap reached in the quarter, share of replications", top);
    let base = top + 2.6 * em + TALLEST_EM * plot.em;
    let tallest = reached.periods.iter().map(|period| period.2).fold(0.0, f64::max);
    scene.line(vec![(left, base), (right, base)], 3.0, Colour::SOFT);
    for (from, until, share) in reached.periods.iter().filter(|period| period.2 > 0.0) {
        let height = share / tallest * TALLEST_EM * plot.em;
        scene.bar((plot.x(*from) + 1.5, base - height), (plot.x(*until) - 1.5, base), colour, 0.85);
    }
    let most = reached.periods.iter().find(|period| period.2 == tallest && tallest > 0.0);
    if let Some((from, until, share)) = most {
        let at = (plot.x((from + until) / 2.0), base - TALLEST_EM * plot.em - 0.35 * em);
        scene.text(
            Label::new(Unit::Share.text(*share), at, em).bold().coloured(colour.for_text()).anchored(Anchor::Middle),
        );
    }
    if reached.never > 0.0 {
        // Above the end of the axis, unless a bar stands there.
        let text = format!("not reached {}", Unit::Share.text(reached.never));
        let clear = reached
            .periods
            .iter()
            .rfind(|period| period.2 > 0.0)
            .is_none_or(|last| plot.x(last.1) < right - Face::SemiBold.width(&text, em));
        let y = if clear { base - 0.4 * em } else { base + 1.1 * em };
        scene.text(Label::new(text, (right, y), em).bold().coloured(Colour::ACCENT).anchored(Anchor::Right));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::charts::draw::scale::Axis;
    use crate::report::charts::draw::scene::Shape;

    #[test]
    fn the_likeliest_quarter_is_named_and_so_is_never() {
        let plot = Plot {
            bounds: (100.0, 0.0, 1_100.0, 400.0),
            years: (2023.0, 2033.0),
            axis: Axis::linear(0.0, 1.0, 2),
            em: 30.0,
        };
        let periods = vec![(2029.0, 2029.25, 0.2), (2029.25, 2029.5, 0.5), (2029.5, 2029.75, 0.0)];
        let mut scene = Scene::new(1_200, 800);
        draw_strip(&mut scene, &plot, &Reached { periods, never: 0.3 }, 460.0, Colour::INK);
        let bars: Vec<f64> = scene
            .shapes
            .iter()
            .filter_map(|shape| if let Shape::Bar { from, to, .. } = shape { Some(to.1 - from.1) } else { None })
            .collect();
        assert_eq!(bars.len(), 2);
        assert!((bars[0] / bars[1] - 0.4).abs() < 1e-9, "{bars:?}");
        let texts: Vec<&str> = scene.labels().map(|label| label.text.as_str()).collect();
        assert_eq!(texts[1..], ["50%", "not reached 30%"]);
    }
}
