//! Observation: what a month looks like, read and never changed.

use super::events::Event;
use super::metrics::METRICS;
use super::params::Params;
use super::record::{Recorded, SeriesKey};
use super::simulation::Simulation;
use super::state::{PartFlow, State, TokenBalance};
use crate::accounts::StatementLine;
use crate::ids::{AcceleratorId, CloudId, LabId, PartyId, SegmentId};
use crate::market::regulation::Outcome;
use crate::market::settlement::Setting;
use crate::market::terms::{Term, TermKind};
use crate::market::tokens::TokenKind;
use crate::supply::levelised_cost;
use crate::supply::params::Class;
use crate::units::{Time, Usd};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Name of the entity of metrics of the whole market.
const MARKET: &str = "market";
/// Tokens a month below which a lab's cost per token says nothing [Mtok].
const LEAST_MTOK: f64 = 1e4;

/// What has been observed so far: the keys once, the values month by month.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recorder {
    dates: Vec<String>,
    keys: Vec<SeriesKey>,
    /// How many of the keys are observed; those after them were, before a fork.
    observed: usize,
    /// Whether the next month may have other series than the last: the first, and the first of a fork.
    asks_names: bool,
    /// Last day and lines of each quarter whose statements were drawn up.
    pub(super) statements: Vec<(String, Vec<StatementLine>)>,
    /// `values[month][series]`; series that are missing at a month's end were not observed.
    values: Vec<Vec<f64>>,
    /// Cash before financing of each party since the start of the run, as it was at the last month's end.
    pub(super) cash_before_financing: Vec<Usd>,
}

/// One month's observations under way: names are only asked for where they may have changed.
pub(super) struct Sheet<'a> {
    keys: Option<&'a mut Vec<SeriesKey>>,
    values: Vec<f64>,
}

impl Sheet<'_> {
    pub(super) fn put(&mut self, metric: &'static str, entity: &str, value: f64) {
        self.put_pair(metric, entity, "", value);
    }

    pub(super) fn put_pair(&mut self, metric: &'static str, entity: &str, counterparty: &str, value: f64) {
        debug_assert!(METRICS.iter().any(|m| m.name == metric), "{metric} is not in the dictionary");
        if let Some(keys) = &mut self.keys {
            keys.push(SeriesKey {
                metric: metric.to_owned(),
                entity: entity.to_owned(),
                counterparty: counterparty.to_owned(),
            });
        }
        self.values.push(value);
    }
}

impl Recorder {
    /// An empty record of a run.
    pub fn new(params: &Params) -> Self {
        let months = params.calendar.months();
        let dates = (0..months).map(|m| params.calendar.month_last_day(m).to_string()).collect();
        Self {
            dates,
            keys: Vec::new(),
            observed: 0,
            asks_names: true,
            statements: Vec::new(),
            values: Vec::with_capacity(months),
            cash_before_financing: Vec::new(),
        }
    }

    /// From the next month on there may be series that there were not before, or fewer.
    pub(super) fn ask_names(&mut self) {
        self.asks_names = true;
    }

    /// Takes the series of a month. Where they are not those of the months before, the new order holds for all months:
    /// what was not observed then, or is no more, is missing; what is no more and never was observed is forgotten.
    fn rename(&mut self, mut keys: Vec<SeriesKey>) {
        self.asks_names = false;
        self.observed = keys.len();
        if self.keys == keys {
            return;
        }
        let was_observed = |place: usize| self.values.iter().any(|sheet| sheet.get(place).is_some_and(|v| !v.is_nan()));
        let old = self.keys.iter().enumerate();
        let gone: Vec<SeriesKey> = old
            .filter(|(place, key)| !keys.contains(key) && was_observed(*place))
            .map(|(_, key)| key.clone())
            .collect();
        keys.extend(gone);
        let from: Vec<Option<usize>> = keys.iter().map(|key| self.keys.iter().position(|old| old == key)).collect();
        for sheet in &mut self.values {
            let value = |place: &Option<usize>| place.and_then(|i| sheet.get(i)).copied().unwrap_or(f64::NAN);
            *sheet = from.iter().map(value).collect();
        }
        self.keys = keys;
    }

    /// The record, series by series in the order of metric, entity and counterparty as they were first observed.
    pub fn finish(self) -> Recorded {
        let months = self.dates.len();
        let mut values = vec![f64::NAN; self.keys.len() * months];
        for (month, sheet) in self.values.iter().enumerate() {
            for (series, value) in sheet.iter().enumerate() {
                values[series * months + month] = *value;
            }
        }
        Recorded { dates: self.dates, keys: self.keys, values }
    }
}

