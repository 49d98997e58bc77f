//! What the demand side asks of a random stream.

pub use crate::engine::Dice;

/// Midpoints of `n` equal slices of (0, 1) in random order (Fisher and Yates).
///
/// Stratified draws: each value of the sample stands for the same share of the distribution, so that a small sample
/// has the distribution's own mean and shape; only who gets which value is left to chance.
pub(super) fn shuffled_midpoints(n: usize, dice: &mut impl Dice) -> Vec<f64> {
    let mut midpoints: Vec<f64> = (0..n).map(|i| (i as f64 + 0.5) / n as f64).collect();
    for last in (1..n).rev() {
        let other = (dice.uniform() * (last + 1) as f64) as usize;
        midpoints.swap(last, other.min(last));
    }
    midpoints
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::demand::mini_market::dice;

    #[test]
    fn every_slice_is_used_once_in_an_order_that_depends_on_the_stream() {
        let mut midpoints = shuffled_midpoints(100, &mut dice("start-ups", "spend"));
        assert_ne!(midpoints, shuffled_midpoints(100, &mut dice("start-ups", "adoption")));
        assert!(midpoints.windows(2).any(|w| w[0] > w[1]));
        midpoints.sort_by(f64::total_cmp);
        for (i, midpoint) in midpoints.iter().enumerate() {
            assert!((midpoint - (i as f64 + 0.5) / 100.0).abs() < 1e-15);
        }
    }
}
