//! Rationing: rules by which makers divide output over orders, and fleets compute over rights.

use super::fields::{Fields, POSITIVE};
use super::kinds::Task;
use super::value::Value;
use crate::supply::rationing::{apportion, filled_by_rank, in_turn, turns, water_fill, whole_in_turn};
use std::collections::BTreeMap;

/// Largest capacity and demand: the parts of it are exact in floats, and whole lists add up in 64 bits.
const MOST: u64 = 1 << 40;

/// A capacity divided over demands by every rule.
pub(super) fn rationing(fields: &mut Fields, _id: &str) -> Task {
    let capacity = fields.count("capacity", 0, MOST);
    let demands = fields.counts("demands", 0, MOST);
    let ranks = fields.counts("priority_rank", 0, MOST);
    let weights = fields.numbers("weights", POSITIVE);
    for (name, len) in [("priority_rank", ranks.len()), ("weights", weights.len())] {
        if len != demands.len() {
            fields.refuse(name, "one for every demand");
        }
    }
    Box::new(move |_| {
        let wanted: Vec<f64> = demands.iter().map(|units| *units as f64).collect();
        let order = turns(ranks.iter().copied());
        let integer = apportion(capacity, &wanted, &demands);
        let total: u64 = integer.iter().sum();
        let partial = in_turn(capacity, &demands, order.iter().copied());
        let whole = whole_in_turn(capacity, &demands, order);
        let within_ranks = proportional_within_ranks(capacity as f64, &wanted, &ranks);
        vec![
            ("proportional", Value::numbers(water_fill(capacity as f64, &wanted, &wanted))),
            ("proportional_integer_largest_remainder", counts(integer)),
            ("strict_priority_partial_fill", counts(partial)),
            ("strict_priority_all_or_nothing_skip", counts(whole)),
            ("priority_then_proportional_within_rank", Value::numbers(within_ranks)),
            ("weighted_max_min_fair", Value::numbers(water_fill(capacity as f64, &weights, &wanted))),
            ("total_allocated", Value::Count(total.into())),
            ("unserved", Value::Count((demands.iter().sum::<u64>() - total).into())),
        ]
    })
}

fn counts(units: Vec<u64>) -> Value {
    Value::List(units.into_iter().map(|units| Value::Count(units.into())).collect())
}

fn proportional_within_ranks(capacity: f64, wanted: &[f64], ranks: &[u64]) -> Vec<f64> {
    let mut by_rank: BTreeMap<u64, f64> = BTreeMap::new();
    for (rank, wanted) in ranks.iter().zip(wanted) {
        *by_rank.entry(*rank).or_default() += wanted;
    }
    let shares = filled_by_rank(capacity, by_rank.values().copied());
    let shares: BTreeMap<u64, f64> = by_rank.keys().copied().zip(shares).collect();
    ranks.iter().zip(wanted).map(|(rank, wanted)| shares[rank] * wanted).collect()
}
