//! The state of the supply side and the dispatch of its events.

use super::binding::Opening;
use super::event::{Fact, Outbox, Scheduled, SupplyEvent};
use super::failures::{Repairs, fail_for_a_month};
use super::fleet::{Fleet, chip_w};
use super::install::{Allowance, install_initial, next_swap, placements};
use super::orders::{OrderBook, prepaid_of};
use super::outages::Outages;
use super::params::{Buyer, SupplyParams};
use super::planning::Margin;
use super::power::{Limits, Power};
use super::prepaid::Prepaid;
use super::streams::{Dice, Streams};
use super::suppliers::{self, Bound, MONTH_DAYS, Output, line_runs_between};
use crate::ids::{AcceleratorId, CloudId, ResidualBuyerId, SiteId};
use crate::units::{Span, Time, Usd};
use serde::{Deserialize, Serialize};

/// Months before the start whose residual orders may still be open: no lead time is longer.
const HISTORY_MONTHS: u32 = 60;

/// Everything that changes on the supply side during a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SupplyState<S> {
    /// First instant after the run.
    horizon: Time,
    pub(super) sites_of: Vec<Vec<SiteId>>,
    pub(super) book: OrderBook,
    prepaid: Prepaid,
    pub(super) fleet: Fleet,
    pub(super) power: Power,
    pub(super) outages: Outages,
    pub(super) repairs: Vec<Repairs>,
    pub(super) streams: Streams<S>,
    allowances: Vec<Allowance>,
    /// Chips built and not shipped, by accelerator: a fraction of one, and whole ones that filled no order.
    carries: Vec<f64>,
    /// Fractions of a chip not ordered yet, by residual buyer and type that it orders.
    residual_carries: Vec<Vec<f64>>,
    pub(super) outputs: Vec<Output>,
    pub(super) versions: Vec<u64>,
    /// The month as it opened.
    pub(super) opening: Opening,
    /// What more each cloud's last plan would have ordered.
    pub(super) margins: Vec<Option<Margin>>,
    /// What ran at each site when a fork began.
    pub(super) found_running: Vec<Limits>,
    /// Clouds whose capacity the event in hand has changed.
    changed: Vec<CloudId>,
}

impl<S: Dice> SupplyState<S> {
    /// The supply side at the start of a run that ends before `horizon`, and the events to come; `make` gives the random
    /// stream of an entity and a purpose.
    pub fn new(params: &SupplyParams, horizon: Time, make: &mut dyn FnMut(&str, &str) -> S) -> (Self, Vec<Scheduled>) {
        let idle = Output { chips: 0, bound: Bound::Orders };
        let mut state = Self {
            horizon,
            sites_of: vec![Vec::new(); params.clouds.len()],
            book: OrderBook::new(params),
            prepaid: Prepaid::new(params.clouds.len(), params.accelerators.len()),
            fleet: Fleet::new(params),
            power: Power::new(params),
            outages: Outages::new(params),
            repairs: vec![Repairs::default(); params.clouds.len()],
            streams: Streams::new(params, make),
            allowances: (0..params.clouds.len()).map(|i| Allowance::new(params, CloudId::new(i))).collect(),
            carries: vec![0.0; params.accelerators.len()],
            residual_carries: params.residual_buyers.iter().map(|b| vec![0.0; b.orders_per_quarter.len()]).collect(),
            outputs: vec![idle; params.accelerators.len()],
            versions: vec![0; params.clouds.len()],
            opening: Opening::default(),
            margins: vec![None; params.clouds.len()],
            found_running: vec![Limits::default(); params.sites.len()],
            changed: Vec::new(),
        };
        let mut out = Outbox::default();
        for (site, place) in params.sites.iter().enumerate() {
            let site = SiteId::new(site);
            state.sites_of[place.cloud.index()].push(site);
            state.power.announce(params, site, state.streams.site(site), &mut out);
            Outages::draw_next(params, site, Time(0), &mut state.streams.site(site).outages, &mut out);
        }
        for cloud in state.cloud_ids() {
            let sites = &state.sites_of[cloud.index()];
            install_initial(params, &mut state.fleet, &state.power, (cloud, sites));
        }
        Outages::schedule_scripted(params, &mut out);
        for months_ago in (1..=HISTORY_MONTHS).rev() {
            state.place_past_residual_orders(params, months_ago);
        }
        (state, out.schedule)
    }

