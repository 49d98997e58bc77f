//! Bills and books: what was sold and used since the last bill, posted once, and the month's close.

use super::events::Event;
use super::simulation::Simulation;
use super::state::OptionFlow;
use crate::accounts::{Cause, Flow};
use crate::ids::{CloudId, LabId, PartyId};
use crate::market::availability;
use crate::market::contracts::TermRef;
use crate::market::labs::round_size;
use crate::market::latency::token_utilisation;
use crate::market::params::ChannelKind;
use crate::market::pricing::herfindahl;
use crate::market::serving::h100e_of_tokens;
use crate::market::terms::{Base, Buyer, Distribution, Principal, Term, TermKind};
use crate::supply::params::Class;
use crate::units::{Time, Usd};
use std::collections::BTreeSet;

/// Share of lost capacity hours is told in percent in the SLA rule.
const PERCENT: f64 = 100.0;
/// Months of burn in debt at which a lab that nobody funds defaults.
const DEFAULT_MONTHS: f64 = 3.0;

impl Simulation<'_> {
    pub(super) fn on_month_closed(&mut self, month: u16) {
        let close = self.now();
        self.accrue();
        self.bill(close);
        self.run_costs(month);
        self.close_clouds(month);
        self.close_labs_books();
        self.book_profits(close);
        if self.params.calendar.month_last_day(usize::from(month)).month() % 3 == 0 {
            self.settle_quarter(close);
        }
        self.state.hhi = (herfindahl(&self.cloud_revenues()), herfindahl(&self.lab_revenues()));
        self.borrow_and_repay();
        self.complain_of_throttling();
        self.review_conditions();
        let next = usize::from(month) + 1;
        if next < self.params.calendar.months() {
            self.at(self.params.calendar.month_close(next), Event::MonthClosed(next as u16));
        }
    }

    /// Posts what was sold and used since the last bill, under the terms in force at `when`.
    pub(super) fn bill(&mut self, when: Time) {
        let since = std::mem::replace(&mut self.state.billed, when);
        self.book_elsewhere(since, when);
        for i in 0..self.state.listings.len() {
            self.bill_option(i, when);
        }
        for p in 0..self.params.products.len() {
            self.bill_product(p, when);
        }
        for l in 0..self.params.labs.len() {
            for cloud in self.cloud_ids() {
                self.bill_lab(LabId::new(l), cloud, when);
            }
        }
        for cloud in self.cloud_ids() {
            self.bill_rental(cloud);
            self.bill_leases(cloud, when);
        }
    }

    /// Feeds revenue shares with what is in their scope and sold outside this market.
    fn book_elsewhere(&mut self, since: Time, when: Time) {
        let shares: Vec<(TermRef, Usd)> =
            self.state.book.revenue_shares(when).map(|(at, share)| (at, share.elsewhere(since, when))).collect();
        for (at, amount) in shares.into_iter().filter(|(_, amount)| *amount != Usd::ZERO) {
            self.state.settlement.book_elsewhere(&self.state.book, at, amount, when);
        }
    }

    /// A customer's spend on a model is posted once: to the principal, which passes on the other's part.
    fn bill_option(&mut self, i: usize, when: Time) {
        let OptionFlow { asked, served, spend, by_class, .. } = std::mem::take(&mut self.state.unbilled[i]);
        let month = &mut self.state.month.options[i];
        month.asked += asked;
        month.served += served;
        month.spend += spend;
        if spend <= 0.0 {
            return;
        }
        self.count_kinds(i, spend, &by_class);
        let listing = self.state.listings[i];
        let amount = Usd::from_dollars(spend).round_to(Usd::CENT);
        let lab_party = self.params.labs[listing.lab.index()].party;
        let customers = self.params.externals.customers;
        if let ChannelKind::SelfHosted(cloud) = self.params.channels[usize::from(listing.channel)].kind {
            // Weights are free; what is sold are chip-hours.
            let operator = self.params.supply.clouds[cloud.index()].party;
            self.pay(customers, operator, amount, Flow::ChipHours);
            self.state.clouds[cloud.index()].month_revenue += amount.dollars();
            return;
        }
        self.state.labs[listing.lab.index()].month_revenue += spend;
        let Some(cloud) = listing.cloud else {
            self.pay(customers, lab_party, amount, Flow::Tokens);
            self.book_revenue(Base::AllRevenue(listing.lab), amount, when);
            return;
        };
        self.state.labs[listing.lab.index()].month_by_cloud[cloud.index()] += spend;
        let platform = self.params.supply.clouds[cloud.index()].party;
        let channel = crate::ids::ChannelId::new(usize::from(listing.channel));
        let deal = availability::distribution(&self.state.book, when, listing.lab, channel);
        let deal = deal.map(|(at, deal)| {
            let remit_share = availability::remit_share(&self.state.book, when, deal, platform);
            (at, Distribution { remit_share, ..deal.clone() })
        });
        let hours = self.hours_of(i, &by_class);
        let Some((clause, deal)) = deal else {
            // A licence, open weights or the owner's own models: the platform keeps what it sells.
            self.pay(customers, platform, amount, Flow::Tokens);
            self.book_revenue(Base::ChannelRevenue(listing.lab, channel), amount, when);
            self.book_revenue(Base::ChannelProfit(listing.lab, channel), amount - self.cost_of(hours, cloud), when);
            self.state.clouds[cloud.index()].month_revenue += amount.dollars();
            return;
        };
        let split = deal.split(amount);
        match deal.principal {
            Principal::Platform => {
                self.pay(customers, platform, amount, Flow::Tokens);
                self.pay_under(clause, platform, lab_party, split.remitted_to_lab, Flow::Remittance);
            }
            Principal::Lab => {
                self.pay(customers, lab_party, amount, Flow::Tokens);
                self.pay_under(clause, lab_party, platform, split.kept_by_platform, Flow::Remittance);
            }
        }
        // A principal books all of it, an agent what it is left with.
        let by_platform = split.booked_by_platform.max(split.kept_by_platform);
        let by_lab = split.booked_by_lab.max(split.remitted_to_lab);
        self.state.clouds[cloud.index()].month_revenue += by_platform.dollars();
        self.book_revenue(Base::ChannelRevenue(listing.lab, channel), by_platform, when);
        self.book_revenue(Base::ChannelProfit(listing.lab, channel), by_platform - self.cost_of(hours, cloud), when);
        self.book_revenue(Base::AllRevenue(listing.lab), by_lab, when);
        if deal.capacity == Principal::Lab {
            let lab = Buyer::Lab(listing.lab);
            let price = Usd::from_dollars(hours * self.price_to(lab, cloud)).round_to(Usd::CENT);
            self.pay_for_hours((lab, cloud), price, Usd::ZERO, when);
        }
    }

    /// Counts what an option sold by class and by kind of token, at the ratios of today: its spend is
    /// `L·Σ_c f_c·v_c`, which gives L, f_c what a token of class c costs over list and v_c what was served [Mtok].
    fn count_kinds(&mut self, i: usize, spend: f64, by_class: &[f64; Class::COUNT]) {
        let listing = &self.state.listings[i];
        let prices = self.kind_prices(&self.state.models[listing.model.index()]);
        let (tokens, hosted) = (&self.params.tokens, self.is_self_hosted(listing));
        let over_list = if hosted { tokens.work_by_class(self.now()) } else { tokens.over_list(&prices) };
        let at_list: f64 = by_class.iter().zip(&over_list).map(|(mtok, factor)| mtok * factor).sum();
        let month = &mut self.state.month;
        for class in &Class::ALL[1..] {
            let mtok = by_class[class.index()];
            if mtok <= 0.0 {
                continue;
            }
            let usd = spend * mtok * over_list[class.index()] / at_list;
            let sum = &mut month.classes[class.index()];
            *sum = (sum.0 + mtok, sum.1 + usd);
            if hosted {
                // Chip-hours are paid, not kinds of tokens.
                continue;
            }
            for (sum, kind) in month.kinds.iter_mut().zip(tokens.by_kind(*class, &prices, mtok, usd)) {
                *sum = (sum.0 + kind.0, sum.1 + kind.1);
            }
        }
    }

    /// Compute that the tokens of an option on a platform took [chat H100e-hours].
    fn hours_of(&self, i: usize, by_class: &[f64; Class::COUNT]) -> f64 {
        let now = self.now();
        let work = self.params.tokens.work_by_class(now);
        let mtok: f64 = by_class.iter().zip(&work).map(|(mtok, work)| mtok * work).sum();
        let compute = self.state.models[self.state.listings[i].model.index()].compute_per_token;
        let reference = self.params.serving.reference_mtok_per_hour.at(now);
        h100e_of_tokens(mtok, compute, 1.0, reference, self.params.busy_at(self.state.listings[i].channel, self.now()))
    }

    /// Levelised cost of hours at a cloud.
    fn cost_of(&self, hours: f64, cloud: CloudId) -> Usd {
        Usd::from_dollars(hours * self.state.clouds[cloud.index()].levelised_cost).round_to(Usd::CENT)
    }

    /// Feeds the month's profit of each party of which some clause takes a share: revenue less expenses since the last
    /// close, revenue shares apart.
    fn book_profits(&mut self, when: Time) {
        let bases =
            self.state.book.of_kind(TermKind::RevenueShare).filter_map(|at| match &self.state.book.term(at).term {
                Term::RevenueShare(share) => Some(share.base),
                _ => None,
            });
        let parties: BTreeSet<PartyId> =
            bases.filter_map(|base| if let Base::Profit(party) = base { Some(party) } else { None }).collect();
        // Of every party, since a clause may come later, by a fork too.
        for party in (0..self.params.parties.len()).map(PartyId::new) {
            let to_date = self.state.ledger.income(party, |flow| flow != Flow::RevenueShare);
            let before = std::mem::replace(&mut self.state.profits[party.index()], to_date);
            if parties.contains(&party) {
                self.book_revenue(Base::Profit(party), to_date - before, when);
            }
        }
    }

    pub(super) fn book_revenue(&mut self, base: Base, amount: Usd, when: Time) {
        self.state.settlement.book_revenue(&self.state.book, base, amount, when);
    }

    /// A lab's chip-hours: its reservations whether used or not, commitments as used, the rest at the price on demand.
    fn bill_lab(&mut self, lab: LabId, cloud: CloudId, when: Time) {
        let (l, k) = (lab.index(), cloud.index());
        let at = &mut self.state.labs[l].at[k];
        let used = std::mem::take(&mut at.used_hours);
        let reserved = std::mem::take(&mut at.reserved_hours);
        let undelivered = std::mem::take(&mut at.undelivered_hours);
        let excess = std::mem::take(&mut at.excess_hours);
        if self.params.labs[l].own_cloud == Some(cloud) {
            return;
        }
        let deal = (Buyer::Lab(lab), cloud);
        let committed_price = self.price_to(deal.0, cloud);
        let (signed, signed_price) = self.signed(lab, cloud);
        let right = self.state.labs[l].at[k].right;
        let by_clause = self.bill_reservations(deal, (reserved, undelivered), right, when);
        // Reserved hours are paid whether used or not; what is used beyond them draws on the commitments.
        let held = reserved * signed;
        let within = held * signed_price + (used - held - reserved * by_clause).max(0.0) * committed_price;
        let beyond = excess * self.on_demand_price_to(lab, cloud);
        let amount = Usd::from_dollars(within + beyond).round_to(Usd::CENT);
        let undelivered = undelivered * (1.0 - by_clause) * committed_price;
        self.pay_for_hours(deal, amount, Usd::from_dollars(undelivered).round_to(Usd::CENT), when);
    }

    /// The part of a lab's right at a cloud that it signed for during the run [1], and its mean price [USD/h].
    fn signed(&self, lab: LabId, cloud: CloudId) -> (f64, f64) {
        let right = self.state.labs[lab.index()].at[cloud.index()].right;
        let reservations = self.state.labs[lab.index()].reservations.iter().filter(|r| r.cloud == cloud);
        let (h100e, usd) = reservations.fold((0.0, 0.0), |(h, usd), r| (h + r.h100e, usd + r.h100e * r.usd_per_hour));
        if right > 0.0 && h100e > 0.0 { ((h100e / right).min(1.0), usd / h100e) } else { (0.0, 0.0) }
    }

    /// Leases between clouds: set aside for the lessee, so paid as delivered.
    fn bill_leases(&mut self, lessor: CloudId, when: Time) {
        for lessee in self.cloud_ids() {
            let (delivered, undelivered) =
                std::mem::take(&mut self.state.clouds[lessor.index()].lease_hours[lessee.index()]);
            let deal = (Buyer::Cloud(lessee), lessor);
            let right = self.state.clouds[lessee.index()].leased[lessor.index()];
            let rest = 1.0 - self.bill_reservations(deal, (delivered, undelivered), right, when);
            let price = self.price_to(deal.0, lessor);
            let amount = Usd::from_dollars(rest * delivered * price).round_to(Usd::CENT);
            let undelivered = Usd::from_dollars(rest * undelivered * price).round_to(Usd::CENT);
            self.pay_for_hours(deal, amount, undelivered, when);
        }
    }

    fn bill_rental(&mut self, cloud: CloudId) {
        let k = cloud.index();
        let amount = Usd::from_dollars(self.take_rental(cloud)).round_to(Usd::CENT);
        self.pay(self.params.externals.customers, self.params.supply.clouds[k].party, amount, Flow::ChipHours);
        self.state.clouds[k].month_revenue += amount.dollars();
    }

    /// What it costs to run: electricity, staff and spares, credits, the conventional business, interest, wear.
    fn run_costs(&mut self, month: u16) {
        for cloud in self.cloud_ids() {
            let k = cloud.index();
            let now = self.now();
            let party = self.params.supply.clouds[k].party;
            let market = &self.params.clouds[k];
            let ext = self.params.externals;
            let other = self.other_revenue_usd_per_year(cloud) / 12.0;
            let other_cash = other * market.other_cash_margin;
            let other_receipts = other.max(other_cash);
            let other_cost = other_receipts - other_cash;
            let other_capex = market.other_capex_usd_per_year.at(now) / 12.0;
            let state = &mut self.state.clouds[k];
            let electricity = std::mem::take(&mut state.electricity);
            let serving = state.assets.iter().filter(|asset| month < asset.gone);
            let cost: f64 = serving.map(|asset| asset.cost).sum();
            let operations = cost * self.params.supply.clouds[k].opex_share_per_year / 12.0;
            let out = if state.capacity_hours > 0.0 { state.outage_hours / state.capacity_hours } else { 0.0 };
            let credits = (out * PERCENT * self.params.serving.sla_credit_per_percent).min(1.0) * state.month_revenue;
            state.outage_hours = 0.0;
            let ai_cash = state.month_revenue - electricity - operations - credits;
            let operating_cash = ai_cash + other_cash - other_capex;
            state.operating_cash.push(operating_cash);
            let dollars = |amount: f64| Usd::from_dollars(amount.max(0.0)).round_to(Usd::CENT);
            self.pay(party, ext.utilities, dollars(electricity), Flow::Power);
            self.pay(party, ext.staff, dollars(operations), Flow::Operations);
            self.pay(party, ext.customers, dollars(credits), Flow::SlaCredit);
            self.pay(ext.customers, party, dollars(other_receipts), Flow::Conventional);
            self.pay(party, ext.staff, dollars(other_cost), Flow::ConventionalCost);
            self.pay(party, ext.builders, dollars(other_capex), Flow::Construction);
            let debt = self.state.ledger.debt(party).dollars().abs();
            self.pay(party, ext.lenders, dollars(debt * market.interest_rate.at(now) / 12.0), Flow::Interest);
            // What is not kept for AI capital goes to the shareholders.
            let payout = operating_cash * (1.0 - market.reinvestment_share);
            self.pay(party, ext.investors, dollars(payout), Flow::Payout);
        }
    }

    fn close_clouds(&mut self, month: u16) {
        let hours = self.month_hours();
        for cloud in self.cloud_ids() {
            let k = cloud.index();
            let party = self.params.supply.clouds[k].party;
            let state = &mut self.state.clouds[k];
            state.assets.retain(|asset| month < asset.written_off.max(asset.gone));
            let worn = state.assets.iter().filter(|asset| month < asset.written_off);
            let wear: f64 = worn.map(|asset| asset.wear).sum();
            state.revenue.push(std::mem::take(&mut state.month_revenue));
            let (used, capacity) = (std::mem::take(&mut state.used_hours), std::mem::take(&mut state.capacity_hours));
            self.state.settlement.book_unsold(cloud, (capacity - used).max(0.0));
            let turned_away = std::mem::take(&mut state.turned_away_hours);
            state.month_h100e = (used / hours, turned_away / hours, capacity / hours);
            state.utilisation = if capacity > 0.0 { used / capacity } else { 0.0 };
            let (tokens, held) = (std::mem::take(&mut state.token_hours), std::mem::take(&mut state.held_hours));
            state.token_utilisation = token_utilisation(tokens, capacity, held);
            state.throttled = state.month_tokens.unserved_share();
            let (now, cause) = (self.engine.now(), Cause::event(self.engine.fired()));
            let wear = Usd::from_dollars(wear).min(self.state.ledger.fixed_assets(party)).or_zero();
            self.state.ledger.depreciate(now, party, wear, cause);
        }
    }

    /// Labs: what staff costs, what is raised, who can no longer pay.
    fn close_labs_books(&mut self) {
        for l in 0..self.params.labs.len() {
            let lab = LabId::new(l);
            let now = self.now();
            let params = &self.params.labs[l];
            let state = &mut self.state.labs[l];
            let revenue = std::mem::take(&mut state.month_revenue);
            for (months, month) in state.spend.iter_mut().zip(&mut state.month_spend) {
                months.push(std::mem::take(month));
            }
            let largest = state.month_by_cloud.iter().copied().fold(0.0, f64::max);
            state.month_by_cloud.fill(0.0);
            state.dependence = if revenue > 0.0 { (largest / revenue).min(1.0) } else { 0.0 };
            state.revenue.push(revenue);
            state.throttled = state.month_tokens.unserved_share();
            let staff = (params.staff_share_of_revenue.at(now) * revenue).max(params.staff_usd_per_year.at(now) / 12.0);
            let amount = Usd::from_dollars(staff).round_to(Usd::CENT);
            self.pay(params.party, self.params.externals.staff, amount, Flow::ResearchStaff);
            self.fund(lab);
        }
    }

    /// A lab whose cash no longer covers its runway raises; one that cannot, and is deep in debt, defaults.
    fn fund(&mut self, lab: LabId) {
        let l = lab.index();
        let party = self.params.labs[l].party;
        let Some(funding) = &self.params.labs[l].funding else { return };
        let cash = self.state.ledger.cash(party).dollars();
        let state = &mut self.state.labs[l];
        let burn = state.last_cash - cash + std::mem::take(&mut state.raised);
        state.burn = if state.burn == 0.0 { burn } else { state.burn + (burn - state.burn) / 3.0 };
        let burn = state.burn;
        let value = self.valuation_of(lab);
        let round = round_size(funding, cash, burn, value);
        let amount = Usd::from_dollars(round).round_to(Usd::CENT);
        self.pay(self.params.externals.investors, party, amount, Flow::EquityIssue);
        self.state.holdings.round(party, self.params.externals.investors, amount.dollars(), value);
        let cash = self.state.ledger.cash(party).dollars();
        self.state.labs[l].last_cash = cash;
        if cash < -DEFAULT_MONTHS * burn.max(0.0) && burn > 0.0 && !self.state.labs[l].defaulted {
            self.default_on(lab);
        }
    }

    /// A lab in default: its commitments and reservations end, and their compute returns to sale.
    fn default_on(&mut self, lab: LabId) {
        let date = self.params.calendar.date(self.now());
        let id = &self.params.labs[lab.index()].id;
        self.state.warnings.push(format!("{date}: {id} cannot pay and defaults; its commitments end"));
        self.state.labs[lab.index()].defaulted = true;
        self.state.labs[lab.index()].reservations.clear();
        self.state.labs[lab.index()].research_need = 0.0;
        self.drop_training(lab);
        let terms: Vec<_> = self
            .state
            .book
            .commitments(self.now())
            .filter(|(_, term)| term.buyer == Buyer::Lab(lab))
            .map(|(at, _)| at)
            .chain(
                self.state.book.reservations(self.now()).filter(|(_, t)| t.buyer == Buyer::Lab(lab)).map(|(at, _)| at),
            )
            .collect();
        for term in terms {
            self.state.book.end_early(term, self.engine.now());
        }
    }

    /// Owners of fleets borrow what they lack and pay back what they can spare.
    fn borrow_and_repay(&mut self) {
        let lenders = self.params.externals.lenders;
        for cloud in self.cloud_ids() {
            let party = self.params.supply.clouds[cloud.index()].party;
            let cash = self.state.ledger.cash(party);
            let owed = self.state.settlement.contract_debt(self.setting(), party);
            let debt = (Usd(self.state.ledger.debt(party).0.abs()) - owed).or_zero();
            if cash < Usd::ZERO {
                self.pay(lenders, party, -cash, Flow::Borrowing);
            } else if debt > Usd::ZERO {
                // Half of the cash in hand, so that a quarter's orders do not have to be borrowed again.
                self.pay(party, lenders, debt.min(Usd(cash.0 / 2)), Flow::Repayment);
            }
        }
    }

    /// Customers of a cloud that throttled too much of a month look again.
    fn complain_of_throttling(&mut self) {
        for cloud in self.cloud_ids() {
            let share = self.state.clouds[cloud.index()].throttled;
            if share > self.params.serving.throttling_threshold {
                let place = crate::market::demand::Place::Cloud(cloud);
                let now = self.engine.now();
                self.state.demand.on_throttled(&self.params.demand, &self.state.offers, now, place, share);
            }
        }
    }
}
