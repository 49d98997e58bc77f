//! The state of the base in line with the parameters of a fork.

use crate::engine::{Handle, Stream};
use crate::ids::LabId;
use crate::market::demand::{AccountIndex, DemandEvent};
use crate::market::terms::Term;
use crate::model::events::Event;
use crate::model::params::Params;
use crate::model::simulation::Simulation;
use crate::supply::Scheduled;
use crate::units::{Schedule, Span, Time};
use std::collections::BTreeMap;

/// An event that is still to come.
type Pending = (Handle, Time, Event);

impl<'a> Simulation<'a> {
    /// Goes on under the parameters of a fork, [`aligned`](super::aligned) with those of the run and without
    /// [`conflicts`](super::conflicts) with them, from the present instant on, before anything has happened in it.
    pub fn continue_under(&mut self, fork: &'a Params) {
        let base = self.params;
        if hours_are_billed_otherwise(base, fork) {
            self.close_bill();
        }
        self.params = fork;
        self.recorder.ask_names();
        let pending: Vec<Pending> =
            self.engine.sorted().into_iter().map(|next| (next.handle, next.time, *next.event)).collect();
        self.adopt_supply(base, &pending);
        self.adopt_demand(base, &pending);
        self.adopt_models(base, &pending);
        self.adopt_channels(base);
        self.adopt_programmes(base, &pending);
        self.adopt_products(base);
        self.adopt_focal(base);
        self.adopt_contracts(base, &pending);
        self.check_caps();
    }

    /// Bills what was used until now, unless the books closed at midnight.
    fn close_bill(&mut self) {
        self.accrue();
        let yesterday = Time(self.now().0.saturating_sub(1));
        if self.state.billed < yesterday {
            self.bill(yesterday);
        }
    }

    fn adopt_supply(&mut self, base: &Params, pending: &[Pending]) {
        let (handles, coming): (Vec<Handle>, Vec<Scheduled>) = pending
            .iter()
            .filter_map(|(handle, time, event)| match event {
                Event::Supply(event) => Some((*handle, (*time, *event))),
                _ => None,
            })
            .unzip();
        let fork = self.params;
        let mut make = |entity: &str, purpose: &str| Stream::named(fork.seed, fork.draw, entity, purpose);
        let revision = self.state.supply.adopt(&base.supply, &fork.supply, self.engine.now(), &coming, &mut make);
        for position in revision.cancel {
            self.engine.cancel(handles[position]);
        }
        for (time, event) in revision.schedule {
            self.at(time, Event::Supply(event));
        }
    }

    fn adopt_demand(&mut self, base: &Params, pending: &[Pending]) {
        let fork = self.params;
        let make = |entity: &str, purpose: &str| Stream::named(fork.seed, fork.draw, entity, purpose);
        let moved = self.state.demand.adopt(&base.demand, &fork.demand, make);
        let adoption = |(handle, _, event): &Pending| match event {
            Event::Demand(DemandEvent::Adopted(account)) => Some((*account, *handle)),
            _ => None,
        };
        let coming: BTreeMap<AccountIndex, Handle> = pending.iter().filter_map(adoption).collect();
        for (account, day) in moved {
            if let Some(handle) = coming.get(&account) {
                self.engine.cancel(*handle);
            }
            self.at(day.max(self.now()), Event::Demand(DemandEvent::Adopted(account)));
        }
    }

    /// Releases to come are those of the fork; those that are the same keep their events.
    fn adopt_models(&mut self, base: &Params, pending: &[Pending]) {
        let now = self.now();
        let releases = |params: &Params| -> Vec<(Time, u16)> {
            let all = params.models.iter().enumerate().map(|(i, model)| (model.released, i as u16));
            all.filter(|(time, _)| *time >= now).collect()
        };
        let (before, after) = (releases(base), releases(self.params));
        for (handle, time, event) in pending {
            if let Event::ModelReleased(position) = event
                && !after.contains(&(*time, *position))
            {
                self.engine.cancel(*handle);
            }
        }
        for (time, position) in after {
            if !before.contains(&(time, position)) {
                self.at(time, Event::ModelReleased(position));
            }
        }
    }

    /// A channel opens on the fork's day, and comes to keep data on its days; that the offers are looked through on the base's
    /// too does no harm.
    fn adopt_channels(&mut self, base: &Params) {
        for (before, after) in base.channels.iter().zip(&self.params.channels) {
            if before.opens != after.opens {
                self.at(after.opens, Event::OffersReviewed);
            }
            if before.residency != after.residency {
                let now = self.now();
                for day in after.residency.days() {
                    self.at(day.max(now), Event::OffersReviewed);
                }
            }
        }
    }

