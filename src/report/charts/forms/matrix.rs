//! Amounts from each to each: a table whose cells are shaded by their amounts, with what goes both ways in a colour of
//! its own and told below.

use crate::report::charts::draw::fonts::Face;
use crate::report::charts::draw::palette::Colour;
use crate::report::charts::draw::placing::Bounds;
use crate::report::charts::draw::scene::{Anchor, Label, Scene};

const EM: f64 = 30.0;
const NOTE_EM: f64 = 30.0;
const NOTE_ROW: f64 = 46.0;
const NOTE_COLUMNS: usize = 2;
/// Room between the table and what is told below it.
const GAP: f64 = 50.0;
/// White between two cells.
const SEAM: f64 = 4.0;
/// Widest name at the left.
const WIDEST_NAME: f64 = 320.0;
/// Shade of the smallest amounts.
const PALEST: f64 = 0.10;
/// Contrast with white from which a text on a colour is white.
const DARK: f64 = 4.0;
/// Headings of what a row and a column add up to.
const PAID: &str = "Paid";
const RECEIVED: &str = "Received";

/// Amounts from rows to columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    /// Names of the rows, which are those of the columns.
    pub names: Vec<String>,
    /// `amounts[row][column]`, in the unit of the page; zero where there is none.
    pub amounts: Vec<Vec<f64>>,
    /// Colour of what goes one way.
    pub one_way: Colour,
    /// Colour of what goes both ways.
    pub both_ways: Colour,
    /// Heading of what is told below.
    pub heading: String,
    /// What is told below, a line each.
    pub notes: Vec<String>,
    /// Smallest share of the amount one way that the amount the other way must be to count as both ways.
    pub least_share: f64,
}

impl Matrix {
    /// Whether two rows stand in exchange.
    pub fn is_mutual(&self, row: usize, column: usize) -> bool {
        let (there, back) = (self.amounts[row][column], self.amounts[column][row]);
        there.min(back) > 0.0 && there.min(back) >= self.least_share * there.max(back)
    }

    /// Draws the form.
    pub fn draw(&self, scene: &mut Scene, region: Bounds) {
        let names = self.names.iter().map(|name| Face::SemiBold.width(name, EM));
        let left = region.0 + names.fold(Face::SemiBold.width(RECEIVED, EM), f64::max).min(WIDEST_NAME) + 24.0;
        let notes = self.notes.len().div_ceil(NOTE_COLUMNS) + usize::from(!self.heading.is_empty());
        let below = if notes == 0 { 0.0 } else { GAP + notes as f64 * NOTE_ROW };
        let (top, bottom) = (region.1 + 1.8 * EM, region.3 - 10.0 - below);
        let n = self.names.len();
        let grid = Grid {
            left,
            top,
            width: (region.2 - left) / (n as f64 + 1.25),
            height: (bottom - top) / (n as f64 + 1.25),
            n,
        };
        self.draw_names(scene, &grid, region.0);
        let largest = self.amounts.iter().flatten().copied().fold(0.0, f64::max);
        for row in 0..n {
            for column in 0..n {
                self.draw_cell(scene, &grid, (row, column), largest);
            }
        }
        self.draw_sums(scene, &grid);
        self.draw_notes(scene, (region.0, bottom + GAP, region.2));
    }

    fn draw_names(&self, scene: &mut Scene, grid: &Grid, left: f64) {
        let em = self.column_em(grid);
        for (i, name) in self.names.iter().enumerate() {
            let (x, y) = grid.middle(i, i);
            let text = Face::SemiBold.elided(name, EM, grid.left - left - 16.0);
            scene.text(Label::new(text, (grid.left - 16.0, y + 0.36 * EM), EM).bold().anchored(Anchor::Right));
            let text = Face::SemiBold.elided(name, em, grid.width - 6.0);
            scene.text(Label::new(text, (x, grid.top - 0.5 * EM), em).bold().anchored(Anchor::Middle));
        }
        let (x, y) = grid.middle(grid.n, grid.n);
        let sum = |text, at| Label::new(text, at, EM).coloured(Colour::MARK);
        scene.text(sum(PAID, (x, grid.top - 0.5 * EM)).anchored(Anchor::Middle));
        scene.text(sum(RECEIVED, (grid.left - 16.0, y + 0.36 * EM)).anchored(Anchor::Right));
    }

    /// The largest size at which every name fits over its column, but for names that are cut at any.
    fn column_em(&self, grid: &Grid) -> f64 {
        let widest = self.names.iter().map(|name| Face::SemiBold.width(name, EM)).fold(1.0, f64::max);
        (EM * (grid.width - 8.0) / widest).clamp(0.75 * EM, EM)
    }

    fn draw_cell(&self, scene: &mut Scene, grid: &Grid, (row, column): (usize, usize), largest: f64) {
        let (x, y) = grid.middle(row, column);
        let (half_width, half_height) = ((grid.width - SEAM) / 2.0, (grid.height - SEAM) / 2.0);
        let (from, to) = ((x - half_width, y - half_height), (x + half_width, y + half_height));
        let amount = self.amounts[row][column];
        if row == column || amount <= 0.0 {
            let colour = if row == column { Colour::GRID } else { Colour::FAINT };
            scene.bar(from, to, colour, if row == column { 1.0 } else { 0.35 });
            return;
        }
        let colour = if self.is_mutual(row, column) { self.both_ways } else { self.one_way };
        // By the root, so that small amounts are told from none.
        let shade = mixed(colour, PALEST + (1.0 - PALEST) * (amount / largest).sqrt());
        scene.bar(from, to, shade, 1.0);
        let ink = if shade.contrast_with_paper() > DARK { Colour::PAPER } else { Colour::INK };
        let text = Label::new(amount_text(amount), (x, y + 0.36 * EM), EM).coloured(ink);
        scene.text(text.anchored(Anchor::Middle));
    }

