//! Lock-in: the share of a customer's spend on tokens that it could move to another provider within a quarter.
//!
//! `movable = Σ (1 − t_j)·m_j·x_j / Σ x_j` over the legs j in use
//!
//! x spend on a leg [USD/year] · m 1 if a move takes fewer than [`QUARTER_DAYS`], else 0 · t the share of the spend with the
//! leg's cloud that a commitment ties, `min(1, C/X)`, 0 elsewhere; C committed, X spent with that cloud [USD/year].
//!
//! A move goes to an option of another provider that is open, not sold out, and meets the customer's needs. It takes
//! `days = model + provider`: nothing, a version's or a lab's days for the model; nothing where the provider is in use
//! already, else the days that a new one takes. What the same workload runs on or falls back on already takes none.
//! Source: the rule is this model's own; the days are the scenario's. Status: assumed.
//! Limits: spend tied by a commitment counts as tied on whichever workload it is; prices and quality of where it would move
//! are left out: it says what could be moved, not what should.

use super::plan::{Leg, Plan};
use super::{Customer, MoveDays};
use crate::market::choice::{Offer, Offers, Provider};
use crate::supply::params::Class;

/// Days in which a move has to be done.
pub const QUARTER_DAYS: f64 = 91.0;

/// Spend of a workload on its legs [USD/year].
#[derive(Clone, Copy, Debug)]
pub struct Running<'a> {
    /// Kind of work.
    pub class: Class,
    /// What it runs on.
    pub plan: &'a Plan,
    /// Spend on the first and on the second leg.
    pub usd_per_year: [f64; 2],
}

/// Share of the spend on tokens that could move within a quarter [1]; none without spend.
pub fn movable_share(customer: &Customer, offers: &Offers, committed: f64, running: &[Running]) -> Option<f64> {
    let used: Vec<Provider> =
        running.iter().flat_map(|r| r.plan.legs()).map(|leg| offers[leg.option].provider()).collect();
    let legs = running.iter().flat_map(|r| {
        let legs = [r.plan.first, r.plan.second].into_iter().zip(r.usd_per_year);
        legs.filter_map(move |(leg, usd)| Some((r, leg?, usd)))
    });
    let legs: Vec<(&Running, Leg, f64)> = legs.collect();
    let total: f64 = legs.iter().map(|(_, _, usd)| usd).sum();
    if total <= 0.0 {
        return None;
    }
    let deal = customer.commitment.as_ref().map(|deal| Provider::Cloud(deal.cloud));
    let with_deal = |leg: Leg| deal == Some(offers[leg.option].provider());
    let drawn: f64 = legs.iter().filter(|(_, leg, _)| with_deal(*leg)).map(|(_, _, usd)| usd).sum();
    let tied = if drawn > 0.0 { (committed / drawn).min(1.0) } else { 0.0 };
    let movable = legs.iter().filter(|(r, leg, _)| days(customer, offers, r, *leg, &used) < QUARTER_DAYS);
    let free: f64 = movable.map(|(_, leg, usd)| usd * if with_deal(*leg) { 1.0 - tied } else { 1.0 }).sum();
    Some(free / total)
}

/// Least days in which a leg's load could be with another provider; without end if it could nowhere.
fn days(customer: &Customer, offers: &Offers, running: &Running, leg: Leg, used: &[Provider]) -> f64 {
    let from = &offers[leg.option];
    let elsewhere = offers.iter().filter(|(_, to)| {
        let takes = !to.sold_out || used.contains(&to.provider());
        takes && customer.taste.admits(to, running.class) && to.provider() != from.provider()
    });
    let days = elsewhere.map(|(option, to)| {
        let prepared = running.plan.legs().any(|other| other.option == option);
        if prepared { 0.0 } else { move_days(&customer.move_days, from, to, used) }
    });
    days.fold(f64::INFINITY, f64::min)
}

fn move_days(days: &MoveDays, from: &Offer, to: &Offer, used: &[Provider]) -> f64 {
    let model = if from.lab != to.lab {
        days.lab
    } else if from.model != to.model {
        days.version
    } else {
        0.0
    };
    model + if used.contains(&to.provider()) { 0.0 } else { days.provider }
}

