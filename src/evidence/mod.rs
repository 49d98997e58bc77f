//! What speaks for the simulator's numbers, and against them.

pub mod backtest;
pub mod verify;
