//! Backstop: a party buys the compute that a cloud could not sell.

use crate::ids::{CloudId, PartyId};
use crate::units::{Schedule, Usd};
use serde::{Deserialize, Serialize};

/// Backstop: `due = min(L, p·U)` each quarter.
///
/// U hours that the cloud left unsold in the quarter \[H100e-hours\] · p price \[USD/H100e-hour\] · L limit of the quarter,
/// its days' part of the yearly limit \[USD\] · rounded half-even to a cent.
/// Source: Nvidia and CoreWeave, 2025-09 (contracts.csv NVDA-CRWV-63). Status: filed; price assumed.
/// Not modelled: what the buyer does with the compute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Backstop {
    /// Who buys.
    pub buyer: PartyId,
    /// Whose compute.
    pub seller: CloudId,
    /// Most that is bought \[USD/year\].
    pub usd_per_year: Schedule,
    /// Price \[USD/H100e-hour\].
    pub usd_per_h100e_hour: f64,
}

impl Backstop {
    /// What is due for `unsold` hours under a limit.
    pub fn due(&self, unsold: f64, limit: Usd) -> Usd {
        Usd::from_dollars(unsold.max(0.0) * self.usd_per_h100e_hour).round_to(Usd::CENT).min(limit).or_zero()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_or_the_hours_bind() {
        let clause = Backstop {
            buyer: PartyId(0),
            seller: CloudId(0),
            usd_per_year: Schedule::constant(1e6),
            usd_per_h100e_hour: 1.5,
        };
        assert_eq!(clause.due(100_000.0, Usd::from_dollars(250_000.0)).dollars(), 150_000.0);
        assert_eq!(clause.due(200_000.0, Usd::from_dollars(250_000.0)).dollars(), 250_000.0);
        assert_eq!(clause.due(-1.0, Usd::from_dollars(250_000.0)), Usd::ZERO);
    }
}
