//! `metrics.parquet`: a row group for each replication, zstd, strings by dictionary.

use crate::model::record::Recorded;
use crate::report::Every;
use crate::report::files::{FileError, PendingFile};
use crate::units::CivilDate;
use parquet::basic::{Compression, ZstdLevel};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::{ColumnPath, Type};
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;
use std::sync::Arc;

const SCHEMA: &str = "message metrics {
    REQUIRED BYTE_ARRAY scenario (STRING);
    REQUIRED INT32 replication;
    REQUIRED INT32 date (DATE);
    REQUIRED BYTE_ARRAY metric (STRING);
    REQUIRED BYTE_ARRAY entity (STRING);
    REQUIRED BYTE_ARRAY counterparty (STRING);
    REQUIRED DOUBLE value;
}";

/// A Parquet file under its temporary name.
pub(super) struct ParquetFile {
    writer: SerializedFileWriter<BufWriter<File>>,
    pending: PendingFile,
}

impl ParquetFile {
    pub(super) fn create(path: &Path, schema: Type, properties: WriterProperties) -> Result<Self, FileError> {
        let (pending, file) = PendingFile::create(path)?;
        let writer = SerializedFileWriter::new(BufWriter::new(file), Arc::new(schema), Arc::new(properties))
            .map_err(|error| failed(path, error))?;
        Ok(Self { writer, pending })
    }

    /// Writes one row group with `fill`.
    pub(super) fn row_group(
        &mut self,
        fill: impl FnOnce(&mut SerializedRowGroupWriter<'_, BufWriter<File>>) -> Result<(), ParquetError>,
    ) -> Result<(), FileError> {
        let write = || {
            let mut group = self.writer.next_row_group()?;
            fill(&mut group)?;
            group.close().map(drop)
        };
        write().map_err(|error| failed(self.pending.path(), error))
    }

    pub(super) fn path(&self) -> &Path {
        self.pending.path()
    }

    pub(super) fn finish(self) -> Result<(), FileError> {
        let path = self.pending.path().to_path_buf();
        let flushed = self.writer.into_inner().map_err(|error| failed(&path, error))?;
        // Taking the buffer apart flushes it and shows what the flush met.
        flushed.into_inner().map_err(|error| FileError::new("write", &path, error.into_error()))?;
        self.pending.commit()
    }
}

fn failed(path: &Path, error: ParquetError) -> FileError {
    FileError::new("write", path, io::Error::other(error))
}

/// What both kinds of table share: zstd, strings by dictionary, and no statistics but where a table asks for them,
/// because keeping least and greatest strings takes longer than it ever saves a reader.
pub(super) fn properties() -> WriterPropertiesBuilder {
    WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_statistics_enabled(EnabledStatistics::None)
        .set_created_by(concat!("cloudmarket ", env!("CARGO_PKG_VERSION")).to_owned())
}

/// Days from 1970-01-01 to a date within the calendar, as Parquet counts dates.
pub(super) fn days_since_1970(date: &str) -> Result<i32, String> {
    const FROM_1970_TO_1990: i64 = 7_305;
    let first = CivilDate::parse("1990-01-01").expect("the first date of the calendar");
    let days = CivilDate::parse(date)?.days_since(first) + FROM_1970_TO_1990;
    Ok(i32::try_from(days).expect("dates end in 2100"))
}

/// Streams the metrics of a run to a Parquet file, a row group for each replication.
///
/// Dropped before [`MetricsWriter::finish`], it leaves nothing behind.
pub struct MetricsWriter {
    file: ParquetFile,
    scenario: ByteArray,
    every: Every,
}

impl MetricsWriter {
    /// Opens the table under its temporary name.
    ///
    /// # Errors
    /// If it cannot be created.
    pub fn create(path: &Path, scenario: &str, every: Every) -> Result<Self, FileError> {
        let schema = parse_message_type(SCHEMA).expect("the schema is well formed");
        // Few values come twice, so a dictionary of them would be built only to be given up.
        let properties = properties().set_column_dictionary_enabled(ColumnPath::from("value"), false);
        // Lets a reader of one replication or of late dates skip row groups.
        let by_group = |properties: WriterPropertiesBuilder, column: &str| {
            properties.set_column_statistics_enabled(ColumnPath::from(column), EnabledStatistics::Chunk)
        };
        let properties = ["replication", "date"].into_iter().fold(properties, by_group).build();
        let file = ParquetFile::create(path, schema, properties)?;
        Ok(Self { file, scenario: ByteArray::from(scenario), every })
    }

    /// Appends one replication. NaN observations have no row.
    ///
    /// # Errors
    /// If a date is not `YYYY-MM-DD`, or the disk refuses it.
    pub fn append(&mut self, replication: u32, recorded: &Recorded) -> Result<(), FileError> {
        let rows = Rows::of(recorded, self.every)
            .map_err(|what| FileError::new("write", self.file.path(), io::Error::other(what)))?;
        let n = rows.values.len();
        let number = i32::try_from(replication).expect("replications are far fewer than 2³¹");
        let columns = [
            Values::Text(vec![self.scenario.clone(); n]),
            Values::Int(vec![number; n]),
            Values::Int(rows.dates),
            Values::Text(rows.metrics),
            Values::Text(rows.entities),
            Values::Text(rows.counterparties),
            Values::Double(rows.values),
        ];
        self.file.row_group(|group| columns.iter().try_for_each(|column| column.write(group)))
    }

