//! Contract terms as bars over time, contract by contract, with amendments as numbered ticks.

use crate::report::charts::draw::fonts::Face;
use crate::report::charts::draw::palette::Colour;
use crate::report::charts::draw::placing::{Bounds, apart};
use crate::report::charts::draw::plot::{Mark, Plot, numbered_disc};
use crate::report::charts::draw::scale::Axis;
use crate::report::charts::draw::scene::{Anchor, Dash, Label, Scene};

const EM: f64 = 30.0;
const TITLE_EM: f64 = 33.0;
/// Height of a term's row in pixels.
const ROW: f64 = 46.0;
/// Height of a contract's title with the space above it.
const TITLE_ROW: f64 = 62.0;
const RADIUS: f64 = 15.0;
/// Space between a bar and what it did.
const BESIDE: f64 = 14.0;

/// One term in force.
#[derive(Clone, Debug, PartialEq)]
pub struct TimelineBar {
    /// What it says.
    pub label: String,
    /// First instant in years.
    pub from: f64,
    /// Last instant in years, `None` if it has no end.
    pub until: Option<f64>,
    /// What it did, beside the bar; empty for nothing.
    pub effect: String,
}

/// One contract.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Its name.
    pub title: String,
    /// Its colour.
    pub colour: Colour,
    /// Its terms; bars with one label share a row.
    pub bars: Vec<TimelineBar>,
    /// Its amendments.
    pub amendments: Vec<Mark>,
}

/// Contracts over a span of years.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    /// First and last instant in years.
    pub years: (f64, f64),
    /// End of the past and start of the simulated time, if it lies within.
    pub simulated_from: Option<f64>,
    /// The contracts.
    pub groups: Vec<Group>,
}

impl Group {
    /// The labels of the rows, in the order in which they first come.
    fn rows(&self) -> Vec<&str> {
        let mut rows: Vec<&str> = Vec::new();
        for bar in &self.bars {
            if !rows.contains(&bar.label.as_str()) {
                rows.push(&bar.label);
            }
        }
        rows
    }

    fn height(&self) -> f64 {
        TITLE_ROW + self.rows().len() as f64 * ROW
    }
}

impl Timeline {
    /// Height that the rows and the years need in pixels.
    pub fn height(&self) -> f64 {
        self.groups.iter().map(Group::height).sum::<f64>() + 100.0
    }

    /// Draws the form. Amendments carry their numbers with their contract, so the marks of the page are not drawn.
    pub fn draw(&self, scene: &mut Scene, region: Bounds, _marks: &[Mark]) {
        let names = self.groups.iter().flat_map(Group::rows).map(|row| Face::Regular.width(row, EM));
        let room = names.fold(0.0, f64::max).min(760.0) + 36.0;
        let bottom = (region.1 + self.height() - 60.0).min(region.3 - 60.0);
        let bounds = (region.0 + room, region.1 + 10.0, region.2 - 30.0, bottom);
        let plot = Plot { bounds, years: self.years, axis: Axis::linear(0.0, 1.0, 1), em: EM };
        self.draw_ground(scene, &plot);
        let mut y = bounds.1;
        for (i, group) in self.groups.iter().enumerate() {
            if i > 0 {
                scene.line(vec![(region.0, y + 8.0), (bounds.2, y + 8.0)], 2.0, Colour::GRID);
            }
            draw_group(scene, &plot, group, (region.0, y, room));
            y += group.height();
        }
    }

    fn draw_ground(&self, scene: &mut Scene, plot: &Plot) {
        let (left, top, right, bottom) = plot.bounds;
        for year in self.years.0.ceil() as i32..=self.years.1.floor() as i32 {
            let x = plot.x(f64::from(year));
            scene.line(vec![(x, top), (x, bottom)], 2.0, Colour::FAINT);
        }
        scene.line(vec![(left, bottom), (right, bottom)], 3.0, Colour::SOFT);
        plot.draw_years(scene, true);
        if let Some(year) = self.simulated_from {
            let x = plot.x(year);
            scene.dashed(vec![(x, bottom), (x, top)], 3.0, Colour::MARK, Dash::Short);
        }
    }
}

/// Draws a contract's rows below `y`, its labels from `left` over `room`.
fn draw_group(scene: &mut Scene, plot: &Plot, group: &Group, (left, y, room): (f64, f64, f64)) {
    let title = Face::SemiBold.elided(&group.title, TITLE_EM, room + 300.0);
    let baseline = y + TITLE_ROW - 16.0;
    let title = Label::new(title, (left, baseline), TITLE_EM).bold().coloured(group.colour.for_text());
    let title_end = title.bounds().2 + 2.0 * RADIUS;
    scene.text(title);
    for (i, row) in group.rows().into_iter().enumerate() {
        let middle = y + TITLE_ROW + (i as f64 + 0.5) * ROW;
        let text = Face::Regular.elided(row, EM, room - 36.0);
        scene.text(Label::new(text, (left, middle + 0.36 * EM), EM));
        for bar in group.bars.iter().filter(|bar| bar.label == row) {
            draw_bar(scene, plot, bar, middle, group.colour);
        }
    }
    draw_amendments(scene, plot, group, y, title_end);
    for (i, row) in group.rows().into_iter().enumerate() {
        let middle = y + TITLE_ROW + (i as f64 + 0.5) * ROW;
        let bars = || group.bars.iter().filter(|bar| bar.label == row);
        for bar in bars().filter(|bar| !bar.effect.is_empty()) {
            let next = bars().map(|other| other.from).filter(|from| *from > bar.from).fold(f64::INFINITY, f64::min);
            let room = plot.x(next.min(plot.years.1));
            draw_effect(scene, bar, (right_of(plot, bar), middle), room, group.colour);
        }
    }
}

