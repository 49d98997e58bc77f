//! The second pass of a dispatch: what found no room goes where its accounts are anyway and where there is some.
//!
//! By place, which is a cloud (its platform and the products on its own compute) or a lab (its own interface and the
//! products on its rights), in tokens:
//!
//! `asked + spill-in = served + throttled + spill-out + lost`.
//!
//! Of tokens U of an option that its place p cannot serve, at most `f·a(l, p)·U` leave it and `f·o(l, p, q)·U` go to
//! place q, f the share that accounts send on (`failover_share`) [1], o and a those of [`Overlap`], l the lab: to the
//! same model first, then, with what is left of that, to the lab's model there that is nearest in price. Places get what
//! the accounts there allow in proportion, take it as far as chips are idle after all load of their own, in each half of
//! the day, all who ask in the same proportion, and bill it at what their own customers pay.
//!
//! Of the rest R, `R·min(1, X/M)` is lost and the remainder throttled: X compute that outages keep from service there, M
//! what the place turned away, both in chat H100e; where a channel is out all of the rest is. Batch is patient: it is throttled, never lost. What is lost and what
//! is throttled is unserved and unpaid alike; it differs in what a customer hears: an error, or to wait.
//!
//! Source: MODEL §6; the rule assumed. Limits: nobody moves for it, so the next day begins where it was asked first; the
//! day's peak is everywhere at once; products stay where they run; a lease
//! that its lessor cannot deliver counts as full; who must keep its data somewhere is taken to use providers that keep it there.

use super::simulation::Simulation;
use super::state::{Listing, State, TokenBalance};
use crate::ids::{CloudId, LabId};
use crate::market::choice::Provider;
use crate::market::demand::Overlap;
use crate::market::serving::Ported;
use crate::supply::params::Class;

/// A part of the compute asked for that is missing for no other reason than rounding [1].
const ROUNDING: f64 = 1e-9;

/// Tokens of an option that its place could not serve.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unserved {
    option: usize,
    class: Class,
    lab: LabId,
    from: Provider,
    /// At the peak and off it, together the mean of the day [Mtok/h].
    mtok: [f64; 2],
    /// The part of each that has found another place [Mtok/h].
    spilled: [f64; 2],
    /// Whether it is so because the channel is out.
    out: bool,
}

impl Unserved {
    fn total(of: [f64; 2]) -> f64 {
        of[0] + of[1]
    }
}

/// Tokens on their way to an option elsewhere.
#[derive(Clone, Copy, Debug)]
struct Request {
    to: Provider,
    lab: LabId,
    class: Class,
    half: usize,
    /// Position among what is unserved.
    of: usize,
    option: usize,
    mtok: f64,
}

impl Request {
    /// What is served alike: place, then lab, class and half of the day.
    fn group(&self) -> u64 {
        let (kind, place) = match self.to {
            Provider::Cloud(cloud) => (0, cloud.0),
            Provider::OwnApi(lab) => (1, lab.0),
        };
        let what = u64::from(self.lab.0) << 16 | (self.class.index() as u64) << 8 | self.half as u64;
        kind << 48 | u64::from(place) << 32 | what
    }
}

/// A dispatch's shortfalls by place, lab and class.
#[derive(Clone, Debug, Default)]
pub(super) struct Shortfall {
    labs: usize,
    /// At the peak and off it, by cloud and lab, then by lab for the labs' own [H100e of the class].
    missing: Vec<[[f64; 2]; Class::COUNT]>,
    /// What labs' own load misses, by lab and cloud [H100e of the class].
    by_cloud: Vec<f64>,
    /// Whether anything is missing.
    pub any: bool,
    pub unserved: Vec<Unserved>,
    /// What each unserved load has given to each provider, at the peak and off it [Mtok/h].
    given: Vec<[f64; 2]>,
}

impl Shortfall {
    /// Nothing is missing yet, in a market of so many clouds and labs.
    pub fn begin(&mut self, clouds: usize, labs: usize) {
        self.unserved.clear();
        if self.any || self.missing.is_empty() {
            self.missing.clear();
            self.missing.resize((clouds + 1) * labs, [[0.0; 2]; Class::COUNT]);
            self.by_cloud.clear();
            self.by_cloud.resize(labs * clouds, 0.0);
        }
        (self.labs, self.any) = (labs, false);
    }

