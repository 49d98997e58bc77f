//! The baseline over its whole horizon, with every invariant on.

#[path = "shipped/mod.rs"]
mod shipped;

use cloudmarket::accounts::{Flow, Posting};
use cloudmarket::model::record::Recorded;
use cloudmarket::model::{Options, Params, RunResult, Simulation, simulate};
use cloudmarket::units::Usd;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;

/// Workloads that the baseline has at least.
const LEAST_WORKLOADS: usize = 20_000;

/// A replication under audit: after every event that touches it, chips and orders, megawatts, tokens and dollars are
/// checked, and the first that does not add up ends the run.
fn audited(replication: u32) -> (Params, RunResult) {
    let scenario = shipped::read("baseline", &[]);
    let params = scenario.params(replication).unwrap();
    let result = shipped::run(&scenario, replication, Options { audit: true, ledger: true, ..Options::default() });
    (params, result)
}

#[test]
fn no_invariant_is_broken_and_the_books_agree_with_what_is_reported() {
    (0..2).into_par_iter().for_each(|replication| {
        let (params, result) = audited(replication);
        check_cash(&params, &result);
        check_payments(&result);
        check_shares(&result.recorded);
    });
}

/// Each party's cash at the end, as reported, is what the postings come to: to the micro-dollar in the postings, to a
/// cent in the report, which is a floating-point number. So nothing comes from nowhere: over all parties the cash is
/// what they opened with.
fn check_cash(params: &Params, result: &RunResult) {
    let mut cash = vec![Usd::ZERO; params.parties.len()];
    let mut opened = Usd::ZERO;
    for Posting { from, to, amount, flow, .. } in &result.postings {
        if *flow == Flow::OpeningCash {
            cash[from.index()] += *amount;
            opened += *amount;
        } else if flow.moves_cash() {
            cash[from.index()] -= *amount;
            cash[to.index()] += *amount;
        }
    }
    assert_eq!(cash.iter().fold(Usd::ZERO, |sum, amount| sum + *amount), opened);
    for (party, computed) in params.parties.iter().zip(&cash) {
        if let Some(reported) = last(&result.recorded, "cash_usd", &party.id) {
            let tolerance = 0.01 + 1e-12 * reported.abs();
            assert!((reported - computed.dollars()).abs() < tolerance, "{}: {reported} {computed:?}", party.id);
        }
    }
}

/// Who paid whom is the sum of the postings.
fn check_payments(result: &RunResult) {
    let mut sums: BTreeMap<_, Usd> = BTreeMap::new();
    for posting in &result.postings {
        *sums.entry((posting.from, posting.to, posting.flow)).or_insert(Usd::ZERO) += posting.amount;
    }
    let paid: BTreeMap<_, Usd> = result.payments.iter().map(|row| ((row.from, row.to, row.flow), row.amount)).collect();
    assert_eq!(sums, paid);
}

/// Shares of a whole add up to it at every month end.
fn check_shares(recorded: &Recorded) {
    for metric in ["share_revenue", "share_tokens", "share_compute", "share_revenue_lab", "share_tokens_lab"] {
        let series: Vec<&[f64]> = (0..recorded.keys.len())
            .filter(|s| recorded.keys[*s].metric == metric)
            .map(|s| recorded.series(s))
            .collect();
        assert!(series.len() > 2, "{metric}");
        for (month, date) in recorded.dates.iter().enumerate() {
            let sum: f64 = series.iter().map(|values| values[month]).filter(|value| value.is_finite()).sum();
            assert!((sum - 1.0).abs() < 1e-9, "{metric} on {date}: {sum}");
        }
    }
}

fn last(recorded: &Recorded, metric: &str, entity: &str) -> Option<f64> {
    let series = recorded.keys.iter().position(|key| key.metric == metric && key.entity == entity)?;
    recorded.series(series).last().copied()
}

#[test]
fn there_are_enough_workloads() {
    let params = shipped::read("baseline", &[]).params(0).unwrap();
    let simulation = Simulation::new(&params, Options::default());
    let workloads = simulation.state().demand.workloads();
    assert!(workloads >= LEAST_WORKLOADS, "{workloads} workloads");
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
    let flows: BTreeSet<&str> = result.payments.iter().map(|row| row.flow.name()).collect();
    for flow in ["chip_hours", "tokens", "subscriptions", "revenue_share", "remittance", "shortfall", "accelerators"] {
        assert!(flows.contains(flow), "nobody paid {flow}");
    }
}

#[test]
fn a_run_stops_when_it_is_asked_to_or_fires_too_much() {
    let scenario = shipped::read("baseline", &shipped::thinned("baseline", 50));
    let params = scenario.params(0).unwrap();
    let raised = AtomicBool::new(true);
    assert!(Simulation::new(&params, Options::default()).run(&raised).is_err());
    let few = Options { max_events: Some(10), ..Options::default() };
    assert!(simulate(&params, few, &AtomicBool::new(false)).is_err());
}
