//! The demand side of a fork: accounts, tastes and responses as the fork's parameters have them.
//!
//! Accounts are drawn again with the same luck. Every account spends from now on what the fork's parameters give it; one
//! that has not adopted yet also takes its home, its commitment, where its data must stay and its day from them, at the earliest now. What has
//! adopted stays where it is, at its home, and renews when it was to.

use super::accounts::{Account, draw_accounts};
use super::dice::Dice;
use super::discounts::DiscountParams;
use super::params::{DemandParams, SegmentParams};
use super::state::{AccountIndex, DemandState};
use crate::ids::SegmentId;
use crate::units::Time;

impl<S: Dice> DemandState<S> {
    /// Goes over from the parameters of `base` to those of `fork`, which have as many accounts with as many workloads.
    /// Gives the accounts that will adopt on another day, with that day.
    pub fn adopt(
        &mut self,
        base: &DemandParams,
        fork: &DemandParams,
        mut make_stream: impl FnMut(&str, &str) -> S,
    ) -> Vec<(AccountIndex, Time)> {
        let mut moved = Vec::new();
        let mut respent = false;
        let mut first = 0;
        for (s, (before, after)) in base.segments.iter().zip(&fork.segments).enumerate() {
            if before != after {
                for (i, account) in draw_accounts(SegmentId::new(s), after, &mut make_stream).into_iter().enumerate() {
                    let index = AccountIndex((first + i) as u32);
                    respent |= self.respend(index, &account, after.weight());
                    moved.extend(self.reconsider(index, account));
                }
            }
            first += after.sampled_accounts as usize;
        }
        self.count_homes(fork);
        if base.tastes() != fork.tastes() {
            self.chooser.set_tastes(fork.tastes());
        }
        self.place_tastes(fork);
        let answered = answers(base) != answers(fork);
        if answered {
            self.volumes.respond_again(fork);
        }
        if respent || answered {
            self.place_tiers(fork);
            self.rebuild();
        }
        moved
    }

    /// Every account by the tier that its spend reaches in the fork.
    fn place_tiers(&mut self, fork: &DemandParams) {
        for a in 0..self.accounts.len() {
            let tier = fork.tier(self.accounts[a].spend_usd_per_year);
            self.buyers[a].tier = tier;
        }
    }

    /// Sets what an account spends; whether that is another amount.
    fn respend(&mut self, index: AccountIndex, drawn: &Account, weight: f64) -> bool {
        self.accounts[index.0 as usize].spend_usd_per_year = drawn.spend_usd_per_year;
        let usd_per_year = drawn.spend_usd_per_year * weight;
        std::mem::replace(&mut self.buyers[index.0 as usize].usd_per_year, usd_per_year) != usd_per_year
    }

    /// Every account by the taste that it has among those of `fork`.
    fn place_tastes(&mut self, fork: &DemandParams) {
        for a in 0..self.accounts.len() {
            self.buyers[a].taste = fork.taste_of(self.accounts[a].segment, self.accounts[a].residency);
        }
    }

    /// Takes over the rest of an account that has not adopted; its day, if that is another.
    fn reconsider(&mut self, index: AccountIndex, drawn: Account) -> Option<(AccountIndex, Time)> {
        let a = index.0 as usize;
        let buyer = &mut self.buyers[a];
        if buyer.adopted {
            return None;
        }
        (buyer.home, buyer.committed) = (drawn.home, drawn.committed);
        let (before, after) = (self.accounts[a].adopts(), drawn.adopts());
        self.accounts[a] = drawn;
        self.settle_home(a);
        (before != after).then_some((index, after))
    }
}

