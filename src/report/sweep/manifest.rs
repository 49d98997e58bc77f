//! Accounts: of a finished part, and of all of a sweep.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The account of a finished part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartAccount {
    /// Version of the simulator.
    pub version: String,
    /// Name of the sweep.
    pub sweep: String,
    /// Digest of the design.
    pub design: String,
    /// Number of the part.
    pub part: u32,
    /// Its first run.
    pub first_run: u32,
    /// Its last run.
    pub last_run: u32,
    /// Runs that came to their end.
    pub finished: u32,
    /// Runs that broke down.
    pub failed: u32,
    /// BLAKE3 of the part's file.
    pub file: String,
}

/// The account of a sweep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SweepAccount {
    /// Version of the simulator.
    pub version: String,
    /// Name of the sweep.
    pub sweep: String,
    /// Digest of the scenario that is varied.
    pub scenario_digest: String,
    /// Digest of the design.
    pub design: String,
    /// The seed of all runs.
    pub seed: u64,
    /// Number of points.
    pub points: usize,
    /// The policies.
    pub policies: Vec<String>,
    /// Replications of each policy at each point.
    pub replications: u32,
    /// Number of runs.
    pub runs: u32,
    /// Number of parts.
    pub parts: u32,
    /// Whether every run is in the results.
    pub complete: bool,
    /// Runs that came to their end.
    pub finished: u32,
    /// Runs that broke down.
    pub failed: u32,
    /// BLAKE3 over the design's digest and all runs, in order; empty while runs are missing.
    pub digest: String,
}

impl SweepAccount {
    /// As RON text.
    pub fn to_ron(&self) -> String {
        to_ron(self)
    }

    /// Reads what [`SweepAccount::to_ron`] wrote.
    pub fn from_ron(text: &str) -> Option<Self> {
        from_ron(text)
    }
}

/// As RON text.
pub(super) fn to_ron(account: &impl Serialize) -> String {
    let layout = ron::ser::PrettyConfig::new().new_line("\n").compact_arrays(true);
    ron::ser::to_string_pretty(account, layout).expect("plain structs of numbers and text") + "\n"
}

/// Reads what [`to_ron`] wrote.
pub(super) fn from_ron<T: DeserializeOwned>(text: &str) -> Option<T> {
    ron::from_str(text).ok()
}
