//! Accounts that adopt and workloads that choose.

use super::accounts::{Account, Buyer, draw_accounts};
use super::clouds::reach;
use super::commitments::Commitment;
use super::dice::Dice;
use super::homes::Homes;
use super::overlap::Overlap;
use super::params::{DemandParams, SegmentParams};
use super::volumes::{OptionVolumes, Share, Volumes};
use crate::engine::prefetch;
use crate::ids::{CloudId, SegmentId};
use crate::market::choice::{Choice, ChoiceKey, Chooser, Offers, OptionIndex, TasteId, half_years};
use crate::supply::params::Class;
use crate::units::{Span, Time, YEAR_DAYS};
use serde::{Deserialize, Serialize};

/// Position of an account among all segments' simulated accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AccountIndex(pub u32);

/// Position of a workload among all accounts' workloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct WorkloadIndex(pub u32);

/// What happens by itself on the demand side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum DemandEvent {
    /// An account starts to buy.
    Adopted(AccountIndex),
    /// A workload's agreement is up: it chooses again.
    Renewal(WorkloadIndex),
}

/// One account's work of one class: what is its own. All else is its account's.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Workload<S> {
    stream: S,
    /// When it came to its current provider.
    since: Time,
}

/// The accounts and workloads of a segment: as many workloads each, side by side.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Block {
    first_account: u32,
    first_workload: u32,
    /// Of the workloads of each account, in order.
    classes: Vec<Class>,
}

impl Buyer {
    fn share(&self, class: Class) -> Share {
        Share { segment: self.segment, class, usd_per_year: self.usd_per_year, tier: self.tier }
    }

    /// What a choice for its work of a class depends on, beside the offers, where `current` is in use for so long.
    fn key(&self, class: Class, current: Option<OptionIndex>, tenure: Span) -> ChoiceKey {
        ChoiceKey {
            taste: self.taste,
            class,
            home: self.home,
            committed: self.committed,
            current,
            tenure_half_years: half_years(tenure),
        }
    }
}

/// What accounts of one home spend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HomeSpend {
    /// Their home cloud.
    pub home: Option<CloudId>,
    /// Whether they draw down a commitment there.
    pub committed: bool,
    /// At reference prices [USD/year].
    pub usd_per_year: f64,
}

/// State of the demand side.
///
/// Always used with the same [`DemandParams`] and [`Offers`]; workloads of an account stand next to each other.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DemandState<S> {
    pub(super) accounts: Vec<Account>,
    /// By account.
    pub(super) buyers: Vec<Buyer>,
    /// By segment.
    blocks: Vec<Block>,
    workloads: Vec<Workload<S>>,
    /// By workload, apart from the rest since all of them are looked through whenever something happens to an option.
    pub(super) placed: Vec<Placed>,
    pub(super) chooser: Chooser,
    pub(super) volumes: Volumes,
    /// Worked out when first asked for in a month.
    pub(super) overlap: Option<Overlap>,
    pub(super) homes: Homes<S>,
    /// By account, of those that have made one.
    pub(super) commitments: Vec<Option<Commitment>>,
    /// Month to date: choices of real accounts that were out of stock, by provider.
    pub(super) redirected: Vec<f64>,
    /// Clouds that the account which chooses has.
    #[serde(skip)]
    has: Vec<bool>,
}

