//! Which assumptions move a result: Morris' elementary effects to screen many, Sobol' indices to measure a few, and how much
//! is chance.
//!
//! Designs are points of the unit cube, one coordinate for each factor; whoever runs them maps a coordinate to a field's
//! value. The functions here never run anything: they are handed the outcomes in the design's order.

pub mod chance;
pub mod morris;
pub mod variance;

use super::statistics::bootstrap::Bootstrap;

/// An estimate with what resampling says of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Its interval.
    pub interval: (f64, f64),
}

impl Estimate {
    fn of(bootstrap: &Bootstrap, level: f64) -> Self {
        Self {
            value: bootstrap.estimate(),
            standard_error: bootstrap.standard_error(),
            interval: bootstrap.interval(level),
        }
    }
}

/// How an interval is resampled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resampling {
    /// Number of resamples.
    pub resamples: usize,
    /// Seed of the stream that they are drawn from.
    pub seed: u64,
}

impl Resampling {
    /// Bootstraps `statistic` over `n` units; `what` names the stream.
    fn of(self, n: usize, what: &str, statistic: impl Fn(&[usize]) -> f64) -> Bootstrap {
        let mut stream = crate::engine::Stream::named(self.seed, 0, what, "bootstrap");
        Bootstrap::draw(n, self.resamples, &mut stream, statistic)
    }
}
