//! Small worlds for the tests of this module.

use super::params::*;
use super::streams::Dice;
use super::{Fact, Outbox, SupplyEvent, SupplyState};
use crate::ids::{AcceleratorId, CloudId, PartyId, SiteId, StackId, SupplierId};
use crate::units::{Distribution, Schedule, Span, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Dice that always show the same quantile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fixed(pub f64);

impl Dice for Fixed {
    fn uniform(&mut self) -> f64 {
        self.0
    }
}

/// SplitMix64, seeded by a seed and names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Split(pub u64);

impl Split {
    pub fn named(seed: u64, entity: &str, purpose: &str) -> Self {
        let names = entity.bytes().chain([0]).chain(purpose.bytes());
        let hash = names.fold(0xcbf2_9ce4_8422_2325 ^ seed, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        Self(hash)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        (self.uniform() * n as f64) as u64
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }
}

impl Dice for Split {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (((z ^ (z >> 31)) >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
    }
}

/// A mature, air-cooled type of the given chat throughput and power, available at once, that never fails.
pub fn accelerator(id: &str, h100e: f64, power_kw: f64) -> Accelerator {
    Accelerator {
        id: id.into(),
        supplier: SupplierId(0),
        stack: StackId(0),
        available: Time(0),
        age_at_start_years: 0.0,
        power_kw,
        unit_capex_usd: Schedule::constant(10_000.0),
        life_years: 5.0,
        failures_per_year: 0.0,
        repair_days: Distribution::Constant(10.0),
        liquid_cooled: false,
        pool_use: vec![],
        lead_time_weeks: Distribution::Constant(26.0),
        throughput_h100e: [h100e; Class::COUNT],
        maturity_at_launch: 1.0,
        maturity_half_life_years: 0.0,
        h100e_8bit: h100e,
    }
}

/// A supplier without lines, first come, first served.
pub fn supplier() -> Supplier {
    Supplier {
        id: "maker".into(),
        party: PartyId(0),
        lines: vec![],
        pool_shares: vec![],
        allocation: Allocation::FirstCome,
    }
}

/// A line of constant capacity.
pub fn line(accelerator: u16, chips_per_quarter: f64) -> Line {
    Line { accelerator: AcceleratorId(accelerator), capacity_per_quarter: Schedule::constant(chips_per_quarter) }
}

/// A cloud that may buy the first accelerator, with nothing yet.
pub fn cloud(id: &str, site: u16) -> CloudSupply {
    CloudSupply {
        id: id.into(),
        party: PartyId(1),
        initial_fleet: vec![],
        purchases: vec![Purchase { accelerator: AcceleratorId(0), preference: 1.0 }],
        prepaid_share: 0.0,
        ship_to_power_days: Distribution::Constant(10.0),
        install_mw_per_month: Schedule::constant(1e6),
        shell_usd_per_mw: 10e6,
        expansion_site: SiteId(site),
        wacc: 0.1,
        opex_share_per_year: 0.05,
        target_utilisation: 0.8,
        repair_crews: None,
        budget_guidance_usd_per_year: None,
        guidance_until: Time(0),
        sells: true,
    }
}

/// A site of 10 MW energized, all of it for IT.
pub fn site(id: &str, cloud: u16) -> Site {
    Site {
        id: id.into(),
        cloud: CloudId(cloud),
        region: "region".into(),
        phases: vec![Phase { adds_mw: 10.0, planned: None, slips: false }],
        pue: 1.0,
        liquid_share: 1.0,
        reserve: 0.0,
        electricity_usd_per_mwh: Schedule::constant(50.0),
        bridge_share: 0.0,
        outages_per_year: 0.0,
        outage_hours: Distribution::Constant(4.0),
    }
}

/// Clouds with a site each, one supplier of one type, and a residual buyer without orders.
pub fn world(clouds: u16) -> SupplyParams {
    SupplyParams {
        accelerators: vec![accelerator("h100", 1.0, 1.0)],
        suppliers: vec![Supplier { lines: vec![line(0, 3_000.0)], ..supplier() }],
        pools: vec![],
        residual_buyers: vec![ResidualBuyer { id: "rest".into(), party: PartyId(9), orders_per_quarter: vec![] }],
        clouds: (0..clouds).map(|i| cloud(&format!("cloud-{i}"), i)).collect(),
        sites: (0..clouds).map(|i| site(&format!("site-{i}"), i)).collect(),
        outages: vec![],
        power: PowerDelays {
            grid_months: Distribution::Constant(36.0),
            build_months: Distribution::Constant(24.0),
            on_time_probability: 0.5,
            slip_months: Distribution::Constant(4.0),
            extra_months: Schedule::constant(0.0),
            smallest_request_mw: 1.0,
            regional_correlation: 0.0,
            bridge_months: Distribution::Constant(0.0),
            bridge_usd_per_mwh: 0.0,
        },
        planning: Planning {
            chip_horizon_years: 1.0,
            power_horizon_years: 3.0,
            cost_sensitivity: 2.0,
            swap_ratio: 3.0,
            resale_share: 0.5,
            resale_half_life_years: 2.0,
            levelised_utilisation: 0.85,
            idle_power_share: 0.0,
            shell_life_years: 20.0,
        },
    }
}

/// An instant, in days after the start.
pub fn day(days: f64) -> Time {
    Time(0) + Span::from_days(days)
}

/// First instant of month number `month`, all of the same length.
pub fn month(month: u32) -> Time {
    day(f64::from(month) * super::suppliers::MONTH_DAYS)
}

/// A clock for a supply side on its own.
pub struct Driver<S> {
    pub params: SupplyParams,
    pub state: SupplyState<S>,
    pub facts: Vec<(Time, Fact)>,
    events: BTreeMap<(Time, u64), SupplyEvent>,
    sequence: u64,
}

impl<S: Dice> Driver<S> {
    pub fn new(params: SupplyParams, months: u32, mut make: impl FnMut(&str, &str) -> S) -> Self {
        let (state, scheduled) = SupplyState::new(&params, month(months), &mut make);
        let mut driver = Self { params, state, facts: vec![], events: BTreeMap::new(), sequence: 0 };
        scheduled.into_iter().for_each(|(time, event)| driver.schedule(time, event));
        (0..months).for_each(|m| driver.schedule(month(m), SupplyEvent::MonthOpened));
        let weeks = (f64::from(months) * super::suppliers::MONTH_DAYS / 7.0) as u32;
        (0..=weeks).for_each(|w| driver.schedule(day(7.0 * f64::from(w)), SupplyEvent::InstallTick));
        driver
    }

    fn schedule(&mut self, time: Time, event: SupplyEvent) {
        self.events.insert((time, self.sequence), event);
        self.sequence += 1;
    }

    /// Takes what an event or a plan left.
    pub fn collect(&mut self, now: Time, out: Outbox) {
        for (time, event) in out.schedule {
            assert!(time >= now, "{event:?} in the past");
            self.schedule(time, event);
        }
        self.facts.extend(out.facts.into_iter().map(|fact| (now, fact)));
    }

    /// Handles the next event before `until`; returns it.
    pub fn step(&mut self, until: Time) -> Option<SupplyEvent> {
        let entry = self.events.first_entry().filter(|entry| entry.key().0 < until)?;
        let ((now, _), event) = entry.remove_entry();
        let mut out = Outbox::default();
        self.state.handle(&self.params, now, event, &mut out);
        self.collect(now, out);
        Some(event)
    }

    /// Handles every event before `until`.
    pub fn run_until(&mut self, until: Time) {
        while self.step(until).is_some() {}
    }

    pub fn plan(&mut self, cloud: CloudId, now: Time, forecast: &super::LoadForecast) -> super::Plan {
        let mut out = Outbox::default();
        let plan = self.state.plan(&self.params, cloud, now, forecast, &mut out);
        self.collect(now, out);
        plan
    }
}
