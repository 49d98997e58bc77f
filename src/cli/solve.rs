//! `solve`: the value of an axis at which the mean of an outcome reaches a target.

use super::Shell;
use super::options::MannerOptions;
use super::progress::run_sweep_and_tell;
use super::reader::{MOST_EVENTS, chart_facts, settings, stem};
use super::scenarios::Changes;
use super::stop::Stop;
use super::sweep::{check_writable, told};
use super::text::{Side, figure, table};
use crate::experiment::crossing::{Crossing, find};
use crate::experiment::manifest::Manifest;
use crate::experiment::parallel::Assignment;
use crate::experiment::sink::Sink;
use crate::experiment::study::Outcome;
use crate::experiment::sweep::NO_POLICY;
use crate::experiment::sweep::solve::Solve as Sought;
use crate::experiment::sweep::study::SweepRuns;
use crate::model::Options;
use crate::report::charts::{Format, break_evens, write_picture};
use crate::report::solve::{Evaluated, Solved, write_solved};
use crate::units::CivilDate;
use clap::Args;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

/// Finds the value of an axis at which an outcome reaches a target
#[derive(Args)]
#[command(
    after_help = "The sweep file says what is looked for: `solve: (axis: \"trainium-price\", outcome: \"aws-lead\", target: \
                  0)`. The axis needs two ends, as `Range` and `Uniform` have them; other axes are left as the scenario has \
                  them. scenarios/sweeps/README.md explains it.\n\nExamples:\n  cloudmarket solve \
                  scenarios/sweeps/trainium-price-at-overtaking.ron\n  cloudmarket solve my-sweep.ron --replications 32 --json"
)]
pub(super) struct Solve {
    /// The sweep file
    sweep: PathBuf,
    /// Number of replications near the crossing, instead of the file's own
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=1_000_000))]
    replications: Option<u32>,
    /// Seed of all random streams, instead of the file's own
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// Last day of the runs, instead of the file's own
    #[arg(long, value_name = "DATE", value_parser = CivilDate::parse)]
    until: Option<CivilDate>,
    /// Folder that solve.csv and the charts go to, in a folder called after the file
    #[arg(long, value_name = "DIR", default_value = "output")]
    out: PathBuf,
    /// Most events that a run may have; more than 100 million need this
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    max_events: Option<u64>,
    #[command(flatten)]
    manner: MannerOptions,
    /// Draw no charts
    #[arg(long)]
    no_charts: bool,
}

impl Solve {
    pub(super) fn execute(&self, shell: &mut Shell<'_>) -> Result<(), Stop> {
        shell.notes.silence(self.manner.quiet);
        let sought = self.read()?;
        let folder = self.out.join(stem(&self.sweep));
        check_writable(&folder)?;
        let solved: Vec<Solved> = (0..sought.policies().len())
            .map(|policy| {
                let threads = self.manner.threads();
                Search { sought: &sought, policy, threads, evaluated: Vec::new() }.run(shell)
            })
            .collect::<Result<_, _>>()?;
        write_solved(&folder.join("solve.csv"), &solved)?;
        if !self.no_charts {
            draw(&sought, &solved, &folder)?;
        }
        if self.manner.json {
            let results: Vec<_> = solved.iter().map(|one| one.to_json(&sought)).collect();
            return shell.print_json(&serde_json::json!({
                "axis": sought.axis().id, "outcome": sought.outcome().id, "target": sought.target, "results": results,
            }));
        }
        let texts: Vec<String> = solved.iter().map(|one| text(&sought, one)).collect();
        shell.print(&texts.join("\n"))
    }

    fn read(&self) -> Result<Sought, Stop> {
        let (replications, seed, until) = (self.replications, self.seed, self.until);
        let changes = Changes { replications, seed, until, ..Changes::default() };
        let options = Options { max_events: Some(self.max_events.unwrap_or(MOST_EVENTS)), ..Options::default() };
        Sought::read(&self.sweep, &settings(&changes), options).map_err(|error| Stop::Problems(told(&error)))
    }
}

fn draw(sought: &Sought, solved: &[Solved], folder: &Path) -> Result<(), Stop> {
    let names = chart_facts(sought.sweep().base().spec()).names;
    for (stem, picture) in break_evens(sought, solved, &names) {
        write_picture(&picture, &stem, folder, &[Format::Png]).map_err(anyhow::Error::new)?;
    }
    Ok(())
}

/// The search under one policy.
struct Search<'a> {
    sought: &'a Sought,
    policy: usize,
    threads: NonZeroUsize,
    evaluated: Vec<Evaluated>,
}

