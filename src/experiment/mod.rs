//! Many runs of many scenarios: in parallel, in order, and compared.
//!
//! A [`study::Study`] is a scenario that is ready to run. [`parallel`] runs the replications of several studies at
//! once and hands the outcomes of each, in order, to its [`sink::Sink`]; [`manifest`] keeps the account of what was
//! run; [`branch`] lets several studies share their past; [`paired`] compares two studies on common replications, and
//! [`statistics`] are what any of them is told with.
//!
//! What is run, and what is made of it: [`sampling`] gives designs their points, [`sensitivity`] says which assumptions move
//! a result and how much is chance, [`shapley`] splits a difference over the changes that make it, and [`crossing`] finds where
//! a result reaches a target. These know no scenario: they are handed outcomes.
//!
//! **Why a sink, and not files?** Whoever starts the experiment decides what becomes of the outcomes: `run` writes
//! them, `compare` keeps a few series, a test looks at their order.

pub mod branch;
pub mod crossing;
pub mod manifest;
pub mod paired;
pub mod parallel;
pub mod part;
pub mod replication;
pub mod sampling;
pub mod sensitivity;
pub mod shapley;
pub mod sink;
pub mod statistics;
pub mod study;
pub mod sweep;
