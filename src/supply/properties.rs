//! Properties of the whole supply side over random small worlds.

use super::params::*;
use super::testing::{self, Driver, Split, day, month};
use super::{Dice, Fact, LoadForecast, Stages};
use crate::ids::{AcceleratorId, CloudId, PoolId, SiteId, SupplierId};
use crate::units::{Curve, Distribution, Schedule, Time, Usd};
use std::collections::BTreeMap;

const MONTHS: u32 = 36;

fn steps(dice: &mut Split, most: f64) -> Schedule {
    let points = (0..4).map(|year| (f64::from(year), if dice.uniform() < 0.2 { 0.0 } else { dice.uniform() * most }));
    Schedule::new(Curve::Steps, points.collect(), 0.0)
}

fn random_chip(dice: &mut Split, i: usize, suppliers: u64, pools: u64) -> Accelerator {
    let mut chip = testing::accelerator(&format!("chip-{i}"), dice.between(0.2, 5.0), dice.between(0.3, 2.5));
    chip.supplier = SupplierId(dice.below(suppliers) as u16);
    chip.available = if dice.uniform() < 0.5 { Time(0) } else { day(dice.between(0.0, 900.0)) };
    chip.life_years = dice.between(0.5, 5.0);
    chip.failures_per_year = dice.between(0.0, 2.0);
    chip.repair_days = Distribution::LogNormal { median: 20.0, sigma: 1.0 };
    chip.liquid_cooled = dice.uniform() < 0.4;
    chip.pool_use = (0..pools).map(|pool| (PoolId(pool as u16), dice.between(0.0, 0.2))).collect();
    chip.lead_time_weeks = Distribution::Uniform { low: 0.0, high: 40.0 };
    chip.maturity_at_launch = 0.5;
    chip.maturity_half_life_years = 0.5;
    chip
}

fn random_supplier(dice: &mut Split, i: u64, pools: u64, clouds: u16) -> Supplier {
    let shares = (0..clouds).map(|c| (Buyer::Cloud(CloudId(c)), Schedule::constant(0.7 * dice.uniform()))).collect();
    // The last cloud has no rank.
    let ranks = (1..clouds).map(|c| (Buyer::Cloud(CloudId(c - 1)), dice.below(3) as u32)).collect();
    Supplier {
        id: format!("maker-{i}"),
        pool_shares: (0..pools).map(|pool| (PoolId(pool as u16), steps(dice, 0.8))).collect(),
        allocation: match dice.below(6) {
            0 => Allocation::FirstCome,
            1 => Allocation::Proportional,
            2 => Allocation::PrepaidFirst,
            3 => Allocation::Strategic(shares),
            4 => Allocation::PriorityOrder(ranks),
            _ => Allocation::WholeOrders(ranks),
        },
        ..testing::supplier()
    }
}

fn random_site(dice: &mut Split, i: u16, cloud: u16) -> Site {
    let phase = |dice: &mut Split| {
        let planned = (dice.uniform() < 0.6).then(|| day(dice.between(0.0, 1_000.0)));
        Phase { adds_mw: dice.between(0.0, 4.0), planned, slips: dice.uniform() < 0.7 }
    };
    Site {
        phases: (0..dice.below(4)).map(|_| phase(dice)).collect(),
        pue: dice.between(1.05, 1.6),
        liquid_share: dice.uniform(),
        reserve: dice.between(0.0, 0.3),
        bridge_share: (dice.uniform() - 0.5).max(0.0),
        outages_per_year: dice.between(0.0, 6.0),
        outage_hours: Distribution::Exponential { mean: 200.0 },
        ..testing::site(&format!("site-{i}"), cloud)
    }
}

/// An outage of the first site, or a cut of its power, of 300 hours.
fn outage(from: Time, cut_mw: Option<f64>) -> ScriptedOutage {
    ScriptedOutage { site: SiteId(0), from, hours: 300.0, cut_mw }
}

