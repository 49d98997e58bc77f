//! Installation: from stock to power.
//!
//! A cloud powers up what waits in its stock, the type of most chat throughput per kW first, at its sites in their
//! order, as far as power (and liquid-cooled power, for the types that need it) and its rate of installation allow. The
//! rate accrues continuously [W of IT]; what is not used within a week is lost, beyond the power of one chip.
//!
//! **Swap.** Where chips still wait although the rate would allow them, power is what is missing. Then, site by site,
//! installed chips with throughput per kW at most `1 / swap_ratio` of the waiting type's make room for it, the worst
//! type first and its oldest chips first, and are sold; the waiting chips are paid for, so that a swap costs only the
//! work that the old ones would still have done.
//!
//! *Stranded chips* wait for power, not for the rate; *stranded power* waits for chips.
//! Source: rule of thumb, assumed. Not modelled: value beyond chat, moving chips between sites, recabling time.

use crate::ids::{AcceleratorId, CloudId, SiteId};
use crate::supply::fleet::{Fleet, chip_w};
use crate::supply::params::SupplyParams;
use crate::supply::power::{Limits, Power};
use crate::supply::suppliers::MONTH_DAYS;
use crate::supply::throughput::value_per_kw;
use crate::units::Time;
use serde::{Deserialize, Serialize};

/// Chips to be powered up together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Placement {
    pub accelerator: AcceleratorId,
    pub site: SiteId,
    pub chips: u64,
}

/// What a cloud may install at an instant [W of IT].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Allowance {
    watts: f64,
    as_of: Time,
}

impl Allowance {
    /// A week's worth at the start.
    pub fn new(params: &SupplyParams, cloud: CloudId) -> Self {
        let week = week_w(params, cloud, Time(0));
        Self { watts: week, as_of: Time(0) }
    }

    /// Adds what accrued until `now`; returns whole watts.
    pub fn accrue(&mut self, params: &SupplyParams, cloud: CloudId, now: Time) -> u64 {
        let week = week_w(params, cloud, now);
        let most = week + params.accelerators.iter().map(chip_w).max().unwrap_or(0) as f64;
        self.watts = (self.watts + week * now.since(self.as_of).days() / 7.0).min(most);
        self.as_of = now;
        self.watts as u64
    }

    pub fn spend(&mut self, watts: u64) {
        self.watts -= watts as f64;
    }
}

fn week_w(params: &SupplyParams, cloud: CloudId, now: Time) -> f64 {
    params.clouds[cloud.index()].install_mw_per_month.at(now).max(0.0) * 1e6 * 7.0 / MONTH_DAYS
}

/// A cloud's accelerators with chips in stock, the best use of power first; ties by position.
fn waiting(params: &SupplyParams, fleet: &Fleet, cloud: CloudId) -> Vec<AcceleratorId> {
    let all = (0..params.accelerators.len()).map(AcceleratorId::new);
    let mut types: Vec<AcceleratorId> = all.filter(|a| fleet.stages(cloud, *a).stock > 0).collect();
    let value = |a: &AcceleratorId| value_per_kw(&params.accelerators[a.index()]);
    types.sort_by(|a, b| value(b).total_cmp(&value(a)).then(a.cmp(b)));
    types
}

/// Power that is free at a site.
fn headroom(params: &SupplyParams, fleet: &Fleet, power: &Power, site: SiteId) -> Limits {
    let (limits, load) = (power.limits(params, site), &fleet.sites[site.index()]);
    // Saturating, since a fork may lower what a site can carry below what runs there.
    Limits {
        total_w: limits.total_w.saturating_sub(load.used_w),
        liquid_w: limits.liquid_w.saturating_sub(load.liquid_w),
    }
}

