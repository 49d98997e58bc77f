//! Contracts in words: each term as one sentence with its dates, figures, status and evidence, and each amendment with
//! what it ends and brings.
//!
//! *How is a figure said that changes or is drawn?* One that changes by its first and last level within the term; a
//! yearly amount also by its sum. One that is drawn by the least and the greatest value that it can have, or, where it
//! has none, by the two that nine of ten draws lie between.

mod money;

use super::scalar::{Distribution, Level, Scalar};
use super::schema::{
    AmendmentSpec, BaseSpec, BuyerSpec, ConditionSpec, ContractSpec, PrincipalSpec, RuleSpec, ScenarioSpec, ScopeSpec,
    SideSpec, StatusSpec, TermSpec,
};
use crate::units::{CivilDate, YEAR_DAYS};

/// A term or an amendment in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// `contract.term`, with the amendment that brings it in brackets; of an amendment `contract (amendment)`.
    pub id: String,
    /// First and last day.
    pub dates: String,
    /// The sentence.
    pub text: String,
}

/// Every contract, term by term, then amendment by amendment in order of date, each before the terms that it brings.
pub fn sentences(spec: &ScenarioSpec) -> Vec<Said> {
    spec.contracts.iter().flat_map(|(id, contract)| of_contract(spec, id, contract)).collect()
}

fn of_contract(spec: &ScenarioSpec, id: &str, contract: &ContractSpec) -> Vec<Said> {
    let term = |(name, term): (&String, &TermSpec), mark: &str, waits: bool| Said {
        id: format!("{id}.{name}{mark}"),
        dates: if waits { format!("not before {}", dates_of(term).replace(" to ", ", to ")) } else { dates_of(term) },
        text: Words { spec, term, waits, sources: Vec::new() }.sentence(),
    };
    let mut said: Vec<Said> = contract.terms.iter().map(|named| term(named, "", false)).collect();
    let mut amendments: Vec<(&String, &AmendmentSpec)> = contract.amendments.iter().collect();
    amendments.sort_by_key(|(key, amendment)| (amendment.on.value, *key));
    for (key, amendment) in amendments {
        said.push(Said {
            id: format!("{id} ({key})"),
            dates: amendment.on.value.0.to_string(),
            text: amended(spec, contract, amendment),
        });
        let waits = amendment.when.is_some();
        said.extend(amendment.terms.iter().map(|named| term(named, &format!(" ({key})"), waits)));
    }
    said
}

fn dates_of(term: &TermSpec) -> String {
    let from = term.from.value.0;
    match (&term.rule, &term.until) {
        (RuleSpec::Investment { .. }, _) => from.to_string(),
        (_, Some(until)) => format!("{from} to {}", until.value.0),
        (_, None) => format!("{from} to open"),
    }
}

/// What an amendment ends and brings; the ids stand for the terms, which have sentences of their own.
fn amended(spec: &ScenarioSpec, contract: &ContractSpec, amendment: &AmendmentSpec) -> String {
    let on = day(amendment.on.value.0);
    let when = match (&amendment.when, amendment.until) {
        (None, _) => format!("on {on}"),
        (Some(when), None) => format!("from {on} on, once {}", condition(spec, when)),
        (Some(when), Some(until)) => format!("from {on} to {}, once {}", day(until.0), condition(spec, when)),
    };
    let list = |ids: Vec<&str>| joined(&ids, "and");
    let brought: Vec<&str> = amendment.terms.keys().map(String::as_str).collect();
    let what = match (amendment.ends.as_slice(), brought.is_empty()) {
        ([], true) => "changes nothing".to_owned(),
        ([], false) => format!("brings {}", list(brought)),
        (ends, nothing) => {
            let ends = format!("ends {}", list(ends.iter().map(String::as_str).collect()));
            if nothing { ends } else { format!("{ends} and brings {}", list(brought)) }
        }
    };
    let source = amendment.on.source.as_deref().unwrap_or("no source");
    format!("Amendment of {} {when}: {what} ({source})", contract.name)
}

