//! From one level to another, step by step: horizontal bars that each begin where the one above ends.

use crate::report::charts::draw::fonts::Face;
use crate::report::charts::draw::palette::Colour;
use crate::report::charts::draw::placing::Bounds;
use crate::report::charts::draw::scale::{Axis, Unit};
use crate::report::charts::draw::scene::{Anchor, Label, Scene};

const EM: f64 = 32.0;
/// Pixels per em of the second line of a label.
const SMALL: f64 = 26.0;
/// Height of a row in pixels.
const ROW: f64 = 92.0;
/// Height of a bar in pixels.
const BAR: f64 = 46.0;
/// Radius of the disc that stands for a level where the axis does not hold zero.
const DISC: f64 = 14.0;
/// Room for the texts of the axis above the rows.
const AXIS: f64 = 64.0;
/// Widest label of a row.
const WIDEST: f64 = 820.0;
/// Space between a bar or its whisker and the figure beside it.
const BESIDE: f64 = 16.0;
/// Part of the levels' range that the axis shows beyond the steps, where it does not begin at zero.
const MARGIN: f64 = 0.08;

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What it is of.
    pub label: String,
    /// What is said of it in a second line.
    pub note: String,
    /// How far it goes.
    pub part: f64,
    /// Half-width of its whisker.
    pub half_width: f64,
}

/// A level, steps, and the level that they lead to.
#[derive(Clone, Debug, PartialEq)]
pub struct Waterfall {
    /// What the figures are.
    pub unit: Unit,
    /// Name of the first level, and the level.
    pub from: (String, f64),
    /// The steps, from above.
    pub steps: Vec<Step>,
    /// Name of the last level.
    pub to: String,
    /// Colours of a step up and of one down.
    pub colours: (Colour, Colour),
}

/// The horizontal axis between two pixels.
struct Across {
    left: f64,
    right: f64,
    low: f64,
    high: f64,
}

impl Across {
    fn x(&self, value: f64) -> f64 {
        self.left + (value - self.low) / (self.high - self.low) * (self.right - self.left)
    }
}

impl Waterfall {
    /// Height that the rows and their axis need in pixels.
    pub fn height(&self) -> f64 {
        (self.steps.len() + 2) as f64 * ROW + AXIS
    }

    /// The levels between the steps, first and last included.
    pub fn levels(&self) -> Vec<f64> {
        let levels = self.steps.iter().scan(self.from.1, |level, step| {
            *level += step.part;
            Some(*level)
        });
        std::iter::once(self.from.1).chain(levels).collect()
    }

    /// Ends of the axis: the steps, with their whiskers, fill it, or they would be slivers beside the levels.
    fn ends(&self) -> (f64, f64) {
        let levels = self.levels();
        let whiskers = self
            .steps
            .iter()
            .zip(&levels[1..])
            .flat_map(|(step, level)| [level - step.half_width, level + step.half_width]);
        let all = levels.iter().copied().chain(whiskers);
        let (low, high) = all.fold((f64::MAX, f64::MIN), |(low, high), x| (low.min(x), high.max(x)));
        let margin = MARGIN * (high - low).max(f64::MIN_POSITIVE);
        // An axis that would begin near zero begins there.
        let low = if low > 0.0 && low < 2.0 * (high - low) { 0.0 } else { low - margin };
        (low, high + margin)
    }

