//! What the layer above may ask of the supply side.

use super::binding::{CloudMonth, Opening, SitePower};
use super::fleet::{Fleet, Stages};
use super::install::placements;
use super::params::{Buyer, Class, SupplyParams};
use super::power::facility_power;
use super::resale::{age_years, resale_value};
use super::state::SupplyState;
use super::streams::Dice;
use super::suppliers::Output;
use super::throughput::throughput;
use crate::ids::{AcceleratorId, CloudId, ResidualBuyerId, SiteId};
use crate::units::Time;

impl<S: Dice> SupplyState<S> {
    /// Number of changes of a cloud's capacity so far: what was derived from it is good until this moves.
    pub fn version(&self, cloud: CloudId) -> u64 {
        self.versions[cloud.index()]
    }

    /// Working chips of a type at a cloud's sites in service, those that a cut of power keeps dark left out.
    pub fn working_chips(&self, cloud: CloudId, accelerator: AcceleratorId) -> u64 {
        let working = |site: &SiteId| self.fleet.sites[site.index()].working[accelerator.index()];
        let sites = self.sites_of[cloud.index()].iter();
        sites.map(|site| self.outages.in_service(*site, accelerator, working(site))).sum()
    }

    /// Working compute of a cloud for a class that outages and cuts of power keep from service [H100e].
    pub fn dark_h100e(&self, params: &SupplyParams, cloud: CloudId, class: Class, now: Time) -> f64 {
        let working = |accelerator: AcceleratorId| -> u64 {
            self.sites_of[cloud.index()].iter().map(|site| self.working_at(*site, accelerator)).sum()
        };
        self.h100e(params, class, now, |accelerator| working(accelerator) - self.working_chips(cloud, accelerator))
    }

    /// Working chips of a type at a site, in service or not.
    pub fn working_at(&self, site: SiteId, accelerator: AcceleratorId) -> u64 {
        self.fleet.sites[site.index()].working[accelerator.index()]
    }

    /// Sites of a cloud.
    pub fn sites_of(&self, cloud: CloudId) -> &[SiteId] {
        &self.sites_of[cloud.index()]
    }