    /// Counts what a load on a platform (or, without one, of a lab's own) misses of `asked` in each half [H100e].
    pub fn note(&mut self, at: Option<CloudId>, (lab, class): (LabId, Class), asked: f64, missing: [f64; 2]) {
        if missing[0] + missing[1] <= ROUNDING * asked {
            return;
        }
        self.any = true;
        let clouds = self.missing.len() / self.labs - 1;
        let place = at.map_or(clouds, CloudId::index);
        let sum = &mut self.missing[place * self.labs + lab.index()][class.index()];
        sum[0] += missing[0];
        sum[1] += missing[1];
    }

    /// Counts what a lab's own load misses at a cloud [H100e].
    pub fn note_own(&mut self, cloud: CloudId, key: (LabId, Class), asked: f64, missing: [f64; 2]) {
        self.note(None, key, asked, missing);
        if missing[0] + missing[1] > ROUNDING * asked {
            let clouds = self.by_cloud.len() / self.labs;
            self.by_cloud[key.0.index() * clouds + cloud.index()] += missing[0] + missing[1];
        }
    }

    /// Keeps tokens of an option for the second pass, split as the compute behind them is missing at the peak and off
    /// it; whether it did: not what is missing by rounding.
    pub fn keep(&mut self, option: usize, (lab, class): (LabId, Class), cloud: Option<CloudId>, mtok: f64) -> bool {
        let clouds = self.missing.len() / self.labs - 1;
        let place = cloud.map_or(clouds, CloudId::index);
        let [peak, off] = self.missing[place * self.labs + lab.index()][class.index()];
        if peak + off <= 0.0 {
            return false;
        }
        let at_peak = mtok * peak / (peak + off);
        let from = cloud.map_or(Provider::OwnApi(lab), Provider::Cloud);
        self.unserved.push(Unserved {
            option,
            class,
            lab,
            from,
            mtok: [at_peak, mtok - at_peak],
            spilled: [0.0; 2],
            out: false,
        });
        true
    }

    /// Keeps all tokens of an option whose channel is out, at the peak and off it [Mtok/h].
    pub fn keep_all(&mut self, option: usize, (lab, class): (LabId, Class), cloud: Option<CloudId>, mtok: [f64; 2]) {
        self.any = true;
        let from = cloud.map_or(Provider::OwnApi(lab), Provider::Cloud);
        self.unserved.push(Unserved { option, class, lab, from, mtok, spilled: [0.0; 2], out: true });
    }
}

