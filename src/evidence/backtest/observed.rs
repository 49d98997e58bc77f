//! Observed series, from a table with a row for each observation.

use crate::units::CivilDate;
use std::collections::BTreeMap;
use std::path::Path;

/// One observation.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// Last day of the period that it is of, or the day.
    pub period_end: CivilDate,
    /// The value, in [`Observation::unit`].
    pub value: f64,
    /// Unit as written in the table.
    pub unit: String,
    /// Line of the table.
    pub line: u64,
}

/// Observations by series, each in order of date.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observed {
    /// By name of the series.
    pub series: BTreeMap<String, Vec<Observation>>,
}

/// The columns that are read; the table may have others.
const COLUMNS: [&str; 4] = ["series", "period_end", "value", "unit"];

impl Observed {
    /// Reads a table with a heading and at least the columns `series`, `period_end`, `value` and `unit`.
    ///
    /// # Errors
    /// Every problem, with file, line, column and value.
    pub fn read(file: &Path) -> Result<Self, Vec<String>> {
        let name = file.display();
        let mut table = csv::Reader::from_path(file).map_err(|error| vec![format!("{name}: {error}")])?;
        let headings = table.headers().map_err(|error| vec![format!("{name}: {error}")])?.clone();
        let place = |column: &str| headings.iter().position(|heading| heading == column);
        let missing: Vec<String> = COLUMNS
            .iter()
            .filter(|column| place(column).is_none())
            .map(|column| format!("{name}:1: no column `{column}`; expected {}", COLUMNS.join(", ")))
            .collect();
        if !missing.is_empty() {
            return Err(missing);
        }
        let places = COLUMNS.map(|column| place(column).unwrap_or_default());
        let (mut observed, mut problems) = (Self::default(), Vec::new());
        for row in table.records() {
            match row {
                Ok(row) => {
                    problems.extend(observed.take(&row, places).into_iter().map(|what| format!("{name}:{what}")));
                }
                Err(error) => {
                    problems.push(format!("{name}: {error}"));
                    break;
                }
            }
        }
        problems.extend(observed.sort().into_iter().map(|what| format!("{name}:{what}")));
        if problems.is_empty() { Ok(observed) } else { Err(problems) }
    }

    /// Takes a row; what is wrong with it, from its line on.
    fn take(&mut self, row: &csv::StringRecord, places: [usize; 4]) -> Vec<String> {
        let line = row.position().map_or(0, csv::Position::line);
        let [series, period_end, value, unit] = places.map(|place| row.get(place).unwrap_or_default());
        let mut problems = Vec::new();
        let date = CivilDate::parse(period_end);
        if let Err(error) = &date {
            problems.push(format!("{line}: period_end: {error}"));
        }
        let number = value.parse::<f64>().ok().filter(|number| number.is_finite());
        if number.is_none() {
            problems.push(format!("{line}: value: expected a number, found `{value}`"));
        }
        if series.is_empty() {
            problems.push(format!("{line}: series: expected a name, found nothing"));
        }
        if let (Ok(period_end), Some(value), []) = (date, number, problems.as_slice()) {
            let observation = Observation { period_end, value, unit: unit.to_owned(), line };
            self.series.entry(series.to_owned()).or_default().push(observation);
        }
        problems
    }

    /// Puts every series in order; days that are observed twice.
    fn sort(&mut self) -> Vec<String> {
        let mut problems = Vec::new();
        for (name, observations) in &mut self.series {
            observations.sort_by_key(|observation| (observation.period_end, observation.line));
            for twice in observations.windows(2).filter(|pair| pair[0].period_end == pair[1].period_end) {
                let (day, first) = (twice[1].period_end, twice[0].line);
                problems.push(format!("{}: series `{name}` has {day} in line {first} already", twice[1].line));
            }
        }
        problems
    }
}
