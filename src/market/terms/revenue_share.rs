//! Revenue share: a rate on revenue in scope, to an end date or a total cap, whichever is first.

use crate::ids::{ChannelId, LabId, PartyId};
use crate::units::{Schedule, Time, Usd};
use serde::{Deserialize, Serialize};

/// The revenue that a share is of. Receipts of revenue share are never part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Base {
    /// All revenue that the lab books: own API, products, remittances, and fees for its models in products of others.
    AllRevenue(LabId),
    /// Revenue that the platform books on the lab's models on one channel. Tokens of the operator's own products are not
    /// sold there and do not count, whatever fee they bear.
    ChannelRevenue(LabId, ChannelId),
    /// The same less the levelised cost of the compute that it takes.
    ChannelProfit(LabId, ChannelId),
    /// A party's revenue less its expenses, revenue shares apart; losses count against later profits.
    Profit(PartyId),
}

/// The rate of revenue beyond a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tier {
    /// Cumulative revenue above which the rate holds, up to the next tier's.
    pub above: Usd,
    /// Share of that revenue, 0 to 1.
    pub rate: f64,
}

/// Revenue share with a total cap: `due = min(C, max(0, round(Σ_k s_k·ΔR_k))) − P`.
///
/// s_k rate of slice k, the clause's own up to the first tier \[1\] · ΔR_k the slice's part of revenue in scope since
/// the counting date \[USD\] · C total cap \[USD\] · P paid so far \[USD\]
/// Rounded half-even to the clause's quantum on the cumulative amount, so instalments add up.
/// Refunds lower ΣR: a share paid on them comes back, as a negative amount, unless the cap binds all the same.
/// A version whose cap is below what was paid already cannot take force: the run ends with that message.
/// Source: OpenAI–Microsoft, 20 % with a total cap from 2026-04-27 (contracts.csv MSOAI-2026-RSOUT, -RSCAP).
/// Status: reported.
/// Limits: an amendment begins its tiers anew, as it does its rate. Not modelled: late payment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RevenueShare {
    /// Who pays.
    pub payer: PartyId,
    /// Who is paid.
    pub payee: PartyId,
    /// Share of the base, 0 to 1.
    pub rate: f64,
    /// Other rates of revenue beyond thresholds, which ascend.
    pub tiers: Vec<Tier>,
    /// Share of what.
    pub base: Base,
    /// Most that is ever paid, since the counting date.
    pub total_cap: Option<Usd>,
    /// Revenue and payments count from here.
    pub counting_from: Time,
    /// Paid before the run, which counts towards the cap too.
    pub paid_before: Usd,
    /// Revenue in scope of what the payer sells outside this market [USD/year]; counts beside the base.
    pub elsewhere_usd_per_year: Schedule,
    /// What amounts are rounded to.
    pub quantum: Usd,
}

/// What limited a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Binding {
    /// The rate: more revenue would have paid more.
    Rate,
    /// The cap: it would not.
    Cap,
}

/// What is due, and what limited it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// From payer to payee; negative after refunds.
    pub amount: Usd,
    /// What limited it.
    pub binding: Binding,
}

impl RevenueShare {
    /// What is due after `paid`, on `revenue_to_date`.
    pub fn due(&self, revenue_to_date: Usd, paid: Usd) -> Due {
        let uncapped = self.uncapped(revenue_to_date);
        match self.total_cap {
            Some(cap) if uncapped > cap => Due { amount: (cap - paid).or_zero(), binding: Binding::Cap },
            Some(_) | None => Due { amount: uncapped - paid, binding: Binding::Rate },
        }
    }

    /// The share of `revenue_to_date`, slice by slice, as if there were no cap.
    ///
    /// # Panics
    /// If a rate is outside 0 to 1; the scenario reader refuses that.
    pub fn uncapped(&self, revenue_to_date: Usd) -> Usd {
        let revenue = revenue_to_date.or_zero();
        let (mut rate, mut from, mut sum) = (self.rate, Usd::ZERO, 0);
        for tier in self.tiers.iter().take_while(|tier| tier.above < revenue) {
            sum += billionths(rate) * (tier.above - from).0;
            (rate, from) = (tier.rate, tier.above);
        }
        sum += billionths(rate) * (revenue - from).0;
        Usd(sum).divided(BILLION, self.quantum)
    }

