//! The baseline as a whole: its invariants hold from the first instant to the last, and its runs repeat to the bit.

mod shipped;

use cloudmarket::model::{Options, Params, Simulation, simulate};
use std::sync::atomic::AtomicBool;

const AUDITED: Options = Options { audit: true, ledger: false, events: false, max_events: None };

/// Chips, megawatts, tokens and dollars, checked after every event that moves them, over the whole horizon.
#[test]
fn no_invariant_breaks_in_ten_years() {
    let result = shipped::run(&shipped::read("baseline", &[]), 0, AUDITED);
    assert!(result.events > 100_000, "{} events", result.events);
    assert_eq!(result.recorded.dates.last().map(String::as_str), Some("2032-12-31"));
}

#[test]
fn the_baseline_has_its_workloads() {
    let scenario = shipped::read("baseline", &[]);
    let params = scenario.params(0).unwrap();
    let horizon = params.calendar.horizon().years();
    let segments = &params.demand.segments;
    let workloads: usize = segments.iter().map(|s| s.sampled_accounts as usize * s.classes(horizon).len()).sum();
    assert!(workloads >= 20_000, "{workloads} workloads");
}

/// What is watched or kept along the way leaves the run as it was.
#[test]
fn audit_ledger_and_events_do_not_move_the_digest() {
    let settings = [shipped::thinned("baseline", 10), vec!["horizon.end=2026-06-30".to_owned()]].concat();
    let scenario = shipped::read("baseline", &settings);
    let plain = shipped::run(&scenario, 3, Options::default());
    let kept = Options { audit: true, ledger: true, events: true, max_events: None };
    let watched = shipped::run(&scenario, 3, kept);
    assert_eq!(plain.digest, watched.digest);
    assert_eq!(plain.recorded.keys, watched.recorded.keys);
    assert!(!watched.postings.is_empty() && watched.journal.is_some());
    let other = shipped::run(&scenario, 4, Options::default());
    assert_ne!(plain.digest, other.digest, "another replication is another run");
}

/// The clauses that make this market: each leaves its trace in the ledger's flows or in the metrics.
#[test]
fn every_kind_of_contract_settles() {
    let result = shipped::run(&shipped::read("baseline", &shipped::thinned("baseline", 10)), 0, Options::default());
    let last = |metric: &str, entity: &str| {
        let series = result.recorded.keys.iter().position(|k| k.metric == metric && k.entity == entity);
        *result.recorded.series(series.expect("a series")).last().unwrap()
    };
    let share = "microsoft-openai.revenue-share-out";
    assert!(last("revenue_share_paid_usd", share) > 0.0);
    assert!(last("revenue_share_paid_usd", share) <= last("revenue_share_cap_usd", share));
    assert!(last("shortfall_paid_usd", "openai-oracle.commitment") > 0.0);
    let flows: std::collections::BTreeSet<&str> = result.payments.iter().map(|row| row.flow.name()).collect();
    for flow in ["chip_hours", "tokens", "subscriptions", "revenue_share", "remittance", "shortfall", "accelerators"] {
        assert!(flows.contains(flow), "nobody paid {flow}");
    }
}

#[test]
fn a_run_stops_when_it_is_asked_to_or_fires_too_much() {
    let scenario = shipped::read("baseline", &shipped::thinned("baseline", 50));
    let params: Params = scenario.params(0).unwrap();
    let raised = AtomicBool::new(true);
    assert!(Simulation::new(&params, Options::default()).run(&raised).is_err());
    let few = Options { max_events: Some(10), ..Options::default() };
    assert!(simulate(&params, few, &AtomicBool::new(false)).is_err());
}
