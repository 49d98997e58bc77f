//! What suppliers build in a month: lines, shared pools, orders.
//!
//! Per accelerator a, in chips: `x_a = min(line_a / 3, pools, backlog_a)`. Each pool p with capacity `C_p` [units a
//! month] is divided in rounds until nothing moves. In a round what is left of it goes to the suppliers that can still
//! use it, in proportion to their shares σ, and within a supplier to its lines in proportion to what they still need;
//! a line builds what the scarcest of its pools allows and leaves the rest to the next round. Where shares add up to
//! less than 1, the remainder belongs to others outside the market. A supplier without a share of a pool cannot build
//! what needs it.
//!
//! Whole chips are built: the fraction is carried to the next month, so that output follows the schedules exactly in
//! the long run; in one month it may exceed them by less than a chip. Output ships when its month opens, which gains
//! half a month on average; orders that become eligible within a month lose half a month, so the lag is right on
//! average. Chips that ship to nobody, because they fill no order whole, are held for the next months.
//!
//! Source: the structure follows the packaging and memory bottlenecks of 2023–25; shares are scenario data. Not
//! modelled: chips built before they are ordered, inventories of pool units, yields that differ by line (they are in the pool use).

use crate::ids::{AcceleratorId, PoolId};
use crate::supply::params::{PoolKind, SupplyParams};
use crate::units::{Span, Time};
use serde::{Deserialize, Serialize};

/// Days of a mean month.
pub(super) const MONTH_DAYS: f64 = crate::units::YEAR_DAYS / 12.0;

/// A rounding error in a sum of fractions must not hold a chip back for a month.
const ROUNDING: f64 = 1e-9;

/// Most rounds over the pools. Leftovers shrink geometrically; thousandths of a chip may stay undistributed.
const ROUNDS: usize = 64;

/// What kept output from being larger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Bound {
    /// No more was ordered.
    Orders,
    /// The line, or that the type has not come out yet.
    Line,
    /// The maker's part of a shared pool.
    Pool(PoolId),
}

/// Output of one accelerator in a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// Chips built and shipped.
    pub chips: u64,
    /// Why not more.
    pub bound: Bound,
}

/// What the lines of an accelerator can ship in the month that opens at `time` [chips], without regard to pools: 0
/// before the type is available.
pub(super) fn line_capacity_per_month(params: &SupplyParams, accelerator: AcceleratorId, time: Time) -> f64 {
    let chip = &params.accelerators[accelerator.index()];
    if time < chip.available {
        return 0.0;
    }
    let lines = params.suppliers[chip.supplier.index()].lines.iter().filter(|line| line.accelerator == accelerator);
    lines.map(|line| line.capacity_per_quarter.at(time)).sum::<f64>() / 3.0
}

/// The months that open from `from` to before `until`: at least the one that opens now.
fn openings(from: Time, until: Time) -> impl Iterator<Item = Time> {
    let months = ((until.since(from).days() / MONTH_DAYS).round() as u32).max(1);
    (0..months).map(move |month| from + Span::from_days(f64::from(month) * MONTH_DAYS))
}

/// Whether the lines of an accelerator ship anything in the months that open from `from` to before `until`.
pub(super) fn line_runs_between(params: &SupplyParams, accelerator: AcceleratorId, from: Time, until: Time) -> bool {
    openings(from, until).any(|opening| line_capacity_per_month(params, accelerator, opening) > 0.0)
}

/// What the lines of an accelerator can ship in the months that open from `from` to before `until` [chips].
pub(super) fn line_capacity_between(params: &SupplyParams, accelerator: AcceleratorId, from: Time, until: Time) -> f64 {
    openings(from, until).map(|opening| line_capacity_per_month(params, accelerator, opening)).sum()
}

/// Factors on what makers can make in a month; 1 where nothing is changed.
pub(super) struct Scale<F: Fn(PoolKind) -> f64> {
    /// On the capacity of every line.
    pub lines: f64,
    /// On the capacity of the pools of a kind.
    pub pools: F,
}

/// Whole chips that a maker holds of what was built and not shipped: of those that filled no order whole.
pub(super) fn held(carry: f64) -> u64 {
    carry.floor().max(0.0) as u64
}

