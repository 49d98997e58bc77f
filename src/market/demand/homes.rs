//! Home clouds, which drift towards the clouds that accounts buy tokens on.

use super::dice::Dice;
use super::params::DemandParams;
use super::state::DemandState;
use crate::ids::CloudId;
use crate::market::choice::Offers;
use crate::units::Time;
use serde::{Deserialize, Serialize};

/// Months between two reviews of an account.
const REVIEW_MONTHS: usize = 12;

/// Chance that an account's home moves at a yearly review: `1 − e^{−r·(s* − s_h)⁺}`, to the cloud of s*.
///
/// r rate \[1/year\] · s* the largest part of the account's token spend that is on one other cloud \[1\] · s_h the part on its home
/// cloud \[1\]; what goes to labs' own interfaces counts for neither. Source: MODEL §5; the form assumed.
/// Limits: a commitment moves with the home; nobody foresees the move.
fn chance(rate_per_year: f64, elsewhere: f64, at_home: f64) -> f64 {
    -libm::expm1(-rate_per_year * (elsewhere - at_home).max(0.0))
}

/// Where accounts are at home, and where they were when the run began.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Homes<S> {
    /// A stream by segment.
    streams: Vec<S>,
    /// First home of each account.
    first: Vec<Option<CloudId>>,
    /// Spend of all accounts by home cloud now \[USD/year\].
    spend: Vec<f64>,
    /// The same by first home \[USD/year\].
    at_start: Vec<f64>,
}

impl<S> Homes<S> {
    /// No account yet, with a stream by segment.
    pub fn new(streams: Vec<S>, clouds: usize) -> Self {
        Self { streams, first: Vec::new(), spend: vec![0.0; clouds], at_start: vec![0.0; clouds] }
    }
}

impl<S: Dice> DemandState<S> {
    /// Lets the accounts whose review falls into the month look where their work is: one in twelve each month.
    ///
    /// Every account reviewed takes a number, whatever it finds, so that scenarios stay in step.
    pub fn review_homes(&mut self, params: &DemandParams, offers: &Offers, now: Time, month: u16) {
        if params.home_drift_per_year == 0.0 {
            return;
        }
        let factors = params.factors(now);
        let mut spend = vec![0.0; params.clouds];
        for a in (usize::from(month) % REVIEW_MONTHS..self.accounts.len()).step_by(REVIEW_MONTHS) {
            let buyer = &self.buyers[a];
            let u = self.homes.streams[buyer.segment.index()].uniform();
            if !buyer.adopted {
                continue;
            }
            spend.fill(0.0);
            let mut total = 0.0;
            for (class, option) in self.options_of(buyer) {
                let usd = buyer.usd_per_year * factors[buyer.segment.index()][class.index()];
                total += usd;
                if let Some(cloud) = offers[option].cloud {
                    spend[cloud.index()] += usd;
                }
            }
            let at_home = buyer.home.map_or(0.0, |home| spend[home.index()]);
            let others = (0..params.clouds).map(CloudId::new).filter(|cloud| Some(*cloud) != buyer.home);
            let largest = others.max_by(|a, b| spend[a.index()].total_cmp(&spend[b.index()]).then(b.cmp(a)));
            let Some(to) = largest.filter(|to| spend[to.index()] > at_home) else { continue };
            if u < chance(params.home_drift_per_year, spend[to.index()] / total, at_home / total) {
                self.accounts[a].home = Some(to);
                self.buyers[a].home = Some(to);
            }
        }
        self.count_homes(params);
    }

    /// An account that is new, or has become another before it adopted, is at its first home.
    pub(super) fn settle_home(&mut self, a: usize) {
        let home = self.accounts[a].home;
        match self.homes.first.get_mut(a) {
            Some(first) => *first = home,
            None => self.homes.first.push(home),
        }
    }

    /// Adds up spend by home afresh.
    pub(super) fn count_homes(&mut self, params: &DemandParams) {
        self.homes.spend.fill(0.0);
        self.homes.at_start.fill(0.0);
        for (account, first) in self.accounts.iter().zip(&self.homes.first) {
            let usd = account.spend_usd_per_year * params.segments[account.segment.index()].weight();
            if let Some(home) = account.home {
                self.homes.spend[home.index()] += usd;
            }
            if let Some(home) = first {
                self.homes.at_start[home.index()] += usd;
            }
        }
    }
}

