//! List prices by best response: a lab reviews those of its models on sale against the demand of the day.
//!
//! Products are models, their channels merged at the mean price asked; a price that a review sets is the list price times what
//! a token costs over list. A lab that cannot serve what it is asked for prices to what it serves.

use super::observe::Sheet;
use super::simulation::Simulation;
use super::state::{ListPrice, State};
use crate::ids::{LabId, ModelId, SegmentId};
use crate::market::choice::Choice;
use crate::market::params::{TokenBestResponding, TokenPricing};
use crate::market::pricing::{Repricing, TokenGame, TokenProduct, best_response, reprice};
use crate::supply::params::Class;

/// Part of what is asked for by which a lab may fall short and not be sold out [1].
const SLACK: f64 = 1e-3;
/// Least volume of a product, so that every share has a logarithm [Mtok/h].
const LEAST_MTOK: f64 = 1e-9;
/// Least cost of a million tokens in the game [USD/Mtok].
const LEAST_COST: f64 = 1e-6;
const HOURS_PER_MONTH: f64 = 730.5;
const HOURS_PER_YEAR: f64 = 8_766.0;

/// A lab's game for customers.
struct TokenRivalry {
    game: TokenGame,
    models: Vec<ModelId>,
    /// Whose each product is; a position among the sellers.
    seller: usize,
    capacity: Vec<f64>,
}

