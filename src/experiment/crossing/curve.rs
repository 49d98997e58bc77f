//! The points of a search, and the steps from one to the next.

use super::Search;
use super::point::{Ends, Point};
use std::collections::BTreeMap;
use std::ops::Range;

/// Steps after which a search ends, wherever it is: halving a range so often leaves nothing of it.
pub(super) const MOST_STEPS: usize = 60;
pub(super) struct Curve<'a, F> {
    pub(super) search: &'a Search,
    run: F,
    /// Outcomes by the bits of the input, which ascend with it as [`key`] makes them.
    points: BTreeMap<i64, Vec<f64>>,
    runs: u64,
}

/// Ascends with `x`.
pub(super) fn key(x: f64) -> i64 {
    let bits = (x + 0.0).to_bits() as i64;
    bits ^ ((bits >> 63) as u64 >> 1) as i64
}

/// The input of a [`key`].
pub(super) fn input(key: i64) -> f64 {
    f64::from_bits((key ^ ((key >> 63) as u64 >> 1) as i64) as u64)
}

impl<'a, E, F: FnMut(f64, Range<u32>) -> Result<Vec<f64>, E>> Curve<'a, F> {
    pub(super) fn new(search: &'a Search, run: F) -> Self {
        Self { search, run, points: BTreeMap::new(), runs: 0 }
    }

    /// Replications that were run.
    pub(super) fn runs(&self) -> u64 {
        self.runs
    }

    /// What `replications` say of `x`, of which those that are missing are run.
    pub(super) fn at(&mut self, x: f64, replications: u32) -> Result<Point, E> {
        let outcomes = self.points.entry(key(x)).or_default();
        let there = outcomes.len() as u32;
        if there < replications {
            outcomes.extend((self.run)(x, there..replications)?);
            self.runs += u64::from(replications - there);
        }
        Ok(self.known(x))
    }

    /// What is known of a point that was run.
    pub(super) fn known(&self, x: f64) -> Point {
        Point::alone((x, self.search.target, self.search.level), self.outcomes(x))
    }

    /// The outcomes of a point that was run.
    pub(super) fn outcomes(&self, x: f64) -> &[f64] {
        &self.points[&key(x)]
    }

    pub(super) fn every(&self) -> Vec<Point> {
        self.points.keys().map(|key| self.known(input(*key))).collect()
    }

    /// Least distance that is looked into.
    pub(super) fn least(&self) -> f64 {
        self.search.resolution * (self.search.range.1 - self.search.range.0)
    }

    /// Narrows the crossing down on a few replications until they know no better; where it is about.
    pub(super) fn narrow(&mut self, few: u32) -> Result<f64, E> {
        let (low, high) = self.search.range;
        let mut ends = Ends::new(self.known(low), self.known(high));
        for _ in 0..MOST_STEPS {
            let known = ends.a.may_be_zero() || ends.b.may_be_zero();
            if ends.width() <= self.least() || known && ends.width() <= 2.0 * ends.half_width() {
                break;
            }
            let point = self.at(ends.next(), few)?;
            ends.replace(point);
        }
        Ok(ends.straight())
    }

    /// Rise of the outcome over the nearest points around `x` with zero between them, without its sign.
    pub(super) fn slope(&self, x: f64) -> f64 {
        let points = self.every();
        let (first, last) = (points[0], points[points.len() - 1]);
        let below = points.iter().rev().find(|point| point.x < x && point.g.signum() == first.g.signum());
        let above = points.iter().find(|point| point.x > x && point.g.signum() == last.g.signum());
        let (a, b) = (below.unwrap_or(&first), above.unwrap_or(&last));
        ((b.g - a.g) / (b.x - a.x)).abs()
    }
}
