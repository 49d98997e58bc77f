//! One choice in little more than the time of a few additions.
//!
//! Why not a cumulative distribution per (segment, class, home, commitment, current option, tenure)? There are some
//! fifty thousand such keys and the offers change every few days, so that hardly any distribution would be used twice.
//! What tells the accounts of a segment apart, though, are factors on whole groups of options: those at the home cloud, those
//! at the cloud that is left, those of the current lab. So all that is kept is a *face* per (taste, class): exponentials of
//! what all its accounts see alike, summed by nest and within it by cloud, filled when first asked for and kept until the
//! class's offers change. What remains for a choice is to scale the sums of each nest, the current lab's own nest, where
//! versions matter, and a walk over the nests and over the members of one.
//! Everything kept is a pure function of the offers, so keeping it or not cannot change a bit of the result.

mod reach;

pub use reach::{Picked, Reach};

use super::offers::{Choice, Offers, OptionIndex, Provider};
use super::taste::{ChoiceKey, Taste};
use crate::ids::{CloudId, LabId, ModelId};
use crate::supply::params::Class;
use serde::{Deserialize, Serialize};

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
    /// Of each nest, in the choice at hand.
    attractions: Vec<f64>,
}

/// A taste's costs and bonuses as factors on weights `exp(V/λ)` or on attractions `D^λ`.
#[derive(Clone, Debug)]
struct Costs {
    lambda: f64,
    /// `exp(−s_entry)`, on attractions.
    entry: f64,
    /// `exp(−s_lab)`, on attractions.
    lab: f64,
    /// `exp(−s_version/λ)`, on weights.
    version: f64,
    /// `exp(−s_provider/λ)` by tenure, on weights.
    provider: Vec<f64>,
    /// `exp(−s_provider)` by tenure, on attractions.
    provider_whole: Vec<f64>,
    /// `exp(β/λ)` without and with a commitment, on weights.
    home: [f64; 2],
}

#[derive(Clone, Debug, Default)]
struct Face {
    version: u64,
    /// `exp(V_0 − m)`, m the largest utility of the face.
    outside: f64,
    /// Eligible options by nest.
    members: Vec<Member>,
    /// `exp((V − m)/λ)` of each member.
    weights: Vec<f64>,
    nests: Vec<Nest>,
    /// The part of each nest's sum that is at each cloud, by nest.
    at_clouds: Vec<f64>,
}

#[derive(Clone, Copy, Debug)]
struct Member {
    option: OptionIndex,
    model: ModelId,
    provider: Provider,
}

#[derive(Clone, Copy, Debug)]
struct Nest {
    lab: LabId,
    first: usize,
    end: usize,
    /// D, the sum of its members' weights.
    sum: f64,
    /// `D^λ`.
    attraction: f64,
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
        self.standing(offers, key).pick(u).0
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
        let Cache { costs, tenures, faces, attractions } = &mut self.cache;
        let costs = &costs[taste];
        if faces[face].version != offers.version(key.class) {
            faces[face].fill(&self.tastes[taste], offers, key.class, self.clouds);
        }
        let tenure = usize::from(key.tenure_half_years).min(*tenures - 1);
        let leaving = key.current.map(|from| Leaving {
            lab: offers[from].lab,
            model: offers[from].model,
            provider: offers[from].provider(),
            provider_factor: costs.provider[tenure],
            whole_factor: costs.provider_whole[tenure],
            version_factor: costs.version,
        });
        // Entering costs the same whatever is taken up, so that it leaves the shares within a nest alone.
        let another = if leaving.is_some() { costs.lab } else { costs.entry };
        let home = key.home.map(|home| (home, costs.home[usize::from(key.committed)]));
        let (face, clouds, lambda) = (&faces[face], self.clouds, costs.lambda);
        let mut standing =
            Standing { face, clouds, attractions: &[], total: 0.0, home, another, lambda, own: None, leaving };
        attractions.clear();
        for n in 0..face.nests.len() {
            attractions.push(standing.weigh(n));
        }
        standing.total = attractions.iter().sum::<f64>() + face.outside;
        standing.attractions = attractions;
        standing
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
            attractions: Vec::new(),
        }
    }
}

