//! Reservation: compute held for the buyer, paid whether used or not.

use super::commitment::Buyer;
use crate::ids::CloudId;
use crate::units::{Schedule, Usd};
use serde::{Deserialize, Serialize};

/// Reservation: `paid = p·D`, `credit = c·p·(R − D)`.
///
/// R hours reserved, D of them delivered, used or not \[H100e-hours\] · p price \[USD/H100e-hour\] · c late credit \[1\]: what
/// the seller owes for an hour that it promised and could not deliver, over its price. Rounded half-even to a cent.
/// Source: forms as in contracts.csv, rows in chips or GW; prices and credits mostly assumed.
/// Not modelled: a right to leave when delivery is late for long.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reservation {
    /// For whom.
    pub buyer: Buyer,
    /// By whom.
    pub seller: CloudId,
    /// How much, over time \[chat H100e\].
    pub h100e: Schedule,
    /// Price \[USD/H100e-hour\].
    pub usd_per_h100e_hour: f64,
    /// Credit for an hour not delivered, over its price \[1\].
    pub late_credit: f64,
}

/// What a reservation costs both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReservationBill {
    /// What the buyer pays for what was delivered.
    pub paid: Usd,
    /// What the seller pays for what was not.
    pub credit: Usd,
}

impl Reservation {
    /// Bills `reserved` hours of which `delivered` were there \[H100e-hours\].
    pub fn bill(&self, reserved: f64, delivered: f64) -> ReservationBill {
        let dollars = |hours: f64| Usd::from_dollars(hours.max(0.0) * self.usd_per_h100e_hour).round_to(Usd::CENT);
        let late = Usd::from_dollars(self.late_credit * (reserved - delivered).max(0.0) * self.usd_per_h100e_hour);
        ReservationBill { paid: dollars(delivered), credit: late.round_to(Usd::CENT) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::LabId;

    #[test]
    fn what_is_late_is_credited_and_the_rest_is_paid() {
        let clause = Reservation {
            buyer: Buyer::Lab(LabId(0)),
            seller: CloudId(0),
            h100e: Schedule::constant(100.0),
            usd_per_h100e_hour: 2.5,
            late_credit: 0.2,
        };
        // 100 H100e over 720 h; 80 of them are there: 57,600 h × 2.50 = 144,000; 14,400 h × 2.50 × 0.2 = 7,200.
        let bill = clause.bill(72_000.0, 57_600.0);
        assert_eq!((bill.paid.dollars(), bill.credit.dollars()), (144_000.0, 7_200.0));
        // More than promised is no reservation's business.
        assert_eq!(clause.bill(72_000.0, 72_000.0).credit, Usd::ZERO);
    }
}