    /// What a cloud can serve with: types and working chips at sites in service, types without any left out.
    pub fn capacity(&self, cloud: CloudId) -> impl Iterator<Item = (AcceleratorId, u64)> + '_ {
        let all = self.accelerator_ids().map(move |a| (a, self.working_chips(cloud, a)));
        all.filter(|(_, chips)| *chips > 0)
    }

    /// Chips of a type at a cloud, by stage.
    pub fn stages(&self, cloud: CloudId, accelerator: AcceleratorId) -> Stages {
        self.fleet.stages(cloud, accelerator)
    }

    /// Installed compute of a cloud for a class at a date, working or not [H100e].
    pub fn installed_h100e(&self, params: &SupplyParams, cloud: CloudId, class: Class, now: Time) -> f64 {
        self.h100e(params, class, now, |accelerator| self.stages(cloud, accelerator).installed())
    }

    /// Compute that a cloud can serve with now: installed, not failed and in service [H100e].
    pub fn working_h100e(&self, params: &SupplyParams, cloud: CloudId, class: Class, now: Time) -> f64 {
        self.h100e(params, class, now, |accelerator| self.working_chips(cloud, accelerator))
    }

    /// Compute in a cloud's stock that waits for power, not for the rate of installation [H100e].
    pub fn stranded_h100e(&self, params: &SupplyParams, cloud: CloudId, class: Class, now: Time) -> f64 {
        let sites = &self.sites_of[cloud.index()];
        let placed = placements(params, &self.fleet, &self.power, (cloud, sites), u64::MAX);
        self.h100e(params, class, now, |accelerator| {
            let fits: u64 = placed.iter().filter(|at| at.accelerator == accelerator).map(|at| at.chips).sum();
            self.stages(cloud, accelerator).stock - fits
        })
    }

    fn h100e(&self, params: &SupplyParams, class: Class, now: Time, chips: impl Fn(AcceleratorId) -> u64) -> f64 {
        let held = self.accelerator_ids().map(|a| (a, chips(a))).filter(|(_, chips)| *chips > 0);
        total(held.map(|(a, chips)| chips as f64 * throughput(&params.accelerators[a.index()], class, now)))
    }

    /// Cumulative purchases since the start, counted at shipment as Epoch AI does [8-bit H100e].
    pub fn purchases_8bit(&self, params: &SupplyParams, cloud: CloudId) -> f64 {
        let shipped = |a: AcceleratorId| self.stages(cloud, a).shipped as f64;
        total(self.accelerator_ids().map(|a| shipped(a) * params.accelerators[a.index()].h100e_8bit))
    }

    /// What a cloud's installed chips would bring if they were sold [USD].
    pub fn resale_value_usd(&self, params: &SupplyParams, cloud: CloudId, now: Time) -> f64 {
        total(self.accelerator_ids().map(|accelerator| {
            let chip = &params.accelerators[accelerator.index()];
            let cohorts = self.fleet.cohorts(cloud, accelerator).iter();
            total(cohorts.map(|cohort| {
                cohort.working as f64 * resale_value(&params.planning, chip, age_years(cohort, now), now)
            }))
        }))
    }

    /// Open orders of a cloud: types and chips, types without any left out.
    pub fn open_orders(&self, cloud: CloudId) -> impl Iterator<Item = (AcceleratorId, u64)> + '_ {
        let all = self.accelerator_ids().map(move |a| (a, self.book.tally(Buyer::Cloud(cloud), a).open));
        all.filter(|(_, chips)| *chips > 0)
    }

    /// Chips of a type shipped to anybody since the start.
    pub fn shipped_chips(&self, params: &SupplyParams, accelerator: AcceleratorId) -> u64 {
        let residual = (0..params.residual_buyers.len()).map(|buyer| Buyer::Residual(ResidualBuyerId::new(buyer).0));
        let buyers = self.cloud_ids().map(Buyer::Cloud).chain(residual);
        buyers.map(|buyer| self.book.tally(buyer, accelerator).shipped).sum()
    }

    /// Output of a type in the last month that opened, and what kept it from being larger.
    pub fn output(&self, accelerator: AcceleratorId) -> Output {
        self.outputs[accelerator.index()]
    }

    /// The month that opened last, before anything shipped.
    pub fn opening(&self) -> &Opening {
        &self.opening
    }

    /// A cloud's month that ends now, given the load that it served and turned away and the compute that was there,
    /// means of the month [chat H100e].
    pub fn cloud_month(
        &self,
        params: &SupplyParams,
        cloud: CloudId,
        now: Time,
        (served_h100e, turned_away_h100e, compute_h100e): (f64, f64, f64),
    ) -> CloudMonth {
        let power = |site: &SiteId| {
            let limits = self.power.limits(params, *site);
            SitePower { site: *site, total_w: limits.total_w as f64, liquid_w: limits.liquid_w as f64 }
        };
        CloudMonth {
            cloud,
            now,
            served_h100e,
            turned_away_h100e,
            compute_h100e,
            sites: self.sites_of[cloud.index()].iter().map(power).collect(),
            energized_mw: self.energized_mw(cloud),
            margin: self.margins[cloud.index()].clone(),
        }
    }

    /// Whether a site is in service.
    pub fn in_service(&self, site: SiteId) -> bool {
        !self.outages.is_out(site)
    }

    /// Energized power of a cloud [MW of facility].
    pub fn energized_mw(&self, cloud: CloudId) -> f64 {
        let sites = self.sites_of[cloud.index()].iter();
        sites.map(|site| self.power.energized_w(*site)).sum::<u64>() as f64 / 1e6
    }

    /// Power that a cloud's installed chips take at full load [MW of facility].
    pub fn used_mw(&self, params: &SupplyParams, cloud: CloudId) -> f64 {
        let sites = self.sites_of[cloud.index()].iter();
        let used_w = |site: &SiteId| self.fleet.sites[site.index()].used_w as f64;
        total(sites.map(|site| facility_power(used_w(site), params.sites[site.index()].pue))) / 1e6
    }

    /// Power of a cloud, after reserves, that waits for chips [MW of facility].
    pub fn stranded_power_mw(&self, params: &SupplyParams, cloud: CloudId) -> f64 {
        let sites = self.sites_of[cloud.index()].iter();
        let free = sites.map(|site| {
            let limit_w = self.power.limits(params, *site).total_w;
            let free_w = limit_w.saturating_sub(self.fleet.sites[site.index()].used_w) as f64;
            facility_power(free_w, params.sites[site.index()].pue)
        });
        total(free) / 1e6
    }

    /// Facility power over IT power of a cloud's installed chips [1]; that of its expansion site if it has none.
    pub fn pue(&self, params: &SupplyParams, cloud: CloudId) -> f64 {
        let sites = self.sites_of[cloud.index()].iter();
        let loads = sites.map(|site| {
            let (it, pue) = (self.fleet.sites[site.index()].used_w as f64, params.sites[site.index()].pue);
            (it, facility_power(it, pue))
        });
        let none = || params.sites[params.clouds[cloud.index()].expansion_site.index()].pue;
        mean_pue(loads).unwrap_or_else(none)
    }

    /// Price of the electricity that a cloud's installed chips take, bridge power included [USD/MWh]; that of its
    /// expansion site if it has none.
    pub fn electricity_usd_per_mwh(&self, params: &SupplyParams, cloud: CloudId, now: Time) -> f64 {
        let price = |site: SiteId| {
            let grid = params.sites[site.index()].electricity_usd_per_mwh.at(now);
            grid + self.power.bridge_usd_per_mwh(params, site)
        };
        self.mean_over_load(params, cloud, price, |site| params.sites[site.index()].pue)
    }

    /// Mean of a site's `value` over the IT power in use times `weight`.
    fn mean_over_load(
        &self,
        params: &SupplyParams,
        cloud: CloudId,
        value: impl Fn(SiteId) -> f64,
        weight: impl Fn(SiteId) -> f64,
    ) -> f64 {
        let (mut sum, mut total) = (0.0, 0.0);
        for site in &self.sites_of[cloud.index()] {
            let load = self.fleet.sites[site.index()].used_w as f64 * weight(*site);
            sum += load * value(*site);
            total += load;
        }
        if total > 0.0 { sum / total } else { value(params.clouds[cloud.index()].expansion_site) }
    }

    /// Compares all counts: `ordered = shipped + open + cancelled` for every buyer, `initial + shipped = in transit +
    /// stock + installed + retired` for every cloud, and the power in use with what is energized, per accelerator and
    /// site. What a
    /// fork found running beyond what a site can carry under its parameters runs on until it retires.
    ///
    /// # Errors
    /// Says what does not balance first.
    pub fn check(&self, params: &SupplyParams) -> Result<(), String> {
        let residual = (0..params.residual_buyers.len()).map(|buyer| Buyer::Residual(ResidualBuyerId::new(buyer).0));
        self.book.check(self.cloud_ids().map(Buyer::Cloud).chain(residual))?;
        self.fleet.check(params)?;
        for cloud in self.cloud_ids() {
            for accelerator in self.accelerator_ids() {
                let sold = self.book.tally(Buyer::Cloud(cloud), accelerator).shipped;
                let received = self.stages(cloud, accelerator).shipped;
                if sold != received {
                    return Err(format!("{sold} shipped to {cloud:?} of {accelerator:?}, {received} received"));
                }
            }
        }
        self.check_repairs(params)?;
        self.check_power(params, &self.fleet)
    }

    /// What a fork found in repair beyond its crews is finished.
    fn check_repairs(&self, params: &SupplyParams) -> Result<(), String> {
        for cloud in self.cloud_ids() {
            let failed: u64 = self.accelerator_ids().map(|a| self.stages(cloud, a).in_repair).sum();
            let (begun, waiting) = self.repairs[cloud.index()].chips();
            let idle = params.clouds[cloud.index()].repair_crews.is_none_or(|crews| begun < u64::from(crews));
            if failed > begun + waiting || (waiting > 0 && idle) {
                return Err(format!("{failed} failed at {cloud:?}, {begun} in repair and {waiting} waiting for it"));
            }
        }
        Ok(())
    }

    fn check_power(&self, params: &SupplyParams, fleet: &Fleet) -> Result<(), String> {
        for (site, load) in fleet.sites.iter().enumerate() {
            let limits = self.power.limits(params, SiteId::new(site));
            let found = self.found_running[site];
            if load.used_w > limits.total_w.max(found.total_w) || load.liquid_w > limits.liquid_w.max(found.liquid_w) {
                let (used, liquid) = (load.used_w, load.liquid_w);
                return Err(format!("site {site} uses {used} W, {liquid} W of it liquid-cooled, of {limits:?}"));
            }
        }
        Ok(())
    }
}

