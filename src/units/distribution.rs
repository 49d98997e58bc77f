//! Durations and other quantities drawn event by event, by inversion of one uniform.

use super::norm_inv;
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

#[cfg(test)]
mod tests {
    use super::*;

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
