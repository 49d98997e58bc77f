//! The game in prices: who sells what, at which cost and capacity, to a nested-logit demand.
//!
//! A [`PriceGame`] borrows everything and keeps nothing: the market builds one of the numbers of the day, asks, and drops
//! it. What it was built of is checked once, so that what is computed from it needs no more checks.

use crate::market::choice::logit::{Shares, nested_logit_shares};
use std::fmt;

/// How a price enters utility.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PriceTerm {
    /// `−α·p`, α in nats per USD.
    Linear,
    /// `−α·ln p`, α in nats.
    Logarithmic,
}

/// Customers who choose one product or none by a nested logit.
///
/// `V_j = δ_j − α·p_j` or `V_j = δ_j − α·ln p_j`; shares as in [`nested_logit_shares`], quantity `q_j = M·s_j`.
///
/// V, δ utilities with and without the price term [nats] · α > 0, weight of the price · p price [USD per unit] · M
/// customers, a unit each [units].
/// Source: S. Berry (1994); the logarithmic term is that of the market's tastes.
/// Limits: everybody has one taste, chooses once and takes one unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Demand<'a> {
    /// δ of each product [nats].
    pub utility: &'a [f64],
    /// α.
    pub price_weight: f64,
    /// How the price enters.
    pub term: PriceTerm,
    /// Nest of each product.
    pub nest_of: &'a [usize],
    /// λ of each nest, in (0, 1] [1].
    pub lambda: &'a [f64],
    /// V_0, utility of buying nothing [nats].
    pub outside: f64,
    /// M [units].
    pub customers: f64,
}

impl Demand<'_> {
    /// V of a product at a price [nats].
    pub fn utility_at(&self, product: usize, price: f64) -> f64 {
        self.utility[product]
            - match self.term {
                PriceTerm::Linear => self.price_weight * price,
                PriceTerm::Logarithmic => self.price_weight * libm::log(price),
            }
    }

    /// Shares at these prices.
    pub fn shares(&self, prices: &[f64]) -> Shares {
        let utilities: Vec<f64> = prices.iter().enumerate().map(|(j, price)| self.utility_at(j, *price)).collect();
        nested_logit_shares(&utilities, self.nest_of, self.lambda, self.outside)
    }

    /// Surplus of a customer over buying nothing [USD]: `(I − V_0)/α`, I the inclusive value.
    ///
    /// Source: K. Small, H. Rosen, Econometrica 49 (1981), 105–130.
    /// Limits: none is told for the logarithmic term, where a dollar is worth more to those who pay less.
    pub fn consumer_surplus(&self, shares: &Shares) -> Option<f64> {
        let surplus = (shares.inclusive_value - self.outside) / self.price_weight;
        (self.term == PriceTerm::Linear).then_some(surplus)
    }
}

/// Why numbers make no game, or prices are none of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Unfit(String);

impl Unfit {
    pub(super) fn of(why: String) -> Self {
        Self(why)
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unfit {}

fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), Unfit> {
    if holds { Ok(()) } else { Err(Unfit(otherwise())) }
}

/// Sellers who set prices at once, each of all its products.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PriceGame<'a> {
    demand: Demand<'a>,
    seller_of: &'a [usize],
    cost: &'a [f64],
    capacity: &'a [f64],
}

