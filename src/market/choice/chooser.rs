//! One choice in little more than the time of a few additions.
//!
//! Why not a cumulative distribution per (segment, class, home, commitment, current option, tenure)? There are some
//! fifty thousand such keys and the offers change every few days, so that hardly any distribution would be used twice.
//! What tells the accounts of a segment apart, though, are factors on whole groups of options: those at the home cloud, those
//! at the cloud that is left, those of the current lab. So all that is kept is a *face* per (taste, class): exponentials of
//! what all its accounts see alike, summed by nest and within it by cloud, filled when first asked for and kept until the
//! class's offers change. Tastes that differ in nothing but where data must stay see the same, as far as they see it.
//! What remains for a choice is to scale the sums of all nests, which is a few vector operations, the current lab's own
//! nest, where versions matter, and a walk over the nests and over the members of one.
//! Everything kept is a pure function of the offers, so keeping it or not cannot change a bit of the result.

mod face;
mod reach;

pub use reach::{Picked, Reach};

use super::offers::{Choice, Offers, OptionIndex};
use super::taste::{ChoiceKey, Taste};
use crate::ids::{LabId, ModelId};
use crate::supply::params::Class;
use face::{Costs, Face, Host, LANES, Member, Nest, Sight, first_like, host};
use serde::{Deserialize, Serialize};

/// The largest number below 1.
const ALMOST_ONE: f64 = 1.0 - f64::EPSILON / 2.0;

/// Draws choices by all tastes; always use one chooser with the same [`Offers`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Chooser {
    tastes: Vec<Taste>,
    clouds: usize,
    /// Factor on all switching costs.
    switching: f64,
    #[serde(skip)]
    cache: Cache,
}

#[derive(Clone, Debug, Default)]
struct Cache {
    costs: Vec<Costs>,
    /// Tenures told apart.
    tenures: usize,
    faces: Vec<Face>,
    /// By taste: the first that is the same, residency apart.
    likes: Vec<usize>,
    /// By such a taste and class.
    sights: Vec<Sight>,
    scratch: Scratch,
}

/// What the choice at hand weighs.
#[derive(Clone, Debug, Default)]
struct Scratch {
    /// Factors on weights by host in other labs' nests, then by host in the current lab's.
    factors: Vec<f64>,
    /// Sum of the members' weights of each nest, factors included; nothing past the last.
    sums: Vec<[f64; LANES]>,
    /// Attraction of each nest, costs included.
    attractions: Vec<f64>,
    /// Attraction of each nest together with those before it.
    cumulated: Vec<f64>,
}

impl Chooser {
    /// A chooser by these tastes, in the order of their ids, in a market with `clouds` clouds.
    ///
    /// # Panics
    /// If a λ is outside (0, 1] or the outside option's utility is not finite.
    pub fn new(tastes: Vec<Taste>, clouds: usize) -> Self {
        for taste in &tastes {
            assert!(taste.lambda > 0.0 && taste.lambda <= 1.0, "a dissimilarity of {}", taste.lambda);
            assert!(taste.v0.is_finite(), "an outside option of {}", taste.v0);
        }
        Self { tastes, clouds, switching: 1.0, cache: Cache::default() }
    }

    /// From now on every switching cost is `factor` times the taste's own, whatever the factor was before.
    pub fn set_switching_factor(&mut self, factor: f64) {
        self.switching = factor;
        self.cache = Cache::default();
    }

    /// Number of tastes.
    pub fn tastes(&self) -> usize {
        self.tastes.len()
    }

    /// From now on choices are made by `tastes`; the factor on switching costs stays.
    ///
    /// # Panics
    /// As [`Chooser::new`].
    pub fn set_tastes(&mut self, tastes: Vec<Taste>) {
        *self = Self { switching: self.switching, ..Self::new(tastes, self.clouds) };
    }

    /// Picks an option for `key` with the uniform number `u`.
    ///
    /// The options stand on [0, 1) by lab, then by index, the outside option last.
    pub fn choose(&mut self, offers: &Offers, key: &ChoiceKey, u: f64) -> Choice {
        self.standing(offers, key).pick(u).map_or(Choice::Outside, |drawn| Choice::Option(drawn.option))
    }

