//! Investment: cash for a stake.

use crate::ids::PartyId;
use crate::units::{Time, Usd};
use serde::{Deserialize, Serialize};

/// Investment: `usd` moves from investor to issuer once, at `on`, and is booked at cost.
///
/// Tranches are terms of their own. Payments before the run belong in the issuer's opening cash, not here.
/// At a pre-money value it dilutes those who hold shares already ([`Holdings`](crate::market::equity::Holdings)); a
/// recapitalisation says what the investor holds from then on, with or without cash.
/// Source: each clause names its own.
/// Not modelled: preferences, and part payment in compute credits.
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
    /// What the issuer is worth before the money, where the clause names it.
    pub pre_money: Option<Usd>,
    /// What the investor holds from then on \[1\], where the clause settles it.
    pub stake: Option<f64>,
}
