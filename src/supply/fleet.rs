//! Fleets: chips from shipment to retirement, counted one by one.
//!
//! Per cloud and accelerator: `initial + shipped = in transit + stock + working + in repair + retired +
//! resold`. Installed chips
//! sit in cohorts by site and month of installation; chips installed within 30 days at one site are one cohort, of the
//! age of its first. A cohort is retired at the end of its life.

use crate::ids::{AcceleratorId, CloudId, SiteId};
use crate::supply::params::{Accelerator, InitialFleet, SupplyParams};
use crate::supply::rationing::apportion;
use crate::supply::resale::{age_years, resale_value};
use crate::units::{Span, Time, YEAR_DAYS};
use serde::{Deserialize, Serialize};

/// Longest difference of age within a cohort [s].
const COHORT_S: i64 = 30 * 86_400;

/// Chips of one type at one cloud, by stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stages {
    /// Owned when the run started.
    pub initial: u64,
    /// Shipped since then.
    pub shipped: u64,
    /// Shipped, not delivered.
    pub in_transit: u64,
    /// Delivered, not installed.
    pub stock: u64,
    /// Installed and in order.
    pub working: u64,
    /// Installed, failed.
    pub in_repair: u64,
    /// Worn out.
    pub retired: u64,
    /// Swapped for better ones and sold.
    pub resold: u64,
}

impl Stages {
    /// Installed chips, working or not.
    pub fn installed(&self) -> u64 {
        self.working + self.in_repair
    }
}

/// Chips installed together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cohort {
    pub site: SiteId,
    /// Seconds after the run's start; negative for the initial fleet.
    pub installed_s: i64,
    pub working: u64,
    pub in_repair: u64,
}

impl Cohort {
    pub fn chips(&self) -> u64 {
        self.working + self.in_repair
    }

    /// Whether its life ends by `at`.
    pub fn worn_out(&self, chip: &Accelerator, at: Time) -> bool {
        let age_s = i64::try_from(at.0).expect("48-bit time") - self.installed_s;
        age_s >= life_s(chip)
    }
}

fn life_s(chip: &Accelerator) -> i64 {
    i64::try_from(Span::from_days(chip.life_years * YEAR_DAYS).0).unwrap_or(i64::MAX)
}

/// IT power of a chip with its share of server and network [W], at least 1.
pub(super) fn chip_w(chip: &Accelerator) -> u64 {
    ((chip.power_kw * 1_000.0).round() as u64).max(1)
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Group {
    stages: Stages,
    /// Oldest first.
    cohorts: Vec<Cohort>,
}

/// What runs at a site.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct SiteLoad {
    /// IT power of what is installed, working or not [W].
    pub used_w: u64,
    /// The part of it that is liquid-cooled [W].
    pub liquid_w: u64,
    /// Installed chips of each accelerator, working or not.
    pub installed: Vec<u64>,
    /// Working chips of each accelerator.
    pub working: Vec<u64>,
}

/// The fleets of all clouds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Fleet {
    accelerators: usize,
    groups: Vec<Group>,
    pub sites: Vec<SiteLoad>,
}

impl Fleet {
    pub fn new(params: &SupplyParams) -> Self {
        let accelerators = params.accelerators.len();
        let none = vec![0; accelerators];
        let load = SiteLoad { installed: none.clone(), working: none, ..SiteLoad::default() };
        Self {
            accelerators,
            groups: vec![Group::default(); accelerators * params.clouds.len()],
            sites: vec![load; params.sites.len()],
        }
    }

    fn cell(&self, cloud: CloudId, accelerator: AcceleratorId) -> usize {
        cloud.index() * self.accelerators + accelerator.index()
    }

    pub fn stages(&self, cloud: CloudId, accelerator: AcceleratorId) -> Stages {
        self.groups[self.cell(cloud, accelerator)].stages
    }

    pub fn cohorts(&self, cloud: CloudId, accelerator: AcceleratorId) -> &[Cohort] {
        &self.groups[self.cell(cloud, accelerator)].cohorts
    }

    /// Takes over chips that a cloud owns at the start, into stock.
    pub fn take_over(&mut self, cloud: CloudId, fleet: &InitialFleet) {
        let cell = self.cell(cloud, fleet.accelerator);
        self.groups[cell].stages.initial += fleet.chips;
        self.groups[cell].stages.stock += fleet.chips;
    }