    /// The shares that [`Chooser::choose`] draws from: of every option in the order of `offers`, and of the outside.
    pub fn shares(&mut self, offers: &Offers, key: &ChoiceKey) -> (Vec<f64>, f64) {
        let mut inside = vec![0.0; offers.len()];
        let outside = self.standing(offers, key).shares(&mut inside);
        (inside, outside)
    }

    fn standing(&mut self, offers: &Offers, key: &ChoiceKey) -> Standing<'_> {
        if self.cache.costs.is_empty() {
            self.cache = Cache::new(&self.tastes, self.switching);
        }
        let taste = key.taste.index();
        let face = taste * Class::COUNT + key.class.index();
        let Cache { costs, tenures, faces, likes, sights, scratch } = &mut self.cache;
        let costs = &costs[taste];
        if faces[face].version != offers.version(key.class) {
            let sight = &mut sights[likes[taste] * Class::COUNT + key.class.index()];
            faces[face].fill(&self.tastes[taste], offers, key.class, (self.clouds, sight));
        }
        let face = &faces[face];
        let tenure = usize::from(key.tenure_half_years).min(*tenures - 1);
        let leaving = key.current.map(|from| Leaving {
            lab: offers[from].lab,
            model: offers[from].model,
            host: host(offers[from].provider(), self.clouds),
            provider_factor: costs.provider[tenure],
            version_factor: costs.version,
        });
        // Entering costs the same whatever is taken up, so that it leaves the shares within a nest alone.
        let another = if leaving.is_some() { costs.lab } else { costs.entry };
        let home = key.home.map(|home| (home.index(), costs.home[usize::from(key.committed)]));
        let own = leaving.and_then(|leaving| face.nest_of(leaving.lab));
        scratch.factor(self.clouds, home, leaving);
        scratch.sum_up(face);
        if let (Some(leaving), Some(own)) = (&leaving, own) {
            scratch.settle(face, own, leaving, offers.of_model(leaving.model));
        }
        scratch.attract(another, costs.lambda, face.nests.len(), own);
        let total = scratch.cumulated.last().copied().unwrap_or(0.0) + face.outside;
        Standing { face, scratch, total, another, lambda: costs.lambda, own, leaving }
    }
}

impl Cache {
    fn new(tastes: &[Taste], switching: f64) -> Self {
        let longest = tastes.iter().fold(0.0, |cap: f64, taste| cap.max(taste.switch_tenure_cap_years));
        let tenures = (2.0 * longest).ceil() as usize + 1;
        Self {
            costs: tastes.iter().map(|taste| Costs::new(&taste.with_switching(switching), tenures)).collect(),
            tenures,
            faces: vec![Face::default(); tastes.len() * Class::COUNT],
            likes: tastes.iter().map(|taste| first_like(tastes, taste)).collect(),
            sights: vec![Sight::default(); tastes.len() * Class::COUNT],
            scratch: Scratch::default(),
        }
    }
}

/// `D^λ`, the attraction of a nest whose weights sum to D.
///
/// Not `pow`, which is twice as slow for digits that shares do not need: the error stays below 1e-13 for any D. The λ that
/// segments mostly have is a half, whose root is exact and ten times as fast.
fn attraction(sum: f64, lambda: f64) -> f64 {
    if lambda == 0.5 { sum.sqrt() } else { libm::exp(lambda * libm::log(sum)) }
}

/// What a workload gives up by moving.
#[derive(Clone, Copy, Debug)]
struct Leaving {
    lab: LabId,
    model: ModelId,
    host: Host,
    /// On weights of other providers.
    provider_factor: f64,
    /// On weights of other models of the lab.
    version_factor: f64,
}

/// What a draw fell on.
#[derive(Clone, Copy, Debug)]
struct Drawn {
    option: OptionIndex,
    rest: f64,
    weight: f64,
}

