//! A replication from its first instant to its result.

use super::params::Params;
use super::record::{Recorded, Statements};
use super::simulation::{Failure, Options, Simulation};
use crate::accounts::{FlowRow, Posting};
use crate::engine::{Digest, Journal};
use std::sync::atomic::AtomicBool;

/// What a replication leaves behind.
#[derive(Clone, Debug)]
pub struct RunResult {
    /// The observed series.
    pub recorded: Recorded,
    /// Events fired.
    pub events: u64,
    /// Every party's statements, quarter by quarter.
    pub statements: Statements,
    /// Hex digest of the series, of the statements, of who paid whom and of the number of events.
    pub digest: String,
    /// What looked strange, with dates.
    pub warnings: Vec<String>,
    /// Every posting, if it was asked for.
    pub postings: Vec<Posting>,
    /// Every event, if it was asked for.
    pub journal: Option<Journal>,
    /// Who paid whom over the run.
    pub payments: Vec<FlowRow>,
}

/// Runs one replication.
///
/// # Errors
/// See [`Failure`].
pub fn simulate(params: &Params, options: Options, interrupt: &AtomicBool) -> Result<RunResult, Failure> {
    let mut simulation = Simulation::new(params, options);
    simulation.run(interrupt)?;
    Ok(simulation.finish())
}

impl Simulation<'_> {
    /// What the run leaves behind, once it has come to its horizon.
    pub fn finish(self) -> RunResult {
        let Simulation { params, mut engine, mut state, mut recorder, options, .. } = self;
        let statements = Statements {
            parties: params.parties.iter().map(|party| party.id.clone()).collect(),
            quarters: std::mem::take(&mut recorder.statements),
        };
        let recorded = recorder.finish();
        let payments: Vec<FlowRow> = state.ledger.who_paid_whom().collect();
        let events = engine.fired();
        let digest = digest(&recorded, &statements, &payments, events);
        let journal = engine.stop_journal();
        let postings = if options.ledger { state.ledger.take_postings() } else { Vec::new() };
        RunResult { recorded, statements, events, digest, warnings: state.warnings, postings, journal, payments }
    }
}

fn digest(recorded: &Recorded, statements: &Statements, payments: &[FlowRow], events: u64) -> String {
    let mut digest = Digest::new();
    for (series, key) in recorded.keys.iter().enumerate() {
        digest.push_str(&key.metric);
        digest.push_str(&key.entity);
        digest.push_str(&key.counterparty);
        for value in recorded.series(series) {
            // One bit pattern for every missing observation.
            digest.push_f64(if value.is_nan() { f64::NAN } else { *value });
        }
    }
    for (_, lines) in &statements.quarters {
        for line in lines {
            digest.push_u64(u64::from(line.party.0));
            digest.push_u64(line.counterparty.map_or(u64::MAX, |party| u64::from(party.0)));
            digest.push_str(&line.item.name());
            digest.push_i128(line.amount.0);
        }
    }
    for row in payments {
        digest.push_u64(u64::from(row.from.0));
        digest.push_u64(u64::from(row.to.0));
        digest.push_str(row.flow.name());
        digest.push_i128(row.amount.0);
    }
    digest.push_u64(events);
    digest.finish()
}