fn random_world(seed: u64) -> SupplyParams {
    let dice = &mut Split::named(seed, "world", "all");
    let (clouds, suppliers, pools) = (1 + dice.below(3) as u16, 1 + dice.below(3), dice.below(3));
    let mut params = testing::world(clouds);
    params.accelerators = (0..1 + dice.below(5) as usize).map(|i| random_chip(dice, i, suppliers, pools)).collect();
    params.suppliers = (0..suppliers).map(|i| random_supplier(dice, i, pools, clouds)).collect();
    params.pools = (0..pools)
        .map(|i| Pool {
            id: format!("pool-{i}"),
            kind: PoolKind::Other,
            capacity_per_month: steps(dice, 200.0),
            capacity_factor: Schedule::constant(1.0),
        })
        .collect();
    for (i, chip) in params.accelerators.iter().enumerate() {
        let line = Line { accelerator: AcceleratorId::new(i), capacity_per_quarter: steps(dice, 4_000.0) };
        params.suppliers[chip.supplier.index()].lines.push(line);
    }
    let types = params.accelerators.len();
    let orders = (0..types).map(|i| (AcceleratorId::new(i), steps(dice, 500.0))).collect();
    params.residual_buyers[0].orders_per_quarter = orders;
    for cloud in clouds..clouds + dice.below(3) as u16 {
        let owner = dice.below(u64::from(clouds)) as u16;
        params.sites.push(random_site(dice, cloud, owner));
    }
    for i in 0..clouds {
        params.sites[usize::from(i)] = random_site(dice, i, i);
        let cloud = &mut params.clouds[usize::from(i)];
        let some = |dice: &mut Split| (0..types).filter(|_| dice.uniform() < 0.7).collect::<Vec<usize>>();
        cloud.purchases = some(dice)
            .into_iter()
            .map(|i| Purchase { accelerator: AcceleratorId::new(i), preference: dice.between(0.5, 2.0) })
            .collect();
        cloud.initial_fleet = some(dice)
            .into_iter()
            .map(|i| InitialFleet {
                accelerator: AcceleratorId::new(i),
                chips: dice.below(2_000),
                mean_age_years: dice.between(0.0, 3.0),
            })
            .collect();
        cloud.prepaid_share = (dice.uniform() - 0.5).max(0.0);
        cloud.ship_to_power_days = Distribution::LogNormal { median: 60.0, sigma: 0.4 };
        cloud.install_mw_per_month = Schedule::constant(dice.between(0.0, 2.0));
    }
    params.outages = vec![outage(day(dice.between(0.0, 900.0)), None)];
    params.power.bridge_months = Distribution::Uniform { low: 0.0, high: 9.0 };
    params.power.regional_correlation = dice.uniform();
    params.planning.swap_ratio = dice.between(1.0, 2.5);
    let cuts = &mut Split::named(seed, "world", "cuts and crews");
    params.outages.extend((0..6).map(|_| outage(day(cuts.between(0.0, 1_000.0)), Some(cuts.between(0.0, 3.0)))));
    for cloud in &mut params.clouds {
        cloud.repair_crews = (cuts.uniform() < 0.6).then(|| 1 + cuts.below(30) as u32);
    }
    params
}

/// Runs a world with a plan for every cloud each quarter, checking all counts every half month.
fn run(params: SupplyParams, seed: u64) -> Driver<Split> {
    let clouds = params.clouds.len();
    let mut driver = Driver::new(params, MONTHS, |entity, purpose| Split::named(seed, entity, purpose));
    let luck = &mut Split::named(seed, "needs", "all");
    for quarter in 0..MONTHS / 3 {
        let now = month(3 * quarter);
        driver.run_until(now);
        for cloud in 0..clouds {
            let forecast = LoadForecast {
                need_h100e_at_chip_horizon: luck.between(0.0, 8_000.0),
                need_h100e_at_power_horizon: luck.between(0.0, 16_000.0),
                budget_usd_per_year: luck.between(1e6, 1e8),
            };
            driver.plan(CloudId::new(cloud), now, &forecast);
        }
        for half in 1..=6 {
            driver.run_until(now + crate::units::Span::from_days(f64::from(half) * 15.0));
            driver.state.check(&driver.params).unwrap_or_else(|what| panic!("seed {seed}, {now:?}: {what}"));
        }
    }
    driver
}

