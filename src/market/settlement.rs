//! Settlement: *when* contracts are asked what is due, and the postings that follow.
//!
//! Sales and purchases are fed as they happen; at the close of a quarter, revenue shares are settled, and commitments
//! at the close of a civil year or of the quarter in which they end. The rules themselves are in
//! [`terms`](super::terms).
//!
//! *How is a period cut by an amendment split?* By day, on its own: a fact counts under the version in force when it
//! is fed, and committed amounts are added up over the days of each version. Feed daily, not monthly.
//!
//! *What carries over to a new version of a revenue share?* Payments count towards its cap if its counting date lies
//! before its first day; its rate applies to its own days only.
//!
//! *What of a commitment?* Its versions share one account, with its excess, as long as buyer and seller are the same.

mod commitments;
mod financing;
mod shares;

pub use commitments::{CommitmentFigures, Dealing, committed};
pub use shares::ShareFigures;

use super::contracts::{Adopted, ContractBook, TermRef};
use super::terms::{Buyer, Due, Term, TermKind};
use crate::accounts::{Cause, Flow, Ledger};
use crate::ids::{CloudId, PartyId};
use crate::units::{Calendar, Time, Usd};
use commitments::CommitmentAccount;
use financing::WarrantAccount;
use serde::{Deserialize, Serialize};
use shares::RevenueToDate;
use std::collections::{BTreeMap, BTreeSet};

/// Which party a lab or a cloud belongs to, by their index.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owners {
    /// Party of each lab.
    pub of_lab: Vec<PartyId>,
    /// Party of each cloud.
    pub of_cloud: Vec<PartyId>,
}

impl Owners {
    /// The party that pays for a buyer.
    ///
    /// # Panics
    /// If there is no such lab or cloud.
    pub fn of_buyer(&self, buyer: Buyer) -> PartyId {
        match buyer {
            Buyer::Party(party) => party,
            Buyer::Lab(lab) => self.of_lab[lab.index()],
            Buyer::Cloud(cloud) => self.of_cloud[cloud.index()],
        }
    }
}

/// What settlement reads of the world.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// The contracts.
    pub book: &'a ContractBook,
    /// Who belongs to whom.
    pub owners: &'a Owners,
    /// The civil calendar of the run.
    pub calendar: &'a Calendar,
}

/// What a settlement did, one fact for each term that moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Settled {
    /// A revenue share fell due; the amount is gross, before it is netted against an opposite one.
    Share {
        /// The clause.
        term: TermRef,
        /// How much, and what limited it.
        due: Due,
    },
    /// A shortfall was paid.
    Shortfall {
        /// The clause.
        term: TermRef,
        /// How much.
        amount: Usd,
    },
    /// A shortfall paid earlier was made up, and came back.
    MadeUp {
        /// The clause.
        term: TermRef,
        /// How much.
        amount: Usd,
    },
    /// Unsold compute was bought under a backstop.
    Backstop {
        /// The clause.
        term: TermRef,
        /// How much.
        amount: Usd,
    },
    /// A part of a warrant vested.
    Vested {
        /// The clause.
        term: TermRef,
        /// Its value.
        amount: Usd,
    },
    /// The buyer leaves a commitment by notice.
    Notice {
        /// The clause.
        term: TermRef,
        /// First instant at which it is no longer bound.
        until: Time,
    },
}

/// What was fed and paid so far, by term.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Settlement {
    shares: BTreeMap<TermRef, RevenueToDate>,
    /// By the first version of each commitment.
    commitments: BTreeMap<TermRef, CommitmentAccount>,
    /// Terms whose first payment was made or whose count has begun.
    begun: BTreeSet<TermRef>,
    /// Loans that are owed, and until when their interest is paid.
    loans: BTreeMap<TermRef, Time>,
    /// Advances not drawn down yet, by the first version of a commitment.
    advances: BTreeMap<TermRef, Usd>,
    /// Hours not sold in the open quarter \[H100e-hours\].
    unsold: BTreeMap<CloudId, f64>,
    warrants: BTreeMap<TermRef, WarrantAccount>,
    /// First instant of the open quarter.
    open_since: Time,
}

impl Settlement {
    /// Closes the quarter whose last second is `close`: posts what is due under every term, and says what was. One that
    /// is closed already stays as it is.
    pub fn quarter_closed(&mut self, setting: Setting, ledger: &mut Ledger, close: Time, event: u64) -> Vec<Settled> {
        if close < self.open_since {
            return Vec::new();
        }
        let mut facts = self.settle_shares(setting.book, ledger, close, event);
        facts.extend(self.notices(setting, close));
        facts.extend(self.settle_commitments(setting, ledger, close, event));
        facts.extend(self.settle_financing(setting, ledger, close, event));
        self.open_since = Time(close.0 + 1);
        facts
    }

    /// Follows a book that went over to a fork's contracts: accounts of terms that have another place go with them, those
    /// of terms that never come are closed, and a revenue share amended by the fork counts on towards its cap.
    pub fn adopt(&mut self, book: &ContractBook, adopted: &Adopted) {
        let place = |at: TermRef| adopted.moved.iter().find(|(from, _)| *from == at).map_or(Some(at), |(_, to)| *to);
        let kind = |at: &TermRef| book.term(*at).term.kind();
        let shares = std::mem::take(&mut self.shares).into_iter();
        let shares = shares.filter_map(|(at, seen)| Some((place(at)?, seen)));
        self.shares = shares.filter(|(at, _)| kind(at) == TermKind::RevenueShare).collect();
        let commitments = std::mem::take(&mut self.commitments).into_iter();
        let commitments = commitments.filter_map(|(at, account)| Some((place(at)?, account)));
        self.commitments = commitments.filter(|(at, _)| kind(at) == TermKind::Commitment).collect();
        for (old, new) in &adopted.amended {
            self.count_on(*old, *new);
        }
    }

    /// Posts the investments that are due by `now` and were not posted before; returns their terms.
    fn pay_investments(&mut self, book: &ContractBook, ledger: &mut Ledger, now: Time, event: u64) -> Vec<TermRef> {
        let mut paid = Vec::new();
        for at in book.of_kind(TermKind::Investment) {
            if let Term::Investment(deal) = &book.term(at).term
                && deal.on <= now
                && deal.on < book.until(at)
                && self.begun.insert(at)
            {
                ledger.pay(now, deal.investor, deal.issuer, deal.usd, Flow::EquityIssue, cause(at, event));
                paid.push(at);
            }
        }
        paid
    }
}

/// A posting that a clause asked for.
fn cause(at: TermRef, event: u64) -> Cause {
    Cause { contract: Some(at.contract), term: at.term, event }
}

#[cfg(test)]
mod tests;
