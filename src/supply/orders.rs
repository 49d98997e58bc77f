//! Orders: from the day they are placed until they are shipped or cancelled.
//!
//! An order may ship from `eligible = placed + lead time`, and nothing ships before its type is available. Orders never
//! vanish: `ordered = shipped + open + cancelled`, for every buyer and accelerator.

use crate::ids::{AcceleratorId, CloudId};
use crate::supply::allocation::allocate;
use crate::supply::params::{Buyer, SupplyParams};
use crate::units::Time;
use serde::{Deserialize, Serialize};

/// An order that is not filled yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Order {
    pub buyer: Buyer,
    /// Chips not shipped yet.
    pub open: u64,
    /// From when it may ship.
    pub eligible: Time,
    /// Share of its cost that was paid with it [1/10,000].
    pub prepaid: u16,
}

/// Share of an order that a cloud pays with it [1/10,000].
pub(super) fn prepaid_of(params: &SupplyParams, cloud: CloudId) -> u16 {
    (params.clouds[cloud.index()].prepaid_share * 10_000.0).round() as u16
}

/// What became of a buyer's orders of one accelerator [chips].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tally {
    pub ordered: u64,
    pub shipped: u64,
    pub open: u64,
    pub cancelled: u64,
}

/// Every open order, and what became of the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct OrderBook {
    clouds: usize,
    accelerators: usize,
    /// Open orders of each accelerator, oldest first.
    orders: Vec<Vec<Order>>,
    /// By buyer, clouds before residual buyers, and accelerator.
    tallies: Vec<Tally>,
}

impl OrderBook {
    pub fn new(params: &SupplyParams) -> Self {
        let accelerators = params.accelerators.len();
        let buyers = params.clouds.len() + params.residual_buyers.len();
        Self {
            clouds: params.clouds.len(),
            accelerators,
            orders: vec![Vec::new(); accelerators],
            tallies: vec![Tally::default(); buyers * accelerators],
        }
    }

    fn cell(&self, buyer: Buyer, accelerator: AcceleratorId) -> usize {
        let row = match buyer {
            Buyer::Cloud(cloud) => cloud.index(),
            Buyer::Residual(buyer) => self.clouds + usize::from(buyer),
        };
        row * self.accelerators + accelerator.index()
    }

    pub fn tally(&self, buyer: Buyer, accelerator: AcceleratorId) -> Tally {
        self.tallies[self.cell(buyer, accelerator)]
    }

    /// Places an order; one of no chips is none.
    pub fn place(&mut self, (buyer, accelerator): (Buyer, AcceleratorId), chips: u64, eligible: Time, prepaid: u16) {
        if chips == 0 {
            return;
        }
        let cell = self.cell(buyer, accelerator);
        self.tallies[cell].ordered += chips;
        self.tallies[cell].open += chips;
        self.orders[accelerator.index()].push(Order { buyer, open: chips, eligible, prepaid });
    }

    /// Every open order, by accelerator, oldest first.
    pub fn open(&self) -> &[Vec<Order>] {
        &self.orders
    }

    /// The smallest open order of an accelerator, eligible or not [chips].
    pub fn least_open(&self, accelerator: AcceleratorId) -> Option<u64> {
        self.orders[accelerator.index()].iter().map(|order| order.open).min()
    }

    /// Chips of each accelerator that may ship at `now`.
    pub fn backlog(&self, now: Time) -> Vec<u64> {
        let eligible = |orders: &Vec<Order>| orders.iter().filter(|o| o.eligible <= now).map(|o| o.open).sum();
        self.orders.iter().map(eligible).collect()
    }

