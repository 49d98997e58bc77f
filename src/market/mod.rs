//! Demand, choice, serving, pricing, training, contracts and settlement.

pub mod availability;
pub mod choice;
pub mod conditions;
pub mod contracts;
pub mod demand;
pub mod equity;
pub mod focal;
pub mod labs;
pub mod latency;
pub mod params;
pub mod porting;
pub mod pricing;
pub mod regulation;
pub mod residency;
pub mod serving;
pub mod settlement;
pub mod terms;
pub mod tokens;
pub mod training;
