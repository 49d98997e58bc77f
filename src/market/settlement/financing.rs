//! What contracts ask for beside revenue shares and commitments: money paid when a term begins or ends, interest,
//! backstops and warrants.

use super::commitments::{DAY_SECONDS, head, matching, yearly};
use super::{Dealing, Setting, Settled, Settlement, cause};
use crate::accounts::{Flow, Ledger};
use crate::ids::{CloudId, PartyId};
use crate::market::contracts::TermRef;
use crate::market::terms::{Backstop, Loan, Term, TermKind, Warrant};
use crate::units::{Time, Usd};
use serde::{Deserialize, Serialize};

/// What a warrant has seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct WarrantAccount {
    /// Purchases before it began.
    before: Usd,
    granted: Usd,
}

impl Settlement {
    /// Posts what terms ask for on their first and last day, each once: investments, loans paid out and back, advances.
    /// Returns the terms that begin to be paid.
    pub fn pay_dated(&mut self, setting: Setting, ledger: &mut Ledger, now: Time, event: u64) -> Vec<TermRef> {
        let mut paid = self.pay_investments(setting.book, ledger, now, event);
        for at in setting.book.of_kind(TermKind::Loan) {
            let Term::Loan(loan) = &setting.book.term(at).term else { continue };
            if setting.book.is_in_force(at, now) && self.begun.insert(at) {
                ledger.pay(now, loan.lender, loan.borrower, loan.usd, Flow::Borrowing, cause(at, event));
                self.loans.insert(at, setting.book.term(at).from);
                paid.push(at);
            } else if setting.book.until(at) <= now && self.loans.contains_key(&at) {
                self.pay_interest(ledger, (at, loan), now, now, event);
                self.loans.remove(&at);
                ledger.pay(now, loan.borrower, loan.lender, loan.usd, Flow::Repayment, cause(at, event));
            }
        }
        for at in setting.book.of_kind(TermKind::Commitment) {
            let Term::Commitment(clause) = &setting.book.term(at).term else { continue };
            if clause.prepaid > Usd::ZERO && setting.book.is_in_force(at, now) && self.begun.insert(at) {
                let (buyer, seller) =
                    (setting.owners.of_buyer(clause.buyer), setting.owners.of_cloud[clause.seller.index()]);
                ledger.pay(now, buyer, seller, clause.prepaid, Flow::Advance, cause(at, event));
                *self.advances.entry(head(setting.book, at)).or_default() += clause.prepaid;
                paid.push(at);
            }
        }
        self.open_warrants(setting, ledger, now);
        paid
    }

    /// Draws a purchase down from the advances of the commitments that it counts towards; returns what was drawn.
    pub fn draw_down(&mut self, setting: Setting, ledger: &mut Ledger, dealing: Dealing, now: Time, event: u64) -> Usd {
        if self.advances.is_empty() {
            return Usd::ZERO;
        }
        let buyer = setting.owners.of_buyer(dealing.buyer);
        let seller = setting.owners.of_cloud[dealing.seller.index()];
        let mut rest = dealing.amount;
        for clause in matching(setting, dealing, now) {
            let Some(left) = self.advances.get_mut(&clause.head) else { continue };
            let part = rest.min(*left);
            *left -= part;
            rest -= part;
            ledger.draw_down(now, buyer, seller, part, cause(clause.head, event));
        }
        dealing.amount - rest
    }

    /// Feeds hours that a cloud could not sell \[H100e-hours\].
    pub fn book_unsold(&mut self, cloud: CloudId, hours: f64) {
        *self.unsold.entry(cloud).or_default() += hours;
    }

