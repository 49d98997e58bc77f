//! Redundancy: what a system of several units carries when some of them are down.
//!
//! Units (feeds of a site, modules, machines) work or are down, independently of each other.
//!
//! - Without memory of when they failed: how many of equal units work ([`working`]), what unequal ones carry together
//!   ([`capacity_table`]), how many are needed for a load ([`modules_for`]).
//! - In time, with repair by few crews: [`Repairable`], from which the outages of a site that states its feeds follow
//!   ([`Feeds`]).
//!
//! Source: R. E. Barlow, F. Proschan, Statistical Theory of Reliability and Life Testing (1975); R. Billinton, R. N.
//! Allan, Reliability Evaluation of Power Systems, 2nd edition (1996), chapter 2. Not modelled: failures of several units
//! from one cause, wear, maintenance that is planned.

use crate::units::{Distribution, YEAR_DAYS};
use std::collections::BTreeMap;

/// Hours of a mean year.
const YEAR_HOURS: f64 = 24.0 * YEAR_DAYS;

/// Probability that exactly j of n equal units work, for j from 0 to n: `C(n, j)·a^j·(1 − a)^(n − j)`, one unit added
/// after the other, so that rare numbers are as precise as common ones.
///
/// a availability of a unit \[1\] · n units
pub fn working(n: u32, availability: f64) -> Vec<f64> {
    let mut table = vec![1.0];
    for _ in 0..n {
        let mut next = vec![0.0; table.len() + 1];
        for (j, p) in table.iter().enumerate() {
            next[j] += p * (1.0 - availability);
            next[j + 1] += p * availability;
        }
        table = next;
    }
    table
}

/// Availability and unavailability of a system that needs k of n equal units: `A = Σ_{j≥k} p_j`, `U = Σ_{j<k} p_j`, each
/// added up from its own end, with p_j as in [`working`].
pub fn k_of_n(k: u32, n: u32, availability: f64) -> (f64, f64) {
    let table = working(n, availability);
    let (down, up) = table.split_at((k as usize).min(table.len()));
    (up.iter().rev().sum(), down.iter().sum())
}

/// Capacity outage table of unequal units, each given by its capacity and availability: the levels that add up to more
/// than nothing likely, in order, with their probabilities.
///
/// `P'(x) = a·P(x − c) + (1 − a)·P(x)`, unit by unit. c capacity in whole units of power · a availability \[1\]
/// Limits: the table is as long as there are different sums, up to 2^n for n units.
pub fn capacity_table(units: &[(u64, f64)]) -> Vec<(u64, f64)> {
    let mut table = BTreeMap::from([(0, 1.0)]);
    for (capacity, availability) in units {
        let mut next = BTreeMap::new();
        for (level, p) in table {
            *next.entry(level).or_insert(0.0) += p * (1.0 - availability);
            *next.entry(level + capacity).or_insert(0.0) += p * availability;
        }
        table = next;
    }
    table.into_iter().collect()
}

/// Whether units of these capacities carry `load` after the loss of the `lost` largest of them, which no other loss of as
/// many is worse than.
pub fn survives(capacities: &[u64], load: u64, lost: usize) -> bool {
    let mut capacities = capacities.to_vec();
    capacities.sort_unstable_by(|a, b| b.cmp(a));
    capacities.iter().skip(lost).sum::<u64>() >= load
}

/// Modules that a load needs, N of N + 1, N + 2 and 2N: `N = ⌈load / module⌉`, both in the same whole units of power.
///
/// # Panics
/// If the module is of no power.
pub fn modules_for(load: u64, module: u64) -> u64 {
    load.div_ceil(module)
}

/// Equal units that fail at a rate while they work and are repaired by crews, one unit a crew; a system that is up while
/// enough of them work. Units go on failing while the system is down.
///
/// Both times are exponential, so the number i of units down is a birth–death process with births `b_i = (n − i)·λ` and
/// deaths `d_i = min(i, R)·μ`.
/// Source: Barlow, Proschan (1975); C. Palm (1947) for the machines and crews.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Repairable {
    /// Units n.
    pub units: u32,
    /// Units k that the system needs, from 1 to n.
    pub needed: u32,
    /// Crews R; 0 for no repair.
    pub crews: u32,
    /// Failures λ of a working unit \[1/hour\].
    pub failure_rate: f64,
    /// Repairs μ of a crew \[1/hour\].
    pub repair_rate: f64,
}

