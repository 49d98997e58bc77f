//! What one seller does best while its rivals' prices stay.
//!
//! *Why not climb from a few start points?* Because the problem splits into scalars that can be bracketed. Profit per
//! customer is a ratio, `Π = Σ_g A_g·M_g / (A_0 + Σ_g A_g)`, A the attraction of a nest, M_g what a customer of the nest
//! earns the seller on average. The best Π is the t at which the most of `Σ_g A_g·(M_g − t) − A_0·t` is nothing
//! (W. Dinkelbach, Management Science 13 (1967), 492–498), and that most splits by nest. Within a nest the first-order
//! conditions say every markup once M_g is known (the ζ of [`first_order_gap`]), which leaves one equation in M_g.
//!
//! *Is it the best?* Under a linear term, yes: at each of a seller's stationary points the second-order condition holds
//! strictly, profit has a most, and so there is one such point alone. Under a logarithmic term the equation of a nest may
//! have several roots; it is started from [`STARTS`] places, the best root is taken, and that there were several is said.

use super::game::{PriceGame, PriceTerm, Unfit};
use crate::market::choice::logit::Shares;

/// Places along the bracket from which roots are looked for, where there may be several.
const STARTS: usize = 32;
/// Most rounds of anything below. Each ends in fewer than ten, doublings of a bracket aside.
const MOST_ROUNDS: usize = 200;
/// A few units in the last place.
const LAST_PLACES: f64 = 1e-15;

/// A seller's best response.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// Prices of all products, the rivals' as they were [USD per unit].
    pub prices: Vec<f64>,
    /// Shadow price of capacity: what marginal cost is raised by for demand to meet it; 0 if it does not bind [USD per unit].
    pub uplift: f64,
    /// Profit over marginal cost, without the uplift [USD].
    pub profit: f64,
    /// How far a markup is off the first-order conditions at most [USD per unit].
    pub residual: f64,
    /// Whether profit, at marginal cost with the uplift, bends down in every direction of the own prices.
    pub second_order: bool,
    /// Whether all start points led to one answer. If not, the prices are the best of them.
    pub starts_agree: bool,
    /// Whether demand meets a capacity that binds. Where several roots make demand jump, it may stay below, and other
    /// prices may earn up to `uplift` times the unsold part of the capacity more.
    pub clears: bool,
}

/// Prices that maximise a seller's profit, given all others' prices in `prices`; its own there are not looked at.
///
/// `max_p M·Σ_{j∈f} (p_j − c_j)·s_j(p)` subject to `M·Σ_{j∈f} s_j ≤ K`. A seller whose demand would exceed its capacity K
/// prices as if its marginal costs were higher by one uplift μ, the smallest at which demand does not exceed it.
///
/// p prices, c marginal costs, μ uplift [USD per unit] · s shares [1] · M customers, K capacity [units].
/// Source: S. Berry (1994); W. Morrow, S. Skerlos, Operations Research 59 (2011), 328–345; Dinkelbach (1967).
/// Limits: rivals' customers are not rationed, even where a rival wants more customers than it can serve. If those turned
/// away came over, a rise beyond these prices could pay, and prices might circle without rest (F. Edgeworth, 1897).
///
/// # Errors
/// If there is no such seller or `prices` are no prices of the game.
pub fn best_response(game: &PriceGame<'_>, seller: usize, prices: &[f64]) -> Result<Response, Unfit> {
    game.check_seller(seller)?;
    game.check_prices(prices)?;
    Ok(respond(game, seller, prices))
}

/// [`best_response`] to prices that were checked.
pub(super) fn respond(game: &PriceGame<'_>, seller: usize, prices: &[f64]) -> Response {
    let mut problem = Problem::new(game, seller, prices);
    let mut best = prices.to_vec();
    let (uplift, solution) = problem.within_capacity(game.capacity(seller) / game.demand().customers, &mut best);
    let shares = game.demand().shares(&best);
    Response {
        uplift,
        profit: game.profit(seller, &best, &shares),
        residual: first_order_gap(game, seller, &best, &shares, uplift),
        second_order: second_order_holds(game, seller, &best, &shares, uplift),
        starts_agree: solution.starts_agree,
        clears: uplift == 0.0 || game.demanded(seller, &shares) >= game.capacity(seller) * (1.0 - 1e-9),
        prices: best,
    }
}

