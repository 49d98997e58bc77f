//! A cloud's month: solved, its limit named, and what one more unit would have been worth.

use super::limits::{Limit, Limits, STEP};
use super::month::SupplyMonth;
use super::place::{Placed, place};
use crate::ids::{AcceleratorId, CloudId, SiteId};
use crate::supply::params::Class;
use crate::supply::planning::{Margin, PlanBound};
use crate::supply::suppliers::Bound;
use crate::supply::throughput::throughput;
use crate::units::Time;
use std::cell::OnceCell;

/// Share of the load that may be turned away before capacity counts as short: what the fluid rounds off.
const UNNOTICED: f64 = 1e-3;
/// Chips that count as none: rounding.
const NO_CHIP: f64 = 1e-3;

/// Power that a site carries at the end of a month [W of IT].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SitePower {
    /// Where.
    pub site: SiteId,
    /// Altogether.
    pub total_w: f64,
    /// For liquid-cooled types.
    pub liquid_w: f64,
}

/// What there is to know of a cloud's month beside the makers'.
#[derive(Clone, Debug, PartialEq)]
pub struct CloudMonth {
    /// Which cloud.
    pub cloud: CloudId,
    /// The month's end.
    pub now: Time,
    /// Load that was served, mean of the month [chat H100e].
    pub served_h100e: f64,
    /// Load that was asked for and not served, mean of the month [chat H100e].
    pub turned_away_h100e: f64,
    /// Compute that was there, mean of the month [chat H100e].
    pub compute_h100e: f64,
    /// Its sites.
    pub sites: Vec<SitePower>,
    /// Its energized power [MW of facility].
    pub energized_mw: f64,
    /// What its last plan would have ordered besides.
    pub margin: Option<Margin>,
}

impl CloudMonth {
    /// Load before rationing [chat H100e].
    fn demand_h100e(&self) -> f64 {
        if self.is_short() { self.served_h100e + self.turned_away_h100e } else { self.served_h100e }
    }

    /// Whether load was turned away.
    pub fn is_short(&self) -> bool {
        self.turned_away_h100e > UNNOTICED * (self.served_h100e + self.turned_away_h100e)
    }

    /// The utilisation that this load can bring a fleet to [1].
    fn ceiling(&self) -> f64 {
        if self.is_short() && self.compute_h100e > 0.0 { self.served_h100e / self.compute_h100e } else { 1.0 }
    }
}

/// The month of a cloud, ready to be re-solved. What takes time is worked out when it is first asked for: a cloud that
/// turned nothing away needs none of it.
pub struct Problem<'m> {
    month: &'m SupplyMonth<'m>,
    cloud: &'m CloudMonth,
    /// What the month's shipments came to.
    placed: OnceCell<Placed>,
    named: OnceCell<Limit>,
}

impl<'m> SupplyMonth<'m> {
    /// The month problem of a cloud.
    pub fn problem(&'m self, cloud: &'m CloudMonth) -> Problem<'m> {
        Problem { month: self, cloud, placed: OnceCell::new(), named: OnceCell::new() }
    }

    /// Places a cloud's stock and `shipped` chips at `factor` times its power.
    fn place(&self, cloud: &CloudMonth, shipped: &[f64], factor: f64) -> Placed {
        let stock = &self.opening.stock[cloud.cloud.index() * shipped.len()..];
        let chips = stock.iter().zip(shipped).map(|(stock, shipped)| *stock as f64 + shipped).collect();
        let installed: Vec<&[u64]> =
            cloud.sites.iter().map(|power| self.opening.installed[power.site.index()].as_slice()).collect();
        place(self.params, cloud.now, chips, &cloud.sites, &installed, factor)
    }
}