/// Builds a month's output of every accelerator, given the orders that may ship now; `carries` are the chips left from
/// the month before: fractions of one, and [whole ones that are held](held), which need not be built again.
pub(super) fn build(params: &SupplyParams, now: Time, backlog: &[u64], carries: &mut [f64]) -> Vec<Output> {
    let orders: Vec<f64> =
        backlog.iter().zip(carries.iter()).map(|(&chips, carry)| chips.saturating_sub(held(*carry)) as f64).collect();
    let mut outputs = Vec::with_capacity(backlog.len());
    let built = build_exactly(params, now, &orders, &Scale { lines: 1.0, pools: |_| 1.0 });
    for (accelerator, (built, bound)) in built.into_iter().enumerate() {
        let due = built + carries[accelerator];
        let chips = ((due + ROUNDING).floor() as u64).min(backlog[accelerator]);
        carries[accelerator] = due - chips as f64;
        outputs.push(Output { chips, bound });
    }
    outputs
}

/// What a month builds of every accelerator, fractions of a chip included [chips], and why not more.
pub(super) fn build_exactly<F: Fn(PoolKind) -> f64>(
    params: &SupplyParams,
    now: Time,
    backlog: &[f64],
    scale: &Scale<F>,
) -> Vec<(f64, Bound)> {
    let lines: Vec<f64> = (0..backlog.len())
        .map(|accelerator| scale.lines * line_capacity_per_month(params, AcceleratorId::new(accelerator), now))
        .collect();
    let wanted: Vec<f64> = lines.iter().zip(backlog).map(|(line, &backlog)| line.min(backlog)).collect();
    let mut division = PoolDivision::new(params, now, &wanted, &scale.pools);
    division.run();
    let bound = |accelerator: usize| match division.stopped_by[accelerator] {
        Some(pool) => Bound::Pool(pool),
        None if lines[accelerator] < backlog[accelerator] => Bound::Line,
        None => Bound::Orders,
    };
    let bounds: Vec<Bound> = (0..backlog.len()).map(bound).collect();
    division.built.into_iter().zip(bounds).collect()
}

/// The division of a month's pools over lines.
struct PoolDivision<'a> {
    params: &'a SupplyParams,
    /// Chips that each line could build if pools were free.
    wanted: &'a [f64],
    /// Chips built so far.
    built: Vec<f64>,
    /// What each pool offered, and what is left of it [units].
    offered: Vec<f64>,
    left: Vec<f64>,
    /// Share of each supplier in each pool, by `supplier * pools + pool`.
    shares: Vec<f64>,
    /// The pool that ran out first for each accelerator.
    stopped_by: Vec<Option<PoolId>>,
}

impl<'a> PoolDivision<'a> {
    fn new(params: &'a SupplyParams, now: Time, wanted: &'a [f64], scale: &dyn Fn(PoolKind) -> f64) -> Self {
        let pools = params.pools.len();
        let mut shares = vec![0.0; params.suppliers.len() * pools];
        for (supplier, maker) in params.suppliers.iter().enumerate() {
            for (pool, share) in &maker.pool_shares {
                shares[supplier * pools + pool.index()] += share.at(now).max(0.0);
            }
        }
        let offered = params.pools.iter().enumerate().map(|(pool, inputs)| {
            let total: f64 = (0..params.suppliers.len()).map(|supplier| shares[supplier * pools + pool]).sum();
            scale(inputs.kind) * inputs.capacity_at(now) * total.min(1.0)
        });
        let offered: Vec<f64> = offered.collect();
        let (built, stopped_by) = (vec![0.0; wanted.len()], vec![None; wanted.len()]);
        let mut division = Self { params, wanted, built, left: offered.clone(), offered, shares, stopped_by };
        division.note_stops();
        division
    }

    fn run(&mut self) {
        for _ in 0..ROUNDS {
            let increments = self.round();
            let moved: f64 = increments.iter().sum();
            if moved <= ROUNDING {
                break;
            }
            for (accelerator, chips) in increments.into_iter().enumerate() {
                self.built[accelerator] += chips;
                for (pool, units) in &self.params.accelerators[accelerator].pool_use {
                    self.left[pool.index()] = (self.left[pool.index()] - chips * units).max(0.0);
                }
            }
            self.note_stops();
        }
    }

    fn note_stops(&mut self) {
        for accelerator in 0..self.wanted.len() {
            if self.stopped_by[accelerator].is_none() && self.missing(accelerator) > ROUNDING {
                self.stopped_by[accelerator] = self.exhausted_pool(accelerator);
            }
        }
    }

