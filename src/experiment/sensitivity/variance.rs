//! Sobol' indices: which share of a result's variance each factor brings.
//!
//! Of a result Y with variance V, the first-order index of factor i is `S_i = Var(E[Y|x_i])/V`, what fixing i alone would
//! save, and the total index `T_i = E[Var(Y|x_{~i})]/V`, what would be left if all but i were fixed. Both are estimated from
//! two independent sets of N points, A and B, and for each factor from A with its coordinate taken from B, `AB_i`:
//!
//! - `S_i = 1/N Σ y_B (y_{AB_i} − y_A) / V` (Saltelli and others)
//! - `T_i = 1/(2N) Σ (y_A − y_{AB_i})² / V` (Jansen)
//!
//! V is the variance of all y_A and y_B together, with their number as divisor. The estimate of S_i moves if a constant is
//! added to Y, the more so the further Y is from 0, so that outcomes are first [`Outcomes::standardised`]. A factor may hold
//! several coordinates, which are then taken from B together: its first-order index holds what they do among themselves.
//!
//! Sources: I. M. Sobol', Mathematics and Computers in Simulation 55 (2001) 271–280; A. Saltelli and others, Computer Physics
//! Communications 181 (2010) 259–270, table 2 (b) and (f); M. J. W. Jansen, ibid. 117 (1999) 35–43. Factors are supposed
//! independent. With few points an estimate may be below 0 or above 1 by chance.

use super::{Estimate, Resampling};
use crate::experiment::statistics::mean;

/// The runs of a design over N pairs of points in the order in which they are numbered: pair by pair, the point of A, that
/// of B, then A with each factor taken from B.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Design {
    /// The coordinates of each factor.
    pub factors: Vec<Vec<usize>>,
}

impl Design {
    /// One coordinate for each of `d` factors.
    pub fn new(d: usize) -> Self {
        Self { factors: (0..d).map(|i| vec![i]).collect() }
    }

    /// Number of runs of a pair of points.
    pub fn runs_of_pair(&self) -> usize {
        self.factors.len() + 2
    }

    /// The points that are run for a pair, whose first half is the point of A and whose second half that of B.
    pub fn points(&self, pair: &[f64]) -> Vec<Vec<f64>> {
        let (a, b) = pair.split_at(pair.len() / 2);
        let swapped = self.factors.iter().map(|coordinates| {
            let mut point = a.to_vec();
            coordinates.iter().for_each(|i| point[*i] = b[*i]);
            point
        });
        [a.to_vec(), b.to_vec()].into_iter().chain(swapped).collect()
    }

    /// The outcomes of the runs, in the order of their points.
    ///
    /// # Panics
    /// Unless every pair is there with all its runs.
    pub fn outcomes(&self, of_runs: &[f64]) -> Outcomes {
        let width = self.runs_of_pair();
        assert!(of_runs.len().is_multiple_of(width) && !of_runs.is_empty(), "a pair of points has {width} runs");
        let column = |place: usize| of_runs.iter().skip(place).step_by(width).copied().collect::<Vec<f64>>();
        Outcomes { a: column(0), b: column(1), swapped: (2..width).map(column).collect() }
    }
}

/// Outcomes of a design, by pair of points.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcomes {
    /// At the points of A.
    pub a: Vec<f64>,
    /// At the points of B.
    pub b: Vec<f64>,
    /// For each factor, at the points of A with that factor taken from B.
    pub swapped: Vec<Vec<f64>>,
}

/// The indices of a factor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Index {
    /// First order.
    pub first: Estimate,
    /// Total.
    pub total: Estimate,
}

impl Outcomes {
    /// Centred, and over the standard deviation, of all outcomes together; equal outcomes become 0.
    pub fn standardised(&self) -> Self {
        let all: Vec<f64> = self.columns().flatten().copied().collect();
        let centre = mean(&all);
        let deviation = population_variance(all.iter().copied(), all.len()).sqrt();
        let scale = if deviation > 0.0 { 1.0 / deviation } else { 0.0 };
        let column = |values: &Vec<f64>| values.iter().map(|y| (y - centre) * scale).collect::<Vec<f64>>();
        Self { a: column(&self.a), b: column(&self.b), swapped: self.swapped.iter().map(column).collect() }
    }

    fn columns(&self) -> impl Iterator<Item = &Vec<f64>> {
        [&self.a, &self.b].into_iter().chain(&self.swapped)
    }

    /// Variance of the outcomes of A and B in these pairs.
    pub fn variance(&self, pairs: &[usize]) -> f64 {
        let values = pairs.iter().map(|k| self.a[*k]).chain(pairs.iter().map(|k| self.b[*k]));
        population_variance(values, 2 * pairs.len())
    }

    /// First-order index of a factor from these pairs; NaN if nothing varies.
    pub fn first(&self, factor: usize, pairs: &[usize]) -> f64 {
        let swapped = &self.swapped[factor];
        let sum: f64 = pairs.iter().map(|k| self.b[*k] * (swapped[*k] - self.a[*k])).sum();
        sum / pairs.len() as f64 / self.variance(pairs)
    }

