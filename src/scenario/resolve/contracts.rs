//! Contracts: terms and amendments turned into dated versions.

use super::super::problems::nearest;
use super::Resolver;
use crate::ids::{ChannelId, CloudId, ContractId, LabId, RegulatorId};
use crate::market::conditions::Condition;
use crate::market::contracts::{Contract, DORMANT, DatedTerm, OPEN_END, Pending};
use crate::market::residency::Jurisdictions;
use crate::market::terms::{
    Backstop, Base, Buyer, Commitment, Discount, Distribution, Exclusivity, FirstShip, Investment, Licence, Loan,
    Notice, Principal, Refusal, Reservation, RevenueShare, Scope, Term, Tier, Warrant,
};
use crate::scenario::scalar::Scalar;
use crate::scenario::schema::{
    AmendmentSpec, BaseSpec, BuyerSpec, ConditionSpec, ContractSpec, DayCountSpec, PrincipalSpec, RuleSpec,
    ScenarioSpec, ScopeSpec, SideSpec, StepSpec, TermSpec, TierSpec,
};
use crate::units::{Calendar, DAY, DayCount, Schedule, Time, Usd, YEAR_DAYS};

const HOURS_PER_YEAR: f64 = 8_766.0;
const KW_PER_MW: f64 = 1_000.0;

