//! From training compute to the quality of a model, and from compute rights to the length of a run.

use super::params::Training;
use crate::units::Time;

/// Quality of a frontier run.
///
/// `Q = q_ref + κ·D/(1 + D⁺/D_half) + g·(t − t_ref) + ε`, `D = log10(compute/compute_ref)`.
///
/// κ quality per decade · D decades of compute over the reference, `D⁺ = max(D, 0)` · D_half the decades at which
/// half of the gain is lost (κ saturates) · g algorithmic progress [1/year] · t, t_ref release dates [years] ·
/// ε noise. Source: MODEL form; the level is calibrated to scripted releases. Left out: data limits, distillation.
pub fn quality(params: &Training, flop: f64, released_years: f64, noise: f64) -> f64 {
    let decades = libm::log10(flop / params.reference_flop);
    let gain = params.quality_per_decade * decades / (1.0 + decades.max(0.0) / params.saturation_decades);
    params.reference_quality + gain + params.progress_per_year * (released_years - params.reference_years) + noise
}

/// A gang of chips that trains one model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gang {
    /// Its compute [training H100e].
    pub h100e: f64,
    /// Its chips; one failure stops them all.
    pub chips: f64,
    /// Failures per chip [1/year].
    pub failures_per_chip_year: f64,
}

/// Useful training compute per hour of a gang [FLOP/h].
///
/// `n · peak · MFU · availability · 3600`, `availability = 1 / (1 + √(2·δ·λ) + λ·ρ)`.
///
/// n compute [H100e] · λ failures of the gang [1/h], chips times their rate · δ time to write a checkpoint [h] ·
/// ρ time to restart [h]. The root is what the best checkpoint interval √(2·δ/λ) costs in writing and in lost work.
/// Source: Young (1974); 16,384 H100 with a failure every three hours ran 90 % of the time (Llama 3, 2024).
/// Left out: spare nodes, runs over several sites.
pub fn flop_per_hour(params: &Training, gang: Gang, now: Time) -> f64 {
    let failures = gang.chips * gang.failures_per_chip_year / 8_766.0;
    let checkpoints = (2.0 * params.checkpoint_hours * failures).sqrt();
    let availability = 1.0 / (1.0 + checkpoints + failures * params.restart_hours.at(now));
    gang.h100e * params.peak_tflops * 1e12 * params.mfu.at(now) * availability * 3_600.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Schedule;

    fn params() -> Training {
        Training {
            mfu: Schedule::constant(0.4),
            peak_tflops: 1_000.0,
            reference_flop: 1e25,
            reference_years: 0.0,
            reference_quality: 1.0,
            quality_per_decade: 0.8,
            saturation_decades: 2.0,
            progress_per_year: 0.5,
            noise_sd: 0.1,
            checkpoint_hours: 0.005,
            restart_hours: Schedule::constant(0.2),
        }
    }

    /// Two decades over the reference, half of the gain lost: 1 + 0.8·2/2 + 0.5·2 = 2.8.
    #[test]
    fn quality_by_hand() {
        assert!((quality(&params(), 1e27, 2.0, 0.0) - 2.8).abs() < 1e-12);
        assert!((quality(&params(), 1e24, 0.0, 0.1) - 0.3).abs() < 1e-12);
    }

    /// A failure every three hours: √(2 · 0.005 / 3) = 0.0577 and 0.2 / 3 = 0.0667 cost an eighth of the time.
    #[test]
    fn failures_of_a_large_gang_by_hand() {
        let gang = |failures| Gang { h100e: 16_384.0, chips: 16_384.0, failures_per_chip_year: failures };
        let none = flop_per_hour(&params(), gang(0.0), Time(0));
        assert!((none - 16_384.0 * 1e15 * 0.4 * 3_600.0).abs() / none < 1e-12);
        let some = flop_per_hour(&params(), gang(8_766.0 / 3.0 / 16_384.0), Time(0));
        assert!((none / some - 1.0 - (0.01_f64 / 3.0).sqrt() - 0.2 / 3.0).abs() < 1e-9);
    }
}