/// Where a cloud's stock goes with `allowance_w` of installation left; nothing is moved yet.
pub(super) fn placements(
    params: &SupplyParams,
    fleet: &Fleet,
    power: &Power,
    (cloud, sites): (CloudId, &[SiteId]),
    mut allowance_w: u64,
) -> Vec<Placement> {
    let types = waiting(params, fleet, cloud);
    if types.is_empty() {
        return Vec::new();
    }
    let mut free: Vec<Limits> = sites.iter().map(|site| headroom(params, fleet, power, *site)).collect();
    let mut placements = Vec::new();
    for accelerator in types {
        let chip = &params.accelerators[accelerator.index()];
        let (watts, mut left) = (chip_w(chip), fleet.stages(cloud, accelerator).stock);
        for (site, free) in sites.iter().zip(&mut free) {
            let room_w = if chip.liquid_cooled { free.total_w.min(free.liquid_w) } else { free.total_w };
            let chips = left.min(room_w.min(allowance_w) / watts);
            if chips > 0 {
                placements.push(Placement { accelerator, site: *site, chips });
                left -= chips;
                allowance_w -= chips * watts;
                free.total_w -= chips * watts;
                free.liquid_w -= if chip.liquid_cooled { chips * watts } else { 0 };
            }
        }
    }
    placements
}

/// What a swap does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Swap {
    pub placement: Placement,
    /// Chips of each type that make room at the same site.
    pub retire: Vec<(AcceleratorId, u64)>,
}

/// The next swap that pays at one of a cloud's sites, if there is one; nothing is moved yet. Each leaves fewer chips
/// waiting, so repeated swaps come to an end.
pub(super) fn next_swap(
    params: &SupplyParams,
    fleet: &Fleet,
    power: &Power,
    (cloud, sites): (CloudId, &[SiteId]),
    allowance_w: u64,
) -> Option<Swap> {
    let waiting = waiting(params, fleet, cloud);
    let mut pairs = waiting.iter().flat_map(|new| sites.iter().map(|site| (*new, *site)));
    pairs.find_map(|(new, site)| swap_at(params, fleet, power, (cloud, site), new, allowance_w))
}

fn swap_at(
    params: &SupplyParams,
    fleet: &Fleet,
    power: &Power,
    (cloud, site): (CloudId, SiteId),
    new: AcceleratorId,
    allowance_w: u64,
) -> Option<Swap> {
    let chip = &params.accelerators[new.index()];
    let watts = chip_w(chip);
    let free = headroom(params, fleet, power, site);
    let mut old = replaceable(params, fleet, site, new);
    let mut room_w = free.total_w + old.iter().map(|old| old.power_w()).sum::<u64>();
    if chip.liquid_cooled {
        let liquid = old.iter().filter(|old| old.liquid_cooled).map(|old| old.power_w());
        room_w = room_w.min(free.liquid_w + liquid.sum::<u64>());
    }
    let chips = fleet.stages(cloud, new).stock.min(room_w.min(allowance_w) / watts);
    if chips == 0 {
        return None;
    }
    if chip.liquid_cooled {
        // What makes liquid-cooled room makes room altogether, so it goes first.
        make_room((chips * watts).saturating_sub(free.liquid_w), old.iter_mut().filter(|old| old.liquid_cooled));
    }
    let freed_w: u64 = old.iter().map(|old| old.goes * old.watts).sum();
    make_room((chips * watts).saturating_sub(free.total_w + freed_w), old.iter_mut());
    let retire = old.iter().filter(|old| old.goes > 0).map(|old| (old.accelerator, old.goes)).collect();
    Some(Swap { placement: Placement { accelerator: new, site, chips }, retire })
}

/// Installed chips that may make room.
struct Replaceable {
    accelerator: AcceleratorId,
    watts: u64,
    liquid_cooled: bool,
    /// How many may go, and how many will.
    chips: u64,
    goes: u64,
}

impl Replaceable {
    fn power_w(&self) -> u64 {
        self.chips * self.watts
    }
}

/// Lets chips go, the first type first, until `missing_w` are free.
fn make_room<'a>(mut missing_w: u64, old: impl Iterator<Item = &'a mut Replaceable>) {
    for old in old {
        let more = missing_w.div_ceil(old.watts).min(old.chips - old.goes);
        old.goes += more;
        missing_w = missing_w.saturating_sub(more * old.watts);
    }
}

