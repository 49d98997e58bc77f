//! What customers would choose first if nothing kept it from them, and what does.

use super::offers::Offer;
use super::taste::Taste;
use crate::ids::{CloudId, JurisdictionId, LabId};
use crate::market::residency::Jurisdictions;
use crate::supply::params::Class;

/// Why somebody cannot choose an option, as the caller numbers its reasons.
pub type Reason = usize;

/// An option as it would be if it could be had, and what keeps it from whom; nothing if it is on offer to all.
#[derive(Clone, Debug)]
pub struct Wish {
    offer: Offer,
    ln_price: [f64; Class::COUNT],
    barred_by: Option<Reason>,
    barred_in: Vec<(JurisdictionId, Reason)>,
}

impl Wish {
    /// An option as it is or would be, with what keeps it from everybody, and what from those alone who must keep their data
    /// in a jurisdiction.
    pub fn new(offer: Offer, barred_by: Option<Reason>, barred_in: Vec<(JurisdictionId, Reason)>) -> Self {
        Self { ln_price: offer.price_usd_per_mtok.map(libm::log), offer, barred_by, barred_in }
    }

    /// Whose model it is.
    pub fn lab(&self) -> LabId {
        self.offer.lab
    }
}

/// Reasons that lie in what a segment needs.
#[derive(Clone, Copy, Debug)]
pub struct Needs {
    /// The channel's certification is too low.
    pub certification: Reason,
    /// The channel does not keep data where it must stay.
    pub residency: Reason,
}

/// The options that serve a class, each as all tastes weigh it that differ in residency alone.
#[derive(Clone, Debug)]
pub struct Weighed {
    /// `exp(V_0 − m)`, m the largest utility.
    outside: f64,
    members: Vec<Member>,
    nests: Vec<Nest>,
}

#[derive(Clone, Copy, Debug)]
struct Member {
    /// Position among the wishes.
    option: usize,
    cloud: Option<CloudId>,
    /// `exp((V − m)/λ)`.
    weight: f64,
}

/// A lab's options.
#[derive(Clone, Debug)]
struct Nest {
    first: usize,
    end: usize,
    /// Clouds that sell some of them, a bit each, in a larger market one for several.
    clouds: u64,
    /// Of those who are at home on none of its clouds: sum of the members' weights, and its attraction.
    sum: f64,
    attraction: f64,
}

impl Weighed {
    /// Weighs the options, which stand lab by lab.
    pub fn new(taste: &Taste, class: Class, outside_quality: f64, options: &[Wish]) -> Self {
        let outside = taste.outside_utility(outside_quality, class);
        let (mut members, mut nests) = (Vec::with_capacity(options.len()), Vec::<Nest>::new());
        let mut lab = None;
        for (i, wish) in options.iter().enumerate().filter(|(_, wish)| wish.offer.serves(class)) {
            if lab != Some(wish.offer.lab) {
                lab = Some(wish.offer.lab);
                nests.push(Nest { first: members.len(), end: members.len(), clouds: 0, sum: 0.0, attraction: 0.0 });
            }
            let nest = nests.last_mut().expect("one was pushed");
            nest.clouds |= bit(wish.offer.cloud);
            nest.end += 1;
            let utility = taste.common_utility(&wish.offer, wish.ln_price[class.index()], class);
            members.push(Member { option: i, cloud: wish.offer.cloud, weight: utility });
        }
        let top = members.iter().map(|member| member.weight).fold(outside, f64::max);
        for member in &mut members {
            member.weight = libm::exp((member.weight - top) / taste.lambda);
        }
        for nest in &mut nests {
            nest.sum = members[nest.first..nest.end].iter().map(|member| member.weight).sum();
            nest.attraction = attraction(nest.sum, taste.lambda);
        }
        Self { outside: libm::exp(outside - top), members, nests }
    }
}

/// Where a cloud stands among the bits of a nest.
fn bit(cloud: Option<CloudId>) -> u64 {
    cloud.map_or(0, |cloud| 1 << (cloud.index() % 64))
}

