//! How many providers accounts use, what clouds they have, and what another cloud would cost them.
//!
//! An account has its home cloud and every cloud that a workload of it is on. Each beyond the first costs it k a year
//! ([`SegmentParams::second_cloud_usd_per_year`]): landing zone, security review, staff. That is no price of anybody's,
//! so it is not paid in the market; it weighs on the choice ([`Reach`]) and is told. A lab's own interface is a provider
//! but no cloud: it takes a key and a credit card.

use super::params::{DemandParams, SegmentParams};
use super::state::{AccountIndex, DemandState, Workload};
use crate::market::choice::{Offers, Reach};
use crate::units::Time;

/// How a segment's accounts that have adopted spread over providers, all weighted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
    /// Accounts that buy from anybody [accounts].
    pub accounts: f64,
    /// Providers that they buy from, clouds and labs' own interfaces, summed over accounts.
    pub providers: f64,
    /// Accounts that have more than one cloud [accounts].
    pub multicloud: f64,
    /// Clouds beyond the first that they have, summed over accounts.
    pub further_clouds: f64,
}

impl Spread {
    /// What the further clouds of a segment's accounts cost them [USD/year].
    pub fn further_clouds_usd_per_year(&self, segment: &SegmentParams) -> f64 {
        self.further_clouds * segment.second_cloud_usd_per_year
    }
}

/// Cost of a further cloud in utility: `c = α_p·ln(1 + k/S)` [nats].
///
/// α_p taste for the logarithm of price [nats] · k cost of a further cloud [USD/year] · S spend of the account at reference
/// prices now [USD/year]. Source: the price term of the utility, with S + k paid for what costs S. Status: assumed.
/// Limits: k counts in full for each workload that comes to look at the cloud, though the account pays it once.
fn cost_of_a_cloud(alpha_p: f64, usd_per_year: f64, spend_usd_per_year: f64) -> f64 {
    alpha_p * libm::log1p(usd_per_year / spend_usd_per_year)
}

/// What the account of the workloads `own` has, into `has`, and what another cloud would cost it.
pub(super) fn reach<'a, S>(
    segment: &SegmentParams,
    offers: &Offers,
    now: Time,
    own: &[Workload<S>],
    has: &'a mut Vec<bool>,
    clouds: usize,
) -> Reach<'a> {
    has.clear();
    has.resize(clouds, false);
    let k = segment.second_cloud_usd_per_year;
    if k == 0.0 {
        return Reach { has, cost: 0.0 };
    }
    let used = own.iter().filter_map(|workload| offers[workload.option()?].cloud);
    let home = own.first().and_then(|workload| workload.home);
    let mut first = true;
    for cloud in used.chain(home) {
        (has[cloud.index()], first) = (true, false);
    }
    let spend = own.first().map_or(0.0, |workload| workload.usd_per_year) / segment.weight();
    let cost = if first { 0.0 } else { cost_of_a_cloud(segment.taste.alpha_p, k, spend * segment.growth(now.years())) };
    Reach { has, cost }
}

impl<S> DemandState<S> {
    /// Choices of real accounts in the month to date whose first choice at the provider was out of stock [choices].
    pub fn redirected(&self, place: usize) -> f64 {
        self.redirected[place]
    }

    /// Of each segment's accounts, how they spread over providers.
    pub fn spread(&self, params: &DemandParams, offers: &Offers) -> Vec<Spread> {
        let mut spread = vec![Spread::default(); params.segments.len()];
        let (mut providers, mut clouds) = (Vec::new(), Vec::new());
        for (a, account) in self.accounts.iter().enumerate().filter(|(a, _)| self.adopted[*a]) {
            providers.clear();
            clouds.clear();
            for workload in &self.workloads[self.workloads_of(AccountIndex(a as u32))] {
                let Some(option) = workload.option() else { continue };
                let offer = &offers[option];
                let place = params.place(offer.provider());
                if !providers.contains(&place) {
                    providers.push(place);
                    clouds.extend(offer.cloud);
                }
            }
            if providers.is_empty() {
                continue;
            }
            clouds.extend(account.home.filter(|home| !clouds.contains(home)));
            let weight = params.segments[account.segment.index()].weight();
            let of = &mut spread[account.segment.index()];
            of.accounts += weight;
            of.providers += weight * providers.len() as f64;
            of.multicloud += if clouds.len() > 1 { weight } else { 0.0 };
            of.further_clouds += weight * clouds.len().saturating_sub(1) as f64;
        }
        spread
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::choice::mini_world;
    use crate::market::demand::mini_market::{MiniMarket, params, years};

    /// 60,000 USD on top of 30,000 treble what is paid: 0.5·ln 3; on top of 6 million they hardly count.
    #[test]
    fn a_cloud_weighs_on_small_accounts_by_hand() {
        assert!((cost_of_a_cloud(0.5, 60e3, 30e3) - 0.5 * libm::log(3.0)).abs() < 1e-15);
        assert!((cost_of_a_cloud(0.5, 60e3, 6e6) - 0.5 * 0.00995).abs() < 1e-5);
        assert_eq!(cost_of_a_cloud(0.5, 0.0, 6e6), 0.0);
    }

    #[test]
    fn the_dearer_a_second_cloud_the_fewer_have_one() {
        let spread = |usd: f64| {
            let mut params = params();
            params.segments.iter_mut().for_each(|segment| segment.second_cloud_usd_per_year = usd);
            let (mut market, offers) = (MiniMarket::new(params), mini_world::offers());
            market.run(&offers, years(5.0));
            market.state.spread(&market.params, &offers)
        };
        let (free, dear, dearest) = (spread(0.0), spread(60e3), spread(1e9));
        for segment in 0..5 {
            let share = |spread: &[Spread]| spread[segment].multicloud / spread[segment].accounts;
            assert!(share(&free) > share(&dear) + 0.01, "{} {}", share(&free), share(&dear));
            assert!(share(&dear) > share(&dearest) + 0.01, "{} {}", share(&dear), share(&dearest));
            let of = &free[segment];
            assert!(of.providers >= of.accounts && of.further_clouds >= of.multicloud);
            assert!(of.providers <= 5.0 * of.accounts);
        }
        let segment = |usd: f64| SegmentParams { second_cloud_usd_per_year: usd, ..params().segments[2].clone() };
        let two = Spread { further_clouds: 40.0, ..Spread::default() };
        assert_eq!(two.further_clouds_usd_per_year(&segment(60e3)), 2.4e6);
    }
}
