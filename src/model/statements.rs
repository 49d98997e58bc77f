//! Statements of every quarter, and what parties are still bound to buy.
//!
//! *What is outstanding under a commitment?* What it commits its buyer to from now to its end, more what this year's
//! purchases lack or less what they exceed, less excess that was carried over; never below zero. One that will be amended
//! counts as amended; one without an end counts to the end of the run; one whose first day is still to come counts in
//! full from the day on which it was signed.
//!
//! *Under a reservation?* Its hours until its end, used or not, at its price; one of a contract by what it holds today,
//! and to the end of the run if it has none.

use super::simulation::Simulation;
use super::state::State;
use crate::accounts::{Item, StatementLine, draw_up};
use crate::ids::PartyId;
use crate::market::contracts::{OPEN_END, TermRef};
use crate::market::settlement::{CommitmentFigures, Setting, committed};
use crate::market::terms::{Commitment, Term, TermKind};
use crate::units::{Time, Usd};

/// What is outstanding under a commitment.
pub(super) struct Open {
    /// Its clause's first version.
    pub(super) clause: TermRef,
    buyer: PartyId,
    seller: PartyId,
    /// Still to be bought.
    pub(super) amount: Usd,
}

impl Simulation<'_> {
    /// Draws up the statements if a quarter ends with this month, or the run does within one.
    pub(super) fn state_quarter(&mut self, month: u16) {
        let last = usize::from(month) + 1 == self.params.calendar.months();
        let day = self.params.calendar.month_last_day(usize::from(month));
        if day.month() % 3 != 0 && !last {
            return;
        }
        let mut lines = self.obligations((day.month(), day.day()) == (12, 31));
        lines.extend(draw_up(&mut self.state.ledger));
        lines.sort_by_key(|line| (line.party, line.counterparty, line.item));
        self.recorder.statements.push((day.to_string(), lines));
    }

    /// What each party is still to buy and to sell, on lines that are not zero.
    fn obligations(&self, year_is_settled: bool) -> Vec<StatementLine> {
        let mut owed = vec![[Usd::ZERO; 4]; self.params.parties.len()];
        for Open { buyer, seller, amount, .. } in self.open_commitments(year_is_settled) {
            owed[buyer.index()][0] += amount;
            owed[seller.index()][1] += amount;
        }
        for (buyer, seller, amount) in self.open_reservations() {
            owed[buyer.index()][2] += amount;
            owed[seller.index()][3] += amount;
        }
        let items = [Item::CommittedAsBuyer, Item::CommittedAsSeller, Item::ReservedAsBuyer, Item::ReservedAsSeller];
        let lines = owed.iter().enumerate().flat_map(|(party, amounts)| {
            let party = PartyId::new(party);
            items.into_iter().zip(*amounts).map(move |(item, amount)| StatementLine {
                party,
                counterparty: None,
                item,
                amount,
            })
        });
        lines.filter(|line| line.amount != Usd::ZERO).collect()
    }

    /// What is outstanding under each commitment that is in force, or signed and still to begin.
    pub(super) fn open_commitments(&self, year_is_settled: bool) -> Vec<Open> {
        let State { book, settlement, owners, .. } = &self.state;
        let setting = Setting { book, owners, calendar: &self.params.calendar };
        let figures = settlement.commitment_figures(setting, self.now());
        let open = |first: TermRef, clause: &Commitment, amount: Usd| Open {
            clause: book.versions(first).next().unwrap_or(first),
            buyer: owners.of_buyer(clause.buyer),
            seller: owners.of_cloud[clause.seller.index()],
            amount,
        };
        let begun = book.commitments(self.now()).filter_map(|(at, clause)| {
            let figures = figures.iter().find(|figures| self.is_version_of(at, clause, figures))?;
            Some(open(figures.term, clause, self.outstanding(setting, figures, year_is_settled)))
        });
        let to_come = book.of_kind(TermKind::Commitment).filter(|at| self.is_to_come(*at)).filter_map(|at| {
            let Term::Commitment(clause) = &book.term(at).term else { return None };
            let amount = committed(setting, at, book.term(at).from, self.end_of(at));
            Some(open(at, clause, amount))
        });
        begun.chain(to_come).collect()
    }

    /// Whether a clause was signed and no version of it has begun; `at` is its first.
    fn is_to_come(&self, at: TermRef) -> bool {
        let (book, now) = (&self.state.book, self.now());
        let term = book.term(at);
        book.versions(at).next() == Some(at) && term.signed <= now && now < term.from && term.from < book.until(at)
    }

    /// When the last version of a clause ends; the end of the run if it is open.
    fn end_of(&self, at: TermRef) -> Time {
        let end = self.state.book.versions(at).map(|version| self.state.book.until(version)).max();
        end.filter(|end| *end != OPEN_END).unwrap_or(self.params.calendar.horizon())
    }

    fn is_version_of(&self, at: TermRef, clause: &Commitment, figures: &CommitmentFigures) -> bool {
        let book = &self.state.book;
        let same_sides = match &book.term(figures.term).term {
            Term::Commitment(first) => first.buyer == clause.buyer && first.seller == clause.seller,
            _ => false,
        };
        same_sides && book.versions(figures.term).any(|version| version == at)
    }

    fn outstanding(&self, setting: Setting, figures: &CommitmentFigures, year_is_settled: bool) -> Usd {
        let next = Time(self.now().0 + 1);
        let to_come = committed(setting, figures.term, next, self.end_of(figures.term));
        // A settled year's gap was paid or forgiven.
        let CommitmentFigures { due, used, undeliverable, .. } = *figures;
        let gap = if year_is_settled { Usd::ZERO } else { due - used - undeliverable };
        still_to_buy(to_come, gap, figures.carried)
    }

    /// Buyer, seller and what is still to be paid, for each reservation of a contract or that a lab signed in the run.
    fn open_reservations(&self) -> Vec<(PartyId, PartyId, Usd)> {
        let now = self.now();
        let mut open = Vec::new();
        for (lab, state) in self.params.labs.iter().zip(&self.state.labs) {
            for reservation in state.reservations.iter().filter(|r| now < r.until && lab.own_cloud != Some(r.cloud)) {
                let hours = reservation.until.since(now).hours();
                let usd = reservation.h100e * reservation.usd_per_hour * hours;
                let seller = self.params.supply.clouds[reservation.cloud.index()].party;
                open.push((lab.party, seller, Usd::from_dollars(usd).round_to(Usd::CENT)));
            }
        }
        for (at, clause) in self.state.book.reservations(now) {
            let until = self.state.book.until(at).min(self.params.calendar.horizon());
            let usd = clause.h100e.at(now) * clause.usd_per_h100e_hour * until.since(now).hours();
            let seller = self.params.supply.clouds[clause.seller.index()].party;
            open.push((self.state.owners.of_buyer(clause.buyer), seller, Usd::from_dollars(usd).round_to(Usd::CENT)));
        }
        open.retain(|(buyer, seller, _)| buyer != seller);
        open
    }
}

/// `max(0, to come + gap − carried)`: what is committed from now on, what the open year's purchases lack (below zero if
/// they are ahead), and excess of earlier years that still counts.
fn still_to_buy(to_come: Usd, gap: Usd, carried: Usd) -> Usd {
    (to_come + gap - carried).or_zero()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(dollars: i128) -> Usd {
        Usd(dollars * 1_000_000)
    }

    /// 100 a year for two years. After six months 30 were bought of 50 due: 150 + 20; of 70 bought, 150 − 20. After a
    /// year that is settled 100 are left, 85 if 15 of excess roll over; excess of 120 leaves nothing, not less.
    #[test]
    fn what_is_outstanding_by_hand() {
        assert_eq!(still_to_buy(usd(150), usd(50 - 30), Usd::ZERO), usd(170));
        assert_eq!(still_to_buy(usd(150), usd(50 - 70), Usd::ZERO), usd(130));
        assert_eq!(still_to_buy(usd(100), Usd::ZERO, usd(15)), usd(85));
        assert_eq!(still_to_buy(usd(100), Usd::ZERO, usd(120)), Usd::ZERO);
    }
}
