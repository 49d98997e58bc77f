//! Installation in real numbers: what a month's chips add at a cloud's sites.
//!
//! The rule of [`install`](crate::supply::install) without its rate: first into free power, the best use of power
//! first, then by swaps, the worst chips first. Fractions of a chip are placed, so that one per cent of a few is seen.

use super::problem::SitePower;
use crate::supply::fleet::chip_w;
use crate::supply::params::{Accelerator, Class, SupplyParams};
use crate::supply::throughput::{throughput, value_per_kw};
use crate::units::Time;

/// What became of chips that asked for power.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Placed {
    /// Compute that they add, less what they replace [chat H100e].
    pub h100e: f64,
    /// Chips of each accelerator that still wait.
    pub waiting: Vec<f64>,
    /// Whether any made others go.
    pub swapped: bool,
}

/// A site while it fills up.
struct Filling {
    free_w: f64,
    free_liquid_w: f64,
    installed: Vec<f64>,
}

/// Places `chips` of each accelerator at sites with `installed` chips by site, with `factor` times their power.
pub(super) fn place(
    params: &SupplyParams,
    now: Time,
    chips: Vec<f64>,
    sites: &[SitePower],
    installed: &[&[u64]],
    factor: f64,
) -> Placed {
    let mut filling: Vec<Filling> =
        sites.iter().zip(installed).map(|(site, installed)| Filling::new(params, site, installed, factor)).collect();
    let value = |a: usize| value_per_kw(&params.accelerators[a]);
    let mut order: Vec<usize> = (0..chips.len()).filter(|a| chips[*a] > 0.0).collect();
    order.sort_by(|a, b| value(*b).total_cmp(&value(*a)).then(a.cmp(b)));
    let mut placed = Placed { h100e: 0.0, waiting: chips, swapped: false };
    for &a in &order {
        for site in &mut filling {
            let n = site.take_free(&params.accelerators[a], placed.waiting[a]);
            placed.add(params, now, a, n);
        }
    }
    for &a in &order {
        for site in &mut filling {
            site.swap(params, now, a, &mut placed);
        }
    }
    placed
}

impl Placed {
    fn add(&mut self, params: &SupplyParams, now: Time, accelerator: usize, chips: f64) {
        self.waiting[accelerator] -= chips;
        self.h100e += chips * throughput(&params.accelerators[accelerator], Class::Chat, now);
    }
}

impl Filling {
    fn new(params: &SupplyParams, site: &SitePower, installed: &[u64], factor: f64) -> Self {
        let (mut used_w, mut liquid_w) = (0.0, 0.0);
        for (chip, chips) in params.accelerators.iter().zip(installed) {
            let watts = (chips * chip_w(chip)) as f64;
            used_w += watts;
            liquid_w += if chip.liquid_cooled { watts } else { 0.0 };
        }
        Self {
            // More may run there than the month's end allows, where a fork lowered the power.
            free_w: (factor * site.total_w - used_w).max(0.0),
            free_liquid_w: (factor * site.liquid_w - liquid_w).max(0.0),
            installed: installed.iter().map(|&chips| chips as f64).collect(),
        }
    }

    /// Takes up to `chips` into free power; returns how many.
    fn take_free(&mut self, chip: &Accelerator, chips: f64) -> f64 {
        let watts = chip_w(chip) as f64;
        let room_w = if chip.liquid_cooled { self.free_w.min(self.free_liquid_w) } else { self.free_w };
        let taken = chips.min(room_w / watts);
        self.use_power(chip, taken * watts);
        taken
    }

    fn use_power(&mut self, chip: &Accelerator, watts: f64) {
        self.free_w -= watts;
        self.free_liquid_w -= if chip.liquid_cooled { watts } else { 0.0 };
    }

