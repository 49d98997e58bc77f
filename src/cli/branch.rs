//! `branch`: one past, several futures, a folder of results for each.

use super::Shell;
use super::kept::{Keeping, Kept};
use super::options::{ChangeOptions, MannerOptions, ResultOptions};
use super::output::{Folder, Layout};
use super::paths::{clashes, scenario_files};
use super::progress::run_in_blocks_and_tell;
use super::reader::{chart_facts, each, load_options, options, stem};
use super::run::{Ran, conclude};
use super::scenarios::Changes;
use super::stop::Stop;
use crate::experiment::branch::{Fork, Trunk};
use crate::experiment::parallel::Assignment;
use crate::experiment::study::Study;
use crate::experiment::sweep::kept::read_outcomes;
use crate::scenario::Scenario;
use crate::scenario::tree::LoadOptions;
use crate::units::CivilDate;
use clap::Args;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

/// Runs a scenario to a day once, and continues it from there in several ways
#[derive(Args)]
#[command(after_help = "A FORK is a scenario of its own, such as scenarios/power-slips.ron, or a file without `base` \
                        whose fields and `changes` are made to SCENARIO:\n\n  (name: \"Cheaper compute\", \
                        changes: [Scale(\"clouds.aws.chip_price.target\", 0.9)])\n\nEverything before DATE happens \
                        once, under SCENARIO. From its first second on, each fork goes on under its own parameters: \
                        what is read when it is needed acts from then on, dates to come move, and what was agreed or \
                        drawn before runs to its end. What a fork cannot change (dates and entities of the past, \
                        opening balances, the seed) is refused.\n\nExamples:\n  cloudmarket branch \
                        scenarios/baseline.ron --at 2026-04-01 scenarios/exclusivity-stays.ron\n  cloudmarket branch \
                        scenarios/baseline.ron --at 2026-07-01 --with-base scenarios/power-slips.ron my-fork.ron \
                        --replications 8\n\nEach fork's results, the shared past included, go to OUT/<stem of the \
                        file>/; its manifest says what it was branched from.")]
pub(super) struct Branch {
    /// The scenario whose past is shared
    scenario: PathBuf,
    /// First day of the forks
    #[arg(long, value_name = "DATE", value_parser = CivilDate::parse)]
    at: CivilDate,
    /// Continuations: files, or folders with *.ron files directly inside
    #[arg(required = true)]
    fork: Vec<PathBuf>,
    /// Continue SCENARIO itself too
    #[arg(long)]
    with_base: bool,
    #[command(flatten)]
    results: ResultOptions,
    #[command(flatten)]
    changes: ChangeOptions,
    #[command(flatten)]
    manner: MannerOptions,
}

impl Branch {
    pub(super) fn execute(&self, shell: &mut Shell<'_>) -> Result<(), Stop> {
        shell.notes.silence(self.manner.quiet);
        let changes = self.changes.changes(self.results.journals());
        let (base, forks) = self.read(&changes).map_err(Stop::Problems)?;
        let count = u32::try_from(forks.len()).map_err(|_| Stop::problem("too many forks"))?;
        let trunk = Trunk::new(base, self.at, options(&changes), count);
        let forks: Vec<Fork<'_>> =
            forks.into_iter().map(|(stem, scenario)| Fork::new(&trunk, stem, scenario)).collect();
        let kept = self.kept(&forks)?;
        let layout = self.results.layout(self.manner.threads());
        layout.check(forks.iter().map(Fork::stem)).map_err(Stop::Problems)?;
        let results = run(&forks, kept, &layout, shell)?;
        conclude(&results, &layout, self.manner.json, shell)
    }

    /// What is kept of each fork; every problem of all.
    fn kept(&self, forks: &[Fork<'_>]) -> Result<Vec<Kept>, Stop> {
        let (mut kept, mut problems) = (Vec::with_capacity(forks.len()), Vec::new());
        for fork in forks {
            let file = self.results.outcomes.as_deref();
            match file.map_or_else(|| Ok(Vec::new()), |file| read_outcomes(file, fork.scenario())) {
                Ok(outcomes) => kept.push(Kept::new(outcomes)),
                Err(more) => problems.extend(each(&more)),
            }
        }
        if problems.is_empty() { Ok(kept) } else { Err(Stop::Problems(problems)) }
    }

    /// The scenario and its forks by the stems of their files.
    fn read(&self, changes: &Changes) -> Result<(Scenario, Vec<(String, Scenario)>), Vec<String>> {
        let loading = load_options(changes);
        let base = Scenario::read_with(&self.scenario, &loading).map_err(|problems| each(&problems))?;
        self.check_day(&base)?;
        let (mut files, mut problems) = scenario_files(&self.fork);
        let mut forks = Vec::new();
        for file in &files {
            match read_fork(&base, file, &loading, self.at) {
                Ok(fork) => forks.push((stem(file), fork)),
                Err(more) => problems.extend(more),
            }
        }
        if self.with_base {
            files.push(self.scenario.clone());
            forks.push((stem(&self.scenario), base.clone()));
        }
        problems.extend(clashes(&files));
        if problems.is_empty() { Ok((base, forks)) } else { Err(problems) }
    }

    fn check_day(&self, base: &Scenario) -> Result<(), Vec<String>> {
        let (first, last) = (base.spec().horizon.start.0, base.spec().horizon.end.0);
        if first < self.at && self.at <= last {
            return Ok(());
        }
        Err(vec![format!("--at {}: expected a day after {first}, when the run starts, and at most {last}", self.at)])
    }
}

fn read_fork(base: &Scenario, file: &Path, loading: &LoadOptions, at: CivilDate) -> Result<Scenario, Vec<String>> {
    let fork = base.read_fork(file, loading).map_err(|problems| each(&problems))?;
    // What is wrong may stand in a file of the base.
    let told = |problem: String| format!("{}\n    = fork: {}\n", problem.trim_end(), file.display());
    base.check_fork(&fork, at).map_err(|problems| each(&problems).into_iter().map(told).collect::<Vec<_>>())?;
    Ok(fork)
}

fn run<'f>(
    forks: &'f [Fork<'_>],
    mut kept: Vec<Kept>,
    layout: &Layout,
    shell: &Shell<'_>,
) -> Result<Vec<Ran<'f>>, Stop> {
    let assignment = |(fork, kept): (&'f Fork<'_>, _)| {
        let facts = chart_facts(fork.scenario().spec());
        let folder = Folder::of(layout, fork.stem(), fork.name(), facts, shell.interrupt);
        Assignment { study: fork, sink: Box::new(Keeping::new(kept, folder)) }
    };
    let assignments = forks.iter().zip(&mut kept).map(assignment).collect();
    // As many pasts at once as there are threads to run them.
    let block = u32::try_from(layout.threads.get()).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN);
    let finished = run_in_blocks_and_tell(assignments, block, layout.threads, shell)?;
    Ok(Ran::all(forks.iter().map(Study::stem), finished, kept))
}