impl<S: Dice> DemandState<S> {
    /// Draws the accounts and lists when they adopt; those that did before the start do at its first instant, those
    /// that would beyond the horizon never.
    ///
    /// `make_stream` gives the random stream of (entity, purpose): a segment's for its accounts, and
    /// `segment/account/class` for each workload's choices.
    pub fn new(
        params: &DemandParams,
        mut make_stream: impl FnMut(&str, &str) -> S,
    ) -> (Self, Vec<(Time, DemandEvent)>) {
        let mut state = Self {
            accounts: Vec::new(),
            buyers: Vec::new(),
            blocks: Vec::new(),
            workloads: Vec::new(),
            placed: Vec::new(),
            chooser: Chooser::new(params.tastes(), params.clouds),
            volumes: Volumes::new(params),
            overlap: None,
            homes: Homes::new(
                params.segments.iter().map(|s| make_stream(&s.id, "home drift")).collect(),
                params.clouds,
            ),
            commitments: Vec::new(),
            redirected: vec![0.0; params.clouds + params.labs],
            has: Vec::new(),
        };
        for (s, segment) in params.segments.iter().enumerate() {
            let classes = segment.classes(params.horizon.years());
            let (first_account, first_workload) = (state.accounts.len() as u32, state.workloads.len() as u32);
            for (number, account) in draw_accounts(SegmentId::new(s), segment, &mut make_stream).into_iter().enumerate()
            {
                let taste = params.taste_of(account.segment, account.residency);
                let tier = params.tier(account.spend_usd_per_year);
                state.enrol(account, (segment, taste, tier), &classes, |class| {
                    let name = format!("{}/{}/{}", segment.id, number + 1, stream_name(class));
                    make_stream(&name, "choice")
                });
            }
            state.blocks.push(Block { first_account, first_workload, classes });
        }
        state.count_homes(params);
        let adoptions = state.adoptions(params.horizon);
        (state, adoptions)
    }

    fn enrol(
        &mut self,
        account: Account,
        (segment, taste, tier): (&SegmentParams, TasteId, u8),
        classes: &[Class],
        mut stream: impl FnMut(Class) -> S,
    ) {
        self.buyers.push(Buyer {
            usd_per_year: account.spend_usd_per_year * segment.weight(),
            first_workload: u32::try_from(self.workloads.len()).expect("fewer workloads than 2³²"),
            workloads: classes.len() as u8,
            segment: account.segment,
            taste,
            home: account.home,
            committed: account.committed,
            tier,
            adopted: false,
        });
        self.workloads.extend(classes.iter().map(|class| Workload { stream: stream(*class), since: Time(0) }));
        self.placed.resize(self.workloads.len(), Placed::default());
        self.accounts.push(account);
        self.settle_home(self.accounts.len() - 1);
    }

    fn adoptions(&self, horizon: Time) -> Vec<(Time, DemandEvent)> {
        let events = self.accounts.iter().enumerate().map(|(i, account)| {
            let index = AccountIndex(i as u32);
            (account.adopts(), DemandEvent::Adopted(index))
        });
        events.filter(|(time, _)| *time < horizon).collect()
    }

    /// Lets an event happen, and adds what follows from it to `schedule`.
    pub fn handle(
        &mut self,
        params: &DemandParams,
        offers: &Offers,
        now: Time,
        event: DemandEvent,
        schedule: &mut Vec<(Time, DemandEvent)>,
    ) {
        match event {
            DemandEvent::Adopted(account) => {
                self.buyers[account.0 as usize].adopted = true;
                self.commit(params, now, account);
                let a = account.0 as usize;
                for w in self.workloads_of(account) {
                    self.choose(params, offers, now, (a, w));
                    // Half to one and a half periods, so that renewals do not come in step.
                    let periods = 0.5 + self.workloads[w].stream.uniform();
                    self.schedule_renewal(params, now, (a, w), periods, schedule);
                }
            }
            DemandEvent::Renewal(workload) => {
                let w = workload.0 as usize;
                let a = self.account_of(w);
                self.choose(params, offers, now, (a, w));
                self.schedule_renewal(params, now, (a, w), 1.0, schedule);
            }
        }
    }

    fn schedule_renewal(
        &self,
        params: &DemandParams,
        now: Time,
        (a, w): (usize, usize),
        periods: f64,
        schedule: &mut Vec<(Time, DemandEvent)>,
    ) {
        let months = params.segments[self.buyers[a].segment.index()].renewal_months * periods;
        let due = now + Span::from_days(months * YEAR_DAYS / 12.0);
        if due < params.horizon {
            schedule.push((due, DemandEvent::Renewal(WorkloadIndex(w as u32))));
        }
    }

