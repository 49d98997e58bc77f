//! Quarterly planning: labs commit to compute, clouds order chips and power.

use super::events::Event;
use super::simulation::Simulation;
use super::state::Reservation;
use crate::ids::{CloudId, LabId};
use crate::market::availability;
use crate::market::labs::{bounded_growth, extrapolate, research_h100e};
use crate::market::params::ServedBy;
use crate::market::serving::h100e_of_tokens;
use crate::market::terms::{Buyer, Term, TermKind};
use crate::supply::LoadForecast;
use crate::supply::params::Class;
use crate::units::{Span, Time, YEAR_DAYS};

const HOURS_PER_YEAR: f64 = 8_766.0;
/// How far ahead a lab looks at its commitments before it signs for long [years]; assumed.
const LASTING_YEARS: f64 = 1.5;
/// Length of what a lab signs until its commitments grow into the need [months]; assumed.
const BRIDGE_MONTHS: f64 = 12.0;
/// Quarters in a year, the distance over which growth is measured.
const QUARTERS: usize = 4;

impl Simulation<'_> {
    /// Each lab forecasts its need a chip horizon ahead and signs for what its rights will not cover.
    pub(super) fn on_labs_planned(&mut self) {
        self.ask();
        for l in 0..self.params.labs.len() {
            self.plan_lab(LabId::new(l));
        }
        self.refresh_rights();
        self.review_offers();
        self.schedule_next_quarter(Event::LabsPlanned);
    }

    /// Schedules the next planning round at the start of the quarter after this month.
    fn schedule_next_quarter(&mut self, event: Event) {
        let month = self.params.calendar.month_of(self.now());
        let next =
            (month..self.params.calendar.months()).find(|m| self.params.calendar.month_last_day(*m).month() % 3 == 0);
        if let Some(last) = next {
            self.at(self.params.calendar.month_end(last), event);
        }
    }

    fn plan_lab(&mut self, lab: LabId) {
        let l = lab.index();
        let research = self.research_wanted(lab);
        let serving = self.serving_need_chat(lab);
        let training = research * self.chat_per_training();
        let sunk = (self.sunk_rights(lab) - serving * self.params.serving.peak_ratio).max(0.0);
        self.state.labs[l].research_need = training.max(sunk) / self.chat_per_training();
        self.state.labs[l].need.push(serving + training);
        if self.params.labs[l].own_cloud.is_some() || self.state.labs[l].defaulted {
            return;
        }
        let growth = self.growth(serving + training, &self.state.labs[l].need);
        // Rights are sized to the daily peak of serving; research takes what serving leaves off the peak.
        let peak = serving * (self.params.serving.peak_ratio - 1.0);
        let horizon = self.params.supply.planning.chip_horizon_years / 2.0;
        let wanted = extrapolate(serving + training + peak, growth, self.params.forecasting.growth_damping, horizon);
        let ahead = self.now() + Span::from_days(horizon * YEAR_DAYS);
        let gap = wanted - self.rights_at(lab, ahead);
        if gap > 0.01 * wanted {
            let later = self.now() + Span::from_days(LASTING_YEARS * YEAR_DAYS);
            let lasting = (wanted - self.rights_at(lab, later)).clamp(0.0, gap);
            self.sign_for(lab, lasting, ahead, false);
            self.sign_for(lab, gap - lasting, ahead, true);
        }
    }

    /// Growth that a forecast carries forward, from a load and its past by quarter, today's included [1/year].
    fn growth(&self, load: f64, past: &[f64]) -> f64 {
        let forecasting = self.params.forecasting;
        let year_ago = past.len().checked_sub(1 + QUARTERS).map(|q| past[q]);
        bounded_growth(load, year_ago, forecasting.growth_cap_per_year, forecasting.first_year_growth)
    }

    /// Training H100e that a lab wants for research and frontier runs.
    fn research_wanted(&self, lab: LabId) -> f64 {
        let now = self.now();
        let params = &self.params.labs[lab.index()];
        let price = self.mean_committed_price(lab) / self.chat_per_training();
        let revenue = self.run_rate(lab);
        let share = params.research_share_of_revenue.at(now);
        if self.state.labs[lab.index()].defaulted {
            return 0.0;
        }
        research_h100e(params.research_h100e.at(now), share, revenue, price)
    }

    /// Compute that a lab pays for whether it uses it or not [chat H100e]: `Σ right · take-or-pay share` over its
    /// commitments. What tokens leave of it goes to research, where it costs nothing more.
    fn sunk_rights(&self, lab: LabId) -> f64 {
        let now = self.now();
        let book = &self.state.book;
        book.commitments(now)
            .filter(|(_, term)| term.buyer == Buyer::Lab(lab))
            .map(|(_, term)| {
                let price = self.price_to(Buyer::Lab(lab), term.seller);
                term.take_or_pay * term.usd_per_year.at(now) / (HOURS_PER_YEAR * price)
            })
            .sum()
    }

    /// Revenue run-rate of a lab: four times its last three months [USD/year].
    pub(super) fn run_rate(&self, lab: LabId) -> f64 {
        let revenue = &self.state.labs[lab.index()].revenue;
        let last = &revenue[revenue.len().saturating_sub(3)..];
        if last.is_empty() { 0.0 } else { 12.0 * last.iter().sum::<f64>() / last.len() as f64 }
    }

    /// Growth of a lab's revenue over a year [1/year], 0 without a year of history.
    pub(super) fn revenue_growth(&self, lab: LabId) -> f64 {
        let revenue = &self.state.labs[lab.index()].revenue;
        let Some(then) = revenue.len().checked_sub(15) else { return 0.0 };
        let before: f64 = 4.0 * revenue[then..then + 3].iter().sum::<f64>();
        if before > 0.0 { self.run_rate(lab) / before - 1.0 } else { 0.0 }
    }

    /// What a lab's own tokens need now [chat H100e].
    fn serving_need_chat(&self, lab: LabId) -> f64 {
        self.state.labs[lab.index()].serving_need.iter().sum()
    }

    /// Chat H100e that one training H100e takes up, over the installed fleets of the clouds that sell.
    fn chat_per_training(&self) -> f64 {
        let sum = |class| self.state.clouds.iter().map(|cloud| cloud.fleet.h100e(class)).sum::<f64>();
        let training = sum(Class::Training);
        if training > 0.0 { sum(Class::Chat) / training } else { 1.0 }
    }

    /// Price that a lab pays on its commitments, mean over where it runs [USD per chat H100e-hour].
    pub(super) fn mean_committed_price(&self, lab: LabId) -> f64 {
        let price: f64 = self.cloud_ids().map(|cloud| self.placement(lab, cloud) * self.committed_price(cloud)).sum();
        if price > 0.0 { price } else { self.lowest_committed_price() }
    }

    /// What compute costs a lab that runs nowhere yet [USD per chat H100e-hour].
    fn lowest_committed_price(&self) -> f64 {
        let sellers = self.cloud_ids().filter(|cloud| self.params.supply.clouds[cloud.index()].sells);
        sellers.map(|cloud| self.committed_price(cloud)).fold(f64::INFINITY, f64::min)
    }

    /// Price of committed compute at a cloud: the price on demand less the discount [USD per chat H100e-hour].
    pub(super) fn committed_price(&self, cloud: CloudId) -> f64 {
        self.state.clouds[cloud.index()].price * (1.0 - self.params.clouds[cloud.index()].committed_discount)
    }

    /// Whether a lab may buy compute at a cloud.
    pub(super) fn may_buy(&self, lab: LabId, cloud: CloudId) -> bool {
        availability::may_buy_compute(&self.state.book, self.now(), lab, cloud).is_ok()
    }

    /// Rights of a lab at an instant, over all clouds [chat H100e]; commitments in dollars count at today's committed prices.
    fn rights_at(&self, lab: LabId, at: Time) -> f64 {
        self.cloud_ids().map(|cloud| self.right_at(lab, cloud, at)).sum()
    }

    fn right_at(&self, lab: LabId, cloud: CloudId, at: Time) -> f64 {
        let signed: f64 = self.state.labs[lab.index()]
            .reservations
            .iter()
            .filter(|r| r.cloud == cloud && at < r.until)
            .map(|r| r.h100e)
            .sum();
        signed + self.committed_right(Buyer::Lab(lab), cloud, at)
    }

    /// What contracts that are signed, or soon will be, commit a buyer to at a cloud at an instant, now or to come [USD/year].
    fn committed_usd_per_year(&self, buyer: Buyer, cloud: CloudId, at: Time) -> f64 {
        let (book, known) = (&self.state.book, self.now() + self.params.forecasting.talks);
        book.of_kind(TermKind::Commitment)
            .filter(|term| book.is_in_force(*term, at) && book.term(*term).signed <= known)
            .filter_map(|term| match &book.term(term).term {
                Term::Commitment(c) if c.buyer == buyer && c.seller == cloud => Some(c.usd_per_year.at(at)),
                _ => None,
            })
            .sum()
    }

    /// Signs for `gap` [chat H100e]: first with the holder of a refusal right, as far as it can deliver, then by tender;
    /// for the drawn length, or as a bridge until commitments that are already signed grow into the need.
    ///
    /// Tender: the clouds that the lab may buy from share the gap in proportion to `(free + held) / price²`, free the
    /// capacity on stacks that its models run on, held what it holds there now and will have lost by `ahead`.
    /// Source: assumed; MODEL §4. Left out: partial exercise of the right over several quarters.
    fn sign_for(&mut self, lab: LabId, gap: f64, ahead: Time, bridge: bool) {
        let mut open = gap;
        if let Some(holder) = availability::refusal_holder(&self.state.book, self.now(), lab) {
            let taken = open.min(self.free_capacity(lab, holder));
            self.reserve(lab, holder, taken, bridge);
            open -= taken;
        }
        let offers: Vec<(CloudId, f64)> = self
            .cloud_ids()
            .filter(|cloud| self.params.supply.clouds[cloud.index()].sells && self.may_buy(lab, *cloud))
            .map(|cloud| {
                let price = self.price_to(Buyer::Lab(lab), cloud);
                let held = self.state.labs[lab.index()].at[cloud.index()].right;
                let lost = (held - self.right_at(lab, cloud, ahead)).max(0.0);
                (cloud, (self.free_capacity(lab, cloud) + lost).max(1.0) / (price * price))
            })
            .collect();
        let total: f64 = offers.iter().map(|(_, weight)| weight).sum();
        for (cloud, weight) in offers {
            self.reserve(lab, cloud, open * weight / total, bridge);
        }
    }

    /// Capacity of a cloud beyond its internal load and the rights on it, as far as a lab's models run there [chat H100e].
    fn free_capacity(&self, lab: LabId, cloud: CloudId) -> f64 {
        let k = cloud.index();
        let now = self.now();
        let internal = self.params.clouds[k].internal_load_h100e.at(now);
        let rights: f64 = self.state.labs.iter().map(|lab| lab.at[k].right).sum();
        let leases: f64 = self.state.clouds.iter().map(|c| c.leased[k]).sum();
        let free = (self.state.clouds[k].capacity - internal - rights - leases).max(0.0);
        free.min(self.state.clouds[k].fleet.h100e_on(Class::Chat, self.state.labs[lab.index()].at[k].stacks))
    }

    fn reserve(&mut self, lab: LabId, cloud: CloudId, h100e: f64, bridge: bool) {
        if h100e < 1.0 {
            return;
        }
        let usd_per_hour = self.price_to(Buyer::Lab(lab), cloud);
        let u = self.state.labs[lab.index()].commitment_stream.uniform();
        let drawn = self.params.labs[lab.index()].commitment_months.quantile(u);
        let months = if bridge { drawn.min(BRIDGE_MONTHS) } else { drawn };
        let until = self.now() + Span::from_days(months * YEAR_DAYS / 12.0);
        self.state.labs[lab.index()].reservations.push(Reservation { cloud, h100e, usd_per_hour, until });
    }

    /// Turns commitments and reservations into rights on compute at today's prices.
    pub(super) fn refresh_rights(&mut self) {
        let now = self.now();
        for l in 0..self.params.labs.len() {
            self.state.labs[l].reservations.retain(|r| now < r.until);
            for cloud in self.cloud_ids() {
                let right = self.right_at(LabId::new(l), cloud, now);
                self.state.labs[l].at[cloud.index()].right = right;
            }
        }
        for lessee in self.cloud_ids() {
            for lessor in self.cloud_ids() {
                let right = self.committed_right(Buyer::Cloud(lessee), lessor, now);
                self.state.clouds[lessee.index()].leased[lessor.index()] = right;
            }
        }
        self.deliver_rights();
        self.dispatch_due();
    }

    /// Each cloud orders chips for the chip horizon and power for the power horizon.
    pub(super) fn on_clouds_planned(&mut self) {
        for (cloud, rest) in self.cloud_ids().zip(self.own_needs()) {
            let forecast = self.forecast(cloud, rest);
            let mut outbox = std::mem::take(&mut self.scratch.outbox);
            self.state.supply.plan(&self.params.supply, cloud, self.now(), &forecast, &mut outbox);
            self.put_on_clock(&mut outbox);
            self.scratch.outbox = outbox;
        }
        self.schedule_next_quarter(Event::CloudsPlanned);
    }

    /// First-choice need of a cloud at both horizons, each load counted once.
    ///
    /// `N(h) = internal(h) + Σ_labs max(committed(h), use(h)) + rest(h)`, each load on a damped trend from its bounded
    /// growth over last year; all in chat H100e.
    fn forecast(&mut self, cloud: CloudId, rest: f64) -> LoadForecast {
        let k = cloud.index();
        self.state.clouds[k].need.push(rest);
        let planning = &self.params.supply.planning;
        let at = |years: f64| self.need_at(cloud, rest, years);
        LoadForecast {
            need_h100e_at_chip_horizon: at(planning.chip_horizon_years),
            need_h100e_at_power_horizon: at(planning.power_horizon_years),
            budget_usd_per_year: self.budget(cloud),
        }
    }

    fn need_at(&self, cloud: CloudId, rest: f64, years: f64) -> f64 {
        let k = cloud.index();
        let then = self.now() + Span::from_days(years * YEAR_DAYS);
        let mut need = self.params.clouds[k].internal_load_h100e.at(then);
        let damping = self.params.forecasting.growth_damping;
        need += extrapolate(rest, self.growth(rest, &self.state.clouds[k].need), damping, years);
        for (l, lab) in self.state.labs.iter().enumerate() {
            let id = LabId::new(l);
            let placed = self.placement(id, cloud);
            let total = lab.need.last().copied().unwrap_or(0.0);
            let wanted = extrapolate(placed * total, self.growth(total, &lab.need), damping, years);
            need += wanted.max(self.committed_right(Buyer::Lab(id), cloud, then));
        }
        for lessee in self.cloud_ids() {
            need += self.committed_right(Buyer::Cloud(lessee), cloud, then);
        }
        // What is leased elsewhere need not be built.
        let leased: f64 = self.cloud_ids().map(|lessor| self.committed_right(Buyer::Cloud(cloud), lessor, then)).sum();
        (need - leased).max(0.0)
    }

    /// Compute that contracts give a buyer at a cloud, at today's prices [chat H100e].
    fn committed_right(&self, buyer: Buyer, cloud: CloudId, at: Time) -> f64 {
        let bought = self.committed_usd_per_year(buyer, cloud, at) / (HOURS_PER_YEAR * self.price_to(buyer, cloud));
        bought + self.reserved_right(buyer, cloud, at)
    }

    /// Platform tokens, products on own compute and rental of each cloud, before rationing [chat H100e].
    pub(super) fn own_needs(&self) -> Vec<f64> {
        let now = self.now();
        let reference = self.params.serving.reference_mtok_per_hour.at(now);
        let busy = self.params.serving.platform_busy_share.at(now);
        let mut tokens = vec![0.0; self.state.clouds.len()];
        for i in self.state.live.iter().copied().map(usize::from) {
            let listing = &self.state.listings[i];
            if let Some(cloud) = listing.cloud {
                let compute = self.state.models[listing.model.index()].compute_per_token;
                let work = self.state.flows[i].asked_work;
                tokens[cloud.index()] += h100e_of_tokens(work, compute, 1.0, reference, busy);
            }
        }
        let mut products = vec![0.0; self.state.clouds.len()];
        for (product, state) in self.params.products.iter().zip(&self.state.products) {
            if let ServedBy::Cloud(cloud) = product.served_by {
                products[cloud.index()] += h100e_of_tokens(state.reference_mtok(), 1.0, 1.0, reference, busy);
            }
        }
        let parts = tokens.iter().zip(&products).zip(&self.state.clouds);
        parts.map(|((tokens, products), cloud)| tokens + products + cloud.rental).collect()
    }

    /// AI capital budget without guidance [USD/year].
    ///
    /// `B = max(0, ρ·O + max(0, L·O − D))`: ρ share of operating cash kept from the shareholders [1] · O operating cash of
    /// the last twelve months, the conventional business included, less its own capital [USD/year] · L most debt over O
    /// [years] · D debt [USD]. Source: assumed; MODEL §3. Left out: cash in hand, which pays back debt.
    fn budget(&self, cloud: CloudId) -> f64 {
        let k = cloud.index();
        let cash = &self.state.clouds[k].operating_cash;
        let last = &cash[cash.len().saturating_sub(12)..];
        if last.is_empty() {
            return 0.0;
        }
        let year = 12.0 * last.iter().sum::<f64>() / last.len() as f64;
        let market = &self.params.clouds[k];
        let debt = self.state.ledger.debt(self.params.supply.clouds[k].party).dollars().abs();
        (market.reinvestment_share * year + (market.leverage_limit * year - debt).max(0.0)).max(0.0)
    }
}
