//! What a run leaves behind: the recorded series, in the order of their keys, over the month ends.

use crate::accounts::StatementLine;
use serde::{Deserialize, Serialize};

/// Dictionary entry of a metric, as `list metrics` prints it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MetricInfo {
    /// `snake_case`, unit last.
    pub name: &'static str,
    /// Unit, `1` for a share.
    pub unit: &'static str,
    /// What the entity of a row is.
    pub entity: &'static str,
    /// One line.
    pub about: &'static str,
}

/// What a series is of. `counterparty` is empty where a metric has none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SeriesKey {
    /// Name of a [`MetricInfo`].
    pub metric: String,
    /// Id of the entity, or `market`.
    pub entity: String,
    /// Id of the other entity, or empty.
    pub counterparty: String,
}

/// The series of one replication.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    /// Civil dates of the observations (`YYYY-MM-DD`, month ends), ascending.
    pub dates: Vec<String>,
    /// Keys of the series; the same in every replication of a scenario, in the same order.
    pub keys: Vec<SeriesKey>,
    /// `values[series * dates.len() + date]`; NaN where there is no observation.
    pub values: Vec<f64>,
}

impl Recorded {
    /// The values of series number `series`, one for each date.
    pub fn series(&self, series: usize) -> &[f64] {
        let n = self.dates.len();
        &self.values[series * n..(series + 1) * n]
    }
}

/// The statements of one replication.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statements {
    /// Ids of the parties that the lines name by position; the same in every replication of a scenario.
    pub parties: Vec<String>,
    /// Last day of each quarter (`YYYY-MM-DD`), ascending, with its lines: party by party, first the party's own, then
    /// whom it paid.
    pub quarters: Vec<(String, Vec<StatementLine>)>,
}

/// Something dated that a chart marks, such as an amendment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Milestone {
    /// `YYYY-MM-DD`.
    pub date: String,
    /// A few words.
    pub label: String,
}
