//! What buyers negotiate off list prices.

use super::growth::isoelastic;
use super::params::SegmentParams;
use serde::{Deserialize, Serialize};

/// Negotiated discounts: `d(S, m) = min(d*, t(S) + ℓ·m)` from the lowest tier on, 0 below it.
///
/// d discount off the list price \[1\] · S the account's spend at reference prices on the reference date \[USD/year\] · t
/// discount of the highest tier that S reaches \[1\] · m other clouds that sell the model in use to the buyer's segment \[1\] ·
/// ℓ what each of them is worth to the buyer at the table \[1\] · d* the most that anybody gets \[1\].
///
/// Spend figures are what is paid, so that discounts are in them: with m̂ other clouds on average when spend was measured,
/// list prices hold `(1 − d(S, m̂))` already and a buyer pays `p·(1 − d(S, m))/(1 − d(S, m̂))`. What moves what is paid is
/// thus how many more or fewer sell the same. Volume answers it as it does the price: `((1 − d)/(1 − d̂))^ε`, at once.
///
/// Source: tiers as cloud commitments have them, the gain of who negotiates with several clouds. Status: levels reported, m̂
/// assumed.
/// Limits: S is that of the reference date, as tiers rise with the market; choices weigh list prices, since who has the same
/// models on more clouds has the better price at each of them; nobody has to commit for a discount.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DiscountParams {
    /// Spend from which a discount holds \[USD/year\], and the discount \[1\]; ascending.
    pub tiers: Vec<(f64, f64)>,
    /// ℓ \[1\].
    pub per_other_cloud: f64,
    /// d* \[1\].
    pub cap: f64,
    /// m̂ \[1\].
    pub usual_other_clouds: f64,
}

impl DiscountParams {
    /// Position of the tier that a spend reaches, from 1 on; 0 below all.
    pub fn tier(&self, usd_per_year: f64) -> u8 {
        self.tiers.partition_point(|(from, _)| *from <= usd_per_year) as u8
    }

    /// d of a tier with `others` other clouds \[1\].
    pub fn discount(&self, tier: u8, others: f64) -> f64 {
        let Some(tier) = usize::from(tier).checked_sub(1) else { return 0.0 };
        (self.tiers[tier].1 + self.per_other_cloud * others).min(self.cap)
    }

    /// What is paid over the list price that the scenario tells \[1\].
    pub fn paid(&self, tier: u8, others: f64) -> f64 {
        (1.0 - self.discount(tier, others)) / (1.0 - self.discount(tier, self.usual_other_clouds))
    }
}

/// What a dollar of reference spend is worth by tier and number of other clouds, for a segment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Terms {
    most: usize,
    /// Tokens over those at the list price, and money over it \[1\].
    factors: Vec<[f64; 2]>,
}

impl Terms {
    /// The terms of a segment, with up to `most` other clouds.
    pub fn new(discounts: &DiscountParams, segment: &SegmentParams, most: usize) -> Self {
        let tiers = 0..=discounts.tiers.len() as u8;
        let all = tiers.flat_map(|tier| (0..=most).map(move |others| (tier, others as f64)));
        let factors = all.map(|(tier, others)| {
            let paid = discounts.paid(tier, others);
            let tokens = isoelastic(1.0, 1.0, segment.elasticity, paid);
            [tokens, tokens * paid]
        });
        Self { most, factors: factors.collect() }
    }

    /// Tokens and money at a tier with so many other clouds, over those at the list price \[1\].
    pub fn of(&self, tier: u8, others: u8) -> [f64; 2] {
        self.factors[usize::from(tier) * (self.most + 1) + usize::from(others).min(self.most)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::demand::mini_market::params;

    fn discounts() -> DiscountParams {
        let tiers = vec![(1e6, 0.1), (5e6, 0.12)];
        DiscountParams { tiers, per_other_cloud: 0.03, cap: 0.17, usual_other_clouds: 1.0 }
    }

    #[test]
    fn discounts_by_hand() {
        let d = discounts();
        assert_eq!([9e5, 1e6, 4.9e6, 5e6].map(|usd| d.tier(usd)), [0, 1, 1, 2]);
        assert_eq!(d.discount(0, 3.0), 0.0, "who buys little pays the list price");
        assert!((d.discount(1, 0.0) - 0.1).abs() < 1e-15);
        assert!((d.discount(1, 2.0) - 0.16).abs() < 1e-15);
        assert_eq!(d.discount(2, 2.0), 0.17, "0.18 is over the cap");
    }

    /// (1 − 0.16)/(1 − 0.13) with one cloud more than usual, 0.9/0.87 with one fewer, 1 as usual.
    #[test]
    fn what_is_paid_moves_with_the_clouds_that_sell_the_same() {
        let d = discounts();
        assert!((d.paid(1, 2.0) - 0.84 / 0.87).abs() < 1e-15);
        assert!((d.paid(1, 0.0) - 0.90 / 0.87).abs() < 1e-15);
        assert_eq!((d.paid(1, 1.0), d.paid(0, 4.0)), (1.0, 1.0));
    }

    /// At an elasticity of −0.5 tokens rise by the root of what falls: money is 0.9655^0.5 of before.
    #[test]
    fn volume_answers_the_discount() {
        let segment = SegmentParams { elasticity: -0.5, ..params().segments[2].clone() };
        let terms = Terms::new(&discounts(), &segment, 3);
        let [tokens, money] = terms.of(1, 2);
        let paid: f64 = 0.84 / 0.87;
        assert!((tokens - 1.0 / paid.sqrt()).abs() < 1e-12 && (money - paid.sqrt()).abs() < 1e-12);
        assert_eq!((terms.of(1, 1), terms.of(0, 3)), ([1.0, 1.0], [1.0, 1.0]));
        assert_eq!(terms.of(1, 9), terms.of(1, 3));
    }

    /// More clouds never cost a buyer anything, nor does more spend.
    #[test]
    fn leverage_never_hurts() {
        let d = discounts();
        for tier in 0..=2 {
            for others in 0..6 {
                assert!(d.paid(tier, f64::from(others) + 1.0) <= d.paid(tier, f64::from(others)));
                assert!(tier == 0 || d.discount(tier, f64::from(others)) >= d.discount(tier - 1, f64::from(others)));
            }
        }
    }
}