    /// Handles an event at `now`; what follows from it is added to `out`.
    ///
    /// # Panics
    /// If the event is not one that this state scheduled, or a tick.
    pub fn handle(&mut self, params: &SupplyParams, now: Time, event: SupplyEvent, out: &mut Outbox) {
        match event {
            SupplyEvent::MonthOpened => self.open_month(params, now, out),
            SupplyEvent::InstallTick => {
                for cloud in self.cloud_ids() {
                    self.retire_worn_out(params, cloud, now, out);
                    self.install(params, cloud, now, out);
                }
            }
            SupplyEvent::ShipmentArrived { cloud, accelerator, chips } => {
                self.take_delivery(params, (cloud, accelerator), u64::from(chips), now, out);
            }
            SupplyEvent::Repaired { cloud, accelerator, chips } => {
                if self.fleet.repair(cloud, accelerator, u64::from(chips)) > 0 {
                    self.note_change(cloud);
                }
                self.repairs[cloud.index()].end(params, cloud, chips, now, out);
            }
            SupplyEvent::PhaseDue { site, phase } => {
                let comes_at = self.power.comes_at(params, site, phase, now);
                if comes_at > now {
                    out.schedule.push((comes_at, SupplyEvent::PhaseEnergized { site, phase }));
                    let bridged = self.power.extra_bridge(params, site, phase, now, comes_at);
                    out.schedule.extend(bridged.map(|from| (from, SupplyEvent::PhaseBridged { site, phase })));
                } else {
                    self.energize(params, site, phase, now, out);
                }
            }
            SupplyEvent::PhaseBridged { site, phase } => {
                if self.power.bridge(params, site, phase, out) {
                    self.install(params, params.sites[site.index()].cloud, now, out);
                }
            }
            SupplyEvent::PhaseEnergized { site, phase } => self.energize(params, site, phase, now, out),
            SupplyEvent::OutageBegan { site, seconds, renewal } => {
                if self.outages.begin(params, site, now, seconds, out) {
                    self.note_change(params.sites[site.index()].cloud);
                }
                let back = now + Span(u64::from(seconds));
                out.schedule.push((back, SupplyEvent::OutageEnded { site, renewal }));
            }
            SupplyEvent::CurtailmentBegan { site, seconds, cut_kw } => {
                self.outages.curtail(site, now, cut_kw);
                let cloud = params.sites[site.index()].cloud;
                out.facts.push(Fact::OutageBegan { site, cloud, hours: f64::from(seconds) / 3_600.0 });
                self.note_change(cloud);
                let back = now + Span(u64::from(seconds));
                out.schedule.push((back, SupplyEvent::CurtailmentEnded { site, cut_kw }));
            }
            SupplyEvent::CurtailmentEnded { site, cut_kw } => {
                let cloud = params.sites[site.index()].cloud;
                if let Some(lost) = self.outages.restore(site, now, cut_kw) {
                    out.facts.push(Fact::CurtailmentEnded { site, cloud, lost });
                }
                self.note_change(cloud);
            }
            SupplyEvent::OutageEnded { site, renewal } => {
                if self.outages.end(params, site, now, out) {
                    self.note_change(params.sites[site.index()].cloud);
                }
                if renewal {
                    Outages::draw_next(params, site, now, &mut self.streams.site(site).outages, out);
                }
            }
        }
        self.tell_changes(params, now, out);
    }

    pub(super) fn cloud_ids(&self) -> impl Iterator<Item = CloudId> + use<S> {
        (0..self.sites_of.len()).map(CloudId::new)
    }

    pub(super) fn accelerator_ids(&self) -> impl Iterator<Item = AcceleratorId> + use<S> {
        (0..self.carries.len()).map(AcceleratorId::new)
    }

