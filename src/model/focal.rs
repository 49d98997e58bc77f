//! Focal customers in a run: where they run, and what that brings month by month.
//!
//! They read the market after each dispatch and change nothing in it: they draw nothing, ask for no compute and put no event
//! on the clock. The rules are those of [`crate::market::focal`]; here is when they are applied. A customer decides at the
//! first dispatch of the day on which it begins or renews, and at the first after an option of its is gone. What flows since
//! is counted until the next dispatch, at the served shares of the last one.
//!
//! Limits: of an option of which nobody in the market asks for anything, all is served unless its cloud is dark.

use super::dispatch::HOURS_PER_YEAR;
use super::observe::Sheet;
use super::simulation::Simulation;
use crate::market::choice::OptionIndex;
use crate::market::focal::lock_in::{Running, movable_share};
use crate::market::focal::outcome::{Flow, flow, shortfall_to_accrue};
use crate::market::focal::plan::{Leg, Market, Plan, decide, further_providers, repair};
use crate::market::focal::{Customer, Strategy};
use crate::supply::params::Class;
use crate::units::{Span, Time, YEAR_DAYS};
use serde::{Deserialize, Serialize};

/// A focal customer under one of its strategies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FocalState {
    /// Position among the customers.
    pub customer: u16,
    /// How it procures.
    pub strategy: Strategy,
    /// What each workload runs on.
    pub plans: Vec<Plan>,
    /// Share that each leg serves since the last dispatch, by workload [1].
    pub served: Vec<[f64; 2]>,
    /// When it decides next.
    pub renews: Time,
    /// Month to date.
    pub month: FocalMonth,
    /// Calendar year to date.
    pub commitment: FocalCommitment,
}

/// What a month has brought so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FocalMonth {
    /// Since it began, or the customer did [h].
    pub hours: f64,
    /// Of these, times the share that nobody served [h].
    pub down_hours: f64,
    /// Tokens served [Mtok].
    pub served_mtok: f64,
    /// Their latency over target [s·Mtok].
    pub latency_s_mtok: f64,
    /// Paid for tokens, and for further clouds [USD].
    pub usd: f64,
}

/// A commitment in the calendar year to date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FocalCommitment {
    /// Promised [USD].
    pub committed_usd: f64,
    /// Drawn down [USD].
    pub drawn_usd: f64,
    /// Shortfall counted in the months before [USD].
    pub accrued_usd: f64,
}

impl FocalState {
    /// Every customer under every strategy that it follows, before it begins.
    pub fn all(customers: &[Customer]) -> Vec<Self> {
        let of = |(c, customer): (usize, &Customer)| {
            let new = |strategy: &Strategy| Self {
                customer: u16::try_from(c).expect("at most 65,535 customers"),
                strategy: *strategy,
                plans: vec![Plan::default(); customer.workloads.len()],
                served: vec![[0.0; 2]; customer.workloads.len()],
                renews: customer.from,
                month: FocalMonth::default(),
                commitment: FocalCommitment::default(),
            };
            customer.strategies.iter().map(new).collect::<Vec<_>>()
        };
        customers.iter().enumerate().flat_map(of).collect()
    }

    /// What comes on top of the shortfall counted so far [USD].
    fn shortfall(&self) -> f64 {
        let year = &self.commitment;
        shortfall_to_accrue(year.committed_usd, year.drawn_usd, year.accrued_usd)
    }
}

