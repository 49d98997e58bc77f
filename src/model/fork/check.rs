//! What a fork cannot change: the past, and what cannot be taken up in the middle of a run.

use super::terms_of;
use crate::market::contracts::{OPEN_END, counterpart};
use crate::market::demand::DemandParams;
use crate::market::terms::{Term, TermKind};
use crate::model::params::Params;
use crate::supply::params::SupplyParams;
use crate::units::Time;

/// A change that a fork cannot make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Dotted path of the value in the fork's scenario.
    pub path: String,
    /// Why not.
    pub message: String,
    /// What to do instead.
    pub help: Option<String>,
}

/// What keeps a run under `base` from going on under `fork` from the instant `at` on.
pub fn conflicts(base: &Params, fork: &Params, at: Time) -> Vec<Conflict> {
    let mut check = Check { base, fork, at, found: Vec::new() };
    check.frame();
    check.ids();
    if !check.found.is_empty() {
        // Times, draws or positions mean something else, so that comparing the rest would only confuse.
        return check.found;
    }
    check.horizon();
    check.parties();
    check.accelerators();
    check.buyers();
    check.clouds();
    check.sites();
    check.outages();
    check.labs();
    check.models();
    check.channels();
    check.products();
    check.segments();
    check.contracts();
    check.regulators();
    check.focal();
    check.found
}

struct Check<'p> {
    base: &'p Params,
    fork: &'p Params,
    at: Time,
    found: Vec<Conflict>,
}

