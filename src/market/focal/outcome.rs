//! What a plan brings while served shares and prices stand: tokens, money, latency, and what is not served.
//!
//! Of an option the dispatch serves the share s of what is asked for, of everybody alike: 0 while its cloud is dark, less
//! than 1 while it is throttled or sold out. What one leg does not serve is asked of the other, at the same instant, and
//! the share of it served is the other's own: both can fail together, as they do when a shortage is everywhere.
//!
//! With a the share asked of the first leg, 1 or a half:
//! `first = (a + (1 − a)(1 − s₂))·s₁`, `second = ((1 − a) + a·(1 − s₁))·s₂`, unserved `(1 − s₁)(1 − s₂)`.
//!
//! Limits: the customer is small, so that its load moves no share; credits for outages are left out; a change from one leg
//! to the other takes no time.

use super::Customer;
use super::plan::{Leg, Plan};
use crate::market::choice::Offers;
use crate::supply::params::Class;

/// Shares of the load served by each leg [1].
///
/// `served` are the legs' served shares, of which that of a leg that is not there does not count.
pub fn served_parts(plan: &Plan, served: [f64; 2]) -> [f64; 2] {
    let s1 = if plan.first.is_some() { served[0] } else { 0.0 };
    let s2 = if plan.second.is_some() { served[1] } else { 0.0 };
    let a = plan.first_share();
    [(a + (1.0 - a) * (1.0 - s2)) * s1, ((1.0 - a) + a * (1.0 - s1)) * s2]
}

/// Share of the load that nobody serves [1]: `(1 − s₁)(1 − s₂)`, exactly nothing where either serves all.
pub fn unserved_part(plan: &Plan, served: [f64; 2]) -> f64 {
    let fails = |leg: Option<Leg>, share: f64| if leg.is_some() { 1.0 - share } else { 1.0 };
    fails(plan.first, served[0]) * fails(plan.second, served[1])
}

/// What flows for one workload or several.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Flow {
    /// Tokens asked for [Mtok/h].
    pub asked_mtok: f64,
    /// Of these, served by nobody [Mtok/h].
    pub unserved_mtok: f64,
    /// Paid for them on each leg, discounts taken off [USD/h].
    pub usd: [f64; 2],
    /// The part of it that draws down the commitment [USD/h].
    pub drawn_usd: f64,
    /// Latency over target of what is served, times tokens [s·Mtok/h].
    pub latency_s_mtok: f64,
}

impl Flow {
    /// Adds another.
    pub fn add(&mut self, other: Self) {
        self.asked_mtok += other.asked_mtok;
        self.unserved_mtok += other.unserved_mtok;
        self.usd = [self.usd[0] + other.usd[0], self.usd[1] + other.usd[1]];
        self.drawn_usd += other.drawn_usd;
        self.latency_s_mtok += other.latency_s_mtok;
    }

    /// Paid on both legs [USD/h].
    pub fn paid(&self) -> f64 {
        self.usd[0] + self.usd[1]
    }

    /// Share of the tokens that is not served [1].
    pub fn unserved_share(&self) -> f64 {
        if self.asked_mtok > 0.0 { self.unserved_mtok / self.asked_mtok } else { 0.0 }
    }
}

/// What flows for a workload of a class that asks for so many tokens [Mtok/h].
pub fn flow(customer: &Customer, offers: &Offers, (class, plan, served): (Class, &Plan, [f64; 2]), mtok: f64) -> Flow {
    let mut flow = Flow { asked_mtok: mtok, unserved_mtok: mtok * unserved_part(plan, served), ..Flow::default() };
    let legs = [plan.first, plan.second].into_iter().zip(served_parts(plan, served)).enumerate();
    for (place, leg, part) in legs.filter_map(|(place, (leg, part))| Some((place, leg?, part))) {
        let offer = &offers[leg.option];
        let factor = customer.price_factor(offer.provider());
        let usd = mtok * part * offer.price_usd_per_mtok[class.index()] * factor;
        let drawn = customer.commitment.as_ref().is_some_and(|deal| offer.cloud == Some(deal.cloud));
        flow.usd[place] = usd;
        flow.drawn_usd += if drawn { usd } else { 0.0 };
        flow.latency_s_mtok += mtok * part * offer.latency_excess_s[class.index()];
    }
    flow
}

/// Shortfall of a year's commitment to date, as it builds up: what comes on top at a month's end is
/// `max(0, C − U) − accrued so far`, below zero where purchases catch up, so that a year adds up to its shortfall.
///
/// C committed, U drawn down in the year to date [USD].
pub fn shortfall_to_accrue(committed_usd: f64, drawn_usd: f64, accrued_usd: f64) -> f64 {
    (committed_usd - drawn_usd).max(0.0) - accrued_usd
}

