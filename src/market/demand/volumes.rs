//! How much is used where: workloads' spend by option, and its response to prices.

use super::discounts::{DiscountParams, Terms};
use super::growth::isoelastic;
use super::params::{DemandParams, SegmentParams};
use crate::ids::{CloudId, SegmentId};
use crate::market::choice::{Choice, Offers, OptionIndex};
use crate::supply::params::Class;
use crate::units::Time;
use serde::{Deserialize, Serialize};

/// Tables by slot, the outside option's being 0, and in each by row: by segment and class. What is on one option stands together.
///
/// Volume of a workload: `v = w·S·x(t)·i(t)/P₀ · response`, with
/// `response = clamp((p̄/P₀)^ε, 1/f, f)`.
///
/// v [million tokens/year] · w accounts that its account stands for [1] · S the account's reference spend [USD/year] ·
/// x its class's share of the mix [1] · i volume index [1] · P₀ the class's reference price [USD per million tokens] ·
/// p̄ the option's price smoothed over months · ε elasticity [1] · f wallet factor [1].
/// Outside, no price is paid and the response is 1. What is paid follows from volume and list price by [`DiscountParams`].
/// Limits: the price is smoothed per option, so a workload that moves to a cheaper one responds in full at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Volumes {
    rows: usize,
    /// Σ w·S [USD/year], as it counts for tokens and, at list prices, for money.
    base: Vec<[f64; 2]>,
    /// What buyers negotiate, by segment.
    terms: Vec<Terms>,
    /// Other clouds that sell the same model to a segment, by slot and in each by segment, as of the last month's end.
    others: Vec<u8>,
    /// p̄ [USD per million tokens]; outside, where no price is paid, nothing.
    smoothed: Vec<f64>,
    /// Response [1].
    response: Vec<f64>,
    /// Workloads by slot.
    workloads: Vec<u32>,
    /// Choices ever made by slot.
    times_chosen: Vec<u64>,
}

/// Volumes by option and class; zero for options that were not asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OptionVolumes {
    /// Tokens [million tokens over a time].
    pub mtok: Vec<[f64; Class::COUNT]>,
    /// What of it is paid for at the list price, discounts taken off [million tokens over the same time].
    pub paid: Vec<[f64; Class::COUNT]>,
    /// Options that may have some.
    told: Vec<OptionIndex>,
}

impl OptionVolumes {
    /// Clears the tables and makes room for so many options, at least.
    fn begin(&mut self, options: usize) {
        for option in self.told.drain(..) {
            self.mtok[option.index()] = [0.0; Class::COUNT];
            self.paid[option.index()] = [0.0; Class::COUNT];
        }
        self.make_room(options);
    }

    /// Makes room for so many options, at least.
    pub fn make_room(&mut self, options: usize) {
        let options = options.max(self.mtok.len());
        self.mtok.resize(options, [0.0; Class::COUNT]);
        self.paid.resize(options, [0.0; Class::COUNT]);
    }
}

/// A workload's place in the tables.
#[derive(Clone, Copy, Debug)]
pub(super) struct Share {
    pub segment: SegmentId,
    pub class: Class,
    /// w·S [USD/year].
    pub usd_per_year: f64,
    /// Tier of the account's discount.
    pub tier: u8,
}

fn slot(choice: Choice) -> usize {
    match choice {
        Choice::Outside => 0,
        Choice::Option(option) => option.index() + 1,
    }
}

fn row(segment: SegmentId, class: Class) -> usize {
    segment.index() * Class::COUNT + class.index()
}

/// How volume answers the smoothed price: `clamp((p̄/P₀)^ε, 1/f, f)` [1].
fn response(segment: &SegmentParams, reference_price: f64, smoothed_price: f64) -> f64 {
    let f = segment.wallet_factor;
    isoelastic(1.0, reference_price, segment.elasticity, smoothed_price).clamp(1.0 / f, f)
}

/// One month of smoothing: `p̄ + (p − p̄)·min(1, 1/months)`.
fn smooth(smoothed: f64, price: f64, months: f64) -> f64 {
    smoothed + (price - smoothed) * (1.0 / months).min(1.0)
}

impl Volumes {
    pub fn new(params: &DemandParams) -> Self {
        let rows = params.segments.len() * Class::COUNT;
        Self {
            rows,
            base: vec![[0.0; 2]; rows],
            terms: terms(params),
            others: vec![0; params.segments.len()],
            smoothed: vec![0.0; rows],
            response: vec![1.0; rows],
            workloads: vec![0],
            times_chosen: vec![0],
        }
    }