/// `D^λ`.
fn attraction(sum: f64, lambda: f64) -> f64 {
    libm::exp(lambda * libm::log(sum))
}

/// All options of a segment's work of a class, the barred ones among them, for those who choose afresh.
///
/// With `B_r` the options that reason r bars, the share of choosers whose first choice is among them is
/// `Σ_{j∈B_r} s_j`, s the nested-logit shares over all options, barred ones included
/// (see [`nested_logit_shares`](super::logit::nested_logit_shares)).
///
/// Source: the shares of the choice rule itself; D. McFadden (1978).
/// Limits: of an option that is barred twice the first reason counts; switching costs of those who have chosen before
/// are left out, so that it tells what customers would want who come new.
#[derive(Clone, Debug)]
pub struct Wishes<'a> {
    taste: &'a Taste,
    weighed: &'a Weighed,
    /// The members that are barred, with the reason, nest by nest.
    barred: Vec<(usize, Reason)>,
}

impl<'a> Wishes<'a> {
    /// What a taste wishes for among options that were weighed for it or for one that differs in residency alone.
    pub fn new(taste: &'a Taste, weighed: &'a Weighed, needs: Needs, options: &[Wish]) -> Self {
        let barred_by = |(place, member): (usize, &Member)| {
            let wish = &options[member.option];
            wish.barred_by.or_else(|| unmet(taste, wish, needs)).map(|reason| (place, reason))
        };
        Self { taste, weighed, barred: weighed.members.iter().enumerate().filter_map(barred_by).collect() }
    }

    /// Adds, for each reason, `amount` times the share of those who would choose what it bars.
    pub fn add_barred(&self, home: Option<CloudId>, committed: bool, amount: f64, by_reason: &mut [f64]) {
        let Weighed { outside, members, nests } = self.weighed;
        let lambda = self.taste.lambda;
        let bonus = libm::exp(self.taste.home_utility(committed) / lambda);
        // Looked up, not decided: no branch to be guessed wrong.
        let factors = [1.0, if home.is_some() { bonus } else { 1.0 }];
        let weight = |member: &Member| member.weight * factors[usize::from(member.cloud == home)];
        let of_home = |nest: &Nest| {
            if nest.clouds & bit(home) != 0 {
                let sum: f64 = members[nest.first..nest.end].iter().map(weight).sum();
                (sum, attraction(sum, lambda))
            } else {
                (nest.sum, nest.attraction)
            }
        };
        let sums: Vec<(f64, f64)> = nests.iter().map(of_home).collect();
        let total = outside + sums.iter().map(|(_, attraction)| attraction).sum::<f64>();
        let mut barred = self.barred.iter().peekable();
        for (nest, (sum, attraction)) in nests.iter().zip(&sums) {
            let per_weight = amount * attraction / (total * sum);
            while let Some((place, reason)) = barred.next_if(|(place, _)| *place < nest.end) {
                if *sum > 0.0 {
                    by_reason[*reason] += per_weight * weight(&members[*place]);
                }
            }
        }
    }
}

