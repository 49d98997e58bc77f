//! Runs a slice of a sweep: what is there and right is kept, the rest is run, part by part.

use super::folder::SweepFolder;
use crate::cli::Shell;
use crate::cli::progress::run_sweep_and_tell;
use crate::cli::stop::Stop;
use crate::experiment::manifest::Manifest;
use crate::experiment::parallel::Assignment;
use crate::experiment::sink::Sink;
use crate::experiment::study::Outcome;
use crate::experiment::sweep::Sweep;
use crate::experiment::sweep::study::SweepRuns;
use crate::report::sweep::{Journal, PartState, Parts, RunRow};
use anyhow::Context;
use std::num::NonZeroUsize;
use std::sync::atomic::Ordering;

/// A slice of a sweep's parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Slice {
    /// Which, from 0.
    pub(in crate::cli) shard: u32,
    /// Of how many.
    pub(in crate::cli) shards: u32,
}

impl Slice {
    /// All of it.
    pub(in crate::cli) const WHOLE: Self = Self { shard: 0, shards: 1 };

    /// Checks that every slice has a part.
    pub(in crate::cli) fn check(self, sweep: &Sweep) -> Result<(), String> {
        let parts = sweep.plan.parts();
        if self.shards <= parts {
            return Ok(());
        }
        let told = "the design is cut into";
        Err(format!(
            "--shard {}/{}: {told} {parts} parts, so at most {parts} slices have work",
            self.shard, self.shards
        ))
    }
}

/// What a slice has come to.
#[derive(Debug, serde::Serialize)]
pub(in crate::cli) struct Done {
    /// Parts of the slice.
    parts: usize,
    /// Runs of the slice.
    runs: usize,
    /// Of these, those that were run now.
    run_now: usize,
}

/// Runs what is missing of a slice.
pub(in crate::cli) fn run(
    folder: &SweepFolder<'_>,
    slice: Slice,
    threads: NonZeroUsize,
    shell: &Shell<'_>,
) -> Result<Done, Stop> {
    let (sweep, parts) = (folder.sweep, folder.parts());
    let slices = sweep.plan.parts_of(slice.shard, slice.shards);
    for stranger in parts.strangers() {
        shell.notes.say(&format!(
            "{}: is no part of this sweep, and left alone",
            folder.path.join("parts").join(stranger).display()
        ));
    }
    let todo = find_work(&parts, &slices, shell);
    let whole: usize = slices.iter().map(|part| sweep.plan.runs_of(*part).len()).sum();
    let runs: Vec<u32> = todo.iter().flat_map(|work| missing(sweep, work)).collect();
    if runs.len() < whole {
        shell.notes.say(&format!("{} of {whole} runs are there already", whole - runs.len()));
    }
    let done = Done { parts: slices.len(), runs: whole, run_now: runs.len() };
    let study = SweepRuns::new(sweep, runs);
    let mut sink = PartsSink { study: &study, parts: &parts, works: todo, open: None };
    if study.runs().is_empty() {
        sink.open_next().map_err(|error| refused(folder, &error))?;
        return Ok(done);
    }
    let assignment = Assignment { study: &study, sink: Box::new(sink) };
    let finished = run_sweep_and_tell(assignment, threads, shell)?;
    if let Some(error) = finished.sink_error {
        return Err(refused(folder, &error));
    }
    if shell.interrupt.load(Ordering::Relaxed) {
        shell.notes.say("the finished runs are kept; the same command goes on from here");
        return Err(Stop::Interrupted);
    }
    Ok(done)
}

fn refused(folder: &SweepFolder<'_>, error: &anyhow::Error) -> Stop {
    let advice = "make room, or choose another folder with --out; the same command goes on from here";
    Stop::Failed(anyhow::anyhow!("{error}; the runs so far are kept in `{}`: {advice}", folder.path.display()))
}

/// A part that is not finished, and the runs of it that are there.
struct Work {
    part: u32,
    there: Vec<u32>,
}

fn missing(sweep: &Sweep, work: &Work) -> Vec<u32> {
    sweep.plan.runs_of(work.part).filter(|run| work.there.binary_search(run).is_err()).collect()
}

/// The parts that are not finished; names what is wrong.
fn find_work(parts: &Parts<'_>, slice: &[u32], shell: &Shell<'_>) -> Vec<Work> {
    let mut works = Vec::new();
    for part in slice {
        match parts.state(*part) {
            PartState::Whole(_) => continue,
            PartState::Missing => {}
            PartState::Wrong(why) => {
                shell.notes.say(&format!("{}: {why}; it is made again", parts.file(*part).display()));
            }
        }
        let recovered = parts.recovered(*part);
        if recovered.dropped > 0 {
            let file = parts.file(*part).with_extension("csv");
            let told = "lines are torn, altered, double or of another design; their runs are run again";
            shell.notes.say(&format!("{}: {} {told}", file.display(), recovered.dropped));
        }
        works.push(Work { part: *part, there: recovered.rows.iter().map(|row| row.run).collect() });
    }
    works
}

/// Keeps each run as it ends, and each part as its last run ends.
struct PartsSink<'a> {
    study: &'a SweepRuns<'a>,
    parts: &'a Parts<'a>,
    /// Parts that are not begun, in order.
    works: Vec<Work>,
    open: Option<OpenPart>,
}

struct OpenPart {
    part: u32,
    journal: Journal,
    rows: Vec<RunRow>,
}

impl PartsSink<'_> {
    /// Opens the next part that has something to run; those that have nothing are finished on the way.
    fn open_next(&mut self) -> anyhow::Result<()> {
        while self.open.is_none() && !self.works.is_empty() {
            let work = self.works.remove(0);
            let (journal, recovered) = self.parts.journal(work.part)?;
            let rows = recovered.rows;
            anyhow::ensure!(
                rows.iter().map(|row| row.run).eq(work.there),
                "part {} was changed by another process while this one began",
                work.part
            );
            self.open = Some(OpenPart { part: work.part, journal, rows });
            self.close_if_full()?;
        }
        Ok(())
    }

    fn keep(&mut self, row: RunRow) -> anyhow::Result<()> {
        let open = self.open.as_mut().context("a run comes after its part was opened")?;
        open.journal.append(&row)?;
        open.rows.push(row);
        self.close_if_full()?;
        self.open_next()
    }

    /// Finishes the open part if all of its runs are there.
    fn close_if_full(&mut self) -> anyhow::Result<()> {
        if self.open.as_ref().is_some_and(|open| open.rows.len() == self.study.runs_of(open.part))
            && let Some(mut open) = self.open.take()
        {
            open.rows.sort_by_key(|row| row.run);
            self.parts.write(open.part, &open.rows)?;
        }
        Ok(())
    }
}

impl Sink for PartsSink<'_> {
    fn open(&mut self) -> anyhow::Result<()> {
        self.open_next()
    }

    fn accept(&mut self, replication: u32, outcome: &Outcome) -> anyhow::Result<()> {
        let run = self.study.runs()[replication as usize];
        self.keep(RunRow { run, result: Ok(outcome.recorded.values.clone()) })
    }

    fn missed(&mut self, replication: u32, reason: &str) -> anyhow::Result<()> {
        self.keep(RunRow::failed(self.study.runs()[replication as usize], reason))
    }

    fn close(&mut self, _manifest: &Manifest) -> anyhow::Result<()> {
        Ok(())
    }
}