impl Search<'_> {
    fn run(mut self, shell: &Shell<'_>) -> Result<Solved, Stop> {
        let policy = self.sought.policies()[self.policy].id.clone();
        let crossing = find(&self.sought.search(), |x, replications| self.outcomes(x, replications, shell))?;
        self.evaluated.sort_by(|one, other| one.value.total_cmp(&other.value));
        Ok(Solved { policy, crossing, evaluated: self.evaluated })
    }

    /// The outcomes of some replications at a value of the axis.
    fn outcomes(&mut self, value: f64, replications: Range<u32>, shell: &Shell<'_>) -> Result<Vec<f64>, Stop> {
        let sought = self.sought;
        let sweep = sought.at(value);
        let study = SweepRuns::new(&sweep, sought.runs(self.policy, replications));
        let mut outcomes = Vec::new();
        let assignment = Assignment { study: &study, sink: Box::new(Outcomes(&mut outcomes)) };
        let finished = run_sweep_and_tell(assignment, self.threads, shell)?;
        if shell.interrupt.load(Ordering::Relaxed) {
            return Err(Stop::Interrupted);
        }
        let (at, outcome) = (format!("{} {}", sought.axis().id, figure(value)), &sought.outcome().id);
        if let Some(error) = finished.sink_error {
            return Err(Stop::Failed(error.context(format!("nothing can be said of {outcome} at {at}"))));
        }
        let point = self.keep(value, &outcomes);
        let (mean, n) = (figure(point.mean()), point.outcomes.len());
        shell.notes.say(&format!("{at}: {outcome} {mean} on {n} replications"));
        Ok(outcomes)
    }

    fn keep(&mut self, value: f64, outcomes: &[f64]) -> &Evaluated {
        let place = self.evaluated.iter().position(|point| point.value == value).unwrap_or_else(|| {
            self.evaluated.push(Evaluated { value, outcomes: Vec::new() });
            self.evaluated.len() - 1
        });
        let point = &mut self.evaluated[place];
        point.outcomes.extend_from_slice(outcomes);
        point
    }
}

/// Takes one outcome of each run; a mean over those that have one would be of something else.
struct Outcomes<'a>(&'a mut Vec<f64>);

impl Sink for Outcomes<'_> {
    fn open(&mut self) -> anyhow::Result<()> {
        Ok(())
    }

    fn accept(&mut self, _run: u32, outcome: &Outcome) -> anyhow::Result<()> {
        let value = outcome.recorded.values[0];
        let advice = "choose a range, a period or a statistic that gives one to every run";
        anyhow::ensure!(value.is_finite(), "a run has no such outcome; {advice}");
        self.0.push(value);
        Ok(())
    }

    fn missed(&mut self, _run: u32, reason: &str) -> anyhow::Result<()> {
        anyhow::bail!("a run failed: {reason}")
    }

    fn close(&mut self, _manifest: &Manifest) -> anyhow::Result<()> {
        Ok(())
    }
}

/// What was found under a policy, in words.
fn text(sought: &Sought, solved: &Solved) -> String {
    let (axis, outcome) = (sought.axis(), sought.outcome());
    let under = if solved.policy == NO_POLICY { String::new() } else { format!(", policy {}", solved.policy) };
    let row = |what: &str, value: String| [what.to_owned(), value];
    let mean = |(mean, half_width): (f64, f64)| format!("{} +- {}", figure(mean), figure(half_width));
    let pair = |(low, high): (f64, f64)| format!("{} to {}", figure(low), figure(high));
    let (said, rows) = match &solved.crossing {
        Crossing::Found(found) => {
            let rows = vec![
                row(&axis.id, figure(found.value)),
                row("95 % interval", pair(found.interval)),
                row("bracket", pair(found.bracket)),
                row("runs", found.runs.to_string()),
                row("runs of a grid as precise", sought.runs_of_grid(found).to_string()),
            ];
            (String::new(), rows)
        }
        Crossing::NotInRange { at_low, at_high, runs } => {
            let rows = vec![
                row(&format!("at {} {}", axis.id, figure(sought.range.0)), mean(*at_low)),
                row(&format!("at {} {}", axis.id, figure(sought.range.1)), mean(*at_high)),
                row("runs", runs.to_string()),
            ];
            (": no crossing in range".to_owned(), rows)
        }
    };
    let heading = format!("{} = {}{under}{said}\n", outcome.id, figure(sought.target));
    heading + &table([("", Side::Left), ("", Side::Right)], &rows)
}
