//! Shapley values: a difference split over the changes that make it, fairly and without a rest.
//!
//! Of n changes, `φ_j = Σ_{S∌j} |S|!(n−|S|−1)!/n! · (v(S ∪ j) − v(S))`, with v(S) the result when the changes in S are made
//! and the others are not: the mean, over all orders, of what j adds when it comes. The φ sum to v(all) − v(none). Six changes
//! have 64 coalitions, which are all run; above that, orders are drawn, each with its reverse, and every coalition that comes
//! up is run once. The mean over any orders sums to the whole too; how far it is from that over all orders is told by the
//! spread over the pairs of orders.
//!
//! Sources: L. S. Shapley in *Contributions to the Theory of Games* II (1953) 307–317; J. Castro, D. Gómez, J. Tejada,
//! Computers & Operations Research 36 (2009) 1726–1730 (sampled orders); R. Mitchell and others, Journal of Machine Learning
//! Research 23 (2022) 43 (antithetic orders).

use super::sampling::latin_hypercube::shuffle;
use super::statistics::{mean, variance};
use crate::engine::Stream;
use std::collections::{BTreeMap, BTreeSet};

/// Changes whose coalitions are all run; above, orders are drawn.
pub const EXACT_TO: usize = 6;
/// Most changes.
pub const MOST_CHANGES: usize = 64;

/// Changes that are made, by bit.
pub type Coalition = u64;

/// How values are averaged over orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Over all orders of so many changes, by their coalitions.
    Exact(usize),
    /// Over these pairs of an order and its reverse, given by the order.
    Sampled(Vec<Vec<usize>>),
}

/// What a change adds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// Shapley value.
    pub value: f64,
    /// Standard error of the draw of orders; 0 if all count. NaN of a single pair.
    pub sampling_error: f64,
}

impl Plan {
    /// For `n` changes, with `pairs` pairs of orders where not all count.
    ///
    /// # Panics
    /// With more than [`MOST_CHANGES`], or with no pair where orders are drawn.
    pub fn new(n: usize, pairs: u32, seed: u64) -> Self {
        assert!(n <= MOST_CHANGES, "coalitions are sets of at most {MOST_CHANGES} changes");
        if n <= EXACT_TO {
            return Self::Exact(n);
        }
        assert!(pairs > 0, "an average needs an order");
        let order = |pair: u32| {
            let mut order: Vec<usize> = (0..n).collect();
            shuffle(&mut order, &mut Stream::named(seed, u64::from(pair), "order", "Shapley"));
            order
        };
        Self::Sampled((0..pairs).map(order).collect())
    }

    /// Number of changes.
    pub fn changes(&self) -> usize {
        match self {
            Self::Exact(n) => *n,
            Self::Sampled(orders) => orders[0].len(),
        }
    }

    /// Every coalition that has to be run, ascending: the empty one first, that of all changes last.
    pub fn coalitions(&self) -> Vec<Coalition> {
        match self {
            Self::Exact(n) => (0..1 << n).collect(),
            Self::Sampled(orders) => {
                let met: BTreeSet<Coalition> =
                    orders.iter().flat_map(|order| both_ways(order)).flat_map(prefixes).collect();
                met.into_iter().collect()
            }
        }
    }

    /// The parts by change, given what every coalition is worth.
    ///
    /// # Panics
    /// If a coalition of [`Plan::coalitions`] has no value.
    pub fn parts(&self, values: &BTreeMap<Coalition, f64>) -> Vec<Part> {
        match self {
            Self::Exact(n) => (0..*n).map(|j| Part { value: exact(*n, j, values), sampling_error: 0.0 }).collect(),
            Self::Sampled(orders) => sampled(orders, values),
        }
    }
}

fn exact(n: usize, change: usize, values: &BTreeMap<Coalition, f64>) -> f64 {
    let weight = |size: usize| 1.0 / (n as f64 * choose(n - 1, size));
    let without = (0..1_u64 << n).filter(|coalition| coalition >> change & 1 == 0);
    without.map(|s| weight(s.count_ones() as usize) * (values[&(s | 1 << change)] - values[&s])).sum()
}

/// Binomial coefficient, exact for the few changes that all coalitions are run of.
fn choose(n: usize, k: usize) -> f64 {
    (0..k).fold(1.0, |product, i| product * (n - i) as f64 / (i + 1) as f64)
}

