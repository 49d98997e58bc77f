//! Horizontal bars in groups, with whiskers: positive to the right of zero, negative to the left.

use crate::report::charts::draw::fonts::Face;
use crate::report::charts::draw::palette::Colour;
use crate::report::charts::draw::placing::Bounds;
use crate::report::charts::draw::scale::{Axis, Unit};
use crate::report::charts::draw::scene::{Anchor, Label, Scene};

const EM: f64 = 32.0;
/// Height of a bar with the space below it in pixels.
const BAR: f64 = 44.0;
/// Space between two groups.
const BETWEEN: f64 = 30.0;
/// Room for the texts of the axis above the bars.
const AXIS: f64 = 56.0;
/// Widest label of a group.
const WIDEST: f64 = 620.0;
/// Space between a whisker and the figure beside it.
const BESIDE: f64 = 16.0;
/// Opacity of a bar, and of one whose whisker holds zero.
pub const BAR_ALPHA: f64 = 0.9;
/// See [`BAR_ALPHA`].
pub const PALE_ALPHA: f64 = 0.4;
/// Part of the axis below which a figure is told as nothing.
const NOTHING: f64 = 1e-6;

/// One bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// Its colour.
    pub colour: Colour,
    /// Its length.
    pub value: f64,
    /// Ends of its whisker.
    pub range: (f64, f64),
}

/// Bars that stand together.
#[derive(Clone, Debug, PartialEq)]
pub struct BarGroup {
    /// What they are of.
    pub label: String,
    /// The bars, from above.
    pub bars: Vec<Bar>,
}

/// Groups of bars on one axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Bars {
    /// What the figures are.
    pub unit: Unit,
    /// The groups, from above.
    pub groups: Vec<BarGroup>,
}

/// The horizontal axis between two pixels.
struct Across {
    left: f64,
    right: f64,
    axis: Axis,
}

impl Across {
    fn x(&self, value: f64) -> f64 {
        self.left + self.axis.share(value) * (self.right - self.left)
    }
}

impl Bar {
    /// Whether its whisker holds zero.
    pub fn may_be_nothing(&self) -> bool {
        self.range.0 <= 0.0 && self.range.1 >= 0.0
    }
}

impl BarGroup {
    fn height(&self) -> f64 {
        self.bars.len() as f64 * BAR + BETWEEN
    }
}

impl Bars {
    /// Height that the bars and their axis need in pixels.
    pub fn height(&self) -> f64 {
        self.groups.iter().map(BarGroup::height).sum::<f64>() + AXIS
    }

    fn axis(&self) -> Axis {
        let ends = self.groups.iter().flat_map(|group| &group.bars).flat_map(|bar| [bar.range.0, bar.range.1]);
        let (low, high) = ends.fold((0.0, 0.0), |(low, high): (f64, f64), end| (low.min(end), high.max(end)));
        Axis::linear(low, high, 6)
    }

    /// Draws the form.
    pub fn draw(&self, scene: &mut Scene, region: Bounds) {
        let names = self.groups.iter().map(|group| Face::SemiBold.width(&group.label, EM));
        let figures = self.groups.iter().flat_map(|group| &group.bars).map(|bar| self.unit.text(bar.value));
        let room = figures.map(|text| Face::Regular.width(&text, EM)).fold(0.0, f64::max) + BESIDE;
        let left = region.0 + names.fold(0.0, f64::max).min(WIDEST) + 40.0 + room;
        let across = Across { left, right: region.2 - room, axis: self.axis() };
        let (top, bottom) = (region.1 + AXIS, region.1 + self.height());
        self.draw_ground(scene, &across, (top, bottom));
        let mut y = top + BETWEEN / 2.0;
        for (i, group) in self.groups.iter().enumerate() {
            if i > 0 {
                scene.line(vec![(region.0, y - BETWEEN / 2.0), (region.2, y - BETWEEN / 2.0)], 2.0, Colour::FAINT);
            }
            let middle = y + group.bars.len() as f64 * BAR / 2.0;
            let name = Face::SemiBold.elided(&group.label, EM, WIDEST);
            scene.text(Label::new(name, (region.0, middle + 0.36 * EM), EM).bold().coloured(Colour::INK));
            for (j, bar) in group.bars.iter().enumerate() {
                self.draw_bar(scene, &across, bar, y + (j as f64 + 0.5) * BAR);
            }
            y += group.height();
        }
        // Zero stands before the bars that begin at it.
        scene.line(vec![(across.x(0.0), top), (across.x(0.0), bottom)], 4.0, Colour::INK);
    }

