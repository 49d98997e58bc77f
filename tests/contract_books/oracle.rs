//! What bars a sale or a purchase, read off every clause one by one, without the book that the market asks.

use super::draw::{Case, DAY, Event};
use cloudmarket::ids::{CloudId, LabId};
use cloudmarket::market::availability::{Listing, Place};
use cloudmarket::market::contracts::DatedTerm;
use cloudmarket::market::terms::{Scope, Term};
use cloudmarket::units::{Span, Time};

/// Kinds of bars by their place in the order in which they are named.
pub(crate) const NOT_RELEASED: usize = 0;
pub(crate) const EXCLUSIVITY: usize = 1;
pub(crate) const LICENCE_EXCLUSIVE: usize = 2;
pub(crate) const NOT_DISTRIBUTED: usize = 3;
pub(crate) const NOT_PORTED: usize = 4;
pub(crate) const FIRST_SHIP: usize = 5;

/// A kind of bar with the name of the clause that bars, if one does.
pub(crate) type Barred = (usize, Option<String>);

/// The terms in force at an instant of a day, with their names.
fn in_force(case: &Case, now: Time) -> Vec<(String, &DatedTerm)> {
    let mut found = Vec::new();
    for contract in &case.contracts {
        for (place, dated) in contract.terms.iter().enumerate() {
            // Ended on a day: that version and the later ones of the clause, if they were not over already.
            let ended = case.events.iter().any(|(day, event)| match event {
                Event::Ended(of, version) if *of == contract.name && Time(day * DAY) <= now => {
                    contract.terms[usize::from(*version)].id == dated.id && usize::from(*version) <= place
                }
                _ => false,
            });
            if dated.from <= now && now < dated.until && !ended {
                found.push((format!("{}.{}", contract.name, dated.id), dated));
            }
        }
    }
    found
}

/// All that bars a sale.
pub(crate) fn bars(case: &Case, now: Time, asked: &Listing) -> Vec<Barred> {
    let terms = in_force(case, now);
    let mut bars: Vec<Barred> = Vec::new();
    if now < asked.released {
        bars.push((NOT_RELEASED, None));
    }
    if asked.ported_at.is_none_or(|at| now < at) {
        bars.push((NOT_PORTED, None));
    }
    let (cloud, operator) = match asked.place {
        Place::Platform { cloud, operator } => (cloud, operator),
        Place::LabApi(lab) => {
            if lab != asked.lab {
                bars.push((NOT_DISTRIBUTED, None));
            }
            return bars;
        }
    };
    if asked.open_weights {
        return bars;
    }
    let mut allowed = asked.lab_party == operator;
    for (name, dated) in &terms {
        match &dated.term {
            Term::Exclusivity(e)
                if e.scope == Scope::Distribution
                    && e.grantor == asked.lab
                    && e.holder != cloud
                    && (e.lines.is_empty() || e.lines.contains(&asked.line))
                    && !e.except_clouds.contains(&cloud)
                    && !e.except_channels.contains(&asked.channel) =>
            {
                bars.push((EXCLUSIVITY, Some(name.clone())));
            }
            Term::Licence(licence) if licence.licensor == asked.lab && licence.licensee == operator => allowed = true,
            Term::Licence(licence) if licence.licensor == asked.lab && licence.exclusive => {
                bars.push((LICENCE_EXCLUSIVE, Some(name.clone())));
            }
            Term::Distribution(d) if d.lab == asked.lab && d.channel == asked.channel => allowed = true,
            Term::FirstShip(first) if first.lab == asked.lab && first.holder != asked.channel && asked.holder_can => {
                let lead = Span::from_days(first.lead_days);
                if asked.holder_opened.is_none_or(|opened| now < opened + lead) {
                    bars.push((FIRST_SHIP, Some(name.clone())));
                }
            }
            _ => {}
        }
    }
    if !allowed {
        bars.push((NOT_DISTRIBUTED, None));
    }
    bars
}

/// The clauses that keep a lab from buying compute of a cloud.
pub(crate) fn bars_of_compute(case: &Case, now: Time, lab: LabId, cloud: CloudId) -> Vec<Barred> {
    let bars = in_force(case, now).into_iter().filter(|(_, dated)| match &dated.term {
        Term::Exclusivity(e) => {
            e.scope == Scope::Compute && e.grantor == lab && e.holder != cloud && !e.except_clouds.contains(&cloud)
        }
        _ => false,
    });
    bars.map(|(name, _)| (EXCLUSIVITY, Some(name))).collect()
}
