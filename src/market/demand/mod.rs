//! Who wants tokens and chip-hours, how much, and when they choose again.
//!
//! Segments of accounts adopt along Bass curves ([`Bass`]); every account has a workload in each class of its segment's
//! mix, and every workload chooses, renews and looks again on its own ([`DemandState`]). Consumer products turn users
//! into tokens ([`products`]), on models of one lab or several ([`brokering`]), and others rent chip-hours ([`rental`]).
//!
//! Why one workload per class and account rather than a random number of them? A class's share of the mix moves over
//! the years; with a fixed set of workloads whose weights move, volumes follow the mix without anybody being created or
//! dropped, and the random streams of two scenarios with different mixes stay aligned.

mod accounts;
mod bass;
pub mod brokering;
mod clouds;
mod commitments;
mod dice;
mod discounts;
mod fork;
mod growth;
pub mod hire;
mod homes;
#[cfg(test)]
mod mini_market;
mod overlap;
mod params;
pub mod products;
pub mod rental;
mod state;
#[cfg(test)]
mod timing;
mod triggers;
mod uses;
mod volumes;

pub use accounts::Account;
pub use bass::Bass;
pub use clouds::{Bought, Spread};
pub use dice::Dice;
pub use discounts::DiscountParams;
pub use growth::{
    inverse_isoelastic, isoelastic, logistic, logistic_duration, logistic_midpoint, logistic_slope, logistic_step,
    monopoly_price, surplus_gain,
};
pub use overlap::Overlap;
pub use params::{DemandParams, LookParams, SegmentParams};
pub use state::{AccountIndex, DemandEvent, DemandState, HomeSpend, WorkloadIndex};
pub use triggers::{Looks, Place};
pub use volumes::OptionVolumes;
