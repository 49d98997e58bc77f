//! Commitment: the buyer takes a yearly amount, or pays for it.

use super::share_of;
use crate::ids::{CloudId, LabId, PartyId, StackId};
use crate::units::{DayCount, Schedule, Time, Usd};
use serde::{Deserialize, Serialize};

/// Whose purchases count towards a commitment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Buyer {
    /// A party, with its labs and clouds.
    Party(PartyId),
    /// A lab.
    Lab(LabId),
    /// A cloud that leases from another.
    Cloud(CloudId),
}

/// Take-or-pay: `shortfall = max(0, committed − purchased − undeliverable − carried)`, of which the share t is paid.
///
/// committed, purchased over the period \[USD\] · undeliverable what the seller could not deliver \[USD\] ·
/// carried excess of earlier periods, if it rolls over \[USD\] · t take-or-pay share \[1\], rounded half-even to a cent
/// Source: each clause names its own; forms as in contracts.csv, kind `compute_commitment`. Status: dollars and dates
/// mostly reported, take-or-pay share and roll-over assumed.
/// Commitments in chips or MW are valued in dollars, at the price that the clause names, before they get here. What is
/// prepaid is an advance, drawn down by purchases before cash is paid.
/// Not modelled: a fee for leaving.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Commitment {
    /// Who is bound.
    pub buyer: Buyer,
    /// To whom.
    pub seller: CloudId,
    /// Committed purchases, USD a year, over time.
    pub usd_per_year: Schedule,
    /// Which part of a year a day is.
    pub day_count: DayCount,
    /// Share of a shortfall that is paid, 0 to 1.
    pub take_or_pay: f64,
    /// Stacks whose hours count; any if empty.
    pub stacks: Vec<StackId>,
    /// Whether purchases above the commitment count towards later periods.
    pub rolls_over: bool,
    /// Periods for which a paid shortfall may be made up; 0 for none.
    pub make_up_periods: u16,
    /// Paid in advance when the version begins.
    pub prepaid: Usd,
    /// Whether, and how, the buyer may leave.
    pub notice: Option<Notice>,
}

/// Termination by notice: given at the first quarter's close from `from` on at which `used < b·due`, in the year to date;
/// the commitment ends n days later.
///
/// b share of use below which the buyer leaves \[1\] · n days of notice. Source: contracts.csv ANT-SPACEX, GOOG-SPACEX
/// (90 days). Status: that it exists is filed; when a buyer uses it is assumed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// First instant at which it may be given.
    pub from: Time,
    /// Days from notice to the end.
    pub days: u64,
    /// Use over what is due, below which it is given.
    pub below: f64,
}

impl Notice {
    /// Whether the buyer gives notice at a close.
    pub fn is_given(&self, close: Time, due: Usd, used: Usd) -> bool {
        close >= self.from && due > Usd::ZERO && used.dollars() < self.below * due.dollars()
    }
}

/// How a period of a commitment closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShortfallOutcome {
    /// What the buyer pays for what it did not take.
    pub paid: Usd,
    /// Purchases of this period above the commitment.
    pub excess: Usd,
    /// Excess that counts towards later periods.
    pub carried_forward: Usd,
}

impl Commitment {
    /// Closes a period.
    pub fn shortfall(&self, committed: Usd, purchased: Usd, undeliverable: Usd, carried: Usd) -> ShortfallOutcome {
        let open = (committed - purchased - undeliverable).or_zero();
        let excess = (purchased - committed).or_zero();
        let available = if self.rolls_over { carried } else { Usd::ZERO };
        let used = available.min(open);
        ShortfallOutcome {
            paid: share_of(self.take_or_pay, open - used, Usd::CENT),
            excess,
            carried_forward: if self.rolls_over { available - used + excess } else { Usd::ZERO },
        }
    }