impl Resolver<'_> {
    pub(super) fn contracts(&mut self) -> Vec<Contract> {
        let spec = self.spec;
        let contracts = spec.contracts.iter().enumerate();
        let resolved: Vec<Contract> =
            contracts.map(|(i, (id, contract))| self.contract(ContractId::new(i), id, contract)).collect();
        self.check_together(&resolved);
        resolved
    }

    fn contract(&mut self, number: ContractId, id: &str, spec: &ContractSpec) -> Contract {
        let root = format!("contracts.{id}");
        let mut terms = Vec::new();
        for (name, term) in &spec.terms {
            let path = format!("{root}.terms.{name}");
            terms.extend(self.term(&path, name, term));
        }
        let mut amendments: Vec<(&String, &AmendmentSpec)> = spec.amendments.iter().collect();
        amendments.sort_by_key(|(key, amendment)| (amendment.on.value, (*key).clone()));
        for (key, amendment) in amendments.iter().filter(|(_, amendment)| amendment.when.is_none()) {
            let path = format!("{root}.amendments.{key}");
            if amendment.until.is_some() {
                let help = "add `when`, or end its terms with their own `until`".to_owned();
                self.find(&format!("{path}.until"), "an amendment on a date does not wait").help = Some(help);
            }
            self.amend(&path, amendment, &mut terms);
        }
        let mut pending = Vec::new();
        for (key, amendment) in amendments {
            let Some(when) = &amendment.when else { continue };
            let when = self.condition(&format!("{root}.amendments.{key}.when"), when, spec);
            pending.push(self.pending(&format!("{root}.amendments.{key}"), (key, amendment), when, &mut terms));
        }
        Contract { id: number, name: id.to_owned(), terms, pending }
    }

    fn condition(&mut self, path: &str, spec: &ConditionSpec, contract: &ContractSpec) -> Condition {
        let at = |field: &str| format!("{path}.{field}");
        match spec {
            ConditionSpec::CapReached(clause) => {
                self.check_capped_share(&at("0"), clause, contract);
                Condition::CapReached { clause: clause.clone() }
            }
            ConditionSpec::Valuation { lab, usd } => {
                Condition::Valuation { lab: self.lab_id(&at("lab"), lab), usd: self.positive(&at("usd"), usd) }
            }
            ConditionSpec::Revenue { lab, usd_per_year } => Condition::Revenue {
                lab: self.lab_id(&at("lab"), lab),
                usd_per_year: self.positive(&at("usd_per_year"), usd_per_year),
            },
            ConditionSpec::Quality { lab, at_least } => Condition::Quality {
                lab: self.lab_id(&at("lab"), lab),
                at_least: self.number(&at("at_least"), at_least),
            },
            ConditionSpec::CaseOpened(regulator) => {
                let regulator = self.id(&at("0"), regulator, "regulator", &self.spec.regulators);
                Condition::CaseOpened { regulator: RegulatorId::new(regulator) }
            }
            ConditionSpec::CapacityRefused { cloud, share } => Condition::CapacityRefused {
                cloud: self.cloud_id(&at("cloud"), cloud),
                share: self.positive(&at("share"), share),
            },
        }
    }

    /// The clause whose cap a condition waits for is a revenue share of the contract, and has a cap.
    fn check_capped_share(&mut self, path: &str, clause: &str, contract: &ContractSpec) {
        let versions = contract.amendments.values().filter_map(|amendment| amendment.terms.get(clause));
        let versions: Vec<&TermSpec> = contract.terms.get(clause).into_iter().chain(versions).collect();
        let capped = |term: &&TermSpec| matches!(term.rule, RuleSpec::RevenueShare { total_cap_usd: Some(_), .. });
        if versions.is_empty() {
            let known = contract.terms.keys().chain(contract.amendments.values().flat_map(|a| a.terms.keys()));
            let near = nearest(clause, known.map(String::as_str)).map(|near| format!("did you mean `{near}`?"));
            self.find(path, format!("the contract has no term `{clause}`")).help = near;
        } else if !versions.iter().any(capped) {
            let help = "name a revenue share with `total_cap_usd`".to_owned();
            self.find(path, format!("no version of `{clause}` has a cap that could be reached")).help = Some(help);
        }
    }

    /// An amendment that waits: its terms go to the end of the list, dormant.
    fn pending(
        &mut self,
        path: &str,
        (key, spec): (&String, &AmendmentSpec),
        when: Condition,
        terms: &mut Vec<DatedTerm>,
    ) -> Pending {
        for (i, id) in spec.ends.iter().enumerate() {
            if !terms.iter().any(|term| term.id == *id) {
                let near = nearest(id, terms.iter().map(|term| term.id.as_str()));
                let near = near.map(|near| format!("did you mean `{near}`?"));
                self.find(&format!("{path}.ends.{i}"), format!("the contract has no term `{id}`")).help = near;
            }
        }
        let mut begins = Vec::new();
        for (id, term) in &spec.terms {
            let path = format!("{path}.terms.{id}");
            if let Some(mut term) = self.term(&path, id, term) {
                (term.signed, term.from) = (DORMANT, DORMANT);
                match &mut term.term {
                    Term::Investment(deal) => deal.on = DORMANT,
                    Term::RevenueShare(share) if !counts_from_a_day(&spec.terms[id]) => share.counting_from = DORMANT,
                    _ => {}
                }
                begins.push(terms.len() as u16);
                terms.push(term);
            }
        }
        let not_before = self.time(spec.on.value.0);
        let not_after = spec.until.map_or(OPEN_END, |date| self.time_after(date.0));
        if not_after <= not_before {
            let message = format!(
                "the amendment could come until {}, before {}",
                spec.until.unwrap_or(spec.on.value).0,
                spec.on.value.0
            );
            self.find(&format!("{path}.until"), message);
        }
        Pending { name: key.clone(), when, not_before, not_after, ends: spec.ends.clone(), begins }
    }

    /// Ends what an amendment ends or replaces on the day before, and adds what it brings.
    fn amend(&mut self, path: &str, spec: &AmendmentSpec, terms: &mut Vec<DatedTerm>) {
        let on = self.time(spec.on.value.0);
        for (i, id) in spec.ends.iter().enumerate() {
            if !end(terms, id, on) {
                let close = nearest(id, terms.iter().filter(|term| term.until > on).map(|term| term.id.as_str()))
                    .map(|near| format!("did you mean `{near}`?"));
                let message = format!("no term `{id}` is in force on {}", spec.on.value.0);
                self.find(&format!("{path}.ends.{i}"), message).help = close;
            }
        }
        for (id, term) in &spec.terms {
            let path = format!("{path}.terms.{id}");
            if term.from.value < spec.on.value {
                let (from, on) = (term.from.value.0, spec.on.value.0);
                self.find(&format!("{path}.from"), format!("the term begins on {from}, before its amendment of {on}"));
            }
            end(terms, id, on);
            terms.extend(self.term(&path, id, term));
        }
    }

    /// A term; none if it was over, or paid, before the run.
    fn term(&mut self, path: &str, id: &str, spec: &TermSpec) -> Option<DatedTerm> {
        let from = self.time(spec.from.value.0);
        let until = spec.until.as_ref().map_or(OPEN_END, |date| self.time_after(date.value.0));
        if let Some(last) = spec.until.as_ref().map(|last| last.value.0).filter(|last| *last < spec.from.value.0) {
            let message = format!("the term ends on {last}, before it begins on {}", spec.from.value.0);
            self.find(&format!("{path}.until"), message);
        }
        if let Some(signed) = spec.signed.filter(|signed| signed.0 > spec.from.value.0) {
            let message = format!("the term is signed on {}, after it begins on {}", signed.0, spec.from.value.0);
            self.find(&format!("{path}.signed"), message);
        }
        let signed = spec.signed.map_or(from, |signed| self.time(signed.0));
        let past = matches!(spec.rule, RuleSpec::Investment { .. }) && spec.from.value < self.spec.horizon.start;
        let term = self.rule(&format!("{path}.rule"), &spec.rule, (from, until));
        let source = spec.from.source.clone();
        (!past && until > Time(0)).then(|| DatedTerm { id: id.to_owned(), from, until, signed, term, source })
    }

    fn rule(&mut self, path: &str, spec: &RuleSpec, (from, until): (Time, Time)) -> Term {
        let at = |field: &str| format!("{path}.{field}");
        match spec {
            RuleSpec::Exclusivity { grantor, holder, scope, except_clouds, except_channels, lines, jurisdictions } => {
                self.check_jurisdictions(&at("jurisdictions"), scope, jurisdictions);
                Term::Exclusivity(Exclusivity {
                    grantor: self.lab_id(&at("grantor"), grantor),
                    holder: self.cloud_id(&at("holder"), holder),
                    scope: match scope {
                        ScopeSpec::Compute => Scope::Compute,
                        ScopeSpec::Distribution => Scope::Distribution,
                        ScopeSpec::Product => Scope::Product,
                    },
                    except_channels: self.each(&at("except_channels"), except_channels, Self::channel_id),
                    except_clouds: self.each(&at("except_clouds"), except_clouds, Self::cloud_id),
                    lines: self.lines_of(&at("lines"), grantor, lines),
                    jurisdictions: Jurisdictions::of(self.each(
                        &at("jurisdictions"),
                        jurisdictions,
                        Self::jurisdiction,
                    )),
                })
            }
            RuleSpec::FirstShip { lab, holder, lead_days, waived_above } => Term::FirstShip(FirstShip {
                lab: self.lab_id(&at("lab"), lab),
                holder: self.channel_id(&at("holder"), holder),
                lead_days: self.at_least(&at("lead_days"), lead_days, 0.0),
                waived_above: waived_above.as_ref().map(|bound| self.share(&at("waived_above"), bound)),
            }),
            RuleSpec::Refusal { lab, holder } => Term::Refusal(Refusal {
                lab: self.lab_id(&at("lab"), lab),
                holder: self.cloud_id(&at("holder"), holder),
            }),
            RuleSpec::Licence { licensor, licensee, exclusive } => Term::Licence(Licence {
                licensor: self.lab_id(&at("licensor"), licensor),
                licensee: self.party(&at("licensee"), licensee),
                exclusive: *exclusive,
            }),
            RuleSpec::Distribution { lab, channel, principal, remit_share, capacity, price } => {
                let side = |side: &Option<SideSpec>| match side {
                    Some(SideSpec::Lab) => Principal::Lab,
                    Some(SideSpec::Platform) | None => Principal::Platform,
                };
                Term::Distribution(Distribution {
                    lab: self.lab_id(&at("lab"), lab),
                    channel: self.channel_id(&at("channel"), channel),
                    principal: match principal {
                        PrincipalSpec::Platform => Principal::Platform,
                        PrincipalSpec::Lab => Principal::Lab,
                    },
                    remit_share: self.share(&at("remit_share"), remit_share),
                    capacity: side(capacity),
                    price: side(price),
                })
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
                self.check_sides(&at("payee"), (payer, payee), "payer and payee");
                let paid_before = paid_before_usd.as_ref();
                Term::RevenueShare(RevenueShare {
                    payer: self.party(&at("payer"), payer),
                    payee: self.party(&at("payee"), payee),
                    rate: self.share(&at("rate"), rate),
                    tiers: self.tiers(&at("tiers"), tiers),
                    base: self.base(&at("base"), base),
                    total_cap: total_cap_usd.as_ref().map(|cap| self.dollars(&at("total_cap_usd"), cap)),
                    counting_from: counting_from.map_or(from, |date| self.time(date.0)),
                    paid_before: paid_before.map_or(Usd::ZERO, |usd| self.dollars(&at("paid_before_usd"), usd)),
                    elsewhere_usd_per_year: elsewhere_usd_per_year.as_ref().map_or(Schedule::constant(0.0), |usd| {
                        self.series_at_least(&at("elsewhere_usd_per_year"), usd, 0.0)
                    }),
                    quantum: Usd::CENT,
                })
            }
            RuleSpec::Commitment { .. } => Term::Commitment(self.commitment(path, spec, (from, until))),
            RuleSpec::Reservation { buyer, seller, h100e, usd_per_h100e_hour, late_credit } => {
                Term::Reservation(Reservation {
                    buyer: self.buying(path, buyer, seller),
                    seller: self.cloud_id(&at("seller"), seller),
                    h100e: self.ramp(&at("h100e"), h100e, (from, until)),
                    usd_per_h100e_hour: self.at_least(&at("usd_per_h100e_hour"), usd_per_h100e_hour, 0.0),
                    late_credit: self.at_least(&at("late_credit"), late_credit, 0.0),
                })
            }
            RuleSpec::Investment { investor, issuer, usd, pre_money_usd, stake } => Term::Investment(Investment {
                investor: self.party(&at("investor"), investor),
                issuer: self.other_party(&at("issuer"), (investor, issuer), "investor and issuer"),
                usd: self.dollars(&at("usd"), usd),
                on: from,
                pre_money: pre_money_usd.as_ref().map(|value| self.dollars(&at("pre_money_usd"), value)),
                stake: stake.as_ref().map(|stake| self.share(&at("stake"), stake)),
            }),
            RuleSpec::Loan { lender, borrower, usd, rate_per_year } => Term::Loan(Loan {
                lender: self.party(&at("lender"), lender),
                borrower: self.other_party(&at("borrower"), (lender, borrower), "lender and borrower"),
                usd: self.dollars(&at("usd"), usd),
                rate_per_year: self.share(&at("rate_per_year"), rate_per_year),
            }),
            RuleSpec::Backstop { buyer, seller, usd_per_year, usd_per_h100e_hour } => Term::Backstop(Backstop {
                buyer: self.party(&at("buyer"), buyer),
                seller: self.cloud_id(&at("seller"), seller),
                usd_per_year: self.series_at_least(&at("usd_per_year"), usd_per_year, 0.0),
                usd_per_h100e_hour: self.at_least(&at("usd_per_h100e_hour"), usd_per_h100e_hour, 0.0),
            }),
            RuleSpec::Warrant { issuer, holder, usd, purchases_usd, payers } => Term::Warrant(Warrant {
                issuer: self.party(&at("issuer"), issuer),
                holder: self.other_party(&at("holder"), (issuer, holder), "issuer and holder"),
                usd: self.dollars(&at("usd"), usd),
                purchases: self.dollars(&at("purchases_usd"), purchases_usd),
                payers: self.each(&at("payers"), payers, Self::party),
            }),
            RuleSpec::Discount { lab, seller, tiers, most_favoured } => Term::Discount(Discount {
                lab: self.lab_id(&at("lab"), lab),
                seller: self.cloud_id(&at("seller"), seller),
                tiers: self.steps(&at("tiers"), tiers),
                most_favoured: *most_favoured,
            }),
        }
    }

    fn commitment(&mut self, path: &str, spec: &RuleSpec, dates: (Time, Time)) -> Commitment {
        let RuleSpec::Commitment {
            buyer,
            seller,
            day_count,
            take_or_pay,
            rolls_over,
            make_up_years,
            stacks,
            prepaid_usd,
            notice,
            ..
        } = spec
        else {
            unreachable!("a commitment was asked for")
        };
        let at = |field: &str| format!("{path}.{field}");
        Commitment {
            buyer: self.buying(path, buyer, seller),
            seller: self.cloud_id(&at("seller"), seller),
            usd_per_year: self.owed(path, spec, dates),
            day_count: day_count_of(day_count.as_ref()),
            take_or_pay: self.share(&at("take_or_pay"), take_or_pay),
            stacks: self.each(&at("stacks"), stacks, Self::stack),
            rolls_over: *rolls_over,
            make_up_periods: u16::try_from(*make_up_years).unwrap_or(u16::MAX),
            prepaid: prepaid_usd.as_ref().map_or(Usd::ZERO, |usd| self.dollars(&at("prepaid_usd"), usd)),
            notice: notice.as_ref().map(|notice| Notice {
                from: self.time(notice.from.0),
                days: u64::from(notice.days),
                below: self.at_least(&at("notice.below"), &notice.below, 0.0),
            }),
        }
    }

    /// What a commitment owes in dollars a year: as it says, or compute or power at its price.
    fn owed(&mut self, path: &str, spec: &RuleSpec, dates: (Time, Time)) -> Schedule {
        let RuleSpec::Commitment { usd_per_year, h100e, usd_per_h100e_hour, mw, usd_per_kw_month, .. } = spec else {
            unreachable!("a commitment was asked for")
        };
        let at = |field: &str| format!("{path}.{field}");
        match (usd_per_year, (h100e, usd_per_h100e_hour), (mw, usd_per_kw_month)) {
            (Some(usd), (None, None), (None, None)) => self.ramp(&at("usd_per_year"), usd, dates),
            (None, (Some(h100e), Some(price)), (None, None)) => {
                let price = self.at_least(&at("usd_per_h100e_hour"), price, 0.0);
                self.ramp(&at("h100e"), h100e, dates).scaled(price * HOURS_PER_YEAR)
            }
            (None, (None, None), (Some(mw), Some(price))) => {
                let price = self.at_least(&at("usd_per_kw_month"), price, 0.0);
                self.ramp(&at("mw"), mw, dates).scaled(price * 12.0 * KW_PER_MW)
            }
            _ => {
                let message = "expected what is owed in one way: `usd_per_year`, or `h100e` with `usd_per_h100e_hour`, \
                               or `mw` with `usd_per_kw_month`";
                self.find(path, message);
                Schedule::constant(0.0)
            }
        }
    }

    /// What is owed or held over the dates of a term, which never falls: less is agreed by an amendment.
    fn ramp(&mut self, path: &str, scalar: &Scalar, (from, until): (Time, Time)) -> Schedule {
        let found = self.findings.len();
        let ramp = self.series_at_least(path, scalar, 0.0);
        let fall = ramp.first_fall(from.years(), until.years()).filter(|_| self.findings.len() == found);
        if let Some((years, before, after)) = fall {
            let on = self.cal().date(Time((years * YEAR_DAYS * DAY.0 as f64).round() as u64));
            let message = format!("the ramp falls from {before} to {after} by {on}");
            let help = "let it rise or stay; to lower it, end the term and bring a smaller one by amendment";
            self.find(path, message).help = Some(help.into());
        }
        ramp
    }

    fn buying(&mut self, path: &str, buyer: &BuyerSpec, seller: &str) -> Buyer {
        if let BuyerSpec::Cloud(cloud) = buyer {
            self.check_sides(&format!("{path}.seller"), (cloud, seller), "buyer and seller");
        }
        match buyer {
            BuyerSpec::Lab(lab) => Buyer::Lab(self.lab_id(&format!("{path}.buyer.0"), lab)),
            BuyerSpec::Cloud(cloud) => Buyer::Cloud(self.cloud_id(&format!("{path}.buyer.0"), cloud)),
        }
    }

    /// Steps of a discount, which rise in purchases and stay shares.
    fn steps(&mut self, path: &str, tiers: &[StepSpec]) -> Vec<(f64, f64)> {
        let mut steps: Vec<(f64, f64)> = Vec::with_capacity(tiers.len());
        for (i, tier) in tiers.iter().enumerate() {
            let from = self.counted(&format!("{path}.{i}.from_usd"), &tier.from_usd);
            let discount = self.share(&format!("{path}.{i}.discount"), &tier.discount);
            if let Some((before, _)) = steps.last().filter(|(before, _)| *before >= from) {
                let message = format!("the step from {from} USD follows one from {before} USD");
                self.find(&format!("{path}.{i}.from_usd"), message).help = Some("order the steps by purchases".into());
            }
            steps.push((from, discount));
        }
        steps
    }

    /// Lines of a lab, by position.
    fn lines_of(&mut self, path: &str, lab: &str, lines: &[String]) -> Vec<u16> {
        let Some(known) = self.spec.labs.get(lab).map(|lab| &lab.lines) else { return Vec::new() };
        let position = |resolver: &mut Self, (i, line): (usize, &String)| {
            resolver.id(&format!("{path}.{i}"), line, &format!("line of `{lab}`"), known) as u16
        };
        lines.iter().enumerate().map(|line| position(self, line)).collect()
    }

    /// Only sales on platforms are told apart by where the customer's data must stay.
    fn check_jurisdictions(&mut self, path: &str, scope: &ScopeSpec, jurisdictions: &[String]) {
        if !jurisdictions.is_empty() && !matches!(scope, ScopeSpec::Distribution) {
            let help = "leave them out, or let the scope be Distribution".to_owned();
            self.find(path, "only an exclusivity of platforms is limited to jurisdictions").help = Some(help);
        }
    }

    /// Each of a list of ids.
    fn each<T>(&mut self, path: &str, ids: &[String], one: fn(&mut Self, &str, &str) -> T) -> Vec<T> {
        ids.iter().enumerate().map(|(i, id)| one(self, &format!("{path}.{i}"), id)).collect()
    }

    /// Dollars to the cent.
    fn dollars(&mut self, path: &str, scalar: &Scalar) -> Usd {
        Usd::from_dollars(self.counted(path, scalar)).round_to(Usd::CENT)
    }

    /// Rates of a share beyond thresholds of revenue, which rise.
    fn tiers(&mut self, path: &str, specs: &[TierSpec]) -> Vec<Tier> {
        let mut tiers: Vec<Tier> = Vec::with_capacity(specs.len());
        for (i, spec) in specs.iter().enumerate() {
            let at = |field: &str| format!("{path}.{i}.{field}");
            let above = Usd::from_dollars(self.counted(&at("above_usd"), &spec.above_usd)).round_to(Usd::CENT);
            if tiers.last().is_some_and(|last| above <= last.above) {
                self.find(&at("above_usd"), "the thresholds of tiers rise from each to the next");
            }
            tiers.push(Tier { above, rate: self.share(&at("rate"), &spec.rate) });
        }
        tiers
    }

    fn base(&mut self, path: &str, spec: &BaseSpec) -> Base {
        let mut of_channel = |lab: &String, channel: &String| {
            (self.lab_id(&format!("{path}.lab"), lab), self.channel_id(&format!("{path}.channel"), channel))
        };
        match spec {
            BaseSpec::ChannelRevenue { lab, channel } => {
                let (lab, channel) = of_channel(lab, channel);
                Base::ChannelRevenue(lab, channel)
            }
            BaseSpec::ChannelProfit { lab, channel } => {
                let (lab, channel) = of_channel(lab, channel);
                Base::ChannelProfit(lab, channel)
            }
            BaseSpec::AllRevenue(lab) => Base::AllRevenue(self.lab_id(&format!("{path}.0"), lab)),
            BaseSpec::Profit(party) => Base::Profit(self.party(&format!("{path}.0"), party)),
        }
    }

    /// The party at `path`, which is not `one`.
    fn other_party(&mut self, path: &str, (one, other): (&str, &str), what: &str) -> crate::ids::PartyId {
        self.check_sides(path, (one, other), what);
        self.party(path, other)
    }

    fn lab_id(&mut self, path: &str, id: &str) -> LabId {
        LabId::new(self.id(path, id, "lab", &self.spec.labs))
    }

    fn cloud_id(&mut self, path: &str, id: &str) -> CloudId {
        CloudId::new(self.id(path, id, "cloud", &self.spec.clouds))
    }

    fn channel_id(&mut self, path: &str, id: &str) -> ChannelId {
        ChannelId::new(self.id(path, id, "channel", &self.spec.channels))
    }
}

