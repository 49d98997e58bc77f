//! Shares as stacked areas that add up to 100 %.

use super::{EndLabel, draw_ends, end_text, present, room_for_ends};
use crate::report::charts::draw::palette::Colour;
use crate::report::charts::draw::placing::Bounds;
use crate::report::charts::draw::plot::{Mark, Plot, span_of};
use crate::report::charts::draw::scale::{Axis, Unit};
use crate::report::charts::draw::scene::{Anchor, Dash, Label, Scene, Shape};

const EM: f64 = 33.0;
const MARK_RADIUS: f64 = 16.0;

/// One layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Name of the entity.
    pub label: String,
    /// Its colour.
    pub colour: Colour,
    /// Its share at each instant, 0 to 1.
    pub shares: Vec<f64>,
}

/// Layers from the bottom to the top, which add up to 1 wherever there is an observation.
#[derive(Clone, Debug, PartialEq)]
pub struct StackedShares {
    /// Instants in years.
    pub years: Vec<f64>,
    /// The layers.
    pub layers: Vec<Layer>,
}

impl StackedShares {
    /// Scales shares, so that they add up to 1 at each instant. What is not observed counts as nothing; instants
    /// without any share are left out.
    pub fn new(years: &[f64], mut layers: Vec<Layer>) -> Self {
        let sums: Vec<f64> =
            (0..years.len()).map(|i| layers.iter().map(|layer| present(layer.shares[i])).sum()).collect();
        for layer in &mut layers {
            let scaled = layer.shares.iter().zip(&sums).filter(|(_, sum)| **sum > 0.0);
            layer.shares = scaled.map(|(share, sum)| present(*share) / sum).collect();
        }
        let years = years.iter().zip(&sums).filter(|(_, sum)| **sum > 0.0).map(|(year, _)| *year).collect();
        Self { years, layers }
    }

    /// Upper edge of each layer.
    fn tops(&self) -> Vec<Vec<f64>> {
        let mut below = vec![0.0; self.years.len()];
        let mut tops = Vec::with_capacity(self.layers.len());
        for layer in &self.layers {
            for (height, share) in below.iter_mut().zip(&layer.shares) {
                *height += share;
            }
            tops.push(below.clone());
        }
        tops
    }

    fn label_of(layer: &Layer) -> String {
        let last = layer.shares.last().copied().unwrap_or(0.0);
        let share = if last < 0.005 { "<1%".to_owned() } else { format!("{:.0}%", 100.0 * last) };
        end_text(&layer.label, &share, EM)
    }

    /// Draws the form.
    pub fn draw(&self, scene: &mut Scene, region: Bounds, marks: &[Mark]) {
        self.extended_to_the_start().draw_areas(scene, region, marks);
    }

    /// With the first month's shares from its start on, so that the areas begin where the axis does.
    fn extended_to_the_start(&self) -> Self {
        let mut extended = self.clone();
        extended.years.insert(0, span_of(&self.years).0);
        for layer in &mut extended.layers {
            layer.shares.insert(0, layer.shares[0]);
        }
        extended
    }

    fn draw_areas(&self, scene: &mut Scene, region: Bounds, marks: &[Mark]) {
        let axis = Axis::linear(0.0, 1.0, 5);
        let texts: Vec<String> = self.layers.iter().map(Self::label_of).collect();
        let left = region.0 + Plot::room_for_texts(&axis, Unit::Share, EM);
        let right = region.2 - room_for_ends(texts.iter().map(String::as_str), EM);
        let top = region.1 + Plot::room_for_marks(marks, MARK_RADIUS, right - left);
        let plot =
            Plot { bounds: (left, top, right, region.3 - 20.0 - 1.3 * EM), years: span_of(&self.years), axis, em: EM };
        plot.draw_axis_texts(scene, Unit::Share);
        self.draw_layers(scene, &plot);
        plot.draw_years(scene, true);
        for mark in marks {
            // A light ground keeps the dots visible on dark areas.
            let points = vec![(plot.x(mark.year), plot.bounds.3), (plot.x(mark.year), plot.bounds.1)];
            scene.shapes.push(Shape::Line { points, width: 2.0, colour: Colour::PAPER, alpha: 0.6, dash: Dash::Solid });
        }
        plot.draw_marks(scene, marks);
        plot.draw_mark_numbers(scene, marks, MARK_RADIUS);
        self.draw_labels(scene, &plot, &texts);
    }

    fn draw_layers(&self, scene: &mut Scene, plot: &Plot) {
        let tops = self.tops();
        let zero = vec![0.0; self.years.len()];
        // From the top, each down to the bottom: the next covers the rest, and no seam shows between them.
        for (layer, top) in self.layers.iter().zip(&tops).rev() {
            plot.draw_band(scene, &self.years, &zero, top, layer.colour, 1.0);
        }
        for tick in &plot.axis.ticks[1..plot.axis.ticks.len() - 1] {
            let (y, colour) = (plot.y(*tick), Colour::PAPER);
            let points = vec![(plot.bounds.0, y), (plot.bounds.2, y)];
            scene.shapes.push(Shape::Line { points, width: 2.0, colour, alpha: 0.35, dash: Dash::Solid });
        }
        for top in &tops[..tops.len().saturating_sub(1)] {
            plot.draw_line(scene, &self.years, top, Colour::PAPER, Dash::Solid, 3.0);
        }
        let (left, _, right, bottom) = plot.bounds;
        scene.line(vec![(left, bottom), (right, bottom)], 3.0, Colour::SOFT);
    }

