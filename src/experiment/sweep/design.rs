//! Designs: the points that a sweep runs, and how its runs are counted and divided.
//!
//! Runs are numbered from 0: point by point, within a point policy by policy, within a policy replication by
//! replication. So one policy at one point is a stretch of runs next to each other, and the number of a run says all.

use super::axis::{Axis, Coordinate};
use std::ops::Range;

/// The points of a sweep: a coordinate on every axis each.
#[derive(Clone, Debug, PartialEq)]
pub struct Design {
    axes: usize,
    coordinates: Vec<Coordinate>,
    points: usize,
}

impl Design {
    /// Every value of each axis with every value of the others; the last axis moves fastest. `None` if an axis has no
    /// listed values or there are more than `most` points.
    pub(super) fn grid(axes: &[Axis], most: u64) -> Option<Self> {
        let lengths: Vec<usize> = axes.iter().map(Axis::listed).collect::<Option<_>>()?;
        let points = lengths.iter().try_fold(1_u64, |product, length| product.checked_mul(*length as u64))?;
        if points > most {
            return None;
        }
        let points = usize::try_from(points).ok()?;
        let mut coordinates = Vec::with_capacity(points * axes.len());
        for point in 0..points {
            let mut rest = point;
            let from = coordinates.len();
            for length in lengths.iter().rev() {
                coordinates.push(Coordinate::Listed(rest % length));
                rest /= length;
            }
            coordinates[from..].reverse();
        }
        Some(Self { axes: axes.len(), coordinates, points })
    }

    /// The points of a list: as many as each axis has listed values.
    pub(super) fn list(axes: &[Axis], points: usize) -> Self {
        let coordinates = (0..points).flat_map(|point| vec![Coordinate::Listed(point); axes.len()]).collect();
        Self { axes: axes.len(), coordinates, points }
    }

    /// These values of a single axis.
    pub(super) fn values(values: &[f64]) -> Self {
        Self { axes: 1, coordinates: values.iter().map(|x| Coordinate::Drawn(*x)).collect(), points: values.len() }
    }

    /// Points of the open unit cube, mapped by the axes' quantile functions.
    pub(super) fn sample(axes: &[Axis], cube: &[Vec<f64>]) -> Self {
        let coordinates = cube.iter().flat_map(|point| axes.iter().zip(point).map(|(axis, u)| axis.at(*u))).collect();
        Self { axes: axes.len(), coordinates, points: cube.len() }
    }

    /// Number of points.
    pub fn points(&self) -> usize {
        self.points
    }

    /// The coordinates of a point, axis by axis.
    pub fn point(&self, point: usize) -> &[Coordinate] {
        &self.coordinates[point * self.axes..(point + 1) * self.axes]
    }
}

/// What a run is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunOf {
    /// Position of its point.
    pub point: usize,
    /// Position of its policy.
    pub policy: usize,
    /// Number of its replication.
    pub replication: u32,
}

/// How the runs of a sweep are counted and cut into parts.
///
/// A part is a file: a stretch of runs that is kept whole or run again. Its length follows from the number of runs
/// alone, so that a sweep has the same parts whoever runs them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    points: u32,
    policies: u32,
    replications: u32,
}

/// Parts that a sweep is cut into, if it has as many runs.
const PARTS: u32 = 256;
/// Most runs of a part, so that a part is held in memory whatever the sweep.
const LONGEST_PART: u32 = 1024;

impl Plan {
    /// `None` if there are more runs than `u32` counts.
    pub fn new(points: usize, policies: usize, replications: u32) -> Option<Self> {
        let (points, policies) = (u32::try_from(points).ok()?, u32::try_from(policies).ok()?);
        points.checked_mul(policies)?.checked_mul(replications)?;
        Some(Self { points, policies, replications })
    }

    /// Number of runs.
    pub fn runs(self) -> u32 {
        self.points * self.policies * self.replications
    }

    /// What a run is of.
    pub fn run(self, run: u32) -> RunOf {
        let group = run / self.replications;
        let (point, policy) = (group / self.policies, group % self.policies);
        RunOf { point: point as usize, policy: policy as usize, replication: run % self.replications }
    }

    /// The first run of a policy at a point.
    pub fn first_run(self, point: usize, policy: usize) -> u32 {
        (point as u32 * self.policies + policy as u32) * self.replications
    }

    fn part_length(self) -> u32 {
        self.runs().div_ceil(PARTS).clamp(1, LONGEST_PART)
    }

    /// Number of parts.
    pub fn parts(self) -> u32 {
        self.runs().div_ceil(self.part_length())
    }

    /// The runs of a part.
    pub fn runs_of(self, part: u32) -> Range<u32> {
        let length = self.part_length();
        part * length..((part + 1) * length).min(self.runs())
    }

    /// The parts of slice `shard` of `shards`: every so manyth, so that the slices are about equally long.
    pub fn parts_of(self, shard: u32, shards: u32) -> Vec<u32> {
        (0..self.parts()).filter(|part| part % shards == shard).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_run_is_in_one_part_and_every_part_in_one_slice() {
        for (points, policies, replications) in [(1, 1, 1), (12, 1, 1), (7, 3, 5), (100, 2, 3), (60_000, 5, 1)] {
            let plan = Plan::new(points, policies, replications).unwrap();
            let runs: Vec<u32> = (0..plan.parts()).flat_map(|part| plan.runs_of(part)).collect();
            assert!(runs.iter().copied().eq(0..plan.runs()), "{plan:?}");
            for shards in [1, 2, 7] {
                let mut parts: Vec<u32> = (0..shards).flat_map(|shard| plan.parts_of(shard, shards)).collect();
                parts.sort_unstable();
                assert!(parts.into_iter().eq(0..plan.parts()), "{plan:?}");
            }
        }
        assert_eq!(Plan::new(1 << 20, 1 << 10, 1 << 3), None);
    }

    /// 7 points under 3 policies with 5 replications: run 52 is the 8th of point 3, so replication 2 of policy 1.
    #[test]
    fn the_number_of_a_run_says_what_it_is_of() {
        let plan = Plan::new(7, 3, 5).unwrap();
        assert_eq!(plan.run(52), RunOf { point: 3, policy: 1, replication: 2 });
        assert_eq!(plan.first_run(3, 1), 50);
    }
}