impl Drawn {
    /// How far through its option the draw fell: uniform on [0, 1) like the number drawn.
    fn within(&self) -> f64 {
        self.rest / self.weight
    }
}

/// Everything that one choice weighs.
struct Standing<'a> {
    face: &'a Face,
    scratch: &'a Scratch,
    /// Attractions of all nests and the outside.
    total: f64,
    /// Factor on the attraction of what another lab's nest weighs, providers included.
    another: f64,
    lambda: f64,
    /// The current lab's nest, if it has one: there versions matter, and the lab is not left.
    own: Option<usize>,
    leaving: Option<Leaving>,
}

impl Scratch {
    /// Fills the factors on weights by host: with `b = exp(β/λ)` and `f = exp(−s_provider/λ)`, b at the home cloud and f at
    /// all that is not at the provider that is left.
    fn factor(&mut self, clouds: usize, home: Option<(usize, f64)>, leaving: Option<Leaving>) {
        let hosts = clouds + 1;
        self.factors.clear();
        self.factors.resize(2 * hosts, leaving.map_or(1.0, |leaving| leaving.provider_factor));
        let (others, own) = self.factors.split_at_mut(hosts);
        if let Some(leaving) = leaving {
            let left = usize::from(leaving.host);
            own[left] = 1.0;
            // Nobody but a lab sits on its own API: to other labs' nests it makes no difference that it is left.
            if left < clouds {
                others[left] = 1.0;
            }
        }
        if let Some((home, bonus)) = home {
            others[home] *= bonus;
            own[home] *= bonus;
        }
    }

    /// Fills the sum of each nest from what its hosts have of it: `Σ g_h·D_h`, g_h the factor on host h.
    fn sum_up(&mut self, face: &Face) {
        let factors = &self.factors[..self.factors.len() / 2];
        self.sums.resize(face.at_hosts.len() / factors.len(), [0.0; LANES]);
        for (out, parts) in self.sums.iter_mut().zip(face.at_hosts.chunks_exact(factors.len())) {
            let mut sums = [0.0; LANES];
            for (factor, parts) in factors.iter().zip(parts) {
                sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum += factor * part);
            }
            *out = sums;
        }
    }

    /// Puts the sum of the current lab's nest right: `v·Σ g_h·D_h + (1 − v)·Σ g·w` with `v = exp(−s_version/λ)`, the second
    /// sum over the members that serve the current model, which is that of `same`.
    fn settle(&mut self, face: &Face, own: usize, leaving: &Leaving, same: &[OptionIndex]) {
        let hosts = self.factors.len() / 2;
        let (others, factors) = self.factors.split_at(hosts);
        let sum = &mut self.sums[own / LANES][own % LANES];
        // The factors differ where the lab's own API is left.
        let at_lab = face.at_hosts[own / LANES * hosts + hosts - 1][own % LANES];
        *sum += (factors[hosts - 1] - others[hosts - 1]) * at_lab;
        let weight = |place: usize| factors[usize::from(face.members[place].host)] * face.weights[place];
        let same: f64 = face.places_of(same).map(weight).sum();
        *sum = leaving.version_factor * *sum + (1.0 - leaving.version_factor) * same;
    }

    /// Fills the attractions: `D^λ`, of another lab's nest times `another`.
    fn attract(&mut self, another: f64, lambda: f64, nests: usize, own: Option<usize>) {
        let Self { sums, attractions, cumulated, .. } = self;
        let sums = &sums.as_flattened()[..nests];
        attractions.resize(nests, 0.0);
        cumulated.resize(nests, 0.0);
        if lambda == 0.5 {
            attractions.iter_mut().zip(sums).for_each(|(out, sum)| *out = another * sum.sqrt());
        } else {
            attractions.iter_mut().zip(sums).for_each(|(out, sum)| *out = another * attraction(*sum, lambda));
        }
        if let Some(own) = own {
            attractions[own] = attraction(sums[own], lambda);
        }
        let mut before = 0.0;
        for (out, attraction) in cumulated.iter_mut().zip(attractions.iter()) {
            before += attraction;
            *out = before;
        }
    }
}

