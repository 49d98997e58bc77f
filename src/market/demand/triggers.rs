//! What makes workloads look at the offers again between renewals.

use super::accounts::Buyer;
use super::dice::Dice;
use super::params::{DemandParams, LookParams, SegmentParams};
use super::state::{DemandState, Placed};
use crate::ids::{ChannelId, CloudId};
use crate::market::choice::{Choice, Offers, OptionIndex};
use crate::market::residency::Jurisdictions;
use crate::supply::params::Class;
use crate::units::Time;

/// An outage shorter than this goes unnoticed [hours]. Assumed: a working half-day.
const NOTICED_OUTAGE_HOURS: f64 = 4.0;
/// A smaller share of a month's tokens throttled goes unnoticed [1]. Assumed.
const NOTICED_THROTTLED_SHARE: f64 = 0.02;
/// So many options are looked for one by one, which takes vector operations, sooner than in a table.
const FEW: usize = 8;
/// So many workloads before its turn one is fetched into the cache.
const AHEAD: usize = 8;

/// Where something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// On a cloud's platform: every option there.
    Cloud(CloudId),
    /// On a channel: every option there.
    Channel(ChannelId),
    /// On one option.
    Option(OptionIndex),
}

impl Place {
    fn holds(self, offers: &Offers, option: OptionIndex) -> bool {
        match self {
            Place::Cloud(cloud) => offers[option].cloud == Some(cloud),
            Place::Channel(channel) => offers[option].channel == channel,
            Place::Option(place) => place == option,
        }
    }
}

/// What came of a trigger, in simulated workloads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Looks {
    /// How many chose again.
    pub looked: u32,
    /// How many of them moved.
    pub moved: u32,
}

impl<S: Dice> DemandState<S> {
    /// A model came out as `options`: who does work that it can do looks, more so if it is on the home cloud.
    pub fn on_launch(&mut self, params: &DemandParams, offers: &Offers, now: Time, options: &[OptionIndex]) -> Looks {
        let on = |cloud: CloudId| options.iter().any(|option| offers[*option].cloud == Some(cloud));
        let is_on: Vec<bool> = (0..params.clouds).map(|cloud| on(CloudId::new(cloud))).collect();
        let does = Class::ALL.map(|class| options.iter().any(|option| offers[*option].serves(class)));
        self.look(params, offers, now, |buyer, class, looks| {
            if !does[class.index()] {
                0.0
            } else if buyer.home.is_some_and(|home| is_on[home.index()]) {
                looks.launch_home
            } else {
                looks.launch_elsewhere
            }
        })
    }

    /// A price moved by `relative` (0.25 for a quarter up).
    ///
    /// Beyond a segment's threshold, a rise makes those on the option look, a cut those on other options of the same
    /// lab: what other labs charge is weighed at renewals, since choices between labs hardly answer to price.
    pub fn on_price_change(
        &mut self,
        params: &DemandParams,
        offers: &Offers,
        now: Time,
        option: OptionIndex,
        relative: f64,
    ) -> Looks {
        let noticed = |segment: &SegmentParams| relative.abs() > segment.price_threshold;
        if !params.segments.iter().any(noticed) {
            return Looks::default();
        }
        let lab = offers[option].lab;
        let concerned = |current: OptionIndex| {
            if relative > 0.0 { current == option } else { current != option && offers[current].lab == lab }
        };
        self.look_on(params, offers, now, concerned, |buyer, looks| {
            if noticed(&params.segments[buyer.segment.index()]) { looks.price_change } else { 0.0 }
        })
    }

    /// An outage of `hours` at `place`.
    pub fn on_outage(&mut self, params: &DemandParams, offers: &Offers, now: Time, place: Place, hours: f64) -> Looks {
        if hours <= NOTICED_OUTAGE_HOURS {
            return Looks::default();
        }
        self.look_at(params, offers, now, place, |looks| looks.outage)
    }

    /// A share of a month's tokens throttled at `place`.
    pub fn on_throttled(
        &mut self,
        params: &DemandParams,
        offers: &Offers,
        now: Time,
        place: Place,
        share: f64,
    ) -> Looks {
        if share <= NOTICED_THROTTLED_SHARE {
            return Looks::default();
        }
        self.look_at(params, offers, now, place, |looks| looks.throttled)
    }

