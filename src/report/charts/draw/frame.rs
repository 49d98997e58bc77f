//! The furniture of a page: rule, title, subtitle and legend above; key of events and source line below.

use super::fonts::Face;
use super::palette::Colour;
use super::placing::Bounds;
use super::plot::{Mark, numbered_disc};
use super::scene::{Dash, Label, Scene};

/// Width of every page in pixels: eight inches at 300 to the inch.
pub const WIDTH: u32 = 2400;
/// Height of a page in pixels, unless its form needs more.
pub const HEIGHT: u32 = 1500;
/// Empty border on all sides in pixels.
pub const MARGIN: f64 = 64.0;

const TITLE_EM: f64 = 60.0;
const SUBTITLE_EM: f64 = 37.0;
const LEGEND_EM: f64 = 32.0;
const KEY_EM: f64 = 28.0;
const KEY_ROW: f64 = 42.0;
const KEY_RADIUS: f64 = 16.0;
const SOURCE_EM: f64 = 26.0;
const SOURCE_ROW: f64 = 36.0;

/// What a legend shows beside a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Swatch {
    /// A line.
    Line(Colour, Dash),
    /// A filled area of an opacity.
    Area(Colour, f64),
    /// A hatched area.
    Hatch(Colour),
    /// A short, heavy stroke.
    Tick(Colour),
}

/// A line of a legend.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// What is explained.
    pub swatch: Swatch,
    /// What it means.
    pub text: String,
}

impl Entry {
    /// An entry.
    pub fn new(swatch: Swatch, text: impl Into<String>) -> Self {
        Self { swatch, text: text.into() }
    }
}

const SWATCH_WIDTH: f64 = 56.0;

impl Swatch {
    /// Draws the swatch to the right of `x`, around `middle`.
    fn draw(self, scene: &mut Scene, x: f64, middle: f64) {
        let end = x + SWATCH_WIDTH;
        match self {
            Swatch::Line(colour, dash) => scene.dashed(vec![(x, middle), (end, middle)], 6.0, colour, dash),
            Swatch::Area(colour, alpha) => scene.bar((x, middle - 13.0), (end, middle + 13.0), colour, alpha),
            Swatch::Hatch(colour) => {
                for i in 0..5 {
                    let left = x + 10.0 * f64::from(i);
                    scene.line(vec![(left, middle + 13.0), (left + 16.0, middle - 13.0)], 2.5, colour);
                }
            }
            Swatch::Tick(colour) => scene.bar((x, middle - 4.0), (end, middle + 4.0), colour, 1.0),
        }
    }
}

/// Draws what stands above the plot and returns where it ends.
pub fn draw_header(scene: &mut Scene, title: &str, subtitle: &str, legend: &[Entry]) -> f64 {
    let right = f64::from(scene.width) - MARGIN;
    scene.bar((MARGIN, 36.0), (right, 40.0), Colour::INK, 1.0);
    scene.bar((MARGIN, 36.0), (MARGIN + 110.0, 54.0), Colour::ACCENT, 1.0);
    let mut y = 70.0;
    for line in Face::SemiBold.wrapped(title, TITLE_EM, right - MARGIN) {
        y += 1.1 * TITLE_EM;
        scene.text(Label::new(line, (MARGIN, y - 12.0), TITLE_EM).bold().coloured(Colour::INK));
    }
    for line in Face::Regular.wrapped(subtitle, SUBTITLE_EM, right - MARGIN) {
        y += 1.3 * SUBTITLE_EM;
        scene.text(Label::new(line, (MARGIN, y - 8.0), SUBTITLE_EM));
    }
    draw_legend(scene, legend, y + 8.0, right)
}

fn draw_legend(scene: &mut Scene, legend: &[Entry], mut y: f64, right: f64) -> f64 {
    if legend.is_empty() {
        return y;
    }
    let mut x = MARGIN;
    y += 1.6 * LEGEND_EM;
    for entry in legend {
        let width = SWATCH_WIDTH + 16.0 + Face::Regular.width(&entry.text, LEGEND_EM);
        if x > MARGIN && x + width > right {
            x = MARGIN;
            y += 1.5 * LEGEND_EM;
        }
        entry.swatch.draw(scene, x, y - 0.36 * LEGEND_EM);
        scene.text(Label::new(entry.text.as_str(), (x + SWATCH_WIDTH + 16.0, y), LEGEND_EM));
        x += width + 52.0;
    }
    y + 14.0
}