    /// Whether hours on `stack` count (`None`: hours on no stack in particular, which a list of stacks excludes).
    pub fn counts(&self, stack: Option<StackId>) -> bool {
        self.stacks.is_empty() || stack.is_some_and(|stack| self.stacks.contains(&stack))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn commitment(take_or_pay: f64, rolls_over: bool) -> Commitment {
        Commitment {
            buyer: Buyer::Lab(LabId(0)),
            seller: CloudId(0),
            usd_per_year: Schedule::constant(100.0),
            day_count: DayCount::ActualActual,
            take_or_pay,
            stacks: vec![],
            rolls_over,
            make_up_periods: 0,
            prepaid: Usd::ZERO,
            notice: None,
        }
    }

    fn usd(dollars: i128) -> Usd {
        Usd(dollars * 1_000_000)
    }

    #[test]
    fn what_was_not_taken_is_paid() {
        let outcome = commitment(1.0, false).shortfall(usd(100), usd(70), usd(0), usd(0));
        assert_eq!(outcome, ShortfallOutcome { paid: usd(30), excess: usd(0), carried_forward: usd(0) });
    }

    #[test]
    fn only_the_take_or_pay_share_is_paid() {
        assert_eq!(commitment(0.6, false).shortfall(usd(100), usd(70), usd(0), usd(0)).paid, usd(18));
    }

    #[test]
    fn what_the_seller_could_not_deliver_is_not_owed() {
        assert_eq!(commitment(1.0, false).shortfall(usd(100), usd(70), usd(20), usd(0)).paid, usd(10));
        assert_eq!(commitment(1.0, true).shortfall(usd(100), usd(70), usd(50), usd(0)).carried_forward, usd(0));
    }

    #[test]
    fn excess_rolls_over_only_if_the_clause_says_so() {
        let outcome = commitment(1.0, true).shortfall(usd(100), usd(130), usd(0), usd(5));
        assert_eq!(outcome, ShortfallOutcome { paid: usd(0), excess: usd(30), carried_forward: usd(35) });
        let outcome = commitment(1.0, true).shortfall(usd(100), usd(80), usd(0), usd(35));
        assert_eq!(outcome, ShortfallOutcome { paid: usd(0), excess: usd(0), carried_forward: usd(15) });
        let outcome = commitment(1.0, false).shortfall(usd(100), usd(80), usd(0), usd(35));
        assert_eq!(outcome, ShortfallOutcome { paid: usd(20), excess: usd(0), carried_forward: usd(0) });
    }

    #[test]
    fn reference_quarters_without_make_up() {
        // A-finance_ledgers-015: minimum 1000, 1000, 1200, 1200 units at 2.50 USD.
        let quarters = [(1_000, 1_100), (1_000, 850), (1_200, 1_200), (1_200, 0)];
        let cents = |units: i128| Usd(units * 2_500_000);
        let paid = quarters.map(|(minimum, consumed)| {
            commitment(1.0, false).shortfall(cents(minimum), cents(consumed), Usd::ZERO, Usd::ZERO).paid.dollars()
        });
        assert_eq!(paid, [0.0, 375.0, 0.0, 3_000.0]);
    }

    #[test]
    fn notice_is_given_when_too_little_is_used() {
        let notice = Notice { from: Time(100), days: 90, below: 0.5 };
        let given = |close, due, used| notice.is_given(Time(close), usd(due), usd(used));
        assert!(given(100, 100, 49) && !given(100, 100, 50) && !given(99, 100, 0) && !given(100, 0, 0));
    }

    #[test]
    fn named_stacks_count_and_others_do_not() {
        let any = commitment(1.0, false);
        let named = Commitment { stacks: vec![StackId(1)], ..any.clone() };
        assert!(any.counts(None) && any.counts(Some(StackId(0))));
        assert!(named.counts(Some(StackId(1))) && !named.counts(Some(StackId(0))) && !named.counts(None));
    }

    proptest! {
        #[test]
        fn buying_more_never_pays_more(
            committed in 0i128..1_000, purchased in 0i128..1_000, more in 0i128..1_000,
            undeliverable in 0i128..1_000, carried in 0i128..1_000,
        ) {
            let clause = commitment(1.0, true);
            let at = |purchased| clause.shortfall(usd(committed), usd(purchased), usd(undeliverable), usd(carried));
            let (less, most) = (at(purchased), at(purchased + more));
            prop_assert!(most.paid <= less.paid);
            prop_assert!(most.carried_forward >= less.carried_forward);
            prop_assert!(less.paid <= usd(committed));
        }

        #[test]
        fn what_is_taken_paid_and_carried_in_covers_the_commitment_and_what_is_carried_on(
            committed in 0i128..1_000, purchased in 0i128..1_000, carried in 0i128..1_000,
        ) {
            let outcome = commitment(1.0, true).shortfall(usd(committed), usd(purchased), Usd::ZERO, usd(carried));
            let covered = usd(purchased) + outcome.paid + usd(carried);
            prop_assert_eq!(covered, usd(committed) + outcome.carried_forward);
        }
    }
}
