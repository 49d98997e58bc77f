//! `list`: what there is to run, to read and to change.

use super::Shell;
use super::paths::{DEFAULT_FOLDER, read_all};
use super::scenarios::{Changes, Entry, Scenario, Topic};
use super::stop::Stop;
use super::text::{Side, table};
use crate::model::metrics::METRICS;
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};

/// Lists scenarios, metrics, fields, entities or contracts, one line each
#[derive(Args)]
#[command(after_help = "Examples:\n  cloudmarket list metrics\n  cloudmarket list scenarios\n  \
                        cloudmarket list fields scenarios/baseline.ron")]
pub(super) struct List {
    /// What to list
    what: What,
    /// Scenario file; for `scenarios` files or a folder [default: scenarios/baseline.ron, or scenarios/]
    scenario: Option<PathBuf>,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum What {
    /// Scenario files with what they are for
    Scenarios,
    /// The dictionary of metrics
    Metrics,
    /// Fields of a scenario with their paths
    Fields,
    /// Entities of a scenario with their kinds
    Entities,
    /// Contracts of a scenario as sentences
    Contracts,
}

impl List {
    pub(super) fn execute(&self, shell: &mut Shell<'_>) -> Result<(), Stop> {
        let entries = self.entries(shell)?;
        if self.json {
            return shell.print_json(&entries);
        }
        let rows: Vec<[String; 3]> = entries.into_iter().map(|entry| [entry.id, entry.what, entry.about]).collect();
        let (id, what, about) = self.headings();
        shell.print(&table([(id, Side::Left), (what, Side::Left), (about, Side::Left)], &rows))
    }

    fn headings(&self) -> (&'static str, &'static str, &'static str) {
        match self.what {
            What::Scenarios => ("scenario", "replications", "about"),
            What::Metrics => ("metric", "unit", "meaning"),
            What::Fields => ("path", "unit", "meaning"),
            What::Entities => ("entity", "kind", "about"),
            What::Contracts => ("contract", "dates", "terms"),
        }
    }

    fn entries(&self, shell: &Shell<'_>) -> Result<Vec<Entry>, Stop> {
        let topic = match self.what {
            What::Metrics => return Ok(metrics()),
            What::Scenarios => return self.scenarios(shell),
            What::Fields => Topic::Fields,
            What::Entities => Topic::Entities,
            What::Contracts => Topic::Contracts,
        };
        let file = self.scenario.clone().unwrap_or_else(|| Path::new(DEFAULT_FOLDER).join("baseline.ron"));
        let scenario = shell.reader.read(&file, &Changes::default()).map_err(Stop::Problems)?;
        Ok(scenario.list(topic))
    }

    fn scenarios(&self, shell: &Shell<'_>) -> Result<Vec<Entry>, Stop> {
        let paths: Vec<PathBuf> = self.scenario.iter().cloned().collect();
        let scenarios = read_all(&paths, shell.reader, &Changes::default())?;
        Ok(scenarios.iter().map(|scenario| describe(scenario.as_ref())).collect())
    }
}

fn describe(scenario: &dyn Scenario) -> Entry {
    let study = scenario.study();
    let about = study.about().split_whitespace().collect::<Vec<_>>().join(" ");
    Entry {
        id: study.stem().to_owned(),
        what: study.replications().to_string(),
        about: format!("{}: {about}", study.name()).trim_end_matches([':', ' ']).to_owned(),
    }
}

fn metrics() -> Vec<Entry> {
    let entry = |info: &crate::model::record::MetricInfo| Entry {
        id: info.name.to_owned(),
        what: info.unit.to_owned(),
        about: format!("{}, by {}", info.about, info.entity),
    };
    METRICS.iter().map(entry).collect()
}
