//! How many providers accounts use, what clouds they have, and what another cloud would cost them.
//!
//! An account has its home cloud and every cloud that a workload of it is on. Each beyond the first costs it k a year
//! ([`SegmentParams::second_cloud_usd_per_year`]): landing zone, security review, staff. That is no price of anybody's,
//! so it is not paid in the market; it weighs on the choice ([`Reach`]) and is told. A lab's own interface is a provider
//! but no cloud: it takes a key and a credit card.

use super::params::{DemandParams, SegmentParams};
use super::state::{DemandState, Placed};
use super::uses::Uses;
use crate::ids::CloudId;
use crate::market::choice::{Offers, Reach};
use crate::units::{Time, larger, smaller};

/// Where an option is sold.
#[derive(Clone, Copy)]
struct Place {
    /// Position of its provider.
    provider: usize,
    /// Position of its channel.
    channel: usize,
    /// 1, or 0 for what is nowhere sold: it is added up like the rest.
    sold: f64,
}

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
    /// What they negotiate.
    pub bought: Bought,
}

/// Purchases and what is negotiated off them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bought {
    /// At reference prices [USD/year].
    pub usd_per_year: f64,
    /// The discount on them, times the same [USD/year].
    pub off_usd_per_year: f64,
}

impl Bought {
    fn add(&mut self, usd_per_year: f64, discount: f64) {
        self.usd_per_year += usd_per_year;
        self.off_usd_per_year += discount * usd_per_year;
    }
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

/// What the account of these choices, this home and this spend of a workload has, into `has`, and what another cloud would
/// cost it.
pub(super) fn reach<'a>(
    segment: &SegmentParams,
    offers: &Offers,
    now: Time,
    (own, home, usd_per_year): (&[Placed], Option<CloudId>, f64),
    has: &'a mut Vec<bool>,
    clouds: usize,
) -> Reach<'a> {
    has.clear();
    has.resize(clouds, false);
    let k = segment.second_cloud_usd_per_year;
    if k == 0.0 {
        return Reach { has, cost: 0.0 };
    }
    let used = own.iter().filter_map(|placed| offers[placed.option()?].cloud);
    let mut first = true;
    for cloud in used.chain(home) {
        (has[cloud.index()], first) = (true, false);
    }
    let spend = usd_per_year / segment.weight();
    let cost = if first { 0.0 } else { cost_of_a_cloud(segment.taste.alpha_p, k, spend * segment.growth(now.years())) };
    Reach { has, cost }
}

impl<S> DemandState<S> {
    /// Choices of real accounts in the month to date whose first choice at the provider was out of stock [choices].
    pub fn redirected(&self, place: usize) -> f64 {
        self.redirected[place]
    }

    /// Of each segment's accounts, how they spread over providers, and on each channel what is bought there.
    pub fn spread(&self, params: &DemandParams, offers: &Offers, now: Time) -> (Vec<Spread>, Vec<Bought>) {
        let mut spread = vec![Spread::default(); params.segments.len()];
        let providers = params.clouds + params.labs;
        let channels = offers.iter().map(|(_, offer)| offer.channel.index() + 1).max().unwrap_or(0);
        let nowhere = Place { provider: providers, channel: channels, sold: 0.0 };
        let on_options = offers.iter().map(|(_, offer)| Place {
            provider: params.place(offer.provider()),
            channel: offer.channel.index(),
            sold: 1.0,
        });
        let places = Placed::table(nowhere, on_options);
        let discounts = discounts(params);
        let mut by_channel = vec![Bought::default(); channels + 1];
        let factors = params.factors(now);
        let mut uses = Uses::new(providers);
        for buyer in self.buyers.iter().filter(|buyer| buyer.adopted) {
            let s = buyer.segment.index();
            let of = &mut spread[s];
            uses.clear();
            let mut bought_from = 0.0;
            for (class, placed) in self.classes(buyer.segment).iter().zip(&self.placed[buyer.own()]) {
                let place = &places[placed.index()];
                bought_from += uses.add(place.provider);
                let usd = buyer.usd_per_year * factors[s][class.index()] * place.sold;
                let others = placed.choice().map_or(0, |on| self.volumes.others(buyer.segment, on));
                let discount = discounts[usize::from(others)][usize::from(buyer.tier)];
                of.bought.add(usd, discount);
                by_channel[place.channel].add(usd, discount);
            }
            let weight = if bought_from > 0.0 { params.segments[s].weight() } else { 0.0 };
            if let Some(home) = buyer.home {
                uses.add(home.index());
            }
            let further = larger(uses.of()[..params.clouds].iter().sum::<f64>() - 1.0, 0.0);
            of.accounts += weight;
            of.providers += weight * bought_from;
            of.multicloud += weight * smaller(further, 1.0);
            of.further_clouds += weight * further;
        }
        by_channel.truncate(channels);
        (spread, by_channel)
    }
}

/// What accounts negotiate off the list price [1], by how many other clouds sell the same and by tier.
fn discounts(params: &DemandParams) -> Vec<Vec<f64>> {
    let discount = |tier, others| params.discounts.as_ref().map_or(0.0, |all| all.discount(tier as u8, others as f64));
    (0..=params.clouds).map(|others| (0..params.tiers()).map(|tier| discount(tier, others)).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::choice::mini_world;
    use crate::market::demand::DiscountParams;
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
            market.state.spread(&market.params, &offers, years(5.0)).0
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

    /// Of ten equal purchases four are of accounts of a tier of 10 %, with one other cloud at 5 %: 0.15 x 4/10.
    #[test]
    fn what_is_negotiated_is_weighed_by_what_is_bought() {
        let mut bought = Bought::default();
        (0..6).for_each(|_| bought.add(10.0, 0.0));
        (0..4).for_each(|_| bought.add(10.0, 0.15));
        assert!((bought.off_usd_per_year / bought.usd_per_year - 0.06).abs() < 1e-15);
    }

    #[test]
    fn segments_and_channels_buy_the_same() {
        let mut params = params();
        let tiers = vec![(5e4, 0.1), (1e6, 0.2)];
        params.discounts = Some(DiscountParams { tiers, per_other_cloud: 0.03, cap: 0.4, usual_other_clouds: 1.0 });
        let (mut market, offers) = (MiniMarket::new(params), mini_world::offers());
        market.run(&offers, years(5.0));
        let (segments, channels) = market.state.spread(&market.params, &offers, years(5.0));
        let sum = |of: &mut dyn Iterator<Item = Bought>| {
            of.fold((0.0, 0.0), |sum, bought| (sum.0 + bought.usd_per_year, sum.1 + bought.off_usd_per_year))
        };
        let by_segment = sum(&mut segments.iter().map(|spread| spread.bought));
        let by_channel = sum(&mut channels.iter().copied());
        assert!((by_segment.0 / by_channel.0 - 1.0).abs() < 1e-12 && (by_segment.1 / by_channel.1 - 1.0).abs() < 1e-12);
        let share = |bought: &Bought| bought.off_usd_per_year / bought.usd_per_year;
        assert!((0.02..0.25).contains(&(by_segment.1 / by_segment.0)));
        // Digital natives buy far more each than start-ups.
        assert!(share(&segments[1].bought) > share(&segments[0].bought) + 0.01);
    }
}