    /// Installs `chips` of an initial fleet, with ages spread evenly from 0 to twice the mean, at most the life, in
    /// steps of a quarter.
    pub fn install_aged(&mut self, params: &SupplyParams, cloud: CloudId, site: SiteId, fleet: &InitialFleet, n: u64) {
        let oldest = (2.0 * fleet.mean_age_years).min(params.accelerators[fleet.accelerator.index()].life_years);
        let steps = ((oldest * 4.0).ceil() as usize).max(1);
        let parts = apportion(n, &vec![1.0; steps], &vec![n; steps]);
        for (step, chips) in parts.into_iter().enumerate().rev() {
            let age_years = oldest * (step as f64 + 0.5) / steps as f64;
            let age_s = Span::from_days(age_years * YEAR_DAYS).0 as i64;
            self.install(params, (cloud, fleet.accelerator), site, chips, -age_s);
        }
        let cell = self.cell(cloud, fleet.accelerator);
        self.groups[cell].cohorts.sort_by_key(|cohort| cohort.installed_s);
    }

    /// Chips leave their maker for a cloud.
    pub fn ship(&mut self, cloud: CloudId, accelerator: AcceleratorId, chips: u64) {
        let cell = self.cell(cloud, accelerator);
        self.groups[cell].stages.shipped += chips;
        self.groups[cell].stages.in_transit += chips;
    }

    /// Chips reach a cloud's stock.
    pub fn deliver(&mut self, cloud: CloudId, accelerator: AcceleratorId, chips: u64) {
        let cell = self.cell(cloud, accelerator);
        self.groups[cell].stages.in_transit -= chips;
        self.groups[cell].stages.stock += chips;
    }

    /// Powers up chips from stock, `installed_s` after the start.
    pub fn install(
        &mut self,
        params: &SupplyParams,
        (cloud, accelerator): (CloudId, AcceleratorId),
        site: SiteId,
        chips: u64,
        installed_s: i64,
    ) {
        if chips == 0 {
            return;
        }
        let cell = self.cell(cloud, accelerator);
        let group = &mut self.groups[cell];
        group.stages.stock -= chips;
        group.stages.working += chips;
        // The initial fleet is installed site by site, so a later cohort may be the older one.
        let same = |c: &&mut Cohort| c.site == site && (0..COHORT_S).contains(&(installed_s - c.installed_s));
        let recent = group.cohorts.iter_mut().rev().take_while(|c| installed_s - c.installed_s < COHORT_S).find(same);
        match recent {
            Some(cohort) => cohort.working += chips,
            None => group.cohorts.push(Cohort { site, installed_s, working: chips, in_repair: 0 }),
        }
        let chip = &params.accelerators[accelerator.index()];
        let load = &mut self.sites[site.index()];
        load.installed[accelerator.index()] += chips;
        load.working[accelerator.index()] += chips;
        load.used_w += chips * chip_w(chip);
        if chip.liquid_cooled {
            load.liquid_w += chips * chip_w(chip);
        }
    }

    /// Adds up the power of what is installed afresh, after types came to take another.
    pub fn weigh(&mut self, params: &SupplyParams) {
        for load in &mut self.sites {
            (load.used_w, load.liquid_w) = (0, 0);
            for (chip, chips) in params.accelerators.iter().zip(&load.installed) {
                load.used_w += chips * chip_w(chip);
                load.liquid_w += if chip.liquid_cooled { chips * chip_w(chip) } else { 0 };
            }
        }
    }

    /// Retires every cohort whose life is over; returns how many chips.
    pub fn retire_worn_out(
        &mut self,
        params: &SupplyParams,
        cloud: CloudId,
        accelerator: AcceleratorId,
        now: Time,
    ) -> u64 {
        let cell = self.cell(cloud, accelerator);
        let chip = &params.accelerators[accelerator.index()];
        let worn_out = self.groups[cell].cohorts.iter().take_while(|cohort| cohort.worn_out(chip, now)).count();
        let chips = |(working, in_repair): (u64, u64)| working + in_repair;
        let retired =
            (0..worn_out).map(|cohort| chips(self.remove(params, (cloud, accelerator), cohort, u64::MAX))).sum();
        self.groups[cell].cohorts.drain(..worn_out);
        self.groups[cell].stages.retired += retired;
        retired
    }

    /// Sells at most `chips` of a type at a site, oldest first; returns how many, and what they bring [USD]. Those in
    /// repair bring nothing.
    pub fn resell_oldest(
        &mut self,
        params: &SupplyParams,
        (cloud, accelerator): (CloudId, AcceleratorId),
        site: SiteId,
        chips: u64,
        now: Time,
    ) -> (u64, f64) {
        let cell = self.cell(cloud, accelerator);
        let chip = &params.accelerators[accelerator.index()];
        let (mut resold, mut proceeds) = (0, 0.0);
        for cohort in 0..self.groups[cell].cohorts.len() {
            if self.groups[cell].cohorts[cohort].site == site {
                let age = age_years(&self.groups[cell].cohorts[cohort], now);
                let (working, in_repair) = self.remove(params, (cloud, accelerator), cohort, chips - resold);
                resold += working + in_repair;
                proceeds += working as f64 * resale_value(&params.planning, chip, age, now);
            }
        }
        self.groups[cell].cohorts.retain(|cohort| cohort.chips() > 0);
        self.groups[cell].stages.resold += resold;
        (resold, proceeds)
    }

