//! Focal customers: they leave no trace in the market, and each shipped one comes out as its `about` says.

#[path = "shipped/mod.rs"]
mod shipped;

use cloudmarket::model::record::Recorded;
use cloudmarket::model::{Options, RunResult};
use cloudmarket::scenario::Scenario;
use rayon::prelude::*;
use std::collections::BTreeMap;

const CUSTOMERS: [&str; 3] = ["bank", "retailer", "agency"];
const REPLICATIONS: u32 = 4;
/// One in so many accounts is sampled.
const THINNED: u32 = 10;

const SINGLE: &str = "single-cloud";
const FALLBACK: &str = "primary-with-fallback";
const MULTI: &str = "multi-cloud";
const PLACED: &str = "placement-by-workload";

fn stem(customer: &str) -> String {
    format!("focal/{customer}")
}

fn thinned(customer: &str) -> Scenario {
    shipped::read(&stem(customer), &shipped::thinned(&stem(customer), THINNED))
}

/// Every series but those of focal customers, bit by bit, and what was paid.
fn market(result: &RunResult) -> (BTreeMap<String, Vec<u64>>, String) {
    let recorded = &result.recorded;
    let series = (0..recorded.keys.len()).filter(|s| !recorded.keys[*s].metric.starts_with("focal_"));
    let bits = |s: usize| recorded.series(s).iter().map(|value| value.to_bits()).collect();
    let named = series.map(|s| (format!("{:?}", recorded.keys[s]), bits(s)));
    (named.collect(), format!("{:?}", result.payments))
}

#[test]
fn a_focal_customer_leaves_no_trace_in_the_market() {
    let base = shipped::read("baseline", &shipped::thinned("baseline", THINNED));
    let without = market(&shipped::run(&base, 0, Options::default()));
    assert!(without.0.len() > 500, "{} series", without.0.len());
    CUSTOMERS.into_par_iter().for_each(|customer| {
        let result = shipped::run(&thinned(customer), 0, Options { audit: customer == "bank", ..Options::default() });
        let own = result.recorded.keys.iter().filter(|key| key.metric.starts_with("focal_")).count();
        assert_eq!(own, 16, "four metrics under four strategies");
        assert!(market(&result) == without, "{customer} moves the market");
    });
}

/// Mean over the months of 2024 to 2030 of a customer's metric under a strategy.
fn mean(recorded: &Recorded, metric: &str, strategy: &str) -> f64 {
    let series = recorded.keys.iter().position(|key| key.metric == metric && key.counterparty == strategy).unwrap();
    let within = |date: &str| ("2024".."2031").contains(&&date[..4]);
    let months = recorded.dates.iter().zip(recorded.series(series)).filter(|(date, _)| within(date));
    let values: Vec<f64> = months.map(|(_, value)| *value).filter(|value| value.is_finite()).collect();
    values.iter().sum::<f64>() / values.len() as f64
}

/// What a scenario's `about` says: a metric is higher under one strategy than under another, by so much of the other's, or of
/// a share by so many points, in every replication.
const EXPECTED: &[(&str, &str, &str, &str, f64)] = &[
    ("bank", "focal_down_hours", SINGLE, FALLBACK, 1.0),
    ("bank", "focal_spend_usd", FALLBACK, SINGLE, 0.05),
    ("bank", "focal_movable_share", FALLBACK, SINGLE, 0.5),
    ("retailer", "focal_down_hours", SINGLE, FALLBACK, 1.0),
    ("retailer", "focal_spend_usd", FALLBACK, SINGLE, 0.0),
    ("retailer", "focal_spend_usd", MULTI, SINGLE, 1.0),
    ("agency", "focal_down_hours", SINGLE, MULTI, 1.0),
    ("agency", "focal_spend_usd", MULTI, SINGLE, 0.25),
    ("agency", "focal_movable_share", FALLBACK, SINGLE, 0.5),
    ("agency", "focal_down_hours", PLACED, FALLBACK, 1.0),
];

#[test]
fn each_shipped_customer_comes_out_as_its_about_says() {
    let runs: Vec<(&str, RunResult)> = CUSTOMERS
        .into_par_iter()
        .flat_map(|customer| (0..REPLICATIONS).into_par_iter().map(move |number| (customer, number)))
        .map(|(customer, number)| (customer, shipped::run(&thinned(customer), number, Options::default())))
        .collect();
    let mut wrong = Vec::new();
    for (customer, metric, more, less, by) in EXPECTED {
        for (_, result) in runs.iter().filter(|(of, _)| of == customer) {
            let (high, low) = (mean(&result.recorded, metric, more), mean(&result.recorded, metric, less));
            let least = if metric.ends_with("share") { low + by } else { low * (1.0 + by) };
            if high <= least {
                wrong.push(format!("{customer}: {metric} {high} under {more}, {low} under {less}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The year's accruals of a commitment and of the further cloud, by hand, where nothing is bought at all.
#[test]
fn a_customer_that_asks_for_nothing_pays_its_commitment_and_no_more() {
    let settings = |customer: &str| {
        let idle = ["service", "catalogue", "pictures", "shop"];
        let idle = idle.iter().map(|id| format!("focal.retailer.workloads.{id}.mtok_per_month=0"));
        let end = std::iter::once("horizon.end=\"2024-12-31\"".to_owned());
        shipped::thinned(&stem(customer), 50).into_iter().chain(idle).chain(end).collect::<Vec<_>>()
    };
    let result = shipped::run(&shipped::read(&stem("retailer"), &settings("retailer")), 0, Options::default());
    let of = |metric: &str, strategy: &str| {
        let keys = &result.recorded.keys;
        let series = keys.iter().position(|key| key.metric == metric && key.counterparty == strategy).unwrap();
        result.recorded.series(series)[12..].to_vec()
    };
    // 1 million a year of 8,766 hours, over the 8,784 of 2024 but the last second.
    let year: f64 = of("focal_spend_usd", SINGLE).iter().sum();
    assert!((year - 1e6 * 8_784.0 / 8_766.0).abs() < 1.0, "{year}");
    // The fallback costs 350,000 a year on top.
    let with_fallback: f64 = of("focal_spend_usd", FALLBACK).iter().sum();
    assert!((with_fallback - year - 350_000.0 * 8_784.0 / 8_766.0).abs() < 1.0, "{with_fallback}");
    assert!(of("focal_latency_s", SINGLE).iter().all(|value| value.is_nan()));
    assert!(of("focal_movable_share", MULTI).iter().all(|value| value.is_nan()));
    assert_eq!(of("focal_down_hours", SINGLE), [0.0; 12]);
}