    /// Interest, backstops and warrants of the quarter whose last second is `close`.
    pub(super) fn settle_financing(
        &mut self,
        setting: Setting,
        ledger: &mut Ledger,
        close: Time,
        event: u64,
    ) -> Vec<Settled> {
        let next = Time(close.0 + 1);
        for at in setting.book.of_kind(TermKind::Loan) {
            if let Term::Loan(loan) = &setting.book.term(at).term {
                self.pay_interest(ledger, (at, loan), next, close, event);
            }
        }
        let mut facts = Vec::new();
        for at in setting.book.of_kind(TermKind::Backstop) {
            if let Term::Backstop(clause) = &setting.book.term(at).term {
                facts.extend(self.settle_backstop(setting, ledger, (at, clause), close, event));
            }
        }
        self.unsold.clear();
        for at in setting.book.of_kind(TermKind::Warrant) {
            if let Term::Warrant(clause) = &setting.book.term(at).term {
                facts.extend(self.settle_warrant(ledger, (at, clause), close, event));
            }
        }
        facts
    }

    /// Pays a loan's interest to an instant, if it is owed.
    fn pay_interest(&mut self, ledger: &mut Ledger, (at, loan): (TermRef, &Loan), until: Time, when: Time, event: u64) {
        let Some(since) = self.loans.get_mut(&at) else { return };
        let interest = loan.interest((until.0 - since.0) / DAY_SECONDS);
        *since = until;
        ledger.pay(when, loan.borrower, loan.lender, interest, Flow::Interest, cause(at, event));
    }

    fn settle_backstop(
        &mut self,
        setting: Setting,
        ledger: &mut Ledger,
        (at, clause): (TermRef, &Backstop),
        close: Time,
        event: u64,
    ) -> Option<Settled> {
        let unsold = self.unsold.get(&clause.seller).copied().unwrap_or(0.0);
        let from = setting.book.term(at).from.max(self.open_since);
        let until = setting.book.until(at).min(Time(close.0 + 1));
        let amount = clause.due(unsold, yearly(setting.calendar, &clause.usd_per_year, from, until));
        let seller = setting.owners.of_cloud[clause.seller.index()];
        ledger.pay(close, clause.buyer, seller, amount, Flow::Backstop, cause(at, event));
        (amount > Usd::ZERO).then_some(Settled::Backstop { term: at, amount })
    }

    /// Purchases before a warrant begins do not vest it.
    fn open_warrants(&mut self, setting: Setting, ledger: &Ledger, now: Time) {
        for at in setting.book.of_kind(TermKind::Warrant) {
            if let Term::Warrant(clause) = &setting.book.term(at).term
                && setting.book.is_in_force(at, now)
                && self.begun.insert(at)
            {
                let before = ledger.sales_to(clause.issuer, |payer| clause.counts(payer));
                self.warrants.insert(at, WarrantAccount { before, granted: Usd::ZERO });
            }
        }
    }

    fn settle_warrant(
        &mut self,
        ledger: &mut Ledger,
        (at, clause): (TermRef, &Warrant),
        close: Time,
        event: u64,
    ) -> Option<Settled> {
        let account = self.warrants.get_mut(&at)?;
        let purchases = ledger.sales_to(clause.issuer, |payer| clause.counts(payer)) - account.before;
        let amount = (clause.vested(purchases) - account.granted).or_zero();
        account.granted += amount;
        ledger.grant(close, clause.issuer, clause.holder, amount, cause(at, event));
        (amount > Usd::ZERO).then_some(Settled::Vested { term: at, amount })
    }

    /// What has vested under a warrant.
    pub fn vested(&self, at: TermRef) -> Usd {
        self.warrants.get(&at).map_or(Usd::ZERO, |account| account.granted)
    }

    /// What a party owes under loans of contracts, which its lender alone is paid back.
    pub fn contract_debt(&self, setting: Setting, borrower: PartyId) -> Usd {
        let owed = |at: &TermRef| match &setting.book.term(*at).term {
            Term::Loan(loan) if loan.borrower == borrower => Some(loan.usd),
            _ => None,
        };
        self.loans.keys().filter_map(owed).sum()
    }
}
