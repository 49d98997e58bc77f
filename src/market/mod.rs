//! (being written)
pub mod choice;
pub mod demand;
