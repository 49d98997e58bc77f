//! Lints of contracts, their terms and amendments.

use super::market::can_use_models;
use super::supply::first_fleet_mw;
use super::{View, warn};
use crate::ids::{AcceleratorId, CloudId};
use crate::market::contracts::{Contract, DatedTerm};
use crate::market::params::{ChannelKind, ChipPricing};
use crate::market::terms::{Buyer, Commitment, Scope, Term};
use crate::scenario::resolve::{Finding, path_of_term};
use crate::supply::levelised_cost;
use crate::supply::params::Class;
use crate::units::Time;

const HOURS_PER_YEAR: f64 = 8_766.0;

fn path(view: &View, contract: &Contract, term: &DatedTerm) -> String {
    path_of_term(view.spec, &view.params.calendar, &contract.name, term)
}

fn terms<'a>(view: &'a View) -> impl Iterator<Item = (&'a Contract, &'a DatedTerm)> {
    view.params.contracts.iter().flat_map(|contract| contract.terms.iter().map(move |term| (contract, term)))
}

/// An amendment that is signed after the run.
pub(super) fn amendment_after_the_end(view: &View) -> Vec<Finding> {
    let contracts = view.spec.contracts.iter();
    let amendments = contracts.flat_map(|(id, contract)| contract.amendments.iter().map(move |a| (id, a)));
    let late = amendments.filter(|(_, (_, amendment))| view.is_after_the_end(amendment.on.value.0));
    late.map(|(id, (key, amendment))| {
        let message = format!("the amendment of {} comes after the run ends on {}", amendment.on.value.0, view.end());
        warn(format!("contracts.{id}.amendments.{key}.on"), message, "")
    })
    .collect()
}

/// A term that no day of the run sees in force: over before it, begun after it, or ended by an amendment on or before
/// its first day. Terms that late amendments bring are not named beside these.
pub(super) fn term_never_in_force(view: &View) -> Vec<Finding> {
    let start = view.spec.horizon.start.0;
    let mut found = Vec::new();
    for (id, contract) in &view.spec.contracts {
        let own = contract.terms.iter().map(|(name, term)| (format!("contracts.{id}.terms.{name}"), term));
        let amendments = contract.amendments.iter().filter(|(_, a)| !view.is_after_the_end(a.on.value.0));
        let brought = amendments.flat_map(|(key, amendment)| {
            let named = move |(name, term)| (format!("contracts.{id}.amendments.{key}.terms.{name}"), term);
            amendment.terms.iter().map(named)
        });
        for (path, term) in own.chain(brought) {
            let over = term.until.as_ref().map(|until| until.value.0).filter(|until| *until < start);
            if let Some(until) = over {
                found.push(warn(
                    format!("{path}.until"),
                    format!("the term is over on {until}, before the run begins"),
                    "",
                ));
            } else if view.is_after_the_end(term.from.value.0) {
                let message = format!("the term begins on {}, after the run ends on {}", term.from.value.0, view.end());
                found.push(warn(format!("{path}.from"), message, ""));
            }
        }
    }
    let cut = terms(view).filter(|(_, term)| term.until <= term.from && term.from > Time(0) && !term.is_dormant());
    let message = "an amendment ends the term on or before its first day, so it is never in force";
    found.extend(cut.map(|(contract, term)| warn(path(view, contract, term), message, "")));
    found
}

/// Commitments that a seller could not serve however it built: in a civil year, `Σ owed > P · max e/k · max p · 8766`.
///
/// P IT power that can be installed by the end of the year, the first fleet and every month's `install_mw_per_month`
/// [MW → kW] · e mature chat throughput [H100e] and k power [kW] of the types that the seller owns or may buy and that
/// are out · p the highest price it may ask, from its schedule or its bound over the levelised cost of any of these
/// types [USD per H100e-hour]. Announced and requested phases are left aside, as is what other customers take, so the
/// bound is never too low.
pub(super) fn commitment_out_of_reach(view: &View) -> Vec<Finding> {
    let sellers = (0..view.params.supply.clouds.len()).map(CloudId::new);
    sellers.filter_map(|seller| first_year_out_of_reach(view, seller)).collect()
}