impl Costs {
    fn new(taste: &Taste, tenures: usize) -> Self {
        let lambda = taste.lambda;
        let leave = |half_years: usize| taste.provider_cost(half_years as u16);
        Self {
            lambda,
            entry: libm::exp(-taste.switch_entry),
            lab: libm::exp(-taste.switch_lab),
            version: libm::exp(-taste.switch_version / lambda),
            provider: (0..tenures).map(|t| libm::exp(-leave(t) / lambda)).collect(),
            provider_whole: (0..tenures).map(|t| libm::exp(-leave(t))).collect(),
            home: [false, true].map(|committed| libm::exp(taste.home_utility(committed) / lambda)),
        }
    }
}

impl Face {
    fn fill(&mut self, taste: &Taste, offers: &Offers, class: Class, clouds: usize) {
        self.version = offers.version(class);
        self.members.clear();
        self.weights.clear();
        self.nests.clear();
        for &option in offers.open() {
            let offer = &offers[option];
            if !taste.admits(offer, class) {
                continue;
            }
            let place = self.members.len();
            match self.nests.last_mut() {
                Some(nest) if nest.lab == offer.lab => nest.end = place + 1,
                _ => {
                    self.nests.push(Nest { lab: offer.lab, first: place, end: place + 1, sum: 0.0, attraction: 0.0 });
                }
            }
            self.members.push(Member { option, model: offer.model, provider: offer.provider() });
            self.weights.push(taste.common_utility(offer, offers.ln_price(option, class), class));
        }
        let outside = taste.outside_utility(offers.outside_quality(class), class);
        let top = self.weights.iter().copied().fold(outside, f64::max);
        self.outside = libm::exp(outside - top);
        self.at_clouds.clear();
        self.at_clouds.resize(self.nests.len() * clouds, 0.0);
        for (n, nest) in self.nests.iter_mut().enumerate() {
            // Empty in a market without clouds, whose nests count all the same.
            let at_clouds = &mut self.at_clouds[n * clouds..(n + 1) * clouds];
            for place in nest.first..nest.end {
                let weight = libm::exp((self.weights[place] - top) / taste.lambda);
                self.weights[place] = weight;
                nest.sum += weight;
                if let Provider::Cloud(cloud) = self.members[place].provider {
                    at_clouds[cloud.index()] += weight;
                }
            }
            nest.attraction = attraction(nest.sum, taste.lambda);
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
    provider: Provider,
    /// On weights of other providers.
    provider_factor: f64,
    /// On the attraction of a nest in which nothing is at the provider.
    whole_factor: f64,
    version_factor: f64,
}

/// The current lab's nest, where versions matter.
#[derive(Clone, Copy, Debug)]
struct Own {
    nest: usize,
    sum: f64,
}

/// Everything that one choice weighs.
struct Standing<'a> {
    face: &'a Face,
    clouds: usize,
    /// Of each nest, costs included.
    attractions: &'a [f64],
    /// Of all nests and the outside.
    total: f64,
    /// The home cloud and what it puts on weights there.
    home: Option<(CloudId, f64)>,
    /// Factor on the attraction of what another lab's nest weighs, providers included.
    another: f64,
    lambda: f64,
    /// The current lab's nest, if it has one.
    own: Option<Own>,
    leaving: Option<Leaving>,
}

impl Standing<'_> {
    /// Attraction of a nest.
    fn weigh(&mut self, n: usize) -> f64 {
        let nest = &self.face.nests[n];
        if self.leaving.is_some_and(|leaving| leaving.lab == nest.lab) {
            let sum = self.nest_sum(n, true);
            self.own = Some(Own { nest: n, sum });
            return attraction(sum, self.lambda);
        }
        let at = |cloud: CloudId| self.face.at_clouds[n * self.clouds + cloud.index()];
        let (home, bonus) = self.home.map_or((0.0, 1.0), |(cloud, bonus)| (at(cloud), bonus));
        // Nobody but a lab sits on its own API: to other labs' nests it makes no difference which provider is left.
        let (kept, whole) = match self.leaving.map(|leaving| (leaving.provider, leaving.whole_factor)) {
            None => (0.0, 1.0),
            Some((Provider::OwnApi(_), whole)) => (0.0, whole),
            Some((Provider::Cloud(cloud), whole)) => (at(cloud), whole),
        };
        if kept == 0.0 && home == 0.0 {
            return self.another * whole * nest.attraction;
        }
        if bonus < 1.0 {
            // What is left of a sum without the home cloud may be all there is to it: no difference will do.
            return self.another * attraction(self.nest_sum(n, false), self.lambda);
        }
        if kept == 0.0 {
            let sum = (nest.sum - home) + bonus * home;
            return self.another * whole * attraction(sum, self.lambda);
        }
        let stays = self.home.is_some_and(|(cloud, _)| self.is_left(Provider::Cloud(cloud)));
        let (kept, moved) = if stays {
            (bonus * kept, nest.sum - home)
        } else {
            (kept, (nest.sum - kept - home).max(0.0) + bonus * home)
        };
        let factor = self.leaving.map_or(1.0, |leaving| leaving.provider_factor);
        self.another * attraction(kept + moved * factor, self.lambda)
    }