/// Draws what stands below the plot and returns where it starts.
pub fn draw_footer(scene: &mut Scene, source: &str, marks: &[Mark]) -> f64 {
    let (right, mut y) = (f64::from(scene.width) - MARGIN, f64::from(scene.height) - 36.0);
    for line in Face::Regular.wrapped(source, SOURCE_EM, right - MARGIN).into_iter().rev() {
        scene.text(Label::new(line, (MARGIN, y), SOURCE_EM).coloured(Colour::MARK));
        y -= SOURCE_ROW;
    }
    if marks.is_empty() { y } else { draw_key(scene, marks, (MARGIN, y - 14.0, right)) }
}

/// The key of the events, in columns read downwards, its last line at the baseline given, between left and right.
fn draw_key(scene: &mut Scene, marks: &[Mark], (left, last_baseline, right): (f64, f64, f64)) -> f64 {
    let indent = 2.0 * KEY_RADIUS + 12.0;
    let widest = marks.iter().map(|m| Face::Regular.width(&m.text, KEY_EM)).fold(0.0, f64::max) + indent + 40.0;
    let columns = (((right - left) / widest) as usize).clamp(2, 4).min(marks.len());
    let rows = marks.len().div_ceil(columns);
    let column_width = (right - left) / columns as f64;
    let first_baseline = last_baseline - (rows - 1) as f64 * KEY_ROW;
    for (i, mark) in marks.iter().enumerate() {
        let (x, y) = (left + (i / rows) as f64 * column_width, first_baseline + (i % rows) as f64 * KEY_ROW);
        numbered_disc(scene, mark.number, (x + KEY_RADIUS, y - 0.36 * KEY_EM), KEY_RADIUS);
        let text = Face::Regular.elided(&mark.text, KEY_EM, column_width - indent - 24.0);
        scene.text(Label::new(text, (x + indent, y), KEY_EM));
    }
    first_baseline - KEY_ROW
}

/// A panel's place on a page of several.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slot {
    /// Left, top, right and bottom in pixels.
    pub bounds: Bounds,
    /// Whether it stands in the first column.
    pub leftmost: bool,
    /// Whether none stands below it.
    pub lowest: bool,
}

/// Places of `n` panels over `region`.
pub fn slots(n: usize, region: Bounds, gap: (f64, f64)) -> Vec<Slot> {
    let columns = super::placing::columns(n);
    let boxes = super::placing::grid(n, columns, region, gap);
    let slot = |(i, bounds)| Slot { bounds, leftmost: i % columns == 0, lowest: i + columns >= n };
    boxes.into_iter().enumerate().map(slot).collect()
}

/// Pixels per em of the texts and of the titles of `n` panels.
pub fn panel_ems(n: usize) -> (f64, f64) {
    match super::placing::columns(n) {
        1 => (33.0, 38.0),
        2 => (31.0, 37.0),
        3 => (29.0, 35.0),
        _ => (27.0, 32.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_title_moves_the_plot_down() {
        let mut scene = Scene::new(WIDTH, HEIGHT);
        let one = draw_header(&mut scene, "Short", "Units", &[]);
        let two = draw_header(&mut scene, &"A title that goes on ".repeat(6), "Units", &[]);
        assert!((two - one - 1.1 * TITLE_EM).abs() < 1e-9);
    }

    #[test]
    fn the_key_stays_on_the_page() {
        let mut scene = Scene::new(WIDTH, HEIGHT);
        let mark = |number| Mark { number, year: 2024.0, text: "Apr 2026: ".to_owned() + &"long label ".repeat(12) };
        let top = draw_footer(&mut scene, "Source: test", &(1..=9).map(mark).collect::<Vec<_>>());
        assert!(top > 0.8 * f64::from(HEIGHT));
        for label in scene.labels() {
            let (left, above, right, below) = label.bounds();
            assert!(left >= MARGIN && right <= f64::from(WIDTH) - MARGIN, "{}", label.text);
            assert!(above > top && below < f64::from(HEIGHT), "{}", label.text);
        }
    }

    #[test]
    fn panels_know_their_neighbours() {
        let slots = slots(5, (0.0, 0.0, 300.0, 200.0), (0.0, 0.0));
        assert_eq!(slots.iter().map(|s| s.leftmost).collect::<Vec<_>>(), [true, false, false, true, false]);
        assert_eq!(slots.iter().map(|s| s.lowest).collect::<Vec<_>>(), [false, false, true, true, true]);
    }
}
