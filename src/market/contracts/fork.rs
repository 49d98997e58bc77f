//! The contracts of a fork: what has begun stays as it was, what is to come is the fork's.

use super::{Contract, ContractBook, DatedTerm, Pending, TermRef};
use crate::ids::ContractId;
use crate::market::terms::Term;
use crate::units::Time;

/// What became of the terms of a book.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Adopted {
    /// Terms to come whose place is another now, or none.
    pub moved: Vec<(TermRef, Option<TermRef>)>,
    /// Terms in force whose rule changed: the version that ends now, and the one that takes over.
    pub amended: Vec<(TermRef, TermRef)>,
}

/// A term by what it keeps when places change: its id, and which version of it it is.
fn name(terms: &[DatedTerm], position: usize) -> (&str, usize) {
    let id = &terms[position].id;
    (id, terms[..position].iter().filter(|term| term.id == *id).count())
}

/// The position of the term that bears the name of `terms[position]` among `others`.
pub(crate) fn counterpart(terms: &[DatedTerm], position: usize, others: &[DatedTerm]) -> Option<usize> {
    (0..others.len()).find(|other| name(others, *other) == name(terms, position))
}

/// The new terms of one contract, and where its old ones went.
struct Layout {
    terms: Vec<DatedTerm>,
    /// By old position: the new one of a term to come.
    to_come: Vec<(usize, Option<usize>)>,
    amended: Vec<(usize, usize)>,
}

impl Layout {
    /// What has begun keeps its place. The rest takes the fork's order where that leaves those places as they are;
    /// else it fills the gaps between them, with terms that are never in force where the fork has none, and follows.
    fn new(old: &[DatedTerm], fork: &[DatedTerm], now: Time) -> Self {
        let begun = |i: &usize| old[*i].from < now;
        let begun_until = (0..old.len()).filter(begun).max().map_or(0, |last| last + 1);
        let in_place = (0..old.len()).filter(begun).all(|i| counterpart(old, i, fork) == Some(i));
        let mut terms: Vec<DatedTerm> = if in_place { fork.to_vec() } else { Self::filled(old, fork, begun_until) };
        let mut amended = Vec::new();
        for i in (0..old.len()).filter(begun) {
            let Some(mut told) = counterpart(old, i, fork).map(|j| fork[j].clone()) else { continue };
            if told.is_dormant() {
                // A term that waited for a condition, and has begun, keeps the day on which it held.
                told.begin(old[i].from);
            }
            let changed = told.term != old[i].term && now < told.until;
            terms[i] = DatedTerm { term: old[i].term.clone(), ..told.clone() };
            if changed {
                terms[i].until = now;
                let place = begun_until + amended.len();
                terms.insert(place, DatedTerm { from: now, ..told });
                amended.push((i, place));
            }
        }
        let mut layout = Self { terms, to_come: Vec::new(), amended };
        layout.to_come = (0..old.len()).filter(|i| !begun(i)).map(|i| (i, layout.place_of(old, i, fork))).collect();
        layout
    }

    fn filled(old: &[DatedTerm], fork: &[DatedTerm], begun_until: usize) -> Vec<DatedTerm> {
        let fill = |i: usize| match counterpart(old, i, fork) {
            Some(j) => fork[j].clone(),
            None => DatedTerm { until: old[i].from, ..old[i].clone() },
        };
        let follows = |j: &usize| counterpart(fork, *j, old).is_none_or(|i| i >= begun_until);
        let rest = (0..fork.len()).filter(follows).map(|j| fork[j].clone());
        (0..begun_until).map(fill).chain(rest).collect()
    }

    /// Where a term to come stands now, if what was fed for it before it begins means the same in the fork.
    fn place_of(&self, old: &[DatedTerm], position: usize, fork: &[DatedTerm]) -> Option<usize> {
        let told = &fork[counterpart(old, position, fork)?];
        let same = |term: &DatedTerm| term.id == told.id && term.from == told.from && term.term == told.term;
        let means = |term: &Term| match term {
            Term::RevenueShare(share) => (term.kind(), Some(share.counting_from)),
            _ => (term.kind(), None),
        };
        (means(&old[position].term) == means(&told.term)).then(|| self.terms.iter().position(same))?
    }
}