/// How far a seller's markups are from its first-order conditions [USD per unit]: `max_j |ζ_j(p) − (p_j − c_j − μ)|`.
///
/// `ζ_j = λ_g/(α·w_j) + (1 − λ_g)·M_g + λ_g·Π`, `M_g = Σ_{k∈f∩g} m_k·s_{k|g}`, `Π = Σ_{k∈f} m_k·s_k`, m markups, w_j = 1
/// under a linear and 1/p_j under a logarithmic term. Profit does not change with p_j to the first order where ζ_j is the
/// markup: `∂π/∂p_j = M·s_j·(α·w_j/λ_g)·(ζ_j − m_j)`.
/// Source: Morrow, Skerlos (2011), their ζ for the nested logit.
/// Limits: a nest whose share is too small for a double says nothing.
pub fn first_order_gap(game: &PriceGame<'_>, seller: usize, prices: &[f64], shares: &Shares, uplift: f64) -> f64 {
    let margins = Margins::new(game, seller, prices, shares, uplift);
    let gap = |j: usize| {
        let nest = game.demand().nest_of[j];
        let lambda = game.demand().lambda[nest];
        let held = margins.held(nest)?;
        let zeta = lambda / steepness(game, prices[j]) + (1.0 - lambda) * held + lambda * margins.profit;
        Some((zeta - margins.of(j)).abs())
    };
    game.products(seller).filter_map(gap).fold(0.0, f64::max)
}

/// Whether the second-order conditions hold at a stationary point: the Hessian of profit in the own prices is negative
/// definite.
///
/// There, `−∂²π/∂p_j∂p_k ∝ a_j·(θ_g·[j = k] − (1 − λ_g)·s_{k|g}·α·w_k·(M_g − Π)·[same nest])`, `a_j = s_j·α·w_j/λ_g > 0`,
/// θ = 1 under a linear and `1 − λ_g/α` under a logarithmic term: one block a nest, each a diagonal less a product of two
/// vectors, which is positive definite if `(1 − λ_g)·(M_g − Π)·Σ_{k∈f∩g} s_{k|g}·α·w_k < θ_g`.
/// Source: own derivation from ζ (see [`first_order_gap`]); a test holds it against finite differences.
/// Limits: away from stationary points it says nothing.
pub fn second_order_holds(game: &PriceGame<'_>, seller: usize, prices: &[f64], shares: &Shares, uplift: f64) -> bool {
    let demand = game.demand();
    let margins = Margins::new(game, seller, prices, shares, uplift);
    (0..demand.lambda.len()).all(|nest| {
        let Some(held) = margins.held(nest) else { return true };
        let lambda = demand.lambda[nest];
        let own = game.products(seller).filter(|j| demand.nest_of[*j] == nest);
        let steep: f64 = own.map(|j| shares.inside[j] / margins.nest_shares[nest] * steepness(game, prices[j])).sum();
        (1.0 - lambda) * (held - margins.profit) * steep < theta(game, lambda)
    })
}

/// `α·w`: how fast utility falls with a price [nats per USD].
fn steepness(game: &PriceGame<'_>, price: f64) -> f64 {
    match game.demand().term {
        PriceTerm::Linear => game.demand().price_weight,
        PriceTerm::Logarithmic => game.demand().price_weight / price,
    }
}

/// θ: what is left of a rise in a price after what it adds to the markup that the price asks for [1].
fn theta(game: &PriceGame<'_>, lambda: f64) -> f64 {
    match game.demand().term {
        PriceTerm::Linear => 1.0,
        PriceTerm::Logarithmic => 1.0 - lambda / game.demand().price_weight,
    }
}

/// Markups of a seller and their averages.
struct Margins<'a> {
    game: &'a PriceGame<'a>,
    prices: &'a [f64],
    uplift: f64,
    /// Π [USD per customer].
    profit: f64,
    /// S_g [1].
    nest_shares: Vec<f64>,
    /// `Σ_{k∈f∩g} m_k·s_k` [USD per customer].
    earned: Vec<f64>,
}

