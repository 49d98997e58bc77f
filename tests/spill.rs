//! What a full or dark cloud cannot serve, in a world small enough to follow by hand, and in many drawn ones.
//!
//! A hundred accounts at home at `second` buy 3 million USD of tokens a year of Atlas on the platform of `first`, at the
//! 3 USD that they reckon with: 10⁶ Mtok a year of 8,766 hours are 114.08 Mtok an hour, which keep twice that in H100e busy.

#[path = "shipped/mod.rs"]
mod shipped;

use cloudmarket::model::{Options, RunResult};
use cloudmarket::scenario::Scenario;
use proptest::prelude::*;

/// Tokens asked for [Mtok/h].
const ASKED: f64 = 1e6 / 8_766.0;
/// Hours of February 2025.
const HOURS: f64 = 672.0;

/// The world with 100 such accounts, `chips` at `first`, and more changes.
fn world(chips: u32, more: &str) -> Scenario {
    let listed = |cloud: &str| {
        format!(
            "\"{cloud}\": (from: \"2025-01-01\", status: Assumed, rule: Distribution(lab: \"atlas\", channel: \"{cloud}-models\", \
             principal: Platform, remit_share: 0.8))"
        )
    };
    let changes = format!(
        "Set(\"horizon.end\", \"2025-03-31\"), Set(\"clouds.first.initial_fleet.chip.chips\", {chips}),
         Add(\"contracts.deal\", (name: \"Deal\", terms: {{ {}, {} }})),
         Set(\"segments.nobody.ceiling_accounts\", 100), Set(\"segments.nobody.sampled_accounts\", 100),
         Set(\"segments.nobody.bass_p\", 1_000), Set(\"segments.nobody.spend_median_usd_per_year\", 30_000),
         Set(\"segments.nobody.home_mix\", {{ \"second\": 1 }}), Set(\"segments.nobody.taste.outside\", -100),
         Set(\"products.app.messages_per_user_day\", 0), Add(\"demand.offset.atlas\", {{ \"first-models\": 50 }}), {more}",
        listed("first"),
        listed("second"),
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("changed.ron");
    std::fs::write(&file, format!("(changes: [{changes}])")).unwrap();
    let tree = shipped::read("rules/world", &[]).tree().fork(&file).unwrap_or_else(|problems| panic!("{problems}"));
    Scenario::of_tree(tree).unwrap_or_else(|problems| panic!("{problems}"))
}

fn run(scenario: &Scenario) -> RunResult {
    shipped::run(scenario, 0, Options { audit: true, ..Options::default() })
}

/// A metric of an entity in February.
fn february(result: &RunResult, metric: &str, entity: &str) -> f64 {
    let recorded = &result.recorded;
    let series = recorded.keys.iter().position(|key| key.metric == metric && key.entity == entity);
    let month = recorded.dates.iter().position(|date| date == "2025-02-28").unwrap();
    recorded.series(series.unwrap_or_else(|| panic!("{metric} of {entity}")))[month]
}

#[track_caller]
fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-9 * expected.abs() + 1e-6, "{found} is not {expected}");
}

/// 100 chips serve 50 Mtok an hour. Half of the 64.08 that are missing go to the other cloud, which bills them at 3 USD
/// and has 5,000 chips; the rest waits.
#[test]
fn half_of_what_a_full_cloud_cannot_serve_goes_where_the_accounts_are() {
    let result = run(&world(100, "Add(\"serving.failover_share\", 0.5)"));
    let missing = (ASKED - 50.0) * HOURS;
    close(february(&result, "asked_mtok", "first"), ASKED * HOURS);
    close(february(&result, "served_mtok", "first"), 50.0 * HOURS);
    close(february(&result, "spill_out_mtok", "first"), 0.5 * missing);
    close(february(&result, "throttled_mtok", "first"), 0.5 * missing);
    close(february(&result, "lost_mtok", "first"), 0.0);
    close(february(&result, "throttled_share", "first"), 1.0 - 50.0 / ASKED);
    close(february(&result, "asked_mtok", "second"), 0.0);
    close(february(&result, "spill_in_mtok", "second"), 0.5 * missing);
    close(february(&result, "served_mtok", "second"), 0.5 * missing);
    assert!((february(&result, "revenue_ai_usd", "second") - 1.5 * missing).abs() < 1.0);
}

/// With an own load of 4,980 of 5,000 chips there are 20 left, for 10 Mtok an hour.
#[test]
fn no_more_goes_than_there_is_room_for() {
    let more = "Add(\"serving.failover_share\", 1), Set(\"clouds.second.internal_load_h100e\", 4_980)";
    let result = run(&world(100, more));
    close(february(&result, "spill_in_mtok", "second"), 10.0 * HOURS);
    close(february(&result, "throttled_mtok", "first"), (ASKED - 60.0) * HOURS);
    close(february(&result, "utilisation", "second"), 1.0);
}

/// Nobody has an account elsewhere: home is where the work is.
#[test]
fn nothing_goes_where_nobody_has_an_account() {
    let more = "Set(\"segments.nobody.home_mix\", { \"first\": 1 }), Add(\"serving.failover_share\", 1)";
    let result = run(&world(100, more));
    close(february(&result, "spill_out_mtok", "first"), 0.0);
    close(february(&result, "throttled_mtok", "first"), (ASKED - 50.0) * HOURS);
}

/// A cut that leaves 0.06 of 20 MW keeps 50 of 100 chips of 1.2 kW dark all month. Of the 89.08 Mtok an hour that are
/// missing, half goes elsewhere; of 178.16 H100e turned away the dark chips would have served 50, which is the part of
/// the rest that is lost.
#[test]
fn what_an_outage_takes_is_lost() {
    let dark = "Add(\"outages.ice\", (site: \"first-site\", on: \"2025-01-20\", hours: 1_500, cut_mw: 19.94)), \
                Add(\"serving.failover_share\", 0.5)";
    let result = run(&world(100, dark));
    let rest = 0.5 * (ASKED - 25.0) * HOURS;
    let part = 50.0 / (2.0 * ASKED - 50.0);
    close(february(&result, "spill_in_mtok", "second"), rest);
    close(february(&result, "lost_mtok", "first"), part * rest);
    close(february(&result, "throttled_mtok", "first"), (1.0 - part) * rest);
    // Batch waits.
    let batch = "Set(\"segments.nobody.class_mix\", { \"batch\": 1 })";
    let result = run(&world(100, &format!("{dark}, {batch}")));
    close(february(&result, "lost_mtok", "first"), 0.0);
    close(february(&result, "throttled_mtok", "first"), rest);
}

/// All 20 MW are cut: the platform stays open and sells nothing itself, half goes elsewhere, and of 228.16 H100e turned away the
/// 100 dark chips are the part of the rest that is lost.
#[test]
fn a_wholly_dark_cloud_sends_on_instead_of_closing() {
    let dark = "Add(\"outages.ice\", (site: \"first-site\", on: \"2025-01-20\", hours: 1_500, cut_mw: 20)), \
                Add(\"serving.failover_share\", 0.5)";
    let result = run(&world(100, dark));
    let rest = 0.5 * ASKED * HOURS;
    close(february(&result, "asked_mtok", "first"), ASKED * HOURS);
    close(february(&result, "served_mtok", "first"), 0.0);
    close(february(&result, "spill_in_mtok", "second"), rest);
    close(february(&result, "lost_mtok", "first"), 50.0 / ASKED * rest);
}

/// With more chips dark than are missing, all of the rest is lost: 350 of 400.
#[test]
fn a_cloud_with_room_enough_but_for_the_outage_throttles_nothing() {
    let dark = "Add(\"outages.ice\", (site: \"first-site\", on: \"2025-01-20\", hours: 1_500, cut_mw: 19.94))";
    let result = run(&world(400, dark));
    close(february(&result, "lost_mtok", "first"), (ASKED - 25.0) * HOURS);
    close(february(&result, "throttled_mtok", "first"), 0.0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// The audit checks after every dispatch and month that tokens add up, place by place and between places, that no
    /// fleet serves more than it has and that no option is served more than it is asked for and takes in.
    #[test]
    fn tokens_add_up_in_any_world(
        first in 1..400u32,
        second in 100..600u32,
        share in 0.0..=1.0f64,
        peak in 1.0..=2.0f64,
        mix in 0.0..=1.0f64,
        homes in 0.0..=1.0f64,
        offset in -2.0..2.0f64,
        dark in any::<[bool; 2]>(),
    ) {
        let out = |site: &str, on: &str| format!(", Add(\"outages.{site}\", (site: \"{site}-site\", on: \"{on}\", hours: 300))");
        let outages = [out("first", "2025-02-03"), out("second", "2025-02-10")];
        let outages: String = outages.iter().zip(dark).filter(|(_, dark)| *dark).map(|(outage, _)| outage.as_str()).collect();
        let more = format!(
            "Add(\"serving.failover_share\", {share:?}), Set(\"serving.peak_ratio\", {peak:?}),
             Set(\"clouds.second.initial_fleet.chip.chips\", {second}),
             Set(\"segments.nobody.class_mix\", {{ \"chat\": {mix:?}, \"batch\": {:?} }}),
             Set(\"segments.nobody.home_mix\", {{ \"first\": {homes:?}, \"second\": {:?} }}),
             Set(\"segments.nobody.taste.home\", 1), Set(\"demand.offset.atlas.first-models\", {offset:?}),
             Set(\"serving.protected_share\", 0.5){outages}",
            1.0 - mix,
            1.0 - homes,
        );
        let result = run(&world(first, &more));
        let sum = |metric: &str| february(&result, metric, "first") + february(&result, metric, "second");
        let (came, accounted) = (
            sum("asked_mtok") + sum("spill_in_mtok"),
            sum("served_mtok") + sum("throttled_mtok") + sum("spill_out_mtok") + sum("lost_mtok"),
        );
        prop_assert!((came - accounted).abs() <= 1e-9 * came, "{came} is not {accounted}");
    }
}
