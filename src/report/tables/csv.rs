//! CSV: the metrics of a run, and their summary.
//!
//! Numbers are printed as the shortest text that reads back as the same number; NaN as an empty cell.

use crate::model::record::{Recorded, SeriesKey};
use crate::report::Every;
use crate::report::files::{FileError, PendingFile, write_atomically};
use crate::report::summary::{SeriesSummary, Spread, Summary};
use csv::{ByteRecord, StringRecord, Writer};
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

const SUMMARY_COLUMNS: [&str; 14] = [
    "scenario",
    "metric",
    "entity",
    "counterparty",
    "date",
    "n",
    "mean",
    "sd",
    "p05",
    "p25",
    "p50",
    "p75",
    "p95",
    "half_width_95",
];

const METRICS_COLUMNS: [&str; 7] = ["scenario", "replication", "date", "metric", "entity", "counterparty", "value"];

/// Writes `summary.csv`.
///
/// # Errors
/// If the file cannot be written; what stood there stays.
pub fn write_summary(path: &Path, summary: &Summary) -> Result<(), FileError> {
    write_atomically(path, |out| {
        let mut table = Writer::from_writer(out);
        table.write_record(SUMMARY_COLUMNS)?;
        for series in &summary.series {
            for (date, spread) in summary.dates.iter().zip(&series.spreads) {
                write_spread(&mut table, &summary.scenario, series, date, spread)?;
            }
        }
        table.flush()
    })
}

fn write_spread(
    table: &mut Writer<&mut dyn io::Write>,
    scenario: &str,
    SeriesSummary { key, .. }: &SeriesSummary,
    date: &str,
    spread: &Spread,
) -> io::Result<()> {
    for text in [scenario, &key.metric, &key.entity, &key.counterparty, date] {
        table.write_field(text)?;
    }
    let mut number = Number::default();
    table.write_field(number.text(f64::from(spread.n)))?;
    for figure in figures(spread) {
        table.write_field(number.text(figure))?;
    }
    Ok(table.write_record(None::<&[u8]>)?)
}

/// The figures after `n`, in the order of their columns.
fn figures(spread: &Spread) -> [f64; 8] {
    let Spread { n: _, mean, sd, p05, p25, p50, p75, p95, half_width_95 } = *spread;
    [mean, sd, p05, p25, p50, p75, p95, half_width_95]
}

/// Room for the text of one number.
#[derive(Default)]
struct Number(Vec<u8>);

impl Number {
    fn text(&mut self, value: f64) -> &[u8] {
        self.0.clear();
        if !value.is_nan() {
            // Adding zero turns -0 into 0. `{}` prints the shortest text that reads back as the same number.
            write!(self.0, "{}", value + 0.0).expect("a vector takes every byte");
        }
        &self.0
    }
}

/// Reads a `summary.csv` back, so that charts can be redrawn without simulating.
///
/// # Errors
/// If the file cannot be read, or is not one that [`write_summary`] wrote: names the line.
pub fn read_summary(path: &Path) -> Result<Summary, FileError> {
    let failed = |source: csv::Error| FileError::new("read", path, source);
    let mut table = csv::Reader::from_path(path).map_err(failed)?;
    if table.headers().map_err(failed)? != &StringRecord::from(&SUMMARY_COLUMNS[..]) {
        let expected = format!("line 1: expected the columns {}", SUMMARY_COLUMNS.join(","));
        return Err(FileError::new("read", path, io::Error::other(expected)));
    }
    let mut reading = Reading::default();
    let mut row = StringRecord::new();
    while table.read_record(&mut row).map_err(failed)? {
        let line = row.position().map_or(0, csv::Position::line);
        reading
            .take(&row)
            .map_err(|what| FileError::new("read", path, io::Error::other(format!("line {line}: {what}"))))?;
    }
    reading.finish().map_err(|what| FileError::new("read", path, io::Error::other(what)))
}

