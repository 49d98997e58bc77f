//! From training compute to the quality of a model, and from a gang of chips to the length of a run.

use super::params::Training;
use crate::engine::Stream;
use crate::units::{Time, smaller};
use serde::{Deserialize, Serialize};

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

/// Interruptions of a run that are drawn one by one; what is left after so many takes its expected time.
const MOST_INTERRUPTIONS: u32 = 1_000_000;

/// What a run has to do on its gang, and what stops it.
///
/// Failures are Poisson with rate λ while the gang works. A checkpoint is written after every τ of work, which takes δ;
/// a failure loses the work since the last one, also while the next is being written, and costs a restart ρ.
///
/// λ failures of the gang [1/h], chips times their rate · δ time to write a checkpoint [h] · ρ time to restart [h] ·
/// τ = √(2·δ/λ) best interval by Young's rule [h]. With δ = 0 every step is saved and a failure costs ρ alone.
/// Source: Young, CACM 17 (1974), 530–531; 16,384 H100 with a failure every three hours ran 90 % of the time (Llama 3,
/// 2024). Limits: no failure during a restart, no spare nodes, no runs over several sites.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunPlan {
    /// Work at the pace of a gang that never stops [h].
    pub work_hours: f64,
    /// λ [1/h].
    failures_per_hour: f64,
    /// δ [h].
    checkpoint_hours: f64,
    /// ρ [h].
    restart_hours: f64,
    /// Restarts that come before the work, after an interruption from outside [h].
    first_restart_hours: f64,
}

/// Compute that a gang does in an hour without stops [FLOP/h]: `n · peak · MFU · 3600`, n in training H100e.
pub fn flop_per_hour(params: &Training, h100e: f64, now: Time) -> f64 {
    h100e * params.peak_tflops * 1e12 * params.mfu.at(now) * 3_600.0
}

impl RunPlan {
    /// The plan of `flop` on a gang; `restarts` if it was interrupted from outside before.
    pub fn new(params: &Training, gang: Gang, flop: f64, restarts: bool, now: Time) -> Self {
        let restart_hours = params.restart_hours.at(now);
        Self {
            work_hours: flop / flop_per_hour(params, gang.h100e, now),
            failures_per_hour: gang.chips * gang.failures_per_chip_year / 8_766.0,
            checkpoint_hours: params.checkpoint_hours,
            restart_hours,
            first_restart_hours: if restarts { restart_hours } else { 0.0 },
        }
    }

    /// τ [h]; without end if nothing fails.
    fn interval_hours(&self) -> f64 {
        if self.failures_per_hour > 0.0 {
            (2.0 * self.checkpoint_hours / self.failures_per_hour).sqrt()
        } else {
            f64::INFINITY
        }
    }

    /// Expected length [h], to first order in the failures between two checkpoints.
    ///
    /// `W · (1 + √(2·δ·λ) + λ·ρ)`, W work [h]: writing δ/τ, work lost λ·τ/2, restarts λ·ρ.
    pub fn expected_hours(&self) -> f64 {
        self.first_restart_hours + self.work_hours * (1.0 + self.overhead())
    }

    fn overhead(&self) -> f64 {
        (2.0 * self.checkpoint_hours * self.failures_per_hour).sqrt() + self.failures_per_hour * self.restart_hours
    }

    /// The length of the run with its interruptions, drawn exactly in law [h].
    pub fn draw_hours(&self, stream: &mut Stream) -> f64 {
        self.follow(stream, f64::INFINITY).0
    }

    /// Work that is left at the last checkpoint when the run is stopped from outside, `after` hours from its start; with
    /// the stream that [`Self::draw_hours`] got, the interruptions are the same [h].
    pub fn left_hours(&self, stream: &mut Stream, after: f64) -> f64 {
        self.follow(stream, after).1
    }

    /// Time and work left at the last checkpoint, at the end of the run or at `limit`, whichever is first.
    fn follow(&self, stream: &mut Stream, limit: f64) -> (f64, f64) {
        let tau = self.interval_hours();
        let mean = 1.0 / self.failures_per_hour;
        // A stretch of work with its checkpoint, and how many are left before the last, which needs none at its end.
        let per_hour = 1.0 / (tau + self.checkpoint_hours);
        let stretches = |left: f64| if tau > 0.0 && tau < left { (left / tau).ceil() - 1.0 } else { 0.0 };
        let (mut time, mut left) = (self.first_restart_hours, self.work_hours);
        let mut whole = stretches(left);
        for _ in 0..MOST_INTERRUPTIONS {
            let until = if self.failures_per_hour > 0.0 { stream.exponential(mean) } else { f64::INFINITY };
            let needed = left + whole * self.checkpoint_hours;
            let room = limit - time;
            let ran = smaller(smaller(needed, until), room).max(0.0);
            if ran < needed {
                if tau > 0.0 {
                    // Whole stretches; a cast cuts like `floor` and is no call.
                    let done = (ran * per_hour) as i64 as f64;
                    left -= done * tau;
                    whole -= done;
                } else {
                    left -= ran;
                }
            }
            if room <= ran {
                return (limit, left);
            }
            time += ran;
            if until >= needed {
                return (time, 0.0);
            }
            time += self.restart_hours;
        }
        (time + left * (1.0 + self.overhead()), left)
    }
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