    fn draw_ground(&self, scene: &mut Scene, across: &Across, (top, bottom): (f64, f64)) {
        for (tick, text) in across.axis.ticks.iter().zip(across.axis.texts(self.unit)) {
            let x = across.x(*tick);
            scene.line(vec![(x, top), (x, bottom)], 2.0, Colour::GRID);
            scene.text(Label::new(text, (x, top - 0.5 * EM), EM).anchored(Anchor::Middle));
        }
    }

    fn draw_bar(&self, scene: &mut Scene, across: &Across, bar: &Bar, middle: f64) {
        let (zero, end) = (across.x(0.0), across.x(bar.value));
        let half = 0.36 * BAR;
        let alpha = if bar.may_be_nothing() { PALE_ALPHA } else { BAR_ALPHA };
        scene.bar((zero.min(end), middle - half), (zero.max(end), middle + half), bar.colour, alpha);
        let (low, high) = (across.x(bar.range.0), across.x(bar.range.1));
        if high - low > 2.0 {
            scene.line(vec![(low, middle), (high, middle)], 4.0, Colour::INK);
            for x in [low, high] {
                scene.line(vec![(x, middle - 0.6 * half), (x, middle + 0.6 * half)], 4.0, Colour::INK);
            }
        }
        let least = NOTHING * (across.axis.high - across.axis.low);
        let told = if bar.value.abs() < least { 0.0 } else { bar.value };
        let text = self.unit.text(told);
        let negative = told < 0.0;
        let (x, anchor) = if negative {
            (low.min(end).min(zero) - BESIDE, Anchor::Right)
        } else {
            (high.max(end).max(zero) + BESIDE, Anchor::Left)
        };
        scene.text(Label::new(text, (x, middle + 0.36 * EM), EM).anchored(anchor).coloured(bar.colour.for_text()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bars() -> Bars {
        let bar = |value: f64| Bar { colour: Colour::SOFT, value, range: (value - 1e9, value + 1e9) };
        let groups = vec![
            BarGroup { label: "Share".into(), bars: vec![bar(30e9), bar(-28e9)] },
            BarGroup { label: "Licence".into(), bars: vec![bar(-2e3)] },
        ];
        Bars { unit: Unit::Usd, groups }
    }

    #[test]
    fn the_axis_holds_every_whisker_and_zero() {
        let axis = bars().axis();
        assert!(axis.low <= -29e9 && axis.high >= 31e9 && axis.ticks.contains(&0.0), "{axis:?}");
    }

    #[test]
    fn figures_stand_outside_their_bars_and_on_the_page() {
        let mut scene = Scene::new(2400, 600);
        bars().draw(&mut scene, (64.0, 100.0, 2336.0, 580.0));
        let label = |text: &str| scene.labels().find(|label| label.text == text && label.colour != Colour::INK);
        let (gain, loss) = (label("$30.0bn").unwrap().bounds(), label("−$28.0bn").unwrap().bounds());
        assert!(label("$0").is_some(), "two thousand are nothing beside thirty billion");
        assert!(gain.0 > loss.2 && loss.0 > 64.0 && gain.2 <= 2336.0, "{gain:?} {loss:?}");
    }
}