    /// An option closed: everybody on it chooses again.
    ///
    /// # Panics
    /// If it is still open.
    pub fn on_option_closed(
        &mut self,
        params: &DemandParams,
        offers: &Offers,
        now: Time,
        option: OptionIndex,
    ) -> Looks {
        assert!(!offers[option].open, "option {option:?} is still open");
        self.look_at(params, offers, now, Place::Option(option), |_| 1.0)
    }

    /// An option is not sold any more to those who must keep their data in `lost`: those of them that are on it choose again.
    pub fn on_residency_lost(
        &mut self,
        params: &DemandParams,
        offers: &Offers,
        now: Time,
        (option, lost): (OptionIndex, Jurisdictions),
    ) -> Looks {
        let tastes = params.tastes();
        let needs_lost = |buyer: &Buyer| !tastes[buyer.taste.index()].residency.common(lost).is_empty();
        let concerned = |current: OptionIndex| current == option;
        self.look_on(params, offers, now, concerned, |buyer, _| if needs_lost(buyer) { 1.0 } else { 0.0 })
    }

    /// A regulator brought every switching cost to `factor` times its own.
    pub fn on_policy_shift(&mut self, params: &DemandParams, offers: &Offers, now: Time, factor: f64) -> Looks {
        self.chooser.set_switching_factor(factor);
        self.look(params, offers, now, |_, _, looks| looks.policy)
    }

    fn look_at(
        &mut self,
        params: &DemandParams,
        offers: &Offers,
        now: Time,
        place: Place,
        chance: impl Fn(&LookParams) -> f64,
    ) -> Looks {
        self.look_on(params, offers, now, |option| place.holds(offers, option), |_, looks| chance(looks))
    }

    /// Lets those look who are on an option that is concerned.
    fn look_on(
        &mut self,
        params: &DemandParams,
        offers: &Offers,
        now: Time,
        concerned: impl Fn(OptionIndex) -> bool,
        chance: impl Fn(&Buyer, &LookParams) -> f64,
    ) -> Looks {
        let mut result = Looks::default();
        let there = self.found_on(offers, concerned);
        for (i, (a, w)) in there.iter().copied().enumerate() {
            if let Some(ahead) = there.get(i + AHEAD) {
                self.fetch(*ahead);
            }
            let buyer = &self.buyers[a];
            let chance = chance(buyer, &params.segments[buyer.segment.index()].looks);
            self.perhaps_look(params, offers, now, (a, w), chance, &mut result);
        }
        result
    }

    /// The workloads on options that are concerned, in order, each after its account.
    fn found_on(&self, offers: &Offers, concerned: impl Fn(OptionIndex) -> bool) -> Vec<(usize, usize)> {
        let used = |option: &OptionIndex| self.workloads_on(Choice::Option(*option)) > 0;
        let there: Vec<OptionIndex> =
            offers.iter().map(|(option, _)| option).filter(|option| used(option) && concerned(*option)).collect();
        let all = there.iter().map(|option| self.workloads_on(Choice::Option(*option))).sum::<u32>() as usize;
        let there: Vec<Placed> = there.into_iter().map(|option| Placed::on(Choice::Option(option))).collect();
        if there.len() <= FEW {
            let is_at = |chunk: &[Placed], one: &Placed| chunk.iter().fold(false, |any, placed| any | (placed == one));
            return self.found(
                all,
                |chunk| there.iter().any(|one| is_at(chunk, one)),
                |placed| there.contains(&placed),
            );
        }
        let mut table = vec![false; Placed::count(offers.len())];
        there.iter().for_each(|placed| table[placed.index()] = true);
        let is_there = |placed: Placed| table[placed.index()];
        self.found(all, |chunk| chunk.iter().fold(false, |any, placed| any | is_there(*placed)), is_there)
    }

