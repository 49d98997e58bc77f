//! Simulated against observed series, and against forecasts that need no simulator.
//!
//! [`Observed`] is what was seen, [`Mapping`] says which simulated quantity each series is to be compared with, a
//! [`Plan`] brings the two together up to a cutoff, and [`score`] measures an ensemble of runs by it.
//!
//! *In sample* are the points up to the cutoff, which whoever set the parameters may have looked at; *out of sample* are
//! those after it. Naive forecasts see no more: of a point in sample what was observed before it, of one out of sample
//! what was observed up to the cutoff.
//!
//! Not measured: that neighbouring points of a series err alike, so that coverage over few points says little, and the
//! error of the observations themselves.

mod mapping;
mod measures;
mod naive;
mod observed;
mod plan;
mod score;

pub use mapping::{Mapping, Over, Part, SeriesSpec};
pub use measures::{crps, quantile};
pub use naive::{carried_forward, trend};
pub use observed::{Observation, Observed};
pub use plan::{Ensemble, Plan, PlannedPoint, PlannedSeries};
pub use score::{PointScore, Sample, SeriesScore, score, summarise};