    fn adopt_programmes(&mut self, base: &Params, pending: &[Pending]) {
        let now = self.now();
        for (l, (before, after)) in base.labs.iter().zip(&self.params.labs).enumerate() {
            let lab = LabId::new(l);
            let starts = |programme: &Option<crate::market::params::Programme>| {
                programme.as_ref().map(|p| (p.first_start, p.every_days))
            };
            if before.research_jobs.is_none() && after.research_jobs.is_some() {
                self.await_research(lab);
            }
            let (was, is) = (starts(&before.programme), starts(&after.programme));
            if was == is {
                continue;
            }
            let next = pending.iter().find(|(_, _, event)| *event == Event::RunStarted(lab));
            if let Some((handle, _, _)) = next {
                self.engine.cancel(*handle);
            }
            let start = match (was, is, next) {
                (_, None, _) => {
                    self.drop_run(lab);
                    continue;
                }
                // Starts were under way: the next is the new interval after the last.
                (Some((first, old)), Some((_, new)), Some((_, time, _))) if first < now => {
                    Time(time.0.saturating_sub(Span::from_days(old).0)) + Span::from_days(new)
                }
                (_, Some((first, _)), _) => first,
            };
            self.at(start.max(now), Event::RunStarted(lab));
        }
    }

    /// A product that is not out yet has the users that its own curve gives it; one that may use other models routes anew.
    fn adopt_products(&mut self, base: &Params) {
        let now = self.now();
        for (p, (before, after)) in base.products.iter().zip(&self.params.products).enumerate() {
            let rules = &self.params.product_rules[p];
            let other = before.launched != after.launched || base.product_rules[p].users != rules.users;
            if other && now <= after.launched {
                self.state.audiences.set_users_m(p, rules.users.users_m(now.years()));
            }
        }
        if base.products != self.params.products {
            self.route_products();
        }
    }

    /// A focal customer that has not begun does so on the fork's day.
    fn adopt_focal(&mut self, base: &Params) {
        let now = self.now();
        for focal in &mut self.state.focal {
            let customer = usize::from(focal.customer);
            if now <= base.focal[customer].from {
                focal.renews = self.params.focal[customer].from;
            }
        }
    }

    /// The book goes over to the fork's contracts, and days on which terms begin or end move.
    fn adopt_contracts(&mut self, base: &Params, pending: &[Pending]) {
        if base.contracts == self.params.contracts {
            return;
        }
        let now = self.now();
        let before = self.state.book.boundaries();
        let adopted = self.state.book.adopt(&self.params.contracts, now);
        self.state.settlement.adopt(&self.state.book, &adopted);
        let after = self.state.book.boundaries();
        for (handle, time, event) in pending {
            if *event == Event::TermsChanged && before.contains(time) && !after.contains(time) {
                self.engine.cancel(*handle);
            }
        }
        for time in after {
            if time >= now && !before.contains(&time) {
                self.at(time, Event::TermsChanged);
            }
        }
    }
}

/// Whether what was used since the last bill would be billed to others, or at other prices.
fn hours_are_billed_otherwise(base: &Params, fork: &Params) -> bool {
    let discounts = |params: &Params| -> Vec<f64> { params.clouds.iter().map(|c| c.committed_discount).collect() };
    let homes = |params: &Params| -> Vec<_> { params.labs.iter().map(|lab| lab.own_cloud).collect() };
    let (before, after) = (elsewhere(base), elsewhere(fork));
    let differs = |(term, path): (&_, &&Schedule)| after.get(term).is_some_and(|other| other != path);
    let terms = before.iter().any(differs) || base.rental.terms != fork.rental.terms;
    terms || discounts(base) != discounts(fork) || homes(base) != homes(fork) || base.products != fork.products
}

/// What revenue shares count besides, by contract, term and first day: terms that only one side has begin or end later.
fn elsewhere(params: &Params) -> BTreeMap<(&str, &str, Time), &Schedule> {
    let mut paths = BTreeMap::new();
    for contract in &params.contracts {
        for dated in &contract.terms {
            if let Term::RevenueShare(share) = &dated.term {
                paths.insert((contract.name.as_str(), dated.id.as_str(), dated.from), &share.elsewhere_usd_per_year);
            }
        }
    }
    paths
}
