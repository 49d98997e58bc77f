//! Files made of recorded outcomes: tables and charts. Nothing here reads live state.
//!
//! A run hands over what it recorded ([`crate::model::record::Recorded`]), one replication at a time. Rows are
//! streamed to a table as they come ([`tables`]); the replications together are summarised once ([`summary`]),
//! and the charts are drawn from the summary alone ([`charts`]). Every file is written whole or not at all ([`files`]).

pub mod charts;
mod every;
pub mod files;
pub mod sensitivity;
pub mod solve;
pub mod summary;
pub mod sweep;
pub mod tables;

pub use every::Every;