/// What an amendment waits for.
fn condition(spec: &ScenarioSpec, when: &ConditionSpec) -> String {
    let names = Names(spec);
    // On the first day: what is drawn is said by its middle.
    let figure = |scalar: &Scalar| scalar.resolve(spec.horizon.start.0, || 0.5).at_years(0.0);
    match when {
        ConditionSpec::CapReached(clause) => format!("{clause} has reached its cap"),
        ConditionSpec::Valuation { lab, usd: worth } => {
            format!("{} is worth {}", names.lab(lab), usd(figure(worth)))
        }
        ConditionSpec::Revenue { lab, usd_per_year } => {
            format!("{} has revenue of {} a year", names.lab(lab), usd(figure(usd_per_year)))
        }
        ConditionSpec::Quality { lab, at_least } => {
            format!("a model of {} has a quality of {}", names.lab(lab), plain(figure(at_least)))
        }
        ConditionSpec::CaseOpened(regulator) => {
            let name = spec.regulators.get(regulator).map_or(regulator, |regulator| &regulator.name);
            format!("{name} has opened a case")
        }
        ConditionSpec::CapacityRefused { cloud, share } => {
            format!("{} turns away {} of its capacity in a month", names.cloud(cloud), percent(figure(share)))
        }
    }
}

/// A term as one sentence.
pub fn sentence(spec: &ScenarioSpec, term: &TermSpec) -> String {
    Words { spec, term, waits: false, sources: Vec::new() }.sentence()
}

/// A rule in a few words, for charts that name its contract.
pub fn label(spec: &ScenarioSpec, rule: &RuleSpec) -> String {
    let names = Names(spec);
    match rule {
        RuleSpec::Exclusivity { holder, scope: ScopeSpec::Compute, .. } => {
            format!("Compute from {} alone", names.cloud(holder))
        }
        RuleSpec::Exclusivity { holder, scope: ScopeSpec::Distribution, jurisdictions, .. } => {
            let places: Vec<&str> = jurisdictions.iter().map(|id| names.jurisdiction(id)).collect();
            let places = if places.is_empty() { String::new() } else { format!(" in {}", joined(&places, "and")) };
            format!("Models on {} alone{places}", names.cloud(holder))
        }
        RuleSpec::Exclusivity { holder, scope: ScopeSpec::Product, .. } => {
            format!("Products of {} alone", names.cloud(holder))
        }
        RuleSpec::FirstShip { holder, .. } => format!("Models first on {}", names.channel(holder)),
        RuleSpec::Refusal { holder, .. } => format!("{} asked first for compute", names.cloud(holder)),
        RuleSpec::Licence { licensee, exclusive: true, .. } => format!("Sole licence to {}", names.party(licensee)),
        RuleSpec::Licence { licensee, exclusive: false, .. } => format!("Licence to {}", names.party(licensee)),
        RuleSpec::Distribution { lab, channel, .. } => {
            format!("{} sells models of {}", names.channel(channel), names.lab(lab))
        }
        RuleSpec::RevenueShare { payer, payee, total_cap_usd, .. } => {
            let capped = if total_cap_usd.is_some() { "Capped revenue share" } else { "Revenue share" };
            format!("{capped}, {} to {}", names.party(payer), names.party(payee))
        }
        RuleSpec::Commitment { buyer, seller, .. } => {
            format!("{} commits to buy from {}", names.buyer(buyer), names.cloud(seller))
        }
        RuleSpec::Investment { investor, .. } => format!("Stake of {}", names.party(investor)),
        RuleSpec::Reservation { buyer, seller, .. } => {
            format!("{} holds compute for {}", names.cloud(seller), names.buyer(buyer))
        }
        RuleSpec::Loan { lender, .. } => format!("Loan of {}", names.party(lender)),
        RuleSpec::Backstop { buyer, .. } => format!("{} buys what is unsold", names.party(buyer)),
        RuleSpec::Warrant { holder, .. } => format!("Warrants of {}", names.party(holder)),
        RuleSpec::Discount { lab, .. } => format!("Discount for {}", names.lab(lab)),
    }
}

/// Display names; an id that the scenario does not define stands for itself.
#[derive(Clone, Copy)]
struct Names<'a>(&'a ScenarioSpec);

