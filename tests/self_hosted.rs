//! Open weights on rented chips: customers pay for chip-hours, and the lab gets nothing.

use cloudmarket::model::{Options, RunResult, simulate};
use cloudmarket::scenario::Scenario;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// The small world with one account that spends a million a year at 3 USD per million tokens, and one place to buy: First's
/// chips, half busy, at half as much again as their price of 2 USD. Birch's weights are open, Atlas's are not.
const CHANGES: &str = r#"(
    name: "Own servers", about: "Customers run open weights on First's chips.", base: "world.ron",
    changes: [
        Remove("products.app"), Remove("channels.atlas-api"), Remove("channels.first-models"), Remove("channels.second-models"),
        Set("models.birch-1.open_weights", true),
        Set("segments.nobody.spend_median_usd_per_year", 1_000_000), Set("segments.nobody.taste.outside", -100),
        Add("channels.own-servers", (name: "Own servers", kind: SelfHosted("first"), opens: "2025-01-01", governance: 0, support: 0,
            certification: 0, price_over_list: 1.5, busy_share: 0.5, latency_excess_s: 0)),
    ],
)"#;

fn run() -> RunResult {
    let place = tempfile::tempdir().unwrap();
    let world = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/rules/world.ron");
    std::fs::copy(world, place.path().join("world.ron")).unwrap();
    let file = place.path().join("own-servers.ron");
    std::fs::write(&file, CHANGES).unwrap();
    let scenario = Scenario::read(&file, &[]).unwrap_or_else(|problems| panic!("{problems}"));
    let params = scenario.params(0).unwrap_or_else(|findings| panic!("{findings:?}"));
    let options = Options { audit: true, ..Options::default() };
    simulate(&params, options, &AtomicBool::new(false)).unwrap_or_else(|failure| panic!("{failure:?}"))
}

#[test]
fn tokens_cost_the_chip_hours_that_they_keep() {
    let result = run();
    // The eighteenth month, when smoothed prices have long been today's.
    let of = |metric: &str, entity: &str, counterparty: &str| {
        let named = |key: &cloudmarket::model::record::SeriesKey| {
            (key.metric.as_str(), key.entity.as_str(), key.counterparty.as_str()) == (metric, entity, counterparty)
        };
        let keys = &result.recorded.keys;
        let place = keys.iter().position(named).unwrap_or_else(|| panic!("no {metric} of {entity} {counterparty}"));
        result.recorded.series(place)[17]
    };
    let close = |value: f64, expected: f64| assert!((value / expected - 1.0).abs() < 1e-6, "{value} is not {expected}");
    // w·c/(R·u)·1.5 = 2·1/(1·0.5)·1.5 = 6 USD per million tokens, twice the reference price: at an elasticity of −1 half the
    // tokens, and the same million a year. June 2026 has 720 hours.
    close(of("price_usd_per_mtok", "birch", ""), 6.0);
    let usd = 1e6 * 720.0 / 8_766.0;
    close(of("revenue_channel_usd", "own-servers", ""), usd);
    close(of("revenue_ai_usd", "first", ""), usd);
    // A million over 6 in 8,766 hours is 19.013 Mtok an hour, of which a chip serves half a one: 38.026 chips.
    close(of("used_h100e", "platform-customers", "first"), 1e6 / 6.0 / 8_766.0 / 0.5);
    close(of("tokens_channel_mtok", "own-servers", ""), usd / 6.0);
    assert_eq!(of("revenue_lab_usd", "birch", ""), 0.0, "the weights are free");
    assert_eq!(of("share_tokens_lab", "birch", ""), 1.0, "and nobody can host Atlas's");
}
