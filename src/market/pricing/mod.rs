//! Prices of chip-hours and tokens: policies here, best responses and equilibria in the files below.
//!
//! A [`PriceGame`] says who sells what to a nested-logit demand; [`best_response`] what one seller does best,
//! [`equilibrium`] where nobody would do otherwise, [`staggered`] how prices get there when sellers move in turn. Clouds play
//! it for renters, labs for the customers that a [`TokenGame`] takes from the volumes of the day.

mod best_response;
mod equilibrium;
mod game;
#[cfg(test)]
mod game_tests;
mod staggered;
mod token_game;

pub use best_response::{Response, best_response, first_order_gap, second_order_holds};
pub use equilibrium::{Equilibrium, Search, equilibrium, equilibrium_from};
pub use game::{Demand, PriceGame, PriceTerm, Unfit, herfindahl};
pub use staggered::{Repricing, Rest, Rhythm, reprice, staggered};
pub use token_game::{TokenGame, TokenProduct};

use super::params::TokenPricing;

/// Price that follows utilisation, within bounds over cost.
///
/// `p' = clamp(p · (1 + γ·(u − u*)), floor·c, cap·c)`.
///
/// p price [USD/h] · γ speed [1/month] · u, u* utilisation and its target [1] · c levelised cost of compute [USD/h].
/// Source: assumed (a revenue-management rule of thumb; peers: utilisation-based spot pricing). Left out: rivals'
/// prices, which reach this price through the load they take away.
pub fn utilisation_target(price: f64, utilisation: f64, target: f64, speed: f64, cost: f64, bounds: (f64, f64)) -> f64 {
    let moved = price * (1.0 + speed * (utilisation - target));
    moved.clamp(bounds.0 * cost, (bounds.1 * cost).max(bounds.0 * cost))
}

/// Price that follows the lowest rival: `max(f·c, π·p_rival)`.
///
/// f floor, π premium \[1\] · c levelised cost of compute, p_rival lowest price of the others a month ago \[USD/h\]. Without
/// a rival the floor decides.
/// Source: price matching as retailers and clouds announce it. Left out: matching by contract.
pub fn match_lowest(lowest_rival: Option<f64>, premium: f64, floor: f64, cost: f64) -> f64 {
    lowest_rival.map_or(0.0, |rival| premium * rival).max(floor * cost)
}

/// What a lab knows when it sets the list price of a release.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TokenPriceFacts {
    /// Full cost of a million tokens [USD/Mtok].
    pub cost: f64,
    /// List price of the model that the release replaces, and its age [USD/Mtok, years].
    pub replaced: Option<(f64, f64)>,
    /// Lowest list price of a rival's open model of the same line [USD/Mtok].
    pub lowest_rival: Option<f64>,
}

/// List price of a release [USD/Mtok].
///
/// Cost plus: `m·c`. Match the lowest: `max(f·c, π·p_rival)`. Hold: `max(f·c, p_replaced·(1 + d)^age)`. Where there is
/// no rival or predecessor, the floor over cost decides. Best response: `p_replaced`, or `m·c` without a predecessor, until
/// the next review (see [`TokenGame`]).
/// Source: `customer_behaviour.csv`, average price per token near constant while quality rises. Left out: menu costs of
/// releases.
pub fn list_price(policy: &TokenPricing, facts: &TokenPriceFacts) -> f64 {
    match *policy {
        TokenPricing::CostPlus { markup } => markup * facts.cost,
        TokenPricing::MatchLowest { premium, floor } => match_lowest(facts.lowest_rival, premium, floor, facts.cost),
        TokenPricing::Hold { drift_per_year, floor } => facts
            .replaced
            .map_or(0.0, |(price, age)| price * libm::pow(1.0 + drift_per_year, age))
            .max(floor * facts.cost),
        TokenPricing::BestResponse(how) => facts.replaced.map_or(how.start_markup * facts.cost, |(price, _)| price),
    }
}

#[cfg(test)]
mod tests {
    use super::super::params::TokenBestResponding;
    use super::*;

    #[test]
    fn a_busy_fleet_raises_its_price_up_to_the_cap() {
        let at = |price, busy| utilisation_target(price, busy, 0.7, 0.5, 1.0, (0.9, 2.5));
        assert!((at(2.0, 0.9) - 2.2).abs() < 1e-12);
        assert!((at(2.0, 0.5) - 1.8).abs() < 1e-12);
        assert_eq!(at(2.45, 1.0), 2.5);
        assert_eq!(at(0.91, 0.0), 0.9);
    }

    #[test]
    fn list_prices_by_hand() {
        let facts = TokenPriceFacts { cost: 1.0, replaced: Some((4.0, 2.0)), lowest_rival: Some(3.0) };
        assert_eq!(list_price(&TokenPricing::CostPlus { markup: 3.0 }, &facts), 3.0);
        assert!((list_price(&TokenPricing::MatchLowest { premium: 0.9, floor: 1.2 }, &facts) - 2.7).abs() < 1e-12);
        assert!((list_price(&TokenPricing::Hold { drift_per_year: -0.5, floor: 1.2 }, &facts) - 1.2).abs() < 1e-12);
        let best = TokenPricing::BestResponse(TokenBestResponding {
            start_markup: 1.5,
            cost_share: 1.0,
            every_months: 3,
            damping: 0.5,
            menu_cost_usd: 0.0,
        });
        assert_eq!(list_price(&best, &facts), 4.0);
        let alone = TokenPriceFacts { replaced: None, lowest_rival: None, ..facts };
        assert_eq!(list_price(&best, &alone), 1.5);
        assert_eq!(list_price(&TokenPricing::MatchLowest { premium: 0.9, floor: 1.2 }, &alone), 1.2);
    }
}
