//! How a supplier divides its output over the orders that may ship.
//!
//! - *First come*: oldest order first.
//! - *Proportional*: in proportion to what each order still misses.
//! - *Prepaid first*: the order of which the larger share was paid in advance first, the oldest of equals.
//! - *Strategic*: buyer b gets the share σ_b of the output, all buyers without a share together `max(0, 1 − Σσ)`; what
//!   one does not take goes to the others in proportion to their shares; what is left then goes to the buyers without
//!   a share. Within a buyer, and among those without a share, oldest first. Between buyers with shares that is weighted
//!   max-min fair.
//! - *Priority order*: the orders of key accounts first, by the buyers' ranks, those without one last; within a rank
//!   oldest first.
//! - *Whole orders*: in the same order, but an order ships whole or waits; what fills none stays with the maker for the
//!   months to come.
//!
//! The rules themselves are those of [`rationing`](crate::supply::rationing). Whole chips, by largest remainder; equal remainders go to the older order, or to the share listed first. Shares that
//! add up to more than 1 count in proportion. Source: assumed; shares are fitted to deliveries by buyer. Limits: ranks do
//! not change over time.

use crate::supply::orders::Order;
use crate::supply::params::{Allocation, Buyer};
use crate::supply::rationing::{apportion, in_turn, turns, whole_in_turn};
use crate::units::{Schedule, Time};
use std::cmp::Reverse;

/// Chips for each of `orders`, which stand oldest first, out of `chips`.
pub(super) fn allocate(rule: &Allocation, now: Time, chips: u64, orders: &[Order]) -> Vec<u64> {
    let wanted: Vec<u64> = orders.iter().map(|order| if order.eligible <= now { order.open } else { 0 }).collect();
    match rule {
        Allocation::FirstCome => in_turn(chips, &wanted, 0..orders.len()),
        Allocation::Proportional => {
            let weights: Vec<f64> = wanted.iter().map(|&chips| chips as f64).collect();
            apportion(chips, &weights, &wanted)
        }
        Allocation::PrepaidFirst => in_turn(chips, &wanted, turns(orders.iter().map(|order| Reverse(order.prepaid)))),
        Allocation::Strategic(shares) => strategic(shares, now, chips, orders, &wanted),
        Allocation::PriorityOrder(ranks) => in_turn(chips, &wanted, by_rank(ranks, orders)),
        Allocation::WholeOrders(ranks) => whole_in_turn(chips, &wanted, by_rank(ranks, orders)),
    }
}

/// Orders by the ranks of their buyers, those without one last; within a rank as they stand.
fn by_rank(ranks: &[(Buyer, u32)], orders: &[Order]) -> Vec<usize> {
    let rank = |buyer: Buyer| ranks.iter().find(|(ranked, _)| *ranked == buyer).map(|(_, rank)| *rank);
    turns(orders.iter().map(|order| rank(order.buyer).map_or((true, 0), |rank| (false, rank))))
}

