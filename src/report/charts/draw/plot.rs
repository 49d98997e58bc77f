//! One pair of axes: the grid, the years, the marks of events, and the ways to draw a series.

use super::fonts::Face;
use super::palette::Colour;
use super::placing::{Bounds, apart};
use super::scale::{Axis, Unit};
use super::scene::{Anchor, Dash, Label, Point, Scene};

/// A dated event that charts mark.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Its number in the key, from 1.
    pub number: usize,
    /// When, in years.
    pub year: f64,
    /// What the key says of it.
    pub text: String,
}

/// A box with a horizontal axis of years and a vertical one of figures.
#[derive(Clone, Debug)]
pub struct Plot {
    /// Left, top, right and bottom of the plotting area in pixels.
    pub bounds: Bounds,
    /// First and last instant in years.
    pub years: (f64, f64),
    /// The vertical axis.
    pub axis: Axis,
    /// Pixels per em of the axes' texts.
    pub em: f64,
}

/// The ends of the horizontal axis for observations at `years`: from the start of the first month.
pub fn span_of(years: &[f64]) -> (f64, f64) {
    let (first, last) = (years[0], years[years.len() - 1]);
    let whole = first.floor();
    let from = if first - whole < 0.1 { whole } else { first };
    if last > from { (from, last) } else { (from, from + 1.0) }
}

impl Plot {
    /// Room that the texts of an axis need to the left of a plot, in pixels.
    pub fn room_for_texts(axis: &Axis, unit: Unit, em: f64) -> f64 {
        axis.texts(unit).iter().map(|text| Face::Regular.width(text, em)).fold(0.0, f64::max) + 0.5 * em
    }

    /// Pixel of an instant.
    pub fn x(&self, year: f64) -> f64 {
        let (from, to) = self.years;
        self.bounds.0 + (year - from) / (to - from) * (self.bounds.2 - self.bounds.0)
    }

    /// Pixel of a figure.
    pub fn y(&self, value: f64) -> f64 {
        self.bounds.3 - self.axis.share(value) * (self.bounds.3 - self.bounds.1)
    }

    /// Horizontal grid lines, the zero line, and their texts if `unit` is given.
    pub fn draw_grid(&self, scene: &mut Scene, unit: Option<Unit>) {
        let (left, _, right, _) = self.bounds;
        for tick in &self.axis.ticks {
            let y = self.y(*tick);
            scene.line(vec![(left, y), (right, y)], 2.0, Colour::GRID);
        }
        let base = if self.axis.log { self.axis.low } else { 0.0 };
        scene.line(vec![(left, self.y(base)), (right, self.y(base))], 3.0, Colour::SOFT);
        if let Some(unit) = unit {
            self.draw_axis_texts(scene, unit);
        }
    }

    /// The texts of the vertical axis.
    pub fn draw_axis_texts(&self, scene: &mut Scene, unit: Unit) {
        for (tick, text) in self.axis.ticks.iter().zip(self.axis.texts(unit)) {
            let at = (self.bounds.0 - 0.45 * self.em, self.y(*tick) + 0.36 * self.em);
            scene.text(Label::new(text, at, self.em).anchored(Anchor::Right));
        }
    }

    /// A tick at the start of every year, and the years that there is room for if `texts`.
    pub fn draw_years(&self, scene: &mut Scene, texts: bool) {
        let bottom = self.bounds.3;
        let (first, last) = (self.years.0.ceil() as i32, self.years.1.floor() as i32);
        let per_year = (self.bounds.2 - self.bounds.0) / (self.years.1 - self.years.0);
        let needed = Face::Regular.width("2024", self.em) + 0.7 * self.em;
        let step = [1, 2, 5, 10, 20, 50].into_iter().find(|s| f64::from(*s) * per_year >= needed).unwrap_or(100);
        for year in first..=last {
            let x = self.x(f64::from(year));
            let labelled = year.rem_euclid(step) == 0;
            let length = if labelled { 14.0 } else { 8.0 };
            scene.line(vec![(x, bottom), (x, bottom + length)], 2.0, Colour::SOFT);
            if texts && labelled {
                let at = (x, bottom + 20.0 + 0.75 * self.em);
                scene.text(Label::new(year.to_string(), at, self.em).anchored(Anchor::Middle));
            }
        }
    }

    /// A dashed line for each event.
    pub fn draw_marks(&self, scene: &mut Scene, marks: &[Mark]) {
        for mark in marks {
            let x = self.x(mark.year);
            scene.dashed(vec![(x, self.bounds.3), (x, self.bounds.1)], 2.0, Colour::MARK, Dash::Dotted);
        }
    }

