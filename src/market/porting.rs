//! Porting models to another software stack: how long it takes, and how fast they run there at first.

use serde::{Deserialize, Serialize};

/// What holds for every lab's ports.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Porting {
    /// b, how much sooner a port is done where others have done it before; 0 for not at all [1].
    pub learning: f64,
    /// a, throughput on the day that a port opens over that of a mature one, in (0, 1] [1].
    pub first_pace: f64,
    /// h, time in which half of what is missing is made up [days].
    pub half_life_days: f64,
}

impl Porting {
    /// Ports that are as long for everybody and run at full pace at once.
    pub const PLAIN: Porting = Porting { learning: 0.0, first_pace: 1.0, half_life_days: 1.0 };

    /// Time that a port takes where `others` labs run on the stack: `d·(1 + n)^−b` [days].
    ///
    /// d time that the first takes [days] · n other labs that have ported to the stack before · b learning [1].
    /// Source: assumed; T. Wright's curve over ports instead of units (J. Aeronautical Sciences 3 (1936), 122–128).
    /// Limits: kernels of one lab teach all others alike, at once, wherever they were written.
    pub fn days(&self, first_days: f64, others: usize) -> f64 {
        first_days * libm::pow(1.0 + others as f64, -self.learning)
    }

    /// Throughput on a stack so many days after the port opened, over a mature port's: `1 − (1 − a)·2^(−t/h)` [1].
    ///
    /// a first pace [1] · t days since · h half-life [days].
    /// Source: assumed. Limits: whatever runs there before and after is as fast; training runs are not slowed.
    pub fn pace(&self, days_since: f64) -> f64 {
        if self.first_pace >= 1.0 {
            return 1.0;
        }
        1.0 - (1.0 - self.first_pace) * libm::exp2(-days_since / self.half_life_days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PORTING: Porting = Porting { learning: 0.5, first_pace: 0.6, half_life_days: 90.0 };

    #[test]
    fn who_comes_fourth_needs_half_the_time() {
        // (1 + 3)^−0.5 = 1/2.
        assert!((PORTING.days(150.0, 3) - 75.0).abs() < 1e-12);
        assert_eq!(PORTING.days(150.0, 0), 150.0);
        assert_eq!(Porting::PLAIN.days(150.0, 7), 150.0);
    }

    #[test]
    fn half_of_the_gap_is_closed_in_a_half_life() {
        assert!((PORTING.pace(0.0) - 0.6).abs() < 1e-15);
        assert!((PORTING.pace(90.0) - 0.8).abs() < 1e-15);
        assert!((PORTING.pace(180.0) - 0.9).abs() < 1e-15);
        assert_eq!(Porting::PLAIN.pace(0.0), 1.0);
    }
}