#[test]
fn chips_orders_and_watts_balance_in_every_world() {
    let (mut delivered, mut retired, mut failed, mut cancelled, mut energized) = (0, 0, 0, 0, 0);
    let (mut resold, mut prepaid, mut refunded) = (0, 0, 0);
    let mut dark_hours = 0.0;
    for seed in 0..256 {
        for (_, fact) in run(random_world(seed), seed).facts {
            match fact {
                Fact::Delivered { .. } => delivered += 1,
                Fact::Retired { .. } => retired += 1,
                Fact::Failed { .. } => failed += 1,
                Fact::Resold { .. } => resold += 1,
                Fact::Prepaid { .. } => prepaid += 1,
                Fact::OrdersCancelled { refund, .. } => {
                    cancelled += 1;
                    refunded += u32::from(refund > Usd::ZERO);
                }
                Fact::PhaseEnergized { .. } => energized += 1,
                Fact::CurtailmentEnded { lost, .. } => dark_hours += lost.chip_hours,
                _ => (),
            }
        }
    }
    // The worlds reach every rule.
    assert!(delivered > 1_000 && retired > 1_000 && failed > 1_000 && cancelled > 50 && energized > 100);
    assert!(resold > 100 && prepaid > 100 && refunded > 10, "{resold} {prepaid} {refunded}");
    assert!(dark_hours > 2e6, "{dark_hours}");
}

#[test]
fn what_is_told_adds_up_to_what_is_counted() {
    for seed in 0..32 {
        let driver = run(random_world(seed), seed);
        for cloud in 0..driver.params.clouds.len() {
            let cloud = CloudId::new(cloud);
            for accelerator in (0..driver.params.accelerators.len()).map(AcceleratorId::new) {
                let stages = driver.state.stages(cloud, accelerator);
                let (mut delivered, mut retired, mut resold) = (0, 0, 0);
                for (_, fact) in &driver.facts {
                    match *fact {
                        Fact::Delivered { cloud: c, accelerator: a, chips, .. } if (c, a) == (cloud, accelerator) => {
                            delivered += chips;
                        }
                        Fact::Retired { cloud: c, accelerator: a, chips } if (c, a) == (cloud, accelerator) => {
                            retired += chips;
                        }
                        Fact::Resold { cloud: c, accelerator: a, chips, .. } if (c, a) == (cloud, accelerator) => {
                            resold += chips;
                        }
                        _ => (),
                    }
                }
                let told = (delivered, retired, resold);
                let counted = (stages.shipped - stages.in_transit, stages.retired, stages.resold);
                assert_eq!(told, counted, "seed {seed}");
            }
        }
    }
}

#[test]
fn a_version_moves_with_every_change_of_capacity() {
    for seed in 0..32 {
        let params = random_world(seed);
        let mut driver = Driver::new(params, MONTHS, |entity, purpose| Split::named(seed, entity, purpose));
        let cloud = CloudId(0);
        let need = LoadForecast {
            need_h100e_at_chip_horizon: 5_000.0,
            need_h100e_at_power_horizon: 5_000.0,
            budget_usd_per_year: 1e9,
        };
        driver.plan(cloud, Time(0), &need);
        let mut before: (u64, Vec<_>) = (0, driver.state.capacity(cloud).collect());
        while let Some(event) = driver.step(month(MONTHS)) {
            let after: (u64, Vec<_>) = (driver.state.version(cloud), driver.state.capacity(cloud).collect());
            assert!(before.1 == after.1 || before.0 < after.0, "seed {seed}: {event:?}");
            before = after;
        }
    }
}

/// The capacity facts of a cloud, with what it could serve with at the end.
fn story(driver: &Driver<Split>, id: &str) -> (Vec<Time>, Vec<(AcceleratorId, u64)>) {
    let cloud = CloudId::new(driver.params.clouds.iter().position(|cloud| cloud.id == id).unwrap());
    let changes = driver.facts.iter().filter(|(_, fact)| *fact == Fact::CapacityChanged { cloud });
    (changes.map(|(time, _)| *time).collect(), driver.state.capacity(cloud).collect())
}