#[cfg(test)]
mod tests {
    use super::super::CommittedSpend;
    use super::super::mini_customer::customer;
    use super::*;
    use crate::market::choice::OptionIndex;
    use crate::market::choice::mini_world::{AWS, AZURE, OPENAI, offer};
    use crate::units::{Schedule, Time};

    fn leg(option: u16) -> Option<Leg> {
        Some(Leg { option: OptionIndex(option), since: Time(0) })
    }

    fn close(a: [f64; 2], b: [f64; 2]) {
        assert!((a[0] - b[0]).abs() < 1e-12 && (a[1] - b[1]).abs() < 1e-12, "{a:?} is not {b:?}");
    }

    #[test]
    fn parts_by_hand() {
        let single = Plan { first: leg(0), ..Plan::default() };
        close(served_parts(&single, [0.9, 0.7]), [0.9, 0.0]);
        let fallback = Plan { second: leg(1), ..single };
        // A tenth is turned away, of which the fallback serves 70 %: 3 % fail at both.
        close(served_parts(&fallback, [0.9, 0.7]), [0.9, 0.07]);
        close(served_parts(&fallback, [0.0, 1.0]), [0.0, 1.0]);
        let split = Plan { split: true, ..fallback };
        // Half each: 0.5 × 0.9 and 0.5 × 0.7; of the other's 0.15 and 0.05 each serves its share.
        close(served_parts(&split, [0.9, 0.7]), [0.45 + 0.15 * 0.9, 0.35 + 0.05 * 0.7]);
        let [first, second] = served_parts(&split, [0.9, 0.7]);
        assert!((first + second - 0.97).abs() < 1e-12, "0.1 × 0.3 fail at both");
        close(served_parts(&Plan::default(), [1.0, 1.0]), [0.0, 0.0]);
        let nobody = [single, fallback, split, Plan::default()].map(|plan| unserved_part(&plan, [0.9, 0.7]));
        for (found, expected) in nobody.into_iter().zip([0.1, 0.03, 0.03, 1.0]) {
            assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
        }
        assert_eq!(unserved_part(&split, [0.4, 1.0]), 0.0);
    }

    #[test]
    fn money_and_latency_by_hand() {
        let mut offers = Offers::new();
        let mut home = offer(0, OPENAI, Some(AZURE));
        (home.price_usd_per_mtok, home.latency_excess_s) = ([4.0; Class::COUNT], [0.3; Class::COUNT]);
        let mut other = offer(0, OPENAI, Some(AWS));
        (other.price_usd_per_mtok, other.latency_excess_s) = ([6.0; Class::COUNT], [0.8; Class::COUNT]);
        offers.push(home);
        offers.push(other);
        let commitment = CommittedSpend { cloud: AZURE, usd_per_year: Schedule::constant(1e6), discount: 0.25 };
        let customer = Customer { commitment: Some(commitment), ..customer() };
        let plan = Plan { first: leg(0), second: leg(1), split: false };
        // Of 10 Mtok/h the home cloud serves 8 at 3 USD after discount, the fallback half of the other 2 at 6.
        let found = flow(&customer, &offers, (Class::Chat, &plan, [0.8, 0.5]), 10.0);
        assert!((found.paid() - 30.0).abs() < 1e-12 && (found.usd[1] - 6.0).abs() < 1e-12, "{found:?}");
        assert!((found.drawn_usd - 24.0).abs() < 1e-12, "{found:?}");
        assert!((found.latency_s_mtok - (8.0 * 0.3 + 0.8)).abs() < 1e-12, "{found:?}");
        assert!((found.unserved_share() - 0.1).abs() < 1e-12, "{found:?}");
        let mut twice = found;
        twice.add(Flow { asked_mtok: 10.0, unserved_mtok: 10.0, ..Flow::default() });
        assert!((twice.unserved_share() - 0.55).abs() < 1e-12);
    }

    #[test]
    fn a_years_accruals_add_up_to_its_shortfall() {
        // 100 a month committed; 40, 160 and 70 drawn down: 60, 0 and 30 short to date.
        let (mut accrued, mut months) = (0.0, Vec::new());
        for (committed, drawn) in [(100.0, 40.0), (200.0, 200.0), (300.0, 270.0)] {
            let more = shortfall_to_accrue(committed, drawn, accrued);
            accrued += more;
            months.push(more);
        }
        assert_eq!((months, accrued), (vec![60.0, -60.0, 30.0], 30.0));
    }
}
