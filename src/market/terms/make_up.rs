//! Make-up: what was paid for a shortfall offsets later purchases above the commitment.

use crate::units::Usd;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Paid shortfalls that may still be made up: `applied = min(excess, Σ lots alive)`, oldest lot first.
///
/// A lot banked at the close of period k may be used at the closes of k+1 to k+life, and lapses after.
/// Source: reference cases A-finance_ledgers-016 and -017 (the usual gas and power clause). Status: assumed.
/// Not modelled: make-up at a price other than the one it was paid at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MakeUpBank {
    /// (closes for which the lot is alive, what is left of it), oldest first.
    lots: VecDeque<(u16, Usd)>,
}

impl MakeUpBank {
    /// Closes a period: uses up to `excess` of the lots alive, then banks `paid` for `life` further periods. Returns
    /// what was used.
    pub fn close(&mut self, excess: Usd, paid: Usd, life: u16) -> Usd {
        let mut applied = Usd::ZERO;
        for lot in &mut self.lots {
            let used = lot.1.min(excess - applied);
            lot.1 -= used;
            lot.0 -= 1;
            applied += used;
        }
        if paid > Usd::ZERO {
            self.lots.push_back((life, paid));
        }
        self.lots.retain(|lot| lot.0 > 0 && lot.1 > Usd::ZERO);
        applied
    }

    /// What may be made up at the next close.
    pub fn alive(&self) -> Usd {
        self.lots.iter().map(|lot| lot.1).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs the reference ledger and returns per period the shortfall, what was made up and the total charge.
    fn ledger(minimum: f64, price: f64, consumed: &[f64], life: u16) -> Vec<[f64; 3]> {
        let mut bank = MakeUpBank::default();
        let money = |units: f64| Usd::from_dollars(units * price);
        let row = |units: &f64| {
            let shortfall = (money(minimum) - money(*units)).or_zero();
            let applied = bank.close((money(*units) - money(minimum)).or_zero(), shortfall, life);
            let total = money(*units) - applied + shortfall;
            [shortfall, applied, total].map(|usd| usd.round_to(Usd::CENT).dollars())
        };
        consumed.iter().map(row).collect()
    }

    #[test]
    fn reference_make_up_with_a_life_of_two_periods_is_used_oldest_first() {
        // A-finance_ledgers-016; 250 units at 2.10 are 525 USD, 100 are 210; 50 of the first lot lapse.
        let rows = ledger(1_000.0, 2.10, &[700.0, 900.0, 1_250.0, 1_300.0, 1_500.0], 2);
        let expected = [
            [630.0, 0.0, 2_100.0],
            [210.0, 0.0, 2_100.0],
            [0.0, 525.0, 2_100.0],
            [0.0, 210.0, 2_520.0],
            [0.0, 0.0, 3_150.0],
        ];
        assert_eq!(rows, expected);
    }

    #[test]
    fn reference_make_up_lapses_unused() {
        // A-finance_ledgers-017: 100.25 units at 3.333 are 334.13 USD.
        let rows = ledger(500.5, 3.333, &[400.25, 500.5, 500.5, 800.0], 1);
        let expected = [[334.13, 0.0, 1_668.17], [0.0, 0.0, 1_668.17], [0.0, 0.0, 1_668.17], [0.0, 0.0, 2_666.40]];
        assert_eq!(rows, expected);
    }

    #[test]
    fn a_life_of_no_period_banks_nothing() {
        let mut bank = MakeUpBank::default();
        bank.close(Usd::ZERO, Usd(5), 0);
        assert_eq!(bank.alive(), Usd::ZERO);
        bank.close(Usd::ZERO, Usd(5), 1);
        assert_eq!(bank.alive(), Usd(5));
    }
}