fn sampled(orders: &[Vec<usize>], values: &BTreeMap<Coalition, f64>) -> Vec<Part> {
    let mut by_change = vec![Vec::with_capacity(orders.len()); orders[0].len()];
    for order in orders {
        let mut of_pair = vec![0.0; order.len()];
        for one_way in both_ways(order) {
            let coalitions = prefixes(one_way.clone());
            for (change, two) in one_way.iter().zip(coalitions.windows(2)) {
                of_pair[*change] += 0.5 * (values[&two[1]] - values[&two[0]]);
            }
        }
        by_change.iter_mut().zip(of_pair).for_each(|(of_change, value)| of_change.push(value));
    }
    let part = |of_pairs: &Vec<f64>| Part {
        value: mean(of_pairs),
        sampling_error: (variance(of_pairs) / of_pairs.len() as f64).sqrt(),
    };
    by_change.iter().map(part).collect()
}

fn both_ways(order: &[usize]) -> [Vec<usize>; 2] {
    [order.to_vec(), order.iter().rev().copied().collect()]
}

/// The coalitions that an order goes through, from none to all.
fn prefixes(order: Vec<usize>) -> Vec<Coalition> {
    let steps = order.into_iter().scan(0, |made, change| {
        *made |= 1 << change;
        Some(*made)
    });
    std::iter::once(0).chain(steps).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(plan: &Plan, of: impl Fn(Coalition) -> f64) -> BTreeMap<Coalition, f64> {
        plan.coalitions().into_iter().map(|coalition| (coalition, of(coalition))).collect()
    }

    fn parts(plan: &Plan, of: impl Fn(Coalition) -> f64) -> Vec<f64> {
        plan.parts(&values(plan, of)).iter().map(|part| part.value).collect()
    }

    /// A glove in the left hand and two for the right, a pair worth 1: 2/3, 1/6 and 1/6.
    #[test]
    fn the_game_of_gloves() {
        let of = |s: Coalition| f64::from(s & 1 == 1 && s & 0b110 != 0);
        let found = parts(&Plan::new(3, 1, 0), of);
        assert!(found.iter().zip([2.0 / 3.0, 1.0 / 6.0, 1.0 / 6.0]).all(|(a, b)| (a - b).abs() < 1e-15), "{found:?}");
    }

    /// Each change by itself, and 6 for the first two together, which they share: 1 + 3, 2 + 3, and 4.
    fn synergy(s: Coalition) -> f64 {
        let alone: f64 = (0..64).filter(|j| s >> j & 1 == 1).map(|j| (1_u64 << (j % 8)) as f64).sum();
        10.0 + alone + if s & 0b11 == 0b11 { 6.0 } else { 0.0 }
    }

    #[test]
    fn what_changes_do_together_is_shared_among_them() {
        let found = parts(&Plan::new(3, 1, 0), synergy);
        assert!(found.iter().zip([4.0, 5.0, 4.0]).all(|(a, b)| (a - b).abs() < 1e-14), "{found:?}");
    }

    /// With each order comes its reverse, so that of every pair of changes either comes first once: no error where all that
    /// changes do together, they do by twos.
    #[test]
    fn drawn_orders_come_with_their_reverse() {
        let plan = Plan::new(8, 3, 7);
        let parts = plan.parts(&values(&plan, synergy));
        let expected = [4.0, 5.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0];
        assert!(parts.iter().zip(expected).all(|(part, value)| (part.value - value).abs() < 1e-12), "{parts:?}");
        assert!(parts.iter().all(|part| part.sampling_error < 1e-12));
    }

    /// Seven changes, `v = |S|²·(1 + bit 0)/8`, whose exact values the drawn ones come to within three errors of.
    #[test]
    fn drawn_parts_sum_to_the_whole_and_tell_their_error() {
        let of = |s: Coalition| f64::from(s.count_ones() * s.count_ones()) * (1.0 + (s & 1) as f64) / 8.0;
        let plan = Plan::new(7, 40, 3);
        let parts = plan.parts(&values(&plan, of));
        let whole: f64 = parts.iter().map(|part| part.value).sum();
        assert!((whole - (of(0b111_1111) - of(0))).abs() < 1e-9);
        let all: BTreeMap<Coalition, f64> = (0..1 << 7).map(|s| (s, of(s))).collect();
        for (j, part) in parts.iter().enumerate() {
            assert!(part.sampling_error > 0.0 && part.sampling_error < 0.2, "{part:?}");
            assert!((part.value - exact(7, j, &all)).abs() < 3.0 * part.sampling_error, "{j}: {part:?}");
        }
    }

    #[test]
    fn the_coalitions_begin_with_none_and_end_with_all() {
        for plan in [Plan::new(5, 1, 0), Plan::new(12, 4, 0)] {
            let coalitions = plan.coalitions();
            assert_eq!((coalitions[0], *coalitions.last().unwrap()), (0, (1 << plan.changes()) - 1));
        }
        assert_eq!(Plan::new(6, 1, 0).coalitions().len(), 64);
    }
}
