//! Demand, choice, serving, pricing, training, contracts and settlement.

pub mod labs;
pub mod latency;
pub mod params;
pub mod pricing;
pub mod serving;
pub mod training;