impl Check<'_> {
    fn find(&mut self, path: impl Into<String>, message: impl Into<String>) -> &mut Conflict {
        self.found.push(Conflict { path: path.into(), message: message.into(), help: None });
        self.found.last_mut().expect("just pushed")
    }

    fn date(&self, time: Time) -> String {
        self.base.calendar.date(time).to_string()
    }

    /// Refuses another value of something that was settled when the run started.
    fn settled(&mut self, same: bool, path: impl Into<String>) {
        if !same {
            let message = format!("was settled when the run started, before the fork on {}", self.date(self.at));
            self.find(path, message);
        }
    }

    /// Refuses to move a date that has passed, or into the past.
    fn dated(&mut self, before: Time, after: Time, path: &str) {
        if before == after {
            return;
        }
        let at = self.date(self.at);
        if before < self.at {
            let message = format!("happened on {}, before the fork on {at}, and cannot move", self.date(before));
            self.find(path, message);
        } else if after < self.at {
            self.find(path, format!("{} is before the fork on {at}", self.date(after)));
        }
    }

    fn frame(&mut self) {
        let (base, fork) = (self.base, self.fork);
        let (before, after) = (&base.calendar, &fork.calendar);
        self.settled(before.start() == after.start(), "horizon.start");
        self.settled(base.seed == fork.seed, "seed");
    }

    fn horizon(&mut self) {
        if self.base.calendar.end() != self.fork.calendar.end() {
            self.find("horizon.end", "a fork ends with its base").help =
                Some("set the last day of both with --until".into());
        }
    }

    fn ids(&mut self) {
        fn supply(params: &Params) -> &SupplyParams {
            &params.supply
        }
        fn of<T>(list: &[T], id: fn(&T) -> &String) -> Vec<&String> {
            list.iter().map(id).collect()
        }
        let kinds: [(&str, fn(&Params) -> Vec<&String>); 13] = [
            ("parties", |p| of(&p.parties, |x| &x.id)),
            ("accelerators", |p| of(&supply(p).accelerators, |x| &x.id)),
            ("pools", |p| of(&supply(p).pools, |x| &x.id)),
            ("suppliers", |p| of(&supply(p).suppliers, |x| &x.id)),
            ("residual_buyers", |p| of(&supply(p).residual_buyers, |x| &x.id)),
            ("clouds", |p| of(&supply(p).clouds, |x| &x.id)),
            ("sites", |p| of(&supply(p).sites, |x| &x.id)),
            ("labs", |p| of(&p.labs, |x| &x.id)),
            ("channels", |p| of(&p.channels, |x| &x.id)),
            ("products", |p| of(&p.product_rules, |x| &x.id)),
            ("segments", |p| of(&p.demand.segments, |x| &x.id)),
            ("regulators", |p| of(&p.regulator_ids, |x| x)),
            ("focal", |p| of(&p.focal, |x| &x.id)),
        ];
        for (kind, ids) in kinds {
            self.same_ids(kind, &ids(self.base), &ids(self.fork));
        }
        for (before, after) in self.base.labs.iter().zip(&self.fork.labs) {
            if before.id == after.id {
                let path = format!("labs.{}.lines", after.id);
                self.same_ids(&path, &of(&before.lines, |x| &x.id), &of(&after.lines, |x| &x.id));
            }
        }
        for (before, after) in self.base.focal.iter().zip(&self.fork.focal) {
            if before.id == after.id {
                let path = format!("focal.{}.workloads", after.id);
                self.same_ids(&path, &of(&before.workloads, |x| &x.id), &of(&after.workloads, |x| &x.id));
            }
        }
        if self.base.stacks != self.fork.stacks {
            self.find("accelerators", "another set of software stacks would renumber those that models run on");
        }
    }

    fn same_ids(&mut self, kind: &str, before: &[&String], after: &[&String]) {
        for id in before.iter().filter(|id| !after.contains(id)) {
            self.find(format!("{kind}.{id}"), "is in the run under way and cannot be taken out of it");
        }
        for id in after.iter().filter(|id| !before.contains(id)) {
            let message = "cannot join a run under way: it would renumber what is there";
            self.find(format!("{kind}.{id}"), message).help =
                Some("have it in the scenario from the start, closed or without effect until the fork".into());
        }
    }

    fn regulators(&mut self) {
        for (r, id) in self.fork.regulator_ids.iter().enumerate() {
            let opens = |params: &Params| params.regulators[r].scripted.map_or(OPEN_END, |script| script.opens);
            self.dated(opens(self.base), opens(self.fork), &format!("regulators.{id}.opens"));
        }
    }

    fn focal(&mut self) {
        for (before, after) in self.base.focal.iter().zip(&self.fork.focal) {
            let at = |field: &str| format!("focal.{}.{field}", after.id);
            self.dated(before.from, after.from, &at("from"));
            self.settled(before.strategies == after.strategies, at("strategies"));
        }
    }

    fn parties(&mut self) {
        for (before, after) in self.base.parties.iter().zip(&self.fork.parties) {
            let at = |field: &str| format!("parties.{}.{field}", after.id);
            self.settled(before.opening_cash_usd == after.opening_cash_usd, at("opening_cash_usd"));
            self.settled(before.opening_debt_usd == after.opening_debt_usd, at("opening_debt_usd"));
        }
    }

    fn accelerators(&mut self) {
        for (before, after) in self.base.supply.accelerators.iter().zip(&self.fork.supply.accelerators) {
            let at = |field: &str| format!("accelerators.{}.{field}", after.id);
            self.dated(before.available, after.available, &at("available"));
            let same = before.available > Time(0) || before.age_at_start_years == after.age_at_start_years;
            self.settled(same, at("available"));
            if before.h100e_8bit != after.h100e_8bit {
                self.find(at("h100e_8bit"), "would count again what was bought before the fork");
            }
        }
    }

    fn buyers(&mut self) {
        for (before, after) in self.base.supply.residual_buyers.iter().zip(&self.fork.supply.residual_buyers) {
            let types = |orders: &[(crate::ids::AcceleratorId, _)]| orders.iter().map(|o| o.0).collect::<Vec<_>>();
            if types(&before.orders_per_quarter) != types(&after.orders_per_quarter) {
                let path = format!("residual_buyers.{}.orders_per_quarter", after.id);
                self.find(path, "orders of a type cannot join or leave a run under way").help =
                    Some("order 0 of it where it is not wanted".into());
            }
        }
    }

    fn clouds(&mut self) {
        let (base, fork) = (self.base, self.fork);
        for (k, (before, after)) in base.supply.clouds.iter().zip(&fork.supply.clouds).enumerate() {
            let at = |field: &str| format!("clouds.{}.{field}", after.id);
            self.settled(before.party == after.party, at("party"));
            self.settled(before.initial_fleet == after.initial_fleet, at("initial_fleet"));
            let same = base.purchases_8bit_at_start[k] == fork.purchases_8bit_at_start[k];
            self.settled(same, at("purchases_h100e_8bit_at_start"));
        }
    }

    fn sites(&mut self) {
        for (before, after) in self.base.supply.sites.iter().zip(&self.fork.supply.sites) {
            self.settled(before.cloud == after.cloud, format!("sites.{}.cloud", after.id));
            self.settled(before.region == after.region, format!("sites.{}.region", after.id));
            for i in 0..before.phases.len().max(after.phases.len()) {
                let path = format!("sites.{}.phases.{i}", after.id);
                // Without a date it was energized before the run.
                let day = |phase: &crate::supply::params::Phase| phase.planned.unwrap_or(Time(0));
                match (before.phases.get(i), after.phases.get(i)) {
                    (Some(old), Some(new)) if day(old) != day(new) => {
                        self.dated(day(old), day(new), &format!("{path}.planned"));
                    }
                    (Some(old), Some(new)) => self.told(old == new, day(old), path),
                    (Some(old), None) => self.told(false, day(old), path),
                    (None, Some(new)) => self.told(false, day(new), path),
                    (None, None) => {}
                }
            }
        }
    }

    /// Refuses a change of something that is dated before the fork.
    fn told(&mut self, same: bool, day: Time, path: String) {
        if !same && day < self.at {
            let message = format!("is of {}, before the fork on {}", self.date(day), self.date(self.at));
            self.find(path, message);
        }
    }

    fn outages(&mut self) {
        let past = |supply: &SupplyParams| {
            let mut past: Vec<_> = supply.outages.iter().filter(|o| o.from < self.at).cloned().collect();
            past.sort_by_key(|outage| (outage.from, outage.site));
            past
        };
        if past(&self.base.supply) != past(&self.fork.supply) {
            let message = format!("those before the fork on {} are past and cannot change", self.date(self.at));
            self.find("outages", message);
        }
    }

    fn labs(&mut self) {
        for (before, after) in self.base.labs.iter().zip(&self.fork.labs) {
            let at = |field: &str| format!("labs.{}.{field}", after.id);
            self.settled(before.party == after.party, at("party"));
            self.settled(before.stacks == after.stacks, at("stacks"));
            let first = |lab: &crate::market::params::Lab| lab.programme.as_ref().map(|p| p.first_start);
            match (first(before), first(after)) {
                (Some(old), Some(new)) => self.dated(old, new, &at("programme.first_start")),
                (None, Some(new)) => self.told(false, new, at("programme.first_start")),
                (_, None) => {}
            }
        }
    }

    fn models(&mut self) {
        let (base, fork) = (self.base, self.fork);
        for after in &fork.models {
            let path = format!("models.{}", after.id);
            match base.models.iter().find(|model| model.id == after.id) {
                None => self.told(false, after.released, format!("{path}.released")),
                Some(before) if before.released != after.released => {
                    self.dated(before.released, after.released, &format!("{path}.released"));
                }
                Some(before) if before.released < self.at => {
                    // Only what it is sold at still moves.
                    let sold = crate::market::params::ScriptedModel {
                        list_usd_per_mtok: before.list_usd_per_mtok.clone(),
                        kind_prices: before.kind_prices.clone(),
                        ..after.clone()
                    };
                    if sold != *before {
                        let day = self.date(before.released);
                        self.find(path, format!("came out on {day}; after that only its prices can change"));
                    }
                }
                Some(_) => {}
            }
        }
        for before in &base.models {
            if !fork.models.iter().any(|model| model.id == before.id) {
                self.told(false, before.released, format!("models.{}", before.id));
            }
        }
    }

    fn channels(&mut self) {
        for (before, after) in self.base.channels.iter().zip(&self.fork.channels) {
            self.settled(before.kind == after.kind, format!("channels.{}.kind", after.id));
            self.settled(before.outages == after.outages, format!("channels.{}.outages", after.id));
            self.dated(before.opens, after.opens, &format!("channels.{}.opens", after.id));
        }
    }

    fn products(&mut self) {
        /// A curve is worked out from the users on the first day, so that these come back rounded.
        const ROUNDING: f64 = 1e-6;
        let (base, fork) = (self.base, self.fork);
        for (p, (before, after)) in base.products.iter().zip(&fork.products).enumerate() {
            let rules = &fork.product_rules[p];
            let at = |field: &str| format!("products.{}.{field}", rules.id);
            self.dated(before.launched, after.launched, &at("launched"));
            if before.launched < self.at {
                let first = before.launched.years();
                let users = (base.product_rules[p].users.users_m(first), rules.users.users_m(first));
                self.settled((users.1 / users.0 - 1.0).abs() < ROUNDING, at("users_at_start_m"));
            }
        }
    }

    fn segments(&mut self) {
        let horizon = self.base.calendar.horizon().years();
        let classes = |params: &DemandParams, s: usize| params.segments[s].classes(horizon);
        let (base, fork) = (&self.base.demand, &self.fork.demand);
        for (s, (before, after)) in base.segments.iter().zip(&fork.segments).enumerate() {
            let at = |field: &str| format!("segments.{}.{field}", after.id);
            self.settled(before.sampled_accounts == after.sampled_accounts, at("sampled_accounts"));
            if classes(base, s) != classes(fork, s) {
                self.find(at("class_mix"), "a class of work cannot join or leave a run under way").help =
                    Some("give it a share from the start, however small".into());
            }
        }
    }

    fn contracts(&mut self) {
        let (base, fork) = (self.base, self.fork);
        for contract in &base.contracts {
            self.kept_terms(&contract.name);
        }
        for contract in &fork.contracts {
            let old = terms_of(base, &contract.name);
            for (i, term) in contract.terms.iter().enumerate() {
                if counterpart(&contract.terms, i, old).is_none() {
                    self.told(false, term.from, path_of(&contract.name, &term.id, "from"));
                    self.counts_from_now_on(&contract.name, None, (&term.id, &term.term));
                }
            }
        }
    }

    /// What the fork makes of the terms that the base has in a contract.
    fn kept_terms(&mut self, contract: &str) {
        let (old, new) = (terms_of(self.base, contract), terms_of(self.fork, contract));
        for (i, before) in old.iter().enumerate() {
            let path = |field: &str| path_of(contract, &before.id, field);
            let Some(after) = counterpart(old, i, new).map(|j| &new[j]) else {
                if before.from < self.at {
                    self.told(false, before.from, path(""));
                    self.advise("end it with `until`, on the eve of the fork or later");
                }
                continue;
            };
            self.dated(before.from, after.from, &path("from"));
            self.dated(before.signed, after.signed, &path("signed"));
            if before.from >= self.at {
                self.counts_from_now_on(contract, Some(&before.term), (&after.id, &after.term));
                continue;
            }
            self.dated(before.until, after.until, &path("until"));
            if before.term == after.term {
                continue;
            }
            if let (Term::RevenueShare(old), Term::RevenueShare(new)) = (&before.term, &after.term) {
                self.settled(old.paid_before == new.paid_before, path("rule.paid_before_usd"));
            }
            let spent = before.until <= self.at || before.term.kind() == TermKind::Investment;
            self.told(!spent, before.from, path("rule"));
            self.counts_from_now_on(contract, Some(&before.term), (&after.id, &after.term));
        }
    }

    /// Adds advice to what was found last.
    fn advise(&mut self, help: &str) {
        if let Some(last) = self.found.last_mut() {
            last.help = Some(help.to_owned());
        }
    }

    /// Refuses a cap that would count payments which nobody has counted.
    fn counts_from_now_on(&mut self, contract: &str, before: Option<&Term>, (id, after): (&str, &Term)) {
        let counting = |term: &Term| match term {
            Term::RevenueShare(share) => Some(share.counting_from),
            _ => None,
        };
        let (was, is) = (before.and_then(counting), counting(after));
        if is.is_some_and(|is| is < self.at) && was != is {
            let message = format!("payments before the fork on {} were not counted for it", self.date(self.at));
            self.find(path_of(contract, id, "rule.counting_from"), message);
        }
    }
}

fn path_of(contract: &str, term: &str, field: &str) -> String {
    let dot = if field.is_empty() { "" } else { "." };
    format!("contracts.{contract}.terms.{term}{dot}{field}")
}
