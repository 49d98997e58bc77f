//! Each variant moves what its `about` says, in the direction that it says, by more than chance.
//!
//! The same replications of the baseline and the variant are compared pair by pair on a thin sample of customers, or on the
//! full one where something stands out from chance on it only; the README shows the full one.

#[path = "shipped/mod.rs"]
mod shipped;

use cloudmarket::experiment::paired::{PairedDifference, paired_difference};
use cloudmarket::model::Options;
use cloudmarket::model::record::Recorded;
use rayon::prelude::*;

const REPLICATIONS: u32 = 16;
/// One in so many accounts is sampled.
const THINNED: u32 = 4;
/// Variants that are held on all accounts.
const ON_ALL: [&str; 1] = ["open-weights-surge"];

/// Which way a metric moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Up,
    Down,
}

use Way::{Down, Up};

/// By how much it must move at least: a tenth of a percentage point of a share, or a part of the baseline's value.
#[derive(Clone, Copy, Debug)]
enum Least {
    Points(f64),
    Part(f64),
}

const POINT: Least = Least::Points(0.001);
const TENTH: Least = Least::Part(0.1);
const PERCENT: Least = Least::Part(0.01);
const HALF_PERCENT: Least = Least::Part(0.005);
const SOME: Least = Least::Part(0.001);

/// What a variant's `about` expects, over the months from the first to the last date.
struct Expectation {
    variant: &'static str,
    metric: &'static str,
    /// With the counterparty after it, if the metric has one.
    entity: &'static str,
    from: &'static str,
    to: &'static str,
    way: Way,
    least: Least,
}

