//! `run`: scenario files in, a folder of results for each out.

use super::kept::{self, Keeping, Kept, NotRecorded};
use super::options::{ChangeOptions, MannerOptions, ResultOptions};
use super::output::{Folder, Layout, MANIFEST};
use super::paths::read_all;
use super::progress::run_and_tell;
use super::scenarios::Scenario;
use super::stop::Stop;
use super::text::{Side, table};
use super::{Notes, Shell};
use crate::experiment::manifest::Manifest;
use crate::experiment::parallel::{Assignment, Finished};
use clap::Args;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Runs scenarios and writes tables and charts
#[derive(Args)]
#[command(after_help = "Examples:\n  cloudmarket run\n  cloudmarket run scenarios/baseline.ron --replications 4 \
                        --until 2027-12-31\n  cloudmarket run my.ron --set 'products.chatgpt.ceiling_m=2000' --out /tmp/try \
                        --format csv --every quarter\n\nEach scenario's results go to a folder of its own, \
                        OUT/<stem of the file>/.\n\nFrom another program, parameters in and outcomes out:\n  cloudmarket \
                        run scenarios/baseline.ron --set-file point.json --outcomes outcomes.ron --no-files --json \
                        --quiet\n\nwhere point.json is a map such as {\"clouds.azure.wacc\": 0.12}, and outcomes.ron \
                        names what is kept of a run:\n\n  (outcomes: {\"lead\": (metric: \"share_revenue\", entity: \
                        \"aws\", minus: (entity: \"azure\"), statistic: Last)})\n\nA string of JSON that replaces no \
                        string stands for what --set would read there: \"Scheduled(9.5)\".")]
pub(super) struct Run {
    /// Scenario files, or folders with *.ron files directly inside [default: scenarios/]
    path: Vec<PathBuf>,
    #[command(flatten)]
    results: ResultOptions,
    #[command(flatten)]
    changes: ChangeOptions,
    #[command(flatten)]
    manner: MannerOptions,
}

impl Run {
    pub(super) fn execute(&self, shell: &mut Shell<'_>) -> Result<(), Stop> {
        shell.notes.silence(self.manner.quiet);
        let scenarios = read_all(&self.path, shell.reader, &self.changes.changes(self.results.journals()))?;
        let kept = self.kept(&scenarios)?;
        let layout = self.results.layout(self.manner.threads());
        layout.check(scenarios.iter().map(|scenario| scenario.study().stem())).map_err(Stop::Problems)?;
        let results = run(&scenarios, kept, &layout, shell)?;
        conclude(&results, &layout, self.manner.json, shell)
    }

    /// What is kept of each scenario; every problem of all.
    fn kept(&self, scenarios: &[Box<dyn Scenario>]) -> Result<Vec<Kept>, Stop> {
        let (mut kept, mut problems) = (Vec::with_capacity(scenarios.len()), Vec::new());
        for scenario in scenarios {
            match self.results.outcomes.as_deref().map_or_else(|| Ok(Vec::new()), |file| scenario.outcomes(file)) {
                Ok(outcomes) => kept.push(Kept::new(outcomes)),
                Err(more) => problems.extend(more),
            }
        }
        if problems.is_empty() { Ok(kept) } else { Err(Stop::Problems(problems)) }
    }
}

/// Tells and prints what became of every scenario; the command's end.
pub(super) fn conclude(results: &[Ran<'_>], layout: &Layout, json: bool, shell: &mut Shell<'_>) -> Result<(), Stop> {
    for result in results {
        result.tell(layout, &shell.notes);
    }
    if json {
        let lines: Vec<serde_json::Value> = results.iter().map(|result| result.to_json(layout)).collect();
        shell.print_json(&lines)?;
    } else {
        let rows: Vec<[String; 4]> = results.iter().map(Ran::row).collect();
        let headings =
            [("scenario", Side::Left), ("replications", Side::Right), ("events", Side::Right), ("digest", Side::Left)];
        let outcomes = kept::text(results.iter().map(|result| (result.stem, &result.kept)));
        shell.print(&(table(headings, &rows) + &outcomes))?;
    }
    judge(results, shell)
}

fn run<'a>(
    scenarios: &'a [Box<dyn Scenario>],
    mut kept: Vec<Kept>,
    layout: &Layout,
    shell: &Shell<'_>,
) -> Result<Vec<Ran<'a>>, Stop> {
    let assignment = |(scenario, kept)| assignment(scenario, kept, layout, shell.interrupt);
    let each = scenarios.iter().map(AsRef::as_ref).zip(&mut kept);
    let finished = run_and_tell(each.map(assignment).collect(), layout.threads, shell)?;
    let stems = scenarios.iter().map(|scenario| scenario.study().stem());
    Ok(Ran::all(stems, finished, kept))
}

