//! The simulated accounts of a segment, drawn in strata.

use super::dice::{Dice, shuffled_midpoints};
use super::params::SegmentParams;
use crate::ids::{CloudId, JurisdictionId, SegmentId};
use crate::market::choice::TasteId;
use crate::units::{Span, Time, YEAR_DAYS, norm_inv};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// A simulated account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// Its segment.
    pub segment: SegmentId,
    /// Spend at reference prices on the reference date [USD/year].
    pub spend_usd_per_year: f64,
    /// When it adopts [years since the start, negative before].
    pub adoption_years: f64,
    /// Its home cloud.
    pub home: Option<CloudId>,
    /// Whether it draws down a commitment there.
    pub committed: bool,
    /// Where it must keep its data; none if anywhere.
    pub residency: Option<JurisdictionId>,
}

impl Account {
    /// When it adopts, at the earliest when the run starts.
    pub fn adopts(&self) -> Time {
        Time(0) + Span::from_days(self.adoption_years * YEAR_DAYS)
    }
}

/// What an account is to whom sells, in little space since choices of a million workloads come here.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Buyer {
    /// Spend of all accounts that it stands for, at reference prices on the reference date [USD/year].
    pub usd_per_year: f64,
    pub first_workload: u32,
    pub segment: SegmentId,
    pub taste: TasteId,
    /// Its home cloud now.
    pub home: Option<CloudId>,
    /// Whether it draws down a commitment there now.
    pub committed: bool,
    /// Tier of its discount.
    pub tier: u8,
    /// How many workloads it has.
    pub workloads: u8,
    pub adopted: bool,
}

impl Buyer {
    /// Its workloads.
    pub fn own(&self) -> Range<usize> {
        let first = self.first_workload as usize;
        first..first + usize::from(self.workloads)
    }
}

/// Draws a segment's accounts: spend, adoption, home, commitment and residency each in strata of their own, independent of the
/// others by shuffling.
///
/// Spend is lognormal, `median·exp(σ·z)` at the midpoints of equal slices, scaled so that the sample's mean is
/// `median·exp(σ²/2)`: the midpoints alone miss part of the upper tail. Adoption inverts the Bass curve.
pub(super) fn draw_accounts<S: Dice>(
    segment: SegmentId,
    params: &SegmentParams,
    make_stream: &mut impl FnMut(&str, &str) -> S,
) -> Vec<Account> {
    let n = params.sampled_accounts as usize;
    let mut shuffled = |purpose: &str| shuffled_midpoints(n, &mut make_stream(&params.id, purpose));
    let spend = lognormal_sample(params, &shuffled("spend"));
    let adoption = shuffled("adoption");
    let home = shuffled("home");
    let commitment = shuffled("commitment");
    let residency = shuffled("residency");
    (0..n)
        .map(|i| {
            let home = home_at(&params.home_mix, home[i]);
            Account {
                segment,
                spend_usd_per_year: spend[i],
                adoption_years: params.bass_origin_years + params.bass.years_to(adoption[i]),
                home,
                committed: home.is_some() && commitment[i] < params.committed_share,
                residency: residency_at(&params.residency, residency[i]),
            }
        })
        .collect()
}

fn lognormal_sample(params: &SegmentParams, midpoints: &[f64]) -> Vec<f64> {
    let raw: Vec<f64> = midpoints.iter().map(|u| libm::exp(params.spend_sigma * norm_inv(*u))).collect();
    let mean = raw.iter().sum::<f64>() / raw.len() as f64;
    let wanted = params.spend_median_usd_per_year * libm::exp(0.5 * params.spend_sigma * params.spend_sigma);
    raw.iter().map(|value| value * wanted / mean).collect()
}

fn home_at(mix: &[(Option<CloudId>, f64)], u: f64) -> Option<CloudId> {
    let mut below = 0.0;
    for (home, share) in mix {
        below += share;
        if u < below {
            return *home;
        }
    }
    // Rounding of the shares' sum.
    mix.last().and_then(|(home, _)| *home)
}

