//! Accounts that adopt and workloads that choose.

use super::accounts::{Account, draw_accounts};
use super::dice::Dice;
use super::params::{DemandParams, SegmentParams};
use super::volumes::{Share, Volumes};
use crate::ids::{CloudId, SegmentId};
use crate::market::choice::{Choice, ChoiceKey, Chooser, Offers, OptionIndex, half_years};
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

/// One account's work of one class.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Workload<S> {
    stream: S,
    /// When it came to its current provider.
    since: Time,
    usd_per_year: f64,
    /// None before the account adopts.
    pub choice: Option<Choice>,
    pub segment: SegmentId,
    pub class: Class,
    pub home: Option<CloudId>,
    committed: bool,
}

impl<S> Workload<S> {
    /// The option it is on.
    pub fn option(&self) -> Option<OptionIndex> {
        match self.choice {
            Some(Choice::Option(option)) => Some(option),
            Some(Choice::Outside) | None => None,
        }
    }

    fn share(&self) -> Share {
        Share { segment: self.segment, class: self.class, usd_per_year: self.usd_per_year }
    }
}

/// State of the demand side.
///
/// Always used with the same [`DemandParams`] and [`Offers`]; workloads of an account stand next to each other.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DemandState<S> {
    accounts: Vec<Account>,
    /// Where each account's workloads start, and at the end their number.
    first_workload: Vec<u32>,
    adopted: Vec<bool>,
    pub(super) workloads: Vec<Workload<S>>,
    pub(super) chooser: Chooser,
    pub(super) volumes: Volumes,
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
        let tastes = params.segments.iter().map(|segment| segment.taste.clone()).collect();
        let mut state = Self {
            accounts: Vec::new(),
            first_workload: vec![0],
            adopted: Vec::new(),
            workloads: Vec::new(),
            chooser: Chooser::new(tastes, params.clouds),
            volumes: Volumes::new(params.segments.len()),
        };
        for (s, segment) in params.segments.iter().enumerate() {
            let classes = segment.classes(params.horizon.years());
            for (number, account) in draw_accounts(SegmentId::new(s), segment, &mut make_stream).into_iter().enumerate()
            {
                state.enrol(account, segment, &classes, |class| {
                    let name = format!("{}/{}/{}", segment.id, number + 1, stream_name(class));
                    make_stream(&name, "choice")
                });
            }
        }
        let adoptions = state.adoptions(params.horizon);
        (state, adoptions)
    }

    fn enrol(
        &mut self,
        account: Account,
        segment: &SegmentParams,
        classes: &[Class],
        mut stream: impl FnMut(Class) -> S,
    ) {
        for &class in classes {
            self.workloads.push(Workload {
                stream: stream(class),
                since: Time(0),
                usd_per_year: account.spend_usd_per_year * segment.weight(),
                choice: None,
                segment: account.segment,
                class,
                home: account.home,
                committed: account.committed,
            });
        }
        self.first_workload.push(u32::try_from(self.workloads.len()).expect("fewer workloads than 2³²"));
        self.accounts.push(account);
        self.adopted.push(false);
    }

    fn adoptions(&self, horizon: Time) -> Vec<(Time, DemandEvent)> {
        let when = |account: &Account| Time(0) + Span::from_days(account.adoption_years * YEAR_DAYS);
        let events = self.accounts.iter().enumerate().map(|(i, account)| {
            let index = AccountIndex(i as u32);
            (when(account), DemandEvent::Adopted(index))
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
                self.adopted[account.0 as usize] = true;
                for w in self.workloads_of(account) {
                    self.choose(params, offers, now, w);
                    // Half to one and a half periods, so that renewals do not come in step.
                    let periods = 0.5 + self.workloads[w].stream.uniform();
                    self.schedule_renewal(params, now, w, periods, schedule);
                }
            }
            DemandEvent::Renewal(workload) => {
                let w = workload.0 as usize;
                self.choose(params, offers, now, w);
                self.schedule_renewal(params, now, w, 1.0, schedule);
            }
        }
    }

    fn schedule_renewal(
        &self,
        params: &DemandParams,
        now: Time,
        w: usize,
        periods: f64,
        schedule: &mut Vec<(Time, DemandEvent)>,
    ) {
        let months = params.segments[self.workloads[w].segment.index()].renewal_months * periods;
        let due = now + Span::from_days(months * YEAR_DAYS / 12.0);
        if due < params.horizon {
            schedule.push((due, DemandEvent::Renewal(WorkloadIndex(w as u32))));
        }
    }

    /// Lets workload `w` choose; whether it moved.
    pub(super) fn choose(&mut self, params: &DemandParams, offers: &Offers, now: Time, w: usize) -> bool {
        self.volumes.admit(params, offers);
        let workload = &mut self.workloads[w];
        let current = workload.option();
        let key = ChoiceKey {
            segment: workload.segment,
            class: workload.class,
            home: workload.home,
            committed: workload.committed,
            current,
            tenure_half_years: half_years(now.since(workload.since)),
        };
        let choice = self.chooser.choose(offers, &key, workload.stream.uniform());
        let provider = |option: OptionIndex| offers[option].provider();
        let from = workload.choice.replace(choice);
        if workload.option().map(provider) != current.map(provider) {
            workload.since = now;
        }
        self.volumes.place(&workload.share(), from, choice);
        from != Some(choice)
    }

    /// True with probability `chance`, from workload `w`'s own stream.
    pub(super) fn looks_up(&mut self, w: usize, chance: f64) -> bool {
        chance >= 1.0 || (chance > 0.0 && self.workloads[w].stream.uniform() < chance)
    }

    /// Month's end: smoothed prices follow today's, volumes respond, and the tables are added up afresh so that
    /// rounding cannot drift.
    pub fn on_month(&mut self, params: &DemandParams, offers: &Offers) {
        self.volumes.on_month(params, offers);
        self.rebuild();
    }

    /// Adds the volume tables up afresh from the workloads.
    pub fn rebuild(&mut self) {
        let placed = self.workloads.iter().filter_map(|workload| Some((workload.share(), workload.choice?)));
        self.volumes.rebuild(placed);
    }

    fn workloads_of(&self, account: AccountIndex) -> std::ops::Range<usize> {
        let a = account.0 as usize;
        self.first_workload[a] as usize..self.first_workload[a + 1] as usize
    }
}

