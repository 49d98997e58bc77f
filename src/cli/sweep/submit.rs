//! `sweep submit`: the slices of a sweep as a job array, and its merge behind them.

use super::folder::SweepFolder;
use super::run::Slice;
use crate::cli::Shell;
use crate::cli::clock::Stopwatch;
use crate::cli::stop::Stop;
use crate::cli::text::{Side, table};
use crate::experiment::study::{Failure, Study};
use crate::experiment::sweep::study::SweepRuns;
use crate::report::files::write_atomically;
use anyhow::Context;
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How the slices are submitted.
#[derive(Args)]
pub(super) struct Submission {
    /// Submit to Slurm, with `sbatch`
    #[arg(long, required = true)]
    slurm: bool,
    /// Show slices, core-hours and limits, and submit nothing
    #[arg(long)]
    dry_run: bool,
    /// Number of slices, each a task of the job array [default: as many as there are parts, at most 64]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=4_000))]
    shards: Option<u32>,
    /// Cores of each slice
    #[arg(long, value_name = "C", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=1024))]
    cpus: u32,
    /// Slices that run at once, at most
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    at_once: Option<u32>,
    /// Partition to submit to
    #[arg(long, value_name = "NAME")]
    partition: Option<String>,
    /// Seconds that a run takes on one core, instead of a measurement
    #[arg(long, value_name = "S", value_parser = parse_seconds)]
    seconds_per_run: Option<f64>,
    /// Most core-hours that may be submitted
    #[arg(long, value_name = "H", default_value_t = 1_000.0, value_parser = parse_seconds)]
    max_core_hours: f64,
}

/// Runs that are timed where no time is stated: at the first, the middle and the last point.
const PILOT: [f64; 3] = [0.0, 0.5, 1.0];
/// What a slice may take of what it should: other machines are slower, and runs differ.
const SLACK: f64 = 2.0;
/// Minutes for reading the sweep and writing the parts.
const OVERHEAD_MINUTES: f64 = 5.0;

/// What the submission comes to.
#[derive(Debug, serde::Serialize)]
struct Estimate {
    shards: u32,
    cpus_per_shard: u32,
    runs: u32,
    seconds_per_run: f64,
    /// Whether that was measured, and not stated.
    measured: bool,
    core_hours: f64,
    minutes_per_shard: f64,
    time_limit_minutes: u64,
    max_core_hours: f64,
}

impl Submission {
    /// Shows the estimate, writes the scripts and submits them.
    pub(super) fn submit(
        &self,
        folder: &SweepFolder<'_>,
        call: &Call,
        json: bool,
        shell: &mut Shell<'_>,
    ) -> Result<(), Stop> {
        debug_assert!(self.slurm, "the only scheduler, and required");
        let estimate = self.estimate(folder, shell)?;
        if estimate.core_hours > self.max_core_hours {
            return Err(Stop::problem(format!(
                "{:.1} core-hours are more than --max-core-hours {} allows; raise it, or make the design smaller",
                estimate.core_hours, self.max_core_hours
            )));
        }
        if self.dry_run {
            return show(&estimate, json, shell);
        }
        folder.check()?;
        folder.write_plan()?;
        let scripts = folder.path.join("slurm");
        let (array, merge) = (scripts.join("array.sh"), scripts.join("merge.sh"));
        for (path, text) in [(&array, self.array(&estimate, call)), (&merge, self.merge(call))] {
            write_atomically(path, |out| out.write_all(text.as_bytes())).map_err(anyhow::Error::new)?;
        }
        show(&estimate, json, shell)?;
        // Options rather than lines of the scripts, as folders may have blanks in their names.
        let output = |log: &str| format!("--output={}/{log}", scripts.display());
        let job = sbatch(&array, &[output("shard-%a.log")])?;
        shell.notes.say(&format!("job array {job}: {} slices", estimate.shards));
        let after = sbatch(&merge, &[output("merge.log"), format!("--dependency=afterok:{job}")])?;
        shell.notes.say(&format!("job {after}: puts the parts together when all slices are done"));
        Ok(())
    }

    fn estimate(&self, folder: &SweepFolder<'_>, shell: &Shell<'_>) -> Result<Estimate, Stop> {
        let plan = folder.sweep.plan;
        let shards = self.shards.unwrap_or_else(|| plan.parts().min(64));
        Slice { shard: 0, shards }.check(folder.sweep).map_err(Stop::problem)?;
        let seconds = match self.seconds_per_run {
            Some(seconds) => seconds,
            None => pilot(folder, shell)?,
        };
        let longest = plan.parts_of(0, shards).iter().map(|part| plan.runs_of(*part).len()).sum::<usize>();
        let minutes = longest as f64 * seconds / f64::from(self.cpus) / 60.0;
        Ok(Estimate {
            shards,
            cpus_per_shard: self.cpus,
            runs: plan.runs(),
            seconds_per_run: seconds,
            measured: self.seconds_per_run.is_none(),
            core_hours: f64::from(plan.runs()) * seconds / 3600.0,
            minutes_per_shard: minutes,
            time_limit_minutes: (SLACK * minutes + OVERHEAD_MINUTES).ceil() as u64,
            max_core_hours: self.max_core_hours,
        })
    }

