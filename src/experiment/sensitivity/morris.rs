//! Morris' elementary effects: a cheap screening of many factors.
//!
//! A trajectory is d + 1 points of a grid of p levels, each a step Δ in one coordinate from the one before. The elementary
//! effect of a factor is the change of the result over the signed step, `(y_after − y_before)/±Δ`, with coordinates in
//! [0, 1]. Over r trajectories, µ is the mean of a factor's effects, µ* the mean of their sizes, σ their sample standard
//! deviation: µ* ranks factors; σ beside it says that the effect depends on the others, or is curved.
//!
//! With p even, `Δ = p/(2(p − 1))` visits every level equally often. Start, directions and the order of the factors are drawn
//! for each trajectory. Sources: M. D. Morris, Technometrics 33 (1991) 161–174; F. Campolongo, J. Cariboni, A. Saltelli,
//! Environmental Modelling & Software 22 (2007) 1509–1518 (µ*).

use super::{Estimate, Resampling};
use crate::engine::Stream;
use crate::experiment::sampling::latin_hypercube::shuffle;
use crate::experiment::statistics::{mean, variance};

/// The points of `trajectory` over `d` factors on `levels` levels, each trajectory from a stream of its own.
///
/// # Panics
/// Unless `levels` is even and at least 2.
pub fn trajectory(seed: u64, trajectory: u64, d: usize, levels: u32) -> Vec<Vec<f64>> {
    assert!(levels >= 2 && levels.is_multiple_of(2), "Morris' steps need an even number of levels");
    let mut stream = Stream::named(seed, trajectory, "trajectory", "Morris");
    let half = levels / 2;
    // Places on the grid: from one of the lower half up, or from its counterpart down.
    let mut place: Vec<(u32, bool)> =
        (0..d).map(|_| (stream.below(u64::from(half)) as u32, stream.bernoulli(0.5))).collect();
    let mut order: Vec<usize> = (0..d).collect();
    shuffle(&mut order, &mut stream);
    let point = |place: &[(u32, bool)]| -> Vec<f64> {
        let value = |(low, up): &(u32, bool)| f64::from(if *up { *low } else { low + half }) / f64::from(levels - 1);
        place.iter().map(value).collect()
    };
    let mut points = vec![point(&place)];
    for factor in order {
        place[factor].1 = !place[factor].1;
        points.push(point(&place));
    }
    points
}

/// The elementary effects of one trajectory, by factor; `None` unless each factor is moved exactly once, alone.
pub fn effects(points: &[Vec<f64>], outcomes: &[f64]) -> Option<Vec<f64>> {
    let d = points.first()?.len();
    let mut effects = vec![None; d];
    for (points, outcomes) in points.windows(2).zip(outcomes.windows(2)) {
        let moved: Vec<usize> = (0..d).filter(|j| points[0][*j] != points[1][*j]).collect();
        let [factor] = moved[..] else { return None };
        let effect = (outcomes[1] - outcomes[0]) / (points[1][factor] - points[0][factor]);
        if effects[factor].replace(effect).is_some() {
            return None;
        }
    }
    effects.into_iter().collect()
}

/// What screening says of a factor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Screened {
    /// Mean effect µ.
    pub mean: Estimate,
    /// Mean size µ* of the effects.
    pub mean_size: Estimate,
    /// Sample standard deviation σ of the effects; NaN of one trajectory.
    pub deviation: f64,
}

/// Screens each factor by the effects of all trajectories, which are resampled for intervals of confidence `level`.
pub fn screen(effects: &[Vec<f64>], resampling: Resampling, level: f64) -> Vec<Screened> {
    let d = effects.first().map_or(0, Vec::len);
    let screened = |factor: usize| {
        let of_factor: Vec<f64> = effects.iter().map(|of_trajectory| of_trajectory[factor]).collect();
        let estimate = |of: fn(f64) -> f64| {
            let average = |places: &[usize]| mean(&places.iter().map(|k| of(of_factor[*k])).collect::<Vec<f64>>());
            Estimate::of(&resampling.of(of_factor.len(), &format!("factor {factor}"), average), level)
        };
        Screened { mean: estimate(|x| x), mean_size: estimate(f64::abs), deviation: variance(&of_factor).sqrt() }
    };
    (0..d).map(screened).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESAMPLING: Resampling = Resampling { resamples: 100, seed: 1 };

    /// Y = 3x₁ − 2x₂: each step of −½ or +½ gives the coefficient.
    #[test]
    fn effects_of_a_line_by_hand() {
        let points = [vec![0.5, 0.0], vec![0.0, 0.0], vec![0.0, 0.5]];
        assert_eq!(effects(&points, &[1.5, 0.0, -1.0]), Some(vec![3.0, -2.0]));
        assert_eq!(effects(&points[..2], &[1.5, 0.0]), None, "a factor was not moved");
        assert_eq!(effects(&[vec![0.5, 0.0], vec![0.0, 0.5]], &[0.0, 1.0]), None, "two were moved at once");
    }

    /// Effects 1 and −3: µ = −1, µ* = 2, σ = √8.
    #[test]
    fn opposite_effects_cancel_in_the_mean_and_not_in_the_size() {
        let screened = screen(&[vec![1.0], vec![-3.0]], RESAMPLING, 0.95);
        assert_eq!((screened[0].mean.value, screened[0].mean_size.value), (-1.0, 2.0));
        assert!((screened[0].deviation - 8.0_f64.sqrt()).abs() < 1e-15);
    }

    /// Four levels: steps of 2/3 between 0, 1/3, 2/3 and 1, each level visited by about every fourth point.
    #[test]
    fn trajectories_step_over_the_grid_and_visit_all_of_it() {
        let mut visits = [0; 4];
        for number in 0..300 {
            let points = trajectory(5, number, 6, 4);
            let outcomes: Vec<f64> = points.iter().map(|point| point.iter().sum()).collect();
            let effects = effects(&points, &outcomes).expect("each factor is moved once");
            assert!(effects.iter().all(|effect| (effect - 1.0).abs() < 1e-12), "{effects:?}");
            let steps =
                points.windows(2).map(|two| two[0].iter().zip(&two[1]).map(|(a, b)| (a - b).abs()).sum::<f64>());
            assert!(steps.into_iter().all(|step| (step - 2.0 / 3.0).abs() < 1e-12));
            points.iter().flatten().for_each(|x| visits[(x * 3.0).round() as usize] += 1);
        }
        let expected = 300.0 * 7.0 * 6.0 / 4.0;
        assert!(visits.iter().all(|count| (f64::from(*count) / expected - 1.0).abs() < 0.1), "{visits:?}");
    }

    #[test]
    fn a_trajectory_is_the_same_whatever_others_there_are() {
        assert_eq!(trajectory(1, 3, 4, 4), trajectory(1, 3, 4, 4));
        assert_ne!(trajectory(1, 3, 4, 4), trajectory(1, 4, 4, 4));
    }
}