    fn is_left(&self, provider: Provider) -> bool {
        self.leaving.is_some_and(|leaving| leaving.provider == provider)
    }

    fn is_own(&self, n: usize) -> bool {
        self.own.is_some_and(|own| own.nest == n)
    }

    /// Weight of a member among those of its nest, which may be the current lab's own.
    fn weight(&self, place: usize, own: bool) -> f64 {
        // Factors of 1 in place of branches that nothing predicts.
        let member = &self.face.members[place];
        let home =
            self.home.map_or(1.0, |(home, bonus)| if member.provider == Provider::Cloud(home) { bonus } else { 1.0 });
        let Some(leaving) = &self.leaving else { return self.face.weights[place] * home };
        let provider = if member.provider == leaving.provider { 1.0 } else { leaving.provider_factor };
        let version = if own && member.model != leaving.model { leaving.version_factor } else { 1.0 };
        self.face.weights[place] * home * (provider * version)
    }

    fn nest_sum(&self, n: usize, own: bool) -> f64 {
        let nest = &self.face.nests[n];
        (nest.first..nest.end).map(|place| self.weight(place, own)).sum()
    }

    fn nests(&self) -> impl Iterator<Item = (usize, &Nest)> {
        self.face.nests.iter().enumerate()
    }

    /// What `u` falls on, and how far through it: uniform on [0, 1) like `u`.
    fn pick(&self, u: f64) -> (Choice, f64) {
        let mut rest = u * self.total;
        for n in 0..self.face.nests.len() {
            let attraction = self.attractions[n];
            if rest < attraction {
                let (option, within) = self.pick_within(n, rest / attraction);
                return (Choice::Option(option), within);
            }
            rest -= attraction;
        }
        (Choice::Outside, 0.0)
    }

    fn pick_within(&self, n: usize, u: f64) -> (OptionIndex, f64) {
        let (nest, own) = (&self.face.nests[n], self.is_own(n));
        let sum = match self.own {
            Some(own) if own.nest == n => own.sum,
            _ => self.nest_sum(n, false),
        };
        let mut rest = u * sum;
        let mut last = nest.first;
        for place in nest.first..nest.end {
            let weight = self.weight(place, own);
            if rest < weight {
                return (self.face.members[place].option, rest / weight);
            }
            if weight > 0.0 {
                // Rounding may leave a crumb past the last member; it goes to one that can be chosen.
                last = place;
            }
            rest -= weight;
        }
        (self.face.members[last].option, 0.0)
    }

    fn shares(&self, inside: &mut [f64]) -> f64 {
        let total = self.total;
        for (n, nest) in self.face.nests.iter().enumerate() {
            let own = self.is_own(n);
            let sum = self.nest_sum(n, own);
            for place in nest.first..nest.end {
                let weight = self.weight(place, own);
                let within = if weight > 0.0 { weight / sum } else { 0.0 };
                inside[self.face.members[place].option.index()] = self.attractions[n] / total * within;
            }
        }
        self.face.outside / total
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::choice::TasteId;
    use crate::market::choice::mini_world::{self, AZURE, CLOUDS};
    use crate::market::choice::plain_shares;
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