impl Simulation<'_> {
    /// Sends on what can be, and counts the rest as throttled or lost.
    pub(super) fn second_pass(&mut self) {
        let mut short = std::mem::take(&mut self.scratch.short);
        if short.any && self.params.serving.failover_share > 0.0 {
            let now = self.engine.now();
            let overlap = self.state.demand.take_overlap(&self.params.demand, &self.state.offers, now);
            short.given.clear();
            short.given.resize(short.unserved.len() * overlap.providers(), [0.0; 2]);
            for same_model in [true, false] {
                let mut requests = self.requests(&short, &overlap, same_model);
                requests.sort_by_cached_key(Request::group);
                for group in requests.chunk_by(|a, b| a.group() == b.group()) {
                    self.take_in(group, &mut short, &overlap);
                }
            }
            self.state.demand.keep_overlap(overlap);
        }
        let lost_at = |cloud| if short.any { self.lost_part(cloud) } else { 0.0 };
        let lost_at: Vec<f64> = self.cloud_ids().map(lost_at).collect();
        for unserved in &short.unserved {
            let spilled = Unserved::total(unserved.spilled);
            let rest = (Unserved::total(unserved.mtok) - spilled).max(0.0);
            let lost = match (unserved.out, unserved.class) {
                (true, Class::Batch) => 0.0,
                (true, _) => rest,
                (false, class) => rest * self.lost_share(&short, unserved.from, class, &lost_at),
            };
            let balance = self.balance_mut(unserved.from);
            balance.spill_out += spilled;
            balance.lost += lost;
            balance.throttled += rest - lost;
        }
        self.products_go_short(&short, &lost_at);
        self.scratch.short = short;
    }

    /// What is asked of other places: of the same model, or of any of the lab's.
    fn requests(&self, short: &Shortfall, overlap: &Overlap, same_model: bool) -> Vec<Request> {
        let share = self.params.serving.failover_share;
        let mut requests = Vec::new();
        let mut places: Vec<(Provider, usize, f64)> = Vec::new();
        let mut open: Vec<f64> = Vec::new();
        for (of, unserved) in short.unserved.iter().enumerate() {
            places.clear();
            self.other_places(unserved, overlap, same_model, &mut places);
            if places.is_empty() {
                continue;
            }
            let most = share * overlap.any(unserved.lab, unserved.from);
            for half in [0, 1] {
                let mtok = unserved.mtok[half];
                // What the accounts there allow and have not given yet.
                open.clear();
                open.extend(places.iter().map(|(to, _, overlapping)| {
                    let given = short.given[of * overlap.providers() + overlap.place(*to)][half];
                    (share * overlapping * mtok - given).max(0.0)
                }));
                let sum: f64 = open.iter().sum();
                let left = (most * mtok - unserved.spilled[half]).min(sum);
                for ((to, option, _), open) in places.iter().zip(&open).filter(|(_, open)| left > 0.0 && **open > 0.0) {
                    requests.push(Request {
                        to: *to,
                        lab: unserved.lab,
                        class: unserved.class,
                        half,
                        of,
                        option: *option,
                        mtok: left * open / sum,
                    });
                }
            }
        }
        requests
    }

    /// Where else an option's lab is sold, which option there stands in, and how much of the spend has an account there.
    fn other_places(
        &self,
        unserved: &Unserved,
        overlap: &Overlap,
        same_model: bool,
        places: &mut Vec<(Provider, usize, f64)>,
    ) {
        let offers = &self.state.offers;
        let class = unserved.class;
        let own = &offers[State::option(unserved.option)];
        let off = |i: usize| {
            (offers.ln_price(State::option(i), class) - offers.ln_price(State::option(unserved.option), class)).abs()
        };
        // Open options stand by lab.
        let open = offers.open();
        let first = open.partition_point(|option| offers[*option].lab < unserved.lab);
        for option in open[first..].iter().take_while(|option| offers[**option].lab == unserved.lab) {
            let (i, offer) = (option.index(), &offers[*option]);
            let to = offer.provider();
            let up = !self.is_out(self.state.listings[i].channel);
            let fits = up && to != unserved.from && offer.serves(class);
            if !fits || (same_model && offer.model != own.model) {
                continue;
            }
            match places.iter_mut().find(|place| place.0 == to) {
                // The same model costs about the same, so that it comes first of itself.
                Some(place) if off(i) < off(place.1) => place.1 = i,
                Some(_) => {}
                None => {
                    let share = overlap.share(unserved.lab, unserved.from, to);
                    if share > 0.0 {
                        places.push((to, i, share));
                    }
                }
            }
        }
    }

    /// Serves requests to one place, of one lab and class in one half of the day, in the same proportion as far as there
    /// is room.
    fn take_in(&mut self, group: &[Request], short: &mut Shortfall, overlap: &Overlap) {
        let Some(first) = group.first() else { return };
        let need: f64 = group.iter().map(|request| request.mtok * self.need_per_mtok(request)).sum();
        // The half of a day is half of its mean.
        let wanted = 2.0 * need;
        let served = self.take_idle(first, wanted);
        if served <= 0.0 {
            return;
        }
        let part = (served / wanted).min(1.0);
        for request in group {
            let mtok = part * request.mtok;
            short.unserved[request.of].spilled[request.half] += mtok;
            short.given[request.of * overlap.providers() + overlap.place(request.to)][request.half] += mtok;
            let price = self.price_paid(request.option, request.class);
            let flow = &mut self.state.flows[request.option];
            flow.spill_in += mtok;
            flow.served += mtok;
            flow.by_class[request.class.index()] += mtok;
            flow.spend += mtok * price;
            let balance = self.balance_mut(request.to);
            balance.spill_in += mtok;
            balance.served += mtok;
        }
    }

    /// What the customers of an option pay for a million tokens [USD/Mtok]; the list price where it has none.
    fn price_paid(&self, option: usize, class: Class) -> f64 {
        let class = class.index();
        let (asked, paid) = (self.scratch.asked.mtok[option][class], self.scratch.asked.paid[option][class]);
        let part = if asked > 0.0 { paid / asked } else { 1.0 };
        part * self.state.offers[State::option(option)].price_usd_per_mtok[class]
    }

    /// Compute that a million tokens an hour of a request's option keep busy [H100e of the class].
    fn need_per_mtok(&self, request: &Request) -> f64 {
        let Listing { model, lab, cloud, channel, .. } = self.state.listings[request.option];
        let (compute, work) = (self.state.models[model.index()].compute_per_token, &self.scratch.token_work);
        work.by_class[request.class.index()] * work.sold(compute, lab, (cloud, channel))
    }

    /// Takes idle chips of a place for one half of the day; how much of what is wanted it found [H100e of the class].
    fn take_idle(&mut self, request: &Request, wanted: f64) -> f64 {
        match request.to {
            Provider::Cloud(cloud) => {
                let taken = self.take_at(cloud, self.ported(request.lab, cloud), request, wanted);
                self.state.clouds[cloud.index()].platform_used += 0.5 * taken.1;
                taken.0
            }
            // A lab serves more where its own load runs, beyond its rights.
            Provider::OwnApi(lab) => {
                let mut served = 0.0;
                for cloud in self.cloud_ids() {
                    let share = self.placement(lab, cloud);
                    if share > 0.0 {
                        let taken = self.take_at(cloud, self.ported(lab, cloud), request, share * wanted);
                        self.state.labs[lab.index()].at[cloud.index()].excess += 0.5 * taken.1;
                        served += taken.0;
                    }
                }
                served
            }
        }
    }

    /// Idle chips of one cloud taken: in the class and in chat [H100e].
    fn take_at(&mut self, cloud: CloudId, runs: Ported, request: &Request, wanted: f64) -> (f64, f64) {
        let state = &mut self.state.clouds[cloud.index()];
        let free = &mut self.scratch.solutions[cloud.index()].free[request.half];
        let taken = state.fleet.take(free, request.class, runs, wanted, f64::INFINITY);
        state.used += 0.5 * taken.chat_h100e;
        state.usd_per_hour += 0.5 * taken.usd_per_hour;
        (taken.class_h100e, taken.chat_h100e)
    }

    /// Part of what a cloud turns away that its compute out of service would have served, at most all of it [1].
    fn lost_part(&self, cloud: CloudId) -> f64 {
        let turned_away = self.state.clouds[cloud.index()].turned_away;
        if turned_away <= 0.0 {
            return 0.0;
        }
        let dark = self.state.supply.dark_h100e(&self.params.supply, cloud, Class::Chat, self.now());
        (dark / turned_away).min(1.0)
    }

    /// Part of what a place does not serve that is lost [1]; of a lab's own load by where it misses compute.
    fn lost_share(&self, short: &Shortfall, place: Provider, class: Class, lost_at: &[f64]) -> f64 {
        match (class, place) {
            (Class::Batch, _) => 0.0,
            (_, Provider::Cloud(cloud)) => lost_at[cloud.index()],
            (_, Provider::OwnApi(lab)) => {
                let clouds = lost_at.len();
                let missing = &short.by_cloud[lab.index() * clouds..(lab.index() + 1) * clouds];
                let total: f64 = missing.iter().sum();
                let lost: f64 = missing.iter().zip(lost_at).map(|(missing, part)| missing * part).sum();
                if total > 0.0 { lost / total } else { 0.0 }
            }
        }
    }

    /// Tokens of products that their place could not serve: they have nowhere else to go.
    fn products_go_short(&mut self, short: &Shortfall, lost_at: &[f64]) {
        for p in 0..self.params.products.len() {
            let place = self.place_of_product(p);
            let unserved = self.state.products[p].unserved_by_class();
            for class in &Class::ALL[1..] {
                let rest = unserved[class.index()];
                let lost = rest * self.lost_share(short, place, *class, lost_at);
                let balance = self.balance_mut(place);
                balance.lost += lost;
                balance.throttled += rest - lost;
            }
        }
    }

    /// The tokens of a place.
    pub(super) fn balance_mut(&mut self, place: Provider) -> &mut TokenBalance {
        match place {
            Provider::Cloud(cloud) => &mut self.state.clouds[cloud.index()].tokens,
            Provider::OwnApi(lab) => &mut self.state.labs[lab.index()].tokens,
        }
    }
}
