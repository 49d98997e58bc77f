//! Chip-hours by term: what renters sign each month, what is served of it, and spot hours on what stands idle.
//!
//! Reserved hours are served before what is on demand and paid as far as they are delivered, used or not. Spot hours come
//! after everything else of a dispatch, spilled tokens included, so that they yield to all of it; they count neither as
//! load for the utilisation that prices and latency follow nor as capacity of the cloud's customers.

use super::observe::Sheet;
use super::simulation::Simulation;
use crate::ids::CloudId;
use crate::market::demand::hire::{Hire, TERM_NAMES};
use crate::market::serving::{Ported, StackMask};
use crate::supply::params::Class;

impl Simulation<'_> {
    /// Renters of the month by cloud and term, and what spot hours cost.
    pub(super) fn sign_terms(&mut self, month: u16) {
        let rental = &self.params.rental;
        let Some(terms) = &rental.terms else {
            // A fork that does away with them frees who is bound.
            self.state.clouds.iter_mut().for_each(|cloud| cloud.hire = Hire::default());
            return;
        };
        let now = self.now();
        let shares = terms.shares(rental.price_sensitivity, now);
        for cloud in self.cloud_ids() {
            let k = cloud.index();
            let on_demand = terms.on_demand(self.state.clouds[k].price, now);
            let reserved = terms.reserved(on_demand, now);
            let demand = terms.spot.h100e.at(now) * self.state.rental_shares[k];
            let reference = terms.spot.reference_over_price * self.state.clouds[k].price;
            let limits = (self.running_cost(cloud), on_demand);
            let (price, wanted) = terms.spot.clear(self.idle_last_month(cloud), demand, reference, limits);
            let state = &mut self.state.clouds[k];
            state.hire.turn(month, state.rental, terms.review_per_month, shares, reserved);
            (state.hire.spot_price, state.hire.spot_wanted) = (price, wanted);
        }
    }

    /// Compute that stood idle on the mean of the last closed month, of today's fleet before the first close [chat H100e].
    fn idle_last_month(&self, cloud: CloudId) -> f64 {
        let state = &self.state.clouds[cloud.index()];
        let (used, _, there) = state.month_h100e;
        if there > 0.0 { (there - used).max(0.0) } else { 0.0 }
    }

    /// What an hour of an idle chip costs to run: electricity, mean over the fleet [USD per chat H100e-hour].
    fn running_cost(&self, cloud: CloudId) -> f64 {
        let fleet = &self.state.clouds[cloud.index()].fleet;
        let usd: f64 = fleet.types().iter().map(|kind| kind.chips * kind.usd_per_hour).sum();
        let h100e = fleet.h100e(Class::Chat);
        if h100e > 0.0 { usd / h100e } else { 0.0 }
    }

    /// Price of an hour on demand to renters [USD per chat H100e-hour].
    pub(super) fn rental_price(&self, cloud: CloudId) -> f64 {
        let price = self.state.clouds[cloud.index()].price;
        self.params.rental.terms.as_ref().map_or(price, |terms| terms.on_demand(price, self.now()))
    }

    /// What renters use of their reservations [chat H100e].
    pub(super) fn reserved_load(&self, cloud: CloudId) -> f64 {
        let state = &self.state.clouds[cloud.index()];
        state.hire.reserved().min(state.rental)
    }

    /// Serves spot hours on the chips that nothing else runs on, in each half of the day.
    pub(super) fn sell_spot(&mut self) {
        for cloud in self.cloud_ids() {
            let k = cloud.index();
            let state = &mut self.state.clouds[k];
            state.spot_served = 0.0;
            if state.hire.spot_wanted <= 0.0 {
                continue;
            }
            for free in &mut self.scratch.solutions[k].free {
                let any = Ported::from(StackMask::ANY);
                let taken = state.fleet.take(free, Class::Chat, any, state.hire.spot_wanted, f64::INFINITY);
                state.spot_served += 0.5 * taken.chat_h100e;
                state.usd_per_hour += 0.5 * taken.usd_per_hour;
            }
        }
    }

    /// Adds hours of rental by term: reserved ones as delivered, in the proportion in which those in use are served.
    pub(super) fn accrue_rental(&mut self, cloud: usize, hours: f64) {
        let state = &mut self.state.clouds[cloud];
        state.rental_hours[0] += hours * (state.rental_served - state.reserved_served);
        state.rental_hours[3] += hours * state.spot_served;
        let in_use = state.hire.reserved().min(state.rental);
        let delivered = if in_use > 0.0 { (state.reserved_served / in_use).min(1.0) } else { 1.0 };
        let (h100e, usd) = (state.hire.reserved_by_term(), state.hire.usd_per_hour());
        for term in [0, 1] {
            state.rental_hours[term + 1] += hours * delivered * h100e[term];
            state.reserved_usd[term] += hours * delivered * usd[term];
        }
    }

    /// What renters owe for the hours since the last bill [USD]; the hours and what they brought in are kept for the month.
    pub(super) fn take_rental(&mut self, cloud: CloudId) -> f64 {
        let on_demand = self.rental_price(cloud);
        let state = &mut self.state.clouds[cloud.index()];
        let hours = std::mem::take(&mut state.rental_hours);
        let reserved = std::mem::take(&mut state.reserved_usd);
        let usd = [hours[0] * on_demand, reserved[0], reserved[1], hours[3] * state.hire.spot_price];
        for (sum, (hours, usd)) in state.month_rental.iter_mut().zip(hours.into_iter().zip(usd)) {
            *sum = (sum.0 + hours, sum.1 + usd);
        }
        usd[0] + (usd[1] + usd[2]) + usd[3]
    }

    /// Hours of the month and their price by term.
    pub(super) fn observe_terms(&self, sheet: &mut Sheet) {
        let Some(terms) = &self.params.rental.terms else { return };
        let (now, month_hours) = (self.now(), self.month_hours());
        for cloud in self.cloud_ids().filter(|cloud| self.params.supply.clouds[cloud.index()].sells) {
            let (id, state) = (&self.params.supply.clouds[cloud.index()].id, &self.state.clouds[cloud.index()]);
            let on_demand = self.rental_price(cloud);
            let [one, three] = terms.reserved(on_demand, now);
            for (term, price) in TERM_NAMES.iter().zip([on_demand, one, three, state.hire.spot_price]) {
                sheet.put_pair("price_by_term_usd_per_h100e_hour", id, term, price);
            }
            let (mut hours, mut usd) = (0.0, 0.0);
            for (term, sold) in TERM_NAMES.iter().zip(state.month_rental) {
                sheet.put_pair("rented_by_term_h100e", id, term, sold.0 / month_hours);
                (hours, usd) = (hours + sold.0, usd + sold.1);
            }
            let mean = if hours > 0.0 { usd / hours } else { f64::NAN };
            sheet.put("price_paid_usd_per_h100e_hour", id, mean);
        }
    }
}