    /// Takes at most `chips` out of a cohort, those in repair first; returns how many worked and how many did not.
    fn remove(
        &mut self,
        params: &SupplyParams,
        (cloud, accelerator): (CloudId, AcceleratorId),
        cohort: usize,
        chips: u64,
    ) -> (u64, u64) {
        let cell = self.cell(cloud, accelerator);
        let Group { stages, cohorts } = &mut self.groups[cell];
        let cohort = &mut cohorts[cohort];
        let in_repair = chips.min(cohort.in_repair);
        let working = (chips - in_repair).min(cohort.working);
        cohort.in_repair -= in_repair;
        cohort.working -= working;
        stages.in_repair -= in_repair;
        stages.working -= working;
        let chip = &params.accelerators[accelerator.index()];
        let load = &mut self.sites[cohort.site.index()];
        let freed_w = (in_repair + working) * chip_w(chip);
        load.installed[accelerator.index()] -= in_repair + working;
        load.working[accelerator.index()] -= working;
        load.used_w -= freed_w;
        if chip.liquid_cooled {
            load.liquid_w -= freed_w;
        }
        (working, in_repair)
    }

    /// Breaks at most `chips` of a type, spread over its cohorts in proportion to what works; returns how many.
    pub fn fail(&mut self, cloud: CloudId, accelerator: AcceleratorId, chips: u64) -> u64 {
        let cell = self.cell(cloud, accelerator);
        let Group { stages, cohorts } = &mut self.groups[cell];
        let working: Vec<u64> = cohorts.iter().map(|cohort| cohort.working).collect();
        let parts = in_proportion(chips, &working);
        for (cohort, part) in cohorts.iter_mut().zip(&parts) {
            cohort.working -= part;
            cohort.in_repair += part;
            self.sites[cohort.site.index()].working[accelerator.index()] -= part;
        }
        let failed = parts.iter().sum();
        stages.working -= failed;
        stages.in_repair += failed;
        failed
    }

    /// Brings a repaired batch back, spread over cohorts in proportion to what is in repair; returns how many come
    /// back. Chips are not told apart: if some in repair were retired meanwhile, the last batches come back smaller.
    pub fn repair(&mut self, cloud: CloudId, accelerator: AcceleratorId, chips: u64) -> u64 {
        let cell = self.cell(cloud, accelerator);
        let Group { stages, cohorts } = &mut self.groups[cell];
        let in_repair: Vec<u64> = cohorts.iter().map(|cohort| cohort.in_repair).collect();
        let parts = in_proportion(chips, &in_repair);
        for (cohort, part) in cohorts.iter_mut().zip(&parts) {
            cohort.in_repair -= part;
            cohort.working += part;
            self.sites[cohort.site.index()].working[accelerator.index()] += part;
        }
        let repaired = parts.iter().sum();
        stages.in_repair -= repaired;
        stages.working += repaired;
        repaired
    }

    /// Compares the stages of every chip with its cohorts, and the load of every site with them.
    ///
    /// # Errors
    /// Names the first group or site that does not balance.
    pub fn check(&self, params: &SupplyParams) -> Result<(), String> {
        let mut loads = Fleet::new(params).sites;
        for (cell, group) in self.groups.iter().enumerate() {
            let s = &group.stages;
            let accounted = s.in_transit + s.stock + s.installed() + s.retired + s.resold;
            let working: u64 = group.cohorts.iter().map(|cohort| cohort.working).sum();
            let in_repair: u64 = group.cohorts.iter().map(|cohort| cohort.in_repair).sum();
            if s.initial + s.shipped != accounted || (working, in_repair) != (s.working, s.in_repair) {
                return Err(format!("chips of group {cell}: {s:?}, cohorts {working} working, {in_repair} in repair"));
            }
            let accelerator = cell % self.accelerators;
            let chip = &params.accelerators[accelerator];
            for cohort in &group.cohorts {
                let load = &mut loads[cohort.site.index()];
                load.installed[accelerator] += cohort.chips();
                load.working[accelerator] += cohort.working;
                load.used_w += cohort.chips() * chip_w(chip);
                load.liquid_w += if chip.liquid_cooled { cohort.chips() * chip_w(chip) } else { 0 };
            }
        }
        match (0..loads.len()).find(|&site| loads[site] != self.sites[site]) {
            Some(site) => Err(format!("load of site {site}: {:?}, cohorts {:?}", self.sites[site], loads[site])),
            None => Ok(()),
        }
    }
}

