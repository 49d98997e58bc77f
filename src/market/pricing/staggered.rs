//! Sellers that reprice in turn, each on its own dates, part of the way, and only where it pays.
//!
//! This is how a market gets near an equilibrium without anybody solving it: [`reprice`] is one seller's review, and the
//! market may call it on its own dates with the demand of the day; [`staggered`] plays a calendar of them against a demand
//! that stands still and says how far from rest it ended.

use super::best_response::{first_order_gap, respond};
use super::game::{PriceGame, Unfit};

/// When a seller reviews its prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rhythm {
    /// The first time [day].
    pub first_day: u32,
    /// Then again after each of these [days]; at least 1.
    pub every_days: u32,
}

/// How sellers reprice.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Repricing {
    /// Part of the way to the best response that is gone, in (0, 1] [1].
    pub damping: f64,
    /// Menu cost: a change is made only if it gains more profit than this [USD].
    pub menu_cost: f64,
}

/// Where repricing came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Rest {
    /// Price of each product [USD per unit].
    pub prices: Vec<f64>,
    /// Changes of prices that were made.
    pub changes: usize,
    /// The last day that was played.
    pub last_day: u32,
    /// Whether every seller left its prices as they were at its last review, or moved them by less than the tolerance.
    pub settled: bool,
    /// How far a price is from its seller's best response at most [USD per unit].
    pub distance: f64,
    /// How far a markup is off the first-order conditions at most [USD per unit].
    pub residual: f64,
    /// The most that a seller forgoes by not moving to its best response [USD].
    pub forgone: f64,
}

/// A seller's review: its prices move to `p + d·(BR(p) − p)` if that gains more profit than the menu cost.
///
/// Returns the largest relative change of a price, 0 if all stay [1]; `prices` are those of all products, of which the
/// seller's are written over. p prices [USD per unit] · d damping [1] · BR as in [`super::best_response`].
/// Source: menu costs of N. G. Mankiw, Quarterly Journal of Economics 100 (1985), 529–538; the damping is assumed.
/// Limits: the seller weighs today's profit alone and expects no answer from its rivals.
///
/// # Errors
/// If there is no such seller or `prices` are no prices of the game.
pub fn reprice(game: &PriceGame<'_>, seller: usize, how: Repricing, prices: &mut [f64]) -> Result<f64, Unfit> {
    game.check_seller(seller)?;
    game.check_prices(prices)?;
    Ok(review(game, seller, how, prices))
}

fn review(game: &PriceGame<'_>, seller: usize, how: Repricing, prices: &mut [f64]) -> f64 {
    let mut moved = respond(game, seller, prices).prices;
    let mut change = 0.0_f64;
    for j in game.products(seller) {
        let step = how.damping * (moved[j] - prices[j]);
        change = change.max((step / moved[j]).abs());
        moved[j] = prices[j] + step;
    }
    // A gain is of second order in the change, so that near the best response it drowns in rounding long before the
    // change does: without a menu cost it is not asked for.
    let pays = how.menu_cost <= 0.0 || {
        let profit = |prices: &[f64]| game.profit(seller, prices, &game.demand().shares(prices));
        profit(&moved) - profit(prices) > how.menu_cost
    };
    if !pays {
        return 0.0;
    }
    prices.copy_from_slice(&moved);
    change
}

/// Plays reviews by their dates, sellers of one day in the order of their number, until all rest or `last_day` is over.
///
/// `tolerance` is the relative change of a price that counts as none [1]. With a menu cost of 0 it comes to the
/// equilibrium of [`super::equilibrium`]; with one it stops near, and says how far. A rhythm of 0 days counts as one.
///
/// # Errors
/// If there is not one rhythm for each seller, or `start` are no prices of the game.
pub fn staggered(
    game: &PriceGame<'_>,
    start: &[f64],
    rhythms: &[Rhythm],
    how: Repricing,
    tolerance: f64,
    last_day: u32,
) -> Result<Rest, Unfit> {
    game.check_prices(start)?;
    game.check_rhythms(rhythms.len())?;
    let mut prices = start.to_vec();
    let mut next: Vec<u32> = rhythms.iter().map(|rhythm| rhythm.first_day).collect();
    let mut restless = vec![true; rhythms.len()];
    let (mut changes, mut day) = (0, 0);
    while restless.contains(&true) {
        let Some((seller, due)) = next.iter().copied().enumerate().min_by_key(|(_, due)| *due) else { break };
        // A date that came to the end of days comes no more.
        if due > last_day || due == u32::MAX || !prices.iter().all(|price| price.is_finite()) {
            break;
        }
        day = due;
        let change = review(game, seller, how, &mut prices);
        changes += usize::from(change > 0.0);
        if change > tolerance {
            // What the others left as it was may no longer be best.
            restless.fill(true);
        }
        restless[seller] = change > tolerance;
        next[seller] = due.saturating_add(rhythms[seller].every_days.max(1));
    }
    Ok(told(game, prices, changes, day, !restless.contains(&true)))
}

fn told(game: &PriceGame<'_>, prices: Vec<f64>, changes: usize, last_day: u32, settled: bool) -> Rest {
    let shares = game.demand().shares(&prices);
    let (mut distance, mut residual, mut forgone) = (0.0_f64, 0.0_f64, 0.0_f64);
    for seller in 0..game.sellers() {
        let response = respond(game, seller, &prices);
        let apart = |j: usize| (response.prices[j] - prices[j]).abs();
        distance = game.products(seller).map(apart).fold(distance, f64::max);
        residual = residual.max(first_order_gap(game, seller, &prices, &shares, response.uplift));
        forgone = forgone.max(response.profit - game.profit(seller, &prices, &shares));
    }
    Rest { prices, changes, last_day, settled, distance, residual, forgone }
}
