//! How many providers accounts use, what clouds they have, and what another cloud would cost them.
//!
//! An account has its home cloud and every cloud that a workload of it is on. Each beyond the first costs it k a year
//! ([`SegmentParams::second_cloud_usd_per_year`]): landing zone, security review, staff. That is no price of anybody's,
//! so it is not paid in the market; it weighs on the choice ([`Reach`]) and is told. A lab's own interface is a provider
//! but no cloud: it takes a key and a credit card.

use super::accounts::Buyer;
use super::params::{DemandParams, SegmentParams};
use super::state::{DemandState, Placed};
use crate::ids::CloudId;
use crate::market::choice::{Offers, OptionIndex, Reach};
use crate::units::Time;

/// Of an option: position of its provider, its cloud and position of its channel.
type Place = (usize, Option<CloudId>, usize);

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
        let places: Vec<Place> = offers
            .iter()
            .map(|(_, offer)| (params.place(offer.provider()), offer.cloud, offer.channel.index()))
            .collect();
        let channels = places.iter().map(|place| place.2 + 1).max().unwrap_or(0);
        let mut by_channel = vec![Bought::default(); channels];
        let factors = params.factors(now);
        let (mut providers, mut clouds) = (Vec::new(), Vec::new());
        for buyer in self.buyers.iter().filter(|buyer| buyer.adopted) {
            let of = &mut spread[buyer.segment.index()];
            providers.clear();
            clouds.clear();
            for (class, option) in self.options_of(buyer) {
                let (place, cloud, channel) = places[option.index()];
                if !providers.contains(&place) {
                    providers.push(place);
                    clouds.extend(cloud);
                }
                let usd = buyer.usd_per_year * factors[buyer.segment.index()][class.index()];
                let discount = self.discount_on(params, buyer, option);
                of.bought.add(usd, discount);
                by_channel[channel].add(usd, discount);
            }
            if providers.is_empty() {
                continue;
            }
            clouds.extend(buyer.home.filter(|home| !clouds.contains(home)));
            let weight = params.segments[buyer.segment.index()].weight();
            of.accounts += weight;
            of.providers += weight * providers.len() as f64;
            of.multicloud += if clouds.len() > 1 { weight } else { 0.0 };
            of.further_clouds += weight * clouds.len().saturating_sub(1) as f64;
        }
        (spread, by_channel)
    }

    /// What an account negotiates off the list price of an option [1].
    fn discount_on(&self, params: &DemandParams, buyer: &Buyer, option: OptionIndex) -> f64 {
        let others = f64::from(self.volumes.others(buyer.segment, option));
        params.discounts.as_ref().map_or(0.0, |discounts| discounts.discount(buyer.tier, others))
    }
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
