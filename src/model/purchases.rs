//! What buyers pay for compute under their contracts: reservations, commitments, discounts and advances.

use super::simulation::Simulation;
use crate::accounts::{Cause, Flow};
use crate::ids::{CloudId, LabId, PartyId, StackId};
use crate::market::contracts::TermRef;
use crate::market::serving::StackMask;
use crate::market::settlement::{Dealing, Setting};
use crate::market::terms::{Buyer, Commitment, Discount, Reservation, ReservationBill};
use crate::supply::params::Class;
use crate::units::{Time, Usd};

/// Months over which purchases count towards a tier of discount.
const TIER_MONTHS: usize = 12;

impl Simulation<'_> {
    /// What settlement reads of the world.
    pub(super) fn setting(&self) -> Setting<'_> {
        Setting { book: &self.state.book, owners: &self.state.owners, calendar: &self.params.calendar }
    }

    /// A payment that a clause asked for.
    pub(super) fn pay_under(&mut self, clause: TermRef, from: PartyId, to: PartyId, amount: Usd, flow: Flow) {
        if from != to && amount > Usd::ZERO {
            let cause = Cause { contract: Some(clause.contract), term: clause.term, event: self.engine.fired() };
            self.state.ledger.pay(self.engine.now(), from, to, amount, flow, cause);
        }
    }

    /// What a buyer pays for an hour on its commitments at a cloud [USD per chat H100e-hour].
    pub(super) fn price_to(&self, buyer: Buyer, cloud: CloudId) -> f64 {
        let committed = self.committed_price(cloud);
        match buyer {
            Buyer::Lab(lab) => self.discounted(lab, cloud).map_or(committed, |price| committed.min(price)),
            Buyer::Cloud(_) | Buyer::Party(_) => committed,
        }
    }

    /// What a lab pays for an hour beyond its rights [USD per chat H100e-hour].
    pub(super) fn on_demand_price_to(&self, lab: LabId, cloud: CloudId) -> f64 {
        let price = self.state.clouds[cloud.index()].price;
        self.discounted(lab, cloud).map_or(price, |discounted| price.min(discounted))
    }

    /// The lowest price that the discounts of a lab give it at a cloud.
    fn discounted(&self, lab: LabId, cloud: CloudId) -> Option<f64> {
        let of = move |clause: &&Discount| clause.lab == lab && clause.seller == cloud;
        let clauses = self.state.book.discounts(self.now()).map(|(_, clause)| clause).filter(of);
        let on_demand = self.state.clouds[cloud.index()].price;
        let spend = self.spend_of(lab, cloud);
        let prices = clauses.map(|clause| clause.price(on_demand, spend, self.lowest_to_others(lab, cloud)));
        prices.reduce(f64::min)
    }

    /// What a lab bought at a cloud in the last twelve months [USD].
    fn spend_of(&self, lab: LabId, cloud: CloudId) -> f64 {
        let months = &self.state.labs[lab.index()].spend[cloud.index()];
        months[months.len().saturating_sub(TIER_MONTHS)..].iter().sum()
    }

    /// The lowest price that another lab pays at a cloud: on its tier, under a reservation, or on any commitment.
    fn lowest_to_others(&self, lab: LabId, cloud: CloudId) -> f64 {
        let now = self.now();
        let on_demand = self.state.clouds[cloud.index()].price;
        let tiers = self.state.book.discounts(now).filter(|(_, clause)| clause.lab != lab && clause.seller == cloud);
        let tiers = tiers.map(|(_, clause)| clause.price(on_demand, self.spend_of(clause.lab, cloud), f64::INFINITY));
        let others = move |clause: &Reservation| clause.seller == cloud && clause.buyer != Buyer::Lab(lab);
        let reserved = self.state.book.reservations(now).filter(move |(_, clause)| others(clause));
        let reserved = reserved.map(|(_, clause)| clause.usd_per_h100e_hour);
        tiers.chain(reserved).fold(self.committed_price(cloud), f64::min)
    }

    /// Reservations of a buyer at a cloud that are in force at an instant.
    fn reservations_of(&self, buyer: Buyer, cloud: CloudId, at: Time) -> impl Iterator<Item = (TermRef, &Reservation)> {
        let of = move |clause: &Reservation| clause.buyer == buyer && clause.seller == cloud;
        self.state.book.reservations(at).filter(move |(_, clause)| of(clause))
    }

    /// Compute that contracts reserve for a buyer at a cloud [chat H100e].
    pub(super) fn reserved_right(&self, buyer: Buyer, cloud: CloudId, at: Time) -> f64 {
        self.reservations_of(buyer, cloud, at).map(|(_, clause)| clause.h100e.at(at)).sum()
    }

    /// Bills the reservations of a buyer, and returns the part of its right that they are [1].
    ///
    /// `reserved` and `undelivered` are the hours of its whole right, `right` the right itself [chat H100e].
    pub(super) fn bill_reservations(
        &mut self,
        (buyer, seller): (Buyer, CloudId),
        (reserved, undelivered): (f64, f64),
        right: f64,
        when: Time,
    ) -> f64 {
        if right <= 0.0 {
            return 0.0;
        }
        let clauses: Vec<(TermRef, f64, ReservationBill)> = self
            .reservations_of(buyer, seller, when)
            .map(|(at, clause)| {
                let part = (clause.h100e.at(when) / right).min(1.0);
                (at, part, clause.bill(part * (reserved + undelivered), part * reserved))
            })
            .collect();
        let (payer, payee) = (self.state.owners.of_buyer(buyer), self.params.supply.clouds[seller.index()].party);
        let mut share = 0.0;
        for (at, part, bill) in clauses {
            share += part;
            self.pay_under(at, payer, payee, bill.paid, Flow::ChipHours);
            self.pay_under(at, payee, payer, bill.credit, Flow::SlaCredit);
            self.book_purchase((buyer, seller), bill.paid, when);
        }
        share.min(1.0)
    }

    /// Posts and books hours bought from a cloud, and what it could not deliver: first from what was paid in advance, the
    /// rest in cash, under the commitment that they count towards.
    pub(super) fn pay_for_hours(&mut self, deal: (Buyer, CloudId), amount: Usd, undelivered: Usd, when: Time) {
        let (buyer, seller) = deal;
        let dealing = |amount| Dealing { buyer, seller, stack: None, amount };
        let (now, event) = (self.engine.now(), self.engine.fired());
        let setting = Setting { book: &self.state.book, owners: &self.state.owners, calendar: &self.params.calendar };
        let clause = setting.commitment_for(dealing(amount), when);
        let drawn = self.state.settlement.draw_down(setting, &mut self.state.ledger, dealing(amount), now, event);
        let (from, to) = (self.state.owners.of_buyer(buyer), self.params.supply.clouds[seller.index()].party);
        match clause {
            Some(clause) => self.pay_under(clause, from, to, amount - drawn, Flow::ChipHours),
            None => self.pay(from, to, amount - drawn, Flow::ChipHours),
        }
        self.book_purchase(deal, amount, when);
        if undelivered > Usd::ZERO {
            let setting =
                Setting { book: &self.state.book, owners: &self.state.owners, calendar: &self.params.calendar };
            self.state.settlement.book_undeliverable(setting, dealing(undelivered), when);
        }
    }

    /// Counts a purchase towards the seller's revenue, the buyer's commitments and its tiers, stack by stack where a
    /// commitment asks on which it was.
    fn book_purchase(&mut self, (buyer, seller): (Buyer, CloudId), amount: Usd, when: Time) {
        if amount <= Usd::ZERO {
            return;
        }
        self.state.clouds[seller.index()].month_revenue += amount.dollars();
        if let Buyer::Lab(lab) = buyer {
            self.state.labs[lab.index()].month_spend[seller.index()] += amount.dollars();
        }
        let parts = self.parts_by_stack(buyer, seller, amount, when);
        let setting = Setting { book: &self.state.book, owners: &self.state.owners, calendar: &self.params.calendar };
        for (stack, amount) in parts {
            let dealing = Dealing { buyer, seller, stack, amount };
            self.state.settlement.book_purchase(setting, dealing, when);
        }
    }

    /// An amount by the stacks that it was spent on: in proportion to the compute that the buyer can use there, and whole
    /// where no commitment of the buyer names stacks.
    fn parts_by_stack(&self, buyer: Buyer, seller: CloudId, amount: Usd, when: Time) -> Vec<(Option<StackId>, Usd)> {
        let names = |clause: &Commitment| clause.buyer == buyer && clause.seller == seller && !clause.stacks.is_empty();
        if !self.state.book.commitments(when).any(|(_, clause)| names(clause)) {
            return vec![(None, amount)];
        }
        let usable = match buyer {
            Buyer::Lab(lab) => self.state.labs[lab.index()].at[seller.index()].stacks,
            Buyer::Cloud(_) | Buyer::Party(_) => StackMask::ANY,
        };
        let fleet = &self.state.clouds[seller.index()].fleet;
        let stacks = (0..self.params.stacks.len()).map(StackId::new);
        let weights: Vec<(StackId, f64)> = stacks
            .map(|stack| (stack, StackMask(StackMask::of([stack]).0 & usable.0)))
            .map(|(stack, mask)| (stack, if mask.0 == 0 { 0.0 } else { fleet.h100e_on(Class::Chat, mask) }))
            .collect();
        split(amount, &weights)
    }
}

