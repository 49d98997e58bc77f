//! Contracts: dated terms between parties, and which of them are in force.
//!
//! *How is an amendment kept?* The old version of a term simply has an earlier `until`; the new version is a further
//! term under the same id. Both stay in the book, so that what ran under the old terms can be read later.
//!
//! *What of a fork?* What has begun keeps its place, since accounts refer to it; a rule that a fork changes while it is in
//! force is an amendment of the fork's first day: [`ContractBook::adopt`].
//!
//! *How does an amendment come without a date?* It is [`Pending`]: its terms are in the book from the start, [`DORMANT`]
//! until its condition holds; then [`ContractBook::fulfil`] dates them, and ends what they replace.
//!
//! *What else may end a term?* A regulator or a condition, at run time: [`ContractBook::end_early`].

mod fork;

pub use fork::Adopted;
pub(crate) use fork::counterpart;

use super::conditions::Condition;
use super::terms::{Commitment, Discount, Distribution, Exclusivity, FirstShip, Investment, Licence, Refusal};
use super::terms::{Reservation, RevenueShare, Term, TermKind};
use crate::ids::ContractId;
use crate::units::Time;
use serde::{Deserialize, Serialize};

/// The end of a term that has none.
pub const OPEN_END: Time = Time(u64::MAX);

/// The beginning of a term that waits for a condition.
pub const DORMANT: Time = Time(u64::MAX - 1);

/// A term with its dates and its evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DatedTerm {
    /// Id within the contract; versions of one clause share it.
    pub id: String,
    /// First instant in force.
    pub from: Time,
    /// First instant no longer in force; [`OPEN_END`] if open.
    pub until: Time,
    /// When it was agreed, from which on what it asks for is outstanding; no later than `from`.
    pub signed: Time,
    /// The rule.
    pub term: Term,
    /// Where it is known from; none if assumed.
    pub source: Option<String>,
}

impl DatedTerm {
    /// Dates a dormant term: what counts from its beginning counts from now.
    fn begin(&mut self, now: Time) {
        (self.signed, self.from) = (now, now);
        match &mut self.term {
            Term::Investment(deal) if deal.on == DORMANT => deal.on = now,
            Term::RevenueShare(share) if share.counting_from == DORMANT => share.counting_from = now,
            _ => {}
        }
    }

    /// Whether it waits for a condition that has not held yet.
    pub fn is_dormant(&self) -> bool {
        self.from == DORMANT
    }
}

/// An amendment that waits for a condition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pending {
    /// Its id in the contract.
    pub name: String,
    /// What it waits for.
    pub when: Condition,
    /// First instant at which it may come.
    pub not_before: Time,
    /// First instant at which it may come no more; [`OPEN_END`] if open.
    pub not_after: Time,
    /// Clauses that it ends.
    pub ends: Vec<String>,
    /// Positions of the dormant terms that it brings.
    pub begins: Vec<u16>,
}

/// A contract.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contract {
    /// Its place in the book.
    pub id: ContractId,
    /// Id in scenario and output, such as `microsoft-openai`.
    pub name: String,
    /// Its terms, versions of one id in order of their dates, dormant ones last.
    pub terms: Vec<DatedTerm>,
    /// Amendments that wait for a condition.
    pub pending: Vec<Pending>,
}

/// Which term of which contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TermRef {
    /// The contract.
    pub contract: ContractId,
    /// Position among its terms.
    pub term: u16,
}

/// Every contract of a run, and which terms ended before their date.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ContractBook {
    contracts: Vec<Contract>,
    /// Per contract and term: when it was ended at run time.
    ended: Vec<Vec<Option<Time>>>,
    /// Per contract: which of its pending amendments have come.
    fulfilled: Vec<Vec<bool>>,
    /// Terms by kind, so that a query passes over the others, with the instants between which each is in force.
    by_kind: [Vec<InForce>; TermKind::COUNT],
    /// Since when no lead of a first ship counts, and no licence is exclusive, if a regulator says so.
    leads_void_since: Option<Time>,
    licences_open_since: Option<Time>,
}

/// When a term is in force, whether it ends by its date or early.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct InForce {
    at: TermRef,
    from: Time,
    until: Time,
}

