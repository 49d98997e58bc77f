//! A run under way as bytes, and back.
//!
//! Saved are the pending events, the state with every random stream, and what was observed so far: all that a run
//! writes. The parameters are not: they are resolved again, and the caller's digest says which.

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

impl<'a> Simulation<'a> {
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
        Ok(Self { params, options, engine, state, recorder, scratch: Scratch::default(), refused: None })
    }
}
