//! What one account can reach: options that take nobody new, and clouds that are new to it and cost it something.
//!
//! Two things tell accounts of a view apart. An option that is sold out takes no work that is not with its provider yet; a
//! cloud that an account does not have costs it `c = α_p·ln(1 + k/S)` in utility, α_p the taste for the logarithm of price
//! \[nats\], k what a further cloud costs \[USD/year\], S the account's spend \[USD/year\]: the price term of paying S + k
//! for what costs S.
//!
//! Both are exact, at the price of the plain choice for nearly everybody. P are the shares of the view, T those of the
//! account. An option that is neither sold out nor new has T ≥ P, since others only get worse; so where the draw from P
//! falls on such a one, it stands. Else it stands with probability T/P, and what is left goes to the others as
//! `(T − P)⁺`. The sum is T. New clouds stand without a look at T with probability `e^{−c/λ}`, which is not above T/P.
//! The second draw is where within its option the first one fell, which is uniform too: no other number is drawn.
//!
//! Source: nested logit with the costs in V (D. McFadden 1978); the maximal coupling is folklore. Limits: the first choice
//! that is out of stock is told before what a new cloud costs is taken off.

use super::super::offers::{Choice, Offers, OptionIndex};
use super::super::taste::ChoiceKey;
use super::{Chooser, Member, Standing, attraction};
use crate::ids::CloudId;

/// The clouds that an account has, and what another would cost it.
#[derive(Clone, Copy, Debug)]
pub struct Reach<'a> {
    /// By cloud.
    pub has: &'a [bool],
    /// Cost of a cloud that it does not have [nats]; 0 for the first of all.
    pub cost: f64,
}

impl Reach<'_> {
    fn cost_of(&self, cloud: Option<CloudId>) -> f64 {
        cloud.filter(|cloud| !self.has[cloud.index()]).map_or(0.0, |_| self.cost)
    }
}

/// A choice, and what would have been chosen if it had been in stock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picked {
    /// What is chosen.
    pub choice: Choice,
    /// The first choice, where that was out of stock.
    pub out_of_stock: Option<OptionIndex>,
}

impl Chooser {
    /// Picks an option as [`Chooser::choose`] does, with `u`, for an account whose reach is asked for where it matters.
    pub fn choose_within<'r>(
        &mut self,
        offers: &Offers,
        key: &ChoiceKey,
        u: f64,
        reach: impl FnOnce() -> Reach<'r>,
    ) -> Picked {
        let standing = self.standing(offers, key);
        let Some(drawn) = standing.pick(u) else { return Picked { choice: Choice::Outside, out_of_stock: None } };
        let (first, choice) = (drawn.option, Choice::Option(drawn.option));
        let at = &offers[first];
        let stays = key.current.is_some_and(|current| offers[current].provider() == at.provider());
        let out_of_stock = at.sold_out.then_some(first);
        let abroad = at.cloud.is_some() && at.cloud != key.home;
        if stays || !(abroad || out_of_stock.is_some()) {
            return Picked { choice, out_of_stock: None };
        }
        let reach = reach();
        let (cost, within) = (reach.cost_of(at.cloud), drawn.within());
        if out_of_stock.is_none() && (cost == 0.0 || within < libm::exp(-cost / standing.lambda)) {
            return Picked { choice, out_of_stock };
        }
        Picked { choice: standing.settled(offers, key, reach, first, within), out_of_stock }
    }
}