/// Defines a query of the terms of one kind that are in force.
macro_rules! in_force {
    ($($(#[$doc:meta])* $name:ident: $kind:ident;)+) => {
        impl ContractBook {$(
            $(#[$doc])*
            pub fn $name(&self, now: Time) -> impl Iterator<Item = (TermRef, &$kind)> {
                let kind = self.by_kind[TermKind::$kind as usize].iter();
                kind.filter(move |term| term.from <= now && now < term.until).filter_map(|term| {
                    let at = term.at;
                    if let Term::$kind(term) = &self.term(at).term { Some((at, term)) } else { None }
                })
            }
        )+}
    };
}

in_force! {
    /// Exclusivities in force, in the order of the book.
    exclusivities: Exclusivity;
    /// First-ship clauses in force, in the order of the book.
    first_ships: FirstShip;
    /// Rights of first refusal in force, in the order of the book.
    refusals: Refusal;
    /// Licences in force, in the order of the book.
    licences: Licence;
    /// Distribution clauses in force, in the order of the book.
    distributions: Distribution;
    /// Revenue shares in force, in the order of the book.
    revenue_shares: RevenueShare;
    /// Commitments in force, in the order of the book.
    commitments: Commitment;
    /// Investments in force, in the order of the book.
    investments: Investment;
    /// Reservations in force, in the order of the book.
    reservations: Reservation;
    /// Discounts in force, in the order of the book.
    discounts: Discount;
}

impl ContractBook {
    /// A book of `contracts`.
    ///
    /// # Panics
    /// As [`ContractBook::append`].
    pub fn new(contracts: Vec<Contract>) -> Self {
        let mut book = Self::default();
        for contract in contracts {
            book.append(contract);
        }
        book
    }

    /// The id that the next contract must have.
    pub fn next_id(&self) -> ContractId {
        ContractId::new(self.contracts.len())
    }

    /// Adds a contract, also during a run.
    ///
    /// # Panics
    /// If its id is not [`ContractBook::next_id`], or it has more than 65,535 terms.
    pub fn append(&mut self, contract: Contract) {
        assert!(contract.id == self.next_id(), "contract `{}` is appended out of turn", contract.name);
        for (position, dated) in contract.terms.iter().enumerate() {
            let term = u16::try_from(position).expect("at most 65,535 terms in a contract");
            let at = TermRef { contract: contract.id, term };
            self.by_kind[dated.term.kind() as usize].push(InForce { at, from: dated.from, until: dated.until });
        }
        self.ended.push(vec![None; contract.terms.len()]);
        self.fulfilled.push(vec![false; contract.pending.len()]);
        self.contracts.push(contract);
    }

    /// Every contract, by id.
    pub fn contracts(&self) -> &[Contract] {
        &self.contracts
    }

    /// A term with its dates as signed.
    ///
    /// # Panics
    /// If there is no such term.
    pub fn term(&self, at: TermRef) -> &DatedTerm {
        &self.contracts[at.contract.index()].terms[usize::from(at.term)]
    }

    /// `contract.term`, as terms are named in output; versions of a clause share it.
    pub fn term_name(&self, at: TermRef) -> String {
        format!("{}.{}", self.contract_name(at), self.term(at).id)
    }

    /// Id of the contract that a term belongs to.
    pub fn contract_name(&self, at: TermRef) -> &str {
        &self.contracts[at.contract.index()].name
    }

    /// First instant at which a term is no longer in force, whether by its date or ended early.
    pub fn until(&self, at: TermRef) -> Time {
        let until = self.term(at).until;
        self.ended[at.contract.index()][usize::from(at.term)].map_or(until, |ended| ended.min(until))
    }

    /// Whether a term is in force at an instant.
    pub fn is_in_force(&self, at: TermRef, now: Time) -> bool {
        self.term(at).from <= now && now < self.until(at)
    }

    /// Every term of a kind, in force or not, in the order of the book.
    pub fn of_kind(&self, kind: TermKind) -> impl Iterator<Item = TermRef> + '_ {
        self.by_kind[kind as usize].iter().map(|term| term.at)
    }

    /// Lists the terms by kind afresh, after any of them came, began or ended.
    fn sort_by_kind(&mut self) {
        let mut by_kind = std::array::from_fn::<_, { TermKind::COUNT }, _>(|_| Vec::new());
        for contract in &self.contracts {
            for (term, dated) in (0u16..).zip(&contract.terms) {
                let at = TermRef { contract: contract.id, term };
                by_kind[dated.term.kind() as usize].push(InForce { at, from: dated.from, until: self.until(at) });
            }
        }
        self.by_kind = by_kind;
    }

    /// The terms of the same contract with the same id as `at`, itself among them, in order.
    pub fn versions(&self, at: TermRef) -> impl Iterator<Item = TermRef> + '_ {
        let contract = &self.contracts[at.contract.index()];
        let id = &self.term(at).id;
        (0u16..)
            .zip(&contract.terms)
            .filter(move |(_, dated)| dated.id == *id)
            .map(move |(term, _)| TermRef { term, ..at })
    }

    /// Ends a term now, and with it its later versions: a clause that was struck down does not come back by an
    /// amendment signed before. A term that is over stays as it is.
    pub fn end_early(&mut self, at: TermRef, now: Time) {
        let later: Vec<TermRef> = self.versions(at).filter(|version| version.term >= at.term).collect();
        for version in later {
            if now < self.until(version) {
                self.ended[version.contract.index()][usize::from(version.term)] = Some(now);
            }
        }
        self.sort_by_kind();
    }

    /// Amendments that still wait and may come now, by contract and position among its pending ones.
    pub fn waiting(&self, now: Time) -> impl Iterator<Item = (ContractId, usize, &Pending)> {
        self.contracts.iter().zip(&self.fulfilled).flat_map(move |(contract, fulfilled)| {
            let open = contract.pending.iter().enumerate().zip(fulfilled).filter(|(_, fulfilled)| !**fulfilled);
            let due = open.filter(move |((_, pending), _)| pending.not_before <= now && now < pending.not_after);
            due.map(|((position, pending), _)| (contract.id, position, pending))
        })
    }

    /// Brings a pending amendment into force now: ends the clauses that it ends or replaces, and begins its own. One that
    /// has come stays as it is.
    ///
    /// # Panics
    /// If there is no such amendment.
    pub fn fulfil(&mut self, contract: ContractId, position: usize, now: Time) {
        let c = contract.index();
        if std::mem::replace(&mut self.fulfilled[c][position], true) {
            return;
        }
        let pending = self.contracts[c].pending[position].clone();
        let brought = pending.begins.iter().map(|term| self.contracts[c].terms[usize::from(*term)].id.clone());
        let over: Vec<String> = pending.ends.iter().cloned().chain(brought).collect();
        for (position, dated) in self.contracts[c].terms.iter().enumerate() {
            let at = TermRef { contract, term: position as u16 };
            if over.contains(&dated.id) && self.is_in_force(at, now) {
                self.ended[c][position] = Some(now);
            }
        }
        for term in pending.begins {
            self.contracts[c].terms[usize::from(term)].begin(now);
        }
        self.sort_by_kind();
    }

    /// Leaves first ships without a lead from now on, also those signed later.
    pub fn void_leads(&mut self, now: Time) {
        self.leads_void_since.get_or_insert(now);
    }

    /// Whether first ships have no lead.
    pub fn leads_are_void(&self, now: Time) -> bool {
        self.leads_void_since.is_some_and(|since| since <= now)
    }

    /// Makes licences non-exclusive from now on, also those signed later.
    pub fn open_licences(&mut self, now: Time) {
        self.licences_open_since.get_or_insert(now);
    }

    /// Whether an exclusive licence bars nobody.
    pub fn licences_are_open(&self, now: Time) -> bool {
        self.licences_open_since.is_some_and(|since| since <= now)
    }

    /// Every instant at which a term begins or ends or an investment is paid, ascending, each once.
    pub fn boundaries(&self) -> Vec<Time> {
        let mut instants = Vec::new();
        for (contract, ended) in self.contracts.iter().zip(&self.ended) {
            for (dated, ended) in contract.terms.iter().zip(ended) {
                instants.extend([dated.from, dated.until]);
                instants.extend(*ended);
                if let Term::Investment(investment) = &dated.term {
                    instants.push(investment.on);
                }
            }
        }
        instants.retain(|instant| *instant < DORMANT);
        instants.sort_unstable();
        instants.dedup();
        instants
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{ChannelId, CloudId, LabId, PartyId, RegulatorId};
    use crate::units::Usd;

    fn refusal(id: &str, from: u64, until: Time, holder: u16) -> DatedTerm {
        let term = Term::Refusal(Refusal { lab: LabId(0), holder: CloudId(holder) });
        DatedTerm { id: id.into(), from: Time(from), until, signed: Time(from), term, source: None }
    }

    fn contract(id: u16, terms: Vec<DatedTerm>) -> Contract {
        Contract { id: ContractId(id), name: format!("deal-{id}"), terms, pending: vec![] }
    }

    fn at(contract: u16, term: u16) -> TermRef {
        TermRef { contract: ContractId(contract), term }
    }

    fn holders(book: &ContractBook, now: u64) -> Vec<u16> {
        book.refusals(Time(now)).map(|(_, refusal)| refusal.holder.0).collect()
    }

    /// Holder 7 until 200, amended on 200 to holder 8.
    fn amended() -> ContractBook {
        let terms = vec![refusal("refusal", 100, Time(200), 7), refusal("refusal", 200, OPEN_END, 8)];
        ContractBook::new(vec![contract(0, terms)])
    }

    #[test]
    fn an_amendment_takes_over_at_its_first_second() {
        let book = amended();
        let seen: Vec<_> = [99, 100, 199, 200].map(|now| holders(&book, now)).into();
        assert_eq!(seen, [vec![], vec![7], vec![7], vec![8]]);
        assert_eq!(book.term_name(at(0, 1)), "deal-0.refusal");
        assert_eq!(book.versions(at(0, 1)).collect::<Vec<_>>(), [at(0, 0), at(0, 1)]);
    }

    #[test]
    fn a_clause_ended_early_does_not_come_back_by_amendment() {
        let mut book = amended();
        book.end_early(at(0, 0), Time(150));
        assert_eq!(holders(&book, 149), [7]);
        assert!(holders(&book, 150).is_empty() && holders(&book, 300).is_empty());
        assert_eq!(book.boundaries(), [100, 150, 200].map(Time));
    }

    /// The right of holder 7 from 100 passes to holder 9 when a case opens, not before 150; the licence goes.
    #[test]
    fn an_amendment_on_a_condition_comes_when_it_holds() {
        let licence = Term::Licence(Licence { licensor: LabId(0), licensee: PartyId(0), exclusive: true });
        let terms = vec![
            refusal("refusal", 100, OPEN_END, 7),
            DatedTerm { term: licence, ..refusal("licence", 0, OPEN_END, 0) },
            DatedTerm { from: DORMANT, ..refusal("refusal", 0, OPEN_END, 9) },
        ];
        let pending = Pending {
            name: "case".into(),
            when: Condition::CaseOpened { regulator: RegulatorId(0) },
            not_before: Time(150),
            not_after: Time(4_000),
            ends: vec!["licence".into()],
            begins: vec![2],
        };
        let mut book = ContractBook::new(vec![Contract { pending: vec![pending], ..contract(0, terms) }]);
        assert_eq!([149, 150, 3_999, 4_000].map(|now| book.waiting(Time(now)).count()), [0, 1, 1, 0]);
        assert_eq!(holders(&book, 5_000), [7]);
        assert_eq!(book.boundaries(), [0, 100].map(Time));
        book.fulfil(ContractId(0), 0, Time(200));
        assert_eq!(book.waiting(Time(200)).count(), 0);
        let seen: Vec<_> = [199, 200, 9_000].map(|now| holders(&book, now)).into();
        assert_eq!(seen, [vec![7], vec![9], vec![9]]);
        assert_eq!((book.licences(Time(199)).count(), book.licences(Time(200)).count()), (1, 0));
        // Once is enough.
        book.fulfil(ContractId(0), 0, Time(300));
        assert_eq!(holders(&book, 250), [9]);
    }

    #[test]
    fn what_is_over_is_not_ended_again() {
        let mut book = amended();
        book.end_early(at(0, 0), Time(250));
        assert_eq!(book.until(at(0, 0)), Time(200));
        assert_eq!(book.until(at(0, 1)), Time(250));
    }

    #[test]
    fn a_contract_may_be_signed_during_a_run() {
        let mut book = amended();
        book.append(contract(1, vec![refusal("other", 0, Time(120), 9)]));
        assert_eq!(holders(&book, 110), [7, 9]);
        assert_eq!(book.next_id(), ContractId(2));
    }

    #[test]
    #[should_panic(expected = "out of turn")]
    fn a_contract_takes_the_next_place() {
        amended().append(contract(7, vec![]));
    }

    #[test]
    fn boundaries_name_each_instant_once() {
        let investment = Investment {
            investor: PartyId(0),
            issuer: PartyId(1),
            usd: Usd::CENT,
            on: Time(170),
            pre_money: None,
            stake: None,
        };
        let dated = DatedTerm { term: Term::Investment(investment), ..refusal("stake", 100, OPEN_END, 0) };
        let mut book = amended();
        book.append(contract(1, vec![dated]));
        assert_eq!(book.boundaries(), [100, 170, 200].map(Time));
    }

    #[test]
    fn a_query_sees_its_own_kind_only() {
        let licence = Licence { licensor: LabId(0), licensee: PartyId(0), exclusive: false };
        let first_ship = FirstShip { lab: LabId(0), holder: ChannelId(3), lead_days: 1.0, waived_above: None };
        let terms = [Term::Licence(licence.clone()), Term::FirstShip(first_ship)];
        let dated = terms.map(|term| DatedTerm { term, ..refusal("x", 0, OPEN_END, 0) });
        let book = ContractBook::new(vec![contract(0, dated.into())]);
        assert_eq!(book.licences(Time(0)).collect::<Vec<_>>(), [(at(0, 0), &licence)]);
        assert_eq!(book.first_ships(Time(0)).count(), 1);
        assert_eq!(book.refusals(Time(0)).count(), 0);
    }
}