/// A summary while its rows are read, one series after another.
#[derive(Default)]
struct Reading {
    scenario: String,
    dates: Vec<String>,
    series: Vec<SeriesSummary>,
}

impl Reading {
    fn take(&mut self, row: &StringRecord) -> Result<(), String> {
        let key = SeriesKey { metric: row[1].into(), entity: row[2].into(), counterparty: row[3].into() };
        if self.series.last().is_none_or(|series| series.key != key) {
            self.scenario = row[0].to_owned();
            self.series.push(SeriesSummary { key, spreads: Vec::with_capacity(self.dates.len()) });
        }
        let first_series = self.series.len() == 1;
        let series = self.series.last_mut().expect("one was just pushed if there was none");
        let date = series.spreads.len();
        if first_series {
            self.dates.push(row[4].to_owned());
        } else if self.dates.get(date).map(String::as_str) != Some(&row[4]) {
            return Err(format!("the date `{}` is not in the order of the first series", &row[4]));
        }
        series.spreads.push(spread_of(row)?);
        Ok(())
    }

    fn finish(self) -> Result<Summary, String> {
        match self.series.iter().find(|series| series.spreads.len() != self.dates.len()) {
            Some(series) => Err(format!("{} of {} lacks dates", series.key.metric, series.key.entity)),
            None => Ok(Summary::sorted(self.scenario, self.dates, self.series)),
        }
    }
}

fn spread_of(row: &StringRecord) -> Result<Spread, String> {
    let number = |column: usize| match &row[column] {
        "" => Ok(f64::NAN),
        text => text.parse::<f64>().map_err(|_| format!("expected a number, found `{text}`")),
    };
    Ok(Spread {
        n: row[5].parse().map_err(|_| format!("expected a count, found `{}`", &row[5]))?,
        mean: number(6)?,
        sd: number(7)?,
        p05: number(8)?,
        p25: number(9)?,
        p50: number(10)?,
        p75: number(11)?,
        p95: number(12)?,
        half_width_95: number(13)?,
    })
}

/// Streams the metrics of a run to a CSV file, replication by replication.
pub struct MetricsCsv {
    table: Writer<BufWriter<File>>,
    pending: PendingFile,
    scenario: String,
    every: Every,
}

impl MetricsCsv {
    /// Opens the table under its temporary name.
    ///
    /// # Errors
    /// If it cannot be created.
    pub fn create(path: &Path, scenario: &str, every: Every) -> Result<Self, FileError> {
        let (pending, file) = PendingFile::create(path)?;
        let mut table = Writer::from_writer(BufWriter::with_capacity(1 << 16, file));
        table.write_record(METRICS_COLUMNS).map_err(|source| FileError::new("write", path, source))?;
        Ok(Self { table, pending, scenario: scenario.to_owned(), every })
    }

    /// Appends one replication. NaN observations have no row.
    ///
    /// # Errors
    /// If the disk refuses it.
    pub fn append(&mut self, replication: u32, recorded: &Recorded) -> Result<(), FileError> {
        self.write(replication, recorded).map_err(|source| FileError::new("write", self.pending.path(), source))
    }

    fn write(&mut self, replication: u32, recorded: &Recorded) -> Result<(), csv::Error> {
        let keeps = self.every.keeps(&recorded.dates);
        let replication = replication.to_string();
        let (mut row, mut number) = (ByteRecord::new(), Number::default());
        for (i, key) in recorded.keys.iter().enumerate() {
            for ((date, value), keep) in recorded.dates.iter().zip(recorded.series(i)).zip(&keeps) {
                if !keep || value.is_nan() {
                    continue;
                }
                row.clear();
                for text in [&self.scenario, &replication, date, &key.metric, &key.entity, &key.counterparty] {
                    row.push_field(text.as_bytes());
                }
                row.push_field(number.text(*value));
                self.table.write_byte_record(&row)?;
            }
        }
        Ok(())
    }

