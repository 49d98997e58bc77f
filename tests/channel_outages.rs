//! Channels that go out, in the small world: a lab's own interface, and a platform beside it.

use cloudmarket::model::{Options, RunResult, simulate};
use cloudmarket::scenario::Scenario;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// One account, at home on First, that spends a million a year at 3 USD per million tokens on Atlas's own interface, which it
/// likes best by far; First Models lists Atlas too, and all that cannot be served may go there.
fn world(outages: &str) -> RunResult {
    let changes = format!(
        r#"(
            name: "Out", about: "Atlas's interface goes out.", base: "world.ron",
            changes: [
                Remove("products.app"), Remove("channels.second-models"),
                Set("segments.nobody.spend_median_usd_per_year", 1_000_000), Set("segments.nobody.taste.outside", -100),
                Set("segments.nobody.home_mix", {{ "first": 1.0 }}),
                Set("demand.offset", {{ "atlas": {{ "atlas-api": 60 }} }}),
                Add("serving.failover_share", 1),
                Add("channels.atlas-api.outages", {outages}),
                Add("contracts.deal", (name: "Deal", terms: {{
                    "listing": (from: "2025-01-01", status: Assumed, rule: Distribution(lab: "atlas", channel: "first-models",
                        principal: Platform, remit_share: 0.7)),
                }})),
            ],
        )"#
    );
    let place = tempfile::tempdir().unwrap();
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/rules/world.ron");
    std::fs::copy(base, place.path().join("world.ron")).unwrap();
    let file = place.path().join("out.ron");
    std::fs::write(&file, changes).unwrap();
    let scenario = Scenario::read(&file, &[]).unwrap_or_else(|problems| panic!("{problems}"));
    let params = scenario.params(0).unwrap_or_else(|findings| panic!("{findings:?}"));
    let options = Options { audit: true, ..Options::default() };
    simulate(&params, options, &AtomicBool::new(false)).unwrap_or_else(|failure| panic!("{failure:?}"))
}

fn series<'a>(result: &'a RunResult, metric: &str, channel: &str) -> &'a [f64] {
    let keys = &result.recorded.keys;
    let place = keys.iter().position(|key| key.metric == metric && key.entity == channel);
    result.recorded.series(place.unwrap_or_else(|| panic!("no {metric} of {channel}")))
}

/// Twelve hours of June 2026, which has 720: 1/60 of the month's tokens come through First Models instead, at the same price.
#[test]
fn what_a_channel_does_not_serve_while_it_is_out_goes_where_its_accounts_are() {
    let result = world("(per_year: 0, hours: Constant(1), dated: { \"june\": (on: \"2026-06-10\", hours: 12) })");
    let june = |metric: &str, channel: &str| series(&result, metric, channel)[17];
    let close = |value: f64, expected: f64| assert!((value / expected - 1.0).abs() < 1e-6, "{value} is not {expected}");
    let month = 1e6 / 3.0 * 720.0 / 8_766.0;
    close(june("channel_down_hours", "atlas-api"), 12.0);
    close(june("tokens_channel_mtok", "atlas-api"), month * 708.0 / 720.0);
    close(june("tokens_channel_mtok", "first-models"), month * 12.0 / 720.0);
    close(june("revenue_channel_usd", "first-models"), 3.0 * month * 12.0 / 720.0);
    assert_eq!(series(&result, "channel_down_hours", "atlas-api")[16], 0.0);
    assert_eq!(series(&result, "tokens_channel_mtok", "first-models")[16], 0.0);
}

/// A failure every 24.016 hours of service on average, each of two hours: out for 2/26.016 of the time, 7.69 %. Of some 1,000
/// failures in three years the mean time between them is off by 3 % with one standard deviation.
#[test]
fn failures_and_repairs_alternate() {
    let result = world("(per_year: 365, hours: Constant(2))");
    let down: f64 = series(&result, "channel_down_hours", "atlas-api").iter().sum();
    let expected = 2.0 / (2.0 + 8_766.0 / 365.0) * 3.0 * 8_766.0;
    assert!((down / expected - 1.0).abs() < 0.1, "{down} hours, {expected} expected");
}
