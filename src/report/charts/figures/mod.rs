//! The charts, one file each: which series, in which form, in which words.

mod accelerators;
mod shares;

pub(super) mod brokered_products;
pub(super) mod chip_hour_price;
pub(super) mod chip_hours_by_term;
pub(super) mod commitments_against_use;
pub(super) mod contract_timeline;
pub(super) mod fleet_against_power;
pub(super) mod fleet_by_accelerator;
pub(super) mod focal_customers_by_strategy;
pub(super) mod hhi;
pub(super) mod levelised_cost;
pub(super) mod money_between_parties;
pub(super) mod price_and_cost_per_mtok;
pub(super) mod price_by_kind;
pub(super) mod price_by_lab;
pub(super) mod revenue_share_against_cap;
pub(super) mod share_compute_by_cloud;
pub(super) mod share_compute_by_lab;
pub(super) mod share_revenue_by_channel;
pub(super) mod share_revenue_by_cloud;
pub(super) mod share_revenue_by_lab;
pub(super) mod share_tokens_by_channel;
pub(super) mod share_tokens_by_cloud;
pub(super) mod share_tokens_by_lab;
pub(super) mod utilisation_and_throttling;
pub(super) mod what_binds;
pub(super) mod why_not;

use super::draw::frame::{Entry, Swatch};
use super::draw::palette::Colour;
use super::draw::scale::Unit;
use super::draw::scene::Dash;
use super::forms::{LinePanels, Panel, Scaling};
use super::input::{ChartInput, Series};

/// Panels that a page has room for.
pub(super) const MAX_PANELS: usize = 12;

/// Lines with bands that one panel can hold without hiding each other.
const MAX_BANDS_IN_A_PANEL: usize = 4;

/// The `most` items of the greatest weight, in their order, and how many were left out.
pub(super) fn greatest<T>(items: Vec<T>, most: usize, weight: impl Fn(&T) -> f64) -> (Vec<T>, usize) {
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by(|a, b| weight(&items[*b]).total_cmp(&weight(&items[*a])));
    order.truncate(most);
    let left_out = items.len() - order.len();
    let kept = items.into_iter().enumerate().filter(|(i, _)| order.contains(i)).map(|(_, item)| item);
    (kept.collect(), left_out)
}

/// A sentence on what a page had no room for.
pub(super) fn left_out_text(left_out: usize, what: &str) -> String {
    match left_out {
        0 => String::new(),
        1 => format!(" One {what} of less weight is not shown."),
        n => format!(" {n} {what}s of less weight are not shown."),
    }
}

/// Series in one panel if their bands stay legible there, else in one panel each on a shared axis.
fn panels_of(input: &ChartInput<'_>, series: &[Series<'_>], unit: Unit, may_be_log: bool) -> LinePanels {
    let bands = input.has_bands();
    let panel = |title: String, colour: Colour, shown: &[Series<'_>]| Panel {
        title,
        colour,
        lines: shown.iter().map(|series| series.line(bands)).collect(),
        levels: Vec::new(),
        notes: Vec::new(),
    };
    let (panels, scaling) = if series.len() <= MAX_BANDS_IN_A_PANEL || !bands {
        (vec![panel(String::new(), Colour::INK, series)], Scaling::Shared)
    } else {
        let one_each = series.iter().map(|s| panel(s.name.clone(), s.colour, std::slice::from_ref(s)));
        (one_each.map(solid).collect(), Scaling::SharedWithContext)
    };
    LinePanels { years: input.years(), unit, may_be_log, scaling, panels }
}

/// The legend of [`panels_of`].
fn legend_of(input: &ChartInput<'_>, series: &[Series<'_>]) -> Vec<Entry> {
    let mut legend = input.legend_of_bands();
    if !legend.is_empty() && series.len() > MAX_BANDS_IN_A_PANEL {
        legend.push(Entry::new(Swatch::Line(Colour::GRID, Dash::Solid), "Medians of the others"));
    }
    legend
}

/// Alone in a panel that names it, a line needs no dash to be told apart.
fn solid(mut panel: Panel) -> Panel {
    for line in &mut panel.lines {
        line.dash = Dash::Solid;
    }
    panel
}

/// Colour of a contract or a term: its own if the palette has one, else that of all contracts, so that none looks
/// like an entity's.
fn contract_colour(input: &ChartInput<'_>, id: &str) -> Colour {
    if input.palette.place(id).is_some() { input.palette.colour(id) } else { Colour::CONTRACT }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greatest_keep_their_order() {
        assert_eq!(greatest(vec![1.0, 5.0, 3.0, 4.0], 2, |x| *x), (vec![5.0, 4.0], 2));
        assert_eq!(left_out_text(2, "cloud"), " 2 clouds of less weight are not shown.");
        assert_eq!(left_out_text(0, "cloud"), "");
    }
}