    /// Total index of a factor from these pairs; NaN if nothing varies.
    pub fn total(&self, factor: usize, pairs: &[usize]) -> f64 {
        let square = |k: &usize| (self.a[*k] - self.swapped[factor][*k]) * (self.a[*k] - self.swapped[factor][*k]);
        pairs.iter().map(square).sum::<f64>() / (2 * pairs.len()) as f64 / self.variance(pairs)
    }

    /// The places of all pairs.
    pub fn pairs(&self) -> Vec<usize> {
        (0..self.a.len()).collect()
    }

    /// The indices of every factor with intervals of confidence `level`, pairs of points resampled. Take
    /// [`Outcomes::standardised`] before.
    pub fn indices(&self, resampling: Resampling, level: f64) -> Vec<Index> {
        let n = self.a.len();
        let index = |factor: usize| {
            let first = resampling.of(n, &format!("factor {factor}"), |pairs| self.first(factor, pairs));
            let total = resampling.of(n, &format!("factor {factor}"), |pairs| self.total(factor, pairs));
            Index { first: Estimate::of(&first, level), total: Estimate::of(&total, level) }
        };
        (0..self.swapped.len()).map(index).collect()
    }
}

/// With the number of values as divisor, about the mean first.
fn population_variance(values: impl Iterator<Item = f64> + Clone, n: usize) -> f64 {
    let centre = values.clone().sum::<f64>() / n as f64;
    values.map(|y| (y - centre) * (y - centre)).sum::<f64>() / n as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::sampling::sobol::Sobol;

    fn outcomes(design: &Design, d: usize, n: u64, of: impl Fn(&[f64]) -> f64) -> Outcomes {
        let sobol = Sobol::new(2 * d);
        let runs: Vec<f64> = (0..n).flat_map(|k| design.points(&sobol.point(k))).map(|point| of(&point)).collect();
        design.outcomes(&runs).standardised()
    }

    #[test]
    fn a_factor_is_taken_from_the_second_half() {
        let design = Design { factors: vec![vec![0], vec![1, 2]] };
        let points = design.points(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(points, [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [4.0, 2.0, 3.0], [1.0, 5.0, 6.0]]);
    }

    /// Two pairs of Y = x: a = 0, 1; b = 1, 0; AB = 1, 0. V = ¼, S = ½(1·1 + 0)/¼ = 2, T = ¼(1 + 1)/¼ = 2.
    #[test]
    fn the_estimators_by_hand() {
        let outcomes = Design::new(1).outcomes(&[0.0, 1.0, 1.0, 1.0, 0.0, 0.0]);
        let pairs = outcomes.pairs();
        assert_eq!((outcomes.variance(&pairs), outcomes.first(0, &pairs), outcomes.total(0, &pairs)), (0.25, 2.0, 2.0));
    }

    /// Y = x₁ + 2x₂ + x₁'x₂' with x' = x − ½: V = 1/12 + 4/12 + 1/144, S = 12/61, 48/61, T = 13/61, 49/61; x₃ does nothing.
    #[test]
    fn shares_of_a_sum_and_a_product() {
        let of = |x: &[f64]| x[0] + 2.0 * x[1] + (x[0] - 0.5) * (x[1] - 0.5);
        let indices = outcomes(&Design::new(3), 3, 4_096, of).indices(Resampling { resamples: 200, seed: 1 }, 0.95);
        for (index, (first, total)) in indices.iter().zip([(12.0, 13.0), (48.0, 49.0), (0.0, 0.0)]) {
            let (first, total) = (first / 61.0, total / 61.0);
            assert!((index.first.value - first).abs() < 1e-3 && (index.total.value - total).abs() < 1e-3, "{index:?}");
            let holds = |estimate: Estimate, x: f64| estimate.interval.0 <= x + 1e-3 && x - 1e-3 <= estimate.interval.1;
            assert!(holds(index.first, first) && holds(index.total, total), "{index:?}");
        }
        assert_eq!((indices[2].total.value, indices[2].total.standard_error), (0.0, 0.0));
    }

    /// Both factors of the product together hold all of it: S of the pair is 1.
    #[test]
    fn factors_taken_together_hold_what_they_do_together() {
        let both = Design { factors: vec![vec![0, 1]] };
        let outcomes = outcomes(&both, 2, 4_096, |x| (x[0] - 0.5) * (x[1] - 0.5));
        assert!((outcomes.first(0, &outcomes.pairs()) - 1.0).abs() < 0.02);
    }

    #[test]
    fn a_constant_does_not_move_standardised_indices() {
        let near = outcomes(&Design::new(2), 2, 64, |x| x[0] * x[1]);
        let far = outcomes(&Design::new(2), 2, 64, |x| x[0] * x[1] + 1_000.0);
        assert!((near.first(0, &near.pairs()) - far.first(0, &far.pairs())).abs() < 1e-9);
    }
}