impl<'a> Margins<'a> {
    fn new(game: &'a PriceGame<'a>, seller: usize, prices: &'a [f64], shares: &Shares, uplift: f64) -> Self {
        let nests = game.demand().lambda.len();
        let (mut nest_shares, earned) = (vec![0.0; nests], vec![0.0; nests]);
        for (share, nest) in shares.inside.iter().zip(game.demand().nest_of) {
            nest_shares[*nest] += share;
        }
        let mut margins = Self { game, prices, uplift, profit: 0.0, nest_shares, earned };
        for j in game.products(seller) {
            let earned = margins.of(j) * shares.inside[j];
            margins.earned[game.demand().nest_of[j]] += earned;
            margins.profit += earned;
        }
        margins
    }

    fn of(&self, product: usize) -> f64 {
        self.prices[product] - self.game.cost()[product] - self.uplift
    }

    /// M_g, if anybody chooses the nest [USD].
    fn held(&self, nest: usize) -> Option<f64> {
        (self.nest_shares[nest] > 0.0).then(|| self.earned[nest] / self.nest_shares[nest])
    }
}

/// A seller's problem: what it sells, nest by nest, and what customers have elsewhere.
struct Problem<'a> {
    game: &'a PriceGame<'a>,
    groups: Vec<Group>,
    /// Inclusive value of the outside option and of all nests in which the seller has nothing [nats].
    elsewhere: f64,
    /// Utilities of a group's products, to be written over.
    scratch: Vec<f64>,
}

/// A seller's products of one nest.
struct Group {
    lambda: f64,
    own: Vec<usize>,
    /// Inclusive value of the rivals' products in the nest, minus infinity if there are none [nats].
    rivals: f64,
    /// M_g as last solved [USD].
    held: f64,
    /// Share of the nest's customers that choose the seller, and the nest's inclusive value, both at `held`.
    own_share: f64,
    value: f64,
}

/// What a guess of M_g comes to.
#[derive(Clone, Copy)]
struct Guess {
    /// M_g of the markups that the guess asks for, less the guess [USD], and how that changes with the guess [1].
    excess: f64,
    slope: f64,
    own_share: f64,
    value: f64,
}

/// The most that a seller can earn at given marginal costs.
#[derive(Clone, Copy)]
struct Solution {
    /// Share of all customers that choose the seller [1].
    share: f64,
    starts_agree: bool,
}

impl<'a> Problem<'a> {
    fn new(game: &'a PriceGame<'a>, seller: usize, prices: &[f64]) -> Self {
        let demand = game.demand();
        let own: Vec<usize> = game.products(seller).collect();
        let (mut groups, mut elsewhere) = (Vec::new(), demand.outside);
        for (nest, &lambda) in demand.lambda.iter().enumerate() {
            let rivals = (0..prices.len()).filter(|j| demand.nest_of[*j] == nest && !own.contains(j));
            let utilities: Vec<f64> = rivals.map(|j| demand.utility_at(j, prices[j])).collect();
            let rivals = inclusive(&utilities, f64::NEG_INFINITY, lambda);
            let own: Vec<usize> = own.iter().copied().filter(|j| demand.nest_of[*j] == nest).collect();
            if own.is_empty() {
                elsewhere = inclusive(&[rivals], elsewhere, 1.0);
            } else {
                groups.push(Group { lambda, own, rivals, held: 0.0, own_share: 0.0, value: 0.0 });
            }
        }
        Self { game, groups, elsewhere, scratch: Vec::new() }
    }

    /// The smallest uplift of marginal costs at which the best prices sell no more than `most`, and those prices.
    fn within_capacity(&mut self, most: f64, prices: &mut [f64]) -> (f64, Solution) {
        let free = self.best(0.0, prices);
        if free.share <= most {
            return (0.0, free);
        }
        // Raising all costs alike never raises what is sold: a bracket and false position (Illinois) on its logarithm.
        let over = |solution: &Solution| libm::log(solution.share / most);
        let (mut low, mut over_low) = (0.0, over(&free));
        let mut high = self.scale(prices);
        let mut held = self.best(high, prices);
        while held.share > most {
            (low, over_low) = (high, over(&held));
            high *= 2.0;
            held = self.best(high, prices);
        }
        let mut over_high = over(&held);
        // What the ends weigh: one that stays twice in a row counts half, or it might stay for good.
        let (mut weight_low, mut weight_high, mut moved_low) = (over_low, over_high, None);
        for _ in 0..MOST_ROUNDS {
            if over_high > -LAST_PLACES || high - low <= LAST_PLACES * high {
                break;
            }
            let crossing = high - weight_high * (high - low) / (weight_high - weight_low);
            // A share of nothing has an infinite logarithm.
            let middle = if crossing > low && crossing < high { crossing } else { 0.5 * (low + high) };
            let tried = over(&self.best(middle, prices));
            let again = moved_low == Some(tried > 0.0);
            moved_low = Some(tried > 0.0);
            if tried > 0.0 {
                (low, weight_low) = (middle, tried);
                weight_high *= if again { 0.5 } else { 1.0 };
            } else {
                (high, over_high, weight_high) = (middle, tried, tried);
                weight_low *= if again { 0.5 } else { 1.0 };
            }
        }
        (high, self.best(high, prices))
    }

