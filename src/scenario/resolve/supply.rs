//! Accelerators, suppliers, clouds, sites and power.

use super::{MOST_LENGTH, Resolver, shown};
use crate::ids::{AcceleratorId, CloudId, PoolId, SiteId, StackId, SupplierId};
use crate::scenario::schema::{AllocationSpec, CloudSpec, PoolKindSpec, SiteSpec, SupplierSpec};
use crate::supply::params::{
    Accelerator, Allocation, Buyer, CloudSupply, InitialFleet, Line, Phase, Planning, Pool, PoolKind, PowerDelays,
    Purchase, ResidualBuyer, ScriptedOutage, Site, Supplier, SupplyParams,
};
use crate::supply::redundancy::Feeds;
use crate::units::{Distribution, Schedule, Time};
use std::collections::BTreeMap;

/// Farthest that anybody plans ahead [years]; a plan takes time in proportion.
const MOST_YEARS: f64 = 100.0;
/// By how much shares of a whole may sum to more than it.
const SHARE_TOLERANCE: f64 = 1e-6;
/// Largest step of a site's power: a terawatt [MW].
const MOST_MW: f64 = 1e6;
/// Most feeds of a site, and crews that repair them.
const MOST_FEEDS: u32 = 1_000;
/// Most crews of a cloud.
const MOST_CREWS: u32 = 1_000_000_000;
/// Failures of a feed in a year, from once in ten thousand years to once in two hours.
const LEAST_RATE: f64 = 1e-4;
const MOST_RATE: f64 = 4_383.0;
/// Repair of a feed, from under a minute to ten years [hours].
const LEAST_REPAIR: f64 = 0.01;
const MOST_REPAIR: f64 = 87_660.0;