impl Simulation<'_> {
    /// Lets focal customers decide that have to, and reads what is served on what they run on.
    pub(super) fn review_focal(&mut self, platform_share: &[[f64; Class::COUNT]]) {
        let mut all = std::mem::take(&mut self.state.focal);
        for focal in &mut all {
            let customer = &self.params.focal[usize::from(focal.customer)];
            self.decide_focal(customer, focal);
            for ((workload, plan), served) in customer.workloads.iter().zip(&focal.plans).zip(&mut focal.served) {
                let share = |leg: Option<Leg>| {
                    leg.map_or(0.0, |leg| self.share_served(leg.option, workload.class, platform_share))
                };
                *served = [share(plan.first), share(plan.second)];
            }
        }
        self.state.focal = all;
    }

    fn decide_focal(&self, customer: &Customer, focal: &mut FocalState) {
        let now = self.now();
        if now < customer.from {
            return;
        }
        let market = Market { offers: &self.state.offers, switching: self.state.switching_factor, now };
        if now < focal.renews {
            repair(customer, focal.strategy, market, &mut focal.plans);
            return;
        }
        focal.plans = decide(customer, focal.strategy, market, &focal.plans);
        focal.renews = now + Span::from_days(customer.renewal_months * YEAR_DAYS / 12.0);
    }

    /// Share of what is asked of an option in a class that the last dispatch serves [1].
    fn share_served(&self, option: OptionIndex, class: Class, platform_share: &[[f64; Class::COUNT]]) -> f64 {
        let listing = &self.state.listings[option.index()];
        if self.is_out(listing.channel) {
            return 0.0;
        }
        let share = match listing.cloud {
            Some(cloud) if self.state.clouds[cloud.index()].capacity <= 0.0 => 0.0,
            Some(cloud) => platform_share[cloud.index() * self.params.labs.len() + listing.lab.index()][class.index()],
            None => self.state.labs[listing.lab.index()].served_share[class.index()],
        };
        share.clamp(0.0, 1.0)
    }

    /// Counts what flowed to focal customers in so many hours until now.
    pub(super) fn accrue_focal(&mut self, hours: f64) {
        let now = self.now();
        let mut all = std::mem::take(&mut self.state.focal);
        for focal in &mut all {
            let customer = &self.params.focal[usize::from(focal.customer)];
            // What begins now has not flowed yet.
            if now <= customer.from {
                continue;
            }
            let flow = self.focal_flow(customer, focal);
            let further = further_providers(customer, &self.state.offers, &focal.plans) as f64;
            let further_usd = further * customer.further_cloud_usd_per_year.at(now) / HOURS_PER_YEAR;
            let promised = customer.commitment.as_ref().map_or(0.0, |deal| deal.usd_per_year.at(now) / HOURS_PER_YEAR);
            let (month, year) = (&mut focal.month, &mut focal.commitment);
            month.hours += hours;
            month.down_hours += hours * flow.unserved_share();
            month.served_mtok += hours * (flow.asked_mtok - flow.unserved_mtok);
            month.latency_s_mtok += hours * flow.latency_s_mtok;
            month.usd += hours * (flow.paid() + further_usd);
            year.committed_usd += hours * promised;
            year.drawn_usd += hours * flow.drawn_usd;
        }
        self.state.focal = all;
    }

    /// What flows for all workloads of a customer under a strategy.
    fn focal_flow(&self, customer: &Customer, focal: &FocalState) -> Flow {
        let mut sum = Flow::default();
        for w in 0..customer.workloads.len() {
            sum.add(self.workload_flow(customer, focal, w));
        }
        sum
    }

    fn workload_flow(&self, customer: &Customer, focal: &FocalState, w: usize) -> Flow {
        let workload = &customer.workloads[w];
        let mtok = workload.mtok_per_month.at(self.now()) * 12.0 / HOURS_PER_YEAR;
        flow(customer, &self.state.offers, (workload.class, &focal.plans[w], focal.served[w]), mtok)
    }

    /// The month of every focal customer under every strategy; nothing before it begins.
    pub(super) fn observe_focal(&self, sheet: &mut Sheet) {
        for focal in &self.state.focal {
            let customer = &self.params.focal[usize::from(focal.customer)];
            let month = &focal.month;
            let begun = |value: f64| if month.hours > 0.0 { value } else { f64::NAN };
            let mut put = |metric, value| sheet.put_pair(metric, &customer.id, focal.strategy.name(), begun(value));
            put("focal_spend_usd", month.usd + focal.shortfall());
            put("focal_latency_s", month.latency_s_mtok / month.served_mtok);
            put("focal_down_hours", month.down_hours);
            put("focal_movable_share", self.movable(customer, focal));
        }
    }

    fn movable(&self, customer: &Customer, focal: &FocalState) -> f64 {
        let running = |w: usize| Running {
            class: customer.workloads[w].class,
            plan: &focal.plans[w],
            usd_per_year: self.workload_flow(customer, focal, w).usd.map(|usd| usd * HOURS_PER_YEAR),
        };
        let running: Vec<Running> = (0..customer.workloads.len()).map(running).collect();
        let committed = customer.commitment.as_ref().map_or(0.0, |deal| deal.usd_per_year.at(self.now()));
        movable_share(customer, &self.state.offers, committed, &running).unwrap_or(f64::NAN)
    }

    /// Begins a month of focal customers, and a year of their commitments after December.
    pub(super) fn close_focal_month(&mut self, month: u16) {
        let last_of_year = self.params.calendar.month_last_day(usize::from(month)).month() == 12;
        for focal in &mut self.state.focal {
            focal.commitment.accrued_usd += focal.shortfall();
            focal.month = FocalMonth::default();
            if last_of_year {
                focal.commitment = FocalCommitment::default();
            }
        }
    }
}
