//! `backtest`: simulated against observed series, and against naive forecasts.

use super::Shell;
use super::options::{ChangeOptions, MannerOptions};
use super::progress::run_and_tell;
use super::reader::{each, load_options, options, stem};
use super::scenarios::Journals;
use super::stop::Stop;
use super::text::{Side, figure, table};
use crate::evidence::backtest::{Ensemble, Mapping, Observed, Plan, PointScore, SeriesScore, score, summarise};
use crate::experiment::manifest::Manifest;
use crate::experiment::parallel::Assignment;
use crate::experiment::replication::ScenarioStudy;
use crate::experiment::sink::Sink;
use crate::experiment::study::Outcome;
use crate::report::files::write_atomically;
use crate::scenario::Scenario;
use crate::units::{Calendar, CivilDate};
use clap::Args;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::Ordering;

/// Name of the table of points.
const POINTS: &str = "backtest.csv";

/// Scores a scenario against observed series and naive forecasts
#[derive(Args)]
#[command(after_help = "Examples:\n  cloudmarket backtest scenarios/baseline.ron --observed \
                        scenarios/reference/observed.csv --cutoff 2024-12-31\n  cloudmarket backtest my.ron --observed \
                        seen.csv --series series.ron --cutoff 2025-03-31 --replications 32 --json\n\nThe observed table \
                        has the columns series, period_end, value and unit; the file of --series says which simulated \
                        metric each series is compared with. Points up to --cutoff are scored in sample, later ones \
                        out of sample. Naive forecasts, the last value carried forward and the trend of the last \
                        year, see in sample what was observed before each point, out of sample what was observed up \
                        to the cutoff. Skill is 1 - CRPS over theirs on the same points: over 0 is better than \
                        naive. Every scored point goes to OUT/<stem of the file>/backtest.csv.")]
pub(super) struct Backtest {
    /// Scenario file
    scenario: PathBuf,
    /// Table of observations
    #[arg(long, value_name = "FILE.csv")]
    observed: PathBuf,
    /// Last day that forecasts may have seen
    #[arg(long, value_name = "DATE", value_parser = CivilDate::parse)]
    cutoff: CivilDate,
    /// What each series is compared with [default: series.ron beside the table]
    #[arg(long, value_name = "FILE.ron")]
    series: Option<PathBuf>,
    /// Folder that the results go to
    #[arg(long, value_name = "DIR", default_value = "output")]
    out: PathBuf,
    #[command(flatten)]
    changes: ChangeOptions,
    #[command(flatten)]
    manner: MannerOptions,
}

impl Backtest {
    pub(super) fn execute(&self, shell: &mut Shell<'_>) -> Result<(), Stop> {
        shell.notes.silence(self.manner.quiet);
        let (scenario, plan) = self.read().map_err(Stop::Problems)?;
        let last = plan.last_day().ok_or_else(|| {
            Stop::problem(format!("{}: no observation of a mapped series is within the run", self.observed.display()))
        })?;
        let changes = self.changes.changes(Journals::default());
        let end = last.plus_days(1).ok_or_else(|| Stop::problem("the last observation is at the end of time"))?;
        let study = ScenarioStudy::new(stem(&self.scenario), scenario, options(&changes)).ending(end);
        let ensemble = self.run(&study, &plan, shell)?;
        let points = score(&plan, &ensemble);
        let path = self.out.join(stem(&self.scenario)).join(POINTS);
        write_points(&path, &points)?;
        self.print(&plan, &points, shell)
    }

    /// The scenario and what to compare it with; every problem of all files.
    fn read(&self) -> Result<(Scenario, Plan), Vec<String>> {
        let changes = self.changes.changes(Journals::default());
        let scenario = Scenario::read_with(&self.scenario, &load_options(&changes)).map_err(|problems| each(&problems));
        let beside = self.observed.with_file_name("series.ron");
        let mapped = Observed::read(&self.observed).and_then(|observed| {
            let mapping = Mapping::read(self.series.as_ref().unwrap_or(&beside), &observed);
            mapping.map(|mapping| (observed, mapping)).map_err(|problems| each(&problems))
        });
        match (scenario, mapped) {
            (Ok(scenario), Ok((observed, mapping))) => {
                let horizon = &scenario.spec().horizon;
                let calendar = Calendar::new(horizon.start.0, horizon.end.0);
                let plan = Plan::new(&observed, &mapping, &calendar, self.cutoff);
                Ok((scenario, plan))
            }
            (Ok(_), Err(problems)) | (Err(problems), Ok(_)) => Err(problems),
            (Err(first), Err(second)) => Err([first, second].concat()),
        }
    }

