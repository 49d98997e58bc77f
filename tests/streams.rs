//! An unrelated cloud leaves every other entity's draws unchanged.

mod shipped;

use cloudmarket::engine::Stream;
use cloudmarket::model::{Options, Simulation};
use cloudmarket::scenario::Scenario;
use serde_json::Value;
use std::collections::BTreeSet;

/// The baseline with a cloud of its own owner that sells nothing, buys nothing and has no power.
fn with_unrelated_cloud() -> Scenario {
    let folder = tempfile::tempdir_in(shipped::file("baseline").parent().unwrap()).unwrap();
    let file = folder.path().join("aardvark.ron");
    // Ids before all others, so that every index moves: it must be the names that key the draws.
    let text = r#"(
        name: "An unrelated cloud", about: "",
        base: "../baseline.ron",
        changes: [
            Add("parties.aardvark", (name: "Aardvark", opening_cash_usd: 0)),
            Add("sites.aardvark-site", (cloud: "aardvark", phases: [], pue: 1.2, liquid_share: 0.5, reserve: 0.1,
                electricity_usd_per_mwh: 70, outages_per_year: 0.5, outage_hours: Constant(4))),
            Add("clouds.aardvark", (name: "Aardvark", party: "aardvark", sells: false, initial_fleet: {},
                purchases_h100e_8bit_at_start: 0, purchases: {}, ship_to_power_days: Constant(90),
                install_mw_per_month: 10, shell_usd_per_mw: 10_000_000, expansion_site: "aardvark-site", wacc: 0.09,
                opex_share_per_year: 0.04, target_utilisation: 0.8, reinvestment_share: 0.5, leverage_limit: 1,
                interest_rate: 0.05, other_revenue_usd_per_year: 0, other_cash_margin: 0, other_capex_usd_per_year: 0,
                internal_load_h100e: 0, chip_price: Scheduled(2.0), committed_discount: 0)),
        ],
    )"#;
    std::fs::write(&file, text).unwrap();
    let options = cloudmarket::scenario::tree::LoadOptions {
        folder: shipped::file("baseline").parent().map(Into::into),
        ..Default::default()
    };
    let (tree, _) = cloudmarket::scenario::decode::read::<cloudmarket::scenario::schema::ScenarioSpec>(&file, &options)
        .unwrap_or_else(|problems| panic!("{problems}"));
    Scenario::of_tree(tree).unwrap_or_else(|problems| panic!("{problems}"))
}

/// Every random stream in a state, as the text of its four words.
fn streams(state: &Value, found: &mut BTreeSet<String>) {
    match state {
        Value::Array(items) if items.len() == 4 && items.iter().all(|w| w.as_u64().is_some_and(|w| w > 1 << 32)) => {
            found.insert(format!("{items:?}"));
        }
        Value::Array(items) => items.iter().for_each(|item| streams(item, found)),
        Value::Object(fields) => fields.values().for_each(|field| streams(field, found)),
        _ => {}
    }
}

fn streams_at_start(scenario: &Scenario) -> BTreeSet<String> {
    let params = scenario.params(0).unwrap();
    let simulation = Simulation::new(&params, Options::default());
    let mut found = BTreeSet::new();
    let state = simulation.state();
    let holders = (&state.supply, &state.demand, &state.labs, &state.shocks, &state.regulator_streams);
    streams(&serde_json::to_value(holders).unwrap(), &mut found);
    found
}

#[test]
fn every_stream_of_the_others_is_still_there() {
    let (before, after) =
        (streams_at_start(&shipped::read("baseline", &[])), streams_at_start(&with_unrelated_cloud()));
    assert!(before.len() > 20_000, "{} streams were found", before.len());
    let lost = before.difference(&after).count();
    assert_eq!(lost, 0, "{lost} of {} streams changed", before.len());
    assert!(after.len() > before.len(), "the new cloud and its site draw from streams of their own");
}

#[test]
fn every_uncertain_parameter_of_the_others_is_drawn_as_before() {
    let (before, after) = (shipped::read("baseline", &[]), with_unrelated_cloud());
    for draw in 0..3 {
        let (old, new) = (before.params(draw).unwrap(), after.params(draw).unwrap());
        assert_eq!(old.demand.segments.len(), new.demand.segments.len());
        for (old, new) in old.demand.segments.iter().zip(&new.demand.segments) {
            assert_eq!(old.volume_index, new.volume_index, "{}", old.id);
        }
        for (old, new) in old.labs.iter().zip(&new.labs) {
            assert_eq!((old.serving_overhead, &old.research_h100e), (new.serving_overhead, &new.research_h100e));
        }
        for (old, new) in old.supply.suppliers.iter().zip(&new.supply.suppliers) {
            assert!(old.lines.iter().zip(&new.lines).all(|(a, b)| a.capacity_per_quarter == b.capacity_per_quarter));
        }
        for site in &old.supply.sites {
            let same = new.supply.sites.iter().find(|other| other.id == site.id).unwrap();
            assert_eq!((site.pue, &site.electricity_usd_per_mwh), (same.pue, &same.electricity_usd_per_mwh));
        }
    }
}

#[test]
fn a_stream_is_keyed_by_names_alone() {
    let draws = |entity: &str, purpose: &str| {
        let mut stream = Stream::named(7, 0, entity, purpose);
        [stream.uniform(), stream.uniform()]
    };
    assert_eq!(draws("azure", "outages"), draws("azure", "outages"));
    assert_ne!(draws("azure", "outages"), draws("azure", "delays"));
}