/// Payers and payees that may deal with each other: owners of clouds and labs among themselves, and with the makers
/// that a cloud may buy from, in either direction. Parties outside the market are not among them.
fn dealing_pairs(params: &Params) -> Vec<(PartyId, PartyId)> {
    let supply = &params.supply;
    let mut owners: BTreeSet<PartyId> = supply.clouds.iter().map(|cloud| cloud.party).collect();
    owners.extend(params.labs.iter().map(|lab| lab.party));
    let bought = supply.clouds.iter().flat_map(|cloud| &cloud.purchases).map(|purchase| purchase.accelerator);
    let maker = |kind: AcceleratorId| supply.suppliers[supply.accelerators[kind.index()].supplier.index()].party;
    let parties: BTreeSet<PartyId> = bought.map(maker).chain(owners.iter().copied()).collect();
    let pairs = parties.iter().flat_map(|payer| parties.iter().map(move |payee| (*payer, *payee)));
    pairs.filter(|(payer, payee)| payer != payee && (owners.contains(payer) || owners.contains(payee))).collect()
}

pub(super) fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { f64::NAN }
}

impl Simulation<'_> {
    pub(super) fn on_month_observed(&mut self, month: u16) {
        let asks_names = self.recorder.asks_names;
        let mut keys = Vec::new();
        let mut sheet =
            Sheet { keys: asks_names.then_some(&mut keys), values: Vec::with_capacity(self.recorder.keys.len()) };
        self.observe_clouds(&mut sheet);
        self.observe_price_gaps(&mut sheet);
        self.observe_token_gaps(&mut sheet);
        self.observe_terms(&mut sheet);
        self.observe_labs(&mut sheet);
        self.observe_segments(&mut sheet);
        self.observe_channels(&mut sheet);
        self.observe_market(&mut sheet);
        self.observe_products(&mut sheet);
        self.observe_contracts(&mut sheet);
        self.observe_stakes(&mut sheet);
        self.observe_warrants(&mut sheet);
        self.observe_regulators(&mut sheet);
        self.observe_bars(&mut sheet);
        self.observe_wishes(&mut sheet);
        self.observe_accounts(&mut sheet);
        let cash_before_financing = self.observe_cash_flows(&mut sheet);
        self.observe_payments(&mut sheet);
        self.observe_focal(&mut sheet);
        let values = sheet.values;
        if asks_names {
            self.recorder.rename(keys);
        }
        assert_eq!(values.len(), self.recorder.observed, "the same series every month");
        self.recorder.values.push(values);
        self.recorder.cash_before_financing = cash_before_financing;
        // Not when the next month begins: what is energized or delivered in its first instant belongs to it.
        self.state.clouds.iter_mut().for_each(|cloud| cloud.capex = 0.0);
        self.state.ledger.close_month();
        self.close_focal_month(month);
        self.state_quarter(month);
        let next = usize::from(month) + 1;
        if next < self.params.calendar.months() {
            self.at(self.params.calendar.month_close(next), Event::MonthObserved(next as u16));
        }
    }

    /// AI revenue of the month by cloud, 0 for fleets that do not sell [USD].
    pub(super) fn cloud_revenues(&self) -> Vec<f64> {
        let sells = |k: usize| self.params.supply.clouds[k].sells;
        let last = |k: usize| self.state.clouds[k].revenue.last().copied().unwrap_or(0.0);
        (0..self.state.clouds.len()).map(|k| if sells(k) { last(k) } else { 0.0 }).collect()
    }

    /// End-customer revenue of the month by lab [USD].
    pub(super) fn lab_revenues(&self) -> Vec<f64> {
        self.state.labs.iter().map(|lab| lab.revenue.last().copied().unwrap_or(0.0)).collect()
    }

    fn observe_clouds(&self, sheet: &mut Sheet) {
        let now = self.now();
        let supply = &self.params.supply;
        let revenue = self.cloud_revenues();
        let sold: f64 = revenue.iter().sum();
        let selling = |k: usize| supply.clouds[k].sells;
        let installed: Vec<f64> =
            self.cloud_ids().map(|cloud| self.state.supply.installed_h100e(supply, cloud, Class::Chat, now)).collect();
        let total_installed: f64 = (0..installed.len()).filter(|k| selling(*k)).map(|k| installed[k]).sum();
        let tokens: f64 = (0..installed.len()).filter(|k| selling(*k)).map(|k| self.state.clouds[k].fleet_mtok).sum();
        for cloud in self.cloud_ids() {
            let k = cloud.index();
            let id = &supply.clouds[k].id;
            let state = &self.state.clouds[k];
            if selling(k) {
                sheet.put("share_revenue", id, share(revenue[k], sold));
                sheet.put("share_tokens", id, share(state.fleet_mtok, tokens));
                sheet.put("share_compute", id, share(installed[k], total_installed));
                sheet.put("revenue_ai_usd", id, revenue[k]);
                sheet.put("revenue_other_usd", id, self.other_revenue_usd_per_year(cloud) / 12.0);
                sheet.put("home_share", id, self.state.demand.home_share(cloud));
                sheet.put("price_usd_per_h100e_hour", id, state.price);
                sheet.put("throttled_share", id, state.throttled);
                sheet.put("redirected_choices", id, self.state.demand.redirected(k));
                let TokenBalance { asked, spill_in, served, throttled, spill_out, lost } = state.month_tokens;
                sheet.put("asked_mtok", id, asked);
                sheet.put("spill_in_mtok", id, spill_in);
                sheet.put("served_mtok", id, served);
                sheet.put("throttled_mtok", id, throttled);
                sheet.put("spill_out_mtok", id, spill_out);
                sheet.put("lost_mtok", id, lost);
            }
            sheet.put("fleet_h100e", id, installed[k]);
            let before = self.params.purchases_8bit_at_start[k];
            sheet.put("purchases_h100e_8bit", id, before + self.state.supply.purchases_8bit(supply, cloud));
            sheet.put("energized_mw", id, self.state.supply.energized_mw(cloud));
            sheet.put("used_mw", id, self.state.supply.used_mw(supply, cloud));
            sheet.put("stranded_power_mw", id, self.state.supply.stranded_power_mw(supply, cloud));
            let stranded = self.state.supply.stranded_h100e(supply, cloud, Class::Chat, now);
            sheet.put("stranded_chips_h100e", id, stranded);
            sheet.put("utilisation", id, state.utilisation);
            sheet.put("queueing_delay_s", id, self.queueing_delay_s(state.token_utilisation));
            sheet.put("capex_usd", id, state.capex);
            let other_capex = self.params.clouds[k].other_capex_usd_per_year.at(now) / 12.0;
            sheet.put("capex_other_usd", id, other_capex);
            let month = self.params.calendar.month_of(now) as u16 + 1;
            let book: f64 = state.assets.iter().map(|asset| asset.book_value(month)).sum();
            sheet.put("book_value_usd", id, book);
            sheet.put("resale_value_usd", id, self.state.supply.resale_value_usd(supply, cloud, now));
            for (a, kind) in supply.accelerators.iter().enumerate() {
                let bought = supply.clouds[k].purchases.iter().any(|p| p.accelerator.index() == a)
                    || supply.clouds[k].initial_fleet.iter().any(|f| f.accelerator.index() == a);
                if bought {
                    let chips = self.state.supply.stages(cloud, AcceleratorId::new(a)).installed();
                    sheet.put_pair("fleet_chips", id, &kind.id, chips as f64);
                }
            }
        }
        self.observe_views(sheet);
        self.observe_binding(sheet);
        self.observe_types(sheet);
    }

    fn observe_views(&self, sheet: &mut Sheet) {
        for (cloud, owner) in self.cloud_ids().zip(&self.params.supply.clouds) {
            let views = self.views(cloud);
            sheet.put("owned_h100e", &owner.id, views.owned);
            sheet.put("operated_h100e", &owner.id, views.operated);
            for (l, lab) in self.params.labs.iter().enumerate() {
                sheet.put_pair("used_h100e", &lab.id, &owner.id, self.lab_use(l, cloud));
            }
            let others =
                [("own-load", views.internal), ("platform-customers", views.platform), ("tenants", views.rented)];
            for (user, h100e) in others.into_iter().chain([("spot", views.spot), ("idle", views.idle())]) {
                sheet.put_pair("used_h100e", user, &owner.id, h100e);
            }
        }
    }

    fn observe_types(&self, sheet: &mut Sheet) {
        let now = self.now();
        let supply = &self.params.supply;
        for (a, kind) in supply.accelerators.iter().enumerate() {
            let accelerator = AcceleratorId::new(a);
            let made = self.is_made(a, now);
            let shipped = self.state.supply.shipped_chips(supply, accelerator);
            sheet.put("shipped_chips", &kind.id, shipped as f64);
            let may_buy =
                |cloud: &CloudId| supply.clouds[cloud.index()].purchases.iter().any(|p| p.accelerator == accelerator);
            let (mut sum, mut buyers) = (0.0, 0.0);
            for cloud in self.cloud_ids().filter(may_buy) {
                let cost = if made { levelised_cost(supply, cloud, accelerator, now) } else { f64::NAN };
                let at = &supply.clouds[cloud.index()].id;
                sheet.put_pair("levelised_cost_at_cloud_usd_per_h100e_hour", &kind.id, at, cost);
                sum += cost;
                buyers += 1.0;
            }
            if buyers > 0.0 {
                sheet.put("levelised_cost_usd_per_h100e_hour", &kind.id, sum / buyers);
            }
        }
    }

    /// Tokens of the month that a lab's models served: own API, platforms, products of whomever [Mtok].
    fn lab_tokens(&self, lab: LabId) -> f64 {
        let (_, sold) = self.spend_and_served(Some(lab));
        let products: f64 = self.state.products.iter().map(|product| product.parts[lab.index()].month.mtok).sum();
        sold + products
    }

    /// Hours of the month being observed.
    pub(super) fn month_hours(&self) -> f64 {
        let month = self.params.calendar.month_of(self.now());
        let start = if month == 0 { Time(0) } else { self.params.calendar.month_end(month - 1) };
        self.params.calendar.month_end(month).since(start).hours()
    }

    fn observe_labs(&self, sheet: &mut Sheet) {
        let revenue = self.lab_revenues();
        let sold: f64 = revenue.iter().sum();
        let tokens: Vec<f64> = (0..self.state.labs.len()).map(|l| self.lab_tokens(LabId::new(l))).collect();
        let total: f64 = tokens.iter().sum();
        let hours = |l: usize| self.state.labs[l].serving_hours + self.state.labs[l].training_hours;
        let compute: f64 = (0..self.state.labs.len()).map(hours).sum();
        for (l, lab) in self.params.labs.iter().enumerate() {
            sheet.put("share_revenue_lab", &lab.id, share(revenue[l], sold));
            sheet.put("share_tokens_lab", &lab.id, share(tokens[l], total));
            sheet.put("share_compute_lab", &lab.id, share(hours(l), compute));
            let on_sale = self.state.models.iter().filter(|m| m.lab.index() == l && m.withdrawn.is_none());
            sheet.put("quality", &lab.id, on_sale.map(|m| m.base_quality).fold(f64::NAN, f64::max));
            let state = &self.state.labs[l];
            sheet.put("rights_h100e", &lab.id, state.rights_hours / self.month_hours());
            let used = (state.serving_hours + state.training_hours).min(state.rights_hours);
            sheet.put("rights_used_share", &lab.id, share(used, state.rights_hours));
            sheet.put("queue_wait_hours", &lab.id, state.training.queue_wait_hours());
            sheet.put("training_busy_share", &lab.id, state.training.busy_share(self.now()));
            sheet.put("frontier_run_days", &lab.id, state.training.frontier_run_days());
            sheet.put("revenue_lab_usd", &lab.id, revenue[l]);
            let (spend, served) = self.spend_and_served(Some(LabId::new(l)));
            sheet.put("price_usd_per_mtok", &lab.id, share(spend, served));
            let (cost, mtok) = self.lab_cost(LabId::new(l));
            sheet.put("cost_usd_per_mtok", &lab.id, share(cost, mtok));
        }
    }

    /// What customers paid for tokens, products apart, and what was served [USD, Mtok].
    fn spend_and_served(&self, lab: Option<LabId>) -> (f64, f64) {
        self.state
            .listings
            .iter()
            .zip(&self.state.month.options)
            .filter(|(listing, _)| lab.is_none_or(|lab| listing.lab == lab))
            .fold((0.0, 0.0), |(spend, served), (_, month)| (spend + month.spend, served + month.served))
    }

    /// Full cost of what a lab serves on its own rights, idle rights included, and its tokens [USD, Mtok].
    fn lab_cost(&self, lab: LabId) -> (f64, f64) {
        let state = &self.state.labs[lab.index()];
        let hours = state.serving_hours.max(state.rights_hours - state.training_hours);
        let levelised: f64 = self
            .cloud_ids()
            .map(|cloud| self.placement(lab, cloud) * self.state.clouds[cloud.index()].levelised_cost)
            .sum();
        // A lab that hardly serves has no meaningful cost of a token.
        if state.own_mtok < LEAST_MTOK { (f64::NAN, 1.0) } else { (hours * levelised, state.own_mtok) }
    }

    /// How each segment divides what it pays for tokens among the labs.
    fn observe_segments(&self, sheet: &mut Sheet) {
        let (demand, offers, now) = (&self.params.demand, &self.state.offers, self.now());
        for (s, segment) in demand.segments.iter().enumerate() {
            let spend = self.state.demand.spend_by_lab(demand, offers, SegmentId::new(s), now);
            let total: f64 = spend.iter().sum();
            for (l, lab) in self.params.labs.iter().enumerate() {
                let part = share(spend.get(l).copied().unwrap_or(0.0), total);
                sheet.put_pair("share_spend_segment", &lab.id, &segment.id, part);
            }
        }
    }

    fn observe_market(&self, sheet: &mut Sheet) {
        let tokens: f64 = (0..self.state.labs.len()).map(|l| self.lab_tokens(LabId::new(l))).sum();
        sheet.put("tokens_mtok", MARKET, tokens);
        let (spend, served) = self.spend_and_served(None);
        sheet.put("price_usd_per_mtok", MARKET, share(spend, served));
        self.observe_kinds(sheet);
        let labs = (0..self.state.labs.len()).map(|l| self.lab_cost(LabId::new(l))).filter(|(cost, _)| !cost.is_nan());
        let platforms = self.state.clouds.iter().map(|c| (c.platform_hours * c.levelised_cost, c.month_tokens.served));
        let (cost, mtok) = labs.chain(platforms).fold((0.0, 0.0), |sum, part| (sum.0 + part.0, sum.1 + part.1));
        sheet.put("cost_usd_per_mtok", MARKET, share(cost, mtok));
        sheet.put("hhi_infrastructure", MARKET, self.state.hhi.0);
        sheet.put("hhi_model", MARKET, self.state.hhi.1);
        for (p, party) in self.params.parties.iter().enumerate() {
            let cash = self.state.ledger.cash(crate::ids::PartyId::new(p)).dollars();
            sheet.put("cash_usd", &party.id, cash);
        }
    }

    /// What tokens sold for by class and by kind, and how many of those read were found in a cache.
    fn observe_kinds(&self, sheet: &mut Sheet) {
        let month = &self.state.month;
        for class in &Class::ALL[1..] {
            let (mtok, usd) = month.classes[class.index()];
            sheet.put("price_of_class_usd_per_mtok", Class::NAMES[class.index()], share(usd, mtok));
        }
        for (name, (mtok, usd)) in TokenKind::NAMES.iter().zip(month.kinds) {
            sheet.put("price_of_kind_usd_per_mtok", name, share(usd, mtok));
        }
        let (input, cached) = (month.kinds[TokenKind::Input as usize].0, month.kinds[TokenKind::Cached as usize].0);
        sheet.put("cached_share", MARKET, share(cached, input + cached));
    }

    /// Terms of the scenario, first versions only; a term that has not begun has no observation.
    fn observe_contracts(&self, sheet: &mut Sheet) {
        let now = self.now();
        let book = &self.state.book;
        let setting = Setting { book, owners: &self.state.owners, calendar: &self.params.calendar };
        let shares = self.state.settlement.share_figures(book, now);
        let commitments = self.state.settlement.commitment_figures(setting, now);
        let today = self.params.calendar.date(now);
        let open = self.open_commitments((today.month(), today.day()) == (12, 31));
        for at in book.of_kind(TermKind::RevenueShare).filter(|at| book.versions(*at).next() == Some(*at)) {
            let name = book.term_name(at);
            let row = shares.iter().find(|row| book.term_name(row.term) == name);
            sheet.put("revenue_share_paid_usd", &name, row.map_or(f64::NAN, |row| row.due_to_date.dollars()));
            let cap = row.and_then(|row| row.total_cap);
            sheet.put("revenue_share_cap_usd", &name, cap.map_or(f64::NAN, |cap| cap.dollars()));
            let reached = row.zip(cap).map_or(f64::NAN, |(row, cap)| f64::from(u8::from(row.due_to_date >= cap)));
            sheet.put("cap_reached", &name, reached);
        }
        for at in book.of_kind(TermKind::Commitment).filter(|at| book.versions(*at).next() == Some(*at)) {
            debug_assert!(matches!(book.term(at).term, Term::Commitment(_)));
            let name = book.term_name(at);
            let row = commitments.iter().find(|row| row.term == at);
            sheet.put("commitment_due_usd", &name, row.map_or(f64::NAN, |row| row.due.dollars()));
            sheet.put("commitment_used_usd", &name, row.map_or(f64::NAN, |row| row.used.dollars()));
            let owed: Usd = open.iter().filter(|open| open.clause == at).map(|open| open.amount).sum();
            let known = book.term(at).signed <= now;
            sheet.put("obligation_usd", &name, if known { owed.dollars() } else { f64::NAN });
            sheet.put("shortfall_paid_usd", &name, row.map_or(f64::NAN, |row| row.shortfall_paid.dollars()));
        }
    }

    /// Warrants of the scenario, and what has vested.
    fn observe_warrants(&self, sheet: &mut Sheet) {
        let book = &self.state.book;
        for at in book.of_kind(TermKind::Warrant).filter(|at| book.versions(*at).next() == Some(*at)) {
            let vested: f64 = book.versions(at).map(|version| self.state.settlement.vested(version).dollars()).sum();
            sheet.put("warrant_vested_usd", &book.term_name(at), vested);
        }
    }

    /// Stakes that contracts value: those of investments with a value before the money, or a settled share.
    fn observe_stakes(&self, sheet: &mut Sheet) {
        let book = &self.state.book;
        let deals = book.of_kind(TermKind::Investment).filter_map(|at| match &book.term(at).term {
            Term::Investment(deal) if deal.pre_money.is_some() || deal.stake.is_some() => Some(deal),
            _ => None,
        });
        let pairs: BTreeSet<(PartyId, PartyId)> = deals.map(|deal| (deal.investor, deal.issuer)).collect();
        for (holder, issuer) in pairs {
            let value = self.state.holdings.share(issuer, holder) * self.state.holdings.value(issuer);
            let id = |party: PartyId| &self.params.parties[party.index()].id;
            sheet.put_pair("stake_value_usd", id(holder), id(issuer), value);
        }
    }

    fn observe_regulators(&self, sheet: &mut Sheet) {
        for (r, regulator) in self.params.regulator_ids.iter().enumerate() {
            sheet.put("cases_open", regulator, f64::from(u8::from(self.state.cases[r].is_some())));
            for (name, closed) in Outcome::NAMES.iter().zip(self.state.cases_closed[r]) {
                sheet.put_pair("cases_closed", regulator, name, f64::from(closed));
            }
        }
    }

    /// What was paid in the month between parties of the market, dealings inside a party left out.
    fn observe_payments(&self, sheet: &mut Sheet) {
        let n = self.params.parties.len();
        let mut paid = vec![Usd::ZERO; n * n];
        for row in self.state.ledger.month_flows().filter(|row| row.flow.moves_cash()) {
            paid[row.from.index() * n + row.to.index()] += row.amount;
        }
        let id = |party: PartyId| &self.params.parties[party.index()].id;
        for (payer, payee) in dealing_pairs(self.params) {
            let usd = paid[payer.index() * n + payee.index()].dollars();
            sheet.put_pair("paid_usd", id(payer), id(payee), usd);
        }
    }

    /// Starts a month's sums afresh.
    pub(super) fn begin_month(&mut self) {
        let now = self.now();
        let State { month, channels, clouds, labs, products, .. } = &mut self.state;
        month.options.fill(Default::default());
        month.products.fill((0.0, 0.0));
        for product in products {
            product.month_revenue = 0.0;
            product.parts.iter_mut().for_each(|part| part.month = PartFlow::default());
        }
        month.classes.fill((0.0, 0.0));
        month.kinds.fill((0.0, 0.0));
        for channel in channels {
            channel.month_hours = 0.0;
        }
        for cloud in clouds {
            cloud.month_tokens = TokenBalance::default();
            cloud.fleet_mtok = 0.0;
            cloud.platform_hours = 0.0;
            cloud.month_rental = [(0.0, 0.0); 4];
        }
        for lab in labs {
            lab.serving_hours = 0.0;
            lab.training_hours = 0.0;
            lab.rights_hours = 0.0;
            lab.own_mtok = 0.0;
            lab.month_tokens = TokenBalance::default();
            lab.training.begin_month(now);
        }
    }
}
