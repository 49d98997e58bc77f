//! Samplers of continuous quantities.

use super::Stream;

impl Stream {
    /// Uniform between `low` and `high`, which rounding may just reach. One draw.
    ///
    /// # Panics
    /// Unless `low` ≤ `high`, with a finite difference.
    pub fn uniform_in(&mut self, low: f64, high: f64) -> f64 {
        assert!(low <= high && (high - low).is_finite(), "a range is finite and does not end before it begins");
        low + (high - low) * self.uniform()
    }

    /// Exponential with the given mean: `−mean · ln u`. One draw.
    ///
    /// # Panics
    /// Unless `mean` ≥ 0 and finite.
    #[inline]
    pub fn exponential(&mut self, mean: f64) -> f64 {
        assert!(mean >= 0.0 && mean.is_finite(), "the mean of an exponential is finite and not negative");
        -mean * libm::log(self.uniform())
    }

    /// Triangular between `low` and `high` with its peak at `mode`, by inversion. One draw.
    ///
    /// # Panics
    /// Unless `low` ≤ `mode` ≤ `high`, with a finite difference.
    pub fn triangular(&mut self, low: f64, mode: f64, high: f64) -> f64 {
        assert!(
            low <= mode && mode <= high && (high - low).is_finite(),
            "a triangle's peak is between its finite ends"
        );
        let u = self.uniform();
        let width = high - low;
        if u * width < mode - low {
            low + (u * width * (mode - low)).sqrt()
        } else {
            high - ((1.0 - u) * width * (high - mode)).sqrt()
        }
    }

    /// Gamma with mean `shape · scale`. At least two draws, one more if `shape` < 1.
    ///
    /// Marsaglia and Tsang, "A simple method for generating gamma variables", ACM TOMS 26 (2000), 363–372.
    ///
    /// # Panics
    /// Unless `shape` > 0 and `scale` ≥ 0, both finite.
    pub fn gamma(&mut self, shape: f64, scale: f64) -> f64 {
        assert!(scale >= 0.0 && scale.is_finite(), "the scale of a gamma is finite and not negative");
        let boost = self.gamma_boost(shape);
        let value = self.gamma_from_one(shape + f64::from(shape < 1.0));
        value * libm::exp(boost) * scale
    }

    /// Beta on (0, 1) with mean `a / (a + b)`; for tiny shapes it may round to 0 or 1. At least four draws.
    ///
    /// As X / (X + Y) with X and Y gamma of shapes `a` and `b`, on a log scale since either may be too small to write.
    ///
    /// # Panics
    /// Unless `a` > 0 and `b` > 0, both finite.
    pub fn beta(&mut self, a: f64, b: f64) -> f64 {
        let log_odds = self.log_gamma_draw(b) - self.log_gamma_draw(a);
        1.0 / (1.0 + libm::exp(log_odds))
    }

    fn log_gamma_draw(&mut self, shape: f64) -> f64 {
        let boost = self.gamma_boost(shape);
        libm::log(self.gamma_from_one(shape + f64::from(shape < 1.0))) + boost
    }

    /// Log of the factor that takes a gamma of `shape + 1` to one of `shape`, where that is below 1; else 0.
    fn gamma_boost(&mut self, shape: f64) -> f64 {
        assert!(shape > 0.0 && shape.is_finite(), "the shape of a gamma is finite and positive");
        if shape < 1.0 { libm::log(self.uniform()) / shape } else { 0.0 }
    }

    /// Standard gamma of a shape of at least 1.
    fn gamma_from_one(&mut self, shape: f64) -> f64 {
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let z = self.normal();
            let root = 1.0 + c * z;
            if root <= 0.0 {
                continue;
            }
            let v = root * root * root;
            if libm::log(self.uniform()) < 0.5 * z * z + d * (1.0 - v + libm::log(v)) {
                return d * v;
            }
        }
    }
}