    /// Draws the form.
    pub fn draw(&self, scene: &mut Scene, region: Bounds) {
        let labels = [&self.from.0, &self.to].into_iter().chain(self.steps.iter().map(|step| &step.label));
        let widest = labels.map(|label| Face::SemiBold.width(label, EM));
        let notes = self.steps.iter().map(|step| Face::Regular.width(&step.note, SMALL));
        let names = widest.chain(notes).fold(0.0, f64::max).min(WIDEST);
        let figures = self.steps.iter().map(|step| Face::SemiBold.width(&self.signed(step.part), EM));
        let level = self.levels().iter().map(|x| Face::SemiBold.width(&self.unit.text(*x), EM)).fold(0.0, f64::max);
        let room = figures.fold(level, f64::max) + BESIDE;
        let (low, high) = self.ends();
        let across = Across { left: region.0 + names + 40.0 + room, right: region.2 - room, low, high };
        let top = region.1 + AXIS;
        self.draw_ground(scene, &across, (top, region.1 + self.height()));
        let levels = self.levels();
        let middle = |row: usize| top + (row as f64 + 0.5) * ROW;
        self.draw_level(scene, &across, region.0, &self.from.0, levels[0], middle(0));
        for (row, step) in (1..).zip(&self.steps) {
            self.draw_step(scene, &across, region.0, step, levels[row - 1], middle(row));
        }
        let last = self.steps.len();
        self.draw_level(scene, &across, region.0, &self.to, levels[last], middle(last + 1));
        for (row, level) in levels.iter().enumerate() {
            let x = across.x(*level);
            scene.line(vec![(x, middle(row) + BAR / 2.0), (x, middle(row + 1) - BAR / 2.0)], 3.0, Colour::MARK);
        }
    }

    fn draw_ground(&self, scene: &mut Scene, across: &Across, (top, bottom): (f64, f64)) {
        let ticks = ticks_between(across.low, across.high);
        for (tick, text) in ticks.iter().zip(self.unit.tick_texts(&ticks)) {
            let x = across.x(*tick);
            scene.line(vec![(x, top), (x, bottom)], 2.0, Colour::GRID);
            scene.text(Label::new(text, (x, top - 0.5 * EM), EM).anchored(Anchor::Middle));
        }
    }

    fn draw_level(&self, scene: &mut Scene, across: &Across, left: f64, name: &str, level: f64, middle: f64) {
        let name = Face::SemiBold.elided(name, EM, WIDEST);
        scene.text(Label::new(name, (left, middle + 0.36 * EM), EM).bold().coloured(Colour::INK));
        let to = across.x(level);
        let mut end = to + DISC;
        // A bar that does not begin at zero would lie about the level.
        if across.low <= 0.0 && across.high >= 0.0 {
            let zero = across.x(0.0);
            end = to.max(zero);
            scene.bar((zero.min(to), middle - BAR / 2.0), (end, middle + BAR / 2.0), Colour::SOFT, 0.9);
        } else {
            scene.disc((to, middle), DISC, Colour::SOFT);
        }
        let at = (end + BESIDE, middle + 0.36 * EM);
        scene.text(Label::new(self.unit.text(level), at, EM).bold().coloured(Colour::INK));
    }

    fn draw_step(&self, scene: &mut Scene, across: &Across, left: f64, step: &Step, before: f64, middle: f64) {
        let (label, note) =
            (Face::SemiBold.elided(&step.label, EM, WIDEST), Face::Regular.elided(&step.note, SMALL, WIDEST));
        let lift = if note.is_empty() { 0.36 * EM } else { -0.12 * EM };
        scene.text(Label::new(label, (left, middle + lift), EM).bold().coloured(Colour::INK));
        scene.text(Label::new(note, (left, middle + 0.98 * EM), SMALL));
        let after = before + step.part;
        let (from, to) = (across.x(before), across.x(after));
        let colour = if step.part < 0.0 { self.colours.1 } else { self.colours.0 };
        scene.bar((from.min(to), middle - BAR / 2.0), (from.max(to), middle + BAR / 2.0), colour, 0.9);
        let (low, high) = (across.x(after - step.half_width), across.x(after + step.half_width));
        if high - low > 2.0 {
            scene.line(vec![(low, middle), (high, middle)], 4.0, Colour::INK);
            for x in [low, high] {
                scene.line(vec![(x, middle - 0.22 * BAR), (x, middle + 0.22 * BAR)], 4.0, Colour::INK);
            }
        }
        let text = self.signed(step.part);
        let (x, anchor) =
            if step.part < 0.0 { (low.min(to) - BESIDE, Anchor::Right) } else { (high.max(to) + BESIDE, Anchor::Left) };
        scene.text(Label::new(text, (x, middle + 0.36 * EM), EM).bold().anchored(anchor).coloured(colour.for_text()));
    }