    /// A first step of the uplift: what utility falls by one for.
    fn scale(&self, prices: &[f64]) -> f64 {
        let least = |least: f64, j: &usize| least.min(1.0 / steepness(self.game, prices[*j]));
        self.groups.iter().flat_map(|group| &group.own).fold(f64::INFINITY, least)
    }

    /// Dinkelbach's rounds: t, the profit per customer, rises to the most there is. Writes the seller's prices.
    fn best(&mut self, uplift: f64, prices: &mut [f64]) -> Solution {
        let (mut t, mut starts_agree) = (0.0, true);
        for _ in 0..MOST_ROUNDS {
            starts_agree = true;
            for g in 0..self.groups.len() {
                starts_agree &= self.solve_group(g, t, uplift);
            }
            let earned = self.average(|group| group.held);
            let settled = earned <= t * (1.0 + LAST_PLACES);
            t = earned.max(t);
            if settled {
                break;
            }
        }
        for group in &self.groups {
            for &j in &group.own {
                let cost = self.game.cost()[j] + uplift;
                prices[j] = cost + markup(self.game, group.lambda, cost, t, group.held);
            }
        }
        Solution { share: self.average(|group| group.own_share), starts_agree }
    }

    /// `Σ_g S_g·x_g` over the seller's nests, S_g the share of all customers that choose nest g.
    fn average(&self, x: impl Fn(&Group) -> f64) -> f64 {
        let top = self.groups.iter().fold(self.elsewhere, |top, group| top.max(group.value));
        let (mut sum, mut total) = (0.0, libm::exp(self.elsewhere - top));
        for group in &self.groups {
            let attraction = libm::exp(group.value - top);
            total += attraction;
            sum += attraction * x(group);
        }
        sum / total
    }

    /// The M_g at which `A_g·(M_g − t)` is most; whether there was but one candidate.
    fn solve_group(&mut self, g: usize, t: f64, uplift: f64) -> bool {
        let mut scratch = std::mem::take(&mut self.scratch);
        let (game, group) = (self.game, &self.groups[g]);
        let mut guess = |held: f64| group.guess(game, t, uplift, held, &mut scratch);
        let (held, alone) = match game.demand().term {
            // The markup is one and the same, at most 1/α + t, and M_g a part of it.
            PriceTerm::Linear => {
                let most = 1.0 / game.demand().price_weight + t;
                (falling_root(&mut guess, 0.0, most, group.held), true)
            }
            PriceTerm::Logarithmic => best_root(&mut guess, t, game.cost()[group.own[0]] + uplift),
        };
        let Guess { own_share, value, .. } = guess(held);
        let group = &mut self.groups[g];
        (group.held, group.own_share, group.value) = (held, own_share, value);
        self.scratch = scratch;
        alone
    }
}

/// Markup over `cost` that the first-order condition asks for, given t for Π and M_g [USD].
///
/// `m = λ/α + (1 − λ)·M_g + λ·t` under a linear term; `(λ·c/α + (1 − λ)·M_g + λ·t)/(1 − λ/α)` under a logarithmic one,
/// which is ζ with p = c + m solved for m.
fn markup(game: &PriceGame<'_>, lambda: f64, cost: f64, t: f64, held: f64) -> f64 {
    let common = (1.0 - lambda) * held + lambda * t;
    let alpha = game.demand().price_weight;
    match game.demand().term {
        PriceTerm::Linear => lambda / alpha + common,
        PriceTerm::Logarithmic => (lambda * cost / alpha + common) / theta(game, lambda),
    }
}

