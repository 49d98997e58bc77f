//! Investment: cash for a stake.

use crate::ids::PartyId;
use crate::units::{Time, Usd};
use serde::{Deserialize, Serialize};

/// Investment: `usd` moves from investor to issuer once, at `on`, and is booked at cost.
///
/// Tranches are terms of their own. Payments before the run belong in the issuer's opening cash, not here.
/// Source: each clause names its own.
/// Not modelled: the size of the stake, warrants, and part payment in compute credits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Investment {
    /// Who pays.
    pub investor: PartyId,
    /// Who issues the stake.
    pub issuer: PartyId,
    /// How much.
    pub usd: Usd,
    /// When.
    pub on: Time,
}
