//! Clauses of contracts: which there are, who the parties to them are, and a scenario without one of them.
//!
//! *What is one clause?* A contract's terms of one id: the first version and those that amendments bring under the same
//! id. They are taken out together, and the id from what amendments end, so that the rest still resolves.

use super::Scenario;
use super::problems::Problems;
use super::schema::{BuyerSpec, ChannelKindSpec, ConditionSpec, ContractSpec, RuleSpec, ScenarioSpec, TermSpec};

/// A clause, all its versions together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Clause {
    /// Id of the contract.
    pub contract: String,
    /// Id of its terms.
    pub term: String,
}

/// Every clause of a scenario, contract by contract: those signed first, then those that amendments bring.
pub fn clauses(spec: &ScenarioSpec) -> Vec<Clause> {
    let mut found: Vec<Clause> = Vec::new();
    for (id, contract) in &spec.contracts {
        for (term, _) in versions(contract) {
            let clause = Clause { contract: id.clone(), term: term.clone() };
            if !found.contains(&clause) {
                found.push(clause);
            }
        }
    }
    found
}

/// The terms of a contract with their ids: as signed, then amendment by amendment in order of date.
pub(super) fn versions(contract: &ContractSpec) -> impl Iterator<Item = (&String, &TermSpec)> {
    let mut amendments: Vec<_> = contract.amendments.iter().collect();
    amendments.sort_by_key(|(key, amendment)| (amendment.on.value, *key));
    contract.terms.iter().chain(amendments.into_iter().flat_map(|(_, amendment)| &amendment.terms))
}

/// The parties to a contract, each once, in the order in which its clauses name them.
pub fn parties(spec: &ScenarioSpec, contract: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let terms = spec.contracts.get(contract).into_iter().flat_map(versions);
    for party in terms.flat_map(|(_, term)| sides(spec, &term.rule)).flatten() {
        if !found.contains(party) {
            found.push(party.clone());
        }
    }
    found
}

/// Who deals with whom in a rule; none for one that the scenario does not name.
fn sides<'a>(spec: &'a ScenarioSpec, rule: &'a RuleSpec) -> [Option<&'a String>; 2] {
    let (lab, cloud, channel) =
        (|id: &String| of_lab(spec, id), |id: &String| of_cloud(spec, id), |id: &String| of_channel(spec, id));
    match rule {
        RuleSpec::Exclusivity { grantor, holder, .. } => [cloud(holder), lab(grantor)],
        RuleSpec::FirstShip { lab: whose, holder, .. } => [channel(holder), lab(whose)],
        RuleSpec::Refusal { lab: whose, holder } => [cloud(holder), lab(whose)],
        RuleSpec::Licence { licensor, licensee, .. } => [Some(licensee), lab(licensor)],
        RuleSpec::Distribution { lab: whose, channel: at, .. } => [channel(at), lab(whose)],
        RuleSpec::RevenueShare { payer, payee, .. } => [Some(payee), Some(payer)],
        RuleSpec::Commitment { buyer, seller, .. } => [cloud(seller), of_buyer(spec, buyer)],
        RuleSpec::Investment { investor, issuer, .. } => [Some(investor), Some(issuer)],
        RuleSpec::Reservation { buyer, seller, .. } => [cloud(seller), of_buyer(spec, buyer)],
        RuleSpec::Loan { lender, borrower, .. } => [Some(lender), Some(borrower)],
        RuleSpec::Backstop { buyer, seller, .. } => [Some(buyer), cloud(seller)],
        RuleSpec::Warrant { issuer, holder, .. } => [Some(issuer), Some(holder)],
        RuleSpec::Discount { lab: whose, seller, .. } => [cloud(seller), lab(whose)],
    }
}

fn of_lab<'a>(spec: &'a ScenarioSpec, id: &str) -> Option<&'a String> {
    spec.labs.get(id).map(|lab| &lab.party)
}

fn of_cloud<'a>(spec: &'a ScenarioSpec, id: &str) -> Option<&'a String> {
    spec.clouds.get(id).map(|cloud| &cloud.party)
}

fn of_channel<'a>(spec: &'a ScenarioSpec, id: &str) -> Option<&'a String> {
    match &spec.channels.get(id)?.kind {
        ChannelKindSpec::Api(lab) => of_lab(spec, lab),
        ChannelKindSpec::Platform(cloud) | ChannelKindSpec::SelfHosted(cloud) => of_cloud(spec, cloud),
    }
}

fn of_buyer<'a>(spec: &'a ScenarioSpec, buyer: &BuyerSpec) -> Option<&'a String> {
    match buyer {
        BuyerSpec::Lab(lab) => of_lab(spec, lab),
        BuyerSpec::Cloud(cloud) => of_cloud(spec, cloud),
    }
}

impl Scenario {
    /// This scenario as if a clause had never been agreed: its terms, their later versions, what amendments say of their
    /// end, and what correlates their fields are taken out.
    ///
    /// # Errors
    /// If there is no such clause, or something else cannot do without it.
    pub fn without(&self, clause: &Clause) -> Result<Self, Problems> {
        let mut tree = self.tree().clone();
        tree.remove(&places(self.spec(), clause))?;
        Self::of_tree(tree)
    }
}

/// Paths of all that speaks of a clause, in an order in which taking one out leaves the others where they are.
fn places(spec: &ScenarioSpec, clause: &Clause) -> Vec<String> {
    let root = format!("contracts.{}", clause.contract);
    let Some(contract) = spec.contracts.get(&clause.contract) else { return vec![root] };
    let mut terms = Vec::new();
    let mut found = Vec::new();
    if contract.terms.contains_key(&clause.term) {
        terms.push(format!("{root}.terms.{}", clause.term));
    }
    for (key, amendment) in &contract.amendments {
        if matches!(&amendment.when, Some(ConditionSpec::CapReached(of)) if *of == clause.term) {
            // Without the clause there is nothing that it could wait for.
            terms.push(format!("{root}.amendments.{key}"));
            continue;
        }
        if amendment.terms.contains_key(&clause.term) {
            terms.push(format!("{root}.amendments.{key}.terms.{}", clause.term));
        }
        let ends = amendment.ends.iter().enumerate().rev().filter(|(_, id)| **id == clause.term);
        found.extend(ends.map(|(i, _)| format!("{root}.amendments.{key}.ends.{i}")));
    }
    if terms.is_empty() {
        // Nothing to take out: the path says so.
        terms.push(format!("{root}.terms.{}", clause.term));
    }
    for (group, members) in &spec.correlations {
        let within = |field: &str| {
            terms.iter().any(|path| field.strip_prefix(path.as_str()).is_some_and(|rest| rest.starts_with('.')))
        };
        let of_clause = members.iter().enumerate().rev().filter(|(_, member)| within(&member.field));
        found.extend(of_clause.map(|(i, _)| format!("correlations.{group}.{i}")));
    }
    found.extend(terms);
    found
}
