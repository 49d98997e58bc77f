//! Monthly prices: compute on demand, tokens as customers notice them, and the products' routing.

use super::events::Event;
use super::simulation::Simulation;
use super::state::{ModelState, State};
use crate::ids::{CloudId, LabId};
use crate::market::availability;
use crate::market::demand::DemandEvent;
use crate::market::demand::products::brokered_split;
use crate::market::demand::rental::mean_price;
use crate::supply::params::Class;

impl Simulation<'_> {
    pub(super) fn on_prices_reviewed(&mut self, month: u16) {
        self.review_chip_prices(month);
        self.shock_tastes(month);
        self.advance_audiences();
        self.rent();
        self.refresh_rights();
        self.state.frontier.push(self.frontier_quality());
        self.review_offers();
        self.notice_prices();
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

    /// Users of the products over a month, drawn by the quality of what each routes to.
    fn advance_audiences(&mut self) {
        let now = self.now();
        self.route_products();
        let quality: Vec<f64> = (0..self.params.products.len()).map(|p| self.product_quality(p)).collect();
        let months = if now.0 == 0 { 0.0 } else { 1.0 };
        self.state.audiences.advance(
            &self.params.product_rules,
            &quality,
            self.params.serving.product_quality_pull,
            months,
        );
        for (p, product) in self.params.products.iter().enumerate() {
            let users = self.state.audiences.users_m()[p];
            let years = now.years();
            let state = &mut self.state.products[p];
            if now < product.launched {
                continue;
            }
            let rules = &self.params.product_rules[p];
            let mtok_per_hour = rules.mtok_per_month(users, years) * 12.0 / 8_766.0;
            state.asked = rules.class_mix.map(|share| share * mtok_per_hour);
            state.revenue_per_hour = rules.revenue_usd_per_month(users, years) * 12.0 / 8_766.0;
        }
    }

    /// Best chat quality among what a product may route to.
    fn product_quality(&self, product: usize) -> f64 {
        let candidates = &self.params.products[product].candidates;
        let models = candidates.iter().filter_map(|(lab, line)| self.current_model(*lab, *line));
        models.map(|m| m.quality[Class::Chat.index()]).fold(0.0, f64::max)
    }

    /// Splits each product's tokens over its candidate models, by quality against cost; sets the mean compute per token.
    pub(super) fn route_products(&mut self) {
        for p in 0..self.params.products.len() {
            let candidates = &self.params.products[p].candidates;
            let models: Vec<(f64, f64, f64)> = candidates
                .iter()
                .filter_map(|(lab, line)| self.current_model(*lab, *line).map(|m| (*lab, m)))
                .filter(|(lab, model)| self.may_build_on(p, *lab, model))
                .map(|(lab, m)| {
                    (m.quality[Class::Chat.index()], self.token_cost(lab, m.compute_per_token), m.compute_per_token)
                })
                .filter(|(_, cost, _)| *cost > 0.0)
                .collect();
            if models.is_empty() {
                continue;
            }
            let (quality, cost): (Vec<f64>, Vec<f64>) = models.iter().map(|m| (m.0, m.1)).unzip();
            let split = brokered_split(&quality, &cost, self.params.serving.routing_cost_weight);
            self.state.products[p].compute_per_token = split.iter().zip(&models).map(|(s, m)| s * m.2).sum();
        }
    }

    /// Whether a product may be built on a lab's model today.
    fn may_build_on(&self, product: usize, lab: LabId, model: &ModelState) -> bool {
        let party = self.params.products[product].party;
        let owned = self.cloud_ids().filter(|cloud| self.params.supply.clouds[cloud.index()].party == party);
        let clouds: Vec<CloudId> = owned.collect();
        let builder = availability::Builder { party, clouds: &clouds };
        let of_lab = (self.params.labs[lab.index()].party, model.open_weights);
        availability::may_build_on(&self.state.book, self.now(), builder, (lab, model.line), of_lab).is_ok()
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
