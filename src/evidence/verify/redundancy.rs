//! Redundancy: how often units that fail carry a load, by the rules from which the outages of sites follow.

use super::fields::{BETWEEN, Fields, POSITIVE, Range, approximate, scaled};
use super::kinds::Task;
use super::value::Value;
use crate::supply::redundancy::{Repairable, capacity_table, k_of_n as availabilities, modules_for, survives};
use rust_decimal::Decimal;

/// Hours of the year that the cases count with.
const YEAR_HOURS: f64 = 8_760.0;
const MOST_UNITS: u64 = 1_000;
/// Most unequal feeds; a table of them has up to two to that power levels.
const MOST_FEEDS: usize = 16;
const MEGAWATTS: Range = Range { expected: "a number from 0 to 1000000", holds: |x| (0.0..=1e6).contains(&x) };

/// Units needed and units there.
fn units(fields: &mut Fields) -> (u32, u32) {
    let n = fields.count("n", 1, MOST_UNITS);
    (fields.count("k", 1, n) as u32, n as u32)
}

/// A power in whole watts.
fn watts(fields: &mut Fields, name: &str) -> u64 {
    let mw = fields.decimal(name, MEGAWATTS);
    whole_watts(mw).unwrap_or_else(|| {
        fields.refuse(name, "at most 6 decimals of a megawatt");
        0
    })
}

fn whole_watts(mw: Decimal) -> Option<u64> {
    u64::try_from(scaled(mw, 6)?).ok()
}

fn megawatts(watts: u64) -> f64 {
    watts as f64 / 1e6
}

/// k of n equal units.
pub(super) fn k_of_n(fields: &mut Fields, _id: &str) -> Task {
    let ((k, n), unit) = (units(fields), fields.number("unit_availability", BETWEEN));
    Box::new(move |_| {
        let (up, down) = availabilities(k, n, unit);
        vec![
            ("system_availability", Value::Number(up)),
            ("system_unavailability", Value::Number(down)),
            ("expected_downtime_hours_per_8760h_year", Value::Number(down * YEAR_HOURS)),
        ]
    })
}

/// The life of k of n equal units that are never repaired.
pub(super) fn k_of_n_mttf_no_repair(fields: &mut Fields, _id: &str) -> Task {
    let ((needed, units), failure_rate) = (units(fields), fields.number("failure_rate", POSITIVE));
    Box::new(move |_| {
        let system = Repairable { units, needed, crews: 0, failure_rate, repair_rate: 0.0 };
        let working = libm::exp(-1_000.0 * failure_rate);
        vec![
            ("MTTF", Value::Number(system.mean_time_to_failure())),
            ("reliability_at_1000h", Value::Number(availabilities(needed, units, working).0)),
        ]
    })
}

/// Feeds of different capacity and availability, and a load.
pub(super) fn feed_capacity_table(fields: &mut Fields, _id: &str) -> Task {
    const EXPECTED: &str = "a number from 0 to 1000000 with at most 6 decimals";
    let power = |value: &serde_json::Value| {
        let mw = super::fields::decimal(value).filter(|mw| (MEGAWATTS.holds)(approximate(*mw)));
        mw.and_then(whole_watts)
    };
    let capacities = fields.list("feed_capacity_mw", EXPECTED, power);
    let availabilities = fields.numbers("feed_availability", BETWEEN);
    if capacities.len() != availabilities.len() || capacities.len() > MOST_FEEDS {
        fields.refuse("feed_availability", &format!("one number for each of at most {MOST_FEEDS} feeds"));
    }
    let load = watts(fields, "load_mw");
    Box::new(move |_| {
        let feeds: Vec<(u64, f64)> = capacities.iter().copied().zip(availabilities.iter().copied()).collect();
        let table = capacity_table(&feeds);
        let carried = table.iter().filter(|(level, _)| *level >= load).rev().map(|(_, p)| p).sum();
        let unserved: f64 = table.iter().map(|(level, p)| p * megawatts(load.saturating_sub(*level))).sum();
        vec![
            ("capacity_levels_mw", Value::numbers(table.iter().map(|(level, _)| megawatts(*level)))),
            ("probabilities", Value::numbers(table.iter().map(|(_, p)| *p))),
            ("P_capacity_at_least_load", Value::Number(carried)),
            ("expected_unserved_mw", Value::Number(unserved)),
            ("expected_unserved_mwh_per_8760h", Value::Number(unserved * YEAR_HOURS)),
            ("survives_any_single_feed_loss", Value::Flag(survives(&capacities, load, 1))),
            ("survives_any_double_feed_loss", Value::Flag(survives(&capacities, load, 2))),
        ]
    })
}

/// Equal feeds of which k carry the full load.
pub(super) fn k_of_n_feeds(fields: &mut Fields, _id: &str) -> Task {
    let ((k, n), unit) = (units(fields), fields.number("feed_availability", BETWEEN));
    let feed = watts(fields, "feed_mw");
    Box::new(move |_| {
        let (up, down) = availabilities(k, n, unit);
        let load = u64::from(k) * feed;
        let table = capacity_table(&vec![(feed, unit); n as usize]);
        let delivered = table.iter().map(|(level, p)| p * megawatts(load.min(*level))).sum();
        vec![
            ("availability_full_load", Value::Number(up)),
            ("unavailability_full_load", Value::Number(down)),
            ("expected_deliverable_mw", Value::Number(delivered)),
            ("expected_minutes_below_full_load_per_8760h", Value::Number(down * YEAR_HOURS * 60.0)),
        ]
    })
}

/// Modules for a load, with none, one or two to spare, or twice as many.
pub(super) fn n_plus_1(fields: &mut Fields, _id: &str) -> Task {
    let (load, module) = (watts(fields, "load_mw"), watts(fields, "module_mw"));
    let unit = fields.number("module_availability", BETWEEN);
    if module == 0 || !(1..=MOST_UNITS).contains(&modules_for(load, module.max(1))) {
        fields.refuse("module_mw", &format!("a module of which the load needs 1 to {MOST_UNITS}"));
    }
    Box::new(move |_| {
        let n = modules_for(load, module) as u32;
        let of = |there: u32| Value::Number(availabilities(n, there, unit).0);
        let string = availabilities(n, n, unit).0;
        let factor = |modules: u32| Value::Number(load as f64 / (f64::from(modules) * module as f64));
        vec![
            ("N", Value::Count(n.into())),
            ("N_plus_1", Value::Count((n + 1).into())),
            ("availability_N", of(n)),
            ("availability_N_plus_1", of(n + 1)),
            ("availability_N_plus_2", of(n + 2)),
            ("availability_2N_any", of(2 * n)),
            // Two strings of N are one of two units.
            ("availability_2N_two_buses", Value::Number(availabilities(1, 2, string).0)),
            ("load_factor_per_module_N_plus_1_all_up", factor(n + 1)),
            ("load_factor_one_module_out", factor(n)),
        ]
    })
}