    /// The numbers of the events on discs above the plot, moved apart where events are close; in two rows, in turn, if
    /// one has no room for all.
    pub fn draw_mark_numbers(&self, scene: &mut Scene, marks: &[Mark], radius: f64) {
        let (left, top, right, _) = self.bounds;
        let wanted: Vec<f64> = marks.iter().map(|mark| self.x(mark.year)).collect();
        let rows = rows_of_marks(marks, radius, right - left);
        let places = apart(&wanted, DISC * radius / rows.max(1) as f64, left - radius, right + radius);
        let y = |i: usize| top - 1.9 * radius - if rows == 2 && i % 2 == 1 { DISC * radius } else { 0.0 };
        for (i, (from, x)) in wanted.iter().zip(&places).enumerate() {
            scene.line(vec![(*from, top), (*x, y(i))], 2.0, Colour::MARK);
        }
        for (i, (mark, x)) in marks.iter().zip(places).enumerate() {
            numbered_disc(scene, mark.number, (x, y(i)), radius);
        }
    }

    /// Height that [`Plot::draw_mark_numbers`] needs above a plot of a width.
    pub fn room_for_marks(marks: &[Mark], radius: f64, width: f64) -> f64 {
        match rows_of_marks(marks, radius, width) {
            0 => 8.0,
            rows => (3.2 + DISC * (rows - 1) as f64) * radius,
        }
    }

    /// Pixels of a series, in runs without a gap.
    pub fn runs(&self, years: &[f64], values: &[f64]) -> Vec<Vec<Point>> {
        let mut runs: Vec<Vec<Point>> = vec![Vec::new()];
        for (year, value) in years.iter().zip(values) {
            if value.is_finite() {
                runs.last_mut().expect("there is one from the start").push((self.x(*year), self.y(*value)));
            } else if runs.last().is_some_and(|run| !run.is_empty()) {
                runs.push(Vec::new());
            }
        }
        runs.retain(|run| !run.is_empty());
        runs
    }

    /// A line through a series.
    pub fn draw_line(&self, scene: &mut Scene, years: &[f64], values: &[f64], colour: Colour, dash: Dash, width: f64) {
        for run in self.runs(years, values) {
            match run[..] {
                [point] => scene.disc(point, width, colour),
                _ => scene.dashed(run, width, colour, dash),
            }
        }
    }

    /// The area between two series.
    pub fn draw_band(&self, scene: &mut Scene, years: &[f64], low: &[f64], high: &[f64], colour: Colour, alpha: f64) {
        for (mut upper, lower) in self.edges(years, low, high) {
            if upper.len() > 1 {
                upper.extend(lower.into_iter().rev());
                scene.area(upper, colour, alpha);
            }
        }
    }

    /// Upper and lower pixels of the area between two series, in runs where both are observed.
    fn edges(&self, years: &[f64], low: &[f64], high: &[f64]) -> Vec<(Vec<Point>, Vec<Point>)> {
        // Adding what is not a number to the other leaves both with the same gaps.
        let where_both = |a: &[f64], b: &[f64]| -> Vec<f64> { a.iter().zip(b).map(|(a, b)| a + 0.0 * b).collect() };
        let (low, high) = (where_both(low, high), where_both(high, low));
        self.runs(years, &high).into_iter().zip(self.runs(years, &low)).collect()
    }

    /// Diagonal strokes over the area between two series.
    pub fn draw_hatch(&self, scene: &mut Scene, years: &[f64], low: &[f64], high: &[f64], colour: Colour) {
        for (upper, lower) in self.edges(years, low, high) {
            hatch(scene, &upper, &lower, colour);
        }
    }
}

/// Distance of neighbouring discs, in radii.
const DISC: f64 = 2.15;

fn rows_of_marks(marks: &[Mark], radius: f64, width: f64) -> usize {
    match marks.len() {
        0 => 0,
        n if n as f64 * DISC * radius <= width => 1,
        _ => 2,
    }
}

/// A number on a disc.
pub fn numbered_disc(scene: &mut Scene, number: usize, centre: Point, radius: f64) {
    scene.disc(centre, radius, Colour::SOFT);
    let em = if number < 10 { 1.3 * radius } else { 1.1 * radius };
    let at = (centre.0, centre.1 + 0.36 * em);
    scene.text(Label::new(number.to_string(), at, em).bold().coloured(Colour::PAPER).anchored(Anchor::Middle));
}

/// Height of a run of points at `x`, between its first and last.
fn height_at(run: &[Point], x: f64) -> Option<f64> {
    let after = run.iter().position(|point| point.0 >= x)?;
    let (a, b) = (run[after.checked_sub(1)?], run[after]);
    Some(a.1 + (b.1 - a.1) * (x - a.0) / (b.0 - a.0))
}

