//! A figure over two quantities: shaded cells, and the line along which the figure crosses a level.
//!
//! The line runs through the straight lines between the middles of neighbouring cells (marching squares; a saddle is
//! resolved by the mean of its four corners), and on to the edge of the map as if the outermost cells went on.

use super::draw_panel_title;
use crate::report::charts::draw::fonts::Face;
use crate::report::charts::draw::frame::{panel_ems, slots};
use crate::report::charts::draw::palette::Colour;
use crate::report::charts::draw::placing::{Bounds, columns};
use crate::report::charts::draw::scale::Unit;
use crate::report::charts::draw::scene::{Anchor, Label, Point, Scene};

/// Above the level.
pub const ABOVE: Colour = Colour(0x00, 0x6b, 0xa2);
/// Below it.
pub const BELOW: Colour = Colour(0xd0, 0x70, 0x2a);
/// Shade of what is furthest from the level.
const DARKEST: f64 = 0.85;
/// Shade of what is at the level.
const PALEST: f64 = 0.06;
/// Contrast with white from which a text on a colour is white.
const DARK: f64 = 4.0;

/// A quantity: its name with its unit, and its values in order.
#[derive(Clone, Debug, PartialEq)]
pub struct MapAxis {
    /// Name and unit.
    pub title: String,
    /// The values.
    pub values: Vec<String>,
}

/// A map.
#[derive(Clone, Debug, PartialEq)]
pub struct MapPanel {
    /// Empty if there is only one.
    pub title: String,
    /// `values[down][across]`, from the lowest row upwards; NaN where there is none.
    pub values: Vec<Vec<f64>>,
    /// Half-widths of their intervals, in the same order; NaN where there is none.
    pub half_widths: Vec<Vec<f64>>,
}

/// Maps over the same two quantities.
#[derive(Clone, Debug, PartialEq)]
pub struct LevelMap {
    /// What the figures are.
    pub unit: Unit,
    /// The quantity from left to right.
    pub across: MapAxis,
    /// The quantity upwards.
    pub up: MapAxis,
    /// The level whose crossing is drawn, if there is one.
    pub level: Option<f64>,
    /// The maps.
    pub panels: Vec<MapPanel>,
}