    /// Chips that each line adds in one round.
    fn round(&self) -> Vec<f64> {
        let pools = self.params.pools.len();
        let active: Vec<bool> = (0..self.wanted.len()).map(|accelerator| self.can_build(accelerator)).collect();
        // Units that each supplier's active lines still need of each pool.
        let mut needs = vec![0.0; self.shares.len()];
        for (accelerator, chip) in self.params.accelerators.iter().enumerate().filter(|(a, _)| active[*a]) {
            for (pool, units) in &chip.pool_use {
                needs[chip.supplier.index() * pools + pool.index()] += self.missing(accelerator) * units;
            }
        }
        let claims: Vec<f64> = (0..pools)
            .map(|pool| {
                let takers = (0..self.params.suppliers.len()).map(|supplier| supplier * pools + pool);
                takers.filter(|&cell| needs[cell] > 0.0).map(|cell| self.shares[cell]).sum()
            })
            .collect();
        let allowed = |accelerator: usize| {
            let chip = &self.params.accelerators[accelerator];
            let missing = self.missing(accelerator);
            // The supplier's part is divided by need, so each of its lines gets the same part of what it misses.
            let part = chip.pool_use.iter().filter(|(_, units)| *units > 0.0).map(|(pool, _)| {
                let cell = chip.supplier.index() * pools + pool.index();
                self.left[pool.index()] * self.shares[cell] / claims[pool.index()] / needs[cell]
            });
            missing * part.fold(1.0, f64::min)
        };
        (0..self.wanted.len()).map(|a| if active[a] { allowed(a) } else { 0.0 }).collect()
    }

    fn missing(&self, accelerator: usize) -> f64 {
        self.wanted[accelerator] - self.built[accelerator]
    }

    fn can_build(&self, accelerator: usize) -> bool {
        self.missing(accelerator) > ROUNDING && self.stopped_by[accelerator].is_none()
    }

