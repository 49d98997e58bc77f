//! Break-even: the value of an input at which the mean of a noisy outcome reaches a target.
//!
//! Every input x is run on the first of the same replications, so that `g(x) = ȳ(x) − target` is one curve, and bends as
//! smoothly as the outcome does. With h(x) the half-width of the t interval of ȳ(x), the crossing is the x with g(x) = 0, and
//! its interval all x at which zero cannot be excluded, `|g(x)| ≤ h(x)`: its ends are the crossings of g + h and g − h. At the
//! true crossing the interval of the mean misses the target in the share 1 − level of experiments, and so does this one,
//! however steep or bent the curve; no slope is estimated.
//!
//! *What is the curve?* Near the crossing a parabola through three points in every replication: a centre and one on each side of
//! it, three half-widths of the interval away. A straight line through nearer ones would leave the slope to chance; over this
//! distance a parabola misses about as little of a curve that bends slowly as straight lines do over one half-width.
//!
//! *How are runs saved?* A few replications narrow the crossing down, to about what they know. Only the centre is run on all n,
//! after a part of them has said whether it lies well. The points beside it are run on the first m, and what m
//! replications say of the parabola at x is carried, by a line through what they say of the centre, to the
//! centre's mean over all n,
//!
//! ```text
//! ŷ = ȳₘ + β (c̄ₙ − c̄ₘ)        V = s_e² (1/m + (c̄ₙ − c̄ₘ)² / S_cc) + β² s_c² / n
//! ```
//!
//! with c the centre's outcomes, S_cc = Σ (c − c̄ₘ)² over the m, s_e² the variance about the line (m − 2 degrees of freedom) and
//! s_c² that of the centre (n − 1); degrees of freedom of V by Welch and Satterthwaite. On common luck the line leaves little,
//! and a few replications tell nearly what all would. Where that is not so, m is doubled, until the half-width at the crossing
//! and at the ends of the interval is at most 15 % above what all would give.
//!
//! *What is supposed?* One crossing in the range, and outcomes of a point that are independent and not far from normal. A
//! curve that touches the target and turns back may be found not to cross it. The centre is placed by a part of the outcomes that
//! then tell of it, which costs a point or two of the confidence where points share little luck (`benches/coverage`).
//!
//! Sources: the interval inverts a test, as in G. Casella, R. L. Berger, *Statistical Inference*, 2nd ed. (2002), §9.2.1;
//! the regression on a larger sample is double sampling, W. G. Cochran, *Sampling Techniques*, 3rd ed. (1977), §12.6;
//! steps on few replications by regula falsi with halved weights, M. Dowell, P. Jarratt, BIT 11 (1971) 168–174 ("Illinois").

mod curve;
mod point;
mod window;

use curve::Curve;
use std::ops::Range;

/// What is looked for, and how.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Search {
    /// Where the outcome is to be.
    pub target: f64,
    /// Least and greatest value of the input.
    pub range: (f64, f64),
    /// Part of the range that is not resolved any further.
    pub resolution: f64,
    /// Confidence of the interval.
    pub level: f64,
    /// Replications of the points that narrow it down, and of the point at the crossing; at least 2.
    pub replications: (u32, u32),
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub enum Crossing {
    /// The outcome reaches the target.
    Found(Found),
    /// At both ends of the range the outcome lies on the same side of the target.
    NotInRange {
        /// Mean outcome at the least value of the input, and the half-width of its interval.
        at_low: (f64, f64),
        /// The same at the greatest.
        at_high: (f64, f64),
        /// Replications that were run.
        runs: u64,
    },
}

/// What is made of the points near a crossing, at an input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fitted {
    /// The input.
    pub x: f64,
    /// Mean outcome.
    pub mean: f64,
    /// Half-width of its interval.
    pub half_width: f64,
}

/// A crossing.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The value of the input.
    pub value: f64,
    /// Its interval; an end that is the range's may lie beyond.
    pub interval: (f64, f64),
    /// The nearest inputs that were run on both sides of it.
    pub bracket: (f64, f64),
    /// Replications that were run.
    pub runs: u64,
    /// The curve that was taken near it, by ascending inputs.
    pub curve: Vec<Fitted>,
}

/// Finds the crossing. `run` gives the outcomes of an input on some replications, in their order, all of them finite.
///
/// # Errors
/// What `run` fails with.
///
/// # Panics
/// If the range is empty, or one of the numbers of replications is below 2.
pub fn find<E>(search: &Search, run: impl FnMut(f64, Range<u32>) -> Result<Vec<f64>, E>) -> Result<Crossing, E> {
    let Search { range: (low, high), replications: (few, all), .. } = *search;
    assert!(low < high && few.min(all) >= 2, "a search has a range, and spread needs two replications");
    let few = few.min(all);
    let mut curve = Curve::new(search, run);
    for x in [low, high] {
        // Where few replications cannot tell the side, more do.
        let mut replications = few;
        while curve.at(x, replications)?.may_be_zero() && replications < all {
            replications = replications.saturating_mul(2).min(all);
        }
    }
    let ends = [low, high].map(|x| curve.known(x));
    if ends[0].g.signum() == ends[1].g.signum() {
        let [at_low, at_high] = ends.map(|point| (point.g + search.target, point.h));
        return Ok(Crossing::NotInRange { at_low, at_high, runs: curve.runs() });
    }
    let about = curve.narrow(few)?;
    curve.settle(about, few).map(Crossing::Found)
}

#[cfg(test)]
mod tests;