    fn note_change(&mut self, cloud: CloudId) {
        if !self.changed.contains(&cloud) {
            self.changed.push(cloud);
        }
    }

    fn tell_changes(&mut self, params: &SupplyParams, now: Time, out: &mut Outbox) {
        let changed = std::mem::take(&mut self.changed);
        for cloud in &changed {
            for site in &self.sites_of[cloud.index()] {
                let load = &self.fleet.sites[site.index()];
                self.outages.refresh(params, *site, self.power.energized_w(*site), load, now);
            }
        }
        for cloud in changed {
            self.versions[cloud.index()] += 1;
            out.facts.push(Fact::CapacityChanged { cloud });
        }
    }

    fn open_month(&mut self, params: &SupplyParams, now: Time, out: &mut Outbox) {
        self.place_residual_orders(params, now);
        self.cancel_hopeless_orders(params, now, out);
        self.opening.note(params, now, self.book.open(), &self.fleet, &self.carries);
        self.outputs = suppliers::build(params, now, &self.book.backlog(now), &mut self.carries);
        for accelerator in self.accelerator_ids() {
            self.ship(params, accelerator, now, out);
        }
        for cloud in self.cloud_ids() {
            for accelerator in self.accelerator_ids() {
                let draws = self.streams.group(cloud, accelerator);
                let (fleet, repairs) = (&mut self.fleet, &mut self.repairs[cloud.index()]);
                if fail_for_a_month(params, fleet, (cloud, accelerator), now, draws, repairs, out) > 0 {
                    self.note_change(cloud);
                }
            }
        }
    }

    /// A third of a quarter's orders of every residual buyer, in whole chips with the fraction carried.
    fn place_residual_orders(&mut self, params: &SupplyParams, now: Time) {
        for (buyer, orders) in params.residual_buyers.iter().enumerate() {
            for (i, (accelerator, schedule)) in orders.orders_per_quarter.iter().enumerate() {
                let chips = whole(&mut self.residual_carries[buyer][i], schedule.at(now) / 3.0);
                let luck = self.streams.residual_lead_times[buyer][i].uniform();
                let eligible = now + lead_time(params, *accelerator, luck);
                self.book.place((residual(buyer), *accelerator), chips, eligible, 0);
            }
        }
    }

    /// Residual orders placed `months_ago` before the start, as their schedules say for that date: those that had not
    /// become eligible a month before the start are open. Without them nothing would ship for a lead time.
    fn place_past_residual_orders(&mut self, params: &SupplyParams, months_ago: u32) {
        let age_days = f64::from(months_ago) * MONTH_DAYS;
        for (buyer, orders) in params.residual_buyers.iter().enumerate() {
            for (i, (accelerator, schedule)) in orders.orders_per_quarter.iter().enumerate() {
                let chips = schedule.at_years(-f64::from(months_ago) / 12.0) / 3.0;
                let chips = whole(&mut self.residual_carries[buyer][i], chips);
                let luck = self.streams.residual_lead_times[buyer][i].uniform();
                let wait_days = lead_time(params, *accelerator, luck).days() - age_days;
                if wait_days > -MONTH_DAYS {
                    let eligible = Time(0) + Span::from_days(wait_days);
                    self.book.place((residual(buyer), *accelerator), chips, eligible, 0);
                }
            }
        }
    }

    /// Places an order of a cloud. The orders of the first instant count as placed a lead time ago: a fleet that exists
    /// had orders under way.
    pub(super) fn place_cloud_order(
        &mut self,
        params: &SupplyParams,
        (cloud, accelerator): (CloudId, AcceleratorId),
        chips: u64,
        now: Time,
        out: &mut Outbox,
    ) {
        let luck = self.streams.group(cloud, accelerator).lead_time.uniform();
        let eligible = if now == Time(0) { now } else { now + lead_time(params, accelerator, luck) };
        let share = params.clouds[cloud.index()].prepaid_share;
        self.book.place((Buyer::Cloud(cloud), accelerator), chips, eligible, prepaid_of(params, cloud));
        let kind = &params.accelerators[accelerator.index()];
        let amount = Usd::from_dollars(share * chips as f64 * kind.unit_capex_usd.at(now.max(kind.available)));
        if amount > Usd::ZERO {
            self.prepaid.pay((cloud, accelerator), amount);
            out.facts.push(Fact::Prepaid { cloud, accelerator, amount });
        }
    }

