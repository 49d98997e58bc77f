//! What one chip does at a date.

use crate::supply::params::{Accelerator, Class};
use crate::units::Time;

/// Throughput of one chip on a class of work at a date [H100e]: software for a new type matures.
///
/// `e(t) = E·(1 − (1 − m)·2^(−a/h))`
///
/// E throughput on mature software [H100e] · m share of it at launch [1] · a age of the type, 0 before it is available
/// [years] · h half-life of the gap [years]; at h = 0 the type is mature from the start.
/// Source: assumed form; launch shares and half-lives are in the scenario.
/// Limits: the ramp is the same for every owner and class.
pub fn throughput(accelerator: &Accelerator, class: Class, now: Time) -> f64 {
    accelerator.throughput_h100e[class.index()] * maturity(accelerator, now)
}

/// [`throughput`] on each class [H100e].
pub fn throughputs(accelerator: &Accelerator, now: Time) -> [f64; Class::COUNT] {
    let part = maturity(accelerator, now);
    accelerator.throughput_h100e.map(|mature| mature * part)
}

/// `e(t)/E` of [`throughput`] [1].
fn maturity(accelerator: &Accelerator, now: Time) -> f64 {
    let half_life = accelerator.maturity_half_life_years;
    if half_life <= 0.0 {
        return 1.0;
    }
    let age = now.since(accelerator.available).years() + accelerator.age_at_start_years;
    1.0 - (1.0 - accelerator.maturity_at_launch) * libm::exp2(-age / half_life)
}

/// Chat throughput per kW on mature software [H100e/kW]: the order in which types deserve power.
pub(super) fn value_per_kw(accelerator: &Accelerator) -> f64 {
    accelerator.throughput_h100e[Class::Chat.index()] / accelerator.power_kw
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::supply::testing;
    use crate::units::Span;

    #[test]
    fn the_gap_to_maturity_halves_every_half_life() {
        let mut chip = testing::accelerator("b200", 2.64, 1.9);
        chip.available = Time(0) + Span::from_days(365.25);
        chip.maturity_at_launch = 0.6;
        chip.maturity_half_life_years = 0.5;
        let at = |years: f64| throughput(&chip, Class::Chat, Time(0) + Span::from_days(years * 365.25));
        // Gaps of 0.4, 0.2, 0.1 of 2.64.
        for (years, expected) in [(0.0, 1.584), (1.0, 1.584), (1.5, 2.112), (2.0, 2.376)] {
            assert!((at(years) - expected).abs() < 1e-9, "{years}");
        }
        chip.available = Time(0);
        chip.age_at_start_years = 1.0;
        assert!((throughput(&chip, Class::Chat, Time(0)) - 2.376).abs() < 1e-9);
        chip.maturity_half_life_years = 0.0;
        assert_eq!(throughput(&chip, Class::Chat, Time(0)), 2.64);
    }
}
