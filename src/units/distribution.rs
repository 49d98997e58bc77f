//! Durations and other quantities drawn event by event, by inversion of one uniform.

use serde::{Deserialize, Serialize};

/// A distribution that is drawn by inversion: one uniform in, one value out, monotone, so that common random numbers
/// stay aligned between scenarios.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Distribution {
    /// Always the same value.
    Constant(f64),
    /// `median · exp(sigma · z)`.
    LogNormal {
        /// Median, positive.
        median: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// `−mean · ln(1 − u)`.
    Exponential {
        /// Mean, positive.
        mean: f64,
    },
    /// `plus + median · exp(sigma · z)`.
    ShiftedLogNormal {
        /// Lower end.
        plus: f64,
        /// Median above it, positive.
        median: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// `plus − mean · ln(1 − u)`.
    ShiftedExponential {
        /// Lower end.
        plus: f64,
        /// Mean above it, positive.
        mean: f64,
    },
    /// `mean + sd · z`.
    Normal {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        sd: f64,
    },
    /// Flat between two bounds.
    Uniform {
        /// Lower bound.
        low: f64,
        /// Upper bound.
        high: f64,
    },
    /// Triangle over two bounds with its peak at the mode.
    Triangular {
        /// Lower bound.
        low: f64,
        /// Peak.
        mode: f64,
        /// Upper bound.
        high: f64,
    },
}

impl Distribution {
    /// The value below which the share `u` of the distribution lies, for `u` in the open interval (0, 1).
    pub fn quantile(&self, u: f64) -> f64 {
        match *self {
            Self::Constant(value) => value,
            Self::LogNormal { median, sigma } => median * libm::exp(sigma * norm_inv(u)),
            Self::Exponential { mean } => -mean * libm::log1p(-u),
            Self::ShiftedLogNormal { plus, median, sigma } => plus + median * libm::exp(sigma * norm_inv(u)),
            Self::ShiftedExponential { plus, mean } => plus - mean * libm::log1p(-u),
            Self::Normal { mean, sd } => mean + sd * norm_inv(u),
            Self::Uniform { low, high } => low + (high - low) * u,
            Self::Triangular { low, mode, high } => {
                let peak = (mode - low) / (high - low);
                if u < peak {
                    low + (u * (high - low) * (mode - low)).sqrt()
                } else {
                    high - ((1.0 - u) * (high - low) * (high - mode)).sqrt()
                }
            }
        }
    }

    /// Mean of the distribution.
    pub fn mean(&self) -> f64 {
        match *self {
            Self::Constant(value) => value,
            Self::LogNormal { median, sigma } => median * libm::exp(0.5 * sigma * sigma),
            Self::ShiftedLogNormal { plus, median, sigma } => plus + median * libm::exp(0.5 * sigma * sigma),
            Self::ShiftedExponential { plus, mean } => plus + mean,
            Self::Exponential { mean } | Self::Normal { mean, .. } => mean,
            Self::Uniform { low, high } => 0.5 * (low + high),
            Self::Triangular { low, mode, high } => (low + mode + high) / 3.0,
        }
    }
}

/// Quantile of the standard normal distribution for `p` in (0, 1).
///
/// Acklam's rational approximation (relative error below 1.15e-9) with one step of Halley's method on
/// `Φ(x) − p`, which brings it to double precision.
/// Source: P. J. Acklam, "An algorithm for computing the inverse normal cumulative distribution function" (2003).
pub fn norm_inv(p: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969683028665376e1,
        2.209460984245205e2,
        -2.759285104469687e2,
        1.383577518672690e2,
        -3.066479806614716e1,
        2.506628277459239,
    ];
    const B: [f64; 5] =
        [-5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1];
    const C: [f64; 6] = [
        -7.784894002430293e-3,
        -3.223964580411365e-1,
        -2.400758277161838,
        -2.549732539343734,
        4.374664141464968,
        2.938163982698783,
    ];
    const D: [f64; 4] = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416];
    const LOW: f64 = 0.02425;
    let horner = |c: &[f64], x: f64| c.iter().fold(0.0, |sum, a| sum * x + a);
    let tail = |q: f64| horner(&C, q) / (horner(&D, q) * q + 1.0);
    let x = if p < LOW {
        tail((-2.0 * libm::log(p)).sqrt())
    } else if p > 1.0 - LOW {
        -tail((-2.0 * libm::log1p(-p)).sqrt())
    } else {
        let q = p - 0.5;
        let r = q * q;
        horner(&A, r) * q / (horner(&B, r) * r + 1.0)
    };
    let error = 0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2) - p;
    let step = error * (2.0 * std::f64::consts::PI).sqrt() * libm::exp(0.5 * x * x);
    x - step / (1.0 + 0.5 * x * step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{ContinuousCDF, Normal};

    #[test]
    fn the_normal_quantile_agrees_with_statrs() {
        let normal = Normal::new(0.0, 1.0).unwrap();
        for i in 1..1_000 {
            let p = f64::from(i) / 1_000.0;
            assert!((norm_inv(p) - normal.inverse_cdf(p)).abs() < 1e-9, "{p}");
        }
        assert!((norm_inv(0.975) - 1.959_963_984_540_054).abs() < 1e-12);
        assert!((norm_inv(1e-10) + 6.361_340_902_404_056).abs() < 1e-9);
    }

    #[test]
    fn quantiles_by_hand() {
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        close(Distribution::LogNormal { median: 36.0, sigma: 0.55 }.quantile(0.5), 36.0);
        close(Distribution::Uniform { low: 2.0, high: 6.0 }.quantile(0.25), 3.0);
        close(Distribution::Exponential { mean: 2.0 }.quantile(0.5), 2.0 * std::f64::consts::LN_2);
        let triangle = Distribution::Triangular { low: 0.0, mode: 1.0, high: 4.0 };
        close(triangle.quantile(0.25), 1.0);
        close(triangle.quantile(1.0 - 1.0 / 12.0), 3.0);
        close(triangle.mean(), 5.0 / 3.0);
    }
}
