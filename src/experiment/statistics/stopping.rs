//! How many replications are enough.
//!
//! Replications are added until the half-width h of the t interval of the mean m is small enough: `h ≤ β` absolutely, or
//! `h ≤ γ'·|m|`. With `γ' = γ/(1 + γ)` the mean is off by at most the part γ of the *true* mean, since
//! `|m − µ| ≤ h ≤ γ'|m| ≤ γ'(|µ| + |m − µ|)`. From a pilot of variance s², the number for β is the least i with
//! `t(i − 1)·√(s²/i) ≤ β`.
//!
//! Source: A. M. Law, *Simulation Modeling and Analysis*, 5th ed. (2015), §9.4.1. Stopping where the interval happens to be
//! narrow makes it cover a little less often than it says; the fewer the replications to begin with, the more so.

use super::{mean, t_of_interval, variance};

/// A half-width that is small enough.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// At most this, in the unit of the quantity.
    Absolute(f64),
    /// At most this part of the mean.
    Relative(f64),
}

impl Target {
    /// The mean off by at most the part `share` of the true one.
    pub fn relative_error(share: f64) -> Self {
        Self::Relative(share / (1.0 + share))
    }

    /// Whether the interval `mean ± half_width` is narrow enough.
    pub fn is_met(self, mean: f64, half_width: f64) -> bool {
        half_width <= self.half_width(mean)
    }

    /// The half-width asked for of this mean.
    pub fn half_width(self, mean: f64) -> f64 {
        match self {
            Self::Absolute(half_width) => half_width,
            Self::Relative(share) => share * mean.abs(),
        }
    }
}

/// The least number of values, from `first` on, of which the interval of confidence `level` meets the target, with the mean
/// and half-width of so many; `None` if the series ends before.
pub fn stop(series: &[f64], first: usize, target: Target, level: f64) -> Option<(usize, f64, f64)> {
    let at = |n: usize| {
        let values = &series[..n];
        (n, mean(values), t_of_interval(n, level) * (variance(values) / n as f64).sqrt())
    };
    (first.max(2)..=series.len()).map(at).find(|(_, mean, half_width)| target.is_met(*mean, *half_width))
}

/// The least number of replications, from the pilot's `pilot` on, whose interval is expected to have at most this
/// half-width, given the pilot's variance; none above `most` is looked at.
pub fn replications_for(half_width: f64, pilot: usize, variance: f64, level: f64, most: usize) -> Option<usize> {
    let wide = |n: usize| t_of_interval(n, level) * (variance / n as f64).sqrt() > half_width;
    // The half-width falls in n: doubling finds a number that is enough, and halving the least.
    let (mut low, mut high) = (pilot.max(2), pilot.max(2));
    while high < most && wide(high) {
        (low, high) = (high + 1, most.min(2 * high));
    }
    if high > most || wide(high) {
        return None;
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if wide(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Some(low)
}

/// How many replications to have next, after `n` with this mean and variance; `None` if the target is met, or `most` are
/// there. As many as are expected to do, but at most twice those that there are, lest a lucky variance decide.
pub fn next(target: Target, n: usize, (mean, variance): (f64, f64), level: f64, most: usize) -> Option<usize> {
    let half_width = t_of_interval(n, level) * (variance / n as f64).sqrt();
    if n >= most || target.is_met(mean, half_width) {
        return None;
    }
    let soon = most.min(2 * n);
    Some(replications_for(target.half_width(mean), n + 1, variance, level, soon).unwrap_or(soon))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1, 3: mean 2, s² = 2, h = 12.706·1 > 2. With 2, 2 more: s² = 2/3, h = 3.182·√(1/6) = 1.299, a part 0.65 of 2.
    #[test]
    fn values_are_added_until_the_interval_is_narrow() {
        let series = [1.0, 3.0, 2.0, 2.0, 2.0];
        let (n, mean, half_width) = stop(&series, 2, Target::Absolute(1.3), 0.95).unwrap();
        assert_eq!((n, mean), (4, 2.0));
        assert!((half_width - 3.182_446_305_284_263 / 6.0_f64.sqrt()).abs() < 1e-9);
        assert_eq!(stop(&series, 2, Target::Relative(0.65), 0.95).unwrap().0, 4);
        // A part 0.8 of the true mean is 0.444 of the mean found, 0.889; of all five h = 2.776·√(½/5) = 0.878.
        assert_eq!(stop(&series, 2, Target::relative_error(0.8), 0.95).unwrap().0, 5);
        assert_eq!(stop(&series, 2, Target::Absolute(0.1), 0.95), None);
    }

    /// t(4)·√(1/5) = 2.7764/2.2361 = 1.2417, t(5)/√6 = 1.0494, t(6)/√7 = 0.9248.
    #[test]
    fn the_least_number_that_is_expected_to_do() {
        assert_eq!(replications_for(1.05, 3, 1.0, 0.95, 100), Some(6));
        assert_eq!(replications_for(1.04, 3, 1.0, 0.95, 100), Some(7));
        assert_eq!(replications_for(10.0, 5, 1.0, 0.95, 100), Some(5));
        assert_eq!(replications_for(0.01, 5, 1.0, 0.95, 100), None);
    }

    /// With s = 1 six replications are expected to do for 1.05; for 0.01, no end of them, so twice as many.
    #[test]
    fn the_next_number_is_what_is_expected_to_do_or_double() {
        let next = |half_width, n, most| next(Target::Absolute(half_width), n, (0.0, 1.0), 0.95, most);
        assert_eq!(next(1.05, 4, 100), Some(6));
        assert_eq!(next(0.01, 4, 100), Some(8));
        assert_eq!(next(0.01, 4, 7), Some(7));
        assert_eq!((next(1.05, 6, 100), next(0.01, 100, 100)), (None, None));
    }
}
