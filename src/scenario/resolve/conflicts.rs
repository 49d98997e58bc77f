//! Clauses that cannot hold together, each told with the other.

use super::{Resolver, path_of_term};
use crate::ids::PartyId;
use crate::market::contracts::{Contract, DatedTerm};
use crate::market::equity::Holdings;
use crate::market::terms::{Investment, Term};
use std::collections::BTreeSet;

/// What shares may add up to beyond one, for rounding.
const SLACK: f64 = 1e-9;

/// A clause and its contract.
#[derive(Clone, Copy)]
struct Clause<'a> {
    contract: &'a Contract,
    term: &'a DatedTerm,
}

fn clauses(contracts: &[Contract]) -> impl Iterator<Item = Clause<'_>> {
    contracts.iter().flat_map(|contract| contract.terms.iter().map(move |term| Clause { contract, term }))
}

impl Resolver<'_> {
    /// Refuses what the clauses of all contracts together cannot mean.
    pub(super) fn check_together(&mut self, contracts: &[Contract]) {
        self.check_grants(contracts);
        self.check_caps(contracts);
        self.check_stakes(contracts);
    }

    fn path_of(&self, clause: Clause) -> String {
        path_of_term(self.spec, self.cal(), &clause.contract.name, clause.term)
    }

    /// Two clauses of one lab that give the same thing to two others alone, at the same time.
    fn check_grants(&mut self, contracts: &[Contract]) {
        let grants: Vec<Clause> = clauses(contracts).filter(|clause| clause.grants_alone()).collect();
        for (i, later) in grants.iter().enumerate() {
            let Some(earlier) = grants[..i].iter().find(|earlier| earlier.contradicts(later)) else { continue };
            let (path, other) = (self.path_of(*later), self.path_of(*earlier));
            let message = format!("contradicts `{other}`, which lets another alone have the same at the same time");
            self.find(&path, message).help =
                Some("end one before the other begins, or except the other's holder".into());
        }
    }

    /// A cap that is used up before the run begins, and more. What is paid in the run is compared there.
    fn check_caps(&mut self, contracts: &[Contract]) {
        for clause in clauses(contracts) {
            let Term::RevenueShare(share) = &clause.term.term else { continue };
            let Some(cap) = share.total_cap.filter(|cap| *cap < share.paid_before) else { continue };
            let path = format!("{}.rule", self.path_of(clause));
            let message = format!(
                "the cap of {} USD is below the {} USD of `{path}.paid_before_usd`",
                cap.dollars(),
                share.paid_before.dollars()
            );
            self.find(&format!("{path}.total_cap_usd"), message).help =
                Some("a cap is no less than what was paid already".into());
        }
    }

    /// Stakes in one party that add up to more than the whole of it.
    ///
    /// Deals are taken in order of their days, rounds diluting earlier holders. One that waits for a condition may come
    /// when all others have, or never: each is tried alone after them.
    fn check_stakes(&mut self, contracts: &[Contract]) {
        let deals = |waits: bool| {
            let all = clauses(contracts).filter(move |clause| clause.term.is_dormant() == waits);
            all.filter_map(|clause| clause.deal().map(|deal| (clause, deal)))
        };
        let mut certain: Vec<(Clause, &Investment)> = deals(false).collect();
        certain.sort_by_key(|(_, deal)| deal.on);
        let mut stakes = Stakes::default();
        let mut over: Vec<(Clause, Option<Clause>, f64)> = Vec::new();
        for (clause, deal) in certain {
            over.extend(stakes.take(clause, deal).map(|(other, sum)| (clause, other, sum)));
        }
        for (clause, deal) in deals(true) {
            over.extend(stakes.clone().take(clause, deal).map(|(other, sum)| (clause, other, sum)));
        }
        for (clause, other, sum) in over {
            let path = format!("{}.rule.stake", self.path_of(clause));
            let beside = other.map_or_else(String::new, |other| format!(" with `{}.rule`", self.path_of(other)));
            let message = format!("the stakes in `{}` add up to {:.4}{beside}, over 1", self.issuer(clause), sum);
            self.find(&path, message).help = Some("holders together have no more than the whole".into());
        }
    }

    fn issuer(&self, clause: Clause) -> String {
        let position = clause.deal().map_or(0, |deal| deal.issuer.index());
        self.spec.parties.keys().nth(position).cloned().unwrap_or_default()
    }
}

/// Who holds what, and by which clause each came to it last.
#[derive(Clone, Default)]
struct Stakes<'a> {
    holdings: Holdings,
    by: Vec<(&'a Investment, Clause<'a>)>,
    told: BTreeSet<PartyId>,
}

impl<'a> Stakes<'a> {
    /// Takes a deal up; if the issuer is now held by more than the whole, for the first time, the other clause with the
    /// largest share and the sum of all shares.
    fn take(&mut self, clause: Clause<'a>, deal: &'a Investment) -> Option<(Option<Clause<'a>>, f64)> {
        self.holdings.close(deal);
        self.by.retain(|(other, _)| (other.issuer, other.investor) != (deal.issuer, deal.investor));
        let own = self.by.iter().filter(|(other, _)| other.issuer == deal.issuer);
        let share = |other: &Investment| self.holdings.share(deal.issuer, other.investor);
        let largest = own.max_by(|a, b| share(a.0).total_cmp(&share(b.0))).map(|(_, clause)| *clause);
        let sum = self.holdings.held(deal.issuer);
        self.by.push((deal, clause));
        (sum > 1.0 + SLACK && self.told.insert(deal.issuer)).then_some((largest, sum))
    }
}

impl<'a> Clause<'a> {
    fn deal(self) -> Option<&'a Investment> {
        if let Term::Investment(deal) = &self.term.term { Some(deal) } else { None }
    }

    /// Whether it lets one alone have something of a lab.
    fn grants_alone(self) -> bool {
        match &self.term.term {
            Term::Exclusivity(_) => true,
            Term::Licence(licence) => licence.exclusive,
            _ => false,
        }
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
                        && one.meets(two)
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
