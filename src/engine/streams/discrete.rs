//! Samplers of counts and choices.

use super::Stream;

/// From this mean on, searching from zero takes more draws' worth of time than rejection does.
const POISSON_REJECTION_FROM: f64 = 10.0;
/// Up to this mean the error of the log-gamma function stays below 10⁻³ in a ratio of probabilities.
const POISSON_MEAN_LIMIT: f64 = 1e11;

impl Stream {
    /// True with probability `p`. One draw.
    ///
    /// # Panics
    /// Unless 0 ≤ `p` ≤ 1.
    pub fn bernoulli(&mut self, p: f64) -> bool {
        assert!((0.0..=1.0).contains(&p), "a probability is between 0 and 1");
        self.uniform() < p
    }

    /// An integer from 0 to `n − 1`, each equally likely. One draw, more with probability below n / 2⁶⁴.
    ///
    /// Lemire, "Fast random integer generation in an interval", ACM TOMACS 29 (2019), 3.
    ///
    /// # Panics
    /// If `n` is 0.
    #[inline]
    pub fn below(&mut self, n: u64) -> u64 {
        assert!(n > 0, "there is no integer below 0");
        let mut product = u128::from(self.bits()) * u128::from(n);
        if (product as u64) < n {
            let threshold = n.wrapping_neg() % n;
            while (product as u64) < threshold {
                product = u128::from(self.bits()) * u128::from(n);
            }
        }
        (product >> 64) as u64
    }

    /// An index with probability proportional to its weight; an index of weight 0 never. One draw.
    ///
    /// # Panics
    /// If a weight is negative or not finite, or none is positive.
    pub fn discrete(&mut self, weights: &[f64]) -> usize {
        assert!(weights.iter().all(|weight| *weight >= 0.0), "weights are not negative");
        let total: f64 = weights.iter().sum();
        assert!(total > 0.0 && total.is_finite(), "the sum of the weights is positive and finite");
        let mut rest = self.uniform() * total;
        for (index, weight) in weights.iter().enumerate() {
            if rest < *weight {
                return index;
            }
            rest -= weight;
        }
        // Only rounding leads here: the draw was at the very top.
        weights.iter().rposition(|weight| *weight > 0.0).expect("a positive sum has a positive term")
    }

    /// Poisson with the given mean.
    ///
    /// Below a mean of 10 by inversion, one draw and rising in it. Above, exactly but for rounding by transformed
    /// rejection (PTRS; Hörmann, Insurance: Mathematics and Economics 12 (1993), 39–45): at least two draws.
    ///
    /// # Panics
    /// Unless 0 ≤ `mean` ≤ 10¹¹.
    pub fn poisson(&mut self, mean: f64) -> u64 {
        assert!((0.0..=POISSON_MEAN_LIMIT).contains(&mean), "the mean of a Poisson count is between 0 and 1e11");
        if mean < POISSON_REJECTION_FROM { self.poisson_by_search(mean) } else { self.poisson_by_rejection(mean) }
    }

    fn poisson_by_search(&mut self, mean: f64) -> u64 {
        let mut rest = self.uniform();
        let mut probability = libm::exp(-mean);
        let mut count = 0;
        // The probabilities computed may sum to a little under 1; where they vanish, so does what is left.
        while rest >= probability && probability > 0.0 {
            rest -= probability;
            count += 1;
            probability *= mean / count as f64;
        }
        count
    }

    fn poisson_by_rejection(&mut self, mean: f64) -> u64 {
        let log_mean = libm::log(mean);
        let b = 0.931 + 2.53 * mean.sqrt();
        let a = -0.059 + 0.024_83 * b;
        let inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
        let sure_below = 0.9277 - 3.6224 / (b - 2.0);
        loop {
            let u = self.uniform() - 0.5;
            let v = self.uniform();
            let edge = 0.5 - u.abs();
            let count = ((2.0 * a / edge + b) * u + mean + 0.43).floor();
            if edge >= 0.07 && v <= sure_below {
                return count as u64;
            }
            if count < 0.0 || (edge < 0.013 && v > edge) {
                continue;
            }
            let proposal = libm::log(v * inverse_alpha / (a / (edge * edge) + b));
            if proposal <= count * log_mean - mean - libm::lgamma(count + 1.0) {
                return count as u64;
            }
        }
    }
}
