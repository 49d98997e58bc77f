//! Poisson counts from one uniform number, the same on every machine.

use crate::units::norm_inv;

/// Mean from which the normal approximation is used: there the cumulative sum would need many terms, and the
/// approximation is off by less than one count almost everywhere.
const NORMAL_FROM: f64 = 30.0;

/// Number of events of a Poisson distribution with `mean` at the quantile `u` in (0, 1).
///
/// Below a mean of 30 by inversion: the least k with `Σ_{j≤k} e^{−m}·m^j/j! ≥ u`. From there on `m + √m·z(u)` rounded,
/// at least 0. Monotone in `u`, so common random numbers stay aligned. A mean of zero or less, or NaN, gives 0.
pub fn poisson(mean: f64, u: f64) -> u64 {
    if mean >= NORMAL_FROM {
        // The cast saturates at 0.
        return (mean + mean.sqrt() * norm_inv(u)).round() as u64;
    }
    let mut count = 0;
    let mut term = if mean > 0.0 { libm::exp(-mean) } else { 1.0 };
    let mut below = term;
    // Past this the terms no longer change the sum, which may end a rounding error short of `u`.
    while below < u && count < 200 {
        count += 1;
        term *= mean / count as f64;
        below += term;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_means_by_hand() {
        // Mean 1: P(0) = 0.3679, P(≤1) = 0.7358, P(≤2) = 0.9197, P(≤3) = 0.9810.
        for (u, count) in [(0.36, 0), (0.37, 1), (0.73, 1), (0.74, 2), (0.92, 3), (0.99, 4)] {
            assert_eq!(poisson(1.0, u), count, "{u}");
        }
        assert_eq!(poisson(0.0, 0.999_999), 0);
        assert_eq!(poisson(-1.0, 0.5), 0);
    }

    #[test]
    fn large_means_by_hand() {
        // Mean 10,000: 10,000 + 100 × 1.959964 = 10,196.
        assert_eq!(poisson(10_000.0, 0.975), 10_196);
        assert_eq!(poisson(10_000.0, 0.5), 10_000);
        assert_eq!(poisson(30.0, 1e-12), 0);
    }

    #[test]
    fn mean_and_variance_come_out_on_both_sides_of_the_switch() {
        for mean in [0.3, 4.0, 29.0, 31.0] {
            let n = 20_000;
            let draws: Vec<f64> = (0..n).map(|i| poisson(mean, (f64::from(i) + 0.5) / f64::from(n)) as f64).collect();
            let average = draws.iter().sum::<f64>() / f64::from(n);
            let variance = draws.iter().map(|d| (d - average) * (d - average)).sum::<f64>() / f64::from(n);
            assert!((average / mean - 1.0).abs() < 0.005, "{mean}: {average}");
            assert!((variance / mean - 1.0).abs() < 0.02, "{mean}: {variance}");
        }
    }
}