impl<'a> PriceGame<'a> {
    /// A game of as many sellers as there are capacities.
    ///
    /// `seller_of` seller of each product · `cost` marginal cost of each product [USD per unit] · `capacity` of each
    /// seller over all its products, infinite where nothing limits it [units].
    ///
    /// # Errors
    /// If lists do not fit together, a number is out of its range, or a seller has no best price: under the logarithmic
    /// term revenue from a product falls with its price only where its own elasticity is above 1 at any price, which
    /// takes α > λ of its nest, and α > 1 where nobody else sells in the nest.
    pub fn new(
        demand: Demand<'a>,
        seller_of: &'a [usize],
        cost: &'a [f64],
        capacity: &'a [f64],
    ) -> Result<Self, Unfit> {
        let products = demand.utility.len();
        ensure(products > 0, || "nothing is for sale".into())?;
        let lengths = [demand.nest_of.len(), seller_of.len(), cost.len()];
        ensure(lengths == [products; 3], || "the lists of products are of different lengths".into())?;
        ensure(demand.outside.is_finite(), || format!("an outside option of {}", demand.outside))?;
        ensure(positive(demand.price_weight), || format!("a weight of the price of {}", demand.price_weight))?;
        ensure(positive(demand.customers), || format!("{} customers", demand.customers))?;
        let game = Self { demand, seller_of, cost, capacity };
        (0..products).try_for_each(|product| game.check_product(product))?;
        for (seller, limit) in capacity.iter().enumerate() {
            ensure(*limit > 0.0, || format!("seller {seller} has a capacity of {limit}"))?;
            ensure(game.products(seller).next().is_some(), || format!("seller {seller} sells nothing"))?;
        }
        Ok(game)
    }

    fn check_product(&self, product: usize) -> Result<(), Unfit> {
        let (demand, seller, nest) = (&self.demand, self.seller_of[product], self.demand.nest_of[product]);
        let (utility, cost) = (demand.utility[product], self.cost[product]);
        ensure(utility.is_finite(), || format!("product {product} has a utility of {utility}"))?;
        ensure(seller < self.capacity.len(), || format!("the seller of product {product} has no capacity"))?;
        let lambda = demand.lambda.get(nest).copied().unwrap_or(f64::NAN);
        ensure(lambda > 0.0 && lambda <= 1.0, || format!("product {product} has no dissimilarity within (0, 1]"))?;
        match demand.term {
            PriceTerm::Linear => {
                ensure(cost >= 0.0 && cost.is_finite(), || format!("product {product} has a cost of {cost}"))
            }
            PriceTerm::Logarithmic => {
                ensure(positive(cost), || format!("product {product} has a cost of {cost}, not above 0"))?;
                let alone = (0..self.cost.len()).all(|k| demand.nest_of[k] != nest || self.seller_of[k] == seller);
                let least = if alone { 1.0 } else { lambda };
                ensure(demand.price_weight > least, || {
                    format!("product {product} earns more at any higher price: the weight is not above {least}")
                })
            }
        }
    }

    /// The demand.
    pub fn demand(&self) -> &Demand<'a> {
        &self.demand
    }

    /// How many sellers there are.
    pub fn sellers(&self) -> usize {
        self.capacity.len()
    }

    /// Capacity of a seller [units].
    pub fn capacity(&self, seller: usize) -> f64 {
        self.capacity[seller]
    }

    /// Marginal costs of the products [USD per unit].
    pub fn cost(&self) -> &'a [f64] {
        self.cost
    }

    /// The products of a seller.
    pub fn products(&self, seller: usize) -> impl Iterator<Item = usize> + use<'a> {
        let seller_of = self.seller_of;
        (0..seller_of.len()).filter(move |product| seller_of[*product] == seller)
    }

    /// What customers want of a seller [units].
    pub fn demanded(&self, seller: usize, shares: &Shares) -> f64 {
        self.demand.customers * self.products(seller).map(|j| shares.inside[j]).sum::<f64>()
    }

    /// What a seller earns over its marginal cost [USD]: `M·Σ_j (p_j − c_j)·s_j · min(1, K/Q)`.
    ///
    /// Q what customers want of it, K its capacity [units]. Beyond its capacity it serves a like part of each product.
    /// Limits: whom it turns away goes home, so rivals gain nothing from it.
    pub fn profit(&self, seller: usize, prices: &[f64], shares: &Shares) -> f64 {
        let margin: f64 = self.products(seller).map(|j| (prices[j] - self.cost[j]) * shares.inside[j]).sum();
        let wanted = self.demanded(seller, shares);
        let served = if wanted > self.capacity[seller] { self.capacity[seller] / wanted } else { 1.0 };
        self.demand.customers * margin * served
    }

    /// Checks that there is such a seller.
    ///
    /// # Errors
    /// If there is none.
    pub fn check_seller(&self, seller: usize) -> Result<(), Unfit> {
        ensure(seller < self.sellers(), || format!("there is no seller {seller} among {}", self.sellers()))
    }

    /// Checks that there is one rhythm for each seller.
    pub(super) fn check_rhythms(&self, rhythms: usize) -> Result<(), Unfit> {
        ensure(rhythms == self.sellers(), || format!("{rhythms} rhythms of {} sellers", self.sellers()))
    }

    /// Checks that these may be prices of all products.
    ///
    /// # Errors
    /// If there are too few or too many, or one is not finite or, under the logarithmic term, not above 0.
    pub fn check_prices(&self, prices: &[f64]) -> Result<(), Unfit> {
        ensure(prices.len() == self.cost.len(), || format!("{} prices of {} products", prices.len(), self.cost.len()))?;
        let fit = |price: f64| price.is_finite() && (price > 0.0 || self.demand.term == PriceTerm::Linear);
        let unfit = prices.iter().position(|price| !fit(*price));
        unfit.map_or(Ok(()), |j| Err(Unfit(format!("product {j} has a price of {}", prices[j]))))
    }
}

