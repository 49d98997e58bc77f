//! Comparison of two scenarios that were run on common random numbers.
//!
//! With the same replications of both, the difference is taken replication by replication: `dᵢ = bᵢ − aᵢ`. What is
//! random in both alike cancels, so the interval of the mean difference is narrower than that of two independent
//! runs, by the factor `√variance_reduction`.
//!
//! Source: A. M. Law, *Simulation Modeling and Analysis*, 5th ed. (2015), §10.2.1 (paired-t) and §11.2 (common
//! random numbers). The interval supposes that the `dᵢ` are independent and not far from normal.

use super::statistics::welch::Welch;
use super::statistics::{mean, t_of_interval, variance};

/// Difference of two scenarios in one quantity, `other − base`, in the quantity's unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairedDifference {
    /// Number of replications that have a value in both.
    pub pairs: usize,
    /// Mean of the base over those replications.
    pub base_mean: f64,
    /// Mean of the other over those replications.
    pub other_mean: f64,
    /// Mean difference.
    pub mean: f64,
    /// How far the differences spread; `None` with a single pair.
    pub spread: Option<Spread>,
}

/// Spread of paired differences, from two pairs on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Sample standard deviation of the differences.
    pub sd: f64,
    /// Half-width of the 95 % Student-t interval of the mean difference.
    pub half_width: f64,
    /// Mean difference over its standard error; `None` if all differences are equal.
    pub t: Option<f64>,
    /// `(Var a + Var b) / Var(b − a)`: how many times more replications independent runs would need for the same
    /// interval; `None` if all differences are equal.
    pub variance_reduction: Option<f64>,
    /// Half-width of the 95 % interval that independent runs of as many replications would have, by Welch's t; 0 if
    /// neither scenario varies.
    pub independent_half_width: f64,
}

/// Compares `base` with `other` (replication and value, ascending) on the replications that both have.
/// Values that are not finite count as missing. `None` if no pair is left.
pub fn paired_difference(base: &[(u32, f64)], other: &[(u32, f64)]) -> Option<PairedDifference> {
    let pairs = common(base, other);
    if pairs.is_empty() {
        return None;
    }
    let column = |pick: fn(&(f64, f64)) -> f64| pairs.iter().map(pick).collect::<Vec<f64>>();
    let (a, b, d) = (column(|p| p.0), column(|p| p.1), column(|p| p.1 - p.0));
    Some(PairedDifference {
        pairs: pairs.len(),
        base_mean: mean(&a),
        other_mean: mean(&b),
        mean: mean(&d),
        spread: (pairs.len() > 1).then(|| spread(&a, &b, &d)),
    })
}

/// The differences `other − base` themselves, ascending, of the replications that [`paired_difference`] compares.
pub fn ascending_differences(base: &[(u32, f64)], other: &[(u32, f64)]) -> Vec<f64> {
    let mut differences: Vec<f64> = common(base, other).iter().map(|(a, b)| b - a).collect();
    differences.sort_by(f64::total_cmp);
    differences
}

fn common(base: &[(u32, f64)], other: &[(u32, f64)]) -> Vec<(f64, f64)> {
    let value_in_other = |replication: u32| {
        let place = other.binary_search_by_key(&replication, |(number, _)| *number).ok()?;
        Some(other[place].1)
    };
    base.iter()
        .filter_map(|(replication, a)| Some((*a, value_in_other(*replication)?)))
        .filter(|(a, b)| a.is_finite() && b.is_finite())
        .collect()
}

/// Relative error of a subtraction, with room for a mean over many.
const ROUNDING: f64 = 1e-14;