impl<'a> Names<'a> {
    fn party(self, id: &'a str) -> &'a str {
        self.0.parties.get(id).map_or(id, |party| &party.name)
    }

    fn lab(self, id: &'a str) -> &'a str {
        self.0.labs.get(id).map_or(id, |lab| &lab.name)
    }

    fn cloud(self, id: &'a str) -> &'a str {
        self.0.clouds.get(id).map_or(id, |cloud| &cloud.name)
    }

    fn channel(self, id: &'a str) -> &'a str {
        self.0.channels.get(id).map_or(id, |channel| &channel.name)
    }

    fn jurisdiction(self, id: &'a str) -> &'a str {
        self.0.jurisdictions.get(id).map_or(id, |jurisdiction| &jurisdiction.name)
    }

    fn buyer(self, buyer: &'a BuyerSpec) -> &'a str {
        match buyer {
            BuyerSpec::Lab(id) => self.lab(id),
            BuyerSpec::Cloud(id) => self.cloud(id),
        }
    }
}

/// The words of one term, and the evidence of what has been said so far.
struct Words<'a> {
    spec: &'a ScenarioSpec,
    term: &'a TermSpec,
    /// Whether it comes with an amendment that waits, so that its first day is the earliest.
    waits: bool,
    sources: Vec<&'a str>,
}

impl<'a> Words<'a> {
    fn sentence(mut self) -> String {
        self.cite(self.term.from.source.as_deref());
        self.cite(self.term.until.as_ref().and_then(|until| until.source.as_deref()));
        let text = self.rule(&self.term.rule);
        let status = match self.term.status {
            StatusSpec::Filed => "filed",
            StatusSpec::Reported => "reported",
            StatusSpec::Assumed => "assumed",
        };
        let sources = if self.sources.is_empty() { "no source".to_owned() } else { self.sources.join(", ") };
        let signed = self.term.signed.map_or_else(String::new, |on| format!("signed on {}; ", day(on.0)));
        format!("{text} ({status}; {signed}{sources})")
    }

    /// Names a source once.
    fn cite(&mut self, source: Option<&'a str>) {
        if let Some(source) = source.filter(|source| !self.sources.contains(source)) {
            self.sources.push(source);
        }
    }

    fn rule(&mut self, rule: &'a RuleSpec) -> String {
        match rule {
            RuleSpec::Exclusivity { grantor, holder, scope, except_clouds, except_channels, lines, jurisdictions } => {
                let alone = self.exclusivity(grantor, holder, scope, except_clouds);
                alone + &self.exceptions(except_channels, lines) + &self.limited_to(jurisdictions)
            }
            RuleSpec::FirstShip { lab, holder, lead_days, waived_above } => {
                self.first_ship(lab, holder, lead_days) + &self.waived(waived_above.as_ref())
            }
            RuleSpec::Refusal { lab, holder } => self.refusal(lab, holder),
            RuleSpec::Licence { licensor, licensee, exclusive } => self.licence(licensor, licensee, *exclusive),
            RuleSpec::Distribution { lab, channel, principal, remit_share, capacity, price } => {
                let sides = Self::sides(capacity.as_ref(), price.as_ref());
                self.distribution(lab, channel, principal, remit_share) + &sides
            }
            RuleSpec::RevenueShare {
                payer,
                payee,
                rate,
                tiers,
                base,
                total_cap_usd,
                counting_from,
                paid_before_usd,
                elsewhere_usd_per_year,
            } => {
                let mut share = self.revenue_share(payer, payee, rate, base);
                for tier in tiers {
                    let (rate, above) = (self.figure(&tier.rate, &percent), self.figure(&tier.above_usd, &usd));
                    share += &format!(", {rate} above {above}");
                }
                if elsewhere_usd_per_year.is_some() {
                    share += " and what else is in scope, not sold here";
                }
                let counted = match counting_from {
                    Some(date) => day(date.0),
                    None if self.waits => "then".to_owned(),
                    None => day(self.term.from.value.0),
                };
                share + &self.cap(total_cap_usd.as_ref(), &counted) + &self.paid_before(paid_before_usd.as_ref())
            }
            RuleSpec::Commitment { buyer, seller, take_or_pay, rolls_over, prepaid_usd, notice, .. } => {
                let owed = self.owed(buyer, seller, rule) + &self.shortfall(take_or_pay, *rolls_over);
                owed + &Self::counting(rule) + &self.prepaid(prepaid_usd.as_ref()) + &self.notice(notice.as_ref())
            }
            RuleSpec::Reservation { .. } => self.reservation(rule),
            RuleSpec::Investment { .. } => self.investment(rule),
            RuleSpec::Loan { lender, borrower, usd, rate_per_year } => self.loan(lender, borrower, usd, rate_per_year),
            RuleSpec::Backstop { buyer, seller, usd_per_year, usd_per_h100e_hour } => {
                self.backstop(buyer, seller, usd_per_year, usd_per_h100e_hour)
            }
            RuleSpec::Warrant { .. } => self.warrant(rule),
            RuleSpec::Discount { lab, seller, tiers, most_favoured } => {
                self.discount(lab, seller, tiers, *most_favoured)
            }
        }
    }

    fn exclusivity(
        &mut self,
        grantor: &'a str,
        holder: &'a str,
        scope: &ScopeSpec,
        except_clouds: &'a [String],
    ) -> String {
        let names = Names(self.spec);
        let mut allowed = vec![names.cloud(holder)];
        allowed.extend(except_clouds.iter().map(|cloud| names.cloud(cloud)));
        let (lab, allowed) = (names.lab(grantor), joined(&allowed, "and"));
        match scope {
            ScopeSpec::Compute => format!("{lab} buys compute from no one but {allowed} {}", self.dates()),
            ScopeSpec::Distribution => format!("{lab} sells its models on no cloud but {allowed} {}", self.dates()),
            ScopeSpec::Product => {
                format!("Nobody but the owner of {allowed} builds products on models of {lab} {}", self.dates())
            }
        }
    }

    /// What an exclusivity leaves free beside clouds, and what alone it covers.
    fn exceptions(&self, channels: &'a [String], lines: &'a [String]) -> String {
        let channels: Vec<&str> = channels.iter().map(|id| Names(self.spec).channel(id)).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let free = if channels.is_empty() { String::new() } else { format!(", {} apart", joined(&channels, "and")) };
        if lines.is_empty() { free } else { format!("{free}, of the line {} alone", joined(&lines, "and")) }
    }

    /// For whom alone it holds.
    fn limited_to(&self, jurisdictions: &'a [String]) -> String {
        if jurisdictions.is_empty() {
            return String::new();
        }
        let names: Vec<&str> = jurisdictions.iter().map(|id| Names(self.spec).jurisdiction(id)).collect();
        format!(", to customers whose data must stay in {}", joined(&names, "or"))
    }

    fn waived(&mut self, above: Option<&'a Scalar>) -> String {
        let Some(above) = above else { return String::new() };
        format!("; waived while its cloud is {} full", self.figure(above, &percent))
    }

    /// Who pays for compute and who sets the price, where it is the lab.
    fn sides(capacity: Option<&SideSpec>, price: Option<&SideSpec>) -> String {
        let lab = |side: Option<&SideSpec>| matches!(side, Some(SideSpec::Lab));
        match (lab(capacity), lab(price)) {
            (true, true) => "; the lab pays for the compute and sets the price".to_owned(),
            (true, false) => "; the lab pays for the compute".to_owned(),
            (false, true) => "; the lab sets the price".to_owned(),
            (false, false) => String::new(),
        }
    }

    fn first_ship(&mut self, lab: &'a str, holder: &'a str, lead_days: &'a Scalar) -> String {
        let (lab, holder) = (Names(self.spec).lab(lab), Names(self.spec).channel(holder));
        let lead = self.figure(lead_days, &|days| plain(days));
        let unit = if lead == "1" { "day" } else { "days" };
        format!("New models of {lab} appear on {holder} first, elsewhere {lead} {unit} later, {}", self.dates())
    }

    fn refusal(&mut self, lab: &'a str, holder: &'a str) -> String {
        let (lab, holder) = (Names(self.spec).lab(lab), Names(self.spec).cloud(holder));
        format!("{holder} is asked first for new compute of {lab} {}", self.dates())
    }

    fn licence(&mut self, licensor: &'a str, licensee: &'a str, exclusive: bool) -> String {
        let (licensor, licensee) = (Names(self.spec).lab(licensor), Names(self.spec).party(licensee));
        let alone = if exclusive { "alone among platforms " } else { "" };
        format!("{licensee} {alone}may host and use the models of {licensor} {}", self.dates())
    }

    fn distribution(
        &mut self,
        lab: &'a str,
        channel: &'a str,
        principal: &PrincipalSpec,
        remit_share: &'a Scalar,
    ) -> String {
        let (lab, channel) = (Names(self.spec).lab(lab), Names(self.spec).channel(channel));
        let share = self.figure(remit_share, &percent);
        let books = match principal {
            PrincipalSpec::Platform if share == "0 %" => format!("books the sales and passes nothing on to {lab}"),
            PrincipalSpec::Platform => format!("books the sales and passes {share} on to {lab}"),
            PrincipalSpec::Lab => format!("sells for {lab}, which books the sales and keeps {share}"),
        };
        format!("{channel} lists the models of {lab} {}, {books}", self.dates())
    }

    fn revenue_share(&mut self, payer: &'a str, payee: &'a str, rate: &'a Scalar, base: &'a BaseSpec) -> String {
        let names = Names(self.spec);
        let rate = self.figure(rate, &percent);
        let of = match base {
            BaseSpec::AllRevenue(lab) if self.spec.labs.get(lab).is_some_and(|lab| lab.party == payer) => {
                "all its revenue".to_owned()
            }
            BaseSpec::AllRevenue(lab) => format!("all revenue of {}", names.lab(lab)),
            BaseSpec::ChannelRevenue { lab, channel } => {
                format!("what {} books on models of {}", names.channel(channel), names.lab(lab))
            }
            BaseSpec::ChannelProfit { lab, channel } => {
                format!(
                    "what {} earns on models of {} over the cost of compute",
                    names.channel(channel),
                    names.lab(lab)
                )
            }
            BaseSpec::Profit(party) if party == payer => "its profit".to_owned(),
            BaseSpec::Profit(party) => format!("the profit of {}", names.party(party)),
        };
        format!("{} pays {} {rate} of {of} {}", names.party(payer), names.party(payee), self.dates())
    }

    fn cap(&mut self, cap: Option<&'a Scalar>, counted_from: &str) -> String {
        let Some(cap) = cap else { return ", without a cap".to_owned() };
        format!(", at most {} in total, counted from {counted_from}", self.figure(cap, &usd))
    }

    fn commitment(&mut self, buyer: &'a BuyerSpec, seller: &'a str, usd_per_year: &'a Scalar) -> String {
        let (buyer, seller) = (Names(self.spec).buyer(buyer), Names(self.spec).cloud(seller));
        let (first, last) = (self.term.from.value.0, self.last_day());
        let yearly = self.figure(usd_per_year, &|amount| usd(amount) + " a year");
        let sum = last.map(|last| self.drawn(usd_per_year, |u| self.sum(usd_per_year, u, first, last), &usd));
        match sum {
            None => format!("{buyer} commits to buy compute from {seller} for {yearly} {}", self.dates()),
            Some(sum) => {
                format!("{buyer} commits to buy compute from {seller} for {sum} in total {}: {yearly}", self.dates())
            }
        }
    }

    fn shortfall(&mut self, take_or_pay: &'a Scalar, rolls_over: bool) -> String {
        let paid = self.figure(take_or_pay, &percent);
        let more = if rolls_over { "counts towards" } else { "does not count towards" };
        format!("; {paid} of a year's shortfall is paid, and what is bought beyond a year {more} the next")
    }

    fn last_day(&self) -> Option<CivilDate> {
        self.term.until.as_ref().map(|until| until.value.0)
    }

    fn dates(&self) -> String {
        self.since(self.last_day())
    }

    /// From the first day to a last one, or on.
    fn since(&self, last: Option<CivilDate>) -> String {
        let from = day(self.term.from.value.0);
        match (self.waits, last.map(day)) {
            (false, Some(last)) => format!("from {from} to {last}"),
            (false, None) => format!("from {from} on"),
            (true, Some(last)) => format!("from the day it comes, {from} at the earliest, to {last}"),
            (true, None) => format!("from the day it comes on, {from} at the earliest"),
        }
    }

    /// The day of what happens once.
    fn on(&self) -> String {
        let from = day(self.term.from.value.0);
        if self.waits { format!("on the day it comes, {from} at the earliest") } else { format!("on {from}") }
    }

    /// A figure on the term's first day and, if it is another then, on its last.
    fn figure(&mut self, scalar: &'a Scalar, say: &dyn Fn(f64) -> String) -> String {
        self.cite(scalar.source.as_deref());
        let first = self.term.from.value.0;
        // Without an end, what the run sees last.
        let last = self.last_day().unwrap_or(self.spec.horizon.end.0).max(first);
        let at = |date: CivilDate| self.drawn(scalar, |u| self.level(scalar, u, date), say);
        let (at_first, at_last) = (at(first), at(last));
        if at_first == at_last { at_first } else { format!("{at_first} at first, {at_last} at last") }
    }

    /// A figure that may hang on a draw, as its range.
    fn drawn(&self, scalar: &Scalar, of: impl Fn(f64) -> f64, say: &dyn Fn(f64) -> String) -> String {
        let ends = match &scalar.level {
            Level::Fixed(_) => return say(of(0.5)),
            Level::Uncertain(distribution) | Level::Scaled { by: distribution, .. } => ends_of(distribution),
        };
        let (low, high) = (say(of(ends.low)), say(of(ends.high)));
        let within = if ends.all { "" } else { " in nine of ten draws" };
        if low == high { low } else { format!("{low} to {high}{within}") }
    }

    /// A scalar on a day, its draw being the quantile `u`.
    fn level(&self, scalar: &Scalar, u: f64, date: CivilDate) -> f64 {
        let start = self.spec.horizon.start.0;
        scalar.resolve(start, || u).at_years(date.days_since(start) as f64 / YEAR_DAYS)
    }

    /// A yearly amount over days, both included, each a part of its civil year.
    fn sum(&self, scalar: &Scalar, u: f64, first: CivilDate, last: CivilDate) -> f64 {
        let start = self.spec.horizon.start.0;
        let schedule = scalar.resolve(start, || u);
        let days = (0..=last.days_since(first)).filter_map(|n| first.plus_days(n));
        days.map(|date| schedule.at_years(date.days_since(start) as f64 / YEAR_DAYS) / days_in_year(date)).sum()
    }
}

fn days_in_year(date: CivilDate) -> f64 {
    let year = i32::from(date.year());
    if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) { 366.0 } else { 365.0 }
}

/// Quantiles between which a figure is said to lie, and whether no draw lies beyond them.
struct Ends {
    low: f64,
    high: f64,
    all: bool,
}

fn ends_of(distribution: &Distribution) -> Ends {
    let (low, high) = distribution.bounds();
    let all = low.is_finite() && high.is_finite();
    if all { Ends { low: 0.0, high: 1.0, all } } else { Ends { low: 0.05, high: 0.95, all } }
}

/// `27 April 2026`.
fn day(date: CivilDate) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    format!("{} {} {}", date.day(), MONTHS[date.month() as usize - 1], date.year())
}

/// `a`, `a and b`, `a, b and c`.
fn joined(items: &[&str], last: &str) -> String {
    match items {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}

/// Three digits that count, without zeros at the end.
fn plain(value: f64) -> String {
    let size = value.abs();
    let decimals = if size >= 99.95 || size == 0.0 {
        0
    } else if size >= 9.995 {
        1
    } else if size >= 0.0995 {
        2
    } else {
        4
    };
    let text = format!("{value:.decimals$}");
    if decimals == 0 { text } else { text.trim_end_matches('0').trim_end_matches('.').to_owned() }
}

fn percent(share: f64) -> String {
    format!("{} %", plain(100.0 * share))
}

fn usd(amount: f64) -> String {
    match amount.abs() {
        1e9.. => format!("{} bn USD", plain(amount / 1e9)),
        1e6.. => format!("{} m USD", plain(amount / 1e6)),
        _ => format!("{} USD", plain(amount)),
    }
}

#[cfg(test)]
pub(crate) mod tests;