impl LevelMap {
    /// Least and greatest figure.
    fn ends(&self) -> (f64, f64) {
        let values = self.panels.iter().flat_map(|panel| panel.values.iter().flatten().copied());
        values.filter(|v| v.is_finite()).fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)))
    }

    /// The colour of a figure, as it is on white.
    pub fn shade(&self, value: f64) -> Colour {
        if !value.is_finite() {
            return Colour::FAINT;
        }
        let (low, high) = self.ends();
        let (colour, share) = match self.level {
            Some(level) => {
                let widest = (high - level).abs().max((low - level).abs()).max(f64::MIN_POSITIVE);
                (if value >= level { ABOVE } else { BELOW }, (value - level).abs() / widest)
            }
            None => (ABOVE, (value - low) / (high - low).max(f64::MIN_POSITIVE)),
        };
        let alpha = PALEST + (DARKEST - PALEST) * share;
        let mixed = |channel: u8| (255.0 + (f64::from(channel) - 255.0) * alpha).round() as u8;
        Colour(mixed(colour.0), mixed(colour.1), mixed(colour.2))
    }

    /// A figure in words, in brackets where its interval holds the level: it may as well lie on the other side.
    fn figure(&self, value: f64, half_width: f64) -> String {
        if !value.is_finite() {
            return "–".to_owned();
        }
        let text = self.unit.text(value);
        let open = self.level.is_some_and(|level| (value - level).abs() <= half_width);
        if open { format!("({text})") } else { text }
    }

    /// Draws the form.
    pub fn draw(&self, scene: &mut Scene, region: Bounds) {
        let n = self.panels.len();
        let (em, title_em) = panel_ems(n);
        let widest = self.up.values.iter().map(|text| Face::Regular.width(text, em)).fold(0.0, f64::max);
        let room = widest.min(300.0) + 0.6 * em;
        let region = (region.0 + room, region.1 + 1.6 * em, region.2, region.3 - 20.0 - 2.6 * em);
        // The name of the upward quantity stands above its values, as in a table.
        let title = Face::SemiBold.elided(&self.up.title, em, region.2 - region.0);
        scene.text(Label::new(title, (region.0 - room, region.1 - 0.7 * em), em).bold().coloured(Colour::INK));
        let down = if n > columns(n) { 60.0 } else { 0.0 };
        for (panel, slot) in self.panels.iter().zip(slots(n, region, (40.0, down))) {
            let (left, mut top, right, bottom) = slot.bounds;
            if !panel.title.is_empty() {
                draw_panel_title(scene, &panel.title, Colour::INK, (left, top, right, bottom), title_em);
                top += 1.35 * title_em;
            }
            let cells = Cells {
                bounds: (left, top, right, bottom),
                across: self.across.values.len(),
                up: self.up.values.len(),
            };
            self.draw_cells(scene, &cells, panel);
            self.draw_line(scene, &cells, panel);
            self.draw_figures(scene, &cells, panel, 0.9 * em);
            self.draw_texts(scene, &cells, (slot.leftmost, slot.lowest), em);
        }
        let at = ((region.0 + region.2) / 2.0, region.3 + 2.7 * em);
        scene
            .text(Label::new(self.across.title.as_str(), at, em).bold().coloured(Colour::INK).anchored(Anchor::Middle));
    }

    fn draw_cells(&self, scene: &mut Scene, cells: &Cells, panel: &MapPanel) {
        let (width, height) = cells.size();
        for ((x, y), value) in cells.values(panel) {
            let (upper, lower) = ((x - width / 2.0, y - height / 2.0), (x + width / 2.0, y + height / 2.0));
            scene.bar(upper, lower, self.shade(value), 1.0);
        }
    }

    /// The figures, if their cells have room for them, each on a patch that the line does not cross.
    fn draw_figures(&self, scene: &mut Scene, cells: &Cells, panel: &MapPanel, em: f64) {
        let (width, height) = cells.size();
        let half_widths = panel.half_widths.iter().flatten();
        let texts: Vec<String> =
            cells.values(panel).zip(half_widths).map(|((_, value), half)| self.figure(value, *half)).collect();
        let widest = texts.iter().map(|text| Face::Regular.width(text, em)).fold(0.0, f64::max);
        if widest + 0.6 * em > width || 1.5 * em > height {
            return;
        }
        for (((x, y), value), text) in cells.values(panel).zip(texts) {
            let shade = self.shade(value);
            let colour = if shade.contrast_with_paper() > DARK { Colour::PAPER } else { Colour::INK };
            let label = Label::new(text, (x, y + 0.36 * em), em).coloured(colour).anchored(Anchor::Middle);
            let (left, top, right, bottom) = label.bounds();
            scene.bar((left - 6.0, top - 4.0), (right + 6.0, bottom + 3.0), shade, 1.0);
            scene.text(label);
        }
    }

    fn draw_line(&self, scene: &mut Scene, cells: &Cells, panel: &MapPanel) {
        let Some(level) = self.level else { return };
        let segments: Vec<[Point; 2]> =
            crossings(&panel.values, level).into_iter().map(|ends| ends.map(|end| cells.at(end))).collect();
        for (width, colour) in [(16.0, Colour::PAPER), (8.0, Colour::INK)] {
            for segment in &segments {
                scene.line(segment.to_vec(), width, colour);
                // Ends meet without a notch.
                segment.iter().for_each(|end| scene.disc(*end, width / 2.0, colour));
            }
        }
    }

    fn draw_texts(&self, scene: &mut Scene, cells: &Cells, (leftmost, lowest): (bool, bool), em: f64) {
        let (width, height) = cells.size();
        let (left, _, _, bottom) = cells.bounds;
        let every_row = (1.2 * em / height).ceil().max(1.0) as usize;
        for (row, text) in self.up.values.iter().enumerate().step_by(every_row).filter(|_| leftmost) {
            let (_, y) = cells.at((0.0, row as f64));
            let text = Face::Regular.elided(text, em, 300.0);
            scene.text(Label::new(text, (left - 0.5 * em, y + 0.36 * em), em).anchored(Anchor::Right));
        }
        let widest = self.across.values.iter().map(|text| Face::Regular.width(text, em)).fold(0.0, f64::max) + 0.6 * em;
        let every_column = (widest / width).ceil().max(1.0) as usize;
        for (column, text) in self.across.values.iter().enumerate().step_by(every_column).filter(|_| lowest) {
            let (x, _) = cells.at((column as f64, 0.0));
            scene.text(Label::new(text.as_str(), (x, bottom + 14.0 + 0.95 * em), em).anchored(Anchor::Middle));
        }
    }
}

/// The cells of a map in pixels.
struct Cells {
    bounds: Bounds,
    across: usize,
    up: usize,
}

impl Cells {
    fn size(&self) -> (f64, f64) {
        let (left, top, right, bottom) = self.bounds;
        ((right - left) / self.across as f64, (bottom - top) / self.up as f64)
    }

    /// Middles in pixels, with their figures.
    fn values<'p>(&'p self, panel: &'p MapPanel) -> impl Iterator<Item = (Point, f64)> + 'p {
        let row = move |(row, values): (usize, &'p Vec<f64>)| {
            values.iter().enumerate().map(move |(column, value)| (self.at((column as f64, row as f64)), *value))
        };
        panel.values.iter().enumerate().flat_map(row)
    }

    /// The pixel of a place counted in cells: whole numbers are middles.
    fn at(&self, (column, row): (f64, f64)) -> Point {
        let (width, height) = self.size();
        (self.bounds.0 + (column + 0.5) * width, self.bounds.3 - (row + 0.5) * height)
    }
}

