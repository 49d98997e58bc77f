//! Bertrand–Nash equilibrium: prices from which no seller would move alone.

use super::best_response::{first_order_gap, respond, second_order_holds};
use super::game::{PriceGame, PriceTerm, Unfit};
use crate::market::choice::logit::Shares;

/// Largest part of its profit that a seller may gain by moving alone, for the point to count as an equilibrium.
const MOST_GAIN: f64 = 1e-9;
/// Largest part of a price by which a markup may be off the first-order conditions.
const MOST_RESIDUAL: f64 = 1e-9;
/// Largest relative difference between prices that count as the same equilibrium.
const SAME: f64 = 1e-8;
/// Multiples of the scale of markups from which the search starts.
const START_MARKUPS: [f64; 3] = [1.0, 0.05, 10.0];

/// How an equilibrium is searched for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Search {
    /// Part of the way to its best response that a seller goes, in (0, 1] [1].
    pub damping: f64,
    /// Largest relative change of a price in a sweep at which the search ends [1].
    pub tolerance: f64,
    /// Most sweeps over all sellers.
    pub most_sweeps: usize,
}

impl Default for Search {
    fn default() -> Self {
        Self { damping: 1.0, tolerance: 1e-12, most_sweeps: 2_000 }
    }
}

/// Where a search ended, and whether that is an equilibrium.
#[derive(Clone, Debug, PartialEq)]
pub struct Equilibrium {
    /// Price of each product [USD per unit].
    pub prices: Vec<f64>,
    /// Shares at these prices.
    pub shares: Shares,
    /// Price less marginal cost of each product [USD per unit].
    pub markups: Vec<f64>,
    /// Profit of each seller over its marginal costs [USD].
    pub profits: Vec<f64>,
    /// Shadow price of each seller's capacity; 0 where it does not bind [USD per unit].
    pub uplifts: Vec<f64>,
    /// What a customer has over buying nothing, under a linear price term [USD].
    pub consumer_surplus: Option<f64>,
    /// How far a markup is off the first-order conditions at most [USD per unit].
    pub residual: f64,
    /// The most that a seller would gain by moving alone, as part of its profit [1].
    pub deviation_gain: f64,
    /// Sweeps over the sellers from this start.
    pub sweeps: usize,
    /// Whether every seller's profit bends down in every direction of its prices.
    pub second_order: bool,
    /// Whether every start led to this one equilibrium, and within it no seller's response had several candidates.
    pub starts_agree: bool,
    /// Whether this is an equilibrium: nothing moved, the conditions of first and second order hold, no capacity is
    /// exceeded and nobody gains by moving alone. If not, it is no more than where the search ended.
    pub converged: bool,
}

/// Prices at which each seller's are its best response to the others', searched for from several starts.
///
/// Damped Gauss–Seidel: seller by seller, `p_f' = p_f + d·(BR_f(p_{−f}) − p_f)`, until a sweep changes nothing; see
/// [`super::best_response`]. The first start that ends in an equilibrium is returned.
///
/// p prices [USD per unit] · d damping [1].
/// Source: Berry (1994); Morrow, Skerlos (2011); C. Conlon, J. Gortmaker, RAND Journal of Economics 51 (2020),
/// 1108–1161, for what must be checked.
/// Limits: where nests are all but one product (λ near 0) and capacities bind, prices may circle and nothing is found.
/// With several equilibria the first found is told, and that there are others only where a start leads there.
/// With capacities, an equilibrium is one among sellers whose turned-away customers go home. Where they would go over to
/// rivals, there need be none in pure prices (Edgeworth, 1897; D. Kreps, J. Scheinkman, 1983).
pub fn equilibrium(game: &PriceGame<'_>, search: Search) -> Equilibrium {
    let ends = START_MARKUPS.map(|factor| search_from(game, &start_prices(game, factor), search));
    let same = |a: &Equilibrium, b: &Equilibrium| {
        a.prices.iter().zip(&b.prices).all(|(p, q)| (p - q).abs() <= SAME * p.abs().max(q.abs()))
    };
    let first = ends.iter().position(|end| end.converged).unwrap_or(0);
    let agree = ends.iter().all(|end| end.converged && end.starts_agree && same(end, &ends[first]));
    let [a, b, c] = ends;
    let found = match first {
        0 => a,
        1 => b,
        _ => c,
    };
    Equilibrium { starts_agree: agree, ..found }
}