impl Simulation<'_> {
    /// Reviews of the month's turn: a lab's list prices go a part of the way to its best response, where that pays.
    pub(super) fn review_token_prices(&mut self, month: u16) {
        for lab in (0..self.params.labs.len()).map(LabId::new) {
            let TokenPricing::BestResponse(how) = *self.params.labs[lab.index()].pricing_at(self.now()) else {
                continue;
            };
            if (month + lab.0).is_multiple_of(how.every_months) {
                self.review_list_prices(lab, &how);
            }
        }
    }

    fn review_list_prices(&mut self, lab: LabId, how: &TokenBestResponding) {
        let Some(rivalry) = self.token_rivalry(lab, how) else { return };
        let Ok(game) = rivalry.game.at(&rivalry.capacity) else { return };
        let until_next = HOURS_PER_MONTH * f64::from(how.every_months);
        let repricing = Repricing { damping: how.damping, menu_cost: how.menu_cost_usd / until_next };
        let mut prices = rivalry.game.prices().to_vec();
        if reprice(&game, rivalry.seller, repricing, &mut prices).is_err() {
            return;
        }
        for j in game.products(rivalry.seller) {
            let factor = prices[j] / rivalry.game.prices()[j];
            if factor == 1.0 {
                continue;
            }
            let model = rivalry.models[j].index();
            let price = factor * self.list_price(&self.state.models[model]);
            self.state.models[model].list = match self.state.models[model].list {
                ListPrice::Scripted(script) | ListPrice::Reviewed(script, _) => ListPrice::Reviewed(script, price),
                ListPrice::Set(_) => ListPrice::Set(price),
            };
        }
    }

    /// How far each lab's prices are from its best response, and whether that is one.
    pub(super) fn observe_token_gaps(&self, sheet: &mut Sheet) {
        for (l, lab) in self.params.labs.iter().enumerate() {
            let responds = |policy: &TokenPricing| matches!(policy, TokenPricing::BestResponse(_));
            if !responds(&lab.pricing) && !lab.pricing_from.iter().any(|(_, policy)| responds(policy)) {
                continue;
            }
            let found = match lab.pricing_at(self.now()) {
                TokenPricing::BestResponse(how) => self.token_gap(LabId::new(l), how),
                _ => None,
            };
            let (gap, sound, residual) = found.unwrap_or((f64::NAN, f64::NAN, f64::NAN));
            sheet.put("price_off_best_response", &lab.id, gap);
            sheet.put("best_response_sound", &lab.id, sound);
            sheet.put("best_response_residual", &lab.id, residual);
        }
    }

    /// The largest part by which a price of the lab is off its best response; whether that holds to second order, is one
    /// whatever the start, and clears a capacity that binds; and its residual over the mean price.
    fn token_gap(&self, lab: LabId, how: &TokenBestResponding) -> Option<(f64, f64, f64)> {
        let rivalry = self.token_rivalry(lab, how)?;
        let game = rivalry.game.at(&rivalry.capacity).ok()?;
        let prices = rivalry.game.prices();
        let best = best_response(&game, rivalry.seller, prices).ok()?;
        let off = game.products(rivalry.seller).map(|j| prices[j] / best.prices[j] - 1.0);
        let gap = off.fold(0.0, |most: f64, gap| if gap.abs() > most.abs() { gap } else { most });
        let own: Vec<f64> = game.products(rivalry.seller).map(|j| best.prices[j]).collect();
        let sound = best.second_order && best.starts_agree && best.clears;
        let mean = own.iter().sum::<f64>() / own.len() as f64;
        Some((gap, f64::from(u8::from(sound)), best.residual / mean))
    }

    /// The game as a lab sees it; none while it sells nothing or nobody does without.
    fn token_rivalry(&self, lab: LabId, how: &TokenBestResponding) -> Option<TokenRivalry> {
        let (models, mut products) = self.token_products();
        let mut labs: Vec<LabId> = models.iter().map(|model| self.state.models[model.index()].lab).collect();
        labs.sort_unstable();
        labs.dedup();
        let seller = labs.iter().position(|known| *known == lab)?;
        for (product, model) in products.iter_mut().zip(&models) {
            let of = self.state.models[model.index()].lab;
            product.seller = labs.iter().position(|known| *known == of).expect("collected from the same models");
            // What rivals' tokens cost does not enter the own best price.
            product.cost = (how.cost_share * product.cost).max(LEAST_COST);
        }
        let (price_weight, lambda) = self.mean_taste()?;
        let game = TokenGame::new(&products, self.mtok_outside(), price_weight, lambda).ok()?;
        let mut capacity = vec![f64::INFINITY; labs.len()];
        capacity[seller] = self.token_capacity(lab);
        Some(TokenRivalry { game, models, seller, capacity })
    }

    /// Models on sale with what is asked for, at which price and cost, channels merged.
    fn token_products(&self) -> (Vec<ModelId>, Vec<TokenProduct>) {
        let (mut models, mut products): (Vec<ModelId>, Vec<TokenProduct>) = (Vec::new(), Vec::new());
        let mut work: Vec<f64> = Vec::new();
        for i in self.state.live.iter().copied().map(usize::from) {
            let (listing, flow) = (&self.state.listings[i], &self.state.flows[i]);
            if self.is_self_hosted(listing) {
                continue;
            }
            let asked = flow.asked.max(LEAST_MTOK);
            let chat = self.state.offers[State::option(i)].price_usd_per_mtok[Class::Chat.index()];
            let price = if flow.served > 0.0 { flow.spend / flow.served } else { chat };
            let place = models.iter().position(|model| *model == listing.model).unwrap_or_else(|| {
                models.push(listing.model);
                products.push(TokenProduct { seller: 0, mtok: 0.0, price: 0.0, cost: 0.0 });
                work.push(0.0);
                models.len() - 1
            });
            products[place].mtok += asked;
            products[place].price += asked * price;
            work[place] += if flow.asked > 0.0 { flow.asked_work } else { asked };
        }
        for ((product, work), model) in products.iter_mut().zip(&work).zip(&models) {
            let state = &self.state.models[model.index()];
            product.price /= product.mtok;
            product.cost = self.token_cost(state.lab, state.compute_per_token) * work / product.mtok;
        }
        (models, products)
    }

    /// Weight of the logarithm of the price and dissimilarity: means over segments by what they spend.
    fn mean_taste(&self) -> Option<(f64, f64)> {
        let (demand, now) = (&self.params.demand, self.now());
        let (mut weight, mut lambda, mut spent) = (0.0, 0.0, 0.0);
        for (s, segment) in demand.segments.iter().enumerate() {
            let usd = self.state.demand.spend_usd_per_year(demand, &self.state.offers, SegmentId::new(s), now);
            weight += usd * segment.taste.alpha_p;
            lambda += usd * segment.taste.lambda;
            spent += usd;
        }
        (spent > 0.0).then(|| (weight / spent, lambda / spent))
    }

    /// Tokens that those would use who do without or host models themselves, which pays no lab [Mtok/h].
    fn mtok_outside(&self) -> f64 {
        let per_class =
            |class: &Class| self.state.demand.mtok_per_year(&self.params.demand, *class, Choice::Outside, self.now());
        let hosted = self.state.live.iter().copied().map(usize::from);
        let hosted = hosted.filter(|i| self.is_self_hosted(&self.state.listings[*i]));
        let hosted: f64 = hosted.map(|i| self.state.flows[i].asked).sum();
        hosted + Class::ALL[1..].iter().map(per_class).sum::<f64>() / HOURS_PER_YEAR
    }

    /// What a lab can serve: what it serves where that falls short of what it is asked for, else without limit [Mtok/h].
    fn token_capacity(&self, lab: LabId) -> f64 {
        let own = self.state.live.iter().copied().map(usize::from).filter(|i| self.state.listings[*i].lab == lab);
        let (asked, served) = own.fold((0.0, 0.0), |(asked, served), i| {
            let flow = &self.state.flows[i];
            (asked + flow.asked, served + flow.served - flow.spill_in)
        });
        if served < asked * (1.0 - SLACK) { served.max(LEAST_MTOK) } else { f64::INFINITY }
    }
}
