//! (being written)
pub mod availability;
pub mod contracts;
pub mod regulation;
pub mod settlement;
pub mod terms;