    /// Makes room for options that are new since the last call; their smoothed price starts at today's.
    #[inline]
    pub fn admit(&mut self, params: &DemandParams, offers: &Offers) {
        if self.workloads.len() != offers.len() + 1 {
            self.admit_new(params, offers);
        }
    }

    #[cold]
    fn admit_new(&mut self, params: &DemandParams, offers: &Offers) {
        let known = self.workloads.len() - 1;
        self.workloads.resize(offers.len() + 1, 0);
        self.times_chosen.resize(offers.len() + 1, 0);
        self.base.resize((offers.len() + 1) * self.rows, [0.0; 2]);
        for (_, offer) in offers.iter().skip(known) {
            for segment in &params.segments {
                self.smoothed.extend(offer.price_usd_per_mtok);
                let both = offer.price_usd_per_mtok.iter().zip(&params.reference_price_usd_per_mtok);
                self.response.extend(both.map(|(price, reference)| response(segment, *reference, *price)));
            }
        }
        self.count_others(params, offers, known);
    }

    /// Counts afresh, for the options from a position on, the other clouds that sell the same model to each segment.
    fn count_others(&mut self, params: &DemandParams, offers: &Offers, from: usize) {
        let segments = params.segments.len();
        self.others.resize((offers.len() + 1) * segments, 0);
        for (s, segment) in params.segments.iter().enumerate() {
            let mut sellers: Vec<Vec<CloudId>> = Vec::new();
            let of = offers.open().iter().map(|option| &offers[*option]);
            for offer in of.filter(|offer| offer.certification >= segment.taste.certification) {
                let model = offer.model.index();
                sellers.resize_with(sellers.len().max(model + 1), Vec::new);
                let known = &mut sellers[model];
                if let Some(cloud) = offer.cloud.filter(|cloud| !known.contains(cloud)) {
                    known.push(cloud);
                }
            }
            for (option, offer) in offers.iter().skip(from) {
                let all = sellers.get(offer.model.index()).map_or(&[][..], Vec::as_slice);
                let other = all.iter().filter(|cloud| Some(**cloud) != offer.cloud).count();
                self.others[slot(Choice::Option(option)) * segments + s] = u8::try_from(other).unwrap_or(u8::MAX);
            }
        }
    }

    /// Lets the smoothed prices of open and of used options follow today's, and the responses them.
    /// What buyers negotiate follows who sells: the tables are to be added up afresh.
    pub fn on_month(&mut self, params: &DemandParams, offers: &Offers) {
        self.admit(params, offers);
        if params.discounts.is_some() {
            self.count_others(params, offers, 0);
        }
        for (option, offer) in offers.iter() {
            let slot = slot(Choice::Option(option));
            if !offer.open && self.workloads[slot] == 0 {
                continue;
            }
            for (s, segment) in params.segments.iter().enumerate() {
                for class in Class::ALL {
                    let cell = self.cell(slot, row(SegmentId::new(s), class));
                    let price = offer.price_usd_per_mtok[class.index()];
                    if self.smoothed[cell] == price {
                        continue;
                    }
                    self.smoothed[cell] = smooth(self.smoothed[cell], price, segment.price_smoothing_months);
                    let reference = params.reference_price_usd_per_mtok[class.index()];
                    self.response[cell] = response(segment, reference, self.smoothed[cell]);
                }
            }
        }
    }

    /// Works out the responses afresh, after segments came to answer prices or to negotiate otherwise; the tables are to be added up
    /// afresh.
    pub fn respond_again(&mut self, params: &DemandParams) {
        self.terms = terms(params);
        for slot in 1..self.workloads.len() {
            for (s, segment) in params.segments.iter().enumerate() {
                for class in Class::ALL {
                    let cell = self.cell(slot, row(SegmentId::new(s), class));
                    let reference = params.reference_price_usd_per_mtok[class.index()];
                    self.response[cell] = response(segment, reference, self.smoothed[cell]);
                }
            }
        }
    }

    fn cell(&self, slot: usize, row: usize) -> usize {
        slot * self.rows + row
    }

    /// Counts a choice, and moves the workload to it from where it was.
    pub fn place(&mut self, share: &Share, from: Option<Choice>, to: Choice) {
        self.times_chosen[slot(to)] += 1;
        if from == Some(to) {
            return;
        }
        if let Some(from) = from {
            self.workloads[slot(from)] -= 1;
            let [tokens, money] = self.counted(share, from);
            let cell = self.cell(slot(from), row(share.segment, share.class));
            let base = &mut self.base[cell];
            base[0] -= tokens;
            base[1] -= money;
        }
        self.add(share, to);
    }

