//! Options that several commands share.

use super::output::{Format, Layout};
use super::scenarios::{Changes, Journals};
use crate::report::Every;
use crate::units::CivilDate;
use clap::{Args, ValueEnum};
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// What is changed in every scenario before it is run.
#[derive(Args)]
pub(super) struct ChangeOptions {
    /// Number of replications, instead of the scenario's own
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    replications: Option<u32>,
    /// Seed of all random streams, instead of the scenario's own
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// Last day of the run, instead of the scenario's own
    #[arg(long, value_name = "DATE", value_parser = CivilDate::parse)]
    until: Option<CivilDate>,
    /// Sets the fields in a file, a map from dotted paths to values in RON or, if it ends in .json, in JSON; may be given
    /// many times; where both set a field, --set holds. Example: {"clouds.azure.wacc": 0.12, "horizon.end": "2030-12-31"}
    #[arg(long, value_name = "FILE")]
    set_file: Vec<PathBuf>,
    /// Sets a field by its dotted path; may be given many times
    #[arg(long, value_name = "PATH=VALUE", value_parser = parse_set)]
    set: Vec<(String, String)>,
    /// Most events that a replication may have; more than 100 million need this
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    max_events: Option<u64>,
}

impl ChangeOptions {
    /// As the reader takes them.
    pub(super) fn changes(&self, journals: Journals) -> Changes {
        Changes {
            replications: self.replications,
            seed: self.seed,
            until: self.until,
            set_files: self.set_file.clone(),
            set: self.set.clone(),
            kept: None,
            max_events: self.max_events,
            journals,
        }
    }
}

/// Which results are written, and where.
#[derive(Args)]
pub(super) struct ResultOptions {
    /// Folder that the results go to
    #[arg(long, value_name = "DIR", default_value = "output")]
    out: PathBuf,
    /// Write every event to events.parquet
    #[arg(long)]
    events: bool,
    /// Write every posting to ledger.parquet, and the statements of each replication to statements.parquet
    #[arg(long)]
    ledger: bool,
    /// Check all invariants while running; slower
    #[arg(long)]
    audit: bool,
    /// Draw no charts
    #[arg(long)]
    no_charts: bool,
    /// Formats of the metrics
    #[arg(long, value_name = "FORMATS", value_delimiter = ',', default_value = "parquet")]
    format: Vec<Format>,
    /// Keep the outcomes that a file names, for standard output: a sweep file, or one with its `outcomes` alone
    #[arg(long, value_name = "FILE")]
    pub(super) outcomes: Option<PathBuf>,
    /// Write no files: results go to standard output only
    #[arg(long, conflicts_with_all = ["out", "events", "ledger", "format", "every"])]
    no_files: bool,
    /// Which month ends the metrics table holds: month, quarter or year
    #[arg(long, value_name = "PERIOD", default_value = "month", value_parser = |text: &str| text.parse::<Every>())]
    every: Every,
}

impl ResultOptions {
    /// What is recorded beside the metrics.
    pub(super) fn journals(&self) -> Journals {
        Journals { events: self.events, ledger: self.ledger, audit: self.audit }
    }

    /// What is written of each scenario.
    pub(super) fn layout(&self, threads: NonZeroUsize) -> Layout {
        let asked_for = |format: &&Format| self.format.contains(format);
        Layout {
            out: self.out.clone(),
            formats: Format::value_variants().iter().filter(asked_for).copied().collect(),
            every: self.every,
            files: !self.no_files,
            charts: !self.no_charts,
            threads,
        }
    }
}

/// How a command goes about its work; nothing here changes a result.
#[derive(Args)]
pub(super) struct MannerOptions {
    /// Number of threads [default: one for each core]
    #[arg(long, value_name = "T", value_parser = parse_threads)]
    threads: Option<NonZeroUsize>,
    /// Tell nothing but errors and results
    #[arg(long, short)]
    pub(super) quiet: bool,
    /// Print the summary as JSON
    #[arg(long)]
    pub(super) json: bool,
}

impl MannerOptions {
    /// The number of threads to run on.
    pub(super) fn threads(&self) -> NonZeroUsize {
        self.threads.or_else(|| std::thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN)
    }
}

fn parse_threads(text: &str) -> Result<NonZeroUsize, String> {
    match text.parse() {
        Ok(threads @ 1..=1024) => Ok(NonZeroUsize::new(threads).expect("at least one")),
        _ => Err("expected a number from 1 to 1024".to_owned()),
    }
}

fn parse_set(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((path, value)) if !path.trim().is_empty() && !value.trim().is_empty() => {
            Ok((path.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("expected PATH=VALUE, such as clouds.azure.price=2.5".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_split_at_the_first_equals_sign() {
        assert_eq!(parse_set("a.b = Steps([(\"x=y\", 1)])"), Ok(("a.b".into(), "Steps([(\"x=y\", 1)])".into())));
        for wrong in ["a.b", "=1", "a.b=", ""] {
            assert!(parse_set(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn no_threads_and_too_many_are_refused() {
        assert_eq!(parse_threads("3").map(NonZeroUsize::get), Ok(3));
        for wrong in ["0", "1025", "-1", "two"] {
            assert!(parse_threads(wrong).is_err(), "{wrong}");
        }
    }
}