/// The jurisdiction that a number in [0, 1) falls to; none past their shares.
fn residency_at(shares: &[(JurisdictionId, f64)], u: f64) -> Option<JurisdictionId> {
    let mut below = 0.0;
    for (jurisdiction, share) in shares {
        below += share;
        if u < below {
            return Some(*jurisdiction);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::choice::mini_world::AZURE;
    use crate::market::demand::mini_market;

    fn accounts(seed: &str) -> (SegmentParams, Vec<Account>) {
        let params = mini_market::params().segments[2].clone();
        let drawn = draw_accounts(SegmentId(2), &params, &mut |entity, purpose| {
            mini_market::dice(&format!("{seed}/{entity}"), purpose)
        });
        (params, drawn)
    }

    #[test]
    fn the_sample_has_the_lognormal_mean_exactly() {
        let (params, accounts) = accounts("a");
        let mean = accounts.iter().map(|a| a.spend_usd_per_year).sum::<f64>() / accounts.len() as f64;
        // 25,000 × exp(1.7²/2) = 106,046 USD a year.
        assert!((mean - 106_046.3).abs() < 0.1, "{mean}");
        assert_eq!(accounts.len(), params.sampled_accounts as usize);
    }

    #[test]
    fn adopters_by_a_date_are_the_bass_share() {
        let (params, accounts) = accounts("a");
        for years in [0.0, 1.0, 2.5, 8.0] {
            let adopted = accounts.iter().filter(|a| a.adoption_years <= years).count() as f64;
            let expected = params.bass.share(years - params.bass_origin_years) * f64::from(params.sampled_accounts);
            assert!((adopted - expected).abs() <= 1.0, "{adopted} of {expected} after {years} years");
        }
    }

    #[test]
    fn homes_and_commitments_follow_their_shares() {
        let (params, accounts) = accounts("a");
        let at_azure = accounts.iter().filter(|a| a.home == Some(AZURE)).count() as f64;
        let n = accounts.len() as f64;
        assert!((at_azure / n - 0.36).abs() < 1.5 / n);
        assert!(accounts.iter().all(|a| a.home.is_some() || !a.committed));
        let committed = accounts.iter().filter(|a| a.committed).count() as f64 / n;
        assert!((committed - params.committed_share * 0.96).abs() < 0.02, "{committed}");
    }

    #[test]
    fn residency_follows_its_shares_and_moves_nothing_else() {
        let (mut params, before) = accounts("a");
        let (eu, uk) = (JurisdictionId(0), JurisdictionId(1));
        params.residency = vec![(eu, 0.2), (uk, 0.1)];
        let drawn = draw_accounts(SegmentId(2), &params, &mut |entity, purpose| {
            mini_market::dice(&format!("a/{entity}"), purpose)
        });
        let n = drawn.len() as f64;
        let share = |place| drawn.iter().filter(|a| a.residency == Some(place)).count() as f64 / n;
        assert!((share(eu) - 0.2).abs() < 1.5 / n && (share(uk) - 0.1).abs() < 1.5 / n);
        let elsewhere: Vec<Account> = drawn.into_iter().map(|account| Account { residency: None, ..account }).collect();
        assert_eq!(elsewhere, before);
    }

    #[test]
    fn another_seed_deals_the_same_values_to_other_accounts() {
        let sorted = |seed| {
            let mut spend: Vec<f64> = accounts(seed).1.iter().map(|a| a.spend_usd_per_year).collect();
            spend.sort_by(f64::total_cmp);
            spend
        };
        assert_ne!(accounts("a").1, accounts("b").1);
        for (a, b) in sorted("a").iter().zip(sorted("b")) {
            assert!((a - b).abs() < 1e-9 * b);
        }
    }

    #[test]
    fn spend_and_adoption_are_uncorrelated() {
        let (_, accounts) = accounts("a");
        let n = accounts.len() as f64;
        let early = |a: &Account| f64::from(u8::from(a.adoption_years < 3.0));
        let ln: Vec<f64> = accounts.iter().map(|a| libm::log(a.spend_usd_per_year)).collect();
        let (mean_ln, mean_early) = (ln.iter().sum::<f64>() / n, accounts.iter().map(early).sum::<f64>() / n);
        let covariance =
            accounts.iter().zip(&ln).map(|(a, l)| (early(a) - mean_early) * (l - mean_ln)).sum::<f64>() / n;
        let correlation = covariance / (1.7 * (mean_early * (1.0 - mean_early)).sqrt());
        assert!(correlation.abs() < 4.0 / n.sqrt(), "{correlation}");
    }
}