fn positive(x: f64) -> bool {
    x > 0.0 && x.is_finite()
}

/// Herfindahl–Hirschman index of shares [points]: `10 000 · Σ_f (s_f / Σ_h s_h)²`.
///
/// s shares of the sellers, of whatever total and in whatever unit. A monopoly has 10 000 points, nothing sold has none.
/// Source: US Department of Justice and Federal Trade Commission, Merger Guidelines (2023), guideline 1.
pub fn herfindahl(shares: &[f64]) -> f64 {
    let total: f64 = shares.iter().sum();
    if total <= 0.0 {
        return 0.0;
    }
    shares.iter().map(|share| (100.0 * share / total) * (100.0 * share / total)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(crate) fn two_products(term: PriceTerm) -> Demand<'static> {
        Demand {
            utility: &[1.0, 0.5],
            price_weight: 2.0,
            term,
            nest_of: &[0, 1],
            lambda: &[1.0, 0.5],
            outside: 0.0,
            customers: 100.0,
        }
    }

    #[test]
    fn shares_profits_and_surplus_by_hand() {
        // V = 1 − 2·0.5 = 0 and 0.5 − 2·0.25 = 0: a third each, in nests of one whatever λ is.
        let game =
            PriceGame::new(two_products(PriceTerm::Linear), &[0, 1], &[0.2, 0.1], &[20.0, f64::INFINITY]).unwrap();
        let prices = [0.5, 0.25];
        let shares = game.demand().shares(&prices);
        assert!((shares.inside[0] - 1.0 / 3.0).abs() < 1e-15);
        // The first can serve 20 of 33.3 customers, the second all of them.
        assert!((game.profit(0, &prices, &shares) - 0.3 * 20.0).abs() < 1e-12);
        assert!((game.profit(1, &prices, &shares) - 0.15 * 100.0 / 3.0).abs() < 1e-12);
        let surplus = game.demand().consumer_surplus(&shares).unwrap();
        assert!((surplus - libm::log(3.0) / 2.0).abs() < 1e-15);
        assert_eq!(two_products(PriceTerm::Logarithmic).consumer_surplus(&shares), None);
    }

    #[test]
    fn a_price_of_one_enters_the_logarithmic_term_as_nothing() {
        let demand = two_products(PriceTerm::Logarithmic);
        assert_eq!(demand.utility_at(0, 1.0), 1.0);
        assert!((demand.utility_at(0, 3.0) - (1.0 - 2.0 * libm::log(3.0))).abs() < 1e-15);
    }

    #[test]
    fn concentration_by_hand() {
        assert_eq!((herfindahl(&[0.3]), herfindahl(&[7.0, 0.0]), herfindahl(&[0.0, 0.0])), (10_000.0, 10_000.0, 0.0));
        assert!((herfindahl(&[5.0, 3.0, 2.0]) - 3_800.0).abs() < 1e-9);
        assert!((herfindahl(&[0.2, 0.2, 0.1]) - 10_000.0 * (0.16 + 0.16 + 0.04)).abs() < 1e-9);
    }

    #[test]
    fn what_is_no_game_is_refused() {
        let told = |demand: Demand, seller_of: &[usize], cost: &[f64], capacity: &[f64]| {
            PriceGame::new(demand, seller_of, cost, capacity).unwrap_err().to_string()
        };
        let (linear, free) = (two_products(PriceTerm::Linear), [f64::INFINITY; 2]);
        assert_eq!(told(linear, &[0], &[0.0; 2], &free), "the lists of products are of different lengths");
        assert_eq!(told(linear, &[0, 2], &[0.0; 2], &free), "the seller of product 1 has no capacity");
        assert_eq!(told(linear, &[0, 0], &[0.0; 2], &free), "seller 1 sells nothing");
        assert_eq!(told(linear, &[0, 1], &[0.0; 2], &[1.0, 0.0]), "seller 1 has a capacity of 0");
        assert_eq!(told(linear, &[0, 1], &[0.0, -1.0], &free), "product 1 has a cost of -1");
        let unbounded = Demand { outside: f64::NEG_INFINITY, ..linear };
        assert_eq!(told(unbounded, &[0, 1], &[0.0; 2], &free), "an outside option of -inf");
        let nestless = Demand { lambda: &[1.0], ..linear };
        assert_eq!(told(nestless, &[0, 1], &[0.0; 2], &free), "product 1 has no dissimilarity within (0, 1]");
        let inelastic = Demand { price_weight: 0.9, ..two_products(PriceTerm::Logarithmic) };
        let expected = "product 0 earns more at any higher price: the weight is not above 1";
        assert_eq!(told(inelastic, &[0, 1], &[1.0; 2], &free), expected);
        let rivals = Demand { nest_of: &[1, 1], ..inelastic };
        let game = PriceGame::new(rivals, &[0, 1], &[1.0; 2], &free).unwrap();
        assert!(game.check_prices(&[1.0, 0.0]).is_err() && game.check_prices(&[1.0]).is_err());
        assert!(game.check_prices(&[1.0, 0.1]).is_ok());
    }

    proptest! {
        #[test]
        fn shares_sum_to_one_and_a_higher_price_never_raises_the_own_share(
            offers in prop::collection::vec((-4.0..4.0f64, 0.1..9.0f64, 0..3usize), 1..9),
            lambda in prop::collection::vec(0.1..=1.0f64, 3),
            weight in 0.1..4.0f64,
            logarithmic in any::<bool>(),
            which in 0..9usize,
            rise in 1.0..5.0f64,
        ) {
            let utility: Vec<f64> = offers.iter().map(|offer| offer.0).collect();
            let mut prices: Vec<f64> = offers.iter().map(|offer| offer.1).collect();
            let nest_of: Vec<usize> = offers.iter().map(|offer| offer.2).collect();
            let term = if logarithmic { PriceTerm::Logarithmic } else { PriceTerm::Linear };
            let (lambda, utility) = (lambda.as_slice(), utility.as_slice());
            let demand =
                Demand { utility, price_weight: weight, term, nest_of: &nest_of, lambda, outside: 0.0, customers: 1.0 };
            let before = demand.shares(&prices);
            prop_assert!((before.inside.iter().sum::<f64>() + before.outside - 1.0).abs() < 1e-12);
            let product = which % prices.len();
            prices[product] *= rise;
            prop_assert!(demand.shares(&prices).inside[product] <= before.inside[product] + 1e-15);
        }
    }
}