#[rustfmt::skip]
const EXPECTED: &[Expectation] = &[
    Expectation { variant: "exclusivity-stays", metric: "share_revenue", entity: "azure", from: "2026-06", to: "2030-12", way: Up, least: POINT },
    Expectation { variant: "exclusivity-stays", metric: "share_revenue", entity: "aws", from: "2026-06", to: "2030-12", way: Down, least: POINT },
    Expectation { variant: "exclusivity-stays", metric: "discount_at_channel_share", entity: "azure-foundry", from: "2026-06", to: "2030-12", way: Down, least: POINT },
    Expectation { variant: "exclusivity-stays", metric: "revenue_share_paid_usd", entity: "microsoft-openai.revenue-share-out", from: "2030-12", to: "2030-12", way: Up, least: PERCENT },
    Expectation { variant: "power-slips", metric: "energized_mw", entity: "azure", from: "2026-10", to: "2029-12", way: Down, least: PERCENT },
    Expectation { variant: "power-slips", metric: "energized_mw", entity: "aws", from: "2026-10", to: "2029-12", way: Down, least: PERCENT },
    Expectation { variant: "power-slips", metric: "energized_mw", entity: "google-cloud", from: "2026-10", to: "2029-12", way: Down, least: PERCENT },
    Expectation { variant: "power-slips", metric: "energized_mw", entity: "oracle", from: "2026-10", to: "2029-12", way: Down, least: PERCENT },
    Expectation { variant: "power-slips", metric: "energized_mw", entity: "coreweave", from: "2026-10", to: "2029-12", way: Down, least: PERCENT },
    Expectation { variant: "power-slips", metric: "energized_mw", entity: "meta", from: "2026-10", to: "2029-12", way: Down, least: PERCENT },
    Expectation { variant: "power-slips", metric: "utilisation", entity: "azure", from: "2026-10", to: "2029-12", way: Up, least: POINT },
    Expectation { variant: "power-slips", metric: "price_usd_per_h100e_hour", entity: "azure", from: "2026-10", to: "2029-12", way: Up, least: PERCENT },
    Expectation { variant: "power-slips", metric: "utilisation", entity: "aws", from: "2026-10", to: "2029-12", way: Up, least: POINT },
    Expectation { variant: "power-slips", metric: "utilisation", entity: "google-cloud", from: "2026-10", to: "2029-12", way: Up, least: POINT },
    Expectation { variant: "power-slips", metric: "utilisation", entity: "oracle", from: "2026-10", to: "2029-12", way: Up, least: POINT },
    Expectation { variant: "power-slips", metric: "utilisation", entity: "coreweave", from: "2026-10", to: "2029-12", way: Up, least: POINT },
    Expectation { variant: "power-slips", metric: "price_usd_per_h100e_hour", entity: "aws", from: "2026-10", to: "2029-12", way: Up, least: PERCENT },
    Expectation { variant: "power-slips", metric: "price_usd_per_h100e_hour", entity: "google-cloud", from: "2026-10", to: "2029-12", way: Up, least: PERCENT },
    Expectation { variant: "power-slips", metric: "price_usd_per_h100e_hour", entity: "oracle", from: "2026-10", to: "2029-12", way: Up, least: PERCENT },
    Expectation { variant: "power-slips", metric: "price_usd_per_h100e_hour", entity: "coreweave", from: "2026-10", to: "2029-12", way: Up, least: PERCENT },
    Expectation { variant: "packaging-short", metric: "purchases_h100e_8bit", entity: "aws", from: "2026-03", to: "2027-06", way: Down, least: HALF_PERCENT },
    Expectation { variant: "packaging-short", metric: "purchases_h100e_8bit", entity: "azure", from: "2026-03", to: "2027-06", way: Down, least: HALF_PERCENT },
    Expectation { variant: "packaging-short", metric: "purchases_h100e_8bit", entity: "google-cloud", from: "2026-03", to: "2027-06", way: Down, least: HALF_PERCENT },
    Expectation { variant: "packaging-short", metric: "purchases_h100e_8bit", entity: "coreweave", from: "2026-03", to: "2027-06", way: Down, least: HALF_PERCENT },
    Expectation { variant: "packaging-short", metric: "utilisation", entity: "aws", from: "2026-03", to: "2027-06", way: Up, least: POINT },
    Expectation { variant: "packaging-short", metric: "price_usd_per_h100e_hour", entity: "aws", from: "2026-03", to: "2027-06", way: Up, least: SOME },
    Expectation { variant: "trainium-leap", metric: "share_compute", entity: "aws", from: "2026-06", to: "2030-12", way: Up, least: POINT },
    Expectation { variant: "trainium-leap", metric: "levelised_cost_usd_per_h100e_hour", entity: "trainium-3", from: "2026-06", to: "2030-12", way: Down, least: PERCENT },
    Expectation { variant: "trainium-leap", metric: "levelised_cost_usd_per_h100e_hour", entity: "trainium-4", from: "2027-07", to: "2030-12", way: Down, least: PERCENT },
    Expectation { variant: "exclusivity-never", metric: "share_revenue", entity: "aws", from: "2024-01", to: "2026-03", way: Up, least: POINT },
    Expectation { variant: "exclusivity-never", metric: "share_revenue", entity: "azure", from: "2024-01", to: "2026-03", way: Down, least: POINT },
    Expectation { variant: "exclusivity-never", metric: "share_revenue_lab", entity: "openai", from: "2024-01", to: "2026-03", way: Up, least: POINT },
    Expectation { variant: "first-ship-waived", metric: "barred_offers", entity: "microsoft-openai.first-ship", from: "2026-05", to: "2032-12", way: Down, least: PERCENT },
    Expectation { variant: "openai-squeezed", metric: "shortfall_paid_usd", entity: "openai-oracle.commitment", from: "2028-01", to: "2032-12", way: Up, least: PERCENT },
    Expectation { variant: "openai-squeezed", metric: "revenue_lab_usd", entity: "openai", from: "2028-01", to: "2032-12", way: Down, least: PERCENT },
    Expectation { variant: "openai-squeezed", metric: "revenue_share_paid_usd", entity: "microsoft-openai.revenue-share-out", from: "2028-01", to: "2032-12", way: Down, least: PERCENT },
    Expectation { variant: "regulator-intervenes", metric: "share_revenue", entity: "aws", from: "2027-10", to: "2030-12", way: Up, least: POINT },
    Expectation { variant: "regulator-intervenes", metric: "share_revenue", entity: "azure", from: "2027-10", to: "2030-12", way: Down, least: POINT },
    Expectation { variant: "price-war", metric: "price_usd_per_h100e_hour", entity: "azure", from: "2027-07", to: "2030-12", way: Down, least: TENTH },
    Expectation { variant: "price-war", metric: "price_usd_per_h100e_hour", entity: "aws", from: "2027-07", to: "2030-12", way: Down, least: TENTH },
    Expectation { variant: "price-war", metric: "price_usd_per_h100e_hour", entity: "google-cloud", from: "2027-07", to: "2030-12", way: Down, least: TENTH },
    Expectation { variant: "price-war", metric: "price_usd_per_h100e_hour", entity: "oracle", from: "2027-07", to: "2030-12", way: Down, least: TENTH },
    Expectation { variant: "price-war", metric: "price_usd_per_h100e_hour", entity: "coreweave", from: "2027-07", to: "2030-12", way: Down, least: TENTH },
    Expectation { variant: "price-war", metric: "price_usd_per_mtok", entity: "market", from: "2027-07", to: "2030-12", way: Down, least: TENTH },
    Expectation { variant: "price-war", metric: "price_usd_per_mtok", entity: "openai", from: "2027-07", to: "2030-12", way: Down, least: TENTH },
    Expectation { variant: "price-war", metric: "price_usd_per_mtok", entity: "anthropic", from: "2027-07", to: "2030-12", way: Down, least: TENTH },
    Expectation { variant: "price-war", metric: "revenue_ai_usd", entity: "aws", from: "2027-07", to: "2030-12", way: Down, least: PERCENT },
    Expectation { variant: "price-war", metric: "revenue_ai_usd", entity: "azure", from: "2027-07", to: "2030-12", way: Down, least: PERCENT },
    Expectation { variant: "price-war", metric: "revenue_lab_usd", entity: "openai", from: "2027-07", to: "2030-12", way: Down, least: PERCENT },
    Expectation { variant: "price-war", metric: "revenue_lab_usd", entity: "anthropic", from: "2027-07", to: "2030-12", way: Down, least: PERCENT },
    Expectation { variant: "price-war", metric: "cash_flow_usd", entity: "amazon", from: "2027-07", to: "2030-12", way: Down, least: TENTH },
    Expectation { variant: "price-war", metric: "cash_flow_usd", entity: "coreweave", from: "2027-07", to: "2030-12", way: Down, least: TENTH },
    Expectation { variant: "price-war", metric: "share_revenue", entity: "coreweave", from: "2027-07", to: "2030-12", way: Up, least: POINT },
    Expectation { variant: "price-war", metric: "share_revenue", entity: "specialised-clouds", from: "2027-07", to: "2030-12", way: Up, least: POINT },
    Expectation { variant: "agents-boom", metric: "tokens_mtok", entity: "market", from: "2027-07", to: "2028-12", way: Up, least: TENTH },
    Expectation { variant: "agents-boom", metric: "utilisation", entity: "aws", from: "2027-07", to: "2028-12", way: Up, least: POINT },
    Expectation { variant: "agents-boom", metric: "utilisation", entity: "azure", from: "2027-07", to: "2028-12", way: Up, least: POINT },
    Expectation { variant: "agents-boom", metric: "utilisation", entity: "google-cloud", from: "2027-07", to: "2028-12", way: Up, least: POINT },
    Expectation { variant: "agents-boom", metric: "purchases_h100e_8bit", entity: "aws", from: "2027-07", to: "2028-12", way: Up, least: PERCENT },
    Expectation { variant: "agents-boom", metric: "purchases_h100e_8bit", entity: "azure", from: "2027-07", to: "2028-12", way: Up, least: PERCENT },
    Expectation { variant: "agents-boom", metric: "purchases_h100e_8bit", entity: "coreweave", from: "2027-07", to: "2028-12", way: Up, least: PERCENT },
    Expectation { variant: "agents-boom", metric: "price_usd_per_h100e_hour", entity: "google-cloud", from: "2027-07", to: "2028-12", way: Up, least: PERCENT },
    Expectation { variant: "agents-boom", metric: "price_usd_per_h100e_hour", entity: "specialised-clouds", from: "2027-07", to: "2028-12", way: Up, least: PERCENT },
    Expectation { variant: "agents-boom", metric: "share_revenue", entity: "aws", from: "2027-07", to: "2028-12", way: Up, least: POINT },
    Expectation { variant: "agents-boom", metric: "share_revenue", entity: "oracle", from: "2027-07", to: "2028-12", way: Down, least: POINT },
    Expectation { variant: "agents-boom", metric: "share_revenue_lab", entity: "anthropic", from: "2027-07", to: "2028-12", way: Up, least: POINT },
    Expectation { variant: "open-weights-surge", metric: "share_tokens_lab", entity: "deepseek", from: "2027-07", to: "2030-12", way: Up, least: POINT },
    Expectation { variant: "open-weights-surge", metric: "share_tokens_lab", entity: "mistral", from: "2027-07", to: "2030-12", way: Up, least: POINT },
    Expectation { variant: "open-weights-surge", metric: "share_tokens_lab", entity: "openai", from: "2027-07", to: "2030-12", way: Down, least: POINT },
    Expectation { variant: "open-weights-surge", metric: "share_tokens_lab", entity: "anthropic", from: "2027-07", to: "2030-12", way: Down, least: POINT },
    Expectation { variant: "open-weights-surge", metric: "revenue_lab_usd", entity: "deepseek", from: "2027-07", to: "2030-12", way: Up, least: TENTH },
    Expectation { variant: "open-weights-surge", metric: "revenue_lab_usd", entity: "mistral", from: "2027-07", to: "2030-12", way: Up, least: TENTH },
    Expectation { variant: "open-weights-surge", metric: "revenue_lab_usd", entity: "openai", from: "2027-07", to: "2030-12", way: Down, least: PERCENT },
    Expectation { variant: "open-weights-surge", metric: "revenue_lab_usd", entity: "anthropic", from: "2027-07", to: "2030-12", way: Down, least: PERCENT },
    Expectation { variant: "open-weights-surge", metric: "price_usd_per_mtok", entity: "market", from: "2027-07", to: "2030-12", way: Down, least: TENTH },
    Expectation { variant: "azure-outage", metric: "throttled_share", entity: "azure", from: "2027-02", to: "2027-02", way: Up, least: POINT },
    Expectation { variant: "azure-outage", metric: "spill_in_mtok", entity: "aws", from: "2027-02", to: "2027-02", way: Up, least: POINT },
    Expectation { variant: "azure-outage", metric: "lost_mtok", entity: "azure", from: "2027-02", to: "2027-02", way: Up, least: POINT },
    Expectation { variant: "azure-outage", metric: "share_tokens", entity: "azure", from: "2027-02", to: "2027-02", way: Down, least: POINT },
    Expectation { variant: "azure-outage", metric: "share_tokens", entity: "aws", from: "2027-02", to: "2027-02", way: Up, least: POINT },
    Expectation { variant: "azure-outage", metric: "share_tokens", entity: "google-cloud", from: "2027-02", to: "2027-02", way: Up, least: POINT },
    Expectation { variant: "azure-outage", metric: "share_revenue", entity: "azure", from: "2027-02", to: "2027-02", way: Down, least: POINT },
    Expectation { variant: "azure-outage", metric: "utilisation", entity: "azure", from: "2027-04", to: "2027-12", way: Down, least: POINT },
    Expectation { variant: "azure-outage", metric: "price_usd_per_h100e_hour", entity: "azure", from: "2027-04", to: "2027-12", way: Up, least: PERCENT },
    Expectation { variant: "copilot-broker", metric: "product_cost_usd_per_mtok", entity: "copilot", from: "2027-07", to: "2030-12", way: Down, least: TENTH },
    Expectation { variant: "copilot-broker", metric: "model_fees_usd", entity: "copilot anthropic", from: "2027-07", to: "2030-12", way: Down, least: TENTH },
    Expectation { variant: "copilot-broker", metric: "product_gross_margin", entity: "copilot", from: "2027-07", to: "2030-12", way: Up, least: POINT },
    Expectation { variant: "copilot-broker", metric: "product_share_tokens", entity: "copilot microsoft-ai", from: "2027-07", to: "2030-12", way: Up, least: POINT },
    Expectation { variant: "copilot-broker", metric: "product_share_tokens", entity: "copilot openai", from: "2027-07", to: "2030-12", way: Down, least: POINT },
    Expectation { variant: "copilot-broker", metric: "product_share_tokens", entity: "copilot anthropic", from: "2027-07", to: "2030-12", way: Down, least: POINT },
    Expectation { variant: "copilot-broker", metric: "share_tokens_lab", entity: "microsoft-ai", from: "2027-07", to: "2030-12", way: Up, least: POINT },
    Expectation { variant: "openai-everywhere", metric: "share_tokens", entity: "google-cloud", from: "2026-07", to: "2030-12", way: Up, least: POINT },
    Expectation { variant: "openai-everywhere", metric: "share_revenue", entity: "google-cloud", from: "2026-07", to: "2030-12", way: Up, least: POINT },
    Expectation { variant: "openai-everywhere", metric: "share_revenue", entity: "oracle", from: "2026-07", to: "2030-12", way: Up, least: POINT },
];

