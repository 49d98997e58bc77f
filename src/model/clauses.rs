//! What clauses keep from being offered, and what parties take in and pay: read at a month's end, never changed.
//!
//! *Which clause counts for an offer that several bar?* The first that [`availability`](crate::market::availability)
//! names, so that the counts of all clauses add up to the number of offers that clauses bar.

use super::observe::Sheet;
use super::simulation::Simulation;
use crate::ids::ModelId;
use crate::market::availability::Bar;
use crate::market::contracts::TermRef;
use crate::market::terms::TermKind;
use crate::units::Usd;
use std::collections::BTreeMap;

/// Kinds of clauses that can bar an offer.
pub(super) const BARRING: [TermKind; 3] = [TermKind::Exclusivity, TermKind::Licence, TermKind::FirstShip];

/// The clause that a bar is, if it is one.
pub(super) fn clause_of(bar: Bar) -> Option<TermRef> {
    match bar {
        Bar::Exclusivity(term) | Bar::LicenceExclusive(term) | Bar::FirstShip { term, .. } => Some(term),
        Bar::NotReleased | Bar::NotDistributed | Bar::NotPorted => None,
    }
}

impl Simulation<'_> {
    /// Offers that each clause bars at this instant; none for a clause that has not begun.
    pub(super) fn observe_bars(&self, sheet: &mut Sheet) {
        let (now, book) = (self.now(), &self.state.book);
        let barred = self.barred_offers();
        let mut clauses: Vec<TermRef> = BARRING.iter().flat_map(|kind| book.of_kind(*kind)).collect();
        clauses.retain(|at| book.versions(*at).next() == Some(*at));
        for at in clauses {
            let mut begun = book.versions(at).filter(|version| book.term(*version).from <= now).peekable();
            let count = match begun.peek() {
                Some(_) => begun.map(|version| barred.get(&version).copied().unwrap_or(0.0)).sum(),
                None => f64::NAN,
            };
            sheet.put("barred_offers", &book.term_name(at), count);
        }
    }

    /// Models on sale times channels, by the clause that bars them, to all customers or to those of a jurisdiction.
    fn barred_offers(&self) -> BTreeMap<TermRef, f64> {
        let now = self.now();
        let on_sale = (0..self.state.models.len()).filter(|m| !self.state.models[*m].gone).map(ModelId::new);
        let offers = on_sale.flat_map(|model| (0..self.params.channels.len()).map(move |channel| (model, channel)));
        let mut barred = BTreeMap::new();
        for (model, channel) in offers {
            let clause = match self.may_open(model, channel, now) {
                Some(Err(bar)) => clause_of(bar),
                Some(Ok(())) => self.closed_in(model, channel).first().map(|(_, clause)| *clause),
                None => None,
            };
            if let Some(clause) = clause {
                *barred.entry(clause).or_insert(0.0) += 1.0;
            }
        }
        barred
    }

    /// Cash before financing of the month by party; returns what it has come to since the start of the run.
    pub(super) fn observe_cash_flows(&self, sheet: &mut Sheet) -> Vec<Usd> {
        let to_date = self.state.ledger.cash_before_financing();
        let before = &self.recorder.cash_before_financing;
        for (p, party) in self.params.parties.iter().enumerate() {
            let flow = to_date[p] - before.get(p).copied().unwrap_or(Usd::ZERO);
            sheet.put("cash_flow_usd", &party.id, flow.dollars());
        }
        to_date
    }
}
