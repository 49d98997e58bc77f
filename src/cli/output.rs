//! The folder that the results of one scenario go to.
//!
//! Tables are streamed under temporary names while the replications end, one after another. When the last has ended,
//! the old manifest is taken away, every file gets its name, what an earlier run left is removed, and the new manifest
//! is written last: a folder with a manifest holds one run, whole.

use super::clock::{Stopwatch, peak_memory_bytes};
use super::scenarios::ChartFacts;
use crate::experiment::manifest::Manifest;
use crate::experiment::sink::Sink;
use crate::experiment::study::{Cells, Outcome, Table};
use crate::model::record::Recorded;
use crate::report::Every;
use crate::report::charts::{ChartInput, ChartOutcome, Format as ChartFormat, Palette, draw_all};
use crate::report::files::{FileError, write_atomically};
use crate::report::summary::{Ensemble, Summary};
use crate::report::tables::{
    Cell, Column, ColumnKind, MetricsCsv, MetricsWriter, StatementsCsv, TableWriter, write_summary,
};
use anyhow::Context;
use clap::ValueEnum;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Name of the file that says what was run.
pub(super) const MANIFEST: &str = "manifest.ron";
const TIMING: &str = "timing.json";
const SUMMARY: &str = "summary.csv";
const STATEMENTS: &str = "statements.csv";
const CHARTS: &str = "charts";
/// All names that a run may write beside the charts, so that what an earlier run left can be told from other files.
const NAMES: [&str; 9] = [
    TIMING,
    SUMMARY,
    STATEMENTS,
    "metrics.parquet",
    "metrics.csv",
    "ledger.parquet",
    "statements.parquet",
    "events.parquet",
    MANIFEST,
];

/// File formats of the metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// metrics.parquet
    Parquet,
    /// metrics.csv
    Csv,
}

/// What is written, the same for all scenarios of a run.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub(super) out: PathBuf,
    pub(super) formats: Vec<Format>,
    pub(super) every: Every,
    /// Whether anything is written.
    pub(super) files: bool,
    pub(super) charts: bool,
    pub(super) threads: NonZeroUsize,
}

impl Layout {
    /// Checks that the folder of each of `stems` can be written to, if one is. Makes the output folder, and nothing in it.
    ///
    /// # Errors
    /// What is in the way and what to do.
    pub(super) fn check<'a>(&self, stems: impl Iterator<Item = &'a str>) -> Result<(), Vec<String>> {
        if !self.files {
            return Ok(());
        }
        let advice = "choose another folder with --out, or change who may write to this one";
        let refused = |error: std::io::Error| vec![format!("{}: {error}; {advice}", self.out.display())];
        std::fs::create_dir_all(&self.out).map_err(refused)?;
        let probe = self.out.join(format!(".cloudmarket-{}.tmp", std::process::id()));
        std::fs::write(&probe, "").and_then(|()| std::fs::remove_file(&probe)).map_err(refused)?;
        let folders = stems.map(|stem| self.out.join(stem));
        let blocked: Vec<String> = folders
            .filter(|folder| folder.exists() && !folder.is_dir())
            .map(|folder| format!("{}: is not a folder; remove it, or choose another with --out", folder.display()))
            .collect();
        if blocked.is_empty() { Ok(()) } else { Err(blocked) }
    }
}

/// Writes the results of one scenario to its folder.
pub(super) struct Folder<'a> {
    layout: &'a Layout,
    path: PathBuf,
    scenario: String,
    facts: ChartFacts,
    interrupt: &'a AtomicBool,
    writing: Option<Writing>,
}

/// What there is while replications come in.
struct Writing {
    watch: Stopwatch,
    metrics: Vec<Metrics>,
    tables: Vec<(&'static str, TableWriter)>,
    statements: StatementsCsv,
    ensemble: Ensemble,
}

enum Metrics {
    Parquet(MetricsWriter),
    Csv(MetricsCsv),
}

impl Metrics {
    fn create(format: Format, folder: &Path, scenario: &str, every: Every) -> Result<Self, FileError> {
        let path = folder.join(Self::name(format));
        Ok(match format {
            Format::Parquet => Self::Parquet(MetricsWriter::create(&path, scenario, every)?),
            Format::Csv => Self::Csv(MetricsCsv::create(&path, scenario, every)?),
        })
    }

    fn name(format: Format) -> &'static str {
        match format {
            Format::Parquet => "metrics.parquet",
            Format::Csv => "metrics.csv",
        }
    }