/// Where a bar ends in pixels.
fn right_of(plot: &Plot, bar: &TimelineBar) -> f64 {
    plot.x(bar.until.unwrap_or(f64::INFINITY).min(plot.years.1))
}

/// What a bar that ends at `right` did: to its right if that leaves it within `room`, else in the bar.
fn draw_effect(scene: &mut Scene, bar: &TimelineBar, (right, middle): (f64, f64), room: f64, colour: Colour) {
    let em = 0.86 * EM;
    let baseline = middle + 0.36 * em;
    let width = Face::SemiBold.width(&bar.effect, em);
    let label = |x: f64| Label::new(bar.effect.as_str(), (x, baseline), em).bold();
    if right + 2.0 * BESIDE + width <= room {
        let label = label(right + BESIDE).coloured(colour.for_text());
        let (left, top, end, bottom) = label.bounds();
        // The dotted lines of amendments end where the words begin.
        scene.bar((left - 6.0, top - 3.0), (end + 6.0, bottom + 2.0), Colour::PAPER, 1.0);
        scene.text(label);
    } else {
        scene.text(label(right - BESIDE).coloured(Colour::PAPER).anchored(Anchor::Right));
    }
}

fn draw_bar(scene: &mut Scene, plot: &Plot, bar: &TimelineBar, middle: f64, colour: Colour) {
    let (first, last) = plot.years;
    let (from, until) = (bar.from.max(first), bar.until.unwrap_or(f64::INFINITY));
    if from >= last || until <= first {
        return;
    }
    let (left, right) = (plot.x(from), plot.x(until.min(last)));
    let half = 0.3 * ROW;
    scene.bar((left, middle - half), (right.max(left + 8.0), middle + half), colour, 0.75);
    if until > last {
        // The term goes on beyond the page.
        scene.area(vec![(right, middle - half), (right + 20.0, middle), (right, middle + half)], colour, 0.75);
    }
    if bar.from < first {
        scene.area(vec![(left, middle - half), (left - 14.0, middle), (left, middle + half)], colour, 0.75);
    }
}

fn draw_amendments(scene: &mut Scene, plot: &Plot, group: &Group, y: f64, title_end: f64) {
    let wanted: Vec<f64> = group.amendments.iter().map(|mark| plot.x(mark.year)).collect();
    let low = title_end.max(plot.bounds.0 - RADIUS);
    let places = apart(&wanted, 2.2 * RADIUS, low, plot.bounds.2 + RADIUS);
    let (disc, end) = (y + TITLE_ROW - 28.0, y + group.height());
    for (x, place) in wanted.into_iter().zip(&places) {
        scene.dashed(vec![(x, end), (x, disc + 1.6 * RADIUS)], 3.0, Colour::INK, Dash::Dotted);
        scene.line(vec![(x, disc + 1.6 * RADIUS), (*place, disc)], 2.0, Colour::INK);
    }
    for (mark, place) in group.amendments.iter().zip(places) {
        numbered_disc(scene, mark.number, (place, disc), RADIUS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(label: &str, from: f64, until: Option<f64>) -> TimelineBar {
        TimelineBar { label: label.into(), from, until, effect: String::new() }
    }

    #[test]
    fn versions_of_a_term_share_a_row() {
        let group = Group {
            title: "A–B".into(),
            colour: Colour::INK,
            bars: vec![bar("share", 2019.0, Some(2023.0)), bar("licence", 2019.0, None), bar("share", 2023.0, None)],
            amendments: vec![],
        };
        assert_eq!(group.rows(), ["share", "licence"]);
        assert_eq!(group.height(), TITLE_ROW + 2.0 * ROW);
    }

    #[test]
    fn what_a_bar_did_stands_beside_it_or_within_it() {
        let plot =
            Plot { bounds: (0.0, 0.0, 900.0, 100.0), years: (2020.0, 2030.0), axis: Axis::linear(0.0, 1.0, 1), em: EM };
        let colour_at = |until| {
            let mut scene = Scene::new(1_000, 100);
            let bar = TimelineBar { effect: "barred 9 offers".into(), ..bar("a", 2020.0, Some(until)) };
            draw_effect(&mut scene, &bar, (right_of(&plot, &bar), 50.0), 900.0, Colour::INK);
            let label = scene.labels().next().unwrap().clone();
            assert!(label.bounds().2 <= 900.0, "{label:?}");
            label.colour
        };
        assert_eq!((colour_at(2024.0), colour_at(2029.5)), (Colour::INK, Colour::PAPER));
    }

    #[test]
    fn a_bar_outside_the_years_is_not_drawn() {
        let plot =
            Plot { bounds: (0.0, 0.0, 100.0, 100.0), years: (2020.0, 2030.0), axis: Axis::linear(0.0, 1.0, 1), em: EM };
        let mut scene = Scene::new(100, 100);
        draw_bar(&mut scene, &plot, &bar("a", 2010.0, Some(2020.0)), 50.0, Colour::INK);
        draw_bar(&mut scene, &plot, &bar("a", 2030.0, None), 50.0, Colour::INK);
        assert!(scene.shapes.is_empty());
        draw_bar(&mut scene, &plot, &bar("a", 2010.0, None), 50.0, Colour::INK);
        assert_eq!(scene.shapes.len(), 3);
    }
}