    #[inline]
    fn add(&mut self, share: &Share, to: Choice) {
        self.workloads[slot(to)] += 1;
        let [tokens, money] = self.counted(share, to);
        let cell = self.cell(slot(to), row(share.segment, share.class));
        let base = &mut self.base[cell];
        base[0] += tokens;
        base[1] += money;
    }

    /// w·S of a workload as it counts for tokens and money on a choice [USD/year].
    #[inline]
    fn counted(&self, share: &Share, on: Choice) -> [f64; 2] {
        let s = share.segment.index();
        match on {
            Choice::Outside => [share.usd_per_year; 2],
            Choice::Option(_) => {
                let others = self.others[slot(on) * self.terms.len() + s];
                self.terms[s].of(share.tier, others).map(|factor| factor * share.usd_per_year)
            }
        }
    }

    /// Other clouds that sell the same model to a segment as a choice; none outside.
    pub fn others(&self, segment: SegmentId, on: Choice) -> u8 {
        let place = slot(on) * self.terms.len() + segment.index();
        self.others.get(place).copied().unwrap_or(0)
    }

    /// Adds the tables up afresh.
    pub fn rebuild(&mut self, placed: impl Iterator<Item = (Share, Choice)>) {
        self.base.fill([0.0; 2]);
        self.workloads.fill(0);
        for (share, choice) in placed {
            self.add(&share, choice);
        }
    }

    /// Volume of one segment and class on a choice [million tokens/year].
    pub fn mtok_per_year(&self, params: &DemandParams, key: (SegmentId, Class), on: Choice, now: Time) -> f64 {
        self.volume(row(key.0, key.1), on)[0] * per_usd(params, key.0, key.1, now)
    }

    /// Volume by option and class over all segments, for the given options, into `out`; the others have none.
    pub fn fill_mtok_per_year(
        &self,
        params: &DemandParams,
        now: Time,
        options: &[OptionIndex],
        out: &mut OptionVolumes,
    ) {
        out.begin(self.workloads.len() - 1);
        let mut factors = vec![[0.0; Class::COUNT]; params.segments.len()];
        for (segment, factors) in params.segments.iter().zip(&mut factors) {
            let (years, growth) = (now.years(), segment.growth(now.years()));
            for ((factor, mix), price) in
                factors.iter_mut().zip(&segment.class_mix).zip(&params.reference_price_usd_per_mtok)
            {
                *factor = mix.at_years(years) * growth / price;
            }
        }
        // Options that nobody could choose yet have no volume.
        for option in options.iter().copied().filter(|option| option.index() < self.workloads.len() - 1) {
            let own = slot(Choice::Option(option)) * self.rows..;
            let bases = self.base[own.clone()].as_chunks::<{ Class::COUNT }>().0;
            let responses = self.response[own].as_chunks::<{ Class::COUNT }>().0;
            let mut both = [[0.0; 2]; Class::COUNT];
            for ((base, response), factor) in bases.iter().zip(responses).zip(&factors) {
                for class in 0..Class::COUNT {
                    let answered = response[class] * factor[class];
                    both[class][0] += base[class][0] * answered;
                    both[class][1] += base[class][1] * answered;
                }
            }
            out.mtok[option.index()] = both.map(|[tokens, _]| tokens);
            out.paid[option.index()] = both.map(|[_, money]| money);
            out.told.push(option);
        }
    }

    /// What a segment pays on each option that it uses, at today's prices [USD/year], class by class.
    pub fn each_spend(
        &self,
        params: &DemandParams,
        offers: &Offers,
        segment: SegmentId,
        now: Time,
        mut each: impl FnMut(OptionIndex, f64),
    ) {
        let factors = Class::ALL.map(|class| per_usd(params, segment, class, now));
        let first = row(segment, Class::ALL[0]);
        let uses = |option: &OptionIndex| {
            let cell = self.cell(slot(Choice::Option(*option)), first);
            self.base.get(cell..cell + Class::COUNT).is_some_and(|own| own.iter().any(|[_, money]| *money != 0.0))
        };
        let used: Vec<OptionIndex> = offers.iter().map(|(option, _)| option).filter(uses).collect();
        for (class, factor) in Class::ALL.into_iter().zip(factors).filter(|(_, factor)| *factor > 0.0) {
            for &option in &used {
                let [_, paid] = self.volume(row(segment, class), Choice::Option(option));
                each(option, paid * factor * offers[option].price_usd_per_mtok[class.index()]);
            }
        }
    }

