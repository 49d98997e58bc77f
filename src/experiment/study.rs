//! What an experiment needs of a scenario: that one numbered replication of it can be run.

use crate::model::record::{Recorded, Statements};
use crate::units::Usd;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::atomic::AtomicBool;

/// A scenario that was read, found right and is ready to run.
pub trait Study: Sync {
    /// The file's name without folder and ending; names the folder of the output.
    fn stem(&self) -> &str;

    /// The scenario's own name.
    fn name(&self) -> &str;

    /// What the scenario is for, one line or a few.
    fn about(&self) -> &str;

    /// Hex digest of the resolved scenario, everything included that can change a result.
    fn scenario_digest(&self) -> String;

    /// What the study continues, if it does not begin with its own scenario.
    fn trunk(&self) -> Option<TrunkOf> {
        None
    }

    /// The seed that all streams are keyed by.
    fn seed(&self) -> u64;

    /// Number of replications, at least 1.
    fn replications(&self) -> u32;

    /// What looks strange before anything is run, each with what to check.
    fn warnings(&self) -> Vec<String> {
        Vec::new()
    }

    /// Runs replication number `replication`, from 0. The outcome depends on nothing but the study and that number.
    ///
    /// # Errors
    /// [`Failure::Interrupted`] soon after `interrupt` was raised; [`Failure::Broken`] if the run cannot go on.
    fn run(&self, replication: u32, interrupt: &AtomicBool) -> Result<Outcome, Failure>;
}

/// What a fork continues, and from when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrunkOf {
    /// Name of the scenario that the fork shares its past with.
    pub scenario: String,
    /// Digest of that scenario.
    pub scenario_digest: String,
    /// First day of the fork, `YYYY-MM-DD`.
    pub at: String,
}

/// What one replication leaves behind.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The recorded series.
    pub recorded: Recorded,
    /// Every party's statements, quarter by quarter.
    pub statements: Statements,
    /// Number of events handled.
    pub events: u64,
    /// Hex digest over the metric, ledger and event rows in their output order.
    pub digest: String,
    /// What looked strange, each with what to check.
    pub warnings: Vec<String>,
    /// Rows that were asked for, such as the ledger's; the same tables and columns in every replication.
    pub tables: Vec<Table>,
}

/// Rows of one replication for a file of their own.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Stem of the file, such as `ledger`.
    pub name: &'static str,
    /// Columns of equal length.
    pub columns: Vec<Column>,
}

impl Table {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.cells.len())
    }
}

/// One column of a [`Table`].
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Heading, `snake_case`, unit last.
    pub name: &'static str,
    /// The cells, one for each row.
    pub cells: Cells,
}

/// The cells of a [`Column`], all of one kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Cells {
    /// Names.
    Text(Vec<String>),
    /// Counts and ids.
    Int(Vec<i64>),
    /// Quantities.
    Float(Vec<f64>),
    /// Exact dollars.
    Usd(Vec<Usd>),
    /// Civil dates, `YYYY-MM-DD`.
    Date(Vec<String>),
}

impl Cells {
    fn len(&self) -> usize {
        match self {
            Cells::Text(cells) | Cells::Date(cells) => cells.len(),
            Cells::Int(cells) => cells.len(),
            Cells::Float(cells) => cells.len(),
            Cells::Usd(cells) => cells.len(),
        }
    }
}

/// Why a replication has no outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It was asked to stop.
    Interrupted,
    /// It could not go on, for the reason given.
    Broken(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Interrupted => f.write_str("interrupted"),
            Failure::Broken(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for Failure {}