impl Standing<'_> {
    /// The choice within reach where the first draw fell on `first`, `within` of the way through it.
    fn settled(&self, offers: &Offers, key: &ChoiceKey, reach: Reach, first: OptionIndex, within: f64) -> Choice {
        let members = &self.face.members;
        let new = libm::exp(-reach.cost / self.lambda);
        let mut weights = Vec::with_capacity(members.len());
        (0..self.face.nests.len()).for_each(|n| self.list_weights(n, &mut weights));
        let with = key.current.map(|current| offers[current].provider());
        // Nothing if it is sold out to whom is not with it yet, `new` at a cloud that costs more.
        let reached = |member: &Member| {
            let offer = &offers[member.option];
            if with == Some(offer.provider()) {
                1.0
            } else if offer.sold_out {
                0.0
            } else if reach.cost_of(offer.cloud) > 0.0 {
                new
            } else {
                1.0
            }
        };
        // T − P of each member in the end, its weight within reach until then.
        let mut gains: Vec<f64> = members.iter().zip(&weights).map(|(member, w)| w * reached(member)).collect();
        let mut attractions = Vec::with_capacity(self.face.nests.len());
        for (n, nest) in self.nests() {
            let sum: f64 = gains[nest.first..nest.end].iter().sum();
            let scale = if self.own == Some(n) { 1.0 } else { self.another };
            attractions.push(if sum > 0.0 { scale * attraction(sum, self.lambda) } else { 0.0 });
        }
        let (before, after) = (self.total, attractions.iter().sum::<f64>() + self.face.outside);
        if after <= 0.0 {
            return Choice::Outside;
        }
        let mut stands = 0.0;
        for (n, nest) in self.nests() {
            let sum: f64 = gains[nest.first..nest.end].iter().sum();
            let whole: f64 = weights[nest.first..nest.end].iter().sum();
            let share = if sum > 0.0 { attractions[n] / (after * sum) } else { 0.0 };
            let was = if whole > 0.0 { self.scratch.attractions[n] / (before * whole) } else { 0.0 };
            for place in nest.first..nest.end {
                let (now, then) = (gains[place] * share, weights[place] * was);
                if members[place].option == first {
                    stands = now / then;
                }
                gains[place] = (now - then).max(0.0);
            }
        }
        if within < stands {
            return Choice::Option(first);
        }
        let outside = (self.face.outside / after - self.face.outside / before).max(0.0);
        let mut rest = (within - stands) / (1.0 - stands) * (gains.iter().sum::<f64>() + outside);
        for (member, gain) in members.iter().zip(&gains) {
            if rest < *gain {
                return Choice::Option(member.option);
            }
            rest -= gain;
        }
        Choice::Outside
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::choice::mini_world::{self, AWS, AZURE, CLOUDS, GOOGLE_CLOUD};
    use crate::market::choice::{TasteId, plain_shares};
    use crate::supply::params::Class;
    use proptest::prelude::*;

    fn chooser() -> Chooser {
        Chooser::new(mini_world::tastes(), CLOUDS)
    }

    fn key(current: Option<u16>) -> ChoiceKey {
        ChoiceKey {
            taste: TasteId(2),
            class: Class::Coding,
            home: Some(AZURE),
            committed: true,
            current: current.map(OptionIndex),
            tenure_half_years: 3,
        }
    }

    /// The mini world with some options sold out.
    fn offers(sold_out: &[u16]) -> Offers {
        let mut offers = mini_world::offers();
        for option in sold_out {
            offers.revise(OptionIndex(*option), |offer| offer.sold_out = true);
        }
        offers
    }

    /// Shares of an account as the plain formula has them: what is sold out to it closed, new clouds worth less.
    fn plain(offers: &Offers, key: &ChoiceKey, has: &[bool], cost: f64) -> (Vec<f64>, f64) {
        let mut within = offers.clone();
        let with = key.current.map(|current| offers[current].provider());
        for (option, offer) in offers.iter().filter(|(_, offer)| Some(offer.provider()) != with) {
            let new = offer.cloud.is_some_and(|cloud| !has[cloud.index()]);
            within.revise(option, |offer| {
                offer.open &= !offer.sold_out;
                offer.xi -= if new { cost } else { 0.0 };
            });
        }
        let shares = plain_shares(&mini_world::tastes()[key.taste.index()], &within, key);
        (shares.inside, shares.outside)
    }

    /// Over a fine grid of numbers each option is drawn as often as the plain formula says, whatever is sold out or new.
    #[test]
    fn draws_are_the_shares_of_the_account() {
        const DRAWS: u32 = 400_000;
        for current in [None, Some(1), Some(0), Some(8)] {
            for (sold_out, cost) in
                [(vec![], 0.7), (vec![1, 3, 9, 14], 0.0), (vec![0, 5, 8, 11, 20], 1.3), (vec![1], 6.0)]
            {
                let (offers, key, mut chooser) = (offers(&sold_out), key(current), chooser());
                let mut has = [false; CLOUDS];
                (has[AZURE.index()], has[GOOGLE_CLOUD.index()]) = (true, current == Some(8));
                let (inside, outside) = plain(&offers, &key, &has, cost);
                let mut drawn = vec![0; offers.len() + 1];
                for draw in 0..DRAWS {
                    let u = (f64::from(draw) + 0.5) / f64::from(DRAWS);
                    match chooser.choose_within(&offers, &key, u, || Reach { has: &has, cost }).choice {
                        Choice::Option(option) => drawn[option.index()] += 1,
                        Choice::Outside => drawn[offers.len()] += 1,
                    }
                }
                for (drawn, share) in drawn.iter().zip(inside.iter().chain([&outside])) {
                    let found = f64::from(*drawn) / f64::from(DRAWS);
                    assert!((found - share).abs() < 2e-4, "{found} is not {share}: {current:?} {sold_out:?} {cost}");
                }
            }
        }
    }

    proptest! {
        /// Nobody new comes to what is sold out, whoever is there may stay, and who is turned away is told from what.
        #[test]
        fn what_is_sold_out_is_never_chosen_by_somebody_new(
            current in prop::option::of(0..30u16),
            sold_out in prop::collection::vec(0..30u16, 0..30),
            cost in 0.0..5.0f64,
            has in any::<[bool; CLOUDS]>(),
            u in 0.0..1.0f64,
        ) {
            let (offers, key) = (offers(&sold_out), key(current));
            let picked = chooser().choose_within(&offers, &key, u, || Reach { has: &has, cost });
            let first = chooser().choose(&offers, &key, u);
            let with = |option: OptionIndex| current.is_some_and(|now| offers[OptionIndex(now)].provider() == offers[option].provider());
            if let Choice::Option(option) = picked.choice {
                prop_assert!(!offers[option].sold_out || with(option));
                prop_assert!(mini_world::tastes()[2].admits(&offers[option], Class::Coding));
            }
            let turned_away = match first {
                Choice::Option(option) if offers[option].sold_out && !with(option) => Some(option),
                _ => None,
            };
            prop_assert_eq!(picked.out_of_stock, turned_away);
        }
    }

    /// e^{−c} of two equal options of different labs and no outside to speak of: (1 + k/S)^{−α_p} against 1.
    #[test]
    fn a_new_cloud_by_hand() {
        let taste = crate::market::choice::Taste { lambda: 1.0, v0: -50.0, ..mini_world::enterprise() };
        let mut offers = Offers::new();
        offers.push(mini_world::offer(0, mini_world::OPENAI, Some(AZURE)));
        offers.push(mini_world::offer(4, mini_world::ANTHROPIC, Some(AWS)));
        let mut chooser = Chooser::new(vec![taste], CLOUDS);
        let key = ChoiceKey { taste: TasteId(0), home: None, current: None, ..key(None) };
        let mut has = [false; CLOUDS];
        has[AZURE.index()] = true;
        let mut at_aws = 0;
        for draw in 0..10_000 {
            let u = (f64::from(draw) + 0.5) / 1e4;
            let reach = || Reach { has: &has, cost: libm::log(3.0) };
            let picked = chooser.choose_within(&offers, &key, u, reach);
            at_aws += u32::from(picked.choice == Choice::Option(OptionIndex(1)));
        }
        // 1/3 to 1.
        assert!((f64::from(at_aws) - 2_500.0).abs() < 3.0, "{at_aws}");
    }

    #[test]
    fn where_everything_is_sold_out_one_does_without() {
        let all: Vec<u16> = (0..30).collect();
        let has = [true; CLOUDS];
        for u in [0.0, 0.3, 0.9] {
            let picked = chooser().choose_within(&offers(&all), &key(None), u, || Reach { has: &has, cost: 0.0 });
            assert_eq!(picked.choice, Choice::Outside);
            assert!(picked.out_of_stock.is_some() || u > 0.5);
        }
    }
}
