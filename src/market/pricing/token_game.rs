//! The game in token prices that a lab sees: today's models, today's volumes.
//!
//! *Why the closed form and not the contraction?* A seller that knows one mean taste faces one nested logit, whose
//! utilities follow from shares exactly (Berry 1994); the contraction is for mixtures that no seller knows.

use super::game::{Demand, PriceGame, PriceTerm, Unfit};
use crate::market::choice::inversion::nested_logit_utilities;

/// A model as its rivals see it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TokenProduct {
    /// Who sells it; its nest.
    pub seller: usize,
    /// What customers ask for [Mtok/h].
    pub mtok: f64,
    /// Mean price asked for it [USD/Mtok].
    pub price: f64,
    /// What a million tokens cost the seller [USD/Mtok].
    pub cost: f64,
}

/// The demand that sellers of tokens face: a nested logit, a nest for each seller, that gives today's volumes at today's
/// prices.
///
/// `V_j = δ_j − α·ln p_j`, with V solved from the shares `s_j = v_j/(Σ_k v_k + v_0)` and so `δ_j = V_j + α·ln p_j`.
///
/// v volumes, v_0 of work that is done without [Mtok/h] · p prices [USD/Mtok] · α weight of the price, λ dissimilarity, means
/// over segments weighted by spend.
/// Source: S. Berry, RAND Journal of Economics 25 (1994), 242–262.
/// Limits: customers are taken for alike and for free to move, so that the answer is that of the long run; that a lower price
/// has the same customers use more is left out, as is what a platform keeps.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenGame {
    utility: Vec<f64>,
    nest_of: Vec<usize>,
    lambda: Vec<f64>,
    cost: Vec<f64>,
    prices: Vec<f64>,
    price_weight: f64,
    customers: f64,
}

impl TokenGame {
    /// The game of these products, of so much volume outside [Mtok/h].
    ///
    /// # Errors
    /// If the volumes are no shares: one is not above 0, or nothing is outside.
    pub fn new(products: &[TokenProduct], outside: f64, price_weight: f64, lambda: f64) -> Result<Self, Unfit> {
        let customers = outside + products.iter().map(|product| product.mtok).sum::<f64>();
        let shares: Vec<f64> = products.iter().map(|product| product.mtok / customers).collect();
        let sellers = products.iter().map(|product| product.seller + 1).max().unwrap_or(0);
        let nest_of: Vec<usize> = products.iter().map(|product| product.seller).collect();
        let lambda = vec![lambda; sellers];
        let utilities = nested_logit_utilities(&shares, &nest_of, &lambda, 0.0);
        let utilities = utilities.map_err(|error| Unfit::of(error.to_string()))?;
        let with_price = |(v, product): (&f64, &TokenProduct)| v + price_weight * libm::log(product.price);
        Ok(Self {
            utility: utilities.iter().zip(products).map(with_price).collect(),
            nest_of,
            lambda,
            cost: products.iter().map(|product| product.cost).collect(),
            prices: products.iter().map(|product| product.price).collect(),
            price_weight,
            customers,
        })
    }

    /// Today's prices, in the order of the products [USD/Mtok].
    pub fn prices(&self) -> &[f64] {
        &self.prices
    }

    /// The game among sellers of these capacities [Mtok/h].
    ///
    /// # Errors
    /// See [`PriceGame::new`].
    pub fn at<'a>(&'a self, capacity: &'a [f64]) -> Result<PriceGame<'a>, Unfit> {
        let demand = Demand {
            utility: &self.utility,
            price_weight: self.price_weight,
            term: PriceTerm::Logarithmic,
            nest_of: &self.nest_of,
            lambda: &self.lambda,
            outside: 0.0,
            customers: self.customers,
        };
        PriceGame::new(demand, &self.nest_of, &self.cost, capacity)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Search, best_response, equilibrium};
    use super::*;

    const FREE: [f64; 2] = [f64::INFINITY; 2];

    fn product(seller: usize, mtok: f64, price: f64, cost: f64) -> TokenProduct {
        TokenProduct { seller, mtok, price, cost }
    }

    #[test]
    fn at_todays_prices_the_game_gives_todays_volumes() {
        let products = [product(0, 30.0, 4.0, 1.0), product(0, 10.0, 1.0, 0.3), product(1, 20.0, 3.0, 0.8)];
        let game = TokenGame::new(&products, 40.0, 2.0, 0.5).unwrap();
        let shares = game.at(&FREE).unwrap().demand().shares(game.prices());
        for (share, product) in shares.inside.iter().zip(&products) {
            assert!((100.0 * share - product.mtok).abs() < 1e-9, "{shares:?}");
        }
    }

    /// One product each, half of all outside: ε = −α·(1 − s), and the best price c·ε/(ε + 1) at the share that it has there.
    #[test]
    fn the_best_price_follows_the_elasticity_that_volumes_imply() {
        let products = [product(0, 30.0, 2.0, 1.0), product(1, 20.0, 2.0, 1.0)];
        let game = TokenGame::new(&products, 50.0, 3.0, 0.5).unwrap();
        let game = game.at(&FREE).unwrap();
        let best = best_response(&game, 0, &[2.0, 2.0]).unwrap();
        let share = game.demand().shares(&best.prices).inside[0];
        let elasticity = -3.0 * (1.0 - share);
        assert!((best.prices[0] - elasticity / (elasticity + 1.0)).abs() < 1e-9, "{best:?}");
        assert!(equilibrium(&game, Search::default()).converged);
    }

    #[test]
    fn what_nobody_can_price_says_why() {
        let told = |products: &[TokenProduct], outside: f64, weight: f64| {
            let game = TokenGame::new(products, outside, weight, 0.5);
            game.and_then(|game| game.at(&FREE[..1]).map(|_| ())).unwrap_err().to_string()
        };
        let one = product(0, 1.0, 1.0, 1.0);
        assert_eq!(told(&[one], 0.0, 3.0), "the shares sum to 1, which leaves no outside option");
        assert_eq!(told(&[one], 1.0, 0.9), "product 0 earns more at any higher price: the weight is not above 1");
        assert!(told(&[product(0, 0.0, 1.0, 1.0)], 1.0, 3.0).contains("not above 0"));
    }
}