    fn run(&self, study: &ScenarioStudy, plan: &Plan, shell: &Shell<'_>) -> Result<Ensemble, Stop> {
        let gathered = Mutex::new(Gathered::default());
        let sink = Box::new(Gather { plan, gathered: &gathered });
        let finished = run_and_tell(vec![Assignment { study, sink }], self.manner.threads(), shell)?;
        let Gathered { ensemble, problems } = gathered.into_inner().map_err(|_| anyhow::anyhow!("a run panicked"))?;
        if !problems.is_empty() {
            return Err(Stop::Problems(problems));
        }
        let one = finished.into_iter().next().ok_or_else(|| anyhow::anyhow!("the study has no account"))?;
        if let Some(error) = one.sink_error {
            return Err(Stop::Failed(error));
        }
        if !one.manifest.complete && shell.interrupt.load(Ordering::Relaxed) {
            return Err(Stop::Interrupted);
        }
        match one.manifest.broken.first() {
            Some(broken) => {
                let text = format!("replication {} failed: {}", broken.replication, broken.reason);
                Err(Stop::Failed(anyhow::Error::msg(text)))
            }
            None => Ok(ensemble),
        }
    }

    fn print(&self, plan: &Plan, points: &[PointScore], shell: &mut Shell<'_>) -> Result<(), Stop> {
        let scores = summarise(points);
        if self.manner.json {
            let value =
                serde_json::json!({ "cutoff": self.cutoff.to_string(), "series": scores, "unmapped": plan.unmapped });
            return shell.print_json(&value);
        }
        let silent = plan.series.iter().filter(|series| !points.iter().any(|point| point.series == series.name));
        for series in silent {
            shell.notes.say(&format!("series `{}` has no observation within the run", series.name));
        }
        if !plan.unmapped.is_empty() {
            shell.notes.say(&format!("compared with nothing: {}", plan.unmapped.join(", ")));
        }
        shell.print(&text_of(&scores))
    }
}

/// What the runs left, or what they do not have.
#[derive(Default)]
struct Gathered {
    ensemble: Ensemble,
    problems: Vec<String>,
}

/// Keeps the simulated values of a plan's points.
struct Gather<'p> {
    plan: &'p Plan,
    gathered: &'p Mutex<Gathered>,
}

impl Sink for Gather<'_> {
    fn open(&mut self) -> anyhow::Result<()> {
        Ok(())
    }

    fn accept(&mut self, _: u32, outcome: &Outcome) -> anyhow::Result<()> {
        let mut gathered = self.gathered.lock().map_err(|_| anyhow::anyhow!("another thread panicked"))?;
        if let Err(problems) = gathered.ensemble.take(self.plan, &outcome.recorded) {
            gathered.problems = problems;
            anyhow::bail!("the run does not have what the series are compared with");
        }
        Ok(())
    }

    fn close(&mut self, _: &Manifest) -> anyhow::Result<()> {
        Ok(())
    }
}

fn text_of(scores: &[SeriesScore]) -> String {
    let share = |value: f64| format!("{:.0} %", 100.0 * value);
    let optional = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), figure);
    let skill = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |skill| format!("{skill:+.2}"));
    let row = |score: &SeriesScore| {
        [
            score.series.clone(),
            score.unit.clone(),
            score.sample.name().to_owned(),
            score.n.to_string(),
            figure(score.bias),
            figure(score.mae),
            share(score.mape),
            share(score.coverage_50),
            share(score.coverage_90),
            figure(score.crps),
            optional(score.crps_last),
            optional(score.crps_trend),
            skill(score.skill_over_last),
            skill(score.skill_over_trend),
        ]
    };
    let headings = [
        ("series", Side::Left),
        ("unit", Side::Left),
        ("sample", Side::Left),
        ("n", Side::Right),
        ("bias", Side::Right),
        ("MAE", Side::Right),
        ("MAPE", Side::Right),
        ("in 50 %", Side::Right),
        ("in 90 %", Side::Right),
        ("CRPS", Side::Right),
        ("of last", Side::Right),
        ("of trend", Side::Right),
        ("skill: last", Side::Right),
        ("trend", Side::Right),
    ];
    table(headings, &scores.iter().map(row).collect::<Vec<_>>())
}

fn write_points(path: &Path, points: &[PointScore]) -> Result<(), Stop> {
    let mut rows = csv::Writer::from_writer(Vec::new());
    let columns = [
        "series",
        "unit",
        "sample",
        "period_end",
        "observed",
        "p05",
        "p25",
        "p50",
        "p75",
        "p95",
        "crps",
        "crps_last",
        "crps_trend",
    ];
    rows.write_record(columns).map_err(anyhow::Error::new)?;
    for point in points {
        let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
        let names = [point.series.clone(), point.unit.clone(), point.sample.name().to_owned()];
        let figures = std::iter::once(point.observed).chain(point.quantiles).chain([point.crps]).map(Some);
        let figures = figures.chain([point.crps_last, point.crps_trend]).map(number);
        let row = names.into_iter().chain([point.period_end.to_string()]).chain(figures);
        rows.write_record(row).map_err(anyhow::Error::new)?;
    }
    let text = rows.into_inner().map_err(|error| anyhow::Error::msg(error.to_string()))?;
    if let Some(folder) = path.parent() {
        let refused =
            |error| anyhow::Error::new(error).context(format!("cannot make the folder `{}`", folder.display()));
        std::fs::create_dir_all(folder).map_err(refused)?;
    }
    Ok(write_atomically(path, |out| out.write_all(&text)).map_err(anyhow::Error::new)?)
}
