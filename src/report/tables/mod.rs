//! Tables: one row an observation.

mod csv;
mod parquet;
mod rows;

pub use csv::{MetricsCsv, read_summary, write_summary};
pub use parquet::MetricsWriter;
pub use rows::{Cell, Column, ColumnKind, TableWriter};
