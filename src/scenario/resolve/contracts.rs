//! Contracts: terms and amendments turned into dated versions.

use super::Resolver;
use crate::ids::{ChannelId, CloudId, ContractId, LabId};
use crate::market::contracts::{Contract, DatedTerm, OPEN_END};
use crate::market::terms::{
    Base, Buyer, Commitment, Distribution, Exclusivity, FirstShip, Investment, Licence, Principal, Refusal,
    RevenueShare, Scope, Term,
};
use crate::scenario::schema::{
    AmendmentSpec, BaseSpec, BuyerSpec, ContractSpec, PrincipalSpec, RuleSpec, ScopeSpec, TermSpec,
};
use crate::units::{Time, Usd};

impl Resolver<'_> {
    pub(super) fn contracts(&mut self) -> Vec<Contract> {
        let spec = self.spec;
        let contracts = spec.contracts.iter().enumerate();
        contracts.map(|(i, (id, contract))| self.contract(ContractId::new(i), id, contract)).collect()
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
                self.find(&format!("{path}.ends.{i}"), format!("no term `{id}` is in force on {}", spec.on.value.0));
            }
        }
        for (id, term) in &spec.terms {
            let path = format!("{path}.terms.{id}");
            if term.from.value < spec.on.value {
                self.find(&format!("{path}.from"), format!("begins before the amendment of {}", spec.on.value.0));
            }
            end(terms, id, on);
            terms.extend(self.term(&path, id, term));
        }
    }

    /// A term; none if it was over, or paid, before the run.
    fn term(&mut self, path: &str, id: &str, spec: &TermSpec) -> Option<DatedTerm> {
        let from = self.time(spec.from.value.0);
        let until = spec.until.as_ref().map_or(OPEN_END, |date| self.time_after(date.value.0));
        if spec.until.as_ref().is_some_and(|until| until.value < spec.from.value) {
            self.find(&format!("{path}.until"), "the term ends before it begins");
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
            RuleSpec::RevenueShare { payer, payee, rate, base, total_cap_usd, counting_from } => {
                Term::RevenueShare(RevenueShare {
                    payer: self.party(&at("payer"), payer),
                    payee: self.party(&at("payee"), payee),
                    rate: self.share(&at("rate"), rate),
                    base: self.base(&at("base"), base),
                    total_cap: total_cap_usd.as_ref().map(|cap| {
                        Usd::from_dollars(self.at_least(&at("total_cap_usd"), cap, 0.0)).round_to(Usd::CENT)
                    }),
                    counting_from: counting_from.map_or(from, |date| self.time(date.0)),
                    quantum: Usd::CENT,
                })
            }
            RuleSpec::Commitment { buyer, seller, usd_per_year, take_or_pay, rolls_over } => {
                let seller_id = self.cloud_id(&at("seller"), seller);
                Term::Commitment(Commitment {
                    buyer: match buyer {
                        BuyerSpec::Lab(lab) => Buyer::Lab(self.lab_id(&at("buyer"), lab)),
                        BuyerSpec::Cloud(cloud) => Buyer::Cloud(self.cloud_id(&at("buyer"), cloud)),
                    },
                    seller: seller_id,
                    usd_per_year: self.series_at_least(&at("usd_per_year"), usd_per_year, 0.0),
                    take_or_pay: self.share(&at("take_or_pay"), take_or_pay),
                    stacks: Vec::new(),
                    rolls_over: *rolls_over,
                    make_up_periods: 0,
                    discount: 0.0,
                })
            }
            RuleSpec::Investment { investor, issuer, usd } => Term::Investment(Investment {
                investor: self.party(&at("investor"), investor),
                issuer: self.party(&at("issuer"), issuer),
                usd: Usd::from_dollars(self.at_least(&at("usd"), usd, 0.0)).round_to(Usd::CENT),
                on: from,
            }),
        }
    }

    fn base(&mut self, path: &str, spec: &BaseSpec) -> Base {
        match spec {
            BaseSpec::AllRevenue(lab) => Base::AllRevenue(self.lab_id(path, lab)),
            BaseSpec::ChannelRevenue { lab, channel } => Base::ChannelRevenue(
                self.lab_id(&format!("{path}.lab"), lab),
                self.channel_id(&format!("{path}.channel"), channel),
            ),
        }
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

/// Ends the version of a term that is in force at an instant; false if there is none.
fn end(terms: &mut [DatedTerm], id: &str, at: Time) -> bool {
    let Some(term) = terms.iter_mut().rev().find(|term| term.id == id && term.until > at) else { return false };
    term.until = at.max(term.from);
    true
}
