//! Contract terms, one kind per file: pure rules that know no clock, ledger or chance.
//!
//! Each answers a question (what is barred, what is due); [`contracts`](super::contracts) knows from when until when a
//! term holds, and [`settlement`](super::settlement) when it is asked.

mod backstop;
mod commitment;
mod discount;
mod distribution;
mod exclusivity;
mod first_ship;
mod investment;
mod licence;
mod loan;
mod make_up;
mod refusal;
mod reservation;
mod revenue_share;
mod warrant;

pub use backstop::Backstop;
pub use commitment::{Buyer, Commitment, Notice, ShortfallOutcome};
pub use discount::Discount;
pub use distribution::{Distribution, Principal, Split};
pub use exclusivity::{Exclusivity, Scope};
pub use first_ship::FirstShip;
pub use investment::Investment;
pub use licence::Licence;
pub use loan::Loan;
pub use make_up::MakeUpBank;
pub use refusal::{Offer, Refusal};
pub use reservation::{Reservation, ReservationBill};
pub use revenue_share::{Base, Binding, Due, RevenueShare, Tier};
pub use warrant::Warrant;

use crate::units::Usd;
use serde::{Deserialize, Serialize};

/// A term of a contract.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Term {
    /// The grantor deals with no one else.
    Exclusivity(Exclusivity),
    /// New models open on the holder's channel first.
    FirstShip(FirstShip),
    /// The holder is asked first for new capacity.
    Refusal(Refusal),
    /// The licensee may host and use the licensor's models.
    Licence(Licence),
    /// A channel lists the lab's models.
    Distribution(Distribution),
    /// A share of revenue passes from payer to payee.
    RevenueShare(RevenueShare),
    /// The buyer takes a yearly amount, or pays for it.
    Commitment(Commitment),
    /// Cash for a stake.
    Investment(Investment),
    /// Compute is held for the buyer, and paid whether used or not.
    Reservation(Reservation),
    /// Money is lent, with interest.
    Loan(Loan),
    /// A party buys what a cloud could not sell.
    Backstop(Backstop),
    /// A stake vests as purchases are made.
    Warrant(Warrant),
    /// A lower price for those who buy much.
    Discount(Discount),
}

/// The kind of a [`Term`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TermKind {
    /// See [`Exclusivity`].
    Exclusivity,
    /// See [`FirstShip`].
    FirstShip,
    /// See [`Refusal`].
    Refusal,
    /// See [`Licence`].
    Licence,
    /// See [`Distribution`].
    Distribution,
    /// See [`RevenueShare`].
    RevenueShare,
    /// See [`Commitment`].
    Commitment,
    /// See [`Investment`].
    Investment,
    /// See [`Reservation`].
    Reservation,
    /// See [`Loan`].
    Loan,
    /// See [`Backstop`].
    Backstop,
    /// See [`Warrant`].
    Warrant,
    /// See [`Discount`].
    Discount,
}

impl TermKind {
    /// Number of kinds.
    pub const COUNT: usize = Self::Discount as usize + 1;

    /// `snake_case` name for tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exclusivity => "exclusivity",
            Self::FirstShip => "first_ship",
            Self::Refusal => "right_of_first_refusal",
            Self::Licence => "licence",
            Self::Distribution => "distribution",
            Self::RevenueShare => "revenue_share",
            Self::Commitment => "commitment",
            Self::Investment => "investment",
            Self::Reservation => "reservation",
            Self::Loan => "loan",
            Self::Backstop => "backstop",
            Self::Warrant => "warrant",
            Self::Discount => "discount",
        }
    }
}

impl Term {
    /// The kind of the term.
    pub fn kind(&self) -> TermKind {
        match self {
            Self::Exclusivity(_) => TermKind::Exclusivity,
            Self::FirstShip(_) => TermKind::FirstShip,
            Self::Refusal(_) => TermKind::Refusal,
            Self::Licence(_) => TermKind::Licence,
            Self::Distribution(_) => TermKind::Distribution,
            Self::RevenueShare(_) => TermKind::RevenueShare,
            Self::Commitment(_) => TermKind::Commitment,
            Self::Investment(_) => TermKind::Investment,
            Self::Reservation(_) => TermKind::Reservation,
            Self::Loan(_) => TermKind::Loan,
            Self::Backstop(_) => TermKind::Backstop,
            Self::Warrant(_) => TermKind::Warrant,
            Self::Discount(_) => TermKind::Discount,
        }
    }
}

/// `share · amount`, rounded half-even to `quantum`.
///
/// The share counts to nine decimals and is multiplied as an integer, so that a decimal rate such as 5 % gives the
/// cent that decimal arithmetic gives, ties included.
///
/// # Panics
/// If the share is outside 0 to 1; the scenario reader refuses that.
pub fn share_of(share: f64, amount: Usd, quantum: Usd) -> Usd {
    const BILLION: i128 = 1_000_000_000;
    assert!((0.0..=1.0).contains(&share), "a share of {share}");
    let billionths = (share * 1e9).round_ties_even() as i128;
    let exact = Usd(amount.0 * billionths);
    Usd(exact.round_to(Usd(quantum.0 * BILLION)).0 / BILLION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_of_a_cent_go_to_the_even_cent() {
        // 5 % of 0.10, 0.30 and 0.50 USD: 0.005 → 0.00, 0.015 → 0.02, 0.025 → 0.02.
        for (cents, share) in [(10, 0), (30, 2), (50, 2)] {
            assert_eq!(share_of(0.05, Usd(cents * 10_000), Usd::CENT), Usd(share * 10_000), "{cents}");
        }
    }

    #[test]
    fn a_finer_quantum_keeps_more() {
        assert_eq!(share_of(0.125, Usd(1_000_010_000), Usd::CENT), Usd(125_000_000));
        assert_eq!(share_of(0.125, Usd(1_000_010_000), Usd(1)), Usd(125_001_250));
    }

    #[test]
    #[should_panic(expected = "a share of 1.4")]
    fn a_share_above_the_whole_is_a_programming_error() {
        share_of(1.4, Usd(1), Usd::CENT);
    }
}