    fn plan(flop: f64, failures_per_chip_year: f64) -> RunPlan {
        let gang = Gang { h100e: 16_384.0, chips: 16_384.0, failures_per_chip_year };
        RunPlan::new(&params(), gang, flop, false, Time(0))
    }

    /// A failure every three hours: √(2 · 0.005 / 3) = 0.0577 and 0.2 / 3 = 0.0667 cost an eighth of the time.
    #[test]
    fn failures_of_a_large_gang_by_hand() {
        let flop = 1_000.0 * 16_384.0 * 1e15 * 0.4 * 3_600.0;
        let none = plan(flop, 0.0);
        assert!((none.work_hours - 1_000.0).abs() < 1e-9);
        assert_eq!(none.expected_hours(), none.work_hours);
        assert_eq!(none.draw_hours(&mut Stream::named(1, 0, "run", "failures")), none.work_hours);
        let some = plan(flop, 8_766.0 / 3.0 / 16_384.0);
        let expected = 1_000.0 * (1.0 + (0.01_f64 / 3.0).sqrt() + 0.2 / 3.0);
        assert!((some.expected_hours() - expected).abs() < 1e-6, "{expected}");
    }

    /// τ = √(2 · 0.005 · 3) = 0.173 h. Exactly, a stretch of τ + δ is survived with p = e^(−λ(τ+δ)) and takes
    /// (1/p − 1)·(1/λ + ρ) on average; the run takes 0.6 % more than to first order.
    #[test]
    fn drawn_lengths_have_the_mean_of_the_formula() {
        let run = plan(1_000.0 * 16_384.0 * 1e15 * 0.4 * 3_600.0, 8_766.0 / 3.0 / 16_384.0);
        let mut stream = Stream::named(1, 0, "run", "failures");
        let draws: Vec<f64> = (0..400).map(|_| run.draw_hours(&mut stream)).collect();
        let mean = draws.iter().sum::<f64>() / draws.len() as f64;
        let (lambda, stretch) = (1.0 / 3.0, 0.03_f64.sqrt() + 0.005);
        let exactly = 1_000.0 / 0.03_f64.sqrt() * (libm::exp(lambda * stretch) - 1.0) * (1.0 / lambda + 0.2);
        // About 330 failures a run: a standard deviation of some 0.4 % a draw, 0.02 % of the mean.
        assert!((mean / exactly - 1.0).abs() < 1e-3, "{mean}, {exactly}");
        assert!((mean / run.expected_hours() - 1.0).abs() < 7e-3, "{mean}, {}", run.expected_hours());
    }

    /// Checkpoints after every √(2 · 0.005 / λ) hours; a run of 10 h that is stopped after 4 h has done whole stretches.
    #[test]
    fn what_is_stopped_from_outside_goes_back_to_its_last_checkpoint() {
        let calm = RunPlan { failures_per_hour: 1e-4, ..plan(0.0, 0.0) };
        let run = RunPlan { work_hours: 30.0, ..calm };
        // τ = 10 h; the first failure of this stream comes after 30 h. 10.005 h a stretch.
        let stream = Stream::named(1, 0, "run", "outage");
        assert!(stream.clone().exponential(1e4) > 30.1);
        assert!((run.draw_hours(&mut stream.clone()) - 30.01).abs() < 1e-9);
        for (after, left) in [(4.0, 30.0), (10.0, 30.0), (10.006, 20.0), (20.02, 10.0), (29.9, 10.0)] {
            assert!((run.left_hours(&mut stream.clone(), after) - left).abs() < 1e-9, "{after}");
        }
        // Free checkpoints lose nothing.
        let free = RunPlan { checkpoint_hours: 0.0, ..run };
        assert!((free.left_hours(&mut stream.clone(), 4.0) - 26.0).abs() < 1e-9);
    }

    #[test]
    fn a_gang_that_always_fails_comes_to_an_end() {
        let run = RunPlan { work_hours: 10.0, failures_per_hour: 1e6, checkpoint_hours: 1.0, ..plan(0.0, 0.0) };
        assert!(run.draw_hours(&mut Stream::named(1, 0, "run", "failures")).is_finite());
    }
}