    /// Takes out what a cloud paid in advance for `chips` of those that it has on order or in transit, these included.
    fn draw_prepaid(&mut self, (cloud, accelerator): (CloudId, AcceleratorId), chips: u64) -> Usd {
        let on_order = self.book.tally(Buyer::Cloud(cloud), accelerator).open;
        let due = on_order + self.fleet.stages(cloud, accelerator).in_transit;
        self.prepaid.draw((cloud, accelerator), chips, due)
    }

    /// Cancels the orders of every type that nobody will make again before the run ends, unless its maker still holds
    /// enough for one of them.
    fn cancel_hopeless_orders(&mut self, params: &SupplyParams, now: Time, out: &mut Outbox) {
        for accelerator in self.accelerator_ids() {
            let made_again = || line_runs_between(params, accelerator, now, self.horizon);
            let held = suppliers::held(self.carries[accelerator.index()]);
            if self.book.least_open(accelerator).is_some_and(|least| least > held) && !made_again() {
                for (buyer, chips) in self.book.cancel(accelerator) {
                    let refund = match buyer {
                        Buyer::Cloud(cloud) => {
                            let in_transit = self.fleet.stages(cloud, accelerator).in_transit;
                            self.prepaid.draw((cloud, accelerator), chips, chips + in_transit)
                        }
                        Buyer::Residual(_) => Usd::ZERO,
                    };
                    out.facts.push(Fact::OrdersCancelled { buyer, accelerator, chips, refund });
                }
            }
        }
    }

    /// Ships the month's output of a type.
    fn ship(&mut self, params: &SupplyParams, accelerator: AcceleratorId, now: Time, out: &mut Outbox) {
        let chip = &params.accelerators[accelerator.index()];
        let output = &mut self.outputs[accelerator.index()];
        let shipped = self.book.ship(params, accelerator, now, output.chips);
        let chips: u64 = shipped.iter().map(|(_, chips)| chips).sum();
        self.carries[accelerator.index()] += (output.chips - chips) as f64;
        output.chips = chips;
        for cloud in self.cloud_ids() {
            let luck = self.streams.group(cloud, accelerator).ship_to_power.uniform();
            let Some((_, n)) = shipped.iter().find(|(buyer, _)| *buyer == Buyer::Cloud(cloud)) else { continue };
            self.fleet.ship(cloud, accelerator, *n);
            let days = params.clouds[cloud.index()].ship_to_power_days.quantile(luck);
            let chips = u32::try_from(*n).expect("fewer than 4 billion chips in a shipment");
            let arrives = now + Span::from_days(days);
            out.schedule.push((arrives, SupplyEvent::ShipmentArrived { cloud, accelerator, chips }));
        }
        for (buyer, chips) in shipped {
            if let Buyer::Residual(buyer) = buyer {
                let cost = Usd::from_dollars(chips as f64 * chip.unit_capex_usd.at(now));
                out.facts.push(Fact::DeliveredResidual { buyer: ResidualBuyerId(buyer), accelerator, chips, cost });
            }
        }
    }

    fn take_delivery(
        &mut self,
        params: &SupplyParams,
        (cloud, accelerator): (CloudId, AcceleratorId),
        chips: u64,
        now: Time,
        out: &mut Outbox,
    ) {
        let prepaid = self.draw_prepaid((cloud, accelerator), chips);
        self.fleet.deliver(cloud, accelerator, chips);
        let unit_usd = params.accelerators[accelerator.index()].unit_capex_usd.at(now);
        let cost = Usd::from_dollars(chips as f64 * unit_usd).max(prepaid);
        out.facts.push(Fact::Delivered { cloud, accelerator, chips, cost, prepaid });
        self.install(params, cloud, now, out);
    }

