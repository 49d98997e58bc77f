//! From training compute to the quality of a model, and from compute rights to the length of a run.

use super::params::Training;

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

/// Useful training compute per hour of `h100e` training H100-equivalents [FLOP/h].
///
/// `n · peak · MFU · availability · 3600`, where failures stop the whole gang:
/// `availability = 1 / (1 + λ·n·(checkpoint/2 + restart))`, λ failures per chip-hour: each failure loses half a
/// checkpoint interval and a restart. Source: Young (1974), first order. Left out: spare nodes.
pub fn flop_per_hour(params: &Training, h100e: f64, mfu: f64, failures_per_chip_year: f64) -> f64 {
    let failures_per_hour = h100e * failures_per_chip_year / 8_766.0;
    let lost_hours = params.checkpoint_hours / 2.0 + params.restart_hours;
    let availability = 1.0 / (1.0 + failures_per_hour * lost_hours);
    h100e * params.peak_tflops * 1e12 * mfu * availability * 3_600.0
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
            checkpoint_hours: 2.0,
            restart_hours: 1.0,
        }
    }

    /// Two decades over the reference, half of the gain lost: 1 + 0.8·2/2 + 0.5·2 = 2.8.
    #[test]
    fn quality_by_hand() {
        assert!((quality(&params(), 1e27, 2.0, 0.0) - 2.8).abs() < 1e-12);
        assert!((quality(&params(), 1e24, 0.0, 0.1) - 0.3).abs() < 1e-12);
    }

    /// 10,000 H100e at 0.08766 failures per chip and year: 0.1 failures an hour lose 2 h each: availability 1/1.2.
    #[test]
    fn failures_of_a_large_gang_cost_a_sixth() {
        let none = flop_per_hour(&params(), 10_000.0, 0.4, 0.0);
        assert!((none - 10_000.0 * 1e15 * 0.4 * 3_600.0).abs() / none < 1e-12);
        let some = flop_per_hour(&params(), 10_000.0, 0.4, 0.08766);
        assert!((some / none - 1.0 / 1.2).abs() < 1e-12);
    }
}