impl Standing<'_> {
    /// Shows `seen` the weights of the members of a nest, factors included, until it finds what it looks for.
    ///
    /// Two loops, since it makes a difference to one nest only which model a member serves.
    #[inline]
    fn look_through<R>(&self, n: usize, mut seen: impl FnMut(usize, f64) -> Option<R>) -> Option<R> {
        let (others, own) = self.scratch.factors.split_at(self.scratch.factors.len() / 2);
        let nest = &self.face.nests[n];
        let members = self.face.members[nest.first..nest.end].iter().zip(&self.face.weights[nest.first..nest.end]);
        match &self.leaving {
            Some(leaving) if self.own == Some(n) => {
                let versions = [leaving.version_factor, 1.0];
                members.enumerate().find_map(|(place, (member, weight))| {
                    // Looked up, not decided: no branch to be guessed wrong.
                    let version = versions[usize::from(member.model == leaving.model)];
                    seen(place, weight * own[usize::from(member.host)] * version)
                })
            }
            _ => members
                .enumerate()
                .find_map(|(place, (member, weight))| seen(place, weight * others[usize::from(member.host)])),
        }
    }

    /// Adds the weights of the members of a nest, factors included, to `weights`.
    fn list_weights(&self, n: usize, weights: &mut Vec<f64>) {
        self.look_through(n, |_, weight| {
            weights.push(weight);
            None::<()>
        });
    }

    fn nests(&self) -> impl Iterator<Item = (usize, &Nest)> {
        self.face.nests.iter().enumerate()
    }

    /// What `u` falls on; nothing for the outside option.
    fn pick(&self, u: f64) -> Option<Drawn> {
        let Scratch { attractions, cumulated, .. } = self.scratch;
        let at = u * self.total;
        // Counted, not looked for: a few comparisons without a branch cost less than one that is guessed wrong.
        let n = cumulated.iter().filter(|sum| **sum <= at).count();
        let attraction = attractions.get(n)?;
        let before = if n == 0 { 0.0 } else { cumulated[n - 1] };
        Some(self.pick_within(n, ((at - before) / attraction).min(ALMOST_ONE)))
    }

    fn pick_within(&self, n: usize, u: f64) -> Drawn {
        let members = &self.face.members[self.face.nests[n].first..];
        let mut rest = u * self.scratch.sums.as_flattened()[n];
        let drawn = self.look_through(n, |place, weight| {
            if rest < weight {
                return Some(Drawn { option: members[place].option, rest, weight });
            }
            rest -= weight;
            None
        });
        drawn.unwrap_or_else(|| self.last_of(n))
    }

    /// The last member of a nest that can be chosen: rounding may leave a crumb past it.
    #[cold]
    fn last_of(&self, n: usize) -> Drawn {
        let members = &self.face.members[self.face.nests[n].first..];
        let mut last = 0;
        self.look_through(n, |place, weight| {
            last = if weight > 0.0 { place } else { last };
            None::<()>
        });
        Drawn { option: members[last].option, rest: 0.0, weight: 1.0 }
    }

    fn shares(&self, inside: &mut [f64]) -> f64 {
        let mut weights = Vec::new();
        for (n, nest) in self.nests() {
            let share = self.scratch.attractions[n] / self.total;
            weights.clear();
            self.list_weights(n, &mut weights);
            let sum: f64 = weights.iter().sum();
            for (member, weight) in self.face.members[nest.first..nest.end].iter().zip(&weights) {
                let within = if *weight > 0.0 { weight / sum } else { 0.0 };
                inside[member.option.index()] = share * within;
            }
        }
        self.face.outside / self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{CloudId, JurisdictionId};
    use crate::market::choice::TasteId;
    use crate::market::choice::mini_world::{self, AZURE, CLOUDS};
    use crate::market::choice::plain_shares;
    use crate::market::residency::Jurisdictions;
    use proptest::prelude::*;

    fn chooser() -> Chooser {
        Chooser::new(mini_world::tastes(), CLOUDS)
    }

    fn first_choice() -> ChoiceKey {
        ChoiceKey {
            taste: TasteId(2),
            class: Class::Chat,
            home: Some(AZURE),
            committed: false,
            current: None,
            tenure_half_years: 0,
        }
    }

    fn keys() -> impl Strategy<Value = ChoiceKey> {
        let class = prop::sample::select(Class::ALL.to_vec());
        let home = prop::option::of((0..CLOUDS as u16).prop_map(CloudId));
        let current = prop::option::of((0..30u16).prop_map(OptionIndex));
        (0..5u16, class, home, any::<bool>(), current, 0..12u16).prop_map(
            |(taste, class, home, committed, current, tenure_half_years)| ChoiceKey {
                taste: TasteId(taste),
                class,
                home,
                committed: committed && home.is_some(),
                current,
                tenure_half_years,
            },
        )
    }

    fn agrees(chooser: &mut Chooser, taste: &Taste, offers: &Offers, key: &ChoiceKey) {
        let (inside, outside) = chooser.shares(offers, key);
        let plain = plain_shares(taste, offers, key);
        for (fast, slow) in inside.iter().zip(&plain.inside).chain([(&outside, &plain.outside)]) {
            assert!((fast - slow).abs() < 1e-12, "{fast} is not {slow} for {key:?}");
        }
    }

    proptest! {
        #[test]
        fn kept_tables_agree_with_plain_evaluation(
            keys in prop::collection::vec(keys(), 1..8),
            changes in prop::collection::vec((0..30u16, 0..7usize, 0.2..5.0f64, any::<bool>()), 1..6),
        ) {
            let (mut chooser, mut offers, tastes) = (chooser(), mini_world::offers(), mini_world::tastes());
            for (option, class, factor, open) in changes {
                for key in &keys {
                    agrees(&mut chooser, &tastes[key.taste.index()], &offers, key);
                }
                offers.revise(OptionIndex(option), |offer| {
                    offer.price_usd_per_mtok[class] *= factor;
                    offer.open = open;
                });
                offers.set_outside_quality([0.3 * factor; Class::COUNT]);
            }
            chooser.set_switching_factor(0.5);
            for key in &keys {
                agrees(&mut chooser, &tastes[key.taste.index()].with_switching(0.5), &offers, key);
            }
        }

        #[test]
        fn shares_sum_to_one_and_draws_follow_them(key in keys(), u in 1e-9..1.0f64) {
            let (mut chooser, offers) = (chooser(), mini_world::offers());
            let (inside, outside) = chooser.shares(&offers, &key);
            prop_assert!((inside.iter().sum::<f64>() + outside - 1.0).abs() < 1e-12);
            let mut before = 0.0;
            let drawn = chooser.choose(&offers, &key, u);
            for option in offers.open() {
                let after = before + inside[option.index()];
                if u > before + 1e-9 && u < after - 1e-9 {
                    prop_assert_eq!(drawn, Choice::Option(*option));
                }
                before = after;
            }
            prop_assert!(u < before + 1e-9 || drawn == Choice::Outside);
        }

        #[test]
        fn a_barred_option_is_never_chosen(key in keys(), closed in 0..30u16, u in 1e-9..1.0f64) {
            let (mut chooser, mut offers) = (chooser(), mini_world::offers());
            chooser.choose(&offers, &key, u);
            offers.revise(OptionIndex(closed), |offer| offer.open = false);
            let taste = &mini_world::tastes()[key.taste.index()];
            if let Choice::Option(option) = chooser.choose(&offers, &key, u) {
                prop_assert!(taste.admits(&offers[option], key.class), "{option:?}");
            }
        }

        #[test]
        fn a_higher_price_never_raises_the_options_own_share(key in keys(), option in 0..30u16, rise in 1.0..4.0f64) {
            let (mut chooser, mut offers) = (chooser(), mini_world::offers());
            let own = |chooser: &mut Chooser, offers: &Offers| chooser.shares(offers, &key).0[usize::from(option)];
            let before = own(&mut chooser, &offers);
            offers.revise(OptionIndex(option), |offer| offer.price_usd_per_mtok[key.class.index()] *= rise);
            prop_assert!(own(&mut chooser, &offers) <= before + 1e-15);
        }
    }

    /// Of three tastes that differ in residency alone one sees all options, one all but the best, one hardly any.
    #[test]
    fn tastes_that_keep_data_in_place_see_their_part_of_the_same() {
        let places =
            [Jurisdictions::NONE, Jurisdictions::one(JurisdictionId(0)), Jurisdictions::one(JurisdictionId(1))];
        let tastes: Vec<Taste> =
            places.iter().map(|residency| Taste { residency: *residency, ..mini_world::enterprise() }).collect();
        let mut offers = mini_world::offers();
        let all: Vec<OptionIndex> = offers.open().to_vec();
        for (i, option) in all.into_iter().enumerate() {
            offers.revise(option, |offer| {
                offer.xi = if i == 3 { 2.0 } else { 0.0 };
                let first = if i == 3 { places[0] } else { places[1] };
                offer.residency = if i % 5 == 1 { first.and(places[2]) } else { first };
            });
        }
        let mut chooser = Chooser::new(tastes.clone(), CLOUDS);
        assert_eq!((chooser.tastes(), (0..3).map(|t| first_like(&tastes, &tastes[t])).sum::<usize>()), (3, 0));
        for (taste, own) in (0u16..).zip(&tastes) {
            for current in [None, Some(OptionIndex(2)), Some(OptionIndex(6))] {
                let key = ChoiceKey { taste: TasteId(taste), current, tenure_half_years: 1, ..first_choice() };
                agrees(&mut chooser, own, &offers, &key);
            }
        }
    }

    #[test]
    fn without_an_option_everyone_stays_outside() {
        assert_eq!(chooser().choose(&Offers::new(), &first_choice(), 0.1), Choice::Outside);
    }

    #[test]
    fn a_huge_utility_takes_all_without_overflow() {
        let (mut chooser, mut offers) = (chooser(), mini_world::offers());
        offers.revise(OptionIndex(7), |offer| offer.xi = 700.0);
        let key = ChoiceKey { current: Some(OptionIndex(2)), tenure_half_years: 3, ..first_choice() };
        assert_eq!(chooser.choose(&offers, &key, 0.999), Choice::Option(OptionIndex(7)));
        offers.revise(OptionIndex(7), |offer| offer.xi = -700.0);
        assert_eq!(chooser.shares(&offers, &key).0[7], 0.0);
    }

    #[test]
    fn the_cost_of_entry_lowers_every_option_against_the_outside_alike() {
        let offers = mini_world::offers();
        let shares = |switch_entry: f64| {
            let tastes = vec![Taste { switch_entry, ..mini_world::enterprise() }];
            Chooser::new(tastes, CLOUDS).shares(&offers, &ChoiceKey { taste: TasteId(0), ..first_choice() })
        };
        let ((free, free_outside), (dear, dear_outside)) = (shares(0.0), shares(0.6));
        for (free, dear) in free.iter().zip(&dear).filter(|(free, _)| **free > 0.0) {
            let ratio = (free / free_outside) / (dear / dear_outside);
            assert!((libm::log(ratio) - 0.6).abs() < 1e-12, "{ratio}");
        }
        assert!(dear_outside > free_outside);
    }

    #[test]
    fn a_home_cloud_holds_its_accounts_as_the_prior_says() {
        // β_home/λ = 2.5 raises the odds of the platform over the same model's own API by e^2.5.
        let (mut chooser, offers) = (chooser(), mini_world::offers());
        let odds = |chooser: &mut Chooser, home| {
            let (inside, _) = chooser.shares(&offers, &ChoiceKey { home, ..first_choice() });
            inside[1] / inside[0]
        };
        let ratio = odds(&mut chooser, Some(AZURE)) / odds(&mut chooser, None);
        assert!((libm::log(ratio) - 2.5).abs() < 1e-12, "{ratio}");
    }
}