/// Strokes at 45 degrees, a constant distance apart, where they are below `upper` and above `lower`.
fn hatch(scene: &mut Scene, upper: &[Point], lower: &[Point], colour: Colour) {
    const APART: f64 = 12.0;
    const STEP: f64 = 1.5;
    let (Some(first), Some(last)) = (upper.first(), upper.last()) else { return };
    let top = upper.iter().map(|p| p.1).fold(f64::INFINITY, f64::min);
    let bottom = lower.iter().map(|p| p.1).fold(f64::NEG_INFINITY, f64::max);
    let steps = ((last.0 - first.0) / STEP) as usize;
    let edges: Vec<Option<(f64, f64)>> = (0..=steps)
        .map(|i| first.0 + i as f64 * STEP)
        .map(|x| Some((height_at(upper, x)?, height_at(lower, x)?)))
        .collect();
    // Along a stroke x + y is constant.
    let mut sum = ((first.0 + top) / APART).ceil() * APART;
    while sum <= last.0 + bottom {
        let mut stroke: Option<(Point, Point)> = None;
        for (i, edge) in edges.iter().enumerate() {
            let x = first.0 + i as f64 * STEP;
            let y = sum - x;
            if edge.is_some_and(|(above, below)| above <= y && y <= below) {
                stroke = Some((stroke.map_or((x, y), |s| s.0), (x, y)));
            } else if let Some((from, to)) = stroke.take() {
                scene.line(vec![from, to], 2.0, colour);
            }
        }
        if let Some((from, to)) = stroke {
            scene.line(vec![from, to], 2.0, colour);
        }
        sum += APART;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::charts::draw::scene::Shape;

    fn plot() -> Plot {
        Plot {
            bounds: (100.0, 50.0, 300.0, 150.0),
            years: (2020.0, 2030.0),
            axis: Axis::linear(0.0, 10.0, 5),
            em: 20.0,
        }
    }

    #[test]
    fn instants_and_figures_map_to_the_corners() {
        let plot = plot();
        assert_eq!((plot.x(2020.0), plot.x(2030.0)), (100.0, 300.0));
        assert_eq!((plot.y(0.0), plot.y(10.0), plot.y(5.0)), (150.0, 50.0, 100.0));
    }

    #[test]
    fn gaps_split_a_line() {
        let runs = plot().runs(&[2020.0, 2021.0, 2022.0, 2023.0], &[1.0, f64::NAN, 2.0, 3.0]);
        assert_eq!(runs.iter().map(Vec::len).collect::<Vec<_>>(), [1, 2]);
        assert!(plot().runs(&[2020.0], &[f64::NAN]).is_empty());
    }

    #[test]
    fn years_are_named_as_often_as_there_is_room() {
        let mut scene = Scene::new(400, 200);
        plot().draw_years(&mut scene, true);
        // 20 pixels a year, and a name needs about 60: every fifth.
        let texts: Vec<_> = scene.labels().map(|label| label.text.as_str()).collect();
        assert_eq!(texts, ["2020", "2025", "2030"]);
    }

    #[test]
    fn the_first_month_starts_the_axis() {
        assert_eq!(span_of(&[2023.0 + 31.0 / 365.0, 2024.0]), (2023.0, 2024.0));
        assert_eq!(span_of(&[2023.5, 2024.0]), (2023.5, 2024.0));
        assert_eq!(span_of(&[2024.0]), (2024.0, 2025.0));
    }

    #[test]
    fn strokes_stay_within_the_area() {
        let mut scene = Scene::new(400, 200);
        let (years, low, high) = ([2020.0, 2025.0, 2030.0], [0.0, 2.0, 0.0], [4.0, 2.0, 10.0]);
        plot().draw_hatch(&mut scene, &years, &low, &high, Colour::INK);
        assert!(scene.shapes.len() > 5);
        for shape in &scene.shapes {
            let Shape::Line { points, .. } = shape else { panic!("{shape:?}") };
            for (x, y) in points {
                let (upper, lower) = (plot().runs(&years, &high).remove(0), plot().runs(&years, &low).remove(0));
                assert!(height_at(&upper, *x).unwrap() <= *y && *y <= height_at(&lower, *x).unwrap());
            }
        }
    }

    #[test]
    fn numbers_of_close_events_do_not_overlap() {
        let mut scene = Scene::new(400, 200);
        let mark = |number, year| Mark { number, year, text: String::new() };
        plot().draw_mark_numbers(&mut scene, &[mark(1, 2022.0), mark(2, 2022.1), mark(3, 2029.9)], 10.0);
        let discs: Vec<f64> = scene
            .shapes
            .iter()
            .filter_map(|s| if let Shape::Disc { at, .. } = s { Some(at.0) } else { None })
            .collect();
        assert!(discs.windows(2).all(|w| w[1] - w[0] > 20.0), "{discs:?}");
    }
}
