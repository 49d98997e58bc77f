//! Chip-hours rented by those who bring their own models.

use super::growth::isoelastic;
use super::hire::HireParams;
use crate::market::choice::logit::{mnl_shares, softmax};
use crate::market::pricing::{Demand, PriceGame, PriceTerm, Unfit};
use crate::units::{Schedule, Time};
use serde::{Deserialize, Serialize};

/// Demand for rented compute by others than the labs of the scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RentalParams {
    /// Compute wanted at the reference price [H100e].
    pub h100e: Schedule,
    /// That price [USD per H100e-hour].
    pub reference_price_usd_per_hour: f64,
    /// Elasticity of the total to the price, not positive [1].
    pub elasticity: f64,
    /// Weight of the logarithm of the price in the choice of a cloud [nats].
    pub price_sensitivity: f64,
    /// Share of renters that choose anew in a month, in [0, 1] [1].
    pub adjustment_per_month: f64,
    /// Terms; without, all is on demand at the price that the cloud's policy sets.
    pub terms: Option<HireParams>,
}

impl RentalParams {
    /// Total demand `D(t)·(P/P₀)^ε` at a market price P [H100e].
    pub fn demand_h100e(&self, now: Time, price_usd_per_hour: f64) -> f64 {
        let reference = self.reference_price_usd_per_hour;
        isoelastic(self.h100e.at(now), reference, self.elasticity, price_usd_per_hour)
    }

    /// Where renters would go if all chose today: logit of `A_k − γ·ln(P_k)` [1].
    ///
    /// A attractiveness of each cloud [nats] · P its price [USD per H100e-hour], infinite where nothing is for rent ·
    /// γ price sensitivity [nats].
    ///
    /// # Panics
    /// If nothing is for rent anywhere.
    pub fn target_shares(&self, attractiveness: &[f64], price_usd_per_hour: &[f64]) -> Vec<f64> {
        let value = |(a, price): (&f64, &f64)| {
            if price.is_finite() { a - self.price_sensitivity * libm::log(*price) } else { f64::NEG_INFINITY }
        };
        softmax(&attractiveness.iter().zip(price_usd_per_hour).map(value).collect::<Vec<_>>())
    }

    /// Shares after one month: `s' = s + κ·(s* − s)`, κ the share that chooses anew, s* the [target](Self::target_shares).
    ///
    /// Limits: who chooses anew does so without regard to where it is.
    pub fn adjusted(&self, shares: &[f64], target: &[f64]) -> Vec<f64> {
        shares.iter().zip(target).map(|(s, goal)| s + self.adjustment_per_month * (goal - s)).collect()
    }
}

/// The game in prices that clouds play for renters, as a [`PriceGame`] takes it.
///
/// Utility `A_k − γ·ln(P_k)` as in [`RentalParams::target_shares`], and an outside option: doing without. Its utility V_0
/// is such that at the reference price everywhere a share `s_0 = −ε/γ` does without, so that the total answers a common
/// price with the elasticity `−γ·s_0 = ε` there; `M = D(t)/(1 − s_0)` are all who would rent.
///
/// A attractiveness, V utilities [nats] · γ price sensitivity [nats] · P prices [USD per H100e-hour] · ε elasticity of the
/// total [1] · D demand at the reference price, M [H100e].
/// Source: the logit of this module closed by an outside option (S. Berry, 1994).
/// Limits: away from the reference price the elasticity of the total is not ε; a cloud expects all renters to choose
/// anew, while a part does each month, so it prices for the long run.
#[derive(Clone, Debug, PartialEq)]
pub struct RentalGame {
    utility: Vec<f64>,
    nest_of: Vec<usize>,
    seller_of: Vec<usize>,
    outside: f64,
    customers: f64,
    price_weight: f64,
}

/// Least share that does without at reference prices, so that there is an outside option at all [1].
const LEAST_OUTSIDE: f64 = 0.01;

impl RentalGame {
    /// The game among clouds of these attractivenesses [nats].
    pub fn new(rental: &RentalParams, now: Time, attractiveness: &[f64]) -> Self {
        let gamma = rental.price_sensitivity;
        let without = (-rental.elasticity / gamma).max(LEAST_OUTSIDE);
        let inside = mnl_shares(attractiveness, f64::NEG_INFINITY).inclusive_value;
        let at_reference = inside - gamma * libm::log(rental.reference_price_usd_per_hour);
        Self {
            utility: attractiveness.to_vec(),
            nest_of: vec![0; attractiveness.len()],
            seller_of: (0..attractiveness.len()).collect(),
            outside: at_reference + libm::log(without / (1.0 - without)),
            customers: rental.h100e.at(now) / (1.0 - without),
            price_weight: gamma,
        }
    }

