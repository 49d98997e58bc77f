//! Serving: a cloud's fleet, the rights on it in the order they are carved, and the fluid that load is.
//!
//! Carving order: internal load, the protected part of what is sold on demand, committed rights (their holders serve first and train on what is left), tokens of
//! the owner's own lab, on demand (platform tokens, labs' excess, rental), batch, the own lab's training. A cloud that
//! sold every hour to labs would lose its other customers, so it protects a part of their load. Within a load, accelerators are taken in merit
//! order of their marginal cost. A day is solved twice, at its peak and off it, and the mean of both holds.

mod dispatch;
mod fleet;

pub use dispatch::{Bucket, CloudSolution, Holder, Load, LoadOutcome, Solver};
pub use fleet::{Fleet, FleetType, Ported, StackMask};

use crate::units::Schedule;
use crate::units::Time;

/// H100-equivalents of a class that tokens keep occupied.
///
/// `n = v · c · o / (R(t) · u)`: v tokens [Mtok/h] · c compute per token over the reference model's [1] · o serving
/// overhead [1] · R tokens of the reference model per busy H100-hour [Mtok/h] · u busy share [1].
/// Source: bridge §2 (R = 8 Mtok/h in mid-2025, 1.5 times a year) and §2's table of c.
pub fn h100e_of_tokens(mtok_per_hour: f64, compute_per_token: f64, overhead: f64, reference: f64, busy: f64) -> f64 {
    mtok_per_hour * compute_per_token * overhead / (reference * busy)
}

/// Full cost of a million tokens [USD/Mtok]: `w · c · o / (R(t) · u)`, w levelised cost [USD/H100e-hour].
pub fn cost_usd_per_mtok(
    usd_per_h100e_hour: f64,
    compute_per_token: f64,
    overhead: f64,
    reference: &Schedule,
    busy: f64,
    now: Time,
) -> f64 {
    usd_per_h100e_hour * h100e_of_tokens(1.0, compute_per_token, overhead, reference.at(now), busy)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// GPT-4o in mid-2025: 1.2 ÷ (8 × 0.35) × 1.30 overhead × 1.85 USD = 1.03 USD per Mtok.
    #[test]
    fn tokens_occupy_compute_by_hand() {
        assert!((h100e_of_tokens(8.0, 1.0, 1.0, 8.0, 0.5) - 2.0).abs() < 1e-12);
        let cost = cost_usd_per_mtok(1.85, 1.2, 1.3, &Schedule::constant(8.0), 0.35, Time(0));
        assert!((cost - 1.030_714_285_714).abs() < 1e-9);
    }
}