/// Two clouds that buy different types, so that neither stands in the other's way.
fn two_apart(turned: bool) -> SupplyParams {
    let mut params = testing::world(2);
    params.accelerators.push(testing::accelerator("other", 1.5, 1.2));
    params.suppliers[0].lines.push(testing::line(1, 2_000.0));
    params.accelerators.iter_mut().for_each(|chip| chip.failures_per_year = 1.0);
    params.sites.iter_mut().for_each(|site| site.outages_per_year = 4.0);
    params.clouds[1].purchases[0].accelerator = AcceleratorId(1);
    if turned {
        params.clouds.reverse();
        params.sites.reverse();
        for i in 0..2 {
            params.sites[i].cloud = CloudId::new(i);
            params.clouds[i].expansion_site = SiteId::new(i);
        }
    }
    params
}

#[test]
fn the_order_of_clouds_does_not_matter() {
    let run = |turned| {
        let params = two_apart(turned);
        let mut driver = Driver::new(params, MONTHS, |entity, purpose| Split::named(3, entity, purpose));
        for quarter in 0..MONTHS / 3 {
            driver.run_until(month(3 * quarter));
            for cloud in 0..2 {
                let growing = LoadForecast {
                    need_h100e_at_chip_horizon: 400.0 * f64::from(quarter + 1),
                    need_h100e_at_power_horizon: 12_000.0,
                    budget_usd_per_year: 1e12,
                };
                driver.plan(CloudId(cloud), month(3 * quarter), &growing);
            }
        }
        driver.run_until(month(MONTHS));
        driver
    };
    let (straight, turned) = (run(false), run(true));
    for id in ["cloud-0", "cloud-1"] {
        assert!(story(&straight, id).0.len() > 50);
        assert_eq!(story(&straight, id), story(&turned, id), "{id}");
    }
}

/// A random world with its clouds, makers and pools in the reverse order.
fn turned(mut params: SupplyParams) -> SupplyParams {
    let (clouds, makers, pools) = (params.clouds.len(), params.suppliers.len(), params.pools.len());
    let cloud = |cloud: CloudId| CloudId::new(clouds - 1 - cloud.index());
    let pool = |pool: PoolId| PoolId::new(pools - 1 - pool.index());
    params.clouds.reverse();
    params.suppliers.reverse();
    params.pools.reverse();
    params.sites.iter_mut().for_each(|site| site.cloud = cloud(site.cloud));
    for chip in &mut params.accelerators {
        chip.supplier = SupplierId::new(makers - 1 - chip.supplier.index());
        chip.pool_use.iter_mut().for_each(|(of, _)| *of = pool(*of));
    }
    for maker in &mut params.suppliers {
        maker.pool_shares.iter_mut().for_each(|(of, _)| *of = pool(*of));
        let buyers: Vec<&mut Buyer> = match &mut maker.allocation {
            Allocation::Strategic(shares) => shares.iter_mut().map(|(buyer, _)| buyer).collect(),
            Allocation::PriorityOrder(ranks) | Allocation::WholeOrders(ranks) => {
                ranks.iter_mut().map(|(buyer, _)| buyer).collect()
            }
            Allocation::FirstCome | Allocation::Proportional | Allocation::PrepaidFirst => vec![],
        };
        for buyer in buyers {
            if let Buyer::Cloud(of) = buyer {
                *of = cloud(*of);
            }
        }
    }
    params
}

/// Where every chip of every cloud is after three years, by name, and the power in service.
fn account(params: SupplyParams, seed: u64) -> BTreeMap<String, (Vec<Stages>, u64)> {
    let mut names: Vec<String> = params.clouds.iter().map(|cloud| cloud.id.clone()).collect();
    names.sort();
    let mut driver = Driver::new(params, MONTHS, |entity, purpose| Split::named(seed, entity, purpose));
    let find = |driver: &Driver<Split>, name: &str| {
        CloudId::new(driver.params.clouds.iter().position(|cloud| cloud.id == name).unwrap())
    };
    let luck = &mut Split::named(seed, "needs", "all");
    for quarter in 0..MONTHS / 3 {
        driver.run_until(month(3 * quarter));
        // Plans of one instant are made in the order of names, as the scenario's maps have it.
        for name in &names {
            let forecast = LoadForecast {
                need_h100e_at_chip_horizon: luck.between(0.0, 8_000.0),
                need_h100e_at_power_horizon: luck.between(0.0, 16_000.0),
                budget_usd_per_year: luck.between(1e6, 1e8),
            };
            driver.plan(find(&driver, name), month(3 * quarter), &forecast);
        }
    }
    driver.run_until(month(MONTHS));
    let types = (0..driver.params.accelerators.len()).map(AcceleratorId::new);
    let of = |name: &String| {
        let cloud = find(&driver, name);
        let stages = types.clone().map(|a| driver.state.stages(cloud, a)).collect();
        (name.clone(), (stages, (driver.state.energized_mw(cloud) * 1e6).round() as u64))
    };
    names.iter().map(of).collect()
}