/// The same from one start.
///
/// # Errors
/// If `start` are no prices of the game.
pub fn equilibrium_from(game: &PriceGame<'_>, start: &[f64], search: Search) -> Result<Equilibrium, Unfit> {
    game.check_prices(start)?;
    Ok(search_from(game, start, search))
}

/// Cost plus `factor` times what utility falls by one for; under a logarithmic term, that part of the cost.
fn start_prices(game: &PriceGame<'_>, factor: f64) -> Vec<f64> {
    let weight = game.demand().price_weight;
    let start = |cost: &f64| match game.demand().term {
        PriceTerm::Linear => cost + factor / weight,
        PriceTerm::Logarithmic => cost * (1.0 + factor / weight),
    };
    game.cost().iter().map(start).collect()
}

fn search_from(game: &PriceGame<'_>, start: &[f64], search: Search) -> Equilibrium {
    let mut prices = start.to_vec();
    let (mut sweeps, mut resting) = (0, false);
    while sweeps < search.most_sweeps && !resting {
        sweeps += 1;
        let change = sweep(game, &mut prices, search.damping);
        resting = change <= search.tolerance;
        if !prices.iter().all(|price| price.is_finite()) {
            return lost(game, start, sweeps);
        }
    }
    judged(game, prices, sweeps, resting)
}

/// Every seller moves once; the largest relative change of a price.
fn sweep(game: &PriceGame<'_>, prices: &mut [f64], damping: f64) -> f64 {
    let mut most = 0.0_f64;
    for seller in 0..game.sellers() {
        let response = respond(game, seller, prices);
        for j in game.products(seller) {
            let step = damping * (response.prices[j] - prices[j]);
            most = most.max((step / response.prices[j]).abs());
            prices[j] += step;
        }
    }
    most
}

/// A search whose prices ran away: told at its start, as what it is.
fn lost(game: &PriceGame<'_>, start: &[f64], sweeps: usize) -> Equilibrium {
    Equilibrium { converged: false, ..judged(game, start.to_vec(), sweeps, false) }
}

/// All that is to be known of a point, measured there anew.
fn judged(game: &PriceGame<'_>, prices: Vec<f64>, sweeps: usize, resting: bool) -> Equilibrium {
    let shares = game.demand().shares(&prices);
    let sellers = 0..game.sellers();
    let responses: Vec<_> = sellers.clone().map(|seller| respond(game, seller, &prices)).collect();
    let uplifts: Vec<f64> = responses.iter().map(|response| response.uplift).collect();
    let profits: Vec<f64> = sellers.clone().map(|seller| game.profit(seller, &prices, &shares)).collect();
    let residual = |f: usize| first_order_gap(game, f, &prices, &shares, uplifts[f]);
    let residual = sellers.clone().map(residual).fold(0.0, f64::max);
    let second_order = sellers.clone().all(|f| second_order_holds(game, f, &prices, &shares, uplifts[f]));
    let gain = |f: usize| gain(profits[f], responses[f].profit);
    let deviation_gain = sellers.clone().map(gain).fold(0.0, f64::max);
    let fits = |f: usize| game.demanded(f, &shares) <= game.capacity(f) * (1.0 + SAME);
    let scale = prices.iter().fold(f64::INFINITY, |least, price| least.min(price.abs()));
    let converged = resting
        && second_order
        && residual <= MOST_RESIDUAL * scale
        && deviation_gain <= MOST_GAIN
        && sellers.clone().all(fits)
        && responses.iter().all(|response| response.clears);
    Equilibrium {
        markups: prices.iter().zip(game.cost()).map(|(price, cost)| price - cost).collect(),
        consumer_surplus: game.demand().consumer_surplus(&shares),
        starts_agree: responses.iter().all(|response| response.starts_agree),
        prices,
        shares,
        profits,
        uplifts,
        residual,
        deviation_gain,
        sweeps,
        second_order,
        converged,
    }
}

/// What is gained by moving from one profit to another, as part of the latter; nothing where nothing is earned.
fn gain(now: f64, best: f64) -> f64 {
    if best > now { (best - now) / best } else { 0.0 }
}
