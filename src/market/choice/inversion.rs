//! Utilities from shares: closed forms for the plain and the nested logit, a contraction for anything else.
//!
//! *Why two ways?* The closed forms hold where all choosers have one taste. Where segments differ, or where homes and
//! current options do, shares are averages and have no inverse to write down; but the taste offsets ξ that give them are
//! unique, and the contraction finds them.

use std::fmt;

/// Why shares have no utilities.
#[derive(Clone, Debug, PartialEq)]
pub enum InversionError {
    /// Another list has another length than the shares.
    Lengths,
    /// A share is not a number above 0.
    NotPositive {
        /// Place of the option.
        option: usize,
        /// The share [1].
        share: f64,
    },
    /// The shares leave nothing outside; this is their sum [1].
    NothingOutside(f64),
    /// A dissimilarity that an option needs is missing or outside (0, 1].
    Dissimilarity {
        /// Place of the option.
        option: usize,
    },
    /// The start of an offset is not a finite number.
    Start {
        /// Place of the option.
        option: usize,
    },
    /// The share function gives an option nothing, or no number, so that no step can be told.
    NothingChosen {
        /// Place of the option.
        option: usize,
    },
}

impl fmt::Display for InversionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lengths => write!(f, "the lists of options are of different lengths"),
            Self::NotPositive { option, share } => write!(f, "the share of option {option} is {share}, not above 0"),
            Self::NothingOutside(sum) => write!(f, "the shares sum to {sum}, which leaves no outside option"),
            Self::Dissimilarity { option } => write!(f, "option {option} has no dissimilarity within (0, 1]"),
            Self::Start { option } => write!(f, "the offset of option {option} does not start at a finite number"),
            Self::NothingChosen { option } => write!(f, "nobody would choose option {option}, whatever its offset"),
        }
    }
}

impl std::error::Error for InversionError {}

/// Utilities of a plain logit from shares: `V_j = V_0 + ln s_j − ln s_0` with `s_0 = 1 − Σ_k s_k`.
///
/// s shares [1] · V utilities, V_0 = `outside` the outside option's [nats].
/// Source: S. Berry, RAND Journal of Economics 25 (1994), 242–262.
/// Limits: as exact as s_0, which loses digits where the shares come close to 1.
///
/// # Errors
/// If a share is not above 0 or nothing is left outside.
pub fn mnl_utilities(shares: &[f64], outside: f64) -> Result<Vec<f64>, InversionError> {
    let outside_share = what_is_left(shares)?;
    let base = outside - libm::log(outside_share);
    Ok(shares.iter().map(|share| base + libm::log(*share)).collect())
}

/// Utilities of a nested logit from shares: `V_j = V_0 + ln s_j − (1 − λ_g) ln s_{j|g} − ln s_0`.
///
/// s shares [1] · s_{j|g} = s_j / S_g share within the nest g = `nest_of[j]`, S_g the nest's [1] · λ_g dissimilarity [1]
/// · V utilities, V_0 = `outside` [nats]. The inverse of [`super::logit::nested_logit_shares`].
/// Source: S. Berry (1994), where 1 − λ is called σ.
/// Limits: as of [`mnl_utilities`].
///
/// # Errors
/// If a share is not above 0, nothing is left outside, or an option's nest has no λ within (0, 1].
pub fn nested_logit_utilities(
    shares: &[f64],
    nest_of: &[usize],
    lambda: &[f64],
    outside: f64,
) -> Result<Vec<f64>, InversionError> {
    if nest_of.len() != shares.len() {
        return Err(InversionError::Lengths);
    }
    let fit = |nest: &usize| lambda.get(*nest).is_some_and(|l| *l > 0.0 && *l <= 1.0);
    if let Some(option) = nest_of.iter().position(|nest| !fit(nest)) {
        return Err(InversionError::Dissimilarity { option });
    }
    let base = outside - libm::log(what_is_left(shares)?);
    let mut nests = vec![0.0; lambda.len()];
    for (share, nest) in shares.iter().zip(nest_of) {
        nests[*nest] += share;
    }
    let utility = |(share, &nest): (&f64, &usize)| {
        base + libm::log(*share) - (1.0 - lambda[nest]) * libm::log(share / nests[nest])
    };
    Ok(shares.iter().zip(nest_of).map(utility).collect())
}

/// `1 − Σ_j s_j`, if every share is above 0 and so is this.
///
/// Summed from 1 downwards with the rounding of each step kept (Neumaier), since few digits are left of it.
fn what_is_left(shares: &[f64]) -> Result<f64, InversionError> {
    if let Some(option) = shares.iter().position(|share| !(share.is_finite() && *share > 0.0)) {
        return Err(InversionError::NotPositive { option, share: shares[option] });
    }
    let (mut left, mut lost) = (1.0_f64, 0.0);
    for share in shares {
        let next = left - share;
        lost += if left.abs() >= *share { (left - next) - share } else { left - (share + next) };
        left = next;
    }
    let left = left + lost;
    if left > 0.0 { Ok(left) } else { Err(InversionError::NothingOutside(shares.iter().sum())) }
}