/// What can be asked of the state.
impl<S> DemandState<S> {
    /// Every simulated account, adopted or not.
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// Volume on each option, by class [million tokens/year], into `out`, which is cleared first.
    ///
    /// Options that nobody could choose yet may be missing at the end.
    pub fn fill_mtok_per_year(&self, params: &DemandParams, now: Time, out: &mut Vec<[f64; Class::COUNT]>) {
        self.volumes.fill_mtok_per_year(params, now, out);
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
        let on_option = |(option, class): (OptionIndex, Class)| {
            let volume = self.segment_mtok_per_year(params, segment, class, Choice::Option(option), now);
            volume * offers[option].price_usd_per_mtok[class.index()]
        };
        offers.iter().flat_map(|(option, _)| Class::ALL.map(|class| (option, class))).map(on_option).sum()
    }

    /// Accounts of a segment that have adopted [accounts, weighted].
    pub fn active_accounts(&self, params: &DemandParams, segment: SegmentId) -> f64 {
        let active = self
            .accounts
            .iter()
            .zip(&self.adopted)
            .filter(|(account, adopted)| **adopted && account.segment == segment);
        active.count() as f64 * params.segments[segment.index()].weight()
    }

    /// Simulated workloads, of accounts that have adopted and of others.
    pub fn workloads(&self) -> usize {
        self.workloads.len()
    }

    /// Simulated workloads of accounts that have adopted.
    pub fn active_workloads(&self) -> usize {
        self.workloads.iter().filter(|workload| workload.choice.is_some()).count()
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

/// A class's part of the names of workload streams.
fn stream_name(class: Class) -> &'static str {
    match class {
        Class::Training => "training",
        Class::Chat => "chat",
        Class::Reasoning => "reasoning",
        Class::Coding => "coding",
        Class::Batch => "batch",
        Class::Image => "image",
        Class::Video => "video",
    }
}