fn in_proportion(chips: u64, caps: &[u64]) -> Vec<u64> {
    let weights: Vec<f64> = caps.iter().map(|&cap| cap as f64).collect();
    apportion(chips, &weights, caps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::supply::testing;
    use crate::units::DAY;

    const CLOUD: CloudId = CloudId(0);
    const CHIP: AcceleratorId = AcceleratorId(0);
    const GROUP: (CloudId, AcceleratorId) = (CLOUD, CHIP);
    const SITE: SiteId = SiteId(0);

    fn delivered(params: &SupplyParams, chips: u64) -> Fleet {
        let mut fleet = Fleet::new(params);
        fleet.ship(CLOUD, CHIP, chips);
        fleet.deliver(CLOUD, CHIP, chips);
        fleet
    }

    #[test]
    fn a_chip_passes_every_stage_and_is_never_lost() {
        let mut params = testing::world(1);
        params.accelerators[0].life_years = 4.0;
        let mut fleet = Fleet::new(&params);
        fleet.ship(CLOUD, CHIP, 100);
        fleet.deliver(CLOUD, CHIP, 90);
        fleet.install(&params, GROUP, SITE, 80, 0);
        assert_eq!(fleet.fail(CLOUD, CHIP, 8), 8);
        assert_eq!(fleet.repair(CLOUD, CHIP, 5), 5);
        let expected =
            Stages { shipped: 100, in_transit: 10, stock: 10, working: 77, in_repair: 3, ..Stages::default() };
        assert_eq!(fleet.stages(CLOUD, CHIP), expected);
        let end = Span::from_days(4.0 * YEAR_DAYS).0;
        assert_eq!(fleet.retire_worn_out(&params, CLOUD, CHIP, Time(end - 1)), 0);
        assert_eq!(fleet.retire_worn_out(&params, CLOUD, CHIP, Time(end)), 80);
        // A batch that was in repair at retirement does not come back.
        assert_eq!(fleet.repair(CLOUD, CHIP, 3), 0);
        fleet.check(&params).unwrap();
        fleet.sites[0].used_w += 1;
        fleet.check(&params).unwrap_err();
    }

    #[test]
    fn cohorts_fail_in_proportion_and_the_oldest_are_sold_first() {
        let params = testing::world(1);
        let mut fleet = delivered(&params, 1_000);
        let month_s = i64::try_from(DAY.0 * 31).unwrap();
        fleet.install(&params, GROUP, SITE, 300, 0);
        fleet.install(&params, GROUP, SITE, 50, COHORT_S - 1);
        fleet.install(&params, GROUP, SITE, 650, month_s);
        assert_eq!(fleet.cohorts(CLOUD, CHIP).len(), 2);
        fleet.fail(CLOUD, CHIP, 100);
        assert_eq!(fleet.cohorts(CLOUD, CHIP)[0].in_repair, 35);
        // Those in repair go first.
        // Those that work bring half of 10,000 USD; 35 and 65 do not.
        assert_eq!(fleet.resell_oldest(&params, GROUP, SITE, 135, Time(0)), (135, 100.0 * 5_000.0));
        assert_eq!(fleet.cohorts(CLOUD, CHIP)[0], Cohort { site: SITE, installed_s: 0, working: 215, in_repair: 0 });
        assert_eq!(fleet.resell_oldest(&params, GROUP, SITE, 400, Time(0)), (400, (215.0 + 120.0) * 5_000.0));
        let left = Cohort { site: SITE, installed_s: month_s, working: 465, in_repair: 0 };
        assert_eq!(fleet.cohorts(CLOUD, CHIP), [left]);
        assert_eq!(fleet.sites[0].used_w, 465 * chip_w(&params.accelerators[0]));
        fleet.check(&params).unwrap();
    }

    #[test]
    fn an_initial_fleet_has_ages_from_zero_to_twice_its_mean() {
        let mut params = testing::world(1);
        params.accelerators[0].life_years = 5.0;
        let initial = InitialFleet { accelerator: CHIP, chips: 100, mean_age_years: 0.5 };
        let mut fleet = Fleet::new(&params);
        fleet.take_over(CLOUD, &initial);
        fleet.install_aged(&params, CLOUD, SITE, &initial, 90);
        let ages: Vec<(f64, u64)> = fleet
            .cohorts(CLOUD, CHIP)
            .iter()
            .map(|cohort| (-cohort.installed_s as f64 / (YEAR_DAYS * 86_400.0), cohort.working))
            .collect();
        assert_eq!(ages, [(0.875, 22), (0.625, 22), (0.375, 23), (0.125, 23)]);
        assert_eq!(fleet.stages(CLOUD, CHIP).stock, 10);
        fleet.check(&params).unwrap();
    }
}
