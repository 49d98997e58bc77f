//! Monthly prices: compute on demand, and tokens as customers notice them.

use super::events::Event;
use super::simulation::Simulation;
use super::state::State;
use crate::market::demand::DemandEvent;
use crate::market::demand::rental::mean_price;
use crate::supply::params::Class;

impl Simulation<'_> {
    pub(super) fn on_prices_reviewed(&mut self, month: u16) {
        self.review_chip_prices(month);
        self.review_token_prices(month);
        self.shock_tastes(month);
        self.advance_audiences();
        self.rent();
        self.sign_terms(month);
        self.refresh_rights();
        self.state.frontier.push(self.frontier_quality());
        self.review_offers();
        self.notice_prices();
        let now = self.now();
        self.state.demand.draw_commitments(&self.params.demand, &self.state.offers, now);
        self.state.demand.review_homes(&self.params.demand, &self.state.offers, now, month);
        self.state.demand.on_month(&self.params.demand, &self.state.offers);
        let next = usize::from(month) + 1;
        if next < self.params.calendar.months() {
            self.at(self.params.calendar.month_end(usize::from(month)), Event::PricesReviewed(next as u16));
        }
    }

    pub(super) fn on_demand(&mut self, event: DemandEvent) {
        let now = self.engine.now();
        let mut due = std::mem::take(&mut self.scratch.demand);
        self.state.demand.handle(&self.params.demand, &self.state.offers, now, event, &mut due);
        for (time, event) in due.drain(..) {
            self.at(time, Event::Demand(event));
        }
        self.scratch.demand = due;
    }

    /// Moves what each lab is worth on each channel beyond the rest, once a quarter:
    /// `x' = φ·x + σ·√(1 − φ²)·z`, φ persistence [1], σ standard deviation [nats].
    fn shock_tastes(&mut self, month: u16) {
        if !month.is_multiple_of(3) {
            return;
        }
        let tastes = &self.params.tastes;
        let fresh = tastes.shock_sd * (1.0 - tastes.shock_persistence * tastes.shock_persistence).max(0.0).sqrt();
        for (value, stream) in &mut self.state.shocks {
            *value = tastes.shock_persistence * *value + fresh * stream.normal();
        }
    }

    /// Rented chip-hours: total by the mean price, shares by each cloud's.
    fn rent(&mut self) {
        let rental = &self.params.rental;
        let prices: Vec<f64> = self
            .cloud_ids()
            .map(|cloud| {
                let sells = self.params.supply.clouds[cloud.index()].sells;
                if sells { self.state.clouds[cloud.index()].price } else { f64::INFINITY }
            })
            .collect();
        let attractiveness = self.rental_attractiveness();
        let target = rental.target_shares(&attractiveness, &prices);
        let shares = if self.state.rental_shares.is_empty() {
            target
        } else {
            rental.adjusted(&self.state.rental_shares, &target)
        };
        let total = rental.demand_h100e(self.engine.now(), mean_price(&shares, &prices));
        for (cloud, share) in self.state.clouds.iter_mut().zip(&shares) {
            cloud.rental = share * total;
        }
        self.state.rental_shares = shares;
    }

    /// Tells customers of list prices that moved beyond the threshold since they last noticed.
    fn notice_prices(&mut self) {
        for i in self.live() {
            let offer = &self.state.offers[State::option(i)];
            let price = offer.price_usd_per_mtok[Class::Chat.index()];
            let relative = price / self.state.listings[i].noticed_price - 1.0;
            if relative.abs() >= self.params.tastes.price_threshold {
                self.state.listings[i].noticed_price = price;
                let now = self.engine.now();
                self.state.demand.on_price_change(
                    &self.params.demand,
                    &self.state.offers,
                    now,
                    State::option(i),
                    relative,
                );
            }
        }
    }
}
