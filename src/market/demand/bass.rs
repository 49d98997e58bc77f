//! The Bass curve of adoption.

use serde::{Deserialize, Serialize};

/// Bass diffusion: `F(t) = (1 − e^{−(p+q)t}) / (1 + (q/p)·e^{−(p+q)t})`.
///
/// F share of the ceiling that has adopted by t [1] · t years since the first could adopt [years] · p rate of those who
/// adopt on their own [1/year] · q rate of those who follow others [1/year].
/// Source: F. M. Bass, Management Science 15 (1969) 215–227.
/// Limits: the ceiling is constant and nobody gives up.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bass {
    /// Innovation, positive [1/year].
    pub p: f64,
    /// Imitation, not negative [1/year].
    pub q: f64,
}

impl Bass {
    /// F, the share that has adopted by `years`; 0 before the origin [1].
    pub fn share(&self, years: f64) -> f64 {
        if years <= 0.0 {
            return 0.0;
        }
        let decay = libm::exp(-(self.p + self.q) * years);
        (1.0 - decay) / (1.0 + self.q / self.p * decay)
    }

    /// f = dF/dt, the share that adopts in a year at `years` after the origin [1/year]: `(p + q·F)·(1 − F)`.
    pub fn rate_per_year(&self, years: f64) -> f64 {
        let share = self.share(years);
        (self.p + self.q * share) * (1.0 - share)
    }

    /// When the share `share`, in [0, 1), has adopted: `t = ln((1 + F·q/p) / (1 − F)) / (p + q)` [years].
    pub fn years_to(&self, share: f64) -> f64 {
        libm::log((1.0 + share * self.q / self.p) / (1.0 - share)) / (self.p + self.q)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_curves() {
        let check = |bass: Bass, market: f64, years: f64, adopters: f64, rate: f64| {
            assert!((bass.share(years) * market - adopters).abs() <= 1e-11 * adopters, "{bass:?} {years}");
            assert!((bass.rate_per_year(years) * market - rate).abs() <= 1e-11 * rate, "{bass:?} {years}");
        };
        let imitated = Bass { p: 0.03, q: 0.38 };
        check(imitated, 1e6, 1.0, 35758.164256441625, 42029.47189157812);
        check(imitated, 1e6, 8.0, 651737.58595855, 96698.64032408272);
        let innovated = Bass { p: 0.2, q: 0.1 };
        check(innovated, 100.0, 0.0, 0.0, 20.0);
        check(innovated, 100.0, 4.0, 60.73418614303898, 10.237940019238794);
    }

    #[test]
    fn shares_of_the_five_segments_after_1_9_and_2_5_years() {
        let segments = [
            (0.09, 1.15, 0.41, 0.61),
            (0.12, 1.4, 0.57, 0.78),
            (0.03, 1.15, 0.18, 0.32),
            (0.02, 1.15, 0.12, 0.23),
            (0.012, 1.1, 0.07, 0.14),
        ];
        for (p, q, early, late) in segments {
            let bass = Bass { p, q };
            assert!((bass.share(1.9) - early).abs() < 0.006, "{p} {q}: {}", bass.share(1.9));
            assert!((bass.share(2.5) - late).abs() < 0.006, "{p} {q}: {}", bass.share(2.5));
        }
    }

    #[test]
    fn the_inverse_undoes_the_curve() {
        let bass = Bass { p: 0.02, q: 1.15 };
        for i in 0..100 {
            let share = f64::from(i) / 100.0;
            assert!((bass.share(bass.years_to(share)) - share).abs() < 1e-13, "{share}");
        }
        assert_eq!(bass.share(-1.0), 0.0);
    }
}
