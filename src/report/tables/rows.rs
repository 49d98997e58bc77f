//! A Parquet table of any columns, row by row: the ledger and the events, on request.

use super::parquet::{ParquetFile, days_since_1970, properties};
use crate::report::files::FileError;
use crate::units::Usd;
use parquet::basic::{LogicalType, Repetition, Type as Physical};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::{ByteArray, FixedLenByteArray};
use parquet::errors::ParquetError;
use parquet::file::writer::SerializedRowGroupWriter;
use parquet::schema::types::Type;
use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;
use std::sync::Arc;

/// Rows that are held before they are written: about 10 MB of postings.
const ROWS_PER_GROUP: usize = 1 << 17;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// UTF-8 text, by dictionary.
    Text,
    /// Signed 64-bit integer.
    Int,
    /// 64-bit floating point.
    Float,
    /// Exact dollars, a decimal of 38 digits with six after the point.
    Usd,
    /// Civil date.
    Date,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// `snake_case`, unit last.
    pub name: Cow<'static, str>,
    /// What it holds.
    pub kind: ColumnKind,
    /// Whether a row may have none.
    pub optional: bool,
}

impl Column {
    /// A column that every row fills.
    pub const fn new(name: &'static str, kind: ColumnKind) -> Self {
        Self { name: Cow::Borrowed(name), kind, optional: false }
    }

    /// A column that every row fills, whose name an author gave.
    pub const fn named(name: String, kind: ColumnKind) -> Self {
        Self { name: Cow::Owned(name), kind, optional: false }
    }

    /// A column that a row may leave empty.
    pub const fn optional(name: &'static str, kind: ColumnKind) -> Self {
        Self { name: Cow::Borrowed(name), kind, optional: true }
    }

    fn field(&self) -> Type {
        let (physical, length, logical) = match self.kind {
            ColumnKind::Text => (Physical::BYTE_ARRAY, -1, Some(LogicalType::String)),
            ColumnKind::Int => (Physical::INT64, -1, None),
            ColumnKind::Float => (Physical::DOUBLE, -1, None),
            ColumnKind::Usd => (Physical::FIXED_LEN_BYTE_ARRAY, 16, Some(LogicalType::decimal(6, 38))),
            ColumnKind::Date => (Physical::INT32, -1, Some(LogicalType::Date)),
        };
        let decimal = self.kind == ColumnKind::Usd;
        Type::primitive_type_builder(&self.name, physical)
            .with_repetition(if self.optional { Repetition::OPTIONAL } else { Repetition::REQUIRED })
            .with_length(length)
            .with_precision(if decimal { 38 } else { -1 })
            .with_scale(if decimal { 6 } else { -1 })
            .with_logical_type(logical)
            .build()
            .expect("the type fits its annotation")
    }
}