/// Whether a revenue share names the day from which it counts.
fn counts_from_a_day(spec: &TermSpec) -> bool {
    matches!(spec.rule, RuleSpec::RevenueShare { counting_from: Some(_), .. })
}

fn day_count_of(spec: Option<&DayCountSpec>) -> DayCount {
    match spec {
        None | Some(DayCountSpec::ActualActual) => DayCount::ActualActual,
        Some(DayCountSpec::Actual365) => DayCount::Actual365,
        Some(DayCountSpec::Actual360) => DayCount::Actual360,
        Some(DayCountSpec::Thirty360) => DayCount::Thirty360,
    }
}

/// Ends the version of a term that is in force at an instant; false if there is none.
fn end(terms: &mut [DatedTerm], id: &str, at: Time) -> bool {
    let Some(term) = terms.iter_mut().rev().find(|term| term.id == id && term.until > at) else { return false };
    term.until = at.max(term.from);
    true
}

/// Path of a term, in its contract or in the amendment that brings it; of a version of a run that no file dates, of the
/// amendment that waited for it, or of the version that it continues.
pub(in crate::scenario) fn path_of_term(
    spec: &ScenarioSpec,
    calendar: &Calendar,
    contract: &str,
    term: &DatedTerm,
) -> String {
    let root = format!("contracts.{contract}");
    let spec = &spec.contracts[contract];
    let brought = |waits: bool| {
        let amendments = spec.amendments.iter().filter(move |(_, amendment)| amendment.when.is_some() == waits);
        amendments.filter_map(|(key, amendment)| Some((Some(key), amendment.terms.get(&term.id)?)))
    };
    let begins = |version: &TermSpec| calendar.time(version.from.value.0);
    let own = spec.terms.get(&term.id).map(|version| (None, version));
    let dated = || own.into_iter().chain(brought(false));
    let exact = dated().find(|(_, version)| begins(version) == term.from).filter(|_| !term.is_dormant());
    let waiting = || brought(true).next_back();
    let continued = || dated().filter(|(_, version)| begins(version) <= term.from).max_by_key(|(_, v)| begins(v));
    match exact.or_else(waiting).or_else(continued) {
        Some((Some(key), _)) => format!("{root}.amendments.{key}.terms.{}", term.id),
        Some((None, _)) | None => format!("{root}.terms.{}", term.id),
    }
}
