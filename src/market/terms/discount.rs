//! Discount: a lower price for those who buy much, or for no less than others get.

use crate::ids::{CloudId, LabId};
use serde::{Deserialize, Serialize};

/// Discount: `price = min(p·(1 − d(S)), p*)`.
///
/// p price on demand \[USD/H100e-hour\] · d(S) discount of the highest tier that the purchases of the last twelve months
/// reach \[1\] · S those purchases \[USD\] · p* lowest price that any other lab pays the seller, with a most-favoured clause.
/// Source: committed-spend tiers as clouds publish them; levels assumed.
/// Not modelled: tiers of a product, rebates paid later.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Discount {
    /// Who buys.
    pub lab: LabId,
    /// From whom.
    pub seller: CloudId,
    /// Purchases of a year from which a discount holds \[USD\], and the discount off the price on demand \[1\]; ascending.
    pub tiers: Vec<(f64, f64)>,
    /// Whether no other lab pays less.
    pub most_favoured: bool,
}

impl Discount {
    /// The price of an hour, from the price on demand, the purchases of the last year \[USD\] and the lowest price that
    /// another lab pays.
    pub fn price(&self, on_demand: f64, purchases_usd: f64, lowest_other: f64) -> f64 {
        let tier = self.tiers.iter().rev().find(|(from, _)| purchases_usd >= *from);
        let own = on_demand * (1.0 - tier.map_or(0.0, |(_, discount)| *discount));
        if self.most_favoured { own.min(lowest_other) } else { own }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tier_reached_or_the_most_favoured_price_holds() {
        let tiers = vec![(1e9, 0.1), (5e9, 0.25)];
        let clause = Discount { lab: LabId(0), seller: CloudId(0), tiers, most_favoured: false };
        let price = |usd: f64| clause.price(2.0, usd, 1.2);
        assert_eq!([0.9e9, 1e9, 4.9e9, 5e9].map(price), [2.0, 1.8, 1.8, 1.5]);
        let favoured = Discount { most_favoured: true, ..clause };
        assert_eq!(favoured.price(2.0, 6e9, 1.2), 1.2);
        assert_eq!(favoured.price(2.0, 6e9, 1.9), 1.5);
    }
}