    /// Revenue in scope outside this market between two instants, at the rate half-way.
    pub fn elsewhere(&self, since: Time, until: Time) -> Usd {
        let years = until.since(since).years();
        let rate = self.elsewhere_usd_per_year.at_years(since.years() + 0.5 * years);
        Usd::from_dollars(rate * years).round_to(self.quantum)
    }

    /// The same clause with `counted` of its cap used up, by payments under its earlier versions.
    pub fn after(&self, counted: Usd) -> Self {
        let total_cap = self.total_cap.map(|cap| (cap - counted).or_zero());
        Self { total_cap, ..self.clone() }
    }
}

const BILLION: i128 = 1_000_000_000;

/// A rate to nine decimals, as [`share_of`](super::share_of) counts it.
fn billionths(rate: f64) -> i128 {
    assert!((0.0..=1.0).contains(&rate), "a share of {rate}");
    (rate * 1e9).round_ties_even() as i128
}

#[cfg(test)]
mod tests {
    use super::super::share_of;
    use super::*;
    use crate::units::{Curve, Span, YEAR_DAYS};
    use proptest::prelude::*;

    fn share(rate: f64, cap_usd: f64) -> RevenueShare {
        RevenueShare {
            payer: PartyId(0),
            payee: PartyId(1),
            rate,
            tiers: vec![],
            base: Base::AllRevenue(LabId(0)),
            total_cap: Some(Usd::from_dollars(cap_usd)),
            counting_from: Time(0),
            paid_before: Usd::ZERO,
            elsewhere_usd_per_year: Schedule::constant(0.0),
            quantum: Usd::CENT,
        }
    }

    /// A rate that rises from nothing to 365.25 USD a year within a year: a quarter of it in its first half, 45.66 USD, and three
    /// quarters in the second, 136.97.
    #[test]
    fn what_is_sold_elsewhere_is_its_rate_times_the_time() {
        let elsewhere_usd_per_year = Schedule::new(Curve::Linear, vec![(0.0, 0.0), (1.0, 365.25)], 0.0);
        let clause = RevenueShare { elsewhere_usd_per_year, ..share(0.2, 1.0) };
        let half = Time(0) + Span::from_days(YEAR_DAYS / 2.0);
        let year = Time(0) + Span::from_days(YEAR_DAYS);
        assert_eq!(clause.elsewhere(Time(0), half).dollars(), 45.66);
        assert_eq!(clause.elsewhere(half, year).dollars(), 136.97);
        assert_eq!(share(0.2, 1.0).elsewhere(Time(0), year), Usd::ZERO);
    }

    /// Dues in dollars as revenue arrives, refunds negative.
    fn instalments(clause: &RevenueShare, revenue: &[f64]) -> Vec<f64> {
        let (mut to_date, mut paid) = (Usd::ZERO, Usd::ZERO);
        let mut dues = Vec::new();
        for usd in revenue {
            to_date += Usd::from_dollars(*usd);
            let due = clause.due(to_date, paid).amount;
            paid += due;
            dues.push(due.dollars());
        }
        dues
    }

    #[test]
    fn revenue_beyond_a_threshold_has_a_rate_of_its_own() {
        // 5 % of 500,000, 10 % of the next 500,000 and 15 % of what is beyond: 20,000, 42,500, then to 97,500.
        let dollars = Usd::from_dollars;
        let tiers =
            vec![Tier { above: dollars(500_000.0), rate: 0.10 }, Tier { above: dollars(1_000_000.0), rate: 0.15 }];
        let clause = RevenueShare { tiers, ..share(0.05, 90_000.0) };
        let uncapped =
            [400_000.0, 500_000.0, 675_000.0, 1_150_000.0].map(|usd| clause.uncapped(dollars(usd)).dollars());
        assert_eq!(uncapped, [20_000.0, 25_000.0, 42_500.0, 97_500.0]);
        let due = clause.due(dollars(1_150_000.0), dollars(42_500.0));
        assert_eq!(due, Due { amount: dollars(47_500.0), binding: Binding::Cap });
        // A refund gives back at the rate of the slice that it came from: 15 % of 150,000 and 10 % of 50,000.
        let due = clause.due(dollars(950_000.0), dollars(97_500.0));
        assert_eq!(due.amount, dollars(-27_500.0));
    }

    #[test]
    fn below_the_cap_the_rate_binds() {
        let due = share(0.2, 1_000.0).due(Usd::from_dollars(400.0), Usd::from_dollars(30.0));
        assert_eq!(due, Due { amount: Usd::from_dollars(50.0), binding: Binding::Rate });
    }