/// Segments of the line at which `values` cross `level`, as places counted in cells, column first.
pub fn crossings(values: &[Vec<f64>], level: f64) -> Vec<[(f64, f64); 2]> {
    let (rows, columns) = (values.len(), values.first().map_or(0, Vec::len));
    // A rim of half a cell, with the values of the outermost middles.
    let places = |n: usize| -> Vec<(f64, usize)> {
        let middles = (0..n).map(|i| (i as f64, i));
        let rim = |at: f64, i: usize| std::iter::once((at, i));
        rim(-0.5, 0).chain(middles).chain(rim(n as f64 - 0.5, n.saturating_sub(1))).collect()
    };
    let (across, up) = (places(columns), places(rows));
    let mut segments = Vec::new();
    for ys in up.windows(2) {
        for xs in across.windows(2) {
            let corner = |x: (f64, usize), y: (f64, usize)| ((x.0, y.0), values[y.1][x.1] - level);
            let corners = [corner(xs[0], ys[0]), corner(xs[1], ys[0]), corner(xs[1], ys[1]), corner(xs[0], ys[1])];
            segments.extend(square(&corners));
        }
    }
    segments
}

/// The segments within a square whose corners, in order around it, have these figures over the level.
fn square(corners: &[((f64, f64), f64); 4]) -> Vec<[(f64, f64); 2]> {
    if corners.iter().any(|(_, value)| value.is_nan()) {
        return Vec::new();
    }
    let between = |i: usize| {
        let (((ax, ay), a), ((bx, by), b)) = (corners[i], corners[(i + 1) % 4]);
        let share = a / (a - b);
        ((a >= 0.0) != (b >= 0.0)).then_some((ax + share * (bx - ax), ay + share * (by - ay)))
    };
    let edges: Vec<(f64, f64)> = (0..4).filter_map(between).collect();
    match edges[..] {
        [from, to] => vec![[from, to]],
        [one, two, three, four] => {
            let above = corners.iter().map(|(_, value)| value).sum::<f64>() >= 0.0;
            // The first corner is cut off from its opposite if the middle is not on its side.
            if above == (corners[0].1 >= 0.0) {
                vec![[one, two], [three, four]]
            } else {
                vec![[four, one], [two, three]]
            }
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows 0 and 1 are −1 and 3 everywhere: the line lies a quarter of the way up, from edge to edge.
    #[test]
    fn the_line_lies_where_the_figure_is_the_level() {
        let segments = crossings(&[vec![-1.0, -1.0], vec![3.0, 3.0]], 0.0);
        assert!(segments.iter().flatten().all(|(_, y)| (*y - 0.25).abs() < 1e-12), "{segments:?}");
        let ends =
            segments.iter().flatten().map(|(x, _)| *x).fold((9.0_f64, -9.0_f64), |(l, h), x| (l.min(x), h.max(x)));
        assert_eq!(ends, (-0.5, 1.5));
        assert!(crossings(&[vec![-1.0, -1.0], vec![3.0, 3.0]], 4.0).is_empty());
        assert!(crossings(&[vec![f64::NAN, -1.0], vec![3.0, 3.0]], 0.0).iter().flatten().all(|(x, _)| *x >= 1.0));
    }

    #[test]
    fn a_saddle_has_two_lines_that_do_not_cross() {
        let inner = |values: [[f64; 2]; 2]| {
            let rows: Vec<Vec<f64>> = values.iter().map(|row| row.to_vec()).collect();
            let all = crossings(&rows, 0.0);
            let within =
                |s: &&[(f64, f64); 2]| s.iter().all(|(x, y)| (0.0..=1.0).contains(x) && (0.0..=1.0).contains(y));
            all.iter().filter(within).map(|s| (s[0].0 - s[1].0) * (s[0].1 - s[1].1)).collect::<Vec<f64>>()
        };
        // The middle is above: the low corners (right below, left above) are cut off, by lines that rise.
        assert!(inner([[3.0, -1.0], [-1.0, 3.0]]).iter().all(|slope| *slope > 0.0));
        assert!(inner([[1.0, -3.0], [-3.0, 1.0]]).iter().all(|slope| *slope < 0.0));
    }

    fn map() -> LevelMap {
        LevelMap {
            unit: Unit::Share,
            across: MapAxis { title: String::new(), values: vec!["1".into(), "2".into(), "3".into()] },
            up: MapAxis { title: String::new(), values: vec!["1".into()] },
            level: Some(0.0),
            panels: vec![MapPanel {
                title: String::new(),
                values: vec![vec![-0.1, 0.2, f64::NAN]],
                half_widths: vec![vec![0.05, 0.3, f64::NAN]],
            }],
        }
    }

    #[test]
    fn colours_tell_the_sides_of_the_level() {
        let map = map();
        assert_eq!(map.shade(f64::NAN), Colour::FAINT);
        let (below, above) = (map.shade(-0.1), map.shade(0.2));
        assert!(below.0 > below.2 && above.2 > above.0, "{below:?} {above:?}");
    }

    #[test]
    fn figures_that_may_lie_on_the_other_side_stand_in_brackets() {
        let of = map();
        let texts = [(-0.1, 0.05), (0.2, 0.3), (f64::NAN, f64::NAN)].map(|(value, half)| of.figure(value, half));
        assert_eq!(texts.map(|text| text.starts_with('(')), [false, true, false]);
    }
}
