//! What was bought in each period of a commitment, against what was committed.

use super::{MAX_PANELS, contract_colour, greatest, left_out_text};
use crate::report::charts::draw::frame::{Entry, Swatch};
use crate::report::charts::draw::palette::Colour;
use crate::report::charts::draw::plot::span_of;
use crate::report::charts::draw::scene::Dash;
use crate::report::charts::forms::{CommitmentPanel, Commitments, Form, PAID_ALPHA, Period};
use crate::report::charts::input::{ChartInput, Series};
use crate::report::charts::picture::Picture;

pub fn picture(input: &ChartInput<'_>) -> Result<Picture, String> {
    let (due, used) = (input.series("commitment_due_usd")?, input.series("commitment_used_usd")?);
    let paid = input.series("shortfall_paid_usd").unwrap_or_default();
    let years = input.years();
    let mut panels = Vec::new();
    for due in &due {
        let Some(used) = used.iter().find(|used| used.id == due.id) else { continue };
        let paid = paid.iter().find(|paid| paid.id == due.id);
        let periods = periods(&years, due, used, paid);
        if !periods.is_empty() {
            panels.push(CommitmentPanel { title: due.name.clone(), colour: contract_colour(input, due.id), periods });
        }
    }
    if panels.is_empty() {
        return Err("no commitment fell due".into());
    }
    let size = |panel: &CommitmentPanel| panel.periods.iter().map(|p| p.due.max(p.used)).fold(0.0, f64::max);
    let (mut panels, left_out) = greatest(panels, MAX_PANELS, size);
    name_by_contract(&mut panels);
    let mut legend = vec![
        Entry::new(Swatch::Tick(Colour::INK), "Committed"),
        Entry::new(Swatch::Area(Colour::SOFT, 0.6), "Bought; outlined, what was not"),
        Entry::new(Swatch::Area(Colour::ACCENT, PAID_ALPHA), "Paid for shortfalls"),
    ];
    if input.has_bands() {
        legend.push(Entry::new(Swatch::Line(Colour::SOFT, Dash::Solid), "90% of replications"));
    }
    Ok(Picture {
        title: "Purchases against commitments".into(),
        subtitle:
            "USD by commitment year; nothing is paid for what the seller cannot deliver or earlier purchases make up"
                .into(),
        legend,
        marks: Vec::new(),
        source: input.source("Bars are medians, strokes span 90% of the replications.")
            + " A year that the run cuts short counts to date."
            + &left_out_text(left_out, "commitment"),
        form: Form::Commitments(Commitments { years: span_of(&years), panels }),
    })
}

/// A contract's name is enough where no other commitment of it is shown; else what tells them apart.
fn name_by_contract(panels: &mut [CommitmentPanel]) {
    let contracts: Vec<String> =
        panels.iter().map(|panel| panel.title.split(": ").next().unwrap_or_default().to_owned()).collect();
    for (panel, contract) in panels.iter_mut().zip(&contracts) {
        if contracts.iter().filter(|other| *other == contract).count() == 1 {
            panel.title.clone_from(contract);
        } else {
            panel.title = panel.title.replace(": commitment ", ": ");
        }
    }
}

/// Years of a commitment, and what was paid for shortfalls meanwhile. Both figures count from the start of its year, so a year closes before either falls.
fn periods(years: &[f64], due: &Series<'_>, used: &Series<'_>, paid: Option<&Series<'_>>) -> Vec<Period> {
    let paid_by = |i: usize| paid.map_or(0.0, |paid| paid.spreads[i].p50);
    let figures: Vec<(f64, f64)> = due.spreads.iter().zip(used.spreads).map(|(d, u)| (d.p50, u.p50)).collect();
    let mut periods = Vec::new();
    let (mut from, mut paid_before) = (span_of(years).0, 0.0);
    for (i, now) in figures.iter().enumerate() {
        let falls = figures.get(i + 1).is_none_or(|next| next.0 < now.0 * 0.999_999 || next.1 < now.1 * 0.999_999);
        let starts = figures.get(i + 1).is_some_and(|next| now.0.is_nan() && next.0.is_finite());
        if !falls && !starts {
            continue;
        }
        let spread = used.spreads[i];
        if now.0 > 0.0 || now.1 > 0.0 {
            let used_range = (spread.p05, spread.p95);
            let paid = (paid_by(i) - paid_before).max(0.0);
            periods.push(Period { from, until: years[i], due: now.0, used: now.1, used_range, paid });
        }
        from = years[i];
        paid_before = Some(paid_by(i)).filter(|paid| paid.is_finite()).unwrap_or(paid_before);
    }
    periods
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::summary::Spread;

    fn spreads(values: &[f64]) -> Vec<Spread> {
        let spread = |v: f64| Spread {
            n: 1,
            mean: v,
            sd: 0.0,
            p05: v * 0.9,
            p25: v,
            p50: v,
            p75: v,
            p95: v * 1.1,
            half_width_95: 0.0,
        };
        values.iter().map(|v| spread(*v)).collect()
    }

    fn series(spreads: &[Spread]) -> Series<'_> {
        Series { id: "a", name: "a".into(), colour: Colour::INK, dash: Dash::Solid, spreads }
    }

    #[test]
    fn a_contract_names_its_only_commitment() {
        let panel = |title: &str| CommitmentPanel { title: title.into(), colour: Colour::INK, periods: Vec::new() };
        let mut panels = [panel("A-B: first"), panel("A-B: commitment 2026"), panel("A-C: commitment")];
        name_by_contract(&mut panels);
        assert_eq!(panels.map(|panel| panel.title), ["A-B: first", "A-B: 2026", "A-C"]);
    }

    #[test]
    fn a_period_closes_before_its_figures_fall() {
        let years = [2024.25, 2024.5, 2024.75, 2025.0, 2025.25];
        let (due, used) = (spreads(&[f64::NAN, 5.0, 10.0, 4.0, 8.0]), spreads(&[f64::NAN, 3.0, 7.0, 5.0, 9.0]));
        let paid = spreads(&[f64::NAN, 0.0, 2.0, 2.0, 2.0]);
        let periods = periods(&years, &series(&due), &series(&used), Some(&series(&paid)));
        let found: Vec<_> = periods.iter().map(|p| (p.from, p.until, p.due, p.used, p.paid)).collect();
        assert_eq!(found, [(2024.25, 2024.75, 10.0, 7.0, 2.0), (2024.75, 2025.25, 8.0, 9.0, 0.0)]);
        assert_eq!(periods[1].used_range, (9.0 * 0.9, 9.0 * 1.1));
    }

    #[test]
    fn years_without_figures_are_left_out() {
        let (due, used) = (spreads(&[0.0, 0.0]), spreads(&[0.0, 0.0]));
        assert!(periods(&[2024.5, 2025.0], &series(&due), &series(&used), None).is_empty());
    }
}
