//! Two independent samples of unequal variance: Welch's t.
//!
//! `t = (m₁ − m₂)/s`, `s² = s₁²/n₁ + s₂²/n₂`, with `ν = s⁴ / ((s₁²/n₁)²/(n₁−1) + (s₂²/n₂)²/(n₂−1))` degrees of freedom.
//!
//! m means · s² sample variances · n sizes [1] · ν need not be whole. Source: B. L. Welch, Biometrika 34 (1947) 28–35;
//! F. E. Satterthwaite, Biometrics Bulletin 2 (1946) 110–114. Supposes independent samples, each mean not far from normal.

use super::{mean, p_beyond, t_quantile, variance};

/// Difference of two samples, the first less the second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Welch {
    /// Difference of the means.
    pub difference: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Degrees of freedom.
    pub degrees: f64,
}

impl Welch {
    /// `None` unless both samples have two values and one of them has spread.
    pub fn new(first: &[f64], second: &[f64]) -> Option<Self> {
        let part = |sample: &[f64]| (sample.len() > 1).then(|| variance(sample) / sample.len() as f64);
        let (a, b) = (part(first)?, part(second)?);
        let squares = |part: f64, sample: &[f64]| part * part / (sample.len() - 1) as f64;
        let standard_error = (a + b).sqrt();
        (standard_error > 0.0).then(|| Self {
            difference: mean(first) - mean(second),
            standard_error,
            degrees: (a + b) * (a + b) / (squares(a, first) + squares(b, second)),
        })
    }

    /// Difference over standard error.
    pub fn t(self) -> f64 {
        self.difference / self.standard_error
    }

    /// The probability that chance alone takes t at least as far from 0.
    pub fn two_sided_p(self) -> f64 {
        p_beyond(self.t(), self.degrees)
    }

    /// Half-width of the interval of confidence `level`.
    pub fn half_width(self, level: f64) -> f64 {
        t_quantile(self.degrees, level) * self.standard_error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Variances 1 and 4 of three and three: s² = 5/3, ν = (5/3)² / ((1/9 + 16/9)/2) = 50/17, t = −2/√(5/3).
    #[test]
    fn three_against_three_by_hand() {
        let welch = Welch::new(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0]).unwrap();
        assert_eq!(welch.difference, -2.0);
        assert!((welch.degrees - 50.0 / 17.0).abs() < 1e-14, "{welch:?}");
        assert!((welch.t() + 2.0 / (5.0_f64 / 3.0).sqrt()).abs() < 1e-14);
    }

    #[test]
    fn samples_without_spread_have_no_t() {
        assert_eq!(Welch::new(&[1.0, 1.0], &[2.0, 2.0]), None);
        assert_eq!(Welch::new(&[1.0], &[2.0, 3.0]), None);
    }
}
