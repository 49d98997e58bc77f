//! Several tests at once: p-values adjusted so that the smallest of many is not taken for a finding.
//!
//! Holm: of m p-values in ascending order the k-th, from 0, becomes `max over j ≤ k of min(1, (m − j)·p₍ⱼ₎)`. Rejecting
//! those of at most α errs anywhere with probability at most α, whatever the dependence. Benjamini and Hochberg:
//! `min over j ≥ k of p₍ⱼ₎·m/(j + 1)`; of what is rejected a share of at most α is false on average, if the tests are
//! independent or depend positively. Sources: S. Holm, Scandinavian Journal of Statistics 6 (1979) 65–70; Y. Benjamini,
//! Y. Hochberg, Journal of the Royal Statistical Society B 57 (1995) 289–300.

/// `p` as if it were the smallest of `tests`: `min(1, p·tests)`, after Bonferroni.
pub fn bonferroni(p: f64, tests: usize) -> f64 {
    (p * tests as f64).min(1.0)
}

/// Holm's adjusted p-values, in the order given.
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let m = p_values.len();
    let mut largest: f64 = 0.0;
    adjusted(p_values, (0..m).map(|k| (k, m - k)), |p, weight| {
        largest = largest.max(bonferroni(p, weight));
        largest
    })
}

/// The adjusted p-values of Benjamini and Hochberg, in the order given.
pub fn benjamini_hochberg(p_values: &[f64]) -> Vec<f64> {
    let m = p_values.len();
    let mut least: f64 = 1.0;
    adjusted(p_values, (0..m).rev().map(|k| (k, k + 1)), |p, rank| {
        least = least.min(p * m as f64 / rank as f64);
        least
    })
}

/// Steps through the p-values by their places in ascending order, each with a number, and puts what `step` makes of both
/// where the p-value stood.
fn adjusted(
    p_values: &[f64],
    steps: impl Iterator<Item = (usize, usize)>,
    mut step: impl FnMut(f64, usize) -> f64,
) -> Vec<f64> {
    let mut ascending: Vec<usize> = (0..p_values.len()).collect();
    ascending.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    let mut adjusted = vec![f64::NAN; p_values.len()];
    for (place, number) in steps {
        adjusted[ascending[place]] = step(p_values[ascending[place]], number);
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ascending 0.01, 0.02, 0.3: Holm 3·0.01, 2·0.02, 1·0.3; Benjamini and Hochberg 0.3·3/3, 0.02·3/2, 0.01·3/1.
    #[test]
    fn three_by_hand() {
        assert_eq!(holm(&[0.3, 0.01, 0.02]), [0.3, 0.03, 0.04]);
        assert_eq!(benjamini_hochberg(&[0.3, 0.01, 0.02]), [0.3, 0.03, 0.03]);
    }

    /// 0.02·1 after 0.015·2 stays at 0.03; nothing goes above 1.
    #[test]
    fn adjusted_values_keep_their_order_and_stay_probabilities() {
        assert_eq!(holm(&[0.02, 0.015]), [0.03, 0.03]);
        assert_eq!(holm(&[0.9, 0.8]), [1.0, 1.0]);
        assert_eq!(holm(&[]), [0.0; 0]);
    }
}
