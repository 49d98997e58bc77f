//! What each procurement strategy brings a focal customer.

use super::left_out_text;
use crate::market::focal::Strategy;
use crate::report::charts::draw::palette::Palette;
use crate::report::charts::draw::scale::Unit;
use crate::report::charts::forms::{Band, Form, Grid, GridColumn, GridRow};
use crate::report::charts::input::ChartInput;
use crate::report::charts::picture::Picture;
use crate::report::summary::SeriesSummary;

/// A metric, what it is called above its column, and in which unit.
const COLUMNS: [(&str, &str, Unit); 4] = [
    ("focal_spend_usd", "Spend, a month", Unit::Usd),
    ("focal_down_hours", "Not served, a month", Unit::Hours),
    ("focal_latency_s", "Latency over target", Unit::Seconds),
    ("focal_movable_share", "Movable in a quarter", Unit::Share),
];

/// The first customer of the scenario: a page has room for one.
pub fn picture(input: &ChartInput<'_>) -> Result<Picture, String> {
    let customers = customers(input);
    let Some(customer) = customers.first() else { return Err("the scenario has no focal customer".into()) };
    let all: Vec<&SeriesSummary> = COLUMNS.iter().flat_map(|column| of(input, column.0, customer)).collect();
    let begun = |month: usize| all.iter().any(|series| series.spreads[month].n > 0);
    let Some(first) = (0..input.summary.dates.len()).find(|month| begun(*month)) else {
        return Err("no focal customer has begun".into());
    };
    let strategies: Vec<Strategy> = Strategy::ALL
        .into_iter()
        .filter(|strategy| all.iter().any(|series| series.key.counterparty == strategy.name()))
        .collect();
    let band = |metric: &str, strategy: Strategy| {
        let series = of(input, metric, customer).find(|series| series.key.counterparty == strategy.name())?;
        let quantile =
            |of: fn(&crate::report::summary::Spread) -> f64| series.spreads[first..].iter().map(of).collect();
        Some(Band {
            p05: quantile(|s| s.p05),
            p25: quantile(|s| s.p25),
            p50: quantile(|s| s.p50),
            p75: quantile(|s| s.p75),
            p95: quantile(|s| s.p95),
        })
    };
    let column = |(metric, title, unit): &(&str, &str, Unit)| GridColumn {
        title: (*title).to_owned(),
        unit: *unit,
        bands: strategies.iter().map(|strategy| band(metric, *strategy)).collect(),
    };
    let row = |(place, strategy): (usize, &Strategy)| GridRow {
        title: words(*strategy).to_owned(),
        colour: Palette::nth([0, 2, 5, 4][place % 4]),
    };
    Ok(Picture {
        title: format!("{}, by procurement strategy", input.name(customer)),
        subtitle: "The same market under each strategy; not served: hours of the month times the share of its tokens that nobody serves; \
                   movable: share of its spend that could go to another provider within 91 days"
            .into(),
        legend: input.legend_of_bands(),
        marks: Vec::new(),
        source: input.source_of_bands() + " Pale lines: medians of the other strategies."
            + &left_out_text(customers.len() - 1, "customer"),
        form: Form::Grid(Grid {
            years: input.years()[first..].to_vec(),
            spread: input.has_bands(),
            rows: strategies.iter().enumerate().map(row).collect(),
            columns: COLUMNS.iter().map(column).collect(),
        }),
    })
}

/// Focal customers in the order of their series.
fn customers<'a>(input: &ChartInput<'a>) -> Vec<&'a str> {
    let mut customers: Vec<&str> = Vec::new();
    for series in input.summary.of_metric(COLUMNS[0].0) {
        if !customers.contains(&series.key.entity.as_str()) {
            customers.push(&series.key.entity);
        }
    }
    customers
}

fn of<'a>(input: &ChartInput<'a>, metric: &str, customer: &str) -> impl Iterator<Item = &'a SeriesSummary> {
    input.summary.of_metric(metric).filter(move |series| series.key.entity == customer)
}

/// A strategy in words.
fn words(strategy: Strategy) -> &'static str {
    match strategy {
        Strategy::SingleCloud => "Single cloud",
        Strategy::PrimaryWithFallback => "Primary with fallback",
        Strategy::MultiCloud => "Multi-cloud",
        Strategy::PlacementByWorkload => "Placement by workload",
    }
}