    /// Lets workload `w` of account `a` choose; whether it moved.
    pub(super) fn choose(&mut self, params: &DemandParams, offers: &Offers, now: Time, (a, w): (usize, usize)) -> bool {
        self.volumes.admit(params, offers);
        let current = self.option_of(w);
        let (workload, buyer) = (&mut self.workloads[w], &self.buyers[a]);
        let class = self.blocks[buyer.segment.index()].classes[w - buyer.first_workload as usize];
        let key = buyer.key(class, current, now.since(workload.since));
        let u = workload.stream.uniform();
        let segment = &params.segments[buyer.segment.index()];
        let (placed, has) = (&self.placed, &mut self.has);
        let picked = self.chooser.choose_within(offers, &key, u, || {
            let own = (&placed[buyer.own()], buyer.home, buyer.usd_per_year);
            reach(segment, offers, now, own, has, params.clouds)
        });
        if let Some(option) = picked.out_of_stock {
            self.redirected[params.place(offers[option].provider())] += segment.weight();
        }
        let choice = picked.choice;
        let provider = |option: OptionIndex| offers[option].provider();
        let from = std::mem::replace(&mut self.placed[w], Placed::on(choice)).choice();
        if self.option_of(w).map(provider) != current.map(provider) {
            self.workloads[w].since = now;
        }
        self.volumes.place(&buyer.share(class), from, choice);
        from != Some(choice)
    }

    /// True with probability `chance`, from workload `w`'s own stream.
    pub(super) fn draws_below(&mut self, w: usize, chance: f64) -> bool {
        chance >= 1.0 || (chance > 0.0 && self.workloads[w].stream.uniform() < chance)
    }

    /// Month's end: smoothed prices follow today's, volumes respond, and the tables are added up afresh so that
    /// rounding cannot drift.
    pub fn on_month(&mut self, params: &DemandParams, offers: &Offers) {
        self.volumes.on_month(params, offers);
        self.overlap = None;
        self.redirected.fill(0.0);
        self.rebuild();
    }

    /// Adds the volume tables up afresh from the workloads.
    pub fn rebuild(&mut self) {
        let placed = self.buyers.iter().flat_map(|buyer| {
            let own = self.blocks[buyer.segment.index()].classes.iter().zip(&self.placed[buyer.own()]);
            own.filter_map(|(class, placed)| Some((buyer.share(*class), placed.choice()?)))
        });
        self.volumes.rebuild(placed);
    }
}

/// What can be asked of the state.
impl<S> DemandState<S> {
    /// Every simulated account, adopted or not.
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// The option that workload `w` is on.
    pub(super) fn option_of(&self, w: usize) -> Option<OptionIndex> {
        self.placed[w].option()
    }

    /// The options that an account's workloads are on, workload by workload, with their classes.
    pub(super) fn options_of(&self, buyer: &Buyer) -> impl Iterator<Item = (Class, OptionIndex)> {
        let own = self.classes(buyer.segment).iter().zip(&self.placed[buyer.own()]);
        own.filter_map(|(class, placed)| Some((*class, placed.option()?)))
    }

    /// Those of a segment's accounts' workloads, in order.
    pub(super) fn classes(&self, segment: SegmentId) -> &[Class] {
        &self.blocks[segment.index()].classes
    }

    /// Fetches what a choice of workload `w` of account `a` reads first into the cache.
    pub(super) fn fetch(&self, (a, w): (usize, usize)) {
        prefetch(&self.buyers, a);
        prefetch(&self.workloads, w);
        prefetch(&self.placed, w);
    }

