//! Synthetic experiments whose truth is known: how often do the intervals hold it?

use cloudmarket::engine::Stream;
use cloudmarket::experiment::crossing::{Crossing, Search, find};
use cloudmarket::experiment::paired::{PairedDifference, paired_difference};
use cloudmarket::experiment::statistics::stopping::{Target, next};
use std::convert::Infallible;
use std::ops::Range;

/// Replications of an experiment.
const REPLICATIONS: u32 = 16;
/// Most replications where a half-width is asked for.
const MOST: usize = 256;

/// How many of some experiments held the truth, and what they took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coverage {
    /// Experiments whose 95 % interval held the truth.
    pub held: u32,
    /// Experiments.
    pub of: u32,
    /// Replications of a point each, or as a part of those of a grid; the mean.
    pub cost: f64,
}

impl Coverage {
    /// Share that held the truth.
    pub fn share(self) -> f64 {
        f64::from(self.held) / f64::from(self.of)
    }

    fn of(results: impl ExactSizeIterator<Item = (bool, f64)>) -> Self {
        let of = results.len() as u32;
        let (held, cost) = results.fold((0, 0.0), |(held, cost), (holds, one)| (held + u32::from(holds), cost + one));
        Self { held, of, cost: cost / f64::from(of) }
    }
}

/// A normal draw of an experiment that is the same for the same replication.
fn luck(experiment: u32, replication: u32, what: &str) -> f64 {
    Stream::named(u64::from(experiment), u64::from(replication), what, "synthetic experiment").normal()
}

/// Two scenarios on common luck: revenue is log-normal, the other's a tenth higher and with luck of its own besides. The
/// true difference is a tenth of the mean `e^{0.045}`.
fn difference(experiment: u32, replications: u32) -> PairedDifference {
    let base: Vec<(u32, f64)> =
        (0..replications).map(|r| (r, libm::exp(0.3 * luck(experiment, r, "revenue")))).collect();
    let other: Vec<(u32, f64)> =
        base.iter().map(|(r, y)| (*r, 1.1 * y + 0.05 * luck(experiment, *r, "other"))).collect();
    paired_difference(&base, &other).expect("replications are common")
}

fn holds(difference: &PairedDifference) -> bool {
    let half_width = difference.spread.expect("there are several replications").half_width;
    (difference.mean - 0.1 * libm::exp(0.045)).abs() <= half_width
}

/// Differences of a fixed number of replications.
pub fn of_compare(experiments: u32) -> Coverage {
    Coverage::of((0..experiments).map(|one| (holds(&difference(one, REPLICATIONS)), f64::from(REPLICATIONS))))
}

/// Differences whose replications are added until the mean is known to a tenth.
pub fn of_adaptive_compare(experiments: u32) -> Coverage {
    let one = |experiment: u32| {
        let mut n = REPLICATIONS;
        loop {
            let found = difference(experiment, n);
            let sd = found.spread.expect("there are several replications").sd;
            match next(Target::relative_error(0.1), n as usize, (found.mean, sd * sd), 0.95, MOST) {
                Some(more) => n = more as u32,
                None => return (holds(&found), f64::from(n)),
            }
        }
    };
    Coverage::of((0..experiments).map(one))
}

/// Standard deviations of luck: of what all points of a replication share in their level and in their height, and of what
/// every point has by itself.
#[derive(Clone, Copy)]
pub struct Luck {
    level: f64,
    height: f64,
    point: f64,
}

/// Points share nearly all luck.
pub const SHARED: Luck = Luck { level: 0.8, height: 1.0, point: 0.1 };
/// A small change of the price turns most of it over.
pub const RESTLESS: Luck = Luck { level: 0.5, height: 0.3, point: 0.8 };

/// A share that rises with a price and levels off, `20(1 − e^{−x/4})`, with luck. It reaches 12 at `4 ln 2.5`.
pub fn of_solve(experiments: u32, of: Luck) -> Coverage {
    let range = (0.0, 20.0);
    let search = Search { target: 12.0, range, resolution: 1e-3, level: 0.95, replications: (8, REPLICATIONS) };
    let truth = 4.0 * libm::log(2.5);
    let one = |experiment: u32| {
        let outcome = |x: f64, r: u32| {
            let height = 20.0 + of.height * luck(experiment, r, "height");
            let of_point = of.point * luck(experiment, r, &format!("point {x}"));
            height * (1.0 - libm::exp(-x / 4.0)) + of.level * luck(experiment, r, "level") + of_point
        };
        let run = |x: f64, replications: Range<u32>| Ok::<_, Infallible>(replications.map(|r| outcome(x, r)).collect());
        let Ok(crossing) = find(&search, run);
        let Crossing::Found(found) = crossing else { return (false, 0.0) };
        // A grid of the same precision has its points half an interval apart.
        let apart = 0.5 * (found.interval.1 - found.interval.0);
        let grid = (((range.1 - range.0) / apart).ceil() + 1.0) * f64::from(REPLICATIONS);
        (found.interval.0 <= truth && truth <= found.interval.1, found.runs as f64 / grid)
    };
    Coverage::of((0..experiments).map(one))
}