    fn energize(&mut self, params: &SupplyParams, site: SiteId, phase: u16, now: Time, out: &mut Outbox) {
        self.power.energize(params, site, phase, out);
        if self.outages.is_curtailed(site) {
            self.note_change(params.sites[site.index()].cloud);
        }
        self.install(params, params.sites[site.index()].cloud, now, out);
    }

    fn retire_worn_out(&mut self, params: &SupplyParams, cloud: CloudId, now: Time, out: &mut Outbox) {
        for accelerator in self.accelerator_ids() {
            let chips = self.fleet.retire_worn_out(params, cloud, accelerator, now);
            if chips > 0 {
                out.facts.push(Fact::Retired { cloud, accelerator, chips });
                self.note_change(cloud);
            }
        }
    }

    /// Powers up what waits, then swaps where that pays.
    fn install(&mut self, params: &SupplyParams, cloud: CloudId, now: Time, out: &mut Outbox) {
        let allowance_w = self.allowances[cloud.index()].accrue(params, cloud, now);
        let sites = &self.sites_of[cloud.index()];
        let installed_s = i64::try_from(now.0).expect("48-bit time");
        let mut left_w = allowance_w;
        for at in placements(params, &self.fleet, &self.power, (cloud, sites), left_w) {
            self.fleet.install(params, (cloud, at.accelerator), at.site, at.chips, installed_s);
            left_w -= at.chips * chip_w(&params.accelerators[at.accelerator.index()]);
        }
        while let Some(swap) = next_swap(params, &self.fleet, &self.power, (cloud, sites), left_w) {
            let at = swap.placement;
            for (accelerator, chips) in swap.retire {
                let group = (cloud, accelerator);
                let (chips, proceeds) = self.fleet.resell_oldest(params, group, at.site, chips, now);
                let proceeds = Usd::from_dollars(proceeds).round_to(Usd::CENT);
                out.facts.push(Fact::Resold { cloud, accelerator, chips, proceeds });
            }
            self.fleet.install(params, (cloud, at.accelerator), at.site, at.chips, installed_s);
            left_w -= at.chips * chip_w(&params.accelerators[at.accelerator.index()]);
        }
        if left_w < allowance_w {
            self.allowances[cloud.index()].spend(allowance_w - left_w);
            self.note_change(cloud);
        }
    }
}

fn residual(buyer: usize) -> Buyer {
    Buyer::Residual(ResidualBuyerId::new(buyer).0)
}

fn lead_time(params: &SupplyParams, accelerator: AcceleratorId, luck: f64) -> Span {
    Span::from_days(7.0 * params.accelerators[accelerator.index()].lead_time_weeks.quantile(luck))
}

