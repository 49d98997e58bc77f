//! What each policy gives away: a row for each, and for each outcome its mean and its greatest regret.

use crate::report::charts::draw::fonts::Face;
use crate::report::charts::draw::palette::Colour;
use crate::report::charts::draw::placing::Bounds;
use crate::report::charts::draw::scale::Unit;
use crate::report::charts::draw::scene::{Anchor, Label, Scene};

const EM: f64 = 34.0;
const ROW: f64 = 96.0;
const HEAD: f64 = 150.0;
const WIDEST_NAME: f64 = 620.0;
/// White between two cells.
const SEAM: f64 = 4.0;
/// Shade of the greatest regret of a column.
const DARKEST: f64 = 0.6;

/// An outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct RegretColumn {
    /// Its name, and which way is better.
    pub title: String,
    /// Its unit.
    pub unit: Unit,
    /// Mean regret of each policy.
    pub mean: Vec<f64>,
    /// Greatest regret of each policy.
    pub max: Vec<f64>,
}

/// Policies by outcomes.
#[derive(Clone, Debug, PartialEq)]
pub struct RegretTable {
    /// Names of the policies.
    pub policies: Vec<String>,
    /// The outcomes.
    pub columns: Vec<RegretColumn>,
}

impl RegretTable {
    /// Height in pixels.
    pub fn height(&self) -> f64 {
        HEAD + ROW * self.policies.len() as f64 + 30.0
    }

    /// Draws the form.
    pub fn draw(&self, scene: &mut Scene, region: Bounds) {
        let widest =
            self.policies.iter().map(|name| Face::SemiBold.width(name, EM)).fold(0.0, f64::max).min(WIDEST_NAME);
        let left = region.0 + widest + 40.0;
        let width = ((region.2 - left) / self.columns.len().max(1) as f64).min(760.0);
        let top = region.1 + HEAD;
        for (row, name) in self.policies.iter().enumerate() {
            let y = top + (row as f64 + 0.5) * ROW + 0.36 * EM;
            let name = Face::SemiBold.elided(name, EM, widest);
            scene.text(Label::new(name, (region.0, y), EM).bold().coloured(Colour::INK));
        }
        for (i, column) in self.columns.iter().enumerate() {
            let from = left + i as f64 * width;
            let to = from + width - 40.0;
            let title = Face::SemiBold.wrapped(&column.title, EM, to - from);
            for (above, text) in title.into_iter().take(2).rev().enumerate() {
                let y = top - (1.6 + 1.15 * above as f64) * EM;
                scene.text(Label::new(text, (from, y), EM).bold().coloured(Colour::INK));
            }
            let middle = (from + to) / 2.0;
            draw_cells(scene, "on average", column.unit, &column.mean, (from, middle, top));
            draw_cells(scene, "at worst", column.unit, &column.max, (middle, to, top));
        }
    }
}

fn draw_cells(scene: &mut Scene, heading: &str, unit: Unit, regrets: &[f64], (from, to, top): (f64, f64, f64)) {
    let em = 0.9 * EM;
    let x = (from + to) / 2.0;
    scene.text(Label::new(heading, (x, top - 0.5 * em), em).coloured(Colour::MARK).anchored(Anchor::Middle));
    let greatest = regrets.iter().copied().fold(0.0, f64::max);
    for (row, regret) in regrets.iter().enumerate() {
        let y = top + row as f64 * ROW;
        let shade = if greatest > 0.0 { DARKEST * regret / greatest } else { 0.0 };
        let (upper, lower) = ((from, y), (to - SEAM, y + ROW - SEAM));
        scene.bar(upper, lower, Colour::FAINT, 0.35);
        scene.bar(upper, lower, Colour::ACCENT, shade);
        let label = Label::new(unit.text(*regret), (x, y + ROW / 2.0 + 0.3 * EM), EM).anchored(Anchor::Middle);
        let least = regrets.iter().all(|other| other >= regret);
        scene.text(if least { label.bold().coloured(Colour::INK) } else { label.coloured(Colour::INK) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_regret_of_each_column_is_bold() {
        let column = RegretColumn {
            title: "Share, higher is better".into(),
            unit: Unit::Share,
            mean: vec![0.0, 0.02],
            max: vec![0.05, 0.04],
        };
        let table = RegretTable { policies: vec!["Stay".into(), "Go".into()], columns: vec![column] };
        let mut scene = Scene::new(2400, 600);
        table.draw(&mut scene, (64.0, 100.0, 2336.0, 100.0 + table.height()));
        let bold = |text: &str| scene.labels().any(|label| label.text == text && label.face == Face::SemiBold);
        assert_eq!(["0%", "2.0%", "5.0%", "4.0%"].map(bold), [true, false, false, true]);
    }
}
