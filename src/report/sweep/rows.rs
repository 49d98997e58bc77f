//! Rows of results: one for each run and outcome.

use crate::experiment::sweep::Sweep;
use crate::experiment::sweep::axis::Axis;
use crate::report::files::FileError;
use crate::report::tables::{Cell, Column, ColumnKind, TableWriter};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{Field, Row};
use std::fs::File;
use std::path::Path;

/// What became of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRow {
    /// Its number.
    pub run: u32,
    /// A value for each outcome, NaN where it has none; or why the run failed, on one line.
    pub result: Result<Vec<f64>, String>,
}

/// Status of a run that came to its end.
pub const FINISHED: &str = "finished";
/// Status of a run that broke down.
pub const FAILED: &str = "failed";

impl RunRow {
    /// A run that failed.
    pub fn failed(run: u32, reason: &str) -> Self {
        Self { run, result: Err(reason.split_whitespace().collect::<Vec<_>>().join(" ")) }
    }

    /// The status.
    pub fn status(&self) -> &'static str {
        if self.result.is_ok() { FINISHED } else { FAILED }
    }

    /// The value of an outcome, if it has one.
    pub fn value(&self, outcome: usize) -> Option<f64> {
        self.result.as_ref().ok().map(|values| values[outcome]).filter(|value| !value.is_nan())
    }

    /// Adds the row to a digest, bit by bit and the same in all forms of a file.
    pub fn digest(&self, hasher: &mut blake3::Hasher) {
        let line = match &self.result {
            Ok(values) => {
                let bits = values.iter().map(|value| match value.is_nan() {
                    true => "-".to_owned(),
                    false => format!("{:016x}", value.to_bits()),
                });
                format!("{} {}\n", self.run, bits.collect::<Vec<_>>().join(" "))
            }
            Err(reason) => format!("{} failed: {reason}\n", self.run),
        };
        hasher.update(line.as_bytes());
    }
}

/// Streams results to a Parquet file.
pub struct ResultsWriter<'a> {
    sweep: &'a Sweep,
    table: TableWriter,
}

impl<'a> ResultsWriter<'a> {
    /// Opens the file under its temporary name.
    ///
    /// # Errors
    /// If it cannot be created.
    pub fn create(path: &Path, sweep: &'a Sweep) -> Result<Self, FileError> {
        let axis = |axis: &Axis| {
            let kind = if axis.is_numeric() { ColumnKind::Float } else { ColumnKind::Text };
            Column::named(axis.column(), kind)
        };
        let mut columns = vec![
            Column::new("run", ColumnKind::Int),
            Column::new("point", ColumnKind::Int),
            Column::new("policy", ColumnKind::Text),
            Column::new("replication", ColumnKind::Int),
        ];
        columns.extend(sweep.axes.iter().map(axis));
        columns.extend([
            Column::new("outcome", ColumnKind::Text),
            Column::optional("value", ColumnKind::Float),
            Column::new("status", ColumnKind::Text),
            Column::optional("reason", ColumnKind::Text),
        ]);
        Ok(Self { sweep, table: TableWriter::create(path, &columns)? })
    }

    /// Appends a run: a row for each outcome.
    ///
    /// # Errors
    /// If the disk refuses it.
    pub fn push(&mut self, row: &RunRow) -> Result<(), FileError> {
        let of = self.sweep.plan.run(row.run);
        let coordinates = self.sweep.axes.iter().zip(self.sweep.design.point(of.point));
        let texts: Vec<String> = coordinates.clone().map(|(axis, at)| axis.text(*at)).collect();
        let axes = coordinates.zip(&texts).map(|((axis, at), text)| match axis.number(*at) {
            Some(value) if axis.is_numeric() => Cell::Float(value),
            _ => Cell::Text(text),
        });
        let mut cells = vec![
            Cell::Int(i64::from(row.run)),
            Cell::Int(of.point as i64),
            Cell::Text(&self.sweep.policies[of.policy].id),
            Cell::Int(i64::from(of.replication)),
        ];
        cells.extend(axes);
        let fixed = cells.len();
        for (i, outcome) in self.sweep.outcomes.iter().enumerate() {
            cells.truncate(fixed);
            cells.push(Cell::Text(&outcome.id));
            cells.push(row.value(i).map_or(Cell::Absent, Cell::Float));
            cells.push(Cell::Text(row.status()));
            cells.push(row.result.as_ref().err().map_or(Cell::Absent, |reason| Cell::Text(reason)));
            self.table.push(&cells)?;
        }
        Ok(())
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// If the rest cannot be written; nothing is left then.
    pub fn finish(self) -> Result<(), FileError> {
        self.table.finish()
    }
}

/// Reads the runs of a file of results.
///
/// # Errors
/// If it is no such file.
pub(super) fn read_rows(path: &Path, outcomes: usize) -> Result<Vec<RunRow>, String> {
    let read = || -> Result<Vec<RunRow>, ParquetError> {
        let reader = SerializedFileReader::new(File::open(path)?)?;
        let mut rows: Vec<RunRow> = Vec::new();
        for row in reader.get_row_iter(None)? {
            let (run, result) = cells(&row?)?;
            match (rows.last_mut(), result) {
                (Some(RunRow { run: last, result: Ok(values) }), Ok(value))
                    if *last == run && values.len() < outcomes =>
                {
                    values.push(value);
                }
                (Some(RunRow { run: last, result: Err(_) }), Err(_)) if *last == run => {}
                (_, result) => rows.push(RunRow { run, result: result.map(|value| vec![value]) }),
            }
        }
        Ok(rows)
    };
    let rows = read().map_err(|error| error.to_string())?;
    let whole = |row: &RunRow| row.result.as_ref().map_or(true, |values| values.len() == outcomes);
    if rows.iter().all(whole) { Ok(rows) } else { Err("a run without all its outcomes".to_owned()) }
}

/// The run and the value or reason of a row.
fn cells(row: &Row) -> Result<(u32, Result<f64, String>), ParquetError> {
    let missing = |name: &str| ParquetError::General(format!("no column `{name}` as sweeps have it"));
    let cell = |name: &str| {
        let found = row.get_column_iter().find(|(column, _)| *column == name);
        found.map(|(_, field)| field).ok_or_else(|| missing(name))
    };
    let Field::Long(run) = cell("run")? else { return Err(missing("run")) };
    let run = u32::try_from(*run).map_err(|_| missing("run"))?;
    let result = match (cell("status")?, cell("value")?, cell("reason")?) {
        (Field::Str(status), _, Field::Str(reason)) if status == FAILED => Err(reason.clone()),
        (_, Field::Double(value), _) => Ok(*value),
        (_, Field::Null, _) => Ok(f64::NAN),
        _ => return Err(missing("value")),
    };
    Ok((run, result))
}
