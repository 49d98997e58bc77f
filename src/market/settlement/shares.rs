//! Revenue shares: revenue to date, what is due on it, and netting.

use super::{Settled, Settlement, cause};
use crate::accounts::{Flow, Ledger};
use crate::ids::PartyId;
use crate::market::contracts::{ContractBook, TermRef};
use crate::market::terms::{Base, Due, RevenueShare, Term, TermKind};
use crate::units::{Time, Usd};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What one version of a revenue share has seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RevenueToDate {
    /// Revenue in scope while this version was in force.
    revenue: Usd,
    /// Revenue under earlier versions, since this version's counting date.
    earlier: BTreeMap<TermRef, Usd>,
    /// What was settled under this version, before netting.
    paid: Usd,
}

/// Where a revenue share stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShareFigures {
    /// The version in force, or the last that was.
    pub term: TermRef,
    /// Due since its counting date, settled or not, before netting.
    pub due_to_date: Usd,
    /// Its total cap, which `due_to_date` counts towards.
    pub total_cap: Option<Usd>,
    /// What of it was settled, which is what a cap is compared with.
    pub counted: Usd,
    /// Settled under all versions since the start of the run, before netting.
    pub settled: Usd,
}

impl Settlement {
    /// Feeds revenue in the scope `base`, booked at `now`; negative for refunds. Receipts of revenue share are not
    /// sales and are never fed.
    pub fn book_revenue(&mut self, book: &ContractBook, base: Base, amount: Usd, now: Time) {
        for (at, _) in book.revenue_shares(now).filter(|(_, share)| share.base == base) {
            self.book_elsewhere(book, at, amount, now);
        }
    }

    /// Feeds one clause in force alone, with revenue in its scope that nobody books in this market.
    pub fn book_elsewhere(&mut self, book: &ContractBook, at: TermRef, amount: Usd, now: Time) {
        if now < clause(book, at).counting_from {
            return;
        }
        self.shares.entry(at).or_default().revenue += amount;
        for later in book.versions(at).filter(|version| version.term > at.term) {
            if share_at(book, later).is_some_and(|share| share.counting_from <= now) {
                let seen = self.shares.entry(later).or_default();
                *seen.earlier.entry(at).or_default() += amount;
            }
        }
    }

    /// Lets what was fed under a version, and under those before it, count towards the cap of a version that follows it.
    pub(super) fn count_on(&mut self, old: TermRef, new: TermRef) {
        let Some(seen) = self.shares.get(&old) else { return };
        let mut earlier = seen.earlier.clone();
        earlier.insert(old, seen.revenue);
        self.shares.entry(new).or_default().earlier = earlier;
    }

    pub(super) fn settle_shares(
        &mut self,
        book: &ContractBook,
        ledger: &mut Ledger,
        close: Time,
        event: u64,
    ) -> Vec<Settled> {
        let dues: Vec<(TermRef, &RevenueShare, Due)> = book
            .of_kind(TermKind::RevenueShare)
            .filter_map(|at| share_at(book, at).map(|share| (at, share, self.due(book, at))))
            .filter(|(_, _, due)| due.amount != Usd::ZERO)
            .collect();
        for (at, _, due) in &dues {
            self.shares.entry(*at).or_default().paid += due.amount;
        }
        for net in netted(&dues) {
            ledger.pay(close, net.payer, net.payee, net.amount, Flow::RevenueShare, cause(net.clause, event));
        }
        dues.iter().map(|(term, _, due)| Settled::Share { term: *term, due: *due }).collect()
    }

    /// Revenue under a version, and what was settled on it.
    fn seen(&self, at: TermRef) -> (Usd, Usd) {
        self.shares.get(&at).map_or((Usd::ZERO, Usd::ZERO), |seen| (seen.revenue, seen.paid))
    }

    /// What is due under a version now, before netting.
    fn due(&self, book: &ContractBook, at: TermRef) -> Due {
        let (revenue, paid) = self.seen(at);
        clause(book, at).after(self.counted(book, at)).due(revenue, paid)
    }