fn spread(a: &[f64], b: &[f64], d: &[f64]) -> Spread {
    let largest = a.iter().chain(b).fold(0.0, |largest: f64, value| largest.max(value.abs()));
    // Differences of equal steps spread by the rounding of their subtraction alone, which is no chance.
    let variance_of_d = if variance(d).sqrt() <= ROUNDING * largest { 0.0 } else { variance(d) };
    let error = (variance_of_d / d.len() as f64).sqrt();
    let differs = variance_of_d > 0.0;
    Spread {
        sd: variance_of_d.sqrt(),
        half_width: t_of_interval(d.len(), 0.95) * error,
        t: differs.then(|| mean(d) / error),
        variance_reduction: differs.then(|| (variance(a) + variance(b)) / variance_of_d),
        independent_half_width: Welch::new(b, a).map_or(0.0, |welch| welch.half_width(0.95)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_is_no_spread() {
        let base = numbered(&[0.1, 0.7, 1.3, 2.9]);
        let other: Vec<(u32, f64)> = base.iter().map(|(number, value)| (*number, value + 0.2)).collect();
        let spread = paired_difference(&base, &other).unwrap().spread.unwrap();
        assert_eq!((spread.sd, spread.half_width, spread.t, spread.variance_reduction), (0.0, 0.0, None, None));
    }

    /// The 0.975 quantile of Student's t with 50/17 degrees of freedom, from scipy 1.17.1.
    const T_50_17: f64 = 3.218758614532882;

    fn numbered(values: &[f64]) -> Vec<(u32, f64)> {
        (0..).zip(values.iter().copied()).collect()
    }

    fn close(actual: f64, expected: f64, relative: f64) {
        assert!((actual - expected).abs() <= relative * expected.abs(), "{actual} is not {expected}");
    }

    /// d = (1, 2, 3): mean 2, sd 1, standard error 1/√3, t = 2√3, t(2; 0.975) = 4.302653.
    /// Var a = Var (1, 2, 3) = 1, b = (2, 4, 6) with variance 4, so (1 + 4) / 1 = 5.
    #[test]
    fn three_pairs_by_hand() {
        let difference = paired_difference(&numbered(&[1.0, 2.0, 3.0]), &numbered(&[2.0, 4.0, 6.0])).unwrap();
        let spread = difference.spread.unwrap();
        assert_eq!((difference.pairs, difference.base_mean, difference.other_mean), (3, 2.0, 4.0));
        close(difference.mean, 2.0, 1e-15);
        close(spread.sd, 1.0, 1e-15);
        close(spread.half_width, 4.302_652_729_911_275 / 3f64.sqrt(), 1e-10);
        close(spread.t.unwrap(), 2.0 * 3f64.sqrt(), 1e-14);
        close(spread.variance_reduction.unwrap(), 5.0, 1e-14);
        // Unpaired: standard error √(5/3) with 50/17 degrees of freedom.
        close(spread.independent_half_width, T_50_17 * (5.0_f64 / 3.0).sqrt(), 1e-9);
    }

    /// Reference case computed with scipy 1.17.1 (`ttest_rel`): twelve pairs, system 1 less system 2.
    #[test]
    fn twelve_pairs_agree_with_scipy() {
        let one = [14.865, 8.025, 20.375, 13.222, 12.792, 3.557, 6.659, 17.254, 22.127, 7.588, 16.293, 2.753];
        let two = [13.608, 7.491, 17.682, 11.535, 11.896, 2.34, 3.806, 15.9, 20.695, 6.017, 15.978, 1.974];
        let difference = paired_difference(&numbered(&two), &numbered(&one)).unwrap();
        let spread = difference.spread.unwrap();
        close(difference.mean, 1.382_333_333_333_333_2, 1e-11);
        close(spread.sd * spread.sd, 0.592_258_060_606_060_9, 1e-10);
        close(spread.t.unwrap(), 6.222_256_550_557_027, 1e-9);
        close(difference.mean - spread.half_width, 0.893_363_595_707_470_6, 1e-9);
        close(difference.mean + spread.half_width, 1.871_303_070_959_195_8, 1e-9);
        close(spread.variance_reduction.unwrap(), 136.511_270_680_737_14, 1e-9);
    }

    /// Reference case of an interval of a mean (numpy, scipy 1.17.1): against a base of zeros, the differences are
    /// the data.
    #[test]
    fn the_interval_of_a_mean_agrees_with_scipy() {
        let data = [8.516, 9.589, 7.972, 12.515, 10.001, 11.456, 7.111, 8.068, 12.346, 9.637, 6.111, 9.752];
        let difference = paired_difference(&numbered(&[0.0; 12]), &numbered(&data)).unwrap();
        let spread = difference.spread.unwrap();
        close(difference.mean, 9.422_833_333_333_333, 1e-13);
        close(spread.sd * spread.sd, 3.984_720_151_515_151_4, 1e-12);
        close(spread.half_width, 1.268_309_964_238_881, 1e-10);
        close(spread.variance_reduction.unwrap(), 1.0, 1e-15);
    }

    #[test]
    fn only_replications_with_a_value_in_both_are_paired() {
        let base = [(0, 1.0), (1, 5.0), (2, f64::NAN), (4, 2.0)];
        let other = [(1, 6.0), (2, 9.0), (3, 1.0), (4, 5.0)];
        let difference = paired_difference(&base, &other).unwrap();
        assert_eq!((difference.pairs, difference.mean), (2, 2.0));
        assert_eq!(ascending_differences(&base, &other), [1.0, 3.0]);
        assert_eq!(paired_difference(&base[..1], &other), None);
    }

    #[test]
    fn one_pair_has_no_spread() {
        let difference = paired_difference(&[(0, 1.0)], &[(0, 3.0)]).unwrap();
        assert_eq!((difference.mean, difference.spread), (2.0, None));
    }

    #[test]
    fn equal_differences_leave_no_ratio() {
        let spread = paired_difference(&numbered(&[1.0, 2.0]), &numbered(&[3.0, 4.0])).unwrap().spread.unwrap();
        assert_eq!((spread.sd, spread.half_width, spread.t, spread.variance_reduction), (0.0, 0.0, None, None));
    }
}
