//! Contracts in force during a run: terms that begin and end, quarterly settlement, and regulators.

use super::events::Event;
use super::simulation::{CapBelowPaid, Simulation};
use crate::ids::{ContractId, LabId};
use crate::market::conditions::Condition;
use crate::market::contracts::TermRef;
use crate::market::labs::valuation;
use crate::market::regulation::{MonthlyDraws, RegulatoryFact, Remedy, Scripted, Sight, WatchedMarket, ties_in};
use crate::market::settlement::{Owners, Setting, Settled};
use crate::market::terms::{Exclusivity, Term};
use crate::units::{DAY, Time, Usd};

impl Simulation<'_> {
    /// Looks which amendments may come now: those whose condition holds come at the next midnight.
    pub(super) fn review_conditions(&mut self) {
        let now = self.now();
        let held = self.state.book.waiting(now).filter(|(contract, position, pending)| {
            !self.state.agreed.contains(&(*contract, *position)) && self.holds(*contract, &pending.when)
        });
        let held: Vec<(ContractId, usize)> = held.map(|(contract, position, _)| (contract, position)).collect();
        if !held.is_empty() {
            self.state.agreed.extend(held);
            self.at(Time((now.0 / DAY.0 + 1) * DAY.0), Event::TermsChanged);
        }
    }

    /// Whether a condition holds now.
    fn holds(&self, contract: ContractId, when: &Condition) -> bool {
        match when {
            Condition::CapReached { clause } => {
                let shares = self.state.settlement.share_figures(&self.state.book, self.now());
                let own = |at: TermRef| at.contract == contract && self.state.book.term(at).id == *clause;
                let reached = |cap: Usd, settled: Usd| settled >= cap;
                shares.iter().any(|row| own(row.term) && row.total_cap.is_some_and(|cap| reached(cap, row.counted)))
            }
            Condition::Valuation { lab, usd } => self.valuation_of(*lab) >= *usd,
            Condition::Revenue { lab, usd_per_year } => self.run_rate(*lab) >= *usd_per_year,
            Condition::Quality { lab, at_least } => {
                self.state.models.iter().any(|model| model.lab == *lab && model.base_quality >= *at_least)
            }
            Condition::CaseOpened { regulator } => self.state.cases[regulator.index()].is_some(),
            Condition::CapacityRefused { cloud, share } => {
                let (_, turned_away, capacity) = self.state.clouds[cloud.index()].month_h100e;
                capacity > 0.0 && turned_away / capacity >= *share
            }
        }
    }

    /// What a lab is worth now [USD]; nothing if nobody funds it.
    pub(super) fn valuation_of(&self, lab: LabId) -> f64 {
        let dependence = self.state.labs[lab.index()].dependence;
        let funding = self.params.labs[lab.index()].funding.as_ref();
        funding.map_or(0.0, |f| valuation(f, self.run_rate(lab), self.revenue_growth(lab), dependence))
    }

    /// A term begins or ends today: what was sold until yesterday is booked under the old terms, then the new ones hold.
    pub(super) fn on_terms_changed(&mut self) {
        self.accrue();
        let yesterday = Time(self.now().0.saturating_sub(1));
        // Books that closed at midnight hold yesterday already; the second since goes into the next bill.
        if self.state.billed < yesterday {
            self.bill(yesterday);
        }
        for (contract, position) in std::mem::take(&mut self.state.agreed) {
            self.state.book.fulfil(contract, position, self.engine.now());
        }
        self.check_caps();
        self.pay_investments();
        self.refresh_rights();
        self.review_offers();
        self.route_products();
        self.schedule_first_ship_leads();
    }

    /// Ends the run if a revenue share in force has a cap below what was paid already.
    pub(super) fn check_caps(&mut self) {
        let now = self.now();
        let Some(over) = self.state.settlement.over_cap(&self.state.book, now) else { return };
        let (book, term) = (&self.state.book, self.state.book.term(over.term));
        self.refused = Some(CapBelowPaid {
            contract: book.contract_name(over.term).to_owned(),
            clause: term.clone(),
            earlier: book
                .versions(over.term)
                .filter(|at| at.term < over.term.term)
                .last()
                .map(|at| book.term(at).clone()),
            cap: over.total_cap.unwrap_or_default(),
            paid: over.counted,
            on: self.params.calendar.date(now),
        });
    }

    /// An exclusivity in waiting ends by itself: when a lead runs out, the offers are looked through again.
    pub(super) fn schedule_first_ship_leads(&mut self) {
        let leads: Vec<f64> = self.state.book.first_ships(self.now()).map(|(_, term)| term.lead_days).collect();
        for days in leads {
            self.after(crate::units::Span::from_days(days), Event::OffersReviewed);
        }
    }

    fn pay_investments(&mut self) {
        let (now, event) = (self.now(), self.engine.fired());
        let before: Vec<_> = self.lab_cash();
        let setting = Setting { book: &self.state.book, owners: &self.state.owners, calendar: &self.params.calendar };
        let paid = self.state.settlement.pay_dated(setting, &mut self.state.ledger, now, event);
        self.hold_stakes(&paid);
        if paid.is_empty() {
            return;
        }
        for (l, before) in before.into_iter().enumerate() {
            let after = self.state.ledger.cash(self.params.labs[l].party);
            self.state.labs[l].raised += (after - before).dollars();
        }
    }

    fn lab_cash(&self) -> Vec<crate::units::Usd> {
        self.params.labs.iter().map(|lab| self.state.ledger.cash(lab.party)).collect()
    }

    /// Settles the quarter: revenue shares, and commitments whose year or term ends.
    pub(super) fn settle_quarter(&mut self, close: Time) {
        let event = self.engine.fired();
        let setting = Setting { book: &self.state.book, owners: &self.state.owners, calendar: &self.params.calendar };
        let facts = self.state.settlement.quarter_closed(setting, &mut self.state.ledger, close, event);
        for fact in facts {
            if let Settled::Notice { term, until } = fact {
                self.state.book.end_early(term, until);
                let (now, end) = (self.params.calendar.date(close), self.params.calendar.date(until));
                let name = self.state.book.term_name(term);
                self.state.warnings.push(format!("{now}: the buyer gives notice of {name}, which ends on {end}"));
                self.at(until, Event::TermsChanged);
            }
        }
    }

    /// Stakes that were bought or settled today.
    fn hold_stakes(&mut self, paid: &[TermRef]) {
        for at in paid {
            let Term::Investment(deal) = &self.state.book.term(*at).term else { continue };
            self.state.holdings.close(deal);
        }
    }

    pub(super) fn on_regulators_met(&mut self, month: u16) {
        let now = self.now();
        let exclusivity = self.state.book.exclusivities(now).next().is_some();
        let tie_in = ties_in(&self.state.book, &self.state.owners, now);
        let last = month.checked_sub(2).map(|before| self.params.calendar.month_end(usize::from(before)));
        let last_met = if month == 0 { None } else { Some(last.unwrap_or(Time(0))) };
        for r in 0..self.params.regulators.len() {
            let regulator = &self.params.regulators[r];
            let hhi = match regulator.market {
                WatchedMarket::Infrastructure => self.state.hhi.0,
                WatchedMarket::Models => self.state.hhi.1,
            };
            let due = |script: Scripted| script.opens <= now && last_met.is_none_or(|last| script.opens > last);
            let sight = Sight { hhi, exclusivity, tie_in, scripted: regulator.scripted.is_some_and(due) };
            let stream = &mut self.state.regulator_streams[r];
            let draws =
                MonthlyDraws { opening: stream.uniform(), duration: stream.uniform(), outcome: stream.uniform() };
            let fact = regulator.on_month(&mut self.state.cases[r], now, &sight, draws);
            if let Some(RegulatoryFact::CaseClosed { outcome, .. }) = fact {
                self.state.cases_closed[r][outcome as usize] += 1;
                regulator.remedies(outcome).into_iter().for_each(|remedy| self.apply(remedy));
            }
        }
        self.review_conditions();
        let next = usize::from(month) + 1;
        if next < self.params.calendar.months() {
            self.at(self.params.calendar.month_end(usize::from(month)), Event::RegulatorsMet(next as u16));
        }
    }

    fn apply(&mut self, remedy: Remedy) {
        let now = self.now();
        match remedy {
            Remedy::SwitchingCosts(factor) => {
                self.state.switching_factor *= factor;
                let factor = self.state.switching_factor;
                self.state.demand.on_policy_shift(&self.params.demand, &self.state.offers, now, factor);
            }
            Remedy::PortingTime(factor) => self.state.porting_factor *= factor,
            Remedy::EndExclusivity(scope) => {
                let covered = |clause: &Exclusivity| scope.is_none_or(|scope| scope == clause.scope);
                let in_force = self.state.book.exclusivities(now).filter(|(_, clause)| covered(clause));
                let terms: Vec<_> = in_force.map(|(at, _)| at).collect();
                terms.into_iter().for_each(|term| self.state.book.end_early(term, now));
                self.on_terms_changed();
            }
            Remedy::ZeroLead => {
                self.state.book.void_leads(now);
                self.on_terms_changed();
            }
            Remedy::OpenLicences => {
                self.state.book.open_licences(now);
                self.on_terms_changed();
            }
        }
    }

    /// Which party each lab and cloud belongs to.
    pub(super) fn owners(params: &super::params::Params) -> Owners {
        Owners {
            of_lab: params.labs.iter().map(|lab| lab.party).collect(),
            of_cloud: params.supply.clouds.iter().map(|cloud| cloud.party).collect(),
        }
    }
}