    /// The job array. A task whose node goes down is queued again, and goes on from its last run.
    fn array(&self, estimate: &Estimate, call: &Call) -> String {
        let at_once = self.at_once.map_or_else(String::new, |most| format!("%{most}"));
        let options = [
            format!("--array=0-{}{at_once}", estimate.shards - 1),
            format!("--cpus-per-task={}", self.cpus),
            format!("--time={}", estimate.time_limit_minutes),
            "--requeue".to_owned(),
        ];
        let shard = format!("--shard \"$SLURM_ARRAY_TASK_ID/{}\" --threads {}", estimate.shards, self.cpus);
        self.script(&options, &format!("{} {shard}", call.text("run")))
    }

    fn merge(&self, call: &Call) -> String {
        let options = ["--cpus-per-task=1".to_owned(), "--time=60".to_owned()];
        self.script(&options, &call.text("merge"))
    }

    fn script(&self, options: &[String], command: &str) -> String {
        let partition = self.partition.as_ref().map(|name| format!("--partition={name}"));
        let common = ["--job-name=cloudmarket-sweep", "--open-mode=append"].map(str::to_owned);
        let all = common.iter().chain(options).chain(&partition);
        let lines: String = all.map(|option| format!("#SBATCH {option}\n")).collect();
        format!("#!/bin/sh\n{lines}set -eu\nexec {command}\n")
    }
}

/// How this program is called from elsewhere, with whole paths.
pub(super) struct Call {
    pub(super) program: PathBuf,
    pub(super) sweep: PathBuf,
    pub(super) out: PathBuf,
    pub(super) max_runs: u64,
    pub(super) max_events: Option<u64>,
}

impl Call {
    fn text(&self, step: &str) -> String {
        let max_events = self.max_events.map_or_else(String::new, |most| format!(" --max-events {most}"));
        let [program, sweep, out] = [&self.program, &self.sweep, &self.out].map(|path| quoted(path));
        format!("{program} sweep {step} {sweep} --out {out} --max-runs {}{max_events}", self.max_runs)
    }
}

/// A path as a shell reads it.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', "'\\''"))
}

/// Times runs on one core.
fn pilot(folder: &SweepFolder<'_>, shell: &Shell<'_>) -> Result<f64, Stop> {
    let last = folder.sweep.plan.runs() - 1;
    let mut runs: Vec<u32> = PILOT.iter().map(|share| (share * f64::from(last)) as u32).collect();
    runs.dedup();
    let study = SweepRuns::new(folder.sweep, runs);
    let watch = Stopwatch::start();
    for run in 0..study.replications() {
        match study.run(run, shell.interrupt) {
            Ok(_) => {}
            Err(Failure::Interrupted) => return Err(Stop::Interrupted),
            Err(Failure::Broken(why)) => {
                shell.notes.say(&format!("pilot: run {} failed: {why}", study.runs()[run as usize]));
            }
        }
    }
    Ok(watch.elapsed().as_secs_f64() / f64::from(study.replications()))
}

fn show(estimate: &Estimate, json: bool, shell: &mut Shell<'_>) -> Result<(), Stop> {
    if json {
        return shell.print_json(estimate);
    }
    let row = |what: &str, value: String| [what.to_owned(), value];
    let origin = if estimate.measured { "measured here" } else { "stated" };
    let rows = [
        row("slices", estimate.shards.to_string()),
        row("cores of each", estimate.cpus_per_shard.to_string()),
        row("runs", estimate.runs.to_string()),
        row("seconds a run", format!("{:.3} ({origin})", estimate.seconds_per_run)),
        row("core-hours", format!("{:.2}", estimate.core_hours)),
        row("core-hours allowed", estimate.max_core_hours.to_string()),
        row("minutes a slice", format!("{:.1}", estimate.minutes_per_shard)),
        row("time limit, minutes", estimate.time_limit_minutes.to_string()),
    ];
    shell.print(&table([("submission", Side::Left), ("", Side::Right)], &rows))
}

/// Submits a script and gives the number of its job.
fn sbatch(script: &Path, options: &[String]) -> Result<String, Stop> {
    let output = Command::new("sbatch").arg("--parsable").args(options).arg(script).output();
    let output = output.context("cannot call `sbatch`; submit where Slurm is, or run the slices yourself")?;
    let told = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    if !output.status.success() {
        return Err(Stop::Failed(anyhow::anyhow!("sbatch refused the job: {told}")));
    }
    // With several clusters the name of one follows behind a semicolon.
    let printed = String::from_utf8_lossy(&output.stdout);
    let job = printed.trim().split(';').next().unwrap_or_default().to_owned();
    match job.parse::<u64>() {
        Ok(_) => Ok(job),
        Err(_) => Err(Stop::Failed(anyhow::anyhow!("sbatch gave no number of a job, but {:?}", printed.trim()))),
    }
}

fn parse_seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value > 0.0 && value.is_finite() => Ok(value),
        _ => Err("expected a positive number".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_quoted_for_the_shell() {
        assert_eq!(quoted(Path::new("/a b/it's")), r"'/a b/it'\''s'");
    }

    #[test]
    fn times_are_positive() {
        assert_eq!(parse_seconds("0.5"), Ok(0.5));
        for wrong in ["0", "-1", "inf", "NaN", "x"] {
            assert!(parse_seconds(wrong).is_err(), "{wrong}");
        }
    }
}
