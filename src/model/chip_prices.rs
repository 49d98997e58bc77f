//! What clouds ask for an hour of compute on demand, each by its policy.
//!
//! All of a month's prices are set from those of the month before, so that the order of clouds is of no account.

use super::observe::Sheet;
use super::simulation::Simulation;
use crate::ids::CloudId;
use crate::market::demand::rental::RentalGame;
use crate::market::params::{BestResponding, ChipPricing};
use crate::market::pricing::{Repricing, best_response, match_lowest, reprice, utilisation_target};

/// Least price of compute [USD per chat H100e-hour]: a cloud that may buy nothing has no cost to price by, and rights in
/// dollars are divided by the price.
const LEAST_PRICE: f64 = 0.001;
/// Least capacity in a game in prices: a cloud that is full prices as if for a single chip [H100e].
const LEAST_CAPACITY: f64 = 1.0;
const HOURS_PER_MONTH: f64 = 730.5;

/// A cloud's game for renters.
struct Rivalry {
    game: RentalGame,
    /// Position of the cloud among those that sell.
    seller: usize,
    cost: Vec<f64>,
    capacity: Vec<f64>,
    prices: Vec<f64>,
}

impl Simulation<'_> {
    /// The month's prices on demand: what each policy sets, times the scenario's factor.
    pub(super) fn review_chip_prices(&mut self, month: u16) {
        let before: Vec<f64> = self.state.clouds.iter().map(|cloud| cloud.price).collect();
        for cloud in self.cloud_ids() {
            let k = cloud.index();
            let price = self.policy_price(cloud, month, &before).max(LEAST_PRICE);
            self.state.clouds[k].policy_price = price;
            let factor = self.params.clouds[k].price_factor.at(self.now());
            self.state.clouds[k].price = (price * factor).max(LEAST_PRICE);
        }
    }

    /// What a cloud's policy asks, from its own last price and all clouds' prices of the month before [USD/h].
    fn policy_price(&self, cloud: CloudId, month: u16, before: &[f64]) -> f64 {
        let (k, now) = (cloud.index(), self.now());
        let state = &self.state.clouds[k];
        let cost = state.levelised_cost;
        match &self.params.clouds[k].pricing {
            ChipPricing::Scheduled(path) => path.at(now),
            ChipPricing::CostPlus { markup } => markup * cost,
            ChipPricing::UtilisationTarget { start_usd, .. } | ChipPricing::MatchLowest { start_usd, .. }
                if now.0 == 0 =>
            {
                *start_usd
            }
            ChipPricing::UtilisationTarget { target, speed, floor, cap, .. } => {
                utilisation_target(state.policy_price, state.utilisation, *target, *speed, cost, (*floor, *cap))
            }
            ChipPricing::MatchLowest { premium, floor, .. } => {
                let rivals = self.sellers().filter(|rival| *rival != cloud).map(|rival| before[rival.index()]);
                let lowest = rivals.fold(f64::INFINITY, f64::min);
                match_lowest(lowest.is_finite().then_some(lowest), *premium, *floor, cost)
            }
            ChipPricing::BestResponse(how) if now.0 == 0 => how.start_usd,
            ChipPricing::BestResponse(how) if !(month + k as u16).is_multiple_of(how.every_months) => {
                state.policy_price
            }
            ChipPricing::BestResponse(how) => self.reviewed(cloud, how, before),
        }
    }

    /// The price after a review by best response: the last one where a change does not pay, or where there is no game.
    fn reviewed(&self, cloud: CloudId, how: &BestResponding, before: &[f64]) -> f64 {
        let last = self.state.clouds[cloud.index()].policy_price;
        let Some(mut rivalry) = self.rivalry(cloud, how, before) else { return last };
        rivalry.prices[rivalry.seller] = last;
        let until_next = HOURS_PER_MONTH * f64::from(how.every_months);
        let repricing = Repricing { damping: how.damping, menu_cost: how.menu_cost_usd / until_next };
        let Rivalry { game, seller, cost, capacity, prices } = &mut rivalry;
        let moved = game.at(cost, capacity).and_then(|game| reprice(&game, *seller, repricing, prices));
        if moved.is_ok() { rivalry.prices[rivalry.seller] } else { last }
    }

    /// How far each cloud's price is from its best response.
    pub(super) fn observe_price_gaps(&self, sheet: &mut Sheet) {
        let prices: Vec<f64> = self.state.clouds.iter().map(|cloud| cloud.price).collect();
        for cloud in self.sellers() {
            let gap = match &self.params.clouds[cloud.index()].pricing {
                ChipPricing::BestResponse(how) => self.price_gap(cloud, how, &prices),
                _ => None,
            };
            sheet.put("price_off_best_response", &self.params.supply.clouds[cloud.index()].id, gap.unwrap_or(f64::NAN));
        }
    }

    fn price_gap(&self, cloud: CloudId, how: &BestResponding, prices: &[f64]) -> Option<f64> {
        let rivalry = self.rivalry(cloud, how, prices)?;
        let game = rivalry.game.at(&rivalry.cost, &rivalry.capacity).ok()?;
        let best = best_response(&game, rivalry.seller, &rivalry.prices).ok()?;
        Some(prices[cloud.index()] / best.prices[rivalry.seller] - 1.0)
    }

    /// The game for renters as a cloud sees it: its own cost and room, its rivals' prices. None if it sells nothing.
    fn rivalry(&self, cloud: CloudId, how: &BestResponding, prices: &[f64]) -> Option<Rivalry> {
        let sellers: Vec<CloudId> = self.sellers().collect();
        let seller = sellers.iter().position(|seller| *seller == cloud)?;
        let attractiveness = self.rental_attractiveness();
        let attractiveness: Vec<f64> = sellers.iter().map(|seller| attractiveness[seller.index()]).collect();
        let of = |own: f64, others: f64| sellers.iter().map(|s| if *s == cloud { own } else { others }).collect();
        let cost = (how.cost_share * self.state.clouds[cloud.index()].levelised_cost).max(LEAST_PRICE);
        Some(Rivalry {
            game: RentalGame::new(&self.params.rental, self.now(), &attractiveness),
            seller,
            // What rivals' hours cost and how many they have does not enter the own best price.
            cost: of(cost, cost),
            capacity: of(self.room_for_renters(cloud), f64::INFINITY),
            prices: sellers.iter().map(|seller| prices[seller.index()].max(LEAST_PRICE)).collect(),
        })
    }

    /// Compute that is left for renters after own load, rights and leases [H100e].
    fn room_for_renters(&self, cloud: CloudId) -> f64 {
        let k = cloud.index();
        let internal = self.params.clouds[k].internal_load_h100e.at(self.now());
        let rights: f64 = self.state.labs.iter().map(|lab| lab.at[k].right).sum();
        let leases: f64 = self.state.clouds.iter().map(|lessee| lessee.leased[k]).sum();
        (self.state.clouds[k].capacity - internal - rights - leases).max(LEAST_CAPACITY)
    }

    /// Clouds that sell.
    fn sellers(&self) -> impl Iterator<Item = CloudId> + '_ {
        self.cloud_ids().filter(|cloud| self.params.supply.clouds[cloud.index()].sells)
    }

    /// What each cloud is worth to renters at equal prices [nats].
    pub(super) fn rental_attractiveness(&self) -> Vec<f64> {
        let shares = self.params.rental_share_at_equal_prices.iter();
        shares.map(|share| libm::log(share.at(self.now()).max(1e-9))).collect()
    }
}
