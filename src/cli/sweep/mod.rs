//! `sweep`: one scenario at many points, whole or in slices.

mod draw;
mod folder;
mod merge;
mod run;
mod submit;

use super::Shell;
use super::options::MannerOptions;
use super::reader::each;
use super::stop::Stop;
use super::text::{Side, table};
use crate::experiment::sweep::{Limits, ReadError, Sweep as Design};
use crate::model::Options;
use clap::{Args, Subcommand};
pub(super) use folder::{SweepFolder, check_writable};
pub(super) use merge::{read_rows, write_merged};
pub(super) use run::{Slice, run};
use std::path::{Path, PathBuf};
use submit::{Call, Submission};

/// Runs a scenario at many points of some axes, and charts what comes of it
#[derive(Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "A sweep file names a scenario, axes with their values and what these edit, policies, and outcomes; \
                  scenarios/sweeps/README.md explains it. What is run is kept run by run: the same command goes on \
                  where it was stopped, and ends with the same bytes.\n\nExamples:\n  cloudmarket sweep \
                  scenarios/sweeps/trainium-price-by-power-delay.ron\n  cloudmarket sweep my-sweep.ron --out /tmp/try \
                  --max-runs 20000\n\nIn parts, on one machine or several:\n  cloudmarket sweep plan my-sweep.ron\n  \
                  cloudmarket sweep run my-sweep.ron --shard 0/4\n  cloudmarket sweep merge my-sweep.ron\n  cloudmarket sweep submit my-sweep.ron --slurm --dry-run"
)]
pub(super) struct Sweep {
    #[command(subcommand)]
    step: Option<Step>,
    #[command(flatten)]
    whole: Whole,
}

#[derive(Subcommand)]
enum Step {
    Plan(Plan),
    Run(Run),
    Merge(Merge),
    Submit(Submit),
}

/// What all steps ask for.
#[derive(Args)]
pub(super) struct Common {
    /// The sweep file
    #[arg(required = true)]
    sweep: Option<PathBuf>,
    /// Folder that the results go to, in a folder called after the file
    #[arg(long, value_name = "DIR", default_value = "output")]
    out: PathBuf,
    /// Most runs that the design may have
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    max_runs: u64,
    /// Most events that a run may have; more than 100 million need this
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    max_events: Option<u64>,
}

#[derive(Args)]
struct Whole {
    #[command(flatten)]
    common: Common,
    /// Draw no charts
    #[arg(long)]
    no_charts: bool,
    #[command(flatten)]
    manner: MannerOptions,
}

/// Writes the design, with the numbers of its runs and its digest
#[derive(Args)]
#[command(after_help = "Example: cloudmarket sweep plan my-sweep.ron")]
struct Plan {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    manner: MannerOptions,
}

/// Runs one slice of a planned sweep
#[derive(Args)]
#[command(after_help = "Example: cloudmarket sweep run my-sweep.ron --shard 2/7")]
struct Run {
    #[command(flatten)]
    common: Common,
    /// Which slice of how many, counted from 0
    #[arg(long, value_name = "I/N", value_parser = parse_shard)]
    shard: Slice,
    #[command(flatten)]
    manner: MannerOptions,
}

/// Checks that every run is there once, and puts the results together
#[derive(Args)]
#[command(after_help = "Example: cloudmarket sweep merge my-sweep.ron")]
struct Merge {
    #[command(flatten)]
    common: Common,
    /// Draw no charts
    #[arg(long)]
    no_charts: bool,
    #[command(flatten)]
    manner: MannerOptions,
}

/// Submits the slices of a sweep to a cluster
#[derive(Args)]
#[command(after_help = "Example: cloudmarket sweep submit my-sweep.ron --slurm --dry-run")]
struct Submit {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    submission: Submission,
    #[command(flatten)]
    manner: MannerOptions,
}

impl Sweep {
    pub(super) fn execute(&self, shell: &mut Shell<'_>) -> Result<(), Stop> {
        match &self.step {
            None => self.whole.execute(shell),
            Some(Step::Plan(plan)) => plan.execute(shell),
            Some(Step::Run(run)) => run.execute(shell),
            Some(Step::Merge(merge)) => merge.execute(shell),
            Some(Step::Submit(submit)) => submit.execute(shell),
        }
    }
}

impl Common {
    pub(super) fn file(&self) -> &Path {
        self.sweep.as_deref().expect("required, but where a step has a file of its own")
    }

    /// What the runs may cost.
    pub(super) fn limits(&self) -> Limits {
        let max_events = Some(self.max_events.unwrap_or(super::reader::MOST_EVENTS));
        Limits { max_runs: self.max_runs, options: Options { max_events, ..Options::default() } }
    }

    fn read(&self) -> Result<Design, Stop> {
        Design::read(self.file(), self.limits()).map_err(|error| Stop::Problems(told(&error)))
    }