impl Repairable {
    fn births(&self, down: u32) -> f64 {
        f64::from(self.units - down) * self.failure_rate
    }

    fn deaths(&self, down: u32) -> f64 {
        f64::from(down.min(self.crews)) * self.repair_rate
    }

    /// Times from i to i + 1 units down \[hours\], for i from 0 to n − k: `h_i = (1 + d_i·h_{i−1}) / b_i`.
    fn times_to_next_failure(&self) -> impl Iterator<Item = f64> {
        (0..=self.units - self.needed).scan(0.0, |before, down| {
            *before = (1.0 + self.deaths(down) * *before) / self.births(down);
            Some(*before)
        })
    }

    /// Mean time from all units in order to the first failure of the system \[hours\]: `Σ_{i=0..n−k} h_i`, which without
    /// repair is `Σ_{j=k..n} 1/(j·λ)`.
    pub fn mean_time_to_failure(&self) -> f64 {
        self.times_to_next_failure().sum()
    }

    /// Mean time that the system stays up after it came back, with n − k units down, `h_{n−k}` \[hours\].
    pub fn mean_up_time(&self) -> f64 {
        self.times_to_next_failure().last().unwrap_or(0.0)
    }

    /// Mean time that the system stays down \[hours\]: the time m_i from i to i − 1 units down at i = n − k + 1, with
    /// `m_i = (1 + b_i·m_{i+1}) / d_i`.
    pub fn mean_down_time(&self) -> f64 {
        let states = (self.units - self.needed + 1..=self.units).rev();
        states.fold(0.0, |above, down| (1.0 + self.births(down) * above) / self.deaths(down))
    }

    /// How often the system fails \[1/hour\]: once in an up time and a down time.
    pub fn failure_frequency(&self) -> f64 {
        1.0 / (self.mean_up_time() + self.mean_down_time())
    }

    /// Share of time that the system is up \[1\].
    pub fn availability(&self) -> f64 {
        self.mean_up_time() * self.failure_frequency()
    }
}

/// The power feeds of a site, of which it needs some.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Feeds {
    /// How many there are.
    pub count: u32,
    /// How many the site needs, from 1 to all.
    pub needed: u32,
    /// Failures of a feed in service \[1/year\].
    pub failures_per_year: f64,
    /// Mean time that a crew repairs a feed \[hours\].
    pub repair_hours: f64,
    /// Crews.
    pub crews: u32,
}

impl Feeds {
    /// The feeds as a system with repair.
    pub fn system(&self) -> Repairable {
        Repairable {
            units: self.count,
            needed: self.needed,
            crews: self.crews,
            failure_rate: self.failures_per_year / YEAR_HOURS,
            repair_rate: 1.0 / self.repair_hours,
        }
    }