impl Resolver<'_> {
    pub(super) fn supply(&mut self) -> SupplyParams {
        let spec = self.spec;
        let accelerators = spec.accelerators.keys().map(|id| self.accelerator(id)).collect();
        let pools = spec
            .pools
            .iter()
            .map(|(id, pool)| {
                let at = |field: &str| format!("pools.{id}.{field}");
                let factor = pool.capacity_factor.as_ref();
                let kind = match pool.kind {
                    PoolKindSpec::Packaging => PoolKind::Packaging,
                    PoolKindSpec::Memory => PoolKind::Memory,
                    PoolKindSpec::Other => PoolKind::Other,
                };
                Pool {
                    id: id.clone(),
                    kind,
                    capacity_per_month: self.series_at_least(&at("capacity_per_month"), &pool.capacity_per_month, 0.0),
                    capacity_factor: factor.map_or_else(
                        || Schedule::constant(1.0),
                        |factor| self.series_at_least(&at("capacity_factor"), factor, 0.0),
                    ),
                }
            })
            .collect();
        let suppliers = spec.suppliers.iter().map(|(id, supplier)| self.supplier(id, supplier)).collect();
        let residual_buyers = spec.residual_buyers.keys().map(|id| self.residual_buyer(id)).collect();
        let clouds = spec.clouds.iter().map(|(id, cloud)| self.cloud(id, cloud)).collect();
        let sites = spec.sites.iter().map(|(id, site)| self.site(id, site)).collect();
        let outages = spec
            .outages
            .iter()
            .filter_map(|(id, outage)| {
                let scripted = ScriptedOutage {
                    site: SiteId::new(self.id(&format!("outages.{id}.site"), &outage.site, "site", &spec.sites)),
                    from: self.time(outage.on.value.0),
                    hours: self.within(&format!("outages.{id}.hours"), &outage.hours, 0.0, MOST_LENGTH),
                    cut_mw: outage
                        .cut_mw
                        .as_ref()
                        .map(|cut| self.within(&format!("outages.{id}.cut_mw"), cut, 0.0, MOST_MW)),
                };
                (outage.on.value >= spec.horizon.start).then_some(scripted)
            })
            .collect();
        let supply = SupplyParams {
            accelerators,
            suppliers,
            pools,
            residual_buyers,
            clouds,
            sites,
            outages,
            power: self.power(),
            planning: self.planning(),
        };
        self.check_makers(&supply);
        self.check_pools(&supply);
        supply
    }

    fn accelerator(&mut self, id: &str) -> Accelerator {
        let spec = &self.spec.accelerators[id];
        let at = |field: &str| format!("accelerators.{id}.{field}");
        let throughput = &spec.throughput_h100e;
        let classes = [
            ("training", &throughput.training),
            ("chat", &throughput.chat),
            ("reasoning", &throughput.reasoning),
            ("coding", &throughput.coding),
            ("batch", &throughput.batch),
            ("image", &throughput.image),
            ("video", &throughput.video),
        ];
        let stack = self.stacks.iter().position(|s| *s == spec.stack).expect("stacks are collected from accelerators");
        Accelerator {
            id: id.to_owned(),
            supplier: SupplierId::new(self.id(&at("supplier"), &spec.supplier, "supplier", &self.spec.suppliers)),
            stack: StackId::new(stack),
            available: self.time(spec.available.value.0),
            age_at_start_years: (-self.years(spec.available.value.0)).max(0.0),
            power_kw: self.positive(&at("power_kw"), &spec.power_kw),
            unit_capex_usd: self.series_at_least(&at("unit_capex_usd"), &spec.unit_capex_usd, 0.0),
            life_years: self.positive(&at("life_years"), &spec.life_years),
            failures_per_year: self.at_least(&at("failures_per_year"), &spec.failures_per_year, 0.0),
            repair_days: self.durations(&at("repair_days"), &spec.repair_days),
            liquid_cooled: spec.liquid_cooled,
            pool_use: spec
                .pool_use
                .iter()
                .map(|(pool, units)| {
                    let path = at(&format!("pool_use.{pool}"));
                    (PoolId::new(self.id(&path, pool, "pool", &self.spec.pools)), self.at_least(&path, units, 0.0))
                })
                .collect(),
            lead_time_weeks: self.durations(&at("lead_time_weeks"), &spec.lead_time_weeks),
            throughput_h100e: classes
                .map(|(class, value)| self.positive(&at(&format!("throughput_h100e.{class}")), value)),
            maturity_at_launch: self.share(&at("maturity_at_launch"), &spec.maturity_at_launch),
            maturity_half_life_years: self.at_least(
                &at("maturity_half_life_years"),
                &spec.maturity_half_life_years,
                0.0,
            ),
            h100e_8bit: self.at_least(&at("h100e_8bit"), &spec.h100e_8bit, 0.0),
        }
    }

    fn supplier(&mut self, id: &str, spec: &SupplierSpec) -> Supplier {
        let root = self.spec;
        let at = |field: &str| format!("suppliers.{id}.{field}");
        Supplier {
            id: id.to_owned(),
            party: self.party(&at("party"), &spec.party),
            lines: spec
                .lines
                .iter()
                .map(|(accelerator, capacity)| {
                    let path = at(&format!("lines.{accelerator}"));
                    Line {
                        accelerator: AcceleratorId::new(self.id(&path, accelerator, "accelerator", &root.accelerators)),
                        capacity_per_quarter: self.series_at_least(&path, capacity, 0.0),
                    }
                })
                .collect(),
            pool_shares: spec
                .pool_shares
                .iter()
                .map(|(pool, share)| {
                    let path = at(&format!("pool_shares.{pool}"));
                    self.check_bounds(&path, share, 0.0, 1.0);
                    (PoolId::new(self.id(&path, pool, "pool", &root.pools)), self.series(&path, share))
                })
                .collect(),
            allocation: self.allocation(&at("allocation"), &spec.allocation),
        }
    }

    fn allocation(&mut self, path: &str, spec: &AllocationSpec) -> Allocation {
        match spec {
            AllocationSpec::FirstCome => Allocation::FirstCome,
            AllocationSpec::Proportional => Allocation::Proportional,
            AllocationSpec::PrepaidFirst => Allocation::PrepaidFirst,
            AllocationSpec::Strategic(shares) => Allocation::Strategic(
                shares
                    .iter()
                    .map(|(buyer, share)| {
                        let path = format!("{path}.{buyer}");
                        (self.buyer(&path, buyer), self.series_at_least(&path, share, 0.0))
                    })
                    .collect(),
            ),
            AllocationSpec::PriorityOrder(ranks) => Allocation::PriorityOrder(self.ranks(path, ranks)),
            AllocationSpec::WholeOrders(ranks) => Allocation::WholeOrders(self.ranks(path, ranks)),
        }
    }

    fn ranks(&mut self, path: &str, ranks: &BTreeMap<String, u32>) -> Vec<(Buyer, u32)> {
        ranks.iter().map(|(buyer, rank)| (self.buyer(&format!("{path}.{buyer}"), buyer), *rank)).collect()
    }

    fn buyer(&mut self, path: &str, id: &str) -> Buyer {
        if let Some(residual) = self.spec.residual_buyers.keys().position(|key| key == id) {
            return Buyer::Residual(residual as u16);
        }
        Buyer::Cloud(CloudId::new(self.id(path, id, "cloud or residual buyer", &self.spec.clouds)))
    }

    fn residual_buyer(&mut self, id: &str) -> ResidualBuyer {
        let spec = &self.spec.residual_buyers[id];
        ResidualBuyer {
            id: id.to_owned(),
            party: self.party(&format!("residual_buyers.{id}.party"), &spec.party),
            orders_per_quarter: spec
                .orders_per_quarter
                .iter()
                .map(|(accelerator, orders)| {
                    let path = format!("residual_buyers.{id}.orders_per_quarter.{accelerator}");
                    let kind = self.id(&path, accelerator, "accelerator", &self.spec.accelerators);
                    (AcceleratorId::new(kind), self.series_at_least(&path, orders, 0.0))
                })
                .collect(),
        }
    }

    fn cloud(&mut self, id: &str, spec: &CloudSpec) -> CloudSupply {
        let root = self.spec;
        let at = |field: &str| format!("clouds.{id}.{field}");
        let initial_fleet = spec
            .initial_fleet
            .iter()
            .map(|(accelerator, fleet)| {
                let path = at(&format!("initial_fleet.{accelerator}"));
                InitialFleet {
                    accelerator: AcceleratorId::new(self.id(&path, accelerator, "accelerator", &root.accelerators)),
                    chips: self.counted(&format!("{path}.chips"), &fleet.chips).round() as u64,
                    mean_age_years: self.at_least(&format!("{path}.mean_age_years"), &fleet.mean_age_years, 0.0),
                }
            })
            .collect();
        let purchases = spec
            .purchases
            .iter()
            .map(|(accelerator, preference)| {
                let path = at(&format!("purchases.{accelerator}"));
                Purchase {
                    accelerator: AcceleratorId::new(self.id(&path, accelerator, "accelerator", &root.accelerators)),
                    preference: self.positive(&path, preference),
                }
            })
            .collect();
        let guidance_until = spec.guidance_until.map_or(Time(0), |date| self.time_after(date.0));
        if spec.guidance_until.is_some() != spec.budget_guidance_usd_per_year.is_some() {
            self.find(&at("guidance_until"), "a budget guidance and the day until which it holds go together");
        }
        let site = self.id(&at("expansion_site"), &spec.expansion_site, "site", &root.sites);
        if root.sites.values().nth(site).is_some_and(|site| site.cloud != id) {
            self.find(&at("expansion_site"), format!("site `{}` is another cloud's", spec.expansion_site));
        }
        CloudSupply {
            id: id.to_owned(),
            party: self.party(&at("party"), &spec.party),
            initial_fleet,
            purchases,
            prepaid_share: spec.prepaid_share.as_ref().map_or(0.0, |share| self.share(&at("prepaid_share"), share)),
            ship_to_power_days: self.durations(&at("ship_to_power_days"), &spec.ship_to_power_days),
            install_mw_per_month: self.series_at_least(&at("install_mw_per_month"), &spec.install_mw_per_month, 0.0),
            shell_usd_per_mw: self.at_least(&at("shell_usd_per_mw"), &spec.shell_usd_per_mw, 0.0),
            expansion_site: SiteId::new(site),
            wacc: self.within(&at("wacc"), &spec.wacc, 0.0, 1.0),
            opex_share_per_year: self.share(&at("opex_share_per_year"), &spec.opex_share_per_year),
            target_utilisation: self.within(&at("target_utilisation"), &spec.target_utilisation, 0.01, 1.0),
            repair_crews: spec.repair_crews.map(|crews| self.at_least_one(&at("repair_crews"), crews, MOST_CREWS)),
            budget_guidance_usd_per_year: spec
                .budget_guidance_usd_per_year
                .as_ref()
                .map(|path| self.series_at_least(&at("budget_guidance_usd_per_year"), path, 0.0)),
            guidance_until,
            sells: spec.sells,
        }
    }

    fn site(&mut self, id: &str, spec: &SiteSpec) -> Site {
        let at = |field: &str| format!("sites.{id}.{field}");
        for (i, pair) in spec.phases.windows(2).enumerate() {
            let (earlier, later) = (pair[0].planned.value.0, pair[1].planned.value.0);
            if later < earlier {
                let path = at(&format!("phases.{}.planned", i + 1));
                self.find(&path, format!("phases stand in order of date, but {later} follows {earlier}"));
            }
        }
        let phases = spec
            .phases
            .iter()
            .enumerate()
            .map(|(i, phase)| Phase {
                adds_mw: self.within(&at(&format!("phases.{i}.adds_mw")), &phase.adds_mw, 0.0, MOST_MW),
                planned: (phase.planned.value >= self.spec.horizon.start).then(|| self.time(phase.planned.value.0)),
                slips: phase.slips,
            })
            .collect();
        let regions = &self.spec.regions;
        let region = self.id(&at("region"), &spec.region, "region", regions);
        let price = regions.iter().nth(region).map(|(id, region)| {
            let path = format!("regions.{id}.electricity_usd_per_mwh");
            self.series_at_least(&path, &region.electricity_usd_per_mwh, 0.0)
        });
        let electricity_usd_per_mwh = price.unwrap_or_else(Self::nothing);
        let (outages_per_year, outage_hours) = self.outages_of(id, spec);
        Site {
            id: id.to_owned(),
            region: spec.region.clone(),
            cloud: CloudId::new(self.id(&at("cloud"), &spec.cloud, "cloud", &self.spec.clouds)),
            phases,
            pue: self.at_least(&at("pue"), &spec.pue, 1.0),
            liquid_share: self.share(&at("liquid_share"), &spec.liquid_share),
            reserve: self.within(&at("reserve"), &spec.reserve, 0.0, 0.99),
            electricity_usd_per_mwh,
            bridge_share: spec.bridge_share.as_ref().map_or(0.0, |share| self.share(&at("bridge_share"), share)),
            outages_per_year,
            outage_hours,
        }
    }

    /// How often a site is out, and for how long: as it is told, or as it follows from the site's feeds.
    fn outages_of(&mut self, id: &str, spec: &SiteSpec) -> (f64, Distribution) {
        let at = |field: &str| format!("sites.{id}.{field}");
        match (&spec.outages_per_year, &spec.outage_hours, &spec.feeds) {
            (Some(rate), Some(hours), None) => {
                (self.at_least(&at("outages_per_year"), rate, 0.0), self.durations(&at("outage_hours"), hours))
            }
            (None, None, Some(feeds)) => {
                let count = self.at_least_one(&at("feeds.count"), feeds.count, MOST_FEEDS);
                let (failures, repair) = (&feeds.failures_per_year, &feeds.repair_hours);
                let system = Feeds {
                    count,
                    needed: self.at_least_one(&at("feeds.needed"), feeds.needed, count),
                    failures_per_year: self.within(&at("feeds.failures_per_year"), failures, LEAST_RATE, MOST_RATE),
                    repair_hours: self.within(&at("feeds.repair_hours"), repair, LEAST_REPAIR, MOST_REPAIR),
                    crews: self.at_least_one(&at("feeds.crews"), feeds.crews, MOST_FEEDS),
                };
                if system.system().mean_down_time() > MOST_LENGTH {
                    self.find(&at("feeds"), "repair does not keep up with failures: the site would be out for good");
                }
                system.outages()
            }
            _ => {
                // At the site, so that it is not told of a field that could not be read.
                let either = "a site states its outages either by `outages_per_year` and `outage_hours`, or by `feeds`";
                self.find(&format!("sites.{id}"), either);
                (0.0, Distribution::Constant(0.0))
            }
        }
    }

    /// A whole number from 1 to `most`.
    pub(super) fn at_least_one(&mut self, path: &str, number: u32, most: u32) -> u32 {
        if !(1..=most).contains(&number) {
            self.find(path, format!("expected a whole number from 1 to {most}, found {number}"));
        }
        number.clamp(1, most)
    }

    fn power(&mut self) -> PowerDelays {
        let spec = &self.spec.power;
        PowerDelays {
            grid_months: self.durations("power.grid_months", &spec.grid_months),
            build_months: self.durations("power.build_months", &spec.build_months),
            on_time_probability: self.share("power.on_time_probability", &spec.on_time_probability),
            slip_months: self.durations("power.slip_months", &spec.slip_months),
            extra_months: self.series_at_least("power.extra_months", &spec.extra_months, 0.0),
            smallest_request_mw: self.positive("power.smallest_request_mw", &spec.smallest_request_mw),
            regional_correlation: self.share("power.regional_correlation", &spec.regional_correlation),
            bridge_months: self.durations("power.bridge_months", &spec.bridge_months),
            bridge_usd_per_mwh: self.at_least("power.bridge_usd_per_mwh", &spec.bridge_usd_per_mwh, 0.0),
        }
    }

    fn planning(&mut self) -> Planning {
        let spec = &self.spec.planning;
        Planning {
            chip_horizon_years: self.within("planning.chip_horizon_years", &spec.chip_horizon_years, 0.01, MOST_YEARS),
            power_horizon_years: self.within(
                "planning.power_horizon_years",
                &spec.power_horizon_years,
                0.01,
                MOST_YEARS,
            ),
            cost_sensitivity: self.at_least("planning.cost_sensitivity", &spec.cost_sensitivity, 0.0),
            swap_ratio: self.at_least("planning.swap_ratio", &spec.swap_ratio, 1.0),
            resale_share: self.share("planning.resale_share", &spec.resale_share),
            resale_half_life_years: self.positive("planning.resale_half_life_years", &spec.resale_half_life_years),
            levelised_utilisation: self.within(
                "planning.levelised_utilisation",
                &spec.levelised_utilisation,
                0.01,
                1.0,
            ),
            idle_power_share: spec
                .idle_power_share
                .as_ref()
                .map_or(0.0, |share| self.share("planning.idle_power_share", share)),
            shell_life_years: self.positive("planning.shell_life_years", &spec.shell_life_years),
        }
    }

    pub(super) fn purchases_at_start(&mut self) -> Vec<f64> {
        let spec = self.spec;
        let clouds = spec.clouds.iter();
        clouds
            .map(|(id, cloud)| {
                let path = format!("clouds.{id}.purchases_h100e_8bit_at_start");
                self.at_least(&path, &cloud.purchases_h100e_8bit_at_start, 0.0)
            })
            .collect()
    }

    /// Makers whose shares of a pool sum to more than there is. Shares that are drawn are left alone: they count in
    /// proportion.
    fn check_pools(&mut self, supply: &SupplyParams) {
        for (p, pool) in supply.pools.iter().enumerate() {
            let makers = self.spec.suppliers.iter().zip(&supply.suppliers);
            let certain =
                makers.filter(|((_, spec), _)| spec.pool_shares.get(&pool.id).is_some_and(|s| !s.is_uncertain()));
            let shares: Vec<(&String, &Schedule)> = certain
                .filter_map(|((id, _), maker)| {
                    let share = maker.pool_shares.iter().find(|(of, _)| of.index() == p)?;
                    Some((id, &share.1))
                })
                .collect();
            let sum = |at: Time| shares.iter().map(|(_, share)| share.at(at)).sum::<f64>();
            let months = (0..self.cal().months()).map(|month| self.cal().month_close(month));
            let over = std::iter::once(Time(0)).chain(months).find(|at| sum(*at) > 1.0 + SHARE_TOLERANCE);
            let greatest = |at: Time| shares.iter().max_by(|a, b| a.1.at(at).total_cmp(&b.1.at(at)));
            if let Some((at, (maker, _))) = over.and_then(|at| Some((at, greatest(at)?))) {
                let path = format!("suppliers.{maker}.pool_shares.{}", pool.id);
                let (sum, date) = (shown(sum(at)), self.cal().date(at));
                let makers: Vec<String> = shares.iter().map(|(id, _)| format!("`{id}`")).collect();
                let found =
                    self.find(&path, format!("the makers' shares of `{}` sum to {sum} on {date}, over 1", pool.id));
                found.help = Some(format!("{} draw on it", makers.join(", ")));
            }
        }
    }

    /// Types that nobody makes, chips older than they get, and liquid-cooled types for clouds without liquid cooling.
    fn check_makers(&mut self, supply: &SupplyParams) {
        for cloud in &supply.clouds {
            for fleet in &cloud.initial_fleet {
                let kind = &supply.accelerators[fleet.accelerator.index()];
                if fleet.mean_age_years >= kind.life_years {
                    let path = format!("clouds.{}.initial_fleet.{}.mean_age_years", cloud.id, kind.id);
                    let (age, life) = (shown(fleet.mean_age_years), shown(kind.life_years));
                    self.find(&path, format!("a mean age of {age} years is not below the life of {life}"));
                }
            }
        }
        for (i, kind) in supply.accelerators.iter().enumerate() {
            let maker = &supply.suppliers[kind.supplier.index()];
            // An unknown maker has been found before.
            let known = self.spec.suppliers.contains_key(&self.spec.accelerators[&kind.id].supplier);
            if known && !maker.lines.iter().any(|line| line.accelerator.index() == i) {
                let message = format!("supplier `{}` has no line for it", maker.id);
                self.find(&format!("accelerators.{}.supplier", kind.id), message);
            }
        }
        for cloud in &supply.clouds {
            let liquid = supply
                .sites
                .iter()
                .any(|site| supply.clouds[site.cloud.index()].id == cloud.id && site.liquid_share > 0.0);
            for purchase in &cloud.purchases {
                let kind = &supply.accelerators[purchase.accelerator.index()];
                if kind.liquid_cooled && !liquid {
                    let path = format!("clouds.{}.purchases.{}", cloud.id, kind.id);
                    let message = format!("`{}` needs liquid cooling, and no site of the cloud has any", kind.id);
                    self.find(&path, message);
                }
            }
        }
    }

    /// A schedule that stays at zero, for classes without a share.
    pub(super) fn nothing() -> Schedule {
        Schedule::constant(0.0)
    }
}