    /// The first `count` workloads at a place, in order. Hardly ever many, so that whole chunks without any are passed over in
    /// a few vector operations, and the rest once all are found.
    fn found(
        &self,
        count: usize,
        is_any_there: impl Fn(&[Placed]) -> bool,
        is_there: impl Fn(Placed) -> bool,
    ) -> Vec<(usize, usize)> {
        const CHUNK: usize = 64;
        let mut found = Vec::with_capacity(count);
        for (chunk, placed) in self.placed.chunks(CHUNK).enumerate() {
            if found.len() == count {
                break;
            }
            if is_any_there(placed) {
                let own = placed.iter().enumerate().filter(|(_, placed)| is_there(**placed));
                let places = own.map(|(i, _)| chunk * CHUNK + i);
                found.extend(places.map(|w| (self.account_of(w), w)));
            }
        }
        found
    }

    fn look(
        &mut self,
        params: &DemandParams,
        offers: &Offers,
        now: Time,
        chance: impl Fn(&Buyer, Class, &LookParams) -> f64,
    ) -> Looks {
        let mut result = Looks::default();
        for a in 0..self.buyers.len() {
            let buyer = &self.buyers[a];
            if !buyer.adopted {
                continue;
            }
            let looks = &params.segments[buyer.segment.index()].looks;
            let mut chances = [0.0; Class::COUNT];
            for (own, class) in chances.iter_mut().zip(self.classes(buyer.segment)) {
                *own = chance(buyer, *class, looks);
            }
            for (w, chance) in buyer.own().zip(chances) {
                self.perhaps_look(params, offers, now, (a, w), chance, &mut result);
            }
        }
        result
    }

