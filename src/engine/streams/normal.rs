//! The normal distribution and what is made of it.

use super::Stream;
use crate::units::norm_inv;

impl Stream {
    /// Standard normal by inversion. One draw, rising in it; within ±8.3.
    pub fn normal(&mut self) -> f64 {
        norm_inv(self.uniform())
    }

    /// Lognormal: `median · exp(sigma · z)` with z standard normal, so half of the values are below `median`. One draw.
    ///
    /// # Panics
    /// Unless `median` ≥ 0 and `sigma` ≥ 0, both finite.
    pub fn lognormal(&mut self, median: f64, sigma: f64) -> f64 {
        assert!(median >= 0.0 && median.is_finite(), "the median of a lognormal is finite and not negative");
        assert!(sigma >= 0.0 && sigma.is_finite(), "the sigma of a lognormal is finite and not negative");
        median * libm::exp(sigma * self.normal())
    }
}