    /// The game at these marginal costs [USD per H100e-hour] and capacities [H100e], a cloud each.
    ///
    /// # Errors
    /// See [`PriceGame::new`].
    pub fn at<'a>(&'a self, cost: &'a [f64], capacity: &'a [f64]) -> Result<PriceGame<'a>, Unfit> {
        let demand = Demand {
            utility: &self.utility,
            price_weight: self.price_weight,
            term: PriceTerm::Logarithmic,
            nest_of: &self.nest_of,
            lambda: &[1.0],
            outside: self.outside,
            customers: self.customers,
        };
        PriceGame::new(demand, &self.seller_of, cost, capacity)
    }
}

/// Mean price over shares: `Σ s·P` over the clouds with a share, divided by their sum [USD per H100e-hour].
///
/// # Panics
/// If no cloud has a share.
pub fn mean_price(shares: &[f64], price_usd_per_hour: &[f64]) -> f64 {
    let held = shares.iter().zip(price_usd_per_hour).filter(|(share, price)| **share > 0.0 && price.is_finite());
    let (value, weight) = held.fold((0.0, 0.0), |(value, weight), (s, p)| (value + s * p, weight + s));
    assert!(weight > 0.0, "a mean price over nothing");
    value / weight
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rental() -> RentalParams {
        RentalParams {
            h100e: Schedule::constant(100_000.0),
            reference_price_usd_per_hour: 4.0,
            elasticity: -0.5,
            price_sensitivity: 2.0,
            adjustment_per_month: 0.1,
            terms: None,
        }
    }

    fn close(actual: &[f64], expected: &[f64]) {
        assert_eq!(actual.len(), expected.len());
        for (a, e) in actual.iter().zip(expected) {
            assert!((a - e).abs() < 1e-12, "{actual:?} is not {expected:?}");
        }
    }

    #[test]
    fn a_quarter_of_the_price_doubles_demand() {
        assert!((rental().demand_h100e(Time(0), 1.0) - 200_000.0).abs() < 1e-6);
        assert!((rental().demand_h100e(Time(0), 4.0) - 100_000.0).abs() < 1e-9);
    }

    #[test]
    fn half_the_price_draws_four_times_the_renters() {
        close(&rental().target_shares(&[0.3, 0.3, 5.0], &[2.0, 4.0, f64::INFINITY]), &[0.8, 0.2, 0.0]);
    }

    #[test]
    fn a_tenth_of_the_renters_moves_in_a_month() {
        let moved = rental().adjusted(&[0.5, 0.5, 0.0], &[0.8, 0.2, 0.0]);
        close(&moved, &[0.53, 0.47, 0.0]);
        close(&[mean_price(&moved, &[2.0, 4.0, f64::INFINITY])], &[0.53 * 2.0 + 0.47 * 4.0]);
    }

    /// Shares at equal prices 0.6 and 0.4, all at the reference price: a quarter (0.5/2) does without, and the total
    /// answers a common price with −0.5 there.
    #[test]
    fn the_game_has_the_shares_and_the_elasticity_of_the_demand() {
        let rental = rental();
        let game = RentalGame::new(&rental, Time(0), &[libm::log(0.6), libm::log(0.4)]);
        let (cost, capacity) = ([1.0; 2], [f64::INFINITY; 2]);
        let game = game.at(&cost, &capacity).unwrap();
        let shares = |price: f64| game.demand().shares(&[price, price]);
        close(&shares(4.0).inside, &[0.75 * 0.6, 0.75 * 0.4]);
        let total = |price: f64| game.demand().customers * (1.0 - shares(price).outside);
        assert!((total(4.0) - 100_000.0).abs() < 1e-6);
        let slope = libm::log(total(4.0 * 1.0001) / total(4.0)) / libm::log(1.0001);
        assert!((slope + 0.5).abs() < 1e-4, "{slope}");
    }

    #[test]
    #[should_panic(expected = "a mean price over nothing")]
    fn nothing_has_no_price() {
        mean_price(&[0.0], &[2.0]);
    }
}
