//! Loan: money lent, with interest, paid back when the term ends.

use crate::ids::PartyId;
use crate::units::Usd;
use serde::{Deserialize, Serialize};

/// Days in a year of interest.
const YEAR: i128 = 365;

/// Loan: `interest = round(L·r·d/365)`, paid each quarter; the whole of L comes back on the term's last day.
///
/// L principal \[USD\] · r rate \[1/year\] · d days since the last payment · rounded half-even to a cent, actual/365.
/// Source: form of the Cerebras loan (contracts.csv OAI-CBRS-LOAN). Status: reported.
/// Not modelled: repayment in parts, security, conversion into equity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Loan {
    /// Who lends.
    pub lender: PartyId,
    /// Who owes.
    pub borrower: PartyId,
    /// How much.
    pub usd: Usd,
    /// Interest \[1/year\].
    pub rate_per_year: f64,
}

impl Loan {
    /// Interest for a number of days.
    pub fn interest(&self, days: u64) -> Usd {
        let millionths = (self.rate_per_year * 1e6).round_ties_even() as i128;
        let scale = 1_000_000 * YEAR;
        Usd(Usd(self.usd.0 * millionths * i128::from(days)).round_to(Usd(Usd::CENT.0 * scale)).0 / scale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_of_interest_by_hand() {
        let loan =
            Loan { lender: PartyId(0), borrower: PartyId(1), usd: Usd(1_000_000_000 * 1_000_000), rate_per_year: 0.06 };
        // 1 bn × 6 % × 90/365 = 14,794,520.5479 USD.
        assert_eq!(loan.interest(90), Usd(14_794_520_550_000));
        // Four quarters of 2025 are a year.
        let year: Usd = [90, 91, 92, 92].map(|days| loan.interest(days)).into_iter().sum();
        assert!((year.dollars() - 60_000_000.0).abs() < 0.02, "{year:?}");
        assert_eq!(loan.interest(0), Usd::ZERO);
    }
}
