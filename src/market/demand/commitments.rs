//! What accounts have committed to spend on their home clouds, which ends when it is drawn down.

use super::dice::Dice;
use super::params::DemandParams;
use super::state::{AccountIndex, DemandState};
use crate::market::choice::Offers;
use crate::supply::params::Class;
use crate::units::{Span, Time, YEAR_DAYS};
use serde::{Deserialize, Serialize};

/// An account's commitment: `C = T·S(t₀)`, of which `C − Σ h` is left until `t₀ + T`, when the next is signed.
///
/// C tokens in the commitment \[USD\] · T its term \[years\] · S what the account spends on tokens a year as it signs, at
/// reference prices \[USD/year\] · h what it buys on its home cloud month by month, at the same prices \[USD\]. As long as
/// something is left, tokens bought there draw on money that is spent anyway, which is what β_commit is worth; afterwards
/// they are worth no more there than elsewhere. Whoever spends g more each year and all of it at home has drawn its commitment down
/// after `ln(1 + g·T)/g`: at a rate of 0.6 after 1.7 of 3 years.
///
/// Source: terms as cloud commitments have them, flat sums; that a commitment is signed for what is spent by then is assumed.
/// Limits: what the account spends on all else draws on its own part of the commitment; a shortfall costs nothing more;
/// nobody looks at the offers again for having drawn it down.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Commitment {
    left_usd: f64,
    until: Time,
}

impl Commitment {
    /// One signed at `now` for `usd_per_year` over `term_years`.
    fn signed(now: Time, usd_per_year: f64, term_years: f64) -> Self {
        Self { left_usd: usd_per_year * term_years, until: now + Span::from_days(term_years * YEAR_DAYS) }
    }
}

impl<S: Dice> DemandState<S> {
    /// An account that adopts signs its first commitment, if it makes any.
    pub(super) fn commit(&mut self, params: &DemandParams, now: Time, account: AccountIndex) {
        let a = account.0 as usize;
        self.commitments.resize(self.accounts.len(), None);
        if let Some(term) = params.commitment_years.filter(|_| self.accounts[a].committed) {
            self.sign(params, now, a, term);
        }
    }

    /// Takes a month's tokens on the home clouds off the commitments, and signs those that ended anew.
    pub fn draw_commitments(&mut self, params: &DemandParams, offers: &Offers, now: Time) {
        let Some(term) = params.commitment_years else { return };
        let factors = params.factors(now);
        for a in 0..self.commitments.len() {
            let Some(commitment) = self.commitments[a] else { continue };
            if now >= commitment.until {
                self.sign(params, now, a, term);
                continue;
            }
            let buyer = &self.buyers[a];
            let here = self.options_of(buyer).filter(|(_, option)| {
                let cloud = offers[*option].cloud;
                cloud.is_some() && cloud == buyer.home
            });
            let of = |(class, _): (Class, _)| factors[buyer.segment.index()][class.index()];
            let drawn = self.accounts[a].spend_usd_per_year * here.map(of).sum::<f64>() / 12.0;
            let left_usd = (commitment.left_usd - drawn).max(0.0);
            self.commitments[a] = Some(Commitment { left_usd, ..commitment });
            self.buyers[a].committed = left_usd > 0.0;
        }
    }

    fn sign(&mut self, params: &DemandParams, now: Time, a: usize, term_years: f64) {
        let account = &self.accounts[a];
        let usd_per_year = account.spend_usd_per_year * params.segments[account.segment.index()].growth(now.years());
        self.commitments[a] = Some(Commitment::signed(now, usd_per_year, term_years));
        self.buyers[a].committed = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::choice::{Choice, mini_world};
    use crate::market::demand::mini_market::{MiniMarket, params, years};
    use crate::market::demand::state::Placed;

    /// Three years' worth of what is spent at signing, all of it at home, at 1.6 times as much a year: Σ 1.6^(m/12)/12 over months m
    /// is 2.97 after 22 and over 3 after 23.
    #[test]
    fn growth_draws_a_commitment_down_before_its_term_by_hand() {
        let offers = mini_world::offers();
        let mut params = params();
        params.commitment_years = Some(3.0);
        params.segments.iter_mut().for_each(|segment| segment.committed_share = 1.0);
        let mut market = MiniMarket::new(params);
        market.run(&offers, years(1.0));
        let state = &mut market.state;
        let a = state.buyers.iter().position(|buyer| buyer.adopted && buyer.home.is_some()).unwrap();
        let home = state.accounts[a].home;
        let there = offers.iter().find(|(_, offer)| offer.cloud == home).unwrap().0;
        let of = state.workloads_of(AccountIndex(a as u32));
        let spent = |state: &mut DemandState<_>, on: Choice| {
            of.clone().for_each(|w| state.placed[w] = Placed::on(on));
            state.sign(&market.params, years(1.0), a, 3.0);
            let drawn = |month: &u32| {
                state.draw_commitments(&market.params, &offers, years(1.0 + f64::from(*month) / 12.0));
                !state.buyers[a].committed
            };
            (1..=36).find(drawn)
        };
        assert_eq!(spent(state, Choice::Option(there)), Some(23));
        // Nothing is drawn from outside, and the next is signed at the term's end.
        assert_eq!(spent(state, Choice::Outside), None);
        assert_eq!(state.commitments[a].unwrap().until, years(4.0) + Span::from_days(3.0 * YEAR_DAYS));
    }

    #[test]
    fn without_a_term_commitments_never_end_and_some_never_commit() {
        let offers = mini_world::offers();
        let mut market = MiniMarket::new(params());
        market.run(&offers, years(6.0));
        let before: Vec<bool> = market.state.buyers.iter().map(|buyer| buyer.committed).collect();
        market.state.draw_commitments(&market.params, &offers, years(6.0));
        assert!(market.state.buyers.iter().map(|buyer| buyer.committed).eq(before));
        market.params.commitment_years = Some(3.0);
        market.run(&offers, years(8.0));
        market.state.draw_commitments(&market.params, &offers, years(8.0));
        let never = |a: usize| !market.state.accounts[a].committed;
        let free = (0..market.state.accounts.len()).filter(|a| never(*a));
        assert!(free.into_iter().all(|a| market.state.commitments[a].is_none()));
    }
}
