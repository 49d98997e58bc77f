//! Chip-hours rented by those who bring their own models.

use super::growth::isoelastic;
use crate::market::choice::logit::softmax;
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

    #[test]
    #[should_panic(expected = "a mean price over nothing")]
    fn nothing_has_no_price() {
        mean_price(&[0.0], &[2.0]);
    }
}
