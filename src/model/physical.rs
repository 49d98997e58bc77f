//! The physical side of a run: what the supply module reports, posted and passed on.

use super::events::Event;
use super::simulation::Simulation;
use super::state::Asset;
use crate::accounts::{Cause, Flow};
use crate::ids::{AcceleratorId, CloudId, PartyId};
use crate::market::demand::Place;
use crate::market::serving::{Fleet, FleetType, StackMask};
use crate::supply::params::{Buyer, Class};
use crate::supply::{Fact, SupplyEvent, energy_usd, facility_power, levelised_cost, throughputs};
use crate::units::{Time, Usd};

/// Share of a cloud's compute from which an outage is felt by its customers at large [1]; assumed.
const NOTICED_SHARE: f64 = 0.1;
/// Share of a cloud's compute whose coming or going is dispatched at once; what is less waits for the day's dispatch, as
/// failures and repairs of single servers do [1]; assumed.
const PROMPT_SHARE: f64 = 0.01;

impl Simulation<'_> {
    pub(super) fn on_supply(&mut self, event: SupplyEvent) {
        let mut outbox = std::mem::take(&mut self.scratch.outbox);
        self.state.supply.handle(&self.params.supply, self.now(), event, &mut outbox);
        self.put_on_clock(&mut outbox);
        self.scratch.outbox = outbox;
    }

    /// Schedules what the supply side wants to happen and posts its facts; leaves the outbox empty.
    pub(super) fn put_on_clock(&mut self, outbox: &mut crate::supply::Outbox) {
        for (time, event) in outbox.schedule.drain(..) {
            self.at(time, Event::Supply(event));
        }
        for fact in outbox.facts.drain(..) {
            self.on_fact(&fact);
        }
    }

    fn on_fact(&mut self, fact: &Fact) {
        match *fact {
            Fact::Prepaid { cloud, accelerator, amount } => {
                let maker = self.maker_for(cloud, accelerator);
                self.spend_capital(cloud, maker, amount, Flow::Prepayment);
            }
            Fact::Delivered { cloud, accelerator, cost, prepaid, .. } => {
                let maker = self.maker_for(cloud, accelerator);
                self.spend_capital(cloud, maker, cost - prepaid, Flow::Accelerators);
                let life_years = self.params.supply.accelerators[accelerator.index()].life_years;
                self.take_into_service(
                    cloud,
                    cost,
                    life_years,
                    self.params.clouds[cloud.index()].accounting_life_years,
                );
            }
            Fact::OrdersCancelled { buyer: Buyer::Cloud(cloud), accelerator, refund, .. } => {
                let owner = self.params.supply.clouds[cloud.index()].party;
                let maker = self.maker_for(cloud, accelerator);
                self.pay(maker, owner, refund, Flow::Refund);
                self.state.clouds[cloud.index()].capex -= refund.dollars();
            }
            Fact::PhaseEnergized { cloud, cost, .. } => {
                let life_years = self.params.supply.planning.shell_life_years;
                self.spend_capital(cloud, self.params.externals.builders, cost, Flow::Construction);
                self.take_into_service(cloud, cost, life_years, life_years);
            }
            Fact::Resold { cloud, proceeds, .. } => {
                let owner = self.params.supply.clouds[cloud.index()].party;
                self.pay(self.params.externals.builders, owner, proceeds, Flow::Resale);
            }
            Fact::DeliveredResidual { buyer, accelerator, cost, .. } => {
                let supplier = self.params.supply.accelerators[accelerator.index()].supplier;
                let from = self.params.supply.residual_buyers[buyer.index()].party;
                let to = self.params.supply.suppliers[supplier.index()].party;
                self.pay(from, to, cost, Flow::Accelerators);
            }
            Fact::CapacityChanged { cloud } => {
                self.state.clouds[cloud.index()].stale = true;
                if self.capacity_moved(cloud) {
                    self.dispatch_due();
                }
            }
            Fact::OutageBegan { site, cloud, hours } => {
                self.on_outage(cloud, hours);
                self.stop_training_at(site);
            }
            Fact::OutageEnded { site, .. } => self.resume_training_at(site),
            // Counted by the supply side; nothing to post.
            Fact::OrdersCancelled { buyer: Buyer::Residual(_), .. }
            | Fact::CurtailmentEnded { .. }
            | Fact::Failed { .. }
            | Fact::Retired { .. } => {}
        }
    }

    /// Whether a cloud's own compute moved by more than [`PROMPT_SHARE`] since its fleet was last read.
    fn capacity_moved(&self, cloud: CloudId) -> bool {
        let state = &self.state.clouds[cloud.index()];
        let known = state.capacity - state.leased_delivered.iter().sum::<f64>();
        let working = self.state.supply.working_h100e(&self.params.supply, cloud, Class::Chat, self.now());
        (working - known).abs() > PROMPT_SHARE * known
    }

    /// Counts the capacity that an outage takes; its customers look again if it is a large part of the cloud.
    fn on_outage(&mut self, cloud: CloudId, hours: f64) {
        // What ran until now ran on the whole capacity.
        self.accrue();
        let before = self.state.clouds[cloud.index()].capacity;
        self.refresh_fleet(cloud);
        let out = (before - self.state.clouds[cloud.index()].capacity).max(0.0);
        self.state.clouds[cloud.index()].outage_hours += out * hours;
        if out > NOTICED_SHARE * before {
            let now = self.engine.now();
            self.state.demand.on_outage(&self.params.demand, &self.state.offers, now, Place::Cloud(cloud), hours);
        }
        self.dispatch_due();
    }

    /// Who is paid for a type that a cloud buys. What an owner's own supplier makes is paid on to the foundries and
    /// builders behind it, at cost.
    fn maker_for(&self, cloud: CloudId, accelerator: AcceleratorId) -> PartyId {
        let supply = &self.params.supply;
        let maker = supply.suppliers[supply.accelerators[accelerator.index()].supplier.index()].party;
        if maker == supply.clouds[cloud.index()].party { self.params.externals.builders } else { maker }
    }

    /// Pays for assets of a cloud.
    fn spend_capital(&mut self, cloud: CloudId, to: PartyId, amount: Usd, flow: Flow) {
        self.pay(self.params.supply.clouds[cloud.index()].party, to, amount, flow);
        self.state.clouds[cloud.index()].capex += amount.dollars();
    }

    /// Writes assets off over their accounting life; they cost something to run for as long as they serve.
    fn take_into_service(&mut self, cloud: CloudId, cost: Usd, life_years: f64, accounting_life_years: f64) {
        let month = self.params.calendar.month_of(self.now()) as u16;
        let asset = Asset::new(cost.dollars(), month, life_years, accounting_life_years);
        self.state.clouds[cloud.index()].assets.push(asset);
    }

    /// A payment now, caused by the event being handled; nothing within one party.
    pub(super) fn pay(&mut self, from: PartyId, to: PartyId, amount: Usd, flow: Flow) {
        if from != to && amount > Usd::ZERO {
            let cause = Cause::event(self.engine.fired());
            self.state.ledger.pay(self.engine.now(), from, to, amount, flow, cause);
        }
    }

    pub(super) fn on_month_opened(&mut self, month: u16) {
        self.begin_month();
        self.accrue();
        self.on_supply(SupplyEvent::MonthOpened);
        for cloud in self.cloud_ids() {
            self.state.clouds[cloud.index()].stale = true;
            self.refresh_levelised_cost(cloud);
        }
        let next = usize::from(month) + 1;
        if next < self.params.calendar.months() {
            self.at(self.params.calendar.month_end(usize::from(month)), Event::MonthOpened(next as u16));
        }
    }

    /// Mean levelised cost over the types that the cloud may buy and that are made today, weighted by preference.
    pub(super) fn refresh_levelised_cost(&mut self, cloud: CloudId) {
        let now = self.now();
        let supply = &self.params.supply;
        let mut weight = 0.0;
        let mut sum = 0.0;
        for purchase in &supply.clouds[cloud.index()].purchases {
            if !self.is_made(purchase.accelerator.index(), now) {
                continue;
            }
            let cost = levelised_cost(supply, cloud, purchase.accelerator, now);
            let share = libm::pow(purchase.preference / cost, supply.planning.cost_sensitivity);
            weight += share;
            sum += share * cost;
        }
        if weight > 0.0 {
            self.state.clouds[cloud.index()].levelised_cost = sum / weight;
        }
    }

    /// Whether a type is out and its line runs today.
    pub(super) fn is_made(&self, accelerator: usize, now: Time) -> bool {
        let kind = &self.params.supply.accelerators[accelerator];
        kind.available <= now
            && self.params.supply.suppliers[kind.supplier.index()]
                .lines
                .iter()
                .any(|line| line.accelerator.index() == accelerator && line.capacity_per_quarter.at(now) >= 1.0)
    }

    /// Reads a cloud's fleet again: its working chips and what it leases.
    pub(super) fn refresh_fleet(&mut self, cloud: CloudId) {
        let now = self.now();
        let supply = &self.params.supply;
        let usd_per_kwh = self.state.supply.electricity_usd_per_mwh(supply, cloud, now) / 1_000.0;
        let pue = self.state.supply.pue(supply, cloud);
        let idle_share = supply.planning.idle_power_share;
        let mut idle_usd_per_hour = 0.0;
        let mut types: Vec<FleetType> = Vec::with_capacity(supply.accelerators.len() + 1);
        for (i, kind) in supply.accelerators.iter().enumerate() {
            let chips = self.state.supply.working_chips(cloud, AcceleratorId::new(i));
            // One that is dark, in repair or both stays, with no chips: what runs on it is not taken off the platform for it.
            if self.state.supply.stages(cloud, AcceleratorId::new(i)).installed() > 0 {
                let full = energy_usd(facility_power(kind.power_kw, pue), 1.0, usd_per_kwh);
                idle_usd_per_hour += chips as f64 * full * idle_share;
                types.push(FleetType {
                    chips: chips as f64,
                    stack: StackMask::of([kind.stack]),
                    throughput: throughputs(kind, now),
                    // What load adds to what an idle chip draws.
                    usd_per_hour: full * (1.0 - idle_share),
                });
            }
        }
        let state = &mut self.state.clouds[cloud.index()];
        state.idle_usd_per_hour = idle_usd_per_hour;
        let leased: f64 = state.leased_delivered.iter().sum();
        if leased > 0.0 {
            // Leased compute is sunk: no electricity of the lessee's, and it runs every stack that the lessor offers.
            types.push(FleetType {
                chips: leased,
                stack: StackMask::ANY,
                throughput: [1.0; Class::COUNT],
                usd_per_hour: 0.0,
            });
        }
        state.fleet = Fleet::new(types);
        state.capacity = state.fleet.h100e(Class::Chat);
        state.stale = false;
    }
}
