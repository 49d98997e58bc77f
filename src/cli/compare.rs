//! `compare`: the same replications of several scenarios, and what differs.

mod attribute;
mod clause_values;
mod folder;
mod lines;
mod precision;
mod sample;
mod window;

use self::lines::{Line, differences, text_of};
use self::precision::{Precision, parse_precision};
use self::sample::Sample;
use self::window::Window;
use super::Shell;
use super::options::{ChangeOptions, MannerOptions};
use super::progress::run_and_tell;
use super::scenarios::{Changes, Journals, Scenario, Topic};
use super::stop::Stop;
use super::text::suggestion;
use crate::experiment::manifest::Manifest;
use crate::experiment::parallel::{Assignment, Finished};
use crate::experiment::part::Part;
use crate::experiment::sink::Sink;
use crate::experiment::study::Outcome;
use crate::model::metrics::METRICS;
use crate::model::record::SeriesKey;
use crate::units::CivilDate;
use clap::Args;
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

/// What is compared when no metric is named.
const HEADLINE: [&str; 7] = [
    "share_revenue",
    "share_revenue_lab",
    "share_compute",
    "price_usd_per_mtok",
    "cost_usd_per_mtok",
    "stranded_power_mw",
    "hhi_infrastructure",
];

/// Runs the same replications of scenarios on common random numbers and shows what differs from the first
#[derive(Args)]
#[command(after_help = "Examples:\n  cloudmarket compare scenarios/baseline.ron scenarios/exclusivity-stays.ron\n  \
                        cloudmarket compare a.ron b.ron c.ron --metric share_revenue --entity azure --date 2027-12-31\
                        \n  cloudmarket compare a.ron b.ron --metric price_usd_per_mtok --from 2026-01-01 --to \
                        2026-12-31 --json\n  cloudmarket compare a.ron b.ron --metric price_usd_per_h100e_hour \
                        --out output/compare\n  cloudmarket compare scenarios/baseline.ron --without microsoft-openai \
                        --replications 16 --out output/compare\n  cloudmarket compare scenarios/baseline.ron \
                        scenarios/power-slips.ron --metric energized_mw --entity azure --half-width 5%\n  \
                        cloudmarket compare scenarios/baseline.ron scenarios/openai-squeezed.ron --attribute \
                        --metric share_revenue_lab --out output/compare\n\nSeed and replications are those of BASE unless \
                        given. Differences are OTHER - BASE, with the half-width of their 95 % interval. p (Holm) \
                        is the probability that chance alone brings a difference as far from 0, adjusted \
                        for all that are shown: rejecting those of at most 0.05 errs anywhere with a probability \
                        of at most 0.05.\n\nWith --half-width, replications are added until the interval of every \
                        difference shown is narrow enough: as many as their spread lets expect, at most doubled \
                        each time, up to --max-replications; those that were run are kept. In per cent it is a part \
                        of the true difference: the interval is narrowed to v/(1 + v) of the one found. A difference \
                        of about nothing never gets there: name --metric and --entity.\n\nWith --attribute, the \
                        difference is split over the changes that OTHER's own file makes to BASE: each part is the \
                        mean of what a change adds over all orders of making them (Shapley value). Up to six \
                        changes, all their coalitions are run; above, orders are drawn, each with its reverse, and \
                        the standard error of the draw is told.\n\nWith --without, a clause is worth to a party the net present value of its monthly cash flows in \
                        BASE, less that in BASE without the clause: receipts less payments, capital spending included, \
                        before stakes, loans with their interest, and payouts; from the start of the run to its end, \
                        and nothing beyond.")]
pub(super) struct Compare {
    /// Scenario file to compare with
    base: PathBuf,
    /// Scenario files to compare
    #[arg(required_unless_present = "without")]
    other: Vec<PathBuf>,
    /// Tell what a clause is worth, by the same replications without it; a contract alone stands for each of its
    /// clauses by itself; may be given many times
    #[arg(long, value_name = "CONTRACT[.TERM]", conflicts_with_all = ["other", "metric", "entity", "date", "from", "to"])]
    without: Vec<String>,
    /// Party that clauses are valued for; may be given many times [default: the parties to the contract]
    #[arg(long, value_name = "ID", requires = "without")]
    party: Vec<String>,
    /// Yearly rate that cash flows are discounted at
    #[arg(long, value_name = "RATE", default_value = "0.10", requires = "without", value_parser = clause_values::parse_rate)]
    discount_rate: f64,
    /// Metric to compare; may be given many times [default: headline metrics]
    #[arg(long, value_name = "METRIC")]
    metric: Vec<String>,
    /// Entity to compare; may be given many times [default: all]
    #[arg(long, value_name = "ID")]
    entity: Vec<String>,
    /// Compare in the month of this date [default: the last month]
    #[arg(long, value_name = "DATE", value_parser = CivilDate::parse, conflicts_with_all = ["from", "to"])]
    date: Option<CivilDate>,
    /// Compare means over the months from this date ...
    #[arg(long, value_name = "DATE", value_parser = CivilDate::parse, requires = "to")]
    from: Option<CivilDate>,
    /// ... to this one
    #[arg(long, value_name = "DATE", value_parser = CivilDate::parse, requires = "from")]
    to: Option<CivilDate>,
    /// Add replications until the half-width of each difference is at most this, absolute or in per cent of it
    #[arg(long, value_name = "VALUE", value_parser = parse_precision, conflicts_with_all = ["without", "attribute"])]
    half_width: Option<Precision>,
    /// Most replications of each scenario that --half-width runs
    #[arg(long, value_name = "N", default_value_t = 256, requires = "half_width",
        value_parser = clap::value_parser!(u32).range(2..=1_000_000))]
    max_replications: u32,
    /// Split the difference over the changes that OTHER makes
    #[arg(long, conflicts_with = "without")]
    attribute: bool,
    /// Changes of OTHER, by their numbers from 1, that --attribute makes together; may be given many times
    #[arg(long, value_name = "N,N", requires = "attribute", value_parser = attribute::parse_together)]
    together: Vec<attribute::Together>,
    /// Pairs of orders that --attribute draws where OTHER makes more than six changes
    #[arg(long, value_name = "N", default_value_t = 12, requires = "attribute",
        value_parser = clap::value_parser!(u32).range(2..=10_000))]
    orders: u32,
    /// Write every monthly difference and a chart for each metric into a folder of OTHER in DIR; with --attribute, the
    /// parts and their charts; with --without, the values and their chart into a folder of BASE
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    changes: ChangeOptions,
    #[command(flatten)]
    manner: MannerOptions,
}