    pub fn workloads_on(&self, choice: Choice) -> u32 {
        self.workloads.get(slot(choice)).copied().unwrap_or(0)
    }

    pub fn times_chosen(&self, choice: Choice) -> u64 {
        self.times_chosen.get(slot(choice)).copied().unwrap_or(0)
    }

    /// Base times response, as tokens and as money [USD/year at reference prices, before mix and index].
    fn volume(&self, row: usize, on: Choice) -> [f64; 2] {
        let cell = self.cell(slot(on), row);
        let base = self.base.get(cell).copied().unwrap_or([0.0; 2]);
        base.map(|usd| usd * self.response.get(cell).copied().unwrap_or(1.0))
    }
}

/// What the buyers of each segment negotiate.
fn terms(params: &DemandParams) -> Vec<Terms> {
    let nothing = DiscountParams::default();
    let discounts = params.discounts.as_ref().unwrap_or(&nothing);
    params.segments.iter().map(|segment| Terms::new(discounts, segment, params.clouds)).collect()
}

/// Million tokens a year for a dollar of reference spend a year.
fn per_usd(params: &DemandParams, segment: SegmentId, class: Class, now: Time) -> f64 {
    let factor = params.segments[segment.index()].volume_factor(class, now.years());
    factor / params.reference_price_usd_per_mtok[class.index()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::choice::mini_world;
    use crate::market::demand::mini_market;

    const CODING: usize = Class::Coding as usize;

    fn share() -> Share {
        Share { segment: SegmentId(2), class: Class::Coding, usd_per_year: 6e6, tier: 0 }
    }

    #[test]
    fn volume_by_hand() {
        let (mut params, mut offers) = (mini_market::params(), mini_world::offers());
        params.reference_price_usd_per_mtok[CODING] = 4.0;
        let option = OptionIndex(9);
        offers.revise(option, |offer| offer.price_usd_per_mtok[CODING] = 1.0);
        let mut volumes = Volumes::new(&params);
        volumes.admit(&params, &offers);
        volumes.place(&share(), None, Choice::Option(option));
        let segment = &params.segments[2];
        let now = Time((segment.reference_years * 365.25 * 86_400.0) as u64);
        let mix = segment.class_mix[CODING].at(now);
        // 6M USD ÷ 4 USD per million tokens × the class's share × (1/4)^−0.5 = 2.
        let expected = 6e6 / 4.0 * mix * 2.0;
        let key = (SegmentId(2), Class::Coding);
        let volume = volumes.mtok_per_year(&params, key, Choice::Option(option), now);
        assert!((volume / expected - 1.0).abs() < 1e-7, "{volume} is not {expected}");
        let mut table = OptionVolumes::default();
        let all: Vec<OptionIndex> = offers.iter().map(|(option, _)| option).collect();
        volumes.fill_mtok_per_year(&params, now, &all, &mut table);
        assert_eq!(table.paid, table.mtok, "without discounts the list price is paid");
        assert_eq!(table.mtok[9][CODING], volume);
        volumes.fill_mtok_per_year(&params, now, &all[..9], &mut table);
        assert_eq!([&table.mtok[9], &table.paid[9]], [&[0.0; Class::COUNT]; 2], "it was not asked for");
        volumes.place(&share(), Some(Choice::Option(option)), Choice::Outside);
        let outside = volumes.mtok_per_year(&params, key, Choice::Outside, now);
        assert!((outside / (expected / 2.0) - 1.0).abs() < 1e-7, "outside there is no response to a price");
        assert_eq!(volumes.mtok_per_year(&params, key, Choice::Option(option), now), 0.0);
        assert_eq!((volumes.workloads_on(Choice::Outside), volumes.times_chosen(Choice::Option(option))), (1, 1));
    }

    #[test]
    fn the_wallet_bounds_the_response() {
        let segment =
            SegmentParams { wallet_factor: 3.0, elasticity: -0.5, ..mini_market::params().segments[2].clone() };
        assert_eq!(response(&segment, 4.0, 1.0), 2.0);
        assert_eq!(response(&segment, 4.0, 0.01), 3.0);
        assert_eq!(response(&segment, 4.0, 400.0), 1.0 / 3.0);
    }

    #[test]
    fn smoothing_by_hand() {
        assert_eq!(smooth(8.0, 4.0, 4.0), 7.0);
        assert_eq!(smooth(8.0, 4.0, 0.5), 4.0);
    }

    #[test]
    fn a_price_cut_works_through_over_months() {
        let (params, mut offers) = (mini_market::params(), mini_world::offers());
        let mut volumes = Volumes::new(&params);
        volumes.admit(&params, &offers);
        volumes.place(&share(), None, Choice::Option(OptionIndex(9)));
        let volume = |volumes: &Volumes| {
            volumes.mtok_per_year(&params, (SegmentId(2), Class::Coding), Choice::Option(OptionIndex(9)), Time(0))
        };
        let start = volume(&volumes);
        volumes.on_month(&params, &offers);
        assert_eq!(volume(&volumes), start);
        offers.revise(OptionIndex(9), |offer| offer.price_usd_per_mtok[CODING] *= 0.25);
        let mut last = start;
        for _ in 0..200 {
            volumes.on_month(&params, &offers);
            assert!(volume(&volumes) >= last);
            last = volume(&volumes);
        }
        assert!((last / start - 2.0).abs() < 1e-9, "4^0.5 in the long run, {}", last / start);
    }

    /// Of the models of the fourth lab four clouds have each: 10 % and three others at 3 % are 19 %, where spend has the 13 %
    /// of one other in it, so that 0.81/0.87 of the list price is paid, and tokens rise by the root of its inverse.
    #[test]
    fn who_can_take_its_model_elsewhere_pays_less() {
        let (mut params, mut offers) = (mini_market::params(), mini_world::offers());
        params.segments[2].elasticity = -0.5;
        let discounts =
            DiscountParams { tiers: vec![(1e6, 0.1)], per_other_cloud: 0.03, cap: 0.4, usual_other_clouds: 1.0 };
        params.discounts = Some(discounts);
        let (option, _) = offers.iter().find(|(_, offer)| offer.lab.index() == 3).unwrap();
        let pay = |params: &DemandParams, offers: &Offers, share: Share| {
            let mut volumes = Volumes::new(params);
            volumes.admit(params, offers);
            volumes.place(&share, None, Choice::Option(option));
            let mut table = OptionVolumes::default();
            volumes.fill_mtok_per_year(params, Time(0), &[option], &mut table);
            (table.mtok[option.index()][CODING], table.paid[option.index()][CODING])
        };
        let (list, _) = pay(&params, &offers, share());
        let (tokens, money) = pay(&params, &offers, Share { tier: 1, ..share() });
        let price: f64 = 0.81 / 0.87;
        assert!((money / tokens - price).abs() < 1e-12, "{}", money / tokens);
        assert!((tokens / list - 1.0 / price.sqrt()).abs() < 1e-12, "{}", tokens / list);
        // Nobody else sells it any more: 0.9/0.87.
        let others: Vec<OptionIndex> = offers
            .iter()
            .filter(|(o, offer)| *o != option && offer.model == offers[option].model)
            .map(|(o, _)| o)
            .collect();
        others.iter().for_each(|other| offers.revise(*other, |offer| offer.open = false));
        let (tokens, money) = pay(&params, &offers, Share { tier: 1, ..share() });
        assert!((money / tokens - 0.9 / 0.87).abs() < 1e-12, "{}", money / tokens);
    }

    /// A workload that leaves takes with it what it brought, whatever has opened in between.
    #[test]
    fn tables_hold_while_sellers_come_and_go() {
        let (mut params, mut offers) = (mini_market::params(), mini_world::offers());
        params.discounts =
            Some(DiscountParams { tiers: vec![(1e6, 0.1)], per_other_cloud: 0.05, cap: 0.4, usual_other_clouds: 0.0 });
        let option = OptionIndex(9);
        let mut volumes = Volumes::new(&params);
        volumes.admit(&params, &offers);
        volumes.place(&Share { tier: 1, ..share() }, None, Choice::Option(option));
        for closed in 0..30 {
            offers.revise(OptionIndex(closed), |offer| offer.open = false);
        }
        volumes.place(&Share { tier: 1, ..share() }, Some(Choice::Option(option)), Choice::Outside);
        let cell = volumes.cell(slot(Choice::Option(option)), row(SegmentId(2), Class::Coding));
        assert_eq!(volumes.base[cell], [0.0; 2]);
    }
}
