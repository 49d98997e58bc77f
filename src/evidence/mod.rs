//! Evidence that the simulator computes what it says.

pub mod verify;