/// Types at a site that `new` may replace, the worst use of power first; ties by position.
fn replaceable(params: &SupplyParams, fleet: &Fleet, site: SiteId, new: AcceleratorId) -> Vec<Replaceable> {
    let value = |a: AcceleratorId| value_per_kw(&params.accelerators[a.index()]);
    let pays = |old: AcceleratorId| old != new && value(new) >= params.planning.swap_ratio * value(old);
    let installed = |a: AcceleratorId| fleet.sites[site.index()].installed[a.index()];
    let all = (0..params.accelerators.len()).map(AcceleratorId::new);
    let mut types: Vec<AcceleratorId> = all.filter(|a| installed(*a) > 0 && pays(*a)).collect();
    types.sort_by(|a, b| value(*a).total_cmp(&value(*b)).then(a.cmp(b)));
    let candidate = |accelerator: AcceleratorId| {
        let chip = &params.accelerators[accelerator.index()];
        let (watts, liquid_cooled) = (chip_w(chip), chip.liquid_cooled);
        Replaceable { accelerator, watts, liquid_cooled, chips: installed(accelerator), goes: 0 }
    };
    types.into_iter().map(candidate).collect()
}

/// Installs a cloud's initial fleet at its sites in their order, as far as power allows.
pub(super) fn install_initial(
    params: &SupplyParams,
    fleet: &mut Fleet,
    power: &Power,
    (cloud, sites): (CloudId, &[SiteId]),
) {
    for initial in &params.clouds[cloud.index()].initial_fleet {
        fleet.take_over(cloud, initial);
        let chip = &params.accelerators[initial.accelerator.index()];
        let mut left = initial.chips;
        for site in sites {
            let free = headroom(params, fleet, power, *site);
            let room_w = if chip.liquid_cooled { free.total_w.min(free.liquid_w) } else { free.total_w };
            let chips = left.min(room_w / chip_w(chip));
            fleet.install_aged(params, cloud, *site, initial, chips);
            left -= chips;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::supply::testing;
    use crate::units::{DAY, Schedule};

    const CLOUD: CloudId = CloudId(0);
    const OLD: AcceleratorId = AcceleratorId(0);
    const NEW: AcceleratorId = AcceleratorId(1);
    const SITE: SiteId = SiteId(0);

    /// A site of 10 kW with an old type of 1 kW and 1 H100e and a new one of 2 kW and 5 H100e.
    fn world() -> SupplyParams {
        let mut params = testing::world(1);
        params.accelerators = vec![testing::accelerator("old", 1.0, 1.0), testing::accelerator("new", 5.0, 2.0)];
        params.sites[0].phases[0].adds_mw = 0.01;
        params.planning.swap_ratio = 2.0;
        params
    }

    fn stock(params: &SupplyParams, chips: &[(AcceleratorId, u64)]) -> Fleet {
        let mut fleet = Fleet::new(params);
        for (accelerator, chips) in chips {
            fleet.ship(CLOUD, *accelerator, *chips);
            fleet.deliver(CLOUD, *accelerator, *chips);
        }
        fleet
    }

    fn placed(params: &SupplyParams, fleet: &Fleet, allowance_w: u64) -> Vec<(AcceleratorId, u64)> {
        let power = Power::new(params);
        let placements = placements(params, fleet, &power, (CLOUD, &[SITE]), allowance_w);
        placements.iter().map(|placement| (placement.accelerator, placement.chips)).collect()
    }

    #[test]
    fn the_best_use_of_power_is_installed_first_within_power_and_rate() {
        let params = world();
        let fleet = stock(&params, &[(OLD, 9), (NEW, 3)]);
        // 3 × 2 kW of 10 kW for the new type, the other 4 kW for the old.
        assert_eq!(placed(&params, &fleet, u64::MAX), [(NEW, 3), (OLD, 4)]);
        assert_eq!(placed(&params, &fleet, 5_500), [(NEW, 2), (OLD, 1)]);
        assert_eq!(placed(&params, &fleet, 999), []);
    }

    #[test]
    fn liquid_cooled_types_need_liquid_cooled_power() {
        let mut params = world();
        params.accelerators[1].liquid_cooled = true;
        params.sites[0].liquid_share = 0.5;
        let fleet = stock(&params, &[(OLD, 9), (NEW, 3)]);
        assert_eq!(placed(&params, &fleet, u64::MAX), [(NEW, 2), (OLD, 6)]);
    }

    #[test]
    fn a_full_site_swaps_old_chips_for_better_ones_if_the_ratio_is_reached() {
        let mut params = world();
        let mut fleet = stock(&params, &[(OLD, 9), (NEW, 3)]);
        fleet.install(&params, (CLOUD, OLD), SITE, 9, 0);
        let swap = |params: &SupplyParams, allowance_w| {
            next_swap(params, &fleet, &Power::new(params), (CLOUD, &[SITE]), allowance_w)
        };
        // 3 × 2 kW with 1 kW free: 5 of the old ones go. 2.5 times the throughput per kW.
        let placement = Placement { accelerator: NEW, site: SITE, chips: 3 };
        assert_eq!(swap(&params, u64::MAX), Some(Swap { placement, retire: vec![(OLD, 5)] }));
        let placement = Placement { chips: 2, ..placement };
        assert_eq!(swap(&params, 5_000), Some(Swap { placement, retire: vec![(OLD, 3)] }));
        assert_eq!(swap(&params, 1_999), None);
        params.accelerators[1].liquid_cooled = true;
        params.sites[0].liquid_share = 0.4;
        assert_eq!(swap(&params, u64::MAX), Some(Swap { placement, retire: vec![(OLD, 3)] }));
        params.planning.swap_ratio = 2.6;
        assert_eq!(swap(&params, u64::MAX), None);
    }

    #[test]
    fn liquid_cooled_room_is_made_by_liquid_cooled_chips() {
        let mut params = world();
        params.accelerators.push(testing::accelerator("old-liquid", 1.1, 1.0));
        params.accelerators[1].liquid_cooled = true;
        params.accelerators[2].liquid_cooled = true;
        params.sites[0].liquid_share = 0.4;
        let liquid = AcceleratorId(2);
        let mut fleet = stock(&params, &[(OLD, 6), (liquid, 4), (NEW, 1)]);
        fleet.install(&params, (CLOUD, OLD), SITE, 6, 0);
        fleet.install(&params, (CLOUD, liquid), SITE, 4, 0);
        let swap = next_swap(&params, &fleet, &Power::new(&params), (CLOUD, &[SITE]), u64::MAX).unwrap();
        assert_eq!(swap.retire, [(liquid, 2)]);
    }

    #[test]
    fn the_rate_accrues_and_at_most_a_week_and_a_chip_are_kept() {
        let mut params = world();
        // 30.4375 kW a month are 1 kW a day.
        params.clouds[0].install_mw_per_month = Schedule::constant(30.4375 / 1e3);
        let mut allowance = Allowance::new(&params, CLOUD);
        assert_eq!(allowance.accrue(&params, CLOUD, Time(0)), 7_000);
        allowance.spend(6_500);
        assert_eq!(allowance.accrue(&params, CLOUD, Time(0) + DAY), 1_500);
        assert_eq!(allowance.accrue(&params, CLOUD, Time(DAY.0 * 60)), 9_000);
    }

    #[test]
    fn an_initial_fleet_beyond_power_stays_in_stock() {
        let mut params = world();
        let initial =
            |accelerator, chips| crate::supply::params::InitialFleet { accelerator, chips, mean_age_years: 1.0 };
        params.clouds[0].initial_fleet = vec![initial(OLD, 7), initial(NEW, 4)];
        let mut fleet = Fleet::new(&params);
        install_initial(&params, &mut fleet, &Power::new(&params), (CLOUD, &[SITE]));
        assert_eq!((fleet.stages(CLOUD, OLD).working, fleet.stages(CLOUD, OLD).stock), (7, 0));
        assert_eq!((fleet.stages(CLOUD, NEW).working, fleet.stages(CLOUD, NEW).stock), (1, 3));
    }
}