#[cfg(test)]
mod tests {
    use super::super::CommittedSpend;
    use super::super::mini_customer::customer;
    use super::*;
    use crate::ids::LabId;
    use crate::market::choice::OptionIndex;
    use crate::market::choice::mini_world::{AWS, AZURE, GOOGLE_CLOUD, OPENAI, offer};
    use crate::units::{Schedule, Time};

    fn leg(option: u16) -> Option<Leg> {
        Some(Leg { option: OptionIndex(option), since: Time(0) })
    }

    /// A model at home and on AWS, another of its lab on AWS, and one of another lab on Google.
    fn offers() -> Offers {
        let mut offers = Offers::new();
        let labs = [(0, OPENAI, AZURE), (0, OPENAI, AWS), (1, OPENAI, AWS), (9, LabId(3), GOOGLE_CLOUD)];
        for (model, lab, cloud) in labs {
            offers.push(offer(model, lab, Some(cloud)));
        }
        offers
    }

    fn share(customer: &Customer, offers: &Offers, committed: f64, plans: [(&Plan, [f64; 2]); 2]) -> f64 {
        let [(chat, chat_usd), (batch, batch_usd)] = plans;
        let running = [
            Running { class: Class::Chat, plan: chat, usd_per_year: chat_usd },
            Running { class: Class::Batch, plan: batch, usd_per_year: batch_usd },
        ];
        movable_share(customer, offers, committed, &running).unwrap()
    }

    #[test]
    fn days_by_hand() {
        let (customer, offers) = (customer(), offers());
        let days = |to: u16, used: &[Provider]| {
            move_days(&customer.move_days, &offers[OptionIndex(0)], &offers[OptionIndex(to)], used)
        };
        let aws = Provider::Cloud(AWS);
        assert_eq!([days(1, &[]), days(2, &[]), days(3, &[])], [80.0, 94.0, 140.0]);
        assert_eq!([days(1, &[aws]), days(2, &[aws]), days(3, &[aws])], [0.0, 14.0, 140.0]);
    }

    #[test]
    fn the_same_model_elsewhere_frees_and_another_lab_alone_does_not() {
        let mut offers = offers();
        let plan = Plan { first: leg(0), ..Plan::default() };
        let plans = [(&plan, [300.0, 0.0]), (&plan, [100.0, 0.0])];
        // On AWS in 80 days.
        assert_eq!(share(&customer(), &offers, 0.0, plans), 1.0);
        // AWS has the model for batch only, a quarter of the spend; chat would have to go to Google in 140 days.
        for option in [1, 2] {
            offers.revise(OptionIndex(option), |o| o.quality[Class::Chat.index()] = f64::NEG_INFINITY);
        }
        assert_eq!(share(&customer(), &offers, 0.0, plans), 0.25);
        // With a fallback there, it is prepared.
        let prepared = Plan { second: leg(3), ..plan };
        assert_eq!(share(&customer(), &offers, 0.0, [(&prepared, [300.0, 0.0]), (&plan, [100.0, 0.0])]), 1.0);
    }

    #[test]
    fn a_commitment_ties_what_it_asks_for() {
        let deal = CommittedSpend { cloud: AZURE, usd_per_year: Schedule::constant(0.0), discount: 0.1 };
        let customer = Customer { commitment: Some(deal), ..customer() };
        let (offers, split) = (offers(), Plan { first: leg(0), second: leg(1), split: true });
        let plans = [(&split, [300.0, 300.0]), (&split, [100.0, 100.0])];
        // 400 of 800 with the cloud, of which 300 are promised: 100 and the other 400 are free.
        assert_eq!(share(&customer, &offers, 300.0, plans), 500.0 / 800.0);
        assert_eq!(share(&customer, &offers, 900.0, plans), 0.5);
        assert_eq!(share(&customer, &offers, 0.0, plans), 1.0);
    }

    #[test]
    fn without_spend_there_is_no_share() {
        let plan = Plan::default();
        let running = Running { class: Class::Chat, plan: &plan, usd_per_year: [0.0, 0.0] };
        assert_eq!(movable_share(&customer(), &offers(), 0.0, &[running]), None);
    }
}