    /// Gives the table its name.
    ///
    /// # Errors
    /// If the rest cannot be written; nothing is left then.
    pub fn finish(self) -> Result<(), FileError> {
        self.file.finish()
    }
}

/// The rows of one replication, by column.
#[derive(Default)]
struct Rows {
    dates: Vec<i32>,
    metrics: Vec<ByteArray>,
    entities: Vec<ByteArray>,
    counterparties: Vec<ByteArray>,
    values: Vec<f64>,
}

impl Rows {
    fn of(recorded: &Recorded, every: Every) -> Result<Self, String> {
        let days = recorded.dates.iter().map(|date| days_since_1970(date)).collect::<Result<Vec<_>, _>>()?;
        let keeps = every.keeps(&recorded.dates);
        let mut rows = Self::default();
        for (i, key) in recorded.keys.iter().enumerate() {
            for ((day, value), keep) in days.iter().zip(recorded.series(i)).zip(&keeps) {
                if *keep && !value.is_nan() {
                    rows.dates.push(*day);
                    rows.values.push(*value);
                }
            }
            let n = rows.values.len();
            rows.metrics.resize(n, ByteArray::from(key.metric.as_str()));
            rows.entities.resize(n, ByteArray::from(key.entity.as_str()));
            rows.counterparties.resize(n, ByteArray::from(key.counterparty.as_str()));
        }
        Ok(rows)
    }
}

enum Values {
    Text(Vec<ByteArray>),
    Int(Vec<i32>),
    Double(Vec<f64>),
}

impl Values {
    fn write(&self, group: &mut SerializedRowGroupWriter<'_, BufWriter<File>>) -> Result<(), ParquetError> {
        let mut column = group.next_column()?.expect("as many columns as the schema has");
        match (self, column.untyped()) {
            (Values::Text(values), ColumnWriter::ByteArrayColumnWriter(w)) => w.write_batch(values, None, None)?,
            (Values::Int(values), ColumnWriter::Int32ColumnWriter(w)) => w.write_batch(values, None, None)?,
            (Values::Double(values), ColumnWriter::DoubleColumnWriter(w)) => w.write_batch(values, None, None)?,
            _ => unreachable!("the columns stand in the order of the schema"),
        };
        column.close()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::record::SeriesKey;
    use parquet::file::reader::{FileReader, SerializedFileReader};

    fn recorded() -> Recorded {
        let key = |metric: &str, entity: &str, counterparty: &str| SeriesKey {
            metric: metric.into(),
            entity: entity.into(),
            counterparty: counterparty.into(),
        };
        Recorded {
            dates: vec!["2023-02-28".into(), "2023-03-31".into(), "2023-04-30".into()],
            keys: vec![key("users_m", "chat", ""), key("fleet_chips", "azure", "h100")],
            values: vec![1.0, 2.5, f64::NAN, 10.0, 20.0, 30.0],
        }
    }

    fn rows(path: &Path) -> Vec<String> {
        let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
        reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect()
    }

    #[test]
    fn days_count_from_1970() {
        assert_eq!(days_since_1970("1990-01-01"), Ok(7_305));
        assert_eq!(days_since_1970("2023-02-28"), Ok(19_416));
        assert!(days_since_1970("soon").is_err());
    }

    #[test]
    fn a_replication_is_a_row_group_that_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.parquet");
        let mut table = MetricsWriter::create(&path, "base", Every::Month).unwrap();
        table.append(0, &recorded()).unwrap();
        table.append(1, &recorded()).unwrap();
        table.finish().unwrap();
        let reader = SerializedFileReader::new(File::open(&path).unwrap()).unwrap();
        assert_eq!(reader.num_row_groups(), 2);
        let rows = rows(&path);
        assert_eq!(rows.len(), 10);
        assert_eq!(
            rows[1],
            "{scenario: \"base\", replication: 0, date: 2023-03-31, metric: \"users_m\", entity: \"chat\", \
             counterparty: \"\", value: 2.5}"
        );
        assert!(rows[9].contains("replication: 1") && rows[9].contains("\"h100\", value: 30"), "{}", rows[9]);
    }

    #[test]
    fn thinning_keeps_quarters_and_the_last_date() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.parquet");
        let mut table = MetricsWriter::create(&path, "base", Every::Quarter).unwrap();
        table.append(0, &recorded()).unwrap();
        table.finish().unwrap();
        let rows = rows(&path);
        assert_eq!(rows.len(), 3);
        assert!(rows[0].contains("2023-03-31") && rows[2].contains("2023-04-30"));
    }

    #[test]
    fn an_unfinished_table_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.parquet");
        let mut table = MetricsWriter::create(&path, "base", Every::Month).unwrap();
        table.append(0, &recorded()).unwrap();
        drop(table);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn the_same_rows_are_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str| {
            let path = folder.path().join(name);
            let mut table = MetricsWriter::create(&path, "base", Every::Month).unwrap();
            table.append(0, &recorded()).unwrap();
            table.finish().unwrap();
            std::fs::read(path).unwrap()
        };
        assert_eq!(write("a.parquet"), write("b.parquet"));
    }
}
