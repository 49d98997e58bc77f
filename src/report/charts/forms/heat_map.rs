//! What held at each instant, row by row: a strip of colours for each entity.

use crate::report::charts::draw::fonts::Face;
use crate::report::charts::draw::palette::Colour;
use crate::report::charts::draw::placing::Bounds;
use crate::report::charts::draw::plot::{Mark, Plot, span_of};
use crate::report::charts::draw::scale::Axis;
use crate::report::charts::draw::scene::{Anchor, Label, Scene};

const EM: f64 = 33.0;
const CELL_EM: f64 = 27.0;
const MARK_RADIUS: f64 = 16.0;
/// Share of a row that its strip fills.
const STRIP: f64 = 0.74;
/// Highest strip in pixels, where rows are few.
const HIGHEST_STRIP: f64 = 150.0;
/// Contrast with white from which a text on a colour is white.
const DARK: f64 = 3.0;

/// What held at an instant.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Its name.
    pub label: &'static str,
    /// Its colour.
    pub colour: Colour,
    /// Whether it is drawn paler.
    pub pale: bool,
}

/// An entity's strip.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatRow {
    /// Name of the entity.
    pub label: String,
    /// Its colour.
    pub colour: Colour,
    /// One for each instant; `None` where nothing was observed.
    pub cells: Vec<Option<Cell>>,
}

/// Strips over the same instants.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatMap {
    /// Ends of the instants' months, in years.
    pub years: Vec<f64>,
    /// The strips, from the top.
    pub rows: Vec<HeatRow>,
}

impl Cell {
    /// The colour as it is drawn: a pale one is half paper.
    pub fn shade(&self) -> Colour {
        let paler = |channel: u8| if self.pale { channel.midpoint(u8::MAX) } else { channel };
        Colour(paler(self.colour.0), paler(self.colour.1), paler(self.colour.2))
    }
}

impl HeatRow {
    /// Runs of equal cells: first and last position, and what holds there.
    fn runs(&self) -> Vec<(usize, usize, &Cell)> {
        let mut runs: Vec<(usize, usize, &Cell)> = Vec::new();
        for (i, cell) in self.cells.iter().enumerate() {
            let Some(cell) = cell else { continue };
            match runs.last_mut() {
                Some((_, last, same)) if *last + 1 == i && *same == cell => *last = i,
                _ => runs.push((i, i, cell)),
            }
        }
        runs
    }
}

impl HeatMap {
    /// Draws the form.
    pub fn draw(&self, scene: &mut Scene, region: Bounds, marks: &[Mark]) {
        let widest = self.rows.iter().map(|row| Face::SemiBold.width(&row.label, EM)).fold(0.0, f64::max);
        let (left, right) = (region.0 + widest.min(420.0) + 24.0, region.2 - 40.0);
        let top = region.1 + Plot::room_for_marks(marks, MARK_RADIUS, right - left);
        let years = span_of(&self.years);
        let bounds = (left, top, right, region.3 - 20.0 - 1.3 * EM);
        let plot = Plot { bounds, years, axis: Axis::linear(0.0, 1.0, 1), em: EM };
        let height = (plot.bounds.3 - top) / self.rows.len() as f64;
        plot.draw_marks(scene, marks);
        for (i, row) in self.rows.iter().enumerate() {
            let middle = top + (i as f64 + 0.5) * height;
            let name = Face::SemiBold.elided(&row.label, EM, widest.min(420.0));
            let name = Label::new(name, (region.0, middle + 0.36 * EM), EM).bold();
            scene.text(name.coloured(row.colour.for_text()));
            self.draw_strip(scene, &plot, row, (middle, (STRIP * height).min(HIGHEST_STRIP) / 2.0));
        }
        scene.line(vec![(left, bounds.3), (right, bounds.3)], 3.0, Colour::SOFT);
        plot.draw_years(scene, true);
        plot.draw_mark_numbers(scene, marks, MARK_RADIUS);
    }

    /// Draws a strip of half a height around `middle`; runs that have room for their name bear it.
    fn draw_strip(&self, scene: &mut Scene, plot: &Plot, row: &HeatRow, (middle, half): (f64, f64)) {
        for (first, last, cell) in row.runs() {
            let from = if first == 0 { plot.years.0 } else { self.years[first - 1] };
            let (left, right) = (plot.x(from), plot.x(self.years[last]));
            scene.bar((left, middle - half), (right, middle + half), cell.shade(), 1.0);
            if Face::Regular.width(cell.label, CELL_EM) + 14.0 < right - left {
                let dark = cell.shade().contrast_with_paper() > DARK;
                let colour = if dark { Colour::PAPER } else { Colour::INK };
                let at = ((left + right) / 2.0, middle + 0.36 * CELL_EM);
                scene.text(Label::new(cell.label, at, CELL_EM).coloured(colour).anchored(Anchor::Middle));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[Option<(&'static str, bool)>]) -> HeatRow {
        let cell = |(label, pale)| Cell { label, colour: Colour(0, 100, 200), pale };
        let cells = cells.iter().map(|c| c.map(cell)).collect();
        HeatRow { label: "a".into(), colour: Colour::INK, cells }
    }

    #[test]
    fn equal_neighbours_are_one_run_and_gaps_end_it() {
        let row = row(&[Some(("x", false)), Some(("x", false)), Some(("x", true)), None, Some(("x", true))]);
        let runs: Vec<(usize, usize)> = row.runs().iter().map(|run| (run.0, run.1)).collect();
        assert_eq!(runs, [(0, 1), (2, 2), (4, 4)]);
        let pale = row.cells[2].as_ref().unwrap();
        assert_eq!(pale.shade(), Colour(127, 177, 227));
    }

    #[test]
    fn only_runs_with_room_bear_their_name() {
        let months: Vec<f64> = (1..=24).map(|m| 2024.0 + f64::from(m) / 12.0).collect();
        let mut cells = vec![Some(("packaging", false)); 23];
        cells.push(Some(("demand", false)));
        let map = HeatMap { years: months, rows: vec![row(&cells)] };
        let mut scene = Scene::new(1200, 400);
        map.draw(&mut scene, (0.0, 0.0, 1200.0, 400.0), &[]);
        let texts: Vec<&str> = scene.labels().map(|label| label.text.as_str()).collect();
        assert_eq!(texts, ["a", "packaging", "2024", "2025", "2026"]);
    }
}