    /// The folder that the results go to.
    pub(super) fn results(&self) -> PathBuf {
        self.out.join(super::reader::stem(self.file()))
    }

    fn folder<'a>(&self, sweep: &'a Design) -> SweepFolder<'a> {
        SweepFolder::new(sweep, self.results())
    }
}

/// The problems one by one, each with the point that it is of.
pub(super) fn told(error: &ReadError) -> Vec<String> {
    let of = |(problems, at): &(_, Option<String>)| {
        let at = at.as_ref().map_or_else(String::new, |at| format!("  = of: {at}\n"));
        each(problems).into_iter().map(move |problem| format!("{}\n{at}", problem.trim_end())).collect::<Vec<_>>()
    };
    error.problems.iter().flat_map(of).collect()
}

impl Whole {
    fn execute(&self, shell: &mut Shell<'_>) -> Result<(), Stop> {
        shell.notes.silence(self.manner.quiet);
        let sweep = self.common.read()?;
        let folder = self.common.folder(&sweep);
        folder.check()?;
        folder.write_plan()?;
        run(&folder, Slice::WHOLE, self.manner.threads(), shell)?;
        merge::merge(&folder, merge::Asked { charts: !self.no_charts, json: self.manner.json }, shell)
    }
}

impl Plan {
    fn execute(&self, shell: &mut Shell<'_>) -> Result<(), Stop> {
        shell.notes.silence(self.manner.quiet);
        let sweep = self.common.read()?;
        let folder = self.common.folder(&sweep);
        folder.check()?;
        folder.write_plan()?;
        let account = folder.account();
        if self.manner.json {
            return shell.print_json(&account);
        }
        let headings = [
            ("points", Side::Right),
            ("policies", Side::Right),
            ("replications", Side::Right),
            ("runs", Side::Right),
            ("parts", Side::Right),
            ("design", Side::Left),
        ];
        let row = [
            account.points.to_string(),
            account.policies.len().to_string(),
            account.replications.to_string(),
            account.runs.to_string(),
            account.parts.to_string(),
            account.design[..16].to_owned(),
        ];
        shell.print(&table(headings, &[row]))
    }
}

impl Run {
    fn execute(&self, shell: &mut Shell<'_>) -> Result<(), Stop> {
        shell.notes.silence(self.manner.quiet);
        let sweep = self.common.read()?;
        let folder = self.common.folder(&sweep);
        folder.check_plan().map_err(Stop::problem)?;
        self.shard.check(&sweep).map_err(Stop::problem)?;
        let done = run(&folder, self.shard, self.manner.threads(), shell)?;
        if self.manner.json { shell.print_json(&done) } else { Ok(()) }
    }
}

impl Merge {
    fn execute(&self, shell: &mut Shell<'_>) -> Result<(), Stop> {
        shell.notes.silence(self.manner.quiet);
        let sweep = self.common.read()?;
        let folder = self.common.folder(&sweep);
        folder.check_plan().map_err(Stop::problem)?;
        merge::merge(&folder, merge::Asked { charts: !self.no_charts, json: self.manner.json }, shell)
    }
}

impl Submit {
    fn execute(&self, shell: &mut Shell<'_>) -> Result<(), Stop> {
        shell.notes.silence(self.manner.quiet);
        let sweep = self.common.read()?;
        let whole = |path: &Path| std::path::absolute(path).map_err(anyhow::Error::new);
        let call = Call {
            program: std::env::current_exe().map_err(anyhow::Error::new)?,
            sweep: whole(self.common.file())?,
            out: whole(&self.common.out)?,
            max_runs: self.common.max_runs,
            max_events: self.common.max_events,
        };
        let folder = SweepFolder::new(&sweep, call.out.join(super::reader::stem(self.common.file())));
        self.submission.submit(&folder, &call, self.manner.json, shell)
    }
}

pub(super) fn parse_shard(text: &str) -> Result<Slice, String> {
    let expected = || "expected I/N, such as 0/4 for the first of four slices".to_owned();
    let (shard, shards) = text.split_once('/').ok_or_else(expected)?;
    let (shard, shards): (u32, u32) = (shard.parse().map_err(|_| expected())?, shards.parse().map_err(|_| expected())?);
    if shard < shards {
        Ok(Slice { shard, shards })
    } else {
        Err(format!("slices are counted from 0: the last of {shards} is {}", i64::from(shards) - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_are_counted_from_0() {
        assert_eq!(parse_shard("0/1"), Ok(Slice::WHOLE));
        assert_eq!(parse_shard("6/7"), Ok(Slice { shard: 6, shards: 7 }));
        for wrong in ["7/7", "1", "-1/2", "0/0", "a/b", "1/2/3"] {
            assert!(parse_shard(wrong).is_err(), "{wrong}");
        }
    }
}