/// Variants that are held against another scenario than the baseline.
const OTHERWISE: [(&str, &str); 1] = [("regulator-intervenes", "exclusivity-stays")];

/// Every other variant of the table, once.
fn against_the_baseline() -> Vec<&'static str> {
    let mut variants: Vec<&'static str> = EXPECTED.iter().map(|expectation| expectation.variant).collect();
    variants.dedup();
    variants.retain(|variant| OTHERWISE.iter().all(|(otherwise, _)| otherwise != variant));
    variants
}

/// One in how many accounts is sampled for a variant and what it is held against.
fn thinned(variant: &str) -> u32 {
    if ON_ALL.contains(&variant) { 1 } else { THINNED }
}

fn replications(stem: &str, thinned: u32) -> Vec<Recorded> {
    let scenario = shipped::read(stem, &shipped::thinned(stem, thinned));
    let run = |replication| shipped::run(&scenario, replication, Options::default()).recorded;
    (0..REPLICATIONS).into_par_iter().map(run).collect()
}

/// Mean of a metric over the months from one to another, by replication.
fn means(recorded: &[Recorded], expectation: &Expectation) -> Vec<(u32, f64)> {
    (0..).zip(recorded).map(|(replication, recorded)| (replication, mean(recorded, expectation))).collect()
}