    /// Fetches what an event will read first into the cache.
    pub fn fetch_for(&self, event: DemandEvent) {
        if let DemandEvent::Renewal(workload) = event {
            let w = workload.0 as usize;
            self.fetch((self.account_of(w), w));
        }
    }

    /// Position of a workload's account: worked out, so that nothing has to be read before it can be fetched.
    pub(super) fn account_of(&self, w: usize) -> usize {
        let w = w as u32;
        let begun = self.blocks.iter().filter(|block| block.first_workload <= w).count();
        let block = &self.blocks[begun - 1];
        (block.first_account + (w - block.first_workload) / block.classes.len() as u32) as usize
    }

    pub(super) fn workloads_of(&self, account: AccountIndex) -> std::ops::Range<usize> {
        self.buyers[account.0 as usize].own()
    }

    /// Volume on each of the given options, by class [million tokens/year], into `out`; the other options have none there.
    ///
    /// Options that nobody could choose yet may be missing at the end.
    pub fn fill_mtok_per_year(
        &self,
        params: &DemandParams,
        now: Time,
        options: &[OptionIndex],
        out: &mut OptionVolumes,
    ) {
        self.volumes.fill_mtok_per_year(params, now, options, out);
    }

    /// Volume of one segment's work of a class on a choice [million tokens/year].
    pub fn segment_mtok_per_year(
        &self,
        params: &DemandParams,
        segment: SegmentId,
        class: Class,
        on: Choice,
        now: Time,
    ) -> f64 {
        self.volumes.mtok_per_year(params, (segment, class), on, now)
    }

    /// Volume of all segments' work of a class on a choice [million tokens/year].
    pub fn mtok_per_year(&self, params: &DemandParams, class: Class, on: Choice, now: Time) -> f64 {
        let segments = (0..params.segments.len()).map(SegmentId::new);
        segments.map(|segment| self.segment_mtok_per_year(params, segment, class, on, now)).sum()
    }

    /// What a segment spends at today's prices [USD/year].
    pub fn spend_usd_per_year(&self, params: &DemandParams, offers: &Offers, segment: SegmentId, now: Time) -> f64 {
        self.spend_by_lab(params, offers, segment, now).iter().sum()
    }

    /// What a segment spends at today's prices on each lab's models [USD/year]; labs without an option may be missing at the
    /// end.
    pub fn spend_by_lab(&self, params: &DemandParams, offers: &Offers, segment: SegmentId, now: Time) -> Vec<f64> {
        let labs = offers.iter().map(|(_, offer)| offer.lab.index() + 1).max().unwrap_or(0);
        let mut spend = vec![0.0; labs];
        self.volumes.each_spend(params, offers, segment, now, |option, usd| spend[offers[option].lab.index()] += usd);
        spend
    }

    /// Accounts of a segment that have adopted [accounts, weighted].
    pub fn active_accounts(&self, params: &DemandParams, segment: SegmentId) -> f64 {
        let active = self.buyers.iter().filter(|buyer| buyer.adopted && buyer.segment == segment);
        active.count() as f64 * params.segments[segment.index()].weight()
    }