/// What volumes answer prices by, and what is taken off them.
fn answers(params: &DemandParams) -> (Vec<(f64, f64)>, &[f64], Option<&DiscountParams>) {
    let of = |segment: &SegmentParams| (segment.elasticity, segment.wallet_factor);
    (params.segments.iter().map(of).collect(), &params.reference_price_usd_per_mtok, params.discounts.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::JurisdictionId;
    use crate::market::choice::mini_world;
    use crate::market::demand::mini_market::{MiniMarket, dice, params, years};
    use crate::units::Span;

    /// Three years of the mini market.
    fn market() -> MiniMarket {
        let mut market = MiniMarket::new(params());
        market.run(&mini_world::offers(), years(3.0));
        market
    }

    #[test]
    fn the_same_parameters_change_nothing() {
        let mut market = market();
        let before = market.state.accounts.clone();
        assert!(market.state.adopt(&params(), &params(), dice).is_empty());
        assert_eq!(market.state.accounts, before);
    }

    #[test]
    fn twice_the_accounts_spend_twice_from_now_on() {
        let (mut market, mut fork) = (market(), params());
        fork.segments[2].ceiling_accounts *= 2.0;
        let offers = mini_world::offers();
        let spend = |market: &MiniMarket, params: &DemandParams, segment: usize| {
            market.state.spend_usd_per_year(params, &offers, SegmentId::new(segment), years(3.0))
        };
        let before = [spend(&market, &params(), 1), spend(&market, &params(), 2)];
        assert!(market.state.adopt(&params(), &fork, dice).is_empty(), "nobody adopts on another day");
        let after = [spend(&market, &fork, 1), spend(&market, &fork, 2)];
        assert!((after[0] / before[0] - 1.0).abs() < 1e-9 && (after[1] / before[1] - 2.0).abs() < 1e-9, "{after:?}");
    }

    #[test]
    fn only_who_has_not_adopted_adopts_on_another_day() {
        let (mut market, mut fork) = (market(), params());
        fork.segments[2].bass.q *= 2.0;
        let before = market.state.buyers.clone();
        let moved = market.state.adopt(&params(), &fork, dice);
        assert!(moved.len() > 100 && moved.iter().all(|(account, _)| !before[account.0 as usize].adopted));
        let segment = |index: &AccountIndex| market.state.accounts[index.0 as usize].segment;
        assert!(moved.iter().all(|(account, _)| segment(account) == SegmentId::new(2)));
        // Some would have adopted before; whoever schedules them does so at once.
        assert!(moved.iter().any(|(_, day)| *day < years(3.0)) && moved.iter().any(|(_, day)| *day > years(3.0)));
    }

    #[test]
    fn who_has_adopted_keeps_its_home() {
        let (mut market, mut fork) = (market(), params());
        let to = mini_world::GOOGLE_CLOUD;
        fork.segments[2].home_mix = vec![(Some(to), 1.0)];
        let before = market.state.buyers.clone();
        market.state.adopt(&params(), &fork, dice);
        for ((account, buyer), before) in market.state.accounts.iter().zip(&market.state.buyers).zip(&before) {
            let settled = before.adopted || buyer.segment != SegmentId::new(2);
            assert_eq!(buyer.home, if settled { before.home } else { Some(to) });
            assert_eq!(account.home, buyer.home);
        }
    }

    #[test]
    fn who_has_adopted_stays_where_its_data_must_while_the_fork_names_that_place() {
        let places = |bound: &[(u16, f64)]| -> Vec<(JurisdictionId, f64)> {
            bound.iter().map(|(place, share)| (JurisdictionId(*place), *share)).collect()
        };
        let (mut base, mut more, mut none) = (params(), params(), params());
        base.segments[2].residency = places(&[(1, 0.5)]);
        more.segments[2].residency = places(&[(0, 0.2), (1, 0.3)]);
        none.segments[2].residency = places(&[]);
        let mut market = MiniMarket::new(base.clone());
        market.run(&mini_world::offers(), years(3.0));
        let residency = |market: &MiniMarket, fork: &DemandParams| -> Vec<(u16, usize)> {
            let of = |taste: u16| market.state.buyers.iter().filter(|buyer| buyer.taste.0 == taste).count();
            fork.tastes().iter().enumerate().map(|(i, _)| of(i as u16)).zip(0u16..).map(|(n, i)| (i, n)).collect()
        };
        let (buyers, accounts) = (market.state.buyers.clone(), market.state.accounts.clone());
        market.state.adopt(&base, &more, dice);
        for (i, account) in market.state.accounts.iter().enumerate() {
            assert!(!buyers[i].adopted || account.residency == accounts[i].residency);
            assert_eq!(market.state.buyers[i].taste, more.taste_of(account.segment, account.residency));
        }
        assert!(residency(&market, &more).iter().all(|(_, accounts)| *accounts > 0));
        market.state.adopt(&more, &none, dice);
        assert_eq!(market.state.chooser.tastes(), 5);
        assert!(market.state.buyers.iter().all(|buyer| buyer.taste.0 == buyer.segment.0));
    }

    #[test]
    fn prices_are_answered_by_the_forks_elasticity_at_once() {
        let (mut market, mut fork) = (market(), params());
        fork.segments.iter_mut().for_each(|segment| segment.elasticity = 0.0);
        market.state.adopt(&params(), &fork, dice);
        // Without elasticity volume at reference prices is spend at them, whatever the price paid.
        let offers = mini_world::offers();
        let now = years(3.0) + Span(1);
        let mut fresh = MiniMarket::new(fork.clone());
        fresh.run(&offers, years(3.0));
        let total = |market: &MiniMarket| -> f64 {
            let volume =
                |class| offers.iter().map(move |(option, _)| (class, crate::market::choice::Choice::Option(option)));
            let all = crate::supply::params::Class::ALL.into_iter().flat_map(volume);
            all.map(|(class, choice)| market.state.mtok_per_year(&fork, class, choice, now)).sum()
        };
        assert!((total(&market) / total(&fresh) - 1.0).abs() < 1e-9);
    }
}
