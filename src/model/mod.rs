//! The world: its events, dispatch and recorded outcomes.
//!
//! [`Simulation`] brings the parts together: `supply` and `market` own their rules and states; here they are put on one
//! clock, money is posted, and months are observed. Each file handles one theme of events; [`events`] lists them all
//! with their phases.

pub mod binding;
mod buyers;
mod channel_outages;
mod channels;
mod chip_prices;
mod clauses;
mod closing;
mod contracts;
mod dispatch;
pub mod events;
mod focal;
pub mod fork;
mod hire;
mod invariants;
pub mod metrics;
mod observe;
mod offers;
pub mod params;
mod physical;
mod planning;
mod porting;
mod pricing;
mod products;
mod programmes;
mod purchases;
pub mod record;
mod run;
mod saved;
mod simulation;
mod spill;
mod start;
mod state;
mod statements;
mod token_prices;
mod token_work;
mod training;
mod views;
mod wishes;

pub use focal::FocalState;
pub use params::Params;
pub use run::{RunResult, simulate};
pub use saved::Paused;
pub use simulation::{CapBelowPaid, Failure, Options, Simulation};
pub use state::{Asset, State};
