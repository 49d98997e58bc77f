//! Bootstrap: how a statistic spreads when the sample is drawn again from itself.
//!
//! From B resamples of n values with replacement come the standard error, and intervals of a statistic θ whose law nobody
//! knows: *percentile*, the quantiles α/2 and 1 − α/2 of the resampled θ; *basic*, these mirrored about the estimate; and
//! *BCa*, the quantiles at `Φ(z₀ + (z₀ + z)/(1 − a(z₀ + z)))`, z the normal quantiles of α/2 and 1 − α/2, with the bias
//! `z₀ = Φ⁻¹(share of resampled θ below the estimate, those equal to it counted half)` and the acceleration
//! `a = Σdᵢ³ / (6(Σdᵢ²)^{3/2})`, `dᵢ = θ̄₍.₎ − θ₍ᵢ₎` of the statistic without value i.
//!
//! Source: B. Efron, R. J. Tibshirani, *An Introduction to the Bootstrap* (1993), §§12.5, 13.3, 14.3; A. C. Davison, D. V.
//! Hinkley, *Bootstrap Methods and their Application* (1997), §5.2. Supposes independent values; with few of them no
//! resample knows the tails. The resamples come from one stream, so that the same values have the same interval.

use super::{mean, quantile, variance};
use crate::engine::Stream;
use crate::units::{norm_cdf, norm_inv};

/// A resampled statistic.
#[derive(Clone, Debug, PartialEq)]
pub struct Bootstrap {
    estimate: f64,
    /// Of the resamples, ascending.
    ascending: Vec<f64>,
    /// Of the sample without each of its values.
    without_one: Vec<f64>,
}

/// What the BCa interval is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bca {
    /// Bias z₀ [standard deviations].
    pub bias: f64,
    /// Acceleration a [1].
    pub acceleration: f64,
    /// The probabilities whose quantiles are its ends.
    pub probabilities: (f64, f64),
    /// Its ends.
    pub interval: (f64, f64),
}

/// Values closer than this part of their size are equal but for the order of a sum.
const ROUNDING: f64 = 1e-12;

impl Bootstrap {
    /// Of `n` values; `statistic` is given the places of those it is taken of. `resamples` times n of them are drawn.
    pub fn draw(n: usize, resamples: usize, stream: &mut Stream, statistic: impl Fn(&[usize]) -> f64) -> Self {
        let mut places = vec![0; n];
        let resampled = (0..resamples).map(|_| {
            places.fill_with(|| stream.below(n as u64) as usize);
            statistic(&places)
        });
        let resampled = resampled.collect();
        Self::of(n, resampled, statistic)
    }

    /// The same with given resampled values of the statistic.
    pub fn of(n: usize, mut resampled: Vec<f64>, statistic: impl Fn(&[usize]) -> f64) -> Self {
        resampled.sort_by(f64::total_cmp);
        let all: Vec<usize> = (0..n).collect();
        let mut rest: Vec<usize> = (1..n).collect();
        let without_one = (0..n).map(|out| {
            // `rest` misses the place before; put that in and take this out.
            if out > 0 {
                rest[out - 1] = out - 1;
            }
            statistic(&rest)
        });
        Self { estimate: statistic(&all), without_one: without_one.collect(), ascending: resampled }
    }

    /// The statistic of the sample itself.
    pub fn estimate(&self) -> f64 {
        self.estimate
    }

    /// The resampled values, ascending.
    pub fn ascending(&self) -> &[f64] {
        &self.ascending
    }

    /// Standard deviation of the resampled values.
    pub fn standard_error(&self) -> f64 {
        variance(&self.ascending).sqrt()
    }

    /// Quantiles of the resampled values.
    pub fn percentile(&self, level: f64) -> (f64, f64) {
        self.quantiles((tail(level), 1.0 - tail(level)))
    }

    /// The percentile interval mirrored about the estimate.
    pub fn basic(&self, level: f64) -> (f64, f64) {
        let (low, high) = self.percentile(level);
        (2.0 * self.estimate - high, 2.0 * self.estimate - low)
    }

