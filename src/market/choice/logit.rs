//! Logit and nested-logit shares with an outside option, safe against overflow.

/// Shares of a choice set and its value to the chooser.
#[derive(Clone, Debug, PartialEq)]
pub struct Shares {
    /// Share of each option, in the order of the utilities [1].
    pub inside: Vec<f64>,
    /// Share that chooses none of them [1].
    pub outside: f64,
    /// Expected utility of the best choice, up to Euler's constant [nats].
    pub inclusive_value: f64,
}

/// Softmax: `s_j = exp(v_j) / Σ_k exp(v_k)`.
///
/// v utilities [nats], of which minus infinity gives a share of 0.
///
/// # Panics
/// If no utility is above minus infinity: nothing could be chosen.
pub fn softmax(utilities: &[f64]) -> Vec<f64> {
    mnl_shares(utilities, f64::NEG_INFINITY).inside
}

/// Multinomial logit: `s_j = exp(V_j) / (exp(V_0) + Σ_k exp(V_k))`.
///
/// V utilities, V_0 the outside option's [nats]; either may be minus infinity. The largest is taken out before `exp`,
/// so that ±700 and more are no matter.
/// Source: D. McFadden (1974); K. Train, "Discrete Choice Methods with Simulation" (2009), chapter 3.
/// Limits: options are equally close substitutes; see [`nested_logit_shares`].
///
/// # Panics
/// If nothing can be chosen: every utility, the outside option's included, is minus infinity.
pub fn mnl_shares(utilities: &[f64], outside: f64) -> Shares {
    let top = highest(utilities.iter().copied(), outside);
    let weights: Vec<f64> = utilities.iter().map(|v| libm::exp(v - top)).collect();
    let outside_weight = libm::exp(outside - top);
    let total = outside_weight + weights.iter().sum::<f64>();
    Shares {
        inside: weights.iter().map(|w| w / total).collect(),
        outside: outside_weight / total,
        inclusive_value: top + libm::log(total),
    }
}

/// Nested logit: `s_j = exp(V_j/λ_g)/D_g · D_g^λ_g / (exp(V_0) + Σ_h D_h^λ_h)` with `D_g = Σ_{k∈g} exp(V_k/λ_g)`.
///
/// V utilities [nats] · g the nest of option j, `nest_of[j]` · λ_g dissimilarity of nest g in (0, 1] [1]; at 1 the nest
/// is no nest, towards 0 only its best option counts · V_0 the outside option's utility, alone in its nest [nats].
/// Source: D. McFadden (1978); K. Train (2009), chapter 4.
/// Limits: one level of nests.
///
/// # Panics
/// If a λ is outside (0, 1], a nest has no λ, or nothing can be chosen.
pub fn nested_logit_shares(utilities: &[f64], nest_of: &[usize], lambda: &[f64], outside: f64) -> Shares {
    assert_eq!(utilities.len(), nest_of.len(), "a nest for every option");
    assert!(lambda.iter().all(|l| *l > 0.0 && *l <= 1.0), "a dissimilarity outside (0, 1]: {lambda:?}");
    let mut best = vec![f64::NEG_INFINITY; lambda.len()];
    for (v, g) in utilities.iter().zip(nest_of) {
        best[*g] = best[*g].max(*v);
    }
    let within: Vec<f64> =
        utilities.iter().zip(nest_of).map(|(v, &g)| relative_weight(*v, best[g], lambda[g])).collect();
    let mut sums = vec![0.0; lambda.len()];
    for (w, g) in within.iter().zip(nest_of) {
        sums[*g] += w;
    }
    let values: Vec<f64> = (0..lambda.len()).map(|g| best[g] + lambda[g] * libm::log(sums[g])).collect();
    let nests = mnl_shares(&values, outside);
    let share = |(w, &g): (&f64, &usize)| if *w > 0.0 { nests.inside[g] * w / sums[g] } else { 0.0 };
    Shares { inside: within.iter().zip(nest_of).map(share).collect(), ..nests }
}