    /// Spend at reference prices of the workloads in use, by taste and class, then by home cloud and whether a commitment is
    /// drawn down there [USD/year]; those who spend nothing are left out.
    pub fn spend_by_home(&self, params: &DemandParams, now: Time) -> Vec<[Vec<HomeSpend>; Class::COUNT]> {
        let homes = 2 * (params.clouds + 1);
        let mut sums = vec![0.0; self.chooser.tastes() * Class::COUNT * homes];
        for buyer in self.buyers.iter().filter(|buyer| buyer.adopted) {
            let home = 2 * buyer.home.map_or(0, |home| home.index() + 1) + usize::from(buyer.committed);
            for class in self.classes(buyer.segment) {
                let cell = (buyer.taste.index() * Class::COUNT + class.index()) * homes + home;
                sums[cell] += buyer.usd_per_year;
            }
        }
        let segments = params.segments.iter().flat_map(|segment| segment.tastes().map(move |_| segment));
        let mut spend: Vec<[Vec<HomeSpend>; Class::COUNT]> = vec![Default::default(); self.chooser.tastes()];
        for (taste, (segment, classes)) in segments.zip(&mut spend).enumerate() {
            for class in Class::ALL {
                let factor = segment.volume_factor(class, now.years());
                let cells = &sums[(taste * Class::COUNT + class.index()) * homes..][..homes];
                let spends = |(cell, usd): (usize, &f64)| HomeSpend {
                    home: (cell >= 2).then(|| CloudId::new(cell / 2 - 1)),
                    committed: cell % 2 == 1,
                    usd_per_year: usd * factor,
                };
                let some = cells.iter().enumerate().filter(|(_, usd)| **usd > 0.0);
                classes[class.index()] = some.map(spends).collect();
            }
        }
        spend
    }

    /// Simulated workloads, of accounts that have adopted and of others.
    pub fn workloads(&self) -> usize {
        self.workloads.len()
    }

    /// Simulated workloads of accounts that have adopted.
    pub fn active_workloads(&self) -> usize {
        self.buyers.iter().filter(|buyer| buyer.adopted).map(|buyer| usize::from(buyer.workloads)).sum()
    }

    /// What each workload of an account that has adopted would choose by now.
    pub fn choice_keys(&self, now: Time) -> impl Iterator<Item = ChoiceKey> {
        self.buyers.iter().filter(|buyer| buyer.adopted).flat_map(move |buyer| {
            let own = self.classes(buyer.segment).iter().zip(buyer.own());
            own.map(move |(class, w)| buyer.key(*class, self.option_of(w), now.since(self.workloads[w].since)))
        })
    }

    /// Simulated workloads now on a choice.
    pub fn workloads_on(&self, choice: Choice) -> u32 {
        self.volumes.workloads_on(choice)
    }

    /// How often a choice was made, staying included.
    pub fn times_chosen(&self, choice: Choice) -> u64 {
        self.volumes.times_chosen(choice)
    }
}

/// What a workload is on, in two bytes: nothing before its account adopts, then a choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Placed(u16);

impl Placed {
    const OUTSIDE: u16 = 1;
    const FIRST: u16 = 2;

    pub fn on(choice: Choice) -> Self {
        match choice {
            Choice::Outside => Self(Self::OUTSIDE),
            Choice::Option(option) => Self(option.0.checked_add(Self::FIRST).expect("fewer than 65,534 options")),
        }
    }

    /// Position among all that a workload can be on, in a market of so many options: see [`Placed::count`].
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// All that a workload can be on, with nothing at all.
    pub fn count(options: usize) -> usize {
        usize::from(Self::FIRST) + options
    }

    /// A table by [`Placed::index`] of what holds on each option, and `elsewhere` where there is none.
    pub fn table<T: Clone>(elsewhere: T, on_options: impl Iterator<Item = T>) -> Vec<T> {
        std::iter::repeat_n(elsewhere, usize::from(Self::FIRST)).chain(on_options).collect()
    }

    pub fn choice(self) -> Option<Choice> {
        let outside = (self.0 == Self::OUTSIDE).then_some(Choice::Outside);
        self.option().map(Choice::Option).or(outside)
    }

    pub fn option(self) -> Option<OptionIndex> {
        self.0.checked_sub(Self::FIRST).map(OptionIndex)
    }
}