fn mean(recorded: &Recorded, Expectation { metric, entity, from, to, .. }: &Expectation) -> f64 {
    let (entity, counterparty) = entity.split_once(' ').unwrap_or((entity, ""));
    let series = recorded.keys.iter().position(|key| {
        (key.metric.as_str(), key.entity.as_str(), key.counterparty.as_str()) == (*metric, entity, counterparty)
    });
    let series = recorded.series(series.unwrap_or_else(|| panic!("nothing is recorded as {metric} of {entity}")));
    let months = recorded.dates.iter().zip(series).filter(|(date, _)| *from <= &date[..7] && &date[..7] <= *to);
    let values: Vec<f64> = months.map(|(_, value)| *value).filter(|value| value.is_finite()).collect();
    values.iter().sum::<f64>() / values.len() as f64
}

/// What is wrong with a difference, if it is not as expected.
fn complaint(expectation: &Expectation, found: &PairedDifference) -> Option<String> {
    let Expectation { variant, metric, entity, way, least, .. } = expectation;
    let forward = if *way == Up { found.mean } else { -found.mean };
    let least = match least {
        Least::Points(points) => *points,
        Least::Part(part) => part * found.base_mean.abs(),
    };
    let half_width = found.spread?.half_width;
    let holds = forward > least && forward > half_width;
    let told = format!(
        "{variant}: {metric} of {entity} {:.6} -> {:.6}, {:+.6} ± {half_width:.6}, expected {way:?} by over {least:.6}",
        found.base_mean, found.other_mean, found.mean
    );
    println!("{} {told}", if holds { "ok" } else { "NO" });
    (!holds).then_some(told)
}