impl Group {
    fn guess(&self, game: &PriceGame<'_>, t: f64, uplift: f64, held: f64, utilities: &mut Vec<f64>) -> Guess {
        let lambda = self.lambda;
        let cost = |j: usize| game.cost()[j] + uplift;
        let margin = |j: usize| markup(game, lambda, cost(j), t, held);
        utilities.clear();
        utilities.extend(self.own.iter().map(|&j| game.demand().utility_at(j, cost(j) + margin(j))));
        let value = inclusive(utilities, self.rivals, lambda);
        let (mut earned, mut own_share) = (0.0, 0.0);
        for (&j, utility) in self.own.iter().zip(utilities.iter_mut()) {
            // From here on the share within the nest stands in place of the utility; at λ → 0 the rest rounds away.
            *utility = within(*utility, value, lambda);
            own_share += *utility;
            earned += margin(j) * *utility;
        }
        let rise = (1.0 - lambda) / theta(game, lambda);
        let change = |(&j, share): (&usize, &f64)| {
            share * (1.0 - steepness(game, cost(j) + margin(j)) / lambda * (margin(j) - earned))
        };
        let slope = rise * self.own.iter().zip(utilities.iter()).map(change).sum::<f64>();
        Guess { excess: earned - held, slope: slope - 1.0, own_share, value }
    }
}

/// `λ·ln(exp(other/λ) + Σ_k exp(V_k/λ))`, minus infinity for nothing [nats].
fn inclusive(utilities: &[f64], other: f64, lambda: f64) -> f64 {
    let top = utilities.iter().copied().fold(other, f64::max);
    if top == f64::NEG_INFINITY {
        return top;
    }
    let sum: f64 = utilities.iter().chain([&other]).map(|v| within(*v, top, lambda)).sum();
    top + lambda * libm::log(sum)
}

/// `exp((V − I)/λ)`, nothing of minus infinity.
fn within(utility: f64, value: f64, lambda: f64) -> f64 {
    if utility == f64::NEG_INFINITY { 0.0 } else { libm::exp((utility - value) / lambda) }
}

/// The root of an excess that falls from `low`, where it is not below 0, to `high`: Newton's steps within a bracket.
fn falling_root(guess: &mut impl FnMut(f64) -> Guess, low: f64, high: f64, start: f64) -> f64 {
    let (mut low, mut high) = (low, high);
    let mut x = if start > low && start < high { start } else { 0.5 * (low + high) };
    for _ in 0..MOST_ROUNDS {
        let Guess { excess, slope, .. } = guess(x);
        if excess >= 0.0 {
            low = x;
        } else {
            high = x;
        }
        let newton = x - excess / slope;
        let next = if newton >= low && newton <= high { newton } else { 0.5 * (low + high) };
        let settled = (next - x).abs() <= LAST_PLACES * x.abs();
        x = next;
        if settled {
            break;
        }
    }
    x
}

/// The root at which `A_g·(M_g − t)` is most, of those found from [`STARTS`] places; whether it was the only one.
fn best_root(guess: &mut impl FnMut(f64) -> Guess, t: f64, unit: f64) -> (f64, bool) {
    let mut most = unit;
    for _ in 0..MOST_ROUNDS {
        if guess(most).excess < 0.0 {
            break;
        }
        most *= 2.0;
    }
    // Beyond the first fall below 0 it may come back: the places go on to four times as far.
    let step = 4.0 * most / STARTS as f64;
    let (mut best, mut roots): (Option<(f64, f64)>, usize) = (None, 0);
    let mut left = guess(0.0).excess;
    for place in 0..STARTS {
        let (from, to) = (step * place as f64, step * (place + 1) as f64);
        let right = guess(to).excess;
        if left >= 0.0 && right < 0.0 {
            let root = falling_root(guess, from, to, 0.5 * (from + to));
            let value = guess(root).value;
            roots += 1;
            if best.is_none_or(|(other, its_value)| earns_more((root, value), (other, its_value), t)) {
                best = Some((root, value));
            }
        }
        left = right;
    }
    (best.map_or(most, |(root, _)| root), roots == 1)
}

/// Whether `A·(M − t)` is more at the first (M, ln A) than at the second.
fn earns_more((held, value): (f64, f64), (other, its_value): (f64, f64), t: f64) -> bool {
    let top = value.max(its_value);
    libm::exp(value - top) * (held - t) > libm::exp(its_value - top) * (other - t)
}
