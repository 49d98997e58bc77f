//! Queueing delay of requests on a busy pool of replicas.

/// Probability that an arrival waits in M/M/c (Erlang C).
///
/// `C = B / (1 − ρ·(1 − B))`, with Erlang B by the recursion `B(n) = a·B(n−1) / (n + a·B(n−1))`, `B(0) = 1`,
/// a = c·ρ the offered load [erlang], ρ the utilisation [1], c the number of replicas.
/// Source: A. K. Erlang (1917); recursion: Cooper, Introduction to Queueing Theory (1981).
/// At ρ ≥ 1 there is no steady state and every arrival waits: 1.
pub fn erlang_c(replicas: u32, utilisation: f64) -> f64 {
    if utilisation >= 1.0 {
        return 1.0;
    }
    let offered = f64::from(replicas) * utilisation.max(0.0);
    let mut blocking = 1.0;
    for n in 1..=replicas {
        blocking = offered * blocking / (f64::from(n) + offered * blocking);
    }
    blocking / (1.0 - utilisation * (1.0 - blocking))
}

/// Highest utilisation at which the mean wait is evaluated: beyond it load is throttled, not queued for ever.
const BUSIEST: f64 = 0.995;

/// Mean wait in M/M/c: `W = C(c, ρ) · S / (c·(1 − ρ))` [s].
///
/// S mean service time [s]. Utilisation counts as at most 0.995. Left out: other service distributions
/// (Allen–Cunneen), priorities.
pub fn mean_wait_s(replicas: u32, utilisation: f64, service_s: f64) -> f64 {
    let busy = utilisation.clamp(0.0, BUSIEST);
    erlang_c(replicas, busy) * service_s / (f64::from(replicas) * (1.0 - busy))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// c = 1: C = ρ and W = ρ·S/(1 − ρ). c = 2, ρ = 0.75: a = 1.5, B = 0.3103, C = 0.6429.
    #[test]
    fn agrees_with_theory_by_hand() {
        assert!((erlang_c(1, 0.6) - 0.6).abs() < 1e-12);
        assert!((mean_wait_s(1, 0.8, 2.0) - 8.0).abs() < 1e-12);
        assert!((erlang_c(2, 0.75) - 9.0 / 14.0).abs() < 1e-12);
        assert!((mean_wait_s(2, 0.75, 1.0) - 9.0 / 7.0).abs() < 1e-12);
    }

    #[test]
    fn pooling_shortens_the_wait_and_overload_stays_finite() {
        assert!(mean_wait_s(64, 0.9, 5.0) < mean_wait_s(8, 0.9, 5.0));
        assert_eq!(erlang_c(4, 1.2), 1.0);
        assert!(mean_wait_s(4, 1.2, 5.0).is_finite());
    }
}