    /// Gives the table its name.
    ///
    /// # Errors
    /// If the rest cannot be written; nothing is left then.
    pub fn finish(mut self) -> Result<(), FileError> {
        self.table
            .flush()
            .and_then(|()| self.table.into_inner().map_err(|error| error.into_error())?.flush())
            .map_err(|source| FileError::new("write", self.pending.path(), source))?;
        self.pending.commit()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::summary::Ensemble;

    fn key(metric: &str, entity: &str) -> SeriesKey {
        SeriesKey { metric: metric.into(), entity: entity.into(), counterparty: String::new() }
    }

    fn summary() -> Summary {
        Summary::of(&Ensemble {
            scenario: "base, \"the\" line".into(),
            dates: vec!["2023-01-31".into(), "2023-02-28".into()],
            keys: vec![key("users_m", "chat"), key("share_tokens", "azure")],
            replications: vec![
                (0, vec![1.0, f64::NAN, 0.1, 0.25]),
                (1, vec![2.0, f64::NAN, 0.2, 0.75]),
                (2, vec![6.0, f64::NAN, 0.3, f64::NAN]),
            ],
        })
    }

    #[test]
    fn a_summary_reads_back_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("summary.csv");
        write_summary(&path, &summary()).unwrap();
        // NaN is not equal to itself, so the two are compared by what they print.
        assert_eq!(format!("{:?}", read_summary(&path).unwrap()), format!("{:?}", summary()));
    }

    #[test]
    fn rows_are_sorted_and_numbers_are_short() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("summary.csv");
        write_summary(&path, &summary()).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], SUMMARY_COLUMNS.join(","));
        assert!(
            lines[1].starts_with("\"base, \"\"the\"\" line\",share_tokens,azure,,2023-01-31,3,0.2"),
            "{}",
            lines[1]
        );
        assert!(lines[3].contains(",users_m,chat,,2023-01-31,3,3,"), "{}", lines[3]);
        assert!(lines[4].ends_with(",users_m,chat,,2023-02-28,0,,,,,,,,"), "{}", lines[4]);
        assert_eq!(lines.len(), 5);
    }

    #[test]
    fn a_damaged_summary_is_refused_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("summary.csv");
        let row = |date: &str, n: &str| format!("s,users_m,chat,,{date},{n},1,1,1,1,1,1,1,1\n");
        let header = SUMMARY_COLUMNS.join(",") + "\n";
        for (text, expected) in [
            ("a,b\n1,2\n".to_owned(), "line 1: expected the columns"),
            (header.clone() + &row("2023-01-31", "three"), "line 2: expected a count, found `three`"),
            (header + &row("2023-01-31", "3") + "s,users_m,other,,2023-09-30,3,1,1,1,1,1,1,1,1\n", "line 3: the date"),
        ] {
            std::fs::write(&path, text).unwrap();
            let error = read_summary(&path).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn metrics_are_streamed_thinned_and_without_gaps() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.csv");
        let recorded = Recorded {
            dates: vec!["2023-02-28".into(), "2023-03-31".into(), "2023-04-30".into()],
            keys: vec![key("users_m", "chat"), key("share_tokens", "azure")],
            values: vec![1.0, 2.5, 1e-7, 0.1, f64::NAN, -0.0],
        };
        let mut table = MetricsCsv::create(&path, "base", Every::Quarter).unwrap();
        table.append(7, &recorded).unwrap();
        assert!(!path.exists());
        table.finish().unwrap();
        let expected = "scenario,replication,date,metric,entity,counterparty,value\n\
                        base,7,2023-03-31,users_m,chat,,2.5\n\
                        base,7,2023-04-30,users_m,chat,,0.0000001\n\
                        base,7,2023-04-30,share_tokens,azure,,0\n";
        assert_eq!(std::fs::read_to_string(&path).unwrap(), expected);
    }

    #[test]
    fn an_unfinished_table_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.csv");
        drop(MetricsCsv::create(&path, "base", Every::Month).unwrap());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
