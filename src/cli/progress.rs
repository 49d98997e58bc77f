//! How far a command is: a bar on a terminal, a line every few seconds elsewhere.

use super::clock::{Stopwatch, spoken};
use super::{Notes, Shell};
use crate::experiment::parallel::{Assignment, Finished, run_in_blocks};
use crate::experiment::sink::Watcher;
use anyhow::Context;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

const BETWEEN_LINES: Duration = Duration::from_secs(5);
const BETWEEN_DRAWINGS: Duration = Duration::from_millis(250);

/// Runs all replications of all studies and tells how far it is.
///
/// # Errors
/// If the threads cannot be started.
pub(super) fn run_and_tell(
    assignments: Vec<Assignment<'_>>,
    threads: NonZeroUsize,
    shell: &Shell<'_>,
) -> anyhow::Result<Vec<Finished>> {
    run_in_blocks_and_tell(assignments, NonZeroU32::MAX, threads, shell)
}

/// As [`run_and_tell`], `block` replications of each study in turn.
///
/// # Errors
/// If the threads cannot be started.
pub(super) fn run_in_blocks_and_tell(
    assignments: Vec<Assignment<'_>>,
    block: NonZeroU32,
    threads: NonZeroUsize,
    shell: &Shell<'_>,
) -> anyhow::Result<Vec<Finished>> {
    tell("replications", assignments, block, threads, shell)
}

/// Runs the runs of a sweep and tells how far it is.
///
/// # Errors
/// If the threads cannot be started.
pub(super) fn run_sweep_and_tell(
    assignment: Assignment<'_>,
    threads: NonZeroUsize,
    shell: &Shell<'_>,
) -> anyhow::Result<Finished> {
    let finished = tell("runs", vec![assignment], NonZeroU32::MAX, threads, shell)?;
    finished.into_iter().next().context("one study was run")
}

fn tell(
    noun: &'static str,
    assignments: Vec<Assignment<'_>>,
    block: NonZeroU32,
    threads: NonZeroUsize,
    shell: &Shell<'_>,
) -> anyhow::Result<Vec<Finished>> {
    let total = assignments.iter().map(|assignment| u64::from(assignment.study.replications())).sum();
    let progress = Progress::start(&shell.notes, noun, total);
    let finished = run_in_blocks(assignments, block, threads, shell.interrupt, &progress)?;
    progress.finish();
    Ok(finished)
}

/// Follows the replications of an experiment.
struct Progress<'a, 'n> {
    notes: &'a Notes<'n>,
    /// What is counted.
    noun: &'static str,
    total: u64,
    watch: Stopwatch,
    bar: Option<ProgressBar>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    ended: u64,
    events: u64,
    lines: u64,
}

impl<'a, 'n> Progress<'a, 'n> {
    /// Nothing of `total` replications or runs has ended.
    fn start(notes: &'a Notes<'n>, noun: &'static str, total: u64) -> Self {
        let bar = notes.draws().then(|| bar(noun, total));
        Self { notes, noun, total, watch: Stopwatch::start(), bar, state: Mutex::default() }
    }

    /// Takes the bar away and tells how long it all took.
    fn finish(self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        let (ended, total, time) = (state.ended, self.total, spoken(self.watch.elapsed()));
        let rate = self.watch.rate(state.events);
        self.notes.say(&format!("{ended} of {total} {} in {time}, {rate:.3e} events/s", self.noun));
    }

    fn line_is_due(&self, state: &State) -> bool {
        self.bar.is_none() && self.watch.elapsed() >= BETWEEN_LINES * u32::try_from(state.lines + 1).unwrap_or(u32::MAX)
    }

    fn line(&self, state: &State) -> String {
        let left = self.watch.elapsed().mul_f64((self.total - state.ended) as f64 / state.ended as f64);
        let rate = self.watch.rate(state.events);
        format!("{} of {} {}, {rate:.3e} events/s, {} left", state.ended, self.total, self.noun, spoken(left))
    }
}

impl Watcher for Progress<'_, '_> {
    fn replication_ended(&self, _study: usize, events: Option<u64>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.ended += 1;
        state.events += events.unwrap_or(0);
        if let Some(bar) = &self.bar {
            bar.set_message(format!("{:.3e} events/s", self.watch.rate(state.events)));
            bar.set_position(state.ended);
        }
        if self.line_is_due(&state) {
            state.lines = self.watch.elapsed().as_secs() / BETWEEN_LINES.as_secs();
            self.notes.say(&self.line(&state));
        }
    }
}

fn bar(noun: &str, total: u64) -> ProgressBar {
    let template = format!("{{bar:32}} {{pos}}/{{len}} {noun}, {{per_sec}}, {{msg}}, {{eta}} left");
    let style = ProgressStyle::with_template(&template).expect("the template is well formed");
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr()).with_style(style);
    bar.enable_steady_tick(BETWEEN_DRAWINGS);
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_terminal_there_is_a_last_line_and_no_bar() {
        let mut err = Vec::new();
        let notes = Notes::new(&mut err, false);
        let progress = Progress::start(&notes, "replications", 2);
        progress.replication_ended(0, Some(10));
        progress.replication_ended(0, None);
        progress.finish();
        let text = String::from_utf8(err).unwrap();
        assert!(text.starts_with("2 of 2 replications in ") && text.lines().count() == 1, "{text}");
    }

    #[test]
    fn quiet_says_nothing() {
        let mut err = Vec::new();
        let mut notes = Notes::new(&mut err, true);
        notes.silence(true);
        let progress = Progress::start(&notes, "runs", 1);
        progress.replication_ended(0, Some(10));
        progress.finish();
        assert!(err.is_empty());
    }
}