fn first_year_out_of_reach(view: &View, seller: CloudId) -> Option<Finding> {
    let calendar = &view.params.calendar;
    let (mut owed, mut power_mw) = (0.0, first_fleet_mw(view, &view.params.supply.clouds[seller.index()]));
    let install = &view.params.supply.clouds[seller.index()].install_mw_per_month;
    for month in 0..calendar.months() {
        let close = calendar.month_close(month);
        owed += owed_to(view, seller, close).map(|(_, _, usd_per_year)| usd_per_year / 12.0).sum::<f64>();
        power_mw += install.at(close).max(install.at(Time(close.0.saturating_sub(31 * 86_400))));
        let date = calendar.month_last_day(month);
        if date.month() < 12 {
            continue;
        }
        let bound = best_usd_per_kw_year(view, seller, close) * power_mw * 1e3;
        if owed > bound {
            let largest = owed_to(view, seller, close).max_by(|a, b| a.2.total_cmp(&b.2));
            let (contract, term, _) = largest?;
            let cloud = &view.params.supply.clouds[seller.index()].id;
            let message = format!(
                "commitments of {:.1} billion USD to `{cloud}` in {} are over the {:.1} billion that it could ever earn then",
                owed / 1e9,
                date.year(),
                bound / 1e9,
            );
            let help = format!("it can install {power_mw:.0} MW of IT power by then; this is the largest of them");
            return Some(warn(format!("{}.rule.usd_per_year", path(view, contract, term)), message, &help));
        }
        owed = 0.0;
    }
    None
}

/// Commitments to a seller that are in force, with their dollars a year.
fn owed_to<'a>(view: &'a View, seller: CloudId, at: Time) -> impl Iterator<Item = (&'a Contract, &'a DatedTerm, f64)> {
    terms(view).filter(move |(_, term)| term.from <= at && at < term.until).filter_map(move |(contract, term)| {
        match &term.term {
            Term::Commitment(owed) if owed.seller == seller => Some((contract, term, owed.usd_per_year.at(at))),
            _ => None,
        }
    })
}

/// The most that a kW could earn in a year [USD/kW/year].
fn best_usd_per_kw_year(view: &View, seller: CloudId, at: Time) -> f64 {
    let supply = &view.params.supply;
    let cloud = &supply.clouds[seller.index()];
    let first = cloud.initial_fleet.iter().map(|fleet| fleet.accelerator);
    let all = first.chain(cloud.purchases.iter().map(|purchase| purchase.accelerator));
    let kinds: Vec<AcceleratorId> = all.filter(|kind| supply.accelerators[kind.index()].available <= at).collect();
    let most = |value: &dyn Fn(AcceleratorId) -> f64| kinds.iter().map(|kind| value(*kind)).fold(0.0, f64::max);
    let chip = |kind: AcceleratorId| &supply.accelerators[kind.index()];
    let per_kw = most(&|kind| chip(kind).throughput_h100e[Class::Chat.index()] / chip(kind).power_kw);
    // At today's cost or that of the first day, whichever is more: chips bought then may still stand.
    let cost = |kind| levelised_cost(supply, seller, kind, at).max(levelised_cost(supply, seller, kind, Time(0)));
    let price = match &view.params.clouds[seller.index()].pricing {
        ChipPricing::Scheduled(price) => price.at(at).max(price.at(Time(0))),
        ChipPricing::CostPlus { markup } => markup * most(&cost),
        ChipPricing::UtilisationTarget { start_usd, cap, .. } => start_usd.max(cap * most(&cost)),
        // What rivals ask, or what renters bear, has no bound that holds for certain.
        ChipPricing::MatchLowest { .. } | ChipPricing::BestResponse(_) => f64::INFINITY,
    };
    per_kw * price * HOURS_PER_YEAR
}