    /// Ships `chips` of an accelerator by its supplier's rule; returns what each buyer gets, in the order of the
    /// buyers' oldest orders.
    pub fn ship(
        &mut self,
        params: &SupplyParams,
        accelerator: AcceleratorId,
        now: Time,
        chips: u64,
    ) -> Vec<(Buyer, u64)> {
        let supplier = params.accelerators[accelerator.index()].supplier;
        let orders = &mut self.orders[accelerator.index()];
        let parts = allocate(&params.suppliers[supplier.index()].allocation, now, chips, orders);
        let mut shipped: Vec<(Buyer, u64)> = Vec::new();
        for (order, part) in orders.iter_mut().zip(parts).filter(|(_, part)| *part > 0) {
            order.open -= part;
            add_to(&mut shipped, order.buyer, part);
        }
        orders.retain(|order| order.open > 0);
        for (buyer, part) in &shipped {
            let cell = self.cell(*buyer, accelerator);
            self.tallies[cell].open -= part;
            self.tallies[cell].shipped += part;
        }
        shipped
    }

    /// Cancels every open order of an accelerator; returns what each buyer loses, in the order of its oldest order.
    pub fn cancel(&mut self, accelerator: AcceleratorId) -> Vec<(Buyer, u64)> {
        let mut cancelled = Vec::new();
        for order in std::mem::take(&mut self.orders[accelerator.index()]) {
            add_to(&mut cancelled, order.buyer, order.open);
        }
        for (buyer, chips) in &cancelled {
            let cell = self.cell(*buyer, accelerator);
            self.tallies[cell].open -= chips;
            self.tallies[cell].cancelled += chips;
        }
        cancelled
    }

    /// Compares the tallies with the open orders.
    ///
    /// # Errors
    /// Names the first buyer and accelerator that do not balance.
    pub fn check(&self, buyers: impl Iterator<Item = Buyer>) -> Result<(), String> {
        for buyer in buyers {
            for (accelerator, orders) in self.orders.iter().enumerate() {
                let tally = self.tally(buyer, AcceleratorId::new(accelerator));
                let open: u64 = orders.iter().filter(|order| order.buyer == buyer).map(|order| order.open).sum();
                if tally.open != open || tally.ordered != tally.shipped + tally.open + tally.cancelled {
                    return Err(format!("orders of {buyer:?} for accelerator {accelerator}: {tally:?}, {open} open"));
                }
            }
        }
        Ok(())
    }
}

fn add_to(totals: &mut Vec<(Buyer, u64)>, buyer: Buyer, chips: u64) {
    match totals.iter_mut().find(|total| total.0 == buyer) {
        Some(total) => total.1 += chips,
        None => totals.push((buyer, chips)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::supply::testing;

    const CHIP: AcceleratorId = AcceleratorId(0);
    const ONE: Buyer = Buyer::Cloud(CloudId(0));
    const TWO: Buyer = Buyer::Cloud(CloudId(1));
    const RESIDUAL: Buyer = Buyer::Residual(0);

    #[test]
    fn orders_are_shipped_open_or_cancelled() {
        let params = testing::world(2);
        let mut book = OrderBook::new(&params);
        book.place((ONE, CHIP), 100, Time(0), 0);
        book.place((TWO, CHIP), 50, Time(10), 0);
        book.place((ONE, CHIP), 30, Time(0), 0);
        book.place((RESIDUAL, CHIP), 5, Time(0), 0);
        book.place((RESIDUAL, CHIP), 0, Time(0), 0);
        assert_eq!(book.backlog(Time(9))[0], 135);
        assert_eq!(book.backlog(Time(10))[0], 185);
        // First come: 100 and 20 of the first cloud's; the second's order is not eligible yet.
        assert_eq!(book.ship(&params, CHIP, Time(9), 120), [(ONE, 120)]);
        assert_eq!(book.ship(&params, CHIP, Time(10), 55), [(TWO, 50), (ONE, 5)]);
        assert_eq!(book.tally(TWO, CHIP), Tally { ordered: 50, shipped: 50, open: 0, cancelled: 0 });
        assert_eq!(book.cancel(CHIP), [(ONE, 5), (RESIDUAL, 5)]);
        assert_eq!(book.tally(ONE, CHIP), Tally { ordered: 130, shipped: 125, open: 0, cancelled: 5 });
        assert_eq!(book.least_open(CHIP), None);
        book.check([ONE, TWO, RESIDUAL].into_iter()).unwrap();
        book.tallies[0].shipped -= 1;
        book.check([ONE].into_iter()).unwrap_err();
    }
}