    /// What fell due under a version so far, settled or not.
    fn due_to_date(&self, book: &ContractBook, at: TermRef) -> Usd {
        let (revenue, _) = self.seen(at);
        clause(book, at).after(self.counted(book, at)).due(revenue, Usd::ZERO).amount
    }

    /// What fell due under earlier versions since this version's counting date, or before the run.
    fn counted(&self, book: &ContractBook, at: TermRef) -> Usd {
        let before = clause(book, at).paid_before;
        let Some(seen) = self.shares.get(&at) else { return before };
        let due_under = |(earlier, revenue): (&TermRef, &Usd)| {
            let uncapped = clause(book, *earlier).uncapped(*revenue);
            uncapped.min(self.due_to_date(book, *earlier))
        };
        before + seen.earlier.iter().map(due_under).sum()
    }

    /// Where every revenue share stands that has begun, one row a clause, in the order of the book.
    pub fn share_figures(&self, book: &ContractBook, now: Time) -> Vec<ShareFigures> {
        let begun = |at: &TermRef| book.term(*at).from <= now;
        let shares = book.of_kind(TermKind::RevenueShare).filter(begun);
        let current = shares.filter(|at| book.versions(*at).filter(begun).last() == Some(*at));
        current.map(|at| self.figures_of_share(book, at)).collect()
    }

    /// A share in force of which more was paid than its cap allows.
    pub fn over_cap(&self, book: &ContractBook, now: Time) -> Option<ShareFigures> {
        let figures = self.share_figures(book, now).into_iter().filter(|row| book.is_in_force(row.term, now));
        figures.into_iter().find(|row| row.total_cap.is_some_and(|cap| row.counted > cap))
    }

    fn figures_of_share(&self, book: &ContractBook, at: TermRef) -> ShareFigures {
        ShareFigures {
            term: at,
            due_to_date: self.counted(book, at) + self.due_to_date(book, at),
            total_cap: clause(book, at).total_cap,
            counted: self.counted(book, at) + self.seen(at).1,
            settled: book.versions(at).map(|version| self.seen(version).1).sum(),
        }
    }
}

fn share_at(book: &ContractBook, at: TermRef) -> Option<&RevenueShare> {
    if let Term::RevenueShare(share) = &book.term(at).term { Some(share) } else { None }
}

fn clause(book: &ContractBook, at: TermRef) -> &RevenueShare {
    share_at(book, at).expect("accounts of revenue shares are kept for revenue shares only")
}

/// One payment for all that two parties owe each other.
struct Net {
    payer: PartyId,
    payee: PartyId,
    amount: Usd,
    /// The clause with the largest part in the payment's direction.
    clause: TermRef,
}

/// Nets opposite dues of the same two parties, in the order of the parties.
fn netted(dues: &[(TermRef, &RevenueShare, Due)]) -> Vec<Net> {
    let mut pairs: BTreeMap<(PartyId, PartyId), Vec<(Usd, TermRef)>> = BTreeMap::new();
    for (at, share, due) in dues {
        let (low, high) = (share.payer.min(share.payee), share.payer.max(share.payee));
        let upwards = if share.payer == low { due.amount } else { -due.amount };
        pairs.entry((low, high)).or_default().push((upwards, *at));
    }
    pairs.into_iter().filter_map(|((low, high), parts)| net(low, high, &parts)).collect()
}

fn net(low: PartyId, high: PartyId, parts: &[(Usd, TermRef)]) -> Option<Net> {
    let sum: Usd = parts.iter().map(|(amount, _)| *amount).sum();
    let upwards = sum > Usd::ZERO;
    let along = |amount: Usd| if upwards { amount } else { -amount };
    let largest = parts.iter().copied().reduce(|best, part| if along(part.0) > along(best.0) { part } else { best })?;
    let (payer, payee) = if upwards { (low, high) } else { (high, low) };
    (sum != Usd::ZERO).then_some(Net { payer, payee, amount: along(sum), clause: largest.1 })
}