fn relative_weight(utility: f64, best: f64, lambda: f64) -> f64 {
    if utility == f64::NEG_INFINITY { 0.0 } else { libm::exp((utility - best) / lambda) }
}

fn highest(utilities: impl Iterator<Item = f64>, outside: f64) -> f64 {
    let top = utilities.fold(outside, f64::max);
    assert!(top > f64::NEG_INFINITY, "a choice among nothing");
    top
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(actual: &[f64], expected: &[f64]) {
        assert_eq!(actual.len(), expected.len());
        for (a, e) in actual.iter().zip(expected) {
            assert!((a - e).abs() <= 1e-12 * e.abs().max(1e-3), "{actual:?} is not {expected:?}");
        }
    }

    #[test]
    fn plain_logit_of_the_reference_case() {
        let shares = mnl_shares(&[1.2, 0.4, -0.3, 0.9], 0.0);
        close(&shares.inside, &[0.3683958291892809, 0.1655309163147245, 0.08220022036501784, 0.2729143426865691]);
        close(&[shares.outside, shares.inclusive_value], &[0.11095869144440768, 2.198597296083963]);
    }

    #[test]
    fn utilities_of_hundreds_do_not_overflow() {
        let shares = mnl_shares(&[750.0, 748.5, -900.0], 0.0);
        close(&shares.inside, &[0.8175744761936437, 0.18242552380635635, 0.0]);
        close(&[shares.inclusive_value], &[750.2014132779827]);
        let nested = nested_logit_shares(&[700.0, -700.0, 700.0], &[0, 0, 1], &[0.35, 0.5], -700.0);
        close(&nested.inside, &[0.5, 0.0, 0.5]);
    }

    #[test]
    fn nested_logit_of_the_reference_case() {
        let lambda = [1.0 - 0.35, 1.0 - 0.6];
        let shares = nested_logit_shares(&[1.0, 0.5, 0.8, -0.2, 0.3], &[0, 0, 1, 1, 1], &lambda, 0.0);
        let expected =
            [0.3396482967386458, 0.15738261702022938, 0.26319670760485725, 0.0216045013815594, 0.07540711924660047];
        close(&shares.inside, &expected);
        close(&[shares.outside, shares.inclusive_value], &[0.1427607580081077, 1.946585070706946]);
    }

    #[test]
    fn an_option_that_cannot_be_had_takes_nothing() {
        let shares = nested_logit_shares(&[0.0, f64::NEG_INFINITY], &[0, 1], &[0.5, 0.5], 0.0);
        close(&shares.inside, &[0.5, 0.0]);
        assert_eq!(softmax(&[f64::NEG_INFINITY, 3.0]), [0.0, 1.0]);
    }

    #[test]
    #[should_panic(expected = "a choice among nothing")]
    fn a_choice_among_nothing_is_a_fault() {
        softmax(&[f64::NEG_INFINITY]);
    }

    proptest! {
        #[test]
        fn shares_sum_to_one(v in prop::collection::vec(-700.0..700.0f64, 1..12), lambda in 0.1..=1.0f64) {
            let nest_of: Vec<usize> = (0..v.len()).map(|j| j % 3).collect();
            let shares = nested_logit_shares(&v, &nest_of, &[lambda; 3], 0.0);
            let sum = shares.inside.iter().sum::<f64>() + shares.outside;
            prop_assert!((sum - 1.0).abs() < 1e-12, "{sum}");
        }

        #[test]
        fn dissimilarity_one_is_plain_logit(v in prop::collection::vec(-5.0..5.0f64, 1..12)) {
            let nest_of: Vec<usize> = (0..v.len()).map(|j| j % 3).collect();
            close(&nested_logit_shares(&v, &nest_of, &[1.0; 3], 0.3).inside, &mnl_shares(&v, 0.3).inside);
        }
    }
}
