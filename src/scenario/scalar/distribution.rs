//! Distributions: of uncertain levels and of durations drawn event by event, all by inversion of one uniform.

use super::number_or_form;
use crate::units::norm_inv;
use serde::de::value::EnumAccessDeserializer;
use serde::de::{Deserialize, Deserializer, EnumAccess, Error, Visitor};
use std::fmt;

/// A distribution in the unit of the field that it stands in; a bare number is a constant.
#[derive(Clone, Debug, PartialEq)]
pub enum Distribution {
    /// Always the same.
    Constant(f64),
    /// `plus + median · exp(sigma · z)` with a standard normal `z`.
    LogNormal {
        /// Median above `plus`.
        median: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
        /// Lower end.
        plus: f64,
    },
    /// `plus` and an exponentially distributed time.
    Exponential {
        /// Mean above `plus`.
        mean: f64,
        /// Lower end.
        plus: f64,
    },
    /// Normal.
    Normal {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        sd: f64,
    },
    /// Uniform.
    Uniform {
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
    /// Triangular.
    Triangular {
        /// Lower end.
        low: f64,
        /// Most likely value.
        mode: f64,
        /// Upper end.
        high: f64,
    },
}

use Distribution::{Constant, Exponential, LogNormal, Normal, Triangular, Uniform};

/// The distribution as it is written, before its parameters are checked.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
enum Form {
    Constant(f64),
    LogNormal {
        median: f64,
        sigma: f64,
        #[serde(default)]
        plus: f64,
    },
    Exponential {
        mean: f64,
        #[serde(default)]
        plus: f64,
    },
    Normal {
        mean: f64,
        sd: f64,
    },
    Uniform {
        low: f64,
        high: f64,
    },
    Triangular {
        low: f64,
        mode: f64,
        high: f64,
    },
}

impl TryFrom<Form> for Distribution {
    type Error = String;

    fn try_from(form: Form) -> Result<Self, String> {
        let distribution = match form {
            Form::Constant(value) => Constant(value),
            Form::LogNormal { median, sigma, plus } => LogNormal { median, sigma, plus },
            Form::Exponential { mean, plus } => Exponential { mean, plus },
            Form::Normal { mean, sd } => Normal { mean, sd },
            Form::Uniform { low, high } => Uniform { low, high },
            Form::Triangular { low, mode, high } => Triangular { low, mode, high },
        };
        distribution.check().map(|()| distribution)
    }
}

number_or_form!(Distribution, Form, Constant, "a number or a distribution");

impl Distribution {
    fn check(&self) -> Result<(), String> {
        let positive = |name: &str, value: f64| match value > 0.0 {
            true => Ok(()),
            false => Err(format!("`{name}` is positive, but it is {value}")),
        };
        match *self {
            Constant(_) => Ok(()),
            LogNormal { median, sigma, .. } => match (0.0..=10.0).contains(&sigma) {
                true => positive("median", median),
                false => Err(format!("`sigma` is from 0 to 10, but it is {sigma}")),
            },
            Exponential { mean, .. } => positive("mean", mean),
            Normal { sd, .. } if sd < 0.0 => Err(format!("`sd` is at least 0, but it is {sd}")),
            Normal { .. } => Ok(()),
            Uniform { low, high } | Triangular { low, high, .. } if low >= high => {
                Err(format!("`low` is below `high`, but they are {low} and {high}"))
            }
            Triangular { low, mode, high } if !(low..=high).contains(&mode) => {
                Err(format!("`mode` is from {low} to {high}, but it is {mode}"))
            }
            Uniform { .. } | Triangular { .. } => Ok(()),
        }
    }

    /// The value below which a share `uniform` of the draws lies; finite for every `uniform`, which is kept within
    /// (0, 1). Not rounded to any unit; a duration may come out negative where the form allows it.
    pub fn quantile(&self, uniform: f64) -> f64 {
        let u = uniform.clamp(f64::EPSILON / 2.0, 1.0 - f64::EPSILON / 2.0);
        let value = match *self {
            Constant(value) => value,
            LogNormal { median, sigma, plus } => plus + median * libm::exp(sigma * norm_inv(u)),
            Exponential { mean, plus } => plus - mean * libm::log1p(-u),
            Normal { mean, sd } => mean + sd * norm_inv(u),
            Uniform { low, high } => low + (high - low) * u,
            Triangular { low, mode, high } => triangular(low, mode, high, u),
        };
        value.clamp(-f64::MAX, f64::MAX)
    }

    /// Expected value.
    pub fn mean(&self) -> f64 {
        match *self {
            Constant(value) => value,
            LogNormal { median, sigma, plus } => plus + median * libm::exp(sigma * sigma / 2.0),
            Exponential { mean, plus } => plus + mean,
            Normal { mean, .. } => mean,
            Uniform { low, high } => (low + high) / 2.0,
            Triangular { low, mode, high } => (low + mode + high) / 3.0,
        }
    }