#[test]
fn the_order_of_entities_does_not_matter_in_any_world() {
    for seed in 0..96 {
        let params = random_world(seed);
        assert_eq!(account(params.clone(), seed), account(turned(params), seed), "seed {seed}");
    }
}

#[test]
fn an_idle_cloud_changes_nothing_for_the_others() {
    for seed in 0..16 {
        let params = random_world(seed);
        let mut with_idle = params.clone();
        let site = with_idle.sites.len() as u16;
        with_idle.clouds.push(CloudSupply { purchases: vec![], ..testing::cloud("idle", site) });
        with_idle.sites.push(testing::site("idle-site", params.clouds.len() as u16));
        let once = |params: SupplyParams| {
            let mut driver = Driver::new(params, MONTHS, |entity, purpose| Split::named(seed, entity, purpose));
            let need = LoadForecast {
                need_h100e_at_chip_horizon: 5_000.0,
                need_h100e_at_power_horizon: 5_000.0,
                budget_usd_per_year: 1e9,
            };
            driver.plan(CloudId(0), Time(0), &need);
            driver.run_until(month(MONTHS));
            driver.facts
        };
        assert!(once(params) == once(with_idle), "seed {seed}");
    }
}

/// Ten operators, thirty types, forty sites, ten years: the size of the baseline.
#[test]
fn a_world_of_the_baselines_size_balances() {
    let dice = &mut Split::named(1, "large", "all");
    let mut params = testing::world(10);
    params.accelerators = (0..30).map(|i| random_chip(dice, i, 6, 2)).collect();
    params.accelerators.iter_mut().for_each(|chip| chip.life_years = 5.0);
    params.suppliers = (0..6).map(|i| random_supplier(dice, i, 2, 10)).collect();
    params.pools = (0..2)
        .map(|i| Pool {
            id: format!("pool-{i}"),
            kind: PoolKind::Other,
            capacity_per_month: Schedule::constant(60_000.0),
            capacity_factor: Schedule::constant(1.0),
        })
        .collect();
    for (i, chip) in params.accelerators.iter().enumerate() {
        let line = Line { accelerator: AcceleratorId::new(i), capacity_per_quarter: Schedule::constant(100_000.0) };
        params.suppliers[chip.supplier.index()].lines.push(line);
    }
    params.sites = (0..40).map(|i| random_site(dice, i, i % 10)).collect();
    params.sites.iter_mut().flat_map(|site| &mut site.phases).for_each(|phase| phase.adds_mw *= 15.0);
    let purchases = (0..12).map(|i| Purchase { accelerator: AcceleratorId(2 * i), preference: 1.0 });
    for cloud in &mut params.clouds {
        cloud.purchases = purchases.clone().collect();
        cloud.install_mw_per_month = Schedule::constant(100.0);
    }
    let mut driver = Driver::new(params, 120, |entity, purpose| Split::named(1, entity, purpose));
    for quarter in 0..40 {
        driver.run_until(month(3 * quarter));
        for cloud in 0..10 {
            let growing = LoadForecast {
                need_h100e_at_chip_horizon: 50_000.0 * f64::from(quarter + 1),
                need_h100e_at_power_horizon: 50_000.0 * f64::from(quarter + 9),
                budget_usd_per_year: 1e12,
            };
            driver.plan(CloudId(cloud), month(3 * quarter), &growing);
        }
    }
    driver.run_until(month(120));
    driver.state.check(&driver.params).unwrap();
    let working: u64 = (0..10).flat_map(|cloud| driver.state.capacity(CloudId(cloud))).map(|(_, chips)| chips).sum();
    assert!(working > 1_000_000, "{working}");
}
