//! A fork: a run that goes on under other parameters from an instant on.
//!
//! The state of the base at that instant is kept, bit by bit, and so is what the fork's parameters do not touch: random
//! streams, pending events, orders under way. [`conflicts`] refuses what would change the past, and what cannot be taken
//! up in the middle of a run; [`Simulation::continue_under`] brings the rest of the state in line.
//!
//! - *Parameters that are read when they are needed* (prices, rates, tastes, capacities, rules of planning) act from the
//!   instant on, whenever they are read next: the dispatch reads every day, prices and fleets are reviewed every month,
//!   plans every quarter.
//! - *Dates to come* (releases, terms, phases, launches, outages, openings) move on the clock.
//! - *What was agreed or drawn before* runs to its end: renewals, repairs, shipments, ports, notice of withdrawal, training
//!   jobs that wait or run, reservations.
//!
//! A fork whose parameters differ from the base's only after the instant, and in nothing that the start of a run looks
//! ahead to, is the unbroken run of these parameters, event by event.
//!
//! **Why are ids fixed?** Positions of parties, clouds, labs, channels and the like are all over the state. Contracts,
//! terms, models, phases and scripted outages may be added: [`aligned`] puts new contracts last, and models that have
//! come out keep their places, since models are in the order of their releases.

mod adopt;
mod check;

pub use check::{Conflict, conflicts};

use super::params::Params;
use crate::ids::ContractId;
use crate::market::contracts::{Contract, DatedTerm};

/// The parameters of a fork with its contracts in the order of the base, new ones last. A contract that the fork does
/// not have any more keeps its place without terms.
pub fn aligned(base: &Params, mut fork: Params) -> Params {
    let mut told = std::mem::take(&mut fork.contracts);
    let mut contracts: Vec<Contract> = Vec::with_capacity(told.len());
    for contract in &base.contracts {
        let place = told.iter().position(|c| c.name == contract.name);
        let none = || Contract { terms: Vec::new(), pending: Vec::new(), ..contract.clone() };
        contracts.push(Contract { id: contract.id, ..place.map_or_else(none, |place| told.remove(place)) });
    }
    for contract in told {
        contracts.push(Contract { id: ContractId::new(contracts.len()), ..contract });
    }
    fork.contracts = contracts;
    fork
}

/// The terms of the contract of a name.
fn terms_of<'p>(params: &'p Params, contract: &str) -> &'p [DatedTerm] {
    params.contracts.iter().find(|c| c.name == contract).map_or(&[], |c| &c.terms)
}
