//! Stacked areas of amounts, a panel for each entity, each to its own scale.

use super::{draw_frames, present};
use crate::report::charts::draw::palette::Colour;
use crate::report::charts::draw::placing::Bounds;
use crate::report::charts::draw::plot::{Mark, Plot, span_of};
use crate::report::charts::draw::scale::{Axis, Unit};
use crate::report::charts::draw::scene::{Dash, Scene};

/// One layer of a panel; the legend of the page names its colour.
#[derive(Clone, Debug, PartialEq)]
pub struct AmountLayer {
    /// Its colour.
    pub colour: Colour,
    /// Its amount at each instant; what is not observed counts as nothing.
    pub amounts: Vec<f64>,
}

/// One entity.
#[derive(Clone, Debug, PartialEq)]
pub struct StackPanel {
    /// Its name.
    pub title: String,
    /// Its colour.
    pub colour: Colour,
    /// From the bottom to the top.
    pub layers: Vec<AmountLayer>,
}

/// A panel for each entity.
#[derive(Clone, Debug, PartialEq)]
pub struct StackPanels {
    /// Instants in years.
    pub years: Vec<f64>,
    /// Unit of the amounts.
    pub unit: Unit,
    /// The entities.
    pub panels: Vec<StackPanel>,
}

impl StackPanel {
    /// Upper edge of each layer.
    fn tops(&self) -> Vec<Vec<f64>> {
        let instants = self.layers.first().map_or(0, |layer| layer.amounts.len());
        let mut below = vec![0.0; instants];
        let mut tops = Vec::with_capacity(self.layers.len());
        for layer in &self.layers {
            for (height, amount) in below.iter_mut().zip(&layer.amounts) {
                *height += present(*amount);
            }
            tops.push(below.clone());
        }
        tops
    }

    fn axis(&self) -> Axis {
        let most = self.tops().last().map_or(0.0, |top| top.iter().copied().fold(0.0, f64::max));
        Axis::linear(0.0, most.max(1.0), 3)
    }
}

impl StackPanels {
    /// Draws the form.
    pub fn draw(&self, scene: &mut Scene, region: Bounds, marks: &[Mark]) {
        let room = |em| {
            let rooms = self.panels.iter().map(|panel| Plot::room_for_texts(&panel.axis(), self.unit, em));
            rooms.fold(0.0, f64::max)
        };
        let titles = self.panels.iter().map(|panel| (panel.title.as_str(), panel.colour));
        let frames = draw_frames(scene, region, marks, titles, room);
        for (panel, frame) in self.panels.iter().zip(frames) {
            let years = span_of(&self.years);
            let plot = Plot { bounds: frame.bounds, years, axis: panel.axis(), em: frame.em };
            plot.draw_grid(scene, Some(self.unit));
            self.draw_layers(scene, &plot, panel);
            plot.draw_marks(scene, marks);
            plot.draw_mark_numbers(scene, marks, frame.radius);
            plot.draw_years(scene, frame.lowest);
        }
    }

    fn draw_layers(&self, scene: &mut Scene, plot: &Plot, panel: &StackPanel) {
        let (tops, zero) = (panel.tops(), vec![0.0; self.years.len()]);
        // From the top, each down to the bottom: the next covers the rest, and no seam shows between them.
        for (layer, top) in panel.layers.iter().zip(&tops).rev() {
            plot.draw_band(scene, &self.years, &zero, top, layer.colour, 1.0);
            plot.draw_line(scene, &self.years, top, Colour::PAPER, Dash::Solid, 1.5);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_stand_on_one_another_and_the_axis_holds_them() {
        let layer = |amounts: &[f64]| AmountLayer { colour: Colour::INK, amounts: amounts.to_vec() };
        let layers = vec![layer(&[1.0, 2.0]), layer(&[f64::NAN, 3.5])];
        let panel = StackPanel { title: "Azure".into(), colour: Colour::INK, layers };
        assert_eq!(panel.tops(), [vec![1.0, 2.0], vec![1.0, 5.5]]);
        assert_eq!(panel.axis().ticks.last(), Some(&6.0));
        let none = StackPanel { layers: vec![], ..panel };
        assert_eq!(none.axis().low, 0.0);
    }
}