    /// Outages of the site: how many begin in a year of service, one over the mean up time, and how long they last.
    ///
    /// Up times and lengths are taken as exponential with the means of [`Repairable`]; exact if one lost feed is an
    /// outage and crews do not run out, near it where outages are rare.
    pub fn outages(&self) -> (f64, Distribution) {
        let system = self.system();
        (YEAR_HOURS / system.mean_up_time(), Distribution::Exponential { mean: system.mean_down_time() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 1e-12 * expected.abs(), "{found}, not {expected}");
    }

    /// 2 of 3 at a = 0.9: 3·0.81·0.1 + 0.729 = 0.972; 2·… : 0.001 + 3·0.9·0.01 = 0.028.
    #[test]
    fn k_of_n_units_by_hand() {
        let table = working(3, 0.9);
        for (found, expected) in table.iter().zip([0.001, 0.027, 0.243, 0.729]) {
            assert!((found - expected).abs() < 1e-15);
        }
        let (up, down) = k_of_n(2, 3, 0.9);
        assert!((up - 0.972).abs() < 1e-15 && (down - 0.028).abs() < 1e-15);
        assert_eq!(k_of_n(0, 2, 0.5), (1.0, 0.0));
        assert_eq!(k_of_n(3, 2, 0.5), (0.0, 1.0));
    }

    /// Feeds of 10 and 6 at 0.9 and 0.8: nothing 0.02, 6 0.08, 10 0.18, both 0.72.
    #[test]
    fn unequal_units_by_hand() {
        let table = capacity_table(&[(10, 0.9), (6, 0.8)]);
        let expected = [(0, 0.02), (6, 0.08), (10, 0.18), (16, 0.72)];
        assert_eq!(table.iter().map(|entry| entry.0).collect::<Vec<_>>(), [0, 6, 10, 16]);
        assert!(table.iter().zip(expected).all(|(found, (_, p))| (found.1 - p).abs() < 1e-15));
        // Two alike share their level: 2·0.9·0.1.
        assert!((capacity_table(&[(5, 0.9), (5, 0.9)])[1].1 - 0.18).abs() < 1e-15);
        assert_eq!((survives(&[10, 6, 8], 14, 1), survives(&[10, 6, 8], 15, 1)), (true, false));
        assert_eq!((modules_for(20, 5), modules_for(21, 5), modules_for(0, 5)), (4, 5, 0));
    }

    /// One unit: up 1/λ = 100 h, down 1/μ = 25 h, so available 0.8, and failing once in 125 h.
    #[test]
    fn a_single_unit_is_up_and_down_in_turn() {
        let single = Repairable { units: 1, needed: 1, crews: 1, failure_rate: 0.01, repair_rate: 0.04 };
        assert!((single.mean_up_time() - 100.0).abs() < 1e-9 && (single.mean_down_time() - 25.0).abs() < 1e-9);
        assert!((single.availability() - 0.8).abs() < 1e-12 && (single.failure_frequency() - 0.008).abs() < 1e-12);
    }

    /// 1 of 2, λ = 1, μ = 3. First failure: h_0 = 1/2, h_1 = (1 + 3·1/2)/1 = 5/2, in all 3. One crew repairs two units
    /// down in 1/3; two crews in 1/6. Without repair 1/2 + 1.
    #[test]
    fn two_units_of_which_one_is_needed_by_hand() {
        let pair = |crews| Repairable { units: 2, needed: 1, crews, failure_rate: 1.0, repair_rate: 3.0 };
        near(pair(1).mean_time_to_failure(), 3.0);
        near(pair(1).mean_up_time(), 2.5);
        near(pair(1).mean_down_time(), 1.0 / 3.0);
        near(pair(2).mean_down_time(), 1.0 / 6.0);
        near(pair(0).mean_time_to_failure(), 1.5);
    }

    /// With a crew for each, units are independent: 1 − A is the share of time that fewer than k of n work.
    #[test]
    fn with_a_crew_for_each_units_are_independent() {
        let system = Repairable { units: 5, needed: 3, crews: 5, failure_rate: 0.02, repair_rate: 0.18 };
        near(system.availability(), k_of_n(3, 5, 0.9).0);
        assert!(Repairable { crews: 2, ..system }.availability() < system.availability());
    }

    /// Reference cases A-queueing_analytic-019 and -024, which are simulated there.
    #[test]
    fn machines_and_crews_as_in_the_reference_cases() {
        let machines = Repairable { units: 10, needed: 8, crews: 2, failure_rate: 0.02, repair_rate: 0.25 };
        near(machines.mean_up_time(), 45.3125);
        near(machines.mean_down_time(), 2.7261398351872);
        near(machines.availability(), 0.943_251_102_767_685_6);
        near(machines.failure_frequency(), 0.020_816_576_061_079_96);
        let units = Repairable { units: 8, needed: 7, crews: 2, failure_rate: 0.002, repair_rate: 0.1 };
        near(units.mean_time_to_failure(), 580.357_142_857_142_9);
    }

    /// Two feeds of which one is needed, each failing twice a year, repaired in 24 h by one crew. The site goes out when
    /// the second fails before the first is repaired: h_0 = 1/4 year, h_1 = (1 + (8,766/24)·1/4)/2 = 46.15625 years; it
    /// is out until one is back, 24 h.
    #[test]
    fn outages_of_a_site_follow_from_its_feeds() {
        let feeds = Feeds { count: 2, needed: 1, failures_per_year: 2.0, repair_hours: 24.0, crews: 1 };
        let (per_year, hours) = feeds.outages();
        near(per_year, 1.0 / 46.15625);
        assert_eq!(hours, Distribution::Exponential { mean: 24.0 });
        // A single feed is what outages per year and their mean length say directly.
        let (per_year, hours) = Feeds { count: 1, ..feeds }.outages();
        near(per_year, 2.0);
        assert_eq!(hours, Distribution::Exponential { mean: 24.0 });
    }
}
