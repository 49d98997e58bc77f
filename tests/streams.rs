//! An entity that has nothing to do with the others leaves their draws alone.
//!
//! A cloud is added that nobody has a contract with, with a party and a site of its own. Its ids sort before all
//! others, so that every position moves: a draw that depended on a position would move with it.

#[path = "shipped/mod.rs"]
mod shipped;

use cloudmarket::engine::Stream;
use cloudmarket::market::demand::{DemandEvent, DemandState};
use cloudmarket::model::{Options, Params, RunResult, Simulation};
use cloudmarket::scenario::Scenario;
use cloudmarket::supply::{SupplyEvent, SupplyState};
use cloudmarket::units::Time;
use serde_json::Value;
use std::collections::BTreeMap;

const CLOUD: &str = "aa-cloud";
const SITE: &str = "aa-site";
const PHASES: &str =
    "(planned: \"2022-06-01\", adds_mw: 5, slips: false), (planned: \"2026-06-01\", adds_mw: 5, slips: true)";

/// The baseline with a cloud more. `trading`, it has chips and power, sells hours and buys more; else it has nothing,
/// deals with nobody, and nothing happens to it: even an outage would have the whole market dispatched at its instant.
fn with_a_cloud_more(trading: bool) -> Scenario {
    let (fleet, purchases) = match trading {
        true => ("{ \"a100\": (chips: 1_000, mean_age_years: 0.5) }", "{ \"h100\": 1.0 }"),
        false => ("{}", "{}"),
    };
    let revenue = if trading { 1_000_000_000 } else { 0 };
    let outages = if trading { 0.4 } else { 0.0 };
    let phases = if trading { PHASES } else { "" };
    let changes = format!(
        r#"(changes: [
            Add("parties.{CLOUD}", (name: "A cloud more", opening_cash_usd: 1_000_000_000)),
            Add("clouds.{CLOUD}", (
                name: "A cloud more", party: "{CLOUD}", sells: {trading},
                initial_fleet: {fleet},
                purchases_h100e_8bit_at_start: 315, purchases: {purchases},
                ship_to_power_days: LogNormal(median: 120, sigma: 0.4), install_mw_per_month: 10,
                shell_usd_per_mw: 10_000_000, expansion_site: "{SITE}", wacc: 0.09, opex_share_per_year: 0.04,
                target_utilisation: 0.8, accounting_life_years: 6, reinvestment_share: 0.5, leverage_limit: 1, interest_rate: 0.05,
                other_revenue_usd_per_year: {revenue}, other_cash_margin: 0.3, other_capex_usd_per_year: 0,
                internal_load_h100e: 0, chip_price: Scheduled(2.5), price_factor: 1.0,
                committed_discount: 0.2,
            )),
            Add("sites.{SITE}", (
                cloud: "{CLOUD}", region: "texas",
                phases: [{phases}],
                pue: 1.2, liquid_share: 0.5, reserve: 0.03, outages_per_year: {outages:?},
                outage_hours: LogNormal(median: 3, sigma: 0.9),
            )),
        ])"#
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("more.ron");
    std::fs::write(&file, changes).unwrap();
    let tree = shipped::read("baseline", &[]).tree().fork(&file).unwrap_or_else(|problems| panic!("{problems}"));
    Scenario::of_tree(tree).unwrap_or_else(|problems| panic!("{problems}"))
}

/// Every stream that supply and demand ask for, and what they draw at the start: phases of power and outages by site,
/// accounts that adopt.
struct Beginning {
    streams: BTreeMap<(String, String), Stream>,
    supply: Vec<(Time, String)>,
    demand: Vec<(Time, DemandEvent)>,
    accounts: Vec<(f64, f64, Option<String>, bool)>,
}

fn beginning(params: &Params) -> Beginning {
    let mut streams = BTreeMap::new();
    let mut make = |entity: &str, purpose: &str| {
        let stream = Stream::named(params.seed, params.draw, entity, purpose);
        let twice = streams.insert((entity.to_owned(), purpose.to_owned()), stream.clone());
        assert!(twice.is_none(), "{entity} has one stream for two uses: {purpose}");
        stream
    };
    let (_, supply) = SupplyState::new(&params.supply, params.calendar.horizon(), &mut make);
    let (state, demand) = DemandState::new(&params.demand, &mut make);
    let accounts = state.accounts().iter().map(|account| {
        let home = account.home.map(|cloud| params.supply.clouds[cloud.index()].id.clone());
        (account.spend_usd_per_year, account.adoption_years, home, account.committed)
    });
    let accounts = accounts.collect();
    Beginning {
        streams,
        supply: supply.into_iter().map(|(time, event)| (time, named(params, event))).collect(),
        demand,
        accounts,
    }
}

/// An event on the supply side with the name of its site.
fn named(params: &Params, event: SupplyEvent) -> String {
    let site = |site: cloudmarket::ids::SiteId| &params.supply.sites[site.index()].id;
    match event {
        SupplyEvent::PhaseDue { site: at, phase } => format!("{} phase {phase} due", site(at)),
        SupplyEvent::PhaseBridged { site: at, phase } => format!("{} phase {phase} bridged", site(at)),
        SupplyEvent::PhaseEnergized { site: at, phase } => format!("{} phase {phase}", site(at)),
        SupplyEvent::OutageBegan { site: at, seconds, renewal } => format!("{} out {seconds} {renewal}", site(at)),
        other => format!("{other:?}"),
    }
}