/// Splits an amount by weights, to the micro-dollar; whole on no stack if no weight is over zero.
fn split(amount: Usd, weights: &[(StackId, f64)]) -> Vec<(Option<StackId>, Usd)> {
    let total: f64 = weights.iter().map(|(_, weight)| weight).sum();
    if total <= 0.0 {
        return vec![(None, amount)];
    }
    let (mut rest, mut left) = (amount, total);
    let mut parts = Vec::with_capacity(weights.len());
    for (stack, weight) in weights.iter().filter(|(_, weight)| *weight > 0.0) {
        left -= weight;
        // The last part is what remains, so that the parts add up.
        let part =
            if left <= 1e-9 * total { rest } else { Usd::from_dollars(amount.dollars() * weight / total).min(rest) };
        parts.push((Some(*stack), part));
        rest -= part;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_by_stack_add_up() {
        let weights = [(StackId(0), 1.0), (StackId(1), 0.0), (StackId(2), 2.0)];
        let amount = Usd::from_dollars(100.0);
        let parts = split(amount, &weights);
        assert_eq!(parts[0], (Some(StackId(0)), Usd(33_333_333)));
        assert_eq!(parts[1], (Some(StackId(2)), Usd(66_666_667)));
        assert_eq!(split(amount, &[]), [(None, amount)]);
    }
}