    /// The interval corrected for bias and acceleration; `None` if all resampled values lie on one side of the estimate.
    pub fn bca(&self, level: f64) -> Option<Bca> {
        let bias = self.bias()?;
        let acceleration = self.acceleration();
        let adjusted = |p: f64| {
            let z = bias + norm_inv(p);
            norm_cdf(bias + z / (1.0 - acceleration * z))
        };
        let probabilities = (adjusted(tail(level)), adjusted(1.0 - tail(level)));
        Some(Bca { bias, acceleration, probabilities, interval: self.quantiles(probabilities) })
    }

    /// The best interval that there is: BCa, or else percentile.
    pub fn interval(&self, level: f64) -> (f64, f64) {
        self.bca(level).map_or_else(|| self.percentile(level), |bca| bca.interval)
    }

    fn quantiles(&self, (low, high): (f64, f64)) -> (f64, f64) {
        (quantile(&self.ascending, low), quantile(&self.ascending, high))
    }

    fn bias(&self) -> Option<f64> {
        let close = ROUNDING * self.estimate.abs();
        let below = self.ascending.partition_point(|value| *value < self.estimate - close);
        let not_above = self.ascending.partition_point(|value| *value <= self.estimate + close);
        let share = (below + not_above) as f64 / 2.0 / self.ascending.len() as f64;
        (share > 0.0 && share < 1.0).then(|| norm_inv(share))
    }

    fn acceleration(&self) -> f64 {
        let centre = mean(&self.without_one);
        let distances = || self.without_one.iter().map(|value| centre - value);
        let squares: f64 = distances().map(|d| d * d).sum();
        let cubes: f64 = distances().map(|d| d * d * d).sum();
        if squares > 0.0 { cubes / (6.0 * squares * squares.sqrt()) } else { 0.0 }
    }
}

fn tail(level: f64) -> f64 {
    (1.0 - level) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean_of<'a>(data: &'a [f64]) -> impl Fn(&[usize]) -> f64 + 'a {
        |places| places.iter().map(|place| data[*place]).sum::<f64>() / places.len() as f64
    }

    /// Of 0 and 1 the means of all four resamples are 0, ½, ½, 1, about ½: no bias, and no skew.
    #[test]
    fn a_symmetric_sample_has_neither_bias_nor_acceleration() {
        let bootstrap = Bootstrap::of(2, vec![0.0, 0.5, 0.5, 1.0], mean_of(&[0.0, 1.0]));
        let bca = bootstrap.bca(0.5).unwrap();
        assert_eq!((bootstrap.estimate(), bca.bias, bca.acceleration), (0.5, 0.0, 0.0));
        // Type-7 quantiles at 0.25 and 0.75 of four values: h = 0.75 and 2.25.
        assert_eq!((bootstrap.percentile(0.5), bootstrap.basic(0.5)), ((0.375, 0.625), (0.375, 0.625)));
        assert!((bca.interval.0 - 0.375).abs() < 1e-12 && (bca.interval.1 - 0.625).abs() < 1e-12, "{bca:?}");
    }

    /// Without 0, 0, 3 in turn the mean is 1.5, 1.5, 0, mean 1: d = −½, −½, 1, so a = ¾ / (6·(3/2)^{3/2}).
    #[test]
    fn a_long_tail_above_accelerates() {
        let bootstrap = Bootstrap::of(3, vec![0.0, 1.0, 2.0], mean_of(&[0.0, 0.0, 3.0]));
        assert!((bootstrap.acceleration() - 0.75 / (6.0 * 1.5 * 1.5_f64.sqrt())).abs() < 1e-15);
    }

    #[test]
    fn the_standard_error_of_a_mean_is_found_and_the_stream_decides_the_rest() {
        let data: Vec<f64> = (0..40).map(f64::from).collect();
        let draw = |seed| Bootstrap::draw(40, 4_000, &mut Stream::named(seed, 0, "a", "b"), mean_of(&data));
        // With the population's variance (40² − 1)/12.
        let exact = ((1_600.0_f64 - 1.0) / 12.0 / 40.0).sqrt();
        assert!((draw(1).standard_error() / exact - 1.0).abs() < 0.04);
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn where_all_resamples_lie_on_one_side_the_percentiles_stand_in() {
        let bootstrap = Bootstrap::of(2, vec![1.0, 2.0], mean_of(&[0.0, 0.0]));
        assert_eq!((bootstrap.bca(0.9), bootstrap.interval(0.0)), (None, (1.5, 1.5)));
    }
}