    /// A part; of a share in percentage points.
    fn signed(&self, part: f64) -> String {
        let plus = if part > 0.0 { "+" } else { "" };
        let text = self.unit.text(part);
        format!("{plus}{}", text.strip_suffix('%').map_or(text.clone(), |points| format!("{points} pp")))
    }
}

/// Round figures from `low` to `high`, about six.
fn ticks_between(low: f64, high: f64) -> Vec<f64> {
    let steps = Axis::linear(0.0, high - low, 6).ticks;
    let step = steps[1] - steps[0];
    let first = (low / step).ceil() as i64;
    (first..).map(|i| i as f64 * step).take_while(|tick| *tick <= high).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::charts::draw::scene::Shape;

    fn waterfall(from: f64, parts: &[f64]) -> Waterfall {
        let step = |part: &f64| Step { label: format!("by {part}"), note: String::new(), part: *part, half_width: 0.5 };
        Waterfall {
            unit: Unit::Count,
            from: ("Base".into(), from),
            steps: parts.iter().map(step).collect(),
            to: "Other".into(),
            colours: (Colour::CONTRACT, Colour::ACCENT),
        }
    }

    #[test]
    fn steps_lead_from_level_to_level() {
        assert_eq!(waterfall(10.0, &[5.0, -8.0]).levels(), [10.0, 15.0, 7.0]);
    }

    #[test]
    fn the_axis_shows_the_steps_and_zero_only_if_it_is_near() {
        assert_eq!(waterfall(10.0, &[5.0, -8.0]).ends().0, 0.0);
        let (low, high) = waterfall(1_000.0, &[5.0, -8.0]).ends();
        // Levels 1,000, 1,005 and 997 with whiskers of ½ span 996.5 to 1,005.5, and 8 % of that beyond.
        assert!((low - (996.5 - 0.72)).abs() < 1e-9 && (high - (1_005.5 + 0.72)).abs() < 1e-9, "{low} {high}");
        assert_eq!(ticks_between(low, high), [996.0, 998.0, 1_000.0, 1_002.0, 1_004.0, 1_006.0]);
    }

    #[test]
    fn figures_stand_beyond_the_whiskers_and_on_the_page() {
        let mut scene = Scene::new(2400, 600);
        let form = waterfall(10.0, &[5.0, -8.0]);
        form.draw(&mut scene, (64.0, 100.0, 2336.0, 580.0));
        let label = |part: f64| scene.labels().find(|label| label.text == form.signed(part)).unwrap().bounds();
        let (up, down) = (label(5.0), label(-8.0));
        assert!(up.0 > down.2 && up.2 <= 2336.0 && down.0 > 64.0, "{up:?} {down:?}");
    }

    /// On an axis from zero two levels and two steps are bars; far from zero the levels are discs.
    #[test]
    fn levels_are_bars_only_from_zero() {
        let count = |from: f64| {
            let mut scene = Scene::new(2400, 600);
            waterfall(from, &[5.0, -8.0]).draw(&mut scene, (64.0, 100.0, 2336.0, 580.0));
            let is = |of: fn(&Shape) -> bool| scene.shapes.iter().filter(|shape| of(shape)).count();
            (is(|shape| matches!(shape, Shape::Bar { .. })), is(|shape| matches!(shape, Shape::Disc { .. })))
        };
        assert_eq!((count(10.0), count(1_000.0)), ((4, 0), (2, 2)));
    }

    #[test]
    fn parts_of_shares_are_percentage_points() {
        let form = Waterfall { unit: Unit::Share, ..waterfall(0.5, &[]) };
        assert_eq!((form.signed(-0.07), form.signed(0.022)), ("−7.0 pp".to_owned(), "+2.2 pp".to_owned()));
    }
}
