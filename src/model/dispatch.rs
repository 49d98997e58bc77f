//! The daily dispatch: what is asked for today, carved out of every fleet.

use super::events::Event;
use super::simulation::{Scratch, Simulation};
use super::state::{Listing, State, TokenBalance};
use super::training::CARVE_EVERY;
use crate::ids::{CloudId, LabId};
use crate::market::choice::Provider;
use crate::market::params::ServedBy;
use crate::market::serving::{Bucket, CloudSolution, Holder, Load, Ported, StackMask};
use crate::supply::params::Class;
use crate::supply::rationing::filled_by_rank;
use crate::units::{DAY, larger, smaller};

pub(super) const HOURS_PER_YEAR: f64 = 8_766.0;
/// Holder number of loads that belong to no right.
const NOBODY: Holder = Holder(0);

/// Where the outcome of a load goes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Target {
    Internal,
    Lessee,
    LabServing(LabId, Class),
    LabTraining(LabId),
    Platform(LabId, Class),
    ProductOnCloud(usize, LabId, Class),
    Reserved,
    Rental,
}

impl Simulation<'_> {
    pub(super) fn on_dispatched(&mut self) {
        let now = self.now();
        if now == self.state.next_daily {
            self.state.next_daily = now + DAY;
            self.at(now + DAY, Event::Dispatched);
        }
        if !std::mem::take(&mut self.state.dispatch_due) && self.state.dispatched == Some(now) {
            return;
        }
        self.state.dispatched = Some(now);
        self.accrue();
        self.deliver_rights();
        for cloud in self.cloud_ids() {
            if self.state.clouds[cloud.index()].stale {
                self.refresh_fleet(cloud);
            }
        }
        self.ask();
        self.serve_labs_reset();
        self.scratch.short.begin(self.params.clouds.len(), self.params.labs.len());
        self.scratch.solutions.resize_with(self.params.clouds.len(), CloudSolution::default);
        let mut platform_share = vec![[1.0; Class::COUNT]; self.params.clouds.len() * self.params.labs.len()];
        let parts = self.params.products.len() * self.params.labs.len();
        let mut product_share = vec![[0.0; Class::COUNT]; parts];
        self.scratch.product_need.clear();
        self.scratch.product_need.resize(parts, [0.0; Class::COUNT]);
        for cloud in self.cloud_ids() {
            self.dispatch_cloud(cloud, &mut platform_share, &mut product_share);
        }
        self.close_labs();
        self.flow_back(&platform_share, &product_share);
        self.review_focal(&platform_share);
        if now >= self.state.next_carve {
            self.state.next_carve = now + CARVE_EVERY;
            self.carve();
        }
    }

    /// Share of the rights on a cloud that its fleet can deliver after internal load and what it protects on demand.
    ///
    /// `φ = min(1, (C − internal − protected) / Σ rights)`, all in chat H100e: rights are the third of three ranks. Undelivered dollars are no shortfall of the buyer.
    pub(super) fn deliver_rights(&mut self) {
        let now = self.now();
        for (lessor, own_need) in self.own_needs().into_iter().enumerate() {
            let own = self.state.supply.installed_h100e(&self.params.supply, CloudId::new(lessor), Class::Chat, now);
            let internal = self.params.clouds[lessor].internal_load_h100e.at(now);
            // What is reserved is protected in full.
            let reserved = self.reserved_load(CloudId::new(lessor));
            let protected = reserved + self.params.serving.protected_share * (own_need - reserved);
            let labs: f64 = self.state.labs.iter().map(|lab| lab.at[lessor].right).sum();
            let lessees: f64 = self.state.clouds.iter().map(|cloud| cloud.leased[lessor]).sum();
            let part = filled_by_rank(own, [internal, protected, labs + lessees]).last().unwrap_or(0.0);
            for lab in &mut self.state.labs {
                lab.at[lessor].delivered = part * lab.at[lessor].right;
            }
            for cloud in &mut self.state.clouds {
                let delivered = part * cloud.leased[lessor];
                if delivered != cloud.leased_delivered[lessor] {
                    cloud.leased_delivered[lessor] = delivered;
                    cloud.stale = true;
                }
            }
        }
    }

    /// What options and products are asked for, and what that needs on the labs' rights.
    pub(super) fn ask(&mut self) {
        let now = self.now();
        self.scratch.token_work.refresh(self.params, now);
        let work = &self.scratch.token_work;
        let labs = self.params.labs.len();
        for lab in &mut self.state.labs {
            lab.serving_need = [0.0; Class::COUNT];
        }
        let mut platform_need = std::mem::take(&mut self.scratch.platform_need);
        platform_need.clear();
        platform_need.resize(self.params.clouds.len() * labs, [0.0; Class::COUNT]);
        let asked = &mut self.scratch.asked;
        self.state.demand.fill_mtok_per_year(&self.params.demand, now, self.state.offers.open(), asked);
        asked.make_room(self.state.listings.len());
        for i in self.state.live.iter().copied().map(usize::from) {
            let (listing, flow) = (&self.state.listings[i], &mut self.state.flows[i]);
            let (by_class, paid) = (&mut asked.mtok[i], &mut asked.paid[i]);
            // Where the last workload left, rounding may leave less than nothing.
            by_class.iter_mut().for_each(|mtok| *mtok = larger(*mtok / HOURS_PER_YEAR, 0.0));
            paid.iter_mut().for_each(|mtok| *mtok = larger(*mtok / HOURS_PER_YEAR, 0.0));
            flow.asked = by_class.iter().sum();
            flow.asked_work = by_class.iter().zip(&work.by_class).map(|(mtok, work)| mtok * work).sum();
            if self.state.channels[usize::from(listing.channel)].is_out() {
                continue;
            }
            let compute = self.state.models[listing.model.index()].compute_per_token;
            let need = match listing.cloud {
                Some(cloud) => &mut platform_need[cloud.index() * labs + listing.lab.index()],
                None => &mut self.state.labs[listing.lab.index()].serving_need,
            };
            let per_mtok = work.sold(compute, listing.lab, (listing.cloud, listing.channel));
            add_need(need, by_class, work.by_class.map(|work| work * per_mtok));
        }
        self.scratch.platform_need = platform_need;
        for (product, state) in self.params.products.iter().zip(&self.state.products) {
            if let ServedBy::Lab(owner) = product.served_by {
                let need = &mut self.state.labs[owner.index()].serving_need;
                add_need(need, &state.reference_mtok_by_class(), [work.by_lab(1.0, owner); Class::COUNT]);
            }
        }
    }

    fn serve_labs_reset(&mut self) {
        for lab in &mut self.state.labs {
            lab.served_share = [0.0; Class::COUNT];
            lab.research = 0.0;
            for at in &mut lab.at {
                (at.serving, at.training, at.research, at.excess) = (0.0, 0.0, 0.0, 0.0);
            }
        }
    }

    fn dispatch_cloud(
        &mut self,
        cloud: CloudId,
        platform_share: &mut [[f64; Class::COUNT]],
        product_share: &mut [[f64; Class::COUNT]],
    ) {
        let mut loads = std::mem::take(&mut self.scratch.loads);
        let mut solution = std::mem::take(&mut self.scratch.solutions[cloud.index()]);
        let mut targets = std::mem::take(&mut self.scratch.targets);
        loads.clear();
        targets.clear();
        self.list_loads(cloud, &mut loads, &mut targets);
        let Scratch { solver, rights, .. } = &mut self.scratch;
        rights.clear();
        rights.extend(self.state.labs.iter().map(|lab| lab.at[cloud.index()].delivered));
        let state = &self.state.clouds[cloud.index()];
        solver.solve(&state.fleet, rights, &loads, self.params.serving.peak_ratio, &mut solution);
        self.take_outcomes(cloud, &loads, &targets, &solution, platform_share, product_share);
        (self.scratch.loads, self.scratch.targets) = (loads, targets);
        self.scratch.solutions[cloud.index()] = solution;
    }

    fn list_loads(&mut self, cloud: CloudId, loads: &mut Vec<Load>, targets: &mut Vec<Target>) {
        let mut sold = std::mem::take(&mut self.scratch.sold);
        self.list_sold(cloud, &mut sold);
        let now = self.now();
        let k = cloud.index();
        let mut push = |target, bucket, holder, class, runs, h100e: f64, diurnal| {
            if h100e > 0.0 {
                loads.push(Load { bucket, holder, class, runs, h100e, diurnal });
                targets.push(target);
            }
        };
        let any = Ported::from(StackMask::ANY);
        let protected = self.params.serving.protected_share;
        let internal = self.params.clouds[k].internal_load_h100e.at(now);
        push(Target::Internal, Bucket::Internal, NOBODY, Class::Chat, any, internal, false);
        for lessee in &self.state.clouds {
            // The lessor sets the leased part aside; the lessee serves on it.
            push(Target::Lessee, Bucket::Internal, NOBODY, Class::Chat, any, lessee.leased_delivered[k], false);
        }
        for (l, lab) in self.state.labs.iter().enumerate() {
            let id = LabId::new(l);
            let holder = Holder(l as u16);
            let own = self.params.labs[l].own_cloud == Some(cloud);
            let share = self.placement(id, cloud);
            if share <= 0.0 {
                continue;
            }
            let (serving, training) =
                if own { (Bucket::Own, Bucket::OwnTraining) } else { (Bucket::RightServing, Bucket::RightTraining) };
            let runs = self.ported(id, cloud);
            for class in &Class::ALL[1..] {
                let need = share * lab.serving_need[class.index()];
                push(Target::LabServing(id, *class), serving, holder, *class, runs, need, true);
            }
            let research = share * lab.research_need;
            push(Target::LabTraining(id), training, holder, Class::Training, lab.at[k].stacks.into(), research, false);
        }
        let reserved = self.reserved_load(cloud);
        push(Target::Reserved, Bucket::Protected, NOBODY, Class::Chat, any, reserved, false);
        let mut last: Option<(LabId, Ported)> = None;
        for (target, lab, class, need) in sold.drain(..) {
            let bucket = if class == Class::Batch { Bucket::Batch } else { Bucket::OnDemand };
            // What is sold stands by lab.
            let known = last.filter(|(of, _)| *of == lab);
            let runs = known.map_or_else(|| self.ported(lab, cloud), |(_, runs)| runs);
            last = Some((lab, runs));
            push(target, Bucket::Protected, NOBODY, class, runs, need * protected, true);
            push(target, bucket, NOBODY, class, runs, need * (1.0 - protected), true);
        }
        let rental = self.state.clouds[k].rental - reserved;
        push(Target::Rental, Bucket::Protected, NOBODY, Class::Chat, any, rental * protected, false);
        push(Target::Rental, Bucket::OnDemand, NOBODY, Class::Chat, any, rental * (1.0 - protected), false);
        self.scratch.sold = sold;
    }

    /// Compute that the tokens sold on a cloud's platform, and products on its own compute, need by lab and class.
    fn list_sold(&mut self, cloud: CloudId, sold: &mut Vec<(Target, LabId, Class, f64)>) {
        let labs = self.params.labs.len();
        let needs = &self.scratch.platform_need[cloud.index() * labs..][..labs];
        for (l, need) in needs.iter().enumerate() {
            for class in &Class::ALL[1..] {
                if need[class.index()] > 0.0 {
                    let lab = LabId::new(l);
                    sold.push((Target::Platform(lab, *class), lab, *class, need[class.index()]));
                }
            }
        }
        for (p, product) in self.params.products.iter().enumerate() {
            if product.served_by != ServedBy::Cloud(cloud) {
                continue;
            }
            let state = &self.state.products[p];
            for (l, part) in state.parts.iter().enumerate().filter(|(_, part)| part.used) {
                let (lab, needs) = (LabId::new(l), &mut self.scratch.product_need[p * labs + l]);
                for class in &Class::ALL[1..] {
                    let mtok = state.asked[class.index()] * part.compute[class.index()];
                    let need = self.scratch.token_work.on_platform(mtok);
                    if need > 0.0 {
                        needs[class.index()] = need;
                        sold.push((Target::ProductOnCloud(p, lab, *class), lab, *class, need));
                    }
                }
            }
        }
    }

    /// Share of a lab's own load that runs on a cloud: all on its own cloud, else in proportion to delivered rights;
    /// without rights, all on the largest cloud that it may buy from.
    pub(super) fn placement(&self, lab: LabId, cloud: CloudId) -> f64 {
        let l = lab.index();
        if let Some(own) = self.params.labs[l].own_cloud {
            return if own == cloud { 1.0 } else { 0.0 };
        }
        let at = &self.state.labs[l].at;
        let total: f64 = at.iter().map(|a| a.delivered).sum();
        if total > 0.0 {
            return at[cloud.index()].delivered / total;
        }
        if self.fallback_cloud(lab) == Some(cloud) { 1.0 } else { 0.0 }
    }

    fn take_outcomes(
        &mut self,
        cloud: CloudId,
        loads: &[Load],
        targets: &[Target],
        solution: &CloudSolution,
        platform_share: &mut [[f64; Class::COUNT]],
        product_share: &mut [[f64; Class::COUNT]],
    ) {
        let k = cloud.index();
        let labs = self.params.labs.len();
        self.state.clouds[k].used = solution.used_chat_h100e;
        self.state.clouds[k].turned_away = self.turned_away(cloud, loads, targets, solution);
        self.state.clouds[k].usd_per_hour = solution.usd_per_hour;
        self.state.clouds[k].rental_served = 0.0;
        self.state.clouds[k].reserved_served = 0.0;
        self.state.clouds[k].internal_used = 0.0;
        self.state.clouds[k].leased_out = 0.0;
        self.state.clouds[k].platform_used = 0.0;
        let mut platform = std::mem::take(&mut self.scratch.platform);
        platform.clear();
        platform.resize(labs, [[0.0; 2]; Class::COUNT]);
        for ((target, load), outcome) in targets.iter().zip(loads).zip(&solution.loads) {
            match *target {
                Target::Internal => self.state.clouds[k].internal_used += outcome.chat_h100e,
                Target::Lessee => self.state.clouds[k].leased_out += outcome.chat_h100e,
                Target::LabServing(lab, class) => {
                    let state = &mut self.state.labs[lab.index()];
                    let need = state.serving_need[class.index()];
                    state.served_share[class.index()] += outcome.served_h100e / need;
                    state.at[k].serving += outcome.chat_h100e - outcome.excess_chat_h100e;
                    state.at[k].excess += outcome.excess_chat_h100e;
                    self.scratch.short.note_own(cloud, (lab, class), load.h100e, outcome.missing_h100e);
                }
                Target::LabTraining(lab) => {
                    let state = &mut self.state.labs[lab.index()];
                    state.research += outcome.served_h100e;
                    state.at[k].training += outcome.chat_h100e;
                    state.at[k].research += outcome.served_h100e;
                }
                Target::Platform(lab, class) => {
                    let [asked, served] = &mut platform[lab.index()][class.index()];
                    *asked += load.h100e;
                    *served += outcome.served_h100e;
                    self.state.clouds[k].platform_used += outcome.chat_h100e;
                    self.scratch.short.note(Some(cloud), (lab, class), load.h100e, outcome.missing_h100e);
                }
                Target::ProductOnCloud(product, lab, class) => {
                    let part = product * labs + lab.index();
                    let need = self.scratch.product_need[part][class.index()];
                    product_share[part][class.index()] += outcome.served_h100e / need;
                    self.state.clouds[k].platform_used += outcome.chat_h100e;
                }
                Target::Reserved => {
                    self.state.clouds[k].reserved_served += outcome.chat_h100e;
                    self.state.clouds[k].rental_served += outcome.chat_h100e;
                }
                Target::Rental => self.state.clouds[k].rental_served += outcome.chat_h100e,
            }
        }
        for (by_class, shares) in platform.iter().zip(&mut platform_share[k * labs..]) {
            for ([asked, served], share) in by_class.iter().zip(shares).filter(|([asked, _], _)| *asked > 0.0) {
                *share = served / asked;
            }
        }
        self.scratch.platform = platform;
    }

    /// What nobody asked for was served in full.
    fn close_labs(&mut self) {
        for l in 0..self.state.labs.len() {
            for class in 0..Class::COUNT {
                if self.state.labs[l].serving_need[class] == 0.0 {
                    self.state.labs[l].served_share[class] = 1.0;
                }
            }
        }
    }

    /// Served tokens and spend by option and product, and the tokens of each place.
    fn flow_back(&mut self, platform_share: &[[f64; Class::COUNT]], product_share: &[[f64; Class::COUNT]]) {
        self.state.clouds.iter_mut().for_each(|cloud| cloud.tokens = TokenBalance::default());
        self.state.labs.iter_mut().for_each(|lab| lab.tokens = TokenBalance::default());
        self.serve_options(platform_share);
        self.serve_products(product_share);
        self.second_pass();
        self.sell_spot();
    }

    fn serve_options(&mut self, platform_share: &[[f64; Class::COUNT]]) {
        let labs = self.params.labs.len();
        for position in 0..self.state.live.len() {
            let i = usize::from(self.state.live[position]);
            let Listing { cloud, lab, channel, .. } = self.state.listings[i];
            if self.is_out(channel) {
                self.go_without(i);
                continue;
            }
            let shares = match cloud {
                Some(cloud) => &platform_share[cloud.index() * labs + lab.index()],
                None => &self.state.labs[lab.index()].served_share,
            };
            let prices = &self.state.offers[State::option(i)].price_usd_per_mtok;
            let (all_asked, all_paid) = (&self.scratch.asked.mtok[i], &self.scratch.asked.paid[i]);
            let (mut served, mut spend, mut throttled) = (0.0, 0.0, 0.0);
            let mut by_class = [0.0; Class::COUNT];
            for class in &Class::ALL[1..] {
                let c = class.index();
                let (asked, share) = (all_asked[c], smaller(shares[c], 1.0));
                let got = asked * share;
                served += got;
                by_class[c] = got;
                spend += all_paid[c] * share * prices[c];
                if got < asked && !self.scratch.short.keep(i, (lab, *class), cloud, asked - got) {
                    throttled += asked - got;
                }
            }
            let flow = &mut self.state.flows[i];
            (flow.served, flow.spend, flow.spill_in) = (served, spend, 0.0);
            flow.by_class = by_class;
            let asked = flow.asked;
            let balance = self.balance_mut(cloud.map_or(Provider::OwnApi(lab), Provider::Cloud));
            balance.asked += asked;
            balance.served += served;
            balance.throttled += throttled;
        }
    }

    /// Nothing of an option is served, as its channel is out; what can goes elsewhere.
    fn go_without(&mut self, i: usize) {
        let Listing { cloud, lab, .. } = self.state.listings[i];
        let peak = 0.5 * self.params.serving.peak_ratio;
        for class in &Class::ALL[1..] {
            let asked = self.scratch.asked.mtok[i][class.index()];
            if asked > 0.0 {
                self.scratch.short.keep_all(i, (lab, *class), cloud, [peak * asked, (1.0 - peak) * asked]);
            }
        }
        let flow = &mut self.state.flows[i];
        (flow.served, flow.spend, flow.spill_in) = (0.0, 0.0, 0.0);
        flow.by_class = [0.0; Class::COUNT];
        let asked = flow.asked;
        self.balance_mut(cloud.map_or(Provider::OwnApi(lab), Provider::Cloud)).asked += asked;
    }

    /// Where a product's tokens are asked for.
    pub(super) fn place_of_product(&self, product: usize) -> Provider {
        match self.params.products[product].served_by {
            ServedBy::Lab(lab) => Provider::OwnApi(lab),
            ServedBy::Cloud(cloud) => Provider::Cloud(cloud),
        }
    }

    /// The cloud that a lab without rights falls back on: the largest fleet among those it may buy from.
    pub(super) fn fallback_cloud(&self, lab: LabId) -> Option<CloudId> {
        self.cloud_ids()
            .filter(|cloud| self.params.supply.clouds[cloud.index()].sells && self.may_buy(lab, *cloud))
            .max_by(|a, b| {
                let capacity = |c: &CloudId| self.state.clouds[c.index()].capacity;
                capacity(a).total_cmp(&capacity(b)).then(b.cmp(a))
            })
    }

    /// Adds what flowed since the last dispatch to the month.
    pub(super) fn accrue(&mut self) {
        let hours = self.now().since(self.state.accrued).hours();
        self.state.accrued = self.now();
        if hours <= 0.0 {
            return;
        }
        self.accrue_tokens(hours);
        self.accrue_focal(hours);
        self.accrue_outages(hours);
        for lab in &mut self.state.labs {
            for at in &mut lab.at {
                at.used_hours += hours * (at.serving + at.training);
                at.reserved_hours += hours * at.delivered;
                at.undelivered_hours += hours * (at.right - at.delivered);
                at.excess_hours += hours * at.excess;
                lab.rights_hours += hours * at.delivered;
                lab.serving_hours += hours * (at.serving + at.excess);
                lab.training_hours += hours * at.training;
            }
        }
        for k in 0..self.state.clouds.len() {
            for lessor in 0..self.state.clouds.len() {
                let cloud = &self.state.clouds[k];
                let (right, delivered) = (cloud.leased[lessor], cloud.leased_delivered[lessor]);
                let hours_of = &mut self.state.clouds[lessor].lease_hours[k];
                hours_of.0 += hours * delivered;
                hours_of.1 += hours * (right - delivered);
            }
            let training: f64 = self.state.labs.iter().map(|lab| lab.at[k].training).sum();
            let cloud = &mut self.state.clouds[k];
            let held = cloud.internal_used + cloud.leased_out + cloud.rental_served;
            cloud.used_hours += hours * cloud.used;
            cloud.held_hours += hours * held;
            cloud.token_hours += hours * (cloud.used - held - training).max(0.0);
            cloud.turned_away_hours += hours * cloud.turned_away;
            cloud.capacity_hours += hours * cloud.capacity;
            cloud.platform_hours += hours * cloud.platform_used;
            cloud.electricity += hours * (cloud.usd_per_hour + cloud.idle_usd_per_hour);
            self.accrue_rental(k, hours);
        }
    }

    fn accrue_tokens(&mut self, hours: f64) {
        for i in self.state.live.iter().copied().map(usize::from) {
            let listing = &self.state.listings[i];
            let flow = &self.state.flows[i];
            let (asked, served) = (hours * flow.asked, hours * flow.served);
            let sum = &mut self.state.unbilled[i];
            sum.asked += asked;
            sum.served += served;
            sum.spend += hours * flow.spend;
            for (sum, rate) in sum.by_class.iter_mut().zip(&flow.by_class) {
                *sum += hours * rate;
            }
            match listing.cloud {
                Some(cloud) => self.state.clouds[cloud.index()].fleet_mtok += served,
                None => self.state.labs[listing.lab.index()].own_mtok += served,
            }
        }
        self.accrue_products(hours);
        for cloud in &mut self.state.clouds {
            cloud.month_tokens.add(hours, &cloud.tokens);
        }
        for lab in &mut self.state.labs {
            lab.month_tokens.add(hours, &lab.tokens);
        }
        self.place_own_tokens(hours);
    }

    /// Counts tokens served on labs' rights for the clouds that they ran on, in proportion to compute in use.
    fn place_own_tokens(&mut self, hours: f64) {
        for (l, rate) in self.own_rates().into_iter().enumerate() {
            let lab = &self.state.labs[l];
            let total: f64 = lab.at.iter().map(|at| at.serving + at.excess).sum();
            if total <= 0.0 {
                continue;
            }
            for (k, cloud) in self.state.clouds.iter_mut().enumerate() {
                let at = &self.state.labs[l].at[k];
                cloud.fleet_mtok += hours * rate * (at.serving + at.excess) / total;
            }
        }
    }

    /// Tokens that each lab serves on its own rights now, own API and products [Mtok/h].
    fn own_rates(&self) -> Vec<f64> {
        let mut rates = vec![0.0; self.params.labs.len()];
        for i in self.state.live.iter().copied().map(usize::from) {
            let listing = &self.state.listings[i];
            if listing.cloud.is_none() {
                rates[listing.lab.index()] += self.state.flows[i].served;
            }
        }
        for (product, state) in self.params.products.iter().zip(&self.state.products) {
            if let ServedBy::Lab(lab) = product.served_by {
                rates[lab.index()] += state.served();
            }
        }
        rates
    }
}

/// Adds the compute that tokens [Mtok/h by class] need, at so much a million an hour [H100e by class].
fn add_need(need: &mut [f64; Class::COUNT], mtok: &[f64; Class::COUNT], per_mtok: [f64; Class::COUNT]) {
    for ((need, mtok), per_mtok) in need.iter_mut().zip(mtok).zip(per_mtok) {
        *need += mtok * per_mtok;
    }
}