/// The whole part of `amount` and what was carried; the fraction is carried on.
fn whole(carry: &mut f64, amount: f64) -> u64 {
    let due = amount + *carry;
    // A rounding error in a sum of thirds must not hold a chip back.
    let whole = (due + 1e-9).floor().max(0.0);
    *carry = due - whole;
    whole as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::supply::LoadForecast;
    use crate::supply::curtailment::Loss;
    use crate::supply::params::{InitialFleet, Phase, ScriptedOutage};
    use crate::supply::testing::{self, Driver, Fixed, Split, day, month};
    use crate::units::{Curve, Schedule};

    const CLOUD: CloudId = CloudId(0);
    const CHIP: AcceleratorId = AcceleratorId(0);

    fn driver(params: SupplyParams) -> Driver<Fixed> {
        Driver::new(params, 24, |_, _| Fixed(0.5))
    }

    /// Wants 1,000 chips of 1 H100e at a target utilisation of 0.8 in an empty world.
    fn forecast(h100e: f64) -> LoadForecast {
        LoadForecast { need_h100e_at_chip_horizon: h100e, need_h100e_at_power_horizon: 0.0, budget_usd_per_year: 1e12 }
    }

    #[test]
    fn an_order_is_shipped_delivered_paid_and_installed() {
        let mut driver = driver(testing::world(1));
        driver.plan(CLOUD, Time(0), &forecast(800.0));
        driver.run_until(day(10.0));
        assert_eq!((driver.facts.len(), driver.state.stages(CLOUD, CHIP).in_transit), (0, 1_000));
        driver.run_until(day(11.0));
        // 1,000 chips at 10,000 USD, ten days after the first month opened.
        let cost = Usd::from_dollars(10e6);
        let delivered = Fact::Delivered { cloud: CLOUD, accelerator: CHIP, chips: 1_000, cost, prepaid: Usd::ZERO };
        assert_eq!(driver.facts, [(day(10.0), delivered), (day(10.0), Fact::CapacityChanged { cloud: CLOUD })]);
        assert_eq!(driver.state.working_chips(CLOUD, CHIP), 1_000);
    }

    /// 1,000 chips a month and an order of 2,500: after 1,000, 1,000 and the 500 that are missing it ships, whole.
    #[test]
    fn chips_wait_with_a_maker_that_ships_whole_orders() {
        let mut params = testing::world(1);
        params.suppliers[0].allocation = crate::supply::params::Allocation::WholeOrders(vec![]);
        let mut driver = driver(params);
        driver.plan(CLOUD, Time(0), &forecast(2_000.0));
        let seen = [1, 2, 3].map(|months| {
            driver.run_until(month(months));
            (driver.state.outputs[0].chips, suppliers::held(driver.state.carries[0]))
        });
        assert_eq!(seen, [(0, 1_000), (0, 2_000), (2_500, 0)]);
        assert_eq!(driver.state.outputs[0].bound, Bound::Orders);
        driver.state.check(&driver.params).unwrap();
    }

    #[test]
    fn what_is_paid_in_advance_is_not_paid_again_and_comes_back_from_what_is_cancelled() {
        let mut params = testing::world(1);
        params.clouds[0].prepaid_share = 0.2;
        params.suppliers[0].lines[0].capacity_per_quarter =
            Schedule::new(Curve::Steps, vec![(0.0, 1_200.0), (0.2, 0.0)], 0.0);
        params.planning.chip_horizon_years = 0.25;
        params.accelerators[0].unit_capex_usd =
            Schedule::new(Curve::Steps, vec![(0.0, 10_000.0), (20.0 / 365.25, 1_000.0)], 0.0);
        let mut driver = driver(params);
        // 1,200 chips at 10,000 USD, a fifth in advance; 400 a month come for three months, one at the old price.
        driver.plan(CLOUD, Time(0), &forecast(960.0));
        let usd = Usd::from_dollars;
        let (cloud, accelerator) = (CLOUD, CHIP);
        assert_eq!(driver.facts, [(Time(0), Fact::Prepaid { cloud, accelerator, amount: usd(2.4e6) })]);
        driver.run_until(month(12));
        let told = driver.facts.iter().filter_map(|(_, fact)| match *fact {
            Fact::Delivered { cost, prepaid, .. } => Some((cost, prepaid)),
            Fact::OrdersCancelled { refund, .. } => Some((Usd::ZERO, refund)),
            _ => None,
        });
        // Then a chip costs 1,000, less than the 2,000 that were paid for it; what the line never makes is paid back.
        let third = usd(0.8e6);
        assert_eq!(told.collect::<Vec<_>>(), [(usd(4e6), third), (third, third), (third, third)]);
    }

    #[test]
    fn later_orders_wait_a_lead_time_and_the_next_opening() {
        let mut driver = driver(testing::world(1));
        driver.run_until(month(3));
        driver.plan(CLOUD, month(3), &forecast(800.0));
        // Placed on day 91.3, eligible 182 days later on day 273.3; month 9 opens on day 273.9.
        driver.run_until(month(9));
        assert_eq!(driver.state.stages(CLOUD, CHIP).shipped, 0);
        driver.run_until(month(9) + Span(1));
        assert_eq!(driver.state.stages(CLOUD, CHIP).shipped, 1_000);
        assert_eq!(driver.state.output(CHIP), Output { chips: 1_000, bound: Bound::Orders });
        assert_eq!(driver.state.shipped_chips(&driver.params, CHIP), 1_000);
    }

    #[test]
    fn residual_buyers_are_served_without_a_gap_from_the_first_month() {
        let mut params = testing::world(1);
        params.residual_buyers[0].orders_per_quarter = vec![(CHIP, Schedule::constant(250.0))];
        let mut driver = driver(params);
        driver.run_until(month(12));
        let chips: Vec<u64> = driver
            .facts
            .iter()
            .map(|(_, fact)| match fact {
                Fact::DeliveredResidual { chips, .. } => *chips,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(chips.len(), 12);
        assert_eq!(chips.iter().sum::<u64>(), 1_000);
        assert!(chips.iter().all(|chips| (83..=84).contains(chips)), "{chips:?}");
    }

    #[test]
    fn orders_of_a_line_that_has_ended_are_cancelled_and_counted() {
        let mut params = testing::world(2);
        let ends = Schedule::new(Curve::Steps, vec![(0.0, 3_000.0), (0.5, 0.0)], 0.0);
        params.suppliers[0].lines[0].capacity_per_quarter = ends;
        let mut driver = driver(params);
        // Each may order the 6,000 that the line still makes; the second comes too late.
        for cloud in [CLOUD, CloudId(1)] {
            assert_eq!(driver.plan(cloud, Time(0), &forecast(1e6)).orders, [(CHIP, 6_000)]);
        }
        driver.run_until(month(6) + Span(1));
        let buyer = Buyer::Cloud(CloudId(1));
        let refund = Usd::ZERO;
        let cancelled = (month(6), Fact::OrdersCancelled { buyer, accelerator: CHIP, chips: 6_000, refund });
        assert_eq!(driver.facts.last(), Some(&cancelled));
        assert_eq!(driver.state.stages(CLOUD, CHIP).shipped, 6_000);
        driver.state.check(&driver.params).unwrap();
    }

    #[test]
    fn chips_wait_for_power_and_are_installed_when_it_comes() {
        let mut params = testing::world(1);
        params.sites[0].phases = vec![Phase { adds_mw: 0.4, planned: Some(day(50.5)), slips: true }];
        params.sites[0].phases.push(Phase { adds_mw: 0.6, planned: Some(day(300.0)), slips: true });
        params.power.extra_months = Schedule::constant(2.0);
        params.power.on_time_probability = 0.6;
        let mut driver = driver(params);
        driver.plan(CLOUD, Time(0), &forecast(800.0));
        // On time on day 50.5, and two months of 30.4375 days on top.
        driver.run_until(day(111.375));
        assert_eq!(driver.state.stages(CLOUD, CHIP).stock, 1_000);
        assert_eq!(driver.state.version(CLOUD), 0);
        driver.run_until(day(111.376));
        assert_eq!((driver.state.stages(CLOUD, CHIP).stock, driver.state.working_chips(CLOUD, CHIP)), (600, 400));
        assert_eq!(driver.state.version(CLOUD), 1);
        driver.state.check(&driver.params).unwrap();
    }

    #[test]
    fn a_site_that_is_out_serves_nobody() {
        let mut params = testing::world(1);
        params.outages = vec![ScriptedOutage { site: SiteId(0), from: day(20.0), hours: 6.0, cut_mw: None }];
        let mut driver = driver(params);
        driver.plan(CLOUD, Time(0), &forecast(800.0));
        driver.run_until(day(20.1));
        assert_eq!((driver.state.working_chips(CLOUD, CHIP), driver.state.in_service(SiteId(0))), (0, false));
        assert_eq!(driver.state.stages(CLOUD, CHIP).working, 1_000);
        driver.run_until(day(20.3));
        assert_eq!((driver.state.working_chips(CLOUD, CHIP), driver.state.version(CLOUD)), (1_000, 3));
    }

    /// 1,000 chips of 1 kW and 500 of 2 kW and 3 H100e on 2.5 MW of 10. A cut of 8.5 MW leaves 1.5 MW: all of the better
    /// chips, 1 MW, and 500 of the others. Another of 1 MW leaves 0.5 MW: 250 of the better ones.
    #[test]
    fn a_cut_of_power_darkens_the_worst_use_of_it_first() {
        const BETTER: AcceleratorId = AcceleratorId(1);
        let mut params = testing::world(1);
        params.accelerators.push(testing::accelerator("better", 3.0, 2.0));
        let initial = |accelerator, chips| InitialFleet { accelerator, chips, mean_age_years: 0.0 };
        params.clouds[0].initial_fleet = vec![initial(CHIP, 1_000), initial(BETTER, 500)];
        let cut = |at, hours, mw| ScriptedOutage { site: SiteId(0), from: day(at), hours, cut_mw: Some(mw) };
        params.outages = vec![cut(20.0, 48.0, 8.5), cut(21.0, 6.0, 1.0)];
        let mut driver = driver(params);
        let mut running = |at: f64| {
            driver.run_until(day(at));
            (driver.state.working_chips(CLOUD, CHIP), driver.state.working_chips(CLOUD, BETTER))
        };
        assert_eq!([running(19.9), running(20.1), running(21.1)], [(1_000, 500), (500, 500), (0, 250)]);
        assert_eq!([running(21.3), running(22.1)], [(500, 500), (1_000, 500)]);
        // 48 h without 8.5 MW and 6 h without 1 MW; 42 h with 500 chips dark and 6 h with 1,250.
        let lost = Loss { mwh: 414.0, chip_hours: 28_500.0 };
        let back = Fact::CurtailmentEnded { site: SiteId(0), cloud: CLOUD, lost };
        assert!(driver.facts.contains(&(day(22.0), back)), "{:?}", driver.facts);
        driver.state.check(&driver.params).unwrap();
    }

    /// 120 chips a month fail of 12,000, on average, and take 10 days; with 20 at once, 60 a month are repaired.
    #[test]
    fn with_few_crews_failed_chips_pile_up() {
        let repaired_by = |crews| {
            let mut params = testing::world(1);
            params.sites[0].phases[0].adds_mw = 20.0;
            params.accelerators[0].failures_per_year = 0.12;
            params.clouds[0].repair_crews = crews;
            let initial = InitialFleet { accelerator: CHIP, chips: 12_000, mean_age_years: 0.0 };
            params.clouds[0].initial_fleet = vec![initial];
            let mut driver = driver(params);
            driver.run_until(month(6));
            driver.state.check(&driver.params).unwrap();
            driver.state.stages(CLOUD, CHIP).in_repair
        };
        assert_eq!(repaired_by(None), 0);
        // Six months bring 720, less what is out already; 20 are done every tenth day, 18 times in 182.6 days.
        let left = repaired_by(Some(20));
        assert!((345..=360).contains(&left), "{left}");
    }

    #[test]
    fn outages_follow_one_another_and_those_of_the_record_come_on_top() {
        let mut params = testing::world(1);
        params.sites[0].outages_per_year = 12.0;
        params.outages = vec![ScriptedOutage { site: SiteId(0), from: day(0.5), hours: 1.0, cut_mw: None }];
        let mut driver = driver(params);
        driver.run_until(month(24));
        let began = driver.facts.iter().filter(|(_, fact)| matches!(fact, Fact::OutageBegan { .. })).count();
        // ln 2 / 12 years, 21.10 days, and 4 hours each: 34.4 in 730.5 days, and one of the record.
        assert_eq!(began, 35);
    }

    #[test]
    fn a_saved_state_continues_as_if_it_had_never_stopped() {
        let mut params = testing::world(2);
        params.accelerators[0].failures_per_year = 0.5;
        let make = |entity: &str, purpose: &str| Split::named(7, entity, purpose);
        let run = |save: bool| {
            let mut driver = Driver::new(params.clone(), 24, make);
            driver.plan(CLOUD, Time(0), &forecast(5_000.0));
            driver.run_until(month(9));
            if save {
                let bytes = postcard::to_stdvec(&driver.state).unwrap();
                driver.state = postcard::from_bytes(&bytes).unwrap();
            }
            driver.run_until(month(24));
            (driver.facts, driver.state)
        };
        assert!(run(false) == run(true));
    }
}
