//! `cloudmarket`: a deterministic discrete-event simulator of the AI cloud market and its compute supply.
//!
//! Arrows between modules run one way:
//! `cli → report → experiment → scenario → model → market → supply → accounts → engine → units`.

pub mod accounts;
pub mod cli;
pub mod engine;
pub mod evidence;
pub mod experiment;
pub mod ids;
pub mod market;
pub mod model;
pub mod report;
pub mod scenario;
pub mod supply;
pub mod units;