fn complaints_of(variant: &str, base: &[Recorded], other: &[Recorded]) -> Vec<String> {
    let expected = EXPECTED.iter().filter(|expectation| expectation.variant == variant);
    let complaint_of = |expectation| {
        let found = paired_difference(&means(base, expectation), &means(other, expectation)).unwrap();
        complaint(expectation, &found)
    };
    expected.filter_map(complaint_of).collect()
}

/// With `CLOUDMARKET_VARIANT` set, only variants with that in their names.
#[test]
fn each_variant_moves_what_it_says() {
    let only = std::env::var("CLOUDMARKET_VARIANT").unwrap_or_default();
    let among = |variant: &&str| variant.contains(&only);
    let mut complaints = Vec::new();
    for (variant, base) in OTHERWISE.into_iter().filter(|(variant, _)| among(variant)) {
        let runs = |stem| replications(stem, thinned(variant));
        complaints.extend(complaints_of(variant, &runs(base), &runs(variant)));
    }
    for sample in [THINNED, 1] {
        let variants: Vec<&str> = against_the_baseline().into_iter().filter(|v| thinned(v) == sample).collect();
        let base = if variants.iter().any(among) { replications("baseline", sample) } else { Vec::new() };
        for variant in variants.into_iter().filter(among) {
            complaints.extend(complaints_of(variant, &base, &replications(variant, sample)));
        }
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

/// The table above says what the files say.
#[test]
fn what_is_expected_is_what_the_scenarios_announce() {
    for Expectation { variant, metric, entity, from, .. } in EXPECTED {
        let scenario = shipped::read(variant, &[]);
        let about = &scenario.spec().about;
        let every_cloud = about.contains("of every cloud") || about.contains("utilisation and price");
        let named = |id: &str| about.contains(id.split('.').next().unwrap_or(id));
        assert!(
            about.contains(metric) && (entity.split(' ').all(named) || every_cloud),
            "{variant}: {metric} of {entity}"
        );
        assert!(about.contains(from) || ["2027-07", "2030-12"].contains(from), "{variant}: from {from}");
    }
}
