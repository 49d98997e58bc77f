//! Purchases against commitments, period by period.

use super::draw_panel_title;
use crate::report::charts::draw::frame::{panel_ems, slots};
use crate::report::charts::draw::palette::Colour;
use crate::report::charts::draw::placing::{Bounds, columns};
use crate::report::charts::draw::plot::Plot;
use crate::report::charts::draw::scale::{Axis, Unit};
use crate::report::charts::draw::scene::{Label, Scene};

/// Opacity of what was paid for shortfalls.
pub const PAID_ALPHA: f64 = 0.5;

/// Least part of what was committed that has to be paid for shortfalls to be told in words.
const LEAST_TOLD: f64 = 0.01;

/// A period of a commitment, at whose close a shortfall would be paid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Period {
    /// Its start in years.
    pub from: f64,
    /// Its close in years.
    pub until: f64,
    /// What was committed, USD.
    pub due: f64,
    /// What was bought, USD: the median.
    pub used: f64,
    /// What was bought, USD: the 5 and 95 % quantiles.
    pub used_range: (f64, f64),
    /// What was paid at its close for what was not bought, USD: the median.
    pub paid: f64,
}

/// One commitment.
#[derive(Clone, Debug, PartialEq)]
pub struct CommitmentPanel {
    /// Its name.
    pub title: String,
    /// Its colour.
    pub colour: Colour,
    /// Its periods, in order.
    pub periods: Vec<Period>,
}

/// A panel for each commitment, each to its own scale.
#[derive(Clone, Debug, PartialEq)]
pub struct Commitments {
    /// First and last instant in years.
    pub years: (f64, f64),
    /// The commitments.
    pub panels: Vec<CommitmentPanel>,
}

impl CommitmentPanel {
    /// What was paid for shortfalls in all, in words; empty for next to nothing.
    fn paid_text(&self) -> String {
        let sum = |of: fn(&Period) -> f64| self.periods.iter().map(of).sum::<f64>();
        let (paid, due) = (sum(|period| period.paid), sum(|period| period.due));
        if paid > 0.0 && paid >= LEAST_TOLD * due {
            format!("{} paid for shortfalls", Unit::Usd.text(paid))
        } else {
            String::new()
        }
    }

    fn axis(&self) -> Axis {
        let greatest = self.periods.iter().flat_map(|p| [p.due, p.used, p.used_range.1]).fold(0.0, f64::max);
        Axis::linear(0.0, greatest, 4)
    }
}

impl Commitments {
    /// Draws the form.
    pub fn draw(&self, scene: &mut Scene, region: Bounds) {
        let n = self.panels.len();
        let (em, title_em) = panel_ems(n);
        let axes: Vec<Axis> = self.panels.iter().map(CommitmentPanel::axis).collect();
        let room = axes.iter().map(|axis| Plot::room_for_texts(axis, Unit::Usd, em)).fold(0.0, f64::max);
        let region = (region.0 + room, region.1, region.2 - 20.0, region.3 - 20.0 - 1.3 * em);
        let down = if n > columns(n) { 50.0 } else { 0.0 };
        for ((panel, axis), slot) in self.panels.iter().zip(axes).zip(slots(n, region, (room + 60.0, down))) {
            let (left, top, right, bottom) = slot.bounds;
            draw_panel_title(scene, &panel.title, panel.colour, (left - room, top, right, bottom), title_em);
            let baseline = top + 0.8 * title_em + 1.15 * em;
            scene.text(Label::new(panel.paid_text(), (left - room, baseline), 0.92 * em).coloured(Colour::ACCENT));
            let bounds = (left, top + 1.4 * title_em + 1.3 * em, right, bottom);
            let plot = Plot { bounds, years: self.years, axis, em };
            plot.draw_grid(scene, Some(Unit::Usd));
            for period in &panel.periods {
                draw_period(scene, &plot, period, panel.colour);
            }
            plot.draw_years(scene, slot.lowest);
        }
    }
}

fn draw_period(scene: &mut Scene, plot: &Plot, period: &Period, colour: Colour) {
    let (start, end) = (plot.x(period.from), plot.x(period.until));
    let inset = 0.14 * (end - start);
    let (left, right) = (start + inset, end - inset);
    let (zero, due, used) = (plot.y(0.0), plot.y(period.due), plot.y(period.used));
    scene.bar((left, used), (right, zero), colour, 0.6);
    if due < used {
        // What was not bought stays empty within an outline, but for what was paid all the same.
        scene.line(vec![(left, used), (left, due), (right, due), (right, used)], 2.0, colour.for_text());
    }
    if period.paid > 0.0 && due < used {
        // Medians need not add up: nothing is paid beyond what was committed.
        let paid = plot.y(period.used + period.paid).max(due);
        scene.bar((left, paid), (right, used), Colour::ACCENT, PAID_ALPHA);
    }
    let middle = (left + right) / 2.0;
    let (low, high) = (plot.y(period.used_range.0), plot.y(period.used_range.1));
    if low - high > 3.0 {
        scene.line(vec![(middle, low), (middle, high)], 3.0, colour.for_text());
    }
    scene.bar((left - 0.6 * inset, due - 4.0), (right + 0.6 * inset, due + 4.0), Colour::INK, 1.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortfalls_are_added_up_in_words() {
        let period = |paid| Period { from: 0.0, until: 1.0, due: 9e9, used: 4e9, used_range: (3e9, 5e9), paid };
        let panel = |periods| CommitmentPanel { title: "a".into(), colour: Colour::INK, periods };
        assert_eq!(panel(vec![period(3e9), period(0.0), period(4.5e9)]).paid_text(), "$7.50bn paid for shortfalls");
        assert_eq!(panel(vec![period(0.0)]).paid_text(), "");
        assert_eq!(panel(vec![period(8e7)]).paid_text(), "", "less than 1 % of nine billion");
    }

    #[test]
    fn the_axis_holds_what_was_committed_and_what_was_bought() {
        let period = Period { from: 2024.0, until: 2025.0, due: 9e9, used: 4e9, used_range: (3e9, 11e9), paid: 0.0 };
        let panel = CommitmentPanel { title: "a".into(), colour: Colour::INK, periods: vec![period] };
        assert_eq!(panel.axis().ticks.last(), Some(&15e9));
    }
}
