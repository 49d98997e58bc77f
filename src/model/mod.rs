//! The world: its events, dispatch and recorded outcomes.

pub mod metrics;
pub mod record;
