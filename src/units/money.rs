//! Money as whole micro-dollars.

use serde::{Deserialize, Serialize};
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

/// An amount in micro-dollars (1e-6 USD), exact.
///
/// 128 bits hold 1.7e32 USD: a ten-year run of a market of 1e13 USD a year cannot overflow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Usd(pub i128);

impl Usd {
    /// Nothing.
    pub const ZERO: Usd = Usd(0);
    /// One cent, the quantum that clauses round to unless they say otherwise.
    pub const CENT: Usd = Usd(10_000);

    /// `dollars` to the nearest micro-dollar, ties to even.
    ///
    /// # Panics
    /// If `dollars` is not finite or beyond 1e24: an overflowing sum is a fault of the model.
    pub fn from_dollars(dollars: f64) -> Self {
        assert!(dollars.is_finite() && dollars.abs() < 1e24, "an amount of {dollars} USD");
        Self((dollars * 1e6).round_ties_even() as i128)
    }

    /// The amount in dollars, to the nearest representable number.
    pub fn dollars(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// Rounded half-even to a multiple of `quantum`.
    ///
    /// # Panics
    /// If `quantum` is not positive.
    pub fn round_to(self, quantum: Usd) -> Self {
        assert!(quantum.0 > 0, "a quantum is positive");
        let down = self.0.div_euclid(quantum.0);
        let rest = self.0.rem_euclid(quantum.0);
        let up = match (rest * 2).cmp(&quantum.0) {
            std::cmp::Ordering::Less => 0,
            std::cmp::Ordering::Greater => 1,
            std::cmp::Ordering::Equal => down.rem_euclid(2),
        };
        Self((down + up) * quantum.0)
    }

    /// A sum of `1/divisor` parts as an amount: divided, and rounded half-even once, to a multiple of `quantum`.
    ///
    /// # Panics
    /// If the divisor or `quantum` is not positive.
    pub fn divided(self, divisor: i128, quantum: Usd) -> Self {
        assert!(divisor > 0, "a divisor is positive");
        Self(self.round_to(Usd(quantum.0 * divisor)).0 / divisor)
    }

    /// The larger of this amount and zero.
    pub fn or_zero(self) -> Self {
        Self(self.0.max(0))
    }
}

impl Add for Usd {
    type Output = Usd;
    fn add(self, other: Usd) -> Usd {
        Usd(self.0 + other.0)
    }
}

impl Sub for Usd {
    type Output = Usd;
    fn sub(self, other: Usd) -> Usd {
        Usd(self.0 - other.0)
    }
}

impl Neg for Usd {
    type Output = Usd;
    fn neg(self) -> Usd {
        Usd(-self.0)
    }
}

impl AddAssign for Usd {
    fn add_assign(&mut self, other: Usd) {
        self.0 += other.0;
    }
}

impl SubAssign for Usd {
    fn sub_assign(&mut self, other: Usd) {
        self.0 -= other.0;
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Usd>>(amounts: I) -> Usd {
        amounts.fold(Usd::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_round_to_the_even_cent() {
        for (micro, cents) in [(5_000, 0), (15_000, 2), (25_000, 2), (25_001, 3), (-5_000, 0), (-15_000, -2)] {
            assert_eq!(Usd(micro).round_to(Usd::CENT), Usd(cents * 10_000), "{micro}");
        }
    }

    #[test]
    fn a_quotient_is_rounded_once() {
        // 1.00 USD over 3 is 0.33; 0.05 over 2 is a half, to the even cent 0.02; a third of a micro-dollar over it is not.
        assert_eq!(Usd(1_000_000).divided(3, Usd::CENT), Usd(330_000));
        assert_eq!(Usd(50_000).divided(2, Usd::CENT), Usd(20_000));
        assert_eq!(Usd(150_001).divided(6, Usd::CENT), Usd(30_000));
    }

    #[test]
    fn dollars_survive_the_round_trip() {
        assert_eq!(Usd::from_dollars(1_234.567_891).0, 1_234_567_891);
        assert!((Usd(1_234_567_891).dollars() - 1_234.567_891).abs() < 1e-9);
    }
}
