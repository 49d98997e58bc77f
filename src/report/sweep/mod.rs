//! The files of a sweep.
//!
//! ```text
//! plan.ron  design.csv          what is run, under which numbers
//! parts/part-00012.parquet      runs of a finished part, with its account in part-00012.ron
//! parts/part-00013.csv          runs of the part under way, one line each as it ends
//! results.parquet  summary.csv  regret.csv  charts/  manifest.ron    all parts together
//! ```
//!
//! **What survives a kill?** A run is kept from the moment that its line is written: lines are appended one by one, and
//! each ends in a checksum, so that a torn one is known and its run is run again. A finished part is written whole, then
//! its account, then its lines are removed; whatever is missing of that sequence is made up for.
//!
//! **Why checksums over the sweep's digest?** Lines and parts of another version or design are told apart from those of
//! this one by the same check that finds altered ones.

mod journal;
mod manifest;
mod parts;
mod regret;
mod rows;
mod summary;

pub use journal::{Journal, Recovered};
pub use manifest::{PartAccount, SweepAccount};
pub use parts::{PartState, Parts};
pub use regret::{Regret, regrets};
pub use rows::{ResultsWriter, RunRow};
pub use summary::{PointsSummary, Spread};