fn strategic(shares: &[(Buyer, Schedule)], now: Time, chips: u64, orders: &[Order], wanted: &[u64]) -> Vec<u64> {
    let mut weights: Vec<f64> = shares.iter().map(|(_, share)| share.at(now).max(0.0)).collect();
    let rest = shares.len();
    let claim = |buyer: Buyer| shares.iter().position(|(holder, _)| *holder == buyer).filter(|&i| weights[i] > 0.0);
    let claims: Vec<usize> = orders.iter().map(|order| claim(order.buyer).unwrap_or(rest)).collect();
    weights.push((1.0 - weights.iter().sum::<f64>()).max(0.0));
    let mut caps = vec![0; rest + 1];
    claims.iter().zip(wanted).for_each(|(&claim, wanted)| caps[claim] += wanted);
    let mut quotas = apportion(chips, &weights, &caps);
    let unclaimed = chips - quotas.iter().sum::<u64>();
    quotas[rest] = caps[rest].min(quotas[rest] + unclaimed);
    let parts = claims.iter().zip(wanted).map(|(&claim, &wanted)| {
        let part = wanted.min(quotas[claim]);
        quotas[claim] -= part;
        part
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::CloudId;

    fn order(cloud: u16, open: u64) -> Order {
        Order { buyer: Buyer::Cloud(CloudId(cloud)), open, eligible: Time(0), prepaid: 0 }
    }

    fn shares(parts: &[f64]) -> Allocation {
        let share = |(i, part): (usize, &f64)| (Buyer::Cloud(CloudId::new(i)), Schedule::constant(*part));
        Allocation::Strategic(parts.iter().enumerate().map(share).collect())
    }

    #[test]
    fn first_come_fills_the_oldest_order_first() {
        let orders = [order(0, 70), Order { eligible: Time(5), ..order(1, 50) }, order(2, 50)];
        assert_eq!(allocate(&Allocation::FirstCome, Time(0), 100, &orders), [70, 0, 30]);
        assert_eq!(allocate(&Allocation::FirstCome, Time(5), 100, &orders), [70, 30, 0]);
    }

    #[test]
    fn who_pays_first_is_served_first() {
        let prepaid = |cloud, open, prepaid| Order { prepaid, ..order(cloud, open) };
        // 40 of the third, then 30 of the first of the two that paid a tenth, and nothing for who paid nothing.
        let orders = [order(0, 50), prepaid(1, 30, 1_000), prepaid(2, 40, 5_000), prepaid(0, 20, 1_000)];
        assert_eq!(allocate(&Allocation::PrepaidFirst, Time(0), 75, &orders), [0, 30, 40, 5]);
        assert_eq!(allocate(&Allocation::PrepaidFirst, Time(0), 999, &orders), [50, 30, 40, 20]);
    }

    #[test]
    fn proportional_gives_each_order_the_same_part() {
        // 100 of 150: 46.67, 20, 33.33.
        let orders = [order(0, 70), order(1, 30), order(2, 50)];
        assert_eq!(allocate(&Allocation::Proportional, Time(0), 100, &orders), [47, 20, 33]);
        assert_eq!(allocate(&Allocation::Proportional, Time(0), 900, &orders), [70, 30, 50]);
    }

    #[test]
    fn strategic_shares_bind_and_what_is_left_goes_round() {
        let orders = [order(2, 500), order(0, 10), order(1, 500), order(0, 500)];
        // 0.6 and 0.3 are listed, so the unlisted third has 0.1.
        assert_eq!(allocate(&shares(&[0.6, 0.3]), Time(0), 100, &orders), [10, 10, 30, 50]);
        // The first takes 10 of its 60; the 50 left go 1 : 1.
        assert_eq!(allocate(&shares(&[0.6, 0.2]), Time(0), 100, &orders[..3]), [45, 10, 45]);
        // Shares above 1 count in proportion and leave the third nothing, until the others have enough.
        assert_eq!(allocate(&shares(&[3.0, 1.0]), Time(0), 100, &orders), [0, 10, 25, 65]);
        assert_eq!(allocate(&shares(&[3.0, 1.0]), Time(0), 1_100, &orders), [90, 10, 500, 500]);
    }

    /// Key accounts by rank, then who has none; the third and the first are of one rank, so the older order goes first.
    #[test]
    fn key_accounts_come_before_older_orders() {
        let orders =
            [order(3, 40), order(0, 60), order(1, 30), order(2, 50), Order { eligible: Time(5), ..order(1, 9) }];
        let ranks: Vec<(Buyer, u32)> =
            [(0, 2), (1, 1), (2, 2)].map(|(cloud, rank)| (Buyer::Cloud(CloudId(cloud)), rank)).into();
        let partly = Allocation::PriorityOrder(ranks.clone());
        assert_eq!(allocate(&partly, Time(0), 100, &orders), [0, 60, 30, 10, 0]);
        assert_eq!(allocate(&partly, Time(5), 100, &orders), [0, 60, 30, 1, 9]);
        // The 10 left fill neither the order of 50 nor that of 40; of 130, the latter is filled.
        let whole = Allocation::WholeOrders(ranks);
        assert_eq!(allocate(&whole, Time(0), 100, &orders), [0, 60, 30, 0, 0]);
        assert_eq!(allocate(&whole, Time(0), 130, &orders), [40, 60, 30, 0, 0]);
        assert_eq!(allocate(&Allocation::WholeOrders(vec![]), Time(0), 130, &orders), [40, 60, 30, 0, 0]);
    }
}