    /// The first of an accelerator's pools that is used up, or that its maker has no share of.
    fn exhausted_pool(&self, accelerator: usize) -> Option<PoolId> {
        let chip = &self.params.accelerators[accelerator];
        let mut pools = chip.pool_use.iter().filter(|(_, units)| *units > 0.0).map(|(pool, _)| *pool);
        pools.find(|pool| {
            let cell = chip.supplier.index() * self.params.pools.len() + pool.index();
            self.shares[cell] <= 0.0 || self.left[pool.index()] <= ROUNDING * self.offered[pool.index()]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::SupplierId;
    use crate::supply::params::{Line, Pool, Supplier};
    use crate::supply::testing;
    use crate::units::{Curve, Schedule};

    /// Suppliers with a share of pool 0 each; one line each, of the given quarterly capacity and pool use per chip.
    fn makers(pool: f64, lines: &[(f64, f64, f64)]) -> SupplyParams {
        let mut params = testing::world(1);
        params.pools = vec![Pool {
            id: "wafers".into(),
            kind: PoolKind::Packaging,
            capacity_per_month: Schedule::constant(pool),
            capacity_factor: Schedule::constant(1.0),
        }];
        (params.accelerators, params.suppliers) = (vec![], vec![]);
        for (i, &(share, capacity, units)) in lines.iter().enumerate() {
            add_line(&mut params, i, capacity, units);
            params.suppliers[i].pool_shares = vec![(PoolId(0), Schedule::constant(share))];
        }
        params
    }

    fn add_line(params: &mut SupplyParams, supplier: usize, capacity: f64, units: f64) {
        let accelerator = AcceleratorId::new(params.accelerators.len());
        let mut chip = testing::accelerator(&format!("chip-{}", accelerator.0), 1.0, 1.0);
        (chip.supplier, chip.pool_use) = (SupplierId::new(supplier), vec![(PoolId(0), units)]);
        params.accelerators.push(chip);
        let line = Line { accelerator, capacity_per_quarter: Schedule::constant(capacity) };
        if supplier == params.suppliers.len() {
            params.suppliers.push(Supplier { lines: vec![], ..testing::supplier() });
        }
        params.suppliers[supplier].lines.push(line);
    }

    fn month(params: &SupplyParams, backlog: &[u64]) -> Vec<(u64, Bound)> {
        let mut carries = vec![0.0; backlog.len()];
        build(params, Time(0), backlog, &mut carries).iter().map(|output| (output.chips, output.bound)).collect()
    }

    #[test]
    fn the_least_of_line_pool_and_backlog_is_built() {
        let params = makers(100.0, &[(0.6, 9_000.0, 0.1), (0.4, 300.0, 0.1)]);
        // Pool: 60 and 40 wafers, 600 and 400 chips. The second line makes 100 and leaves 30 wafers: 300 chips more.
        assert_eq!(month(&params, &[5_000, 5_000]), [(900, Bound::Pool(PoolId(0))), (100, Bound::Line)]);
        assert_eq!(month(&params, &[70, 50]), [(70, Bound::Orders), (50, Bound::Orders)]);
    }

    #[test]
    fn what_is_left_goes_to_the_others_in_proportion_to_their_shares() {
        // 1,000 wafers at 1 a chip over 0.5 : 0.3 : 0.2. The first wants 100, leaves 400, which go 240 : 160.
        let params = makers(1_000.0, &[(0.5, 30_000.0, 1.0), (0.3, 30_000.0, 1.0), (0.2, 30_000.0, 1.0)]);
        let chips: Vec<u64> = month(&params, &[100, 9_999, 9_999]).iter().map(|output| output.0).collect();
        assert_eq!(chips, [100, 540, 360]);
    }

    #[test]
    fn a_share_is_divided_over_lines_in_proportion_to_their_demand() {
        // 100 wafers; the lines want 300 × 0.5 = 150 and 50 × 1 = 50 wafers: 75 and 25 wafers.
        let mut params = makers(100.0, &[(1.0, 900.0, 0.5)]);
        add_line(&mut params, 0, 150.0, 1.0);
        let chips: Vec<u64> = month(&params, &[9_999, 9_999]).iter().map(|output| output.0).collect();
        assert_eq!(chips, [150, 25]);
    }

    #[test]
    fn shares_below_one_leave_the_rest_to_others_and_no_share_builds_nothing() {
        let params = makers(100.0, &[(0.6, 9_000.0, 1.0), (0.0, 9_000.0, 1.0)]);
        let bound = Bound::Pool(PoolId(0));
        assert_eq!(month(&params, &[9_999, 9_999]), [(60, bound), (0, bound)]);
        assert_eq!(month(&params, &[0, 9_999]), [(0, Bound::Orders), (0, bound)]);
    }

    #[test]
    fn two_pools_are_both_respected_and_used_up() {
        let mut params = makers(100.0, &[(0.5, 9_000.0, 1.0), (0.5, 9_000.0, 1.0)]);
        params.pools.push(Pool {
            id: "memory".into(),
            kind: PoolKind::Memory,
            capacity_per_month: Schedule::constant(40.0),
            capacity_factor: Schedule::constant(1.0),
        });
        params.accelerators[0].pool_use.push((PoolId(1), 2.0));
        params.suppliers[0].pool_shares.push((PoolId(1), Schedule::constant(1.0)));
        // Memory allows the first 20; the 30 wafers that it leaves of its 50 go to the second.
        let memory = (20, Bound::Pool(PoolId(1)));
        assert_eq!(month(&params, &[9_999, 9_999]), [memory, (80, Bound::Pool(PoolId(0)))]);
    }

    #[test]
    fn fractions_are_carried_so_that_a_year_is_exact() {
        let params = makers(1e9, &[(1.0, 100.0, 1.0)]);
        let mut carries = [0.0];
        let year: Vec<u64> = (0..12).map(|_| build(&params, Time(0), &[999], &mut carries)[0].chips).collect();
        assert_eq!(year, [33, 33, 34, 33, 33, 34, 33, 33, 34, 33, 33, 34]);
    }

    #[test]
    fn nothing_is_built_before_the_type_is_available() {
        let mut params = makers(1e9, &[(1.0, 300.0, 1.0)]);
        params.accelerators[0].available = Time(1);
        assert_eq!(month(&params, &[999]), [(0, Bound::Line)]);
        params.suppliers[0].lines[0].capacity_per_quarter =
            Schedule::new(Curve::Steps, vec![(0.0, 300.0), (0.25, 600.0)], 0.0);
        // Of six months, the first is too early, two make 100 and three make 200.
        let half_year = line_capacity_between(&params, AcceleratorId(0), Time(0), Time(0) + Span::from_days(183.0));
        assert_eq!(half_year, 800.0);
    }

    #[test]
    fn the_order_of_suppliers_does_not_matter() {
        let lines = [(0.5, 700.0, 0.9), (0.3, 2_000.0, 1.1), (0.15, 10.0, 0.3)];
        let backlog = [400, 300, 5];
        let forward = month(&makers(300.0, &lines), &backlog);
        let turned: Vec<_> = lines.iter().rev().copied().collect();
        let mut backward = month(&makers(300.0, &turned), &[5, 300, 400]);
        backward.reverse();
        assert_eq!(forward, backward);
    }
}