/// Power usage effectiveness of several loads together, each with its IT and facility energy: `Σ facility / Σ IT`, which
/// is not the mean of their own. None of no load.
///
/// Source: ISO/IEC 30134-2:2016.
pub fn mean_pue(loads: impl IntoIterator<Item = (f64, f64)>) -> Option<f64> {
    let (it, facility) = loads.into_iter().fold((0.0, 0.0), |sum, load| (sum.0 + load.0, sum.1 + load.1));
    (it > 0.0).then(|| facility / it)
}

/// Sum in order; 0 of nothing, where `Iterator::sum` gives −0.
fn total(amounts: impl Iterator<Item = f64>) -> f64 {
    amounts.fold(0.0, |sum, amount| sum + amount)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::supply::params::InitialFleet;
    use crate::supply::testing::{self, Fixed, day};
    use crate::units::Schedule;

    const CLOUD: CloudId = CloudId(0);
    const CHIP: AcceleratorId = AcceleratorId(0);

    /// 2 MW at PUE 1.25 and 3 MW at PUE 1.5 with a reserve of a half, and 4,000 chips of 1 kW and 2 H100e.
    fn two_sites() -> (SupplyParams, SupplyState<Fixed>) {
        let mut params = testing::world(1);
        params.accelerators[0] = testing::accelerator("h100", 2.0, 1.0);
        params.clouds[0].initial_fleet = vec![InitialFleet { accelerator: CHIP, chips: 4_000, mean_age_years: 0.0 }];
        params.sites.push(testing::site("second", 0));
        (params.sites[0].pue, params.sites[0].phases[0].adds_mw) = (1.25, 2.0);
        (params.sites[1].pue, params.sites[1].phases[0].adds_mw, params.sites[1].reserve) = (1.5, 3.0, 0.5);
        params.sites[1].electricity_usd_per_mwh = Schedule::constant(90.0);
        let state = SupplyState::new(&params, day(365.0), &mut |_, _| Fixed(0.5)).0;
        (params, state)
    }

    #[test]
    fn chips_and_power_by_hand() {
        let (params, state) = two_sites();
        // 1,600 and 1,000 chips fit; 1,400 wait. None was shipped since the start.
        assert_eq!(state.shipped_chips(&params, CHIP), 0);
        assert_eq!(state.capacity(CLOUD).collect::<Vec<_>>(), [(CHIP, 2_600)]);
        assert_eq!(state.installed_h100e(&params, CLOUD, Class::Chat, Time(0)), 5_200.0);
        assert_eq!(state.stranded_h100e(&params, CLOUD, Class::Chat, Time(0)), 2_800.0);
        assert_eq!((state.energized_mw(CLOUD), state.used_mw(&params, CLOUD)), (5.0, 3.5));
        assert_eq!(state.stranded_power_mw(&params, CLOUD), 0.0);
        // Means over 1.6 and 1.0 MW of IT, and over 2.0 and 1.5 MW of facility.
        assert!((state.pue(&params, CLOUD) - 3.5 / 2.6).abs() < 1e-12);
        assert!((state.electricity_usd_per_mwh(&params, CLOUD, Time(0)) - 235.0 / 3.5).abs() < 1e-12);
        assert!(state.purchases_8bit(&params, CLOUD).is_sign_positive());
        // 2,600 chips, the oldest of a quarter's ages at 0, at half of 10,000 USD.
        assert_eq!(state.resale_value_usd(&params, CLOUD, Time(0)), 2_600.0 * 5_000.0);
        state.check(&params).unwrap();
    }

    #[test]
    fn power_waits_for_chips_where_there_are_none() {
        let (mut params, _) = two_sites();
        params.clouds[0].initial_fleet[0].chips = 0;
        let state = SupplyState::new(&params, day(365.0), &mut |_, _| Fixed(0.5)).0;
        assert_eq!(state.stranded_power_mw(&params, CLOUD), 3.5);
        assert!(state.stranded_h100e(&params, CLOUD, Class::Chat, Time(0)).is_sign_positive());
        assert_eq!((state.pue(&params, CLOUD), state.electricity_usd_per_mwh(&params, CLOUD, Time(0))), (1.25, 50.0));
    }

    #[test]
    fn a_check_finds_a_chip_too_many_and_a_watt_too_many() {
        let (mut params, mut state) = two_sites();
        params.sites[1].reserve = 0.6;
        assert!(state.check(&params).unwrap_err().contains("site 1 uses 1000000 W"));
        params.sites[1].reserve = 0.5;
        state.fleet.ship(CLOUD, CHIP, 1);
        assert!(state.check(&params).unwrap_err().contains("0 shipped"));
    }
}