/// A commitment to buy where an exclusivity forbids it from the first day to the last.
pub(super) fn commitment_that_is_barred(view: &View) -> Vec<Finding> {
    let barred = terms(view).filter_map(|(contract, term)| {
        let Term::Commitment(Commitment { buyer: Buyer::Lab(lab), seller, .. }) = &term.term else { return None };
        let end = term.until.min(view.horizon());
        let (by, _) = terms(view).find_map(|(other, clause)| match &clause.term {
            Term::Exclusivity(exclusivity)
                if exclusivity.scope == Scope::Compute
                    && exclusivity.bars_compute(*lab, *seller)
                    && clause.from <= term.from
                    && clause.until >= end =>
            {
                Some((path(view, other, clause), clause))
            }
            _ => None,
        })?;
        let message = format!("`{by}` forbids these purchases for all of their time");
        Some(warn(
            path(view, contract, term),
            message,
            "end the exclusivity, or except the seller under `except_clouds`",
        ))
    });
    barred.collect()
}

/// A distribution clause for a lab's interface: a lab sells there by itself, and no other can.
pub(super) fn distribution_on_an_own_interface(view: &View) -> Vec<Finding> {
    let vain = terms(view).filter_map(|(contract, term)| {
        let Term::Distribution(clause) = &term.term else { return None };
        let channel = &view.params.channels[clause.channel.index()];
        channel.kind.platform().is_none().then(|| {
            let what = match channel.kind {
                ChannelKind::SelfHosted(_) => "is where customers run open weights themselves",
                _ => "is a lab's own interface",
            };
            let message = format!("`{}` {what}, which needs no contract and sells nobody else", channel.id);
            warn(format!("{}.rule.channel", path(view, contract, term)), message, "name the channel of a platform")
        })
    });
    vain.collect()
}

/// A licence to a party that has neither a platform nor a product.
pub(super) fn licence_without_use(view: &View) -> Vec<Finding> {
    let vain = terms(view).filter_map(|(contract, term)| {
        let Term::Licence(licence) = &term.term else { return None };
        let party = &view.params.parties[licence.licensee.index()].id;
        (!can_use_models(view, licence.licensee)).then(|| {
            let message = format!("`{party}` has neither a platform nor a product, so it cannot use a licence");
            warn(format!("{}.rule.licensee", path(view, contract, term)), message, "")
        })
    });
    vain.collect()
}

/// A revenue share that can pay nothing, or of which a later version lowers the cap that earlier payments count towards:
/// a run in which more was paid by then ends with an error.
pub(super) fn cap_without_room(view: &View) -> Vec<Finding> {
    let mut found = Vec::new();
    for (contract, term) in terms(view) {
        let Term::RevenueShare(share) = &term.term else { continue };
        let Some(cap) = share.total_cap else { continue };
        let at = || format!("{}.rule.total_cap_usd", path(view, contract, term));
        let earlier = contract.terms.iter().rfind(|other| other.id == term.id && other.from < term.from);
        let before = earlier.and_then(|other| match &other.term {
            Term::RevenueShare(older) if share.counting_from < other.until => older.total_cap,
            _ => None,
        });
        if cap.dollars() == 0.0 {
            found.push(warn(at(), "a cap of 0 lets nothing ever be paid", "leave the cap out, or the term"));
        } else if let Some(before) = before.filter(|before| cap < *before) {
            let (cap, before) = (cap.dollars() / 1e9, before.dollars() / 1e9);
            let message = format!(
                "the cap of {cap} billion USD is below the {before} billion before it, and what was paid counts"
            );
            found.push(warn(at(), message, "if more was paid by then, the run ends with an error"));
        }
    }
    found
}