fn assignment<'a>(
    scenario: &'a dyn Scenario,
    kept: &'a mut Kept,
    layout: &'a Layout,
    interrupt: &'a AtomicBool,
) -> Assignment<'a> {
    let study = scenario.study();
    let folder = Folder::of(layout, study.stem(), study.name(), scenario.chart_facts(), interrupt);
    Assignment { study, sink: Box::new(Keeping::new(kept, folder)) }
}

/// What became of one scenario.
pub(super) struct Ran<'a> {
    pub(super) stem: &'a str,
    pub(super) finished: Finished,
    kept: Kept,
}

impl<'a> Ran<'a> {
    /// What became of all.
    pub(super) fn all(stems: impl Iterator<Item = &'a str>, finished: Vec<Finished>, kept: Vec<Kept>) -> Vec<Self> {
        stems.zip(finished).zip(kept).map(|((stem, finished), kept)| Self { stem, finished, kept }).collect()
    }

    fn manifest(&self) -> &Manifest {
        &self.finished.manifest
    }

    fn folder(&self, layout: &Layout) -> PathBuf {
        layout.out.join(self.stem)
    }

    fn row(&self) -> [String; 4] {
        let manifest = self.manifest();
        let replications = if manifest.complete {
            manifest.replications.to_string()
        } else {
            format!("{} of {}", manifest.finished.len(), manifest.replications)
        };
        [self.stem.to_owned(), replications, manifest.events.to_string(), manifest.digest[..16].to_owned()]
    }

    fn to_json(&self, layout: &Layout) -> serde_json::Value {
        let manifest = self.manifest();
        serde_json::json!({
            "stem": self.stem,
            "scenario": manifest.scenario,
            "replications": manifest.replications,
            "finished": manifest.finished.len(),
            "complete": manifest.complete,
            "events": manifest.events,
            "warnings": manifest.warnings.len(),
            "digest": manifest.digest,
            "folder": layout.files.then(|| self.folder(layout)),
            "outcomes": self.kept.to_json(),
        })
    }

    /// Tells what went wrong or looks strange.
    fn tell(&self, layout: &Layout, notes: &Notes<'_>) {
        const SHOWN: usize = 3;
        let (stem, manifest) = (self.stem, self.manifest());
        for breakdown in manifest.broken.iter().take(SHOWN) {
            notes.error(&format!("{stem}: replication {} failed: {}", breakdown.replication, breakdown.reason));
        }
        if let Some(more) = manifest.broken.len().checked_sub(SHOWN + 1) {
            notes.error(&format!("{stem}: {} more replications failed", more + 1));
        }
        for warning in manifest.warnings.iter().take(SHOWN) {
            notes.say(&format!("{stem}: warning: {} ({} times)", warning.text, warning.count));
        }
        if let Some(more) = manifest.warnings.len().checked_sub(SHOWN + 1) {
            let place = self.folder(layout).join(MANIFEST);
            let place = if layout.files { format!(", see {}", place.display()) } else { String::new() };
            notes.say(&format!("{stem}: {} more warnings{place}", more + 1));
        }
        if let Some(error) = &self.finished.sink_error {
            let what_to_do = match error.is::<NotRecorded>() {
                true => "choose another series; `list metrics` tells whose each metric is".to_owned(),
                false => advice(&self.folder(layout)),
            };
            notes.error(&format!("{stem}: {error:#}; {what_to_do}"));
        }
    }
}

fn advice(folder: &Path) -> String {
    format!("make room in `{}` or choose another folder with --out, then run again", folder.display())
}

/// The command's end: interrupted, failed or done.
fn judge(results: &[Ran<'_>], shell: &Shell<'_>) -> Result<(), Stop> {
    let incomplete = results.iter().filter(|ran| !ran.manifest().complete || ran.finished.sink_error.is_some());
    let stems: Vec<&str> = incomplete.map(|ran| ran.stem).collect();
    if stems.is_empty() {
        return Ok(());
    }
    if shell.interrupt.load(Ordering::Relaxed) {
        shell.notes.say("the finished replications are kept; run again to get all");
        return Err(Stop::Interrupted);
    }
    Err(Stop::Failed(anyhow::anyhow!("incomplete: {}", stems.join(", "))))
}