/// Numbers with a fraction and texts of resolved parameters, by path. Whole numbers are ids and dates, which may move.
fn values(at: &str, value: &Value, found: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| values(&format!("{at}.{key}"), value, found)),
        Value::Array(items) => {
            (0..).zip(items).for_each(|(i, value): (usize, _)| values(&format!("{at}.{i}"), value, found));
        }
        Value::Number(number) if number.is_f64() => drop(found.insert(at.to_owned(), number.to_string())),
        Value::String(text) => drop(found.insert(at.to_owned(), text.clone())),
        Value::Number(_) | Value::Bool(_) | Value::Null => {}
    }
}

fn values_of(params: &Params) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    values("", &serde_json::to_value(params).unwrap(), &mut found);
    found
}

/// Takes the added cloud out of resolved parameters again.
fn without_the_cloud(mut params: Params) -> Params {
    assert_eq!((params.parties.remove(0).id.as_str(), params.supply.clouds.remove(0).id.as_str()), (CLOUD, CLOUD));
    assert_eq!(params.supply.sites.remove(0).id, SITE);
    params.clouds.remove(0);
    params.purchases_8bit_at_start.remove(0);
    params.rental_share_at_equal_prices.remove(0);
    params
}

#[test]
fn a_cloud_more_leaves_the_parameters_drawn_for_others_alone() {
    for replication in 0..3 {
        let before = values_of(&shipped::read("baseline", &[]).params(replication).unwrap());
        let after = values_of(&without_the_cloud(with_a_cloud_more(true).params(replication).unwrap()));
        assert!(before.len() > 1_000, "{} values", before.len());
        let moved: Vec<_> = before.iter().filter(|(path, value)| after.get(*path) != Some(value)).collect();
        assert!(moved.is_empty() && before.len() == after.len(), "{moved:?}");
    }
    // A replication moves them, so they are draws.
    let draws = |replication| values_of(&shipped::read("baseline", &[]).params(replication).unwrap());
    assert_ne!(draws(0), draws(1));
}

#[test]
fn a_cloud_more_leaves_the_streams_of_others_alone() {
    let before = beginning(&shipped::read("baseline", &[]).params(0).unwrap());
    for trading in [false, true] {
        let mut after = beginning(&with_a_cloud_more(trading).params(0).unwrap());
        assert!(before.streams.len() > 20_000, "{} streams", before.streams.len());
        for (name, stream) in &before.streams {
            assert_eq!(after.streams.remove(name).as_ref(), Some(stream), "{name:?}");
        }
        let own = |(entity, _): &(String, String)| entity.starts_with("aa-");
        assert!(!after.streams.is_empty() && after.streams.keys().all(own), "{:?}", after.streams.keys());
        after.supply.retain(|(_, event)| !event.starts_with("aa-"));
        assert!(before.supply.len() > 100, "{} phases and outages", before.supply.len());
        assert_eq!(after.supply, before.supply);
        assert_eq!((after.demand, after.accounts), (before.demand.clone(), before.accounts.clone()));
    }
}

#[test]
fn a_cloud_more_leaves_the_streams_of_labs_and_regulators_alone() {
    let (before, after) =
        (shipped::read("baseline", &[]).params(0).unwrap(), with_a_cloud_more(true).params(0).unwrap());
    let start = |params| Simulation::new(params, Options::default()).state().clone();
    let (before, after) = (start(&before), start(&after));
    assert_eq!(before.regulator_streams, after.regulator_streams);
    assert_eq!(before.shocks, after.shocks);
    assert_eq!(before.labs.len(), after.labs.len());
    for (one, other) in before.labs.iter().zip(&after.labs) {
        assert_eq!(one.porting_stream, other.porting_stream);
        assert_eq!(one.commitment_stream, other.commitment_stream);
        assert_eq!(one.release_stream, other.release_stream);
    }
}

/// The cloud that buys and sells nothing: not one recorded value of anybody else moves over the whole run.
#[test]
fn a_cloud_that_deals_with_nobody_changes_nothing_for_others() {
    let series = |result: &RunResult| {
        let recorded = &result.recorded;
        let bits = |series| recorded.series(series).iter().map(|value| value.to_bits()).collect::<Vec<u64>>();
        let own = |text: &str| text.starts_with("aa-");
        let others = (0..recorded.keys.len())
            .filter(|s| !own(&recorded.keys[*s].entity) && !own(&recorded.keys[*s].counterparty));
        others.map(|s| (recorded.keys[s].clone(), bits(s))).collect::<BTreeMap<_, _>>()
    };
    let before = series(&shipped::run(&shipped::read("baseline", &[]), 0, Options::default()));
    let after = series(&shipped::run(&with_a_cloud_more(false), 0, Options::default()));
    assert!(before.len() > 100);
    let moved: Vec<_> =
        before.iter().filter(|(key, values)| after.get(*key) != Some(values)).map(|(key, _)| key).collect();
    assert!(moved.is_empty(), "{moved:?}");
    assert_eq!(before.len(), after.len());
}