impl Compare {
    pub(super) fn execute(&self, shell: &mut Shell<'_>) -> Result<(), Stop> {
        shell.notes.silence(self.manner.quiet);
        if !self.without.is_empty() {
            return self.value_clauses(shell);
        }
        if self.attribute {
            return self.attribute(shell);
        }
        let scenarios = self.read(shell)?;
        let selection = self.selection(&scenarios)?;
        let samples = match self.half_width {
            None => self.run(&scenarios, &selection, shell)?,
            Some(precision) => self.run_to(precision, &scenarios, &selection, shell)?,
        };
        let lines = differences(&scenarios, &samples, &selection);
        if lines.is_empty() {
            return Err(Stop::problem(
                "nothing to compare: no series of these metrics and entities is in both scenarios",
            ));
        }
        if let Some(out) = &self.out {
            write_folders(out, &selection.metrics, &scenarios, &samples, shell)?;
        }
        if self.manner.json {
            let lines: Vec<serde_json::Value> = lines.iter().map(Line::to_json).collect();
            return shell.print_json(&lines);
        }
        shell.print(&text_of(&lines))
    }

    /// Reads the base, and the others with its seed and number of replications.
    fn read(&self, shell: &Shell<'_>) -> Result<Vec<Box<dyn Scenario>>, Stop> {
        let changes = self.changes.changes(Journals::default());
        let base = shell.reader.read(&self.base, &changes);
        let common = match &base {
            Ok(base) => {
                Changes { seed: Some(base.study().seed()), replications: Some(base.study().replications()), ..changes }
            }
            Err(_) => changes,
        };
        let others = self.other.iter().map(|file| shell.reader.read(file, &common));
        let (mut scenarios, mut problems) = (Vec::new(), Vec::new());
        for result in std::iter::once(base).chain(others) {
            match result {
                Ok(scenario) => scenarios.push(scenario),
                Err(more) => problems.extend(more),
            }
        }
        if problems.is_empty() { Ok(scenarios) } else { Err(Stop::Problems(problems)) }
    }

    /// What to compare, checked against the dictionary and the scenarios' entities.
    fn selection(&self, scenarios: &[Box<dyn Scenario>]) -> Result<Selection, Stop> {
        let metrics = METRICS.iter().map(|info| info.name);
        let unknown_metric = |name: &&String| !metrics.clone().any(|known| known == name.as_str());
        let mut problems: Vec<String> = (self.metric.iter().filter(unknown_metric))
            .map(|name| format!("there is no metric `{name}`.{} See `list metrics`", suggestion(name, metrics.clone())))
            .collect();
        let entities = known_entities(scenarios);
        let unknown_entity = |id: &&String| !entities.contains(id.split('.').next().unwrap_or_default());
        problems.extend(self.entity.iter().filter(unknown_entity).map(|id| {
            let near = suggestion(id, entities.iter().map(String::as_str));
            format!("there is no entity `{id}`.{near} See `list entities` and `list contracts`")
        }));
        let window = Window::new(self.date, self.from.zip(self.to)).map_err(|problem| problems.push(problem));
        match window {
            Ok(window) if problems.is_empty() => {
                Ok(Selection { metrics: self.metrics(), entities: self.entity.clone(), window })
            }
            _ => Err(Stop::Problems(problems)),
        }
    }

    fn metrics(&self) -> Vec<String> {
        if self.metric.is_empty() { HEADLINE.map(str::to_owned).to_vec() } else { self.metric.clone() }
    }