/// How a contraction is run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contraction {
    /// κ, part of each step that is taken, in (0, 1]; λ for a nested logit, 1 for plain ones [1].
    pub damping: f64,
    /// Largest difference of logarithms of shares that is left [1].
    pub tolerance: f64,
    /// Most evaluations of the shares.
    pub most_iterations: usize,
}

impl Default for Contraction {
    fn default() -> Self {
        Self { damping: 1.0, tolerance: 1e-12, most_iterations: 10_000 }
    }
}

/// Taste offsets, and how well they give the shares.
#[derive(Clone, Debug, PartialEq)]
pub struct Offsets {
    /// ξ of each option [nats].
    pub xi: Vec<f64>,
    /// Largest `|ln s*_j − ln s_j(ξ)|` at these offsets [1].
    pub residual: f64,
    /// Evaluations of the shares.
    pub iterations: usize,
    /// Whether the residual is within the tolerance. If not, the offsets are where it ended and no solution.
    pub converged: bool,
}

/// Taste offsets that give target shares: `ξ' = ξ + κ (ln s* − ln s(ξ))` until nothing moves.
///
/// ξ offsets [nats] · s* target shares, s(ξ) shares at the offsets, each without the outside option's [1] · κ damping
/// [1]. `shares` writes s(ξ) for the offsets it is given.
/// Source: S. Berry, J. Levinsohn, A. Pakes, Econometrica 63 (1995), 841–890, for mixtures of logits with κ = 1; for
/// nested logits κ ≤ λ (R. Brenkers, F. Verboven, Journal of the European Economic Association 4 (2006), 216–251).
/// Limits: the error shrinks by a factor near 1 − s_0 an iteration, slowly where hardly anybody stays outside.
///
/// # Errors
/// If targets are no shares, a start is not finite, or the function gives an option nothing: no offset reaches an option
/// that is barred.
pub fn solve_offsets(
    target: &[f64],
    start: &[f64],
    run: Contraction,
    mut shares: impl FnMut(&[f64], &mut [f64]),
) -> Result<Offsets, InversionError> {
    if start.len() != target.len() {
        return Err(InversionError::Lengths);
    }
    what_is_left(target)?;
    if let Some(option) = start.iter().position(|xi| !xi.is_finite()) {
        return Err(InversionError::Start { option });
    }
    let mut found = Offsets { xi: start.to_vec(), residual: f64::INFINITY, iterations: 0, converged: false };
    let mut given = vec![0.0; target.len()];
    let mut gaps = vec![0.0; target.len()];
    while found.iterations < run.most_iterations {
        shares(&found.xi, &mut given);
        found.iterations += 1;
        if let Some(option) = given.iter().position(|share| !(share.is_finite() && *share > 0.0)) {
            return Err(InversionError::NothingChosen { option });
        }
        for (gap, (wanted, share)) in gaps.iter_mut().zip(target.iter().zip(&given)) {
            *gap = libm::log(*wanted) - libm::log(*share);
        }
        found.residual = gaps.iter().fold(0.0, |most: f64, gap| most.max(gap.abs()));
        found.converged = found.residual <= run.tolerance;
        if found.converged {
            break;
        }
        // The last offsets are those that the residual belongs to.
        if found.iterations < run.most_iterations {
            found.xi.iter_mut().zip(&gaps).for_each(|(xi, gap)| *xi += run.damping * gap);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::choice::logit::{mnl_shares, nested_logit_shares};
    use proptest::prelude::*;

    fn close(actual: &[f64], expected: &[f64], tolerance: f64) {
        assert_eq!(actual.len(), expected.len());
        for (a, e) in actual.iter().zip(expected) {
            assert!((a - e).abs() <= tolerance, "{actual:?} is not {expected:?}");
        }
    }

    #[test]
    fn plain_shares_by_hand() {
        // s_0 = 0.5: V = ln(0.3/0.5), ln(0.2/0.5), over an outside option worth 1.
        let expected = [1.0 + libm::log(0.6), 1.0 + libm::log(0.4)];
        close(&mnl_utilities(&[0.3, 0.2], 1.0).unwrap(), &expected, 1e-15);
    }

    #[test]
    fn nested_shares_by_hand() {
        // One nest of 0.3 and 0.1, λ = 0.5, s_0 = 0.6: V_1 = ln 0.3 − 0.5 ln 0.75 − ln 0.6 = ln(0.5/√0.75).
        let found = nested_logit_utilities(&[0.3, 0.1], &[0, 0], &[0.5], 0.0).unwrap();
        close(&found, &[libm::log(0.5 / 0.75_f64.sqrt()), libm::log(1.0 / 6.0 / 0.25_f64.sqrt())], 1e-15);
    }

    #[test]
    fn what_are_no_shares_is_refused() {
        let told = |shares: &[f64]| mnl_utilities(shares, 0.0).unwrap_err().to_string();
        assert_eq!(told(&[0.3, 0.0]), "the share of option 1 is 0, not above 0");
        assert_eq!(told(&[-0.1]), "the share of option 0 is -0.1, not above 0");
        assert_eq!(told(&[0.5, 0.5]), "the shares sum to 1, which leaves no outside option");
        assert_eq!(told(&[0.5, f64::NAN]), "the share of option 1 is NaN, not above 0");
        let nested = |nests: &[usize], lambda: &[f64]| nested_logit_utilities(&[0.3, 0.2], nests, lambda, 0.0);
        assert_eq!(nested(&[0], &[0.5]), Err(InversionError::Lengths));
        assert_eq!(nested(&[0, 1], &[0.5]), Err(InversionError::Dissimilarity { option: 1 }));
        assert_eq!(nested(&[0, 1], &[0.5, 0.0]), Err(InversionError::Dissimilarity { option: 1 }));
    }

    #[test]
    fn few_digits_outside_are_kept() {
        // Ten shares whose plain sum is off by more than what is left.
        let shares = [0.1; 9].iter().copied().chain([0.1 - 1e-15]).collect::<Vec<f64>>();
        let left = what_is_left(&shares).unwrap();
        assert!((left - 1e-15).abs() < 1e-16, "{left}");
    }

    /// Two segments that weigh quality differently: a mixture that has no closed inverse.
    fn two_tastes(xi: &[f64], out: &mut [f64]) {
        out.fill(0.0);
        for (weight, taste) in [(0.3, 0.4), (0.7, 2.0)] {
            let utilities: Vec<f64> = xi.iter().enumerate().map(|(j, xi)| taste * (j as f64 - 1.0) + xi).collect();
            let shares = mnl_shares(&utilities, 0.0);
            out.iter_mut().zip(&shares.inside).for_each(|(o, share)| *o += weight * share);
        }
    }

    #[test]
    fn offsets_of_a_mixture_are_found_again() {
        let (truth, mut target) = ([0.4, -0.3, -1.1], [0.0; 3]);
        two_tastes(&truth, &mut target);
        let found = solve_offsets(&target, &[0.0; 3], Contraction::default(), two_tastes).unwrap();
        assert!(found.converged && found.residual <= 1e-12 && found.iterations > 5, "{found:?}");
        close(&found.xi, &truth, 1e-10);
    }

    #[test]
    fn what_has_not_converged_says_so() {
        let few = Contraction { most_iterations: 3, ..Contraction::default() };
        let found = solve_offsets(&[0.3, 0.3, 0.3], &[0.0; 3], few, two_tastes).unwrap();
        assert!(!found.converged && found.residual > 1e-3 && found.iterations == 3, "{found:?}");
        let barred = solve_offsets(&[0.3, 0.3], &[0.0; 2], few, |_, out| out.copy_from_slice(&[0.5, 0.0]));
        assert_eq!(barred, Err(InversionError::NothingChosen { option: 1 }));
    }

    fn markets() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
        (prop::collection::vec(-5.0..5.0f64, 1..12), prop::collection::vec(0.1..=1.0f64, 3))
    }

    proptest! {
        #[test]
        fn inversion_and_shares_undo_each_other((v, lambda) in markets(), outside in -2.0..2.0f64) {
            let nest_of: Vec<usize> = (0..v.len()).map(|j| j % 3).collect();
            let shares = nested_logit_shares(&v, &nest_of, &lambda, outside);
            // A share of 1e-20 is exact to 16 digits, but s_0 = 1 − Σs only to 1e-16 in all.
            prop_assume!(shares.outside > 1e-4);
            let back = nested_logit_utilities(&shares.inside, &nest_of, &lambda, outside).unwrap();
            close(&back, &v, 1e-11);
        }

        #[test]
        fn the_contraction_finds_what_the_closed_form_does((v, lambda) in markets()) {
            let nest_of: Vec<usize> = (0..v.len()).map(|j| j % 3).collect();
            let shares = nested_logit_shares(&v, &nest_of, &lambda, 4.0);
            let closed = nested_logit_utilities(&shares.inside, &nest_of, &lambda, 4.0).unwrap();
            let least = lambda.iter().copied().fold(1.0, f64::min);
            let run = Contraction { damping: least, tolerance: 1e-11, most_iterations: 200_000 };
            let found = solve_offsets(&shares.inside, &vec![0.0; v.len()], run, |xi, out| {
                out.copy_from_slice(&nested_logit_shares(xi, &nest_of, &lambda, 4.0).inside);
            }).unwrap();
            prop_assert!(found.converged);
            close(&found.xi, &closed, 1e-6);
        }
    }
}