impl ContractBook {
    /// Goes over to the contracts of a fork, in the order of the book and new ones after them. A fork cannot change what
    /// has happened: every term that has begun is among its terms, with its first day, and is not over before `now`
    /// unless it was.
    pub fn adopt(&mut self, fork: &[Contract], now: Time) -> Adopted {
        let mut adopted = Adopted::default();
        for (c, contract) in fork.iter().enumerate() {
            let id = ContractId::new(c);
            if c == self.contracts.len() {
                self.append(contract.clone());
                continue;
            }
            if self.contracts[c].terms == contract.terms && self.contracts[c].pending == contract.pending {
                continue;
            }
            let at = |position: usize| TermRef { contract: id, term: position as u16 };
            let old = std::mem::take(&mut self.contracts[c].terms);
            let layout = Layout::new(&old, &contract.terms, now);
            let moved = layout.to_come.iter().map(|(from, to)| (at(*from), to.map(at)));
            adopted.moved.extend(moved.filter(|(from, to)| *to != Some(*from)));
            adopted.amended.extend(layout.amended.iter().map(|(from, to)| (at(*from), at(*to))));
            self.ended[c] = ends(&old, &self.ended[c], &layout.terms);
            self.contracts[c].terms = layout.terms;
            self.adopt_pending(c, contract);
        }
        self.sort_by_kind();
        adopted
    }

    /// Amendments that wait are the fork's; those that have come, by their ids, do not come again.
    fn adopt_pending(&mut self, c: usize, fork: &Contract) {
        let came = |name: &str| {
            let known = self.contracts[c].pending.iter().zip(&self.fulfilled[c]);
            known.filter(|(_, fulfilled)| **fulfilled).any(|(pending, _)| pending.name == name)
        };
        let fulfilled = fork.pending.iter().map(|pending| came(&pending.name)).collect();
        let place = |term: &u16| counterpart(&fork.terms, usize::from(*term), &self.contracts[c].terms);
        let moved = fork.pending.iter().map(|pending| Pending {
            begins: pending.begins.iter().filter_map(place).map(|term| term as u16).collect(),
            ..pending.clone()
        });
        let moved = moved.collect();
        self.fulfilled[c] = fulfilled;
        self.contracts[c].pending = moved;
    }
}