    fn draw_labels(&self, scene: &mut Scene, plot: &Plot, texts: &[String]) {
        let tops = self.tops();
        let mut ends = Vec::new();
        for ((layer, top), text) in self.layers.iter().zip(&tops).zip(texts) {
            let (share, top) = (layer.shares.last().copied().unwrap_or(0.0), top.last().copied().unwrap_or(0.0));
            ends.push(EndLabel { text: text.clone(), y: plot.y(top - share / 2.0), colour: layer.colour });
        }
        // Labels run from the top layer down, as the layers do.
        ends.reverse();
        let (_, top, right, bottom) = plot.bounds;
        draw_ends(scene, &ends, right, EM, (top + 0.4 * EM, bottom - 0.4 * EM));
        for (layer, top) in self.layers.iter().zip(&tops) {
            self.draw_name_within(scene, plot, layer, top);
        }
    }

    /// A layer that is thin at the end is named where it is thick too, if the name fits into it there.
    fn draw_name_within(&self, scene: &mut Scene, plot: &Plot, layer: &Layer, top: &[f64]) {
        let last = layer.shares.last().copied().unwrap_or(0.0);
        let thickest = layer.shares.iter().copied().fold(0.0, f64::max);
        if thickest <= 0.12 || last >= 0.015 {
            return;
        }
        let label = Label::new(layer.label.as_str(), (0.0, 0.0), EM).bold().coloured(Colour::PAPER);
        let half = (label.bounds().2 - label.bounds().0) / 2.0 + 12.0;
        let centres = self.years.iter().map(|year| plot.x(*year));
        let within = centres.filter(|x| x - half >= plot.bounds.0 && x + half <= plot.bounds.2);
        let room = within.map(|x| (x, self.room_around(plot, layer, top, (x - half, x + half))));
        let widest = room.max_by(|a, b| (a.1.1 - a.1.0).total_cmp(&(b.1.1 - b.1.0)));
        let Some((x, (from, to))) = widest.filter(|(_, (from, to))| to - from > 1.2 * EM) else { return };
        let at = (x, (from + to) / 2.0 + 0.36 * EM);
        scene.text(Label { at, anchor: Anchor::Middle, ..label });
    }

    /// Between which pixels from the top a layer reaches over all of a stretch.
    fn room_around(&self, plot: &Plot, layer: &Layer, top: &[f64], (left, right): (f64, f64)) -> (f64, f64) {
        let spacing = (plot.bounds.2 - plot.bounds.0) / self.years.len() as f64;
        let near = |i: &usize| (left - spacing..=right + spacing).contains(&plot.x(self.years[*i]));
        let edges = (0..self.years.len()).filter(near).map(|i| (plot.y(top[i]), plot.y(top[i] - layer.shares[i])));
        edges.fold((plot.bounds.1, plot.bounds.3), |room, (from, to)| (room.0.max(from), room.1.min(to)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(label: &str, shares: &[f64]) -> Layer {
        Layer { label: label.into(), colour: Colour::INK, shares: shares.to_vec() }
    }

    #[test]
    fn layers_add_up_to_one_and_empty_instants_are_left_out() {
        let nan = f64::NAN;
        let years = [2023.0, 2024.0, 2025.0];
        let stack = StackedShares::new(&years, vec![layer("a", &[nan, 0.3, 0.2]), layer("b", &[nan, nan, 0.6])]);
        assert_eq!(stack.years, [2024.0, 2025.0]);
        assert_eq!(stack.layers[0].shares, [1.0, 0.25]);
        assert!(stack.tops()[1].iter().all(|top| (top - 1.0).abs() < 1e-12));
    }

    /// A layer that is gone at the end is named where it is thick for as long as its name is, and not where it is a spike.
    #[test]
    fn a_name_stands_within_a_layer_only_where_it_fits() {
        let years: Vec<f64> = (0..100).map(|i| 2_023.0 + f64::from(i) / 10.0).collect();
        let named = |first: usize, last: usize| {
            let shares: Vec<f64> = (0..100).map(|i| if (first..=last).contains(&i) { 0.5 } else { 0.0 }).collect();
            let rest = shares.iter().map(|share| 1.0 - share).collect::<Vec<f64>>();
            let stack = StackedShares::new(&years, vec![layer("Rest", &rest), layer("Gone", &shares)]);
            let mut scene = Scene::new(1_600, 900);
            stack.draw(&mut scene, (0.0, 0.0, 1_600.0, 900.0), &[]);
            scene.labels().filter(|label| label.text == "Gone").count()
        };
        assert_eq!((named(20, 60), named(40, 42)), (1, 0));
    }

    #[test]
    fn labels_say_the_last_share() {
        assert_eq!(StackedShares::label_of(&layer("Azure", &[0.9, 0.314])), "Azure 31%");
        assert_eq!(StackedShares::label_of(&layer("Azure", &[0.9, 0.004])), "Azure <1%");
    }
}