impl Problem<'_> {
    /// What the cloud would have served under changed limits, mean of the month [chat H100e].
    pub fn served_h100e(&self, limits: &Limits) -> f64 {
        let compute = self.cloud.compute_h100e + self.added_h100e(limits);
        let demand = limits.of(Limit::Demand) * self.cloud.demand_h100e();
        demand.min(self.cloud.ceiling() * compute)
    }

    /// Compute that changed limits add to the month as it was [chat H100e].
    fn added_h100e(&self, limits: &Limits) -> f64 {
        let power = limits.of(Limit::Power);
        match self.shipped(limits) {
            None if power == 1.0 => 0.0,
            None => self.month.place(self.cloud, self.as_it_was(), power).h100e - self.placed().h100e,
            Some(chips) => self.month.place(self.cloud, &chips, power).h100e - self.placed().h100e,
        }
    }

    /// What ships under changed limits [chips by accelerator]; `None` if they change nothing of it.
    fn shipped(&self, limits: &Limits) -> Option<Vec<f64>> {
        let more = self.plan_that_matters().and_then(|(margin, limit)| {
            let rise = limits.of(limit) - 1.0;
            let order = |(a, chips): &(AcceleratorId, f64)| (*a, rise * chips);
            (rise > 0.0).then(|| margin.more.iter().map(order).collect::<Vec<_>>())
        });
        let chips = self.month.shipped_to(self.cloud.cloud, limits, more.as_deref())?;
        (chips != self.as_it_was()).then_some(chips)
    }

    /// What shipped [chips by accelerator].
    fn as_it_was(&self) -> &[f64] {
        self.month.as_it_was().to(self.cloud.cloud)
    }

    fn placed(&self) -> &Placed {
        self.placed.get_or_init(|| self.month.place(self.cloud, self.as_it_was(), 1.0))
    }

    /// The limit that bound, by the structure of the month.
    pub fn named(&self) -> Limit {
        *self.named.get_or_init(|| self.name())
    }

    fn name(&self) -> Limit {
        if !self.cloud.is_short() {
            return Limit::Demand;
        }
        if self.waits() {
            return Limit::Power;
        }
        match self.limit_of_makers() {
            Some(limit) => limit,
            None if self.placed().swapped => Limit::Power,
            None => self.limit_of_plan(),
        }
    }

    /// Whether a limit bound: the named one, or one beside it.
    pub fn binds(&self, limit: Limit) -> bool {
        limit == self.named()
            || self.cloud.is_short()
                && match limit {
                    Limit::Chips | Limit::Packaging | Limit::Memory => self.moves(limit),
                    Limit::Power => self.waits() || self.placed().swapped,
                    Limit::Capital | Limit::Demand => false,
                }
    }

    /// Whether one per cent more of a limit moves what is served, up or down.
    fn moves(&self, limit: Limit) -> bool {
        self.served_h100e(&Limits::scaled(limit, 1.0 + STEP)) != self.served_h100e(&Limits::UNCHANGED)
    }

    /// What one more unit of a limit would have brought [chat H100e/unit], over one per cent more of it; below 0 where
    /// rivals gain and the cloud loses by it.
    pub fn worth_h100e(&self, limit: Limit) -> f64 {
        let more = Limits::scaled(limit, 1.0 + STEP);
        let units = match limit {
            Limit::Chips | Limit::Packaging | Limit::Memory => {
                let (before, after) = (self.as_it_was(), self.shipped(&more).unwrap_or_default());
                let gained = self.makers_units(limit, before, &after);
                if gained > 0.0 { gained } else { self.makers_units(limit, &after, before) }
            }
            Limit::Power => STEP * self.cloud.energized_mw,
            Limit::Capital => self.cloud.margin.as_ref().map_or(0.0, |margin| STEP * margin.budget_usd),
            Limit::Demand => STEP * self.cloud.demand_h100e(),
        };
        let gain = self.served_h100e(&more) - self.served_h100e(&Limits::UNCHANGED);
        if units > 0.0 { gain / units } else { 0.0 }
    }

    /// Chips, or units of pools in them, of the types that the cloud gets `more` of than `less`.
    fn makers_units(&self, limit: Limit, less: &[f64], more: &[f64]) -> f64 {
        let each = |a: usize| if limit == Limit::Chips { 1.0 } else { self.pool_units(limit, a) };
        less.iter().zip(more).enumerate().map(|(a, (less, more))| (more - less).max(0.0) * each(a)).sum()
    }

    /// What a chip takes of the pools that are a limit [units].
    fn pool_units(&self, limit: Limit, accelerator: usize) -> f64 {
        let params = self.month.params;
        let uses = params.accelerators[accelerator].pool_use.iter();
        uses.filter(|(pool, _)| Limit::of_pool(params.pools[pool.index()].kind) == limit).map(|(_, units)| units).sum()
    }

    /// Whether chips wait for power.
    fn waits(&self) -> bool {
        self.placed().waiting.iter().any(|chips| *chips > NO_CHIP)
    }

    /// The makers' limit that kept most from the cloud: through which most of what it got came of the types that it
    /// misses and would have had power for, so that one per cent more of it brings most; none if no such type was made.
    fn limit_of_makers(&self) -> Option<Limit> {
        let mut through = [0.0; Limit::ALL.len()];
        for a in 0..self.placed().waiting.len() {
            if let Some(limit) = self.limit_of_missed(a) {
                let chip = &self.month.params.accelerators[a];
                let chips = self.as_it_was()[a];
                through[limit.index()] += chips * throughput(chip, Class::Chat, self.cloud.now);
            }
        }
        let most = through.iter().copied().fold(0.0, f64::max);
        Limit::ALL.into_iter().find(|limit| most > 0.0 && through[limit.index()] == most)
    }

    /// The limit of a type that the cloud had on order, got too few of and would have had power for.
    fn limit_of_missed(&self, accelerator: usize) -> Option<Limit> {
        let missing = self.month.as_it_was().missing(self.cloud.cloud)[accelerator];
        let limit = || self.limit_of_type(accelerator);
        (missing > NO_CHIP && self.placed().waiting[accelerator] <= NO_CHIP).then(limit).flatten()
    }

    /// The limit that stopped a type's makers.
    fn limit_of_type(&self, accelerator: usize) -> Option<Limit> {
        match self.month.as_it_was().bound(accelerator) {
            Bound::Orders => None,
            Bound::Line => Some(Limit::Chips),
            Bound::Pool(pool) => Some(Limit::of_pool(self.month.params.pools[pool.index()].kind)),
        }
    }

    /// The limit that bound the last plan; without one, nobody expected any demand.
    fn limit_of_plan(&self) -> Limit {
        self.cloud.margin.as_ref().map_or(Limit::Demand, |margin| match margin.bound {
            PlanBound::Demand => Limit::Demand,
            PlanBound::Lines => Limit::Chips,
            PlanBound::Power => Limit::Power,
            PlanBound::Budget => Limit::Capital,
        })
    }

    /// The last plan and its limit, where nothing else stood between the cloud and more compute.
    fn plan_that_matters(&self) -> Option<(&Margin, Limit)> {
        if !self.cloud.is_short() || self.waits() || self.placed().swapped {
            return None;
        }
        let ordered_too_little = self.limit_of_makers().is_none();
        self.cloud.margin.as_ref().filter(|_| ordered_too_little).map(|margin| (margin, self.limit_of_plan()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::PoolId;
    use crate::supply::binding::Opening;
    use crate::supply::orders::Order;
    use crate::supply::params::{Buyer, Pool, PoolKind, SupplyParams};
    use crate::supply::testing;
    use crate::units::Schedule;

    const CLOUD: CloudId = CloudId(0);
    const CHIP: AcceleratorId = AcceleratorId(0);

    /// The cloud has `ordered` chips on order and 10 MW, which carry 10,000 chips of 1 H100e; of these `installed` run. A
    /// line ships 1,000 chips in the month.
    fn opening(ordered: u64, installed: u64) -> Opening {
        let order = Order { buyer: Buyer::Cloud(CLOUD), open: ordered, eligible: Time(0), prepaid: 0 };
        Opening {
            time: Time(0),
            orders: vec![vec![order]],
            held: vec![0],
            stock: vec![0],
            installed: vec![vec![installed]],
        }
    }

    /// It was asked for 1,000 H100e and served 900 on 1,000 that were there: a ceiling of 0.9.
    fn short() -> CloudMonth {
        CloudMonth {
            cloud: CLOUD,
            now: Time(0),
            served_h100e: 900.0,
            turned_away_h100e: 100.0,
            compute_h100e: 1_000.0,
            sites: vec![SitePower { site: SiteId(0), total_w: 10e6, liquid_w: 10e6 }],
            energized_mw: 10.0,
            margin: None,
        }
    }

    fn with_pool(kind: PoolKind, capacity: f64, units: f64) -> SupplyParams {
        let mut params = testing::world(1);
        params.pools = vec![Pool {
            id: "pool".into(),
            kind,
            capacity_per_month: Schedule::constant(capacity),
            capacity_factor: Schedule::constant(1.0),
        }];
        params.accelerators[0].pool_use = vec![(PoolId(0), units)];
        params.suppliers[0].pool_shares = vec![(PoolId(0), Schedule::constant(1.0))];
        params
    }

    /// The limit that is named, those that bind, those that move anything when raised by one per cent, and what one more
    /// unit of the named one brings.
    fn judge(params: &SupplyParams, opening: &Opening, cloud: &CloudMonth) -> (Limit, Vec<Limit>, Vec<Limit>, f64) {
        let makers = SupplyMonth::new(params, opening);
        let problem = makers.problem(cloud);
        assert_eq!(problem.served_h100e(&Limits::UNCHANGED), cloud.served_h100e);
        let binding = Limit::ALL.into_iter().filter(|limit| problem.binds(*limit)).collect();
        let moving = Limit::ALL.into_iter().filter(|limit| problem.moves(*limit)).collect();
        (problem.named(), binding, moving, problem.worth_h100e(problem.named()))
    }

    /// Only `limit` binds, only it moves anything, and one more unit of it brings `h100e`.
    fn assert_only(limit: Limit, h100e: f64, found: &(Limit, Vec<Limit>, Vec<Limit>, f64)) {
        let (named, binding, moving, worth) = found;
        assert_eq!((*named, binding, moving), (limit, &vec![limit], &vec![limit]));
        assert!((worth - h100e).abs() < 1e-5 * h100e, "{worth}");
    }

    #[test]
    fn demand_binds_where_nothing_is_turned_away() {
        let served = CloudMonth { turned_away_h100e: 0.5, ..short() };
        // 900 asked for and served on 1,000: 9 more are served for 9 more, whatever is on order.
        assert_only(Limit::Demand, 1.0, &judge(&testing::world(1), &opening(5_000, 0), &served));
    }

    #[test]
    fn chips_bind_where_the_line_is_full() {
        // 1,010 instead of 1,000 of the 5,000 on order: 10 chips at a utilisation of 0.9.
        assert_only(Limit::Chips, 0.9, &judge(&testing::world(1), &opening(5_000, 0), &short()));
        // A pool that is neither packaging nor memory counts as chips: 500 of them, and 5 more.
        let params = with_pool(PoolKind::Other, 50.0, 0.1);
        assert_only(Limit::Chips, 0.9, &judge(&params, &opening(5_000, 0), &short()));
    }

    #[test]
    fn packaging_binds_where_wafers_run_out() {
        // 50 wafers at a tenth each: 500 chips. Half a wafer more is 5 chips: 10 chips at 0.9 for a wafer.
        let params = with_pool(PoolKind::Packaging, 50.0, 0.1);
        assert_only(Limit::Packaging, 9.0, &judge(&params, &opening(5_000, 0), &short()));
    }

    #[test]
    fn memory_binds_where_gigabytes_run_out() {
        // 40,000 GB at 80 GB: 500 chips. 400 GB more are 5 chips: an eightieth at 0.9 for a GB.
        let params = with_pool(PoolKind::Memory, 40_000.0, 80.0);
        assert_only(Limit::Memory, 0.9 / 80.0, &judge(&params, &opening(5_000, 0), &short()));
    }

    #[test]
    fn power_binds_where_chips_wait_for_it() {
        // 500 of the 1,000 chips that ship find room. 0.1 MW more carry 100 of the others; more chips would wait too.
        assert_only(Limit::Power, 900.0, &judge(&testing::world(1), &opening(5_000, 9_500), &short()));
    }

    #[test]
    fn without_a_backlog_the_last_plan_binds() {
        let plan = |bound, budget_usd, chips| CloudMonth {
            margin: Some(Margin { bound, budget_usd, more: vec![(CHIP, chips)] }),
            ..short()
        };
        let judge = |cloud: &CloudMonth| judge(&testing::world(1), &opening(0, 0), cloud);
        // A budget of 50M USD is 2,500 chips: 25 for half a million more.
        assert_only(Limit::Capital, 22.5 / 0.5e6, &judge(&plan(PlanBound::Budget, 50e6, 2_500.0)));
        // The plan saw a need of 2,000 chips; one per cent more are 20, over 10 H100e of load.
        assert_only(Limit::Demand, 1.8, &judge(&plan(PlanBound::Demand, 50e6, 2_000.0)));
        // What lines could ship in its year bound the plan: 60 chips more.
        assert_only(Limit::Chips, 0.9, &judge(&plan(PlanBound::Lines, 50e6, 6_000.0)));
        // Without a plan nobody expected any load.
        assert_eq!(judge(&short()).0, Limit::Demand);
    }

    #[test]
    fn a_plan_does_not_matter_while_chips_are_on_order() {
        let margin = Some(Margin { bound: PlanBound::Budget, budget_usd: 50e6, more: vec![(CHIP, 2_500.0)] });
        assert_only(
            Limit::Chips,
            0.9,
            &judge(&testing::world(1), &opening(5_000, 0), &CloudMonth { margin, ..short() }),
        );
    }

    /// One type is stopped by packaging at 500, another by its line at 100; both bind, and most came through packaging.
    #[test]
    fn two_limits_bind_two_types() {
        let mut params = with_pool(PoolKind::Packaging, 50.0, 0.1);
        params.accelerators.push(testing::accelerator("other", 1.0, 1.0));
        params.suppliers[0].lines.push(testing::line(1, 300.0));
        let mut opening = opening(5_000, 0);
        opening.orders.push(opening.orders[0].clone());
        (opening.held, opening.stock, opening.installed) = (vec![0; 2], vec![0; 2], vec![vec![0; 2]]);
        let (named, binding, moving, worth) = judge(&params, &opening, &short());
        let both = vec![Limit::Chips, Limit::Packaging];
        assert_eq!((named, &binding, &moving), (Limit::Packaging, &both, &both));
        assert!((worth - 9.0).abs() < 1e-4, "{worth}");
    }
}
