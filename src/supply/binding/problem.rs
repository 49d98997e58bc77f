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
    pub fn demand_h100e(&self) -> f64 {
        self.served_h100e + self.turned_away_h100e
    }

    /// Whether load was turned away.
    pub fn is_short(&self) -> bool {
        self.turned_away_h100e > UNNOTICED * self.demand_h100e()
    }

    /// The utilisation that this load can bring a fleet to [1].
    fn ceiling(&self) -> f64 {
        if self.is_short() && self.compute_h100e > 0.0 { self.served_h100e / self.compute_h100e } else { 1.0 }
    }
}

/// A month re-solved.
#[derive(Clone, Debug, PartialEq)]
pub struct Solution {
    /// Served compute, mean of the month [chat H100e].
    pub served_h100e: f64,
    /// Chips of each accelerator that ship to the cloud.
    pub chips: Vec<f64>,
}

/// The month of a cloud, ready to be re-solved.
pub struct Problem<'m> {
    month: &'m SupplyMonth<'m>,
    cloud: &'m CloudMonth,
    /// What the month's shipments came to.
    placed: Placed,
}

impl<'m> SupplyMonth<'m> {
    /// The month problem of a cloud.
    pub fn problem(&'m self, cloud: &'m CloudMonth) -> Problem<'m> {
        let shipped = self.as_it_was().to(cloud.cloud);
        Problem { month: self, cloud, placed: self.place(cloud, shipped, 1.0) }
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
    /// The month under changed limits.
    pub fn solve(&self, limits: &Limits) -> Solution {
        let chips = self.shipped(limits);
        let placed = self.month.place(self.cloud, &chips, limits.of(Limit::Power));
        let compute = self.cloud.compute_h100e + placed.h100e - self.placed.h100e;
        let demand = limits.of(Limit::Demand) * self.cloud.demand_h100e();
        Solution { served_h100e: demand.min(self.cloud.ceiling() * compute), chips }
    }

    fn shipped(&self, limits: &Limits) -> Vec<f64> {
        let more = self.plan_that_matters().and_then(|(margin, limit)| {
            let rise = limits.of(limit) - 1.0;
            let order = |(a, chips): &(AcceleratorId, f64)| (*a, rise * chips);
            (rise > 0.0).then(|| margin.more.iter().map(order).collect::<Vec<_>>())
        });
        self.month.shipped_to(self.cloud.cloud, limits, more.as_deref())
    }

    /// The limit that bound, by the structure of the month.
    pub fn named(&self) -> Limit {
        if !self.cloud.is_short() {
            return Limit::Demand;
        }
        if self.waits() {
            return Limit::Power;
        }
        match self.limit_of_makers() {
            Some(limit) => limit,
            None if self.placed.swapped => Limit::Power,
            None => self.limit_of_plan(),
        }
    }

    /// Whether a limit bound: the named one, or one beside it.
    pub fn binds(&self, limit: Limit) -> bool {
        limit == self.named()
            || self.cloud.is_short()
                && match limit {
                    Limit::Chips | Limit::Packaging | Limit::Memory => self.moves(limit),
                    Limit::Power => self.waits() || self.placed.swapped,
                    Limit::Capital | Limit::Demand => false,
                }
    }

    /// Whether one per cent more of a limit moves what is served, up or down.
    fn moves(&self, limit: Limit) -> bool {
        self.solve(&Limits::scaled(limit, 1.0 + STEP)).served_h100e != self.solve(&Limits::UNCHANGED).served_h100e
    }

    /// What one more unit of a limit would have brought [chat H100e/unit]: one per cent more of it, over one per cent of
    /// the cloud's own part.
    pub fn worth_h100e(&self, limit: Limit) -> f64 {
        let before = self.solve(&Limits::UNCHANGED);
        let after = self.solve(&Limits::scaled(limit, 1.0 + STEP));
        let units = self.units(limit, &before.chips);
        if units > 0.0 { (after.served_h100e - before.served_h100e) / (STEP * units) } else { 0.0 }
    }

    /// A cloud's own part of a limit: chips, units of pools in them, MW, USD, H100e.
    fn units(&self, limit: Limit, chips: &[f64]) -> f64 {
        match limit {
            Limit::Chips => chips.iter().sum(),
            Limit::Packaging | Limit::Memory => {
                chips.iter().enumerate().map(|(a, chips)| chips * self.pool_units(limit, a)).sum()
            }
            Limit::Power => self.cloud.energized_mw,
            Limit::Capital => self.cloud.margin.as_ref().map_or(0.0, |margin| margin.budget_usd),
            Limit::Demand => self.cloud.demand_h100e(),
        }
    }

    /// What a chip takes of the pools that are a limit [units].
    fn pool_units(&self, limit: Limit, accelerator: usize) -> f64 {
        let params = self.month.params;
        let uses = params.accelerators[accelerator].pool_use.iter();
        uses.filter(|(pool, _)| Limit::of_pool(params.pools[pool.index()].kind) == limit).map(|(_, units)| units).sum()
    }

    /// Whether chips wait for power.
    fn waits(&self) -> bool {
        self.placed.waiting.iter().any(|chips| *chips > NO_CHIP)
    }

    /// The makers' limit that kept most from the cloud: through which most of what it got came of the types that it
    /// misses and would have had power for, so that one per cent more of it brings most; none if no such type was made.
    fn limit_of_makers(&self) -> Option<Limit> {
        let mut through = [0.0; Limit::ALL.len()];
        for a in 0..self.placed.waiting.len() {
            if let Some(limit) = self.limit_of_missed(a) {
                let chip = &self.month.params.accelerators[a];
                let chips = self.month.as_it_was().to(self.cloud.cloud)[a];
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
        (missing > NO_CHIP && self.placed.waiting[accelerator] <= NO_CHIP).then(limit).flatten()
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
            PlanBound::Budget => Limit::Capital,
        })
    }

    /// The last plan and its limit, where nothing else stood between the cloud and more compute.
    fn plan_that_matters(&self) -> Option<(&Margin, Limit)> {
        let ordered_too_little =
            self.cloud.is_short() && !self.waits() && !self.placed.swapped && self.limit_of_makers().is_none();
        self.cloud.margin.as_ref().filter(|_| ordered_too_little).map(|margin| (margin, self.limit_of_plan()))
    }
}