    /// Infimum and supremum, infinite where there is none.
    pub fn bounds(&self) -> (f64, f64) {
        match *self {
            Constant(value) => (value, value),
            LogNormal { median, sigma: 0.0, plus } => (plus + median, plus + median),
            LogNormal { plus, .. } | Exponential { plus, .. } => (plus, f64::INFINITY),
            Normal { mean, sd: 0.0 } => (mean, mean),
            Normal { .. } => (f64::NEG_INFINITY, f64::INFINITY),
            Uniform { low, high } | Triangular { low, high, .. } => (low, high),
        }
    }
}

fn triangular(low: f64, mode: f64, high: f64, u: f64) -> f64 {
    let width = high - low;
    match u * width < mode - low {
        true => low + (u * width * (mode - low)).sqrt(),
        false => high - ((1.0 - u) * width * (high - mode)).sqrt(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::decode::decode;
    use crate::scenario::tree::Tree;

    fn read(text: &str) -> Distribution {
        decode(&Tree::parse("d", text).unwrap()).unwrap_or_else(|problems| panic!("{problems}"))
    }

    fn refusal(text: &str) -> String {
        let problems = decode::<Distribution>(&Tree::parse("d", text).unwrap()).unwrap_err();
        problems.iter().next().unwrap().message.clone()
    }

    #[test]
    fn quantiles_by_hand() {
        for (text, u, value) in [
            ("7", 0.3, 7.0),
            ("Constant(7)", 0.3, 7.0),
            ("LogNormal(median: 18, sigma: 0.5)", 0.841_344_746_068_542_9, 18.0 * 1.648_721_270_700_128_2),
            ("LogNormal(median: 18, sigma: 0.5, plus: 2)", 0.5, 20.0),
            ("Exponential(mean: 10)", 0.5, 6.931_471_805_599_453),
            ("Exponential(mean: 10, plus: 1)", 0.5, 7.931_471_805_599_453),
            ("Normal(mean: 5, sd: 2)", 0.841_344_746_068_542_9, 7.0),
            ("Uniform(low: -1, high: 3)", 0.25, 0.0),
            // Density rises to 1 at 1 and falls to 0 at 2: F(0.5) = 1/8, F(1.5) = 7/8.
            ("Triangular(low: 0, mode: 1, high: 2)", 0.125, 0.5),
            ("Triangular(low: 0, mode: 1, high: 2)", 0.875, 1.5),
            ("Triangular(low: 0, mode: 0, high: 2)", 0.75, 1.0),
        ] {
            let found = read(text).quantile(u);
            assert!((found - value).abs() < 1e-12 * (1.0 + value.abs()), "{text}: {found} is not {value}");
        }
    }

    #[test]
    fn means_are_those_of_the_quantiles() {
        const POINTS: usize = 200_000;
        for text in [
            "LogNormal(median: 18, sigma: 0.5, plus: 2)",
            "Exponential(mean: 10, plus: 1)",
            "Normal(mean: 5, sd: 2)",
            "Uniform(low: -1, high: 3)",
            "Triangular(low: 0, mode: 1.5, high: 2)",
        ] {
            let distribution = read(text);
            let points = (0..POINTS).map(|i| distribution.quantile((i as f64 + 0.5) / POINTS as f64));
            let mean = points.sum::<f64>() / POINTS as f64;
            // The midpoint rule leaves out a part of the exponential's tail: below 1e-4 of its mean.
            assert!((mean - distribution.mean()).abs() < 1e-4 * mean, "{text}: {mean}");
        }
    }

    #[test]
    fn draws_are_finite_at_both_ends() {
        for text in ["LogNormal(median: 1e300, sigma: 10)", "Exponential(mean: 1)", "Normal(mean: 0, sd: 1)"] {
            for u in [0.0, 1.0, -1.0, 2.0] {
                assert!(read(text).quantile(u).is_finite(), "{text} at {u}");
            }
        }
    }

    #[test]
    fn wrong_parameters_are_refused() {
        for (text, message) in [
            ("LogNormal(median: 0, sigma: 1)", "`median` is positive, but it is 0"),
            ("LogNormal(median: 1, sigma: 11)", "`sigma` is from 0 to 10, but it is 11"),
            ("Exponential(mean: -1)", "`mean` is positive, but it is -1"),
            ("Normal(mean: 1, sd: -1)", "`sd` is at least 0, but it is -1"),
            ("Uniform(low: 1, high: 1)", "`low` is below `high`, but they are 1 and 1"),
            ("Triangular(low: 1, mode: 4, high: 3)", "`mode` is from 1 to 3, but it is 4"),
            ("Gamma(shape: 1)", "unknown form `Gamma`"),
            ("\"7d\"", "expected a number or a distribution, found the string \"7d\""),
        ] {
            assert_eq!(refusal(text), message, "{text}");
        }
    }
}