    #[test]
    fn crossing_quarter_pays_exactly_the_rest() {
        let due = share(0.2, 100.0).due(Usd::from_dollars(600.0), Usd::from_dollars(80.0));
        assert_eq!(due, Due { amount: Usd::from_dollars(20.0), binding: Binding::Cap });
    }

    #[test]
    fn after_the_cap_nothing_is_due() {
        let due = share(0.2, 100.0).due(Usd::from_dollars(9_000.0), Usd::from_dollars(100.0));
        assert_eq!(due, Due { amount: Usd::ZERO, binding: Binding::Cap });
    }

    #[test]
    fn exactly_at_the_cap_the_rate_still_binds() {
        let due = share(0.2, 100.0).due(Usd::from_dollars(500.0), Usd::ZERO);
        assert_eq!(due, Due { amount: Usd::from_dollars(100.0), binding: Binding::Rate });
    }

    #[test]
    fn without_a_cap_the_rate_always_binds() {
        let clause = RevenueShare { total_cap: None, ..share(0.2, 0.0) };
        let due = clause.due(Usd::from_dollars(5e12), Usd::ZERO);
        assert_eq!(due, Due { amount: Usd::from_dollars(1e12), binding: Binding::Rate });
    }

    #[test]
    fn a_cap_lowered_below_what_was_paid_returns_nothing() {
        let due = share(0.2, 100.0).due(Usd::from_dollars(1_000.0), Usd::from_dollars(150.0));
        assert_eq!(due, Due { amount: Usd::ZERO, binding: Binding::Cap });
        assert_eq!(share(0.2, 100.0).after(Usd::from_dollars(150.0)).total_cap, Some(Usd::ZERO));
    }

    // The four cases below are A-finance_ledgers-011 to -014 of the reference set, with claw-back.

    #[test]
    fn reference_cap_crossed_in_mid_quarter() {
        let revenue = [400_000.0, 350_000.0, 500_000.0, 125_000.0, 90_000.0];
        assert_eq!(instalments(&share(0.20, 200_000.0), &revenue), [80_000.0, 70_000.0, 50_000.0, 0.0, 0.0]);
    }

    #[test]
    fn reference_refund_after_the_cap_releases_headroom() {
        let revenue = [900_000.0, 200_000.0, -150_000.0, 30_000.0, -1_200_000.0, 500_000.0];
        let dues = [135_000.0, 15_000.0, -7_500.0, 4_500.0, -147_000.0, 42_000.0];
        assert_eq!(instalments(&share(0.15, 150_000.0), &revenue), dues);
    }

    #[test]
    fn reference_instalments_round_on_the_cumulative_amount() {
        assert_eq!(instalments(&share(0.125, 100_000.0), &[1_000.01, 2_000.03]), [125.0, 250.0]);
    }

    #[test]
    fn reference_half_cents_go_to_the_even_cent() {
        let revenue = [0.10, 0.10, 0.10, 0.10, 0.50];
        assert_eq!(instalments(&share(0.05, 1.0), &revenue), [0.0, 0.01, 0.01, 0.0, 0.02]);
    }

    proptest! {
        #[test]
        fn the_total_is_the_smaller_of_rate_and_cap(
            revenue in prop::collection::vec(0i128..1_000_000_000_000, 1..20),
            rate in 0.0..=1.0f64,
            cap in 0i128..1_000_000_000_000,
        ) {
            let clause = RevenueShare { total_cap: Some(Usd(cap)), ..share(rate, 0.0) };
            let (mut to_date, mut paid) = (Usd::ZERO, Usd::ZERO);
            for amount in revenue {
                to_date += Usd(amount);
                let due = clause.due(to_date, paid).amount;
                prop_assert!(due >= Usd::ZERO);
                paid += due;
            }
            prop_assert_eq!(paid, share_of(rate, to_date, Usd::CENT).min(Usd(cap)));
        }

        #[test]
        fn more_revenue_never_pays_less(
            revenue in 0i128..1_000_000_000_000, more in 0i128..1_000_000_000,
            rate in 0.0..=1.0f64, cap in 0i128..1_000_000_000_000,
        ) {
            let clause = RevenueShare { total_cap: Some(Usd(cap)), ..share(rate, 0.0) };
            let due = |revenue| clause.due(Usd(revenue), Usd::ZERO).amount;
            prop_assert!(due(revenue + more) >= due(revenue));
        }
    }
}
