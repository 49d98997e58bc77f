//! What clouds have paid in advance for chips that have not reached them.
//!
//! With an order a cloud pays the share s of its cost at the day's unit price, if its maker asks for that or serves first
//! who pays first: `P = s·n·c(order)`. Of the balance, `B·m/N` belongs to m of the N chips that are still to come, and
//! all of it to the last of them, so that nothing is left over. What is delivered costs `max(0, m·c(delivery) − B·m/N)`
//! more; an order that is cancelled is paid back.
//!
//! s share of an order paid with it [1] · n chips ordered · c unit price [USD].
//! Source: deposits of specialised clouds, assumed in the scenario. Limits: orders of one type share one balance, at the
//! mean of the prices at which they were placed; a price that falls by more than s is not made good.

use crate::ids::{AcceleratorId, CloudId};
use crate::units::Usd;
use serde::{Deserialize, Serialize};

/// The balances, by cloud and accelerator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Prepaid {
    accelerators: usize,
    balances: Vec<Usd>,
}

impl Prepaid {
    pub fn new(clouds: usize, accelerators: usize) -> Self {
        Self { accelerators, balances: vec![Usd::ZERO; clouds * accelerators] }
    }

    fn balance(&mut self, (cloud, accelerator): (CloudId, AcceleratorId)) -> &mut Usd {
        &mut self.balances[cloud.index() * self.accelerators + accelerator.index()]
    }

    /// Adds a payment.
    pub fn pay(&mut self, group: (CloudId, AcceleratorId), amount: Usd) {
        *self.balance(group) += amount;
    }

    /// Takes out what belongs to `chips` of the `due` chips that are still to come, these included.
    pub fn draw(&mut self, group: (CloudId, AcceleratorId), chips: u64, due: u64) -> Usd {
        let balance = self.balance(group);
        let part = if chips >= due { *balance } else { Usd(balance.0 * i128::from(chips) / i128::from(due)) };
        *balance -= part;
        part
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_paid_belongs_to_the_chips_to_come_in_equal_parts() {
        let group = (CloudId(1), AcceleratorId(2));
        let mut prepaid = Prepaid::new(2, 3);
        prepaid.pay(group, Usd::from_dollars(100.0));
        // 3 of 9 chips: a third, rounded down to the micro-dollar; the last 6 take the rest.
        assert_eq!(prepaid.draw(group, 3, 9), Usd(33_333_333));
        prepaid.pay(group, Usd::from_dollars(50.0));
        assert_eq!(prepaid.draw(group, 6, 6), Usd(116_666_667));
        assert_eq!(prepaid.draw(group, 1, 1), Usd::ZERO);
    }
}