/// What of the needs an option does not meet; of a jurisdiction where a clause forbids the sale, the clause.
fn unmet(taste: &Taste, wish: &Wish, needs: Needs) -> Option<Reason> {
    let clause = wish.barred_in.iter().find(|(place, _)| taste.residency.hold(Jurisdictions::one(*place)));
    if let Some((_, reason)) = clause {
        Some(*reason)
    } else if wish.offer.certification < taste.certification {
        Some(needs.certification)
    } else if !wish.offer.residency.hold(taste.residency) {
        Some(needs.residency)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::logit::nested_logit_shares;
    use super::super::mini_world::{self, AZURE, OPENAI};
    use super::*;

    const NEEDS: Needs = Needs { certification: 2, residency: 3 };

    fn wishes(barred: &[usize]) -> Vec<Wish> {
        let offers = mini_world::offers();
        let barred_by = |i: usize| barred.contains(&i).then_some(i % 2);
        let all = offers.iter().map(|(option, offer)| (option.index(), offer.clone()));
        all.map(|(i, offer)| Wish::new(offer, barred_by(i), vec![])).collect()
    }

    fn shares(taste: &Taste, options: &[Wish], home: Option<CloudId>) -> Vec<f64> {
        let mut by_reason = vec![0.0; 4];
        let weighed = Weighed::new(taste, Class::Coding, 0.6, options);
        Wishes::new(taste, &weighed, NEEDS, options).add_barred(home, false, 1.0, &mut by_reason);
        by_reason
    }

    /// The shares of the plain formula, summed by reason.
    #[test]
    fn barred_first_choices_are_the_shares_of_all_options() {
        let taste = Taste { certification: 0, residency: Jurisdictions::NONE, ..mini_world::enterprise() };
        let options = wishes(&[3, 4, 9, 17]);
        let utility = |wish: &Wish| {
            let price = libm::log(wish.offer.price_usd_per_mtok[Class::Coding.index()]);
            let home = if wish.offer.cloud == Some(AZURE) { taste.home_utility(false) } else { 0.0 };
            taste.common_utility(&wish.offer, price, Class::Coding) + home
        };
        let utilities: Vec<f64> = options.iter().map(utility).collect();
        let nests: Vec<usize> = options.iter().map(|wish| wish.offer.lab.index()).collect();
        let outside = taste.outside_utility(0.6, Class::Coding);
        let plain = nested_logit_shares(&utilities, &nests, &[taste.lambda; 6], outside).inside;
        let found = shares(&taste, &options, Some(AZURE));
        for (found, expected) in found.iter().zip([plain[4], plain[3] + plain[9] + plain[17], 0.0, 0.0]) {
            assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
        }
    }

    #[test]
    fn needs_that_no_channel_meets_bar_all_options() {
        let taste = Taste { certification: 9, ..mini_world::enterprise() };
        let found = shares(&taste, &wishes(&[]), None);
        let everything: f64 = found.iter().sum();
        assert!(found[2] == everything && everything > 0.5 && everything < 1.0, "{found:?}");
        let elsewhere = Taste { certification: 0, residency: Jurisdictions(0b1000), ..taste };
        let found = shares(&elsewhere, &wishes(&[]), None);
        assert!(found[2] == 0.0 && (found[3] - everything).abs() < 1e-12, "{found:?}");
    }

    #[test]
    fn a_clause_for_one_jurisdiction_bars_those_who_must_stay_there_alone() {
        let mut options = wishes(&[]);
        // The clause takes the jurisdiction out of what the option offers, and is named instead of the channel.
        (options[9].barred_in, options[9].offer.residency) = (vec![(JurisdictionId(1), 0)], Jurisdictions(0b101));
        let taste = |bits| Taste { residency: Jurisdictions(bits), ..mini_world::enterprise() };
        let bound = shares(&taste(0b010), &options, None);
        assert!(bound[0] > 0.0 && bound[1..] == [0.0; 3], "{bound:?}");
        assert_eq!(shares(&taste(0b001), &options, None), [0.0; 4]);
        assert_eq!(shares(&taste(0), &options, None), [0.0; 4]);
    }

    #[test]
    fn nothing_barred_is_nothing() {
        let taste = Taste { certification: 0, ..mini_world::enterprise() };
        assert_eq!(shares(&taste, &wishes(&[]), Some(AZURE)), [0.0; 4]);
        let one = Wish::new(mini_world::offer(0, OPENAI, None), Some(1), vec![]);
        let found = shares(&taste, &[one], None);
        // 1/(1 + exp(V_0 − V)) of one option and the outside.
        let v = taste.common_utility(&mini_world::offer(0, OPENAI, None), libm::log(5.0), Class::Coding);
        let expected = 1.0 / (1.0 + libm::exp(taste.outside_utility(0.6, Class::Coding) - v));
        assert!((found[1] - expected).abs() < 1e-12);
    }
}