/// One value of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// For [`ColumnKind::Text`].
    Text(&'a str),
    /// For [`ColumnKind::Int`].
    Int(i64),
    /// For [`ColumnKind::Float`].
    Float(f64),
    /// For [`ColumnKind::Usd`].
    Usd(Usd),
    /// `YYYY-MM-DD`, for [`ColumnKind::Date`].
    Date(&'a str),
    /// Nothing, in an optional column.
    Absent,
}

enum Values {
    Text(Vec<ByteArray>),
    Int(Vec<i64>),
    Float(Vec<f64>),
    Usd(Vec<FixedLenByteArray>),
    Date(Vec<i32>),
}

/// The rows held of one column: the values that are there, and for each row whether it has one.
struct Held {
    column: Column,
    values: Values,
    present: Vec<i16>,
}

impl Held {
    fn new(column: &Column) -> Self {
        let values = match column.kind {
            ColumnKind::Text => Values::Text(Vec::new()),
            ColumnKind::Int => Values::Int(Vec::new()),
            ColumnKind::Float => Values::Float(Vec::new()),
            ColumnKind::Usd => Values::Usd(Vec::new()),
            ColumnKind::Date => Values::Date(Vec::new()),
        };
        Self { column: column.clone(), values, present: Vec::new() }
    }

    fn push(&mut self, cell: Cell<'_>) -> Result<(), String> {
        match (&mut self.values, cell) {
            (_, Cell::Absent) if self.column.optional => {
                self.present.push(0);
                return Ok(());
            }
            (Values::Text(values), Cell::Text(text)) => values.push(ByteArray::from(text)),
            (Values::Int(values), Cell::Int(number)) => values.push(number),
            (Values::Float(values), Cell::Float(number)) => values.push(number),
            (Values::Usd(values), Cell::Usd(amount)) => values.push(amount.0.to_be_bytes().to_vec().into()),
            (Values::Date(values), Cell::Date(date)) => values.push(days_since_1970(date)?),
            _ => panic!("column {} does not take {cell:?}", self.column.name),
        }
        self.present.push(1);
        Ok(())
    }

    fn write(&mut self, group: &mut SerializedRowGroupWriter<'_, BufWriter<File>>) -> Result<(), ParquetError> {
        let mut column = group.next_column()?.expect("as many columns as the schema has");
        let present = self.column.optional.then_some(self.present.as_slice());
        match (&self.values, column.untyped()) {
            (Values::Text(values), ColumnWriter::ByteArrayColumnWriter(w)) => w.write_batch(values, present, None)?,
            (Values::Int(values), ColumnWriter::Int64ColumnWriter(w)) => w.write_batch(values, present, None)?,
            (Values::Float(values), ColumnWriter::DoubleColumnWriter(w)) => w.write_batch(values, present, None)?,
            (Values::Usd(values), ColumnWriter::FixedLenByteArrayColumnWriter(w)) => {
                w.write_batch(values, present, None)?
            }
            (Values::Date(values), ColumnWriter::Int32ColumnWriter(w)) => w.write_batch(values, present, None)?,
            _ => unreachable!("the columns stand in the order of the schema"),
        };
        column.close()
    }
}

/// Streams rows to a Parquet file. Dropped before [`TableWriter::finish`], it leaves nothing behind.
pub struct TableWriter {
    file: ParquetFile,
    held: Vec<Held>,
}

impl TableWriter {
    /// Opens the table under its temporary name.
    ///
    /// # Errors
    /// If it cannot be created.
    ///
    /// # Panics
    /// If there are no columns, or two of one name.
    pub fn create(path: &Path, columns: &[Column]) -> Result<Self, FileError> {
        assert!(!columns.is_empty(), "a table has columns");
        for (i, column) in columns.iter().enumerate() {
            assert!(columns[..i].iter().all(|other| other.name != column.name), "column {} comes twice", column.name);
        }
        let fields = columns.iter().map(|column| Arc::new(column.field())).collect();
        let schema = Type::group_type_builder("table").with_fields(fields).build().expect("a group of columns");
        let file = ParquetFile::create(path, schema, properties().build())?;
        Ok(Self { file, held: columns.iter().map(Held::new).collect() })
    }

    /// Appends a row.
    ///
    /// # Errors
    /// If a date is not `YYYY-MM-DD`, or the disk refuses it.
    ///
    /// # Panics
    /// If the row does not fit the columns.
    pub fn push(&mut self, row: &[Cell<'_>]) -> Result<(), FileError> {
        assert_eq!(row.len(), self.held.len(), "cells of a row");
        for (held, cell) in self.held.iter_mut().zip(row) {
            held.push(*cell).map_err(|what| FileError::new("write", self.file.path(), io::Error::other(what)))?;
        }
        if self.held[0].present.len() == ROWS_PER_GROUP { self.write_held() } else { Ok(()) }
    }

    fn write_held(&mut self) -> Result<(), FileError> {
        self.file.row_group(|group| self.held.iter_mut().try_for_each(|held| held.write(group)))?;
        for held in &mut self.held {
            *held = Held::new(&held.column);
        }
        Ok(())
    }

    /// Gives the table its name.
    ///
    /// # Errors
    /// If the rest cannot be written; nothing is left then.
    pub fn finish(mut self) -> Result<(), FileError> {
        if !self.held[0].present.is_empty() {
            self.write_held()?;
        }
        self.file.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::file::reader::{FileReader, SerializedFileReader};

    const COLUMNS: [Column; 5] = [
        Column::new("date", ColumnKind::Date),
        Column::new("account", ColumnKind::Text),
        Column::new("amount_usd", ColumnKind::Usd),
        Column::optional("cause", ColumnKind::Int),
        Column::optional("load", ColumnKind::Float),
    ];

    fn rows(path: &Path) -> Vec<String> {
        let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
        reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect()
    }

    #[test]
    fn postings_read_back_to_the_micro_dollar() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.parquet");
        let mut table = TableWriter::create(&path, &COLUMNS).unwrap();
        let (date, account) = (Cell::Date("2024-02-29"), Cell::Text("azure"));
        let huge = Usd(-123_456_789_012_345_678_901_234);
        table.push(&[date, account, Cell::Usd(Usd(1_500_001)), Cell::Int(42), Cell::Absent]).unwrap();
        table.push(&[date, account, Cell::Usd(huge), Cell::Absent, Cell::Float(0.5)]).unwrap();
        table.finish().unwrap();
        let rows = rows(&path);
        assert_eq!(rows[0], "{date: 2024-02-29, account: \"azure\", amount_usd: 1.500001, cause: 42, load: null}");
        assert!(rows[1].contains("amount_usd: -123456789012345678.901234, cause: null, load: 0.5"), "{}", rows[1]);
    }

    #[test]
    fn rows_beyond_a_group_start_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.parquet");
        let mut table = TableWriter::create(&path, &[Column::new("sequence", ColumnKind::Int)]).unwrap();
        for i in 0..=ROWS_PER_GROUP as i64 {
            table.push(&[Cell::Int(i)]).unwrap();
        }
        table.finish().unwrap();
        let reader = SerializedFileReader::new(File::open(&path).unwrap()).unwrap();
        assert_eq!(reader.num_row_groups(), 2);
        assert_eq!(rows(&path).last().unwrap(), &format!("{{sequence: {ROWS_PER_GROUP}}}"));
    }

    #[test]
    #[should_panic(expected = "column date does not take Absent")]
    fn a_required_column_is_filled() {
        let folder = tempfile::tempdir().unwrap();
        let mut table = TableWriter::create(&folder.path().join("t.parquet"), &COLUMNS[..1]).unwrap();
        let _ = table.push(&[Cell::Absent]);
    }

    #[test]
    fn a_wrong_date_is_an_error_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut table = TableWriter::create(&folder.path().join("t.parquet"), &COLUMNS[..1]).unwrap();
        assert!(table.push(&[Cell::Date("2024-02-30")]).unwrap_err().to_string().contains("t.parquet"));
        drop(table);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
