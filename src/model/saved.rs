//! A run under way set aside, in memory or as bytes, and taken up again.
//!
//! Kept are the pending events, the state with every random stream, and what was observed so far: all that a run
//! writes. The parameters are not: who takes it up has them; of bytes, the caller's digest says which.

use super::events::Event;
use super::observe::Recorder;
use super::params::Params;
use super::simulation::{Options, Scratch, Simulation};
use super::state::State;
use crate::engine::Engine;
use crate::engine::snapshot::{SnapshotError, load, save};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct Written<'s> {
    engine: &'s Engine<Event>,
    state: &'s State,
    recorder: &'s Recorder,
}

#[derive(Deserialize)]
struct Read {
    engine: Engine<Event>,
    state: State,
    recorder: Recorder,
}

/// A run under way that was set aside; each clone of it can go on.
#[derive(Clone, Debug)]
pub struct Paused {
    engine: Engine<Event>,
    state: State,
    recorder: Recorder,
}

impl<'a> Simulation<'a> {
    /// Sets the run aside, which has not been refused.
    pub fn pause(self) -> Paused {
        let Self { engine, state, recorder, .. } = self;
        Paused { engine, state, recorder }
    }

    /// Takes up a run that was set aside, of the same parameters and options; it goes on as the unbroken one.
    pub fn resume(params: &'a Params, options: Options, paused: Paused) -> Self {
        let Paused { engine, state, recorder } = paused;
        Self { params, options, engine, state, recorder, scratch: Scratch::default(), refused: None }
    }

    /// The run as it stands. `digest` names the scenario, the replication and the version that it is of.
    ///
    /// # Errors
    /// If the state cannot be written.
    pub fn save(&self, digest: &str) -> Result<Vec<u8>, SnapshotError> {
        save(&Written { engine: &self.engine, state: &self.state, recorder: &self.recorder }, digest)
    }

    /// The run that was saved under `digest`, of the same parameters and options; it goes on as the unbroken one.
    ///
    /// # Errors
    /// If the bytes are damaged or of another digest.
    pub fn load(params: &'a Params, options: Options, bytes: &[u8], digest: &str) -> Result<Self, SnapshotError> {
        let Read { engine, state, recorder } = load(bytes, digest)?;
        Ok(Self::resume(params, options, Paused { engine, state, recorder }))
    }
}