impl<S> DemandState<S> {
    /// Spend of the accounts at home on a cloud over that of those who were at first \[1\]; 1 where nobody was.
    ///
    /// The share at home over the first share: what all accounts spend is the same.
    pub fn home_ratio(&self, cloud: CloudId) -> f64 {
        let (now, first) = (self.homes.spend[cloud.index()], self.homes.at_start[cloud.index()]);
        if first > 0.0 { now / first } else { 1.0 }
    }

    /// Share of a cloud in the spend of accounts that have a home \[1\].
    pub fn home_share(&self, cloud: CloudId) -> f64 {
        let all: f64 = self.homes.spend.iter().sum();
        if all > 0.0 { self.homes.spend[cloud.index()] / all } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::choice::mini_world::{self, CLOUDS};
    use crate::market::demand::mini_market::{MiniMarket, params, years};

    /// All work elsewhere at a rate of 0.1 a year: 1 − e^−0.1 = 9.5 %; half here and half there: nobody moves.
    #[test]
    fn the_chance_by_hand() {
        assert!((chance(0.1, 1.0, 0.0) - 0.095_162_581_964).abs() < 1e-12);
        assert!((chance(0.1, 0.6, 0.2) - 0.039_210_560_847).abs() < 1e-12);
        assert_eq!([chance(0.1, 0.5, 0.5), chance(0.1, 0.2, 0.8), chance(0.0, 1.0, 0.0)], [0.0; 3]);
    }

    fn market(rate: f64) -> MiniMarket {
        let mut params = params();
        params.home_drift_per_year = rate;
        let (mut market, offers) = (MiniMarket::new(params), mini_world::offers());
        for month in 0..60 {
            let now = years(f64::from(month) / 12.0);
            market.run(&offers, now);
            market.state.review_homes(&market.params, &offers, now, month);
        }
        market
    }

    #[test]
    fn homes_move_to_where_the_work_is_and_nothing_is_lost() {
        let (still, moved) = (market(0.0), market(2.0));
        let all = |market: &MiniMarket| {
            (market.state.homes.spend.iter().sum::<f64>(), market.state.homes.at_start.iter().sum::<f64>())
        };
        assert_eq!(all(&still).0, all(&still).1);
        // Accounts without a home found one.
        assert!(all(&moved).0 > all(&moved).1 && (all(&moved).1 / all(&still).1 - 1.0).abs() < 1e-12);
        let ratios: Vec<f64> = (0..CLOUDS).map(|cloud| moved.state.home_ratio(CloudId::new(cloud))).collect();
        assert!(ratios.iter().any(|ratio| *ratio > 1.02) && ratios.iter().any(|ratio| *ratio < 0.98), "{ratios:?}");
        let shares: f64 = (0..CLOUDS).map(|cloud| moved.state.home_share(CloudId::new(cloud))).sum();
        assert!((shares - 1.0).abs() < 1e-12);
        assert!((0..CLOUDS).all(|cloud| still.state.home_ratio(CloudId::new(cloud)) == 1.0));
        let homes = moved.state.accounts.iter().map(|account| account.home);
        assert!(homes.eq(moved.state.buyers.iter().map(|buyer| buyer.home)), "accounts are told twice");
    }

    /// After many reviews at a high rate hardly anybody has its home elsewhere than most of its work on clouds.
    #[test]
    fn who_moved_is_where_most_of_its_work_is() {
        let moved = market(1e9);
        let offers = mini_world::offers();
        let (mut at_home, mut elsewhere) = (0, 0);
        for buyer in moved.state.buyers.iter().filter(|buyer| buyer.adopted) {
            let own = moved.state.options_of(buyer);
            let mut on = [0; CLOUDS];
            own.filter_map(|(_, option)| offers[option].cloud).for_each(|cloud| on[cloud.index()] += 1);
            let most = on.iter().max().copied().unwrap_or(0);
            let here = buyer.home.map_or(0, |home| on[home.index()]);
            if most > 0 && here * 2 >= most {
                at_home += 1;
            } else if most > 0 {
                elsewhere += 1;
            }
        }
        assert!(at_home > 8 * elsewhere, "{at_home} {elsewhere}");
    }
}
