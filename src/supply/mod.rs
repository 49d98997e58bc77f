//! The supply side of the market: suppliers, orders, sites, power, fleets, failures and planning.
//!
//! [`SupplyState`] is a state machine. The layer above schedules the ticks ([`SupplyEvent::MonthOpened`] and
//! [`SupplyEvent::InstallTick`]), hands every event to [`SupplyState::handle`], puts what comes back in the
//! [`Outbox`] on its clock, and reads the facts in it; money is only reported here, never moved.
//!
//! ```text
//! planning ──orders──▶ order book ──output──▶ in transit ──▶ stock ──power──▶ working ⇄ in repair
//!    │                    ▲                                    ▲                  │
//!    └─site requests─▶ phases of power ────────────────────────┘               retired or resold
//!                     pools ─▶ lines ─┘
//! ```
//!
//! - a month opens: [`suppliers`] divides pools and lines, `allocation` divides the output over open orders by a rule
//!   of [`rationing`], `failures`
//!   draws what breaks and gives it to the crews;
//! - outages take sites out of service, as often as they are told to or as their feeds fail ([`redundancy`]), and a cut of
//!   power takes some of their chips ([`curtailment`]);
//! - every week, and when chips or power arrive: [`install`] retires what is worn out and powers up what waits;
//! - [`gang`] is apart: queues of jobs for chips, which the layer above keeps for training;
//! - when the caller plans a cloud ([`planning`]): orders, and requests for power. Plans made at the very start stand
//!   for orders already under way and may ship at once: make them before the first month opens.
//!
//! **Counts are exact.** Chips and watts are whole numbers, and [`SupplyState::check`] compares every stage with what
//! was ordered, shipped and powered. **Chance** comes from one stream for each entity and purpose, keyed by names, and
//! monthly draws are made whether they are needed or not: an added entity, or a month in which nothing ships, leaves
//! the other draws as they were.
//!
//! Not modelled: sites that lose power for good, and orders withdrawn by their buyer.

mod allocation;
pub mod binding;
pub mod curtailment;
mod event;
mod failures;
mod fleet;
mod fork;
pub mod gang;
pub mod install;
mod levelised_cost;
mod orders;
mod outages;
pub mod params;
pub mod planning;
mod poisson;
mod power;
mod prepaid;
mod queries;
pub mod rationing;
pub mod redundancy;
mod resale;
mod state;
mod streams;
pub mod suppliers;
mod throughput;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod testing;

pub use event::{Fact, Outbox, Scheduled, SupplyEvent};
pub use fleet::Stages;
pub use fork::Revision;
pub use levelised_cost::{ChipCost, levelised_cost};
pub use planning::{LoadForecast, Plan, PlanBound};
pub use poisson::poisson;
pub use power::{energy_usd, facility_power, it_power};
pub use queries::mean_pue;
pub use state::SupplyState;
pub use streams::Dice;
pub use suppliers::{Bound, Output};
pub use throughput::{throughput, throughputs};