    fn perhaps_look(
        &mut self,
        params: &DemandParams,
        offers: &Offers,
        now: Time,
        (a, w): (usize, usize),
        chance: f64,
        result: &mut Looks,
    ) {
        if self.draws_below(w, chance) {
            result.looked += 1;
            result.moved += u32::from(self.choose(params, offers, now, (a, w)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::JurisdictionId;
    use crate::market::choice::mini_world::{self, AWS, AZURE};
    use crate::market::choice::{Choice, Offer};
    use crate::market::demand::mini_market::{MiniMarket, params, years};

    struct World {
        market: MiniMarket,
        offers: Offers,
        now: Time,
    }

    fn world() -> World {
        let (mut market, offers) = (MiniMarket::new(params()), mini_world::offers());
        market.run(&offers, years(5.0));
        World { market, offers, now: years(5.0) }
    }

    impl World {
        fn count(&self, which: impl Fn(&Offer) -> bool) -> u32 {
            let there = self.offers.iter().filter(|(_, offer)| which(offer));
            there.map(|(option, _)| self.market.state.workloads_on(Choice::Option(option))).sum()
        }

        fn active(&self) -> f64 {
            self.market.state.active_workloads() as f64
        }
    }

    /// Within four standard deviations of a binomial count.
    fn about(count: u32, of: f64, chance: f64) {
        let off = (f64::from(count) - of * chance).abs();
        assert!(off <= 4.0 * (of * chance * (1.0 - chance)).sqrt() + 1e-9, "{count} of {of} at {chance}");
    }

    #[test]
    fn a_launch_turns_more_heads_at_home() {
        let mut world = world();
        let buyers = world.market.state.buyers.iter().filter(|buyer| buyer.adopted && buyer.home == Some(AZURE));
        let at_azure = buyers.map(|buyer| f64::from(buyer.workloads)).sum::<f64>();
        let (option, _) = world.offers.iter().find(|(_, offer)| offer.cloud == Some(AZURE)).unwrap();
        let looks = world.market.state.on_launch(&world.market.params, &world.offers, world.now, &[option]);
        let mean = (0.35 * at_azure + 0.15 * (world.active() - at_azure)) / world.active();
        about(looks.looked, world.active(), mean);
        assert!(looks.moved > 0 && looks.moved < looks.looked);
    }

    #[test]
    fn nobody_looks_at_a_model_for_other_work() {
        let mut world = world();
        world.offers.revise(OptionIndex(0), |offer| {
            offer.quality = [f64::NEG_INFINITY; Class::COUNT];
            offer.quality[Class::Video.index()] = 3.0;
        });
        let looks = world.market.state.on_launch(&world.market.params, &world.offers, world.now, &[OptionIndex(0)]);
        assert_eq!(looks, Looks::default());
    }

    #[test]
    fn a_rise_moves_its_own_customers_and_a_cut_the_labs_others() {
        let option = OptionIndex(1);
        let price = |world: &mut World, relative| {
            world.market.state.on_price_change(&world.market.params, &world.offers, world.now, option, relative).looked
        };
        let own = f64::from(world().market.state.workloads_on(Choice::Option(option)));
        let lab = world().offers[option].lab;
        let labs = f64::from(world().count(|offer| offer.lab == lab));
        about(price(&mut world(), 0.3), own, 0.25);
        about(price(&mut world(), -0.3), labs - own, 0.25);
        assert_eq!(price(&mut world(), 0.15), 0);
        assert_eq!(price(&mut world(), -0.15), 0);
        assert!(own > 100.0 && labs > own + 100.0, "{own} of {labs}");
    }

    #[test]
    fn trouble_on_a_cloud_is_felt_there_if_it_lasts() {
        let mut world = world();
        let there = f64::from(world.count(|offer| offer.cloud == Some(AWS)));
        let (state, params) = (&mut world.market.state, &world.market.params);
        let cloud = Place::Cloud(AWS);
        assert_eq!(state.on_outage(params, &world.offers, world.now, cloud, 4.0), Looks::default());
        assert_eq!(state.on_throttled(params, &world.offers, world.now, cloud, 0.02), Looks::default());
        about(state.clone().on_outage(params, &world.offers, world.now, cloud, 5.0).looked, there, 0.1);
        about(state.clone().on_throttled(params, &world.offers, world.now, cloud, 0.1).looked, there, 0.15);
    }

    #[test]
    fn a_closed_option_empties_at_once() {
        let mut world = world();
        let option = OptionIndex(1);
        let before = world.market.state.workloads_on(Choice::Option(option));
        world.offers.revise(option, |offer| offer.open = false);
        let looks = world.market.state.on_option_closed(&world.market.params, &world.offers, world.now, option);
        assert_eq!(looks, Looks { looked: before, moved: before });
        assert_eq!(world.market.state.workloads_on(Choice::Option(option)), 0);
    }

    #[test]
    fn an_option_that_leaves_a_jurisdiction_loses_who_must_stay_there_and_nobody_else() {
        let mut params = params();
        let (eu, uk) = (JurisdictionId(0), JurisdictionId(1));
        params.segments[2].residency = vec![(eu, 0.3), (uk, 0.2)];
        let (mut market, mut offers) = (MiniMarket::new(params), mini_world::offers());
        market.run(&offers, years(5.0));
        let option = OptionIndex(1);
        let on = |market: &MiniMarket, taste: u16| {
            let of = market.state.buyers.iter().filter(|buyer| buyer.taste.0 == taste);
            of.flat_map(|buyer| market.state.options_of(buyer)).filter(|(_, on)| *on == option).count() as u32
        };
        let before = [2, 3, 4].map(|taste| on(&market, taste));
        assert!(before.iter().all(|there| *there > 10), "{before:?}");
        let lost = Jurisdictions::one(eu);
        offers.revise(option, |offer| offer.residency = offer.residency.without(lost));
        let looks = market.state.on_residency_lost(&market.params, &offers, years(5.0), (option, lost));
        assert_eq!(looks, Looks { looked: before[1], moved: before[1] });
        assert_eq!([2, 3, 4].map(|taste| on(&market, taste)), [before[0], 0, before[2]]);
    }

    #[test]
    #[should_panic(expected = "is still open")]
    fn an_open_option_does_not_close() {
        let mut world = world();
        world.market.state.on_option_closed(&world.market.params, &world.offers, world.now, OptionIndex(1));
    }

    #[test]
    fn free_switching_moves_more_of_those_that_look() {
        let share = |factor| {
            let mut world = world();
            let looks = world.market.state.on_policy_shift(&world.market.params, &world.offers, world.now, factor);
            about(looks.looked, world.active(), 0.3);
            f64::from(looks.moved) / f64::from(looks.looked)
        };
        let (costly, free) = (share(1.0), share(0.0));
        assert!(free > costly + 0.3, "{free} against {costly}");
    }
}
