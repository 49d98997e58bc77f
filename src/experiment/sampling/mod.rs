//! Points of the unit cube for designs: Sobol' sequences and Latin hypercubes.
//!
//! *Why no crate?* Those that exist either hold no direction numbers of better two-dimensional projections, or scramble by a
//! hash of 32 bits that has no stream; points must be the same for ever, and a shard must have any of them by its number.

pub mod discrepancy;
mod joe_kuo;
pub mod latin_hypercube;
pub mod sobol;
