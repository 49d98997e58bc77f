//! Why customers do not choose what they would like best: read at a month's end, never changed.

use super::clauses::{BARRING, clause_of};
use super::observe::Sheet;
use super::simulation::Simulation;
use super::state::{Listing, State};
use crate::ids::{JurisdictionId, ModelId};
use crate::market::availability::Bar;
use crate::market::choice::{Needs, Offer, Reason, Taste, Weighed, Wish, Wishes};
use crate::market::contracts::TermRef;
use crate::supply::params::Class;

/// Reasons that are no clause, after those that are.
const OTHERS: [&str; 5] = ["not_distributed", "not_ported", "not_certified", "not_in_region", "out_of_stock"];

/// What keeps options from customers: clauses first, then [`OTHERS`].
struct Reasons {
    clauses: Vec<TermRef>,
}

impl Reasons {
    fn other(&self, name: usize) -> Reason {
        self.clauses.len() + name
    }

    fn needs(&self) -> Needs {
        Needs { certification: self.other(2), residency: self.other(3) }
    }
}

impl Simulation<'_> {
    /// Shares of the demand that would first choose what each reason bars.
    pub(super) fn observe_wishes(&self, sheet: &mut Sheet) {
        let book = &self.state.book;
        let clauses = BARRING.iter().flat_map(|kind| book.of_kind(*kind));
        let reasons = Reasons { clauses: clauses.filter(|at| book.versions(*at).next() == Some(*at)).collect() };
        let by_reason = self.barred_shares(&reasons);
        for (at, share) in reasons.clauses.iter().zip(&by_reason) {
            let begun = book.versions(*at).any(|version| book.term(version).from <= self.now());
            sheet.put("barred_first_choice_share", &book.term_name(*at), if begun { *share } else { f64::NAN });
        }
        for (name, share) in OTHERS.iter().zip(&by_reason[reasons.clauses.len()..]) {
            sheet.put("barred_first_choice_share", name, *share);
        }
    }

    /// By reason, over all tastes and classes, weighed by spend at reference prices [1].
    fn barred_shares(&self, reasons: &Reasons) -> Vec<f64> {
        let demand = &self.params.demand;
        let options = self.wishes(reasons);
        let spend = self.state.demand.spend_by_home(demand, self.now());
        let mut by_reason = vec![0.0; reasons.clauses.len() + OTHERS.len()];
        let mut total = 0.0;
        let tastes = demand.tastes();
        // By class, of the last taste that asked; those of a segment follow one another.
        let mut weighed: [Option<(&Taste, Weighed)>; Class::COUNT] = Default::default();
        for (taste, spend) in tastes.iter().zip(&spend) {
            for class in Class::ALL {
                let by_home = &spend[class.index()];
                if by_home.is_empty() {
                    continue;
                }
                let last = &mut weighed[class.index()];
                if !last.as_ref().is_some_and(|(of, _)| of.is_like(taste)) {
                    let outside = self.state.offers.outside_quality(class);
                    *last = Some((taste, Weighed::new(taste, class, outside, &options)));
                }
                let Some((_, weighed)) = last else { continue };
                let wishes = Wishes::new(taste, weighed, reasons.needs(), &options);
                for spend in by_home {
                    wishes.add_barred(spend.home, spend.committed, spend.usd_per_year, &mut by_reason);
                    total += spend.usd_per_year;
                }
            }
        }
        by_reason.iter().map(|barred| if total > 0.0 { barred / total } else { 0.0 }).collect()
    }

    /// Every model on sale on every channel that is open for business, as it is or would be, lab by lab.
    fn wishes(&self, reasons: &Reasons) -> Vec<Wish> {
        let now = self.now();
        let mut options = Vec::new();
        for model in (0..self.state.models.len()).map(ModelId::new).filter(|m| !self.state.models[m.index()].gone) {
            for channel in 0..self.params.channels.len() {
                let Some(answer) = self.may_open(model, channel, now) else { continue };
                let (offer, closed) = self.wished(model, channel);
                let barred_by = match answer {
                    Ok(()) => offer.sold_out.then(|| reasons.other(4)),
                    Err(Bar::NotReleased) => continue,
                    Err(bar) => Some(self.reason(reasons, bar)),
                };
                let told = |(place, at): (JurisdictionId, TermRef)| (place, self.reason(reasons, Bar::Exclusivity(at)));
                options.push(Wish::new(offer, barred_by, closed.into_iter().map(told).collect()));
            }
        }
        options.sort_by_key(Wish::lab);
        options
    }

    fn reason(&self, reasons: &Reasons, bar: Bar) -> Reason {
        let first = |at: TermRef| self.state.book.versions(at).next();
        match clause_of(bar).and_then(first).and_then(|at| reasons.clauses.iter().position(|clause| *clause == at)) {
            Some(clause) => clause,
            None if bar == Bar::NotPorted => reasons.other(1),
            None => reasons.other(0),
        }
    }

    /// A model on a channel: the option as customers see it, or as they would, and where clauses keep it from some.
    fn wished(&self, model: ModelId, channel: usize) -> (Offer, Vec<(JurisdictionId, TermRef)>) {
        let cloud = self.params.channels[channel].kind.cloud();
        let lab = self.state.models[model.index()].lab;
        let listing = Listing { model, lab, channel: channel as u16, cloud, opened: None, noticed_price: 0.0 };
        let offer = match self.find_listing(model, channel).map(|i| &self.state.offers[State::option(i)]) {
            Some(offer) if offer.open => offer.clone(),
            _ => self.offer_at(&listing, true),
        };
        (offer, self.closed_in(model, channel))
    }
}