    /// Lets chips go that waiting ones of `new` are worth more than by the swap ratio, liquid-cooled ones first where it
    /// needs their power.
    fn swap(&mut self, params: &SupplyParams, now: Time, new: usize, placed: &mut Placed) {
        if placed.waiting[new] <= 0.0 {
            return;
        }
        let chip = &params.accelerators[new];
        let value = |a: usize| value_per_kw(&params.accelerators[a]);
        let pays = |old: usize| old != new && value(new) >= params.planning.swap_ratio * value(old);
        let mut old: Vec<usize> = (0..self.installed.len()).filter(|a| self.installed[*a] > 0.0 && pays(*a)).collect();
        let last = |a: usize| chip.liquid_cooled && !params.accelerators[a].liquid_cooled;
        old.sort_by(|a, b| last(*a).cmp(&last(*b)).then(value(*a).total_cmp(&value(*b))).then(a.cmp(b)));
        for old in old {
            let leaving = &params.accelerators[old];
            let goes = self.room_to_make(chip, placed.waiting[new], leaving).min(self.installed[old]);
            if goes > 0.0 {
                self.installed[old] -= goes;
                self.use_power(leaving, -goes * chip_w(leaving) as f64);
                placed.h100e -= goes * throughput(leaving, Class::Chat, now);
                placed.swapped = true;
                let taken = self.take_free(chip, placed.waiting[new]);
                placed.add(params, now, new, taken);
            }
        }
    }

    /// How many of the `leaving` would have to go for `chips` to find room, as far as their going makes any.
    fn room_to_make(&self, chip: &Accelerator, chips: f64, leaving: &Accelerator) -> f64 {
        let wanted_w = chips * chip_w(chip) as f64;
        let missing_w = match (chip.liquid_cooled, leaving.liquid_cooled) {
            (true, true) => wanted_w - self.free_w.min(self.free_liquid_w),
            (true, false) => wanted_w.min(self.free_liquid_w) - self.free_w,
            (false, _) => wanted_w - self.free_w,
        };
        missing_w.max(0.0) / chip_w(leaving) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::SiteId;
    use crate::supply::testing;

    /// A site of 10 kW; old chips of 1 kW and 1 H100e, new ones of 2 kW and 5 H100e.
    fn placed(liquid_w: f64, installed: [u64; 2], chips: [f64; 2], factor: f64, liquid: bool) -> Placed {
        let mut params = testing::world(1);
        params.accelerators = vec![testing::accelerator("old", 1.0, 1.0), testing::accelerator("new", 5.0, 2.0)];
        params.accelerators[1].liquid_cooled = liquid;
        params.planning.swap_ratio = 2.0;
        let site = SitePower { site: SiteId(0), total_w: 10_000.0, liquid_w };
        place(&params, Time(0), chips.to_vec(), &[site], &[&installed], factor)
    }

    #[test]
    fn the_best_use_of_power_comes_first() {
        // 6 kW for the new ones, 4 kW for four old ones: 15 and 4 H100e.
        let day = placed(10_000.0, [0, 0], [9.0, 3.0], 1.0, false);
        assert_eq!((day.h100e, day.waiting, day.swapped), (19.0, vec![5.0, 0.0], false));
        // Half of the power: 5 kW carry two and a half new ones.
        let day = placed(10_000.0, [0, 0], [9.0, 3.0], 0.5, false);
        assert_eq!((day.h100e, day.waiting), (12.5, vec![9.0, 0.5]));
    }

    #[test]
    fn a_full_site_swaps_where_the_ratio_is_reached() {
        // 1 kW is free and the new ones want 6: five old ones go.
        let day = placed(10_000.0, [9, 0], [0.0, 3.0], 1.0, false);
        assert_eq!((day.h100e, day.waiting, day.swapped), (10.0, vec![0.0, 0.0], true));
        // 4 kW are liquid-cooled: two new ones, for which three old ones go; one waits.
        let day = placed(4_000.0, [9, 0], [0.0, 3.0], 1.0, true);
        assert_eq!((day.h100e, day.waiting, day.swapped), (7.0, vec![0.0, 1.0], true));
    }
}
