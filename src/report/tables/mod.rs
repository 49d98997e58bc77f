//! Tables: one row an observation.

mod csv;
mod parquet;
mod rows;
mod statements;

pub use csv::{MetricsCsv, read_summary, write_summary};
pub use parquet::MetricsWriter;
pub use rows::{Cell, Column, ColumnKind, TableWriter};
pub use statements::StatementsCsv;
