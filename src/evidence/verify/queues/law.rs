//! Laws of interarrival and service times.

use crate::engine::Stream;

/// A law of positive times, in hours.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Law {
    Deterministic {
        mean: f64,
    },
    Exponential {
        mean: f64,
    },
    Erlang {
        mean: f64,
        stages: u64,
    },
    Gamma {
        mean: f64,
        scv: f64,
    },
    /// Mean and squared coefficient of variation are of the time itself, not of its logarithm.
    Lognormal {
        mean: f64,
        scv: f64,
    },
    Hyperexponential {
        p: f64,
        first: f64,
        second: f64,
    },
    Uniform {
        low: f64,
        high: f64,
    },
}

impl Law {
    /// A time.
    #[inline]
    pub fn draw(&self, stream: &mut Stream) -> f64 {
        match *self {
            Self::Deterministic { mean } => mean,
            Self::Exponential { mean } => stream.exponential(mean),
            Self::Erlang { mean, stages } => (0..stages).map(|_| stream.exponential(mean / stages as f64)).sum(),
            Self::Gamma { mean, scv } => stream.gamma(1.0 / scv, mean * scv),
            Self::Lognormal { mean, scv } => {
                let square = 1.0 + scv;
                stream.lognormal(mean / square.sqrt(), libm::log(square).sqrt())
            }
            Self::Hyperexponential { p, first, second } => {
                let mean = if stream.bernoulli(p) { first } else { second };
                stream.exponential(mean)
            }
            Self::Uniform { low, high } => stream.uniform_in(low, high),
        }
    }

    /// `E[T^k]`, for k from 1 to 3 \[hours^k\].
    pub fn moment(&self, k: u32) -> f64 {
        let power = |x: f64| (0..k).fold(1.0, |product, _| product * x);
        // Γ(a + k)/Γ(a)
        let rising = |a: f64| (0..k).fold(1.0, |product, i| product * (a + f64::from(i)));
        match *self {
            Self::Deterministic { mean } => power(mean),
            Self::Exponential { mean } => rising(1.0) * power(mean),
            Self::Erlang { mean, stages } => rising(stages as f64) * power(mean / stages as f64),
            Self::Gamma { mean, scv } => rising(1.0 / scv) * power(mean * scv),
            Self::Lognormal { mean, scv } => power(mean) * libm::pow(1.0 + scv, f64::from(k * (k - 1) / 2)),
            Self::Hyperexponential { p, first, second } => rising(1.0) * (p * power(first) + (1.0 - p) * power(second)),
            Self::Uniform { low, high } => {
                // Σ low^i·high^(k−i) / (k + 1), which loses nothing where the ends are close.
                let term = |i: u32| (0..k).fold(1.0, |product, j| product * if j < i { low } else { high });
                (0..=k).map(term).sum::<f64>() / f64::from(k + 1)
            }
        }
    }

    /// Squared coefficient of variation.
    pub fn scv(&self) -> f64 {
        let mean = self.moment(1);
        (self.moment(2) / (mean * mean) - 1.0).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_the_draws() {
        for law in [
            Law::Deterministic { mean: 0.8 },
            Law::Exponential { mean: 2.0 },
            Law::Erlang { mean: 1.5, stages: 4 },
            Law::Gamma { mean: 4.25, scv: 0.5 },
            Law::Lognormal { mean: 2.0, scv: 0.4 },
            Law::Hyperexponential { p: 0.3, first: 2.0, second: 0.5 },
            Law::Uniform { low: 0.5, high: 1.5 },
        ] {
            let mut stream = Stream::named(1, 0, "law", "draws");
            let n = 400_000;
            let draws: Vec<f64> = (0..n).map(|_| law.draw(&mut stream)).collect();
            for k in 1..=3 {
                let mean = draws.iter().map(|x| libm::pow(*x, f64::from(k))).sum::<f64>() / f64::from(n);
                let error = (mean / law.moment(k) - 1.0).abs();
                assert!(error < 0.015 * f64::from(k), "{law:?}, moment {k}: off by {error}");
            }
        }
    }
}