/// A class's part of the names of workload streams.
fn stream_name(class: Class) -> &'static str {
    Class::NAMES[class.index()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::choice::mini_world;
    use crate::market::demand::mini_market::{MiniMarket, TestDice, dice, params, years};

    fn choices(state: &DemandState<TestDice>) -> Vec<Option<Choice>> {
        state.placed.iter().map(|placed| placed.choice()).collect()
    }

    fn volumes(market: &MiniMarket, now: Time) -> Vec<f64> {
        let mut table = OptionVolumes::default();
        let all: Vec<OptionIndex> = (0..30).map(OptionIndex).collect();
        market.state.fill_mtok_per_year(&market.params, now, &all, &mut table);
        table.mtok.into_iter().flatten().collect()
    }

    #[test]
    fn early_adopters_start_with_the_run_and_late_ones_never() {
        let mut params = params();
        params.horizon = years(1.0);
        let (state, adoptions) = DemandState::new(&params, dice);
        let at_start = adoptions.iter().filter(|(time, _)| *time == Time(0)).count();
        // Of 4,200 sampled accounts, F(0.08 years) is 0.0075, 0.0101, 0.0025, 0.0017 and 0.0010.
        assert!((20..=21).contains(&at_start), "{at_start}");
        assert!(adoptions.iter().all(|(time, _)| *time < params.horizon));
        assert!(adoptions.len() < state.accounts().len() / 2);
    }

    #[test]
    fn active_accounts_are_the_bass_share_of_the_ceiling() {
        let mut market = MiniMarket::new(params());
        market.run(&mini_world::offers(), years(2.5));
        // e^{−1.18·2.58} = 0.0476, F = 0.9524 / (1 + 38.33·0.0476) = 0.337 of 60,000 enterprises, in steps of 40.
        let enterprises = market.state.active_accounts(&market.params, SegmentId(2));
        assert!((enterprises - 0.337 * 60e3).abs() < 40.0, "{enterprises}");
    }

    #[test]
    fn every_class_that_ever_has_a_share_gets_a_workload() {
        let (state, _) = DemandState::new(&params(), dice);
        assert_eq!(state.workloads(), 4_200 * 5);
        let has = |class| state.blocks.iter().flat_map(|block| &block.classes).any(|of| *of == class);
        assert!(has(Class::Reasoning), "its share is 0 in the beginning only");
        assert!(!has(Class::Video) && !has(Class::Training));
        assert!(std::mem::size_of::<Workload<TestDice>>() <= 40);
        assert_eq!(std::mem::size_of::<Buyer>(), 24);
    }

    #[test]
    fn every_workload_finds_its_account() {
        let (state, _) = DemandState::new(&params(), dice);
        for (a, buyer) in state.buyers.iter().enumerate() {
            assert!(!buyer.own().is_empty() && buyer.own().all(|w| state.account_of(w) == a), "account {a}");
        }
        assert_eq!(state.buyers.last().map(|buyer| buyer.own().end), Some(state.workloads()));
    }

    #[test]
    fn first_renewals_are_spread_and_later_ones_regular() {
        let (params, offers) = (params(), mini_world::offers());
        let (mut state, _) = DemandState::new(&params, dice);
        let account = state.accounts().iter().position(|a| a.segment == SegmentId(2)).unwrap();
        let mut schedule = Vec::new();
        state.handle(&params, &offers, years(1.0), DemandEvent::Adopted(AccountIndex(account as u32)), &mut schedule);
        assert_eq!(schedule.len(), 5);
        let waits: Vec<f64> = schedule.iter().map(|(due, _)| due.since(years(1.0)).years()).collect();
        assert!(waits.iter().all(|wait| (0.5..=1.5).contains(wait)), "{waits:?}");
        assert!(waits.windows(2).any(|w| (w[0] - w[1]).abs() > 0.01));
        let (due, renewal) = schedule[0];
        schedule.clear();
        state.handle(&params, &offers, due, renewal, &mut schedule);
        assert_eq!(schedule, [(due + Span::from_days(YEAR_DAYS), renewal)]);
        state.handle(&params, &offers, years(9.5), renewal, &mut schedule);
        assert_eq!(schedule.len(), 1, "nothing is scheduled beyond the horizon");
    }

    #[test]
    fn tables_kept_up_to_date_equal_tables_added_up_afresh() {
        let mut market = MiniMarket::new(params());
        market.run(&mini_world::offers(), years(9.0));
        let kept = volumes(&market, years(9.0));
        market.state.rebuild();
        let total: f64 = kept.iter().sum();
        assert!(total > 0.0);
        for (kept, afresh) in kept.iter().zip(volumes(&market, years(9.0))) {
            assert!((kept - afresh).abs() <= 1e-9 * afresh.max(1e-6 * total), "{kept} is not {afresh}");
        }
    }

    #[test]
    fn spend_is_volume_at_todays_prices() {
        let (mut market, mut offers) = (MiniMarket::new(params()), mini_world::offers());
        market.run(&offers, years(3.0));
        let now = years(3.0);
        let spend = |market: &MiniMarket, offers: &Offers| {
            let segments = (0..5).map(|s| market.state.spend_usd_per_year(&market.params, offers, SegmentId(s), now));
            segments.sum::<f64>()
        };
        let by_option = offers.iter().map(|(option, offer)| {
            let on = |class: Class| market.state.mtok_per_year(&market.params, class, Choice::Option(option), now);
            Class::ALL.map(|class| on(class) * offer.price_usd_per_mtok[class.index()]).iter().sum::<f64>()
        });
        let (before, expected) = (spend(&market, &offers), by_option.sum::<f64>());
        assert!(before > 1e8 && (before / expected - 1.0).abs() < 1e-12, "{before} is not {expected}");
        for option in 0..30 {
            offers.revise(OptionIndex(option), |offer| offer.price_usd_per_mtok.iter_mut().for_each(|p| *p *= 2.0));
        }
        let after = spend(&market, &offers);
        assert!((after / before - 2.0).abs() < 1e-12, "volume answers only when the month closes");
        market.state.on_month(&market.params, &offers);
        assert!(spend(&market, &offers) < after);
    }

    #[test]
    fn a_segment_more_leaves_the_others_alone() {
        let offers = mini_world::offers();
        let mut whole = MiniMarket::new(params());
        let mut part = params();
        part.segments.pop();
        let mut part = MiniMarket::new(part);
        whole.run(&offers, years(4.0));
        part.run(&offers, years(4.0));
        let shared = part.state.workloads();
        assert_eq!(choices(&whole.state)[..shared], choices(&part.state));
    }

    #[test]
    fn a_saved_state_goes_on_as_if_nothing_had_happened() {
        let offers = mini_world::offers();
        let mut market = MiniMarket::new(params());
        market.run(&offers, years(2.0));
        let bytes = postcard::to_allocvec(&market.state).unwrap();
        let mut restored = market.clone();
        restored.state = postcard::from_bytes(&bytes).unwrap();
        market.run(&offers, years(5.0));
        restored.run(&offers, years(5.0));
        assert_eq!(choices(&market.state), choices(&restored.state));
        assert_eq!(volumes(&market, years(5.0)), volumes(&restored, years(5.0)));
    }

    #[test]
    fn tenure_starts_anew_with_another_provider_only() {
        let (params, offers) = (params(), mini_world::offers());
        let mut market = MiniMarket::new(params);
        market.run(&offers, years(4.0));
        let mut seen = [0; 2];
        for w in 0..market.state.workloads.len() {
            let since = market.state.workloads[w].since;
            let Some(from) = market.state.option_of(w) else { continue };
            let place = (market.state.account_of(w), w);
            market.state.choose(&market.params, &offers, years(4.5), place);
            let after = market.state.option_of(w);
            let kept = after.is_some_and(|to| offers[to].provider() == offers[from].provider());
            assert_eq!(market.state.workloads[w].since, if kept { since } else { years(4.5) });
            seen[usize::from(kept)] += 1;
        }
        assert!(seen[0] > 100 && seen[1] > 100, "{seen:?}");
    }
}
