//! Statistics of replications: mean, variance, quantiles, and intervals by Student's t.
//!
//! Sources: W. S. Gosset ("Student"), Biometrika 6 (1908) 1–25; R. Hyndman, Y. Fan, American Statistician 50 (1996)
//! 361–365. The intervals suppose independent replications, and a mean not far from normal.

pub mod bootstrap;
pub mod multiple;
pub mod stopping;
pub mod welch;

use crate::units::norm_inv;
use statrs::distribution::{ContinuousCDF, StudentsT};
use statrs::function::beta::beta_reg;

/// Arithmetic mean `m = Σx / n`, summed in order; NaN of nothing.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Sample variance `Σ(x − m)² / (n − 1)`, about the mean first so that large values lose no digits.
///
/// NaN for fewer than two values.
pub fn variance(values: &[f64]) -> f64 {
    if values.len() < 2 {
        return f64::NAN;
    }
    let mean = mean(values);
    values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (values.len() - 1) as f64
}

/// Quantile `p` of ascending values, NaN if there are none.
///
/// By linear interpolation between order statistics, `h = (n − 1)·p` (type 7 of Hyndman and Fan).
pub fn quantile(ascending: &[f64], p: f64) -> f64 {
    let Some(last) = ascending.len().checked_sub(1) else { return f64::NAN };
    let h = last as f64 * p;
    let below = h.floor() as usize;
    let (low, high) = (ascending[below], ascending[(below + 1).min(last)]);
    low + (h - below as f64) * (high - low)
}

/// How many standard errors reach from the mean of `n` values to the ends of its interval of confidence `level`:
/// the `(1 + level)/2` quantile of Student's t with `n − 1` degrees of freedom. NaN for fewer than two values.
pub fn t_of_interval(n: usize, level: f64) -> f64 {
    if n < 2 { f64::NAN } else { t_quantile((n - 1) as f64, level) }
}

/// Degrees of freedom from which on the expansion about the normal quantile is exact to some 10⁻¹². The inversion of `statrs`
/// is off by 3·10⁻⁶ at a hundred thousand, and does not end at a thousand million.
const NEARLY_NORMAL: f64 = 1_000.0;

/// The same by degrees of freedom ν, which need not be whole; for many of them by the expansion of M. Abramowitz, I. Stegun,
/// *Handbook of Mathematical Functions* (1964), 26.7.5, in powers of 1/ν.
pub(super) fn t_quantile(degrees: f64, level: f64) -> f64 {
    if degrees >= NEARLY_NORMAL {
        let z = norm_inv((1.0 + level) / 2.0);
        let square = z * z;
        let first = z * (square + 1.0) / 4.0;
        let second = z * ((5.0 * square + 16.0) * square + 3.0) / 96.0;
        let third = z * (((3.0 * square + 19.0) * square + 17.0) * square - 15.0) / 384.0;
        return z + (first + (second + third / degrees) / degrees) / degrees;
    }
    let t = StudentsT::new(0.0, 1.0, degrees).expect("degrees of freedom are above 0");
    t.inverse_cdf((1.0 + level) / 2.0)
}

/// The probability that chance alone takes a t of `n − 1` degrees of freedom at least as far from 0 as `t`:
/// `I_{ν/(ν + t²)}(ν/2, 1/2)`, which keeps its digits where it is small. NaN for fewer than two values.
pub fn two_sided_p(t: f64, n: usize) -> f64 {
    if n < 2 || t.is_nan() { f64::NAN } else { p_beyond(t, (n - 1) as f64) }
}

/// The same by degrees of freedom, which need not be whole.
fn p_beyond(t: f64, degrees: f64) -> f64 {
    beta_reg(degrees / 2.0, 0.5, degrees / (degrees + t * t))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(actual: f64, expected: f64, relative: f64) {
        assert!((actual - expected).abs() <= relative * expected.abs(), "{actual} is not {expected}");
    }

    #[test]
    fn variance_survives_large_values() {
        let data = [1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0];
        assert_eq!((mean(&data), variance(&data)), (1e9 + 10.0, 30.0));
        assert!(variance(&data[..1]).is_nan() && mean(&[]).is_nan());
    }

    #[test]
    fn quantiles_interpolate_and_end_at_the_ends() {
        let ascending = [1.0, 2.0, 3.0, 4.0, 10.0];
        assert_eq!([0.0, 0.25, 1.0].map(|p| quantile(&ascending, p)), [1.0, 2.0, 10.0]);
        close(quantile(&ascending, 0.95), 8.8, 1e-15);
        assert!(quantile(&[], 0.5).is_nan());
    }

    /// From scipy 1.17.1 (`stats.t.ppf`).
    #[test]
    fn t_quantiles_agree_with_scipy() {
        for (n, level, t) in [
            (2, 0.95, 12.706204736174705),
            (3, 0.99, 9.924843200918293),
            (6, 0.9, 2.0150483733330242),
            (10, 0.95, 2.2621571627982053),
            (30, 0.99, 2.7563859036706053),
            (100, 0.95, 1.9842169515864174),
            (1_001, 0.9, 1.6463788172854648),
            (10_001, 0.95, 1.960201239890626),
            (1_000_001, 0.99, 2.5758342201053344),
        ] {
            close(t_of_interval(n, level), t, 1e-10);
        }
        assert!(t_of_interval(1, 0.95).is_nan());
    }

    /// With two degrees of freedom `p = 1 − t/√(2 + t²)`; with eleven from scipy 1.17.1 (`ttest_rel`).
    #[test]
    fn two_sided_probabilities() {
        close(two_sided_p(1.5, 3), 1.0 - 1.5 / (2.0 + 2.25_f64).sqrt(), 1e-14);
        close(two_sided_p(-6.222256550557027, 12), 6.508928463103081e-05, 1e-12);
        close(two_sided_p(0.0, 12), 1.0, 1e-15);
    }
}