    fn append(&mut self, replication: u32, recorded: &Recorded) -> Result<(), FileError> {
        match self {
            Self::Parquet(writer) => writer.append(replication, recorded),
            Self::Csv(writer) => writer.append(replication, recorded),
        }
    }

    fn finish(self) -> Result<(), FileError> {
        match self {
            Self::Parquet(writer) => writer.finish(),
            Self::Csv(writer) => writer.finish(),
        }
    }
}

impl<'a> Folder<'a> {
    /// The folder of a scenario, if files are written; nothing is touched before the scenario's first replication is run.
    pub(super) fn of(
        layout: &'a Layout,
        stem: &str,
        scenario: &str,
        facts: ChartFacts,
        interrupt: &'a AtomicBool,
    ) -> Option<Self> {
        let path = layout.out.join(stem);
        layout.files.then(|| Self { layout, path, scenario: scenario.to_owned(), facts, interrupt, writing: None })
    }

    /// Draws the charts and gives their file names; none if none are wanted.
    fn draw(&self, summary: &Summary, replications: usize) -> anyhow::Result<Vec<String>> {
        // Who has interrupted the run does not want to wait for pictures.
        if !self.layout.charts || self.interrupt.load(Ordering::Relaxed) {
            return Ok(Vec::new());
        }
        let channels = self.facts.channels.iter().map(|(id, owner)| (id.as_str(), owner.as_str()));
        let palette = Palette::new(self.facts.entities.iter().map(String::as_str)).with_belongings(channels);
        let input = ChartInput {
            scenario_name: &self.scenario,
            summary,
            replications,
            milestones: &self.facts.milestones,
            names: &self.facts.names,
            palette: &palette,
            timeline: &self.facts.timeline,
            amendments: &self.facts.amendments,
        };
        let outcomes = draw_all(&input, &self.path.join(CHARTS), &[ChartFormat::Png])?;
        Ok(outcomes.iter().flat_map(names_of).collect())
    }
}

impl Sink for Folder<'_> {
    fn open(&mut self) -> anyhow::Result<()> {
        let create = |format: &Format| Metrics::create(*format, &self.path, &self.scenario, self.layout.every);
        let metrics = self.layout.formats.iter().map(create).collect::<Result<_, _>>()?;
        let ensemble =
            Ensemble { scenario: self.scenario.clone(), dates: Vec::new(), keys: Vec::new(), replications: Vec::new() };
        self.writing = Some(Writing {
            watch: Stopwatch::start(),
            metrics,
            tables: Vec::new(),
            statements: StatementsCsv::default(),
            ensemble,
        });
        Ok(())
    }

    fn accept(&mut self, replication: u32, outcome: &Outcome) -> anyhow::Result<()> {
        let writing = self.writing.as_mut().context("outcomes come after the folder was opened")?;
        for metrics in &mut writing.metrics {
            metrics.append(replication, &outcome.recorded)?;
        }
        writing.append_tables(&self.path, (&self.scenario, replication), &outcome.tables)?;
        writing.statements.append(&outcome.statements);
        writing.gather(replication, &outcome.recorded);
        Ok(())
    }

    fn close(&mut self, manifest: &Manifest) -> anyhow::Result<()> {
        let Some(writing) = self.writing.take() else { return Ok(()) };
        if manifest.finished.is_empty() {
            // Dropping the writers removes their temporaries: an earlier run's results stay as they were.
            return Ok(());
        }
        remove_if_there(&self.path.join(MANIFEST))?;
        let watch = writing.watch;
        let (mut written, statements, ensemble) = writing.finish(&self.layout.formats)?;
        let summary = Summary::of(&ensemble);
        write_summary(&self.path.join(SUMMARY), &summary)?;
        statements.write(&self.path.join(STATEMENTS), &self.scenario)?;
        let charts = self.draw(&summary, manifest.finished.len())?;
        remove_others(&self.path.join(CHARTS), |name| is_chart(name) && !charts.contains(&name.to_owned()))?;
        write_timing(&self.path.join(TIMING), watch, manifest, self.layout.threads)?;
        written.extend([SUMMARY, STATEMENTS, TIMING, MANIFEST].map(str::to_owned));
        remove_others(&self.path, |name| NAMES.contains(&name) && !written.contains(&name.to_owned()))?;
        write_atomically(&self.path.join(MANIFEST), |out| out.write_all(manifest.to_ron().as_bytes()))?;
        Ok(())
    }
}

