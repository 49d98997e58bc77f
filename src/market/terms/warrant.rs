//! Warrant: a stake that vests as purchases are made.

use super::share_of;
use crate::ids::PartyId;
use crate::units::Usd;
use serde::{Deserialize, Serialize};

/// Warrant: `granted = round(min(1, ΣP/T)·V)`, in steps as purchases come.
///
/// ΣP what the payers paid the issuer for goods and services since the term began \[USD\] · T purchases at which all has
/// vested \[USD\] · V value of the whole at signing \[USD\] · rounded half-even to a cent on the cumulative amount.
/// Booked as a cost of the issuer and an income of the holder, without cash.
/// Source: AMD and Cerebras with OpenAI (contracts.csv OAI-AMD-WARR, OAI-CBRS-WARR). Status: filed; values assumed.
/// Not modelled: share-price hurdles, exercise prices, and the value of the stake after it has vested.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Warrant {
    /// Whose shares.
    pub issuer: PartyId,
    /// Who gets them.
    pub holder: PartyId,
    /// Worth when all has vested.
    pub usd: Usd,
    /// Purchases at which all has vested.
    pub purchases: Usd,
    /// Whose purchases count; anyone's if empty.
    pub payers: Vec<PartyId>,
}

impl Warrant {
    /// What has vested after `purchases`, in total.
    pub fn vested(&self, purchases: Usd) -> Usd {
        let share = if self.purchases > Usd::ZERO { purchases.dollars() / self.purchases.dollars() } else { 1.0 };
        share_of(share.clamp(0.0, 1.0), self.usd, Usd::CENT).min(self.usd)
    }

    /// Whether a payer's purchases count.
    pub fn counts(&self, payer: PartyId) -> bool {
        self.payers.is_empty() || self.payers.contains(&payer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_vests_with_purchases_and_no_further() {
        let usd = Usd::from_dollars;
        let clause = Warrant {
            issuer: PartyId(0),
            holder: PartyId(1),
            usd: usd(30e9),
            purchases: usd(90e9),
            payers: vec![PartyId(2)],
        };
        // A third of the value for a third of the purchases.
        assert_eq!(clause.vested(usd(30e9)).dollars(), 9_999_999_990.0);
        assert_eq!(clause.vested(usd(120e9)), usd(30e9));
        assert_eq!(clause.vested(Usd::ZERO), Usd::ZERO);
        assert!(clause.counts(PartyId(2)) && !clause.counts(PartyId(1)));
    }
}
