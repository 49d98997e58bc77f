//! How much of a result's spread is due to assumptions, and how much to chance.
//!
//! Every point p of a design of P is run on the same R replications: `y_pr = µ + α_p + β_r + ε_pr`. By the law of total
//! variance `Var(Y) = Var(E[Y|p]) + E[Var(Y|p)]`: the variance of α is due to assumptions; what is left to chance is the
//! variance of β, luck that is the same whatever is assumed, and of ε, luck that assumptions magnify or mute. From the mean
//! squares of points, replications and the rest,
//!
//! `σ²_ε = MS_ε`, `σ²_α = (MS_α − MS_ε)/R`, `σ²_β = (MS_β − MS_ε)/P`.
//!
//! An estimate below 0, which is chance, counts as 0. In a design of Sobol' indices chance may as well be a factor among the
//! others: [`replication_of`] turns its coordinate into a replication.
//!
//! Source: S. R. Searle, G. Casella, C. E. McCulloch, *Variance Components* (1992), §4.3 (two-way crossed, random effects).

use crate::experiment::statistics::mean;

/// The replication among `replications` that a coordinate of the unit cube stands for, each for an equal part of it.
pub fn replication_of(coordinate: f64, replications: u32) -> u32 {
    ((coordinate * f64::from(replications)) as u32).min(replications - 1)
}

/// Components of a variance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Components {
    /// Due to assumptions.
    pub assumptions: f64,
    /// Due to luck that is the same whatever is assumed.
    pub chance: f64,
    /// Due to luck that depends on what is assumed.
    pub both: f64,
}

impl Components {
    /// Of outcomes by point, each with all replications in one order; `None` with fewer than two of either, or a hole.
    pub fn of(points: &[Vec<f64>]) -> Option<Self> {
        let (p, r) = (points.len(), points.first()?.len());
        if p < 2 || r < 2 || points.iter().any(|point| point.len() != r || point.iter().any(|y| !y.is_finite())) {
            return None;
        }
        let of_points: Vec<f64> = points.iter().map(|point| mean(point)).collect();
        let of_replications: Vec<f64> =
            (0..r).map(|k| points.iter().map(|point| point[k]).sum::<f64>() / p as f64).collect();
        let centre = mean(&of_points);
        let squares = |means: &[f64]| means.iter().map(|m| (m - centre) * (m - centre)).sum::<f64>();
        let rest = |i: usize, k: usize| points[i][k] - of_points[i] - of_replications[k] + centre;
        let squares_of_rest: f64 = (0..p).flat_map(|i| (0..r).map(move |k| rest(i, k) * rest(i, k))).sum();
        let both = squares_of_rest / ((p - 1) * (r - 1)) as f64;
        Some(Self {
            assumptions: (squares(&of_points) / (p - 1) as f64 - both / r as f64).max(0.0),
            chance: (squares(&of_replications) / (r - 1) as f64 - both / p as f64).max(0.0),
            both,
        })
    }

    /// The variance in all.
    pub fn total(self) -> f64 {
        self.assumptions + self.chance + self.both
    }

    /// The share due to assumptions; the rest is chance. NaN if nothing varies.
    pub fn share_of_assumptions(self) -> f64 {
        self.assumptions / self.total()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Stream;

    /// Points add 0 and 2, replications 0 and 1, nothing else: variances 2 and ½, and no rest.
    #[test]
    fn sums_without_a_rest_by_hand() {
        let found = Components::of(&[vec![0.0, 1.0], vec![2.0, 3.0]]).unwrap();
        assert_eq!(found, Components { assumptions: 2.0, chance: 0.5, both: 0.0 });
        assert_eq!(found.share_of_assumptions(), 0.8);
    }

    /// 0, 2 and 2, 0: all means are 1, the rest is ∓1, of one degree of freedom MS = 4; the others would be −2.
    #[test]
    fn luck_that_turns_with_the_assumption_is_of_both() {
        let found = Components::of(&[vec![0.0, 2.0], vec![2.0, 0.0]]).unwrap();
        assert_eq!(found, Components { assumptions: 0.0, chance: 0.0, both: 4.0 });
    }

    /// Standard deviations 3, 2 and 1 of assumptions, chance and both.
    #[test]
    fn known_variances_are_found() {
        let draws = |what: &str, n: usize, sd: f64| -> Vec<f64> {
            let mut stream = Stream::named(3, 0, what, "test");
            (0..n).map(|_| sd * stream.normal()).collect()
        };
        let (points, luck, rest) = (draws("points", 400, 3.0), draws("luck", 400, 2.0), draws("rest", 160_000, 1.0));
        let outcomes: Vec<Vec<f64>> =
            (0..400).map(|i| (0..400).map(|k| points[i] + luck[k] + rest[400 * i + k]).collect()).collect();
        let found = Components::of(&outcomes).unwrap();
        for (found, expected) in [(found.assumptions, 9.0), (found.chance, 4.0), (found.both, 1.0)] {
            // Of 400 draws a variance is known to √(2/400) = 7 %; three of these.
            assert!((found / expected - 1.0_f64).abs() < 0.21, "{found} is not {expected}");
        }
    }

    #[test]
    fn holes_are_refused_and_coordinates_become_replications() {
        assert_eq!(Components::of(&[vec![1.0, f64::NAN], vec![1.0, 2.0]]), None);
        assert_eq!(Components::of(&[vec![1.0, 2.0], vec![1.0]]), None);
        assert_eq!([0.0, 0.49, 0.5, 1.0].map(|u| replication_of(u, 2)), [0, 0, 1, 1]);
    }
}