/// When each term was ended at run time: a clause that was struck down does not come back by a later version.
fn ends(old: &[DatedTerm], ended: &[Option<Time>], terms: &[DatedTerm]) -> Vec<Option<Time>> {
    let struck = |id: &str| old.iter().zip(ended).filter(|(term, _)| term.id == id).find_map(|(_, ended)| *ended);
    let of = |(i, term): (usize, &DatedTerm)| match old.get(i).filter(|before| before.id == term.id) {
        Some(before) if before.from == term.from => ended[i],
        _ => struck(&term.id),
    };
    terms.iter().enumerate().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{CloudId, LabId, PartyId};
    use crate::market::conditions::Condition;
    use crate::market::contracts::{DORMANT, OPEN_END};
    use crate::market::terms::{Base, Investment, Refusal, RevenueShare};
    use crate::units::Schedule;
    use crate::units::Usd;

    fn refusal(id: &str, from: u64, until: u64, holder: u16) -> DatedTerm {
        let term = Term::Refusal(Refusal { lab: LabId(0), holder: CloudId(holder) });
        DatedTerm { id: id.into(), from: Time(from), until: Time(until), signed: Time(from), term, source: None }
    }

    fn deal(terms: Vec<DatedTerm>) -> Vec<Contract> {
        vec![Contract { id: ContractId(0), name: "deal".into(), terms, pending: vec![] }]
    }

    fn at(term: u16) -> TermRef {
        TermRef { contract: ContractId(0), term }
    }

    const OPEN: u64 = OPEN_END.0;

    /// Holder 7 from 100, to be amended on 200 to holder 8; another clause from 50.
    fn before() -> Vec<DatedTerm> {
        vec![refusal("a", 100, 200, 7), refusal("b", 50, OPEN, 1), refusal("a", 200, OPEN, 8)]
    }

    fn holders(book: &ContractBook, now: u64) -> Vec<u16> {
        book.refusals(Time(now)).map(|(_, refusal)| refusal.holder.0).collect()
    }

    fn adopt(terms: Vec<DatedTerm>, now: u64) -> (ContractBook, Adopted) {
        let mut book = ContractBook::new(deal(before()));
        let adopted = book.adopt(&deal(terms), Time(now));
        (book, adopted)
    }

    #[test]
    fn an_amendment_that_is_not_signed_leaves_the_book_without_it() {
        let (book, adopted) = adopt(vec![refusal("a", 100, OPEN, 7), refusal("b", 50, OPEN, 1)], 150);
        assert_eq!(holders(&book, 300), [7, 1]);
        assert_eq!(adopted, Adopted { moved: vec![(at(2), None)], amended: vec![] });
    }

    #[test]
    fn a_rule_that_changes_while_in_force_is_amended_on_the_forks_first_day() {
        let mut terms = before();
        terms[1] = refusal("b", 50, OPEN, 2);
        let (book, adopted) = adopt(terms, 150);
        assert_eq!(
            (holders(&book, 149), holders(&book, 150), holders(&book, 200)),
            (vec![7, 1], vec![7, 2], vec![2, 8])
        );
        assert_eq!(adopted, Adopted { moved: vec![(at(2), Some(at(3)))], amended: vec![(at(1), at(2))] });
    }

    #[test]
    fn what_has_begun_keeps_its_place_whatever_comes_before_it_in_the_fork() {
        // The clause to come sorts before the one in force.
        let terms = [vec![refusal("0", 300, OPEN, 9)], before()].concat();
        let (book, adopted) = adopt(terms, 150);
        assert_eq!((holders(&book, 250), holders(&book, 300)), (vec![1, 8], vec![1, 9, 8]));
        assert_eq!(adopted.moved, [(at(2), Some(at(3)))]);
        assert_eq!(book.term(at(1)).id, "b");
    }

    #[test]
    fn a_term_to_come_between_others_is_never_in_force_once_it_is_dropped() {
        // Not before 120 has the first begun, so the second keeps its place behind it.
        let (book, _) = {
            let mut book = ContractBook::new(deal(vec![refusal("a", 100, OPEN, 7), refusal("b", 50, OPEN, 1)]));
            let adopted = book.adopt(&deal(vec![refusal("b", 50, OPEN, 1)]), Time(80));
            (book, adopted)
        };
        assert_eq!((holders(&book, 80), holders(&book, 200)), (vec![1], vec![1]));
        assert_eq!(book.term(at(1)).id, "b");
    }

    /// A stake and a share that waited for a condition, which held on 120: to a fork that leaves them alone, they are what
    /// they were, and nothing begins on its first day.
    #[test]
    fn terms_that_a_condition_brought_stay_as_they_began() {
        let party = |p| PartyId(p);
        let stake = Term::Investment(Investment {
            investor: party(0),
            issuer: party(1),
            usd: Usd::CENT,
            on: DORMANT,
            pre_money: None,
            stake: None,
        });
        let share = Term::RevenueShare(RevenueShare {
            payer: party(0),
            payee: party(1),
            rate: 0.1,
            tiers: vec![],
            base: Base::AllRevenue(LabId(0)),
            total_cap: None,
            counting_from: DORMANT,
            paid_before: Usd::ZERO,
            elsewhere_usd_per_year: Schedule::constant(0.0),
            quantum: Usd::CENT,
        });
        let waits =
            |id: &str, term: Term| DatedTerm { from: DORMANT, signed: DORMANT, term, ..refusal(id, 0, OPEN, 0) };
        let terms = vec![waits("stake", stake), waits("share", share), refusal("b", 50, OPEN, 1)];
        let pending = Pending {
            name: "later".into(),
            when: Condition::Valuation { lab: LabId(0), usd: 1.0 },
            not_before: Time(0),
            not_after: OPEN_END,
            ends: vec![],
            begins: vec![0, 1],
        };
        let contract =
            |terms| Contract { id: ContractId(0), name: "deal".into(), terms, pending: vec![pending.clone()] };
        let mut book = ContractBook::new(vec![contract(terms.clone())]);
        book.fulfil(ContractId(0), 0, Time(120));
        let fork = [terms, vec![refusal("c", 300, OPEN, 3)]].concat();
        assert_eq!(book.adopt(&[contract(fork)], Time(150)), Adopted::default());
        assert_eq!(
            (book.term(at(0)).from, book.term(at(1)).signed, book.boundaries()),
            (Time(120), Time(120), [50, 120, 300].map(Time).to_vec())
        );
    }

    #[test]
    fn a_clause_that_was_struck_down_stays_so() {
        let mut book = ContractBook::new(deal(before()));
        book.end_early(at(1), Time(140));
        let mut terms = before();
        terms[1] = refusal("b", 50, 170, 1);
        terms.push(refusal("b", 170, OPEN, 2));
        book.adopt(&deal(terms), Time(150));
        assert_eq!(holders(&book, 180), [7]);
    }

    #[test]
    fn new_contracts_follow() {
        let mut fork = deal(before());
        fork.push(Contract {
            id: ContractId(1),
            name: "other".into(),
            terms: vec![refusal("x", 160, OPEN, 3)],
            pending: vec![],
        });
        let mut book = ContractBook::new(deal(before()));
        assert_eq!(book.adopt(&fork, Time(150)), Adopted::default());
        assert_eq!(holders(&book, 170), [7, 1, 3]);
    }
}
