//! Contracts: terms and amendments turned into dated versions.

use super::super::problems::nearest;
use super::Resolver;
use crate::ids::{ChannelId, CloudId, ContractId, LabId};
use crate::market::contracts::{Contract, DatedTerm, OPEN_END};
use crate::market::terms::{
    Base, Buyer, Commitment, Distribution, Exclusivity, FirstShip, Investment, Licence, Principal, Refusal,
    RevenueShare, Scope, Term, Tier,
};
use crate::scenario::schema::{
    AmendmentSpec, BaseSpec, BuyerSpec, ContractSpec, DayCountSpec, PrincipalSpec, RuleSpec, ScenarioSpec, ScopeSpec,
    TermSpec, TierSpec,
};
use crate::units::{Calendar, DayCount, Time, Usd};

impl Resolver<'_> {
    pub(super) fn contracts(&mut self) -> Vec<Contract> {
        let spec = self.spec;
        let contracts = spec.contracts.iter().enumerate();
        let resolved: Vec<Contract> =
            contracts.map(|(i, (id, contract))| self.contract(ContractId::new(i), id, contract)).collect();
        self.check_contradictions(&resolved);
        resolved
    }

    /// Two clauses of one lab that give the same thing to two others alone, at the same time.
    fn check_contradictions(&mut self, contracts: &[Contract]) {
        let grants: Vec<Grant> = contracts.iter().flat_map(Grant::all).collect();
        for (i, later) in grants.iter().enumerate() {
            let Some(earlier) = grants[..i].iter().find(|earlier| earlier.contradicts(later)) else { continue };
            let path = path_of_term(self.spec, self.cal(), later.contract, later.term);
            let other = path_of_term(self.spec, self.cal(), earlier.contract, earlier.term);
            let message = format!("contradicts `{other}`, which lets another alone have the same at the same time");
            self.find(&path, message).help =
                Some("end one before the other begins, or except the other's holder".into());
        }
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
        for (key, amendment) in amendments {
            self.amend(&format!("{root}.amendments.{key}"), amendment, &mut terms);
        }
        Contract { id: number, name: id.to_owned(), terms }
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
        let past = matches!(spec.rule, RuleSpec::Investment { .. }) && spec.from.value < self.spec.horizon.start;
        let term = self.rule(&format!("{path}.rule"), &spec.rule, from);
        let source = spec.from.source.clone();
        (!past && until > Time(0)).then(|| DatedTerm { id: id.to_owned(), from, until, term, source })
    }

    fn rule(&mut self, path: &str, spec: &RuleSpec, from: Time) -> Term {
        let at = |field: &str| format!("{path}.{field}");
        match spec {
            RuleSpec::Exclusivity { grantor, holder, scope, except_clouds } => Term::Exclusivity(Exclusivity {
                grantor: self.lab_id(&at("grantor"), grantor),
                holder: self.cloud_id(&at("holder"), holder),
                scope: match scope {
                    ScopeSpec::Compute => Scope::Compute,
                    ScopeSpec::Distribution => Scope::Distribution,
                },
                except_channels: Vec::new(),
                except_clouds: except_clouds
                    .iter()
                    .enumerate()
                    .map(|(i, cloud)| self.cloud_id(&at(&format!("except_clouds.{i}")), cloud))
                    .collect(),
            }),
            RuleSpec::FirstShip { lab, holder, lead_days } => Term::FirstShip(FirstShip {
                lab: self.lab_id(&at("lab"), lab),
                holder: self.channel_id(&at("holder"), holder),
                lead_days: self.at_least(&at("lead_days"), lead_days, 0.0),
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
            RuleSpec::Distribution { lab, channel, principal, remit_share } => Term::Distribution(Distribution {
                lab: self.lab_id(&at("lab"), lab),
                channel: self.channel_id(&at("channel"), channel),
                principal: match principal {
                    PrincipalSpec::Platform => Principal::Platform,
                    PrincipalSpec::Lab => Principal::Lab,
                },
                remit_share: self.share(&at("remit_share"), remit_share),
            }),
            RuleSpec::RevenueShare { payer, payee, rate, tiers, base, total_cap_usd, counting_from } => {
                self.check_sides(&at("payee"), (payer, payee), "payer and payee");
                Term::RevenueShare(RevenueShare {
                    payer: self.party(&at("payer"), payer),
                    payee: self.party(&at("payee"), payee),
                    rate: self.share(&at("rate"), rate),
                    tiers: self.tiers(&at("tiers"), tiers),
                    base: self.base(&at("base"), base),
                    total_cap: total_cap_usd
                        .as_ref()
                        .map(|cap| Usd::from_dollars(self.counted(&at("total_cap_usd"), cap)).round_to(Usd::CENT)),
                    counting_from: counting_from.map_or(from, |date| self.time(date.0)),
                    quantum: Usd::CENT,
                })
            }
            RuleSpec::Commitment { buyer, seller, usd_per_year, day_count, take_or_pay, rolls_over } => {
                let seller_id = self.cloud_id(&at("seller"), seller);
                if let BuyerSpec::Cloud(cloud) = buyer {
                    self.check_sides(&at("seller"), (cloud, seller), "buyer and seller");
                }
                Term::Commitment(Commitment {
                    buyer: match buyer {
                        BuyerSpec::Lab(lab) => Buyer::Lab(self.lab_id(&at("buyer.0"), lab)),
                        BuyerSpec::Cloud(cloud) => Buyer::Cloud(self.cloud_id(&at("buyer.0"), cloud)),
                    },
                    seller: seller_id,
                    usd_per_year: self.series_at_least(&at("usd_per_year"), usd_per_year, 0.0),
                    day_count: day_count_of(day_count.as_ref()),
                    take_or_pay: self.share(&at("take_or_pay"), take_or_pay),
                    stacks: Vec::new(),
                    rolls_over: *rolls_over,
                    make_up_periods: 0,
                    discount: 0.0,
                })
            }
            RuleSpec::Investment { investor, issuer, usd } => Term::Investment(Investment {
                investor: self.party(&at("investor"), investor),
                issuer: self.other_party(&at("issuer"), investor, issuer),
                usd: Usd::from_dollars(self.counted(&at("usd"), usd)).round_to(Usd::CENT),
                on: from,
            }),
        }
    }

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
        match spec {
            BaseSpec::AllRevenue(lab) => Base::AllRevenue(self.lab_id(&format!("{path}.0"), lab)),
            BaseSpec::ChannelRevenue { lab, channel } => Base::ChannelRevenue(
                self.lab_id(&format!("{path}.lab"), lab),
                self.channel_id(&format!("{path}.channel"), channel),
            ),
        }
    }

    /// The party at `path`, which is not `one`.
    fn other_party(&mut self, path: &str, one: &str, other: &str) -> crate::ids::PartyId {
        self.check_sides(path, (one, other), "investor and issuer");
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

/// Path of a term, in its contract or in the amendment that brings it.
pub(in crate::scenario) fn path_of_term(
    spec: &ScenarioSpec,
    calendar: &Calendar,
    contract: &Contract,
    term: &DatedTerm,
) -> String {
    let root = format!("contracts.{}", contract.name);
    let spec = &spec.contracts[&contract.name];
    let from = |spec: &TermSpec| calendar.time(spec.from.value.0) == term.from;
    let mut amended = spec.amendments.iter().filter(|(_, amendment)| amendment.terms.get(&term.id).is_some_and(from));
    match amended.next_back() {
        Some((key, _)) if !spec.terms.get(&term.id).is_some_and(from) => {
            format!("{root}.amendments.{key}.terms.{}", term.id)
        }
        _ => format!("{root}.terms.{}", term.id),
    }
}

/// A clause that lets one alone have something of a lab.
#[derive(Clone, Copy)]
struct Grant<'a> {
    contract: &'a Contract,
    term: &'a DatedTerm,
}

impl<'a> Grant<'a> {
    fn all(contract: &'a Contract) -> impl Iterator<Item = Self> {
        let grants = |term: &&DatedTerm| match &term.term {
            Term::Exclusivity(_) => true,
            Term::Licence(licence) => licence.exclusive,
            _ => false,
        };
        contract.terms.iter().filter(grants).map(move |term| Self { contract, term })
    }

    /// Whether both are in force at some time, about the same thing, and neither leaves the other's holder free.
    fn contradicts(&self, other: &Self) -> bool {
        let overlap = self.term.from.max(other.term.from) < self.term.until.min(other.term.until);
        overlap
            && match (&self.term.term, &other.term.term) {
                (Term::Exclusivity(one), Term::Exclusivity(two)) => {
                    one.grantor == two.grantor
                        && one.scope == two.scope
                        && one.holder != two.holder
                        && !one.except_clouds.contains(&two.holder)
                        && !two.except_clouds.contains(&one.holder)
                }
                (Term::Licence(one), Term::Licence(two)) => {
                    one.licensor == two.licensor && one.licensee != two.licensee
                }
                _ => false,
            }
    }
}