impl Writing {
    fn append_tables(&mut self, folder: &Path, of: (&str, u32), tables: &[Table]) -> Result<(), FileError> {
        for table in tables {
            let place = match self.tables.iter().position(|(name, _)| *name == table.name) {
                Some(place) => place,
                None => {
                    let path = folder.join(file_of(table.name));
                    self.tables.push((table.name, TableWriter::create(&path, &columns(table))?));
                    self.tables.len() - 1
                }
            };
            append_rows(&mut self.tables[place].1, of, table)?;
        }
        Ok(())
    }

    fn gather(&mut self, replication: u32, recorded: &Recorded) {
        if self.ensemble.replications.is_empty() {
            self.ensemble.dates.clone_from(&recorded.dates);
            self.ensemble.keys.clone_from(&recorded.keys);
        }
        self.ensemble.replications.push((replication, recorded.values.clone()));
    }

    /// Gives the tables their names; returns these and what is to be summarised.
    fn finish(self, formats: &[Format]) -> Result<(Vec<String>, StatementsCsv, Ensemble), FileError> {
        let mut written: Vec<String> = formats.iter().map(|format| Metrics::name(*format).to_owned()).collect();
        for metrics in self.metrics {
            metrics.finish()?;
        }
        for (name, table) in self.tables {
            table.finish()?;
            written.push(file_of(name));
        }
        Ok((written, self.statements, self.ensemble))
    }
}

fn file_of(table: &str) -> String {
    format!("{table}.parquet")
}

fn columns(table: &Table) -> Vec<Column> {
    let own = table.columns.iter().map(|column| {
        let kind = match column.cells {
            Cells::Text(_) => ColumnKind::Text,
            Cells::Int(_) => ColumnKind::Int,
            Cells::Float(_) => ColumnKind::Float,
            Cells::Usd(_) => ColumnKind::Usd,
            Cells::Date(_) => ColumnKind::Date,
        };
        Column::new(column.name, kind)
    });
    let of = [Column::new("scenario", ColumnKind::Text), Column::new("replication", ColumnKind::Int)];
    of.into_iter().chain(own).collect()
}

/// Appends the rows of a replication of a scenario.
fn append_rows(writer: &mut TableWriter, (scenario, replication): (&str, u32), table: &Table) -> Result<(), FileError> {
    let mut row = Vec::with_capacity(table.columns.len() + 2);
    for i in 0..table.rows() {
        row.clear();
        row.extend([Cell::Text(scenario), Cell::Int(i64::from(replication))]);
        row.extend(table.columns.iter().map(|column| match &column.cells {
            Cells::Text(cells) => Cell::Text(&cells[i]),
            Cells::Int(cells) => Cell::Int(cells[i]),
            Cells::Float(cells) => Cell::Float(cells[i]),
            Cells::Usd(cells) => Cell::Usd(cells[i]),
            Cells::Date(cells) => Cell::Date(&cells[i]),
        }));
        writer.push(&row)?;
    }
    Ok(())
}

fn write_timing(path: &Path, watch: Stopwatch, manifest: &Manifest, threads: NonZeroUsize) -> anyhow::Result<()> {
    let timing = serde_json::json!({
        "wall_seconds": watch.elapsed().as_secs_f64(),
        "events_per_second": watch.rate(manifest.events),
        "threads": threads,
        "peak_memory_bytes": peak_memory_bytes(),
    });
    let text = serde_json::to_string_pretty(&timing)? + "\n";
    Ok(write_atomically(path, |out| out.write_all(text.as_bytes()))?)
}

/// Names of the files of a chart that was drawn.
fn names_of(outcome: &ChartOutcome) -> Vec<String> {
    match outcome {
        ChartOutcome::Drawn { files, .. } => {
            files.iter().filter_map(|file| Some(file.file_name()?.to_str()?.to_owned())).collect()
        }
        ChartOutcome::Skipped { .. } => Vec::new(),
    }
}

fn is_chart(name: &str) -> bool {
    name.ends_with(".png") || name.ends_with(".svg")
}

fn remove_if_there(path: &Path) -> anyhow::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove `{}`, which an earlier run left", path.display()))
        }
        _ => Ok(()),
    }
}

/// Removes the files of `folder` that an earlier run left, by their names. A folder that is not there has none.
fn remove_others(folder: &Path, left_over: impl Fn(&str) -> bool) -> anyhow::Result<()> {
    let Ok(entries) = folder.read_dir() else { return Ok(()) };
    for entry in entries {
        let path = entry.with_context(|| format!("cannot read the folder `{}`", folder.display()))?.path();
        if path.file_name().and_then(|name| name.to_str()).is_some_and(&left_over) {
            remove_if_there(&path)?;
        }
    }
    Ok(())
}