    fn run(
        &self,
        scenarios: &[Box<dyn Scenario>],
        selection: &Selection,
        shell: &Shell<'_>,
    ) -> Result<Vec<Sample>, Stop> {
        let mut samples: Vec<Sample> = scenarios.iter().map(|_| Sample::default()).collect();
        let all = 0..scenarios[0].study().replications();
        self.run_more(scenarios, &mut samples, all, selection, shell)?;
        Ok(samples)
    }

    /// Adds replications of each scenario to what is known of it.
    fn run_more(
        &self,
        scenarios: &[Box<dyn Scenario>],
        samples: &mut [Sample],
        replications: Range<u32>,
        selection: &Selection,
        shell: &Shell<'_>,
    ) -> Result<(), Stop> {
        let parts: Vec<Part<'_>> =
            scenarios.iter().map(|scenario| Part::new(scenario.study(), replications.clone())).collect();
        let first = replications.start;
        let assignments = parts
            .iter()
            .zip(samples)
            .map(|(part, sample)| Assignment { study: part, sink: Box::new(Gatherer { selection, first, sample }) });
        let finished = run_and_tell(assignments.collect(), self.manner.threads(), shell)?;
        judge(&finished, first, shell)
    }
}

/// A comparison of parts would compare other replications than it says, so there is none. Replications are numbered from
/// `first`.
fn judge(finished: &[Finished], first: u32, shell: &Shell<'_>) -> Result<(), Stop> {
    if shell.interrupt.load(Ordering::Relaxed) {
        return Err(Stop::Interrupted);
    }
    let outside: BTreeSet<String> = finished
        .iter()
        .filter_map(|one| Some(format!("{}: {}", one.manifest.scenario, one.sink_error.as_ref()?)))
        .collect();
    if !outside.is_empty() {
        return Err(Stop::Problems(outside.into_iter().collect()));
    }
    let mut broken = finished.iter().flat_map(|one| one.manifest.broken.iter().map(move |b| (&one.manifest, b)));
    match broken.next() {
        None => Ok(()),
        Some((manifest, failed)) => Err(Stop::Failed(anyhow::anyhow!(
            "replication {} of {} failed: {}; and {} more failed",
            first + failed.replication,
            manifest.scenario,
            failed.reason,
            broken.count()
        ))),
    }
}

fn known_entities(scenarios: &[Box<dyn Scenario>]) -> BTreeSet<String> {
    let listed = scenarios.iter().flat_map(|scenario| {
        [Topic::Entities, Topic::Contracts].into_iter().flat_map(|topic| scenario.list(topic)).map(|entry| entry.id)
    });
    listed.chain(["market".to_owned()]).collect()
}

/// Which series are compared, and when.
struct Selection {
    metrics: Vec<String>,
    /// Ids of entities, or of contracts and their terms; none means all.
    entities: Vec<String>,
    window: Window,
}

impl Selection {
    fn holds(&self, key: &SeriesKey) -> bool {
        self.metrics.contains(&key.metric)
            && (self.entities.is_empty() || self.entities.iter().any(|id| names(id, key)))
    }
}

/// Whether `id` names the entity of `key`, or the contract that the entity is a term of.
fn names(id: &str, key: &SeriesKey) -> bool {
    key.entity.strip_prefix(id).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Keeps the selected values of each replication, and nothing else.
struct Gatherer<'a> {
    selection: &'a Selection,
    /// Number of the first replication that comes.
    first: u32,
    sample: &'a mut Sample,
}

impl Sink for Gatherer<'_> {
    fn open(&mut self) -> anyhow::Result<()> {
        Ok(())
    }

    fn accept(&mut self, replication: u32, outcome: &Outcome) -> anyhow::Result<()> {
        let recorded = &outcome.recorded;
        let window = self.selection.window.places(&recorded.dates).map_err(anyhow::Error::msg)?;
        self.sample.keep(self.first + replication, recorded, window, |key| self.selection.holds(key));
        Ok(())
    }

    fn close(&mut self, _manifest: &Manifest) -> anyhow::Result<()> {
        Ok(())
    }
}

/// A folder for each scenario compared with the first.
fn write_folders(
    out: &Path,
    metrics: &[String],
    scenarios: &[Box<dyn Scenario>],
    samples: &[Sample],
    shell: &mut Shell<'_>,
) -> Result<(), Stop> {
    let base = (scenarios[0].as_ref(), &samples[0]);
    for (scenario, sample) in scenarios.iter().zip(samples).skip(1) {
        let folder = folder::write(out, metrics, base, (scenario.as_ref(), sample))?;
        shell.notes.say(&format!("differences and charts: {}", folder.display()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headline_metrics_are_in_the_dictionary() {
        for name in HEADLINE {
            assert!(METRICS.iter().any(|info| info.name == name), "{name}");
        }
    }

    #[test]
    fn a_contract_names_its_terms_and_nothing_that_only_begins_alike() {
        let key =
            |entity: &str| SeriesKey { metric: String::new(), entity: entity.to_owned(), counterparty: String::new() };
        assert!(names("a-b", &key("a-b.share")));
        assert!(names("a-b", &key("a-b")));
        assert!(!names("a", &key("a-b.share")));
    }
}
