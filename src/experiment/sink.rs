//! Where the outcomes of a study go, and who is told how far the experiment is.

use super::manifest::Manifest;
use super::study::Outcome;

/// Takes the outcomes of one study, in ascending order of their replications.
pub trait Sink: Send {
    /// Called once, before the study's first replication is run.
    ///
    /// # Errors
    /// If the sink cannot take outcomes; none of the study's replications is then run.
    fn open(&mut self) -> anyhow::Result<()>;

    /// Takes the outcome of a replication.
    ///
    /// # Errors
    /// If the outcome cannot be kept; the study is then given up.
    fn accept(&mut self, replication: u32, outcome: &Outcome) -> anyhow::Result<()>;

    /// Told of a replication that broke down, in its turn among the outcomes.
    ///
    /// # Errors
    /// If that cannot be kept; the study is then given up.
    fn missed(&mut self, _replication: u32, _reason: &str) -> anyhow::Result<()> {
        Ok(())
    }

    /// Called once, after the last outcome and only if the sink never failed. `manifest` says what was run.
    ///
    /// # Errors
    /// If the study's results cannot be completed.
    fn close(&mut self, manifest: &Manifest) -> anyhow::Result<()>;
}

/// Is told about each replication that came to its end, in whatever order they do.
pub trait Watcher: Sync {
    /// `study` counts the studies of the experiment from 0; `events` is `None` if the replication has no outcome.
    fn replication_ended(&self, study: usize, events: Option<u64>);
}