    fn draw_sums(&self, scene: &mut Scene, grid: &Grid) {
        let n = grid.n;
        for i in 0..n {
            let paid: f64 = self.amounts[i].iter().sum();
            let received: f64 = self.amounts.iter().map(|row| row[i]).sum();
            for (amount, (x, y)) in [(paid, grid.middle(i, n)), (received, grid.middle(n, i))] {
                let text = Label::new(amount_text(amount), (x, y + 0.36 * EM), EM).coloured(Colour::SOFT);
                scene.text(text.anchored(Anchor::Middle));
            }
        }
        let all: f64 = self.amounts.iter().flatten().sum();
        let (x, y) = grid.middle(n, n);
        let text = Label::new(amount_text(all), (x, y + 0.36 * EM), EM).bold();
        scene.text(text.coloured(Colour::INK).anchored(Anchor::Middle));
    }

    fn draw_notes(&self, scene: &mut Scene, (left, top, right): (f64, f64, f64)) {
        let mut y = top + 0.6 * NOTE_ROW;
        if !self.heading.is_empty() {
            let heading = Face::SemiBold.elided(&self.heading, NOTE_EM, right - left);
            let colour = self.both_ways.for_text();
            scene.text(Label::new(heading, (left, y), NOTE_EM).bold().coloured(colour));
            y += NOTE_ROW;
        }
        let width = (right - left) / NOTE_COLUMNS as f64;
        let rows = self.notes.len().div_ceil(NOTE_COLUMNS);
        for (i, note) in self.notes.iter().enumerate() {
            let at = (left + (i / rows) as f64 * width, y + (i % rows) as f64 * NOTE_ROW);
            scene.text(Label::new(Face::Regular.elided(note, NOTE_EM, width - 20.0), at, NOTE_EM));
        }
    }
}

/// Where the cells stand; the sums have a quarter of a cell between them and the others.
struct Grid {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
    n: usize,
}

impl Grid {
    fn middle(&self, row: usize, column: usize) -> (f64, f64) {
        let place = |i: usize| i as f64 + if i == self.n { 0.75 } else { 0.5 };
        (self.left + place(column) * self.width, self.top + place(row) * self.height)
    }
}

/// A share of a colour on white.
fn mixed(colour: Colour, share: f64) -> Colour {
    let channel = |c: u8| (255.0 - share * (255.0 - f64::from(c))).round() as u8;
    Colour(channel(colour.0), channel(colour.1), channel(colour.2))
}

/// An amount to two digits or to a whole number.
pub(in crate::report::charts) fn amount_text(amount: f64) -> String {
    match amount {
        0.0 => "0".to_owned(),
        a if a < 0.05 => "<0.1".to_owned(),
        a if a < 9.95 => format!("{a:.1}"),
        a if a < 999.5 => format!("{a:.0}"),
        a => {
            let whole = format!("{a:.0}");
            format!("{},{}", &whole[..whole.len() - 3], &whole[whole.len() - 3..])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix() -> Matrix {
        Matrix {
            names: ["Lab", "Cloud", "Maker"].map(str::to_owned).to_vec(),
            amounts: vec![vec![0.0, 100.0, 0.0], vec![25.0, 0.0, 60.0], vec![10.0, 0.3, 0.0]],
            one_way: Colour(30, 90, 160),
            both_ways: Colour::ACCENT,
            heading: "Both ways".into(),
            notes: vec!["Lab to Cloud".into()],
            least_share: 0.01,
        }
    }

    /// Of 60 one way, 0.3 the other is half a per cent.
    #[test]
    fn what_comes_back_counts_from_a_share_on() {
        let matrix = matrix();
        assert!(matrix.is_mutual(0, 1) && matrix.is_mutual(1, 0));
        assert!(!matrix.is_mutual(1, 2) && !matrix.is_mutual(2, 0) && !matrix.is_mutual(0, 0));
    }

    #[test]
    fn amounts_are_short() {
        let texts = [0.0, 0.04, 0.3, 9.94, 9.96, 321.4, 1_234.5, 12_345.0].map(amount_text);
        assert_eq!(texts, ["0", "<0.1", "0.3", "9.9", "10", "321", "1,234", "12,345"]);
    }

    /// Rows pay 100, 85 and 10.3; columns receive 35, 100.3 and 60; in all 195.3.
    #[test]
    fn rows_and_columns_are_added_up_and_nothing_leaves_the_region() {
        let mut scene = Scene::new(1200, 800);
        matrix().draw(&mut scene, (50.0, 50.0, 1150.0, 750.0));
        let texts: Vec<&str> = scene.labels().map(|label| label.text.as_str()).collect();
        for sum in ["100", "85", "10", "35", "60", "195", "Both ways", "Lab to Cloud"] {
            assert!(texts.contains(&sum), "{sum} is not among {texts:?}");
        }
        for label in scene.labels() {
            let (left, top, right, bottom) = label.bounds();
            assert!(left >= 49.0 && top >= 49.0 && right <= 1151.0 && bottom <= 751.0, "{}", label.text);
        }
    }
}
